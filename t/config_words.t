#!/usr/bin/perl

# What nginx -t says of the words of a directive: names that are empty, URLs that lead nowhere, what is
# said twice, what could never be; each with file, line and remedy. And how an origin is written in the
# end, which is as browsers write it.

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

my $t = Test::Nginx->new()->has(qw/http proxy/)->has_daemon('openssl')->plan(47);

my $d = $t->testdir();
my $keys = clave_keys();

sub site { clave_site(@_) }

sub complaints {
	my (%part) = @_;
	clave_conf($t, clave => site(), server => 'clave_logout /bye; location / { clave pin; } location = /bye { }', %part);
	return clave_complaints($t);
}

sub refused {
	my ($name, $message, %part) = @_;
	like(complaints(%part), qr{^\[emerg\] clave: $message.* in \Q$d\E/nginx\.conf:\d+$}m, $name);
}

sub refused_site { refused($_[0], $_[1], clave => site(@_[2 .. $#_])) }
sub refused_line { refused($_[0], $_[1], http => $_[2]) }
sub refused_in { refused($_[0], $_[1], server => "location / { $_[2] }") }

###############################################################################

is(complaints(), '', 'a site as it should be');

# names

refused_site('no name', qr/"clave_provider_name" should have 1 to 128 bytes and no control characters; write it as it was registered/, provider_name => '""');
refused_site('a name too long', qr/"clave_provider_name" should have 1 to 128 bytes/, provider_name => 'E' x 129);
refused_site('a name with a line feed', qr/"clave_provider_name" should have 1 to 128 bytes and no control/, provider_name => '"E0\n;S"');
refused_site("no $_", qr/"clave_$_" has an empty value; write the name, or leave the line out/, $_ => '""') for qw/ issuer gateway_issuer /;

# where the gateway is

refused_site("a gateway $_->[0]", qr/"clave_gateway .*" should be an https URL, as in/, gateway => $_->[1])
	for [ 'nowhere', 'https://' ], [ 'on a path only', 'https:///a' ], [ 'with a port only', 'https://:8443/a' ],
	[ 'with a user', 'https://u:p@pasarela.example.gob.es/a' ], [ 'with a tab', '"https://pasarela.example.gob.es/\ta"' ];

# who we are, as browsers say it

refused("an origin $_->[0]", qr/"clave_base_url \Q$_->[1]\E" should be an https origin without a path/, server_clave => "clave_base_url $_->[1];")
	for [ 'nowhere', 'https://' ], [ 'with a port that is none', 'https://sede.example.gob.es:b' ],
	[ 'with no port', 'https://sede.example.gob.es:' ], [ 'with a port there is not', 'https://sede.example.gob.es:99999' ],
	[ 'with a user', 'https://u@sede.example.gob.es' ];
refused("endpoints below $_", qr/"clave_path \Q$_\E" should begin and end with "\/" and name a directory in between/, server => "clave_path $_; location / { clave pin; }")
	for '/', '/a//b/', '/../';

# keys

system("cd $d && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -keyout ec.key -out ec.pem -subj /CN=EC -days 365 2>/dev/null") == 0 or die;
refused_site('an EC key', qr/"clave_certificate_key \S+ec\.key" is an EC key \(EC prime256v1 sha256:[0-9a-f]+\), and Cl\@ve encrypts to RSA keys; ask for/,
	certificate => "$d/ec.pem", certificate_key => "$d/ec.key");
refused_site('an EC key of old', qr/"clave_decryption_key \S+ec\.key" is an EC key/, decryption_key => "$d/ec.key");
mkdir "$d/keys" or die;
refused_line('a directory of keys', qr{session key "\Q$d\E/keys" is a directory; make a file in it with: openssl rand -out \Q$d\E/keys/session\.key 80}, 'clave_session_key keys;');

# levels

refused_line('a level that offers what it refuses', qr/"clave_level mio" offers "permanente" and does not accept it; add it to "accept=", or leave it out of "offer="/,
	'clave_level mio loa=low accept=pin:low offer=permanente;');
refused_line('a level twice', qr/level "mio" is defined twice; give one of them another name/,
	'clave_level mio loa=low accept=pin:low; clave_level mio loa=low accept=permanente:low;');
refused_line('a slip in a level', qr/invalid parameter "acept=pin:low" of "clave_level"; did you mean "accept="\?/,
	'clave_level mio loa=low acept=pin:low;');
refused_line('a method there is not, in a level', qr/unknown method "pim"; did you mean "pin"\?/, 'clave_level mio loa=low accept=pim:low;');
refused_line('a LoA there is not, in a level', qr/unknown LoA "lou"; did you mean "low"\?/, 'clave_level mio loa=low accept=pin:lou;');
refused_line('a method there is not, offered', qr/unknown method "pim"; did you mean "pin"\?/, 'clave_level mio loa=low accept=pin:low offer=pim;');
refused_in('a parameter twice', qr/"loa=" is given twice; leave one of them out/, 'clave pin loa=high loa=low;');
refused_in('a time that is none', qr/invalid time in "max_age=soon"; write it as nginx does, as in "max_age=30m"/, 'clave pin max_age=soon;');
refused_in('represented', qr/"represented" is "on" or "off", not "yes"/, 'clave pin represented=yes;');
refused_in('what the unidentified get', qr/"clave_unauthenticated 403" should be "auto", "login" or "401"/, 'clave pin; clave_unauthenticated 403;');

# attributes

refused_line('a variable of the registration', qr/"clave_registration_attribute \$arg_x" takes no variables/, 'clave_registration_attribute RegisterType $arg_x;');
refused_line('an empty registration', qr/"clave_registration_attribute" has an empty value/, 'clave_registration_attribute RegisterType "";');
refused_line('a variable attribute', qr/"clave_attributes \$arg:x" takes no variables/, 'clave_attributes $arg:x;');
refused_line('an attribute twice', qr/"clave_attributes" names "\S+" and "\S+"; leave one out, as both would be \$clave_attr_DateOfBirth/, $_)
	for 'clave_attributes DateOfBirth DateOfBirth;', 'clave_attributes DateOfBirth http://example.gob.es/DateOfBirth;';

refused('an attribute that is not asked for', qr/\$clave_attr_dateofbrith is used, and no "clave_attributes" asks for "dateofbrith"; did you mean "dateofbirth"\?/,
	server => 'clave_attributes DateOfBirth; location / { clave pin; proxy_set_header X-Born $clave_attr_DateOfBrith; proxy_pass http://127.0.0.1:8081; }');
refused('an attribute, and none is asked for', qr/\$clave_attr_dateofbirth is used, and no "clave_attributes" asks for "dateofbirth"/,
	server => 'location / { clave pin; add_header X-Born $clave_attr_DateOfBirth; }');
is(complaints(http => 'clave_attributes DateOfBirth;', server => 'clave_logout /bye; location / { clave pin; add_header X-Born $clave_attr_dateofbirth; } location = /bye { }'), '',
	'in any case');

# headers

refused_in('headers, perhaps', qr/"clave_identity_headers" is "on" or "off", not "yes"/, 'clave pin; clave_identity_headers yes;');
refused_in('a slip in headers', qr/invalid parameter "prefij=X-" of "clave_identity_headers"; did you mean "prefix="\?/, 'clave pin; clave_identity_headers on prefij=X-;');
refused_in('two prefixes', qr/"prefix=" is given twice; leave one of them out/, 'clave pin; clave_identity_headers on prefix=A- prefix=B-;');
refused_in("a prefix of $_->[1]", qr/prefix "\Q$_->[0]\E" would take "\Q$_->[1]\E" out of every request; use a longer one/, "clave pin; clave_identity_headers on prefix=$_->[0];")
	for [ 'cookie', 'Cookie' ], [ 'X-', 'X-Forwarded-For' ];

# the store

refused('a zone of some size', qr/invalid zone size "big"; write it as nginx does, as in "16m"/, store => 'clave_session_store shared:clave:big;');
refused('a zone with parameters', qr/"clave_session_store shared:…" takes no parameters; leave "cache=1s" out/,
	store => 'clave_session_store shared:clave:1m cache=1s;');

undef $t;

###############################################################################
