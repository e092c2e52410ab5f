/* Pages from the journal file into the store, in pieces as large as they lie side by side.
 * Knows pages and sources; not what is durable when.
 * Called by checkpoint.c. */
#include "move.h"
#include "expfs/error.h"

/* Pages written at a time. */
#define PIECE 256
/* The store's first bytes, which are written last and which a disk writes whole or not at all; and what stands there
 * meanwhile, so that nobody takes half of a store for all of it and writes to that. */
#define HEAD 512
#define MARK "expfs: half of this store is still in its journal beside it, expfs recover finishes it\n"

gboolean
exp_pages_reserve (const ExpPages *pages, ExpSource *store, guint64 size, GError **error)
{
  g_autoptr (GArray) moves = exp_pages_list (pages);

  /* A file of that size may be more than the file system can have. */
  if (size > 0 && !exp_source_reserve (store, size - 1, 1, error))
    return FALSE;

  for (guint i = 0; i < moves->len;)
    {
      const ExpPageMove *first = &g_array_index (moves, ExpPageMove, i);
      guint64 n = 0;

      for (; i < moves->len && g_array_index (moves, ExpPageMove, i).number == first->number + n; i++)
        n += g_array_index (moves, ExpPageMove, i).n;
      if (!exp_source_reserve (store, first->number * EXP_PAGE_SIZE, n * EXP_PAGE_SIZE, error))
        return FALSE;
    }
  return TRUE;
}

/* Takes up to PIECE pages that follow each other from the front of what is left. Returns how many; 0 with an error. */
static guint
read_piece (GArray *moves, guint *i, ExpSource *file, guint8 *bytes, guint64 *number, GError **error)
{
  guint n = 0;

  *number = g_array_index (moves, ExpPageMove, *i).number;
  while (n < PIECE && *i < moves->len)
    {
      ExpPageMove *move = &g_array_index (moves, ExpPageMove, *i);
      guint taken = MIN (PIECE - n, move->n);

      if (move->number != *number + n)
        break;
      if (!exp_source_pread (file, move->data, taken * (gsize)EXP_PAGE_SIZE, bytes + n * (gsize)EXP_PAGE_SIZE, error))
        return 0;
      n += taken;
      move->number += taken;
      move->data += taken * (gsize)EXP_PAGE_SIZE;
      move->n -= taken;
      if (move->n == 0)
        ++*i;
    }
  return n;
}

/* Moves the pages, but for the head. */
static gboolean
move_pages (const ExpPages *pages, ExpSource *file, ExpSource *store, GError **error)
{
  g_autoptr (GArray) moves = exp_pages_list (pages);
  g_autofree guint8 *bytes = g_try_malloc (PIECE * EXP_PAGE_SIZE);
  guint64 number;

  if (bytes == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "%s: no memory to write", store->name);
      return FALSE;
    }
  for (guint i = 0; i < moves->len;)
    {
      guint n = read_piece (moves, &i, file, bytes, &number, error);
      gsize skipped = number == 0 ? HEAD : 0;

      if (n == 0
          || !exp_source_pwrite (store, number * EXP_PAGE_SIZE + skipped, n * (gsize)EXP_PAGE_SIZE - skipped,
                                 bytes + skipped, error))
        return FALSE;
    }
  return TRUE;
}

/* Whoever opens the store by its first bytes finds it whole from here on. */
static gboolean
write_head (const ExpPages *pages, ExpSource *file, ExpSource *store, guint64 size, GError **error)
{
  guint8 head[HEAD] = { 0 };
  const gsize length = MIN (size, HEAD);
  ExpPageRun run = exp_pages_find (pages, 0, 1);

  if (length == 0)
    return TRUE;
  return (run.data == 0 || exp_source_pread (file, run.data, length, head, error))
         && exp_source_pwrite (store, 0, length, head, error) && exp_source_commit (store, error);
}

gboolean
exp_pages_move (const ExpPages *pages, ExpSource *file, ExpSource *store, guint64 kept, guint64 size, GError **error)
{
  guint64 now;

  if (!exp_source_size (store, &now, error))
    return FALSE;
  if (now > 0 && (!exp_source_pwrite (store, 0, sizeof MARK - 1, MARK, error) || !exp_source_commit (store, error)))
    return FALSE;
  /* What was cut gives its room back, which the pages then need again. The mark stays. */
  kept = MAX (kept, HEAD);
  if (kept < now && (!exp_source_truncate (store, kept, error) || !exp_pages_reserve (pages, store, size, error)))
    return FALSE;
  return move_pages (pages, file, store, error) && exp_source_truncate (store, size, error)
         && exp_source_commit (store, error) && write_head (pages, file, store, size, error);
}
