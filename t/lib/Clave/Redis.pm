package Clave::Redis;

# A redis-server of a test's own, which can be killed, frozen, started again, and asked.

use warnings;
use strict;

use IO::Socket::INET;
use IO::Socket::UNIX;
use POSIX qw/ WNOHANG _exit /;
use Time::HiRes qw/ sleep time /;

use Test::Nginx;

# new($t, port => 8090, [options of redis-server, as in keep => 1]): not started yet. With `keep` its
# data survive a restart; with `unix` it listens on a socket in the test's directory. With `sentinel_of`
# another one it is a sentinel, one of three, that calls it "clave", and wants a `password` if it has one. With tls => { port => 8091, pem => FILE,
# key => FILE } it speaks TLS with everyone but its test; the certificate is its own authority.

sub new {
	my ($class, $t, %options) = @_;
	my $port = port($options{port} // 8090);
	my $directory = $t->testdir() . "/redis-$port";
	mkdir $directory;
	return bless {
		owner => $$,
		port => $port,
		directory => $directory,
		socket => $options{unix} ? "$directory/socket" : undef,
		keep => $options{keep},
		more => $options{options} // [],
		primary => $options{sentinel_of},
		password => $options{password},
		tls => $options{tls} && { %{$options{tls}}, port => port($options{tls}{port}) },
	}, $class;
}

sub port_number { $_[0]{port} }

# Where others speak to it.

sub public_port { $_[0]{tls} ? $_[0]{tls}{port} : $_[0]{port} }

sub _tls_options {
	my ($self) = @_;
	my $tls = $self->{tls} or return ();
	return ('tls-port' => $tls->{port}, 'tls-cert-file' => $tls->{pem}, 'tls-key-file' => $tls->{key},
		'tls-ca-cert-file' => $tls->{pem}, 'tls-auth-clients' => 'no', 'tls-replication' => 'yes');
}

sub socket_path { $_[0]{socket} }

sub start {
	my ($self) = @_;
	my $pid = fork() // die "Can't fork: $!\n";
	if ($pid == 0) {
		open STDOUT, '>>', "$self->{directory}/log";
		open STDERR, '>&', \*STDOUT;
		exec('redis-server', $self->_sentinel_conf(), '--sentinel') or _exit(127) if $self->{primary};
		exec('redis-server', '--port', $self->{port}, '--bind', '127.0.0.1',
			'--dir', $self->{directory}, '--save', '',
			$self->{keep} ? ('--appendonly', 'yes', '--appendfsync', 'always') : (),
			$self->{socket} ? ('--unixsocket', $self->{socket}) : (),
			map({ s/^(?=tls-)/--/r } $self->_tls_options()),
			@{$self->{more}}) or _exit(127);
	}
	$self->{pid} = $pid;
	my $end = time() + 10;
	until ($self->is_up()) {
		die "redis-server does not start\n" if time() > $end || waitpid($pid, WNOHANG) != 0;
		sleep 0.02;
	}
	return $self;
}

sub _sentinel_conf {
	my ($self) = @_;
	my $path = "$self->{directory}/sentinel.conf";
	open my $file, '>', $path or die "Can't write $path: $!\n";
	my @tls = $self->_tls_options();
	while (my ($name, $value) = splice @tls, 0, 2) {
		print $file "$name $value\n";
	}
	print $file "port $self->{port}\nbind 127.0.0.1\ndir $self->{directory}\n"
		. 'sentinel monitor clave 127.0.0.1 ' . $self->{primary}->public_port() . " 2\n"
		. "sentinel down-after-milliseconds clave 500\nsentinel failover-timeout clave 3000\n";
	print $file "requirepass $self->{password}\n" if $self->{password};
	close $file;
	return $path;
}

sub is_up {
	my ($self) = @_;
	my $socket = IO::Socket::INET->new(Proto => 'tcp', PeerAddr => "127.0.0.1:$self->{port}")
		or return 0;
	print $socket "PING\r\n";
	local $/ = "\n";
	my $line = <$socket>;
	return defined $line && $line =~ /^(?:\+PONG|-NOAUTH|-NOPERM)/ ? 1 : 0;
}

sub kill {
	my ($self) = @_;
	my $pid = delete $self->{pid} or return $self;
	CORE::kill('KILL', $pid);
	waitpid $pid, 0;
	return $self;
}

sub freeze { my ($self) = @_; CORE::kill('STOP', $self->{pid}); return $self }

sub thaw { my ($self) = @_; CORE::kill('CONT', $self->{pid}); return $self }

# begin('BLPOP', 'key', 0): a connection that has asked, and does not wait for the answer.

sub begin {
	my ($self, @words) = @_;
	my $socket = IO::Socket::INET->new(Proto => 'tcp', PeerAddr => "127.0.0.1:$self->{port}")
		or die "no redis on port $self->{port}\n";
	print $socket _command(@words);
	$socket->flush();
	return $socket;
}

# ask('GET', 'key'): what it answers, parsed: a scalar, undef, a list, or "-ERR …".

sub ask {
	my ($self, @words) = @_;
	my $socket = IO::Socket::INET->new(Proto => 'tcp', PeerAddr => "127.0.0.1:$self->{port}")
		or die "no redis on port $self->{port}\n";
	binmode $socket;
	if ($self->{password}) {
		print $socket _command('AUTH', $self->{password});
		_reply($socket);
	}
	print $socket _command(@words);
	return _reply($socket);
}

sub keys {
	my ($self, $pattern) = @_;
	return sort @{$self->ask('KEYS', $pattern // '*')};
}

# The only session there is.

sub session_key {
	my ($self) = @_;
	my @keys = $self->keys('*s:{*');
	die "not one session, but " . @keys . "\n" unless @keys == 1;
	return $keys[0];
}

sub _command {
	my (@words) = @_;
	return join '', '*' . @words . "\r\n", map { '$' . length($_) . "\r\n$_\r\n" } @words;
}

sub _reply {
	my ($socket) = @_;
	local $/ = "\n";
	my $line = <$socket>;
	return undef unless defined $line;
	$line =~ s/\r\n$//;
	my ($kind, $rest) = $line =~ /^(.)(.*)$/;
	return $rest if $kind eq '+' || $kind eq ':';
	return $line if $kind eq '-';
	return undef if $rest < 0;
	return [ map { _reply($socket) } 1 .. $rest ] if $kind eq '*';
	read $socket, my $text, $rest + 2;
	return substr $text, 0, $rest;
}

sub DESTROY {
	my ($self) = @_;
	local ($?, $@, $!);
	return if $self->{owner} != $$ || !$self->{pid};
	$self->thaw();
	$self->kill();
}

1;
