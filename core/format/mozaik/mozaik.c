/* The format "mozaik": a directory that Mozaik wrote.
 * Knows how such directories are told from others, made and held while they are written.
 * Called by core/store.c. */
#include "save_block.h"
#include "source/system_error.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
has_file (const char *path, const char *name)
{
  g_autofree char *file = g_build_filename (path, name, NULL);

  return g_file_test (file, G_FILE_TEST_IS_REGULAR);
}

static gboolean
mozaik_recognise (const char *path)
{
  return has_file (path, EXP_MOZAIK_RECORDINGS) || has_file (path, EXP_MOZAIK_HDF5);
}

/* --- names -------------------------------------------------------------------------------------------------- */

ExpMozaikNames *
exp_mozaik_names_new (void)
{
  ExpMozaikNames *names = g_new0 (ExpMozaikNames, 1);

  names->by_text = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  names->aliases = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return names;
}

void
exp_mozaik_names_free (ExpMozaikNames *names)
{
  if (names == NULL)
    return;
  for (guint i = 0; i < EXP_MOZAIK_N_PARTS; i++)
    g_clear_pointer (&names->names[i], g_ptr_array_unref);
  g_hash_table_unref (names->by_text);
  g_hash_table_unref (names->aliases);
  g_free (names);
}

/* --- a store that is written -------------------------------------------------------------------------------- */

static void
writing_free (gpointer data)
{
  ExpMozaikWriting *self = data;

  exp_mozaik_store_unref (self->store);
  exp_mozaik_names_free (self->names);
  g_hash_table_unref (self->own);
  exp_hmf_folder_unref (self->folder);
  g_free (self);
}

static ExpNode *
draft_open (gpointer data, GError **error)
{
  ExpMozaikWriting *self = data;
  ExpMozaikStore *store = exp_mozaik_store_open (self->folder->path, &self->options, error);

  if (store == NULL)
    return NULL;
  exp_mozaik_store_set_names (store, self->names);
  for (guint i = 0; i < EXP_MOZAIK_N_PARTS; i++)
    if (exp_mozaik_store_part (store, i, error) == NULL)
      {
        exp_mozaik_store_unref (store);
        return NULL;
      }
  exp_mozaik_store_set_names (store, NULL);
  exp_mozaik_store_unref (self->store);
  self->store = store;
  return exp_mozaik_root_new (store);
}

static gboolean
draft_save (ExpNode *root, gpointer data, GError **error)
{
  return exp_mozaik_save (root, data, error);
}

static gboolean
draft_check (const ExpDraftChange *change, gpointer data, GError **error)
{
  return exp_mozaik_check (change, data, error);
}

static gboolean
draft_check_write (ExpNode *node, gpointer data, GError **error)
{
  return exp_mozaik_check_write (node, data, error);
}

static const ExpDraftClass draft_class
    = { .save = draft_save, .open = draft_open, .check = draft_check, .check_write = draft_check_write };

/* The first spike train that can be had, or NULL. */
static const ExpMozaikTrain *
find_train (ExpMozaikStore *store, const ExpMozaikPart *part, ExpMozaikSegment **segment)
{
  for (guint i = 0; i < part->entries->len && i < 8; i++)
    {
      *segment = exp_mozaik_store_segment (store, part->entries->pdata[i], NULL);
      if (*segment != NULL && (*segment)->trains->len > 0)
        return exp_mozaik_segment_train (*segment, 0);
      g_clear_pointer (segment, exp_mozaik_segment_unref);
    }
  return NULL;
}

/* A result of an old class whose value is a parameter. */
static gboolean
has_old_value (const ExpMozaikPart *part)
{
  for (guint i = 0; i < part->entries->len; i++)
    {
      const ExpMozaikEntry *entry = part->entries->pdata[i];

      if (entry->state != NULL && exp_pickle_get_record (entry->state, "_value_param_value") != NULL)
        return TRUE;
    }
  return FALSE;
}

/* In which of its forms the store is, so that what is added has the same. What older programs wrote, they could not
 * read any more. */
static gboolean
find_form (ExpMozaikWriting *self, GError **error)
{
  const ExpMozaikPart *recordings = exp_mozaik_store_part (self->store, EXP_MOZAIK_PART_RECORDINGS, error);
  const ExpMozaikPart *results = exp_mozaik_store_part (self->store, EXP_MOZAIK_PART_ANALYSIS, error);
  g_autoptr (ExpMozaikSegment) segment = NULL;
  const ExpMozaikTrain *train;
  const ExpPickleValue *key;

  if (recordings == NULL || results == NULL)
    return FALSE;
  key = recordings->root->n_items > 0 ? recordings->root->items[0] : NULL;
  train = find_train (self->store, recordings, &segment);
  if ((key != NULL && key->kind == EXP_PICKLE_STR8)
      || (train != NULL && train->call != NULL && train->call->call->arguments->n_items != 17))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED,
                   "%s: it was written by Python 2 or by neo before 0.7, which could not read what would be written: "
                   "such a store is read only",
                   self->folder->path);
      return FALSE;
    }
  self->has_underscore = exp_pickle_get_record (recordings->root, "_segments") != NULL;
  self->is_new_neo = train != NULL
                         ? (train->annotations == NULL || exp_pickle_get (train->annotations, "source_id") == NULL)
                         : exp_pickle_get_record (recordings->root, "channel_indexes") == NULL;
  self->has_old_value = has_old_value (results) || !self->is_new_neo;
  return TRUE;
}

static ExpNode *
open_writable (ExpHmfFolder *folder, const ExpStoreOptions *options, GError **error)
{
  ExpMozaikWriting *self = g_new0 (ExpMozaikWriting, 1);
  g_autofree char *within = g_strconcat (folder->path, "/", NULL);
  g_autoptr (ExpNode) saved = NULL;
  gboolean is_found;

  self->folder = exp_hmf_folder_ref (folder);
  self->own = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->replaces = options->replaces;
  self->options = (ExpStoreOptions){ .lock = options->lock, .cache = options->cache };
  if (has_file (folder->path, EXP_MOZAIK_HDF5) && !has_file (folder->path, EXP_MOZAIK_RECORDINGS))
    g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED,
                 "%s: a store of Mozaik in HDF5 is read only: no program reads it any more", folder->path);
  else if (exp_hmf_folder_hold (folder, options->lock, error) && exp_hmf_finish (folder, &is_found, error))
    saved = draft_open (self, error);
  if (saved != NULL && find_form (self, error))
    {
      exp_mozaik_identify (self, self->files);
      return exp_draft_new (&draft_class, saved, within, self, writing_free);
    }
  writing_free (self);
  return NULL;
}

/* --- the format --------------------------------------------------------------------------------------------- */

static ExpNode *
mozaik_open (const char *path, const ExpStoreOptions *options, GError **error)
{
  g_autoptr (ExpMozaikStore) store = NULL;
  ExpHmfFolder *folder;
  ExpNode *root = NULL;

  if (!mozaik_recognise (path))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_A_STORE, "%s: a Mozaik store is a directory with a file %s or %s",
                   path, EXP_MOZAIK_RECORDINGS, EXP_MOZAIK_HDF5);
      return NULL;
    }
  folder = exp_hmf_folder_new (path);
  if (options->is_writable)
    root = open_writable (folder, options, error);
  else
    {
      exp_hmf_finish_or_follow (folder, options->lock);
      store = exp_mozaik_store_open (path, options, error);
      root = store != NULL ? exp_mozaik_root_new (store) : NULL;
    }
  exp_hmf_folder_unref (folder);
  return root;
}

static gboolean
write_bytes (ExpSource *to, gpointer data, GError **error)
{
  gsize length;
  gconstpointer bytes = g_bytes_get_data (data, &length);

  return exp_source_pwrite (to, 0, length, bytes, error);
}

/* What each file of a store without anything in it holds. */
static GBytes *
empty_file (guint i, GError **error)
{
  g_autoptr (ExpPickleWriter) writer = exp_pickle_writer_new ();
  ExpMozaikSaving saving = { NULL, writer };

  if (i == 0)
    exp_mozaik_save_empty_block (&saving);
  else if (i == 1)
    {
      exp_pickle_begin_list (writer);
      exp_pickle_end_list (writer);
    }
  else
    {
      exp_pickle_write_global (writer, "collections", "OrderedDict");
      exp_pickle_begin_tuple (writer);
      exp_pickle_end_tuple (writer);
      exp_pickle_write_opcode (writer, 'R');
    }
  return exp_pickle_writer_finish (writer, error);
}

static gboolean
write_empty (ExpHmfFolder *folder, GError **error)
{
  static const char *const names[] = { EXP_MOZAIK_RECORDINGS, EXP_MOZAIK_ANALYSIS, EXP_MOZAIK_SENSORY };
  ExpHmfCommit commit;
  gboolean is_made = TRUE;

  exp_hmf_commit_init (&commit, folder);
  for (guint i = 0; is_made && i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GBytes) bytes = empty_file (i, error);

      is_made = bytes != NULL && exp_hmf_commit_add (&commit, names[i], write_bytes, bytes, error);
    }
  is_made = is_made && exp_hmf_commit_make (&commit, error);
  exp_hmf_commit_clear (&commit);
  return is_made;
}

static gboolean
mozaik_create (const char *path, const ExpStoreOptions *options, GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  ExpHmfFolder *folder;
  gboolean is_made;

  if (mkdir (absolute, 0777) != 0)
    {
      if (errno == EEXIST)
        g_set_error (error, EXP_ERROR, EXP_ERROR_EXISTS, "%s: is there already", path);
      else
        exp_set_system_error (error, path, errno);
      return FALSE;
    }
  folder = exp_hmf_folder_new (absolute);
  is_made = write_empty (folder, error);
  exp_hmf_folder_unref (folder);
  if (!is_made)
    rmdir (absolute);
  return is_made;
}

const ExpFormat exp_format_mozaik = {
  .name = "mozaik",
  .description = "mozaik: a directory of recordings and results that Mozaik wrote",
  .recognise = mozaik_recognise,
  .open = mozaik_open,
  .create = mozaik_create,
};
