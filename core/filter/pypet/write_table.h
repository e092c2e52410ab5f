/* What PyTables writes: groups, arrays and tables with their system attributes, and the rows of tables.
 * Knows classes, versions, titles and chunk sizes; of pypet only how a trajectory packs its data.
 * Used by the files of this folder that write. */
#pragma once

#include "write_change.h"

G_BEGIN_DECLS

/* Strings as PyTables has them: as long as they are, or a null one when empty. */
ExpArray *exp_pytables_text (const char *text, gsize length, gboolean is_utf8);
gboolean
exp_pytables_set_text (ExpPypetChange *change, ExpNode *node, const char *name, const char *text, GError **error);
gboolean exp_pytables_set_int (ExpPypetChange *change, ExpNode *node, const char *name, gint64 value, gsize size,
                               GError **error);
gboolean
exp_pytables_set_bool (ExpPypetChange *change, ExpNode *node, const char *name, gboolean value, GError **error);

/* How a trajectory packs new datasets: `packing` points into `complib`. Asked for once, within a change. */
typedef struct
{
  char complib[32];
  ExpPacking packing;
} ExpPypetPacking;

void exp_pypet_packing (ExpPypetTrajectory *trajectory, ExpPypetPacking *packing);

/* A group, with the filters that its children shall have; `packing` NULL: says nothing of them, as classic. */
ExpNode *exp_pytables_group (ExpPypetChange *change, ExpNode *parent, const char *name, const char *title,
                             const ExpPacking *packing, GError **error);

typedef enum
{
  EXP_PYTABLES_ARRAY, /* in one piece, not packed; is_python: PyTables hands out Python's own objects */
  EXP_PYTABLES_PYTHON_ARRAY,
  EXP_PYTABLES_CARRAY,
  EXP_PYTABLES_EARRAY,
  EXP_PYTABLES_VLARRAY, /* of EXP_TYPE_VLEN */
  EXP_PYTABLES_OBJECTS, /* a VLARRAY of pickles */
  EXP_PYTABLES_TABLE,
} ExpPytablesKind;

ExpNode *exp_pytables_dataset (ExpPypetChange *change, ExpNode *parent, const char *name, const char *title,
                               ExpPytablesKind kind, const ExpDtype *dtype, guint rank, const guint64 *shape,
                               const ExpPacking *packing, GError **error);
/* The kind of a stored dataset. */
ExpPytablesKind exp_pytables_kind (ExpNode *dataset);

/* Rows as they are stored, at least one. */
ExpArray *exp_pytables_rows (ExpNode *table, guint64 row, guint64 n, GError **error);
/* A row of zeros, to be filled in. Setting does nothing where there is no such column; text that is too long ends in
 * "...". */
ExpArray *exp_pytables_row_new (ExpNode *table, GError **error);
void exp_pytables_row_text (ExpArray *row, const char *column, const char *text);
void exp_pytables_row_number (ExpArray *row, const char *column, double value);
/* What row `index` of another table has, in columns of the same names: texts and plain numbers. */
void exp_pytables_row_copy (ExpArray *row, const ExpArray *rows, guint64 index);
gboolean exp_pytables_append (ExpPypetChange *change, ExpNode *table, const ExpArray *rows, GError **error);
/* The rows behind move up. */
gboolean exp_pytables_delete_row (ExpPypetChange *change, ExpNode *table, guint64 row, GError **error);
/* Sets the number of rows, and NROWS, which says it again. */
gboolean exp_pytables_resize (ExpPypetChange *change, ExpNode *table, guint64 n_rows, GError **error);

G_END_DECLS
