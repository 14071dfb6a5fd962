#!/usr/bin/perl

# What the session store has forgotten, the archive has not: the memory of nginx is gone with a restart,
# and Redis keeps a signature for a day. What is signed is there for its person as before, and can still
# be handed over; what was under way is lost, and says so. Nothing that was typed has to be typed again.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Faults;
use Clave::Fire;
use Clave::Signer;

use File::Copy qw/ copy /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(34);
my $fire = Clave::Fire->new($t);
$fire->site();
$t->run();
my $ana = Clave::Signer->new(fire => $fire);
$ana->login('/');

###############################################################################

my $delivered = $ana->submit('/', 'name=entregada');
$ana->sign_at($delivered);
$fire->history($delivered, qr/delivered$/);
my %before = map { $_ => http_content($ana->get("$delivered$_")) } 'document', 'signature', 'receipt.json';

# signed, and its person has gone before it was handed over
my $signed = $ana->submit('/', 'name=firmada');
$ana->get($ana->authorise($ana->confirm($signed)));
like($fire->history($signed, qr/signed$/), qr/ signed$/, 'signed, and not handed over');

my $shown = $ana->submit('/', 'name=leida');
my $old = $ana->token($ana->get($shown));
my $there = $ana->submit('/', 'name=alli');
my $ok = $ana->authorise($ana->confirm($there));
my $cancelled = $ana->submit('/', 'name=cancelada');
$ana->post("${cancelled}cancel", 'token=' . $ana->token($ana->get($cancelled)));

# a worker has fetched it and is killed, and then all are: FIRe gives nothing twice
my $fetched = $ana->submit('/', 'name=traida');
my $begun = $t->testdir() . '/begun';
copy(archive($fetched, 'transaction'), $begun) or die "copy: $!\n";
$ana->get($ana->authorise($ana->confirm($fetched)));
$fire->history($fetched, qr/signed$/);

###############################################################################

$t->stop();
rename archive($fetched, 'signature'), archive($fetched, 'signature.unverified') or die "rename: $!\n";
rename $begun, archive($fetched, 'transaction') or die "rename: $!\n";
unlink archive($fetched, 'receipt.json');
my $clock = Clave::Faults->run($t, 'clock');

# whoever is nobody, or somebody else, learns nothing

is(status_of($ana->get($delivered)), 302, 'nobody: a login');
my $benito = Clave::Signer->new(fire => $fire);
$benito->login('/', nif => nif(7), given_name => 'Benito');
is(status_of($benito->get("$delivered$_")), 404, "somebody else: no '$_'") for '', 'signature', 'receipt.json';
is(status_of($benito->get($shown)), 404, 'nor what was under way');

# what is over

$ana->login('/');
my $page = $ana->get($delivered);
is(status_of($page), 200, 'delivered: its page is there');
like($page, qr/Justificante de firma/, 'and is the receipt');
like($page, qr/ya se ha entregado/, 'which says that it is delivered');
is(http_content($ana->get("$delivered$_")), $before{$_}, "delivered: its $_ is what it was") for sort keys %before;
like($ana->get($cancelled), qr/name="token"/, 'cancelled: that it may begin again');
like($fire->history($cancelled), qr/cancelled$/, 'and nothing else became of it');

# what was signed is handed over, once

my $hits = backend_hits();
my $response = $ana->follow($signed);
is(backend_saw($response)->{body}, 'name=firmada', 'signed: the application gets it');
is(backend_saw($response)->{headers}{'x-clave-sign-state'}, 'signed', 'as signed');
is($fire->history($signed, qr/delivered$/) =~ s/(recovering )+/recovering /r,
	'created shown confirmed at_gateway recovering signed signed delivered',
	'which the evidence knows');
$ana->follow($signed);
is(backend_hits() - $hits, 1, 'and once only');

restart();
$ana->login('/');
$hits = backend_hits();
like($ana->follow($signed), qr/ya se ha entregado/, 'forgotten again: it stays delivered');
is(backend_hits() - $hits, 0, 'and is not handed over again');

# what was under way

$page = $ana->follow($shown);
is(status_of($page), 502, 'under way: lost');
like($page, qr/Un fallo nuestro ha borrado hasta dónde llegó su firma/, 'which the page says');
like($page, qr/No se ha enviado ni registrado nada/, 'and that nothing was sent');
like($fire->history($shown), qr/^created shown lost$/, 'as the evidence does');
like($t->read_file('error.log'), qr/\[error\] .*clave: E-SIGN-LOST ref=\S+ .*knows it no more/, 'and the log');
my $again = header_of($ana->post("${shown}again", 'token=' . $ana->token($page)), 'Location');
isnt($again, $shown, 'she begins again');
is(backend_saw($ana->sign_at($again))->{body}, 'name=leida', 'and has nothing to type');

$page = $ana->follow($ok);
like($page, qr/Un fallo nuestro/, 'at Cl@ve Firma meanwhile: lost, too');
like($fire->history($there), qr/at_gateway lost$/, 'once');

# what FIRe had handed over already: nobody is at it, which is certain after a while

is(status_of($ana->get($fetched)), 202, 'fetched already: not at once');
$clock->order(1200);
$page = $ana->arrive($fetched);
like(backend_saw($page)->{body}, qr/^name=traida$/, 'it is verified, and handed over');
like($fire->history($fetched, qr/delivered$/), qr/signed delivered$/, 'as signed');

# and one that the office has erased

unlink glob archive($cancelled, '*');
rmdir archive($cancelled, '.');
restart();
$ana->login('/');
is(status_of($ana->get($cancelled)), 404, 'erased, and forgotten: nothing is there');

is(scalar(() = $t->read_file('error.log') =~ /exited on signal|E-INT/g), 0, 'no worker died of it');

undef $_ for $ana, $benito, $fire, $t;

###############################################################################

sub restart {
	$t->stop();
	$clock = Clave::Faults->run($t, 'clock');
}

sub archive {
	my ($base, $name) = @_;
	my ($id) = $base =~ m{/sign/(\w+)/};
	return $t->testdir() . "/archive/$id/$name";
}

###############################################################################
