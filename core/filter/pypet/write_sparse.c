/* A sparse matrix of its parts: a group of results that are called as scipy calls them becomes one result.
 * Knows which parts each of scipy's storage formats has; what pypet keeps of them is write_whole.c's.
 * Called by write_class.c. */
#include "expfs/edit.h"
#include "format/npz/archive.h"
#include "whole.h"
#include "write.h"
#include <string.h>

#define MAX_PARTS 5

static const struct
{
  const char *format;
  const char *parts[MAX_PARTS + 1];
} formats[] = {
  { "csr", { "data", "indices", "indptr", "shape", "format", NULL } },
  { "csc", { "data", "indices", "indptr", "shape", "format", NULL } },
  { "bsr", { "data", "indices", "indptr", "shape", "format", NULL } },
  { "coo", { "data", "row", "col", "shape", "format", NULL } },
  { "dia", { "data", "offsets", "shape", "format", NULL } },
};

static ExpArray *
read_part (const ExpPypetPlace *place, const char *name, GError **error)
{
  g_autoptr (ExpNode) inner = exp_node_lookup (place->inner, name, error);
  ExpPypetLeaf leaf;

  if (inner == NULL)
    return NULL;
  exp_pypet_leaf_init (&leaf, inner, place->scope, place->location, name);
  g_autoptr (ExpNode) value = exp_pypet_is_leaf (inner) ? exp_pypet_leaf_value (&leaf, error) : NULL;
  g_auto (ExpInfo) info = { 0 };
  if (value != NULL && exp_node_describe (value, &info, error) && info.kind == EXP_KIND_DATASET)
    return exp_node_read_all (value, error);
  if (error == NULL || *error == NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "'%s' is no part of a sparse matrix", name);
  return NULL;
}

/* As scipy writes it: bytes. */
static ExpArray *
format_array (const char *format, GError **error)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_string (strlen (format), EXP_PAD_NUL, FALSE);
  ExpArray *array = exp_array_new (dtype, 0, NULL, error);

  if (array != NULL)
    memcpy (array->data, format, strlen (format));
  return array;
}

/* Two whole numbers, on two lines or on one. */
static ExpArray *
shape_array (ExpArray *given, GError **error)
{
  guint64 two = 2;

  if (given->n_elements != 2 || (given->dtype->type != EXP_TYPE_INT && given->dtype->type != EXP_TYPE_UINT))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "'shape' has to be two whole numbers");
      return NULL;
    }
  ExpArray *array = exp_array_new (given->dtype, 1, &two, error);
  if (array != NULL)
    memcpy (array->data, given->data, 2 * given->dtype->size);
  return array;
}

static GBytes *
pack (const ExpPypetPlace *place, const char *format, const char *const *parts, GError **error)
{
  g_autoptr (GPtrArray) arrays = g_ptr_array_new_with_free_func ((GDestroyNotify)exp_array_unref);

  for (const char *const *part = parts; *part != NULL; part++)
    {
      g_autoptr (ExpArray) given = strcmp (*part, "format") == 0 ? NULL : read_part (place, *part, error);
      ExpArray *array = strcmp (*part, "format") == 0  ? format_array (format, error)
                        : given == NULL                ? NULL
                        : strcmp (*part, "shape") == 0 ? shape_array (given, error)
                                                       : g_steal_pointer (&given);
      if (array == NULL)
        return NULL;
      g_ptr_array_add (arrays, array);
    }
  return exp_npz_make (arrays->len, parts, (ExpArray *const *)arrays->pdata, error);
}

static gboolean
note_shown (const char *name, ExpNode *child, gpointer data)
{
  if (!exp_pypet_is_hidden_child (name))
    ++*(guint *)data;
  return TRUE;
}

gboolean
exp_pypet_sparse_of_parts (const ExpPypetPlace *place, GBytes **archive, GError **error)
{
  g_autoptr (ExpNode) there = exp_pypet_child (place->inner, "format");
  guint n_children = 0;

  *archive = NULL;
  if (there == NULL || !exp_node_list (place->inner, 0, note_shown, &n_children, NULL))
    return TRUE;
  g_autoptr (ExpArray) given = read_part (place, "format", NULL);
  g_autofree char *format = given != NULL && given->n_elements == 1 ? exp_array_dup_text (given) : NULL;
  for (guint i = 0; i < G_N_ELEMENTS (formats) && format != NULL; i++)
    {
      if (strcmp (formats[i].format, format) != 0 || g_strv_length ((char **)formats[i].parts) != n_children)
        continue;
      *archive = pack (place, format, formats[i].parts, error);
      return *archive != NULL;
    }
  return TRUE;
}

gboolean
exp_pypet_sparse_take_parts (ExpPypetChange *change, const ExpPypetPlace *place, GError **error)
{
  static const char *const names[] = { "data", "indices", "indptr", "row", "col", "offsets", "shape", "format" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (ExpNode) there = exp_pypet_child (place->inner, names[i]);

      if (there != NULL && !exp_pypet_place_remove_child (change, place, names[i], error))
        return FALSE;
    }
  return TRUE;
}
