#!/usr/bin/perl

# Clients that go away wherever a request of theirs can be waiting: in the body of the gateway's
# answer, while their AuthnRequest is signed, while the answer is verified, in the queue before both
# (checklist H-25). They close, they reset, they cancel one stream of HTTP/2. nginx keeps nothing of
# them, and serves the next. In the end it is the worker that goes away (H-32).
#
# CLAVE_ABORTS is how many there are: 400, or 100000 before an issue about this is closed.
# CLAVE_SEED repeats a run.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_end /;
use Clave;
use Clave::Browser;
use Clave::Gateway;
use Clave::Http2;

use List::Util qw/ shuffle /;
use Socket qw/ SOL_SOCKET SO_LINGER /;
use Time::HiRes qw/ sleep time /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

use constant AT_ONCE => 27;

my $aborts = $ENV{CLAVE_ABORTS} // 400;
my $seed = $ENV{CLAVE_SEED} // int(time());
srand $seed;

my $t = Test::Nginx->new()->has(qw/http http_v2 proxy stub_status threads/)->plan(14);

backend($t);

# One thread, so that those who come together wait for each other. The debug log of 100000 requests
# would fill the disk.
clave_conf($t, main => <<'EOF_MAIN', http => <<'EOF', server => <<'EOF_SERVER');
thread_pool default threads=1 max_queue=20;
worker_shutdown_timeout 1ms;
EOF_MAIN
    error_log %%TESTDIR%%/error.log info;

    server {
        listen 127.0.0.1:8083;

        location / {
            stub_status;
            access_log off;
        }
    }

    server {
        listen         127.0.0.1:8082 http2;
        server_name    sede.example.gob.es;
        clave_base_url https://sede.example.gob.es;

        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }
    }
EOF
        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }
EOF_SERVER

$t->run();

###############################################################################

my $browser = Clave::Browser->new();
my $acs = '/.clave/acs';
my ($begun, $login, $form, $whole);

# An answer is good for minutes, and a long run takes longer.
sub begin_login {
	my $request;
	do { $request = $browser->go_to_gateway('/') } until $request->{relay_state};  # the queue may be full
	$begun = time();
	$login = "/.clave/login?s=$request->{relay_state}";
	$form = Clave::Gateway::answer_to($request, method => 'pin');
	$whole = length $form->{body};
}
begin_login();

# A client is what it does: ask, leave. Over HTTP/1.1:

my $host = "Host: sede.example.gob.es\r\nConnection: close\r\n";

sub login { "GET $login HTTP/1.1\r\n${host}Cookie: " . $browser->cookies() . "\r\n\r\n" }

# With a body that nobody asked for, and that does not come.
sub login_with_body { login() =~ s/\r\n\r\n/\r\nContent-Length: 1000\r\n\r\na=b/r }

sub answer {
	my ($part) = @_;
	return "POST $acs HTTP/1.1\r\n${host}Content-Type: $form->{content_type}\r\n"
		. 'Content-Length: ' . length($form->{body}) . "\r\n\r\n" . substr($form->{body}, 0, $part);
}

sub chunked_answer {
	my ($part, $end) = @_;
	my @chunks = substr($form->{body}, 0, $part) =~ /.{1,1000}/gs;
	return "POST $acs HTTP/1.1\r\n${host}Content-Type: $form->{content_type}\r\n"
		. "Transfer-Encoding: chunked\r\n\r\n"
		. join('', map { sprintf "%x\r\n%s\r\n", length $_, $_ } @chunks) . ($end ? "0\r\n\r\n" : '');
}

sub over_http1 {
	my ($text) = @_;
	my $socket = IO::Socket::INET->new(Proto => 'tcp', PeerAddr => '127.0.0.1:' . port(8080))
		or die "Can't connect to nginx: $!\n";
	$socket->autoflush(1);
	return {
		ask => sub { $socket->print($text) },
		leave => sub { leave($socket) },
		listen => sub { http_end($socket) },
	};
}

# Over HTTP/2, the same; a client may also give up a single stream: the connection then has another,
# which is given up, too.

sub h2_login {
	my ($connection) = @_;
	return $connection->request('GET', $login, complete => 1, headers => [ cookie => $browser->cookies() ]);
}

sub h2_answer {
	my ($part, $complete) = @_;
	return sub {
		my ($connection) = @_;
		my $stream = $connection->request('POST', $acs, headers => [ 'content-type' => $form->{content_type} ]);
		$connection->body($stream, substr($form->{body}, 0, $part), complete => $complete);
		return $stream;
	};
}

sub over_http2 {
	my ($begin) = @_;
	my $connection = Clave::Http2->new(port(8082));
	my $stream;
	my $give_up = sub {
		if (rand() < 0.6) {
			$connection->reset($stream);
			$connection->reset($begin->($connection));
		}
		leave($connection->socket());
	};
	return { ask => sub { $stream = $begin->($connection) }, leave => $give_up };
}

# With FIN or with RST.

sub leave {
	my ($socket) = @_;
	setsockopt $socket, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0 if rand() < 0.5;
	$socket->close();
}

sub some { int rand $whole }

my @ways = (
	sub { over_http1(answer(some())) },
	sub { over_http1(chunked_answer(some())) },
	sub { over_http1(answer($whole)) },
	sub { over_http1(chunked_answer($whole, 1)) },
	sub { over_http1(login()) },
	sub { over_http1(login_with_body()) },
	sub { over_http2(h2_answer(some())) },
	sub { over_http2(h2_answer($whole, 1)) },
	sub { over_http2(\&h2_login) },
);

###############################################################################

my $baseline = connections();
cmp_ok($baseline, '>', 0, 'connections are counted');

# Under load a sample can miss one of these: then it goes on until it has met them all.

my @kinds = ('GET HTTP/1', 'POST HTTP/1', 'GET HTTP/2', 'POST HTTP/2');
my $gone = 0;
sub met_all { keys %{abandoned()} == @kinds }
{
	local $SIG{PIPE} = 'IGNORE';
	while ($gone < $aborts || $gone < 10 * $aborts && !met_all()) {
		begin_login() if time() > $begun + 60;
		my @clients = shuffle(map { $ways[$_ % @ways]->() } 1 .. AT_ONCE);
		$_->{ask}->() for @clients;
		sleep((0, rand 0.02, rand 0.1)[rand 3]);
		for my $client (shuffle(@clients)) {
			sleep rand 0.004 if rand() < 0.2;
			$client->{leave}->();
		}
		$gone += @clients;
	}
}

is(eventually(\&connections, $baseline), $baseline, "no connection is left of $gone that broke off (CLAVE_SEED=$seed)");
is(eventually(\&waiting, 0), 0, 'nobody waits');

# That proves something if they went neither too early nor too late.

cmp_ok(abandoned()->{$_} // 0, '>', 0, "$_ abandoned while it waited") for @kinds;
my $log = $t->read_file('access.log');
like($log, qr{"POST \S+ HTTP/1\.1" 400 }, 'and in the middle of its body');

# A crowd that stays to hear the answer.

my @crowd = map { over_http1(login()) } 1 .. 100;
$_->{ask}->() for @crowd;
my %told;
$told{status_of($_->{listen}->())}++ for @crowd;
cmp_ok($told{503} // 0, '>', 0, 'some found the queue full');

my $workers = () = $t->read_file('error.log') =~ /start worker process \d+/g;
is($workers, 1, 'no worker died of it');
my %codes = map { $_ => 1 } refusals($t);
is_deeply([ grep { !/^E-(?:REPLAY|STORE)$/ } sort keys %codes ], [], 'nothing else was refused');
is(status_of(Clave::Browser->new()->login('/', method => 'pin')), 200, 'a login straight after');

# The worker.

my @clients = map { over_http1(login()) } 1 .. 20;
$_->{ask}->() for @clients;
$t->reload();
my %status;
$status{status_of($_->{listen}->())}++ for @clients;
is_deeply([ grep { !/^(?:0|200)$/ } keys %status ], [], 'a worker that leaves answers, or not');
is(eventually(sub { status_of(Clave::Browser->new()->login('/', method => 'pin')) }, 200), 200, 'and the next one does');

undef $t;

###############################################################################

# How often a request was given up that was waiting for us: { 'METHOD HTTP/VERSION' => times }.

sub abandoned {
	my %times;
	my $log = $t->read_file('access.log');
	$times{"$1 HTTP/$2"}++ while $log =~ m{"(\w+) \S+ HTTP/(\d)\S+" 499 }g;
	return \%times;
}

sub stub_status {
	return http("GET / HTTP/1.0\n\n", PeerAddr => '127.0.0.1:' . port(8083)) // '';
}

sub connections { stub_status() =~ /Active connections: (\d+)/ ? $1 : -1 }

sub waiting { stub_status() =~ /Waiting: (\d+)/ ? $1 : -1 }

sub eventually {
	my ($ask, $wanted) = @_;
	for (1 .. 200) {
		last if $ask->() == $wanted;
		sleep 0.05;
	}
	return $ask->();
}

###############################################################################
