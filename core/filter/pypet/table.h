/* Tables put together: columns of several stored tables, blocks and vectors shown as one table, and a one-row table
 * shown as a dict. Knows rows and columns, not what they mean.
 * Used by item.c, frame_fixed.c and frame_table.c. */
#pragma once

#include "expfs/node.h"

G_BEGIN_DECLS

/* The columns of one stored table or of the parts of a split one, with their noted types. Immutable, shared. */
typedef struct
{
  gatomicrefcount references;
  GPtrArray *tables;   /* of ExpNode */
  GArray *columns;     /* of ExpPypetColumn */
  GHashTable *by_name; /* name (borrowed) -> index + 1 */
  const char *encoding;
} ExpPypetColumns;

typedef struct
{
  char *name;
  guint table;
  char *noted; /* NULL: as the table's own attributes say */
} ExpPypetColumn;

ExpPypetColumns *exp_pypet_columns_new (ExpNode *table, const char *encoding, GError **error);
/* `group` holds tables NAME, NAME_1, ... and NAME__SRVC_STORE with their attributes as rows. */
ExpPypetColumns *exp_pypet_columns_new_split (ExpNode *group, const char *name, const char *encoding, GError **error);
void exp_pypet_columns_unref (ExpPypetColumns *columns);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpPypetColumns, exp_pypet_columns_unref)

/* None. */
ExpPypetColumns *exp_pypet_columns_new_empty (const char *encoding);

/* All columns as one table. */
ExpNode *exp_pypet_joined_new (ExpPypetColumns *columns, GError **error);

typedef struct _ExpTable ExpTable;

/* How the bytes of a column become the bytes of a cell. */
typedef enum
{
  EXP_CELL_CAST,     /* exp_cast_cell */
  EXP_CELL_DATETIME, /* nanoseconds since 1970 -> ISO 8601 text, NaT */
  EXP_CELL_LABEL,    /* a code that counts into `labels`; -1 is missing: nan, the least integer */
} ExpCellRule;

/* A table of n_rows rows that is being put together: columns are added, then exp_table_finish makes the node. */
ExpTable *exp_table_new (guint64 n_rows, const char *encoding);
void exp_table_free (ExpTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpTable, exp_table_free)
/* Adds a place to read rows from and returns its number: a dataset whose first axis is the rows, or, is_transposed, a
 * 2-D one whose last axis is. Its rows must be there: EXP_ERROR_DAMAGED, and -1. */
int exp_table_add_source (ExpTable *table, ExpNode *node, gboolean is_transposed, GError **error);
/* Adds a column from source `source`: the bytes at `offset` of each of its rows, of type `from`. `to` and `labels`
 * (1-D, EXP_CELL_LABEL) are as the rule needs: `to` NULL makes it from the rule. A name that is taken gets a suffix. */
void exp_table_add_column (ExpTable *table, const char *name, guint source, gsize offset, ExpDtype *from, ExpDtype *to,
                           ExpCellRule rule, ExpArray *labels);
/* The type of the rows of a source: of one element. Borrowed. */
const ExpInfo *exp_table_source_info (ExpTable *table, guint source);
/* The node; takes over the table. An attribute of it can be set before: */
void exp_table_set_attribute (ExpTable *table, const char *name, ExpArray *value);
ExpNode *exp_table_finish (ExpTable *table, GError **error);

G_END_DECLS
