/* Places: a stored group with the full name that pypet gives it.
 * Knows how full names are put together.
 * Used by the files of this folder that make groups and that write. */
#include "pypet.h"
#include <string.h>

ExpPypetPlace *
exp_pypet_place_new (ExpNode *inner, ExpPypetScope *scope, GRefString *location)
{
  ExpPypetPlace *place = g_new0 (ExpPypetPlace, 1);

  place->inner = exp_node_ref (inner);
  place->scope = exp_pypet_scope_ref (scope);
  place->location = g_ref_string_acquire (location);
  return place;
}

void
exp_pypet_place_free (ExpPypetPlace *place)
{
  if (place == NULL)
    return;
  exp_node_unref (place->inner);
  exp_pypet_scope_unref (place->scope);
  g_ref_string_release (place->location);
  g_free (place);
}

GRefString *
exp_pypet_location_join (const char *location, const char *name)
{
  g_autofree char *joined = *location != '\0' ? g_strconcat (location, ".", name, NULL) : g_strdup (name);

  return g_ref_string_new (joined);
}

ExpPypetPlace *
exp_pypet_place_child (const ExpPypetPlace *place, const char *name)
{
  g_autoptr (ExpNode) inner = exp_pypet_child (place->inner, name);

  if (inner == NULL)
    return NULL;
  GRefString *location = exp_pypet_location_join (place->location, name);
  ExpPypetPlace *child = exp_pypet_place_new (inner, place->scope, location);
  g_ref_string_release (location);
  return child;
}

GPtrArray *
exp_pypet_places_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)exp_pypet_place_free);
}
