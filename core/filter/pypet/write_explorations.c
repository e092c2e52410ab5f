/* overview/explorations: the full names of the explored parameters. Classic has no such table, it marks the leaves.
 * Knows that one table.
 * Called by write_range.c, write_move.c, write_place.c and write_runs.c. */
#include "type.h"
#include "write.h"
#include <string.h>

static char *
cell_dup (ExpArray *rows, guint64 row)
{
  const ExpMember *member = &rows->dtype->members[0];
  gsize length;
  const char *text = exp_cell_text (member->dtype, rows->data + row * rows->dtype->size + member->offset, &length);

  return g_strndup (text, length);
}

static ExpArray *
read_all (ExpNode *table)
{
  guint64 n = exp_pypet_n_rows (table);
  g_autoptr (ExpArray) rows = n > 0 ? exp_pytables_rows (table, 0, n, NULL) : NULL;

  return rows != NULL && rows->dtype->type == EXP_TYPE_COMPOUND && rows->dtype->n_members == 1
                 && rows->dtype->members[0].dtype->type == EXP_TYPE_STRING
             ? g_steal_pointer (&rows)
             : NULL;
}

static gint64
find_name (ExpNode *table, const char *full_name)
{
  g_autoptr (ExpArray) rows = read_all (table);

  for (guint64 i = 0; rows != NULL && i < rows->n_elements; i++)
    {
      g_autofree char *name = cell_dup (rows, i);

      if (strcmp (name, full_name) == 0)
        return (gint64)i;
    }
  return -1;
}

/* Columns are as wide as one and a half of the longest name. */
static gboolean
make_room (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *overview, const char *full_name,
           GError **error)
{
  gsize length = strlen (full_name);
  g_autoptr (ExpNode) table = exp_node_lookup (overview, "explorations", error);
  g_auto (ExpInfo) info = { 0 };

  if (table == NULL || !exp_node_describe (table, &info, error))
    return FALSE;
  if (info.dtype == NULL || info.dtype->type != EXP_TYPE_COMPOUND || info.dtype->n_members != 1)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "overview/explorations is not the table that it should be");
      return FALSE;
    }
  if (length <= info.dtype->members[0].dtype->size)
    return TRUE;
  g_autoptr (ExpDtype) cell = exp_dtype_new_string (length + length / 2, EXP_PAD_NUL_TERMINATED, FALSE);
  g_autoptr (ExpDtype) wider = exp_pypet_column_type_new (info.dtype->members[0].name, cell);
  return exp_pypet_item_renew (change, trajectory, overview, "explorations", wider, 1, info.shape, TRUE, error);
}

/* A store that some other program made may lack it. */
static gboolean
make_table (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *overview, GError **error)
{
  g_autoptr (ExpNode) there = exp_pypet_child (overview, "explorations");
  g_autoptr (ExpDtype) cell = exp_dtype_new_string (1, EXP_PAD_NUL_TERMINATED, FALSE);
  g_autoptr (ExpDtype) row = exp_pypet_column_type_new ("explorations", cell);
  guint64 none = 0;
  ExpPypetPacking packing;

  if (there != NULL)
    return TRUE;
  exp_pypet_packing (trajectory, &packing);
  g_autoptr (ExpNode) table = exp_pytables_dataset (change, overview, "explorations", "", EXP_PYTABLES_TABLE, row, 1,
                                                    &none, &packing.packing, error);
  return table != NULL;
}

gboolean
exp_pypet_explorations_add (ExpPypetChange *change, ExpPypetTrajectory *trajectory, const char *full_name,
                            GError **error)
{
  if (exp_pypet_is_classic (trajectory))
    return TRUE;

  g_autoptr (ExpNode) overview = exp_node_lookup (trajectory->inner, "overview", error);
  if (overview == NULL || !make_table (change, trajectory, overview, error)
      || !make_room (change, trajectory, overview, full_name, error))
    return FALSE;
  g_autoptr (ExpNode) table = exp_node_lookup (overview, "explorations", error);
  if (table == NULL)
    return FALSE;
  if (find_name (table, full_name) >= 0)
    return TRUE;
  g_autoptr (ExpArray) row = exp_pytables_row_new (table, error);
  if (row == NULL)
    return FALSE;
  exp_pytables_row_text (row, "explorations", full_name);
  return exp_pytables_append (change, table, row, error);
}

gboolean
exp_pypet_explorations_remove (ExpPypetChange *change, ExpPypetTrajectory *trajectory, const char *full_name,
                               GError **error)
{
  g_autoptr (ExpNode) table
      = exp_pypet_is_classic (trajectory) ? NULL : exp_pypet_overview_table (trajectory, "explorations");
  gint64 at = table != NULL ? find_name (table, full_name) : -1;

  return at < 0 || exp_pytables_delete_row (change, table, (guint64)at, error);
}

static char **
names_in_table (ExpNode *table)
{
  g_autoptr (ExpArray) rows = read_all (table);
  GPtrArray *names = g_ptr_array_new ();

  for (guint64 i = 0; rows != NULL && i < rows->n_elements; i++)
    g_ptr_array_add (names, cell_dup (rows, i));
  g_ptr_array_add (names, NULL);
  return (char **)g_ptr_array_free (names, FALSE);
}

/* Deeper trees are damaged ones. */
#define MAX_DEPTH 64

typedef struct
{
  GPtrArray *names;
  const char *location;
  guint depth;
} Search;

static gboolean
look_at (const char *name, ExpNode *child, gpointer data)
{
  Search *search = data;
  g_auto (ExpInfo) info = { 0 };

  if (exp_pypet_is_hidden_child (name) || !exp_node_describe (child, &info, NULL) || info.kind != EXP_KIND_GROUP)
    return TRUE;
  GRefString *full = exp_pypet_location_join (search->location, name);
  Search below = { search->names, full, search->depth - 1 };
  if (exp_pypet_is_leaf (child))
    {
      if (exp_pypet_is_explored (child))
        g_ptr_array_add (search->names, g_strdup (full));
    }
  else if (search->depth > 0)
    exp_node_list (child, 0, look_at, &below, NULL);
  g_ref_string_release (full);
  return TRUE;
}

char **
exp_pypet_explored_names (ExpPypetTrajectory *trajectory)
{
  static const char *const branches[] = { "parameters", "derived_parameters" };
  g_autoptr (ExpNode) table
      = exp_pypet_is_classic (trajectory) ? NULL : exp_pypet_overview_table (trajectory, "explorations");

  if (table != NULL)
    return names_in_table (table);

  GPtrArray *names = g_ptr_array_new ();
  for (guint i = 0; i < G_N_ELEMENTS (branches); i++)
    {
      g_autoptr (ExpNode) branch = exp_pypet_child (trajectory->inner, branches[i]);
      Search search = { names, branches[i], MAX_DEPTH };

      if (branch != NULL)
        exp_node_list (branch, 0, look_at, &search, NULL);
    }
  g_ptr_array_add (names, NULL);
  return (char **)g_ptr_array_free (names, FALSE);
}
