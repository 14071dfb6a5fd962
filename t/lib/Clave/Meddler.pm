package Clave::Meddler;

# Somebody between nginx and its Redis, who passes on what both say until he is told otherwise:
#
#   pass            as it is
#   mute            takes commands, and never answers
#   drip            one octet of each reply a second
#   lossy           each piece of a reply 50 ms late, three in ten of them 700 ms
#   extra, push     a reply that nobody asked for, behind each one; what RESP3 would send
#   garbage         what is no RESP at all
#   huge            a reply of a size that nobody could hold
#   -LOADING …      this instead of every reply
#   hang up         closes instead of an answer
#
# A daemon of the test.

use warnings;
use strict;

use IO::Select;
use IO::Socket::INET;
use Time::HiRes qw/ time /;

use Test::Nginx;

my %instead = (
	garbage => "HTTP/1.0 400 Bad Request\r\n\r\n",
	huge => "\$9000000000000000000\r\n",
);
my %behind = (
	extra => "+OK\r\n",
	push => ">2\r\n\$10\r\ninvalidate\r\n*0\r\n",
);

# new($t, port => 8091, to => port of Redis)

sub new {
	my ($class, $t, %options) = @_;
	my $self = bless { port => port($options{port}), mood => $t->testdir() . "/mood-$options{port}" }, $class;
	$self->be('pass');
	$t->run_daemon(\&_run, $self->{port}, $options{to}, $self->{mood});
	$t->waitforsocket("127.0.0.1:$self->{port}") or die "no meddler\n";
	return $self;
}

sub port_number { $_[0]{port} }

sub be {
	my ($self, $mood) = @_;
	open my $file, '>', "$self->{mood}.new" or die "Can't write a mood: $!\n";
	print $file $mood;
	close $file;
	rename "$self->{mood}.new", $self->{mood};
	return $self;
}

sub _mood {
	my ($path) = @_;
	open my $file, '<', $path or return 'pass';
	return scalar <$file>;
}

sub _run {
	my ($port, $to, $path) = @_;
	local $SIG{PIPE} = 'IGNORE';
	my $server = IO::Socket::INET->new(
		Proto => 'tcp', LocalAddr => "127.0.0.1:$port", Listen => 64, ReuseAddr => 1)
		or die "Can't listen on port $port: $!\n";
	my $all = IO::Select->new($server);
	my %pair;  # file number => { client, redis, held }

	my $end = sub {
		my ($pair) = @_;
		for (@$pair{qw/ client redis /}) {
			delete $pair{fileno $_};
			$all->remove($_);
			close $_;
		}
	};

	while (1) {
		my @ready = $all->can_read(0.02);
		my $mood = _mood($path);
		for my $socket (@ready) {
			if ($socket == $server) {
				my $client = $server->accept() or next;
				my $redis = IO::Socket::INET->new(Proto => 'tcp', PeerAddr => "127.0.0.1:$to");
				close $client, next unless $redis;
				$pair{fileno $_} = { client => $client, redis => $redis, held => '', due => 0, late => [] }
					for $client;
				$pair{fileno $redis} = $pair{fileno $client};
				$all->add($client, $redis);
				next;
			}
			my $pair = $pair{fileno($socket) // -1} or next;
			if (!sysread $socket, my $text, 65536) {
				$end->($pair);
			} elsif ($socket == $pair->{redis}) {
				_reply($pair, $mood, $text) or $end->($pair);
			} elsif ($mood =~ /^-/) {
				my $commands = () = $text =~ /^\*\d+\r$/mg;
				syswrite $pair->{client}, "$mood\r\n" x $commands;
			} else {
				syswrite $pair->{redis}, $text;
			}
		}
		for my $pair (values %pair) {
			my $late = $pair->{late};
			syswrite $pair->{client}, (shift @$late)->{text} while @$late && $late->[0]{due} <= time();
		}
		for my $pair (grep { $_->{held} ne '' && $_->{due} <= time() } values %pair) {
			syswrite $pair->{client}, substr $pair->{held}, 0, 1, '';
			$pair->{due} = time() + 1;
		}
	}
}

# False: hangs up.

sub _reply {
	my ($pair, $mood, $text) = @_;
	return 0 if $mood eq 'hang up';
	return 1 if $mood eq 'mute';
	if ($mood eq 'lossy' || @{$pair->{late}}) {
		my $due = time() + (rand() < 0.3 ? 0.7 : 0.05);
		my $before = @{$pair->{late}} ? $pair->{late}[-1]{due} : 0;
		push @{$pair->{late}}, { text => $text, due => $due > $before ? $due : $before };
		return 1;
	}
	if ($mood eq 'drip') {
		$pair->{held} .= $text;
		return 1;
	}
	syswrite $pair->{client}, ($instead{$mood} // $text) . ($behind{$mood} // '');
	return 1;
}

1;
