/* Our codecs as filters of the HDF5 library.
 * Knows the library's interface for filters; what each does is codec.c's.
 * Used by file.c and objects.c, under the HDF5 lock. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Registers all of them, once. FALSE when the library refuses. */
gboolean exp_codec_register_filters (void);

/* What the chunks of the dataset that is read next decode to, in bytes; 0 when it is not known. Bounds what a decoder
 * may allocate. */
void exp_codec_expect (gsize chunk_size);

G_END_DECLS
