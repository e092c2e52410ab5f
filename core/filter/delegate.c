/* The operations of a node that stands for another one.
 * Knows no format and no filter.
 * Called through the classes that filters make of them. */
#include "delegate.h"

ExpNode *
exp_delegate_target (ExpNode *node, GError **error)
{
  ExpDelegate *self = (ExpDelegate *)node;
  ExpNode *target = g_atomic_pointer_get (&self->target);

  if (target != NULL)
    return target;
  target = self->make (self, error);
  if (target == NULL || g_atomic_pointer_compare_and_exchange (&self->target, NULL, target))
    return target;
  exp_node_unref (target);
  return g_atomic_pointer_get (&self->target);
}

static ExpNode *
hold (ExpNode *node, GError **error)
{
  ExpDelegate *self = (ExpDelegate *)node;

  if (self->hold != NULL)
    return self->hold (self, error);
  ExpNode *target = exp_delegate_target (node, error);
  return target != NULL ? exp_node_ref (target) : NULL;
}

gboolean
exp_delegate_read (ExpNode *self, const ExpSlab *slab, ExpArray *array, GError **error)
{
  g_autoptr (ExpNode) target = hold (self, error);

  if (target == NULL)
    return FALSE;
  if (target->klass->read != NULL)
    return target->klass->read (target, slab, array, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_IS_A_GROUP, "not a dataset");
  return FALSE;
}

gboolean
exp_delegate_locate (ExpNode *self, guint64 first, gsize n, ExpRun *run)
{
  g_autoptr (ExpNode) target = hold (self, NULL);

  return target != NULL && exp_node_locate (target, first, n, run);
}

ExpNode *
exp_delegate_put_number (ExpNode *self, const char *name, const ExpArray *value, GError **error)
{
  g_autoptr (ExpNode) target = hold (self, error);

  return target != NULL ? exp_node_put_number (target, name, value, error) : NULL;
}

gboolean
exp_delegate_takes_number (ExpNode *self, const char *name)
{
  g_autoptr (ExpNode) target = hold (self, NULL);

  return target != NULL && exp_node_takes_number (target, name);
}

gboolean
exp_delegate_takes_file (ExpNode *self, const char *name)
{
  g_autoptr (ExpNode) target = hold (self, NULL);

  return target != NULL && exp_node_takes_file (target, name);
}

guint64
exp_delegate_journal_size (ExpNode *self)
{
  g_autoptr (ExpNode) target = hold (self, NULL);

  return target != NULL ? exp_node_journal_size (target) : 0;
}

/* One operation each. */
#define DELEGATE(type, none, name, parameters, arguments)                                                              \
  type exp_delegate_##name parameters                                                                                  \
  {                                                                                                                    \
    g_autoptr (ExpNode) target = hold (self, error);                                                                   \
                                                                                                                       \
    return target != NULL ? exp_node_##name arguments : none;                                                          \
  }

DELEGATE (gboolean, FALSE, describe, (ExpNode * self, ExpInfo *info, GError **error), (target, info, error))
DELEGATE (gboolean, FALSE, layout, (ExpNode * self, ExpLayout *layout, GError **error), (target, layout, error))
DELEGATE (gboolean, FALSE, list, (ExpNode * self, guint64 skip, ExpListFunc func, gpointer data, GError **error),
          (target, skip, func, data, error))
DELEGATE (ExpNode *, NULL, lookup, (ExpNode * self, const char *name, GError **error), (target, name, error))
DELEGATE (char **, NULL, list_attributes, (ExpNode * self, GError **error), (target, error))
DELEGATE (ExpArray *, NULL, read_attribute, (ExpNode * self, const char *name, GError **error), (target, name, error))
DELEGATE (gboolean, FALSE, list_parameters,
          (ExpNode * self, ExpParameterRules *rules, ExpParameterFunc func, gpointer data, GError **error),
          (target, rules, func, data, error))
DELEGATE (ExpNode *, NULL, create_group, (ExpNode * self, const char *name, GError **error), (target, name, error))
DELEGATE (ExpNode *, NULL, create_dataset,
          (ExpNode * self, const char *name, const ExpNewDataset *dataset, GError **error),
          (target, name, dataset, error))
DELEGATE (gboolean, FALSE, check_name, (ExpNode * self, const char *name, GError **error), (target, name, error))
DELEGATE (ExpNode *, NULL, replace_dataset,
          (ExpNode * self, const char *name, const ExpNewDataset *dataset, GError **error),
          (target, name, dataset, error))
DELEGATE (gboolean, FALSE, write, (ExpNode * self, const ExpSlab *slab, const ExpArray *array, GError **error),
          (target, slab, array, error))
DELEGATE (gboolean, FALSE, resize, (ExpNode * self, guint rank, const guint64 *shape, GError **error),
          (target, rank, shape, error))
DELEGATE (gboolean, FALSE, write_attribute, (ExpNode * self, const char *name, const ExpArray *value, GError **error),
          (target, name, value, error))
DELEGATE (gboolean, FALSE, remove_attribute, (ExpNode * self, const char *name, GError **error), (target, name, error))
DELEGATE (gboolean, FALSE, remove, (ExpNode * self, const char *name, GError **error), (target, name, error))
DELEGATE (gboolean, FALSE, remove_tree, (ExpNode * self, const char *name, GError **error), (target, name, error))
DELEGATE (gboolean, FALSE, move,
          (ExpNode * self, const char *name, ExpNode *new_parent, const char *new_name, guint flags, GError **error),
          (target, name, new_parent, new_name, flags, error))
DELEGATE (gboolean, FALSE, copy, (ExpNode * self, const char *name, ExpNode *source, GError **error),
          (target, name, source, error))
DELEGATE (gboolean, FALSE, link, (ExpNode * self, const char *name, ExpNode *other, GError **error),
          (target, name, other, error))
DELEGATE (gboolean, FALSE, symlink, (ExpNode * self, const char *name, const char *path, GError **error),
          (target, name, path, error))
DELEGATE (gboolean, FALSE, external_link,
          (ExpNode * self, const char *name, const char *file, const char *path, GError **error),
          (target, name, file, path, error))
DELEGATE (gboolean, FALSE, set_class, (ExpNode * self, const char *class_name, GError **error),
          (target, class_name, error))
DELEGATE (gboolean, FALSE, set_note, (ExpNode * self, const char *note, const char *value, GError **error),
          (target, note, value, error))
DELEGATE (ExpNode *, NULL, put_file, (ExpNode * self, const char *name, GBytes *bytes, GError **error),
          (target, name, bytes, error))
DELEGATE (gboolean, FALSE, commit, (ExpNode * self, gboolean checkpoint, GError **error), (target, checkpoint, error))

ExpNode *
exp_delegate_unwrap (ExpNode *self)
{
  return exp_delegate_target (self, NULL);
}

typedef struct
{
  ExpWrapFunc wrap;
  ExpNode *owner;
  guint64 skip;
  ExpListFunc func;
  gpointer data;
} Listing;

static gboolean
list_child (const char *name, ExpNode *inner, gpointer data)
{
  Listing *listing = data;
  g_autoptr (ExpNode) child = listing->wrap (listing->owner, name, inner);

  if (child == NULL)
    return TRUE;
  if (listing->skip > 0)
    {
      listing->skip--;
      return TRUE;
    }
  return listing->func (name, child, listing->data);
}

gboolean
exp_delegate_list_wrapped (ExpNode *inner, ExpWrapFunc wrap, ExpNode *owner, guint64 skip, ExpListFunc func,
                           gpointer data, GError **error)
{
  Listing listing = { wrap, owner, skip, func, data };

  return exp_node_list (inner, 0, list_child, &listing, error);
}

void
exp_delegate_clear (ExpDelegate *self)
{
  g_clear_pointer (&self->target, exp_node_unref);
}

gboolean
exp_delegate_look_outside (ExpNode *self, ExpOutside *outside, GError **error)
{
  g_autoptr (ExpNode) target = hold (self, error);

  return target != NULL && exp_node_look_outside (target, outside, error);
}

guint64
exp_delegate_version (ExpNode *self)
{
  g_autoptr (ExpNode) target = hold (self, NULL);

  return target != NULL ? exp_node_version (target) : 0;
}

const char *
exp_delegate_format_name (ExpNode *self, GError **error)
{
  g_autoptr (ExpNode) target = hold (self, error);

  return target != NULL ? exp_node_format_name (target, error) : NULL;
}
