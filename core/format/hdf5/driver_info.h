/* The driver information that a file of several members carries.
 * Knows where versions 0 to 3 of the superblock keep it (HDF5 File Format Specification 3.0, sections II.B and
 * IV.A.2.u). Called by members.c. */
#pragma once

#include "superblock.h"

G_BEGIN_DECLS

typedef struct
{
  char id[9]; /* "NCSAfami", "NCSAmult"; "" when there is none */
  gsize size;
  guint8 bytes[1024];
} ExpDriverInfo;

gboolean exp_driver_info_read (ExpSource *source, const ExpSuperblock *superblock, ExpDriverInfo *info, GError **error);

G_END_DECLS
