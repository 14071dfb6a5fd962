package Clave::Faults;

# What goes wrong around a process: t/faults/*.cpp, preloaded into nginx with their orders, or loaded by
# it as a token's module.

use warnings;
use strict;

use Fcntl qw/ :DEFAULT SEEK_SET /;

use Clave ();

# t/faults/NAME.cpp as a shared library in the test's directory.

sub library {
	my ($class, $t, $name) = @_;
	my $library = $t->testdir() . "/$name.so";
	my $source = Clave::project() . "/t/faults/$name.cpp";
	system('c++', '-std=c++20', '-O1', '-fno-omit-frame-pointer', '-fPIC', '-shared', '-o', $library, $source) == 0
		or die "Can't build $source\n";
	return $library;
}

# Starts $t's nginx with it.

sub run {
	my ($class, $t, $name) = @_;
	my $library = $class->library($t, $name);

	my $path = $t->testdir() . '/faults';
	sysopen my $orders, $path, O_RDWR | O_CREAT or die "Can't create $path: $!\n";
	my $self = bless { orders => $orders }, $class;
	$self->order((0) x 8);

	local $ENV{CLAVE_FAULTS} = $path;
	local $ENV{LD_PRELOAD} = $library;
	local $ENV{ASAN_OPTIONS} = $ENV{ASAN_OPTIONS} // '';
	if ($Test::Nginx::NGINX =~ /asan/) {
		# Ours comes first and calls the sanitizer's allocator; operator new of C++ is ours. Without
		# memory, libxml2, libxmlsec1 and ld.so lose a few bytes, which is not what is asked here.
		$ENV{LD_PRELOAD} .= ':' . `c++ -print-file-name=libasan.so` =~ s/\s+$//r;
		$ENV{ASAN_OPTIONS} .= ':verify_asan_link_order=0:alloc_dealloc_mismatch=0:allocator_may_return_null=1:detect_leaks=0';
	}
	$t->run();
	return $self;
}

# 64-bit numbers, as the source names them.

sub order {
	my ($self, @numbers) = @_;
	sysseek $self->{orders}, 0, SEEK_SET;
	syswrite $self->{orders}, pack('q<*', @numbers) or die "Can't write orders: $!\n";
	return $self;
}

sub orders {
	my ($self) = @_;
	sysseek $self->{orders}, 0, SEEK_SET;
	sysread $self->{orders}, my $bytes, 64;
	return unpack 'q<*', $bytes;
}

1;
