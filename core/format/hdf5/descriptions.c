/* Descriptions in a table of fixed size, where the later takes the place of the earlier.
 * Does not know what descriptions say.
 * Called by object.c. */
#include "descriptions.h"
#include "object.h"

#define N_PLACES 2048
#define N_LOCKS  16

typedef struct
{
  guint64 address;
  ExpHdf5Description *description; /* NULL: none */
} Place;

struct _ExpHdf5Descriptions
{
  GMutex locks[N_LOCKS]; /* the place p under p % N_LOCKS */
  Place places[N_PLACES];
};

ExpHdf5Descriptions *
exp_hdf5_descriptions_new (void)
{
  ExpHdf5Descriptions *self = g_new0 (ExpHdf5Descriptions, 1);

  for (guint i = 0; i < N_LOCKS; i++)
    g_mutex_init (&self->locks[i]);
  return self;
}

void
exp_hdf5_descriptions_free (ExpHdf5Descriptions *self)
{
  for (guint i = 0; i < N_PLACES; i++)
    exp_hdf5_description_unref (self->places[i].description);
  for (guint i = 0; i < N_LOCKS; i++)
    g_mutex_clear (&self->locks[i]);
  g_free (self);
}

static guint
place_of (guint64 address)
{
  return (guint)(address * 0x9e3779b97f4a7c15u >> 40) % N_PLACES;
}

ExpHdf5Description *
exp_hdf5_descriptions_find (ExpHdf5Descriptions *self, guint64 address)
{
  guint at = place_of (address);
  ExpHdf5Description *description = NULL;

  g_mutex_lock (&self->locks[at % N_LOCKS]);
  if (self->places[at].address == address && self->places[at].description != NULL)
    description = exp_hdf5_description_ref (self->places[at].description);
  g_mutex_unlock (&self->locks[at % N_LOCKS]);
  return description;
}

void
exp_hdf5_descriptions_keep (ExpHdf5Descriptions *self, guint64 address, ExpHdf5Description *description)
{
  guint at = place_of (address);

  g_mutex_lock (&self->locks[at % N_LOCKS]);
  ExpHdf5Description *old = self->places[at].description;
  self->places[at] = (Place){ address, exp_hdf5_description_ref (description) };
  g_mutex_unlock (&self->locks[at % N_LOCKS]);
  exp_hdf5_description_unref (old);
}
