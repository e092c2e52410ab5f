/* A dataset of another format with attributes that say what it is here.
 * Knows nothing of either.
 * Made by fields.c. */
#include "mozaik.h"

typedef struct
{
  ExpNode base;
  ExpNode *inner;
  ExpMozaikAttributes *attributes;
  const char *role;
} Decorated;

static void
decorated_free (ExpNode *node)
{
  Decorated *self = (Decorated *)node;

  exp_node_unref (self->inner);
  exp_mozaik_attributes_free (self->attributes);
  g_free (self);
}

static gboolean
decorated_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  const Decorated *self = (Decorated *)node;

  if (!exp_node_describe (self->inner, info, error))
    return FALSE;
  info->role = self->role;
  return TRUE;
}

static gboolean
decorated_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  const Decorated *self = (Decorated *)node;

  return self->inner->klass->read (self->inner, slab, array, error);
}

static gboolean
decorated_locate (ExpNode *node, guint64 first, gsize n, ExpRun *run)
{
  return exp_node_locate (((Decorated *)node)->inner, first, n, run);
}

static char **
decorated_list_attributes (ExpNode *node, GError **error)
{
  ExpMozaikAttributes *copy = exp_mozaik_attributes_new ();

  exp_mozaik_attributes_add_all (copy, ((Decorated *)node)->attributes);
  return exp_mozaik_attributes_take_names (copy);
}

static ExpArray *
decorated_read_attribute (ExpNode *node, const char *name, GError **error)
{
  ExpMozaikAttributes *copy = exp_mozaik_attributes_new ();

  exp_mozaik_attributes_add_all (copy, ((Decorated *)node)->attributes);
  return exp_mozaik_attributes_take (copy, name, error);
}

static const ExpNodeClass decorated_class = {
  .free = decorated_free,
  .describe = decorated_describe,
  .read = decorated_read,
  .locate = decorated_locate,
  .list_attributes = decorated_list_attributes,
  .read_attribute = decorated_read_attribute,
};

ExpNode *
exp_mozaik_decorated_new (ExpNode *inner, ExpMozaikAttributes *attributes, const char *role)
{
  Decorated *self = g_new0 (Decorated, 1);

  exp_node_init (&self->base, &decorated_class);
  self->inner = exp_node_ref (inner);
  self->attributes = attributes;
  self->role = role;
  return &self->base;
}
