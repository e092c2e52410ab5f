/* Group nodes: their children, in one run those of the run in place of all runs', and the virtual ones beside leaves.
 * Knows how runs are named and where what they stored may lie.
 * Made by node.c, trajectory.c and run.c. */
#include "pypet.h"
#include "type.h"
#include <string.h>

typedef struct
{
  ExpNode base;
  GPtrArray *inners; /* of ExpNode; the first is the group itself, others are merged into it */
  ExpPypetScope *scope;
  gboolean is_branch; /* directly below the trajectory, where runs/ is pypet's own */
} Group;

static gboolean
is_digits (const char *text, gsize length)
{
  return strlen (text) == length && strspn (text, "0123456789") == length;
}

gboolean
exp_pypet_is_run_name (const char *name)
{
  if (g_str_has_prefix (name, "run_set_"))
    return is_digits (name + 8, 5);
  return g_str_has_prefix (name, "run_") && is_digits (name + 4, 8);
}

static gboolean
has_runs (const ExpPypetScope *scope)
{
  return scope->run >= 0 && scope->branch != EXP_BRANCH_CONFIG && scope->branch != EXP_BRANCH_PARAMETERS;
}

/* What a run stored under a group, `runs` being pypet's default place below a branch. */
static void
add_hoisted (GPtrArray *inners, ExpNode *inner, gboolean is_branch, gint64 run)
{
  g_autofree char *name = g_strdup_printf ("run_%08" G_GINT64_FORMAT, run);
  g_autofree char *set = g_strdup_printf ("run_set_%05" G_GINT64_FORMAT, run / 1000);
  const char *const places[] = { NULL, set, "runs" };

  for (guint i = 0; i < (is_branch ? 3 : 2); i++)
    {
      g_autoptr (ExpNode) place = places[i] == NULL ? exp_node_ref (inner) : exp_pypet_child (inner, places[i]);
      ExpNode *found = place != NULL ? exp_pypet_child (place, name) : NULL;

      if (found != NULL)
        g_ptr_array_add (inners, found);
    }
}

static gboolean
is_hidden (const Group *self, const char *name)
{
  return exp_pypet_is_hidden_child (name)
         || (has_runs (self->scope)
             && (exp_pypet_is_run_name (name) || (self->is_branch && strcmp (name, "runs") == 0)));
}

static gboolean
is_group (ExpNode *inner)
{
  g_auto (ExpInfo) info = { 0 };

  return exp_node_describe (inner, &info, NULL) && info.kind == EXP_KIND_GROUP && !exp_pypet_is_leaf (inner);
}

/* A child of several merged groups; NULL when `child` alone has that name or is no group. */
static ExpNode *
merged_child (Group *self, guint first, ExpNode *child, const char *name)
{
  g_autoptr (GPtrArray) inners = NULL;

  for (guint i = first + 1; i < self->inners->len; i++)
    {
      g_autoptr (ExpNode) other = exp_pypet_child (self->inners->pdata[i], name);

      if (other == NULL || !is_group (other) || (inners == NULL && !is_group (child)))
        continue;
      if (inners == NULL)
        {
          inners = g_ptr_array_new_with_free_func ((GDestroyNotify)exp_node_unref);
          g_ptr_array_add (inners, exp_node_ref (child));
        }
      g_ptr_array_add (inners, exp_node_ref (other));
    }
  return inners != NULL ? exp_pypet_group_new (g_steal_pointer (&inners), self->scope, FALSE) : NULL;
}

static ExpNode *
make_child (Group *self, guint source, ExpNode *inner, const char *name)
{
  ExpNode *merged = self->inners->len > 1 ? merged_child (self, source, inner, name) : NULL;

  return merged != NULL ? merged : exp_pypet_node_new (inner, self->scope, name);
}

typedef struct
{
  Group *group;
  guint source;
  guint64 skip;
  ExpListFunc func;
  gpointer data;
  gboolean is_ended;
} Listing;

/* TRUE when an earlier group has shown that name already. */
static gboolean
is_shown (const Listing *listing, const char *name)
{
  for (guint i = 0; i < listing->source; i++)
    {
      g_autoptr (ExpNode) earlier = exp_pypet_child (listing->group->inners->pdata[i], name);

      if (earlier != NULL)
        return TRUE;
    }
  return FALSE;
}

static gboolean
list_child (const char *name, ExpNode *inner, gpointer data)
{
  Listing *listing = data;

  if (is_hidden (listing->group, name) || is_shown (listing, name))
    return TRUE;
  if (listing->skip > 0)
    {
      listing->skip--;
      return TRUE;
    }
  g_autoptr (ExpNode) child = make_child (listing->group, listing->source, inner, name);
  listing->is_ended = !listing->func (name, child, listing->data);
  return !listing->is_ended;
}

static gboolean
group_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  Group *self = (Group *)node;
  Listing listing = { self, 0, skip, func, data, FALSE };

  for (guint i = 0; i < self->inners->len && !listing.is_ended; i++)
    {
      listing.source = i;
      if (!exp_node_list (self->inners->pdata[i], 0, list_child, &listing, error))
        return FALSE;
    }
  return TRUE;
}

static ExpNode *
find_real (Group *self, const char *name, GError **error)
{
  g_autoptr (GError) first = NULL;

  for (guint i = 0; i < self->inners->len && !is_hidden (self, name); i++)
    {
      g_autoptr (ExpNode) inner = exp_node_lookup (self->inners->pdata[i], name, first == NULL ? &first : NULL);

      if (inner != NULL)
        return make_child (self, i, inner, name);
    }
  if (first != NULL)
    g_propagate_error (error, g_steal_pointer (&first));
  else
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no '%s' here", name);
  return NULL;
}

/* LEAF.range and LEAF.pickle; NULL when it is neither. */
static ExpNode *
find_virtual (Group *self, const char *name, GError **error)
{
  gboolean is_range = g_str_has_suffix (name, ".range");
  ExpPypetLeaf leaf;

  if (!is_range && !g_str_has_suffix (name, ".pickle"))
    return NULL;
  g_autofree char *stem = g_strndup (name, strrchr (name, '.') - name);
  g_autoptr (ExpNode) inner = NULL;
  for (guint i = 0; i < self->inners->len && inner == NULL && !is_hidden (self, stem); i++)
    inner = exp_pypet_child (self->inners->pdata[i], stem);
  if (inner == NULL || !exp_pypet_is_leaf (inner))
    return NULL;

  exp_pypet_leaf_init (&leaf, inner, self->scope, stem);
  if (is_range)
    return exp_pypet_range_new (&leaf, error);

  g_autoptr (ExpNode) item = self->scope->run >= 0 ? exp_pypet_range_stored (&leaf, (guint64)self->scope->run) : NULL;
  if (item == NULL)
    {
      g_autofree char *single = exp_pypet_leaf_single (&leaf, NULL);
      item = single != NULL ? exp_pypet_child (inner, single) : NULL;
    }
  return item != NULL ? exp_pypet_pickle_of_item (&leaf, item, error) : NULL;
}

static ExpNode *
group_lookup (ExpNode *node, const char *name, GError **error)
{
  Group *self = (Group *)node;
  g_autoptr (GError) missing = NULL;
  g_autoptr (GError) failed = NULL;
  ExpNode *child = find_real (self, name, &missing);

  if (child == NULL && g_error_matches (missing, EXP_ERROR, EXP_ERROR_NOT_FOUND))
    child = find_virtual (self, name, &failed);
  if (child == NULL)
    g_propagate_error (error, failed != NULL ? g_steal_pointer (&failed) : g_steal_pointer (&missing));
  return child;
}

static gboolean
group_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  Group *self = (Group *)node;

  if (!exp_node_describe (self->inners->pdata[0], info, error))
    return FALSE;
  if (self->scope->run >= 0)
    info->identity = info->n_links = 0;
  return TRUE;
}

static void
group_free (ExpNode *node)
{
  Group *self = (Group *)node;

  g_ptr_array_unref (self->inners);
  exp_pypet_scope_unref (self->scope);
  g_free (self);
}

static char **
group_list_attributes (ExpNode *node, GError **error)
{
  return exp_pypet_list_attributes (((Group *)node)->inners->pdata[0], error);
}

static ExpArray *
group_read_attribute (ExpNode *node, const char *name, GError **error)
{
  return exp_pypet_read_attribute (((Group *)node)->inners->pdata[0], name, error);
}

static const ExpNodeClass group_class = {
  .free = group_free,
  .describe = group_describe,
  .list = group_list,
  .lookup = group_lookup,
  .list_attributes = group_list_attributes,
  .read_attribute = group_read_attribute,
};

ExpNode *
exp_pypet_group_new (GPtrArray *inners, ExpPypetScope *scope, gboolean is_branch)
{
  Group *self = g_new0 (Group, 1);
  guint n_own = inners->len;

  if (has_runs (scope))
    for (guint i = 0; i < n_own; i++)
      add_hoisted (inners, inners->pdata[i], is_branch, scope->run);
  exp_node_init (&self->base, &group_class);
  self->inners = inners;
  self->scope = exp_pypet_scope_ref (scope);
  self->is_branch = is_branch;
  return &self->base;
}
