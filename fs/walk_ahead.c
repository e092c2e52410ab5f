/* Walks: who opens directories depth first, in the order of their listings, will open the next one of that order.
 * Knows inodes and listings; knows no requests.
 * Called by directories. */
#include "fs/walk_ahead.h"

#define N_PARENTS  16             /* levels, of all walks together, on which the next directory can be told */
#define N_EXPECTED 4              /* walks at once */
#define MAX_AGE    G_USEC_PER_SEC /* of what was made ahead: no older than this does a directory look when opened */

typedef struct
{
  ExpListing *listing; /* a reference; NULL: none */
  gint64 time;         /* g_get_monotonic_time when it was begun */
} Expected;

struct _ExpWalkAhead
{
  ExpMount *mount;
  GMutex lock;                    /* guards the rest, and is held for moments only */
  ExpListing *parents[N_PARENTS]; /* references, the last used one first: directories with directories in them */
  Expected expected[N_EXPECTED];
  guint oldest; /* in `expected` */
};

ExpWalkAhead *
exp_walk_ahead_new (ExpMount *mount)
{
  ExpWalkAhead *self = g_new0 (ExpWalkAhead, 1);

  self->mount = mount;
  g_mutex_init (&self->lock);
  return self;
}

void
exp_walk_ahead_free (ExpWalkAhead *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < N_PARENTS; i++)
    exp_listing_unref (self->parents[i]);
  for (guint i = 0; i < N_EXPECTED; i++)
    exp_listing_unref (self->expected[i].listing);
  g_mutex_clear (&self->lock);
  g_free (self);
}

ExpListing *
exp_walk_ahead_open (ExpWalkAhead *self, ExpInode *directory)
{
  Expected found = { NULL, 0 };

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < N_EXPECTED && found.listing == NULL; i++)
    if (self->expected[i].listing != NULL && exp_listing_get_inode (self->expected[i].listing) == directory)
      {
        found = self->expected[i];
        self->expected[i].listing = NULL;
      }
  g_mutex_unlock (&self->lock);

  if (found.listing != NULL && g_get_monotonic_time () - found.time <= MAX_AGE
      && !exp_listing_is_growing (found.listing))
    return found.listing;
  exp_listing_unref (found.listing);
  return exp_listing_new (self->mount, directory, found.listing != NULL);
}

/* With the lock: takes it out, moving those before it down. */
static ExpListing *
take_parent (ExpWalkAhead *self, const ExpInode *directory)
{
  ExpListing *found = NULL;
  guint i = 0;

  while (i < N_PARENTS && self->parents[i] != NULL && exp_listing_get_inode (self->parents[i]) != directory)
    i++;
  if (i < N_PARENTS)
    {
      found = self->parents[i];
      for (; i + 1 < N_PARENTS; i++)
        self->parents[i] = self->parents[i + 1];
      self->parents[i] = NULL;
    }
  return found;
}

/* With the lock: takes over the reference, and returns what had to go. */
static ExpListing *
put_parent (ExpWalkAhead *self, ExpListing *listing)
{
  ExpListing *last = self->parents[N_PARENTS - 1];

  for (guint i = N_PARENTS - 1; i > 0; i--)
    self->parents[i] = self->parents[i - 1];
  self->parents[0] = listing;
  return last;
}

/* A reference. */
static ExpListing *
add_parent (ExpWalkAhead *self, ExpListing *listing)
{
  ExpInode *directory = exp_listing_get_inode (listing);
  /* Of a large one only the last children are there, which its reader may come back for. */
  ExpListing *added
      = exp_listing_is_whole (listing) ? exp_listing_ref (listing) : exp_listing_new (self->mount, directory, FALSE);

  g_mutex_lock (&self->lock);
  ExpListing *before = take_parent (self, directory);
  ExpListing *last = put_parent (self, exp_listing_ref (added));
  g_mutex_unlock (&self->lock);
  exp_listing_unref (before);
  exp_listing_unref (last);
  return added;
}

/* A reference. */
static ExpListing *
find_parent (ExpWalkAhead *self, const ExpInode *directory)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  ExpListing *found = take_parent (self, directory);

  if (found == NULL)
    return NULL;
  put_parent (self, found);
  return exp_listing_ref (found);
}

static void
drop_parent (ExpWalkAhead *self, const ExpInode *directory)
{
  g_mutex_lock (&self->lock);
  ExpListing *found = take_parent (self, directory);
  g_mutex_unlock (&self->lock);
  exp_listing_unref (found);
}

/* The first directory in it. */
static ExpInode *
find_first (ExpWalkAhead *self, ExpListing *listing, guint64 index)
{
  g_autoptr (ExpListing) parent = add_parent (self, listing);
  gboolean is_end;

  return exp_listing_next_directory (parent, index, &is_end);
}

/* The one after it: its next sibling, else that of one above it. */
static ExpInode *
find_sibling (ExpWalkAhead *self, ExpInode *directory)
{
  ExpInode *next = NULL;

  for (gboolean is_end = TRUE; next == NULL && is_end; directory = directory->parent)
    {
      guint64 place = exp_inode_get_place (directory);
      g_autoptr (ExpListing) parent = place > 0 ? find_parent (self, directory->parent) : NULL;

      if (parent == NULL)
        return NULL;
      next = exp_listing_next_directory (parent, place, &is_end);
      if (is_end)
        drop_parent (self, directory->parent);
    }
  return next;
}

/* FALSE when it is expected already. */
static gboolean
expect (ExpWalkAhead *self, ExpListing *listing)
{
  Expected old = { NULL, 0 };
  gboolean is_new = TRUE;

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < N_EXPECTED; i++)
    if (self->expected[i].listing != NULL
        && exp_listing_get_inode (self->expected[i].listing) == exp_listing_get_inode (listing))
      is_new = FALSE;
  if (is_new)
    {
      guint at = self->oldest++ % N_EXPECTED;
      old = self->expected[at];
      self->expected[at].listing = exp_listing_ref (listing);
      self->expected[at].time = g_get_monotonic_time ();
    }
  g_mutex_unlock (&self->lock);
  exp_listing_unref (old.listing);
  return is_new;
}

void
exp_walk_ahead_go_on (ExpWalkAhead *self, ExpListing *listing)
{
  guint64 first = exp_listing_first_directory (listing);
  ExpInode *next;

  if (self->mount->options->is_single_threaded) /* the next request would have to wait */
    return;
  next
      = first != G_MAXUINT64 ? find_first (self, listing, first) : find_sibling (self, exp_listing_get_inode (listing));
  if (next == NULL)
    return;
  g_autoptr (ExpListing) ahead = exp_listing_new (self->mount, next, TRUE);
  exp_inode_unref (self->mount->inodes, next, 1);
  if (expect (self, ahead) && exp_listing_is_expected (listing) && !exp_listing_is_growing (listing))
    exp_listing_prepare (ahead, 0);
}
