/* What a fuzz target is: one function that is given any bytes and must come back, having found nothing broken. */
#pragma once

#include <glib.h>

/* The name is libFuzzer's. Returns 0. */
int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);
