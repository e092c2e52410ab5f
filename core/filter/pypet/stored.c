/* Small values of the stored tree: attributes, cells of overview tables.
 * Knows no node of the shown tree.
 * Called by the other files of this folder. */
#include "pypet.h"
#include "type.h"
#include <string.h>

char *
exp_pypet_text (ExpNode *inner, const char *attribute)
{
  g_autoptr (ExpArray) value = exp_node_read_attribute (inner, attribute, NULL);

  return value != NULL ? exp_array_dup_text (value) : NULL;
}

gint64
exp_pypet_int (ExpNode *inner, const char *attribute, gint64 missing)
{
  g_autoptr (ExpArray) value = exp_node_read_attribute (inner, attribute, NULL);
  gint64 number;

  return value != NULL && exp_array_get_int (value, &number) ? number : missing;
}

gboolean
exp_pypet_is_leaf (ExpNode *inner)
{
  return exp_pypet_int (inner, "SRVC_LEAF", 0) != 0;
}

const char *
exp_pypet_class (ExpNode *inner)
{
  g_autofree char *name = exp_pypet_text (inner, "SRVC_INIT_CLASS_NAME");

  return exp_class_name_intern (name);
}

gboolean
exp_pypet_is_hidden_child (const char *name)
{
  return g_str_has_prefix (name, "_i_") || g_str_has_prefix (name, "_p_");
}

static gboolean
is_kept_aside (const char *name)
{
  return (*name == '.' && name[1] != '\0') || *name == '#' || g_str_has_suffix (name, "~");
}

/* A name of pypet's nodes. */
static gboolean
is_plain_name (const char *name)
{
  if (*name == '\0' || *name == '_' || strlen (name) > EXP_PYPET_MAX_NAME)
    return FALSE;
  for (const char *at = name; *at != '\0'; at++)
    if (!g_ascii_isalnum (*at) && *at != '_' && *at != '-')
      return FALSE;
  return TRUE;
}

gboolean
exp_pypet_is_odd_name (const char *shown)
{
  return !is_kept_aside (shown) && !is_plain_name (shown) && !exp_pypet_is_hidden_child (shown)
         && !g_str_has_suffix (shown, ".range") && !g_str_has_suffix (shown, ".pickle")
         && !g_str_has_suffix (shown, ".npz");
}

char *
exp_pypet_stored_name (const char *shown)
{
  return is_kept_aside (shown) ? g_strconcat ("_p_", shown, NULL) : g_strdup (shown);
}

const char *
exp_pypet_shown_name (const char *stored)
{
  if (g_str_has_prefix (stored, "_p_") && !is_plain_name (stored + strlen ("_p_")))
    return stored + strlen ("_p_");
  return exp_pypet_is_hidden_child (stored) ? NULL : stored;
}

ExpNode *
exp_pypet_child (ExpNode *inner, const char *name)
{
  return exp_node_lookup (inner, name, NULL);
}

guint64
exp_pypet_n_rows (ExpNode *table)
{
  g_auto (ExpInfo) info = { 0 };

  return table != NULL && exp_node_describe (table, &info, NULL) && info.rank == 1 ? info.shape[0] : 0;
}

ExpArray *
exp_pypet_table_cell (ExpNode *table, const char *column, guint64 row, GError **error)
{
  g_autoptr (ExpNode) cell = exp_pypet_field_new (table, column, row, NULL, "utf8", error);

  return cell != NULL ? exp_node_read_all (cell, error) : NULL;
}
