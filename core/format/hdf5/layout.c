/* How a dataset lies in the file, for those who want to see it.
 * Knows no data.
 * Called through object.c's class. */
#include "filters.h"
#include "object.h"

static const char *
layout_name (hid_t dcpl)
{
  switch (H5Pget_layout (dcpl))
    {
    case H5D_COMPACT:
      return "compact";
    case H5D_CONTIGUOUS:
      return H5Pget_external_count (dcpl) > 0 ? "external" : "contiguous";
    case H5D_CHUNKED:
      return "chunked";
    case H5D_VIRTUAL:
      return "virtual";
    default:
      return NULL;
    }
}

gboolean
exp_hdf5_dataset_layout (ExpNode *self, ExpLayout *layout, GError **error)
{
  ExpHdf5Object *object = (ExpHdf5Object *)self;
  g_autoptr (ExpHdf5Description) description = exp_hdf5_object_get (object, error);

  if (description == NULL)
    return FALSE;
  if (description->kind != EXP_KIND_DATASET)
    return TRUE;

  /* What is no chunk has no filters. */
  if (description->data != G_MAXUINT64 && description->data_size > 0)
    {
      layout->layout = description->layout == H5D_COMPACT ? "compact" : "contiguous";
      layout->storage = description->data_size;
      return TRUE;
    }

  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  hid_t id = exp_hdf5_file_object (object->file, object->address, error);
  if (id < 0)
    return FALSE;
  g_auto (ExpHid) dcpl = H5Dget_create_plist (id);
  if (dcpl < 0)
    {
      exp_hdf5_set_error (error, "the dataset's layout cannot be read");
      return FALSE;
    }

  layout->layout = layout_name (dcpl);
  layout->storage = H5Dget_storage_size (id);
  layout->filters = exp_hdf5_filters_text (dcpl);
  if (H5Pget_layout (dcpl) == H5D_CHUNKED)
    {
      hsize_t chunk[H5S_MAX_RANK];
      int rank = H5Pget_chunk (dcpl, H5S_MAX_RANK, chunk);

      layout->chunk_rank = MAX (rank, 0);
      for (int i = 0; i < rank; i++)
        layout->chunk[i] = chunk[i];
    }
  H5Eclear2 (H5E_DEFAULT);
  return TRUE;
}
