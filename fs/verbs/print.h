/* Text out of a store on stdout. Called by the verbs. */
#pragma once

#include <glib.h>

/* Control characters as \xNN, so that a line stays one; over `max` bytes (0: any) cut and ended by "...". */
void exp_print_plain (const char *text, gsize max);

/* Flushes stdout; the exit status, which is 1 when what was printed did not get through. */
int exp_print_end (int status);
