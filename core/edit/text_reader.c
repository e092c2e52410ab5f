/* Pieces of a text that is too long for memory.
 * Knows nothing of cells but where they end.
 * Called by text_scan.c and text_store.c. */
#include "text_reader.h"
#include <string.h>

/* A cell that is longer is not worth the memory. */
#define CELL_LIMIT (1024 * 1024 * 1024)

void
exp_text_reader_init (ExpTextReader *reader, ExpPending *pending, guint64 start, guint64 end, gboolean splits_tabs,
                      gsize capacity)
{
  *reader = (ExpTextReader){ pending, start, end, splits_tabs, NULL, MAX (capacity, 16), 0 };
}

void
exp_text_reader_clear (ExpTextReader *reader)
{
  g_clear_pointer (&reader->buffer, g_free);
}

/* Bytes up to the last end of a cell. */
static gsize
whole_cells (const ExpTextReader *reader, gsize n)
{
  const char *line = memrchr (reader->buffer, '\n', n);
  const char *tab = reader->splits_tabs ? memrchr (reader->buffer, '\t', n) : NULL;
  const char *last = MAX (line, tab);

  return last != NULL ? last + 1 - reader->buffer : 0;
}

static gboolean
grow (ExpTextReader *reader, GError **error)
{
  g_clear_pointer (&reader->buffer, g_free);
  reader->capacity *= 2;
  if (reader->capacity <= CELL_LIMIT)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "a cell of the text is too long");
  return FALSE;
}

gboolean
exp_text_reader_next (ExpTextReader *reader, GError **error)
{
  for (;;)
    {
      gsize n = MIN (reader->capacity, reader->end - reader->at);

      reader->length = 0;
      if (n == 0)
        return TRUE;
      if (reader->buffer == NULL)
        reader->buffer = g_try_malloc (reader->capacity + 1);
      if (reader->buffer == NULL)
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for the text");
          return FALSE;
        }
      if (!exp_pending_read (reader->pending, reader->at, n, reader->buffer, error))
        return FALSE;
      if (reader->at + n == reader->end)
        {
          reader->at += n;
          if (reader->buffer[n - 1] != '\n')
            reader->buffer[n++] = '\n';
          reader->length = n;
          return TRUE;
        }
      reader->length = whole_cells (reader, n);
      reader->at += reader->length;
      if (reader->length > 0)
        return TRUE;
      if (!grow (reader, error))
        return FALSE;
    }
}

gboolean
exp_text_reader_give_back (ExpTextReader *reader, gsize n, GError **error)
{
  const gboolean is_all = n == reader->length;

  reader->at -= n;
  reader->length -= n;
  return !is_all || grow (reader, error);
}
