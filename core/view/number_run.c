/* Numbers one after the other, as csv, json, ndjson and compact text have them.
 * Knows nothing of brackets and quotes.
 * Called by views for datasets of plain numbers. */
#include "number_run.h"
#include <string.h>

/* Numbers for which room is made at a time. None with its separator takes more than half of EXP_WRITE_ROOM. */
#define BATCH 64

ExpWriteFunc
exp_json_write_func (const ExpDtype *dtype)
{
  return dtype->type == EXP_TYPE_COMPLEX ? NULL : exp_write_func (dtype);
}

static gsize
respell (char *text)
{
  const char *name = text[0] == 'n' ? "NaN" : text[0] == '-' ? "-Infinity" : "Infinity";

  memcpy (text, name, strlen (name));
  return strlen (name);
}

void
exp_append_numbers (ExpWriteFunc write, const guint8 *cells, gsize step, gsize n, const char *separator,
                    gboolean is_json, GString *out)
{
  const gsize separator_length = strlen (separator);
  char padded[4] = { 0 };

  memcpy (padded, separator, separator_length);
  for (gsize done = 0; done < n; done += BATCH)
    {
      const guint8 *cell = cells + done * step, *end = cells + MIN (done + BATCH, n) * step;
      gsize start = out->len;

      g_string_set_size (out, start + (BATCH + 1) * EXP_WRITE_ROOM / 2);
      char *text = out->str + start;
      for (; cell < end; cell += step)
        {
          gsize length = write (cell, text);

          if (is_json && (text[length - 1] == 'n' || text[length - 1] == 'f'))
            length = respell (text);
          memcpy (text + length, padded, sizeof padded);
          text += length + separator_length;
        }
      g_string_set_size (out, text - out->str);
    }
}

void
exp_append_number_rows (ExpWriteFunc write, const ExpGrid *grid, guint64 first, gsize n, const guint8 *cells,
                        char separator, GString *out)
{
  const gsize step = grid->cell->size;
  guint64 left = grid->n_columns - first % grid->n_columns; /* cells up to the end of the row */

  if (grid->n_columns == 1)
    {
      exp_append_numbers (write, cells, step, n, "\n", FALSE, out);
      return;
    }
  for (gsize done = 0, count; done < n; done += count, left = grid->n_columns)
    {
      count = MIN (left, n - done);
      exp_append_numbers (write, cells + done * step, step, count, (char[]){ separator, '\0' }, FALSE, out);
      if (count == left)
        out->str[out->len - 1] = '\n';
    }
}
