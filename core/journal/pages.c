/* A table of pages, and moving them into the store.
 * Knows pages and sources; the order of what is durable when is journal.c's.
 * Called by journal.c and recovery.c. */
#include "pages.h"
#include "expfs/error.h"
#include <string.h>

/* Pages that follow each other are written to the store in one piece of at most this many. */
#define RUN 64

static void
page_free (gpointer data)
{
  ExpPage *page = data;

  g_free (page->dirty);
  g_free (page);
}

GHashTable *
exp_pages_new (void)
{
  return g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, page_free);
}

ExpPage *
exp_pages_find (GHashTable *pages, guint64 number)
{
  return g_hash_table_lookup (pages, &number);
}

ExpPage *
exp_pages_add (GHashTable *pages, guint64 number)
{
  ExpPage *page = exp_pages_find (pages, number);

  if (page == NULL)
    {
      page = g_new0 (ExpPage, 1);
      page->number = number;
      g_hash_table_insert (pages, &page->number, page);
    }
  return page;
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  const ExpPage *x = *(ExpPage *const *)a, *y = *(ExpPage *const *)b;

  return x->number < y->number ? -1 : x->number > y->number;
}

GPtrArray *
exp_pages_sorted (GHashTable *pages, gboolean only_dirty)
{
  GPtrArray *sorted = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, pages);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (!only_dirty || ((ExpPage *)value)->dirty != NULL)
      g_ptr_array_add (sorted, value);
  g_ptr_array_sort (sorted, compare);
  return sorted;
}

static gboolean
starts_after (gpointer key, gpointer value, gpointer data)
{
  return ((ExpPage *)value)->number >= *(const guint64 *)data;
}

void
exp_pages_cut (GHashTable *pages, guint64 size)
{
  guint64 first = size / EXP_PAGE_SIZE + (size % EXP_PAGE_SIZE != 0);

  g_hash_table_foreach_remove (pages, starts_after, &first);
}

/* The bytes of pages that follow each other, from the i-th on; returns how many. 0 with an error. */
static guint
read_run (const GPtrArray *sorted, guint i, ExpSource *journal, guint8 *bytes, GError **error)
{
  const ExpPage *first = g_ptr_array_index (sorted, i);
  guint n = 0;

  for (; n < RUN && i + n < sorted->len; n++)
    {
      const ExpPage *page = g_ptr_array_index (sorted, i + n);

      if (page->number != first->number + n)
        break;
      if (!exp_source_pread (journal, page->data, EXP_PAGE_SIZE, bytes + n * EXP_PAGE_SIZE, error))
        return 0;
    }
  return n;
}

gboolean
exp_pages_move (GHashTable *pages, ExpSource *journal, ExpSource *store, guint64 kept, guint64 size, GError **error)
{
  g_autoptr (GPtrArray) sorted = exp_pages_sorted (pages, FALSE);
  g_autofree guint8 *bytes = g_malloc (RUN * EXP_PAGE_SIZE);
  guint64 now;

  if (!exp_source_size (store, &now, error) || (kept < now && !exp_source_truncate (store, kept, error)))
    return FALSE;
  for (guint i = 0; i < sorted->len;)
    {
      const ExpPage *first = g_ptr_array_index (sorted, i);
      guint n = read_run (sorted, i, journal, bytes, error);

      if (n == 0 || !exp_source_pwrite (store, first->number * EXP_PAGE_SIZE, n * EXP_PAGE_SIZE, bytes, error))
        return FALSE;
      i += n;
    }
  return exp_source_truncate (store, size, error) && exp_source_commit (store, error);
}
