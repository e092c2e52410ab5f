/* Queries as groups: .by/PARAMETER/VALUE/ and .where/EXPRESSION/, links to what they find in each, and both again
 * there. Knows how deep it lies below the scope's group, for the links. Made by name resolution in fs/. */
#include "expfs/memory_node.h"
#include "scope.h"
#include <string.h>

/* All of these are one of them. `things` are those that the queries above have left (guint, ascending), of `index`;
 * NULL: all that there is. */
typedef struct
{
  ExpNode base;
  ExpQueryScope *scope;
  ExpQueryIndex *index; /* borrowed from the scope */
  GArray *things;       /* owned */
  guint depth;          /* levels below the scope's group */
  char *parameter;      /* of the group of its values, NULL in others */
} QueryGroup;

typedef struct
{
  guint64 skip;
  ExpListFunc func;
  gpointer data;
} Listing;

static const ExpNodeClass by_class, values_class, where_class, matches_class;

static ExpNode *
group_new (const ExpNodeClass *klass, const QueryGroup *above, guint n_levels)
{
  QueryGroup *self = g_new0 (QueryGroup, 1);

  exp_node_init (&self->base, klass);
  self->scope = exp_query_scope_ref (above->scope);
  self->index = above->index;
  self->things = above->things != NULL ? g_array_ref (above->things) : NULL;
  self->depth = above->depth + n_levels;
  return &self->base;
}

static void
group_free (ExpNode *node)
{
  QueryGroup *self = (QueryGroup *)node;

  if (self->things != NULL)
    g_array_unref (self->things);
  exp_query_scope_unref (self->scope);
  g_free (self->parameter);
  g_free (self);
}

static gboolean
group_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  info->kind = EXP_KIND_GROUP;
  info->role = "query";
  return TRUE;
}

static ExpNode *
fail_not_found (const char *name, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no '%s' here", name);
  return NULL;
}

static gint
compare_things (gconstpointer a, gconstpointer b)
{
  return (*(const guint *)a > *(const guint *)b) - (*(const guint *)a < *(const guint *)b);
}

static gboolean
has_thing (const QueryGroup *self, guint thing)
{
  return self->things == NULL || g_array_binary_search (self->things, &thing, compare_things, NULL);
}

/* The things of one index by their paths in another, which has them all. */
static GArray *
translate (const QueryGroup *self, ExpQueryIndex *to)
{
  GArray *things = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < self->things->len; i++)
    {
      guint thing;
      const char *path = exp_query_index_path (self->index, g_array_index (self->things, guint, i));
      if (exp_query_index_find_path (to, path, &thing))
        g_array_append_val (things, thing);
    }
  g_array_sort (things, compare_things);
  return things;
}

/* A group of what `things` of `index` and the queries above have in common. Takes over `things`. */
static ExpNode *
matches_new (const QueryGroup *above, guint n_levels, ExpQueryIndex *index, GArray *things)
{
  QueryGroup *self = (QueryGroup *)group_new (&matches_class, above, n_levels);
  g_autoptr (GArray) others = NULL;
  guint n = 0;

  if (self->things != NULL)
    {
      others = self->index == index ? g_array_ref (self->things) : translate (self, index);
      for (guint i = 0; i < things->len; i++)
        if (g_array_binary_search (others, &g_array_index (things, guint, i), compare_things, NULL))
          g_array_index (things, guint, n++) = g_array_index (things, guint, i);
      g_array_set_size (things, n);
      g_array_unref (self->things);
    }
  self->things = things;
  self->index = index;
  return &self->base;
}

/* --- .by ---------------------------------------------------------------------------------------------------- */

static gboolean
show (Listing *listing, const char *name, ExpNode *child)
{
  g_autoptr (ExpNode) owned = child;

  if (listing->skip == 0)
    return listing->func (name, child, listing->data);
  listing->skip--;
  return TRUE;
}

static ExpNode *
values_new (const QueryGroup *above, const char *parameter)
{
  QueryGroup *self = (QueryGroup *)group_new (&values_class, above, 1);

  self->parameter = g_strdup (parameter);
  return &self->base;
}

static gboolean
occurs (const QueryGroup *self, const ExpQueryIndex *index, const char *parameter)
{
  const GArray *entries = exp_query_index_entries (index, parameter, NULL);

  if (self->things == NULL || self->index != index)
    return TRUE;
  for (guint i = 0; i < entries->len; i++)
    if (has_thing (self, g_array_index (entries, ExpIndexEntry, i).thing))
      return TRUE;
  return FALSE;
}

static gboolean
by_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  QueryGroup *self = (QueryGroup *)node;
  ExpQueryIndex *index = self->index != NULL ? self->index : exp_query_scope_index (self->scope, FALSE, error);
  Listing listing = { .skip = skip, .func = func, .data = data };

  if (index == NULL)
    return FALSE;
  g_autoptr (GPtrArray) names = exp_query_index_parameters (index);
  for (guint i = 0; i < names->len; i++)
    if (occurs (self, index, names->pdata[i]) && !show (&listing, names->pdata[i], values_new (self, names->pdata[i])))
      break;
  return TRUE;
}

static ExpNode *
by_lookup (ExpNode *node, const char *name, GError **error)
{
  QueryGroup *self = (QueryGroup *)node;

  return exp_query_scope_index_with (self->scope, name, error) != NULL ? values_new (self, name) : NULL;
}

static const ExpNodeClass by_class
    = { .free = group_free, .describe = group_describe, .list = by_list, .lookup = by_lookup };

/* --- .by/PARAMETER ------------------------------------------------------------------------------------------ */

/* The entries of the group's parameter among its things, an array of ExpIndexEntry; the index that they are of. */
static GArray *
entries_of (QueryGroup *self, ExpQueryIndex **index, GError **error)
{
  *index = exp_query_scope_index_with (self->scope, self->parameter, error);
  if (*index == NULL)
    return NULL;
  const GArray *all = exp_query_index_entries (*index, self->parameter, error);
  g_autoptr (GArray) things = NULL;
  GArray *entries = g_array_new (FALSE, FALSE, sizeof (ExpIndexEntry));

  if (self->things != NULL)
    things = self->index == *index ? g_array_ref (self->things) : translate (self, *index);
  for (guint i = 0; i < all->len; i++)
    if (things == NULL
        || g_array_binary_search (things, &g_array_index (all, ExpIndexEntry, i).thing, compare_things, NULL))
      g_array_append_val (entries, g_array_index (all, ExpIndexEntry, i));
  return entries;
}

static gint
compare_entries (gconstpointer a, gconstpointer b)
{
  ExpValue x, y;

  exp_index_entry_value (a, &x);
  exp_index_entry_value (b, &y);
  gint order = exp_value_compare (&x, &y);
  return order != 0 ? order : compare_things (&((const ExpIndexEntry *)a)->thing, &((const ExpIndexEntry *)b)->thing);
}

/* Things with the value of entries[first], which follow it when they are sorted. */
static GArray *
things_with (const GArray *entries, guint first, guint *next)
{
  GArray *things = g_array_new (FALSE, FALSE, sizeof (guint));
  const char *text = g_array_index (entries, ExpIndexEntry, first).text;
  guint i = first;

  for (; i < entries->len && strcmp (g_array_index (entries, ExpIndexEntry, i).text, text) == 0; i++)
    g_array_append_val (things, g_array_index (entries, ExpIndexEntry, i).thing);
  *next = i;
  return things;
}

static gboolean
values_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  QueryGroup *self = (QueryGroup *)node;
  Listing listing = { .skip = skip, .func = func, .data = data };
  ExpQueryIndex *index;
  g_autoptr (GArray) entries = entries_of (self, &index, error);

  if (entries == NULL)
    return FALSE;
  g_array_sort (entries, compare_entries);
  for (guint i = 0, next; i < entries->len; i = next)
    {
      const char *text = g_array_index (entries, ExpIndexEntry, i).text;
      GArray *things = things_with (entries, i, &next);

      if (!show (&listing, text, matches_new (self, 1, index, things)))
        break;
    }
  return TRUE;
}

/* A value that is written otherwise than it is listed is found too when it is the same number. */
static ExpNode *
values_lookup (ExpNode *node, const char *name, GError **error)
{
  QueryGroup *self = (QueryGroup *)node;
  ExpQueryIndex *index;
  g_autoptr (GArray) entries = entries_of (self, &index, error),
                     literals = g_array_new (FALSE, FALSE, sizeof (ExpValue));
  ExpPredicate predicate = { .op = EXP_OPERATOR_EQUAL, .literals = literals };
  ExpValue literal;

  if (entries == NULL)
    return NULL;
  exp_value_init (&literal, name);
  g_array_append_val (literals, literal);
  g_autoptr (GArray) things = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < entries->len; i++)
    {
      const ExpIndexEntry *entry = &g_array_index (entries, ExpIndexEntry, i);
      ExpValue value;

      exp_index_entry_value (entry, &value);
      if (exp_predicate_matches (&predicate, &value))
        g_array_append_val (things, entry->thing);
    }
  if (things->len == 0)
    return fail_not_found (name, error);
  g_array_sort (things, compare_things);
  return matches_new (self, 1, index, g_steal_pointer (&things));
}

static const ExpNodeClass values_class
    = { .free = group_free, .describe = group_describe, .list = values_list, .lookup = values_lookup };

/* --- .where ------------------------------------------------------------------------------------------------- */

static gboolean
where_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  return TRUE;
}

static ExpNode *
where_lookup (ExpNode *node, const char *name, GError **error)
{
  QueryGroup *self = (QueryGroup *)node;
  g_autoptr (ExpQuery) query = exp_query_parse (name, error);
  ExpQueryIndex *index;
  GArray *things = query != NULL ? exp_query_scope_select (self->scope, query, &index, error) : NULL;

  return things != NULL ? matches_new (self, 1, index, things) : NULL;
}

static const ExpNodeClass where_class
    = { .free = group_free, .describe = group_describe, .list = where_list, .lookup = where_lookup };

/* --- what was found ----------------------------------------------------------------------------------------- */

static ExpNode *
link_new (const QueryGroup *self, guint thing)
{
  g_autoptr (GString) target = g_string_new (NULL);

  for (guint i = 0; i < self->depth; i++)
    g_string_append (target, "../");
  g_string_append (target, exp_query_index_path (self->index, thing));
  return exp_memory_link_new (target->str);
}

static gboolean
matches_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  QueryGroup *self = (QueryGroup *)node;

  for (guint i = skip; i < self->things->len; i++)
    {
      guint thing = g_array_index (self->things, guint, i);
      g_autoptr (ExpNode) link = link_new (self, thing);

      if (!func (exp_query_index_name (self->index, thing), link, data))
        break;
    }
  return TRUE;
}

static ExpNode *
matches_lookup (ExpNode *node, const char *name, GError **error)
{
  QueryGroup *self = (QueryGroup *)node;
  guint thing;

  if (exp_query_index_find_name (self->index, name, &thing) && has_thing (self, thing))
    return link_new (self, thing);
  if (strcmp (name, ".by") == 0)
    return group_new (&by_class, self, 1);
  if (strcmp (name, ".where") == 0)
    return group_new (&where_class, self, 1);
  return fail_not_found (name, error);
}

static const ExpNodeClass matches_class
    = { .free = group_free, .describe = group_describe, .list = matches_list, .lookup = matches_lookup };

/* --- making ------------------------------------------------------------------------------------------------- */

ExpNode *
exp_query_by_new (ExpQueryScope *scope)
{
  QueryGroup top = { .scope = scope };

  return group_new (&by_class, &top, 1);
}

ExpNode *
exp_query_where_new (ExpQueryScope *scope)
{
  QueryGroup top = { .scope = scope };

  return group_new (&where_class, &top, 1);
}
