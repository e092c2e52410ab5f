/* Stores: what is mounted. Recognises a format, opens it and stacks the filters; the only place that knows all
 * formats and filters. Callers: fs/, tests. */
#pragma once

#include "expfs/node.h"
#include "expfs/source.h"

G_BEGIN_DECLS

/* What a user may say about opening a store. Zeroed is the default; strings are borrowed for the call. */
typedef struct
{
  const char *format;      /* NULL: recognised from content */
  gboolean force;          /* despite a format version that this program does not know */
  const char *trajectory;  /* name or index (negative from the end) of the trajectory that becomes the root */
  const char *const *only; /* NULL-terminated globs; at most one of these two */
  const char *const *except;
  ExpLockMode lock;
  const char *version, *io_version; /* the store must suit readers (writable: writers) of these; NULL: whichever */
  const char *mask;                 /* NPY file of booleans or row numbers: the only rows that show; NULL: all */
  gboolean has_attempts;
  gint attempts; /* how often to look at a store that is being written until its parts agree; 0: whether or not they do,
                    negative: for up to a minute */
  guint64 cache; /* bytes that decoded data may take; 0: 256 MiB */

  /* For writers: */
  gboolean is_writable;
  /* A file that nobody else knows, and that goes when writing it fails: it needs no journal. What is committed is in
   * the file once the store is closed, and durable when the caller then makes it so. */
  gboolean is_own;
  gboolean is_newest;   /* what is made is in the newest form of the format that is known, where it has several */
  const char *complib;  /* of new datasets: "zlib", "lzo", "bzip2", "blosc", "blosc:lz4", ...; NULL: none */
  guint complevel;      /* 0 ... 9; 0: not compressed */
  gboolean is_unpacked; /* not compressed even where the store's own settings say so */
  gboolean shuffle, fletcher32;
  gboolean replaces;         /* what is added takes the place of what is equal to it, where that is refused else */
  const char *pandas_format; /* of new frames: "fixed" or "table"; NULL: as the store has it */
  /* Overview tables of new pypet trajectories, NULL-terminated: "small", "large", "summary", "all", names; NULL: none
   */
  const char *const *overview;
} ExpStoreOptions;

/* What opening a store for writing found of an earlier program that died, or `expfs recover` finds. */
typedef struct
{
  gboolean is_found; /* a journal with anything in it */
  guint64 n_commits; /* moved into the store */
  guint64 n_bytes;   /* that these changed */
  guint64 n_dropped; /* records that were never committed */
} ExpStoreRecovery;

/* A format: how a store of one kind is recognised and opened. One static table entry each, in core/store.c. */
typedef struct
{
  const char *name;        /* what -o format= and user.expfs.format say */
  const char *description; /* one line for `expfs info` and the man page */
  /* TRUE when the content at `path` (any file or directory) is of this format; never fails loudly. */
  gboolean (*recognise) (const char *path);
  /* Optional: TRUE when files beside it, whose names begin with `path`, are a store of this format; there is nothing at
   * `path` itself. */
  gboolean (*recognise_base) (const char *path);
  /* The root node, a new reference. Warnings go through g_warning. */
  ExpNode *(*open) (const char *path, const ExpStoreOptions *options, GError **error);
  /* Optional: an empty store at `path`, where there is nothing. EXP_ERROR_EXISTS. */
  gboolean (*create) (const char *path, const ExpStoreOptions *options, GError **error);
  /* Optional: finishes what a writer that died left behind. TRUE and is_found FALSE when there was nothing. */
  gboolean (*recover) (const char *path, ExpStoreRecovery *recovery, GError **error);
  gboolean is_volatile; /* without a file */
} ExpFormat;

/* A filter: a node over a node. */
typedef struct
{
  const char *name; /* "pypet": also a format name for users; "trajectory", "only" */
  const char *over; /* the format that it goes over: "hdf5"; NULL: any */
  const char *description;
  /* TRUE when the content below `root` is of this kind or the options ask for it. */
  gboolean (*applies) (ExpNode *root, const ExpStoreOptions *options);
  /* The filtered root, a new reference. */
  ExpNode *(*apply) (ExpNode *root, const ExpStoreOptions *options, GError **error);
  /* Optional: an empty store of this kind at `path`, where there is nothing. EXP_ERROR_EXISTS. */
  gboolean (*create) (const char *path, const ExpStoreOptions *options, GError **error);
  gboolean takes_versions; /* heeds version, io_version, mask and attempts of the options */
} ExpFilter;

extern const ExpFormat exp_format_hdf5;
extern const ExpFormat exp_format_genericio;
extern const ExpFormat exp_format_hmf;
extern const ExpFormat exp_format_mozaik;
extern const ExpFormat exp_format_npy;
extern const ExpFormat exp_format_npz;
extern const ExpFormat exp_format_pickle;
extern const ExpFormat exp_format_null;
extern const ExpFormat exp_format_collection; /* of what no other format is */
extern const ExpFilter exp_filter_pypet;
extern const ExpFilter exp_filter_larpix_raw;
extern const ExpFilter exp_filter_larpix_packets;
extern const ExpFilter exp_filter_trajectory;
extern const ExpFilter exp_filter_only; /* both only= and except= */

/* TRUE for the path of a store that has no file and is kept in memory: its format's name and a colon, "null:". */
gboolean exp_store_path_is_volatile (const char *path);

/* TRUE when the file or directory at `path` is a store by itself: of any format but a collection. Never waits, opens
 * nothing but what is there. */
gboolean exp_store_is_one (const char *path);

typedef struct _ExpStore ExpStore;

/* Opens the store at `path`. Errors name the path. EXP_ERROR_NOT_FOUND, NOT_A_STORE, PERMISSION, DAMAGED, VERSION,
 * BUSY, INVALID (unknown format, both only and except, no such trajectory), UNSUPPORTED (cannot be written). */
ExpStore *exp_store_open (const char *path, const ExpStoreOptions *options, GError **error);
ExpStore *exp_store_ref (ExpStore *store);
void exp_store_unref (ExpStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpStore, exp_store_unref)

ExpNode *exp_store_get_root (ExpStore *store);      /* borrowed */
const char *exp_store_get_path (ExpStore *store);   /* absolute, borrowed */
const char *exp_store_get_format (ExpStore *store); /* "hdf5", "pypet", ... static */

/* Changes. Whoever changes nodes of a store that is open for writing does so between begin and end, so that what
 * belongs together is committed together; several threads may at once, none twice. begin is EXP_ERROR_READ_ONLY for a
 * store open for reading, and, with the reason, for one that a failed commit has closed to writing. */
gboolean exp_store_begin (ExpStore *store, GError **error);
void exp_store_end (ExpStore *store);
/* Waits for changes under way. Then all that was changed before is durable, and with `checkpoint` in the store's own
 * file. Nothing to do is TRUE. After a failure no more changes are taken. */
gboolean exp_store_commit (ExpStore *store, gboolean checkpoint, GError **error);
/* What was changed since the last commit is lost, also when the store is closed, and no more changes are taken. */
void exp_store_abandon (ExpStore *store);
gboolean exp_store_is_writable (ExpStore *store);
/* Bytes that were written and are not in the store's own file yet; 0 after a checkpoint, unless that was put off. */
guint64 exp_store_journal_size (ExpStore *store);

/* An empty store in a format by name ("hdf5", "pypet"); `trajectory` of the options names pypet's first one.
 * EXP_ERROR_EXISTS, EXP_ERROR_UNSUPPORTED for a format that cannot be created. */
gboolean exp_store_create (const char *path, const char *format, const ExpStoreOptions *options, GError **error);
/* Finishes what a writer that died left behind; the format is recognised by what it left. */
gboolean exp_store_recover (const char *path, ExpStoreRecovery *recovery, GError **error);

/* The known formats' and filters' names and descriptions, for help texts; NULL past the last. */
const char *exp_store_format_name (guint i, const char **description);

G_END_DECLS
