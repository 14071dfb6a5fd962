#!/usr/bin/perl

# What nginx -t finds in the directives of signing: file, line and remedy (product section 4).

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::SigningConf;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http/)->plan(65);
my $d = $t->testdir();
my $keys = clave_keys();

sub complaints {
	my ($location, @change) = @_;
	return signing_complaints($t, "location / { $location }", @change);
}

sub refused {
	my ($name, $message, $location, @change) = @_;
	signing_refused($t, $name, $message, "location / { $location }", @change);
}

my $form = 'clave permanente_otp; clave_sign form;';

unlike(complaints($form), qr/emerg/, 'all that is needed');
like(complaints($form), qr/^\[warn\] clave: "clave_sign" without "clave_sign_trusted_certificate" takes the certificate of a signer from any issuer; give .* in \S+:\d+$/m,
	'a warning that signers of any issuer will do');
unlike(complaints($form, sign_trusted_certificate => "$keys/sp.pem"), qr/emerg|any issuer/, 'not where there are authorities');
unlike(complaints('clave pin; clave_sign off;'), qr/any issuer/, 'nor where nobody signs');
unlike(complaints('clave pin; clave_sign off;'), qr/emerg/, 'off, at any level');
unlike(complaints($form, firma_max_document => '128m'), qr/emerg/, 'as large as can be verified');
refused('and no larger', qr/"clave_firma_max_document" can be 128m at most/, $form, firma_max_document => '129m');
my ($line) = map { /:(\d+)$/m } complaints($form, firma_max_document => '129m');
like((split /\n/, $t->read_file('nginx.conf'))[$line - 1], qr/clave_firma_max_document 129m;/, 'told at its own line');

for my $needed (['firma', 'the broker'], ['firma_certificate', 'by which FIRe knows'],
	['firma_certificate_key', 'by which FIRe knows'], ['sign_archive', 'where documents'],
	['sign_evidence', 'without which nothing may be signed'])
{
	my ($name, $why) = @$needed;
	refused("no $name", qr/"clave_sign" needs a "clave_$name", $why/, $form, $name => undef);
}

refused('nobody to sign', qr/"clave_sign" needs to know who signs; add "clave permanente_otp;"/,
	'clave_sign form;');
refused('a stranger may sign', qr/"clave_sign" needs to know who signs/, 'clave optional; clave_sign form;');
refused('too low a level', qr/"clave pin" is too low for "clave_sign": Cl\@ve Firma needs Cl\@ve Permanente/,
	'clave pin; clave_sign form;');
refused('an unknown way', qr/"clave_sign frm" should be "off", "form" or "upstream"; did you mean "form"\?/,
	'clave permanente_otp; clave_sign frm;');
refused('an unknown format', qr/unknown format "xade" of "clave_sign"; did you mean "xades"\?/,
	'clave permanente_otp; clave_sign form format=xade;');
refused('an unknown upgrade', qr/unknown upgrade "ES-LTVX" of "clave_sign"; did you mean "ES-LTV"\?/,
	'clave permanente_otp; clave_sign form upgrade=ES-LTVX;');
refused('an upgrade of nothing', qr/"upgrade=ES-T" of "clave_sign" is not for "format=none": a plain signature has no room/,
	'clave permanente_otp; clave_sign form upgrade=ES-T format=none;');
refused('an upgrade behind the signature', qr/"upgrade=ES-LTV" of "clave_sign" is not for "format=pades": .* use "upgrade=ES-T"/,
	'clave permanente_otp; clave_sign form format=pades upgrade=ES-LTV;');
refused('an upgrade of PDF', qr/"upgrade=ES-LTV" of "clave_sign" is for signatures in PDF only; use "upgrade=ES-A"/,
	'clave permanente_otp; clave_sign upstream upgrade=ES-LTV;');
unlike(complaints('clave permanente_otp; clave_sign form format=xades upgrade=LTA-LEVEL;'), qr/emerg/,
	'an upgrade');
refused('an unknown parameter', qr/invalid parameter "titel=x" of "clave_sign"; did you mean "title"\?/,
	'clave permanente_otp; clave_sign form titel=x;');
refused('another operation', qr/operation "cosign" of "clave_sign" is not for forms; use "operation=sign"/,
	'clave permanente_otp; clave_sign form operation=cosign;');
refused('a delivery elsewhere', qr{"deliver=https://x/" of "clave_sign" should be a path of this site},
	'clave permanente_otp; clave_sign form deliver=https://x/;');

# documents that applications answer with

my $upstream = 'clave permanente_otp; clave_sign upstream';
unlike(complaints("$upstream format=pades \"title=Alta de beneficiario\" procedure=ALTA operation=sign;"), qr/emerg/,
	'answers: all that is needed');
refused('answers: nobody to sign', qr/"clave_sign" needs to know who signs/, 'clave_sign upstream;');
refused('answers: too low a level', qr/"clave pin" is too low for "clave_sign"/, 'clave pin; clave_sign upstream;');
refused('answers: no evidence', qr/"clave_sign" needs a "clave_sign_evidence"/, "$upstream;", sign_evidence => undef);
refused('answers: where to', qr/"deliver" is not for "clave_sign upstream": the application says where, with "return="/,
	"$upstream deliver=/recibido;");
refused('answers: another operation', qr/operation "cosign" of "clave_sign" is not for answers; use "operation=sign"/,
	"$upstream operation=cosign;");
like(complaints("$upstream; proxy_hide_header X-Clave-Sign; proxy_pass http://127.0.0.1:8081;"),
	qr/^\[warn\] clave: "proxy_hide_header X-Clave-Sign" hides from "clave_sign upstream" what has to be signed.* in \S+:\d+$/m,
	'answers: a header that is hidden');
unlike(complaints('clave permanente_otp; proxy_hide_header X-Clave-Sign; proxy_pass http://127.0.0.1:8081;'),
	qr/hides/, 'elsewhere: none of our business');

refused('plain HTTP', qr{"clave_firma http://fire/ should be an https URL|"clave_firma http://fire/" should be an https URL},
	$form, firma => 'http://fire/ app_id=SEDE');
refused('no application', qr/"clave_firma" needs "app_id="/, $form, firma => 'https://fire/x SEDE');
refused('a key of somebody else', qr/"clave_firma_certificate" and "clave_firma_certificate_key" do not match/,
	$form, firma_certificate => "$keys/gateway.pem");
system("cd $d && openssl req -x509 -newkey rsa:2048 -noenc -keyout simulator.key -out simulator.pem "
	. "-subj '/O=SIMULADOR/CN=Sello SIMULADOR' -days 365 2>openssl.err") == 0 or die "no certificate\n";
for my $directive (qw/ firma_certificate firma_trusted_certificate sign_trusted_certificate /) {
	my %own = $directive eq 'firma_certificate' ? (firma_certificate_key => "$d/simulator.key") : ();
	refused("the simulator's clave_$directive", qr/certificate ".*SIMULADOR.*" belongs to the simulator; .*clave_simulator on/,
		$form, $directive => "$d/simulator.pem", %own);
}
refused('too short a retention', qr/invalid parameter "retain=5m" of "clave_sign_archive"; give "retain="/,
	$form, sign_archive => "$d/archive retain=5m");
refused("a person's share $_->[0]", qr/invalid parameter "$_->[0]" of "clave_sign_archive"; give "$_->[1]=off"/,
	$form, sign_archive => "$d/archive retain=30d $_->[0]")
	for map { [ $_, /^(\w+)/ ] } qw/ per_person=0 per_person=81 per_person=x per_person_size=1m /;

# a form needs somebody who takes it

my $takes_none = qr/^\[warn\] clave: "clave_sign form" is in a location that serves files, and nothing there takes the signed form: nginx answers 405 to it; add the "proxy_pass" or "fastcgi_pass" of the application, or "deliver=" and its address in \S+:\d+$/m;
for my $files ($form, "$form root /srv;", "$form alias /srv/;", "$form index index.html;", "$form autoindex on;") {
	like(complaints($files), $takes_none, "files: $files");
	unlike(complaints($files), qr/emerg/, 'and nginx starts');
}
for my $taken ("$form proxy_pass http://127.0.0.1:8081;", "proxy_pass http://127.0.0.1:8081; $form", "$form fastcgi_pass 127.0.0.1:9000;",
	'clave permanente_otp; clave_sign form deliver=/recibido;', "$form try_files \$uri \@app;", "$form index index.php;",
	"$form return 204;", "$form error_page 405 = /app;", "$form location ~ \\.php { fastcgi_pass 127.0.0.1:9000; }",
	'clave permanente_otp; clave_sign upstream;')
{
	unlike(complaints($taken), qr/serves files/, "somebody may: $taken");
}

undef $t;  # its own checks come now: the functions above would hold it to the end

###############################################################################
