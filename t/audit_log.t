#!/usr/bin/perl

# The audit log: a line for each login, step-up, logout, session replaced and refusal, with the person
# in the form that is configured and in no other; reopened on USR1; bounded under attack; and a log that
# cannot be written keeps nobody from logging in.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use IO::Select;
use IO::Socket::INET;
use JSON::PP;

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Browser;
use Clave::Gateway;
use Clave::Metrics;

use Time::HiRes qw/ sleep time /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy udp/)->plan(47);
my $d = $t->testdir();

backend($t);
$t->write_file('session.key', join '', map { chr int rand 256 } 1 .. 80);
chmod 0600, "$d/session.key";

my $syslog = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1:' . port(8089, udp => 1))
	or die "no UDP socket: $!\n";

sub office {
	my ($name, $audit) = @_;
	return <<"EOF";
    server {
        listen         127.0.0.1:8080;
        server_name    $name.example.gob.es;
        clave_base_url https://$name.example.gob.es;
        $audit

        location / { clave pin; proxy_pass http://127.0.0.1:8081; }
    }
EOF
}

my $syslog_port = $syslog->sockport();
my $others = office('hashed', "clave_audit_log $d/hashed.log nif=hash;")
	. office('full', "clave_audit_log $d/full.log nif=full;")
	. office('silent', 'clave_audit_log off;')
	. office('broken', 'clave_audit_log /dev/full;')
	. office('remote', "clave_audit_log syslog:server=127.0.0.1:$syslog_port,tag=clave;");

clave_conf($t, main => 'worker_processes 1;',
	store => "clave_session_store shared:clave:1m; clave_session_key $d/session.key;",
	http => <<"EOF" . $others, server => <<'EOF_SERVER');
    error_log %%TESTDIR%%/error.log info;
    clave_audit_log $d/audit.log;

    server {
        listen 127.0.0.1:8082;
        location /status { clave_status; }
    }
EOF
        location / { clave pin; proxy_pass http://127.0.0.1:8081; }
        location /otp/ { clave permanente_otp; proxy_pass http://127.0.0.1:8081; }
EOF_SERVER

$t->run();

###############################################################################

my %ana = (nif => '00000000T', given_name => 'CANARIANA', first_surname => 'PAJARO', surnames => 'PAJARO CANARIO');
my $taken = 0;

# The lines that have come to a log since this was last asked.

sub records {
	my ($file) = @_;
	my @lines = split /\n/, $t->read_file($file // 'audit.log');
	return map { decode_json($_) } @lines;
}

sub fresh {
	my @all = records();
	my @new = @all[$taken .. $#all];
	$taken = @all;
	return @new;
}

sub counts {
	return metrics_in(http_content(http("GET /status HTTP/1.0\n\n", PeerAddr => '127.0.0.1:' . port(8082))));
}

sub browser_of { Clave::Browser->new(host => "$_[0].example.gob.es") }

sub login_at {
	my ($name) = @_;
	my $browser = browser_of($name);
	my $request = $browser->go_to_gateway('/');
	my $answer = $browser->come_back($request, method => 'pin', %ana,
		acs_url => "https://$name.example.gob.es/.clave/acs");
	return status_of($answer);
}

# a login

my $browser = Clave::Browser->new();
is(status_of($browser->login('/', method => 'pin', %ana)), 200, 'a login');
my $token = $browser->cookie();
my @new = fresh();
is(@new, 1, 'is one line');
my $login = $new[0];
like(delete $login->{time}, qr/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'with its time');
my $session = delete $login->{session};
like($session, qr/^[0-9a-f]{16}$/, 'and the hash of its session');
is_deeply($login, { event => 'login', address => '127.0.0.1', service => 'E00000000X_E04975701;Sede',
	origin => 'https://sede.example.gob.es', level => 'pin', method => 'pin', loa => 'low', nif => '***0000**' },
	'who, where and how');

# a step-up

$browser->login('/otp/', method => 'permanente', loa => 'high', %ana);
@new = fresh();
is(join(' ', map { $_->{event} } @new), 'step_up session_end', 'a step-up, and what it takes the place of');
is("$new[0]{level} $new[0]{method} $new[0]{loa} $new[0]{nif}", 'permanente_otp permanente high ***0000**', 'as it went');
is("$new[1]{session} $new[1]{nif} $new[1]{reason}", "$session ***0000** step_up", 'the session of before');
my $second = $new[0]{session};

# a logout

my $left = $browser->leave();
@new = fresh();
is(join(' ', map { "$_->{event} $_->{session} $_->{nif}" } @new), "logout $second ***0000**", 'a logout');

# which the gateway confirms, knowing nothing of whom

my $confirmation = Clave::Gateway::answer_to($left, case => 'logout-good-plain');
is(status_of($browser->post_answer($confirmation)), 303, 'the gateway confirms it');
@new = fresh();
is(@new, 1, 'in a line of its own');
delete $new[0]{time};
is_deeply($new[0], { event => 'logout_confirmed', address => '127.0.0.1', service => 'E00000000X_E04975701;Sede',
	origin => 'https://sede.example.gob.es' }, 'that names nobody');
$browser->post_answer($confirmation);
@new = fresh();
is(join(' ', map { "$_->{event} $_->{code}" } @new), 'refusal E-SLO', 'a second time, it is a refusal');
my $metrics = counts();
is(join(' ', map { $metrics->{"clave_logouts_${_}total"} } '', 'confirmed_'), '1 1', 'and counted once');

# refusals

my $weak = Clave::Browser->new();
my $page = $weak->come_back($weak->go_to_gateway('/otp/'), method => 'pin', %ana);
my ($ref) = http_content($page) =~ /\b([0-9A-Z]{4}-[0-9A-Z]{4})\b/;
@new = fresh();
is(@new, 1, 'a refusal');
is(join(' ', map { $new[0]{$_} } qw/ event of ref code level method nif /),
	"refusal login $ref E-LOA permanente_otp pin ***0000**", 'is that of the page, with who it was');
my $forged = Clave::Browser->new();
$forged->come_back($forged->go_to_gateway('/'), case => 'status-authn-failed');
Clave::Browser->new()->get('/.clave/nothing');
@new = fresh();
is(join(' ', map { $_->{code} . (defined $_->{of} ? " $_->{of}" : '') } @new), 'E-CANCEL login E-NOTFOUND', 'others');
ok(!exists $new[1]{nif}, 'of whom nothing is known');

my @lines = map { $_->{code} // () } records();
is_deeply(\@lines, [ refusals($t) ], 'as many as in the error log');

# the forms of a NIF

is(login_at('hashed'), 303, 'a login elsewhere');
is(login_at('hashed'), 303, 'and another one');
my @hashed = records('hashed.log');
like($hashed[0]{nif}, qr/^[0-9a-f]{32}$/, 'a digest');
is($hashed[1]{nif}, $hashed[0]{nif}, 'the same for the same person');
is($hashed[0]{origin}, 'https://hashed.example.gob.es', 'its own origin');
is(login_at('full'), 303, 'a login where they want to know');
is((records('full.log'))[0]{nif}, '00000000T', 'they do');
is(login_at('silent'), 303, 'a login where they do not');

for my $file (qw/ audit.log hashed.log /) {
	my $all = $t->read_file($file);
	unlike($all, qr/00000000T|CANARI|PAJARO|\Q$token\E/i, "$file: nobody's name or cookie");
}
unlike($t->read_file('full.log'), qr/CANARI|PAJARO/, 'full.log: no more than the NIF');
# nginx's own debug lines print what was received
unlike(join("\n", grep { !/\[debug\]/ } split /\n/, $t->read_file('error.log')), qr/00000000T|CANARI|PAJARO/i,
	'error.log: nobody');

is(join(' ', map { sprintf '%o', (stat "$d/$_")[2] & 0777 } qw/ audit.log hashed.log full.log /), '640 640 640',
	'not for everybody to read');

# syslog

is(login_at('remote'), 303, 'a login that syslog hears of');
my $datagram = '';
$syslog->recv($datagram, 4096) if IO::Select->new($syslog)->can_read(10);
my ($head, $body) = $datagram =~ /^(<\d+>.* clave: )(\{.*\})$/;
ok(defined $head, 'as a message of ours');
is((eval { decode_json($body) } // {})->{event}, 'login', 'of one line');

# a log that cannot be written

is(login_at('broken'), 303, 'a full disk keeps nobody out');
is(login_at('broken'), 303, 'nor the next one');
my @complaints = $t->read_file('error.log') =~ /\[error\].*clave: cannot write audit log "\/dev\/full" \(28: No space left on device\)/g;
is(@complaints, 1, 'the error log says so once');
is(counts()->{clave_audit_failed_total}, 2, 'and both are counted');

# rotation

rename "$d/audit.log", "$d/audit.log.1" or die "$!";
kill 'USR1', $t->read_file('nginx.pid') =~ /(\d+)/;
my $end = time() + 10;
until (-e "$d/audit.log" && -s "$d/audit.log") {
	last if time() > $end;
	Clave::Browser->new()->get('/.clave/nothing');
	sleep 0.05;
}
my @rotated = records();
is($rotated[0]{code}, 'E-NOTFOUND', 'USR1: a new file');
is((stat "$d/audit.log")[2] & 0777, 0640, 'USR1: as readable as the old one');
my $old = -s "$d/audit.log.1";
Clave::Browser->new()->get('/.clave/nothing');
is(-s "$d/audit.log.1", $old, 'USR1: the old one has ended');

# an attack

my $before = @{[ records() ]};
my $socket = IO::Socket::INET->new(Proto => 'tcp', PeerAddr => '127.0.0.1:' . port(8080)) or die;
my $attacks = 3000;
my $sent = 0;
my $answered = '';
my $begin = time();
while ($sent < $attacks) {
	my $many = 100;
	print $socket "GET /.clave/nothing HTTP/1.1\r\nHost: sede.example.gob.es\r\n\r\n" x ($many - 1)
		. "GET /.clave/nothing HTTP/1.1\r\nHost: sede.example.gob.es\r\nConnection: close\r\n\r\n";
	local $/;
	$answered = <$socket>;
	$sent += $many;
	$socket = IO::Socket::INET->new(Proto => 'tcp', PeerAddr => '127.0.0.1:' . port(8080)) or die;
}
my $seconds = int(time() - $begin) + 2;
like($answered, qr/^HTTP\/1\.1 404 /, 'an attack is answered');
my $lines = @{[ records() ]} - $before;
cmp_ok($lines, '<=', 101 * $seconds, 'and has few lines');
is(login_at('full'), 303, 'who logs in meanwhile');
is((records('full.log'))[-1]{event}, 'login', 'has one');

# the number of those left out comes with the first line of a later second

sub left_out {
	my $sum = 0;
	$sum += $_->{refusals} for grep { $_->{event} eq 'suppressed' } records();
	return $sum;
}

sub counted { counts()->{clave_audit_suppressed_total} }

$end = time() + 10;
while (left_out() != counted() && time() < $end) {
	Clave::Browser->new()->get('/.clave/nothing');
	sleep 0.2;
}
is(left_out(), counted(), 'how many were left out is told');

close $socket;
undef $t;  # its own checks come now: the functions above would hold it to the end

###############################################################################
