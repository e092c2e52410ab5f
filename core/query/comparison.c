/* Comparisons: which parameters of which things are to be equal, and whether they can be compared at all.
 * Knows entries and formats' rules; knows no nodes.
 * Called by partitions, and by what tells whether things are alike. */
#include "comparison.h"
#include "classes.h"
#include <string.h>

static gboolean
fail (GError **error, const char *format, const char *a, const char *b)
{
  g_autofree char *message = g_strdup_printf (format, a, b);

  g_set_error_literal (error, EXP_ERROR, EXP_ERROR_INVALID, message);
  return FALSE;
}

/* --- their spelling ----------------------------------------------------------------------------------------- */

void
exp_comparison_clear (ExpComparison *self)
{
  g_clear_pointer (&self->names, g_ptr_array_unref);
}

/* The name at *at, which it moves to the comma or end behind; NULL for none. */
static char *
take_name (const char **at)
{
  char *name;

  *at += strspn (*at, " ");
  if (**at == '"')
    {
      name = exp_text_take_quoted (at);
      *at += name != NULL ? strspn (*at, " ") : 0;
    }
  else
    {
      gsize length = strcspn (*at, ",");

      name = g_strchomp (g_strndup (*at, length));
      *at += length;
    }
  if (name == NULL || *name == '\0' || (**at != ',' && **at != '\0'))
    g_clear_pointer (&name, g_free);
  return name;
}

gboolean
exp_comparison_parse (ExpComparison *self, const char *text, gboolean *is_same, GError **error)
{
  const char *at = text;

  *self = (ExpComparison){ .names = g_ptr_array_new_with_free_func (g_free) };
  *is_same = g_str_has_prefix (text, "same:");
  self->is_except = g_str_has_prefix (text, "except:");
  at += *is_same ? strlen ("same:") : self->is_except ? strlen ("except:") : 0;
  if (strcmp (at, "*") == 0 || (self->is_except && *at == '\0'))
    {
      self->is_all = self->is_except = TRUE;
      return TRUE;
    }
  for (;; at++)
    {
      char *name = take_name (&at);

      if (name == NULL)
        return fail (error, "'%s': no list of parameters%s", text, "");
      g_ptr_array_add (self->names, name);
      if (*at == '\0')
        return TRUE;
    }
}

/* --- what is compared --------------------------------------------------------------------------------------- */

void
exp_compared_clear (ExpCompared *self)
{
  g_clear_pointer (&self->things, g_array_unref);
  g_clear_pointer (&self->is_in, g_free);
}

/* The index that has all parameters that are named, where a format's rules are not strict. */
static ExpQueryIndex *
index_for (ExpQueryView *view, const ExpComparison *comparison, GError **error)
{
  ExpQueryIndex *index = exp_query_view_index (view, error);

  for (guint i = 0; index != NULL && !exp_query_index_rules (index)->is_strict && i < comparison->names->len; i++)
    if (exp_query_index_find (index, comparison->names->pdata[i], NULL) == NULL)
      index = exp_query_scope_index_with (exp_query_view_scope (view), comparison->names->pdata[i], error);
  return index;
}

static gboolean
is_aspect (const ExpCompared *self, const char *name)
{
  const char *aspect = exp_query_index_rules (self->index)->aspect;

  return aspect != NULL && g_str_has_prefix (name, aspect);
}

guint
exp_compared_flags (const ExpCompared *self, const ExpIndexParameter *parameter)
{
  guint flags = 0;

  for (guint i = 0; i < parameter->entries->len; i++)
    {
      const ExpIndexEntry *entry = &g_array_index (parameter->entries, ExpIndexEntry, i);
      if (self->is_in[entry->thing])
        flags |= entry->flags;
    }
  return flags;
}

guint
exp_compared_count (const ExpCompared *self, const ExpIndexParameter *parameter)
{
  guint n = 0, last = G_MAXUINT;

  for (guint i = 0; i < parameter->entries->len; i++)
    {
      const ExpIndexEntry *entry = &g_array_index (parameter->entries, ExpIndexEntry, i);

      n += self->is_in[entry->thing] && entry->thing != last && entry->kind != EXP_VALUE_PASSES;
      last = entry->thing;
    }
  return n;
}

/* Those that could be compared: some of the things have them, and nobody need ask for them by name. */
static GPtrArray *
comparable (const ExpCompared *self)
{
  g_autoptr (GPtrArray) all = exp_query_index_parameters (self->index);
  GPtrArray *found = g_ptr_array_new ();

  for (guint i = 0; i < all->len; i++)
    {
      const ExpIndexParameter *parameter = all->pdata[i];
      if (is_aspect (self, parameter->name) == self->of_aspect && exp_compared_count (self, parameter) > 0
          && (exp_compared_flags (self, parameter) & EXP_PARAMETER_ASIDE) == 0)
        g_ptr_array_add (found, (gpointer)parameter);
    }
  return found;
}

/* Parameters of what the things have, or their own; where none is named, their own if they have any. */
static gboolean
choose_aspect (ExpCompared *self, ExpComparison *comparison, GError **error)
{
  const char *aspect = exp_query_index_rules (self->index)->aspect;
  GPtrArray *names = comparison->names;

  if (aspect != NULL && names->len == 1 && g_str_has_prefix (names->pdata[0], aspect)
      && strcmp ((char *)names->pdata[0] + strlen (aspect), "*") == 0)
    {
      comparison->is_except = comparison->is_aspect = TRUE;
      g_ptr_array_set_size (names, 0);
      self->of_aspect = TRUE;
      return TRUE;
    }
  for (guint i = 0; i < names->len; i++)
    if (i > 0 && self->is_strict && is_aspect (self, names->pdata[i]) != self->of_aspect)
      return fail (error, "'%s' and '%s' are not of the same things", names->pdata[0], names->pdata[i]);
    else
      self->of_aspect = is_aspect (self, names->pdata[i]);
  if (names->len == 0 && aspect != NULL)
    {
      g_autoptr (GPtrArray) own = comparable (self);
      self->of_aspect = own->len == 0;
    }
  return TRUE;
}

static gboolean
fail_many_parts (const ExpParameterRules *rules, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (const ExpParameterPart *part = rules->parts; part->name != NULL; part++)
    g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", part->name);
  return fail (error, "only things of one kind compare, one of %s%s", names->str, "");
}

gboolean
exp_compared_open (ExpCompared *self, ExpQueryView *view, ExpComparison *comparison, gboolean is_mixed, GError **error)
{
  *self = (ExpCompared){ .index = index_for (view, comparison, error) };
  if (self->index == NULL)
    return FALSE;
  const ExpParameterRules *rules = exp_query_index_rules (self->index);
  gboolean has_many = rules->parts != NULL && exp_query_view_part_number (view) < 0;
  self->is_strict = rules->is_strict && !(has_many && is_mixed);
  if (self->is_strict && has_many)
    return fail_many_parts (rules, error);
  self->things = exp_query_view_listed (view, self->index);
  self->is_in = g_malloc0 (MAX (exp_query_index_n_things (self->index), 1));
  for (guint i = 0; i < self->things->len; i++)
    self->is_in[g_array_index (self->things, guint, i)] = TRUE;
  return choose_aspect (self, comparison, error);
}

void
exp_compared_remove (ExpCompared *self, const guint8 *is_out)
{
  guint n = 0;

  for (guint i = 0; i < self->things->len; i++)
    {
      guint thing = g_array_index (self->things, guint, i);

      self->is_in[thing] = !is_out[thing];
      if (!is_out[thing])
        g_array_index (self->things, guint, n++) = thing;
    }
  g_array_set_size (self->things, n);
}

/* --- their parameters --------------------------------------------------------------------------------------- */

/* One thing that has no such parameter. */
static const char *
path_without (const ExpCompared *self, const ExpIndexParameter *parameter)
{
  guint i = 0;

  for (guint at = 0; parameter != NULL && i < self->things->len; i++)
    {
      guint thing = g_array_index (self->things, guint, i);

      while (at < parameter->entries->len && g_array_index (parameter->entries, ExpIndexEntry, at).thing < thing)
        at++;
      if (at == parameter->entries->len || g_array_index (parameter->entries, ExpIndexEntry, at).thing != thing)
        break;
    }
  return exp_query_index_path (self->index, g_array_index (self->things, guint, MIN (i, self->things->len - 1)));
}

/* A parameter that is named; NULL and an error. */
static const ExpIndexParameter *
named (const ExpCompared *self, const char *name, gboolean is_left_out, GError **error)
{
  const ExpIndexParameter *parameter = exp_query_index_find (self->index, name, self->is_strict ? NULL : error);

  if (!self->is_strict)
    return parameter;
  if (parameter == NULL || exp_compared_count (self, parameter) < self->things->len)
    return fail (error, "%s has no parameter '%s'", path_without (self, parameter), name), NULL;
  guint flags = is_left_out ? exp_compared_flags (self, parameter) : 0;
  if ((flags & EXP_PARAMETER_ASIDE) != 0)
    return fail (error, "'%s' is not among what is compared%s", name, ""), NULL;
  return parameter;
}

GPtrArray *
exp_compared_parameters (const ExpCompared *self, const ExpComparison *comparison, GError **error)
{
  g_autoptr (GPtrArray) parameters = comparison->is_except ? comparable (self) : g_ptr_array_new ();

  for (guint i = 0; i < comparison->names->len && self->things->len > 0; i++)
    {
      const ExpIndexParameter *parameter = named (self, comparison->names->pdata[i], comparison->is_except, error);

      if (parameter == NULL)
        return NULL;
      if (!comparison->is_except)
        g_ptr_array_add (parameters, (gpointer)parameter);
      else if ((exp_compared_flags (self, parameter) & EXP_PARAMETER_FIXED) == 0)
        g_ptr_array_remove (parameters, (gpointer)parameter);
    }
  return g_steal_pointer (&parameters);
}

gboolean
exp_compared_are_alike (const ExpCompared *self)
{
  g_autoptr (GPtrArray) parameters = comparable (self);

  for (guint i = 0; i < parameters->len; i++)
    if (exp_compared_count (self, parameters->pdata[i]) != self->things->len)
      return FALSE;
  return TRUE;
}

gboolean
exp_compared_is_constant (const ExpCompared *self, const ExpIndexParameter *parameter)
{
  g_autoptr (ExpValueClasses) classes = exp_value_classes_new (exp_query_index_rules (self->index)->is_strict);

  for (guint i = 0; i < parameter->entries->len && exp_value_classes_count (classes) < 2; i++)
    {
      const ExpIndexEntry *entry = &g_array_index (parameter->entries, ExpIndexEntry, i);
      if (self->is_in[entry->thing] && entry->kind != EXP_VALUE_PASSES)
        exp_value_classes_add (classes, entry);
    }
  return exp_value_classes_count (classes) < 2;
}

guint8 *
exp_compared_described (const ExpCompared *self)
{
  g_autoptr (GPtrArray) parameters = comparable (self);
  guint8 *is_described = g_malloc0 (MAX (exp_query_index_n_things (self->index), 1));

  for (guint i = 0; i < parameters->len; i++)
    {
      const GArray *entries = ((const ExpIndexParameter *)parameters->pdata[i])->entries;
      for (guint k = 0; k < entries->len; k++)
        is_described[g_array_index (entries, ExpIndexEntry, k).thing] = TRUE;
    }
  return is_described;
}
