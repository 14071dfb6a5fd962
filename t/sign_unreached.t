#!/usr/bin/perl

# A signed form whose application is down: its person is not left with nginx's own page. What she has
# signed is kept, and is handed over again when she asks for it.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Fire;
use Clave::Signer;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(26);
my $fire = Clave::Fire->new($t);

clave_conf($t, http => "    error_log %%TESTDIR%%/error.log info;\n" . $fire->conf(), server => <<'EOS');
        clave_simulator on;
        error_page 404 /nada.txt;

        location / {
            clave permanente_otp;
            clave_sign form;
            proxy_pass http://127.0.0.1:8081;
        }

        location /lenta/ {
            clave permanente_otp;
            clave_sign form;
            proxy_read_timeout 1s;
            proxy_pass http://127.0.0.1:8082;
        }

        location /aviso/ {
            clave permanente_otp;
            clave_sign form;
            proxy_pass http://127.0.0.1:8081;
            error_page 502 /aviso.txt;
        }

        location = /aviso.txt { root %%TESTDIR%%; }
EOS

$t->write_file('aviso.txt', 'la aplicacion no responde');
$t->run();
my $ana = Clave::Signer->new(fire => $fire);
$ana->login('/');

# It listens, and never answers.
my $deaf = IO::Socket::INET->new(LocalAddr => '127.0.0.1:' . port(8082), Listen => 8, ReuseAddr => 1)
	 or die "listen: $!\n";

###############################################################################

my $base = $ana->submit('/', 'name=luego');
my $answer = $ana->get($ana->get_back($base));
is(status_of($answer), 303, 'no application: the browser is led away');
is(header_of($answer, 'Location'), $base, 'to the page of the signature');
unlike($answer, qr/502/, 'and nginx says nothing of its own');
is(header_of($answer, 'Cache-Control'), 'no-store', 'nor is it kept');
is($fire->history($base, qr/(signed ?){3}$/) =~ s/(recovering )+/recovering /r,
	'created shown confirmed at_gateway recovering signed signed signed',
	'signed it stays');

my $page = $ana->get($base);
is(status_of($page), 200, 'its page');
like($page, qr/Justificante de firma/, 'is the receipt');
like($page, qr/El organismo no ha confirmado que lo haya recibido/, 'says what is missing');
like($page, qr{href="\Q$base\Edeliver">Entregarlo de nuevo<}, 'and how to go on');
is(status_of($ana->get("${base}signature")), 200, 'the signature can be had');
is(header_of($ana->follow("${base}deliver"), 'Location'), undef, 'still no application: the same page');
like($t->read_file('error.log'), qr/connect\(\) failed .*upstream/, 'the operator reads why');

# an administrator's page goes before ours; that of another status does not

my $noted = $ana->submit('/aviso/', 'name=aviso');
$answer = $ana->get($ana->get_back($noted));
is(status_of($answer), 502, "an error_page of the administrator's stands");
like($answer, qr/la aplicacion no responde/, 'and says what it says');
like($ana->get($noted), qr/no ha confirmado/, 'the page of the signature is there as well');

# an application that does not answer

my $slow = $ana->submit('/lenta/', 'name=lenta');
$answer = $ana->get($ana->get_back($slow));
is(header_of($answer, 'Location'), $slow, 'no answer in time: the same');
like($ana->get($slow), qr/no ha confirmado/, 'and it may have it or not');

# without a signature nothing changes

$answer = $ana->get('/otra');
is(status_of($answer), 502, 'who hands nothing over sees what nginx says');

# it is up again

backend($t);
$answer = $ana->follow("${base}deliver");
is(backend_saw($answer)->{body}, 'name=luego', 'up again: it is handed over');
is(backend_saw($answer)->{headers}{'x-clave-sign-state'}, 'signed', 'as signed');
like($fire->history($base, qr/delivered$/), qr/ delivered$/, 'and is delivered');
like($ana->get($base), qr/ya se ha entregado/, 'as its page says');
is(scalar(grep { $_ == 2 } $fire->operations()), 3, 'nothing was signed twice');

# what the application itself answers is its own

my $failing = $ana->submit('/alta?status=503', 'name=falla');
$answer = $ana->get($ana->get_back($failing));
is(status_of($answer), 503, "the application's own 503 is passed on");
is(backend_saw($answer)->{body}, 'name=falla', 'as it is');
$fire->history($failing, qr/(signed ?){3}$/);
like($ana->get($failing), qr/no ha confirmado/, 'and the form can be handed over again');

undef $_ for $ana, $fire, $t;

###############################################################################
