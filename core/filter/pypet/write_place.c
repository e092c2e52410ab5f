/* Children of groups: made, replaced, removed, renamed, linked, each as one change.
 * Knows what is a leaf and what a group, and where a run stores; how a leaf is stored is write_leaf.c's.
 * Called by group.c and trajectory.c. */
#include "type.h"
#include "write.h"
#include "write_dict.h"
#include "write_range.h"
#include <string.h>

static ExpNode *
make_group (ExpPypetChange *change, const ExpPypetPlace *place, const char *name, const char *title, GError **error)
{
  ExpPypetTrajectory *trajectory = place->scope->trajectory;
  ExpPypetPacking packing;

  exp_pypet_packing (trajectory, &packing);
  return exp_pytables_group (change, place->inner, name, title,
                             exp_pypet_is_classic (trajectory) ? NULL : &packing.packing, error);
}

/* TRUE when the place is what one run stored. */
static gboolean
is_in_run (const ExpPypetPlace *place)
{
  g_autofree char *run = g_strdup_printf ("run_%08" G_GINT64_FORMAT, place->scope->run);
  g_auto (GStrv) parts = g_strsplit (place->location, ".", -1);

  return g_strv_contains ((const char *const *)parts, run);
}

/* pypet itself entitles groups that it makes on the way with their names. */
static ExpPypetPlace *
child_on_the_way (ExpPypetChange *change, ExpPypetPlace *place, const char *name, GError **error)
{
  g_autoptr (ExpPypetPlace) parent = place;
  ExpPypetPlace *child = exp_pypet_place_child (parent, name);

  if (child != NULL && exp_pypet_is_leaf (child->inner))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_EXISTS, "'%s' is a leaf", child->location);
      exp_pypet_place_free (child);
      return NULL;
    }
  if (child != NULL)
    return child;
  g_autoptr (ExpNode) group = make_group (change, parent, name, name, error);
  if (group == NULL)
    return NULL;
  GRefString *location = exp_pypet_location_join (parent->location, name);
  child = exp_pypet_place_new (group, parent->scope, location);
  g_ref_string_release (location);
  return child;
}

/* Where what is made in `place` is stored: for a run below BRANCH.runs.RUN. A new place. */
static ExpPypetPlace *
stored_place (ExpPypetChange *change, const ExpPypetPlace *place, GError **error)
{
  ExpPypetScope *scope = place->scope;
  ExpPypetTrajectory *trajectory = scope->trajectory;
  GRefString *top = NULL;

  if (scope->run < 0 || is_in_run (place))
    return exp_pypet_place_new (place->inner, scope, place->location);
  if ((scope->branch != EXP_BRANCH_RESULTS && scope->branch != EXP_BRANCH_DERIVED) || *place->location == '\0')
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED,
                   "a run stores results and derived parameters, nothing else");
      return NULL;
    }

  g_autofree char *run = g_strdup_printf ("run_%08" G_GINT64_FORMAT, scope->run);
  g_auto (GStrv) parts = g_strsplit (place->location, ".", -1);
  top = g_ref_string_new ("");
  ExpPypetPlace *at = exp_pypet_place_new (trajectory->inner, scope, top);
  g_ref_string_release (top);
  for (char **part = parts; *part != NULL && at != NULL; part++)
    {
      at = child_on_the_way (change, at, *part, error);
      if (part > parts || at == NULL)
        continue;
      at = child_on_the_way (change, at, "runs", error);
      at = at != NULL ? child_on_the_way (change, at, run, error) : NULL;
    }
  return at;
}

static gboolean
mark_run (ExpPypetChange *change, const ExpPypetPlace *place, GError **error)
{
  const ExpPypetScope *scope = place->scope;

  return scope->run < 0 || exp_pypet_runs_complete (change, scope->trajectory, (guint64)scope->run, error);
}

/* One that has several may be seen in several runs. */
static gboolean
has_one_name (ExpNode *inner)
{
  g_auto (ExpInfo) info = { 0 };

  return exp_node_describe (inner, &info, NULL) && info.n_links <= 1;
}

/* As stored_place has it; the longest path that there can be is taken for its own. */
gboolean
exp_pypet_place_takes_number (const ExpPypetPlace *place, const char *name)
{
  ExpPypetScope *scope = place->scope;
  g_auto (GStrv) parts = g_strsplit (place->location, ".", -1);
  g_autoptr (GPtrArray) path = g_ptr_array_new ();
  g_autofree char *run = g_strdup_printf ("run_%08" G_GINT64_FORMAT, scope->run);

  if (scope->run < 0 || scope->branch != EXP_BRANCH_RESULTS || *place->location == '\0'
      || !exp_pypet_runs_has (scope->trajectory, (guint64)scope->run))
    return FALSE;
  if (is_in_run (place))
    return has_one_name (place->inner) && exp_pypet_check_place (place, name, NULL);
  if (!exp_pypet_location_has_room (scope->trajectory, strlen (place->location) + strlen (".runs.") + strlen (run),
                                    name))
    return FALSE;
  for (char **part = parts; *part != NULL; part++)
    {
      g_ptr_array_add (path, *part);
      if (part > parts)
        continue;
      g_ptr_array_add (path, "runs");
      g_ptr_array_add (path, run);
    }

  g_autoptr (ExpNode) at = exp_node_ref (scope->trajectory->inner);
  for (guint i = 0; i < path->len; i++)
    {
      ExpNode *child = exp_pypet_child (at, path->pdata[i]);

      if (child == NULL)
        return TRUE;
      exp_node_unref (at);
      at = child;
      if (exp_pypet_is_leaf (at))
        return FALSE;
    }
  g_autoptr (ExpNode) taken = exp_pypet_child (at, name);
  return taken == NULL && has_one_name (at);
}

static gboolean
create_group (ExpPypetChange *change, const ExpPypetPlace *place, const char *name, GError **error)
{
  g_autoptr (ExpPypetPlace) stored = stored_place (change, place, error);
  g_autofree char *hidden = exp_pypet_change_name (change);

  if (stored == NULL || !exp_pypet_check_place (stored, name, error))
    return FALSE;
  g_autoptr (ExpNode) group = make_group (change, stored, hidden, "", error);
  return group != NULL && exp_pypet_change_move (change, stored->inner, hidden, stored->inner, name, error);
}

gboolean
exp_pypet_place_create_group (const ExpPypetPlace *place, const char *name, GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (place->scope->trajectory->store, error);

  if (change == NULL || !exp_pypet_change_end (change, create_group (change, place, name, error)))
    return FALSE;
  if (*place->location != '\0')
    exp_pypet_group_note_fresh (place, name);
  return TRUE;
}

/* The leaf whose range `name` is, or FALSE: LEAF.range. */
static gboolean
find_ranged (const ExpPypetPlace *place, const char *name, ExpNode **inner, char **stem)
{
  if (!g_str_has_suffix (name, ".range"))
    return FALSE;
  *stem = g_strndup (name, strlen (name) - strlen (".range"));
  *inner = exp_pypet_child (place->inner, *stem);
  return *inner != NULL && exp_pypet_is_leaf (*inner);
}

gboolean
exp_pypet_place_create_range (const ExpPypetPlace *place, const char *name, GError **error)
{
  g_autoptr (ExpNode) inner = NULL;
  g_autofree char *stem = NULL;
  ExpPypetLeaf leaf;
  const char *why = NULL;

  if (!find_ranged (place, name, &inner, &stem))
    return exp_pypet_check_name (name, error);
  exp_pypet_leaf_init (&leaf, inner, place->scope, place->location, stem);
  if (place->scope->run >= 0)
    why = "a range cannot be made from within one run";
  else if (place->scope->branch == EXP_BRANCH_CONFIG || exp_pypet_range_numbered_kind (&leaf) == EXP_RANGE_NONE)
    why = "a directory is the range of arrays, pickles and sparse matrices; that of other parameters is a file";
  else if (!exp_pypet_is_explored (inner) && !exp_pypet_range_is_begun (&leaf))
    {
      exp_pypet_range_begin (&leaf, TRUE);
      exp_pypet_range_keep_directory (&leaf, TRUE);
      return TRUE;
    }
  g_set_error (error, EXP_ERROR, why != NULL ? EXP_ERROR_UNSUPPORTED : EXP_ERROR_EXISTS, "%s",
               why != NULL ? why : "the parameter has a range already");
  return FALSE;
}

static gboolean
create_dataset (ExpPypetChange *change, const ExpPypetPlace *place, const char *name, const ExpNewDataset *dataset,
                GError **error)
{
  g_autoptr (ExpNode) ranged = NULL;
  g_autofree char *stem = NULL;

  if (find_ranged (place, name, &ranged, &stem))
    {
      ExpPypetLeaf leaf;

      exp_pypet_leaf_init (&leaf, ranged, place->scope, place->location, stem);
      return exp_pypet_range_create (change, &leaf, dataset, error);
    }
  g_autoptr (ExpPypetPlace) stored = stored_place (change, place, error);
  return stored != NULL && exp_pypet_leaf_create (change, stored, name, dataset, error)
         && mark_run (change, place, error);
}

gboolean
exp_pypet_place_create_dataset (const ExpPypetPlace *place, const char *name, const ExpNewDataset *dataset,
                                GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (place->scope->trajectory->store, error);

  return change != NULL && exp_pypet_change_end (change, create_dataset (change, place, name, dataset, error));
}

static ExpNode *
put_number (ExpPypetChange *change, const ExpPypetPlace *place, const char *name, const ExpArray *value, GError **error)
{
  g_autoptr (ExpPypetPlace) stored = stored_place (change, place, error);
  g_autoptr (ExpNode) leaf = stored != NULL ? exp_pypet_leaf_put_number (change, stored, name, value, error) : NULL;

  return leaf != NULL && mark_run (change, place, error)
             ? exp_pypet_node_new (leaf, stored->scope, stored->location, name)
             : NULL;
}

ExpNode *
exp_pypet_place_put_number (const ExpPypetPlace *place, const char *name, const ExpArray *value, GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (place->scope->trajectory->store, error);
  ExpNode *node = change != NULL ? put_number (change, place, name, value, error) : NULL;

  if (change != NULL)
    exp_pypet_change_end (change, node != NULL);
  return node;
}

/* The leaf `name`; its inner node is the caller's. */
static ExpNode *
find_leaf (const ExpPypetPlace *place, const char *name, ExpPypetLeaf *leaf, GError **error)
{
  g_autoptr (ExpNode) inner = exp_node_lookup (place->inner, name, error);

  if (inner == NULL)
    return NULL;
  if (!exp_pypet_is_leaf (inner))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "'%s' is neither a parameter nor a result", name);
      return NULL;
    }
  exp_pypet_leaf_init (leaf, inner, place->scope, place->location, name);
  return g_steal_pointer (&inner);
}

static gboolean
replace_dataset (ExpPypetChange *change, const ExpPypetPlace *place, const char *name, const ExpNewDataset *dataset,
                 GError **error)
{
  g_autoptr (ExpNode) ranged = NULL;
  g_autofree char *stem = NULL;
  ExpPypetLeaf leaf;

  if (find_ranged (place, name, &ranged, &stem))
    {
      exp_pypet_leaf_init (&leaf, ranged, place->scope, place->location, stem);
      return exp_pypet_range_create (change, &leaf, dataset, error);
    }
  g_autoptr (ExpNode) inner = find_leaf (place, name, &leaf, error);
  if (inner == NULL)
    return FALSE;
  if (place->scope->run >= 0 && leaf.is_parameter && exp_pypet_is_explored (inner))
    {
      if (exp_pypet_range_numbered_kind (&leaf) == EXP_RANGE_ARRAYS)
        return exp_pypet_range_create_run (change, &leaf, (guint64)place->scope->run, dataset, error);
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "the value does not fit the range of '%s'", name);
      return FALSE;
    }
  return exp_pypet_leaf_replace (change, &leaf, dataset, error) && mark_run (change, place, error);
}

gboolean
exp_pypet_place_replace_dataset (const ExpPypetPlace *place, const char *name, const ExpNewDataset *dataset,
                                 GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (place->scope->trajectory->store, error);

  return change != NULL && exp_pypet_change_end (change, replace_dataset (change, place, name, dataset, error));
}

static gboolean
put_whole (ExpPypetChange *change, const ExpPypetPlace *place, const char *name, ExpPypetWhole kind, GBytes *bytes,
           GError **error)
{
  g_autoptr (ExpNode) there = exp_pypet_child (place->inner, name);
  g_autoptr (ExpPypetPlace) stored = there == NULL ? stored_place (change, place, error) : NULL;
  ExpPypetLeaf leaf;

  if (there == NULL)
    return stored != NULL && exp_pypet_whole_create (change, stored, name, kind, bytes, error)
           && mark_run (change, place, error);
  g_autoptr (ExpNode) inner = find_leaf (place, name, &leaf, error);
  if (inner == NULL)
    return FALSE;
  if (place->scope->run >= 0 && leaf.is_parameter && exp_pypet_is_explored (inner)
      && exp_pypet_range_takes (&leaf, kind))
    return exp_pypet_range_put_run (change, &leaf, (guint64)place->scope->run, bytes, NULL, error);
  if (exp_pypet_whole_is_leaf (&leaf, kind))
    return exp_pypet_whole_replace (change, &leaf, kind, bytes, error) && mark_run (change, place, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_EXISTS, "'%s' exists already", name);
  return FALSE;
}

gboolean
exp_pypet_place_put_whole (const ExpPypetPlace *place, const char *name, ExpPypetWhole kind, GBytes *bytes,
                           GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (place->scope->trajectory->store, error);

  return change != NULL && exp_pypet_change_end (change, put_whole (change, place, name, kind, bytes, error));
}

static gboolean
move_whole (ExpPypetChange *change, const ExpPypetPlace *from, const char *stored, const ExpPypetPlace *place,
            const char *name, ExpPypetWhole kind, guint flags, GError **error)
{
  g_autoptr (ExpNode) there = exp_pypet_child (place->inner, name);
  ExpPypetLeaf leaf;
  g_autoptr (ExpNode) inner = find_leaf (from, stored, &leaf, error);
  g_autoptr (ExpNode) shown = inner != NULL ? exp_pypet_leaf_value (&leaf, error) : NULL;
  g_autoptr (GBytes) bytes = shown != NULL ? exp_pypet_aside_bytes (shown, error) : NULL;

  if (bytes == NULL)
    return FALSE;
  if (there != NULL && (flags & (EXP_MOVE_NO_REPLACE | EXP_MOVE_EXCHANGE)) != 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_EXISTS, "'%s' exists already", name);
      return FALSE;
    }
  return put_whole (change, place, name, kind, bytes, error)
         && exp_pypet_place_remove_child (change, from, stored, error);
}

gboolean
exp_pypet_place_move_whole (const ExpPypetPlace *from, const char *stored, const ExpPypetPlace *place, const char *name,
                            ExpPypetWhole kind, guint flags, GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (place->scope->trajectory->store, error);

  if (change == NULL)
    return FALSE;
  exp_pypet_change_note_moved (change);
  return exp_pypet_change_end (change, move_whole (change, from, stored, place, name, kind, flags, error));
}

static gboolean
note_visible (const char *name, ExpNode *child, gpointer data)
{
  *(gboolean *)data = exp_pypet_shown_name (name) == NULL;
  return *(gboolean *)data;
}

gboolean
exp_pypet_is_vacant (ExpNode *inner)
{
  gboolean is_empty = TRUE;

  return exp_node_list (inner, 0, note_visible, &is_empty, NULL) && is_empty;
}

/* A leaf that shows as a directory, because it has several items. */
static gboolean
is_directory (const ExpPypetLeaf *leaf)
{
  g_autoptr (ExpNode) value = exp_pypet_leaf_value (leaf, NULL);
  g_auto (ExpInfo) info = { 0 };

  return value != NULL && exp_node_describe (value, &info, NULL) && info.kind == EXP_KIND_GROUP;
}

static gboolean
refuse_full (const char *name, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_EMPTY, "'%s' is not empty", name);
  return FALSE;
}

/* A leaf with several items goes item by item, but one whose items cannot be removed on their own goes whole. */
static gboolean
remove_leaf (ExpPypetChange *change, const ExpPypetPlace *place, ExpNode *inner, const char *name, GError **error)
{
  ExpPypetLeaf leaf;

  exp_pypet_leaf_init (&leaf, inner, place->scope, place->location, name);
  if (is_directory (&leaf) && !exp_pypet_is_vacant (inner))
    {
      g_autofree char *single = exp_pypet_leaf_single (&leaf, NULL);
      g_autoptr (ExpNode) item = single != NULL ? exp_pypet_child (inner, single) : NULL;
      if (item == NULL || exp_pypet_leaf_is_kept_directory (&leaf) || exp_pypet_dict_is_full (item))
        return refuse_full (name, error);
    }
  if (exp_pypet_is_explored (inner))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_PERMITTED,
                   "'%s' is explored, and every run has its value: remove %s.range first", name, name);
      return FALSE;
    }
  exp_pypet_leaf_keep_directory (&leaf, FALSE);
  /* The newer generation leaves its overview as it is. */
  return (!exp_pypet_is_classic (place->scope->trajectory) || exp_pypet_overview_remove (change, &leaf, error))
         && exp_pypet_change_remove (change, place->inner, name, error);
}

gboolean
exp_pypet_place_remove_child (ExpPypetChange *change, const ExpPypetPlace *place, const char *name, GError **error)
{
  g_autoptr (ExpNode) ranged = NULL;
  g_autofree char *stem = NULL;
  g_auto (ExpInfo) info = { 0 };

  if (find_ranged (place, name, &ranged, &stem))
    {
      ExpPypetLeaf leaf;

      exp_pypet_leaf_init (&leaf, ranged, place->scope, place->location, stem);
      return exp_pypet_range_remove (change, &leaf, error);
    }
  g_autoptr (ExpNode) inner = exp_node_lookup (place->inner, name, error);
  if (inner == NULL || !exp_node_describe (inner, &info, error))
    return FALSE;
  if (info.kind != EXP_KIND_GROUP)
    return exp_pypet_change_remove (change, place->inner, name, error);
  if (exp_pypet_is_leaf (inner))
    return remove_leaf (change, place, inner, name, error);
  if (!exp_pypet_is_vacant (inner))
    return refuse_full (name, error);
  return exp_pypet_change_remove (change, place->inner, name, error);
}

gboolean
exp_pypet_place_remove (const ExpPypetPlace *place, const char *name, GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (place->scope->trajectory->store, error);

  return change != NULL && exp_pypet_change_end (change, exp_pypet_place_remove_child (change, place, name, error));
}

/* A link in the file begins at its root, with the trajectory. */
static char *
stored_target (const ExpPypetPlace *place, const char *target, GError **error)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();
  g_autofree char *here = g_strdelimit (g_strdup (place->location), ".", '/');
  g_autofree char *path
      = *target == '/' ? g_strdup (target) : g_strconcat (place->scope->trajectory->name, "/", here, "/", target, NULL);
  g_auto (GStrv) all = g_strsplit (path, "/", -1);

  for (char **part = all; *part != NULL; part++)
    {
      if (**part == '\0' || strcmp (*part, ".") == 0)
        continue;
      if (strcmp (*part, "..") != 0)
        g_ptr_array_add (parts, *part);
      else if (parts->len > 0)
        g_ptr_array_set_size (parts, parts->len - 1);
      if (strcmp (*part, ".run") == 0)
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "a link into the tree of one run is not possible");
          return NULL;
        }
    }
  g_ptr_array_add (parts, NULL);
  g_autofree char *joined = g_strjoinv ("/", (char **)parts->pdata);
  return g_strconcat ("/", joined, NULL);
}

static gboolean
make_symlink (ExpPypetChange *change, const ExpPypetPlace *place, const char *name, const char *target, GError **error)
{
  g_autoptr (ExpPypetPlace) stored = stored_place (change, place, error);

  if (stored == NULL || !exp_pypet_check_place (stored, name, error))
    return FALSE;
  g_autofree char *path = stored_target (stored, target, error);
  return path != NULL && exp_pypet_change_symlink (change, stored->inner, name, path, error);
}

gboolean
exp_pypet_place_symlink (const ExpPypetPlace *place, const char *name, const char *target, GError **error)
{
  if (exp_pypet_is_classic (place->scope->trajectory))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED,
                   "the release of pypet that began this trajectory has no "
                   "links");
      return FALSE;
    }
  ExpPypetChange *change = exp_pypet_change_begin (place->scope->trajectory->store, error);

  return change != NULL && exp_pypet_change_end (change, make_symlink (change, place, name, target, error));
}
