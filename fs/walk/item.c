/* What is common to the two kinds of items.
 * Knows neither nodes nor mounts.
 * Called by the verbs. */
#include "fs/walk/item.h"
#include <string.h>

void
exp_item_info_clear (ExpItemInfo *info)
{
  g_free (info->role);
  g_free (info->class_name);
  g_free (info->dtype);
  g_free (info->shape);
  g_free (info->target);
  g_free (info->layout);
  g_free (info->chunks);
  g_free (info->filters);
  memset (info, 0, sizeof *info);
}

void
exp_item_free (ExpItem *item)
{
  if (item != NULL)
    item->klass->free (item);
}

gboolean
exp_item_describe (ExpItem *item, ExpItemInfo *info, GError **error)
{
  memset (info, 0, sizeof *info);
  if (item->klass->describe (item, info, error))
    return TRUE;
  exp_item_info_clear (info);
  return FALSE;
}

gboolean
exp_item_detail (ExpItem *item, ExpItemInfo *info, GError **error)
{
  return item->klass->detail (item, info, error);
}

guint64
exp_item_storage (ExpItem *item)
{
  return item->klass->storage (item);
}

gboolean
exp_item_list (ExpItem *item, guint64 *position, guint limit, GArray *children, gboolean *is_end, GError **error)
{
  return item->klass->list (item, position, limit, children, is_end, error);
}

static void
clear_child (gpointer data)
{
  ExpItemChild *child = data;

  g_free (child->name);
  exp_item_free (child->item);
}

GArray *
exp_item_children_new (void)
{
  GArray *children = g_array_new (FALSE, FALSE, sizeof (ExpItemChild));

  g_array_set_clear_func (children, clear_child);
  return children;
}

char **
exp_item_list_attributes (ExpItem *item, GError **error)
{
  return item->klass->list_attributes (item, error);
}

char *
exp_item_read_attribute (ExpItem *item, const char *name, gsize limit, GError **error)
{
  return item->klass->read_attribute (item, name, limit, error);
}

gboolean
exp_item_read (ExpItem *item, ExpItemReadFunc func, gpointer data, GError **error)
{
  return item->klass->read (item, func, data, error);
}
