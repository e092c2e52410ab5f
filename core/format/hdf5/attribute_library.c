/* Attributes through HDF5: their names, and values decoded as a dataset's are.
 * Knows no datasets.
 * Called by attribute.c. */
#include "attribute_library.h"
#include "decode.h"
#include <string.h>

static herr_t
append_name (hid_t object, const char *name, const H5A_info_t *info, void *names)
{
  g_ptr_array_add (names, g_strdup (name));
  return 0;
}

char **
exp_hdf5_library_list_attributes (ExpHdf5File *file, guint64 address, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  hid_t id = exp_hdf5_file_object (file, address, error);

  if (id < 0)
    return NULL;
  if (H5Aiterate2 (id, H5_INDEX_NAME, H5_ITER_INC, NULL, append_name, names) < 0)
    {
      exp_hdf5_set_error (error, "cannot list the attributes");
      return NULL;
    }
  g_ptr_array_add (names, NULL);
  g_ptr_array_set_free_func (names, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

/* The attribute's type and shape as an empty array, and the stored bytes if decoding is still to be done. */
static ExpArray *
read_stored (ExpHdf5File *file, hid_t id, ExpStoredType **type, guint8 **stored, GError **error)
{
  hsize_t dims[H5S_MAX_RANK];
  guint64 shape[EXP_MAX_RANK];
  gsize size;

  g_auto (ExpHid) space = H5Aget_space (id);
  int rank = space >= 0 ? H5Sget_simple_extent_dims (space, dims, NULL) : -1;
  if (rank < 0 || rank > EXP_MAX_RANK)
    {
      exp_hdf5_set_error (error, "the attribute's shape cannot be read");
      return NULL;
    }
  g_auto (ExpHid) type_id = H5Aget_type (id);
  if (type_id < 0)
    {
      exp_hdf5_set_error (error, "the attribute's type cannot be read");
      return NULL;
    }
  *type = exp_stored_type_get (type_id, file->sizeof_address, EXP_CELLS_IN_FILE, error);
  if (*type == NULL)
    return NULL;

  for (int i = 0; i < rank; i++)
    shape[i] = dims[i];
  g_autoptr (ExpArray) array = exp_array_new ((*type)->dtype, rank, shape, error);
  if (array == NULL)
    return NULL;
  if (H5Sget_simple_extent_type (space) == H5S_NULL)
    array->n_elements = 0;
  if (array->n_elements == 0)
    return g_steal_pointer (&array);

  if ((*type)->kind != EXP_STORED_PLAIN)
    {
      *stored = g_size_checked_mul (&size, array->n_elements, (*type)->stored_size) ? g_try_malloc0 (size) : NULL;
      if (*stored == NULL)
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for the attribute");
          return NULL;
        }
    }
  if (H5Aread (id, (*type)->memory_id, *stored != NULL ? *stored : array->data) < 0)
    {
      exp_hdf5_set_error (error, "cannot read the attribute");
      return NULL;
    }
  return g_steal_pointer (&array);
}

static ExpArray *
open_and_read (ExpHdf5File *file, guint64 address, const char *name, ExpStoredType **type, guint8 **stored,
               GError **error)
{
  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  hid_t id = exp_hdf5_file_object (file, address, error);

  if (id < 0)
    return NULL;
  htri_t exists = H5Aexists (id, name);
  if (exists == 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no attribute '%s'", name);
      return NULL;
    }
  g_auto (ExpHid) attribute = exists > 0 ? H5Aopen (id, name, H5P_DEFAULT) : H5I_INVALID_HID;
  if (attribute < 0)
    {
      exp_hdf5_set_error (error, "cannot open the attribute");
      return NULL;
    }
  return read_stored (file, attribute, type, stored, error);
}

ExpArray *
exp_hdf5_library_read_attribute (ExpHdf5File *file, guint64 address, const char *name, GError **error)
{
  g_autoptr (ExpStoredType) type = NULL;
  g_autofree guint8 *stored = NULL;
  g_autoptr (ExpArray) array = open_and_read (file, address, name, &type, &stored, error);

  if (array == NULL || stored == NULL)
    return g_steal_pointer (&array);
  if (!exp_hdf5_decode (file, type, stored, array->n_elements, array, error))
    return NULL;
  return g_steal_pointer (&array);
}
