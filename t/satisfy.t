#!/usr/bin/perl

# `clave` beside allow/deny and auth_basic, under satisfy all and any, in any order of directives; whose
# 401 becomes a redirect and whose does not; which error_page wins.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use MIME::Base64;

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Browser;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy rewrite access auth_basic/)->plan(53);

backend($t);

my %access = (
	allow => 'allow 127.0.0.1; deny all;',
	deny => 'deny all;',
	basic => 'auth_basic "Zona"; auth_basic_user_file %%TESTDIR%%/htpasswd;',
);

# location /any-deny-before/ { satisfy any; deny all; clave pin; proxy_pass …; } and so on

my $locations = '';
for my $satisfy (qw/ all any /) {
	for my $name (sort keys %access) {
		my $head = "location /$satisfy-$name";
		my $tail = 'proxy_pass http://127.0.0.1:8081;';
		$locations .= "$head-before/ { satisfy $satisfy; $access{$name} clave pin; $tail }\n"
			. "$head-after/ { satisfy $satisfy; clave pin; $access{$name} $tail }\n";
	}
}

clave_conf($t, server => <<"EOF");
$locations
        location /plain/ {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }

        location /page/ {
            clave pin;
            error_page 401 /denied;
            proxy_pass http://127.0.0.1:8081;
        }

        location /page-upstream/ {
            satisfy any;
            allow 127.0.0.1;
            clave pin;
            error_page 404 /denied;
            proxy_intercept_errors on;
            proxy_pass http://127.0.0.1:8081;
        }

        location /page-as-200/ {
            clave pin;
            error_page 401 =200 /denied;
            proxy_pass http://127.0.0.1:8081;
        }

        location /page-as-it-is/ {
            clave pin;
            error_page 401 = /denied;
            proxy_pass http://127.0.0.1:8081;
        }

        location /page-named/ {
            clave pin;
            error_page 401 = \@denied;
            proxy_pass http://127.0.0.1:8081;
        }

        location /page-plain-named/ {
            clave pin;
            error_page 401 \@denied;
            proxy_pass http://127.0.0.1:8081;
        }

        location /page-elsewhere/ {
            clave pin;
            error_page 401 https://www.example.gob.es/entrar;
            proxy_pass http://127.0.0.1:8081;
        }

        location /page-protected/ {
            clave pin;
            error_page 401 /plain/denied;
            proxy_pass http://127.0.0.1:8081;
        }

        location /page-of-application/ {
            clave pin;
            error_page 401 "/denied-there?status=302&header=Location:/old&header=Set-Cookie:old=1&header=Content-Encoding:gzip";
            proxy_pass http://127.0.0.1:8081;
        }

        location /page-of-api/ {
            clave pin;
            error_page 401 = \@api;
            proxy_pass http://127.0.0.1:8081;
        }

        location \@api {
            return 401 "not here";
        }

        location = /denied-there {
            internal;
            proxy_pass http://127.0.0.1:8081;
        }

        location = /denied {
            internal;
            return 200 "the administrator's page";
        }

        location \@denied {
            return 200 "the administrator's location";
        }
EOF

$t->write_file('htpasswd', "ana:{PLAIN}secreto\n");
$t->run();

###############################################################################

my @basic = ('Authorization: Basic ' . encode_base64('ana:secreto', ''));
my $nobody = Clave::Browser->new();
my $citizen = Clave::Browser->new();
my $to_login = qr{^/\.clave/login\?s=};

like($citizen->login('/plain/', method => 'pin'), qr/^HTTP\S+ 200 /, 'login');

sub meets {
	my ($name, $browser, $uri, $status, @headers) = @_;
	my $response = $browser->get($uri, @headers);
	my $location = header_of($response, 'Location') // '';
	my $got = $location =~ $to_login ? 'login' : status_of($response);
	is($got, $status, $name);
	return $response;
}

for my $order (qw/ before after /) {

	# all: each of them

	meets("all, $order: allowed, nobody", $nobody, "/all-allow-$order/", 'login');
	meets("all, $order: allowed, citizen", $citizen, "/all-allow-$order/", 200);
	meets("all, $order: denied, nobody", $nobody, "/all-deny-$order/", 403);
	meets("all, $order: denied, citizen", $citizen, "/all-deny-$order/", 403);
	my $asked = meets("all, $order: password first", $nobody, "/all-basic-$order/", 401);
	is(header_of($asked, 'WWW-Authenticate'), 'Basic realm="Zona"', "all, $order: its challenge");
	meets("all, $order: password, nobody", $nobody, "/all-basic-$order/", 'login', @basic);
	meets("all, $order: password, citizen", $citizen, "/all-basic-$order/", 200, @basic);
	meets("all, $order: no password, citizen", $citizen, "/all-basic-$order/", 401);

	# any: one is enough

	meets("any, $order: allowed, nobody", $nobody, "/any-allow-$order/", 200);
	meets("any, $order: allowed, citizen", $citizen, "/any-allow-$order/", 200);
	meets("any, $order: denied, nobody", $nobody, "/any-deny-$order/", 'login');
	meets("any, $order: denied, citizen", $citizen, "/any-deny-$order/", 200);
	my $redirect = meets("any, $order: no password, nobody", $nobody, "/any-basic-$order/", 'login');
	is(header_of($redirect, 'WWW-Authenticate'), undef, "any, $order: a redirect has no challenge");
	meets("any, $order: password, nobody", $nobody, "/any-basic-$order/", 200, @basic);
	meets("any, $order: no password, citizen", $citizen, "/any-basic-$order/", 200);
}

# the application's own 401 is its own

my $own = $citizen->get('/plain/?status=401&header=WWW-Authenticate:%20Basic');
is(status_of($own), 401, 'a 401 of the application, citizen');
is(header_of($own, 'WWW-Authenticate'), 'Basic', 'with its challenge');
is(status_of($nobody->get('/any-allow-before/?status=401')), 401, 'a 401 of the application, let in by allow');
like($nobody->get('/page-upstream/?status=404'), qr/^HTTP\S+ 404 .*administrator's page/s,
	'an error_page of the application\'s 404, let in by allow');

# error_page

my $hits = backend_hits();
meets('error_page without = leaves the redirect', $nobody, '/page/', 'login');
unlike($t->read_file('access.log'), qr{GET /page/ \S+ 401}, 'which is what the log says');
like($nobody->get('/page-as-200/'), qr/^HTTP\S+ 200 .*administrator's page/s, 'error_page =200');
like($nobody->get('/page-as-it-is/'), qr/^HTTP\S+ 200 .*administrator's page/s, 'error_page =');
like($nobody->get('/page-named/'), qr/^HTTP\S+ 200 .*administrator's location/s, 'error_page = @named');
meets('error_page @named without =', $nobody, '/page-plain-named/', 'login');
like($nobody->get('/page-of-api/'), qr/^HTTP\S+ 401 .*not here/s, 'error_page = with a 401 of its own');
is(header_of($nobody->get('/page-elsewhere/'), 'Location'), 'https://www.example.gob.es/entrar',
	'error_page with a URL');
meets('error_page that is protected, too', $nobody, '/page-protected/', 'login');
is(backend_hits(), $hits, 'none of them asked the application');
unlike($nobody->get('/page-of-application/'), qr{old|gzip},
	'of an error_page by the application nothing is left in the redirect');

# a script gets its 401 in all of these

my $script = meets('script', $nobody, '/any-deny-before/', 401, 'Accept: application/json');
like(header_of($script, 'WWW-Authenticate'), qr/^Clave realm="/, 'challenge for scripts');
is(scalar(my @challenges = header_of($nobody->get('/any-basic-before/', 'X-Requested-With: XMLHttpRequest'),
	'WWW-Authenticate')), 2, 'one challenge for each way in');

###############################################################################
