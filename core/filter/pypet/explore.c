/* The task `explore`: parameters get a value for each run, and the trajectory as many runs as there are combinations.
 * Knows how parameters are named and what pypet refuses to explore; the tables are write_range.c's and write_runs.c's.
 * Called through tasks.c. */
#include "expfs/number.h"
#include "explore_values.h"
#include "tasks.h"
#include <string.h>

/* Deeper trees are damaged ones. */
#define MAX_DEPTH 64

/* One that is to be explored. */
typedef struct
{
  char *full; /* "parameters.grp.x" */
  ExpPypetLeaf leaf;
  gboolean has_leaf;
  ExpArray *values; /* those given, once each */
  guint64 every;    /* of runs that have the same value one after the other */
} Explored;

static void
clear_explored (gpointer data)
{
  Explored *explored = data;

  g_free (explored->full);
  if (explored->has_leaf)
    exp_pypet_leaf_release (&explored->leaf);
  g_clear_pointer (&explored->values, exp_array_unref);
}

/* --- finding parameters ------------------------------------------------------------------------------------- */

typedef struct
{
  const char *wanted;   /* with dots */
  GPtrArray *found;     /* of char *: full names of leaves */
  char *other;          /* a group of that name */
  const char *location; /* of the group that is looked through */
  guint depth;
} Search;

/* "grp.x" is the end of "parameters.grp.x", and so is "x". */
static gboolean
is_end_of (const char *full, const char *wanted)
{
  gsize length = strlen (full), own = strlen (wanted);

  return length >= own && strcmp (full + length - own, wanted) == 0 && (length == own || full[length - own - 1] == '.');
}

static gboolean
look_at (const char *name, ExpNode *child, gpointer data)
{
  Search *search = data;
  g_auto (ExpInfo) info = { 0 };
  g_autofree char *full = g_strconcat (search->location, ".", name, NULL);

  if (exp_pypet_is_hidden_child (name) || !exp_node_describe (child, &info, NULL) || info.kind != EXP_KIND_GROUP)
    return TRUE;
  gboolean is_leaf = exp_pypet_is_leaf (child);
  if (is_end_of (full, search->wanted))
    {
      if (is_leaf)
        g_ptr_array_add (search->found, g_strdup (full));
      else if (search->other == NULL)
        search->other = g_strdup (full);
    }
  if (!is_leaf && search->depth < MAX_DEPTH)
    {
      Search below = *search;

      below.location = full;
      below.depth++;
      exp_node_list (child, 0, look_at, &below, NULL);
      search->other = below.other;
    }
  return TRUE;
}

static void
look_through (ExpPypetTrajectory *trajectory, const char *branch, Search *search)
{
  g_autoptr (ExpNode) group = exp_pypet_child (trajectory->inner, branch);

  search->location = branch;
  if (group != NULL)
    exp_node_list (group, 0, look_at, search, NULL);
}

static void
fail_unknown (ExpPypetTrajectory *trajectory, const char *wanted, Search *search, GError **error)
{
  static const char *const others[] = { "config", "results" };

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    look_through (trajectory, others[i], search);
  if (search->found->len > 0)
    g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "'%s' is not a parameter", (char *)search->found->pdata[0]);
  else if (search->other != NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "'%s' is a group, not a parameter", search->other);
  else
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "the trajectory has no parameter '%s'", wanted);
}

/* The full name of the one parameter that is meant. Caller frees. */
static char *
find_parameter (ExpPypetTrajectory *trajectory, const char *name, GError **error)
{
  static const char *const branches[] = { "parameters", "derived_parameters" };
  g_autofree char *wanted = g_strdelimit (g_strdup (name), "/", '.');
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  Search search = { .wanted = wanted, .found = found };
  char *full = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (branches) && found->len == 0; i++)
    look_through (trajectory, branches[i], &search);
  if (found->len == 1)
    full = g_strdup (found->pdata[0]);
  else if (found->len == 0)
    fail_unknown (trajectory, name, &search, error);
  else
    g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "'%s' may be %s or %s: give more of the name", name,
                 (char *)found->pdata[0], (char *)found->pdata[1]);
  g_free (search.other);
  return full;
}

static gboolean
take_leaf (ExpPypetTrajectory *trajectory, Explored *explored, GError **error)
{
  g_autofree char *path = g_strdelimit (g_strdup (explored->full), ".", '/');
  g_autofree char *branch = g_strndup (explored->full, strcspn (explored->full, "."));
  g_autofree char *parent = g_strdup (explored->full);
  char *dot = strrchr (parent, '.');
  g_autoptr (ExpNode) inner = exp_node_resolve (trajectory->inner, path, error);
  ExpPypetLeaf leaf;

  if (inner == NULL)
    return FALSE;
  *dot = '\0';
  GRefString *location = g_ref_string_new (parent);
  g_autoptr (ExpPypetScope) scope = exp_pypet_scope_new (trajectory, exp_pypet_branch_of (branch), -1);
  exp_pypet_leaf_init (&leaf, inner, scope, location, dot + 1);
  exp_pypet_leaf_hold (&explored->leaf, &leaf);
  explored->has_leaf = TRUE;
  g_ref_string_release (location);
  return TRUE;
}

/* --- what is asked for -------------------------------------------------------------------------------------- */

/* NAME=VALUES */
static gboolean
parse_word (ExpPypetTrajectory *trajectory, const char *word, Explored *explored, GError **error)
{
  const char *equals = strchr (word, '=');
  g_autofree char *name = equals != NULL ? g_strndup (word, equals - word) : NULL;
  g_auto (ExpInfo) info = { 0 };

  if (name == NULL || *name == '\0')
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "'%s' is not of the form PARAMETER=VALUE,...", word);
      return FALSE;
    }
  explored->full = find_parameter (trajectory, name, error);
  if (explored->full == NULL || !take_leaf (trajectory, explored, error))
    return FALSE;
  if (exp_pypet_is_explored (explored->leaf.inner))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "'%s' is explored already: a longer %s.range expands it",
                   explored->full, explored->leaf.name);
      return FALSE;
    }
  g_autoptr (ExpNode) value = exp_pypet_leaf_value (&explored->leaf, error);
  if (value == NULL || !exp_node_describe (value, &info, error) || !exp_pypet_range_check (&explored->leaf, error))
    {
      g_prefix_error (error, "%s: ", explored->full);
      return FALSE;
    }
  explored->values = exp_pypet_values_parse (equals + 1, info.dtype, error);
  if (explored->values == NULL)
    g_prefix_error (error, "%s: ", explored->full);
  return explored->values != NULL;
}

static gboolean
parse_words (ExpPypetTrajectory *trajectory, ExpTask *task, GArray *all, GError **error)
{
  for (const char *const *word = task->arguments; word != NULL && *word != NULL; word++)
    {
      g_array_set_size (all, all->len + 1);
      Explored *explored = &g_array_index (all, Explored, all->len - 1);

      if (!parse_word (trajectory, *word, explored, error))
        return FALSE;
      for (guint i = 0; i + 1 < all->len; i++)
        if (strcmp (g_array_index (all, Explored, i).full, explored->full) == 0)
          {
            g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "'%s' is given twice", explored->full);
            return FALSE;
          }
    }
  if (all->len > 0)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "PARAMETER=VALUE,... is needed");
  return FALSE;
}

/* --- which run has which value ------------------------------------------------------------------------------ */

static gboolean
zip (GArray *all, guint64 *n, GError **error)
{
  *n = g_array_index (all, Explored, 0).values->n_elements;
  for (guint i = 0; i < all->len; i++)
    {
      Explored *explored = &g_array_index (all, Explored, i);

      explored->every = 1;
      if (explored->values->n_elements == *n)
        continue;
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
                   "'%s' has %" G_GSIZE_FORMAT " values and '%s' %" G_GUINT64_FORMAT
                   ": parameters that are explored side by side have as many each",
                   explored->full, explored->values->n_elements, g_array_index (all, Explored, 0).full, *n);
      return FALSE;
    }
  return TRUE;
}

/* As pypet's cartesian_product: the last one changes with every run. */
static gboolean
multiply (GArray *all, guint64 *n, GError **error)
{
  *n = 1;
  for (guint i = all->len; i > 0; i--)
    {
      Explored *explored = &g_array_index (all, Explored, i - 1);

      explored->every = *n;
      if (!g_uint64_checked_mul (n, *n, explored->values->n_elements) || *n > G_MAXINT32)
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "these are more runs than a trajectory can have");
          return FALSE;
        }
    }
  return TRUE;
}

static guint64
index_in_run (guint64 run, gpointer data)
{
  const Explored *explored = data;

  return run / explored->every % explored->values->n_elements;
}

/* What ran stays as it is, and what is explored has so many values. */
static gboolean
check_runs (ExpPypetTrajectory *trajectory, guint64 n, GError **error)
{
  g_auto (GStrv) names = exp_pypet_explored_names (trajectory);
  guint64 before = exp_pypet_n_runs (trajectory);
  g_autoptr (ExpNode) runs = exp_pypet_overview_table (trajectory, "runs");

  for (guint64 i = 0; i < before && runs != NULL; i++)
    {
      g_autoptr (ExpArray) cell = exp_pypet_table_cell (runs, "completed", i, NULL);
      gint64 is_completed;

      if (cell == NULL || !exp_array_get_int (cell, &is_completed) || is_completed == 0)
        continue;
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
                   "run %" G_GUINT64_FORMAT " has been run: such a trajectory is expanded, by a longer PARAMETER.range",
                   i);
      return FALSE;
    }
  if (*names == NULL || n == before)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
               "these are %" G_GUINT64_FORMAT " runs, and '%s' is explored in %" G_GUINT64_FORMAT, n, *names, before);
  return FALSE;
}

/* --- doing it ----------------------------------------------------------------------------------------------- */

static gboolean
set_ranges (ExpPypetChange *change, GArray *all, guint64 n, ExpTask *task, GError **error)
{
  for (guint i = 0; i < all->len; i++)
    {
      Explored *explored = &g_array_index (all, Explored, i);
      g_autoptr (ExpArray) values = exp_pypet_values_take (explored->values, n, index_in_run, explored, error);

      if (values == NULL || !exp_task_step (task, (double)i / all->len, explored->full, error))
        return FALSE;
      if (!exp_pypet_range_set (change, &explored->leaf, values, error))
        {
          g_prefix_error (error, "%s: ", explored->full);
          return FALSE;
        }
    }
  return exp_task_step (task, 1, "done", error);
}

static void
append_value (GString *line, const ExpArray *values, guint64 index)
{
  const guint8 *cell = values->data + index * values->dtype->size;

  if (values->dtype->type == EXP_TYPE_STRING || values->dtype->type == EXP_TYPE_VSTRING)
    {
      gsize length;
      const char *text = exp_cell_text (values->dtype, cell, &length);
      g_string_append_len (line, text, length);
    }
  else
    exp_cell_format (values->dtype, cell, line);
}

/* The table of runs, as a table: a line for each. */
static void
say_runs (GArray *all, guint64 n, ExpTask *task)
{
  g_autoptr (GString) line = g_string_new ("run");

  for (guint i = 0; i < all->len; i++)
    g_string_append_printf (line, "\t%s", g_array_index (all, Explored, i).full);
  exp_task_say (task, "%s", line->str);
  for (guint64 run = 0; run < n; run++)
    {
      g_string_printf (line, "%" G_GUINT64_FORMAT, run);
      for (guint i = 0; i < all->len; i++)
        {
          Explored *explored = &g_array_index (all, Explored, i);

          g_string_append_c (line, '\t');
          append_value (line, explored->values, index_in_run (run, explored));
        }
      exp_task_say (task, "%s", line->str);
    }
}

gboolean
exp_pypet_explore (ExpPypetTrajectory *trajectory, ExpTask *task, GError **error)
{
  g_autoptr (GArray) all = g_array_new (FALSE, TRUE, sizeof (Explored));
  guint64 n = 0;

  g_array_set_clear_func (all, clear_explored);
  if (!parse_words (trajectory, task, all, error)
      || !(exp_task_has (task, "zip") ? zip (all, &n, error) : multiply (all, &n, error))
      || !check_runs (trajectory, n, error))
    return FALSE;
  if (task->is_dry_run)
    {
      say_runs (all, n, task);
      return TRUE;
    }

  ExpPypetChange *change = exp_pypet_change_begin (trajectory->store, error);
  if (change == NULL || !exp_pypet_change_end (change, set_ranges (change, all, n, task, error)))
    return FALSE;
  exp_task_say (task, "%" G_GUINT64_FORMAT " run%s", n, n == 1 ? "" : "s");
  return TRUE;
}
