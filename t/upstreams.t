#!/usr/bin/perl

# The identity reaches back ends of every kind, each header once, and forged ones reach none
# (checklist H-04): nginx writes FastCGI, uwsgi and SCGI parameters from its list of headers without
# looking at what other modules have marked as deleted.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Browser;

use IO::Select;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy fastcgi uwsgi scgi/)->plan(34);

my $locations = '';
for my $kind (qw/ fastcgi uwsgi scgi /) {
	$locations .= <<"EOF";
        location /$kind/ {
            clave pin;
            ${kind}_pass 127.0.0.1:8082;
            ${kind}_param SCRIPT_NAME /app;
            ${kind}_param REMOTE_USER \$clave_nif;
            ${kind}_param NOMBRE \$clave_name;
        }

        location /$kind-public/ {
            ${kind}_pass 127.0.0.1:8082;
            ${kind}_param SCRIPT_NAME /app;
        }
EOF
}

clave_conf($t, http => <<'EOF', server => <<"EOF_SERVER");
    ignore_invalid_headers off;
    underscores_in_headers on;
EOF
        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }

        location /without-headers/ {
            clave pin;
            proxy_pass_request_headers off;
            proxy_set_header X-Quien \$clave_nif;
            proxy_pass http://127.0.0.1:8081;
        }

        location /overridden/ {
            clave pin;
            proxy_set_header X-Clave-Nif "";
            proxy_pass http://127.0.0.1:8081;
        }
$locations
EOF_SERVER

my $recording = $t->testdir() . '/recording';
backend($t);
$t->run_daemon(\&record, port(8082), $recording);
$t->waitforsocket('127.0.0.1:' . port(8082)) or die "no recorder\n";
$t->run();

###############################################################################

my $nif = '99999018D';
my $citizen = Clave::Browser->new();
is(status_of($citizen->login('/', method => 'pin')), 200, 'login');

my @forged = ('X-Clave-Nif: 00000000T', 'X_Clave_Nif: 00000000T', 'X.Clave.Nif: 00000000T', 'X-Clave-Loa: high',
	'Ordinary: yes');

for my $kind (qw/ fastcgi uwsgi scgi /) {
	my $sent = recorded($citizen, "/$kind/", @forged, 'Cookie: a=1');
	is(occurrences($sent, 'HTTP_X_CLAVE_NIF'), 1, "$kind: one NIF");
	is(occurrences($sent, $nif), 3, "$kind: its value, that of the id and that of the parameter");
	is(occurrences($sent, '00000000T'), 0, "$kind: none of the forged ones");
	is(occurrences($sent, 'HTTP_X_CLAVE_LOA'), 1, "$kind: one LoA");
	is(occurrences($sent, 'high'), 0, "$kind: ours");
	is(occurrences($sent, "BEGO\xc3\x91A"), 1, "$kind: raw UTF-8 in a parameter");
	is(occurrences($sent, 'HTTP_ORDINARY'), 1, "$kind: other headers");
	is(occurrences($sent, 'a=1'), 1, "$kind: other cookies");
	is(occurrences($sent, $citizen->cookie()), 0, "$kind: not our cookie");

	$sent = recorded($citizen, "/$kind-public/", @forged);
	is(occurrences($sent, 'CLAVE'), 0, "$kind: nothing in a public location");
}

my $headers = backend_saw($citizen->get('/without-headers/'))->{headers};
is($headers->{'x-clave-nif'}, undef, 'the administrator passes no headers');
is($headers->{'x-quien'}, $nif, 'but variables');
$headers = backend_saw($citizen->get('/overridden/', @forged))->{headers};
is($headers->{'x-clave-nif'}, undef, 'the administrator\'s word about a header');

###############################################################################

sub occurrences {
	my ($text, $part) = @_;
	return scalar(() = $text =~ /\Q$part\E/gi);
}

# The octets that one request makes nginx send.

sub recorded {
	my ($browser, $uri, @headers) = @_;
	unlink $recording;
	$browser->get($uri, @headers);
	open my $file, '<', $recording or return '';
	binmode $file;
	local $/;
	return scalar <$file>;
}

sub record {
	my ($port, $recording) = @_;
	my $server = IO::Socket::INET->new(Proto => 'tcp', LocalAddr => "127.0.0.1:$port", Listen => 5,
		ReuseAddr => 1) or die "Can't listen on port $port: $!\n";

	while (my $client = $server->accept()) {
		my $octets = '';
		while (IO::Select->new($client)->can_read(0.2)) {
			sysread($client, $octets, 65536, length $octets) or last;
		}
		next if $octets eq '';
		open my $file, '>', "$recording.new" or die "Can't write $recording: $!\n";
		binmode $file;
		print $file $octets;
		close $file;
		rename "$recording.new", $recording;
	}
}

###############################################################################
