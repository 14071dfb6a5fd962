#!/usr/bin/perl

# Clients that go away wherever a request of theirs can be waiting: in the body of the gateway's
# answer, of a logout, of a form that is kept; while what sends them to the gateway is signed, while its
# answer is verified, in the queue before all that (checklist H-25; waiting for Redis: redis_aborts.t).
# They close, they reset, they cancel one stream of HTTP/2. nginx keeps nothing of them, and serves the
# next. In the end it is the worker that goes away (H-32).
#
# CLAVE_ABORTS is how many there are: 400, or 100000 before an issue about this is closed.
# CLAVE_SEED repeats a run.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Browser;
use Clave::Connections;
use Clave::Deserter;
use Clave::Gateway;

use List::Util qw/ shuffle /;
use Time::HiRes qw/ sleep time /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

use constant AT_ONCE => 27;

my $aborts = $ENV{CLAVE_ABORTS} // 400;
my $seed = $ENV{CLAVE_SEED} // int(time());
srand $seed;

my $t = Test::Nginx->new()->has(qw/http http_v2 proxy stub_status threads/)->plan(11);

backend($t);

# One thread, so that those who come together wait for each other. The debug log of 100000 requests
# would fill the disk.
clave_conf($t, main => <<'EOF_MAIN', http => Clave::Deserter::LOG . Clave::Connections::conf() . <<'EOF', server => <<'EOF_SERVER');
thread_pool default threads=1 max_queue=20;
worker_shutdown_timeout 1ms;
EOF_MAIN
    error_log %%TESTDIR%%/error.log info;
    clave_preserve_post 64k zone=forms:1m;

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

# What they ask for. An answer is good for minutes, and a long run takes longer.

my ($begun, $citizen, %asked);

sub begin {
	my $request;
	do { $request = $browser->go_to_gateway('/') } until $request->{relay_state};  # the queue may be full
	$begun = time();
	$citizen = logged_in('00000000T');
	$asked{login} = { method => 'GET', uri => "/.clave/login?s=$request->{relay_state}",
		headers => [ cookie => $browser->cookies() ] };
	# With a body that nobody asked for, and that does not come.
	$asked{'login with a body'} = { %{$asked{login}}, body => 'a=b' x 1000 };
	$asked{answer} = Clave::Deserter::brought(Clave::Gateway::answer_to($request, method => 'pin'));
	do { $request = logged_in()->leave() } until $request;
	$asked{'logout answer'} = Clave::Deserter::brought(Clave::Gateway::answer_to($request, case => 'logout-good-plain'));
	$asked{session} = { method => 'POST', uri => '/.clave/session', body => 'x' x 1000,
		headers => [ cookie => $citizen->cookies(), 'sec-fetch-site' => 'same-origin' ] };
	# One to be kept for after a login.
	$asked{form} = { method => 'POST', uri => '/form', body => 'a=1&' x 3000,
		headers => [ 'content-type' => 'text/plain', origin => Clave::ORIGIN, 'sec-fetch-site' => 'same-origin',
			'sec-fetch-mode' => 'navigate', 'sec-fetch-dest' => 'document' ] };
	logout();
	$asked{$_}{way} = $_ for keys %asked;
}

sub logged_in {
	my ($nif) = @_;
	my $newcomer = Clave::Browser->new();
	do { $newcomer->login('/', method => 'pin', nif => $nif // '99999018D') } until $newcomer->cookie();
	return $newcomer;
}

# Of a session of its own, as it may well end.

sub logout {
	return $asked{logout} = { way => 'logout', method => 'POST', uri => '/.clave/logout', body => 'a=' . 'b' x 3000,
		headers => [ cookie => logged_in()->cookies(), 'sec-fetch-site' => 'same-origin',
			'content-type' => 'application/x-www-form-urlencoded' ] };
}

sub login { $asked{login} }

sub over_http1 { Clave::Deserter->http1(port(8080), @_) }

sub over_http2 { Clave::Deserter->http2(port(8082), @_) }

# All of it, or a part of its body.

sub whole {
	my ($way) = @_;
	return $way eq 'logout' ? logout() : $asked{$way};
}

sub part {
	my ($way) = @_;
	my %request = (%{$asked{$way}}, way => "part of $way");
	# Of a browser that says nothing of itself, or nobody waits for what a logout brings.
	$request{headers} = [ @{$request{headers}}[0, 1] ] if $way eq 'logout';
	return (\%request, part => int rand length $asked{$way}{body});
}

my @signed = ('answer', 'logout', 'logout answer');
my @read = (@signed, 'form');

my @ways = (
	sub { over_http1(login()) },
	sub { over_http2(login()) },
	map({ my $way = $_; (
		sub { over_http1(whole($way)) },
		sub { over_http1(whole($way), chunked => 1) },
		sub { over_http2(whole($way)) },
	) } @signed),
	map({ my $way = $_; (
		sub { over_http1(part($way)) },
		sub { over_http1(part($way), chunked => 1) },
		sub { over_http2(part($way)) },
	) } @read),
	map({ my $way = $_; (sub { over_http1(part($way)) }, sub { over_http2(part($way)) }) }
		'login with a body', 'session'),
);

begin();

###############################################################################

my $baseline = Clave::Connections::active();
cmp_ok($baseline, '>', 0, 'connections are counted');

# Under load a sample can miss one of these: then it goes on until it has met them all.

my $gone = 0;
sub missed {
	my ($http1, $http2) = map { Clave::Deserter::seen($t, $_) } 1, 2;
	return join ', ',
		map({ $http1->{$_}{499} ? () : $_ } 'login', @signed),
		map({ $http1->{"part of $_"}{400} ? () : "part of $_" } @read),
		$http2->{login}{499} ? () : 'login over HTTP/2',
		(grep { $http2->{$_}{499} } @signed) ? () : 'any answer or logout over HTTP/2';
}
{
	local $SIG{PIPE} = 'IGNORE';
	while ($gone < $aborts || $gone < 10 * $aborts && missed()) {
		begin() if time() > $begun + 60;
		my @clients = shuffle(map { $ways[$_ % @ways]->() } 1 .. AT_ONCE);
		$_->ask() for @clients;
		sleep((0, rand 0.005, rand 0.02, rand 0.1)[rand 4]);
		for my $client (shuffle(@clients)) {
			sleep rand 0.004 if rand() < 0.2;
			$client->leave();
		}
		$gone += @clients;
	}
}

is(Clave::Connections::eventually(\&Clave::Connections::active, $baseline), $baseline, "no connection is left of $gone that broke off (CLAVE_SEED=$seed)");
is(Clave::Connections::eventually(\&Clave::Connections::waiting, 0), 0, 'nobody waits');

# That proves something if they went neither too early nor too late.

is(missed(), '', 'each way was left while it waited, or in the middle of its body');

# A crowd that stays to hear the answer.

my @crowd = map { over_http1(login()) } 1 .. 100;
$_->ask() for @crowd;
my %told;
$told{status_of($_->listen())}++ for @crowd;
cmp_ok($told{503} // 0, '>', 0, 'some found the queue full');

my $workers = () = $t->read_file('error.log') =~ /start worker process \d+/g;
is($workers, 1, 'no worker died of it');
my %codes = map { $_ => 1 } refusals($t);
is_deeply([ grep { !/^E-(?:LEFT|REPLAY|SLO|STORE)$/ } sort keys %codes ], [], 'nothing else was refused');
my $left = Clave::Deserter::seen($t, 1);
my $lines = grep { $_ eq 'E-LEFT' } refusals($t);
cmp_ok($lines, '>=', $left->{answer}{499} + $left->{'logout answer'}{499}, 'each answer that was left alone has its line');
is(status_of(Clave::Browser->new()->login('/', method => 'pin')), 200, 'a login straight after');

# The worker.

my @clients = map { over_http1(login()) } 1 .. 20;
$_->ask() for @clients;
$t->reload();
my %status;
$status{status_of($_->listen())}++ for @clients;
is_deeply([ grep { !/^(?:0|200)$/ } keys %status ], [], 'a worker that leaves answers, or not');
is(Clave::Connections::eventually(sub { status_of(Clave::Browser->new()->login('/', method => 'pin')) }, 200), 200, 'and the next one does');

undef $t;

###############################################################################

