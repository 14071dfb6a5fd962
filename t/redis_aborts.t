#!/usr/bin/perl

# Clients that go away while Redis has yet to answer, at whatever endpoint, page or part of a page, and at
# whichever of the questions that it asks (checklist H-25): nginx and Redis keep nothing of them, but for
# a session that was being written, which is in the audit log as every other; and nobody gets an answer
# that was for one of them.
#
# CLAVE_ROUNDS is how often each of them leaves: 12, or many more. CLAVE_SEED repeats a run.

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
use Clave::Redis;
use Clave::Subrequests;

use JSON::PP;
use List::Util qw/ shuffle /;
use Time::HiRes qw/ sleep time /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $rounds = $ENV{CLAVE_ROUNDS} // 12;
my $seed = $ENV{CLAVE_SEED} // int(time());
srand $seed;

my $t = Test::Nginx->new()->has(qw/http http_v2 proxy ssi auth_request stub_status/)->has_daemon('redis-server')->plan(12);
my $d = $t->testdir();
my $redis = Clave::Redis->new($t, port => 8090)->start();

$t->write_file('session.key', join '', map { chr int rand 256 } 1 .. 80);
chmod 0600, "$d/session.key";
backend($t);

# Over HTTP/1.1 and over HTTP/2.
my $protected = <<'EOF' . Clave::Subrequests::conf();
        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }

EOF

# They wait for as long as the test wants them to.
clave_conf($t, main => 'worker_processes 1;', server => $protected,
	store => 'clave_session_store redis://127.0.0.1:8090 timeout=60s connect_timeout=60s cache=off;'
		. " clave_session_key $d/session.key;",
	http => Clave::Deserter::LOG . Clave::Connections::conf() . <<'EOF' . "$protected    }\n");
    error_log %%TESTDIR%%/error.log info;
    clave_audit_log %%TESTDIR%%/audit.log;

    server {
        listen         127.0.0.1:8082 http2;
        server_name    sede.example.gob.es;
        clave_base_url https://sede.example.gob.es;

EOF

$t->write_file('ssi.html', '<!--#include virtual="/inside/a" --><!--#include virtual="/inside/b" -->');
$t->run();

###############################################################################

# Those who leave are others than those who stay, as one person's sessions have a limit.

use constant LEAVER => '99999018D';

sub logged_in {
	my ($nif) = @_;
	my $browser = Clave::Browser->new();
	$browser->login('/', method => 'pin', nif => $nif // LEAVER);
	die "no login\n" unless $browser->cookie();
	return $browser;
}

my ($ana, $benito) = (logged_in('00000000T'), logged_in('99999999R'));

# Each way that waits for Redis, made ready while it still answers.

my @own = ('sec-fetch-site' => 'same-origin');

sub get {
	my ($browser, $uri) = @_;
	return { method => 'GET', uri => $uri, headers => [ cookie => $browser->cookies() ] };
}

sub post {
	my ($browser, $uri) = @_;
	return { method => 'POST', uri => $uri, headers => [ 'content-length' => 0, cookie => $browser->cookies(), @own ] };
}

sub at_gateway {
	my $browser = Clave::Browser->new();
	my $request = $browser->go_to_gateway('/') or die "no way to the gateway\n";
	return ($browser, Clave::Gateway::answer_to($request, method => 'pin', nif => LEAVER));
}

my %ways = (
	page => sub { get($ana, '/') },
	included => sub { get($ana, '/ssi.html') },
	'judged elsewhere' => sub { get($ana, '/judged/') },
	'how long' => sub { get($ana, '/.clave/session') },
	longer => sub { post($ana, '/.clave/session') },
	login => sub {
		my $browser = Clave::Browser->new();
		return get($browser, scalar header_of($browser->get('/'), 'Location'));
	},
	answer => sub { Clave::Deserter::brought((at_gateway())[1]) },
	return => sub {
		my ($browser, $form) = at_gateway();
		my $back = header_of($browser->post_answer($form), 'Location') // die "no way back\n";
		return get($browser, $back);
	},
	logout => sub { post(logged_in(), '/.clave/logout') },
	'logout answer' => sub {
		my $request = logged_in()->leave() // die "no logout\n";
		return Clave::Deserter::brought(Clave::Gateway::answer_to($request, case => 'logout-good-plain'));
	},
);

sub client {
	my ($way) = @_;
	my $request = { %{$ways{$way}->()}, way => $way };
	return rand() < 0.5 ? Clave::Deserter->http1(port(8080), $request) : Clave::Deserter->http2(port(8082), $request);
}

# What Redis does meanwhile: nothing at all; nothing that changes anything; nothing, but for a moment in
# which it answers the first questions of some.

my @spells = (
	[ sub { $redis->freeze() }, sub { }, sub { $redis->thaw() } ],
	[ sub { $redis->ask('CLIENT', 'PAUSE', 60_000, 'WRITE') }, sub { }, sub { $redis->ask('CLIENT', 'UNPAUSE') } ],
	[ sub { $redis->freeze() }, sub { $redis->thaw(); sleep rand 0.01; $redis->freeze() }, sub { $redis->thaw() } ],
);

###############################################################################

my $baseline = Clave::Connections::active();
my $clients = clients();
cmp_ok($clients, '>', 0, 'connections to Redis are counted');

# Under load they may be too early: then it goes on until each way has been met.

sub missed {
	my @seen = map { Clave::Deserter::seen($t, $_) } 1, 2;
	return join ', ', grep { my $way = $_; !grep { $_->{$way}{499} || $way eq 'included' && $_->{$way}{cut} } @seen }
		sort keys %ways;
}

my $round = 0;
{
	local $SIG{PIPE} = 'IGNORE';
	while ($round < $rounds || $round < 10 * $rounds && missed()) {
		my ($begin, $meanwhile, $end) = @{$spells[$round++ % @spells]};
		my @gone = shuffle(map { client($_) } keys %ways);
		$begin->();
		$_->ask() for @gone;
		sleep rand 0.1;
		$meanwhile->();
		$_->leave() for shuffle(@gone);
		sleep rand 0.02;
		$end->();
	}
}

is(Clave::Connections::eventually(\&Clave::Connections::active, $baseline), $baseline, "no connection is left of those who broke off (CLAVE_SEED=$seed)");
is(Clave::Connections::eventually(\&clients, $clients), $clients, 'nor one to Redis');
is(missed(), '', 'each way was left while it waited');

# Whatever has become of them is told.

my %told = map { $_->{session} => 1 } grep { $_->{event} =~ /^(?:login|step_up)$/ }
	map { decode_json($_) } split /\n/, $t->read_file('audit.log');
my @untold = grep { my ($digest) = /s:\{(\w+)\}$/; !grep { index(lc $digest, $_) == 0 } keys %told }
	$redis->keys('*s:{*}');
cmp_ok(scalar keys %told, '>', 0, 'logins are in the audit log');
is(scalar @untold, 0, 'no session without its login in the audit log');
my $returns = () = $t->read_file('audit.log') =~ /"of":"login".*E-LEFT/g;
cmp_ok($returns, '>', 0, 'a login that nobody waits for, and that came to nothing, is in the audit log');

# Answers go to those who have asked.

my $mixed = 0;
for (1 .. 50) {
	for ([ $ana, '00000000T' ], [ $benito, '99999999R' ]) {
		my ($browser, $nif) = @$_;
		$mixed++ if (backend_saw($browser->get('/'))->{headers}{'x-clave-nif'} // '') ne $nif;
	}
}
is($mixed, 0, 'everybody is who he is');

my $workers = () = $t->read_file('error.log') =~ /start worker process \d+/g;
is($workers, 1, 'no worker died of it');
is(join(' ', grep { $_ ne 'E-LEFT' } refusals($t)), '', 'nothing else was refused');
is(status_of(logged_in()->get('/')), 200, 'a login straight after');
is(status_of(logged_in()->post('/.clave/logout', '', 'Sec-Fetch-Site: same-origin')), 200, 'and a logout');

undef $t;

###############################################################################

# Those of others than this test, which asks.

sub clients { (() = ($redis->ask('CLIENT', 'LIST') // '') =~ /^id=/mg) - 1 }

###############################################################################
