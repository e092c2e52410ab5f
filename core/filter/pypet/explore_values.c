/* Values in words.
 * Knows how a list and a range of numbers are written; knows no trajectory.
 * Called by explore.c. */
#include "explore_values.h"
#include "expfs/number.h"
#include <math.h>
#include <string.h>

/* More runs than a trajectory can have. */
#define MAX_VALUES G_MAXINT32

static gboolean
is_text (const ExpDtype *dtype)
{
  return dtype->type == EXP_TYPE_STRING || dtype->type == EXP_TYPE_VSTRING;
}

/* --- lists -------------------------------------------------------------------------------------------------- */

/* The next value up to a comma, unquoted; *at is left at the comma or the end. NULL when a quote is not closed. */
static char *
next_word (const char **at)
{
  GString *word = g_string_new (NULL);
  gboolean is_quoted = **at == '"';
  const char *p = *at + is_quoted;

  while (*p != '\0' && *p != (is_quoted ? '"' : ','))
    {
      if (is_quoted && *p == '\\' && p[1] != '\0')
        p++;
      g_string_append_c (word, *p++);
    }
  if (is_quoted && (*p != '"' || (p[1] != ',' && p[1] != '\0')))
    {
      g_string_free (word, TRUE);
      return NULL;
    }
  *at = p + is_quoted;
  return g_string_free (word, FALSE);
}

static GPtrArray *
split_words (const char *words, GError **error)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (g_free);

  for (const char *at = words;; at++)
    {
      char *word = next_word (&at);

      if (word == NULL)
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "a quote is not closed in: %s", words);
          return NULL;
        }
      g_ptr_array_add (all, word);
      if (*at == '\0')
        return g_steal_pointer (&all);
    }
}

static gboolean
parse_cell (const ExpDtype *dtype, char *word, guint8 *cell, GError **error)
{
  g_strstrip (word);
  if (dtype->type == EXP_TYPE_BOOL && (strcmp (word, "True") == 0 || strcmp (word, "False") == 0))
    *word = g_ascii_tolower (*word);
  if (exp_cell_parse (dtype, word, strlen (word), cell))
    return TRUE;
  g_autofree char *name = exp_dtype_to_numpy (dtype, FALSE);
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "'%s' is no value of the parameter's type, %s", word, name);
  return FALSE;
}

static ExpArray *
parse_list (const char *words, ExpDtype *dtype, GError **error)
{
  g_autoptr (GPtrArray) all = split_words (words, error);

  if (all == NULL)
    return NULL;
  if (is_text (dtype))
    return exp_array_new_texts (all->len, (const char *const *)all->pdata);

  guint64 n = all->len;
  g_autoptr (ExpArray) values = exp_array_new (dtype, 1, &n, error);
  for (guint i = 0; values != NULL && i < all->len; i++)
    if (!parse_cell (dtype, all->pdata[i], values->data + i * dtype->size, error))
      return NULL;
  return g_steal_pointer (&values);
}

/* --- ranges of numbers -------------------------------------------------------------------------------------- */

/* FIRST:END[:STEP]; FALSE when it is something else. */
static gboolean
parse_range (const char *words, double *first, double *end, double *step)
{
  g_auto (GStrv) parts = g_strsplit (words, ":", -1);
  guint n = g_strv_length (parts);
  double *const numbers[] = { first, end, step };

  *step = 1;
  if (n < 2 || n > 3)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!exp_double_parse (parts[i], strlen (parts[i]), numbers[i]))
      return FALSE;
  return TRUE;
}

static ExpArray *
make_range (const char *words, double first, double end, double step, ExpDtype *dtype, GError **error)
{
  double count = ceil ((end - first) / step);
  guint64 n = count >= 1 && count <= MAX_VALUES ? (guint64)count : 0;

  if (n == 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "the range %s has %s values", words,
                   count > MAX_VALUES ? "too many" : "no");
      return NULL;
    }
  g_autoptr (ExpArray) values = exp_array_new (dtype, 1, &n, error);
  for (guint64 i = 0; values != NULL && i < n; i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      double value = first + (double)i * step;
      g_autoptr (ExpDtype) real = exp_dtype_new_number (EXP_TYPE_FLOAT, sizeof value, G_BYTE_ORDER == G_BIG_ENDIAN);

      if (dtype->type != EXP_TYPE_FLOAT && value == floor (value))
        g_string_printf (text, "%.0f", value);
      else
        exp_cell_format (real, (const guint8 *)&value, text);
      if (!parse_cell (dtype, text->str, values->data + i * dtype->size, error))
        return NULL;
    }
  return g_steal_pointer (&values);
}

ExpArray *
exp_pypet_values_parse (const char *words, ExpDtype *dtype, GError **error)
{
  double first, end, step;

  if ((dtype->type == EXP_TYPE_INT || dtype->type == EXP_TYPE_UINT || dtype->type == EXP_TYPE_FLOAT)
      && parse_range (words, &first, &end, &step))
    return make_range (words, first, end, step, dtype, error);
  return parse_list (words, dtype, error);
}

ExpArray *
exp_pypet_values_take (const ExpArray *values, guint64 n, guint64 (*index) (guint64 i, gpointer data), gpointer data,
                       GError **error)
{
  gsize size = values->dtype->size;
  g_autoptr (ExpArray) taken = exp_array_new (values->dtype, 1, &n, error);

  for (guint64 i = 0; taken != NULL && i < n; i++)
    memcpy (taken->data + i * size, values->data + index (i, data) * size, size);
  return taken != NULL && exp_array_own_cells (taken, error) ? g_steal_pointer (&taken) : NULL;
}
