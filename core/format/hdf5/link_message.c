/* Takes link messages apart and checks every length in them.
 * Knows not where they were kept.
 * Called by links.c and dense_links.c. */
#include "link_message.h"
#include "metadata_cache.h"
#include <string.h>

static gboolean
damaged (GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "a link of the group is damaged");
  return FALSE;
}

/* `length` bytes where the cursor is, which moves on. */
static const guint8 *
take (ExpBytesCursor *cursor, guint64 length)
{
  const guint8 *at = cursor->at;

  exp_cursor_skip (cursor, length);
  return at;
}

gboolean
exp_link_message_parse (const guint8 *bytes, gsize size, guint sizeof_address, ExpLinkMessage *message, GError **error)
{
  ExpBytesCursor cursor = { bytes, bytes + size, FALSE };
  guint version = exp_cursor_uint (&cursor, 1), flags = exp_cursor_uint (&cursor, 1);

  if (version != 1 && size > 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_VERSION, "a link message of version %u", version);
      return FALSE;
    }
  message->type = flags & 8 ? exp_cursor_uint (&cursor, 1) : H5L_TYPE_HARD;
  message->address = 0;
  message->value = NULL;
  message->value_size = 0;
  if (flags & 4)
    exp_cursor_skip (&cursor, 8); /* order of creation */
  if (flags & 16)
    exp_cursor_skip (&cursor, 1); /* character set: names are bytes here */
  message->name_length = exp_cursor_uint (&cursor, 1 << (flags & 3));
  message->name = (const char *)take (&cursor, message->name_length);
  if (message->type == H5L_TYPE_HARD)
    message->address = exp_cursor_uint (&cursor, sizeof_address);
  else if (message->type == H5L_TYPE_SOFT || message->type >= H5L_TYPE_UD_MIN)
    {
      message->value_size = exp_cursor_uint (&cursor, 2);
      message->value = take (&cursor, message->value_size);
    }
  else
    return damaged (error);
  return (!cursor.is_short && message->name_length > 0) || damaged (error);
}

int
exp_link_message_compare (const ExpLinkMessage *message, const char *name)
{
  int order = strncmp (message->name, name, message->name_length);

  /* A name ends at its first NUL, if it has one. */
  if (order != 0 || memchr (message->name, '\0', message->name_length) != NULL)
    return order;
  return name[message->name_length] == '\0' ? 0 : -1;
}

void
exp_link_message_fill (const ExpLinkMessage *message, ExpHdf5Link *link)
{
  link->name = g_strndup (message->name, message->name_length);
  link->type = message->type;
  link->address = message->address;
}

void
exp_link_message_copy (const ExpLinkMessage *message, ExpHdf5Link *link)
{
  exp_link_message_fill (message, link);
  if (message->value == NULL)
    return;
  link->value = g_malloc (message->value_size + 1);
  memcpy (link->value, message->value, message->value_size);
  link->value[message->value_size] = '\0';
  link->value_size = message->value_size;
}
