#!/usr/bin/perl

# What the operator can do to sessions (clave_control): look at them, page by page, and end them, in
# shared memory and in Redis alike. The browser is out at once, each end is one line of the audit log
# of its service, and nobody's name, NIF or token is told or logged. Other machines and browsers get
# nothing.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use JSON::PP;

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Browser;
use Clave::Metrics;
use Clave::Redis;

use IO::Socket::UNIX;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy realip unix/)->has_daemon('redis-server')->plan(87);
my $d = $t->testdir();

backend($t);
$t->write_file('session.key', join '', map { chr int rand 256 } 1 .. 80);
chmod 0600, "$d/session.key";

my $redis = Clave::Redis->new($t, port => 8090)->start();
my %ana = (method => 'permanente', nif => '00000000T', given_name => 'CANARIANA', first_surname => 'PAJARO');

sub configure {
	my ($store) = @_;
	unlink "$d/audit.log", "$d/other.log", "$d/access.log";
	clave_conf($t, main => 'worker_processes 2;', store => "$store clave_session_key $d/session.key;",
		http => <<"EOF", server => <<'EOF_SERVER');
    error_log %%TESTDIR%%/error.log info;
    clave_audit_log $d/audit.log;
    clave_session_limit 100;

    server {
        listen              127.0.0.1:8080;
        server_name         otra.example.gob.es;
        clave_provider_name "E00000000X_E04975701;Otra";
        clave_base_url      https://sede.example.gob.es;
        clave_audit_log     $d/other.log;

        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }
    }

    server {
        listen     127.0.0.1:8082;
        listen     unix:$d/control.sock;
        access_log $d/access.log;

        set_real_ip_from 127.0.0.1;
        real_ip_header   X-Forwarded-For;

        location /control { clave_control; }
        location /open { clave_control; allow 192.0.2.7; deny all; }
        location /status { clave_status; }
    }
EOF
        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }
EOF_SERVER
}

# ask('GET', 'sessions'), ask('POST', 'sessions/end', { nif => … }): status and what the JSON says.

sub ask {
	my ($method, $what, $body, @headers) = @_;
	my $text = ref $body ? encode_json($body) : $body // '';
	my $response = http(join("\r\n", "$method /control/$what HTTP/1.1", 'Host: control', 'Connection: close',
		'Content-Length: ' . length $text, (ref $body ? 'Content-Type: application/json' : ()), @headers, '', $text),
		socket => IO::Socket::UNIX->new(Peer => "$d/control.sock"));
	return (status_of($response), eval { decode_json(http_content($response)) } // {}, $response);
}

# All pages of them, each once.

sub list {
	my ($cursor, $pages, %found) = ('', 0);
	do {
		my ($status, $page) = ask('GET', 'sessions' . ($cursor ne '' ? "?cursor=$cursor" : ''));
		die "no page, but $status\n" if $status != 200;
		$found{$_->{session}} = $_ for @{$page->{sessions}};
		$cursor = $page->{next};
	} while (defined $cursor && ++$pages < 1000);
	return \%found;
}

# As clavectl does: until it is found, or there is nothing left to look at.

sub one {
	my ($method, $hash) = @_;
	my $cursor = '';
	for (1 .. 1000) {
		my ($status, $page) = ask($method, "sessions/$hash" . ($cursor ne '' ? "?cursor=$cursor" : ''));
		return ($status, $page) unless $status == 200 && defined $page->{next};
		$cursor = $page->{next};
	}
	die "an endless walk\n";
}

sub login {
	my ($host, %who) = @_;
	my $browser = Clave::Browser->new(host => $host);
	$browser->login('/', %who);
	return $browser;
}

sub is_in { return status_of($_[0]->get('/')) == 200 ? 1 : 0 }

sub lines { return map { decode_json($_) } grep { /operator_end/ } split /\n/, -e "$d/$_[0]" ? $t->read_file($_[0]) : '' }

###############################################################################

for my $store ('shared:clave:1m', 'redis://127.0.0.1:8090') {
	my $name = $store =~ s/:.*//r;
	configure("clave_session_store $store;");
	$t->run();
	if ($name eq 'redis') {
		for (1 .. 200) {
			last if (ask('GET', 'sessions'))[0] == 200;
			select undef, undef, undef, 0.05;
		}
	}

	is_deeply(list(), {}, "$name: nobody");
	my @ana = map { login('sede.example.gob.es', %ana) } 1 .. 2;
	my $benito = login('sede.example.gob.es', method => 'pin', nif => '99999999R');
	my $elsewhere = login('otra.example.gob.es', %ana);
	my @all = (@ana, $benito, $elsewhere);
	is(join('', map { is_in($_) } @all), '1111', "$name: four browsers");

	# looking

	my $seen = list();
	is(keys %$seen, 4, "$name: four sessions");
	my ($hers) = grep { $_->{method} eq 'pin' } values %$seen;
	is_deeply([ sort keys %$hers ], [ sort qw/ session service origin level method loa nif since idle absolute / ],
		"$name: what is told of one");
	is(join(' ', @$hers{qw/ service origin level loa nif /}),
		'E00000000X_E04975701;Sede https://sede.example.gob.es pin low ***9999**', "$name: of his");
	like($hers->{session}, qr/^[0-9a-f]{16}$/, "$name: under the hash of the logs");
	is(scalar(() = $t->read_file('audit.log') =~ /"session":"$hers->{session}"/g), 1, "$name: the audit log has it, too");
	cmp_ok($hers->{idle}, '<=', 900, "$name: idle time");
	cmp_ok($hers->{absolute}, '>', 28000, "$name: and the absolute end");

	my ($status, $found) = ask('POST', 'sessions/find', { nif => '00.000.000-t' });
	is(@{$found->{sessions}}, 3, "$name: hers, at both services, however the NIF is written");
	is_deeply([ ask('POST', 'sessions/find', { nif => '12345678Z' }) ]->[1], { sessions => [] }, "$name: nobody's");
	is((one('GET', $hers->{session}))[1]{session}{nif}, '***9999**', "$name: one by its hash");
	is((one('GET', 'f' x 16))[0], 404, "$name: not any other");
	is_deeply([ map { is_in($_) } @all ], [ 1, 1, 1, 1 ], "$name: looking ends nobody's");

	# ending

	($status, my $ended) = one('DELETE', $hers->{session});
	is($status . ' ' . $ended->{ended}[0]{session}, "200 $hers->{session}", "$name: one ends");
	is(is_in($benito), 0, "$name: he is out at once");
	is((one('DELETE', $hers->{session}))[0], 404, "$name: and cannot end again");
	is(join('', map { is_in($_) } @ana, $elsewhere), '111', "$name: nobody else");

	($status, $ended) = ask('POST', 'sessions/end', { nif => '00000000T' });
	is(@{$ended->{ended}}, 3, "$name: all of hers end");
	is(join('', map { is_in($_) } @all), '0000', "$name: in every browser, at once");
	is_deeply(list(), {}, "$name: nobody is left");
	is_deeply([ ask('POST', 'sessions/end', { nif => '00000000T' }) ]->[1], { ended => [] }, "$name: nobody to end");

	# a question that comes in pieces

	my $slow = IO::Socket::UNIX->new(Peer => "$d/control.sock");
	my @pieces = ("POST /control/sessions/find HTTP/1.1\r\nHost: control\r\nConnection: close\r\n"
		. "Content-Type: application/json\r\nContent-Length: 19\r\n\r\n", '{"nif":"0000', '0000T"}');
	for my $piece (@pieces) {
		print $slow $piece;
		$slow->flush();
		select undef, undef, undef, 0.1;
	}
	is(status_of(do { local $/; <$slow> }), 200, "$name: in pieces");
	my $gone = IO::Socket::UNIX->new(Peer => "$d/control.sock");
	print $gone @pieces[0, 1];
	close $gone;
	is((ask('GET', 'sessions'))[0], 200, "$name: or never whole");

	# the books

	my @lines = lines('audit.log');
	is(@lines, 3, "$name: a line for each end");
	is(join(' ', map { $_->{session} eq $hers->{session} ? @$_{qw/ service level nif address /} : () } @lines),
		'E00000000X_E04975701;Sede pin ***9999** unix:', "$name: that says whose and from where");
	is(join(' ', map { $_->{service} } lines('other.log')), 'E00000000X_E04975701;Otra', "$name: and another service's in its own");
	my $counts = metrics_in(http_content(http("GET /status HTTP/1.0\n\n", PeerAddr => '127.0.0.1:' . port(8082))));
	is($counts->{clave_sessions_ended_by_operator_total}, 4, "$name: counted");

	# many

	my @crowd = map { login('sede.example.gob.es', %ana) } 1 .. 12;
	is(keys %{list()}, 12, "$name: a walk finds them all");
	is(@{[ ask('POST', 'sessions/end', { nif => '00000000T' }) ]->[1]{ended}}, 12, "$name: and they end");

	# who may not, and what is no question

	my $plain = '127.0.0.1:' . port(8082);
	my $from = sub { status_of(http("GET $_[0] HTTP/1.0\nX-Forwarded-For: $_[1]\n\n", PeerAddr => $plain)) };
	is(join(' ', map { $from->('/control/sessions', $_) } qw/ 127.0.0.1 ::1 192.0.2.7 2001:db8::1 /), '200 200 403 403',
		"$name: this machine only");
	is(join(' ', map { $from->('/open/sessions', $_) } qw/ 192.0.2.7 192.0.2.8 /), '200 403', "$name: unless others are let in");
	is(join(' ', map { (ask('POST', 'sessions/end', { nif => '00000000T' }, $_))[0] }
		'Origin: http://evil.example', 'Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: navigate'), '403 403 403', "$name: no browser");
	is(join(' ', (ask('POST', 'sessions/end', 'nif=00000000T'))[0], (ask('POST', 'sessions/end', '{"nif":"00000000T"}'))[0],
		(ask('POST', 'sessions/end', {}))[0], (ask('POST', 'sessions/end', { nif => [] }))[0],
		(ask('POST', 'sessions/end', { nif => 'x' x 2000 }))[0]), '415 415 400 400 413', "$name: nothing but JSON");
	is(join(' ', map { (ask(@$_))[0] } [ 'GET', '' ], [ 'GET', 'nothing' ], [ 'GET', 'sessions/XYZ' ], [ 'GET', 'sessions/abc' ],
		[ 'DELETE', 'sessions' ], [ 'POST', 'sessions' ], [ 'GET', 'sessions/end' ], [ 'PUT', 'sessions' ],
		[ 'GET', 'sessions?cursor=x' ], [ 'GET', 'sessions?cursor=99999999999999999999999' ]),
		'404 404 404 404 405 405 405 405 400 400', "$name: nor of another kind");
	like((ask('GET', 'sessions'))[2], qr/^Cache-Control: no-store/m, "$name: no cache");

	# nobody is named

	my $access = $t->read_file('access.log');
	my $errors = join "\n", grep { /clave: / } split /\n/, $t->read_file('error.log');
	for my $secret (qw/ 00000000T 99999999R PAJARO /, map { $_->cookie() // () } @ana) {
		unlike($access . $errors . $t->read_file('audit.log') . join('', map { encode_json($_) } values %$seen, $ended),
			qr/\Q$secret\E/i, "$name: no word of " . substr $secret, 0, 8);
	}

	if ($name eq 'redis') {
		$redis->ask(qw/ ACL SETUSER default -scan /);
		($status, my $barred) = ask('GET', 'sessions');
		like("$status $barred->{reason}", qr/^503 .*NOPERM; its user needs \+scan: ACL SETUSER NAME \+scan$/, 'Redis without +scan: the right is named');
		like($t->read_file('error.log'), qr/clave: E-REDIS-AUTH .* refuses a command \(NOPERM; its user needs \+scan: /, 'Redis without +scan: in the log, too');
		$redis->ask(qw/ ACL SETUSER default +scan /);
		$redis->kill();
		($status, my $down) = ask('GET', 'sessions');
		is("$status $down->{error}", '503 store', 'Redis gone: nobody knows');
		is((ask('POST', 'sessions/end', { nif => '00000000T' }))[0], 503, 'Redis gone: and nothing ends');
		like($t->read_file('error.log'), qr/clave: E-STORE control: /, 'Redis gone: the log says so');
	}
	$t->stop();
}

undef $t;  # its own checks come now: the functions above would hold it to the end

###############
