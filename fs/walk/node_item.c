/* Items that are nodes of a store which this process has opened.
 * Knows no mounts.
 * Called through item.c. */
#include "fs/names.h"
#include "fs/walk/item.h"
#include "fs/walk/windows.h"
#include <string.h>

typedef struct
{
  ExpItem base;
  ExpNode *node;
  guint64 store; /* of a collection: the identity of the one that it lies in; 0: none */
} NodeItem;

static const ExpItemClass node_item_class;

static void
node_free (ExpItem *item)
{
  exp_node_unref (((NodeItem *)item)->node);
  g_free (item);
}

ExpNode *
exp_node_item_get_node (ExpItem *item)
{
  return ((NodeItem *)item)->node;
}

static char *
shape_text (guint rank, const guint64 *shape)
{
  GString *text = g_string_new ("[");

  for (guint k = 0; k < rank; k++)
    g_string_append_printf (text, "%s%" G_GUINT64_FORMAT, k > 0 ? ", " : "", shape[k]);
  g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}

static gboolean
node_describe (ExpItem *item, ExpItemInfo *out, GError **error)
{
  static const char *const kinds[] = { [EXP_KIND_GROUP] = "group",
                                       [EXP_KIND_DATASET] = "dataset",
                                       [EXP_KIND_LINK] = "link",
                                       [EXP_KIND_DATATYPE] = "datatype" };
  g_auto (ExpInfo) info = { 0 };

  if (!exp_node_describe (((NodeItem *)item)->node, &info, error))
    return FALSE;
  out->kind = kinds[info.kind];
  out->is_group = info.kind == EXP_KIND_GROUP;
  /* Cycles are for groups; a dataset with one name need not be remembered. */
  out->identity = info.kind == EXP_KIND_LINK || (info.n_links == 1 && !out->is_group) ? 0 : info.identity;
  if (out->identity != 0 && ((NodeItem *)item)->store != 0) /* unique within its store */
    out->identity = MAX ((out->identity + ((NodeItem *)item)->store) * 0x9e3779b97f4a7c15u, 1);
  out->target = g_strdup (info.target);
  if (info.kind == EXP_KIND_DATASET && info.dtype != NULL)
    {
      out->dtype = exp_dtype_to_numpy (info.dtype, FALSE);
      out->shape = info.is_null ? g_strdup ("null") : shape_text (info.rank, info.shape);
    }
  return TRUE;
}

static gboolean
node_detail (ExpItem *item, ExpItemInfo *out, GError **error)
{
  g_auto (ExpInfo) info = { 0 };
  g_auto (ExpLayout) layout = { 0 };

  if (!exp_node_describe (((NodeItem *)item)->node, &info, error))
    return FALSE;
  out->role = g_strdup (info.role);
  out->class_name = g_strdup (info.class_name);
  if (info.kind != EXP_KIND_DATASET)
    return TRUE;
  if (!exp_node_layout (((NodeItem *)item)->node, &layout, error))
    return FALSE;
  out->layout = g_strdup (layout.layout);
  out->filters = g_strdup (layout.filters);
  out->chunks = layout.chunk_rank > 0 ? shape_text (layout.chunk_rank, layout.chunk) : NULL;
  out->has_storage = layout.layout != NULL;
  out->storage = layout.storage;
  return TRUE;
}

static guint64
node_storage (ExpItem *item)
{
  g_auto (ExpLayout) layout = { 0 };

  return exp_node_layout (((NodeItem *)item)->node, &layout, NULL) ? layout.storage : 0;
}

typedef struct
{
  GArray *children;
  guint left;
  guint64 store; /* of the children */
} Listing;

/* The identity of a store that the item is the root of, or lies in. */
static guint64
store_of (const NodeItem *item)
{
  g_auto (ExpInfo) info = { 0 };
  ExpOutside outside;

  if (exp_node_version (item->node) != 0 && exp_node_look_outside (item->node, &outside, NULL) && outside.is_store
      && exp_node_describe (item->node, &info, NULL))
    return info.identity;
  return item->store;
}

static gboolean
append_child (const char *name, ExpNode *child, gpointer data)
{
  Listing *listing = data;
  ExpItemChild entry = { exp_name_encode (name, strlen (name)), exp_node_item_new (child) };

  ((NodeItem *)entry.item)->store = listing->store;
  g_array_append_val (listing->children, entry);
  return --listing->left > 0;
}

static gboolean
node_list (ExpItem *item, guint64 *position, guint limit, GArray *children, gboolean *is_end, GError **error)
{
  Listing listing = { children, limit, store_of ((NodeItem *)item) };

  if (!exp_node_list (((NodeItem *)item)->node, *position, append_child, &listing, error))
    return FALSE;
  *position += limit - listing.left;
  *is_end = listing.left > 0;
  return TRUE;
}

static char **
node_list_attributes (ExpItem *item, GError **error)
{
  return exp_node_list_attributes (((NodeItem *)item)->node, error);
}

static char *
node_read_attribute (ExpItem *item, const char *name, gsize limit, GError **error)
{
  g_autoptr (ExpArray) value = exp_node_read_attribute (((NodeItem *)item)->node, name, error);
  gsize length;

  if (value == NULL)
    return NULL;
  /* 0 asks whether it can be read, and it was. */
  return limit == 0 ? g_strdup ("") : exp_attribute_text (value, limit, &length, error);
}

typedef struct
{
  ExpItemReadFunc func;
  gpointer data;
  guint64 n_elements;
} Reading;

static gboolean
report_window (guint64 n_read, guint64 n_bytes, gpointer data)
{
  Reading *reading = data;

  reading->func ((double)n_read / reading->n_elements, reading->data);
  return TRUE;
}

static gboolean
node_read (ExpItem *item, ExpItemReadFunc func, gpointer data, GError **error)
{
  ExpNode *node = ((NodeItem *)item)->node;
  g_auto (ExpInfo) info = { 0 };
  Reading reading = { func, data };

  if (!exp_node_describe (node, &info, error))
    return FALSE;
  reading.n_elements = exp_info_n_elements (&info);
  return info.kind != EXP_KIND_DATASET || exp_windows_read (node, &info, report_window, &reading, error);
}

static const ExpItemClass node_item_class = {
  .free = node_free,
  .describe = node_describe,
  .detail = node_detail,
  .storage = node_storage,
  .list = node_list,
  .list_attributes = node_list_attributes,
  .read_attribute = node_read_attribute,
  .read = node_read,
};

ExpItem *
exp_node_item_new (ExpNode *node)
{
  NodeItem *item = g_new0 (NodeItem, 1);

  item->base.klass = &node_item_class;
  item->node = exp_node_ref (node);
  return &item->base;
}
