package Clave::Strace;

# What a worker asks the kernel for, by strace(1).

use warnings;
use strict;

use POSIX qw/ _exit /;
use Time::HiRes qw/ sleep time /;

# new($t, '-e', 'trace=%file'): of the first worker that the error log of level info tells of. Returns
# when strace has got hold of it.

sub new {
	my ($class, $t, @options) = @_;
	my $d = $t->testdir();
	my ($worker, $end) = (undef, time() + 60);
	until (($worker) = $t->read_file('error.log') =~ /start worker process (\d+)/) {
		die "no worker\n" if time() > $end;
		sleep 0.05;  # it listens before that is written
	}
	my $pid = fork() // die "Can't fork: $!\n";
	if ($pid == 0) {
		open STDERR, '>', "$d/strace.err";
		exec('strace', '-e', 'signal=none', @options, '-o', "$d/strace.log", '-p', $worker) or _exit(127);
	}
	$end = time() + 60;
	until (do { local (@ARGV, $/) = "/proc/$worker/status"; <> } =~ /^TracerPid:\s+[1-9]/m) {
		die 'strace does not attach: ' . $t->read_file('strace.err') if time() > $end;
		sleep 0.05;
	}
	return bless { test => $t, pid => $pid }, $class;
}

# Lets go of it. Its calls, without the number of the thread.

sub calls {
	my ($self) = @_;
	kill 'INT', $self->{pid};
	waitpid $self->{pid}, 0;
	return map { s/^(?:\[pid )?\d+\]? +//r } split /\n/, $self->{test}->read_file('strace.log');
}

1;
