#!/usr/bin/perl

# The index from a person to his sessions is keyed (checklist K-10): while clave_session_key changes, with
# the former key still read, a person has no more sessions than before, and an operator finds and ends those
# of both keys.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Time::HiRes qw/ sleep time /;

use Test::Nginx;
use Clave;
use Clave::Browser;
use Clave::Redis;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy unix/)->has_daemon('redis-server')->plan(13);
my $d = $t->testdir();
my $redis = Clave::Redis->new($t, port => 8090)->start();

# Built beside the module.
my ($build) = ($ENV{TEST_NGINX_GLOBALS} // '') =~ m{load_module (\S+)/};
my $clavectl = ($build // Clave::project() . '/build') . '/clavectl';

for my $name (qw/ first second /) {
	$t->write_file("$name.key", join '', map { chr int rand 256 } 1 .. 80);
	chmod 0600, "$d/$name.key";
}
backend($t);

for my $store ('shared:clave:1m', 'redis://127.0.0.1:8090') {
	my $name = $store =~ s/:.*//r;
	configure($store, 'first');
	$t->run();

	my $benito = login('99999999R');
	my @ana = map { login('00000000T') } 1 .. 3;
	is(who_is_in(@ana), '+++', "$name: as many as allowed");
	configure($store, 'second', 'first');
	reload();
	push @ana, map { login('00000000T') } 1 .. 2;
	is(who_is_in(@ana), '--+++', "$name: no more after the change of the key, the oldest have ended");
	is(who_is_in($benito), '+', "$name: nobody else's");
	my $said = `$clavectl sessions end --nif 00000000T --socket $d/control.sock`;
	is(who_is_in(@ana, $benito) . ' ' . ($? >> 8), '-----+ 0', "$name: an operator ends those of both keys")
		or diag($said);
	$t->stop();
}

# Two machines with one Redis: what an operator ends at one is nowhere any more, and nobody reads on from
# what the other one has cached.

my $other = Test::Nginx->new();
configure('redis://127.0.0.1:8090 cache=clave-one:1m', 'first');
configure('redis://127.0.0.1:8090 cache=clave-one:1m', 'first', on => $other, port => 8082);
$_->run() for $t, $other;
my @here = map { login('00000000T') } 1 .. 2;
my @there = map { at_other($_) } @here;
my $beside = at_other(login('99999999R'));
is(who_is_in(@here, @there, $beside) . who_is_in(@here, @there), '+++++++++', 'two machines: known and cached at both');
my $said = `$clavectl sessions end --nif 00000000T --socket $d/control.sock`;
is($? >> 8, 0, 'two machines: an operator ends them at one') or diag($said);
my $end = time() + 10;
my $in;
sleep 0.05 until ($in = who_is_in(@here, @there, $beside)) eq '----+' || time() > $end;
is($in, '----+', 'two machines: and they are nowhere');

undef $other;
undef $redis;
undef $t;  # its own checks come now: the functions below would hold it to the end

###############################################################################

sub at_other {
	my $twin = $_[0]->twin();
	$twin->{peer} = '127.0.0.1:' . port(8082);
	return $twin;
}

# configure(STORE, KEY…, [on => $nginx, port => PORT])

sub configure {
	my ($store, @keys) = @_;
	my %at = (on => $t, port => 8080);
	%at = (%at, splice @keys, 1) if grep { $_ eq 'on' } @keys;
	my $files = join ' ', map { "$d/$_.key" } @keys;
	my $socket = "$d/control" . ($at{port} == 8080 ? '' : $at{port}) . '.sock';
	clave_conf($at{on}, listen => "127.0.0.1:$at{port}", store => "clave_session_store $store; clave_session_key $files;", http => <<"EOF", server => <<'EOF_SERVER');
    clave_session_limit 3;
    server { listen unix:$socket; location /clave-control { clave_control; } }
EOF
        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }
EOF_SERVER
}

sub login {
	my ($nif) = @_;
	my $end = time() + 60;
	while (time() < $end) {  # Redis is connected to after nginx listens
		my $browser = Clave::Browser->new();
		return $browser if status_of($browser->login('/', method => 'pin', nif => $nif)) == 200;
		sleep 0.05;
	}
	die "no login\n";
}

# "++-": who is still in

sub who_is_in {
	return join '', map { status_of($_->get('/')) == 200 ? '+' : '-' } @_;
}

# Whoever answers then has the new configuration.

sub reload {
	my @before = started();
	$t->reload();
	my $end = time() + 60;
	sleep 0.05 until started() > @before && $t->read_file('error.log') =~ /$before[-1] exited/ || time() > $end;
}

sub started { my @all = $t->read_file('error.log') =~ /start worker process (\d+)/g; return @all }

###############################################################################
