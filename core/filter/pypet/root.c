/* The root of a pypet store: one directory for each trajectory.
 * Knows nothing of what is in one.
 * Made by pypet.c. */
#include "root.h"
#include "filter/delegate.h"
#include "pypet.h"
#include "type.h"
#include <string.h>

typedef struct
{
  ExpNode base;
  ExpNode *inner;
} Root;

static gboolean
root_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  return exp_node_describe (((Root *)node)->inner, info, error);
}

/* What lies at the top; a group is taken as a trajectory, as pypet takes it. */
typedef struct
{
  ExpDelegate base;
  ExpNode *root;
  ExpNode *inner;
  char name[];
} Top;

static ExpNode *
make_top (ExpDelegate *delegate, GError **error)
{
  Top *self = (Top *)delegate;
  g_auto (ExpInfo) info = { 0 };

  if (!exp_node_describe (self->inner, &info, error))
    return NULL;
  if (info.kind != EXP_KIND_GROUP)
    return exp_pypet_typed_new (self->inner, NULL, "utf8", error);
  g_autoptr (ExpPypetTrajectory) trajectory = exp_pypet_trajectory_new (self->root, self->inner, self->name);
  return exp_pypet_trajectory_node_new (trajectory, -1);
}

static void
top_free (ExpNode *node)
{
  Top *self = (Top *)node;

  exp_delegate_clear (&self->base);
  exp_node_unref (self->root);
  exp_node_unref (self->inner);
  g_free (self);
}

static const ExpNodeClass top_class = { .free = top_free, EXP_DELEGATE_MEMBERS };

static ExpNode *
make_child (Root *root, const char *name, ExpNode *inner)
{
  gsize size = strlen (name) + 1;
  Top *self = g_malloc0 (sizeof *self + size);

  exp_node_init (&self->base.base, &top_class);
  self->base.make = make_top;
  self->root = exp_node_ref (root->inner);
  self->inner = exp_node_ref (inner);
  memcpy (self->name, name, size);
  return &self->base.base;
}

typedef struct
{
  Root *root;
  guint64 skip;
  ExpListFunc func;
  gpointer data;
} Listing;

static gboolean
list_child (const char *name, ExpNode *inner, gpointer data)
{
  Listing *listing = data;

  if (exp_pypet_is_hidden_child (name))
    return TRUE;
  if (listing->skip > 0)
    {
      listing->skip--;
      return TRUE;
    }
  g_autoptr (ExpNode) child = make_child (listing->root, name, inner);
  return listing->func (name, child, listing->data);
}

static gboolean
root_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  Listing listing = { (Root *)node, skip, func, data };

  return exp_node_list (((Root *)node)->inner, 0, list_child, &listing, error);
}

static ExpNode *
root_lookup (ExpNode *node, const char *name, GError **error)
{
  Root *self = (Root *)node;
  g_autoptr (ExpNode) inner = exp_node_lookup (self->inner, name, error);

  return inner != NULL ? make_child (self, name, inner) : NULL;
}

static char **
root_list_attributes (ExpNode *node, GError **error)
{
  return exp_pypet_list_attributes (((Root *)node)->inner, error);
}

static ExpArray *
root_read_attribute (ExpNode *node, const char *name, GError **error)
{
  return exp_pypet_read_attribute (((Root *)node)->inner, name, error);
}

static void
root_free (ExpNode *node)
{
  exp_node_unref (((Root *)node)->inner);
  g_free (node);
}

static const ExpNodeClass root_class = {
  .free = root_free,
  .describe = root_describe,
  .list = root_list,
  .lookup = root_lookup,
  .list_attributes = root_list_attributes,
  .read_attribute = root_read_attribute,
};

ExpNode *
exp_pypet_root_new (ExpNode *inner)
{
  Root *self = g_new0 (Root, 1);

  exp_node_init (&self->base, &root_class);
  self->inner = exp_node_ref (inner);
  return &self->base;
}
