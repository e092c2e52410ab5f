/* Changes of what a group holds: which of its places they go to, and under which stored name.
 * Knows how places are merged; what a place does with them is write_place.c's.
 * Called through the class of group.c. */
#include "group.h"
#include "tasks.h"
#include "write.h"
#include <string.h>

/* The place that has a child of that name, or LEAF of LEAF.range; NULL for none. */
static ExpPypetPlace *
place_with (GPtrArray *places, const char *name)
{
  g_autofree char *stem
      = g_str_has_suffix (name, ".range") ? g_strndup (name, strlen (name) - strlen (".range")) : g_strdup (name);

  for (guint i = 0; i < places->len; i++)
    {
      ExpPypetPlace *place = places->pdata[i];
      g_autoptr (ExpNode) there = exp_pypet_child (place->inner, name);
      g_autoptr (ExpNode) leaf = there == NULL ? exp_pypet_child (place->inner, stem) : NULL;

      if (there != NULL || (leaf != NULL && strcmp (stem, name) != 0))
        return place;
    }
  return NULL;
}

ExpPypetPlace *
exp_pypet_group_place_for_new (GPtrArray *places)
{
  const ExpPypetPlace *first = places->pdata[0];
  g_autofree char *run = g_strdup_printf ("run_%08" G_GINT64_FORMAT, first->scope->run);

  for (guint i = 0; i < places->len && first->scope->run >= 0; i++)
    {
      ExpPypetPlace *place = places->pdata[i];
      g_auto (GStrv) parts = g_strsplit (place->location, ".", -1);

      if (g_strv_contains ((const char *const *)parts, run))
        return place;
    }
  return places->pdata[0];
}

static char *
name_for_new (GPtrArray *places, const char *shown)
{
  if (exp_pypet_is_odd_name (shown) && place_with (places, shown) == NULL
      && exp_pypet_group_is_fresh (exp_pypet_group_place_for_new (places)))
    return g_strconcat ("_p_", shown, NULL);
  return exp_pypet_stored_name (shown);
}

static gboolean
check_new (ExpPypetGroup *self, GPtrArray *places, const char *name, GError **error)
{
  if (!exp_pypet_group_hides (self, name) && place_with (places, name) == NULL)
    return TRUE;
  if (exp_pypet_group_hides (self, name))
    g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "'%s' is not a name for what is made here", name);
  else
    g_set_error (error, EXP_ERROR, EXP_ERROR_EXISTS, "'%s' exists already", name);
  return FALSE;
}

static ExpPypetPlace *
existing (GPtrArray *places, const char *name, GError **error)
{
  ExpPypetPlace *place = place_with (places, name);

  if (place == NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no '%s' here", name);
  return place;
}

ExpNode *
exp_pypet_group_create_group (ExpNode *node, const char *shown, GError **error)
{
  ExpPypetGroup *self = (ExpPypetGroup *)node;
  g_autoptr (GPtrArray) places = exp_pypet_group_places (self);
  g_autofree char *name = name_for_new (places, shown);

  ExpPypetPlace *ranged = g_str_has_suffix (name, ".range") ? place_with (places, name) : NULL;
  if (ranged != NULL)
    return exp_pypet_place_create_range (ranged, name, error) ? exp_node_lookup (node, shown, error) : NULL;
  return check_new (self, places, name, error)
                 && exp_pypet_place_create_group (exp_pypet_group_place_for_new (places), name, error)
             ? exp_node_lookup (node, shown, error)
             : NULL;
}

gboolean
exp_pypet_group_check_name (ExpNode *node, const char *shown, GError **error)
{
  ExpPypetGroup *self = (ExpPypetGroup *)node;
  g_autoptr (GPtrArray) places = exp_pypet_group_places (self);
  g_autofree char *name = name_for_new (places, shown);

  if (g_str_has_suffix (name, ".range") && place_with (places, name) != NULL)
    return TRUE;
  ExpPypetWhole kind;
  g_autofree char *whole = exp_pypet_whole_stem (name, &kind);
  if (whole != NULL)
    return check_new (self, places, whole, error)
           && exp_pypet_check_place (exp_pypet_group_place_for_new (places), whole, error);
  return check_new (self, places, name, error)
         && exp_pypet_check_place (exp_pypet_group_place_for_new (places), name, error);
}

ExpNode *
exp_pypet_group_create_dataset (ExpNode *node, const char *shown, const ExpNewDataset *dataset, GError **error)
{
  ExpPypetGroup *self = (ExpPypetGroup *)node;
  g_autoptr (GPtrArray) places = exp_pypet_group_places (self);
  g_autofree char *name = name_for_new (places, shown);
  ExpPypetPlace *ranged = g_str_has_suffix (name, ".range") ? place_with (places, name) : NULL;

  if (ranged == NULL && !check_new (self, places, name, error))
    return NULL;
  return exp_pypet_place_create_dataset (ranged != NULL ? ranged : exp_pypet_group_place_for_new (places), name,
                                         dataset, error)
             ? exp_node_lookup (node, shown, error)
             : NULL;
}

/* Results only: parameters are kept in other ways, and what has an odd name is no leaf of its own. */
ExpNode *
exp_pypet_group_put_number (ExpNode *node, const char *shown, const ExpArray *value, GError **error)
{
  ExpPypetGroup *self = (ExpPypetGroup *)node;
  g_autoptr (GPtrArray) places = exp_pypet_group_places (self);
  const ExpPypetPlace *place = exp_pypet_group_place_for_new (places);

  if (place->scope->branch != EXP_BRANCH_RESULTS || exp_pypet_shown_name (shown) != shown
      || !exp_pypet_check_name (shown, NULL))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "'%s' is not made in one step", shown);
      return NULL;
    }
  return check_new (self, places, shown, error) ? exp_pypet_place_put_number (place, shown, value, error) : NULL;
}

/* Whatever else there is to be said of results has to be looked for when they are closed. */
gboolean
exp_pypet_group_takes_number (ExpNode *node, const char *shown)
{
  ExpPypetGroup *self = (ExpPypetGroup *)node;
  g_autoptr (GPtrArray) places = exp_pypet_group_places (self);
  ExpPypetPlace *place = exp_pypet_group_place_for_new (places);

  return place->scope->branch == EXP_BRANCH_RESULTS && exp_pypet_scope_part (place->scope) != EXP_PART_ANY
         && exp_pypet_shown_name (shown) == shown && exp_pypet_check_name (shown, NULL)
         && check_new (self, places, shown, NULL) && exp_pypet_place_takes_number (place, shown);
}

gboolean
exp_pypet_group_takes_file (ExpNode *node, const char *shown)
{
  ExpPypetGroup *self = (ExpPypetGroup *)node;
  g_autoptr (GPtrArray) places = exp_pypet_group_places (self);
  ExpPypetWhole kind = EXP_WHOLE_PICKLE;
  g_autofree char *name = exp_pypet_whole_stem (shown, &kind);
  ExpPypetPlace *place = name != NULL && !exp_pypet_group_hides (self, name) ? place_with (places, name) : NULL;
  g_autoptr (ExpNode) inner = place != NULL ? exp_pypet_child (place->inner, name) : NULL;
  ExpPypetLeaf leaf;

  if (name == NULL)
    return exp_pypet_whole_is_aside (shown);
  if (place == NULL)
    return exp_pypet_check_place (exp_pypet_group_place_for_new (places), name, NULL);
  if (inner == NULL || !exp_pypet_is_leaf (inner))
    return FALSE;
  exp_pypet_leaf_init (&leaf, inner, place->scope, place->location, name);
  return exp_pypet_whole_is_taken (&leaf, kind);
}

ExpNode *
exp_pypet_group_put_file (ExpNode *node, const char *shown, GBytes *bytes, GError **error)
{
  g_autoptr (GPtrArray) places = exp_pypet_group_places ((ExpPypetGroup *)node);
  ExpPypetWhole kind = EXP_WHOLE_PICKLE;
  g_autofree char *name = exp_pypet_whole_stem (shown, &kind);
  g_autofree char *aside = name == NULL ? exp_pypet_stored_name (shown) : NULL;
  ExpPypetPlace *place = place_with (places, name != NULL ? name : aside);

  if (place == NULL)
    place = exp_pypet_group_place_for_new (places);
  return (name != NULL ? exp_pypet_place_put_whole (place, name, kind, bytes, error)
                       : exp_pypet_place_put_aside (place, aside, bytes, error))
             ? exp_node_lookup (node, shown, error)
             : NULL;
}

ExpNode *
exp_pypet_group_replace_dataset (ExpNode *node, const char *shown, const ExpNewDataset *dataset, GError **error)
{
  g_autoptr (GPtrArray) places = exp_pypet_group_places ((ExpPypetGroup *)node);
  g_autofree char *name = exp_pypet_group_stored_name (places, shown);
  ExpPypetPlace *place = existing (places, name, error);

  return place != NULL && exp_pypet_place_replace_dataset (place, name, dataset, error)
             ? exp_node_lookup (node, shown, error)
             : NULL;
}

gboolean
exp_pypet_group_remove (ExpNode *node, const char *shown, GError **error)
{
  g_autoptr (GPtrArray) places = exp_pypet_group_places ((ExpPypetGroup *)node);
  g_autofree char *name = exp_pypet_group_stored_name (places, shown);
  ExpPypetPlace *place = existing (places, name, error);

  return place != NULL && exp_pypet_place_remove (place, name, error);
}

gboolean
exp_pypet_group_move (ExpNode *node, const char *shown, ExpNode *new_parent, const char *new_name, guint flags,
                      GError **error)
{
  g_autoptr (GPtrArray) places = exp_pypet_group_places ((ExpPypetGroup *)node);
  g_autofree char *name = exp_pypet_group_stored_name (places, shown);
  ExpPypetPlace *place = existing (places, name, error);
  g_autoptr (ExpPypetPlace) new_place = place != NULL ? exp_pypet_place_of (new_parent, new_name, error) : NULL;

  ExpPypetWhole kind = EXP_WHOLE_PICKLE;
  g_autofree char *whole = new_place != NULL ? exp_pypet_whole_stem (new_name, &kind) : NULL;
  if (whole != NULL)
    return exp_pypet_place_move_whole (place, name, new_place, whole, kind, flags, error);
  gboolean is_odd = new_place != NULL && exp_pypet_is_odd_name (new_name) && exp_pypet_group_is_fresh (new_place);
  g_autofree char *stored = is_odd ? g_strconcat ("_p_", new_name, NULL) : exp_pypet_stored_name (new_name);

  return new_place != NULL && exp_pypet_place_move (place, name, new_place, stored, flags, error);
}

gboolean
exp_pypet_group_symlink (ExpNode *node, const char *shown, const char *target, GError **error)
{
  ExpPypetGroup *self = (ExpPypetGroup *)node;
  g_autoptr (GPtrArray) places = exp_pypet_group_places (self);
  g_autofree char *name = name_for_new (places, shown);

  return check_new (self, places, name, error)
         && exp_pypet_place_symlink (exp_pypet_group_place_for_new (places), name, target, error);
}

gboolean
exp_pypet_group_set_class (ExpNode *node, const char *class_name, GError **error)
{
  g_autoptr (GPtrArray) places = exp_pypet_group_places ((ExpPypetGroup *)node);

  return exp_pypet_place_set_class (exp_pypet_group_place_for_new (places), class_name, error);
}

gboolean
exp_pypet_group_set_note (ExpNode *node, const char *note, const char *value, GError **error)
{
  g_autoptr (GPtrArray) places = exp_pypet_group_places ((ExpPypetGroup *)node);

  return exp_pypet_place_set_note (exp_pypet_group_place_for_new (places), note, value, error);
}

gboolean
exp_pypet_group_perform (ExpNode *node, ExpTask *task, GError **error)
{
  return exp_pypet_place_delete (((ExpPypetGroup *)node)->own->pdata[0], task, error);
}
