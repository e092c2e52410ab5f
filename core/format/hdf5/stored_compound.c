/* Compound types: where the members lie in the file and in a cell; complex numbers and what h5py makes of them.
 * Knows nothing of other types.
 * Called by stored_type.c. */
#include "stored_build.h"
#include <stdlib.h>
#include <string.h>

typedef struct
{
  char *name;
  ExpStoredType *type;
  gsize offset;         /* as HDF5 says, for cells in memory */
  gsize size_in_memory; /* of that view */
  gsize stored_offset;
  hid_t memory;
} Member;

static void
member_clear (gpointer data)
{
  Member *member = data;

  g_free (member->name);
  exp_stored_type_unref (member->type);
  exp_hid_release (member->memory);
}

static gboolean
read_members (const ExpStoredBuild *build, hid_t id, guint depth, GArray *members, GError **error)
{
  int n = H5Tget_nmembers (id);

  for (int i = 0; i < n; i++)
    {
      char *name = H5Tget_member_name (id, i);
      g_auto (ExpHid) part = H5Tget_member_type (id, i);
      Member member = { .offset = H5Tget_member_offset (id, i), .memory = H5I_INVALID_HID };

      if (name == NULL || part < 0)
        {
          if (name != NULL)
            H5free_memory (name);
          exp_hdf5_set_error (error, "cannot read a compound type");
          return FALSE;
        }
      member.name = g_strdup (name);
      H5free_memory (name);
      member.size_in_memory = H5Tget_size (part);
      member.type = exp_stored_type_build (build, part, depth + 1, &member.memory, error);
      g_array_append_val (members, member);
      if (member.type == NULL)
        return FALSE;
    }
  return TRUE;
}

static int
by_offset (const void *a, const void *b)
{
  const Member *left = *(Member *const *)a, *right = *(Member *const *)b;

  return left->offset < right->offset ? -1 : left->offset > right->offset;
}

/* HDF5 gives the offsets of the type in memory, where variable-length members have another size than in the file; each
 * such member has shifted those behind it. Returns the compound's stored size, 0 when the offsets contradict. */
static gsize
place_stored (GArray *members, gsize size_in_memory)
{
  g_autofree Member **sorted = g_new (Member *, members->len);
  gssize shift = 0;

  for (guint i = 0; i < members->len; i++)
    sorted[i] = &g_array_index (members, Member, i);
  qsort (sorted, members->len, sizeof *sorted, by_offset);
  for (guint i = 0; i < members->len; i++)
    {
      if ((gssize)sorted[i]->offset + shift < 0)
        return 0;
      sorted[i]->stored_offset = sorted[i]->offset + shift;
      shift += (gssize)sorted[i]->type->stored_size - (gssize)sorted[i]->size_in_memory;
    }
  if ((gssize)size_in_memory + shift <= 0)
    return 0;

  gsize size = size_in_memory + shift;
  for (guint i = 0; i < members->len; i++)
    if (sorted[i]->type->stored_size > size || sorted[i]->stored_offset > size - sorted[i]->type->stored_size)
      return 0;
  return size;
}

/* A complex number as h5py stores it: {r, i} of one float type without padding. */
static ExpDtype *
complex_dtype (GArray *members, gsize size)
{
  if (members->len != 2)
    return NULL;

  const Member *re = &g_array_index (members, Member, 0), *im = &g_array_index (members, Member, 1);
  ExpDtype *part = re->type->dtype;
  if (strcmp (re->name, "r") != 0 || strcmp (im->name, "i") != 0 || part->type != EXP_TYPE_FLOAT
      || re->type->kind != EXP_STORED_PLAIN || im->type->kind != EXP_STORED_PLAIN
      || !exp_dtype_equal (part, im->type->dtype) || re->stored_offset != 0 || im->stored_offset != part->size
      || size != 2 * part->size)
    return NULL;
  return part->is_quad ? exp_dtype_new_quad (TRUE, part->big_endian)
                       : exp_dtype_new_number (EXP_TYPE_COMPLEX, size, part->big_endian);
}

/* Cells keep the file's offsets when every member keeps its size, so that the type equals what h5py makes of it. */
static ExpStoredType *
make_type (GArray *members, gsize stored_size, GError **error)
{
  gboolean keeps_sizes = TRUE, is_plain = TRUE;
  gsize size = 0;

  for (guint i = 0; i < members->len; i++)
    {
      const ExpStoredType *part = g_array_index (members, Member, i).type;

      keeps_sizes = keeps_sizes && part->dtype->size == part->stored_size;
      is_plain = is_plain && part->kind == EXP_STORED_PLAIN;
    }

  g_autofree ExpMember *cells = g_new0 (ExpMember, members->len);
  for (guint i = 0; i < members->len; i++)
    {
      const Member *member = &g_array_index (members, Member, i);

      cells[i].name = member->name;
      cells[i].offset = keeps_sizes ? member->stored_offset : size;
      if (!g_size_checked_add (&size, size, member->type->dtype->size))
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "a compound type is larger than memory can address");
          return NULL;
        }
    }
  for (guint i = 0; i < members->len; i++)
    cells[i].dtype = exp_dtype_ref (g_array_index (members, Member, i).type->dtype);

  ExpDtype *dtype = exp_dtype_new_compound (keeps_sizes ? stored_size : size, members->len, cells, error);
  if (dtype == NULL)
    return NULL;

  ExpStoredType *type = exp_stored_type_new (is_plain ? EXP_STORED_PLAIN : EXP_STORED_COMPOUND, dtype, stored_size);
  type->n_members = members->len;
  type->members = g_new0 (ExpStoredMember, members->len);
  for (guint i = 0; i < members->len; i++)
    {
      Member *member = &g_array_index (members, Member, i);

      type->members[i].type = g_steal_pointer (&member->type);
      type->members[i].stored_offset = member->stored_offset;
      type->members[i].offset = dtype->members[i].offset;
    }
  return type;
}

static hid_t
make_memory (GArray *members, gsize stored_size)
{
  hid_t id = H5Tcreate (H5T_COMPOUND, stored_size);

  for (guint i = 0; id >= 0 && i < members->len; i++)
    {
      const Member *member = &g_array_index (members, Member, i);

      if (H5Tinsert (id, member->name, member->stored_offset, member->memory) < 0)
        {
          H5Tclose (id);
          return H5I_INVALID_HID;
        }
    }
  return id;
}

ExpStoredType *
exp_stored_compound_build (const ExpStoredBuild *build, hid_t id, guint depth, hid_t *memory, GError **error)
{
  g_autoptr (GArray) members = g_array_new (FALSE, TRUE, sizeof (Member));

  g_array_set_clear_func (members, member_clear);
  if (!read_members (build, id, depth, members, error))
    return NULL;

  gsize stored_size = place_stored (members, H5Tget_size (id));
  if (stored_size == 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the members of a compound type lie outside it");
      return NULL;
    }
  *memory = make_memory (members, stored_size);

  ExpDtype *number = complex_dtype (members, stored_size);
  if (number != NULL)
    return exp_stored_type_new (EXP_STORED_PLAIN, number, stored_size);
  return make_type (members, stored_size, error);
}
