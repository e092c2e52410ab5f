/* Names that pypet takes.
 * Knows the rules of its naming scheme.
 * Called by the files of this folder that make and rename nodes. */
#include "write.h"
#include <string.h>

#define MAX_LOCATION 512 /* what fits the overview tables; classic's are shorter */
#define MAX_CLASSIC  256

static gboolean
refuse (const char *name, const char *why, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "'%s' is no name for pypet: %s", name, why);
  return FALSE;
}

gboolean
exp_pypet_check_name (const char *name, GError **error)
{
  if (exp_pypet_shown_name (name) != name && exp_pypet_shown_name (name) != NULL)
    return TRUE; /* pypet never sees it */
  if (*name == '\0' || strlen (name) > EXP_PYPET_MAX_NAME)
    return refuse (name, "it has to have 1 to 127 bytes", error);
  if (*name == '_')
    return refuse (name, "it begins with '_'", error);
  for (const char *at = name; *at != '\0'; at++)
    if (!g_ascii_isalnum (*at) && *at != '_' && *at != '-')
      return refuse (name, "only letters, digits, '_' and '-' may be in it", error);
  return TRUE;
}

gboolean
exp_pypet_location_has_room (ExpPypetTrajectory *trajectory, gsize length, const char *name)
{
  return length + 1 + strlen (name) < (exp_pypet_is_classic (trajectory) ? MAX_CLASSIC : MAX_LOCATION);
}

gboolean
exp_pypet_check_place (const ExpPypetPlace *place, const char *name, GError **error)
{
  if (!exp_pypet_check_name (name, error))
    return FALSE;
  if (strcmp (name, "overview") == 0 && *place->location == '\0')
    return refuse (name, "it is the place of the overview tables", error);
  if (!exp_pypet_location_has_room (place->scope->trajectory, strlen (place->location), name))
    return refuse (name, "its path gets too long", error);

  g_autoptr (ExpNode) taken = exp_pypet_child (place->inner, name);
  if (taken == NULL)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_EXISTS, "'%s' exists already", name);
  return FALSE;
}
