#!/usr/bin/perl

# Every configuration in README.md and doc/ is one that nginx accepts: "```nginx" is a whole one,
# "```nginx http" and "```nginx server" are what stands in such a block.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Example;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my @snippets = map { snippets($_) }
	glob '../README.md ../ngx_http_clave_module/doc/*.md ../ngx_http_clave_module/doc/es/*.md';
my $t = Test::Nginx->new()->has(qw/http http_ssl proxy fastcgi socket_ssl/)->plan(1 + @snippets);

cmp_ok(scalar(@snippets), '>=', 10, 'there are configurations to try');

for my $snippet (@snippets) {
	my ($where, $kind, $text) = @$snippet;
	Clave::Example->of_text($t, whole($kind, $text));
	is(join("\n", grep { /\[emerg\]/ } clave_complaints($t)), '', "$where: nginx accepts it");
}

###############################################################################

# [ place, kind, text ] of each.

sub snippets {
	my ($file) = @_;
	open my $lines, '<', $file or die "Can't open $file: $!\n";
	my (@found, $open);
	while (my $line = <$lines>) {
		if ($line =~ /^```nginx *(\w*)$/) {
			push @found, $open = [ "$file:$.", $1, '' ];
		} elsif ($line =~ /^```/) {
			undef $open;
		} elsif ($open) {
			$open->[2] .= $line;
		}
	}
	return @found;
}

sub whole {
	my ($kind, $text) = @_;
	return $text if $kind eq '';

	my $office = $text =~ /clave_gateway / ? '' : <<'EOF';
    clave_session_store       shared:clave:16m;
    clave_gateway             https://se-pasarela.clave.gob.es/Proxy2/ServiceProvider;
    clave_gateway_certificate clave/pasarela.pem;
    clave_provider_name       "E00000000X_E04975701;Sede";
    clave_certificate         clave/sede.pem;
    clave_certificate_key     clave/sede.key;
EOF
	$office .= <<'EOF' if $text =~ /clave_sign/ && $text !~ /clave_firma /;
    clave_firma                 https://fire.example.gob.es/fire-signature/fireService app_id=SEDE;
    clave_firma_certificate     clave/sede.pem;
    clave_firma_certificate_key clave/sede.key;
    clave_sign_archive          /var/lib/nginx/clave;
    clave_sign_evidence         /var/log/nginx/clave-evidence.log;
EOF
	my $inside = "location /de-prueba/ { clave pin; }\n" . ($kind eq 'server' ? $text : '');
	my $server = $kind eq 'http' && $text =~ /^server \{.*\bclave +(?!off)\w/ms ? '' : <<"EOF";
    server {
        listen 443 ssl;
        server_name sede.example.gob.es;
        ssl_certificate     clave/sede.pem;
        ssl_certificate_key clave/sede.key;
$inside
    }
EOF
	return "load_module x;\nevents {\n}\nhttp {\n$office" . ($kind eq 'http' ? $text : '') . "$server}\n";
}

###############################################################################
