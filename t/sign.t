#!/usr/bin/perl

# A form that has to be signed: frozen, shown, confirmed, signed in the cloud, verified, and only then
# handed to the application, as it was sent (checklist F-02 to F-05, F-07, F-08, F-12, F-15, F-17).

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Browser;
use Clave::Fire;
use Clave::Metrics;
use Clave::Signer;

use Digest::SHA qw/ sha256_hex /;
use JSON::PP;
use Time::Piece ();

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

use constant BENITO => (method => 'permanente', loa => 'substantial', nif => '11111111H');

my $t = Test::Nginx->new()->has(qw/http proxy/)->has_daemon('openssl')->plan(104);
my $fire = Clave::Fire->new($t);

clave_conf($t, http => <<'EOF' . $fire->conf(), server => <<'EOF_SERVER');
    error_log %%TESTDIR%%/error.log debug;
    clave_audit_log %%TESTDIR%%/audit.log;

    server {
        listen 127.0.0.1:8082;
        location /status { clave_status; }
    }
EOF
        clave_simulator on;

        location / {
            clave permanente_otp;
            proxy_pass http://127.0.0.1:8081;
        }

        location /firmar/ {
            clave permanente_otp;
            clave_sign form "title=Alta de beneficiario" procedure=ALTA;
            add_header X-Signed "$clave_sign_id $clave_sign_status.";
            proxy_pass http://127.0.0.1:8081;
        }

        location /pdf/ {
            clave permanente_otp;
            clave_sign form format=pades;
            proxy_pass http://127.0.0.1:8081;
        }

        location /lejos/ {
            clave permanente_otp;
            clave_sign form deliver=/recibido;
            proxy_pass http://127.0.0.1:8081;
        }

        location /red/ {
            satisfy any;
            allow all;
            clave permanente_otp;
            clave_sign form;
            proxy_pass http://127.0.0.1:8081;
        }
EOF_SERVER

backend($t)->run();

###############################################################################

# the whole way

my $ana = Clave::Signer->new(fire => $fire);
like($ana->login('/firmar/'), qr/^HTTP\S+ 200/, 'a form is fetched as ever');

my $form = 'nombre=Ana+Garc%C3%ADa&acepto=s%C3%AD&notas=uno%0D%0Ados%3A+tres';
my $hits = backend_hits();
my ($base, $response) = $ana->submit('/firmar/alta?paso=2', $form);
is(status_of($response), 303, 'a form to sign leads to its review');
like($base, qr{^/\.clave/sign/[0-9a-z]{28}/$}, 'by an address that nobody guesses');
is(backend_hits(), $hits, 'and not to the application');

my $review = $ana->get($base);
is(status_of($review), 200, 'the review');
my $document = http_content($ana->get("${base}document"));
is($document, "Alta de beneficiario\nProcedimiento: ALTA\n\nnombre: Ana Garc\xC3\xADa\n"
	. "acepto: s\xC3\xAD\nnotas: uno\n    dos: tres\n", 'the document: the fields as text');
my $sha = sha256_hex($document);
like($review, qr/$sha/, 'the review shows its digest');
like($ana->get("${base}document"), qr/^Content-Security-Policy: sandbox;/m, 'shown in a sandbox');
like($ana->get("${base}document?download=1"), qr/^Content-Disposition: attachment;/m,
	'and to download');
is(status_of($ana->get("${base}signature")), 404, 'no signature yet');

my $onward = $ana->confirm($base);
like($onward, qr{href="https://firma\.localhost:\d+/fire-signature/public/entry\?},
	'after the confirmation a link to Cl@ve Firma');
is(backend_hits(), $hits, 'the application knows nothing yet');

my $ok = $ana->authorise($onward);
$response = $ana->get($ok);
is(header_of($response, 'Location'), $base, 'back from Cl@ve Firma');
$response = $ana->get($base);
is(header_of($response, 'Location'), "${base}deliver", 'signed: onward');
$response = $ana->get("${base}deliver");
is(header_of($response, 'Location'), '/firmar/alta?paso=2', 'to where the form was sent');
$response = $ana->get('/firmar/alta?paso=2');
my $saw = backend_saw($response);
is($saw->{method}, 'POST', 'the application gets the form: method');
is($saw->{uri}, '/firmar/alta?paso=2', 'address');
is($saw->{body}, $form, 'octets');
is($saw->{headers}{'content-type'}, 'application/x-www-form-urlencoded', 'type');
is($saw->{headers}{origin}, 'https://sede.example.gob.es', 'origin');
is($saw->{headers}{'x-clave-nif'}, '00000000T', 'identity');
is($saw->{headers}{'x-clave-sign-state'}, 'signed', 'state');
is($saw->{headers}{'x-clave-sign-nif'}, '00000000T', 'signer');
is($saw->{headers}{'x-clave-sign-sha256'}, $sha, 'digest of the document');
is($saw->{headers}{'x-clave-sign-receipt'}, $base, 'receipt');
is($saw->{headers}{'x-clave-sign-reason'}, undef, 'and no reason: only what is signed is handed over');
my ($id) = $base =~ m{sign/(\w+)/};
is($saw->{headers}{'x-clave-sign-id'}, $id, 'its number');
is(header_of($response, 'X-Signed'), "$id signed.", 'the same in variables');
is(header_of($ana->get('/firmar/'), 'X-Signed'), '.', 'which are empty for everything else');
unlike($saw->{headers}{cookie} // '', qr/__Host-clave/, 'no cookie of ours');

my $signature = http_content($ana->get("${base}signature"));
is($saw->{headers}{'x-clave-sign-signature-sha256'}, sha256_hex($signature), 'its signature');
is($t->read_file("archive/$id/document"), $document, 'the office has both in the archive: the document');
is($t->read_file("archive/$id/signature"), $signature, 'and the signature');
$t->write_file('signature', $signature);
$t->write_file('document', $document);
my $d = $t->testdir();
is(system("openssl cms -verify -binary -inform DER -in $d/signature -content $d/document -CAfile "
	. $fire->state() . "/firma-ca.pem -purpose any -out $d/verified 2>$d/openssl.log"), 0,
	'which openssl verifies');

$fire->history($base, qr/delivered$/);  # noted after the application has answered
my $receipt = $ana->get($base);
is(status_of($receipt), 200, 'the receipt');
like($receipt, qr/$sha/, 'with the digest');
my $json = decode_json(http_content($ana->get("${base}receipt.json")));
is($json->{document_sha256}, $sha, 'also as JSON');
is($json->{signer_nif}, '00000000T', 'with the signer');
like($json->{time_madrid}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0[12]:00$/, 'and the time of Madrid');
is(seconds($json->{time_madrid}), seconds($json->{time}), 'which is the same moment');
$t->write_file('certificate.pem', $json->{certificate});
like(`openssl x509 -noout -subject -in $d/certificate.pem`, qr/IDCES-00000000T/, 'and the certificate');
is($fire->history($base, qr/delivered$/), 'created shown confirmed at_gateway recovering recovering signed signed '
	. 'delivered', 'the evidence has every step');
unlike($t->read_file('evidence.log'), qr/00000000T|Garc/, 'and no name or NIF');

# counted, and in the audit log, once for each end

my @ends = signatures_in_audit_log();
is(join(' ', map { $_->{state} } @ends), 'signed delivered', 'the audit log: signed, delivered');
is("$ends[0]{nif} $ends[0]{format} $ends[0]{procedure} $ends[0]{method}",
	'***0000** cades ALTA permanente', 'by whom, masked; how, and what for');
like($ends[0]{ref}, qr/^[0-9A-Z]{4}(-[0-9A-Z]{4}){6}$/, 'with the number of the receipt');
my ($built) = ($ENV{TEST_NGINX_GLOBALS} // '') =~ m{load_module (\S+)/};
my ($number, $logs) = (lc($ends[0]{ref} =~ s/-/ /gr), $t->testdir());
my $explain = ($built // Clave::project() . '/build') . "/clavectl explain '$number' --json";
my $explained = decode_json(`$explain --error-log '$logs/error.log' --audit-log '$logs/audit.log'`);
is(join(' ', $explained->{ref}, map { $_->{line} =~ /"state":"(\w+)"/ } @{$explained->{audit}}),
	"$ends[0]{ref} signed delivered", 'which clavectl explains, as it is read out');
my $metrics = metrics_in(http_content(http_get('/status', PeerAddr => '127.0.0.1:' . port(8082))));
is(join(' ', map { $metrics->{qq(clave_signatures_total{format="cades",state="$_"})} // 0 }
	qw/ signed delivered failed /), '1 1 0', 'and counted');

# once

$response = $ana->get('/firmar/alta?paso=2');
is(backend_saw($response)->{method}, 'GET', 'a reload is a page load');
$ana->get($ok);
is(scalar(grep { $_ == 2 } $fire->operations()), 1, 'FIRe is asked once, whoever comes back');
is(header_of($ana->get("${base}deliver"), 'Location'), $base, 'and nothing is handed over twice');

# not without a person who has seen it

my ($other) = $ana->submit('/firmar/alta', 'a=1');
my $before = () = $fire->operations();
is(status_of($ana->post("${other}confirm", 'token=&read=1')), 403, 'no token');
my $token = $ana->token($ana->get($other));
is(status_of($ana->post("${base}confirm", "token=$token&read=1")), 403, 'of another document');
is(status_of($ana->post("${other}confirm", "token=$token&read=1", 'Sec-Fetch-Site: cross-site')),
	403, 'by another site');
is(status_of($ana->get("${other}confirm")), 405, 'by a link');
$ana->post("${other}confirm", "token=$token");
is(scalar(() = $fire->operations()), $before, 'not read: FIRe has heard of none of it');

# somebody else's

my $benito = Clave::Browser->new();
$benito->login('/firmar/', BENITO);
is(status_of($benito->get($other)), 404, 'to others it is not there');
is(status_of($benito->get("${other}document")), 404, 'nor is its document');
is(status_of($benito->post("${other}confirm", "token=$token&read=1")), 404, 'nor do they confirm');
like(header_of(Clave::Browser->new()->get($other), 'Location') // '', qr{/\.clave/login\?},
	'a stranger logs in first');
is(status_of($ana->get('/.clave/sign/' . '0' x 28 . '/')), 404, 'a guessed one');

# twice at once

$ana->post("${other}confirm", "token=$token&read=1") for 1, 2;
is(scalar(() = $fire->operations()), $before + 1, 'two confirmations, one transaction');
$onward = $ana->get($other);

# nobody knows the address to come back to

is(status_of($ana->get("${other}ok?n=AAAAAAAAAAAAAAAAAAAAAA")), 404, 'a wrong nonce');
is(status_of($ana->get("${other}ko")), 404, 'none');
like($ana->get($other), qr/transactionid=/, 'and the signature is still under way');

# back by the other address, and again

$response = $ana->follow($ana->authorise($onward) =~ s{/ok\?}{/ko?}r);
unlike($response, qr/transactionid=/, 'that is its end');
my ($again) = header_of($ana->post("${other}again", 'token=' . $ana->token($response)), 'Location');
isnt($again, $other, 'it can be tried again');
is(http_content($ana->get("${again}document")),
	"Alta de beneficiario\nProcedimiento: ALTA\n\na: 1\n", 'with the same document');
is(backend_saw($ana->sign_at($again))->{body}, 'a=1', 'and the form goes on as it was typed');

# before going there

my ($left) = $ana->submit('/firmar/alta', 'b=1');
$ana->post("${left}cancel", 'token=' . $ana->token($ana->get($left)));
is($fire->history($left), 'created shown cancelled', 'cancelled on the review');
is((signatures_in_audit_log())[-1]{state}, 'cancelled', 'and in the audit log');
unlike($ana->get($left), qr/confirm"/, 'which is over');

# a file is the document itself

my $pdf = $ana->small_pdf();
my $multipart = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x\r\n"
	. "Content-Disposition: form-data; name=\"f\"; filename=\"solicitud.pdf\"\r\n"
	. "Content-Type: application/pdf\r\n\r\n$pdf\r\n--x--\r\n";
my ($of_file) = header_of($ana->request('POST', '/pdf/', body => $multipart,
	headers => [ 'Content-Type: multipart/form-data; boundary=x' ]), 'Location');
is(http_content($ana->get("${of_file}document")), $pdf, 'a file is the document');
my $shown_of_file = $ana->get($of_file);
like($shown_of_file, qr/Su firma no los incluye: usted firma solo el documento/, 'what is sent with it is not signed, and the page says so');
like($shown_of_file, qr/<iframe[^>]* sandbox src="${of_file}fields"/, 'it is shown');
my $fields = $ana->get("${of_file}fields");
is(http_content($fields), "a: 1\n", 'as text');
like($fields, qr/^Content-Security-Policy: sandbox; default-src 'none'/mi, 'which runs nothing');
unlike($ana->get($base), qr/Su firma no los incluye/, 'where nothing was sent beside, nothing is said');
is(status_of($ana->get("${base}fields")), 404, 'and nothing is there');
is(status_of($benito->get("${of_file}fields")), 404, 'nor for others');
$ana->post("${of_file}cancel", 'token=' . $ana->token($ana->get($of_file)));
$response = $ana->post("${of_file}again", 'token=' . $ana->token($ana->get($of_file)));
$of_file = header_of($response, 'Location');
is(http_content($ana->get("${of_file}fields")), "a: 1\n", 'begun again, it is still with it');
is(backend_saw($ana->sign_at($of_file))->{body}, $multipart, 'the form around it goes on whole');
like(http_content($ana->get("${of_file}signature")), qr/^\Q$pdf\E/, 'its signature begins with it');
$response = $ana->post('/pdf/', 'a=1');
is(status_of($response), 400, 'a form without a file, where a PDF is wanted');
like($response, qr/Lo que ha enviado no se puede firmar.*No se ha firmado nada\. Tampoco.*en PDF si se lo piden/s,
	'and what to do about it');

# elsewhere

$response = $ana->sign_at($ana->submit('/lejos/', 'c=1'));
is(backend_saw($response)->{uri}, '/recibido', 'deliver= leads elsewhere');
is(backend_saw($response)->{headers}{'x-clave-sign-state'}, 'signed', 'signed');

# a fault of the application is no delivery

my ($failed) = $ana->submit('/firmar/alta?status=502', 'd=1');
$ana->sign_at($failed);
like($fire->history($failed, qr/ signed signed signed$/), qr/ signed signed signed$/,
	'a 502 is no delivery');
is(backend_saw($ana->follow("${failed}deliver"))->{body}, 'd=1', 'and it can be handed over again');
my ($unfound) = $ana->submit('/firmar/alta?status=404', 'd=2');
is(status_of($ana->sign_at($unfound)), 404, 'what the application says is passed on');
unlike($fire->history($unfound), qr/delivered/, 'a 404 is no delivery');
like($ana->get($unfound), qr/Entregarlo de nuevo/, 'and the page offers another');

# the session ends while the review is read: nothing is decided, and the login leads back to it

my $read = $ana->submit('/firmar/alta', 'e=1');
my $pledge = $ana->token($ana->get($read));
my $late = Clave::Signer->new(fire => $fire);
$response = $late->post("${read}confirm", "token=$pledge&read=1", 'Origin: https://sede.example.gob.es');
my $login = header_of($response, 'Location') // '';
like($login, qr{/\.clave/login\?}, 'confirmed when the session is over: a login');
$login =~ s{^https?://[^/]+}{};
$response = $late->come_back(Clave::Gateway::request_in($late->get($login)), method => 'permanente', loa => 'substantial', nif => '00000000T');
is(header_of($response, 'Location'), $read, 'which leads back to what was read');
like($late->get($read), qr/name="token"/, 'and waits for an answer');
is($fire->history($read), 'created shown', 'nothing was decided meanwhile');

# nobody is there to sign

$hits = backend_hits();
is(status_of(http("POST /red/ HTTP/1.1\nHost: sede.example.gob.es\nConnection: close\n"
	. "Content-Length: 3\nContent-Type: application/x-www-form-urlencoded\n\na=1")), 403,
	'let in by address: nobody to sign');
is(backend_hits(), $hits, 'and nothing passes');

# forged by a client

$saw = backend_saw($ana->get('/firmar/', 'X-Clave-Sign-State: signed', 'X-Clave-Sign-Nif: 1'));
ok(!grep({ /^x-clave-sign/ } keys %{$saw->{headers}}), 'clients cannot say that it is signed');
$ana->set_cookie('__Host-clave-sign', ($base =~ m{sign/(\w+)/})[0]);
is(backend_saw($ana->get('/firmar/alta?paso=2'))->{method}, 'GET', 'nor fetch what is delivered');

# nginx itself writes requests and cookies at debug (F-19)
my @ours = grep { / clave: / } split /^/, $t->read_file('error.log');
cmp_ok(scalar @ours, '>', 5, 'F-19: our lines in the log, at debug');
unlike(join('', @ours), qr/00000000T|Garc|acepto|dos: tres/, 'no name, NIF or word of a document in them');
unlike($t->read_file('audit.log'), qr/00000000T|Garc/, 'nor in the audit log');
my $page = http_content(http_get('/status', PeerAddr => '127.0.0.1:' . port(8082)));
is(join("\n", metrics_mistakes($page)), '', 'the counts are as Prometheus wants them');

# Of a time with its distance from UTC.

sub seconds {
	my ($text) = @_;
	my ($moment, $ahead) = $text =~ /^(\S{19})(?:\+0(\d):00|Z)$/ or return -1;
	return Time::Piece->strptime($moment, '%Y-%m-%dT%H:%M:%S')->epoch - 3600 * ($ahead // 0);
}

sub signatures_in_audit_log {
	return grep { $_->{event} eq 'signature' } map { decode_json($_) } split /\n/, $t->read_file('audit.log');
}

$fire = $ana = undef;
undef $t;  # its own checks come now: the function above would hold it to the end

###############################################################################
