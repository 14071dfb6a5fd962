#!/usr/bin/perl

# A document that is larger than what a worker may need for it, and many orders at once that are not
# taken for each other (checklist F-11, F-03, F-10).
#
# CLAVE_API_MEGABYTES is the size of the document: 32, or 100 for the whole of what is promised.
# CLAVE_API_ORDERS is how many come at once: 100, or 1000.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Application;
use Clave::Browser;
use Clave::Fire;
use Clave::Signer;

use Digest::SHA qw/ sha256_hex /;
use POSIX qw/ _exit /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $megabytes = $ENV{CLAVE_API_MEGABYTES} // 32;
my $orders = $ENV{CLAVE_API_ORDERS} // 100;

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(15);
my $fire = Clave::Fire->new($t, '--fire-megabytes', $megabytes + 8);

clave_conf($t, main => 'worker_processes 2;', store => 'clave_session_store shared:clave:16m;',
	http => $fire->conf(), server => <<'EOC');
        clave_simulator on;
        clave_firma_max_document 128m;
        clave_firma_timeout 120s;

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

# The most that any process of this nginx has ever needed, in kB.

sub peak {
	my $master = $t->read_file('nginx.pid') + 0;
	my @workers = split ' ', do { local (@ARGV, $/) = "/proc/$master/task/$master/children"; <> };
	my $most = 0;
	for my $pid (@workers) {
		open my $status, '<', "/proc/$pid/status" or next;
		local $/;
		my ($peak) = <$status> =~ /^VmHWM:\s*(\d+)/m;
		$most = $peak if $peak > $most;
	}
	return $most;
}

###############################################################################

# a large one

my $large = join '', map { chr(32 + $_ % 90) } 1 .. 65536;
$large x= $megabytes * 16;
my $small = substr $large, 0, 65536;

my $made = $app->prepare(texts => [ $small ]);
my $before = peak();
cmp_ok($before, '>', 0, 'what the workers need');
my $id = Clave::Application::said($app->submit($app->order(texts => [ $large ])))->{id};
is(Clave::Application::said($app->put($id, 'd1', $large, patient => 1))->{documents}[0]{state}, 'stored',
	"$megabytes MB are taken");
my $after = peak();
# Sanitizers keep memory for a while; of the document it is a small part all the same.
my $part = $megabytes * 1024 / 2;
cmp_ok($after - $before, '<', $part, "and needed no memory for it ($before kB, then $after kB)");

my $ana = Clave::Signer->new(fire => $fire);
$ana->login('/');
is(status_of($ana->get("/.clave/sign/$id/")), 200, 'it is shown');
my $shown = http_content(http("GET /.clave/sign/$id/document HTTP/1.0\r\nHost: sede.example.gob.es\r\n"
	. 'Cookie: ' . $ana->cookies() . "\r\n\r\n"));
is(sha256_hex($shown), sha256_hex($large), 'whole');
cmp_ok(peak() - $before, '<', $part, 'which needs none either');
opendir my $temporary, $t->testdir() . '/client_body_temp';
is(scalar(grep { !/^\./ } $temporary ? readdir $temporary : ()), 0, 'and leaves no file behind');

# and it is signed: to verify it takes the document and what was signed at once, and nothing else

my $waiting = patiently($ana->confirm("/.clave/sign/$id/"));
$ana->get($ana->authorise($waiting));
for (1 .. 1200) {
	last unless $app->look($id)->{state} =~ /^(?:at_gateway|recovering)$/;
	select undef, undef, undef, 0.1;
}
my $signed = $app->look($id);
is("$signed->{state} $signed->{documents}[0]{sha256}", 'signed ' . sha256_hex($large), "$megabytes MB are signed");
is(sha256_hex(http_content($app->signature($id, 'd1'))), $signed->{documents}[0]{signature_sha256},
	'and its signature fetched');
my $verified = peak();
my $per_megabyte = ($verified - $before) / 1024 / $megabytes;
diag(sprintf '%d MB: %.2f MB of memory for each, at most', $megabytes, $per_megabyte);
my $quarantine = $ENV{ASAN_OPTIONS} ? 256 / $megabytes : 0;  # what is freed stays for a while
cmp_ok($per_megabyte, '<', 3 + $quarantine, 'for less than three times the document');

# The page that leads to Cl@ve Firma, however long FIRe takes for the document.

sub patiently {
	my ($page) = @_;
	for (1 .. 1200) {
		last if $page =~ /transactionid=/ || status_of($page) != 202;
		select undef, undef, undef, 0.1;
		$page = $ana->get("/.clave/sign/$id/");
	}
	return $page;
}

# many at once, each with a document of its own

my (@children, %id, @wrong);
for my $n (1 .. $orders) {
	pipe my $from, my $to or die "no pipe: $!\n";
	my $pid = fork // die "no process: $!\n";
	if (!$pid) {
		close $from;
		my $text = "Documento $n\n";
		my $order = $app->order(texts => [ $text ], idempotency_key => "muchas-$n", title => "Orden $n");
		my $first = Clave::Application::said($app->submit($order))->{id} // '';
		my $second = Clave::Application::said($app->submit($order))->{id} // '-';
		my $stored = Clave::Application::said($app->put($first, 'd1', $text))->{documents}[0]{sha256} // '';
		my $mine = $first eq $second && $stored eq sha256_hex($text);
		print $to $mine ? $first : "wrong $first $second $stored";
		close $to;
		_exit(0);
	}
	close $to;
	push @children, [ $pid, $from, $n ];
	wait_for(shift @children) while @children > 50;
}
sub wait_for {
	my ($pid, $from, $n) = @{$_[0]};
	my $told = <$from> // 'nothing';
	waitpid $pid, 0;
	$told =~ /^[0-9a-z]{28}$/ ? push @{$id{$told}}, $n : push @wrong, $told;
}
wait_for($_) for @children;
is_deeply(\@wrong, [], "$orders orders at once: each is its own");
is(scalar(keys %id), $orders, 'and none is another');

# the same order many times at once

@children = map {
	pipe my $from, my $to or die "no pipe: $!\n";
	my $pid = fork // die "no process: $!\n";
	if (!$pid) {
		close $from;
		my $response = $app->submit($app->order(idempotency_key => 'la-misma'));
		print $to status_of($response) . ' ' . (Clave::Application::said($response)->{id} // '');
		close $to;
		_exit(0);
	}
	close $to;
	[ $pid, $from ];
} 1 .. 20;
my (%status, %same);
for my $child (@children) {
	my ($pid, $from) = @$child;
	my ($status, $one) = split ' ', <$from> // '';
	waitpid $pid, 0;
	$status{$status}++;
	$same{$one // ''}++;
}
is(scalar(keys %same), 1, 'the same order at once is one transaction');
is($status{201}, 1, 'made once');
is($status{200}, 19, 'and found by the others');

$fire = $ana = undef;
undef $t;  # its own checks come now: the functions above would hold it to the end

###############################################################################
