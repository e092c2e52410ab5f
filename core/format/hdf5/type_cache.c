/* Equal stored types are one: a hundred thousand datasets of one type share it.
 * Knows nothing of what types mean.
 * Called by file and node code for every dataset and attribute. */
#include "datatype_message.h"
#include "stored_build.h"
#include <string.h>

#define MAX_CACHED_TYPES 2048

static GHashTable *types; /* GBytes of H5Tencode -> ExpStoredType; under the HDF5 lock */

/* Identifiers of freed types, to be closed by the next who holds the HDF5 lock. */
static GMutex dead_lock;
static GArray *dead;

static void
bury (hid_t id)
{
  g_mutex_lock (&dead_lock);
  if (dead == NULL)
    dead = g_array_new (FALSE, FALSE, sizeof (hid_t));
  g_array_append_val (dead, id);
  g_mutex_unlock (&dead_lock);
}

static void
close_dead (void)
{
  g_mutex_lock (&dead_lock);
  for (guint i = 0; dead != NULL && i < dead->len; i++)
    H5Idec_ref (g_array_index (dead, hid_t, i));
  if (dead != NULL)
    g_array_set_size (dead, 0);
  g_mutex_unlock (&dead_lock);
}

ExpStoredType *
exp_stored_type_ref (ExpStoredType *type)
{
  g_atomic_ref_count_inc (&type->references);
  return type;
}

void
exp_stored_type_unref (ExpStoredType *type)
{
  if (type == NULL || !g_atomic_ref_count_dec (&type->references))
    return;
  if (type->memory_id >= 0)
    bury (type->memory_id);
  for (guint i = 0; i < type->n_members; i++)
    exp_stored_type_unref (type->members[i].type);
  g_free (type->members);
  exp_stored_type_unref (type->base);
  exp_dtype_unref (type->dtype);
  g_free (type);
}

/* Bytes that are equal for equal types; NULL when HDF5 cannot encode it. */
static GBytes *
encode (hid_t id, guint sizeof_address, ExpStoredCells cells)
{
  guint8 small[512] = { 0 };
  gsize size = sizeof small - 2;
  guint8 *buffer = small, *large = NULL;

  if (H5Tencode (id, buffer + 2, &size) < 0)
    return NULL;
  if (size > sizeof small - 2) /* it did not fit, and `size` says what would */
    {
      buffer = large = g_try_malloc0 (size + 2);
      if (large == NULL || H5Tencode (id, buffer + 2, &size) < 0)
        {
          g_free (large);
          return NULL;
        }
    }
  while (size > 0 && buffer[size + 1] == 0) /* when it fits, HDF5 does not say how long it is */
    size--;
  buffer[0] = sizeof_address;
  buffer[1] = cells;
  GBytes *bytes = g_bytes_new (buffer, size + 2);
  g_free (large);
  return bytes;
}

static ExpStoredType *
find (GBytes *key)
{
  ExpStoredType *type = types != NULL && key != NULL ? g_hash_table_lookup (types, key) : NULL;

  return type != NULL ? exp_stored_type_ref (type) : NULL;
}

/* Builds the type of `id` and keeps it under `key`. */
static ExpStoredType *
build (hid_t id, const ExpStoredBuild *how, GBytes *key, GError **error)
{
  hid_t memory = H5I_INVALID_HID;

  close_dead ();
  H5Eclear2 (H5E_DEFAULT);
  ExpStoredType *type = exp_stored_type_build (how, id, 0, &memory, error);
  if (type == NULL)
    {
      exp_hid_release (memory);
      return NULL;
    }
  type->memory_id = memory;
  if (key == NULL)
    return type;
  if (types == NULL)
    types = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref,
                                   (GDestroyNotify)exp_stored_type_unref);
  if (g_hash_table_size (types) >= MAX_CACHED_TYPES) /* nodes that live keep theirs */
    g_hash_table_remove_all (types);
  g_hash_table_insert (types, g_bytes_ref (key), exp_stored_type_ref (type));
  return type;
}

ExpStoredType *
exp_stored_type_get (hid_t id, guint sizeof_address, ExpStoredCells cells, GError **error)
{
  const ExpStoredBuild how = { sizeof_address, cells };
  g_autoptr (GBytes) key = encode (id, sizeof_address, cells);
  ExpStoredType *type = find (key);

  return type != NULL ? type : build (id, &how, key, error);
}

ExpStoredType *
exp_stored_type_get_encoded (const guint8 *message, gsize size, guint sizeof_address, GError **error)
{
  /* What H5Tencode puts before such a message, H5Tdecode wants there. */
  const gsize prefix = 4;
  const ExpStoredBuild how = { sizeof_address, EXP_CELLS_IN_FILE };

  if (!exp_datatype_message_is_valid (message, size, sizeof_address))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "a datatype is damaged");
      return NULL;
    }

  guint8 *bytes = g_malloc (prefix + size); /* a message has less than 64 KiB */
  bytes[0] = sizeof_address;
  bytes[1] = how.cells;
  bytes[2] = 3; /* a datatype message, */
  bytes[3] = 0; /* version 0 of the encoding */
  memcpy (bytes + prefix, message, size);
  g_autoptr (GBytes) key = g_bytes_new_take (bytes, prefix + size);

  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  ExpStoredType *type = find (key);
  if (type != NULL)
    return type;
  g_auto (ExpHid) id = H5Tdecode (bytes + 2);
  if (id < 0)
    {
      exp_hdf5_set_error (error, "a datatype cannot be decoded");
      return NULL;
    }
  return build (id, &how, key, error);
}
