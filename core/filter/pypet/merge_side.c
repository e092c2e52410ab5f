/* What a merge has to know of a trajectory before: overview/info, the runs, and all parameters that are no run's.
 * Knows where these are stored.
 * Called by merge.c. */
#include "merge.h"
#include <string.h>

/* Deeper trees are damaged ones, whose groups lie within themselves. */
#define MAX_DEPTH 64

/* --- overview/info ------------------------------------------------------------------------------------------ */

static char *
info_text (ExpNode *info, const char *column)
{
  g_autoptr (ExpArray) cell = exp_pypet_table_cell (info, column, 0, NULL);

  return cell != NULL ? exp_array_dup_text (cell) : NULL;
}

static gboolean
read_info (ExpMergeSide *side, GError **error)
{
  g_autoptr (ExpNode) info = exp_pypet_overview_table (side->trajectory, "info");
  g_autoptr (ExpNode) runs = exp_pypet_overview_table (side->trajectory, "runs");
  g_autoptr (ExpArray) timestamp = info != NULL ? exp_pypet_table_cell (info, "timestamp", 0, NULL) : NULL;

  if (timestamp == NULL || runs == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the trajectory '%s' has no overview/%s",
                   side->trajectory->name, runs == NULL ? "runs" : "info");
      return FALSE;
    }
  side->version = info_text (info, "version");
  side->comment = info_text (info, "comment");
  side->timestamp = timestamp->dtype->type == EXP_TYPE_FLOAT ? exp_cell_double (timestamp->dtype, timestamp->data) : 0;
  side->n_runs = exp_pypet_n_rows (runs);
  return TRUE;
}

/* --- parameters --------------------------------------------------------------------------------------------- */

typedef struct
{
  ExpMergeSide *side;
  ExpPypetPlace *place;
  guint depth;
  GError **error;
  gboolean has_failed;
} Search;

static gboolean search_place (ExpMergeSide *side, ExpPypetPlace *place, guint depth, GError **error);

static gboolean
add_parameter (ExpMergeSide *side, ExpNode *inner, const ExpPypetPlace *place, const char *name, GError **error)
{
  GRefString *full = exp_pypet_location_join (place->location, name);
  ExpMergeParameter *parameter = NULL;
  ExpPypetLeaf leaf;

  exp_pypet_leaf_init (&leaf, inner, place->scope, place->location, name);
  parameter = exp_merge_parameter_new (&leaf, full, error);
  g_ref_string_release (full);
  if (parameter == NULL)
    return FALSE;
  g_ptr_array_add (side->parameters, parameter);
  g_hash_table_insert (side->by_name, parameter->name, parameter);
  return TRUE;
}

static gboolean
look_at (const char *name, ExpNode *child, gpointer data)
{
  Search *search = data;
  g_auto (ExpInfo) info = { 0 };

  if (exp_pypet_is_hidden_child (name) || exp_pypet_is_run_name (name) || exp_merge_is_for_all_runs (name))
    return TRUE;
  if (!exp_node_describe (child, &info, search->error))
    search->has_failed = TRUE;
  else if (info.kind == EXP_KIND_GROUP && exp_pypet_is_leaf (child))
    search->has_failed = !add_parameter (search->side, child, search->place, name, search->error);
  else if (info.kind == EXP_KIND_GROUP)
    {
      g_autoptr (ExpPypetPlace) below = exp_pypet_place_child (search->place, name);
      search->has_failed = below != NULL && !search_place (search->side, below, search->depth - 1, search->error);
    }
  return !search->has_failed;
}

static gboolean
search_place (ExpMergeSide *side, ExpPypetPlace *place, guint depth, GError **error)
{
  Search search = { side, place, depth, error, FALSE };

  if (depth > 0)
    return exp_node_list (place->inner, 0, look_at, &search, error) && !search.has_failed;
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "groups lie too deep within each other");
  return FALSE;
}

static gboolean
search_branch (ExpMergeSide *side, const char *name, GError **error)
{
  g_autoptr (ExpPypetScope) scope = exp_pypet_scope_new (side->trajectory, exp_pypet_branch_of (name), -1);
  g_autoptr (ExpNode) branch = exp_pypet_child (side->trajectory->inner, name);
  GRefString *location = g_ref_string_new (name);
  g_autoptr (ExpPypetPlace) place = branch != NULL ? exp_pypet_place_new (branch, scope, location) : NULL;

  g_ref_string_release (location);
  return place == NULL || search_place (side, place, MAX_DEPTH, error);
}

static int
compare_parameters (gconstpointer a, gconstpointer b)
{
  const ExpMergeParameter *first = *(ExpMergeParameter *const *)a, *second = *(ExpMergeParameter *const *)b;

  return strcmp (first->name, second->name);
}

gboolean
exp_merge_side_init (ExpMergeSide *side, ExpPypetTrajectory *trajectory, GError **error)
{
  side->trajectory = exp_pypet_trajectory_ref (trajectory);
  side->parameters = g_ptr_array_new_with_free_func ((GDestroyNotify)exp_merge_parameter_free);
  side->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  if (!read_info (side, error) || !search_branch (side, "parameters", error)
      || !search_branch (side, "derived_parameters", error))
    return FALSE;
  g_ptr_array_sort (side->parameters, compare_parameters);
  return TRUE;
}

void
exp_merge_side_clear (ExpMergeSide *side)
{
  g_clear_pointer (&side->by_name, g_hash_table_unref);
  g_clear_pointer (&side->parameters, g_ptr_array_unref);
  g_clear_pointer (&side->trajectory, exp_pypet_trajectory_unref);
  g_free (side->version);
  g_free (side->comment);
}
