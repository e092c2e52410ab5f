/* Text into elements, piece by piece.
 * Knows nothing of shapes; text_shape.c decides them.
 * Called by text.c at a flush, and as text comes in. */
#include "text_store.h"
#include "text_reader.h"
#include "node/grid.h"

/* Text read at a time, and bytes of elements that it may become. */
#define PIECE    (4 * 1024 * 1024)
#define WINDOW   (32 * 1024 * 1024)
#define SMALLEST 256

void
exp_text_scan_init (ExpTextScan *scan, guint64 start, const ExpTextCells *cells, gboolean splits_tabs)
{
  *scan = (ExpTextScan){ start, start, cells, splits_tabs };
}

gboolean
exp_text_scan_advance (ExpTextScan *scan, ExpPending *pending, guint64 end, GError **error)
{
  ExpTextShape shape = scan->shape;
  ExpTextParse parse = { .cells = scan->cells, .splits_tabs = scan->splits_tabs };
  ExpTextReader reader;
  gboolean is_read;
  guint64 n_leaves = 0; /* since the start of a cell */

  exp_text_reader_init (&reader, pending, scan->at, end, scan->splits_tabs, MIN (PIECE, end - scan->at));
  while ((is_read = exp_text_reader_next (&reader, error)) && reader.length > 0)
    {
      if (!exp_text_parse (&parse, reader.buffer, reader.length, n_leaves, &shape, error))
        {
          is_read = FALSE;
          break;
        }
      if (scan->cells != NULL && scan->cells->n_leaves > 1)
        n_leaves = (n_leaves + exp_text_count_leaves (reader.buffer, reader.length, scan->splits_tabs))
                   % scan->cells->n_leaves;
    }
  exp_text_reader_clear (&reader);
  if (!is_read)
    return FALSE;
  scan->shape = shape;
  scan->at = end;
  return TRUE;
}

/* Gives back the last `n` leaves of the piece. */
static gboolean
give_back_leaves (ExpTextReader *reader, guint64 n, GError **error)
{
  const char *at = reader->buffer + reader->length;

  if (n == 0)
    return TRUE;
  for (n++; n > 0 && at > reader->buffer;)
    {
      at--;
      n -= *at == '\n' || (reader->splits_tabs && *at == '\t');
    }
  if (n == 0)
    at++;
  return exp_text_reader_give_back (reader, reader->buffer + reader->length - at, error);
}

/* The piece as elements, their number in *n. */
static gboolean
store_piece (ExpTarget *target, const ExpTextCells *cells, guint64 first, ExpTextReader *reader, guint64 *n,
             GError **error)
{
  const gsize size = target->info.dtype->size;
  const guint64 n_leaves = exp_text_count_leaves (reader->buffer, reader->length, reader->splits_tabs);
  const guint64 n_cells = n_leaves / cells->n_leaves;
  const guint64 cells_per_element = MAX (size / MAX (cells->dtype->size, 1), 1);
  g_autoptr (GPtrArray) memory = g_ptr_array_new_with_free_func ((GDestroyNotify)exp_array_unref);
  ExpTextShape shape = { 0 };

  *n = n_cells / cells_per_element;
  if (!give_back_leaves (reader, n_leaves - *n * cells_per_element * cells->n_leaves, error))
    return FALSE;
  if (*n == 0)
    return TRUE;
  g_autoptr (ExpArray) values = exp_array_new (target->info.dtype, 1, n, error);
  ExpTextParse parse = { cells, reader->splits_tabs, values != NULL ? values->data : NULL, memory };
  return values != NULL && exp_text_parse (&parse, reader->buffer, reader->length, 0, &shape, error)
         && exp_node_write_flat (target->node, &target->info, first, *n, values->data, error);
}

ExpArray *
exp_text_read_one (const ExpTextCells *cells, ExpPending *pending, GError **error)
{
  g_autoptr (GPtrArray) memory = g_ptr_array_new_with_free_func ((GDestroyNotify)exp_array_unref);
  g_autoptr (ExpArray) value = exp_array_new (cells->dtype, 0, NULL, error);
  ExpTextParse parse = { cells, TRUE, value != NULL ? value->data : NULL, memory };
  ExpTextShape shape = { 0 };
  ExpTextReader reader;
  gboolean is_done;

  if (value == NULL)
    return NULL;
  exp_text_reader_init (&reader, pending, 0, pending->size, TRUE, MIN (pending->size, SMALLEST));
  is_done = exp_text_reader_next (&reader, error)
            && exp_text_parse (&parse, reader.buffer, reader.length, 0, &shape, error);
  exp_text_reader_clear (&reader);
  return is_done ? g_steal_pointer (&value) : NULL;
}

gboolean
exp_text_store (ExpTarget *target, const ExpTextCells *cells, guint64 first, ExpPending *pending, guint64 start,
                guint64 end, gboolean splits_tabs, GError **error)
{
  /* A leaf is two bytes of text at least, but for empty strings. */
  const gsize capacity = CLAMP (WINDOW / MAX (target->info.dtype->size, 1) * 2, SMALLEST, PIECE);
  ExpTextReader reader;
  gboolean is_stored;
  guint64 n = 0;

  exp_text_reader_init (&reader, pending, start, end, splits_tabs, MIN (capacity, MAX (end - start, 1)));
  while ((is_stored = exp_text_reader_next (&reader, error)) && reader.length > 0)
    {
      if (!store_piece (target, cells, first, &reader, &n, error))
        {
          is_stored = FALSE;
          break;
        }
      first += n;
    }
  exp_text_reader_clear (&reader);
  return is_stored;
}
