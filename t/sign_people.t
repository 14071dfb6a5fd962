#!/usr/bin/perl

# Who signs, and in which state his certificate is: each meets the page that fits, and of who does not
# sign the application gets nothing (product.md sections 1, 5 and 6, checklist F-02, F-15).

###############################################################################

use warnings;
use strict;
use utf8;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Fire;
use Clave::Signer;

use Encode qw/ decode_utf8 /;
use JSON::PP;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;
binmode $_, ':encoding(UTF-8)' for map { Test::More->builder->$_() } qw/ output failure_output todo_output /;

# Persona, state of his certificate (his own unless it is said), what he reads at Cl@ve Firma, how it
# ends, status and title of our page.
my @refused = (
	[ 'benito', '', '', 'weak_registration', 403, 'Su registro no permite firmar' ],
	[ 'eneko', '', '', 'blocked', 403, 'Su certificado de firma está bloqueado' ],
	[ 'dolores', '', 'hace más de cinco años', 'no_certificate', 200, 'Aún no tiene certificado en la nube' ],
	[ 'ana', 'BLOCKED', '', 'blocked', 403, 'Su certificado de firma está bloqueado' ],
);

# The same of who signs, with a certificate that was made or renewed on the way.
my @signs = (
	[ 'ana', '', '' ],
	[ 'wei', '', '' ],
	[ 'carme', '', 'Aún no tiene certificado de firma' ],
	[ 'ana', 'ENDING', 'caduca en menos de dos meses: se renueva ahora' ],
	[ 'ana', 'EXPIRED', 'ha caducado' ],
	[ 'ana', 'REVOKED', 'fue revocado' ],
);

my $t = Test::Nginx->new()->has(qw/http proxy/)->plan(7 * @refused + 6 * @signs + 23);
my $fire = Clave::Fire->new($t);

clave_conf($t, http => "    error_log %%TESTDIR%%/error.log info;\n    clave_audit_log %%TESTDIR%%/audit.log;\n"
	. "    clave_level europa loa=substantial accept=permanente:substantial,eidas:substantial offer=permanente,eidas;\n"
	. $fire->conf(), server => <<'EOF');
        clave_simulator on;

        location / {
            clave europa;
            proxy_pass http://127.0.0.1:8081;
        }

        location /firmar/ {
            clave permanente_otp;
            clave_sign form;
            proxy_pass http://127.0.0.1:8081;
        }
EOF

backend($t)->run();

my %personas = %{$fire->ask('personas')};

###############################################################################

# who cannot sign

for my $case (@refused) {
	my ($key, $state, $told, $reason, $status, $title) = @$case;
	my $who = $state ? "$key, $state" : $key;
	my $person = person($key, $state);
	my $hits = backend_hits();
	my $base = $person->submit('/firmar/', "quien=$key");
	my ($seen, $back) = $fire->walk($person->confirm($base), $personas{$key});
	like(decode_utf8($seen), qr/\Q$told\E/, "$who: what Cl\@ve Firma says");
	my $page = $person->follow($back);
	is(status_of($page), $status, "$who: $status");
	is(title_of($page), $title, "$who: the page that fits");
	like($fire->history($base, qr/failed/), qr/ failed:$reason$/, "$who: $reason in the evidence");
	is(join(' ', @{last_end()}{qw/ state reason /}), "failed $reason", "$who: and in the audit log");
	is(status_of($person->get("${base}signature")), 404, "$who: there is no signature");
	is(backend_hits(), $hits, "$who: the application gets nothing");
}

# whose registration may be too old: FIRe has no code for it, so the page names it

my $dolores = person('dolores');
my $base = $dolores->submit('/firmar/', 'a=1');
like(decode_utf8($dolores->follow(($fire->walk($dolores->confirm($base), $personas{dolores}))[1])),
	qr/hace más de cinco años. En ese caso renueve antes su registro/, 'dolores: how to renew the registration');

# whom Cl@ve does not know

my $unknown = Clave::Signer->new(fire => $fire);
$unknown->login('/firmar/', nif => '12345678Z');
my $hits = backend_hits();
$base = $unknown->submit('/firmar/', 'a=1');
my $page = $unknown->follow(($fire->walk($unknown->confirm($base), {}))[1]);
is(status_of($page), 403, 'unknown to Cl@ve: 403');
is(title_of($page), 'Para firmar hace falta estar de alta en Cl@ve', 'and the page that fits');
like($fire->history($base, qr/failed/), qr/ failed:no_registration$/, 'no_registration in the evidence');
my %level = reverse map { /\[(\w+)\] .*clave: (E-SIGN-FIRE) / } split /\n/, $t->read_file('error.log');
is_deeply(\%level, { 'E-SIGN-FIRE' => 'info' }, 'whose certificate and registration these are, is no fault of the server');
is(backend_hits(), $hits, 'the application gets nothing');

# who signs

for my $case (@signs) {
	my ($key, $state, $told) = @$case;
	my $who = $state ? "$key, $state" : $key;
	my $person = person($key, $state);
	my $base = $person->submit('/firmar/', "quien=$key");
	my ($seen, $back) = $fire->walk($person->confirm($base), $personas{$key});
	like(decode_utf8($seen), qr/\Q$told\E/, "$who: what Cl\@ve Firma says");
	like(decode_utf8($seen), $told ? qr/se ha (?:emitido|renovado).*Firmará con/s : qr/Firmará con/,
		"$who: signs in the same visit");
	my $saw = backend_saw($person->follow($back));
	is($saw->{body}, "quien=$key", "$who: the application gets the form");
	is($saw->{headers}{'x-clave-sign-nif'}, $personas{$key}{nif}, "$who: signed by him");
	$fire->history($base, qr/delivered$/);
	is(last_end()->{state}, 'delivered', "$who: delivered in the audit log");
	unlike(decode_utf8($person->get($base)), qr/caduca pronto/, "$who: with one that is good for longer");
}

# a certificate that ends soon and was not renewed: the receipt tells

my $ana = person('ana', 'ENDING');
$base = $ana->submit('/firmar/', 'a=1');
is(backend_saw($ana->sign_at($base))->{body}, 'a=1', 'signed by one that ends in a month');
$fire->history($base, qr/delivered$/);
like(decode_utf8($ana->get($base)), qr{Su certificado de firma caduca pronto, el \d\d/\d\d/\d{4}},
	'the receipt says when');

# one that has ended signs all the same: no signature

$ana = person('ana', 'EXPIRED');
$hits = backend_hits();
$base = $ana->submit('/firmar/', 'a=1');
$page = $ana->sign_at($base);
is(status_of($page), 502, 'signed by one that has ended: 502');
like($fire->history($base, qr/failed/), qr/ failed:gateway$/, 'gateway in the evidence');
like($t->read_file('error.log'), qr/E-SIGN-VERIFY ref=\S+ .*not in force/, 'the log says why');
is(status_of($ana->get("${base}signature")), 404, 'there is no signature');
is(backend_hits(), $hits, 'the application gets nothing');
my ($id) = $base =~ m{sign/(\w+)/};
my $number = uc join '-', $id =~ /(.{4})/g;
like($page, qr{<p class="ref">[^\n]*<code>$number</code>}, 'the page has the number under which the log has it');
like(decode_utf8($page), qr/Si su plazo termina hoy, guarde el código de esta página/, 'for who has a deadline');

# who goes away from Cl@ve Firma: what the gateway adds to the address is only a hint (F-17)

$ana = person('ana');
$base = $ana->submit('/firmar/', 'a=1');
$page = $ana->follow($fire->leave($ana->confirm($base)));
is(status_of($page), 502, 'left at Cl@ve Firma: 502');
like(decode_utf8($page), qr/no se ha terminado en Cl\@ve/, 'in words that fit a wrong password, too');
like($fire->history($base, qr/failed/), qr/ failed:gateway$/, 'gateway in the evidence');

# who was identified by another country: told before there is anything to fill in

my $lukasz = Clave::Signer->new(fire => $fire);
is(status_of($lukasz->login('/', method => 'eidas', nif => 'PL/ES/85071412345')), 200,
	'identified by another country: elsewhere a person like any other');
$hits = backend_hits();
$page = $lukasz->get(header_of($lukasz->get('/firmar/'), 'Location') // '/nowhere');
like(decode_utf8($page), qr/identificación de otro país.*Cl\@ve Permanente/s, 'but he cannot sign with that');
my (undef, $response) = $lukasz->submit('/firmar/', 'a=1');
is(status_of($response), 409, 'nor is a form of his taken');
is(backend_hits(), $hits, 'and the application hears nothing');
unlike($t->read_file('error.log') . $t->read_file('audit.log'), qr/00000000T|12345678Z|85071412345|Garc/,
	'and nobody by name or number');

###############################################################################

# Logged in, with a certificate in this state, or as the persona has it.

sub person {
	my ($key, $state) = @_;
	my $person = Clave::Signer->new(fire => $fire);
	$person->login('/firmar/', nif => $personas{$key}{nif});
	$fire->ask('fire/certificate', { persona => $key, state => $state || $personas{$key}{signing} // 'OK' });
	return $person;
}

sub title_of { decode_utf8($_[0] // '') =~ m{<h1>(.*?)</h1>} ? $1 : '' }

sub last_end {
	my @ends = grep { $_->{event} eq 'signature' } map { decode_json($_) } split /\n/, $t->read_file('audit.log');
	return $ends[-1] // {};
}

$fire = $ana = $dolores = $unknown = $lukasz = undef;
undef $t;  # its own checks come now: the functions above would hold it to the end

###############################################################################
