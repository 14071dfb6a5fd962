#!/usr/bin/perl

# Answers that are good, in the wrong hands or once too often (security checklist, S-50 to S-52): the
# same answer again, from another browser, for another site, with the state of another login. Whoever
# is refused has no session, has reached nobody, is in no log by name, and may log in.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_start http_end http_content /;
use Clave;
use Clave::Browser;
use Clave::Gateway;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy rewrite/)->plan(24);

clave_conf($t, main => 'worker_processes 2;', http => <<'EOF', server => <<'EOF2');
    server {
        listen       127.0.0.1:8080;
        server_name  otra.example.gob.es;
        clave_base_url https://otra.example.gob.es;

        location /tramite/ { clave pin; proxy_pass http://127.0.0.1:8081; }
    }
EOF
        location /tramite/ { clave pin; proxy_pass http://127.0.0.1:8081; }
EOF2

backend($t);
$t->run();

my $uri = '/tramite/a';
my $hits = 0;  # of the back end: those of good logins alone
my $acs = 'https://sede.example.gob.es/.clave/acs';

# The same answer again.

{
	my $browser = Clave::Browser->new();
	my $form = Clave::Gateway::answer_to($browser->go_to_gateway($uri));

	is(status_of($browser->post_answer($form)), 303, 'an answer');
	refused($browser->post_answer($form), 'E-REPLAY', 403, 'the same answer again');

	$t->reload();
	wait_for_reload();
	refused($browser->post_answer($form), 'E-REPLAY', 403, 'the same answer after a reload');
}

# At the same time, to two workers.

{
	my $browser = Clave::Browser->new();
	my $form = Clave::Gateway::answer_to($browser->go_to_gateway($uri));
	my $request = "POST /.clave/acs HTTP/1.1\r\nHost: sede.example.gob.es\r\nConnection: close\r\n"
		. "Content-Type: $form->{content_type}\r\nContent-Length: " . length($form->{body})
		. "\r\n\r\n$form->{body}";

	my @replies = map { http_end($_) } map { http_start($request) } 1 .. 24;
	my %count;
	$count{status_of($_)}++ for @replies;
	is_deeply(\%count, { 303 => 1, 403 => 23 }, 'one of 24 at once gets through');

	my ($place) = map { header_of($_, 'Location') // () } @replies;
	is(status_of($browser->get($place)), 303, 'and its browser is logged in');
}

# A thief who has the answer, or the address it leads to, but not the browser (S-51).

{
	my $browser = Clave::Browser->new();
	my $thief = Clave::Browser->new();
	my $form = Clave::Gateway::answer_to($browser->go_to_gateway($uri));

	my $place = header_of($thief->post_answer($form), 'Location');
	refused($thief->get($place), 'E-STATE', 403, 'the way back without the state');
	ok(!defined $thief->cookie(), 'no session for the thief');
	is(status_of($thief->get($uri)), 302, 'nor any other way in');

	is(status_of($browser->get($place)), 303, 'the thief has not burnt the login');
	ok(defined $browser->cookie(), 'which has its session');
	refused($browser->get($place), 'E-STATE', 403, 'the way back is used once');
}

# An attacker who keeps the state of a login and has a citizen's browser answer it.

{
	my $citizen = Clave::Browser->new();
	my $attacker = Clave::Browser->new();
	my $request = $attacker->go_to_gateway($uri);
	my $back = "/.clave/return?s=$request->{relay_state}";
	my $kept = $attacker->twin();

	my $place = header_of($citizen->post_answer(Clave::Gateway::answer_to($request)), 'Location');
	refused($attacker->get($back), 'E-STATE', 403, "the citizen's answer in the attacker's browser");
	ok(!defined $attacker->cookie(), 'no session for the attacker');
	refused($kept->get($place), 'E-STATE', 403, 'and his attempt has ended the login');
}

# An attacker who logs the citizen in as himself.

{
	my $citizen = Clave::Browser->new();
	my $attacker = Clave::Browser->new();
	my $own = $citizen->go_to_gateway($uri);
	my $foreign = $attacker->go_to_gateway($uri);

	my $place = header_of($citizen->post_answer(Clave::Gateway::answer_to($foreign)), 'Location');
	refused($citizen->get($place), 'E-STATE', 403, "the attacker's answer in the citizen's browser");

	# Even if the citizen's own state is renamed to fit.
	$citizen->set_cookie("__Host-clave-st-$foreign->{relay_state}",
		$citizen->cookie("__Host-clave-st-$own->{relay_state}"));
	refused($citizen->get($place), 'E-STATE', 403, 'or with the state of another login');
	ok(!defined $citizen->cookie(), 'nobody is logged in');

	my $crossed = { id => $foreign->{id}, relay_state => $own->{relay_state} };
	refused($citizen->post_answer(Clave::Gateway::answer_to($crossed)), 'E-RELAY', 403,
		'an answer under the RelayState of another login');
}

# Of another site of the same server, and of nobody.

{
	my $browser = Clave::Browser->new();
	my $elsewhere = Clave::Browser->new(host => 'otra.example.gob.es');
	my $request = $elsewhere->go_to_gateway($uri);

	refused($browser->post_answer(Clave::Gateway::answer_to($request, acs_url => $acs)), 'E-IRT', 403,
		'an answer to a request of another site');
	refused($elsewhere->post_answer(Clave::Gateway::answer_to($request, acs_url => $acs)), 'E-DEST',
		403, 'an answer made for another site');

	my $unasked = { id => '_' . 'A' x 75, relay_state => $request->{relay_state} };
	refused($browser->post_answer(Clave::Gateway::answer_to($unasked)), 'E-IRT', 403,
		'an answer to what nobody asked');
}

is(scalar(my @lines = refusals($t)), 12 + 23, 'a line for each refusal, and no other');

# Of the error log at debug level the lines of ours: nginx's own have the cookies that came.
my @personal = qw/ 99999018 BEGO ETXEBARRIA <saml PHNhbWw PD94bWw /;
is(personal_in(join "\n", grep { /clave: / } split /\n/, $t->read_file('error.log')), '', 'nothing personal in our lines');
is(personal_in($t->read_file('access.log')), '', 'nor in the access log');

undef $t;

###############################################################################

sub refused {
	my ($response, $code, $status, $name) = @_;
	subtest $name => sub {
		plan tests => 5;
		is((refusals($t))[-1], $code, 'code');
		is(status_of($response), $status, 'status');
		unlike($response, qr/^Set-Cookie: __Host-clave=/mi, 'no session');
		is(backend_hits(), $hits, 'nobody has reached the back end');

		my $page = Clave::Browser->new()->login($uri);
		is(backend_saw($page)->{headers}{'x-clave-nif'}, '99999018D', 'a good login after it');
		$hits++;
	};
}

sub personal_in {
	my ($text) = @_;
	my ($found) = grep { index($text, $_) >= 0 } @personal;
	return $found // '';
}

# Until a worker of the new configuration answers: the old ones have closed their listeners then.

sub wait_for_reload {
	for (1 .. 100) {
		last if $t->read_file('error.log') =~ /gracefully shutting down/;
		select undef, undef, undef, 0.05;
	}
}

###############################################################################
