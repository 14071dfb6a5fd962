#!/usr/bin/perl

# Sessions in Redis: two nginx of two machines, as it were, with one Redis between them. Who logs in
# at the one is known at the other, and who logs out is nowhere known any more (K-10); what a dump
# gives (K-02), what is made of what somebody has changed (R-09, R-18), how keys follow each other
# (K-03), and that an answer of the gateway is good once (S-52).

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Browser;
use Clave::Redis;

use MIME::Base64 qw/ encode_base64url /;
use POSIX qw/ WNOHANG _exit /;
use Time::HiRes qw/ sleep time /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy ssi auth_request/)->has_daemon('redis-server')
	->plan(56);
my $other = Test::Nginx->new();

my $redis = Clave::Redis->new($t, port => 8090)->start();
my $store = 'clave_session_store redis://127.0.0.1:8090';

my $d = $t->testdir();
for my $name (qw/ old new /) {
	$t->write_file("$name.key", join '', map { chr int rand 256 } 1 .. 80);
	chmod 0600, "$d/$name.key";
}

backend($t);

sub configure {
	my ($nginx, $port, $keys, $parameters) = @_;
	clave_conf($nginx, main => 'worker_processes 2;', listen => "127.0.0.1:$port",
		store => "$store $parameters; clave_session_key " . join(' ', map { "$d/$_.key" } @$keys) . ';',
		http => <<"EOF", server => <<'EOF_SERVER');
    clave_session_limit 3;

    server {
        listen                127.0.0.1:$port;
        server_name           brief.example.gob.es;
        clave_base_url        https://sede.example.gob.es;
        clave_session_timeout 3s 9s;

        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }
    }

    server {
        listen         127.0.0.1:$port;
        server_name    otra.example.gob.es;
        clave_base_url https://otra.example.gob.es;

        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }
    }
EOF
        location / {
            clave permanente;
            proxy_pass http://127.0.0.1:8081;
        }

        location /domicilio/ {
            clave permanente_otp;
            proxy_pass http://127.0.0.1:8081;
        }

        location /optional/ {
            clave optional;
            proxy_pass http://127.0.0.1:8081;
        }

        location /public/ {
            clave off;
            proxy_pass http://127.0.0.1:8081;
        }

        location = /ssi.html {
            ssi on;
        }

        location /guarded/ {
            auth_request /auth;
            proxy_pass http://127.0.0.1:8081;
        }

        location = /auth {
            internal;
            clave permanente;
            proxy_pass http://127.0.0.1:8081;
        }
EOF_SERVER
}

my $page = '<!--#include virtual="/inside/a" --><!--#include virtual="/inside/b" -->';
$_->write_file('ssi.html', $page) for $t, $other;

configure($t, 8080, ['old'], 'cache=clave-one:1m');
configure($other, 8082, ['old'], 'cache=off');
$t->run();
$other->run();

my $elsewhere = '127.0.0.1:' . port(8082);

###############################################################################

sub browser { return Clave::Browser->new(@_) }

sub at {
	my ($browser, $peer) = @_;
	my $twin = $browser->twin();
	$twin->{peer} = $peer;
	return $twin;
}

sub login {
	my ($browser, %who) = @_;
	$browser->login('/', method => 'permanente', nif => '00000000T', %who);
	return $browser;
}

sub code { status_of($_[0]->get($_[1] // '/')) }

# one session, two machines

my $ana = login(browser());
is(code($ana), 200, 'a login');
is(code(at($ana, $elsewhere)), 200, 'is known to the other machine');
is(backend_saw(at($ana, $elsewhere)->get('/'))->{headers}{'x-clave-nif'}, '00000000T', 'and whose it is');
is(backend_saw($ana->get('/optional/'))->{headers}{'x-clave-nif'}, '00000000T', 'where it is optional, too');
is(code($ana, '/domicilio/'), 302, 'no more than it is good for');

my $stolen = $ana->twin();
$stolen->{host} = 'otra.example.gob.es';
is(code($stolen), 302, 'not at another origin');  # K-11

# the phases wait for it

my $there = at($ana, $elsewhere);
is(() = $there->get('/ssi.html') =~ /"x-clave-nif":"00000000T"/g, 2, 'subrequests wait together');
is(code($there, '/guarded/'), 200, 'auth_request waits');
is(status_of(browser(peer => $elsewhere)->get('/guarded/')), 401, 'and refuses who has no session');
like($there->post('/echo', 'a=1&b=2'), qr/"body":"a=1&b=2"/, 'a body waits');
is(code($there, '/.clave/session'), 200, 'endpoints wait');
my $text = "GET / HTTP/1.1\r\nHost: sede.example.gob.es\r\nCookie: " . $there->cookies();
my @answers = http("$text\r\n\r\n$text\r\nConnection: close\r\n\r\n", PeerAddr => $elsewhere)
	=~ m{HTTP/1\.1 (\d+) }g;
is("@answers", '200 200', 'and pipelined requests');

# a step-up at the one ends the old session at the other (K-07)

my $before = $ana->twin();
$before->get('/') for 1 .. 3;  # cached here
$there->login('/domicilio/', method => 'permanente', nif => '00000000T', loa => 'substantial');
is(code($there, '/domicilio/'), 200, 'a step-up at the other machine');
my $after = at($there, undef);
is(code($after, '/domicilio/'), 200, 'counts here');
is(eventually(sub { code($before) }, 302), 302, 'and the old session ends here');
is(code(at($before, $elsewhere)), 302, 'and there');

# a logout at the one is one at the other

$after->get('/domicilio/') for 1 .. 3;
is(code($after), 200, 'cached');
$there->post('/.clave/logout', '', 'Sec-Fetch-Site: same-origin');
my $begin = time();
is(eventually(sub { code($after) }, 302), 302, 'a logout at the other machine');
cmp_ok(time() - $begin, '<', 1, 'is heard of at once');
is(scalar(grep { /[si]:\{/ } $redis->keys()), 0, 'nothing is left of it');

# a login that goes over both

my $wanderer = browser();
my $request = $wanderer->go_to_gateway('/hello');
my $abroad = at($wanderer, $elsewhere);
is(header_of($abroad->come_back($request, method => 'permanente', nif => '99999999R'), 'Location'), '/hello',
	'a login begun here, completed there');
is(code(at($abroad, undef)), 200, 'counts here');

# an answer is good once (S-52)

my @racers = map { browser(peer => $_ % 2 ? $elsewhere : undef) } 0 .. 3;
$request = $racers[0]->go_to_gateway('/');
my $form = Clave::Gateway::answer_to($request, method => 'permanente');
my %status;
$status{status_of($_->post_answer($form))}++ for @racers;
is_deeply(\%status, { 303 => 1, 403 => 3 }, 'one answer, one login, on whichever machine');

# the limit counts over both

$redis->ask('FLUSHALL');
my @many = map { login(browser(peer => $_ % 2 ? $elsewhere : undef)) } 1 .. 5;
my $in = join '', map { code($_) == 200 ? '+' : '-' } @many;
is(eventually(sub { join '', map { code($_) == 200 ? '+' : '-' } @many }, '--+++'), '--+++', 'the oldest end');
is(code(at($many[2], undef)), 200, 'wherever they began');

# times (K-08)

my $busy = browser(host => 'brief.example.gob.es');
my $idle = browser(host => 'brief.example.gob.es', peer => $elsewhere);
$begin = time();
$_->login('/', method => 'pin', nif => '99999999R') for $busy, $idle;
my ($asked, $stayed) = (0, 0);
while (time() - $begin < 5) {
	sleep 0.5;
	$asked++;
	$stayed++ if code(at($busy, $asked % 2 ? $elsewhere : undef)) == 200;
}
is($stayed, $asked, 'whoever goes on stays, wherever he goes');
is(code($idle), 302, 'whoever does nothing goes');
while (time() - $begin < 10) {
	sleep 0.5;
	code($busy);
}
is(code($busy), 302, 'nobody stays for ever');

# a dump (K-02)

$redis->ask('FLUSHALL');
$ana = login(browser());
my %dump = map { $_ => scalar $redis->ask('DUMP', $_) } $redis->keys();
unlike(join("\n", %dump), qr/00000000T|Ana|permanente/i, 'a dump names nobody');
my $token = $ana->cookie();
unlike(join("\n", %dump), qr/\Q$token\E/, 'and holds no token');
my $opened = 0;
my %guesses;
for my $key ($redis->keys()) {
	my $value = $redis->ask('TYPE', $key) eq 'list' ? join '', @{$redis->ask('LRANGE', $key, 0, -1)} : $redis->ask('GET', $key);
	for my $text ($key, $value) {
		$guesses{$_} = 1 for $text =~ /[\w-]+/g;
		$guesses{$_} = 1, $guesses{substr $_, 0, 43} = 1, $guesses{encode_base64url(pack 'H*', $_)} = 1
			for $text =~ /[0-9a-f]{64}/g;
		$guesses{encode_base64url(substr $text, $_, 32)} = 1 for 0 .. length($text) - 32;
	}
}
for my $text (keys %guesses) {
	$opened++ if code(browser()->set_cookie('__Host-clave', $text)) == 200;
}
is($opened, 0, 'nothing in it is a cookie, no name and no part of a value (K-02)');
diag(scalar(keys %guesses) . ' cookies of a dump');

# what was changed (R-09)

sub changed {
	my ($name, $wanted, $change, $log) = @_;
	$redis->ask('FLUSHALL');
	my $browser = login(browser());
	my $key = $redis->session_key();
	$change->($key, $redis->ask('GET', $key), 'EX', 3600);
	is(eventually(sub { code($browser) }, $wanted), $wanted, $name);
	$redis->ask('DEL', $key);
}

changed('a flipped bit', 302, sub { my ($k, $v, @x) = @_; substr($v, 50, 1) ^= "\1"; $redis->ask('SET', $k, $v, @x) });
changed('a value cut short', 302, sub { my ($k, $v, @x) = @_; $redis->ask('SET', $k, substr($v, 0, 60), @x) });
changed('an empty value', 302, sub { my ($k, $v, @x) = @_; $redis->ask('SET', $k, '', @x) });
changed('a megabyte', 302, sub { my ($k, $v, @x) = @_; $redis->ask('SET', $k, $v . 'x' x 500_000, @x) });
changed('a list', 302, sub { my ($k) = @_; $redis->ask('DEL', $k); $redis->ask('RPUSH', $k, 'x') });
like($t->read_file('error.log'), qr/\[error\].*clave: E-SESS-BAD session=[0-9a-f]{16} /, 'the operator hears of it');
changed('a newer version is not for us', 503, sub { my ($k, $v, @x) = @_; substr($v, 0, 1) = "\2"; $redis->ask('SET', $k, $v, @x) });
changed('no end of its own', 200, sub { my ($k) = @_; $redis->ask('PERSIST', $k) });

# Ten megabytes, and whoever else is there meanwhile.

$redis->ask('FLUSHALL');
my $ten = login(browser(peer => $elsewhere));
my $long = $redis->session_key();
my $record = $redis->ask('GET', $long);
my $beside = login(browser(peer => $elsewhere), nif => '99999999R');
$redis->ask('SETRANGE', $long, 10_000_000, 'x');
my $complaints = () = $other->read_file('error.log') =~ /E-SESS-BAD/g;
my $child = fork() // die "Can't fork: $!\n";
if ($child == 0) {
	my $wrong = grep { code($ten) != 302 } 1 .. 30;
	_exit($wrong);
}
my %beside;
$beside{code($beside)}++ while waitpid($child, WNOHANG) == 0;
is($? >> 8, 0, 'ten megabytes are no session');
is(join(' ', keys %beside), '200', 'and nobody else has less of one');
cmp_ok(scalar(() = $other->read_file('error.log') =~ /E-SESS-BAD/g), '>', $complaints, 'the operator hears of it');
$redis->ask('SET', $long, $record, 'EX', 3600);
$redis->ask('SET', $long =~ s/s:(?=\{)/i:/r, 'x' x 10_000_000, 'EX', 3600);
is(code($ten), 302, 'nor is such a last use');

$redis->ask('FLUSHALL');
my $rich = login(browser(), nif => '99999999R');
my $wealth = $redis->ask('GET', $redis->session_key());
$redis->ask('FLUSHALL');
my $poor = login(browser());
$redis->ask('SET', $redis->session_key(), $wealth, 'EX', 3600);
is(eventually(sub { code($poor) }, 302), 302, 'the record of somebody else');

# restarts

$redis->ask('FLUSHALL');
$ana = login(browser());
$t->stop();
$t->run();
is(code($ana), 200, 'a session over a restart of nginx');
$t->reload();
sleep 0.5;
is(code($ana), 200, 'and a reload');

# keys (K-03): first the new one to read, then to write, then alone

configure($t, 8080, [qw/ old new /], 'cache=clave-one:1m');
reload($t);
configure($other, 8082, [qw/ new old /], 'cache=off');
reload($other);
my $late = login(browser(peer => $elsewhere), nif => '99999999R');
is(code($late), 200, 'a session under the new key');
is(code(at($late, undef)), 200, 'is read by who writes the old one');
is(code(at($ana, $elsewhere)), 200, 'and the other way round');
configure($other, 8082, [qw/ new /], 'cache=off');
reload($other);
is(code($late), 200, 'the new key alone');
is(code(at($ana, $elsewhere)), 302, 'ends what only the old one opens');
is(code($ana), 200, 'there, and not in Redis');

# nobody is named

my @ours = grep { /clave: / } map { split /\n/, $_->read_file('error.log') } $t, $other;
unlike("@ours", qr/00000000T|99999999R|\Q$token\E/, 'nobody is named in the logs');
my @refused = map { refusals($_) } $t, $other;
is(scalar(grep { /^E-STORE$/ } @refused), 1, 'one answer could not be used, and no other');

undef $other;
undef $t;

###############################################################################

sub eventually {
	my ($ask, $wanted) = @_;
	my $seen;
	for (1 .. 60) {
		$seen = $ask->();
		last if $seen eq $wanted;
		sleep 0.05;
	}
	return $seen;
}

# The workers that nginx has now, from its own log.

sub workers {
	my ($nginx) = @_;
	return grep { kill 0, $_ } $nginx->read_file('error.log') =~ /start worker process (\d+)/g;
}

sub reload {
	my ($nginx) = @_;
	my %before = map { $_ => 1 } workers($nginx);
	$nginx->reload();
	for (1 .. 200) {
		my @now = workers($nginx);
		return if @now == 2 && !grep { $before{$_} } @now;
		sleep 0.05;
	}
	die "nginx did not reload\n";
}

###############################################################################
