/* The values of a parameter that changes, joined: those that it had, or its own one for each old run, and those of the
 * runs that are taken.
 * Knows where each class of parameter keeps its range, in both generations.
 * Called by merge.c, as part of a change. */
#include "merge.h"
#include "type.h"
#include "write_cast.h"
#include <string.h>

/* Runs that were there. */
static guint64
n_before (const ExpMerge *merge)
{
  return merge->own.n_runs;
}

/* --- a table of the range ----------------------------------------------------------------------------------- */

/* Rows of the right type at the end of the table, which is made when there is none: `rows` are for all runs then. */
static gboolean
put_rows (ExpPypetChange *change, const ExpMerge *merge, const ExpMergePair *pair, ExpArray *rows, const char *column,
          const char *scalar, GError **error)
{
  const ExpPypetLeaf *leaf = &pair->own->leaf;
  const char *name = exp_pypet_range_table_name (pair->own->kind);
  g_autoptr (ExpNode) table = exp_pypet_child (leaf->inner, name);
  ExpPypetPacking packing;

  if (table != NULL)
    return exp_pytables_append (change, table, rows, error);
  exp_pypet_packing (merge->own.trajectory, &packing);
  table = exp_pytables_dataset (change, leaf->inner, name, name, EXP_PYTABLES_TABLE, rows->dtype, 1, rows->shape,
                                &packing.packing, error);
  return table != NULL && exp_pytables_set_text (change, table, "SRVC_STORE", "TABLE", error)
         && exp_pypet_note_column (change, table, column, "COLL_SCALAR", scalar, error)
         && exp_pypet_change_rows (change, table, 0, rows, error);
}

/* --- values in a table -------------------------------------------------------------------------------------- */

static gsize
text_size (const ExpDtype *row)
{
  const ExpDtype *cell = row->members[0].dtype;

  return cell->type == EXP_TYPE_STRING ? cell->size : 0;
}

/* A row's type that holds the texts of both. A new reference. */
static ExpDtype *
common_type (ExpDtype *own, const ExpDtype *other)
{
  if (text_size (other) <= text_size (own) || text_size (own) == 0)
    return exp_dtype_ref (own);
  g_autoptr (ExpDtype) cell = exp_dtype_new_string (text_size (other), EXP_PAD_NUL_TERMINATED, FALSE);
  return exp_pypet_column_type_new (own->members[0].name, cell);
}

static gboolean
is_taken (const ExpMerge *merge, guint64 run)
{
  return merge->new_runs[run] >= 0;
}

/* The other's values in the runs that are taken, as they lie in its store. */
static ExpArray *
other_cells (const ExpMerge *merge, const ExpMergeParameter *other, GError **error)
{
  g_autoptr (ExpNode) data = other->rows == NULL ? exp_node_lookup (other->leaf.inner, "data", error) : NULL;
  g_autoptr (ExpArray) single = data != NULL ? exp_node_read_all (data, error) : NULL;
  const ExpArray *from = other->rows != NULL ? other->rows : single;
  g_autoptr (ExpArray) cells = from != NULL ? exp_array_new (from->dtype, 1, &merge->n_taken, error) : NULL;

  if (cells == NULL)
    return NULL;
  for (guint64 run = 0, n = 0; run < merge->other.n_runs; run++)
    if (is_taken (merge, run))
      memcpy (cells->data + n++ * from->dtype->size, from->data + (single != NULL ? 0 : run) * from->dtype->size,
              from->dtype->size);
  return g_steal_pointer (&cells);
}

/* Trials go on counting where the others ended. */
static gboolean
shift_cells (ExpArray *cells, gint64 shift, GError **error)
{
  const ExpMember *member = &cells->dtype->members[0];
  const gsize size = member->dtype->size;

  for (gsize i = 0; i < cells->n_elements; i++)
    {
      guint8 *cell = cells->data + i * cells->dtype->size + member->offset;
      gint64 value = exp_cell_int (member->dtype, cell) + shift;

      if (member->dtype->big_endian || size > 8)
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "the trials are no plain numbers");
          return FALSE;
        }
      memcpy (cell, &value, size);
      if (exp_cell_int (member->dtype, cell) == value)
        continue;
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "trial %" G_GINT64_FORMAT " does not fit the parameter's type",
                   value);
      return FALSE;
    }
  return TRUE;
}

/* Before the rows that follow: the own value for each run that was there. */
static ExpArray *
with_own (const ExpMerge *merge, ExpNode *data, ExpDtype *type, const ExpArray *more, GError **error)
{
  const guint64 before = n_before (merge), n = before + more->n_elements;
  g_autoptr (ExpArray) single = exp_node_read_all (data, error);
  g_autoptr (ExpArray) own = single != NULL ? exp_cast_back (single, type, NULL, error) : NULL;
  g_autoptr (ExpArray) rows = own != NULL ? exp_array_new (type, 1, &n, error) : NULL;

  if (rows == NULL)
    return NULL;
  for (guint64 i = 0; i < before; i++)
    memcpy (rows->data + i * type->size, own->data, type->size);
  memcpy (rows->data + before * type->size, more->data, more->n_elements * type->size);
  return g_steal_pointer (&rows);
}

static gboolean
join_values (ExpPypetChange *change, const ExpMerge *merge, const ExpMergePair *pair, GError **error)
{
  const ExpMergeParameter *own = pair->own;
  g_autoptr (ExpNode) data = exp_node_lookup (own->leaf.inner, "data", error);
  g_autofree char *scalar = data != NULL ? exp_pypet_column_type (data, "data") : NULL;
  g_auto (ExpInfo) info = { 0 };

  if (data == NULL || !exp_node_describe (data, &info, error))
    return FALSE;
  ExpDtype *old = own->rows != NULL ? own->rows->dtype : info.dtype;
  g_autoptr (ExpArray) cells = other_cells (merge, pair->other, error);
  if (cells == NULL || (g_strcmp0 (own->name, merge->trial) == 0 && !shift_cells (cells, merge->trial_shift, error)))
    return FALSE;
  g_autoptr (ExpDtype) type = common_type (old, cells->dtype);
  g_autoptr (ExpArray) rows = exp_cast_back (cells, type, NULL, error);
  if (rows == NULL)
    return FALSE;
  if (own->rows != NULL && text_size (type) != text_size (old)
      && !exp_pypet_item_renew (change, merge->own.trajectory, own->leaf.inner, exp_pypet_range_table_name (own->kind),
                                type, 1, own->rows->shape, TRUE, error))
    return FALSE;
  g_autoptr (ExpArray) all = own->rows != NULL ? exp_array_ref (rows) : with_own (merge, data, type, rows, error);
  return all != NULL && put_rows (change, merge, pair, all, "data", scalar, error);
}

/* --- numbered values ---------------------------------------------------------------------------------------- */

typedef struct
{
  const ExpMerge *merge;
  const ExpMergePair *pair;
  GHashTable *numbers; /* key -> number + 1 */
  guint n;
} Numbered;

static ExpNode *
stored_value (const ExpMergeParameter *parameter, gint64 number, GError **error)
{
  return number >= 0 ? exp_pypet_range_numbered (parameter->leaf.inner, parameter->kind, number, error)
                     : exp_node_lookup (parameter->leaf.inner, parameter->item, error);
}

/* The group in which a numbered value lies, and its name there. */
static ExpNode *
place_of (ExpPypetChange *change, const Numbered *self, const char *path, const char **name, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  g_autoptr (ExpNode) group = exp_node_ref (self->pair->own->leaf.inner);
  ExpPypetPacking packing;

  *name = strrchr (path, '/') != NULL ? strrchr (path, '/') + 1 : path;
  exp_pypet_packing (self->merge->own.trajectory, &packing);
  for (char **part = parts; part[1] != NULL; part++)
    {
      ExpNode *below = exp_pypet_child (group, *part);

      if (below == NULL)
        {
          below = exp_pytables_group (change, group, *part, "", &packing.packing, error);
          if (below == NULL || !exp_pytables_set_text (change, below, "SRVC_STORE", "NESTED_GROUP", error))
            {
              g_clear_pointer (&below, exp_node_unref);
              return NULL;
            }
        }
      exp_node_unref (group);
      group = below;
    }
  return g_steal_pointer (&group);
}

static gboolean
copy_value (ExpPypetChange *change, Numbered *self, ExpNode *value, GError **error)
{
  gboolean is_classic = exp_pypet_is_classic (self->merge->own.trajectory);
  g_autofree char *path = exp_pypet_range_path (self->pair->own->kind, is_classic, self->n);
  const char *name;
  g_autoptr (ExpNode) group = place_of (change, self, path, &name, error);

  return group != NULL && exp_pypet_change_copy (change, group, name, value, error);
}

/* The number of a value, which is stored once; `number` is its one in `parameter`. */
static gboolean
number_value (ExpPypetChange *change, Numbered *self, const ExpMergeParameter *parameter, guint64 run, gint32 *number,
              GError **error)
{
  GBytes *key = exp_merge_parameter_key (parameter, run);
  guint known = GPOINTER_TO_UINT (g_hash_table_lookup (self->numbers, key));

  if (known == 0)
    {
      g_autoptr (ExpNode) value = stored_value (parameter, exp_merge_parameter_number (parameter, run), error);

      if (value == NULL || !copy_value (change, self, value, error))
        return FALSE;
      known = ++self->n;
      g_hash_table_insert (self->numbers, g_bytes_ref (key), GUINT_TO_POINTER (known));
    }
  *number = (gint32)known - 1;
  return TRUE;
}

/* Those that are stored keep their numbers. */
static void
note_own (Numbered *self)
{
  const ExpMergeParameter *own = self->pair->own;

  for (guint64 run = 0; own->range != NULL && run < own->range->len; run++)
    {
      guint next = (guint)exp_merge_parameter_number (own, run) + 1;

      g_hash_table_insert (self->numbers, g_bytes_ref (exp_merge_parameter_key (own, run)), GUINT_TO_POINTER (next));
      self->n = MAX (self->n, next);
    }
}

/* Numbers for the runs that are taken; where there was no range, before them those of the runs that were there. */
static gboolean
number_runs (ExpPypetChange *change, Numbered *self, GArray *numbers, GError **error)
{
  const ExpMerge *merge = self->merge;
  gint32 number;

  note_own (self);
  for (guint64 run = 0; self->pair->own->range == NULL && run < n_before (merge); run++)
    {
      if (!number_value (change, self, self->pair->own, run, &number, error))
        return FALSE;
      g_array_append_val (numbers, number);
    }
  for (guint64 run = 0; run < merge->other.n_runs; run++)
    if (is_taken (merge, run))
      {
        if (!number_value (change, self, self->pair->other, run, &number, error))
          return FALSE;
        g_array_append_val (numbers, number);
      }
  return TRUE;
}

static gboolean
join_numbered (ExpPypetChange *change, const ExpMerge *merge, const ExpMergePair *pair, GError **error)
{
  g_autoptr (GHashTable) known
      = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_autoptr (ExpDtype) cell = exp_dtype_new_number (EXP_TYPE_INT, 4, FALSE);
  g_autoptr (ExpDtype) made = exp_pypet_column_type_new ("idx", cell);
  Numbered self = { merge, pair, known, 0 };

  if (!number_runs (change, &self, numbers, error))
    return FALSE;
  const guint64 n = numbers->len;
  g_autoptr (ExpArray) plain = exp_array_new (made, 1, &n, error);
  if (plain == NULL)
    return FALSE;
  memcpy (plain->data, numbers->data, n * sizeof (gint32));
  g_autoptr (ExpArray) rows
      = pair->own->rows != NULL ? exp_cast_back (plain, pair->own->rows->dtype, NULL, error) : exp_array_ref (plain);
  const char *scalar = exp_pypet_is_classic (merge->own.trajectory) ? "<type 'int'>" : "int";
  return rows != NULL && put_rows (change, merge, pair, rows, "idx", scalar, error);
}

/* --- either ------------------------------------------------------------------------------------------------- */

gboolean
exp_merge_join (ExpPypetChange *change, const ExpMerge *merge, const ExpMergePair *pair, GError **error)
{
  ExpPypetTrajectory *trajectory = merge->own.trajectory;
  const ExpPypetLeaf *leaf = &pair->own->leaf;
  gint64 n = (gint64)(n_before (merge) + merge->n_taken);

  if (!(pair->own->kind == EXP_RANGE_VALUES ? join_values (change, merge, pair, error)
                                            : join_numbered (change, merge, pair, error)))
    {
      g_prefix_error (error, "%s: ", pair->own->name);
      return FALSE;
    }
  if (exp_pypet_is_classic (trajectory) && !exp_pytables_set_int (change, leaf->inner, "SRVC_INIT_LENGTH", n, 8, error))
    return FALSE;
  return exp_pypet_explorations_add (change, trajectory, pair->own->name, error)
         && exp_pypet_overview_update (change, leaf, FALSE, error);
}
