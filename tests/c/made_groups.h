/* The files that make_groups.py writes.
 * Knows where they are, and their groups' addresses as the HDF5 library has them.
 * Used by test-groups.c and test-group-damage.c. */
#pragma once

#include "core/format/hdf5/links.h"
#include "expfs/error.h"
#include "made_files.h"
#include <string.h>

static ExpHdf5File *
open_made (const char *directory, const char *name)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  g_autoptr (GError) error = NULL;
  ExpHdf5File *file = exp_hdf5_file_open (path, "", &(ExpStoreOptions){ 0 }, &error);

  g_assert_no_error (error);
  return file;
}

static herr_t
add_group (hid_t file, const char *name, const H5O_info_t *info, void *addresses)
{
  guint64 address = info->addr;

  if (info->type == H5O_TYPE_GROUP)
    g_array_append_val ((GArray *)addresses, address);
  return 0;
}

/* The addresses of all groups. */
static GArray *
group_addresses (ExpHdf5File *file)
{
  GArray *addresses = g_array_new (FALSE, FALSE, sizeof (guint64));

  exp_hdf5_lock ();
  H5Ovisit2 (file->id, H5_INDEX_NAME, H5_ITER_NATIVE, add_group, addresses, H5O_INFO_BASIC);
  exp_hdf5_unlock ();
  return addresses;
}

/* All links of a group, so many at a time. */
static gboolean
read_all (ExpHdf5File *file, guint64 address, guint at_once, GArray *links, GError **error)
{
  guint64 position = 0;
  gboolean is_last = FALSE;

  while (!is_last)
    if (!exp_hdf5_links_read (file, address, &position, at_once, links, &is_last, error))
      return FALSE;
  return TRUE;
}
