package Clave::Gateway;

# The gateway as a test sees it: answers made by t/forge, which shares no code with the module.

use warnings;
use strict;

use IPC::Open2;
use JSON::PP;
use MIME::Base64;

use Clave ();

# Of configuration and of the wire.
my %IDP = (pin => 'PIN24H', movil => 'CLVMOVIL', permanente => 'SEGSOC', certificado => 'AFIRMA',
	eidas => 'EIDAS');

# Of this process: a fork has to have its own.
my ($forge, $orders, $answers);
my $owner = 0;

END {
	if ($forge && $owner == $$) {
		local $?;
		close $orders;
		close $answers;
		waitpid $forge, 0;
	}
}

# Of the page that leads to the gateway, for a login or a logout: { id, relay_state, xml }, or undef.

sub request_in {
	my ($page) = @_;
	my ($message) = ($page // '') =~ /name="(?:SAML|logout)Request" value="([^"]+)"/ or return undef;
	my ($relay_state) = $page =~ /name="RelayState" value="([^"]+)"/ or return undef;
	my $xml = decode_base64($message);
	my ($id) = $xml =~ /<\w+:(?:Authn|Logout)Request\b[^>]*\bID="([^"]+)"/s or return undef;
	return { id => $id, relay_state => $relay_state, xml => $xml };
}

# The form that the gateway has the browser post: { method, content_type, query, body }.
# `case` is one of "forge list"; method, loa, nif and whatever else the forge knows change it.

sub answer_to {
	my ($request, %wish) = @_;
	my $method = delete $wish{method};
	my %order = (
		case => 'good-plain',
		request_id => $request->{id},
		relay_state => $request->{relay_state},
		acs_url => Clave::ORIGIN . '/.clave/acs',
		loa => 'low',
		$method ? (selected_idp => $IDP{$method} // $method) : (),
		%wish,
	);

	_start() unless $forge && $owner == $$;
	print $orders encode_json(\%order), "\n";
	my $line = <$answers> // die "the forge has gone\n";
	return decode_json($line);
}

sub _start {
	$forge = open2($answers, $orders, Clave::project() . '/t/forge/forge', 'serve',
		Clave::clave_keys());
	$orders->autoflush(1);
	$owner = $$;
}

1;
