/* Requests: counted, timed, and answered when they fail. */
#pragma once

#include "fs/inode.h"

G_BEGIN_DECLS

/* What .expfs/stats counts; in the order of exp_operation_name. */
typedef enum
{
  EXP_OPERATION_LOOKUP,
  EXP_OPERATION_FORGET,
  EXP_OPERATION_GETATTR,
  EXP_OPERATION_READLINK,
  EXP_OPERATION_OPEN,
  EXP_OPERATION_READ,
  EXP_OPERATION_OPENDIR,
  EXP_OPERATION_READDIR,
  EXP_OPERATION_READDIRPLUS,
  EXP_OPERATION_RELEASEDIR,
  EXP_OPERATION_STATFS,
  EXP_OPERATION_GETXATTR,
  EXP_OPERATION_LISTXATTR,
  EXP_OPERATION_ACCESS,
  EXP_OPERATION_CHANGE, /* of names, attributes, sizes; anything that would write where nothing can be */
  EXP_OPERATION_WRITE,
  EXP_OPERATION_FLUSH,
  EXP_OPERATION_RELEASE,
  EXP_OPERATION_FSYNC,
  EXP_N_OPERATIONS,
} ExpOperation;

const char *exp_operation_name (ExpOperation operation);

/* One request under way, from exp_request_begin to the end of the scope. */
typedef struct
{
  ExpMount *mount;
  ExpOperation operation;
  gint64 start; /* ns */
} ExpRequest;

/* Marks the mount as used. Files that wait to be put into the store (fs/behind.h) are there when it returns. */
ExpRequest exp_request_begin (fuse_req_t req, ExpOperation operation);
/* The same for what shows nothing but this inode: those that it does not depend on may go on waiting. */
ExpRequest exp_request_begin_for (fuse_req_t req, ExpOperation operation, fuse_ino_t id);
/* The same for who looks after these himself. */
ExpRequest exp_request_begin_ahead (fuse_req_t req, ExpOperation operation);
/* The same for a read. */
ExpRequest exp_request_begin_read (fuse_req_t req, fuse_ino_t id, gboolean is_long);
/* The same for a write; `is_long`: another processor may well be woken for it. */
ExpRequest exp_request_begin_write (fuse_req_t req, gboolean is_long);
/* Counts it and the time that it took. */
void exp_request_clear (ExpRequest *request);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ExpRequest, exp_request_clear)

/* What was counted since the mount was made, over all threads. */
typedef struct _ExpRequestCounts ExpRequestCounts;
ExpRequestCounts *exp_request_counts_new (void);
void exp_request_counts_free (ExpRequestCounts *counts);
guint64 exp_request_counts_get (ExpRequestCounts *counts, ExpOperation operation, guint64 *nanoseconds);

/* Answers a request that failed and logs the store's own failures with the object's path; frees the error. */
void exp_request_fail (fuse_req_t req, ExpMount *mount, ExpInode *inode, GError *error);

/* The same for what a writer asked for: tells also why a value or a name cannot be. */
void exp_request_refuse (fuse_req_t req, ExpMount *mount, ExpInode *inode, GError *error);

/* Logs a failure at `name` (NULL: none) in or of the inode, unless it is one that users cause by asking, such as a
 * name that does not exist, or the same line was logged a moment ago. */
void exp_log_failure (ExpMount *mount, ExpInode *inode, const char *name, const GError *error);
/* The same of a name that was not found in a directory: in one of queries it may be what cannot be asked, and that is
 * logged too. */
void exp_log_failed_query (ExpMount *mount, ExpInode *directory, const char *name, const GError *error);

G_END_DECLS
