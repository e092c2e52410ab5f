/* A table of pages: leaves of 32 by their number, so that long runs cost a look-up each and single pages little room.
 * Knows numbers and places; not who wrote them.
 * Called by journal.c, recovery.c and move.c. */
#include "pages.h"
#include <string.h>

#define LEAF 32

typedef struct
{
  guint64 index;      /* of the leaf: its first page's number / LEAF */
  guint64 data[LEAF]; /* in the journal file; 0: nowhere there */
  guint32 dirty;      /* a bit for each page in memory */
} Leaf;

struct _ExpPages
{
  GHashTable *leaves; /* index -> Leaf, which it owns */
  GHashTable *dirty;  /* number -> DirtyPage, which it owns */
  guint64 end;        /* behind the last page that there was */
};

typedef struct
{
  guint64 number;
  guint8 *bytes;
} DirtyPage;

static void
dirty_page_free (gpointer data)
{
  DirtyPage *page = data;

  g_free (page->bytes);
  g_free (page);
}

ExpPages *
exp_pages_new (void)
{
  ExpPages *pages = g_new0 (ExpPages, 1);

  pages->leaves = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  pages->dirty = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, dirty_page_free);
  return pages;
}

void
exp_pages_free (ExpPages *pages)
{
  g_hash_table_unref (pages->leaves);
  g_hash_table_unref (pages->dirty);
  g_free (pages);
}

static Leaf *
find_leaf (const ExpPages *pages, guint64 number)
{
  guint64 index = number / LEAF;

  return g_hash_table_lookup (pages->leaves, &index);
}

static Leaf *
make_leaf (ExpPages *pages, guint64 number)
{
  Leaf *leaf = find_leaf (pages, number);

  if (leaf == NULL)
    {
      leaf = g_new0 (Leaf, 1);
      leaf->index = number / LEAF;
      g_hash_table_insert (pages->leaves, &leaf->index, leaf);
    }
  return leaf;
}

static gboolean
is_dirty (const Leaf *leaf, guint at)
{
  return (leaf->dirty >> at & 1) != 0;
}

static guint8 *
find_dirty (const ExpPages *pages, guint64 number)
{
  DirtyPage *page = g_hash_table_size (pages->dirty) > 0 ? g_hash_table_lookup (pages->dirty, &number) : NULL;

  return page != NULL ? page->bytes : NULL;
}

/* --- finding ------------------------------------------------------------------------------------------------ */

/* How many pages from `number` on, at most `n`, are not held. */
static guint64
count_absent (const ExpPages *pages, guint64 number, guint64 n)
{
  guint64 count = 0;

  while (count < n && number + count < pages->end)
    {
      const Leaf *leaf = find_leaf (pages, number + count);
      guint at = (number + count) % LEAF;

      if (leaf == NULL)
        {
          count += LEAF - at;
          continue;
        }
      if (leaf->data[at] != 0 || is_dirty (leaf, at))
        return count;
      count++;
    }
  return number + count < pages->end ? MIN (count, n) : n;
}

/* How many pages from `number` on, at most `n`, stand in the journal file behind each other; the first does, at `data`.
 */
static guint64
count_data (const ExpPages *pages, const Leaf *leaf, guint64 number, guint64 n, guint64 data)
{
  guint64 count = 1;

  for (; count < n; count++)
    {
      guint at = (number + count) % LEAF;

      if (at == 0 && (leaf = find_leaf (pages, number + count)) == NULL)
        break;
      if (leaf->data[at] != data + count * EXP_PAGE_SIZE || is_dirty (leaf, at))
        break;
    }
  return count;
}

ExpPageRun
exp_pages_find (const ExpPages *pages, guint64 number, guint64 n)
{
  const Leaf *leaf = number < pages->end ? find_leaf (pages, number) : NULL;
  const guint at = number % LEAF;

  if (leaf != NULL && is_dirty (leaf, at))
    return (ExpPageRun){ 1, 0, find_dirty (pages, number) };
  if (leaf != NULL && leaf->data[at] != 0)
    return (ExpPageRun){ count_data (pages, leaf, number, n, leaf->data[at]), leaf->data[at], NULL };
  return (ExpPageRun){ count_absent (pages, number, n), 0, NULL };
}

gboolean
exp_pages_is_empty (const ExpPages *pages)
{
  return g_hash_table_size (pages->leaves) == 0;
}

guint64
exp_pages_count (const ExpPages *pages)
{
  GHashTableIter iter;
  gpointer value;
  guint64 n = 0;

  g_hash_table_iter_init (&iter, pages->leaves);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    for (guint i = 0; i < LEAF; i++)
      n += ((Leaf *)value)->data[i] != 0 || is_dirty (value, i);
  return n;
}

/* --- changing ----------------------------------------------------------------------------------------------- */

void
exp_pages_set_data (ExpPages *pages, guint64 number, guint n, guint64 data)
{
  Leaf *leaf = NULL;

  for (guint i = 0; i < n; i++, number++)
    {
      guint at = number % LEAF;

      if (leaf == NULL || at == 0)
        leaf = make_leaf (pages, number);
      if (is_dirty (leaf, at))
        {
          g_hash_table_remove (pages->dirty, &number);
          leaf->dirty &= ~(1u << at);
        }
      leaf->data[at] = data + i * (guint64)EXP_PAGE_SIZE;
    }
  pages->end = MAX (pages->end, number);
}

guint8 *
exp_pages_get_dirty (ExpPages *pages, guint64 number)
{
  return find_dirty (pages, number);
}

void
exp_pages_set_dirty (ExpPages *pages, guint64 number, guint8 *bytes)
{
  DirtyPage *page = g_new (DirtyPage, 1);

  *page = (DirtyPage){ number, bytes };
  g_hash_table_replace (pages->dirty, &page->number, page);
  make_leaf (pages, number)->dirty |= 1u << number % LEAF;
  pages->end = MAX (pages->end, number + 1);
}

guint
exp_pages_count_dirty (const ExpPages *pages)
{
  return g_hash_table_size (pages->dirty);
}

static gint
compare_numbers (gconstpointer a, gconstpointer b)
{
  const guint64 x = *(const guint64 *)a, y = *(const guint64 *)b;

  return x < y ? -1 : x > y;
}

GArray *
exp_pages_list_dirty (const ExpPages *pages)
{
  GArray *numbers = g_array_sized_new (FALSE, FALSE, sizeof (guint64), g_hash_table_size (pages->dirty));
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, pages->dirty);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_array_append_val (numbers, ((DirtyPage *)value)->number);
  g_array_sort (numbers, compare_numbers);
  return numbers;
}

void
exp_pages_cut (ExpPages *pages, guint64 size)
{
  const guint64 first = size / EXP_PAGE_SIZE + (size % EXP_PAGE_SIZE != 0);
  GHashTableIter iter;
  gpointer value;

  if (first >= pages->end)
    return;
  g_hash_table_iter_init (&iter, pages->leaves);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Leaf *leaf = value;
      guint64 start = leaf->index * LEAF;

      for (guint64 number = MAX (start, first); number < start + LEAF; number++)
        {
          leaf->data[number - start] = 0;
          if (is_dirty (leaf, number - start))
            g_hash_table_remove (pages->dirty, &number);
          leaf->dirty &= ~(1u << (number - start));
        }
      if (start >= first)
        g_hash_table_iter_remove (&iter);
    }
  pages->end = first;
}

void
exp_pages_clear (ExpPages *pages)
{
  g_hash_table_remove_all (pages->leaves);
  g_hash_table_remove_all (pages->dirty);
  pages->end = 0;
}

/* --- listing ------------------------------------------------------------------------------------------------ */

static gint
compare_leaves (gconstpointer a, gconstpointer b)
{
  return compare_numbers (*(Leaf *const *)a, *(Leaf *const *)b);
}

GArray *
exp_pages_list (const ExpPages *pages)
{
  g_autoptr (GPtrArray) leaves = g_ptr_array_new ();
  GArray *moves = g_array_new (FALSE, FALSE, sizeof (ExpPageMove));
  ExpPageMove *last = NULL;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, pages->leaves);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_ptr_array_add (leaves, value);
  g_ptr_array_sort (leaves, compare_leaves);
  for (guint i = 0; i < leaves->len; i++)
    for (guint at = 0; at < LEAF; at++)
      {
        const Leaf *leaf = g_ptr_array_index (leaves, i);
        ExpPageMove move = { leaf->index * LEAF + at, leaf->data[at], 1 };

        if (move.data == 0)
          continue;
        if (last != NULL && last->number + last->n == move.number && last->data + last->n * EXP_PAGE_SIZE == move.data)
          {
            last->n++;
            continue;
          }
        g_array_append_val (moves, move);
        last = &g_array_index (moves, ExpPageMove, moves->len - 1);
      }
  return moves;
}
