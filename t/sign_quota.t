#!/usr/bin/perl

# How much one person may have under way at once, and what the evidence says of her login (checklist F-11, F-18).

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Application;
use Clave::Fire;
use Clave::Signer;

use JSON::PP;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

use constant BENITO => '11111111H';

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(23);
my $fire = Clave::Fire->new($t);

clave_conf($t, http => "    error_log %%TESTDIR%%/error.log info;\n"
	. $fire->conf('per_person=3 per_person_size=2m'), server => <<'EOC');
        clave_simulator on;
        clave_firma_max_document 1m;

        location / {
            clave permanente_otp;
            clave_sign form "title=Alta de beneficiario";
            proxy_pass http://127.0.0.1:8081;
        }

        location /ordenes {
            clave_sign_api;
        }
EOC

backend($t)->run();

my $app = Clave::Application->new();
my $ana = Clave::Signer->new(fire => $fire);
$ana->login('/');

###############################################################################

# as many as one may

my @open = map { scalar $ana->submit("/", "n=$_") } 1 .. 3;
is(scalar(grep { m{^/\.clave/sign/} } @open), 3, 'three forms are under way');
my $page = form('n=4');
is(status_of($page), 429, 'the fourth is not taken');
is(scalar(grep { $page =~ /href="\Q$_\E"/ } @open), 3, 'its page says which to finish first');
like($page, qr/Tiene demasiadas firmas sin terminar.*«Atrás»/s, 'and that what was typed is not lost');
like(form('n=4', 'Accept-Language: en'), qr/too many signatures/, 'in the language of whoever reads it');
is(Clave::Application::problem($app->submit($app->order())), '429 E-SIGN-QUOTA', 'nor what an application orders for her');
is(status_of($app->submit($app->order(nif => BENITO))), 201, 'somebody else may');
is(scalar(() = glob($t->testdir() . '/archive/*/document')), 3, 'nothing was kept of what was refused');
like($t->read_file('error.log'), qr/\[info\].*clave: E-SIGN-QUOTA ref=/, 'the log says so, and not aloud');
unlike($t->read_file('error.log'), qr/00000000T/, 'and nobody by name');

# finished, or given up

is(backend_saw($ana->sign_at($open[0]))->{body}, 'n=1', 'one is signed');
my $next = $ana->submit('/', 'n=4');
like($next, qr{^/\.clave/sign/}, 'then the next is taken');
is(status_of(form('n=5')), 429, 'and no other');
$ana->post("$open[1]cancel", 'token=' . $ana->token($ana->get($open[1])));
like(scalar $ana->submit('/', 'n=5'), qr{^/\.clave/sign/}, 'one is given up: then, too');
is(status_of($ana->get($open[1])), 200, 'of which it is still known how it ended');

# as much as one may

my $several = $app->prepare(nif => BENITO, texts => [ 'x' x 1_000_000, 'y' x 1_000_000, 'z' ]);
is(join(' ', map { $_->{state} } @{$app->look($several->{id})->{documents}}), 'stored stored stored', 'two million and one octets');
my $more = Clave::Application::said($app->submit($app->order(nif => BENITO, texts => [ 'z' x 500_000 ])));
is(Clave::Application::problem($app->put($more->{id}, 'd1', 'z' x 500_000)), '429 E-SIGN-QUOTA', 'and half a million: too much');
$app->ask('DELETE', "/transactions/$several->{id}");
is(status_of($app->put($more->{id}, 'd1', 'z' x 500_000)), 200, 'until the others are taken back');

# the evidence of a signature names the login

my ($id) = $open[0] =~ m{/sign/(\w+)/};
my @lines = grep { ($_->{sign} // '') eq $id } map { decode_json($_) } split /\n/, $t->read_file('evidence.log');
like($lines[0]{assertion}, qr/^\S+$/, 'the first line has the assertion');
like($lines[0]{response_sha256}, qr/^[0-9a-f]{64}$/, 'and the digest of the signed message');
is((grep { $_->{state} eq 'confirmed' } @lines)[0]{assertion}, $lines[0]{assertion}, 'so has the confirmation');
is(scalar(grep { ($_->{clock} // '') !~ /^(?:(?:un)?synchronised|unknown)$/ } @lines), 0,
	'each line says how the clock was kept');

is(scalar(() = $t->read_file('error.log') =~ /exited on signal|E-INT/g), 0, 'no worker died');

undef $_ for $ana, $fire, $t;

###############################################################################

sub form { return ($ana->submit('/', @_))[1] }

###############################################################################
