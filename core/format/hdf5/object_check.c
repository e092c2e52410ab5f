/* Looks at objects before HDF5 does.
 * Knows headers and the nodes of trees (HDF5 File Format Specification 3.0, sections III.A.1 and IV.A.2).
 * Called by objects.c and file.c. */
#include "object_check.h"
#include "datatype_message.h"
#include "header.h"
#include "heap.h"
#include "pipeline_message.h"
#include <string.h>

#define VARIABLE_LENGTH 9 /* class of a datatype */
#define NODE_HEADER     8 /* signature, kind, level, number of children; two addresses of siblings follow */

typedef struct
{
  ExpHdf5File *file;
  guint kind;         /* 0: names, 1: chunks */
  guint64 chunk_size; /* decoded; 0 for names */
  guint n_filters;
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

/* A chunk that no filter was applied to has its whole size; HDF5 takes that for granted. */
static gboolean
is_whole_chunk (const Tree *tree, const guint8 *key)
{
  guint64 size = exp_hdf5_decode_uint (key, 4), mask = exp_hdf5_decode_uint (key + 4, 4);
  guint64 all = tree->n_filters >= 32 ? G_MAXUINT32 : (G_GUINT64_CONSTANT (1) << tree->n_filters) - 1;

  return (mask & all) != all || size == tree->chunk_size;
}

static gboolean
check_node (Tree *tree, guint64 address, gint level, GError **error)
{
  const guint n = tree->file->sizeof_address;
  guint8 bytes[NODE_HEADER];

  if (!read_node (tree, address, level, bytes, error))
    return FALSE;
  level = bytes[5];
  if (level == 0 && tree->chunk_size == 0)
    return TRUE;

  guint n_children = bytes[6] | bytes[7] << 8;
  gsize size = n_children * (tree->key_size + n);
  g_autofree guint8 *children = g_malloc (MAX (size, 1));
  if (!exp_source_pread (tree->file->source, address + tree->file->base + NODE_HEADER + 2 * n, size, children, error))
    return FALSE;
  for (guint i = 0; i < n_children; i++)
    {
      const guint8 *key = children + i * (tree->key_size + n);

      if (level == 0 ? !is_whole_chunk (tree, key)
                     : !check_node (tree, exp_hdf5_decode_uint (key + tree->key_size, n), level - 1, error))
        return level > 0 ? FALSE : damaged (error, "a chunk is shorter than the dataset's chunks are");
    }
  return TRUE;
}

static gboolean
check_tree (ExpHdf5File *file, guint64 address, guint kind, gsize key_size, guint64 chunk_size, guint n_filters,
            GError **error)
{
  Tree tree = { .file = file, .kind = kind, .key_size = key_size, .chunk_size = chunk_size, .n_filters = n_filters };

  if (address == exp_hdf5_undefined (file->sizeof_address))
    return TRUE;
  if (!exp_source_size (file->source, &tree.file_size, error))
    return FALSE;
  tree.nodes_left = tree.file_size / (NODE_HEADER + 2 * file->sizeof_address);
  return tree.file_size >= NODE_HEADER ? check_node (&tree, address, -1, error) : TRUE;
}

/* What the parts of a dataset say of each other. */
typedef struct
{
  gboolean has_space, has_datatype, is_named_damaged;
  guint rank, n_filters;
  guint64 element_size;
  guint64 vlen_unit; /* bytes of a unit of what a variable-length type holds; 0 for other types */
} Parts;

static guint64
u32_at (const guint8 *bytes)
{
  return exp_hdf5_decode_uint (bytes, 4);
}

static void
read_datatype (const ExpHdf5Message *message, Parts *parts)
{
  parts->has_datatype = TRUE;
  parts->element_size = u32_at (message->bytes + 4);
  if ((message->bytes[0] & 15) == VARIABLE_LENGTH)
    parts->vlen_unit = message->bytes[1] & 1 || message->size < 16 ? 1 : u32_at (message->bytes + 12);
}

/* The type of a dataset may be a named one, in an object of its own. */
static void
read_named_datatype (ExpHdf5File *file, const ExpHdf5Message *message, Parts *parts)
{
  guint64 address;

  if (!exp_hdf5_message_shared_address (file, message->bytes, message->size, &address))
    return;
  g_autoptr (ExpHdf5Header) header = exp_hdf5_header_read (file, address, NULL);
  for (guint i = 0; header != NULL && i < header->messages->len; i++)
    {
      const ExpHdf5Message *named = &g_array_index (header->messages, ExpHdf5Message, i);

      if (named->type == EXP_MESSAGE_DATATYPE && !named->is_shared && named->size >= 8)
        {
          read_datatype (named, parts);
          parts->is_named_damaged = !exp_datatype_message_is_valid (named->bytes, named->size, file->sizeof_address);
        }
    }
}

static Parts
read_parts (ExpHdf5File *file, const ExpHdf5Header *header)
{
  Parts parts = { 0 };

  for (guint i = 0; i < header->messages->len; i++)
    {
      const ExpHdf5Message *message = &g_array_index (header->messages, ExpHdf5Message, i);

      if (message->type == EXP_MESSAGE_FILTERS) /* a shared one is not looked into */
        parts.n_filters = message->is_shared || message->size < 2 ? 32 : message->bytes[1];
      else if (message->type == EXP_MESSAGE_DATASPACE && !message->is_shared && message->size >= 2)
        {
          parts.has_space = TRUE;
          parts.rank = message->bytes[1];
        }
      else if (message->type == EXP_MESSAGE_DATATYPE && message->is_shared)
        read_named_datatype (file, message, &parts);
      else if (message->type == EXP_MESSAGE_DATATYPE && message->size >= 8)
        read_datatype (message, &parts);
    }
  return parts;
}

/* HDF5 multiplies a chunk's edges in 32 bits. `edges` has the element's size as the last one. */
static gboolean
check_chunk (const guint8 *edges, guint n, const Parts *parts, guint64 *chunk_size, GError **error)
{
  guint64 size = 1, edge = 0;

  for (guint i = 0; i < n; i++)
    {
      edge = exp_hdf5_decode_uint (edges + 4 * i, 4);
      size *= edge;
      if (size == 0 || size > G_MAXUINT32)
        return damaged (error, "the dataset's chunks are of an impossible size");
    }
  if ((parts->has_space && parts->rank + 1 != n) || (parts->has_datatype && parts->element_size != edge))
    return damaged (error, "the dataset's chunks do not fit its shape and type");
  *chunk_size = size;
  return TRUE;
}

/* A layout message, of which only the chunked ones with a tree of version 1 matter. */
static gboolean
check_layout (ExpHdf5File *file, const ExpHdf5Message *message, const Parts *parts, GError **error)
{
  const guint n = file->sizeof_address;
  const guint8 *bytes = message->bytes;
  gboolean is_old = message->size > 0 && bytes[0] < 3;
  gsize at = is_old ? 8 : 3;

  if (message->size < at + n || bytes[0] < 1 || bytes[0] > 3 || bytes[is_old ? 2 : 1] != 2)
    return TRUE;

  guint n_dims = bytes[is_old ? 1 : 2]; /* the element's size is the last */
  if (message->size < at + n + 4 * (gsize)n_dims)
    return damaged (error, "the dataset's layout is damaged");

  guint64 chunk_size;
  return check_chunk (bytes + at + n, n_dims, parts, &chunk_size, error)
         && check_tree (file, exp_hdf5_decode_uint (bytes + at, n), 1, 8 + 8 * (gsize)n_dims, chunk_size,
                        parts->n_filters, error);
}

/* HDF5 looks up the fill value of a variable-length type whenever it is asked how a dataset was made. Where in the
 * message it lies depends on the version, so each place is tried. */
static gboolean
check_fill (ExpHdf5File *file, const ExpHdf5Message *message, const Parts *parts, GError **error)
{
  const gsize n = 4 + file->sizeof_address + 4;

  if (parts->vlen_unit == 0)
    return TRUE;
  for (gsize at = 0; at + n <= message->size; at++)
    {
      const guint8 *cell = message->bytes + at;

      if (!exp_hdf5_heap_is_sound (file, exp_hdf5_decode_uint (cell + 4, file->sizeof_address),
                                   u32_at (cell + 4 + file->sizeof_address), u32_at (cell) * parts->vlen_unit))
        return damaged (error, "the dataset's fill value is damaged");
    }
  return TRUE;
}

static gboolean
check_message (ExpHdf5File *file, const ExpHdf5Message *message, const Parts *parts, GError **error)
{
  switch (message->is_shared ? 0 : message->type)
    {
    case EXP_MESSAGE_DATATYPE:
      return exp_datatype_message_is_valid (message->bytes, message->size, file->sizeof_address)
             || damaged (error, "a datatype is damaged");
    case EXP_MESSAGE_LAYOUT:
      return check_layout (file, message, parts, error);
    case EXP_MESSAGE_OLD_FILL:
    case EXP_MESSAGE_FILL:
      return check_fill (file, message, parts, error);
    case EXP_MESSAGE_FILTERS:
      return exp_pipeline_message_is_valid (message->bytes, message->size)
             || damaged (error, "the dataset's filters are damaged");
    case EXP_MESSAGE_SYMBOL_TABLE:
      return message->size < file->sizeof_address
             || check_tree (file, exp_hdf5_decode_uint (message->bytes, file->sizeof_address), 0, file->sizeof_size, 0,
                            0, error);
    default:
      return TRUE;
    }
}

gboolean
exp_hdf5_object_check (ExpHdf5File *file, guint64 address, GError **error)
{
  g_autoptr (ExpHdf5Header) header = exp_hdf5_header_read (file, address, error);

  if (header == NULL)
    return FALSE;

  const Parts parts = read_parts (file, header);
  if (parts.is_named_damaged)
    return damaged (error, "a datatype is damaged");
  for (guint i = 0; i < header->messages->len; i++)
    if (!check_message (file, &g_array_index (header->messages, ExpHdf5Message, i), &parts, error))
      return FALSE;
  return TRUE;
}
