package Clave::Deserter;

# A client that asks, and goes away before it is answered: over HTTP/1.1 or HTTP/2, in the middle of
# its body or after it, with FIN or with RST.

use warnings;
use strict;

use IO::Socket::INET;
use Socket qw/ SOL_SOCKET SO_LINGER /;

use Test::Nginx qw/ :DEFAULT http_end /;

use Clave::Http2;

use constant HOST => 'sede.example.gob.es';

# For clave_conf's `http`: each of them names itself, so that the log tells at what it has left.

use constant LOG => <<'EOF_LOG';
    log_format deserters '$server_protocol $status $request_completion/$http_way';
    access_log %%TESTDIR%%/deserters.log deserters;
EOF_LOG

# A request is { way => its name, method, uri, headers => [ name => value, … ], body }. %how: `part`,
# so many octets of the body and no more; `chunked`. Connected, but has not asked yet.

sub http1 {
	my ($class, $port, $request, %how) = @_;
	my $socket = IO::Socket::INET->new(Proto => 'tcp', PeerAddr => "127.0.0.1:$port")
		or die "Can't connect to nginx: $!\n";
	$socket->autoflush(1);
	my $text = _http1_text($request, %how);
	return bless {
		ask => sub { $socket->print($text) },
		leave => sub { _close($socket) },
		listen => sub { http_end($socket) },
	}, $class;
}

# It may also give up a single stream: the connection then has another, which is given up, too.

sub http2 {
	my ($class, $port, $request, %how) = @_;
	my $connection = Clave::Http2->new($port);
	my $stream;
	my $ask = sub { $stream = _http2_stream($connection, $request, %how) };
	return bless {
		ask => $ask,
		leave => sub {
			if (rand() < 0.6) {
				$connection->reset($stream);
				$connection->reset($ask->());
			}
			_close($connection->socket());
		},
	}, $class;
}

# What a browser posts for the gateway (Clave::Gateway::answer_to), as such a request.

sub brought {
	my ($form) = @_;
	return { method => 'POST', uri => '/.clave/acs', body => $form->{body},
		headers => [ 'content-type' => $form->{content_type} ] };
}

sub ask { $_[0]{ask}->(); return $_[0] }

sub leave { $_[0]{leave}->() }

# Or stays: what it is answered.

sub listen { return $_[0]{listen}->() }

# How often a way ended in a status: { way => { status => times } }, of one version of HTTP ("1", "2"). The
# status "cut" is that of an answer that has begun (200), and not come to its end.

sub seen {
	my ($t, $version) = @_;
	my %seen;
	my $log = $t->read_file('deserters.log');
	while ($log =~ m{^HTTP/\Q$version\E\S* (\d+) (OK)?/(.+)$}mg) {
		$seen{$3}{$1 == 200 && !$2 ? 'cut' : $1}++;
	}
	return \%seen;
}

sub _http1_text {
	my ($request, %how) = @_;
	my $text = "$request->{method} $request->{uri} HTTP/1.1\r\nHost: " . HOST
		. "\r\nConnection: close\r\nWay: $request->{way}\r\n";
	my @headers = @{$request->{headers} // []};
	while (my ($name, $value) = splice @headers, 0, 2) {
		$text .= "$name: $value\r\n";
	}
	return "$text\r\n" unless defined $request->{body};
	my $body = substr $request->{body}, 0, $how{part} // length $request->{body};
	return "${text}Content-Length: " . length($request->{body}) . "\r\n\r\n$body" unless $how{chunked};
	return "${text}Transfer-Encoding: chunked\r\n\r\n"
		. join('', map { sprintf "%x\r\n%s\r\n", length $_, $_ } $body =~ /.{1,1000}/gs)
		. (defined $how{part} ? '' : "0\r\n\r\n");
}

sub _http2_stream {
	my ($connection, $request, %how) = @_;
	my @headers = (way => $request->{way}, @{$request->{headers} // []});
	my $body = $request->{body};
	my $stream = $connection->request($request->{method}, $request->{uri}, authority => HOST,
		complete => !defined $body, headers => \@headers);
	if (defined $body) {
		$connection->body($stream, substr($body, 0, $how{part} // length $body), complete => !defined $how{part});
	}
	return $stream;
}

sub _close {
	my ($socket) = @_;
	setsockopt $socket, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0 if rand() < 0.5;
	$socket->close();
}

1;
