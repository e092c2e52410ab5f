/* Queries as groups: .where/EXPRESSION/ and the other directories of a view, links to what it has, and all of these
 * again among the links.
 * Knows how deep it lies below the scope's group, for the links. Made by name resolution in fs/, and by by.c. */
#include "expfs/memory_node.h"
#include "group.h"
#include <string.h>

gpointer
exp_query_group_new (const ExpNodeClass *klass, gsize size, ExpQueryView *view, guint depth)
{
  ExpQueryGroup *self = g_malloc0 (size);

  exp_node_init (&self->base, klass);
  self->view = exp_query_view_ref (view);
  self->depth = depth;
  return self;
}

void
exp_query_group_free (ExpNode *node)
{
  exp_query_view_unref (((ExpQueryGroup *)node)->view);
  g_free (node);
}

gboolean
exp_query_group_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  info->kind = EXP_KIND_GROUP;
  info->role = "query";
  return TRUE;
}

ExpNode *
exp_query_group_fail (const char *name, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no '%s' here", name);
  return NULL;
}

static gboolean
list_nothing (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  return TRUE;
}

/* --- .where, .or -------------------------------------------------------------------------------------------- */

static ExpNode *
where_lookup (ExpNode *node, const char *name, GError **error)
{
  ExpQueryGroup *self = (ExpQueryGroup *)node;
  g_autoptr (ExpQuery) query = exp_query_parse (name, error);
  g_autoptr (ExpQueryView) view = query != NULL ? exp_query_view_filter (self->view, query, error) : NULL;

  return view != NULL ? exp_query_matches_new (view, self->depth + 1) : NULL;
}

static const ExpNodeClass where_class = {
  .free = exp_query_group_free, .describe = exp_query_group_describe, .list = list_nothing, .lookup = where_lookup
};

/* The view, and what the expression finds in all that there is. */
static ExpNode *
or_lookup (ExpNode *node, const char *name, GError **error)
{
  ExpQueryGroup *self = (ExpQueryGroup *)node;
  g_autoptr (ExpQuery) query = exp_query_parse (name, error);
  g_autoptr (ExpQueryView) all = exp_query_view_new (exp_query_view_scope (self->view));
  g_autoptr (ExpQueryView) others = query != NULL ? exp_query_view_filter (all, query, error) : NULL;
  g_autoptr (ExpQueryView) view = others != NULL ? exp_query_view_join (self->view, others) : NULL;

  return view != NULL ? exp_query_matches_new (view, self->depth + 1) : NULL;
}

static const ExpNodeClass or_class
    = { .free = exp_query_group_free, .describe = exp_query_group_describe, .list = list_nothing, .lookup = or_lookup };

/* --- .same, .varying ---------------------------------------------------------------------------------------- */

static ExpNode *
same_lookup (ExpNode *node, const char *name, GError **error)
{
  ExpQueryGroup *self = (ExpQueryGroup *)node;
  gboolean passes_none = g_str_has_prefix (name, "none:"), is_same;

  if (!exp_query_view_is_same (self->view, name + (passes_none ? strlen ("none:") : 0), passes_none, &is_same, error))
    return NULL;
  g_autoptr (ExpArray) value = exp_array_new_bool (is_same);
  return exp_memory_dataset_new (value, NULL);
}

static const ExpNodeClass same_class = {
  .free = exp_query_group_free, .describe = exp_query_group_describe, .list = list_nothing, .lookup = same_lookup
};

static ExpNode *
varying_new (ExpQueryView *view, GError **error)
{
  g_auto (GStrv) names = exp_query_view_varying (view, error);

  if (names == NULL)
    return NULL;
  g_autoptr (ExpArray) value = exp_array_new_texts (g_strv_length (names), (const char *const *)names);
  return exp_memory_dataset_new (value, NULL);
}

/* --- .unique ------------------------------------------------------------------------------------------------ */

static ExpNode *
link_new (ExpQueryIndex *index, guint thing, guint n_levels)
{
  g_autoptr (GString) target = g_string_new (NULL);

  for (guint i = 0; i < n_levels; i++)
    g_string_append (target, "../");
  g_string_append (target, exp_query_index_path (index, thing));
  return exp_memory_link_new (target->str);
}

/* A link to the only thing that is listed. */
static ExpNode *
unique_new (ExpQueryView *view, guint n_levels, GError **error)
{
  ExpQueryIndex *index = exp_query_view_index (view, error);
  gint part = exp_query_view_part_number (view);
  const ExpParameterPart *of = index != NULL && part >= 0 ? &exp_query_index_rules (index)->parts[part] : NULL;

  if (index == NULL)
    return NULL;
  g_autoptr (GArray) things = exp_query_view_listed (view, index);
  if (things->len == 1)
    return link_new (index, g_array_index (things, guint, 0), n_levels);
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "a single %s was expected, and there are %u",
               of == NULL         ? "match"
               : of->noun != NULL ? of->noun
                                  : of->name,
               things->len);
  return NULL;
}

/* --- what was found ----------------------------------------------------------------------------------------- */

typedef struct
{
  ExpQueryGroup group;
  GMutex lock;     /* guards the view, as long as there is a query */
  ExpQuery *query; /* that has not been put to the view yet */
} MatchesGroup;

/* A reference. */
static ExpQueryView *
view_of (MatchesGroup *self, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (self->query != NULL)
    {
      ExpQueryView *view = exp_query_view_filter (self->group.view, self->query, error);

      if (view == NULL)
        return NULL;
      exp_query_view_unref (self->group.view);
      self->group.view = view;
      g_clear_pointer (&self->query, exp_query_free);
    }
  return exp_query_view_ref (self->group.view);
}

static void
matches_free (ExpNode *node)
{
  MatchesGroup *self = (MatchesGroup *)node;

  exp_query_free (self->query);
  g_mutex_clear (&self->lock);
  exp_query_group_free (node);
}

static gboolean
matches_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  MatchesGroup *self = (MatchesGroup *)node;
  g_autoptr (ExpQueryView) view = view_of (self, error);
  ExpQueryIndex *index = view != NULL ? exp_query_view_index (view, error) : NULL;

  if (index == NULL)
    return FALSE;
  g_autoptr (GArray) things = exp_query_view_listed (view, index);
  for (guint i = skip; i < things->len; i++)
    {
      guint thing = g_array_index (things, guint, i);
      g_autoptr (ExpNode) link = link_new (index, thing, self->group.depth);

      if (!func (exp_query_index_name (index, thing), link, data))
        break;
    }
  return TRUE;
}

static ExpNode *
matches_lookup (ExpNode *node, const char *name, GError **error)
{
  MatchesGroup *self = (MatchesGroup *)node;
  g_autoptr (ExpQueryView) view = view_of (self, error), part = NULL;
  ExpQueryIndex *index = view != NULL ? exp_query_view_index (view, error) : NULL;
  guint thing;

  if (index == NULL)
    return NULL;
  if (exp_query_index_find_name (index, name, &thing) && exp_query_view_lists (view, index, thing))
    return link_new (index, thing, self->group.depth);
  if (exp_query_index_find_part (index, name) >= 0)
    {
      part = exp_query_view_part (view, name, error);
      return part != NULL ? exp_query_matches_new (part, self->group.depth + 1) : NULL;
    }
  return exp_query_group_named (view, self->group.depth + 1, name, error);
}

static const ExpNodeClass matches_class
    = { .free = matches_free, .describe = exp_query_group_describe, .list = matches_list, .lookup = matches_lookup };

ExpNode *
exp_query_matches_filtered_new (ExpQueryView *view, guint depth, ExpQuery *query)
{
  MatchesGroup *self = exp_query_group_new (&matches_class, sizeof *self, view, depth);

  g_mutex_init (&self->lock);
  self->query = query;
  return &self->group.base;
}

ExpNode *
exp_query_matches_new (ExpQueryView *view, guint depth)
{
  return exp_query_matches_filtered_new (view, depth, NULL);
}

/* --- by name ------------------------------------------------------------------------------------------------ */

gboolean
exp_query_is_group_name (const char *name)
{
  static const char *const names[] = { ".by", ".where", ".or", ".same", ".varying", ".unique", NULL };

  return g_strv_contains (names, name);
}

ExpNode *
exp_query_group_named (ExpQueryView *view, guint depth, const char *name, GError **error)
{
  if (strcmp (name, ".by") == 0)
    return exp_query_by_new (view, depth);
  if (strcmp (name, ".where") == 0)
    return exp_query_group_new (&where_class, sizeof (ExpQueryGroup), view, depth);
  if (strcmp (name, ".or") == 0)
    return exp_query_group_new (&or_class, sizeof (ExpQueryGroup), view, depth);
  if (strcmp (name, ".same") == 0)
    return exp_query_group_new (&same_class, sizeof (ExpQueryGroup), view, depth);
  if (strcmp (name, ".varying") == 0)
    return varying_new (view, error);
  if (strcmp (name, ".unique") == 0)
    return unique_new (view, depth - 1, error);
  return exp_query_group_fail (name, error);
}

ExpNode *
exp_query_group_open (ExpQueryScope *scope, const char *name, GError **error)
{
  g_autoptr (ExpQueryView) view = exp_query_view_new (scope);

  return exp_query_group_named (view, 1, name, error);
}
