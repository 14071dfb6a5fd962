package Test::Nginx;

# The part of the official nginx test suite's API that our tests use, so that "prove -r t" runs on a
# bare machine. With the official library first in PERL5LIB the same tests run unchanged; what each
# call promises is documented there (github.com/nginx/nginx-tests).
#
# Of our own: without TEST_NGINX_GLOBALS the module in build/ is loaded; the last checks also refuse
# an nginx that has to be killed and, where one ran at all, [emerg] and [crit] lines, and logs that tell
# what is nobody's business: the person of the forge, a message of the gateway, a cookie or token that
# http() has received.

use warnings;
use strict;

use Exporter qw/ import /;
use File::Path qw/ remove_tree /;
use File::Spec;
use File::Temp qw/ tempdir /;
use IO::Socket::INET;
use POSIX qw/ WNOHANG _exit /;
use Test::More ();
use Time::HiRes qw/ sleep time /;

our @EXPORT = qw/ http http_get http_head port log_in log_out /;
our @EXPORT_OK = qw/ http_start http_end http_content /;

our $NGINX = $ENV{TEST_NGINX_BINARY} // '/usr/sbin/nginx';
our $TODO;

# Seconds: what a request, a start and a graceful stop may take at most.
use constant {
	REQUEST_LIMIT => 8,
	START_LIMIT => 10,
	STOP_LIMIT => 60,
};

my $project = File::Spec->rel2abs(__FILE__);
$project =~ s{/t/lib/Test/Nginx\.pm$}{};

sub MODULE { return "$project/build/ngx_http_clave_module.so" }

my %ports;

###############################################################################
# life of a test

sub new {
	my ($class) = @_;

	# Whoever has just cloned this, and begins with prove: one line for all files, and at once.
	-x $NGINX or Test::More::BAIL_OUT("no nginx at $NGINX: run scripts/install-packages first, or set TEST_NGINX_BINARY");
	defined $ENV{TEST_NGINX_GLOBALS} || -e MODULE or Test::More::BAIL_OUT(MODULE . ' is missing: run scripts/build first');

	return bless {
		owner => $$,
		testdir => tempdir('nginx-test-XXXXXXXXXX', TMPDIR => 1),
		daemons => [],
		args => [],
		complaints => [],
	}, $class // __PACKAGE__;
}

# Two checks are added to every plan: those that DESTROY makes.

sub plan {
	my ($self, $tests) = @_;
	Test::More::plan(tests => $tests + 2);
	return $self;
}

sub todo_alerts {
	my ($self) = @_;
	$self->{alerts_expected} = 1;
	return $self;
}

sub DESTROY {
	my ($self) = @_;
	local ($?, $@, $!);

	# Forked daemons inherit this object; only the test itself ends it.
	return if $self->{owner} != $$;

	$self->stop();
	$self->stop_daemons();

	my $log = -e "$self->{testdir}/error.log" ? $self->read_file('error.log') : '';

	if (Test::More->builder->expected_tests) {
		my $grave = $self->{started} ? qr/alert|emerg|crit/ : qr/alert/;
		my @alerts = $log =~ /^.*\[$grave\].*$/mg;
		my @reports = $log =~ /^.*(?:Sanitizer|: runtime error: ).*$/mg;
		local $TODO = $self->{alerts_expected} ? 'alerts' : undef;
		Test::More::is(join("\n", @{$self->{complaints}}, @alerts), '', 'no alerts');
		undef $TODO;
		Test::More::is(join("\n", @reports, $self->_indiscretions()), '', 'no sanitizer errors');
	}

	print $log =~ s/^/# /mgr if $ENV{TEST_NGINX_CATLOG};
	remove_tree($self->{testdir}, { error => \my $ignored }) unless $ENV{TEST_NGINX_LEAVE};
}

###############################################################################
# what no log may tell

# The person that t/forge names unless it is told otherwise, and how messages and documents begin.

my $telling = qr/99999018D|ETXEBARRIA|BEGO\xc3\x91A|<saml|PHNhbWw|PD94bWw|%PDF-|JVBERi0/;

my %secrets;  # cookies and tokens

sub _remember_secrets {
	my ($response) = @_;
	for my $text ($response =~ /^Set-Cookie: [^=]+=([^;\r\n]+)/mig, $response =~ /name="token" value="([^"]+)"/g) {
		# the cookie of a signature has its name, which is no secret
		$secrets{$text} = 1 if length $text >= 20 && $text !~ /^[0-9a-z]{28}$/;
	}
}

# The lines that tell it, each named once: of ours at every level, of nginx but what it says for those
# who debug it.

sub _indiscretions {
	my ($self) = @_;
	my @found;
	for my $path ($self->_discreet_logs()) {
		open my $file, '<:raw', $path or next;
		my $debug = 0;  # and what nginx has put below it
		while (my $line = <$file>) {
			$debug = $1 eq 'debug' if $line =~ m{^\d{4}/\d\d/\d\d \S+ \[(\w+)\]};
			next if $debug && $line !~ /clave: /;
			# the address is as the client, who may say anything, has spelt it
			my $said = $line =~ s/"[A-Z]+ [^"]*(?:"|$)//gr;
			push @found, "$path: $line" if $said =~ $telling || grep { $secrets{$_} } $said =~ /([\w.~%-]{20,})/g;
			last if @found > 20;
		}
	}
	return map { s/[^\x20-\x7e]/?/gr } map { substr($_, 0, 500) } @found;
}

# The files of nginx but those to which the configuration itself has everything told.

sub _discreet_logs {
	my ($self) = @_;
	my $conf = eval { $self->read_file('nginx.conf') } // '';
	my %personal = map { $_ => 1 } $conf =~ /log_format\s+(\w+)\s[^;]*clave_/g;
	my %told = map { $_ => 1 } $conf =~ /clave_audit_log\s+(\S+)\s[^;]*nif=full/g;
	while ($conf =~ /access_log\s+(\S+)\s+(\w+)/g) {
		$told{$1} = 1 if $personal{$2};
	}
	return grep { my ($name) = m{([^/]+)$}; !$told{$_} && -f && ($name eq 'error.log' || $conf =~ m{/\Q$name\E\b}) }
		glob "$self->{testdir}/*.log";
}

###############################################################################
# what this nginx can do

my %configure_option = (
	(map { $_ => "--with-http_${_}_module" } qw/ auth_request realip slice addition sub ssl v2 stub_status dav /),
	(map { $_ => "--with-$_" } qw/ debug threads /),
	(map { $_ => "!--without-http_${_}_module" } qw/ access auth_basic charset fastcgi geo grpc gzip
		limit_conn limit_req map mirror proxy rewrite scgi split_clients ssi upstream_keepalive
		upstream_zone uwsgi /),
	http_ssl => '--with-http_ssl_module',
	http_v2 => '--with-http_v2_module',
	http => '!--without-http',
	cache => '!--without-http-cache',
	pcre => '!--without-pcre',
);

sub has {
	my ($self, @features) = @_;
	for my $feature (@features) {
		next if $self->has_module($feature) || $self->has_feature($feature);
		Test::More::plan(skip_all => "no $feature available");
	}
	return $self;
}

sub has_module {
	my ($self, $feature) = @_;
	my $option = $configure_option{$feature} // $feature;
	my $absent = $option =~ s/^!//;
	my $found = $self->_build() =~ /\Q$option\E(?=[\s=]|$)/;
	return $absent ? !$found : $found;
}

sub has_feature {
	my ($self, $feature) = @_;
	return 1 if $feature =~ /^(?:unix|symlink|udp)$/;
	return 0 unless $feature =~ /^socket_ssl/;
	return eval { require IO::Socket::SSL; 1 } ? 1 : 0;
}

sub has_version {
	my ($self, $wanted) = @_;
	my ($version) = $self->_build() =~ m{nginx version: [^/]+/([0-9.]+)};
	return version->parse("v$version") >= version->parse("v$wanted");
}

sub has_daemon {
	my ($self, $daemon) = @_;
	return $self if grep { -x "$_/$daemon" } File::Spec->path();
	Test::More::plan(skip_all => "$daemon not found");
}

sub _build {
	my ($self) = @_;
	return $self->{build} //= `$NGINX -V 2>&1`;
}

###############################################################################
# files

sub testdir {
	my ($self) = @_;
	return $self->{testdir};
}

sub read_file {
	my ($self, $name) = @_;
	open my $file, '<', "$self->{testdir}/$name" or die "Can't open $name: $!\n";
	local $/;
	return scalar <$file> // '';
}

sub write_file {
	my ($self, $name, $content) = @_;
	open my $file, '>', "$self->{testdir}/$name" or die "Can't create $name: $!\n";
	binmode $file;
	print $file $content;
	close $file or die "Can't write $name: $!\n";
	return $self;
}

sub write_file_expand {
	my ($self, $name, $content) = @_;

	$content =~ s/%%TEST_GLOBALS%%/$self->test_globals()/ge;
	$content =~ s/%%TEST_GLOBALS_HTTP%%/$self->test_globals_http()/ge;
	$content =~ s/%%TESTDIR%%/$self->{testdir}/g;
	$content =~ s/(?<=127\.0\.0\.1:)(8\d{3})\b/port($1)/ge;
	$content =~ s/%%PORT_(\d+)%%/port($1)/ge;

	return $self->write_file($name, $content);
}

sub test_globals {
	my ($self) = @_;
	return $self->{globals} //= join('',
		"pid $self->{testdir}/nginx.pid;\n",
		"error_log $self->{testdir}/error.log debug;\n",
		$ENV{TEST_NGINX_GLOBALS} // own_globals());
}

# Started by root, nginx would switch its workers to a user who may not enter the test directory.

sub own_globals {
	return ($> == 0 ? "user root;\n" : '') . 'load_module ' . MODULE . ";\n";
}

sub test_globals_http {
	my ($self) = @_;
	return $self->{globals_http} //= join('',
		"root $self->{testdir};\n",
		"access_log $self->{testdir}/access.log;\n",
		(map { "${_}_temp_path $self->{testdir}/${_}_temp;\n" }
			'client_body', grep { $self->has_module($_) } qw/ proxy fastcgi uwsgi scgi /),
		$ENV{TEST_NGINX_GLOBALS_HTTP} // '');
}

###############################################################################
# nginx and daemons

sub args {
	my ($self, @args) = @_;
	$self->{args} = \@args;
	return $self;
}

sub run {
	my ($self, $configuration) = @_;
	my $pidfile = "$self->{testdir}/nginx.pid";

	if (defined $configuration) {
		open my $file, '<', $configuration or die "Can't open $configuration: $!\n";
		local $/;
		$self->write_file_expand('nginx.conf', scalar <$file>);
	}

	# What it says before it has its log is of interest if it does not start.
	my $said = "$self->{testdir}/start.log";
	my $pid = fork() // die "Can't fork: $!\n";
	if ($pid == 0) {
		open STDERR, '>', $said;
		exec($NGINX, $self->_command_line(), @{$self->{args}}) or _exit(127);
	}

	my $running = _until(START_LIMIT, sub { -s $pidfile || waitpid($pid, WNOHANG) != 0 })
		&& -s $pidfile;
	unless ($running) {
		open my $file, '<', $said;
		die "Can't start nginx\n", $file ? <$file> : ();
	}

	$self->{nginx} = $pid;
	$self->{started} = 1;
	return $self;
}

sub try_run {
	my ($self, $message) = @_;
	open my $stderr, '>&', \*STDERR or die "Can't dup stderr: $!\n";
	open STDERR, '>', File::Spec->devnull();
	my $started = eval { $self->run() };
	open STDERR, '>&', $stderr;
	Test::More::plan(skip_all => $message) unless $started;
	return $self;
}

# The configuration as nginx sees it, or its complaints about it.

sub dump_config {
	my ($self) = @_;
	my $pid = open(my $output, '-|') // die "Can't fork: $!\n";
	if ($pid == 0) {
		open STDERR, '>&', \*STDOUT;
		exec($NGINX, '-T', $self->_command_line()) or _exit(127);
	}
	local $/;
	my $text = <$output>;
	close $output;
	return $text;
}

sub _command_line {
	my ($self) = @_;
	my @missing_globals = defined $self->{globals} ? ()
		: ('-g', "pid $self->{testdir}/nginx.pid; error_log $self->{testdir}/error.log debug;");
	return ('-p', "$self->{testdir}/", '-c', 'nginx.conf', '-e', 'error.log', @missing_globals);
}

sub reload {
	my ($self) = @_;
	kill 'HUP', $self->_master() if $self->{nginx};
	return $self;
}

# Gracefully: a worker that ends so names in its log every connection it still holds.

sub stop {
	my ($self) = @_;
	return $self unless $self->{nginx};

	my $pid = $self->_master();
	delete $self->{nginx};
	kill 'QUIT', $pid;

	if (!_until(STOP_LIMIT, sub { waitpid($pid, WNOHANG) != 0 })) {
		push @{$self->{complaints}}, 'nginx did not stop within ' . STOP_LIMIT . ' seconds';
		kill 'TERM', $pid;
		waitpid($pid, 0);
	}
	return $self;
}

sub _master {
	my ($self) = @_;
	my $pid = eval { $self->read_file('nginx.pid') } // $self->{nginx};
	chomp $pid;
	return $pid;
}

sub run_daemon {
	my ($self, $code, @args) = @_;

	my $pid = fork() // die "Can't fork a daemon: $!\n";
	if ($pid == 0) {
		exec($code, @args) or _exit(127) unless ref $code eq 'CODE';
		$code->(@args);
		_exit(0);
	}

	push @{$self->{daemons}}, $pid;
	return $self;
}

sub stop_daemons {
	my ($self) = @_;
	while (defined(my $pid = shift @{$self->{daemons}})) {
		kill 'TERM', $pid;
		next if _until(5, sub { waitpid($pid, WNOHANG) != 0 });
		kill 'KILL', $pid;
		waitpid($pid, 0);
	}
	return $self;
}

sub waitforfile {
	my ($self, $file, $pid) = @_;
	my $exited = sub { $pid && waitpid($pid, WNOHANG) != 0 };
	_until(START_LIMIT, sub { -e $file || $exited->() });
	return -e $file ? 1 : undef;
}

sub waitforsocket {
	my ($self, $peer) = @_;
	return _until(START_LIMIT, sub { IO::Socket::INET->new(Proto => 'tcp', PeerAddr => $peer) });
}

sub _until {
	my ($seconds, $condition) = @_;
	my $end = time() + $seconds;
	until ($condition->()) {
		return undef if time() > $end;
		sleep 0.02;
	}
	return 1;
}

###############################################################################
# ports

# The number a test writes is only the first choice. Tests run side by side, and nginx binds the port
# later than we choose it, so the socket of the other protocol on the same number is held as a lock.

sub port {
	my ($number, %options) = @_;

	my $reserved = $ports{$number} //= _reserve($number, $options{udp} ? qw/ udp tcp / : qw/ tcp udp /);
	$ports{$reserved->{port}} //= $reserved;  # a text may be expanded that has the number already
	return $reserved->{$options{socket} ? 'lock' : 'port'};
}

sub _reserve {
	my ($number, $wanted, $other) = @_;
	my $base = $number - $number % 500;

	for my $candidate ($number, map { $base + int rand 500 } 1 .. 20) {
		my $lock = _bind($candidate, $other) or next;
		_bind($candidate, $wanted) or next;
		return { port => $candidate, lock => $lock };
	}
	die "no free port near $number\n";
}

sub _bind {
	my ($port, $protocol) = @_;
	return IO::Socket::INET->new(
		Proto => $protocol,
		LocalAddr => "127.0.0.1:$port",
		$protocol eq 'tcp' ? (Listen => 1, ReuseAddr => 1) : (),
	);
}

###############################################################################
# requests

sub http_get {
	my ($uri, %options) = @_;
	return http("GET $uri HTTP/1.0\nHost: localhost\n\n", %options);
}

sub http_head {
	my ($uri, %options) = @_;
	return http("HEAD $uri HTTP/1.0\nHost: localhost\n\n", %options);
}

sub http {
	my ($request, %options) = @_;
	my $socket = http_start($request, %options);
	return $socket if $options{start} || !defined $socket;
	return http_end($socket, %options);
}

sub http_start {
	my ($request, %options) = @_;
	return _within_limit(sub {
		my $socket = $options{socket} // _connect(%options);
		log_out($request);
		$socket->print($request);
		sleep $options{sleep} if $options{sleep};
		return '' if $options{aborted};
		if ($options{body}) {
			log_out($options{body});
			$socket->print($options{body});
		}
		return $socket;
	});
}

sub http_end {
	my ($socket) = @_;
	my $reply = _within_limit(sub {
		local $/;
		my $text = $socket->getline();
		$socket->close();
		return $text;
	});
	log_in($reply) if defined $reply;
	_remember_secrets($reply) if defined $reply;
	return $reply;
}

sub _connect {
	my (%options) = @_;
	my $socket = IO::Socket::INET->new(
		Proto => 'tcp',
		PeerAddr => '127.0.0.1:' . port($options{SSL} ? 8443 : 8080),
		%options,
	) or die "Can't connect to nginx: $!\n";
	return $socket unless $options{SSL};

	require IO::Socket::SSL;
	return IO::Socket::SSL->start_SSL($socket,
		SSL_verify_mode => IO::Socket::SSL::SSL_VERIFY_NONE(), %options)
		|| die IO::Socket::SSL::errstr() . "\n";
}

sub _within_limit {
	my ($work) = @_;
	my $result = eval {
		local $SIG{ALRM} = sub { die "timeout\n" };
		local $SIG{PIPE} = sub { die "connection closed\n" };
		alarm(REQUEST_LIMIT);
		my $value = $work->();
		alarm(0);
		$value;
	};
	alarm(0);
	log_in("died: $@") if $@;
	return $result;
}

# The body of a response, its chunks put together.

sub http_content {
	my ($response) = @_;
	return undef unless defined $response && $response =~ /^(.*?)\r?\n\r?\n(.*)/s;
	my ($head, $rest) = ($1, $2);
	return $rest unless $head =~ /^transfer-encoding: *chunked/mi;

	my $content = '';
	while ($rest =~ s/^([0-9a-f]+)[^\n]*\n//i) {
		my $length = hex $1;
		return $content if $length == 0;
		$content .= substr($rest, 0, $length, '');
		$rest =~ s/^\r?\n//;
	}
	return $content . '[no-last-chunk]';
}

###############################################################################
# what a verbose run prints

sub log_out { _log('>>', @_) }

sub log_in { _log('<<', @_) }

sub log_core { _log('', @_) }

sub _log {
	my ($mark, $text) = @_;
	return unless $ENV{TEST_NGINX_VERBOSE};
	$text =~ s/([^\x20-\x7e\n])/sprintf '\\x%02x', ord $1/ge;
	print map { "# $mark $_\n" } split /\n/, substr($text, 0, 2048);
}

1;
