package Clave::Metrics;

# A status page as Prometheus reads it, and what its own promtool says of it: the text format, version
# 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).

use warnings;
use strict;

use Exporter qw/ import /;
use IPC::Open2;

our @EXPORT = qw/ metrics_in metrics_mistakes promtool /;

my $name = qr/[a-zA-Z_:][a-zA-Z0-9_:]*/;
my $number = qr/(?:-?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|[+-]Inf|NaN)/i;

# { 'clave_logins_total{level="pin",…}' => number }

sub metrics_in {
	my ($text) = @_;
	return { map { /^($name(?:\{.*\})?) ($number)$/ ? ($1 => 0 + $2) : () } split /\n/, $text };
}

# What promtool has to say of it, a line each; nothing if all is well.

sub metrics_mistakes {
	my ($text) = @_;
	return promtool($text, 'check', 'metrics');
}

# The complaints of promtool, which reads `text`.

sub promtool {
	my ($text, @arguments) = @_;
	my $pid = open2(my $said, my $in, 'sh', '-c', 'exec promtool "$@" 2>&1', 'promtool', @arguments);
	print $in $text;
	close $in;
	my @lines = <$said>;
	waitpid $pid, 0;
	return $? ? (@lines, 'promtool: ' . ($? >> 8)) : grep { /error|FAILED/i } @lines;
}

1;
