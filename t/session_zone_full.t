#!/usr/bin/perl

# A zone that is full: an old session ends early, which the operator is told; new logins work, and
# nobody gets the session of another (checklist H-29). Which one has to go is tested in the core, where
# there is a clock to turn.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Browser;
use Clave::Metrics;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

# The smallest zone there is, and records of four slots each, so that a few hundred logins fill it.
use constant SLOTS_OF_A_RECORD => 4;
my %long = (given_name => 'NOMBRE ' x 72, first_surname => 'APELLIDO ' x 56, surnames => 'APELLIDOS ' x 51);

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(7);

backend($t);
clave_conf($t, server => <<'EOF');
        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }
        location /status { clave_status; }
EOF

$t->run();

###############################################################################

sub citizen {
	my ($number) = @_;
	my $browser = Clave::Browser->new();
	my $answer = $browser->come_back($browser->go_to_gateway('/'), method => 'pin', nif => nif($number), %long);
	return status_of($answer) == 303 ? $browser : undef;
}

# Who this browser is for the application; 0: nobody.

sub who { backend_saw($_[0]->get('/'))->{headers}{'x-clave-nif'} // 0 }

my ($slots) = $t->read_file('error.log') =~ /zone "clave" holds (\d+) sessions/;
ok($slots, 'the log says what a zone holds');
my $logins = int(1.05 * $slots / SLOTS_OF_A_RECORD);

my @browsers;
my $refused = 0;
for my $number (0 .. $logins) {
	my $browser = citizen($number);
	$refused++ unless $browser;
	push @browsers, $browser;
}

is($refused, 0, 'new logins work');
is(who($browsers[-1]), nif($logins), 'the newest is in');

my %seen = (right => 0, nobody => 0, wrong => 0);
for my $number (0 .. $logins) {
	my $who = who($browsers[$number]);
	$seen{$who eq nif($number) ? 'right' : $who ? 'wrong' : 'nobody'}++;
}
is($seen{wrong}, 0, 'nobody is somebody else');
cmp_ok($seen{nobody}, '>', 0, 'some had to go');
like($t->read_file('error.log'), qr/\[warn\].*clave: the session store is too small: sessions had to end early/, 'and the operator was told');
my $metrics = metrics_in(http_content(http_get('/status')) // '');
cmp_ok($metrics->{clave_sessions_evicted_total} // 0, '>', 0, 'in numbers, too');

###############################################################################
