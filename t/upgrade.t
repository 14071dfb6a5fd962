#!/usr/bin/perl

# A new binary in place of the old one (USR2, WINCH, QUIT): sessions in shared memory are the old
# one's, and everybody logs in once more; nobody is taken for somebody else, and no request fails.
# With a key file, a login under way goes on in the new one. (With Redis: redis_upgrade.t.)

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Browser;
use Clave::Daemon;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(16);

backend($t);
$t->write_file('session.key', join '', map { chr int rand 256 } 1 .. 80);
chmod 0600, $t->testdir() . '/session.key';
clave_conf($t, http => 'clave_session_key %%TESTDIR%%/session.key;', server => <<'EOF');
        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }
EOF

my $nginx = Clave::Daemon->start($t);

###############################################################################

my $citizen = Clave::Browser->new();
is(status_of($citizen->login('/', method => 'pin')), 200, 'a session');
my $traveller = Clave::Browser->new();
my $begun = $traveller->go_to_gateway('/travel');
ok($begun, 'a login under way');

ok($nginx->upgrade(), 'a new master with its workers');
is($nginx->pid('nginx.pid.oldbin'), $nginx->old(), 'beside the old one');

# Now both answer, each from its own memory.

my %status;
$status{status_of($citizen->get('/'))}++ for 1 .. 20;
is_deeply([ grep { !/^(?:200|302)$/ } keys %status ], [], 'a page or a login from either');

ok($nginx->retire_workers(), 'the old workers leave');
ok(Clave::Daemon::eventually(sub { is_out($citizen) && is_out($citizen) && is_out($citizen) }), 'the session was theirs');
is(status_of($traveller->come_back($begun, method => 'pin')), 303, 'the login goes on in the new ones');
is(status_of($traveller->get('/')), 200, 'and makes a session');
is(status_of($citizen->login('/', method => 'pin')), 200, 'a new login');

ok($nginx->retire(), 'the old master leaves');
is(status_of($citizen->get('/')), 200, 'and takes nothing along');
is(status_of($traveller->get('/')), 200, 'from anybody');
is(backend_saw($traveller->get('/'))->{headers}{'x-clave-nif'}, '99999018D', 'who is who he was');

is(join(' ', refusals($t)), '', 'nothing was refused');

ok($nginx->end(), 'the new master ends');

undef $nginx;
undef $t;

###############################################################################

sub is_out { status_of($_[0]->twin()->get('/')) == 302 }

###############################################################################
