package Clave::Application;

# An application that orders signatures at `clave_sign_api`, below /ordenes/.

use warnings;
use strict;

use Digest::SHA qw/ sha256_hex /;
use IO::Socket::INET;
use JSON::PP;

use Test::Nginx qw/ :DEFAULT http_content /;

use Clave;

sub new {
	my ($class, %options) = @_;
	return bless { at => '/ordenes', keys => 0, %options }, $class;
}

# What it orders: one text, for Ana, unless `differently` says otherwise. An undef takes a member away.

sub order {
	my ($self, %differently) = @_;
	my $texts = delete $differently{texts} // [ "Solicito el alta.\n" ];
	my $i = 0;
	my %order = (nif => '00000000T', format => 'cades', operation => 'sign',
		title => 'Alta de beneficiario', procedure => 'ALTA', return => '/recibido?n=1',
		idempotency_key => 'clave-' . ++$self->{keys},
		documents => [ map { { id => 'd' . ++$i, name => "documento$i.txt", type => 'text/plain',
			sha256 => sha256_hex($_) } } @$texts ],
		%differently);
	defined $order{$_} or delete $order{$_} for keys %order;
	return \%order;
}

# The response to a request; the body as it is, or as JSON if it is a reference.

sub ask {
	my ($self, $method, $path, $body, %how) = @_;
	my $type = $how{type} // 'application/json';
	$body = JSON::PP->new->canonical->utf8->encode($body) if ref $body;
	my $head = "$method $self->{at}$path HTTP/1.1\r\nHost: sede.example.gob.es\r\nConnection: close\r\n"
		. join('', map { "$_\r\n" } @{$how{headers} // []});
	$head .= "Content-Type: $type\r\nContent-Length: " . length($body) . "\r\n" if defined $body;
	return $how{patient} ? _patiently("$head\r\n", $body) : http("$head\r\n" . ($body // ''), $self->{peer} ? (PeerAddr => $self->{peer}) : (),
		$self->{tls} ? (SSL => 1) : ());
}

# For what takes longer than a test waits for a page.

sub _patiently {
	my ($head, $body) = @_;
	my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1:' . port(8080))
		or die "Can't connect to nginx: $!\n";
	local $SIG{PIPE} = 'IGNORE';
	print $socket $head, $body // '';
	local $/;
	return scalar <$socket>;
}

sub submit { my ($self, $order, %how) = @_; return $self->ask('POST', '/transactions', $order, %how) }

# An order with all its documents: what the API says of it.

sub prepare {
	my ($self, %differently) = @_;
	my $texts = $differently{texts} // [ "Solicito el alta.\n" ];
	my $made = said($self->submit($self->order(%differently)));
	my $i = 0;
	$self->put($made->{id}, 'd' . ++$i, $_) for @$texts;
	return $made;
}

sub put {
	my ($self, $id, $document, $bytes, %how) = @_;
	return $self->ask('PUT', "/transactions/$id/documents/$document", $bytes,
		type => 'application/octet-stream', %how);
}

sub look { my ($self, $id) = @_; return said($self->ask('GET', "/transactions/$id")) }

# The same, when nobody is at it any more.

sub settled {
	my ($self, $id) = @_;
	my $said;
	for (1 .. 600) {
		$said = $self->look($id);
		last if ($said->{state} // 'recovering') ne 'recovering';
		select undef, undef, undef, 0.1;
	}
	return $said;
}

sub signature {
	my ($self, $id, $document) = @_;
	return $self->ask('GET', "/transactions/$id/documents/$document/signature");
}

# What a JSON answer says; {} for anything else.

sub said { return eval { decode_json(http_content($_[-1])) } // {} }

# "422 E-API-FIELD", of a response that says why not.

sub problem {
	my ($response) = $_[-1];
	my $said = said($response);
	my $type = header_of($response, 'Content-Type') // '';
	return status_of($response) . ' '
		. ($type eq 'application/problem+json' ? $said->{code} // '?' : "no problem: $type");
}

1;
