#!/usr/bin/perl

# Many tabs of one browser: each login is its own, and each leads back to its own page (checklist
# K-09, product: ten at once, in any order).

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Browser;

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(21);

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
