/* The superblock: what must be known about a file before HDF5 may open it.
 * Knows the first bytes of versions 0 to 3 (HDF5 File Format Specification 3.0, section II.A); opens nothing.
 * Called by hdf5.c to recognise and by file.c to open. */
#pragma once

#include "expfs/source.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 base; /* where the signature lies: 0, 512, 1024, 2048, ... */
  guint version;
  guint sizeof_address, sizeof_size;
  gboolean is_open_for_write; /* the mark of a writer, dead or alive; version 3 only */
  gboolean is_open_for_swmr;
  guint64 end;       /* of the address space, from the file's start */
  guint64 driver;    /* address of the driver information block (versions 0, 1), or G_MAXUINT64 */
  guint64 root;      /* address of the root group's header */
  guint64 extension; /* address of the superblock extension (versions 2, 3), or G_MAXUINT64 */
} ExpSuperblock;

/* FALSE with EXP_ERROR_NOT_A_STORE when there is no signature (the message says what is there instead), or
 * EXP_ERROR_DAMAGED, EXP_ERROR_VERSION, EXP_ERROR_IO. */
gboolean exp_superblock_read (ExpSource *source, ExpSuperblock *superblock, GError **error);

G_END_DECLS
