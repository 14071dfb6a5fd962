#!/usr/bin/perl

# A protected location by requests that are odd as such: every method, version and shape of head and
# body, names of hosts that contradict each other, several requests on one connection (checklist H-03,
# H-12, H-13, H-18). Nobody reaches the back end, the next request is read from where it begins, and
# the same of a citizen arrives as his.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Browser;
use Clave::Http2;
use Clave::Witness;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http http_v2 proxy rewrite upstream_keepalive/);

my $host = 'sede.example.gob.es';
my @known = qw/ GET HEAD POST PUT PATCH DELETE OPTIONS PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK REPORT PURGE FOO A_B G-T /;
my @unknown = qw/ TRACE CONNECT get Get GET1 /;  # to nginx

# Heads that are not quite what a browser sends. @ stands for the session's cookie, if there is one.

my @heads = (
	['HTTP/1.0 without a host', "GET /secret/x HTTP/1.0\r\n@\r\n"],
	['HTTP/1.0 that stays', "GET /secret/x HTTP/1.0\r\nHost: $host\r\nConnection: keep-alive\r\n@\r\n"],
	['HTTP/0.9', "GET /secret/x\r\n"],
	['HTTP/1.1 without a host', "GET /secret/x HTTP/1.1\r\n@\r\n"],
	['HTTP/1.9', "GET /secret/x HTTP/1.9\r\nHost: $host\r\n@\r\n"],
	['HTTP/2.0 in a line', "GET /secret/x HTTP/2.0\r\nHost: $host\r\n@\r\n"],
	['http/1.1', "GET /secret/x http/1.1\r\nHost: $host\r\n@\r\n"],
	['HTTP/1.1 of lines that end in LF', "GET /secret/x HTTP/1.1\nHost: $host\nConnection: close\n@\n"],
	['an empty line before', "\r\n\r\nGET /secret/x HTTP/1.1\r\nHost: $host\r\nConnection: close\r\n@\r\n"],
	['spaces in the line', "GET   /secret/x   HTTP/1.1\r\nHost: $host\r\nConnection: close\r\n@\r\n"],
	['a tab in the line', "GET\t/secret/x HTTP/1.1\r\nHost: $host\r\n@\r\n"],
	['a space in the address', "GET /public/x /secret/x HTTP/1.1\r\nHost: $host\r\n@\r\n"],
	['no version, but headers', "GET /secret/x \r\nHost: $host\r\n@\r\n"],
	['a NUL in the line', "GET /secret/\0x HTTP/1.1\r\nHost: $host\r\n@\r\n"],
	['a NUL in a header', "GET /secret/x HTTP/1.1\r\nHost: $host\r\nX-Odd: a\0b\r\n@\r\n"],
	['a space before a colon', "GET /secret/x HTTP/1.1\r\nHost: $host\r\nX-Clave-Nif : 00000000T\r\n@\r\n"],
	['a folded header', "GET /secret/x HTTP/1.1\r\nHost: $host\r\nX-Odd: a\r\n X-Clave-Nif: 00000000T\r\nConnection: close\r\n@\r\n"],
	['a header of no name', "GET /secret/x HTTP/1.1\r\nHost: $host\r\n: 00000000T\r\nConnection: close\r\n@\r\n"],
	['CR in a header', "GET /secret/x HTTP/1.1\r\nHost: $host\r\nX-Odd: a\rX-Clave-Nif: 00000000T\r\nConnection: close\r\n@\r\n"],
	['two hosts', "GET /secret/x HTTP/1.1\r\nHost: open.example.gob.es\r\nHost: $host\r\n@\r\n"],
	['two hosts, the other way', "GET /secret/x HTTP/1.1\r\nHost: $host\r\nHost: open.example.gob.es\r\n@\r\n"],
	['a host in the address and another', "GET http://$host/secret/x HTTP/1.1\r\nHost: open.example.gob.es\r\nConnection: close\r\n@\r\n"],
	['the other way', "GET http://open.example.gob.es/secret/x HTTP/1.1\r\nHost: $host\r\nConnection: close\r\n@\r\n"],
	['a host in capitals', "GET /secret/x HTTP/1.1\r\nHost: SEDE.example.gob.es.\r\nConnection: close\r\n@\r\n"],
	['a host with a port', "GET /secret/x HTTP/1.1\r\nHost: $host:8080\r\nConnection: close\r\n@\r\n"],
	['a host that is none', "GET /secret/x HTTP/1.1\r\nHost: a/../b\r\n@\r\n"],
	['an upgrade to HTTP/2', "GET /secret/x HTTP/1.1\r\nHost: $host\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n@\r\n"],
	(map { ["$_ from outside", "GET /public/x HTTP/1.1\r\nHost: $host\r\nConnection: close\r\n$_: /secret/x\r\n@\r\n", 'public'] }
		qw/ X-Original-URL X-Rewrite-URL X-Accel-Redirect X-Forwarded-Prefix X-Forwarded-Uri /),
	(map { ["$_ into", "GET /secret/x HTTP/1.1\r\nHost: $host\r\nConnection: close\r\n$_\r\n@\r\n"] }
		'X-Original-URL: /public/x', 'X-HTTP-Method-Override: OPTIONS', 'X-Forwarded-Host: open.example.gob.es', 'X-Forwarded-For: 127.0.0.1',
		'X-Forwarded-Proto: https', 'X-Clave-Nif: 00000000T', 'X_Clave_Nif: 00000000T', 'Authorization: Basic YTpi', 'Connection: close, Cookie',
		# of clients that would carry SAML themselves (S-72)
		'Accept: text/html, application/vnd.paos+xml', 'PAOS: ver="urn:liberty:paos:2003-08";"urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp"',
		'Connection: X-Clave-Nif', 'Keep-Alive: 5', 'TE: trailers', 'Max-Forwards: 0', 'Via: 1.1 x', 'Range: bytes=0-0'),
	['500 headers', "GET /secret/x HTTP/1.1\r\nHost: $host\r\nConnection: close\r\n" . join('', map { "X-Odd-$_: 1\r\n" } 1 .. 500) . "@\r\n"],
	['500 cookies', "GET /secret/x HTTP/1.1\r\nHost: $host\r\nConnection: close\r\n" . "Cookie: a=1\r\n" x 500 . "@\r\n"],
	['a header of 30000 octets', "GET /secret/x HTTP/1.1\r\nHost: $host\r\nX-Odd: " . 'a' x 30000 . "\r\n@\r\n"],
	['an address of 30000 octets', 'GET /secret/' . 'a' x 30000 . " HTTP/1.1\r\nHost: $host\r\n@\r\n"],
);

# Bodies whose end two readers could see at two places. What is inside is a request that must never be
# one, unless it is one to nginx, too: then it is nobody's.

my $inside = "GET /secret/inside HTTP/1.1\r\nHost: $host\r\nX-Try: inside\r\n\r\n";
my $chunked = sub { join('', map { sprintf "%x\r\n%s\r\n", length $_, $_ } @_) . "0\r\n\r\n" };
my $te = 'Transfer-Encoding: chunked';
my $cl = 'Content-Length: ' . length $inside;

my @bodies = (
	['a length', $cl, $inside],
	['chunks', $te, $chunked->($inside)],
	['many chunks', $te, $chunked->(split //, $inside)],
	['no length', 'X-Odd: 1', $inside],
	['a length of none', 'Content-Length: 0', $inside],
	['length and chunks', "$cl\r\n$te", "0\r\n\r\n$inside"],
	['chunks and length', "$te\r\nContent-Length: 4", "0\r\n\r\n$inside"],
	['two lengths', "Content-Length: 0\r\n$cl", $inside],
	['two lengths, the other way', "$cl\r\nContent-Length: 0", $inside],
	['two lengths, alike', "$cl\r\n$cl", $inside],
	(map { ["a length of $_", "Content-Length: $_", $inside] } '+5', '-1', '0x10', '5,5', '1 0', '00', '0,' . length $inside, '4294967296',
		'18446744073709551616', "\x0b5", '"5"', '5;'),
	['a length with a space before its colon', "Content-Length : 5", $inside],
	['a length in a folded line', "X-Odd: 1\r\n $cl", $inside],
	['chunks in a folded line', "X-Odd: 1\r\n $te", "0\r\n\r\n$inside"],
	(map { ["chunks as \"$_\"", $_, "0\r\n\r\n$inside"] } 'Transfer-Encoding : chunked', 'Transfer-Encoding: xchunked', 'Transfer-Encoding:chunked',
		"Transfer-Encoding:\tchunked", 'Transfer-Encoding: chunked, identity', 'Transfer-Encoding: identity, chunked', 'Transfer-Encoding: identity',
		'Transfer-Encoding: CHUNKED', 'Transfer-Encoding: "chunked"', 'Transfer-Encoding: gzip, chunked', 'Transfer_Encoding: chunked',
		"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
		"Transfer-Encoding: x\r\n$te", 'TE: chunked', "Transfer-Encoding: \x0bchunked", 'X: X[\nTransfer-Encoding: chunked', 'Transfer-Encoding: chunk'),
	(map { ["a chunk of $_->[0]", $te, "$_->[1]\r\n$inside"] } ['+5', '+5'], ['-1', '-1'], ['0x5', '0x5'], ['none', ''], ['an extension', '0;a=b\r\n'],
		['too many digits', '0' x 20 . '5'], ['no number', 'g'], ['all there is', 'ffffffffffffffff'], ['a space', ' 5'], ['a name', "5\nabcde\r\n0\r\n"]),
	['a chunk that ends in LF', $te, "0\n\n$inside"],
	['a chunk longer than it says', $te, "1\r\nabc\r\n0\r\n\r\n$inside"],
	['a trailer', $te, "1\r\na\r\n0\r\nX-Clave-Nif: 00000000T\r\nX-Try: trailer\r\n\r\n$inside"],
	['a trailer that is no header', $te, "0\r\n\0\r\n\r\n$inside"],
	['what is expected', "Expect: 100-continue\r\n$cl", $inside],
	['what is expected, in chunks', "Expect: 100-continue\r\n$te", $chunked->($inside)],
	['what nobody knows to expect', "Expect: 200-ok\r\n$cl", $inside],
	['a body of many requests', 'Content-Length: ' . 2000 * length $inside, $inside x 2000],
);

my @early = ([400, "GET / HTTP/1.1\r\n@" . "Host: a/b\r\n\r\n"], [400, "GET / HTTP/1.1\r\n@" . "Host: early\r\nHost: early\r\n\r\n"],
	[405, "TRACE / HTTP/1.1\r\nHost: early\r\nConnection: close\r\n@\r\n"],
	[414, 'GET /' . 'a' x 30000 . " HTTP/1.1\r\n"], [494, "GET / HTTP/1.1\r\nHost: early\r\n@" . 'X-Odd: ' . 'a' x 30000 . "\r\n\r\n"],
	[505, "GET / HTTP/3.0\r\n\r\n"], [501, "POST / HTTP/1.1\r\nHost: early\r\n@" . "Transfer-Encoding: odd\r\n\r\n"],
	[413, "POST / HTTP/1.1\r\nHost: early\r\nConnection: close\r\n@" . "Content-Length: 100\r\n\r\n"], [408, "POST / HTTP/1.1\r\nHost: early\r\nContent-Length: 5\r\n@\r\na"]);

$t->plan(2 * (@known + @unknown) + 2 * @heads + 2 * @bodies + @early + (grep { $_->[0] != 408 && $_->[1] =~ /@/ } @early) + 23);

clave_conf($t, http => <<'EOF' . Clave::Witness::conf(), server => <<'EOF_SERVER');
    underscores_in_headers on;
    client_body_timeout 1s;
    keepalive_timeout 500ms;

    upstream application {
        server    127.0.0.1:8081;
        keepalive 4;
    }

    proxy_http_version 1.1;
    proxy_set_header   Connection "";

    server {
        listen      127.0.0.1:8080;
        listen      127.0.0.1:8082 http2;
        server_name open.example.gob.es;

        location / {
            proxy_set_header Connection "";
            proxy_set_header V-Door open;
            proxy_pass http://application/open$request_uri;
        }
    }

    server {
        listen               127.0.0.1:8083;
        server_name          early;
        clave_base_url       https://sede.example.gob.es;
        client_max_body_size 50;
        error_page 400 405 408 413 414 494 497 501 505 = @early;

        location / {
            proxy_pass http://application;
        }

        location @early {
            clave pin;
            proxy_set_header Connection "";
            proxy_set_header V-Door secret;
            proxy_pass http://application;
        }
    }

    server {
        listen               127.0.0.1:8085;
        server_name          early;
        clave_base_url       https://sede.example.gob.es;
        client_max_body_size 50;
        error_page 400 405 408 413 414 494 497 501 505 = @open;

        location / {
            clave pin;
            proxy_pass http://application;
        }

        location @open {
            set $said "open:$http_x_clave_nif";
            if ($http_x_clave_nif) {
                set $said "$said!";
            }
            proxy_set_header Connection "";
            proxy_set_header V-Door $said;
            proxy_pass http://application;
        }
    }
EOF
        listen 127.0.0.1:8082 http2;

        location /public/ {
            proxy_pass http://application;
        }

        location /secret/ {
            clave pin;
            proxy_set_header Connection "";
            proxy_set_header V-Door secret;
            proxy_pass http://application;
        }

        location /bare/ {
            clave pin;
            clave_unauthenticated 401;
            proxy_set_header Connection "";
            proxy_set_header V-Door secret;
            proxy_pass http://application;
        }
EOF_SERVER

$t->run();

###############################################################################

my $citizen = Clave::Browser->new();
is(status_of($citizen->login('/secret/', method => 'pin')), 200, 'login');
my $cookie = 'Cookie: ' . $citizen->cookies();
my $nif = '99999018D';

sub statuses { [ ($_[0] // '') =~ m{HTTP/1\.\d (\d{3}) }g ] }
sub of_try { my ($try) = @_; grep { $_->{try} eq $try } Clave::Witness::seen($t) }
sub doors { join ' ', map { "$_->{door} $_->{nif}" } of_try($_[0]) }

# $text, with or without the session: the octets of the answer.

sub send_as {
	my ($who, $try, $text, @how) = @_;
	my $own = "X-Try: $try\r\n" . ($who eq 'citizen' ? "$cookie\r\n" : '');
	return http($text =~ s/@/$own/r, @how);
}

# Methods.

for my $method (@known, @unknown) {
	my %got;
	for my $who (qw/ nobody citizen /) {
		my $answer = send_as($who, "$method-$who", "$method /bare/x HTTP/1.1\r\nHost: $host\r\nConnection: close\r\n@\r\n");
		$got{$who} = status_of($answer) . ' ' . doors("$method-$who");
		my $connection = Clave::Http2->new(port(8082));
		my $stream = $connection->request($method, '/bare/x', complete => 1,
			headers => [ 'x-try' => "$method-h2-$who", $who eq 'citizen' ? (cookie => $citizen->cookies()) : () ]);
		$got{"$who, HTTP/2"} = $connection->status($stream) . ' ' . doors("$method-h2-$who");
	}
	my $is_known = grep { $_ eq $method } @known;
	for my $protocol ('', ', HTTP/2') {
		my ($refused, $let_in) = @got{"nobody$protocol", "citizen$protocol"};
		$is_known ? is("$refused, $let_in", "401 , 200 secret $nif", "$method$protocol")
			: like("$refused, $let_in", qr/^(40[05]|0) , (40[05]|0) $/, "$method$protocol");
	}
}

# Heads.

for my $n (0 .. $#heads) {
	my ($name, $text, $public) = @{$heads[$n]};
	my $refused = send_as('nobody', "head-$n", $text);
	my $let_in = send_as('citizen', "head-$n-citizen", $text);
	my ($without, $with) = (status_of($refused), status_of($let_in));
	my $turned_away = grep { $without == $_ } 302, 401, 409;
	is(doors("head-$n") =~ s/open -//r, $public ? '- -' : '', "$name: nobody ($without)");
	like(doors("head-$n-citizen"), $public ? qr/^- -$/ : $turned_away ? qr/^secret $nif$/ : qr/^(?:open -)?$/, "$name: a citizen ($with)");
}

# Bodies.

for my $n (0 .. $#bodies) {
	my ($name, $headers, $body) = @{$bodies[$n]};
	for my $who (qw/ nobody citizen /) {
		my $answer = send_as($who, "body-$n-$who", "POST /secret/x HTTP/1.1\r\nHost: $host\r\n${headers}\r\n@\r\n$body"
			. "GET /public/after HTTP/1.1\r\nHost: $host\r\nConnection: close\r\nX-Try: after-$n-$who\r\n\r\n");
		my @first = of_try("body-$n-$who");
		my $fit = $who eq 'nobody' ? !@first : !grep { $_->{nif} ne $nif } @first;
		ok($fit && !of_try('inside') && !of_try('trailer') && @first < 2, "$name: $who, " . join ' ', @{statuses($answer)})
			or diag(map { "[$_->{nif}] $_->{door} $_->{request}\n" } @first, of_try('inside'));
	}
}
like(doors('after-0-nobody') . doors('after-0-citizen'), qr/^- -- -$/, 'after a body of a length, the next request');
like(doors('after-1-nobody') . doors('after-1-citizen'), qr/^- -- -$/, 'after chunks, the next request');
is(doors("after-$#bodies-citizen"), '- -', 'after a long body');
is(doors('body-0-citizen') . doors('body-1-citizen'), "secret ${nif}secret $nif", 'the bodies of a citizen arrive');

my $expecting = send_as('nobody', 'expect', "POST /bare/x HTTP/1.1\r\nHost: $host\r\nConnection: close\r\nExpect: 100-continue\r\n@" . "Content-Length: 5\r\n\r\n");
is_deeply(statuses($expecting), [ 401 ], 'what will be refused is not asked for');
$expecting = send_as('citizen', 'expect-citizen', "POST /bare/x HTTP/1.1\r\nHost: $host\r\nConnection: close\r\nExpect: 100-continue\r\n@" . "Content-Length: 5\r\n\r\n12345");
is_deeply(statuses($expecting), [ 100, 200 ], 'what will be passed on is');

# Several on a connection.

my $one = "GET /secret/%s HTTP/1.1\r\nHost: $host\r\nX-Try: several\r\n%s\r\n";
my $all = http(sprintf($one, 1, "$cookie\r\n") . sprintf($one, 2, '') . sprintf($one, 3, "$cookie\r\n") . sprintf($one, 4, "Connection: close\r\n"));
is_deeply(statuses($all), [ 200, 302, 200, 302 ], 'each request is who it is itself');
is(doors('several'), "secret $nif secret $nif", 'over HTTP/1.1');

my $connection = Clave::Http2->new(port(8082));
my @streams = map { $connection->request('GET', "/secret/$_", complete => 1,
	headers => [ 'x-try' => 'streams', $_ % 2 ? (cookie => $citizen->cookies()) : () ]) } 1 .. 6;
is(join(' ', map { $connection->status($_) } @streams), '200 302 200 302 200 302', 'each stream is who it is itself');
is(doors('streams'), join(' ', ("secret $nif") x 3), 'over HTTP/2');

my $split = Clave::Http2->new(port(8082));
my $stream = $split->request('GET', '/secret/x', complete => 1, headers => [ 'x-try' => 'crumbs', map { (cookie => $_) } 'a=1', $citizen->cookies(), 'b=2' ]);
is($split->status($stream) . doors('crumbs'), "200secret $nif", 'a cookie in crumbs');

# Names of hosts over HTTP/2.

for my $case ([$host, 'open.example.gob.es'], ['open.example.gob.es', $host], [$host, $host]) {
	my ($authority, $other) = @$case;
	my $try = "authority-$authority-$other";
	for my $who (qw/ nobody citizen /) {
		my $h2 = Clave::Http2->new(port(8082));
		my $number = $h2->request('GET', '/secret/x', complete => 1, authority => $authority,
			headers => [ host => $other, 'x-try' => "$try-$who", $who eq 'citizen' ? (cookie => $citizen->cookies()) : () ]);
		my $status = $h2->status($number);
		my $saw = doors("$try-$who");
		my $right = $authority eq $host ? ($who eq 'nobody' ? qr/^$/ : qr/^(?:secret $nif)?$/) : qr/^(?:open -)?$/;
		like($saw, $right, "authority $authority, host $other: $who ($status)");
	}
}

# Answers that nginx makes before it knows a location, and a page for them that is protected.

for my $n (0 .. $#early) {
	my ($status, $text) = @{$early[$n]};
	send_as('nobody', "early-$n", $text, PeerAddr => '127.0.0.1:' . port(8083));
	is(doors("early-$n"), '', "$status with a page that is protected");
}
send_as('citizen', 'early-citizen', $early[2][1], PeerAddr => '127.0.0.1:' . port(8083));
is(doors('early-citizen'), "secret $nif", 'which a citizen gets');

# A page for them that is public, and looks at the headers before any handler of ours would run. Not of
# the 408: its page would wait for the same body.

for my $n (grep { $early[$_][0] != 408 && $early[$_][1] =~ /@/ } 0 .. $#early) {
	my ($status, $text) = @{$early[$n]};
	send_as('nobody', "open-$n", $text =~ s/@/X-Clave-Nif: 00000000T\r\nx-clave_NIF: 00000001R\r\n@/r, PeerAddr => '127.0.0.1:' . port(8085));
	is(join(' ', map { "$_->{door} $_->{nif}" } of_try("open-$n")), 'open: -', "$status with a page that is public");
}

# Trailers, and a header that is nobody's to remove.

send_as('citizen', 'trailers', "POST /public/x HTTP/1.1\r\nHost: $host\r\nConnection: close\r\n$te\r\nTrailer: X-Clave-Nif\r\n@\r\n0\r\nX-Clave-Nif: 00000000T\r\n\r\n");
is(doors('trailers'), '- -', 'trailers are no headers');

is(Clave::Witness::trespassers($t), '', 'nobody came through any of them');
is(scalar(grep { $_->{nif} ne '-' && $_->{nif} ne $nif } Clave::Witness::seen($t)), 0, 'nor as somebody else');
is(status_of($citizen->get('/secret/')), 200, 'a session straight after');

undef $t;

###############################################################################
