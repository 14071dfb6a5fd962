#!/usr/bin/perl

# A cache whose key has $clave_session_hash shows nobody the page of another: not in the subrequests
# either with which nginx fills it (slice, proxy_cache_background_update), which are copies of the
# main request that enter the phases behind the one that identifies.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Browser;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy cache slice/)->plan(20);

clave_conf($t, http => <<'EOF', server => <<'EOF_SERVER');
    proxy_cache_path %%TESTDIR%%/cache keys_zone=pages:1m;

    server {
        listen       127.0.0.1:8083;
        server_name  localhost;
        etag         off;

        root %%TESTDIR%%/of/$http_x_clave_nif;
    }
EOF
        proxy_cache        pages;
        proxy_cache_valid  any 1s;

        location /sliced {
            clave              pin;
            slice              8;
            proxy_cache_key    "$uri $slice_range $clave_session_hash";
            proxy_cache_valid  any 1m;
            proxy_set_header   Range $slice_range;
            proxy_pass         http://127.0.0.1:8083;
        }

        location /updated {
            clave              optional;
            proxy_cache_key    "$uri $clave_session_hash";
            proxy_cache_use_stale         updating;
            proxy_cache_background_update on;
            proxy_pass         http://127.0.0.1:8083;
        }

        location /plain {
            clave              pin;
            proxy_cache        off;
            proxy_pass         http://127.0.0.1:8081;
        }

        location /expires {
            clave              pin;
            expires            1h;
            proxy_cache        off;
            proxy_pass         http://127.0.0.1:8081/;
        }

        location /added {
            clave              pin;
            add_header         Cache-Control "max-age=7, private";
            proxy_cache        off;
            proxy_pass         http://127.0.0.1:8081/;
        }

        location /accelerated {
            clave              pin;
            proxy_cache        off;
            proxy_pass         http://127.0.0.1:8081/;
        }

        location /inside/ {
            internal;
            proxy_cache        off;
            proxy_pass         http://127.0.0.1:8081/;
        }

        location /maybe {
            clave              optional;
            proxy_cache        off;
            proxy_pass         http://127.0.0.1:8081/;
        }

        location /public {
            proxy_cache        off;
            proxy_pass         http://127.0.0.1:8081/;
        }
EOF_SERVER

my %people = (Ana => '99999018D', Eva => '00000000T');

mkdir $t->testdir() . '/of' or die "Can't create a directory: $!\n";
for my $name (keys %people) {
	mkdir $t->testdir() . "/of/$people{$name}" or die "Can't create a directory: $!\n";
	$t->write_file("of/$people{$name}/$_", "page of $name, for $name only") for qw/ sliced updated /;
}
$t->write_file("of/$_", 'page of none, for none only') for qw/ sliced updated /;
backend($t);
$t->run();

###############################################################################

my %browser = map { $_ => Clave::Browser->new() } keys %people;
$browser{$_}->login('/sliced', method => 'permanente', nif => $people{$_}) for keys %people;

for my $name (sort keys %people) {
	is(http_content($browser{$name}->get('/sliced')), "page of $name, for $name only", "slices, $name");
	is(http_content($browser{$name}->get('/sliced')), "page of $name, for $name only", "again, $name");
}

# what is stale is shown once more, and fetched again behind it

my $nobody = Clave::Browser->new();
is(http_content($browser{Ana}->get('/updated')), 'page of Ana, for Ana only', 'before the update');
select undef, undef, undef, 2.1;
is(http_content($browser{Ana}->get('/updated')), 'page of Ana, for Ana only', 'stale');
select undef, undef, undef, 0.3;
is(http_content($nobody->get('/updated')), 'page of none, for none only', 'nobody');
is(http_content($browser{Eva}->get('/updated')), 'page of Eva, for Eva only', 'another');

# caches of others

sub cache_control {
	my ($who, $uri) = @_;
	return join '|', header_of($who->get($uri), 'Cache-Control');
}

my $public = '?header=Cache-Control:%20public,%20max-age=60';
my $ana = $browser{Ana};

is(cache_control($ana, '/plain'), 'private, no-store', 'a page for somebody');
is(cache_control($ana, '/plain?status=404'), 'private, no-store', 'and an error');
is(cache_control($ana, '/plain?header=Expires:%20Thu,%2001%20Jan%202037%2000:00:00%20GMT'), 'private, no-store',
	'an old word for old caches');
is(cache_control($ana, "/plain$public"), 'public, max-age=60', 'the application knows better');
is(cache_control($ana, '/expires'), 'max-age=3600', 'as does the administrator');
is(cache_control($ana, '/added'), 'max-age=7, private', 'with either directive');
is(cache_control($ana, '/accelerated?header=X-Accel-Redirect:%20/inside/x'), 'private, no-store',
	'what the application fetches for somebody');
is(cache_control($ana, '/maybe'), 'private, no-store', 'somebody who need not be known, and is');
is(cache_control($nobody, '/maybe'), '', 'nobody');
is(cache_control($nobody, "/maybe$public"), 'public, max-age=60', 'nobody at all');
is(cache_control($ana, '/public'), '', 'a public page');
is(cache_control($ana, '/.clave/session'), 'no-store', 'our own answers say it themselves');

###############################################################################
