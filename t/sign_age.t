#!/usr/bin/perl

# A signature whose login has become too old (checklist F-04), and one that nobody confirms (F-20).

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Application;
use Clave::Faults;
use Clave::Fire;
use Clave::Signer;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

use constant { MINUTE => 60, HOUR => 3600 };

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(24);
my $fire = Clave::Fire->new($t);

clave_conf($t, http => <<'EOF' . $fire->conf(), server => <<'EOF_SERVER');
    error_log %%TESTDIR%%/error.log info;
    clave_audit_log %%TESTDIR%%/audit.log;
EOF
        clave_simulator on;
        clave_session_timeout 1h 2h;

        location / {
            clave permanente_otp max_age=10m;
            clave_sign form;
            proxy_pass http://127.0.0.1:8081;
        }

        location /control {
            clave_control;
        }

        location /ordenes {
            clave_sign_api;
        }
EOF_SERVER

backend($t);
my $clock = Clave::Faults->run($t, 'clock');
my $ana = Clave::Signer->new(fire => $fire);
my $now = 0;
my $d = $t->testdir();
login();

###############################################################################

# too old when she confirms

my $base = $ana->submit('/', 'name=old');
my $token = $ana->token($ana->get($base));
later(15 * MINUTE);
my $response = $ana->post("${base}confirm", "token=$token&read=1");
like(header_of($response, 'Location') // '', qr{/\.clave/(?:login|stepup)\?}, 'a login too old: another one');
is($fire->history($base), 'created shown', 'nothing is confirmed');
is(scalar(grep { $_ == 1 } $fire->operations()), 0, 'FIRe is not asked');
login();
like($ana->get($base), qr/name="token"/, 'after the login the form is where it was');
is(backend_saw($ana->sign_at($base))->{body}, 'name=old', 'and is signed');

# too old when she begins again

$base = $ana->submit('/', 'name=again');
$token = $ana->token($ana->get($base));
$ana->post("${base}cancel", "token=$token");
$token = $ana->token($ana->get($base));
later(30 * MINUTE);
$response = $ana->post("${base}again", "token=$token");
like(header_of($response, 'Location') // '', qr{/\.clave/(?:login|stepup)\?}, 'again with an old login: another one');
login();
$token = $ana->token($ana->get($base));
my $again = header_of($ana->post("${base}again", "token=$token"), 'Location');
is(backend_saw($ana->sign_at($again))->{body}, 'name=again', 'and then again');

# the operator ends her session while she signs

$base = $ana->submit('/', 'name=ended');
my $back = $ana->authorise($ana->confirm($base));
http("POST /control/sessions/end HTTP/1.0\r\nHost: sede.example.gob.es\r\nContent-Type: application/json\r\nContent-Length: 19\r\n\r\n"
	. '{"nif":"00000000T"}');
my $ended = header_of($ana->get($back), 'Location');
like($ended, qr{/\.clave/expired\?s=}, 'a session that ended at Cl@ve Firma');
my $told = $ana->get($ended);
like($told, qr/Acaba de volver de Cl\@ve Firma\. Identifíquese otra vez cuanto antes/, 'the page speaks of the signature');
like($told, qr/También puede cerrarla antes el propio servicio/, 'and not as if nobody but time could have ended it');
login();
is(backend_saw($ana->arrive($back))->{body}, 'name=ended', 'which is fetched after the login');
my $idle = $ana->submit('/', 'name=unsigned');
$ana->get($idle);
http("POST /control/sessions/end HTTP/1.0\r\nHost: sede.example.gob.es\r\nContent-Type: application/json\r\nContent-Length: 19\r\n\r\n"
	. '{"nif":"00000000T"}');
unlike($ana->get(header_of($ana->get($idle), 'Location')), qr/Cl\@ve Firma/, 'of one that is not made yet, it does not');
login();

# nobody confirms them

my $app = Clave::Application->new();
my $shown = $ana->submit('/', 'name=shown');
$ana->get($shown);
my $cancelled = $ana->submit('/', 'name=cancelled');
$ana->post("${cancelled}cancel", 'token=' . $ana->token($ana->get($cancelled)));
$fire->history($cancelled, qr/cancelled$/);
my $order = $app->prepare();
my $signed = $ana->submit('/', 'name=signed');
$ana->sign_at($signed);
$fire->history($signed, qr/delivered$/);

later(20 * HOUR);
reload();
ok(-e document($shown) && -e document($cancelled), 'after a while all is there');
later(30 * MINUTE + 24 * HOUR + MINUTE);
reload();
is($fire->history($shown, qr/expired$/), 'created shown expired', 'nobody has confirmed it in a day: expired');
like($t->read_file('audit.log'), qr/"state":"expired"/, 'the audit log has it');
is($app->look($order->{id})->{state}, 'expired', 'the application is told of its own');
reload();
ok(gone($shown), 'its document is erased');
ok(gone($cancelled), 'and that of what was cancelled');
ok(gone("/sign/$order->{id}/"), 'and that of the order');
ok(-e document($signed), 'what was signed stays');
is($app->look($order->{id})->{state}, 'expired', 'the order is known as long as it is retained');
later(40 * 24 * HOUR);
is($app->look($order->{id})->{state}, 'expired', 'also when the store has forgotten it');
is(scalar(() = glob("$d/archive/open/*")), 0, 'nothing is left to look after');
is(scalar(() = $t->read_file('error.log') =~ /exited on signal|E-INT/g), 0, 'no worker died');

undef $_ for $ana, $fire, $t;

###############################################################################

sub login { $ana->{cookies} = {}; $ana->login('/', now => time() + $now) }
sub document { my ($id) = $_[0] =~ m{/sign/(\w+)/}; return "$d/archive/$id/document" }
sub gone { my $path = document($_[0]); return eventually(sub { !-e $path }) }

sub later {
	my ($seconds) = @_;
	$now = $seconds;
	$clock->order($now);
	select undef, undef, undef, 0.05;
	http_get('/');  # a worker looks at its clock when something happens
}

# A worker that begins looks at once for what is over.

sub reload {
	my $before = started();
	$t->reload();
	eventually(sub { started() > $before && $t->read_file('error.log') =~ /exited with code 0/ });
}

sub started { my @all = $t->read_file('error.log') =~ /start worker process (\d+)/g; return scalar @all }

sub eventually {
	my ($true) = @_;
	for (1 .. 1500) {
		return 1 if $true->();
		select undef, undef, undef, 0.02;
	}
	return 0;
}

###############################################################################
