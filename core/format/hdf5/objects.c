/* Objects held open between calls, so that a dataset's chunk cache survives from one read to the next.
 * Knows neither types nor what objects hold.
 * Called by everything that asks HDF5 about an object. */
#include "changes.h"
#include "codec_filters.h"
#include "expfs/stats.h"
#include "file.h"
#include "object_check.h"

#define MAX_OPEN      64
#define MAX_CHECKED   4096
#define MAX_UNSETTLED (16 * MAX_CHECKED) /* those that only the library can read yet are not forgotten so soon */
#define DEFAULT_CACHE (1 << 20)          /* of one dataset, in HDF5 */

typedef struct
{
  guint64 address;
  hid_t id;
  gboolean is_prepared; /* its chunk cache suits its chunks */
  guint64 cache;        /* bytes that it may take */
  gsize chunk_size;     /* bytes of a decoded chunk; 0: not known, or not chunked */
  GList link;           /* in file->recent, the latest first */
} Object;

static void
object_free (gpointer data)
{
  Object *object = data;

  H5Idec_ref (object->id);
  g_free (object);
  exp_stat_add (EXP_STAT_OPEN_DATASETS, -1);
}

static void
forget (ExpHdf5File *file, Object *object)
{
  g_queue_unlink (&file->recent, &object->link);
  file->held -= object->cache;
  g_hash_table_remove (file->open, &object->address);
}

void
exp_hdf5_file_close_objects (ExpHdf5File *file)
{
  while (file->recent.tail != NULL)
    forget (file, file->recent.tail->data);
  g_clear_pointer (&file->open, g_hash_table_unref);
  g_clear_pointer (&file->checked, g_hash_table_unref);
}

static void
make_room (ExpHdf5File *file, guint64 cache)
{
  while (file->recent.length > 1
         && (file->recent.length >= MAX_OPEN || file->held + cache > file->cache / EXP_LIBRARY_SHARE))
    forget (file, file->recent.tail->data);
}

/* Some of the objects that passed are remembered, since a large group takes a while; one that another program makes
 * grow is checked again. */
gboolean
exp_hdf5_file_check (ExpHdf5File *file, guint64 address, GError **error)
{
  if (!file->is_growing && exp_hdf5_file_is_trusted (file, address))
    return TRUE;
  if (!exp_hdf5_object_check (file, address, error))
    return FALSE;
  exp_hdf5_file_trust (file, address);
  return TRUE;
}

gboolean
exp_hdf5_file_is_trusted (ExpHdf5File *file, guint64 address)
{
  return (file->checked != NULL && g_hash_table_contains (file->checked, &address))
         || (file->open != NULL && g_hash_table_contains (file->open, &address));
}

void
exp_hdf5_file_trust (ExpHdf5File *file, guint64 address)
{
  if (file->checked == NULL)
    file->checked = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  if (g_hash_table_size (file->checked) >= (exp_hdf5_is_unsettled (file) ? MAX_UNSETTLED : MAX_CHECKED))
    g_hash_table_remove_all (file->checked);
  g_hash_table_add (file->checked, g_memdup2 (&address, sizeof address));
}

void
exp_hdf5_file_close_object (ExpHdf5File *file, guint64 address)
{
  Object *object = file->open != NULL ? g_hash_table_lookup (file->open, &address) : NULL;

  if (object != NULL)
    forget (file, object);
}

/* Takes over `id`. */
static Object *
hold (ExpHdf5File *file, guint64 address, hid_t id)
{
  Object *object = g_new0 (Object, 1);

  make_room (file, DEFAULT_CACHE);
  if (file->open == NULL)
    file->open = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, object_free);
  object->address = address;
  object->id = id;
  object->link.data = object;
  g_hash_table_insert (file->open, &object->address, object);
  g_queue_push_head_link (&file->recent, &object->link);
  exp_stat_add (EXP_STAT_OPEN_DATASETS, 1);
  return object;
}

void
exp_hdf5_file_hold (ExpHdf5File *file, guint64 address, hid_t id)
{
  exp_hdf5_file_trust (file, address);
  exp_hdf5_file_close_object (file, address);
  hold (file, address, id);
}

static Object *
get (ExpHdf5File *file, guint64 address, GError **error)
{
  Object *object = file->open != NULL ? g_hash_table_lookup (file->open, &address) : NULL;
  if (object != NULL)
    {
      g_queue_unlink (&file->recent, &object->link);
      g_queue_push_head_link (&file->recent, &object->link);
      return object;
    }

  if (!exp_hdf5_file_check (file, address, error))
    return NULL;
  hid_t id = H5Oopen_by_addr (file->id, address);
  if (id < 0)
    {
      exp_hdf5_set_error (error, "cannot open the object");
      return NULL;
    }
  return hold (file, address, id);
}

hid_t
exp_hdf5_file_object (ExpHdf5File *file, guint64 address, GError **error)
{
  Object *object = get (file, address, error);

  return object != NULL ? object->id : H5I_INVALID_HID;
}

/* Bytes of one row of chunks along the first axis: what a reader who goes through the rows wants kept. */
static guint64
wanted_cache (hid_t id, gsize *chunk_size)
{
  g_auto (ExpHid) dcpl = H5Dget_create_plist (id);
  g_auto (ExpHid) space = H5Dget_space (id);
  g_auto (ExpHid) type = H5Dget_type (id);
  hsize_t chunk[H5S_MAX_RANK], shape[H5S_MAX_RANK];
  guint64 bytes = type >= 0 ? H5Tget_size (type) : 0;
  gsize one = bytes;
  int rank;

  *chunk_size = 0;
  if (dcpl < 0 || space < 0 || H5Pget_layout (dcpl) != H5D_CHUNKED
      || (rank = H5Pget_chunk (dcpl, H5S_MAX_RANK, chunk)) < 1
      || H5Sget_simple_extent_dims (space, shape, NULL) != rank)
    return 0;
  for (int i = 0; i < rank; i++)
    {
      guint64 across = i > 0 ? (shape[i] + chunk[i] - 1) / MAX (chunk[i], 1) * chunk[i] : chunk[i];

      if (!g_uint64_checked_mul (&bytes, bytes, MAX (across, 1)))
        return G_MAXUINT64;
    }
  for (int i = 0; i < rank; i++)
    if (!g_size_checked_mul (&one, one, chunk[i]))
      return bytes;
  *chunk_size = one;
  return bytes;
}

/* H5Oopen_by_addr takes no access properties; dereferencing an address does. */
static hid_t
open_with_cache (ExpHdf5File *file, guint64 address, guint64 bytes)
{
  g_auto (ExpHid) dapl = H5Pcreate (H5P_DATASET_ACCESS);
  guint8 reference[sizeof (hobj_ref_t)] = { 0 };

  for (guint i = 0; i < file->sizeof_address && i < sizeof reference; i++)
    reference[i] = address >> 8 * i;
  if (dapl < 0 || H5Pset_chunk_cache (dapl, 12421, bytes, 1.0) < 0)
    return H5I_INVALID_HID;
  return H5Rdereference2 (file->id, dapl, H5R_OBJECT, reference);
}

hid_t
exp_hdf5_file_dataset (ExpHdf5File *file, guint64 address, GError **error)
{
  Object *object = get (file, address, error);

  if (object == NULL)
    return H5I_INVALID_HID;
  exp_codec_expect (object->chunk_size);
  if (object->is_prepared)
    return object->id;

  object->is_prepared = TRUE;
  guint64 wanted = wanted_cache (object->id, &object->chunk_size),
          most = MIN (file->cache / EXP_LIBRARY_SHARE, 64 << 20);
  if (wanted > DEFAULT_CACHE && most > DEFAULT_CACHE)
    {
      guint64 bytes = MIN (wanted, most);

      /* HDF5 shares what is open already, cache and all; so it is closed first. */
      make_room (file, bytes);
      H5Idec_ref (object->id);
      object->id = open_with_cache (file, address, bytes);
      if (object->id < 0)
        object->id = H5Oopen_by_addr (file->id, address);
      else
        {
          object->cache = bytes;
          file->held += bytes;
        }
    }
  H5Eclear2 (H5E_DEFAULT);
  if (object->id < 0)
    {
      forget (file, object);
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "cannot open the dataset again");
      return H5I_INVALID_HID;
    }
  exp_codec_expect (object->chunk_size);
  return object->id;
}
