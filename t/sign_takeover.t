#!/usr/bin/perl

# Signatures whose worker goes while nobody looks (checklist F-09): what FIRe was certainly not asked
# for, is asked for by whoever takes over; what nobody comes back for, is taken over by itself.

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

use POSIX qw/ _exit /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(9);
my $fire = Clave::Fire->new($t);

$t->todo_alerts();  # nginx raises the alarm for each worker that is killed
$fire->site(main => "worker_shutdown_timeout 1s;\n");
my $faults = Clave::Faults->run($t, 'disk');
my $ana = Clave::Signer->new(fire => $fire);
$ana->login('/');
my $crash = Clave::Crash->new(t => $t, fire => $fire, clock => $faults);

###############################################################################

# killed when she is back, before FIRe is asked

my $base = $ana->submit('/', 'name=before');
my $ok = $ana->authorise($ana->confirm($base));
my @workers = $crash->started();
$faults->order(0, 2, 0);
asking($ok, sub { Clave::Crash::eventually(sub { ($faults->orders())[2] > 0 }); kill 'KILL', $workers[-1] });
$faults->order(0, 0, 0);
Clave::Crash::eventually(sub { $crash->started() > @workers });
is($crash->asked(2), 0, 'killed before FIRe was asked');
$crash->later(300);
is(backend_saw($ana->arrive($base))->{body}, 'name=before', 'taken over: signed and handed over');
is($crash->asked(2), 1, 'FIRe was asked once');
unlike($fire->history($base), qr/lost/, 'nothing is lost');

# a reload while the answer of FIRe is waited for: nobody comes back, and it is signed

$crash->later(0);
$fire->fault('lost_recovery');
$base = $ana->submit('/', 'name=reload');
$ok = $ana->authorise($ana->confirm($base));
$ana->get($ok);
my $asked = $crash->asked(2);
is($asked, 2, "FIRe was asked, and its answer lost");
reload();
$crash->later(300);
reload();
is($fire->history($base, qr/(?:signed|lost|failed)/) =~ s/.* //r, 'signed', 'the next worker has fetched it');
is($crash->asked(2), $asked, 'FIRe was not asked to compose again');
is(backend_saw($ana->arrive($base))->{body}, 'name=reload', 'and it is handed over');

is($crash->died(), 0, 'no worker died by itself');

undef $_ for $crash, $ana, $fire, $t;

###############################################################################

sub asking {
	my ($uri, $meanwhile) = @_;
	my $pid = fork() // die "Can't fork: $!\n";
	if ($pid == 0) {
		$ana->get($uri);
		_exit(0);
	}
	$meanwhile->();
	waitpid $pid, 0;
}

# The old worker has gone, and with it whatever it was waiting for.

sub reload {
	my @before = $crash->started();
	$t->reload();
	Clave::Crash::eventually(sub { $crash->started() > @before && $t->read_file('error.log') =~ /$before[-1] exited with code/ });
}

###############################################################################
