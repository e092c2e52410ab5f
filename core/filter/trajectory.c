/* trajectory=NAME|INDEX: one child of the store's root becomes the root.
 * Knows no format; links are rewritten to start from the new root.
 * Entered through exp_filter_trajectory, by core/store.c. */
#include "trajectory.h"
#include "delegate.h"
#include "expfs/number.h"
#include "expfs/store.h"
#include <string.h>

/* What the rest of the store is called as if it were another file. */
#define STORE "store"

typedef struct
{
  ExpDelegate base;
  char *prefix;   /* of links that stay inside: "/NAME"; a counted reference shared by all nodes below */
  ExpNode *store; /* of the new root: the store's own */
} Below;

static ExpNode *below_new (ExpNode *inner, char *prefix);

/* A target elsewhere in the store has no place in the mount; it dangles, named like one in another file. */
static gboolean
below_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  const char *prefix = ((Below *)node)->prefix;
  gsize length = strlen (prefix);

  if (!exp_delegate_describe (node, info, error))
    return FALSE;
  if (info->kind != EXP_KIND_LINK || info->is_external || info->target == NULL || *info->target != '/')
    return TRUE;

  g_autofree char *target = g_steal_pointer (&info->target);
  if (g_str_has_prefix (target, prefix) && (target[length] == '/' || target[length] == '\0'))
    info->target = g_strdup (target[length] == '/' ? target + length : "/");
  else
    {
      info->file = g_strdup (STORE);
      info->path = g_strdup (target);
      info->target = g_strconcat (STORE ":", target, NULL);
      info->is_external = TRUE;
    }
  return TRUE;
}

typedef struct
{
  char *prefix;
  ExpListFunc func;
  gpointer data;
} Listing;

static gboolean
list_child (const char *name, ExpNode *inner, gpointer data)
{
  Listing *listing = data;
  g_autoptr (ExpNode) child = below_new (inner, listing->prefix);

  return listing->func (name, child, listing->data);
}

static gboolean
below_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  Listing listing = { ((Below *)node)->prefix, func, data };

  return exp_delegate_list (node, skip, list_child, &listing, error);
}

static ExpNode *
below_lookup (ExpNode *node, const char *name, GError **error)
{
  g_autoptr (ExpNode) inner = exp_delegate_lookup (node, name, error);

  return inner != NULL ? below_new (inner, ((Below *)node)->prefix) : NULL;
}

/* What was made, as it is shown; takes over the inner node. */
static ExpNode *
wrap_new (ExpNode *node, ExpNode *made)
{
  g_autoptr (ExpNode) inner = made;

  return inner != NULL ? below_new (inner, ((Below *)node)->prefix) : NULL;
}

static ExpNode *
below_create_group (ExpNode *node, const char *name, GError **error)
{
  return wrap_new (node, exp_delegate_create_group (node, name, error));
}

static ExpNode *
below_create_dataset (ExpNode *node, const char *name, const ExpNewDataset *dataset, GError **error)
{
  return wrap_new (node, exp_delegate_create_dataset (node, name, dataset, error));
}

static ExpNode *
below_replace_dataset (ExpNode *node, const char *name, const ExpNewDataset *dataset, GError **error)
{
  return wrap_new (node, exp_delegate_replace_dataset (node, name, dataset, error));
}

static ExpNode *
below_put_file (ExpNode *node, const char *name, GBytes *bytes, GError **error)
{
  return wrap_new (node, exp_delegate_put_file (node, name, bytes, error));
}

/* A link from the root of the mount is one from the trajectory. */
static gboolean
below_symlink (ExpNode *node, const char *name, const char *target, GError **error)
{
  g_autofree char *whole = *target == '/' ? g_strconcat (((Below *)node)->prefix, target, NULL) : g_strdup (target);

  return exp_delegate_symlink (node, name, whole, error);
}

static gboolean
below_external_link (ExpNode *node, const char *name, const char *file, const char *path, GError **error)
{
  return strcmp (file, STORE) == 0 ? exp_delegate_symlink (node, name, path, error)
                                   : exp_delegate_external_link (node, name, file, path, error);
}

/* Changes are made durable by the whole store. */
static gboolean
below_commit (ExpNode *node, gboolean checkpoint, GError **error)
{
  return exp_node_commit (((Below *)node)->store, checkpoint, error);
}

static guint64
below_journal_size (ExpNode *node)
{
  return exp_node_journal_size (((Below *)node)->store);
}

static void
below_free (ExpNode *node)
{
  Below *self = (Below *)node;

  exp_delegate_clear (&self->base);
  g_clear_pointer (&self->store, exp_node_unref);
  g_ref_string_release (self->prefix);
  g_free (self);
}

static const ExpNodeClass below_class = {
  .free = below_free,
  .layout = exp_delegate_layout,
  .describe = below_describe,
  .list = below_list,
  .lookup = below_lookup,
  .read = exp_delegate_read,
  .locate = exp_delegate_locate,
  .list_attributes = exp_delegate_list_attributes,
  .read_attribute = exp_delegate_read_attribute,
  .list_parameters = exp_delegate_list_parameters,
  .unwrap = exp_delegate_unwrap,
  .create_group = below_create_group,
  .create_dataset = below_create_dataset,
  .check_name = exp_delegate_check_name,
  .takes_file = exp_delegate_takes_file,
  .put_file = below_put_file,
  .replace_dataset = below_replace_dataset,
  .write = exp_delegate_write,
  .resize = exp_delegate_resize,
  .write_attribute = exp_delegate_write_attribute,
  .remove_attribute = exp_delegate_remove_attribute,
  .remove = exp_delegate_remove,
  .move = exp_delegate_move,
  .link = exp_delegate_link,
  .symlink = below_symlink,
  .external_link = below_external_link,
  .set_class = exp_delegate_set_class,
  .set_note = exp_delegate_set_note,
};

/* The root alone commits; where the store cannot, it cannot either. */
static const ExpNodeClass root_class = {
  .free = below_free,
  .layout = exp_delegate_layout,
  .describe = below_describe,
  .list = below_list,
  .lookup = below_lookup,
  .list_attributes = exp_delegate_list_attributes,
  .read_attribute = exp_delegate_read_attribute,
  .list_parameters = exp_delegate_list_parameters,
  .unwrap = exp_delegate_unwrap,
  .create_group = below_create_group,
  .create_dataset = below_create_dataset,
  .check_name = exp_delegate_check_name,
  .takes_file = exp_delegate_takes_file,
  .put_file = below_put_file,
  .replace_dataset = below_replace_dataset,
  .write_attribute = exp_delegate_write_attribute,
  .remove_attribute = exp_delegate_remove_attribute,
  .remove = exp_delegate_remove,
  .move = exp_delegate_move,
  .link = exp_delegate_link,
  .symlink = below_symlink,
  .external_link = below_external_link,
  .commit = below_commit,
  .journal_size = below_journal_size,
};

static ExpNode *
below_new (ExpNode *inner, char *prefix)
{
  Below *self = g_new0 (Below, 1);

  exp_node_init (&self->base.base, &below_class);
  self->base.target = exp_node_ref (inner);
  self->prefix = g_ref_string_acquire (prefix);
  return &self->base.base;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

char *
exp_trajectory_find (ExpNode *root, const char *wanted, GError **error)
{
  g_autoptr (ExpNode) named = exp_node_lookup (root, wanted, NULL);
  g_autoptr (GPtrArray) names = NULL;
  gint64 index;

  if (named != NULL)
    return g_strdup (wanted);
  names = exp_node_list_names (root, NULL, error);
  if (names == NULL)
    return NULL;
  if (!exp_int_parse (wanted, strlen (wanted), &index))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "trajectory=%s: no such trajectory among %u", wanted,
                   names->len);
      return NULL;
    }
  if (index < -(gint64)names->len || index >= (gint64)names->len)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "trajectory=%s: there %s only %u trajector%s", wanted,
                   names->len == 1 ? "is" : "are", names->len, names->len == 1 ? "y" : "ies");
      return NULL;
    }
  g_ptr_array_sort (names, compare_names);
  return g_strdup (names->pdata[index < 0 ? index + (gint64)names->len : index]);
}

static gboolean
applies (ExpNode *root, const ExpStoreOptions *options)
{
  return options->trajectory != NULL;
}

static ExpNode *
apply (ExpNode *root, const ExpStoreOptions *options, GError **error)
{
  g_autofree char *name = exp_trajectory_find (root, options->trajectory, error);
  g_autoptr (ExpNode) inner = name != NULL ? exp_node_lookup (root, name, error) : NULL;
  g_auto (ExpInfo) info = { 0 };

  if (inner == NULL || !exp_node_describe (inner, &info, error))
    return NULL;
  if (info.kind != EXP_KIND_GROUP)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "trajectory=%s: '%s' is not a group", options->trajectory,
                   name);
      return NULL;
    }

  g_autofree char *path = g_strconcat ("/", name, NULL);
  char *prefix = g_ref_string_new (path);
  ExpNode *node = below_new (inner, prefix);
  g_ref_string_release (prefix);
  if (root->klass->commit != NULL)
    {
      node->klass = &root_class;
      ((Below *)node)->store = exp_node_ref (root);
    }
  return node;
}

const ExpFilter exp_filter_trajectory
    = { "trajectory", NULL, "one trajectory, by name or index, as the root", applies, apply };
