#!/usr/bin/perl

# A new binary in place of the old one (USR2, WINCH, QUIT) while citizens log in and look around, with
# their sessions in Redis: nobody notices, whichever of the two binaries answers (checklist H-31).

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Browser;
use Clave::Crowd;
use Clave::Daemon;
use Clave::Redis;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

use constant { CITIZENS => 3, SECONDS => $ENV{CLAVE_SECONDS} // 8 };

my $t = Test::Nginx->new()->has(qw/http proxy/)->has_daemon('redis-server')->plan(18);
my $d = $t->testdir();
my $redis = Clave::Redis->new($t, port => 8090)->start();

$t->write_file('session.key', join '', map { chr int rand 256 } 1 .. 80);
chmod 0600, "$d/session.key";
backend($t);
clave_conf($t, main => 'worker_processes 2;',
	store => "clave_session_store redis://127.0.0.1:8090 cache=clave:1m; clave_session_key $d/session.key;",
	http => 'error_log %%TESTDIR%%/error.log info;', server => <<'EOF');
        add_header X-Worker $pid always;

        location / {
            add_header X-Worker $pid always;
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
my $last = Clave::Browser->new();
is(status_of($last->login('/', method => 'pin', nif => '00000000T')), 200, 'and a session that will end halfway');
my $thief = $last->twin();

my $crowd = Clave::Crowd->begin(CITIZENS, SECONDS);
my (%status, %workers);
look();

ok($nginx->upgrade(), 'a new master with its workers');
look();
is(status_of($last->post('/.clave/logout', '', 'Sec-Fetch-Site: same-origin')), 200, 'a logout in between');
ok($nginx->retire_workers(), 'the old workers leave');
look();
is(status_of($traveller->come_back($begun, method => 'pin')), 303, 'the login goes on');
ok($nginx->retire(), 'the old master leaves');
look();

my $seen = $crowd->seen();

is(join(' ', keys %status), 200, 'the session is known throughout');
cmp_ok(scalar keys %workers, '>', 2, 'to the workers of both');
is(status_of($traveller->get('/')), 200, 'the login has made a session');
is(status_of($thief->get('/')), 302, 'who has logged out halfway stays out');

cmp_ok(delete $seen->{login} // 0, '>', 0, 'logins');
cmp_ok(delete $seen->{crossed} // 0, '>', 0, 'some of them begun in one worker and ended in another');
cmp_ok(delete $seen->{right} // 0, '>', 0, 'pages');
is_deeply($seen, {}, 'nothing wrong, lost, refused or closed');
is(join(' ', refusals($t)), '', 'nothing in the log');

ok($nginx->end(), 'the new master ends');

undef $nginx;
undef $t;

###############################################################################

# Pages of the one who was there before, while the others have some of theirs.

sub look {
	my $before = backend_hits();
	my $own = 0;
	while ($own < 20 || $crowd->is_there() && backend_hits() - $before - $own < 20) {
		my $page = $citizen->get('/');
		$own++;
		$status{status_of($page)}++;
		$workers{header_of($page, 'X-Worker') // ''}++;
	}
}

###############################################################################
