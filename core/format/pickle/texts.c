/* Pickled values as the texts of an array.
 * Knows how much room one may have, and which of them are the same.
 * Called by render.c, dataset.c and filters. */
#include "meaning.h"
#include <string.h>

/* What values that are no texts may take, all of a list and one of them. */
#define MAX_TEXTS ((gsize)4 << 20)
#define MAX_TEXT  65536

/* Shorter texts are as well written again as looked for. */
#define MIN_SHARED 64

void
exp_pickle_texts_init (ExpPickleTexts *texts, ExpArray *array, guint64 n_values)
{
  *texts = (ExpPickleTexts){ array, CLAMP (MAX_TEXTS / MAX (n_values, 1), 64, MAX_TEXT), NULL };
}

void
exp_pickle_texts_clear (ExpPickleTexts *texts)
{
  g_clear_pointer (&texts->cells, g_hash_table_unref);
}

static GBytes *
render (const ExpPickleTexts *texts, const ExpPickleValue *value, GError **error)
{
  GString *text;

  if (exp_pickle_has_text (value))
    return exp_pickle_load (value, G_MAXUINT64, TRUE, error);
  text = g_string_new (NULL);
  exp_pickle_append_limited (value, text, texts->limit);
  return g_string_free_to_bytes (text);
}

static gboolean
fill (ExpPickleTexts *texts, ExpVlen *cell, const ExpPickleValue *value, GError **error)
{
  g_autoptr (GBytes) text = render (texts, value, error);
  gsize length;
  const void *bytes;

  if (text == NULL)
    return FALSE;
  bytes = g_bytes_get_data (text, &length);
  *cell = (ExpVlen){ 0 };
  if (length == 0)
    return TRUE;
  cell->data = exp_array_allocate (texts->array, length);
  if (cell->data == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for a text of %" G_GSIZE_FORMAT " bytes", length);
      return FALSE;
    }
  memcpy (cell->data, bytes, length);
  cell->length = length;
  return TRUE;
}

gboolean
exp_pickle_texts_put (ExpPickleTexts *texts, gsize index, const ExpPickleValue *value, GError **error)
{
  ExpVlen *cells = (ExpVlen *)texts->array->data, *known;

  known = texts->cells != NULL ? g_hash_table_lookup (texts->cells, value) : NULL;
  if (known != NULL)
    {
      cells[index] = *known;
      return TRUE;
    }
  if (!fill (texts, &cells[index], value, error))
    return FALSE;
  if (cells[index].length >= MIN_SHARED)
    {
      if (texts->cells == NULL)
        texts->cells = g_hash_table_new (NULL, NULL);
      g_hash_table_insert (texts->cells, (gpointer)value, &cells[index]);
    }
  return TRUE;
}
