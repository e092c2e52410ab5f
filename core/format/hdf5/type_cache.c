/* Equal stored types are one: a hundred thousand datasets of one type share it.
 * Knows nothing of what types mean.
 * Called by file and node code for every dataset and attribute. */
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

ExpStoredType *
exp_stored_type_get (hid_t id, guint sizeof_address, ExpStoredCells cells, GError **error)
{
  const ExpStoredBuild build = { sizeof_address, cells };
  g_autoptr (GBytes) key = encode (id, sizeof_address, cells);
  hid_t memory = H5I_INVALID_HID;

  if (types == NULL)
    types = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref,
                                   (GDestroyNotify)exp_stored_type_unref);
  ExpStoredType *type = key != NULL ? g_hash_table_lookup (types, key) : NULL;
  if (type != NULL)
    return exp_stored_type_ref (type);

  close_dead ();
  H5Eclear2 (H5E_DEFAULT);
  type = exp_stored_type_build (&build, id, 0, &memory, error);
  if (type == NULL)
    {
      exp_hid_release (memory);
      return NULL;
    }
  type->memory_id = memory;
  if (key != NULL)
    {
      if (g_hash_table_size (types) >= MAX_CACHED_TYPES) /* nodes that live keep theirs */
        g_hash_table_remove_all (types);
      g_hash_table_insert (types, g_steal_pointer (&key), exp_stored_type_ref (type));
    }
  return type;
}
