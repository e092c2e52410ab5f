/* The format "genericio": a file, or a rank map with its files.
 * Knows how they are told from others, and how they are replaced.
 * Called by core/store.c. */
#include "genericio.h"
#include "draft/keys.h"
#include "expfs/memory_node.h"
#include "save.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  ExpReplacement *file;
  char *path;
  gboolean packs;
  ExpGioJob *job; /* as it was saved last; a reference */
  ExpNode *tree;  /* of it; a reference */
  ExpNode *root;  /* while it is saved; borrowed */
} GioDraft;

static void
draft_free (gpointer data)
{
  GioDraft *self = data;

  exp_replacement_free (self->file);
  exp_gio_job_unref (self->job);
  exp_node_unref (self->tree);
  g_free (self->path);
  g_free (self);
}

static gboolean
write_file (ExpSource *to, gpointer data, GError **error)
{
  GioDraft *self = data;
  ExpGioSave save = { .old = self->job, .packs = self->packs };

  exp_gio_save_attributes (self->root, &save);
  return exp_gio_write (self->root, &save, to, error);
}

static gboolean
draft_save (ExpNode *root, gpointer data, GError **error)
{
  GioDraft *self = data;

  self->root = root;
  return exp_replacement_write (self->file, write_file, self, error);
}

static ExpNode *
draft_open (gpointer data, GError **error)
{
  GioDraft *self = data;
  g_autoptr (ExpGioJob) job = exp_gio_job_open (self->path, error);

  if (job == NULL)
    return NULL;
  exp_gio_job_unref (self->job);
  exp_node_unref (self->tree);
  self->tree = exp_gio_tree_new (job);
  self->job = g_steal_pointer (&job);
  return exp_node_ref (self->tree);
}

/* A column's group is the file; its own group, of a change of attributes, has to be asked for. */
static gboolean
draft_check (const ExpDraftChange *change, gpointer data, GError **error)
{
  g_autofree char *name = NULL;
  g_autoptr (ExpNode) parent = change->group == NULL ? exp_draft_get_parent (change->node, &name) : NULL;
  ExpNode *root = change->group != NULL ? change->group : parent != NULL ? parent : change->node;

  return exp_gio_check (change, root, error);
}

/* Ranks are shown as they were saved last. */
static ExpNode *
draft_lookup_hidden (ExpNode *group, const char *name, gpointer data, GError **error)
{
  return exp_node_lookup (((GioDraft *)data)->tree, name, error);
}

static const ExpDraftClass draft_class
    = { .save = draft_save, .open = draft_open, .check = draft_check, .lookup_hidden = draft_lookup_hidden };

/* --- a file ------------------------------------------------------------------------------------------------- */

static ExpNode *
open_job (const char *path, const ExpStoreOptions *options, GError **error)
{
  GioDraft *draft = g_new0 (GioDraft, 1);
  g_autoptr (ExpNode) tree = NULL;

  draft->path = g_strdup (path);
  draft->packs = options->complib != NULL;
  if (options->is_writable)
    draft->file = exp_replacement_open (path, options->lock, error);
  if (!options->is_writable || draft->file != NULL)
    tree = draft_open (draft, error);
  if (tree != NULL && options->is_writable)
    return exp_draft_new (&draft_class, tree, path, draft, draft_free);
  draft_free (draft);
  return g_steal_pointer (&tree);
}

/* --- a store of keys ---------------------------------------------------------------------------------------- */

#define KEY_SUFFIX ".tmp.gio"

static gboolean
parse_key (const char *rest, char **key, char **part)
{
  const gsize length = strlen (rest), suffix = strlen (KEY_SUFFIX);

  if (length <= suffix || strcmp (rest + length - suffix, KEY_SUFFIX) != 0)
    return FALSE;
  *key = g_strndup (rest, length - suffix);
  return TRUE;
}

static char *
name_key (const char *key, const char *part, GError **error)
{
  if (*key != '\0')
    return g_strconcat (key, KEY_SUFFIX, NULL);
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "a key has a name");
  return NULL;
}

static ExpNode *
open_key (const char *path, GError **error)
{
  g_autoptr (ExpGioJob) job = exp_gio_job_open (path, error);

  return job != NULL ? exp_gio_tree_new (job) : NULL;
}

static gboolean
write_key (ExpNode *group, const char *path, gboolean is_there, gboolean packs, ExpSource *to, GError **error)
{
  g_autoptr (ExpGioJob) old = is_there ? exp_gio_job_open (path, NULL) : NULL;
  ExpGioSave save = { .old = old, .packs = packs };

  exp_gio_save_attributes (group, &save);
  return exp_gio_write (group, &save, to, error);
}

/* The parts of a split file, `path`#N. */
static void
remove_parts (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path), *base = g_path_get_basename (path);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const gsize length = strlen (base);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (strncmp (name, base, length) == 0 && name[length] == '#' && name[length + 1] != '\0'
        && strspn (name + length + 1, "0123456789") == strlen (name + length + 1))
      {
        g_autofree char *part = g_build_filename (folder, name, NULL);
        if (unlink (part) != 0)
          g_warning ("%s: cannot be removed: %s", part, g_strerror (errno));
      }
}

static const ExpKeyFormat keys = {
  .parse = parse_key,
  .name = name_key,
  .open = open_key,
  .write = write_key,
  .check = exp_gio_check,
  .remove = remove_parts,
};

static gboolean
recognise_keys (const char *path)
{
  return exp_keys_recognise (&keys, path);
}

/* --- the format --------------------------------------------------------------------------------------------- */

static ExpNode *
genericio_open (const char *path, const ExpStoreOptions *options, GError **error)
{
  return access (path, F_OK) == 0 ? open_job (path, options, error) : exp_keys_open (&keys, path, options, error);
}

static gboolean
write_empty (ExpSource *to, gpointer data, GError **error)
{
  g_autoptr (ExpNode) nothing = exp_memory_group_new (NULL);
  const ExpGioSave save = { .dims = { 1, 1, 1 } };

  return exp_gio_write (nothing, &save, to, error);
}

static gboolean
genericio_create (const char *path, const ExpStoreOptions *options, GError **error)
{
  return exp_source_create_file_with (path, 0666, write_empty, NULL, error);
}

const ExpFormat exp_format_genericio = {
  .name = "genericio",
  .description = "genericio: what HACC's GenericIO wrote, also split over several files",
  .recognise = exp_gio_file_recognise,
  .recognise_base = recognise_keys,
  .open = genericio_open,
  .create = genericio_create,
};
