/* Text of cells of varying length with a sparse index of offsets.
 * Knows nothing of what a cell's text is; views give a function for that.
 * Called by csv.c, json.c, ndjson.c and text.c. */
#include "cell_stream.h"
#include "expfs/error.h"
#include "parallel.h"
#include "processors.h"
#include <string.h>

#define BLOCK_TEXT      (64 * 1024)
#define MAX_BLOCK_CELLS (16 * 1024)
#define SAMPLE_CELLS    64
/* Bytes that all streams together may keep of texts that were made for an index. */
#define MADE_LIMIT (16 * 1024 * 1024)
/* What renderers may ask for beyond the text they make. */
#define RENDER_ROOM 8192

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

static gboolean
render_cells (ExpCellStream *stream, guint64 first, gsize count, GString *out, GError **error)
{
  const guint8 *cells;
  g_autoptr (ExpArray) array = exp_grid_read (&stream->grid, first, count, &cells, error);

  if (array == NULL)
    return FALSE;
  stream->render (&stream->grid, first, count, cells, stream->data, out);
  return TRUE;
}

static gboolean
render_block (ExpCellStream *stream, guint64 block, GString *out, GError **error)
{
  guint64 first = block * stream->cells_per_block;

  return render_cells (stream, first, MIN (stream->cells_per_block, stream->grid.n_cells - first), out, error);
}

/* --- kept texts -------------------------------------------------------------------------------------------- */

/* Bytes of texts in the `made` of all streams; atomic. */
static gint64 made_bytes;

/* Keeps the text that a block's length was taken from, so that who reads the file once makes it once; FALSE, and
 * nothing taken over, when all streams together keep as much as they may. */
static gboolean
keep_made (ExpCellStream *stream, guint64 block, GString *text)
{
  gint64 size = text->allocated_len;

  if (__atomic_add_fetch (&made_bytes, size, __ATOMIC_RELAXED) > MADE_LIMIT)
    {
      __atomic_sub_fetch (&made_bytes, size, __ATOMIC_RELAXED);
      return FALSE;
    }
  stream->made[block] = text;
  return TRUE;
}

static GString *
take_made (ExpCellStream *stream, guint64 block)
{
  GString *text = g_steal_pointer (&stream->made[block]);

  if (text != NULL)
    __atomic_sub_fetch (&made_bytes, text->allocated_len, __ATOMIC_RELAXED);
  return text;
}

static void
drop_texts (ExpCellStream *stream)
{
  for (guint64 i = 0; stream->made != NULL && i < stream->n_blocks; i++)
    {
      GString *text = take_made (stream, i);

      if (text != NULL)
        g_string_free (text, TRUE);
    }
  g_clear_pointer (&stream->made, g_free);
  for (guint i = 0; i < EXP_KEPT_BLOCKS; i++)
    if (stream->kept[i].text != NULL)
      g_string_free (g_steal_pointer (&stream->kept[i].text), TRUE);
}

void
exp_cell_stream_clear (ExpCellStream *stream)
{
  if (stream->prefix == NULL)
    return;
  exp_grid_clear (&stream->grid);
  g_string_free (stream->prefix, TRUE);
  g_string_free (stream->suffix, TRUE);
  drop_texts (stream);
  g_free (stream->offsets);
  g_mutex_clear (&stream->lock);
}

/* Takes over the text. One that is kept already gives way when there is no other place. */
static void
keep_block (ExpCellStream *stream, guint64 block, GString *text)
{
  guint i = 0;

  g_mutex_lock (&stream->lock);
  while (i < EXP_KEPT_BLOCKS && stream->kept[i].text != NULL)
    i++;
  if (i == EXP_KEPT_BLOCKS)
    i = stream->next_kept++ % EXP_KEPT_BLOCKS;
  GString *old = stream->kept[i].text;
  stream->kept[i].text = text;
  stream->kept[i].block = block;
  g_mutex_unlock (&stream->lock);
  if (old != NULL)
    g_string_free (old, TRUE);
}

/* The text of a block, for its caller alone: a kept one, where it is the same, else made anew. */
static GString *
take_block (ExpCellStream *stream, guint64 block, GError **error)
{
  g_mutex_lock (&stream->lock);
  GString *text = take_made (stream, block);
  for (guint i = 0; i < EXP_KEPT_BLOCKS && text == NULL; i++)
    if (stream->kept[i].text != NULL && stream->kept[i].block == block)
      text = g_steal_pointer (&stream->kept[i].text);
  g_mutex_unlock (&stream->lock);
  if (text != NULL)
    return text;
  text = g_string_sized_new (stream->offsets[block + 1] - stream->offsets[block] + RENDER_ROOM);
  if (render_block (stream, block, text, error))
    return text;
  g_string_free (text, TRUE);
  return NULL;
}

/* --- the index ---------------------------------------------------------------------------------------------- */

typedef struct
{
  ExpCellStream *stream;
  guint64 next; /* block; atomic */
  GMutex lock;  /* guards the error */
  GError *error;
} Build;

/* Takes over `error`; nobody need go on. */
static void
fail_build (Build *build, GError *error)
{
  g_mutex_lock (&build->lock);
  if (build->error == NULL)
    build->error = g_steal_pointer (&error);
  g_mutex_unlock (&build->lock);
  g_clear_error (&error);
  __atomic_store_n (&build->next, build->stream->n_blocks, __ATOMIC_RELAXED);
}

static gboolean
measure_block (ExpCellStream *stream, guint64 block)
{
  const guint64 first = block * stream->cells_per_block;

  return stream->measure != NULL
         && stream->measure (&stream->grid, first, MIN (stream->cells_per_block, stream->grid.n_cells - first),
                             &stream->offsets[block + 1]);
}

/* Measures blocks until none is left or one fails. */
static void
measure_blocks (guint index, gpointer data)
{
  Build *build = data;
  ExpCellStream *stream = build->stream;
  GString *text = NULL;
  guint64 block;

  while ((block = __atomic_fetch_add (&build->next, 1, __ATOMIC_RELAXED)) < stream->n_blocks)
    {
      GError *error = NULL;

      if (measure_block (stream, block))
        continue;
      if (text == NULL)
        text = g_string_sized_new (BLOCK_TEXT + BLOCK_TEXT / 4 + RENDER_ROOM);
      g_string_truncate (text, 0);
      if (!render_block (stream, block, text, &error))
        {
          fail_build (build, error);
          break;
        }
      stream->offsets[block + 1] = text->len;
      if (keep_made (stream, block, text))
        text = NULL;
      else if (text->allocated_len > 16 * BLOCK_TEXT)
        g_string_free (g_steal_pointer (&text), TRUE);
    }
  if (text != NULL)
    g_string_free (text, TRUE);
}

/* From the length of the first cells' text. */
static gboolean
choose_block_size (ExpCellStream *stream, GError **error)
{
  guint64 n_cells = stream->grid.n_cells;
  g_autoptr (GString) text = g_string_new (NULL);
  gsize n = MIN (n_cells, SAMPLE_CELLS);

  stream->cells_per_block = MAX (n, 1);
  if (n < n_cells)
    {
      if (!render_cells (stream, 0, n, text, error))
        return FALSE;
      stream->cells_per_block = CLAMP (BLOCK_TEXT * n / MAX (text->len, 1), 1, MAX_BLOCK_CELLS);
    }
  return TRUE;
}

/* Room for the offsets of all blocks, behind those that are known. */
static gboolean
make_room (ExpCellStream *stream, GError **error)
{
  const guint64 n_cells = stream->grid.n_cells;

  stream->n_blocks = n_cells / stream->cells_per_block + (n_cells % stream->cells_per_block != 0);
  g_autofree guint64 *known = g_steal_pointer (&stream->offsets);
  stream->offsets = stream->n_blocks < G_MAXSIZE ? g_try_new0 (guint64, stream->n_blocks + 1) : NULL;
  stream->made = stream->offsets != NULL ? g_try_new0 (GString *, stream->n_blocks + 1) : NULL;
  if (stream->made == NULL)
    {
      g_clear_pointer (&stream->offsets, g_free);
      stream->n_known = 0;
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for the index of lines");
      return FALSE;
    }
  stream->offsets[0] = stream->prefix->len;
  if (stream->n_known > 0)
    memcpy (stream->offsets, known, (stream->n_known + 1) * sizeof *known);
  return TRUE;
}

/* Under the stream's lock. */
static gboolean
build_index (ExpCellStream *stream, GError **error)
{
  Build build = { .stream = stream };

  if ((stream->n_known == 0 && !choose_block_size (stream, error)) || !make_room (stream, error))
    return FALSE;
  build.next = stream->n_known;
  g_mutex_init (&build.lock);
  exp_parallel_for (MIN (stream->n_blocks - stream->n_known, exp_n_processors ()), measure_blocks, &build);
  g_mutex_clear (&build.lock);
  if (build.error != NULL)
    {
      drop_texts (stream);
      g_propagate_error (error, build.error);
      return FALSE;
    }
  for (guint64 i = stream->n_known; i < stream->n_blocks; i++)
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

void
exp_cell_stream_continue (ExpCellStream *stream, ExpCellStream *old)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&old->lock);
  const guint64 n_old = old->grid.n_cells;

  /* What has fewer cells than are sampled has blocks of so many. */
  if (!old->is_indexed || n_old <= SAMPLE_CELLS || n_old > stream->grid.n_cells || stream->offsets != NULL
      || old->prefix->len != stream->prefix->len)
    return;
  stream->cells_per_block = old->cells_per_block;
  stream->n_known = n_old / old->cells_per_block;
  stream->offsets = g_memdup2 (old->offsets, (stream->n_known + 1) * sizeof *old->offsets);
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

/* One request for `length` bytes at `offset`, all of which are there. */
typedef struct
{
  ExpCellStream *stream;
  guint64 offset;
  gsize length;
  char *buffer;
  guint64 first_block;
  GMutex lock; /* guards the error */
  GError *error;
} Request;

/* Copies the part of `text`, which starts at `start` in the view, that is asked for. */
static void
copy_part (const Request *request, const GString *text, guint64 start)
{
  guint64 from = MAX (start, request->offset), to = MIN (start + text->len, request->offset + request->length);

  if (from < to)
    memcpy (request->buffer + (from - request->offset), text->str + (from - start), to - from);
}

static void
read_block (guint index, gpointer data)
{
  Request *request = data;
  ExpCellStream *stream = request->stream;
  guint64 block = request->first_block + index, start = stream->offsets[block], end = stream->offsets[block + 1];
  GError *error = NULL;
  GString *text = take_block (stream, block, &error);

  if (text != NULL && text->len != end - start)
    {
      g_string_free (g_steal_pointer (&text), TRUE);
      g_set_error (&error, EXP_ERROR, EXP_ERROR_FAILED, "the data changed while it was read");
    }
  if (text == NULL)
    {
      g_mutex_lock (&request->lock);
      if (request->error == NULL)
        request->error = g_steal_pointer (&error);
      g_mutex_unlock (&request->lock);
      g_clear_error (&error);
      return;
    }
  copy_part (request, text, start);
  if (start >= request->offset && end <= request->offset + request->length && stream->n_blocks > EXP_KEPT_BLOCKS)
    g_string_free (text, TRUE);
  else
    keep_block (stream, block, text);
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

  Request request = { stream, offset, MIN (length, size - offset), buffer };
  guint64 end = offset + request.length, end_block;
  copy_part (&request, stream->prefix, 0);
  copy_part (&request, stream->suffix, stream->offsets[stream->n_blocks]);
  request.first_block = end_block = find_block (stream, offset);
  while (end_block < stream->n_blocks && stream->offsets[end_block] < end)
    end_block++;
  g_mutex_init (&request.lock);
  while (request.first_block < end_block && stream->offsets[request.first_block + 1] <= offset)
    request.first_block++;
  exp_parallel_for (end_block - request.first_block, read_block, &request);
  g_mutex_clear (&request.lock);
  if (request.error != NULL)
    {
      g_propagate_error (error, request.error);
      return FALSE;
    }
  *n_read = request.length;
  return TRUE;
}
