/* A draft that is saved into a store in memory, a new one each time.
 * Knows no format.
 * Used by test-draft.c and the tests of edits. */
#pragma once

#include "expfs/draft.h"
#include "expfs/expfs.h"
#include <string.h>

typedef struct
{
  ExpNode *saved; /* the last store; a reference */
  guint n_saves;
  gboolean fails; /* the next save */
} MemoryDraft;

static inline void
copy_elements (ExpNode *from, const ExpInfo *info, ExpNode *to)
{
  g_autoptr (GError) error = NULL;
  ExpSlab slab;

  exp_slab_init_all (&slab, info->rank, info->shape);
  g_autoptr (ExpArray) value = exp_node_read (from, info, &slab, &error);
  g_assert_no_error (error);
  exp_node_write (to, &slab, value, &error);
  g_assert_no_error (error);
}

static inline void copy_tree (ExpNode *from, ExpNode *to);

static inline gboolean
copy_child (const char *name, ExpNode *child, gpointer to)
{
  g_auto (ExpInfo) info = { 0 };
  g_autoptr (ExpNode) copy = NULL;

  g_assert_true (exp_node_describe (child, &info, NULL));
  if (info.kind == EXP_KIND_GROUP)
    copy = exp_node_create_group (to, name, NULL);
  else
    {
      ExpNewDataset dataset
          = { .dtype = info.dtype, .is_null = info.is_null, .rank = info.rank, .is_extensible = TRUE };
      memcpy (dataset.shape, info.shape, sizeof dataset.shape);
      copy = exp_node_create_dataset (to, name, &dataset, NULL);
      if (!info.is_null)
        copy_elements (child, &info, copy);
    }
  g_assert_nonnull (copy);
  copy_tree (child, copy);
  return TRUE;
}

static inline void
copy_tree (ExpNode *from, ExpNode *to)
{
  g_auto (GStrv) names = exp_node_list_attributes (from, NULL);
  g_auto (ExpInfo) info = { 0 };

  for (char **name = names; *name != NULL; name++)
    {
      g_autoptr (ExpArray) value = exp_node_read_attribute (from, *name, NULL);
      g_assert_true (exp_node_write_attribute (to, *name, value, NULL));
    }
  g_assert_true (exp_node_describe (from, &info, NULL));
  if (info.kind == EXP_KIND_GROUP)
    g_assert_true (exp_node_list (from, 0, copy_child, to, NULL));
}

static inline gboolean
memory_draft_save (ExpNode *root, gpointer data, GError **error)
{
  MemoryDraft *self = data;

  if (self->fails)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_SPACE, "no room");
      return FALSE;
    }
  g_autoptr (ExpNode) store = exp_memory_store_new ();
  copy_tree (root, store);
  exp_node_unref (self->saved);
  self->saved = g_steal_pointer (&store);
  self->n_saves++;
  return TRUE;
}

static inline ExpNode *
memory_draft_open (gpointer data, GError **error)
{
  return exp_node_ref (((MemoryDraft *)data)->saved);
}

static inline void
memory_draft_free (gpointer data)
{
  exp_node_unref (((MemoryDraft *)data)->saved);
  g_free (data);
}

static const ExpDraftClass memory_draft_class = { .save = memory_draft_save, .open = memory_draft_open };

/* The root of an empty one. */
static inline ExpNode *
memory_draft_new (const ExpDraftClass *klass, MemoryDraft **data)
{
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "draft", NULL);
  MemoryDraft *self = g_new0 (MemoryDraft, 1);

  self->saved = exp_memory_store_new ();
  if (data != NULL)
    *data = self;
  return exp_draft_new (klass, self->saved, path, self, memory_draft_free);
}
