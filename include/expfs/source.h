/* Sources: random-access bytes of a store file. HDF5 (through core/format/hdf5's virtual file driver) and our own
 * readers stand on a source, so that they see the same bytes; tests put a faulty disk here. Knows no format. */
#pragma once

#include <glib.h>
#include <sys/stat.h>

G_BEGIN_DECLS

typedef struct _ExpSource ExpSource;

/* Of a file; zeros for what is none. */
typedef struct
{
  guint64 inode;
  guint64 size; /* bytes */
  gint64 mtime; /* nanoseconds since 1970 */
} ExpIdentity;

typedef enum
{
  EXP_LOCK_AUTO, /* take the locks that the format has, never wait; go on reading where the file system has none */
  EXP_LOCK_NO,
  EXP_LOCK_BRIEF, /* for readers: as AUTO, but given back once the file is open: the caller notices when it changes */
} ExpLockMode;

/* What a program holds of a file, as flock(2) has it and HDF5 uses it: many may hold it shared, or one exclusive. */
typedef enum
{
  EXP_HOLD_NOTHING,
  EXP_HOLD_SHARED,
  EXP_HOLD_EXCLUSIVE,
} ExpHold;

/* All members may be called from several threads at once, but for free. Optional ones are NULL. */
typedef struct
{
  void (*free) (ExpSource *source);
  /* Size in bytes now. */
  gboolean (*size) (ExpSource *source, guint64 *size, GError **error);
  /* Exactly `length` bytes at `offset` into `buffer`; a read past the end is EXP_ERROR_DAMAGED, nothing half-read. */
  gboolean (*pread) (ExpSource *source, guint64 offset, gsize length, void *buffer, GError **error);
  /* Optional: a file descriptor whose bytes are the source's, for splice and locks; borrowed, -1 for none. */
  int (*fd) (ExpSource *source);
  /* Optional: small reads may be served out of what was read up to a second ago, and the size be what it was; called
   * before other threads have the source. */
  void (*expect_no_change) (ExpSource *source);
  /* Optional, for writers. commit: what was written before is durable when it returns. */
  gboolean (*pwrite) (ExpSource *source, guint64 offset, gsize length, const void *buffer, GError **error);
  gboolean (*truncate) (ExpSource *source, guint64 size, GError **error);
  gboolean (*commit) (ExpSource *source, GError **error);
  /* Optional, for writers: room for these bytes, so that writing them will not want for any. Nothing that is read
   * changes, the time of change may. EXP_ERROR_NO_SPACE. */
  gboolean (*reserve) (ExpSource *source, guint64 offset, guint64 length, GError **error);
  /* Optional: holds the file so, and no longer as before; never waits. When it fails nothing is held. EXP_ERROR_BUSY
   * when others hold it, EXP_ERROR_UNSUPPORTED when the file system has no locks. */
  gboolean (*hold) (ExpSource *source, ExpHold hold, GError **error);
  /* Optional: which file it is and what it was when somebody last changed it. */
  gboolean (*identify) (ExpSource *source, ExpIdentity *identity, GError **error);
} ExpSourceClass;

struct _ExpSource
{
  const ExpSourceClass *klass;
  gatomicrefcount references;
  char *name; /* for messages: the file's path */
};

/* A plain file, read with pread(2). EXP_ERROR_NOT_FOUND, EXP_ERROR_PERMISSION, EXP_ERROR_INVALID (not a regular
 * file) or EXP_ERROR_IO. */
ExpSource *exp_source_open_file (const char *path, GError **error);

/* The same of what has this very name: a symlink is EXP_ERROR_IO. For names that a file gave. */
ExpSource *exp_source_open_file_itself (const char *path, GError **error);

/* The same, read and written; made when it is not there and `mode` is not 0. */
ExpSource *exp_source_open_file_writable (const char *path, mode_t mode, GError **error);

/* A new empty file, read and written, that has no name and is gone with the source: in `folder` where that can be, else
 * (and for NULL) where temporary files are. `name` stands for it in messages. */
ExpSource *exp_source_new_unnamed (const char *folder, const char *name, GError **error);

/* A new file with these bytes, durable; there whole or not at all. EXP_ERROR_EXISTS when there is anything of that
 * name, else as for opening. */
gboolean exp_source_create_file (const char *path, mode_t mode, gconstpointer bytes, gsize length, GError **error);

/* The same, of what `write` writes into it. FALSE of it: nothing is made. */
typedef gboolean (*ExpSourceWriteFunc) (ExpSource *to, gpointer data, GError **error);
gboolean
exp_source_create_file_with (const char *path, mode_t mode, ExpSourceWriteFunc write, gpointer data, GError **error);

/* Bytes in memory (a reference is taken); `name` is theirs in messages. */
ExpSource *exp_source_new_bytes (GBytes *bytes, const char *name);
/* The same, written into `bytes`, which the caller keeps until the source is gone. Not for several threads at once. */
ExpSource *exp_source_new_memory (GByteArray *bytes, const char *name);

ExpSource *exp_source_ref (ExpSource *source);
void exp_source_unref (ExpSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpSource, exp_source_unref)

gboolean exp_source_size (ExpSource *source, guint64 *size, GError **error);
gboolean exp_source_pread (ExpSource *source, guint64 offset, gsize length, void *buffer, GError **error);
int exp_source_fd (ExpSource *source);
/* Without a member: EXP_ERROR_READ_ONLY. */
gboolean exp_source_pwrite (ExpSource *source, guint64 offset, gsize length, const void *buffer, GError **error);
gboolean exp_source_truncate (ExpSource *source, guint64 size, GError **error);
gboolean exp_source_commit (ExpSource *source, GError **error);
/* Without a member: TRUE. */
gboolean exp_source_reserve (ExpSource *source, guint64 offset, guint64 length, GError **error);
gboolean exp_source_hold (ExpSource *source, ExpHold hold, GError **error);
/* Without a member: its size and nothing else. */
gboolean exp_source_identify (ExpSource *source, ExpIdentity *identity, GError **error);
/* Nobody but who holds the source, and through it, is expected to write while it is open. Without a member: nothing. */
void exp_source_expect_no_change (ExpSource *source);

G_END_DECLS
