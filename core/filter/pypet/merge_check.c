/* Whether two trajectories can be merged, as pypet decides it; which parameters change, and which runs are taken.
 * Knows parameters by what merge_parameter.c makes of them; nothing of the tree.
 * Called by merge.c. */
#include "merge.h"
#include <string.h>

/* --- the same parameters ------------------------------------------------------------------------------------ */

static void
note_missing (const ExpMerge *merge, const ExpMergeSide *side, const ExpMergeSide *than, GString *missing)
{
  for (guint i = 0; i < than->parameters->len; i++)
    {
      const ExpMergeParameter *parameter = than->parameters->pdata[i];

      if (!g_hash_table_contains (side->by_name, parameter->name) && !exp_merge_is_ignored (merge, parameter->name))
        g_string_append_printf (missing, "%s%s", missing->len > 0 ? ", " : "", parameter->name);
    }
}

static gboolean
check_same_set (const ExpMerge *merge, GError **error)
{
  g_autoptr (GString) missing = g_string_new (NULL);

  note_missing (merge, &merge->own, &merge->other, missing);
  note_missing (merge, &merge->other, &merge->own, missing);
  if (missing->len == 0)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
               "the trajectories do not have the same parameters: only one of them has %s", missing->str);
  return FALSE;
}

static gboolean
check_same_types (const ExpMerge *merge, GError **error)
{
  for (guint i = 0; i < merge->other.parameters->len; i++)
    {
      const ExpMergeParameter *other = merge->other.parameters->pdata[i];
      const ExpMergeParameter *own = g_hash_table_lookup (merge->own.by_name, other->name);

      if (own == NULL || exp_merge_is_ignored (merge, other->name)
          || (own->kind == other->kind && strcmp (own->type, other->type) == 0))
        continue;
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
                   "the values of '%s' are not of the same type: %s and, in the other trajectory, %s", other->name,
                   own->type, other->type);
      return FALSE;
    }
  return TRUE;
}

/* --- trials ------------------------------------------------------------------------------------------------- */

/* A trial parameter may be told by the end of its name. */
static ExpMergeParameter *
find_trial (const ExpMerge *merge, const char *name)
{
  ExpMergeParameter *found = g_hash_table_lookup (merge->own.by_name, name);
  g_autofree char *end = g_strconcat (".", name, NULL);
  guint n = 0;

  for (guint i = 0; i < merge->own.parameters->len && (found == NULL || n > 0); i++)
    {
      ExpMergeParameter *parameter = merge->own.parameters->pdata[i];

      if (g_str_has_suffix (parameter->name, end))
        {
          found = n++ == 0 ? parameter : NULL;
          if (n > 1)
            return NULL;
        }
    }
  return found;
}

/* The values are 0, 1, ... up to *last, in whatever order and however often. */
static gboolean
check_trials (const ExpMergeParameter *trial, guint64 n_runs, gint64 *last)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  const guint64 n = trial->range != NULL ? trial->range->len : 1;

  *last = -1;
  if (trial->kind != EXP_RANGE_VALUES || strstr (trial->type, "int") == NULL || n == 0)
    return FALSE;
  for (guint64 i = 0; i < n; i++)
    {
      gsize size;
      const guint8 *key = g_bytes_get_data (exp_merge_parameter_key (trial, i), &size);
      gint64 value;

      if (size < sizeof value)
        return FALSE;
      memcpy (&value, key + size - sizeof value, sizeof value);
      if (value < 0)
        return FALSE;
      *last = MAX (*last, value);
      g_hash_table_add (seen, g_memdup2 (&value, sizeof value));
    }
  return (guint64)*last + 1 == g_hash_table_size (seen);
}

static gboolean
read_trial (ExpMerge *merge, GError **error)
{
  const char *name = exp_task_value (merge->task, "trial");
  gint64 last;

  if (name == NULL)
    return TRUE;
  ExpMergeParameter *own = find_trial (merge, name);
  if (own == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "trial=%s: there is no one parameter of that name", name);
      return FALSE;
    }
  const ExpMergeParameter *other = g_hash_table_lookup (merge->other.by_name, own->name);
  if (other == NULL || !check_trials (other, merge->other.n_runs, &last)
      || !check_trials (own, merge->own.n_runs, &last))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
                   "trial=%s: a trial parameter has to hold the numbers from 0 to the last trial, in each trajectory",
                   name);
      return FALSE;
    }
  merge->trial = g_strdup (own->name);
  merge->trial_shift = last + 1;
  if (merge->drops_duplicates)
    exp_task_say (merge->task, "with a trial parameter there are no duplicates, so none are looked for");
  merge->drops_duplicates = FALSE;
  return TRUE;
}

/* --- what changes ------------------------------------------------------------------------------------------- */

static gboolean
is_changed (const ExpMerge *merge, const ExpMergeParameter *own, const ExpMergeParameter *other)
{
  return g_strcmp0 (merge->trial, own->name) == 0 || own->range != NULL || other->range != NULL
         || !g_bytes_equal (own->own, other->own);
}

static gboolean
check_range (const ExpMergeParameter *parameter, const ExpMergeSide *side, GError **error)
{
  if (parameter->range == NULL || parameter->range->len == side->n_runs)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED,
               "the range of '%s' has %u values, and the trajectory '%s' %" G_GUINT64_FORMAT " runs", parameter->name,
               parameter->range->len, side->trajectory->name, side->n_runs);
  return FALSE;
}

static gboolean
add_pair (ExpMerge *merge, ExpMergeParameter *own, ExpMergeParameter *other, GError **error)
{
  const ExpMergePair pair = { own, other };

  if (!check_range (own, &merge->own, error) || !check_range (other, &merge->other, error))
    return FALSE;
  if (exp_merge_is_ignored (merge, own->name))
    {
      if (own->range == NULL)
        return TRUE;
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
                   "'%s' is explored and needs a value for each run, so it cannot be ignored", own->name);
      return FALSE;
    }
  if (own->kind == EXP_RANGE_NONE)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED,
                   "'%s' differs, and values as it holds them (%s) cannot be explored", own->name, own->type);
      return FALSE;
    }
  g_ptr_array_add (merge->changed, g_memdup2 (&pair, sizeof pair));
  return TRUE;
}

static gboolean
find_changed (ExpMerge *merge, GError **error)
{
  merge->changed = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < merge->other.parameters->len; i++)
    {
      ExpMergeParameter *other = merge->other.parameters->pdata[i];
      ExpMergeParameter *own = g_hash_table_lookup (merge->own.by_name, other->name);

      if (own != NULL && is_changed (merge, own, other) && !add_pair (merge, own, other, error))
        return FALSE;
    }
  /* One that only this trajectory has was ignored: its range would end before the new runs. */
  for (guint i = 0; i < merge->own.parameters->len; i++)
    {
      ExpMergeParameter *own = merge->own.parameters->pdata[i];

      if (!g_hash_table_contains (merge->other.by_name, own->name) && own->range != NULL
          && !add_pair (merge, own, own, error))
        return FALSE;
    }
  return TRUE;
}

/* --- runs --------------------------------------------------------------------------------------------------- */

/* The point of a run in the space of what changes. */
static GBytes *
point (const ExpMerge *merge, gboolean is_other, guint64 run)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  for (guint i = 0; i < merge->changed->len; i++)
    {
      const ExpMergePair *pair = merge->changed->pdata[i];
      GBytes *key = exp_merge_parameter_key (is_other ? pair->other : pair->own, run);
      gsize size;
      const guint8 *data = g_bytes_get_data (key, &size);

      g_byte_array_append (bytes, (guint8 *)&size, sizeof size);
      g_byte_array_append (bytes, data, (guint)size);
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

static GHashTable *
own_points (const ExpMerge *merge)
{
  GHashTable *points = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);

  for (guint64 run = 0; run < merge->own.n_runs; run++)
    g_hash_table_add (points, point (merge, FALSE, run));
  return points;
}

static gboolean
take_runs (ExpMerge *merge, GError **error)
{
  g_autoptr (GHashTable) points = merge->drops_duplicates ? own_points (merge) : NULL;

  merge->new_runs = g_try_new (gint64, MAX (merge->other.n_runs, 1));
  if (merge->new_runs == NULL || merge->own.n_runs + merge->other.n_runs > G_MAXINT32)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "these are too many runs");
      return FALSE;
    }
  for (guint64 run = 0; run < merge->other.n_runs; run++)
    {
      g_autoptr (GBytes) own = points != NULL ? point (merge, TRUE, run) : NULL;
      gboolean is_taken = own == NULL || !g_hash_table_contains (points, own);

      merge->new_runs[run] = is_taken ? (gint64)(merge->own.n_runs + merge->n_taken++) : -1;
    }
  if (merge->n_taken > 0)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "nothing to merge: all runs of '%s' are in '%s' already",
               merge->other.trajectory->name, merge->own.trajectory->name);
  return FALSE;
}

gboolean
exp_merge_check (ExpMerge *merge, GError **error)
{
  return check_same_set (merge, error) && check_same_types (merge, error) && read_trial (merge, error)
         && find_changed (merge, error) && take_runs (merge, error);
}
