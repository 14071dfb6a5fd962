#!/usr/bin/perl

# What lies in shared memory and in Redis: the forms that wait for a login, sessions, outcomes. A dump
# of either shows no form and no cookie, and one of Redis nobody's name (checklist K-02, K-03, product
# 8.12). Sessions in the zone of a machine are in the clear, as is the key that would seal them: they
# are what its workers look at with every request.

###############################################################################

use warnings;
use strict;
no warnings 'portable';  # addresses have 64 bits

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Digest::SHA qw/ sha256 sha256_hex /;
use MIME::Base64 qw/ decode_base64url /;

use Test::Nginx;
use Clave;
use Clave::Browser;
use Clave::Gateway;
use Clave::Redis;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy/)->has_daemon('redis-server')->plan(7);
my $d = $t->testdir();

# Nothing that nginx or Redis has of its own.
my $form = join '&', map { "canario$_=CANARIOENLAJAULA" } 1 .. 2000;
my %ana = (method => 'pin', nif => '00000000T', given_name => 'CANARIANA', first_surname => 'PAJARO',
	surnames => 'PAJARO CANTOR');

backend($t);
$t->write_file('session.key', join '', map { chr int rand 256 } 1 .. 80);
chmod 0600, "$d/session.key";
my $redis = Clave::Redis->new($t, port => 8090)->start();

###############################################################################

# the memory that the workers share

serve('clave_session_store shared:clave:1m;');
my $before = occupied(shared_memory());
my ($citizen, $sender) = (arrived(), waiting());
my $memory = shared_memory();
cmp_ok(occupied($memory) - $before, '>', 0.9 * length $form, 'a form is in the shared memory');
ok(index($memory, sha256(token($citizen))) >= 0, 'and a session under its key');
is(found_in($memory, secrets($citizen, $sender)), '', 'neither form nor cookie can be read there');
$t->stop();

# Redis

serve("clave_session_store redis://127.0.0.1:8090; clave_session_key $d/session.key;");
($citizen, $sender) = (arrived(), waiting());
my $coming = Clave::Browser->new();
is(status_of($coming->post_answer(Clave::Gateway::answer_to($coming->go_to_gateway('/'), %ana))), 303,
	'somebody has an answer of the gateway, and has not come back');
my @keys = $redis->keys();
my $dump = join "\n", map { ($_, octets_of($_)) } @keys;
is(join('', sort { $a cmp $b } kinds(@keys)), 'imops', 'Redis has all kinds of records of an identification');
ok(index($dump, sha256_hex(token($citizen))) >= 0, 'under its key');
is(found_in($dump, secrets($citizen, $sender), map({ ($_ => $ana{$_}) } qw/ nif given_name first_surname /)), '',
	'neither form nor cookie nor person can be read there');
$t->stop();

undef $t;  # its own checks come now: the functions below would hold it to the end

###############################################################################

sub serve {
	my ($store) = @_;
	clave_conf($t, store => $store, http => <<'EOF', server => <<'EOF_SERVER');
    error_log %%TESTDIR%%/error.log info;
    clave_preserve_post 1m zone=forms:4m;
EOF
        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }
EOF_SERVER
	$t->run();
}

sub arrived {
	my $browser = Clave::Browser->new();
	for (1 .. 200) {  # Redis is connected to after nginx listens
		return $browser if status_of($browser->login('/', %ana)) == 200;
		select undef, undef, undef, 0.05;
	}
	die "no login\n";
}

# Has sent a form, and has yet to log in.

sub waiting {
	my $browser = Clave::Browser->new();
	my $answer = $browser->request('POST', '/form', body => $form, headers => [
		'Content-Type: application/x-www-form-urlencoded', 'Accept: text/html', 'Origin: ' . Clave::ORIGIN,
		'Sec-Fetch-Site: same-origin', 'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document' ]);
	status_of($answer) == 303 or die "the form is not kept\n";
	return $browser;
}

# The octets that are in a browser's cookie.

sub token { return decode_base64url($_[0]->cookie()) }

sub secrets {
	my ($logged_in, $sender) = @_;
	return (form => 'CANARIOENLAJAULA', cookie => $logged_in->cookie(), token => token($logged_in),
		'cookies of the sender' => join '', values %{$sender->{cookies}});
}

sub found_in {
	my ($octets, %secret) = @_;
	return join ', ', grep { index($octets, $secret{$_}) >= 0 } sort keys %secret;
}

# What is mapped into all processes of nginx, as its master sees it.

sub shared_memory {
	my $master = $t->read_file('nginx.pid') + 0;
	open my $maps, '<', "/proc/$master/maps" or die "Can't look into nginx: $!\n";
	open my $memory, '<:raw', "/proc/$master/mem" or die "Can't look into nginx: $!\n";
	my $all = '';
	while (my $line = <$maps>) {
		my ($from, $to) = $line =~ /^([0-9a-f]+)-([0-9a-f]+) rw-s/ or next;
		seek $memory, hex $from, 0;
		read $memory, my $part, hex($to) - hex $from;
		$all .= $part;
	}
	return $all;
}

sub occupied { return ($_[0] =~ tr/\0//c) }

# "PREFIX s:{…}" is a session.

sub kinds {
	my %kinds = map { /(\w):\{/ ? ($1 => 1) : () } @_;
	return keys %kinds;
}

sub octets_of {
	my ($key) = @_;
	my $type = $redis->ask('TYPE', $key);
	return $redis->ask('GET', $key) if $type eq 'string';
	return join "\n", @{$redis->ask('LRANGE', $key, 0, -1)} if $type eq 'list';
	return $redis->ask('DUMP', $key);  # not compressed but for long strings
}

###############################################################################
