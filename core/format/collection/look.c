/* What the names of a directory stand for: stores, other files, directories, symlinks.
 * Knows the operating system; asks core/store.c which files are stores, and keeps its answers.
 * Called by the nodes of a collection. */
#include "collection.h"
#include "source/system_error.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#define JOURNAL ".expfs-wal"

/* Files of which it is known whether they are stores. */
#define MAX_KNOWN 65536

/* Files of a store that is a directory whose times are looked at. */
#define MAX_PARTS 4096

/* --- what is known of files --------------------------------------------------------------------------------- */

/* A file that was looked into, as it was then. */
typedef struct
{
  dev_t device;
  ino_t inode;
  gint64 size;
  struct timespec mtime, ctime;
  gboolean is_store;
} Known;

static GMutex known_lock;
static GHashTable *known; /* of Known, its own key; under known_lock */

static guint
known_hash (gconstpointer key)
{
  const Known *self = key;
  guint64 hash = (self->inode ^ (guint64)self->device << 32) * 0x9e3779b97f4a7c15u;

  return hash >> 32;
}

static gboolean
known_equal (gconstpointer a, gconstpointer b)
{
  const Known *one = a, *other = b;

  return one->device == other->device && one->inode == other->inode;
}

static gboolean
is_same_time (const struct timespec *a, const struct timespec *b)
{
  return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

/* TRUE when it was looked into as it is. */
static gboolean
find_known (const struct stat *st, gboolean *is_store)
{
  const Known key = { .device = st->st_dev, .inode = st->st_ino };
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&known_lock);
  const Known *found = known != NULL ? g_hash_table_lookup (known, &key) : NULL;

  if (found == NULL || found->size != st->st_size || !is_same_time (&found->mtime, &st->st_mtim)
      || !is_same_time (&found->ctime, &st->st_ctim))
    return FALSE;
  *is_store = found->is_store;
  return TRUE;
}

static void
keep_known (const struct stat *st, gboolean is_store)
{
  Known *self = g_new (Known, 1);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&known_lock);

  *self = (Known){ st->st_dev, st->st_ino, st->st_size, st->st_mtim, st->st_ctim, is_store };
  if (known == NULL)
    known = g_hash_table_new_full (known_hash, known_equal, g_free, NULL);
  if (g_hash_table_size (known) >= MAX_KNOWN)
    g_hash_table_remove_all (known);
  g_hash_table_replace (known, self, self);
}

static gboolean
is_store (const char *path, const struct stat *st)
{
  gboolean is_one;

  if (find_known (st, &is_one))
    return is_one;
  is_one = exp_store_is_one (path);
  keep_known (st, is_one);
  return is_one;
}

/* --- versions ----------------------------------------------------------------------------------------------- */

static guint64
mix (guint64 hash, guint64 value)
{
  hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
  return hash ^ hash >> 29;
}

static guint64
mix_times (guint64 hash, const struct stat *st)
{
  hash = mix (mix (hash, st->st_mtim.tv_sec), st->st_mtim.tv_nsec);
  return mix (hash, st->st_size);
}

guint64
exp_place_identity (const struct stat *st)
{
  /* None that a format gives, as a rule: those are addresses and small numbers. */
  return mix (mix (0x6a09e667f3bcc909u, st->st_dev), st->st_ino) | G_GUINT64_CONSTANT (1) << 63;
}

/* A store that is a directory changes with the files in it. */
static guint64
mix_parts (guint64 hash, const char *path)
{
  DIR *dir = opendir (path);
  guint64 sum = 0;
  guint n = 0;

  for (struct dirent *entry; dir != NULL && n < MAX_PARTS && (entry = readdir (dir)) != NULL; n++)
    {
      struct stat st;

      if (entry->d_type != DT_DIR && fstatat (dirfd (dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
        sum += mix_times (mix (0, st.st_ino), &st); /* in whichever order they come */
    }
  if (dir != NULL)
    closedir (dir);
  return mix (hash, sum);
}

static guint64
version_of (const char *path, const ExpPlace *place)
{
  guint64 hash = mix (exp_place_identity (&place->st), place->kind);

  if (place->kind == EXP_PLACE_STORE)
    hash = mix_times (hash, &place->st);
  if (place->kind == EXP_PLACE_STORE && S_ISDIR (place->st.st_mode))
    hash = mix_parts (hash, path);
  return MAX (hash, 1);
}

/* --- looking ------------------------------------------------------------------------------------------------ */

/* The type of the file system that is mounted where `fd` is; caller frees. Asks nothing of that file system. */
static char *
mounted_type (int fd)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/fdinfo/%d", fd), *info = NULL, *mounts = NULL;
  char *type = NULL;

  if (!g_file_get_contents (path, &info, NULL, NULL)
      || !g_file_get_contents ("/proc/self/mountinfo", &mounts, NULL, NULL))
    return NULL;
  const char *field = strstr (info, "mnt_id:");
  const int id = field != NULL ? atoi (field + strlen ("mnt_id:")) : -1;
  g_auto (GStrv) lines = g_strsplit (mounts, "\n", -1);
  for (char **line = lines; *line != NULL && type == NULL; line++)
    {
      const char *rest = atoi (*line) == id ? strstr (*line, " - ") : NULL;
      if (rest != NULL)
        type = g_strndup (rest + 3, strcspn (rest + 3, " "));
    }
  return type;
}

static gboolean
fail_not_found (GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no such name");
  return FALSE;
}

/* What is there for looking at it only; -1 and errno. ENOENT where expfs is mounted: a mount that looked into itself
 * would wait for its own answer, or never come to an end. */
static int
open_place (int folder, const char *name)
{
  const struct open_how how = { .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC, .resolve = RESOLVE_NO_XDEV };
  int fd = syscall (SYS_openat2, folder, name, &how, sizeof how);

  if (fd >= 0 || (errno != EXDEV && errno != ENOSYS))
    return fd;
  fd = openat (folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    return -1;
  g_autofree char *type = mounted_type (fd);
  if (type == NULL || !g_str_has_prefix (type, "fuse.expfs"))
    return fd;
  close (fd);
  errno = ENOENT;
  return -1;
}

static gboolean
is_name (const char *name)
{
  return *name != '\0' && strcmp (name, ".") != 0 && strcmp (name, "..") != 0 && strchr (name, '/') == NULL
         && strlen (name) <= NAME_MAX;
}

/* The journal of a store that is there belongs to that. */
static gboolean
is_journal (int folder, const char *name)
{
  struct stat st;

  if (!g_str_has_suffix (name, JOURNAL) || strlen (name) == strlen (JOURNAL))
    return FALSE;
  g_autofree char *store = g_strndup (name, strlen (name) - strlen (JOURNAL));
  return fstatat (folder, store, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

int
exp_place_open_folder (const char *path, GError **error)
{
  int fd = open (path, O_PATH | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0)
    exp_set_system_error (error, path, errno);
  return fd;
}

/* FALSE for what does not show. */
static gboolean
set_kind (const char *path, ExpPlace *place)
{
  switch (place->st.st_mode & S_IFMT)
    {
    case S_IFDIR:
      place->kind = is_store (path, &place->st) ? EXP_PLACE_STORE : EXP_PLACE_FOLDER;
      return TRUE;
    case S_IFREG:
      place->kind = is_store (path, &place->st) ? EXP_PLACE_STORE : EXP_PLACE_FILE;
      return TRUE;
    case S_IFLNK:
      place->kind = EXP_PLACE_LINK;
      return TRUE;
    default:
      return FALSE;
    }
}

gboolean
exp_place_look (int folder, const char *path, const char *name, ExpPlace *place, GError **error)
{
  int fd = is_name (name) && !is_journal (folder, name) ? open_place (folder, name) : (errno = ENOENT, -1);
  int saved_errno = errno;
  gboolean is_there = fd >= 0 && fstat (fd, &place->st) == 0;
  g_autofree char *whole = NULL;

  if (fd >= 0 && !is_there)
    saved_errno = errno;
  if (fd >= 0)
    close (fd);
  if (!is_there && (saved_errno == ENOENT || saved_errno == ENOTDIR))
    return fail_not_found (error);
  whole = g_build_filename (path, name, NULL);
  if (!is_there)
    {
      exp_set_system_error (error, whole, saved_errno);
      return FALSE;
    }
  if (!set_kind (whole, place))
    return fail_not_found (error);
  place->version = version_of (whole, place);
  return TRUE;
}

gboolean
exp_place_look_at (const char *path, ExpPlace *place, GError **error)
{
  g_autofree char *folder_path = g_path_get_dirname (path), *name = g_path_get_basename (path);
  int folder = exp_place_open_folder (folder_path, error);
  gboolean is_there = folder >= 0 && exp_place_look (folder, folder_path, name, place, error);

  if (folder >= 0)
    close (folder);
  return is_there;
}

void
exp_place_outside (const struct stat *st, ExpOutside *outside)
{
  *outside = (ExpOutside){
    .mode = st->st_mode & 07777,
    .uid = st->st_uid,
    .gid = st->st_gid,
    .atime = st->st_atim.tv_sec,
    .atime_ns = st->st_atim.tv_nsec,
    .mtime = st->st_mtim.tv_sec,
    .mtime_ns = st->st_mtim.tv_nsec,
    .ctime = st->st_ctim.tv_sec,
    .ctime_ns = st->st_ctim.tv_nsec,
  };
}

/* --- extended attributes ------------------------------------------------------------------------------------ */

#define PREFIX "user."
#define OURS   PREFIX "expfs."

char **
exp_place_list_attributes (const char *path, GError **error)
{
  g_autofree char *list = g_malloc (XATTR_LIST_MAX);
  const ssize_t length = llistxattr (path, list, XATTR_LIST_MAX);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (const char *at = list; at < list + length; at += strlen (at) + 1)
    if (g_str_has_prefix (at, PREFIX) && !g_str_has_prefix (at, OURS))
      g_ptr_array_add (names, g_strdup (at + strlen (PREFIX)));
  g_ptr_array_add (names, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

ExpArray *
exp_place_read_attribute (const char *path, const char *name, GError **error)
{
  g_autofree char *full = g_strconcat (PREFIX, name, NULL), *value = g_malloc (XATTR_SIZE_MAX + 1);
  const ssize_t length
      = strlen (full) <= XATTR_NAME_MAX ? lgetxattr (path, full, value, XATTR_SIZE_MAX) : (errno = ENODATA, -1);

  if (length < 0)
    {
      if (errno == ENODATA || errno == EOPNOTSUPP || errno == ENOENT)
        g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no attribute '%s'", name);
      else
        exp_set_system_error (error, path, errno);
      return NULL;
    }
  value[length] = '\0';
  return exp_array_new_text (value);
}
