/* Nodes that are looked into only when somebody asks: a listing makes one for each child and opens none of them.
 * Knows what tells links, groups, leaves and stray datasets apart, and what they are called.
 * Made by group.c for every child. */
#include "expfs/view.h"
#include "filter/delegate.h"
#include "form.h"
#include "live.h"
#include "type.h"
#include "whole.h"
#include "write.h"
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
  ExpPypetTrajectory *trajectory;
  gboolean is_leaf;
  ExpPypetLeaf leaf; /* when it is one; held */
} Found;

static gboolean
is_explored (const Found *self)
{
  return self->is_leaf && self->leaf.is_parameter && exp_pypet_is_explored (self->inner);
}

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

static gboolean
found_layout (ExpNode *node, ExpLayout *layout, GError **error)
{
  Found *self = (Found *)node;
  g_autofree char *single = NULL;

  if (!exp_delegate_layout (node, layout, error))
    return FALSE;
  single = self->is_leaf && !exp_pypet_leaf_is_kept_directory (&self->leaf) ? exp_pypet_leaf_single (&self->leaf, NULL)
                                                                            : NULL;
  g_autoptr (ExpNode) item = single != NULL ? exp_pypet_child (self->inner, single) : NULL;
  if (item == NULL)
    {
      layout->python = self->is_leaf && self->leaf.is_parameter && single == NULL ? "None" : NULL;
      return TRUE;
    }
  exp_pypet_whole_layout (&self->leaf, item, single, layout);
  g_autofree char *shown = exp_pypet_item_name (single);
  if (!self->leaf.is_parameter && strcmp (shown, self->leaf.name) != 0)
    layout->item = g_steal_pointer (&shown);
  return TRUE;
}

/* One that a single dataset shows. */
static gboolean
has_plain_range (const Found *self)
{
  g_autoptr (ExpNode) range = exp_pypet_range_values_new (&self->leaf, NULL);
  g_auto (ExpInfo) info = { 0 };

  return range != NULL && exp_node_describe (range, &info, NULL) && info.kind == EXP_KIND_DATASET;
}

static char **
found_list_attributes (ExpNode *node, GError **error)
{
  static const char *const explored[] = { "range", "explored", NULL };
  Found *self = (Found *)node;
  char **own = exp_pypet_list_attributes (self->inner, error);

  if (own == NULL || self->target != NULL)
    return own;
  if (is_explored (self))
    own = exp_pypet_join_names (own, g_strdupv ((char **)explored + (has_plain_range (self) ? 0 : 1)));

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

  if (strcmp (name, EXP_ATTRIBUTE_STORED) == 0)
    {
      g_autofree char *form = self->target == NULL ? exp_pypet_form_text (self->trajectory, self->inner,
                                                                          self->is_leaf ? &self->leaf : NULL, error)
                                                   : NULL;
      return form != NULL ? exp_array_new_text (form) : NULL;
    }
  ExpArray *value = exp_pypet_read_attribute (self->inner, name, &local);

  if (value != NULL)
    return value;
  if (strcmp (name, "explored") == 0 && is_explored (self))
    return exp_array_new_bool (TRUE);
  if (strcmp (name, "range") == 0 && is_explored (self))
    {
      g_autoptr (ExpNode) range = exp_pypet_range_values_new (&self->leaf, error);
      g_auto (ExpInfo) info = { 0 };

      if (range == NULL || !exp_node_describe (range, &info, error))
        return NULL;
      if (info.kind == EXP_KIND_DATASET)
        return exp_node_read_all (range, error);
    }
  if (g_error_matches (local, EXP_ERROR, EXP_ERROR_NOT_FOUND))
    return exp_delegate_read_attribute (node, name, error);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

/* Only leaves have values that are written; what else lies about is not pypet's. */
static gboolean
check_leaf (const Found *self, GError **error)
{
  if (self->is_leaf)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "not a parameter or result, so there is nothing to write");
  return FALSE;
}

static gboolean
found_write (ExpNode *node, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  Found *self = (Found *)node;

  return check_leaf (self, error) && exp_pypet_leaf_write (&self->leaf, slab, array, error);
}

static gboolean
found_resize (ExpNode *node, guint rank, const guint64 *shape, GError **error)
{
  Found *self = (Found *)node;

  return check_leaf (self, error) && exp_pypet_leaf_resize (&self->leaf, rank, shape, error);
}

/* What is shown already stays as it is stored, whatever types it could be stored in as well. */
static gboolean
is_shown (ExpNode *node, const char *name, const ExpArray *value)
{
  g_autoptr (ExpArray) shown = found_read_attribute (node, name, NULL);

  return shown != NULL && exp_pypet_is_told_alike (((Found *)node)->trajectory, ((Found *)node)->inner, shown, value);
}

static gboolean
found_write_attribute (ExpNode *node, const char *name, const ExpArray *value, GError **error)
{
  Found *self = (Found *)node;

  if (is_shown (node, name, value))
    return TRUE;
  return exp_pypet_write_attribute (self->trajectory->store, self->inner, self->is_leaf ? &self->leaf : NULL, name,
                                    value, error);
}

static gboolean
found_remove_attribute (ExpNode *node, const char *name, GError **error)
{
  Found *self = (Found *)node;

  return exp_pypet_remove_attribute (self->trajectory->store, self->inner, self->is_leaf ? &self->leaf : NULL, name,
                                     error);
}

static gboolean
found_set_class (ExpNode *node, const char *class_name, GError **error)
{
  Found *self = (Found *)node;

  if (self->is_leaf && g_strcmp0 (self->leaf.class_name, class_name) == 0)
    return TRUE;
  return exp_delegate_set_class (node, class_name, error);
}

static gboolean
found_set_note (ExpNode *node, const char *note, const char *value, GError **error)
{
  Found *self = (Found *)node;

  return self->is_leaf ? exp_pypet_leaf_set_note (&self->leaf, note, value, error)
                       : exp_delegate_set_note (node, note, value, error);
}

static void
found_free (ExpNode *node)
{
  Found *self = (Found *)node;

  exp_delegate_clear (&self->base);
  if (self->is_leaf)
    exp_pypet_leaf_release (&self->leaf);
  exp_pypet_trajectory_unref (self->trajectory);
  exp_node_unref (self->inner);
  g_free (self->target);
  g_free (self);
}

static const ExpNodeClass found_class = {
  .free = found_free,
  .describe = found_describe,
  .layout = found_layout,
  .list = exp_delegate_list,
  .lookup = exp_delegate_lookup,
  .read = exp_delegate_read,
  .locate = exp_delegate_locate,
  .list_attributes = found_list_attributes,
  .read_attribute = found_read_attribute,
  .unwrap = exp_delegate_unwrap,
  .create_group = exp_delegate_create_group,
  .create_dataset = exp_delegate_create_dataset,
  .check_name = exp_delegate_check_name,
  .takes_file = exp_delegate_takes_file,
  .takes_number = exp_delegate_takes_number,
  .put_number = exp_delegate_put_number,
  .put_file = exp_delegate_put_file,
  .replace_dataset = exp_delegate_replace_dataset,
  .remove = exp_delegate_remove,
  .move = exp_delegate_move,
  .symlink = exp_delegate_symlink,
  .write = found_write,
  .resize = found_resize,
  .write_attribute = found_write_attribute,
  .remove_attribute = found_remove_attribute,
  .set_class = found_set_class,
  .set_note = found_set_note,
};

typedef struct
{
  ExpPypetLive base;
  ExpNode *inner;
  ExpPypetScope *scope;
  GRefString *location;
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
  GPtrArray *places = exp_pypet_places_new ();
  GRefString *location = exp_pypet_location_join (self->location, self->name);

  g_ptr_array_add (places, exp_pypet_place_new (self->inner, self->scope, location));
  g_ref_string_release (location);
  found->class_name = group_class (self->scope, exp_pypet_class (self->inner));
  if (exp_pypet_is_run_name (self->name) && !g_str_has_prefix (self->name, "run_set_"))
    found->role = "run";
  return exp_pypet_group_new (places, exp_pypet_branch_of (self->name) == self->scope->branch);
}

static ExpNode *
find_leaf (Child *self, Found *found, GError **error)
{
  ExpPypetLeaf leaf;

  exp_pypet_leaf_init (&leaf, self->inner, self->scope, self->location, self->name);
  found->role = leaf.role;
  found->class_name = leaf.class_name;
  exp_pypet_leaf_hold (&found->leaf, &leaf);
  found->is_leaf = TRUE;
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
  found->trajectory = exp_pypet_trajectory_ref (self->scope->trajectory);
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

  exp_pypet_live_clear (&self->base);
  exp_node_unref (self->inner);
  exp_pypet_scope_unref (self->scope);
  g_ref_string_release (self->location);
  g_free (self);
}

static guint64
child_part (ExpNode *node)
{
  return exp_pypet_scope_part (((Child *)node)->scope);
}

static const ExpNodeClass child_class = {
  .free = child_free,
  EXP_PYPET_LIVE_MEMBERS,
  .takes_number = exp_delegate_takes_number,
  .put_number = exp_delegate_put_number,
  .part = child_part,
};

ExpNode *
exp_pypet_node_new (ExpNode *inner, ExpPypetScope *scope, GRefString *location, const char *name)
{
  gsize size = strlen (name) + 1;
  Child *self = g_malloc0 (sizeof *self + size);

  exp_pypet_live_init (&self->base, &child_class, scope->trajectory->store, find);
  self->inner = exp_node_ref (inner);
  self->scope = exp_pypet_scope_ref (scope);
  self->location = location != NULL ? g_ref_string_acquire (location) : g_ref_string_new ("");
  memcpy (self->name, name, size);
  return &self->base.base.base;
}
