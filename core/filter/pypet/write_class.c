/* A group of results becomes one result with several items: what a directory that is copied file by file was before.
 * Knows what tells the one from the other.
 * Called by group.c. */
#include "whole.h"
#include "write.h"
#include <string.h>

static gboolean
note_name (const char *name, ExpNode *child, gpointer data)
{
  if (!exp_pypet_is_hidden_child (name))
    g_ptr_array_add (data, g_strdup (name));
  return TRUE;
}

/* The stored name of the one item of a result that has nothing to say of itself and may be one of a result of that
 * class; NULL for anything else. */
static char *
plain_item (const ExpPypetPlace *place, ExpNode *inner, const char *name, const char *class_name)
{
  g_auto (GStrv) attributes = exp_node_list_attributes (inner, NULL);
  ExpPypetLeaf leaf;

  if (!exp_pypet_is_leaf (inner))
    return NULL;
  for (char **attribute = attributes; attribute != NULL && *attribute != NULL; attribute++)
    if (strcmp (*attribute, "SRVC_INIT_COMMENT") == 0 || g_str_has_prefix (*attribute, "SRVC_AN"))
      return NULL;
  exp_pypet_leaf_init (&leaf, inner, place->scope, place->location, name);
  const gboolean is_alike = g_strcmp0 (leaf.class_name, class_name) == 0
                            || (strcmp (class_name, "SparseResult") == 0 && g_strcmp0 (leaf.class_name, "Result") == 0);
  g_autofree char *item = is_alike ? exp_pypet_leaf_single (&leaf, NULL) : NULL;
  g_autofree char *own = item != NULL ? exp_pypet_item_name (item) : NULL;
  return g_strcmp0 (own, name) == 0 ? g_steal_pointer (&item) : NULL;
}

/* Of pickles; one for all that there are. */
static gboolean
take_protocol (ExpPypetChange *change, const ExpPypetPlace *place, ExpNode *inner, GError **error)
{
  g_autoptr (ExpNode) own = exp_pypet_child (inner, "__pckl_prtcl__");
  g_autoptr (ExpNode) taken = exp_pypet_child (place->inner, "__pckl_prtcl__");

  return own == NULL || taken != NULL
         || exp_pypet_change_move (change, inner, "__pckl_prtcl__", place->inner, "__pckl_prtcl__", error);
}

/* Takes the item out of its result, which goes. */
static gboolean
take_item (ExpPypetChange *change, const ExpPypetPlace *place, const char *name, const char *class_name, GError **error)
{
  g_autoptr (ExpNode) inner = exp_node_lookup (place->inner, name, error);
  g_autofree char *item = inner != NULL ? plain_item (place, inner, name, class_name) : NULL;
  g_autofree char *hidden = exp_pypet_change_name (change);
  ExpPypetLeaf leaf;

  if (inner == NULL)
    return FALSE;
  if (item == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "'%s' cannot be an item of a %s", name, class_name);
      return FALSE;
    }
  exp_pypet_leaf_init (&leaf, inner, place->scope, place->location, name);
  return exp_pypet_overview_remove (change, &leaf, error)
         && exp_pypet_change_move (change, inner, item, place->inner, hidden, error)
         && take_protocol (change, place, inner, error) && exp_pypet_change_remove (change, place->inner, name, error)
         && exp_pypet_change_move (change, place->inner, hidden, place->inner, item, error);
}

static gboolean
make_result (ExpPypetChange *change, const ExpPypetPlace *place, const char *class_name, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *location = g_strdup (place->location);
  char *dot = strrchr (location, '.');
  ExpPypetLeaf leaf;

  if (!exp_node_list (place->inner, 0, note_name, names, error))
    return FALSE;
  if (dot == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "a branch is no result");
      return FALSE;
    }
  g_autoptr (GBytes) archive = NULL;
  if (strcmp (class_name, "SparseResult") == 0 && !exp_pypet_sparse_of_parts (place, &archive, error))
    return FALSE;
  if (archive != NULL && !exp_pypet_sparse_take_parts (change, place, error))
    return FALSE;
  for (guint i = 0; i < names->len && archive == NULL; i++)
    if (!take_item (change, place, names->pdata[i], class_name, error))
      return FALSE;
  if (!exp_pypet_set_service (change, place->inner, class_name, exp_pypet_is_classic (place->scope->trajectory), error))
    return FALSE;
  *dot = '\0';
  GRefString *parent = g_ref_string_new (location);
  exp_pypet_leaf_init (&leaf, place->inner, place->scope, parent, dot + 1);
  exp_pypet_leaf_keep_directory (&leaf, TRUE);
  exp_pypet_change_note_moved (change);
  g_autofree char *item = g_strconcat (leaf.name, exp_pypet_whole_suffix (EXP_WHOLE_SPARSE), NULL);
  gboolean is_done
      = (archive == NULL || exp_pypet_whole_put (change, &leaf, leaf.inner, item, EXP_WHOLE_SPARSE, archive, error))
        && exp_pypet_overview_update (change, &leaf, TRUE, error);
  g_ref_string_release (parent);
  return is_done;
}

gboolean
exp_pypet_place_set_class (const ExpPypetPlace *place, const char *class_name, GError **error)
{
  static const char *const classes[] = { "Result", "PickleResult", "SparseResult", NULL };
  ExpPypetBranch branch = place->scope->branch;

  if (!g_strv_contains (classes, class_name) || (branch != EXP_BRANCH_RESULTS && branch != EXP_BRANCH_OTHER))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "a group cannot be made a '%s' here", class_name);
      return FALSE;
    }
  ExpPypetChange *change = exp_pypet_change_begin (place->scope->trajectory->store, error);

  return change != NULL && exp_pypet_change_end (change, make_result (change, place, class_name, error));
}
