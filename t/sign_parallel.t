#!/usr/bin/perl

# Many people sign at once, each a document of his own: what each is given is the signature of his
# document, by him (checklist F-03, F-08, F-11).
#
# CLAVE_SIGNERS is how many: 20, or 1000 for the whole of what is promised. All of their signatures are
# under way at the same time: nobody confirms before all have a document to read, and nobody comes back
# before all are at Cl@ve Firma.

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

my $signers = $ENV{CLAVE_SIGNERS} // 20;

# Processes, each with its share of the people, of whom it takes one after the other.
my $lanes = $signers < 20 ? $signers : 20;

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

$fire->ask('personas', { key => "persona-$_", nif => nif($_), given_name => "Persona $_", first_surname => 'Prueba' })
	for 1 .. $signers;

my @lanes = map { lane($_) } 1 .. $lanes;
for (1 .. 2) {
	readline $_->{said} for @lanes;
	print {$_->{go}} "go\n" for @lanes;
}
my (@ids, @wrong);
for my $lane (@lanes) {
	while (my $told = readline $lane->{said}) {
		$told =~ /^\d+ ([0-9a-z]{28})$/ ? push @ids, $1 : push @wrong, $told;
	}
	waitpid $lane->{pid}, 0;
}

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

# Each step of a signature for all people of the lane, and a line for each at the end. Between the steps it
# says that it is so far, and waits for the other lanes.

sub lane {
	my ($lane) = @_;
	pipe my $said, my $say or die "no pipe: $!\n";
	pipe my $told, my $go or die "no pipe: $!\n";
	my $pid = fork // die "no process: $!\n";
	if (!$pid) {
		close $_ for $said, $go;
		$say->autoflush(1);
		my @steps = (\&prepares, \&goes_to_sign, \&comes_back);
		my @all = map { { n => $_, nif => nif($_) } } grep { $_ % $lanes == $lane % $lanes } 1 .. $signers;
		while (my $step = shift @steps) {
			for my $one (@all) {
				my $wrong = exists $one->{wrong} ? '' : eval { $step->($one) } // "died: $@";
				$one->{wrong} = $wrong =~ s/\n/ /gr if $wrong ne '';
			}
			print $say "so far\n" and readline $told if @steps;
		}
		print $say "$_->{n} " . ($_->{wrong} // $_->{id}) . "\n" for @all;
		close $say;
		_exit(0);
	}
	close $_ for $say, $told;
	$go->autoflush(1);
	return { pid => $pid, said => $said, go => $go };
}

# What follows returns what is wrong, if anything. One sends a form, the next signs what an application has
# ordered.

sub prepares {
	my ($one) = @_;
	my $n = $one->{n};
	$one->{person} = Clave::Signer->new(fire => $fire);
	$one->{person}->login('/', nif => $one->{nif});
	if ($n % 2) {
		$one->{base} = $one->{person}->submit('/formulario/', "numero=$n");
		($one->{id}) = $one->{base} =~ m{sign/(\w+)/} or return 'no transaction';
		$one->{text} = "numero: $n\n";
	} else {
		$one->{text} = "Documento $n\n";
		$one->{id} = Clave::Application->new()->prepare(texts => [ $one->{text} ], nif => $one->{nif},
			idempotency_key => "orden-$n")->{id} // return 'no transaction';
		$one->{base} = "/.clave/sign/$one->{id}/";
	}
	return '';
}

sub goes_to_sign {
	my ($one) = @_;
	my $person = $one->{person};
	if ($one->{n} % 2) {
		my $document = http_content($person->get("$one->{base}document"));
		return "another document: $document" if $document ne $one->{text};
	}
	$person->confirm($one->{base});
	# On a busy machine an answer may take longer than a test waits for it: what has been asked for goes on
	# meanwhile, and the page says so.
	$one->{page} = eventually(sub {
		my $page = $person->get($one->{base}) // '';
		return $page =~ /transactionid=/ ? $page : undef;
	}) // return 'never at Cl@ve Firma';
	return '';
}

sub comes_back {
	my ($one) = @_;
	$one->{person}->get($one->{person}->authorise($one->{page}));
	return ($one->{n} % 2 ? signed_form($one) : signed_order($one)) || mistake($one);
}

sub signed_form {
	my ($one) = @_;
	my $saw = eventually(sub {
		my $there = backend_saw($one->{person}->follow($one->{base}));
		return ($there->{body} // '') ne '' ? $there : undef;
	}) // {};
	return 'another form: ' . ($saw->{body} // 'none') unless ($saw->{body} // '') eq "numero=$one->{n}";
	$one->{signature} = http_content($one->{person}->get("$one->{base}signature"));
	my $told = $saw->{headers}{'x-clave-sign-signature-sha256'};
	return $told eq sha256_hex($one->{signature}) ? '' : 'another signature';
}

sub signed_order {
	my ($one) = @_;
	my $app = Clave::Application->new();
	my $looked = eventually(sub {
		my $there = $app->look($one->{id});
		return ($there->{state} // 'recovering') =~ /^(?:at_gateway|recovering)$/ ? undef : $there;
	}) // { state => 'nothing' };
	return "not signed: $looked->{state}" unless $looked->{state} eq 'signed';
	return "signed by $looked->{signer}{nif}" unless $looked->{signer}{nif} eq $one->{nif};
	return 'another document' unless $looked->{documents}[0]{sha256} eq sha256_hex($one->{text});
	$one->{signature} = http_content($app->signature($one->{id}, 'd1'));
	my $told = $looked->{documents}[0]{signature_sha256};
	return $told eq sha256_hex($one->{signature}) ? '' : 'another signature';
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

# What other people's programs say against it.

sub mistake {
	my ($one) = @_;
	my $n = $one->{n};
	my %file = (document => $one->{text}, signature => $one->{signature});
	for my $name (keys %file) {
		open my $out, '>:raw', "$d/$name-$n" or return "can't write: $!";
		print $out $file{$name};
		close $out or return "can't write: $!";
	}
	system("openssl cms -verify -binary -inform DER -in $d/signature-$n -content $d/document-$n -CAfile $authority "
		. "-purpose any -signer $d/signer-$n -out /dev/null 2>$d/openssl-$n") == 0 or return 'openssl finds it bad';
	my $subject = `openssl x509 -noout -subject -in $d/signer-$n`;
	return $subject =~ /IDCES-$one->{nif}\b/ ? '' : "signed by another: $subject";
}

$fire = undef;
undef $t;  # its own checks come now: the functions above would hold it to the end

###############################################################################
