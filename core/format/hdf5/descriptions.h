/* What was learnt of objects of late. A description costs little to read and as much as its node to keep, so that only
 * those that are in use stay in memory.
 * Knows neither HDF5 nor sources. One per file; used by object.c and file.c. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _ExpHdf5Description ExpHdf5Description;
typedef struct _ExpHdf5Descriptions ExpHdf5Descriptions;

ExpHdf5Descriptions *exp_hdf5_descriptions_new (void);
void exp_hdf5_descriptions_free (ExpHdf5Descriptions *descriptions);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpHdf5Descriptions, exp_hdf5_descriptions_free)

/* That of the object at `address`, a new reference; NULL when it is not known any more. */
ExpHdf5Description *exp_hdf5_descriptions_find (ExpHdf5Descriptions *descriptions, guint64 address);
void exp_hdf5_descriptions_keep (ExpHdf5Descriptions *descriptions, guint64 address, ExpHdf5Description *description);

G_END_DECLS
