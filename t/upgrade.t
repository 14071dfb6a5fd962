#!/usr/bin/perl

# A new binary in place of the old one (USR2, WINCH, QUIT): sessions in shared memory are the old
# one's, and everybody logs in once more; nobody is taken for somebody else, and no request fails.
# With a key file, a login under way goes on in the new one.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Browser;

use Time::HiRes qw/ sleep /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(17);

backend($t);
$t->write_file('session.key', join '', map { chr int rand 256 } 1 .. 80);
chmod 0600, $t->testdir() . '/session.key';
clave_conf($t, http => 'clave_session_key %%TESTDIR%%/session.key;', server => <<'EOF');
        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }
EOF

# nginx takes USR2 for the doing of a new binary's while its parent is the one that started it: so it
# has to be a daemon, and this test starts and ends it.
$t->write_file('nginx.conf', $t->read_file('nginx.conf') =~ s/daemon off;//r);
my $directory = $t->testdir();
my $new;
system($Test::Nginx::NGINX, '-p', "$directory/", '-c', 'nginx.conf', '-e', 'error.log') == 0
	or die "Can't start nginx\n";
eventually(sub { -s path('nginx.pid') }) or die "Can't start nginx\n";

###############################################################################

my $citizen = Clave::Browser->new();
is(status_of($citizen->login('/', method => 'pin')), 200, 'a session');
my $traveller = Clave::Browser->new();
my $begun = $traveller->go_to_gateway('/travel');
ok($begun, 'a login under way');

my $old = $new = pid('nginx.pid');
kill 'USR2', $old;
ok(eventually(sub { -s path('nginx.pid.oldbin') && -s path('nginx.pid') && pid('nginx.pid') != $old }), 'a new master');
$new = pid('nginx.pid');
is(pid('nginx.pid.oldbin'), $old, 'beside the old one');
ok(eventually(sub { generations() == 2 }), 'with its workers');

# Now both answer, each from its own memory.

my %status;
$status{status_of($citizen->get('/'))}++ for 1 .. 20;
is_deeply([ grep { !/^(?:200|302)$/ } keys %status ], [], 'a page or a login from either');

kill 'WINCH', $old;
ok(eventually(sub { $t->read_file('error.log') =~ /gracefully shutting down/ }), 'the old workers leave');
ok(eventually(sub { is_out($citizen) && is_out($citizen) && is_out($citizen) }), 'the session was theirs');
is(status_of($traveller->come_back($begun, method => 'pin')), 303, 'the login goes on in the new ones');
is(status_of($traveller->get('/')), 200, 'and makes a session');
is(status_of($citizen->login('/', method => 'pin')), 200, 'a new login');

kill 'QUIT', $old;
ok(eventually(sub { !-e path('nginx.pid.oldbin') }), 'the old master leaves');
is(status_of($citizen->get('/')), 200, 'and takes nothing along');
is(status_of($traveller->get('/')), 200, 'from anybody');
is(backend_saw($traveller->get('/'))->{headers}{'x-clave-nif'}, '99999018D', 'who is who he was');

is(join(' ', refusals($t)), '', 'nothing was refused');

kill 'QUIT', $new;
$new = 0;
ok(eventually(sub { !-e path('nginx.pid') }), 'the new master ends');

undef $t;

###############################################################################

END {
	local $?;
	kill 'TERM', $new if $new;
}

sub path { $t->testdir() . "/$_[0]" }

sub pid {
	my $pid = eval { $t->read_file($_[0]) } // 0;
	chomp $pid;
	return $pid;
}

# Masters that have started workers.

sub generations {
	my %masters = map { $_ => 1 } $t->read_file('error.log') =~ /(\d+)#\d+: start worker process \d+/g;
	return scalar keys %masters;
}

sub is_out { status_of($_[0]->twin()->get('/')) == 302 }

sub eventually {
	my ($condition) = @_;
	for (1 .. 200) {
		return 1 if $condition->();
		sleep 0.05;
	}
	return 0;
}

###############################################################################
