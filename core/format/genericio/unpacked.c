/* Blocks that were unpacked into files without a name: which, and how many of them.
 * Knows neither packing nor CRCs.
 * Called by block.c. */
#include "genericio.h"

/* Blocks in files at one time. */
#define MAX_UNPACKED 4

typedef struct
{
  const ExpGioBlock *block;
  ExpSource *file; /* NULL while one thread makes it */
} Unpacked;

static void
clear_unpacked (gpointer data)
{
  exp_source_unref (((Unpacked *)data)->file);
}

/* With the file's lock. */
static Unpacked *
find (ExpGioFile *file, const ExpGioBlock *block)
{
  if (file->unpacked == NULL)
    {
      file->unpacked = g_array_new (FALSE, FALSE, sizeof (Unpacked));
      g_array_set_clear_func (file->unpacked, clear_unpacked);
    }
  for (guint i = 0; i < file->unpacked->len; i++)
    if (g_array_index (file->unpacked, Unpacked, i).block == block)
      return &g_array_index (file->unpacked, Unpacked, i);
  return NULL;
}

/* Makes room for one more. With the file's lock. */
static void
drop_oldest (ExpGioFile *file)
{
  for (guint i = 0; i < file->unpacked->len && file->unpacked->len > MAX_UNPACKED; i++)
    if (g_array_index (file->unpacked, Unpacked, i).file != NULL)
      {
        g_array_remove_index (file->unpacked, i);
        return;
      }
}

static ExpSource *
make (ExpGioFile *file, ExpGioUnpackFunc unpack, gpointer data, GError **error)
{
  g_autofree char *name = g_strdup_printf ("%s, unpacked in %s", file->source->name, g_get_tmp_dir ());
  g_autoptr (ExpSource) to = exp_source_new_unnamed (NULL, name, error);

  return to != NULL && unpack (data, to, error) ? g_steal_pointer (&to) : NULL;
}

ExpSource *
exp_gio_unpacked_get (ExpGioFile *file, const ExpGioBlock *block, ExpGioUnpackFunc unpack, gpointer data,
                      GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&file->lock);
  Unpacked *unpacked;

  while ((unpacked = find (file, block)) != NULL && unpacked->file == NULL)
    g_cond_wait (&file->unpacked_is_made, &file->lock);
  if (unpacked != NULL)
    return exp_source_ref (unpacked->file);

  g_array_append_val (file->unpacked, ((Unpacked){ block, NULL }));
  drop_oldest (file);
  g_mutex_unlock (&file->lock);
  ExpSource *made = make (file, unpack, data, error);
  g_mutex_lock (&file->lock);
  unpacked = find (file, block);
  if (made != NULL)
    unpacked->file = exp_source_ref (made);
  else
    g_array_remove_index (file->unpacked, unpacked - (Unpacked *)file->unpacked->data);
  g_cond_broadcast (&file->unpacked_is_made);
  return made;
}
