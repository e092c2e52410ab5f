/* .by as groups: the parameters of a view, in each of them its values, and in these what has them; or the sets that
 * the view is divided in by several parameters, or by all but some.
 * Knows views; knows no formats. Made by groups.c. */
#include "group.h"
#include <string.h>

typedef struct
{
  guint64 skip;
  ExpListFunc func;
  gpointer data;
} Listing;

static gboolean
show (Listing *listing, const char *name, ExpNode *child)
{
  g_autoptr (ExpNode) owned = child;

  if (listing->skip == 0)
    return listing->func (name, child, listing->data);
  listing->skip--;
  return TRUE;
}

/* --- .by/A,B: sets ------------------------------------------------------------------------------------------ */

typedef struct
{
  ExpQueryGroup group;
  GPtrArray *sets;     /* of ExpQuerySet */
  GHashTable *by_name; /* the same */
} SetsGroup;

static void
sets_free (ExpNode *node)
{
  SetsGroup *self = (SetsGroup *)node;

  g_hash_table_unref (self->by_name);
  g_ptr_array_unref (self->sets);
  exp_query_group_free (node);
}

static gboolean
sets_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  SetsGroup *self = (SetsGroup *)node;

  for (guint i = skip; i < self->sets->len; i++)
    {
      const ExpQuerySet *set = self->sets->pdata[i];
      g_autoptr (ExpNode) matches = exp_query_matches_new (set->view, self->group.depth + 1);

      if (!func (set->name, matches, data))
        break;
    }
  return TRUE;
}

static ExpNode *
sets_lookup (ExpNode *node, const char *name, GError **error)
{
  SetsGroup *self = (SetsGroup *)node;
  const ExpQuerySet *set = g_hash_table_lookup (self->by_name, name);

  return set != NULL ? exp_query_matches_new (set->view, self->group.depth + 1) : exp_query_group_fail (name, error);
}

static const ExpNodeClass sets_class
    = { .free = sets_free, .describe = exp_query_group_describe, .list = sets_list, .lookup = sets_lookup };

static ExpNode *
sets_new (const ExpQueryGroup *above, const char *text, GError **error)
{
  g_autoptr (GPtrArray) sets = exp_query_view_divide (above->view, text, error);

  if (sets == NULL)
    return NULL;
  SetsGroup *self = exp_query_group_new (&sets_class, sizeof *self, above->view, above->depth + 1);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < sets->len; i++)
    g_hash_table_insert (self->by_name, ((ExpQuerySet *)sets->pdata[i])->name, sets->pdata[i]);
  self->sets = g_steal_pointer (&sets);
  return &self->group.base;
}

/* --- .by/PARAMETER: values ---------------------------------------------------------------------------------- */

typedef struct
{
  ExpQueryGroup group;
  char *parameter;
  gboolean is_strict;
  GMutex lock;     /* guards the making of the next, which is not changed any more then */
  GPtrArray *sets; /* of ExpValueSet */
} ValuesGroup;

/* What has one of the values; which things these are is looked for when somebody looks into it. */
static ExpNode *
with_value (const ValuesGroup *self, const char *value)
{
  return exp_query_matches_filtered_new (self->group.view, self->group.depth + 1,
                                         exp_query_new_equal (self->parameter, value));
}

static void
values_free (ExpNode *node)
{
  ValuesGroup *self = (ValuesGroup *)node;

  g_clear_pointer (&self->sets, g_ptr_array_unref);
  g_mutex_clear (&self->lock);
  g_free (self->parameter);
  exp_query_group_free (node);
}

static GPtrArray *
sets_of (ValuesGroup *self, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  ExpQueryIndex *index;

  if (self->sets == NULL)
    self->sets = exp_query_view_value_sets (self->group.view, self->parameter, &index, error);
  return self->sets;
}

static gboolean
values_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  ValuesGroup *self = (ValuesGroup *)node;
  GPtrArray *sets = sets_of (self, error);
  Listing listing = { .skip = skip, .func = func, .data = data };
  g_autoptr (GHashTable) shown = g_hash_table_new (g_str_hash, g_str_equal);

  if (sets == NULL)
    return FALSE;
  for (guint i = 0; i < sets->len; i++)
    {
      char *name = ((ExpValueSet *)sets->pdata[i])->name;
      /* A number and a text may look alike: one directory has both. */
      if (g_hash_table_add (shown, name) && !show (&listing, name, with_value (self, name)))
        break;
    }
  return TRUE;
}

/* A value that is written otherwise than it is listed is found too when it is the same number. */
static ExpNode *
values_lookup (ExpNode *node, const char *name, GError **error)
{
  ValuesGroup *self = (ValuesGroup *)node;
  GPtrArray *sets = sets_of (self, error);
  g_autoptr (ExpQuery) query = exp_query_new_equal (self->parameter, name);
  const ExpPredicate *predicate = &g_array_index (query->predicates, ExpPredicate, 0);

  if (sets == NULL)
    return NULL;
  for (guint i = 0; i < sets->len; i++)
    {
      ExpValue value;

      exp_index_entry_value (((ExpValueSet *)sets->pdata[i])->first, &value);
      if (exp_predicate_matches (predicate, &value, self->is_strict))
        return with_value (self, name);
    }
  return exp_query_group_fail (name, error);
}

static const ExpNodeClass values_class
    = { .free = values_free, .describe = exp_query_group_describe, .list = values_list, .lookup = values_lookup };

static ExpNode *
values_new (const ExpQueryGroup *above, const char *parameter, gboolean is_strict)
{
  ValuesGroup *self = exp_query_group_new (&values_class, sizeof *self, above->view, above->depth + 1);

  g_mutex_init (&self->lock);
  self->parameter = g_strdup (parameter);
  self->is_strict = is_strict;
  return &self->group.base;
}

/* --- .by ---------------------------------------------------------------------------------------------------- */

static gboolean
occurs (const ExpIndexParameter *parameter, const guint8 *is_in)
{
  for (guint i = 0; i < parameter->entries->len; i++)
    {
      const ExpIndexEntry *entry = &g_array_index (parameter->entries, ExpIndexEntry, i);
      if (is_in[entry->thing] && entry->kind != EXP_VALUE_PASSES)
        return TRUE;
    }
  return FALSE;
}

static gboolean
by_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  ExpQueryGroup *self = (ExpQueryGroup *)node;
  ExpQueryIndex *index = exp_query_view_index (self->view, error);
  Listing listing = { .skip = skip, .func = func, .data = data };

  if (index == NULL)
    return FALSE;
  g_autoptr (GPtrArray) parameters = exp_query_index_parameters (index);
  g_autoptr (GArray) things = exp_query_view_listed (self->view, index);
  g_autofree guint8 *is_in = g_malloc0 (MAX (exp_query_index_n_things (index), 1));
  for (guint i = 0; i < things->len; i++)
    is_in[g_array_index (things, guint, i)] = TRUE;
  for (guint i = 0; i < parameters->len; i++)
    {
      const ExpIndexParameter *parameter = parameters->pdata[i];
      gboolean is_strict = exp_query_index_rules (index)->is_strict;

      if (occurs (parameter, is_in) && !show (&listing, parameter->name, values_new (self, parameter->name, is_strict)))
        break;
    }
  return TRUE;
}

static ExpNode *
by_lookup (ExpNode *node, const char *name, GError **error)
{
  ExpQueryGroup *self = (ExpQueryGroup *)node;
  g_autoptr (GError) local_error = NULL;
  ExpQueryIndex *index = exp_query_scope_index_with (exp_query_view_scope (self->view), name, &local_error);

  if (index != NULL)
    return values_new (self, name, exp_query_index_rules (index)->is_strict);
  if (g_error_matches (local_error, EXP_ERROR, EXP_ERROR_NOT_FOUND)
      && (strchr (name, ',') != NULL || g_str_has_prefix (name, "except:") || g_str_has_prefix (name, "same:")))
    return sets_new (self, name, error);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return NULL;
}

static const ExpNodeClass by_class
    = { .free = exp_query_group_free, .describe = exp_query_group_describe, .list = by_list, .lookup = by_lookup };

ExpNode *
exp_query_by_new (ExpQueryView *view, guint depth)
{
  return exp_query_group_new (&by_class, sizeof (ExpQueryGroup), view, depth);
}
