/* Preloaded into the daemon: writes down everything that it does to the files below one directory, in the order in
 * which it happens, so that replay.py can make the disk of any moment.
 * Knows no journal and no store. Used by crash.py through LD_PRELOAD.
 *
 * $EXPFS_RECORD_DIR is the directory (absolute, no symbolic links), $EXPFS_RECORD_LOG the log. A record is, in the
 * machine's byte order: u32 kind, u32 length of the path, u64 offset, u64 length of the data, u64 the file's time of
 * change after it in nanoseconds (0 for names); then path and data. */
#undef _FILE_OFFSET_BITS /* which would give both names of a call the same symbol */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum
{
  CREATE = 1, /* the file is there, empty if it is new */
  WRITE,
  TRUNCATE, /* to `offset` */
  SYNC,     /* all before it on this file is durable; on a directory: its names are */
  UNLINK,
  RENAME, /* the data is the new path */
  GROW,   /* to `offset` at least */
};

typedef struct
{
  uint32_t kind, path_length;
  uint64_t offset, length, mtime;
} Head;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* held across a call and its record: so the order is true */

static int
log_fd (void)
{
  static int fd = -2;
  static int (*real_open) (const char *, int, ...);

  if (fd == -2)
    {
      const char *path = getenv ("EXPFS_RECORD_LOG");

      real_open = (int (*) (const char *, int, ...))dlsym (RTLD_NEXT, "open64");
      fd = path != NULL ? real_open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;
    }
  return fd;
}

static int
is_recorded (const char *path)
{
  const char *directory = getenv ("EXPFS_RECORD_DIR");
  size_t n = directory != NULL ? strlen (directory) : 0;

  return n > 0 && strncmp (path, directory, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

/* The path of an open file; FALSE for one that is not recorded. */
static int
path_of (int fd, char *path, size_t size)
{
  char link[64];
  ssize_t n;

  snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  n = readlink (link, path, size - 1);
  if (n <= 0)
    return 0;
  path[n] = '\0';
  return is_recorded (path);
}

static void
record (uint32_t kind, const char *path, int fd, uint64_t offset, const struct iovec *parts, int n, uint64_t length)
{
  static ssize_t (*real_writev) (int, const struct iovec *, int);
  struct stat st = { 0 };
  Head head = { kind, (uint32_t)strlen (path), offset, length, 0 };
  struct iovec all[2 + 1024] = { { &head, sizeof head }, { (void *)path, strlen (path) } };
  int n_all = 2;

  if (fd >= 0 && fstat (fd, &st) == 0)
    head.mtime = st.st_mtim.tv_sec * UINT64_C (1000000000) + st.st_mtim.tv_nsec;
  if (real_writev == NULL)
    real_writev = (ssize_t (*) (int, const struct iovec *, int))dlsym (RTLD_NEXT, "writev");
  for (int i = 0; i < n && length > 0 && n_all < 1026; i++)
    {
      size_t part = parts[i].iov_len < length ? parts[i].iov_len : length;

      all[n_all++] = (struct iovec){ parts[i].iov_base, part };
      length -= part;
    }
  if (real_writev (log_fd (), all, n_all < 1024 ? n_all : 1024) < 0 || n_all > 1024)
    abort ();
}

#define REAL(type, name, parameters)                                                                                   \
  static type (*real) parameters;                                                                                      \
  if (real == NULL)                                                                                                    \
  real = (type (*) parameters)dlsym (RTLD_NEXT, name)

static ssize_t
recorded_write (int fd, ssize_t result, off_t offset, const struct iovec *parts, int n)
{
  char path[4096];

  if (result > 0 && path_of (fd, path, sizeof path))
    record (WRITE, path, fd, offset, parts, n, result);
  return result;
}

ssize_t
pwrite64 (int fd, const void *buffer, size_t length, off64_t offset)
{
  REAL (ssize_t, "pwrite64", (int, const void *, size_t, off64_t));
  struct iovec part = { (void *)buffer, length };

  pthread_mutex_lock (&lock);
  ssize_t result = recorded_write (fd, real (fd, buffer, length, offset), offset, &part, 1);
  pthread_mutex_unlock (&lock);
  return result;
}

ssize_t
pwrite (int fd, const void *buffer, size_t length, off_t offset)
{
  return pwrite64 (fd, buffer, length, offset);
}

ssize_t
pwritev64 (int fd, const struct iovec *parts, int n, off64_t offset)
{
  REAL (ssize_t, "pwritev64", (int, const struct iovec *, int, off64_t));

  pthread_mutex_lock (&lock);
  ssize_t result = recorded_write (fd, real (fd, parts, n, offset), offset, parts, n);
  pthread_mutex_unlock (&lock);
  return result;
}

ssize_t
pwritev (int fd, const struct iovec *parts, int n, off_t offset)
{
  return pwritev64 (fd, parts, n, offset);
}

static int
recorded (int result, int fd, uint32_t kind, uint64_t offset)
{
  char path[4096];

  if (result == 0 && path_of (fd, path, sizeof path))
    record (kind, path, fd, offset, NULL, 0, 0);
  return result;
}

int
ftruncate64 (int fd, off64_t length)
{
  REAL (int, "ftruncate64", (int, off64_t));

  pthread_mutex_lock (&lock);
  int result = recorded (real (fd, length), fd, TRUNCATE, length);
  pthread_mutex_unlock (&lock);
  return result;
}

int
ftruncate (int fd, off_t length)
{
  return ftruncate64 (fd, length);
}

int
posix_fallocate64 (int fd, off64_t offset, off64_t length)
{
  REAL (int, "posix_fallocate64", (int, off64_t, off64_t));

  pthread_mutex_lock (&lock);
  int result = recorded (real (fd, offset, length), fd, GROW, offset + length);
  pthread_mutex_unlock (&lock);
  return result;
}

int
posix_fallocate (int fd, off_t offset, off_t length)
{
  return posix_fallocate64 (fd, offset, length);
}

int
fsync (int fd)
{
  REAL (int, "fsync", (int));

  pthread_mutex_lock (&lock);
  int result = recorded (real (fd), fd, SYNC, 0);
  pthread_mutex_unlock (&lock);
  return result;
}

int
fdatasync (int fd)
{
  REAL (int, "fdatasync", (int));

  pthread_mutex_lock (&lock);
  int result = recorded (real (fd), fd, SYNC, 0);
  pthread_mutex_unlock (&lock);
  return result;
}

int
unlink (const char *path)
{
  REAL (int, "unlink", (const char *));

  pthread_mutex_lock (&lock);
  int result = real (path);
  if (result == 0 && is_recorded (path))
    record (UNLINK, path, -1, 0, NULL, 0, 0);
  pthread_mutex_unlock (&lock);
  return result;
}

int
rename (const char *old, const char *new)
{
  REAL (int, "rename", (const char *, const char *));
  struct iovec part = { (void *)new, strlen (new) };

  pthread_mutex_lock (&lock);
  int result = real (old, new);
  if (result == 0 && is_recorded (old))
    record (RENAME, old, -1, 0, &part, 1, part.iov_len);
  pthread_mutex_unlock (&lock);
  return result;
}

int
open64 (const char *path, int flags, ...)
{
  REAL (int, "open64", (const char *, int, ...));
  mode_t mode = 0;

  if (flags & (O_CREAT | O_TMPFILE))
    {
      va_list arguments;

      va_start (arguments, flags);
      mode = va_arg (arguments, mode_t);
      va_end (arguments);
    }
  if ((flags & O_CREAT) == 0 || !is_recorded (path))
    return real (path, flags, mode);
  pthread_mutex_lock (&lock);
  int fd = real (path, flags, mode);
  if (fd >= 0)
    record (CREATE, path, -1, 0, NULL, 0, 0);
  pthread_mutex_unlock (&lock);
  return fd;
}

int
open (const char *path, int flags, ...)
{
  mode_t mode = 0;

  if (flags & (O_CREAT | O_TMPFILE))
    {
      va_list arguments;

      va_start (arguments, flags);
      mode = va_arg (arguments, mode_t);
      va_end (arguments);
    }
  return open64 (path, flags, mode);
}
