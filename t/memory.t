#!/usr/bin/perl

# Memory that ends in the middle of a request: at the n-th allocation, once, or from there on until
# the answer (checklist H-27, H-28). A worker survives it, answers with an error or not at all, and
# gives nobody what only somebody else may see; the next request is served as ever.
#
# CLAVE_FAULTS_PER_STEP is how many n are tried of each step and kind: 25, or 0 for all of them.
# CLAVE_SEED repeats a run.

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

use List::Util qw/ shuffle /;
use Time::HiRes qw/ sleep time /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $per_step = $ENV{CLAVE_FAULTS_PER_STEP} // 25;
my $seed = $ENV{CLAVE_SEED} // int(time());
srand $seed;

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(27);

$t->todo_alerts();  # nginx says [emerg] when malloc fails
backend($t);
clave_conf($t, http => 'error_log %%TESTDIR%%/error.log info;', server => <<'EOF');
        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }
EOF

my $memory = Clave::Faults->run($t, 'memory');

###############################################################################

my $citizen = Clave::Browser->new();
is(status_of($citizen->login('/', method => 'pin')), 200, 'a citizen is logged in');
my $worker = worker();

# Each step: how a browser comes to it, the step itself, its status if all goes well.

my @steps = (
	[ 'a page without a session', sub { Clave::Browser->new() }, sub { $_[0]->get('/') }, 302 ],
	[ 'a script without a session', sub { Clave::Browser->new() },
		sub { $_[0]->get('/', 'Accept: application/json') }, 401 ],
	[ 'a page with a session', sub { $citizen->twin() }, sub { $_[0]->get('/') }, 200 ],
	[ 'the request to the gateway', \&sent_to_login, sub { $_[0]->get($_[0]{next}) }, 200 ],
	[ 'its answer', \&answered, sub { $_[0]->post_answer($_[0]{form}) }, 303 ],
	[ 'the way back', \&returning, sub { $_[0]->get($_[0]{next}) }, 303 ],
);

sub sent_to_login {
	my $browser = Clave::Browser->new();
	$browser->{next} = header_of($browser->get('/'), 'Location');
	return $browser;
}

sub answered {
	my $browser = Clave::Browser->new();
	$browser->{form} = Clave::Gateway::answer_to($browser->go_to_gateway('/'), method => 'pin');
	return $browser;
}

sub returning {
	my $browser = answered();
	$browser->{next} = header_of($browser->post_answer($browser->{form}), 'Location');
	return $browser;
}

for my $step (@steps) {
	my ($name, $prepare, $act, $status) = @$step;

	my (undef, $allocations) = with_failures($prepare, $act, 1_000_000, 1);
	$allocations = 1_000_000 - $allocations;
	cmp_ok($allocations, '>', 0, "$name allocates");
	note("$name: $allocations allocations");
	my @points = shuffle(0 .. $allocations - 1);
	splice @points, $per_step if $per_step && @points > $per_step;

	my (@died, @wrong);
	my $hit = 0;
	for my $point (@points) {
		for my $failures (1, 1_000_000) {
			my ($answer, undef, $failed) = with_failures($prepare, $act, $point, $failures);
			$hit++ if $failed;
			if (worker() != $worker) {
				push @died, "at $point of $allocations";
				$worker = worker();
			}
			my $got = status_of($answer);
			push @wrong, "$got at $point of $allocations" unless is_fit($got, $answer, $status);
		}
	}
	cmp_ok($hit, '>', 0, "$name: allocations failed");
	is(join(', ', @died), '', "$name: no worker died (CLAVE_SEED=$seed)");
	is(join(', ', @wrong), '', "$name: an error or what it would have been, and nothing else");
}

is(status_of(Clave::Browser->new()->login('/', method => 'pin')), 200, 'a login after all that');

$t->stop();
my @alerts = grep { !/ failed \(12: / } $t->read_file('error.log') =~ /^.*\[(?:alert|emerg|crit)\].*$/mg;
is(join("\n", @alerts), '', 'no alert but that there was no memory');

undef $t;

###############################################################################

# The response, how many of the spared allocations were left, how many have failed.

sub with_failures {
	my ($prepare, $act, $spared, $failures) = @_;
	my $browser = $prepare->();
	$memory->order($worker, $spared, $failures, 0);
	my $answer = $act->($browser);
	my (undef, $left, undef, $failed) = $memory->orders();
	$memory->order(0, 0, 0, 0);
	return ($answer, $left, $failed);
}

# A client that is not answered has learnt nothing. A page of the application is for a citizen who is
# known to it.

sub is_fit {
	my ($got, $answer, $status) = @_;
	return 1 if $got == 0 || grep { $got == $_ } 400, 403, 500, 502, 503;
	return 0 unless $got == $status;
	return 1 unless ($answer // '') =~ m{^Content-Type: application/json}mi && $status == 200;
	return (backend_saw($answer)->{headers}{'x-clave-nif'} // '') eq '99999018D';
}

# The worker that nginx has now.

sub worker {
	for (1 .. 200) {
		my ($last) = $t->read_file('error.log') =~ /.*start worker process (\d+)/s;
		return $last if $last && kill 0, $last;
		sleep 0.02;
	}
	die "nginx has no worker\n";
}

###############################################################################
