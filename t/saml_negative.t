#!/usr/bin/perl

# What the forge makes, posted to the endpoint by the browser that began the login. After each
# refusal (security checklist, section 0): the back end has seen nothing, nobody is logged in, there is
# no session more, the log has exactly one line with the right code and nothing personal in it, the
# metrics count it once, the worker is the same, and the same browser logs in straight away.

###############################################################################

use warnings;
use strict;
use utf8;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Encode qw/ encode_utf8 /;
use JSON::PP;

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Browser;
use Clave::Gateway;
use Clave::Metrics;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $cases = [ grep { $_->{answers} eq 'login' } @{decode_json(`./forge/forge manifest`)} ];
my $t = Test::Nginx->new()->has(qw/http proxy rewrite/)->plan(@$cases + 9);
my $keys = clave_keys();
my $logs = $t->testdir();

# http has an error_log of its own, or nginx would write a hundred megabytes of debug lines. The
# server debug.example.gob.es has them, for a few cases.

clave_conf($t, clave => <<"EOF", http => <<'EOF2', server => <<'EOF3');
    clave_gateway             https://pasarela.example.gob.es/Proxy2/ServiceProvider;
    clave_gateway_certificate $keys/pinned.pem;
    clave_gateway_issuer      https://pasarela.example.gob.es;
    clave_provider_name       "E00000000X_E04975701;Sede";
    clave_certificate         $keys/sp.pem;
    clave_certificate_key     $keys/sp.key;
    clave_decryption_key      $keys/sp-old.key;
EOF
    error_log %%TESTDIR%%/error.log info;

    server {
        listen       127.0.0.1:8080;
        server_name  cifrada.example.gob.es;
        clave_base_url https://cifrada.example.gob.es;
        clave_require_encryption on;

        location /tramite/ { clave pin; proxy_pass http://127.0.0.1:8081; }
    }

    server {
        listen 127.0.0.1:8082;
        location /status { clave_status; }
    }

    server {
        listen       127.0.0.1:8080;
        server_name  debug.example.gob.es;
        clave_base_url https://debug.example.gob.es;
        error_log %%TESTDIR%%/debug.log debug;

        location /tramite/ { clave pin; proxy_pass http://127.0.0.1:8081; }
    }
EOF2
        clave_attributes urn:larga:0 urn:larga:1 urn:larga:2 urn:larga:3 urn:larga:4;

        # Citizens for themselves, and also for somebody else.
        location /tramite/ { clave pin; proxy_pass http://127.0.0.1:8081; }
        location /empresa/ { clave pin represented=on; proxy_pass http://127.0.0.1:8081; }
EOF3

backend($t);
$t->run();

###############################################################################

# Whom the forge's good answers are about, and what must never be in a log.

use constant CITIZEN => '99999018D';
# Long enough not to be part of a random token by chance.
my @personal = map { encode_utf8($_) } qw/ 99999018 00000000T X0000000T BEGOÑA BEGO%C3%91A ETXEBARRIA
	ATACANTE identificador-opaco <saml PHNhbWw PD94bWw /;
my %secrets;  # values of cookies

my $worker;
for (1 .. 500) {  # it listens before it has one
	last if $worker = worker();
	select undef, undef, undef, 0.01;
}

is(refused($_) // accepted($_), '', "$_->{row} $_->{id}") for @$cases;

is(worker(), $worker, 'the worker that answered the first answered the last');

# Each refusal was followed by a good login, and each of those by a logout: more sessions of one person
# than clave_session_limit would end each other.

my @bad = grep { @{$_->{expected}} } @$cases;
my $counted = counted();
my %lines;
$lines{$_}++ for map { /clave: (E-[A-Z-]+) ref=/ ? $1 : () } split /\n/, whole('error.log');  # the gateway may say more of it
is_deeply({ map { /^clave_refusals_total\{code="([^"]+)"\}$/ && $counted->{$_} ? ($1 => $counted->{$_}) : () } keys %$counted },
	\%lines, 'each code is counted as often as the log has it');
is(sum_of($counted, qr/^clave_refusals_total\{/), @bad, 'a refusal for each bad answer');
is(sum_of($counted, qr/^clave_logins_total\{.*result="ok"/), @$cases, 'a login for each case');
is($counted->{clave_logouts_total}, @$cases, 'a logout for each login');
is($counted->{clave_sessions}, 0, 'and no session is left');

is(personal_in('error.log'), '', 'nothing personal in the log');
is(personal_in('access.log'), '', 'nothing personal in the access log');

for my $id (qw/ good-plain key-of-attacker-none nif-check-letter status-authn-failed /) {
	my $browser = Clave::Browser->new(host => 'debug.example.gob.es');
	my $request = $browser->go_to_gateway('/tramite/a');
	$browser->come_back($request, case => $id, acs_url => 'https://debug.example.gob.es/.clave/acs');
	remember($browser);
}
is(personal_in('debug.log', qr/clave: /), '', 'nothing personal in our lines at debug level');

undef $t;

###############################################################################

# What is wrong with how a bad answer was received; undef if the case is a good one.

sub refused {
	my ($case) = @_;
	return undef unless @{$case->{expected}};

	my $encrypted = $case->{settings}{require_encryption};
	my $host = $encrypted ? 'cifrada.example.gob.es' : 'sede.example.gob.es';
	my $acs = "https://$host/.clave/acs";
	my $browser = Clave::Browser->new(host => $host);
	my $hits = backend_hits();
	my $sessions = counted()->{clave_sessions};
	my $log = log_size();

	my $request = $browser->go_to_gateway('/tramite/a') or return 'no way to the gateway';
	my $response = $browser->come_back($request, case => $case->{id}, acs_url => $acs);
	my @lines = new_lines($log);
	remember($browser);

	my ($code, $ref) = join('', @lines) =~ /clave: (E-[A-Z-]+) ref=([^\s,]+)/;
	my @wrong;
	push @wrong, 'expected ' . join(' or ', @{$case->{expected}}) . ": @lines"
		unless @lines == 1 && grep { $_ eq ($code // '') } @{$case->{expected}};
	push @wrong, 'status ' . status_of($response)
		unless grep { $_ == status_of($response) } @{$case->{statuses}};
	push @wrong, 'the page does not show the reference'
		unless defined $ref && index(http_content($response) // '', $ref) >= 0;
	push @wrong, 'the answer may be cached'
		unless (header_of($response, 'Cache-Control') // '') =~ /no-store/;
	push @wrong, 'the back end was asked' if backend_hits() != $hits;
	push @wrong, 'a session cookie' if defined $browser->cookie();
	push @wrong, 'a session more' if counted()->{clave_sessions} != $sessions;
	push @wrong, 'another worker' if worker() ne $worker;

	# It has to identify again, so the refusal left no session behind.
	my $again = $browser->go_to_gateway('/tramite/a') or return join '; ', @wrong, 'logged in';
	my $back = $browser->come_back($again, acs_url => $acs,
		case => $encrypted ? 'good-encrypted' : 'good-plain');
	my $page = $browser->get(header_of($back, 'Location') // '/');
	remember($browser);
	push @wrong, 'no login afterwards: ' . join '', new_lines($log) if seen_nif($page) ne CITIZEN;
	$browser->leave();

	return join '; ', @wrong;
}

# The same of a good one.

sub accepted {
	my ($case) = @_;
	my $browser = Clave::Browser->new();
	my $log = log_size();
	my $page = $browser->login($case->{id} eq 'good-for-somebody-else' ? '/empresa/a' : '/tramite/a',
		case => $case->{id});
	remember($browser);
	$browser->leave();
	my $nif = $case->{id} eq 'good-nie' ? 'X0000000T' : CITIZEN;
	return seen_nif($page) eq $nif ? '' : 'not accepted: ' . join '', new_lines($log);
}

sub seen_nif { return backend_saw($_[0])->{headers}{'x-clave-nif'} // '' }

sub remember {
	my ($browser) = @_;
	$secrets{$_} = 1 for values %{$browser->{cookies}};
}

# What the operator's tools see.

sub counted {
	return metrics_in(http_content(http_get('/status', PeerAddr => '127.0.0.1:' . port(8082))));
}

sub sum_of {
	my ($counted, $pattern) = @_;
	my $sum = 0;
	$sum += $counted->{$_} for grep { /$pattern/ } keys %$counted;
	return $sum;
}

sub log_size { return -s "$logs/error.log" }

# Our lines since the log had `size` bytes.

sub new_lines {
	my ($size) = @_;
	open my $log, '<', "$logs/error.log" or die "no error.log: $!\n";
	seek $log, $size, 0;
	return grep { /clave: E-/ } <$log>;
}

sub worker {
	my ($master) = whole('nginx.pid') =~ /(\d+)/;
	open my $children, '<', "/proc/$master/task/$master/children" or return 'gone';
	return join ' ', split ' ', <$children> // '';
}

# The first of what must not be in a log, with the line it is in. `only`: the lines that count.

sub personal_in {
	my ($name, $only) = @_;
	my $text = whole($name);
	$text = join "\n", grep { /$only/ } split /\n/, $text if $only;
	for my $secret (@personal, keys %secrets) {
		my $at = index($text, $secret);
		return "$secret in " . substr($text, $at > 100 ? $at - 100 : 0, 200) if $at >= 0;
	}
	return '';
}

sub whole {
	my ($name) = @_;
	open my $file, '<', "$logs/$name" or die "no $name: $!\n";
	local $/;
	return <$file> // '';
}

###############################################################################
