/* Values of results as nodes: signals of neo, rows of numbers, arrays with units; what else there is, as pickles are
 * shown.
 * Knows shapes, no class of results.
 * Called by analysis.c and stimuli.c. */
#include "expfs/memory_node.h"
#include "mozaik.h"
#include <string.h>

/* Numbers in a row of a table. */
#define MAX_ROW 64

/* --- signals ------------------------------------------------------------------------------------------------ */

/* A dataset that cannot be read, with the reason. */
typedef struct
{
  ExpNode base;
  char *reason;
} Broken;

static void
broken_free (ExpNode *node)
{
  g_free (((Broken *)node)->reason);
  g_free (node);
}

static gboolean
broken_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  g_set_error_literal (error, EXP_ERROR, EXP_ERROR_DAMAGED, ((Broken *)node)->reason);
  return FALSE;
}

static const ExpNodeClass broken_class = { .free = broken_free, .describe = broken_describe };

static ExpNode *
broken_new (const char *reason)
{
  Broken *self = g_new0 (Broken, 1);

  exp_node_init (&self->base, &broken_class);
  self->reason = g_strdup (reason);
  return &self->base;
}

static ExpNode *
signal_node (ExpPickle *pickle, const ExpPickleValue *record)
{
  g_autoptr (GStringChunk) texts = g_string_chunk_new (64);
  ExpMozaikSignal signal = { 0 };
  ExpNode *node;

  exp_mozaik_read_signal (texts, pickle, record, &signal);
  if (signal.matrix != NULL)
    {
      ExpMozaikAttributes *attributes = exp_mozaik_signal_attributes (&signal);

      exp_mozaik_attributes_add_dict (attributes, signal.annotations, FALSE);
      node = exp_mozaik_decorated_new (signal.matrix, attributes, "signal");
    }
  else
    node = broken_new (signal.refusal);
  exp_mozaik_signal_clear (&signal);
  return node;
}

/* What a list has for one of its ids: a number, or several joined. */
static char *
id_name (const ExpPickleValue *ids, guint index)
{
  const ExpPickleValue *id = exp_pickle_item (ids, index), *parts = id != NULL ? exp_mozaik_list (id) : NULL;
  GString *name = g_string_new (NULL);

  if (parts == NULL)
    exp_pickle_append_limited (id, name, 64);
  for (guint i = 0; parts != NULL && i < parts->n_items && i < 4; i++)
    {
      g_string_append (name, i > 0 ? "-" : "");
      exp_pickle_append_limited (exp_pickle_item (parts, i), name, 64);
    }
  return g_string_free (name, FALSE);
}

/* As many ids as signals name them; else they are numbered. */
static ExpNode *
signals_node (ExpPickle *pickle, const ExpPickleValue *list, const ExpPickleValue *ids)
{
  const ExpPickleValue *id_list = ids != NULL ? exp_mozaik_list (ids) : NULL;
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  ExpNode *group = exp_memory_group_new ("signals");

  for (guint i = 0; i < list->n_items; i++)
    {
      g_autoptr (ExpNode) child = signal_node (pickle, list->items[i]);
      char *name
          = id_list != NULL && id_list->n_items == list->n_items ? id_name (id_list, i) : g_strdup_printf ("%u", i);

      if (g_hash_table_contains (seen, name) || *name == '\0')
        {
          char *other = g_strdup_printf ("%s~%u", name, i);

          g_free (name);
          name = other;
        }
      exp_memory_group_add (group, name, child);
      g_hash_table_add (seen, name);
    }
  return group;
}

static gboolean
is_signal_list (const ExpPickleValue *list)
{
  return list != NULL && list->n_items > 0 && exp_mozaik_is_signal (list->items[0]);
}

/* --- rows of numbers ---------------------------------------------------------------------------------------- */

static gboolean
is_number (const ExpPickleValue *value)
{
  return value->kind == EXP_PICKLE_INT || value->kind == EXP_PICKLE_FLOAT || value->kind == EXP_PICKLE_BOOL;
}

/* The kind of each place of the first row, the more general one where others have another; FALSE when they are no rows
 * of one length. */
static gboolean
measure_rows (const ExpPickleValue *list, ExpPickleKind *kinds, guint *n)
{
  for (guint i = 0; i < list->n_items; i++)
    {
      const ExpPickleValue *row = exp_pickle_item (list, i);

      if ((row->kind != EXP_PICKLE_LIST && row->kind != EXP_PICKLE_TUPLE) || row->n_items == 0 || row->n_items > MAX_ROW
          || (i > 0 && row->n_items != *n))
        return FALSE;
      *n = row->n_items;
      for (guint k = 0; k < *n; k++)
        {
          const ExpPickleValue *value = exp_pickle_item (row, k);

          if (!is_number (value) || (i > 0 && (value->kind == EXP_PICKLE_BOOL) != (kinds[k] == EXP_PICKLE_BOOL)))
            return FALSE;
          if (i == 0 || value->kind == EXP_PICKLE_FLOAT)
            kinds[k] = value->kind;
        }
    }
  return list->n_items > 0;
}

static void
put_number (guint8 *cell, const ExpPickleValue *value, ExpPickleKind kind)
{
  const double number = (double)value->integer;

  if (kind == EXP_PICKLE_BOOL)
    *cell = value->integer != 0;
  else if (kind == EXP_PICKLE_FLOAT && value->kind == EXP_PICKLE_INT)
    memcpy (cell, &number, sizeof number);
  else
    memcpy (cell, &value->integer, 8);
}

static ExpDtype *
number_dtype (ExpPickleKind kind)
{
  const gboolean big_endian = G_BYTE_ORDER == G_BIG_ENDIAN;

  return kind == EXP_PICKLE_BOOL
             ? exp_dtype_new_number (EXP_TYPE_BOOL, 1, FALSE)
             : exp_dtype_new_number (kind == EXP_PICKLE_INT ? EXP_TYPE_INT : EXP_TYPE_FLOAT, 8, big_endian);
}

/* The indices of two neurons and what is between them. */
static const char *const connection_names[] = { "pre", "post", "value" };

/* Numbers of different kinds: a table with a column for each. */
static ExpDtype *
table_dtype (const ExpPickleKind *kinds, guint n)
{
  ExpMember members[MAX_ROW];
  g_autofree char *names = g_malloc (MAX_ROW * 8);
  gsize size = 0;

  for (guint k = 0; k < n; k++)
    {
      g_snprintf (names + 8 * k, 8, "f%u", k);
      members[k] = (ExpMember){ n == G_N_ELEMENTS (connection_names) ? (char *)connection_names[k] : names + 8 * k,
                                number_dtype (kinds[k]), size };
      size += members[k].dtype->size;
    }
  return exp_dtype_new_compound (size, n, members, NULL);
}

/* A list of rows as a matrix or a table; NULL for what is none. */
static ExpNode *
rows_node (const ExpPickleValue *list)
{
  ExpPickleKind kinds[MAX_ROW];
  gboolean is_uniform = TRUE;
  g_autoptr (ExpDtype) dtype = NULL;
  g_autoptr (ExpArray) array = NULL;
  guint n = 0;

  if (!measure_rows (list, kinds, &n))
    return NULL;
  for (guint k = 1; k < n; k++)
    is_uniform &= kinds[k] == kinds[0];
  dtype = is_uniform ? number_dtype (kinds[0]) : table_dtype (kinds, n);
  array = exp_array_new (dtype, is_uniform ? 2 : 1, (guint64[]){ list->n_items, n }, NULL);
  if (array == NULL)
    return NULL;
  for (guint i = 0; i < list->n_items; i++)
    for (guint k = 0; k < n; k++)
      put_number (is_uniform ? array->data + ((gsize)i * n + k) * dtype->size
                             : array->data + i * dtype->size + dtype->members[k].offset,
                  exp_pickle_item (exp_pickle_item (list, i), k), kinds[k]);
  return exp_memory_dataset_new (array, NULL);
}

/* --- any field ---------------------------------------------------------------------------------------------- */

ExpArray *
exp_mozaik_texts_array (const ExpPickleValue *record)
{
  const ExpPickleValue *list = exp_mozaik_list (exp_pickle_meaning (record));

  if (list != NULL && list->n_items == 0)
    return exp_array_new_texts (0, NULL);
  return exp_pickle_to_array (exp_pickle_meaning (record), NULL);
}

ExpNode *
exp_mozaik_field_node (ExpPickle *pickle, const ExpPickleValue *record, const ExpPickleValue *ids, const char *units)
{
  const ExpPickleValue *list = exp_mozaik_list (exp_pickle_meaning (record)), *own = NULL;
  g_autoptr (ExpNode) node = NULL;
  ExpMozaikAttributes *attributes;
  g_auto (ExpInfo) info = { 0 };

  if (exp_mozaik_is_signal (record))
    return signal_node (pickle, record);
  if (is_signal_list (list))
    return signals_node (pickle, list, ids);
  if (list != NULL)
    node = rows_node (list);
  if (node == NULL)
    node = exp_pickle_node_new (pickle, record, FALSE);
  if (record->kind == EXP_PICKLE_CALL && exp_pickle_meaning (record)->kind == EXP_PICKLE_ARRAY)
    own = exp_pickle_units (record);
  if ((units == NULL && own == NULL) || !exp_node_describe (node, &info, NULL) || info.kind != EXP_KIND_DATASET)
    return g_steal_pointer (&node);
  attributes = exp_mozaik_attributes_new ();
  if (own != NULL)
    exp_mozaik_attributes_add_value (attributes, "units", own);
  exp_mozaik_attributes_add_text (attributes, "units", units);
  return exp_mozaik_decorated_new (node, attributes, NULL);
}
