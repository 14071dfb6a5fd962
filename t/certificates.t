#!/usr/bin/perl

# Certificates end: it is told in the log 60, 30, 14, 7, 3 and 1 days before, at every start and
# reload, and every day afterwards; by one worker; and it never stops nginx or a login (product
# section 4, checklist S-28).

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Browser;

use POSIX qw/ strftime /;
use Time::HiRes qw/ sleep /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

use constant DAY => 86400;

my $t = Test::Nginx->new()->has(qw/http proxy cache/)->has_daemon('openssl')->plan(21);

my $d = $t->testdir();
my $keys = clave_keys();

backend($t);

###############################################################################

# both have ended

certificate('sp', 'SEDE', -3.5 * DAY);
certificate('gateway', 'PASARELA', -60);
write_conf();
$t->run();

ok(told('error', qr/"CN=SEDE" has ended 3 days ago \(clave_certificate, \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\); logins go on/),
	'ours has ended');
ok(told('error', qr/"CN=PASARELA" has ended \(clave_gateway_certificate, /), 'so has the gateway\'s');
is(times_told(qr/CN=SEDE/), 1, 'told by one worker of two, once for all servers, not by the cache manager');
is(status_of(Clave::Browser->new()->login('/', case => 'good-encrypted', method => 'pin')), 200,
	'nginx has started, and people log in');

# a reload tells of the new ones; those that end later are not worth a line

certificate('sp', 'SEDE-NUEVA', 60 * DAY + 3600);
certificate('gateway', 'PASARELA-NUEVA', 20 * DAY);
reload();
ok(told('warn', qr/"CN=PASARELA-NUEVA" ends in 20 days \(clave_gateway_certificate, /), 'a reload tells');
is(times_told(qr/CN=SEDE-NUEVA/), 0, 'of what ends within 60 days');
is(times_told(qr/CN=SEDE" has/), 1, 'what is gone is forgotten');

# the moments come while nginx runs

certificate('sp', 'SESENTA', 60 * DAY + 8);
certificate('gateway', 'SIETE', 7 * DAY + 8);
reload();
ok(told('warn', qr/"CN=SIETE" ends in 8 days /), 'eight days at the reload');
is(times_told(qr/CN=SESENTA/), 0, 'and sixty-one');
ok(told('warn', qr/"CN=SIETE" ends in 7 days /), 'a moment later it is seven');
ok(told('warn', qr/"CN=SESENTA" ends in 60 days /), 'and sixty');

certificate('sp', 'AHORA', 8);
certificate('gateway', 'AYER', 8 - DAY);
reload();
ok(told('warn', qr/"CN=AHORA" ends in 1 day /), 'seconds before the end');
ok(told('error', qr/"CN=AHORA" has ended \(/), 'the end itself');
ok(told('error', qr/"CN=AYER" has ended 1 day ago /), 'and the next day');
is(times_told(qr/CN=AHORA/), 2, 'nothing else is said');
is(status_of(Clave::Browser->new()->login('/', case => 'good-encrypted', method => 'pin')), 200,
	'who logs in sees nothing of it');

# those of signing, of which each has a role of its own

certificate('sp', 'FIRMA', 6 * DAY + 3600);
certificate('gateway', 'AUTORIDAD', 2 * DAY + 3600);
write_conf(http => <<"EOF_SIGNING");
    clave_firma                     https://fire.example.gob.es/fire-signature/fireService app_id=SEDE;
    clave_firma_certificate         $d/sp.pem;
    clave_firma_certificate_key     $keys/sp.key;
    clave_firma_trusted_certificate $d/gateway.pem;
    clave_sign_trusted_certificate  $d/gateway.pem;
    clave_sign_archive              $d/archive;
    clave_sign_evidence             $d/evidence.log;
EOF_SIGNING
reload();
ok(told('warn', qr/"CN=FIRMA" ends in 7 days \(clave_firma_certificate, /), 'ours towards FIRe');
ok(told('warn', qr/"CN=AUTORIDAD" ends in 3 days \(clave_firma_trusted_certificate, /), 'its own');
ok(told('warn', qr/"CN=AUTORIDAD" ends in 3 days \(clave_sign_trusted_certificate, /), 'that of the signers');

# and those of a session store; nobody has to be there for that

certificate('sp', 'ALMACEN', 13 * DAY + 3600);
certificate('gateway', 'RAIZ', 29 * DAY + 3600);
$t->write_file('session.key', 'k' x 80);
chmod 0600, "$d/session.key";
write_conf(store => 'clave_session_store rediss://127.0.0.1:' . port(8090) . " certificate=$d/sp.pem certificate_key=$keys/sp.key"
	. " trusted_certificate=$d/gateway.pem; clave_session_key $d/session.key;");
reload();
ok(told('warn', qr/"CN=ALMACEN" ends in 14 days \(clave_session_store certificate, /), 'ours towards the store');
ok(told('warn', qr/"CN=RAIZ" ends in 30 days \(clave_session_store trusted_certificate, /), 'the store\'s authority');

undef $t;  # its own checks come now: the functions below would hold it to the end

###############################################################################

# A certificate of the test's key of that name that ends so many seconds from now.

sub certificate {
	my ($name, $subject, $seconds) = @_;
	my ($begin, $end) = map { strftime('%Y%m%d%H%M%SZ', gmtime $_) } time() - 400 * DAY, time() + $seconds;
	mkdir "$d/ca-$subject" or die "Can't make a folder: $!\n";
	$t->write_file("ca-$subject/index", '');
	$t->write_file("ca-$subject/conf", <<"EOF");
[ca]
default_ca = test
[test]
database      = $d/ca-$subject/index
new_certs_dir = $d/ca-$subject
rand_serial   = yes
default_md    = sha256
policy        = any
[any]
commonName = supplied
EOF
	system("cd $d && openssl req -new -key $keys/$name.key -subj /CN=$subject -out $name.csr 2>>openssl.err && "
		. "openssl ca -batch -selfsign -config ca-$subject/conf -keyfile $keys/$name.key -in $name.csr "
		. "-startdate $begin -enddate $end -notext -out $name.pem >>openssl.err 2>&1") == 0
		or die "no certificate: " . $t->read_file('openssl.err');
}

sub write_conf {
	my (%with) = @_;
	my $where = $with{http} ? "        location /firma/ { clave permanente_otp; clave_sign form; }\n" : '';
	clave_conf($t, main => 'worker_processes 2;', clave => <<"EOF", server => $where . <<'EOF_SERVER', http => ($with{http} // '') . <<"EOF_HTTP", $with{store} ? (store => $with{store}) : ());
    clave_gateway             https://pasarela.example.gob.es/Proxy2/ServiceProvider;
    clave_gateway_certificate $d/gateway.pem;
    clave_provider_name       "E00000000X_E04975701;Sede";
    clave_certificate         $d/sp.pem;
    clave_certificate_key     $keys/sp.key;
EOF
        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }
EOF_SERVER
    proxy_cache_path $d/cache keys_zone=pages:1m;

    server {
        listen         127.0.0.1:8080;
        server_name    otra.example.gob.es;
        clave_base_url https://otra.example.gob.es;

        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }
    }
EOF_HTTP
}

# What workers write; nginx's master says the same of the configuration, with file and line.

sub lines_of_workers {
	return grep { !/nginx\.conf:\d+$/ } $t->read_file('error.log') =~ /^.*clave: certificate.*$/mg;
}

sub told {
	my ($level, $text) = @_;
	return eventually(sub { grep { /\[$level\] \d+#\d+: clave: certificate $text/ } lines_of_workers() });
}

sub times_told {
	my ($text) = @_;
	return scalar grep { /$text/ } lines_of_workers();
}

sub eventually {
	my ($condition) = @_;
	for (1 .. 300) {
		return 1 if $condition->();
		sleep 0.05;
	}
	diag(join "\n", lines_of_workers());
	return 0;
}

sub reload {
	my $workers = sub { grep { kill 0, $_ } $t->read_file('error.log') =~ /start worker process (\d+)/g };
	my %before = map { $_ => 1 } $workers->();
	$t->reload();
	eventually(sub { my @now = $workers->(); @now == 2 && !grep { $before{$_} } @now })
		or die "nginx did not reload\n";
}

###############################################################################
