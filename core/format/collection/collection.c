/* The format: a directory that holds stores.
 * Knows how it is recognised and what it is opened with; the tree is its nodes'.
 * Called by core/store.c. */
#include "collection.h"
#include "node/lazy.h"
#include "source/system_error.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Names that are looked at for a store before a directory counts as one that holds none, and how deep. */
#define MAX_LOOKED_AT 100000
#define MAX_DEPTH     64

ExpCollection *
exp_collection_ref (ExpCollection *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
exp_collection_unref (ExpCollection *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  g_free (self->path);
  g_free (self);
}

/* --- recognising -------------------------------------------------------------------------------------------- */

typedef struct
{
  GPtrArray *folders; /* still to be looked into */
  gboolean is_found;
  guint n_left;
} Search;

static void
search_folder (Search *search, const char *path)
{
  DIR *dir = opendir (path);

  for (struct dirent *entry; dir != NULL && !search->is_found && search->n_left > 0 && (entry = readdir (dir)) != NULL;)
    {
      ExpPlace place;

      if (!exp_place_look (dirfd (dir), path, entry->d_name, &place, NULL))
        continue;
      search->n_left--;
      search->is_found = place.kind == EXP_PLACE_STORE;
      if (place.kind == EXP_PLACE_FOLDER)
        g_ptr_array_add (search->folders, g_build_filename (path, entry->d_name, NULL));
    }
  if (dir != NULL)
    closedir (dir);
}

/* Level by level: a store near the top is found before all that lies deep has been looked at. */
static gboolean
recognise (const char *path)
{
  Search search = { g_ptr_array_new_with_free_func (g_free), FALSE, MAX_LOOKED_AT };

  g_ptr_array_add (search.folders, g_strdup (path));
  for (guint depth = 0; depth < MAX_DEPTH && search.folders->len > 0 && !search.is_found; depth++)
    {
      g_autoptr (GPtrArray) level = g_steal_pointer (&search.folders);

      search.folders = g_ptr_array_new_with_free_func (g_free);
      for (guint i = 0; i < level->len && !search.is_found; i++)
        search_folder (&search, g_ptr_array_index (level, i));
    }
  g_ptr_array_unref (search.folders);
  return search.is_found;
}

/* --- opening ------------------------------------------------------------------------------------------------ */

static gboolean
check_options (const char *path, const ExpStoreOptions *options, GError **error)
{
  if (options->is_writable)
    g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED,
                 "%s: a directory of stores can only be read; to write one of them, mount that file by itself", path);
  else if (options->trajectory != NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
                 "trajectory= means nothing to a directory of stores: mount one of them by itself");
  else
    return TRUE;
  return FALSE;
}

static ExpNode *
open_collection (const char *path, const ExpStoreOptions *options, GError **error)
{
  ExpPlace place = { .kind = EXP_PLACE_FOLDER };

  if (!check_options (path, options, error))
    return NULL;
  if (stat (path, &place.st) != 0)
    {
      exp_set_system_error (error, path, errno);
      return NULL;
    }
  if (!S_ISDIR (place.st.st_mode))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_A_STORE, "%s: not a directory", path);
      return NULL;
    }
  place.version = exp_place_identity (&place.st);

  ExpCollection *self = g_new0 (ExpCollection, 1);
  g_atomic_ref_count_init (&self->references);
  self->path = g_strdup (path);
  self->lock = options->lock == EXP_LOCK_NO ? EXP_LOCK_NO : EXP_LOCK_BRIEF;
  self->force = options->force;
  self->cache = options->cache;
  ExpNode *root = exp_collection_folder_new (self, g_strdup (path), &place);
  exp_collection_unref (self);
  return root;
}

const ExpFormat exp_format_collection = {
  .name = "collection",
  .description = "a directory that holds stores, in itself or further down",
  .recognise = recognise,
  .open = open_collection,
};
