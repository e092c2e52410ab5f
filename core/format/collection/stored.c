/* The stores of a collection: groups that are opened when somebody looks into them.
 * Knows what became of the file since it was found; knows no format.
 * Made by folders. */
#include "collection.h"
#include "node/lazy.h"
#include <string.h>

/* What the lazy group opens. */
typedef struct
{
  ExpCollection *collection;
  char *path;
  ExpPlace place;
  const char *format; /* atomic; NULL until it was opened */
} StoreFile;

typedef struct
{
  ExpNode base;
  ExpNode *lazy;
  StoreFile *file; /* the lazy group's */
} Stored;

static void
store_file_free (gpointer data)
{
  StoreFile *self = data;

  exp_collection_unref (self->collection);
  g_free (self->path);
  g_free (self);
}

/* FALSE when the name stands for another file by now, or for what the file has become: who looks the name up finds
 * that. */
static gboolean
check_same (const StoreFile *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  ExpPlace place;

  if (exp_place_look_at (self->path, &place, &local) && place.version == self->place.version)
    return TRUE;
  if (local != NULL && !g_error_matches (local, EXP_ERROR, EXP_ERROR_NOT_FOUND))
    g_propagate_error (error, g_steal_pointer (&local));
  else
    g_set_error (error, EXP_ERROR, EXP_ERROR_STALE, "%s: %s since it was found", self->path,
                 local != NULL ? "removed" : "changed");
  return FALSE;
}

static ExpNode *
open_store (gpointer data, GError **error)
{
  StoreFile *self = data;
  const ExpStoreOptions options
      = { .lock = self->collection->lock, .force = self->collection->force, .cache = self->collection->cache };

  if (!check_same (self, error))
    return NULL;
  g_autoptr (ExpStore) store = exp_store_open (self->path, &options, error);
  if (store == NULL)
    return NULL;
  g_atomic_pointer_set (&self->format, exp_store_get_format (store));
  return exp_node_ref (exp_store_get_root (store));
}

static void
stored_free (ExpNode *node)
{
  exp_node_unref (((Stored *)node)->lazy);
  g_free (node);
}

/* Not opened for this: who lists a folder opens none of its stores. */
static gboolean
stored_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  const Stored *self = (Stored *)node;

  info->kind = EXP_KIND_GROUP;
  info->role = "store";
  info->identity = exp_place_identity (&self->file->place.st);
  info->mtime = self->file->place.st.st_mtim.tv_sec;
  return TRUE;
}

static gboolean
stored_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  g_autoptr (ExpNode) root = exp_lazy_group_open (((Stored *)node)->lazy, error);

  return root != NULL && exp_node_list (root, skip, func, data, error);
}

static ExpNode *
stored_lookup (ExpNode *node, const char *name, GError **error)
{
  g_autoptr (ExpNode) root = exp_lazy_group_open (((Stored *)node)->lazy, error);

  return root != NULL ? exp_node_lookup (root, name, error) : NULL;
}

static char **
stored_list_attributes (ExpNode *node, GError **error)
{
  g_autoptr (ExpNode) root = exp_lazy_group_open (((Stored *)node)->lazy, error);

  return root != NULL ? exp_node_list_attributes (root, error) : NULL;
}

static ExpArray *
stored_read_attribute (ExpNode *node, const char *name, GError **error)
{
  g_autoptr (ExpNode) root = exp_lazy_group_open (((Stored *)node)->lazy, error);

  return root != NULL ? exp_node_read_attribute (root, name, error) : NULL;
}

static gboolean
stored_list_parameters (ExpNode *node, ExpParameterRules *rules, ExpParameterFunc func, gpointer data, GError **error)
{
  g_autoptr (ExpNode) root = exp_lazy_group_open (((Stored *)node)->lazy, error);

  return root != NULL && exp_node_list_parameters (root, rules, func, data, error);
}

static gboolean
stored_look_outside (ExpNode *node, ExpOutside *outside, GError **error)
{
  const StoreFile *file = ((Stored *)node)->file;
  struct stat st;

  /* Of one that is gone, what it was. One that is being appended to tells by its time that there is more. */
  if (lstat (file->path, &st) != 0 || st.st_ino != file->place.st.st_ino || st.st_dev != file->place.st.st_dev)
    st = file->place.st;
  exp_place_outside (&st, outside);
  outside->is_store = TRUE;
  return TRUE;
}

static guint64
stored_version (ExpNode *node)
{
  return ((Stored *)node)->file->place.version;
}

static const char *
stored_format_name (ExpNode *node, GError **error)
{
  Stored *self = (Stored *)node;
  const char *format = g_atomic_pointer_get (&self->file->format);

  if (format != NULL)
    return format;
  g_autoptr (ExpNode) root = exp_lazy_group_open (self->lazy, error);
  return root != NULL ? g_atomic_pointer_get (&self->file->format) : NULL;
}

static const ExpNodeClass stored_class = {
  .free = stored_free,
  .describe = stored_describe,
  .list = stored_list,
  .lookup = stored_lookup,
  .list_attributes = stored_list_attributes,
  .read_attribute = stored_read_attribute,
  .list_parameters = stored_list_parameters,
  .look_outside = stored_look_outside,
  .version = stored_version,
  .format_name = stored_format_name,
};

ExpNode *
exp_collection_stored_new (ExpCollection *collection, char *path, const ExpPlace *place)
{
  Stored *self = g_new0 (Stored, 1);

  exp_node_init (&self->base, &stored_class);
  self->file = g_new0 (StoreFile, 1);
  self->file->collection = exp_collection_ref (collection);
  self->file->path = path;
  self->file->place = *place;
  self->lazy = exp_lazy_group_new (open_store, self->file, store_file_free);
  return &self->base;
}
