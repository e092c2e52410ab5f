/* Messages as files: the bytes of one, msgs[17].raw, or of all behind each other, msgs.raw.
 * Knows neither lines nor headers.
 * Made by root.c. */
#include "write.h"
#include <string.h>

typedef struct
{
  ExpNode base;
  ExpLarpixStore *store;
  gboolean is_all;
  gint64 index;  /* of one; from the end if negative */
  guint64 n_new; /* bytes of a message that is about to be written behind all others; under the store's changes */
} Bytes;

static void
bytes_free (ExpNode *node)
{
  exp_larpix_store_unref (((Bytes *)node)->store);
  g_free (node);
}

static guint64
length_of (const ExpArray *rows, gsize i)
{
  ExpVlen message;

  memcpy (&message, rows->data + i * sizeof message, sizeof message);
  return message.length;
}

/* Those from start on of a message, `count` of them by steps. */
static void
copy_part (const ExpArray *rows, gsize i, guint64 start, guint64 step, guint64 count, guint8 *to)
{
  ExpVlen message;

  memcpy (&message, rows->data + i * sizeof message, sizeof message);
  const guint8 *from = message.data;
  if (step == 1 && count > 0)
    memcpy (to, from + start, count);
  else
    for (guint64 k = 0; k < count; k++)
      to[k] = from[start + k * step];
}

/* --- one ---------------------------------------------------------------------------------------------------- */

static ExpArray *
read_one (Bytes *self, gboolean *is_growing, GError **error)
{
  guint64 n, row;

  if (!exp_larpix_n_rows (self->store, self->store->msgs, &n, is_growing, error))
    return NULL;
  row = self->index < 0 ? n + (guint64)self->index : (guint64)self->index;
  if (row < n)
    return exp_larpix_read_run (self->store, self->store->msgs, row, 1, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
               "index %" G_GINT64_FORMAT " is out of range for %" G_GUINT64_FORMAT " messages", self->index, n);
  return NULL;
}

/* --- all ---------------------------------------------------------------------------------------------------- */

/* How many bytes the messages have together, from what is known of them without reading them where that is so. */
static gboolean
measure_run (ExpLarpixStore *store, guint64 start, guint64 count, guint64 *n_bytes, GError **error)
{
  const ExpSlab slab = { .rank = 1, .start = { start }, .count = { count }, .step = { 1 } };

  if (store->has_hex && store->mask == NULL && exp_node_measure (store->msgs, &slab, n_bytes))
    return TRUE;
  g_autoptr (ExpArray) rows = exp_larpix_read_run (store, store->msgs, start, count, error);
  if (rows == NULL)
    return FALSE;
  *n_bytes = 0;
  for (gsize i = 0; i < count; i++)
    *n_bytes += length_of (rows, i);
  return TRUE;
}

/* With the lock: the bytes of the first `n` rows, through the ends of whole blocks, which are kept. */
static gboolean
measure (ExpLarpixStore *store, guint64 n, guint64 *n_bytes, GError **error)
{
  GArray *ends = store->ends;

  for (guint64 block = ends->len;; block++)
    {
      const guint64 start = block * EXP_LARPIX_BLOCK, count = MIN (n - start, EXP_LARPIX_BLOCK);
      guint64 more;

      *n_bytes = block > 0 ? g_array_index (ends, guint64, block - 1) : 0;
      if (count == 0)
        return TRUE;
      if (!measure_run (store, start, count, &more, error))
        return FALSE;
      *n_bytes += more;
      if (count < EXP_LARPIX_BLOCK)
        return TRUE;
      g_array_append_val (ends, *n_bytes);
    }
}

static gboolean
count_all (ExpLarpixStore *store, guint64 *n_bytes, gboolean *is_growing, GError **error)
{
  guint64 n;

  if (!exp_larpix_n_rows (store, store->msgs, &n, is_growing, error))
    return FALSE;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  if (n < (guint64)store->ends->len * EXP_LARPIX_BLOCK)
    g_array_set_size (store->ends, n / EXP_LARPIX_BLOCK);
  return measure (store, n, n_bytes, error);
}

/* The block that has this byte, and where that block begins. */
static guint64
find_block (ExpLarpixStore *store, guint64 at, guint64 *begin)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  guint low = 0, high = store->ends->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (store->ends, guint64, middle) <= at)
        low = middle + 1;
      else
        high = middle;
    }
  *begin = low > 0 ? g_array_index (store->ends, guint64, low - 1) : 0;
  return low;
}

static gboolean
read_all (ExpLarpixStore *store, const ExpSlab *slab, guint8 *to, GError **error)
{
  guint64 at = slab->start[0], step = slab->step[0], left = slab->count[0], begin, n;
  gboolean is_growing;

  if (!exp_larpix_n_rows (store, store->msgs, &n, &is_growing, error))
    return FALSE;
  for (guint64 block = find_block (store, at, &begin); left > 0; block++)
    {
      const guint64 start = block * EXP_LARPIX_BLOCK;
      const guint64 count = start < n ? MIN (n - start, EXP_LARPIX_BLOCK) : 0;
      g_autoptr (ExpArray) rows = count > 0 ? exp_larpix_read_run (store, store->msgs, start, count, error) : NULL;

      if (rows == NULL)
        {
          if (count == 0)
            g_set_error (error, EXP_ERROR, EXP_ERROR_FAILED, "the messages changed while they were read");
          return FALSE;
        }
      for (gsize i = 0; i < count && left > 0; i++)
        {
          const guint64 length = length_of (rows, i);

          if (at < begin + length)
            {
              const guint64 take = MIN (left, (begin + length - at - 1) / step + 1);

              copy_part (rows, i, at - begin, step, take, to);
              to += take;
              at += take * step;
              left -= take;
            }
          begin += length;
        }
    }
  return TRUE;
}

/* --- the node ----------------------------------------------------------------------------------------------- */

static gboolean
bytes_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  Bytes *self = (Bytes *)node;

  info->kind = EXP_KIND_DATASET;
  info->rank = 1;
  if (self->is_all)
    {
      if (!count_all (self->store, &info->shape[0], &info->is_live, error))
        return FALSE;
      info->is_growing = info->is_live || (self->store->is_followed && self->store->mask == NULL);
      info->shape[0] += self->n_new;
      info->keeps_rows = info->takes_records = TRUE;
    }
  else
    {
      g_autoptr (ExpArray) row = read_one (self, &info->is_live, error);

      if (row == NULL)
        return FALSE;
      info->shape[0] = length_of (row, 0);
      info->is_live = info->is_live && self->index < 0;
      info->is_growing = info->is_live || (self->store->is_followed && self->store->mask == NULL && self->index < 0);
    }
  info->dtype = exp_dtype_new_file_byte ();
  return TRUE;
}

static gboolean
bytes_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  Bytes *self = (Bytes *)node;
  gboolean is_growing;

  if (self->is_all)
    return read_all (self->store, slab, array->data, error);

  g_autoptr (ExpArray) row = read_one (self, &is_growing, error);
  const guint64 length = row != NULL ? length_of (row, 0) : 0;
  if (row == NULL || !exp_slab_check (slab, 1, &length, error))
    return FALSE;
  copy_part (row, 0, slab->start[0], slab->step[0], slab->count[0], array->data);
  return TRUE;
}

/* --- writing ------------------------------------------------------------------------------------------------ */

/* Bytes that are added are one message, once they are written. */
static gboolean
bytes_resize (ExpNode *node, guint rank, const guint64 *shape, GError **error)
{
  Bytes *self = (Bytes *)node;
  gboolean is_growing;
  guint64 n_bytes;

  if (!self->is_all)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "a message keeps its length");
      return FALSE;
    }
  if (!count_all (self->store, &n_bytes, &is_growing, error))
    return FALSE;
  self->n_new = 0;
  if (shape[0] == 0)
    return exp_larpix_resize (self->store, 0, error);
  if (shape[0] >= n_bytes)
    {
      self->n_new = shape[0] - n_bytes;
      return TRUE;
    }
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "messages cannot be cut, but for all of them");
  return FALSE;
}

/* The bytes of `slab` into one message, of which the first is the file's byte `begin`. */
static gboolean
rewrite (ExpLarpixStore *store, guint64 row, guint64 begin, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  const ExpSlab one = { .rank = 1, .start = { row }, .count = { 1 }, .step = { 1 } };
  g_autoptr (ExpArray) rows = exp_larpix_read_rows (store, store->msgs, &one, error);
  ExpVlen message;

  if (rows == NULL)
    return FALSE;
  memcpy (&message, rows->data, sizeof message);
  for (guint64 i = 0; i < slab->count[0]; i++)
    {
      const guint64 at = slab->start[0] + i * slab->step[0];

      if (at >= begin && at - begin < message.length)
        ((guint8 *)message.data)[at - begin] = array->data[i];
    }
  return exp_larpix_write_messages (store, &one, rows, error);
}

/* Of all messages that `slab` touches. */
static gboolean
rewrite_all (ExpLarpixStore *store, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  const guint64 last = slab->start[0] + (slab->count[0] - 1) * slab->step[0];
  guint64 begin, n;
  gboolean is_growing;

  if (!exp_larpix_n_rows (store, store->msgs, &n, &is_growing, error))
    return FALSE;
  for (guint64 row = find_block (store, slab->start[0], &begin) * EXP_LARPIX_BLOCK; row < n && begin <= last; row++)
    {
      g_autoptr (ExpArray) rows = exp_larpix_read_run (store, store->msgs, row, 1, error);

      if (rows == NULL)
        return FALSE;
      const guint64 length = length_of (rows, 0);
      if (begin + length > slab->start[0] && !rewrite (store, row, begin, slab, array, error))
        return FALSE;
      begin += length;
    }
  return TRUE;
}

static gboolean
append (Bytes *self, guint64 n_bytes, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  const guint64 length = self->n_new;
  g_autofree guint8 *message = g_try_malloc0 (MAX (length, 1));

  if (message == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for a message");
      return FALSE;
    }
  for (guint64 i = 0; i < slab->count[0]; i++)
    {
      const guint64 at = slab->start[0] + i * slab->step[0];

      if (at >= n_bytes && at - n_bytes < length)
        message[at - n_bytes] = array->data[i];
    }
  self->n_new = 0;
  return exp_larpix_append_message (self->store, message, length, error);
}

static gboolean
bytes_write (ExpNode *node, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  Bytes *self = (Bytes *)node;
  gboolean is_growing;
  guint64 n_bytes;

  if (slab->count[0] == 0)
    return TRUE;
  if (!self->is_all)
    {
      guint64 n;

      if (!exp_larpix_n_rows (self->store, self->store->msgs, &n, &is_growing, error))
        return FALSE;
      return rewrite (self->store, self->index < 0 ? n + (guint64)self->index : (guint64)self->index, 0, slab, array,
                      error);
    }
  if (!count_all (self->store, &n_bytes, &is_growing, error))
    return FALSE;
  const guint64 last = slab->start[0] + (slab->count[0] - 1) * slab->step[0];
  if (self->n_new > 0 && last >= n_bytes && !append (self, n_bytes, slab, array, error))
    return FALSE;
  return slab->start[0] >= n_bytes || rewrite_all (self->store, slab, array, error);
}

static const ExpNodeClass bytes_class = {
  .free = bytes_free,
  .describe = bytes_describe,
  .read = bytes_read,
  .resize = bytes_resize,
  .write = bytes_write,
};

static ExpNode *
bytes_new (ExpLarpixStore *store, gboolean is_all, gint64 index)
{
  Bytes *self = g_new0 (Bytes, 1);

  exp_node_init (&self->base, &bytes_class);
  self->store = exp_larpix_store_ref (store);
  self->is_all = is_all;
  self->index = index;
  return &self->base;
}

ExpNode *
exp_larpix_message_new (ExpLarpixStore *store, gint64 index)
{
  return bytes_new (store, FALSE, index);
}

ExpNode *
exp_larpix_bytes_new (ExpLarpixStore *store)
{
  return bytes_new (store, TRUE, 0);
}
