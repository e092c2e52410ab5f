/* Names that a format made along with a new directory, until somebody makes them or uses them.
 * Knows how to find out what a client is doing: its system call, or its name where that may not be seen.
 * Called by driver.c, change.c and write.c. */
#include "fs/along.h"
#include "fs/driver.h"
#include "fs/names.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAX_NAMES   65536 /* in all */
#define N_LOOKS     40    /* at a client that has not gone to sleep yet */
#define LOOK_USEC   50
#define N_ARGUMENTS 4

struct _ExpAlong
{
  GMutex lock;
  GHashTable *paths; /* of shown paths */
  GHashTable *empty; /* of those that somebody has made once more, and takes for empty files until he opens them */
  GHashTable *names; /* the last names of all that were ever in `paths`: others are not asked about */
  pid_t maker;       /* of the last directory that came with something */
  gint n;            /* atomic: of `paths` */
};

ExpAlong *
exp_along_new (void)
{
  ExpAlong *self = g_new0 (ExpAlong, 1);

  g_mutex_init (&self->lock);
  self->paths = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->empty = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
exp_along_free (ExpAlong *self)
{
  g_hash_table_unref (self->paths);
  g_hash_table_unref (self->empty);
  g_hash_table_unref (self->names);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static char *
path_in (ExpInode *directory, const char *name)
{
  g_autofree char *path = exp_path_shown (directory);

  return g_strconcat (strcmp (path, "/") == 0 ? "" : path, "/", name, NULL);
}

/* --- what was made ------------------------------------------------------------------------------------------ */

typedef struct
{
  ExpAlong *self;
  const char *path; /* of the directory that is listed */
  guint levels;     /* below it */
} Listing;

static gboolean
note_child (const char *name, ExpNode *child, gpointer data)
{
  Listing *listing = data;
  g_autofree char *shown = exp_name_encode (name, strlen (name));
  g_autofree char *path = g_strconcat (listing->path, "/", shown, NULL);
  Listing below = { listing->self, path, listing->levels - 1 };
  g_auto (ExpInfo) info = { 0 };

  if (listing->levels > 0 && exp_node_describe (child, &info, NULL) && info.kind == EXP_KIND_GROUP)
    exp_node_list (child, 0, note_child, &below, NULL);
  g_hash_table_add (listing->self->names, g_steal_pointer (&shown));
  g_hash_table_add (listing->self->paths, g_steal_pointer (&path));
  return g_hash_table_size (listing->self->paths) < MAX_NAMES;
}

void
exp_along_note (ExpMount *mount, ExpInode *directory, const char *name, ExpNode *node, pid_t maker)
{
  ExpAlong *self = mount->state->along;
  g_autofree char *path = path_in (directory, name);
  Listing listing = { self, path, 1 };

  g_mutex_lock (&self->lock);
  exp_node_list (node, 0, note_child, &listing, NULL);
  self->maker = maker;
  g_atomic_int_set (&self->n, (gint)g_hash_table_size (self->paths));
  g_mutex_unlock (&self->lock);
}

static gboolean
has (ExpMount *mount, ExpInode *directory, const char *name, gboolean is_taken, pid_t *maker)
{
  ExpAlong *self = mount->state->along;

  if (g_atomic_int_get (&self->n) == 0)
    return FALSE;
  g_mutex_lock (&self->lock);
  gboolean is_known = g_hash_table_contains (self->names, name);
  g_mutex_unlock (&self->lock);
  if (!is_known)
    return FALSE;

  g_autofree char *path = path_in (directory, name);
  g_mutex_lock (&self->lock);
  is_known = is_taken ? g_hash_table_remove (self->paths, path) : g_hash_table_contains (self->paths, path);
  g_atomic_int_set (&self->n, (gint)g_hash_table_size (self->paths));
  if (maker != NULL)
    *maker = self->maker;
  g_mutex_unlock (&self->lock);
  return is_known;
}

gboolean
exp_along_take (ExpMount *mount, ExpInode *directory, const char *name)
{
  return has (mount, directory, name, TRUE, NULL);
}

void
exp_along_set_empty (ExpMount *mount, ExpInode *inode)
{
  ExpAlong *self = mount->state->along;

  g_mutex_lock (&self->lock);
  g_hash_table_add (self->empty, exp_path_shown (inode));
  g_mutex_unlock (&self->lock);
}

gboolean
exp_along_take_empty (ExpMount *mount, ExpInode *inode)
{
  ExpAlong *self = mount->state->along;

  g_mutex_lock (&self->lock);
  gboolean is_empty = g_hash_table_size (self->empty) > 0;
  g_mutex_unlock (&self->lock);
  if (!is_empty)
    return FALSE;

  g_autofree char *path = exp_path_shown (inode);
  g_mutex_lock (&self->lock);
  is_empty = g_hash_table_remove (self->empty, path);
  g_mutex_unlock (&self->lock);
  return is_empty;
}

void
exp_along_use (ExpMount *mount, ExpInode *directory)
{
  if (g_atomic_int_get (&mount->state->along->n) == 0 || directory->parent == NULL)
    return;
  exp_inode_names_lock ();
  ExpInode *parent = directory->parent;
  g_autofree char *name = g_strdup (exp_inode_name (directory));
  exp_inode_ref (parent);
  exp_inode_names_unlock ();
  has (mount, parent, name, TRUE, NULL);
  exp_inode_unref (mount->inodes, parent, 1);
}

static gboolean
note_first (const char *name, ExpNode *child, gpointer data)
{
  *(gboolean *)data = FALSE;
  return FALSE;
}

/* The shown names of what came along directly in the directory. */
static GPtrArray *
names_in (ExpAlong *self, ExpInode *directory)
{
  g_autofree char *start = path_in (directory, "");
  GPtrArray *found = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer path;

  g_mutex_lock (&self->lock);
  g_hash_table_iter_init (&iter, self->paths);
  while (g_hash_table_iter_next (&iter, &path, NULL))
    if (g_str_has_prefix (path, start) && strchr ((char *)path + strlen (start), '/') == NULL)
      g_ptr_array_add (found, g_strdup ((char *)path + strlen (start)));
  g_mutex_unlock (&self->lock);
  return found;
}

void
exp_along_clear (ExpMount *mount, ExpInode *directory)
{
  ExpAlong *self = mount->state->along;

  if (g_atomic_int_get (&self->n) == 0 || directory->parent == NULL || directory->parent->parent != NULL)
    return;
  g_autoptr (GPtrArray) names = names_in (self, directory);
  for (guint i = 0; i < names->len; i++)
    {
      ExpInode *known = exp_inode_find (mount->inodes, directory, names->pdata[i]);
      gsize length;
      g_autofree char *true_name = exp_name_decode (names->pdata[i], &length);
      g_autoptr (ExpNode) node = true_name != NULL ? exp_node_lookup (directory->node, true_name, NULL) : NULL;
      gboolean is_empty = TRUE;

      if (known != NULL)
        exp_inode_unref (mount->inodes, known, 1);
      else if (node != NULL && exp_node_list (node, 0, note_first, &is_empty, NULL) && is_empty
               && exp_node_remove (directory->node, true_name, NULL))
        exp_along_take (mount, directory, names->pdata[i]);
    }
}

/* --- what a client does ------------------------------------------------------------------------------------- */

/* A small file below /proc/CLIENT, without the end of line; FALSE when it cannot be read. */
static gboolean
read_of_client (pid_t client, const char *name, char *text, gsize size)
{
  char path[48];
  ssize_t length = -1;

  g_snprintf (path, sizeof path, "/proc/%d/%s", (int)client, name);
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd >= 0)
    {
      length = read (fd, text, size - 1);
      close (fd);
    }
  text[MAX (length, 0)] = '\0';
  g_strchomp (text);
  return length > 0;
}

/* The number of the system call in which the client waits, and its arguments; FALSE when nobody may know. */
static gboolean
find_call (pid_t client, long *number, unsigned long *arguments)
{
  char text[256];

  for (guint look = 0; look < N_LOOKS; look++)
    {
      if (!read_of_client (client, "syscall", text, sizeof text))
        return FALSE;
      if (strcmp (text, "running") != 0)
        break;
      g_usleep (LOOK_USEC);
    }
  char *at = text;
  *number = strtol (at, &at, 10);
  for (guint i = 0; i < N_ARGUMENTS; i++)
    arguments[i] = strtoul (at, &at, 16);
  return at != text && *number >= 0;
}

/* The text at an address of the client's; FALSE when that cannot be read. */
static gboolean
read_text (pid_t client, unsigned long address, char *text, gsize size)
{
  const gsize page = (gsize)sysconf (_SC_PAGESIZE);

  for (gsize done = 0; done < size - 1;)
    {
      gsize length = MIN (size - 1 - done, page - (address + done) % page);
      struct iovec to = { text + done, length }, from = { (void *)(address + done), length };

      if (process_vm_readv (client, &to, 1, &from, 1, 0) != (ssize_t)length)
        return FALSE;
      if (memchr (text + done, '\0', length) != NULL)
        return TRUE;
      done += length;
    }
  return FALSE;
}

/* The last name of a path, and the one before it as far as there is one. */
static gboolean
ends_in (char *path, const char *parent, const char *name)
{
  gsize length = strlen (path);

  while (length > 0 && path[length - 1] == '/')
    path[--length] = '\0';
  char *slash = strrchr (path, '/');
  if (strcmp (slash != NULL ? slash + 1 : path, name) != 0)
    return FALSE;
  while (slash != NULL && slash > path && slash[-1] == '/')
    slash--;
  if (slash == NULL || slash == path)
    return TRUE;
  *slash = '\0';
  const char *before = strrchr (path, '/') != NULL ? strrchr (path, '/') + 1 : path;
  return strcmp (before, parent) == 0 || strcmp (before, ".") == 0 || strcmp (before, "..") == 0;
}

/* The address of the path that the call makes, where it would stop at one that is there; 0 for any other call. */
static unsigned long
made_path (pid_t client, long number, const unsigned long *arguments)
{
  const guint64 exclusive = O_CREAT | O_EXCL;
  guint64 flags = 0;

#ifdef SYS_openat2
  struct iovec to = { &flags, sizeof flags }, from = { (void *)arguments[2], sizeof flags };
  if (number == SYS_openat2 && process_vm_readv (client, &to, 1, &from, 1, 0) == (ssize_t)sizeof flags)
    return (flags & exclusive) == exclusive ? arguments[1] : 0;
#endif
#ifdef SYS_mkdir
  if (number == SYS_mkdir)
    return arguments[0];
#endif
#ifdef SYS_open
  if (number == SYS_open)
    return (arguments[1] & exclusive) == exclusive ? arguments[0] : 0;
#endif
#ifdef SYS_mknod
  if (number == SYS_mknod)
    return arguments[0];
#endif
  if (number == SYS_mkdirat || number == SYS_mknodat)
    return arguments[1];
  return number == SYS_openat && (arguments[2] & exclusive) == exclusive ? arguments[1] : 0;
}

gboolean
exp_along_is_to_be_made (ExpMount *mount, ExpInode *directory, const char *name, pid_t client)
{
  unsigned long arguments[N_ARGUMENTS], address;
  char text[PATH_MAX];
  pid_t maker = 0;
  long number;

  if (client <= 0 || !has (mount, directory, name, FALSE, &maker))
    return FALSE;
  if (!find_call (client, &number, arguments))
    /* cp looks at nothing in a directory that it has made itself, it makes it. */
    return client == maker && read_of_client (client, "comm", text, sizeof text) && strcmp (text, "cp") == 0;
  address = made_path (client, number, arguments);
  if (address == 0)
    return FALSE;
  if (!read_text (client, address, text, sizeof text))
    return client == maker;
  exp_inode_names_lock ();
  g_autofree char *parent = g_strdup (exp_inode_name (directory));
  exp_inode_names_unlock ();
  return ends_in (text, parent, name);
}
