/* A table put together from columns that lie in several datasets. Rows are read when asked for.
 * Knows no pypet and no pandas.
 * Used by columns.c, frame_fixed.c, frame_table.c. */
#include "table.h"
#include "type.h"
#include "write_cast.h"
#include "write_frame.h"
#include <math.h>
#include <string.h>

typedef struct
{
  ExpNode *node;
  ExpInfo info;
  gboolean is_transposed;
  gsize row_size; /* bytes of one row; when transposed, of one element */
} Source;

typedef struct
{
  char *name;
  guint source;
  gsize offset;
  ExpDtype *from, *to;
  ExpCellRule rule;
  ExpArray *labels;
} Column;

typedef struct
{
  char *name;
  ExpArray *value;
} Attribute;

struct _ExpTable
{
  ExpNode base;
  guint64 n_rows;
  const char *encoding;
  GArray *sources; /* of Source */
  GArray *columns; /* of Column */
  GHashTable *taken;
  GArray *attributes; /* of Attribute */
  ExpDtype *dtype;
};

static void
clear_source (gpointer data)
{
  Source *source = data;

  exp_node_unref (source->node);
  exp_info_clear (&source->info);
}

static void
clear_column (gpointer data)
{
  Column *column = data;

  g_free (column->name);
  exp_dtype_unref (column->from);
  exp_dtype_unref (column->to);
  g_clear_pointer (&column->labels, exp_array_unref);
}

static void
clear_attribute (gpointer data)
{
  Attribute *attribute = data;

  g_free (attribute->name);
  exp_array_unref (attribute->value);
}

void
exp_table_free (ExpTable *table)
{
  if (table == NULL)
    return;
  g_hash_table_unref (table->taken);
  g_array_unref (table->columns);
  g_array_unref (table->sources);
  g_array_unref (table->attributes);
  g_clear_pointer (&table->dtype, exp_dtype_unref);
  g_free (table);
}

static void
table_free (ExpNode *node)
{
  exp_table_free ((ExpTable *)node);
}

static gboolean
table_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  ExpTable *self = (ExpTable *)node;

  info->kind = EXP_KIND_DATASET;
  info->dtype = exp_dtype_ref (self->dtype);
  info->rank = 1;
  info->shape[0] = self->n_rows;
  for (guint i = 0; i < self->columns->len && !info->is_choosy; i++)
    info->is_choosy = g_array_index (self->columns, Column, i).rule != EXP_CELL_CAST;
  return TRUE;
}

static ExpArray *
read_source (const Source *source, const ExpSlab *slab, GError **error)
{
  ExpSlab rows;
  guint axis = source->is_transposed ? source->info.rank - 1 : 0;

  exp_slab_init_all (&rows, source->info.rank, source->info.shape);
  rows.start[axis] = slab->start[0];
  rows.count[axis] = slab->count[0];
  rows.step[axis] = slab->step[0];
  return exp_node_read (source->node, &source->info, &rows, error);
}

/* pandas' missing value, in a type that may have none: the least integer as for moments. */
static gboolean
put_missing (const ExpDtype *dtype, guint8 *out, ExpArray *array)
{
  ExpVlen text = { 3, NULL };
  double number = NAN;
  float single = NAN;

  switch (dtype->type)
    {
    case EXP_TYPE_FLOAT:
      if (!dtype->big_endian && (dtype->size == 8 || dtype->size == 4))
        memcpy (out, dtype->size == 8 ? (void *)&number : (void *)&single, dtype->size);
      return TRUE;
    case EXP_TYPE_INT:
      out[dtype->big_endian ? 0 : dtype->size - 1] = 0x80;
      return TRUE;
    case EXP_TYPE_STRING:
      memcpy (out, "nan", MIN (dtype->size, 3));
      return TRUE;
    case EXP_TYPE_VSTRING:
      text.data = exp_array_allocate (array, text.length);
      if (text.data == NULL)
        return FALSE;
      memcpy (text.data, "nan", text.length);
      memcpy (out, &text, sizeof text);
      return TRUE;
    default:
      return TRUE;
    }
}

static gboolean
put_cell (const ExpTable *self, const Column *column, const guint8 *cell, guint8 *out, ExpArray *array, GError **error)
{
  gint64 code;

  switch (column->rule)
    {
    case EXP_CELL_CAST:
      return exp_cast_cell (column->from, cell, column->to, out, self->encoding, array, error);
    case EXP_CELL_DATETIME:
      exp_pypet_datetime_format (exp_cell_int (column->from, cell), (char *)out);
      return TRUE;
    case EXP_CELL_LABEL:
      code = exp_cell_int (column->from, cell);
      if (code < 0 || (guint64)code >= column->labels->n_elements)
        return put_missing (column->to, out, array);
      memcpy (out, column->labels->data + code * column->labels->dtype->size, column->labels->dtype->size);
      return TRUE;
    }
  return TRUE;
}

static gboolean
put_column (const ExpTable *self, const Column *column, const ExpArray *stored, gsize to_offset, ExpArray *array,
            GError **error)
{
  const Source *source = &g_array_index (self->sources, Source, column->source);
  gsize start = source->is_transposed ? column->offset * array->n_elements : column->offset;

  for (gsize i = 0; i < array->n_elements; i++)
    if (!put_cell (self, column, stored->data + start + i * source->row_size,
                   array->data + i * array->dtype->size + to_offset, array, error))
      return FALSE;
  return TRUE;
}

static gboolean
table_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  ExpTable *self = (ExpTable *)node;
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func ((GDestroyNotify)exp_array_unref);

  for (guint s = 0; s < self->sources->len; s++)
    {
      ExpArray *stored = read_source (&g_array_index (self->sources, Source, s), slab, error);

      if (stored == NULL)
        return FALSE;
      for (guint i = 0; i < self->columns->len; i++)
        {
          const Column *column = &g_array_index (self->columns, Column, i);

          if (column->source == s && !put_column (self, column, stored, self->dtype->members[i].offset, array, error))
            {
              exp_array_unref (stored);
              return FALSE;
            }
        }
      if (exp_dtype_has_vlen (stored->dtype)) /* its cells are copied below */
        g_ptr_array_add (kept, stored);
      else
        exp_array_unref (stored);
    }
  return !exp_dtype_has_vlen (self->dtype) || exp_array_own_cells (array, error);
}

/* The way back of put_cell. */
static gboolean
take_cell (const ExpTable *self, const Column *column, const ExpDtype *given, const guint8 *cell, guint8 *stored,
           GError **error)
{
  gsize length, own;
  gint64 moment;

  if (column->rule == EXP_CELL_CAST && column->from->type == EXP_TYPE_VSTRING && given->type == EXP_TYPE_VSTRING)
    {
      memcpy (stored, cell, sizeof (ExpVlen));
      return TRUE;
    }
  if (column->rule == EXP_CELL_CAST)
    return exp_cast_back_cell (given, cell, column->from, stored, self->encoding, error);
  const char *text = exp_cell_text (given, cell, &length);
  if (column->rule == EXP_CELL_DATETIME && exp_pypet_datetime_parse (text, length, &moment)
      && column->from->size == sizeof moment)
    {
      memcpy (stored, &moment, sizeof moment);
      return TRUE;
    }
  for (gint64 i = 0; column->rule == EXP_CELL_LABEL && (guint64)i < column->labels->n_elements; i++)
    {
      const guint8 *label = column->labels->data + i * column->labels->dtype->size;
      const char *known = exp_cell_text (column->labels->dtype, label, &own);
      gboolean is_same = known != NULL && text != NULL
                             ? own == length && memcmp (known, text, length) == 0
                             : exp_dtype_equal (given, column->labels->dtype) && memcmp (cell, label, given->size) == 0;

      if (!is_same)
        continue;
      memcpy (stored, &i, MIN (column->from->size, sizeof i));
      return TRUE;
    }
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "'%s' has no such value", column->name);
  return FALSE;
}

/* The source's rows as they are to be; NULL when a cell cannot be. */
static ExpArray *
take_rows (ExpTable *self, guint s, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  const Source *source = &g_array_index (self->sources, Source, s);
  g_autoptr (ExpArray) stored = read_source (source, slab, error);

  if (stored == NULL)
    return NULL;
  for (guint i = 0; i < self->columns->len; i++)
    {
      const Column *column = &g_array_index (self->columns, Column, i);
      const ExpMember *member = &array->dtype->members[i];
      gsize start = source->is_transposed ? column->offset * array->n_elements : column->offset;

      for (gsize k = 0; column->source == s && k < array->n_elements; k++)
        if (!take_cell (self, column, member->dtype, array->data + k * array->dtype->size + member->offset,
                        stored->data + start + k * source->row_size, error))
          return NULL;
    }
  return g_steal_pointer (&stored);
}

static gboolean
write_source (ExpTable *self, guint s, const ExpSlab *slab, const ExpArray *stored, GError **error)
{
  const Source *source = &g_array_index (self->sources, Source, s);
  guint axis = source->is_transposed ? source->info.rank - 1 : 0;
  ExpSlab rows;

  exp_slab_init_all (&rows, source->info.rank, source->info.shape);
  rows.start[axis] = slab->start[0];
  rows.count[axis] = slab->count[0];
  rows.step[axis] = slab->step[0];
  return exp_node_write (source->node, &rows, stored, error);
}

static gboolean
table_write (ExpNode *node, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  ExpTable *self = (ExpTable *)node;

  if (array->dtype->type != EXP_TYPE_COMPOUND || array->dtype->n_members != self->columns->len)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "the rows are not those of this table");
      return FALSE;
    }
  /* Nothing is written before all of it can be. */
  g_autoptr (GPtrArray) taken = g_ptr_array_new_with_free_func ((GDestroyNotify)exp_array_unref);
  for (guint s = 0; s < self->sources->len; s++)
    {
      ExpArray *stored = take_rows (self, s, slab, array, error);

      if (stored == NULL)
        return FALSE;
      g_ptr_array_add (taken, stored);
    }
  for (guint s = 0; s < self->sources->len; s++)
    if (!write_source (self, s, slab, taken->pdata[s], error))
      return FALSE;
  return TRUE;
}

static char **
table_list_attributes (ExpNode *node, GError **error)
{
  ExpTable *self = (ExpTable *)node;
  char **names = g_new0 (char *, self->attributes->len + 1);

  for (guint i = 0; i < self->attributes->len; i++)
    names[i] = g_strdup (g_array_index (self->attributes, Attribute, i).name);
  return names;
}

static ExpArray *
table_read_attribute (ExpNode *node, const char *name, GError **error)
{
  ExpTable *self = (ExpTable *)node;

  for (guint i = 0; i < self->attributes->len; i++)
    if (strcmp (g_array_index (self->attributes, Attribute, i).name, name) == 0)
      return exp_array_ref (g_array_index (self->attributes, Attribute, i).value);
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no attribute '%s'", name);
  return NULL;
}

static const ExpNodeClass table_class = {
  .free = table_free,
  .describe = table_describe,
  .read = table_read,
  .write = table_write,
  .list_attributes = table_list_attributes,
  .read_attribute = table_read_attribute,
};

ExpTable *
exp_table_new (guint64 n_rows, const char *encoding)
{
  ExpTable *table = g_new0 (ExpTable, 1);

  exp_node_init (&table->base, &table_class);
  table->n_rows = n_rows;
  table->encoding = encoding;
  table->sources = g_array_new (FALSE, FALSE, sizeof (Source));
  g_array_set_clear_func (table->sources, clear_source);
  table->columns = g_array_new (FALSE, FALSE, sizeof (Column));
  g_array_set_clear_func (table->columns, clear_column);
  table->attributes = g_array_new (FALSE, FALSE, sizeof (Attribute));
  g_array_set_clear_func (table->attributes, clear_attribute);
  table->taken = g_hash_table_new (g_str_hash, g_str_equal);
  return table;
}

int
exp_table_add_source (ExpTable *table, ExpNode *node, gboolean is_transposed, GError **error)
{
  g_auto (ExpInfo) info = { 0 };
  gsize row_size;

  if (!exp_node_describe (node, &info, error))
    return -1;

  guint axis = is_transposed ? 1 : 0;
  if (info.dtype == NULL || info.rank <= axis || (is_transposed && info.rank != 2) || info.shape[axis] < table->n_rows)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "a part of the table has too few rows");
      return -1;
    }
  row_size = info.dtype->size;
  for (guint i = 1; !is_transposed && i < info.rank; i++)
    if (!g_size_checked_mul (&row_size, row_size, info.shape[i]))
      {
        g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "the rows of the table are too long");
        return -1;
      }

  Source source = { exp_node_ref (node), info, is_transposed, row_size };
  memset (&info, 0, sizeof info);
  g_array_append_val (table->sources, source);
  return table->sources->len - 1;
}

const ExpInfo *
exp_table_source_info (ExpTable *table, guint source)
{
  return &g_array_index (table->sources, Source, source).info;
}

static ExpDtype *
rule_type (ExpDtype *from, ExpCellRule rule, ExpArray *labels, const char *encoding)
{
  switch (rule)
    {
    case EXP_CELL_DATETIME:
      return exp_dtype_new_string (EXP_DATETIME_SIZE, EXP_PAD_NUL, FALSE);
    case EXP_CELL_LABEL: /* with room for "nan" */
      return labels->dtype->type == EXP_TYPE_STRING
                 ? exp_dtype_new_string (MAX (labels->dtype->size, 3), EXP_PAD_NUL, labels->dtype->is_utf8)
                 : exp_dtype_ref (labels->dtype);
    default:
      return exp_pypet_type_new (from, NULL, encoding);
    }
}

void
exp_table_add_column (ExpTable *table, const char *name, guint source, gsize offset, ExpDtype *from, ExpDtype *to,
                      ExpCellRule rule, ExpArray *labels)
{
  Column column = { g_strdup (name), source, offset, exp_dtype_ref (from), NULL, rule, NULL };

  column.to = to != NULL ? exp_dtype_ref (to) : rule_type (from, rule, labels, table->encoding);
  column.labels = labels != NULL ? exp_array_ref (labels) : NULL;
  for (guint i = 1; g_hash_table_contains (table->taken, column.name); i++)
    {
      g_free (column.name);
      column.name = g_strdup_printf ("%s_%u", name, i);
    }
  g_hash_table_add (table->taken, column.name);
  g_array_append_val (table->columns, column);
}

void
exp_table_set_attribute (ExpTable *table, const char *name, ExpArray *value)
{
  Attribute attribute = { g_strdup (name), exp_array_ref (value) };

  g_array_append_val (table->attributes, attribute);
}

ExpNode *
exp_table_finish (ExpTable *table, GError **error)
{
  g_autofree ExpMember *members = g_new0 (ExpMember, table->columns->len);
  gsize size = 0;

  for (guint i = 0; i < table->columns->len; i++)
    {
      const Column *column = &g_array_index (table->columns, Column, i);

      members[i] = (ExpMember){ column->name, exp_dtype_ref (column->to), size };
      size += column->to->size;
    }
  table->dtype = exp_dtype_new_compound (size, table->columns->len, members, error);
  if (table->dtype != NULL)
    return &table->base;
  exp_table_free (table);
  return NULL;
}
