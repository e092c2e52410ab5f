/* Items that are files of a running mount: what they are is in their extended attributes.
 * Knows no nodes and no stores.
 * Called through item.c. */
#include "fs/walk/item.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define XATTR_MAX  65536
#define READ_BYTES (1024 * 1024)

typedef struct
{
  ExpItem base;
  char *mountpoint;
  char *path; /* below it */
  char *full;
} MountedItem;

static const ExpItemClass mounted_item_class;

static void
mounted_free (ExpItem *item)
{
  MountedItem *self = (MountedItem *)item;

  g_free (self->mountpoint);
  g_free (self->path);
  g_free (self->full);
  g_free (self);
}

/* The mount's own words, which say more than an errno: the last line of its log about this path. */
static char *
find_reason (MountedItem *self)
{
  g_autofree char *log_path = g_build_filename (self->mountpoint, ".expfs", "log", NULL);
  g_autofree char *prefix = g_strdup_printf (": /%s: ", self->path);
  g_autofree char *log = NULL;

  if (!g_file_get_contents (log_path, &log, NULL, NULL))
    return NULL;

  char *line = g_strrstr (log, prefix);
  if (line == NULL)
    return NULL;
  line += strlen (prefix);
  return g_strndup (line, strcspn (line, "\n"));
}

static gboolean
fail (MountedItem *self, int code, GError **error)
{
  g_autofree char *reason = code == ENOENT || code == EACCES ? NULL : find_reason (self);

  g_set_error (error, EXP_ERROR,
               code == ENOENT  ? EXP_ERROR_NOT_FOUND
               : code == E2BIG ? EXP_ERROR_TOO_LARGE
                               : EXP_ERROR_IO,
               "%s", reason != NULL ? reason : g_strerror (code));
  return FALSE;
}

/* NULL and errno when there is no such attribute. */
static char *
get_xattr (MountedItem *self, const char *name)
{
  g_autofree char *value = g_malloc (XATTR_MAX + 1);
  ssize_t length = lgetxattr (self->full, name, value, XATTR_MAX);

  if (length < 0)
    return NULL;
  value[length] = '\0';
  return g_strdup (value);
}

static gboolean
mounted_describe (ExpItem *item, ExpItemInfo *info, GError **error)
{
  MountedItem *self = (MountedItem *)item;
  g_autofree char *kind = NULL;
  struct stat st;

  if (lstat (self->full, &st) < 0)
    return fail (self, errno, error);
  info->is_group = S_ISDIR (st.st_mode);
  info->identity = info->is_group || st.st_nlink > 1 ? st.st_ino : 0;
  if (S_ISLNK (st.st_mode))
    {
      char target[PATH_MAX];
      ssize_t length = readlink (self->full, target, sizeof target);

      if (length < 0)
        return fail (self, errno, error);
      info->kind = "link";
      info->target = g_strndup (target, length);
      return TRUE;
    }
  if (info->is_group)
    {
      info->kind = "group";
      return TRUE;
    }
  /* Each of these is a question to the mount's process. */
  info->dtype = get_xattr (self, "user.expfs.dtype");
  info->shape = info->dtype != NULL ? get_xattr (self, "user.expfs.shape") : NULL;
  kind = info->shape == NULL ? get_xattr (self, "user.expfs.kind") : NULL;
  info->kind = info->shape != NULL ? "dataset" : kind != NULL ? g_intern_string (kind) : "file";
  if (info->shape == NULL && strcmp (info->kind, "dataset") == 0)
    info->shape = g_strdup ("null");
  else if (info->shape == NULL)
    g_clear_pointer (&info->dtype, g_free);
  return TRUE;
}

static guint64
mounted_storage (ExpItem *item)
{
  g_autofree char *storage = get_xattr ((MountedItem *)item, "user.expfs.storage");

  return storage != NULL ? g_ascii_strtoull (storage, NULL, 10) : 0;
}

static gboolean
mounted_detail (ExpItem *item, ExpItemInfo *info, GError **error)
{
  MountedItem *self = (MountedItem *)item;

  info->role = get_xattr (self, "user.expfs.role");
  info->class_name = get_xattr (self, "user.expfs.class");
  info->chunks = get_xattr (self, "user.expfs.chunks");
  info->filters = get_xattr (self, "user.expfs.filters");
  info->storage = mounted_storage (item);
  info->has_storage = info->storage > 0;
  return TRUE;
}

/* The directory is opened anew for each page: a walk may be deeper than a process may have files open. */
static gboolean
mounted_list (ExpItem *item, guint64 *position, guint limit, GArray *children, gboolean *is_end, GError **error)
{
  MountedItem *self = (MountedItem *)item;
  DIR *directory = opendir (self->full);
  struct dirent *entry = NULL;

  if (directory == NULL)
    return fail (self, errno, error);
  if (*position > 0)
    seekdir (directory, *position);
  errno = 0;
  while (limit > 0 && (entry = readdir (directory)) != NULL)
    {
      *position = telldir (directory);
      if (strcmp (entry->d_name, ".") == 0 || strcmp (entry->d_name, "..") == 0)
        continue;

      g_autofree char *path = *self->path != '\0' ? g_build_filename (self->path, entry->d_name, NULL) : NULL;
      ExpItemChild child
          = { g_strdup (entry->d_name), exp_mounted_item_new (self->mountpoint, path != NULL ? path : entry->d_name) };
      g_array_append_val (children, child);
      limit--;
    }

  int saved_errno = entry == NULL ? errno : 0;
  closedir (directory);
  *is_end = entry == NULL;
  return saved_errno == 0 || fail (self, saved_errno, error);
}

static char **
mounted_list_attributes (ExpItem *item, GError **error)
{
  MountedItem *self = (MountedItem *)item;
  g_autofree char *names = g_malloc (XATTR_MAX);
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_free);
  ssize_t length = llistxattr (self->full, names, XATTR_MAX);

  if (length < 0 && errno != ENOTSUP)
    {
      fail (self, errno, error);
      return NULL;
    }
  for (ssize_t at = 0; at < length; at += strlen (names + at) + 1)
    if (g_str_has_prefix (names + at, "user.") && !g_str_has_prefix (names + at, "user.expfs."))
      g_ptr_array_add (list, g_strdup (names + at + strlen ("user.")));
  g_ptr_array_add (list, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&list), FALSE);
}

static gboolean
read_file (MountedItem *self, const char *path, ExpItemReadFunc func, gpointer data, GError **error)
{
  g_autofree char *buffer = g_malloc (READ_BYTES);
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  struct stat st;
  guint64 n_read = 0;
  ssize_t n = -1;

  if (fd >= 0 && fstat (fd, &st) == 0)
    while ((n = read (fd, buffer, READ_BYTES)) > 0)
      {
        n_read += n;
        if (func != NULL && st.st_size > 0)
          func (MIN (1, (double)n_read / st.st_size), data);
      }

  int saved_errno = errno;
  if (fd >= 0)
    close (fd);
  return n == 0 || fail (self, saved_errno, error);
}

static char *
mounted_read_attribute (ExpItem *item, const char *name, gsize limit, GError **error)
{
  MountedItem *self = (MountedItem *)item;
  g_autofree char *full_name = g_strconcat ("user.", name, NULL);
  g_autofree char *value = get_xattr (self, full_name);
  struct stat st;

  if (value != NULL && (limit == 0 || strlen (value) <= limit))
    return g_steal_pointer (&value);
  if (value == NULL && errno == E2BIG && limit == 0)
    {
      gboolean is_group = lstat (self->full, &st) == 0 && S_ISDIR (st.st_mode);
      g_autofree char *path = g_strconcat (self->full, is_group ? "/.attrs/" : ".attrs/", name, NULL);
      return read_file (self, path, NULL, NULL, error) ? g_strdup ("") : NULL;
    }
  fail (self, value != NULL ? E2BIG : errno, error);
  return NULL;
}

static gboolean
mounted_read (ExpItem *item, ExpItemReadFunc func, gpointer data, GError **error)
{
  MountedItem *self = (MountedItem *)item;

  return read_file (self, self->full, func, data, error);
}

static const ExpItemClass mounted_item_class = {
  .free = mounted_free,
  .describe = mounted_describe,
  .detail = mounted_detail,
  .storage = mounted_storage,
  .list = mounted_list,
  .list_attributes = mounted_list_attributes,
  .read_attribute = mounted_read_attribute,
  .read = mounted_read,
};

ExpItem *
exp_mounted_item_new (const char *mountpoint, const char *path)
{
  MountedItem *item = g_new0 (MountedItem, 1);

  item->base.klass = &mounted_item_class;
  item->mountpoint = g_strdup (mountpoint);
  item->path = g_strdup (path);
  item->full = *path != '\0' ? g_build_filename (mountpoint, path, NULL) : g_strdup (mountpoint);
  return &item->base;
}
