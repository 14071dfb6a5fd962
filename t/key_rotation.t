#!/usr/bin/perl

# Every key is changed while people log in: our own certificate (checklist S-45), the gateway's
# (S-28), and the key that seals the cookies of logins under way (K-03). Nobody's login is lost, and
# what has been removed is refused from the next reload on.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Browser;
use Clave::Gateway;

use JSON::PP;
use Time::HiRes qw/ sleep /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

# Twenty logins are under way at any time: four crowds of five browsers. Nobody identifies in less
# than half a second.
use constant { CROWDS => 4, BROWSERS => 5, IDENTIFYING => 0.5 };

my $t = Test::Nginx->new()->has(qw/http proxy/)->has_daemon('openssl')->plan(17);

my $d = $t->testdir();
my $keys = clave_keys();

for my $name (qw/ first second /) {
	system("openssl rand -out $d/$name.key 80 && chmod 0600 $d/$name.key") == 0 or die;
}

my %lines = (
	certificate => "$keys/sp-old.pem",
	certificate_key => "$keys/sp-old.key",
	gateway_certificate => "$keys/gateway.pem",
	session_key => "$d/first.key",
);

# What the gateway may do with its answer.
my @TO_OLD_KEY = (case => 'good-encrypted-to-old-key');
my @TO_NEW_KEY = (case => 'good-encrypted');
my @BY_NEXT_SIGNER = (case => 'good-rollover-key', encrypt => JSON::PP::true);

backend($t);
write_conf();
gateway_signs_with('gateway');
$t->run();
$t->run_daemon(\&crowd, $_) for 1 .. CROWDS;

###############################################################################

# our own certificate: the gateway encrypts to the one it saw in the request

my $citizen = Clave::Browser->new();
is(status_of($citizen->login('/', @TO_OLD_KEY)), 200, 'a login with our first certificate');
my ($early, $late) = (begun(), begun());

reload_with(certificate => "$keys/sp.pem", certificate_key => "$keys/sp.key",
	decryption_key => "$keys/sp-old.key");
arrives('a login begun before our certificate changed', $early, @TO_OLD_KEY);
arrives('a login begun afterwards', begun(), @TO_NEW_KEY);

reload_with(decryption_key => undef);
refused_as('E-DEC', 'an answer to the former key, once that is removed', $late, @TO_OLD_KEY);

# the gateway's certificate: the next one is added, used, and then alone

refused_as('E-SIG-KEY', 'a certificate of the gateway that is not pinned yet', begun(), @BY_NEXT_SIGNER);

reload_with(gateway_certificate => "$keys/gateway.pem $keys/rollover.pem");
arrives('an answer signed with the present certificate', begun(), @TO_NEW_KEY);
arrives('an answer signed with the next one', begun(), @BY_NEXT_SIGNER);

$late = begun();
gateway_signs_with('rollover');
everybody_arrives();
reload_with(gateway_certificate => "$keys/rollover.pem");
refused_as('E-SIG-KEY', 'the former certificate, once that is removed', $late, @TO_NEW_KEY);
arrives('an answer signed with its successor', begun(), @BY_NEXT_SIGNER);

# the session key: first known to all workers, since those of before and after a reload serve side by
# side for a moment, then used, and then alone

($early, $late) = (begun(), begun());
my ($slow, $slower) = (at_the_door(), at_the_door());

reload_with(session_key => "$d/first.key $d/second.key");
reload_with(session_key => "$d/second.key $d/first.key");
arrives('a login begun before the session key changed', $early, @BY_NEXT_SIGNER);
like($slow->{browser}->get($slow->{door}), qr/name="SAMLRequest"/, 'one that had yet to reach the gateway');

everybody_arrives();
reload_with(session_key => "$d/second.key");
refused_as('E-IRT', 'an answer to a request made with a key that is gone', $late, @BY_NEXT_SIGNER);
my $page = $slower->{browser}->get($slower->{door});
is(status_of($page), 403, 'a cookie sealed with it is a login that has expired');
is_deeply([ (refusals($t))[-1] ], [ 'E-STATE' ], 'and is called so in the log');

# and all that time

is(status_of($citizen->get('/')), 200, 'the first session outlives every change');
$t->write_file('closed', '');
eventually(sub { CROWDS == grep { (reports($_))[-1] eq 'closed' } 1 .. CROWDS }) or die "the crowd stays\n";
my %crowd = what_crowds_saw();
is($crowd{lost}, '', 'no login of the crowd was lost');
cmp_ok($crowd{arrived}, '>=', 6 * CROWDS * BROWSERS, 'and there was a crowd');

undef $t;  # its own checks come now: the functions below would hold it to the end

###############################################################################
# what a login does

sub begun {
	my $browser = Clave::Browser->new();
	return { browser => $browser, request => $browser->go_to_gateway('/') };
}

# Has been told to log in, and has not yet followed.

sub at_the_door {
	my $browser = Clave::Browser->new();
	return { browser => $browser,
		door => header_of($browser->get('/'), 'Location') =~ s{^https://[^/]+}{}r };
}

sub arrives {
	my ($name, $login, @answer) = @_;
	my $response = $login->{browser}->come_back($login->{request}, method => 'pin', @answer);
	is(header_of($response, 'Location'), '/', $name);
}

sub refused_as {
	my ($code, $name, $login, @answer) = @_;
	my $response = $login->{browser}->come_back($login->{request}, method => 'pin', @answer);
	is(status_of($response) . ' ' . (refusals($t))[-1], "403 $code", $name);
}

###############################################################################
# the configuration

sub write_conf {
	my $given = join '', map { "    clave_$_ $lines{$_};\n" } grep { defined $lines{$_} } sort keys %lines;
	clave_conf($t, main => 'worker_processes 2;', clave => $given . <<'EOF', server => <<'EOF_SERVER');
    clave_gateway            https://pasarela.example.gob.es/Proxy2/ServiceProvider;
    clave_provider_name      "E00000000X_E04975701;Sede";
    clave_require_encryption on;
EOF
        location / {
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }
EOF_SERVER
}

sub reload_with {
	%lines = (%lines, @_);
	write_conf();
	my %before = map { $_ => 1 } workers();
	$t->reload();
	eventually(sub { my @now = workers(); @now == 2 && !grep { $before{$_} } @now })
		or die "nginx did not reload\n";
	everybody_arrives();
}

sub workers {
	return grep { kill 0, $_ } $t->read_file('error.log') =~ /start worker process (\d+)/g;
}

sub eventually {
	my ($condition) = @_;
	for (1 .. 600) {
		return 1 if $condition->();
		sleep 0.05;
	}
	return 0;
}

###############################################################################
# the crowds

sub gateway_signs_with {
	my ($signer) = @_;
	$t->write_file('signer.new', $signer);
	rename "$d/signer.new", "$d/signer" or die "Can't change the signer: $!\n";
}

# Writes "ok" or what went wrong, a line for every login, until the doors are closed. Nobody of it is
# the citizen whose sessions are looked at above: a person has no more than ten.

sub crowd {
	my ($number) = @_;
	my $nif = nif($number);
	open my $report, '>', "$d/crowd-$number" or die "Can't report: $!\n";
	$report->autoflush(1);
	until (-e "$d/closed") {
		my @logins = map { begun() } 1 .. BROWSERS;
		sleep IDENTIFYING;
		print $report outcome_of($_, $nif), "\n" for @logins;
	}
	print $report "closed\n";
}

sub outcome_of {
	my ($login, $nif) = @_;
	my ($browser, $request) = @$login{qw/ browser request /};
	return 'no way to the gateway: ' . first_line($browser->{last}) unless $request;
	my $back = $browser->come_back($request, method => 'pin', nif => $nif,
		gateway_answers($request));
	return 'not back: ' . first_line($back) unless (header_of($back, 'Location') // '') eq '/';
	my $page = $browser->get('/');
	return status_of($page) == 200 ? 'ok' : 'no session: ' . first_line($page);
}

sub first_line {
	my ($response) = @_;
	return ($response // '') =~ /^([^\r\n]+)/ ? $1 : 'nothing';
}

# To the certificate in the request, signed as the gateway signs now.

sub gateway_answers {
	my ($request) = @_;
	return @BY_NEXT_SIGNER if $t->read_file('signer') eq 'rollover';
	return index($request->{xml}, base64_of("$keys/sp-old.pem")) >= 0 ? @TO_OLD_KEY : @TO_NEW_KEY;
}

sub base64_of {
	my ($certificate) = @_;
	open my $file, '<', $certificate or die "Can't open $certificate: $!\n";
	return join '', map { chomp; $_ } grep { !/-----/ } <$file>;
}

sub reports {
	my ($number) = @_;
	return split /\n/, eval { $t->read_file("crowd-$number") } // '';
}

# Whoever was under way when this is called has arrived (or not) when it returns.

sub everybody_arrives {
	my %seen = map { $_ => scalar reports($_) } 1 .. CROWDS;
	eventually(sub { !grep { scalar reports($_) < $seen{$_} + 2 * BROWSERS } 1 .. CROWDS })
		or die "the crowd does not move\n";
}

sub what_crowds_saw {
	my @all = grep { $_ ne 'closed' } map { reports($_) } 1 .. CROWDS;
	return (arrived => scalar(grep { $_ eq 'ok' } @all), lost => join "\n", grep { $_ ne 'ok' } @all);
}

###############################################################################
