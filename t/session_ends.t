#!/usr/bin/perl

# The audit log tells the end of every session that nobody has asked to end: by idle timeout, absolute
# timeout, clave_session_limit and another login, once, whichever workers meet it; of one that nobody
# comes back to as well. With Redis, as far as a machine can know it.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use JSON::PP;

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Browser;
use Clave::Metrics;
use Clave::Redis;

use Time::HiRes qw/ sleep time /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy/)->has_daemon('redis-server')->plan(23 + 2);  # of the other nginx
my $d = $t->testdir();
my $other = Test::Nginx->new();
my $redis = Clave::Redis->new($t, port => 8090)->start();

$t->write_file('session.key', join '', map { chr int rand 256 } 1 .. 80);
chmod 0600, "$d/session.key";

sub office {
	my ($port, $name, $timeout) = @_;
	return <<"EOF";
    server {
        listen                127.0.0.1:$port;
        server_name           $name.example.gob.es;
        clave_base_url        https://$name.example.gob.es;
        clave_audit_log       $d/$name.log;
        clave_session_timeout $timeout;

        location / { clave permanente; proxy_pass http://127.0.0.1:8081; }
        location /otp/ { clave permanente_otp; proxy_pass http://127.0.0.1:8081; }
    }
EOF
}

backend($t);
clave_conf($t, main => 'worker_processes 2;', server => '',
	http => <<"EOF" . office(8080, 'brief', '2s 1h') . office(8080, 'short', '3s 3s') . office(8080, 'long', '1h 8h'));
    error_log $d/error.log info;
    clave_session_limit 2;

    server {
        listen 127.0.0.1:8082;
        location /status { clave_status; }
    }
EOF
$t->run();

clave_conf($other, main => 'worker_processes 2;', server => '', listen => '127.0.0.1:8083',
	store => "clave_session_store redis://127.0.0.1:8090; clave_session_key $d/session.key; clave_session_limit 2;",
	http => office(8083, 'elsewhere', '2s 1h'));
$other->run();

###############################################################################

my %ana = (nif => '00000000T', given_name => 'CANARIANA', first_surname => 'PAJARO', surnames => 'PAJARO CANARIO');

sub comes_back {
	my ($browser, $request, %how) = @_;
	my $acs = 'https://' . $browser->{host} . '/.clave/acs';
	return status_of($browser->come_back($request, method => 'permanente', acs_url => $acs, %ana, %how));
}

sub login {
	my ($name, %where) = @_;
	my $browser = Clave::Browser->new(host => "$name.example.gob.es", %where);
	comes_back($browser, $browser->go_to_gateway('/'));
	return $browser;
}

sub records {
	my ($name) = @_;
	return map { decode_json($_) } split /\n/, $t->read_file("$name.log");
}

# The hash that the log has of the session that began last.

sub last_login { (grep { $_->{event} =~ /login|step_up/ } records($_[0]))[-1]{session} }

sub ends_of {
	my ($name, $session) = @_;
	return grep { $_->{event} eq 'session_end' && $_->{session} eq $session } records($name);
}

sub reasons { join ' ', map { $_->{reason} } ends_of(@_) }

# Until there is one. A script that only asks how long a session lasts keeps none alive.

sub wait_for_end {
	my ($name, $session, $browser) = @_;
	my $deadline = time() + 60;
	while (!ends_of($name, $session) && time() < $deadline) {
		$browser->get('/.clave/session') if $browser;
		sleep 0.1;
	}
}

# idle

my $browser = login('brief');
my $session = last_login('brief');
wait_for_end('brief', $session, $browser);
$browser->get('/') for 1 .. 20;
my @ends = ends_of('brief', $session);
is(@ends, 1, 'idle: one line');
is(join(' ', map { $_ // '-' } @{$ends[0]}{qw/ reason level method loa nif origin address /}),
	'idle permanente permanente low ***0000** https://brief.example.gob.es -', 'that says why, and whose it was');
like($ends[0]{ended} // '', qr/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'and since when');

# absolute

$browser = login('short');
$session = last_login('short');
wait_for_end('short', $session, $browser);
$browser->get('/') for 1 .. 20;
is(reasons('short', $session), 'absolute', 'absolute: one line');

# the limit

login('long');
my $first = last_login('long');
login('long');
$browser = login('long');
is(join(' ', map { "$_->{reason} $_->{nif}" } ends_of('long', $first)), 'limit ***0000**', 'the oldest over the limit');
is(scalar(grep { $_->{event} eq 'session_end' } records('long')), 1, 'and no other one');

# what somebody does

$session = last_login('long');
is(comes_back($browser, $browser->go_to_gateway('/otp/'), loa => 'high'), 303, 'a step-up');
is(reasons('long', $session), 'step_up', 'which takes the place of the session');
$session = last_login('long');
$browser->leave();
$browser->get('/') for 1 .. 5;
is(ends_of('long', $session), 0, 'a logout is no end of this kind');

# nobody comes back: the look that a worker takes at its start, and once a minute

login('brief');
$session = last_login('brief');
my $later = login('brief');
wait_for_end('brief', last_login('brief'), $later);
$t->reload();
wait_for_end('brief', $session);
is(reasons('brief', $session), 'idle', 'nobody comes back');

# a step-up that comes too late: the session has ended, and not because of it

$browser = login('brief');
$session = last_login('brief');
my $request = $browser->go_to_gateway('/otp/');
wait_for_end('brief', $session, $browser);
is(comes_back($browser, $request, loa => 'high'), 303, 'a step-up of a session that has ended');
is(reasons('brief', $session), 'idle', 'one end');
isnt(last_login('brief'), $session, 'and a new session');

# counted

my $metrics = metrics_in(http_content(http("GET /status HTTP/1.0\n\n", PeerAddr => '127.0.0.1:' . port(8082))));
my @limits = grep { ($_->{reason} // '') eq 'limit' } map { records($_) } qw/ brief short long /;
is($metrics->{'clave_sessions_ended_total{reason="limit"}'}, scalar @limits, 'as many as lines');
is($metrics->{'clave_sessions_ended_total{reason="absolute"}'}, 1, 'by reason');
is($metrics->{clave_sessions_replaced_total}, 1, 'other logins apart');

# Redis

my %far = (peer => '127.0.0.1:' . port(8083));
$browser = login('elsewhere', %far);
$session = last_login('elsewhere');
wait_for_end('elsewhere', $session, $browser);
$browser->get('/') for 1 .. 20;
@ends = ends_of('elsewhere', $session);
is(@ends, 1, 'Redis: one line');
is(join(' ', map { $_ // '-' } @{$ends[0]}{qw/ reason level nif ended /}), 'idle permanente ***0000** -', 'of whom');
login('elsewhere', %far);
$first = last_login('elsewhere');
login('elsewhere', %far) for 1 .. 2;
like(join(' ', map { "$_->{reason} $_->{nif}" } ends_of('elsewhere', $first)), qr/^(?:limit|idle) \*\*\*0000\*\*$/,
	'Redis: the limit');

# nobody is named

for my $file (qw/ error.log brief.log long.log elsewhere.log /) {
	unlike(join("\n", grep { !/\[debug\]/ } split /\n/, $t->read_file($file)), qr/00000000T|CANARI|PAJARO/i, "$file: nobody's name");
}

undef $other;
undef $t;  # its own checks come now: the functions above would hold it to the end

###############################################################################
