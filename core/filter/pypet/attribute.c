/* Attributes as a user sees them: comment, annotation.NAME and what others wrote; nothing that only serves the format.
 * Knows the names of PyTables' and pypet's service attributes.
 * Called by node.c, typed.c and trajectory.c. */
#include "format/pickle/pickle.h"
#include "pypet.h"
#include <string.h>

#define COMMENT    "SRVC_INIT_COMMENT"
#define ANNOTATION "SRVC_AN_"

static const char *const system_names[] = { "CLASS",          "TITLE",      "VERSION",
                                            "FILTERS",        "FLAVOR",     "NROWS",
                                            "EXTDIM",         "PSEUDOATOM", "PYTABLES_FORMAT_VERSION",
                                            "BYTEORDER",      "AUTO_INDEX", "SPLIT_TABLE",
                                            "DATATYPE_TABLE", NULL };

gboolean
exp_pypet_is_service_attribute (const char *name)
{
  return g_strv_contains (system_names, name) || g_str_has_prefix (name, "FIELD_") || g_str_has_prefix (name, "SRVC_");
}

/* NULL for a hidden one. Caller frees. */
static char *
shown_name (const char *stored)
{
  if (strcmp (stored, COMMENT) == 0)
    return g_strdup ("comment");
  if (g_str_has_prefix (stored, ANNOTATION))
    return g_strconcat ("annotation.", stored + strlen (ANNOTATION), NULL);
  return exp_pypet_is_service_attribute (stored) ? NULL : g_strdup (stored);
}

char **
exp_pypet_join_names (char **first, char **second)
{
  GPtrArray *names = g_ptr_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  char **both[] = { first, second };

  for (guint i = 0; i < G_N_ELEMENTS (both); i++)
    for (char **name = both[i]; name != NULL && *name != NULL; name++)
      {
        if (g_hash_table_add (seen, *name))
          g_ptr_array_add (names, *name);
        else
          g_free (*name);
      }
  g_ptr_array_add (names, NULL);
  g_free (first);
  g_free (second);
  return (char **)g_ptr_array_free (names, FALSE);
}

char **
exp_pypet_list_attributes (ExpNode *inner, GError **error)
{
  g_auto (GStrv) stored = exp_node_list_attributes (inner, error);
  GPtrArray *names;

  if (stored == NULL)
    return NULL;
  names = g_ptr_array_new ();
  for (char **name = stored; *name != NULL; name++)
    {
      char *shown = shown_name (*name);

      if (shown != NULL)
        g_ptr_array_add (names, shown);
    }
  g_ptr_array_add (names, NULL);
  return exp_pypet_join_names ((char **)g_ptr_array_free (names, FALSE), NULL);
}

/* An array of the same bytes under another type. */
static ExpArray *
retype (const ExpArray *value, ExpDtype *dtype, GError **error)
{
  g_autoptr (ExpDtype) type = dtype;
  ExpArray *array = exp_array_new (type, value->rank, value->shape, error);

  if (array != NULL && value->n_elements > 0)
    memcpy (array->data, value->data, value->n_elements * type->size);
  return array;
}

/* PyTables pickles, with protocol 0 into ASCII, what HDF5 has no attribute type for. */
static ExpArray *
unpickle (const ExpArray *value)
{
  g_autofree char *text = exp_array_dup_text (value);
  gsize length = text != NULL ? strlen (text) : 0;

  if (length < 2 || text[length - 1] != '.' || strchr ("(NIFLVScd])}tlpg", *text) == NULL)
    return NULL;

  g_autoptr (GBytes) bytes = g_bytes_new (text, length);
  g_autoptr (ExpPickle) pickle = exp_pickle_parse (bytes, NULL);
  return pickle != NULL ? exp_pickle_to_array (exp_pickle_root (pickle), NULL) : NULL;
}

static ExpArray *
shown_value (ExpArray *stored, gboolean may_be_pickle, GError **error)
{
  g_autoptr (ExpArray) value = stored;
  ExpDtype *dtype = value->dtype;

  if (dtype->type == EXP_TYPE_BITFIELD && dtype->size == 1)
    return retype (value, exp_dtype_new_number (EXP_TYPE_BOOL, 1, FALSE), error);
  if (dtype->type == EXP_TYPE_STRING && value->rank == 0 && value->n_elements == 0)
    return exp_array_new_text ("");
  if (may_be_pickle && dtype->type == EXP_TYPE_STRING && !dtype->is_utf8 && value->rank == 0)
    {
      ExpArray *plain = unpickle (value);

      if (plain != NULL)
        return plain;
    }
  return g_steal_pointer (&value);
}

ExpArray *
exp_pypet_read_attribute (ExpNode *inner, const char *name, GError **error)
{
  ExpArray *value = NULL;
  gboolean may_be_pickle = TRUE;

  if (strcmp (name, "comment") == 0)
    {
      value = exp_node_read_attribute (inner, COMMENT, NULL);
      may_be_pickle = value == NULL;
    }
  else if (g_str_has_prefix (name, "annotation."))
    {
      g_autofree char *stored = g_strconcat (ANNOTATION, strchr (name, '.') + 1, NULL);
      value = exp_node_read_attribute (inner, stored, NULL);
    }
  if (value == NULL && exp_pypet_is_service_attribute (name))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no attribute '%s'", name);
      return NULL;
    }
  if (value == NULL)
    value = exp_node_read_attribute (inner, name, error);
  return value != NULL ? shown_value (value, may_be_pickle, error) : NULL;
}
