#!/usr/bin/perl

# Over HTTP/2: the same answers, cookies in several pieces, forged headers, an answer of the gateway.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Browser;
use Clave::Gateway;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http http_v2 proxy/)->has_daemon('curl')->plan(14);

backend($t);
clave_conf($t, http => <<'EOF', server => <<'EOF_SERVER');
    server {
        listen         127.0.0.1:8082 http2;
        server_name    sede.example.gob.es;
        clave_base_url https://sede.example.gob.es;

        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }

        location /public/ {
            proxy_pass http://127.0.0.1:8081;
        }
    }
EOF
        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }
EOF_SERVER

$t->run();

###############################################################################

# Head and body of a response over HTTP/2 without TLS.

sub h2 {
	my ($uri, @options) = @_;
	my $port = port(8082);
	open my $curl, '-|', 'curl', '-s', '-i', '--http2-prior-knowledge', '--max-time', 8, @options,
		'-H', 'Host: sede.example.gob.es', "http://127.0.0.1:$port$uri" or die "Can't run curl: $!\n";
	local $/;
	my $response = <$curl> // '';
	close $curl;
	log_in($response);
	return $response;
}

my $citizen = Clave::Browser->new();
is(status_of($citizen->login('/', method => 'pin')), 200, 'login');
my $session = '__Host-clave=' . $citizen->cookie();

for my $how ([], ['-I']) {
	my $response = h2('/x?y=1', @$how);
	is(status_of($response), 302, "nobody: redirect @$how");
	like(header_of($response, 'location'), qr{^/\.clave/login\?s=}, "nobody: to the login @$how");
}
is(status_of(h2('/x', '-H', 'Accept: application/json')), 401, 'a script without a session');

my $seen = backend_saw(h2('/', '-H', "Cookie: a=1; $session", '-H', 'Cookie: b=2', '-H', 'X-Clave-Nif: 00000000T'));
is($seen->{headers}{'x-clave-nif'}, '99999018D', 'the session, among pieces of cookies');
is($seen->{headers}{cookie}, 'a=1; b=2', 'the others go on');
# nginx answers before it has read the body and resets the stream; curl 7.88 may then lose the answer,
# so the log has to say what it was.
h2('/form', '-d', 'a=1');
is(status_of(h2('/after')), 302, 'a connection later');
like($t->read_file('access.log'), qr{"POST /form HTTP/2\.0" 409 [1-9]}, 'a form without a session');

$seen = backend_saw(h2('/public/', '-H', "Cookie: $session", '-H', 'x-clave-nif: 00000000T'));
is_deeply([ grep { /clave|cookie/ } keys %{$seen->{headers}} ], [], 'nothing in a public location');

my $stranger = Clave::Browser->new();
my $request = $stranger->go_to_gateway('/other?x=1');
my $form = Clave::Gateway::answer_to($request, method => 'pin');
$t->write_file('form', $form->{body});
my $answer = h2('/.clave/acs', '--data-binary', '@' . $t->testdir() . '/form');
is(status_of($answer), 303, 'the gateway\'s answer');
is(status_of(h2('/.clave/acs', '--data-binary', '@' . $t->testdir() . '/form')), 403, 'is good for once');
is(header_of($stranger->get(header_of($answer, 'location')), 'Location'), '/other?x=1', 'and leads back');

###############################################################################
