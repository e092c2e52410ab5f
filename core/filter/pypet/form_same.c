/* Whether two nodes are shown alike: by their text, as copies of plain files have it.
 * Knows texts and numbers; knows nothing of how they are stored.
 * Called by write_form.c. */
#include "expfs/view.h"
#include "form.h"
#include "type.h"
#include <string.h>

#define MAX_TEXT  (1024 * 1024 * 1024)
#define MAX_DEPTH 64

static gboolean is_alike (ExpNode *a, ExpNode *b, guint depth);

/* All of a dataset's text; NULL when it cannot be had. Caller frees. */
static char *
text_of (ExpNode *node)
{
  const ExpViewOptions options = { .is_compact = TRUE };
  g_autoptr (ExpView) view = exp_view_open (&exp_view_text, node, &options, NULL);
  guint64 size;

  if (view == NULL || !exp_view_size (view, &size, NULL) || size > MAX_TEXT)
    return NULL;
  g_autofree char *text = g_try_malloc (size + 1);
  gsize done = 0, n = 1;
  while (text != NULL && done < size && n > 0)
    {
      if (!exp_view_pread (view, done, size - done, text + done, &n, NULL))
        return NULL;
      done += n;
    }
  if (text == NULL || done < size)
    return NULL;
  text[size] = '\0';
  /* A blank within one of several texts of a cell. */
  for (char *at = text; (at = strstr (at, "\\ ")) != NULL;)
    *at = ' ';
  return g_steal_pointer (&text);
}

/* "1" may have become a text, or 1.0. */
static gboolean
is_same_word (const char *a, gsize a_length, const char *b, gsize b_length)
{
  char first[64], second[64], *first_end, *second_end;

  if (a_length == b_length && memcmp (a, b, a_length) == 0)
    return TRUE;
  if (a_length == 0 || b_length == 0 || a_length >= sizeof first || b_length >= sizeof second)
    return FALSE;
  memcpy (first, a, a_length);
  memcpy (second, b, b_length);
  first[a_length] = second[b_length] = '\0';
  double one = g_ascii_strtod (first, &first_end), other = g_ascii_strtod (second, &second_end);
  return *first_end == '\0' && *second_end == '\0' && (one == other || (one != one && other != other));
}

static gboolean
is_same_text (const char *a, const char *b)
{
  for (;;)
    {
      a += strspn (a, " \t\n");
      b += strspn (b, " \t\n");
      gsize a_length = strcspn (a, " \t\n"), b_length = strcspn (b, " \t\n");
      if (!is_same_word (a, a_length, b, b_length))
        return FALSE;
      if (*a == '\0' || *b == '\0')
        return *a == *b;
      a += a_length;
      b += b_length;
    }
}

typedef struct
{
  ExpNode *other;
  guint depth;
  guint64 n;
  gboolean is_alike;
} Comparison;

static gboolean
compare_child (const char *name, ExpNode *child, gpointer data)
{
  Comparison *comparison = data;
  g_autoptr (ExpNode) other = exp_node_lookup (comparison->other, name, NULL);

  comparison->n++;
  comparison->is_alike = other != NULL && is_alike (child, other, comparison->depth + 1);
  return comparison->is_alike;
}

static gboolean
count_child (const char *name, ExpNode *child, gpointer data)
{
  ++*(guint64 *)data;
  return TRUE;
}

static gboolean
is_alike (ExpNode *a, ExpNode *b, guint depth)
{
  g_auto (ExpInfo) first = { 0 }, second = { 0 };

  if (depth > MAX_DEPTH || !exp_node_describe (a, &first, NULL) || !exp_node_describe (b, &second, NULL)
      || first.kind != second.kind)
    return FALSE;
  if (first.kind == EXP_KIND_GROUP)
    {
      Comparison comparison = { b, depth, 0, TRUE };
      guint64 n = 0;

      return exp_node_list (a, 0, compare_child, &comparison, NULL) && comparison.is_alike
             && exp_node_list (b, 0, count_child, &n, NULL) && n == comparison.n;
    }
  if (first.kind != EXP_KIND_DATASET)
    return TRUE;
  g_autofree char *text = text_of (a), *other = text_of (b);
  return text != NULL && other != NULL && is_same_text (text, other);
}

gboolean
exp_pypet_is_shown_alike (ExpNode *a, ExpNode *b)
{
  return is_alike (a, b, 0);
}

gboolean
exp_pypet_is_told_alike (ExpPypetTrajectory *trajectory, ExpNode *inner, ExpArray *shown, const ExpArray *value)
{
  gsize length, size;
  g_autofree char *old = exp_attribute_text (shown, 0, &length, NULL);
  g_autofree char *new = exp_attribute_text ((ExpArray *)value, 0, &size, NULL);

  return old != NULL && new != NULL &&length == size &&memcmp (old, new, size) == 0
         && (shown->dtype->type == value->dtype->type || exp_pypet_form_is_needed (trajectory, inner, NULL));
}
