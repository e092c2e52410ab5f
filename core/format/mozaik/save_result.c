/* Results, written as Mozaik's classes pickle themselves: what was not changed of one as it was, the rest out of its
 * files and attributes.
 * Knows how parameters and fields lie in an object's state.
 * Called by save.c and check.c. */
#include "save.h"
#include <string.h>

#define MODULE "mozaik.analysis.data_structures"

/* --- bookkeeping of param ----------------------------------------------------------------------------------- */

static void
save_empty_list (ExpMozaikSaving *saving, const char *key)
{
  exp_mozaik_save_key (saving, key);
  exp_pickle_begin_list (saving->writer);
  exp_pickle_end_list (saving->writer);
}

static void
save_empty_dict (ExpMozaikSaving *saving, const char *key)
{
  exp_mozaik_save_key (saving, key);
  exp_pickle_begin_dict (saving->writer);
  exp_pickle_end_dict (saving->writer);
}

/* The definition of a parameter: what kind of value it has. */
static void
save_definition (ExpMozaikSaving *saving, const char *name, const ExpArray *value)
{
  const gboolean is_float = exp_mozaik_is_number (value) && value->dtype->type == EXP_TYPE_FLOAT;

  exp_mozaik_begin_new_object (saving, "mozaik.tools.mozaik_parametrized",
                               is_float                       ? "SNumber"
                               : exp_mozaik_is_number (value) ? "SInteger"
                                                              : "SString");
  exp_mozaik_save_text (saving, "name", name);
  exp_mozaik_save_text (saving, "default", NULL);
  exp_mozaik_save_text (saving, "doc", "");
  exp_mozaik_save_key (saving, "allow_None");
  exp_pickle_write_bool (saving->writer, TRUE);
  exp_mozaik_save_text (saving, "units", NULL);
  exp_mozaik_save_text (saving, "period", NULL);
  exp_mozaik_save_text (saving, "bounds", NULL);
  exp_mozaik_end_object (saving);
}

static void
save_definitions (ExpMozaikSaving *saving, GPtrArray *names, GHashTable *parameters)
{
  exp_mozaik_save_key (saving, "expanded_paramset_params_dict");
  exp_pickle_begin_dict (saving->writer);
  for (guint i = 0; i < names->len; i++)
    {
      exp_mozaik_save_key (saving, names->pdata[i]);
      save_definition (saving, names->pdata[i], g_hash_table_lookup (parameters, names->pdata[i]));
    }
  exp_pickle_end_dict (saving->writer);
}

/* What others of its class have for definitions, of the same parameters; NULL for none. */
static const ExpPickleValue *
find_definitions (const ExpMozaikSaving *saving, const char *klass, GHashTable *parameters)
{
  const ExpMozaikPart *part = exp_mozaik_store_part (saving->store->store, EXP_MOZAIK_PART_ANALYSIS, NULL);

  for (guint i = 0; part != NULL && i < part->entries->len; i++)
    {
      const ExpMozaikEntry *entry = part->entries->pdata[i];
      const ExpPickleValue *record = entry->state != NULL && g_strcmp0 (exp_mozaik_result_class (entry), klass) == 0
                                         ? exp_pickle_get_record (entry->state, "expanded_paramset_params_dict")
                                         : NULL;
      gboolean is_same
          = record != NULL && record->kind == EXP_PICKLE_DICT && record->n_items / 2 == g_hash_table_size (parameters);

      for (guint k = 0; is_same && k + 1 < record->n_items; k += 2)
        {
          g_autofree char *name = exp_mozaik_dup_text (record->items[k]);

          is_same = name != NULL && g_hash_table_contains (parameters, name);
        }
      if (is_same)
        return record;
    }
  return NULL;
}

static void
save_bookkeeping (ExpMozaikSaving *saving)
{
  ExpPickleWriter *writer = saving->writer;

  exp_mozaik_save_text (saving, "cached_get_param_values", NULL);
  exp_mozaik_save_key (saving, "initialized");
  exp_pickle_write_bool (writer, TRUE);
  exp_mozaik_save_key (saving, "_parameters_state");
  exp_pickle_begin_dict (writer);
  exp_mozaik_save_key (saving, "BATCH_WATCH");
  exp_pickle_write_bool (writer, FALSE);
  exp_mozaik_save_key (saving, "TRIGGER");
  exp_pickle_write_bool (writer, FALSE);
  save_empty_list (saving, "events");
  save_empty_list (saving, "watchers");
  exp_pickle_end_dict (writer);
  save_empty_dict (saving, "_instance__params");
  save_empty_dict (saving, "_param_watchers");
  exp_mozaik_save_key (saving, "_dynamic_watchers");
  exp_pickle_write_global (writer, "collections", "defaultdict");
  exp_pickle_begin_tuple (writer);
  exp_pickle_write_global (writer, "builtins", "list");
  exp_pickle_end_tuple (writer);
  exp_pickle_write_opcode (writer, 'R');
  save_empty_list (saving, "paramset_params_names");
  save_empty_list (saving, "expanded_paramset_params");
  save_empty_list (saving, "expanded_params_names");
}

/* --- fields ------------------------------------------------------------------------------------------------- */

/* Rows of two ids are pairs. */
static void
save_rows (ExpMozaikSaving *saving, const ExpArray *array)
{
  const gsize size = array->dtype->size;

  exp_pickle_begin_list (saving->writer);
  for (guint64 i = 0; i < array->shape[0]; i++)
    {
      exp_pickle_begin_tuple (saving->writer);
      for (guint64 k = 0; k < array->shape[1]; k++)
        {
          g_autoptr (ExpArray) one = exp_array_new (array->dtype, 0, NULL, &saving->error);

          if (one == NULL)
            return;
          memcpy (one->data, array->data + (i * array->shape[1] + k) * size, size);
          exp_mozaik_save_array (saving, one);
        }
      exp_pickle_end_tuple (saving->writer);
    }
  exp_pickle_end_list (saving->writer);
}

/* What a field was: a list goes on being one. */
static gboolean
was_list (const ExpMozaikEntry *saved, const char *name)
{
  const ExpPickleValue *value = saved != NULL && saved->state != NULL ? exp_pickle_get (saved->state, name) : NULL;

  return value != NULL && value->kind == EXP_PICKLE_LIST;
}

static void
save_dataset (ExpMozaikSaving *saving, ExpNode *node, const char *name, const char *klass, const ExpMozaikEntry *saved)
{
  g_autoptr (ExpArray) array = saving->error == NULL ? exp_node_read_all (node, &saving->error) : NULL;
  const gboolean is_list = was_list (saved, name) || strcmp (name, "ids") == 0
                           || (strcmp (name, "values") == 0 && g_str_has_suffix (klass, "SingleValueList"));

  if (array == NULL)
    return;
  if (exp_mozaik_has_attribute (node, "sampling_rate") && array->rank > 0 && exp_dtype_is_numeric (array->dtype))
    exp_mozaik_save_signal (saving, array, node, NULL, NULL, NULL);
  else if (array->rank == 2 && is_list && array->n_elements > 0 && array->dtype->type != EXP_TYPE_COMPOUND)
    save_rows (saving, array);
  else if (array->rank == 0 || is_list || array->dtype->type == EXP_TYPE_COMPOUND
           || !exp_dtype_is_numeric (array->dtype))
    exp_mozaik_save_array (saving, array);
  else
    exp_pickle_write_ndarray (saving->writer, array, &saving->error);
}

/* What the file of an id is called. */
static char *
id_name (const ExpArray *ids, guint64 row)
{
  const guint64 n = ids->rank > 1 ? ids->shape[1] : 1;
  GString *name = g_string_new (NULL);

  for (guint64 k = 0; k < n; k++)
    g_string_append_printf (name, "%s%" G_GINT64_FORMAT, k > 0 ? "-" : "",
                            exp_cell_int (ids->dtype, ids->data + (row * n + k) * ids->dtype->size));
  return g_string_free (name, FALSE);
}

/* A directory of signals is a list in the order of the ids; those that have none come behind. */
static void
save_signals (ExpMozaikSaving *saving, ExpNode *group, const ExpArray *ids)
{
  g_autoptr (GPtrArray) names = exp_node_list_names (group, NULL, &saving->error);
  g_autoptr (GPtrArray) ordered = g_ptr_array_new_with_free_func (g_free);

  for (guint64 i = 0; names != NULL && ids != NULL && i < ids->shape[0]; i++)
    {
      g_autofree char *name = id_name (ids, i);
      guint index;

      if (g_ptr_array_find_with_equal_func (names, name, g_str_equal, &index))
        {
          g_ptr_array_add (ordered, g_steal_pointer (&name));
          g_ptr_array_remove_index (names, index);
        }
    }
  for (guint i = 0; names != NULL && i < names->len; i++)
    g_ptr_array_add (ordered, g_strdup (names->pdata[i]));
  exp_pickle_begin_list (saving->writer);
  for (guint i = 0; i < ordered->len && saving->error == NULL; i++)
    {
      g_autoptr (ExpNode) node = exp_node_lookup (group, ordered->pdata[i], &saving->error);
      g_autoptr (ExpArray) values = node != NULL ? exp_node_read_all (node, &saving->error) : NULL;

      if (values != NULL)
        exp_mozaik_save_signal (saving, values, node, NULL, NULL, NULL);
    }
  exp_pickle_end_list (saving->writer);
}

static ExpArray *
read_ids (ExpNode *result)
{
  g_autoptr (ExpNode) node = exp_node_lookup (result, "ids", NULL);
  g_autoptr (ExpArray) ids = node != NULL ? exp_node_read_all (node, NULL) : NULL;

  return ids != NULL && ids->rank > 0 && ids->rank < 3 && ids->dtype->size <= 8
                 && (ids->dtype->type == EXP_TYPE_INT || ids->dtype->type == EXP_TYPE_UINT)
             ? g_steal_pointer (&ids)
             : NULL;
}

static void
save_field (ExpMozaikSaving *saving, ExpNode *result, const char *name, const char *klass, const ExpMozaikEntry *saved)
{
  const ExpPickleValue *record
      = saved != NULL && saved->state != NULL ? exp_pickle_get_record (saved->state, name) : NULL;
  g_autoptr (ExpNode) node = exp_node_lookup (result, name, &saving->error);
  g_autoptr (ExpArray) ids = read_ids (result);
  g_auto (ExpInfo) info = { 0 };

  if (node == NULL)
    return;
  if (record != NULL && exp_draft_is_saved (node))
    exp_mozaik_save_record (saving, record);
  else if (!exp_node_describe (node, &info, &saving->error))
    return;
  else if (info.kind == EXP_KIND_GROUP)
    save_signals (saving, node, ids);
  else
    save_dataset (saving, node, name, klass, saved);
}

static void
save_fields (ExpMozaikSaving *saving, ExpNode *result, const char *klass, const ExpMozaikEntry *saved)
{
  g_autoptr (GPtrArray) names = exp_node_list_names (result, NULL, &saving->error);
  const gboolean is_single = g_str_has_suffix (klass, ".SingleValue") && saving->store->has_old_value;

  for (guint i = 0; names != NULL && i < names->len && saving->error == NULL; i++)
    {
      const char *name = names->pdata[i];

      exp_mozaik_save_key (saving, is_single && strcmp (name, "value") == 0 ? "_value_param_value" : name);
      save_field (saving, result, name, klass, saved);
    }
}

/* Attributes that are units: as they were, or by their text. */
static void
save_units (ExpMozaikSaving *saving, ExpNode *result, const ExpMozaikEntry *saved)
{
  g_auto (GStrv) names = exp_node_list_attributes (result, &saving->error);

  for (char **at = names; at != NULL && *at != NULL && saving->error == NULL; at++)
    {
      const ExpPickleValue *record, *units;
      g_autofree char *text = NULL, *was = NULL;

      if (!exp_mozaik_is_units (*at) || g_str_has_prefix (*at, "st_"))
        continue;
      record = saved != NULL && saved->state != NULL ? exp_pickle_get_record (saved->state, *at) : NULL;
      units = exp_pickle_units (record);
      was = units != NULL ? exp_mozaik_dup_text (units) : NULL;
      text = exp_mozaik_text_attribute (result, *at);
      exp_mozaik_save_key (saving, *at);
      if (was != NULL && g_strcmp0 (was, text) == 0)
        exp_mozaik_save_record (saving, record);
      else if (text != NULL && *text != '\0')
        exp_pickle_write_units (saving->writer, text, &saving->error);
      else
        exp_pickle_write_none (saving->writer);
    }
}

/* --- a result ----------------------------------------------------------------------------------------------- */

static void
save_tags (ExpMozaikSaving *saving, ExpNode *result)
{
  g_autoptr (ExpArray) tags = exp_node_read_attribute (result, "tags", NULL);

  exp_mozaik_save_key (saving, "tags");
  if (tags != NULL && tags->rank == 1)
    {
      exp_mozaik_save_array (saving, tags);
      return;
    }
  exp_pickle_begin_list (saving->writer);
  if (tags != NULL && tags->n_elements == 1)
    exp_mozaik_save_array (saving, tags);
  exp_pickle_end_list (saving->writer);
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* Borrowed from the table. */
static GPtrArray *
sorted_names (GHashTable *parameters)
{
  GPtrArray *names = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, parameters);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    g_ptr_array_add (names, name);
  g_ptr_array_sort (names, compare_names);
  return names;
}

static void
save_state (ExpMozaikSaving *saving, ExpNode *result, const char *klass, const char *module, GHashTable *parameters,
            const ExpMozaikEntry *saved)
{
  const ExpPickleValue *definitions = find_definitions (saving, klass, parameters);
  g_autoptr (GPtrArray) names = sorted_names (parameters);
  const gboolean is_single = g_str_has_suffix (klass, ".SingleValue");

  save_bookkeeping (saving);
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *key = g_strconcat ("_", names->pdata[i], "_param_value", NULL);

      /* It is a field, or told by the file of that name. */
      if (is_single && strcmp (names->pdata[i], "value") == 0)
        continue;
      exp_mozaik_save_key (saving, key);
      exp_mozaik_save_array (saving, g_hash_table_lookup (parameters, names->pdata[i]));
    }
  exp_mozaik_save_text (saving, "module_path", module);
  if (definitions != NULL)
    {
      exp_mozaik_save_key (saving, "expanded_paramset_params_dict");
      exp_mozaik_save_record (saving, definitions);
    }
  else
    save_definitions (saving, names, parameters);
  save_tags (saving, result);
  save_units (saving, result, saved);
  save_fields (saving, result, klass, saved);
}

void
exp_mozaik_save_result (ExpMozaikSaving *saving, ExpNode *result, const char *name, const ExpMozaikEntry *saved)
{
  g_autoptr (GHashTable) parameters = NULL;
  g_autofree char *said = exp_mozaik_text_attribute (result, "module_path"), *klass = NULL, *class_name = NULL;
  const char *module = said != NULL && *said != '\0' ? said : MODULE;

  if (saved != NULL && exp_draft_is_saved (result))
    {
      exp_mozaik_save_record (saving, saved->record);
      return;
    }
  parameters = exp_mozaik_draft_parameters (result, name);
  class_name = exp_array_dup_text (g_hash_table_lookup (parameters, "name"));
  if (class_name == NULL)
    class_name = g_strdup ("AnalysisDataStructure");
  klass = g_strconcat (module, ".", class_name, NULL);
  exp_mozaik_begin_new_object (saving, module, class_name);
  save_state (saving, result, klass, module, parameters, saved);
  exp_mozaik_end_object (saving);
}
