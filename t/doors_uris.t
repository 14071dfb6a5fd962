#!/usr/bin/perl

# Addresses: 480 spellings of ways between what is public and what is protected, over HTTP/1.1 and
# HTTP/2, by nobody and by a citizen (checklist H-09). nginx tidies an address up before it looks for
# its location, and would pass it on as it came. So what counts is what a back end reads in it: none
# of the usual readings may be a protected path in a request that carries no identity. Those of
# servlet containers and of Windows are held against exact locations only: no prefix means the same to
# them.
#
# Three sites: one that protects a location, one that protects everything but a location and a page,
# and the same without merge_slashes. Then one location of each kind (checklist H-10).

###############################################################################

use warnings;
use strict;

use Test::More;

BEGIN { use FindBin; chdir($FindBin::Bin); push @INC, 'lib'; }

use Test::Nginx;
use Clave;
use Clave::Browser;
use Clave::Http2;
use Clave::Witness;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

use constant STREAMS => 50;  # of a connection: its window lasts for that many answers

# The spellings.

my @slashes = ('/', '%2f', '//', '%2F%2f', '\\', '%5c', '%252f', '%c0%af', '/./', '/%2e/', ';/', '/;a=b/');
my @climbs = ('..', '%2e%2e', '.%2E', '%2e.', '..;', '..;a=b', '%252e%252e', '..%20', '...', '..%09', '%c0%ae%c0%ae',
	'%uff0e%uff0e', '%e0%80%ae%e0%80%ae', '..%3b', '.');

my @uris;
for my $slash (@slashes) {
	for my $climb (@climbs) {
		push @uris, "/public$slash$climb${slash}secret${slash}x", "/secret$slash$climb${slash}public${slash}page";
	}
}
push @uris, (
	# as it is, and encoded in part
	'/secret/x', '/secret/', '/secret', '/%73ecret/x', '/secre%74/x', '/%73%65%63%72%65%74/x', '/%2573ecret/x',
	'/secret%2fx', '/secret%2Fx', '/secret%252fx', '/secret\\x', '/secret%5cx', '/secret%c0%afx', '/secret%u2215x',
	'/%c1%b3ecret/x', '/%u0073ecret/x', '/secret/%00', '/secret%00/x', '/public/page%00/../../secret/x', '/public/page%00',
	# slashes and dots
	'//secret/x', '///secret///x', '/./secret/x', '/.//secret/./x', '/%2fsecret/x', '/%2e/secret/x', '/public/../secret/x',
	'/public/a/b/../../../secret/x', '/public/.%2e/secret/x', '/public/..//secret/x', '/public//../secret/x',
	'/public/x/..%2f..%2fsecret/x', '/public/%2e%2e%2fsecret%2fx', '/secret/../public/page', '/secret/..//public/page',
	'/secret/%2e%2e/public/page', '/secret/a/../../public/page', '/secret/..%2fpublic%2fpage', '//public/secret/x',
	'//public/page', '//sede.example.gob.es/secret/x', '//sede.example.gob.es//public/page', '/public//secret/x',
	'/secret//../public/page', '/secret/./../public/page', '/secret/.../public/page', '/public/page/..', '/public/page/.',
	'/public/page/../../secret/x', '/public/./page', '/public//page', '/public/..', '/..', '/../secret/x', '/%2e%2e/secret/x',
	'/public/../../secret/x', '/public/..%2f..%2f..%2fsecret', '/secret/../secret/x', '/secret/..', '/secret/../',
	# parameters of a path, tails, case
	'/secret;/x', '/secret;a=b/x', '/;/secret/x', '/public;/../secret/x', '/public/;/../secret/x', '/public/page;/../../secret/x',
	'/public/page;jsessionid=1', '/public/page;/secret/x', '/secret/x;', '/SECRET/x', '/Secret/x', '/secret./x', '/secret%20/x',
	'/secret%09/x', '/secret%20', '/secret/x.', '/secret/x%20', '/secret::$DATA/x', '/secret/x::$DATA', '/public/PAGE', '/public/page.',
	'/public/page%20', '/public/page/',
	# queries and fragments
	'/secret/x?a=1', '/secret/x?/../../public/page', '/public/page?/../../secret/x', '/public/page%3f/../../secret/x',
	'/public/page?', '/public/page??', '/secret%3fx', '/public%3f/../secret/x', '/?/secret/x', '/public/page#/../../secret/x',
	'/public/page%23/../../secret/x', '/secret/x#/../../public/page', '/secret/#/../public/page', '#/secret/x', '/public/#/../../secret/x',
	'/public/page&/../../secret/x', '/public/page?x=/../secret/x#/..',
	# the whole address
	'http://sede.example.gob.es/secret/x', 'http://sede.example.gob.es/secret/../public/page',
	'http://sede.example.gob.es//secret/x', 'http://sede.example.gob.es', 'http://sede.example.gob.es?/secret/x',
	'https://sede.example.gob.es/secret/x', 'HTTP://sede.example.gob.es/%73ecret/x', 
	'http://user@sede.example.gob.es/secret/x', 'http://sede.example.gob.es:80/secret/x', 'ftp://sede.example.gob.es/secret/x',
	'*', '**', 'secret/x', '\\secret\\x', '%2fsecret%2fx', '?/secret/x', './secret/x', '../secret/x',
	# long
	'/' . 'a/../' x 200 . 'secret/x', '/' . '/' x 2000 . 'secret/x', '/' . './' x 1000 . 'secret/x',
	'/secret/' . 'a/../' x 200 . '../public/page',
);

my $t = Test::Nginx->new()->has(qw/http http_v2 proxy rewrite/);

# One location of each kind: how it is asked for, and what nobody meets there.

my @kinds = (
	['/exact' => 'login'], ['/exact/' => 'public'], ['/exact/x' => 'public'], ['/%65xact' => 'login'],
	['/caret/x.php' => 'login'], ['/caret/x' => 'login'], ['/caretx' => 'public'],
	['/regex/x' => 'login'], ['/regex/x.php' => 'login'], ['/REGEX/x' => 'public'], ['/x/../regex/x' => 'login'],
	['/any/case.do' => 'login'], ['/any/case.DO' => 'login'], ['/any/case.do/x' => 'public'], ['/any/case.d%6f' => 'login'],
	['/any/case.do;x' => 'public'],
	['/nest/x' => 'login'], ['/nest/open/x' => 'public'], ['/nest/open/x.png' => 'login'], ['/nest/x.png' => 'login'],
	['/nest/open/../x' => 'login'], ['/nest/open%2f..%2fx' => 'login'], ['/nest/openx' => 'login'],
	['/outer/x' => 'public'], ['/outer/in/x' => 'login'], ['/outer/./in/x' => 'login'], ['/outer/in/deep/x' => 'login'],
	['/outer/inx' => 'public'],
	['/condition/x' => 'login'], ['/condition/x?open=1' => 'login'],
	['/excepted/x' => 'login'], ['/inherited/x' => 'login'], ['/inherited/x.txt' => 'login'], ['/inherited/off/x' => 'public'],
	['/half/x' => 'login'], ['/rewritten/x' => 'login'], ['/broken/x' => 'login'], ['/set/x' => 'login'],
	['/passed/x' => 'login'], ['/passed/../passed/x' => 'login'], ['/whole/x' => 'login'], ['/prefix-long/x' => 'login'],
	['/prefix-l/x' => 'public'],
);

$t->plan(3 * (@uris + 1) + @kinds + 1);

my $pass = 'proxy_pass http://127.0.0.1:8081;';
my $try = 'proxy_set_header Host witness;';

sub site {
	my ($name, $more) = @_;
	return <<"EOF";
    server {
        listen         127.0.0.1:8080;
        listen         127.0.0.1:8082 http2;
        server_name    $name;
        clave_base_url https://$name;
        $more
    }
EOF
}

my $everything = <<"EOF";
        clave pin;
        $try

        location / {
            $pass
        }

        location /public/ {
            clave off;
            $pass
        }

        location = /public/page {
            clave off;
            proxy_set_header V-Door exact;
            $pass
        }
EOF

clave_conf($t, listen => '127.0.0.1:8083', server_name => 'unused.example.gob.es',
	http => 'large_client_header_buffers 4 16k;' . Clave::Witness::conf()
		. site('sede.example.gob.es', <<"EOF")
        $try

        location / {
            $pass
        }

        location /secret/ {
            clave pin;
            $pass
        }
EOF
		. site('todo.example.gob.es', $everything)
		. site('dobles.example.gob.es', "merge_slashes off;\n$everything")
		. site('tipos.example.gob.es', <<"EOF"), server => '');
        $try

        location / {
            $pass
        }

        location = /exact {
            clave pin;
            $pass
        }

        location ^~ /caret/ {
            clave pin;
            $pass
        }

        location ~ ^/regex/ {
            clave pin;
            $pass
        }

        location ~ \\.php\$ {
            $pass
        }

        location ~* \\.do\$ {
            clave pin;
            $pass
        }

        location /nest/ {
            clave pin;
            $pass

            location /nest/open/ {
                clave off;
                $pass

                location ~ \\.png\$ {
                    clave pin;
                    $pass
                }
            }

            location ~ \\.png\$ {
                $pass
            }
        }

        location /outer/ {
            $pass

            location /outer/in/ {
                clave pin;
                $pass

                location /outer/in/deep/ {
                    $pass
                }
            }
        }

        location /condition/ {
            clave pin;
            if (\$arg_open) {
                $pass
            }
            $pass
        }

        location /excepted/ {
            clave pin;
            limit_except POST {
                $pass
            }
            $pass
        }

        location /inherited/ {
            clave pin;

            location ~ \\.txt\$ {
                $pass
            }

            location /inherited/off/ {
                clave off;
                $pass
            }

            location /inherited/ {
                $pass
            }
        }

        location /half/ {
            clave pin;
            $pass
        }

        location /rewritten/ {
            rewrite ^/rewritten(.*)\$ /half\$1 last;
        }

        location /broken/ {
            clave pin;
            rewrite ^/broken(.*)\$ /half\$1 break;
            $pass
        }

        location /set/ {
            clave pin;
            set \$where 127.0.0.1:8081;
            proxy_pass http://\$where;
        }

        location /passed/ {
            clave pin;
            proxy_pass http://127.0.0.1:8081/half/;
        }

        location /whole/ {
            clave pin;
            proxy_pass http://127.0.0.1:8081\$request_uri;
        }

        location /prefix-l {
            $pass
        }

        location /prefix-long {
            clave pin;
            $pass
        }
EOF

$t->run();

###############################################################################

# What back ends read in the target of a request.

sub decoded { $_[0] =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ger }

sub without_dots {
	my ($path) = @_;
	my @kept;
	my @segments = split m{/}, $path, -1;
	for my $segment (@segments[1 .. $#segments]) {
		if ($segment eq '..') { pop @kept } elsif ($segment ne '.' && $segment ne '') { push @kept, $segment }
	}
	return '/' . join('/', @kept) . (@kept && $path =~ m{/\.{0,2}$} ? '/' : '');
}

sub without_host { $_[0] =~ s{^//[^/]*}{}r }

sub strict_readings {
	my ($path) = @_;
	my @decoded = map { ($_, s{//+}{/}gr) } $path, decoded($path);
	return (@decoded, without_dots($path), without_dots(decoded($path)), decoded(without_dots($path)),
		without_host($path), without_dots(without_host(decoded($path))));
}

sub servlet { without_dots(decoded($_[0] =~ s/;[^\/]*//gr)) }

sub windows {
	my ($path) = @_;
	my $text = lc decoded(decoded($path =~ s/%c0%af/%2f/gir =~ s/%c0%ae/%2e/gir));
	$text =~ s/\0.*//s;
	$text =~ tr{\\}{/};
	return without_dots(join '/', map { /^\.{1,2}$/ ? $_ : s/(?:::\$data|[ .\t])+$//r } split m{/}, $text, -1);
}

# What is wrong with a request that came without identity, if anything.

sub trespass {
	my ($site, $seen) = @_;
	my $path = Clave::Witness::path_of($seen->{request});
	$path =~ s{^https?://[^/]*}{}i;
	if ($site eq 'sede') {
		return grep { m{^/secret/} } strict_readings($path);
	}
	if ($seen->{door} eq 'exact') {
		return grep { $_ ne '/public/page' } strict_readings($path), servlet($path), windows($path);
	}
	# whoever takes an encoded slash for part of a name sees a name that begins as it should
	return grep { !m{^/public(?:/|%2f)}i } strict_readings($path);
}

###############################################################################

my %citizen;
for my $site (qw/ sede todo dobles tipos /) {
	my $host = "$site.example.gob.es";
	$citizen{$site} = Clave::Browser->new(host => $host);
	my $page = { sede => '/secret/x', tipos => '/exact' }->{$site} // '/x';
	my $back = $citizen{$site}->come_back($citizen{$site}->go_to_gateway($page), method => 'pin',
		acs_url => "https://$host/.clave/acs");
	BAIL_OUT("no login at $host") unless $citizen{$site}->cookie();
}

my $tries = 0;
my %status;  # of a try

# Asks for the same over both protocols as nobody and as a citizen: { who protocol => try }.

sub ask_over_http1 {
	my ($host, $uri, $cookie) = @_;
	my $number = ++$tries;
	my $answer = http("GET $uri HTTP/1.1\r\nHost: $host\r\nConnection: close\r\nX-Try: $number\r\n"
		. ($cookie ? "Cookie: $cookie\r\n" : '') . "\r\n");
	$status{$number} = status_of($answer);
	return $number;
}

my ($connection, $streams);

sub ask_over_http2 {
	my ($host, $uri, $cookie) = @_;
	my $number = ++$tries;
	$connection = undef if $streams++ % STREAMS == 0;
	for (1 .. 2) {
		$connection //= Clave::Http2->new(port(8082));
		my $stream = $connection->request('GET', $uri, authority => $host, complete => 1,
			headers => [ 'x-try' => $number, $cookie ? (cookie => $cookie) : () ]);
		$status{$number} = $connection->status($stream) and last;
		$connection = undef;  # it was closed, now or before
	}
	return $number;
}

sub ask {
	my ($site, $uri) = @_;
	my $host = "$site.example.gob.es";
	my $cookie = $citizen{$site}->cookies();
	return {
		'nobody, HTTP/1.1' => ask_over_http1($host, $uri),
		'citizen, HTTP/1.1' => ask_over_http1($host, $uri, $cookie),
		'nobody, HTTP/2' => ask_over_http2($host, $uri),
		'citizen, HTTP/2' => ask_over_http2($host, $uri, $cookie),
	};
}

my %seen;  # by a try

sub look {
	%seen = ();
	push @{$seen{$_->{try}}}, $_ for Clave::Witness::seen($t);
}

sub identified { grep { $_->{nif} ne '-' } @{$seen{$_[0]} // []} }

# Everything that is wrong with these four requests. A way that turns nobody away lets a citizen in.

sub wrong {
	my ($site, $tries) = @_;
	my @wrong;
	for my $how (sort keys %$tries) {
		for my $request (@{$seen{$tries->{$how}} // []}) {
			push @wrong, "$how: $request->{request} reads as $_" for
				$request->{nif} eq '-' ? trespass($site, $request) : ();
			push @wrong, "$how: as $request->{nif}" if $how =~ /nobody/ && $request->{nif} ne '-';
		}
	}
	for my $protocol ('HTTP/1.1', 'HTTP/2') {
		my ($nobody, $citizen) = @$tries{"nobody, $protocol", "citizen, $protocol"};
		my ($turned_away, $came) = ($status{$nobody} == 302, scalar identified($citizen));
		push @wrong, "$protocol: $status{$nobody} for nobody, $status{$citizen} for a citizen"
			unless $turned_away ? $came : $status{$citizen} == $status{$nobody};
	}
	return join "\n", @wrong;
}

for my $site (qw/ sede todo dobles /) {
	my @asked = map { s/\bsede\./$site./r } @uris;
	my @tries = map { ask($site, $_) } @asked;
	look();
	my $turned_away = 0;
	for my $n (0 .. $#uris) {
		is(wrong($site, $tries[$n]), '', "$site: " . (length $asked[$n] > 90 ? substr($asked[$n], 0, 90) . '…' : $asked[$n]));
		$turned_away++ if grep { $status{$_} == 302 } values %{$tries[$n]};
	}
	cmp_ok($turned_away, '>', 50, "$site: many of these are protected");
}

my @tries = map { ask('tipos', $_->[0]) } @kinds;
look();
for my $n (0 .. $#kinds) {
	my ($uri, $expected) = @{$kinds[$n]};
	my %what = map { $_ => ($status{$tries[$n]{$_}} == 302 ? 'login' : identified($tries[$n]{$_}) ? 'known'
		: @{$seen{$tries[$n]{$_}} // []} ? 'public' : "status $status{$tries[$n]{$_}}") } keys %{$tries[$n]};
	my $for_citizen = $expected eq 'login' ? 'known' : $expected;
	is_deeply(\%what, { map { $_ => /nobody/ ? $expected : $for_citizen } keys %what }, "kinds: $uri");
}

cmp_ok(scalar(@uris), '>=', 300, scalar(@uris) . ' addresses, over two protocols');

undef $t;

###############################################################################
