/* What a group holds.
 * Knows links and their order; opens no child.
 * Called by object.c's class, link.c and reference.c. */
#pragma once

#include "expfs/node.h"
#include "file.h"

G_BEGIN_DECLS

typedef struct
{
  char *name;
  H5L_type_t type;
  guint64 address; /* of a hard link's object */
} ExpHdf5Link;

/* Appends at most `limit` links of the group from *position on to `links`, and moves it; the group's own order. Takes
 * the HDF5 lock. `links` is made by exp_hdf5_links_new. */
gboolean
exp_hdf5_group_read (ExpHdf5File *file, guint64 address, guint64 *position, guint limit, GArray *links, GError **error);
GArray *exp_hdf5_links_new (void);

/* TRUE for names that HDF5's functions take for something else: "", ".", and any with a '/'. */
gboolean exp_hdf5_name_is_path (const char *name);

/* Where in the order of names (H5_ITER_INC) such a link lies. Under the HDF5 lock, on an open group. */
gboolean exp_hdf5_group_find (hid_t group, const char *name, hsize_t *position, H5L_info_t *info);

G_END_DECLS
