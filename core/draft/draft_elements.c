/* Elements of a draft's datasets that are not as they were saved: where they are kept, and how they are reached.
 * Knows nothing of the tree.
 * Called by the other files of this folder. */
#include "draft_private.h"
#include "node/flat.h"
#include <string.h>

#define COPY_BYTES (4 << 20)

/* --- the file ----------------------------------------------------------------------------------------------- */

/* Beside the store, where there is room for what the store will be. With the file's lock. */
static gboolean
open_file (Draft *draft, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (draft->path);
  g_autofree char *name = g_strdup_printf ("%s: what was changed and is not saved yet", draft->path);

  if (draft->file != NULL)
    return TRUE;
  draft->file = exp_source_new_unnamed (folder, name, error);
  draft->file_end = 0;
  return draft->file != NULL;
}

/* Room that reads as zeros. The file is a new reference. */
static ExpSource *
take_room (Draft *draft, guint64 size, guint64 *position, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&draft->file_lock);
  guint64 end;

  if (!open_file (draft, error))
    return NULL;
  if (!g_uint64_checked_add (&end, draft->file_end, size) || end > G_MAXINT64)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "a file cannot be that long");
      return NULL;
    }
  if (!exp_source_truncate (draft->file, end, error))
    return NULL;
  *position = draft->file_end;
  draft->file_end = end;
  return exp_source_ref (draft->file);
}

/* --- making ------------------------------------------------------------------------------------------------- */

static gboolean
n_bytes (const ExpInfo *info, guint64 *size, GError **error)
{
  if (g_uint64_checked_mul (size, exp_info_n_elements (info), info->dtype->size) && *size <= G_MAXINT64)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "a dataset cannot be that large");
  return FALSE;
}

/* Takes over `info`. */
static gboolean
begin (DraftNode *self, ExpInfo *info, GError **error)
{
  guint64 size, position = 0;
  ExpArray *memory = NULL;
  ExpSource *file = NULL;

  if (!n_bytes (info, &size, error))
    return FALSE;
  if (exp_dtype_has_vlen (info->dtype))
    memory = exp_array_new (info->dtype, info->rank, info->shape, error);
  else if (size > 0)
    file = take_room (self->draft, size, &position, error);
  if (memory == NULL && file == NULL && (size > 0 || exp_dtype_has_vlen (info->dtype)))
    return FALSE;
  exp_draft_elements_drop (self);
  exp_info_clear (&self->info);
  self->info = *info;
  memset (info, 0, sizeof *info);
  self->memory = memory;
  self->file = file;
  self->position = position;
  self->capacity = file != NULL ? size : 0;
  self->is_edited = TRUE;
  return TRUE;
}

void
exp_draft_elements_drop (DraftNode *self)
{
  g_clear_pointer (&self->memory, exp_array_unref);
  g_clear_pointer (&self->file, exp_source_unref);
  self->position = self->capacity = 0;
  self->is_edited = FALSE;
}

gboolean
exp_draft_elements_make (DraftNode *self, const ExpNewDataset *dataset, GError **error)
{
  g_auto (ExpInfo) info = { .kind = EXP_KIND_DATASET, .is_null = dataset->is_null, .rank = dataset->rank };

  info.dtype = exp_dtype_ref ((ExpDtype *)dataset->dtype);
  memcpy (info.shape, dataset->shape, sizeof info.shape);
  return begin (self, &info, error);
}

gboolean
exp_draft_elements_own (DraftNode *self, GError **error)
{
  g_auto (ExpInfo) info = { 0 }, old = { 0 };

  if (self->is_edited)
    return TRUE;
  if (self->saved == NULL || !exp_node_describe (self->saved, &old, error))
    return FALSE;
  if (old.kind != EXP_KIND_DATASET || old.dtype == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_IS_A_GROUP, "not a dataset");
      return FALSE;
    }
  exp_info_copy (&old, &info);
  if (!begin (self, &info, error))
    return FALSE;

  const guint64 n = exp_info_n_elements (&old);
  const gsize step = MAX (COPY_BYTES / MAX (old.dtype->size, 1), 1);
  for (guint64 first = 0, count; first < n; first += count)
    {
      count = MIN (step, n - first);
      g_autoptr (ExpArray) part = exp_node_read_flat (self->saved, &old, first, count, error);
      gboolean is_kept = part != NULL;
      if (is_kept && self->memory != NULL)
        memcpy (self->memory->data + first * old.dtype->size, part->data, count * old.dtype->size);
      if (is_kept)
        is_kept = self->memory != NULL ? exp_array_own_cells (self->memory, error)
                                       : exp_source_pwrite (self->file, self->position + first * old.dtype->size,
                                                            count * old.dtype->size, part->data, error);
      if (!is_kept)
        {
          exp_draft_elements_drop (self);
          return FALSE;
        }
    }
  return TRUE;
}

/* --- reading and writing ------------------------------------------------------------------------------------ */

typedef struct
{
  DraftNode *node;
  guint8 *cells; /* the next one */
  gboolean is_write;
  GError **error;
} Transfer;

static gboolean
transfer_run (Transfer *transfer, guint64 element, guint64 count)
{
  DraftNode *self = transfer->node;
  const gsize size = self->info.dtype->size, length = count * size;
  gboolean is_done = TRUE;

  if (self->memory != NULL)
    {
      guint8 *cell = self->memory->data + element * size;

      memcpy (transfer->is_write ? cell : transfer->cells, transfer->is_write ? transfer->cells : cell, length);
    }
  else if (transfer->is_write)
    is_done = exp_source_pwrite (self->file, self->position + element * size, length, transfer->cells, transfer->error);
  else
    is_done = exp_source_pread (self->file, self->position + element * size, length, transfer->cells, transfer->error);
  transfer->cells += length;
  return is_done;
}

/* Rows that are whole from `axis` on lie in one piece. */
static guint
first_whole_axis (const ExpInfo *info, const ExpSlab *slab)
{
  guint axis = slab->rank;

  while (axis > 0 && slab->step[axis - 1] == 1)
    {
      axis--;
      if (slab->count[axis] != info->shape[axis])
        return axis;
    }
  return axis;
}

static gboolean
transfer_axis (Transfer *transfer, const ExpSlab *slab, guint axis, guint whole, guint64 offset)
{
  const ExpInfo *info = &transfer->node->info;

  if (axis == whole)
    {
      guint64 count = 1, first = offset;

      for (guint i = axis; i < slab->rank; i++)
        {
          first = first * info->shape[i] + slab->start[i];
          count *= slab->count[i];
        }
      return transfer_run (transfer, first, count);
    }
  for (guint64 i = 0; i < slab->count[axis]; i++)
    if (!transfer_axis (transfer, slab, axis + 1, whole,
                        offset * info->shape[axis] + slab->start[axis] + i * slab->step[axis]))
      return FALSE;
  return TRUE;
}

static gboolean
transfer_slab (DraftNode *self, const ExpSlab *slab, guint8 *cells, gboolean is_write, GError **error)
{
  Transfer transfer = { self, cells, is_write, error };
  gsize n;

  if (!exp_slab_check (slab, self->info.rank, self->info.shape, error))
    return FALSE;
  if (self->info.is_null || !exp_slab_count (slab, &n) || n == 0)
    return TRUE;
  return transfer_axis (&transfer, slab, 0, first_whole_axis (&self->info, slab), 0);
}

gboolean
exp_draft_elements_read (DraftNode *self, const ExpSlab *slab, ExpArray *array, GError **error)
{
  return transfer_slab (self, slab, array->data, FALSE, error)
         && (self->memory == NULL || exp_array_own_cells (array, error));
}

/* Cells that point anywhere are copied into the heap of the dataset's own array. */
static gboolean
write_to_memory (DraftNode *self, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  const gsize length = array->n_elements * array->dtype->size;
  g_autofree guint8 *cells = g_try_malloc (MAX (length, 1));
  ExpArray part = *self->memory;

  if (cells == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for what is written");
      return FALSE;
    }
  memcpy (cells, array->data, length);
  part.data = cells;
  part.n_elements = array->n_elements;
  gboolean is_owned = exp_array_own_cells (&part, error);
  self->memory->heap = part.heap;
  self->memory->heap_used = part.heap_used;
  self->memory->heap_size = part.heap_size;
  return is_owned && transfer_slab (self, slab, cells, TRUE, error);
}

gboolean
exp_draft_elements_write (DraftNode *self, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  if (!exp_dtype_equal (array->dtype, self->info.dtype))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "the elements' type is another one");
      return FALSE;
    }
  return self->memory != NULL ? write_to_memory (self, slab, array, error)
                              : transfer_slab (self, slab, array->data, TRUE, error);
}

/* --- shapes ------------------------------------------------------------------------------------------------- */

/* Along the first axis: what is there keeps its place, or all of it moves to twice the room. */
static gboolean
resize_rows (DraftNode *self, guint64 size, GError **error)
{
  guint64 old_size, position, capacity = MAX (size, 2 * MIN (self->capacity, G_MAXINT64 / 4));
  g_autofree guint8 *bytes = NULL;

  if (!n_bytes (&self->info, &old_size, error))
    return FALSE;
  if (size < old_size)
    {
      /* What is cut off and comes back is zeros. */
      bytes = g_try_malloc0 (MIN (old_size - size, COPY_BYTES));
      for (guint64 at = size, n; bytes != NULL && at < old_size; at += n)
        {
          n = MIN (old_size - at, COPY_BYTES);
          if (!exp_source_pwrite (self->file, self->position + at, n, bytes, error))
            return FALSE;
        }
      return bytes != NULL;
    }
  if (size <= self->capacity)
    return TRUE;
  bytes = g_try_malloc (MIN (MAX (old_size, 1), COPY_BYTES));
  ExpSource *file = bytes != NULL ? take_room (self->draft, capacity, &position, error) : NULL;
  if (file == NULL)
    return FALSE;
  for (guint64 at = 0, n; at < old_size; at += n)
    {
      n = MIN (old_size - at, COPY_BYTES);
      if (!exp_source_pread (self->file, self->position + at, n, bytes, error)
          || !exp_source_pwrite (file, position + at, n, bytes, error))
        {
          exp_source_unref (file);
          return FALSE;
        }
    }
  exp_source_unref (self->file);
  self->file = file;
  self->position = position;
  self->capacity = capacity;
  return TRUE;
}

static gboolean
resize_memory (DraftNode *self, const ExpInfo *info, GError **error)
{
  g_autoptr (ExpArray) new = exp_array_new (info->dtype, info->rank, info->shape, error);

  if (new == NULL)
    return FALSE;
  if (new->data != NULL && self->memory->data != NULL)
    memcpy (new->data, self->memory->data, MIN (new->n_elements, self->memory->n_elements) * info->dtype->size);
  if (!exp_array_own_cells (new, error))
    return FALSE;
  exp_array_unref (self->memory);
  self->memory = g_steal_pointer (&new);
  return TRUE;
}

gboolean
exp_draft_elements_resize (DraftNode *self, guint rank, const guint64 *shape, GError **error)
{
  g_auto (ExpInfo) info = { 0 };
  guint64 size;

  if (!exp_draft_elements_own (self, error))
    return FALSE;
  if (rank != self->info.rank || rank == 0 || memcmp (shape + 1, self->info.shape + 1, (rank - 1) * sizeof *shape) != 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "only the first axis can change as it is");
      return FALSE;
    }
  exp_info_copy (&self->info, &info);
  memcpy (info.shape, shape, rank * sizeof *shape);
  if (!n_bytes (&info, &size, error)
      || !(self->memory != NULL ? resize_memory (self, &info, error) : resize_rows (self, size, error)))
    return FALSE;
  memcpy (self->info.shape, shape, rank * sizeof *shape);
  return TRUE;
}
