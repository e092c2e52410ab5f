/* The format "genericio": a file, or a rank map with its files.
 * Knows how they are told from others, and how they are replaced.
 * Called by core/store.c. */
#include "genericio.h"
#include "expfs/memory_node.h"
#include "save.h"

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

static ExpNode *
genericio_open (const char *path, const ExpStoreOptions *options, GError **error)
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
  .open = genericio_open,
  .create = genericio_create,
};
