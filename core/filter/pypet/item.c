/* Items: the value that one child of a leaf holds, by what pypet noted on it.
 * Knows SRVC_STORE, the collection types and what pandas writes; the values themselves are made elsewhere.
 * Called by leaf.c, items.c and range.c. */
#include "pypet.h"
#include "table.h"
#include "type.h"
#include <string.h>

static char *
store_flag (ExpNode *inner)
{
  g_autofree char *flag = exp_pypet_text (inner, "SRVC_STORE");

  return g_strcmp0 (flag, "SHARED_DATA_") == 0 ? exp_pypet_text (inner, "SRVC_SHARED_TYPE") : g_steal_pointer (&flag);
}

static gboolean
is_text (const ExpInfo *info)
{
  return info->rank == 0 && !info->is_null && info->dtype != NULL
         && (info->dtype->type == EXP_TYPE_STRING || info->dtype->type == EXP_TYPE_VSTRING);
}

static ExpNode *
group_item (const ExpPypetLeaf *leaf, ExpNode *inner, const char *name, const char *flag, gboolean is_dict,
            GError **error)
{
  if (exp_pypet_int (inner, "SPLIT_TABLE", 0) != 0)
    {
      g_autoptr (ExpPypetColumns) columns
          = exp_pypet_columns_new_split (inner, name, exp_pypet_encoding (leaf->scope->trajectory), error);
      if (columns == NULL)
        return NULL;
      return is_dict ? exp_pypet_dict_new (columns) : exp_pypet_joined_new (columns, error);
    }
  if (exp_pypet_is_frame (inner, flag))
    return exp_pypet_frame_new (inner, error);
  return exp_pypet_items_new (leaf, inner);
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
dataset_item (const ExpPypetLeaf *leaf, ExpNode *inner, const char *name, const ExpInfo *info, gboolean is_dict,
              GError **error)
{
  const char *encoding = exp_pypet_encoding (leaf->scope->trajectory);
  g_autofree char *collection = exp_pypet_text (inner, "SRVC_DATA_COLL_TYPE");
  g_autofree char *scalar = exp_pypet_text (inner, "SRVC_DATA_SCALAR_TYPE");

  if (strstr (name, "__spsp__") != NULL && is_text (info))
    return exp_pypet_sparse_new (inner);
  if (leaf->is_pickled && is_text (info))
    return exp_pypet_pickled_new (inner, leaf->name);
  if (g_strcmp0 (collection, "COLL_EMPTY_DICT") == 0)
    return exp_memory_group_new (NULL);
  if (is_dict && info->dtype->type == EXP_TYPE_COMPOUND && info->rank == 1)
    {
      g_autoptr (ExpPypetColumns) columns = exp_pypet_columns_new (inner, encoding, error);
      return columns != NULL ? exp_pypet_dict_new (columns) : NULL;
    }
  if (is_parameter_table (leaf, info))
    return exp_pypet_field_new (inner, "data", 0, NULL, encoding, error);
  return exp_pypet_typed_new (inner, scalar, encoding, error);
}

ExpNode *
exp_pypet_item_new (const ExpPypetLeaf *leaf, ExpNode *inner, const char *name, GError **error)
{
  g_auto (ExpInfo) info = { 0 };

  if (!exp_node_describe (inner, &info, error))
    return NULL;
  if (info.kind == EXP_KIND_LINK)
    return exp_pypet_node_new (inner, leaf->scope, name);

  g_autofree char *flag = store_flag (inner);
  g_autofree char *collection = exp_pypet_text (inner, "SRVC_DATA_COLL_TYPE");
  gboolean is_dict = g_strcmp0 (flag, "DICT") == 0 || g_strcmp0 (collection, "COLL_DICT") == 0;

  if (info.kind == EXP_KIND_GROUP)
    return group_item (leaf, inner, name, flag, is_dict, error);
  if (info.kind == EXP_KIND_DATASET)
    return dataset_item (leaf, inner, name, &info, is_dict, error);
  return exp_node_ref (inner);
}
