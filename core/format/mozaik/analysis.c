/* Results: their parameters, and their fields as files.
 * Knows how Mozaik's classes keep both, and what of it is bookkeeping; classes that nobody knows are shown so as well.
 * Called by entry.c, content.c and parameters.c. */
#include "expfs/memory_node.h"
#include "mozaik.h"
#include <string.h>

#define PREFIX "_"
#define SUFFIX "_param_value"

/* Of the package param, and of Mozaik's own base class. */
static const char *const bookkeeping[] = { "cached_get_param_values",
                                           "initialized",
                                           "module_path",
                                           "tags",
                                           "paramset_params_names",
                                           "expanded_paramset_params",
                                           "expanded_params_names",
                                           "expanded_paramset_params_dict",
                                           "imported_params",
                                           NULL };

/* What the file of a field is the units of, in the attribute of this name. */
static const struct
{
  const char *field, *units;
} units_of[] = {
  { "value", "value_units" },
  { "values", "value_units" },
  { "values", "values_unit" },
  { "values", "values_units" },
};

const char *
exp_mozaik_result_class (const ExpMozaikEntry *entry)
{
  const ExpPickleCall *call = entry->record->kind == EXP_PICKLE_CALL ? entry->record->call : NULL;

  return call != NULL && call->class_name != NULL ? exp_class_name_intern (call->class_name) : NULL;
}

/* The parameter that an attribute has the value of, or NULL. Caller frees. */
static char *
parameter_name (const ExpPickleValue *key)
{
  g_autofree char *name = exp_mozaik_dup_text (key);
  const gsize length = name != NULL ? strlen (name) : 0;

  if (length <= strlen (PREFIX SUFFIX) || name[0] != '_' || !g_str_has_suffix (name, SUFFIX))
    return NULL;
  return g_strndup (name + 1, length - strlen (PREFIX SUFFIX));
}

static void
clear_field (gpointer data)
{
  g_free (((ExpMozaikField *)data)->name);
}

static void
add_field (GArray *fields, char *name, const ExpPickleValue *record)
{
  const ExpMozaikField field = { name, record };

  g_array_append_val (fields, field);
}

static GArray *
fields_new (void)
{
  GArray *fields = g_array_new (FALSE, FALSE, sizeof (ExpMozaikField));

  g_array_set_clear_func (fields, clear_field);
  return fields;
}

GArray *
exp_mozaik_result_parameters (const ExpMozaikEntry *entry)
{
  const ExpPickleValue *state = entry->state;
  GArray *parameters = fields_new ();

  for (guint i = 0; state != NULL && i + 1 < state->n_items; i += 2)
    {
      char *name = parameter_name (state->items[i]);

      if (name != NULL)
        add_field (parameters, name, state->items[i + 1]);
    }
  return parameters;
}

/* --- fields ------------------------------------------------------------------------------------------------- */

static gboolean
is_units (const char *name)
{
  return g_str_has_suffix (name, "_units") || g_str_has_suffix (name, "_unit");
}

/* What is neither a parameter nor bookkeeping. A value that was a parameter once is a field as well. */
static GArray *
list_fields (const ExpMozaikEntry *entry)
{
  const ExpPickleValue *state = entry->state, *value;
  GArray *fields = fields_new ();

  for (guint i = 0; state != NULL && i + 1 < state->n_items; i += 2)
    {
      char *name = exp_mozaik_dup_text (state->items[i]);

      if (name == NULL || *name == '\0' || *name == '_' || g_strv_contains (bookkeeping, name))
        g_free (name);
      else
        add_field (fields, name, state->items[i + 1]);
    }
  value = state != NULL ? exp_pickle_get_record (state, "_value_param_value") : NULL;
  if (value != NULL && exp_pickle_get_record (state, "value") == NULL)
    add_field (fields, g_strdup ("value"), value);
  return fields;
}

void
exp_mozaik_result_add_units (const ExpMozaikEntry *entry, ExpMozaikAttributes *attributes)
{
  g_autoptr (GArray) fields = list_fields (entry);

  for (guint i = 0; i < fields->len; i++)
    {
      const ExpMozaikField *field = &g_array_index (fields, ExpMozaikField, i);
      const ExpPickleValue *text = exp_pickle_units (field->record);

      if (is_units (field->name))
        exp_mozaik_attributes_add_value (attributes, field->name, text != NULL ? text : field->record);
    }
}

/* The units that a field without its own has. */
static char *
find_units (const ExpMozaikEntry *entry, const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (units_of); i++)
    {
      const ExpPickleValue *record
          = strcmp (name, units_of[i].field) == 0 ? exp_pickle_get_record (entry->state, units_of[i].units) : NULL;

      if (record != NULL && exp_pickle_units (record) != NULL)
        return exp_mozaik_dup_text (exp_pickle_units (record));
    }
  return NULL;
}

ExpNode *
exp_mozaik_result_children (const ExpMozaikEntry *entry)
{
  g_autoptr (GArray) fields = list_fields (entry);
  const ExpPickleValue *ids = entry->state != NULL ? exp_pickle_get (entry->state, "ids") : NULL;
  ExpNode *group = exp_memory_group_new ("analysis");

  for (guint i = 0; i < fields->len; i++)
    {
      const ExpMozaikField *field = &g_array_index (fields, ExpMozaikField, i);
      g_autofree char *units = find_units (entry, field->name);
      g_autoptr (ExpNode) child = NULL;

      if (is_units (field->name))
        continue;
      child = exp_mozaik_field_node (entry->pickle, field->record, ids, units);
      exp_memory_group_add (group, field->name, child);
    }
  return group;
}

/* --- as text ------------------------------------------------------------------------------------------------ */

#define MAX_DEPTH 16
#define MAX_TEXT  (1 << 20)

/* As Python's repr has it. */
static void
append_repr (const ExpPickleValue *value, guint depth, GString *out)
{
  g_autofree char *text = NULL;
  const gboolean is_tuple = value->kind == EXP_PICKLE_TUPLE;

  switch (value->kind)
    {
    case EXP_PICKLE_NONE:
      g_string_append (out, "None");
      break;
    case EXP_PICKLE_BOOL:
      g_string_append (out, value->integer != 0 ? "True" : "False");
      break;
    case EXP_PICKLE_TEXT:
    case EXP_PICKLE_STR8:
      text = exp_mozaik_dup_text (value);
      exp_mozaik_append_repr (text != NULL ? text : "", text != NULL ? strlen (text) : 0, out);
      break;
    case EXP_PICKLE_LIST:
    case EXP_PICKLE_TUPLE:
      g_string_append_c (out, is_tuple ? '(' : '[');
      for (guint i = 0; i < value->n_items && depth < MAX_DEPTH && out->len < MAX_TEXT; i++)
        {
          g_string_append (out, i > 0 ? ", " : "");
          append_repr (exp_pickle_item (value, i), depth + 1, out);
        }
      g_string_append (out, !is_tuple ? "]" : value->n_items == 1 ? ",)" : ")");
      break;
    default:
      exp_pickle_append_text (value, out);
    }
}

static gint
compare_fields (gconstpointer a, gconstpointer b)
{
  return strcmp (((const ExpMozaikField *)a)->name, ((const ExpMozaikField *)b)->name);
}

char *
exp_mozaik_result_text (const ExpMozaikEntry *entry)
{
  g_autoptr (GArray) parameters = exp_mozaik_result_parameters (entry);
  g_autofree char *module
      = entry->state != NULL ? exp_mozaik_dup_text (exp_pickle_get (entry->state, "module_path")) : NULL;
  GString *text = g_string_new (NULL);

  g_array_sort (parameters, compare_fields);
  g_string_append_printf (text, "{\"module_path\" :\"%s\",", module != NULL ? module : "");
  for (guint i = 0; i < parameters->len; i++)
    {
      const ExpMozaikField *parameter = &g_array_index (parameters, ExpMozaikField, i);

      g_string_append_printf (text, "%s\"%s\":", i > 0 ? ", " : "", parameter->name);
      append_repr (exp_pickle_meaning (parameter->record), 0, text);
    }
  g_string_append_c (text, '}');
  return g_string_free (text, FALSE);
}
