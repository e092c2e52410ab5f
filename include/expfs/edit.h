/* Edits: views that are written. The inverse of a view: bytes at offsets become elements of a dataset, which is made
 * when there is none. Who writes into one file shares one edit, from the first open for writing to the last close, and
 * reads through it meanwhile. A new kind is a member of its view's class. Knows neither FUSE nor any file format.
 *
 * Raw bytes and the bytes behind an NPY header are elements at once. Text is kept as written until exp_edit_flush,
 * which parses it: lines that were appended are rows behind the last, lines that were overwritten change their rows,
 * and what begins anew (truncated to nothing) takes the type that the dataset has. Text for a new dataset makes one of
 * int64 when all cells are integers that fit, else of float64 when all are numbers, else of UTF-8 strings; its shape
 * follows from lines and tabs, one value is a scalar. Bytes that are no such text become a row of file bytes (dtype.h),
 * which is written at offsets from then on. What is kept is in memory as long as it is small, and in an
 * unlinked file behind that. */
#pragma once

#include "expfs/view.h"

G_BEGIN_DECLS

typedef struct _ExpEdit ExpEdit;

/* Of the view `klass` of the child `name` of `parent`, of which `node` is what is there now, NULL for nothing. Nothing
 * is changed yet. EXP_ERROR_UNSUPPORTED for a view that cannot be written (x.svg, x.json, ...) or a type without an
 * inverse. Takes references. Calls on one edit may come from several threads; it orders them. All but free, size and
 * pread change the store, and belong between exp_store_begin and exp_store_end. */
ExpEdit *exp_edit_new (ExpNode *parent, const char *name, ExpNode *node, const ExpViewClass *klass,
                       const ExpViewOptions *options, GError **error);
/* The view that a new file of this name is: the one whose suffix ends it, when that can be written, and the length of the
 * name before it; else text. Never NULL. */
const ExpViewClass *exp_edit_class_for_name (const char *name, gsize *stem_length);
/* The view that the first bytes of a new file without a view's suffix are of: NPY when they begin as such a file does,
 * else text. Never NULL. */
const ExpViewClass *exp_edit_class_for_bytes (const void *bytes, gsize length);
/* Drops what was not flushed. */
void exp_edit_free (ExpEdit *edit);

/* Bytes at `offset`; what lies between the end and `offset` becomes zeros (in text: EXP_ERROR_INVALID at the flush).
 * EXP_ERROR_INVALID where it is known already that they cannot be: the caller's old value stays. */
gboolean exp_edit_pwrite (ExpEdit *edit, guint64 offset, gsize length, const void *bytes, GError **error);
/* Bytes at the end, wherever others have moved it; in one piece. */
gboolean exp_edit_append (ExpEdit *edit, gsize length, const void *bytes, GError **error);
/* To `size` bytes; zeros when that is longer. Text that is cut to nothing begins anew. */
gboolean exp_edit_truncate (ExpEdit *edit, guint64 size, GError **error);
/* What is read back: bytes as written while somebody writes, else the view's own. */
gboolean exp_edit_size (ExpEdit *edit, guint64 *size, GError **error);
gboolean exp_edit_pread (ExpEdit *edit, guint64 offset, gsize length, char *buffer, gsize *n_read, GError **error);
/* All that was written is in the dataset when this returns: for fsync(2), and for close(2), of which an open file may
 * see several (a shell's descriptors are copies). Who goes on writing does so at the offsets of the bytes that he
 * wrote, not of those that the view has now; so size and pread go on telling the former until the last close, unless
 * all was appended. EXP_ERROR_INVALID when it cannot be parsed (the message names line and cell): the old value stays,
 * and the edit is as after exp_edit_new. The same when it ends within an element or row, but that waits for the rest. A
 * dataset whose text was cut to nothing, and nothing written since, keeps its value yet: a shell closes a descriptor of
 * `> x` before the first byte. */
gboolean exp_edit_flush (ExpEdit *edit, GError **error);
/* For the last close(2), or where that cannot be told, the release: as flush, and empty is empty. After a failure
 * nothing waits any more; a dataset that the edit made and that never was complete is gone. */
gboolean exp_edit_finish (ExpEdit *edit, GError **error);
/* TRUE when a flush would make a dataset that is not there yet, and would refuse nothing of it but for want of room: then
 * it can be flushed a moment after whoever wrote it was told that it is. */
gboolean exp_edit_can_wait (ExpEdit *edit);
/* TRUE when something waits for a flush. */
gboolean exp_edit_is_pending (ExpEdit *edit);
/* What is there now, borrowed; NULL for nothing yet. Another one than before when the dataset had to be replaced. */
ExpNode *exp_edit_get_node (ExpEdit *edit);

/* TRUE for a file that its directory takes whole (exp_node_takes_file): another node shows what is in it. */
gboolean exp_edit_is_whole (ExpEdit *edit);

/* The array that a text makes by itself, as setxattr writes it where there is no such attribute: an int64 or float64, a
 * list of such or of strings when it is JSON, else a string. A new reference. EXP_ERROR_INVALID for NUL bytes. */
ExpArray *exp_array_parse_text (const char *text, gsize length, GError **error);
/* The same for an attribute that is there already and keeps its type: `text` as exp_attribute_text has it, lists of
 * any lengths but as many levels as `rank`; a string type of a fixed length is made longer where it must be. Nothing is
 * a null attribute. EXP_ERROR_INVALID when it does not fit. */
ExpArray *exp_attribute_parse (const ExpDtype *dtype, guint rank, const guint64 *shape, const char *text, gsize length,
                               GError **error);

/* The type of this name, as exp_dtype_to_numpy writes it; a new reference. "O" in a compound or array is
 * UTF-8 of any length. EXP_ERROR_INVALID for no such name, EXP_ERROR_UNSUPPORTED for "O" alone, and others that say too
 * little. */
ExpDtype *exp_dtype_from_numpy (const char *text, GError **error);

/* A type as JSON, which says all that an ExpDtype does:
 *   "<i4" ">u2" "|i1" "<f8" "<c16" "|b1"                 numbers and booleans, as NumPy names them
 *   {"binary128": "<f16"}                                IEEE binary128, where "<f16" is x87's
 *   {"bitfield": "<u2"}
 *   {"enum": "|i1", "members": {"NAME": VALUE, ...}}
 *   {"string": "utf-8"}                                  of any length; or "ascii"
 *   {"string": "ascii", "length": 5, "padding": "null"}  or "space", "terminated" (by the first NUL); "ucs-4"
 *   {"opaque": 4, "tag": "TEXT"}                         the tag only where there is one
 *   {"reference": "object"}                              or "region"
 *   {"list": TYPE}                                       of any length
 *   {"array": TYPE, "shape": [2, 3]}
 *   {"compound": [["NAME", TYPE], ...]}                  with padding: [["NAME", TYPE, OFFSET], ...], "size": BYTES
 * Names are JSON strings; bytes that are not UTF-8 are \udc80 ... \udcff. Caller frees. */
char *exp_dtype_to_json (const ExpDtype *dtype);
/* Its inverse, a new reference. EXP_ERROR_INVALID for what is no type: also members that share bytes or names, and
 * types of 2 GiB and more. */
ExpDtype *exp_dtype_from_json (const char *text, gsize length, GError **error);

/* What an attribute's text does not say: its type and shape. */
typedef struct
{
  ExpDtype *dtype;  /* owned */
  gboolean is_null; /* a null attribute; rank is 0 then */
  guint rank;
  guint64 shape[EXP_MAX_RANK];
} ExpAttributeType;

void exp_attribute_type_free (ExpAttributeType *type);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpAttributeType, exp_attribute_type_free)

/* TRUE when the text, which exp_attribute_text made of it, makes another array by itself (exp_array_parse_text). */
gboolean exp_attribute_needs_type (const ExpArray *value, const char *text, gsize length);
/* {"type": TYPE, "shape": [2, 3]}; without "shape" it is a scalar, and a null attribute when that is null. */
void exp_attribute_type_append (const ExpArray *value, GString *out);
/* Out of {"NAME": {...}, ...}: char * -> ExpAttributeType *, of which it owns both. EXP_ERROR_INVALID. */
GHashTable *exp_attribute_types_parse (const char *text, gsize length, GError **error);
/* The array of just this type and shape. EXP_ERROR_INVALID when the text is none. */
ExpArray *exp_attribute_parse_as (const ExpAttributeType *type, const char *text, gsize length, GError **error);

G_END_DECLS
