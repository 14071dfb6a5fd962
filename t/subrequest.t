#!/usr/bin/perl

# Subrequests skip nginx's access phase: what the session of the main request allows passes, everything
# else is refused (checklist H-05).

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Browser;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy rewrite ssi auth_request mirror/)->plan(23);

backend($t);

clave_conf($t, server => <<'EOF');
        location /page/ {
            ssi on;
        }

        location /page-pin/ {
            clave pin;
            ssi on;
            alias %%TESTDIR%%/page/;
        }

        location /pin/ {
            clave pin;
            alias %%TESTDIR%%/secret/;
        }

        location /otp/ {
            clave permanente_otp;
            alias %%TESTDIR%%/secret/;
        }

        location /maybe/ {
            clave optional;
            proxy_pass http://127.0.0.1:8081;
        }

        location /proxied/ {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }

        location = /judge {
            internal;
            clave pin;
            proxy_pass http://127.0.0.1:8081;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
        }

        location = /judge-otp {
            internal;
            clave permanente_otp;
            proxy_pass http://127.0.0.1:8081;
        }

        location /judged/ {
            auth_request /judge;
            auth_request_set $who $clave_nif;
            proxy_set_header V-Who $who;
            proxy_pass http://127.0.0.1:8081;
        }

        location /judged-otp/ {
            clave pin;
            auth_request /judge-otp;
            proxy_pass http://127.0.0.1:8081;
        }

        location /mirrored/ {
            mirror /copy;
            proxy_pass http://127.0.0.1:8081;
        }

        location /mirrored-pin/ {
            clave pin;
            mirror /copy;
            proxy_pass http://127.0.0.1:8081;
        }

        location = /copy {
            internal;
            clave pin;
            proxy_pass http://127.0.0.1:8082;
        }
EOF

for my $directory (qw/ page secret /) {
	mkdir $t->testdir() . "/$directory" or die "Can't create $directory: $!\n";
}
$t->write_file('secret/paper', 'SECRET PAPER');
$t->write_file("page/$_.html", "before <!--#include virtual=\"/$_/paper\" --> after") for qw/ pin otp /;
$t->write_file('page/proxied.html', 'before <!--#include virtual="/proxied/x" --> after');
$t->write_file('page/maybe.html', 'before <!--#include virtual="/maybe/x" --> after');
$t->write_file('page/two.html',
	'<!--#include virtual="/proxied/1" -->|<!--#include virtual="/proxied/2" -->');
$t->run_daemon(\&record_copies, port(8082), $t->testdir() . '/copies');
$t->waitforsocket('127.0.0.1:' . port(8082));
$t->run();

###############################################################################

my $nobody = Clave::Browser->new();
my $pin = Clave::Browser->new();
my $nif = '99999018D';

like($pin->login('/proxied/', method => 'pin'), qr/^HTTP\S+ 200 /, 'login');

# SSI

my $hits = backend_hits();
for my $name (qw/ pin otp proxied /) {
	my $page = $nobody->get("/page/$name.html");
	like($page, qr/^HTTP\S+ 200 .*before .* after/s, "public page that includes $name");
	unlike($page, qr/SECRET|GET/, "without $name");
}
is(backend_hits(), $hits, 'the application was not asked');
unlike($nobody->get('/page/pin.html'), qr{Location:|/\.clave/}, 'a part of a page is no place for a redirect');

like(http_content($pin->get('/page/pin.html')), qr/before SECRET PAPER after/, 'include that the session allows');
unlike($pin->get('/page/otp.html'), qr/SECRET/, 'include that it does not allow');
like(http_content($pin->get('/page-pin/pin.html')), qr/before SECRET PAPER after/, 'from a protected page');
unlike($pin->get('/page-pin/otp.html'), qr/SECRET/, 'not more than the session allows');
like($pin->get('/page/proxied.html'), qr/"x-clave-nif":"$nif"/, 'the included application sees who it is');
like($pin->get('/page/two.html'), qr/"x-clave-nif":"$nif".*\|.*"x-clave-nif":"$nif"/s, 'each of them once');
like($pin->get('/page/maybe.html'), qr/"x-clave-nif":"$nif"/, 'optional, somebody');
unlike($nobody->get('/page/maybe.html', 'X-Clave-Nif: 00000000T'), qr/x-clave/, 'optional, nobody');

# auth_request

is(status_of($nobody->get('/judged/')), 401, 'auth_request, nobody');
is(status_of($pin->get('/judged/')), 200, 'auth_request, citizen');
is(status_of($pin->get('/judged-otp/')), 401, 'auth_request, too weak');

# mirror

like($nobody->get('/mirrored/x'), qr/^HTTP\S+ 200 /, 'mirror, nobody');
like($pin->get('/mirrored-pin/x'), qr/^HTTP\S+ 200 /, 'mirror, citizen');
$t->stop();
is($t->read_file('copies'), "GET /copy $nif\n", 'only what the session allows is copied');

###############################################################################

sub record_copies {
	my ($port, $file) = @_;
	my $server = IO::Socket::INET->new(Proto => 'tcp', LocalAddr => "127.0.0.1:$port", Listen => 5,
		ReuseAddr => 1) or die "Can't listen on port $port: $!\n";

	while (my $client = $server->accept()) {
		my ($what, $who) = ('', '');
		while (defined(my $line = <$client>)) {
			$what = $1 if $line =~ m{^(\S+ \S+) HTTP/};
			$who = $1 if $line =~ /^X-Clave-Nif: (\S+)/;
			last if $line eq "\r\n";
		}
		next if $what eq '';
		open my $copies, '>>', $file or die "Can't write $file: $!\n";
		print $copies "$what $who\n";
		close $copies;
		print $client "HTTP/1.0 204 No Content\r\n\r\n";
	}
}

###############################################################################
