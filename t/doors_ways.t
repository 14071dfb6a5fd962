#!/usr/bin/perl

# Every way that nginx knows from a location that is public into one that is protected: nobody takes
# it, and whoever has a session is known where it ends. A back end writes down what it was asked.
#
# Where the rows of the checklist on HTTP and nginx are tried (section 2; t/ unless it says otherwise):
#
#   H-01 H-02 H-03  headers.t, http2.t; trailers and Connection: doors_wire.t
#   H-04            upstreams.t; gRPC: doors_backends.t
#   H-05            subrequest.t, caches.t, here
#   H-06 H-07       redirects.t, here
#   H-08            config_errors.t, redirects.t
#   H-09 H-10       doors_uris.t
#   H-11            satisfy.t
#   H-12            session.t, config_errors.t; authority and Host: doors_wire.t
#   H-13            doors_wire.t
#   H-14            preserve_post.t, libclavecore/test/preserve_form_test.cpp
#   H-15            endpoints.t
#   H-16 H-17       headers.t, http2.t, caches.t, libclavecore/test/cookie_test.cpp
#   H-18            doors_wire.t, endpoints.t
#   H-19            satisfy.t, libclavecore/test/turn_away_test.cpp; gRPC: doors_backends.t
#   H-20 H-21 H-22  doors_backends.t; caches.t
#   H-23 H-24       endpoints.t, session.t
#   H-25 H-26 H-32  aborts.t, redis_aborts.t, loop_contract.t
#   H-27 H-28       memory.t
#   H-29 H-30 H-31  session_zone_full.t, kill.t, reload.t, upgrade.t, redis_upgrade.t
#   H-33            load.t
#   H-34 H-36       config_errors.t; no core dumps: doc/security.md
#   H-35            neighbours.t, reload.t; errors of libxml2 and its memory: libclavecore/test/xml_memory_test.cpp
#   H-37            doc/security.md
#
# A row of the other sections is named beside what tries it, but for those that are no test here:
#
#   S-70 S-73       there is no binding by redirection, and no endpoint that serves metadata
#   K-12            scripts/lint
#   K-14            no statement is signed: doc/security.md says what to do instead
#   T-01            saml_negative.t, libclavecore/test/corpus_test.cpp
#   T-02            scripts/fuzz; its corpus is replayed by scripts/test
#   T-03            libclavecore/test/corpus_test.cpp: the forge shares no code with the validator, and says
#                   beforehand of each answer what it is
#   T-04 T-11       scripts/test (sanitizers with NGX_DEBUG_PALLOC), scripts/lint, scripts/tidy
#   T-05            the sanitizers of T-04 in its place, which see leaks, too
#   T-06            no test: what a thread works at goes with its job, and comes back (clave/offload.h)
#   T-07            memory.t, redis_faults.t, sign_faults.t, libclavecore/test/redis_hostile_test.cpp
#   T-08 T-09 T-10  scripts/endurance MINUTES: as long as somebody wants, each page with a canary
#   T-12            scripts/check-pages, in Chromium
#   T-13            nobody without the gateway's key gets as far as the decryption (S-40, S-41)
#   T-14            scripts/packaging
#   T-15            scripts/bench

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Browser;
use Clave::Http2;
use Clave::Witness;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http http_v2 proxy rewrite ssi auth_request mirror addition random_index_module/);

my $pass = 'proxy_pass http://127.0.0.1:8081;';
my $strip = 'proxy_pass http://127.0.0.1:8081/;';  # without the part that the location has matched
my $judged = 'auth_request_set $who $clave_nif; proxy_set_header X-Clave-Nif $who; proxy_set_header V-Door secret;';

# The way, an address, what nobody is answered there, and what makes it a way.

my @ways = (
	# parts of a page
	['SSI include', '/ssi/page.html', 200, 'location /ssi/ { ssi on; }'],
	['SSI include in an include', '/ssi/outer.html', 200],
	['SSI include that waits', '/ssi/wait.html', 200],
	['SSI include with a stub', '/ssi/stub.html', 200],
	['SSI include of what the visitor says', '/ssi/variable.html?to=/secret/said', 200],
	['SSI include, spelt otherwise', '/ssi/spelt.html', 200],
	['SSI include into a variable', '/ssi/set.html', 200],
	['SSI include of a file', '/ssi/file.html', 200],
	['SSI include by the application', '/ssi-there/markup/secret/by-application', 200, "location /ssi-there/ { ssi on; $strip }"],
	['SSI include of what redirects', '/ssi/accel.html', 200],
	['SSI include of what is rewritten', '/ssi/rewritten.html', 200],
	['SSI include of what has an error page', '/ssi/error.html', 200],
	['SSI include of a named location', '/ssi/tried.html', 200],
	['addition before', '/before/page.html', 200, 'location /before/ { add_before_body /secret/before; }'],
	['addition after', '/after/page.html', 200, 'location /after/ { add_after_body /secret/after; }'],
	['mirror', '/mirrored/x', 200, "location /mirrored/ { mirror /secret/mirror; $pass }"],
	['mirror into an internal location', '/mirrored-in/x', 200,
		"location /mirrored-in/ { mirror /copy; $pass } location = /copy { internal; clave pin; proxy_set_header V-Door secret; $pass }"],
	['mirror of what has an error page', '/mirrored-error/x', 200, "location /mirrored-error/ { mirror /errors/answer/404; $pass }"],

	# auth_request
	['auth_request', '/judged/x', 401, "location /judged/ { auth_request /secret/judge; $judged $pass }"],
	['auth_request, error_page with =', '/judged-page/x', 401, <<"EOF"],
        location /judged-page/ { auth_request /judge-page; $judged $pass }
        location = /judge-page { clave pin; error_page 401 = /sorry; error_page 503 500 =200 /sorry; $pass }
EOF
	['auth_request, error_page with = and name', '/judged-named/x', 401, <<"EOF"],
        location /judged-named/ { auth_request /judge-named; $judged $pass }
        location = /judge-named { clave pin; error_page 401 = \@sorry; $pass }
EOF
	['auth_request, error_page again and again', '/judged-again/x', 401, <<"EOF"],
        location /judged-again/ { auth_request /judge-again; $judged $pass }
        location = /judge-again { clave pin; recursive_error_pages on; error_page 401 =200 /sorry; $pass }
EOF
	['auth_request of what redirects', '/judged-accel/x', 401, <<"EOF"],
        location /judged-accel/ { auth_request /judge-accel; $judged $pass }
        location = /judge-accel { rewrite ^ /accel/secret/judge break; $pass }
EOF
	['auth_request or address', '/judged-any/x', 401, "location /judged-any/ { satisfy any; deny all; auth_request /secret/judge; $judged $pass }"],

	# one location after another
	['try_files', '/tried/x', 302, 'location /tried/ { try_files /none /secret/tried; }'],
	['try_files into a named location', '/tried-named/x', 302, 'location /tried-named/ { try_files /none @secret; }'],
	['error_page of an answer', '/errors/answer/404', 302,
		"location /errors/ { proxy_intercept_errors on; error_page 404 = /secret/error; $strip }"],
	['error_page that keeps the status', '/errors-kept/answer/404', 302,
		"location /errors-kept/ { proxy_intercept_errors on; error_page 404 /secret/error; $strip }"],
	['error_page that sets it', '/errors-set/answer/500', 302,
		"location /errors-set/ { proxy_intercept_errors on; error_page 500 =200 /secret/error; $strip }"],
	['error_page into a named location', '/errors-named/answer/410', 302,
		"location /errors-named/ { proxy_intercept_errors on; error_page 410 = \@secret; $strip }"],
	['error_page after error_page', '/errors-twice/answer/404', 302,
		"location /errors-twice/ { recursive_error_pages on; proxy_intercept_errors on; error_page 404 = /errors-kept/answer/404; $strip }"],
	['error_page of a missing file', '/missing/x', 302, 'location /missing/ { error_page 404 = /secret/missing; }'],
	['error_page of an address that is denied', '/denied/x', 302, "location /denied/ { deny all; error_page 403 = /secret/denied; $pass }"],
	['error_page of a back end that is gone', '/gone/x', 302,
		'location /gone/ { error_page 502 = /secret/gone; proxy_pass http://127.0.0.1:8089; }'],
	['error_page of a body that is too long', '/long/x', 302,
		"location /long/ { client_max_body_size 1; error_page 413 = /secret/long; $pass }", 'a body'],
	['return with an error_page', '/returned/x', 302, 'location /returned/ { error_page 418 = /secret/returned; return 418; }'],
	['return with a named location', '/returned-named/x', 302, 'location /returned-named/ { error_page 418 = @secret; return 418; }'],
	['X-Accel-Redirect', '/accel/secret/accel', 302, "location /accel/ { $pass }"],
	['X-Accel-Redirect into a named location', '/accel-named', 302, "location = /accel-named { $pass }"],
	['rewrite, last', '/rewritten/x', 302, 'location /rewritten/ { rewrite ^/rewritten(.*)$ /secret$1 last; }'],
	['rewrite, and another', '/rewritten-twice/x', 302, 'location /rewritten-twice/ { rewrite ^ /rewritten/again last; }'],
	['rewrite of the server', '/moved/x', 302, 'rewrite ^/moved(.*)$ /secret$1;'],
	['rewrite of what the visitor says', '/said?to=/secret/said', 302, 'location = /said { rewrite ^ $arg_to? last; }'],
	['rewrite, break', '/broken/x', 302, "location /broken/ { clave pin; proxy_set_header V-Door secret; rewrite ^ /elsewhere break; $pass }"],
	['if', '/if/x?go=1', 302, 'location /if/ { if ($arg_go) { rewrite ^ /secret/if last; } }'],
	['index', '/index/', 302, 'location /index/ { index none.html /secret/index; }'],
	['random_index', '/random/', 302, 'location /random/ { random_index on; }'
		. " location ~ ^/random/. { clave pin; proxy_set_header V-Door secret; $pass }"],
	['post_action', '/post-action/x', 200, "location /post-action/ { post_action /secret/post-action; $pass }"],
	['post_action into a named location', '/post-action-named/x', 200, "location /post-action-named/ { post_action \@secret; $pass }"],
	['a variable as back end', '/variable/x', 302, 'location /variable/ { clave pin; proxy_set_header V-Door secret;'
		. ' set $there 127.0.0.1:8081; proxy_pass http://$there; }'],
);

$t->plan(3 * @ways + 6);

clave_conf($t, http => Clave::Witness::conf(), server => 'listen 127.0.0.1:8082 http2;' . join("\n", map { $_->[3] // () } @ways) . <<"EOF");

        location /public/ {
            $pass
        }

        location /secret/ {
            clave pin;
            proxy_set_header V-Door secret;
            $pass
        }

        location \@secret {
            clave pin;
            proxy_set_header V-Door secret;
            $pass
        }

        location = /sorry {
            return 200 "sorry";
        }

        location \@sorry {
            return 200 "sorry";
        }

        location /guarded/ {
            clave pin;
            error_page 404 = /public/found;
            proxy_intercept_errors on;
            $strip
        }
EOF

for my $directory (qw/ ssi before after random index /) {
	mkdir $t->testdir() . "/$directory" or die "Can't create $directory: $!\n";
	$t->write_file("$directory/page.html", '<p>page</p>');
}
my %include = (
	page => 'virtual="/secret/part"',
	outer => 'virtual="/ssi/page.html"',
	wait => 'virtual="/secret/waited-for" wait="yes"',
	variable => 'virtual="$arg_to"',
	spelt => 'virtual="/%73ecret/spelt"',
	set => 'virtual="/secret/set" set="kept"',
	file => 'file="/secret/file"',
	accel => 'virtual="/accel/secret/include"',
	rewritten => 'virtual="/rewritten/include"',
	error => 'virtual="/errors/answer/404"',
	tried => 'virtual="/tried-named/include"',
	stub => 'virtual="/secret/stubbed" stub="nothing"',
);
$t->write_file("ssi/$_.html", "before <!--#block name=\"nothing\" -->no<!--#endblock --><!--#include $include{$_} --> after") for keys %include;
$t->run();

###############################################################################

my $citizen = Clave::Browser->new();
is(status_of($citizen->login('/secret/', method => 'pin')), 200, 'login');

my %status;
for my $n (0 .. $#ways) {
	my (undef, $address, undef, undef, $body) = @{$ways[$n]};
	my $method = $body ? 'POST' : 'GET';
	for my $who ('nobody', 'citizen') {
		my $browser = $who eq 'nobody' ? Clave::Browser->new() : $citizen;
		$status{"$n-$who"} = status_of($browser->request($method, $address, headers => [ "X-Try: $n-$who" ],
			($body ? (body => $body) : ())));
	}
	my $connection = Clave::Http2->new(port(8082));
	my $stream = $connection->request($method, $address, complete => !$body, headers => [ 'x-try' => "$n-nobody" ]);
	$connection->body($stream, $body, complete => 1) if $body;
	$status{"$n-h2"} = $connection->status($stream);
}

my @seen = Clave::Witness::seen($t);
for my $n (0 .. $#ways) {
	my ($name, undef, $expected) = @{$ways[$n]};
	is($status{"$n-nobody"}, $expected, "$name: nobody");
	is($status{"$n-h2"}, $expected, "$name: nobody, over HTTP/2");
	my @came = grep { $_->{try} eq "$n-citizen" && $_->{door} eq 'secret' && $_->{nif} ne '-' } @seen;
	cmp_ok(scalar(@came), '>', 0, "$name: a citizen")
		or diag($status{"$n-citizen"}, map { "\n$_->{door} [$_->{nif}] $_->{request}" } grep { $_->{try} eq "$n-citizen" } @seen);
}
is(Clave::Witness::trespassers($t), '', 'nobody came through any of them');

# The way out: what is public does not learn who it is.

$citizen->get('/guarded/answer/404', 'X-Try: out');
is_deeply([ map { $_->{nif} ne '-' ? 1 : 0 } grep { $_->{try} eq 'out' } Clave::Witness::seen($t) ], [ 1, 0 ],
	'an identity stays in its location');
Clave::Browser->new()->get('/guarded/answer/404', 'X-Try: out-nobody');
is(scalar(grep { $_->{try} eq 'out-nobody' } Clave::Witness::seen($t)), 0, 'and nobody gets out of one that he is not in');

cmp_ok(scalar(@seen), '>', scalar(@ways), 'the back end was there');
is(status_of($citizen->get('/secret/')), 200, 'a session straight after');

undef $t;

###############################################################################
