package Clave;

# What our tests share: keys, the lines of configuration that every one of them needs, and the answer
# of a back end that says what it was sent. Browsers and their logins are in Clave::Browser.

use warnings;
use strict;

use Exporter qw/ import /;
use Fcntl qw/ :flock /;
use File::Path qw/ make_path /;
use File::Spec;
use JSON::PP;

use Test::Nginx qw/ :DEFAULT http_content /;

our @EXPORT = qw/ clave_keys clave_site clave_conf clave_complaints backend backend_hits backend_saw
	header_of status_of refusals nif /;

use constant ORIGIN => 'https://sede.example.gob.es';
use constant BACKEND_PORT => 8081;

my $project = File::Spec->rel2abs(__FILE__);
$project =~ s{/t/lib/Clave\.pm$}{};

sub project { $project }

# The forge's ring of keys, made by whichever test comes first: gateway.pem, sp.pem, sp.key, …

sub clave_keys {
	my $directory = "$project/build/test-keys";
	return $directory if -e "$directory/complete";

	make_path("$project/build");
	open my $lock, '>', "$project/build/test-keys.lock" or die "Can't lock the test keys: $!\n";
	flock $lock, LOCK_EX or die "Can't lock the test keys: $!\n";
	system("$project/t/forge/forge", 'keys', $directory) == 0 or die "no test keys: scripts/install-packages installs what makes them\n";
	return $directory;
}

# The lines every site needs, as clave_conf's `clave`; %change names those that are otherwise, undef leaves
# one out.

sub clave_site {
	my (%change) = @_;
	my $keys = clave_keys();
	my %line = (
		gateway => 'https://pasarela.example.gob.es/Proxy2/ServiceProvider',
		gateway_certificate => "$keys/gateway.pem",
		provider_name => '"E00000000X_E04975701;Sede"',
		certificate => "$keys/sp.pem",
		certificate_key => "$keys/sp.key",
		%change,
	);
	return join '', map { "    clave_$_ $line{$_};\n" } grep { defined $line{$_} } sort keys %line;
}

# clave_conf($t, server => '…', http => '…', main => '…') writes nginx.conf: a plain listener on
# port 8080 behind a TLS terminator that does not exist. `listen`, `server_name`, `store`, `clave` and
# `server_clave` replace the lines a test is about.

sub clave_conf {
	my ($t, %part) = @_;
	my $keys = clave_keys();
	my $main = $part{main} // '';
	my $http = $part{http} // '';
	my $store = $part{store} // 'clave_session_store shared:clave:1m;';
	my $listen = $part{listen} // '127.0.0.1:8080';
	my $name = $part{server_name} // 'sede.example.gob.es';
	my $base_url = $part{server_clave} // 'clave_base_url ' . ORIGIN . ';';
	my $clave = $part{clave} // <<"EOF";
    clave_gateway             https://pasarela.example.gob.es/Proxy2/ServiceProvider;
    clave_gateway_certificate $keys/gateway.pem;
    clave_provider_name       "E00000000X_E04975701;Sede";
    clave_certificate         $keys/sp.pem;
    clave_certificate_key     $keys/sp.key;
EOF

	return $t->write_file_expand('nginx.conf', <<"EOF");
%%TEST_GLOBALS%%

daemon off;
$main

events {
}

http {
    %%TEST_GLOBALS_HTTP%%

    $store
$clave
$http
    server {
        listen       $listen;
        server_name  $name;
        $base_url

$part{server}
    }
}
EOF
}

# What nginx says of the configuration, without its own words around it.

sub clave_complaints {
	my ($t) = @_;
	my @complaints = $t->dump_config() =~ /^nginx: (\[(?:emerg|warn)\] .*)$/mg;
	my $pid = $t->testdir() . '/nginx.pid';  # a test leaves an empty one, as if an nginx had started
	unlink $pid if -z $pid;
	return join "\n", @complaints;
}

# A back end on port 8081 that answers what it was asked, as JSON. In the query, `status=N` sets the
# status of its answer, `header=Name:Value` adds a header (percent-encoded, repeatable).

sub backend {
	my ($t) = @_;
	my $port = port(BACKEND_PORT);
	$t->run_daemon(\&_serve, $port);
	$t->waitforsocket("127.0.0.1:$port") or die "no back end on port $port\n";
	return $t;
}

# Requests that reached the back end. Asking does not count.

sub backend_hits {
	my $answer = http("GET /backend-hits HTTP/1.0\n\n",
		PeerAddr => '127.0.0.1:' . port(BACKEND_PORT));
	return 0 + http_content($answer);
}

# Of a response that the back end made: { method, uri, body, headers => { lower-case name => value } },
# in octets.
# Values of a repeated header are joined by "|", so that a test sees that there were two.

sub backend_saw {
	my ($response) = @_;
	my $seen = eval { decode_json(http_content($response)) };
	return $seen // { method => '', uri => '', body => '', headers => {} };
}

sub _serve {
	my ($port) = @_;
	my $hits = 0;

	my $server = IO::Socket::INET->new(
		Proto => 'tcp', LocalAddr => "127.0.0.1:$port", Listen => 64, ReuseAddr => 1)
		or die "Can't listen on port $port: $!\n";
	local $SIG{PIPE} = 'IGNORE';

	while (my $client = $server->accept()) {
		my $request = _read_request($client);
		next unless defined $request;
		if ($request->{uri} eq '/backend-hits') {
			print $client "HTTP/1.0 200 OK\r\n\r\n$hits";
			next;
		}
		$hits++;
		print $client _echo($request);
	}
}

sub _read_request {
	my ($client) = @_;
	my $line = <$client> // return undef;  # waitforsocket only knocks
	my ($method, $uri) = $line =~ /^(\S+) (\S+)/ or return undef;

	my %headers;
	while (defined($line = <$client>) && $line =~ /^([^:\s]+): *(.*?)\r?\n$/) {
		my $name = lc $1;
		$headers{$name} = defined $headers{$name} ? "$headers{$name}|$2" : $2;
	}
	my $body = '';
	read $client, $body, $headers{'content-length'} // 0;
	return { method => $method, uri => $uri, headers => \%headers, body => $body };
}

sub _echo {
	my ($request) = @_;
	my ($query) = $request->{uri} =~ /\?(.*)/;
	my ($status, $extra) = (200, '');
	for my $pair (split /&/, $query // '') {
		my ($name, $value) = split /=/, $pair, 2;
		$value = ($value // '') =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ger;
		$status = $value if $name eq 'status';
		$extra .= "$value\r\n" if $name eq 'header';
	}
	my $body = JSON::PP->new->ascii->canonical->encode($request);
	return "HTTP/1.0 $status Answered\r\nContent-Type: application/json\r\n"
		. 'Content-Length: ' . length($body) . "\r\n$extra\r\n$body";
}

# What a response says.

sub status_of {
	my ($response) = @_;
	return ($response // '') =~ m{^HTTP/\S+ (\d+)} ? $1 : 0;
}

# All values of a header, in order; in scalar context the first.

sub header_of {
	my ($response, $name) = @_;
	my ($head) = ($response // '') =~ /^(.*?)\r?\n\r?\n/s;
	my @values = ($head // '') =~ /^\Q$name\E: *(.*?)\r?$/mig;
	return wantarray ? @values : $values[0];
}

# Of as many people as a test needs: the sessions of one have a limit.

sub nif {
	my ($number) = @_;
	return sprintf '%08d%s', $number, substr('TRWAGMYFPDXBNJZSQVHLCKE', $number % 23, 1);
}

# The code words of our log lines, in order.

sub refusals {
	my ($t) = @_;
	return $t->read_file('error.log') =~ /clave: (E-[A-Z-]+) ref=/g;
}

1;
