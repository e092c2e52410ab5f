/* ExpPypetGroup nodes: their children, in one run those of the run in place of all runs', and the virtual ones beside
 * leaves. Knows how runs are named and where what they stored may lie. Made by node.c, trajectory.c and run.c. */
#include "group.h"
#include "type.h"
#include "whole.h"
#include "write.h"
#include <string.h>

static ExpPypetPlace *
first_place (const ExpPypetGroup *self)
{
  return self->own->pdata[0];
}

static ExpPypetScope *
scope_of (const ExpPypetGroup *self)
{
  return first_place (self)->scope;
}

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
add_hoisted (GPtrArray *places, const ExpPypetPlace *place, gboolean is_branch)
{
  gint64 run = place->scope->run;
  g_autofree char *name = g_strdup_printf ("run_%08" G_GINT64_FORMAT, run);
  g_autofree char *set = g_strdup_printf ("run_set_%05" G_GINT64_FORMAT, run / 1000);
  const char *const within[] = { NULL, set, "runs" };

  for (guint i = 0; i < (is_branch ? 3 : 2); i++)
    {
      g_autoptr (ExpPypetPlace) between = within[i] != NULL ? exp_pypet_place_child (place, within[i]) : NULL;
      ExpPypetPlace *found = within[i] == NULL ? exp_pypet_place_child (place, name)
                             : between != NULL ? exp_pypet_place_child (between, name)
                                               : NULL;

      if (found != NULL)
        g_ptr_array_add (places, found);
    }
}

GPtrArray *
exp_pypet_group_places (ExpPypetGroup *self)
{
  guint n_own = self->own->len;
  GPtrArray *places;

  if (self->all != NULL)
    return g_ptr_array_ref (self->all);
  places = exp_pypet_places_new ();
  for (guint i = 0; i < n_own; i++)
    {
      const ExpPypetPlace *place = self->own->pdata[i];
      g_ptr_array_add (places, exp_pypet_place_new (place->inner, place->scope, place->location));
    }
  for (guint i = 0; i < n_own; i++)
    add_hoisted (places, self->own->pdata[i], self->is_branch);
  return places;
}

gboolean
exp_pypet_group_hides (const ExpPypetGroup *self, const char *name)
{
  return exp_pypet_shown_name (name) == NULL
         || (has_runs (scope_of (self))
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
merged_child (GPtrArray *places, guint first, ExpNode *child, const char *name)
{
  g_autoptr (GPtrArray) merged = NULL;

  for (guint i = first + 1; i < places->len; i++)
    {
      g_autoptr (ExpPypetPlace) other = exp_pypet_place_child (places->pdata[i], name);

      if (other == NULL || !is_group (other->inner) || (merged == NULL && !is_group (child)))
        continue;
      if (merged == NULL)
        {
          merged = exp_pypet_places_new ();
          g_ptr_array_add (merged, exp_pypet_place_child (places->pdata[first], name));
        }
      g_ptr_array_add (merged, g_steal_pointer (&other));
    }
  return merged != NULL && merged->pdata[0] != NULL ? exp_pypet_group_new (g_steal_pointer (&merged), FALSE) : NULL;
}

static ExpNode *
make_child (GPtrArray *places, guint source, ExpNode *inner, const char *name)
{
  const ExpPypetPlace *place = places->pdata[source];
  ExpNode *merged = places->len > 1 ? merged_child (places, source, inner, name) : NULL;

  return merged != NULL ? merged : exp_pypet_node_new (inner, place->scope, place->location, name);
}

typedef struct
{
  ExpPypetGroup *group;
  GPtrArray *places;
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
      const ExpPypetPlace *place = listing->places->pdata[i];
      g_autoptr (ExpNode) earlier = exp_pypet_child (place->inner, name);

      if (earlier != NULL)
        return TRUE;
    }
  return FALSE;
}

static gboolean
list_child (const char *name, ExpNode *inner, gpointer data)
{
  Listing *listing = data;

  if (exp_pypet_group_hides (listing->group, name) || is_shown (listing, name))
    return TRUE;
  if (listing->skip > 0)
    {
      listing->skip--;
      return TRUE;
    }
  g_autoptr (ExpNode) child = make_child (listing->places, listing->source, inner, name);
  listing->is_ended = !listing->func (exp_pypet_shown_name (name), child, listing->data);
  return !listing->is_ended;
}

static gboolean
group_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  ExpPypetGroup *self = (ExpPypetGroup *)node;
  g_autoptr (GPtrArray) places = exp_pypet_group_places (self);
  Listing listing = { self, places, 0, skip, func, data, FALSE };

  for (guint i = 0; i < places->len && !listing.is_ended; i++)
    {
      const ExpPypetPlace *place = places->pdata[i];

      listing.source = i;
      if (!exp_node_list (place->inner, 0, list_child, &listing, error))
        return FALSE;
    }
  return TRUE;
}

static ExpNode *
find_real (ExpPypetGroup *self, GPtrArray *places, const char *name, GError **error)
{
  g_autoptr (GError) first = NULL;

  for (guint i = 0; i < places->len && !exp_pypet_group_hides (self, name); i++)
    {
      const ExpPypetPlace *place = places->pdata[i];
      g_autoptr (ExpNode) inner = exp_node_lookup (place->inner, name, first == NULL ? &first : NULL);

      if (inner != NULL)
        return make_child (places, i, inner, name);
    }
  if (first != NULL)
    g_propagate_error (error, g_steal_pointer (&first));
  else
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no '%s' here", name);
  return NULL;
}

/* LEAF.range, LEAF.pickle and LEAF.npz; NULL when it is none of them. */
static ExpNode *
find_virtual (ExpPypetGroup *self, GPtrArray *places, const char *name, GError **error)
{
  gboolean is_range = g_str_has_suffix (name, ".range");
  ExpPypetWhole kind = EXP_WHOLE_PICKLE;
  g_autofree char *stem
      = is_range ? g_strndup (name, strlen (name) - strlen (".range")) : exp_pypet_whole_stem (name, &kind);
  ExpPypetPlace *place = NULL;
  g_autoptr (ExpNode) inner = NULL;
  ExpPypetLeaf leaf;

  for (guint i = 0; i < places->len && stem != NULL && inner == NULL && !exp_pypet_group_hides (self, stem); i++)
    {
      place = places->pdata[i];
      inner = exp_pypet_child (place->inner, stem);
    }
  if (inner == NULL || !exp_pypet_is_leaf (inner))
    return NULL;

  exp_pypet_leaf_init (&leaf, inner, place->scope, place->location, stem);
  return is_range ? exp_pypet_range_new (&leaf, error) : exp_pypet_whole_of_leaf (&leaf, kind);
}

char *
exp_pypet_group_stored_name (GPtrArray *places, const char *shown)
{
  g_autofree char *odd = exp_pypet_is_odd_name (shown) ? g_strconcat ("_p_", shown, NULL) : NULL;

  for (guint i = 0; odd != NULL && i < places->len; i++)
    {
      const ExpPypetPlace *place = places->pdata[i];
      g_autoptr (ExpNode) there = exp_pypet_child (place->inner, odd);

      if (there != NULL)
        return g_steal_pointer (&odd);
    }
  return exp_pypet_stored_name (shown);
}

static ExpNode *
group_lookup (ExpNode *node, const char *shown, GError **error)
{
  ExpPypetGroup *self = (ExpPypetGroup *)node;
  g_autoptr (GPtrArray) places = exp_pypet_group_places (self);
  g_autofree char *name = exp_pypet_group_stored_name (places, shown);
  g_autoptr (GError) missing = NULL;
  g_autoptr (GError) failed = NULL;
  ExpNode *child = find_real (self, places, name, &missing);

  if (child == NULL && g_error_matches (missing, EXP_ERROR, EXP_ERROR_NOT_FOUND))
    child = find_virtual (self, places, name, &failed);
  if (child == NULL)
    g_propagate_error (error, failed != NULL ? g_steal_pointer (&failed) : g_steal_pointer (&missing));
  return child;
}

static gboolean
group_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  ExpPypetGroup *self = (ExpPypetGroup *)node;

  if (!exp_node_describe (first_place (self)->inner, info, error))
    return FALSE;
  if (scope_of (self)->run >= 0)
    info->identity = info->n_links = 0;
  return TRUE;
}

static void
group_free (ExpNode *node)
{
  ExpPypetGroup *self = (ExpPypetGroup *)node;

  g_ptr_array_unref (self->own);
  g_clear_pointer (&self->all, g_ptr_array_unref);
  g_free (self);
}

static char **
group_list_attributes (ExpNode *node, GError **error)
{
  return exp_pypet_list_attributes (first_place ((ExpPypetGroup *)node)->inner, error);
}

static ExpArray *
group_read_attribute (ExpNode *node, const char *name, GError **error)
{
  return exp_pypet_read_attribute (first_place ((ExpPypetGroup *)node)->inner, name, error);
}

static guint64
group_part (ExpNode *node)
{
  return exp_pypet_scope_part (scope_of ((ExpPypetGroup *)node));
}

static const ExpNodeClass group_class = {
  .free = group_free,
  .describe = group_describe,
  .list = group_list,
  .lookup = group_lookup,
  .list_attributes = group_list_attributes,
  .read_attribute = group_read_attribute,
  .part = group_part,
  EXP_PYPET_GROUP_WRITERS,
};

ExpPypetPlace *
exp_pypet_group_place (ExpNode *node)
{
  if (node->klass != &group_class)
    return NULL;
  g_autoptr (GPtrArray) places = exp_pypet_group_places ((ExpPypetGroup *)node);
  ExpPypetPlace *place = exp_pypet_group_place_for_new (places);
  return exp_pypet_place_new (place->inner, place->scope, place->location);
}

ExpNode *
exp_pypet_group_new (GPtrArray *places, gboolean is_branch)
{
  ExpPypetGroup *self = g_new0 (ExpPypetGroup, 1);

  exp_node_init (&self->base, &group_class);
  self->own = places;
  self->is_branch = is_branch;
  if (!has_runs (scope_of (self)))
    self->all = g_ptr_array_ref (places);
  else if (!scope_of (self)->trajectory->store->is_writable)
    self->all = exp_pypet_group_places (self);
  return &self->base;
}
