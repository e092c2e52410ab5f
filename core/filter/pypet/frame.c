/* Frames and series of pandas: which of its two formats a group is in.
 * Knows the attribute that says so.
 * Called by item.c and pickled.c. */
#include "frame.h"
#include <string.h>

gboolean
exp_pypet_is_frame (ExpNode *inner, const char *flag)
{
  g_autofree char *type = exp_pypet_text (inner, "pandas_type");

  return type != NULL || g_strcmp0 (flag, "FRAME") == 0 || g_strcmp0 (flag, "SERIES") == 0;
}

ExpNode *
exp_pypet_frame_new (ExpNode *inner, const char *name, GError **error)
{
  g_autofree char *type = exp_pypet_text (inner, "pandas_type");

  if (g_strcmp0 (type, "frame") == 0 || g_strcmp0 (type, "series") == 0)
    return exp_frame_fixed_new (inner, name, strcmp (type, "series") == 0, error);
  if (g_strcmp0 (type, "frame_table") == 0 || g_strcmp0 (type, "series_table") == 0)
    return exp_frame_table_new (inner, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "what pandas calls '%s' is not read here",
               type != NULL ? type : "nothing");
  return NULL;
}

static gboolean
note_pickled (const char *name, ExpNode *child, gpointer data)
{
  ExpNode **found = data;

  if (exp_frame_is_pickled (child))
    *found = exp_node_ref (child);
  return *found == NULL;
}

ExpNode *
exp_pypet_frame_pickled (ExpNode *inner)
{
  ExpNode *found = NULL;

  if (exp_pypet_is_frame (inner, NULL))
    exp_node_list (inner, 0, note_pickled, &found, NULL);
  return found;
}
