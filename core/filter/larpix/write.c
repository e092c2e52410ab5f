/* Writing: lines of digits become messages at the end, with a header each, as larpix-control appends them.
 * Knows what a written line says; knows no files of bytes.
 * Called through the nodes of this folder. */
#include "write.h"
#include "filter/delegate.h"
#include <string.h>

/* The member of a header that says where a message came from. */
#define IO_GROUPS "io_groups"

static void
modified (ExpLarpixStore *store)
{
  g_mutex_lock (&store->lock);
  store->is_modified = TRUE;
  g_mutex_unlock (&store->lock);
}

/* --- rows --------------------------------------------------------------------------------------------------- */

static gboolean
count (ExpNode *part, guint64 *n, GError **error)
{
  g_auto (ExpInfo) info = { 0 };

  if (!exp_node_describe (part, &info, error))
    return FALSE;
  *n = info.shape[0];
  return TRUE;
}

gboolean
exp_larpix_resize (ExpLarpixStore *store, guint64 n, GError **error)
{
  guint64 n_msgs, n_headers;

  if (store->headers == NULL || store->meta == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_MISSING, "the file lacks %s: nothing can be appended",
                   store->headers == NULL ? "msg_headers" : "meta");
      return FALSE;
    }
  if (!count (store->msgs, &n_msgs, error) || !count (store->headers, &n_headers, error))
    return FALSE;
  if (n_msgs != n_headers)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED,
                   "msgs has %" G_GUINT64_FORMAT " rows and msg_headers %" G_GUINT64_FORMAT ": nothing can be appended",
                   n_msgs, n_headers);
      return FALSE;
    }
  if (!exp_node_resize (store->msgs, 1, &n, error))
    return FALSE;
  if (!exp_node_resize (store->headers, 1, &n, error))
    {
      exp_node_resize (store->msgs, 1, &n_msgs, NULL);
      return FALSE;
    }
  modified (store);
  return TRUE;
}

/* What was measured of messages from row `first` on stands no longer. */
static void
forget_ends (ExpLarpixStore *store, guint64 first)
{
  g_mutex_lock (&store->lock);
  if (first / EXP_LARPIX_BLOCK < store->ends->len)
    g_array_set_size (store->ends, first / EXP_LARPIX_BLOCK);
  g_mutex_unlock (&store->lock);
}

gboolean
exp_larpix_write_messages (ExpLarpixStore *store, const ExpSlab *slab, const ExpArray *messages, GError **error)
{
  forget_ends (store, slab->start[0]);
  modified (store);
  return exp_node_write (store->msgs, slab, messages, error);
}

/* --- lines -------------------------------------------------------------------------------------------------- */

/* What one line says. */
typedef struct
{
  const char *digits;
  gsize n_digits;
  gboolean has_group;
  guint8 group;
} Line;

static gboolean
parse_line (const char *text, gsize length, Line *line)
{
  const char *tab = memchr (text, '\t', length);
  guint value = 0;

  *line = (Line){ text, tab != NULL ? (gsize)(tab - text) : length, tab != NULL, 0 };
  if (tab == NULL)
    return line->n_digits % 2 == 0;
  for (const char *at = tab + 1; at < text + length; at++)
    {
      if (!g_ascii_isdigit (*at) || (value = 10 * value + (*at - '0')) > 255)
        return FALSE;
    }
  line->group = value;
  return tab + 1 < text + length && line->n_digits % 2 == 0;
}

static gboolean
read_digits (const Line *line, guint8 *to)
{
  for (gsize i = 0; i < line->n_digits; i += 2)
    {
      const gint high = g_ascii_xdigit_value (line->digits[i]), low = g_ascii_xdigit_value (line->digits[i + 1]);

      if (high < 0 || low < 0)
        return FALSE;
      to[i / 2] = high << 4 | low;
    }
  return TRUE;
}

static gboolean
fail_memory (GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for the messages");
  return FALSE;
}

/* The messages of lines, and how many of these name a group. */
static gboolean
parse_lines (const ExpArray *lines, ExpArray *messages, gint16 *groups, gsize *n_groups, GError **error)
{
  for (gsize i = 0; i < lines->n_elements; i++)
    {
      gsize length;
      const char *text = exp_cell_text (lines->dtype, lines->data + i * lines->dtype->size, &length);
      ExpVlen message;
      Line line;
      gboolean is_message = parse_line (text, length, &line);

      message.length = line.n_digits / 2;
      message.data = message.length > 0 && is_message ? exp_array_allocate (messages, message.length) : NULL;
      if (message.length > 0 && is_message && message.data == NULL)
        return fail_memory (error);
      if (!is_message || !read_digits (&line, message.data))
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
                       "'%.*s' is no message: an even number of hexadecimal digits, and perhaps a tab and an io_group "
                       "from 0 to 255",
                       (int)MIN (length, 40), text);
          return FALSE;
        }
      memcpy (messages->data + i * sizeof message, &message, sizeof message);
      groups[i] = line.has_group ? line.group : -1;
      *n_groups += line.has_group;
    }
  return TRUE;
}

static const ExpMember *
find_groups (const ExpDtype *dtype)
{
  for (guint i = 0; dtype->type == EXP_TYPE_COMPOUND && i < dtype->n_members; i++)
    if (strcmp (dtype->members[i].name, IO_GROUPS) == 0
        && (dtype->members[i].dtype->type == EXP_TYPE_UINT || dtype->members[i].dtype->type == EXP_TYPE_INT))
      return &dtype->members[i];
  return NULL;
}

static void
put_number (const ExpDtype *dtype, guint8 value, guint8 *cell)
{
  memset (cell, 0, dtype->size);
  cell[dtype->big_endian ? dtype->size - 1 : 0] = value;
}

/* Of the rows whose lines name one. */
static gboolean
write_groups (ExpLarpixStore *store, const ExpSlab *slab, const gint16 *groups, GError **error)
{
  g_auto (ExpInfo) info = { 0 };

  if (!exp_node_describe (store->headers, &info, error))
    return FALSE;
  const ExpMember *member = find_groups (info.dtype);
  if (member == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "msg_headers has no field " IO_GROUPS);
      return FALSE;
    }
  g_autoptr (ExpArray) rows = exp_node_read (store->headers, &info, slab, error);
  if (rows == NULL)
    return FALSE;
  for (gsize i = 0; i < rows->n_elements; i++)
    if (groups[i] >= 0)
      put_number (member->dtype, groups[i], rows->data + i * rows->dtype->size + member->offset);
  return exp_node_write (store->headers, slab, rows, error);
}

gboolean
exp_larpix_write_lines (ExpLarpixStore *store, const ExpSlab *slab, const ExpArray *lines, GError **error)
{
  g_auto (ExpInfo) info = { 0 };
  gsize n_groups = 0;

  if (!exp_node_describe (store->msgs, &info, error))
    return FALSE;
  if (!store->has_hex || lines->dtype->type != EXP_TYPE_VSTRING)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "messages are written as lines of hexadecimal digits");
      return FALSE;
    }
  g_autoptr (ExpArray) messages = exp_array_new_for_slab (info.dtype, slab, error);
  g_autofree gint16 *groups = g_try_new (gint16, MAX (lines->n_elements, 1));
  if (messages == NULL)
    return FALSE;
  if (groups == NULL)
    return fail_memory (error);
  return parse_lines (lines, messages, groups, &n_groups, error) && (n_groups == 0 || store->headers != NULL)
         && exp_larpix_write_messages (store, slab, messages, error)
         && (n_groups == 0 || write_groups (store, slab, groups, error));
}

gboolean
exp_larpix_write_headers (ExpLarpixStore *store, const ExpSlab *slab, const ExpArray *rows, GError **error)
{
  modified (store);
  return exp_node_write (store->headers, slab, rows, error);
}

/* --- bytes -------------------------------------------------------------------------------------------------- */

gboolean
exp_larpix_append_message (ExpLarpixStore *store, const guint8 *bytes, guint64 length, GError **error)
{
  g_auto (ExpInfo) info = { 0 };
  ExpSlab slab = { .rank = 1, .count = { 1 }, .step = { 1 } };
  const guint64 one = 1;

  if (!exp_node_describe (store->msgs, &info, error))
    return FALSE;
  g_autoptr (ExpArray) message = exp_array_new (info.dtype, 1, &one, error);
  const ExpVlen cell = { length, (gpointer)bytes };
  if (message == NULL)
    return FALSE;
  memcpy (message->data, &cell, sizeof cell);
  slab.start[0] = info.shape[0];
  if (!exp_larpix_resize (store, info.shape[0] + 1, error))
    return FALSE;
  if (exp_larpix_write_messages (store, &slab, message, error))
    return TRUE;
  exp_larpix_resize (store, info.shape[0], NULL);
  return FALSE;
}

/* --- meta --------------------------------------------------------------------------------------------------- */

gboolean
exp_larpix_note_modified (ExpLarpixStore *store, GError **error)
{
  g_mutex_lock (&store->lock);
  const gboolean is_modified = store->is_modified;
  store->is_modified = FALSE;
  g_mutex_unlock (&store->lock);
  if (!is_modified || store->meta == NULL)
    return TRUE;
  g_autoptr (ExpArray) now = exp_array_new_float (g_get_real_time () / 1e6);
  return exp_node_write_attribute (store->meta, "modified", now, error);
}

/* What other programs take as given. */
static gboolean
check_attribute (const char *name, gboolean is_removed, GError **error)
{
  if (strcmp (name, "version") != 0 && strcmp (name, "io_version") != 0
      && !(is_removed && (strcmp (name, "created") == 0 || strcmp (name, "modified") == 0)))
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_PERMITTED, "'%s' is given to a raw file when it is made, and stays",
               name);
  return FALSE;
}

static gboolean
meta_write_attribute (ExpNode *node, const char *name, const ExpArray *value, GError **error)
{
  return check_attribute (name, FALSE, error) && exp_delegate_write_attribute (node, name, value, error);
}

static gboolean
meta_remove_attribute (ExpNode *node, const char *name, GError **error)
{
  return check_attribute (name, TRUE, error) && exp_delegate_remove_attribute (node, name, error);
}

static void
meta_free (ExpNode *node)
{
  exp_delegate_clear ((ExpDelegate *)node);
  g_free (node);
}

static const ExpNodeClass meta_class = {
  .free = meta_free,
  EXP_DELEGATE_READERS,
  .write_attribute = meta_write_attribute,
  .remove_attribute = meta_remove_attribute,
};

ExpNode *
exp_larpix_meta_new (ExpLarpixStore *store)
{
  ExpDelegate *self = g_new0 (ExpDelegate, 1);

  exp_node_init (&self->base, &meta_class);
  self->target = exp_node_ref (store->meta);
  return &self->base;
}
