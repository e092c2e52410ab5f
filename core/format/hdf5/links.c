/* Tells the kinds of groups apart, and reads those whose links lie in the header.
 * Knows no trees and heaps: dense_links.c and symbol_table.c do.
 * Called by group.c, link.c and reference.c. */
#include "links.h"
#include "changes.h"
#include "dense_links.h"
#include "header.h"
#include "link_message.h"
#include "links_library.h"
#include "symbol_table.h"
#include <string.h>

typedef enum
{
  COMPACT, /* link messages in the header */
  DENSE,   /* a heap of link messages, and a tree over it */
  OLD,     /* a tree of names */
} Kind;

typedef struct
{
  Kind kind;
  guint64 tree, heap; /* DENSE, OLD */
  ExpHdf5Header *header;
} Group;

static void
group_clear (Group *group)
{
  g_clear_pointer (&group->header, exp_hdf5_header_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Group, group_clear)

void
exp_hdf5_link_clear (ExpHdf5Link *link)
{
  g_free (link->name);
  g_free (link->value);
}

GArray *
exp_hdf5_links_new (void)
{
  GArray *links = g_array_new (FALSE, TRUE, sizeof (ExpHdf5Link));

  g_array_set_clear_func (links, (GDestroyNotify)exp_hdf5_link_clear);
  return links;
}

gboolean
exp_hdf5_name_is_path (const char *name)
{
  return *name == '\0' || strchr (name, '/') != NULL || strcmp (name, ".") == 0;
}

static gboolean
damaged (GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the group's header is damaged");
  return FALSE;
}

static gboolean
parse_symbol_table (ExpHdf5File *file, const ExpHdf5Message *message, Group *group, GError **error)
{
  ExpBytesCursor cursor = { message->bytes, message->bytes + message->size, FALSE };

  group->kind = OLD;
  group->tree = exp_cursor_address (&cursor, file->sizeof_address);
  group->heap = exp_cursor_address (&cursor, file->sizeof_address);
  return !cursor.is_short || damaged (error);
}

static gboolean
parse_link_info (ExpHdf5File *file, const ExpHdf5Message *message, Group *group, GError **error)
{
  ExpBytesCursor cursor = { message->bytes, message->bytes + message->size, FALSE };
  guint version = exp_cursor_uint (&cursor, 1), flags = exp_cursor_uint (&cursor, 1);

  if (version != 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_VERSION, "a group of version %u", version);
      return FALSE;
    }
  if (flags & 1)
    exp_cursor_skip (&cursor, 8); /* the order of creation so far */
  group->heap = exp_cursor_address (&cursor, file->sizeof_address);
  group->tree = exp_cursor_address (&cursor, file->sizeof_address);
  group->kind = group->heap == EXP_NO_ADDRESS ? COMPACT : DENSE;
  return !cursor.is_short || damaged (error);
}

static gboolean
read_group (ExpHdf5File *file, guint64 address, Group *group, GError **error)
{
  const ExpHdf5Message *found = NULL;

  group->header = exp_hdf5_header_read (file, address, error);
  if (group->header == NULL)
    return FALSE;
  for (guint i = 0; i < group->header->messages->len; i++)
    {
      const ExpHdf5Message *message = &g_array_index (group->header->messages, ExpHdf5Message, i);

      if (message->type == EXP_MESSAGE_LINK_INFO || (message->type == EXP_MESSAGE_SYMBOL_TABLE && found == NULL))
        found = message;
    }
  if (found == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_A_GROUP, "not a group");
      return FALSE;
    }
  if (found->is_shared)
    return damaged (error);
  return found->type == EXP_MESSAGE_LINK_INFO ? parse_link_info (file, found, group, error)
                                              : parse_symbol_table (file, found, group, error);
}

static gboolean
read_compact (ExpHdf5File *file, const Group *group, guint64 *position, guint limit, GArray *links, gboolean *is_last,
              GError **error)
{
  guint64 n = 0;

  for (guint i = 0; i < group->header->messages->len && links->len < limit; i++)
    {
      const ExpHdf5Message *message = &g_array_index (group->header->messages, ExpHdf5Message, i);
      ExpHdf5Link link = { NULL };
      ExpLinkMessage parsed;

      if (message->type != EXP_MESSAGE_LINK || n++ < *position)
        continue;
      if (!exp_link_message_parse (message->bytes, message->size, file->sizeof_address, &parsed, error))
        return FALSE;
      exp_link_message_fill (&parsed, &link);
      g_array_append_val (links, link);
      ++*position;
    }
  *is_last = links->len < limit;
  return TRUE;
}

static gboolean
find_compact (ExpHdf5File *file, const Group *group, const char *name, ExpHdf5Link *link, GError **error)
{
  for (guint i = 0; i < group->header->messages->len; i++)
    {
      const ExpHdf5Message *message = &g_array_index (group->header->messages, ExpHdf5Message, i);
      ExpLinkMessage parsed;

      if (message->type != EXP_MESSAGE_LINK)
        continue;
      if (!exp_link_message_parse (message->bytes, message->size, file->sizeof_address, &parsed, error))
        return FALSE;
      if (exp_link_message_compare (&parsed, name) == 0)
        {
          exp_link_message_copy (&parsed, link);
          return TRUE;
        }
    }
  return TRUE;
}

static gboolean
read_own (ExpHdf5File *file, guint64 address, guint64 *position, guint limit, GArray *links, gboolean *is_last,
          GError **error)
{
  g_auto (Group) group = { 0 };

  if (!read_group (file, address, &group, error))
    return FALSE;
  switch (group.kind)
    {
    case COMPACT:
      return read_compact (file, &group, position, limit, links, is_last, error);
    case DENSE:
      return exp_dense_links_read (file, group.heap, group.tree, position, limit, links, is_last, error);
    default:
      return exp_symbol_table_read (file, group.tree, group.heap, position, limit, links, is_last, error);
    }
}

/* Leaves `link` as it is when there is none. */
static gboolean
find_own (ExpHdf5File *file, guint64 address, const char *name, ExpHdf5Link *link, GError **error)
{
  g_auto (Group) group = { 0 };

  if (!read_group (file, address, &group, error))
    return FALSE;
  switch (group.kind)
    {
    case COMPACT:
      return find_compact (file, &group, name, link, error);
    case DENSE:
      return exp_dense_links_find (file, group.heap, group.tree, name, link, error);
    default:
      return exp_symbol_table_find (file, group.tree, group.heap, name, link, error);
    }
}

/* Heaps with filters. Versions that are not known here are not known to HDF5 1.10 either. */
static gboolean
needs_library (const GError *error)
{
  return g_error_matches (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED);
}

gboolean
exp_hdf5_links_read (ExpHdf5File *file, guint64 address, guint64 *position, guint limit, GArray *links,
                     gboolean *is_last, GError **error)
{
  g_autoptr (GError) local = NULL;

  limit += links->len;
  *is_last = FALSE;
  if (!file->is_growing && !exp_hdf5_is_ahead (file, address))
    {
      if (read_own (file, address, position, limit, links, is_last, &local))
        return TRUE;
      if (!needs_library (local))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
    }
  return exp_hdf5_library_read_links (file, address, position, limit, links, is_last, error);
}

gboolean
exp_hdf5_links_find (ExpHdf5File *file, guint64 address, const char *name, ExpHdf5Link *link, GError **error)
{
  g_autoptr (GError) local = NULL;
  gboolean is_read
      = !file->is_growing && !exp_hdf5_is_ahead (file, address) && find_own (file, address, name, link, &local);

  if (!is_read && local != NULL && !needs_library (local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (!is_read && !exp_hdf5_library_find_link (file, address, name, link, error))
    return FALSE;
  if (link->name != NULL)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no '%s' in the group", name);
  return FALSE;
}
