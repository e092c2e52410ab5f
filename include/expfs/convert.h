/* Conversions of one store into another of a different format, where that is more than copying.
 * Callers: fs/verbs, tests. */
#pragma once

#include "expfs/store.h"

G_BEGIN_DECLS

/* What a conversion went over. */
typedef struct
{
  guint64 n_messages, n_packets;
} ExpConversion;

/* The messages of the LArPix raw file `from` as the standard packet file `to`, which is made: one packet with the time
 * of each message, then one for each of its words. After larpix-control's documentation of its raw format, section
 * "Parsing". Memory does not grow with the file; `to` is there whole, or not at all. EXP_ERROR_EXISTS;
 * EXP_ERROR_DAMAGED for messages that are none, EXP_ERROR_UNSUPPORTED for words that the standard file has no rows for,
 * in a sentence that names the message. */
gboolean exp_larpix_convert (const char *from, const char *to, const ExpStoreOptions *options,
                             ExpConversion *conversion, GError **error);

G_END_DECLS
