/* Recognises LArPix raw files, checks the versions that are asked for and puts messages as text over what is stored.
 * Knows what makes a file one of them.
 * Entered through exp_filter_larpix_raw, by core/store.c. */
#include "larpix.h"
#include <string.h>
#include <unistd.h>

/* What larpix-control makes. */
#define VERSION    "0.0"
#define CHUNK_ROWS 1024
#define LEVEL      4

ExpLarpixStore *
exp_larpix_store_ref (ExpLarpixStore *store)
{
  g_atomic_ref_count_inc (&store->references);
  return store;
}

void
exp_larpix_store_unref (ExpLarpixStore *store)
{
  if (store == NULL || !g_atomic_ref_count_dec (&store->references))
    return;
  g_clear_pointer (&store->root, exp_node_unref);
  g_clear_pointer (&store->meta, exp_node_unref);
  g_clear_pointer (&store->msgs, exp_node_unref);
  g_clear_pointer (&store->headers, exp_node_unref);
  g_clear_pointer (&store->mask, g_array_unref);
  g_array_unref (store->ends);
  g_mutex_clear (&store->lock);
  g_free (store);
}

/* --- parts -------------------------------------------------------------------------------------------------- */

/* Lists of bytes. */
static gboolean
is_bytes (const ExpDtype *dtype)
{
  return dtype->type == EXP_TYPE_VLEN && dtype->base->size == 1
         && (dtype->base->type == EXP_TYPE_UINT || dtype->base->type == EXP_TYPE_INT);
}

/* The child of a raw file by this name when it is what it has to be: a group, or a row of elements. */
static ExpNode *
find_part (ExpNode *root, const char *name, ExpKind kind, ExpDtype **dtype)
{
  g_autoptr (ExpNode) node = exp_node_lookup (root, name, NULL);
  g_auto (ExpInfo) info = { 0 };

  if (node == NULL || !exp_node_describe (node, &info, NULL) || info.kind != kind
      || (kind == EXP_KIND_DATASET && (info.rank != 1 || info.is_null)))
    return NULL;
  if (dtype != NULL)
    *dtype = g_steal_pointer (&info.dtype);
  return g_steal_pointer (&node);
}

static gboolean
has_attribute (ExpNode *node, const char *name)
{
  g_autoptr (ExpArray) value = node != NULL ? exp_node_read_attribute (node, name, NULL) : NULL;

  return value != NULL;
}

static gboolean
count_child (const char *name, ExpNode *child, gpointer data)
{
  guint *n = data;

  return ++*n < 2;
}

/* Two of the three parts are enough, so that a damaged file shows what it has; or the one that its writer leaves when
 * it fails in the beginning. */
static gboolean
applies (ExpNode *root, const ExpStoreOptions *options)
{
  g_autoptr (ExpDtype) message = NULL;
  g_autoptr (ExpDtype) header = NULL;
  g_autoptr (ExpNode) meta = find_part (root, "meta", EXP_KIND_GROUP, NULL);
  g_autoptr (ExpNode) msgs = find_part (root, "msgs", EXP_KIND_DATASET, &message);
  g_autoptr (ExpNode) headers = find_part (root, "msg_headers", EXP_KIND_DATASET, &header);
  const gboolean has_meta
      = has_attribute (meta, "version") && has_attribute (meta, "created") && has_attribute (meta, "modified");
  guint n = 0;

  if (has_meta + (msgs != NULL && is_bytes (message)) + (headers != NULL && header->type == EXP_TYPE_COMPOUND) >= 2)
    return TRUE;
  return has_meta && exp_node_list (root, 0, count_child, &n, NULL) && n == 1;
}

/* --- opening ------------------------------------------------------------------------------------------------ */

static char *
read_text (ExpNode *node, const char *name)
{
  g_autoptr (ExpArray) value = node != NULL ? exp_node_read_attribute (node, name, NULL) : NULL;

  return value != NULL ? exp_array_dup_text (value) : NULL;
}

static gboolean
check_versions (ExpLarpixStore *store, const ExpStoreOptions *options, GError **error)
{
  g_autofree char *version = read_text (store->meta, "version");
  g_autofree char *io_version = read_text (store->meta, "io_version");

  if (options->version != NULL && version == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_MISSING, "the file has no version, and %s was asked for",
                   options->version);
      return FALSE;
    }
  if (store->is_writable)
    return exp_larpix_version_check_append (version, options->version, error)
           && exp_larpix_io_version_check_append (io_version, options->io_version, error);
  return exp_larpix_version_check (version, options->version, error)
         && exp_larpix_io_version_check (io_version, options->io_version, error);
}

static gboolean
load_mask (ExpLarpixStore *store, const ExpStoreOptions *options, GError **error)
{
  gboolean is_growing;
  guint64 n;

  if (options->mask == NULL)
    return TRUE;
  if (store->msgs == NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_MISSING, "the file has no messages for a mask");
  else if (store->is_writable)
    g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "mask= is for reading only");
  else if (exp_larpix_n_stored (store, store->msgs, &n, &is_growing, error))
    store->mask = exp_larpix_mask_load (options->mask, n, error);
  return store->mask != NULL;
}

ExpLarpixStore *
exp_larpix_store_new (ExpNode *root, const ExpStoreOptions *options, GError **error)
{
  g_autoptr (ExpLarpixStore) store = g_new0 (ExpLarpixStore, 1);
  g_autoptr (ExpDtype) message = NULL;

  g_atomic_ref_count_init (&store->references);
  g_mutex_init (&store->lock);
  store->ends = g_array_new (FALSE, FALSE, sizeof (guint64));
  store->root = exp_node_ref (root);
  store->meta = find_part (root, "meta", EXP_KIND_GROUP, NULL);
  store->msgs = find_part (root, "msgs", EXP_KIND_DATASET, &message);
  store->headers = find_part (root, "msg_headers", EXP_KIND_DATASET, NULL);
  store->has_hex = store->msgs != NULL && is_bytes (message);
  store->is_writable = options->is_writable;
  store->agreement = !options->has_attempts   ? EXP_LARPIX_COMMON
                     : options->attempts != 0 ? EXP_LARPIX_SAME
                                              : EXP_LARPIX_OWN;
  store->attempts = options->attempts;
  if (!store->is_writable)
    exp_larpix_follow (store);
  if (!check_versions (store, options, error) || !load_mask (store, options, error))
    return NULL;
  return g_steal_pointer (&store);
}

static ExpNode *
apply (ExpNode *root, const ExpStoreOptions *options, GError **error)
{
  g_autoptr (ExpLarpixStore) store = exp_larpix_store_new (root, options, error);

  if (store == NULL)
    return NULL;
  if (store->meta != NULL || store->msgs != NULL || store->headers != NULL)
    return exp_larpix_root_new (store);
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_A_STORE, "not a LArPix raw file: it has neither meta nor messages");
  return NULL;
}

/* --- making ------------------------------------------------------------------------------------------------- */

static gboolean
make_meta (ExpNode *root, const char *io_version, GError **error)
{
  g_autoptr (ExpNode) meta = exp_node_create_group (root, "meta", error);
  g_autoptr (ExpArray) version = exp_array_new_text (VERSION);
  g_autoptr (ExpArray) now = exp_array_new_float (g_get_real_time () / 1e6);
  g_autoptr (ExpArray) io = io_version != NULL ? exp_array_new_text (io_version) : NULL;

  return meta != NULL && exp_node_write_attribute (meta, "version", version, error)
         && exp_node_write_attribute (meta, "created", now, error)
         && exp_node_write_attribute (meta, "modified", now, error)
         && (io == NULL || exp_node_write_attribute (meta, "io_version", io, error));
}

static gboolean
make_rows (ExpNode *root, const char *name, ExpDtype *dtype, GError **error)
{
  const ExpPacking packing = { .complib = "zlib", .complevel = LEVEL };
  const ExpNewDataset dataset = {
    .dtype = dtype, .rank = 1, .is_extensible = TRUE, .chunk = { CHUNK_ROWS }, .packing = &packing, .as_h5py = TRUE
  };
  g_autoptr (ExpNode) node = exp_node_create_dataset (root, name, &dataset, error);

  return node != NULL;
}

static gboolean
make_parts (ExpNode *root, const char *io_version, GError **error)
{
  const ExpMember member = { "io_groups", exp_dtype_new_number (EXP_TYPE_UINT, 1, FALSE), 0 };
  g_autoptr (ExpDtype) message = exp_dtype_new_vlen (exp_dtype_new_number (EXP_TYPE_UINT, 1, FALSE));
  g_autoptr (ExpDtype) header = exp_dtype_new_compound (1, 1, &member, error);

  return header != NULL && make_meta (root, io_version, error) && make_rows (root, "msgs", message, error)
         && make_rows (root, "msg_headers", header, error) && exp_node_commit (root, TRUE, error);
}

static gboolean
begin_store (const char *path, const ExpStoreOptions *options, GError **error)
{
  const ExpStoreOptions plain = { .is_writable = TRUE, .is_own = TRUE, .is_newest = TRUE, .lock = options->lock };
  g_autoptr (ExpNode) root = exp_format_hdf5.open (path, &plain, error);

  return root != NULL && make_parts (root, options->io_version, error);
}

static gboolean
create (const char *path, const ExpStoreOptions *options, GError **error)
{
  const ExpStoreOptions newest = { .is_newest = TRUE };
  const char *point = options->io_version != NULL ? strchr (options->io_version, '.') : NULL;

  if (options->version != NULL && strcmp (options->version, VERSION) != 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "version=%s: raw files are made in version " VERSION,
                   options->version);
      return FALSE;
    }
  if (options->io_version != NULL && (point == NULL || strchr (point + 1, '.') != NULL))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "io_version=%s: not MAJOR.MINOR", options->io_version);
      return FALSE;
    }
  if (!exp_store_create (path, "hdf5", &newest, error))
    return FALSE;
  if (begin_store (path, options, error))
    return TRUE;
  unlink (path);
  return FALSE;
}

const ExpFilter exp_filter_larpix_raw = {
  .name = "larpix-raw",
  .over = "hdf5",
  .description = "LArPix raw data in HDF5, messages as lines of hexadecimal digits",
  .applies = applies,
  .apply = apply,
  .create = create,
  .takes_versions = TRUE,
};
