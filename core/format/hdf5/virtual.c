/* Follows the sources of virtual datasets to see that they end.
 * Knows how HDF5 1.10 finds source files and numbers source names; reads no data.
 * Called by object.c and read.c. */
#include "virtual.h"
#include <string.h>

#define MAX_DEPTH 8

typedef struct
{
  char *directory;
  GHashTable *seen; /* "FILE:ADDRESS" of datasets that were followed, or are being so -> whether they are done */
  guint depth;
  hid_t fapl;
} Walk;

static gboolean follow (Walk *walk, hid_t id, GError **error);

gboolean
exp_hdf5_virtual_is_unlimited (hid_t id)
{
  g_auto (ExpHid) dcpl = H5Dget_create_plist (id);
  size_t n = 0;

  if (dcpl < 0 || H5Pget_virtual_count (dcpl, &n) < 0)
    return TRUE;
  for (size_t i = 0; i < n; i++)
    {
      hsize_t start[H5S_MAX_RANK], stride[H5S_MAX_RANK], count[H5S_MAX_RANK], block[H5S_MAX_RANK];
      g_auto (ExpHid) space = H5Pget_virtual_vspace (dcpl, i);
      int rank = space >= 0 ? H5Sget_simple_extent_ndims (space) : -1;

      if (rank < 0)
        return TRUE;
      if (H5Sget_select_type (space) != H5S_SEL_HYPERSLABS || H5Sis_regular_hyperslab (space) <= 0
          || H5Sget_regular_hyperslab (space, start, stride, count, block) < 0)
        continue;
      for (int axis = 0; axis < rank; axis++)
        if (count[axis] == H5S_UNLIMITED || block[axis] == H5S_UNLIMITED)
          return TRUE;
    }
  return FALSE;
}

/* The name of the source's block `number`: "%b" stands for it, "%%" for '%'. *is_numbered tells whether there was one.
 */
static char *
expand (const char *name, guint64 number, gboolean *is_numbered)
{
  GString *out = g_string_new (NULL);

  for (const char *at = name; *at != '\0'; at++)
    if (at[0] == '%' && at[1] == 'b')
      {
        g_string_append_printf (out, "%" G_GUINT64_FORMAT, number);
        *is_numbered = TRUE;
        at++;
      }
    else
      {
        g_string_append_c (out, *at);
        if (at[0] == '%' && at[1] == '%')
          at++;
      }
  return g_string_free (out, FALSE);
}

/* Follows dataset `name` of an open file. FALSE with no error: there is none. */
static gboolean
follow_name (Walk *walk, hid_t file, const char *name, GError **error)
{
  g_auto (ExpHid) id = H5Dopen2 (file, name, H5P_DEFAULT);

  return id >= 0 && follow (walk, id, error);
}

/* Follows the source in every file that HDF5 may take for `file_name`. */
static gboolean
follow_source (Walk *walk, hid_t dataset, const char *file_name, const char *name, GError **error)
{
  gboolean is_absolute = g_path_is_absolute (file_name), is_there = FALSE;
  const char *last = is_absolute ? strrchr (file_name, '/') + 1 : file_name;
  g_autofree char *beside = g_build_filename (walk->directory, last, NULL);
  const char *candidates[] = { is_absolute ? file_name : beside, beside, last };

  if (strcmp (file_name, ".") == 0)
    {
      g_auto (ExpHid) file = H5Iget_file_id (dataset);

      return file >= 0 && follow_name (walk, file, name, error);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (candidates); i++)
    {
      GError *local = NULL;

      if (!g_file_test (candidates[i], G_FILE_TEST_IS_REGULAR))
        continue;
      g_auto (ExpHid) file = H5Fopen (candidates[i], H5F_ACC_RDONLY, walk->fapl);
      if (file < 0)
        continue;
      if (follow_name (walk, file, name, &local))
        is_there = TRUE;
      else if (local != NULL)
        {
          g_propagate_error (error, local);
          return FALSE;
        }
    }
  return is_there;
}

static gboolean
follow_mapping (Walk *walk, hid_t dataset, hid_t dcpl, size_t i, GError **error)
{
  gssize file_size = H5Pget_virtual_filename (dcpl, i, NULL, 0), name_size = H5Pget_virtual_dsetname (dcpl, i, NULL, 0);

  if (file_size < 0 || name_size < 0)
    return TRUE;

  g_autofree char *file_name = g_malloc0 (file_size + 1), *name = g_malloc0 (name_size + 1);
  H5Pget_virtual_filename (dcpl, i, file_name, file_size + 1);
  H5Pget_virtual_dsetname (dcpl, i, name, name_size + 1);
  for (guint64 number = 0;; number++)
    {
      GError *local = NULL;
      gboolean is_numbered = FALSE;
      g_autofree char *numbered_file = expand (file_name, number, &is_numbered);
      g_autofree char *numbered_name = expand (name, number, &is_numbered);

      if (!follow_source (walk, dataset, numbered_file, numbered_name, &local))
        {
          if (local != NULL)
            g_propagate_error (error, local);
          return local == NULL;
        }
      if (!is_numbered)
        return TRUE;
    }
}

static gboolean
follow (Walk *walk, hid_t id, GError **error)
{
  g_auto (ExpHid) dcpl = H5Dget_create_plist (id);
  gboolean is_followed = TRUE;
  gpointer is_done;
  H5O_info_t info;
  size_t n = 0;

  if (dcpl < 0 || H5Pget_layout (dcpl) != H5D_VIRTUAL || H5Oget_info2 (id, &info, H5O_INFO_BASIC) < 0
      || H5Pget_virtual_count (dcpl, &n) < 0)
    return TRUE;

  char *key = g_strdup_printf ("%lu:%" G_GUINT64_FORMAT, info.fileno, (guint64)info.addr);
  if (g_hash_table_lookup_extended (walk->seen, key, NULL, &is_done) || walk->depth >= MAX_DEPTH)
    {
      g_free (key);
      if (walk->depth < MAX_DEPTH && is_done != NULL)
        return TRUE;
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "a virtual dataset whose sources lead back to it");
      return FALSE;
    }
  g_hash_table_insert (walk->seen, key, NULL);
  walk->depth++;
  for (size_t i = 0; i < n && is_followed; i++)
    is_followed = follow_mapping (walk, id, dcpl, i, error);
  walk->depth--;
  g_hash_table_insert (walk->seen, g_strdup (key), GINT_TO_POINTER (TRUE));
  return is_followed;
}

gboolean
exp_hdf5_virtual_check (ExpHdf5File *file, hid_t id, GError **error)
{
  g_auto (ExpHid) fapl = H5Fget_access_plist (file->id); /* the same driver, and so the same numbers of files */
  Walk walk = { .directory = file->directory, .fapl = fapl };

  walk.seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gboolean is_followed = follow (&walk, id, error);
  g_hash_table_unref (walk.seen);
  H5Eclear2 (H5E_DEFAULT);
  return is_followed;
}
