#!/usr/bin/perl

# What the archive keeps no longer than clave_sign_archive says: the folder of a signature goes, with all
# that is in it, and nothing younger does; the form that was handed over goes before (checklist F-20).

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Application;
use Clave::Fire;
use Clave::Signer;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(20);
my $fire = Clave::Fire->new($t);

clave_conf($t, http => "    error_log %%TESTDIR%%/error.log info;\n" . $fire->conf('retain=1d per_person=off')
	. "    server { listen 127.0.0.1:8082; return 500; }\n",
	server => <<'EOF');
        clave_simulator on;

        location / {
            clave permanente_otp;
            clave_sign form;
            proxy_pass http://127.0.0.1:8081;
        }

        location /fails {
            clave permanente_otp;
            clave_sign form;
            proxy_pass http://127.0.0.1:8082;
        }

        location /ordenes {
            clave_sign_api;
        }
EOF

backend($t)->run();

my $archive = $t->testdir() . '/archive';
my $ana = Clave::Signer->new(fire => $fire);
$ana->login('/');
my $app = Clave::Application->new();

###############################################################################

my ($old, $young) = map { my $base = $ana->submit('/', "numero=$_"); $ana->sign_at($base); $base } 1, 2;
$fire->history($_, qr/delivered$/) for $old, $young;
my ($gone, $kept) = map { m{sign/(\w+)/} ? "$archive/$1" : '' } $old, $young;
ok(-e "$_/signature" && -e "$_/document", 'signed, and in the archive') for $gone, $kept;

my $then = time() - 3 * 86400;
utime $then, $then, $gone or die "Can't touch $gone: $!\n";
$t->reload();  # a worker looks through the archive when it starts
for (1 .. 600) {
	last if !-e $gone;
	select undef, undef, undef, 0.1;
}
ok(!-e $gone, 'F-20: older than that, it is gone, with all that was in it');
ok(-e "$kept/signature" && -e "$kept/receipt.json", 'what is younger stays');
for my $what (qw/ signature document receipt.json /, '') {
	like($ana->get("$old$what"), qr{^HTTP/1.1 410 .*Ya no se conserva aquí}s, "/$what of it: 410, and why");
}
is(status_of($ana->get("${young}signature")), 200, 'unlike the other one');

# what an application has ordered

my $id = $app->prepare()->{id};
$ana->sign_at("/.clave/sign/$id/");
is(status_of($app->signature($id, 'd1')), 200, 'an order is signed, and its signature there');
system('rm', '-r', "$archive/$id") == 0 or die "Can't erase $id\n";
is(Clave::Application::problem($app->signature($id, 'd1')), '410 E-SIGN-GONE', 'until somebody erases it');
is($app->look($id)->{state}, 'delivered', 'what became of it, is known');

# the form as it was sent

ok(-e "$kept/form", 'a form that was handed over may be wanted once more');
my $undelivered = $ana->submit('/fails', 'numero=3');
is(status_of($ana->sign_at($undelivered)), 500, 'one that the application has not taken');
my ($waits) = map { "$archive/$_" } $undelivered =~ m{sign/(\w+)/};
ok(!-e "$waits/delivered", 'is not noted as delivered');
cmp_ok((stat "$kept/delivered")[9], '>', time() + 26 * 3600, 'nor is the other one forgotten before the session store does');
my $before = (stat $kept)[9];
$then = time() - 1;
utime $then, $then, "$kept/delivered" or die "Can't touch $kept/delivered: $!\n";
$t->reload();
for (1 .. 600) {
	last if !-e "$kept/form" && !-e "$kept/delivered";
	select undef, undef, undef, 0.1;
}
ok(!-e "$kept/form" && !-e "$kept/delivered", 'F-20: then it is gone');
ok(-e "$kept/document" && -e "$kept/signature" && -e "$kept/receipt.json", 'and nothing else');
is((stat $kept)[9], $before, 'which goes when it would have gone');
ok(-e "$waits/form", 'and what was not handed over stays');

undef $_ for $app, $ana, $fire, $t;

###############################################################################
