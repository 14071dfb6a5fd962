package Clave::SigningConf;

# What nginx -t says of a configuration that signs.

use warnings;
use strict;

use Exporter 'import';

use Test::More;

use Clave;

our @EXPORT = qw/ signing_complaints signing_refused /;

# All that signing needs; a test changes or leaves out (undef) single lines.

sub signing_complaints {
	my ($t, $server, %change) = @_;
	my ($d, $keys) = ($t->testdir(), clave_keys());
	my %line = (
		firma => 'https://fire.example.gob.es/fire-signature/fireService app_id=SEDE',
		firma_certificate => "$keys/sp.pem",
		firma_certificate_key => "$keys/sp.key",
		sign_archive => "$d/archive",
		sign_evidence => "$d/evidence.log",
		%change,
	);
	my $lines = join '', map { "    clave_$_ $line{$_};\n" } grep { defined $line{$_} } sort keys %line;
	clave_conf($t, http => $lines, server => "        $server");
	return clave_complaints($t);
}

# With the file and the line.

sub signing_refused {
	my ($t, $name, $message, @rest) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	like(signing_complaints($t, @rest), qr/^\[emerg\] clave: $message.* in \S+:\d+$/m, $name);
}

1;
