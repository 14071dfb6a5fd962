#!/usr/bin/perl

# FIRe has composed a signature, and then does not hand it over: if it was not even reached, somebody
# asks again; if it has forgotten it, the signature is lost, and nobody says that it was not made (F-09).

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Crash;
use Clave::Faults;
use Clave::Fire;
use Clave::Signer;
use Clave::Wire;

use POSIX qw/ _exit /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(9);
my $fire = Clave::Fire->new($t, '--slow', 3);
my $wire = Clave::Wire->new($t, port => 8447, to => port(8446));
my ($to, $by) = (port(8446), $wire->port_number());
my $conf = $fire->conf() =~ s/(clave_firma +https:[^ ]*):$to/$1:$by/r;

$fire->site(http => $conf);
my $clock = Clave::Faults->run($t, 'clock');
my $ana = Clave::Signer->new(fire => $fire);
$ana->login('/');
my $crash = Clave::Crash->new(t => $t, fire => $fire, clock => $clock);

###############################################################################

# composed, and then the wire is cut

$fire->fault('slow');
my $base = $ana->submit('/', 'name=cut');
my $ok = $ana->authorise($ana->confirm($base));
my $pid = fork() // die "Can't fork: $!\n";
if ($pid == 0) {
	$ana->get($ok);
	_exit(0);
}
Clave::Crash::eventually(sub { $crash->asked(2) });
$wire->cut();
waitpid $pid, 0;
Clave::Crash::eventually(sub { $t->read_file('error.log') =~ /E-SIGN-FIRE .*, later/ });
is($fire->history($base), 'created shown confirmed at_gateway recovering recovering',
	'FIRe is not reached: nothing is over');
is($crash->asked(11), 0, 'and not asked');
is(status_of($ana->get($base)), 202, 'to be looked at again');
$wire->mend();
$crash->later(300);
is(backend_saw($ana->arrive($base))->{body}, 'name=cut', 'taken over: fetched, verified, handed over');
is(scalar(grep { $_ == 2 } $fire->operations()), 1, 'composed once');

# composed, and forgotten

$fire->fault('forgotten');
my $hits = backend_hits();
$base = $ana->submit('/', 'name=forgotten');
my $page = $ana->sign_at($base);
like($fire->history($base), qr/recovering lost(:\w+)?$/, 'forgotten after it was composed: lost, not expired');
like($page, qr/se perdi/, 'said so');
isnt($ana->token($page), '', 'the person may confirm again');
is(backend_hits(), $hits, 'the application gets nothing');

undef $_ for $crash, $ana, $wire, $fire, $t;

###############################################################################
