#!/usr/bin/perl

# nginx goes on inside itself (index, try_files, error_page, rewrite, X-Accel-Redirect, named
# locations): each location it comes to asks for what it asks for itself (checklist H-06, H-07).

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

my $t = Test::Nginx->new()->has(qw/http proxy rewrite/)->plan(35);

backend($t);

clave_conf($t, http => <<'EOF', server => <<'EOF_SERVER');
    log_format levels "$request_uri $status [$clave_level]";
EOF
        proxy_set_header V-Nif $clave_nif;
        proxy_set_header V-Level $clave_level;
        access_log %%TESTDIR%%/levels.log levels;

        location /public/ {
            proxy_pass http://127.0.0.1:8081;
        }

        location /pin/ {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }

        location /otp/ {
            clave permanente_otp;
            proxy_pass http://127.0.0.1:8081;
        }

        location /files/ {
            clave pin;
            try_files $uri $uri.html @application;
        }

        location /files-to-otp/ {
            clave pin;
            try_files $uri /otp/fallback;
        }

        location /files-to-public/ {
            clave pin;
            try_files $uri /public/fallback;
        }

        location /public-files-to-pin/ {
            try_files $uri /pin/fallback;
        }

        location @application {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }

        location @strong {
            clave permanente_otp;
            proxy_pass http://127.0.0.1:8081;
        }

        location @open {
            proxy_pass http://127.0.0.1:8081;
        }

        location /directory/ {
            clave optional;
        }

        location = /directory/index.html {
            clave pin;
        }

        location /errors/ {
            clave pin;
            proxy_intercept_errors on;
            error_page 404 /otp/error;
            error_page 410 @strong;
            error_page 500 @application;
            error_page 502 = /public/error;
            error_page 503 @open;
            proxy_pass http://127.0.0.1:8081;
        }

        location /public-errors/ {
            proxy_intercept_errors on;
            error_page 404 = /pin/error;
            error_page 410 = @strong;
            proxy_pass http://127.0.0.1:8081;
        }

        location /rewritten/ {
            rewrite ^/rewritten/(.*)$ /pin/$1 last;
        }

        location /rewritten-away/ {
            clave permanente_otp;
            rewrite ^ /public/away last;
        }

        location /internal/ {
            internal;
            clave permanente_otp;
            alias %%TESTDIR%%/secret/;
        }

        location /internal-pin/ {
            internal;
            clave pin;
            alias %%TESTDIR%%/secret/;
        }
EOF_SERVER

for my $directory (qw/ files directory secret /) {
	mkdir $t->testdir() . "/$directory" or die "Can't create $directory: $!\n";
}
$t->write_file('files/there.html', 'a file that is there');
$t->write_file('directory/index.html', 'an index');
$t->write_file('secret/paper', 'SECRET PAPER');
$t->run();

###############################################################################

my $nobody = Clave::Browser->new();
my $pin = Clave::Browser->new();
my $otp = Clave::Browser->new();

like($pin->login('/pin/', method => 'pin'), qr/^HTTP\S+ 200 /, 'login with pin');
like($otp->login('/otp/', method => 'permanente', loa => 'substantial'), qr/^HTTP\S+ 200 /,
	'login with password and code');

sub meets {
	my ($name, $browser, $uri, $expected, @headers) = @_;
	my $response = $browser->get($uri, @headers);
	my $location = header_of($response, 'Location') // '';
	my $got = $location =~ m{^/\.clave/(login|stepup)\?s=} ? $1 : status_of($response);
	is($got, $expected, $name);
	return $response;
}

my $hits = backend_hits();

# try_files

meets('try_files, nobody', $nobody, '/files/there', 'login');
like($pin->get('/files/there'), qr/a file that is there/, 'try_files: file');
my $seen = backend_saw($pin->get('/files/missing'));
is($seen->{headers}{'x-clave-nif'}, '99999018D', 'try_files: named location has the identity');
unlike($seen->{headers}{'x-clave-nif'}, qr/\|/, 'once');
meets('try_files to a stronger location', $pin, '/files-to-otp/x', 'stepup');
$seen = backend_saw($otp->get('/files-to-otp/x'));
is($seen->{headers}{'x-clave-loa'}, 'substantial', 'and whoever is strong enough gets there');
is($seen->{headers}{'v-level'}, 'permanente_otp', 'with the level of where he is');
$seen = backend_saw($pin->get('/files-to-public/x'));
is_deeply([ grep { /^x-clave/ } keys %{$seen->{headers}} ], [], 'no identity in a public location');
is($seen->{headers}{'v-nif'}, undef, 'nor its variables');
meets('try_files from public to protected', $nobody, '/public-files-to-pin/x', 'login');
is(backend_saw($pin->get('/public-files-to-pin/x'))->{headers}{'x-clave-nif'}, '99999018D',
	'where the identity appears');

# index

meets('index, nobody', $nobody, '/directory/', 'login');
like($pin->get('/directory/'), qr/an index/, 'index');

# error_page

meets('error_page to a stronger location', $pin, '/errors/?status=404', 'stepup');
meets('error_page to a stronger named location', $pin, '/errors/?status=410', 'stepup');
meets('error_page, strong enough', $otp, '/errors/?status=404', 404);
$seen = backend_saw($pin->get('/errors/?status=500'));
is($seen->{headers}{'x-clave-nif'}, '99999018D', 'error_page to an equal one');
$seen = backend_saw($pin->get('/errors/?status=502'));
is_deeply([ grep { /^x-clave/ } keys %{$seen->{headers}} ], [], 'error_page to a public one');
$seen = backend_saw($pin->get('/errors/?status=503'));
is_deeply([ grep { /^x-clave/ } keys %{$seen->{headers}} ], [], 'error_page to a public named one');
meets('error_page of a public location to a protected one', $nobody, '/public-errors/?status=404', 'login');
meets('error_page of a public location to a stronger one', $pin, '/public-errors/?status=410', 'stepup');

# rewrite

meets('rewrite into a protected location', $nobody, '/rewritten/x', 'login');
my $came = $nobody->get('/rewritten/x?a=1');
my $target = Clave::Browser->new();
like($target->login('/rewritten/x?a=1', method => 'pin'), qr{"uri":"/pin/x\?a=1"},
	'the login leads back to the address that was asked for');
meets('rewrite out of a protected location, which never got to ask', $nobody, '/rewritten-away/', 200);

# X-Accel-Redirect

meets('X-Accel-Redirect, nobody', $nobody, '/public/?header=X-Accel-Redirect:/internal/paper', 'login');
meets('X-Accel-Redirect, too weak', $pin, '/pin/?header=X-Accel-Redirect:/internal/paper', 'stepup');
like($otp->get('/pin/?header=X-Accel-Redirect:/internal/paper'), qr/SECRET PAPER/, 'X-Accel-Redirect');
like($pin->get('/pin/?header=X-Accel-Redirect:/internal-pin/paper'), qr/SECRET PAPER/,
	'X-Accel-Redirect to an equal one');
meets('an internal location from outside', $otp, '/internal/paper', 404);

# what a login after an inner redirect leads to

my $stranger = Clave::Browser->new();
like($stranger->login('/public-files-to-pin/x?a=1', method => 'pin'), qr/^HTTP\S+ 200 /, 'login from within');

# nobody stays nobody

$hits = backend_hits();
for my $uri ('/pin/', '/otp/', '/files/missing', '/files-to-otp/x', '/rewritten/y') {
	$nobody->get($uri);
}
is(backend_hits(), $hits, 'the application saw none of these');

like($t->read_file('levels.log'), qr{^/files-to-public/x 200 \[-\]$}m, 'log of a public location');
like($t->read_file('levels.log'), qr{^/files-to-otp/x 200 \[permanente_otp\]$}m, 'log of a protected one');

###############################################################################
