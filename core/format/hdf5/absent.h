/* Names that groups surely do not have, told without the library and without waiting for changes under way.
 * Knows hashes of names only, and of a group at least those of all its children; never which of them are there still.
 * Asked by writable.c, told by children.c and the write_*.c. */
#pragma once

#include "file.h"

G_BEGIN_DECLS

typedef struct _ExpHdf5Absent ExpHdf5Absent;

ExpHdf5Absent *exp_hdf5_absent_new (void);
void exp_hdf5_absent_free (ExpHdf5Absent *absent);

/* TRUE: the group at `address` has no child of that name. FALSE: it may have one. For files open for writing only, as
 * all that follow. */
gboolean exp_hdf5_absent_has (ExpHdf5File *file, guint64 address, const char *name);
/* A name was looked up in the group and not found. When that happens often its names are read. Not within a reading
 * operation or a change. */
void exp_hdf5_absent_note (ExpHdf5File *file, guint64 address);

/* Within a change, before a child gets this name. */
void exp_hdf5_absent_remove (ExpHdf5File *file, guint64 address, const char *name);
/* A group without children was made at `address`; or whatever is there is about to go. */
void exp_hdf5_absent_start (ExpHdf5File *file, guint64 address);
void exp_hdf5_absent_forget (ExpHdf5File *file, guint64 address);

G_END_DECLS
