#!/usr/bin/perl

# Many people sign at once, each a document of his own: what each is given is the signature of his
# document, by him (checklist F-03, F-08, F-11).
#
# CLAVE_SIGNERS is how many: 20, or 1000 for the whole of what is promised.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Application;
use Clave::Fire;
use Clave::Signer;

use Digest::SHA qw/ sha256_hex /;
use JSON::PP;
use POSIX qw/ _exit /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

# As many of them at the same moment: a browser, a forge and openssl each; all of
# them with CLAVE_TOGETHER=1000.
use constant TOGETHER => $ENV{CLAVE_TOGETHER} // 20;
use constant PEOPLE => qw/ 00000000T 11111111H X0000000T /;

my $signers = $ENV{CLAVE_SIGNERS} // 20;

my $t = Test::Nginx->new()->has(qw/http proxy/)->has_daemon('openssl')->plan(7);
my $fire = Clave::Fire->new($t);

clave_conf($t, main => 'worker_processes 2;', store => 'clave_session_store shared:clave:16m;',
	http => "    error_log %%TESTDIR%%/error.log info;\n" . $fire->conf(), server => <<'EOC');
        clave_simulator on;
        clave_firma_timeout 300s;

        location / {
            clave permanente_otp;
            proxy_pass http://127.0.0.1:8081;
        }

        location /formulario/ {
            clave permanente_otp;
            clave_sign form;
            proxy_pass http://127.0.0.1:8081;
        }

        location /ordenes {
            clave_sign_api;
        }
EOC

backend($t)->run();

my $d = $t->testdir();
my $authority = $fire->state() . '/firma-ca.pem';

###############################################################################

my (@children, @ids, @wrong);
for my $n (1 .. $signers) {
	pipe my $from, my $to or die "no pipe: $!\n";
	my $pid = fork // die "no process: $!\n";
	if (!$pid) {
		close $from;
		# One sends a form, the next signs what an application has ordered.
		my $said = eval { $n % 2 ? signs_a_form($n) : signs_an_order($n) } // "died: $@";
		print $to $said =~ s/\n/ /gr;
		close $to;
		_exit(0);
	}
	close $to;
	push @children, [ $pid, $from, $n ];
	wait_for(shift @children) while @children >= TOGETHER;
}
wait_for($_) for @children;

is(join("\n", @wrong), '', "$signers people: each has his own signature");
is(scalar(@ids), $signers, 'all of them');
is(scalar(keys %{{ map { $_ => 1 } @ids }}), $signers, 'none twice');

my %delivered;
$fire->history("/sign/$_/", qr/delivered$/) for $ids[-1];
for my $line (map { decode_json($_) } split /\n/, $t->read_file('evidence.log')) {
	$delivered{$line->{sign}}{$line->{signature_sha256} // ''}++ if ($line->{state} // '') eq 'signed';
}
is(scalar(grep { keys %{$delivered{$_} // {}} == 1 } @ids), $signers, 'the evidence has one signature of each');
my @folders = glob "$d/archive/*/signature";
is(scalar(@folders), $signers, 'and the archive');
is(scalar(() = glob "$d/archive/*/signature.*"), 0, 'and no other');
is(join("\n", grep { /clave: E-/ } split /\n/, $t->read_file('error.log')), '', 'nothing went wrong on the way');

###############################################################################

sub wait_for {
	my ($pid, $from, $n) = @{$_[0]};
	my $told = <$from> // 'nothing';
	waitpid $pid, 0;
	$told =~ /^[0-9a-z]{28}$/ ? push @ids, $told : push @wrong, "$n: $told";
}

# The id of the transaction, if all is as it has to be.

sub signs_a_form {
	my ($n) = @_;
	my ($nif, $person) = person($n);
	my $base = $person->submit('/formulario/', "numero=$n");
	my ($id) = $base =~ m{sign/(\w+)/} or return 'no transaction';
	my $document = http_content($person->get("${base}document"));
	return "another document: $document" unless $document eq "numero: $n\n";
	sign_at($person, $base) or return 'never at Cl@ve Firma';
	my $saw = eventually(sub {
		my $there = backend_saw($person->follow($base));
		return ($there->{body} // '') ne '' ? $there : undef;
	}) // {};
	return 'another form: ' . ($saw->{body} // 'none') unless ($saw->{body} // '') eq "numero=$n";
	my $signature = http_content($person->get("${base}signature"));
	return 'another signature' unless $saw->{headers}{'x-clave-sign-signature-sha256'} eq sha256_hex($signature);
	return mistake($n, $nif, $document, $signature) // $id;
}

sub signs_an_order {
	my ($n) = @_;
	my ($nif, $person) = person($n);
	my $app = Clave::Application->new();
	my $text = "Documento $n\n";
	my $id = $app->prepare(texts => [ $text ], nif => $nif, idempotency_key => "orden-$n")->{id};
	my $base = "/.clave/sign/$id/";
	sign_at($person, $base) or return 'never at Cl@ve Firma';
	my $looked = eventually(sub {
		my $there = $app->look($id);
		return ($there->{state} // 'recovering') =~ /^(?:at_gateway|recovering)$/ ? undef : $there;
	}) // { state => 'nothing' };
	return "not signed: $looked->{state}" unless $looked->{state} eq 'signed';
	return "signed by $looked->{signer}{nif}" unless $looked->{signer}{nif} eq $nif;
	return 'another document' unless $looked->{documents}[0]{sha256} eq sha256_hex($text);
	my $signature = http_content($app->signature($id, 'd1'));
	return 'another signature' unless $looked->{documents}[0]{signature_sha256} eq sha256_hex($signature);
	return mistake($n, $nif, $text, $signature) // $id;
}

# There and back. On a busy machine an answer may take longer than a test waits for it: what has been asked
# for goes on meanwhile, and the page says so.

sub sign_at {
	my ($person, $base) = @_;
	$person->confirm($base);
	my $page = eventually(sub { my $page = $person->get($base) // ''; $page =~ /transactionid=/ ? $page : undef })
		or return 0;
	$person->get($person->authorise($page));
	return 1;
}

sub eventually {
	my ($looks) = @_;
	for (1 .. 600) {
		my $seen = $looks->();
		return $seen if defined $seen;
		select undef, undef, undef, 0.2;
	}
	return undef;
}

sub person {
	my ($n) = @_;
	my $nif = (PEOPLE)[ $n % 3 ];
	my $person = Clave::Signer->new(fire => $fire);
	$person->login('/', nif => $nif);
	return ($nif, $person);
}

# What other people's programs say against it.

sub mistake {
	my ($n, $nif, $document, $signature) = @_;
	my %file = (document => $document, signature => $signature);
	for my $name (keys %file) {
		open my $out, '>:raw', "$d/$name-$n" or return "can't write: $!";
		print $out $file{$name};
		close $out or return "can't write: $!";
	}
	system("openssl cms -verify -binary -inform DER -in $d/signature-$n -content $d/document-$n -CAfile $authority "
		. "-purpose any -signer $d/signer-$n -out /dev/null 2>$d/openssl-$n") == 0 or return 'openssl finds it bad';
	my $subject = `openssl x509 -noout -subject -in $d/signer-$n`;
	return $subject =~ /IDCES-$nif\b/ ? undef : "signed by another: $subject";
}

$fire = undef;
undef $t;  # its own checks come now: the functions above would hold it to the end

###############################################################################
