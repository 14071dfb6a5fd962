#!/usr/bin/perl

# Machines that share an address and not their session key: nobody's login goes on at the other one.
# The log says so as a warning, once a minute, since anybody can make one look like that.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Browser;

use Time::HiRes qw/ sleep /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(11);
my $d = $t->testdir();

sub write_key {
	my ($byte) = @_;
	$t->write_file('session.key', $byte x 80);
	chmod 0600, "$d/session.key";
}

# The level of the line, and what it says behind the provider's name.

sub said {
	my @lines = map { /\[(\w+)\] .*clave: E-STATE .* sp="[^"]*" ([^,]*)/ ? "$1: $2" : () } split /\n/, $t->read_file('error.log');
	return $lines[-1] // 'nothing';
}

write_key('a');
my %conf = (http => <<"EOF", server => <<'EOF');
    clave_session_key $d/session.key;
    error_log $d/error.log info;
EOF
        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }
EOF
clave_conf($t, %conf);
backend($t)->run();

sub reload {
	my $workers = () = $t->read_file('error.log') =~ /start worker process \d+/g;
	my $gone = () = $t->read_file('error.log') =~ /exited with code 0/g;
	$t->reload();
	for (1 .. 200) {
		my $log = $t->read_file('error.log');
		last if $workers < (() = $log =~ /start worker process \d+/g) && $gone < (() = $log =~ /exited with code 0/g);
		sleep 0.05;
	}
}

###############################################################################

# as if a balancer had led the browser to another machine

my @browsers = map { Clave::Browser->new() } 1 .. 3;
my @pages = map { header_of($_->get('/'), 'Location') } @browsers;
my $well = Clave::Browser->new();
ok($well->go_to_gateway('/'), 'a login at the machine that began it');

write_key('b');
reload();

my $page = $browsers[0]->get($pages[0]);
is(status_of($page), 403, 'it does not go on at the other one');
is(said(), 'warn: no key of ours opens the cookie of this login', 'of which the log warns');
is(status_of($browsers[1]->get($pages[1])), 403, 'nor does the next one');
is(said(), 'info: no key of ours opens the cookie of this login', 'of which it does not, in the same minute');
my ($suffix) = $pages[2] =~ /s=(.*)/;
is(status_of($browsers[2]->get("/.clave/return?s=$suffix")), 403, 'the same on the way back');
is(said(), 'info: no key of ours opens the cookie of this login', 'in the same words');

# what is something else

Clave::Browser->new()->get($pages[0]);
is(said(), 'info: no login under way in this browser', 'a browser without the cookie');
my $junk = Clave::Browser->new()->set_cookie("__Host-clave-st-$suffix", 'x');
$junk->get($pages[2]);
is(said(), 'info: no login under way in this browser', 'one with a cookie that is no machine\'s');

# what the advice names besides keys: the cookie is sealed for one provider

my $renamed = Clave::Browser->new();
my $under_way = header_of($renamed->get('/'), 'Location');
clave_conf($t, %conf, server => qq(        clave_provider_name "E00000000X_E04975701;Otra";\n$conf{server}));
reload();
is(status_of($renamed->get($under_way)), 403, 'a login that began under another clave_provider_name');
is(said(), 'warn: no key of ours opens the cookie of this login', 'which looks the same');

undef $t;  # its own checks come now: the functions above would hold it to the end

###############################################################################
