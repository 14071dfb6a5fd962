#!/usr/bin/perl

# Browsers that ask for a logout and leave (checklist H-25): none of them stays logged in for that, and
# each session that has ended is in the audit log and counted.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use JSON::PP;

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Browser;
use Clave::Connections;
use Clave::Deserter;
use Clave::Http2;
use Clave::Metrics;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

use constant MANY => 20;

my $t = Test::Nginx->new()->has(qw/http http_v2 proxy threads/)->plan(5);
my $d = $t->testdir();

backend($t);

# One thread, which they all wait for.
clave_conf($t, main => 'thread_pool default threads=1 max_queue=200;', http => <<"EOF", server => <<'EOF_SERVER');
    error_log $d/error.log info;
    clave_audit_log $d/audit.log;

    server {
        listen         127.0.0.1:8082 http2;
        server_name    sede.example.gob.es;
        clave_base_url https://sede.example.gob.es;

        location / { clave pin; proxy_pass http://127.0.0.1:8081; }
    }
EOF
        location / { clave pin; proxy_pass http://127.0.0.1:8081; }
        location /status { clave_status; }
EOF_SERVER

$t->run();

###############################################################################

my @people = map {
	my $browser = Clave::Browser->new();
	$browser->login('/', method => 'pin', nif => nif($_));
	$browser;
} 1 .. 2 * MANY;
my @first = @people[0 .. MANY - 1];
my @second = @people[MANY .. 2 * MANY - 1];
is(inside(@people), 2 * MANY, 'all are logged in');

# Over HTTP/1.1 they are gone while what goes to the gateway is signed. A connection that is reset may
# take its request along.

{
	local $SIG{PIPE} = 'IGNORE';
	my @leavers = map { Clave::Deserter->http1(port(8080), { way => 'logout', %{logout($_)} }) } @first;
	$_->ask() for @leavers;
	$_->leave() for @leavers;
}
is(Clave::Connections::eventually(sub { 2 * MANY - inside(@people) - told() }, 0), 0, 'each that has ended is told of');
cmp_ok(told(), '>', 0, 'and some have');

# Over HTTP/2 they take it back when all of it is sent.

my @connections = map {
	my ($connection, $request) = (Clave::Http2->new(port(8082)), logout($_));
	my $stream = $connection->request('POST', $request->{uri}, headers => $request->{headers});
	$connection->body($stream, $request->{body}, complete => 1)->reset($stream);
	$connection;
} @second;
is(Clave::Connections::eventually(sub { inside(@second) }, 0), 0, 'HTTP/2: nobody stays logged in');
my $out = 2 * MANY - inside(@people);
is(join(' ', told(), counted()), "$out $out", 'each is told of, and counted');

undef $t;

###############################################################################

sub logout {
	my ($browser) = @_;
	return { method => 'POST', uri => '/.clave/logout', body => 'a=b', headers => [ cookie => $browser->cookies(),
		'sec-fetch-site' => 'same-origin', 'content-type' => 'application/x-www-form-urlencoded' ] };
}

sub inside { return scalar grep { status_of($_->get('/')) == 200 } @_ }

sub told { return scalar grep { decode_json($_)->{event} eq 'logout' } split /\n/, $t->read_file('audit.log') }

sub counted { return metrics_in(http_content(http_get('/status')))->{clave_logouts_total} }

###############################################################################
