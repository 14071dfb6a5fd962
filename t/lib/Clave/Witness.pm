package Clave::Witness;

# The back end of the tests about doors: one more server of the same nginx, on port 8081, which
# writes down every request that reaches it and whose it is.

use warnings;
use strict;

use Time::HiRes qw/ sleep /;

use Test::Nginx;

use Clave;

# For the http block; the file is witness.log. What it answers: 200, or what
# /answer/NUMBER says; /accel/TO and /accel-named answer with X-Accel-Redirect, /markup/TO with an SSI
# include.

sub conf {
	return <<'EOF';
    log_format witness escape=none "$http_x_try [$http_x_clave_nif] $http_v_door $request";
    server {
        listen       127.0.0.1:8081;
        listen       127.0.0.1:8084 http2;
        server_name  witness;
        access_log   %%TESTDIR%%/witness.log witness;
        large_client_header_buffers 8 64k;

        location / {
            return 200 "witness";
        }

        location = /answer/404 {
            return 404;
        }

        location = /answer/410 {
            return 410;
        }

        location = /answer/500 {
            return 500;
        }

        location ~ ^/accel(?<to>/.*) {
            add_header X-Accel-Redirect $to;
            return 200;
        }

        location = /accel-named {
            add_header X-Accel-Redirect @secret;
            return 200;
        }

        location ~ ^/markup(?<to>/.*) {
            default_type text/html;
            return 200 "before <!--#include virtual=\"$to\" --> after";
        }
    }
EOF
}

my $asked = 0;

# What it has seen so far, in order: { try => X-Try, nif => '-' if nobody's, door => V-Door,
# request => the line }.

sub seen {
	my ($t) = @_;
	my $mark = 'mark-' . ++$asked;
	http("GET /$mark HTTP/1.0\r\n\r\n", PeerAddr => '127.0.0.1:' . port(8081));
	my $log;
	for (1 .. 200) {
		$log = $t->read_file('witness.log');
		last if $log =~ m{ GET /$mark };
		sleep 0.02;
	}
	return map { { try => $_->[0], nif => $_->[1] || '-', door => $_->[2] || '-', request => $_->[3] } }
		grep { $_->[3] !~ m{^GET /mark-\d+ } }
		map { [ /^(\S*) \[(.*?)\] (\S*) (.*)$/ ] } split /\n/, $log;
}

# Of these, what came through the door of a protected location, or to a protected path, without
# identity: as text.

sub trespassers {
	my ($t) = @_;
	return join "\n", map { "$_->{try}: $_->{request}" }
		grep { $_->{nif} eq '-' && ($_->{door} eq 'secret' || path_of($_->{request}) =~ m{^/secret}) } seen($t);
}

# The path of a request line, without its query.

sub path_of {
	my ($request) = @_;
	my ($target) = $request =~ /^\S+ (.*?)(?: HTTP\/\S+)?$/;
	return ($target // '') =~ s/\?.*//sr;
}

1;
