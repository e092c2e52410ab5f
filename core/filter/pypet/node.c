/* Nodes that are looked into only when somebody asks: a listing makes one for each child and opens none of them.
 * Knows what tells links, groups, leaves and stray datasets apart, and what they are called.
 * Made by group.c for every child. */
#include "filter/delegate.h"
#include "pypet.h"
#include "type.h"
#include <string.h>

/* What a node turned out to be: a value with the names that pypet gives it. Immutable. */
typedef struct
{
  ExpDelegate base;
  ExpNode *inner; /* has the attributes */
  char *target;   /* of a link */
  const char *role;
  const char *class_name;
  guint64 identity;
  guint n_links;
  gint64 mtime;
  gboolean is_explored; /* a parameter with a range */
} Found;

static gboolean
found_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  Found *self = (Found *)node;

  if (!exp_delegate_describe (node, info, error))
    return FALSE;
  if (self->target != NULL)
    {
      g_free (info->target);
      info->target = g_strdup (self->target);
    }
  if (self->role != NULL)
    info->role = self->role;
  if (self->class_name != NULL)
    info->class_name = self->class_name;
  info->identity = self->identity;
  info->n_links = self->n_links;
  if (info->mtime == 0)
    info->mtime = self->mtime;
  return TRUE;
}

static char **
found_list_attributes (ExpNode *node, GError **error)
{
  static const char *const explored[] = { "explored", NULL };
  Found *self = (Found *)node;
  char **own = exp_pypet_list_attributes (self->inner, error);

  if (own == NULL || self->target != NULL)
    return own;
  if (self->is_explored)
    own = exp_pypet_join_names (own, g_strdupv ((char **)explored));

  char **values = exp_delegate_list_attributes (node, error);
  if (values == NULL)
    {
      g_strfreev (own);
      return NULL;
    }
  return exp_pypet_join_names (own, values);
}

static ExpArray *
found_read_attribute (ExpNode *node, const char *name, GError **error)
{
  Found *self = (Found *)node;
  g_autoptr (GError) local = NULL;
  ExpArray *value = exp_pypet_read_attribute (self->inner, name, &local);

  if (value != NULL)
    return value;
  if (self->is_explored && strcmp (name, "explored") == 0)
    return exp_array_new_bool (TRUE);
  if (g_error_matches (local, EXP_ERROR, EXP_ERROR_NOT_FOUND))
    return exp_delegate_read_attribute (node, name, error);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

static void
found_free (ExpNode *node)
{
  Found *self = (Found *)node;

  exp_delegate_clear (&self->base);
  exp_node_unref (self->inner);
  g_free (self->target);
  g_free (self);
}

static const ExpNodeClass found_class = {
  .free = found_free,
  .describe = found_describe,
  .layout = exp_delegate_layout,
  .list = exp_delegate_list,
  .lookup = exp_delegate_lookup,
  .read = exp_delegate_read,
  .locate = exp_delegate_locate,
  .list_attributes = found_list_attributes,
  .read_attribute = found_read_attribute,
};

typedef struct
{
  ExpDelegate base;
  ExpNode *inner;
  ExpPypetScope *scope;
  char name[];
} Child;

static const char *
group_class (const ExpPypetScope *scope, const char *own)
{
  static const char *const classes[] = { [EXP_BRANCH_OTHER] = "NNGroupNode",
                                         [EXP_BRANCH_CONFIG] = "ConfigGroup",
                                         [EXP_BRANCH_PARAMETERS] = "ParameterGroup",
                                         [EXP_BRANCH_DERIVED] = "DerivedParameterGroup",
                                         [EXP_BRANCH_RESULTS] = "ResultGroup" };

  return own != NULL ? own : classes[scope->branch];
}

static ExpNode *
find_group (Child *self, Found *found)
{
  GPtrArray *inners = g_ptr_array_new_with_free_func ((GDestroyNotify)exp_node_unref);

  g_ptr_array_add (inners, exp_node_ref (self->inner));
  found->class_name = group_class (self->scope, exp_pypet_class (self->inner));
  if (exp_pypet_is_run_name (self->name) && !g_str_has_prefix (self->name, "run_set_"))
    found->role = "run";
  return exp_pypet_group_new (inners, self->scope, exp_pypet_branch_of (self->name) == self->scope->branch);
}

static ExpNode *
find_leaf (Child *self, Found *found, GError **error)
{
  ExpPypetLeaf leaf;

  exp_pypet_leaf_init (&leaf, self->inner, self->scope, self->name);
  found->role = leaf.role;
  found->class_name = leaf.class_name;
  found->is_explored = leaf.is_parameter && exp_pypet_is_explored (self->inner);
  return exp_pypet_leaf_value (&leaf, error);
}

static ExpNode *
find_link (Child *self, const ExpInfo *info, Found *found)
{
  found->target = info->is_external || info->target == NULL ? g_strdup (info->target != NULL ? info->target : "")
                                                            : exp_pypet_link_target (self->scope, info->target);
  return exp_node_ref (self->inner);
}

static ExpNode *
find (ExpDelegate *delegate, GError **error)
{
  Child *self = (Child *)delegate;
  g_auto (ExpInfo) info = { 0 };

  if (!exp_node_describe (self->inner, &info, error))
    return NULL;

  Found *found = g_new0 (Found, 1);
  g_autoptr (ExpNode) node = &found->base.base;
  exp_node_init (node, &found_class);
  found->inner = exp_node_ref (self->inner);
  found->mtime = info.mtime;
  if (self->scope->run < 0) /* in a run the same object may show another value */
    {
      found->identity = info.identity;
      found->n_links = info.n_links;
    }
  if (info.kind == EXP_KIND_LINK)
    found->base.target = find_link (self, &info, found);
  else if (info.kind != EXP_KIND_GROUP)
    found->base.target = exp_pypet_typed_new (self->inner, NULL, "utf8", error);
  else if (exp_pypet_is_leaf (self->inner))
    found->base.target = find_leaf (self, found, error);
  else
    found->base.target = find_group (self, found);
  return found->base.target != NULL ? g_steal_pointer (&node) : NULL;
}

static void
child_free (ExpNode *node)
{
  Child *self = (Child *)node;

  exp_delegate_clear (&self->base);
  exp_node_unref (self->inner);
  exp_pypet_scope_unref (self->scope);
  g_free (self);
}

static const ExpNodeClass child_class = { .free = child_free, EXP_DELEGATE_MEMBERS };

ExpNode *
exp_pypet_node_new (ExpNode *inner, ExpPypetScope *scope, const char *name)
{
  gsize size = strlen (name) + 1;
  Child *self = g_malloc0 (sizeof *self + size);

  exp_node_init (&self->base.base, &child_class);
  self->base.make = find;
  self->inner = exp_node_ref (inner);
  self->scope = exp_pypet_scope_ref (scope);
  memcpy (self->name, name, size);
  return &self->base.base;
}
