#!/usr/bin/perl

# What nginx -t says to somebody who is new to it: slips that are common, with what was meant, and
# what nginx itself would stumble over without naming directive or remedy, or not before somebody
# uses it.

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

my $t = Test::Nginx->new()->has(qw/http/)->has_daemon('setpriv')->plan(77);
my $d = $t->testdir();
my $keys = clave_keys();

# Without what is said of a protected "/", and of signers of any issuer: each has a test elsewhere.

sub of_interest { return join "\n", grep { !/a logout leads to|from any issuer/ } split /\n/, $_[0] }

sub complaints {
	clave_conf($t, @_);
	return of_interest(clave_complaints($t));
}

sub refused {
	my ($name, $message, %part) = @_;
	like(complaints(%part), qr{^\[emerg\] clave: $message.* in \Q$d\E/nginx\.conf:\d+$}m, $name);
}

sub warned {
	my ($name, $message, %part) = @_;
	my $complaints = complaints(%part);
	like($complaints, qr{^\[warn\] clave: $message.* in \Q$d\E/nginx\.conf:\d+$}m, $name);
	unlike($complaints, qr/emerg/, "$name, and nginx starts");
}

# As who starts nginx is root and its workers are not: how it is on a real machine.

sub with_workers {
	my ($user) = @_;
	my $conf = $t->read_file('nginx.conf');
	$conf =~ s/^user root;/user $user;/m or $conf =~ s/user root;/user $user;/ or $> != 0 or die "no user to change\n";
	$t->write_file('nginx.conf', $conf);
	return of_interest(clave_complaints($t));
}

###############################################################################

# whom programs ask, who cannot log in

my %asks = (status => 'monitoring', control => '"clavectl"');
for my $operator (sort keys %asks) {
	my $location = "location /$operator { clave_$operator; %s }";
	warned("a $operator behind a login", qr/"clave_$operator" answers only who is logged in, as of "clave pin", and $asks{$operator} cannot log in; add "clave off;" to its location/,
		server => 'clave pin; ' . sprintf $location, '');
	is(complaints(server => 'clave pin; ' . sprintf $location, $_), '', "a $operator with $_")
		for 'clave off;', 'clave optional;', 'satisfy any; allow 192.0.2.7; deny all;';
	is(complaints(server => "location / { clave pin; } " . sprintf $location, ''), '', "a $operator beside what is protected");
}
warned('a level of its own', qr/"clave_status" answers only who is logged in, as of "clave permanente"/,
	server => 'location /status { clave permanente; clave_status; }');

# the name of the office

warned('no application in the name', qr/"clave_provider_name E00000000X_E04975701" names no application, and Cl\@ve expects one after a ";"; .* as in "E00000000X_E04975701;Sede"/,
	clave => clave_site(provider_name => 'E00000000X_E04975701'), server => 'location / { clave pin; }');
is(complaints(server => 'location / { clave pin; }'), '', 'with one');

# the unit of a time

warned('a timeout in seconds', qr/"clave_session_timeout 15" ends a session after 15 seconds without a request: a time without a unit is in seconds; write "15m" for 15 minutes/,
	http => 'clave_session_timeout 15;', server => 'location / { clave pin; }');
warned('a short one', qr/"clave_session_timeout 59s" ends a session after 59 seconds without a request; write "15m"/,
	http => 'clave_session_timeout 59s 8h;', server => 'location / { clave pin; }');
is(complaints(http => 'clave_session_timeout 60;', server => 'location / { clave pin; }'), '', 'one that may be meant');

# a method by another name

for my $name ([ dni => 'certificado' ], [ DNIe => 'certificado' ], [ PIN24H => 'pin' ], [ clvmovil => 'movil' ], [ SEGSOC => 'permanente' ],
	[ wallet => 'cartera' ]) {
	refused("method $name->[0]", qr/unknown method "$name->[0]"; here it is called "$name->[1]" \(known: "pin", "movil", "permanente", "certificado", "eidas", "cartera"\)/,
		server => "location / { clave pin methods=$name->[0]; }");
}

# one file for the other, and where a path begins

sub with { (clave => clave_site(@_), server => 'location / { clave pin; }') }
refused('a certificate as the key', qr/"[^"]+sp\.pem" is a certificate, and no private key; give the file of its key/, with(certificate_key => "$keys/sp.pem"));
refused('a key as the certificate', qr/"[^"]+sp\.key" is a private key, and no certificate; give the file of its certificate/, with(certificate => "$keys/sp.key"));
refused('a key as the gateway\'s', qr/"[^"]+sp\.key" is a private key, and no certificate/, with(gateway_certificate => "$keys/sp.key"));
refused('a path that begins beside nginx.conf', qr/cannot load certificate "\Q$d\E\/clave\/none\.pem": \(2: No such file or directory\); check the path: "clave\/none\.pem" is relative to nginx\.conf's folder/,
	with(certificate => 'clave/none.pem'));
my $absolute = complaints(with(certificate => "$d/none.pem"));
like($absolute, qr/cannot load certificate "\Q$d\E\/none\.pem": .*; check the path in /, 'one that does not');
unlike($absolute, qr/relative/, 'is not called relative');

# blanks

sub signs { return signing_complaints($t, "location / { clave permanente_otp; clave_sign form $_[0]; }") }
for my $title ('title=Alta de beneficiario', 'title="Alta de beneficiario"') {
	like(signs($title), qr/^\[emerg\] clave: invalid parameter "de" of "clave_sign"; a text with blanks is quoted together with its name, as in "title=Alta de" in /m,
		"$title");
}
unlike(signs('"title=Alta de beneficiario"'), qr/emerg/, 'quoted as a whole');
like(signs('xades'), qr/invalid parameter "xades" of "clave_sign"(?!.*quoted)/, 'what no blank has cut off');
refused('the name of a site', qr/unknown parameter "de" of "clave_theme"; a text with blanks is quoted together with its name, as in "name=Sede de"/,
	http => 'clave_theme name=Sede de pruebas;', server => 'location / { clave pin; }');

# FIRe

my $form = 'location / { clave permanente_otp; clave_sign form; }';
signing_refused($t, 'no app_id', qr{"clave_firma" needs "app_id=" and the name under which FIRe has registered this office, as in "clave_firma https://fire\.example\.gob\.es/f app_id=SEDE;"},
	$form, firma => 'https://fire.example.gob.es/f');

# where signatures are kept

$t->write_file('file', '');
mkdir "$d/there" or die;
signing_refused($t, 'an archive in nothing', qr{cannot make the directory "\Q$d\E/none/archive" of "clave_sign_archive" \(2: No such file or directory\); nginx makes the last part only.*: install -d -m 0755 \Q$d\E/none},
	$form, sign_archive => "$d/none/archive");
signing_refused($t, 'an archive in a file', qr{cannot make the directory "\Q$d\E/file/archive" of "clave_sign_archive" \(20: Not a directory\)}, $form, sign_archive => "$d/file/archive");
signing_refused($t, 'an archive that is a file', qr{"\Q$d\E/file" of "clave_sign_archive" is not a directory}, $form, sign_archive => "$d/file");
signing_refused($t, 'evidence in nothing', qr{cannot write the file "\Q$d\E/none/evidence" of "clave_sign_evidence" \(2: No such file or directory\); its directory has to be there, as after: install -d -m 0755 \Q$d\E/none},
	$form, sign_evidence => "$d/none/evidence");
signing_refused($t, 'evidence in a file', qr{cannot write the file "\Q$d\E/file/evidence" of "clave_sign_evidence" \(20: Not a directory\)}, $form, sign_evidence => "$d/file/evidence");
signing_refused($t, 'evidence that is a directory', qr{"\Q$d\E/there" of "clave_sign_evidence" is a directory; give it a file's name}, $form, sign_evidence => "$d/there");
system("mkfifo $d/pipe") == 0 or die;
signing_refused($t, 'evidence in a pipe', qr{cannot write the file "\Q$d\E/pipe" of "clave_sign_evidence" \(6: }, $form, sign_evidence => "$d/pipe");
unlike(signing_complaints($t, $form, sign_archive => "$d/there"), qr/emerg/, 'a directory that is there');

# root, who has given up writing everywhere, or whoever runs the test

$t->write_file('powerless', '#!/bin/sh'
	. qq{\nexec setpriv --bounding-set=-dac_override,-dac_read_search "$Test::Nginx::NGINX" "\$@"\n});
chmod 0700, "$d/powerless";
mkdir "$d/closed" or die;
$t->write_file('closed/file', '');
chmod 0, "$d/closed/file";
chmod 0500, "$d/closed";
{
	local $Test::Nginx::NGINX = $> == 0 ? "$d/powerless" : $Test::Nginx::NGINX;
	signing_refused($t, 'an archive that nobody may make', qr{cannot make the directory "\Q$d\E/closed/archive" of "clave_sign_archive" \(13: Permission denied\); run nginx as root, or make it for the user},
		$form, sign_archive => "$d/closed/archive");
	signing_refused($t, 'an archive that nobody may write to', qr{cannot write to the directory "\Q$d\E/closed" of "clave_sign_archive" \(13: Permission denied\)},
		$form, sign_archive => "$d/closed");
	signing_refused($t, 'evidence that nobody may make', qr{cannot write the file "\Q$d\E/closed/evidence" of "clave_sign_evidence" \(13: Permission denied\); who starts nginx has to be able to write to "\Q$d\E/closed"},
		$form, sign_evidence => "$d/closed/evidence");
	signing_refused($t, 'evidence that nobody may write', qr{cannot write the file "\Q$d\E/closed/file" of "clave_sign_evidence" \(13: Permission denied\); who starts nginx},
		$form, sign_evidence => "$d/closed/file");
}
chmod 0700, "$d/closed";

# what workers have to reach: of what is in a directory of ours alone, nothing. Where they are who
# starts nginx, that is nobody else.

signing_complaints($t, $form);
my $reach = with_workers('www-data');
for my $kept ([ archive => 'archive' ], [ evidence => 'evidence.log' ]) {
	my $message = qr{^\[warn\] clave: "\Q$d\E/$kept->[1]" of "clave_sign_$kept->[0]" is out of reach of the workers: their user "www-data" may not enter "\Q$d\E"; choose another place}m;
	$> == 0 ? like($reach, $message, "$kept->[0] out of reach") : unlike($reach, $message, "$kept->[0] of one's own");
}
unlike($reach, qr/emerg/, 'and nginx starts');
ok(!-e "$d/archive", 'and nobody has made an archive there');
is((stat "$d/evidence.log")[2] & 0777, 0640, 'the evidence is for its owner and his group');
unlike(signing_complaints($t, $form, sign_archive => "$d/archive"), qr/emerg/, 'nor is it made where it may be');
chmod 0711, $d;
signing_complaints($t, $form);
unlike(with_workers('www-data'), qr/out of reach/, 'a directory that they may enter');
chmod 0700, $d;

my $group = getgrgid((getpwnam('www-data'))[3]);
sub password {
	my ($mode) = @_;
	$t->write_file('clave.password', "secreto\n");
	chown 0, scalar getgrnam($group), "$d/clave.password" if $> == 0;
	chmod $mode, "$d/clave.password";
	$t->write_file('session.key', 'x' x 80);
	chmod 0600, "$d/session.key";
	clave_conf($t, store => "clave_session_store redis://127.0.0.1 user=clave password_file=$d/clave.password; clave_session_key $d/session.key;",
		server => 'location / { clave pin; }');
	return with_workers('www-data');
}
my $far = qr{^\[emerg\] clave: password file "\Q$d\E/clave\.password" is out of reach of the workers: their user "www-data" may not enter "\Q$d\E"; run: chgrp \d+ \Q$d\E; chmod 710 \Q$d\E in }m;
$> == 0 ? like(password(0640), $far, 'a password out of reach') : unlike(password(0640), $far, 'a password of one\'s own');
my $theirs = qr{^\[emerg\] clave: password file "\Q$d\E/clave\.password" cannot be read by the workers; run: chgrp \d+ }m;
$> == 0 ? like(password(0600), $theirs, 'one that they may not read') : unlike(password(0600), $theirs, 'one of one\'s own');
chown 0, scalar getgrnam($group), $d if $> == 0;
chmod 0710, $d;
is(password(0640), '', 'as the message says, it is theirs');
chown 0, 0, $d if $> == 0;
chmod 0700, $d;

# what nginx answers with 413 before anybody here has seen it

my $larger = qr/"clave_preserve_post 2m" is more than the 1m of "client_max_body_size", over which nginx answers 413 first; add "client_max_body_size 2m;"/;
warned('forms over what nginx takes', $larger, server => 'location / { clave pin; clave_preserve_post 2m zone=forms:32m; }');
warned('of all servers', $larger, http => 'clave_preserve_post 2m zone=forms:32m;', server => 'location / { clave pin; } location /a { clave pin; }');
is(scalar(() = complaints(http => 'clave_preserve_post 2m zone=forms:32m;', server => 'location / { clave pin; } location /a { clave pin; }') =~ /413/g), 1,
	'said once');
warned('a smaller limit', qr/"clave_preserve_post 1m" is more than the 10k of "client_max_body_size"/,
	server => 'client_max_body_size 10k; location / { clave pin; clave_preserve_post 1m; }');
is(complaints(server => "location / { $_ }"), '', $_)
	for 'clave pin; clave_preserve_post 1m;', 'clave pin; client_max_body_size 2m; clave_preserve_post 2m zone=forms:32m;',
	'clave pin; client_max_body_size 0; clave_preserve_post 2m zone=forms:32m;', 'clave_preserve_post 2m zone=forms:32m;';

my $document = qr/^\[warn\] clave: "clave_firma_max_document 8m" is more than the 1m of "client_max_body_size", over which nginx answers 413 first; add "client_max_body_size 8m;"/m;
like(signing_complaints($t, $form, firma_max_document => '8m'), $document, 'documents over what nginx takes');
unlike(signing_complaints($t, @$_), qr/413/, 'documents, not so') for [ $form ], [ "client_max_body_size 8m; $form", firma_max_document => '8m' ],
	[ 'location / { clave permanente_otp; clave_sign upstream; }', firma_max_document => '8m' ];

undef $t;  # its own checks come now: the functions above would hold it to the end

###############################################################################
