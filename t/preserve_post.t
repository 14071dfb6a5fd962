#!/usr/bin/perl

# The form that met a login comes back as it was sent: same method, address, type and octets, once, to
# the person who sent it and to nobody else; or its sender is told before it is lost (checklist H-14).

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_content http_start http_end /;
use Clave;
use Clave::Browser;
use Clave::Gateway;

use Digest::SHA qw/ sha256_hex /;
use JSON::PP;
use Time::HiRes qw/ sleep /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

use constant MIB => 1024 * 1024;
use constant SITE => 'https://sede.example.gob.es';

my $t = Test::Nginx->new()->has(qw/http http_v2 proxy fastcgi rewrite/)->has_daemon('curl')->plan(91);

clave_conf($t, http => <<'EOF', server => <<'EOF_SERVER');
    clave_preserve_post 1m zone=forms:16m;
    client_max_body_size 3m;

    server {
        listen         127.0.0.1:8080;
        server_name    brief.example.gob.es;
        clave_base_url https://brief.example.gob.es;
        clave_session_timeout 2s 2s;

        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8082;
        }
    }

    server {
        listen         127.0.0.1:8084 http2;
        server_name    sede.example.gob.es;
        clave_base_url https://sede.example.gob.es;

        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8082;
        }
    }
EOF
        location / {
            clave pin;
            if ($request_method = POST) {
                set $way form;
            }
            proxy_set_header X-Way $way;
            proxy_pass http://127.0.0.1:8082;
        }

        location /otp/ {
            clave permanente_otp;
            proxy_pass http://127.0.0.1:8082;
        }

        location /small/ {
            clave pin;
            clave_preserve_post 1k;
            proxy_pass http://127.0.0.1:8082;
        }

        location /off/ {
            clave pin;
            clave_preserve_post off;
            proxy_pass http://127.0.0.1:8082;
        }

        location /closed/ {
            clave pin;
            limit_except GET { deny all; }
            proxy_pass http://127.0.0.1:8082;
        }

        location /own-page/ {
            clave pin;
            error_page 401 = @own;
            proxy_pass http://127.0.0.1:8082;
        }

        location @own {
            proxy_pass http://127.0.0.1:8082;
        }

        location /fastcgi/ {
            clave pin;
            fastcgi_pass 127.0.0.1:8083;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param CONTENT_TYPE $content_type;
            fastcgi_param CONTENT_LENGTH $content_length;
        }
EOF_SERVER

$t->run_daemon(\&application, port(8082));
$t->run_daemon(\&fastcgi_application, port(8083));
$t->waitforsocket('127.0.0.1:' . port($_)) or die "no application\n" for 8082, 8083;
$t->run();

###############################################################################

my $octets = join '', map { chr($_ * 37 % 256) } 0 .. 255;

# A page of the browser's host sends a form. Its answer.

sub send_form {
	my ($browser, $uri, $type, $body, %how) = @_;
	my $origin = "https://$browser->{host}";
	my $from = $how{from} // [ "Origin: $origin", 'Sec-Fetch-Site: same-origin', 'Sec-Fetch-Mode: navigate',
		'Sec-Fetch-Dest: document' ];
	return $browser->request($how{method} // 'POST', $uri, body => $body,
		headers => [ "Content-Type: $type", 'Accept: text/html', "Referer: $origin/page?a=1", @$from ]);
}

# From the answer to a form to that of `return`.

sub log_in_after {
	my ($browser, $answer, %who) = @_;
	my $next = header_of($answer, 'Location') // return '';
	if ($next =~ m{/(?:stepup|expired)\?}) {
		($next) = $browser->get($next) =~ m{href="([^"]*/login\?[^"]+)"};
	}
	my $request = Clave::Gateway::request_in($browser->get($next)) or return '';
	return $browser->come_back($request, method => 'pin', %who);
}

# What the application was sent when the browser follows.

sub follow {
	my ($browser, $answer) = @_;
	my $next = header_of($answer, 'Location') // return {};
	my $response = $browser->get($next, 'Sec-Fetch-Site: cross-site', 'Referer: https://pasarela.example.gob.es/',
		'If-None-Match: "page"', 'Range: bytes=0-1');
	return { %{reported($response)}, response => $response };
}

sub reported { return eval { decode_json(http_content($_[0])) } // {} }

sub lost {
	my ($name, $answer, $status, $code) = @_;
	is(status_of($answer), $status, $name);
	like($answer, qr/No se ha enviado nada.*su navegador suele conservar los datos/s, "$name: it says so");
	is((refusals($t))[-1], $code, "$name: and the log");
}

# --- as it was sent

my $boundary = '----WebKitFormBoundaryA1b2C3d4';
my %form = (
	urlencoded => [ 'application/x-www-form-urlencoded', 'nombre=Bego%C3%B1a&vacio=&a=1&a=2&x=%00%0D%0A' ],
	multipart => [ "multipart/form-data; boundary=$boundary",
		"--$boundary\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.pdf\"\r\n"
		. "Content-Type: application/pdf\r\n\r\n$octets\r\n.\r\n--$boundary--\r\n" ],
	json => [ 'application/json', '{"solicitud":{"importe":1.50,"texto":"\u00f1"}}' ],
	map { ("$_ octets" => [ 'application/octet-stream', substr($octets x ($_ / 256 + 1), 0, $_) ]) }
		0, 1, 64 * 1024, MIB,
);

for my $kind (sort keys %form) {
	my ($type, $body) = @{$form{$kind}};
	my $citizen = Clave::Browser->new();
	my $answer = send_form($citizen, '/tramite?paso=2&x=%2F', $type, $body);
	is(status_of($answer), 303, "$kind: to the login");
	my $back = log_in_after($citizen, $answer);
	is(header_of($back, 'Location'), '/tramite?paso=2&x=%2F', "$kind: back");
	my $seen = follow($citizen, $back);
	is("$seen->{method} $seen->{uri} $seen->{type} $seen->{length}",
		"POST /tramite?paso=2&x=%2F $type " . length $body, "$kind: the same request");
	is($seen->{sha256}, sha256_hex($body), "$kind: the same octets");
	is("$seen->{nif} $seen->{way}", '99999018D form', "$kind: by the way of forms, with an identity");
}

# --- once, and without a trace

my $citizen = Clave::Browser->new();
my $back = log_in_after($citizen, send_form($citizen, '/once', 'text/plain', 'a=1'));
my $tab = $citizen->twin();
my $seen = follow($citizen, $back);
is("$seen->{origin} $seen->{site} $seen->{referer}", SITE . ' same-origin ' . SITE . '/page?a=1',
	'where it came from');
is($seen->{cookie}, '', 'no cookie of ours');
is($seen->{conditions}, '', 'no condition of a page load');
is(header_of($seen->{response}, 'Cache-Control'), 'no-store', 'no page to keep');
is($citizen->cookie('__Host-clave-post'), undef, 'the cookie that fetched it is gone');
is(follow($citizen, $back)->{method}, 'GET', 'a reload is a page load');
is(follow($tab, $back)->{method}, 'GET', 'in a tab that still has the cookie, too');

my $put = Clave::Browser->new();
is(follow($put, log_in_after($put, send_form($put, '/put', 'text/plain', 'a=1', method => 'PUT')))->{method},
	'PUT', 'other methods');

# --- another address, another session

$citizen = Clave::Browser->new();
$back = log_in_after($citizen, send_form($citizen, '/here', 'text/plain', 'a=1'));
is(reported($citizen->get('/elsewhere'))->{method}, 'GET', 'not at another address');
my $thief = Clave::Browser->new();
$thief->login('/', method => 'pin', nif => '00000000T');
$thief->set_cookie('__Host-clave-post', $citizen->cookie('__Host-clave-post'));
is(follow($thief, $back)->{method}, 'GET', 'not for another session');
is(reported($citizen->request('GET', '/here', body => 'b=2'))->{method}, 'GET',
	'not for a request with a body of its own');
is(follow($citizen, $back)->{method}, 'POST', 'it waits for its own');

# --- the same person

$citizen = Clave::Browser->new(host => 'brief.example.gob.es');
$citizen->come_back($citizen->go_to_gateway('/'), method => 'pin', acs_url => 'https://brief.example.gob.es/.clave/acs');
my %here = (acs_url => 'https://brief.example.gob.es/.clave/acs');
like($citizen->cookie('__Host-clave-who') // '', qr/^[\w-]{80,}$/, 'a trace of the person');
sleep 3.1;
my $answer = send_form($citizen, '/mine', 'text/plain', 'a=1');
is(status_of($answer), 303, 'a form meets an ended session');
like($citizen->get(header_of($answer, 'Location')), qr/Hemos guardado lo que acaba de enviar/, 'and is kept, says the page');
my $other = $citizen->twin();
$back = log_in_after($other, $answer, nif => '00000000T', %here);
is(header_of($back, 'Location'), '/page?a=1', 'somebody else logs in: back to where the form was');
is($other->cookie('__Host-clave-post'), undef, 'without the form');
$back = log_in_after($citizen, $answer, %here);
is(follow($citizen, $back)->{sha256}, sha256_hex('a=1'), 'its sender gets it');

sleep 3.1;
my $forgetful = $citizen->twin();
delete $forgetful->{cookies}{'__Host-clave-who'};
lost('nobody knows whose session it was', send_form($forgetful, '/mine', 'text/plain', 'a=1'), 409,
	'E-POST-LOST');

# --- step-up

$citizen = Clave::Browser->new();
$citizen->login('/', method => 'pin');
$answer = send_form($citizen, '/otp/x', 'text/plain', 'a=1');
like(header_of($answer, 'Location'), qr{/stepup\?s=}, 'a form that asks for more');
is(status_of(log_in_after($citizen->twin(), $answer, method => 'permanente', loa => 'substantial',
	nif => '00000000T')), 403, 'another person');
$citizen->login('/', method => 'pin');
$answer = send_form($citizen, '/otp/x', 'text/plain', 'a=1');
$back = log_in_after($citizen, $answer, method => 'permanente', loa => 'substantial');
is(follow($citizen, $back)->{sha256}, sha256_hex('a=1'), 'the same person');

# --- what cannot wait

my $nobody = Clave::Browser->new();
my @navigate = ('Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document');
my %foreign = (
	'another site' => [ 'Origin: https://evil.example', 'Sec-Fetch-Site: cross-site', @navigate ],
	'a neighbour' => [ 'Origin: https://otra.example.gob.es', 'Sec-Fetch-Site: same-site', @navigate ],
	'an old browser, elsewhere' => [ 'Origin: https://evil.example' ],
	'nobody says from where' => [],
	'two minds' => [ 'Origin: https://evil.example', 'Sec-Fetch-Site: same-origin', @navigate ],
);
for my $kind (sort keys %foreign) {
	my $answer = send_form($nobody, '/x', 'text/plain', 'a=1', from => $foreign{$kind});
	is(status_of($answer), 409, "$kind: is not kept");
}
is(status_of(send_form($nobody, '/x', 'text/plain', 'a=1', from => [ 'Origin: ' . SITE ])), 303,
	'an old browser, here');
is(status_of(send_form($nobody, '/x', 'application/json', '{}', from => [ 'Origin: ' . SITE,
	'Sec-Fetch-Site: same-origin', 'Sec-Fetch-Mode: cors', 'Sec-Fetch-Dest: empty' ])), 401, 'a script');
is(status_of(send_form($nobody, '/off/', 'text/plain', 'a=1')), 409, 'not in this location');
is(status_of(send_form($nobody, '/closed/', 'text/plain', 'a=1')), 403, 'what is denied stays denied');
is(status_of(send_form($nobody, '/' . 'x' x 1100, 'text/plain', 'a=1')), 409,
	'no way back to so long an address');

lost('too large', send_form($nobody, '/small/', 'text/plain', 'a' x 1025), 413, 'E-POST-SIZE');
is(status_of(send_form($nobody, '/small/', 'text/plain', 'a' x 1024)), 303, 'just not too large');
lost('much too large', send_form($nobody, '/', 'text/plain', 'a' x (2 * MIB)), 413, 'E-POST-SIZE');

# --- in pieces

sub in_pieces {
	my ($browser, $uri, @pieces) = @_;
	my $socket = http("POST $uri HTTP/1.1\r\nHost: sede.example.gob.es\r\nConnection: close\r\n"
		. 'Origin: ' . SITE . "\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n", start => 1);
	for my $piece (@pieces) {
		sleep 0.2;
		print $socket sprintf("%x\r\n%s\r\n", length $piece, $piece);
	}
	print $socket "0\r\n\r\n";
	my $answer = http_end($socket);
	$browser->_keep_cookies($answer);
	return $answer;
}

$citizen = Clave::Browser->new();
$seen = follow($citizen, log_in_after($citizen, in_pieces($citizen, '/pieces', 'first', $octets, 'last')));
is($seen->{sha256}, sha256_hex("first${octets}last"), 'a form in pieces');
is(status_of(in_pieces($nobody, '/small/', 'a' x 600, 'b' x 600)), 413, 'that are too many');

# --- an answer of the administrator's own

$answer = send_form(Clave::Browser->new(), '/own-page/', 'text/plain', 'a=1');
is(reported($answer)->{sha256}, sha256_hex('a=1'), 'error_page gets the body');

# --- other ways to the application

$citizen = Clave::Browser->new();
$back = log_in_after($citizen, send_form($citizen, '/fastcgi/x', 'text/plain', $octets));
$seen = follow($citizen, $back);
is("$seen->{method} $seen->{type} $seen->{length}", 'POST text/plain 256', 'FastCGI');
is($seen->{sha256}, sha256_hex($octets), 'FastCGI: the same octets');

$citizen = Clave::Browser->new();
$back = log_in_after($citizen, send_form($citizen, '/h2', 'text/plain', $octets));
$seen = h2('/h2', '-H', 'Cookie: ' . $citizen->cookies());
is("$seen->{method} $seen->{sha256}", 'POST ' . sha256_hex($octets), 'fetched over HTTP/2');
is(h2('/h2', '-H', 'Cookie: ' . $citizen->cookies())->{method}, 'GET', 'and once');

# --- over a reload

$citizen = Clave::Browser->new();
$answer = send_form($citizen, '/reload', 'text/plain', 'a=1');
$t->reload();
sleep 1;
is(follow($citizen, log_in_after($citizen, $answer))->{sha256}, sha256_hex('a=1'), 'a form over a reload');

# --- no room

my $kept = 0;
my $full = '';
while ($kept < 20) {
	$full = send_form($nobody, '/full', 'text/plain', 'a' x MIB);
	last if status_of($full) != 303;
	$kept++;
}
ok($kept > 1 && $kept < 5, 'one address gets a share of the zone');
lost('no room', $full, 409, 'E-POST-ROOM');
$citizen = Clave::Browser->new();
$citizen->login('/', method => 'pin');
is(status_of(send_form($citizen, '/otp/', 'text/plain', 'a' x MIB)), 303, 'others have theirs');

$citizen->post('/.clave/logout', '', 'Origin: ' . SITE, 'Sec-Fetch-Site: same-origin');
is($citizen->cookie('__Host-clave-who'), undef, 'a logout leaves no trace of the person');

my @files = grep { -f } glob join ' ', map { $t->testdir() . "/*temp*/$_" } '*', '*/*', '*/*/*', '*/*/*/*';
is_deeply(\@files, [], 'no form in a file');

undef $t;  # its own checks come now: the functions would hold it to the end

###############################################################################

sub h2 {
	my ($uri, @options) = @_;
	open my $curl, '-|', 'curl', '-s', '--http2-prior-knowledge', '--max-time', 8, @options,
		'-H', 'Host: sede.example.gob.es', 'http://127.0.0.1:' . port(8084) . $uri or die "Can't run curl: $!\n";
	local $/;
	my $content = <$curl> // '';
	close $curl;
	log_in($content);
	return eval { decode_json($content) } // {};
}

# Says what it was sent, as JSON.

sub report {
	my ($method, $uri, $body, $header) = @_;
	return encode_json({
		method => $method, uri => $uri, sha256 => sha256_hex($body),
		type => $header->{'content-type'} // '', length => $header->{'content-length'} // '',
		nif => $header->{'x-clave-nif'} // '', way => $header->{'x-way'} // '', origin => $header->{origin} // '',
		referer => $header->{referer} // '', site => $header->{'sec-fetch-site'} // '',
		cookie => $header->{cookie} // '',
		conditions => ($header->{'if-none-match'} // '') . ($header->{range} // ''),
	});
}

sub listener {
	my ($port) = @_;
	return IO::Socket::INET->new(Proto => 'tcp', LocalAddr => "127.0.0.1:$port", Listen => 64, ReuseAddr => 1)
		// die "Can't listen on port $port: $!\n";
}

sub application {
	my $server = listener(@_);
	local $SIG{PIPE} = 'IGNORE';

	while (my $client = $server->accept()) {
		my ($method, $uri) = (<$client> // '') =~ /^(\S+) (\S+)/ or next;
		my (%header, $line);
		while (defined($line = <$client>) && $line =~ /^([^:\s]+): *(.*?)\r?\n$/) {
			$header{lc $1} = $2;
		}
		my $body = '';
		read $client, $body, $header{'content-length'} // 0;
		my $report = report($method, $uri, $body, \%header);
		print $client "HTTP/1.0 200 OK\r\nContent-Length: ", length $report, "\r\n\r\n$report";
	}
}

# Just enough of FastCGI for a responder.

sub fastcgi_application {
	my $server = listener(@_);
	local $SIG{PIPE} = 'IGNORE';

	while (my $client = $server->accept()) {
		my ($parameters, $body) = ('', '');
		while ((read $client, my $head, 8) == 8) {
			my (undef, $kind, undef, $length, $padding) = unpack 'CCnnC', $head;
			my ($content, $rest) = ('', '');
			read $client, $content, $length if $length;
			read $client, $rest, $padding if $padding;
			$parameters .= $content if $kind == 4;
			$body .= $content if $kind == 5;
			last if $kind == 5 && $length == 0;
		}
		next if $parameters eq '';
		my %value;
		while ($parameters ne '') {
			my @size;
			for (1, 2) {
				push @size, ord($parameters) < 128 ? unpack('C', substr($parameters, 0, 1, ''))
					: unpack('N', substr($parameters, 0, 4, '')) & 0x7fffffff;
			}
			my $name = substr $parameters, 0, $size[0], '';
			$value{$name} = substr $parameters, 0, $size[1], '';
		}
		my $report = "Content-Type: application/json\r\n\r\n" . report($value{REQUEST_METHOD}, '', $body,
			{ 'content-type' => $value{CONTENT_TYPE}, 'content-length' => $value{CONTENT_LENGTH} });
		print $client pack('CCnnCC', 1, 6, 1, length $report, 0, 0), $report, pack('CCnnCC', 1, 6, 1, 0, 0, 0),
			pack('CCnnCC', 1, 3, 1, 8, 0, 0), "\0" x 8;
	}
}

###############################################################################
