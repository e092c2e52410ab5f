/* pandas' table format, written: one table of an index and blocks of columns of one type, and what these are called in
 * pickled attributes.
 * Knows the names and attributes that pandas 1 writes and reads.
 * Called by write_frame.c. */
#include "write_frame.h"
#include <string.h>

typedef struct
{
  ExpPypetChange *change;
  ExpNode *group;
  const ExpFrameDraft *draft;
  gboolean is_series;
} Tabled;

/* The stored column of a block. */
static char *
block_name (const Tabled *self, guint number)
{
  return self->is_series ? g_strdup (exp_frame_draft_column (self->draft, 1)->label)
                         : g_strdup_printf ("values_block_%u", number);
}

/* [labels] of a block, or of all columns when NULL. */
static void
append_labels (GString *pickle, const Tabled *self, const GArray *block)
{
  guint n = block != NULL ? block->len : self->draft->columns->len - 1;

  g_string_append (pickle, "(l");
  for (guint i = 0; i < n; i++)
    {
      exp_frame_pickle_text (
          pickle, exp_frame_draft_column (self->draft, block != NULL ? g_array_index (block, guint, i) : i + 1)->label);
      g_string_append_c (pickle, 'a');
    }
}

static void
append_block_names (GString *pickle, const Tabled *self)
{
  g_string_append (pickle, "(l");
  for (guint i = 0; i < self->draft->blocks->len; i++)
    {
      g_autofree char *name = block_name (self, i);
      exp_frame_pickle_text (pickle, name);
      g_string_append_c (pickle, 'a');
    }
}

/* {1: {'names': [None], 'type': 'Index'}, 'index': {}, block: {}, ...}; a named index says so. */
static void
append_info (GString *pickle, const Tabled *self)
{
  const char *name = exp_frame_draft_name (self->draft, 0);

  g_string_append (pickle, "(dI1\n(dVnames\n(lNasVtype\nVIndex\nssVindex\n(d");
  if (name != NULL)
    {
      g_string_append (pickle, "Vindex_name\n");
      exp_frame_pickle_text (pickle, name);
      g_string_append_c (pickle, 's');
    }
  g_string_append_c (pickle, 's');
  for (guint i = 0; i < self->draft->blocks->len; i++)
    {
      g_autofree char *block = block_name (self, i);
      exp_frame_pickle_text (pickle, block);
      g_string_append (pickle, "(ds");
    }
}

static gboolean
set_pickle (Tabled *self, ExpNode *node, const char *name, GString *pickle, GError **error)
{
  g_string_append_c (pickle, '.');
  gboolean is_done = exp_frame_set_pickle (self->change, node, name, pickle->str, error);
  g_string_truncate (pickle, 0);
  return is_done;
}

static gboolean
set_lists (Tabled *self, GError **error)
{
  g_autoptr (GString) pickle = g_string_new ("(l");

  if (self->is_series)
    append_labels (g_string_truncate (pickle, 0), self, NULL);
  if (!set_pickle (self, self->group, "data_columns", pickle, error))
    return FALSE;
  g_string_append (pickle, "(l(I0\nVindex\nta");
  if (!set_pickle (self, self->group, "index_cols", pickle, error))
    return FALSE;
  g_string_append (pickle, "(l(I1\n");
  append_labels (pickle, self, NULL);
  g_string_append (pickle, "ta");
  if (!set_pickle (self, self->group, "non_index_axes", pickle, error))
    return FALSE;
  append_block_names (pickle, self);
  if (!set_pickle (self, self->group, "values_cols", pickle, error))
    return FALSE;
  append_info (pickle, self);
  return set_pickle (self, self->group, "info", pickle, error);
}

static const char *
index_kind (const ExpFrameColumn *column)
{
  if (column->kind != EXP_FRAME_NUMBER)
    return column->kind == EXP_FRAME_TEXT ? "string" : "datetime64";
  return column->dtype->type == EXP_TYPE_FLOAT      ? "float"
         : column->dtype->type == EXP_TYPE_BITFIELD ? "bool"
                                                    : "integer";
}

/* As pandas names it: "float64", "bytes24" for texts of three bytes. */
static char *
dtype_name (const ExpFrameColumn *column)
{
  if (column->kind == EXP_FRAME_MOMENT)
    return g_strdup ("datetime64");
  if (column->kind == EXP_FRAME_TEXT)
    return g_strdup_printf ("bytes%" G_GSIZE_FORMAT, column->dtype->size * 8);
  return g_strdup (column->dtype->type == EXP_TYPE_BITFIELD ? "bool"
                                                            : exp_pypet_scalar_name (column->dtype, FALSE, FALSE));
}

static gboolean
note_block (Tabled *self, ExpNode *table, guint number, GError **error)
{
  const GArray *block = self->draft->blocks->pdata[number];
  const ExpFrameColumn *column = exp_frame_draft_column (self->draft, g_array_index (block, guint, 0));
  g_autofree char *name = block_name (self, number);
  g_autofree char *of_dtype = g_strconcat (name, "_dtype", NULL);
  g_autofree char *of_kind = g_strconcat (name, "_kind", NULL);
  g_autofree char *of_meta = g_strconcat (name, "_meta", NULL);
  g_autofree char *dtype = dtype_name (column);
  g_autoptr (GString) pickle = g_string_new (NULL);

  append_labels (pickle, self, block);
  return exp_pytables_set_text (self->change, table, of_dtype, dtype, error)
         && set_pickle (self, table, of_kind, pickle, error)
         && exp_frame_set_pickle (self->change, table, of_meta, "N.", error);
}

/* The index, then an array column for each block; of a series, its values. */
static ExpDtype *
row_type (const Tabled *self, GError **error)
{
  guint n = self->draft->blocks->len + 1;
  g_autofree ExpMember *members = g_new0 (ExpMember, n);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  gsize size = 0;

  for (guint i = 0; i < n; i++)
    {
      const GArray *block = i > 0 ? self->draft->blocks->pdata[i - 1] : NULL;
      guint column = block != NULL ? g_array_index (block, guint, 0) : 0;
      guint64 width = block != NULL ? block->len : 1;
      ExpDtype *cell = exp_dtype_ref (exp_frame_draft_column (self->draft, column)->dtype);

      g_ptr_array_add (names, i > 0 ? block_name (self, i - 1) : g_strdup ("index"));
      if (i > 0 && !self->is_series)
        cell = exp_dtype_new_array (cell, 1, &width, NULL);
      members[i] = (ExpMember){ names->pdata[i], cell, size };
      size += cell->size;
    }
  return exp_dtype_new_compound (size, n, members, error);
}

static gboolean
write_rows (Tabled *self, ExpNode *table, ExpDtype *dtype, GError **error)
{
  for (guint64 first = 0, count; first < self->draft->info.shape[0]; first += count)
    {
      g_autoptr (ExpArray) shown = exp_frame_draft_rows (self->draft, first, error);
      g_autoptr (ExpArray) rows = shown != NULL ? exp_array_new (dtype, 1, shown->shape, error) : NULL;

      if (rows == NULL)
        return FALSE;
      count = rows->n_elements;
      for (guint i = 0; i < dtype->n_members; i++)
        {
          const GArray *block = i > 0 ? self->draft->blocks->pdata[i - 1] : NULL;
          const guint index = 0;
          gsize size = dtype->members[i].dtype->size;
          g_autoptr (ExpArray) cells
              = block != NULL
                    ? exp_frame_draft_cells (self->draft, shown, (const guint *)block->data, block->len, error)
                    : exp_frame_draft_cells (self->draft, shown, &index, 0, error);
          if (cells == NULL)
            return FALSE;
          for (gsize k = 0; k < count; k++)
            memcpy (rows->data + k * dtype->size + dtype->members[i].offset, cells->data + k * size, size);
        }
      ExpSlab slab = { .rank = 1, .start = { first }, .count = { count }, .step = { 1 } };
      if (!exp_node_write (table, &slab, rows, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
exp_frame_write_table (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *group,
                       const ExpFrameDraft *draft, gboolean is_series, GError **error)
{
  Tabled self = { change, group, draft, is_series };
  ExpPypetPacking packing;

  if (draft->info.shape[0] == 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED,
                   "pandas keeps nothing of an empty frame in the table format");
      return FALSE;
    }
  exp_pypet_packing (trajectory, &packing);
  g_autoptr (ExpDtype) dtype = row_type (&self, error);
  g_autoptr (ExpNode) table = dtype != NULL
                                  ? exp_pytables_dataset (change, group, "table", "", EXP_PYTABLES_TABLE, dtype, 1,
                                                          draft->info.shape, &packing.packing, error)
                                  : NULL;
  if (table == NULL || !write_rows (&self, table, dtype, error) || !set_lists (&self, error)
      || !exp_pytables_set_text (change, group, "pandas_type", is_series ? "series_table" : "frame_table", error)
      || !exp_pytables_set_text (change, group, "table_type", is_series ? "appendable_series" : "appendable_frame",
                                 error)
      || !exp_pytables_set_text (change, group, "nan_rep", "nan", error)
      || !exp_pytables_set_int (change, group, "levels", 1, 8, error)
      || !exp_pytables_set_text (change, table, "index_kind", index_kind (exp_frame_draft_column (draft, 0)), error))
    return FALSE;
  for (guint i = 0; i < draft->blocks->len; i++)
    if (!note_block (&self, table, i, error))
      return FALSE;
  return TRUE;
}
