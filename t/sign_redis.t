#!/usr/bin/perl

# A signature between two machines that share Redis and the archive: begun at the one, confirmed,
# recovered and handed over at the other; with Redis away it waits, and is not lost (F-09).

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Fire;
use Clave::Redis;
use Clave::Signer;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy/)->has_daemon('redis-server')->plan(38);
my $other = Test::Nginx->new();
my $fire = Clave::Fire->new($t);
my $redis = Clave::Redis->new($t, port => 8090)->start();

my $d = $t->testdir();
$t->write_file('session.key', join '', map { chr int rand 256 } 1 .. 80);
chmod 0600, "$d/session.key";
backend($t);

my $alone = Test::Nginx->new();  # with an archive of its own
my $of_its_own = $alone->testdir();

for my $machine ([ $t, 8080, $d ], [ $other, 8082, $d ], [ $alone, 8083, $of_its_own ]) {
	my ($nginx, $port, $archive) = @$machine;
	clave_conf($nginx, listen => "127.0.0.1:$port",
		store => "clave_session_store redis://127.0.0.1:8090; clave_session_key $d/session.key;",
		http => "    error_log %%TESTDIR%%/error.log info;\n"
			. $fire->conf() =~ s{\Q$d\E/(archive|evidence)}{$archive/$1}gr, server => <<'EOF');
        clave_simulator on;

        location / {
            clave permanente_otp;
            clave_sign form;
            proxy_pass http://127.0.0.1:8081;
        }

        location /luego/ {
            clave permanente_otp;
            clave_sign form format=xades upgrade=ES-T;
            proxy_pass http://127.0.0.1:8081;
        }
EOF
	$nginx->run();
}

my $one = Clave::Signer->new(fire => $fire);
$one->login('/');

# The same browser, sent to the other machine.

my $two = Clave::Signer->new(%$one, peer => '127.0.0.1:' . port(8082));
my $three = Clave::Signer->new(%$one, peer => '127.0.0.1:' . port(8083));

###############################################################################

my $base = $one->submit('/', 'a=1');
like($base, qr{^/\.clave/sign/}, 'begun at the one');
is(http_content($two->get("${base}document")), "a: 1\n", 'its document is at the other');
my $onward = $two->confirm($base);
like($onward, qr/transactionid=/, 'confirmed at the other');
my $ok = $one->authorise($onward);
is(status_of($one->get($ok)), 303, 'recovered at the one');
my $response = $two->follow($base);
is(backend_saw($response)->{body}, 'a=1', 'handed over by the other');
is(backend_saw($response)->{headers}{'x-clave-sign-state'}, 'signed', 'signed');
$fire->history($base, qr/delivered$/);  # noted after the application has answered
like($one->get($base), qr/receipt\.json/, 'the receipt is everywhere');
is(scalar(grep { $_ == 2 } $fire->operations()), 1, 'FIRe was asked once');

# both at once

my $second = $one->submit('/', 'b=1');
$ok = $one->authorise($one->confirm($second));
$_->get($ok) for $one, $two;
is(scalar(grep { $_ == 2 } $fire->operations()), 2, 'back at both: asked once more');

# at a machine that does not have the archive: lost, which is said plainly, before FIRe hands it over

my $elsewhere = $one->submit('/', 'e=1');
$ok = $one->authorise($one->confirm($elsewhere));
$response = $three->follow($ok);
like($response, qr/name="token"/, 'without the archive: its person is asked to begin again');
is($fire->history($elsewhere), 'created shown confirmed at_gateway', 'by a machine with evidence of its own');
like($alone->read_file('evidence.log'), qr/"state":"lost"/, 'where it is lost');
is(scalar(grep { $_ == 2 } $fire->operations()), 2, 'FIRe has not been asked for it');
my $again = $three->post("${elsewhere}again", 'token=' . $three->token($response));
is(status_of($again), 409, 'there the form has to be sent again');
$again = header_of($one->post("${elsewhere}again", 'token=' . $one->token($one->get($elsewhere))), 'Location');
is(backend_saw($one->sign_at($again))->{body}, 'e=1', 'where the archive is, it is only signed again');

# what FIRe completes later is known at both, and fetched by one of them

$fire->fault('grace');
my $late = $one->submit('/luego/', 'g=1');
$response = $one->sign_at($late);
is(status_of($response), 202, 'completed later: nobody is held');
like($two->get($late), qr/Ha firmado; falta completar la firma/, 'the other machine knows, too');
my $read = $one->submit('/', 'f=1');
$one->get($read);
$redis->ask('FLUSHALL');
%{$one->{cookies}} = ();  # and those of the same browser at the others
$one->login('/');
like($two->get($late), qr/Ha firmado; falta completar la firma/, 'and when Redis has forgotten it');
like($two->get($again), qr/Justificante de firma/, 'as what is over');
is(status_of($two->follow($read)), 502, 'what was under way is lost');
like($one->get($read), qr/Un fallo nuestro/, 'as each of them says');
$fire->fault('grace_short');
$late = $one->submit('/luego/', 'g=2');
$one->sign_at($late);
like($fire->history($late, qr/signed$/), qr/ signed$/, 'in time it is there');
$response = $two->follow($late);
is(backend_saw($response)->{body}, 'g=2', 'and is handed over by the other');
is(backend_saw($response)->{headers}{'x-clave-sign-upgrade'}, 'ES-T', 'with the format reached');
is(scalar(grep { $_ == 70 } $fire->operations()), 1, 'FIRe was asked for it once');
is(scalar(grep { $_ == 71 } $fire->operations()), 1, 'and gave it once');

# a machine that dies: the other has all that is needed

my $left = $two->submit('/', 'k=1');
$ok = $two->authorise($two->confirm($left));
my @dead = ($other->read_file('nginx.pid') =~ /(\d+)/,
	$other->read_file('error.log') =~ /start worker process (\d+)/g);
kill 'STOP', @dead;
isnt(status_of($one->get("${left}document")) // 0, 0, 'a machine is dead, the other answers');
is(backend_saw($one->arrive($ok))->{body}, 'k=1', 'and goes on with its signature');
$fire->history($left, qr/delivered$/);
like($one->get($left), qr/receipt\.json/, 'to the receipt');
kill 'CONT', @dead;
is(status_of($two->get($left)), 200, 'back again, the machine knows it');

# Redis is away

my $third = $one->submit('/', 'c=1');
$ok = $one->authorise($one->confirm($third));
$redis->freeze();
is(status_of($two->get($ok)), 503, 'Redis away: 503');
$redis->thaw();
for (1 .. 100) {
	last if status_of($one->get($third)) == 200;
	select undef, undef, undef, 0.05;
}
is(backend_saw($one->arrive($ok))->{body}, 'c=1', 'Redis back: it goes on');

# what a dump gives

my $dump = join ' ', map { $redis->ask('GET', $_) // '' } @{$redis->ask('KEYS', 'clave:e:*')};
isnt($dump, '', 'signatures under way are in Redis');
unlike($dump, qr/00000000T|formulario|https:/, 'and a dump of it says nothing');

###############################################################################
