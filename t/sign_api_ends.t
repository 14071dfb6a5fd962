#!/usr/bin/perl

# Ends of several documents that an application orders together: too many, refused by their person,
# refused by FIRe, one that was exchanged among good ones; and all formats (checklist F-05, F-11, F-14).

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Application;
use Clave::Fire;
use Clave::Signer;

use Digest::SHA qw/ sha256_hex /;
use MIME::Base64;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy/)->has_daemon('xmlsec1')->has_daemon('pdfsig')
	->has_daemon('openssl')->plan(31);
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
my $authority = $fire->state() . '/firma-ca.pem';
my $app = Clave::Application->new();
my $ana = Clave::Signer->new(fire => $fire);
$ana->login('/');
my $persona = $fire->ask('personas')->{ana};

my @texts = map { "Documento $_\n" } 1 .. 3;

###############################################################################

# too many for FIRe: told to the application, and not to FIRe

my $before = () = $fire->operations();
my @many = map { "Documento $_\n" } 1 .. 11;
my $response = $app->submit($app->order(texts => \@many));
is(Clave::Application::problem($response), '422 E-API-FIELD', 'eleven documents: 422');
like(Clave::Application::said($response)->{detail}, qr/^"documents".*\b10\b/, 'with the limit');
is(scalar(() = $fire->operations()), $before, 'FIRe hears nothing of it');
my $ten = $app->prepare(texts => [ @many[0 .. 9] ]);
$ana->sign_at("/.clave/sign/$ten->{id}/");
is_deeply([ map { $_->{state} } @{$app->look($ten->{id})->{documents}} ], [ ('signed') x 10 ], 'ten are signed');

# its person cancels at FIRe (507)

$fire->fault('cancelled');
my $order = $app->prepare(texts => \@texts);
my $base = "/.clave/sign/$order->{id}/";
my (undef, $back) = $fire->walk($ana->confirm($base), $persona);
like($ana->follow($back), qr/<h1>No se ha firmado nada/, 'cancelled at FIRe: the page says so');
ended($order->{id}, 'cancelled', '', 'cancelled at FIRe');

# the signing service fails for all of them (505)

$fire->fault('gateway');
$order = $app->prepare(texts => \@texts);
$base = "/.clave/sign/$order->{id}/";
(undef, $back) = $fire->walk($ana->confirm($base), $persona);
is(status_of($ana->follow($back)), 502, 'the signing service fails: 502');
ended($order->{id}, 'failed', 'gateway', 'the signing service fails');

# none of them is signed as it was ordered

$fire->fault('other_document');
$order = $app->prepare(texts => \@texts);
is(status_of($ana->sign_at("/.clave/sign/$order->{id}/")), 409, 'all were exchanged: 409');
ended($order->{id}, 'failed', 'wrong_document', 'all were exchanged');

# one of them

$fire->fault('other_first');
$order = $app->prepare(texts => \@texts);
$ana->sign_at("/.clave/sign/$order->{id}/");
my $looked = $app->look($order->{id});
is(join(' ', map { $_->{state} . ($_->{reason} ? ":$_->{reason}" : '') } @{$looked->{documents}}),
	'failed:wrong_document signed signed', 'one was exchanged: the others are signed');
is(Clave::Application::problem($app->signature($order->{id}, 'd1')), '409 E-API-STATE', 'of that one, no signature');
is(status_of($ana->get("/.clave/sign/$order->{id}/signature?d=1")), 404, 'nor for the person');
is(sha256_hex(http_content($app->signature($order->{id}, 'd2'))), $looked->{documents}[1]{signature_sha256},
	'of the others, theirs');
like($t->read_file('error.log'), qr/clave: E-SIGN-DIGEST ref=\S+ .*document 1/, 'the log says which');
ok(-e "$d/archive/$order->{id}/signature.refused", 'what was refused is kept apart');

# the other formats

my @pdfs = map { Clave::Signer->small_pdf() =~ s/\[0 0 200 200\]/[0 0 20$_ 200]/r } 1, 2;
for my $case ([ 'xades', 'text/plain', @texts[0, 1] ], [ 'pades', 'application/pdf', @pdfs ],
	[ 'none', 'text/plain', @texts[0, 1] ]) {
	my ($format, $type, @bytes) = @$case;
	my $n = 0;
	my $order = $app->prepare(texts => \@bytes, format => $format, documents => [ map { { id => 'd' . ++$n,
		name => "documento$n", type => $type, sha256 => sha256_hex($_) } } @bytes ]);
	$ana->sign_at("/.clave/sign/$order->{id}/");
	is(join(' ', map { $_->{state} } @{$app->look($order->{id})->{documents}}), 'signed signed',
		"$format: both are signed");
	my $receipt = Clave::Application::said($ana->get("/.clave/sign/$order->{id}/receipt.json"));
	for my $i (1, 2) {
		$t->write_file('documento', $bytes[$i - 1]);
		$t->write_file('firma', http_content($app->signature($order->{id}, "d$i")));
		ok(is_good($format, $bytes[$i - 1], $receipt), "$format: signature $i, of its document");
	}
}

###############################################################################

# Nothing of it is there, for the application or its person.

sub ended {
	my ($id, $state, $reason, $name) = @_;
	my $looked = $app->look($id);
	is($looked->{state} . ' ' . ($looked->{reason} // ''), "$state $reason", "$name: it has ended");
	is(join(' ', grep { $_ eq 'signed' } map { $_->{state} } @{$looked->{documents}}), '', "$name: none is signed");
	is(join(' ', map { Clave::Application::problem($app->signature($id, "d$_")) } 1 .. 3),
		join(' ', ('409 E-API-STATE') x 3), "$name: no signature");
}

sub is_good {
	my ($format, $document, $receipt) = @_;
	if ($format eq 'xades') {
		my ($inside) = $t->read_file('firma') =~ m{<(?:ds:)?Object[^>]*>([A-Za-z0-9+/=\s]{8,})</}s;
		return MIME::Base64::decode_base64($inside // '') eq $document
			&& said_by("xmlsec1 --verify --trusted-pem $authority --enabled-key-data x509 --id-attr:Id "
				. "http://uri.etsi.org/01903/v1.3.2#:SignedProperties $d/firma") =~ /^OK/m;
	}
	if ($format eq 'pades') {
		return index($t->read_file('firma'), $document) == 0
			&& said_by("pdfsig -nocert $d/firma") =~ /Signature is Valid/;
	}
	my $certificate = $receipt->{certificate} // $receipt->{documents}[0]{certificate} // '';
	$t->write_file('certificate.pem', $certificate);
	return said_by("openssl x509 -noout -pubkey -in $d/certificate.pem >$d/key.pem && openssl dgst -sha256 "
		. "-verify $d/key.pem -signature $d/firma $d/documento") =~ /Verified OK/;
}

sub said_by {
	my ($command) = @_;
	return scalar `sh -c '$command' 2>&1`;
}

$fire = $ana = undef;
undef $t;  # its own checks come now: the functions above would hold it to the end

###############################################################################
