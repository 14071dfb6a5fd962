#!/usr/bin/perl

# Every configuration of conf-examples/: nginx accepts it without a warning of ours, and its protected
# location sends a visitor to the login. What happens then is in conf_examples_used.t.

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Example;
use Clave::Redis;

use File::Basename;

select STDERR; $| = 1;
select STDOUT; $| = 1;

# What each has to protect.
my %door = (
	'behind-load-balancer.conf'        => '/tramites/',
	'django-uwsgi.conf'                => '/',
	'four-procedures.conf'             => '/domicilio/',
	'intranet-or-clave.conf'           => '/',
	'kestrel.conf'                     => '/tramites/',
	'key-rollover.conf'                => '/tramites/',
	'migrating-from-auth-request.conf' => '/tramites/',
	'migrating-from-kit.conf'          => '/entrar',
	'migrating-from-mellon.conf'       => '/domicilio/',
	'minimal.conf'                     => '/tramites/',
	'monitored.conf'                   => '/tramites/',
	'optional-identity.conf'           => '/carpeta/',
	'own-look.conf'                    => '/tramites/',
	'php-fpm.conf'                     => '/tramite.php',
	'redis-cluster.conf'               => '/tramites/',
	'redis-sentinel-tls.conf'          => '/tramites/',
	'redis.conf'                       => '/tramites/',
	'several-offices.conf'             => '/tramites/',
	'signing-api.conf'                 => '/beneficiario/',
	'signing-form.conf'                => '/beneficiario/solicitar',
	'signing-payment.conf'             => '/tasas/pagar',
	'signing-php.conf'                 => '/beneficiario/alta.php',
	'signing-upstream.conf'            => '/expedientes/',
	'single-page-app.conf'             => '/entrar',
	'tomcat.conf'                      => '/expedientes/',
);

my @examples = sort map { basename($_) } glob '../conf-examples/*.conf';

plan(tests => 1 + 5 * @examples + 3 + 3 * 2);

is_deeply(\@examples, [ sort keys %door ], 'every example has its test');

for my $example (@examples) {
	my $t = Test::Nginx->new()->has(qw/http http_ssl proxy fastcgi realip socket_ssl/);
	my $here = Clave::Example->new($t, $example);
	$t->run();

	my $tls = $example !~ /intranet|balancer/;
	my $response = http("GET $door{$example} HTTP/1.0\r\nHost: sede.example.gob.es\r\n\r\n",
		SSL => $tls);

	like($response, qr{^HTTP/1\.\d 302 }, "$example: no session, no page");
	like($response, qr{^Location: /\.clave/login\?s=}m, "$example: to the login");
	# sentinels and clusters are elsewhere, and this says so
	my $absent = $here->conf() =~ /sede\.internal/ ? qr/E-REDIS|is not heard/ : qr/(?!)/;
	is(join("\n", grep { !/$absent/ && /\[(?:warn|error|emerg)\].*clave:/ }
		split /\n/, $t->read_file('error.log')), '', "$example: nothing to complain about");
	is_watched($t) if $example eq 'monitored.conf';
	like(http("GET /clave-api/transactions HTTP/1.0\r\nHost: sede.example.gob.es\r\n\r\n", SSL => 1),
		qr{^HTTP/1\.\d 405 .*"E-METHOD"}s, "$example: what applications ask") if $example eq 'signing-api.conf';
	$t->stop();
}

# What redis.conf and redis-cluster.conf have for users.acl is pasted as it is.

for my $example (qw/ redis.conf redis-cluster.conf /) {
	my $t = Test::Nginx->new()->has_daemon('redis-server');
	my $conf = do { local (@ARGV, $/) = "../conf-examples/$example"; <> };
	$t->write_file('users.acl', join '', $conf =~ /^# +(user .*\n)/mg);
	my $redis = Clave::Redis->new($t, options => [ '--aclfile', $t->testdir() . '/users.acl' ])->start();
	my $port = $redis->port_number();
	is(`redis-cli -p $port --user clave --pass PASSWORD --no-auth-warning ping`, "PONG\n", "$example: a user to be pasted");
	$redis->kill();
}

sub is_watched {
	my ($t) = @_;
	like(http("GET /clave-status HTTP/1.0\n\n", PeerAddr => '127.0.0.1:' . port(8082)),
		qr/^clave_refusals_total\{code="E-STORE"\} 0$/m, 'monitored.conf: what Prometheus reads');
	http("GET /.clave/nothing HTTP/1.0\r\nHost: sede.example.gob.es\r\n\r\n", SSL => 1);
	like($t->read_file('audit.log'), qr/"event":"refusal".*"code":"E-NOTFOUND"/, 'monitored.conf: who is on record');
}
