/* Ranges of the other parameters when one makes the trajectory longer: pypet loads a trajectory only when all have a
 * value for each run.
 * Knows where each class of parameter keeps its range.
 * Called by write_range.c. */
#include "write.h"
#include "write_cast.h"
#include <string.h>

/* One more row for each run, like the row of `source` that holds the parameter's own value, or like the last one where
 * the rows number values. */
static gboolean
grow_table (ExpPypetChange *change, ExpNode *table, ExpNode *source, guint64 n, GError **error)
{
  guint64 before = exp_pypet_n_rows (table), more = n - before;
  g_autoptr (ExpArray) last
      = exp_pytables_rows (source != NULL ? source : table, source != NULL ? 0 : before - 1, 1, error);
  g_auto (ExpInfo) info = { 0 };

  if (last == NULL || !exp_node_describe (table, &info, error))
    return FALSE;
  g_autoptr (ExpArray) row = exp_cast_back (last, info.dtype, NULL, error);
  g_autoptr (ExpArray) rows = row != NULL ? exp_array_new (info.dtype, 1, &more, error) : NULL;
  if (rows == NULL)
    return FALSE;
  for (guint64 i = 0; i < more; i++)
    memcpy (rows->data + i * row->dtype->size, row->data, row->dtype->size);
  return exp_pytables_append (change, table, rows, error);
}

static gboolean
grow_leaf (ExpPypetChange *change, const ExpPypetLeaf *leaf, guint64 n, GError **error)
{
  static const char *const tables[] = { "explored_data", "explored_data__rr__", "explored_data__spsp__" };

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      g_autoptr (ExpNode) table = exp_pypet_child (leaf->inner, tables[i]);
      g_autoptr (ExpNode) own = i == 0 ? exp_pypet_child (leaf->inner, "data") : NULL;
      g_auto (ExpInfo) info = { 0 };

      if (table == NULL || exp_pypet_n_rows (table) >= n || exp_pypet_n_rows (table) == 0)
        continue;
      if (own != NULL && (!exp_node_describe (own, &info, NULL) || info.rank != 1))
        g_clear_pointer (&own, exp_node_unref); /* a pickle: the rows number others */
      if (!grow_table (change, table, own, n, error))
        return FALSE;
      if (exp_pypet_is_classic (leaf->scope->trajectory)
          && !exp_pytables_set_int (change, leaf->inner, "SRVC_INIT_LENGTH", (gint64)n, 8, error))
        return FALSE;
      return exp_pypet_overview_update (change, leaf, FALSE, error);
    }
  return TRUE;
}

gboolean
exp_pypet_ranges_grow (ExpPypetChange *change, ExpPypetTrajectory *trajectory, const ExpPypetLeaf *but, guint64 n,
                       GError **error)
{
  g_auto (GStrv) names = exp_pypet_explored_names (trajectory);
  GRefString *own = but != NULL ? exp_pypet_location_join (but->location, but->name) : g_ref_string_new ("");
  gboolean is_done = TRUE;

  for (char **name = names; *name != NULL && is_done; name++)
    {
      g_autofree char *path = g_strdelimit (g_strdup (*name), ".", '/');
      g_autoptr (ExpNode) inner = strcmp (*name, own) != 0 ? exp_node_resolve (trajectory->inner, path, NULL) : NULL;
      char *dot = strrchr (*name, '.');

      if (inner == NULL || dot == NULL)
        continue;
      *dot = '\0';
      GRefString *location = g_ref_string_new (*name);
      g_autoptr (ExpPypetScope) scope = exp_pypet_scope_new (trajectory, EXP_BRANCH_PARAMETERS, -1);
      ExpPypetLeaf leaf;
      exp_pypet_leaf_init (&leaf, inner, scope, location, dot + 1);
      is_done = grow_leaf (change, &leaf, n, error);
      g_ref_string_release (location);
    }
  g_ref_string_release (own);
  return is_done;
}
