/* Plans: how pypet stores a value of some type and shape as an item of a leaf.
 * Knows SRVC_STORE, the collection and scalar types; which leaf the item belongs to it does not.
 * Used by the files of this folder that write. */
#pragma once

#include "write_table.h"

G_BEGIN_DECLS

typedef struct
{
  const char *flag;       /* SRVC_STORE; static */
  const char *collection; /* static */
  const char *scalar;     /* static or interned; NULL: pypet notes none */
  ExpPytablesKind kind;
  gboolean is_file; /* noted as the bytes of a file (EXP_PYPET_FILE) */
  gboolean is_cell; /* the value is the one cell of a table with the column `data` */
  ExpDtype *dtype;  /* of what is stored: with is_cell, of the table; owned */
  guint rank;       /* of what is stored */
  guint64 shape[EXP_MAX_RANK];
} ExpPypetPlan;

/* EXP_ERROR_UNSUPPORTED for what pypet cannot hold. A parameter is no table and no null. */
gboolean exp_pypet_plan_init (ExpPypetPlan *plan, const ExpNewDataset *dataset, gboolean is_parameter,
                              gboolean is_classic, GError **error);
void exp_pypet_plan_clear (ExpPypetPlan *plan);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ExpPypetPlan, exp_pypet_plan_clear)

/* The table in which a parameter keeps values of this type: one row for each. */
ExpDtype *exp_pypet_column_type_new (const char *column, ExpDtype *cell);
/* As a shown type lies in the store; NULL when pypet cannot hold it. Text is made longer when it comes. */
ExpDtype *exp_pypet_stored_type (const ExpDtype *dtype);
/* What pypet calls the type of elements: "int", "float32", "<type 'numpy.int8'>"; NULL for one that it cannot hold.
 * Python's own name where the type is the one of its objects. */
const char *exp_pypet_scalar_name (const ExpDtype *dtype, gboolean is_python, gboolean is_classic);

/* Says which limit a table of so many columns has met, when it is one of HDF5's. */
void exp_pypet_table_explain (GError **error, guint n_columns);
/* Makes the item `name` in `leaf`, of zeros. A table is entitled `title`. */
ExpNode *exp_pypet_plan_make (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *leaf, const char *name,
                              const char *title, const ExpPypetPlan *plan, GError **error);
/* Notes the types of a column of a table. */
gboolean exp_pypet_note_column (ExpPypetChange *change, ExpNode *table, const char *column, const char *collection,
                                const char *scalar, GError **error);

G_END_DECLS
