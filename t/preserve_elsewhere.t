#!/usr/bin/perl

# A form that met an ended session at one of several machines (product.md 8.12): its memory is that
# machine's. Who is led back to another one is told that it is lost, and no empty request takes its place.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Browser;
use Clave::Gateway;
use Clave::Redis;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(14);
my $other = Test::Nginx->new();

my $redis = Clave::Redis->new($t, port => 8090)->start();
backend($t);

my $key = $t->testdir() . '/session.key';
$t->write_file('session.key', join '', map { chr int rand 256 } 1 .. 80);
chmod 0600, $key;

my %machine = (here => [ $t, 8080 ], there => [ $other, 8083 ]);

for (values %machine) {
	my ($nginx, $port) = @$_;
	clave_conf($nginx, listen => "127.0.0.1:$port", store => "clave_session_store redis://127.0.0.1:8090; clave_session_key $key;",
		http => 'clave_preserve_post 64k zone=forms:1m; clave_logout /bye;',
		server => 'location / { clave pin; proxy_pass http://127.0.0.1:8081; } location = /bye { }');
	$nginx->run();
}

# One of a browser that sends a form, comes back from the gateway and loads the page at a machine each.

sub led {
	my ($sends, $returns, $loads) = @_;
	my $browser = Clave::Browser->new();
	my $at = sub { $browser->{peer} = '127.0.0.1:' . port($machine{$_[0]}[1]); return $browser };
	my $sent = $at->($sends)->request('POST', '/form', body => 'a=1', headers => [ 'Content-Type: text/plain',
		'Origin: ' . Clave::ORIGIN, 'Sec-Fetch-Site: same-origin', 'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document' ]);
	my $request = Clave::Gateway::request_in($browser->get(header_of($sent, 'Location')));
	my $back = $at->($returns)->come_back($request, method => 'pin');
	return ($browser, $back) if status_of($back) != 303;
	return ($browser, $at->($loads)->get(header_of($back, 'Location')));
}

###############################################################################

my ($browser, $page) = led(qw/ here here here /);
is(status_of($page), 200, 'always the same machine');
is(backend_saw($page)->{method} . ' ' . backend_saw($page)->{body}, 'POST a=1', 'which sends the form on');

my $hits = backend_hits();
($browser, $page) = led(qw/ here there there /);
is(status_of($page), 409, 'another one after the gateway');
like($page, qr/No se ha enviado/, 'says that it was not sent');
is((refusals($other))[-1], 'E-POST-LOST', 'and the log why');

($browser, $page) = led(qw/ here here there /);
is(status_of($page), 409, 'another one after the return');
like($page, qr/No se ha enviado/, 'says so, too');
is((refusals($other))[-1], 'E-POST-LOST', 'so does its log');
is(backend_hits(), $hits, 'the application has seen none of it');
$page = $browser->get('/form');
is(status_of($page), 200, 'it is said once');
is(backend_saw($page)->{method}, 'GET', 'and the page is there');
is(backend_hits(), $hits + 1, 'as any');

undef $redis;
undef $other;
%machine = ();

###############################################################################
