#!/usr/bin/perl

# An application's order between two machines that share Redis and the archive: ordered at the one, its
# document sent to the other, signed and fetched at either; over a reload and without its workers (F-09).

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Application;
use Clave::Fire;
use Clave::Redis;
use Clave::Signer;

use Digest::SHA qw/ sha256_hex /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

use constant TEXT => "Solicito el alta.\n";

my $t = Test::Nginx->new()->has(qw/http proxy/)->has_daemon('redis-server')->plan(18);
my $other = Test::Nginx->new();
my $fire = Clave::Fire->new($t);
my $redis = Clave::Redis->new($t, port => 8090)->start();

my $d = $t->testdir();
$t->write_file('session.key', join '', map { chr int rand 256 } 1 .. 80);
chmod 0600, "$d/session.key";
backend($t);

for my $machine ([ $t, 8080 ], [ $other, 8082 ]) {
	my ($nginx, $port) = @$machine;
	clave_conf($nginx, listen => "127.0.0.1:$port",
		store => "clave_session_store redis://127.0.0.1:8090; clave_session_key $d/session.key;",
		http => "    error_log %%TESTDIR%%/error.log info;\n" . $fire->conf(), server => <<'EOC');
        clave_simulator on;

        location / {
            clave permanente_otp;
            proxy_pass http://127.0.0.1:8081;
        }

        location /ordenes {
            clave_sign_api;
        }
EOC
	$nginx->run();
}

my $here = Clave::Application->new();
my $there = Clave::Application->new(peer => '127.0.0.1:' . port(8082));
my $one = Clave::Signer->new(fire => $fire);
$one->login('/');
my $two = Clave::Signer->new(%$one, peer => '127.0.0.1:' . port(8082));

###############################################################################

my $order = $here->order();
my $id = Clave::Application::said($here->submit($order))->{id};
is(Clave::Application::said($there->submit($order))->{id}, $id, 'the same order at another machine');
is(Clave::Application::said($there->put($id, 'd1', TEXT))->{documents}[0]{state}, 'stored',
	'which takes the document');
is($here->look($id)->{documents}[0]{state}, 'stored', 'as the first one knows');

my $base = "/.clave/sign/$id/";
is(http_content($one->get("${base}document")), TEXT, 'its person sees it');
my $ok = $one->authorise($one->confirm($base));
is(header_of($two->get($ok), 'Location'), "${base}deliver", 'and comes back to the other machine');
is($here->look($id)->{state}, 'signed', 'signed');
my $signature = http_content($there->signature($id, 'd1'));
is(sha256_hex($signature), $here->look($id)->{documents}[0]{signature_sha256}, 'fetched at either');
is($here->look($id)->{state}, 'delivered', 'which the other knows');

# when the store has forgotten it, the archive has not

$redis->ask('FLUSHALL');
is($here->look($id)->{state}, 'delivered', 'the store has lost it: the archive has its end');
is(http_content($here->signature($id, 'd1')), $signature, 'and its signature');

# the same order, when the store has forgotten it: the archive has not

$redis->ask('FLUSHALL');
my $response = $here->submit($order);
is(status_of($response), 200, 'the same order when the store was emptied: nothing new');
is(Clave::Application::said($response)->{id}, $id, 'it is the transaction that it was');
is(Clave::Application::problem($there->submit({ %$order, title => 'Otro' })), '422 E-API-KEY',
	'another order with its key is none');
my $open = $here->order();
my $before = Clave::Application::said($here->submit($open))->{id};
$here->put($before, 'd1', TEXT);
$redis->ask('FLUSHALL');
my $lost = Clave::Application::said($there->submit($open));
is("$lost->{id} $lost->{state}", "$before lost", 'one that was under way is lost, also when it is sent again');
is($here->look($before)->{state}, 'lost', 'as the other machine knows');

$redis->kill();
is(Clave::Application::problem($here->submit($here->order())), '503 E-STORE', 'no store: no order');

###############################################################################
