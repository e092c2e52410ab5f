/* Keeps hashes of the names of a few groups: a name whose hash is not among them is not there.
 * Knows when reading a group's names pays; names that go stay in, which costs a look at the group and nothing else.
 * Called by writable.c, children.c and the write_*.c, from several threads. */
#include "absent.h"
#include "changes.h"
#include "links.h"

/* Groups that are remembered, and names of one. */
#define MAX_GROUPS 32
#define MAX_NAMES  1000000

/* A group is read once so many names were missed in it, if it has at most so many children for each of them. */
#define FIRST_READ   8
#define MAX_PER_MISS 64

#define BATCH 4096

typedef struct
{
  guint64 address;
  GHashTable *names; /* hashes; NULL: not read */
  guint64 n_missed;
  guint64 next_read; /* n_missed when it is worth trying */
} Group;

struct _ExpHdf5Absent
{
  GMutex lock;   /* guards all */
  GQueue groups; /* of Group, the latest first */
};

static void
group_free (gpointer data)
{
  Group *group = data;

  g_clear_pointer (&group->names, g_hash_table_unref);
  g_free (group);
}

ExpHdf5Absent *
exp_hdf5_absent_new (void)
{
  ExpHdf5Absent *self = g_new0 (ExpHdf5Absent, 1);

  g_mutex_init (&self->lock);
  g_queue_init (&self->groups);
  return self;
}

void
exp_hdf5_absent_free (ExpHdf5Absent *self)
{
  g_queue_clear_full (&self->groups, group_free);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* FNV-1a. */
static gpointer
hash_name (const char *name)
{
  guint64 hash = G_GUINT64_CONSTANT (14695981039346656037);

  for (; *name != '\0'; name++)
    hash = (hash ^ (guint8)*name) * G_GUINT64_CONSTANT (1099511628211);
  return (gpointer)(guintptr)hash;
}

static Group *
find_locked (ExpHdf5Absent *self, guint64 address)
{
  for (GList *at = self->groups.head; at != NULL; at = at->next)
    {
      Group *group = at->data;

      if (group->address != address)
        continue;
      if (at != self->groups.head)
        {
          g_queue_unlink (&self->groups, at);
          g_queue_push_head_link (&self->groups, at);
        }
      return group;
    }
  return NULL;
}

static Group *
add_locked (ExpHdf5Absent *self, guint64 address)
{
  Group *group = find_locked (self, address);

  if (group != NULL)
    return group;
  if (self->groups.length >= MAX_GROUPS)
    group_free (g_queue_pop_tail (&self->groups));
  group = g_new0 (Group, 1);
  group->address = address;
  group->next_read = FIRST_READ;
  g_queue_push_head (&self->groups, group);
  return group;
}

gboolean
exp_hdf5_absent_has (ExpHdf5File *file, guint64 address, const char *name)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&file->changes->absent->lock);
  const Group *group = find_locked (file->changes->absent, address);

  /* After a failure what was there before may be there again. */
  return group != NULL && group->names != NULL && !g_atomic_int_get (&file->changes->has_failed)
         && !g_hash_table_contains (group->names, hash_name (name));
}

void
exp_hdf5_absent_remove (ExpHdf5File *file, guint64 address, const char *name)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&file->changes->absent->lock);
  Group *group = find_locked (file->changes->absent, address);

  if (group == NULL || group->names == NULL)
    return;
  g_hash_table_add (group->names, hash_name (name));
  if (g_hash_table_size (group->names) > MAX_NAMES)
    {
      g_clear_pointer (&group->names, g_hash_table_unref);
      group->next_read = G_MAXUINT64;
    }
}

void
exp_hdf5_absent_start (ExpHdf5File *file, guint64 address)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&file->changes->absent->lock);
  Group *group = add_locked (file->changes->absent, address);

  g_clear_pointer (&group->names, g_hash_table_unref);
  group->names = g_hash_table_new (NULL, NULL);
}

void
exp_hdf5_absent_forget (ExpHdf5File *file, guint64 address)
{
  ExpHdf5Absent *self = file->changes->absent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (find_locked (self, address) != NULL)
    group_free (g_queue_pop_head (&self->groups));
}

/* NULL when there are more than `most`, or they cannot be read. Within a reading operation. */
static GHashTable *
read_names (ExpHdf5File *file, guint64 address, guint64 most)
{
  g_autoptr (GHashTable) names = g_hash_table_new (NULL, NULL);
  guint64 position = 0, n = 0;
  gboolean is_last = FALSE;

  while (!is_last)
    {
      g_autoptr (GArray) links = exp_hdf5_links_new ();

      if (n > most || !exp_hdf5_links_read (file, address, &position, BATCH, links, &is_last, NULL))
        return NULL;
      n += links->len;
      for (guint i = 0; i < links->len; i++)
        g_hash_table_add (names, hash_name (g_array_index (links, ExpHdf5Link, i).name));
    }
  return g_steal_pointer (&names);
}

/* While it reads nothing is changed. */
static void
learn (ExpHdf5File *file, guint64 address, guint64 most)
{
  g_auto (ExpHdf5Reading) reading = { NULL };

  exp_hdf5_read_begin (&reading, file, address, EXP_HDF5_READS);
  if (exp_hdf5_is_ahead (file, address)) /* within another operation */
    return;
  g_autoptr (GHashTable) names = read_names (file, address, most);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&file->changes->absent->lock);
  Group *group = find_locked (file->changes->absent, address);
  if (group != NULL && group->names == NULL)
    group->names = g_steal_pointer (&names);
}

void
exp_hdf5_absent_note (ExpHdf5File *file, guint64 address)
{
  ExpHdf5Absent *self = file->changes->absent;
  guint64 most = 0;

  g_mutex_lock (&self->lock);
  Group *group = add_locked (self, address);
  if (group->names == NULL && ++group->n_missed >= group->next_read)
    {
      most = MIN (group->n_missed * MAX_PER_MISS, MAX_NAMES);
      group->next_read = 2 * group->n_missed;
    }
  g_mutex_unlock (&self->lock);
  if (most > 0)
    learn (file, address, most);
}
