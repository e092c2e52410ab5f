/* Objects as nodes: groups, datasets and named datatypes by their address in a file.
 * Knows what describing them takes; how they are read is read.h's, what groups hold group.h's.
 * Used by the files of this folder that implement the operations of a node. */
#pragma once

#include "expfs/node.h"
#include "file.h"
#include "stored_type.h"

G_BEGIN_DECLS

/* What is known of an object. Immutable once made, shared by reference counting. */
typedef struct
{
  gatomicrefcount references;
  guint8 kind; /* ExpKind */
  guint8 rank;
  guint8 layout; /* H5D_layout_t */
  gboolean is_null : 1;
  gboolean has_external_data : 1;
  gint is_checked; /* atomic: a virtual dataset whose sources are known to end */
  guint n_links;
  gint64 mtime;
  ExpStoredType *type; /* DATASET, DATATYPE */
  guint64 data;        /* contiguous data in file->source, or G_MAXUINT64 */
  guint64 data_size;   /* bytes there, where the header alone told; else 0 */
  guint64 shape[];
} ExpHdf5Description;

ExpHdf5Description *exp_hdf5_description_ref (ExpHdf5Description *description);
void exp_hdf5_description_unref (ExpHdf5Description *description);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpHdf5Description, exp_hdf5_description_unref)

/* One of which nothing is known but that; for those who have just made it. */
ExpHdf5Description *exp_hdf5_description_new (ExpKind kind, guint rank);
/* A copy whose data lie at `data`. */
ExpHdf5Description *exp_hdf5_description_with_data (const ExpHdf5Description *description, guint64 data);

/* A file's table of those that were in use of late. One costs little to read and as much as its node to keep. */
ExpRecent *exp_hdf5_descriptions_new (void);

typedef struct
{
  ExpNode base;
  ExpHdf5File *file;
  guint64 address;
  ExpHdf5Description
      *description; /* atomic: one that only the library could give, of a file open for reading; else NULL */
} ExpHdf5Object;

/* A new node; opens nothing. */
ExpNode *exp_hdf5_object_new (ExpHdf5File *file, guint64 address);

/* What the object is now; a new reference. May take the HDF5 lock. */
ExpHdf5Description *exp_hdf5_object_get (ExpHdf5Object *object, GError **error);

/* Where the library has the data of the contiguous dataset `id` in the source, G_MAXUINT64 for nowhere. Under the HDF5
 * lock. */
guint64 exp_hdf5_data_address (ExpHdf5File *file, hid_t id);

/* The operations, on files that are open for reading or within exp_hdf5_read_begin (changes.h). */
void exp_hdf5_object_free (ExpNode *self);
gboolean exp_hdf5_object_describe (ExpNode *self, ExpInfo *info, GError **error);
gboolean exp_hdf5_group_list (ExpNode *self, guint64 skip, ExpListFunc func, gpointer data, GError **error);
/* The children of a group that has few, whose links are appended to the empty `links`; else NULL. */
GPtrArray *exp_hdf5_group_few (ExpHdf5Object *group, GArray *links);
ExpNode *exp_hdf5_group_lookup (ExpNode *self, const char *name, GError **error);
gboolean exp_hdf5_dataset_read (ExpNode *self, const ExpSlab *slab, ExpArray *array, GError **error);
gboolean exp_hdf5_dataset_measure (ExpNode *self, const ExpSlab *slab, guint64 *n);
gboolean exp_hdf5_dataset_locate (ExpNode *self, guint64 first, gsize n, ExpRun *run);
gboolean exp_hdf5_dataset_layout (ExpNode *self, ExpLayout *layout, GError **error);
char **exp_hdf5_list_attributes (ExpNode *self, GError **error);
ExpArray *exp_hdf5_read_attribute (ExpNode *self, const char *name, GError **error);
/* reopen.c */
ExpNode *exp_hdf5_object_reopen (ExpNode *self, GError **error);

G_END_DECLS
