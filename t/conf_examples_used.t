#!/usr/bin/perl

# What the examples of conf-examples/ say of themselves, with people who log in and back ends that read
# the identity as the comments tell: PHP-FPM and uWSGI as Debian has them, HTTP for the rest.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Application;
use Clave::Browser;
use Clave::Example;
use Clave::Fire;
use Clave::Signer;

use JSON::PP;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

use constant NIF => '99999018D';
use constant NAME => "BEGO\xc3\x91A";
use constant PIN => (method => 'pin');
use constant OTP => (method => 'permanente', loa => 'substantial');

my @forged = ('X-Clave-Nif: 1', 'X_Clave_Nif: 1', 'MELLON_NIF: 1', 'X-Auth-Request-User: 1',
	'X_Auth_Request_User: 1', 'Clave-PersonIdentifier: 1', 'Clave_PersonIdentifier: 1');

my ($t, $example);
my ($firma, $fire);  # started when first wanted, for all that sign

plan(tests => 198);

# What nginx and the back ends of one example are.

sub started {
	my ($name, $more, %with) = @_;
	ended();
	$t = Test::Nginx->new()->has(qw/http http_ssl proxy fastcgi uwsgi auth_request socket_ssl/);
	if ($with{fire}) {
		$firma //= Test::Nginx->new()->write_file('error.log', '');  # no nginx of its own writes one
		$with{fire} = $fire //= Clave::Fire->new($firma);
	}
	$example = Clave::Example->new($t, $name, %with);
	if (my $application = $with{application}) {
		$t->run_daemon(\&document_application, port(8081), $application);
		$t->waitforsocket('127.0.0.1:' . port(8081)) or die "no application\n";
	} else {
		backend($t);
	}
	$more->() if $more;
	return $t->run();
}

# A back end that outlives the test would keep the forge waiting for orders.

sub ended {
	$t->stop()->stop_daemons() if $t;
	undef $example;
}

END {
	local $?;
	ended();
	undef $_ for $t, $fire, $firma;  # they have tests of their own to end with
}

sub visitor { Clave::Browser->new(tls => 1, @_) }
sub saw { backend_saw($_[0])->{headers} }
sub asked_to_log_in { (header_of($_[0], 'Location') // '') =~ m{^/\.clave/(?:login|stepup|expired)\?} }
sub plain { ($_[0] // '') =~ s/%([0-9A-F]{2})/chr hex $1/ger }

###############################################################################

# minimal.conf

started('minimal.conf');
my $citizen = visitor();
is(saw($citizen->login('/tramites/', PIN))->{'x-clave-nif'}, NIF, 'minimal: the NIF');
# four-procedures.conf

started('four-procedures.conf');
$citizen = visitor();
is(saw($citizen->get('/publico/', @forged))->{'x-clave-nif'}, undef, 'procedures: the public part, nobody');
ok(asked_to_log_in($citizen->get($_)), "procedures: $_ is closed") for '/', '/puntos/', '/beneficiario/';
is(saw($citizen->login('/puntos/', PIN))->{'x-clave-nif'}, NIF, 'procedures: a PIN will do for the points');
ok(asked_to_log_in($citizen->get($_)), "procedures: not for $_")
	for '/vida-laboral/', '/domicilio/', '/beneficiario/', '/beneficiario/solicitar';
is(saw($citizen->login('/beneficiario/', method => 'permanente'))->{'x-clave-level'}, 'permanente',
	'procedures: a password for what is asked about a beneficiary');
ok(asked_to_log_in($citizen->get('/beneficiario/solicitar')), 'procedures: not to ask for one');
is(saw($citizen->login('/domicilio/', OTP))->{'x-clave-level'}, 'permanente_otp', 'procedures: with the SMS code');
is(saw($citizen->get('/beneficiario/solicitar'))->{'x-clave-nif'}, NIF, 'procedures: which will do for that, too');
# intranet-or-clave.conf: from both sides

started('intranet-or-clave.conf');
my @inside = ('X-Forwarded-For: 10.1.2.3');
my @outside = ('X-Forwarded-For: 203.0.113.9');
$citizen = Clave::Browser->new();
my $staff = $citizen->get('/expedientes/', @inside, @forged);
is(status_of($staff), 200, 'intranet: the staff come in');
is(saw($staff)->{'x-clave-nif'}, undef, 'intranet: without identity, forged or not');
is(status_of($citizen->get('/publico/', @outside)), 200, 'intranet: what is public');
ok(asked_to_log_in($citizen->get('/expedientes/', @outside)), 'intranet: others with Cl@ve');
my $going = $citizen->go_to_gateway('/expedientes/', @outside);
is(header_of($citizen->come_back($going, method => 'permanente'), 'Location'), '/expedientes/', 'intranet: a login');
is(saw($citizen->get('/expedientes/', @outside))->{'x-clave-nif'}, NIF, 'intranet: and in');
# optional-identity.conf

started('optional-identity.conf');
$citizen = visitor();
is(saw($citizen->get('/', @forged))->{'x-clave-nif'}, undef, 'optional: a stranger is nobody');
is(status_of($citizen->get('/api/avisos')), 401, 'optional: a call without a session');
ok(asked_to_log_in($citizen->get('/carpeta/')), 'optional: the folder is closed');
is(saw($citizen->login('/carpeta/', PIN))->{'x-clave-nif'}, NIF, 'optional: a login');
is(saw($citizen->get('/'))->{'x-clave-nif'}, NIF, 'optional: whom the public page greets');
is(saw($citizen->get('/api/avisos'))->{'x-clave-nif'}, NIF, 'optional: the call');
# monitored.conf

started('monitored.conf', sub { mkdir $t->testdir() . '/clave' });
$citizen = visitor();
is(saw($citizen->login('/tramites/', PIN))->{'x-clave-nif'}, NIF, 'monitored: a login');
like(http_content(http_get('/clave-status', PeerAddr => '127.0.0.1:' . port(8082))),
	qr/^clave_logins_total\{[^}]*result="ok"[^}]*\} 1$/m, 'monitored: is counted');
my ($line) = map { decode_json($_) } $t->read_file('audit.log') =~ /^(.*"event":"login".*)$/m;
is($line->{nif}, '***9901**', 'monitored: and written down, masked');
# tomcat.conf

started('tomcat.conf');
$citizen = visitor();
ok(asked_to_log_in($citizen->get($_)), "tomcat: $_ is closed") for '/;x/', '/index.jsp', '/%3Bx';
is(status_of($citizen->get('/')), 200, 'tomcat: the one public page');
my $headers = saw($citizen->login('/expedientes/', PIN));
is($headers->{'x-clave-nif'}, NIF, 'tomcat: getHeader("X-Clave-Nif")');
like(plain($headers->{'x-clave-name'}), qr/@{[NAME]}/, 'tomcat: URLDecoder of the name');
unlike($headers->{'x-clave-name'}, qr/[+ ]/, 'tomcat: no "+" that would become a space');
is($headers->{'x-forwarded-proto'}, 'https', 'tomcat: the scheme, for RemoteIpValve');
ok(asked_to_log_in($citizen->get('/tramites/domicilio/')), 'tomcat: more for a part of it');
# kestrel.conf

started('kestrel.conf');
$citizen = visitor();
ok(asked_to_log_in($citizen->get($_)), "kestrel: $_ is closed") for '/tramites/', '/TRAMITES/', '/PUBLICO';
is(status_of($citizen->get('/publico')), 200, 'kestrel: the public page');
is(status_of($citizen->get('/hubs/avisos')), 401, 'kestrel: a hub without a session');
$headers = saw($citizen->login('/tramites/', method => 'permanente'));
like(plain($headers->{'x-clave-name'}), qr/@{[NAME]}/, 'kestrel: UnescapeDataString of the name');
$headers = saw($citizen->get('/hubs/avisos', 'Upgrade: websocket'));
is("$headers->{connection} $headers->{upgrade} $headers->{'x-clave-nif'}", 'upgrade websocket ' . NIF,
	'kestrel: a hub with one');
ok(asked_to_log_in($citizen->get('/Domicilio/')), 'kestrel: more for a part of it, in any case');
# django-uwsgi.conf

started('django-uwsgi.conf', sub { $example->uwsgi(<<'END') });
import json

def application(environ, start_response):
    size = int(environ.get("CONTENT_LENGTH") or 0)
    name = environ.get("CLAVE_NAME", "").encode("latin-1").decode("utf-8")
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"name": name, "body": environ["wsgi.input"].read(size).decode(),
                        "environ": {k: v for k, v in environ.items() if isinstance(v, str)}}).encode()]
END
$citizen = visitor();
my $wsgi = decode_json(http_content($citizen->get('/publico/', @forged)));
ok(!exists $wsgi->{environ}{REMOTE_USER}, 'django: nobody, no REMOTE_USER');
$citizen->login('/', method => 'permanente');
$wsgi = decode_json(http_content($citizen->post('/tramites/?a=1', "n=\xc3\xb1", @forged)));
is($wsgi->{environ}{REMOTE_USER}, NIF, 'django: REMOTE_USER');
like($wsgi->{name}, qr/BEGO\x{d1}A/, 'django: the name, decoded as the comment says');
is("$wsgi->{environ}{REQUEST_METHOD} $wsgi->{environ}{PATH_INFO}?$wsgi->{environ}{QUERY_STRING}",
	'POST /tramites/?a=1', 'django: method and address');
is($wsgi->{body}, "n=\x{f1}", 'django: body');
is(scalar(grep { /^HTTP_X_CLAVE/ } keys %{$wsgi->{environ}}), 0, 'django: no headers, forged ones neither');
# single-page-app.conf

started('single-page-app.conf', sub { $t->write_file('srv/index.html', 'the application') });
$citizen = visitor();
like($citizen->get('/expedientes/7'), qr/the application/, 'spa: its files are public');
my @script = ('Sec-Fetch-Mode: cors', 'Sec-Fetch-Dest: empty', 'Sec-Fetch-Site: same-origin',
	'Referer: https://sede.example.gob.es/expedientes/7');
my $response = $citizen->get('/api/expedientes', @script);
is(status_of($response), 401, 'spa: a call without a session');
like(header_of($response, 'WWW-Authenticate'), qr/^Clave /, 'spa: says how');
my $login = decode_json(http_content($response))->{login};
like($login, qr{^https://sede\.example\.gob\.es/\.clave/login\?}, 'spa: and where');
is(status_of($citizen->get('/.clave/session', @script)), 401, 'spa: no session, says its endpoint');
my $request = Clave::Gateway::request_in(
	$citizen->get($login =~ s{^https://[^/]+}{}r, 'Sec-Fetch-Site: same-origin'));
is(header_of($citizen->come_back($request, PIN), 'Location'), '/expedientes/7', 'spa: back to the page');
is(saw($citizen->get('/api/expedientes', @script))->{'x-clave-nif'}, NIF, 'spa: the call is answered');
my $session = decode_json(http_content($citizen->get('/.clave/session', @script)));
ok($session->{authenticated} && $session->{remaining} > 0, 'spa: how long it lasts');
is(status_of($citizen->get('/.clave/assets/session.js')), 200, 'spa: the script that warns');
is(decode_json(http_content($citizen->get('/api/domicilio', @script)))->{error}, 'E-LEVEL',
	'spa: more for a part of it');
like(visitor()->login('/entrar', PIN), qr/the application/, 'spa: a login without a call');
# several-offices.conf

started('several-offices.conf');
$citizen = visitor();
$request = $citizen->go_to_gateway('/tramites/');
like($request->{xml}, qr/E04975701;Sede/, 'offices: the first by its name');
$citizen->come_back($request, PIN);
is(saw($citizen->get('/tramites/'))->{'x-clave-nif'}, NIF, 'offices: a session at the first');
my $twin = $citizen->twin();
$twin->{host} = 'tributos.example.gob.es';
$response = $twin->get('/tramites/');
ok(asked_to_log_in($response), 'offices: is none at the second');
$response = $twin->get(header_of($response, 'Location'), 'Accept-Language: de');
like(Clave::Gateway::request_in($response)->{xml}, qr/E04975702;Tributos/, 'offices: which has its own name');
like($response, qr{<html lang="ca">.*Ag\xc3\xa8ncia de Tributs}s, 'offices: language and look');
# own-look.conf

started('own-look.conf');
$citizen = visitor();
$request = $citizen->go_to_gateway('/tramites/', 'Accept-Language: eu');
like($citizen->{last}, qr{<html lang="eu">.*Adibideko egoitza elektronikoa}s, 'look: language and name');
my ($logo) = $citizen->{last} =~ m{src="([^"]*logo[^"]*)"};
like($citizen->get($logo // '/none'), qr/^Content-Type: image\/svg/m, 'look: logo');
my $page = $citizen->come_back($request, case => 'status-request-denied');
like($page, qr/900123456 telefonora/, 'look: its own template');
unlike($page, qr/\{\{/, 'look: filled in');
# key-rollover.conf

started('key-rollover.conf');
for my $case (qw/ good-plain good-encrypted good-encrypted-to-old-key good-rollover-key /) {
	is(saw(visitor()->login('/tramites/', case => $case, PIN))->{'x-clave-nif'}, NIF, "keys: $case");
}
# php-fpm.conf

my $says_all = '<?php header("Content-Type: application/json"); echo json_encode(["server" => $_SERVER, '
	. '"post" => $_POST, "raw" => base64_encode(file_get_contents("php://input"))]);';
started('php-fpm.conf', sub {
	$example->php('tramite.php', $says_all);
	mkdir $example->root() . '/publico';
	$t->write_file("srv/$_", "this is $_") for qw/ estilo.css publico\/index.html publico\/a.php /;
	$t->write_file('srv/index.php', $says_all);
});
$citizen = visitor();
like($citizen->get('/publico/'), qr/this is publico/, 'php: a public page');
ok(asked_to_log_in($citizen->get($_)), "php: $_ is closed") for '/', '/estilo.css', '/publico/a.php', '/none.php';
$citizen->login('/tramite.php', method => 'permanente');
my $php = decode_json(http_content($citizen->post('/tramite.php?a=1', "n=%C3%B1&n2=\xc3\xb1", @forged)));
is($php->{server}{REMOTE_USER}, NIF, 'php: REMOTE_USER');
like($php->{server}{NOMBRE}, qr/BEGO\x{d1}A/, 'php: a name');
is_deeply($php->{post}, { n => "\x{f1}", n2 => "\x{f1}" }, 'php: $_POST');
is($php->{server}{HTTP_X_CLAVE_NIF}, NIF, 'php: the header, once and ours');
like($citizen->get('/estilo.css'), qr/this is estilo/, 'php: a file');
like($citizen->get('/a/b?c=1'), qr{"QUERY_STRING":"c=1"}, 'php: an address that only index.php knows');
# migrating-from-mellon.conf

started('migrating-from-mellon.conf', sub { $example->php('domicilio.php', $says_all) });
$citizen = visitor();
$citizen->login('/domicilio/', OTP);
$php = decode_json(http_content($citizen->get('/domicilio/cambiar?a=1', @forged)));
is($php->{server}{MELLON_NIF}, NIF, 'mellon: the variable that the application reads');
is($php->{server}{REMOTE_USER}, NIF, 'mellon: and the other one');
is($php->{server}{MELLON_SelectedIdP}, 'permanente', 'mellon: how');
like($php->{server}{MELLON_FirstName}, qr/BEGO\x{d1}A/, 'mellon: who');
$headers = saw($citizen->get('/puntos/', @forged));
is($headers->{'x-clave-nif'}, NIF, 'mellon: moved, through Apache');
$headers = saw($citizen->get('/', @forged));
is($headers->{'x-clave-nif'}, undef, 'mellon: not moved, no identity of ours, and none that is forged');
# migrating-from-auth-request.conf

started('migrating-from-auth-request.conf', sub {
	$t->run_daemon(\&login_proxy, port(8082));
	$t->waitforsocket('127.0.0.1:' . port(8082)) or die "no proxy for logins\n";
});
$citizen = visitor();
$headers = saw($citizen->login('/tramites/', method => 'permanente'));
is($headers->{'x-auth-request-user'}, NIF, 'auth_request: moved');
like($headers->{'x-auth-request-preferred-username'}, qr/@{[NAME]}/, 'auth_request: a name');
$headers = saw($citizen->get('/', @forged));
is(join(' ', grep { /auth.request/ } keys %$headers), '', 'auth_request: nobody in public, forged or not');
like($citizen->get('/antiguo/', @forged), qr/to the old login/, 'auth_request: not moved, no session there');
$headers = saw($citizen->get('/antiguo/', @forged, 'X-Old-Session: yes'));
is($headers->{'x-auth-request-user'}, 'benito', 'auth_request: not moved, with one');
# migrating-from-kit.conf

started('migrating-from-kit.conf');
$citizen = visitor();
ok(asked_to_log_in($citizen->get('/expedientes/')), 'kit: what needs the session');
$headers = saw($citizen->login('/entrar', method => 'permanente'));
is($headers->{'clave-personidentifier'}, NIF, 'kit: attributes by their names');
like($headers->{'clave-firstname'}, qr/@{[NAME]}/, 'kit: in UTF-8');
like($headers->{'x-clave-session'}, qr/^\w{16,}$/, 'kit: the hash to compare');
$headers = saw($citizen->get($_, @forged)),
	is(join(' ', grep { /personidentifier|x.clave/i } keys %$headers), '', "kit: $_: nobody, forged or not")
	for '/publico/', '/kit/ReturnPage';
is(status_of($citizen->get('/kit/pin/')), 410, 'kit: a page that is closed');
# redis.conf, redis-sentinel-tls.conf, redis-cluster.conf, behind-load-balancer.conf

sub come_and_go {
	my ($name) = @_;
	my $person = visitor(tls => $name !~ /balancer/);
	for (1 .. 20) {  # who the primary is, and who has which slots, is found out meanwhile
		last if status_of($person->login('/tramites/', PIN)) == 200;
	}
	is(saw($person->get('/tramites/'))->{'x-clave-nif'}, NIF, "$name: a session");
	my $thief = $person->twin();
	$person->leave();
	ok(asked_to_log_in($thief->get('/tramites/')), "$name: is none after the logout");
}

started('redis.conf');
come_and_go('redis.conf');
for my $right (qw/ multi getdel /) {
	$example->redis()->ask('ACL', 'SETUSER', 'clave', "-$right");
	my $person = visitor();
	is(status_of($person->login('/tramites/', PIN)), 503, "redis.conf: no login without +$right");
	ok(!$person->cookie(), 'and no session');
	$example->redis()->ask('ACL', 'SETUSER', 'clave', "+$right");
}
for my $name ('redis-sentinel-tls.conf', 'redis-cluster.conf', 'behind-load-balancer.conf') {
	started($name, undef, servers => 1);
	come_and_go($name);
}
$example->redis()->kill();
is(status_of(visitor(tls => 0)->get('/alive')), 204, 'behind-load-balancer.conf: nginx lives');
ok(asked_to_log_in(visitor(tls => 0)->get('/tramites/')), 'and who has no session is asked to log in');
# signing-form.conf

started('signing-form.conf', undef, fire => 1);
my $signer = Clave::Signer->new(tls => 1, fire => $fire);
$signer->login('/beneficiario/solicitar');
my $sent = 'beneficiario=Mar%C3%ADa&parentesco=hija';
my $handed = backend_saw($signer->sign_at($signer->submit('/beneficiario/solicitar', $sent)));
is("$handed->{method} $handed->{body}", "POST $sent", 'form, signed: the application gets it');
is(join(' ', map { $handed->{headers}{"x-clave-sign-$_"} } qw/ state format nif /), 'signed xades 00000000T',
	'form, signed: how, by whom');
# signing-upstream.conf

my $paper = Clave::Signer->small_pdf();
started('signing-upstream.conf', undef, fire => 1, application => sub {
	my ($asked) = @_;
	return $asked !~ m{^GET /expedientes/42 } ? undef : "HTTP/1.0 200 OK\r\nContent-Type: application/pdf\r\n"
		. 'X-Clave-Sign: return=/expedientes/recibido?id=42; format=pades; name=solicitud.pdf; title="Solicitud de ayuda"'
		. "\r\nContent-Length: " . length($paper) . "\r\n\r\n$paper";
});
$signer = Clave::Signer->new(tls => 1, fire => $fire);
$response = $signer->login('/expedientes/42');
my $at = header_of($response, 'Location') // '';
like($at, qr{^/\.clave/sign/\w+/$}, 'document, signed: its review');
is(http_content($signer->get("${at}document")), $paper, 'document, signed: which shows it');
$handed = backend_saw($signer->sign_at($at));
is("$handed->{method} $handed->{uri}", 'POST /expedientes/recibido?id=42', 'document, signed: one POST');
is(join(' ', map { $handed->{headers}{"x-clave-sign-$_"} } qw/ state format nif /), 'signed pades 00000000T',
	'document, signed: how, by whom');
# signing-api.conf

started('signing-api.conf', undef, fire => 1);
my $app = Clave::Application->new(at => '/clave-api', tls => 1);
$signer = Clave::Signer->new(tls => 1, fire => $fire);
$signer->login('/beneficiario/');
my $ordered = $app->prepare();
like($ordered->{url}, qr{^https://sede\.example\.gob\.es/\.clave/sign/$ordered->{id}/$}, 'api: where its person goes');
is(header_of($signer->get($signer->authorise($signer->confirm("/.clave/sign/$ordered->{id}/"))), 'Location'),
	"/.clave/sign/$ordered->{id}/deliver", 'api: signed');
is($app->look($ordered->{id})->{state}, 'signed', 'api: the application sees it');
is(status_of($app->signature($ordered->{id}, 'd1')), 200, 'api: and fetches it');
# signing-payment.conf

started('signing-payment.conf', undef, fire => 1);
my $ana = Clave::Signer->new(tls => 1, fire => $fire);
$ana->login('/tasas/');
my $payment = 'liquidacion=2027-000123&importe=42%2C50&cuenta=ES9121000418450200051332';
my ($base) = $ana->submit('/tasas/pagar?status=502', $payment);
like(http_content($ana->get("${base}document")), qr/^Pago de tasa\nProcedimiento: TASA-046\n.*^importe: 42,50$/ms,
	'payment: what is signed says what is paid');
my $seen = backend_saw($ana->sign_at($base));
is($seen->{body}, $payment, 'payment: the application gets it');
my $id = $seen->{headers}{'x-clave-sign-id'};
$seen = backend_saw($ana->follow("${base}deliver"));
is("$seen->{body} $seen->{headers}{'x-clave-sign-id'}", "$payment $id",
	'payment: the application was away, and can tell that it is the same one');
is($seen->{headers}{'x-clave-sign-format'}, 'xades', 'payment: signed');
is($seen->{headers}{'x-clave-sign-nif'}, '00000000T', 'payment: by whom');
# signing-php.conf: octet by octet

started('signing-php.conf', sub { $example->php('beneficiario/alta.php', $says_all) }, fire => 1);
$ana = Clave::Signer->new(tls => 1, fire => $fire);
$ana->login('/beneficiario/alta.php');
my $form = "beneficiario=Mar%C3%ADa+Garc%C3%ADa&a[]=1&a[]=2&notas=uno%0D%0Ados&crudo=\xc3\xb1";
my $type = 'application/x-www-form-urlencoded; charset=UTF-8';
$response = $ana->request('POST', '/beneficiario/alta.php?paso=2&x=%2F', body => $form,
	headers => [ "Content-Type: $type", 'Origin: https://sede.example.gob.es' ]);
my $signed = decode_json(http_content($ana->sign_at(header_of($response, 'Location'))));
my $server = $signed->{server};
is($server->{REQUEST_METHOD}, 'POST', 'php, signed: method');
is($server->{REQUEST_URI}, '/beneficiario/alta.php?paso=2&x=%2F', 'php, signed: address');
is($server->{QUERY_STRING}, 'paso=2&x=%2F', 'php, signed: query');
is($server->{CONTENT_TYPE}, $type, 'php, signed: type');
is($server->{CONTENT_LENGTH}, length $form, 'php, signed: length');
is_deeply($signed->{post}, { beneficiario => "Mar\x{ed}a Garc\x{ed}a", a => [ 1, 2 ],
	notas => "uno\r\ndos", crudo => "\x{f1}" }, 'php, signed: $_POST');
is($signed->{raw}, MIME::Base64::encode_base64($form, ''), 'php, signed: every octet');
is($server->{HTTP_X_CLAVE_SIGN_STATE}, 'signed', 'php, signed: state');
is($server->{HTTP_X_CLAVE_SIGN_NIF}, '00000000T', 'php, signed: signer');
like($server->{HTTP_X_CLAVE_SIGN_RECEIPT}, qr{^/\.clave/sign/\w+/$}, 'php, signed: receipt');

open my $script, '<', '../conf-examples/signing-php/alta.php' or die "no alta.php: $!\n";
$t->write_file('srv/beneficiario/alta.php', do { local $/; <$script> });
like($ana->get('/beneficiario/alta.php'), qr{ \(00000000T\)</strong>.*<form method="post">}s,
	'alta.php: the form');
$page = $ana->sign_at($ana->submit('/beneficiario/alta.php', 'beneficiario=%3Cb%3EMar%C3%ADa&declaracion=s%C3%AD'));
like($page, qr{y firmada.*beneficiario: &lt;b&gt;Mar\xc3\xada</li>.*href="/\.clave/sign/}s,
	'alta.php: and its answer');
###############################################################################

# The back end, but for what the example has of its own to answer.

sub document_application {
	my ($port, $own) = @_;
	my $listener = IO::Socket::INET->new(Proto => 'tcp', LocalAddr => "127.0.0.1:$port", Listen => 5,
		ReuseAddr => 1) or die "Can't listen on port $port: $!\n";
	while (my $client = $listener->accept()) {
		my $request = Clave::_read_request($client) // next;
		print $client $own->("$request->{method} $request->{uri} ") // Clave::_echo($request);
	}
}

# The login that is being replaced: who has a session there is benito.

sub login_proxy {
	my ($port) = @_;
	my $listener = IO::Socket::INET->new(Proto => 'tcp', LocalAddr => "127.0.0.1:$port", Listen => 5,
		ReuseAddr => 1) or die "Can't listen on port $port: $!\n";
	while (my $client = $listener->accept()) {
		my $head = '';
		while (defined(my $line = <$client>)) {
			last if $line =~ /^\r?\n$/;
			$head .= $line;
		}
		my $answer = $head !~ m{^GET /oauth2/auth } ? "200 OK\r\n\r\nto the old login"
			: $head =~ /^X-Old-Session: yes/m ? "202 Accepted\r\nX-Auth-Request-User: benito\r\n\r\n"
			: "401 Unauthorized\r\n\r\n";
		print $client "HTTP/1.0 $answer";
	}
}
