#!/usr/bin/perl

# How a document is shown to who is going to sign it: nothing in it runs, is taken for a page of ours or
# for something else than it is, whatever the browser that sent it has claimed (checklist F-06).

###############################################################################

use warnings;
use strict;
use utf8;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Fire;
use Clave::Signer;

use Encode qw/ encode_utf8 /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

use constant SANDBOX => "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'";
use constant VIEWER => "default-src 'none'; object-src 'self'; frame-ancestors 'self'";

my $page = '<!doctype html><title>x</title><script>document.title = "ran"</script><p onclick="x()">Solicito</p>';
my $svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
my $png = "\x89PNG\r\n\x1A\n" . "\0" x 32;
my $pdf = Clave::Signer->small_pdf();

# What it is, what is claimed of it, the content; the type it is given, its policy, whether it is only to be
# downloaded, and how the review shows it.
my @cases = (
	[ 'text', 'text/plain', "Solicito el alta.\n", 'text/plain; charset=utf-8', SANDBOX, 0, 'iframe' ],
	[ 'HTML', 'text/html', $page, 'text/html; charset=utf-8', SANDBOX, 0, 'iframe' ],
	[ 'HTML of another charset', 'text/html; charset=utf-7', $page, 'text/html; charset=utf-8', SANDBOX, 0, 'iframe' ],
	[ 'HTML that is called text', 'text/plain', $page, 'text/plain; charset=utf-8', SANDBOX, 0, 'iframe' ],
	[ 'HTML that is called an image', 'image/png', $page, 'text/plain; charset=utf-8', SANDBOX, 0, 'iframe' ],
	[ 'HTML that is called a PDF', 'application/pdf', $page, 'text/plain; charset=utf-8', SANDBOX, 0, 'iframe' ],
	[ 'XML', 'application/xml', '<a/>', 'text/plain; charset=utf-8', SANDBOX, 0, 'iframe' ],
	[ 'XHTML', 'application/xhtml+xml', $page, 'text/plain; charset=utf-8', SANDBOX, 0, 'iframe' ],
	[ 'SVG', 'image/svg+xml', $svg, 'text/plain; charset=utf-8', SANDBOX, 0, 'iframe' ],
	[ 'a script', 'text/javascript', 'alert(1)', 'text/plain; charset=utf-8', SANDBOX, 0, 'iframe' ],
	[ 'PDF', 'application/pdf', $pdf, 'application/pdf', VIEWER, 0, 'object' ],
	[ 'PDF that is called HTML', 'text/html', $pdf, 'application/pdf', VIEWER, 0, 'object' ],
	[ 'image', 'image/png', $png, 'image/png', SANDBOX, 0, 'iframe' ],
	[ 'image that is called HTML', 'text/html', $png, 'image/png', SANDBOX, 0, 'iframe' ],
	[ 'anything else', 'application/vnd.ms-excel', "\0\1\2", 'application/octet-stream', SANDBOX, 1, '' ],
	[ 'anything that is called HTML', 'text/html', "<script>\0</script>", 'application/octet-stream', SANDBOX, 1, '' ],
);

# Names as browsers may send them, and as they are given back.
my @names = (
	[ 'solicitud.txt', 'solicitud.txt', 'solicitud.txt' ],
	[ 'C:\\Documentos\\alta.txt', 'alta.txt', 'alta.txt' ],
	[ '../../etc/passwd', 'passwd', 'passwd' ],
	[ 'año 2026.txt', 'a__o 2026.txt', 'a%C3%B1o%202026.txt' ],
	[ "renuncia\x{202E}txt.exe", 'renuncia_txt.exe', 'renuncia_txt.exe' ],
	[ 'a%22; filename=otro.exe', 'a_22; filename=otro.exe', 'a_22%3B%20filename%3Dotro.exe' ],
	[ '<script>.html', '_script_.html', '_script_.html' ],
	[ '...', 'documento', 'documento' ],
);

my $t = Test::Nginx->new()->has(qw/http proxy/)->has_daemon('chromium')->plan(10 * @cases + 2 * @names + 2);
my $fire = Clave::Fire->new($t);

# The second server shows a browser the same document, with the policy that ours has, and without.
clave_conf($t, http => $fire->conf() . <<'EOF_HTTP' =~ s/SANDBOX/SANDBOX/er, server => <<'EOF');
    server {
        listen       127.0.0.1:8083;
        root         %%TESTDIR%%;
        default_type text/html;

        location /inert/ {
            add_header Content-Security-Policy "SANDBOX";
        }
    }
EOF_HTTP
        clave_simulator on;

        location / {
            clave permanente_otp;
            clave_sign form;
            proxy_pass http://127.0.0.1:8081;
        }
EOF

backend($t)->run();

my $ana = Clave::Signer->new(fire => $fire);
$ana->login('/');

###############################################################################

for my $case (@cases) {
	my ($what, $claimed, $content, $type, $policy, $download, $element) = @$case;
	my $base = submit('documento.bin', $claimed, $content);
	my $response = $ana->get("${base}document");
	is(http_content($response), $content, "$what: octet by octet");
	is(header_of($response, 'Content-Type'), $type, "$what: as $type");
	is(header_of($response, 'Content-Security-Policy'), $policy, "$what: inert");
	is(header_of($response, 'X-Content-Type-Options'), 'nosniff', "$what: and nothing else");
	is(header_of($response, 'Cross-Origin-Resource-Policy'), 'same-origin', "$what: in no page of others");
	is(header_of($response, 'Cache-Control'), 'no-store', "$what: kept by nobody");
	is(($response =~ /^Content-Disposition: attachment;/m) ? 1 : 0, $download, "$what: shown or not");
	like($ana->get("${base}document?download=1"), qr/^Content-Disposition: attachment;/m, "$what: to download");

	my $review = $ana->get($base);
	my ($shown) = $review =~ /<(iframe|object) class="document"/;
	is($shown // '', $element, "$what: on the review");
	unlike($review, qr/<iframe(?! class="document" sandbox src=)/, "$what: in a sandbox");
}

# in a browser

for my $where (qw/ inert bare /) {
	mkdir $t->testdir() . "/$where" or die "Can't make $where: $!\n";
	$t->write_file("$where/document", $page);
}
like(seen_by_chromium('bare/document'), qr/<title>ran</, 'a script would run');
like(seen_by_chromium('inert/document'), qr/<title>x</, 'and does not in what we show');

for my $case (@names) {
	my ($sent, $plain, $encoded) = @$case;
	my $base = submit(encode_utf8($sent), 'text/plain', 'x');
	my $response = $ana->get("${base}document?download=1");
	is(header_of($response, 'Content-Disposition'),
		"attachment; filename=\"$plain\"; filename*=UTF-8''$encoded", encode_utf8("$sent: what it is saved as"));
	is(scalar(() = $response =~ /^Content-Disposition:/mg), 1, 'once');
}

###############################################################################

sub seen_by_chromium {
	my ($path) = @_;
	my $profile = $t->testdir() . '/chromium';
	my $url = 'http://127.0.0.1:' . port(8083) . "/$path";
	return scalar `timeout 120 chromium --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir=$profile --dump-dom $url 2>/dev/null`;
}

sub submit {
	my ($name, $type, $content) = @_;
	my $body = "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"$name\"\r\n"
		. "Content-Type: $type\r\n\r\n$content\r\n--x--\r\n";
	return header_of($ana->request('POST', '/', body => $body, headers => [
		'Content-Type: multipart/form-data; boundary=x', 'Origin: https://sede.example.gob.es' ]), 'Location');
}

$fire = $ana = undef;
undef $t;  # its own checks come now: the functions above would hold it to the end

###############################################################################
