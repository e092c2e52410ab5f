/* The parameters of results in a draft: what tells them apart.
 * Knows which attributes are parameters, and how Python compares their values.
 * Called by save_result.c, save.c and check.c. */
#include "expfs/view.h"
#include "save.h"
#include <string.h>

/* Parameters that every result has. */
static const char *const common[]
    = { "name", "identifier", "analysis_algorithm", "neuron", "sheet_name", "stimulus_id", NULL };

/* What else its classes have, and which have another identifier than their name. */
static const struct
{
  const char *klass, *identifier, *names[4];
} classes[] = {
  { "SingleValue", "SingleValue", { "value_name", "period" } },
  { "SingleValueList", "SingleValueList", { "value_name" } },
  { "PerNeuronValue", "PerNeuronValue", { "value_name", "period" } },
  { "PerNeuronPairValue", "PerNeuronPairValue", { "value_name", "period" } },
  { "AnalogSignal", "AnalogSignal", { "x_axis_name", "y_axis_name" } },
  { "AnalogSignalList", "AnalogSignalList", { "x_axis_name", "y_axis_name" } },
  { "PerNeuronPairAnalogSignalList", "AnalogSignalList", { "x_axis_name", "y_axis_name" } },
  { "ConductanceSignalList", "ConductanceSignalList", { "x_axis_name", "y_axis_name" } },
  { "Connections", "Connections", { "proj_name", "source_name", "target_name" } },
};

/* --- parameters --------------------------------------------------------------------------------------------- */

gboolean
exp_mozaik_is_units (const char *name)
{
  return g_str_has_suffix (name, "_units") || g_str_has_suffix (name, "_unit");
}

/* TRUE for an attribute that is a parameter: not one of the stimulus', no unit, none that says what the object is. */
static gboolean
is_parameter (const char *name)
{
  static const char *const others[] = { "tags", "module_path", "stimulus_module_path", NULL };

  return !g_str_has_prefix (name, "st_") && !exp_mozaik_is_units (name) && !g_strv_contains (others, name)
         && *name != '\0';
}

/* Behind the number and dash of a directory's name, if it has these. */
static const char *
name_of_class (const char *name)
{
  const gsize n = strspn (name, "0123456789");

  return n > 0 && name[n] == '-' && name[n + 1] != '\0' ? name + n + 1 : name;
}

static void
add (GHashTable *all, const char *name, ExpArray *value)
{
  if (g_hash_table_contains (all, name))
    exp_array_unref (value);
  else
    g_hash_table_insert (all, g_strdup (name), value);
}

/* What was not said of a result: by its identifier or its directory's name it is of a class, whose other parameters are
 * None. */
static void
add_missing (GHashTable *all, const char *name)
{
  const ExpArray *identifier = g_hash_table_lookup (all, "identifier");
  g_autofree char *said = identifier != NULL ? exp_array_dup_text (identifier) : NULL, *klass = NULL;

  add (all, "name", exp_array_new_text (said != NULL ? said : name_of_class (name)));
  klass = exp_array_dup_text (g_hash_table_lookup (all, "name"));
  for (guint i = 0; klass != NULL && i < G_N_ELEMENTS (classes); i++)
    if (strcmp (classes[i].klass, klass) == 0)
      {
        add (all, "identifier", exp_array_new_text (classes[i].identifier));
        for (guint k = 0; k < G_N_ELEMENTS (classes[i].names) && classes[i].names[k] != NULL; k++)
          add (all, classes[i].names[k], exp_mozaik_none ());
      }
  if (klass != NULL)
    add (all, "identifier", exp_array_new_text (klass));
  for (guint i = 0; common[i] != NULL; i++)
    add (all, common[i], exp_mozaik_none ());
}

/* Those of a result whose attributes are what was read. */
static void
add_saved (GHashTable *all, const ExpMozaikEntry *entry)
{
  g_autoptr (GArray) parameters = exp_mozaik_result_parameters (entry);

  for (guint i = 0; i < parameters->len; i++)
    {
      const ExpMozaikField *parameter = &g_array_index (parameters, ExpMozaikField, i);
      const ExpPickleValue *value = exp_pickle_meaning (parameter->record);
      ExpArray *array = value->kind == EXP_PICKLE_NONE ? exp_mozaik_none () : exp_pickle_to_array (value, NULL);

      if (array != NULL)
        add (all, parameter->name, array);
    }
}

GHashTable *
exp_mozaik_draft_parameters (ExpNode *result, const char *name)
{
  GHashTable *all = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)exp_array_unref);
  g_autoptr (ExpNode) saved = exp_draft_get_saved (result);
  const ExpMozaikEntry *entry = exp_mozaik_node_entry (saved);
  g_auto (GStrv) names = entry == NULL ? exp_node_list_attributes (result, NULL) : NULL;

  if (entry != NULL)
    add_saved (all, entry);
  for (char **at = names; at != NULL && *at != NULL; at++)
    {
      ExpArray *value = is_parameter (*at) ? exp_node_read_attribute (result, *at, NULL) : NULL;

      if (value != NULL)
        add (all, *at, value);
    }
  add_missing (all, name);
  return all;
}

gboolean
exp_mozaik_is_number (const ExpArray *array)
{
  return array->n_elements == 1 && array->rank == 0 && array->dtype->size <= 8
         && (array->dtype->type == EXP_TYPE_INT || array->dtype->type == EXP_TYPE_UINT
             || array->dtype->type == EXP_TYPE_FLOAT || array->dtype->type == EXP_TYPE_BOOL);
}

/* As Python compares them: numbers by value, None with None. */
static gboolean
is_equal (const ExpArray *one, const ExpArray *other)
{
  g_autoptr (GString) first = NULL, second = NULL;
  const guint8 *cell;

  if (exp_mozaik_is_number (one) && exp_mozaik_is_number (other))
    return exp_cell_double (one->dtype, one->data) == exp_cell_double (other->dtype, other->data);
  if (one->rank != other->rank || one->n_elements != other->n_elements || exp_mozaik_is_number (one)
      || exp_mozaik_is_number (other))
    return FALSE;
  first = g_string_new (NULL);
  second = g_string_new (NULL);
  cell = one->data;
  for (gsize i = 0; i < one->n_elements; i++, cell += one->dtype->size)
    exp_cell_to_json (one->dtype, cell, first);
  cell = other->data;
  for (gsize i = 0; i < other->n_elements; i++, cell += other->dtype->size)
    exp_cell_to_json (other->dtype, cell, second);
  return g_string_equal (first, second);
}

gboolean
exp_mozaik_parameters_equal (GHashTable *one, GHashTable *other)
{
  GHashTableIter iter;
  gpointer name, value;

  if (g_hash_table_size (one) != g_hash_table_size (other))
    return FALSE;
  g_hash_table_iter_init (&iter, one);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      const ExpArray *second = g_hash_table_lookup (other, name);

      if (second == NULL || !is_equal (value, second))
        return FALSE;
    }
  return TRUE;
}
