/* Rows of overview/runs for runs that come from the other trajectory: its times, under new numbers.
 * Knows the columns of that table, and how pypet tells the explored values of a run.
 * Called by merge.c, before anything is changed. */
#include "merge.h"
#include "type.h"
#include <string.h>

/* The values of one parameter in the other's runs, in words. */
typedef struct
{
  const ExpMergePair *pair;
  ExpArray *values; /* one for each run; NULL where they are arrays or otherwise looked up one by one */
  char *own;        /* of one that is not explored */
  gint64 shift;
} Texts;

static void
clear_texts (gpointer data)
{
  Texts *texts = data;

  g_clear_pointer (&texts->values, exp_array_unref);
  g_free (texts->own);
}

static gboolean
init_texts (Texts *texts, const ExpMerge *merge, const ExpMergePair *pair, GError **error)
{
  const ExpMergeParameter *other = pair->other;
  gboolean is_explored = other->range != NULL;
  g_autoptr (ExpNode) node = NULL;

  *texts = (Texts){ .pair = pair };
  if (g_strcmp0 (other->name, merge->trial) == 0)
    texts->shift = merge->trial_shift;
  if (is_explored && other->kind != EXP_RANGE_VALUES)
    return TRUE;
  node = is_explored ? exp_pypet_range_values_new (&other->leaf, error) : exp_pypet_leaf_value (&other->leaf, error);
  if (node == NULL)
    return FALSE;
  if (!is_explored && texts->shift == 0)
    texts->own = exp_pypet_value_text (node, FALSE);
  else
    texts->values = exp_node_read_all (node, error);
  return texts->own != NULL || texts->values != NULL;
}

static char *
text_in_run (const Texts *texts, guint64 run)
{
  const ExpArray *values = texts->values;
  gsize index = values != NULL && values->rank == 1 ? run : 0;

  if (texts->own != NULL)
    return g_strdup (texts->own);
  if (values != NULL && values->rank <= 1 && index < values->n_elements)
    {
      const guint8 *cell = values->data + index * values->dtype->size;

      return texts->shift == 0
                 ? exp_pypet_cell_text (values, index)
                 : g_strdup_printf ("%" G_GINT64_FORMAT, exp_cell_int (values->dtype, cell) + texts->shift);
    }
  g_autoptr (ExpNode) value = exp_pypet_range_value (&texts->pair->other->leaf, run, NULL);
  return value != NULL ? exp_pypet_value_text (value, FALSE) : g_strdup ("");
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return exp_pypet_compare_last_names (&((const Texts *)a)->pair->own->name, &((const Texts *)b)->pair->own->name);
}

static GArray *
read_texts (const ExpMerge *merge, GError **error)
{
  g_autoptr (GArray) all = g_array_new (FALSE, TRUE, sizeof (Texts));

  g_array_set_clear_func (all, clear_texts);
  g_array_set_size (all, merge->changed->len);
  for (guint i = 0; i < merge->changed->len; i++)
    if (!init_texts (&g_array_index (all, Texts, i), merge, merge->changed->pdata[i], error))
      return NULL;
  g_array_sort (all, compare_texts);
  return g_steal_pointer (&all);
}

/* "trial: 0,   x: 4" */
static char *
summary (const GArray *all, guint64 run)
{
  GString *text = g_string_new (NULL);
  const char *last = NULL;

  for (guint i = 0; i < all->len; i++)
    {
      const Texts *texts = &g_array_index (all, Texts, i);
      const char *name = texts->pair->own->leaf.name;
      g_autofree char *value = text_in_run (texts, run);

      g_string_append_printf (text, "%s%s: %s", i > 0 ? ",   " : "",
                              g_strcmp0 (name, last) == 0 ? texts->pair->own->name : name, value);
      last = name;
    }
  return g_string_free (text, FALSE);
}

static void
fill_row (const ExpMerge *merge, const ExpArray *other, guint64 run, const GArray *texts, ExpArray *row)
{
  g_autofree char *name = g_strdup_printf ("run_%08" G_GINT64_FORMAT, merge->new_runs[run]);
  g_autofree char *values = summary (texts, run);

  memset (row->data, 0, row->dtype->size);
  exp_pytables_row_copy (row, other, run);
  exp_pytables_row_number (row, "idx", (double)merge->new_runs[run]);
  exp_pytables_row_text (row, "name", name);
  exp_pytables_row_text (row, "parameter_summary", values);
}

ExpArray *
exp_merge_run_rows (const ExpMerge *merge, GError **error)
{
  g_autoptr (ExpNode) own = exp_pypet_overview_table (merge->own.trajectory, "runs");
  g_autoptr (ExpNode) other = exp_pypet_overview_table (merge->other.trajectory, "runs");
  g_autoptr (ExpArray) row = exp_pytables_row_new (own, error);
  g_autoptr (ExpArray) from = row != NULL ? exp_node_read_all (other, error) : NULL;
  g_autoptr (GArray) texts = from != NULL ? read_texts (merge, error) : NULL;
  g_autoptr (ExpArray) rows = texts != NULL ? exp_array_new (row->dtype, 1, &merge->n_taken, error) : NULL;

  if (rows == NULL)
    return NULL;
  if (from->dtype->type != EXP_TYPE_COMPOUND || from->n_elements < merge->other.n_runs)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "overview/runs of the other trajectory is no table of runs");
      return NULL;
    }
  for (guint64 run = 0, n = 0; run < merge->other.n_runs; run++)
    {
      if (merge->new_runs[run] < 0)
        continue;
      fill_row (merge, from, run, texts, row);
      memcpy (rows->data + n++ * row->dtype->size, row->data, row->dtype->size);
    }
  return g_steal_pointer (&rows);
}
