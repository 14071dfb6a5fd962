#!/usr/bin/perl

# Workers killed while citizens log in and look around (checklist H-30): a killed worker takes along
# what it was answering, and no session of anybody else; the next one answers at once, so no lock has
# been left held.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Browser;
use Clave::Crowd;

use Time::HiRes qw/ sleep time /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

use constant { CITIZENS => 4, SECONDS => $ENV{CLAVE_SECONDS} // 10, WORKERS => 2 };

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(10);

$t->todo_alerts();  # workers are killed
backend($t);
clave_conf($t, main => 'worker_processes ' . WORKERS . ';', http => 'error_log %%TESTDIR%%/error.log info;',
	server => <<'EOF');
        add_header X-Worker $pid always;

        location / {
            add_header X-Worker $pid always;
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }
EOF

$t->run();

###############################################################################

my @early = map { Clave::Browser->new() } 1 .. 5;
is(join(' ', map { status_of($_->login('/', method => 'pin')) } @early), '200 200 200 200 200', 'sessions from before');

my $crowd = Clave::Crowd->begin(CITIZENS, SECONDS);
my @answered_after;
while ($crowd->is_there()) {
	my @workers = workers();
	kill 'KILL', @answered_after % 3 == 0 ? @workers : $workers[rand @workers];
	push @answered_after, seconds_to_answer();
	sleep rand 0.3;
}
my $seen = $crowd->seen();
my $kills = @answered_after;

cmp_ok($kills, '>', 5, 'workers were killed');
my @sorted = sort { $a <=> $b } @answered_after;
cmp_ok($sorted[$#sorted / 2], '<', 1, 'a protected page is there within a second');
cmp_ok($sorted[-1], '<', 5, 'also if the machine is busy');

cmp_ok(delete $seen->{login} // 0, '>', 0, 'logins');
cmp_ok(delete $seen->{right} // 0, '>', 0, 'pages');
delete @$seen{qw/ closed crossed /};

# The one record a worker was writing may be spoilt: whoever was coming back logs in once more.
my $spoilt = (delete $seen->{'return 403'} // 0) + (delete $seen->{lost} // 0);
cmp_ok($spoilt, '<=', $kills, "not more than a record for each of $kills kills is spoilt");
is_deeply($seen, {}, 'nothing wrong');

is(join(' ', map { status_of($_->get('/')) } @early), '200 200 200 200 200', 'the sessions are still there');
my @signals = $t->read_file('error.log') =~ /exited on signal (?!9\b)(\d+)/g;
is("@signals", '', 'no worker died but by our hand');

undef $t;

###############################################################################

# From now to the next answer for somebody with a session.

sub seconds_to_answer {
	my $begin = time();
	while (status_of($early[0]->get('/')) != 200) {
		last if time() - $begin > 8;
		sleep 0.01;
	}
	return time() - $begin;
}

# The workers nginx has now; waits until it has all of them.

sub workers {
	for (1 .. 200) {
		my @all = $t->read_file('error.log') =~ /start worker process (\d+)/g;
		my @now = grep { kill 0, $_ } @all;
		return @now if @now == WORKERS;
		sleep 0.02;
	}
	die "nginx lacks workers\n";
}

###############################################################################
