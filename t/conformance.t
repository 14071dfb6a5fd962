#!/usr/bin/perl

# The simulator's conformance run, which knows nothing of the module, on a site behind it: every wrong
# answer that it has is refused, every good one let in, and no request has a finding. The site itself
# is believed to be a real one until its certificates say otherwise.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Fire;

use JSON::PP;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

binmode Test::More->builder->$_(), ':utf8' for qw/ output failure_output /;

my $simulate = Clave::project() . '/scripts/simulate';
my @known = map { /^(\S+)/ } `$simulate conformance --list`;
my @lint = qw! lint/errors lint/warnings lint/fresh !;
my @levels = grep { m!^level/! } @known;

my $t = Test::Nginx->new()->has(qw/http proxy http_ssl/)->plan(@known + @lint + @levels + 11);
my $simulator = Clave::Fire->new($t);
my ($state, $port) = ($simulator->state, port(8443));
my $origin = "https://sede.localhost:$port";

site('');
like(clave_complaints($t), qr/SIMULADOR.* belongs to the simulator; .*clave_simulator on/,
	'a site that does not say that it is a test refuses the certificates of the simulator');
$t->write_file('error.log', '');

site('clave_simulator on;');
backend($t)->run();

###############################################################################

{
	my $told = conformance('/domicilio/', '--logout', "$origin/.clave/logout", '--strict');
	is_deeply($told->{asked},
		{ loa => 'substantial', excluded => [qw/ pin movil certificado eidas /] },
		'what the location asks for');
	is_deeply([ map { $_->{name} } @{$told->{cases}} ], [ @known, @lint ], 'every case is played');
	verdicts($told);
	is($told->{status}, 0, 'the site conforms');
	is_deeply($told->{lint}, [], 'no request has a finding');

	my ($suite) = $t->read_file('report.xml') =~ /(<testsuite [^>]*>)/;
	like($suite, qr/failures="0" errors="0"/, 'in the format of CI servers, too');
}

# A location that takes every method but one, at any level.

{
	my $told = conformance('/puntos/', '--only', 'level');
	is_deeply($told->{asked}, { loa => 'low', excluded => ['eidas'] }, 'what the other one asks for');
	is(scalar @{$told->{cases}}, @levels, 'only these cases are played');
	verdicts($told);
	is($told->{status}, 0, 'nothing fails');
}

undef $simulator;
undef $t;  # its own checks come now: the functions below would hold it to the end

###############################################################################

sub site {
	my ($simulator_is) = @_;
	clave_conf($t, listen => '127.0.0.1:8443 ssl', server_name => 'sede.localhost',
		server_clave => "clave_base_url $origin;", clave => <<"EOF1", server => <<"EOF2");
    clave_gateway             $simulator->{addresses}{gateway};
    clave_gateway_certificate $state/gateway.pem;
    clave_provider_name       "$simulator->{addresses}{provider_name}";
    clave_certificate         $state/sede.pem;
    clave_certificate_key     $state/sede.key;
EOF1
        $simulator_is
        ssl_certificate     $state/tls.pem;
        ssl_certificate_key $state/tls.key;

        location = /         { return 200 "hasta luego"; }
        location /domicilio/ { clave permanente_otp; proxy_pass http://127.0.0.1:8081; }
        location /puntos/    { clave pin;            proxy_pass http://127.0.0.1:8081; }
EOF2
}

sub conformance {
	my ($path, @options) = @_;
	my $directory = $t->testdir();
	my $pid = open my $said, '-|', $simulate, 'conformance', '--state', $state, '--sp', "$origin$path",
		'--json', "$directory/report.json", '--junit', "$directory/report.xml", @options
		or die "Can't start the conformance run: $!\n";
	my @lines = <$said>;
	close $said;
	is($? >> 8, decode_json($t->read_file('report.json'))->{status}, "$path: the status of the command")
		or diag(@lines);
	return decode_json($t->read_file('report.json'));
}

sub verdicts {
	my ($told) = @_;
	for my $case (@{$told->{cases}}) {
		# "level/too_low" has nothing to try where anything is enough.
		my $fine = $case->{verdict} eq 'PASS'
			|| $case->{verdict} eq 'NOT APPLICABLE' && $told->{asked}{loa} eq 'low';
		ok($fine, "$case->{name}: $case->{text}")
			or diag("$case->{verdict}: expected $case->{expected}; seen $case->{seen} $case->{note}");
	}
}
