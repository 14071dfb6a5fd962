#!/usr/bin/perl

# A reload every 100 ms while citizens log in and look around (checklist H-31): nobody notices.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Browser;
use Clave::Crowd;

use Time::HiRes qw/ sleep /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

use constant { CITIZENS => 4, SECONDS => $ENV{CLAVE_SECONDS} // 10 };

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(9);

backend($t);
clave_conf($t, main => 'worker_processes 2;', http => 'error_log %%TESTDIR%%/error.log info;', server => <<'EOF');
        add_header X-Worker $pid always;

        location / {
            add_header X-Worker $pid always;
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }
EOF

$t->run();

###############################################################################

my $early = Clave::Browser->new();
is(status_of($early->login('/', method => 'pin')), 200, 'a session from before');

my $crowd = Clave::Crowd->begin(CITIZENS, SECONDS);
while ($crowd->is_there()) {
	$t->reload();
	sleep 0.1;
}
my $seen = $crowd->seen();

my %generations = map { $_ => 1 } $t->read_file('error.log') =~ /start worker process (\d+)/g;
cmp_ok(scalar keys %generations, '>', 2 * 5, 'many generations of workers');

cmp_ok(delete $seen->{login} // 0, '>', 0, 'logins');
cmp_ok(delete $seen->{crossed} // 0, '>', 0, 'some of them begun in one worker and ended in another');
cmp_ok(delete $seen->{right} // 0, '>', 0, 'pages');
delete $seen->{closed};
is_deeply($seen, {}, 'nothing wrong, lost or refused');

is(join(' ', refusals($t)), '', 'nothing in the log');
is(status_of($early->get('/')), 200, 'the session is still there');
is(status_of(Clave::Browser->new()->login('/', method => 'pin')), 200, 'a login after it');

undef $t;

###############################################################################
