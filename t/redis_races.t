#!/usr/bin/perl

# A logout at one machine while the same session is used at both: looked at, asked for its time, and put
# off. Whoever comes first, nobody gets a page after the answer, and nothing brings the session back
# (R-15, K-10). CLAVE_RACES=10000 for the whole of it.

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

use constant RACES => $ENV{CLAVE_RACES} // 60;

my $t = Test::Nginx->new()->has(qw/http proxy/)->has_daemon('redis-server')->plan(9);
my $other = Test::Nginx->new();
my $d = $t->testdir();

my $redis = Clave::Redis->new($t, port => 8090)->start();
$t->write_file('session.key', join '', map { chr int rand 256 } 1 .. 80);
chmod 0600, "$d/session.key";
backend($t);

for ([ $t, 8080 ], [ $other, 8082 ]) {
	my ($nginx, $port) = @$_;
	clave_conf($nginx, main => 'worker_processes 2;', listen => "127.0.0.1:$port",
		store => "clave_session_store redis://127.0.0.1:8090 cache=clave-one:1m; clave_session_key $d/session.key;",
		server => <<'EOF_SERVER');
        location / {
            clave permanente;
            proxy_pass http://127.0.0.1:8081;
        }
EOF_SERVER
	$nginx->run();
}
my @machines = map { '127.0.0.1:' . port($_) } 8080, 8082;

###############################################################################

# A request whose answer nobody has read yet.

sub on_its_way {
	my ($browser, $machine, $method, $uri) = @_;
	my $socket = IO::Socket::INET->new(Proto => 'tcp', PeerAddr => $machine) or die "Can't connect: $!\n";
	$socket->autoflush(1);
	print $socket "$method $uri HTTP/1.1\r\nHost: sede.example.gob.es\r\nConnection: close\r\n"
		. 'Cookie: ' . $browser->cookies() . "\r\nSec-Fetch-Site: same-origin\r\n"
		. ($method eq 'POST' ? "Content-Length: 0\r\n" : '') . "\r\n";
	return $socket;
}

sub look {
	my ($browser, $machine) = @_;
	return status_of(http_end(on_its_way($browser, $machine, 'GET', '/')));
}

my (%met, @dead);
my ($bad, $late, $after, $longest) = (0, 0, 0, 0);
for my $race (1 .. RACES) {
	my ($here, $there) = @machines[$race % 2, ($race + 1) % 2];
	my $browser = Clave::Browser->new(peer => $here);
	$browser->login('/', method => 'permanente', nif => '00000000T');
	look($browser, $_) == 200 or $bad++ for $here, $there;

	my @steps = map { [ $_->[0], $_->[1], $_->[2] ] } (
		[ $here, 'GET', '/' ], [ $there, 'GET', '/' ], [ $there, 'POST', '/.clave/session' ],
		[ $here, 'GET', '/.clave/session' ], [ $here, 'POST', '/.clave/session' ], [ $there, 'GET', '/' ]);
	my $turn = int rand @steps + 1;
	my ($logout, @others);
	for my $number (0 .. @steps) {
		$logout = on_its_way($browser, $there, 'POST', '/.clave/logout') if $number == $turn;
		push @others, on_its_way($browser, @{$steps[$number]}) if $number < @steps;
	}
	my $status = status_of(http_end($logout));
	my $answered = time();
	$met{"logout $status"}++;
	for my $machine ($here, $there, $here) {
		next if look($browser, $machine) != 200;
		$after++;
		1 while look($browser, $machine) == 200 && time() - $answered < 3;
		$longest = time() - $answered if time() - $answered > $longest;
	}
	$met{status_of(http_end($_))}++ for @others;
	$late++ if grep { look($browser, $_) == 200 } @machines;
	push @dead, $browser;
}
my $logouts = join ' ', grep { /^logout/ } sort keys %met;

is($bad, 0, 'every session was known at both');
like($logouts, qr/^logout [23]\d\d$/, 'every logout was answered') or diag($logouts);
is_deeply([ grep { !/^(?:logout \d+|2\d\d|302|401)$/ } keys %met ], [], 'so was everything else')
	or diag(explain(\%met));
is($late, 0, 'no session was there when everything was answered');
cmp_ok($longest, '<', 1, "nor for a second after the logout ($after pages)");
is(scalar(grep { look($_, $machines[rand 2]) == 200 } @dead), 0, 'none is back at the end');
is(scalar(grep { /[si]:\{/ } $redis->keys()), 0, 'nothing is left of them');
diag(sprintf '%d races, %d pages after a logout, the last %.1f ms after it', RACES, $after, $longest * 1e3)
	if $ENV{CLAVE_RACES};

undef $other;
undef $t;

###############################################################################
