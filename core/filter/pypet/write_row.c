/* Rows of tables: cells by the names of their columns, whichever of them a table has.
 * Knows no table in particular.
 * Called by the files of this folder that keep the overview in step. */
#include "type.h"
#include "write_table.h"
#include <math.h>
#include <string.h>

ExpArray *
exp_pytables_row_new (ExpNode *table, GError **error)
{
  g_auto (ExpInfo) info = { 0 };
  guint64 one = 1;

  if (!exp_node_describe (table, &info, error))
    return NULL;
  if (info.dtype != NULL && info.dtype->type == EXP_TYPE_COMPOUND && info.rank == 1)
    return exp_array_new (info.dtype, 1, &one, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "an overview table is no table");
  return NULL;
}

ExpArray *
exp_pytables_rows (ExpNode *table, guint64 row, guint64 n, GError **error)
{
  ExpSlab slab = { .rank = 1, .start = { row }, .count = { n }, .step = { 1 } };
  g_auto (ExpInfo) info = { 0 };

  return exp_node_describe (table, &info, error) ? exp_node_read (table, &info, &slab, error) : NULL;
}

static const ExpMember *
find_column (const ExpArray *row, const char *column)
{
  for (guint i = 0; i < row->dtype->n_members; i++)
    if (strcmp (row->dtype->members[i].name, column) == 0)
      return &row->dtype->members[i];
  return NULL;
}

/* How much of a text fits, whole characters of it. */
static gsize
cut_length (const char *text, gsize room)
{
  gsize length = room;

  while (length > 0 && ((guint8)text[length] & 0xc0) == 0x80)
    length--;
  return length;
}

void
exp_pytables_row_text (ExpArray *row, const char *column, const char *text)
{
  const ExpMember *member = find_column (row, column);
  gsize length = strlen (text);

  if (member == NULL || member->dtype->type != EXP_TYPE_STRING)
    return;

  guint8 *cell = row->data + member->offset;
  gsize size = member->dtype->size;
  memset (cell, 0, size);
  if (length <= size)
    {
      memcpy (cell, text, length);
      return;
    }
  gsize kept = size > 3 ? cut_length (text, size - 3) : 0;
  memcpy (cell, text, kept);
  memcpy (cell + kept, "...", MIN (size - kept, 3));
}

void
exp_pytables_row_number (ExpArray *row, const char *column, double value)
{
  const ExpMember *member = find_column (row, column);
  gint64 whole = (gint64)value;
  float single = (float)value;

  if (member == NULL || member->dtype->size > 8 || member->dtype->big_endian)
    return;
  if (member->dtype->type == EXP_TYPE_FLOAT && member->dtype->size >= 4)
    memcpy (row->data + member->offset, member->dtype->size == 8 ? (void *)&value : (void *)&single,
            member->dtype->size);
  else if (member->dtype->type == EXP_TYPE_INT || member->dtype->type == EXP_TYPE_BITFIELD)
    memcpy (row->data + member->offset, &whole, member->dtype->size);
}

void
exp_pytables_row_copy (ExpArray *row, const ExpArray *rows, guint64 index)
{
  const ExpDtype *dtype = rows->dtype;

  for (guint i = 0; i < dtype->n_members; i++)
    {
      const ExpMember *member = &dtype->members[i];
      const guint8 *cell = rows->data + index * dtype->size + member->offset;
      gsize length;

      if (member->dtype->type == EXP_TYPE_STRING)
        {
          const char *bytes = exp_cell_text (member->dtype, cell, &length);
          g_autofree char *text = g_strndup (bytes, length);
          exp_pytables_row_text (row, member->name, text);
        }
      else if (member->dtype->type == EXP_TYPE_INT || member->dtype->type == EXP_TYPE_FLOAT
               || member->dtype->type == EXP_TYPE_BITFIELD)
        exp_pytables_row_number (row, member->name, exp_cell_double (member->dtype, cell));
    }
}

gboolean
exp_pytables_resize (ExpPypetChange *change, ExpNode *table, guint64 n_rows, GError **error)
{
  return exp_pypet_change_n_rows (change, table, n_rows, error)
         && exp_pytables_set_int (change, table, "NROWS", (gint64)n_rows, 8, error);
}

gboolean
exp_pytables_append (ExpPypetChange *change, ExpNode *table, const ExpArray *rows, GError **error)
{
  guint64 n = exp_pypet_n_rows (table);

  return exp_pytables_resize (change, table, n + rows->n_elements, error)
         && exp_pypet_change_rows (change, table, n, rows, error);
}

gboolean
exp_pytables_delete_row (ExpPypetChange *change, ExpNode *table, guint64 row, GError **error)
{
  guint64 n = exp_pypet_n_rows (table);

  if (row + 1 < n)
    {
      g_autoptr (ExpArray) rest = exp_pytables_rows (table, row + 1, n - row - 1, error);

      if (rest == NULL || !exp_pypet_change_rows (change, table, row, rest, error))
        return FALSE;
    }
  return exp_pytables_resize (change, table, n - 1, error);
}
