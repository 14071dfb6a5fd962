#!/usr/bin/perl

# A person whose browser goes in the middle of a step (checklist F-13): what she has confirmed goes
# on, and is signed once. The disk is slow, so that the step is under way when nginx sees her go.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Faults;
use Clave::Fire;
use Clave::Signer;

use Socket qw/ SOL_SOCKET SO_LINGER /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(21);
my $fire = Clave::Fire->new($t);

$fire->site();
my $disk = Clave::Faults->run($t, 'disk');
my $ana = Clave::Signer->new(fire => $fire);
$ana->login('/');

###############################################################################

for my $how ('closes', 'resets') {
	my $base = $ana->submit('/', "name=$how");
	my $token = $ana->token($ana->get($base));
	goes($how, 'POST', "${base}confirm", "token=$token&read=1");
	is($fire->history($base, qr/at_gateway$/), 'created shown confirmed at_gateway',
		"$how while it is confirmed: FIRe is asked");

	my $ok = $ana->authorise($ana->get($base));
	isnt($ok, '', "$how: and leads her there later");
	goes($how, 'GET', $ok);
	is($fire->history($base, qr/signed$/), 'created shown confirmed at_gateway recovering recovering signed',
		"$how while she is back: FIRe is asked for the signature");
	is(backend_saw($ana->arrive($base))->{body}, "name=$how", "$how: the application gets it");
	is(asked(2), asked(1), "$how: FIRe has signed what it was asked for, once");

	# before she has decided: the step is in the evidence, and nobody is asked
	my $before = asked(1);
	my $other = $ana->submit('/', "name=no-$how");
	$token = $ana->token($ana->get($other));
	goes($how, 'POST', "${other}cancel", "token=$token");
	is($fire->history($other, qr/cancelled$/), 'created shown cancelled', "$how while it is cancelled");
	is(asked(1), $before, "$how while it is cancelled: FIRe is not asked");

	my $unseen = $ana->submit('/', "name=unseen-$how");
	goes($how, 'GET', $unseen);
	is($fire->history($unseen, qr/shown$/), 'created shown', "$how while it is shown");
	is($fire->history(scalar $ana->submit('/', 'name=next')), 'created', "$how: a worker goes on");
}

is(scalar(() = $t->read_file('error.log') =~ /exited on signal|E-INT/g), 0, 'no worker died of it');
like($t->read_file('error.log'), qr/prematurely closed/, 'nginx has seen her go');
is(asked(11), 2, 'two signatures were fetched');

undef $_ for $ana, $fire, $t;

###############################################################################

sub asked { my ($operation) = @_; return scalar grep { $_ == $operation } $fire->operations() }

# She asks, and goes when the step waits for the disk; that is back when nginx knows that she has gone.

sub goes {
	my ($how, $method, $uri, $body) = @_;
	my $gone = seen_to_go();
	$disk->order(0, 1, 0);
	my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1:' . port(8080)) or die "no nginx: $!\n";
	my @headers = ("Host: $ana->{host}", 'Cookie: ' . $ana->cookies());
	push @headers, 'Content-Type: application/x-www-form-urlencoded', 'Content-Length: ' . length $body
		if defined $body;
	print $socket join("\r\n", "$method $uri HTTP/1.1", @headers, '', '') . ($body // '');
	eventually(sub { ($disk->orders())[2] > 0 });
	if ($how eq 'resets') {
		setsockopt $socket, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0) or die "SO_LINGER: $!\n";
		close $socket;
	} else {
		shutdown $socket, 1;
	}
	eventually(sub { seen_to_go() > $gone });
	$disk->order(0, 0, 0);
}

sub seen_to_go { scalar(() = $t->read_file('error.log') =~ /client prematurely closed connection/g) }

sub eventually {
	my ($true) = @_;
	for (1 .. 1500) {
		return if $true->();
		select undef, undef, undef, 0.02;
	}
	die "waited in vain\n";
}

###############################################################################
