/* Recognises, opens and stacks: the only place that knows all formats and filters.
 * Knows nothing of what they do.
 * Called by fs/ and tests. */
#include "expfs/store.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const ExpFormat *const formats[]
    = { &exp_format_hdf5, &exp_format_genericio, &exp_format_npz,        &exp_format_mozaik, &exp_format_hmf,
        &exp_format_npy,  &exp_format_pickle,    &exp_format_collection, &exp_format_null };

/* In the order in which they stack. */
static const ExpFilter *const filters[] = { &exp_filter_pypet, &exp_filter_larpix_raw, &exp_filter_larpix_packets,
                                            &exp_filter_trajectory, &exp_filter_only };

struct _ExpStore
{
  gatomicrefcount references;
  char *path;
  const char *format;
  ExpNode *root;
  ExpNode *stored; /* the format's own, below all filters */
  gboolean is_writable;
  GMutex turn;     /* held by who waits for `changes`, so that those who change do not keep a commit out for ever */
  GRWLock changes; /* changes under way are its readers, a commit its writer */
  GError *failure; /* why nothing can be changed any more; under `changes` */
};

const char *
exp_store_format_name (guint i, const char **description)
{
  if (i < G_N_ELEMENTS (formats))
    {
      *description = formats[i]->description;
      return formats[i]->name;
    }
  i -= G_N_ELEMENTS (formats);
  for (guint k = 0; k < G_N_ELEMENTS (filters); k++)
    if (filters[k]->over != NULL && i-- == 0)
      {
        *description = filters[k]->description;
        return filters[k]->name;
      }
  return NULL;
}

/* A format's or filter's name, as -o format= gives it; *filter is NULL for a plain format. */
static const ExpFormat *
format_by_name (const char *name, const ExpFilter **filter)
{
  *filter = NULL;
  for (guint k = 0; k < G_N_ELEMENTS (filters); k++)
    if (filters[k]->over != NULL && strcmp (filters[k]->name, name) == 0)
      {
        *filter = filters[k];
        name = filters[k]->over;
        break;
      }
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (strcmp (formats[i]->name, name) == 0)
      return formats[i];
  return NULL;
}

static const ExpFormat *
volatile_format (const char *path)
{
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      gsize length = strlen (formats[i]->name);
      if (formats[i]->is_volatile && strncmp (path, formats[i]->name, length) == 0 && strcmp (path + length, ":") == 0)
        return formats[i];
    }
  return NULL;
}

gboolean
exp_store_path_is_volatile (const char *path)
{
  return volatile_format (path) != NULL;
}

static gboolean
is_readable (const char *path, GError **error)
{
  struct stat st;

  if (stat (path, &st) == 0 && !S_ISDIR (st.st_mode) && !S_ISREG (st.st_mode))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_A_STORE, "%s: not a regular file or directory", path);
      return FALSE;
    }
  if (access (path, R_OK) == 0)
    return TRUE;

  int saved_errno = errno;
  g_set_error (error, EXP_ERROR,
               saved_errno == ENOENT || saved_errno == ENOTDIR ? EXP_ERROR_NOT_FOUND
               : saved_errno == EACCES                         ? EXP_ERROR_PERMISSION
                                                               : EXP_ERROR_IO,
               "%s: %s", path, g_strerror (saved_errno));
  return FALSE;
}

static const ExpFormat *
recognise (const char *path, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (!formats[i]->is_volatile && formats[i]->recognise (path))
      return formats[i];

  g_autoptr (GString) known = g_string_new (NULL);
  const char *description;
  for (guint i = 0; exp_store_format_name (i, &description) != NULL; i++)
    g_string_append_printf (known, "%s%s", i > 0 ? ", " : "", exp_store_format_name (i, &description));
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_A_STORE, "%s: not a store in a known format (%s)", path, known->str);
  return NULL;
}

gboolean
exp_store_is_one (const char *path)
{
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (!formats[i]->is_volatile && formats[i] != &exp_format_collection && formats[i]->recognise (path))
      return TRUE;
  return FALSE;
}

/* Stacks the filters that apply; a plain `-o format=` of what a filter stands over leaves the format's own tree. */
static gboolean
stack_filters (ExpStore *store, const ExpFormat *format, const ExpFilter *wanted, const ExpStoreOptions *options,
               GError **error)
{
  gboolean takes_versions = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (filters); i++)
    {
      const ExpFilter *filter = filters[i];
      gboolean is_format = filter->over != NULL;

      if (is_format && (strcmp (filter->over, format->name) != 0 || (options->format != NULL && filter != wanted)))
        continue;
      if (filter != wanted && !filter->applies (store->root, options))
        continue;

      ExpNode *root = filter->apply (store->root, options, error);
      if (root == NULL)
        return FALSE;
      exp_node_unref (store->root);
      store->root = root;
      if (is_format)
        store->format = filter->name;
      takes_versions |= filter->takes_versions;
    }
  if (takes_versions
      || (options->version == NULL && options->io_version == NULL && options->mask == NULL && !options->has_attempts))
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
               "version=, io_version=, mask= and attempts= mean nothing to a store of the format %s", store->format);
  return FALSE;
}

/* A store whose files have names that begin with its path. Of a format that is named there may be none yet. */
static const ExpFormat *
base_format (const char *path, const ExpStoreOptions *options)
{
  if (access (path, F_OK) == 0 || errno != ENOENT)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (formats[i]->recognise_base != NULL
        && (options->format != NULL ? strcmp (options->format, formats[i]->name) == 0
                                          && (options->is_writable || formats[i]->recognise_base (path))
                                    : formats[i]->recognise_base (path)))
      return formats[i];
  return NULL;
}

/* The format of what is at `path`, or of the name that the options give; *wanted is the filter that they name. */
static const ExpFormat *
choose_format (const char *path, const ExpStoreOptions *options, const ExpFilter **wanted, GError **error)
{
  const ExpFormat *format = volatile_format (path);

  *wanted = NULL;
  if (format == NULL)
    format = base_format (path, options);
  if (format != NULL)
    return format;
  if (!is_readable (path, error))
    return NULL;
  if (options->format == NULL)
    return recognise (path, error);
  format = format_by_name (options->format, wanted);
  if (format != NULL && !format->is_volatile)
    return format;
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "format=%s: no such format", options->format);
  return NULL;
}

/* Whoever asks for writing is told at once that the format cannot. */
static gboolean
check_writable (const ExpStore *store, const ExpStoreOptions *options, GError **error)
{
  if (!options->is_writable || store->root->klass->commit != NULL)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "%s: stores of the format %s can only be read, not written",
               store->path, store->format);
  return FALSE;
}

ExpStore *
exp_store_open (const char *path, const ExpStoreOptions *options, GError **error)
{
  const ExpFilter *wanted;

  if (options->only != NULL && options->except != NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "only= and except= exclude each other");
      return NULL;
    }
  const ExpFormat *format = choose_format (path, options, &wanted, error);
  if (format == NULL)
    return NULL;

  g_autoptr (ExpStore) store = g_new0 (ExpStore, 1);
  g_atomic_ref_count_init (&store->references);
  g_rw_lock_init (&store->changes);
  g_mutex_init (&store->turn);
  store->is_writable = options->is_writable;
  store->path = format->is_volatile ? g_strdup (path) : g_canonicalize_filename (path, NULL);
  store->format = format->name;
  store->root = format->open (store->path, options, error);
  if (store->root != NULL)
    store->stored = exp_node_ref (store->root);
  if (store->root == NULL || !stack_filters (store, format, wanted, options, error)
      || !check_writable (store, options, error))
    {
      if (error != NULL && *error != NULL && strstr ((*error)->message, store->path) == NULL)
        g_prefix_error (error, "%s: ", path);
      return NULL;
    }
  return g_steal_pointer (&store);
}

ExpStore *
exp_store_ref (ExpStore *store)
{
  g_atomic_ref_count_inc (&store->references);
  return store;
}

void
exp_store_unref (ExpStore *store)
{
  if (store == NULL || !g_atomic_ref_count_dec (&store->references))
    return;
  exp_node_unref (store->root);
  exp_node_unref (store->stored);
  g_clear_error (&store->failure);
  g_rw_lock_clear (&store->changes);
  g_mutex_clear (&store->turn);
  g_free (store->path);
  g_free (store);
}

ExpNode *
exp_store_get_root (ExpStore *store)
{
  return store->root;
}

const char *
exp_store_get_path (ExpStore *store)
{
  return store->path;
}

const char *
exp_store_get_format (ExpStore *store)
{
  return store->format;
}

/* --- changes ------------------------------------------------------------------------------------------------ */

gboolean
exp_store_is_writable (ExpStore *store)
{
  return store->is_writable;
}

guint64
exp_store_journal_size (ExpStore *store)
{
  return exp_node_journal_size (store->root);
}

/* With the lock. */
static gboolean
check_failure (ExpStore *store, GError **error)
{
  if (store->failure == NULL)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_READ_ONLY, "%s is read-only since writing it failed: %s", store->path,
               store->failure->message);
  return FALSE;
}

gboolean
exp_store_begin (ExpStore *store, GError **error)
{
  if (!store->is_writable)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_READ_ONLY, "%s is open for reading only", store->path);
      return FALSE;
    }
  g_mutex_lock (&store->turn);
  g_rw_lock_reader_lock (&store->changes);
  g_mutex_unlock (&store->turn);
  if (check_failure (store, error))
    return TRUE;
  g_rw_lock_reader_unlock (&store->changes);
  return FALSE;
}

void
exp_store_end (ExpStore *store)
{
  g_rw_lock_reader_unlock (&store->changes);
}

gboolean
exp_store_commit (ExpStore *store, gboolean checkpoint, GError **error)
{
  GError *failure = NULL;
  gboolean is_done;

  if (!store->is_writable)
    return TRUE;
  g_mutex_lock (&store->turn);
  g_rw_lock_writer_lock (&store->changes);
  g_mutex_unlock (&store->turn);
  is_done = check_failure (store, error);
  if (is_done && !exp_node_commit (store->root, checkpoint, &failure))
    {
      store->failure = g_error_copy (failure);
      g_propagate_error (error, failure);
      is_done = FALSE;
    }
  g_rw_lock_writer_unlock (&store->changes);
  return is_done;
}

void
exp_store_abandon (ExpStore *store)
{
  if (!store->is_writable)
    return;
  g_rw_lock_writer_lock (&store->changes);
  if (store->failure == NULL)
    g_set_error (&store->failure, EXP_ERROR, EXP_ERROR_INTERRUPTED, "its changes were given up");
  exp_node_abandon (store->stored);
  g_rw_lock_writer_unlock (&store->changes);
}

/* --- making and mending ------------------------------------------------------------------------------------- */

gboolean
exp_store_create (const char *path, const char *name, const ExpStoreOptions *options, GError **error)
{
  const ExpFilter *filter;
  const ExpFormat *format = format_by_name (name, &filter);

  if (format == NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "%s: no such format", name);
  else if (filter != NULL ? filter->create == NULL : format->create == NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "%s: stores of this format cannot be made", name);
  else
    return filter != NULL ? filter->create (path, options, error) : format->create (path, options, error);
  return FALSE;
}

gboolean
exp_store_recover (const char *path, ExpStoreRecovery *recovery, GError **error)
{
  *recovery = (ExpStoreRecovery){ 0 };
  for (guint i = 0; i < G_N_ELEMENTS (formats) && !recovery->is_found; i++)
    if (formats[i]->recover != NULL && !formats[i]->recover (path, recovery, error))
      return FALSE;
  return TRUE;
}
