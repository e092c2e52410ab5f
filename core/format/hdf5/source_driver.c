/* Hands sources to HDF5 as files.
 * Knows HDF5's interface for drivers; the bytes come from core/source.
 * All is called by the library, under the HDF5 lock. */
#include "source_driver.h"
#include <errno.h>
#include <string.h>
#include <sys/file.h>

typedef struct
{
  ExpLockMode lock;
} Access;

typedef struct
{
  H5FD_t base; /* HDF5 wants it first */
  ExpSource *source;
  haddr_t end_of_addresses;
  Access access;
} File;

static GError *last_error; /* under the HDF5 lock */

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

  File *file = g_new0 (File, 1);
  file->source = source;
  if (access != NULL)
    file->access = *access;
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

/* Whether two are one file, whatever their names. */
static int
driver_compare (const H5FD_t *a, const H5FD_t *b)
{
  struct stat sa, sb;

  if (fstat (exp_source_fd (((const File *)a)->source), &sa) != 0
      || fstat (exp_source_fd (((const File *)b)->source), &sb) != 0)
    return a < b ? -1 : a > b;
  if (sa.st_dev != sb.st_dev)
    return sa.st_dev < sb.st_dev ? -1 : 1;
  return sa.st_ino < sb.st_ino ? -1 : sa.st_ino > sb.st_ino;
}

static herr_t
driver_query (const H5FD_t *base, unsigned long *flags)
{
  *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE
           | H5FD_FEAT_AGGREGATE_SMALLDATA | H5FD_FEAT_SUPPORTS_SWMR_IO | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
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

static herr_t
driver_write (H5FD_t *base, H5FD_mem_t type, hid_t dxpl, haddr_t address, size_t length, const void *buffer)
{
  keep_error (g_error_new (EXP_ERROR, EXP_ERROR_READ_ONLY, "%s: only read here", ((File *)base)->source->name));
  return -1;
}

static herr_t
driver_lock (H5FD_t *base, hbool_t is_exclusive)
{
  File *file = (File *)base;
  int fd = exp_source_fd (file->source);

  if (file->access.lock == EXP_LOCK_NO || fd < 0 || flock (fd, (is_exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0)
    return 0;
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

  if (file->access.lock != EXP_LOCK_NO && fd >= 0)
    flock (fd, LOCK_UN);
  return 0;
}

static void *
access_copy (const void *access)
{
  return g_memdup2 (access, sizeof (Access));
}

static void *
access_get (H5FD_t *base)
{
  return access_copy (&((File *)base)->access);
}

static herr_t
access_free (void *access)
{
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
  .read = driver_read,
  .write = driver_write,
  .lock = driver_lock,
  .unlock = driver_unlock,
  .fl_map = H5FD_FLMAP_DICHOTOMY,
};

ExpHid
exp_source_driver_fapl (ExpLockMode lock)
{
  static hid_t driver = H5I_INVALID_HID;
  const Access access = { lock };
  ExpHid fapl = H5Pcreate (H5P_FILE_ACCESS);

  if (driver < 0)
    driver = H5FDregister (&driver_class);
  if (fapl >= 0 && driver >= 0 && H5Pset_driver (fapl, driver, &access) >= 0
      && H5Pset_file_locking (fapl, lock != EXP_LOCK_NO, TRUE) >= 0)
    return fapl;
  exp_hid_release (fapl);
  return H5I_INVALID_HID;
}
