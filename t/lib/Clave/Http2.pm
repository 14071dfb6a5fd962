package Clave::Http2;

# One connection over HTTP/2 without TLS, frame by frame: for what no well-behaved client does, like
# half a body, a stream that is reset while it is answered, or an address that a client would tidy up.

use warnings;
use strict;

use IO::Select;
use IO::Socket::INET;

use constant { DATA => 0, HEADERS => 1, RST_STREAM => 3, SETTINGS => 4, GOAWAY => 7 };
use constant { END_STREAM => 1, END_HEADERS => 4 };
use constant CANCEL => 8;
use constant FRAME => 16384;
use constant PATIENCE => 8;  # seconds

sub new {
	my ($class, $port) = @_;
	my $socket = IO::Socket::INET->new(Proto => 'tcp', PeerAddr => "127.0.0.1:$port")
		or die "Can't connect to port $port: $!\n";
	my $self = bless { socket => $socket, next => 1, begun => {}, ended => {} }, $class;
	$socket->autoflush(1);
	$socket->print("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
	$self->frame(SETTINGS, 0, 0, '');
	return $self;
}

sub socket { $_[0]{socket} }

sub frame {
	my ($self, $type, $flags, $stream, $payload) = @_;
	my $length = pack 'N', length $payload;
	$self->{socket}->print(substr($length, 1), pack('CCN', $type, $flags, $stream), $payload);
	return $self;
}

# Begins a stream and leaves it open, for a body to come, unless `complete`. Its number.

sub request {
	my ($self, $method, $path, %how) = @_;
	my $stream = $self->{next};
	$self->{next} += 2;
	my @fields = (':method' => $method, ':scheme' => 'http', ':path' => $path,
		':authority' => $how{authority} // 'sede.example.gob.es', @{$how{headers} // []});
	my $block = '';
	while (my ($name, $value) = splice @fields, 0, 2) {
		$block .= "\x00" . _string($name) . _string($value);
	}
	$self->frame(HEADERS, END_HEADERS | ($how{complete} ? END_STREAM : 0), $stream, $block);
	return $stream;
}

sub body {
	my ($self, $stream, $body, %how) = @_;
	while (length $body) {
		my $piece = substr $body, 0, FRAME, '';
		my $last = $how{complete} && !length $body;
		$self->frame(DATA, $last ? END_STREAM : 0, $stream, $piece);
	}
	return $self;
}

sub reset {
	my ($self, $stream) = @_;
	return $self->frame(RST_STREAM, 0, $stream, pack 'N', CANCEL);
}

# The status of the answer, when all of it is there; 0: the stream was reset, or nobody answers.

sub status {
	my ($self, $wanted) = @_;
	while (!defined $self->{ended}{$wanted} && (my ($type, $flags, $stream, $payload) = $self->_read_frame())) {
		last if $type == GOAWAY;
		$self->{begun}{$stream} = _status_in($payload) if $type == HEADERS;
		$self->{ended}{$stream} = 0 if $type == RST_STREAM;
		$self->{ended}{$stream} = $self->{begun}{$stream} if $flags & END_STREAM && ($type == HEADERS || $type == DATA);
	}
	return $self->{ended}{$wanted} // 0;
}

sub _read_frame {
	my ($self) = @_;
	my $head = $self->_read(9) // return;
	my ($length, $type, $flags, $stream) = unpack 'NCCN', "\0" . $head;
	my $payload = $self->_read($length) // return;
	return ($type, $flags, $stream, $payload);
}

sub _read {
	my ($self, $length) = @_;
	my $octets = '';
	while (length $octets < $length) {
		IO::Select->new($self->{socket})->can_read(PATIENCE) or return undef;
		sysread($self->{socket}, $octets, $length - length $octets, length $octets) or return undef;
	}
	return $octets;
}

# nginx writes it first: by its number in the static table, or as three octets (RFC 7541, appendix A).

sub _status_in {
	my ($block) = @_;
	my %indexed = (8 => 200, 9 => 204, 10 => 206, 11 => 304, 12 => 400, 13 => 404, 14 => 500);
	$block =~ s/^\x20//;  # a size of the table
	my $first = ord $block;
	return $indexed{$first & 0x7f} // 0 if $first & 0x80;
	return substr($block, 2, 3) =~ /^(\d{3})$/ ? $1 : 0;
}

# RFC 7541 section 5.2, without Huffman code; the length has a prefix of seven bits (5.1).

sub _string {
	my ($text) = @_;
	my $rest = length $text;
	return chr($rest) . $text if $rest < 127;
	my $length = "\x7f";
	$rest -= 127;
	while ($rest > 127) {
		$length .= chr(128 + $rest % 128);
		$rest >>= 7;
	}
	return $length . chr($rest) . $text;
}

1;
