/* Hands sources to HDF5 as files.
 * Knows HDF5's interface for drivers, and of the bytes only the superblock's marks; the rest is core/source's.
 * All is called by the library, under the HDF5 lock. */
#include "source_driver.h"
#include "object_checksum.h"
#include <errno.h>
#include <string.h>
#include <sys/file.h>

/* Of a superblock of version 2 or 3, the only ones with marks of a writer: what comes before its four addresses, and
 * the checksum behind them. */
#define SUPERBLOCK_START 12
#define SUPERBLOCK_SUM   4
#define SUPERBLOCK_MARKS 11
#define MAX_SUPERBLOCK   (SUPERBLOCK_START + 4 * 8 + SUPERBLOCK_SUM)

typedef struct
{
  ExpLockMode lock;
  ExpSource *source;     /* NULL: opened by name, and only read */
  guint64 superblock;    /* where it lies in the source */
  gsize superblock_size; /* of version 2 or 3; else 0 */
} Access;

typedef struct
{
  H5FD_t base; /* HDF5 wants it first */
  ExpSource *source;
  haddr_t end_of_addresses;
  Access access;
  struct timespec mtime; /* when it was opened, of one that is only read; else 0 */
} File;

static const H5FD_class_t driver_class;
static GError *last_error;     /* under the HDF5 lock */
static ExpSource *lost_source; /* the same: what is written to it is dropped */

gboolean
exp_source_driver_take_error (GError **error)
{
  if (last_error == NULL)
    return FALSE;
  g_propagate_error (error, g_steal_pointer (&last_error));
  return TRUE;
}

static void
keep_error (GError *error)
{
  H5Epush2 (H5E_DEFAULT, __FILE__, __func__, __LINE__, H5E_ERR_CLS, H5E_VFL, H5E_READERROR, "%s", error->message);
  g_clear_error (&last_error);
  last_error = error;
}

static H5FD_t *
driver_open (const char *name, unsigned flags, hid_t fapl, haddr_t maxaddr)
{
  const Access *access = H5Pget_driver_info (fapl);
  GError *error = NULL;
  struct stat st;

  if (access != NULL && access->source != NULL)
    {
      File *file = g_new0 (File, 1);

      file->access = *access;
      file->source = exp_source_ref (access->source);
      if (access->source->klass->pwrite == NULL && fstat (exp_source_fd (file->source), &st) == 0)
        file->mtime = st.st_mtim;
      return &file->base;
    }
  if (flags & (H5F_ACC_RDWR | H5F_ACC_CREAT | H5F_ACC_TRUNC))
    {
      keep_error (g_error_new (EXP_ERROR, EXP_ERROR_READ_ONLY, "%s: only read here", name));
      return NULL;
    }

  ExpSource *source = exp_source_open_file (name, &error);
  if (source == NULL)
    {
      keep_error (error);
      return NULL;
    }

  if ((flags & H5F_ACC_SWMR_READ) == 0)
    exp_source_expect_no_change (source);
  File *file = g_new0 (File, 1);
  file->source = source;
  if (fstat (exp_source_fd (source), &st) == 0)
    file->mtime = st.st_mtim;
  if (access != NULL)
    file->access = *access;
  file->access.source = NULL;
  return &file->base;
}

static herr_t
driver_close (H5FD_t *base)
{
  File *file = (File *)base;

  exp_source_unref (file->source);
  g_free (file);
  return 0;
}

static int
compare_times (const struct timespec *a, const struct timespec *b)
{
  if (a->tv_sec == 0 || b->tv_sec == 0)
    return 0;
  if (a->tv_sec != b->tv_sec)
    return a->tv_sec < b->tv_sec ? -1 : 1;
  return a->tv_nsec < b->tv_nsec ? -1 : a->tv_nsec > b->tv_nsec;
}

/* Whether two are one file, whatever their names. One that was changed in between is another one: what the library
 * knows of the first is not so of the second. */
static int
driver_compare (const H5FD_t *a, const H5FD_t *b)
{
  const ExpSource *left = ((const File *)a)->source, *right = ((const File *)b)->source;
  struct stat sa, sb;

  if (left == right)
    return 0;
  if (fstat (exp_source_fd (((const File *)a)->source), &sa) != 0
      || fstat (exp_source_fd (((const File *)b)->source), &sb) != 0)
    return left < right ? -1 : 1;
  if (sa.st_dev != sb.st_dev)
    return sa.st_dev < sb.st_dev ? -1 : 1;
  if (sa.st_ino != sb.st_ino)
    return sa.st_ino < sb.st_ino ? -1 : 1;
  return compare_times (&((const File *)a)->mtime, &((const File *)b)->mtime);
}

static herr_t
driver_query (const H5FD_t *base, unsigned long *flags)
{
  *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_AGGREGATE_SMALLDATA
           | H5FD_FEAT_SUPPORTS_SWMR_IO | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
  /* Where we write contiguous data ourselves, the library must not have a copy of it. */
  if (base == NULL || ((const File *)base)->access.source == NULL)
    *flags |= H5FD_FEAT_DATA_SIEVE;
  return 0;
}

static haddr_t
driver_get_eoa (const H5FD_t *base, H5FD_mem_t type)
{
  return ((const File *)base)->end_of_addresses;
}

static herr_t
driver_set_eoa (H5FD_t *base, H5FD_mem_t type, haddr_t address)
{
  ((File *)base)->end_of_addresses = address;
  return 0;
}

static haddr_t
driver_get_eof (const H5FD_t *base, H5FD_mem_t type)
{
  guint64 size;

  return exp_source_size (((const File *)base)->source, &size, NULL) ? size : HADDR_UNDEF;
}

/* What lies past the end of the file but not of the addresses is zeros, as HDF5's own drivers have it. */
static herr_t
driver_read (H5FD_t *base, H5FD_mem_t type, hid_t dxpl, haddr_t address, size_t length, void *buffer)
{
  File *file = (File *)base;
  GError *error = NULL;
  guint64 size;

  if (exp_source_size (file->source, &size, &error))
    {
      gsize there = address >= size ? 0 : MIN (length, size - address);

      memset ((guint8 *)buffer + there, 0, length - there);
      if (exp_source_pread (file->source, address, there, buffer, &error))
        return 0;
    }
  keep_error (error);
  return -1;
}

/* While the library has a file open for writing its superblock says so, which would keep everybody else from opening
 * what a crash or a checkpoint left; what goes to the source never says it. */
static void
unmark (guint8 *superblock, gsize size)
{
  guint32 sum;

  superblock[SUPERBLOCK_MARKS] = 0;
  sum = GUINT32_TO_LE (exp_object_checksum (superblock, size - sizeof sum));
  memcpy (superblock + size - sizeof sum, &sum, sizeof sum);
}

/* Bytes that are, or have among them, some of the superblock's. */
static gboolean
write_superblock (File *file, guint64 address, gsize length, const guint8 *bytes, GError **error)
{
  const guint64 at = file->access.superblock, end = address + length;
  const gsize size = file->access.superblock_size;
  guint64 first = MAX (address, at), last = MIN (end, at + size);
  guint8 superblock[MAX_SUPERBLOCK], old[MAX_SUPERBLOCK];

  if (!exp_source_pread (file->source, at, size, old, error))
    return FALSE;
  memcpy (superblock, old, size);
  memcpy (superblock + (first - at), bytes + (first - address), last - first);
  unmark (superblock, size);
  return (first == address || exp_source_pwrite (file->source, address, first - address, bytes, error))
         && (memcmp (superblock, old, size) == 0 || exp_source_pwrite (file->source, at, size, superblock, error))
         && (last == end || exp_source_pwrite (file->source, last, end - last, bytes + (last - address), error));
}

static herr_t
driver_write (H5FD_t *base, H5FD_mem_t type, hid_t dxpl, haddr_t address, size_t length, const void *buffer)
{
  File *file = (File *)base;
  const Access *access = &file->access;
  GError *error = NULL;
  gboolean is_written;

  if (file->source == lost_source)
    return 0;
  if (address < access->superblock + access->superblock_size && access->superblock < address + length)
    is_written = write_superblock (file, address, length, buffer, &error);
  else
    is_written = exp_source_pwrite (file->source, address, length, buffer, &error);
  if (is_written)
    return 0;
  keep_error (error);
  return -1;
}

static herr_t
driver_truncate (H5FD_t *base, hid_t dxpl, hbool_t is_closing)
{
  File *file = (File *)base;
  GError *error = NULL;

  if (file->access.source == NULL || file->source == lost_source
      || exp_source_truncate (file->source, file->end_of_addresses, &error))
    return 0;
  keep_error (error);
  return -1;
}

/* The library calls this for whoever asks it for the file's handle: exp_source_driver_extend alone does. */
static herr_t
driver_get_handle (H5FD_t *base, hid_t fapl, void **handle)
{
  *handle = base;
  return 0;
}

gboolean
exp_source_driver_extend (hid_t id, guint64 size, guint64 *address)
{
  const guint64 end = (guint64)driver_class.maxaddr;
  void *handle;

  if (H5Fget_vfd_handle (id, H5P_DEFAULT, &handle) < 0)
    return FALSE;
  File *file = handle;
  *address = (file->end_of_addresses + 7) / 8 * 8;
  if (*address >= end || size > end - *address)
    return FALSE;
  file->end_of_addresses = *address + size;
  return TRUE;
}

void
exp_source_driver_lose (ExpSource *source)
{
  lost_source = source;
}

static herr_t
driver_lock (H5FD_t *base, hbool_t is_exclusive)
{
  File *file = (File *)base;
  int fd = exp_source_fd (file->source);

  if (file->access.source != NULL || file->access.lock == EXP_LOCK_NO || fd < 0
      || flock (fd, (is_exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0)
    {
      if (file->access.source == NULL && file->access.lock == EXP_LOCK_BRIEF && fd >= 0)
        flock (fd, LOCK_UN);
      return 0;
    }
  if (errno == EWOULDBLOCK)
    {
      keep_error (g_error_new (EXP_ERROR, EXP_ERROR_BUSY,
                               "%s is open for writing by another program (lock=no reads it all the same)",
                               file->source->name));
      return -1;
    }
  g_warning ("%s: the file system has no locks (%s); going on read-only without one", file->source->name,
             g_strerror (errno));
  return 0;
}

static herr_t
driver_unlock (H5FD_t *base)
{
  File *file = (File *)base;
  int fd = exp_source_fd (file->source);

  if (file->access.source == NULL && file->access.lock != EXP_LOCK_NO && fd >= 0)
    flock (fd, LOCK_UN);
  return 0;
}

void
exp_source_driver_unlock (hid_t id)
{
  void *handle;

  if (H5Fget_vfd_handle (id, H5P_DEFAULT, &handle) >= 0)
    driver_unlock (handle);
}

static void *
access_copy (const void *access)
{
  Access *copy = g_memdup2 (access, sizeof (Access));

  if (copy->source != NULL)
    exp_source_ref (copy->source);
  return copy;
}

static void *
access_get (H5FD_t *base)
{
  return access_copy (&((File *)base)->access);
}

static herr_t
access_free (void *access)
{
  exp_source_unref (((Access *)access)->source);
  g_free (access);
  return 0;
}

static const H5FD_class_t driver_class = {
  .name = "expfs-source",
  .maxaddr = (haddr_t)G_MAXINT64,
  .fc_degree = H5F_CLOSE_WEAK,
  .fapl_size = sizeof (Access),
  .fapl_get = access_get,
  .fapl_copy = access_copy,
  .fapl_free = access_free,
  .open = driver_open,
  .close = driver_close,
  .cmp = driver_compare,
  .query = driver_query,
  .get_eoa = driver_get_eoa,
  .set_eoa = driver_set_eoa,
  .get_eof = driver_get_eof,
  .get_handle = driver_get_handle,
  .read = driver_read,
  .write = driver_write,
  .truncate = driver_truncate,
  .lock = driver_lock,
  .unlock = driver_unlock,
  .fl_map = H5FD_FLMAP_DICHOTOMY,
};

static ExpHid
make_fapl (const Access *access)
{
  static hid_t driver = H5I_INVALID_HID;
  ExpHid fapl = H5Pcreate (H5P_FILE_ACCESS);
  gboolean has_locks = access->source == NULL && access->lock != EXP_LOCK_NO;

  if (driver < 0)
    driver = H5FDregister (&driver_class);
  if (fapl >= 0 && driver >= 0 && H5Pset_driver (fapl, driver, access) >= 0
      && H5Pset_file_locking (fapl, has_locks, TRUE) >= 0)
    return fapl;
  exp_hid_release (fapl);
  return H5I_INVALID_HID;
}

ExpHid
exp_source_driver_fapl (ExpSource *source, ExpLockMode lock)
{
  const Access access = { .lock = lock, .source = source };

  return make_fapl (&access);
}

ExpHid
exp_source_driver_fapl_writable (ExpSource *source, const ExpSuperblock *superblock)
{
  const Access access = {
    .lock = EXP_LOCK_NO,
    .source = source,
    .superblock = superblock->base,
    .superblock_size = superblock->version < 2 ? 0 : SUPERBLOCK_START + 4 * superblock->sizeof_address + SUPERBLOCK_SUM,
  };
  ExpHid fapl = make_fapl (&access);

  if (fapl >= 0 && H5Pset_fclose_degree (fapl, H5F_CLOSE_STRONG) >= 0)
    return fapl;
  exp_hid_release (fapl);
  return H5I_INVALID_HID;
}

gboolean
exp_source_driver_set_newest (hid_t fapl)
{
  return H5Pset_libver_bounds (fapl, H5F_LIBVER_V110, H5F_LIBVER_V110) >= 0;
}
