/* pandas' fixed format, written: an index, labels, and blocks of columns of one type.
 * Knows the names and attributes that pandas 1 writes and reads.
 * Called by write_frame.c. */
#include "write_frame.h"
#include <string.h>

typedef struct
{
  ExpPypetChange *change;
  ExpNode *group;
  const ExpFrameDraft *draft;
  ExpPypetPacking packing;
} Fixed;

static const char *
index_kind (const ExpFrameColumn *column)
{
  if (column->kind != EXP_FRAME_NUMBER)
    return column->kind == EXP_FRAME_TEXT ? "string" : "datetime64";
  switch (column->dtype->type)
    {
    case EXP_TYPE_BITFIELD:
      return "bool";
    case EXP_TYPE_FLOAT:
      return "float";
    case EXP_TYPE_COMPLEX:
      return "complex";
    default:
      return "integer";
    }
}

/* NumPy's name of the type, "float64". */
static const char *
value_type (const ExpFrameColumn *column)
{
  if (column->kind != EXP_FRAME_NUMBER)
    return column->kind == EXP_FRAME_TEXT ? "object" : "datetime64";
  return column->dtype->type == EXP_TYPE_BITFIELD ? "bool" : exp_pypet_scalar_name (column->dtype, FALSE, FALSE);
}

/* What has no elements is told by its attributes. */
static ExpNode *
write_empty (Fixed *self, const char *name, guint rank, guint64 n_columns, const ExpFrameColumn *column, GError **error)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_FLOAT, 8, FALSE);
  guint64 ones[] = { 1, 1 };
  g_autoptr (ExpNode) node
      = exp_pytables_dataset (self->change, self->group, name, "", EXP_PYTABLES_ARRAY, dtype, rank, ones, NULL, error);
  g_autofree char *shape
      = rank == 1 ? g_strdup ("(I0\ntp0\n.") : g_strdup_printf ("(I%" G_GUINT64_FORMAT "\nI0\ntp0\n.", n_columns);

  return node != NULL && exp_pytables_set_text (self->change, node, "value_type", value_type (column), error)
                 && exp_frame_set_pickle (self->change, node, "shape", shape, error)
                 && exp_pytables_set_bool (self->change, node, "transposed", FALSE, error)
             ? g_steal_pointer (&node)
             : NULL;
}

/* Texts as Python objects, pickled whole. */
static ExpNode *
write_objects (Fixed *self, const char *name, const guint *columns, guint n, GError **error)
{
  guint64 shape[] = { self->draft->info.shape[0], n };
  g_autoptr (GByteArray) pickle = exp_frame_objects_begin (n > 0 ? 2 : 1, shape);
  guint width = MAX (n, 1);

  for (guint64 first = 0, count; first < shape[0]; first += count)
    {
      g_autoptr (ExpArray) rows = exp_frame_draft_rows (self->draft, first, error);

      if (rows == NULL)
        return NULL;
      count = rows->n_elements;
      for (gsize i = 0; i < count * width; i++)
        {
          const ExpMember *member = &rows->dtype->members[columns[i % width]];
          gsize length;
          const char *text
              = exp_cell_text (member->dtype, rows->data + i / width * rows->dtype->size + member->offset, &length);

          if (!exp_frame_objects_append (pickle, text, length, error))
            return NULL;
        }
    }
  exp_frame_objects_end (pickle);
  return exp_frame_objects_store (self->change, self->group, name, &self->packing.packing, pickle, error);
}

/* n 0: a vector of columns[0]. Moments are in one piece, and never packed. */
static ExpNode *
write_numbers (Fixed *self, const char *name, const guint *columns, guint n, GError **error)
{
  const ExpFrameColumn *column = exp_frame_draft_column (self->draft, columns[0]);
  gboolean is_index = columns[0] == 0;
  gboolean is_moment = column->kind == EXP_FRAME_MOMENT;
  guint64 shape[] = { self->draft->info.shape[0], n };
  g_autoptr (ExpNode) node = exp_pytables_dataset (self->change, self->group, name, "",
                                                   is_moment && !is_index ? EXP_PYTABLES_ARRAY : EXP_PYTABLES_CARRAY,
                                                   column->dtype, n > 0 ? 2 : 1, shape, &self->packing.packing, error);

  for (guint64 first = 0, count; node != NULL && first < shape[0]; first += count)
    {
      g_autoptr (ExpArray) rows = exp_frame_draft_rows (self->draft, first, error);
      g_autoptr (ExpArray) cells = rows != NULL ? exp_frame_draft_cells (self->draft, rows, columns, n, error) : NULL;
      if (cells == NULL)
        return NULL;
      ExpSlab slab = { .rank = cells->rank, .start = { first }, .step = { 1, 1 } };
      count = cells->shape[0];
      memcpy (slab.count, cells->shape, sizeof shape);
      if (!exp_node_write (node, &slab, cells, error))
        return NULL;
    }
  if (node != NULL && is_moment && !is_index
      && !exp_pytables_set_text (self->change, node, "value_type", "datetime64", error))
    return NULL;
  return g_steal_pointer (&node);
}

static gboolean
write_values (Fixed *self, const char *name, const guint *columns, guint n, GError **error)
{
  const ExpFrameColumn *column = exp_frame_draft_column (self->draft, columns[0]);

  if (self->draft->info.shape[0] == 0)
    {
      g_autoptr (ExpNode) empty = write_empty (self, name, n > 0 ? 2 : 1, n, column, error);
      return empty != NULL;
    }
  g_autoptr (ExpNode) node = column->kind == EXP_FRAME_TEXT ? write_objects (self, name, columns, n, error)
                                                            : write_numbers (self, name, columns, n, error);
  return node != NULL && exp_pytables_set_bool (self->change, node, "transposed", TRUE, error);
}

static gboolean
write_index (Fixed *self, const char *name, GError **error)
{
  const ExpFrameColumn *column = exp_frame_draft_column (self->draft, 0);
  gboolean is_empty = self->draft->info.shape[0] == 0;
  guint first = 0;
  g_autoptr (ExpNode) node
      = is_empty ? write_empty (self, name, 1, 0, column, error) : write_numbers (self, name, &first, 0, error);

  if (node == NULL || !exp_pytables_set_text (self->change, node, "kind", index_kind (column), error)
      || !exp_frame_set_name (self->change, node, exp_frame_draft_name (self->draft, 0), error)
      || (!is_empty && !exp_pytables_set_bool (self->change, node, "transposed", TRUE, error)))
    return FALSE;
  return column->kind != EXP_FRAME_MOMENT
         || (exp_pytables_set_text (self->change, node, "index_class", "datetime", error)
             && exp_frame_set_pickle (self->change, node, "freq", "N.", error));
}

/* Labels of columns, as texts. */
static gboolean
write_labels (Fixed *self, const char *name, const guint *columns, guint n, GError **error)
{
  gsize longest = 1;
  guint64 shape = n;

  for (guint i = 0; i < n; i++)
    longest = MAX (longest, strlen (exp_frame_draft_column (self->draft, columns[i])->label));
  g_autoptr (ExpDtype) dtype = exp_dtype_new_string (longest, EXP_PAD_NUL_TERMINATED, FALSE);
  g_autoptr (ExpArray) labels = exp_array_new (dtype, 1, &shape, error);
  if (labels == NULL)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      const char *label = exp_frame_draft_column (self->draft, columns[i])->label;
      memcpy (labels->data + i * longest, label, strlen (label));
    }
  ExpSlab all;
  exp_slab_init_all (&all, 1, &shape);
  g_autoptr (ExpNode) node = exp_pytables_dataset (self->change, self->group, name, "", EXP_PYTABLES_CARRAY, dtype, 1,
                                                   &shape, &self->packing.packing, error);
  return node != NULL && exp_node_write (node, &all, labels, error)
         && exp_pytables_set_text (self->change, node, "kind", "string", error)
         && exp_frame_set_name (self->change, node, NULL, error)
         && exp_pytables_set_bool (self->change, node, "transposed", TRUE, error);
}

static gboolean
write_block (Fixed *self, guint number, GError **error)
{
  const GArray *block = self->draft->blocks->pdata[number];
  const guint *columns = (const guint *)block->data;
  g_autofree char *items = g_strdup_printf ("block%u_items", number);
  g_autofree char *values = g_strdup_printf ("block%u_values", number);
  g_autofree char *variety = g_strdup_printf ("block%u_items_variety", number);

  return exp_pytables_set_text (self->change, self->group, variety, "regular", error)
         && write_labels (self, items, columns, block->len, error)
         && write_values (self, values, columns, block->len, error);
}

static gboolean
write_frame (Fixed *self, GError **error)
{
  guint n = self->draft->columns->len - 1;
  g_autofree guint *columns = g_new (guint, n);

  for (guint i = 0; i < n; i++)
    columns[i] = i + 1;
  if (!exp_pytables_set_text (self->change, self->group, "pandas_type", "frame", error)
      || !exp_pytables_set_int (self->change, self->group, "ndim", 2, 8, error)
      || !exp_pytables_set_int (self->change, self->group, "nblocks", self->draft->blocks->len, 8, error)
      || !exp_pytables_set_text (self->change, self->group, "axis0_variety", "regular", error)
      || !exp_pytables_set_text (self->change, self->group, "axis1_variety", "regular", error)
      || !write_labels (self, "axis0", columns, n, error) || !write_index (self, "axis1", error))
    return FALSE;
  for (guint i = 0; i < self->draft->blocks->len; i++)
    if (!write_block (self, i, error))
      return FALSE;
  return TRUE;
}

static gboolean
write_series (Fixed *self, GError **error)
{
  guint values = 1;

  return exp_pytables_set_text (self->change, self->group, "pandas_type", "series", error)
         && exp_pytables_set_text (self->change, self->group, "index_variety", "regular", error)
         && exp_frame_set_name (self->change, self->group, exp_frame_draft_name (self->draft, 1), error)
         && write_index (self, "index", error) && write_values (self, "values", &values, 0, error);
}

gboolean
exp_frame_write_fixed (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *group,
                       const ExpFrameDraft *draft, gboolean is_series, GError **error)
{
  Fixed self = { change, group, draft };

  exp_pypet_packing (trajectory, &self.packing);
  return is_series ? write_series (&self, error) : write_frame (&self, error);
}
