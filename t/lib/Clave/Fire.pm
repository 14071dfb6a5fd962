package Clave::Fire;

# The simulator's FIRe and Cl@ve Firma, which really sign, and what a person does there. Everything
# else of the simulator is not used: logins are the forge's.

use warnings;
use strict;

use IO::Socket::SSL;
use JSON::PP;

use Test::Nginx;

use Clave ();

# Started at once. `$fire->conf` are the lines of configuration that lead to it.

sub new {
	my ($class, $t) = @_;
	my $self = bless { t => $t, state => $t->testdir() . '/fire', port => port(8444) }, $class;
	my $said = $t->testdir() . '/fire.json';
	my ($office, $service) = map { port($_) } 8445, 8446;  # reserved here, not in the child

	$t->run_daemon(sub {
		$t->write_file('fire.pid', $$);
		open STDOUT, '>', $said or die "Can't write $said: $!\n";
		exec Clave::project() . '/scripts/simulate', '--state', $self->{state},
			'--port', $self->{port}, '--office-port', $office, '--fire-port', $service;
	});
	for (1 .. 600) {
		last if -s $said && -e "$self->{state}/firma-ca.pem";
		select undef, undef, undef, 0.1;
	}
	$self->{addresses} = decode_json($t->read_file('fire.json'));
	return $self;
}

sub state { $_[0]{state} }

sub conf {
	my ($self) = @_;
	my $directory = $self->{t}->testdir();
	return <<"EOF";
    clave_firma                     $self->{addresses}{fire} app_id=SEDE;
    clave_firma_public_url          $self->{addresses}{fire_public};
    clave_firma_certificate         $self->{state}/sede.pem;
    clave_firma_certificate_key     $self->{state}/sede.key;
    clave_firma_trusted_certificate $self->{state}/ca.pem;
    clave_sign_trusted_certificate  $self->{state}/firma-ca.pem;
    clave_sign_archive              $directory/archive;
    clave_sign_evidence             $directory/evidence.log;
EOF
}

# It is gone, and does not come back.

sub stop {
	my ($self) = @_;
	kill 'KILL', $self->{t}->read_file('fire.pid');
}

# What goes wrong with the next transaction.

sub fault { $_[0]->ask('fire/next', { fault => $_[1] }) }

# The person signs, and is led back to this address of ours, without the origin.

sub authorise {
	my ($self, $transaction) = @_;
	my $url = $self->ask('fire/authorise', { transaction => $transaction })->{ok_url} // '';
	return $url =~ s{^https?://[^/]+}{}r;
}

# What the office has asked for: the numbers of the operations, in order.

sub operations {
	my ($self) = @_;
	return map { $_->{op} } @{$self->ask('fire/requests')};
}

# The states of a signature, by its address, as the evidence has them: "created shown … failed:gateway".

# What is written after the answer is waited for, until it is `wanted`.

sub history {
	my ($self, $base, $wanted) = @_;
	my ($id) = $base =~ m{/sign/(\w+)/} or return '';
	my $told;
	for (1 .. 600) {
		my @lines = grep { ($_->{sign} // '') eq $id }
			map { decode_json($_) } split /\n/, $self->{t}->read_file('evidence.log');
		$told = join ' ', map { $_->{state} . ($_->{reason} ? ":$_->{reason}" : '') } @lines;
		last if !defined $wanted || $told =~ $wanted;
		select undef, undef, undef, 0.05;
	}
	return $told;
}

# What became of each document of several, as the last line of the evidence has it: "signed lost".

sub results {
	my ($self, $id) = @_;
	my @lines = grep { ($_->{sign} // '') eq $id }
		map { decode_json($_) } split /\n/, $self->{t}->read_file('evidence.log');
	return @lines ? $lines[-1]{results} : '';
}

sub ask {
	my ($self, $path, $json) = @_;
	my $socket = IO::Socket::SSL->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port},
		SSL_hostname => 'clave.localhost', SSL_verifycn_name => 'clave.localhost',
		SSL_ca_file => "$self->{state}/ca.pem") or die "no simulator: $SSL_ERROR\n";
	my $body = defined $json ? encode_json($json) : '';
	my $method = defined $json ? 'POST' : 'GET';
	print $socket "$method /_sim/$path HTTP/1.1\r\nHost: clave.localhost\r\nConnection: close\r\n"
		. "Content-Type: application/json\r\nContent-Length: " . length($body) . "\r\n\r\n$body";
	local $/;
	my ($answer) = (<$socket> // '') =~ /\r\n\r\n(.*)/s;
	return decode_json($answer // 'null');
}

1;
