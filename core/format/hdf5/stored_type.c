/* Builds the tree that says how stored bytes become cells.
 * Knows HDF5's datatypes; knows neither datasets nor the heap. Numbers are told apart in stored_atom.c.
 * Called by file.c's users through the cache in type_cache.c. */
#include "stored_type.h"
#include "stored_build.h"
#include <string.h>

#define MAX_DEPTH 64

/* A new node; takes over `dtype`. */
ExpStoredType *
exp_stored_type_new (ExpStoredKind kind, ExpDtype *dtype, gsize stored_size)
{
  ExpStoredType *type = g_new0 (ExpStoredType, 1);

  g_atomic_ref_count_init (&type->references);
  type->kind = kind;
  type->dtype = dtype;
  type->stored_size = stored_size;
  type->memory_id = H5I_INVALID_HID;
  return type;
}

/* Asked for opaque bytes, HDF5 hands out the lengths and heap addresses of variable-length cells as they are: nothing
 * is to be done, since both have the same size. */
static herr_t
leave_as_stored (hid_t from, hid_t to, H5T_cdata_t *data, size_t n, size_t stride, size_t background_stride,
                 void *buffer, void *background, hid_t dxpl)
{
  if (data->command == H5T_CONV_INIT)
    data->need_bkg = H5T_BKG_NO;
  return 0;
}

static void
register_conversion (void)
{
  static gboolean is_registered; /* under the HDF5 lock */
  g_auto (ExpHid) from = H5I_INVALID_HID, to = H5I_INVALID_HID;

  if (is_registered)
    return;
  from = H5Tvlen_create (H5T_NATIVE_UCHAR);
  to = H5Tcreate (H5T_OPAQUE, 16);
  is_registered = H5Tregister (H5T_PERS_SOFT, "vlen as stored", from, to, leave_as_stored) >= 0;
}

static ExpStoredType *
build_vlen (const ExpStoredBuild *build, hid_t id, guint depth, hid_t *memory, GError **error)
{
  gboolean is_string = H5Tget_class (id) == H5T_STRING;
  gsize in_file = 4 + build->sizeof_address + 4;
  g_autoptr (ExpStoredType) base = NULL;
  g_auto (ExpHid) base_memory = H5I_INVALID_HID;

  if (!is_string)
    {
      g_auto (ExpHid) super = H5Tget_super (id);
      if (super < 0)
        {
          exp_hdf5_set_error (error, "cannot read a variable-length type");
          return NULL;
        }
      base = exp_stored_type_build (build, super, depth + 1, &base_memory, error);
      if (base == NULL)
        return NULL;
    }

  gboolean is_utf8 = is_string && H5Tget_cset (id) == H5T_CSET_UTF8;
  ExpDtype *dtype = is_string ? exp_dtype_new_vstring (is_utf8) : exp_dtype_new_vlen (exp_dtype_ref (base->dtype));
  ExpStoredType *type = exp_stored_type_new (is_string ? EXP_STORED_VSTRING : EXP_STORED_VLEN, dtype, in_file);
  type->base = g_steal_pointer (&base);
  type->cells = build->cells;

  if (build->cells == EXP_CELLS_IN_FILE)
    {
      register_conversion ();
      *memory = H5Tcreate (H5T_OPAQUE, in_file);
    }
  else
    {
      type->stored_size = is_string ? sizeof (char *) : sizeof (hvl_t);
      *memory = is_string ? H5Tcopy (id) : H5Tvlen_create (base_memory);
    }
  return type;
}

static ExpStoredType *
build_array (const ExpStoredBuild *build, hid_t id, guint depth, hid_t *memory, GError **error)
{
  g_auto (ExpHid) super = H5Tget_super (id);
  g_auto (ExpHid) base_memory = H5I_INVALID_HID;
  hsize_t dims[H5S_MAX_RANK];
  guint64 sizes[EXP_MAX_RANK], n = 1;
  gsize stored_size;
  int rank = H5Tget_array_ndims (id);

  if (super < 0 || rank < 1 || rank > EXP_MAX_RANK || H5Tget_array_dims2 (id, dims) < 0)
    {
      exp_hdf5_set_error (error, "cannot read an array type");
      return NULL;
    }
  g_autoptr (ExpStoredType) base = exp_stored_type_build (build, super, depth + 1, &base_memory, error);
  if (base == NULL)
    return NULL;

  gboolean fits = TRUE;
  guint n_dims = rank;
  for (int i = 0; i < rank; i++)
    {
      sizes[i] = dims[i];
      fits = fits && g_uint64_checked_mul (&n, n, dims[i]);
    }
  if (!fits || !g_size_checked_mul (&stored_size, n, base->stored_size))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "an array type is larger than memory can address");
      return NULL;
    }

  /* An array of arrays is one array of more dimensions, as NumPy has it. */
  ExpDtype *element = base->dtype;
  if (element->type == EXP_TYPE_ARRAY && rank + element->n_dims <= EXP_MAX_RANK)
    {
      memcpy (sizes + rank, element->dims, element->n_dims * sizeof *sizes);
      n_dims += element->n_dims;
      element = element->base;
    }
  ExpDtype *dtype = exp_dtype_new_array (exp_dtype_ref (element), n_dims, sizes, error);
  if (dtype == NULL)
    return NULL;

  ExpStoredKind kind = base->kind == EXP_STORED_PLAIN ? EXP_STORED_PLAIN : EXP_STORED_ARRAY;
  ExpStoredType *type = exp_stored_type_new (kind, dtype, stored_size);
  type->n = n;
  type->base = g_steal_pointer (&base);
  *memory = H5Tarray_create2 (base_memory, rank, dims);
  return type;
}

ExpStoredType *
exp_stored_type_build (const ExpStoredBuild *build, hid_t id, guint depth, hid_t *memory, GError **error)
{
  H5T_class_t type_class = H5Tget_class (id);
  ExpStoredType *type;

  if (depth > MAX_DEPTH)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "a type nested more than %d deep", MAX_DEPTH);
      return NULL;
    }
  if (type_class == H5T_COMPOUND)
    type = exp_stored_compound_build (build, id, depth, memory, error);
  else if (type_class == H5T_ARRAY)
    type = build_array (build, id, depth, memory, error);
  else if (type_class == H5T_VLEN || (type_class == H5T_STRING && H5Tis_variable_str (id) > 0))
    type = build_vlen (build, id, depth, memory, error);
  else
    type = exp_stored_atom_build (id, memory, error);
  if (type != NULL && *memory < 0)
    {
      exp_hdf5_set_error (error, "cannot make a type to read with");
      exp_stored_type_unref (type);
      return NULL;
    }
  return type;
}
