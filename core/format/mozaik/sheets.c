/* The sheets of neurons: their ids, where they are, and what was noted of each.
 * Knows what the recordings' file says of them.
 * Called by root.c. */
#include "expfs/memory_node.h"
#include "mozaik.h"
#include "node/lazy.h"
#include <math.h>
#include <string.h>

/* Different notes of neurons. */
#define MAX_NOTES 1000

typedef struct
{
  ExpMozaikStore *store;         /* a reference */
  const ExpPickleValue *neurons; /* LIST of DICT; NULL: all sheets */
} Lazy;

static void
lazy_free (gpointer data)
{
  exp_mozaik_store_unref (((Lazy *)data)->store);
  g_free (data);
}

static gpointer
lazy_new (ExpMozaikStore *store, const ExpPickleValue *neurons)
{
  Lazy *lazy = g_new (Lazy, 1);

  *lazy = (Lazy){ exp_mozaik_store_ref (store), neurons };
  return lazy;
}

/* --- notes -------------------------------------------------------------------------------------------------- */

static ExpPickleKind
common_kind (const ExpPickleValue *neurons, const char *name)
{
  ExpPickleKind kind = EXP_PICKLE_NONE;

  for (guint i = 0; i < neurons->n_items; i++)
    {
      const ExpPickleValue *value = exp_pickle_get (exp_pickle_item (neurons, i), name);
      ExpPickleKind one = value != NULL ? value->kind : EXP_PICKLE_FLOAT;

      if (one == EXP_PICKLE_ARRAY && value->array->type != NULL && value->array->n_elements == 1)
        one = EXP_PICKLE_FLOAT;
      if (one != EXP_PICKLE_INT && one != EXP_PICKLE_FLOAT && one != EXP_PICKLE_BOOL)
        return EXP_PICKLE_TEXT;
      if (kind == EXP_PICKLE_NONE || kind == one)
        kind = one;
      else if (kind == EXP_PICKLE_BOOL || one == EXP_PICKLE_BOOL)
        return EXP_PICKLE_TEXT;
      else
        kind = EXP_PICKLE_FLOAT;
    }
  return kind;
}

/* One value for each neuron: NaN for those that have none, or null where they are texts. */
static ExpArray *
note_array (const ExpPickleValue *neurons, const char *name)
{
  const ExpPickleKind kind = common_kind (neurons, name);
  const gboolean big_endian = G_BYTE_ORDER == G_BIG_ENDIAN;
  g_autoptr (ExpDtype) dtype = kind == EXP_PICKLE_TEXT   ? exp_dtype_new_vstring (TRUE)
                               : kind == EXP_PICKLE_BOOL ? exp_dtype_new_number (EXP_TYPE_BOOL, 1, FALSE)
                               : kind == EXP_PICKLE_INT  ? exp_dtype_new_number (EXP_TYPE_INT, 8, big_endian)
                                                         : exp_dtype_new_number (EXP_TYPE_FLOAT, 8, big_endian);
  ExpArray *array = exp_array_new (dtype, 1, &(guint64){ neurons->n_items }, NULL);
  g_auto (ExpPickleTexts) texts = { 0 };
  static ExpPickleValue none = { .kind = EXP_PICKLE_NONE };

  if (array == NULL)
    return NULL;
  exp_pickle_texts_init (&texts, array, neurons->n_items);
  for (guint i = 0; i < neurons->n_items; i++)
    {
      const ExpPickleValue *value = exp_pickle_get (exp_pickle_item (neurons, i), name);
      double number = NAN;

      if (kind == EXP_PICKLE_TEXT)
        exp_pickle_texts_put (&texts, i, value != NULL ? value : &none, NULL);
      else if (kind == EXP_PICKLE_BOOL)
        array->data[i] = value->integer != 0;
      else if (kind == EXP_PICKLE_INT)
        ((gint64 *)array->data)[i] = value->integer;
      else
        {
          exp_pickle_get_double (value, &number);
          ((double *)array->data)[i] = number;
        }
    }
  return array;
}

static ExpNode *
open_notes (gpointer data, GError **error)
{
  const ExpPickleValue *neurons = ((Lazy *)data)->neurons;
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  ExpNode *group = exp_memory_group_new ("annotations");

  for (guint i = 0; i < neurons->n_items; i++)
    {
      const ExpPickleValue *notes = exp_pickle_item (neurons, i);

      for (guint k = 0; notes->kind == EXP_PICKLE_DICT && k + 1 < notes->n_items; k += 2)
        {
          char *name = exp_mozaik_dup_text (notes->items[k]);
          g_autoptr (ExpArray) array = NULL;
          g_autoptr (ExpNode) node = NULL;

          if (name == NULL || g_hash_table_size (seen) >= MAX_NOTES || !g_hash_table_add (seen, name))
            continue;
          array = note_array (neurons, name);
          node = array != NULL ? exp_memory_dataset_new (array, NULL) : NULL;
          if (node != NULL)
            exp_memory_group_add (group, name, node);
        }
    }
  return group;
}

/* --- sheets ------------------------------------------------------------------------------------------------- */

/* What a dict of the Block's annotations has for a sheet; NULL for nothing. */
static const ExpPickleValue *
of_sheet (const ExpMozaikPart *part, const char *what, const char *sheet)
{
  const ExpPickleValue *dict = exp_pickle_get (part->annotations, what);

  return dict != NULL && dict->kind == EXP_PICKLE_DICT ? exp_pickle_get_record (dict, sheet) : NULL;
}

static ExpNode *
sheet_new (ExpMozaikStore *store, const ExpMozaikPart *part, const char *name)
{
  static const struct
  {
    const char *name, *what;
  } arrays[] = { { "ids", "neuron_ids" }, { "positions", "neuron_positions" } };
  const ExpPickleValue *notes = of_sheet (part, "neuron_annotations", name);
  ExpNode *sheet = exp_memory_group_new ("sheet");

  for (guint i = 0; i < G_N_ELEMENTS (arrays); i++)
    {
      const ExpPickleValue *record = of_sheet (part, arrays[i].what, name);
      g_autoptr (ExpNode) node = record != NULL ? exp_mozaik_field_node (part->pickle, record, NULL, NULL) : NULL;

      if (node != NULL)
        exp_memory_group_add (sheet, arrays[i].name, node);
    }
  if (notes != NULL && exp_mozaik_list (exp_pickle_meaning (notes)) != NULL)
    {
      g_autoptr (ExpNode) group
          = exp_lazy_group_new (open_notes, lazy_new (store, exp_mozaik_list (exp_pickle_meaning (notes))), lazy_free);

      exp_memory_group_add (sheet, "annotations", group);
    }
  return sheet;
}

static ExpNode *
open_sheets (gpointer data, GError **error)
{
  static const char *const dicts[] = { "neuron_ids", "neuron_positions", "neuron_annotations" };
  ExpMozaikStore *store = ((Lazy *)data)->store;
  const ExpMozaikPart *part = exp_mozaik_store_part (store, EXP_MOZAIK_PART_RECORDINGS, error);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  ExpNode *group;

  if (part == NULL)
    return NULL;
  group = exp_memory_group_new ("sheets");
  for (guint i = 0; part->annotations != NULL && i < G_N_ELEMENTS (dicts); i++)
    {
      const ExpPickleValue *dict = exp_pickle_get (part->annotations, dicts[i]);

      for (guint k = 0; dict != NULL && dict->kind == EXP_PICKLE_DICT && k + 1 < dict->n_items; k += 2)
        {
          char *name = exp_mozaik_dup_text (dict->items[k]);
          g_autoptr (ExpNode) sheet = NULL;

          if (name == NULL || !g_hash_table_add (seen, name))
            continue;
          sheet = sheet_new (store, part, name);
          exp_memory_group_add (group, name, sheet);
        }
    }
  return group;
}

ExpNode *
exp_mozaik_sheets_new (ExpMozaikStore *store)
{
  return exp_lazy_group_new (open_sheets, lazy_new (store, NULL), lazy_free);
}
