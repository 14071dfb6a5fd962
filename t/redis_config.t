#!/usr/bin/perl

# What nginx -t finds in the line that says where sessions live: each mistake with file, line and
# remedy, and without asking a Redis (product.md section 4, checklist R-05, R-11, R-12).

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

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(44);

my $d = $t->testdir();
my $keys = clave_keys();
$t->write_file('session.key', 'x' x 80);
$t->write_file('password', "secreto\n");
$t->write_file('open_password', "secreto\n");
$t->write_file('no_password', "\n");
chmod 0600, "$d/session.key", "$d/password", "$d/no_password";
chmod 0644, "$d/open_password";

my $key = "clave_session_key $d/session.key;";

sub complaints {
	my ($store) = @_;
	clave_conf($t, store => $store, server => 'location /tramites/ { clave pin; }');
	return clave_complaints($t);
}

sub refused {
	my ($name, $store, $message) = @_;
	like(complaints("clave_session_store $store; $key"),
		qr{^\[emerg\] clave: $message.* in \Q$d\E/nginx\.conf:\d+$}m, $name);
}

sub accepted {
	my ($store) = @_;
	is(complaints("clave_session_store $store; $key"), '', $store);
}

my $redis = 'redis://127.0.0.1:1';

accepted($_) for $redis, 'redis://[::1]:6379/2', 'unix:/run/redis/redis.sock', 'rediss://redis.example',
	'redis+sentinel://a,b:26380,c/clave', 'redis+cluster://a:7000,b',
	"$redis cache=off", "$redis cache=mine:2m cache_valid=500ms timeout=1s connect_timeout=100ms prefix=sede/1:",
	"rediss+cluster://a,b certificate=$keys/sp.pem certificate_key=$keys/sp.key tls_name=redis.sede.internal",
	"$redis user=clave password_file=$d/password", "redis+sentinel://a/b sentinel_password_file=$d/password", "rediss://redis.example trusted_certificate=$keys/sp.pem";

# nobody could read what the other machine has written

like(complaints("clave_session_store $redis;"),
	qr/sessions in Redis need a "clave_session_key FILE", the same on all machines; make one with: openssl rand .* in .*:\d+$/m,
	'no session key');

my $secret = complaints("clave_session_store redis://clave:hunter2\@127.0.0.1; $key");
like($secret, qr/^\[emerg\] clave: .*password_file in \Q$d\E/m, 'a password in the URL');
unlike($secret, qr/hunter2/, 'is not said again');
unlike(complaints("clave_session_store $_; $key"), qr/hunter2/, "nor in $_")
	for 'redis:/clave:hunter2@127.0.0.1', 'redi://clave:hunter2@127.0.0.1';

refused('a cache that would be asked after all the time', "$redis cache_valid=99ms", qr/.*100ms or longer/);
refused('an unknown scheme', 'redi://127.0.0.1', qr/unknown session store|.*scheme/);
refused('a scheme that is nearly one', 'redis+sentinels://a/b', qr/.*scheme/);
refused('no host', 'redis://', qr/.*host/);
refused('a port that is none', 'redis://a:99999', qr/.*port/);
refused('sentinels of nobody', 'redis+sentinel://a,b', qr/.*sentinel/);
refused('a socket by half', 'unix:redis.sock', qr/.*socket.*/);
refused('a database of a cluster', 'redis+cluster://a/1', qr/.*database/);

refused('an unknown parameter', "$redis time_out=1s", qr/invalid parameter "time_out" of "clave_session_store"; did you mean "timeout"\?/);
refused('a word', "$redis cache", qr/invalid parameter "cache"/);
refused('no value', "$redis prefix=", qr/"prefix=" has no value/);
refused('braces in a prefix', "$redis \"prefix={a}\"", qr/"prefix=\{a\}" should be at most 64 letters/);
refused('a cache without a size', "$redis cache=mine", qr/"cache=mine" should be "cache=NAME:SIZE", as in "cache=clave-cache:8m", or "cache=off"/);
refused('a small cache', "$redis cache=mine:512k", qr/zone "mine" of 512k is too small; the minimum is 1m/);
refused('an endless wait', "$redis timeout=1h", qr/"timeout=1h" should be a time of at most 60s/);
refused('no wait', "$redis connect_timeout=0", qr/"connect_timeout=0" should be a time/);
refused('two users', "redis://ana\@127.0.0.1 user=benito", qr/the URL and "user=" name different users; remove one/);
refused('no password file', "$redis password_file=$d/none", qr/cannot read "password_file=/);
refused('one for everybody', "$redis password_file=$d/open_password", qr/password file "[^"]+" is readable by everybody; run: chmod 640/);
refused('one without a password', "$redis password_file=$d/no_password", qr/password file "[^"]+" is empty/);
refused('the same of sentinels', "redis+sentinel://a/b sentinel_password_file=$d/none", qr/cannot read "sentinel_password_file=/);
refused('sentinels where there are none', "$redis sentinel_password_file=$d/password", qr/"sentinel_password_file=" is for sentinels; use "redis\+sentinel:/);
refused('authorities for nothing', "$redis trusted_certificate=$keys/sp.pem", qr/"trusted_certificate=" is for connections with TLS; use "rediss:/);
refused('a name for nothing', "$redis tls_name=redis", qr/"tls_name=" is for connections with TLS; use "rediss:/);
refused('a key for nothing', "$redis certificate_key=$keys/sp.key", qr/"certificate_key=" is for connections with TLS/);
refused('a certificate without its key', "rediss://a certificate=$keys/sp.pem", qr/a certificate for the store and its key go together/);
refused('the key of another one', "rediss://a certificate=$keys/sp.pem certificate_key=$keys/sp-old.key", qr/.* do not belong together/);

undef $t;

###############################################################################
