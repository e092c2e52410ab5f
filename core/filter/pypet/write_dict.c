/* Dicts: keys that come, go, and change their names and types, each time in a table that is made anew.
 * Knows the columns of the one row and what pypet notes on them.
 * Called by dict.c. */
#include "write_dict.h"
#include "dict_keys.h"
#include "type.h"
#include "write_cast.h"
#include <string.h>

/* What the run that stored it and the overview say. */
static gboolean
tell (ExpPypetChange *change, const ExpPypetLeaf *leaf, GError **error)
{
  const ExpPypetScope *scope = leaf->scope;

  if (scope->run >= 0 && !exp_pypet_runs_complete (change, scope->trajectory, (guint64)scope->run, error))
    return FALSE;
  return leaf->group != NULL || leaf->name == NULL || leaf->location == NULL
         || exp_pypet_overview_update (change, leaf, FALSE, error);
}

static gboolean
create (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *name, const char *key,
        const ExpNewDataset *dataset, GError **error)
{
  g_autoptr (GArray) keys = exp_dict_keys_read (group, name, error);

  return keys != NULL && exp_dict_keys_set (keys, key, dataset, exp_pypet_is_classic (leaf->scope->trajectory), error)
         && exp_dict_keys_store (change, leaf->scope->trajectory, group, name, keys, error)
         && tell (change, leaf, error);
}

gboolean
exp_pypet_dict_create (const ExpPypetLeaf *leaf, ExpNode *group, const char *name, const char *key,
                       const ExpNewDataset *dataset, GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (leaf->scope->trajectory->store, error);

  return change != NULL && exp_pypet_change_end (change, create (change, leaf, group, name, key, dataset, error));
}

static gboolean
no_key (const char *key, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no key '%s'", key);
  return FALSE;
}

static gboolean
remove_key (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *name, const char *key,
            GError **error)
{
  g_autoptr (GArray) keys = exp_dict_keys_read (group, name, error);

  if (keys == NULL)
    return FALSE;
  if (!exp_dict_keys_remove (keys, key))
    return no_key (key, error);
  return exp_dict_keys_store (change, leaf->scope->trajectory, group, name, keys, error) && tell (change, leaf, error);
}

gboolean
exp_pypet_dict_remove (const ExpPypetLeaf *leaf, ExpNode *group, const char *name, const char *key, GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (leaf->scope->trajectory->store, error);

  return change != NULL && exp_pypet_change_end (change, remove_key (change, leaf, group, name, key, error));
}

static gboolean
rename_key (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *name, const char *key,
            const char *new_key, guint flags, GError **error)
{
  g_autoptr (GArray) keys = exp_dict_keys_read (group, name, error);

  if (keys == NULL)
    return FALSE;
  if ((flags & EXP_MOVE_NO_REPLACE) && exp_dict_keys_find (keys, new_key) >= 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_EXISTS, "'%s' exists already", new_key);
      return FALSE;
    }
  if (exp_dict_keys_find (keys, key) < 0)
    return no_key (key, error);
  return exp_dict_keys_rename (keys, key, new_key, (flags & EXP_MOVE_EXCHANGE) != 0, error)
         && exp_dict_keys_store (change, leaf->scope->trajectory, group, name, keys, error)
         && tell (change, leaf, error);
}

gboolean
exp_pypet_dict_rename (const ExpPypetLeaf *leaf, ExpNode *group, const char *name, const char *key, const char *new_key,
                       guint flags, GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (leaf->scope->trajectory->store, error);

  if (change == NULL)
    return FALSE;
  exp_pypet_change_note_moved (change);
  return exp_pypet_change_end (change, rename_key (change, leaf, group, name, key, new_key, flags, error));
}

/* The part of a dict's table that has the column; a new reference. */
static ExpNode *
table_of (ExpNode *group, const char *name, const char *key, GError **error)
{
  g_autoptr (ExpNode) item = exp_node_lookup (group, name, error);
  g_auto (ExpInfo) info = { 0 };

  if (item == NULL || !exp_node_describe (item, &info, error))
    return NULL;
  if (info.kind != EXP_KIND_GROUP)
    return g_steal_pointer (&item);
  g_autoptr (ExpPypetColumns) columns = exp_pypet_columns_new_split (item, name, "utf8", error);
  if (columns == NULL)
    return NULL;
  guint index = GPOINTER_TO_UINT (g_hash_table_lookup (columns->by_name, key));
  if (index > 0)
    return exp_node_ref (columns->tables->pdata[g_array_index (columns->columns, ExpPypetColumn, index - 1).table]);
  no_key (key, error);
  return NULL;
}

static gboolean
write_value (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *name, const char *key,
             const ExpSlab *slab, const ExpArray *array, GError **error)
{
  ExpPypetTrajectory *trajectory = leaf->scope->trajectory;
  g_autoptr (ExpNode) item = exp_node_lookup (group, name, error);
  g_auto (ExpInfo) info = { 0 };

  if (item == NULL || !exp_node_describe (item, &info, error)
      || (info.kind != EXP_KIND_GROUP
          && !exp_pypet_item_make_room_in (change, trajectory, group, name, key, array, error)))
    return FALSE;
  g_autoptr (ExpNode) table = table_of (group, name, key, error);
  g_autoptr (ExpNode) value
      = table != NULL ? exp_pypet_field_new (table, key, 0, NULL, exp_pypet_encoding (trajectory), error) : NULL;
  return value != NULL && exp_node_write (value, slab, array, error) && tell (change, leaf, error);
}

gboolean
exp_pypet_dict_write (const ExpPypetLeaf *leaf, ExpNode *group, const char *name, const char *key, const ExpSlab *slab,
                      const ExpArray *array, GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (leaf->scope->trajectory->store, error);

  return change != NULL
         && exp_pypet_change_end (change, write_value (change, leaf, group, name, key, slab, array, error));
}

static gboolean
set_python (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *name, const char *key,
            const char *python, GError **error)
{
  g_autoptr (GArray) keys = exp_dict_keys_read (group, name, error);

  return keys != NULL
         && exp_dict_keys_set_python (keys, key, python, exp_pypet_is_classic (leaf->scope->trajectory), error)
         && exp_dict_keys_store (change, leaf->scope->trajectory, group, name, keys, error);
}

gboolean
exp_pypet_dict_set_python (const ExpPypetLeaf *leaf, ExpNode *group, const char *name, const char *key,
                           const char *python, GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (leaf->scope->trajectory->store, error);

  return change != NULL && exp_pypet_change_end (change, set_python (change, leaf, group, name, key, python, error));
}

gboolean
exp_pypet_dict_is_full (ExpNode *item)
{
  const char *flag = exp_pypet_flag (item);
  g_auto (ExpInfo) info = { 0 };

  return g_strcmp0 (flag, "DICT") == 0 && exp_node_describe (item, &info, NULL)
         && (info.kind == EXP_KIND_GROUP || exp_info_n_elements (&info) > 0);
}
