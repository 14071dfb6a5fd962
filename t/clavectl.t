#!/usr/bin/perl

# clavectl, as an operator and as his scripts use it: every command, every exit code, and that --json
# is JSON. What it makes, nginx takes; what it says of sessions, messages and evidence is so.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use IPC::Open3;
use JSON::PP;
use MIME::Base64;
use Symbol qw/ gensym /;

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Browser;
use Clave::Fire;
use Clave::Gateway;
use Clave::Redis;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http http_ssl proxy unix/)->has_daemon('redis-server')->has_daemon('openssl')
	->plan(159);
my $d = $t->testdir();
my $keys = clave_keys();

# Built beside the module.
my ($build) = ($ENV{TEST_NGINX_GLOBALS} // '') =~ m{load_module (\S+)/};
my $clavectl = ($build // Clave::project() . '/build') . '/clavectl';

my ($out, $err) = ('', '');

# Its exit code. { input => … } first: what comes on standard input.

sub clavectl {
	my $how = ref $_[0] ? shift : {};
	my $error = gensym();
	my $pid = open3(my $in, my $output, $error, $clavectl, @_);
	print $in $how->{input} // '';
	close $in;
	local $/;
	$out = <$output> // '';
	$err = <$error> // '';
	waitpid $pid, 0;
	return $? >> 8;
}

# The same with --json: code and what is said.

sub told {
	my $code = clavectl(@_, '--json');
	my $json = eval { decode_json($out) };
	return ($code, $json // { not_json => $out });
}

sub write_to {
	my ($name, $content) = @_;
	$t->write_file($name, $content);
	return "$d/$name";
}

sub mode_of { return sprintf '%04o', (stat $_[0])[2] & 07777 }

###############################################################################

# the command line

is(clavectl('--version'), 0, 'a version');
like($out, qr/^clavectl \d+\.\d+/, 'that says which');
is(clavectl('--help'), 0, 'help');
is(join(' ', map { clavectl(@$_) } [], ['nothing'], ['sessions'], ['keys', 'nothing'], ['check', '--nothing'], ['login']),
	'2 2 2 2 2 2', 'wrong use');

# each option and command is in the man page

my $man = do { local (@ARGV, $/) = '../scripts/packaging.d/debian/clavectl.1'; <> } =~ s/\\-/-/gr;
my @commands = ([], map { [$_] } qw/ init check explain import-p12 login onboarding /);
push @commands, map { my $group = $_; map { [ $group->[0], $_ ] } @{$group->[1]} }
	[ sessions => [qw/ list show end /] ], [ keys => [qw/ show new promote retire /] ],
	[ saml => [qw/ decode verify /] ], [ audit => ['verify'] ];
my @unknown;
for my $command (@commands, ['sessions'], ['keys']) {
	push @unknown, "@$command" if clavectl(@$command, '--help') != 0;
	push @unknown, map { "@$command $_" } grep { index($man, $_) < 0 } $out =~ /^  (?:-\w,)?(--[a-z0-9-]+)/mg;
}
is("@unknown", '', 'all of it is in the man page');

# what a shell with its completion offers

for ([ 'clavectl sessions ' => qr/\blist\b.*\bend\b/ ], [ 'clavectl ke' => qr/^keys$/ ], [ 'clavectl check --on' => qr/^--online$/ ],
	[ 'clavectl keys ' => qr/\bpromote\b/ ]) {
	my ($line, $offers) = @$_;
	like(completed($line), $offers, "completion of \"$line\"");
}

# init

my $office = "$d/clave";
is(clavectl('init', $office, '--sede', 'sede.example.gob.es', '--provider-name', 'E00000000X_E04975701;Sede',
	'--organization', 'Ayuntamiento de Ñora', '--gateway-certificate', "$keys/gateway.pem"), 0, 'init');
is(join(' ', mode_of($office), map { mode_of("$office/$_") } qw/ sede.key session-1.key sede.pem clave.conf /), '0700 0600 0600 0644 0644', 'modes');
like(`openssl pkey -in $office/sede.key -noout -text`, qr/3072 bit/, 'a key of 3072 bits');
like(`openssl req -in $office/sede.csr -noout -verify -text -nameopt utf8 2>&1`,
	qr/verify OK.*Ayuntamiento de Ñora.*DNS:sede\.example\.gob\.es/s, 'a request for its certificate');
like(`openssl verify -CAfile $office/sede.pem $office/sede.pem 2>&1`, qr/OK/, 'a certificate by itself');
my $before = `cat $office/*`;
my ($code, $said) = told('init', $office, '--sede', 'x.example', '--provider-name', 'X');
is($code, 2, 'never twice');
like($said->{error}, qr{"$office/sede.key" is there already}, 'and says why');
is(`cat $office/*`, $before, 'with nothing changed');
is(join(' ', clavectl('init', "$d/a b", '--sede', 'x.example', '--provider-name', 'X'),
	clavectl('init', "$d/other", '--sede', 'x y', '--provider-name', 'X'),
	clavectl('init', "$d/other", '--sede', 'x.example', '--provider-name', "a\"b"),
	clavectl('init', "$d/none/there", '--sede', 'x.example', '--provider-name', 'X')), '2 2 2 2', 'no nonsense');
my %missing = ("$d/none/there" => [ "$d/none", "$d/none" ], "$d/none/of/there/" => [ "$d/none", "$d/none/of" ]);
for my $directory (sort keys %missing) {
	my ($first, $all) = @{$missing{$directory}};
	($code, $said) = told('init', $directory, '--sede', 'x.example', '--provider-name', 'X');
	is("$said->{error}; $said->{remedy}", qq{cannot make "$directory" (No such file or directory): there is no "$first"; make it first: install -d -m 0755 $all},
		'and which directory is missing');
}
is(join(' ', glob "$d/other/*"), '', 'and nothing of it is made');

$t->write_file_expand('nginx.conf', <<"EOF");
%%TEST_GLOBALS%%
events { }
http {
    %%TEST_GLOBALS_HTTP%%
    include $office/clave.conf;
    server {
        listen 127.0.0.1:8080;
        server_name sede.example.gob.es;
        clave_base_url https://sede.example.gob.es;
        location / { }
        location /tramites/ { clave pin; }
    }
}
EOF
is(clave_complaints($t), '', 'nginx takes it as it is');

# keys

is(clavectl('keys', 'promote', '--directory', $office), 2, 'no next key yet');
is(clavectl('keys', 'retire', '--directory', $office), 2, 'nor a former one');
($code, $said) = told('keys', 'new', '--directory', $office);
is($code, 0, 'keys new');
is(join(' ', map { $_->{use} } @{$said->{keys}}), 'seal open', 'which opens');
is(clavectl('keys', 'new', '--directory', $office), 2, 'one at a time');
is(clave_complaints($t), '', 'nginx takes both');
is(clavectl('keys', 'retire', '--directory', $office), 2, 'the key in use stays');
is(clavectl('keys', 'promote', '--directory', $office), 0, 'keys promote');
like($t->read_file('clave/session-keys.conf'), qr{^clave_session_key $office/session-2\.key $office/session-1\.key;$}m, 'the other way round');
is(clavectl('keys', 'new', '--directory', $office), 2, 'first the former one goes');
is(clavectl('keys', 'retire', '--directory', $office), 0, 'keys retire');
ok(!-e "$office/session-1.key", 'and it is gone');
is(mode_of("$office/session-2.key"), '0600', 'the new one is private');
chmod 0644, "$office/session-2.key";
($code, $said) = told('keys', 'show', '--directory', $office);
is("$code $said->{keys}[0]{fault}", '1 is open to everybody', 'keys show finds what is wrong');
chmod 0600, "$office/session-2.key";
is(clavectl('keys', 'show', '--directory', $d), 2, 'where there are none');

# the office's own certificate

my @own = ('--certificate', '--directory', $office);
sub fingerprint_of { return `openssl x509 -in $_[0] -noout -fingerprint -sha256` =~ /=(\S+)/ ? $1 : 'none' }
($code, $said) = told('keys', 'show', '--directory', $office);
is("$code $said->{certificates}[0]{use} $said->{certificates}[0]{fingerprint}", '0 in use ' . fingerprint_of("$office/sede.pem"),
	'keys show has the certificate, too');
like($said->{certificates}[0]{not_after}, qr/^20\d\d-\d\d-\d\dT/, 'with its end');
is(join(' ', map { clavectl('keys', $_, @own) } qw/ promote retire /), '2 2', 'no next certificate yet, nor a former one');
is(clavectl('keys', 'new', @own), 0, 'keys new --certificate');
like($out, qr{sede-next\.csr certified}, 'and what to do now');
is(mode_of("$office/sede-next.key"), '0600', 'a private key');
like(`openssl req -in $office/sede-next.csr -noout -verify -text -nameopt utf8 2>&1`,
	qr/verify OK.*Ayuntamiento de Ñora.*DNS:sede\.example\.gob\.es/s, 'a request in the same names');
is(join(' ', map { clavectl('keys', $_, @own) } qw/ new promote /), '2 2', 'one at a time, and not before it is issued');
write_to('clave/sede-next.pem', $t->read_file('clave/sede.pem'));
is(clavectl('keys', 'promote', @own), 2, 'another key\'s certificate');
system("openssl x509 -req -in $office/sede-next.csr -signkey $office/sede-next.key -days 90 -out $office/sede-next.pem 2>/dev/null") == 0
	or die "no certificate\n";
my $next = fingerprint_of("$office/sede-next.pem");
is(clavectl('keys', 'promote', @own), 0, 'keys promote --certificate');
is(fingerprint_of("$office/sede.pem"), $next, 'the next one is in use');
like($t->read_file('clave/decryption-keys.conf'), qr{^clave_decryption_key $office/sede-former\.key;$}m, 'the former one decrypts');
is(clave_complaints($t), '', 'nginx takes both');
($code, $said) = told('keys', 'show', '--directory', $office);
is("$code " . join(', ', map { $_->{use} } @{$said->{certificates}}), '0 in use, the former one; its key decrypts', 'keys show has both');
is(clavectl('keys', 'new', @own), 2, 'first the former one goes');
is(clavectl('keys', 'retire', @own), 0, 'keys retire --certificate');
is(join(' ', glob "$office/sede-*"), '', 'and it is gone');
is(clave_complaints($t), '', 'nginx takes what is left');

# check

($code, $said) = told('check', $office);
is("$code " . join(' ', map { "$_->{check}:$_->{state}" } @{$said->{checks}}),
	'1 certificate:ok certificate:warning certificate_key:ok pair:ok gateway_certificate:ok session_key:ok', 'check of a directory');
my @checks = map { clavectl('check', @$_); $out } [ $office ], [ '--directory', $office ];
is($checks[1], $checks[0], 'named as "keys" names it');
my @shown = map { clavectl('keys', 'show', @$_); $out } [ '--directory', $office ], [ $office ];
ok($shown[0] =~ /\S/ && $shown[1] eq $shown[0], 'and the other way round');
is(join(' ', clavectl('check', $office, '--directory', $office), clavectl('keys', 'show', $office, '--directory', $office)), '2 2', 'not both');
clavectl('check', $office);
like($out, qr/^warning certificate: it is signed by itself: good for tests only; have an authority issue one for the request/m, 'and what is still to do');
system("openssl req -new -key $office/sede.key -subj /CN=sede.example.gob.es -out $d/sede.csr && openssl x509 -req -in $d/sede.csr "
	. "-CA $keys/sp.pem -CAkey $keys/sp.key -CAcreateserial -CAserial $d/serial -days 90 -out $office/sede.pem 2>/dev/null") == 0 or die "no certificate\n";
($code, $said) = told('check', $office);
is("$code " . join(' ', map { "$_->{check}:$_->{state}" } @{$said->{checks}}),
	'0 certificate:ok certificate_key:ok pair:ok gateway_certificate:ok session_key:ok', 'with one that an authority has issued');
($code, $said) = told('check', '--certificate', "$keys/sp.pem", '--certificate-key', "$keys/attacker.key");
is($code, 1, 'a pair that is none');
is(join(' ', map { $_->{check} } grep { $_->{state} eq 'bad' } @{$said->{checks}}), 'pair', 'and says so');
chmod 0604, "$office/sede.key";
is(clavectl('check', $office), 1, 'a key for everybody');
chmod 0640, "$office/sede.key";
is(clavectl('check', $office), 1, 'a key for its group');
like($out, qr/^warning certificate_key: its group may read it; run: chmod 600/m, 'is warned of');
chmod 0600, "$office/sede.key";
is(clavectl('init', "$d/brief", '--sede', 'x.example', '--provider-name', 'X', '--days', '10'), 0, 'a certificate of ten days');
is(clavectl('check', "$d/brief"), 1, 'is warned of');
like($out, qr/^warning certificate: certificate "CN=x\.example,C=ES" ends in \d+ days/m, 'with its end');
like($out, qr{^warning gateway_certificate: there is no "\Q$d\E/brief/pasarela\.pem"; put the gateway's signing certificate there, which comes with the registration}m,
	'and of a gateway that nobody has a certificate of');
my ($verdict, $gateway) = told('check', '--gateway-certificate', "$keys/gateway.pem");
is("$verdict $gateway->{checks}[0]{check} $gateway->{checks}[0]{state}", '0 gateway_certificate ok', "the gateway's certificate");
is(clavectl('check', '--certificate', later_certificate(), '--certificate-key', "$keys/sp.key"), 1, 'one that is not valid yet');
like($out, qr/^bad +certificate: begins only on 20\d\d-.*; is this machine's clock right\?$/m, 'with its beginning');
$ENV{SOFTHSM2_CONF} = write_to('softhsm2.conf', "directories.tokendir = $d/tokens\nobjectstore.backend = file\n");
mkdir "$d/tokens";
system("softhsm2-util --init-token --free --label clave --so-pin 5678 --pin 1234 >$d/hsm.log && "
	. "softhsm2-util --import $keys/sp.key --token clave --pin 1234 --label sede --id 01 >>$d/hsm.log") == 0 or die "no token\n";
write_to('pin', "1234\n");
chmod 0600, "$d/pin";
my $in_token = "pkcs11:token=clave;object=sede;type=private?pin-source=file:$d/pin&module-path=/usr/lib/softhsm/libsofthsm2.so";
($verdict, $gateway) = told('check', '--certificate', "$keys/sp.pem", '--certificate-key', $in_token);
is(join(' ', map { "$_->{check}:$_->{state}" } grep { $_->{check} ne 'certificate' } @{$gateway->{checks}}),
	'certificate_key:ok pair:ok', 'a key in a token');
is(join(' ', clavectl('check'), clavectl('check', '--redis', 'redis://127.0.0.1')), '2 2', 'nothing to check');

# import-p12

for my $kind ([ 'new', '' ], [ 'old', '-legacy' ]) {
	my ($name, $option) = @$kind;
	system("openssl pkcs12 -export $option -inkey $keys/sp.key -in $keys/sp.pem -passout pass:contraseña -out $d/$name.p12") == 0
		or die "no PKCS#12\n";
	is(clavectl({ input => "contraseña\n" }, 'import-p12', "$d/$name.p12", '--password-file', '-',
		'--certificate', "$d/$name.pem", '--key', "$d/$name.key"), 0, "$name PKCS#12");
	is(mode_of("$d/$name.key"), '0600', "$name PKCS#12: a private key");
	is(clavectl('check', '--certificate', "$d/$name.pem", '--certificate-key', "$d/$name.key") < 2 && $out =~ /^ok +pair/m, 1,
		"$name PKCS#12: a pair");
}
my $password = write_to('password', "another\n");
is(clavectl('import-p12', "$d/new.p12", '--password-file', $password, '--certificate', "$d/x.pem", '--key', "$d/x.key"), 2,
	'another password');
is(join(' ', clavectl({ input => "contraseña\n" }, 'import-p12', "$d/new.p12", '--password-file', '-', '--certificate', "$d/new.pem", '--key', "$d/y.key"),
	clavectl('import-p12', "$keys/sp.pem", '--password-file', $password, '--certificate', "$d/x.pem", '--key', "$d/x.key")), '2 2', 'never over a file, and no PEM');
ok(!-e "$d/x.key" && !-e "$d/y.key", 'with nothing left behind');

# onboarding

($code, $said) = told('onboarding', '--provider-name', 'E00000000X_E04975701;Sede', '--base-url', 'https://sede.example.gob.es',
	'--certificate', "$office/sede.pem");
is("$code $said->{acs_url}", '0 https://sede.example.gob.es/.clave/acs', 'onboarding');
my ($fingerprint) = `openssl x509 -in $office/sede.pem -noout -fingerprint -sha256` =~ /=(\S+)/;
is($said->{fingerprint}, $fingerprint, 'with the fingerprint as OpenSSL has it');
is(clavectl('onboarding', '--provider-name', 'X', '--base-url', 'http://sede.example', '--certificate', "$office/sede.pem"), 2,
	'of no plain origin');

# sessions, and what the logs say of a refusal

backend($t);
$t->write_file('session.key', join '', map { chr int rand 256 } 1 .. 80);
chmod 0600, "$d/session.key";
clave_conf($t, store => "clave_session_store shared:clave:1m; clave_session_key $d/session.key;", http => <<"EOF",
    error_log %%TESTDIR%%/error.log info;
    server { listen unix:$d/control.sock; location /clave-control { clave_control; } }
EOF
	server => <<"EOF");
        clave_audit_log $d/audit.log;
        location / { clave pin; proxy_pass http://127.0.0.1:8081; }
EOF
$t->run();

my @control = ('--socket', "$d/control.sock");
my @browsers = map { my $browser = Clave::Browser->new(); $browser->login('/', method => 'pin', nif => $_); $browser }
	qw/ 00000000T 00000000T 99999999R /;
($code, $said) = told('sessions', 'list', @control);
is("$code " . @{$said->{sessions}}, '0 3', 'sessions list');
is_deeply([ sort map { $_->{nif} } @{$said->{sessions}} ], [ '***0000**', '***0000**', '***9999**' ], 'with masked NIFs');
clavectl('sessions', 'list', @control);
unlike($out, qr/00000000T|99999999R/, 'for people, too');
like($out, qr{^SESSION .* ENDS IN +SERVICE\n\S+ .* 1[45]m/(?:7h59m|8h00m) +E00000000X_E04975701;Sede https:}m, 'with times as people read them');
my ($his) = map { $_->{session} } grep { $_->{nif} eq '***9999**' } @{$said->{sessions}};
($code, $said) = told('sessions', 'show', $his, @control);
is("$code $said->{sessions}[0]{session}", "0 $his", 'sessions show');
($code, $said) = told({ input => "00000000T\n" }, 'sessions', 'show', '--nif', '-', @control);
is("$code " . @{$said->{sessions}}, '0 2', 'of a person');
is(clavectl('sessions', 'show', 'f' x 16, @control), 1, 'that is not there');
is(clavectl('sessions', 'end', $his, @control), 0, 'sessions end');
is(status_of($browsers[2]->get('/')), 302, 'he is out');
is(clavectl('sessions', 'end', $his, @control), 1, 'once');
($code, $said) = told('sessions', 'end', '--nif', '00000000T', @control);
is("$code " . @{$said->{ended}}, '0 2', 'all of a person');
is(join(' ', map { status_of($_->get('/')) } @browsers), '302 302 302', 'she is out everywhere');
is(join(' ', clavectl('sessions', 'end', @control), clavectl('sessions', 'show', 'XYZ', @control),
	clavectl('sessions', 'list', '--socket', "$d/nothing"), clavectl('sessions', 'list', '--url', 'http://127.0.0.1:' . port(8080))),
	'2 2 2 2', 'wrong use');
clavectl('sessions', 'list', '--socket', "$d/nothing");
like($out . $err, qr/no answer from \Q$d\E\/nothing \(No such file or directory\)/, 'a socket that is not there, and no word of a host');

my $weak = Clave::Browser->new();
my $page = $weak->come_back($weak->go_to_gateway('/'), case => 'nif-check-letter');
my ($code_word, $ref) = $t->read_file('error.log') =~ /clave: (E-[A-Z-]+) ref=(\S+)/;
my @logs = ('--error-log', "$d/error.log", '--audit-log', "$d/audit.log");
for my $page ([ redirect => qr/^redirect: The page before Cl\@ve was shown.*\n  If the person came no further, /m ],
	[ 'session-expired' => qr/^session-expired: .*\n  Nothing, unless it is too early: see clave_session_timeout/m ], [ stepup => qr/^stepup: .*\n  Nothing: the location asks for more/m ]) {
	my $shown = write_to('shown.log', "2026/11/21 10:00:00 [info] 7#7: *1 clave: shown page=$page->[0] ref=7F3K-92QD addr=192.0.2.7 sp=\"X\", client: 192.0.2.7\n");
	clavectl('explain', '7F3K-92QD', '--error-log', $shown, '--audit-log', "$d/none");
	like($out, $page->[1], "explain a page that was shown, $page->[0]");
}
($code, $said) = told('explain', lc($ref) =~ s/-/ /r, @logs);
is("$code $said->{ref} $said->{code}", "0 $ref $code_word", 'explain a reference');
is(@{$said->{errors}} . ' ' . @{$said->{audit}}, '1 1', 'from both logs');
cmp_ok(length $said->{remedy}, '>', 10, 'with what to do');
is(join(' ', clavectl('explain', '0000-0000', @logs), clavectl('explain', 'nonsense', @logs),
	clavectl('explain', $ref, '--error-log', "$d/none", '--audit-log', "$d/none")), '1 2 2', 'that nobody knows');
mkdir "$d/turned";
write_to("turned/$_->[0]-20261101", $t->read_file($_->[0]) . $_->[1]) for [ 'error.log', '' ],
	[ 'audit.log', qq({"event":"signature","ref":"$ref-0000-0000-0000-0000-0000"}\n) ];
($code, $said) = told('explain', $ref, '--error-log', "$d/turned/error.log", '--audit-log', "$d/turned/audit.log");
is("$code " . @{$said->{errors}} . ' ' . @{$said->{audit}}, '0 1 1', 'from logs with a date in their names');
my $codes = do { local (@ARGV, $/) = '../ngx_http_clave_module/doc/codes.md'; <> };
my %todo = map { /^\| `(E-[A-Z-]+)` \|.* \| (.*) \|$/ ? ($1 => $2) : () } split /\n/, $codes;
my %said_of = map { $_ => clavectl('explain', $_) == 0 && $out =~ /^\Q$_\E: \S.*\n  (\S.*)/ ? $1 : '' } keys %todo;
is(join(' ', grep { $said_of{$_} eq '' } sort keys %todo), '', 'every code');
like("$said_of{'E-STORE'} $said_of{'E-STATE'}", qr/clave_sign_archive.*Redis.*clave_provider_name/, 'the archive is a store, too; what seals cookies');
is(join(' ', grep { $said_of{$_} eq 'Nothing.' && $todo{$_} && /^E-API/ } sort keys %todo), '', 'and what an application does wrong can be mended');
is(join(' ', grep { $said_of{$_} =~ tr/`"//dr ne $todo{$_} =~ tr/`"//dr } sort keys %todo), '', 'as the documentation has it');

# saml

my $request = Clave::Browser->new()->go_to_gateway('/');
my $answer = Clave::Gateway::answer_to($request, method => 'pin', nif => '00000000T');
my $form = write_to('answer.form', $answer->{body});
($code, $said) = told('saml', 'decode', $form);
is("$code $said->{kind} $said->{in_response_to}", "0 Response $request->{id}", 'saml decode, of a form');
clavectl('saml', 'decode', $form);
like($out, qr/^<\?xml.*\n  <.*\n    </s, 'written to be read');
my $xml = write_to('request.xml', $request->{xml});
($code, $said) = told('saml', 'decode', $xml);
is("$code $said->{kind}", '0 AuthnRequest', 'of XML');
($code, $said) = told({ input => encode_base64($request->{xml}) }, 'saml', 'decode', '-');
is("$code $said->{id}", "0 $request->{id}", 'of base64');
is(join(' ', map { clavectl('saml', 'decode', $_) } write_to('text', 'nothing'), write_to('bad.xml', '<!DOCTYPE a><a/>'), "$d/none"),
	'2 2 2', 'of nothing');
my @verify = ('saml', 'verify', $form, '--acs', Clave::ORIGIN . '/.clave/acs');
($code, $said) = told(@verify, '--gateway-certificate', "$keys/gateway.pem");
is("$code $said->{nif} $said->{method}", '0 ***0000** pin', 'saml verify');
($code, $said) = told(@verify, '--gateway-certificate', "$keys/gateway-unpinned.pem");
is("$code $said->{code}", '1 E-SIG-KEY', 'with another certificate');
($code, $said) = told(@verify, '--gateway-certificate', "$keys/gateway.pem", '--at', '2036-01-01T00:00:00Z');
is("$code $said->{code}", '1 E-TIME', 'too late');
is(join(' ', clavectl(@verify, '--gateway-certificate', "$d/none"),
	clavectl(@verify, '--gateway-certificate', "$keys/gateway.pem", '--at', 'today')), '2 2', 'with nothing');
$t->stop();

# audit

use Digest::SHA qw/ sha256_hex /;

my @lines;
my $last = '0' x 64;
for my $number (1 .. 4) {
	push @lines, qq({"time":"2026-11-29T10:00:00.000Z","sign":"x","chain":"host/1/1","number":$number,"previous":"$last"});
	$last = sha256_hex($lines[-1]);
}
my $older = write_to('evidence.1', join '', map { "$_\n" } @lines[0, 1]);
my $newer = write_to('evidence', join '', map { "$_\n" } @lines[2, 3]);
($code, $said) = told('audit', 'verify', $older, $newer);
is("$code $said->{lines} $said->{chains}", '0 4 1', 'audit verify');
is("$said->{ends}[0]{number} $said->{ends}[0]{sha256}", "4 $last", 'with the digest of its last line');
is(clavectl('audit', 'verify', '--expect', $last, $older, $newer), 0, 'which is there');
is($said->{unsynchronised}, 0, 'and nothing is said of clocks where the lines say nothing');
($code, $said) = told('audit', 'verify', write_to('evidence.clock', join '', map {
	qq({"time":"2026-11-29T10:00:00.000Z","clock":"$_","chain":"host/$_/1","number":1,"previous":"@{[ '0' x 64 ]}"}\n)
} qw/ synchronised unsynchronised unknown /));
is("$code $said->{unsynchronised}", '0 1', 'lines of a clock that was not synchronised are counted (F-18)');
is(clavectl('audit', 'verify', $older, '--expect', $last), 1, 'and not in what is older');
mkdir $_ for "$d/kept", "$d/kept/heads";
write_to('kept/heads/host%2F1%2F1', sprintf "%020d $last 2026-11-29T10:00:00.000Z host/1/1\n", 4);
is(clavectl('audit', 'verify', $older, $newer, '--archive', "$d/kept"), 0, 'all that the archive knows of');
($code, $said) = told('audit', 'verify', $older, '--archive', "$d/kept");
is("$code $said->{findings}[0]{finding}", '1 chain host/1/1: ends with number 2, and has come to number 4', 'or not');
is(clavectl('audit', 'verify', $older, '--archive', "$d/turned"), 2, 'no archive');
write_to('evidence', join '', map { "$_\n" } $lines[2] =~ s/"x"/"y"/r, $lines[3]);
($code, $said) = told('audit', 'verify', $older, $newer);
is($code, 1, 'a line that was changed');
like($said->{findings}[0]{finding}, qr{^\Q$newer\E:2: the line before it}, 'and where');
is(clavectl('audit', 'verify', write_to('evidence.audit', qq({"event":"login"}\n))), 2, 'the audit log, which has no chain');
like($out . $err, qr/no line of evidence in .*give the file of clave_sign_evidence/s, 'is told apart');
is(clavectl('audit', 'verify', "$d/none"), 2, 'no file');
like($out . $err, qr/cannot read "\Q$d\E\/none".*give the file of clave_sign_evidence/s, 'and which it should be');

# online: Redis, and a login in front of the simulator

my $redis = Clave::Redis->new($t, port => 8090)->start();
my $url = 'redis://127.0.0.1:' . $redis->port_number();
($code, $said) = told('check', '--online', '--redis', $url);
is($code . ' ' . join(' ', map { "$_->{check}:$_->{state}" } @{$said->{checks}}), '0 redis:ok redis_changes:ok', 'Redis is fit');
is(join(' ', $redis->keys('*')), '', 'and nothing is left there');
$redis->ask(qw/ ACL SETUSER default reset on nopass ~clave:* &* +@all -eval -client /);
is(clavectl('check', '--online', '--redis', $url), 1, 'it is not, with fewer rights');
like($out, qr/^bad +redis: EVAL: .*NOPERM/m, 'and says which');
for my $right (qw/ get multi exec info /) {
	$redis->ask(qw/ ACL SETUSER default reset on nopass ~clave:* &* +@all /, "-$right");
	clavectl('check', '--online', '--redis', $url);
	like($out, qr/^bad +redis: .*\b\U$right\E\b.*(?:NOPERM|EXECABORT)/m, "nor without $right");
}
$redis->kill();
is(clavectl('check', '--online', '--redis', $url), 1, 'nor when it is away');

my $simulator = Clave::Fire->new($t);
my $state = $simulator->state();
my $entry = $simulator->{addresses}{gateway};
clave_conf($t, listen => '127.0.0.1:8443 ssl', server_name => 'sede.localhost', clave => <<"EOF",
    clave_gateway             $entry;
    clave_gateway_certificate $state/gateway.pem;
    clave_provider_name       "S2800000X_E00000000;SIMULADOR";
    clave_certificate         $state/sede.pem;
    clave_certificate_key     $state/sede.key;
    ssl_certificate           $state/tls.pem;
    ssl_certificate_key       $state/tls.key;
EOF
	server_clave => 'clave_base_url https://sede.localhost:' . port(8443) . ';', server => <<'EOF');
        clave_simulator on;
        location / { clave pin; proxy_pass http://127.0.0.1:8081; }
EOF
$t->run();
my @login = ('login', '--url', 'https://sede.localhost:' . port(8443) . '/', '--trusted-certificate', "$state/ca.pem");
($code, $said) = told(@login, '--simulator', $simulator->{addresses}{control}, '--method', 'permanente');
is("$code $said->{status}", '0 200', 'login');
cmp_ok(@{$said->{hops} // []}, '>=', 6, 'step by step');
for my $level (qw/ pin permanente permanente_otp /) {
	($code, $said) = told(@login, '--simulator', $simulator->{addresses}{control}, '--level', $level);
	is("$code $said->{status}", '0 200', "login by $level");
}
is(clavectl(@login), 1, 'nobody, without a person');
is(clavectl('login', '--url', 'https://127.0.0.1:1/'), 2, 'nowhere');
($code, $said) = told('check', '--online', '--gateway', $entry, '--trusted-certificate', "$state/ca.pem",
	'--firma', $simulator->{addresses}{fire}, '--firma-certificate', "$state/sede.pem",
	'--firma-certificate-key', "$state/sede.key", '--firma-trusted-certificate', "$state/ca.pem");
is(join(' ', map { $_->{check} } @{$said->{checks}}), 'gateway clock firma clock', 'who is online');
is(clavectl('check', '--online', '--gateway', $entry), 1, 'whose TLS nobody vouches for');
$t->run_daemon(\&late_gateway, port(8091), $state);
$t->waitforsocket('127.0.0.1:' . port(8091)) or die "no gateway\n";
is(clavectl('check', '--online', '--gateway', 'https://sede.localhost:' . port(8091) . '/', '--trusted-certificate', "$state/ca.pem"),
	1, 'a clock that is off');
like($out, qr/^bad +clock: .*; let the clock follow NTP/m, 'and what to do');
is(clavectl('check', '--certificate', "$state/sede.pem", '--gateway-certificate', "$state/gateway.pem"), 1, "the simulator's");
is(() = $out =~ /^warning \w*certificate: it says SIMULADOR/mg, 2, 'are called so');

$t->stop_daemons();
undef $t;  # its own checks come now: the functions above would hold it to the end

###############################################################################

sub later_certificate {
	$t->write_file('later.conf', "[ca]\ndefault_ca = test\n[test]\ndatabase = $d/later.index\nnew_certs_dir = $d\n"
		. "rand_serial = yes\ndefault_md = sha256\npolicy = any\n[any]\ncommonName = supplied\n");
	$t->write_file('later.index', '');
	my ($begin, $end) = map { (1900 + $_ + (gmtime)[5]) . '0101000000Z' } 2, 3;
	system("cd $d && openssl req -new -key $keys/sp.key -subj /CN=later -out later.csr 2>later.err && openssl ca -batch -selfsign "
		. "-config later.conf -keyfile $keys/sp.key -in later.csr -startdate $begin -enddate $end -notext -out later.pem 2>>later.err") == 0
		or die 'no certificate: ' . $t->read_file('later.err');
	return "$d/later.pem";
}

# What bash offers at the end of that line.

sub completed {
	my ($line) = @_;
	my @words = split / /, $line, -1;
	local $ENV{PATH} = ($clavectl =~ s{/[^/]*$}{}r) . ":$ENV{PATH}";
	my $file = Clave::project() . '/scripts/packaging.d/debian/completions/clavectl';
	my $pid = open3(my $in, my $offered, undef, 'bash', '-c',
		'. "$1"; shift; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _clavectl; echo "${COMPREPLY[*]}"', 'bash', $file, @words);
	my $said = <$offered> // '';
	waitpid $pid, 0;
	chomp $said;
	return $said;
}

# Who answers at the address of the gateway with the time of ten minutes ago.

sub late_gateway {
	my ($port, $state) = @_;
	require IO::Socket::SSL;
	require POSIX;
	my $listener = IO::Socket::SSL->new(LocalAddr => "127.0.0.1:$port", Listen => 5, ReuseAddr => 1,
		SSL_cert_file => "$state/tls.pem", SSL_key_file => "$state/tls.key") or die "Can't listen on port $port: $!\n";
	while (1) {
		my $client = $listener->accept() or next;
		while (defined(my $line = <$client>)) {
			last if $line =~ /^\r?\n$/;
		}
		my $date = POSIX::strftime('%a, %d %b %Y %H:%M:%S GMT', gmtime(time() - 600));
		print $client "HTTP/1.0 200 OK\r\nDate: $date\r\nContent-Length: 0\r\n\r\n";
	}
}

###############################################################################
