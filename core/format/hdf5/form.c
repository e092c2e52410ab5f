/* Makes forms, and tells which can be converted.
 * Knows where members lie once the library has put cells of variable length into a file.
 * Called by the write_*.c. */
#include "form.h"
#include <stdlib.h>
#include <string.h>

static int
by_offset (const void *a, const void *b, void *members)
{
  const gsize left = ((const ExpMember *)members)[*(const guint *)a].offset,
              right = ((const ExpMember *)members)[*(const guint *)b].offset;

  return left < right ? -1 : left > right;
}

/* Members whose cells have another size move those behind them, as the library moves them back in the file. */
static void
place_members (ExpHdf5Form *form)
{
  const ExpDtype *dtype = form->dtype;
  g_autofree guint *order = g_new (guint, dtype->n_members);
  gssize shift = 0;

  for (guint i = 0; i < dtype->n_members; i++)
    order[i] = i;
  g_qsort_with_data (order, dtype->n_members, sizeof *order, (GCompareDataFunc)by_offset, dtype->members);
  for (guint i = 0; i < dtype->n_members; i++)
    {
      const guint member = order[i];

      form->offsets[member] = dtype->members[member].offset + shift;
      shift += (gssize)form->parts[member]->size - (gssize)dtype->members[member].dtype->size;
    }
  form->size = dtype->size + shift;
}

static void
add_parts (ExpHdf5Form *form, guint n)
{
  form->n_parts = n;
  form->parts = g_new0 (ExpHdf5Form *, MAX (n, 1));
  form->offsets = g_new0 (gsize, MAX (n, 1));
}

ExpHdf5Form *
exp_hdf5_form_new (const ExpDtype *dtype)
{
  ExpHdf5Form *form = g_new0 (ExpHdf5Form, 1);

  form->dtype = dtype;
  form->size = dtype->size;
  form->is_plain = !exp_dtype_has_vlen (dtype);
  switch (dtype->type)
    {
    case EXP_TYPE_COMPOUND:
      add_parts (form, dtype->n_members);
      for (guint i = 0; i < dtype->n_members; i++)
        form->parts[i] = exp_hdf5_form_new (dtype->members[i].dtype);
      place_members (form);
      break;
    case EXP_TYPE_ARRAY:
    case EXP_TYPE_VLEN:
      add_parts (form, 1);
      form->parts[0] = exp_hdf5_form_new (dtype->base);
      form->size = dtype->type == EXP_TYPE_VLEN ? sizeof (hvl_t) : dtype->size;
      if (dtype->type == EXP_TYPE_ARRAY && dtype->base->size > 0)
        form->size = dtype->size / dtype->base->size * form->parts[0]->size;
      break;
    case EXP_TYPE_VSTRING:
      form->size = sizeof (char *);
      break;
    case EXP_TYPE_REFERENCE:
      form->size = sizeof (hobj_ref_t);
      form->has_references = TRUE;
      break;
    default:
      break;
    }
  for (guint i = 0; i < form->n_parts; i++)
    form->has_references |= form->parts[i]->has_references;
  return form;
}

void
exp_hdf5_form_free (ExpHdf5Form *form)
{
  for (guint i = 0; i < form->n_parts; i++)
    exp_hdf5_form_free (form->parts[i]);
  g_free (form->parts);
  g_free (form->offsets);
  g_free (form);
}

static gboolean
members_are_convertible (const ExpDtype *from, const ExpDtype *to)
{
  if (from->n_members != to->n_members)
    return FALSE;
  for (guint i = 0; i < from->n_members; i++)
    if (strcmp (from->members[i].name, to->members[i].name) != 0
        || !exp_hdf5_is_convertible (from->members[i].dtype, to->members[i].dtype))
      return FALSE;
  return TRUE;
}

gboolean
exp_hdf5_is_convertible (const ExpDtype *from, const ExpDtype *to)
{
  if (from->type != to->type)
    return FALSE;
  switch (from->type)
    {
    case EXP_TYPE_INT:
    case EXP_TYPE_UINT:
    case EXP_TYPE_BITFIELD:
      return from->size <= to->size;
    case EXP_TYPE_FLOAT:
    case EXP_TYPE_COMPLEX:
      return from->size <= to->size && from->is_quad <= to->is_quad;
    case EXP_TYPE_STRING:
      return from->size <= to->size && from->is_utf8 == to->is_utf8;
    case EXP_TYPE_VSTRING:
      return from->is_utf8 == to->is_utf8;
    case EXP_TYPE_COMPOUND:
      return members_are_convertible (from, to);
    case EXP_TYPE_ARRAY:
      return from->n_dims == to->n_dims && memcmp (from->dims, to->dims, from->n_dims * sizeof *from->dims) == 0
             && exp_hdf5_is_convertible (from->base, to->base);
    case EXP_TYPE_VLEN:
      return exp_hdf5_is_convertible (from->base, to->base);
    default:
      return exp_dtype_equal (from, to);
    }
}
