/* The turn among the writers of one dataset.
 * Knows who wrote last; what is pending is the writer's.
 * Called by writers and their table. */
#include "fs/turn.h"
#include "fs/writer.h"

struct _ExpTurn
{
  gatomicrefcount references;
  GMutex lock;
  gint n_taken;    /* atomic; written with the lock */
  ExpWriter *last; /* who may have something pending, NULL for none; with the lock */
};

ExpTurn *
exp_turn_new (void)
{
  ExpTurn *turn = g_new0 (ExpTurn, 1);

  g_atomic_ref_count_init (&turn->references);
  g_mutex_init (&turn->lock);
  return turn;
}

ExpTurn *
exp_turn_ref (ExpTurn *turn)
{
  g_atomic_ref_count_inc (&turn->references);
  return turn;
}

void
exp_turn_lock (ExpTurn *turn)
{
  g_mutex_lock (&turn->lock);
}

void
exp_turn_unlock (ExpTurn *turn)
{
  g_mutex_unlock (&turn->lock);
}

void
exp_turn_join (ExpTurn *turn, ExpMount *mount, ExpWriter *writer)
{
  if (turn->last != NULL)
    exp_writer_put_in (mount, turn->last);
  if (!exp_turn_is_current (turn, writer))
    exp_writer_look_anew (writer);
  turn->last = NULL;
  g_atomic_int_set (&writer->turn_seen, g_atomic_int_get (&turn->n_taken));
}

void
exp_turn_take (ExpTurn *turn, ExpMount *mount, ExpWriter *writer)
{
  if (turn->last == writer)
    return;
  if (turn->last != NULL)
    exp_writer_put_in (mount, turn->last);
  if (!exp_turn_is_current (turn, writer))
    exp_writer_look_anew (writer);
  turn->last = writer;
  g_atomic_int_set (&writer->turn_seen, g_atomic_int_add (&turn->n_taken, 1) + 1);
}

gboolean
exp_turn_is_current (const ExpTurn *turn, const ExpWriter *writer)
{
  return g_atomic_int_get (&writer->turn_seen) == g_atomic_int_get (&turn->n_taken);
}

void
exp_turn_leave (ExpTurn *turn, ExpWriter *writer)
{
  g_mutex_lock (&turn->lock);
  if (turn->last == writer)
    turn->last = NULL;
  g_mutex_unlock (&turn->lock);
  if (!g_atomic_ref_count_dec (&turn->references))
    return;
  g_mutex_clear (&turn->lock);
  g_free (turn);
}
