/* Files that other programs write while they are open for reading here.
 * Knows by what a change is noticed, and which writers can be followed; opening is file.c's.
 * Called for filters that follow a store. */
#include "object.h"
#include "source_driver.h"
#include "superblock.h"

/* Of a file that was written so shortly before it was looked at, in nanoseconds, the time may not tell what is written
 * next. */
#define UNSURE G_GINT64_CONSTANT (100000000)

/* Once: whoever follows the file keeps nobody from writing it. */
static void
give_back_lock (ExpHdf5File *file)
{
  if (file->lock != EXP_LOCK_AUTO)
    return;
  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  file->lock = EXP_LOCK_BRIEF;
  exp_source_hold (file->source, EXP_HOLD_NOTHING, NULL);
  exp_source_driver_unlock (file->id);
  H5Eclear2 (H5E_DEFAULT);
}

static gboolean
is_as_opened (const ExpHdf5File *file, const ExpIdentity *now)
{
  const ExpIdentity *then = &file->opened;

  return now->size == then->size && now->mtime == then->mtime && then->mtime + UNSURE < file->opened_at;
}

/* Not through file->source, which may have kept what it read before. */
static gboolean
read_superblock (const ExpHdf5File *file, ExpSuperblock *superblock)
{
  g_autoptr (ExpSource) fresh = exp_source_open_file (file->path, NULL);
  ExpIdentity identity;

  return fresh != NULL && exp_source_identify (fresh, &identity, NULL) && identity.inode == file->opened.inode
         && exp_superblock_read (fresh, superblock, NULL);
}

/* A file that is being followed tells its readers of itself, until the writer has gone. */
static gboolean
is_worth_opening (const ExpHdf5File *file)
{
  ExpSuperblock superblock;

  if (!read_superblock (file, &superblock))
    return FALSE;
  return superblock.is_open_for_swmr ? !file->is_growing : !superblock.is_open_for_write;
}

ExpNode *
exp_hdf5_object_reopen (ExpNode *self, GError **error)
{
  const ExpHdf5Object *object = (ExpHdf5Object *)self;
  ExpHdf5File *file = object->file;
  ExpIdentity now;

  if (!file->is_whole || object->address != file->root)
    return NULL;
  give_back_lock (file);
  if (!exp_source_identify (file->source, &now, error) || is_as_opened (file, &now) || !is_worth_opening (file))
    return NULL;

  const ExpStoreOptions options = { .lock = file->lock, .cache = file->cache };
  g_autoptr (ExpHdf5File) anew = exp_hdf5_file_open (file->path, file->prefix, &options, error);
  if (anew == NULL || anew->opened.inode != file->opened.inode)
    return NULL;
  return exp_hdf5_object_new (anew, anew->root);
}
