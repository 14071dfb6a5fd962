#!/usr/bin/perl

# How long a session lasts: idle and absolute time, a reload, a worker that is killed, another zone;
# and where it counts: with the provider and origin it was made for.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Browser;
use Clave::Gateway;

use Time::HiRes qw/ sleep time /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(62);

$t->todo_alerts();  # a worker is killed
backend($t);

sub configure {
	my ($t, $size) = @_;
	clave_conf($t, main => 'worker_processes 2;', listen => '127.0.0.1:8080 default_server', store => "clave_session_store shared:clave:$size;",
		http => <<'EOF', server => <<'EOF_SERVER');
    server {
        listen                127.0.0.1:8080;
        server_name           brief.example.gob.es;
        clave_base_url        https://sede.example.gob.es;
        clave_session_timeout 2s 7s;

        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }
    }

    server {
        listen         127.0.0.1:8080;
        server_name    otra.example.gob.es;
        clave_base_url https://otra.example.gob.es;

        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }
    }
EOF
        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }

        location /fresh/ {
            clave pin max_age=3s;
            proxy_pass http://127.0.0.1:8081;
        }
EOF_SERVER
}

configure($t, '1m');
$t->run();

###############################################################################

sub is_in {
	my ($name, $browser, $uri) = @_;
	is(status_of($browser->get($uri // '/')), 200, $name);
}

# What is wrong with a login and a logout of a browser that says all that, or that asks `to` another
# machine.

sub led_astray {
	my (%how) = @_;
	my @headers = @{delete $how{headers} // []};
	my $to = delete $how{to} // '';
	my $browser = Clave::Browser->new(%how);
	my @wrong;
	my @answers = ($browser->get("$to/hello", @headers));
	push @wrong, 'the way to the login' unless (header_of($answers[0], 'Location') // '') =~ m{^/\.clave/login\?s=[\w-]{22}$};
	push @answers, scalar $browser->get($to . (header_of($answers[0], 'Location') // '/'), @headers);

	my $request = Clave::Gateway::request_in($answers[1]) or return join '; ', @wrong, 'no request';
	push @wrong, 'the request asks for an answer elsewhere'
		unless $request->{xml} =~ m{ AssertionConsumerServiceURL="https://sede\.example\.gob\.es/\.clave/acs"};
	my $form = Clave::Gateway::answer_to($request, method => 'pin');
	push @answers, $browser->request('POST', "$to/.clave/acs", body => $form->{body}, cross_site => 1,
		headers => [ "Content-Type: $form->{content_type}", 'Origin: null', @headers ]);
	push @wrong, 'the way back' unless (header_of($answers[2], 'Location') // '') =~ m{^/\.clave/return\?s=[\w-]+&o=[\w-]+$};
	push @answers, $browser->get($to . (header_of($answers[2], 'Location') // '/'), @headers);
	push @wrong, 'the page asked for' unless (header_of($answers[3], 'Location') // '') eq '/hello';
	push @wrong, 'no session' unless status_of($browser->get("$to/hello", @headers)) == 200;

	my $end = $browser->leave('Sec-Fetch-Site: same-origin', @headers) // { xml => '' };
	push @wrong, 'a logout elsewhere' unless $end->{xml} =~ m{<saml2:Issuer>https://sede\.example\.gob\.es/\.clave/acs<};
	push @answers, $browser->{last};
	push @wrong, "names $1" if join('', @answers, $request->{xml}, $end->{xml}) =~ /(.{0,30}atacante.{0,30})/;
	push @wrong, map { "a cookie: $_" }
		grep { !/^__Host-clave[^=]*=[^;]*; Path=\/; Secure; HttpOnly; SameSite=Lax(?:; Max-Age=\d+)?$/ }
		map { header_of($_, 'Set-Cookie') } @answers;
	return join '; ', @wrong;
}

sub is_out {
	my ($name, $browser, $uri) = @_;
	like(header_of($browser->get($uri // '/'), 'Location') // '', qr{^/\.clave/(?:login|stepup|expired)\?s=}, $name);
}

# the cookie

my $citizen = Clave::Browser->new();
my $request = $citizen->go_to_gateway('/hello');
is($citizen->cookie(), undef, 'no session before the login');
my $back = $citizen->come_back($request, method => 'pin');
is(status_of($back), 303, 'back from the gateway');
is(header_of($back, 'Location'), '/hello', 'to the page asked for');
my ($cookie) = grep { /^__Host-clave=/ } header_of($back, 'Set-Cookie');
like($cookie, qr/^__Host-clave=[\w-]{43};/, 'a token');
like($cookie, qr/; *$_(?:;|$)/i, "cookie is $_ (K-04)") for 'Path=/', 'Secure', 'HttpOnly', 'SameSite=Lax';
unlike($cookie, qr/Max-Age|Expires|Domain/i, 'it ends with the browser, and stays on this host');
unlike($citizen->cookies(), qr/clave-st-/, 'the state of the login is gone');
is_in('the session', $citizen);

# what somebody has put there before becomes no session: there is a new token at each login (S-68)

my $planted = 'A' x 43;
my $victim = Clave::Browser->new()->set_cookie('__Host-clave', $planted);
$victim->login('/hello', method => 'pin');
is_in('who had a cookie before', $victim);
isnt($victim->cookie(), $planted, 'has another one after the login');
is_out('and whoever knows that one nothing', Clave::Browser->new()->set_cookie('__Host-clave', $planted));

# a session belongs to provider and origin

my $elsewhere = $citizen->twin();
$elsewhere->{host} = 'otra.example.gob.es';
is_out('not at another origin', $elsewhere);
$elsewhere->{host} = 'brief.example.gob.es';
is_in('another name of the same one', $elsewhere);

# and is made where the configuration says, whatever a client or a proxy says of that (checklist H-12)

my $foreign = 'atacante.example';
is(led_astray(headers => [ $_ ]), '', $_)
	for "X-Forwarded-Host: $foreign", 'X-Forwarded-Proto: http', 'X-Forwarded-Port: 81', 'X-Forwarded-Ssl: off',
	"X-Forwarded-Prefix: /$foreign", "X-Forwarded-Uri: /$foreign", "X-Forwarded-Server: $foreign", 'X-Forwarded-For: 192.0.2.1',
	"Forwarded: for=192.0.2.1;host=$foreign;proto=http", "X-Host: $foreign", "X-Original-Host: $foreign", "X-Original-URL: /$foreign",
	"X-Rewrite-URL: /$foreign", 'X-Scheme: http', 'X-Url-Scheme: http', 'Front-End-Https: off', "Base-Url: https://$foreign",
	"Referer: https://$foreign/", "From: a\@$foreign";
is(led_astray(host => $_), '', "Host: $_")
	for $foreign, "$foreign:443", 'SEDE.example.gob.es', 'sede.example.gob.es.', 'sede.example.gob.es:81', "sede.example.gob.es.$foreign";
is(led_astray(to => "http://$foreign"), '', 'an address with a host');
like(led_astray(host => 'otra.example.gob.es'), qr/^the request asks for an answer elsewhere/, 'another site is another place');

# times

my $brief = Clave::Browser->new(host => 'brief.example.gob.es');
my $busy = Clave::Browser->new(host => 'brief.example.gob.es');
my $old = Clave::Browser->new();
my $begin = time();
for my $browser ($brief, $busy, $old) {
	$browser->come_back($browser->go_to_gateway('/'), method => 'pin');
}
is_in('just logged in', $_) for $brief, $busy;
is_in('a login that is young enough', $old, '/fresh/');

my $stayed = 0;
my $asked = 0;
while (time() - $begin < 5) {
	sleep 0.5;
	$asked++;
	$stayed++ if status_of($busy->get('/')) == 200;
}
is($stayed, $asked, 'whoever goes on stays');
is_out('whoever does nothing goes', $brief);
is_out('a login that is too old', $old, '/fresh/');
is_in('only where that matters', $old);

while (time() - $begin < 8.5) {
	sleep 0.5;
	$busy->get('/');
}
is_out('nobody stays for ever', $busy);

# a reload

my $traveller = Clave::Browser->new();
my $begun = $traveller->go_to_gateway('/travel');
reload($t);
is_in('a session over a reload', $citizen);
is(header_of($traveller->come_back($begun, method => 'pin'), 'Location'), '/travel', 'a login over a reload');
is_in('which makes a session', $traveller);

# a worker is killed

my %workers = map { $_ => 1 } workers($t);
is(scalar keys %workers, 2, 'two workers');
$begun = $traveller->go_to_gateway('/');
kill 'KILL', keys %workers;
ok(eventually(sub { my @now = workers($t); @now == 2 && !grep { $workers{$_} } @now }), 'killed and replaced');
is_in('a session over the death of all workers', $citizen);
my $late = Clave::Browser->new();
is(status_of($late->login('/', method => 'pin')), 200, 'a login after it');

# another zone

$t->stop();
$t->run();
is_out('a restart starts empty', $citizen);
is(status_of($citizen->login('/', method => 'pin')), 200, 'a new login');

configure($t, '2m');
reload($t);
is_out('a zone of another size starts empty', $citizen);
is(status_of($citizen->login('/', method => 'pin')), 200, 'and works');

undef $t;

###############################################################################

sub eventually {
	my ($condition) = @_;
	for (1 .. 200) {
		return 1 if $condition->();
		sleep 0.05;
	}
	return 0;
}

# The workers nginx has now, from its own log.

sub workers {
	my ($t) = @_;
	return grep { kill 0, $_ } $t->read_file('error.log') =~ /start worker process (\d+)/g;
}

sub reload {
	my ($t) = @_;
	my %before = map { $_ => 1 } workers($t);
	$t->reload();
	eventually(sub { my @now = workers($t); @now == 2 && !grep { $before{$_} } @now })
		or die "nginx did not reload\n";
}

###############################################################################
