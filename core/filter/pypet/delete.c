/* The task `delete`: pypet's message DELETE, for leaves, items of a leaf, links, groups and whole trajectories.
 * Knows what pypet refuses to delete, and what it writes in the overview then; how names go is write_place.c's.
 * Called through the classes of directories. */
#include "tasks.h"
#include "type.h"
#include <string.h>

/* Deeper trees are damaged ones. */
#define MAX_DEPTH 64

typedef struct
{
  ExpTask *task;
  ExpPypetChange *change; /* NULL: only looked at */
  guint64 n_leaves, n_seen;
} Deletion;

static char *
path_of (const ExpPypetPlace *place, const char *name)
{
  GRefString *full = exp_pypet_location_join (place->location, name);
  char *path = g_strdelimit (g_strdup (full), ".", '/');

  g_ref_string_release (full);
  return path;
}

static void
say (ExpTask *task, const char *path)
{
  exp_task_say (task, "%s %s", task->is_dry_run ? "would remove" : "removed", path);
}

/* --- what is looked at first -------------------------------------------------------------------------------- */

static gboolean
check_leaf (ExpNode *inner, const char *path, GError **error)
{
  if (!exp_pypet_is_explored (inner))
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_PERMITTED,
               "%s is explored, and every run has its value: remove its range first", path);
  return FALSE;
}

typedef gboolean (*ChildFunc) (Deletion *deletion, const ExpPypetPlace *place, const char *name, guint depth,
                               GError **error);

static gboolean
for_children (Deletion *deletion, const ExpPypetPlace *parent, const char *name, ChildFunc func, guint depth,
              GError **error)
{
  g_autoptr (ExpPypetPlace) place = exp_pypet_place_child (parent, name);
  g_autoptr (GPtrArray) names = NULL;

  if (place == NULL || depth == 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "'%s' cannot be looked into", name);
      return FALSE;
    }
  names = exp_node_list_names (place->inner, NULL, error);
  if (names == NULL)
    return FALSE;
  for (guint i = 0; i < names->len; i++)
    if (!func (deletion, place, names->pdata[i], depth - 1, error))
      return FALSE;
  return TRUE;
}

/* All that may not go is found before anything goes. */
static gboolean
check_child (Deletion *deletion, const ExpPypetPlace *place, const char *name, guint depth, GError **error)
{
  g_autoptr (ExpNode) inner = exp_node_lookup (place->inner, name, error);
  g_autofree char *path = path_of (place, name);
  g_auto (ExpInfo) info = { 0 };

  if (inner == NULL || !exp_node_describe (inner, &info, error))
    return FALSE;
  if (info.kind != EXP_KIND_GROUP)
    return TRUE;
  if (!exp_pypet_is_leaf (inner))
    return for_children (deletion, place, name, check_child, depth, error);
  deletion->n_leaves++;
  return check_leaf (inner, path, error);
}

static gboolean
note_any (const char *name, ExpNode *child, gpointer data)
{
  *(gboolean *)data = FALSE;
  return FALSE;
}

static gboolean
is_empty (ExpNode *group)
{
  gboolean is_empty = TRUE;

  return exp_node_list (group, 0, note_any, &is_empty, NULL) && is_empty;
}

static gboolean
check_unwritten (Deletion *deletion, const ExpPypetPlace *place, const char *name, const char *path, GError **error)
{
  g_autoptr (GString) up = g_string_new (NULL);

  for (const char *slash = strchr (path, '/'); slash != NULL; slash = strchr (slash + 1, '/'))
    g_string_append (up, "../");
  return exp_task_check_unwritten (deletion->task, name, error)
         && exp_pypet_check_runs_unwritten (deletion->task, place->scope->trajectory, path, up->str, error);
}

static gboolean
check (Deletion *deletion, const ExpPypetPlace *place, const char *name, GError **error)
{
  g_autoptr (ExpNode) inner = exp_node_lookup (place->inner, name, error);
  g_autofree char *path = path_of (place, name);
  g_auto (ExpInfo) info = { 0 };

  if (inner == NULL || !exp_node_describe (inner, &info, error))
    return FALSE;
  if (*place->location == '\0' && strcmp (name, "overview") == 0)
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_PERMITTED, "pypet needs the overview of a trajectory");
  else if (info.kind == EXP_KIND_GROUP && !exp_pypet_is_leaf (inner) && !exp_task_has (deletion->task, "recursive")
           && !is_empty (inner))
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_EMPTY, "%s is not empty: -r removes all that is in it", path);
  else
    return check_child (deletion, place, name, MAX_DEPTH, error)
           && check_unwritten (deletion, place, name, path, error);
  return FALSE;
}

/* --- what goes ---------------------------------------------------------------------------------------------- */

/* Classic keeps its overview in step, the newer generation leaves it as it is. */
static gboolean
tell_child (Deletion *deletion, const ExpPypetPlace *place, const char *name, guint depth, GError **error)
{
  g_autoptr (ExpNode) inner = exp_node_lookup (place->inner, name, error);
  g_auto (ExpInfo) info = { 0 };
  ExpPypetLeaf leaf;

  if (inner == NULL || !exp_node_describe (inner, &info, error))
    return FALSE;
  if (info.kind != EXP_KIND_GROUP)
    return TRUE;
  if (!exp_pypet_is_leaf (inner))
    return for_children (deletion, place, name, tell_child, depth, error);
  exp_pypet_leaf_init (&leaf, inner, place->scope, place->location, name);
  return exp_task_step (deletion->task, (double)deletion->n_seen++ / MAX (deletion->n_leaves, 1), name, error)
         && exp_pypet_overview_remove (deletion->change, &leaf, error);
}

/* Groups that have become empty, from the parent up to the branch, which stays. */
static gboolean
remove_parents (Deletion *deletion, const ExpPypetPlace *place, const char *path, GError **error)
{
  ExpPypetTrajectory *trajectory = place->scope->trajectory;
  g_autofree char *at = g_path_get_dirname (path);
  g_autoptr (GString) up = g_string_new (NULL);

  while (strchr (at, '/') != NULL)
    {
      g_autofree char *parent = g_path_get_dirname (at), *name = g_path_get_basename (at);
      g_autoptr (ExpNode) group = exp_node_resolve (trajectory->inner, at, error);
      g_autoptr (ExpNode) above = group != NULL ? exp_node_resolve (trajectory->inner, parent, error) : NULL;

      if (above == NULL)
        return FALSE;
      if (!exp_pypet_is_vacant (group))
        return TRUE;
      if (!exp_pypet_change_remove (deletion->change, above, name, error))
        return FALSE;
      say (deletion->task, at);
      g_string_append (up, "../");
      g_autofree char *from_here = g_strconcat (up->str, name, NULL);
      exp_task_note_removed (deletion->task, from_here);
      g_free (at);
      at = g_steal_pointer (&parent);
    }
  return TRUE;
}

static gboolean
remove_child (Deletion *deletion, const ExpPypetPlace *place, const char *name, const char *path, GError **error)
{
  gboolean is_classic = exp_pypet_is_classic (place->scope->trajectory);

  if (is_classic && !tell_child (deletion, place, name, MAX_DEPTH, error))
    return FALSE;
  if (!exp_task_step (deletion->task, 1, path, error)
      || !exp_pypet_change_remove (deletion->change, place->inner, name, error))
    return FALSE;
  say (deletion->task, path);
  exp_task_note_removed (deletion->task, name);
  return !exp_task_has (deletion->task, "remove-empty-groups") || remove_parents (deletion, place, path, error);
}

gboolean
exp_pypet_place_delete (const ExpPypetPlace *place, ExpTask *task, GError **error)
{
  const char *name = task->arguments != NULL ? task->arguments[0] : NULL;
  Deletion deletion = { .task = task };
  g_autofree char *path = name != NULL ? path_of (place, name) : NULL;

  if (name == NULL || strcmp (task->name, "delete") != 0 || place->scope->run >= 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "there is no '%s' here", task->name);
      return FALSE;
    }
  if (!check (&deletion, place, name, error))
    return FALSE;
  if (task->is_dry_run)
    {
      say (task, path);
      return TRUE;
    }
  deletion.change = exp_pypet_change_begin (place->scope->trajectory->store, error);
  return deletion.change != NULL
         && exp_pypet_change_end (deletion.change, remove_child (&deletion, place, name, path, error));
}

/* --- trajectories ------------------------------------------------------------------------------------------- */

gboolean
exp_pypet_store_delete (ExpPypetStore *store, ExpTask *task, const char *name, GError **error)
{
  g_autoptr (ExpNode) inner = exp_node_lookup (store->root, name, error);
  if (inner == NULL || !exp_task_check_unwritten (task, name, error))
    return FALSE;
  if (!exp_task_has (task, "recursive"))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_EMPTY, "%s is not empty: -r removes all that is in it", name);
      return FALSE;
    }
  if (!task->is_dry_run)
    {
      ExpPypetChange *change = exp_pypet_change_begin (store, error);

      if (change == NULL
          || !exp_pypet_change_end (change, exp_task_step (task, 0, name, error)
                                                && exp_pypet_change_remove (change, store->root, name, error)))
        return FALSE;
    }
  exp_task_note_removed (task, name);
  say (task, name);
  return TRUE;
}
