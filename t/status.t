#!/usr/bin/perl

# What the operator's tools see (clave_status): every login, step-up, logout and refusal exactly once,
# also over a reload and the death of a worker; whether we are well; and nobody's name. Other machines
# see nothing unless they are let in.

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
use Clave::Metrics;
use Clave::Redis;

use IO::Socket::UNIX;
use Time::HiRes qw/ sleep time /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy realip unix/)->has_daemon('redis-server')->has_daemon('promtool')->plan(74);
my $d = $t->testdir();

backend($t);

my $realip = 'set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For;';
my $doors = <<'EOF';
        location / { clave pin; proxy_pass http://127.0.0.1:8081; }
        location /otp/ { clave permanente_otp; proxy_pass http://127.0.0.1:8081; }
        location /public { clave off; }
EOF

clave_conf($t, main => 'worker_processes 2;', http => <<"EOF", server => $doors);
    error_log %%TESTDIR%%/error.log info;

    server {
        listen 127.0.0.1:8082;
        listen unix:$d/status.sock;
        $realip

        location /status { clave_status; }
        location /open { clave_status; allow 192.0.2.7; allow 127.0.0.1; deny all; }
        location /closed { clave_status; deny 198.51.100.1; }
        location = /exact { clave_status; }
        location /dir/ { clave_status; }

        location /inherited {
            allow 192.0.2.0/24;
            location /inherited/own { clave_status; }
            location /inherited/shut { clave_status; deny 192.0.2.9; }
        }
    }
EOF

$t->todo_alerts();  # a worker is killed
$t->run();

###############################################################################

my $plain = '127.0.0.1:' . port(8082);

sub ask {
	my ($uri, @headers) = @_;
	return http(join("\r\n", "GET $uri HTTP/1.0", 'Host: localhost', @headers, '', ''), PeerAddr => $plain);
}

sub told { return metrics_in(http_content(ask('/status'))) }

sub from { return status_of(ask($_[0], "X-Forwarded-For: $_[1]")) }

sub sum_of {
	my ($seen, $pattern) = @_;
	my $sum = 0;
	$sum += $seen->{$_} for grep { /$pattern/ } keys %$seen;
	return $sum;
}

# the page, before anything has happened

my $page = ask('/status');
is(status_of($page), 200, 'a page');
is(header_of($page, 'Content-Type'), 'text/plain; version=0.0.4; charset=utf-8', 'of text');
is(header_of($page, 'Cache-Control'), 'no-store', 'for now');
is_deeply([ metrics_mistakes(http_content($page)) ], [], 'that Prometheus reads');
my $seen = metrics_in(http_content($page));
is(sum_of($seen, qr/^clave_(?:logins|refusals|logouts|step_ups|sessions_replaced)/), 0, 'nothing yet');
is($seen->{clave_sessions}, 0, 'no sessions');
cmp_ok($seen->{clave_sessions_capacity}, '>', 1000, 'room for some');
my @certificates = grep { /^clave_certificate_remaining_seconds\{role="clave_(?:gateway_)?certificate",fingerprint="\w{16}"\}$/ } sort keys %$seen;
is(@certificates, 2, 'two certificates');
cmp_ok($seen->{$certificates[0]}, '>', 86400, 'that last');
ok((grep { /^clave_build_info\{version="[\d.]+",host="nginx\/[\d.]+",store="shared"\}$/ } keys %$seen), 'what runs here');

# logins, a step-up, a logout

my %ana = (nif => '00000000T', given_name => 'CANARIANA', first_surname => 'PAJARO', surnames => 'PAJARO CANARIO');
my $browser = Clave::Browser->new();
is(status_of($browser->login('/', method => 'pin', %ana)), 200, 'a login');
my $token = $browser->cookie();
is(status_of($browser->login('/otp/', method => 'permanente', loa => 'high', %ana)), 200, 'a step-up');
my $other = Clave::Browser->new();
is(status_of($other->login('/', method => 'permanente', nif => '99999999R')), 200, 'another login');
$other->leave();
my $cancelled = Clave::Browser->new();
is(status_of($cancelled->come_back($cancelled->go_to_gateway('/'), case => 'status-authn-failed')), 200, 'a cancelled one');
my $weak = Clave::Browser->new();
is(status_of($weak->come_back($weak->go_to_gateway('/otp/'), method => 'pin')), 403, 'a weak one');
is(status_of(Clave::Browser->new()->get('/', 'X-Requested-With: XMLHttpRequest')), 401, 'a script');
is(status_of(Clave::Browser->new()->get('/.clave/nothing')), 404, 'a wrong address');

$seen = told();
is($seen->{'clave_logins_total{level="pin",method="pin",result="ok"}'}, 1, 'pin');
is($seen->{'clave_logins_total{level="pin",method="permanente",result="ok"}'}, 1, 'permanente');
is($seen->{'clave_logins_total{level="permanente_otp",method="permanente",result="ok"}'}, 1, 'with a code');
is($seen->{'clave_logins_total{level="pin",method="unknown",result="cancelled"}'}, 1, 'cancelled');
is($seen->{'clave_logins_total{level="permanente_otp",method="pin",result="refused"}'}, 1, 'refused');
is(sum_of($seen, qr/^clave_logins_total/), 5, 'and no other');
is($seen->{'clave_step_ups_total{result="ok"}'}, 1, 'the step-up');
is($seen->{clave_sessions_replaced_total}, 1, 'which took the place of a session');
is($seen->{clave_logouts_total}, 1, 'the logout');
is_deeply([ metrics_mistakes(http_content(ask('/status'))) ], [], 'Prometheus reads all of that');
is($seen->{clave_sessions}, 1, 'who is still there');
cmp_ok(abs($seen->{clave_gateway_clock_ahead_seconds}), '<', 60, 'clocks agree');

# each refusal is one line of the log, and one count

my %lines;
$lines{$_}++ for refusals($t);
my %counts = map { /^clave_refusals_total\{code="([^"]+)"\}$/ && $seen->{$_} ? ($1 => $seen->{$_}) : () } keys %$seen;
is_deeply(\%counts, \%lines, 'refusals are those of the log');
is(join(' ', sort keys %counts), 'E-AUTH E-CANCEL E-LOA E-NOTFOUND', 'these four');

# JSON

my $json = ask('/status', 'Accept: application/json');
is(header_of($json, 'Content-Type'), 'application/json', 'JSON for who wants it');
my $families = eval { decode_json(http_content($json))->{metrics} } // [];
my ($logins) = grep { $_->{name} eq 'clave_logins_total' } @$families;
my ($sample) = grep { $_->{labels}{result} eq 'cancelled' } @{$logins->{samples}};
is($sample->{value}, 1, 'the same in it');
is_deeply([ sort map { $_->{name} } @$families ],
	[ sort(http_content(ask('/status')) =~ /^# TYPE (\S+)/mg) ], 'all of it');

# nobody is named

for my $secret (qw/ 00000000 99999999 CANARI PAJARO /, $token, $browser->cookie()) {
	my $all = http_content(ask('/status')) . http_content(ask('/status', 'Accept: application/json'));
	unlike($all, qr/\Q$secret\E/i, 'no word of ' . substr $secret, 0, 8);
}

# who may look

is(from('/status', '192.0.2.7'), 403, 'others may not');
like($t->read_file('error.log'), qr/clave: status is for this machine only; "allow" others in its location/, 'and the log says how');
is(join(' ', map { from('/status', $_) } qw/ 127.8.8.8 ::1 ::ffff:127.0.0.1 ::ffff:192.0.2.7 2001:db8::1 /),
	'200 200 200 403 403', 'what is local');
is(join(' ', from('/open', '192.0.2.7'), from('/open', '192.0.2.8')), '200 403', 'unless they are let in');
is(from('/closed', '192.0.2.7'), 403, 'deny lets nobody in');
is(join(' ', from('/inherited/own', '192.0.2.7'), from('/inherited/shut', '192.0.2.7')), '200 403', 'as inherited');
like(http("GET /status HTTP/1.0\n\n", socket => IO::Socket::UNIX->new(Peer => "$d/status.sock")),
	qr/^clave_build_info/m, 'through a unix socket');
is(status_of(http("POST /status HTTP/1.0\nContent-Length: 0\n\n", PeerAddr => $plain)), 405, 'to read only');
unlike(http("HEAD /status HTTP/1.0\n\n", PeerAddr => $plain), qr/clave_build_info/, 'or not even that');

# health

is(join(' ', map { status_of(ask("/status$_")) } '/live', '/ready', '/', '/other', 'ready'),
	'200 200 200 404 404', 'pages below it');
is(join(' ', map { status_of(ask($_)) } '/exact', '/dir/', '/dir/live', '/dir/ready'), '200 200 200 200', 'or elsewhere');
is(from('/status/ready', '192.0.2.7'), 403, 'are no more open');

# over a reload and the death of a worker

$t->reload();
is(sum_of(told(), qr/^clave_logins_total/), 5, 'a reload loses nothing');
my ($worker) = reverse $t->read_file('error.log') =~ /start worker process (\d+)/g;
kill 'KILL', $worker;
my $end = time() + 10;
sleep 0.05 while time() < $end && $t->read_file('error.log') !~ /worker process $worker exited on signal 9/;
is(sum_of(told(), qr/^clave_logins_total/), 5, 'nor does a killed worker');
is(status_of(Clave::Browser->new()->login('/', method => 'pin')), 200, 'and counting');
is(sum_of(told(), qr/^clave_logins_total/), 6, 'goes on');
$t->stop();

my @names = http_content($page) =~ /^# TYPE (\S+)/mg;

# a Redis that goes away: not ready, and alive

my $redis = Clave::Redis->new($t, port => 8090)->start();
$t->write_file('session.key', join '', map { chr int rand 256 } 1 .. 80);
chmod 0600, "$d/session.key";
clave_conf($t, store => "clave_session_store redis://127.0.0.1:8090 cache=kept:1m; clave_session_key $d/session.key;",
	http => 'server { listen 127.0.0.1:8082; location /status { clave_status; } }', server => $doors);
$t->run();

sub until_ready {
	my ($wanted) = @_;
	my $limit = time() + 10;
	my $status = 0;
	while ($status != $wanted && time() < $limit) {
		$status = status_of(ask('/status/ready'));
		sleep 0.05 if $status != $wanted;
	}
	return $status;
}

is(until_ready(200), 200, 'Redis: ready');
is(status_of(Clave::Browser->new()->login('/', method => 'pin')), 200, 'Redis: a login');
$seen = told();
is($seen->{clave_sessions_cached}, 1, 'Redis: whoever is here now');
is($seen->{clave_sessions}, undef, 'Redis: nobody knows how many there are');

# what conf-examples/ looks at is there

my %known = map { $_ => 1 } @names, http_content(ask('/status')) =~ /^# TYPE (\S+)/mg,
	qw/ clave_signatures_total clave_signature_failures_total /;  # t/sign.t and t/sign_faults.t see some
for my $file (glob '../conf-examples/monitoring/clave-*') {
	my $text = text_of($file);
	my %used = map { s/_(?:bucket|sum|count)$//r => 1 } $text =~ /\b(clave_\w+)/g;
	delete $used{clave_session_store};
	is_deeply([ grep { !$known{$_} } sort keys %used ], [], "$file: looks at what there is");
	ok($file !~ /json$/ || eval { decode_json($text) }, "$file: is well-formed");
}
# and so are the codes, states and reasons that wake somebody; what a citizen does wrong wakes nobody

my ($codes, $words, $alerts) = map { text_of($_) } '../ngx_http_clave_module/doc/codes.md',
	'../libclavecore/src/sign/words.cpp', '../conf-examples/monitoring/clave-alerts.yml';
my @codes = $codes =~ /^\| `(E-[A-Z-]+)` \|/mg;
my %word = map { $_ => 1 } $words =~ /"(\w+)"/g;
my @labels = map { split /\|/ } $alerts =~ /\b(?:code|state|reason)=~?"([^"]+)"/g;
my @unknown = grep { my $label = $_; !grep { /^(?:$label)$/ } @codes, keys %word } @labels;
is_deeply(\@unknown, [], 'alerts: of codes, states and reasons that there are');
my ($forged) = $alerts =~ /ClaveForgedAnswers.*?code=~"([^"]+)"/s;
is(join(' ', grep { /^(?:$forged)$/ && /^E-SIGN/ } @codes), '', 'alerts: no signature is a forged answer');
my ($exchanged) = $alerts =~ /ClaveSignatureWrong.*?reason=~"([^"]+)"/s;
is(join(' ', sort grep { /^(?:$exchanged)$/ } keys %word), 'wrong_document wrong_signer',
	'alerts: an exchanged signature wakes somebody');

is_deeply([ promtool('', 'check', 'rules', '../conf-examples/monitoring/clave-alerts.yml') ], [], 'promtool takes the rules');
cmp_ok($seen->{clave_store_latency_seconds_count}, '>', 3, 'Redis: its answers are timed');
is_deeply([ metrics_mistakes(http_content(ask('/status'))) ], [], 'Redis: Prometheus reads it');
$redis->kill();
is(until_ready(503), 503, 'Redis gone: not ready');
is(status_of(ask('/status/live')), 200, 'Redis gone: alive');
like(http_content(ask('/status/ready', 'Accept: application/json')), qr/^\{"status":"down","reason":"store"\}$/, 'says why');
cmp_ok(told()->{clave_store_errors_total}, '>', $seen->{clave_store_errors_total}, 'Redis gone: counted');

sub text_of {
	my ($file) = @_;
	open my $handle, '<', $file or die "Can't open $file: $!\n";
	local $/;
	return scalar <$handle>;
}

###############################################################################
