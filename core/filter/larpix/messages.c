/* Messages as text: one line of hexadecimal digits each; and headers, one row for each message.
 * Knows what a line says; where rows end and how they grow is rows.c's.
 * Made by root.c. */
#include "write.h"
#include <string.h>

typedef struct
{
  ExpNode base;
  ExpLarpixStore *store;
} Part;

static ExpNode *
part_new (const ExpNodeClass *klass, ExpLarpixStore *store)
{
  Part *self = g_new0 (Part, 1);

  exp_node_init (&self->base, klass);
  self->store = exp_larpix_store_ref (store);
  return &self->base;
}

static void
part_free (ExpNode *node)
{
  exp_larpix_store_unref (((Part *)node)->store);
  g_free (node);
}

static gboolean
describe (ExpLarpixStore *store, ExpNode *part, ExpInfo *info, GError **error)
{
  if (!exp_node_describe (part, info, error)
      || !exp_larpix_n_rows (store, part, &info->shape[0], &info->is_live, error))
    return FALSE;
  info->is_growing = info->is_live || (store->is_followed && store->mask == NULL);
  info->keeps_rows = TRUE;
  info->is_choosy = store->is_writable;
  if (store->mask != NULL || store->is_writable) /* where each changes with the other */
    info->identity = 0;
  return TRUE;
}

/* --- messages ----------------------------------------------------------------------------------------------- */

static gboolean
messages_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  ExpLarpixStore *store = ((Part *)node)->store;

  if (!describe (store, store->msgs, info, error))
    return FALSE;
  if (store->has_hex)
    {
      exp_dtype_unref (info->dtype);
      info->dtype = exp_dtype_new_vstring (FALSE);
      info->takes_lines = TRUE;
      info->has_plain_text = TRUE;
    }
  return TRUE;
}

static gboolean
messages_layout (ExpNode *node, ExpLayout *layout, GError **error)
{
  return exp_node_layout (((Part *)node)->store->msgs, layout, error);
}

static inline guint8
digit (guint8 value)
{
  return value + '0' + (value > 9 ? 'a' - '0' - 10 : 0);
}

/* Without a table, so that compilers do several bytes at once. */
static void
write_digits (const guint8 *restrict bytes, gsize n, guint8 *restrict to)
{
  for (gsize i = 0; i < n; i++)
    {
      to[2 * i] = digit (bytes[i] >> 4);
      to[2 * i + 1] = digit (bytes[i] & 15);
    }
}

/* Cells of bytes as cells of digits. */
static gboolean
show_digits (const ExpArray *stored, ExpArray *array, GError **error)
{
  for (gsize i = 0; i < stored->n_elements; i++)
    {
      ExpVlen message, text;
      gsize size;

      memcpy (&message, stored->data + i * sizeof message, sizeof message);
      text.length = 2 * message.length;
      text.data = NULL;
      if (message.length > 0)
        {
          text.data = g_size_checked_mul (&size, message.length, 2) ? exp_array_allocate (array, size) : NULL;
          if (text.data == NULL)
            {
              g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for a message's digits");
              return FALSE;
            }
          write_digits (message.data, message.length, text.data);
        }
      memcpy (array->data + i * sizeof text, &text, sizeof text);
    }
  return TRUE;
}

/* A node's own array out of one that was read below it. */
static gboolean
take_cells (const ExpArray *stored, ExpArray *array, GError **error)
{
  memcpy (array->data, stored->data, stored->n_elements * stored->dtype->size);
  return exp_array_own_cells (array, error);
}

static gboolean
messages_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  ExpLarpixStore *store = ((Part *)node)->store;
  g_autoptr (ExpArray) stored = exp_larpix_read_rows (store, store->msgs, slab, error);

  if (stored == NULL)
    return FALSE;
  return store->has_hex ? show_digits (stored, array, error) : take_cells (stored, array, error);
}

static gboolean
messages_measure (ExpNode *node, const ExpSlab *slab, guint64 *n)
{
  ExpLarpixStore *store = ((Part *)node)->store;

  return store->has_hex && store->mask == NULL && exp_node_measure (store->msgs, slab, n)
         && g_uint64_checked_mul (n, *n, 2);
}

static char **
messages_list_attributes (ExpNode *node, GError **error)
{
  return exp_node_list_attributes (((Part *)node)->store->msgs, error);
}

static ExpArray *
messages_read_attribute (ExpNode *node, const char *name, GError **error)
{
  return exp_node_read_attribute (((Part *)node)->store->msgs, name, error);
}

static gboolean
messages_resize (ExpNode *node, guint rank, const guint64 *shape, GError **error)
{
  ExpLarpixStore *store = ((Part *)node)->store;

  if (rank == 1 && store->has_hex)
    return exp_larpix_resize (store, shape[0], error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "messages are one row of lines");
  return FALSE;
}

static gboolean
messages_write (ExpNode *node, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  return exp_larpix_write_lines (((Part *)node)->store, slab, array, error);
}

static const ExpNodeClass messages_class = {
  .free = part_free,
  .describe = messages_describe,
  .layout = messages_layout,
  .read = messages_read,
  .measure = messages_measure,
  .list_attributes = messages_list_attributes,
  .read_attribute = messages_read_attribute,
  .resize = messages_resize,
  .write = messages_write,
};

ExpNode *
exp_larpix_messages_new (ExpLarpixStore *store)
{
  return part_new (&messages_class, store);
}

/* --- headers ------------------------------------------------------------------------------------------------ */

static gboolean
headers_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  ExpLarpixStore *store = ((Part *)node)->store;

  return describe (store, store->headers, info, error);
}

static gboolean
headers_layout (ExpNode *node, ExpLayout *layout, GError **error)
{
  return exp_node_layout (((Part *)node)->store->headers, layout, error);
}

static gboolean
headers_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  ExpLarpixStore *store = ((Part *)node)->store;
  g_autoptr (ExpArray) stored = exp_larpix_read_rows (store, store->headers, slab, error);

  return stored != NULL && take_cells (stored, array, error);
}

static char **
headers_list_attributes (ExpNode *node, GError **error)
{
  return exp_node_list_attributes (((Part *)node)->store->headers, error);
}

static ExpArray *
headers_read_attribute (ExpNode *node, const char *name, GError **error)
{
  return exp_node_read_attribute (((Part *)node)->store->headers, name, error);
}

static gboolean
headers_resize (ExpNode *node, guint rank, const guint64 *shape, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
               "there are as many headers as messages: they come with what is appended to msgs");
  return FALSE;
}

static gboolean
headers_write (ExpNode *node, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  return exp_larpix_write_headers (((Part *)node)->store, slab, array, error);
}

static const ExpNodeClass headers_class = {
  .free = part_free,
  .describe = headers_describe,
  .layout = headers_layout,
  .read = headers_read,
  .list_attributes = headers_list_attributes,
  .read_attribute = headers_read_attribute,
  .resize = headers_resize,
  .write = headers_write,
};

ExpNode *
exp_larpix_headers_new (ExpLarpixStore *store)
{
  return part_new (&headers_class, store);
}
