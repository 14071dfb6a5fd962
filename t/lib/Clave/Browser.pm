package Clave::Browser;

# A browser as far as cookies and redirects go: it keeps what it is given, sends everything back to
# our site, and nothing (SameSite=Lax) with a form that the gateway has it post to us.

use warnings;
use strict;

use Test::Nginx;

use Clave;
use Clave::Gateway;

# `peer` is the address of the nginx that it talks to: 127.0.0.1:8080 unless said otherwise, or 8443
# with `tls`.

sub new {
	my ($class, %options) = @_;
	return bless { cookies => {}, host => 'sede.example.gob.es', %options }, $class;
}

# A second browser with the cookies of the first: a thief, or another tab.

sub twin {
	my ($self) = @_;
	return Clave::Browser->new(%$self, cookies => { %{$self->{cookies}} });
}

sub cookie {
	my ($self, $name) = @_;
	return $self->{cookies}{$name // '__Host-clave'};
}

sub set_cookie {
	my ($self, $name, $value) = @_;
	$self->{cookies}{$name} = $value;
	return $self;
}

# get('/uri', 'Header: value', …)

sub get {
	my ($self, $uri, @headers) = @_;
	return $self->request('GET', $uri, headers => \@headers);
}

sub post {
	my ($self, $uri, $body, @headers) = @_;
	return $self->request('POST', $uri, body => $body,
		headers => [ 'Content-Type: application/x-www-form-urlencoded', @headers ]);
}

# %how: headers, body, and whatever http() takes; cross_site leaves the cookies at home.

sub request {
	my ($self, $method, $uri, %how) = @_;
	my @headers = @{delete $how{headers} // []};
	my $body = delete $how{body};
	my $cross_site = delete $how{cross_site};

	push @headers, 'Cookie: ' . $self->cookies() if $self->cookies() && !$cross_site;
	push @headers, 'Content-Length: ' . length $body if defined $body;
	my $head = join "\r\n", "$method $uri HTTP/1.1", "Host: $self->{host}", 'Connection: close',
		@headers, '', '';

	$how{PeerAddr} //= $self->{peer} if $self->{peer};
	$how{SSL} //= $self->{tls} if $self->{tls};
	my $response = http($head . ($body // ''), %how);
	$self->_keep_cookies($response);
	return $response;
}

sub cookies {
	my ($self) = @_;
	return join '; ', map { "$_=$self->{cookies}{$_}" } sort keys %{$self->{cookies}};
}

sub _keep_cookies {
	my ($self, $response) = @_;
	for my $line (header_of($response, 'Set-Cookie')) {
		my ($name, $value) = $line =~ /^([^=;\s]+)=([^;]*)/ or next;
		if ($line =~ /;\s*Max-Age=0\b/i || $value eq '') {
			delete $self->{cookies}{$name};
		} else {
			$self->{cookies}{$name} = $value;
		}
	}
}

# From a protected page to the gateway's form: the request in it (Clave::Gateway::request_in), or
# undef with the page where the way ended in $self->{last}.

sub go_to_gateway {
	my ($self, $uri, @headers) = @_;
	my $response = $self->get($uri, @headers);

	for (1 .. 4) {
		$self->{last} = $response;
		my $next = header_of($response, 'Location');
		($next) = ($response // '') =~ m{href="([^"]*/login\?[^"]+)"} unless defined $next;
		last unless defined $next && $next =~ m{/(?:login|stepup|expired)\?};
		$next =~ s/&amp;/&/g;
		$next =~ s{^https?://[^/]+}{};
		$response = $self->get($next);
		$self->{last} = $response;
		my $request = Clave::Gateway::request_in($response);
		return $request if $request;
	}
	return undef;
}

# The gateway's answer and what follows: the response of the last step, normally the 303 back to the
# page that was asked for. %who: method, loa, nif, given_name, …, or `case` of the forge.

sub come_back {
	my ($self, $request, %who) = @_;
	my $form = Clave::Gateway::answer_to($request, %who);
	my $response = $self->post_answer($form);
	my $next = header_of($response, 'Location');
	return $response unless defined $next && $next =~ m{/return\?s=};
	return $self->get($next);
}

# The cross-site POST itself.

sub post_answer {
	my ($self, $form) = @_;
	return $self->request($form->{method}, '/.clave/acs' . ($form->{query} ? "?$form->{query}" : ''),
		body => $form->{body}, cross_site => 1,
		headers => [ "Content-Type: $form->{content_type}", 'Origin: null' ]);
}

# As a button of the site does. The request to the gateway, or undef with the page in $self->{last}.

sub leave {
	my ($self, @headers) = @_;
	@headers = ('Sec-Fetch-Site: same-origin') unless @headers;
	$self->{last} = $self->post('/.clave/logout', '', @headers);
	return Clave::Gateway::request_in($self->{last});
}

# All of it: what the protected page answers in the end.

sub login {
	my ($self, $uri, %who) = @_;
	my $request = $self->go_to_gateway($uri) or return $self->{last};
	my $response = $self->come_back($request, %who);
	my $next = header_of($response, 'Location');
	return status_of($response) == 303 && defined $next ? $self->get($next) : $response;
}

1;
