/* Likeness: whether the things of a view have the same values of parameters, which of these vary, and which values
 * there are. Knows entries and formats' rules; knows no nodes.
 * Called by the groups that show queries, and by `expfs find`. */
#include "classes.h"
#include "comparison.h"
#include <math.h>
#include <string.h>

/* --- the same ----------------------------------------------------------------------------------------------- */

/* Blanks between things, and where that is asked for what has none of the parameters, are passed over. */
static void
pass_over (ExpCompared *self, const guint8 *is_described)
{
  guint n = exp_query_index_n_things (self->index);
  g_autofree guint8 *is_out = g_malloc (MAX (n, 1));

  for (guint thing = 0; thing < n; thing++)
    is_out[thing] = exp_query_index_is_blank (self->index, thing) || (is_described != NULL && !is_described[thing]);
  exp_compared_remove (self, is_out);
}

static gboolean
fail (const char *what, GError **error)
{
  g_set_error_literal (error, EXP_ERROR, EXP_ERROR_INVALID, what);
  return FALSE;
}

/* Whether the parameters are constant and everywhere. */
static gboolean
are_constant (const ExpCompared *self, const GPtrArray *parameters)
{
  for (guint i = 0; i < parameters->len; i++)
    {
      guint n = exp_compared_count (self, parameters->pdata[i]);
      if ((n > 0 && n < self->things->len) || !exp_compared_is_constant (self, parameters->pdata[i]))
        return FALSE;
    }
  return TRUE;
}

gboolean
exp_query_view_is_same (ExpQueryView *view, const char *text, gboolean passes_none, gboolean *is_true, GError **error)
{
  g_auto (ExpComparison) comparison = { 0 };
  g_auto (ExpCompared) compared = { 0 };
  gboolean is_same;

  if (!exp_comparison_parse (&comparison, text, &is_same, error)
      || !exp_compared_open (&compared, view, &comparison, FALSE, error))
    return FALSE;
  g_autofree guint8 *is_described = exp_compared_described (&compared);
  pass_over (&compared, passes_none ? is_described : NULL);
  *is_true = TRUE;
  if (compared.things->len == 0)
    return !comparison.is_all || !compared.is_strict || fail ("there is nothing to compare", error);
  for (guint i = 0; compared.of_aspect && i < compared.things->len; i++)
    *is_true &= is_described[g_array_index (compared.things, guint, i)];
  if (!*is_true)
    return TRUE;
  if (compared.is_strict && !exp_compared_are_alike (&compared))
    return fail ("they do not all have the same parameters", error);
  g_autoptr (GPtrArray) parameters = exp_compared_parameters (&compared, &comparison, error);
  if (parameters == NULL)
    return FALSE;
  *is_true = are_constant (&compared, parameters);
  return TRUE;
}

/* --- what varies -------------------------------------------------------------------------------------------- */

static gboolean
is_number (const ExpValue *value)
{
  return value->kind == EXP_VALUE_NUMBER || value->kind == EXP_VALUE_SINGLE || value->kind == EXP_VALUE_BOOLEAN;
}

/* Numbers as numpy.isclose has them. */
static gboolean
is_close (const ExpIndexEntry *a, const ExpIndexEntry *b, gboolean is_strict)
{
  ExpValue x, y;

  exp_index_entry_value (a, &x);
  exp_index_entry_value (b, &y);
  if (is_number (&x) && is_number (&y))
    return x.number == y.number || fabsl (x.number - y.number) <= 1e-8L + 1e-5L * fabsl (y.number);
  y.is_quoted = TRUE;
  return exp_value_is_equal (&x, &y, is_strict);
}

static gboolean
varies (const ExpCompared *self, const ExpIndexParameter *parameter)
{
  const ExpIndexEntry *first = NULL;

  for (guint i = 0; i < parameter->entries->len; i++)
    {
      const ExpIndexEntry *entry = &g_array_index (parameter->entries, ExpIndexEntry, i);

      if (!self->is_in[entry->thing] || entry->kind == EXP_VALUE_PASSES)
        continue;
      if (first == NULL)
        first = entry;
      else if (!is_close (entry, first, self->is_strict))
        return TRUE;
    }
  return FALSE;
}

char **
exp_query_view_varying (ExpQueryView *view, GError **error)
{
  g_auto (ExpComparison) comparison = { .names = g_ptr_array_new () };
  g_auto (ExpCompared) compared = { 0 };

  if (!exp_compared_open (&compared, view, &comparison, TRUE, error))
    return NULL;
  pass_over (&compared, NULL);
  g_autoptr (GPtrArray) all = exp_query_index_parameters (compared.index);
  GPtrArray *names = g_ptr_array_new ();
  for (guint i = 0; i < all->len; i++)
    {
      const ExpIndexParameter *parameter = all->pdata[i];
      if ((exp_compared_flags (&compared, parameter) & EXP_PARAMETER_ASIDE) == 0 && varies (&compared, parameter))
        g_ptr_array_add (names, g_strdup (parameter->name));
    }
  g_ptr_array_add (names, NULL);
  return (char **)g_ptr_array_free (names, FALSE);
}

/* --- values ------------------------------------------------------------------------------------------------- */

static gint
compare_sets (gconstpointer a, gconstpointer b)
{
  ExpValue x, y;

  exp_index_entry_value ((*(ExpValueSet *const *)a)->first, &x);
  exp_index_entry_value ((*(ExpValueSet *const *)b)->first, &y);
  return exp_value_compare (&x, &y);
}

static void
free_value_set (gpointer data)
{
  ExpValueSet *set = data;

  g_array_unref (set->things);
  g_free (set->name);
  g_free (set);
}

static ExpValueSet *
value_set_new (const ExpIndexEntry *first, gboolean is_strict)
{
  ExpValueSet *set = g_new (ExpValueSet, 1);
  g_autoptr (GString) name = g_string_new (NULL);
  ExpValue value;

  exp_index_entry_value (first, &value);
  exp_value_append_literal (&value, is_strict, FALSE, name);
  *set = (ExpValueSet){ first, g_strdup (name->str), g_array_new (FALSE, FALSE, sizeof (guint)) };
  return set;
}

GPtrArray *
exp_query_view_value_sets (ExpQueryView *view, const char *name, ExpQueryIndex **index, GError **error)
{
  *index = exp_query_view_index (view, error);
  if (*index != NULL && exp_query_index_find (*index, name, NULL) == NULL)
    *index = exp_query_scope_index_with (exp_query_view_scope (view), name, error);
  if (*index == NULL)
    return NULL;
  gboolean is_strict = exp_query_index_rules (*index)->is_strict;
  const GArray *entries = exp_query_index_find (*index, name, NULL)->entries;
  g_autoptr (GArray) things = exp_query_view_listed (view, *index);
  g_autofree guint8 *is_in = g_malloc0 (MAX (exp_query_index_n_things (*index), 1));
  g_autoptr (ExpValueClasses) classes = exp_value_classes_new (is_strict);
  GPtrArray *sets = g_ptr_array_new_with_free_func (free_value_set);

  for (guint i = 0; i < things->len; i++)
    is_in[g_array_index (things, guint, i)] = TRUE;
  for (guint i = 0; i < entries->len; i++)
    {
      const ExpIndexEntry *entry = &g_array_index (entries, ExpIndexEntry, i);

      if (!is_in[entry->thing] || entry->kind == EXP_VALUE_PASSES)
        continue;
      guint class = exp_value_classes_add (classes, entry);
      if (class > sets->len)
        g_ptr_array_add (sets, value_set_new (entry, is_strict));
      GArray *of_set = ((ExpValueSet *)sets->pdata[class - 1])->things;
      if (of_set->len == 0 || g_array_index (of_set, guint, of_set->len - 1) != entry->thing)
        g_array_append_val (of_set, entry->thing);
    }
  g_ptr_array_sort (sets, compare_sets);
  return sets;
}
