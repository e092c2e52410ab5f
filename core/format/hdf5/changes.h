/* Files open for writing: readers and changes kept apart, and what the library knows brought to where our own readers
 * look (settling).
 * Knows which caches depend on what was changed; changes nothing itself. Used by writable.c, which brackets every
 * operation of a node, and by the write_*.c. Files open for reading have none of this. */
#pragma once

#include "absent.h"
#include "expfs/node.h"
#include "file.h"

G_BEGIN_DECLS

struct _ExpHdf5Changes
{
  GRWLock lock;      /* readers of the file, and one change */
  gint is_unsettled; /* atomic: the library holds what the source does not; set and cleared on the lock's writer side */
  gint generation;   /* atomic: counts settlings */
  gboolean has_changed_chunks; /* since the last settling; on the writer side */
  gboolean has_deleted;        /* objects, since the file was opened: see write_copy.c; under the HDF5 lock */
  gint has_failed;             /* atomic: the library could not write, and what it held is lost */
  gboolean is_abandoned;       /* what was written since the last commit is to be lost; on the writer side */
  guint64 kept_free_space;     /* address of what says that track of it is kept in the closed file; 0: nothing does */
  ExpPacking packing;          /* of new datasets; its name is `complib` */
  char *complib;

  GHashTable *touched; /* address of an object that was changed since the last settling -> how; on the writer side */
  gboolean is_all_touched; /* as good as all were; on the writer side */
  gboolean has_removed;    /* objects, since the last settling; on the writer side */
  GHashTable *made;        /* addresses of objects that the library made, not out of others; on the writer side */

  GHashTable *encodable; /* addresses of datasets whose filters all can be applied; under the HDF5 lock */

  ExpHdf5Absent *absent; /* owned; has a lock of its own */

  GMutex nodes_lock;
  GHashTable *nodes; /* address -> what nodes there are of it; under nodes_lock */
  GArray *orphans;   /* identifiers to be closed: of removed objects whose last node went; under nodes_lock */
};

ExpHdf5Changes *exp_hdf5_changes_new (const ExpStoreOptions *options);
/* When no node is left. */
void exp_hdf5_changes_free (ExpHdf5Changes *changes);

/* One reading operation of this thread; those of a callback lie within. */
typedef struct _ExpHdf5Reading ExpHdf5Reading;
struct _ExpHdf5Reading
{
  ExpHdf5File *file; /* NULL: not begun */
  ExpHdf5Reading *outer;
  gboolean has_lock;
};

/* What an operation does while the file is unsettled about an object that was changed since it was settled. */
typedef enum
{
  EXP_HDF5_READS,        /* it reads by itself, so it waits until all is settled */
  EXP_HDF5_ASKS_TRUSTED, /* it asks the library, which was let near the object before */
  EXP_HDF5_ASKS_CELLS,   /* the same, for cells */
  EXP_HDF5_ASKS_MADE,    /* it asks for no cells, and the library if that made the object: then nothing is damaged */
} ExpHdf5Means;

/* No change is made until the end, and what was changed before can be read: by our own readers all of it when `object`
 * is 0, else what belongs to that object if it is untouched (below); if not, as `means` says. Only operations that call
 * nobody back and look at no other object name one. */
void exp_hdf5_read_begin (ExpHdf5Reading *reading, ExpHdf5File *file, guint64 object, ExpHdf5Means means);
void exp_hdf5_read_end (ExpHdf5Reading *reading);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ExpHdf5Reading, exp_hdf5_read_end)

/* One change, alone with the file. NULL with an error within a reading operation of the same thread, and once a write
 * has failed. Not under the HDF5 lock. */
typedef ExpHdf5File ExpHdf5Change;
ExpHdf5Change *exp_hdf5_change_begin (ExpHdf5File *file, GError **error);
void exp_hdf5_change_end (ExpHdf5Change *change);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpHdf5Change, exp_hdf5_change_end)

/* Within a change: what it changes, said before the library is asked to. */
void exp_hdf5_changes_cells (ExpHdf5File *file, guint64 address);  /* what chunks hold: neither shape nor attributes */
void exp_hdf5_changes_object (ExpHdf5File *file, guint64 address); /* its header */
void exp_hdf5_changes_chunks (ExpHdf5File *file, guint64 address); /* its header, and chunks or what lies in heaps */
void exp_hdf5_changes_paths (ExpHdf5File *file);                   /* names that were there */

/* Within a change: brings all to the source. FALSE when it could not be written. */
gboolean exp_hdf5_settle (ExpHdf5File *file, GError **error);

/* TRUE when our own readers see the object at `address` as it is, settled or not: nothing was done to it since. Within
 * a change or a reading operation. */
gboolean exp_hdf5_changes_is_untouched (ExpHdf5File *file, guint64 address);
/* The same of its description and its attributes, if not of its cells. */
gboolean exp_hdf5_changes_has_same_header (ExpHdf5File *file, guint64 address);
/* Within a change: the library has made the object; or has made it out of what a file holds; or has made others out of
 * that, nobody knows where. */
void exp_hdf5_changes_made (ExpHdf5File *file, guint64 address);
void exp_hdf5_changes_copied (ExpHdf5File *file, guint64 address);
void exp_hdf5_changes_copies (ExpHdf5File *file);
/* Within a change: an object is about to go. */
void exp_hdf5_changes_removal (ExpHdf5File *file);

static inline gboolean
exp_hdf5_is_unsettled (ExpHdf5File *file)
{
  return file->changes != NULL && g_atomic_int_get (&file->changes->is_unsettled);
}

/* TRUE when only the library knows what the object is now. Within a change or a reading operation. */
static inline gboolean
exp_hdf5_is_ahead (ExpHdf5File *file, guint64 address)
{
  return exp_hdf5_is_unsettled (file) && !exp_hdf5_changes_is_untouched (file, address);
}

/* The same of its description and its attributes. */
static inline gboolean
exp_hdf5_is_header_ahead (ExpHdf5File *file, guint64 address)
{
  return exp_hdf5_is_unsettled (file) && !exp_hdf5_changes_has_same_header (file, address);
}

/* Another one than before once the file was changed and settled. */
static inline gint
exp_hdf5_generation (ExpHdf5File *file)
{
  return file->changes != NULL ? g_atomic_int_get (&file->changes->generation) : 0;
}

/* What is known of a dataset's filters. Under the HDF5 lock. */
gboolean exp_hdf5_changes_is_encodable (ExpHdf5File *file, guint64 address);
void exp_hdf5_changes_set_encodable (ExpHdf5File *file, guint64 address);
void exp_hdf5_changes_drop_encodable (ExpHdf5File *file, guint64 address);

/* Nodes of the object at `address`, made and freed: nothing happens in files open for reading. */
void exp_hdf5_changes_add_node (ExpHdf5File *file, guint64 address);
void exp_hdf5_changes_drop_node (ExpHdf5File *file, guint64 address);
/* Within a change and under the HDF5 lock: the object is about to lose its last link. While there are nodes of it, it
 * stays what it was, as an open file does. */
void exp_hdf5_changes_keep_object (ExpHdf5File *file, guint64 address);
/* The same: it has a link again. */
void exp_hdf5_changes_release_object (ExpHdf5File *file, guint64 address);

G_END_DECLS
