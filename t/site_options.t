#!/usr/bin/perl

# What an administrator chooses for a site and for its levels is what happens: on the wire to the
# gateway, in the browser, and to who may pass.

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

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(45);

backend($t);

clave_conf($t,
	http => <<'EOF',
    clave_level europa loa=substantial accept=permanente:substantial,eidas:substantial offer=permanente,eidas;
    # The built-in one accepts a password.
    clave_level permanente loa=high accept=certificado:high;
    clave_logout /bye;

    server {
        listen       127.0.0.1:8080;
        server_name  otra.example.gob.es;

        clave_base_url       https://OTRA.example.gob.es:443/;
        clave_issuer         urn:oficina:otra;
        clave_session_cookie __Host-otra;
        clave_clock_skew     200s;

        clave_registration_attribute urn:oficina:alta presencial certificado;

        location /padron/ { clave pin registration=advanced; proxy_pass http://127.0.0.1:8081; }
        location / { clave pin; proxy_pass http://127.0.0.1:8081; }
    }
EOF
	server => <<'EOF');
        location / { clave pin; proxy_pass http://127.0.0.1:8081; }
        location /europa/ { clave europa; proxy_pass http://127.0.0.1:8081; }
        location /redefinido/ { clave permanente; proxy_pass http://127.0.0.1:8081; }
        location /movil/ { clave pin methods=movil,certificado; proxy_pass http://127.0.0.1:8081; }
        location /siempre/ { clave pin; clave_unauthenticated login; proxy_pass http://127.0.0.1:8081; }
        location = /bye { }
        location /herencia/ {
            clave pin;
            clave_identity_headers on prefix=Sede- encoding=utf8;
            proxy_pass http://127.0.0.1:8081;
            location /herencia/igual/ { proxy_pass http://127.0.0.1:8081; }
            location /herencia/otra/ { clave_identity_headers on; proxy_pass http://127.0.0.1:8081; }
        }
EOF

$t->run();

###############################################################################

my $acs = 'https://otra.example.gob.es/.clave/acs';

sub here { Clave::Browser->new() }
sub elsewhere { Clave::Browser->new(host => 'otra.example.gob.es') }

# Methods that the gateway is asked not to offer (protocol section 2.3), by their names on the wire.

sub excluded {
	my ($uri) = @_;
	my $request = here()->go_to_gateway($uri) or return 'no way to the gateway';
	return join ' ', sort $request->{xml} =~ /FriendlyName="(\w+IdP)"/g;
}

sub enters {
	my ($uri, %who) = @_;
	my $browser = here();
	my $answer = $browser->login($uri, %who);
	return (status_of($answer), backend_saw($browser->get($uri))->{headers}{'x-clave-level'});
}

# clave_issuer

like(elsewhere()->go_to_gateway('/')->{xml}, qr{<saml2:Issuer>urn:oficina:otra</saml2:Issuer>}, 'clave_issuer is sent');
unlike(here()->go_to_gateway('/')->{xml}, qr/Issuer>/, 'none unless configured');

my $browser = elsewhere();
is(status_of($browser->login('/', method => 'pin', acs_url => $acs, audience => 'urn:oficina:otra')), 200,
	'an answer to that issuer');
is(status_of(elsewhere()->login('/', method => 'pin', acs_url => $acs)), 200, 'one to the address, as everywhere');
is(status_of(elsewhere()->login('/', method => 'pin', acs_url => $acs, audience => 'urn:oficina:nadie')), 403,
	'one to somebody else');
is((refusals($t))[-1], 'E-AUD', 'is refused');
is(status_of(here()->login('/', method => 'pin', audience => 'urn:oficina:otra')), 403, 'as is one to the other site');

# clave_registration_attribute, by a name and with values that are not Cl@ve's own

sub registered {
	my %who = (method => 'permanente', loa => 'low', acs_url => $acs, audience => 'urn:oficina:otra', @_);
	return status_of(elsewhere()->login('/padron/', %who));
}

is(registered(more => { 'urn:oficina:alta' => $_ }), 200, "who is registered: $_") for qw/ presencial certificado /;
is(registered(loa => 'substantial'), 200, 'or has more than a password, which a basic registration does not give');
is(registered(more => { 'urn:oficina:alta' => 'carta' }), 403, 'otherwise');
is(registered(more => { 'urn:oficina:otra' => 'presencial' }), 403, 'or by another attribute');
is(join(' ', (refusals($t))[-2, -1]), 'E-REG E-REG', 'is refused');

# clave_session_cookie

ok($browser->cookie('__Host-otra'), 'the session is in the cookie of that name');
is($browser->cookie('__Host-clave'), undef, 'and not in the usual one');
is(backend_saw($browser->get('/'))->{headers}{'x-clave-nif'}, '99999018D', 'where it is found again');

my $session = $browser->cookie('__Host-otra');
is(backend_saw($browser->get('/', "Cookie: a=1; __Host-otra-st-abc=x; __Host-clave=y"))->{headers}{cookie}, 'a=1; __Host-clave=y',
	'ours stay here, by that name');
is(status_of(elsewhere()->get('/', "Cookie: __Host-clave=$session")), 302, 'under the usual name it is nothing');

my $begun = elsewhere();
$begun->go_to_gateway('/');
is_deeply([ map { s/-st-.*/-st-/r } sort keys %{$begun->{cookies}} ], [ '__Host-otra-st-' ], 'a login has its state beside it');

# clave_clock_skew

my %ahead = (method => 'pin', now => time() + 120);
is(status_of(elsewhere()->login('/', %ahead, acs_url => $acs)), 200, 'two minutes ahead, within clave_clock_skew');
is(status_of(here()->login('/', %ahead)), 403, 'and beyond the usual one');
is((refusals($t))[-1], 'E-TIME', 'which is said');

# clave_base_url, as browsers write it

my $leaving = elsewhere();
$leaving->login('/', method => 'pin', acs_url => $acs);
is(status_of($leaving->post('/.clave/logout', '', 'Origin: https://otra.example.gob.es')), 200,
	'an origin in capitals and with its port is the one that browsers name');

# clave_identity_headers: a line replaces the one above it whole

my $heir = here();
is(status_of($heir->login('/herencia/igual/', method => 'pin')), 200, 'below a line of clave_identity_headers');
is(backend_saw($heir->get('/herencia/igual/'))->{headers}{'sede-level'}, 'pin', 'which counts where there is no other');
my $headers = backend_saw($heir->get('/herencia/otra/'))->{headers};
is_deeply([ @{$headers}{qw/ x-clave-level sede-level /} ], [ 'pin', undef ], 'and where there is, nothing of it does');

# clave_level

is(excluded('/europa/'), 'AEATIdP AFirmaIdP CLVMOVILIdP', 'a level of one\'s own: only what it offers');
like(here()->go_to_gateway('/europa/')->{xml}, qr{AuthnContextClassRef>http://eidas.europa.eu/LoA/substantial<}, 'at its assurance');
is_deeply([ enters('/europa/', method => 'permanente', loa => 'substantial') ], [ 200, 'europa' ], 'which lets in');
is_deeply([ enters('/europa/', method => 'permanente', loa => 'low') ], [ 403, undef ], 'and keeps out');
is_deeply([ enters('/europa/', method => 'certificado', loa => 'high') ], [ 403, undef ], 'whom it does not name');

is(excluded('/redefinido/'), 'AEATIdP CLVMOVILIdP EIDASIdP GISSIdP', 'a level redefined');
is_deeply([ enters('/redefinido/', method => 'permanente', loa => 'low') ], [ 403, undef ], 'no longer as built in');
is_deeply([ enters('/redefinido/', method => 'certificado', loa => 'high') ], [ 200, 'permanente' ], 'but as it says');

# methods=

is(excluded('/movil/'), 'AEATIdP EIDASIdP GISSIdP', 'only those methods are offered');
is_deeply([ enters('/movil/', method => 'movil') ], [ 200, 'pin' ], 'and let in');
is_deeply([ enters('/movil/', method => 'permanente') ], [ 403, undef ], 'others are not, though the level has them');

my $known = here();
$known->login('/', method => 'pin');
is(status_of($known->get('/movil/')), 302, 'nor is a session of another method');
like(header_of($known->get('/movil/'), 'Location'), qr{/\.clave/stepup\?}, 'which is told so');

# clave_unauthenticated

my @script = ('Sec-Fetch-Mode: cors', 'Sec-Fetch-Dest: empty', 'Accept: application/json');
is(status_of(here()->get('/', @script)), 401, 'a script gets 401');
my $sent = here()->get('/siempre/', @script);
is(status_of($sent), 302, 'or, with login, the way to it');
like(header_of($sent, 'Location'), qr{^/\.clave/login\?}, 'as a page load does');
is(status_of(here()->request('PUT', '/siempre/', body => 'a=1')), 409, 'but for what would lose its body');
ok(here()->go_to_gateway('/siempre/', @script), 'and it leads to the gateway');
is(backend_hits(), 19, 'nobody else has reached the back end');

###############################################################################
