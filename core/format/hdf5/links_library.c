/* Lists groups and finds links through HDF5.
 * Knows no structure of a group.
 * Called by links.c. */
#include "links_library.h"
#include <string.h>

static hid_t
open_group (ExpHdf5File *file, guint64 address, GError **error)
{
  hid_t id = exp_hdf5_file_object (file, address, error);

  if (id < 0 || H5Iget_type (id) == H5I_GROUP)
    return id;
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_A_GROUP, "not a group");
  return H5I_INVALID_HID;
}

typedef struct
{
  GArray *links;
  guint limit;
} Listing;

static herr_t
append_link (hid_t group, const char *name, const H5L_info_t *info, void *data)
{
  Listing *listing = data;
  ExpHdf5Link link
      = { .name = g_strdup (name), .type = info->type, .address = info->type == H5L_TYPE_HARD ? info->u.address : 0 };

  g_array_append_val (listing->links, link);
  return listing->links->len >= listing->limit;
}

gboolean
exp_hdf5_library_read_links (ExpHdf5File *file, guint64 address, guint64 *position, guint limit, GArray *links,
                             gboolean *is_last, GError **error)
{
  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  hid_t id = open_group (file, address, error);
  Listing listing = { links, limit };
  hsize_t index = *position;
  guint before = links->len;
  H5G_info_t info;

  if (id < 0)
    return FALSE;
  /* Past the end HDF5 fails for some kinds of groups and is silent for others. */
  if (H5Gget_info (id, &info) < 0
      || (index < info.nlinks && H5Literate (id, H5_INDEX_NAME, H5_ITER_NATIVE, &index, append_link, &listing) < 0))
    {
      exp_hdf5_set_error (error, "cannot list the group");
      return FALSE;
    }
  *position += links->len - before;
  *is_last = links->len < limit;
  return TRUE;
}

typedef struct
{
  const char *name;
  hsize_t position;
  H5L_info_t info;
} Search;

static herr_t
compare_name (hid_t group, const char *name, const H5L_info_t *info, void *data)
{
  Search *search = data;

  if (strcmp (name, search->name) == 0)
    {
      search->info = *info;
      return 1;
    }
  search->position++;
  return 0;
}

/* Names that are paths to HDF5 are found by their place in the order of names. 1, 0 for none, or -1. */
static int
find_info (hid_t id, Search *search, gboolean by_position)
{
  hsize_t index = 0;

  if (by_position)
    return H5Literate (id, H5_INDEX_NAME, H5_ITER_INC, &index, compare_name, search);

  htri_t exists = H5Lexists (id, search->name, H5P_DEFAULT);
  return exists > 0 && H5Lget_info (id, search->name, &search->info, H5P_DEFAULT) < 0 ? -1 : exists;
}

static gboolean
read_value (hid_t id, const Search *search, gboolean by_position, ExpHdf5Link *link, GError **error)
{
  gsize size = search->info.u.val_size;

  link->value = g_try_malloc0 (size + 1);
  link->value_size = size;
  if (link->value == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for a link of %" G_GSIZE_FORMAT " bytes", size);
      return FALSE;
    }
  if (size > 0
      && (by_position ? H5Lget_val_by_idx (id, ".", H5_INDEX_NAME, H5_ITER_INC, search->position, link->value, size,
                                           H5P_DEFAULT)
                      : H5Lget_val (id, search->name, link->value, size, H5P_DEFAULT))
             < 0)
    {
      exp_hdf5_set_error (error, "cannot read the link");
      return FALSE;
    }
  return TRUE;
}

gboolean
exp_hdf5_library_find_link (ExpHdf5File *file, guint64 address, const char *name, ExpHdf5Link *link, GError **error)
{
  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  hid_t id = open_group (file, address, error);
  gboolean by_position = exp_hdf5_name_is_path (name);
  Search search = { .name = name };

  if (id < 0)
    return FALSE;
  int found = find_info (id, &search, by_position);
  if (found < 0)
    {
      exp_hdf5_set_error (error, "cannot look into the group");
      return FALSE;
    }
  H5Eclear2 (H5E_DEFAULT);
  if (found == 0)
    return TRUE;
  if (search.info.type != H5L_TYPE_HARD && !read_value (id, &search, by_position, link, error))
    return FALSE;
  if (search.info.type == H5L_TYPE_SOFT)
    link->value_size = strlen (link->value); /* without the NUL that HDF5 counts */
  link->type = search.info.type;
  link->address = search.info.type == H5L_TYPE_HARD ? search.info.u.address : 0;
  link->name = g_strdup (name);
  return TRUE;
}
