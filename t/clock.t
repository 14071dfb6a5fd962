#!/usr/bin/perl

# A clock that is set while citizens log in, by an hour to either side: a login goes through or is
# refused, and a session made while the clock was wrong lasts no longer than any other.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Browser;
use Clave::Faults;
use Clave::Gateway;

use Time::HiRes qw/ sleep time /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

use constant { MINUTE => 60, HOUR => 3600 };

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(34);

backend($t);
clave_conf($t, server => <<'EOF');
        clave_session_timeout 15m 2h;

        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }
EOF

my $clock = Clave::Faults->run($t, 'clock');
my $error = 0;  # of nginx's clock, in seconds

###############################################################################

is(status_of(Clave::Browser->new()->login('/', method => 'pin')), 200, 'a clock that is right');

# Set between the steps of one login. The gateway's clock is right.

for my $wrong (HOUR, -HOUR()) {
	my $how = $wrong > 0 ? 'put forward' : 'put back';

	my $browser = Clave::Browser->new();
	set(0);
	my $request = $browser->go_to_gateway('/');
	set($wrong);
	refused($browser->come_back($request, method => 'pin'), "$how at the gateway");

	$browser = Clave::Browser->new();
	set($wrong);
	$request = $browser->go_to_gateway('/');
	set(0);
	refused($browser->come_back($request, method => 'pin'), "$how, and right at the gateway");

	$browser = Clave::Browser->new();
	set(0);
	$request = $browser->go_to_gateway('/');
	my $form = Clave::Gateway::answer_to($request, method => 'pin');
	my $next = header_of($browser->post_answer($form), 'Location');
	set($wrong);
	my $back = $browser->get($next);
	if (status_of($back) == 303) {
		pass("$how on the way back: logged in");
		pass("$how on the way back: no refusal");
		is(status_of($browser->get('/')), 200, "$how on the way back: with a session");
	} else {
		refused($back, "$how on the way back");
	}
	set(0);
	refused($browser->post_answer($form), "$how and right again: the answer is used up");
}

# Sessions of a wrong clock, set right afterwards: 2 hours in use, 15 minutes without.

for my $wrong (HOUR, 24 * HOUR) {
	my $hours = $wrong / HOUR;
	my ($idle, $busy) = map { session_made($wrong) } 1 .. 2;
	set(0);
	$_->get('/') for $idle, $busy;

	set(16 * MINUTE);
	ok(!is_in($idle), "$hours h wrong: over after 16 minutes without use");

	my $minutes;
	for ($minutes = 10; $minutes <= 180; $minutes += 10) {
		set($minutes * MINUTE);
		last unless is_in($busy);
	}
	cmp_ok($minutes, '>', 20, "$hours h wrong: good while it is used");
	cmp_ok($minutes, '<=', 120, "$hours h wrong: over after two hours of use");
	set(0);
	ok(!is_in($busy), "$hours h wrong: and over it stays");
}

my $slow = session_made(-HOUR());
set(0);
ok(!is_in($slow), 'put forward by an hour: over, as if an hour had passed');

undef $t;

###############################################################################

sub set {
	my ($seconds) = @_;
	$error = $seconds;
	$clock->order($error);
	sleep 0.01;
	http_get('/');  # a worker looks at its clock when something happens
}

# The gateway's clock is wrong by as much, or nobody could log in.

sub session_made {
	my ($wrong) = @_;
	set($wrong);
	my $browser = Clave::Browser->new();
	$browser->login('/', method => 'pin', now => time() + $error);
	return $browser;
}

sub is_in { status_of($_[0]->get('/')) == 200 }

sub refused {
	my ($response, $name) = @_;
	is(status_of($response), 403, "$name: refused");
	like((refusals($t))[-1] // '', qr/^E-(?:TIME|IRT|STATE|REPLAY)$/, "$name: and why");
	unlike($response // '', qr/^Set-Cookie: __Host-clave=/mi, "$name: no session");
}

###############################################################################
