/* What all requests share: counting, timing, failing, logging.
 * Knows nothing of what they ask for.
 * Called by the operations. */
#include "expfs/stats.h"
#include "fs/driver.h"
#include <time.h>

/* Threads count in different lines of memory, so that none waits for another's. */
#define N_SHARDS 16

/* How old the mark of the last use may be. */
#define USE_TICK (G_USEC_PER_SEC / 10)

typedef struct
{
  guint64 n[EXP_N_OPERATIONS];           /* atomic */
  guint64 nanoseconds[EXP_N_OPERATIONS]; /* atomic */
} __attribute__ ((aligned (128))) Shard;

struct _ExpRequestCounts
{
  Shard shards[N_SHARDS];
};

static const char *const operation_names[EXP_N_OPERATIONS] = {
  "lookup", "forget",   "getattr",   "readlink", "open",   "read",  "opendir", "readdir", "readdirplus", "releasedir",
  "statfs", "getxattr", "listxattr", "access",   "change", "write", "flush",   "release", "fsync",
};

const char *
exp_operation_name (ExpOperation operation)
{
  return operation_names[operation];
}

ExpRequestCounts *
exp_request_counts_new (void)
{
  ExpRequestCounts *counts = g_aligned_alloc0 (1, sizeof *counts, _Alignof(ExpRequestCounts));

  return counts;
}

void
exp_request_counts_free (ExpRequestCounts *counts)
{
  g_aligned_free (counts);
}

guint64
exp_request_counts_get (ExpRequestCounts *counts, ExpOperation operation, guint64 *nanoseconds)
{
  guint64 n = 0;

  *nanoseconds = 0;
  for (guint i = 0; i < N_SHARDS; i++)
    {
      n += __atomic_load_n (&counts->shards[i].n[operation], __ATOMIC_RELAXED);
      *nanoseconds += __atomic_load_n (&counts->shards[i].nanoseconds[operation], __ATOMIC_RELAXED);
    }
  return n;
}

static gint64
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time); /* g_get_monotonic_time's, but finer */
  return time.tv_sec * G_GINT64_CONSTANT (1000000000) + time.tv_nsec;
}

/* Those that make and write files, those that come between, and those that take their time. */
static ExpRequestKind
kind_of (ExpOperation operation)
{
  switch (operation)
    {
    case EXP_OPERATION_CHANGE:
    case EXP_OPERATION_WRITE:
    case EXP_OPERATION_FLUSH:
      return EXP_REQUEST_WRITES;
    case EXP_OPERATION_LOOKUP:
    case EXP_OPERATION_GETATTR:
    case EXP_OPERATION_OPEN:
    case EXP_OPERATION_READ:
      return EXP_REQUEST_LOOKS;
    case EXP_OPERATION_FORGET:
    case EXP_OPERATION_RELEASE:
    case EXP_OPERATION_RELEASEDIR:
      return EXP_REQUEST_IS_NOBODYS;
    default:
      return EXP_REQUEST_IS_LONG;
    }
}

static ExpRequest
begin (fuse_req_t req, ExpOperation operation, gboolean is_long)
{
  ExpRequest request = { fuse_req_userdata (req), operation, now () };
  gint64 used = __atomic_load_n (&request.mount->last_use, __ATOMIC_RELAXED);

  if (request.start / 1000 - used > USE_TICK)
    __atomic_store_n (&request.mount->last_use, request.start / 1000, __ATOMIC_RELAXED);
  if (request.mount->is_writable)
    exp_affinity_follow (&request.mount->state->affinity, fuse_req_ctx (req)->pid,
                         is_long ? EXP_REQUEST_IS_LONG : kind_of (operation), request.start);
  return request;
}

ExpRequest
exp_request_begin_ahead (fuse_req_t req, ExpOperation operation)
{
  return begin (req, operation, FALSE);
}

ExpRequest
exp_request_begin_write (fuse_req_t req, gboolean is_long)
{
  return begin (req, EXP_OPERATION_WRITE, is_long);
}

ExpRequest
exp_request_begin (fuse_req_t req, ExpOperation operation)
{
  ExpRequest request = begin (req, operation, operation == EXP_OPERATION_CHANGE);

  exp_behind_settle (request.mount);
  return request;
}

static void
settle_for (const ExpRequest *request, fuse_ino_t id)
{
  if (exp_behind_has (request->mount))
    exp_behind_settle_for (request->mount, exp_inode_get (request->mount->inodes, id));
}

ExpRequest
exp_request_begin_for (fuse_req_t req, ExpOperation operation, fuse_ino_t id)
{
  ExpRequest request = begin (req, operation, FALSE);

  settle_for (&request, id);
  return request;
}

ExpRequest
exp_request_begin_read (fuse_req_t req, fuse_ino_t id, gboolean is_long)
{
  ExpRequest request = begin (req, EXP_OPERATION_READ, is_long);

  settle_for (&request, id);
  return request;
}

void
exp_request_clear (ExpRequest *request)
{
  Shard *shard = &request->mount->state->counts->shards[exp_stat_thread () % N_SHARDS];

  __atomic_fetch_add (&shard->n[request->operation], 1, __ATOMIC_RELAXED);
  __atomic_fetch_add (&shard->nanoseconds[request->operation], now () - request->start, __ATOMIC_RELAXED);
}

/* Failures that users cause by asking. */
static gboolean
is_ordinary (const GError *error)
{
  static const int ordinary[] = { EXP_ERROR_NOT_FOUND,   EXP_ERROR_READ_ONLY,  EXP_ERROR_INVALID,
                                  EXP_ERROR_NOT_A_GROUP, EXP_ERROR_IS_A_GROUP, EXP_ERROR_TOO_LARGE,
                                  EXP_ERROR_EXISTS,      EXP_ERROR_NOT_EMPTY,  EXP_ERROR_NOT_PERMITTED,
                                  EXP_ERROR_OTHER_PLACE };

  for (gsize i = 0; i < G_N_ELEMENTS (ordinary); i++)
    if (g_error_matches (error, EXP_ERROR, ordinary[i]))
      return TRUE;
  return FALSE;
}

/* TRUE when the same line was logged less than ten seconds ago. */
static gboolean
was_logged (const char *line)
{
  static GMutex lock;
  static struct
  {
    guint hash;
    gint64 time;
  } recent[256];
  guint hash = g_str_hash (line);
  guint place = hash % G_N_ELEMENTS (recent);
  gint64 now = g_get_monotonic_time ();

  g_mutex_lock (&lock);
  gboolean is_repeated
      = recent[place].hash == hash && now - recent[place].time < 10 * G_USEC_PER_SEC && recent[place].time != 0;
  if (!is_repeated)
    {
      recent[place].hash = hash;
      recent[place].time = now;
    }
  g_mutex_unlock (&lock);
  return is_repeated;
}

static void
log_line (ExpInode *inode, const char *name, const GError *error)
{
  g_autofree char *path = exp_path_shown (inode);
  g_autofree char *line = g_strdup_printf ("%s%s%s: %s", path, name != NULL && path[1] != '\0' ? "/" : "",
                                           name != NULL ? name : "", error->message);
  if (!was_logged (line))
    g_warning ("%s", line);
}

void
exp_log_failure (ExpMount *mount, ExpInode *inode, const char *name, const GError *error)
{
  if (error != NULL && !is_ordinary (error))
    log_line (inode, name, error);
}

void
exp_log_failed_query (ExpMount *mount, ExpInode *directory, const char *name, const GError *error)
{
  g_auto (ExpInfo) info = { 0 };

  if (g_error_matches (error, EXP_ERROR, EXP_ERROR_INVALID) && exp_node_describe (directory->node, &info, NULL)
      && g_strcmp0 (info.role, "query") == 0)
    log_line (directory, name, error);
  else
    exp_log_failure (mount, directory, name, error);
}

void
exp_request_fail (fuse_req_t req, ExpMount *mount, ExpInode *inode, GError *error)
{
  exp_log_failure (mount, inode, NULL, error);
  fuse_reply_err (req, exp_errno (error));
  g_error_free (error);
}

/* What a writer asks for and cannot have. Nobody guesses the reason from these. */
static gboolean
needs_reason (const GError *error)
{
  return g_error_matches (error, EXP_ERROR, EXP_ERROR_INVALID)
         || g_error_matches (error, EXP_ERROR, EXP_ERROR_NOT_PERMITTED)
         || g_error_matches (error, EXP_ERROR, EXP_ERROR_TOO_LARGE);
}

void
exp_request_refuse (fuse_req_t req, ExpMount *mount, ExpInode *inode, GError *error)
{
  if (needs_reason (error))
    log_line (inode, NULL, error);
  exp_request_fail (req, mount, inode, error);
}
