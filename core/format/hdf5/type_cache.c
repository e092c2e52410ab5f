/* Equal stored types are one: a hundred thousand datasets of one type share it.
 * Knows nothing of what types mean.
 * Called by file and node code for every dataset and attribute. */
#include "datatype_message.h"
#include "stored_build.h"
#include <string.h>

#define MAX_CACHED_TYPES 2048

/* What types are found by: bytes that are equal for equal ones. */
typedef struct
{
  guint8 sizeof_address;
  guint8 cells;        /* ExpStoredCells */
  gboolean is_message; /* a datatype message; else what H5Tencode makes */
  gsize size;
  const guint8 *bytes; /* behind the key where the table has it */
} Key;

static GMutex types_lock;
static GHashTable *types; /* Key -> ExpStoredType; under types_lock */

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

static guint
hash_key (gconstpointer data)
{
  const Key *key = data;
  guint64 hash = key->size, word;
  gsize at = 0;

  for (; at + sizeof word <= key->size; at += sizeof word)
    {
      memcpy (&word, key->bytes + at, sizeof word);
      hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
      hash ^= hash >> 29;
    }
  for (; at < key->size; at++)
    hash = (hash ^ key->bytes[at]) * 0x9e3779b97f4a7c15u;
  return hash ^ hash >> 32;
}

static gboolean
equal_keys (gconstpointer a, gconstpointer b)
{
  const Key *x = a, *y = b;

  return x->size == y->size && x->sizeof_address == y->sizeof_address && x->cells == y->cells
         && x->is_message == y->is_message && memcmp (x->bytes, y->bytes, x->size) == 0;
}

static Key *
copy_key (const Key *key)
{
  Key *copy = g_malloc (sizeof *copy + key->size);

  *copy = *key;
  copy->bytes = memcpy (copy + 1, key->bytes, key->size);
  return copy;
}

static ExpStoredType *
find (const Key *key)
{
  g_mutex_lock (&types_lock);
  ExpStoredType *type = types != NULL ? g_hash_table_lookup (types, key) : NULL;
  if (type != NULL)
    exp_stored_type_ref (type);
  g_mutex_unlock (&types_lock);
  return type;
}

static void
keep (const Key *key, ExpStoredType *type)
{
  g_mutex_lock (&types_lock);
  if (types == NULL)
    types = g_hash_table_new_full (hash_key, equal_keys, g_free, (GDestroyNotify)exp_stored_type_unref);
  if (g_hash_table_size (types) >= MAX_CACHED_TYPES) /* nodes that live keep theirs */
    g_hash_table_remove_all (types);
  g_hash_table_insert (types, copy_key (key), exp_stored_type_ref (type));
  g_mutex_unlock (&types_lock);
}

/* Builds the type of `id` and keeps it under `key`, which may be NULL. Under the HDF5 lock. */
static ExpStoredType *
build (hid_t id, const ExpStoredBuild *how, const Key *key, GError **error)
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
  if (key != NULL)
    keep (key, type);
  return type;
}

ExpStoredType *
exp_stored_type_get (hid_t id, guint sizeof_address, ExpStoredCells cells, GError **error)
{
  const ExpStoredBuild how = { sizeof_address, cells };
  guint8 small[512] = { 0 };
  gsize size = sizeof small;
  g_autofree guint8 *large = NULL;
  Key key = { .sizeof_address = sizeof_address, .cells = cells, .bytes = small };

  if (H5Tencode (id, small, &size) < 0)
    return build (id, &how, NULL, error);
  if (size > sizeof small) /* it did not fit, and `size` says what would */
    {
      large = g_try_malloc0 (size);
      if (large == NULL || H5Tencode (id, large, &size) < 0)
        return build (id, &how, NULL, error);
      key.bytes = large;
    }
  while (size > 0 && key.bytes[size - 1] == 0) /* when it fits, HDF5 does not say how long it is */
    size--;
  key.size = size;

  ExpStoredType *type = find (&key);
  return type != NULL ? type : build (id, &how, &key, error);
}

ExpStoredType *
exp_stored_type_get_encoded (const guint8 *message, gsize size, guint sizeof_address, GError **error)
{
  /* What H5Tencode puts before such a message, H5Tdecode wants there: that it is a datatype message, and version 0 of
   * the encoding. */
  static const guint8 prefix[] = { 3, 0 };
  const ExpStoredBuild how = { sizeof_address, EXP_CELLS_IN_FILE };
  const Key key = { sizeof_address, EXP_CELLS_IN_FILE, TRUE, size, message };
  ExpStoredType *type = find (&key);

  if (type != NULL)
    return type;
  if (!exp_datatype_message_is_valid (message, size, sizeof_address))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "a datatype is damaged");
      return NULL;
    }

  g_autofree guint8 *bytes = g_malloc (sizeof prefix + size); /* a message has less than 64 KiB */
  memcpy (bytes, prefix, sizeof prefix);
  memcpy (bytes + sizeof prefix, message, size);

  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  g_auto (ExpHid) id = H5Tdecode (bytes);
  if (id < 0)
    {
      exp_hdf5_set_error (error, "a datatype cannot be decoded");
      return NULL;
    }
  return build (id, &how, &key, error);
}
