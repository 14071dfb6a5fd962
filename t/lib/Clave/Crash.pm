package Clave::Crash;

# Workers of nginx that are killed or go, and what comes later: for tests in which signatures survive that.

use warnings;
use strict;

use POSIX qw/ _exit /;

use Test::Nginx;

# new(t => Test::Nginx, fire => Clave::Fire, clock => Clave::Faults, whose first order is the time); the error log is at info.

sub new {
	my ($class, %parts) = @_;
	return bless { %parts }, $class;
}

# Asks, and kills the worker that asks FIRe for this, the time'th time, before it has an answer.

sub killed_at {
	my ($self, $operation, $ask, %how) = @_;
	my $times = $how{time} // 1;
	my ($before, @workers) = ($self->asked($operation), $self->started());
	my $pid = fork() // die "Can't fork: $!\n";
	if ($pid == 0) {
		$ask->();
		_exit(0);
	}
	eventually(sub { $self->asked($operation) >= $before + $times });
	kill 'KILL', $workers[-1];
	waitpid $pid, 0;
	eventually(sub { $self->started() > @workers });
}

# How often FIRe has been asked for this.

sub asked {
	my ($self, $operation) = @_;
	return scalar grep { $_ == $operation } $self->{fire}->operations();
}

# The wall clock is so many seconds further than at the beginning.

sub later {
	my ($self, $seconds) = @_;
	$self->{clock}->order($seconds);
	select undef, undef, undef, 0.05;
	http_get('/');  # a worker looks at its clock when something happens
}

sub killed { my ($self) = @_; return scalar(() = $self->_log() =~ /exited on signal 9\b/g) }
sub died { my ($self) = @_; return scalar(() = $self->_log() =~ /exited on signal (?!9\b)/g) }

# Process IDs of all workers that there have been.

sub started { my ($self) = @_; my @all = $self->_log() =~ /start worker process (\d+)/g; return @all }

sub _log { return $_[0]{t}->read_file('error.log') }

sub eventually {
	my ($true) = @_;
	for (1 .. 1500) {
		return if $true->();
		select undef, undef, undef, 0.02;
	}
	die "waited in vain\n";
}

1;
