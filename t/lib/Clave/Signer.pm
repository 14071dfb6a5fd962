package Clave::Signer;

# A person, Ana, who signs forms: what she does between a form and the application's answer.

use warnings;
use strict;

use parent -norequire, 'Clave::Browser';

use Clave;
use Clave::Browser;

# new(fire => Clave::Fire)

sub login {
	my ($self, $uri, %who) = @_;
	return $self->SUPER::login($uri, method => 'permanente', loa => 'substantial',
		nif => '00000000T', %who);
}

# Where the form leads, and the response to it.

sub submit {
	my ($self, $uri, $body, @headers) = @_;
	my $response = $self->post($uri, $body, 'Origin: https://sede.example.gob.es', @headers);
	my $base = header_of($response, 'Location') // '';
	return wantarray ? ($base, $response) : $base;
}

sub token { ($_[1] // '') =~ /name="token" value="([^"]+)"/ ? $1 : '' }

# She has read it. The page after that.

sub confirm {
	my ($self, $base) = @_;
	my $token = $self->token($self->get($base));
	$self->post("${base}confirm", "token=$token&read=1");
	return $self->get($base);
}

# She signs at Cl@ve Firma; the address that she is led back to. Empty if the page leads nowhere.

sub authorise {
	my ($self, $page) = @_;
	my ($transaction) = ($page // '') =~ /transactionid=([0-9a-f-]+)/ or return '';
	return $self->{fire}->authorise($transaction);
}

# Onward until there is nothing to follow.

sub follow {
	my ($self, $uri) = @_;
	my $response = $self->get($uri);
	for (1 .. 6) {
		my $next = header_of($response, 'Location');
		return $response unless defined $next && status_of($response) == 303;
		$response = $self->get($next);
	}
	return $response;
}

# From the review to what the application answers, or the page where it ended.

sub sign_at {
	my ($self, $base) = @_;
	my $page = $self->confirm($base);
	my $back = $self->authorise($page);
	return $back eq '' ? $page : $self->follow($back);
}

# One page, with nothing on it.

sub small_pdf {
	my $pdf = "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
		. "2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n"
		. "3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>\nendobj\n";
	my @offsets = map { index $pdf, "$_ 0 obj" } 1 .. 3;
	my $xref = length $pdf;
	return $pdf . "xref\n0 4\n0000000000 65535 f \n"
		. join('', map { sprintf "%010d 00000 n \n", $_ } @offsets)
		. "trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n$xref\n%%EOF\n";
}

# From the review to the address that the form goes to with its signature; there she has not been yet.

sub get_back {
	my ($self, $base) = @_;
	my $next = $self->authorise($self->confirm($base));
	for (1 .. 600) {
		my $response = $self->get($next);
		my $location = header_of($response, 'Location');
		return $location if defined $location && $next =~ /deliver$/;
		$next = $location if defined $location;
		select undef, undef, undef, 0.1 unless defined $location;
	}
	die "she never came back\n";
}

# Onward, and again as long as somebody is at it.

sub arrive {
	my ($self, $uri) = @_;
	my $response;
	for (1 .. 600) {
		$response = $self->follow($uri);
		last if status_of($response) != 202;
		select undef, undef, undef, 0.1;
	}
	return $response;
}

1;
