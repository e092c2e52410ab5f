/* Items of a result that has several, each change of one a change of its own.
 * Knows what else a change of an item touches; how one is stored is write_item.c's.
 * Called by items.c. */
#include "dict_keys.h"
#include "type.h"
#include "write.h"
#include "write_dict.h"
#include <string.h>

gboolean
exp_pypet_items_tell (ExpPypetChange *change, const ExpPypetLeaf *leaf, GError **error)
{
  const ExpPypetScope *scope = leaf->scope;

  if (scope->run >= 0 && !leaf->is_parameter
      && !exp_pypet_runs_complete (change, scope->trajectory, (guint64)scope->run, error))
    return FALSE;
  return leaf->name == NULL || leaf->location == NULL || exp_pypet_overview_update (change, leaf, FALSE, error);
}

static gboolean
create_item (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *name,
             const ExpNewDataset *dataset, GError **error)
{
  g_autoptr (ExpNode) taken = exp_pypet_child (group, name);

  if (!exp_pypet_check_name (name, error))
    return FALSE;
  if (taken == NULL)
    return exp_pypet_item_create (change, leaf, group, name, dataset, error)
           && exp_pypet_items_tell (change, leaf, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_EXISTS, "'%s' exists already", name);
  return FALSE;
}

gboolean
exp_pypet_items_create (const ExpPypetLeaf *leaf, ExpNode *group, const char *name, const ExpNewDataset *dataset,
                        GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (leaf->scope->trajectory->store, error);

  return change != NULL && exp_pypet_change_end (change, create_item (change, leaf, group, name, dataset, error));
}

/* A dict without keys, which come one by one. */
static gboolean
create_dict (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *name, GError **error)
{
  g_autoptr (ExpNode) taken = exp_pypet_child (group, name);
  g_autoptr (GArray) none = exp_dict_keys_new ();

  if (!exp_pypet_check_name (name, error))
    return FALSE;
  if (taken == NULL)
    return exp_dict_keys_store (change, leaf->scope->trajectory, group, name, none, error)
           && exp_pypet_items_tell (change, leaf, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_EXISTS, "'%s' exists already", name);
  return FALSE;
}

gboolean
exp_pypet_items_create_dict (const ExpPypetLeaf *leaf, ExpNode *group, const char *name, GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (leaf->scope->trajectory->store, error);

  if (change == NULL)
    return FALSE;
  exp_pypet_leaf_keep_directory (leaf, TRUE);
  return exp_pypet_change_end (change, create_dict (change, leaf, group, name, error));
}

static gboolean
check_plain (const ExpPypetLeaf *leaf, ExpNode *group, const char *name, GError **error)
{
  g_autoptr (ExpNode) item = exp_node_lookup (group, name, error);

  return item != NULL && exp_pypet_check_plain (leaf, item, name, error);
}

gboolean
exp_pypet_items_replace (const ExpPypetLeaf *leaf, ExpNode *group, const char *name, const ExpNewDataset *dataset,
                         GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (leaf->scope->trajectory->store, error);

  return change != NULL
         && exp_pypet_change_end (change, check_plain (leaf, group, name, error)
                                              && exp_pypet_item_replace (change, leaf, group, name, dataset, error)
                                              && exp_pypet_items_tell (change, leaf, error));
}

/* A nested group goes when nothing is in it, what else is kept in several parts goes whole. The overview stays as it
 * is, as pypet leaves it. */
static gboolean
remove_item (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *name, GError **error)
{
  g_autoptr (ExpNode) item = exp_node_lookup (group, name, error);

  if (item == NULL)
    return FALSE;
  if (exp_pypet_dict_is_full (item))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_EMPTY, "'%s' is not empty", name);
      return FALSE;
    }
  exp_pypet_leaf_keep_directory (leaf, TRUE);
  return exp_pypet_change_remove (change, group, name, error);
}

gboolean
exp_pypet_items_remove (const ExpPypetLeaf *leaf, ExpNode *group, const char *name, GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (leaf->scope->trajectory->store, error);

  return change != NULL && exp_pypet_change_end (change, remove_item (change, leaf, group, name, error));
}

static gboolean
move_item (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *name, const ExpPypetLeaf *to,
           ExpNode *new_group, const char *new_name, guint flags, GError **error)
{
  g_autoptr (ExpNode) taken = exp_pypet_child (new_group, new_name);
  const char *suffix = strstr (name, "__spsp__");
  g_autofree char *stored = g_strconcat (new_name, suffix, NULL);

  if (!exp_pypet_check_name (new_name, error))
    return FALSE;
  if (taken != NULL && (flags & EXP_MOVE_NO_REPLACE))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_EXISTS, "'%s' exists already", new_name);
      return FALSE;
    }
  if (taken != NULL && !exp_pypet_change_remove (change, new_group, new_name, error))
    return FALSE;
  exp_pypet_leaf_keep_directory (leaf, TRUE);
  return exp_pypet_change_move (change, group, name, new_group, stored, error)
         && exp_pypet_items_tell (change, leaf, error) && exp_pypet_items_tell (change, to, error);
}

gboolean
exp_pypet_items_move (const ExpPypetLeaf *leaf, ExpNode *group, const char *name, const ExpPypetLeaf *to,
                      ExpNode *new_group, const char *new_name, guint flags, GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (leaf->scope->trajectory->store, error);

  if (change == NULL)
    return FALSE;
  exp_pypet_change_note_moved (change);
  return exp_pypet_change_end (change, move_item (change, leaf, group, name, to, new_group, new_name, flags, error));
}

static ExpNode *
shown_item (const ExpPypetLeaf *leaf, ExpNode *group, const char *name, GError **error)
{
  g_autoptr (ExpNode) item = exp_node_lookup (group, name, error);

  return item != NULL && exp_pypet_check_plain (leaf, item, name, error) ? exp_pypet_item_new (leaf, item, name, error)
                                                                         : NULL;
}

static gboolean
write_item (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *name, const ExpSlab *slab,
            const ExpArray *array, GError **error)
{
  if (!exp_pypet_item_make_room (change, leaf->scope->trajectory, group, name, array, error))
    return FALSE;
  g_autoptr (ExpNode) value = shown_item (leaf, group, name, error);
  g_autoptr (ExpNode) inner = exp_pypet_child (group, name);
  g_auto (ExpInfo) info = { 0 };

  if (inner != NULL && exp_node_describe (inner, &info, NULL) && info.kind == EXP_KIND_GROUP)
    exp_pypet_change_note_moved (change); /* what is shown of a frame keeps parts of what it has read */
  return value != NULL && exp_node_write (value, slab, array, error) && exp_pypet_items_tell (change, leaf, error);
}

gboolean
exp_pypet_item_write (const ExpPypetLeaf *leaf, ExpNode *group, const char *name, const ExpSlab *slab,
                      const ExpArray *array, GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (leaf->scope->trajectory->store, error);

  return change != NULL && exp_pypet_change_end (change, write_item (change, leaf, group, name, slab, array, error));
}

gboolean
exp_pypet_item_resize (const ExpPypetLeaf *leaf, ExpNode *group, const char *name, guint rank, const guint64 *shape,
                       GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (leaf->scope->trajectory->store, error);
  g_autoptr (ExpNode) value = change != NULL ? shown_item (leaf, group, name, error) : NULL;

  return change != NULL && exp_pypet_change_end (change, value != NULL && exp_node_resize (value, rank, shape, error));
}
