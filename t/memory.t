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
use Clave::Subrequests;

use List::Util qw/ shuffle /;
use Time::HiRes qw/ sleep time /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $per_step = $ENV{CLAVE_FAULTS_PER_STEP} // 25;
my $seed = $ENV{CLAVE_SEED} // int(time());
srand $seed;

my $t = Test::Nginx->new()->has(qw/http proxy ssi auth_request/)->plan(98);

$t->todo_alerts();  # nginx says [emerg] when malloc fails
backend($t);
clave_conf($t, http => 'error_log %%TESTDIR%%/error.log info; clave_preserve_post 64k zone=forms:16m;',
	server => <<'EOF' . Clave::Subrequests::conf());
        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }

        location /otp/ {
            clave permanente_otp;
            proxy_pass http://127.0.0.1:8081;
        }
EOF
$t->write_file('ssi.html', 'before <!--#include virtual="/part" --> after');

my $memory = Clave::Faults->run($t, 'memory');

###############################################################################

# Not the one who logs in and out below: nobody has as many sessions as that.
my $citizen = Clave::Browser->new(nif => '00000000T');
is(status_of($citizen->login('/', method => 'pin', nif => $citizen->{nif})), 200, 'a citizen is logged in');
my $worker = worker();
my @own = ('Sec-Fetch-Site: same-origin');

# Each step: how a browser comes to it, the step itself, its status if all goes well; and what has to be
# true of that answer, unless it is that a page of the application is for the citizen.

my @steps = (
	[ 'a page without a session', sub { Clave::Browser->new() }, sub { $_[0]->get('/') }, 302 ],
	[ 'a script without a session', sub { Clave::Browser->new() },
		sub { $_[0]->get('/', 'Accept: application/json') }, 401 ],
	[ 'a page with a session', sub { $citizen->twin() }, sub { $_[0]->get('/') }, 200 ],
	[ 'the request to the gateway', \&sent_to_login, sub { $_[0]->get($_[0]{next}) }, 200 ],
	[ 'its answer', \&answered, sub { $_[0]->post_answer($_[0]{form}) }, 303 ],
	[ 'the way back', \&returning, sub { $_[0]->get($_[0]{next}) }, 303 ],
	[ 'a session that is asked about', sub { $citizen->twin() }, sub { $_[0]->get('/.clave/session') }, 200,
		sub { $_[0] =~ /"authenticated":true/ } ],
	[ 'a session that is put off', sub { $citizen->twin() }, sub { $_[0]->post('/.clave/session', '', @own) }, 200,
		sub { $_[0] =~ /"authenticated":true/ } ],
	[ 'a question before a logout', sub { $citizen->twin() }, sub { $_[0]->post('/.clave/logout', '') }, 200,
		sub { $_[0] =~ /name="token"/ } ],
	[ 'a logout', \&logged_in, sub { $_[0]->post('/.clave/logout', '', @own) }, 200, \&is_out ],
	[ 'its confirmation', \&logged_out, sub { $_[0]->post_answer($_[0]{form}) }, 303 ],
	[ 'the page before a step-up', \&stepping_up, sub { $_[0]->get($_[0]{next}) }, 200 ],
	[ 'the way back of a step-up', \&stepped_up, sub { $_[0]->get($_[0]{next}) }, 303 ],
	[ 'a form without a session', sub { Clave::Browser->new() }, \&send_form, 303 ],
	[ 'a form that waited', \&with_form, sub { $_[0]->get('/form') }, 200, \&is_own_form ],
	[ 'a part of a page', sub { $citizen->twin() }, sub { $_[0]->get('/ssi.html') }, 200, \&has_no_other_part ],
	[ 'a part of a page without a session', sub { Clave::Browser->new() }, sub { $_[0]->get('/ssi.html') }, 200,
		sub { $_[0] !~ /"method"/ } ],
	[ 'auth_request', sub { $citizen->twin() }, sub { $_[0]->get('/judged/') }, 200, sub { 1 } ],
	[ 'auth_request without a session', sub { Clave::Browser->new() }, sub { $_[0]->get('/judged/') }, 401 ],
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

sub logged_in {
	my $browser = Clave::Browser->new();
	$browser->login('/', method => 'pin');
	$browser->{was} = $browser->twin();
	return $browser;
}

# Who is told that his session has ended has none.

sub is_out {
	my (undef, $browser) = @_;
	return status_of($browser->{was}->get('/')) == 302;
}

sub logged_out {
	my $browser = logged_in();
	$browser->{form} = Clave::Gateway::answer_to($browser->leave(), case => 'logout-good-plain');
	return $browser;
}

sub stepping_up {
	my $browser = $citizen->twin();
	$browser->{next} = header_of($browser->get('/otp/'), 'Location');
	return $browser;
}

sub stepped_up {
	my $browser = logged_in();
	my $form = Clave::Gateway::answer_to($browser->go_to_gateway('/otp/'), method => 'permanente', loa => 'substantial');
	$browser->{next} = header_of($browser->post_answer($form), 'Location');
	return $browser;
}

sub send_form {
	my ($browser) = @_;
	return $browser->request('POST', '/form', body => 'a=1', headers => [ 'Content-Type: text/plain',
		'Origin: ' . Clave::ORIGIN, @own, 'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document' ]);
}

sub with_form {
	my $browser = Clave::Browser->new();
	my $request = Clave::Gateway::request_in($browser->get(scalar header_of(send_form($browser), 'Location')));
	$browser->come_back($request, method => 'pin');
	return $browser;
}

# All of it, or a page load. Where there is no memory for its length, nginx sends any form without one:
# ngx_http_proxy_internal_body_length_variable() fails, and a variable that fails is empty.

sub is_own_form {
	my ($answer, $browser) = @_;
	my $saw = backend_saw($answer);
	return 0 unless is_for($browser, $answer);
	return 1 if "$saw->{method} $saw->{body}" =~ /^(?:POST a=1|GET )$/;
	return $saw->{method} eq 'POST' && !defined $saw->{headers}{'content-length'};
}

sub is_for {
	my ($browser, $answer) = @_;
	return (backend_saw($answer)->{headers}{'x-clave-nif'} // '') eq ($browser->{nif} // '99999018D');
}

sub has_no_other_part {
	my ($answer, $browser) = @_;
	return $answer !~ /"method"/ || $answer =~ /"x-clave-nif":"$browser->{nif}"/;
}

for my $step (@steps) {
	my ($name, $prepare, $act, $status, $fits) = @$step;

	$citizen->get('/');  # all the failures of a step may take longer than an idle session lives
	my ($first, $left) = with_failures($prepare, $act, 1_000_000, 1);
	is(status_of($first), $status, "$name, with memory");
	my $allocations = 1_000_000 - $left;
	cmp_ok($allocations, '>', 0, "$name allocates");
	note("$name: $allocations allocations");
	my @points = shuffle(0 .. $allocations - 1);
	splice @points, $per_step if $per_step && @points > $per_step;

	my (@died, @wrong);
	my $hit = 0;
	for my $point (@points) {
		for my $failures (1, 1_000_000) {
			my ($answer, undef, $failed, $browser) = with_failures($prepare, $act, $point, $failures);
			$hit++ if $failed;
			if (worker() != $worker) {
				push @died, "at $point of $allocations";
				$worker = worker();
			}
			my $got = status_of($answer);
			next if is_fit($got, $answer, $status, $browser, $fits);
			push @wrong, "$got at $point of $allocations";
			diag("$name, $wrong[-1]: $answer");
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

# The response, how many of the spared allocations were left, how many have failed, who was answered.

sub with_failures {
	my ($prepare, $act, $spared, $failures) = @_;
	my $browser = $prepare->();
	$memory->order($worker, $spared, $failures, 0);
	my $answer = $act->($browser);
	my (undef, $left, undef, $failed) = $memory->orders();
	$memory->order(0, 0, 0, 0);
	return ($answer, $left, $failed, $browser);
}

# A client that is not answered has learnt nothing, nor one whose form could not be kept (409). A page of
# the application is for a citizen who is known to it.

sub is_fit {
	my ($got, $answer, $status, $browser, $fits) = @_;
	return 1 if grep { $got == $_ } 0, 400, 403, 409, 500, 502, 503;
	return 0 unless $got == $status;
	return $fits->($answer, $browser) if $fits;
	return 1 unless ($answer // '') =~ m{^Content-Type: application/json}mi && $status == 200;
	return is_for($browser, $answer);
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
