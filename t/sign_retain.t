#!/usr/bin/perl

# What the archive keeps no longer than clave_sign_archive says: the folder of a signature goes, with all
# that is in it, and nothing younger does (checklist F-20).

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Fire;
use Clave::Signer;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(6);
my $fire = Clave::Fire->new($t);

clave_conf($t, http => "    error_log %%TESTDIR%%/error.log info;\n" . $fire->conf('retain=1d per_person=off'),
	server => <<'EOF');
        clave_simulator on;

        location / {
            clave permanente_otp;
            clave_sign form;
            proxy_pass http://127.0.0.1:8081;
        }
EOF

backend($t)->run();

my $archive = $t->testdir() . '/archive';
my $ana = Clave::Signer->new(fire => $fire);
$ana->login('/');

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
isnt(status_of($ana->get("${old}signature")), 200, 'and nobody gets it any more');
is(status_of($ana->get("${young}signature")), 200, 'unlike the other one');

undef $_ for $ana, $fire, $t;

###############################################################################
