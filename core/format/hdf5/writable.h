/* Objects of files open for writing as nodes, and what the files that write share.
 * Knows who may read and write when.
 * Used by object.c and the write_*.c. */
#pragma once

#include "changes.h"
#include "object.h"

G_BEGIN_DECLS

extern const ExpNodeClass exp_hdf5_writable_class;

/* The node's object when it is one of `file`, which is open for writing; NULL otherwise. Filters are looked through. */
ExpHdf5Object *exp_hdf5_writable_object (ExpHdf5File *file, ExpNode *node);

/* The operations for writers. */
ExpNode *exp_hdf5_create_group (ExpNode *self, const char *name, GError **error);
ExpNode *exp_hdf5_create_dataset (ExpNode *self, const char *name, const ExpNewDataset *dataset, GError **error);
ExpNode *exp_hdf5_replace_dataset (ExpNode *self, const char *name, const ExpNewDataset *dataset, GError **error);
gboolean exp_hdf5_dataset_write (ExpNode *self, const ExpSlab *slab, const ExpArray *array, GError **error);
gboolean exp_hdf5_dataset_resize (ExpNode *self, guint rank, const guint64 *shape, GError **error);
gboolean exp_hdf5_write_attribute (ExpNode *self, const char *name, const ExpArray *value, GError **error);
gboolean exp_hdf5_remove_attribute (ExpNode *self, const char *name, GError **error);
gboolean exp_hdf5_remove (ExpNode *self, const char *name, GError **error);
gboolean exp_hdf5_remove_tree (ExpNode *self, const char *name, GError **error);
gboolean
exp_hdf5_move (ExpNode *self, const char *name, ExpNode *new_parent, const char *new_name, guint flags, GError **error);
gboolean exp_hdf5_copy (ExpNode *self, const char *name, ExpNode *source, GError **error);
gboolean exp_hdf5_link (ExpNode *self, const char *name, ExpNode *target, GError **error);
gboolean exp_hdf5_external_link (ExpNode *self, const char *name, const char *file, const char *path, GError **error);
gboolean exp_hdf5_symlink (ExpNode *self, const char *name, const char *target, GError **error);
gboolean exp_hdf5_takes_any (ExpNode *self, const char *name);
gboolean exp_hdf5_commit (ExpNode *self, gboolean with_checkpoint, GError **error);
void exp_hdf5_abandon (ExpNode *self);
guint64 exp_hdf5_journal_size (ExpNode *self);

/* All attributes of an object onto one that has none. Under the HDF5 lock. */
gboolean exp_hdf5_copy_attributes (hid_t from, hid_t to, GError **error);

G_END_DECLS
