#!/usr/bin/perl

# A worker that is killed while several documents are signed (checklist F-09, F-14): what FIRe has, is
# fetched by whoever comes next, each document by itself. One that it was handing over just then is lost,
# and says so; none is signed again by itself.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Application;
use Clave::Crash;
use Clave::Faults;
use Clave::Fire;
use Clave::Signer;

use Digest::SHA qw/ sha256_hex /;
use JSON::PP;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(28);
my $fire = Clave::Fire->new($t);

clave_conf($t, http => "    error_log %%TESTDIR%%/error.log info;\n" . $fire->conf(), server => <<'EOC');
        clave_simulator on;
        clave_session_timeout 3h 3h;

        location / {
            clave permanente_otp;
            proxy_pass http://127.0.0.1:8081;
        }

        location /ordenes {
            clave_sign_api;
        }
EOC

$t->todo_alerts();  # nginx raises the alarm for each worker that is killed
backend($t);
my $clock = Clave::Faults->run($t, 'clock');
my $app = Clave::Application->new();
my $ana = Clave::Signer->new(fire => $fire);
$ana->login('/');
my $crash = Clave::Crash->new(t => $t, fire => $fire, clock => $clock);
my @texts = map { "Documento número $_\n" } 1 .. 3;
my $past = 0;

###############################################################################

# while FIRe composes: its answer is on the way to nobody

my $id = killed_on_the_way('slow', 8);
is($app->look($id)->{state}, 'recovering', 'somebody may be at it still');
is(taken_over($id), 'signed: signed signed signed', 'taken over: all are fetched and verified');
is($crash->asked(8), 1, 'FIRe was asked to compose once');
is($crash->asked(10), 3, 'and for each document once');
signatures_are_there($id, 1, 2, 3);
is($fire->results($id), 'signed signed signed', 'the evidence has each of them');
receipt_has($id, 3);

# while it hands over the first: that one is gone there, and not here

$id = killed_on_the_way('slow_result', 10);
is(taken_over($id), 'signed: lost signed signed', 'one was handed over to a dead worker: the others are signed');
signatures_are_there($id, 2, 3);
is(status_of($app->signature($id, 'd1')), 409, 'and there is none of what was lost');
is($fire->results($id), 'lost signed signed', 'the evidence says which');
receipt_has($id, 2);

# while it hands over the last, when it forgets the batch: the others are here

my $asked = $crash->asked(10);
$id = killed_on_the_way('slow_last', 10, 3);
is($fire->results($id), 'signed signed stored', 'two are here, and in the evidence');
is(status_of($app->signature($id, 'd1')), 409, 'nobody gets them before it is over');
is(taken_over($id), 'signed: signed signed lost', 'the two that are here are signed');
is($crash->asked(10) - $asked, 4, 'and were not asked for again');
signatures_are_there($id, 1, 2);

# the only one that was signed

$fire->fault('partial_batch');
$id = $app->prepare(texts => [ @texts[0, 1] ])->{id};
$ana->sign_at("/.clave/sign/$id/");
is(state_of($id), 'signed: signed failed', 'what failed is not lost');

# before anybody was sent there: nothing can have been signed

my $before = $crash->asked(8);
$fire->fault('slow_start');
$id = $app->prepare(texts => \@texts)->{id};
my $base = "/.clave/sign/$id/";
my $token = $ana->token($ana->get($base));
$crash->killed_at(7, sub { $ana->post("${base}confirm", "token=$token&read=1") });
is(taken_over($id, 900), 'failed:unavailable: failed failed failed', 'killed before FIRe answered: a failure of ours');
unlike($ana->get($base), qr/transactionid/, 'nobody is sent there');
is($crash->asked(8), $before, 'and FIRe is asked for nothing');

is($crash->killed(), 4, 'four workers were killed');
is($crash->died(), 0, 'and no other died');
is(double_signatures(), 0, 'no document has two signatures');

undef $_ for $crash, $app, $ana, $fire, $t;

###############################################################################

# An order that is being recovered by a worker that dies when FIRe has been asked for this.

sub killed_on_the_way {
	my ($fault, $operation, $time) = @_;
	$fire->fault($fault);
	my $id = $app->prepare(texts => \@texts)->{id};
	my $ok = $ana->authorise($ana->confirm("/.clave/sign/$id/"));
	$crash->killed_at($operation, sub { $ana->get($ok) }, time => $time);
	return $id;
}

sub state_of {
	my ($id) = @_;
	my $said = $app->settled($id);
	my $reason = $said->{reason} ? ":$said->{reason}" : '';
	return "$said->{state}$reason: " . join ' ', map { $_->{state} } @{$said->{documents}};
}

# When a worker may be given up for dead.

sub taken_over {
	my ($id, $seconds) = @_;
	$crash->later($past += $seconds // 300);
	return state_of($id);
}

sub signatures_are_there {
	my ($id, @numbers) = @_;
	my $said = $app->look($id);
	is(sha256_hex(http_content($app->signature($id, "d$_"))), $said->{documents}[$_ - 1]{signature_sha256},
		"signature $_ is there") for @numbers;
}

sub receipt_has {
	my ($id, $count) = @_;
	my $receipt = decode_json(http_content($ana->get("/.clave/sign/$id/receipt.json")));
	is(scalar(grep { $_->{signature_sha256} } @{$receipt->{documents}}), $count, "$count are in the receipt");
}

# Of any document, by the evidence.

sub double_signatures {
	my (%seen, $double);
	for my $line (map { decode_json($_) } split /\n/, $t->read_file('evidence.log')) {
		my @signatures = split / /, $line->{signatures} // '';
		for my $i (grep { $signatures[$_] ne '-' } 0 .. $#signatures) {
			my $first = $seen{"$line->{sign} $i"} //= $signatures[$i];
			$double++ if $first ne $signatures[$i];
		}
	}
	return $double // 0;
}

###############################################################################
