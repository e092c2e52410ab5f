/* The links of a group, read from its own structures; by the HDF5 library where those are rare or still growing.
 * Knows the kinds of groups; opens no child.
 * Used by group.c, link.c and reference.c. */
#pragma once

#include "file.h"

G_BEGIN_DECLS

typedef struct
{
  char *name;
  H5L_type_t type;
  guint64 address; /* of a hard link's object */
  char *value;     /* of another kind of link that was looked up: value_size bytes and a NUL; NULL in lists */
  gsize value_size;
} ExpHdf5Link;

void exp_hdf5_link_clear (ExpHdf5Link *link);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ExpHdf5Link, exp_hdf5_link_clear)

/* An array of ExpHdf5Link that clears them. */
GArray *exp_hdf5_links_new (void);

/* Appends links of the group at `address` from *position on, in the group's own order and at most `limit` of them, and
 * moves *position behind the last; fewer when they are long. *is_last: none follow. The cost is that of the links that
 * are read. On failure those before the damage have been appended. EXP_ERROR_NOT_A_GROUP, DAMAGED, ... */
gboolean exp_hdf5_links_read (ExpHdf5File *file, guint64 address, guint64 *position, guint limit, GArray *links,
                              gboolean *is_last, GError **error);

/* The link `name`, with its value, into the zeroed `link`; one descent of the group's tree. EXP_ERROR_NOT_FOUND, ... */
gboolean exp_hdf5_links_find (ExpHdf5File *file, guint64 address, const char *name, ExpHdf5Link *link, GError **error);

/* TRUE for names that HDF5's functions take for something else: "", ".", and any with a '/'. */
gboolean exp_hdf5_name_is_path (const char *name);

G_END_DECLS
