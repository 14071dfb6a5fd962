#!/usr/bin/perl

# What a worker asks the kernel for on its event loop during logins, logouts, sessions in a Redis that is
# known by name and goes away, and signatures: nothing that waits but epoll_wait (checklist H-33). Names
# are resolved, keys used, files read and written by its threads, at which nobody looks here.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Time::HiRes qw/ sleep time /;

use Test::Nginx;
use Clave;
use Clave::Browser;
use Clave::Fire;
use Clave::Redis;
use Clave::Signer;
use Clave::Strace;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy threads/)->has_daemon('redis-server')->has_daemon('strace')->plan(6);
my $d = $t->testdir();
my $fire = Clave::Fire->new($t);
my $redis = Clave::Redis->new($t, port => 8090)->start();
my $redis_port = port(8090);

$t->write_file('session.key', join '', map { chr int rand 256 } 1 .. 80);
chmod 0600, "$d/session.key";
backend($t);
clave_conf($t, store => "clave_session_store redis://localhost:$redis_port; clave_session_key $d/session.key;",
	http => "    error_log %%TESTDIR%%/error.log info;\n" . $fire->conf(), server => <<'EOF');
        clave_simulator on;

        location / {
            clave permanente_otp;
            clave_sign form;
            proxy_pass http://127.0.0.1:8081;
        }
EOF
$t->run();

my $worker = Clave::Strace->new($t);

###############################################################################

my $ana = Clave::Signer->new(fire => $fire);
is(eventually(sub { status_of($ana->login('/')) == 200 }), 1, 'a login');
for (1 .. 3) {
	my $browser = Clave::Browser->new();
	$browser->login('/', method => 'permanente', loa => 'substantial');
	$browser->get('/');
	$browser->leave();
}
my $base = $ana->submit('/', 'a=1');
is(backend_saw($ana->sign_at($base))->{body}, 'a=1', 'a signature');
$redis->kill();
is(eventually(sub { status_of($ana->get('/')) == 503 }), 1, 'Redis goes away');
$redis->start();
is(eventually(sub { status_of($ana->get('/')) == 302 }), 1, 'and comes back empty');

# Calls that take no longer than the kernel does, and write(), which is to the logs.
my %prompt = map { $_ => 1 } qw/ epoll_wait epoll_ctl accept4 socket socketpair connect bind getsockname getpeername
	getsockopt setsockopt ioctl fcntl shutdown close recvfrom recvmsg sendto sendmsg read readv write writev pread64
	pwrite64 sendfile brk mmap munmap mremap madvise mprotect getpid gettid getrandom clock_gettime gettimeofday futex
	rt_sigprocmask rt_sigreturn restart_syscall pipe2 /;  # the last one is of sanitizers

my @calls = $worker->calls();
cmp_ok(scalar(grep { /^connect\(.*htons\($redis_port\)/ } @calls), '>', 0, 'what the worker does is seen');
my %waits = map { $_ => 1 } grep { waits($_) } @calls;
is(join("\n", sort keys %waits), '', 'it waits for nothing');

undef $_ for $ana, $fire, $worker, $t;

###############################################################################

sub waits {
	my ($call) = @_;
	my ($name) = $call =~ /^(\w+)\(/ or return 0;
	return $call !~ /, 0\) += / if $name eq 'poll';               # looks, and does not wait
	return $call !~ / = (?:0$|-1 EINPROGRESS)/ if $name eq 'connect';
	return $call !~ /CLONE_THREAD/ if $name =~ /^clone3?$/;       # its pools, if it has only begun
	return !$prompt{$name};
}

sub eventually {
	my ($condition) = @_;
	my $end = time() + 60;
	until ($condition->()) {
		return 0 if time() > $end;
		sleep 0.05;
	}
	return 1;
}

###############################################################################
