/* Moves trees of objects block by block.
 * Knows in which order blocks are visited, and what no tree of blocks can be; what is in them others know.
 * Called by write_copy.c. */
#include "changes.h"
#include "copy_blocks_private.h"
#include "object_check.h"
#include "source_driver.h"

/* Of a block that is not data: none that the library makes comes near. */
#define MAX_BLOCK (64 << 20)

/* Groups within each other, as object_tree.c has it. */
#define MAX_DEPTH 1000

gboolean
exp_block_copy_refuse (GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the store changed while it was copied");
  return FALSE;
}

/* --- blocks ------------------------------------------------------------------------------------------------- */

gboolean
exp_block_copy_read (ExpBlockCopy *copy, guint64 from, gsize size, guint8 *bytes, GError **error)
{
  if (from > copy->file_size || size > copy->file_size - from)
    return exp_block_copy_refuse (error);
  return exp_source_pread (copy->file->source, copy->file->base + from, size, bytes, error);
}

gboolean
exp_block_copy_add (ExpObjectCopy *object, ExpBlockKind kind, guint level, guint64 from, guint64 size, guint64 *to,
                    GError **error)
{
  ExpBlockCopy *copy = object->copy;
  const ExpMovedBlock block
      = { .from = from, .to = copy->start + copy->position, .size = size, .kind = kind, .level = level };

  if (size == 0 || (kind != EXP_BLOCK_DATA && size > MAX_BLOCK) || from > copy->file_size
      || size > copy->file_size - from || size > copy->file_size - copy->taken)
    return exp_block_copy_refuse (error);
  copy->taken += size;
  copy->position += (size + 7) / 8 * 8;
  if (copy->position > copy->limit)
    return exp_block_copy_refuse (error);
  g_array_append_val (object->blocks, block);
  if (copy->extents != NULL)
    g_array_append_val (copy->extents, block);
  *to = block.to;
  return TRUE;
}

/* All nodes of a level are added one after the other, by their parents, before the first of them is looked at. */
void
exp_block_copy_set_siblings (const ExpObjectCopy *object, guint i, guint8 *bytes)
{
  const ExpMovedBlock *blocks = &g_array_index (object->blocks, ExpMovedBlock, 0), *block = &blocks[i];
  gboolean has_left = i > 0 && blocks[i - 1].kind == block->kind && blocks[i - 1].level == block->level;
  gboolean has_right
      = i + 1 < object->blocks->len && blocks[i + 1].kind == block->kind && blocks[i + 1].level == block->level;

  exp_block_set_u64 (bytes + 8, has_left ? blocks[i - 1].to : G_MAXUINT64);
  exp_block_set_u64 (bytes + 16, has_right ? blocks[i + 1].to : G_MAXUINT64);
}

static gboolean
rewrite (ExpObjectCopy *object, guint i, guint8 *bytes, GError **error)
{
  switch (g_array_index (object->blocks, ExpMovedBlock, i).kind)
    {
    case EXP_BLOCK_HEADER:
    case EXP_BLOCK_CONTINUATION:
      return exp_block_copy_header (object, i, bytes, error);
    case EXP_BLOCK_NAMES:
      return exp_block_copy_names (object, i, bytes, error);
    case EXP_BLOCK_SYMBOLS:
      return exp_block_copy_symbols (object, i, bytes, error);
    case EXP_BLOCK_HEAP:
      return exp_block_copy_heap (object, i, bytes, error);
    case EXP_BLOCK_HEAP_DATA:
      return exp_block_copy_heap_data (object, i, bytes, error);
    case EXP_BLOCK_CHUNKS:
      return exp_block_copy_chunks (object, i, bytes, error);
    case EXP_BLOCK_DATA:
      break;
    }
  return TRUE;
}

static gboolean
visit_block (ExpObjectCopy *object, guint i, GByteArray *buffer, GError **error)
{
  const ExpMovedBlock block = g_array_index (object->blocks, ExpMovedBlock, i);
  ExpBlockCopy *copy = object->copy;

  if (block.kind == EXP_BLOCK_DATA)
    return copy->writer == NULL
           || exp_block_writer_copy (copy->writer, copy->file->source, copy->file->base + block.from, block.size,
                                     error);
  g_byte_array_set_size (buffer, block.size);
  return exp_block_copy_read (copy, block.from, block.size, buffer->data, error)
         && rewrite (object, i, buffer->data, error)
         && (copy->writer == NULL || exp_block_writer_put (copy->writer, buffer->data, block.size, error));
}

/* --- objects ------------------------------------------------------------------------------------------------ */

static guint
place_of (const ExpBlockCopy *copy, guint64 from)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (copy->places, GSIZE_TO_POINTER (from)));
}

static void
add_object (ExpBlockCopy *copy, guint64 from, guint depth)
{
  const ExpMovedObject moved = { .from = from, .depth = depth };

  g_array_append_val (copy->objects, moved);
  g_hash_table_insert (copy->places, GSIZE_TO_POINTER (from), GUINT_TO_POINTER (copy->objects->len));
}

ExpMovedObject *
exp_block_copy_reach (ExpObjectCopy *object, guint64 from, GError **error)
{
  ExpBlockCopy *copy = object->copy;
  guint depth = exp_block_copy_self (object)->depth + 1, place = place_of (copy, from);

  if (place == 0 && (copy->writer != NULL || depth > MAX_DEPTH))
    {
      exp_block_copy_refuse (error);
      return NULL;
    }
  if (place == 0)
    {
      add_object (copy, from, depth);
      place = copy->objects->len;
    }
  ExpMovedObject *moved = &g_array_index (copy->objects, ExpMovedObject, place - 1);
  if (copy->writer == NULL && moved->n_links++ == G_MAXUINT32 - 1)
    {
      exp_block_copy_refuse (error);
      return NULL;
    }
  return moved;
}

/* The first time: what the library is to be let near later is looked at as it always is. */
static gboolean
start_object (ExpObjectCopy *object, GError **error)
{
  ExpBlockCopy *copy = object->copy;
  ExpMovedObject *self = exp_block_copy_self (object);
  guint8 prefix[16];
  guint64 to;

  if (copy->writer == NULL)
    self->to = copy->position;
  if (self->to != copy->position)
    return exp_block_copy_refuse (error);
  return (copy->writer != NULL || exp_hdf5_object_check (copy->file, self->from, error))
         && exp_block_copy_read (copy, self->from, sizeof prefix, prefix, error)
         && exp_block_copy_add (object, EXP_BLOCK_HEADER, 0, self->from,
                                sizeof prefix + exp_hdf5_decode_uint (prefix + 8, 4), &to, error);
}

static gboolean
is_whole (const ExpObjectCopy *object)
{
  return object->is_group != object->is_dataset && object->n_messages == object->said_messages
         && (object->is_group || (object->has_space && object->has_type));
}

static gboolean
visit_objects (ExpBlockCopy *copy, GError **error)
{
  g_autoptr (GArray) blocks = g_array_new (FALSE, FALSE, sizeof (ExpMovedBlock));
  g_autoptr (GByteArray) buffer = g_byte_array_new ();

  copy->taken = copy->position = 0;
  for (guint i = 0; i < copy->objects->len; i++)
    {
      ExpObjectCopy object = { .copy = copy, .index = i, .blocks = blocks };

      g_array_set_size (blocks, 0);
      if (!start_object (&object, error))
        return FALSE;
      for (guint k = 0; k < blocks->len; k++)
        if (!visit_block (&object, k, buffer, error))
          return FALSE;
      if (!is_whole (&object))
        return exp_block_copy_refuse (error);
    }
  return TRUE;
}

/* --- trees -------------------------------------------------------------------------------------------------- */

static gint
compare_extents (gconstpointer a, gconstpointer b)
{
  const ExpMovedBlock *left = a, *right = b;

  return left->from < right->from ? -1 : left->from > right->from;
}

/* What two blocks shared would be two things once they are apart. */
static gboolean
is_apart (GArray *extents)
{
  g_array_sort (extents, compare_extents);
  for (guint i = 1; i < extents->len; i++)
    {
      const ExpMovedBlock *before = &g_array_index (extents, ExpMovedBlock, i - 1);

      if (before->from + before->size > g_array_index (extents, ExpMovedBlock, i).from)
        return FALSE;
    }
  return TRUE;
}

typedef struct
{
  unsigned internal_k, leaf_k, chunk_k;
  gboolean is_paged;
} Shape;

static gboolean
get_shape (ExpHdf5File *file, Shape *shape)
{
  g_auto (ExpHid) properties = H5Fget_create_plist (file->id);
  H5F_fspace_strategy_t strategy = H5F_FSPACE_STRATEGY_PAGE;
  hbool_t is_kept;
  hsize_t threshold;

  if (properties < 0 || H5Pget_sym_k (properties, &shape->internal_k, &shape->leaf_k) < 0
      || H5Pget_istore_k (properties, &shape->chunk_k) < 0
      || H5Pget_file_space_strategy (properties, &strategy, &is_kept, &threshold) < 0)
    {
      H5Eclear2 (H5E_DEFAULT);
      return FALSE;
    }
  shape->is_paged = strategy == H5F_FSPACE_STRATEGY_PAGE;
  return TRUE;
}

/* Nodes have the size that the file says, so both have to say the same. */
static gboolean
can_be_tried (ExpBlockCopy *copy, ExpHdf5File *to)
{
  ExpHdf5File *from = copy->file;
  Shape ours, theirs;

  if (from == to || from->changes != NULL || from->is_growing || from->has_shared_table || from->sizeof_address != 8
      || from->sizeof_size != 8 || to->changes == NULL || to->has_journal || to->base != 0 || to->sizeof_address != 8
      || to->sizeof_size != 8 || to->changes->kept_free_space != 0
      || !exp_source_size (from->source, &copy->file_size, NULL) || copy->file_size < from->base)
    return FALSE;
  copy->file_size -= from->base;

  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  if (!get_shape (from, &theirs) || !get_shape (to, &ours) || ours.is_paged || ours.internal_k != theirs.internal_k
      || ours.leaf_k != theirs.leaf_k || ours.chunk_k != theirs.chunk_k)
    return FALSE;
  copy->internal_k = ours.internal_k;
  copy->leaf_k = ours.leaf_k;
  copy->chunk_k = ours.chunk_k;
  return TRUE;
}

static gboolean
extend (ExpHdf5File *to, guint64 size, guint64 *start)
{
  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();

  return exp_source_driver_extend (to->id, size, start);
}

static gboolean
write_blocks (ExpBlockCopy *copy, ExpHdf5File *to, GError **error)
{
  g_autoptr (ExpBlockWriter) writer = exp_block_writer_new (to->source, copy->start);

  copy->limit = copy->position;
  copy->writer = writer;
  if (!visit_objects (copy, error))
    return FALSE;
  return copy->position == copy->limit ? exp_block_writer_flush (writer, error) : exp_block_copy_refuse (error);
}

gboolean
exp_hdf5_copy_blocks (ExpHdf5File *from, guint64 top, ExpHdf5File *to, guint64 *address, GError **error)
{
  g_autoptr (GArray) objects = g_array_new (FALSE, FALSE, sizeof (ExpMovedObject));
  g_autoptr (GArray) extents = g_array_new (FALSE, FALSE, sizeof (ExpMovedBlock));
  g_autoptr (GHashTable) places = g_hash_table_new (NULL, NULL);
  ExpBlockCopy copy = { .file = from, .objects = objects, .places = places, .extents = extents, .limit = G_MAXINT64 };

  *address = 0;
  if (!can_be_tried (&copy, to))
    return TRUE;
  add_object (&copy, top, 0);
  if (!visit_objects (&copy, NULL) || !is_apart (extents) || !extend (to, copy.position, &copy.start))
    return TRUE;
  copy.extents = NULL;
  if (!write_blocks (&copy, to, error))
    return FALSE;
  *address = copy.start;
  return TRUE;
}
