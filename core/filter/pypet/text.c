/* Texts as Python has them, of any length: in a store that is written, whose next text may be longer than all before.
 * Knows no names and no tree.
 * Made by item.c and range.c. */
#include "filter/delegate.h"
#include "pypet.h"
#include "type.h"

typedef struct
{
  ExpDelegate base;
  ExpDtype *stored;
} Text;

static gboolean
text_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  if (!exp_delegate_describe (node, info, error))
    return FALSE;
  g_clear_pointer (&info->dtype, exp_dtype_unref);
  info->dtype = exp_dtype_new_vstring (TRUE);
  return TRUE;
}

static gboolean
text_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  Text *self = (Text *)node;

  return exp_cast_read (self->base.target, self->stored, slab, array, "utf8", error);
}

static void
text_free (ExpNode *node)
{
  exp_delegate_clear ((ExpDelegate *)node);
  exp_dtype_unref (((Text *)node)->stored);
  g_free (node);
}

static const ExpNodeClass text_class = {
  .free = text_free,
  .describe = text_describe,
  .layout = exp_delegate_layout,
  .read = text_read,
  .list_attributes = exp_delegate_list_attributes,
  .read_attribute = exp_delegate_read_attribute,
  .write = exp_delegate_write,
  .resize = exp_delegate_resize,
};

ExpNode *
exp_pypet_text_new (ExpNode *node, ExpPypetTrajectory *trajectory)
{
  g_auto (ExpInfo) info = { 0 };

  if (node == NULL || !trajectory->store->is_writable || !exp_node_describe (node, &info, NULL)
      || info.kind != EXP_KIND_DATASET || info.dtype == NULL || info.dtype->type != EXP_TYPE_STRING
      || !info.dtype->is_utf8)
    return node;

  Text *self = g_new0 (Text, 1);
  exp_node_init (&self->base.base, &text_class);
  self->base.target = node;
  self->stored = g_steal_pointer (&info.dtype);
  return &self->base.base;
}
