/* The one lock around the HDF5 library, and its error stack turned into a GError.
 * Knows nothing of what the calls are for.
 * Called by everything in this folder. */
#include "hdf5_lock.h"
#include "processors.h"
#include "source_driver.h"
#include <string.h>

static GMutex lock;

/* Most who hold it do so for less time than it takes to go to sleep and be woken. */
static void
lock_soon (void)
{
  for (guint i = exp_processors_n_looks (); i > 0; i--)
    {
      if (g_mutex_trylock (&lock))
        return;
      exp_processors_pause ();
    }
  g_mutex_lock (&lock);
}

void
exp_hdf5_lock (void)
{
  static _Thread_local gboolean is_silent;

  lock_soon ();
  if (!is_silent)
    {
      /* At exit HDF5 would close what a damaged file left half open, and end with a crash. */
      H5dont_atexit ();
      H5Eset_auto2 (H5E_DEFAULT, NULL, NULL);
      is_silent = TRUE;
    }
  exp_source_driver_take_error (NULL); /* what the library got over is no cause of what fails later */
}

void
exp_hdf5_unlock (void)
{
  g_mutex_unlock (&lock);
}

ExpHdf5Locker *
exp_hdf5_locker_new (void)
{
  exp_hdf5_lock ();
  return (ExpHdf5Locker *)&lock;
}

void
exp_hdf5_locker_free (ExpHdf5Locker *locker)
{
  exp_hdf5_unlock ();
}

void
exp_hid_release (ExpHid id)
{
  if (id > 0) /* H5P_DEFAULT is 0 */
    H5Idec_ref (id);
}

/* The first two descriptions from the innermost outwards. */
typedef struct
{
  char innermost[256], next[256];
} Descriptions;

static herr_t
collect (unsigned n, const H5E_error2_t *entry, void *data)
{
  Descriptions *found = data;

  if (n < 2 && entry->desc != NULL)
    g_strlcpy (n == 0 ? found->innermost : found->next, entry->desc, sizeof found->innermost);
  return n < 1 ? 0 : 1;
}

/* What HDF5 1.10 says, and the cause behind it. */
static const struct
{
  const char *words;
  ExpError code;
} causes[] = {
  { "truncated file", EXP_ERROR_DAMAGED },      { "letcher32", EXP_ERROR_CHECKSUM },
  { "checksum", EXP_ERROR_CHECKSUM },           { "needs filter", EXP_ERROR_NO_FILTER },
  { "required filter", EXP_ERROR_NO_FILTER },   { "is not registered", EXP_ERROR_NO_FILTER },
  { "filter plugin", EXP_ERROR_NO_FILTER },     { "already open for", EXP_ERROR_BUSY },
  { "unable to lock file", EXP_ERROR_BUSY },    { "no appropriate function for conversion", EXP_ERROR_UNSUPPORTED },
  { "ermission denied", EXP_ERROR_PERMISSION }, { "memory allocation failed", EXP_ERROR_NO_MEMORY },
  { "bad version number", EXP_ERROR_VERSION },  { "message is too large", EXP_ERROR_TOO_LARGE },
};

void
exp_hdf5_set_error (GError **error, const char *format, ...)
{
  Descriptions found = { "", "" };
  ExpError code = EXP_ERROR_DAMAGED;
  va_list arguments;

  va_start (arguments, format);
  g_autofree char *what = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  H5Ewalk2 (H5E_DEFAULT, H5E_WALK_UPWARD, collect, &found);
  H5Eclear2 (H5E_DEFAULT);
  if (exp_source_driver_take_error (error))
    {
      g_prefix_error (error, "%s: ", what);
      return;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (causes); i++)
    if (strstr (found.innermost, causes[i].words) != NULL || strstr (found.next, causes[i].words) != NULL)
      {
        code = causes[i].code;
        break;
      }
  if (found.innermost[0] != '\0')
    g_set_error (error, EXP_ERROR, code, "%s: %s", what, found.innermost);
  else
    g_set_error (error, EXP_ERROR, code, "%s", what);
}
