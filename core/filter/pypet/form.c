/* The stored form of what is there, where what is shown does not say all.
 * Knows which values copies of plain files cannot bring along.
 * Called by node.c. */
#include "form.h"
#include "type.h"
#include "write_table.h"
#include <string.h>

#define MAX_DEPTH 16

/* Of tables and frames, which come along as such as well, if with fewer of their types. */
#define MAX_TABLE (4 * 1024 * 1024)

#define ANNOTATION "SRVC_AN"

typedef struct
{
  guint depth;
  gsize left; /* bytes that it may still take */
  GError **error;
  GVariantBuilder *children;
  gboolean has_failed;
  const char *own_name; /* of a result, which an item may have; NULL: none */
} Packing;

static GVariant *pack_node (Packing *packing, ExpNode *node);

/* What every group and dataset gets when it is made. */
static gboolean
is_own_attribute (const char *name)
{
  static const char *const own[] = { "CLASS", "VERSION", "TITLE", "FLAVOR", "EXTDIM", "NROWS", "FILTERS", NULL };

  return g_strv_contains (own, name) || g_str_has_prefix (name, "FIELD_");
}

static gboolean
take_bytes (Packing *packing, guint64 n, gsize size)
{
  if (n <= packing->left / MAX (size, 1))
    {
      packing->left -= n * size;
      return TRUE;
    }
  g_set_error (packing->error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "too much to have a stored form");
  return FALSE;
}

static GVariant *
pack_attributes (Packing *packing, ExpNode *node, const char *prefix)
{
  g_auto (GStrv) names = exp_node_list_attributes (node, packing->error);
  GVariantBuilder builder;

  if (names == NULL)
    return NULL;
  g_variant_builder_init (&builder, G_VARIANT_TYPE (EXP_FORM_ATTRIBUTES));
  for (char **name = names; *name != NULL; name++)
    {
      if (is_own_attribute (*name) || !g_str_has_prefix (*name, prefix) || !g_utf8_validate (*name, -1, NULL))
        continue;
      g_autoptr (ExpArray) value = exp_node_read_attribute (node, *name, packing->error);
      GVariant *packed = value != NULL && take_bytes (packing, value->n_elements, value->dtype->size)
                             ? exp_form_pack_array (value, packing->error)
                             : NULL;
      if (packed == NULL)
        {
          g_variant_builder_clear (&builder);
          return NULL;
        }
      g_variant_builder_add (&builder, "(s@" EXP_FORM_ARRAY ")", *name, packed);
    }
  return g_variant_builder_end (&builder);
}

static gboolean
pack_child (const char *name, ExpNode *child, gpointer data)
{
  Packing *packing = data;
  GVariantBuilder *children = packing->children;

  if (exp_pypet_is_hidden_child (name))
    return TRUE;
  packing->depth++;
  GVariant *packed = g_utf8_validate (name, -1, NULL) ? pack_node (packing, child) : NULL;
  packing->depth--;
  packing->children = children;
  packing->has_failed = packed == NULL;
  const gsize length = packing->depth == 0 && packing->own_name != NULL ? strlen (packing->own_name) : 0;
  const gboolean is_own = length > 0 && strncmp (name, packing->own_name, length) == 0
                          && (name[length] == '\0' || strcmp (name + length, "__spsp__") == 0)
                          && exp_pypet_int (child, "SPLIT_TABLE", 0) == 0;
  g_autofree char *given = g_strconcat (is_own ? EXP_FORM_OWN_NAME : "", name + (is_own ? length : 0), NULL);
  if (packed != NULL)
    g_variant_builder_add (children, "(sv)", given, packed);
  return packed != NULL;
}

static GVariant *
pack_group (Packing *packing, ExpNode *group)
{
  GVariant *attributes = pack_attributes (packing, group, "");
  GVariantBuilder children;

  if (attributes == NULL)
    return NULL;
  g_variant_builder_init (&children, G_VARIANT_TYPE ("a(sv)"));
  packing->children = &children;
  if (exp_node_list (group, 0, pack_child, packing, packing->error) && !packing->has_failed)
    return g_variant_new ("(@" EXP_FORM_ATTRIBUTES "@a(sv))", attributes, g_variant_builder_end (&children));
  g_variant_builder_clear (&children);
  g_variant_unref (g_variant_ref_sink (attributes));
  return NULL;
}

static GVariant *
pack_dataset (Packing *packing, ExpNode *dataset, const ExpInfo *info)
{
  g_autoptr (ExpArray) values = take_bytes (packing, exp_info_n_elements (info), info->dtype->size)
                                    ? exp_node_read_all (dataset, packing->error)
                                    : NULL;
  GVariant *attributes = values != NULL ? pack_attributes (packing, dataset, "") : NULL;
  GVariant *array = attributes != NULL ? exp_form_pack_array (values, packing->error) : NULL;

  if (array != NULL)
    return g_variant_new ("(i@" EXP_FORM_ATTRIBUTES "@" EXP_FORM_ARRAY ")", (int)exp_pytables_kind (dataset),
                          attributes, array);
  if (attributes != NULL)
    g_variant_unref (g_variant_ref_sink (attributes));
  return NULL;
}

static GVariant *
pack_node (Packing *packing, ExpNode *node)
{
  g_auto (ExpInfo) info = { 0 };

  if (!exp_node_describe (node, &info, packing->error))
    return NULL;
  if (info.kind == EXP_KIND_GROUP && packing->depth < MAX_DEPTH)
    return pack_group (packing, node);
  if (info.kind == EXP_KIND_DATASET && info.dtype != NULL)
    return pack_dataset (packing, node, &info);
  g_set_error (packing->error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "links have no stored form");
  return NULL;
}

/* --- what needs one ----------------------------------------------------------------------------------------- */

/* Bytes, or a pickle: those of classic, a Python 2 program, are texts to anybody else. */
static gboolean
is_other_than_text (const ExpArray *value, gboolean is_classic)
{
  gsize length = 0;

  if (value->dtype->type != EXP_TYPE_STRING || value->dtype->is_utf8 || value->rank > 0 || value->n_elements != 1)
    return FALSE;
  const char *text = exp_cell_text (value->dtype, value->data, &length);
  return !is_classic || (length > 1 && text[length - 1] == '.' && memchr ("(NIFLVScd])}tlpg", *text, 16) != NULL);
}

/* What PyTables pickles into an annotation shows as what it describes. */
static gboolean
has_pickled_annotation (ExpNode *inner, gboolean is_classic)
{
  g_auto (GStrv) names = exp_node_list_attributes (inner, NULL);

  for (char **name = names; name != NULL && *name != NULL; name++)
    {
      g_autoptr (ExpArray) value
          = g_str_has_prefix (*name, ANNOTATION "_") ? exp_node_read_attribute (inner, *name, NULL) : NULL;

      if (value != NULL && is_other_than_text (value, is_classic))
        return TRUE;
    }
  return FALSE;
}

/* In a table of one column, of what is no single value. */
static gboolean
is_composed_cell (ExpNode *inner)
{
  g_autoptr (ExpNode) data = exp_pypet_child (inner, "data");
  g_auto (ExpInfo) info = { 0 };

  if (data == NULL || !exp_node_describe (data, &info, NULL) || info.dtype == NULL
      || info.dtype->type != EXP_TYPE_COMPOUND)
    return FALSE;
  g_autofree char *collection = exp_pypet_text (data, "SRVC_COLUMN_data_COLL_TYPE");
  return info.dtype->n_members != 1 || info.dtype->members[0].dtype->type == EXP_TYPE_ARRAY
         || g_strcmp0 (collection, "COLL_SCALAR") != 0;
}

/* An ArrayParameter that holds a single value, or other arrays than its range is written as. */
static gboolean
is_composed_range (const ExpPypetLeaf *leaf)
{
  g_autoptr (ExpNode) data = exp_pypet_child (leaf->inner, "data__rr__");

  return strcmp (leaf->class_name, "ArrayParameter") == 0 && (data == NULL || exp_pypet_is_explored (leaf->inner));
}

/* What files show of an item is how it is kept, with the words for its flag and its type in Python. */
static gboolean
note_item (const char *name, ExpNode *child, gpointer data)
{
  const char *flag = exp_pypet_flag (child);
  g_autofree char *collection = exp_pypet_text (child, "SRVC_DATA_COLL_TYPE");
  g_autofree char *shared = exp_pypet_text (child, "SRVC_SHARED_TYPE");

  if (exp_pypet_is_hidden_child (name))
    return TRUE;
  g_auto (ExpInfo) info = { 0 };
  gboolean is_array = g_strcmp0 (collection, "COLL_NDARRAY") == 0;

  if (!exp_node_describe (child, &info, NULL))
    return TRUE;
  /* Arrays of texts and those without axes look like lists and single values. */
  is_array = is_array && (info.rank == 0 || info.dtype == NULL || info.dtype->type == EXP_TYPE_STRING);
  const gboolean is_plain
      = flag != NULL && shared == NULL && !is_array
        && (strcmp (flag, "ARRAY") == 0 || strcmp (flag, "CARRAY") == 0 || strcmp (flag, "EARRAY") == 0)
        && g_strcmp0 (collection, "COLL_EMPTY_DICT") != 0;
  *(gboolean *)data = is_plain;
  return is_plain;
}

/* Bytes that a stored form may have; 0: none is needed. */
static gsize
allowance (ExpNode *inner, const ExpPypetLeaf *leaf, gboolean is_classic)
{
  static const char *const plain[] = { "Parameter", "ArrayParameter", "Result", NULL };
  gboolean is_plain = TRUE;

  if (leaf == NULL)
    return has_pickled_annotation (inner, is_classic) ? EXP_FORM_MAX / 2 : 0;
  if (leaf->scope->run >= 0)
    return 0;
  if (leaf->class_name == NULL || !g_strv_contains (plain, leaf->class_name) || leaf->is_pickled)
    return EXP_FORM_MAX / 2;
  if (leaf->is_parameter && (is_composed_cell (inner) || is_composed_range (leaf)))
    return EXP_FORM_MAX / 2;
  if (!leaf->is_parameter && exp_node_list (inner, 0, note_item, &is_plain, NULL) && !is_plain)
    return MAX_TABLE;
  return has_pickled_annotation (inner, is_classic) ? MAX_TABLE : 0;
}

gboolean
exp_pypet_form_is_needed (ExpPypetTrajectory *trajectory, ExpNode *inner, const ExpPypetLeaf *leaf)
{
  return allowance (inner, leaf, exp_pypet_is_classic (trajectory)) > 0;
}

char *
exp_pypet_form_text (ExpPypetTrajectory *trajectory, ExpNode *inner, const ExpPypetLeaf *leaf, GError **error)
{
  const gboolean is_classic = exp_pypet_is_classic (trajectory);
  Packing packing = { .left = allowance (inner, leaf, is_classic),
                      .error = error,
                      .own_name = leaf != NULL && !leaf->is_parameter ? leaf->name : NULL };

  if (packing.left == 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "what is shown says all");
      return NULL;
    }
  GVariant *group = NULL;
  if (leaf != NULL)
    group = pack_group (&packing, inner);
  else
    {
      GVariant *attributes = pack_attributes (&packing, inner, ANNOTATION);
      group = attributes != NULL ? g_variant_new ("(@" EXP_FORM_ATTRIBUTES "@a(sv))", attributes,
                                                  g_variant_new_array (G_VARIANT_TYPE ("(sv)"), NULL, 0))
                                 : NULL;
    }
  if (group == NULL)
    return NULL;
  g_autoptr (GVariant) form
      = g_variant_ref_sink (g_variant_new ("(bb@" EXP_FORM_GROUP ")", leaf != NULL, is_classic, group));
  return exp_form_to_text (form, error);
}
