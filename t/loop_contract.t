#!/usr/bin/perl

# The contract of the core's Loop, kept by nginx's events: run inside a worker before it serves.
# The same checks run over poll(2) in libclavecore/test/poll_loop_test.cpp.

use warnings;
use strict;

use Test::More;

use File::Basename;
use File::Spec;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;

select STDERR; $| = 1;
select STDOUT; $| = 1;

my ($module) = ($ENV{TEST_NGINX_GLOBALS} // '') =~ m{load_module\s+(\S+)/ngx_http_clave_module\.so};
$module //= File::Spec->rel2abs('../build');

my $t = Test::Nginx->new()->has(qw/http/);

$t->write_file_expand('nginx.conf', <<"EOF");

%%TEST_GLOBALS%%

daemon off;
load_module $module/ngx_clave_loop_contract_module.so;

events {
}

http {
    %%TEST_GLOBALS_HTTP%%

    server {
        listen       127.0.0.1:8080;
        server_name  localhost;
    }
}

EOF

$t->run();

# The worker writes them before it serves, and nginx has started before that.
for (1 .. 100) {
	last if $t->read_file('error.log') =~ /loop contract: all run/;
	select undef, undef, undef, 0.1;
}

my @verdicts = $t->read_file('error.log') =~ m/loop contract: (\S[^\n]*): ([^\n]*)\n/g;

$t->plan(@verdicts / 2 + 1);

while (my ($check, $verdict) = splice @verdicts, 0, 2) {
	like($verdict, qr/^kept/, $check);
}

like($t->read_file('error.log'), qr/loop contract: all run/, 'every check has run');
