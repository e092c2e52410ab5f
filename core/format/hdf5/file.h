/* Open HDF5 files: the library's identifier, the bytes below it, and the objects held open.
 * Knows how files are opened and found; knows neither types nor what objects hold.
 * Made by hdf5.c and external.c; every node holds a reference, and the last one closes the file. */
#pragma once

#include "chunk_readahead.h"
#include "expfs/source.h"
#include "expfs/store.h"
#include "hdf5_lock.h"
#include "metadata_cache.h"
#include "recent.h"

G_BEGIN_DECLS

/* The part of cache= for what only the library can read is one in this many. */
#define EXP_LIBRARY_SHARE 8

typedef struct _ExpHdf5Changes ExpHdf5Changes;
typedef struct _ExpHdf5Paths ExpHdf5Paths;
typedef struct _ExpSymbolPlaces ExpSymbolPlaces;

typedef struct
{
  gatomicrefcount references;
  char *path;         /* absolute */
  char *directory;    /* of the path */
  char *prefix;       /* of paths in this file as the mount shows them: "" or "/.external/FILE" */
  ExpIdentity opened; /* the file when it was opened, */
  gint64 opened_at;   /* which was then: nanoseconds since 1970 */
  gboolean is_whole;  /* one file, as it lies on the disk */
  ExpSource *source;  /* the file's logical address space, from the user block's start */
  guint64 base;       /* of the superblock: where addresses count from */
  guint sizeof_address, sizeof_size;
  hid_t id;
  guint64 root;              /* address of the root group */
  guint64 identity;          /* added to addresses, so that no two files of a store share one */
  gboolean is_growing;       /* being written under SWMR */
  gboolean has_shared_table; /* messages may lie in heaps that objects share */
  ExpLockMode lock;
  gboolean has_journal;    /* open for writing, and not a file of its maker's own */
  ExpHdf5Changes *changes; /* changes.c's; NULL: open for reading */
  guint64 cache;           /* bytes for decoded chunks, the library's and ours */

  /* Under the HDF5 lock: */
  GHashTable *open; /* address -> what objects.c holds */
  GQueue recent;
  guint64 held;        /* bytes that their chunk caches in the library may take */
  GHashTable *checked; /* addresses of objects that passed exp_hdf5_object_check */

  ExpRecent *descriptions;     /* of objects: ExpHdf5Description, object.c's */
  ExpRecent *heap_collections; /* heap.c's */
  ExpMetadataCache *blocks;    /* of its groups' structures; addresses count from the base */
  ExpSymbolPlaces *places;     /* of symbol_walk.c */

  ExpHdf5Paths *paths; /* reference.c: made on first need, has a lock of its own */

  GMutex chunks_lock;
  GQueue chunks; /* of chunks.c: how the datasets read last lie in chunks, the latest first; under chunks_lock */

  ExpReadaheadTasks readahead; /* chunks being fetched before they are wanted */

  GMutex beside_lock;
  GQueue beside; /* ExpHdf5File: files beside this one, the latest first; under beside_lock */
} ExpHdf5File;

/* EXP_ERROR_NOT_A_STORE, DAMAGED, BUSY, ... Messages do not name the path. `prefix` as above. */
ExpHdf5File *exp_hdf5_file_open (const char *path, const char *prefix, const ExpStoreOptions *options, GError **error);
/* The file at `path`, which lies beside `store`: held open by it for a while. A new reference. */
ExpHdf5File *exp_hdf5_file_beside (ExpHdf5File *store, const char *path, const char *prefix, GError **error);
ExpHdf5File *exp_hdf5_file_ref (ExpHdf5File *file);
/* Not under the HDF5 lock. */
void exp_hdf5_file_unref (ExpHdf5File *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpHdf5File, exp_hdf5_file_unref)

/* The object at `address`, held open for the next calls; borrowed, valid while the HDF5 lock is held.
 * H5I_INVALID_HID with an error. */
hid_t exp_hdf5_file_object (ExpHdf5File *file, guint64 address, GError **error);
/* The same for a dataset that is about to be read: with a chunk cache that suits its chunks. */
hid_t exp_hdf5_file_dataset (ExpHdf5File *file, guint64 address, GError **error);
/* Lets the library near the object at `address`, once nothing is found there that it does not survive. Under the HDF5
 * lock. */
gboolean exp_hdf5_file_check (ExpHdf5File *file, guint64 address, GError **error);
/* TRUE for one that the library made or was let near after a check. Under the HDF5 lock. */
gboolean exp_hdf5_file_is_trusted (ExpHdf5File *file, guint64 address);
/* Says that the library has made the object at `address`. Under the HDF5 lock. */
void exp_hdf5_file_trust (ExpHdf5File *file, guint64 address);
/* The same, and holds it open: takes over `id`. */
void exp_hdf5_file_hold (ExpHdf5File *file, guint64 address, hid_t id);
/* Closes the object at `address` if it is held open. Under the HDF5 lock. */
void exp_hdf5_file_close_object (ExpHdf5File *file, guint64 address);
/* Closes all of them. Under the HDF5 lock. */
void exp_hdf5_file_close_objects (ExpHdf5File *file);

/* A little-endian unsigned number of `size` (at most 8) bytes, and the one that means "no address". */
static inline guint64
exp_hdf5_decode_uint (const guint8 *bytes, guint size)
{
  guint64 value = 0;

  for (guint i = size; i-- > 0;)
    value = value << 8 | bytes[i];
  return value;
}

static inline guint64
exp_hdf5_undefined (guint size)
{
  return size >= 8 ? G_MAXUINT64 : (G_GUINT64_CONSTANT (1) << 8 * size) - 1;
}

G_END_DECLS
