package Clave::Wire;

# A wire to a server, which can be cut: then whoever calls is refused, and who was connected still is.
# A daemon of the test.

use warnings;
use strict;

use IO::Select;
use IO::Socket::INET;

use Test::Nginx;

# new($t, port => 8091, to => port of the server)

sub new {
	my ($class, $t, %options) = @_;
	my $self = bless { port => port($options{port}), t => $t, pid => "wire-$options{port}.pid" }, $class;
	$t->run_daemon(sub {
		$t->write_file($self->{pid}, $$);
		_run($self->{port}, $options{to});
	});
	$self->_until(1);
	return $self;
}

sub port_number { $_[0]{port} }
sub cut { $_[0]->_tell('USR1', 0) }
sub mend { $_[0]->_tell('USR2', 1) }

sub _tell {
	my ($self, $signal, $open) = @_;
	kill $signal, $self->{t}->read_file($self->{pid});
	return $self->_until($open);
}

sub _until {
	my ($self, $open) = @_;
	for (1 .. 500) {
		my $connected = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$self->{port}") ? 1 : 0;
		return $self if $connected == $open;
		select undef, undef, undef, 0.02;
	}
	die "the wire does not obey\n";
}

sub _run {
	my ($port, $to) = @_;
	my ($wanted, $server, %other) = (1);
	local $SIG{PIPE} = 'IGNORE';
	local $SIG{USR1} = sub { $wanted = 0 };
	local $SIG{USR2} = sub { $wanted = 1 };
	my $all = IO::Select->new();
	while (1) {
		if ($wanted && !$server) {
			$server = IO::Socket::INET->new(LocalAddr => "127.0.0.1:$port", Listen => 64, ReuseAddr => 1)
				or die "Can't listen on port $port: $!\n";
			$all->add($server);
		} elsif (!$wanted && $server) {
			$all->remove($server);
			close $server;
			$server = undef;
		}
		for my $ready ($all->can_read(0.1)) {
			if ($server && $ready == $server) {
				my $client = $server->accept() or next;
				my $there = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$to") or next;
				@other{$client, $there} = ($there, $client);
				$all->add($client, $there);
				next;
			}
			my $other = $other{$ready} or next;
			my $bytes;
			next if sysread($ready, $bytes, 65536) && syswrite $other, $bytes;
			$all->remove($ready, $other);
			delete @other{$ready, $other};
			close $_ for $ready, $other;
		}
	}
}

1;
