#!/usr/bin/perl

# Orders of an application that the session store has forgotten, as the memory of nginx does with a restart:
# what was under way is lost, and says so, to the application and to its person; what was signed is there;
# what FIRe has handed over goes on. The same order is never signed a second time without a new key.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Application;
use Clave::Faults;
use Clave::Fire;
use Clave::Signer;

use File::Copy qw/ copy /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(40);
my $fire = Clave::Fire->new($t);
clave_conf($t, http => "    error_log %%TESTDIR%%/error.log info;\n" . $fire->conf(), server => <<'EOC');
        clave_simulator on;
        clave_session_timeout 1h 2h;

        location / {
            clave permanente_otp;
            proxy_pass http://127.0.0.1:8081;
        }

        location /ordenes {
            clave_sign_api;
        }
EOC
backend($t);
$t->run();

my $app = Clave::Application->new();
my $ana = Clave::Signer->new(fire => $fire);
my $session = backend_saw($ana->login('/'))->{headers}{'x-clave-session'};

###############################################################################

my $first = $app->order();
my $unsent = Clave::Application::said($app->submit($first))->{id};
my $waiting = $app->prepare()->{id};
my $in_session = $app->prepare(session => $session)->{id};
my $shown = $app->prepare()->{id};
$ana->get(base($shown));
my $there = $app->prepare()->{id};
my $ok = $ana->authorise($ana->confirm(base($there)));

my $signed = $app->prepare()->{id};
$ana->sign_at(base($signed));
is($app->settled($signed)->{state}, 'signed', 'one is signed');

# of two documents; a worker has fetched both and is killed, and then all are: FIRe gives nothing twice

my @texts = ("Solicito el alta.\n", "Y la baja.\n");
my $fetched = $app->prepare(texts => \@texts)->{id};
my $back = $ana->authorise($ana->confirm(base($fetched)));
my $begun = $t->testdir() . '/begun';
copy(archive($fetched, 'transaction'), $begun) or die "copy: $!\n";
$ana->get($back);
is($app->settled($fetched)->{state}, 'signed', 'and one of two documents');
my @signatures = map { http_content($app->signature($fetched, $_)) } 'd1', 'd2';

$t->stop();
for my $name ('signature', 'signature.2') {
	rename archive($fetched, $name), archive($fetched, $name =~ s/signature/signature.unverified/r)
		or die "rename: $!\n";
}
rename $begun, archive($fetched, 'transaction') or die "rename: $!\n";
unlink archive($fetched, 'receipt.json');
my $clock = Clave::Faults->run($t, 'clock');

# its person; whoever is nobody, or somebody else, learns nothing

is(status_of($ana->get(base($shown))), 302, 'nobody: a login');
my $benito = Clave::Signer->new(fire => $fire);
$benito->login('/', nif => nif(7), given_name => 'Benito');
is(status_of($benito->get(base($_))), 404, 'somebody else: nothing') for $shown, $waiting, $signed;
is($fire->history(base($shown)), 'created created shown', 'and nothing has become of it by that');

$ana->login('/');
my $page = $ana->follow(base($shown));
is(status_of($page), 502, 'under way: lost');
like($page, qr/Un fallo nuestro ha borrado hasta dónde llegó su firma/, 'which the page says');
like($page, qr/El organismo no ha recibido ninguna firma/, 'and that the office has no signature');
like($page, qr/vuelva al trámite y empiece desde allí/, 'and where to begin again');
unlike($page, qr/<form[^>]*again/, 'which is not here');
like($page, qr/Alta de beneficiario|ALTA/, 'and which one it was');
is($fire->history(base($shown)), 'created created shown lost', 'as the evidence has it');
is(status_of($ana->get(base($shown))), 502, 'it is the same afterwards');
like($ana->follow(base($waiting)), qr/Un fallo nuestro/, 'one that she had not looked at: the same');
like($ana->follow(base($unsent)), qr/Un fallo nuestro/, 'one whose document had not come');
like($ana->follow(base($in_session)), qr/Un fallo nuestro/, 'one for a session that is gone with the rest');
is($app->look($shown)->{state}, 'lost', 'and its application hears that');

# its application

is($app->look($there)->{state}, 'lost', 'one that was at Cl@ve Firma');
is($app->look($there)->{documents}[0]{state}, 'lost', 'with its document');
like($fire->history(base($there)), qr/^created .*at_gateway lost$/, 'as the evidence has it');
is(Clave::Application::problem($app->ask('DELETE', "/transactions/$there")), '409 E-API-STATE', 'it cannot be taken back');
is(Clave::Application::problem($app->put($unsent, 'd1', "Solicito el alta.\n")), '409 E-API-STATE',
	'nor sent what is missing');
my $again = $app->submit($first);
is(status_of($again) . ' ' . Clave::Application::said($again)->{state}, '200 lost', 'the same order is lost');
my $new = $app->prepare();
isnt($new->{id}, $unsent, 'with another key it is a new one');
$ana->sign_at(base($new->{id}));
is($app->settled($new->{id})->{state}, 'signed', 'which can be signed');
like($t->read_file('error.log'), qr/\[error\] .*clave: E-SIGN-LOST ref=\S+ .*knows it no more/, 'the log has them');

# what is over

is($app->look($signed)->{state}, 'signed', 'what was signed is');
like($ana->get(base($signed)), qr/Justificante de firma/, 'for its person, too');
is(status_of($app->signature($signed, 'd1')), 200, 'and can be fetched');
is($app->look($signed)->{state}, 'delivered', 'which is the end of it');

# what FIRe had handed over already: nobody is at it, which is certain after a while

is($app->look($fetched)->{state}, 'recovering', 'fetched already: somebody may be at it');
$clock->order(1200);
my $said = $app->settled($fetched);
is(join(' ', $said->{state}, map { $_->{state} } @{$said->{documents}}), 'signed signed signed', 'nobody is: it is verified');
is(http_content($app->signature($fetched, 'd1')), $signatures[0], 'the signature is what it was');
is(http_content($app->signature($fetched, 'd2')), $signatures[1], 'the other one, too');
is($said->{signer}{nif}, '00000000T', 'and who has signed is known');

# forgotten again

$t->stop();
$clock = Clave::Faults->run($t, 'clock');
is($app->look($there)->{state}, 'lost', 'what is lost stays so');
is($fire->history(base($there)) =~ s/.*at_gateway //r, 'lost', 'and is not lost twice');

is(scalar(() = $t->read_file('error.log') =~ /exited on signal|E-INT/g), 0, 'no worker died of it');

undef $_ for $ana, $benito, $fire, $t;

###############################################################################

sub base { return "/.clave/sign/$_[0]/" }

sub archive {
	my ($id, $name) = @_;
	return $t->testdir() . "/archive/$id/$name";
}

###############################################################################
