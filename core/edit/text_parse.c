/* Pieces of text, cut into parts that threads parse at the same time.
 * Knows neither where the text comes from nor where values go.
 * Called by text_scan.c and text_store.c. */
#include "text_parse.h"
#include "expfs/number.h"
#include "parallel.h"
#include <string.h>

/* Text worth another thread's waking up. */
#define PART_TEXT (128 * 1024)

typedef struct
{
  const char *start, *end;
  guint64 first; /* leaf, from the start of the first cell of the piece */
  guint64 n_leaves;
  guint64 n_lines;
  guint64 lead;    /* leaves of the line that began before, when it ends here */
  guint64 columns; /* of each whole line; 0: none */
  guint64 trail;   /* leaves of the line that goes on */
  guint64 ragged;  /* the first line that has others, counted from 1; 0: none */
  ExpTextKind kind;
  gboolean is_no_text;
  ExpArray *heap;
  char *room;
  const char *bad; /* text that cannot be parsed; NULL: none */
  gsize bad_length;
  guint64 bad_line, bad_leaf;
  gboolean has_no_memory;
} Part;

typedef struct
{
  const ExpTextParse *parse;
  Part *parts;
} Work;

/* --- counting ----------------------------------------------------------------------------------------------- */

static guint64
count (const char *text, const char *end, gboolean splits_tabs)
{
  guint64 n = 0;

  if (splits_tabs)
    for (; text < end; text++)
      n += *text == '\n' || *text == '\t';
  else
    for (; text < end; text++)
      n += *text == '\n';
  return n;
}

static void
count_part (guint index, gpointer data)
{
  const Work *work = data;
  Part *part = &work->parts[index];

  part->n_leaves = count (part->start, part->end, work->parse->splits_tabs);
}

/* --- one part ----------------------------------------------------------------------------------------------- */

static inline const char *
leaf_end (const char *at, gboolean splits_tabs)
{
  if (splits_tabs)
    while (*at != '\n' && *at != '\t')
      at++;
  else
    while (*at != '\n')
      at++;
  return at;
}

static ExpTextKind
kind_of (const char *text, gsize length, ExpTextKind kind)
{
  gint64 integer;

  while (length > 0 && *text == ' ')
    text++, length--;
  while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\r'))
    length--;
  if (kind == EXP_TEXT_INTEGERS && !exp_int_parse (text, length, &integer))
    kind = EXP_TEXT_NUMBERS;
  if (kind == EXP_TEXT_NUMBERS && !exp_text_is_number (text, length))
    kind = EXP_TEXT_STRINGS;
  return kind;
}

/* Counts a leaf into the lines of its part. */
static inline void
add_leaf (Part *part, char separator)
{
  part->trail++;
  if (separator != '\n')
    return;
  if (part->n_lines == 0)
    part->lead = part->trail;
  else if (part->columns == 0)
    part->columns = part->trail;
  else if (part->columns != part->trail && part->ragged == 0)
    part->ragged = part->n_lines + 1;
  part->n_lines++;
  part->trail = 0;
}

static void
set_bad (Part *part, const char *at, gsize length)
{
  part->bad = at;
  part->bad_length = length;
  part->bad_line = part->n_lines;
  part->bad_leaf = part->trail;
}

static void
look_for_kind (const ExpTextParse *parse, Part *part)
{
  for (const char *at = part->start, *end; at < part->end; at = end + 1)
    {
      end = leaf_end (at, parse->splits_tabs);
      if (part->kind != EXP_TEXT_STRINGS)
        part->kind = kind_of (at, end - at, part->kind);
      add_leaf (part, *end);
    }
  part->is_no_text = !g_utf8_validate (part->start, part->end - part->start, NULL);
}

static void
parse_leaves (const ExpTextParse *parse, Part *part)
{
  const ExpTextCells *cells = parse->cells;
  g_autofree guint8 *scratch = parse->values == NULL ? g_try_malloc0 (MAX (cells->dtype->size, 1)) : NULL;
  ExpTextRoom room = { part->room, part->heap };
  guint64 cell = part->first / cells->n_leaves;
  guint leaf = part->first % cells->n_leaves;

  if (parse->values == NULL && scratch == NULL)
    {
      part->has_no_memory = TRUE;
      return;
    }
  for (const char *at = part->start, *end; at < part->end; at = end + 1)
    {
      guint8 *value
          = (parse->values != NULL ? parse->values + cell * cells->dtype->size : scratch) + cells->leaves[leaf].offset;

      end = leaf_end (at, parse->splits_tabs);
      if (!exp_text_parse_leaf (&cells->leaves[leaf], at, end - at, value, &room))
        {
          set_bad (part, at, end - at);
          return;
        }
      if (parse->values == NULL)
        room.at = part->room;
      add_leaf (part, *end);
      if (++leaf == cells->n_leaves)
        {
          leaf = 0;
          cell++;
        }
    }
}

static void
parse_part (guint index, gpointer data)
{
  const Work *work = data;
  Part *part = &work->parts[index];
  const ExpTextParse *parse = work->parse;

  if (parse->cells == NULL)
    {
      look_for_kind (parse, part);
      return;
    }
  if (!exp_dtype_is_numeric (parse->cells->dtype))
    {
      part->heap = exp_array_new (parse->cells->dtype, 1, &(guint64){ 0 }, NULL);
      part->room = part->heap != NULL ? exp_array_allocate (part->heap, part->end - part->start) : NULL;
      part->has_no_memory = part->room == NULL;
    }
  if (!part->has_no_memory)
    parse_leaves (parse, part);
}

/* --- all parts ---------------------------------------------------------------------------------------------- */

static void
end_line (ExpTextShape *shape, guint64 leaves, guint64 line)
{
  if (shape->columns == 0)
    shape->columns = leaves;
  else if (shape->columns != leaves && !shape->is_ragged)
    {
      shape->is_ragged = TRUE;
      shape->ragged_line = line;
    }
}

static gboolean
add_part (const Part *part, ExpTextShape *shape, GError **error)
{
  if (part->has_no_memory)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for the text's values");
      return FALSE;
    }
  if (part->bad != NULL)
    {
      const gsize n = MIN (part->bad_length, 40);
      g_autofree char *text = g_utf8_make_valid (part->bad, n);

      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
                   "line %" G_GUINT64_FORMAT ", cell %" G_GUINT64_FORMAT ": '%s%s' is no value of the type",
                   shape->n_lines + part->bad_line + 1, (part->bad_line == 0 ? shape->current : 0) + part->bad_leaf + 1,
                   text, n < part->bad_length ? "..." : "");
      return FALSE;
    }
  if (part->n_lines > 0)
    {
      end_line (shape, shape->current + part->lead, shape->n_lines + 1);
      if (part->columns > 0)
        end_line (shape, part->columns, shape->n_lines + 2);
      if (part->ragged > 0 && !shape->is_ragged)
        {
          shape->is_ragged = TRUE;
          shape->ragged_line = shape->n_lines + part->ragged;
        }
      shape->n_lines += part->n_lines;
      shape->current = 0;
    }
  shape->current += part->trail;
  shape->kind = MAX (shape->kind, part->kind);
  shape->is_no_text |= part->is_no_text;
  return TRUE;
}

/* Parts of about equal length; their number. */
static guint
split (const char *text, gsize length, gboolean splits_tabs, Part *parts, guint most)
{
  const char *end = text + length;
  guint n = 0;

  for (const char *at = text; at < end; n++)
    {
      gsize size = (gsize)(end - at) / (most - n);

      parts[n].start = at;
      at = n + 1 == most || size == 0 ? end : leaf_end (at + size - 1, splits_tabs) + 1;
      parts[n].end = at;
    }
  return n;
}

guint64
exp_text_count_leaves (const char *text, gsize length, gboolean splits_tabs)
{
  return count (text, text + length, splits_tabs);
}

gboolean
exp_text_parse (const ExpTextParse *parse, const char *text, gsize length, guint64 first_leaf, ExpTextShape *shape,
                GError **error)
{
  const guint most = CLAMP (length / PART_TEXT, 1, 64);
  g_autofree Part *parts = g_new0 (Part, most);
  const guint n = split (text, length, parse->splits_tabs, parts, most);
  Work work = { parse, parts };
  gboolean is_right = TRUE;

  if (n > 1 && parse->cells != NULL)
    exp_parallel_for (n, count_part, &work);
  for (guint i = 0; i < n; i++)
    {
      parts[i].kind = shape->kind;
      parts[i].first = first_leaf;
      first_leaf += parts[i].n_leaves;
    }
  exp_parallel_for (n, parse_part, &work);
  for (guint i = 0; i < n; i++)
    {
      is_right = is_right && add_part (&parts[i], shape, error);
      if (parse->memory != NULL && parts[i].heap != NULL)
        g_ptr_array_add (parse->memory, parts[i].heap);
      else
        exp_array_unref (parts[i].heap);
    }
  return is_right;
}
