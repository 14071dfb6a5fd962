#!/usr/bin/perl

# What keeps a session alive and what does not: requests of a person, polls in the background, the
# page that asks how long it lasts, and the button that puts off its end.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Browser;

use JSON::PP;
use Time::HiRes qw/ sleep time /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(31);

backend($t);
clave_conf($t, http => 'clave_session_timeout 4s 1h;', server => <<'EOF_SERVER');
        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }
EOF_SERVER
$t->run();

use constant SESSION => '/.clave/session';
use constant BACKGROUND => 'Clave-Background: 1';

###############################################################################

sub told {
	my ($response) = @_;
	return eval { decode_json(http_content($response)) } // {};
}

sub is_in {
	my ($browser) = @_;
	return status_of($browser->get('/', BACKGROUND)) == 200;
}

# nobody

my $nobody = Clave::Browser->new();
my $answer = $nobody->get(SESSION);
is(status_of($answer), 401, 'no session');
like(header_of($answer, 'WWW-Authenticate'), qr/^Clave realm=/, 'how to authenticate');
is(told($answer)->{authenticated}, JSON::PP::false, 'told so');
is(header_of($answer, 'Set-Cookie'), undef, 'and given no cookie');
is(status_of($nobody->post(SESSION, '', 'Sec-Fetch-Site: same-origin')), 401, 'nothing to extend');
is_deeply([ refusals($t) ], [], 'a question is no refusal');

# somebody

my $citizen = Clave::Browser->new();
is(status_of($citizen->login('/', method => 'pin')), 200, 'logged in');
$answer = $citizen->get(SESSION);
is(status_of($answer), 200, 'a session');
is(header_of($answer, 'Content-Type'), 'application/json', 'as JSON');
is(header_of($answer, 'Cache-Control'), 'no-store', 'of this moment');
is(header_of($answer, 'Access-Control-Allow-Origin'), undef, 'for no other origin');
my $told = told($answer);
ok($told->{remaining} >= 2 && $told->{remaining} <= 4, 'until it ends')
	or diag(http_content($answer));
ok($told->{absolute} > 3590 && $told->{absolute} <= 3600, 'at the latest');
is($told->{level}, 'pin', 'level');
is($told->{extend}, SESSION, 'where to put it off');
unlike(http_content($answer), qr/00000000T/, 'and not who');
is(status_of($citizen->request('HEAD', SESSION)), 200, 'HEAD');
$answer = $citizen->request('DELETE', SESSION);
is(status_of($answer), 405, 'nothing else');
is(header_of($answer, 'Allow'), 'GET, HEAD, POST', 'but these');

# who may extend it

for my $sender ('Sec-Fetch-Site: cross-site', 'Sec-Fetch-Site: same-site', 'Origin: https://otra.example.gob.es', 'Origin: null') {
	is(status_of($citizen->post(SESSION, '', $sender)), 403, "not with $sender");
}
is((refusals($t))[-1], 'E-ORIGIN', 'and the log says why');
is(status_of($citizen->post(SESSION, '', 'Origin: ' . Clave::ORIGIN)), 200, 'a page of this origin');

# what keeps it alive: five seconds of each, with four to idle

my %browser = map { $_ => Clave::Browser->new() } qw/ reads extends asks polls /;
for my $browser (values %browser) {
	$browser->login('/', method => 'pin');
}
my %sent = (
	reads => sub { $_[0]->get('/') },
	extends => sub { $_[0]->post(SESSION, 'x=1', 'Sec-Fetch-Site: same-origin') },
	asks => sub { $_[0]->get(SESSION) },
	polls => sub { $_[0]->get('/', BACKGROUND) },
);
my $polled = status_of($sent{polls}->($browser{polls}));
my $begin = time();
while (time() - $begin < 5.5) {
	$sent{$_}->($browser{$_}) for keys %browser;
	sleep 0.4;
}
is($polled, 200, 'a poll is answered');
ok(is_in($browser{reads}), 'a person who reads stays');
ok(is_in($browser{extends}), 'and one who says so');
ok(!is_in($browser{asks}), 'a page that only asks does not keep it alive');
ok(!is_in($browser{polls}), 'nor does a poll in the background');

# the header is 1, or it says nothing

$citizen = Clave::Browser->new();
$citizen->login('/', method => 'pin');
$begin = time();
while (time() - $begin < 5) {
	$citizen->get('/', 'Clave-Background: 0');
	sleep 0.5;
}
ok(is_in($citizen), 'not in the background');

###############################################################################
