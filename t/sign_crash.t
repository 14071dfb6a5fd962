#!/usr/bin/perl

# A worker that is killed while FIRe answers (checklist F-09): what FIRe has signed is fetched by
# whoever comes next, once it is certain that nobody else does; what cannot be fetched is lost, says
# so, and is not signed again by itself.

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

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(12);
my $fire = Clave::Fire->new($t);

$t->todo_alerts();  # nginx raises the alarm for each worker that is killed
$fire->site();
my $clock = Clave::Faults->run($t, 'clock');
my $ana = Clave::Signer->new(fire => $fire);
$ana->login('/');
my $crash = Clave::Crash->new(t => $t, fire => $fire, clock => $clock);

###############################################################################

# while FIRe composes: its answer is on the way to nobody

$fire->fault('slow');
my $composed = killed_on_the_way('composed', 2);
like($ana->get($composed), qr/^HTTP\S+ 202/, 'somebody may be at it still: to be looked at again');
is($fire->history($composed, qr/recovering$/), 'created shown confirmed at_gateway recovering',
	'and nobody else is');
$crash->later(300);
my $response = $ana->arrive($composed);
is(backend_saw($response)->{body}, 'name=composed', 'taken over: fetched, verified, handed over');
is(scalar(grep { $_ == 2 } $fire->operations()), 1, 'FIRe was asked to compose once');

# while FIRe hands it over: it is gone there, and not here

$fire->fault('slow_result');
my $lost = killed_on_the_way('lost', 11);
$crash->later(600);
my $hits = backend_hits();
$ana->arrive($lost);  # the new worker may be at it by itself
like($fire->history($lost, qr/lost$/), qr/ lost$/, 'handed over to a dead worker: lost');
$response = $ana->get($lost);
is(backend_hits(), $hits, 'the application gets nothing');
isnt($ana->token($response), '', 'the person may confirm again');
my ($again) = header_of($ana->post("${lost}again", 'token=' . $ana->token($response)), 'Location');
is(backend_saw($ana->sign_at($again))->{body}, 'name=lost', 'and it is signed once');

# before anybody was sent there: nothing can have been signed

$fire->fault('slow_start');
my $base = $ana->submit('/', 'name=start');
my $token = $ana->token($ana->get($base));
$crash->killed_at(1, sub { $ana->post("${base}confirm", "token=$token&read=1") });
$crash->later(900);
unlike($ana->get($base), qr/transactionid/, 'killed before FIRe answered');
like($fire->history($base), qr/failed:unavailable$/, 'is a failure of ours, and can be tried again');

is($crash->killed(), 3, 'three workers were killed');
is($crash->died(), 0, 'and no other died');

undef $_ for $crash, $ana, $fire, $t;

###############################################################################

# A signature that is being recovered by a worker that dies when FIRe has been asked for this.

sub killed_on_the_way {
	my ($name, $operation) = @_;
	my $base = $ana->submit('/', "name=$name");
	my $ok = $ana->authorise($ana->confirm($base));
	$crash->killed_at($operation, sub { $ana->get($ok) });
	return $base;
}

###############################################################################
