/* Objects as nodes: their making, their description.
 * Knows neither how groups list nor how datasets are read.
 * Made by group.c, hdf5.c and external.c for every hard link that somebody looks at. */
#include "object.h"
#include "changes.h"
#include "expfs/stats.h"
#include "object_header.h"
#include "virtual.h"
#include "writable.h"
#include <string.h>

#define N_RECENT 2048
#define AT_HAND  256 /* bytes */

ExpHdf5Description *
exp_hdf5_description_new (ExpKind kind, guint rank)
{
  ExpHdf5Description *description = g_malloc0 (sizeof *description + rank * sizeof *description->shape);

  g_atomic_ref_count_init (&description->references);
  description->kind = kind;
  description->rank = rank;
  description->data = G_MAXUINT64;
  return description;
}

ExpHdf5Description *
exp_hdf5_description_with_data (const ExpHdf5Description *description, guint64 data)
{
  ExpHdf5Description *copy = g_memdup2 (description, sizeof *copy + description->rank * sizeof *copy->shape);

  g_atomic_ref_count_init (&copy->references);
  copy->type = exp_stored_type_ref (description->type);
  copy->data = data;
  return copy;
}

ExpHdf5Description *
exp_hdf5_description_ref (ExpHdf5Description *description)
{
  g_atomic_ref_count_inc (&description->references);
  return description;
}

void
exp_hdf5_description_unref (ExpHdf5Description *description)
{
  if (description == NULL || !g_atomic_ref_count_dec (&description->references))
    return;
  exp_stored_type_unref (description->type);
  g_free (description);
}

ExpRecent *
exp_hdf5_descriptions_new (void)
{
  return exp_recent_new (N_RECENT, (ExpRecentRef)exp_hdf5_description_ref, (GDestroyNotify)exp_hdf5_description_unref);
}

/* How the data lie: H5D_layout_t, whether in files of their own, and where when they are one stretch of this file's
 * bytes. */
typedef struct
{
  H5D_layout_t layout;
  gboolean has_external_data;
  guint64 data;
} Storage;

guint64
exp_hdf5_data_address (ExpHdf5File *file, hid_t id)
{
  haddr_t address = H5Dget_offset (id);

  H5Eclear2 (H5E_DEFAULT);
  /* Behind a user block the library adds its size to "nowhere" as well. */
  return address == HADDR_UNDEF || address < file->base ? G_MAXUINT64 : address;
}

static Storage
storage_of (ExpHdf5File *file, hid_t id)
{
  Storage storage = { H5D_CONTIGUOUS, FALSE, exp_hdf5_data_address (file, id) };

  if (storage.data != G_MAXUINT64) /* contiguous, and saves copying a property list, which is slow */
    return storage;

  g_auto (ExpHid) dcpl = H5Dget_create_plist (id);
  storage.layout = dcpl >= 0 ? H5Pget_layout (dcpl) : H5D_LAYOUT_ERROR;
  storage.has_external_data = storage.layout == H5D_CONTIGUOUS && H5Pget_external_count (dcpl) > 0;
  return storage;
}

static ExpHdf5Description *
describe_dataset (ExpHdf5File *file, hid_t id, GError **error)
{
  if (file->is_growing && H5Drefresh (id) < 0)
    {
      exp_hdf5_set_error (error, "cannot refresh the dataset");
      return NULL;
    }

  Storage storage = storage_of (file, id);
  gboolean is_virtual = storage.layout == H5D_VIRTUAL;
  if (storage.layout == H5D_LAYOUT_ERROR)
    {
      exp_hdf5_set_error (error, "the dataset's layout cannot be read");
      return NULL;
    }
  if (is_virtual && exp_hdf5_virtual_is_unlimited (id) && !exp_hdf5_virtual_check (file, id, error))
    return NULL;

  hsize_t shape[H5S_MAX_RANK];
  g_auto (ExpHid) space = H5Dget_space (id);
  int rank = space >= 0 ? H5Sget_simple_extent_dims (space, shape, NULL) : -1;
  if (rank < 0 || rank > EXP_MAX_RANK)
    {
      exp_hdf5_set_error (error, "the dataset's shape cannot be read");
      return NULL;
    }
  g_auto (ExpHid) type = H5Dget_type (id);
  if (type < 0)
    {
      exp_hdf5_set_error (error, "the dataset's type cannot be read");
      return NULL;
    }

  g_autoptr (ExpHdf5Description) description = exp_hdf5_description_new (EXP_KIND_DATASET, rank);
  description->is_null = H5Sget_simple_extent_type (space) == H5S_NULL;
  for (int i = 0; i < rank; i++)
    description->shape[i] = shape[i];
  description->layout = storage.layout;
  description->has_external_data = storage.has_external_data;
  description->data = storage.data;
  description->type
      = exp_stored_type_get (type, file->sizeof_address, is_virtual ? EXP_CELLS_IN_MEMORY : EXP_CELLS_IN_FILE, error);
  return description->type != NULL ? g_steal_pointer (&description) : NULL;
}

/* What the header alone tells, without the library; NULL without an error when that is not all. A header that gives a
 * dataset too few bytes does not get as far as the library, which would read on past them. */
static ExpHdf5Description *
describe_by_header (const ExpObjectHeader *header, guint sizeof_address, GError **error)
{
  g_autoptr (ExpStoredType) type = NULL;
  guint64 size;

  if (header->kind == EXP_HEADER_DATASET)
    {
      type = exp_stored_type_get_encoded (header->datatype, header->datatype_size, sizeof_address, NULL);
      if (type == NULL)
        return NULL;
      size = type->stored_size;
      for (guint i = 0; i < header->rank; i++)
        if (!g_uint64_checked_mul (&size, size, header->shape[i]))
          return NULL;
      if (header->data != G_MAXUINT64 && !header->is_null && size > header->data_size)
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED,
                       "its shape and type need %" G_GUINT64_FORMAT " bytes, it has %" G_GUINT64_FORMAT, size,
                       header->data_size);
          return NULL;
        }
    }
  else if (header->kind != EXP_HEADER_GROUP)
    return NULL;

  ExpHdf5Description *description
      = exp_hdf5_description_new (header->kind == EXP_HEADER_GROUP ? EXP_KIND_GROUP : EXP_KIND_DATASET, header->rank);
  description->mtime = header->mtime;
  description->n_links = header->n_links;
  description->is_null = header->is_null;
  description->layout = header->is_chunked ? H5D_CHUNKED : header->is_compact ? H5D_COMPACT : H5D_CONTIGUOUS;
  description->data = header->data;
  description->data_size = header->data_size;
  description->type = g_steal_pointer (&type);
  memcpy (description->shape, header->shape, header->rank * sizeof *header->shape);
  return description;
}

static ExpHdf5Description *
describe_by_library (ExpHdf5Object *object, GError **error)
{
  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  ExpHdf5File *file = object->file;
  hid_t id = exp_hdf5_file_object (file, object->address, error);
  ExpHdf5Description *description = NULL;
  H5O_info_t info;

  if (id < 0)
    return NULL;
  switch (H5Iget_type (id))
    {
    case H5I_GROUP:
      description = exp_hdf5_description_new (EXP_KIND_GROUP, 0);
      break;
    case H5I_DATASET:
      description = describe_dataset (file, id, error);
      break;
    case H5I_DATATYPE:
      description = exp_hdf5_description_new (EXP_KIND_DATATYPE, 0);
      description->type = exp_stored_type_get (id, file->sizeof_address, EXP_CELLS_IN_FILE, error);
      if (description->type == NULL)
        g_clear_pointer (&description, exp_hdf5_description_unref);
      break;
    default:
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "an object of an unknown kind");
    }
  if (description != NULL && H5Oget_info2 (id, &info, H5O_INFO_BASIC | H5O_INFO_TIME) >= 0)
    {
      description->mtime = info.mtime;
      if (description->kind != EXP_KIND_DATATYPE) /* whose users count as well */
        description->n_links = info.rc;
    }
  H5Eclear2 (H5E_DEFAULT);
  return description;
}

/* What its header alone tells, kept for the next call; NULL as describe_by_header has it. */
static ExpHdf5Description *
describe_header (ExpHdf5Object *object, gint64 *mtime, GError **error)
{
  g_auto (ExpObjectHeader) header = { EXP_HEADER_UNSURE };

  if (object->file->is_growing || exp_hdf5_is_header_ahead (object->file, object->address))
    return NULL;
  exp_object_header_read (object->file, object->address, &header);
  *mtime = header.mtime;
  ExpHdf5Description *description = describe_by_header (&header, object->file->sizeof_address, error);
  if (description != NULL)
    exp_recent_keep (object->file->descriptions, object->address, description);
  return description;
}

ExpHdf5Description *
exp_hdf5_object_get (ExpHdf5Object *object, GError **error)
{
  ExpHdf5Description *description = g_atomic_pointer_get (&object->description);
  g_autoptr (GError) local = NULL;
  gint64 mtime = 0;

  if (description != NULL)
    return exp_hdf5_description_ref (description);
  if ((description = exp_recent_find (object->file->descriptions, object->address)) != NULL)
    return description;

  exp_stat_add (EXP_STAT_DESCRIBED, 1);
  description = describe_header (object, &mtime, &local);
  if (description != NULL)
    return description;
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  description = describe_by_library (object, error);
  if (description == NULL)
    return NULL;
  if (description->mtime == 0) /* the library passes over version 1's messages */
    description->mtime = mtime;
  if (object->file->is_growing && description->kind == EXP_KIND_DATASET) /* its shape may change */
    return description;
  if (object->file->changes != NULL)
    {
      exp_recent_keep (object->file->descriptions, object->address, description);
      return description;
    }
  if (!g_atomic_pointer_compare_and_exchange (&object->description, NULL, description))
    {
      exp_hdf5_description_unref (description);
      description = g_atomic_pointer_get (&object->description);
    }
  return exp_hdf5_description_ref (description);
}

gboolean
exp_hdf5_object_describe (ExpNode *self, ExpInfo *info, GError **error)
{
  ExpHdf5Object *object = (ExpHdf5Object *)self;
  g_autoptr (ExpHdf5Description) description = exp_hdf5_object_get (object, error);

  if (description == NULL)
    return FALSE;
  info->kind = description->kind;
  info->identity = object->address + object->file->identity;
  info->n_links = description->n_links;
  info->mtime = MAX (description->mtime, 0);
  if (description->kind == EXP_KIND_DATATYPE)
    info->dtype = exp_dtype_new_vstring (TRUE);
  if (description->kind != EXP_KIND_DATASET)
    return TRUE;
  info->dtype = exp_dtype_ref (description->type->dtype);
  info->is_null = description->is_null;
  info->is_growing = info->is_live = object->file->is_growing;
  info->is_at_hand = description->data_size > 0 && description->data_size <= AT_HAND && !info->is_growing
                     && (description->type->kind == EXP_STORED_PLAIN || description->type->kind == EXP_STORED_NUMBER);
  info->rank = description->rank;
  memcpy (info->shape, description->shape, description->rank * sizeof *info->shape);
  return TRUE;
}

void
exp_hdf5_object_free (ExpNode *self)
{
  ExpHdf5Object *object = (ExpHdf5Object *)self;

  exp_hdf5_changes_drop_node (object->file, object->address);
  exp_hdf5_description_unref (object->description);
  exp_hdf5_file_unref (object->file);
  g_free (object);
}

static const ExpNodeClass object_class = {
  .free = exp_hdf5_object_free,
  .describe = exp_hdf5_object_describe,
  .layout = exp_hdf5_dataset_layout,
  .list = exp_hdf5_group_list,
  .lookup = exp_hdf5_group_lookup,
  .read = exp_hdf5_dataset_read,
  .locate = exp_hdf5_dataset_locate,
  .measure = exp_hdf5_dataset_measure,
  .list_attributes = exp_hdf5_list_attributes,
  .read_attribute = exp_hdf5_read_attribute,
  .reopen = exp_hdf5_object_reopen,
};

ExpNode *
exp_hdf5_object_new (ExpHdf5File *file, guint64 address)
{
  ExpHdf5Object *object = g_new0 (ExpHdf5Object, 1);

  exp_node_init (&object->base, file->changes != NULL ? &exp_hdf5_writable_class : &object_class);
  object->file = exp_hdf5_file_ref (file);
  object->address = address;
  exp_hdf5_changes_add_node (file, address);
  return &object->base;
}
