#!/usr/bin/perl

# Other modules in the same worker use libraries that we use, and their state of the process: Debian's
# XSLT filter has libxml2 and cleans it up when a worker ends, the image filter brings libraries of its
# own (checklist H-35). Logins go on beside them, what is no message of the gateway is refused as ever,
# and so over reloads.

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use JSON::PP;
use MIME::Base64;

use Test::Nginx qw/ :DEFAULT http_content /;
use Clave;
use Clave::Browser;
use Clave::Crowd;

use Time::HiRes qw/ sleep /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

use constant { ROUNDS => 12, CITIZENS => 2, SECONDS => $ENV{CLAVE_SECONDS} // 4 };

# Messages whose refusal depends on how libxml2 is told to read them.
my @hostile = grep { $_->{answers} eq 'login' && $_->{id} =~ /^(?:doctype|xml|xinclude|transform-xslt)/ }
	@{decode_json(`./forge/forge manifest`)};

my $t = Test::Nginx->new()->has(qw/http proxy/);
my @modules = map { "/usr/lib/nginx/modules/ngx_http_${_}_filter_module.so" } qw/ xslt image /;
-e or die "no $_\n" for @modules;
# Of what the libraries behind them still hold when nginx unloads them, nobody could say whose it is; what
# we lose shows in every other file.
$ENV{ASAN_OPTIONS} .= ':detect_leaks=0' if $ENV{ASAN_OPTIONS};
$t->plan(@hostile + 21);

my $d = $t->testdir();
$t->write_file('entities.dtd', '<!ENTITY sede "Sede de Ejemplo">');
$t->write_file('page.xsl', <<'EOF');
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:str="http://exslt.org/strings" extension-element-prefixes="str">
<xsl:param name="nif"/>
<xsl:template match="/paper"><html><body><xsl:value-of select="str:padding(3, '*')"/>
<p><xsl:value-of select="."/> de <xsl:value-of select="$nif"/></p></body></html></xsl:template>
</xsl:stylesheet>
EOF
mkdir "$d/papers" or die "Can't create papers: $!\n";
$t->write_file('papers/good.xml', '<!DOCTYPE paper SYSTEM "entities.dtd"><paper>Solicitud a la &sede;</paper>');
$t->write_file('papers/broken.xml', '<paper>Solicitud <unfinished');
$t->write_file('papers/dot.png', decode_base64('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4'
	. '2mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='));

# Unless whoever runs the tests has them loaded everywhere.
my $loaded = $t->test_globals();
my $load = join "\n", map { my ($name) = m{([^/]+)$}; $loaded =~ /\Q$name\E/ ? () : "load_module $_;" } @modules;

clave_conf($t, main => $load, http => <<'EOF', server => <<'EOF_SERVER');
    error_log %%TESTDIR%%/error.log info;
    xml_entities %%TESTDIR%%/entities.dtd;
EOF
        add_header X-Worker $pid always;

        location / {
            add_header X-Worker $pid always;
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }

        location ~ ^/papers/.*\.xml$ {
            clave pin;
            root %%TESTDIR%%;
            default_type text/xml;
            xslt_stylesheet %%TESTDIR%%/page.xsl;
            xslt_string_param nif $clave_nif;
        }

        location ~ ^/papers/.*\.png$ {
            clave pin;
            root %%TESTDIR%%;
            default_type image/png;
            image_filter rotate 90;
        }
EOF_SERVER

backend($t);
$t->run();

###############################################################################

my @people = qw/ 99999018D 00000000T /;

# What is wrong with a login, and with what the filters make for the one who has logged in.

sub round {
	my ($n) = @_;
	my $nif = $people[$n % @people];
	my $browser = Clave::Browser->new();
	my @wrong;
	my $page = $browser->login('/papers/good.xml', method => 'pin', nif => $nif);
	push @wrong, 'page: ' . status_of($page) . ' ' . http_content($page)
		unless http_content($page) =~ m{\*\*\*\n?<p>Solicitud a la Sede de Ejemplo de \Q$nif\E</p>};
	my $image = $browser->get('/papers/dot.png');
	push @wrong, 'image: ' . status_of($image) unless status_of($image) == 200 && http_content($image) =~ /^\x89PNG/;
	my $broken = $browser->get('/papers/broken.xml');
	push @wrong, 'a paper that is none: ' . status_of($broken) unless status_of($broken) == 500;
	push @wrong, 'a page of the application' if (backend_saw($browser->get('/'))->{headers}{'x-clave-nif'} // '') ne $nif;
	$browser->leave() or push @wrong, 'a logout';
	push @wrong, 'after the logout' if status_of($browser->get('/papers/good.xml')) != 302;
	return join '; ', @wrong;
}

sub generations { my %pids = map { $_ => 1 } $t->read_file('error.log') =~ /start worker process (\d+)/g; return scalar keys %pids }

# by turns in one worker

is(status_of(Clave::Browser->new()->get('/papers/good.xml')), 302, 'nobody sees a paper');
is(round($_), '', "login $_") for 1 .. ROUNDS;

# what the parser refuses because of how it was told to read, after the filter has told its own otherwise

for my $case (@hostile) {
	my $browser = Clave::Browser->new();
	my $before = () = refusals($t);
	my $refused = $browser->come_back($browser->go_to_gateway('/papers/good.xml'), case => $case->{id});
	my @codes = refusals($t);
	my $code = join ' ', @codes[$before .. $#codes];
	ok((grep { $_ eq $code } @{$case->{expected}}) && !defined $browser->cookie(), "$case->{id}: $code");
}

# at the same time, and over reloads: a worker that ends cleans up what was everybody's

my $before = generations();
my $crowd = Clave::Crowd->begin(CITIZENS, SECONDS);
my @wrong;
for (my $n = 0; $crowd->is_there(); $n++) {
	$t->reload() if $n % 4 == 0;
	push @wrong, grep { $_ ne '' } round($n);
	sleep 0.02;
}
my $seen = $crowd->seen();
is(join(' | ', @wrong), '', 'filters and logins over reloads');
cmp_ok(generations() - $before, '>', 2, 'several generations of workers');
cmp_ok(delete $seen->{login} // 0, '>', 0, 'logins beside them');
cmp_ok(delete $seen->{right} // 0, '>', 0, 'pages');
delete @$seen{qw/ closed crossed /};
is_deeply($seen, {}, 'nothing wrong, lost or refused');

my @said = grep { /clave: .*(?:parser error|libxml|I\/O warning|Entity:)/ } split /\n/, $t->read_file('error.log');
is("@said", '', 'nothing of libxml2 in our lines');
like($t->read_file('error.log'), qr/\[error\] .*xmlParseChunk\(\) failed/, 'the filter says itself what is wrong with its own');
is(round(0), '', 'a login after it');

undef $t;

###############################################################################
