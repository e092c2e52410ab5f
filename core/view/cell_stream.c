/* Text of cells of varying length with a sparse index of offsets.
 * Knows nothing of what a cell's text is; views give a function for that.
 * Called by csv.c, json.c, ndjson.c and text.c. */
#include "cell_stream.h"
#include "expfs/error.h"
#include <string.h>

#define BLOCK_TEXT      (64 * 1024)
#define MAX_BLOCK_CELLS (16 * 1024)
#define SAMPLE_CELLS    64
#define INDEX_THREADS   2

gboolean
exp_cell_stream_init (ExpCellStream *stream, ExpNode *node, const ExpInfo *info, ExpCellRenderFunc render,
                      gpointer data, GError **error)
{
  memset (stream, 0, sizeof *stream);
  if (!exp_grid_init (&stream->grid, node, info, error))
    return FALSE;
  stream->prefix = g_string_new (NULL);
  stream->suffix = g_string_new (NULL);
  stream->render = render;
  stream->data = data;
  g_mutex_init (&stream->lock);
  return TRUE;
}

void
exp_cell_stream_clear (ExpCellStream *stream)
{
  if (stream->prefix == NULL)
    return;
  exp_grid_clear (&stream->grid);
  g_string_free (stream->prefix, TRUE);
  g_string_free (stream->suffix, TRUE);
  if (stream->kept != NULL)
    g_string_free (stream->kept, TRUE);
  g_free (stream->offsets);
  g_mutex_clear (&stream->lock);
}

static gboolean
render_cells (ExpCellStream *stream, guint64 first, gsize count, GString *out, GError **error)
{
  const guint8 *cells;
  g_autoptr (ExpArray) array = exp_grid_read (&stream->grid, first, count, &cells, error);

  if (array == NULL)
    return FALSE;
  for (gsize i = 0; i < count; i++)
    stream->render (&stream->grid, first + i, cells + i * stream->grid.cell->size, stream->data, out);
  return TRUE;
}

static gboolean
render_block (ExpCellStream *stream, guint64 block, GString *out, GError **error)
{
  guint64 first = block * stream->cells_per_block;

  return render_cells (stream, first, MIN (stream->cells_per_block, stream->grid.n_cells - first), out, error);
}

/* --- the index ---------------------------------------------------------------------------------------------- */

typedef struct
{
  ExpCellStream *stream;
  guint64 next; /* block; atomic */
  GMutex lock;  /* guards the error */
  GError *error;
} Build;

/* Measures blocks until none is left or one fails. */
static gpointer
measure_blocks (gpointer data)
{
  Build *build = data;
  ExpCellStream *stream = build->stream;
  g_autoptr (GString) text = g_string_new (NULL);
  guint64 block;

  while ((block = __atomic_fetch_add (&build->next, 1, __ATOMIC_RELAXED)) < stream->n_blocks)
    {
      g_autoptr (GError) error = NULL;

      g_string_truncate (text, 0);
      if (!render_block (stream, block, text, &error))
        {
          g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&build->lock);

          if (build->error == NULL)
            build->error = g_steal_pointer (&error);
          __atomic_store_n (&build->next, stream->n_blocks, __ATOMIC_RELAXED);
          break;
        }
      stream->offsets[block + 1] = text->len;
      if (text->allocated_len > 16 * BLOCK_TEXT)
        {
          g_string_free (g_steal_pointer (&text), TRUE);
          text = g_string_new (NULL);
        }
    }
  return NULL;
}

/* From the first cells' text, which is kept when it is all there is. */
static gboolean
choose_block_size (ExpCellStream *stream, GError **error)
{
  guint64 n_cells = stream->grid.n_cells;
  g_autoptr (GString) text = g_string_new (NULL);
  gsize n = MIN (n_cells, SAMPLE_CELLS);

  if (n > 0 && !render_cells (stream, 0, n, text, error))
    return FALSE;
  if (n == n_cells)
    {
      stream->cells_per_block = MAX (n, 1);
      stream->n_blocks = n > 0;
      if (n > 0 && stream->kept == NULL)
        stream->kept = g_steal_pointer (&text);
      return TRUE;
    }
  stream->cells_per_block = CLAMP (BLOCK_TEXT * n / MAX (text->len, 1), 1, MAX_BLOCK_CELLS);
  stream->n_blocks = n_cells / stream->cells_per_block + (n_cells % stream->cells_per_block != 0);
  return TRUE;
}

static gboolean
build_index (ExpCellStream *stream, GError **error)
{
  Build build = { .stream = stream };

  if (!choose_block_size (stream, error))
    return FALSE;
  g_clear_pointer (&stream->offsets, g_free);
  stream->offsets = g_try_new0 (guint64, stream->n_blocks + 1);
  if (stream->offsets == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for the index of lines");
      return FALSE;
    }

  stream->offsets[0] = stream->prefix->len;
  if (stream->kept != NULL)
    {
      stream->offsets[1] = stream->offsets[0] + stream->kept->len;
      return TRUE;
    }
  g_mutex_init (&build.lock);
  GThread *second = stream->n_blocks >= 4 ? g_thread_try_new ("expfs-index", measure_blocks, &build, NULL) : NULL;
  measure_blocks (&build);
  if (second != NULL)
    g_thread_join (second);
  g_mutex_clear (&build.lock);
  if (build.error != NULL)
    {
      g_propagate_error (error, build.error);
      return FALSE;
    }
  for (guint64 i = 0; i < stream->n_blocks; i++)
    stream->offsets[i + 1] += stream->offsets[i];
  return TRUE;
}

static gboolean
ensure_index (ExpCellStream *stream, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&stream->lock);

  if (!stream->is_indexed)
    stream->is_indexed = build_index (stream, error);
  return stream->is_indexed;
}

gboolean
exp_cell_stream_size (ExpCellStream *stream, guint64 *size, GError **error)
{
  if (!ensure_index (stream, error))
    return FALSE;
  *size = stream->offsets[stream->n_blocks] + stream->suffix->len;
  return TRUE;
}

/* --- reading ------------------------------------------------------------------------------------------------ */

/* Copies the part of `text`, which starts at `start` in the view, that lies inside the request. */
static void
copy_part (const char *text, guint64 length, guint64 start, guint64 offset, gsize wanted, char *buffer, gsize *n_read)
{
  guint64 from = MAX (start, offset), to = MIN (start + length, offset + wanted);

  if (from < to)
    {
      memcpy (buffer + (from - offset), text + (from - start), to - from);
      *n_read = to - offset;
    }
}

/* The text of a block: the one kept from the last read, where it is the same, since reads end in mid-block. */
static GString *
block_text (ExpCellStream *stream, guint64 block, GError **error)
{
  GString *text = NULL;

  g_mutex_lock (&stream->lock);
  if (stream->kept != NULL && stream->kept_block == block)
    text = g_steal_pointer (&stream->kept);
  g_mutex_unlock (&stream->lock);
  if (text != NULL)
    return text;
  text = g_string_sized_new (stream->offsets[block + 1] - stream->offsets[block] + 1);
  if (render_block (stream, block, text, error))
    return text;
  g_string_free (text, TRUE);
  return NULL;
}

static void
keep_block (ExpCellStream *stream, guint64 block, GString *text)
{
  g_mutex_lock (&stream->lock);
  GString *old = stream->kept;
  stream->kept = text;
  stream->kept_block = block;
  g_mutex_unlock (&stream->lock);
  if (old != NULL)
    g_string_free (old, TRUE);
}

static guint64
find_block (const ExpCellStream *stream, guint64 offset)
{
  guint64 low = 0, high = stream->n_blocks;

  while (high - low > 1)
    {
      guint64 middle = low + (high - low) / 2;

      if (stream->offsets[middle] <= offset)
        low = middle;
      else
        high = middle;
    }
  return low;
}

gboolean
exp_cell_stream_pread (ExpCellStream *stream, guint64 offset, gsize length, char *buffer, gsize *n_read, GError **error)
{
  guint64 size;

  *n_read = 0;
  if (!exp_cell_stream_size (stream, &size, error))
    return FALSE;
  if (offset >= size)
    return TRUE;
  length = MIN (length, size - offset);
  copy_part (stream->prefix->str, stream->prefix->len, 0, offset, length, buffer, n_read);
  if (stream->n_blocks > 0)
    for (guint64 block = find_block (stream, offset);
         block < stream->n_blocks && stream->offsets[block] < offset + length; block++)
      {
        GString *text;

        if (stream->offsets[block + 1] <= offset)
          continue;
        text = block_text (stream, block, error);
        if (text == NULL)
          return FALSE;
        if (text->len != stream->offsets[block + 1] - stream->offsets[block])
          {
            g_string_free (text, TRUE);
            g_set_error (error, EXP_ERROR, EXP_ERROR_FAILED, "the data changed while it was read");
            return FALSE;
          }
        copy_part (text->str, text->len, stream->offsets[block], offset, length, buffer, n_read);
        keep_block (stream, block, text);
      }
  copy_part (stream->suffix->str, stream->suffix->len, stream->offsets[stream->n_blocks], offset, length, buffer,
             n_read);
  return TRUE;
}
