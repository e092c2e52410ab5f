/* Writes elements: straight to the source where the data are one stretch of bytes there, else through HDF5.
 * Knows where bytes go; how cells become the library's is form_encode.c's.
 * Called through writable.c's class. */
#include "children.h"
#include "contiguous.h"
#include "filters.h"
#include "form.h"
#include <string.h>

/* Zeros that are written at once. */
#define ZEROS (1 << 20)

/* What is written: where, and of which type the bytes are. */
typedef struct
{
  ExpHdf5Object *object;
  const ExpHdf5Description *description;
  const ExpSlab *slab;
  gsize n;
} Write;

static gboolean
check_write (const ExpHdf5Description *description, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  gsize n;

  if (description->kind != EXP_KIND_DATASET || description->is_null || slab->rank != description->rank)
    g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "not a dataset of that shape");
  else if (!exp_slab_check (slab, description->rank, description->shape, error))
    return FALSE;
  else if (!exp_slab_count (slab, &n) || n != array->n_elements)
    g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "the array has not the selection's shape");
  else if (description->layout == H5D_VIRTUAL || description->has_external_data)
    g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED,
                 "the dataset's elements lie in other files, and can only be read");
  else if (!exp_hdf5_is_convertible (array->dtype, description->type->dtype))
    {
      g_autofree char *from = exp_dtype_to_text (array->dtype), *to = exp_dtype_to_text (description->type->dtype);

      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "%s cannot be written as %s", from, to);
    }
  else
    return TRUE;
  return FALSE;
}

/* --- through the library ------------------------------------------------------------------------------------ */

static gboolean
select_slab (hid_t space, const ExpSlab *slab)
{
  hsize_t start[EXP_MAX_RANK], step[EXP_MAX_RANK], count[EXP_MAX_RANK];

  for (guint i = 0; i < slab->rank; i++)
    {
      start[i] = slab->start[i];
      step[i] = slab->step[i];
      count[i] = slab->count[i];
    }
  return slab->rank == 0 || H5Sselect_hyperslab (space, H5S_SELECT_SET, start, step, count, NULL) >= 0;
}

/* A chunk that cannot be encoded is found out when it is flushed, which is too late. */
static gboolean
find_filters (hid_t id, GError **error)
{
  g_auto (ExpHid) properties = H5Dget_create_plist (id);
  int n = properties >= 0 && H5Pget_layout (properties) == H5D_CHUNKED ? H5Pget_nfilters (properties) : 0;

  for (int i = 0; i < n; i++)
    {
      unsigned flags, config = 0;
      size_t n_values = 0;
      char name[64] = "";
      H5Z_filter_t filter = H5Pget_filter2 (properties, i, &flags, &n_values, NULL, sizeof name, name, &config);

      if (filter >= 0 && H5Zfilter_avail (filter) <= 0)
        return !exp_hdf5_set_missing_filter (id, error);
      if (filter < 0 || !(config & H5Z_FILTER_CONFIG_ENCODE_ENABLED))
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_NO_FILTER, "filter %d can only be undone here", (int)filter);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
check_filters (ExpHdf5Object *object, hid_t id, GError **error)
{
  if (exp_hdf5_changes_is_encodable (object->file, object->address))
    return TRUE;
  if (!find_filters (id, error))
    return FALSE;
  exp_hdf5_changes_set_encodable (object->file, object->address);
  return TRUE;
}

/* The dataset, ready to be written. */
static hid_t
open_dataset (ExpHdf5Object *object, const ExpHdf5Description *description, GError **error)
{
  hid_t id;

  if (description->layout != H5D_CHUNKED)
    return exp_hdf5_file_object (object->file, object->address, error);
  id = exp_hdf5_file_dataset (object->file, object->address, error);
  return id >= 0 && check_filters (object, id, error) ? id : H5I_INVALID_HID;
}

/* The library (1.10.8) loses texts and lists in compounds of array types when it converts several elements at once. */
static gboolean
needs_single_elements (const ExpDtype *dtype)
{
  if (dtype->type == EXP_TYPE_ARRAY || dtype->type == EXP_TYPE_VLEN)
    return exp_dtype_has_vlen (dtype->base);
  for (guint i = 0; dtype->type == EXP_TYPE_COMPOUND && i < dtype->n_members; i++)
    if (needs_single_elements (dtype->members[i].dtype))
      return TRUE;
  return FALSE;
}

static gboolean
write_single_elements (const Write *write, hid_t id, hid_t type, hid_t file_space, const guint8 *bytes)
{
  const hsize_t one = 1;
  const gsize size = H5Tget_size (type);
  g_auto (ExpHid) memory_space = H5Screate_simple (1, &one, NULL);

  if (memory_space < 0)
    return FALSE;
  for (gsize k = 0; k < write->n; k++)
    {
      ExpSlab element = *write->slab;
      gsize rest = k;

      for (guint i = element.rank; i-- > 0;)
        {
          element.start[i] += rest % write->slab->count[i] * write->slab->step[i];
          element.count[i] = 1;
          rest /= write->slab->count[i];
        }
      if (!select_slab (file_space, &element)
          || H5Dwrite (id, type, memory_space, file_space, H5P_DEFAULT, bytes + k * size) < 0)
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_library (const Write *write, hid_t type, const void *bytes, GError **error)
{
  hid_t id = open_dataset (write->object, write->description, error);
  hsize_t n = write->n;

  if (id < 0)
    return FALSE;
  g_auto (ExpHid) file_space = H5Dget_space (id);
  g_auto (ExpHid) memory_space = H5Screate_simple (1, &n, NULL);
  const gboolean is_single = write->n > 1 && needs_single_elements (write->description->type->dtype);
  if (file_space < 0 || memory_space < 0
      || (is_single ? !write_single_elements (write, id, type, file_space, bytes)
                    : !select_slab (file_space, write->slab)
                          || H5Dwrite (id, type, memory_space, file_space, H5P_DEFAULT, bytes) < 0))
    {
      exp_hdf5_set_error (error, "cannot write the dataset");
      return FALSE;
    }
  return TRUE;
}

static gboolean
write_cells (const Write *write, const ExpArray *array, GError **error)
{
  const ExpStoredType *stored = write->description->type;
  g_autoptr (ExpHdf5Form) form = exp_hdf5_form_new (array->dtype);
  g_autoptr (GPtrArray) blocks = g_ptr_array_new_with_free_func (g_free);
  ExpHdf5File *file = write->object->file;
  const guint8 *bytes = array->data;

  if (form->has_references && !exp_hdf5_settle (file, error))
    return FALSE;
  if (!form->is_plain
      && (bytes = exp_hdf5_form_encode (form, file, array->data, array->n_elements, blocks, error)) == NULL)
    return FALSE;

  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  if (write->description->layout == H5D_CHUNKED)
    exp_hdf5_changes_cells (file, write->object->address);
  else
    exp_hdf5_changes_object (file, write->object->address);
  if (stored->kind == EXP_STORED_PLAIN && exp_dtype_equal (array->dtype, stored->dtype))
    return write_library (write, stored->memory_id, bytes, error);
  g_auto (ExpHid) type = exp_hdf5_form_type (form, error);
  return type >= 0 && write_library (write, type, bytes, error);
}

/* --- straight ----------------------------------------------------------------------------------------------- */

static gboolean
is_straight (const ExpHdf5Description *description, const ExpDtype *dtype)
{
  return description->layout == H5D_CONTIGUOUS && description->data != G_MAXUINT64
         && description->type->kind == EXP_STORED_PLAIN && exp_dtype_equal (dtype, description->type->dtype);
}

static gboolean
write_straight (const Write *write, const ExpArray *array, GError **error)
{
  return exp_contiguous_write (write->object->file->source, write->description->data,
                               write->description->type->stored_size, write->description->shape, write->slab,
                               array->data, error);
}

static gboolean
write_zeros (ExpSource *source, guint64 at, guint64 end, GError **error)
{
  g_autofree guint8 *zeros = g_malloc0 (ZEROS);

  for (; at < end; at += MIN (ZEROS, end - at))
    if (!exp_source_pwrite (source, at, MIN (ZEROS, end - at), zeros, error))
      return FALSE;
  return TRUE;
}

static gboolean
has_fill_value (const Write *write, gboolean *has, GError **error)
{
  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  hid_t id = open_dataset (write->object, write->description, error);
  H5D_fill_value_t fill = H5D_FILL_VALUE_DEFAULT;

  if (id < 0)
    return FALSE;
  g_auto (ExpHid) properties = H5Dget_create_plist (id);
  if (properties >= 0)
    H5Pfill_value_defined (properties, &fill);
  *has = fill == H5D_FILL_VALUE_USER_DEFINED;
  return TRUE;
}

/* Zeros where the dataset lies now: the file may have had something else there before it ended at `end`. */
static gboolean
clear (const Write *write, guint64 end, GError **error)
{
  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  ExpSource *source = write->object->file->source;
  hid_t id = open_dataset (write->object, write->description, error);
  guint64 size;

  if (id < 0)
    return FALSE;
  guint64 address = exp_hdf5_data_address (write->object->file, id), length = H5Dget_storage_size (id);
  if (address == G_MAXUINT64)
    return TRUE;
  return write_zeros (source, address, MIN (end, address + length), error) && exp_source_size (source, &size, error)
         && (size >= address + length || exp_source_truncate (source, address + length, error));
}

/* Makes room for a dataset of which only a part is written. The library leaves what was there before in the rest unless
 * the dataset has a fill value. */
static gboolean
allocate (const Write *write, GError **error)
{
  ExpSlab first = { .rank = write->slab->rank };
  gboolean has_fill;
  guint64 end;

  for (guint i = 0; i < first.rank; i++)
    first.count[i] = first.step[i] = 1;
  if (!has_fill_value (write, &has_fill, error) || !exp_source_size (write->object->file->source, &end, error))
    return FALSE;
  if (has_fill)
    return TRUE;

  const Write one = { write->object, write->description, &first, 1 };
  g_autoptr (ExpArray) zero = exp_array_new_for_slab (write->description->type->dtype, &first, error);
  return zero != NULL && write_cells (&one, zero, error) && clear (write, end, error);
}

/* A dataset that was written for the first time lies somewhere now; nothing else of it has changed. */
static void
note_address (const Write *write)
{
  ExpHdf5File *file = write->object->file;
  guint64 address;

  if (write->description->layout != H5D_CONTIGUOUS)
    return;
  exp_hdf5_lock ();
  address = exp_hdf5_data_address (file, exp_hdf5_file_object (file, write->object->address, NULL));
  exp_hdf5_unlock ();
  g_autoptr (ExpHdf5Description) description = exp_hdf5_description_with_data (write->description, address);
  exp_recent_keep (file->descriptions, write->object->address, description);
}

gboolean
exp_hdf5_dataset_write (ExpNode *self, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  ExpHdf5Object *object = (ExpHdf5Object *)self;
  g_autoptr (ExpHdf5Change) change = exp_hdf5_change_begin (object->file, error);
  g_autoptr (ExpHdf5Description) description = NULL;

  if (change == NULL || !exp_hdf5_change_reach (object->file, object->address, error)
      || (description = exp_hdf5_object_get (object, error)) == NULL || !check_write (description, slab, array, error))
    return FALSE;
  if (array->n_elements == 0)
    return TRUE;

  Write write = { object, description, slab, array->n_elements };
  guint64 n = 1;
  for (guint i = 0; i < description->rank; i++)
    n *= description->shape[i];
  if (description->layout == H5D_CONTIGUOUS && description->data == G_MAXUINT64 && write.n < n)
    {
      if (!allocate (&write, error))
        return FALSE;
      exp_hdf5_description_unref (description);
      description = NULL;
      if ((description = exp_hdf5_object_get (object, error)) == NULL)
        return FALSE;
      write.description = description;
    }
  if (is_straight (description, array->dtype))
    return write_straight (&write, array, error);
  if (!write_cells (&write, array, error))
    return FALSE;
  note_address (&write);
  return TRUE;
}

gboolean
exp_hdf5_dataset_resize (ExpNode *self, guint rank, const guint64 *shape, GError **error)
{
  ExpHdf5Object *object = (ExpHdf5Object *)self;
  g_autoptr (ExpHdf5Change) change = exp_hdf5_change_begin (object->file, error);
  g_autoptr (ExpHdf5Description) description = NULL;
  hsize_t dims[EXP_MAX_RANK], most[EXP_MAX_RANK];
  guint64 size;

  if (change == NULL || !exp_hdf5_change_reach (object->file, object->address, error)
      || (description = exp_hdf5_object_get (object, error)) == NULL)
    return FALSE;
  if (description->kind != EXP_KIND_DATASET || description->is_null || rank != description->rank)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "not a dataset of that rank");
      return FALSE;
    }
  if (memcmp (shape, description->shape, rank * sizeof *shape) == 0)
    return TRUE;
  size = description->type->stored_size;
  for (guint i = 0; i < rank; i++)
    {
      dims[i] = shape[i];
      if (!g_uint64_checked_mul (&size, size, MAX (shape[i], 1)) || size > G_MAXINT64)
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "a dataset that is larger than any file");
          return FALSE;
        }
    }

  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  hid_t id = open_dataset (object, description, error);
  if (id < 0)
    return FALSE;
  g_auto (ExpHid) space = H5Dget_space (id);
  gboolean can
      = description->layout == H5D_CHUNKED && space >= 0 && H5Sget_simple_extent_dims (space, NULL, most) == (int)rank;
  for (guint i = 0; can && i < rank; i++)
    can = most[i] == H5S_UNLIMITED || dims[i] <= most[i];
  if (!can)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "the dataset cannot take that shape where it lies");
      return FALSE;
    }
  exp_hdf5_changes_chunks (object->file, object->address);
  if (H5Dset_extent (id, dims) >= 0)
    return TRUE;
  exp_hdf5_set_error (error, "cannot change the dataset's shape");
  return FALSE;
}
