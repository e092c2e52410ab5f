/* Stores that are one file: saved by replacing it.
 * Knows no format: what the file holds that knows.
 * Called by formats, and by keys.c for stores of several files. */
#include "file.h"

typedef struct
{
  const ExpFileFormat *format;
  ExpReplacement *file;
  char *path;
  gboolean packs;
  ExpNode *root; /* while it is saved; borrowed */
} FileDraft;

static void
draft_free (gpointer data)
{
  FileDraft *self = data;

  exp_replacement_free (self->file);
  g_free (self->path);
  g_free (self);
}

static gboolean
write_file (ExpSource *to, gpointer data, GError **error)
{
  FileDraft *self = data;

  return self->format->write (self->root, self->path, self->packs, to, error);
}

static gboolean
draft_save (ExpNode *root, gpointer data, GError **error)
{
  FileDraft *self = data;

  self->root = root;
  return exp_replacement_write (self->file, write_file, self, error);
}

static ExpNode *
draft_open (gpointer data, GError **error)
{
  FileDraft *self = data;

  return self->format->open (self->path, error);
}

ExpNode *
exp_file_group (ExpNode *node, guint depth)
{
  ExpNode *group = exp_node_ref (node);

  for (guint above = exp_draft_depth (node); above > depth; above--)
    {
      g_autofree char *name = NULL;
      ExpNode *parent = exp_draft_get_parent (group, &name);

      exp_node_unref (group);
      group = parent;
    }
  return group;
}

static gboolean
draft_check (const ExpDraftChange *change, gpointer data, GError **error)
{
  FileDraft *self = data;
  g_autoptr (ExpNode) root = exp_file_group (change->group != NULL ? change->group : change->node, 0);

  return self->format->check (change, root, error);
}

static const ExpDraftClass file_class = { .save = draft_save, .open = draft_open, .check = draft_check };

gboolean
exp_file_packs (const ExpStoreOptions *options)
{
  return options->complevel > 0;
}

ExpNode *
exp_file_open (const ExpFileFormat *format, const char *path, const ExpStoreOptions *options, GError **error)
{
  g_autoptr (ExpReplacement) file = NULL;
  g_autoptr (ExpNode) tree = NULL;

  if (options->is_writable && (file = exp_replacement_open (path, options->lock, error)) == NULL)
    return NULL;
  tree = format->open (path, error);
  if (tree == NULL || file == NULL)
    return g_steal_pointer (&tree);
  FileDraft *draft = g_new0 (FileDraft, 1);
  draft->format = format;
  draft->file = g_steal_pointer (&file);
  draft->path = g_strdup (path);
  draft->packs = exp_file_packs (options);
  return exp_draft_new (&file_class, tree, path, draft, draft_free);
}
