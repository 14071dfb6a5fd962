#!/usr/bin/perl

# The pages that citizens see: each with its status, in the language that was chosen or asked for, in
# the look of the site, and never anything of another place.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Browser;
use Clave::Gateway;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(74);

backend($t);

my $d = $t->testdir();
mkdir "$d/pages" or die "Can't make $d/pages: $!\n";
$t->write_file('logo.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>');
$t->write_file('own.css', "h1 { font-weight: 400; }\n");
$t->write_file('pages/layout.html', <<'EOF');
<!DOCTYPE html>
<html lang="{{lang}}"><head><title>{{title}}</title>{{styles}}</head>
<body class="own">{{banner}}{{languages}}{{content}}<p>{{site}}</p></body></html>
EOF
$t->write_file('pages/not-found.html', "<h1>Aquí no hay nada</h1>\n{{actions}}{{reference}}\n");
$t->write_file('pages/not-found.ca.html', "<h1>Aquí no hi ha res</h1>\n{{actions}}{{reference}}\n");

clave_conf($t, http => <<'EOF', server => <<'EOF_SERVER');
    server {
        listen          127.0.0.1:8080;
        server_name     seu.example.gob.es;
        clave_base_url  https://seu.example.gob.es;
        clave_languages ca es;

        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }
    }

    server {
        listen          127.0.0.1:8080;
        server_name     una.example.gob.es;
        clave_base_url  https://una.example.gob.es;
        clave_languages gl;

        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }
    }

    server {
        listen          127.0.0.1:8080;
        server_name     propia.example.gob.es;
        clave_base_url  https://propia.example.gob.es;
        clave_theme     "name=Sede de \"Ejemplo\" <1>" logo=logo.svg css=own.css accent=#7a1f3d
                        "footer=Plaza Mayor, 1" help_phone=900123456 accessibility=/accesible;

        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }
    }

    server {
        listen          127.0.0.1:8080;
        server_name     plantillas.example.gob.es;
        clave_base_url  https://plantillas.example.gob.es;
        clave_theme     name=Ejemplo;
        clave_pages     pages;

        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }
    }
EOF
        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }

        location /domicilio/ {
            clave permanente_otp;
            proxy_pass http://127.0.0.1:8081;
        }

        location /poder/ {
            clave permanente registration=advanced;
            proxy_pass http://127.0.0.1:8081;
        }
EOF_SERVER

$t->run();

###############################################################################

sub title { my ($title) = http_content($_[0]) =~ m{<h1>(.*?)</h1>}; return $title // '' }
sub lang { my ($lang) = http_content($_[0]) =~ m{<html lang="(\w+)">}; return $lang // '' }

# Cl@ve's own pages of help that a page leads to

sub help { join ' ', http_content($_[0]) =~ m{href="(https://clave\.gob\.es/[^"]*)"}g }

sub all_help {
	my ($language) = @_;
	return join ' ', map { "https://clave.gob.es/$language$_" }
		qw{ registro/preguntas-frecuentes clave-movil/uso-clave-movil clave-permanente/procedimientos };
}

sub reference_of { my ($ref) = http_content($_[0]) =~ m{<code>([0-9A-Z]{4}-[0-9A-Z]{4})</code>}; return $ref // 'none' }

# what the button of a language does

sub switch_to {
	my ($browser, $page, $language, @headers) = @_;
	my ($ticket) = http_content($page) =~ m{name="p" value="([\w-]+)"} or return '';
	return $browser->get("/.clave/language?p=$ticket&l=$language", @headers);
}

my $browser = Clave::Browser->new();

# from a request: default, Accept-Language, cookie

my $page = $browser->get('/.clave/none');
is(status_of($page) . ' ' . lang($page) . ' ' . title($page), '404 es Esta página no existe', 'the default');
is(header_of($page, 'Content-Language'), 'es', 'the header says so, too');
is(lang($browser->get('/.clave/none', 'Accept-Language: fr, eu;q=0.4, en;q=0.6')), 'en', 'the best that is offered');
is(lang($browser->get('/.clave/none', 'Accept-Language: en;q=0')), 'es', 'not the one that is refused');
is(lang($browser->get('/.clave/none', 'Accept-Language: ' . 'x' x 900)), 'es', 'no header is too strange');

my $galician = switch_to($browser, $page, 'gl', 'Accept-Language: en');
is(status_of($galician) . ' ' . lang($galician) . ' ' . title($galician), '200 gl Esta páxina non existe',
	'the same page in another language');
like(header_of($galician, 'Set-Cookie'), qr{^__Host-clave-lang=gl; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=31536000$},
	'remembered');
is(header_of($galician, 'Cache-Control'), 'no-store', 'and not kept');
is(lang($browser->get('/.clave/none', 'Accept-Language: en')), 'gl', 'the choice counts more than the browser');

for my $language (qw/ es ca eu gl en /) {
	like(http_content($page), $language eq 'es' ? qr{<span lang="es" aria-current="true">Castellano</span>}
		: qr{<button type="submit" name="l" value="$language" lang="$language">}, "named in itself: $language");
}

# the back end never sees our cookie

my $citizen = Clave::Browser->new();
$citizen->set_cookie('__Host-clave-lang', 'eu')->set_cookie('mine', '1');
my $answer = $citizen->login('/tramite', method => 'permanente', loa => 'low');
is(backend_saw($answer)->{headers}{cookie}, 'mine=1', 'the cookie is ours');

# a refused POST, again in another language, and no second line in the log

my $before = () = refusals($t);
my $refused = $browser->post('/.clave/acs', 'SAMLResponse=x');
is(status_of($refused) . ' ' . lang($refused), '400 gl', 'a refused POST');
my $basque = switch_to($browser, $refused, 'eu');
is(status_of($basque) . ' ' . title($basque), '200 Ezin izan dugu zure identifikazioa egiaztatu', 'again in Basque');
my ($ref) = $refused =~ /([0-9A-Z]{4}-[0-9A-Z]{4})/;
like($basque, qr/<code>$ref</, 'with the same reference');
is((() = refusals($t)) - $before, 1, 'logged once');

# on the way to the gateway

my $login = $browser->get(header_of($browser->get('/tramite'), 'Location'));
is(lang($login), 'eu', 'the way to the gateway');
my $other = switch_to($browser, $login, 'ca');
is(status_of($other), 303, 'switched');
like(header_of($other, 'Location'), qr{^/\.clave/login\?s=[\w-]{22}$}, 'to the same login');
my $catalan = $browser->get(header_of($other, 'Location'));
is(title($catalan), 'L’acompanyem a Cl@ve', 'in Catalan');
my $request = Clave::Gateway::request_in($catalan);
is(header_of($browser->come_back($request, method => 'pin'), 'Location'), '/tramite', 'which leads where it should');

# a step-up, a level too low, a logout

my $step = $browser->get(header_of($browser->get('/domicilio/'), 'Location'));
is(status_of($step) . ' ' . title($step), '200 Aquest tràmit demana una identificació més segura', 'step-up');
my $english = switch_to($browser, $step, 'en');
is(title($english), 'This procedure asks for a more secure identification', 'step-up in English');
like($english, qr{Cl\@ve PIN or Cl\@ve Móvil}, 'with what there is');
like($t->read_file('error.log'), qr/clave: shown page=stepup ref=@{[reference_of($step)]} /, 'a reference, and the log has it');
is(reference_of($english), reference_of($step), 'the same in each language');

my $low = Clave::Browser->new()->login('/domicilio/', method => 'permanente', loa => 'low');
is(status_of($low) . ' ' . title($low), '403 Se ha identificado, pero no con el nivel necesario', 'level too low');

# a registration that is not proven, and who has cancelled: where it may be for Cl@ve to help, the page leads there

my $basic = Clave::Browser->new()->login('/poder/', method => 'permanente', loa => 'low');
is(status_of($basic) . ' ' . title($basic), '403 Su registro en Cl@ve es de nivel básico', 'a basic registration');
my $tired = Clave::Browser->new();
my $cancelled = $tired->come_back($tired->go_to_gateway('/tramite'), case => 'status-authn-failed');
is(status_of($cancelled) . ' ' . title($cancelled), '200 No se ha completado la identificación', 'cancelled');
is(help($low), all_help(''), 'help: level too low');
is(help($basic), all_help(''), 'help: a basic registration');
is(help($cancelled), all_help(''), 'help: cancelled');
is(help($step), all_help('ca/'), 'help: step-up, in Catalan');
is(help($english), all_help('en/'), 'help: step-up, in English');
is(help($page) . help($refused) . help($catalan), '', 'help: nowhere else');

$browser->leave();
is(status_of($browser->{last}) . ' ' . title($browser->{last}), '200 You have logged out', 'logged out');
my $leaves = switch_to($browser, $browser->{last}, 'es');
is(title($leaves), 'Ha cerrado la sesión', 'logged out in Spanish');
ok(Clave::Gateway::request_in($leaves), 'and on to the gateway');

# a session that is no more: told once, before the gateway; and what a script, another tab, no JavaScript see

my $late = Clave::Browser->new();
$late->login('/tramite', method => 'pin');
my $alive = $late->cookie();
$late->set_cookie('__Host-clave', 'A' x 43);
my $led = $late->get('/tramite');
like(header_of($led, 'Location'), qr{^/\.clave/expired\?s=[\w-]{22}$}, 'a session that has ended');
my $ended = $late->get(header_of($led, 'Location'));
is(status_of($ended) . ' ' . title($ended), '200 Su sesión ha terminado', 'is told so');
like($t->read_file('error.log'), qr/clave: shown page=session-expired ref=@{[reference_of($ended)]} /, 'with a reference');
unlike($ended, qr/<script|SAMLRequest/, 'by a page that leads nowhere by itself');
is(title(switch_to($late, $ended, 'gl')), 'A súa sesión rematou', 'in Galician');
is(status_of($late->get('/tramite', 'X-Requested-With: XMLHttpRequest')), 401, 'a script gets its 401');
is(status_of($late->post('/tramite', 'a=1')), 409, 'a form its 409');
my $again = $late->twin();
is(header_of($again->come_back($again->go_to_gateway('/tramite'), method => 'pin'), 'Location'), '/tramite',
	'its link leads to the gateway, and back to the page');
is(status_of($again->get('/tramite')), 200, 'with no further page of ours');
$late->set_cookie('__Host-clave', $alive);
is(header_of($late->get(header_of($led, 'Location')), 'Location'), '/tramite', 'who is in by another tab goes on');

# a browser that sends no cookie

my $forgetful = Clave::Browser->new();
my $way = header_of($forgetful->get('/tramite'), 'Location');
my $off = Clave::Browser->new()->get($way);
is(status_of($off) . ' ' . title($off), '403 Su navegador no conserva la identificación', 'no cookies');
is(title(Clave::Browser->new()->set_cookie('__Host-clave-lang', 'es')->get($way)),
	'Esta identificación ya no es válida', 'some, but not that one');

# nobody else's page, and no way to elsewhere

is(header_of($browser->get('/.clave/language?l=ca&p=AAAA'), 'Location'), '/', 'not sealed by us');

# sites with other languages, or one

my $seu = Clave::Browser->new(host => 'seu.example.gob.es');
is(lang($seu->get('/.clave/none', 'Accept-Language: en')), 'ca', 'a default of one\'s own');
unlike($seu->get('/.clave/none'), qr{lang="(?:eu|gl|en)"}, 'and only what is offered');
my $one = Clave::Browser->new(host => 'una.example.gob.es')->get('/.clave/none', 'Accept-Language: es');
is(lang($one), 'gl', 'one language');
unlike($one, qr/<nav|name="p"/, 'and no switch');

# the site's look: on the page, and from our own endpoint

my $own = Clave::Browser->new(host => 'propia.example.gob.es');
my $themed = $own->get('/.clave/none');
like($themed, qr{>Sede de &quot;Ejemplo&quot; &lt;1&gt;<}, 'the name of the site');
like($themed, qr{llame al 900123456\.}, 'its telephone');
like($themed, qr{Plaza Mayor, 1</p>\s*<p><a href="/accesible">}, 'its footer');
is(header_of($themed, 'Content-Security-Policy'), header_of($page, 'Content-Security-Policy'), 'the same policy');

my ($logo) = $themed =~ m{<img class="logo" src="([^"]+)" alt="">};
my $image = $own->get($logo);
is(status_of($image) . ' ' . header_of($image, 'Content-Type'), '200 image/svg+xml', 'the logo');
is(http_content($image), $t->read_file('logo.svg'), 'as it is');
like(header_of($image, 'Content-Security-Policy'), qr/sandbox/, 'without its scripts');
like(header_of($image, 'Cache-Control'), qr/immutable/, 'to be kept');

my ($style) = $themed =~ m{href="([^"]*/theme\.css[^"]*)"};
like(http_content($own->get($style)), qr/--act: #7a1f3d.*prefers-color-scheme: dark.*font-weight: 400/s, 'accent and style');
is(status_of($browser->get('/.clave/assets/logo.svg')), 404, 'nobody else has them');

# templates, read once

$t->write_file('pages/not-found.html', 'changed after the start');
my $templates = Clave::Browser->new(host => 'plantillas.example.gob.es');
my $mine = $templates->get('/.clave/none');
is(title($mine) . ' ' . ($mine =~ /<p>Ejemplo<\/p>/ ? 'own layout' : ''), 'Aquí no hay nada own layout', 'a template');
is(title(switch_to($templates, $mine, 'ca')), 'Aquí no hi ha res', 'a template for one language');
my $missing = Clave::Browser->new(host => 'plantillas.example.gob.es')->get('/.clave/acs');
like($missing, qr{<body class="own">.*<h1>Algo ha fallado</h1>}s, 'what has no template is built in');

# the script for the site's own pages

my $script = $browser->get('/.clave/assets/session.js');
is(status_of($script) . ' ' . header_of($script, 'Content-Type'), '200 text/javascript; charset=utf-8', 'session.js');
like(http_content($script), qr/Zure saioa amaitzear dago/, 'in every language');
cmp_ok(length http_content($script), '<', 10240, 'and small');

###############################################################################
