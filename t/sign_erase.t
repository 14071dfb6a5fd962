#!/usr/bin/perl

# What is of one person goes by the commands of doc/signing.md, as they stand there (checklist F-20), and
# what is of another stays.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Fire;
use Clave::Signer;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http proxy/)->has_daemon('jq')->plan(10);
my $fire = Clave::Fire->new($t);
$fire->site()->run();
my $d = $t->testdir();

my ($ana, $wei) = map { my $person = Clave::Signer->new(fire => $fire); $person->login('/', nif => $_); $person }
	'00000000T', 'X0000000T';
my ($signed, $hers, $his) = map { my $base = $_->submit('/', 'name=a'); $_->sign_at($base); $base } $ana, $ana, $wei;
$fire->history($_, qr/delivered$/) for $signed, $hers, $his;
my $left = $ana->submit('/', 'name=left');
$ana->get($left);
$fire->history($left, qr/shown$/);

###############################################################################

my ($of_one, $of_all) = commands();
is(scalar(grep { defined } $of_one, $of_all), 2, 'the commands');

# The first signature of her, by the number that her receipt shows.

my ($number) = $ana->get($signed) =~ /\b([0-9A-Z]{4}(?:-[0-9A-Z]{4}){6})\b/;
isnt($number, undef, 'a number');
is(run($of_one =~ s/7F3K-…/$number/r), '', 'one signature is erased');
ok(!-e folder($signed), 'its folder has gone');
is(status_of($ana->get("${signed}signature")), 410, 'which is told');
ok(-e folder($hers) . '/receipt.json', 'the others are there');

# All the rest of her: of which signature, the first command tells.

my $id = id($hers);
my @told = split /\n/, run("cd $d/archive\n" . ($of_all =~ s/== "a"/== "$id"/r));
is(shift @told, "$id/receipt.json", 'what she has signed');
is_deeply([ sort @told ], [ sort map { id($_) } $signed, $hers, $left ], 'and all of hers, also what she has not');
run("cd $d/archive && rm -r -- " . join ' ', grep { -e "$d/archive/$_" } @told);
is(scalar(grep { -e folder($_) } $hers, $left), 0, 'they go');
is(status_of($wei->get("${his}signature")), 200, 'what is of another stays');

undef $_ for $ana, $wei, $fire, $t;

###############################################################################

sub id { return $_[0] =~ m{sign/(\w+)/} ? $1 : '' }
sub folder { return "$d/archive/" . id($_[0]) }

# Of the section, with this site's places in them.

sub commands {
	open my $in, '<:raw', Clave::project() . '/ngx_http_clave_module/doc/signing.md' or die "no documentation: $!\n";
	local $/;
	my ($section) = <$in> =~ /^#### To erase what is of one person\n(.*?)^##/ms;
	return map {
		s{/var/lib/nginx/clave\b}{$d/archive}r =~ s{/var/log/nginx/clave-evidence\.log}{$d/evidence.log}gr
	} $section =~ /^```sh\n(.*?)^```/msg;
}

sub run {
	my ($script) = @_;
	open my $out, '-|', 'sh', '-euc', "exec 2>&1\n$script" or die "no shell: $!\n";
	local $/;
	return <$out> // '';
}

###############################################################################
