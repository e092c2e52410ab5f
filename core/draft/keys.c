/* Stores of keys: how their files are found and named, and how they are replaced.
 * Knows no format: what a file holds that knows.
 * Called by formats. */
#include "keys.h"
#include "expfs/memory_node.h"
#include "node/lazy.h"
#include "source/folder.h"
#include "source/system_error.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Folders in folders that keys with slashes are looked for in. */
#define MAX_DEPTH 8

typedef struct
{
  const ExpKeyFormat *format;
  char *path;
} KeyFile;

static void
key_file_free (gpointer data)
{
  KeyFile *self = data;

  g_free (self->path);
  g_free (self);
}

static ExpNode *
open_file (gpointer data, GError **error)
{
  KeyFile *self = data;

  return self->format->file->open (self->path, error);
}

/* --- finding ------------------------------------------------------------------------------------------------ */

/* Called for each file; `key` and `part` are borrowed. */
typedef void (*FoundFunc) (const char *path, const char *key, const char *part, gpointer data);

typedef struct
{
  const ExpKeyFormat *format;
  FoundFunc func;
  gpointer data;
} Finding;

/* The files of `folder` whose names begin with `start`; what stands behind it, with `above` in front, is told. */
static void
find_in (const Finding *finding, const char *folder, const char *start, const char *above, guint depth)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const gsize length = strlen (start);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      if (strncmp (name, start, length) != 0)
        continue;
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *rest = g_strconcat (above, name + length, NULL), *key = NULL, *part = NULL;
      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        {
          g_autofree char *below = g_strconcat (rest, "/", NULL);
          if (depth < MAX_DEPTH)
            find_in (finding, path, "", below, depth + 1);
        }
      else if (finding->format->parse (rest, &key, &part))
        finding->func (path, key, part, finding->data);
    }
}

static void
find_files (const ExpKeyFormat *format, const char *path, FoundFunc func, gpointer data)
{
  const Finding finding = { format, func, data };
  g_autofree char *folder = g_path_get_dirname (path), *base = g_path_get_basename (path);
  g_autofree char *start = g_strconcat (base, "_", NULL);

  find_in (&finding, folder, start, "", 0);
}

static void
note_found (const char *path, const char *key, const char *part, gpointer data)
{
  *(gboolean *)data = TRUE;
}

gboolean
exp_keys_recognise (const ExpKeyFormat *format, const char *path)
{
  gboolean is_found = FALSE;

  find_files (format, path, note_found, &is_found);
  return is_found;
}

/* --- the tree ----------------------------------------------------------------------------------------------- */

typedef struct
{
  char *path, *key, *part;
} Found;

static void
clear_found (gpointer data)
{
  Found *found = data;

  g_free (found->path);
  g_free (found->key);
  g_free (found->part);
}

static void
add_found (const char *path, const char *key, const char *part, gpointer data)
{
  Found found = { g_strdup (path), g_strdup (key), g_strdup (part) };

  g_array_append_val ((GArray *)data, found);
}

/* Numbers in them count as numbers: rank-10 comes behind rank-9. */
static int
compare_found (gconstpointer a, gconstpointer b)
{
  const Found *one = a, *other = b;
  int order = strcmp (one->key, other->key);

  if (order != 0 || one->part == NULL || other->part == NULL)
    return order;
  gsize lengths[] = { strlen (one->part), strlen (other->part) };
  return lengths[0] != lengths[1] ? (lengths[0] < lengths[1] ? -1 : 1) : strcmp (one->part, other->part);
}

static ExpNode *
make_tree (const ExpKeyFormat *format, const char *path)
{
  g_autoptr (GArray) files = g_array_new (FALSE, FALSE, sizeof (Found));
  ExpNode *root = exp_memory_group_new (NULL);

  g_array_set_clear_func (files, clear_found);
  find_files (format, path, add_found, files);
  g_array_sort (files, compare_found);
  for (guint i = 0; i < files->len; i++)
    {
      const Found *found = &g_array_index (files, Found, i);
      KeyFile *file = g_new0 (KeyFile, 1);
      g_autoptr (ExpNode) group = NULL, key = NULL;

      file->format = format;
      file->path = g_strdup (found->path);
      group = exp_lazy_group_new (open_file, file, key_file_free);
      if (!format->has_parts)
        {
          exp_memory_group_add (root, found->key, group);
          continue;
        }
      key = exp_node_lookup (root, found->key, NULL);
      if (key == NULL)
        {
          key = exp_memory_group_new (NULL);
          exp_memory_group_add (root, found->key, key);
        }
      exp_memory_group_add (key, found->part, group);
    }
  return root;
}

/* --- saving ------------------------------------------------------------------------------------------------- */

typedef struct
{
  const ExpKeyFormat *format;
  char *path;
  gboolean packs;
  ExpLockMode lock;
} Keys;

static void
keys_free (gpointer data)
{
  Keys *self = data;

  g_free (self->path);
  g_free (self);
}

/* A group that is not in its file as it is. */
typedef struct
{
  ExpNode *group; /* a reference */
  char *path;     /* of the file that it gets */
  char *from;     /* of that which it was in, when that is another; NULL: none */
  char *kept;     /* a second name of that, which goes at the end; NULL: none */
  ExpNode *saved; /* the group that shows that, a reference; NULL */
  ExpNode *open;  /* what is in it, a reference: others may get its name before this one is read; NULL: not needed */
} Pending;

static void
clear_pending (gpointer data)
{
  Pending *self = data;

  if (self->kept != NULL)
    unlink (self->kept);
  exp_node_unref (self->open);
  exp_node_unref (self->saved);
  exp_node_unref (self->group);
  g_free (self->path);
  g_free (self->from);
  g_free (self->kept);
}

typedef struct
{
  Keys *keys;
  const char *key;    /* the group that is gone through; NULL: the root */
  GHashTable *wanted; /* paths of the files that stay */
  GArray *pending;
  GError *error;
} Saving;

static gboolean
collect_group (const char *name, ExpNode *child, gpointer data)
{
  Saving *saving = data;
  const ExpKeyFormat *format = saving->keys->format;

  if (format->has_parts && saving->key == NULL)
    {
      saving->key = name;
      gboolean is_done = exp_node_list (child, 0, collect_group, saving, saving->error == NULL ? &saving->error : NULL);
      saving->key = NULL;
      return is_done && saving->error == NULL;
    }
  g_autofree char *rest = saving->key != NULL ? format->name (saving->key, name, &saving->error)
                                              : format->name (name, NULL, &saving->error);
  if (rest == NULL)
    return FALSE;
  char *path = g_strdup_printf ("%s_%s", saving->keys->path, rest);
  g_hash_table_add (saving->wanted, path);

  g_autoptr (ExpNode) saved = exp_draft_get_saved_group (child);
  const KeyFile *file = exp_lazy_group_data (saved, open_file);
  gboolean is_there = file != NULL && strcmp (file->path, path) == 0;
  if (is_there && exp_draft_is_saved (child))
    return TRUE;
  Pending pending = { .group = exp_node_ref (child), .path = g_strdup (path) };
  if (file != NULL && !is_there)
    {
      pending.from = g_strdup (file->path);
      pending.saved = g_steal_pointer (&saved);
    }
  g_array_append_val (saving->pending, pending);
  return TRUE;
}

/* A name of its own meanwhile for a file that gets another one, so that it is not lost when others take its old one,
 * even if this program dies. None where files cannot have two, or it is in parts that go by the name. */
static void
keep_name (const ExpKeyFormat *format, Pending *pending, guint n)
{
  if (format->is_split != NULL && format->is_split (pending->from))
    return;
  g_autofree char *folder = g_path_get_dirname (pending->from);
  char *kept = g_strdup_printf ("%s/.expfs-moved-%d-%u", folder, (int)getpid (), n);

  unlink (kept);
  if (link (pending->from, kept) == 0)
    pending->kept = kept;
  else
    g_free (kept);
}

/* What is the same under another name is not written again. */
static gboolean
is_only_moved (const Pending *pending)
{
  return pending->kept != NULL && exp_draft_is_saved (pending->group);
}

static gboolean
keep (const ExpKeyFormat *format, Pending *pending, guint n, GError **error)
{
  if (pending->from == NULL)
    return TRUE;
  keep_name (format, pending, n);
  if (is_only_moved (pending))
    return TRUE;
  pending->open = exp_lazy_group_open (pending->saved, error);
  return pending->open != NULL;
}

typedef struct
{
  const Keys *keys;
  ExpNode *group;
  const char *old;
} Writing;

static gboolean
write_file (ExpSource *to, gpointer data, GError **error)
{
  const Writing *writing = data;

  return writing->keys->format->file->write (writing->group, writing->old, writing->keys->packs, to, error);
}

static gboolean
move_file (const Pending *pending, GError **error)
{
  if (rename (pending->kept, pending->path) == 0)
    return exp_folder_sync (pending->path, error);
  exp_set_system_error (error, pending->path, errno);
  return FALSE;
}

static gboolean
save_file (const Keys *keys, const Pending *pending, GError **error)
{
  const gboolean is_there = access (pending->path, F_OK) == 0;
  const char *old = pending->kept != NULL ? pending->kept : pending->from != NULL ? pending->from : pending->path;
  Writing writing = { keys, pending->group, old };
  g_autoptr (ExpReplacement) file = is_there ? exp_replacement_open (pending->path, keys->lock, error) : NULL;

  if (is_there && file == NULL)
    return FALSE;
  if (is_only_moved (pending))
    return move_file (pending, error);
  if (!is_there)
    return exp_source_create_file_with (pending->path, 0666, write_file, &writing, error);
  return exp_replacement_write (file, write_file, &writing, error);
}

static void
remove_unwanted (const char *path, const char *key, const char *part, gpointer data)
{
  Saving *saving = data;

  if (saving->error != NULL || g_hash_table_contains (saving->wanted, path))
    return;
  if (unlink (path) != 0 && errno != ENOENT)
    exp_set_system_error (&saving->error, path, errno);
  else if (saving->keys->format->remove != NULL)
    saving->keys->format->remove (path);
}

static void
save_all (Saving *saving)
{
  for (guint i = 0; i < saving->pending->len && saving->error == NULL; i++)
    keep (saving->keys->format, &g_array_index (saving->pending, Pending, i), i, &saving->error);
  for (guint i = 0; i < saving->pending->len && saving->error == NULL; i++)
    save_file (saving->keys, &g_array_index (saving->pending, Pending, i), &saving->error);
}

static gboolean
keys_save (ExpNode *root, gpointer data, GError **error)
{
  g_autoptr (GHashTable) wanted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GArray) pending = g_array_new (FALSE, FALSE, sizeof (Pending));
  Saving saving = { data, NULL, wanted, pending, NULL };

  g_array_set_clear_func (pending, clear_pending);
  gboolean is_saved = exp_node_list (root, 0, collect_group, &saving, &saving.error);
  if (is_saved && saving.error == NULL)
    save_all (&saving);
  if (is_saved && saving.error == NULL)
    find_files (saving.keys->format, saving.keys->path, remove_unwanted, &saving);
  if (saving.error == NULL)
    return is_saved;
  g_propagate_error (error, saving.error);
  return FALSE;
}

static ExpNode *
keys_reopen (gpointer data, GError **error)
{
  Keys *self = data;

  return make_tree (self->format, self->path);
}

/* --- what cannot be ----------------------------------------------------------------------------------------- */

static gboolean
check_group_name (const Keys *keys, ExpNode *group, guint depth, const char *name, GError **error)
{
  g_autofree char *key = NULL, *file = NULL;
  g_autoptr (ExpNode) parent = depth > 0 ? exp_draft_get_parent (group, &key) : NULL;

  if (depth == 0 && keys->format->has_parts)
    return TRUE;
  file = keys->format->name (key != NULL ? key : name, key != NULL ? name : NULL, error);
  if (file == NULL)
    return FALSE;
  g_autofree char *path = g_strdup_printf ("%s_%s", keys->path, file), *base = g_path_get_basename (path);
  if (strlen (base) <= NAME_MAX)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_NAME_TOO_LONG, "'%s': a longer name than that of a file can be", name);
  return FALSE;
}

static gboolean
refuse_above (const ExpDraftChange *change, const Keys *keys, GError **error)
{
  const char *name = change->kind == EXP_DRAFT_MOVE ? change->new_name : change->name;

  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "'%s': there are only %s here: make one with mkdir", name,
               keys->format->has_parts ? "keys, and ranks in them," : "keys");
  return FALSE;
}

static gboolean
check_move (const ExpDraftChange *change, const Keys *keys, guint file_depth, GError **error)
{
  const guint from = exp_draft_depth (change->group), to = exp_draft_depth (change->new_group);
  g_auto (ExpInfo) info = { 0 };

  if (to < file_depth)
    return from == to ? check_group_name (keys, change->new_group, to, change->new_name, error)
                      : refuse_above (change, keys, error);
  if (from < file_depth)
    return refuse_above (change, keys, error);
  g_autoptr (ExpNode) file = exp_file_group (change->new_group, file_depth);
  return keys->format->file->check (change, file, error);
}

static gboolean
keys_check (const ExpDraftChange *change, gpointer data, GError **error)
{
  const Keys *keys = data;
  const guint file_depth = keys->format->has_parts ? 2 : 1;
  ExpNode *place = change->group != NULL ? change->group : change->node;
  const guint depth = exp_draft_depth (place);

  if (change->kind == EXP_DRAFT_MOVE)
    return check_move (change, keys, file_depth, error);
  if (change->kind == EXP_DRAFT_REMOVE)
    return TRUE;
  if (depth >= file_depth)
    {
      g_autoptr (ExpNode) file = exp_file_group (place, file_depth);
      return keys->format->file->check (change, file, error);
    }
  if (change->kind == EXP_DRAFT_CREATE_GROUP)
    return check_group_name (keys, place, depth, change->name, error);
  return refuse_above (change, keys, error);
}

static const ExpDraftClass keys_class = { .save = keys_save, .open = keys_reopen, .check = keys_check };

ExpNode *
exp_keys_open (const ExpKeyFormat *format, const char *path, const ExpStoreOptions *options, GError **error)
{
  g_autoptr (ExpNode) tree = make_tree (format, path);

  if (!options->is_writable)
    return g_steal_pointer (&tree);
  Keys *keys = g_new0 (Keys, 1);
  keys->format = format;
  keys->path = g_strdup (path);
  keys->packs = exp_file_packs (options);
  keys->lock = options->lock;
  return exp_draft_new (&keys_class, tree, path, keys, keys_free);
}
