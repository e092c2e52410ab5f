/* The root of a store: its parts, its sheets, and with what it was simulated.
 * Knows the Block's own annotations.
 * Made by mozaik.c. */
#include "expfs/memory_node.h"
#include "mozaik.h"
#include <string.h>

typedef struct
{
  ExpNode base;
  ExpMozaikStore *store; /* a reference */
} Root;

#define SHEETS "sheets"

static void
root_free (ExpNode *node)
{
  exp_mozaik_store_unref (((Root *)node)->store);
  g_free (node);
}

static gboolean
root_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  info->kind = EXP_KIND_GROUP;
  info->role = "datastore";
  info->class_name = exp_mozaik_store_is_hdf5 (((Root *)node)->store) ? "Hdf5DataStore" : "PickledDataStore";
  return TRUE;
}

static ExpNode *
child_new (const Root *self, guint i)
{
  return i < EXP_MOZAIK_N_PARTS ? exp_mozaik_part_node_new (self->store, i) : exp_mozaik_sheets_new (self->store);
}

static const char *
child_name (guint i)
{
  return i < EXP_MOZAIK_N_PARTS ? exp_mozaik_part_names[i] : SHEETS;
}

static gboolean
root_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  for (guint i = (guint)MIN (skip, EXP_MOZAIK_N_PARTS + 1); i <= EXP_MOZAIK_N_PARTS; i++)
    {
      g_autoptr (ExpNode) child = child_new ((Root *)node, i);

      if (!func (child_name (i), child, data))
        break;
    }
  return TRUE;
}

/* What print_content says, as files under names that are not listed. */
static ExpNode *
lookup_content (const Root *self, const char *name, GError **error)
{
  static const char *const names[] = { ".content", ".content-recordings", ".content-ads" };
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (ExpDtype) dtype = NULL;
  g_autoptr (ExpArray) array = NULL;
  guint i = 0;

  while (i < G_N_ELEMENTS (names) && strcmp (name, names[i]) != 0)
    i++;
  if (i == G_N_ELEMENTS (names))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no '%s' here", name);
      return NULL;
    }
  if (!exp_mozaik_print_content (self->store, i, text, error))
    return NULL;
  dtype = exp_dtype_new_file_byte ();
  array = exp_array_new (dtype, 1, &(guint64){ text->len }, error);
  if (array == NULL)
    return NULL;
  memcpy (array->data, text->str, text->len);
  return exp_memory_dataset_new (array, "content");
}

static ExpNode *
root_lookup (ExpNode *node, const char *name, GError **error)
{
  for (guint i = 0; i <= EXP_MOZAIK_N_PARTS; i++)
    if (strcmp (name, child_name (i)) == 0)
      return child_new ((Root *)node, i);
  return lookup_content ((Root *)node, name, error);
}

/* --- with what it was simulated ----------------------------------------------------------------------------- */

/* Rows of texts, a class and its parameters each. */
static ExpArray *
experiments_array (const ExpPickleValue *record)
{
  const ExpPickleValue *list = exp_mozaik_list (exp_pickle_meaning (record));
  const guint n = list != NULL ? list->n_items : 0;
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  ExpArray *array;

  for (guint i = 0; i < n; i++)
    {
      const ExpPickleValue *row = exp_mozaik_list (exp_pickle_item (list, i));

      if (row == NULL || row->n_items != 2)
        return exp_pickle_to_array (exp_pickle_meaning (record), NULL);
      for (guint k = 0; k < 2; k++)
        {
          char *text = exp_mozaik_dup_text (exp_pickle_item (row, k));

          g_ptr_array_add (texts, text != NULL ? text : g_strdup (""));
        }
    }
  array = exp_array_new_texts (texts->len, (const char *const *)texts->pdata);
  array->rank = 2;
  array->shape[0] = n;
  array->shape[1] = 2;
  return array;
}

static ExpMozaikAttributes *
make_attributes (const Root *self, GError **error)
{
  const ExpMozaikPart *part = exp_mozaik_store_part (self->store, EXP_MOZAIK_PART_RECORDINGS, error);
  static const char *const shown[] = { "neuron_ids", "neuron_positions", "neuron_annotations", NULL };
  ExpMozaikAttributes *all;

  if (part == NULL)
    return NULL;
  all = exp_mozaik_attributes_new ();
  for (guint i = 0; part->annotations != NULL && i + 1 < part->annotations->n_items; i += 2)
    {
      g_autofree char *name = exp_mozaik_dup_text (part->annotations->items[i]);
      const ExpPickleValue *record = part->annotations->items[i + 1];

      if (name == NULL || *name == '\0' || g_strv_contains (shown, name))
        continue;
      if (strcmp (name, "experiment_parameters") == 0)
        exp_mozaik_attributes_add (all, name, experiments_array (record));
      else
        exp_mozaik_attributes_add_value (all, name, record);
    }
  return all;
}

static char **
root_list_attributes (ExpNode *node, GError **error)
{
  ExpMozaikAttributes *all = make_attributes ((Root *)node, error);

  return all != NULL ? exp_mozaik_attributes_take_names (all) : NULL;
}

static ExpArray *
root_read_attribute (ExpNode *node, const char *name, GError **error)
{
  ExpMozaikAttributes *all = make_attributes ((Root *)node, error);

  return all != NULL ? exp_mozaik_attributes_take (all, name, error) : NULL;
}

static gboolean
root_list_parameters (ExpNode *node, ExpParameterRules *rules, ExpParameterFunc func, gpointer data, GError **error)
{
  return exp_mozaik_list_parameters (((Root *)node)->store, EXP_MOZAIK_N_PARTS, rules, func, data, error);
}

static const ExpNodeClass root_class = {
  .free = root_free,
  .describe = root_describe,
  .list = root_list,
  .lookup = root_lookup,
  .list_attributes = root_list_attributes,
  .read_attribute = root_read_attribute,
  .list_parameters = root_list_parameters,
};

ExpNode *
exp_mozaik_root_new (ExpMozaikStore *store)
{
  Root *self = g_new0 (Root, 1);

  exp_node_init (&self->base, &root_class);
  self->store = exp_mozaik_store_ref (store);
  return &self->base;
}
