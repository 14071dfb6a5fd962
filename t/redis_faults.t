#!/usr/bin/perl

# A Redis that answers, but not as it should: never, an octet a second, too much, in another language,
# with words of its own state (checklist R-03, R-06, R-17); cookies that are none (R-10); and the ways to
# reach it (R-12, R-13). Whoever is identified is asked to come back (503) and nobody else notices.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_end /;
use Clave;
use Clave::Browser;
use Clave::Meddler;
use Clave::Redis;

use Time::HiRes qw/ sleep time /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy/)->has_daemon('redis-server')->plan(85);
my $d = $t->testdir();

$t->write_file('session.key', join '', map { chr int rand 256 } 1 .. 80);
chmod 0600, "$d/session.key";
system("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -batch -days 2"
	. " -subj /CN=localhost -addext subjectAltName=DNS:localhost"
	. " -keyout $d/redis.key -out $d/redis.pem 2> $d/openssl.log") == 0 or die "no certificate\n";

my $tls = port(8092);
my $redis = Clave::Redis->new($t, port => 8090, unix => 1, options => [
	'--tls-port', $tls, '--tls-cert-file', "$d/redis.pem", '--tls-key-file', "$d/redis.key",
	'--tls-auth-clients', 'no' ])->start();
my $port = $redis->port_number();
my $meddler = Clave::Meddler->new($t, port => 8091, to => $port);

backend($t);

sub configure {
	my ($nginx, $listen, $store) = @_;
	clave_conf($nginx, main => 'worker_processes 1;', listen => "127.0.0.1:$listen",
		store => "clave_session_store $store cache=off; clave_session_key $d/session.key;",
		http => 'error_log %%TESTDIR%%/error.log info; large_client_header_buffers 4 128k;', server => <<'EOF_SERVER');
        location / {
            clave permanente;
            proxy_pass http://127.0.0.1:8081;
        }

        location /public/ {
            proxy_pass http://127.0.0.1:8081;
        }
EOF_SERVER
	return $nginx;
}

configure($t, 8080, 'redis://127.0.0.1:8091')->run();

###############################################################################

sub code { status_of($_[0]->get($_[1] // '/')) }

sub eventually {
	my ($wanted, $ask) = @_;
	my $seen;
	for (1 .. 60) {
		$seen = $ask->();
		last if $seen eq $wanted;
		sleep 0.05;
	}
	return $seen;
}

my ($ana, $benito) = map { Clave::Browser->new() } 1 .. 2;
is(status_of($ana->login('/', method => 'permanente', nif => '00000000T')), 200, 'a login');
$benito->login('/', method => 'permanente', nif => '99999999R');

# What everybody sees, and that it ends.

sub outage {
	my ($what, $begin_it, $end_it) = @_;
	$begin_it->();
	is(eventually(503, sub { code($ana) }), 503, "$what: come back later");
	my $begin = time();
	my $hits = backend_hits();
	my @answers = map { $ana->get('/') } 1 .. 3;
	is(join(' ', map { status_of($_) . '/' . (header_of($_, 'Retry-After') // '') } @answers), '503/30 503/30 503/30',
		"$what: every time");
	is(backend_hits(), $hits, "$what: nobody gets in");
	cmp_ok(time() - $begin, '<', 3, "$what: soon");
	$begin = time();
	is(code($ana, '/public/'), 200, "$what: what is public stays so");
	cmp_ok(time() - $begin, '<', 0.5, "$what: and waits for nobody");
	$end_it->();
	$begin = time();
	eventually(200, sub { code($ana) });
	my $took = time() - $begin;
	my @who = map { backend_saw($_->get('/'))->{headers}{'x-clave-nif'} // '' } $ana, $benito;
	ok($took < 2 && "@who" eq '00000000T 99999999R', "$what: back within 2 s, everyone as himself")
		or diag("$took s: @who");
}

for my $mood ('mute', 'drip', 'extra', 'garbage', '-LOADING Redis is loading the dataset in memory',
	'-MASTERDOWN Link with MASTER is down') {
	outage($mood, sub { $meddler->be($mood) }, sub { $meddler->be('pass') });
}

# Sooner over: they end as the connection does, and nobody has to wait for a deadline.

for my $mood ('push', 'huge', 'hang up') {
	$meddler->be($mood);
	is(eventually(503, sub { code($ana) }), 503, "$mood: come back later");
	$meddler->be('pass');
	is(eventually(200, sub { code($ana) }), 200, "$mood: and it is over");
}

# A network that is slow and loses much (R-03): in time or not at all, and nothing piles up.

my ($worker) = $t->read_file('error.log') =~ /start worker process (\d+)/;
my $resident = resident($worker);
$meddler->be('lossy');
my %lossy;
for (1 .. 15) {
	my @asked = map { http("GET / HTTP/1.0\r\nHost: sede.example.gob.es\r\nCookie: " . $ana->cookies()
		. "\r\n\r\n", start => 1) } 1 .. 40;
	$lossy{status_of(http_end($_))}++ for @asked;
}
$meddler->be('pass');
is(join(' ', grep { !/^(?:200|503)$/ } keys %lossy), '', 'lossy: an answer, or come back later') or diag(explain(\%lossy));
my $quarantine = $ENV{ASAN_OPTIONS} ? 256_000 : 0;  # what is freed stays for a while
cmp_ok(resident($worker) - $resident, '<', 16_000 + $quarantine, 'lossy: nothing piles up');
is(eventually(200, sub { code($ana) }), 200, 'lossy: and it is over');

# BUSY, said by Redis itself

$redis->ask('CONFIG', 'SET', 'busy-reply-threshold', 50);
my $script;
outage('BUSY', sub { $script = $redis->begin('EVAL', 'while true do end', 0); sleep 0.1 },
	sub { $redis->ask('SCRIPT', 'KILL') });
close $script;

# Cookies that are no tokens (R-10): Redis never hears of them.

my $before = asked_for();
my %status;
for my $cookie ('*', 'a b', '{tag}', 'A' x 42, 'A' x 44, 'A' x 6000, '..%0d%0aFLUSHALL', "A\x01" . 'A' x 41,
	'$6%0d%0aDELALL', 'A' x 42 . '=', 'A' x 65536, 'A' x 21 . "\0" . 'A' x 21) {
	$status{code(Clave::Browser->new()->set_cookie('__Host-clave', $cookie))}++;
}
is_deeply(\%status, { 302 => 11, 400 => 1 }, 'what is no token is no session, and a NUL is no header');
is(asked_for(), $before, 'and is not asked for');
code($ana);
is(asked_for(), $before + 1, 'as a token is');

# Other ways to the same sessions (R-12, R-13)

for my $way ("unix:" . $redis->socket_path(), "redis://localhost:$port",
	"rediss://localhost:$tls trusted_certificate=$d/redis.pem") {
	my $other = configure(Test::Nginx->new(), 8082, $way);
	$other->run();
	my $there = $ana->twin();
	$there->{peer} = '127.0.0.1:' . port(8082);
	my ($name) = $way =~ /^(\w+:)/;
	is(eventually(200, sub { code($there) }), 200, "the session is known over $name");
	$other->stop();
}

for my $way ("rediss://127.0.0.1:8092 trusted_certificate=$d/redis.pem", "rediss://localhost:$tls",
	"rediss://localhost:$port trusted_certificate=$d/redis.pem") {
	my $other = configure(Test::Nginx->new(), 8082, $way);
	$other->run();
	my $there = $ana->twin();
	$there->{peer} = '127.0.0.1:' . port(8082);
	sleep 0.2;
	is(code($there), 503, 'not over TLS that cannot be verified: ' . (split ' ', $way)[0]);
	like($other->read_file('error.log'), qr/\[error\].*clave: E-REDIS .* is down/, 'and the operator hears of it');
	$other->stop();
}

my @ours = grep { /clave: / } split /\n/, $t->read_file('error.log');
unlike("@ours", qr/00000000T|99999999R/, 'nobody is named');
my @workers = $t->read_file('error.log') =~ /start worker process (\d+)/g;
is(scalar @workers, 1, 'no worker died of it');

undef $t;

###############################################################################

# Memory of a process, in kB.

sub resident {
	my ($pid) = @_;
	open my $status, '<', "/proc/$pid/status" or die "no process $pid\n";
	local $/;
	return <$status> =~ /^VmRSS:\s+(\d+)/m ? $1 : die "no VmRSS\n";
}

# How often Redis was asked for a session.

sub asked_for {
	return ($redis->ask('INFO', 'commandstats') // '') =~ /cmdstat_mget:calls=(\d+)/ ? $1 : 0;
}

###############################################################################
