#!/usr/bin/perl

# How many sessions one person may have, and that nobody else's ends for it.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Browser;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(10);

backend($t);
clave_conf($t, main => 'worker_processes 2;', http => <<'EOF', server => <<'EOF_SERVER');
    clave_session_limit 3;

    server {
        listen              127.0.0.1:8080;
        server_name         otra.example.gob.es;
        clave_provider_name "E00000000X_E04975701;Otra";
        clave_base_url      https://sede.example.gob.es;
        clave_session_limit 1;

        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }
    }
EOF
        location / {
            clave permanente;
            proxy_pass http://127.0.0.1:8081;
        }

        location /domicilio/ {
            clave permanente_otp;
            proxy_pass http://127.0.0.1:8081;
        }
EOF_SERVER
$t->run();

###############################################################################

sub login {
	my ($nif, %how) = @_;
	my $browser = Clave::Browser->new(%how);
	$browser->login('/', method => 'permanente', nif => $nif);
	return $browser;
}

# "++-": who is still in

sub who_is_in {
	return join '', map { status_of($_->get('/')) == 200 ? '+' : '-' } @_;
}

my $benito = login('99999999R');
my @ana = map { login('00000000T') } 1 .. 3;
is(who_is_in(@ana), '+++', 'as many as allowed');
push @ana, login('00000000T');
is(who_is_in(@ana), '-+++', 'the oldest ends');
push @ana, login('00000000T'), login('00000000T');
is(who_is_in(@ana), '---+++', 'again and again');
is(who_is_in($benito), '+', 'nobody else\'s');

$ana[4]->login('/domicilio/', method => 'permanente', nif => '00000000T', loa => 'substantial');
is(status_of($ana[4]->get('/domicilio/')), 200, 'a step-up');
is(who_is_in(@ana), '---+++', 'costs no other session');

my @elsewhere = map { login('00000000T', host => 'otra.example.gob.es') } 1 .. 2;
is(who_is_in(@elsewhere), '-+', 'another service has a limit of its own');
is(who_is_in(@ana), '---+++', 'and counts apart');

$t->reload();
push @ana, login('00000000T');
is(who_is_in(@ana), '----+++', 'counted over a reload');

my @ours = grep { /clave: / } split /\n/, $t->read_file('error.log');
unlike("@ours", qr/00000000T|99999999R/, 'and nobody is named');

###############################################################################
