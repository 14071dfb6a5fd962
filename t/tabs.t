#!/usr/bin/perl

# Many tabs of one browser: each login is its own, and each leads back to its own page (checklist
# K-09, product: ten at once, in any order).

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_end /;
use Clave;
use Clave::Browser;

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(25);

backend($t);
clave_conf($t, server => <<'EOF');
        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }
        location /domicilio/ {
            clave permanente_otp;
            proxy_pass http://127.0.0.1:8081;
        }
EOF
$t->run();

###############################################################################

# ten tabs, answered in another order than they were opened

my $browser = Clave::Browser->new();
my %request = map { $_ => $browser->go_to_gateway("/tramite/$_?paso=$_") } 0 .. 9;
is(scalar(grep { defined } values %request), 10, 'ten tabs are at the gateway');

for my $tab (7, 2, 9, 0, 5, 1, 8, 3, 6, 4) {
	my $response = $browser->come_back($request{$tab});
	is(header_of($response, 'Location'), "/tramite/$tab?paso=$tab", "tab $tab arrives at its own page");
}
is(scalar(grep { /-st-/ } keys %{$browser->{cookies}}), 0, 'no state cookie is left behind');
like($browser->get('/tramite/'), qr{^HTTP/1\.\d 200 }, 'and the browser has one session');

# two levels at once: the weaker answer does not spoil the stronger

$browser = Clave::Browser->new();
my $strong = $browser->go_to_gateway('/domicilio/');
my $weak = $browser->go_to_gateway('/tramite/');
$browser->come_back($strong, method => 'permanente', loa => 'substantial');
my $response = $browser->come_back($weak, method => 'pin', loa => 'low');
is(header_of($response, 'Location'), '/tramite/', 'the weaker login arrives, too');
is(status_of($browser->get('/domicilio/')), 200, 'and costs nobody the stronger session');

# more tabs than a browser may keep: the oldest is forgotten, and says so

$browser = Clave::Browser->new();
my @many = ($browser->go_to_gateway('/tramite/1'));
select undef, undef, undef, 1.1;  # ages are counted in seconds
push @many, map { $browser->go_to_gateway("/tramite/$_") } 2 .. 13;
is(scalar(grep { /-st-/ } keys %{$browser->{cookies}}), 12, 'twelve logins at most');
is(status_of($browser->come_back($many[0])), 403, 'the oldest one has expired');
is(header_of($browser->come_back($many[12]), 'Location'), '/tramite/13', 'the newest one has not');

# One tab logs out while another one is sending a form: that was judged when it began, and arrives whole,
# in its name; the next one does not.

$browser = Clave::Browser->new();
$browser->login('/', method => 'pin');
my $form = 'a=' . 'b' x 5000;
my $begun = http("POST /form HTTP/1.1\r\nHost: sede.example.gob.es\r\nConnection: close\r\nCookie: " . $browser->cookies()
	. "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " . length($form) . "\r\n\r\n"
	. substr($form, 0, 1000), start => 1);
select undef, undef, undef, 0.01 until $t->read_file('error.log') =~ /client request body/;
my $tab = $browser->twin();
$browser->leave();
print $begun substr($form, 1000);
my $seen = backend_saw(http_end($begun));
is(length($seen->{body}) . " $seen->{headers}{'x-clave-nif'}", length($form) . ' 99999018D', 'a form that was on its way');
is(status_of($tab->post('/form', $form)), 409, 'the next one');
is((refusals($t))[-1], 'E-POST-LOST', 'whose page says what has become of it');
is(status_of($tab->get('/')), 302, 'and the tab begins again');

# A browser that never keeps its session is led to the gateway a few times, and then told so: no loop.

my $forgetful = Clave::Browser->new();
my $led = 0;
while ($led < 10 && (my $request = $forgetful->go_to_gateway('/'))) {
	$forgetful->come_back($request, method => 'pin');
	delete $forgetful->{cookies}{'__Host-clave'};
	$led++;
}
is($led, 3, 'three times to the gateway for nothing');
is(status_of($forgetful->{last}), 403, 'then a page');
is((refusals($t))[-1], 'E-LOOP', 'that says why');

###############################################################################
