/* Items: the value that one child of a leaf holds, by what pypet noted on it.
 * Knows SRVC_STORE, the collection types and what pandas writes; the values themselves are made elsewhere.
 * Called by leaf.c, items.c and range.c. */
#include "pypet.h"
#include "table.h"
#include "type.h"
#include "whole.h"
#include <string.h>

static char *
store_flag (ExpNode *inner)
{
  g_autofree char *flag = exp_pypet_text (inner, "SRVC_STORE");

  return g_strcmp0 (flag, "SHARED_DATA_") == 0 ? exp_pypet_text (inner, "SRVC_SHARED_TYPE") : g_steal_pointer (&flag);
}

const char *
exp_pypet_flag (ExpNode *inner)
{
  static const char *const known[]
      = { "ARRAY", "CARRAY", "EARRAY", "VLARRAY", "TABLE", "DICT", "FRAME", "NESTED_GROUP", "SERIES", NULL };
  g_autofree char *flag = store_flag (inner);

  for (const char *const *name = known; flag != NULL && *name != NULL; name++)
    if (strcmp (*name, flag) == 0)
      return *name;
  return NULL;
}

static gboolean
is_text (const ExpInfo *info)
{
  return info->rank == 0 && !info->is_null && info->dtype != NULL
         && (info->dtype->type == EXP_TYPE_STRING || info->dtype->type == EXP_TYPE_VSTRING);
}

/* DICT says it on the item, COLL_DICT beside other flags. */
static gboolean
is_dict (ExpNode *inner, const char *flag)
{
  if (g_strcmp0 (flag, "DICT") == 0)
    return TRUE;
  g_autofree char *collection = exp_pypet_text (inner, "SRVC_DATA_COLL_TYPE");
  return g_strcmp0 (collection, "COLL_DICT") == 0;
}

static ExpNode *
group_item (const ExpPypetLeaf *leaf, ExpNode *inner, const char *name, GError **error)
{
  g_autofree char *flag = store_flag (inner);

  if (exp_pypet_int (inner, "SPLIT_TABLE", 0) != 0)
    {
      g_autoptr (ExpPypetColumns) columns
          = exp_pypet_columns_new_split (inner, name, exp_pypet_encoding (leaf->scope->trajectory), error);
      if (columns == NULL)
        return NULL;
      return is_dict (inner, flag) ? exp_pypet_dict_new (leaf, name, columns) : exp_pypet_joined_new (columns, error);
    }
  if (exp_pypet_is_frame (inner, flag))
    return exp_pypet_frame_new (inner, leaf->name, error);
  ExpPypetLeaf nested = *leaf;
  nested.location = NULL;
  nested.group = NULL;
  return exp_pypet_items_new (&nested, inner);
}

/* The one column `data` of the one row in which a Parameter keeps its value. */
static gboolean
is_parameter_table (const ExpPypetLeaf *leaf, const ExpInfo *info)
{
  const ExpDtype *dtype = info->dtype;

  return leaf->is_parameter && dtype->type == EXP_TYPE_COMPOUND && info->rank == 1 && info->shape[0] == 1
         && dtype->n_members == 1 && strcmp (dtype->members[0].name, "data") == 0;
}

static ExpNode *
table_item (const ExpPypetLeaf *leaf, ExpNode *inner, const char *name, const ExpInfo *info, const char *encoding,
            GError **error)
{
  if (is_parameter_table (leaf, info))
    return exp_pypet_field_new (inner, "data", 0, NULL, encoding, error);

  g_autofree char *flag = store_flag (inner);
  if (!is_dict (inner, flag))
    return exp_pypet_typed_new (inner, NULL, encoding, error);
  g_autoptr (ExpPypetColumns) columns = exp_pypet_columns_new (inner, encoding, error);
  return columns != NULL ? exp_pypet_dict_new (leaf, name, columns) : NULL;
}

static gboolean
is_empty_dict (ExpNode *inner, const ExpInfo *info)
{
  if (info->rank != 1 || info->shape[0] > 0)
    return FALSE;
  g_autofree char *collection = exp_pypet_text (inner, "SRVC_DATA_COLL_TYPE");
  return g_strcmp0 (collection, "COLL_EMPTY_DICT") == 0;
}

/* Reads no more attributes than what is stored leaves open: a store may have millions of items. */
static ExpNode *
dataset_item (const ExpPypetLeaf *leaf, ExpNode *inner, const char *name, const ExpInfo *info, GError **error)
{
  const char *encoding = exp_pypet_encoding (leaf->scope->trajectory);

  if (info->dtype->type == EXP_TYPE_COMPOUND && info->rank == 1)
    return table_item (leaf, inner, name, info, encoding, error);
  if (strstr (name, "__spsp__") != NULL && is_text (info))
    return exp_pypet_sparse_new (inner);
  if (leaf->is_pickled && is_text (info))
    return exp_pypet_pickled_new (inner, leaf->name);
  if (is_empty_dict (inner, info))
    {
      g_autoptr (ExpPypetColumns) none = exp_pypet_columns_new_empty (encoding);
      return exp_pypet_dict_new (leaf, name, none);
    }

  g_autofree char *scalar = exp_pypet_text (inner, "SRVC_DATA_SCALAR_TYPE");
  return exp_pypet_typed_new (inner, scalar, encoding, error);
}

ExpNode *
exp_pypet_item_new (const ExpPypetLeaf *leaf, ExpNode *inner, const char *name, GError **error)
{
  g_auto (ExpInfo) info = { 0 };

  if (!exp_node_describe (inner, &info, error))
    return NULL;
  switch (info.kind)
    {
    case EXP_KIND_LINK:
      return exp_pypet_node_new (inner, leaf->scope, leaf->location, name);
    case EXP_KIND_GROUP:
      return group_item (leaf, inner, name, error);
    case EXP_KIND_DATASET:
      return exp_pypet_text_new (dataset_item (leaf, inner, name, &info, error), leaf->scope->trajectory);
    default:
      return exp_node_ref (inner);
    }
}
