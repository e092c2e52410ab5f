/* Keeps references whose objects are not there yet, and tries again.
 * Knows when; how a dataset or an attribute gets its type others know.
 * Called by xattrs, writers, the thread that commits, and whoever asks for a commit. */
#include "fs/awaited.h"
#include "fs/attribute_types.h"
#include "fs/driver.h"
#include "fs/flags.h"
#include "fs/retype.h"
#include <string.h>

#define MAX_AWAITED 1000000
#define SOME        100
#define LEISURE     G_USEC_PER_SEC

typedef struct
{
  ExpInode *inode;        /* a reference */
  char *stored;           /* of a directory, what it is to become once all is in it (fs/stored.h); NULL: another */
  char *attribute;        /* NULL: the dataset itself */
  ExpAttributeType *type; /* of the attribute */
  ExpWanted wanted;       /* of the dataset */
} Awaited;

struct _ExpAwaitedTable
{
  GMutex trying; /* held while some are tried */
  GMutex lock;   /* guards the rest */
  GQueue queue;  /* of Awaited */
};

ExpAwaitedTable *
exp_awaited_table_new (void)
{
  ExpAwaitedTable *self = g_new0 (ExpAwaitedTable, 1);

  g_mutex_init (&self->trying);
  g_mutex_init (&self->lock);
  g_queue_init (&self->queue);
  return self;
}

static void
awaited_free (ExpMount *mount, Awaited *awaited)
{
  g_free (awaited->stored);
  g_free (awaited->attribute);
  g_clear_pointer (&awaited->type, exp_attribute_type_free);
  exp_wanted_clear (&awaited->wanted);
  exp_inode_unref (mount->inodes, awaited->inode, 1);
  g_free (awaited);
}

void
exp_awaited_table_free (ExpMount *mount, ExpAwaitedTable *self)
{
  Awaited *awaited;

  while ((awaited = g_queue_pop_head (&self->queue)) != NULL)
    awaited_free (mount, awaited);
  g_mutex_clear (&self->trying);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static gboolean
has_references (const ExpDtype *dtype)
{
  if (dtype->base != NULL)
    return has_references (dtype->base);
  for (guint i = 0; i < dtype->n_members; i++)
    if (has_references (dtype->members[i].dtype))
      return TRUE;
  return dtype->type == EXP_TYPE_REFERENCE && !dtype->is_region;
}

static gboolean
is_awaited (const ExpDtype *dtype, const GError *reason)
{
  return g_error_matches (reason, EXP_ERROR, EXP_ERROR_INVALID) && has_references (dtype);
}

static gboolean
push (ExpMount *mount, ExpInode *inode, Awaited *awaited)
{
  ExpAwaitedTable *self = mount->state->awaited;

  exp_inode_ref (inode);
  awaited->inode = inode;
  g_mutex_lock (&self->lock);
  const gboolean has_room = self->queue.length < MAX_AWAITED;
  if (has_room)
    g_queue_push_tail (&self->queue, awaited);
  g_mutex_unlock (&self->lock);
  if (!has_room)
    awaited_free (mount, awaited);
  return has_room;
}

gboolean
exp_awaited_add (ExpMount *mount, ExpInode *inode, const ExpWanted *wanted, const GError *reason)
{
  if (!is_awaited (wanted->dtype, reason))
    return FALSE;

  Awaited *awaited = g_new0 (Awaited, 1);
  awaited->wanted = *wanted;
  awaited->wanted.dtype = exp_dtype_ref (wanted->dtype);
  awaited->wanted.text = NULL;
  awaited->wanted.types = awaited->wanted.texts = awaited->wanted.late = NULL;
  awaited->wanted.parts = NULL;
  return push (mount, inode, awaited);
}

gboolean
exp_awaited_add_attribute (ExpMount *mount, ExpInode *inode, const char *name, const ExpAttributeType *type,
                           const GError *reason)
{
  if (!is_awaited (type->dtype, reason))
    return FALSE;

  Awaited *awaited = g_new0 (Awaited, 1);
  awaited->attribute = g_strdup (name);
  awaited->type = g_memdup2 (type, sizeof *type);
  exp_dtype_ref (type->dtype);
  return push (mount, inode, awaited);
}

void
exp_awaited_add_stored (ExpMount *mount, ExpInode *inode, const char *text)
{
  Awaited *awaited = g_new0 (Awaited, 1);

  awaited->stored = g_strdup (text);
  push (mount, inode, awaited);
}

/* TRUE when there is nothing more to be done. Between begin and end. */
static gboolean
try_one (ExpMount *mount, Awaited *awaited, GError **error)
{
  ExpInode *inode = awaited->inode;

  if (exp_inode_has (inode, EXP_INODE_IS_DETACHED | EXP_INODE_IS_GONE))
    return TRUE;
  if (exp_inode_has (inode, EXP_INODE_IS_NEW) || exp_writers_has (mount, inode))
    return FALSE;
  if (awaited->stored != NULL)
    return exp_flag_put_stored (mount, inode, awaited->stored, error);
  if (awaited->attribute != NULL)
    return exp_attribute_types_retype (mount, inode, awaited->attribute, awaited->type, error);
  if (!exp_retype_replace (mount, inode, &awaited->wanted, error))
    return FALSE;
  exp_wanted_remove_type (mount, inode);
  exp_inode_unset (inode, EXP_INODE_IS_FRESH);
  return TRUE;
}

static void
say (const Awaited *awaited, const GError *error)
{
  g_autofree char *path = exp_path_shown (awaited->inode);

  if (awaited->stored != NULL)
    g_warning ("%s: %s", path, error->message);
  else if (awaited->attribute != NULL)
    g_warning ("%s: the references of attribute '%s' stay text: %s", path, awaited->attribute, error->message);
  else
    g_warning ("%s: its references stay text: %s", path, error->message);
}

static Awaited *
pop (ExpAwaitedTable *self)
{
  g_mutex_lock (&self->lock);
  Awaited *awaited = g_queue_pop_head (&self->queue);
  g_mutex_unlock (&self->lock);
  return awaited;
}

/* Those that come meanwhile are left for the next time. */
static void
try (ExpMount *mount, guint most, gboolean is_end)
{
  ExpAwaitedTable *self = mount->state->awaited;
  Awaited *awaited;

  g_mutex_lock (&self->trying);
  g_mutex_lock (&self->lock);
  most = MIN (most, self->queue.length);
  g_mutex_unlock (&self->lock);
  if (most > 0)
    exp_behind_settle (mount);
  for (; most > 0 && (awaited = pop (self)) != NULL; most--)
    {
      g_autoptr (GError) error = NULL;
      gboolean is_done = exp_change_begin (mount, &error);

      if (is_done)
        {
          is_done = try_one (mount, awaited, &error);
          exp_change_end (mount);
        }
      if (!is_done && is_end && error != NULL)
        say (awaited, error);
      if (!is_done && !is_end)
        {
          g_mutex_lock (&self->lock);
          g_queue_push_tail (&self->queue, awaited);
          g_mutex_unlock (&self->lock);
        }
      else
        awaited_free (mount, awaited);
    }
  g_mutex_unlock (&self->trying);
}

void
exp_awaited_try (ExpMount *mount, gboolean is_end)
{
  try (mount, G_MAXUINT, is_end);
}

void
exp_awaited_try_some (ExpMount *mount)
{
  try (mount, SOME, FALSE);
}

void
exp_awaited_try_at_leisure (ExpMount *mount)
{
  if (g_get_monotonic_time () - __atomic_load_n (&mount->last_use, __ATOMIC_RELAXED) >= LEISURE)
    exp_awaited_try (mount, FALSE);
}
