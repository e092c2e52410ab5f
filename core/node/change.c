/* Dispatch over the operations for writers, with the answers for those that a node lacks.
 * Knows no format and no filter.
 * Called by filters, edits and fs/. */
#include "expfs/task.h"
#include "flat.h"
#include <string.h>

#define COPY_BYTES (4 * 1024 * 1024)

/* Says that the node has no such member. */
static gboolean
refuse (const char *what, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "%s is not possible here", what);
  return FALSE;
}

ExpNode *
exp_node_create_group (ExpNode *node, const char *name, GError **error)
{
  if (node->klass->create_group != NULL)
    return node->klass->create_group (node, name, error);
  refuse ("making a group", error);
  return NULL;
}

ExpNode *
exp_node_create_dataset (ExpNode *node, const char *name, const ExpNewDataset *dataset, GError **error)
{
  if (node->klass->create_dataset != NULL)
    return node->klass->create_dataset (node, name, dataset, error);
  refuse ("making a dataset", error);
  return NULL;
}

gboolean
exp_node_check_name (ExpNode *node, const char *name, GError **error)
{
  if (node->klass->create_dataset == NULL)
    return refuse ("making a dataset", error);
  return node->klass->check_name == NULL || node->klass->check_name (node, name, error);
}

ExpNode *
exp_node_replace_dataset (ExpNode *node, const char *name, const ExpNewDataset *dataset, GError **error)
{
  if (node->klass->replace_dataset != NULL)
    return node->klass->replace_dataset (node, name, dataset, error);
  refuse ("changing a dataset's shape or type", error);
  return NULL;
}

gboolean
exp_node_write (ExpNode *node, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  if (node->klass->write == NULL)
    return refuse ("writing", error);
  return array->n_elements == 0 || node->klass->write (node, slab, array, error);
}

gboolean
exp_node_pass_over (ExpNode *node, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  return TRUE;
}

gboolean
exp_node_write_flat (ExpNode *node, const ExpInfo *info, guint64 first, gsize count, gconstpointer from, GError **error)
{
  guint64 end;

  if (node->klass->write == NULL || info->dtype == NULL)
    return refuse ("writing", error);
  if (!g_uint64_checked_add (&end, first, count) || end > exp_info_n_elements (info))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "the selection lies outside the dataset");
      return FALSE;
    }
  for (guint64 at = first; at < end;)
    {
      ExpSlab slab;
      guint64 n = exp_flat_next_slab (info, at, end, &slab);
      ExpArray array = {
        .dtype = info->dtype,
        .rank = slab.rank,
        .n_elements = n,
        .data = (guint8 *)from + (at - first) * info->dtype->size,
      };

      g_atomic_ref_count_init (&array.references);
      memcpy (array.shape, slab.count, slab.rank * sizeof *slab.count);
      if (!node->klass->write (node, &slab, &array, error))
        return FALSE;
      at += n;
    }
  return TRUE;
}

gboolean
exp_node_copy_rows (ExpNode *from, ExpNode *to, GError **error)
{
  g_auto (ExpInfo) old = { 0 }, new = { 0 };

  if (!exp_node_describe (from, &old, error) || !exp_node_describe (to, &new, error))
    return FALSE;

  const guint64 n = MIN (exp_info_n_elements (&old), exp_info_n_elements (&new));
  const gsize step = MAX (COPY_BYTES / MAX (new.dtype != NULL ? new.dtype->size : 1, 1), 1);
  for (guint64 first = 0, count; first < n; first += count)
    {
      count = MIN (step, n - first);
      g_autoptr (ExpArray) part = exp_node_read_flat (from, &old, first, count, error);
      if (part == NULL || !exp_node_write_flat (to, &new, first, count, part->data, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
exp_node_resize (ExpNode *node, guint rank, const guint64 *shape, GError **error)
{
  return node->klass->resize != NULL ? node->klass->resize (node, rank, shape, error)
                                     : refuse ("changing a dataset's shape", error);
}

gboolean
exp_node_write_attribute (ExpNode *node, const char *name, const ExpArray *value, GError **error)
{
  return node->klass->write_attribute != NULL ? node->klass->write_attribute (node, name, value, error)
                                              : refuse ("writing an attribute", error);
}

gboolean
exp_node_remove_attribute (ExpNode *node, const char *name, GError **error)
{
  if (node->klass->remove_attribute != NULL)
    return node->klass->remove_attribute (node, name, error);
  g_autoptr (GError) reason = NULL;
  g_autoptr (ExpArray) value = exp_node_read_attribute (node, name, &reason);
  if (!g_error_matches (reason, EXP_ERROR, EXP_ERROR_NOT_FOUND))
    return refuse ("removing an attribute", error);
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

gboolean
exp_node_remove (ExpNode *node, const char *name, GError **error)
{
  return node->klass->remove != NULL ? node->klass->remove (node, name, error) : refuse ("removing", error);
}

/* Deeper trees are damaged ones, whose groups lie within themselves. */
#define MAX_DEPTH 128

static gboolean
remove_tree (ExpNode *parent, const char *name, guint depth, GError **error)
{
  g_autoptr (ExpNode) node = exp_node_lookup (parent, name, error);
  g_autoptr (GPtrArray) names = NULL;
  g_auto (ExpInfo) info = { 0 };

  if (node == NULL)
    return FALSE;
  if (depth == 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "groups lie too deep within each other");
      return FALSE;
    }
  if (exp_node_describe (node, &info, NULL) && info.kind == EXP_KIND_GROUP
      && (names = exp_node_list_names (node, NULL, error)) == NULL)
    return FALSE;
  for (guint i = 0; names != NULL && i < names->len; i++)
    if (!remove_tree (node, names->pdata[i], depth - 1, error))
      return FALSE;
  return exp_node_remove (parent, name, error);
}

gboolean
exp_node_remove_tree (ExpNode *node, const char *name, GError **error)
{
  return node->klass->remove_tree != NULL ? node->klass->remove_tree (node, name, error)
                                          : remove_tree (node, name, MAX_DEPTH, error);
}

gboolean
exp_node_move (ExpNode *node, const char *name, ExpNode *new_parent, const char *new_name, guint flags, GError **error)
{
  return node->klass->move != NULL ? node->klass->move (node, name, new_parent, new_name, flags, error)
                                   : refuse ("renaming", error);
}

gboolean
exp_node_copy (ExpNode *node, const char *name, ExpNode *source, GError **error)
{
  return node->klass->copy != NULL ? node->klass->copy (node, name, source, error) : refuse ("copying a tree", error);
}

gboolean
exp_node_link (ExpNode *node, const char *name, ExpNode *target, GError **error)
{
  return node->klass->link != NULL ? node->klass->link (node, name, target, error) : refuse ("a hard link", error);
}

gboolean
exp_node_external_link (ExpNode *node, const char *name, const char *file, const char *path, GError **error)
{
  return node->klass->external_link != NULL ? node->klass->external_link (node, name, file, path, error)
                                            : refuse ("making a link into another file", error);
}

gboolean
exp_node_symlink (ExpNode *node, const char *name, const char *target, GError **error)
{
  return node->klass->symlink != NULL ? node->klass->symlink (node, name, target, error)
                                      : refuse ("a soft link", error);
}

gboolean
exp_node_set_class (ExpNode *node, const char *class_name, GError **error)
{
  return node->klass->set_class != NULL ? node->klass->set_class (node, class_name, error)
                                        : refuse ("changing the class", error);
}

gboolean
exp_node_perform (ExpNode *node, ExpTask *task, GError **error)
{
  node = exp_node_unwrap (node);
  if (node->klass->perform != NULL)
    return node->klass->perform (node, task, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "there is no '%s' here", task->name);
  return FALSE;
}

gboolean
exp_node_set_note (ExpNode *node, const char *note, const char *value, GError **error)
{
  if (node->klass->set_note != NULL)
    return node->klass->set_note (node, note, value, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "nothing has a %s here", note);
  return FALSE;
}

gboolean
exp_node_takes_any (ExpNode *node, const char *name)
{
  return node->klass->takes_any != NULL && node->klass->takes_any (node, name);
}

gboolean
exp_node_takes_number (ExpNode *node, const char *name)
{
  return node->klass->takes_number != NULL && node->klass->takes_number (node, name);
}

ExpNode *
exp_node_put_number (ExpNode *node, const char *name, const ExpArray *value, GError **error)
{
  if (node->klass->put_number != NULL)
    return node->klass->put_number (node, name, value, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "numbers are not made in one step here");
  return NULL;
}

guint64
exp_node_part (ExpNode *node)
{
  return node->klass->part != NULL ? node->klass->part (node) : EXP_PART_ANY;
}

gboolean
exp_node_takes_file (ExpNode *node, const char *name)
{
  return node->klass->takes_file != NULL && node->klass->takes_file (node, name);
}

ExpNode *
exp_node_put_file (ExpNode *node, const char *name, GBytes *bytes, GError **error)
{
  if (node->klass->put_file != NULL)
    return node->klass->put_file (node, name, bytes, error);
  refuse ("putting a file", error);
  return NULL;
}

ExpNode *
exp_node_unwrap (ExpNode *node)
{
  ExpNode *target;

  while (node->klass->unwrap != NULL && (target = node->klass->unwrap (node)) != NULL)
    node = target;
  return node;
}

gboolean
exp_node_takes_moments (ExpNode *node)
{
  return exp_node_unwrap (node)->klass->takes_moments;
}

gboolean
exp_node_commit (ExpNode *node, gboolean checkpoint, GError **error)
{
  return node->klass->commit != NULL ? node->klass->commit (node, checkpoint, error) : refuse ("a commit", error);
}

void
exp_node_abandon (ExpNode *node)
{
  if (node->klass->abandon != NULL)
    node->klass->abandon (node);
}

guint64
exp_node_journal_size (ExpNode *node)
{
  return node->klass->journal_size != NULL ? node->klass->journal_size (node) : 0;
}
