#!/usr/bin/perl

# Our own endpoints: they answer whatever location their address would match, obey what the server says
# (limit_req, add_header, access_log), and read no more than they need, however it arrives.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_start http_end http_content /;
use Clave;
use Clave::Browser;
use Clave::Gateway;

use Compress::Zlib ();
use Time::HiRes qw/ sleep /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy rewrite limit_req access gzip/)->plan(88);

backend($t);

clave_conf($t, http => <<'EOF', server => <<'EOF_SERVER');
    limit_req_zone $server_name zone=logins:32k rate=1r/m;
    client_body_timeout 2s;

    gzip            on;
    gzip_types      *;
    gzip_proxied    any;
    gzip_min_length 1;

    server {
        listen         127.0.0.1:8080;
        server_name    limited.example.gob.es;
        clave_base_url https://limited.example.gob.es;
        clave_path     /identidad/;

        limit_req zone=logins;
        error_page 503 /slow-down;
        add_header X-Server limited always;

        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }

        location /.clave/ {
            return 200 "the application's own";
        }

        location = /slow-down {
            internal;
            return 200 "slow down";
        }
    }

    server {
        listen         127.0.0.1:8080;
        server_name    closed.example.gob.es;
        clave_base_url https://closed.example.gob.es;
        clave          pin;
        deny           all;
        error_page     403 /denied.html;

        location = /denied.html {
            clave off;
            allow all;
        }

        location / {
            proxy_pass http://127.0.0.1:8081;
        }
    }

    server {
        listen         127.0.0.1:8080;
        server_name    named.example.gob.es;
        clave_base_url https://named.example.gob.es;
        clave          pin;
        deny           all;
        error_page     403 = @denied;

        location @denied {
            clave      off;
            allow      all;
            proxy_pass http://127.0.0.1:8081;
        }
    }

    server {
        listen         127.0.0.1:8080;
        server_name    keeps.example.gob.es;
        clave_base_url https://keeps.example.gob.es;
        expires        1h;
        add_header     Cache-Control public always;

        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }

        location = /metrics {
            clave_status;
        }
    }

    server {
        listen       127.0.0.1:8080;
        server_name  other.example.gob.es;

        location / {
            proxy_pass http://127.0.0.1:8081;
        }
    }
EOF
        add_header X-Server sede always;
        client_body_in_file_only on;
        client_max_body_size 10k;

        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }

        location ^~ /.clave/ {
            deny all;
        }

        location ~ ^/.clave/acs$ {
            clave permanente_otp;
            return 418;
        }
EOF_SERVER

$t->write_file('denied.html', 'nothing for you');
$t->run();

###############################################################################

my $browser = Clave::Browser->new();

# whatever location would match

my $first = $browser->get('/tramite?a=1');
is(status_of($first), 302, 'to the login');
my $login_uri = header_of($first, 'Location');
like($login_uri, qr{^/\.clave/login\?s=[\w-]{22}$}, 'below clave_path, relative');

my $login = $browser->get($login_uri);
is(status_of($login), 200, 'login in a denied location');
is(header_of($login, 'X-Server'), 'sede', 'add_header of the server');
is(header_of($first, 'X-Server'), 'sede', 'add_header of the server, redirect');
like($login, qr{<form[^>]* method="post" action="https://pasarela\.example\.gob\.es/Proxy2/ServiceProvider"},
	'form to the gateway');
is(header_of($login, 'Cache-Control'), 'no-store', 'not kept by anybody');
like(header_of($login, 'Content-Security-Policy'), qr/default-src 'none'.*form-action https:;/, 'CSP');
is(header_of($login, 'Referrer-Policy'), 'no-referrer', 'nor is its address told to anybody');  # K-13
is(header_of(Clave::Browser->new()->get('/.clave/return?s=none'), 'Referrer-Policy'), 'no-referrer', 'nor that of an error');
is(header_of($login, 'Content-Encoding'), undef, 'not compressed');
my ($shown) = http_content($login) =~ /<code>([0-9A-Z]{4}-[0-9A-Z]{4})<\/code>/;
like($t->read_file('error.log'), qr/\[info\].* clave: shown page=redirect ref=$shown addr=127\.0\.0\.1 sp="E00000000X_E04975701;Sede"/,
	'its reference is in the log, too');

is(status_of($browser->get($login_uri, 'If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT',
	'If-None-Match: *')), 200, 'without conditions');

my $head = $browser->request('HEAD', $login_uri);
is(status_of($head), 200, 'HEAD');
is(http_content($head), '', 'HEAD has no body');
like($browser->get('/%2eclave/login'), qr/^HTTP\S+ 403 /, 'address in disguise');

for my $asset ($login =~ m{"(/\.clave/assets/[^"]+)"}g) {
	is(status_of($browser->get($asset)), 200, "asset $asset");
}
is(status_of($browser->get('/.clave/assets/none.js')), 404, 'no such asset');
is(status_of($browser->get('/.clave/assets/../login')), 403, 'no way out of the assets');
is(status_of($browser->get('/.clave/')), 404, 'no such endpoint');
is(status_of($browser->get('/.clave/ACS')), 404, 'names have a case');
is(status_of($browser->get('/.clave/acs/')), 404, 'and an end');

# methods

for my $case (['POST', 'login', 'GET, HEAD'], ['DELETE', 'return', 'GET'], ['HEAD', 'return', 'GET'], ['PUT', 'acs', 'POST'],
	['GET', 'acs', 'POST'], ['HEAD', 'acs', 'POST'], ['OPTIONS', 'acs', 'POST'], ['PROPFIND', 'login', 'GET, HEAD'])
{
	my ($method, $endpoint, $allowed) = @$case;
	my $response = $browser->request($method, "/.clave/$endpoint");
	is(status_of($response) . ' ' . (header_of($response, 'Allow') // ''), "405 $allowed", "$method $endpoint");
}

# what the gateway's answer may be

sub answer { $browser->request('POST', '/.clave/acs', @_) }

my $form = 'Content-Type: application/x-www-form-urlencoded';
my $before = () = refusals($t);

is(status_of(answer()), 400, 'no body');
is(status_of(answer(body => 'SAMLResponse=PHg%2B', headers => ['Content-Type: text/xml'])), 400, 'not a form');
is(status_of(answer(body => 'RelayState=x', headers => [$form])), 400, 'a form without message');
is(status_of(answer(body => 'SAMLResponse=a&SAMLResponse=b', headers => [$form])), 400, 'two messages');
is(status_of(answer(body => 'SAMLResponse=%00', headers => [$form])), 400, 'not base64');
is((() = refusals($t)) - $before, 5, 'one line in the log for each');

my $refused = answer(body => 'SAMLResponse=PHg%2B&RelayState=x', headers => [$form]);
is(header_of($refused, 'Cache-Control'), 'no-store', 'refusal: not kept');
is(header_of($refused, 'Set-Cookie'), undef, 'refusal: no cookie');
like($refused, qr/[0-9A-Z]{4}-[0-9A-Z]{4}/, 'refusal: a reference');
my ($ref) = $refused =~ /\b([0-9A-Z]{4}-[0-9A-Z]{4})\b/;
like($t->read_file('error.log'), qr/clave: E-\S+ ref=$ref addr=127\.0\.0\.1 sp="E00000000X_E04975701;Sede"/,
	'refusal: the same reference in the log');

# size: declared, streamed, and by many fields

my $limit = 256 * 1024;
my $huge = answer(body => 'SAMLResponse=' . 'A' x $limit, headers => [$form]);
is(status_of($huge), 413, 'too large, declared');
like(http_content($huge), qr/<html/, 'with a page');

my $chunk = sprintf("%x\r\n%s\r\n", 0x8000, 'A' x 0x8000);
my $start = "POST /.clave/acs HTTP/1.1\r\nHost: sede.example.gob.es\r\nConnection: close\r\n$form\r\n";
is(status_of(http("${start}Transfer-Encoding: chunked\r\n\r\n" . $chunk x 10)), 413, 'too large, chunked');
is(status_of(answer(body => 'SAMLResponse=' . 'A' x 180000, headers => [$form])), 413, 'a message too large');
is(status_of(answer(body => 'a=' . 'A' x 20000, headers => [$form])), 400,
	'client_max_body_size is for the application');

# a good answer, arriving as it likes

sub good_answer {
	my ($citizen) = @_;
	my $request = $citizen->go_to_gateway('/tramite') or die "no form to the gateway\n";
	return Clave::Gateway::answer_to($request, method => 'pin')->{body};
}

sub accepted {
	my ($name, $response) = @_;
	like(header_of($response, 'Location') // status_of($response), qr{^/\.clave/return\?s=}, $name);
}

my $body = good_answer($browser);
my $length = length $body;
accepted('in two parts', http("${start}Content-Length: $length\r\n\r\n" . substr($body, 0, 1000),
	sleep => 0.3, body => substr($body, 1000)));

$body = good_answer($browser);
accepted('in chunks of 7 bytes', http("${start}Transfer-Encoding: chunked\r\n\r\n"
	. join('', map { sprintf "%x\r\n%s\r\n", length, $_ } unpack '(a7)*', $body) . "0\r\n\r\n"));

$body = good_answer($browser);
my $slow = http_start("${start}Content-Length: " . length($body) . "\r\n\r\n");
for my $part (unpack '(a2000)*', $body) {
	print $slow $part;
	sleep 0.05;
}
accepted('bit by bit', http_end($slow));

$body = good_answer($browser);
my $continue = http("${start}Expect: 100-continue\r\nContent-Length: " . length($body) . "\r\n\r\n",
	sleep => 0.2, body => $body);
like($continue, qr{^HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 303 }, 'Expect: 100-continue');

# nobody unpacks one, of whatever size

$body = good_answer($browser);
$before = () = refusals($t);
my $packed = answer(body => Compress::Zlib::memGzip($body), headers => [$form, 'Content-Encoding: gzip']);
is(status_of($packed) . ' ' . (header_of($packed, 'Set-Cookie') // 'no cookie'), '400 no cookie', 'compressed');
is((() = refusals($t)) - $before, 1, 'one line for it');
accepted('as it was', answer(body => $body, headers => [$form]));

my ($temporary) = grep { -d } $t->testdir() . '/client_body_temp';
is(scalar(my @files = glob "$temporary/*"), 0, 'no message in a file');

# none, half, and too late

is(http("${start}Content-Length: 1000\r\n\r\nSAMLResponse=", sleep => 2.5) // '', '', 'a body that never comes');
like($t->read_file('access.log'), qr{POST /\.clave/acs HTTP/1.1" 408 }, 'is timed out');

my $gone = http_start("${start}Content-Length: 1000\r\n\r\nSAMLResponse=AAAA");
close $gone;
$gone = http_start("${start}Content-Length: " . length($body) . "\r\n\r\n$body");
close $gone;
like($browser->get('/tramite'), qr{^HTTP/1.1 302 }, 'clients that left leave nothing behind');

# the request after it

my $next = "GET /tramite HTTP/1.1\r\nHost: sede.example.gob.es\r\nConnection: close\r\n\r\n";
my $keep = $start =~ s/Connection: close\r\n//r;
like(http("${keep}Content-Length: 14\r\n\r\nSAMLResponse=A$next"), qr{^HTTP/1.1 400 .*HTTP/1.1 302 }s,
	'keepalive after a refusal');
like(http("GET /.clave/login HTTP/1.1\r\nHost: sede.example.gob.es\r\nContent-Length: 5\r\n\r\nhello$next"),
	qr{^HTTP/1.1 403 .*HTTP/1.1 302 }s, 'keepalive after a body nobody wanted');
like(http("GET /tramite HTTP/1.1\r\nHost: sede.example.gob.es\r\nTransfer-Encoding: chunked\r\n\r\n"
	. "5\r\nhello\r\n0\r\n\r\n$next"), qr{^HTTP/1.1 302 .*HTTP/1.1 302 }s, 'and of a request turned away');
unlike(http("${keep}Content-Length: 600000\r\n\r\n" . 'A' x 1000 . "\r\n$next"), qr/ 302 /,
	'what follows a body too large is not a request');

# server-level limit_req, another clave_path

my $limited = Clave::Browser->new(host => 'limited.example.gob.es');
like($limited->get('/'), qr{^HTTP/1.1 302 .*Location: /identidad/login\?s=}s, 'a path of one\'s own');
like($limited->get('/identidad/login'), qr/^HTTP\S+ 503 .*X-Server: limited.*slow down/s, 'limit_req of the server');
like($limited->get('/identidad/acs'), qr/slow down/, 'for every endpoint');

# server-level deny

my $closed = Clave::Browser->new(host => 'closed.example.gob.es');
is(status_of($closed->get('/')), 403, 'deny of the server');
is(status_of($closed->get('/.clave/login')), 403, 'also for endpoints');
unlike($closed->get('/.clave/login'), qr/<form|[0-9A-Z]{4}-[0-9A-Z]{4}/, 'which do not come to answer');
is(http_content($closed->get('/.clave/login')), 'nothing for you', 'not even in place of an error_page');

my $named = Clave::Browser->new(host => 'named.example.gob.es');
is(backend_saw($named->get('/.clave/login'))->{uri}, '/.clave/login', 'nor in a named location');

# server-level expires and Cache-Control: for the pages of the application, not for our answers

my $keeps = Clave::Browser->new(host => 'keeps.example.gob.es');

sub kept { join ' | ', map { my $name = $_; map { "$name: $_" } header_of($_[0], $name) } qw/ Cache-Control Expires / }

my $way = $keeps->get('/');
is(status_of($way) . ' ' . kept($way), '302 Cache-Control: no-store', 'expires: not of the way to the login');
my $page = $keeps->get(header_of($way, 'Location'));
is(status_of($page) . ' ' . kept($page), '200 Cache-Control: no-store', 'of the login');
my $asked = Clave::Gateway::request_in($page);
is(kept(answer(body => 'SAMLResponse=PHg%2B', headers => [$form])), 'Cache-Control: no-store', 'of a refusal');
my @there = (acs_url => 'https://keeps.example.gob.es/.clave/acs');
my $came = $keeps->come_back($asked, method => 'pin', @there);
is(status_of($came) . ' ' . kept($came), '303 Cache-Control: no-store', 'of the way back');
my $left = $keeps->post('/.clave/logout', '', 'Sec-Fetch-Site: same-origin');
is(status_of($left) . ' ' . kept($left), '200 Cache-Control: no-store', 'of a logout');
my ($file) = $page =~ m{"(/\.clave/assets/[^"]+)"};
is(kept($keeps->get($file)), 'Cache-Control: public, max-age=31536000, immutable', 'and files of ours are kept as we say');
is(kept($keeps->get('/metrics')), 'Cache-Control: no-store', 'numbers, not at all');
is(kept($keeps->get('/none', 'Sec-Fetch-Mode: cors')), 'Cache-Control: no-store', 'nor a 401');
$keeps->login('/', method => 'pin', @there);
like(kept($keeps->get('/')), qr/^Cache-Control: max-age=3600 \| Cache-Control: public \| Expires: /, 'the application is, if that is what they want');

# nothing of ours is compressed where tokens are beside what the address says (BREACH, checklist H-23)

my @packs = ('Accept-Encoding: gzip, deflate, br', 'Accept: text/html');
my $reader = Clave::Browser->new();
my $own = $reader->login('/tramite', method => 'pin');
is(status_of($own) . ' ' . (header_of($reader->get('/tramite', @packs), 'Content-Encoding') // 'plain'), '200 gzip',
	'the application is compressed');
my $fresh = Clave::Browser->new();
my $leads = $fresh->get('/tramite', @packs);
my %ours = (
	'the way to the login' => $leads,
	'a login' => $fresh->get(header_of($leads, 'Location'), @packs),
	'a refusal' => $fresh->post('/.clave/acs', 'SAMLResponse=PHg%2B', @packs),
	'an address that is none' => $fresh->get('/.clave/none', @packs),
	'a session' => $reader->get('/.clave/session', @packs),
	'the question before a logout' => $reader->post('/.clave/logout', '', @packs),
);
for my $name (sort keys %ours) {
	is(header_of($ours{$name}, 'Content-Encoding') // 'plain', 'plain', "$name is not");
}
like(http_content($ours{'the question before a logout'}), qr/name="token" value="[^"]+"/, 'though it has a token');

# a server that does not use us has no endpoints

my $other = Clave::Browser->new(host => 'other.example.gob.es');
is(backend_saw($other->get('/.clave/login'))->{uri}, '/.clave/login', 'not where clave is not used');

# the log knows the endpoints

like($t->read_file('access.log'), qr{"GET /\.clave/login\?s=\S+ HTTP/1.1" 200 }, 'access log');

###############################################################################
