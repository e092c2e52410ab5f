/* GenericIO files, written. Used in this folder only. */
#pragma once

#include "genericio.h"

/* The attributes that have a place in a file. */
#define EXP_GIO_ORIGIN     "phys_origin"
#define EXP_GIO_SCALE      "phys_scale"
#define EXP_GIO_DIMS       "dims"
#define EXP_GIO_COORDINATE "coordinate"
#define EXP_GIO_GHOST      "maybe_ghost"

typedef struct
{
  ExpGioJob *old; /* what is replaced; NULL: nothing */
  gboolean packs; /* new blocks by Blosc */
  guint64 dims[3];
  double origin[3], scale[3];
} ExpGioSave;

/* The datasets below `root` as the columns of a file: those that were not changed as they lie in the old one, the
 * others as they are, or packed. In the old file's order, by name where it had none. */
gboolean exp_gio_write (ExpNode *root, const ExpGioSave *save, ExpSource *to, GError **error);

/* What one file cannot hold, of a change in the group `root` that stands for it; as ExpDraftClass has it. */
gboolean exp_gio_check (const ExpDraftChange *change, ExpNode *root, GError **error);

/* dims, origin and scale out of the attributes of `root`. */
void exp_gio_save_attributes (ExpNode *root, ExpGioSave *save);
