#!/usr/bin/perl

# A document that an application answers with to have it signed: taken away, frozen, shown, signed,
# and handed to the application as a POST of the signature (product section 5; checklist F-01, F-03,
# F-05, F-11, F-13, F-15, F-16, H-25). What cannot be signed reaches nobody.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_content http_end /;
use Clave;
use Clave::Browser;
use Clave::Fire;
use Clave::Signer;

use Digest::SHA qw/ sha256_hex /;
use IO::Select;
use JSON::PP;
use POSIX ();

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

use constant BENITO => (method => 'permanente', loa => 'substantial', nif => '11111111H');

# What the application says and answers with, by the last part of the address. Bytes that a browser
# must not see have SECRET in them.

my $pdf = Clave::Signer->small_pdf();
my $text = "Solicitud de Ana SECRET\n" . "línea\n" x 20;
my $large = join '', 'SECRET', map { chr(($_ * 7) % 251) } 1 .. 700_000;
my $to = 'return=/recibido';

my %answers = (
	pdf => { type => 'application/pdf', body => $pdf, more => "Set-Cookie: app=1; Path=/\r\nETag: \"SECRET\"\r\n",
		sign => 'return=/recibido?n=1; format=pades; name="../solicitud \\"1\\".pdf"; title="Alta de beneficiario"; procedure=ALTA' },
	text => { type => 'text/plain', body => $text, sign => 'return=/recibido' },
	xml => { type => 'application/xml', body => '<a>SECRET</a>', sign => "$to; format=xades; name=a.xml" },
	raw => { type => 'text/plain', body => 'SECRET', sign => "$to; format=none;" },
	large => { type => 'application/octet-stream', body => $large, sign => $to },
	chunked => { type => 'application/octet-stream', body => $large, sign => $to, chunked => 1 },
	closed => { type => 'application/octet-stream', body => $large, sign => $to, closed => 1 },
	stamped => { type => 'application/xml', body => '<a>SECRET</a>', sign => "$to; format=xades; upgrade=ES-T; name=a.xml" },
	guarded => { type => 'text/plain', body => 'SECRET', sign => 'return=/fuerte/recibido' },
	again => { type => 'text/plain', body => 'SECRET', sign => 'return=/firmar/text' },
	broken => { type => 'text/plain', body => 'SECRET', sign => 'return=/recibido?status=502' },
	plain => { type => 'text/html', body => '<p>hola</p>' },
	part => { type => 'text/html', body => 'a<!--#include virtual="/firmar/text" -->b' },

	'no-return' => { sign => 'format=cades' },
	foreign => { sign => 'return=https://evil.example/' },
	slashes => { sign => 'return=//evil.example/' },
	own => { sign => 'return=/.clave/logout' },
	unknown => { sign => "$to; formato=cades" },
	twice => { sign => "$to; name=a; name=b" },
	format => { sign => "$to; format=pdf" },
	blank => { sign => "$to; title=Alta de beneficiario" },
	endless => { sign => "$to; title=\"Alta" },
	empty => { sign => "$to; title=\"\"" },
	'no-upgrade' => { sign => "$to; upgrade=ES-Z" },
	'unfit-upgrade' => { sign => "$to; format=none; upgrade=ES-T" },
	two => { sign => $to, more => "X-Clave-Sign: return=/otro\r\n" },
	gzip => { sign => $to, more => "Content-Encoding: gzip\r\n" },
	created => { sign => $to, status => 201 },
	missing => { sign => $to, status => 404 },
	nothing => { sign => $to, body => '' },
	'no-pdf' => { sign => "$to; format=pades" },
	over => { sign => $to, body => 'SECRET' x 300_000 },
	'over-chunked' => { sign => $to, body => 'SECRET' x 300_000, chunked => 1 },
	cut => { sign => $to, body => 'SECRET' x 10, cut => 1 },
	'cut-chunked' => { sign => $to, body => 'SECRET' x 10_000, chunked => 1, cut => 1 },
);

my @refused = (
	map({ [ $_, 'E-SIGN-HEADER' ] } qw/ no-return foreign slashes own unknown twice format blank endless empty two no-upgrade unfit-upgrade /),
	map({ [ $_, 'E-SIGN-ANSWER' ] } qw/ gzip created missing nothing no-pdf over over-chunked cut cut-chunked /),
);

my $t = Test::Nginx->new()->has(qw/http proxy fastcgi uwsgi ssi gzip http_v2/)->has_daemon('openssl')
	->has_daemon('curl')->plan(113 + 5 * @refused);
my $fire = Clave::Fire->new($t);
my $d = $t->testdir();

clave_conf($t, http => "    error_log %%TESTDIR%%/error.log info;\n    clave_firma_max_document 1m;\n"
	. "    gzip on; gzip_min_length 1; gzip_types *;\n" . $fire->conf(), server => <<'EOF');
        listen 127.0.0.1:8082 http2;
        clave_simulator on;
        clave_session_timeout 1h 2h;

        location / {
            clave permanente_otp;
            proxy_pass http://127.0.0.1:8083;
        }

        location /firmar/ {
            clave permanente_otp;
            clave_sign upstream "title=Por defecto";
            proxy_http_version 1.1;
            proxy_pass http://127.0.0.1:8083;
        }

        location /directo/ {
            clave permanente_otp;
            clave_sign upstream;
            proxy_http_version 1.1;
            proxy_buffering off;
            proxy_pass http://127.0.0.1:8083/firmar/;
        }

        location /fastcgi/ {
            clave permanente_otp;
            clave_sign upstream;
            fastcgi_pass 127.0.0.1:8084;
        }

        location /uwsgi/ {
            clave permanente_otp;
            clave_sign upstream;
            uwsgi_pass 127.0.0.1:8084;
        }

        location /fuerte/ {
            clave permanente_otp loa=high;
            proxy_pass http://127.0.0.1:8083;
        }

        location /partes/ {
            clave permanente_otp;
            ssi on;
            proxy_pass http://127.0.0.1:8083;
        }

        location /red/ {
            satisfy any;
            allow all;
            clave permanente_otp;
            clave_sign upstream;
            proxy_pass http://127.0.0.1:8083;
        }
EOF

$t->todo_alerts();  # nginx raises the alarm for a worker that is killed
$t->run_daemon(\&application, port(8083), "$d/hits");
$t->run_daemon(\&gateways, port(8084));
$t->waitforsocket('127.0.0.1:' . port($_)) or die "no application\n" for 8083, 8084;
$t->run();

###############################################################################

# the whole way, in a PDF

my $ana = Clave::Signer->new(fire => $fire);
$ana->login('/');
like($ana->get('/firmar/plain'), qr/^HTTP\S+ 200.*<p>hola/s, 'other answers pass');

my ($base, $response) = taken('/firmar/pdf');
like($base, qr{^/\.clave/sign/[0-9a-z]{28}/$}, 'a document: to its review');
is(status_of($response), 303, 'by a redirect');
unlike($response, qr/SECRET|%PDF|X-Clave-Sign/i, 'with nothing of it');
is(join('|', header_of($response, 'Set-Cookie')), 'app=1; Path=/', 'the application\'s cookies stay');
like($response, qr/^Cache-Control: no-store\r$/m, 'and nobody keeps it');
my $review = $ana->get($base);
my $sha = sha256_hex($pdf);
like($review, qr/$sha/, 'the review shows its digest');
like($review, qr/Alta de beneficiario/, 'its title');
like($review, qr/solicitud _1_\.pdf/, 'its name, made harmless');
my $shown = $ana->get("${base}document");
is(http_content($shown), $pdf, 'and the document, octet by octet');
like($shown, qr{^Content-Type: application/pdf\r$}m, 'as what it is');

my $benito = Clave::Signer->new(fire => $fire);
$benito->login('/', BENITO);
is(status_of($benito->get($base)), 404, 'to others it is not there');

is(posts(), 0, 'the application has heard nothing');
my $ok = $ana->authorise($ana->confirm($base));
$response = $ana->get($ok);
is(header_of($ana->get($base), 'Location'), "${base}deliver", 'signed: onward');
is(header_of($ana->get("${base}deliver"), 'Location'), '/recibido?n=1', 'to where the application said');
my $saw = backend_saw($ana->get('/recibido?n=1'));
is($saw->{method}, 'POST', 'which gets a POST');
is($saw->{uri}, '/recibido?n=1', 'there');
is($saw->{headers}{'content-type'}, 'application/pdf', 'of a PDF');
is($saw->{headers}{origin}, 'https://sede.example.gob.es', 'from this site');
is($saw->{headers}{'x-clave-nif'}, '00000000T', 'with the identity');
is($saw->{headers}{'x-clave-sign-state'}, 'signed', 'its state');
is($saw->{headers}{'x-clave-sign-format'}, 'pades', 'format');
is($saw->{headers}{'x-clave-sign-nif'}, '00000000T', 'signer');
is($saw->{headers}{'x-clave-sign-sha256'}, $sha, 'digest of the document');
is($saw->{headers}{'x-clave-sign-receipt'}, $base, 'receipt');
my $signature = http_content($ana->get("${base}signature"));
is($saw->{headers}{'x-clave-sign-signature-sha256'}, sha256_hex($signature), 'digest of the signature');
is($saw->{body_sha256}, sha256_hex($signature), 'and the signature, octet by octet');
like($signature, qr/^\Q$pdf\E/, 'which begins with the document');
is(posts(), 1, 'once');
like($fire->history($base, qr/delivered$/), qr/ signed signed delivered$/, 'delivered');
is(backend_saw($ana->get('/recibido?n=1'))->{method}, 'GET', 'a reload is a page load');
is(header_of($ana->get("${base}deliver"), 'Location'), $base, 'coming back twice: the receipt');
like($ana->get($base), qr/$sha/, 'which is there');
is(posts(), 1, 'and nothing is handed over twice');
is(scalar(grep { $_ == 2 } $fire->operations()), 1, 'nor signed');

# other formats

for my $case (['text', 'cades', 'application/pkcs7-signature'], ['xml', 'xades', 'application/xml'],
	['raw', 'none', 'application/octet-stream'])
{
	my ($what, $format, $type) = @$case;
	my $at = taken("/firmar/$what");
	is(http_content($ana->get("${at}document")), $answers{$what}{body}, "$format: what was answered");
	$saw = backend_saw($ana->sign_at($at));
	is($saw->{headers}{'content-type'}, $type, "$format: type of the POST");
	is($saw->{headers}{'x-clave-sign-format'}, $format, "$format: named");
	is($saw->{headers}{'x-clave-sign-sha256'}, sha256_hex($answers{$what}{body}), "$format: of these octets");
	is($saw->{body_sha256}, sha256_hex(http_content($ana->get("${at}signature"))), "$format: the signature");
	next unless $what eq 'text';
	$t->write_file('document', $text);
	$t->write_file('signature', http_content($ana->get("${at}signature")));
	is(system("openssl cms -verify -binary -inform DER -in $d/signature -content $d/document -CAfile "
		. $fire->state() . "/firma-ca.pem -purpose any -out $d/verified 2>$d/openssl.log"), 0,
		'which openssl verifies');
	like($ana->get($at), qr/Por defecto/, 'what the header does not say, the location does');
}

# and what FIRe adds to it, where the header says so

my $stamped = taken('/firmar/stamped');
$saw = backend_saw($ana->sign_at($stamped));
is($saw->{headers}{'x-clave-sign-upgrade'}, 'ES-T', 'upgrade=: the format reached');
$signature = http_content($ana->get("${stamped}signature"));
like($signature, qr/EncapsulatedTimeStamp/, 'which is in the signature');
is($saw->{body_sha256}, sha256_hex($signature), 'that the application gets');
my ($asked) = grep { $_->{op} == 2 } reverse @{$fire->ask('fire/requests')};
is($asked->{upgrade}, 'ES-T', 'as FIRe was asked');

# however it comes

for my $way ('/firmar/large', '/firmar/chunked', '/firmar/closed', '/directo/large', '/directo/chunked',
	'/fastcgi/large', '/uwsgi/large')
{
	is(sha256_of_document(taken($way)), sha256_hex($large), "$way: all of it");
}
is(sha256_of_document(taken('/firmar/large', 'Accept-Encoding: gzip', 'Range: bytes=0-9')), sha256_hex($large),
	'not compressed, and not a part of it');
my ($session) = map { "__Host-clave=$_" } $ana->cookie();
my $h2 = h2('/firmar/large', '-H', "Cookie: $session");
is(status_of($h2), 303, 'over HTTP/2');
is(sha256_of_document(header_of($h2, 'location')), sha256_hex($large), 'the same');
($base) = header_of($ana->post('/firmar/text', 'a=1'), 'Location');
is(http_content($ana->get("${base}document")), $text, 'the answer to a form');

# keepalive: what follows is a request of its own

my $two = http("GET /firmar/text HTTP/1.1\nHost: sede.example.gob.es\nCookie: $session\n\n"
	. "GET /firmar/plain HTTP/1.1\nHost: sede.example.gob.es\nCookie: $session\nConnection: close\n\n");
like($two, qr/^HTTP\S+ 303 .*^HTTP\S+ 200 .*hola/ms, 'another request on the same connection');
unlike($two, qr/SECRET/, 'and nothing of the document between');

# who only asks

my $folders = folders();
$response = http("HEAD /firmar/text HTTP/1.1\nHost: sede.example.gob.es\nCookie: $session\nConnection: close\n\n");
is(status_of($response), 200, 'HEAD');
unlike($response, qr/X-Clave-Sign|Content-Type|ETag|SECRET/i, 'says nothing of the document');
is(folders(), $folders, 'and begins nothing');

# scripts

$response = $ana->get('/firmar/text', 'Sec-Fetch-Mode: cors', 'Sec-Fetch-Dest: empty');
is(status_of($response), 202, 'a script');
like(decode_json(http_content($response))->{review}, qr{^https://sede\.example\.gob\.es/\.clave/sign/\w{28}/$},
	'gets the address of the review');
$response = $ana->get('/firmar/unknown', 'Sec-Fetch-Mode: cors', 'Sec-Fetch-Dest: empty');
is(decode_json(http_content($response))->{error}, 'E-SIGN-HEADER', 'or the code of what is wrong');

# not to be signed, and not to be seen

$folders = folders();
for my $case (@refused) {
	my ($what, $code) = @$case;
	my $lines = () = $t->read_file('error.log') =~ /clave: E-SIGN-/g;
	$response = $ana->get("/firmar/$what");
	is(status_of($response), 502, "$what: refused");
	unlike($response, qr/SECRET|X-Clave-Sign/i, "$what: not for the browser");
	my ($ref) = $t->read_file('error.log') =~ /.*\[error\].*?clave: $code ref=(\S+)/s;
	like($response, $ref ? qr/\Q$ref\E/ : qr/(?!)/, "$what: the log says why");
	my $now = () = $t->read_file('error.log') =~ /clave: E-SIGN-/g;
	is($now, $lines + 1, "$what: in one line");
	is(settled($folders), $folders, "$what: nothing is left");
}
for my $way ('/directo/cut-chunked', '/directo/over-chunked') {
	$response = $ana->get($way);
	is(status_of($response), 502, "$way: refused without buffers");
	unlike($response, qr/SECRET/, "$way: not for the browser");
}

# from nobody, to nobody

$response = http("GET /red/text HTTP/1.0\nHost: sede.example.gob.es\n\n");
is(status_of($response), 502, 'let in by address: nobody to sign');
unlike($response, qr/SECRET/, 'and nobody to see it');
$response = $ana->get('/partes/part');
like($response, qr/^HTTP\S+ 200/, 'as a part of a page');
unlike($response, qr/SECRET/, 'it is not shown');
$response = $ana->get('/text');
like($response, qr/^X-Clave-Sign: .*SECRET/ms, 'a location that does not sign passes on what it gets');
like($t->read_file('error.log'), qr/\[warn\].*E-SIGN-HEADER passed on/, 'and the log wonders');

# a client that goes away in the middle

$folders = folders();
my $socket = http("GET /firmar/slow HTTP/1.1\nHost: sede.example.gob.es\nCookie: $session\n\n", start => 1);
ok(eventually(sub { folders() > $folders }), 'half a document');
$socket->close();
ok(eventually(sub { folders() == $folders }), 'whose reader goes leaves nothing behind');

# two at once

my %of = (ana => $ana, benito => $benito);
my %open = map { $_ => http("GET /firmar/mine HTTP/1.1\nHost: sede.example.gob.es\nConnection: close\nCookie: "
	. $of{$_}->cookies() . "\n\n", start => 1) } sort keys %of;
ok(eventually(sub { folders() == $folders + 2 }), 'two documents at once');
$t->write_file('go', '');
for my $who (sort keys %of) {
	my ($at) = header_of(http_end($open{$who}), 'Location');
	my $nif = $who eq 'ana' ? '00000000T' : '11111111H';
	is(http_content($of{$who}->get("${at}document")), "$nif\n" x 60_000, "$who has his own");
}

# where it is delivered is judged as any request

my $guarded = taken('/firmar/guarded');
$response = $ana->sign_at($guarded);
like(header_of($response, 'Location') // '', qr{/\.clave/(?:stepup|login)\?}, 'a location that asks for more gets it first');
like($fire->history($guarded, qr/ signed signed signed$/), qr/ signed signed signed$/, 'and the document waits');
my $fresh = Clave::Signer->new(fire => $fire, cookies => { %{$ana->{cookies}} });
is(header_of($fresh->come_back($fresh->go_to_gateway('/fuerte/x'), method => 'permanente', loa => 'high', nif => '00000000T'),
	'Location'), '/fuerte/x', 'after which');
is(backend_saw($fresh->follow($guarded))->{uri}, '/fuerte/recibido', 'it is delivered');
$ana->{cookies} = $fresh->{cookies};

# one after another

my $first = taken('/firmar/again');
$response = $ana->sign_at($first);
like($response, qr/confirm"/, 'delivered to where another document comes from: its review');
like($fire->history($first, qr/delivered$/), qr/delivered$/, 'and the first one is delivered');

# a fault of the application is no delivery

my $broken = taken('/firmar/broken');
my $before = posts();
$ana->sign_at($broken);
like($fire->history($broken, qr/ signed signed signed$/), qr/ signed signed signed$/, 'a 502 is no delivery');
is(posts(), $before + 1, 'though it was tried');
$ana->follow("${broken}deliver");
is(posts(), $before + 2, 'and is tried again');

# cancelled

my $left = taken('/firmar/text');
$ana->post("${left}cancel", 'token=' . $ana->token($ana->get($left)));
is($fire->history($left), 'created shown cancelled', 'cancelled on the review');

# tried again, after FIRe has failed

$fire->fault('other_signer');
my $failed = taken('/firmar/text');
$response = $ana->sign_at($failed);
my ($again) = header_of($ana->post("${failed}again", 'token=' . $ana->token($response)), 'Location');
$saw = backend_saw($ana->sign_at($again));
is($saw->{headers}{'x-clave-sign-sha256'}, sha256_hex($text), 'the same document again');
is($saw->{body_sha256}, $saw->{headers}{'x-clave-sign-signature-sha256'}, 'and its signature');

# the archive is not what it was

my $changed = taken('/firmar/text');
$ok = $ana->authorise($ana->confirm($changed));
$ana->get($ok);
$before = posts();
my ($id) = $changed =~ m{sign/(\w+)/};
$t->write_file("archive/$id/signature", 'something else');
$ana->follow($changed);
is(posts(), $before, 'a signature that somebody has changed is not delivered');
like($t->read_file('error.log'), qr/clave: E-SIGN-DIGEST ref=/, 'and the log says so');

# a worker that is killed

my $killed = taken('/firmar/pdf');
another_worker();
$saw = backend_saw($ana->sign_at($killed));
is($saw->{headers}{'x-clave-sign-sha256'}, $sha, 'signs what the killed one has taken');

# a worker that is killed while it takes a document in

$folders = folders();
$socket = http("GET /firmar/slow HTTP/1.1\nHost: sede.example.gob.es\nCookie: " . $ana->cookies() . "\n\n", start => 1);
ok(eventually(sub { folders() > $folders && glob "$d/archive/*/.document.partial" }), 'half a document');
another_worker();
is(folders(), $folders + 1, 'is left by a worker that is killed');
my ($half) = glob "$d/archive/*/.document.partial";
my $long_ago = time() - 2 * 3600;
utime $long_ago, $long_ago, $_ for $half, $half =~ s{/[^/]*$}{}r;
another_worker();
ok(eventually(sub { folders() == $folders }), 'and goes after a while, with nothing else');

unlike($t->read_file('error.log'), qr/00000000T|11111111H|SECRET|BEGO/, 'no name, NIF or document in the log');
my $died = () = $t->read_file('error.log') =~ /exited on signal (?!9\b)/g;
is($died, 0, 'and no worker has died of anything else');

undef $_ for $ana, $benito, $of{ana}, $of{benito}, $fire, $t;

###############################################################################

# The address of the review, and the response that leads there.

sub taken {
	my ($uri, @headers) = @_;
	my $response = $ana->get($uri, @headers);
	my $base = header_of($response, 'Location') // '';
	return wantarray ? ($base, $response) : $base;
}

sub sha256_of_document {
	my ($base) = @_;
	return sha256_hex(http_content($ana->get("${base}document")));
}

sub h2 {
	my ($uri, @options) = @_;
	my $port = port(8082);
	open my $curl, '-|', 'curl', '-s', '-i', '--http2-prior-knowledge', '--max-time', 8, @options,
		'-H', 'Host: sede.example.gob.es', "http://127.0.0.1:$port$uri" or die "Can't run curl: $!\n";
	local $/;
	return scalar(<$curl>) // '';
}

sub posts {
	return 0 unless -e "$d/hits";
	return scalar(() = $t->read_file('hits') =~ /^POST/mg);
}

sub folders { my @all = glob "$d/archive/*"; return scalar @all }

sub settled {
	my ($wanted) = @_;
	eventually(sub { folders() == $wanted });
	return folders();
}

sub another_worker {
	my @workers = started();
	kill 'KILL', $workers[-1];
	ok(eventually(sub { started() > @workers }), 'another worker');
}

sub started { my @all = $t->read_file('error.log') =~ /start worker process (\d+)/g; return @all }

sub eventually {
	my ($true) = @_;
	for (1 .. 500) {
		return 1 if $true->();
		select undef, undef, undef, 0.02;
	}
	return 0;
}

# ---- the application

sub application {
	my ($port, $hits) = @_;
	my $server = IO::Socket::INET->new(Proto => 'tcp', LocalAddr => "127.0.0.1:$port", Listen => 64,
		ReuseAddr => 1) or die "Can't listen on port $port: $!\n";
	local $SIG{CHLD} = 'IGNORE';
	local $SIG{PIPE} = 'IGNORE';

	while (my $client = $server->accept()) {
		my $pid = fork() // die "Can't fork: $!\n";
		if ($pid == 0) {
			serve($client, $hits);
			POSIX::_exit(0);
		}
		close $client;
	}
}

sub serve {
	my ($client, $hits) = @_;
	my $request = Clave::_read_request($client) // return;
	binmode $client;
	my ($name) = $request->{uri} =~ m{([^/?]*)(?:\?.*)?$};
	$client->autoflush(1);
	if ($request->{uri} =~ m{^/(?:fuerte/)?recibido}) {
		open my $file, '>>', $hits or die "Can't write $hits: $!\n";
		syswrite $file, "$request->{method} $request->{uri}\n";
		$request->{body_sha256} = sha256_hex(delete $request->{body});
		print $client Clave::_echo($request);
	} elsif ($name eq 'slow' || $name eq 'mine') {
		in_two_halves($client, $request, $name);
	} elsif (my $answer = $answers{$name}) {
		print $client answer($answer, $request);
	} else {
		print $client "HTTP/1.0 404 No\r\nContent-Length: 2\r\n\r\nno";
	}
}

sub answer {
	my ($answer, $request) = @_;
	my $body = $answer->{body} // 'SECRET';
	my $status = $answer->{status} // 200;
	my $head = "HTTP/1.1 $status Answered\r\nContent-Type: " . ($answer->{type} // 'text/plain') . "\r\n"
		. ($answer->{sign} ? "X-Clave-Sign: $answer->{sign}\r\n" : '') . ($answer->{more} // '')
		. "Connection: close\r\n";
	# A compressed one, or a part, if anybody asks for it.
	return "HTTP/1.1 206 Part\r\nContent-Range: bytes 0-9/99\r\nContent-Length: 1\r\n\r\nS"
		if grep { exists $request->{headers}{$_} } qw/ range accept-encoding /;
	return "$head\r\n" . $body if $answer->{closed};
	return "${head}Content-Length: " . length($body) . "\r\n\r\n"
		. ($answer->{cut} ? substr($body, 0, length($body) / 2) : $body) unless $answer->{chunked};
	my @pieces = $body =~ /(.{1,5000})/gs;
	return "${head}Transfer-Encoding: chunked\r\n\r\n"
		. join('', map { sprintf "%x\r\n%s\r\n", length $_, $_ } @pieces)
		. ($answer->{cut} ? '' : "0\r\n\r\n");
}

# The second half of "slow" never comes, that of "mine" when the test says so.

sub in_two_halves {
	my ($client, $request, $name) = @_;
	my $half = "$request->{headers}{'x-clave-nif'}\n" x 30_000;
	print $client "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Clave-Sign: return=/recibido\r\n"
		. 'Content-Length: ' . 2 * length($half) . "\r\nConnection: close\r\n\r\n$half";
	for (1 .. 1500) {
		last if $name eq 'mine' && -e "$d/go";
		last if IO::Select->new($client)->can_read(0.02);  # it is closed
	}
	print $client $half if $name eq 'mine';
}

# The same by FastCGI and uwsgi: a head of CGI and the large document.

sub gateways {
	my ($port) = @_;
	my $server = IO::Socket::INET->new(Proto => 'tcp', LocalAddr => "127.0.0.1:$port", Listen => 5,
		ReuseAddr => 1) or die "Can't listen on port $port: $!\n";
	local $SIG{PIPE} = 'IGNORE';
	while (my $client = $server->accept()) {
		binmode $client;
		my $request = '';
		while (IO::Select->new($client)->can_read(0.2)) {
			sysread($client, $request, 65536, length $request) or last;
		}
		my $answer = "Status: 200 OK\r\nContent-Type: application/octet-stream\r\nX-Clave-Sign: $to\r\n\r\n$large";
		if ($request =~ /^\x01/) {
			$answer = join '', map({ pack('CCnnCC', 1, 6, 1, length $_, 0, 0) . $_ } $answer =~ /(.{1,30000})/gs),
				pack('CCnnCC', 1, 6, 1, 0, 0, 0), pack('CCnnCC', 1, 3, 1, 8, 0, 0), "\0" x 8;
		}
		print $client $answer;
		close $client;
	}
}

###############################################################################
