/* What queries find in a trajectory: its runs, by the values that the explored parameters have in them, and by whether
 * they are completed.
 * Knows ranges by their hidden names; stands on the nodes that a user sees.
 * Called by trajectory.c. */
#include "pypet.h"
#include "type.h"
#include <string.h>

#define MAX_DEPTH 100

typedef struct
{
  ExpPypetTrajectory *trajectory;
  GString *name; /* of the group that is walked, with a dot at its end: "group." for parameters/group */
  guint depth;
  ExpParameterFunc func;
  gpointer data;
  gboolean is_ended;
  ExpNode *group; /* borrowed: the one that is listed */
} Walk;

static gboolean walk_group (Walk *walk, ExpNode *group);

static gboolean
tell (Walk *walk, guint64 run, const char *name, const ExpArray *value)
{
  char path[48];
  ExpParameter parameter = { .path = path, .name = name, .value = value };

  g_snprintf (path, sizeof path, ".run/run_%08" G_GUINT64_FORMAT, run);
  walk->is_ended = !walk->func (&parameter, walk->data);
  return !walk->is_ended;
}

/* Row `i` of an array of rank 1 or more. */
static ExpArray *
row_of (const ExpArray *rows, guint64 i)
{
  g_autoptr (ExpArray) row = exp_array_new (rows->dtype, rows->rank - 1, rows->shape + 1, NULL);
  gsize size = row != NULL ? row->n_elements * rows->dtype->size : 0;

  if (size > 0)
    memcpy (row->data, rows->data + i * size, size);
  return row != NULL && exp_array_own_cells (row, NULL) ? g_steal_pointer (&row) : NULL;
}

/* A value for each run. One that cannot be read hides no other parameter. */
static void
tell_rows (Walk *walk, const char *name, ExpNode *range)
{
  g_autoptr (ExpArray) rows = exp_node_read_all (range, NULL);

  for (guint64 i = 0; rows != NULL && rows->rank > 0 && i < rows->shape[0]; i++)
    {
      g_autoptr (ExpArray) row = row_of (rows, i);
      if (row == NULL || !tell (walk, i, name, row))
        break;
    }
}

typedef struct
{
  Walk *walk;
  const char *name;
  guint64 n;
} ByRun;

static gboolean
tell_one (const char *name, ExpNode *value, gpointer data)
{
  ByRun *by_run = data;
  g_autoptr (ExpArray) array = exp_node_read_all (value, NULL);

  return (array == NULL || tell (by_run->walk, by_run->n, by_run->name, array)) && ++by_run->n > 0;
}

static void
tell_range (Walk *walk, const char *parameter, ExpNode *range)
{
  g_auto (ExpInfo) info = { 0 };
  gsize length = walk->name->len;

  if (!exp_node_describe (range, &info, NULL))
    return;
  g_string_append (walk->name, parameter);
  if (info.kind == EXP_KIND_DATASET)
    tell_rows (walk, walk->name->str, range);
  else
    {
      ByRun by_run = { walk, walk->name->str, 0 };
      exp_node_list (range, 0, tell_one, &by_run, NULL);
    }
  g_string_truncate (walk->name, length);
}

static gboolean
visit (const char *name, ExpNode *child, gpointer data)
{
  Walk *walk = data;
  g_auto (ExpInfo) info = { 0 };
  g_autofree char *range_name = g_strconcat (name, ".range", NULL);
  g_autoptr (ExpNode) range = exp_node_lookup (walk->group, range_name, NULL);
  gsize length = walk->name->len;

  if (range != NULL)
    tell_range (walk, name, range);
  else if (exp_node_describe (child, &info, NULL) && info.kind == EXP_KIND_GROUP && walk->depth < MAX_DEPTH)
    {
      g_string_append (walk->name, name);
      g_string_append_c (walk->name, '.');
      walk_group (walk, child);
      g_string_truncate (walk->name, length);
    }
  return !walk->is_ended;
}

static gboolean
walk_group (Walk *walk, ExpNode *group)
{
  ExpNode *above = walk->group;

  walk->group = group;
  walk->depth++;
  exp_node_list (group, 0, visit, walk, NULL);
  walk->depth--;
  walk->group = above;
  return !walk->is_ended;
}

static void
tell_completed (Walk *walk)
{
  g_autoptr (ExpNode) runs = exp_pypet_overview_table (walk->trajectory, "runs");
  g_autoptr (ExpNode) completed
      = runs != NULL ? exp_pypet_field_new (runs, "completed", EXP_ALL_ROWS, NULL, "utf8", NULL) : NULL;

  if (completed != NULL)
    tell_rows (walk, "completed", completed);
}

void
exp_pypet_list_run_parameters (ExpPypetTrajectory *trajectory, ExpNode *node, ExpParameterFunc func, gpointer data)
{
  static const char *const branches[] = { "parameters", "derived_parameters" };
  g_autoptr (GString) name = g_string_new (NULL);
  Walk walk = { .trajectory = trajectory, .name = name, .func = func, .data = data };

  for (guint i = 0; i < G_N_ELEMENTS (branches) && !walk.is_ended; i++)
    {
      g_autoptr (ExpNode) branch = exp_node_lookup (node, branches[i], NULL);
      if (branch != NULL)
        walk_group (&walk, branch);
    }
  if (!walk.is_ended)
    tell_completed (&walk);
}
