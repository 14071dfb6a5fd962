#!/usr/bin/perl

# What nginx -t finds in clave_sign_api: file, line and remedy (product section 4).

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

my $t = Test::Nginx->new()->has(qw/http/)->plan(24);

sub complaints { signing_complaints($t, @_) }
sub refused { signing_refused($t, @_) }

my $api = 'location /api/ { clave_sign_api; }';

unlike(complaints($api), qr/emerg/, 'all that is needed, and no other location');
unlike(complaints('location /api { clave_sign_api level=permanente_otp max_age=10m; }'), qr/emerg/,
	'another requirement');

for my $needed (['firma', 'the broker'], ['firma_certificate', 'by which FIRe knows'],
	['sign_archive', 'where documents'], ['sign_evidence', 'without which nothing may be signed'])
{
	my ($name, $why) = @$needed;
	refused("no $name", qr/"clave_sign_api" needs a "clave_$name", $why/, $api, $name => undef);
}

refused('in a location of citizens', qr/"clave_sign_api" is for applications, which do not log in; add "clave off;"/,
	'clave permanente_otp; location /api/ { clave_sign_api; }');
refused('too low a level', qr/level "pin" is too low for "clave_sign_api".*use "level=permanente_otp"/,
	'location /api/ { clave_sign_api level=pin; }');
refused('an unknown level', qr/unknown level "permanent"; did you mean "permanente"/,
	'location /api/ { clave_sign_api level=permanent; }');
refused('an unknown parameter', qr/.*"max_edad=1h"/, 'location /api/ { clave_sign_api max_edad=1h; }');
refused('not a time', qr/.*max_age/, 'location /api/ { clave_sign_api max_age=mucho; }');
refused('in words of its own', qr/invalid parameter "max_age" of "clave_sign_api"; did you mean "max_age="\?/,
	'location /api/ { clave_sign_api max_age; }');
refused('its level', qr/invalid parameter "levle=pin" of "clave_sign_api"; did you mean "level="\?/,
	'location /api/ { clave_sign_api levle=pin; }');
my $company = qr/"clave_sign_api" answers in this location, and another directive does so, too, as "proxy_pass" would: .*; give each a location of its own/;
refused('beside an application', $company, "location /api/ {\nclave_sign_api;\nproxy_pass http://127.0.0.1:8081; }");
my ($line) = map { /:(\d+)$/m } grep { /emerg/ } complaints("location /api/ {\nclave_sign_api;\nproxy_pass http://127.0.0.1:8081; }");
like((split /\n/, $t->read_file('nginx.conf'))[$line - 1], qr/^clave_sign_api;/, 'told at its own line');
refused('the other way round', $company, 'location /api/ { proxy_pass http://127.0.0.1:8081; clave_sign_api; }');
refused('with something else that answers', $company, 'location /api/ { clave_sign_api; empty_gif; }');
refused('as one of the operator\'s', qr/"clave_status" answers in this location, and another directive does so/,
	'location /api/ { clave_sign_api; } location /status { clave_status; fastcgi_pass 127.0.0.1:8081; }');
unlike(complaints('location /api/ { clave_sign_api; if ($args) { return 403; } try_files $uri =404; index x; }'), qr/emerg/,
	'what does not answer just so may stand beside it');
refused('a pattern', qr/"clave_sign_api" needs a location with a plain name/,
	'location ~ ^/api { clave_sign_api; }');
refused('a single address', qr/"clave_sign_api" needs a location with a plain name/,
	'location = /api { clave_sign_api; }');
like(complaints('location /api/ { clave_sign_api; clave_sign_api; }'), qr/"clave_sign_api" directive is duplicate/,
	'twice');
like(complaints('clave_sign_api;'), qr/"clave_sign_api" directive is not allowed here/, 'not for a server');
unlike(complaints('clave permanente_otp; location /api/ { clave off; clave_sign_api; }'), qr/emerg/,
	'beside citizens');

undef $t;  # its own checks come now: the functions above would hold it to the end

###############################################################################
