#!/usr/bin/perl

# Bad answers that name something outside of themselves: files and servers by the reference of their
# signature (S-13), their DOCTYPE, an entity or an inclusion (S-30), their cipher text (S-42). A worker and
# its threads open no file and connect to nobody for any of them. And what the heaviest bad answers cost
# (S-31, S-33).

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use JSON::PP;
use Time::HiRes qw/ time /;

use Test::Nginx;
use Clave;
use Clave::Browser;
use Clave::Gateway;
use Clave::Strace;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

use constant MOST_KB => 32 * 1024;  # of memory at once, beyond what the worker has before; sanitizers keep some, too

my @cases = grep { $_->{answers} eq 'login' } @{decode_json(`./forge/forge manifest`)};
my @outward = grep { $_->{id} =~ /^(?:reference-external|doctype|xinclude|cipher-reference)/ } @cases;
my @heavy = grep { $_->{id} =~ /^(?:cap-|size-|doctype-(?:laughs|quadratic))/ } @cases;

my $t = Test::Nginx->new()->has(qw/http proxy threads/)->has_daemon('strace')->plan(@outward + 6);
my $d = $t->testdir();

backend($t);
mkdir "$d/public";
$t->write_file('public/here.txt', 'here');
clave_conf($t, main => 'thread_pool default threads=1;', http => "    error_log $d/error.log info;\n", server => <<"EOF");
        location / { clave pin; proxy_pass http://127.0.0.1:8081; }
        location /public/ { root $d; }
EOF
$t->run();

###############################################################################

# The first login may well read what a process reads once: it comes before.

is(status_of(Clave::Browser->new()->login('/', method => 'pin')), 200, 'a login');

my $worker = Clave::Strace->new($t, '-f', '-e', 'trace=%file,connect,bind,sendto,sendmsg');
for my $case (@outward) {
	my ($code) = bring(form_of($case->{id}));
	is($code, $case->{expected}[0], "$case->{row} $case->{id}");
}
http_get('/public/here.txt');
Clave::Browser->new()->login('/', method => 'pin');
my @calls = $worker->calls();

my @files = grep { !/^(?:connect|bind|send)/ && /^\w+\((?:\w+, )?"[^"]/ } @calls;
my @peers = grep { /^(?:connect|bind|send\w+)\(.*sa_family/ } @calls;
my $port = port(8081);
cmp_ok(scalar(grep { m{/public/here\.txt"} } @files), '>', 0, 'files that are opened are seen');
is(join("\n", grep { !m{/public/here\.txt"} } @files), '', 'there is no other');
cmp_ok(scalar(grep { /htons\($port\)/ } @peers), '>', 0, 'connections are seen');
is(join("\n", grep { !/htons\($port\)/ } @peers), '', 'there is no other');

# Time is told and not judged: the machine may have other work.

my ($slowest, $largest) = ([ 0, '' ], [ 0, '' ]);
for my $case (@heavy) {
	my $form = form_of($case->{id});
	my $before = forget_peak();
	my ($code, $took) = bring($form);
	my $more = memory('VmHWM') - $before;
	diag(sprintf '%s %s: %.1f ms, %d kB', $case->{id}, $code, 1000 * $took, $more);
	$slowest = [ $took, $case->{id} ] if $took > $slowest->[0];
	$largest = [ $more, $case->{id} ] if $more > $largest->[0];
}
diag(sprintf 'slowest: %s, %.1f ms; largest: %s, %d kB', $slowest->[1], 1000 * $slowest->[0], $largest->[1], $largest->[0]);
cmp_ok($largest->[0], '<', MOST_KB, "no bad answer takes much memory ($largest->[1])");

undef $worker;
undef $t;

###############################################################################

# To the gateway, and what it answers by that case.

sub form_of {
	my ($case) = @_;
	my $browser = Clave::Browser->new();
	my $request = $browser->go_to_gateway('/') or die "no way to the gateway\n";
	return { %{Clave::Gateway::answer_to($request, case => $case)}, browser => $browser };
}

# The code under which it is refused, and the seconds that it took.

sub bring {
	my ($form) = @_;
	my $known = () = refusals($t);
	my $begun = time();
	$form->{browser}->post_answer($form);
	my $took = time() - $begun;
	my @codes = refusals($t);
	return ($codes[$known] // 'none', $took);
}

# So many kB; forget_peak(): what it has now, from which VmHWM is counted afresh (proc(5)).

sub memory {
	my ($what) = @_;
	my ($pid) = $t->read_file('error.log') =~ /start worker process (\d+)/;
	my $status = do { local (@ARGV, $/) = "/proc/$pid/status"; <> };
	return $status =~ /^$what:\s+(\d+)/m ? $1 : die "no $what\n";
}

sub forget_peak {
	my ($pid) = $t->read_file('error.log') =~ /start worker process (\d+)/;
	open my $file, '>', "/proc/$pid/clear_refs" or die "no clear_refs: $!\n";
	print $file "5\n";
	close $file;
	return memory('VmRSS');
}

###############################################################################
