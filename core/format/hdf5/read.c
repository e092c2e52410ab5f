/* Reads datasets: straight from the source where the data are one stretch of bytes, else through HDF5.
 * Knows where bytes come from; what they mean is decode.c's.
 * Called through object.c's class. */
#include "changes.h"
#include "chunk_read.h"
#include "chunk_run.h"
#include "contiguous.h"
#include "decode.h"
#include "external_data.h"
#include "filters.h"
#include "object.h"
#include "virtual.h"
#include <string.h>

/* Selects the slab; TRUE for a scalar, which is all there is. */
static gboolean
select_slab (hid_t space, const ExpSlab *slab)
{
  hsize_t start[EXP_MAX_RANK], step[EXP_MAX_RANK], count[EXP_MAX_RANK];

  if (slab->rank == 0)
    return TRUE;
  if (H5Sget_simple_extent_ndims (space) != (int)slab->rank)
    return FALSE;
  for (guint i = 0; i < slab->rank; i++)
    {
      start[i] = slab->start[i];
      step[i] = slab->step[i];
      count[i] = slab->count[i];
    }
  return H5Sselect_hyperslab (space, H5S_SELECT_SET, start, step, count, NULL) >= 0;
}

/* Stored bytes of the slab through HDF5. `dxpl` may be H5P_DEFAULT. */
static gboolean
read_library (ExpHdf5Object *object, const ExpStoredType *type, const ExpSlab *slab, gsize n, hid_t dxpl, void *stored,
              GError **error)
{
  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  hid_t id = exp_hdf5_file_dataset (object->file, object->address, error);

  if (id < 0)
    return FALSE;
  if (object->file->is_growing)
    H5Drefresh (id);

  hsize_t length = n;
  g_auto (ExpHid) file_space = H5Dget_space (id);
  g_auto (ExpHid) memory_space = H5Screate_simple (1, &length, NULL);
  if (file_space < 0 || memory_space < 0 || !select_slab (file_space, slab))
    {
      exp_hdf5_set_error (error, "cannot select in the dataset");
      return FALSE;
    }
  if (H5Dread (id, type->memory_id, memory_space, file_space, dxpl, stored) >= 0)
    return TRUE;

  g_autoptr (GError) local = NULL; /* before the next call clears HDF5's error stack */
  exp_hdf5_set_error (&local, "cannot read the dataset");
  if (!exp_hdf5_set_missing_filter (id, error))
    g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* HDF5 allocates the cells of virtual datasets with these; all of it goes after decoding, whatever failed between. */
static void *
cell_allocate (size_t size, void *blocks)
{
  void *block = g_try_malloc (MAX (size, 1));

  if (block != NULL)
    g_ptr_array_add (blocks, block);
  return block;
}

static void
cell_free (void *block, void *blocks)
{
}

static gboolean
read_virtual (ExpHdf5Object *object, const ExpStoredType *type, const ExpSlab *slab, guint8 *stored, ExpArray *array,
              GError **error)
{
  g_autoptr (GPtrArray) blocks = g_ptr_array_new_with_free_func (g_free);

  exp_hdf5_lock ();
  hid_t dxpl = H5Pcreate (H5P_DATASET_XFER);
  gboolean is_ready = dxpl >= 0 && H5Pset_vlen_mem_manager (dxpl, cell_allocate, blocks, cell_free, blocks) >= 0;
  if (!is_ready)
    exp_hdf5_set_error (error, "cannot prepare to read the dataset");
  exp_hdf5_unlock ();

  is_ready = is_ready && read_library (object, type, slab, array->n_elements, dxpl, stored, error)
             && exp_hdf5_decode (object->file, type, stored, array->n_elements, array, error);
  exp_hdf5_lock ();
  exp_hid_release (dxpl);
  exp_hdf5_unlock ();
  return is_ready;
}

/* Before HDF5 follows the sources of a virtual dataset for the first time. */
static gboolean
check_virtual (ExpHdf5Object *object, ExpHdf5Description *description, GError **error)
{
  if (description->layout != H5D_VIRTUAL || g_atomic_int_get (&description->is_checked))
    return TRUE;

  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  hid_t id = exp_hdf5_file_object (object->file, object->address, error);
  if (id < 0 || !exp_hdf5_virtual_check (object->file, id, error))
    return FALSE;
  g_atomic_int_set (&description->is_checked, TRUE);
  return TRUE;
}

static gboolean
read_stored (ExpHdf5Object *object, const ExpHdf5Description *description, const ExpSlab *slab, gsize n, guint8 *stored,
             GError **error)
{
  const ExpStoredType *type = description->type;

  if (description->data != G_MAXUINT64)
    return exp_contiguous_read (object->file->source, description->data, type->stored_size, description->shape, slab,
                                stored, error);
  if (description->has_external_data)
    {
      g_autoptr (ExpSource) source = exp_hdf5_external_data_open (object->file, object->address, error);

      return source != NULL
             && exp_contiguous_read (source, 0, type->stored_size, description->shape, slab, stored, error);
    }

  gboolean is_known = FALSE;
  if (exp_hdf5_is_ahead (object->file, object->address))
    return read_library (object, type, slab, n, H5P_DEFAULT, stored, error);
  if (!exp_chunks_read (object, description, slab, n, stored, &is_known, error))
    return FALSE;
  return is_known || read_library (object, type, slab, n, H5P_DEFAULT, stored, error);
}

static gboolean
read_datatype (const ExpHdf5Description *description, ExpArray *array, GError **error)
{
  g_autofree char *text = exp_dtype_to_text (description->type->dtype);
  ExpVlen cell = { strlen (text), exp_array_allocate (array, strlen (text)) };

  if (cell.data == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for the text of a datatype");
      return FALSE;
    }
  memcpy (cell.data, text, cell.length);
  memcpy (array->data, &cell, sizeof cell);
  return TRUE;
}

gboolean
exp_hdf5_dataset_read (ExpNode *self, const ExpSlab *slab, ExpArray *array, GError **error)
{
  ExpHdf5Object *object = (ExpHdf5Object *)self;
  g_autoptr (ExpHdf5Description) description = exp_hdf5_object_get (object, error);
  gsize size;

  if (description == NULL)
    return FALSE;
  if (description->kind == EXP_KIND_DATATYPE)
    return read_datatype (description, array, error);
  if (description->kind != EXP_KIND_DATASET || slab->rank != description->rank
      || !exp_dtype_equal (description->type->dtype, array->dtype))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "not a dataset of that shape and type");
      return FALSE;
    }

  if (!check_virtual (object, description, error))
    return FALSE;

  const ExpStoredType *type = description->type;
  if (type->kind == EXP_STORED_PLAIN)
    return read_stored (object, description, slab, array->n_elements, array->data, error);

  g_autofree guint8 *stored
      = g_size_checked_mul (&size, array->n_elements, type->stored_size) ? g_try_malloc0 (size) : NULL;
  if (stored == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for what the selection stores");
      return FALSE;
    }
  if (description->layout == H5D_VIRTUAL)
    return read_virtual (object, type, slab, stored, array, error);
  return read_stored (object, description, slab, array->n_elements, stored, error)
         && exp_hdf5_decode (object->file, type, stored, array->n_elements, array, error);
}

/* Lists tell their length beside where they are; of texts only the heap knows where they end. */
gboolean
exp_hdf5_dataset_measure (ExpNode *self, const ExpSlab *slab, guint64 *n)
{
  ExpHdf5Object *object = (ExpHdf5Object *)self;
  g_autoptr (ExpHdf5Description) description = exp_hdf5_object_get (object, NULL);
  guint64 count = 1;
  gsize size;

  if (description == NULL || description->kind != EXP_KIND_DATASET || slab->rank != description->rank
      || description->layout == H5D_VIRTUAL || description->type->kind != EXP_STORED_VLEN
      || description->type->cells != EXP_CELLS_IN_FILE)
    return FALSE;
  for (guint i = 0; i < slab->rank; i++)
    if (!g_uint64_checked_mul (&count, count, slab->count[i]))
      return FALSE;

  const ExpStoredType *type = description->type;
  g_autofree guint8 *stored
      = g_size_checked_mul (&size, count, type->stored_size) ? g_try_malloc0 (MAX (size, 1)) : NULL;
  if (stored == NULL || (count > 0 && !read_stored (object, description, slab, count, stored, NULL)))
    return FALSE;
  *n = 0;
  for (gsize i = 0; i < count; i++)
    {
      const guint8 *cell = stored + i * type->stored_size;

      if (exp_hdf5_decode_uint (cell + 4, object->file->sizeof_address) != 0) /* else it has no elements */
        *n += exp_hdf5_decode_uint (cell, 4);
    }
  return TRUE;
}

/* One stretch of the store's file: the kernel can take it from there itself. */
static gboolean
locate_contiguous (const ExpHdf5Object *object, const ExpHdf5Description *description, guint64 first, gsize n,
                   ExpRun *run)
{
  ExpSource *source = object->file->source;
  guint64 start, end, size, length;

  run->fd = exp_source_fd (source);
  if (run->fd < 0 || !g_uint64_checked_mul (&start, first, description->type->stored_size)
      || !g_uint64_checked_add (&start, start, description->data)
      || !g_uint64_checked_mul (&length, n, description->type->stored_size)
      || !g_uint64_checked_add (&end, start, length) || !exp_source_size (source, &size, NULL) || end > size)
    return FALSE;
  run->position = start;
  run->length = length;
  return TRUE;
}

gboolean
exp_hdf5_dataset_locate (ExpNode *self, guint64 first, gsize n, ExpRun *run)
{
  ExpHdf5Object *object = (ExpHdf5Object *)self;
  g_autoptr (ExpHdf5Description) description = exp_hdf5_object_get (object, NULL);

  if (description == NULL || description->kind != EXP_KIND_DATASET || description->type->kind != EXP_STORED_PLAIN)
    return FALSE;
  if (description->data != G_MAXUINT64)
    return locate_contiguous (object, description, first, n, run);
  return !description->has_external_data && exp_chunk_run_locate (object, description, first, n, run);
}
