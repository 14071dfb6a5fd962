// cmocka for C++: Debian's header leaves out extern "C", wants four others before it, and takes the
// name `fail`, which is ours (error.h).
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

extern "C" {
#include <cmocka.h>
}
#undef fail
