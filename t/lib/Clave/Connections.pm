package Clave::Connections;

# What nginx still holds of those who have gone: for tests in which clients break off.

use warnings;
use strict;

use Time::HiRes qw/ sleep /;

use Test::Nginx;

# For clave_conf's `http`: nginx counts them on port 8083.

sub conf {
	return <<'EOF';
    server {
        listen 127.0.0.1:8083;

        location / {
            stub_status;
            access_log off;
        }
    }
EOF
}

# All there are, that of the question included.

sub active { return _counted(qr/Active connections: (\d+)/) }

sub waiting { return _counted(qr/Waiting: (\d+)/) }

# What $ask says in the end, which is $wanted unless that takes ten seconds.

sub eventually {
	my ($ask, $wanted) = @_;
	for (1 .. 200) {
		last if $ask->() == $wanted;
		sleep 0.05;
	}
	return $ask->();
}

sub _counted {
	my ($number) = @_;
	my $page = http("GET / HTTP/1.0\n\n", PeerAddr => '127.0.0.1:' . port(8083)) // '';
	return $page =~ $number ? $1 : -1;
}

1;
