#!/usr/bin/perl

# What the wire and FIRe do to several documents that are signed together: each ends signed once, or says
# what became of it (checklist F-09, F-12, F-14).

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Application;
use Clave::Fire;
use Clave::Signer;

use Digest::SHA qw/ sha256_hex /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

# By fault: what becomes of the documents, how often FIRe is asked to compose, and for how many signatures.

my %ends = (
	lost_request   => [ 'signed: signed signed signed', 2, 4 ],  # the first is asked whether it has composed
	lost_recovery  => [ 'signed: signed signed signed', 1, 3 ],
	truncated_json => [ 'signed: signed signed signed', 1, 3 ],
	html_error     => [ 'lost: lost lost lost', 2, 4 ],          # asked again once, no more
	lost_question  => [ 'signed: signed signed signed', 1, 4 ],
	cut_answer     => [ 'signed: lost signed signed', 1, 4 ],
	lost_answer    => [ 'lost: lost lost lost', 1, 6 ],
	partial_batch  => [ 'signed: signed signed failed', 1, 2 ],
	corrupted      => [ 'failed:gateway: failed failed failed', 1, 3 ],
	other_signer   => [ 'failed:wrong_signer: failed failed failed', 1, 3 ],
);

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(6 * keys %ends);
my $fire = Clave::Fire->new($t);

clave_conf($t, http => "    error_log %%TESTDIR%%/error.log info;\n" . $fire->conf(), server => <<'EOC');
        clave_simulator on;
        clave_firma_timeout 2s;

        location / {
            clave permanente_otp;
            proxy_pass http://127.0.0.1:8081;
        }

        location /ordenes {
            clave_sign_api;
        }
EOC

backend($t)->run();

my $app = Clave::Application->new();
my $ana = Clave::Signer->new(fire => $fire);
$ana->login('/');
my @texts = map { "Documento número $_\n" } 1 .. 3;

###############################################################################

for my $fault (sort keys %ends) {
	my ($end, $composed, $fetched) = @{$ends{$fault}};
	my %before = map { $_ => asked($_) } 8, 10;
	$fire->fault($fault);
	my $id = $app->prepare(texts => \@texts)->{id};
	my $ok = $ana->authorise($ana->confirm("/.clave/sign/$id/"));
	$ana->get($ok);
	$ana->get($ok);  # again: it asks for nothing
	is(state_at_the_end($id), $end, "$fault: $end");
	is(asked(8) - $before{8}, $composed, "$fault: composed");
	is(asked(10) - $before{10}, $fetched, "$fault: fetched");
	my ($documents) = $end =~ /(\w+ \w+ \w+)$/;
	is($fire->results($id), $documents, "$fault: the evidence has each of them");
	my @there = map { sha256_hex(http_content($app->signature($id, "d$_"))) } grep { ended($id, $_) eq 'signed' } 1 .. 3;
	is_deeply(\@there, [ grep { defined } map { $_->{signature_sha256} } @{$app->look($id)->{documents}} ],
		"$fault: what was signed is there");
	is(scalar(grep { status_of($app->signature($id, "d$_")) != 409 } grep { ended($id, $_) ne 'signed' } 1 .. 3), 0,
		"$fault: and nothing else");
}

$fire = $ana = $app = undef;
undef $t;  # its own checks come now: the functions below would hold it to the end

###############################################################################

sub asked { my ($operation) = @_; return scalar grep { $_ == $operation } $fire->operations() }

sub ended { my ($id, $number) = @_; return $app->look($id)->{documents}[$number - 1]{state} }

# What was lost is fetched a while later.

sub state_at_the_end {
	my ($id) = @_;
	my $said = $app->settled($id);
	my $reason = $said->{reason} ? ":$said->{reason}" : '';
	return "$said->{state}$reason: " . join ' ', map { $_->{state} } @{$said->{documents}};
}

###############################################################################
