/* Looks at objects before HDF5 does.
 * Knows headers and the nodes of trees (HDF5 File Format Specification 3.0, sections III.A.1 and IV.A.2).
 * Called by objects.c and file.c. */
#include "object_check.h"
#include "datatype_message.h"
#include "header.h"
#include <string.h>

#define NODE_HEADER 8 /* signature, kind, level, number of children; two addresses of siblings follow */

typedef struct
{
  ExpHdf5File *file;
  guint kind; /* 0: names, 1: chunks */
  gsize key_size;
  guint64 nodes_left; /* a file of that size holds no more, unless one is reached twice */
  guint64 file_size;
} Tree;

static gboolean
damaged (GError **error, const char *what)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "%s", what);
  return FALSE;
}

/* Reads a node's header; a node has one kind, and one level less than its parent. */
static gboolean
read_node (Tree *tree, guint64 address, gint level, guint8 bytes[NODE_HEADER], GError **error)
{
  guint64 at;

  if (tree->nodes_left-- == 0)
    return damaged (error, "a tree leads back to itself");
  if (!g_uint64_checked_add (&at, address, tree->file->base) || at > tree->file_size - NODE_HEADER)
    return damaged (error, "a tree goes on past the end of the file");
  if (!exp_source_pread (tree->file->source, at, NODE_HEADER, bytes, error))
    return FALSE;
  if (memcmp (bytes, "TREE", 4) != 0 || bytes[4] != tree->kind || (level >= 0 && bytes[5] != level))
    return damaged (error, "a tree holds what is no node of it");
  return TRUE;
}

static gboolean
check_node (Tree *tree, guint64 address, gint level, GError **error)
{
  const guint n = tree->file->sizeof_address;
  guint8 bytes[NODE_HEADER];

  if (!read_node (tree, address, level, bytes, error))
    return FALSE;
  level = bytes[5];
  if (level == 0)
    return TRUE;

  guint n_children = bytes[6] | bytes[7] << 8;
  gsize size = n_children * (tree->key_size + n);
  g_autofree guint8 *children = g_malloc (MAX (size, 1));
  if (!exp_source_pread (tree->file->source, address + tree->file->base + NODE_HEADER + 2 * n, size, children, error))
    return FALSE;
  for (guint i = 0; i < n_children; i++)
    {
      guint64 child = exp_hdf5_decode_uint (children + i * (tree->key_size + n) + tree->key_size, n);

      if (!check_node (tree, child, level - 1, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_tree (ExpHdf5File *file, guint64 address, guint kind, gsize key_size, GError **error)
{
  Tree tree = { .file = file, .kind = kind, .key_size = key_size };

  if (address == exp_hdf5_undefined (file->sizeof_address))
    return TRUE;
  if (!exp_source_size (file->source, &tree.file_size, error))
    return FALSE;
  tree.nodes_left = tree.file_size / (NODE_HEADER + 2 * file->sizeof_address);
  return tree.file_size >= NODE_HEADER ? check_node (&tree, address, -1, error) : TRUE;
}

/* A layout message, of which only the chunked ones with a tree of version 1 matter. */
static gboolean
check_layout (ExpHdf5File *file, const ExpHdf5Message *message, GError **error)
{
  const guint n = file->sizeof_address;
  const guint8 *bytes = message->bytes;
  gboolean is_old = message->size > 0 && bytes[0] < 3;
  gsize at = is_old ? 8 : 3;

  if (message->size < at + n || bytes[0] < 1 || bytes[0] > 3 || bytes[is_old ? 2 : 1] != 2)
    return TRUE;

  guint n_dims = bytes[is_old ? 1 : 2]; /* the element's size is the last */
  return check_tree (file, exp_hdf5_decode_uint (bytes + at, n), 1, 8 + 8 * (gsize)n_dims, error);
}

gboolean
exp_hdf5_object_check (ExpHdf5File *file, guint64 address, GError **error)
{
  g_autoptr (ExpHdf5Header) header = exp_hdf5_header_read (file, address, error);

  if (header == NULL)
    return FALSE;
  for (guint i = 0; i < header->messages->len; i++)
    {
      const ExpHdf5Message *message = &g_array_index (header->messages, ExpHdf5Message, i);
      gboolean is_sound = TRUE;

      if (message->is_shared)
        continue;
      if (message->type == EXP_MESSAGE_DATATYPE
          && !exp_datatype_message_is_valid (message->bytes, message->size, file->sizeof_address))
        is_sound = damaged (error, "a datatype is damaged");
      else if (message->type == EXP_MESSAGE_LAYOUT)
        is_sound = check_layout (file, message, error);
      else if (message->type == EXP_MESSAGE_SYMBOL_TABLE && message->size >= file->sizeof_address)
        is_sound = check_tree (file, exp_hdf5_decode_uint (message->bytes, file->sizeof_address), 0, file->sizeof_size,
                               error);
      if (!is_sound)
        return FALSE;
    }
  return TRUE;
}
