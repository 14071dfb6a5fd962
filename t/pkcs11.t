#!/usr/bin/perl

# The key never leaves its token: SoftHSM signs our requests and decrypts the answers, in every
# worker of every configuration, and while its token is away nobody gets in and nothing else suffers
# (product 8.10).

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Browser;

use Time::HiRes qw/ sleep /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

use constant MODULE => '/usr/lib/softhsm/libsofthsm2.so';

my $t = Test::Nginx->new()->has(qw/http proxy/)->has_daemon('softhsm2-util')->has_daemon('xmlsec1')
	->plan(35);

my $d = $t->testdir();
my $workers = 2;
my $keys = clave_keys();

mkdir "$d/tokens" or die "Can't make a folder: $!\n";
$t->write_file('softhsm2.conf', "directories.tokendir = $d/tokens\nobjectstore.backend = file\n");
$ENV{SOFTHSM2_CONF} = "$d/softhsm2.conf";  # of nginx's master; its workers get theirs from `env`
system("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout $d/curve.key "
	. "-subj /CN=CURVA -days 365 -out $d/curve.pem 2>$d/openssl.err") == 0 or die "no EC key\n";
softhsm('--init-token --free --label clave --so-pin 5678 --pin 1234');
softhsm("--import $keys/sp.key --token clave --pin 1234 --label sede --id 01");
softhsm("--import $keys/sp-old.key --token clave --pin 1234 --label sede-anterior --id 02");
softhsm("--import $d/curve.key --token clave --pin 1234 --label curva --id 03");
$t->write_file('pin', "1234\n");
$t->write_file('wrong-pin', "4321\n");
$t->write_file('open-pin', "1234\n");
chmod 0600, "$d/pin", "$d/wrong-pin";
chmod 0640, "$d/open-pin";

my %PLAIN = (case => 'good-plain', method => 'pin');
my %ENCRYPTED = (case => 'good-encrypted', method => 'pin');
my %TO_OLD_KEY = (case => 'good-encrypted-to-old-key', method => 'pin');

###############################################################################

# what nginx -t says

complains('a PIN in the configuration', 'pkcs11:token=clave;object=sede?pin-value=1234',
	qr/a PIN must not be in the configuration; .* give "pin-source=file:/);
complains('a PIN for a group', uri('sede', 'open-pin'), qr/the PIN file "[^"]+" is open to others than its owner; chmod 0600/);
complains('a key of another pair', uri('sede-anterior'), qr/do not match \(certificate: RSA 2048 .*, key: RSA 2048 /);
complains('a key that is not there', uri('nadie'), qr/cannot find the key "pkcs11:token=clave;object=nadie/);
complains('a wrong PIN', uri('sede', 'wrong-pin'), qr/cannot find the key .*; check token, object and PIN/);
write_conf();
is(clave_complaints($t), '', 'the right one');

# whole logins

backend($t);
$t->run();

my $master = $t->read_file('nginx.pid') + 0;
unlike(maps_of($master), qr/libsofthsm2/, 'the master has looked the key up without loading the module');

my $citizen = Clave::Browser->new();
my $request = $citizen->go_to_gateway('/');
is(verified_with("$keys/sp.pem", $request, 'protocol:AuthnRequest'), 'OK', 'the signature of a request');
is(header_of($citizen->come_back($request, %PLAIN), 'Location'), '/', 'a login');
logs_in('one with an encrypted answer', %ENCRYPTED);
logs_in('one with an answer to the former key, in the token, too', %TO_OLD_KEY);

my $leaver = Clave::Browser->new();
$leaver->login('/', %ENCRYPTED);
is(verified_with("$keys/sp.pem", $leaver->leave(), 'protocol:LogoutRequest'), 'OK', 'the signature of a logout');

my @browsers = map { Clave::Browser->new() } 1 .. 20;
my %request = map { $_ => $browsers[$_]->go_to_gateway('/') } 0 .. $#browsers;
is(scalar(grep { defined } values %request), 20, 'twenty at once, in all workers');
is(scalar(grep {
	my $answer = $browsers[$_]->come_back($request{$_}, $_ % 2 ? %ENCRYPTED : %TO_OLD_KEY, nif => nif($_));
	(header_of($answer, 'Location') // '') eq '/' } 0 .. $#browsers), 20, 'and all arrive');

my $traveller = Clave::Browser->new();
my $begun = $traveller->go_to_gateway('/');
reload();
is(header_of($traveller->come_back($begun, %ENCRYPTED), 'Location'), '/', 'a login over a reload');

my $survivor = Clave::Browser->new();
$begun = $survivor->go_to_gateway('/');
kill_workers();
is(header_of($survivor->come_back($begun, %ENCRYPTED), 'Location'), '/', 'over the end of all workers');

# the token goes while a worker uses it

$workers = 1;
write_conf();
reload();
logs_in('one worker', %PLAIN);
$traveller = Clave::Browser->new();
$begun = $traveller->go_to_gateway('/');
take_token_away();
my $page = Clave::Browser->new()->login('/', %PLAIN);
is(status_of($page), 503, 'no token, no login');
ok(header_of($page, 'Retry-After'), 'but later');
is_deeply([ (refusals($t))[-1] ], [ 'E-KEY' ], 'with a code of its own');
is(status_of($traveller->come_back($begun, %ENCRYPTED)), 503, 'nor for whoever comes back');
is_deeply([ (refusals($t))[-1] ], [ 'E-KEY' ], 'for the same reason');
is(status_of($traveller->come_back($begun, %PLAIN)), 303, 'where no key of ours is needed, on it goes');
is(status_of($citizen->get('/')), 200, 'who is here may stay');
is(status_of(http_get('/public/')), 200, 'and what is public is as ever');

bring_token_back();
my $back = time();
is(status_of(Clave::Browser->new()->login('/', %PLAIN)), 503, 'a token that failed is left alone for a while');
ok(eventually(75, sub { status_of(Clave::Browser->new()->login('/', %PLAIN)) == 200 }), 'and is used again');
cmp_ok(time() - $back, '>', 30, 'after that while');
logs_in('also to decrypt', %ENCRYPTED);

# new workers meet it gone

$workers = 2;
write_conf();
reload();
take_token_away();
kill_workers();
is(status_of(Clave::Browser->new()->login('/', %PLAIN)), 503, 'workers that never saw the token');
is(status_of(http_get('/public/')), 200, 'serve everything else');
bring_token_back();
kill_workers();
logs_in('those after it is back', %ENCRYPTED);

# an elliptic curve signs; the gateway encrypts to RSA keys only

write_conf(certificate => "$d/curve.pem", key => uri('curva'));
reload();
$citizen = Clave::Browser->new();
$request = $citizen->go_to_gateway('/');
is(verified_with("$d/curve.pem", $request, 'protocol:AuthnRequest'), 'OK', 'the signature of a curve');
is(header_of($citizen->come_back($request, %TO_OLD_KEY), 'Location'), '/', 'and an answer to the former key');

my @signals = $t->read_file('error.log') =~ /exited on signal (?!9\b)(\d+)/g;
is("@signals", '', 'no worker died but by our hand');
$t->todo_alerts();  # workers were killed
undef $t;  # its own checks come now: the functions below would hold it to the end

###############################################################################

sub softhsm {
	my ($command) = @_;
	system("softhsm2-util $command >>$d/softhsm.log 2>&1") == 0
		or die "softhsm2-util $command: " . $t->read_file('softhsm.log');
}

sub uri {
	my ($object, $pin) = @_;
	$pin //= 'pin';
	return "pkcs11:token=clave;object=$object;type=private?pin-source=file:$d/$pin&module-path=" . MODULE;
}

sub write_conf {
	my (%change) = @_;
	my $certificate = $change{certificate} // "$keys/sp.pem";
	my $key = $change{key} // uri('sede');
	my $former = uri('sede-anterior');
	clave_conf($t, main => "worker_processes $workers; env SOFTHSM2_CONF=$d/softhsm2.conf;",
		clave => <<"EOF", server => <<'EOF_SERVER');
    clave_gateway             https://pasarela.example.gob.es/Proxy2/ServiceProvider;
    clave_gateway_certificate $keys/gateway.pem;
    clave_provider_name       "E00000000X_E04975701;Sede";
    clave_certificate         $certificate;
    clave_certificate_key     "$key";
    clave_decryption_key      "$former";
    clave_logout              /public/;
EOF
        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }

        location /public/ {
            proxy_pass http://127.0.0.1:8081;
        }
EOF_SERVER
}

sub complains {
	my ($name, $uri, $message) = @_;
	write_conf(key => $uri);
	like(clave_complaints($t), qr/^\[emerg\] clave: .*$message/m, $name);
}

sub logs_in {
	my ($name, %answer) = @_;
	is(status_of(Clave::Browser->new()->login('/', %answer)), 200, $name);
}

# By xmlsec1's command, as the gateway does.

sub verified_with {
	my ($certificate, $request, $element) = @_;
	$t->write_file('request.xml', $request->{xml});
	return `xmlsec1 --verify --enabled-key-data x509 --pubkey-cert-pem $certificate --id-attr:ID urn:oasis:names:tc:SAML:2.0:$element $d/request.xml 2>&1`
		=~ /^(OK)$/m ? $1 : 'bad';
}

sub take_token_away {
	rename "$d/tokens", "$d/elsewhere" or die "Can't take the token away: $!\n";
}

sub bring_token_back {
	rename "$d/elsewhere", "$d/tokens" or die "Can't bring the token back: $!\n";
}

sub maps_of {
	my ($process) = @_;
	open my $maps, '<', "/proc/$process/maps" or die "Can't look into nginx: $!\n";
	local $/;
	return <$maps>;
}

sub workers {
	return grep { kill 0, $_ } $t->read_file('error.log') =~ /start worker process (\d+)/g;
}

sub eventually {
	my ($seconds, $condition) = @_;
	my $end = time() + $seconds;
	until ($condition->()) {
		return 0 if time() > $end;
		sleep 0.05;
	}
	return 1;
}

sub renewed {
	my (%before) = @_;
	eventually(15, sub { my @now = workers(); @now == $workers && !grep { $before{$_} } @now })
		or die "no new workers\n";
}

sub reload {
	my %before = map { $_ => 1 } workers();
	$t->reload();
	renewed(%before);
}

sub kill_workers {
	my %before = map { $_ => 1 } workers();
	kill 'KILL', keys %before;
	renewed(%before);
}

###############################################################################
