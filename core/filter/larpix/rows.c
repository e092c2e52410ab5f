/* Rows: how many there are of messages and headers that somebody else may be appending, and their elements.
 * Knows in which order the writer extends and flushes the two; knows nothing of what messages are.
 * Called by the nodes of this folder. */
#include "larpix.h"
#include <string.h>

/* Between two looks at a file whose parts do not agree, in microseconds. */
#define PAUSE 2000
/* What attempts without end come to, in microseconds: whoever asks for a size must be told something. */
#define LONGEST (G_GINT64_CONSTANT (60) * 1000000)
/* Looks at rows that cannot be read yet. */
#define LOOKS 5
/* Rows that are looked at together: of a file that was being written before it was opened, the last ones. */
#define LAST_ROWS 1024
/* How long empty rows are taken for such that were made and not filled yet, in microseconds. */
#define HOLD  600000
#define PIECE 65536

static gboolean
stored_length (ExpNode *part, guint64 *n, gboolean *is_growing, GError **error)
{
  g_auto (ExpInfo) info = { 0 };

  if (!exp_node_describe (part, &info, error))
    return FALSE;
  *n = info.shape[0];
  *is_growing |= info.is_growing;
  return TRUE;
}

/* Messages are flushed first. Whoever asks for them before the headers never finds too many of these. */
static gboolean
look (ExpLarpixStore *store, guint64 *n_msgs, guint64 *n_headers, gboolean *is_growing, GError **error)
{
  *is_growing = FALSE;
  return stored_length (store->msgs, n_msgs, is_growing, error)
         && stored_length (store->headers, n_headers, is_growing, error);
}

/* Looks until both have as many rows. */
static gboolean
agree (ExpLarpixStore *store, guint64 *n, gboolean *is_growing, GError **error)
{
  const gint64 end = g_get_monotonic_time () + LONGEST;
  guint64 n_msgs = 0, n_headers = 0;

  for (gint i = 0; store->attempts < 0 || i < store->attempts; i++)
    {
      if (i > 0)
        g_usleep (PAUSE);
      if (!look (store, &n_msgs, &n_headers, is_growing, error))
        return FALSE;
      *n = n_msgs;
      if (n_msgs == n_headers)
        return TRUE;
      if (!*is_growing || g_get_monotonic_time () > end)
        break;
    }
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSETTLED,
               "could not find a stable state of the file: msgs has %" G_GUINT64_FORMAT
               " rows and msg_headers %" G_GUINT64_FORMAT,
               n_msgs, n_headers);
  return FALSE;
}

/* --- rows that are being written ---------------------------------------------------------------------------- */

static ExpArray *
read_stored (ExpNode *part, guint64 start, guint64 count, GError **error)
{
  const ExpSlab slab = { .rank = 1, .start = { start }, .count = { count }, .step = { 1 } };
  g_auto (ExpInfo) info = { 0 };

  return exp_node_describe (part, &info, error) ? exp_node_read (part, &info, &slab, error) : NULL;
}

static gboolean
is_zero (const guint8 *bytes, gsize n)
{
  while (n > 0 && bytes[n - 1] == 0)
    n--;
  return n == 0;
}

/* The first row that is bare fill values, which it has before the writer fills it; or their end. */
static guint64
first_bare (const ExpArray *msgs, const ExpArray *headers, guint64 start)
{
  const gsize size = headers->dtype->size;

  for (guint64 i = 0; i < msgs->n_elements; i++)
    {
      ExpVlen message = { .length = 1 };

      if (msgs->dtype->type == EXP_TYPE_VLEN)
        memcpy (&message, msgs->data + i * sizeof message, sizeof message);
      if (message.length == 0 || is_zero (headers->data + i * size, size))
        return start + i;
    }
  return start + msgs->n_elements;
}

/* With the lock: the end of the rows from n_sound up to `n` that can be read in both parts. */
static guint64
sound_end (ExpLarpixStore *store, guint64 n, guint64 *bare)
{
  const guint64 start = store->n_sound;

  for (guint64 count = n - start; count > 0; count /= 2)
    {
      g_autoptr (ExpArray) msgs = read_stored (store->msgs, start, count, NULL);
      g_autoptr (ExpArray) headers = msgs != NULL ? read_stored (store->headers, start, count, NULL) : NULL;

      if (headers == NULL)
        continue;
      *bare = first_bare (msgs, headers, start);
      return start + count;
    }
  return start;
}

/* With the lock: TRUE when the row after n_sound has been bare for so long that it must be meant. */
static gboolean
is_meant (ExpLarpixStore *store)
{
  const gint64 now = g_get_monotonic_time ();

  if (store->bare_since == 0 || store->bare != store->n_sound)
    {
      store->bare = store->n_sound;
      store->bare_since = now;
    }
  return now - store->bare_since >= HOLD;
}

/* The first `n` rows as far as they are whole: the writer's references may be seen before what they refer to. Who looks
 * first waits for what becomes of bare rows, others find it when they look again. */
static guint64
whole_rows (ExpLarpixStore *store, guint64 n)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  const gboolean is_first = store->n_sound == 0 && store->bare_since == 0;
  gint n_looks = 0;

  if (store->n_sound == 0 && n > LAST_ROWS)
    store->n_sound = n - LAST_ROWS;
  while (store->n_sound < n)
    {
      guint64 bare = 0;
      const guint64 end = sound_end (store, MIN (n, store->n_sound + LAST_ROWS), &bare);

      if (end > store->n_sound && (bare > store->n_sound || is_meant (store)))
        {
          store->n_sound = bare > store->n_sound ? bare : end;
          n_looks = 0;
          continue;
        }
      if ((end > store->n_sound && !is_first) || (end == store->n_sound && ++n_looks == LOOKS))
        break;
      g_usleep (PAUSE);
    }
  return MIN (n, store->n_sound);
}

/* --- counts ------------------------------------------------------------------------------------------------- */

gboolean
exp_larpix_n_stored (ExpLarpixStore *store, ExpNode *part, guint64 *n, gboolean *is_growing, GError **error)
{
  guint64 n_headers;

  *is_growing = FALSE;
  if (store->msgs == NULL || store->headers == NULL || store->agreement == EXP_LARPIX_OWN)
    return stored_length (part, n, is_growing, error);
  if (store->agreement == EXP_LARPIX_SAME)
    {
      if (!agree (store, n, is_growing, error))
        return FALSE;
    }
  else
    {
      if (!look (store, n, &n_headers, is_growing, error))
        return FALSE;
      *n = MIN (*n, n_headers);
    }
  if (*is_growing)
    *n = whole_rows (store, *n);
  return TRUE;
}

gboolean
exp_larpix_n_rows (ExpLarpixStore *store, ExpNode *part, guint64 *n, gboolean *is_growing, GError **error)
{
  if (store->mask == NULL)
    return exp_larpix_n_stored (store, part, n, is_growing, error);
  *n = store->mask->len;
  *is_growing = FALSE;
  return TRUE;
}

/* --- elements ----------------------------------------------------------------------------------------------- */

ExpArray *
exp_larpix_gather (ExpNode *node, const ExpDtype *dtype, const guint64 *rows, gsize n, GError **error)
{
  g_autoptr (ExpArray) array = exp_array_new ((ExpDtype *)dtype, 1, &(guint64){ n }, error);

  for (gsize i = 0, count; array != NULL && i < n; i += count)
    {
      for (count = 1; i + count < n && rows[i + count] == rows[i] + count && count < PIECE;)
        count++;
      g_autoptr (ExpArray) part = read_stored (node, rows[i], count, error);
      if (part == NULL)
        return NULL;
      if (!exp_dtype_equal (part->dtype, dtype))
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the dataset has changed its type");
          return NULL;
        }
      guint8 *to = array->data + i * dtype->size;
      memcpy (to, part->data, count * dtype->size);

      /* The cells become the array's own while the part that they point into is there. */
      ExpArray own = { .dtype = array->dtype, .rank = 1, .shape = { count }, .n_elements = count, .data = to };
      own.heap = array->heap;
      own.heap_used = array->heap_used;
      own.heap_size = array->heap_size;
      const gboolean is_own = exp_array_own_cells (&own, error);
      array->heap = own.heap;
      array->heap_used = own.heap_used;
      array->heap_size = own.heap_size;
      if (!is_own)
        return NULL;
    }
  return g_steal_pointer (&array);
}

static ExpArray *
read_masked (ExpLarpixStore *store, ExpNode *part, const ExpInfo *info, const ExpSlab *slab, GError **error)
{
  const guint64 shown = store->mask->len;
  g_autofree guint64 *rows = g_try_new (guint64, MAX (slab->count[0], 1));

  if (!exp_slab_check (slab, 1, &shown, error))
    return NULL;
  if (rows == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for the rows");
      return NULL;
    }
  for (guint64 i = 0; i < slab->count[0]; i++)
    rows[i] = g_array_index (store->mask, guint64, slab->start[0] + i * slab->step[0]);
  return exp_larpix_gather (part, info->dtype, rows, slab->count[0], error);
}

ExpArray *
exp_larpix_read_rows (ExpLarpixStore *store, ExpNode *part, const ExpSlab *slab, GError **error)
{
  g_auto (ExpInfo) info = { 0 };

  if (!exp_node_describe (part, &info, error))
    return NULL;
  return store->mask != NULL ? read_masked (store, part, &info, slab, error) : exp_node_read (part, &info, slab, error);
}

ExpArray *
exp_larpix_read_run (ExpLarpixStore *store, ExpNode *part, guint64 start, guint64 count, GError **error)
{
  const ExpSlab slab = { .rank = 1, .start = { start }, .count = { count }, .step = { 1 } };

  return exp_larpix_read_rows (store, part, &slab, error);
}

/* --- masks -------------------------------------------------------------------------------------------------- */

static gboolean
take_first (const char *name, ExpNode *child, gpointer data)
{
  *(ExpNode **)data = exp_node_ref (child);
  return FALSE;
}

static ExpArray *
load_array (const char *path, GError **error)
{
  const ExpStoreOptions options = { 0 };
  g_autoptr (ExpNode) root = exp_format_npy.open (path, &options, error);
  g_autoptr (ExpNode) array = NULL;

  if (root == NULL || !exp_node_list (root, 0, take_first, &array, error))
    return NULL;
  return exp_node_read_all (array != NULL ? array : root, error);
}

GArray *
exp_larpix_mask_load (const char *path, guint64 n, GError **error)
{
  g_autoptr (ExpArray) array = load_array (path, error);
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (guint64));

  if (array == NULL)
    {
      g_prefix_error (error, "mask=%s: ", path);
      return NULL;
    }
  const gboolean is_boolean = array->dtype->type == EXP_TYPE_BOOL;
  if (array->rank != 1 || (!is_boolean && array->dtype->type != EXP_TYPE_INT && array->dtype->type != EXP_TYPE_UINT)
      || array->dtype->size > 8)
    g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "mask=%s: not a row of booleans or of row numbers", path);
  else if (is_boolean && array->n_elements != n)
    g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
                 "mask=%s: it has %" G_GSIZE_FORMAT " booleans for %" G_GUINT64_FORMAT " messages", path,
                 array->n_elements, n);
  else
    {
      for (gsize i = 0; i < array->n_elements; i++)
        {
          const gint64 value = exp_cell_int (array->dtype, array->data + i * array->dtype->size);
          const guint64 row = is_boolean ? i : (guint64)value;

          if (is_boolean && value == 0)
            continue;
          if (row >= n || (rows->len > 0 && row <= g_array_index (rows, guint64, rows->len - 1)))
            {
              g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
                           "mask=%s: row numbers ascend, and are less than %" G_GUINT64_FORMAT, path, n);
              return NULL;
            }
          g_array_append_val (rows, row);
        }
      return g_steal_pointer (&rows);
    }
  return NULL;
}
