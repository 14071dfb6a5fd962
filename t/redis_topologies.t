#!/usr/bin/perl

# Sentinels and a cluster behind nginx: a failover is an outage and no logout, what was begun before it
# is begun anew, and a logout that no replica has may live on (R-07); a slot on its way, a slot that has
# moved, and one that nobody has (R-06).

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

my $t = Test::Nginx->new()->has(qw/http proxy/)->has_daemon('redis-server')->plan(27);
my $d = $t->testdir();
$t->write_file('session.key', join '', map { chr int rand 256 } 1 .. 80);
chmod 0600, "$d/session.key";
backend($t);

sub configure {
	my ($nginx, $port, $url) = @_;
	clave_conf($nginx, main => 'worker_processes 1;', listen => "127.0.0.1:$port",
		store => "clave_session_store $url cache=off; clave_session_key $d/session.key;",
		server => <<'EOF_SERVER');
        location / {
            clave permanente;
            proxy_pass http://127.0.0.1:8081;
        }

        location /public/ {
            proxy_pass http://127.0.0.1:8081;
        }
EOF_SERVER
	$nginx->run();
	return $nginx;
}

sub code { status_of($_[0]->get($_[1] // '/')) }

sub eventually {
	my ($wanted, $ask, $seconds) = @_;
	my $seen;
	my $end = time() + ($seconds // 5);
	do {
		$seen = $ask->() // '';
		return $seen if $seen eq $wanted;
		sleep 0.05;
	} while (time() < $end);
	return $seen;
}

sub login { my $browser = Clave::Browser->new(@_); $browser->login('/', method => 'permanente', nif => '00000000T'); return $browser }

sub leave { status_of($_[0]->post('/.clave/logout', '', 'Sec-Fetch-Site: same-origin')) }

# --- sentinels

my $primary = Clave::Redis->new($t, port => 8090, options => ['--repl-diskless-sync-delay', 0])->start();
my $replica = Clave::Redis->new($t, port => 8091, options => [
	'--replicaof', '127.0.0.1 ' . $primary->port_number() ])->start();
like(eventually('online', sub { $primary->ask('INFO', 'replication') =~ /state=(online)/ ? $1 : '' }), qr/online/,
	'a primary and its replica');
$t->write_file('sentinel.password', "de-los-centinelas\n");
chmod 0600, "$d/sentinel.password";
my @sentinels = map { Clave::Redis->new($t, port => $_, sentinel_of => $primary, password => 'de-los-centinelas')
	->start() } 8092 .. 8094;
eventually('1 2', sub {
	my %facts = @{$sentinels[0]->ask('SENTINEL', 'MASTER', 'clave')};
	return "$facts{'num-slaves'} $facts{'num-other-sentinels'}";
}, 20);

configure($t, 8080, 'redis+sentinel://127.0.0.1:8092,127.0.0.1:8093,127.0.0.1:8094/clave'
	. " sentinel_password_file=$d/sentinel.password");

my $ana = login();
is(code($ana), 200, 'sentinels: a session');

$replica->freeze();
my $undone = login();
is(leave($undone), 503, 'a logout that no replica has is told to live on');
is($undone->cookie(), undef, 'and the cookie is gone');
$replica->thaw();
is(eventually(200, sub { leave(login()) }), 200, 'one that is copied is one');

# What the replica misses while it hangs is lost with the primary. A login that was completed meanwhile
# would wait there once more, for whoever has its address and its cookies.
my $done = Clave::Browser->new();
my $its = $done->go_to_gateway('/done');
my $back = header_of($done->post_answer(Clave::Gateway::answer_to($its, method => 'permanente')), 'Location');
my $again = $done->twin();
eventually(1, sub { grep { /:o:\{/ } $replica->keys() });
my $forgotten = login();
$replica->freeze();
$primary->ask('CLIENT', 'KILL', 'TYPE', 'replica');  # not even into its buffers
is(status_of($done->get($back)), 303, 'a login is completed');
is(leave($forgotten), 503, 'and a logout told to live on, while the replica is away');

my $half = Clave::Browser->new();
my $request = $half->go_to_gateway('/half');
my $posted = $half->post_answer(Clave::Gateway::answer_to($request, method => 'permanente'));
is(status_of($posted), 303, 'a login under way');

$primary->kill();
$replica->thaw();
my $begin = time();
is(eventually(503, sub { code($ana) }), 503, 'a failover is an outage');
is(code($ana, '/public/'), 200, 'and nobody else sees it');
is(eventually(200, sub { code($ana) }, 15), 200, 'the session is there when it is over');
is(backend_saw($ana->get('/'))->{headers}{'x-clave-nif'}, '00000000T', 'and whose it is');
is(status_of($half->get(header_of($posted, 'Location'))), 403, 'what was under way is begun anew');
is(code(login()), 200, 'and goes well');
is(scalar(grep { /:o:\{/ } $replica->keys()), 1, 'the new primary has never heard that the other one was completed');
is(status_of($again->get($back)), 403, 'nobody completes it twice');
$t->stop();
$_->kill() for @sentinels, $replica;

# --- a cluster

my @nodes = map { Clave::Redis->new($t, port => $_, options => ['--cluster-enabled', 'yes',
	'--cluster-port', port($_ + 100)])->start() } 8095 .. 8097;
system('redis-cli --cluster create ' . join(' ', map { '127.0.0.1:' . $_->port_number() } @nodes)
	. " --cluster-replicas 0 --cluster-yes > $d/redis-cli.log 2>&1") == 0 or die "no cluster\n";
is(eventually(3, sub { scalar grep { $_->ask('CLUSTER', 'INFO') =~ /cluster_state:ok/ } @nodes }, 30), 3,
	'a cluster');

configure($t, 8080, 'redis+cluster://127.0.0.1:8095');
my $benito = login();
is(code($benito), 200, 'a session in it');

my ($from) = grep { grep { /s:\{/ } $_->keys() } @nodes;
my ($to) = grep { $_ != $from } @nodes;
my ($session) = grep { /s:\{/ } $from->keys();
my $slot = $from->ask('CLUSTER', 'KEYSLOT', $session);
my @ids = map { $_->ask('CLUSTER', 'MYID') } $from, $to;
$to->ask('CLUSTER', 'SETSLOT', $slot, 'IMPORTING', $ids[0]);
$from->ask('CLUSTER', 'SETSLOT', $slot, 'MIGRATING', $ids[1]);
is(code($benito), 200, 'its slot begins to move');
my @keys = @{$from->ask('CLUSTER', 'GETKEYSINSLOT', $slot, 10)};
my $move = sub { $from->ask('MIGRATE', '127.0.0.1', $to->port_number(), $_[0], 0, 1000) };
$move->(shift @keys);
is(code($benito), 503, 'torn apart it is not there yet');
$move->($_) for @keys;
is(code($benito), 200, 'all of it is at the other node (ASK)');
$_->ask('CLUSTER', 'SETSLOT', $slot, 'NODE', $ids[1]) for $to, $from;
is(code($benito), 200, 'and so is its slot (MOVED)');
is(leave($benito), 200, 'a logout');
is(scalar(grep { /[si]:\{/ } map { $_->keys() } $from, $to), 0, 'leaves nothing at either');

my $carla = login();
$_->ask('CLUSTER', 'DELSLOTS', $slot) for $to, grep { $_ != $to } @nodes;  # each has a view of its own
is(eventually(503, sub { code($carla) }), 503, 'a slot of nobody (CLUSTERDOWN)');
is(code($carla, '/public/'), 200, 'nobody else sees it');
my @ours = grep { /clave: / } split /\n/, $t->read_file('error.log');
unlike("@ours", qr/00000000T/, 'nobody is named');

undef $t;

###############################################################################
