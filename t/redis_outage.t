#!/usr/bin/perl

# A Redis that is not there, does not answer, or says no: whoever is identified is asked to come back
# (503), nobody is let in, nobody is sent to a login, and everything else goes on (checklist R-01 to
# R-08, R-14, R-16). Two seconds after Redis is back, so are the sessions, without a reload.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_end /;
use Clave;
use Clave::Browser;
use Clave::Redis;

use Time::HiRes qw/ sleep time /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy ssi stub_status/)->has_daemon('redis-server')->plan(48);

my $d = $t->testdir();
my $redis = Clave::Redis->new($t, port => 8090, keep => 1);

$t->write_file('session.key', join '', map { chr int rand 256 } 1 .. 80);
$t->write_file('password', "hunter2-hunter2\n");
chmod 0600, "$d/session.key", "$d/password";

backend($t);
clave_conf($t, main => 'worker_processes 1;',
	store => "clave_session_store redis://127.0.0.1:8090 password_file=$d/password cache=off;"
		. " clave_session_key $d/session.key;",
	http => <<'EOF', server => <<'EOF_SERVER');
    error_log %%TESTDIR%%/error.log info;

    server {
        listen 127.0.0.1:8083;

        location / {
            stub_status;
            access_log off;
        }
    }
EOF
        location / {
            clave permanente;
            proxy_pass http://127.0.0.1:8081;
        }

        location /optional/ {
            clave optional;
            proxy_pass http://127.0.0.1:8081;
        }

        location /public/ {
            proxy_pass http://127.0.0.1:8081;
        }

        location = /ssi.html {
            ssi on;
        }
EOF_SERVER

$t->write_file('ssi.html', '<!--#include virtual="/inside" -->');

###############################################################################

sub code { status_of($_[0]->get($_[1] // '/')) }

# What everybody sees while Redis is out.

sub outage {
	my ($what, $browser) = @_;
	my $hits = backend_hits();
	my $response = $browser->get('/');
	is(status_of($response) . ' ' . (header_of($response, 'Retry-After') // ''), '503 30', "$what: come back later");
	is(backend_hits(), $hits, "$what: nobody gets in");
}

# Seconds until a session counts again, or "never".

sub back {
	my ($what, $browser) = @_;
	my $begin = time();
	my $seen;
	while (time() - $begin < 5) {
		$seen = code($browser);
		last if $seen == 200;
		sleep 0.05;
	}
	my $took = time() - $begin;
	ok($seen == 200 && $took < 2, "$what: back within 2 s") or diag("$seen after $took s");
}

# down at start (R-01)

$t->run();
my $stranger = Clave::Browser->new()->set_cookie('__Host-clave', 'A' x 43);
sleep 0.3;
outage('down at start', $stranger);
like($t->read_file('error.log'), qr/\[error\] .*clave: E-REDIS 127\.0\.0\.1:\d+ is down: /, 'the operator reads why');
is(code($stranger, '/public/'), 200, 'what is public stays so');
my $optional = backend_saw($stranger->get('/optional/'));
is($optional->{headers}{'x-clave-nif'}, undef, 'what is optional has no identity');
is($optional->{method}, 'GET', 'and works');
is(status_of($stranger->get('/', 'Accept: application/json')), 503, 'scripts are told the same');
is(code($stranger, '/.clave/session'), 503, 'so are those who ask how long it lasts');
like($stranger->get('/ssi.html'), qr/503 Service/, 'and subrequests');
my $logout = $stranger->twin()->post('/.clave/logout', '', 'Sec-Fetch-Site: same-origin');
is(status_of($logout), 503, 'a logout says that the session may live on');
like(header_of($logout, 'Set-Cookie'), qr/^__Host-clave=; .*Max-Age=0/, 'and takes the cookie');

my $newcomer = Clave::Browser->new();
my $sent = $newcomer->get('/');
is(status_of($sent), 302, 'who has no session is on the way');
is(code($newcomer, header_of($sent, 'Location')), 503, 'to a login that does not begin');

$redis->{more} = [ '--requirepass', 'hunter2-hunter2' ];
$redis->{password} = 'hunter2-hunter2';
$redis->start();
my $begin = time();
my ($ana, $benito) = map { Clave::Browser->new() } 1 .. 2;
my $in = 0;
while (!$in && time() - $begin < 20) {
	$in = status_of($ana->login('/', method => 'permanente', nif => '00000000T')) == 200;
}
my $took = time() - $begin;
diag(sprintf 'the first login %.2f s after Redis was there', $took);
ok($in && $took < 10, 'there it is: a login, soon (R-01)');
$benito->login('/', method => 'permanente', nif => '99999999R');
is(code($benito), 200, 'and another one');

# killed, with requests on their way (R-02)

my $half = Clave::Browser->new();
my $request = $half->go_to_gateway('/half');
my $taken = Clave::Gateway::answer_to($request, method => 'permanente');
my @waiting = map { waiting_for($ana) } 1 .. 10;
$redis->kill();
my %status;
$status{status_of(http_end($_))}++ for @waiting;
is_deeply([ grep { !/^(?:200|503)$/ } keys %status ], [], 'killed: who waits is answered, once');
outage('killed', $ana);
is(status_of($half->post_answer($taken)), 503, 'killed: an answer of the gateway waits');
$redis->start();
back('killed', $ana);

# What was begun before may have been done already (R-07).

my $posted = $half->post_answer($taken);
is(status_of($half->get(header_of($posted, 'Location') // '/')), 403, 'a login of before is begun anew');
is(status_of($half->login('/', method => 'permanente', nif => '99999999R')), 200, 'and goes well');

# frozen (R-03), and what it says when it is too late (R-04)

$redis->freeze();
$begin = time();
@waiting = map { waiting_for($_ % 2 ? $ana : $benito) } 1 .. 20;
my $quick = time();
is(code($stranger, '/public/'), 200, 'frozen: what is public stays so');
cmp_ok(time() - $quick, '<', 0.3, 'frozen: and waits for nobody');
is(join(' ', map { status_of(http_end($_)) } @waiting), join(' ', (503) x 20), 'frozen: come back later');
cmp_ok(time() - $begin, '<', 2, 'frozen: soon');
outage('frozen', $ana);
$begin = time();
code($ana) for 1 .. 20;
cmp_ok(time() - $begin, '<', 3, 'frozen: the circuit is open');
$redis->thaw();
back('frozen', $ana);
my $mixed = 0;
for (1 .. 50) {
	for ([ $ana, '00000000T' ], [ $benito, '99999999R' ]) {
		my ($browser, $nif) = @$_;
		my $saw = backend_saw($browser->get('/'))->{headers}{'x-clave-nif'} // '';
		$mixed++ if $saw ne $nif;
	}
}
is($mixed, 0, 'frozen: nobody gets an answer that was for somebody else');

# clients that do not wait

$redis->freeze();
my $connections = connections();
my @gone = map { waiting_for($ana) } 1 .. 30;
sleep 0.05;
close $_ for @gone;
$redis->thaw();
back('abandoned', $ana);
is(eventually(\&connections, $connections), $connections, 'abandoned: nothing is left of them');

# a worker that leaves waits for those who wait

$redis->freeze();
my $patient = waiting_for($ana);
sleep 0.05;
$t->reload();
sleep 0.1;
$redis->thaw();
is(status_of(http_end($patient)), 200, 'a request over a reload');
back('reload', $ana);

# it says no (R-05, R-06, R-08)

sub denied {
	my ($what, $refuse, $allow, $wanted) = @_;
	$refuse->();
	is(eventually(sub { code($ana) }, 503), 503, "$what: come back later");
	$allow->();
	back($what, $ana);
}

my $login_fails = sub {
	my ($what) = @_;
	my $browser = Clave::Browser->new();
	my $request = $browser->go_to_gateway('/');
	my $response = $request ? $browser->come_back($request, method => 'permanente') : $browser->{last};
	is(status_of($response) . ($browser->cookie() // ''), '503', "$what: no login, and no cookie");
};

denied('another password (R-05)',
	sub { $redis->ask('CONFIG', 'SET', 'requirepass', 'changed'); $redis->{password} = 'changed';
		$redis->ask('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes') },
	sub { $redis->ask('CONFIG', 'SET', 'requirepass', 'hunter2-hunter2'); $redis->{password} = 'hunter2-hunter2' });
denied('a command that is not allowed (R-05)',
	sub { $redis->ask('ACL', 'SETUSER', 'default', '-mget') },
	sub { $redis->ask('ACL', 'SETUSER', 'default', '+mget') });
unlike($t->read_file('error.log'), qr/hunter2/, 'no log has the password');

$redis->ask('CONFIG', 'SET', 'maxmemory', '1');
is(code($ana), 200, 'no memory (R-08): who is in stays in');
$login_fails->('no memory (R-08)');
$redis->ask('CONFIG', 'SET', 'maxmemory', '0');

$redis->ask('REPLICAOF', '127.0.0.1', '1');
$login_fails->('a replica (R-06)');
$redis->ask('REPLICAOF', 'NO', 'ONE');
back('a replica (R-06)', $ana);

# it forgets everything (R-14): that is no outage

$redis->ask('FLUSHALL');
is(eventually(sub { code($ana) }, 302), 302, 'forgotten: to the login');
is(status_of($ana->login('/', method => 'permanente', nif => '00000000T')), 200, 'forgotten: a login');

# one line each, and nobody in it

my $log = $t->read_file('error.log');
unlike(join("\n", grep { /clave: / } split /\n/, $log), qr/00000000T|99999999R/, 'nobody is named');
my $workers = () = $log =~ /start worker process \d+/g;
is($workers, 2, 'no worker died of it');

undef $t;

###############################################################################

# A request whose answer nobody has read yet.

sub waiting_for {
	my ($browser) = @_;
	my $socket = IO::Socket::INET->new(Proto => 'tcp', PeerAddr => '127.0.0.1:' . port(8080))
		or die "Can't connect to nginx: $!\n";
	$socket->autoflush(1);
	print $socket "GET / HTTP/1.1\r\nHost: sede.example.gob.es\r\nConnection: close\r\nCookie: "
		. $browser->cookies() . "\r\n\r\n";
	return $socket;
}

sub connections {
	my $page = http("GET / HTTP/1.0\n\n", PeerAddr => '127.0.0.1:' . port(8083)) // '';
	return $page =~ /Active connections: (\d+)/ ? $1 : -1;
}

sub eventually {
	my ($ask, $wanted) = @_;
	my $seen;
	for (1 .. 60) {
		$seen = $ask->();
		last if $seen eq $wanted;
		sleep 0.05;
	}
	return $seen;
}

###############################################################################
