/* A source that is a plain file.
 * Knows nothing of what the file holds.
 * Opened by formats for a store's files. */
#include "blocks.h"
#include "expfs/error.h"
#include "expfs/source.h"
#include "system_error.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* Bytes written after which the disk begins with them, so that a commit has less to wait for. */
#define WRITE_BEHIND (8 << 20)

typedef struct
{
  ExpSource base;
  int fd;
  guint64 key;        /* of its blocks; 0: it may change at any time; atomic, another one after each change by us */
  guint64 known_size; /* once it has a key and cannot be written */
  guint64 n_written;  /* bytes since the disk was last told to begin; atomic */
} FileSource;

static void
file_free (ExpSource *source)
{
  FileSource *file = (FileSource *)source;

  close (file->fd);
  g_free (file);
}

void
exp_set_system_error (GError **error, const char *name, int saved_errno)
{
  ExpError code = saved_errno == ENOENT || saved_errno == ENOTDIR                          ? EXP_ERROR_NOT_FOUND
                  : saved_errno == EACCES || saved_errno == EPERM                          ? EXP_ERROR_PERMISSION
                  : saved_errno == EROFS                                                   ? EXP_ERROR_READ_ONLY
                  : saved_errno == ENOSPC || saved_errno == EDQUOT || saved_errno == EFBIG ? EXP_ERROR_NO_SPACE
                                                                                           : EXP_ERROR_IO;

  g_set_error (error, EXP_ERROR, code, "%s: %s", name, g_strerror (saved_errno));
}

static gboolean
file_size (ExpSource *source, guint64 *size, GError **error)
{
  FileSource *file = (FileSource *)source;
  struct stat st;

  if (file->known_size != 0)
    {
      *size = file->known_size;
      return TRUE;
    }
  if (fstat (file->fd, &st) != 0)
    {
      exp_set_system_error (error, source->name, errno);
      return FALSE;
    }
  *size = st.st_size;
  return TRUE;
}

static gboolean
file_pread (ExpSource *source, guint64 offset, gsize length, void *buffer, GError **error)
{
  FileSource *file = (FileSource *)source;
  guint64 key = __atomic_load_n (&file->key, __ATOMIC_ACQUIRE);
  gsize done = 0;

  if (offset > G_MAXINT64 - length)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "%s: an address lies past any possible end", source->name);
      return FALSE;
    }
  while (done < length)
    {
      gssize n = key != 0 && length <= EXP_BLOCKS_MAX_READ
                     ? exp_blocks_pread (key, file->fd, offset + done, length - done, (char *)buffer + done)
                     : pread (file->fd, (char *)buffer + done, length - done, offset + done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          exp_set_system_error (error, source->name, errno);
          return FALSE;
        }
      if (n == 0)
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED,
                       "%s ends at byte %" G_GUINT64_FORMAT ", before data that it should hold", source->name,
                       offset + done);
          return FALSE;
        }
      done += n;
    }
  return TRUE;
}

static int
file_fd (ExpSource *source)
{
  return ((FileSource *)source)->fd;
}

static void
file_expect_no_change (ExpSource *source)
{
  FileSource *file = (FileSource *)source;

  if (file->key == 0 && file_size (source, &file->known_size, NULL))
    file->key = exp_blocks_new_key ();
}

static void
writable_expect_no_change (ExpSource *source)
{
  __atomic_store_n (&((FileSource *)source)->key, exp_blocks_new_key (), __ATOMIC_RELEASE);
}

/* What was read before is not read again: whoever reads while it is written may have either. */
static void
forget_blocks (FileSource *file)
{
  if (__atomic_load_n (&file->key, __ATOMIC_RELAXED) != 0)
    writable_expect_no_change (&file->base);
}

static gboolean
write_all (FileSource *file, guint64 offset, gsize length, const char *bytes, GError **error)
{
  while (length > 0)
    {
      gssize n = pwrite (file->fd, bytes, length, offset);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          exp_set_system_error (error, file->base.name, n < 0 ? errno : ENOSPC);
          return FALSE;
        }
      bytes += n;
      length -= n;
      offset += n;
    }
  return TRUE;
}

static gboolean
file_pwrite (ExpSource *source, guint64 offset, gsize length, const void *buffer, GError **error)
{
  FileSource *file = (FileSource *)source;
  gboolean is_written = write_all (file, offset, length, buffer, error);

  forget_blocks (file);
  if (!is_written)
    return FALSE;
  if (__atomic_add_fetch (&file->n_written, length, __ATOMIC_RELAXED) >= WRITE_BEHIND)
    {
      __atomic_store_n (&file->n_written, 0, __ATOMIC_RELAXED);
      sync_file_range (file->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
    }
  return TRUE;
}

/* Nothing that is going to be lost is worth the disk's time. */
static gboolean
unnamed_pwrite (ExpSource *source, guint64 offset, gsize length, const void *buffer, GError **error)
{
  return write_all ((FileSource *)source, offset, length, buffer, error);
}

static gboolean
file_truncate (ExpSource *source, guint64 size, GError **error)
{
  gboolean is_done = ftruncate (((FileSource *)source)->fd, size) == 0;

  if (is_done)
    {
      forget_blocks ((FileSource *)source);
      return TRUE;
    }
  exp_set_system_error (error, source->name, errno);
  return FALSE;
}

/* Not fdatasync: the time of change, by which a writer sees that nobody else wrote, must not be lost either. */
static gboolean
file_commit (ExpSource *source, GError **error)
{
  if (fsync (((FileSource *)source)->fd) == 0)
    return TRUE;
  exp_set_system_error (error, source->name, errno);
  return FALSE;
}

static gboolean
file_reserve (ExpSource *source, guint64 offset, guint64 length, GError **error)
{
  int result;

  do
    result = length > 0 ? fallocate (((FileSource *)source)->fd, FALLOC_FL_KEEP_SIZE, offset, length) : 0;
  while (result != 0 && errno == EINTR);
  if (result == 0 || errno == EOPNOTSUPP || errno == ENOSYS)
    return TRUE;
  exp_set_system_error (error, source->name, errno);
  return FALSE;
}

static gboolean
file_hold (ExpSource *source, ExpHold hold, GError **error)
{
  static const int operations[]
      = { [EXP_HOLD_NOTHING] = LOCK_UN, [EXP_HOLD_SHARED] = LOCK_SH, [EXP_HOLD_EXCLUSIVE] = LOCK_EX };

  if (flock (((FileSource *)source)->fd, operations[hold] | LOCK_NB) == 0)
    return TRUE;
  if (errno == EWOULDBLOCK)
    g_set_error (error, EXP_ERROR, EXP_ERROR_BUSY, "%s is open in another program", source->name);
  else
    g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "%s: the file system has no locks (%s)", source->name,
                 g_strerror (errno));
  return FALSE;
}

static gboolean
file_identify (ExpSource *source, ExpIdentity *identity, GError **error)
{
  struct stat st;

  if (fstat (((FileSource *)source)->fd, &st) != 0)
    {
      exp_set_system_error (error, source->name, errno);
      return FALSE;
    }
  identity->inode = st.st_ino;
  identity->size = st.st_size;
  identity->mtime = st.st_mtim.tv_sec * G_GINT64_CONSTANT (1000000000) + st.st_mtim.tv_nsec;
  return TRUE;
}

static const ExpSourceClass file_class = {
  .free = file_free,
  .size = file_size,
  .pread = file_pread,
  .fd = file_fd,
  .expect_no_change = file_expect_no_change,
  .hold = file_hold,
  .identify = file_identify,
};

static const ExpSourceClass writable_class = {
  .free = file_free,
  .size = file_size,
  .pread = file_pread,
  .fd = file_fd,
  .expect_no_change = writable_expect_no_change,
  .pwrite = file_pwrite,
  .truncate = file_truncate,
  .commit = file_commit,
  .reserve = file_reserve,
  .hold = file_hold,
  .identify = file_identify,
};

static const ExpSourceClass unnamed_class = {
  .free = file_free,
  .size = file_size,
  .pread = file_pread,
  .fd = file_fd,
  .pwrite = unnamed_pwrite,
  .truncate = file_truncate,
  .reserve = file_reserve,
};

static ExpSource *
source_new (int fd, const char *name, const ExpSourceClass *klass)
{
  FileSource *file = g_new0 (FileSource, 1);

  file->base.klass = klass;
  g_atomic_ref_count_init (&file->base.references);
  file->base.name = g_strdup (name);
  file->fd = fd;
  return &file->base;
}

static ExpSource *
open_file (const char *path, int flags, mode_t mode, const ExpSourceClass *klass, GError **error)
{
  struct stat st;
  /* O_NONBLOCK so that a FIFO given as a store is refused rather than waited for. */
  int fd = open (path, flags | O_CLOEXEC | O_NONBLOCK, mode);

  if (fd < 0 || fstat (fd, &st) != 0)
    {
      exp_set_system_error (error, path, errno);
      if (fd >= 0)
        close (fd);
      return NULL;
    }
  if (!S_ISREG (st.st_mode))
    {
      close (fd);
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "%s: not a regular file", path);
      return NULL;
    }
  return source_new (fd, path, klass);
}

ExpSource *
exp_source_open_file (const char *path, GError **error)
{
  return open_file (path, O_RDONLY, 0, &file_class, error);
}

ExpSource *
exp_source_open_file_itself (const char *path, GError **error)
{
  return open_file (path, O_RDONLY | O_NOFOLLOW, 0, &file_class, error);
}

ExpSource *
exp_source_open_file_writable (const char *path, mode_t mode, GError **error)
{
  return open_file (path, O_RDWR | (mode != 0 ? O_CREAT : 0), mode, &writable_class, error);
}

/* Not every file system has files without a name. */
static int
make_unnamed (const char *folder)
{
  int fd = open (folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

  if (fd >= 0)
    return fd;
  g_autofree char *name = g_build_filename (g_get_tmp_dir (), "expfs-XXXXXX", NULL);
  fd = g_mkstemp_full (name, O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0)
    unlink (name);
  return fd;
}

ExpSource *
exp_source_new_unnamed (const char *folder, const char *name, GError **error)
{
  int fd = make_unnamed (folder != NULL ? folder : g_get_tmp_dir ());

  if (fd >= 0)
    return source_new (fd, name, &unnamed_class);
  exp_set_system_error (error, name, errno);
  return NULL;
}
