/* One running mount: the store, the options that concern it, the inode table. Shared between the session (which
 * mounts, waits and unmounts) and the driver (which answers the kernel). Knows no HDF5. */
#pragma once

#define FUSE_USE_VERSION 314

#include "expfs/expfs.h"
#include "fs/commit.h"
#include <fuse_lowlevel.h>

/* Everything that -o says, and the program's own switches. */
typedef struct
{
  char *store_path; /* absolute */
  char *mountpoint; /* absolute */
  ExpStoreOptions store;
  GStrv only, except;                /* what store.only and store.except borrow */
  GStrv overview;                    /* likewise */
  char *format, *trajectory;         /* likewise */
  char *complib;                     /* likewise */
  char *version, *io_version, *mask; /* likewise */
  gboolean has_complevel;
  const char *flag;           /* static: of new datasets that it fits; NULL: the format chooses */
  const ExpViewClass **views; /* NULL-terminated: listed by readdir beside each dataset; NULL: none */
  gboolean text_is_compact;
  guint idle; /* seconds without use until unmount; 0: never */
  enum
  {
    EXP_PREFETCH_NONE,
    EXP_PREFETCH_SKELETON,
    EXP_PREFETCH_DATA
  } prefetch;
  char *log_file;       /* NULL: stderr in the foreground, else only .expfs/log */
  gboolean is_writable; /* rw */
  gboolean has_commit;
  guint commit; /* commit=: seconds */
  gboolean is_foreground, is_debug, is_single_threaded;
  /* FUSE's own that we must know to answer getattr: */
  gboolean has_uid, has_gid, has_umask;
  uid_t uid;
  gid_t gid;
  mode_t umask;
  /* What libfuse gets: */
  GPtrArray *fuse;                     /* of char *, its options without escapes; NULL: none */
  guint max_read;                      /* bytes, which the driver has to repeat to the kernel; 0: the kernel's choice */
  guint max_threads, max_idle_threads; /* 0: the session's choice */
  char *text;                          /* what .expfs/options shows */
} ExpMountOptions;

void exp_mount_options_clear (ExpMountOptions *options);
/* TRUE when an option of libfuse was given, with or without a value. */
gboolean exp_mount_options_has_fuse (const ExpMountOptions *options, const char *name);

typedef struct _ExpInodeTable ExpInodeTable;
typedef struct _ExpDriverState ExpDriverState;

typedef struct
{
  ExpStore *store;                /* owned */
  const ExpMountOptions *options; /* borrowed; outlives the mount */
  struct stat store_stat;         /* of the store file when it was opened: times, owner, mode */
  gboolean is_writable;           /* rw, and the store can be written */
  gboolean is_followed;           /* read-only, and others may begin to write what is in it: ExpInfo.is_growing */
  gboolean is_collection;         /* of several stores: fs/outside.h */
  ExpCommitter *committer;
  ExpInodeTable *inodes;
  ExpDriverState *state;        /* the driver's own */
  gint64 last_use;              /* g_get_monotonic_time of the last request; atomic */
  gint n_open;                  /* open directories; atomic */
  struct fuse_session *session; /* borrowed */
} ExpMount;

/* The driver's side. Takes a reference on the store. */
ExpMount *exp_mount_new (ExpStore *store, const ExpMountOptions *options, GError **error);
void exp_mount_free (ExpMount *mount);
extern const struct fuse_lowlevel_ops exp_driver_operations; /* user data: ExpMount * */

/* errno for a GError of any domain; the one table. */
int exp_errno (const GError *error);

/* The log: g_warning and g_message of all threads go to a ring of the last messages, to log= or stderr. */
gboolean exp_log_open (const char *path, gboolean to_stderr, gboolean is_debug, GError **error); /* path may be NULL */
void exp_log_take_fuse (void); /* libfuse's own messages go there too */
char *exp_log_dup (void);      /* what .expfs/log shows; caller frees */
