#!/usr/bin/perl

# A protected location in front of back ends of every kind: files with conditions and ranges, WebDAV,
# memcached, FastCGI, uwsgi, SCGI, gRPC, WebSocket, caches with and without the session in their key
# (checklist H-04, H-18 to H-22). Nobody gets an octet of them, nor do they hear of him.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Browser;
use Clave::Witness;

use IO::Select;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http http_v2 proxy rewrite fastcgi uwsgi scgi grpc cache dav slice/)->plan(175);

my $paper = 'SECRET PAPER';
my $old = 'Thu, 01 Jan 1970 00:00:00 GMT';
my $new = 'Tue, 01 Jan 2036 00:00:00 GMT';

clave_conf($t, http => <<'EOF' . Clave::Witness::conf(), server => <<'EOF_SERVER');
    proxy_cache_path %%TESTDIR%%/cache keys_zone=pages:1m;
    map $http_upgrade $connection_upgrade {
        default upgrade;
        ''      close;
    }

    server {
        listen                127.0.0.1:8080;
        server_name           brief.example.gob.es;
        clave_base_url        https://sede.example.gob.es;
        clave_session_timeout 1s 1s;

        location /files/ {
            clave pin;
            alias %%TESTDIR%%/secret/;
            slice 4;
        }
    }
EOF
        location /files/ {
            clave pin;
            alias %%TESTDIR%%/secret/;
            autoindex on;
            slice 4;
        }

        location /high/ {
            clave permanente_otp;
            alias %%TESTDIR%%/secret/;
            slice 4;
        }

        location /by-alias {
            clave pin;
            alias %%TESTDIR%%/secret;
        }

        location ~ ^/by-capture/(.*)$ {
            clave pin;
            alias %%TESTDIR%%/secret/$1;
        }

        location /video/ {
            clave pin;
            alias %%TESTDIR%%/secret/;
            mp4;
            flv;
        }

        location /dav/ {
            clave pin;
            alias %%TESTDIR%%/dav/;
            dav_methods PUT DELETE MKCOL COPY MOVE;
            create_full_put_path on;
        }

        location /memcached/ {
            clave pin;
            set $memcached_key $uri;
            memcached_pass 127.0.0.1:8085;
        }

        location /fastcgi/ {
            clave pin;
            fastcgi_pass 127.0.0.1:8086;
            fastcgi_param X_TRY $http_x_try;
        }

        location /uwsgi/ {
            clave pin;
            uwsgi_pass 127.0.0.1:8086;
            uwsgi_param X_TRY $http_x_try;
        }

        location /scgi/ {
            clave pin;
            scgi_pass 127.0.0.1:8086;
            scgi_param X_TRY $http_x_try;
        }

        location /grpc/ {
            clave pin;
            grpc_set_header V-Door secret;
            grpc_pass grpc://127.0.0.1:8084;
        }

        location /grpc-public/ {
            grpc_pass grpc://127.0.0.1:8084;
        }

        location /socket/ {
            clave pin;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_pass http://127.0.0.1:8087;
        }

        proxy_cache_valid 1m;

        location /cached/ {
            clave pin;
            proxy_cache pages;
            proxy_cache_key "$uri $clave_session_hash";
            proxy_cache_lock on;
            add_header X-Cache $upstream_cache_status;
            proxy_set_header V-Door secret;
            proxy_pass http://127.0.0.1:8088;
        }

        location /cached-for-all/ {
            clave pin;
            proxy_cache pages;
            proxy_cache_key $uri;
            proxy_cache_valid 200 1s;
            proxy_cache_use_stale updating error timeout http_500;
            proxy_cache_background_update on;
            add_header X-Cache $upstream_cache_status;
            proxy_set_header V-Door secret;
            proxy_pass http://127.0.0.1:8088;
        }

        location /cached-optional/ {
            clave optional;
            proxy_cache pages;
            proxy_cache_key "$uri $clave_session_hash";
            add_header X-Cache $upstream_cache_status;
            proxy_pass http://127.0.0.1:8088;
        }
EOF_SERVER

mkdir $t->testdir() . "/$_" or die "Can't create $_: $!\n" for qw/ secret dav /;
$t->write_file("secret/$_", $paper) for qw/ paper video.mp4 video.flv /;
$t->write_file('dav/paper', $paper);
$t->run_daemon(\&record, port($_), $t->testdir() . "/heard-$_") for 8085 .. 8088;
$t->waitforsocket('127.0.0.1:' . port($_)) or die "no back end on $_\n" for 8085 .. 8088;
$t->run();

###############################################################################

my $nobody = Clave::Browser->new();
my $citizen = Clave::Browser->new();
my $other = Clave::Browser->new();
my ($nif, $other_nif) = ('99999018D', '00000000T');
is(status_of($citizen->login('/files/paper', method => 'pin')), 200, 'login');
is(status_of($other->login('/files/paper', method => 'pin', nif => $other_nif)), 200, 'login of another');

# Nor is a session of more use than none where it has ended, or its level is too low.

my $ended = Clave::Browser->new(host => 'brief.example.gob.es');
$ended->login('/files/paper', method => 'pin');
for (1 .. 200) {
	last if status_of($ended->twin()->get('/files/paper')) == 302;
	select undef, undef, undef, 0.05;
}
like(header_of($ended->twin()->get('/files/paper'), 'Location'), qr{^/\.clave/expired\?s=}, 'a session that has ended');
my $strong = Clave::Browser->new();
$strong->login('/high/paper', method => 'permanente', loa => 'high');
is(status_of($strong->get('/high/paper', 'Range: bytes=0-3')), 206, 'a level that is high enough');

sub learns_nothing {
	my ($name, $who, $method, $uri, @how) = @_;
	my $refused = $who->twin()->request($method, $uri, @how);
	like(status_of($refused), qr/^(?:302|401|409)$/, $name);
	unlike($refused, qr/SECRET|^(?:ETag|Last-Modified|Content-Range|Accept-Ranges|DAV):/im, "$name, and learns nothing");
}

# Turned away before anything else: no condition, range or method has an answer.

sub turns_away {
	my ($name, $method, $uri, $right, @headers) = @_;
	my @body = $method =~ /^(?:PUT|POST)$/ ? (body => 'x') : ();
	learns_nothing("$name: nobody", $nobody, $method, $uri, headers => \@headers, @body);
	if ($uri eq '/files/paper') {
		learns_nothing("$name: a session that has ended", $ended, $method, $uri, headers => \@headers);
		learns_nothing("$name: a level too low", $citizen, $method, '/high/paper', headers => \@headers);
	}
	is(status_of($citizen->request($method, $uri, headers => \@headers, @body)), $right, "$name: a citizen") if $right;
}

my $seen = $citizen->get('/files/paper');
my ($etag, $date) = (header_of($seen, 'ETag'), header_of($seen, 'Last-Modified'));
ok($etag && $date, 'a file has validators');

turns_away('file', 'GET', '/files/paper', 200);
turns_away('directory', 'GET', '/files/', 200);
turns_away('HEAD', 'HEAD', '/files/paper', 200);
turns_away('Range', 'GET', '/files/paper', 206, 'Range: bytes=0-3');
turns_away('the end of it', 'GET', '/files/paper', 206, 'Range: bytes=-3');
turns_away('Range out of it', 'GET', '/files/paper', 416, 'Range: bytes=9999-');
turns_away('If-None-Match', 'GET', '/files/paper', 304, "If-None-Match: $etag");
turns_away('If-None-Match of any', 'GET', '/files/paper', 304, 'If-None-Match: *');
turns_away('If-Modified-Since', 'GET', '/files/paper', 304, "If-Modified-Since: $date");
turns_away('If-Unmodified-Since', 'GET', '/files/paper', 412, "If-Unmodified-Since: $old");
turns_away('If-Match', 'GET', '/files/paper', 412, 'If-Match: "other"');
turns_away('If-Range', 'GET', '/files/paper', 206, "If-Range: $etag", 'Range: bytes=0-3');
turns_away('Expect and Range', 'GET', '/files/paper', 100, 'Expect: 100-continue', 'Range: bytes=0-3');
turns_away('alias off by a slash', 'GET', '/by-alias../secret/paper', 404);
turns_away('alias with dots', 'GET', '/by-alias/../by-alias/paper', 200);
turns_away('alias of a capture', 'GET', '/by-capture/%2e%2e/files/paper', 200);
turns_away('alias of a capture of dots', 'GET', '/by-capture/..%252fsecret/paper', 404);
turns_away('flv', 'GET', '/video/video.flv?start=1', 200);
turns_away('mp4', 'GET', '/video/video.mp4?start=1', 200);

turns_away('DELETE', 'DELETE', '/dav/paper', 0);
turns_away('PUT', 'PUT', '/dav/new', 0);
turns_away('MKCOL', 'MKCOL', '/dav/new/', 0);
turns_away('COPY', 'COPY', '/dav/paper', 0, 'Destination: /dav/copy');
turns_away('MOVE', 'MOVE', '/dav/paper', 0, 'Destination: /dav/moved');
is(join(' ', map { s{.*/}{}r } glob($t->testdir() . '/dav/*')), 'paper', 'files are as they were');
is(status_of($citizen->request('PUT', '/dav/new', body => 'x')), 201, 'PUT: a citizen');
is(status_of($citizen->request('DELETE', '/dav/new')), 204, 'DELETE: a citizen');

# What does not speak HTTP.

my %port = (memcached => 8085, fastcgi => 8086, uwsgi => 8086, scgi => 8086);
for my $kind (sort keys %port) {
	turns_away($kind, 'GET', "/$kind/x", 0, "X-Try: $kind-nobody");
	turns_away("$kind, POST", 'POST', "/$kind/x", 0, "X-Try: $kind-nobody");
	is(heard($port{$kind}), '', "$kind hears nothing of nobody");
	$citizen->get("/$kind/x", "X-Try: $kind-citizen");
	like(heard($port{$kind}), $kind eq 'memcached' ? qr{get /memcached/x} : qr/$nif/, "$kind hears of a citizen");
	unlink $t->testdir() . "/heard-$port{$kind}";
}

# gRPC

my @grpc = ('Content-Type: application/grpc', 'TE: trailers');
turns_away('gRPC', 'POST', '/grpc/Service/Call', 0, @grpc, 'X-Try: grpc-nobody');
$citizen->request('POST', '/grpc/Service/Call', body => 'x', headers => [ @grpc, 'X-Try: grpc-citizen', 'X-Clave-Nif: 00000000T' ]);
$citizen->request('POST', '/grpc-public/Call', body => 'x', headers => [ @grpc, 'X-Try: grpc-public', 'X-Clave-Nif: 00000000T' ]);
is_deeply({ map { $_->{try} => "$_->{nif} $_->{request}" } grep { $_->{try} =~ /^grpc/ } Clave::Witness::seen($t) }, {
	'grpc-citizen' => "$nif POST /grpc/Service/Call HTTP/2.0",
	'grpc-public' => '- POST /grpc-public/Call HTTP/2.0',
}, 'gRPC hears who it is, and of a citizen only');

# WebSocket

my @handshake = ('Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==');
for my $more ([], ['Sec-Fetch-Mode: websocket'], ['Origin: https://sede.example.gob.es']) {
	my $refused = http("GET /socket/ HTTP/1.1\r\nHost: sede.example.gob.es\r\n" . join('', map { "$_\r\n" } @handshake, @$more, 'X-Try: ws') . "\r\nsome frames",
		body => '');
	is(status_of($refused), 401, "WebSocket, nobody @$more");
}
is(heard(8087), '', 'WebSocket: nothing is heard of nobody, nor of what he sends behind');
my $upgraded = http("GET /socket/ HTTP/1.1\r\nHost: sede.example.gob.es\r\nCookie: " . $citizen->cookies() . "\r\n"
	. join('', map { "$_\r\n" } @handshake) . "\r\n");
is(status_of($upgraded), 101, 'WebSocket, a citizen');
like(heard(8087), qr/X-Clave-Nif: $nif\r\n/, 'who is known there');
unlike(heard(8087), qr/__Host-clave/, 'without his cookie');

# One that is open lives on when its person logs out: it was judged by its handshake (H-20, security.md).

my $leaver = Clave::Browser->new();
$leaver->login('/files/paper', method => 'pin', nif => '99999018D');
my $before = $leaver->twin();
my $socket = http("GET /socket/held HTTP/1.1\r\nHost: sede.example.gob.es\r\nCookie: " . $leaver->cookies() . "\r\n"
	. join('', map { "$_\r\n" } @handshake) . "\r\n", start => 1);
like(said_by($socket, qr/hello$/), qr/^HTTP\/1.1 101 /, 'a WebSocket that stays open');
$leaver->leave();
$socket->print('frame');
is(said_by($socket, qr/frame$/), 'frame', 'does so after a logout');
$socket->close();
is(status_of($before->get('/socket/held', @handshake)), 401, 'and there is no other');

# Caches

sub page { my $answer = $_[0]->get($_[1]); return (header_of($answer, 'X-Cache') // status_of($answer)) . ' ' . http_content($answer) =~ s/\s+$//r }

is(page($citizen, '/cached/x'), "MISS page of $nif", 'a cache for each: the first time');
is(page($citizen, '/cached/x'), "HIT page of $nif", 'the second time');
is(page($other, '/cached/x'), "MISS page of $other_nif", 'another');
is(page($nobody, '/cached/x'), '302 ', 'nobody');

is(page($citizen, '/cached-for-all/x'), "MISS page of $nif", 'a cache for all: the first time');
is(page($other, '/cached-for-all/x'), "HIT page of $nif", 'is for all, of which nginx -t warns');
is(page($nobody, '/cached-for-all/x'), '302 ', 'but not for nobody');
unlink $t->testdir() . '/heard-8088';
select undef, undef, undef, 2.1;
is(page($nobody, '/cached-for-all/x'), '302 ', 'nor when it is stale');
is(heard(8088), '', 'who does not have it fetched again, either');
like(page($citizen, '/cached-for-all/x'), qr/^(?:STALE|UPDATING) /, 'a citizen does');

is(page($nobody, '/cached-optional/x'), 'MISS page of nobody', 'a cache of what is optional: nobody');
is(page($citizen, '/cached-optional/x'), "MISS page of $nif", 'a citizen');
is(page($nobody, '/cached-optional/x'), 'HIT page of nobody', 'nobody again');

select undef, undef, undef, 0.5;
my @unknown = grep { /^GET/ && !/X-Clave-Nif: \S/ && m{/cached(?:-for-all)?/} } split /(?=^GET )/m, heard(8088);
is("@unknown", '', 'what is fetched is fetched for somebody');
is(Clave::Witness::trespassers($t), '', 'nobody came through any of them');

undef $t;

###############################################################################

sub heard {
	my ($port) = @_;
	my $name = "heard-$port";
	return -e $t->testdir() . "/$name" ? $t->read_file($name) : '';
}

# Until it has said that.

sub said_by {
	my ($socket, $end) = @_;
	my $said = '';
	while ($said !~ $end && IO::Select->new($socket)->can_read(10)) {
		sysread($socket, $said, 65536, length $said) or last;
	}
	return $said;
}

# Writes down what it hears, and answers in each of these protocols.

sub record {
	my ($port, $file) = @_;
	my $server = IO::Socket::INET->new(Proto => 'tcp', LocalAddr => "127.0.0.1:$port", Listen => 16, ReuseAddr => 1)
		or die "Can't listen on port $port: $!\n";
	local $SIG{PIPE} = 'IGNORE';

	while (my $client = $server->accept()) {
		my $octets = '';
		while (IO::Select->new($client)->can_read(0.2)) {
			sysread($client, $octets, 65536, length $octets) or last;
			last if $octets =~ /\r\n\r\n|^get .*\r\n/;
		}
		next if $octets eq '';
		open my $out, '>>', $file or die "Can't write $file: $!\n";
		binmode $out;
		print $out $octets;
		close $out;
		my ($who) = $octets =~ /X-Clave-Nif: (\S+)/;
		my $page = 'page of ' . ($who // 'nobody');
		print $client $octets =~ /^get / ? "VALUE x 0 5\r\npaper\r\nEND\r\n"
			: $octets =~ /Upgrade: websocket/ ? "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello"
			: $octets =~ /^GET / ? "HTTP/1.0 200 OK\r\nCache-Control: public\r\nContent-Type: text/plain\r\n\r\n$page"
			: '';
		while ($octets =~ m{^GET /socket/held } && sysread $client, my $frame, 65536) {
			syswrite $client, $frame;
		}
	}
}

###############################################################################
