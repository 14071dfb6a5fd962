package Clave::Fire;

# The simulator's FIRe and Cl@ve Firma, which really sign, and what a person does there. Everything
# else of the simulator is not used: logins are the forge's.

use warnings;
use strict;

use IO::Socket::SSL;
use JSON::PP;

use Test::Nginx;

use Clave ();

use constant FIRMA => 'firma.localhost';

# Started at once, with more words of its command line. `$fire->conf` are the lines of configuration that
# lead to it.

sub new {
	my ($class, $t, @words) = @_;
	my $self = bless { t => $t, state => $t->testdir() . '/fire', port => port(8444) }, $class;
	my $said = $t->testdir() . '/fire.json';
	my ($office, $service) = map { port($_) } 8445, 8446;  # reserved here, not in the child

	$t->run_daemon(sub {
		$t->write_file('fire.pid', $$);
		open STDOUT, '>', $said or die "Can't write $said: $!\n";
		exec Clave::project() . '/scripts/simulate', '--state', $self->{state},
			'--port', $self->{port}, '--office-port', $office, '--fire-port', $service, @words;
	});
	for (1 .. 600) {
		last if -s $said && -e "$self->{state}/firma-ca.pem";
		select undef, undef, undef, 0.1;
	}
	$self->{addresses} = decode_json($t->read_file('fire.json'));
	return $self;
}

sub state { $_[0]{state} }

# One person signs more in a test than anybody should at once; t/sign_quota.t is about that.

sub conf {
	my ($self, $quota) = @_;
	$quota //= 'per_person=off per_person_size=off';
	my $directory = $self->{t}->testdir();
	return <<"EOF";
    clave_firma                     $self->{addresses}{fire} app_id=SEDE;
    clave_firma_public_url          $self->{addresses}{fire_public};
    clave_firma_certificate         $self->{state}/sede.pem;
    clave_firma_certificate_key     $self->{state}/sede.key;
    clave_firma_trusted_certificate $self->{state}/ca.pem;
    clave_sign_trusted_certificate  $self->{state}/firma-ca.pem;
    clave_sign_archive              $directory/archive $quota;
    clave_sign_evidence             $directory/evidence.log;
EOF
}

# A site whose only form is signed before the application gets it. More words are those of clave_conf().

sub site {
	my ($self, %more) = @_;
	my $conf = delete $more{http} // $self->conf();
	Clave::clave_conf($self->{t}, %more,
		http => "    error_log %%TESTDIR%%/error.log info;\n" . $conf, server => <<'EOF');
        clave_simulator on;
        clave_session_timeout 1h 2h;

        location / {
            clave permanente_otp;
            clave_sign form;
            proxy_pass http://127.0.0.1:8081;
        }
EOF
	Clave::backend($self->{t});
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

# The person goes through the pages of FIRe and Cl@ve Firma, as far as they lead: certificate, password
# and code, or a new certificate first. `$page` of ours leads there; `$persona` is one of
# ask('personas'). What the pages say, and where the browser is sent back to, without the origin.

sub walk {
	my ($self, $page, $persona) = @_;
	my ($url) = $page =~ /href="(https:[^"]*transactionid=[^"]*)"/ or return ('', '');
	my ($seen, $method, $form) = ('', 'GET', '');
	$url =~ s/&amp;/&/g;
	for (1 .. 20) {
		my ($host) = $url =~ m{^https://([^/:]+)};
		return ($seen, $url =~ s{^https://[^/]+}{}r) if defined $host && $host ne FIRMA;
		my $answer = $self->_send($method, $url =~ s{^https://[^/]+}{}r, $form, FIRMA);
		($method, $form) = ('GET', '');
		if ($answer =~ /^Location: (\S+)/m) {
			$url = $1;
		} elsif ($answer =~ m{id="volver" href="([^"]+)"}) {
			($seen, $url) = ($seen . $answer, $1 =~ s/&amp;/&/gr);
		} else {
			$seen .= $answer;
			my ($fields) = $answer =~ m{(<form[^>]*>(?:(?!</form>).)*id="continuar")}s or return ($seen, '');
			($url) = $fields =~ /action="([^"]+)"/;
			my %field = $fields =~ /type="hidden" name="([^"]+)" value="([^"]*)"/g;
			$field{password} = $persona->{password} if $fields =~ /name="password"/;
			$field{codigo} = $self->ask("sms/last?nif=$persona->{nif}")->{code} if $fields =~ /name="codigo"/;
			($method, $form) = ('POST', join '&', map { "$_=$field{$_}" } sort keys %field);
		}
	}
	return ($seen, '');
}

# "Cancelar" on a page of the signing service. Where the browser is sent back to, as above.

sub leave {
	my ($self, $page) = @_;
	my ($id, $reference) = $page =~ /transactionid=([0-9a-f-]+)&amp;subjectref=([0-9A-F]+)/ or return '';
	my $answer = $self->_send('POST', '/firma-nube/cancelar', "transactionid=$id&subjectref=$reference", FIRMA);
	return $answer =~ m{^Location: https://[^/]+(\S+)}m ? $1 : '';
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
		my %withdrawn = map { $_->{withdrawn} // '' => 1 } @lines;
		@lines = grep { defined $_->{state} && !$withdrawn{$_->{change}} } @lines;
		$told = join ' ', map { $_->{state} . ($_->{reason} ? ":$_->{reason}" : '') } @lines;
		last if !defined $wanted;
		# The change follows its line at once, but by something that no file shows.
		select undef, undef, undef, $told =~ $wanted ? 0.3 : 0.05;
		last if $told =~ $wanted;
	}
	return $told;
}

# What became of each document of several, as the last line of the evidence has it: "signed lost".

sub results {
	my ($self, $id) = @_;
	my @lines = grep { ($_->{sign} // '') eq $id && defined $_->{results} }
		map { decode_json($_) } split /\n/, $self->{t}->read_file('evidence.log');
	return @lines ? $lines[-1]{results} : '';
}

sub ask {
	my ($self, $path, $json) = @_;
	my $body = defined $json ? encode_json($json) : '';
	my $method = defined $json ? 'POST' : 'GET';
	my ($answer) = $self->_send($method, "/_sim/$path", $body, 'clave.localhost', 'application/json')
		=~ /\r\n\r\n(.*)/s;
	return decode_json($answer // 'null');
}

sub _send {
	my ($self, $method, $target, $body, $host, $type) = @_;
	my $socket = IO::Socket::SSL->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port},
		SSL_hostname => $host, SSL_verifycn_name => $host,
		SSL_ca_file => "$self->{state}/ca.pem") or die "no simulator: $SSL_ERROR\n";
	$type //= 'application/x-www-form-urlencoded';
	print $socket "$method $target HTTP/1.1\r\nHost: $host\r\nConnection: close\r\n"
		. "Content-Type: $type\r\nContent-Length: " . length($body) . "\r\n\r\n$body";
	local $/;
	return <$socket> // '';
}

1;
