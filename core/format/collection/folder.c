/* Directories of a collection.
 * Knows no stores; what a name stands for look.c says.
 * Made by the format and by each other. */
#include "collection.h"
#include "source/system_error.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  ExpNode base;
  ExpCollection *collection;
  char *path;
  ExpPlace place;
  GMutex lock;
  GPtrArray *names; /* of the last listing, in order; a reference, under lock */
} Folder;

static void
folder_free (ExpNode *node)
{
  Folder *self = (Folder *)node;

  exp_collection_unref (self->collection);
  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_mutex_clear (&self->lock);
  g_free (self->path);
  g_free (self);
}

static gboolean
folder_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  const Folder *self = (Folder *)node;

  info->kind = EXP_KIND_GROUP;
  info->role = "folder";
  info->identity = exp_place_identity (&self->place.st);
  info->mtime = self->place.st.st_mtim.tv_sec;
  return TRUE;
}

/* --- listing ------------------------------------------------------------------------------------------------ */

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *
read_names (const char *path, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;

  if (dir == NULL)
    {
      exp_set_system_error (error, path, errno);
      if (fd >= 0)
        close (fd);
      return NULL;
    }
  errno = 0;
  for (struct dirent *entry; (entry = readdir (dir)) != NULL; errno = 0)
    if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0)
      g_ptr_array_add (names, g_strdup (entry->d_name));
  int saved_errno = errno;
  closedir (dir);
  if (saved_errno != 0)
    {
      exp_set_system_error (error, path, saved_errno);
      return NULL;
    }
  g_ptr_array_sort (names, compare_names);
  return g_steal_pointer (&names);
}

/* Who goes on with a listing goes on with the names of its beginning. A reference. */
static GPtrArray *
get_names (Folder *self, gboolean is_beginning, GError **error)
{
  g_autoptr (GPtrArray) names = NULL;

  if (!is_beginning)
    {
      g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
      if (self->names != NULL)
        return g_ptr_array_ref (self->names);
    }
  names = read_names (self->path, error);
  if (names == NULL)
    return NULL;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  GPtrArray *old = self->names;
  self->names = g_ptr_array_ref (names);
  if (old != NULL)
    g_ptr_array_unref (old);
  return g_steal_pointer (&names);
}

static ExpNode *
new_child (Folder *self, const char *name, const ExpPlace *place)
{
  char *path = g_build_filename (self->path, name, NULL);

  switch (place->kind)
    {
    case EXP_PLACE_FOLDER:
      return exp_collection_folder_new (self->collection, path, place);
    case EXP_PLACE_STORE:
      return exp_collection_stored_new (self->collection, path, place);
    case EXP_PLACE_LINK:
      return exp_collection_link_new (self->collection, path, place);
    default:
      return exp_collection_file_new (path, place);
    }
}

/* A name that cannot be looked at is passed over: it hides no other. */
static gboolean
folder_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  Folder *self = (Folder *)node;
  g_autoptr (GPtrArray) names = get_names (self, skip == 0, error);
  int folder = names != NULL ? exp_place_open_folder (self->path, error) : -1;
  gboolean goes_on = TRUE;
  guint64 n = 0;

  if (folder < 0)
    return FALSE;
  for (guint i = 0; i < names->len && goes_on; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      ExpPlace place;

      if (!exp_place_look (folder, self->path, name, &place, NULL) || n++ < skip)
        continue;
      g_autoptr (ExpNode) child = new_child (self, name, &place);
      goes_on = func (name, child, data);
    }
  close (folder);
  return TRUE;
}

static ExpNode *
folder_lookup (ExpNode *node, const char *name, GError **error)
{
  Folder *self = (Folder *)node;
  int folder = exp_place_open_folder (self->path, error);
  ExpPlace place;

  if (folder < 0)
    return NULL;
  gboolean is_there = exp_place_look (folder, self->path, name, &place, error);
  close (folder);
  return is_there ? new_child (self, name, &place) : NULL;
}

/* --- the rest ----------------------------------------------------------------------------------------------- */

static char **
folder_list_attributes (ExpNode *node, GError **error)
{
  return exp_place_list_attributes (((Folder *)node)->path, error);
}

static ExpArray *
folder_read_attribute (ExpNode *node, const char *name, GError **error)
{
  return exp_place_read_attribute (((Folder *)node)->path, name, error);
}

static gboolean
folder_look_outside (ExpNode *node, ExpOutside *outside, GError **error)
{
  Folder *self = (Folder *)node;
  struct stat st;

  if (lstat (self->path, &st) != 0 || st.st_ino != self->place.st.st_ino || st.st_dev != self->place.st.st_dev)
    st = self->place.st; /* gone: what it was */
  exp_place_outside (&st, outside);
  outside->is_folder = TRUE;
  return TRUE;
}

static guint64
folder_version (ExpNode *node)
{
  return ((Folder *)node)->place.version;
}

static const ExpNodeClass folder_class = {
  .free = folder_free,
  .describe = folder_describe,
  .list = folder_list,
  .lookup = folder_lookup,
  .list_attributes = folder_list_attributes,
  .read_attribute = folder_read_attribute,
  .look_outside = folder_look_outside,
  .version = folder_version,
};

ExpNode *
exp_collection_folder_new (ExpCollection *collection, char *path, const ExpPlace *place)
{
  Folder *self = g_new0 (Folder, 1);

  exp_node_init (&self->base, &folder_class);
  self->collection = exp_collection_ref (collection);
  self->path = path;
  self->place = *place;
  g_mutex_init (&self->lock);
  return &self->base;
}
