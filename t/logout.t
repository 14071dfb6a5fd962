#!/usr/bin/perl

# The end of a session (security checklist, S-69, K-10): here at once, whatever the gateway says
# afterwards; by the person alone; and no answer of a gateway is believed but the right one, once.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use JSON::PP;

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Browser;
use Clave::Gateway;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $cases = [ grep { $_->{answers} eq 'logout' } @{decode_json(`./forge/forge manifest`)} ];
my $t = Test::Nginx->new()->has(qw/http proxy rewrite/)->plan(@$cases + 50);
my $keys = clave_keys();
my $logs = $t->testdir();

clave_conf($t, clave => <<"EOF", http => <<'EOF2', server => <<'EOF3');
    clave_gateway             https://pasarela.example.gob.es/Proxy2/ServiceProvider;
    clave_gateway_certificate $keys/pinned.pem;
    clave_gateway_issuer      https://pasarela.example.gob.es;
    clave_provider_name       "E00000000X_E04975701;Sede";
    clave_certificate         $keys/sp.pem;
    clave_certificate_key     $keys/sp.key;
    clave_logout              /adios;
EOF
    error_log %%TESTDIR%%/error.log info;

    server {
        listen         127.0.0.1:8080;
        server_name    otra.example.gob.es;
        clave_base_url https://otra.example.gob.es;

        location /tramite/ { clave pin; proxy_pass http://127.0.0.1:8081; }
    }
EOF2
        location /tramite/ { clave pin; proxy_pass http://127.0.0.1:8081; }
        location = /adios  { return 200 "hasta luego"; }
EOF3

backend($t);
$t->run();

my $uri = '/tramite/a';
my $good = 'logout-good-plain';

###############################################################################

# A logout as it should go.

{
	my $browser = logged_in();
	my $thief = $browser->twin();
	my $hits = backend_hits();
	my $request = $browser->leave();
	my $page = $browser->{last};

	is(status_of($page), 200, 'a page of the site logs out');
	ok(!defined $browser->cookie(), 'the cookie is gone');
	is(status_of($thief->get($uri)), 302, 'and the session of whoever has a copy of it');
	is(backend_hits(), $hits, 'the application has seen nobody');
	like(http_content($page), qr/Su sesi\xc3\xb3n en este sitio ya ha terminado/, 'the page says so');
	like($page, qr{<form id="to-clave" method="post" action="https://pasarela[^"]+">}, 'and leads on');
	like($page, qr/<button class="button" type="submit">/, 'with a button');
	like(header_of($page, 'Content-Security-Policy'), qr/form-action https:;/, 'as its policy allows');
	like($request->{xml}, qr{<saml2:Issuer>https://sede\.example\.gob\.es/\.clave/acs</saml2:Issuer>},
		'the request says where to answer');
	like($request->{xml}, qr{SPNameQualifier="https://sede\.example\.gob\.es/\.clave/acs">E00000000X_E04975701<},
		'and who asks');
	like($request->{xml}, qr/Reason="urn:oasis:names:tc:SAML:2\.0:logout:user"/, 'and why');
	unlike($request->{xml}, qr/99999018D/, 'and nothing of the citizen');
	ok(length $request->{relay_state}, 'there is a RelayState');

	my $back = answered($browser, $request, $good);
	is(status_of($back), 303, 'the gateway confirms');
	is(header_of($back, 'Location'), '/adios', 'and the browser goes where the administrator says');

	refused(answered($browser, $request, $good), 'E-SLO', 403, 'a confirmation is used once');
	is(status_of($browser->get($uri)), 302, 'nobody is logged in');
	is(status_of($browser->login($uri)), 200, 'until he logs in again');
}

# Who may not.

{
	my $browser = logged_in();

	for my $method (qw/ GET HEAD PUT DELETE /) {
		is(status_of($browser->request($method, '/.clave/logout', headers => [ same_origin() ])), 405,
			"$method does not log out");
	}
	my $image = $browser->get('/.clave/logout', 'Sec-Fetch-Dest: image', same_origin());
	is(header_of($image, 'Allow'), 'POST', 'nor does an image');
	is(status_of($browser->get($uri)), 200, 'the session is there');

	for my $from ('Sec-Fetch-Site: cross-site', 'Sec-Fetch-Site: same-site',
		'Origin: https://sede.example.gob.es.otra.example', 'Origin: https://otra.example.gob.es')
	{
		my $log = log_size();
		my $page = $browser->post('/.clave/logout', '', $from);
		is(status_of($page) . ' ' . join('', codes_since($log)), '403 E-SLO', $from);
	}
	is(status_of($browser->get($uri)), 200, 'the session is still there');

	my $forged = $browser->post('/.clave/logout', 'token=' . 'A' x 43);
	is(status_of($forged), 403, 'a guessed token');
	is(status_of($browser->get($uri)), 200, 'the session is there yet');
}

# A browser that says nothing of itself.

{
	my $browser = logged_in();
	my $page = $browser->post('/.clave/logout', '');
	is(status_of($page), 200, 'it is asked');
	like(http_content($page), qr{<form method="post" action="/\.clave/logout">}, 'by a form');
	is(status_of($browser->get($uri)), 200, 'and logged in until it answers');

	my ($token) = http_content($page) =~ /name="token" value="([^"]+)"/;
	my $other = logged_in();
	is(status_of($other->post('/.clave/logout', "token=$token", 'Origin: null')), 403,
		'the token is of no use with another session');
	is(status_of($other->get($uri)), 200, 'which goes on');

	$browser->post('/.clave/logout', "token=$token", 'Origin: null');
	ok(!defined $browser->cookie(), 'the button logs out');
	is(status_of($browser->get($uri)), 302, 'really');
}

# Nobody to log out.

{
	my $browser = Clave::Browser->new();
	my $page = $browser->post('/.clave/logout', '', same_origin());
	is(status_of($page), 303, 'without a session');
	is(header_of($page, 'Location'), '/adios', 'it just goes on');
}

# The gateway answers badly: everything that the forge knows, against one logout.

{
	my $browser = logged_in();
	my $request = $browser->leave();
	my $worker = worker();

	is(bad($browser, $request, $_), '', "$_->{row} $_->{id}") for grep { @{$_->{expected}} } @$cases;

	is(worker(), $worker, 'the worker is the same');
	is(status_of(answered($browser, $request, $good)), 303, 'and none of them has used the logout up');
}

is(accepted($_), '', "$_->{row} $_->{id}") for grep { !@{$_->{expected}} } @$cases;

# Answers in the wrong place.

{
	my $browser = logged_in();
	my $elsewhere = Clave::Browser->new(host => 'otra.example.gob.es');
	my $other_acs = 'https://otra.example.gob.es/.clave/acs';
	$elsewhere->login($uri, acs_url => $other_acs);
	my $here = $browser->leave();
	my $there = $elsewhere->leave();

	refused(answered($elsewhere, $here, $good, acs_url => $other_acs), 'E-SLO', 403,
		'an answer to the logout of another site');
	refused(answered($elsewhere, $there, $good), 'E-SLO', 403, 'an answer made for another site');
	refused(answered($browser, { %$here, relay_state => $there->{relay_state} }, $good), 'E-SLO', 403,
		'an answer with the RelayState of another');

	# Nobody gets in by the ID of a logout, or out by that of a login.
	refused($browser->post_answer(Clave::Gateway::answer_to($here)), 'E-IRT', 403,
		'a login in answer to a logout');
	my $login = $browser->go_to_gateway($uri);
	refused(answered($browser, $login, $good), 'E-SLO', 403, 'a logout in answer to a login');
}

# Somebody else's browser is made to bring answers.

{
	my $victim = logged_in();
	my $request = logged_in()->leave();

	answered($victim, $request, 'logout-key-of-attacker-none');
	answered($victim, $request, $good);
	is(status_of($victim->get($uri)), 200, 'an answer logs nobody out');
}

unlike(whole('error.log'), qr/99999018D|ETXEBARRIA|<saml|PHNhbWw/, 'nothing personal in the log');
like(whole('error.log'), qr/\[info\] .*clave: logout session=[0-9a-f]{16}/, 'a line for each logout');

undef $t;

###############################################################################

sub same_origin { return 'Sec-Fetch-Site: same-origin' }

sub logged_in {
	my $browser = Clave::Browser->new();
	$browser->login($uri);
	return $browser;
}

sub answered {
	my ($browser, $request, $case, %more) = @_;
	return $browser->post_answer(Clave::Gateway::answer_to($request, case => $case, %more));
}

# What is wrong with how a bad answer was received.

sub bad {
	my ($browser, $request, $case) = @_;
	my $log = log_size();
	my $hits = backend_hits();
	my $page = answered($browser, $request, $case->{id});
	my @lines = refused_since($log);
	my @codes = map { $_->[0] } @lines;
	my @wrong;
	push @wrong, 'expected ' . join(' or ', @{$case->{expected}}) . ": @codes"
		unless @codes == 1 && grep { $_ eq $codes[0] } @{$case->{expected}};
	push @wrong, 'the page does not show the reference'
		unless @lines && index(http_content($page) // '', $lines[0][1]) >= 0;
	push @wrong, 'the back end was asked' if backend_hits() != $hits;
	push @wrong, 'status ' . status_of($page)
		unless grep { $_ == status_of($page) } @{$case->{statuses}};
	push @wrong, 'a cookie' if $page =~ /^Set-Cookie:/mi;
	push @wrong, 'may be cached' unless (header_of($page, 'Cache-Control') // '') =~ /no-store/;
	push @wrong, 'does not say that Cl@ve may go on'
		if $case->{kind} eq 'message' && http_content($page) !~ /Cierre el navegador/;

	# Another tab of the same browser, so that this one has no session when the next answer comes.
	my $seen = backend_saw($browser->twin()->login($uri))->{headers}{'x-clave-nif'} // '';
	push @wrong, 'no login afterwards' if $seen ne '99999018D';
	return join '; ', @wrong;
}

sub accepted {
	my ($case) = @_;
	my $browser = logged_in();
	my $log = log_size();
	my $place = header_of(answered($browser, $browser->leave(), $case->{id}), 'Location') // '';
	return $place eq '/adios' ? '' : "not accepted: @{[ codes_since($log) ]}";
}

sub refused {
	my ($response, $code, $status, $name) = @_;
	is(status_of($response) . ' ' . (refusals($t))[-1], "$status $code", $name);
}

sub log_size { return -s "$logs/error.log" }

# Code and reference of each refusal since the log had `size` octets.

sub refused_since {
	my ($size) = @_;
	open my $log, '<', "$logs/error.log" or die "no error.log: $!\n";
	seek $log, $size, 0;
	return map { /clave: (E-[A-Z-]+) ref=([^\s,]+)/ ? [ $1, $2 ] : () } <$log>;
}

sub codes_since { return map { $_->[0] } refused_since(@_) }

sub worker {
	my ($master) = whole('nginx.pid') =~ /(\d+)/;
	open my $children, '<', "/proc/$master/task/$master/children" or return 'gone';
	return join ' ', split ' ', <$children> // '';
}

sub whole {
	my ($name) = @_;
	open my $file, '<', "$logs/$name" or die "no $name: $!\n";
	local $/;
	return <$file> // '';
}

###############################################################################
