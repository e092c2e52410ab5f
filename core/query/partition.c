/* Partitions: a view as several, of things that are equal in some of their parameters, or in all but some.
 * Knows entries and formats' rules; knows no nodes.
 * Called by the groups that show queries, and by `expfs find`. */
#include "classes.h"
#include "comparison.h"
#include <string.h>

/* While things are divided: the number of each one's set, which every parameter divides further. */
typedef struct
{
  ExpCompared compared;
  guint *set_of; /* by thing of the index */
  guint n_sets;  /* numbers given so far */
} Division;

static void
free_set (gpointer data)
{
  ExpQuerySet *set = data;

  g_free (set->name);
  exp_query_view_unref (set->view);
  g_free (set);
}

static guint
further_set (GHashTable *sets, guint before, guint class, guint next)
{
  guint64 key = (guint64)before << 32 | class;
  gpointer known = g_hash_table_lookup (sets, &key);

  if (known != NULL)
    return GPOINTER_TO_UINT (known);
  g_hash_table_insert (sets, g_memdup2 (&key, sizeof key), GUINT_TO_POINTER (next));
  return next;
}

/* What has the parameter leaves its set for the one of those with an equal value; what has not stays. */
static void
divide_by (Division *self, const ExpIndexParameter *parameter)
{
  g_autoptr (ExpValueClasses) classes = exp_value_classes_new (exp_query_index_rules (self->compared.index)->is_strict);
  g_autoptr (GHashTable) sets = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  for (guint i = 0; i < parameter->entries->len; i++)
    {
      const ExpIndexEntry *entry = &g_array_index (parameter->entries, ExpIndexEntry, i);

      if (!self->compared.is_in[entry->thing] || entry->kind == EXP_VALUE_PASSES)
        continue;
      guint set = further_set (sets, self->set_of[entry->thing], exp_value_classes_add (classes, entry), self->n_sets);
      self->n_sets += set == self->n_sets;
      self->set_of[entry->thing] = set;
    }
}

/* --- what may be divided ------------------------------------------------------------------------------------ */

/* Strict: what is equal in parameters has to be of one type, with parameters of the same names. */
static gboolean
check_type (const ExpCompared *self, GError **error)
{
  const ExpParameterRules *rules = exp_query_index_rules (self->index);
  g_autofree char *name = g_strconcat (self->of_aspect ? rules->aspect : "", rules->type, NULL);
  const ExpIndexParameter *type = rules->type != NULL ? exp_query_index_find (self->index, name, NULL) : NULL;

  if (!exp_compared_are_alike (self))
    {
      g_set_error_literal (error, EXP_ERROR, EXP_ERROR_INVALID, "they do not all have the same parameters");
      return FALSE;
    }
  if (type == NULL || exp_compared_is_constant (self, type))
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "they are not all of the same '%s'", name);
  return FALSE;
}

static gboolean
check_described (const ExpCompared *self, GError **error)
{
  g_autofree guint8 *is_described = exp_compared_described (self);

  for (guint i = 0; i < self->things->len; i++)
    if (!is_described[g_array_index (self->things, guint, i)])
      {
        g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "%s has no parameters '%s*'",
                     exp_query_index_path (self->index, g_array_index (self->things, guint, i)),
                     exp_query_index_rules (self->index)->aspect);
        return FALSE;
      }
  return TRUE;
}

static gboolean
check_needed (const ExpCompared *self, const ExpComparison *comparison, GError **error)
{
  for (guint i = 0; comparison->is_except && i < comparison->names->len; i++)
    {
      const char *name = comparison->names->pdata[i];
      const ExpIndexParameter *parameter = exp_query_index_find (self->index, name, NULL);

      if (parameter == NULL || (exp_compared_flags (self, parameter) & EXP_PARAMETER_NEEDED) == 0)
        continue;
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "nothing can be divided without regard to '%s'", name);
      return FALSE;
    }
  return TRUE;
}

/* Where rules are not strict, what lacks one of the parameters by whose values things are divided is in no set. */
static void
remove_without (ExpCompared *self, const GPtrArray *parameters)
{
  g_autofree guint8 *is_out = g_malloc (MAX (exp_query_index_n_things (self->index), 1));

  for (guint i = 0; i < parameters->len; i++)
    {
      const GArray *entries = ((const ExpIndexParameter *)parameters->pdata[i])->entries;

      memset (is_out, TRUE, exp_query_index_n_things (self->index));
      for (guint k = 0; k < entries->len; k++)
        if (g_array_index (entries, ExpIndexEntry, k).kind != EXP_VALUE_PASSES)
          is_out[g_array_index (entries, ExpIndexEntry, k).thing] = FALSE;
      exp_compared_remove (self, is_out);
    }
}

/* The parameters that divide; NULL and an error when the things cannot be divided by them. */
static GPtrArray *
dividing (ExpCompared *self, const ExpComparison *comparison, GError **error)
{
  gboolean is_strict = self->is_strict && self->things->len > 0;

  if (is_strict && self->of_aspect && !check_described (self, error))
    return NULL;
  if (is_strict && !comparison->is_except && !check_type (self, error))
    return NULL;
  if (is_strict && !check_needed (self, comparison, error))
    return NULL;
  GPtrArray *parameters = exp_compared_parameters (self, comparison, error);
  if (parameters != NULL && !is_strict && !comparison->is_except)
    remove_without (self, parameters);
  return parameters;
}

/* --- names -------------------------------------------------------------------------------------------------- */

static void
append_name (GString *out, const ExpIndexParameter *parameter)
{
  if (parameter->name[strcspn (parameter->name, "=!<>~?,|\" ")] == '\0')
    g_string_append (out, parameter->name);
  else
    exp_text_append_quoted (parameter->name, out);
}

/* Adds "name=value" of the first thing of each set to the set's name, or "value" alone. */
static void
name_by (const Division *self, GPtrArray *names, const guint *first_of, const ExpIndexParameter *parameter,
         gboolean is_value_only)
{
  const GArray *entries = parameter->entries;

  for (guint i = 0; i < entries->len; i++)
    {
      const ExpIndexEntry *entry = &g_array_index (entries, ExpIndexEntry, i);
      guint order = self->compared.is_in[entry->thing] ? first_of[entry->thing] : G_MAXUINT;
      ExpValue value;

      if (order == G_MAXUINT || entry->kind == EXP_VALUE_PASSES)
        continue;
      GString *name = names->pdata[order];
      if (name->len > 0)
        g_string_append_c (name, ',');
      if (!is_value_only)
        {
          append_name (name, parameter);
          g_string_append_c (name, '=');
        }
      exp_index_entry_value (entry, &value);
      exp_value_append_literal (&value, exp_query_index_rules (self->compared.index)->is_strict, TRUE, name);
    }
}

static void
free_name (gpointer name)
{
  g_string_free (name, TRUE);
}

/* The names of the sets, whose first things have their numbers in first_of; `is_short`: without the parameters that are
 * the same wherever they are at all. */
static GPtrArray *
name_sets (const Division *self, const GPtrArray *parameters, const ExpComparison *comparison, guint n_sets,
           const guint *first_of, gboolean is_short)
{
  const ExpCompared *compared = &self->compared;
  GPtrArray *names = g_ptr_array_new_with_free_func (free_name);

  for (guint i = 0; i < n_sets; i++)
    g_ptr_array_add (names, g_string_new (NULL));
  for (guint i = 0; i < parameters->len; i++)
    {
      const ExpIndexParameter *parameter = parameters->pdata[i];
      gboolean is_everywhere = is_short || exp_compared_count (compared, parameter) == compared->things->len;

      if (!comparison->is_except || !is_everywhere || !exp_compared_is_constant (compared, parameter))
        name_by (self, names, first_of, parameter, !comparison->is_except);
    }
  for (guint i = 0; i < n_sets; i++)
    if (((GString *)names->pdata[i])->len == 0 && comparison->is_except)
      g_string_append (names->pdata[i], n_sets == 1 ? "all" : "none");
  return names;
}

static gboolean
are_distinct (const GPtrArray *names)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  guint n = 0;

  for (guint i = 0; i < names->len; i++)
    n += g_hash_table_add (seen, ((GString *)names->pdata[i])->str);
  return n == names->len;
}

/* The parameter that says what type things are comes first. */
static void
move_type_first (GPtrArray *parameters, const ExpCompared *compared)
{
  const ExpParameterRules *rules = exp_query_index_rules (compared->index);
  const char *aspect = compared->of_aspect && rules->aspect != NULL ? rules->aspect : "";

  for (guint i = 0; rules->type != NULL && i < parameters->len; i++)
    {
      gpointer parameter = parameters->pdata[i];
      const char *name = ((const ExpIndexParameter *)parameter)->name;

      if (!g_str_has_prefix (name, aspect) || strcmp (name + strlen (aspect), rules->type) != 0)
        continue;
      g_ptr_array_remove_index (parameters, i);
      g_ptr_array_insert (parameters, 0, parameter);
      break;
    }
}

/* --- sets --------------------------------------------------------------------------------------------------- */

/* The numbers of the things' sets in the order in which these appear: blanks come after all others. Returns how many
 * there are; first_of has the number of a set for the first thing of it, G_MAXUINT for others. */
static guint
number_sets (Division *self, guint *first_of)
{
  g_autofree guint *order_of = g_new (guint, MAX (self->n_sets, 1));
  const GArray *things = self->compared.things;
  guint n = 0;

  memset (order_of, 0xff, self->n_sets * sizeof *order_of);
  for (guint round = 0; round < 2; round++)
    for (guint i = 0; i < things->len; i++)
      {
        guint thing = g_array_index (things, guint, i), *order = &order_of[self->set_of[thing]];

        if (exp_query_index_is_blank (self->compared.index, thing) != (round == 1))
          continue;
        first_of[thing] = *order == G_MAXUINT ? n : G_MAXUINT;
        if (*order == G_MAXUINT)
          *order = n++;
      }
  for (guint i = 0; i < things->len; i++)
    {
      guint *set = &self->set_of[g_array_index (things, guint, i)];
      *set = order_of[*set];
    }
  return n;
}

/* What goes with every set: what of the view is of other kinds. */
static GArray *
others_of (ExpQueryView *view, const ExpCompared *compared)
{
  ExpQueryIndex *index = compared->index;
  const ExpParameterRules *rules = exp_query_index_rules (index);
  gint part = exp_query_view_part_number (view);
  gboolean is_alone = part >= 0 && rules->parts[part].divides_alone;
  GArray *things = exp_query_view_things (view, index);
  guint n = 0;

  for (guint i = 0; i < things->len; i++)
    {
      guint thing = g_array_index (things, guint, i);
      gboolean is_companion = exp_query_index_is_companion (index, thing);

      if (!exp_query_view_lists (view, index, thing) && (is_companion ? !is_alone : part >= 0))
        g_array_index (things, guint, n++) = thing;
    }
  return g_array_set_size (things, n);
}

static gint
compare_things (gconstpointer a, gconstpointer b)
{
  return (*(const guint *)a > *(const guint *)b) - (*(const guint *)a < *(const guint *)b);
}

static GPtrArray *
make_sets (const Division *self, ExpQueryView *view, GPtrArray *names)
{
  g_autoptr (GArray) others = others_of (view, &self->compared);
  g_autofree GArray **things = g_new (GArray *, MAX (names->len, 1));
  GPtrArray *sets = g_ptr_array_new_with_free_func (free_set);

  for (guint i = 0; i < names->len; i++)
    things[i] = g_array_append_vals (g_array_new (FALSE, FALSE, sizeof (guint)), others->data, others->len);
  for (guint i = 0; i < self->compared.things->len; i++)
    {
      guint thing = g_array_index (self->compared.things, guint, i);
      g_array_append_val (things[self->set_of[thing]], thing);
    }
  for (guint i = 0; i < names->len; i++)
    {
      ExpQuerySet *set = g_new (ExpQuerySet, 1);

      g_array_sort (things[i], compare_things);
      set->name = g_strdup (((GString *)names->pdata[i])->str);
      set->view = exp_query_view_of (view, self->compared.index, things[i]);
      g_ptr_array_add (sets, set);
    }
  return sets;
}

GPtrArray *
exp_query_view_divide (ExpQueryView *view, const char *text, GError **error)
{
  g_auto (ExpComparison) comparison = { 0 };
  g_auto (ExpCompared) compared = { 0 };
  gboolean is_same;

  if (!exp_comparison_parse (&comparison, text, &is_same, error)
      || !exp_compared_open (&compared, view, &comparison, !comparison.is_except && !is_same, error))
    return NULL;
  g_autoptr (GPtrArray) parameters = dividing (&compared, &comparison, error);
  if (parameters == NULL)
    return NULL;
  guint n_things = MAX (exp_query_index_n_things (compared.index), 1);
  g_autofree guint *set_of = g_new0 (guint, n_things), *first_of = g_new (guint, n_things);
  Division division = { .compared = compared, .set_of = set_of, .n_sets = 1 };
  for (guint i = 0; i < parameters->len; i++)
    divide_by (&division, parameters->pdata[i]);
  guint n_sets = number_sets (&division, first_of);
  if (comparison.is_except)
    move_type_first (parameters, &compared);
  g_autoptr (GPtrArray) names = name_sets (&division, parameters, &comparison, n_sets, first_of, TRUE);
  if (!are_distinct (names))
    {
      g_ptr_array_unref (names);
      names = name_sets (&division, parameters, &comparison, n_sets, first_of, FALSE);
    }
  return make_sets (&division, view, names);
}
