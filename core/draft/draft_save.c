/* Saving a draft, after which all of it stands on what was saved.
 * Knows no format: that makes the file.
 * Called through the root's class. */
#include "draft_private.h"

/* What was saved under each name in place of what was kept here. Elements of variable length stay as they are: the
 * format may have given them another type, and who is writing them has not heard of it. */
static void
stand_on (DraftNode *self, ExpNode *saved)
{
  g_autoptr (GRWLockWriterLocker) locker = g_rw_lock_writer_locker_new (&self->elements_lock);

  exp_node_unref (self->saved);
  self->saved = exp_node_ref (saved);
  if (self->memory == NULL)
    {
      exp_draft_elements_drop (self);
      exp_info_clear (&self->info);
    }
  g_clear_pointer (&self->attributes, g_array_unref);
  g_clear_pointer (&self->gone, g_hash_table_unref);
  self->is_tree_edited = FALSE;
}

/* Of a child that was not saved: TRUE when it need not have been. `bare` has the names of those that nobody was told of
 * yet. */
static gboolean
is_left_out (DraftNode *child, GPtrArray *bare)
{
  if (!exp_draft_is_bare (&child->base))
    return FALSE;
  if (!child->is_told)
    g_ptr_array_add (bare, g_strdup (child->name));
  child->is_told = TRUE;
  return TRUE;
}

static gboolean
stand_on_all (DraftNode *root, ExpNode *saved, GPtrArray *bare)
{
  g_autoptr (GPtrArray) nodes = g_ptr_array_new ();
  g_autoptr (GPtrArray) places = g_ptr_array_new_with_free_func ((GDestroyNotify)exp_node_unref);
  g_autoptr (GRWLockWriterLocker) locker = g_rw_lock_writer_locker_new (&root->draft->lock);
  gboolean is_whole = TRUE;

  g_ptr_array_add (nodes, root);
  g_ptr_array_add (places, exp_node_ref (saved));
  while (nodes->len > 0)
    {
      DraftNode *node = g_ptr_array_steal_index_fast (nodes, nodes->len - 1);
      g_autoptr (ExpNode) place = g_ptr_array_steal_index_fast (places, places->len - 1);

      stand_on (node, place);
      for (guint i = 0; node->entries != NULL && i < node->entries->len; i++)
        {
          DraftNode *child = node->entries->pdata[i];
          ExpNode *there = exp_node_lookup (place, child->name, NULL);

          is_whole &= there != NULL || is_left_out (child, bare);
          if (there == NULL)
            continue;
          g_ptr_array_add (nodes, child);
          g_ptr_array_add (places, there);
        }
    }
  return is_whole;
}

/* Who has elements in the file that was not saved, since he was removed, keeps it. */
static void
leave_file (Draft *draft)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&draft->file_lock);

  g_clear_pointer (&draft->file, exp_source_unref);
}

gboolean
exp_draft_commit (ExpNode *node, gboolean checkpoint, GError **error)
{
  DraftNode *self = (DraftNode *)node;
  Draft *draft = self->draft;
  guint64 n = __atomic_load_n (&draft->n_changes, __ATOMIC_ACQUIRE);
  g_autoptr (ExpNode) saved = NULL;
  g_autoptr (GPtrArray) bare = g_ptr_array_new_with_free_func (g_free);

  if (n == draft->n_saved || g_atomic_int_get (&draft->is_abandoned))
    return TRUE;
  if (!draft->klass->save (node, draft->data, error))
    return FALSE;
  saved = draft->klass->open (draft->data, error);
  if (saved == NULL)
    {
      g_prefix_error (error, "it was saved and cannot be read again: ");
      return FALSE;
    }
  draft->n_saved = n;
  gboolean is_whole = stand_on_all (self, saved, bare);
  for (guint i = 0; i < bare->len; i++)
    g_warning ("%s: '%s' has no content, and is not saved before it has some", draft->path, (char *)bare->pdata[i]);
  if (!is_whole)
    g_warning ("%s: not all of it is found again after it was saved", draft->path);
  leave_file (draft);
  return TRUE;
}

void
exp_draft_abandon (ExpNode *node)
{
  g_atomic_int_set (&((DraftNode *)node)->draft->is_abandoned, TRUE);
}
