/* What a store cannot hold: names without a data file of their own, and arrays that NumPy cannot map.
 * Knows nothing of how it is written.
 * Called by hmf.c. */
#include "hmf.h"
#include "numpy/npy_header.h"
#include <string.h>
#include <sys/stat.h>

G_GNUC_PRINTF (3, 4)
static gboolean
refuse (GError **error, ExpError code, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_autofree char *message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, EXP_ERROR, code, message);
  return FALSE;
}

/* --- paths -------------------------------------------------------------------------------------------------- */

char *
exp_hmf_draft_path (ExpNode *node)
{
  GString *path = g_string_new (NULL);
  g_autoptr (ExpNode) at = exp_node_ref (node);

  for (;;)
    {
      g_autofree char *name = NULL;
      ExpNode *parent = exp_draft_get_parent (at, &name);

      if (parent == NULL)
        return g_string_free (path, FALSE);
      g_string_prepend (path, name);
      g_string_prepend_c (path, '/');
      exp_node_unref (at);
      at = parent;
    }
}

char *
exp_hmf_data_file (const char *path)
{
  GString *file = g_string_new (NULL);

  for (path += *path == '/'; *path != '\0'; path++)
    g_string_append (file, *path == '/' ? "__" : (const char[]){ *path, '\0' });
  return g_string_free (file, FALSE);
}

/* Where the array at a path has its elements: as the map says of what was there, or by its names. Caller frees. */
static char *
file_at (const ExpHmfStore *store, const char *path)
{
  ExpHmfEntry *entry = exp_hmf_tree_find (store->tree, path);

  return entry != NULL && entry->header != NULL && entry->file != NULL && exp_hmf_is_file_name (entry->file)
             ? g_strdup (entry->file)
             : exp_hmf_data_file (path);
}

/* --- files -------------------------------------------------------------------------------------------------- */

typedef struct
{
  const ExpHmfStore *store;
  ExpNode *besides[2]; /* trees that are not looked into: they go somewhere else; NULL */
  const char *file, *path;
  char *other; /* the array that has the file */
} Search;

/* A child by its name, a new reference; NULL for none, and for what is not looked into. */
static ExpNode *
look_up (const Search *search, ExpNode *group, const char *name, gboolean *is_group)
{
  g_autoptr (ExpNode) child = exp_node_lookup (group, name, NULL);
  g_auto (ExpInfo) info = { 0 };

  if (child == NULL || child == search->besides[0] || child == search->besides[1])
    return NULL;
  *is_group = exp_node_describe (child, &info, NULL) && info.kind == EXP_KIND_GROUP;
  return g_steal_pointer (&child);
}

static void
found (Search *search, ExpNode *group, const char *name)
{
  g_autofree char *above = exp_hmf_draft_path (group), *path = g_strdup_printf ("%s/%s", above, name);
  g_autofree char *file = file_at (search->store, path);

  if (search->other == NULL && strcmp (path, search->path) != 0 && strcmp (file, search->file) == 0)
    search->other = g_steal_pointer (&path);
}

/* An array whose names, joined by two underscores, are `rest`, wherever these may part it. */
static void
search_names (Search *search, ExpNode *group, const char *rest)
{
  gboolean is_group = FALSE;
  g_autoptr (ExpNode) array = look_up (search, group, rest, &is_group);

  if (array != NULL && !is_group)
    found (search, group, rest);
  for (const char *at = strstr (rest, "__"); at != NULL && search->other == NULL; at = strstr (at + 1, "__"))
    {
      g_autofree char *name = g_strndup (rest, at - rest);
      g_autoptr (ExpNode) child = look_up (search, group, name, &is_group);

      if (child != NULL && is_group)
        search_names (search, child, at + 2);
    }
}

/* One that the map has in a file of this name, and not of its own. */
static void
search_odd (Search *search, ExpNode *root)
{
  const ExpHmfEntry *entry = g_hash_table_lookup (search->store->odd_files, search->file);
  g_autofree char *path = entry != NULL ? exp_hmf_entry_path (entry->parent) : NULL;
  g_autoptr (ExpNode) group = NULL, array = NULL;
  gboolean is_group = FALSE;

  if (entry == NULL)
    return;
  group = *path == '\0' ? exp_node_ref (root) : exp_node_resolve (root, path + 1, NULL);
  array = group != NULL ? look_up (search, group, entry->name, &is_group) : NULL;
  if (array != NULL && !is_group)
    found (search, group, entry->name);
}

static ExpNode *
root_of (ExpNode *node)
{
  g_autoptr (ExpNode) at = exp_node_ref (node);

  for (;;)
    {
      g_autofree char *name = NULL;
      ExpNode *parent = exp_draft_get_parent (at, &name);

      if (parent == NULL)
        return g_steal_pointer (&at);
      exp_node_unref (at);
      at = parent;
    }
}

static gboolean
check_file (const ExpHmfStore *store, ExpNode *group, ExpNode *moved, ExpNode *exchanged, const char *path,
            GError **error)
{
  g_autofree char *file = file_at (store, path), *full = exp_hmf_folder_path (store->folder, file);
  Search search = { store, { moved, exchanged }, file, path, NULL };
  struct stat st;

  if (strlen (file) > NAME_MAX)
    return refuse (error, EXP_ERROR_NAME_TOO_LONG,
                   "'%s': its data file would be '%s', a longer name than a file can have", path, file);
  if (!exp_hmf_is_file_name (file))
    return refuse (error, EXP_ERROR_INVALID, "'%s': its data file would be '%s', which is a file of the store's own",
                   path, file);
  if (lstat (full, &st) == 0 && S_ISDIR (st.st_mode))
    return refuse (error, EXP_ERROR_INVALID, "'%s': its data file would be %s, which is a directory", path, full);
  g_autoptr (ExpNode) root = root_of (group);
  search_names (&search, root, file);
  search_odd (&search, root);
  if (search.other == NULL)
    return TRUE;
  g_autofree char *other = search.other;
  return refuse (error, EXP_ERROR_INVALID, "'%s': its data file would be '%s', and that is the one of '%s'", path, file,
                 other);
}

/* --- kinds of changes --------------------------------------------------------------------------------------- */

static gboolean
check_name (const char *name, GError **error)
{
  if (*name != '\0' && strchr (name, '/') == NULL && g_utf8_validate (name, -1, NULL))
    return TRUE;
  return refuse (error, EXP_ERROR_INVALID, "'%s': names in an HMF store are UTF-8, not empty and without slashes",
                 name);
}

#define MAX_DEPTH 200

static gboolean
check_depth (ExpNode *group, const char *name, GError **error)
{
  return exp_draft_depth (group) < MAX_DEPTH
         || refuse (error, EXP_ERROR_TOO_LARGE, "'%s': more than %d groups in one another", name, MAX_DEPTH);
}

static const char *
refused_type (const ExpDtype *dtype)
{
  while (dtype->type == EXP_TYPE_ARRAY)
    dtype = dtype->base;
  return dtype->type == EXP_TYPE_COMPOUND ? "tables: HMF itself cannot open their types again"
                                          : exp_npy_refused_type (dtype);
}

static gboolean
check_dataset (const char *name, const ExpNewDataset *dataset, GError **error)
{
  const char *refused = dataset->dtype != NULL ? refused_type (dataset->dtype) : NULL;

  if (refused != NULL)
    return refuse (error, EXP_ERROR_UNSUPPORTED, "'%s': an HMF store has no %s", name, refused);
  if (dataset->is_null)
    return refuse (error, EXP_ERROR_UNSUPPORTED, "'%s': an HMF store has no null dataspaces", name);
  for (guint i = 0; i < dataset->rank; i++)
    if (dataset->shape[i] == 0)
      return refuse (error, EXP_ERROR_UNSUPPORTED, "'%s': an array has elements; NumPy cannot map an empty file", name);
  return TRUE;
}

static gboolean
check_new (const ExpDraftChange *change, const ExpHmfStore *store, GError **error)
{
  g_autofree char *above = exp_hmf_draft_path (change->group);
  g_autofree char *path = g_strdup_printf ("%s/%s", above, change->name);

  return check_name (change->name, error) && check_file (store, change->group, NULL, NULL, path, error)
         && (change->dataset == NULL || check_dataset (change->name, change->dataset, error));
}

typedef struct
{
  const ExpDraftChange *change;
  const ExpHmfStore *store;
  ExpNode *other; /* what is exchanged with it */
  GString *path;
  GError *error;
} Moving;

/* Each array of what is moved needs its file. */
static gboolean
check_moved (const char *name, ExpNode *node, gpointer data)
{
  Moving *moving = data;
  const gsize length = moving->path->len;
  g_auto (ExpInfo) info = { 0 };

  g_string_append_printf (moving->path, "/%s", name);
  if (exp_node_describe (node, &info, NULL) && info.kind == EXP_KIND_GROUP)
    exp_node_list (node, 0, check_moved, moving, NULL);
  else
    check_file (moving->store, moving->change->group, moving->change->node, moving->other, moving->path->str,
                &moving->error);
  g_string_truncate (moving->path, length);
  return moving->error == NULL;
}

static gboolean
check_half (Moving *moving, ExpNode *group, const char *name, ExpNode *node, GError **error)
{
  g_autofree char *above = exp_hmf_draft_path (group);
  g_autoptr (GString) path = moving->path = g_string_new (above);

  if (moving->error == NULL)
    check_moved (name, node, moving);
  if (moving->error == NULL)
    return TRUE;
  g_propagate_error (error, moving->error);
  return FALSE;
}

static gboolean
check_move (const ExpDraftChange *change, const ExpHmfStore *store, GError **error)
{
  g_autoptr (ExpNode) other = change->is_exchange ? exp_node_lookup (change->new_group, change->new_name, NULL) : NULL;
  Moving moving = { change, store, other, NULL, NULL };

  return check_name (change->new_name, error) && check_depth (change->new_group, change->new_name, error)
         && check_half (&moving, change->new_group, change->new_name, change->node, error)
         && (other == NULL || check_half (&moving, change->group, change->name, other, error));
}

/* What the map says of frames is none of the root's attributes. */
static gboolean
check_removal (const ExpDraftChange *change, const ExpHmfStore *store, GError **error)
{
  g_autoptr (ExpArray) value = exp_node_read_attribute (change->node, change->name, NULL);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->tree->lock);
  const ExpHmfAttribute *attribute = value != NULL ? g_hash_table_lookup (store->tree->attributes, value) : NULL;

  return attribute == NULL || attribute->key != NULL
         || refuse (error, EXP_ERROR_UNSUPPORTED,
                    "'%s' is no attribute: it is what the map says of the data frames in the store", change->name);
}

gboolean
exp_hmf_check (const ExpDraftChange *change, const ExpHmfStore *store, GError **error)
{
  switch (change->kind)
    {
    case EXP_DRAFT_CREATE_GROUP:
      return check_name (change->name, error) && check_depth (change->group, change->name, error);
    case EXP_DRAFT_CREATE_DATASET:
      return check_new (change, store, error);
    case EXP_DRAFT_REPLACE_DATASET:
    case EXP_DRAFT_RESIZE:
      return check_dataset (change->name != NULL ? change->name : "", change->dataset, error);
    case EXP_DRAFT_MOVE:
      return check_move (change, store, error);
    case EXP_DRAFT_WRITE_ATTRIBUTE:
      return g_utf8_validate (change->name, -1, NULL)
             || refuse (error, EXP_ERROR_INVALID, "names of attributes in an HMF store are UTF-8");
    case EXP_DRAFT_REMOVE_ATTRIBUTE:
      return check_removal (change, store, error);
    default:
      return TRUE;
    }
}
