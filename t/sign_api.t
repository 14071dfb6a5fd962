#!/usr/bin/perl

# Signatures that an application orders (clave_sign_api): its documents, its person, who reviews and
# signs as ever, and what the application fetches (checklist F-02 to F-05, F-08 to F-11, F-16, F-19).

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Application;
use Clave::Browser;
use Clave::Fire;
use Clave::Signer;

use Digest::SHA qw/ sha256_hex /;
use IO::Socket::UNIX;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

use constant TEXT => "Solicito el alta.\n";
use constant BENITO => (method => 'permanente', loa => 'substantial', nif => '11111111H');

my $t = Test::Nginx->new()->has(qw/http proxy realip/)->has_daemon('openssl')->plan(111);
my $fire = Clave::Fire->new($t);

clave_conf($t, http => "    error_log %%TESTDIR%%/error.log info;\n" . $fire->conf(), server => <<'EOC');
        listen unix:%%TESTDIR%%/api.sock;
        clave_simulator on;
        clave_firma_max_document 2m;
        set_real_ip_from 127.0.0.1;
        real_ip_header X-Test-Address;

        location / {
            clave permanente;
            proxy_pass http://127.0.0.1:8081;
        }

        location /ordenes {
            clave_sign_api;
        }

        location /abierto/ {
            clave_sign_api max_age=1h;
            allow 192.0.2.0/24;
            deny all;
        }
EOC

backend($t)->run();

my $app = Clave::Application->new();

###############################################################################

# the whole life

my $response = $app->submit($app->order());
is(status_of($response), 201, 'an order becomes a transaction');
my $made = Clave::Application::said($response);
my $id = $made->{id};
like($id, qr/^[0-9a-z]{28}$/, 'of an id that nobody guesses');
is(header_of($response, 'Location'), "/ordenes/transactions/$id", 'with its address');
is($made->{state}, 'created', 'created');
is($made->{url}, "https://sede.example.gob.es/.clave/sign/$id/", 'and the address for its person');
is($made->{documents}[0]{state}, 'announced', 'its document is awaited');
my $base = "/.clave/sign/$id/";

my $ana = Clave::Signer->new(fire => $fire);
$ana->login('/');
my $unready = $ana->get($base);
is(status_of($unready), 409, 'nothing to review before the document is there');
like($unready, qr{<h1[^>]*>Todavía no puede firmar</h1>}, 'which says so, and not that a signature has failed');

is(status_of($app->put($id, 'd1', TEXT)), 200, 'the document');
is(Clave::Application::said($app->put($id, 'd1', TEXT))->{documents}[0]{state}, 'stored',
	'sent again: no matter');

my $review = $ana->get($base);
is(status_of($review), 200, 'its person sees it');
like($review, qr/@{[ sha256_hex(TEXT) ]}/, 'with the digest that was announced');
is(http_content($ana->get("${base}document")), TEXT, 'octet by octet');
is(Clave::Application::problem($app->put($id, 'd1', TEXT)), '409 E-API-STATE',
	'what was shown is not sent again');
is($app->look($id)->{state}, 'shown', 'the application sees how far it is');
is(Clave::Application::problem($app->signature($id, 'd1')), '409 E-API-STATE', 'not signed yet');

my $ok = $ana->authorise($ana->confirm($base));
$response = $ana->get($ok);
is(header_of($response, 'Location'), "${base}deliver", 'back from Cl@ve Firma');
$response = $ana->get("${base}deliver");
is(header_of($response, 'Location'), '/recibido?n=1', 'and on to the application, with nothing in the address');
like(http_content($ana->get($base)), qr/${base}deliver/, 'the receipt leads there, too');

my $signed = $app->look($id);
is($signed->{state}, 'signed', 'signed');
is($signed->{signer}{nif}, '00000000T', 'by whom');
like($signed->{signer}{certificate_sha256}, qr/^[0-9a-f]{64}$/, 'with which certificate');
like($signed->{times}{signed}, qr/^\d{4}-/, 'when');

$response = $app->signature($id, 'd1');
is(status_of($response), 200, 'its signature');
is(header_of($response, 'Content-Type'), 'application/pkcs7-signature', 'of its type');
my $signature = http_content($response);
is(sha256_hex($signature), $signed->{documents}[0]{signature_sha256}, 'as announced');
my $d = $t->testdir();
$t->write_file('signature', $signature);
$t->write_file('document', TEXT);
is(system("openssl cms -verify -binary -inform DER -in $d/signature -content $d/document -CAfile "
	. $fire->state() . "/firma-ca.pem -purpose any -out $d/verified 2>$d/openssl.log"), 0,
	'which openssl verifies');
is($app->look($id)->{state}, 'delivered', 'fetched is delivered');
is(http_content($app->signature($id, 'd1')), $signature, 'and can be fetched again');
like($ana->get($base), qr/recibido\?n=1/, 'the receipt leads to the application');
unlike($ana->get($base), qr/again"/, 'and offers no second time');
like($fire->history($base), qr/^created created shown confirmed at_gateway recovering recovering signed delivered$/,
	'the evidence has every step');

# the same order

my $order = $app->order(idempotency_key => 'una-vez');
my $first = Clave::Application::said($app->submit($order));
$response = $app->submit($order);
is(status_of($response), 200, 'the same order again: nothing new');
is(Clave::Application::said($response)->{id}, $first->{id}, 'the same transaction');
is(Clave::Application::problem($app->submit($app->order(idempotency_key => 'una-vez', title => 'Otro'))),
	'422 E-API-KEY', 'another order with its key');

# somebody else's, and nobody's

my $prepared = $app->prepare();
$base = "/.clave/sign/$prepared->{id}/";
my $benito = Clave::Browser->new();
$benito->login('/', BENITO);
$response = $benito->get($base);
is(status_of($response), 404, 'to another person it is not there');
unlike($response, qr/Alta de beneficiario|documento1/, 'and says nothing');
is(status_of($benito->get("${base}document")), 404, 'nor is its document');
like(header_of(Clave::Browser->new()->get($base), 'Location') // '', qr{/\.clave/login\?},
	'a stranger logs in first');

# a person who is known by too little

my $low = Clave::Signer->new(fire => $fire);
$low->login('/', loa => 'low');
like(header_of($low->get($base), 'Location') // '', qr{/\.clave/stepup\?},
	'a password is not enough to sign');
like($low->login($base), qr/Alta de beneficiario/, 'with the code, the review');

# bound to a session

$ana = Clave::Signer->new(fire => $fire);
my $session = backend_saw($ana->login('/'))->{headers}{'x-clave-session'};
my $bound = $app->prepare(session => $session);
my $elsewhere = Clave::Signer->new(fire => $fire);
$elsewhere->login('/');
is(status_of($elsewhere->get("/.clave/sign/$bound->{id}/")), 404, 'not in another session');
is(status_of($ana->get("/.clave/sign/$bound->{id}/")), 200, 'in the one that was meant');
$low = Clave::Signer->new(fire => $fire);
$session = backend_saw($low->login('/', loa => 'low'))->{headers}{'x-clave-session'};
$bound = $app->prepare(session => $session);
like($low->login("/.clave/sign/$bound->{id}/"), qr/Alta de beneficiario/,
	'or in what a step-up makes of it');

# taken back

$response = $app->ask('DELETE', "/transactions/$prepared->{id}");
is(status_of($response), 200, 'an application takes it back');
is(Clave::Application::said($response)->{state}, 'cancelled', 'cancelled');
is(status_of($app->ask('DELETE', "/transactions/$prepared->{id}")), 200, 'twice is no matter');
unlike($low->get($base), qr/confirm"/, 'nobody can sign it now');
is(Clave::Application::problem($app->ask('DELETE', "/transactions/$id")), '409 E-API-STATE',
	'not what is signed');

# what its person does not want

my $unwanted = $app->prepare();
$ana->post("/.clave/sign/$unwanted->{id}/cancel",
	'token=' . $ana->token($ana->get("/.clave/sign/$unwanted->{id}/")));
is($app->look($unwanted->{id})->{state}, 'cancelled', 'refused by the person');
$fire->fault('corrupted');
my $failed = $app->prepare();
$ana->sign_at("/.clave/sign/$failed->{id}/");
my $looked = $app->look($failed->{id});
is("$looked->{state} $looked->{reason}", 'failed gateway', 'and what fails says why');
is("$looked->{documents}[0]{state} $looked->{documents}[0]{reason}", 'failed gateway', 'of its document');

# what is no order

for my $case (
	[ { nif => '00000000A' }, '"nif"', 'a NIF with another letter' ],
	[ { nif => 1 }, '"nif" should be a string', 'a number' ],
	[ { nif => undef }, '"nif" is missing', 'nobody' ],
	[ { format => 'xmldsig' }, '"format"', 'an unknown format' ],
	[ { operation => 'countersign' }, '"operation"', 'another operation' ],
	[ { title => 'x' x 201 }, '"title"', 'too long a title' ],
	[ { title => "a\x{202E}b" }, '"title"', 'a title that turns around' ],
	[ { return => 'https://otro.example/' }, '"return"', 'another site' ],
	[ { return => '//otro.example/' }, '"return"', 'another site without a scheme' ],
	[ { return => '/.clave/logout' }, '"return"', 'an address of ours' ],
	[ { session => 'nada' }, '"session"', 'no session' ],
	[ { urgent => \1 }, 'not known', 'an unknown member' ],
	[ { documents => [] }, '"documents"', 'no documents' ],
	[ { documents => [ (@{$app->order()->{documents}}) x 2 ] }, '"documents[1].id"', 'a document twice' ],
	[ { documents => [ { %{$app->order()->{documents}[0]}, name => '../x' } ] }, '"documents[0].name"',
		'a path' ],
	[ { documents => [ { %{$app->order()->{documents}[0]}, sha256 => 'x' } ] }, '"documents[0].sha256"',
		'no digest' ],
	[ { format => 'pades' }, '"documents[0].type"', 'a text to sign as a PDF' ],
) {
	my ($differently, $says, $name) = @$case;
	$response = $app->submit($app->order(%$differently));
	is(Clave::Application::problem($response), '422 E-API-FIELD', $name);
	like(Clave::Application::said($response)->{detail}, qr/^(?:a member that is )?\Q$says\E/, 'says which');
}
is(Clave::Application::problem($app->submit('{"nif":"00000000T","nif":"00000000T"}')), '400 E-API-FMT',
	'a member twice');
is(Clave::Application::problem($app->submit('[]')), '400 E-API-FMT', 'a list');
is(Clave::Application::problem($app->submit('{"a":')), '400 E-API-FMT', 'half an order');
is(Clave::Application::problem($app->submit($app->order(), type => 'text/plain')), '400 E-API-FMT',
	'no JSON by its type');
is(Clave::Application::problem($app->submit(' ' x 70000)), '413 E-SIZE', 'too much');

# what is not what was announced

my $awaited = Clave::Application::said($app->submit($app->order()))->{id};
is(Clave::Application::problem($app->put($awaited, 'd1', 'another text')), '422 E-API-DIGEST',
	'not the announced bytes');
is(Clave::Application::problem($app->put($awaited, 'd2', TEXT)), '404 E-NOTFOUND',
	'a document that nobody announced');
is(Clave::Application::problem($app->put('0' x 28, 'd1', TEXT)), '404 E-NOTFOUND', 'of nothing');
$response = http("PUT /ordenes/transactions/$awaited/documents/d1 HTTP/1.1\r\nHost: sede.example.gob.es\r\n"
	. "Connection: close\r\nContent-Length: 104857600\r\n\r\n");
is(Clave::Application::problem($response), '413 E-SIGN-SIZE', 'too large, and known before it is sent');
is(Clave::Application::said($response)->{limit}, 2 * 1024 * 1024, 'with the limit');
$response = http("PUT /ordenes/transactions/$awaited/documents/d1 HTTP/1.1\r\nHost: sede.example.gob.es\r\n"
	. "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" . ("10000\r\n" . 'x' x 65536 . "\r\n") x 33);
is(Clave::Application::problem($response), '413 E-SIGN-SIZE', 'too large, found out on the way');
my $pdf = Clave::Application::said($app->submit($app->order(format => 'pades', documents => [
	{ id => 'p', name => 'p.pdf', type => 'application/pdf', sha256 => sha256_hex(TEXT) } ])))->{id};
is(Clave::Application::problem($app->put($pdf, 'p', TEXT)), '400 E-SIGN-DOC', 'no PDF');
is(Clave::Application::said($app->put($awaited, 'd1', TEXT))->{documents}[0]{state}, 'stored',
	'after all that, the right one');

# addresses and methods

is(Clave::Application::problem($app->ask('GET', '/transactions')), '405 E-METHOD', 'there is no list');
is(Clave::Application::problem($app->ask('GET', '/')), '404 E-NOTFOUND', 'nor anything else');
is(Clave::Application::problem($app->ask('GET', "/transactions/$id/documents")), '404 E-NOTFOUND', 'half a place');
is(Clave::Application::problem($app->ask('GET', "/transactions/" . 'z' x 28)), '404 E-NOTFOUND', 'an unknown id');
($base) = $ana->submit('/', 'a=1');  # a form that nobody signs is no transaction

# from elsewhere

$response = $app->submit($app->order(), headers => [ 'X-Test-Address: 192.0.2.7' ]);
is(Clave::Application::problem($response), '403 E-API-ADDR', 'another machine');
my $open = Clave::Application->new(at => '/abierto');
is(status_of($open->submit($open->order(idempotency_key => 'x'), headers => [ 'X-Test-Address: 192.0.2.7' ])), 201,
	'unless the location allows it');
is(status_of($open->submit($open->order(), headers => [ 'X-Test-Address: 198.51.100.7' ])), 403,
	'which it alone decides');

my $local = IO::Socket::UNIX->new(Peer => "$d/api.sock");
print $local "GET /ordenes/transactions/$id HTTP/1.1\r\nHost: sede.example.gob.es\r\nConnection: close\r\n\r\n";
is(Clave::Application::said(join '', <$local>)->{state}, 'delivered', 'by a unix socket');

# over a reload, and without the worker that took it

my $lasting = $app->prepare();
$base = "/.clave/sign/$lasting->{id}/";
$ana->get($base);
$t->reload();
is($app->look($lasting->{id})->{state}, 'shown', 'a reload changes nothing');
$ana->follow($ana->authorise($ana->confirm($base)));
is($app->look($lasting->{id})->{state}, 'signed', 'nor for who signs');

# logs

my $log = $t->read_file('error.log');
unlike($log, qr/00000000T|Garc|Alta de beneficiario|Solicito/, 'no person and no document in the log');
my $ref = Clave::Application::said($app->submit('[]'))->{ref};
is(scalar(() = $t->read_file('error.log') =~ /clave: E-API-FMT ref=\Q$ref\E /g), 1,
	'a refusal has its line, by the reference that was told');

###############################################################################
