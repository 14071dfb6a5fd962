package Clave::Example;

# A configuration of conf-examples/ on this machine: only what belongs to a machine is replaced, the
# module's place, files, ports and sockets.

use warnings;
use strict;

use Test::Nginx;

use Clave;
use Clave::Redis;

# new($t, 'four-procedures.conf') writes nginx.conf; the Redis that redis.conf wants is started with it,
# and with `servers` also sentinels and clusters. With `fire`, a Clave::Fire, it signs there.

sub new {
	my ($class, $t, $example, %with) = @_;
	open my $file, '<', Clave::project() . "/conf-examples/$example" or die "Can't open $example: $!\n";
	local $/;
	return $class->of_text($t, scalar <$file>, %with);
}

# The same of a configuration that stands somewhere else.

sub of_text {
	my ($class, $t, $text, %with) = @_;
	my $self = bless { t => $t, %with }, $class;
	$self->{conf} = $self->_here($text);
	$t->write_file_expand('nginx.conf', $self->{conf});
	return $self;
}

sub conf { $_[0]{conf} }
sub redis { $_[0]{redis} }

# Where what replaces /srv/sede and the sockets of back ends is.

sub root { $_[0]{t}->testdir() . '/srv' }
sub socket_of { $_[0]{t}->testdir() . "/$_[1].sock" }

sub _here {
	my ($self, $conf) = @_;
	my $d = $self->{t}->testdir();

	$conf =~ s{(?<=[\s=])clave/}{/etc/nginx/clave/}g;  # as nginx reads relative paths
	$conf =~ s{^load_module .*}{%%TEST_GLOBALS%%\ndaemon off;}m;
	$conf =~ s/^http \{/http {\n    %%TEST_GLOBALS_HTTP%%/m;
	$conf =~ s{include( +)(fastcgi_params|uwsgi_params);}{include$1/etc/nginx/$2;}g;
	$conf =~ s{/etc/nginx/clave/own-look/}{Clave::project() . '/conf-examples/own-look/'}ge;
	$conf = $self->_with_sentinels($conf) if $self->{servers};
	$conf = $self->_with_cluster($conf) if $self->{servers};
	$conf = $self->_with_keys($conf);
	$conf =~ s{/srv/sede}{$d/srv}g;
	$conf =~ s{unix:/run/(?:php/php-fpm|sede/uwsgi)\.sock}{$self->_socket($&)}ge;
	$conf =~ s{unix:/run/nginx-clave/}{unix:$d/}g;
	$conf =~ s{/var/(?:lib|log)/nginx/(?!clave/)}{%%TESTDIR%%/}g;
	$conf =~ s{/var/log/nginx/clave/}{$d/};
	$conf =~ s{listen( +)80;}{listen$1 127.0.0.1:8080;}g;
	$conf =~ s{listen 9145;}{listen 127.0.0.1:8082;};
	$conf = $self->_with_fire($conf) if $self->{fire};
	$conf = $self->_with_redis($conf);
	# the public port stays 443, as behind a firewall that translates it
	$conf =~ s{listen( +)443 ssl;(\s+server_name +)(\S+);}
		{listen$1 127.0.0.1:8443 ssl;$2$3;\n        clave_base_url https://$3;}g;
	mkdir "$d/srv";
	return $conf;
}

sub _with_keys {
	my ($self, $conf) = @_;
	my $keys = clave_keys();
	my $d = $self->{t}->testdir();
	for my $name ($conf =~ m{/etc/nginx/clave/(session[\w-]*\.key|redis\.password)}g) {
		$self->{t}->write_file($name, $name =~ /key/
			? join('', map { chr int rand 256 } 1 .. 80) : "secreto-de-redis\n");
		chmod 0600, "$d/$name";
	}
	$conf =~ s{/etc/nginx/clave/(session[\w-]*\.key|redis\.password)}{$d/$1}g;
	$conf =~ s{/etc/nginx/clave/redis-ca\.pem}{$keys/sp.pem}g;
	$conf =~ s{/etc/nginx/clave/pasarela\.pem}{$keys/gateway.pem}g;
	$conf =~ s{/etc/nginx/clave/pasarela-next\.pem}{$keys/rollover.pem}g;
	$conf =~ s{/tmp/clave/gateway\.pem}{$keys/gateway.pem}g;
	$conf =~ s{/tmp/clave/(?:sede|tls|ca|firma-ca)\.}{$keys/sp.}g;
	$conf =~ s{/etc/nginx/clave/sede-former\.key}{$keys/sp-old.key}g;
	$conf =~ s{/etc/(?:nginx/clave|ssl/certs|ssl/private)/(?:sede|tributos|firma-ca)\.}{$keys/sp.}g;
	return $conf;
}

sub _socket {
	my ($self, $given) = @_;
	my ($kind) = $given =~ /(php|uwsgi)/;
	return 'unix:' . $self->socket_of($kind);
}

sub _with_fire {
	my ($self, $conf) = @_;
	my $fire = $self->{fire}->conf();
	$conf =~ s{^ +clave_(?:firma|sign_archive|sign_evidence|sign_trusted)[^;]*;\n}{}mg;
	$conf =~ s{^( +)server \{}{$fire\n$1server \{\n        clave_simulator on;}m;
	return $conf;
}

# The user that redis.conf asks for, in its own words.

sub _acl_of {
	my ($conf) = @_;
	local $/;
	unless ($conf =~ /user clave /) {
		open my $file, '<', Clave::project() . '/conf-examples/redis.conf' or die "Can't open redis.conf: $!\n";
		$conf = <$file>;
	}
	my ($words) = $conf =~ /user clave (.*?)\n#\n/s;
	$words =~ s/\n#\s*/ /g;
	$words =~ s/>PASSWORD/>secreto-de-redis/;
	return split ' ', $words;
}

sub _with_redis {
	my ($self, $conf) = @_;
	return $conf unless $conf =~ m{(?:redis://redis\.sede\.internal:6379|unix:/run/redis/redis\.sock)};

	my @acl = $conf =~ /user=clave/ ? _acl_of($conf) : ();
	$self->{redis} = Clave::Redis->new($self->{t}, port => 8090, unix => 1)->start();
	$self->{redis}->ask('ACL', 'SETUSER', 'clave', @acl) if @acl;
	my $socket = $self->{redis}->socket_path();
	$conf =~ s{redis\.sede\.internal:6379}{127.0.0.1:8090};  # as every port of a test, still to be expanded
	$conf =~ s{unix:/run/redis/redis\.sock}{unix:$socket};
	return $conf;
}

# A primary, a replica and three sentinels that speak TLS with everyone.

sub _with_sentinels {
	my ($self, $conf) = @_;
	return $conf unless $conf =~ m{rediss\+sentinel://};

	my $d = $self->{t}->testdir();
	system('openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -batch -days 2 -subj /CN=redis'
		. " -addext subjectAltName=IP:127.0.0.1 -keyout $d/redis.key -out $d/redis.pem 2> $d/openssl.log") == 0
		or die "no certificate\n";
	my $server = sub {
		my ($port, %more) = @_;
		return Clave::Redis->new($self->{t}, port => $port,
			tls => { port => $port + 1, pem => "$d/redis.pem", key => "$d/redis.key" }, %more)->start();
	};
	my $primary = $server->(8110, options => [ '--repl-diskless-sync-delay', 0 ]);
	my $replica = $server->(8112, options => [ '--replicaof', '127.0.0.1 ' . $primary->public_port() ]);
	_eventually('a replica', sub { $primary->ask('INFO', 'replication') =~ /state=online/ });
	$_->ask('ACL', 'SETUSER', 'clave', _acl_of($conf)) for $primary, $replica;
	my @sentinels = map { $server->($_, sentinel_of => $primary) } 8114, 8116, 8118;
	_eventually('sentinels that know each other', sub {
		my %facts = @{$sentinels[0]->ask('SENTINEL', 'MASTER', 'clave')};
		return "$facts{'num-slaves'} $facts{'num-other-sentinels'}" eq '1 2';
	});
	$self->{redis} = $primary;
	$self->{others} = [ $replica, @sentinels ];
	my $hosts = join ',', map { '127.0.0.1:' . $_->public_port() } @sentinels;
	$conf =~ s{s1\.sede\.internal,s2\.sede\.internal,s3\.sede\.internal}{$hosts};
	$conf =~ s{/etc/nginx/clave/redis-ca\.pem}{$d/redis.pem};
	return $conf;
}

sub _with_cluster {
	my ($self, $conf) = @_;
	return $conf unless $conf =~ m{redis\+cluster://};

	my @nodes = map { Clave::Redis->new($self->{t}, port => $_, options => [ '--cluster-enabled', 'yes',
		'--cluster-port', port($_ + 10) ])->start() } 8120 .. 8122;
	my $d = $self->{t}->testdir();
	system('redis-cli --cluster create ' . join(' ', map { '127.0.0.1:' . $_->port_number() } @nodes)
		. " --cluster-replicas 0 --cluster-yes > $d/redis-cli.log 2>&1") == 0 or die "no cluster\n";
	_eventually('a cluster', sub { 0 == grep { $_->ask('CLUSTER', 'INFO') !~ /cluster_state:ok/ } @nodes });
	$_->ask('ACL', 'SETUSER', 'clave', _acl_of($conf)) for @nodes;
	$self->{others} = \@nodes;
	for my $number (0, 1) {
		my $name = 'n' . ($number + 1) . '.sede.internal:7000';
		my $here = '127.0.0.1:' . $nodes[$number]->port_number();
		$conf =~ s{\Q$name\E}{$here};
	}
	return $conf;
}

sub _eventually {
	my ($what, $is_there) = @_;
	for (1 .. 300) {
		return if $is_there->();
		select undef, undef, undef, 0.1;
	}
	die "no $what\n";
}

# The back ends that examples name, as Debian has them.

# PHP-FPM with one script, `name` below the root.

sub php {
	my ($self, $name, $text) = @_;
	$self->_site_file($name, $text);
	my ($binary) = sort glob('/usr/sbin/php-fpm*');
	my $d = $self->{t}->testdir();
	my $user = $> == 0 ? "user = root\ngroup = root\n" : '';
	$self->{t}->write_file('php-fpm.conf', <<"END");
[global]
error_log = $d/php-fpm.log
daemonize = no
[sede]
${user}listen = @{[ $self->socket_of('php') ]}
pm = static
pm.max_children = 1
END
	$self->{t}->run_daemon($binary // 'php-fpm', '-n', $> == 0 ? '-R' : (), '-y', "$d/php-fpm.conf");
	return $self->_wait_for('php');
}

# uWSGI with one module in Python.

sub uwsgi {
	my ($self, $text) = @_;
	$self->_site_file('app.py', $text);
	my $log = $self->{t}->testdir() . '/uwsgi.log';
	$self->{t}->run_daemon('uwsgi', '--plugin', 'python3', '--socket', $self->socket_of('uwsgi'), '--chdir', $self->root(),
		'--module', 'app', '--logto', $log, '--need-app', '--die-on-term');
	return $self->_wait_for('uwsgi');
}

sub _site_file {
	my ($self, $name, $text) = @_;
	my $path = $self->root();
	for my $part (split m{/}, $name =~ s{/?[^/]+$}{}r) {
		$path .= "/$part";
		mkdir $path;
	}
	$self->{t}->write_file("srv/$name", $text);
}

sub _wait_for {
	my ($self, $kind) = @_;
	my $socket = $self->socket_of($kind);
	for (1 .. 300) {
		return $self if -S $socket;
		select undef, undef, undef, 0.1;
	}
	die "no $kind\n";
}

1;
