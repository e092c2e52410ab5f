/* What overview/info says of a trajectory, changed; and trajectories renamed and removed.
 * Knows the one row of that table.
 * Called by root.c and trajectory.c. */
#include "expfs/view.h"
#include "type.h"
#include "write.h"
#include <string.h>

static gboolean
set_info_text (ExpPypetChange *change, ExpNode *trajectory, const char *column, const char *text, GError **error)
{
  g_autoptr (ExpNode) overview = exp_pypet_child (trajectory, "overview");
  g_autoptr (ExpNode) info = overview != NULL ? exp_pypet_child (overview, "info") : NULL;

  if (info == NULL)
    return TRUE;
  g_autoptr (ExpArray) row = exp_pytables_rows (info, 0, 1, error);
  if (row == NULL)
    return FALSE;
  exp_pytables_row_text (row, column, text);
  return exp_pypet_change_rows (change, info, 0, row, error);
}

static gboolean
note_nothing (const char *name, ExpNode *child, gpointer data)
{
  *(gboolean *)data = exp_pypet_shown_name (name) == NULL;
  return *(gboolean *)data;
}

/* Branches in which nothing is, and pypet's own tables, are no content. */
static gboolean
look_for_content (const char *name, ExpNode *child, gpointer data)
{
  gboolean is_empty = TRUE;
  g_auto (ExpInfo) info = { 0 };

  if (strcmp (name, "overview") == 0 || exp_pypet_is_hidden_child (name))
    return TRUE;
  if (!exp_node_describe (child, &info, NULL) || info.kind != EXP_KIND_GROUP || exp_pypet_is_leaf (child)
      || !exp_node_list (child, 0, note_nothing, &is_empty, NULL) || !is_empty)
    *(gboolean *)data = FALSE;
  return *(gboolean *)data;
}

gboolean
exp_pypet_has_content (ExpNode *trajectory)
{
  gboolean is_empty = TRUE;

  return !exp_node_list (trajectory, 0, look_for_content, &is_empty, NULL) || !is_empty;
}

static gboolean
remove_overview (ExpPypetChange *change, ExpPypetTrajectory *trajectory, const char *name, GError **error)
{
  g_autoptr (ExpNode) overview = exp_node_lookup (trajectory->inner, "overview", error);
  gboolean is_empty = TRUE;

  if (overview == NULL)
    return FALSE;
  if (exp_pypet_has_content (trajectory->inner))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED,
                   "pypet needs the overview of a trajectory for as long as anything else is in it");
      return FALSE;
    }
  if (name != NULL)
    return exp_pypet_change_remove (change, overview, name, error);
  if (!exp_node_list (overview, 0, note_nothing, &is_empty, error))
    return FALSE;
  if (is_empty)
    return exp_pypet_change_remove (change, trajectory->inner, "overview", error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_EMPTY, "'overview' is not empty");
  return FALSE;
}

gboolean
exp_pypet_remove_overview (ExpPypetTrajectory *trajectory, const char *name, GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (trajectory->store, error);

  return change != NULL && exp_pypet_change_end (change, remove_overview (change, trajectory, name, error));
}

static gboolean
remove_trajectory (ExpPypetChange *change, ExpPypetStore *store, const char *name, GError **error)
{
  g_autoptr (ExpNode) inner = exp_node_lookup (store->root, name, error);
  g_auto (ExpInfo) info = { 0 };

  if (inner == NULL || !exp_node_describe (inner, &info, error))
    return FALSE;
  if (info.kind == EXP_KIND_GROUP && exp_pypet_has_content (inner))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_EMPTY, "'%s' is not empty", name);
      return FALSE;
    }
  return exp_pypet_change_remove (change, store->root, name, error);
}

gboolean
exp_pypet_trajectory_remove (ExpPypetStore *store, const char *name, GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (store, error);

  return change != NULL && exp_pypet_change_end (change, remove_trajectory (change, store, name, error));
}

static gboolean
rename_trajectory (ExpPypetChange *change, ExpPypetStore *store, const char *name, const char *new_name, guint flags,
                   GError **error)
{
  g_autoptr (ExpNode) inner = exp_node_lookup (store->root, name, error);
  g_autoptr (ExpNode) taken = exp_pypet_child (store->root, new_name);

  if (inner == NULL || !exp_pypet_check_name (new_name, error))
    return FALSE;
  if (taken != NULL && (flags & EXP_MOVE_NO_REPLACE))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_EXISTS, "'%s' exists already", new_name);
      return FALSE;
    }
  if (taken != NULL && !remove_trajectory (change, store, new_name, error))
    return FALSE;
  return set_info_text (change, inner, "name", new_name, error)
         && exp_pypet_change_move (change, store->root, name, store->root, new_name, error);
}

gboolean
exp_pypet_trajectory_rename (ExpPypetStore *store, const char *name, const char *new_name, guint flags, GError **error)
{
  if (flags & EXP_MOVE_EXCHANGE)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "exchanging two names is not possible in a pypet store");
      return FALSE;
    }
  ExpPypetChange *change = exp_pypet_change_begin (store, error);

  if (change == NULL)
    return FALSE;
  exp_pypet_change_note_moved (change);
  return exp_pypet_change_end (change, rename_trajectory (change, store, name, new_name, flags, error));
}

static gboolean
write_column (ExpPypetChange *change, ExpPypetTrajectory *trajectory, const char *name, const ExpArray *value,
              GError **error)
{
  g_autoptr (ExpNode) info = exp_pypet_overview_table (trajectory, "info");
  g_autoptr (ExpArray) row = info != NULL ? exp_pytables_rows (info, 0, 1, error) : NULL;
  gsize length;
  g_autofree char *text = row != NULL ? exp_attribute_text ((ExpArray *)value, 0, &length, error) : NULL;

  if (text == NULL)
    return FALSE;
  if (strcmp (name, "timestamp") != 0)
    exp_pytables_row_text (row, name, text);
  else if (value->n_elements == 1 && (value->dtype->type == EXP_TYPE_INT || value->dtype->type == EXP_TYPE_FLOAT))
    exp_pytables_row_number (row, name, exp_cell_double (value->dtype, value->data));
  else
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "a timestamp is a number of seconds");
      return FALSE;
    }
  return exp_pypet_change_rows (change, info, 0, row, error);
}

static gboolean
is_of_other_generation (ExpPypetTrajectory *trajectory, const ExpArray *version)
{
  g_autofree char *text = exp_array_dup_text (version);

  return text != NULL && g_str_has_prefix (text, "0.1b") != exp_pypet_is_classic (trajectory);
}

static gboolean
write_attribute (ExpPypetChange *change, ExpPypetTrajectory *trajectory, const char *name, const ExpArray *value,
                 GError **error)
{
  static const char *const texts[] = { "time", "timestamp", "version", "python", NULL };
  static const char *const kept[] = { "name", "length", NULL };

  if (g_strv_contains (kept, name)) /* they follow from the trajectory: whoever copies them along is not stopped */
    return TRUE;
  /* What a trajectory of the other generation says of its release is not true of one of this. */
  if (strcmp (name, "version") == 0 && is_of_other_generation (trajectory, value))
    return TRUE;
  if (g_strv_contains (texts, name))
    return write_column (change, trajectory, name, value, error);
  return exp_pypet_change_node_attribute (change, trajectory->inner, NULL, name, value, error)
         && (strcmp (name, "comment") != 0 || write_column (change, trajectory, name, value, error));
}

gboolean
exp_pypet_trajectory_write_attribute (ExpPypetTrajectory *trajectory, const char *name, const ExpArray *value,
                                      GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (trajectory->store, error);

  return change != NULL && exp_pypet_change_end (change, write_attribute (change, trajectory, name, value, error));
}

static gboolean
remove_attribute (ExpPypetChange *change, ExpPypetTrajectory *trajectory, const char *name, GError **error)
{
  static const char *const kept[] = { "name", "length", "time", "timestamp", "version", "python", NULL };

  if (g_strv_contains (kept, name))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "every trajectory has a '%s'", name);
      return FALSE;
    }
  return exp_pypet_change_remove_attribute (change, trajectory->inner, NULL, name, error)
         && (strcmp (name, "comment") != 0 || set_info_text (change, trajectory->inner, "comment", "", error));
}

gboolean
exp_pypet_trajectory_remove_attribute (ExpPypetTrajectory *trajectory, const char *name, GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (trajectory->store, error);

  return change != NULL && exp_pypet_change_end (change, remove_attribute (change, trajectory, name, error));
}
