/* Numbers in cells of any type.
 * Knows types; nothing of datasets and drawing.
 * Called by the kinds of pictures. */
#include "numbers.h"
#include "expfs/array.h"
#include "node/grid.h"
#include <math.h>

typedef struct
{
  GArray *found;
  guint most;
  guint64 n_all;
} Search;

gboolean
exp_number_is_drawn (const ExpDtype *dtype)
{
  switch (dtype->type)
    {
    case EXP_TYPE_BOOL:
    case EXP_TYPE_FLOAT:
    case EXP_TYPE_COMPLEX:
      return TRUE;
    case EXP_TYPE_INT:
    case EXP_TYPE_UINT:
    case EXP_TYPE_ENUM:
      return dtype->size <= 8;
    default:
      return FALSE;
    }
}

gboolean
exp_numbers_are_in (const ExpDtype *cell)
{
  if (cell->type == EXP_TYPE_ARRAY)
    return exp_dtype_array_length (cell) > 0 && exp_numbers_are_in (cell->base);
  for (guint i = 0; cell->type == EXP_TYPE_COMPOUND && i < cell->n_members; i++)
    if (exp_numbers_are_in (cell->members[i].dtype))
      return TRUE;
  return exp_number_is_drawn (cell);
}

static void
add (Search *search, const ExpDtype *dtype, gsize offset, const char *name, ExpNumberPart part)
{
  static const char *const parts[] = { "", "real", "imaginary", "" };
  const char *dot = *name != '\0' && *parts[part] != '\0' ? "." : "";

  if (search->n_all++ >= search->most)
    return;

  ExpNumber number = { dtype, offset, part, g_strconcat (name, dot, parts[part], NULL) };
  g_array_append_val (search->found, number);
}

static void search (Search *search, const ExpDtype *cell, gsize offset, const char *name);

static void
search_array (Search *self, const ExpDtype *cell, gsize offset, const char *name)
{
  guint64 n = exp_dtype_array_length (cell), before = self->n_all;

  if (!exp_numbers_are_in (cell))
    return;
  for (guint64 i = 0; i < n; i++)
    {
      g_autofree char *element = g_strdup_printf ("%s[%" G_GUINT64_FORMAT "]", name, i);
      guint64 already = self->n_all;

      search (self, cell->base, offset + i * cell->base->size, element);
      /* The others are only counted. */
      if (self->found->len >= self->most)
        {
          self->n_all = before + n * (self->n_all - already);
          return;
        }
    }
}

static void
search (Search *self, const ExpDtype *cell, gsize offset, const char *name)
{
  if (cell->type == EXP_TYPE_COMPOUND)
    for (guint i = 0; i < cell->n_members; i++)
      {
        const ExpMember *member = &cell->members[i];
        g_autofree char *path = *name != '\0' ? g_strconcat (name, ".", member->name, NULL) : g_strdup (member->name);
        search (self, member->dtype, offset + member->offset, path);
      }
  else if (cell->type == EXP_TYPE_ARRAY)
    search_array (self, cell, offset, name);
  else if (cell->type == EXP_TYPE_COMPLEX)
    {
      add (self, cell, offset, name, EXP_PART_REAL);
      add (self, cell, offset, name, EXP_PART_IMAGINARY);
    }
  else if (exp_number_is_drawn (cell))
    add (self, cell, offset, name, EXP_PART_WHOLE);
}

static void
clear_number (gpointer data)
{
  g_free (((ExpNumber *)data)->name);
}

GArray *
exp_numbers_new (const ExpDtype *cell, guint most, guint64 *n_all)
{
  Search self = { g_array_new (FALSE, FALSE, sizeof (ExpNumber)), most, 0 };

  g_array_set_clear_func (self.found, clear_number);
  search (&self, cell, 0, "");
  *n_all = self.n_all;
  return self.found;
}

static double
get_complex (const ExpNumber *number, const guint8 *cell)
{
  const ExpDtype *dtype = number->dtype;
  const ExpDtype half
      = { .type = EXP_TYPE_FLOAT, .size = dtype->size / 2, .big_endian = dtype->big_endian, .is_quad = dtype->is_quad };

  if (number->part == EXP_PART_REAL)
    return exp_cell_double (&half, cell);
  if (number->part == EXP_PART_IMAGINARY)
    return exp_cell_double (&half, cell + half.size);
  return hypot (exp_cell_double (&half, cell), exp_cell_double (&half, cell + half.size));
}

double
exp_number_get (const ExpNumber *number, const guint8 *cell)
{
  const ExpDtype *dtype = number->dtype;

  cell += number->offset;
  if (dtype->type == EXP_TYPE_COMPLEX)
    return get_complex (number, cell);
  if (dtype->type == EXP_TYPE_UINT || (dtype->type == EXP_TYPE_ENUM && dtype->base->type == EXP_TYPE_UINT))
    return (double)(guint64)exp_cell_int (dtype, cell);
  return exp_cell_double (dtype, cell);
}
