package Clave::Crowd;

# Citizens who log in and look around at the same time, each in a process of his own, while something
# is done to nginx; and what happened to them:
#
#   right    pages for the citizen who asked       wrong    pages for somebody else
#   login    logins                                crossed  of these, begun in one worker, ended in another
#   lost     a login was asked for in spite of a session
#   closed   no answer                             "step N" an answer N that should not be

use warnings;
use strict;

use IO::Select;
use JSON::PP;
use POSIX qw/ _exit /;
use Time::HiRes qw/ time sleep /;

use Clave;
use Clave::Browser;

use constant PAGES => 5;  # of a session

# $citizens of them, for $seconds. The site names its worker in X-Worker.

sub begin {
	my ($class, $citizens, $seconds) = @_;
	my @reports = map { _citizen($_, time() + $seconds) } 1 .. $citizens;
	return bless { reports => \@reports, end => time() + $seconds }, $class;
}

sub is_there { time() < $_[0]{end} }

# Waits for all of them.

sub seen {
	my ($self) = @_;
	my %total;
	for my $report (@{$self->{reports}}) {
		my $line = <$report> // die "a citizen did not come home\n";
		my $seen = decode_json($line);
		$total{$_} += $seen->{$_} for keys %$seen;
		close $report;
	}
	return \%total;
}

sub _citizen {
	my ($number, $until) = @_;
	my $pid = open(my $report, '-|') // die "Can't fork: $!\n";
	return $report if $pid;

	my %seen;
	my $nif = nif($number);
	eval { _visit($nif, \%seen) while time() < $until; 1 } or $seen{"died: $@"}++;
	print encode_json(\%seen), "\n";
	close STDOUT;
	_exit(0);
}

sub _visit {
	my ($nif, $seen) = @_;
	my $browser = Clave::Browser->new();

	my $request = $browser->go_to_gateway('/');
	return _count($seen, 'beginning', $browser->{last}) unless $request;
	my $worker = header_of($browser->{last}, 'X-Worker');

	my $back = $browser->come_back($request, method => 'pin', nif => $nif);
	return _count($seen, 'return', $back) unless status_of($back) == 303 && $browser->cookie();
	$seen->{login}++;
	$seen->{crossed}++ unless header_of($back, 'X-Worker') eq $worker;

	for (1 .. PAGES) {
		my $page = $browser->get('/');
		if (status_of($page) == 200) {
			$seen->{(backend_saw($page)->{headers}{'x-clave-nif'} // '') eq $nif ? 'right' : 'wrong'}++;
		} elsif (status_of($page) == 302) {
			$seen->{lost}++;
		} else {
			_count($seen, 'page', $page);
		}
	}
}

sub _count {
	my ($seen, $step, $response) = @_;
	my $status = status_of($response);
	$seen->{$status ? "$step $status" : 'closed'}++;
}

1;
