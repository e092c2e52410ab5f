/* Encoders, for codec.c's table: as ExpCodec says. `bound` is 0 for more than the codec can take.
 * Knows each filter's framing.
 * Used by codec.c. */
#pragma once

#include "codec.h"

G_BEGIN_DECLS

gsize exp_bound_lzo (gsize size);
gsize exp_bound_bzip2 (gsize size);
gsize exp_bound_lzf (gsize size);
gsize exp_bound_blosc (gsize size);
gsize exp_bound_lz4 (gsize size);
gsize exp_bound_zstd (gsize size);

gsize exp_encode_lzo (const guint *values, gsize n_values, const guint8 *in, gsize size, guint8 *out, gsize room);
gsize exp_encode_bzip2 (const guint *values, gsize n_values, const guint8 *in, gsize size, guint8 *out, gsize room);
gsize exp_encode_lzf (const guint *values, gsize n_values, const guint8 *in, gsize size, guint8 *out, gsize room);
gsize exp_encode_blosc (const guint *values, gsize n_values, const guint8 *in, gsize size, guint8 *out, gsize room);
gsize exp_encode_lz4 (const guint *values, gsize n_values, const guint8 *in, gsize size, guint8 *out, gsize room);
gsize exp_encode_zstd (const guint *values, gsize n_values, const guint8 *in, gsize size, guint8 *out, gsize room);

G_END_DECLS
