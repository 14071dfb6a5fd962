package Clave::Daemon;

# An nginx whose binary can be replaced while it runs: it takes USR2 for the doing of a new binary's
# while its parent is the one that started it, so it has to be a daemon, and this starts and ends it.

use warnings;
use strict;

use Time::HiRes qw/ sleep /;

use Test::Nginx;

# Of $t's nginx.conf.

sub start {
	my ($class, $t) = @_;
	my $self = bless { t => $t, owner => $$ }, $class;
	my $directory = $t->testdir();
	$t->write_file('nginx.conf', $t->read_file('nginx.conf') =~ s/daemon off;//r);
	system($Test::Nginx::NGINX, '-p', "$directory/", '-c', 'nginx.conf', '-e', 'error.log') == 0
		&& eventually(sub { $self->has('nginx.pid') }) or die "Can't start nginx\n";
	$self->{master} = $self->pid('nginx.pid');
	return $self;
}

# A new master beside the old one: true if it comes, with workers of its own.

sub upgrade {
	my ($self) = @_;
	my $old = $self->{old} = $self->{master};
	kill 'USR2', $old;
	eventually(sub { $self->has('nginx.pid.oldbin') && $self->has('nginx.pid') && $self->pid('nginx.pid') != $old })
		or return 0;
	$self->{master} = $self->pid('nginx.pid');
	return eventually(sub { $self->_generations() == 2 });
}

sub old { $_[0]{old} }

sub retire_workers {
	my ($self) = @_;
	kill 'WINCH', $self->{old};
	return eventually(sub { $self->{t}->read_file('error.log') =~ /gracefully shutting down/ });
}

sub retire {
	my ($self) = @_;
	kill 'QUIT', $self->{old};
	return eventually(sub { !$self->exists('nginx.pid.oldbin') });
}

sub end {
	my ($self) = @_;
	kill 'QUIT', $self->{master};
	$self->{master} = 0;
	return eventually(sub { !$self->exists('nginx.pid') });
}

sub exists { -e $_[0]{t}->testdir() . "/$_[1]" }

sub has { -s $_[0]{t}->testdir() . "/$_[1]" }

sub pid {
	my ($self, $name) = @_;
	my $pid = eval { $self->{t}->read_file($name) } // 0;
	chomp $pid;
	return $pid;
}

# Masters that have started workers.

sub _generations {
	my ($self) = @_;
	my %masters = map { $_ => 1 } $self->{t}->read_file('error.log') =~ /(\d+)#\d+: start worker process \d+/g;
	return scalar keys %masters;
}

sub eventually {
	my ($condition) = @_;
	for (1 .. 200) {
		return 1 if $condition->();
		sleep 0.05;
	}
	return 0;
}

sub DESTROY {
	my ($self) = @_;
	local ($?, $@, $!);
	kill 'TERM', $self->{master} if $self->{owner} == $$ && $self->{master};
}

1;
