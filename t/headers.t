#!/usr/bin/perl

# The identity that reaches the back end is ours or none (checklist H-01, H-02, H-17), in the encoding
# asked for, as headers and as variables.

###############################################################################

use warnings;
use strict;
use utf8;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Browser;

use Encode;
use MIME::Base64;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy rewrite realip/)->plan(76);

backend($t);

clave_conf($t,
	http => <<'EOF',
    ignore_invalid_headers off;
    underscores_in_headers on;
    clave_attributes http://es.minhafp.clave/PartialAfirma Gender;
    set_real_ip_from 127.0.0.1;
    real_ip_header   X-Clave-Address;
    log_format refusal "$uri ref=$clave_ref;";
EOF
	server => <<'EOF');
        error_page 418 = @named;
        proxy_set_header Connection close;

        location / {
            proxy_pass http://127.0.0.1:8081;
        }

        location /pin/ {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }

        location /maybe/ {
            clave optional;
            proxy_pass http://127.0.0.1:8081;
        }

        location /utf8/ {
            clave pin;
            clave_identity_headers on encoding=utf8;
            proxy_pass http://127.0.0.1:8081;
        }

        location /base64/ {
            clave pin;
            clave_identity_headers on encoding=base64;
            proxy_pass http://127.0.0.1:8081;
        }

        location /prefix/ {
            clave pin;
            clave_identity_headers on prefix=Ciudadano-;
            proxy_pass http://127.0.0.1:8081;
        }

        location /silent/ {
            clave pin;
            access_log %%TESTDIR%%/refusals.log refusal;
            clave_identity_headers off;
            proxy_pass http://127.0.0.1:8081;
        }

        location /variables/ {
            clave pin;
            clave_identity_headers off;
            proxy_set_header V-Nif $clave_nif;
            proxy_set_header V-Id $clave_id;
            proxy_set_header V-Name $clave_name;
            proxy_set_header V-Given-Name $clave_given_name;
            proxy_set_header V-First-Surname $clave_first_surname;
            proxy_set_header V-Surnames $clave_surnames;
            proxy_set_header V-Level $clave_level;
            proxy_set_header V-Loa $clave_loa;
            proxy_set_header V-Method $clave_method;
            proxy_set_header V-Auth-Time $clave_auth_time;
            proxy_set_header V-Authenticated $clave_authenticated;
            proxy_set_header V-Session $clave_session_hash;
            proxy_set_header V-Masked $clave_nif_masked;
            proxy_set_header V-Represented $clave_represented_nif;
            proxy_set_header V-Absent $clave_attr_Gender;
            proxy_pass http://127.0.0.1:8081;
        }

        location /empresa/ {
            clave pin represented=on;
            proxy_set_header V-Represented $clave_represented_nif;
            proxy_set_header V-Represented-Name $clave_represented_name;
            proxy_set_header V-Attribute $clave_attr_PartialAfirma;
            proxy_set_header V-Small-Letters $clave_attr_partialafirma;
            proxy_pass http://127.0.0.1:8081;
        }

        location /public-variables/ {
            proxy_set_header V-Nif $clave_nif;
            proxy_set_header V-Authenticated $clave_authenticated;
            proxy_pass http://127.0.0.1:8081;
        }

        location /address {
            proxy_set_header V-Address $remote_addr;
            proxy_pass http://127.0.0.1:8081;
        }

        location /teapot {
            return 418;
        }

        location @named {
            proxy_pass http://127.0.0.1:8081;
        }
EOF

$t->run();

###############################################################################

my $nif = '99999018D';
my $browser = Clave::Browser->new();

sub identity_of {
	my ($response) = @_;
	my $headers = backend_saw($response)->{headers};
	return { map { $_ => $headers->{$_} } grep { /^x.?clave|^ciudadano/ } keys %$headers };
}

# who nobody identified is nobody, whatever he sends

my @forged = (
	'X-Clave-Nif: 00000000T', 'x-clave-nif: 00000000T', 'X-CLAVE-NIF: 00000000T', 'X-Clave-Nif:',
	'X_Clave_Nif: 00000000T', 'X-Clave_Nif: 00000000T', 'X.Clave.Nif: 00000000T',
	'X-Clave-Anything: 1', 'Ciudadano-Nif: 00000000T', 'ciudadano_name: X',
);

for my $uri ('/', '/maybe/', '/teapot') {
	for my $header (@forged) {
		is_deeply(identity_of($browser->get($uri, $header)), {}, "$uri without $header");
	}
	is_deeply(identity_of($browser->get($uri, @forged, 'X-Other: stays')), {}, "$uri without any");
}

is(backend_saw($browser->get('/', 'A-First: 1', @forged, 'X-Other: stays'))->{headers}{'x-other'}, 'stays',
	'other headers stay');
is_deeply(identity_of($browser->request('OPTIONS', '/maybe/', headers => \@forged)), {}, 'nor with OPTIONS');
is_deeply(identity_of($browser->post('/maybe/', 'a=1', @forged)), {}, 'nor with POST');

# modules that look at headers before the rewrite phase are told no lies either: of real_ip, where
# somebody is

is(backend_saw($browser->get('/address', 'X-Clave-Address: 192.0.2.7'))->{headers}{'v-address'}, '127.0.0.1',
	'what a client may not send is not there from the first phase on');

# who is identified is who he is

my $before = time();
my $first = $browser->login('/pin/x?y=1', method => 'permanente', loa => 'low', nif => $nif);
is(status_of($first), 200, 'login');
is(backend_saw($first)->{uri}, '/pin/x?y=1', 'back where he wanted to go');

my $seen = identity_of($browser->get('/pin/', @forged, 'Cookie: other=1; ordinary="a b"'));
my $auth_time = delete $seen->{'x-clave-auth-time'};
cmp_ok(abs($auth_time - $before), '<=', 120, 'time of authentication');
like(delete $seen->{'x-clave-session'}, qr/^[0-9a-f]{16}$/, 'hash of the session');
is_deeply($seen, {
	'x-clave-nif' => $nif,
	'x-clave-id' => $nif,
	'x-clave-name' => 'BEGO%C3%91A%20ETXEBARRIA%20%C3%91%C3%8DGUEZ',
	'x-clave-given-name' => 'BEGO%C3%91A',
	'x-clave-first-surname' => 'ETXEBARRIA',
	'x-clave-surnames' => 'ETXEBARRIA%20%C3%91%C3%8DGUEZ',
	'x-clave-level' => 'pin',
	'x-clave-loa' => 'low',
	'x-clave-method' => 'permanente',
}, 'percent-encoded by default, ours only, once each');

is(identity_of($browser->get('/maybe/'))->{'x-clave-nif'}, $nif, 'optional: known');
is(identity_of($browser->get('/maybe/'))->{'x-clave-level'}, 'pin', 'optional: level of the login');
is_deeply(identity_of($browser->get('/', @forged)), {}, 'nothing where clave is off');

# encodings

my $utf8 = decode_utf8(identity_of($browser->get('/utf8/'))->{'x-clave-given-name'});
is($utf8, 'BEGOÑA', 'utf8') or diag(explain($utf8));
is(decode_utf8(decode_base64(identity_of($browser->get('/base64/'))->{'x-clave-given-name'})), 'BEGOÑA',
	'base64');

my $prefixed = identity_of($browser->get('/prefix/', @forged));
is($prefixed->{'ciudadano-nif'}, $nif, 'prefix of one\'s own');
is(scalar(grep { /^x-clave/ } keys %$prefixed), 0, 'in place of ours');
is_deeply(identity_of($browser->get('/silent/', @forged)), {}, 'switched off, and still removed');

# variables

my $headers = backend_saw($browser->get('/variables/'))->{headers};
is(delete $headers->{'v-session'}, identity_of($browser->get('/pin/'))->{'x-clave-session'}, 'session hash');
is(delete $headers->{'v-auth-time'}, $auth_time, 'authentication time');
is_deeply({ map { $_ => decode_utf8($headers->{$_}) } grep { /^v-/ } keys %$headers }, {
	'v-nif' => $nif,
	'v-id' => $nif,
	'v-name' => 'BEGOÑA ETXEBARRIA ÑÍGUEZ',
	'v-given-name' => 'BEGOÑA',
	'v-first-surname' => 'ETXEBARRIA',
	'v-surnames' => 'ETXEBARRIA ÑÍGUEZ',
	'v-level' => 'pin',
	'v-loa' => 'low',
	'v-method' => 'permanente',
	'v-authenticated' => '1',
	'v-masked' => '***9901**',
}, 'variables: raw UTF-8, empty when absent');

$headers = backend_saw($browser->get('/public-variables/'))->{headers};
is_deeply([ @$headers{qw/ v-nif v-authenticated /} ], [ undef, undef ], 'no variables where clave is off');

# letters that Latin-1 has not, and the point of a Catalan ela geminada

my %polish = (method => 'permanente', nif => 'X1234567L', given_name => 'Łucja·Gal·la', first_surname => 'Żółć',
	surnames => 'Żółć');
my $polish = Clave::Browser->new();
is(status_of($polish->login('/pin/', %polish)), 200, 'letters of elsewhere');
is(backend_saw($polish->get('/variables/'))->{headers}{'v-masked'}, '****4567*', 'a NIE is masked as one');
is(identity_of($polish->get('/pin/'))->{'x-clave-name'}, '%C5%81ucja%C2%B7Gal%C2%B7la%20%C5%BB%C3%B3%C5%82%C4%87',
	'percent-encoded');
is(decode_utf8(identity_of($polish->get('/utf8/'))->{'x-clave-name'}), 'Łucja·Gal·la Żółć', 'as UTF-8');
is(decode_utf8(decode_base64(identity_of($polish->get('/base64/'))->{'x-clave-name'})), 'Łucja·Gal·la Żółć', 'in base64');
is(decode_utf8(backend_saw($polish->get('/variables/'))->{headers}{'v-name'}), 'Łucja·Gal·la Żółć', 'as a variable');

# whom somebody stands for, and what the office has asked for besides

my $company = Clave::Browser->new();
$company->login('/empresa/', case => 'represented-nowhere-allowed', method => 'certificado', loa => 'substantial');
$headers = backend_saw($company->get('/empresa/'))->{headers};
is($headers->{'x-clave-nif'}, $nif, 'a representative is himself');
is($headers->{'v-represented'}, 'S2833002E', 'who is represented');
is($headers->{'v-represented-name'}, 'AYUNTAMIENTO', 'and its name');
like(decode_base64($headers->{'v-attribute'} // ''), qr/<idCampo>razonSocial</, 'an attribute that was asked for');
is($headers->{'v-small-letters'}, $headers->{'v-attribute'}, 'in whatever letters');

# the reference of a refusal, for a log of the administrator's own

my ($ref) = http_content(Clave::Browser->new()->get('/silent/', 'X-Requested-With: XMLHttpRequest')) =~ /"ref": *"([^"]+)"/;
ok($ref, 'a refusal has a reference');
$browser->get('/silent/no-refusal');
my $log = '';
for (1 .. 500) {  # nginx writes the line when it has answered
	last if ($log = $t->read_file('refusals.log')) =~ /no-refusal/;
	select undef, undef, undef, 0.02;
}
like($log, qr/^\/silent\/ ref=\Q$ref\E;$/m, '$clave_ref is it');
like($log, qr/^\/silent\/no-refusal ref=-?;$/m, 'and nothing where nobody was refused');

# our cookies are not the back end's business

my $cookies = 'first=1; ' . $browser->cookies() . '; odd="x; y"; __Host-clave-st-abcdefgh=sealed; '
	. '__Host-clavel=flower; last=a=b';
my $thief = Clave::Browser->new();
my $sent = backend_saw($thief->get('/pin/', "Cookie: $cookies"))->{headers};
is($sent->{'x-clave-nif'}, $nif, 'session found among other cookies');
is($sent->{cookie}, 'first=1; odd="x; y"; __Host-clavel=flower; last=a=b',
	'our cookies are removed, the others are untouched');
is(backend_saw($thief->get('/pin/', 'Cookie: a=1', 'Cookie: ' . $browser->cookies(), 'Cookie: b=2'))->{headers}{cookie},
	'a=1|b=2', 'also of several headers');
is(backend_saw($thief->get('/', 'Cookie: ' . $browser->cookies()))->{headers}{cookie}, undef,
	'nor where clave is off');

# hop-by-hop tricks

is(identity_of($browser->get('/pin/', 'Connection: close, X-Clave-Nif, Cookie'))->{'x-clave-nif'}, $nif,
	'Connection cannot remove the identity');

# which session counts

is(status_of($thief->get('/pin/', 'Cookie: __Host-clave=' . ('A' x 43))), 302, 'a session that never was');
is(status_of($thief->get('/pin/', 'Cookie: __host-clave=' . $browser->cookie())), 302, 'cookie names have a case');
is(status_of($thief->get('/pin/',
	'Cookie: __Host-clave=' . $browser->cookie() . '; __Host-clave=' . ('A' x 43))), 302,
	'two different sessions are none');

###############################################################################
