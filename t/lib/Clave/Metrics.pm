package Clave::Metrics;

# A status page as Prometheus reads it, and whether its parser would: the text format, version 0.0.4
# (prometheus.io/docs/instrumenting/exposition_formats), as strictly as promtool does.

use warnings;
use strict;

use Exporter qw/ import /;

our @EXPORT = qw/ metrics_in metrics_mistakes /;

my $name = qr/[a-zA-Z_:][a-zA-Z0-9_:]*/;
my $label = qr/[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"/;
my $number = qr/(?:-?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|[+-]Inf|NaN)/i;

# { 'clave_logins_total{level="pin",…}' => number }

sub metrics_in {
	my ($text) = @_;
	return { map { /^($name(?:\{.*\})?) ($number)$/ ? ($1 => 0 + $2) : () } split /\n/, $text };
}

# What is wrong with it, a line each; nothing if all is well.

sub metrics_mistakes {
	my ($text) = @_;
	my (@wrong, %type, %help, %seen, %closed, $family);
	push @wrong, 'does not end with a line feed' unless $text =~ /\n\z/;

	for my $line (split /\n/, $text) {
		if ($line =~ /^# HELP ($name) (\S.*)$/) {
			push @wrong, "$1: a second HELP" if $help{$1}++;
			push @wrong, "$1: not in one group" if $closed{$1};
			$closed{$family}++ if defined $family;
			$family = $1;
		} elsif ($line =~ /^# TYPE ($name) (counter|gauge|histogram)$/) {
			push @wrong, "$1: a second TYPE" if exists $type{$1};
			push @wrong, "$1: TYPE without HELP before it" unless defined $family && $family eq $1;
			$type{$1} = $2;
		} elsif ($line =~ /^($name)(?:\{($label(?:,$label)*)\})? ($number)$/) {
			my ($of, $labels) = ($1, $2 // '');
			push @wrong, "$of\{$labels}: twice" if $seen{"$of\{$labels}"}++;
			push @wrong, _sample($of, $labels, $family, \%type);
		} else {
			push @wrong, "not understood: $line";
		}
	}
	push @wrong, map { _name($_, $type{$_}) } sort keys %type;
	push @wrong, map { _buckets($_, $text) } grep { $type{$_} eq 'histogram' } sort keys %type;
	return @wrong;
}

sub _sample {
	my ($of, $labels, $family, $type) = @_;
	return "$of: before any TYPE" unless defined $family && exists $type->{$family};
	my $suffix = $type->{$family} eq 'histogram' ? qr/_(?:bucket|sum|count)/ : qr//;
	return "$of: in the group of $family" unless $of =~ /^\Q$family\E$suffix$/;
	return "$of: a bucket without bound" if $of =~ /_bucket$/ && $labels !~ /(?:^|,)le="/;
	my @names = $labels =~ /([a-zA-Z0-9_]+)="/g;
	my %names = map { $_ => 1 } @names;
	return "$of: a label twice" if keys %names < @names;
	return ();
}

# The rules of promtool's linter.

sub _name {
	my ($of, $type) = @_;
	return "$of: a counter ends in _total" if $type eq 'counter' && $of !~ /_total$/;
	return "$of: no counter ends in _total" if $type ne 'counter' && $of =~ /_total$/;
	return "$of: a suffix of histograms" if $of =~ /_(?:bucket|sum|count)$/;
	return "$of: not a base unit" if $of =~ /_(?:milliseconds|microseconds|minutes|hours|days|kilobytes)(?:_|$)/;
	return "$of: camel case" if $of =~ /[A-Z]/;
	return ();
}

sub _buckets {
	my ($of, $text) = @_;
	my @bucket = $text =~ /^\Q$of\E_bucket\{le="([^"]+)"\} (\S+)$/mg;
	my ($count) = $text =~ /^\Q$of\E_count (\S+)$/m;
	return "$of: incomplete" unless @bucket && defined $count && $text =~ /^\Q$of\E_sum /m;
	return "$of: the last bucket is not +Inf" if $bucket[-2] ne '+Inf';
	return "$of: +Inf and _count differ" if $bucket[-1] != $count;
	for (my $i = 2; $i < @bucket; $i += 2) {
		return "$of: buckets do not grow" if $bucket[$i + 1] < $bucket[$i - 1];
		return "$of: bounds do not grow" if $bucket[$i] ne '+Inf' && $bucket[$i] <= $bucket[$i - 2];
	}
	return ();
}

1;
