/* Groups, arrays and tables as PyTables makes them.
 * Knows PyTables' system attributes and how it chooses chunks.
 * Called by the files of this folder that write. */
#include "write_table.h"
#include "type.h"
#include <string.h>

#define CHUNK_BYTES 65536

ExpArray *
exp_pytables_text (const char *text, gsize length, gboolean is_utf8)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_string (MAX (length, 1), EXP_PAD_NUL_TERMINATED, is_utf8);
  ExpArray *value = exp_array_new (dtype, 0, NULL, NULL);

  if (value == NULL)
    return NULL;
  if (length > 0)
    memcpy (value->data, text, length);
  else
    value->n_elements = 0;
  return value;
}

static gboolean
set (ExpPypetChange *change, ExpNode *node, const char *name, ExpArray *value, GError **error)
{
  g_autoptr (ExpArray) own = value;

  if (own != NULL)
    return exp_pypet_change_attribute (change, node, name, own, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for the attribute '%s'", name);
  return FALSE;
}

static gboolean
set_text (ExpPypetChange *change, ExpNode *node, const char *name, const char *text, gboolean is_utf8, GError **error)
{
  return set (change, node, name, exp_pytables_text (text, strlen (text), is_utf8), error);
}

gboolean
exp_pytables_set_text (ExpPypetChange *change, ExpNode *node, const char *name, const char *text, GError **error)
{
  return set_text (change, node, name, text, TRUE, error);
}

static ExpArray *
number (ExpTypeClass type, gsize size, gint64 value)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (type, size, FALSE);
  ExpArray *array = exp_array_new (dtype, 0, NULL, NULL);

  if (array != NULL)
    memcpy (array->data, &value, MIN (size, sizeof value));
  return array;
}

gboolean
exp_pytables_set_int (ExpPypetChange *change, ExpNode *node, const char *name, gint64 value, gsize size, GError **error)
{
  return set (change, node, name, number (EXP_TYPE_INT, size, value), error);
}

gboolean
exp_pytables_set_bool (ExpPypetChange *change, ExpNode *node, const char *name, gboolean value, GError **error)
{
  return set (change, node, name, number (EXP_TYPE_BITFIELD, 1, value != 0), error);
}

/* What a group says of the filters of its children: level, library and flags in one number. */
static gint64
filters_number (const ExpPacking *packing)
{
  static const char *const libraries[]
      = { "none",      "zlib",        "lzo",          "bzip2",      "blosc",     "blosc:blosclz",
          "blosc:lz4", "blosc:lz4hc", "blosc:snappy", "blosc:zlib", "blosc:zstd" };
  gint64 library = 0;

  for (guint i = 1; packing->complib != NULL && packing->complevel > 0 && i < G_N_ELEMENTS (libraries); i++)
    if (strcmp (libraries[i], packing->complib) == 0)
      library = i;
  return (library > 0 ? packing->complevel : 0) | library << 8
         | (gint64)((packing->shuffle ? 1 : 0) | (packing->fletcher32 ? 2 : 0)) << 16;
}

ExpNode *
exp_pytables_group (ExpPypetChange *change, ExpNode *parent, const char *name, const char *title,
                    const ExpPacking *packing, GError **error)
{
  g_autoptr (ExpNode) group = exp_pypet_change_create_group (change, parent, name, error);

  if (group == NULL || !set_text (change, group, "CLASS", "GROUP", TRUE, error)
      || !set_text (change, group, "TITLE", title, TRUE, error)
      || !set_text (change, group, "VERSION", "1.0", TRUE, error))
    return NULL;
  if (packing != NULL && !exp_pytables_set_int (change, group, "FILTERS", filters_number (packing), 8, error))
    return NULL;
  return g_steal_pointer (&group);
}

/* Whole rows up to CHUNK_BYTES, and where one is longer, as much of its last axes. */
static void
choose_chunk (ExpNewDataset *dataset)
{
  const ExpDtype *dtype = dataset->dtype;
  gsize size = MAX (dtype->type == EXP_TYPE_VLEN ? dtype->base->size : dtype->size, 1);

  for (guint i = dataset->rank; i > 0; i--)
    {
      guint64 room = MAX (CHUNK_BYTES / size, 1);

      dataset->chunk[i - 1] = i == 1 ? room : MIN (MAX (dataset->shape[i - 1], 1), room);
      size *= dataset->chunk[i - 1];
    }
}

static gboolean
set_fields (ExpPypetChange *change, ExpNode *table, const ExpDtype *dtype, GError **error)
{
  for (guint i = 0; i < dtype->n_members; i++)
    {
      ExpDtype *cell = dtype->members[i].dtype;
      g_autofree char *name = g_strdup_printf ("FIELD_%u_NAME", i);
      g_autofree char *fill = g_strdup_printf ("FIELD_%u_FILL", i);

      if (!set_text (change, table, name, dtype->members[i].name, TRUE, error))
        return FALSE;
      if (cell->type == EXP_TYPE_ARRAY)
        cell = cell->base;
      g_autoptr (ExpDtype) type = cell->type == EXP_TYPE_STRING
                                      ? exp_dtype_new_string (1, EXP_PAD_NUL_TERMINATED, FALSE)
                                      : exp_dtype_ref (cell);
      if (!set (change, table, fill, exp_array_new (type, 0, NULL, NULL), error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
set_table_attributes (ExpPypetChange *change, ExpNode *table, const char *title, const ExpDtype *dtype, guint64 n_rows,
                      GError **error)
{
  return set_text (change, table, "CLASS", "TABLE", TRUE, error)
         && set_text (change, table, "VERSION", "2.7", TRUE, error)
         && set_text (change, table, "TITLE", title, TRUE, error) && set_fields (change, table, dtype, error)
         && exp_pytables_set_int (change, table, "NROWS", (gint64)n_rows, 8, error);
}

static gboolean
set_attributes (ExpPypetChange *change, ExpNode *node, const char *title, ExpPytablesKind kind, const ExpDtype *dtype,
                const guint64 *shape, GError **error)
{
  switch (kind)
    {
    case EXP_PYTABLES_ARRAY:
    case EXP_PYTABLES_PYTHON_ARRAY:
      return set_text (change, node, "CLASS", "ARRAY", TRUE, error)
             && set_text (change, node, "VERSION", "2.4", TRUE, error)
             && set_text (change, node, "TITLE", title, TRUE, error)
             && set_text (change, node, "FLAVOR", kind == EXP_PYTABLES_ARRAY ? "numpy" : "python", TRUE, error);
    case EXP_PYTABLES_CARRAY:
    case EXP_PYTABLES_EARRAY:
      return set_text (change, node, "CLASS", kind == EXP_PYTABLES_CARRAY ? "CARRAY" : "EARRAY", FALSE, error)
             && set_text (change, node, "VERSION", "1.1", FALSE, error)
             && set_text (change, node, "TITLE", title, FALSE, error)
             && (kind == EXP_PYTABLES_CARRAY || exp_pytables_set_int (change, node, "EXTDIM", 0, 4, error));
    case EXP_PYTABLES_VLARRAY:
    case EXP_PYTABLES_OBJECTS:
      return set_text (change, node, "CLASS", "VLARRAY", TRUE, error)
             && set_text (change, node, "VERSION", "1.4", TRUE, error)
             && set_text (change, node, "TITLE", title, TRUE, error)
             && (kind == EXP_PYTABLES_VLARRAY || set_text (change, node, "PSEUDOATOM", "object", TRUE, error));
    case EXP_PYTABLES_TABLE:
      return set_table_attributes (change, node, title, dtype, shape[0], error);
    }
  return TRUE;
}

ExpNode *
exp_pytables_dataset (ExpPypetChange *change, ExpNode *parent, const char *name, const char *title,
                      ExpPytablesKind kind, const ExpDtype *dtype, guint rank, const guint64 *shape,
                      const ExpPacking *packing, GError **error)
{
  ExpNewDataset dataset = { .dtype = dtype, .rank = rank, .packing = packing };

  if (rank > 0)
    memcpy (dataset.shape, shape, rank * sizeof *shape);
  dataset.is_contiguous = kind == EXP_PYTABLES_ARRAY || kind == EXP_PYTABLES_PYTHON_ARRAY;
  dataset.is_extensible = !dataset.is_contiguous && kind != EXP_PYTABLES_CARRAY;
  if (!dataset.is_contiguous)
    choose_chunk (&dataset);

  g_autoptr (ExpNode) node = exp_pypet_change_create_dataset (change, parent, name, &dataset, error);
  if (node == NULL || !set_attributes (change, node, title, kind, dtype, dataset.shape, error))
    return NULL;
  return g_steal_pointer (&node);
}

ExpPytablesKind
exp_pytables_kind (ExpNode *dataset)
{
  g_autofree char *name = exp_pypet_text (dataset, "CLASS");
  g_autofree char *flavor = NULL;

  if (g_strcmp0 (name, "TABLE") == 0)
    return EXP_PYTABLES_TABLE;
  if (g_strcmp0 (name, "EARRAY") == 0)
    return EXP_PYTABLES_EARRAY;
  if (g_strcmp0 (name, "CARRAY") == 0)
    return EXP_PYTABLES_CARRAY;
  if (g_strcmp0 (name, "VLARRAY") == 0)
    return EXP_PYTABLES_VLARRAY;
  flavor = exp_pypet_text (dataset, "FLAVOR");
  return g_strcmp0 (flavor, "python") == 0 ? EXP_PYTABLES_PYTHON_ARRAY : EXP_PYTABLES_ARRAY;
}
