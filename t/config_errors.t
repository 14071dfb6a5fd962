#!/usr/bin/perl

# What nginx -t finds: each mistake that can be known without asking another machine is an error with
# file, line and remedy; what an administrator may live with is a warning.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http http_ssl proxy fastcgi rewrite cache/)->has_daemon('openssl')->has_daemon('setpriv')->plan(262);

my $d = $t->testdir();
my $keys = clave_keys();

sub openssl {
	my ($command) = @_;
	system("cd $d && openssl $command >/dev/null 2>>$d/openssl.err") == 0
		or die "openssl $command: " . $t->read_file('openssl.err');
}

openssl('req -x509 -newkey rsa:1024 -noenc -keyout short.key -out short.pem -subj /CN=short -days 365');
openssl('req -x509 -newkey rsa:2048 -noenc -keyout new.key -out new.pem -subj /CN=NUEVO -days 365');
openssl('req -new -key new.key -subj /CN=sha1 -out sha1.csr');
openssl('x509 -req -in sha1.csr -sha1 -CA new.pem -CAkey new.key -CAcreateserial -days 365 -out sha1.pem');
openssl('req -x509 -key new.key -out soon.pem -subj /CN=PRONTO -days 20');
openssl('req -x509 -key new.key -out simulator.pem -subj "/O=SIMULADOR/CN=Sello SIMULADOR" -days 365');
openssl('req -new -key new.key -subj /CN=CADUCADO -out old.csr');
openssl('x509 -req -in old.csr -signkey new.key -days -1 -out old.pem');
openssl('pkcs12 -export -in new.pem -inkey new.key -passout pass: -out new.p12');
openssl('pkey -in new.key -aes128 -passout pass:secreto -out encrypted.key');
openssl('rand -out session.key 80');
openssl('rand -out small.key 16');
$t->write_file('ca.conf', "[ca]\ndatabase=index\nnew_certs_dir=.\nrand_serial=yes\ndefault_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n");
$t->write_file('index', '');
openssl('req -new -key new.key -subj /CN=FUTURO -out future.csr');
openssl('ca -batch -config ca.conf -name ca -selfsign -keyfile new.key -in future.csr -startdate 20910102030405Z -enddate 20930101000000Z -notext -out future.pem');
chmod 0600, "$d/session.key", "$d/small.key";
system("cp $d/new.key $d/open.key; chmod 0644 $d/open.key") == 0 or die;
system("cp $d/session.key $d/open_session.key; chmod 0644 $d/open_session.key") == 0 or die;

sub site { clave_site(@_) }

sub complaints {
	my (%part) = @_;
	clave_conf($t, clave => site(), server => 'location / { clave pin; }', %part);
	# `/` is protected almost everywhere here; what is said of that is tested at the end
	return join "\n", grep { !/a logout leads to/ } split /\n/, clave_complaints($t);
}

sub refused {
	my ($name, $message, %part) = @_;
	like(complaints(%part), qr{^\[emerg\] clave: $message.* in \Q$d\E/nginx\.conf:\d+$}m, $name);
}

sub refused_line {
	my ($name, $line, $message) = @_;
	refused($name, $message, server => "location / { $line }");
}

sub warned {
	my ($name, $message, %part) = @_;
	my $complaints = complaints(%part);
	like($complaints, qr{^\[warn\] clave: $message.* in \Q$d\E/nginx\.conf:\d+$}m, $name);
	unlike($complaints, qr/emerg/, "$name, and nginx starts");
}

###############################################################################

is(complaints(), '', 'a complete configuration');
complaints(store => 'clave_session_store shared:clave:16m;');
my ($per_megabyte) = $t->dump_config() =~ /\[notice\] clave: zone "clave" holds \d+ sessions \((\d+) per megabyte\)/;
cmp_ok($per_megabyte // 0, '>=', 1024 * 1024 / 600, 'what its zone holds: no more than 600 bytes for a session');

my $statement = qr/^nginx: \[notice\] clave: the pages of server "sede\.example\.gob\.es" lead to no statement of accessibility; add "accessibility=URL" to its "clave_theme"$/m;
sub said_of { clave_conf($t, clave => site(), @_); return $t->dump_config() }
like(said_of(server => 'location / { clave pin; }'), $statement, 'no statement of accessibility');
unlike(said_of(server => 'clave_theme accessibility=/accesibilidad; location / { clave pin; }'), $statement, 'there is one');
unlike(said_of(server => 'location / { }'), $statement, 'and where nobody logs in there are no pages');

# what a location asks for

refused_line('unknown level', 'clave permanent;', qr/unknown level "permanent"; did you mean "permanente"\?/);
refused_line('on is no level, and not meant for off', 'clave on;', qr/unknown level "on" \(known: "off"/);
refused_line('unknown level, known ones', 'clave hello;', qr/unknown level "hello".*known: "off", "optional", "pin"/);
refused_line('unknown method', 'clave pin methods=pin,permanete;', qr/unknown method "permanete"; did you mean "permanente"\?/);
refused_line('unknown LoA', 'clave pin loa=substancial;', qr/unknown LoA "substancial"; did you mean "substantial"\?/);
refused_line('LoA below the level', 'clave permanente_otp loa=low;', qr/"loa=low" is below level "permanente_otp"/);
refused_line('unknown parameter', 'clave pin registracion=advanced;', qr/invalid parameter .*; did you mean "registration="\?/);
refused_line('unknown registration', 'clave pin registration=basic;', qr/unknown registration "basic"; did you mean "advanced"\?/);
refused_line('bad max_age', 'clave pin max_age=soon;', qr/invalid time in "max_age=soon"/);
refused_line('a parameter twice', 'clave pin loa=high loa=low;', qr/"loa=" is given twice/);
refused_line('off with parameters', 'clave off loa=low;', qr/"clave off" takes no parameters/);
refused_line('unknown encoding', 'clave pin; clave_identity_headers on encoding=utf-8;', qr/unknown encoding "utf-8"; did you mean "utf8"\?/);
refused_line('a prefix that is no name', 'clave pin; clave_identity_headers on "prefix=X Clave:";', qr/prefix "X Clave:" must consist of letters/);

like(complaints(server => 'location / { if ($arg_x) { clave pin; } }'),
	qr/"clave" directive is not allowed here/, 'not in an if');

# what a visitor sends decides nothing of whom we trust and where people are led (checklist H-36)

refused('a variable in clave_base_url', qr/"clave_base_url https:\/\/\$host" should be an https origin/, server_clave => 'clave_base_url https://$host;');
refused('a variable in clave_gateway', qr/"clave_gateway https:\/\/\$arg_x\/a" should be an https URL/, clave => site(gateway => 'https://$arg_x/a'));
refused_line('a variable in clave', 'clave $arg_x;', qr/unknown level "\$arg_x"/);
refused('a variable in clave_path', qr/"clave_path \/\$arg_x\/" should begin and end/, server => 'clave_path /$arg_x/; location / { clave pin; }');
refused('a variable in clave_session_cookie', qr/"clave_session_cookie" must begin with "__Host-" and consist of/,
	server => 'clave_session_cookie __Host-$arg_x; location / { clave pin; }');

# expressions that win over a protected prefix

sub beside_prefix { (server => "location / { } location /tramite/ { clave pin; } $_[0]") }

warned('expression without a level',
	qr/"location ~ \\\.php\$" wins over "location \/tramite\/" and asks nobody to identify; give it a "clave" line/,
	beside_prefix('location ~ \.php$ { fastcgi_pass 127.0.0.1:8081; }'));
is(complaints(beside_prefix("location ~* \\.php\$ { $_; }")), '', "expression with $_")
	for 'clave pin', 'clave off', 'clave optional';
is(complaints(server => $_), '', $_)
	for 'location ~ \.php$ { } location ^~ /tramite/ { clave pin; }',
	'location ~ \.php$ { } location = /tramite/ { clave pin; }',
	'clave pin; location /tramite/ { clave pin; } location ~ \.php$ { }',
	'location /tramite/ { clave pin; location ~ \.php$ { } }';

# where a logout leads

sub logout_refused {
	my ($uri, $message) = @_;
	refused("logout to $uri", $message, server => "clave_logout $uri; location / { clave pin; }");
}

logout_refused('https://otra.example/', qr/"clave_logout [^"]+" does not lead to "https:\/\/sede.example.gob.es"; give a path/);
logout_refused('https://sede.example.gob.es.otra.example/', qr/"clave_logout [^"]+" does not lead to/);
logout_refused('//otra.example/', qr/"clave_logout [^"]+" does not lead to/);
logout_refused('adios', qr/"clave_logout adios" does not lead to .*; give a path/);
logout_refused('/$arg_next', qr/"clave_logout [^"]+" has characters .*no variables/);
logout_refused('"/a b"', qr/"clave_logout [^"]+" has characters/);
logout_refused('/.clave/logout', qr/"clave_logout [^"]+" leads to an endpoint of ours/);
is(complaints(server => "clave_logout $_; location / { clave pin; }"), '', "logout to $_")
	for '/adios?x=1', 'https://sede.example.gob.es/adios';

# levels of one's own

refused('level without pairs', qr/"clave_level mio" needs "loa=" and "accept="/,
	http => 'clave_level mio loa=low;');
refused('level with a pair by half', qr/"accept=" wants METHOD:LOA pairs/,
	http => 'clave_level mio loa=low accept=pin;');
refused('reserved name of a level', qr/"off" cannot be the name of a level/,
	http => 'clave_level off loa=low accept=pin:low;');
is(complaints(http => 'clave_level mio loa=high accept=certificado:high;',
	server => 'location / { clave mio; }'), '', 'a level of one\'s own');

# what a protected location needs

refused('no store', qr/this location needs a "clave_session_store" at the http level/, store => '');
for my $directive (qw/ gateway gateway_certificate provider_name certificate /) {
	refused("no $directive", qr/this location needs a "clave_$directive" at the server or http level/,
		clave => site($directive => undef));
}
refused('no key', qr/no "clave_certificate_key" is defined for certificate/,
	clave => site(certificate_key => undef));

# store

refused('zone too small', qr/zone "clave" of 512k holds about \d+ sessions; the minimum is 1m/,
	store => 'clave_session_store shared:clave:512k;');
refused('no size', qr/"clave_session_store shared:clave" should be "shared:NAME:SIZE", as in "shared:clave:16m"/,
	store => 'clave_session_store shared:clave;');
refused('unknown store', qr/unknown session store "memory"; use "shared:NAME:SIZE"/,
	store => 'clave_session_store memory;');
refused('session key missing', qr/cannot read session key "[^"]+none.key"; make one with: openssl rand/,
	http => "clave_session_key $d/none.key;");
refused('session key too short', qr/session key "[^"]+small.key" has less than 32 bytes/,
	http => "clave_session_key $d/small.key;");
refused('session key for all to read', qr/session key "[^"]+open_session.key" is readable by everybody; run: chmod 600/,
	http => "clave_session_key $d/open_session.key;");

# forms

for my $size ('64q', '0', '-1') {
	refused("forms of $size", qr/"clave_preserve_post $size" should be "off" or a size, as in "clave_preserve_post 1m"/,
		http => "clave_preserve_post $size;");
}
refused('forms of any size', qr/"clave_preserve_post 9m" is too much; the most is 8m/,
	http => 'clave_preserve_post 9m;');
refused('no forms, in a zone', qr/"clave_preserve_post off" takes no parameters/,
	http => 'clave_preserve_post off zone=forms:8m;');
refused('forms, unknown parameter', qr/invalid parameter "zona=forms:8m" of "clave_preserve_post"; did you mean "zone"\?/,
	http => 'clave_preserve_post 1m zona=forms:8m;');
refused('forms, no size of the zone', qr/"zone=forms" should be "zone=NAME:SIZE"/,
	http => 'clave_preserve_post 1m zone=forms;');
refused('forms, a small zone', qr/zone "forms" of 64k is too small for forms; the minimum is 128k/,
	http => 'clave_preserve_post 1k zone=forms:64k;');
refused('forms, two zones', qr/all forms wait in one zone, and that is "forms"; remove "zone=more:8m"/,
	http => 'clave_preserve_post 1m zone=forms:8m;',
	server => 'location / { clave pin; clave_preserve_post 1k zone=more:8m; }');
refused('forms larger than their zone',
	qr/a form of this size does not fit into zone "forms" of 1024k; make the zone larger, as in "zone=forms:9m"/,
	http => 'clave_preserve_post 1m zone=forms:1m;');
like(complaints(http => 'clave_preserve_post 1m zone=clave:8m;'), qr/emerg.*"clave" is already (?:bound|declared)|the size .* conflicts/,
	'forms among the sessions');
is(complaints(http => 'clave_preserve_post 1m;', server => 'location / { clave pin; clave_preserve_post off; }'), '',
	'forms in a zone of their own');

# keys and certificates: no file, no server; there is no word that would have answers trusted unsigned (S-11)

refused('missing certificate', qr/cannot load .*none.pem.*No such file or directory.*; check the path/,
	clave => site(certificate => "$d/none.pem"));
refused('missing key', qr/cannot load .*none.key.*No such file or directory.*; check the path/,
	clave => site(certificate_key => "$d/none.key"));
refused('missing gateway certificate', qr/cannot load .*none.pem/,
	clave => site(gateway_certificate => "$d/none.pem"));
refused('empty gateway certificate', qr{cannot load certificate "/dev/null": not a regular file},
	clave => site(gateway_certificate => '/dev/null'));
refused('certificate and key of two pairs',
	qr/certificate ".*new.pem" and key ".*sp.key" do not match \(certificate: .*sha256:\w+, key: .*sha256:\w+\)/,
	clave => site(certificate => "$d/new.pem"));
refused('short RSA key of the gateway', qr/.*short.pem" is not accepted: RSA key of 1024 bits; ask for/,
	clave => site(gateway_certificate => "$d/short.pem"));
refused('short RSA key of ours', qr/.*short.key" is not accepted: RSA key of 1024 bits; make a new one|.*short.pem" is not accepted/,
	clave => site(certificate => "$d/short.pem", certificate_key => "$d/short.key"));
refused('SHA-1 certificate', qr/.*sha1.pem" is not accepted: signed with .*SHA1.*; ask the issuer/i,
	clave => site(gateway_certificate => "$d/sha1.pem"));
refused('PKCS#12', qr/.*new.p12" is a PKCS#12 file, not PEM; convert it: clavectl import-p12/,
	clave => site(certificate => "$d/new.p12"));
refused('encrypted key', qr/.*encrypted.key" is encrypted; decrypt it/,
	clave => site(certificate => "$d/new.pem", certificate_key => "$d/encrypted.key"));
refused('key for all to read', qr/.*open.key" is open to everyone \(mode 0?644\); chmod 0600/,
	clave => site(certificate => "$d/new.pem", certificate_key => "$d/open.key"));

# files that whoever starts nginx may not read: root, too, who has given up reading everything

sub unreadable {
	my ($name, $file, $message, %part) = @_;
	$t->write_file('powerless', '#!/bin/sh'
		. qq{\nexec setpriv --bounding-set=-dac_override,-dac_read_search "$Test::Nginx::NGINX" "\$@"\n});
	chmod 0700, "$d/powerless";
	system("cp $file $d/unreadable; chmod 0 $d/unreadable") == 0 or die;
	local $Test::Nginx::NGINX = $> == 0 ? "$d/powerless" : $Test::Nginx::NGINX;
	refused($name, $message, %part);
	unlink "$d/unreadable";
}

my $denied = qr/\(13: Permission denied\)/;
unreadable('key that may not be read', "$d/new.key",
	qr/cannot load certificate key "[^"]+unreadable": $denied; it must be readable by root at start, mode 0600/,
	clave => site(certificate => "$d/new.pem", certificate_key => "$d/unreadable"));
unreadable('session key that may not be read', "$d/small.key", qr/cannot read session key "[^"]+unreadable" $denied/,
	http => "clave_session_key $d/unreadable;");
unreadable('certificate that may not be read', "$d/new.pem",
	qr/cannot load certificate "[^"]+unreadable": $denied; it must be readable by root at start/,
	clave => site(certificate => "$d/unreadable", certificate_key => "$d/new.key"));
unreadable('the gateway\'s certificate that may not be read', "$keys/gateway.pem",
	qr/cannot load certificate "[^"]+unreadable": $denied/,
	clave => site(gateway_certificate => "$d/unreadable"));
unreadable('style that may not be read', "$d/new.pem", qr/cannot read "[^"]+unreadable": $denied/,
	http => "clave_theme css=$d/unreadable;");

refused('our own certificate as the gateway\'s', qr/"clave_gateway_certificate" is our own "clave_certificate"/,
	clave => site(gateway_certificate => "$keys/sp.pem"));
refused('simulator certificate', qr/certificate ".*SIMULADOR.*" belongs to the simulator; .*clave_simulator on/,
	clave => site(gateway_certificate => "$d/simulator.pem"));
refused('simulator certificate of ours', qr/certificate ".*SIMULADOR.*" belongs to the simulator; .*clave_simulator on/,
	clave => site(certificate => "$d/simulator.pem", certificate_key => "$d/new.key"));
is(complaints(clave => site(gateway_certificate => "$d/simulator.pem"),
	server => 'clave_simulator on; location / { clave pin; }'), '', 'simulator certificate in a simulator');

warned('certificate about to end', qr/certificate ".*PRONTO.*" ends in (?:19|20) days/,
	clave => site(gateway_certificate => "$d/soon.pem"));
warned('certificate that has ended', qr/certificate ".*CADUCADO.*" has ended/,
	clave => site(gateway_certificate => "$d/old.pem"));

warned('certificate that has not begun', qr/certificate ".*FUTURO.*" is not valid before 2091-01-02T03:04:05Z \(clave_gateway_certificate\); logins go on/,
	clave => site(gateway_certificate => "$d/future.pem"));
warned('certificate of ours that has not begun', qr/certificate ".*FUTURO.*" is not valid before 2091-01-02T03:04:05Z \(clave_certificate\)/,
	clave => site(certificate => "$d/future.pem", certificate_key => "$d/new.key"));

# who and where

refused('gateway without TLS', qr/"clave_gateway http:\S+ should be an https URL/,
	clave => site(gateway => 'http://pasarela.example.gob.es/'));
refused('listener without TLS', qr/this server has a listener without TLS; .*"clave_base_url https:/,
	server_clave => '');
my %tls = (listen => '127.0.0.1:8443 ssl',
	server_clave => "ssl_certificate $keys/sp.pem; ssl_certificate_key $keys/sp.key;");
for my $server_name ('_', '*.example.gob.es', '.example.gob.es', '~^sede', '""') {
	refused("no origin in server_name $server_name",
		qr/the public origin cannot be told from "server_name.*; add "clave_base_url https:/,
		%tls, server_name => $server_name);
}
refused('another port', qr/this server does not listen on port 443; add "clave_base_url https:.*:PORT;"/, %tls);
unlike(complaints(%tls, listen => '127.0.0.1:443 ssl'), qr/clave:/,
	'the origin of a server that is what browsers see');
refused('origin without TLS', qr/"clave_base_url http:\S+ should be an https origin without a path/,
	server_clave => 'clave_base_url http://sede.example.gob.es;');
refused('origin with a path', qr/"clave_base_url https:\S+ should be an https origin without a path/,
	server_clave => 'clave_base_url https://sede.example.gob.es/app;');

# an origin that is none of the server's names: a slip of the pen sends everybody elsewhere

sub foreign { warned("origin beside server_name $_[0]", qr/"clave_base_url https:\/\/sede\.example\.gob\.es" is no name of this server; correct it, or add "sede\.example\.gob\.es" to "server_name"/, server_name => $_[0]) }

foreign($_) for 'sede.example.es', 'otra.example.gob.es *.sede.example.gob.es', 'sede.otra.*', '.example.es', '~^sede\.otra';
is(complaints(server_name => $_), '', "origin of server_name $_")
	for 'otra.example.es SEDE.example.gob.es', '*.example.gob.es', '.example.gob.es', 'sede.*', '~^sede', '_', '""';
is(complaints(server_clave => 'clave_base_url https://SEDE.example.gob.es:8443/;'), '', 'origin in capitals, with a port');

# values that are no templates

for my $directive (qw/ provider_name gateway_issuer issuer /) {
	refused("a variable in clave_$directive", qr/"clave_$directive [^"]*\$\w+" takes no variables; write the value itself/,
		clave => site($directive => '$arg_p'));
}
refused('unknown attribute of the registration', qr/unknown attribute "RegisterTipe"; did you mean "RegisterType"\?/,
	http => 'clave_registration_attribute RegisterTipe Nivel;');
refused('own endpoints', qr/"clave_path login\/" should begin and end with "\/"/,
	http => 'clave_path login/;');
refused('unknown attribute', qr/unknown attribute "DateOfBirt"; did you mean "DateOfBirth"\?/,
	http => 'clave_attributes DateOfBirt;');
refused('unknown language', qr/unknown language "va"; known: "es", "ca", "eu", "gl", "en"/,
	http => 'clave_languages es va;');
refused('language given twice', qr/language "es" is there twice/, http => 'clave_languages es ca es;');

# the site's own look

mkdir "$d/pages" or die;

sub refused_template {
	my ($name, $text, $message, $line) = @_;
	$t->write_file('pages/error.html', $text);
	like(complaints(http => 'clave_pages pages;'), qr{^\[emerg\] clave: $message.* in \Q$d\E/pages/error\.html:$line$}m,
		$name);
}

refused_template('unknown placeholder', "{{actions}}\n{{refrence}}", qr/unknown placeholder "refrence"; did you mean "reference"\?/, 2);
refused_template('missing placeholder', "{{actions}}\n\n", qr/the placeholder \{\{reference\}\} is missing/, 3);
refused_template('inline script', "<p>\n<b onclick=\"x()\">", qr/inline script \("onclick"\)/, 2);
refused_template('script element', "\n\n<script src=\"/x.js\">", qr/scripts are not for templates/, 3);
refused_template('text as an address', "<a\nhref=\"{{title}}\">", qr/the placeholder \{\{title\}\} is no address/, 2);
unlink "$d/pages/error.html";
$t->write_file('pages/eror.html', '');
like(complaints(http => 'clave_pages pages;'), qr/there is no page "eror"; did you mean "error"\?/, 'unknown page');
refused('no directory', qr{cannot read the directory "\Q$d\E/none": \(2: No such file}, http => 'clave_pages none;');
refused('unknown theme word', qr/unknown parameter "color" of "clave_theme"/, http => 'clave_theme color=#123;');
refused('accent nobody can read', qr/accent "#fc0" has a contrast of 1\.\d on light ground; choose a darker one/,
	http => 'clave_theme accent=#fc0;');
refused('logo that is not there', qr{cannot read "\Q$d\E/none\.svg": \(2: No such file}, http => 'clave_theme logo=none.svg;');
$t->write_file('own.css', "p {}\n\@import url(https://example.org/x.css);\n");
like(complaints(http => 'clave_theme css=own.css;'), qr{style from another site.* in \Q$d\E/own\.css:2$}m, 'style from elsewhere');

refused('timeout that is no time', qr/invalid time "soon" in "clave_session_timeout"; give two, as in "15m 8h"/,
	http => 'clave_session_timeout soon;');
refused('absolute timeout that is no time', qr/invalid time "0" in "clave_session_timeout"; give two/,
	http => 'clave_session_timeout 15m 0;');
refused('timeouts the wrong way round', qr/a session would end after 1h, before it could be idle for 2h; give the longer time second, as in "clave_session_timeout 1h 2h"/,
	http => 'clave_session_timeout 2h 1h;');
refused('idle for longer than a session lives', qr/a session would end after 8h, before it could be idle for 10h; .* "clave_session_timeout 10h 10h"/,
	http => 'clave_session_timeout 10h;');

refused('limit of nobody', qr/"clave_session_limit 0" should be 1 to 100; nobody could log in with 0, use "1"/,
	http => 'clave_session_limit 0;');
refused('limit over what is bounded', qr/"clave_session_limit 101" should be 1 to 100/,
	http => 'clave_session_limit 101;');
like(complaints(http => 'clave_session_limit many;'), qr{^\[emerg\] "clave_session_limit" directive invalid number in }m, 'limit that is no number');
is(complaints(http => 'clave_session_limit 100;'), '', 'the largest limit');
refused('cookie without prefix', qr/"clave_session_cookie" must begin with "__Host-"/,
	http => 'clave_session_cookie sid;');
refused('clock skew of hours', qr/"clave_clock_skew" is at most 300s/,
	http => 'clave_clock_skew 1h;');

# what leads around us

sub in_location { (server => "location / { $_[0] }") }

warned('return', qr/"return" answers before anybody is asked to identify; move it out/,
	in_location('clave pin; return 200 "hello";'));
warned('rewrite to elsewhere', qr/"rewrite" answers before anybody/,
	in_location('clave pin; rewrite ^ https://www.example.gob.es/ permanent;'));
warned('identity set by hand', qr/"proxy_set_header X-Clave-Nif" overrides the identity/,
	in_location('clave pin; proxy_set_header X-Clave-Nif $arg_nif; proxy_pass http://127.0.0.1:8081;'));
warned('identity set by hand, as a parameter', qr/"fastcgi_param HTTP_X_CLAVE_NIF" overrides the identity/,
	in_location('clave pin; fastcgi_param HTTP_X_CLAVE_NIF $arg_nif; fastcgi_pass 127.0.0.1:8081;'));

for my $other (qw/ uwsgi scgi /) {
	warned("identity set by hand, $other", qr/"${other}_param HTTP_X_CLAVE_NIF" overrides the identity/,
		in_location("clave pin; ${other}_param HTTP_X_CLAVE_NIF \$arg_nif; ${other}_pass 127.0.0.1:8081;"));
}
warned('identity set by hand, gRPC', qr/"grpc_set_header X-Clave-Nif" overrides the identity/,
	in_location('clave pin; grpc_set_header X-Clave-Nif $arg_nif; grpc_pass grpc://127.0.0.1:8081;'));
warned('return, under a condition', qr/"return" answers before anybody is asked to identify; move it out/,
	in_location('clave pin; if ($arg_x = "a b") { return 200 "hello"; }'));
warned('rewrite, under a condition', qr/"rewrite" answers before anybody/,
	in_location('clave pin; if ($arg_x) { rewrite ^ https://www.example.gob.es/ redirect; }'));
warned('return, in the server, under a condition', qr/"return" answers before anybody/,
	server => 'clave pin; if ($arg_x) { return 200 "hello"; } location / { }');
is(complaints(in_location('clave pin; if ($arg_x) { return 403; }')), '', 'a refusal, under a condition');

warned('identity set by hand, with other separators', qr/"proxy_set_header x\.clave_nif" overrides the identity/,
	in_location('clave pin; proxy_set_header x.clave_nif $arg_nif; proxy_pass http://127.0.0.1:8081;'));

my $cache = "proxy_cache_path $d/cache keys_zone=pages:1m;";
my $cached = 'clave pin; proxy_cache pages; proxy_pass http://127.0.0.1:8081;';
warned('cache for all', qr/"proxy_cache pages" would show one person's page to another; add "\$clave_session_hash"/,
	http => $cache, in_location($cached));
is(complaints(http => $cache, in_location("$cached proxy_cache_key \$uri\$clave_session_hash;")), '',
	'a cache for each');
is(complaints(http => $cache, in_location("$cached proxy_cache_key '\${clave_session_hash}x';")), '',
	'a cache for each, in braces');
warned("cache for all, key $_", qr/"proxy_cache pages" would show/, http => $cache, in_location("set \$clave_session_hashes 1; $cached proxy_cache_key '$_';"))
	for 'clave_session_hash', '$uri{clave_session_hash}', '$clave_session_hashes', '${clave_session_hashes}';
for my $other (qw/ fastcgi uwsgi scgi /) {
	my $path = "${other}_cache_path $d/$other keys_zone=pages:1m;";
	my $passed = "clave pin; ${other}_cache pages; ${other}_pass 127.0.0.1:8081; ${other}_cache_key";
	warned("cache for all, $other", qr/"${other}_cache pages" would show one person's page to another; add "\$clave_session_hash" to "${other}_cache_key"/,
		http => $path, in_location("$passed \$uri;"));
	is(complaints(http => $path, in_location("$passed \$uri\$clave_session_hash;")), '', "a cache for each, $other");
}
# a policy of the site that the page to Cl@ve would have, too

sub with_policy { (server => "add_header Content-Security-Policy \"$_[0]\" always; location / { clave pin; }") }
my $stops = qr/"add_header (?i:Content-Security-Policy)" of the whole server stops the form that leads to Cl\@ve, and with it every login; move it to/;

warned("policy $_", $stops, with_policy($_))
	for "default-src 'self'; form-action 'self'", "form-action 'self' https://pasarela.example.gob.es", 'sandbox allow-scripts';
is(complaints(with_policy($_)), '', "policy $_")
	for "default-src 'self'", "form-action 'self' https:; default-src 'self'", 'sandbox allow-forms allow-scripts';
warned('a policy of all servers', $stops, http => "add_header content-security-policy \"form-action 'none'\";");
is(complaints(http => "add_header Content-Security-Policy \"form-action 'none'\";", server => 'add_header X-Other 1; location / { clave pin; }'), '',
	'a policy that the server does not inherit');
is(complaints(server => "location / { clave pin; add_header Content-Security-Policy \"form-action 'self'\"; }"), '', 'a policy of the application');
is(complaints(server => "add_header Content-Security-Policy \"form-action 'self'\"; location / { clave optional; }"), '', 'where nobody logs in');

is(complaints(in_location('clave off; return 200 "hello";')), '', 'return in a public location');
is(complaints(in_location('clave pin; rewrite ^/a /b last; proxy_set_header X-Other 1;')), '',
	'what is harmless');

# what is told and what is kept

my $watched = 'location / { clave pin; }';
refused('a status with nothing to tell', qr/"clave_status" has nothing to tell, because no location asks anybody to identify; add a "clave" line, or remove this one/,
	server => 'location / { } location /status { clave_status; }');
refused('a status without a name', qr/"clave_status" needs a location with a plain name, as in "location \/clave-status"/,
	server => "$watched location ~ ^/status { clave_status; }");
refused('a status that nobody can ask for', qr/"clave_status" needs a location with a plain name/,
	server => "$watched location \@status { clave_status; }");
like(complaints(server => "$watched location /status { clave_status; clave_status; }"), qr/"clave_status" directive is duplicate/,
	'a status twice');
like(complaints(server => "$watched clave_status;"), qr/"clave_status" directive is not allowed here/, 'a status of a whole server');
is(complaints(server => "$watched location /status { clave_status; }"), '', 'a status');
refused('a control without a name', qr/"clave_control" needs a location with a plain name, as in "location \/clave-control"/,
	server => "$watched location ~ ^/control { clave_control; }");
refused('a control of nobody', qr/"clave_control" has nothing to tell, because no location asks anybody to identify/,
	server => 'location / { } location /control { clave_control; }');
refused('both in one place', qr/"clave_status", "clave_control" and "clave_sign_api" need a location each/,
	server => "$watched location /control { clave_control; clave_status; }");
is(complaints(server => "$watched location /control { clave_control; }"), '', 'a control');

# Who is named in no rule is let in.
for my $operator (qw/ status control /) {
	warned("a $operator for everybody", qr/"clave_$operator" is open to everybody: "allow" alone refuses nobody; end the list with "deny all;"/,
		server => "$watched location /$operator { clave_$operator; $_ }") for 'allow 192.0.2.7;', 'allow 192.0.2.7; deny 192.0.2.8;';
	is(complaints(server => "$watched location /$operator { clave_$operator; $_ }"), '', "a $operator with $_")
		for 'allow 192.0.2.7; deny all;', 'deny 192.0.2.8;', 'allow all;';
}
warned('rules around a control', qr/"clave_control" is open to everybody/, server => "$watched allow 192.0.2.7; location /control { clave_control; }");
is(complaints(server => "$watched allow 192.0.2.7; location /control { clave_control; deny all; }"), '', 'rules of its own replace them');

sub refused_audit {
	my ($name, $message, $line) = @_;
	refused($name, $message, server => "$watched $line");
}

refused_audit('an unknown form', qr/unknown form "nif=hsh"; did you mean "hash"\?; known: "masked", "hash", "full"/,
	"clave_audit_log $d/audit.log nif=hsh;");
refused_audit('an unknown parameter', qr/invalid parameter "niff=full" of "clave_audit_log"; did you mean "nif"\?; it takes "nif=masked", "nif=hash" or "nif=full"/,
	"clave_audit_log $d/audit.log niff=full;");
refused_audit('off with a form', qr/"clave_audit_log off" takes no parameters/, 'clave_audit_log off nif=full;');
refused_audit('a directory that is not there', qr/cannot write audit log "\Q$d\E\/none\/audit\.log" \(No such file or directory\); its directory has to be there, as after: install -d -m 0750 \Q$d\E\/none/,
	"clave_audit_log $d/none/audit.log;");
system("mkfifo $d/pipe") == 0 or die;
refused_audit('a pipe', qr/cannot write audit log "\Q$d\E\/pipe" \(No such device or address\)/, "clave_audit_log $d/pipe;");
refused_audit('a digest that would change', qr/"nif=hash" needs a "clave_session_key": without one the same person would be another one after every restart/,
	"clave_audit_log $d/audit.log nif=hash;");
like(complaints(server => "$watched clave_audit_log syslog:tag=clave;"), qr/\[emerg\] no syslog server specified in \S+nginx\.conf:\d+/,
	'syslog without a server');
like(complaints(server => "$watched clave_audit_log off; clave_audit_log off;"), qr/"clave_audit_log" directive is duplicate/,
	'an audit log twice');
is(complaints(http => "clave_audit_log $d/audit.log nif=hash; clave_session_key $d/session.key;", server => $watched), '', 'an audit log');
is(complaints(http => "clave_audit_log $d/audit.log nif=full;", server => "$watched clave_audit_log off;"), '', 'that is off here');

# where a logout leads

sub leads_to_login {
	my ($name, $server, $uri) = @_;
	clave_conf($t, clave => site(), server => $server);
	my $complaints = clave_complaints($t);
	my $warning = qr{^\[warn\] clave: a logout leads to "\Q$uri\E", which asks for a login again; give "clave_logout" a public page in \S+:\d+$};
	like($complaints, $warning, $name);
}

sub leads_to_page {
	my ($name, $server) = @_;
	clave_conf($t, clave => site(), server => $server);
	is(clave_complaints($t), '', $name);
}

leads_to_login('logout to a protected /', 'location / { clave pin; }', '/');
leads_to_login('protected by its server', 'clave pin; location /public/ { clave off; }', '/');
leads_to_login('one of its own', 'clave_logout /a/bye?x=1; location / { } location /a/ { clave pin; }', '/a/bye?x=1');
leads_to_login('with its origin', 'clave_logout https://sede.example.gob.es/a; location /a { clave pin; }',
	'https://sede.example.gob.es/a');
leads_to_login('in a nested location', 'clave_logout /a/b/c; location /a/ { location /a/b/ { clave pin; } }', '/a/b/c');
leads_to_page('logout to a public /', 'location / { } location /a/ { clave pin; }');
leads_to_page('that is more exact', 'location / { clave pin; } location = / { clave off; }');
leads_to_page('or optional', 'location / { clave optional; } location /a/ { clave pin; }');
leads_to_page('logout to a public page', 'clave_logout /bye; clave pin; location = /bye { clave off; }');

undef $t;  # its own checks come now: the functions above would hold it to the end

###############################################################################
