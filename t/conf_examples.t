#!/usr/bin/perl

# Every configuration of conf-examples/: nginx accepts it without a warning of ours, and its protected
# location sends a visitor to the login. Only what belongs to a machine is replaced: the module's
# place, files, and ports.

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Redis;

use File::Basename;

select STDERR; $| = 1;
select STDOUT; $| = 1;

# What each has to protect.
my %door = (
	'redis.conf'                => '/tramites/',
	'redis-sentinel-tls.conf'   => '/tramites/',
	'redis-cluster.conf'        => '/tramites/',
	'behind-load-balancer.conf' => '/tramites/',
	'four-procedures.conf'   => '/domicilio/',
	'php-fpm.conf'           => '/tramite.php',
	'optional-identity.conf' => '/carpeta/',
	'signing-form.conf'      => '/beneficiario/solicitar',
	'signing-api.conf'       => '/beneficiario/',
	'intranet-or-clave.conf' => '/',
	'monitored.conf'         => '/tramites/',
);

my @examples = sort map { basename($_) } glob '../conf-examples/*.conf';
my $keys = clave_keys();

plan(tests => 1 + 5 * @examples + 3);

is_deeply(\@examples, [ sort keys %door ], 'every example has its test');

for my $example (@examples) {
	my $t = Test::Nginx->new()->has(qw/http http_ssl proxy fastcgi realip socket_ssl/);
	my $redis;
	my $conf = here($t, $example, \$redis);
	$t->write_file_expand('nginx.conf', $conf);
	$t->run();

	my $tls = $example !~ /intranet|balancer/;
	my $response = http("GET $door{$example} HTTP/1.0\r\nHost: sede.example.gob.es\r\n\r\n",
		SSL => $tls);

	like($response, qr{^HTTP/1\.\d 302 }, "$example: no session, no page");
	like($response, qr{^Location: /\.clave/login\?s=}m, "$example: to the login");
	# sentinels and clusters are elsewhere, and this says so
	my $absent = $conf =~ /sede\.internal/ ? qr/E-REDIS|is not heard/ : qr/(?!)/;
	unlike(join("\n", grep { !/$absent/ } split /\n/, $t->read_file('error.log')),
		qr/\[(?:warn|error|emerg)\].*clave:/,
		"$example: nothing to complain about");
	is_watched($t) if $example eq 'monitored.conf';
	like(http("GET /clave-api/transactions HTTP/1.0\r\nHost: sede.example.gob.es\r\n\r\n", SSL => 1),
		qr{^HTTP/1\.\d 405 .*"E-METHOD"}s, "$example: what applications ask") if $example eq 'signing-api.conf';
	$t->stop();
}

sub is_watched {
	my ($t) = @_;
	like(http("GET /clave-status HTTP/1.0\n\n", PeerAddr => '127.0.0.1:' . port(8082)),
		qr/^clave_refusals_total\{code="E-STORE"\} 0$/m, 'monitored.conf: what Prometheus reads');
	http("GET /.clave/nothing HTTP/1.0\r\nHost: sede.example.gob.es\r\n\r\n", SSL => 1);
	like($t->read_file('audit.log'), qr/"event":"refusal".*"code":"E-NOTFOUND"/, 'monitored.conf: who is on record');
}

# The user that redis.conf asks for, in its own words.

sub acl_of {
	my ($conf) = @_;
	my ($words) = $conf =~ /user clave (.*?)\n#\n/s;
	$words =~ s/\n#\s*/ /g;
	$words =~ s/>PASSWORD/>secreto-de-redis/;
	return split ' ', $words;
}

sub with_redis {
	my ($t, $conf, $redis) = @_;
	my $d = $t->testdir();
	$t->write_file('session.key', join '', map { chr int rand 256 } 1 .. 80);
	$t->write_file('redis.password', "secreto-de-redis\n");
	chmod 0600, "$d/session.key", "$d/redis.password";
	$conf =~ s{/etc/nginx/clave/session(?:-old)?\.key}{$d/session.key}g;
	$conf =~ s{/etc/nginx/clave/redis\.password}{$d/redis.password};
	$conf =~ s{/etc/nginx/clave/redis-ca\.pem}{$keys/sp.pem};
	return $conf unless $conf =~ m{(?:redis://redis\.sede\.internal:6379|unix:/run/redis/redis\.sock)};

	my @acl = $conf =~ /user=clave/ ? acl_of($conf) : ();
	$$redis = Clave::Redis->new($t, port => 8090, unix => 1)->start();
	$$redis->ask('ACL', 'SETUSER', 'clave', @acl) if @acl;
	my $socket = $$redis->socket_path();
	$conf =~ s{redis\.sede\.internal:6379}{127.0.0.1:8090};  # as every port of a test, still to be expanded
	$conf =~ s{unix:/run/redis/redis\.sock}{unix:$socket};
	return $conf;
}

sub here {
	my ($t, $example, $redis) = @_;
	open my $file, '<', "../conf-examples/$example" or die "Can't open $example: $!\n";
	local $/;
	my $conf = <$file>;

	$conf =~ s{^load_module .*}{%%TEST_GLOBALS%%\ndaemon off;}m;
	$conf =~ s/^http \{/http {\n    %%TEST_GLOBALS_HTTP%%/m;
	$conf =~ s{/etc/nginx/clave/pasarela\.pem}{$keys/gateway.pem};
	$conf =~ s{/etc/nginx/clave/sede\.}{$keys/sp.}g;
	$conf =~ s{/etc/ssl/(?:certs|private)/sede\.}{$keys/sp.}g;
	$conf =~ s{/var/(?:lib|log)/nginx/(?!clave/)}{%%TESTDIR%%/}g;
	$conf =~ s{listen( +)80;}{listen$1 127.0.0.1:8080;}g;
	my $d = $t->testdir();
	$conf =~ s{/var/log/nginx/clave/}{$d/};
	$conf =~ s{listen 9145;}{listen 127.0.0.1:8082;};
	$conf = with_redis($t, $conf, $redis);
	# the public port stays 443, as behind a firewall that translates it
	$conf =~ s{listen( +)443 ssl;}{listen$1 127.0.0.1:8443 ssl;\n        clave_base_url https://sede.example.gob.es;}g;
	return $conf;
}
