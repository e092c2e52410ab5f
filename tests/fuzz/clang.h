/* What clang lacks of the C library's 128-bit floats, included in front of all that is built for fuzzing. */
#pragma once

#include <locale.h>
#include <stdlib.h>

typedef __float128 _Float128;

extern _Float128 strtof128_l (const char *text, char **end, locale_t locale);
extern int strfromf128 (char *text, size_t size, const char *format, _Float128 value);
