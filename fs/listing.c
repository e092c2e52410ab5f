/* Listings: a batch of the node's children at a time, and of these some as inodes already, so that the kernel finds
 * its next entries made while the caller still looks at the last ones.
 * Knows no virtual names but the views that -o views= lists; knows no requests.
 * Called by directories. */
#include "fs/listing.h"
#include "fs/names.h"
#include <malloc.h>
#include <string.h>

/* Children per batch. Passing over those before a batch may cost the store time, so batches grow with the offset, up
 * to where their memory matters. */
#define FIRST_BATCH 1024
#define LAST_BATCH  65536
#define LARGE_BATCH 16384 /* after these there is memory to give back, which malloc would keep */

/* Bytes of names that end a batch before it is full. */
#define MAX_NAMES (16 << 20)

#define AHEAD  256  /* entries made ahead, somewhat more than a reply holds */
#define PASSED 64   /* children looked at to find a directory */
#define BEHIND 2048 /* children kept of the batch before: the kernel goes back for what its caller had no room for */

typedef struct
{
  gsize name; /* where the true name starts in the batch's names */
  ExpNode *node;
} Child;

struct _ExpListing
{
  gatomicrefcount references;
  ExpMount *mount;
  ExpInode *inode; /* a reference */
  guint per_child; /* entries: itself and the listed views */
  gboolean is_expected;
  gint n_waiting;  /* requests, for the lock; atomic */
  gint is_growing; /* atomic */

  GMutex lock;             /* guards the rest: the kernel may read one open directory in two threads */
  GArray *children;        /* the batch */
  GString *names;          /* of its children, a NUL after each */
  guint64 first;           /* index of its first child in the directory */
  guint64 batch_size;      /* of the next one */
  guint64 n_wanted;        /* children when the batch is full */
  gboolean is_last;        /* no children follow it */
  GError *error;           /* why the listing ended early, for when the batch is used up */
  guint64 first_directory; /* index of the first child that was made and is one; G_MAXUINT64: none */
  GStrv new_names;         /* files that are not in the store yet; NULL for none */

  guint64 place;              /* of the first entry made ahead */
  guint n_taken, n_ahead;     /* in `ahead` */
  ExpInode *ahead[AHEAD + 1]; /* references, NULL where nothing is shown; one more for what was given back */
};

static void
clear_child (gpointer data)
{
  exp_node_unref (((Child *)data)->node);
}

ExpListing *
exp_listing_new (ExpMount *mount, ExpInode *inode, gboolean is_expected)
{
  ExpListing *self = g_new0 (ExpListing, 1);

  g_atomic_ref_count_init (&self->references);
  self->mount = mount;
  exp_inode_ref (inode);
  self->inode = inode;
  self->is_expected = is_expected;
  self->first_directory = G_MAXUINT64;
  self->per_child = 1;
  for (const ExpViewClass **views = mount->options->views; views != NULL && *views != NULL; views++)
    self->per_child++;
  g_mutex_init (&self->lock);
  self->children = g_array_new (FALSE, FALSE, sizeof (Child));
  g_array_set_clear_func (self->children, clear_child);
  self->names = g_string_new (NULL);
  self->batch_size = FIRST_BATCH;
  if (mount->is_writable)
    self->new_names = exp_writers_list_new (mount, inode);
  return self;
}

ExpListing *
exp_listing_ref (ExpListing *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

static void
drop_ahead (ExpListing *self)
{
  for (; self->n_taken < self->n_ahead; self->n_taken++)
    if (self->ahead[self->n_taken] != NULL)
      exp_inode_unref (self->mount->inodes, self->ahead[self->n_taken], 1);
  self->n_taken = self->n_ahead = 0;
}

void
exp_listing_unref (ExpListing *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->references))
    return;
  gboolean was_large = self->batch_size >= LARGE_BATCH;

  drop_ahead (self);
  g_array_unref (self->children);
  g_string_free (self->names, TRUE);
  g_clear_error (&self->error);
  g_strfreev (self->new_names);
  g_mutex_clear (&self->lock);
  exp_inode_unref (self->mount->inodes, self->inode, 1);
  g_free (self);
#ifdef __GLIBC__
  if (was_large)
    malloc_trim (0);
#endif
}

static gboolean
is_full (const ExpListing *self)
{
  return self->children->len >= self->n_wanted || self->names->len >= MAX_NAMES;
}

static gboolean
collect_child (const char *name, ExpNode *node, gpointer data)
{
  ExpListing *self = data;
  Child child = { self->names->len, exp_node_ref (node) };

  g_string_append_len (self->names, name, strlen (name) + 1);
  g_array_append_val (self->children, child);
  return !is_full (self);
}

/* Drops all but the last children of the batch. */
static void
drop_children (ExpListing *self, guint n_kept)
{
  guint n_dropped = self->children->len - MIN (self->children->len, n_kept);

  if (n_dropped == self->children->len)
    g_string_truncate (self->names, 0);
  else
    {
      gsize start = g_array_index (self->children, Child, n_dropped).name;

      g_string_erase (self->names, 0, start);
      for (guint i = n_dropped; i < self->children->len; i++)
        g_array_index (self->children, Child, i).name -= start;
    }
  g_array_remove_range (self->children, 0, n_dropped);
  self->first += n_dropped;
}

/* The child at `index`; NULL past the last, and where the listing failed (error is set then). */
static Child *
child_at (ExpListing *self, guint64 index)
{
  if (index < self->first || index >= self->first + self->children->len)
    {
      if (index >= self->first && (self->is_last || self->error != NULL))
        return NULL;
      if (index < self->first)
        self->batch_size = FIRST_BATCH;
      gboolean goes_on = index == self->first + self->children->len && self->names->len < MAX_NAMES;
      drop_children (self, goes_on ? BEHIND : 0);
      if (self->children->len == 0)
        self->first = index;
      g_clear_error (&self->error);
      self->n_wanted = self->children->len + self->batch_size;
      self->is_last = exp_node_list (self->inode->node, index, collect_child, self, &self->error) && !is_full (self);
      self->batch_size = MIN (self->batch_size * 2, LAST_BATCH);
      if (index - self->first >= self->children->len)
        return NULL;
    }
  return &g_array_index (self->children, Child, index - self->first);
}

static char *
shown_name (ExpListing *self, const char *name, GError **error)
{
  if (exp_name_is_long (name, strlen (name)))
    return exp_long_names_show (self->mount->state->long_names, self->inode, name, error);
  return exp_name_encode (name, strlen (name));
}

static gboolean
view_applies (ExpNode *node, const ExpViewClass *klass)
{
  g_auto (ExpInfo) info = { 0 };

  return exp_node_describe (node, &info, NULL) && info.kind == EXP_KIND_DATASET && klass->applies (&info);
}

static guint
view_index (const ExpViewClass *klass)
{
  guint i = 0;

  while (exp_view_classes[i] != klass)
    i++;
  return i;
}

/* The inode of a child, or of a view of it; NULL for none, and for what cannot be had, which is logged. */
static ExpInode *
make_entry (ExpListing *self, const char *true_name, ExpNode *node, const ExpViewClass *klass, gboolean with_size)
{
  g_autoptr (GError) error = NULL;

  if (klass != NULL && !view_applies (node, klass))
    return NULL;
  g_autofree char *name = shown_name (self, true_name, &error);
  if (name != NULL && klass != NULL)
    {
      char *with_suffix = g_strconcat (name, klass->suffix, NULL);
      g_autoptr (ExpNode) real = exp_node_lookup (self->inode->node, with_suffix, NULL);
      g_free (name);
      name = with_suffix;
      if (real != NULL)
        return NULL; /* a real node wins, and is listed itself */
    }

  ExpInode *inode = name == NULL ? NULL
                                 : exp_entry_for_child (self->mount, self->inode, name, node,
                                                        klass != NULL ? view_index (klass) : 0, with_size, &error);
  if (inode == NULL)
    exp_log_failure (self->mount, self->inode, true_name, error);
  return inode;
}

/* After the store's own: files that were made and are still open. With the lock, and past the last child. */
static gboolean
get_new (ExpListing *self, guint64 place, ExpInode **inode)
{
  guint64 i = place - (self->first + self->children->len) * self->per_child;

  if (self->new_names == NULL || self->error != NULL || i >= g_strv_length (self->new_names))
    return FALSE;
  *inode = exp_inode_find (self->mount->inodes, self->inode, self->new_names[i]);
  if (*inode != NULL && !exp_inode_has (*inode, EXP_INODE_IS_NEW))
    {
      exp_inode_unref (self->mount->inodes, *inode, 1);
      *inode = NULL;
    }
  return TRUE;
}

/* With the lock. */
static gboolean
get_locked (ExpListing *self, guint64 place, gboolean with_size, ExpInode **inode)
{
  guint64 index = place / self->per_child;
  const Child *child = child_at (self, index);
  guint which = place % self->per_child;

  if (child == NULL)
    return get_new (self, place, inode);
  *inode = make_entry (self, self->names->str + child->name, child->node,
                       which > 0 ? self->mount->options->views[which - 1] : NULL, with_size);
  if (*inode != NULL && (*inode)->type == EXP_INODE_DIRECTORY && !self->mount->is_writable)
    {
      exp_inode_set_place (*inode, index + 1);
      self->first_directory = MIN (self->first_directory, index);
    }
  else if (*inode != NULL && exp_inode_has (*inode, EXP_INODE_IS_GROWING))
    g_atomic_int_set (&self->is_growing, TRUE);
  return TRUE;
}

/* For who must not wait long: exp_listing_prepare makes way. */
static void
lock_for_request (ExpListing *self)
{
  if (g_mutex_trylock (&self->lock))
    return;
  g_atomic_int_inc (&self->n_waiting);
  g_mutex_lock (&self->lock);
  g_atomic_int_add (&self->n_waiting, -1);
}

gboolean
exp_listing_get (ExpListing *self, guint64 place, gboolean with_size, ExpInode **inode)
{
  gboolean is_there = TRUE;

  lock_for_request (self);
  if (self->n_taken < self->n_ahead && place == self->place + self->n_taken)
    *inode = self->ahead[self->n_taken++];
  else
    {
      drop_ahead (self);
      is_there = get_locked (self, place, with_size, inode);
    }
  g_mutex_unlock (&self->lock);
  return is_there;
}

void
exp_listing_unget (ExpListing *self, guint64 place, ExpInode *inode)
{
  g_mutex_lock (&self->lock);
  if (self->n_taken > 0 && place == self->place + self->n_taken - 1)
    self->ahead[--self->n_taken] = g_steal_pointer (&inode);
  else if (self->n_taken == self->n_ahead)
    {
      self->place = place;
      self->n_taken = 0;
      self->n_ahead = 1;
      self->ahead[0] = g_steal_pointer (&inode);
    }
  g_mutex_unlock (&self->lock);
  if (inode != NULL)
    exp_inode_unref (self->mount->inodes, inode, 1);
}

void
exp_listing_prepare (ExpListing *self, guint64 place)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  guint n_left = self->n_ahead - self->n_taken;

  if (n_left > 0 && place != self->place + self->n_taken) /* somebody else is at it */
    return;
  memmove (self->ahead, self->ahead + self->n_taken, n_left * sizeof *self->ahead);
  self->place = place;
  self->n_taken = 0;
  for (self->n_ahead = n_left; self->n_ahead < AHEAD && g_atomic_int_get (&self->n_waiting) == 0; self->n_ahead++)
    if (!get_locked (self, place + self->n_ahead, TRUE, &self->ahead[self->n_ahead]))
      break;
}

GError *
exp_listing_get_error (ExpListing *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->error != NULL ? g_error_copy (self->error) : NULL;
}

ExpInode *
exp_listing_get_inode (ExpListing *self)
{
  return self->inode;
}

gboolean
exp_listing_is_expected (ExpListing *self)
{
  return self->is_expected;
}

gboolean
exp_listing_is_growing (ExpListing *self)
{
  return g_atomic_int_get (&self->is_growing);
}

gboolean
exp_listing_is_whole (ExpListing *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->first == 0 && self->is_last;
}

guint64
exp_listing_first_directory (ExpListing *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->first_directory;
}

/* A reference; NULL when it is something else, or the kernel does not know it. */
static ExpInode *
find_directory (ExpListing *self, const Child *child)
{
  g_autofree char *name = shown_name (self, self->names->str + child->name, NULL);
  ExpInode *inode = name != NULL ? exp_inode_find (self->mount->inodes, self->inode, name) : NULL;

  if (inode == NULL || inode->type == EXP_INODE_DIRECTORY)
    return inode;
  exp_inode_unref (self->mount->inodes, inode, 1);
  return NULL;
}

ExpInode *
exp_listing_next_directory (ExpListing *self, guint64 index, gboolean *is_end)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  *is_end = FALSE;
  /* Going back would pass over the children before them again each time that two walks take turns. */
  for (guint64 end = index + PASSED; index < end && index >= self->first; index++)
    {
      const Child *child = child_at (self, index);
      ExpInode *inode = child != NULL ? find_directory (self, child) : NULL;

      if (inode != NULL)
        {
          exp_inode_set_place (inode, index + 1);
          return inode;
        }
      if (child == NULL)
        {
          *is_end = TRUE;
          return NULL;
        }
    }
  return NULL;
}
