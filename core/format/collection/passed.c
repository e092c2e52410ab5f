/* What a collection passes through: files that are no stores, as their bytes, and symlinks.
 * Keeps a bounded number of files open; knows nothing of what they hold.
 * Made by folders. */
#include "collection.h"
#include "source/system_error.h"
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

/* --- files -------------------------------------------------------------------------------------------------- */

/* Open at the same time, of the whole process; who reads one that was closed has it opened again. */
#define MAX_OPEN 64

typedef struct
{
  ExpNode base;
  char *path;
  ExpPlace place;
  ExpSource *source; /* a reference; NULL: closed. Under open_lock */
  GList link;        /* in the list while it is open */
} File;

static GMutex open_lock;
static GQueue open_files = G_QUEUE_INIT; /* of File, the last used one first; under open_lock */

static gboolean
is_same (const struct stat *a, const struct stat *b)
{
  return a->st_dev == b->st_dev && a->st_ino == b->st_ino && S_ISREG (b->st_mode);
}

static gboolean
fail_stale (const File *self, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_STALE, "%s: removed, or another file, since it was found", self->path);
  return FALSE;
}

/* A reference when it is open. */
static ExpSource *
get_open (File *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&open_lock);

  if (self->source == NULL)
    return NULL;
  g_queue_unlink (&open_files, &self->link);
  g_queue_push_head_link (&open_files, &self->link);
  return exp_source_ref (self->source);
}

/* Keeps it open. What is closed for it is the caller's to release; NULL: nothing. */
static ExpSource *
keep_open (File *self, ExpSource *source)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&open_lock);

  if (self->source != NULL) /* another thread came first */
    return NULL;
  self->source = exp_source_ref (source);
  self->link.data = self;
  g_queue_push_head_link (&open_files, &self->link);
  if (open_files.length <= MAX_OPEN)
    return NULL;
  File *last = open_files.tail->data;
  g_queue_unlink (&open_files, &last->link);
  return g_steal_pointer (&last->source);
}

/* The file, a new reference: the one that was found, however many names it has lost since. */
static ExpSource *
open_file (File *self, GError **error)
{
  ExpSource *open = get_open (self);
  g_autoptr (GError) local = NULL;
  struct stat st;

  if (open != NULL)
    return open;
  g_autoptr (ExpSource) source = exp_source_open_file_itself (self->path, &local);
  if (source == NULL)
    {
      if (g_error_matches (local, EXP_ERROR, EXP_ERROR_NOT_FOUND))
        fail_stale (self, error);
      else
        g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (fstat (exp_source_fd (source), &st) != 0 || !is_same (&self->place.st, &st))
    {
      fail_stale (self, error);
      return NULL;
    }
  g_autoptr (ExpSource) closed = keep_open (self, source);
  return g_steal_pointer (&source);
}

/* What the file is now. */
static gboolean
stat_file (File *self, struct stat *st, GError **error)
{
  g_autoptr (ExpSource) open = get_open (self);

  if (open != NULL ? fstat (exp_source_fd (open), st) == 0 : lstat (self->path, st) == 0)
    return is_same (&self->place.st, st) || fail_stale (self, error);
  if (errno == ENOENT || errno == ENOTDIR)
    return fail_stale (self, error);
  exp_set_system_error (error, self->path, errno);
  return FALSE;
}

static void
file_free (ExpNode *node)
{
  File *self = (File *)node;

  g_mutex_lock (&open_lock);
  if (self->source != NULL)
    g_queue_unlink (&open_files, &self->link);
  g_mutex_unlock (&open_lock);
  exp_source_unref (self->source);
  g_free (self->path);
  g_free (self);
}

static gboolean
file_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  File *self = (File *)node;
  struct stat st;

  if (!stat_file (self, &st, error))
    return FALSE;
  info->kind = EXP_KIND_DATASET;
  info->role = "file";
  info->identity = exp_place_identity (&st);
  info->n_links = st.st_nlink;
  info->mtime = st.st_mtim.tv_sec;
  info->dtype = exp_dtype_new_file_byte ();
  info->is_bytes = info->is_growing = TRUE;
  info->rank = 1;
  info->shape[0] = st.st_size;
  return TRUE;
}

static gboolean
file_layout (ExpNode *node, ExpLayout *layout, GError **error)
{
  struct stat st;

  if (!stat_file ((File *)node, &st, error))
    return FALSE;
  layout->layout = "contiguous";
  layout->storage = (guint64)st.st_blocks * 512;
  return TRUE;
}

static gboolean
file_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  g_autoptr (ExpSource) source = open_file ((File *)node, error);
  guint8 *to = array->data;

  if (source == NULL)
    return FALSE;
  if (slab->step[0] == 1 || slab->count[0] <= 1)
    return slab->count[0] == 0 || exp_source_pread (source, slab->start[0], slab->count[0], to, error);
  for (guint64 i = 0; i < slab->count[0]; i++)
    if (!exp_source_pread (source, slab->start[0] + i * slab->step[0], 1, to + i, error))
      return FALSE;
  return TRUE;
}

static void
release_source (gconstpointer owner)
{
  exp_source_unref ((ExpSource *)owner);
}

static gboolean
file_locate (ExpNode *node, guint64 first, gsize n, ExpRun *run)
{
  g_autoptr (ExpSource) source = open_file ((File *)node, NULL);

  if (source == NULL)
    return FALSE;
  *run = (ExpRun){ .length = n, .fd = exp_source_fd (source), .position = first, .release = release_source };
  run->owner = g_steal_pointer (&source);
  return TRUE;
}

static char **
file_list_attributes (ExpNode *node, GError **error)
{
  return exp_place_list_attributes (((File *)node)->path, error);
}

static ExpArray *
file_read_attribute (ExpNode *node, const char *name, GError **error)
{
  return exp_place_read_attribute (((File *)node)->path, name, error);
}

static gboolean
file_look_outside (ExpNode *node, ExpOutside *outside, GError **error)
{
  struct stat st;

  if (!stat_file ((File *)node, &st, error))
    return FALSE;
  exp_place_outside (&st, outside);
  return TRUE;
}

static guint64
file_version (ExpNode *node)
{
  return ((File *)node)->place.version;
}

static const ExpNodeClass file_class = {
  .free = file_free,
  .describe = file_describe,
  .layout = file_layout,
  .read = file_read,
  .locate = file_locate,
  .list_attributes = file_list_attributes,
  .read_attribute = file_read_attribute,
  .look_outside = file_look_outside,
  .version = file_version,
};

ExpNode *
exp_collection_file_new (char *path, const ExpPlace *place)
{
  File *self = g_new0 (File, 1);

  exp_node_init (&self->base, &file_class);
  self->path = path;
  self->place = *place;
  return &self->base;
}

/* --- symlinks ----------------------------------------------------------------------------------------------- */

typedef struct
{
  ExpNode base;
  ExpCollection *collection;
  char *path;
  ExpPlace place;
} Link;

static void
link_free (ExpNode *node)
{
  Link *self = (Link *)node;

  exp_collection_unref (self->collection);
  g_free (self->path);
  g_free (self);
}

/* The path below the collection's directory, with a '/' in front; NULL for one that leads out. */
static const char *
below_collection (const Link *self, const char *path)
{
  const gsize length = strlen (self->collection->path);

  if (strncmp (path, self->collection->path, length) != 0 || (path[length] != '/' && path[length] != '\0'))
    return NULL;
  return path[length] != '\0' ? path + length : "/";
}

/* A relative target that stays inside is what it is; an absolute one is told from the root; one that leads out leads
 * to the same place from here. */
static gboolean
link_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  const Link *self = (Link *)node;
  char target[PATH_MAX];
  const ssize_t length = readlink (self->path, target, sizeof target - 1);

  if (length < 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_STALE, "%s: removed, or no symlink, since it was found", self->path);
      return FALSE;
    }
  target[length] = '\0';

  g_autofree char *folder = g_path_get_dirname (self->path), *whole = g_canonicalize_filename (target, folder);
  const char *below = below_collection (self, whole);
  info->kind = EXP_KIND_LINK;
  info->identity = exp_place_identity (&self->place.st);
  info->n_links = self->place.st.st_nlink;
  info->mtime = self->place.st.st_mtim.tv_sec;
  info->is_external = below == NULL;
  info->target = g_strdup (below == NULL ? whole : *target == '/' ? below : target);
  return TRUE;
}

static gboolean
link_look_outside (ExpNode *node, ExpOutside *outside, GError **error)
{
  exp_place_outside (&((Link *)node)->place.st, outside);
  return TRUE;
}

static guint64
link_version (ExpNode *node)
{
  const ExpPlace *place = &((Link *)node)->place;

  /* Its target never changes. */
  return MAX (place->version ^ (guint64)place->st.st_ctim.tv_sec << 30 ^ place->st.st_ctim.tv_nsec, 1);
}

static const ExpNodeClass link_class = {
  .free = link_free,
  .describe = link_describe,
  .look_outside = link_look_outside,
  .version = link_version,
};

ExpNode *
exp_collection_link_new (ExpCollection *collection, char *path, const ExpPlace *place)
{
  Link *self = g_new0 (Link, 1);

  exp_node_init (&self->base, &link_class);
  self->collection = exp_collection_ref (collection);
  self->path = path;
  self->place = *place;
  return &self->base;
}
