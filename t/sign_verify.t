#!/usr/bin/perl

# Anybody can check what was signed, with the command that the receipt shows, and other people's programs
# take what we deliver (product.md section 1: verifiable by a shown public command).

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Fire;
use Clave::Signer;

use File::Path qw/ make_path /;
use JSON::PP;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy/)->has_daemon('openssl')->has_daemon('xmlsec1')
	->has_daemon('xmllint')->has_daemon('pdfsig')->plan(31);
my $fire = Clave::Fire->new($t);

clave_conf($t, http => $fire->conf(), server => <<'EOF');
        clave_simulator on;

        location /cades/ {
            clave permanente_otp;
            clave_sign form format=cades;
            proxy_pass http://127.0.0.1:8081;
        }

        location /xades/ {
            clave permanente_otp;
            clave_sign form format=xades;
            proxy_pass http://127.0.0.1:8081;
        }

        location /pades/ {
            clave permanente_otp;
            clave_sign form format=pades;
            proxy_pass http://127.0.0.1:8081;
        }

        location /none/ {
            clave permanente_otp;
            clave_sign form format=none;
            proxy_pass http://127.0.0.1:8081;
        }
EOF

backend($t)->run();

my $authority = $fire->state() . '/firma-ca.pem';
my $pdf = Clave::Signer->small_pdf();
my $ana = Clave::Signer->new(fire => $fire);
$ana->login('/cades/');

###############################################################################

for my $format (qw/ cades xades pades none /) {
	my $base = submit($format);
	is(status_of($ana->sign_at($base)), 200, "$format: signed");
	$fire->history($base, qr/delivered$/);
	my ($command) = $ana->get($base) =~ m{<pre class="command"><code>(.*?)</code></pre>}s;
	my %entity = (amp => '&', lt => '<', gt => '>', quot => '"', '#39' => "'");
	$command =~ s/&([^;]+);/$entity{$1} \/\/ "?"/ge;

	# as a person saves them
	my $there = $t->testdir() . "/$format";
	make_path($there);
	my %file = (documento => http_content($ana->get("${base}document?download=1")),
		firma => http_content($ana->get("${base}signature")),
		'certificado.pem' => decode_json(http_content($ana->get("${base}receipt.json")))->{certificate});
	save($there, %file);
	is(run($there, $command), 0, "$format: the command that the receipt shows finds it good");

	# what was signed is another document: within the signature, where it holds the document
	my $inside = $format eq 'xades' || $format eq 'pades';
	my %changed = $inside ? (firma => other($format, $file{firma})) : (documento => "$file{documento} ");
	isnt(join('', values %changed), $inside ? $file{firma} : $file{documento}, "$format: of another document");
	save($there, %changed);
	isnt(run($there, $command), 0, "$format: it does not");
	if ($inside) {
		save($there, %file, documento => "$file{documento} ");
		isnt(run($there, $command), 0, "$format: nor beside another document");
	}

	# a signature of something else
	save($there, %file, firma => broken($format, $file{firma}));
	isnt(run($there, $command), 0, "$format: nor of a signature that was changed");
	save($there, %file);
	next if $format ne 'pades';

	# what was signed stays as it is, and readers show something else
	save($there, firma => updated($file{firma}));
	like(said($there, 'pdfsig -nocert firma'), qr/Not total document signed.*Signature is Valid/s,
		'pades: a page added after the signature');
	isnt(run($there, $command), 0, 'pades: nor of a file that goes on after what was signed');
	save($there, %file);
}

# the programs of others, with the authority

my $d = $t->testdir();
is(run("$d/cades", "openssl cms -verify -binary -inform DER -in firma -content documento -CAfile $authority "
	. '-purpose any -out /dev/null'), 0, 'openssl: CAdES, up to the authority');
is(run("$d/xades", "xmlsec1 --verify --trusted-pem $authority --enabled-key-data x509 --id-attr:Id "
	. '"http://uri.etsi.org/01903/v1.3.2#:SignedProperties" firma'), 0, 'xmlsec1: XAdES, up to the authority');
is(run("$d/none", "openssl verify -CAfile $authority certificado.pem && openssl x509 -noout -pubkey "
	. '-in certificado.pem > clave.pem && openssl dgst -sha256 -verify clave.pem -signature firma documento'), 0,
	'openssl: PKCS#1, up to the authority');
my $said = said("$d/pades", 'pdfsig -nocert firma');
like($said, qr/Signature is Valid/, 'pdfsig: PAdES is valid');
like($said, qr/ETSI\.CAdES\.detached/, 'of its kind');
like($said, qr/Total document signed/, 'over the whole file');
is(scalar(() = $said =~ /^Signature #/mg), 1, 'once');

###############################################################################

sub submit {
	my ($format) = @_;
	return $ana->submit("/$format/", 'nombre=Ana&acepto=si') if $format ne 'pades';
	my $body = "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"solicitud.pdf\"\r\n"
		. "Content-Type: application/pdf\r\n\r\n$pdf\r\n--x--\r\n";
	return header_of($ana->request('POST', '/pades/', body => $body,
		headers => [ 'Content-Type: multipart/form-data; boundary=x',
			'Origin: https://sede.example.gob.es' ]), 'Location');
}

sub save {
	my ($there, %file) = @_;
	for my $name (keys %file) {
		open my $out, '>:raw', "$there/$name" or die "Can't write $name: $!\n";
		print $out $file{$name};
		close $out or die "Can't write $name: $!\n";
	}
}

sub run {
	my ($there, $command) = @_;
	open my $script, '>', "$there/orden.sh" or die "Can't write orden.sh: $!\n";
	print $script "$command\n";
	close $script or die "Can't write orden.sh: $!\n";
	return system("cd $there && LC_ALL=C.UTF-8 sh orden.sh >salida 2>&1") >> 8;
}

sub said {
	my ($there, $command) = @_;
	run($there, $command);
	open my $said, '<', "$there/salida" or die "Can't read salida: $!\n";
	local $/;
	return scalar <$said>;
}

# One more update of the PDF, whose only page is another now.

sub updated {
	my ($signature) = @_;
	my ($is, $page) = $signature =~ /.*^((\d+) 0 obj\s*<<[^\n]*\/Type\s*\/Page\b(?!s)[^\n]*)/ms or return $signature;
	my ($before) = $signature =~ /.*startxref\s+(\d+)/s or return $signature;
	my ($size, $root) = map { $signature =~ /.*$_/s ? $1 : return $signature } qr{/Size\s+(\d+)}, qr{/Root\s+(\d+ 0 R)};
	my $at = length $signature;
	my $object = "\n" . $is =~ s/0 0 200 200/0 0 20 20/r . "\nendobj\n";
	return "$signature${object}xref\n$page 1\n" . sprintf("%010d 00000 n \n", $at + 1)
		. "trailer\n<< /Size $size /Root $root /Prev $before >>\nstartxref\n"
		. ($at + length $object) . "\n%%EOF\n";
}

# The same signature around another document.

sub other {
	my ($format, $signature) = @_;
	if ($format eq 'pades') {
		return $signature =~ s/\[0 0 200 200\]/[0 0 200 201]/r;
	}
	# The document is base64 in a ds:Object.
	my ($value) = $signature =~ m{<(?:ds:)?Object[^>]*>([A-Za-z0-9+/=\s]{16,})</}s or return $signature;
	my $letter = substr($value, 8, 1) eq 'A' ? 'B' : 'A';
	my $at = index($signature, $value) + 8;
	return substr($signature, 0, $at) . $letter . substr($signature, $at + 1);
}

# One byte of what was made with the key.

sub broken {
	my ($format, $signature) = @_;
	if ($format eq 'xades') {
		return $signature =~ s{(SignatureValue[^>]*>\s*)(.)}{$1 . ($2 eq 'A' ? 'B' : 'A')}esr;
	}
	if ($format eq 'pades') {
		my ($hex) = $signature =~ /<(3[0-9a-fA-F]{500,}?)0*>/ or return $signature;
		my $at = index($signature, $hex) + length($hex) - 100;
		my $digit = substr($signature, $at, 1) eq '1' ? '2' : '1';
		return substr($signature, 0, $at) . $digit . substr($signature, $at + 1);
	}
	my $at = length($signature) - 20;
	return substr($signature, 0, $at) . chr(ord(substr $signature, $at, 1) ^ 1) . substr($signature, $at + 1);
}

$fire = $ana = undef;
undef $t;  # its own checks come now: the functions above would hold it to the end

###############################################################################
