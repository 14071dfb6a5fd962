#!/usr/bin/perl

# Several documents that an application orders together: shown together, confirmed once, signed in one
# visit to Cl@ve Firma, each with a result of its own (checklist F-05, F-09, F-14).

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
use JSON::PP;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy/)->has_daemon('openssl')->plan(38);
my $fire = Clave::Fire->new($t);

clave_conf($t, http => "    error_log %%TESTDIR%%/error.log info;\n" . $fire->conf(), server => <<'EOC');
        clave_simulator on;

        location / {
            clave permanente_otp;
            proxy_pass http://127.0.0.1:8081;
        }

        location /ordenes {
            clave_sign_api;
        }
EOC

backend($t)->run();

my $d = $t->testdir();
my $app = Clave::Application->new();
my $ana = Clave::Signer->new(fire => $fire);
$ana->login('/');

my @texts = map { "Documento número $_\n" } 1 .. 3;

sub is_signature_of {
	my ($signature, $text, $name) = @_;
	$t->write_file('signature', $signature);
	$t->write_file('document', $text);
	is(system("openssl cms -verify -binary -inform DER -in $d/signature -content $d/document -CAfile "
		. $fire->state() . "/firma-ca.pem -purpose any -out $d/verified 2>$d/openssl.log"), 0, $name);
}

###############################################################################

# all of them

my $id = Clave::Application::said($app->submit($app->order(texts => \@texts)))->{id};
my $base = "/.clave/sign/$id/";
is(status_of($app->put($id, 'd1', $texts[0])), 200, 'one');
is(status_of($app->put($id, 'd3', $texts[2])), 200, 'and another');
is(status_of($ana->get($base)), 409, 'nothing is shown before all are there');
is(status_of($app->put($id, 'd2', $texts[1])), 200, 'the last');

my $review = $ana->get($base);
is(status_of($review), 200, 'all of them are shown');
for my $i (0 .. 2) {
	like($review, qr/@{[ sha256_hex($texts[$i]) ]}/, 'by its digest');
	is(http_content($ana->get("${base}document?d=" . ($i + 1))), $texts[$i], 'and by its content');
}
like($review, qr/todos los documentos/, 'and have to be read');
is(status_of($ana->get("${base}document?d=4")), 404, 'there is no fourth');

my $before = () = $fire->operations();
my $onward = $ana->confirm($base);
my @asked = ($fire->operations())[$before .. $before + 4];
is_deeply(\@asked, [ 5, 6, 6, 6, 7 ], 'FIRe is asked for a batch');
$ana->follow($ana->authorise($onward));
my $signed = $app->look($id);
is($signed->{state}, 'signed', 'signed');
is_deeply([ map { $_->{state} } @{$signed->{documents}} ], [ ('signed') x 3 ], 'all of them');
for my $i (0 .. 2) {
	my $signature = http_content($app->signature($id, 'd' . ($i + 1)));
	is(sha256_hex($signature), $signed->{documents}[$i]{signature_sha256}, 'a signature');
	is_signature_of($signature, $texts[$i], 'of its document');
	is($app->look($id)->{state}, $i == 2 ? 'delivered' : 'signed', 'delivered when all are fetched');
}
my $receipt = $ana->get($base);
like($receipt, qr/@{[ sha256_hex($texts[1]) ]}/, 'the receipt has each of them');
like($receipt, qr/signature\?d=3/, 'with its signature');
like(http_content($ana->get("${base}receipt.json")), qr/"documents":\[/, 'also as JSON');
like(http_content($ana->get("${base}signature?d=2")), qr/./s, 'for the person, too');

# all but the last

$fire->fault('partial_batch');
my $partial = $app->prepare(texts => \@texts);
$ana->sign_at("/.clave/sign/$partial->{id}/");
$signed = $app->look($partial->{id});
is($signed->{state}, 'signed', 'one fails: the others are signed');
is_deeply([ map { $_->{state} } @{$signed->{documents}} ], [ 'signed', 'signed', 'failed' ], 'each by its result');
is(Clave::Application::problem($app->signature($partial->{id}, 'd3')), '409 E-API-STATE',
	'there is no signature of what failed');
is_signature_of(http_content($app->signature($partial->{id}, 'd2')), $texts[1], 'and one of what did not');

# none, if one fails and the order says so

$fire->fault('partial_batch');
my $stopped = $app->prepare(texts => \@texts, stop_on_error => JSON::PP::true());
$ana->sign_at("/.clave/sign/$stopped->{id}/");
my ($all) = grep { $_->{op} == 7 } reverse @{$fire->ask('fire/requests')};
is($all->{stoponerror}, 'true', 'FIRe is told to stop at an error');
$signed = $app->look($stopped->{id});
is($signed->{state}, 'failed', 'one fails: there is no signature');
is_deeply([ map { $_->{state} } @{$signed->{documents}} ], [ ('failed') x 3 ], 'of any of them');
is(Clave::Application::problem($app->signature($stopped->{id}, 'd1')), '409 E-API-STATE', 'nor is one handed out');
is(Clave::Application::problem($app->submit($app->order(stop_on_error => JSON::PP::true()))), '422 E-API-FIELD',
	'of one document it would mean nothing');

$fire = $ana = undef;
undef $t;  # its own checks come now: the functions above would hold it to the end

###############################################################################
