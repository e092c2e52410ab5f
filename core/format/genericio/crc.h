/* CRC-64 of GenericIO, that of ECMA-182 as xz has it: of pieces, in whatever order they come, and joined. Used in this
 * folder only. */
#pragma once

#include "expfs/source.h"

/* Of what has the CRC `crc` and then these bytes: lzma_crc64, where the processor can in a fraction of its time. */
guint64 exp_gio_crc (gconstpointer bytes, gsize n, guint64 crc);

/* Of what has the CRC `first` and then n bytes that have the CRC `second`. */
guint64 exp_gio_crc_join (guint64 first, guint64 second, guint64 n);

/* Brings n bytes, from byte `at` on, into `to`. Called from several threads. */
typedef gboolean (*ExpGioFetchFunc) (gpointer data, guint64 at, gsize n, guint8 *to, GError **error);

/* The CRC of `length` bytes that are fetched in pieces of `size`, several at once, and written to `file`, where there
 * is one, as they lie. */
gboolean exp_gio_crc_pieces (guint64 length, gsize size, ExpGioFetchFunc fetch, gpointer data, ExpSource *file,
                             guint64 *crc, GError **error);
