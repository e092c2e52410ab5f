/* Frames and series of pandas, written: from a table as it is shown, its index first, to either of pandas' formats.
 * Knows what pandas' HDFStore wants to find; which item it becomes is write_flag.c's.
 * Used by the files of this folder that write. */
#pragma once

#include "write.h"

G_BEGIN_DECLS

/* write_frame.c: keeps what the item `name` shows, a table of an index and columns, as "FRAME" or "SERIES" in its
 * place. EXP_ERROR_UNSUPPORTED for what pandas or pypet would not store. */
gboolean exp_pypet_frame_keep (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *name,
                               ExpNode *shown, const char *flag, GError **error);

/* write_frame_change.c: a stored frame with more rows, of zeros and empty texts, or fewer. */
gboolean exp_pypet_frame_resize (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *frame, guint64 n_rows,
                                 GError **error);

typedef enum
{
  EXP_FRAME_NUMBER,
  EXP_FRAME_TEXT,
  EXP_FRAME_MOMENT, /* nanoseconds since 1970, shown as text */
} ExpFrameKind;

typedef struct
{
  const char *label; /* borrowed */
  ExpFrameKind kind;
  ExpDtype *dtype; /* as stored: a number, a text that is long enough, an int64 of nanoseconds; owned */
} ExpFrameColumn;

/* frame_draft.c: a table that is going to be a frame. */
typedef struct
{
  ExpNode *shown; /* borrowed */
  ExpInfo info;
  GArray *columns;   /* of ExpFrameColumn, for each member of the shown type; the first is the index */
  GPtrArray *blocks; /* of GArray of guint: columns of one kind and type, which pandas keeps together */
} ExpFrameDraft;

gboolean exp_frame_draft_init (ExpFrameDraft *draft, ExpNode *shown, GError **error);
void exp_frame_draft_clear (ExpFrameDraft *draft);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ExpFrameDraft, exp_frame_draft_clear)
const ExpFrameColumn *exp_frame_draft_column (const ExpFrameDraft *draft, guint i);
/* The name of its column, NULL where that only stands for none: "index", "values". */
const char *exp_frame_draft_name (const ExpFrameDraft *draft, guint i);
/* As many rows as are handled at a time, from `first` on; NULL with an error. */
ExpArray *exp_frame_draft_rows (const ExpFrameDraft *draft, guint64 first, GError **error);
/* Cells of these columns, all of one type, row by row: n_rows x n, or a vector when n is 0: of columns[0] alone. */
ExpArray *
exp_frame_draft_cells (const ExpFrameDraft *draft, const ExpArray *rows, const guint *columns, guint n, GError **error);

/* write_fixed.c, write_frame_table.c: into `group`, which is new. */
gboolean exp_frame_write_fixed (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *group,
                                const ExpFrameDraft *draft, gboolean is_series, GError **error);
gboolean exp_frame_write_table (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *group,
                                const ExpFrameDraft *draft, gboolean is_series, GError **error);

/* frame_pickle.c: pickles, of protocol 0 where they are attributes. */

/* "V" and the text, with an end of line. */
void exp_frame_pickle_text (GString *pickle, const char *text);
gboolean
exp_frame_set_pickle (ExpPypetChange *change, ExpNode *node, const char *name, const char *pickle, GError **error);
/* The name of an axis: text, or None for NULL. */
gboolean exp_frame_set_name (ExpPypetChange *change, ExpNode *node, const char *name, GError **error);
/* A NumPy array of objects of that shape: the texts that are appended one by one, then its end. */
GByteArray *exp_frame_objects_begin (guint rank, const guint64 *shape);
gboolean exp_frame_objects_append (GByteArray *pickle, const char *text, gsize length, GError **error);
void exp_frame_objects_end (GByteArray *pickle);
/* The one element of a new VLARRAY of pickles. */
ExpNode *exp_frame_objects_store (ExpPypetChange *change, ExpNode *group, const char *name, const ExpPacking *packing,
                                  GByteArray *pickle, GError **error);

/* Nanoseconds since 1970; FALSE for what is not as exp_pypet_datetime_format writes it. */
gboolean exp_pypet_datetime_parse (const char *text, gsize length, gint64 *nanoseconds);

G_END_DECLS
