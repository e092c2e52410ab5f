/* Names: what a leaf of the other trajectory is called once it is merged.
 * Knows runs, sets of them, what stands for all, and the names that the user gives.
 * Called by the merge_*.c. */
#include "merge.h"
#include <string.h>

#define RUNS_IN_SET 1000

/* Whoever has a name that begins with these parts gets the others in their place; "$" is any run. */
struct _ExpMergeRename
{
  char *text;
  char **from, **to;
  gint n_used;
};

void
exp_merge_rename_free (ExpMergeRename *rename)
{
  g_free (rename->text);
  g_strfreev (rename->from);
  g_strfreev (rename->to);
  g_free (rename);
}

static gboolean
check_parts (const ExpMergeRename *rename, GError **error)
{
  const char *why = NULL;

  if (rename->from[0] == NULL || rename->to[0] == NULL || rename->from[1] == NULL || rename->to[1] == NULL)
    why = "two full names are needed, such as results.a=results.b";
  else if (strcmp (rename->from[0], rename->to[0]) != 0)
    why = "it would change the branch";
  else if (strcmp (rename->from[0], "results") != 0 && strcmp (rename->from[0], "derived_parameters") != 0)
    why = "only results and derived parameters can be renamed";
  for (char **part = rename->to; why == NULL && *part != NULL; part++)
    if (strcmp (*part, "$") == 0 && !g_strv_contains ((const char *const *)rename->from, "$"))
      why = "there is no run that '$' could stand for";
  if (why != NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "rename=%s: %s", rename->text, why);
      return FALSE;
    }
  for (char **part = rename->to; *part != NULL; part++)
    if (strcmp (*part, "$") != 0 && !exp_pypet_check_name (*part, error))
      return FALSE;
  return TRUE;
}

static gboolean
read_rename (ExpMerge *merge, const char *text, GError **error)
{
  ExpMergeRename *rename = g_new0 (ExpMergeRename, 1);
  const char *equals = strchr (text, '=');
  g_autofree char *from = equals != NULL ? g_strndup (text, (gsize)(equals - text)) : g_strdup ("");

  rename->text = g_strdup (text);
  rename->from = g_strsplit (from, ".", -1);
  rename->to = g_strsplit (equals != NULL ? equals + 1 : "", ".", -1);
  g_ptr_array_add (merge->renames, rename);
  return check_parts (rename, error);
}

gboolean
exp_merge_read_renames (ExpMerge *merge, GError **error)
{
  merge->renames = g_ptr_array_new_with_free_func ((GDestroyNotify)exp_merge_rename_free);
  for (const char *const *at = merge->task->switches; at != NULL && *at != NULL; at++)
    if (g_str_has_prefix (*at, "rename=") && !read_rename (merge, *at + strlen ("rename="), error))
      return FALSE;
  return TRUE;
}

gboolean
exp_merge_check_renames (const ExpMerge *merge, GError **error)
{
  for (guint i = 0; i < merge->renames->len; i++)
    {
      const ExpMergeRename *rename = merge->renames->pdata[i];

      if (rename->n_used > 0)
        continue;
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "rename=%s: there is nothing of that name to merge",
                   rename->text);
      return FALSE;
    }
  return TRUE;
}

gboolean
exp_merge_is_ignored (const ExpMerge *merge, const char *name)
{
  for (guint i = 0; i < merge->ignored->len; i++)
    if (g_pattern_match_simple (merge->ignored->pdata[i], name))
      return TRUE;
  return FALSE;
}

/* --- runs --------------------------------------------------------------------------------------------------- */

gboolean
exp_merge_is_for_all_runs (const char *part)
{
  return strcmp (part, "run_ALL") == 0 || strcmp (part, "run_set_ALL") == 0;
}

static gboolean
is_set (const char *part)
{
  return exp_pypet_is_run_name (part) && g_str_has_prefix (part, "run_set_");
}

static gboolean
is_run (const char *part)
{
  return exp_pypet_is_run_name (part) && !g_str_has_prefix (part, "run_set_");
}

gboolean
exp_merge_has_run (const char *name)
{
  g_auto (GStrv) parts = g_strsplit (name, ".", -1);

  for (char **part = parts; *part != NULL; part++)
    if (exp_pypet_is_run_name (*part) || exp_merge_is_for_all_runs (*part))
      return TRUE;
  return FALSE;
}

static gint64
new_run (const ExpMerge *merge, const char *part)
{
  guint64 run = g_ascii_strtoull (part + strlen ("run_"), NULL, 10);

  return run < merge->other.n_runs ? merge->new_runs[run] : -1;
}

/* The set of the run that the name tells further on; else of the first that is taken of those in the old set. */
static gint64
new_set (const ExpMerge *merge, const GPtrArray *parts, guint at)
{
  guint64 old = g_ascii_strtoull ((char *)parts->pdata[at] + strlen ("run_set_"), NULL, 10);

  for (guint i = at + 1; i < parts->len; i++)
    if (is_run (parts->pdata[i]))
      {
        gint64 run = new_run (merge, parts->pdata[i]);
        return run < 0 ? -1 : run / RUNS_IN_SET;
      }
  for (guint64 run = old * RUNS_IN_SET; run < MIN ((old + 1) * RUNS_IN_SET, merge->other.n_runs); run++)
    if (merge->new_runs[run] >= 0)
      return merge->new_runs[run] / RUNS_IN_SET;
  return -1;
}

/* FALSE when the part belongs to a run that is not taken. */
static gboolean
append_part (const ExpMerge *merge, const GPtrArray *parts, guint at, GString *name)
{
  const char *part = parts->pdata[at];
  gint64 number = 0;

  if (name->len > 0)
    g_string_append_c (name, '.');
  if (is_set (part))
    g_string_append_printf (name, "run_set_%05" G_GINT64_FORMAT, number = new_set (merge, parts, at));
  else if (is_run (part))
    g_string_append_printf (name, "run_%08" G_GINT64_FORMAT, number = new_run (merge, part));
  else
    g_string_append (name, part);
  return number >= 0;
}

static gboolean
matches (const ExpMergeRename *rename, const GPtrArray *parts)
{
  guint n = g_strv_length (rename->from);

  if (n > parts->len)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (strcmp (rename->from[i], "$") == 0 ? !is_run (parts->pdata[i]) : strcmp (rename->from[i], parts->pdata[i]) != 0)
      return FALSE;
  return TRUE;
}

/* The parts as the user wants them, borrowed; runs are still those of the other trajectory. */
static GPtrArray *
renamed_parts (const ExpMerge *merge, const GPtrArray *parts)
{
  GPtrArray *renamed = g_ptr_array_new ();
  ExpMergeRename *rename = NULL;
  const char *run = "";

  for (guint i = 0; i < merge->renames->len && rename == NULL; i++)
    if (matches (merge->renames->pdata[i], parts))
      rename = merge->renames->pdata[i];
  for (guint i = 0; rename != NULL && rename->from[i] != NULL; i++)
    if (strcmp (rename->from[i], "$") == 0)
      run = parts->pdata[i];
  for (guint i = 0; rename != NULL && rename->to[i] != NULL; i++)
    g_ptr_array_add (renamed, strcmp (rename->to[i], "$") == 0 ? (char *)run : rename->to[i]);
  for (guint i = rename != NULL ? g_strv_length (rename->from) : 0; i < parts->len; i++)
    g_ptr_array_add (renamed, parts->pdata[i]);
  if (rename != NULL)
    rename->n_used++;
  return renamed;
}

char *
exp_merge_new_name (const ExpMerge *merge, const GPtrArray *parts)
{
  g_autoptr (GPtrArray) renamed = renamed_parts (merge, parts);
  g_autoptr (GString) name = g_string_new (NULL);

  for (guint i = 0; i < renamed->len; i++)
    if (!append_part (merge, renamed, i, name))
      return NULL;
  return g_string_free (g_steal_pointer (&name), FALSE);
}

char *
exp_merge_name_in_run (const ExpMerge *merge, const GPtrArray *parts, guint64 run)
{
  g_autoptr (GPtrArray) renamed = renamed_parts (merge, parts);
  g_autoptr (GString) name = g_string_new (NULL);

  for (guint i = 0; i < renamed->len; i++)
    {
      const char *part = renamed->pdata[i];

      if (strcmp (part, "run_ALL") == 0)
        g_string_append_printf (name, "%srun_%08" G_GUINT64_FORMAT, i > 0 ? "." : "", run);
      else if (strcmp (part, "run_set_ALL") == 0)
        g_string_append_printf (name, "%srun_set_%05" G_GUINT64_FORMAT, i > 0 ? "." : "", run / RUNS_IN_SET);
      else if (!append_part (merge, renamed, i, name))
        return NULL;
    }
  return g_string_free (g_steal_pointer (&name), FALSE);
}
