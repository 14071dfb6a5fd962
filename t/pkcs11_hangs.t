#!/usr/bin/perl

# A token that takes an order and never answers it (product 8.10): who needs it is told to come back
# later, within a limit, and nobody else notices. It is used again once it answers, and nginx ends
# without it.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Browser;
use Clave::Deserter;
use Clave::Faults;

use Time::HiRes qw/ sleep time /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy/)->has_daemon('softhsm2-util')->plan(10);

my $d = $t->testdir();
my $keys = clave_keys();
my $module = Clave::Faults->library($t, 'token');

mkdir "$d/tokens" or die "Can't make a folder: $!\n";
$t->write_file('softhsm2.conf', "directories.tokendir = $d/tokens\nobjectstore.backend = file\n");
$ENV{SOFTHSM2_CONF} = "$d/softhsm2.conf";
$ENV{CLAVE_TOKEN_HANGS} = "$d/hangs";
for my $order ('--init-token --free --label clave --so-pin 5678 --pin 1234',
	"--import $keys/sp.key --token clave --pin 1234 --label sede --id 01") {
	system("softhsm2-util $order >>$d/softhsm.log 2>&1") == 0 or die 'softhsm2-util: ' . $t->read_file('softhsm.log');
}
$t->write_file('pin', "1234\n");
chmod 0600, "$d/pin";

backend($t);
clave_conf($t, main => "env SOFTHSM2_CONF=$d/softhsm2.conf; env CLAVE_TOKEN_HANGS=$d/hangs;",
	http => Clave::Deserter::LOG, clave => <<"EOF_CLAVE", server => <<'EOF_SERVER');
    clave_gateway             https://pasarela.example.gob.es/Proxy2/ServiceProvider;
    clave_gateway_certificate $keys/gateway.pem;
    clave_provider_name       "E00000000X_E04975701;Sede";
    clave_certificate         $keys/sp.pem;
    clave_certificate_key     "pkcs11:token=clave;object=sede;type=private?pin-source=file:$d/pin&module-path=$module";
    clave_logout              /public/;
EOF_CLAVE
        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }

        location /public/ {
            proxy_pass http://127.0.0.1:8081;
        }
EOF_SERVER
$t->run();

###############################################################################

my $citizen = Clave::Browser->new();
is(status_of($citizen->login('/', method => 'pin')), 200, 'a login, while the token answers');

$t->write_file('hangs', '');
my @waiting = map { at_the_door() } 1 .. 5;
$_->ask() for @waiting;
is(status_of($citizen->get('/')), 200, 'who is here may stay');
is(status_of(http_get('/public/')), 200, 'and what is public is as ever');
my @answers = map { $_->listen() } @waiting;
is(join(' ', map { status_of($_) } @answers), '503 503 503 503 503', 'who needs the token is told');
is(scalar(grep { header_of($_, 'Retry-After') } @answers), 5, 'to come back later');
is_deeply([ refusals($t) ], [ ('E-KEY') x 5 ], 'for the reason that the log has');

unlink "$d/hangs";
ok(eventually(sub { status_of(Clave::Browser->new()->login('/', method => 'pin')) == 200 }),
	'once it answers it is used again');

$t->write_file('hangs', '');
my $last = at_the_door();
$last->ask();
sleep 0.1 until $t->read_file('error.log') =~ /GET \S*\Q$last->{uri}\E/ || time() > $^T + 300;
$t->stop();
is(status_of($last->listen()), 503, 'a worker that is to end answers first');
like($t->read_file('error.log'), qr/worker process \d+ exited with code 0/, 'and ends');
unlike($t->read_file('error.log'), qr/exited on signal/, 'by itself');

undef $t;  # its own checks come now: the functions below would hold it to the end

###############################################################################

# Has been told to log in. What it asks next is what the token has to sign.

sub at_the_door {
	my $browser = Clave::Browser->new();
	my $uri = header_of($browser->get('/'), 'Location') =~ s{^https://[^/]+}{}r;
	my $client = Clave::Deserter->http1(port(8080), { way => 'login', method => 'GET', uri => $uri,
		headers => [ cookie => $browser->cookies() ] });
	$client->{uri} = $uri;
	return $client;
}

sub eventually {
	my ($condition) = @_;
	my $end = time() + 120;
	until ($condition->()) {
		return 0 if time() > $end;
		sleep 0.05;
	}
	return 1;
}

###############################################################################
