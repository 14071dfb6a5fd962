#!/usr/bin/perl

# The module loads into this nginx, and exports to the process what nginx asks for and nothing else.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http rewrite/)->has_daemon('nm')->plan(3);

$t->write_file_expand('nginx.conf', <<'EOF');

%%TEST_GLOBALS%%

daemon off;

events {
}

http {
    %%TEST_GLOBALS_HTTP%%

    server {
        listen       127.0.0.1:8080;
        server_name  localhost;

        location / {
            return 200 "alive";
        }
    }
}

EOF

$t->run();

###############################################################################

my ($module) = $t->test_globals() =~ /load_module\s+(\S+ngx_http_clave_module\.so);/;
my @exported = map { (split)[-1] } `nm -D --defined-only $module`;

like(http_get('/'), qr/^HTTP\S+ 200 .*alive$/s, 'nginx answers with the module loaded');
like($t->read_file('error.log'), qr/\[notice\].*start worker process/, 'log of a debug level');
is_deeply([ sort @exported ], [ qw/ ngx_module_names ngx_module_order ngx_modules / ],
	'symbols visible to other modules');

###############################################################################
