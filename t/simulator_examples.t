#!/usr/bin/perl

# The examples that come with the simulator work as they stand: the fixtures for pytest, with a site
# behind this nginx, and, as far as that can be said without npm's registry, the one for Playwright, which
# scripts/check-pages runs.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

# No nginx of this one's own writes the log that is looked at in the end.
my $t = Test::Nginx->new()->plan(3)->write_file('error.log', '');
my $scripts = Clave::project() . '/scripts';
my $examples = "$scripts/simulator/examples";

$ENV{CLAVE_SIM} = "$scripts/simulate";
$ENV{CLAVE_SIM_LIBRARY} = $scripts;
$ENV{NGINX} = $ENV{TEST_NGINX_BINARY} // '/usr/sbin/nginx';
$ENV{NGINX_GLOBALS} = $ENV{TEST_NGINX_GLOBALS} // Test::Nginx::own_globals();
$ENV{PYTHONDONTWRITEBYTECODE} = 1;

my $directory = $t->testdir();
my $said = `cd $directory && /usr/bin/python3 -m pytest -p no:cacheprovider --basetemp=$directory/pytest $examples/pytest 2>&1`;
is($? >> 8, 0, 'pytest passes') or diag($said);
like($said, qr/^=+ 10 passed in /m, 'with every test');

$said = `node --check $examples/playwright/login.mjs 2>&1`;
is($?, 0, 'the example for Playwright is a program') or diag($said);
