/* Several items, or several results, become one dict.
 * Knows what items and results show; the table is dict_keys.c's.
 * Called by write_flag.c. */
#include "dict_keys.h"
#include "type.h"
#include "write_dict.h"
#include <string.h>

/* What is going to be under a key. */
typedef struct
{
  char *key;
  ExpNode *value;
  const char *python; /* interned; NULL: not known */
} Part;

static void
clear_part (gpointer data)
{
  Part *part = data;

  g_free (part->key);
  exp_node_unref (part->value);
}

static GArray *
parts_new (void)
{
  GArray *parts = g_array_new (FALSE, FALSE, sizeof (Part));

  g_array_set_clear_func (parts, clear_part);
  return parts;
}

static gboolean
fill_value (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *group, const char *name, const Part *part,
            GError **error)
{
  g_autoptr (ExpArray) array = exp_node_read_all (part->value, error);
  ExpSlab all;

  if (array == NULL || !exp_pypet_item_make_room_in (change, trajectory, group, name, part->key, array, error))
    return FALSE;
  g_autoptr (ExpNode) table = exp_node_lookup (group, name, error);
  g_autoptr (ExpNode) field
      = table != NULL ? exp_pypet_field_new (table, part->key, 0, NULL, exp_pypet_encoding (trajectory), error) : NULL;
  exp_slab_init_all (&all, array->rank, array->shape);
  return field != NULL && exp_node_write (field, &all, array, error);
}

/* A dict `name`, which is not there yet. */
static gboolean
make_dict (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *group, const char *name, GArray *parts,
           GError **error)
{
  gboolean is_classic = exp_pypet_is_classic (trajectory);
  g_autoptr (GArray) keys = exp_dict_keys_read (group, name, error);

  if (keys == NULL)
    return FALSE;
  for (guint i = 0; i < parts->len; i++)
    {
      const Part *part = &g_array_index (parts, Part, i);
      g_auto (ExpInfo) info = { 0 };

      if (!exp_node_describe (part->value, &info, error))
        return FALSE;
      if (info.kind != EXP_KIND_DATASET || info.dtype == NULL)
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "'%s' is a directory, and pypet holds none in a dict",
                       part->key);
          return FALSE;
        }
      ExpNewDataset dataset = { .dtype = info.dtype, .is_null = info.is_null, .rank = info.rank };
      memcpy (dataset.shape, info.shape, sizeof dataset.shape);
      if (!exp_dict_keys_set (keys, part->key, &dataset, is_classic, error))
        return FALSE;
      if (part->python != NULL) /* where it fits: matrices and others have no place in a dict */
        exp_dict_keys_set_python (keys, part->key, part->python, is_classic, NULL);
    }
  if (!exp_dict_keys_store (change, trajectory, group, name, keys, error))
    return FALSE;
  for (guint i = 0; i < parts->len; i++)
    if (!fill_value (change, trajectory, group, name, &g_array_index (parts, Part, i), error))
      return FALSE;
  return TRUE;
}

/* Of a dict those names, too, that no node of pypet's has. */
static gboolean
is_key (const char *name)
{
  const char *shown = exp_pypet_shown_name (name);

  return exp_pypet_is_item (name) || (shown != NULL && exp_pypet_is_odd_name (shown));
}

gboolean
exp_pypet_dict_gather (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *source, ExpNode *group,
                       const char *name, GError **error)
{
  g_autoptr (GPtrArray) names = exp_node_list_names (source, is_key, error);
  g_autoptr (GArray) parts = parts_new ();
  g_autofree char *hidden = exp_pypet_change_name (change);

  if (names == NULL)
    return FALSE;
  for (guint i = 0; i < names->len; i++)
    {
      g_autoptr (ExpNode) inner = exp_node_lookup (source, names->pdata[i], error);
      Part part = { exp_pypet_item_name (names->pdata[i]), NULL, inner != NULL ? exp_pypet_python (inner) : NULL };

      part.value = inner != NULL ? exp_pypet_item_new (leaf, inner, names->pdata[i], error) : NULL;
      if (part.value == NULL)
        {
          g_free (part.key);
          return FALSE;
        }
      g_array_append_val (parts, part);
    }
  if (!make_dict (change, leaf->scope->trajectory, group, hidden, parts, error))
    return FALSE;
  for (guint i = 0; source == group && i < names->len; i++)
    if (!exp_pypet_change_remove (change, group, names->pdata[i], error))
      return FALSE;
  if (source != group && !exp_pypet_change_remove (change, group, name, error))
    return FALSE;
  exp_pypet_change_note_moved (change);
  return exp_pypet_change_move (change, group, hidden, group, name, error);
}

gboolean
exp_pypet_dict_from_items (ExpPypetChange *change, const ExpPypetLeaf *leaf, GError **error)
{
  exp_pypet_leaf_keep_directory (leaf, FALSE);
  return exp_pypet_dict_gather (change, leaf, leaf->inner, leaf->inner, exp_pypet_shown_name (leaf->name), error);
}

/* The value of the one item of a result in the group. */
static gboolean
add_result (const ExpPypetPlace *place, const char *name, GArray *parts, GPtrArray *leaves, GError **error)
{
  g_autoptr (ExpNode) inner = exp_node_lookup (place->inner, name, error);
  ExpPypetLeaf *leaf = g_new0 (ExpPypetLeaf, 1);

  if (inner == NULL)
    {
      g_free (leaf);
      return FALSE;
    }
  exp_pypet_leaf_init (leaf, inner, place->scope, place->location, name);
  exp_pypet_leaf_hold (leaf, leaf);
  g_ptr_array_add (leaves, leaf);
  g_autofree char *single = exp_pypet_leaf_single (leaf, NULL);
  g_autoptr (ExpNode) item = single != NULL ? exp_pypet_child (inner, single) : NULL;
  Part part = { g_strdup (exp_pypet_shown_name (name)), NULL, item != NULL ? exp_pypet_python (item) : NULL };
  if (exp_pypet_is_leaf (inner) && !leaf->is_parameter)
    part.value = exp_pypet_leaf_value (leaf, error);
  else
    g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "'%s' cannot be under a key of a dict", name);
  if (part.value == NULL)
    {
      g_free (part.key);
      return FALSE;
    }
  g_array_append_val (parts, part);
  return TRUE;
}

static void
free_leaf (gpointer data)
{
  exp_pypet_leaf_release (data);
  g_free (data);
}

static gboolean
drop_results (ExpPypetChange *change, const ExpPypetPlace *place, GPtrArray *leaves, GError **error)
{
  for (guint i = 0; i < leaves->len; i++)
    {
      const ExpPypetLeaf *leaf = leaves->pdata[i];

      if (!exp_pypet_overview_remove (change, leaf, error)
          || !exp_pypet_change_remove (change, place->inner, leaf->name, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
exp_pypet_dict_from_group (ExpPypetChange *change, const ExpPypetPlace *place, GError **error)
{
  ExpPypetTrajectory *trajectory = place->scope->trajectory;
  g_autoptr (GPtrArray) leaves = g_ptr_array_new_with_free_func (free_leaf);
  g_autoptr (GPtrArray) names = exp_node_list_names (place->inner, is_key, error);
  g_autoptr (GArray) parts = parts_new ();
  g_autofree char *hidden = exp_pypet_change_name (change);
  g_autofree char *location = g_strdup (place->location);
  char *dot = strrchr (location, '.');
  ExpPypetLeaf leaf;

  if (names == NULL)
    return FALSE;
  if (dot == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "a branch is no dict");
      return FALSE;
    }
  *dot = '\0';
  for (guint i = 0; i < names->len; i++)
    if (!add_result (place, names->pdata[i], parts, leaves, error))
      return FALSE;
  if (!make_dict (change, trajectory, place->inner, hidden, parts, error)
      || !drop_results (change, place, leaves, error)
      || !exp_pypet_change_move (change, place->inner, hidden, place->inner, dot + 1, error)
      || !exp_pypet_set_service (change, place->inner, "Result", exp_pypet_is_classic (trajectory), error))
    return FALSE;

  GRefString *parent = g_ref_string_new (location);
  exp_pypet_leaf_init (&leaf, place->inner, place->scope, parent, dot + 1);
  exp_pypet_change_note_moved (change);
  gboolean is_done
      = (place->scope->run < 0 || exp_pypet_runs_complete (change, trajectory, (guint64)place->scope->run, error))
        && exp_pypet_overview_update (change, &leaf, TRUE, error);
  g_ref_string_release (parent);
  return is_done;
}
