/* How messages and headers are written; all belong between exp_store_begin and exp_store_end.
 * Knows no text but its lines.
 * Shared by the files of this folder that have nodes. */
#pragma once

#include "larpix.h"

/* Both parts get `n` rows: new ones are empty messages with headers of zeros. EXP_ERROR_MISSING, and EXP_ERROR_DAMAGED
 * where they are not in step. */
gboolean exp_larpix_resize (ExpLarpixStore *store, guint64 n, GError **error);
/* Cells of bytes, in rows that are there. */
gboolean
exp_larpix_write_messages (ExpLarpixStore *store, const ExpSlab *slab, const ExpArray *messages, GError **error);
/* Texts "HEX" or "HEX<TAB>IO_GROUP". EXP_ERROR_INVALID for others, and nothing is written then. */
gboolean exp_larpix_write_lines (ExpLarpixStore *store, const ExpSlab *slab, const ExpArray *lines, GError **error);
gboolean exp_larpix_write_headers (ExpLarpixStore *store, const ExpSlab *slab, const ExpArray *rows, GError **error);
/* One more message, with a header of zeros. */
gboolean exp_larpix_append_message (ExpLarpixStore *store, const guint8 *bytes, guint64 length, GError **error);
/* `modified` of meta, if anything was since the last time. */
gboolean exp_larpix_note_modified (ExpLarpixStore *store, GError **error);

/* The group `meta`, whose versions stay. */
ExpNode *exp_larpix_meta_new (ExpLarpixStore *store);
