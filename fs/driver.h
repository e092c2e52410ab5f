/* What the parts of the driver share: names, entries, views. */
#pragma once

#include "fs/affinity.h"
#include "fs/along.h"
#include "fs/awaited.h"
#include "fs/behind.h"
#include "fs/changes.h"
#include "fs/entered.h"
#include "fs/leases.h"
#include "fs/operate.h"
#include "fs/push.h"
#include "fs/queries.h"
#include "fs/request.h"
#include "fs/wanted.h"
#include "fs/writers.h"

G_BEGIN_DECLS

/* names, paths (path.c) */

/* The path below the mount, "/" for the root, as shown or of true names; the node's when the inode is a view. */
char *exp_path_shown (ExpInode *inode);
char *exp_path_true (ExpMount *mount, ExpInode *inode);
/* The true name of the node that the inode shows; "/" for the root. */
char *exp_path_true_name (ExpMount *mount, ExpInode *inode);
/* The shown name without a view's suffix; caller frees, and holds the lock on names. */
char *exp_path_stem (const ExpInode *inode);
/* TRUE for an absolute path below the mountpoint, or the mountpoint. */
gboolean exp_path_is_below_mountpoint (const ExpMount *mount, const char *target);
/* What the store has as the target of a new link in the directory whose symlink shows `target`: true names, relative or
 * from the store's root. EXP_ERROR_UNSUPPORTED for one outside of the mount. */
char *exp_path_store_target (ExpMount *mount, ExpInode *directory, const char *target, GError **error);
/* What readlink answers for a LINK whose node has this description, or for a LINK_UP (`info` is NULL). */
char *exp_path_link_target (const ExpInode *inode, const ExpInfo *info);

/* resolution (resolve.c) */

typedef struct
{
  ExpNode *node;       /* owned */
  guint view;          /* index into exp_view_classes */
  gsize suffix;        /* node is a link and this many bytes of the name go on from its target */
  gboolean is_child;   /* it is the name of a child of the directory's node */
  gboolean is_virtual; /* it is not, or one of several paths to the node */
  guint64 n_changes;   /* exp_changes_count before it was looked for */
} ExpFound;

/* The true name of a child that is to be made; caller frees. EXP_ERROR_NOT_PERMITTED where nothing can be made, and
 * EXP_ERROR_INVALID for what is shown of no name. */
char *exp_name_for_new (ExpInode *directory, const char *name, GError **error);
/* What `name` is in a directory: a child's shown name, or a virtual name. EXP_ERROR_NOT_FOUND and the store's errors.
 */
gboolean exp_resolve (ExpMount *mount, ExpInode *directory, const char *name, ExpFound *found, GError **error);
/* TRUE when a name of this spelling may be made up from another one. */
gboolean exp_name_may_be_virtual (const char *name);

/* entries (entry.c) */

/* The inode at `name`, a reference; found in the table or in the store. */
ExpInode *exp_entry_lookup (ExpMount *mount, ExpInode *directory, const char *name, GError **error);
/* Before what the name stands for is looked for in the store: files that wait (fs/behind.h) are there when it may be
 * made up from one of them, or a name of one in another directory. */
void exp_entry_settle (ExpMount *mount, ExpInode *directory, const char *name);
/* As exp_entry_lookup, for who wants to see the file itself: it waits no longer. */
ExpInode *exp_entry_lookup_settled (ExpMount *mount, ExpInode *directory, const char *name, GError **error);
/* The inode of a view of a child that was listed, a reference; NULL without memory. What cannot be described is
 * logged and becomes BROKEN. `with_size`: with a size that costs a little reading, if the listing has credit. */
ExpInode *exp_entry_for_child (ExpMount *mount, ExpInode *directory, const char *name, ExpNode *child, guint view,
                               gboolean with_size, GError **error);
/* Fills an entry; *param's node id counts as one lookup for which the caller has a reference. Sizes that need
 * reading are only found out when `may_read`; the kernel asks again for those when somebody wants them. */
void exp_entry_fill (ExpMount *mount, ExpInode *inode, gboolean may_read, struct fuse_entry_param *param);

/* A FILE's node as it is now, a reference; it changes when a dataset is replaced. EXP_ERROR_NOT_FOUND while there is
 * none. Of any other inode that has one, that. */
ExpNode *exp_entry_node (ExpMount *mount, ExpInode *inode, GError **error);
/* NULL: there is nothing yet. */
void exp_entry_set_node (ExpMount *mount, ExpInode *inode, ExpNode *node);
/* A file that was renamed: from now on it is the node of its new name. */
void exp_entry_renew (ExpMount *mount, ExpInode *inode);
/* Takes over what the description of a FILE's node says of the object. */
void exp_entry_describe (ExpMount *mount, ExpInode *inode, ExpNode *node);
void exp_entry_learn (ExpMount *mount, ExpInode *inode, const ExpInfo *info);
/* TRUE when what the inode shows is there no more although the kernel may still have its name: whoever asks it for
 * something is told ESTALE, upon which the kernel looks the whole path up anew. */
gboolean exp_entry_is_gone (ExpMount *mount, ExpInode *inode);
/* What the inode's name stands for now. */
gboolean exp_entry_resolve_again (ExpMount *mount, ExpInode *inode, ExpFound *found, GError **error);

/* attributes (attributes.c) */

/* Fills `st`; FALSE when the size is not known without reading the store and `may_read` does not allow that. A size
 * that cannot be had is logged and 1. */
gboolean exp_attributes_fill (ExpMount *mount, ExpInode *inode, gboolean may_read, struct stat *st);
/* Whether the next of a listing's entries is to come with a size that costs a little reading: those who list with
 * sizes (ls -l) are known by their asking for the ones that were left out. Names alone must not cost reading. */
gboolean exp_attributes_take_credit (ExpMount *mount);
void exp_attributes_give_credit (ExpMount *mount);
/* Seconds for which the kernel may keep them. */
double exp_attributes_timeout (const ExpMount *mount, ExpInode *inode);

/* views (views.c) */

/* Whether a view's size follows from the description, from the values of a small dataset, or from all of it. */
typedef enum
{
  EXP_SIZE_IS_FREE,
  EXP_SIZE_IS_CHEAP,
  EXP_SIZE_IS_COSTLY,
} ExpSizeCost;

ExpSizeCost exp_views_size_cost (ExpMount *mount, const ExpInfo *info, guint view);

typedef struct _ExpViewCache ExpViewCache;
ExpViewCache *exp_view_cache_new (void);
void exp_view_cache_free (ExpViewCache *cache);
void exp_view_cache_remove (ExpViewCache *cache, ExpInode *inode);
/* The FILE's view, a reference; the same one for all while it is in use or was of late. */
ExpView *exp_views_get (ExpMount *mount, ExpInode *inode, GError **error);
/* Its exact size, kept in the inode. */
gboolean exp_views_size (ExpMount *mount, ExpInode *inode, guint64 *size, GError **error);
/* The size for who has the node's description, which is enough for one that is FREE. */
gboolean exp_views_size_described (ExpMount *mount, ExpInode *inode, const ExpInfo *info, guint64 *size);

/* names that were cut (long_names.c) */

typedef struct _ExpLongNames ExpLongNames;
ExpLongNames *exp_long_names_new (void);
void exp_long_names_free (ExpLongNames *names);
void exp_long_names_remove (ExpLongNames *names, ExpInode *directory);
/* The shown name of a child whose encoded name is too long, and the true name of one that is shown cut; caller frees.
 * EXP_ERROR_NOT_FOUND, and the store's errors. */
char *exp_long_names_show (ExpLongNames *names, ExpInode *directory, const char *name, GError **error);
char *exp_long_names_resolve (ExpLongNames *names, ExpInode *directory, const char *shown, GError **error);

/* .expfs/ (control.c) */

#define EXP_CONTROL_NAME ".expfs"

/* The inode of `name` in the root (".expfs") or in .expfs itself, a reference; NULL for none. */
ExpInode *exp_control_lookup (ExpMount *mount, ExpInode *directory, const char *name);
/* The name of entry i of .expfs, NULL past the last. */
const char *exp_control_name (ExpMount *mount, guint i);
/* What a control file shows, a reference, and when it was taken down. Whoever looks the name up has it taken down
 * anew, and reads that. */
void exp_control_renew (ExpMount *mount, ExpInode *inode);
/* Somebody writes to a control file: to sync, which commits and checkpoints, or to operate (fs/operate.h), and to no
 * other. */
gboolean exp_control_can_write (const ExpInode *inode);
/* TRUE for the one that operations are asked for through. */
gboolean exp_control_is_operate (const ExpInode *inode);
gboolean exp_control_write (ExpMount *mount, ExpInode *inode, GError **error);
GBytes *exp_control_get (ExpMount *mount, ExpInode *inode, struct timespec *time); /* `time` may be NULL */

/* xattrs (metadata.c) */

/* Calls func with the full name of each of expfs' own xattrs that the node has. */
typedef void (*ExpMetadataFunc) (const char *name, gpointer data);
void exp_metadata_list (ExpMount *mount, ExpInode *inode, ExpMetadataFunc func, gpointer data);
/* The value of "user.expfs.NAME"; NULL and EXP_ERROR_NOT_FOUND when the node has none. Caller frees. */
char *exp_metadata_get (ExpMount *mount, ExpInode *inode, const char *name, GError **error);
gboolean exp_metadata_is_name (const char *name);

/* The values of the inodes that were listed last. */
typedef struct _ExpXattrCache ExpXattrCache;
ExpXattrCache *exp_xattr_cache_new (void);
void exp_xattr_cache_free (ExpXattrCache *cache);
void exp_xattr_cache_remove (ExpXattrCache *cache, ExpInode *inode);

typedef struct
{
  GBytes *content;
  struct timespec time;
} ExpControlContent;

/* See fs/backups.h. */
typedef struct
{
  const ExpInode *directory; /* not a reference, only compared; NULL: none */
  char *name;
  gint64 time; /* g_get_monotonic_time */
} ExpBackup;

#define EXP_N_BACKUPS 16

/* See fs/true_names.h. */
typedef struct
{
  const ExpInode *inode; /* not a reference, only compared */
  char *name;
} ExpTrueName;

#define EXP_N_TRUE_NAMES 16

#define EXP_N_CONTROLS 5

/* walks (walk_ahead.c) */

typedef struct _ExpWalkAhead ExpWalkAhead;

struct _ExpDriverState
{
  ExpViewCache *views;
  ExpLongNames *long_names;
  ExpXattrCache *metadata;
  ExpWalkAhead *walk_ahead;
  ExpRequestCounts *counts;
  ExpPush *push; /* of a mount that cannot be written */
  ExpChanges *changes;
  ExpLeases *leases;
  ExpWriters *writers;
  ExpBehind *behind;
  ExpAffinity affinity;
  ExpWantedTable *wanted;
  ExpAwaitedTable *awaited;
  ExpQueries *queries;
  ExpOperations *operations;
  ExpAlong *along;
  ExpEntered *entered; /* the stores of a collection */
  GMutex node_locks[16]; /* by inode: guards the node of a FILE in a mount that can be written */
  gint64 start;          /* g_get_monotonic_time */
  GMutex controls_lock;
  ExpControlContent controls[EXP_N_CONTROLS]; /* under controls_lock */
  char *sync_said;                            /* how the last write to sync went, NULL: well; under controls_lock */
  GMutex backups_lock;
  guint n_backups;                          /* so far; under backups_lock */
  ExpBackup backups[EXP_N_BACKUPS];         /* under backups_lock */
  guint n_true_names;                       /* so far; under backups_lock */
  ExpTrueName true_names[EXP_N_TRUE_NAMES]; /* under backups_lock */
  gint size_credit;                         /* sizes that a listing may find out by reading; atomic */
};

/* The operations, one file per subject. */
void exp_opendir (fuse_req_t req, fuse_ino_t id, struct fuse_file_info *fi);
void exp_readdir (fuse_req_t req, fuse_ino_t id, size_t size, off_t offset, struct fuse_file_info *fi);
void exp_readdirplus (fuse_req_t req, fuse_ino_t id, size_t size, off_t offset, struct fuse_file_info *fi);
void exp_releasedir (fuse_req_t req, fuse_ino_t id, struct fuse_file_info *fi);
void exp_open (fuse_req_t req, fuse_ino_t id, struct fuse_file_info *fi);
void exp_open_writable (fuse_req_t req, fuse_ino_t id, struct fuse_file_info *fi);
void exp_read (fuse_req_t req, fuse_ino_t id, size_t size, off_t offset, struct fuse_file_info *fi);
void exp_getxattr (fuse_req_t req, fuse_ino_t id, const char *name, size_t size);
void exp_listxattr (fuse_req_t req, fuse_ino_t id, size_t size);
/* write.c */
void exp_create (fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, struct fuse_file_info *fi);
void exp_mknod (fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t device);
void exp_write (fuse_req_t req, fuse_ino_t id, const char *data, size_t size, off_t offset, struct fuse_file_info *fi);
void exp_flush (fuse_req_t req, fuse_ino_t id, struct fuse_file_info *fi);
void exp_release (fuse_req_t req, fuse_ino_t id, struct fuse_file_info *fi);
void exp_fsync (fuse_req_t req, fuse_ino_t id, int data_only, struct fuse_file_info *fi);
void exp_fsyncdir (fuse_req_t req, fuse_ino_t id, int data_only, struct fuse_file_info *fi);
void exp_setattr (fuse_req_t req, fuse_ino_t id, struct stat *wanted, int to_set, struct fuse_file_info *fi);
void exp_fallocate (fuse_req_t req, fuse_ino_t id, int mode, off_t offset, off_t length, struct fuse_file_info *fi);
/* What is asked through the open .expfs/operate; NULL for another file. */
ExpConversation *exp_open_conversation (const struct fuse_file_info *fi);
/* change.c */
void exp_mkdir (fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode);
void exp_unlink (fuse_req_t req, fuse_ino_t parent, const char *name);
void exp_rmdir (fuse_req_t req, fuse_ino_t parent, const char *name);
void exp_symlink (fuse_req_t req, const char *target, fuse_ino_t parent, const char *name);
void exp_rename (fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t new_parent, const char *new_name,
                 unsigned int flags);
void exp_link (fuse_req_t req, fuse_ino_t id, fuse_ino_t new_parent, const char *new_name);
/* xattr_write.c */
void exp_setxattr (fuse_req_t req, fuse_ino_t id, const char *name, const char *value, size_t size, int flags);
void exp_removexattr (fuse_req_t req, fuse_ino_t id, const char *name);

G_END_DECLS
