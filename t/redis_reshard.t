#!/usr/bin/perl

# A slot on its way to a node that has none yet: nobody listens to that node, so what it says of a session
# must not be believed for long. A logout on another machine counts, as ever (R-06, R-15, K-10).

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Browser;
use Clave::Redis;

use Time::HiRes qw/ sleep time /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy/)->has_daemon('redis-server')->plan(8);
my $other = Test::Nginx->new();
my $d = $t->testdir();
$t->write_file('session.key', join '', map { chr int rand 256 } 1 .. 80);
chmod 0600, "$d/session.key";
backend($t);

sub eventually {
	my ($ask, $seconds) = @_;
	for my $end (time() + $seconds) {
		my $seen;
		sleep 0.1 until ($seen = $ask->()) || time() > $end;
		return $seen;
	}
}

sub redis_cli {
	system('redis-cli --cluster ' . join(' ', @_) . " >> $d/redis-cli.log 2>&1") == 0
		or die "redis-cli --cluster $_[0] failed\n";
}

sub address { '127.0.0.1:' . $_[0]->port_number() }

my ($empty, @nodes) = map { Clave::Redis->new($t, port => $_, options => ['--cluster-enabled', 'yes',
	'--cluster-port', port($_ + 100)])->start() } 8098, 8095 .. 8097;
redis_cli('create', map({ address($_) } @nodes), '--cluster-replicas 0 --cluster-yes');
redis_cli('add-node', address($empty), address($nodes[0]));
ok(eventually(sub { 4 == grep { $_->ask('CLUSTER', 'INFO') =~ /cluster_state:ok.*cluster_known_nodes:4/s }
	$empty, @nodes }, 30), 'a cluster, and a node that has no slots');

for ([$t, 8080], [$other, 8082]) {
	my ($nginx, $port) = @$_;
	clave_conf($nginx, main => 'worker_processes 1;', listen => "127.0.0.1:$port",
		store => 'clave_session_store redis+cluster://127.0.0.1:8095 cache=clave-one:1m;'
			. " clave_session_key $d/session.key;",
		server => <<'EOF_SERVER');
        location / {
            clave permanente;
            proxy_pass http://127.0.0.1:8081;
        }
EOF_SERVER
	$nginx->run();
}

sub code { status_of($_[0]->get('/')) }

my $ana = Clave::Browser->new(peer => '127.0.0.1:' . port(8082));
eventually(sub { status_of($ana->login('/', method => 'permanente')) == 200 }, 10);

my ($from) = grep { grep { /s:\{/ } $_->keys() } @nodes;
my ($session) = grep { /s:\{/ } $from->keys();
my $slot = $from->ask('CLUSTER', 'KEYSLOT', $session);
my ($source, $target) = map { $_->ask('CLUSTER', 'MYID') } $from, $empty;
$empty->ask('CLUSTER', 'SETSLOT', $slot, 'IMPORTING', $source);
$from->ask('CLUSTER', 'SETSLOT', $slot, 'MIGRATING', $target);
$from->ask('MIGRATE', '127.0.0.1', $empty->port_number(), $_, 0, 1000)
	for @{$from->ask('CLUSTER', 'GETKEYSINSLOT', $slot, 10)};
is(scalar(grep { /[si]:\{/ } $empty->keys()), 2, 'the session is there, its slot is not');

my $thief = $ana->twin();
$thief->{peer} = '127.0.0.1:' . port(8080);
is(code($thief), 200, 'it is found (ASK), and cached');
is(status_of($ana->post('/.clave/logout', '', 'Sec-Fetch-Site: same-origin')), 200, 'a logout at another machine');
is(scalar(grep { /[si]:\{/ } $empty->keys()), 0, 'is one at the new node');

# Believed for a second (cache_valid=); for a minute, if it was taken for something that is listened to.

my $begin = time();
my $served = 0;
sleep 0.05, $served = time() - $begin while code($thief) == 200 && $served < 20;
diag(sprintf 'the last page %.1f s after the logout', $served);
cmp_ok($served, '<', 15, 'and soon for everybody');

undef $other;
undef $t;

###############################################################################
