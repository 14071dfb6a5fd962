#!/usr/bin/perl

# What FIRe and the machine may do to a signature: nothing that is not verified reaches the
# application, nothing that was handed over is lost, nothing is signed twice (checklist F-09, F-12,
# F-15, F-18).

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Fire;
use Clave::Metrics;
use Clave::Signer;

use Digest::SHA;
use JSON::PP;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my %ends = (
	corrupted           => 'failed:gateway',
	foreign_redirect    => 'failed:configuration',
	foreign_transaction => 'failed:configuration',
	lost_answer         => 'lost',
	other_document      => 'failed:wrong_document',
	other_signer        => 'failed:wrong_signer',
	unsigned            => 'failed:gateway',
);

# Answers to compose: what FIRe has composed is fetched a while later, and then it shows whether it has.
my %lost_at_first = (html_error => 'lost', lost_recovery => 'signed', truncated_json => 'signed');

# What the person is told.
my %status = (corrupted => 502, foreign_redirect => 502, foreign_transaction => 502, lost_answer => 502,
	other_document => 409, other_signer => 409, unsigned => 502);
my %says = (foreign_redirect => 'no ha admitido la petici', foreign_transaction => 'no ha admitido la petici',
	lost_answer => 'se perdi', other_document => 'por seguridad no hemos aceptado',
	other_signer => 'por seguridad no hemos aceptado');

my %logged = (other_document => 'E-SIGN-DIGEST', other_signer => 'E-SIGN-SUBJ',
	corrupted => 'E-SIGN-VERIFY', unsigned => 'E-SIGN-VERIFY');

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(7 * keys(%ends) + 3 * keys(%lost_at_first) + 21);
my $fire = Clave::Fire->new($t);

clave_conf($t, http => <<'EOF_HTTP' . $fire->conf(), server => <<'EOF');
    error_log %%TESTDIR%%/error.log info;

    server {
        listen 127.0.0.1:8082;
        location /status { clave_status; }
    }
EOF_HTTP
        clave_simulator on;
        clave_firma_timeout 2s;

        location / {
            clave permanente_otp;
            clave_sign form;
            proxy_pass http://127.0.0.1:8081;
        }
EOF

backend($t)->run();

my $ana = Clave::Signer->new(fire => $fire);
$ana->login('/');

###############################################################################

for my $fault (sort keys %ends) {
	my $hits = backend_hits();
	$fire->fault($fault);
	my $base = $ana->submit('/', "fault=$fault");
	my $page = $ana->sign_at($base);

	like($fire->history($base), qr/ \Q$ends{$fault}\E$/, "$fault: $ends{$fault}");
	is(backend_hits(), $hits, "$fault: the application gets nothing");
	isnt($ana->token($page), '', "$fault: what was typed is still there");
	is(status_of($page), $status{$fault}, "$fault: $status{$fault}");
	like($page, qr/@{[ $says{$fault} \/\/ 'no se ha terminado en Cl\@ve' ]}/, "$fault: said in words that fit");
	my $word = $logged{$fault} // 'E-SIGN-[A-Z]+';
	my ($id) = $base =~ m{sign/(\w+)/};
	my $number = uc join '-', $id =~ /(.{4})/g;
	like($t->read_file('error.log'), qr/clave: $word ref=$number /, "$fault: one line says so");
	like($page, qr{<p class="ref">[^\n]*<code>$number</code>}, "$fault: under the reference that the page has");
}

# an answer that does not come is not yet a signature lost

my %later = map { $fire->fault($_); my $base = $ana->submit('/', "later=$_"); $ana->sign_at($base); ($_ => $base) }
	keys %lost_at_first;
for my $fault (sort keys %lost_at_first) {
	my ($base, $end) = ($later{$fault}, $lost_at_first{$fault});
	like($fire->history($base, qr/ (?:signed|lost)$/), qr/^created shown confirmed at_gateway recovering .*\b$end$/,
		"$fault: fetched later, and $end");
	is(backend_saw($ana->follow($base))->{body}, $end eq 'signed' ? "later=$fault" : '',
		"$fault: the application gets what was signed");
	my ($id) = $base =~ m{sign/(\w+)/};
	my $number = uc join '-', $id =~ /(.{4})/g;
	like($t->read_file('error.log'), qr/clave: E-SIGN-LOST ref=$number .*to be fetched later/,
		"$fault: one line says so");
}

# what was refused is kept, and not delivered

$fire->fault('other_document');
my $refused = $ana->submit('/', 'quarantine=1');
$ana->sign_at($refused);
my ($id) = $refused =~ m{sign/(\w+)/};
ok(-e $t->testdir() . "/archive/$id/signature.refused", 'a refused signature is kept apart');
is(http_content($ana->get("${refused}signature")) =~ /^0/ ? 1 : 0, 0, 'and given to nobody');

my $metrics = metrics_in(http_content(http_get('/status', PeerAddr => '127.0.0.1:' . port(8082))));
my %failed = (wrong_document => 1);  # the last one
$failed{s/^failed://r}++ for grep { /^failed:/ } values %ends;
is_deeply({ map { /^clave_signature_failures_total\{reason="(\w+)"\}$/ && $metrics->{$_} ? ($1 => $metrics->{$_}) : () } keys %$metrics },
	\%failed, 'and counted, as all the others, by its reason');

# a worker that is killed while FIRe is asked

my $slow = $ana->submit('/', 'kill=1');
my $onward = $ana->confirm($slow);
$fire->fault('slow');
like($fire->history($slow), qr/at_gateway$/, 'at Cl@ve Firma');
$t->reload();
is($ana->token($ana->get($slow)) ne '' || $ana->get($slow) =~ /transactionid/ ? 1 : 0, 1,
	'a reload loses nothing that is under way');
my $response = $ana->follow($ana->authorise($onward));
is(backend_saw($response)->{body}, 'kill=1', 'and it is signed by the next worker');

# one that was begun before

my $hits = backend_hits();
my $down = $ana->submit('/', 'down=1');
my $token = $ana->token($ana->get($down));

# the evidence cannot be written: nothing is signed, and nothing that was signed is lost

my $evidence = $t->testdir() . '/evidence.log';
my $before = $t->read_file('evidence.log');
my $verdict = verify($before);
is($verdict->{bad}, 0, 'the evidence is a chain');
is((stat $evidence)[2] & 0777, 0640, 'which not everybody can read');
my @lines = split /^/, $before;
splice @lines, 5, 1;
isnt(verify(join '', @lines)->{bad}, 0, 'from which no line can be taken');
(my $changed = $before) =~ s/"wrong_document"/"wrong_signer"/;
isnt(verify($changed)->{bad}, 0, 'or changed');

system("ln -sf /dev/full $evidence") == 0 or die;
kill 'USR1', $t->read_file('nginx.pid') =~ /(\d+)/;
for (1 .. 100) {
	last if status_of($ana->post('/', 'full=1')) == 503;
	select undef, undef, undef, 0.05;
}
my $ops = () = $fire->operations();
is(status_of($ana->post('/', 'full=2')), 503, 'no evidence, no signature: 503');
is(status_of($ana->post("${down}confirm", "token=$token&read=1")), 503, 'nor what was begun before');
is(scalar(() = $fire->operations()), $ops, 'FIRe hears of none of it');
like($t->read_file('error.log'), qr/clave: E-EVIDENCE ref=/, 'the log says why');
unlink $evidence;
kill 'USR1', $t->read_file('nginx.pid') =~ /(\d+)/;
for (1 .. 100) {
	last if status_of($ana->post('/', 'back=1')) == 303;
	select undef, undef, undef, 0.05;
}
is(status_of($ana->post('/', 'back=2')), 303, 'evidence again, signatures again');
is((stat $evidence)[2] & 0777, 0640, 'reopened, it is for as few');

# FIRe is away

my $away = $ana->submit('/', 'away=1');
$fire->stop();
my $page = $ana->confirm($away);
is(status_of($page), 503, 'FIRe away: 503');
isnt(header_of($page, 'Retry-After') // '', '', 'to be tried later');
like($page, qr/no responde en este momento.*Espere unos minutos/s, 'and says so');
isnt($ana->token($page), '', 'without typing again');
is(backend_hits(), $hits, 'all the while nothing has passed unsigned');

###############################################################################

# As anybody could verify it: each line has the digest of the one before it in its chain.

sub verify {
	my ($text) = @_;
	my (%last, $bad);
	for my $line (split /\n/, $text) {
		my $json = decode_json($line);
		my $chain = $last{$json->{chain}};
		$bad++ if $chain && $json->{previous} ne $chain->{digest};
		$bad++ if $chain && $json->{number} != $chain->{number} + 1;
		$last{$json->{chain}} = { digest => Digest::SHA::sha256_hex($line),
			number => $json->{number} };
	}
	return { bad => $bad // 0 };
}

###############################################################################
