/* Renaming leaves and groups: the full names of all that is below change with them.
 * Knows where full names are kept; the rest of a leaf is as it was.
 * Called by group.c and trajectory.c. */
#include "write.h"
#include <string.h>

/* Deeper trees are damaged ones, whose groups lie within themselves. */
#define MAX_DEPTH 64

typedef gboolean (*LeafFunc) (ExpPypetChange *change, const ExpPypetLeaf *leaf, GError **error);

static gboolean
note_name (const char *name, ExpNode *child, gpointer data)
{
  if (exp_pypet_shown_name (name) != NULL)
    g_ptr_array_add (data, g_strdup (name));
  return TRUE;
}

/* The leaf `name`, or all below the group. */
static gboolean
for_leaves (ExpPypetChange *change, const ExpPypetPlace *parent, const char *name, LeafFunc func, guint depth,
            GError **error)
{
  g_autoptr (ExpPypetPlace) place = exp_pypet_place_child (parent, name);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_auto (ExpInfo) info = { 0 };

  if (place == NULL || depth == 0 || !exp_node_describe (place->inner, &info, NULL) || info.kind != EXP_KIND_GROUP)
    return TRUE;
  if (exp_pypet_is_leaf (place->inner))
    {
      ExpPypetLeaf leaf;

      exp_pypet_leaf_init (&leaf, place->inner, parent->scope, parent->location, name);
      return func (change, &leaf, error);
    }
  if (!exp_node_list (place->inner, 0, note_name, names, error))
    return FALSE;
  for (guint i = 0; i < names->len; i++)
    if (!for_leaves (change, place, names->pdata[i], func, depth - 1, error))
      return FALSE;
  return TRUE;
}

static gboolean
set_exploration (ExpPypetChange *change, const ExpPypetLeaf *leaf, gboolean is_listed, GError **error)
{
  ExpPypetTrajectory *trajectory = leaf->scope->trajectory;

  if (!leaf->is_parameter || !exp_pypet_is_explored (leaf->inner))
    return TRUE;
  GRefString *full = exp_pypet_location_join (leaf->location, leaf->name);
  gboolean is_done = is_listed ? exp_pypet_explorations_add (change, trajectory, full, error)
                               : exp_pypet_explorations_remove (change, trajectory, full, error);
  g_ref_string_release (full);
  return is_done;
}

static gboolean
forget_leaf (ExpPypetChange *change, const ExpPypetLeaf *leaf, GError **error)
{
  return exp_pypet_overview_remove (change, leaf, error) && set_exploration (change, leaf, FALSE, error);
}

static gboolean
learn_leaf (ExpPypetChange *change, const ExpPypetLeaf *leaf, GError **error)
{
  return exp_pypet_overview_update (change, leaf, TRUE, error) && set_exploration (change, leaf, TRUE, error);
}

/* The one item of a result without a name of its own has the result's. */
static gboolean
rename_item (ExpPypetChange *change, ExpNode *inner, const char *name, const char *new_name, GError **error)
{
  static const char *const suffixes[] = { "", "__spsp__" };
  const char *old = exp_pypet_shown_name (name), *new = exp_pypet_shown_name (new_name);

  for (guint i = 0; i < G_N_ELEMENTS (suffixes) && strcmp (old, new) != 0 && exp_pypet_is_leaf (inner); i++)
    {
      g_autofree char *from = g_strconcat (old, suffixes[i], NULL), *to = g_strconcat (new, suffixes[i], NULL);
      g_autoptr (ExpNode) item = exp_pypet_child (inner, from);

      if (item != NULL && !exp_pypet_change_move (change, inner, from, inner, to, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_parameter_branch (const ExpPypetPlace *place)
{
  ExpPypetBranch branch = place->scope->branch;

  return branch != EXP_BRANCH_RESULTS && branch != EXP_BRANCH_OTHER;
}

/* What is there is replaced as rename(2) does it, but for a range, which nobody meant to lose. */
static gboolean
make_way (ExpPypetChange *change, const ExpPypetPlace *place, const char *name, guint flags, GError **error)
{
  g_autoptr (ExpNode) there = exp_pypet_child (place->inner, name);

  if (there == NULL)
    return TRUE;
  if (flags & EXP_MOVE_NO_REPLACE)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_EXISTS, "'%s' exists already", name);
      return FALSE;
    }
  if (exp_pypet_is_leaf (there) && exp_pypet_is_explored (there))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED,
                   "'%s' is explored: write into it, or remove it, but do not put another in its place", name);
      return FALSE;
    }
  return exp_pypet_place_remove_child (change, place, name, error);
}

ExpPypetPlace *
exp_pypet_place_of (ExpNode *node, const char *name, GError **error)
{
  ExpNode *own = exp_node_unwrap (node);
  ExpPypetPlace *place = exp_pypet_group_place (own);

  if (place == NULL)
    place = exp_pypet_trajectory_place (own, name);
  if (place == NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_OTHER_PLACE, "nothing can be moved there: copy it");
  return place;
}

/* A copy would lose the range. */
static gboolean
check_unexplored (ExpPypetChange *change, const ExpPypetLeaf *leaf, GError **error)
{
  if (!leaf->is_parameter || !exp_pypet_is_explored (leaf->inner))
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "'%s' is explored, and nothing but a parameter can be",
               leaf->name);
  return FALSE;
}

static gboolean
check_move (const ExpPypetPlace *place, const char *name, const ExpPypetPlace *new_place, const char *new_name,
            guint flags, GError **error)
{
  const char *why = NULL;

  if (place->scope->trajectory->store != new_place->scope->trajectory->store)
    why = "a move between two stores is not possible: copy it";
  else if (is_parameter_branch (place) != is_parameter_branch (new_place))
    why = "a parameter is stored in another way than a result: copy it";
  else if (place->scope->run != new_place->scope->run && new_place->scope->run >= 0)
    why = "a move into the tree of one run is not possible: copy it";
  if (why == NULL)
    return exp_pypet_check_name (new_name, error);
  if (for_leaves (NULL, place, name, check_unexplored, MAX_DEPTH, error))
    g_set_error (error, EXP_ERROR, EXP_ERROR_OTHER_PLACE, "%s", why);
  return FALSE;
}

/* Both names change their nodes. */
static gboolean
exchange (ExpPypetChange *change, const ExpPypetPlace *place, const char *name, const ExpPypetPlace *new_place,
          const char *new_name, GError **error)
{
  g_autoptr (ExpNode) inner = exp_node_lookup (place->inner, name, error);
  g_autoptr (ExpNode) other = inner != NULL ? exp_node_lookup (new_place->inner, new_name, error) : NULL;
  g_autofree char *hidden = exp_pypet_change_name (change);

  return other != NULL && for_leaves (change, place, name, forget_leaf, MAX_DEPTH, error)
         && for_leaves (change, new_place, new_name, forget_leaf, MAX_DEPTH, error)
         && rename_item (change, inner, name, new_name, error) && rename_item (change, other, new_name, name, error)
         && exp_pypet_change_move (change, place->inner, name, place->inner, hidden, error)
         && exp_pypet_change_move (change, new_place->inner, new_name, place->inner, name, error)
         && exp_pypet_change_move (change, place->inner, hidden, new_place->inner, new_name, error)
         && for_leaves (change, place, name, learn_leaf, MAX_DEPTH, error)
         && for_leaves (change, new_place, new_name, learn_leaf, MAX_DEPTH, error);
}

static gboolean
move_child (ExpPypetChange *change, const ExpPypetPlace *place, const char *name, const ExpPypetPlace *new_place,
            const char *new_name, guint flags, GError **error)
{
  g_autoptr (ExpNode) inner = exp_node_lookup (place->inner, name, error);

  if (inner == NULL || !make_way (change, new_place, new_name, flags, error)
      || !exp_pypet_check_place (new_place, new_name, error)
      || !for_leaves (change, place, name, forget_leaf, MAX_DEPTH, error)
      || !rename_item (change, inner, name, new_name, error)
      || !exp_pypet_change_move (change, place->inner, name, new_place->inner, new_name, error))
    return FALSE;
  return for_leaves (change, new_place, new_name, learn_leaf, MAX_DEPTH, error);
}

gboolean
exp_pypet_place_move (const ExpPypetPlace *place, const char *name, const ExpPypetPlace *new_place,
                      const char *new_name, guint flags, GError **error)
{
  if (!check_move (place, name, new_place, new_name, flags, error))
    return FALSE;

  ExpPypetChange *change = exp_pypet_change_begin (place->scope->trajectory->store, error);
  if (change == NULL)
    return FALSE;
  exp_pypet_change_note_moved (change);
  return exp_pypet_change_end (change, flags & EXP_MOVE_EXCHANGE
                                           ? exchange (change, place, name, new_place, new_name, error)
                                           : move_child (change, place, name, new_place, new_name, flags, error));
}
