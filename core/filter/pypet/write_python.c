/* What values are in Python: pypet's collection and scalar types, in words.
 * Knows how pypet notes them, and which fit what is stored.
 * Called by node.c, items.c, dict.c and write_flag.c. */
#include "type.h"
#include "write.h"
#include <string.h>

static const struct
{
  const char *collection, *word;
} words[] = {
  { "COLL_LIST", "list" }, { "COLL_TUPLE", "tuple" }, { "COLL_NDARRAY", "ndarray" }, { "COLL_MATRIX", "matrix" }
};

/* "<type 'numpy.int8'>" of classic is "int8". */
static char *
plain_scalar (const char *scalar)
{
  if (!g_str_has_prefix (scalar, "<type '"))
    return g_strdup (scalar);
  const char *name = scalar + strlen ("<type '");
  if (g_str_has_prefix (name, "numpy."))
    name += strlen ("numpy.");
  return g_strndup (name, strcspn (name, "'"));
}

/* NULL for words that nobody would have written. */
static const char *
in_words (const char *collection, const char *stored)
{
  g_autofree char *scalar = stored != NULL ? plain_scalar (stored) : NULL;

  if (collection == NULL || (scalar != NULL && (strlen (scalar) > 16 || *scalar == '\0')))
    return NULL;
  if (strcmp (collection, "COLL_SCALAR") == 0)
    return g_intern_string (scalar);
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strcmp (words[i].collection, collection) == 0)
      {
        g_autofree char *text = scalar != NULL ? g_strdup_printf ("%s of %s", words[i].word, scalar) : NULL;
        return text != NULL ? g_intern_string (text) : words[i].word;
      }
  return NULL;
}

const char *
exp_pypet_python_of_column (ExpNode *table, const char *column)
{
  g_autofree char *attribute = g_strdup_printf ("SRVC_COLUMN_%s_COLL_TYPE", column);
  g_autofree char *collection = exp_pypet_text (table, attribute);
  g_autofree char *scalar = exp_pypet_column_type (table, column);

  return in_words (collection, scalar);
}

const char *
exp_pypet_python (ExpNode *inner)
{
  g_auto (ExpInfo) info = { 0 };

  if (!exp_node_describe (inner, &info, NULL) || info.kind != EXP_KIND_DATASET || info.dtype == NULL)
    return NULL;
  if (info.dtype->type == EXP_TYPE_COMPOUND)
    return info.dtype->n_members == 1 && strcmp (info.dtype->members[0].name, "data") == 0
               ? exp_pypet_python_of_column (inner, "data")
               : NULL;
  g_autofree char *collection = exp_pypet_text (inner, "SRVC_DATA_COLL_TYPE");
  g_autofree char *scalar = exp_pypet_text (inner, "SRVC_DATA_SCALAR_TYPE");
  return in_words (collection, scalar);
}

gboolean
exp_pypet_python_parse (const char *python, const char **collection, const char **scalar)
{
  const char *of = strstr (python, " of ");
  gsize length = of != NULL ? (gsize)(of - python) : strlen (python);

  *collection = "COLL_SCALAR";
  *scalar = python;
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strlen (words[i].word) == length && strncmp (words[i].word, python, length) == 0)
      {
        *collection = words[i].collection;
        *scalar = of != NULL ? of + strlen (" of ") : NULL;
        return TRUE;
      }
  return of == NULL;
}

static gboolean
refuse (const char *python, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "what is stored is no '%s' in Python", python);
  return FALSE;
}

gboolean
exp_pypet_is_of_scalar (const ExpDtype *dtype, const char *scalar)
{
  gboolean is_truth = dtype->type == EXP_TYPE_BITFIELD || dtype->type == EXP_TYPE_BOOL;

  if (dtype->type == EXP_TYPE_STRING || dtype->type == EXP_TYPE_VSTRING)
    return strcmp (scalar, "str") == 0 || strcmp (scalar, "bytes") == 0;
  if (strcmp (scalar, "bool") == 0 || strcmp (scalar, "bool_") == 0)
    return is_truth;
  if (strcmp (scalar, "int") == 0)
    return dtype->type == EXP_TYPE_INT || dtype->type == EXP_TYPE_UINT;
  if (strcmp (scalar, "float") == 0)
    return dtype->type == EXP_TYPE_FLOAT;
  if (strcmp (scalar, "complex") == 0)
    return dtype->type == EXP_TYPE_COMPLEX;
  return g_strcmp0 (exp_pypet_scalar_name (dtype, FALSE, FALSE), scalar) == 0;
}

char *
exp_pypet_stored_scalar (const char *scalar, gboolean is_classic)
{
  static const char *const own[] = { "bool", "int", "float", "complex", "str", NULL };

  if (!is_classic)
    return g_strdup (scalar);
  return g_strdup_printf ("<type '%s%s'>", g_strv_contains (own, scalar) ? "" : "numpy.", scalar);
}

/* The one cell of a parameter, and of its range. */
static gboolean
set_cell (ExpPypetChange *change, const ExpPypetLeaf *leaf, const char *python, GError **error)
{
  static const char *const tables[] = { "data", "explored_data" };
  const char *collection, *scalar;

  if (!exp_pypet_python_parse (python, &collection, &scalar) || strcmp (collection, "COLL_SCALAR") != 0)
    return refuse (python, error);
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      g_autoptr (ExpNode) table = exp_pypet_child (leaf->inner, tables[i]);
      g_autofree char *stored = exp_pypet_stored_scalar (scalar, exp_pypet_is_classic (leaf->scope->trajectory));
      g_auto (ExpInfo) info = { 0 };

      if (table == NULL)
        continue;
      if (!exp_node_describe (table, &info, error))
        return FALSE;
      if (info.dtype->type != EXP_TYPE_COMPOUND || !exp_pypet_is_of_scalar (info.dtype->members[0].dtype, scalar))
        return refuse (python, error);
      if (!exp_pypet_note_column (change, table, "data", collection, stored, error))
        return FALSE;
    }
  return TRUE;
}

/* Lists are kept in one piece unless a flag says otherwise. */
static gboolean
keep_as_list (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *name, ExpNode *inner,
              gboolean is_list, GError **error)
{
  ExpPytablesKind kind = exp_pytables_kind (inner);
  gboolean is_whole = kind == EXP_PYTABLES_ARRAY || kind == EXP_PYTABLES_PYTHON_ARRAY;
  ExpPytablesKind wanted = is_list ? EXP_PYTABLES_PYTHON_ARRAY : EXP_PYTABLES_ARRAY;

  if (kind == wanted || (!is_whole && !is_list))
    return TRUE;
  return exp_pypet_item_renew_as (change, leaf->scope->trajectory, group, name, "ARRAY", wanted, error);
}

gboolean
exp_pypet_python_set (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *name,
                      const char *python, GError **error)
{
  g_autoptr (ExpNode) inner = exp_node_lookup (group, name, error);
  const char *collection, *scalar;
  g_auto (ExpInfo) info = { 0 };

  if (inner == NULL || !exp_node_describe (inner, &info, error))
    return FALSE;
  if (g_strcmp0 (exp_pypet_python (inner), python) == 0)
    return TRUE;
  if (leaf->is_parameter && strcmp (name, "data") == 0 && !leaf->is_pickled)
    return set_cell (change, leaf, python, error);
  if (info.kind != EXP_KIND_DATASET || info.dtype == NULL || info.dtype->type == EXP_TYPE_COMPOUND || info.is_null
      || leaf->is_pickled || !exp_pypet_python_parse (python, &collection, &scalar))
    return refuse (python, error);

  gboolean is_list = strcmp (collection, "COLL_LIST") == 0 || strcmp (collection, "COLL_TUPLE") == 0;
  gboolean is_single = strcmp (collection, "COLL_SCALAR") == 0;
  if (is_single ? info.rank != 0 : info.rank == 0 || (is_list && info.rank != 1))
    return refuse (python, error);
  if ((strcmp (collection, "COLL_MATRIX") == 0 && info.rank != 2)
      || (scalar != NULL && !exp_pypet_is_of_scalar (info.dtype, scalar)))
    return refuse (python, error);
  if (!keep_as_list (change, leaf, group, name, inner, is_list || is_single, error))
    return FALSE;
  g_autoptr (ExpNode) item = exp_node_lookup (group, name, error);
  g_autofree char *stored
      = scalar != NULL ? exp_pypet_stored_scalar (scalar, exp_pypet_is_classic (leaf->scope->trajectory)) : NULL;
  g_autoptr (ExpArray) text = stored != NULL ? exp_pytables_text (stored, strlen (stored), TRUE) : NULL;
  exp_pypet_change_note_moved (change);
  return item != NULL && exp_pytables_set_text (change, item, "SRVC_DATA_COLL_TYPE", collection, error)
         && exp_pypet_change_attribute (change, item, "SRVC_DATA_SCALAR_TYPE", text, error);
}
