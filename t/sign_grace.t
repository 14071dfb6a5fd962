#!/usr/bin/perl

# clave_sign … upgrade=: what FIRe adds to a signature, at once or only later (a grace period). Nobody
# is held meanwhile, nobody signs twice, and what FIRe completes is fetched once, whoever died.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Application;
use Clave::Faults;
use Clave::Fire;
use Clave::Signer;

use JSON::PP;
use POSIX qw/ _exit /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(73);
my $fire = Clave::Fire->new($t);

clave_conf($t, http => "    error_log %%TESTDIR%%/error.log info;\n" . $fire->conf(), server => <<'EOF');
        clave_simulator on;
        clave_session_timeout 24h 48h;

        location / {
            clave permanente_otp;
            clave_sign form format=xades upgrade=ES-T;
            proxy_pass http://127.0.0.1:8081;
        }

        location /total/ {
            clave permanente_otp;
            clave_sign form upgrade=LTA-LEVEL;
            proxy_pass http://127.0.0.1:8081;
        }

        location /ordenes {
            clave_sign_api;
        }
EOF

$t->todo_alerts();  # nginx raises the alarm for each worker that is killed
backend($t);
my $clock = Clave::Faults->run($t, 'clock');
my $ahead = 0;
my $ana = Clave::Signer->new(fire => $fire);
$ana->login('/');
my $app = Clave::Application->new();

###############################################################################

# added at once

my $base = $ana->submit('/', 'name=ahora');
my $response = $ana->sign_at($base);
is(backend_saw($response)->{body}, 'name=ahora', 'with a timestamp: handed over');
is(backend_saw($response)->{headers}{'x-clave-sign-upgrade'}, 'ES-T', 'with the format reached');
like(signature_of($base), qr/EncapsulatedTimeStamp/, 'which is in the signature');
is(receipt_of($base)->{upgrade}, 'ES-T', 'and in the receipt');
$fire->history($base, qr/delivered$/);  # noted after the application has answered
like($ana->get($base), qr/XAdES \(ES-T\)/, 'also for people');
my ($asked) = grep { $_->{op} == 2 } reverse @{$fire->ask('fire/requests')};
is($asked->{upgrade}, 'ES-T', 'FIRe was asked for it');

# less than was asked for

$base = $ana->submit('/total/', 'name=parcial');
$response = $ana->sign_at($base);
is(backend_saw($response)->{body}, 'name=parcial', 'less than was asked for: handed over');
is(receipt_of($base)->{upgrade}, 'ES-T', 'the receipt says what was reached');
is(receipt_of($base)->{upgrade_asked}, 'LTA-LEVEL', 'and what was asked for');
ok(receipt_of($base)->{upgrade_partial}, 'and that it is less');

# FIRe has nobody who could

$fire->fault('no_validator');
$base = $ana->submit('/', 'name=nadie');
$response = $ana->sign_at($base);
like($fire->history($base), qr/failed:gateway$/, 'no platform: a failure, and no signature without');

###############################################################################

# later, and the memory of nginx is gone meanwhile

$fire->fault('grace');
my $restarted = waiting('reinicio');
$t->stop();
$clock = Clave::Faults->run($t, 'clock');
$ana = Clave::Signer->new(fire => $fire);
$ana->login('/');
like($ana->get($restarted), qr/Estará lista/, 'after a restart: it still waits');

# later: the person is told, and goes

$fire->fault('grace');
$base = $ana->submit('/', 'name=luego');
my ($hits, $before) = (backend_hits(), asked(2));
$response = $ana->sign_at($base);
is(status_of($response), 202, 'later: nobody is held');
like($response, qr/Ha firmado; falta completar la firma/, 'the person has signed');
like($response, qr/No tiene que esperar aquí ni volver a firmar/, 'and need not do it again');
like($response, qr{Estará lista a partir del \d\d/\d\d/\d{4}, \d\d:\d\d:\d\d, hora peninsular},
	'is told when it is ready');
like($response, qr{https://sede\.example\.gob\.es\Q$base\E}, 'and where to come back to');
unlike($response, qr/transactionid=/, 'there is nothing to sign');
is($fire->history($base), 'created shown confirmed at_gateway recovering recovering', 'it is on its way');
my ($line) = grep { $_->{ready} } evidence($base);
like($line->{grace} // '', qr/^[0-9a-f]{32}$/, 'the evidence has what FIRe calls it');
like($line->{ready} // '', qr/^\d{4}-\d\d-\d\dT.*Z$/, 'and when it is ready');
is($line->{upgrade} // '', 'ES-T', 'and what it waits for');
like($ana->get("${base}deliver"), qr/^HTTP\S+ 303/, 'it cannot be taken before');
is(asked(70), 0, 'FIRe is not asked before it is time');
is(backend_hits(), $hits, 'the application has got nothing');

# the time has come: the page of before is called again

later(3700, 'quietly');
$response = $ana->follow($base);
is(backend_saw($response)->{body}, 'name=luego', 'ready: the form goes on');
is(backend_saw($response)->{headers}{'x-clave-sign-state'}, 'signed', 'signed');
is(backend_saw($response)->{headers}{'x-clave-sign-upgrade'}, 'ES-T', 'with the format reached');
like(signature_of($base), qr/EncapsulatedTimeStamp/, 'by a signature that has it');
is(asked(2), $before + 1, 'it was composed once');
is(asked(70), 1, 'asked for once');
is(asked(71), 1, 'and fetched once');
is($fire->history($base, qr/delivered$/),
	'created shown confirmed at_gateway recovering recovering recovering recovering signed signed delivered',
	'each step has its line');
$hits = backend_hits();
like($ana->get($base), qr/Justificante de firma/, 'afterwards there is the receipt');
is(backend_hits(), $hits, 'and no second delivery');

# and what has waited over a restart

$response = $ana->follow($restarted);
is(backend_saw($response)->{body}, 'name=reinicio', 'restarted meanwhile: it goes on, too');

###############################################################################

# not ready yet, or silent

$fire->fault('grace_again');
$base = waiting('otra');
later(3700, 'quietly');
like($ana->get($base), qr/Estará lista/, 'FIRe wants another hour');
later(3700, 'quietly');
is(backend_saw($ana->follow($base))->{body}, 'name=otra', 'and is ready then');

$fire->fault('grace_silent');
$base = waiting('muda');
later(3700, 'quietly');
like($ana->get($base), qr/Estará lista/, 'FIRe does not answer: it will be asked again');
like($t->read_file('error.log'), qr/clave: E-SIGN-FIRE .*operation 70: .*, to be asked again at/,
	'which the log says');
my $silent = asked(70);
$ana->get($base);
is(asked(70), $silent, 'not at once');
later(120, 'quietly');
is(backend_saw($ana->follow($base))->{body}, 'name=muda', 'but soon, and then it is there');

# never

$fire->fault('grace_far');
$base = $ana->submit('/', 'name=nunca');
$response = $ana->sign_at($base);
like($fire->history($base, qr/failed/), qr/recovering failed:gateway$/, 'in a year: nobody waits for that');
like($t->read_file('error.log'), qr/clave: E-SIGN-GRACE ref=\S+ .*gateway FIRe wants to be asked at \d{4}-/,
	'which the log says');

# handed over, and not here

$fire->fault('grace_lost');
$base = waiting('perdida');
later(3700, 'quietly');
$ana->follow($base);
like($fire->history($base, qr/lost$/), qr/ lost$/, 'the answer is lost: so is the signature');
$before = asked(71);
$ana->get($base);
is(asked(71), $before, 'which is not fetched twice');

###############################################################################

# nobody comes: whoever has begun it asks

$fire->fault('grace_short');
$base = waiting('sola');
like($fire->history($base, qr/signed$/), qr/ signed$/, 'nobody comes: fetched and verified in time');
is(handed_over($base), 'name=sola', 'and handed over when somebody does');

# nor does the worker live

$fire->fault('grace');
$base = waiting('muerta');
later(3700, 'quietly');
kill_worker();
like($fire->history($base, qr/signed$/), qr/ signed$/, 'its worker has died, too: the next one asks');
is(handed_over($base), 'name=muerta', 'and it is handed over');

$fire->fault('grace');
$base = waiting('recarga');
$t->reload();
later(3700);
handed_over($base);  # a new worker may be at it
is(backend_saw($response)->{body}, 'name=recarga', 'after a reload as well');

# dead while FIRe hands it over

$fire->fault('grace_slow');
$base = waiting('robada');
later(3700, 'quietly');
$before = asked(71);
my $pid = fork() // die "Can't fork: $!\n";
if ($pid == 0) {
	$ana->get($base);
	_exit(0);
}
eventually(sub { asked(71) > $before });
kill_worker();
waitpid $pid, 0;
later(600);
$ana->follow($base);
like($fire->history($base, qr/lost$/), qr/ lost$/, 'handed over to a dead worker: lost');
isnt($ana->token($ana->get($base)), '', 'the person may confirm again');

###############################################################################

# orders of applications

my $id = $app->prepare(format => 'xades', upgrade => 'ES-T')->{id};
$fire->fault('grace');
$ana->sign_at("/.clave/sign/$id/");
like($ana->get("/.clave/sign/$id/"), qr/Ha firmado; falta completar la firma/, 'an order: the person has signed');
my $said = $app->look($id);
is($said->{state}, 'recovering', 'the application sees that it waits');
like($said->{times}{ready} // '', qr/^\d{4}-/, 'and until when');
is($said->{documents}[0]{state}, 'stored', 'it has no signature yet');
later(3700, 'quietly');
$said = $app->look($id);
is($said->{state}, 'signed', 'asked in time: it is signed');
is($said->{documents}[0]{upgrade}, 'ES-T', 'with the format reached');
like(http_content($app->signature($id, 'd1')), qr/EncapsulatedTimeStamp/, 'and here is the signature');

is(Clave::Application::problem($app->submit($app->order(format => 'none', upgrade => 'ES-T'))),
	'422 E-API-FIELD', 'not to be had');
is(Clave::Application::problem($app->submit($app->order(upgrade => 'ES-Z'))), '422 E-API-FIELD', 'unknown');

# several documents, of which one comes later

my @texts = map { "Documento número $_\n" } 1 .. 3;
$id = $app->prepare(texts => \@texts, upgrade => 'T-LEVEL')->{id};
$fire->fault('grace');
$ana->sign_at("/.clave/sign/$id/");
$said = $app->look($id);
is($said->{state}, 'recovering', 'several, one of them later: they wait');
is_deeply([ map { $_->{state} } @{$said->{documents}} ], [ 'signed', 'signed', 'stored' ], 'each has its state');
like($said->{documents}[2]{ready} // '', qr/^\d{4}-/, 'and its time');
later(3700, 'quietly');
$said = $app->look($id);
is($said->{state}, 'signed', 'then they are signed');
is_deeply([ map { $_->{state} } @{$said->{documents}} ], [ ('signed') x 3 ], 'all of them');
is($said->{documents}[2]{upgrade}, 'T-LEVEL', 'the last as was asked for');
is(status_of($app->signature($id, "d$_")), 200, 'here it is') for 1 .. 3;
is($app->look($id)->{state}, 'delivered', 'all are fetched');

my $died = () = $t->read_file('error.log') =~ /exited on signal (?!9\b)/g;
is($died, 0, 'no worker died by itself');

undef $_ for $ana, $fire, $t;

###############################################################################

# Signed, and to be completed later.

sub waiting {
	my ($name) = @_;
	my $where = $ana->submit('/', "name=$name");
	$ana->sign_at($where);
	return $where;
}

sub evidence {
	my ($where) = @_;
	my ($sign) = $where =~ m{/sign/(\w+)/};
	return grep { ($_->{sign} // '') eq $sign }
		map { decode_json($_) } split /\n/, $t->read_file('evidence.log');
}

sub signature_of { return http_content($ana->get("$_[0]signature")) }
sub receipt_of { return eval { decode_json(http_content($ana->get("$_[0]receipt.json"))) } // {} }
sub asked { my ($operation) = @_; return scalar grep { $_ == $operation } $fire->operations() }
sub started { my @all = $t->read_file('error.log') =~ /start worker process (\d+)/g; return @all }

sub kill_worker {
	my @workers = started();
	kill 'KILL', $workers[-1];
	eventually(sub { started() > @workers });
}

sub handed_over {
	my ($where) = @_;
	eventually(sub { backend_saw($response = $ana->follow($where))->{body} ne '' });
	return backend_saw($response)->{body};
}

sub eventually {
	my ($true) = @_;
	for (1 .. 600) {
		return 1 if $true->();
		select undef, undef, undef, 0.1;
	}
	die "waited in vain\n";
}

# Here and at FIRe. Quietly: no worker looks at its clock before it is asked something.

sub later {
	my ($seconds, $quietly) = @_;
	$ahead += $seconds;
	$clock->order($ahead);
	$fire->ask('clock', { advance => $seconds });
	return if $quietly;
	select undef, undef, undef, 0.05;
	http_get('/');
}

###############################################################################
