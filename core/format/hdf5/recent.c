/* A table of fixed size, found by address, in which the later takes the place of the earlier.
 * Does not know what it holds.
 * Called by object.c for descriptions and by heap.c for collections. */
#include "recent.h"

#define N_LOCKS 16

typedef struct
{
  guint64 address;
  gpointer thing; /* NULL: none */
} Place;

struct _ExpRecent
{
  ExpRecentRef ref;
  GDestroyNotify unref;
  GMutex locks[N_LOCKS]; /* the place p under p % N_LOCKS */
  guint n;
  Place places[];
};

ExpRecent *
exp_recent_new (guint n_places, ExpRecentRef ref, GDestroyNotify unref)
{
  ExpRecent *self = g_malloc0 (sizeof *self + n_places * sizeof (Place));

  self->ref = ref;
  self->unref = unref;
  self->n = n_places;
  for (guint i = 0; i < N_LOCKS; i++)
    g_mutex_init (&self->locks[i]);
  return self;
}

void
exp_recent_free (ExpRecent *self)
{
  for (guint i = 0; i < self->n; i++)
    if (self->places[i].thing != NULL)
      self->unref (self->places[i].thing);
  for (guint i = 0; i < N_LOCKS; i++)
    g_mutex_clear (&self->locks[i]);
  g_free (self);
}

static guint
place_of (const ExpRecent *self, guint64 address)
{
  return (guint)(address * 0x9e3779b97f4a7c15u >> 32) % self->n;
}

gpointer
exp_recent_find (ExpRecent *self, guint64 address)
{
  guint at = place_of (self, address);
  gpointer thing = NULL;

  g_mutex_lock (&self->locks[at % N_LOCKS]);
  if (self->places[at].thing != NULL && self->places[at].address == address)
    thing = self->ref (self->places[at].thing);
  g_mutex_unlock (&self->locks[at % N_LOCKS]);
  return thing;
}

void
exp_recent_keep (ExpRecent *self, guint64 address, gpointer thing)
{
  guint at = place_of (self, address);

  g_mutex_lock (&self->locks[at % N_LOCKS]);
  gpointer old = self->places[at].thing;
  self->places[at] = (Place){ address, self->ref (thing) };
  g_mutex_unlock (&self->locks[at % N_LOCKS]);
  if (old != NULL)
    self->unref (old);
}

/* Forgets what is kept at a place, if it is for `address` or `is_any`. */
static void
drop_place (ExpRecent *self, guint at, guint64 address, gboolean is_any)
{
  gpointer old = NULL;

  g_mutex_lock (&self->locks[at % N_LOCKS]);
  if (is_any || self->places[at].address == address)
    old = g_steal_pointer (&self->places[at].thing);
  g_mutex_unlock (&self->locks[at % N_LOCKS]);
  if (old != NULL)
    self->unref (old);
}

void
exp_recent_drop (ExpRecent *self, guint64 address)
{
  drop_place (self, place_of (self, address), address, FALSE);
}

void
exp_recent_drop_all (ExpRecent *self)
{
  for (guint i = 0; i < self->n; i++)
    if (self->places[i].thing != NULL)
      drop_place (self, i, 0, TRUE);
}
