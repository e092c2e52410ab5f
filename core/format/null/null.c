/* The store that accepts everything and keeps nothing: "null:".
 * Knows names, types and shapes for as long as somebody holds their nodes; knows no values, attributes or files.
 * Called by store.c. */
#include "expfs/store.h"
#include <string.h>

typedef struct _NullNode NullNode;

/* Who makes something looks at it next; so many stay although nobody holds them. */
#define N_RECENT 1024

/* What the nodes of one store share. */
typedef struct
{
  gatomicrefcount references;
  GMutex lock;                /* guards the tree, the shapes and the rest */
  NullNode *root;             /* not a reference; NULL when the store is closed */
  guint64 identity;           /* the last one given */
  NullNode *recent[N_RECENT]; /* references, by identity */
} NullStore;

struct _NullNode
{
  ExpNode base;
  NullStore *store; /* a reference */
  ExpKind kind;
  guint64 identity;
  /* Under the store's lock: */
  NullNode *parent;     /* a reference, but on the root; NULL for the root and for what was removed */
  char *name;           /* in the parent */
  GHashTable *children; /* GROUP: name (borrowed) -> NullNode, not references: a node takes itself out */
  ExpDtype *dtype;      /* DATASET */
  gboolean is_null;
  guint rank;
  guint64 shape[EXP_MAX_RANK];
  char *target; /* LINK */
};

static const ExpNodeClass null_class;

static NullNode *
new_locked (NullStore *store, ExpKind kind)
{
  NullNode *self = g_new0 (NullNode, 1);

  exp_node_init (&self->base, &null_class);
  g_atomic_ref_count_inc (&store->references);
  self->store = store;
  self->kind = kind;
  self->identity = ++store->identity;
  if (kind == EXP_KIND_GROUP)
    self->children = g_hash_table_new (g_str_hash, g_str_equal);
  return self;
}

static void
store_unref (NullStore *store)
{
  if (!g_atomic_ref_count_dec (&store->references))
    return;
  g_mutex_clear (&store->lock);
  g_free (store);
}

/* Takes it out of its group. What was its parent is to be dropped when the lock is released; NULL for the root. */
static NullNode *
detach_locked (NullNode *self)
{
  NullNode *parent = g_steal_pointer (&self->parent);

  if (parent != NULL && g_hash_table_lookup (parent->children, self->name) == self)
    g_hash_table_remove (parent->children, self->name);
  return parent != self->store->root ? parent : NULL;
}

static void
attach_locked (NullNode *self, NullNode *parent, const char *name)
{
  g_free (self->name);
  self->name = g_strdup (name);
  self->parent = parent;
  if (parent != self->store->root)
    exp_node_ref (&parent->base);
  g_hash_table_insert (parent->children, self->name, self);
}

static void
drop (NullNode *node)
{
  if (node != NULL)
    exp_node_unref (&node->base);
}

/* Without a root there is nothing to be found any more. */
static void
close_store (NullStore *store)
{
  GHashTableIter iter;
  gpointer child;

  g_mutex_lock (&store->lock);
  g_hash_table_iter_init (&iter, store->root->children);
  while (g_hash_table_iter_next (&iter, NULL, &child))
    ((NullNode *)child)->parent = NULL;
  store->root = NULL;
  g_mutex_unlock (&store->lock);
  for (guint i = 0; i < N_RECENT; i++)
    drop (g_steal_pointer (&store->recent[i]));
}

static void
null_free (ExpNode *node)
{
  NullNode *self = (NullNode *)node, *parent = NULL;

  if (self == self->store->root)
    close_store (self->store);
  g_mutex_lock (&self->store->lock);
  parent = detach_locked (self);
  g_mutex_unlock (&self->store->lock);
  drop (parent);
  g_clear_pointer (&self->children, g_hash_table_unref);
  g_clear_pointer (&self->dtype, exp_dtype_unref);
  g_free (self->target);
  g_free (self->name);
  store_unref (self->store);
  g_free (self);
}

/* A reference unless the last one is just being dropped. */
static gboolean
try_ref (NullNode *node)
{
  gint count = g_atomic_int_get (&node->base.references);

  while (count > 0)
    {
      if (g_atomic_int_compare_and_exchange (&node->base.references, count, count + 1))
        return TRUE;
      count = g_atomic_int_get (&node->base.references);
    }
  return FALSE;
}

static NullNode *
find_locked (NullNode *self, const char *name)
{
  NullNode *child = self->children != NULL ? g_hash_table_lookup (self->children, name) : NULL;

  return child != NULL && try_ref (child) ? child : NULL;
}

static gboolean
null_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  NullNode *self = (NullNode *)node;

  g_mutex_lock (&self->store->lock);
  info->kind = self->kind;
  info->identity = self->identity;
  info->target = g_strdup (self->target);
  info->dtype = self->dtype != NULL ? exp_dtype_ref (self->dtype) : NULL;
  info->is_null = self->is_null;
  info->rank = self->rank;
  memcpy (info->shape, self->shape, sizeof info->shape);
  g_mutex_unlock (&self->store->lock);
  return TRUE;
}

static gboolean
null_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  NullNode *self = (NullNode *)node;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) nodes = g_ptr_array_new_with_free_func ((GDestroyNotify)exp_node_unref);
  GHashTableIter iter;
  gpointer child;

  if (self->kind != EXP_KIND_GROUP)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_A_GROUP, "not a group");
      return FALSE;
    }
  g_mutex_lock (&self->store->lock);
  g_hash_table_iter_init (&iter, self->children);
  while (g_hash_table_iter_next (&iter, NULL, &child))
    if (skip > 0)
      skip--;
    else if (try_ref (child))
      {
        g_ptr_array_add (names, g_strdup (((NullNode *)child)->name));
        g_ptr_array_add (nodes, child);
      }
  g_mutex_unlock (&self->store->lock);
  for (guint i = 0; i < nodes->len; i++)
    if (!func (names->pdata[i], nodes->pdata[i], data))
      break;
  return TRUE;
}

static ExpNode *
null_lookup (ExpNode *node, const char *name, GError **error)
{
  NullNode *self = (NullNode *)node;

  g_mutex_lock (&self->store->lock);
  NullNode *child = find_locked (self, name);
  g_mutex_unlock (&self->store->lock);
  if (child == NULL)
    g_set_error (error, EXP_ERROR, self->children != NULL ? EXP_ERROR_NOT_FOUND : EXP_ERROR_NOT_A_GROUP, "no '%s' here",
                 name);
  return child != NULL ? &child->base : NULL;
}

/* The array comes zeroed. */
static gboolean
null_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  return TRUE;
}

static gboolean
null_write (ExpNode *node, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  return TRUE;
}

/* FALSE when the name is taken. */
static gboolean
check_free_locked (NullNode *self, const char *name, GError **error)
{
  NullNode *old = self->children != NULL ? g_hash_table_lookup (self->children, name) : NULL;

  if (self->children != NULL && (old == NULL || g_atomic_int_get (&old->base.references) == 0))
    return TRUE;
  g_set_error (error, EXP_ERROR, self->children != NULL ? EXP_ERROR_EXISTS : EXP_ERROR_NOT_A_GROUP,
               "'%s' is there already", name);
  return FALSE;
}

static void
set_dataset_locked (NullNode *self, const ExpNewDataset *dataset)
{
  g_clear_pointer (&self->dtype, exp_dtype_unref);
  self->dtype = exp_dtype_ref ((ExpDtype *)dataset->dtype);
  self->is_null = dataset->is_null;
  self->rank = dataset->rank;
  memcpy (self->shape, dataset->shape, sizeof self->shape);
}

/* A new child of this description; a reference. */
static NullNode *
create (ExpNode *node, const char *name, ExpKind kind, const ExpNewDataset *dataset, const char *target, GError **error)
{
  NullNode *self = (NullNode *)node, *child = NULL, *old = NULL;

  g_mutex_lock (&self->store->lock);
  if (check_free_locked (self, name, error))
    {
      child = new_locked (self->store, kind);
      child->target = g_strdup (target);
      if (dataset != NULL)
        set_dataset_locked (child, dataset);
      attach_locked (child, self, name);
      NullNode **recent = &self->store->recent[child->identity % N_RECENT];
      old = *recent;
      *recent = child;
      exp_node_ref (&child->base);
    }
  g_mutex_unlock (&self->store->lock);
  drop (old);
  return child;
}

static ExpNode *
null_create_group (ExpNode *node, const char *name, GError **error)
{
  NullNode *child = create (node, name, EXP_KIND_GROUP, NULL, NULL, error);

  return child != NULL ? &child->base : NULL;
}

static ExpNode *
null_create_dataset (ExpNode *node, const char *name, const ExpNewDataset *dataset, GError **error)
{
  NullNode *child = create (node, name, EXP_KIND_DATASET, dataset, NULL, error);

  return child != NULL ? &child->base : NULL;
}

static ExpNode *
null_replace_dataset (ExpNode *node, const char *name, const ExpNewDataset *dataset, GError **error)
{
  NullNode *self = (NullNode *)node;
  ExpNode *child = null_lookup (node, name, error);

  if (child == NULL)
    return NULL;
  g_mutex_lock (&self->store->lock);
  set_dataset_locked ((NullNode *)child, dataset);
  g_mutex_unlock (&self->store->lock);
  return child;
}

static gboolean
null_resize (ExpNode *node, guint rank, const guint64 *shape, GError **error)
{
  NullNode *self = (NullNode *)node;

  g_mutex_lock (&self->store->lock);
  self->rank = rank;
  memcpy (self->shape, shape, rank * sizeof *shape);
  g_mutex_unlock (&self->store->lock);
  return TRUE;
}

static gboolean
null_write_attribute (ExpNode *node, const char *name, const ExpArray *value, GError **error)
{
  return TRUE;
}

static gboolean
null_remove_attribute (ExpNode *node, const char *name, GError **error)
{
  return TRUE;
}

static gboolean
is_empty_locked (NullNode *self, GError **error)
{
  GHashTableIter iter;
  gpointer child;

  if (self->children == NULL)
    return TRUE;
  g_hash_table_iter_init (&iter, self->children);
  while (g_hash_table_iter_next (&iter, NULL, &child))
    if (g_atomic_int_get (&((NullNode *)child)->base.references) > 0)
      {
        g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_EMPTY, "'%s' is not empty", self->name);
        return FALSE;
      }
  return TRUE;
}

static gboolean
null_remove (ExpNode *node, const char *name, GError **error)
{
  NullNode *self = (NullNode *)node, *parent = NULL;
  gboolean is_done = FALSE;

  g_mutex_lock (&self->store->lock);
  NullNode *child = find_locked (self, name);
  if (child == NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no '%s' here", name);
  else if ((is_done = is_empty_locked (child, error)))
    parent = detach_locked (child);
  g_mutex_unlock (&self->store->lock);
  drop (parent);
  if (child != NULL)
    exp_node_unref (&child->base);
  return is_done;
}

static gboolean
is_below_locked (const NullNode *node, const NullNode *above)
{
  for (; node != NULL; node = node->parent)
    if (node == above)
      return TRUE;
  return FALSE;
}

/* Whether `child` may take the place of `other` (NULL: nothing) in `to`. */
static gboolean
check_move_locked (NullNode *child, NullNode *to, NullNode *other, guint flags, GError **error)
{
  gboolean is_exchange = (flags & EXP_MOVE_EXCHANGE) != 0;

  if (child == NULL || (other == NULL && is_exchange))
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no such name");
  else if (to->children == NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_A_GROUP, "not a group");
  else if (other != NULL && (flags & EXP_MOVE_NO_REPLACE) != 0)
    g_set_error (error, EXP_ERROR, EXP_ERROR_EXISTS, "'%s' is there already", other->name);
  else if (is_below_locked (to, child))
    g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "a group cannot be moved below itself");
  else
    return other == NULL || is_exchange || is_empty_locked (other, error);
  return FALSE;
}

static gboolean
null_move (ExpNode *node, const char *name, ExpNode *new_parent, const char *new_name, guint flags, GError **error)
{
  NullNode *self = (NullNode *)node, *to = (NullNode *)new_parent, *parents[2] = { NULL };

  g_mutex_lock (&self->store->lock);
  NullNode *child = find_locked (self, name), *other = find_locked (to, new_name);
  gboolean is_done = check_move_locked (child, to, other, flags, error);
  if (is_done && child != other)
    {
      parents[0] = detach_locked (child);
      parents[1] = other != NULL ? detach_locked (other) : NULL;
      attach_locked (child, to, new_name);
      if ((flags & EXP_MOVE_EXCHANGE) != 0)
        attach_locked (other, self, name);
    }
  g_mutex_unlock (&self->store->lock);
  drop (parents[0]);
  drop (parents[1]);
  drop (child);
  drop (other);
  return is_done;
}

static gboolean
null_symlink (ExpNode *node, const char *name, const char *target, GError **error)
{
  NullNode *child = create (node, name, EXP_KIND_LINK, NULL, target, error);

  drop (child);
  return child != NULL;
}

static gboolean
null_commit (ExpNode *node, gboolean checkpoint, GError **error)
{
  return TRUE;
}

static const ExpNodeClass null_class = {
  .free = null_free,
  .describe = null_describe,
  .list = null_list,
  .lookup = null_lookup,
  .read = null_read,
  .create_group = null_create_group,
  .create_dataset = null_create_dataset,
  .replace_dataset = null_replace_dataset,
  .write = null_write,
  .resize = null_resize,
  .write_attribute = null_write_attribute,
  .remove_attribute = null_remove_attribute,
  .remove = null_remove,
  .move = null_move,
  .symlink = null_symlink,
  .commit = null_commit,
};

static gboolean
null_recognise (const char *path)
{
  return FALSE;
}

static ExpNode *
null_open (const char *path, const ExpStoreOptions *options, GError **error)
{
  NullStore *store = g_new0 (NullStore, 1);

  g_atomic_ref_count_init (&store->references);
  g_mutex_init (&store->lock);
  store->root = new_locked (store, EXP_KIND_GROUP);
  store_unref (store);
  return &store->root->base;
}

const ExpFormat exp_format_null = {
  .name = "null",
  .description = "accepts everything and keeps nothing; its store is named null:",
  .recognise = null_recognise,
  .open = null_open,
  .is_volatile = TRUE,
};
