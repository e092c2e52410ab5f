/* A store in memory that can be written.
 * Knows no format and no filter.
 * Made for null: and by tests of what writes into stores. */
#include "expfs/memory_node.h"
#include <string.h>

typedef struct
{
  guint n_objects; /* atomic */
  GRWLock lock;    /* guards all below the nodes of one store */
} Tree;

typedef struct
{
  char *name;
  gpointer value; /* Object or ExpArray */
} Entry;

typedef struct
{
  ExpNode base;
  Tree *tree;
  ExpKind kind;
  char *target;    /* LINK */
  GArray *entries; /* GROUP: of Entry, children in the order of making */
  GArray *attributes;
  ExpArray *value; /* DATASET */
  gboolean is_null, is_extensible;
  guint n_links;
} Object;

static const ExpNodeClass object_class;

static void
clear_child (gpointer data)
{
  Entry *entry = data;

  g_free (entry->name);
  exp_node_unref (entry->value);
}

static void
clear_attribute (gpointer data)
{
  Entry *entry = data;

  g_free (entry->name);
  exp_array_unref (entry->value);
}

static Object *
object_new (Tree *tree, ExpKind kind)
{
  Object *self = g_new0 (Object, 1);

  exp_node_init (&self->base, &object_class);
  self->tree = tree;
  __atomic_add_fetch (&tree->n_objects, 1, __ATOMIC_RELAXED);
  self->kind = kind;
  self->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_array_set_clear_func (self->entries, clear_child);
  self->attributes = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_array_set_clear_func (self->attributes, clear_attribute);
  return self;
}

static void
object_free (ExpNode *node)
{
  Object *self = (Object *)node;

  g_free (self->target);
  g_array_unref (self->entries);
  g_array_unref (self->attributes);
  exp_array_unref (self->value);
  if (__atomic_sub_fetch (&self->tree->n_objects, 1, __ATOMIC_ACQ_REL) == 0)
    {
      g_rw_lock_clear (&self->tree->lock);
      g_free (self->tree);
    }
  g_free (self);
}

static Entry *
find (GArray *entries, const char *name, guint *index)
{
  for (guint i = 0; i < entries->len; i++)
    {
      Entry *entry = &g_array_index (entries, Entry, i);

      if (strcmp (entry->name, name) != 0)
        continue;
      if (index != NULL)
        *index = i;
      return entry;
    }
  return NULL;
}

static gboolean
fail (GError **error, ExpError code, const char *format, const char *name)
{
  g_set_error (error, EXP_ERROR, code, format, name);
  return FALSE;
}

/* --- reading ------------------------------------------------------------------------------------------------ */

static gboolean
object_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  Object *self = (Object *)node;
  g_autoptr (GRWLockReaderLocker) locker = g_rw_lock_reader_locker_new (&self->tree->lock);

  info->kind = self->kind;
  info->target = g_strdup (self->target);
  info->identity = (gsize)self;
  info->n_links = self->n_links;
  if (self->value != NULL)
    {
      info->dtype = exp_dtype_ref (self->value->dtype);
      info->rank = self->value->rank;
      info->is_null = self->is_null;
      memcpy (info->shape, self->value->shape, sizeof info->shape);
    }
  return TRUE;
}

static gboolean
object_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  Object *self = (Object *)node;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) nodes = g_ptr_array_new_with_free_func ((GDestroyNotify)exp_node_unref);

  if (self->kind != EXP_KIND_GROUP)
    return fail (error, EXP_ERROR_NOT_A_GROUP, "not a %s", "group");
  g_rw_lock_reader_lock (&self->tree->lock);
  for (guint64 i = skip; i < self->entries->len; i++)
    {
      Entry *entry = &g_array_index (self->entries, Entry, i);

      g_ptr_array_add (names, g_strdup (entry->name));
      g_ptr_array_add (nodes, exp_node_ref (entry->value));
    }
  g_rw_lock_reader_unlock (&self->tree->lock);
  for (guint i = 0; i < names->len && func (names->pdata[i], nodes->pdata[i], data); i++)
    ;
  return TRUE;
}

static ExpNode *
object_lookup (ExpNode *node, const char *name, GError **error)
{
  Object *self = (Object *)node;
  g_autoptr (GRWLockReaderLocker) locker = g_rw_lock_reader_locker_new (&self->tree->lock);
  Entry *entry = find (self->entries, name, NULL);

  if (entry != NULL)
    return exp_node_ref (entry->value);
  fail (error, EXP_ERROR_NOT_FOUND, "no '%s' here", name);
  return NULL;
}

/* Copies the elements of a slab out of the dataset, or into it: `*cells` walks along. */
static void
copy_axis (Object *self, const ExpSlab *slab, guint axis, guint64 offset, gboolean is_write, guint8 **cells)
{
  const gsize size = self->value->dtype->size;

  if (axis == slab->rank)
    {
      guint8 *cell = self->value->data + offset * size;

      memcpy (is_write ? cell : *cells, is_write ? *cells : cell, size);
      *cells += size;
      return;
    }
  for (guint64 i = 0; i < slab->count[axis]; i++)
    copy_axis (self, slab, axis + 1, offset * self->value->shape[axis] + slab->start[axis] + i * slab->step[axis],
               is_write, cells);
}

static gboolean
object_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  Object *self = (Object *)node;
  g_autoptr (GRWLockReaderLocker) locker = g_rw_lock_reader_locker_new (&self->tree->lock);
  guint8 *to = array->data;

  if (self->value == NULL)
    return fail (error, EXP_ERROR_IS_A_GROUP, "not a %s", "dataset");
  if (!exp_slab_check (slab, self->value->rank, self->value->shape, error))
    return FALSE;
  copy_axis (self, slab, 0, 0, FALSE, &to);
  return exp_array_own_cells (array, error);
}

static char **
object_list_attributes (ExpNode *node, GError **error)
{
  Object *self = (Object *)node;
  g_autoptr (GRWLockReaderLocker) locker = g_rw_lock_reader_locker_new (&self->tree->lock);
  char **names = g_new0 (char *, self->attributes->len + 1);

  for (guint i = 0; i < self->attributes->len; i++)
    names[i] = g_strdup (g_array_index (self->attributes, Entry, i).name);
  return names;
}

static ExpArray *
object_read_attribute (ExpNode *node, const char *name, GError **error)
{
  Object *self = (Object *)node;
  g_autoptr (GRWLockReaderLocker) locker = g_rw_lock_reader_locker_new (&self->tree->lock);
  Entry *entry = find (self->attributes, name, NULL);

  if (entry != NULL)
    return exp_array_ref (entry->value);
  fail (error, EXP_ERROR_NOT_FOUND, "no attribute '%s'", name);
  return NULL;
}

/* --- groups ------------------------------------------------------------------------------------------------- */

/* Takes over `child`; NULL when the name is taken. The caller holds the lock. */
static ExpNode *
add (Object *self, const char *name, Object *child, GError **error)
{
  Entry entry = { g_strdup (name), child };

  if (find (self->entries, name, NULL) != NULL)
    {
      fail (error, EXP_ERROR_EXISTS, "'%s' exists", name);
      clear_child (&entry);
      return NULL;
    }
  child->n_links++;
  g_array_append_val (self->entries, entry);
  return exp_node_ref (&child->base);
}

static Object *
make_dataset (Object *self, const ExpNewDataset *dataset, GError **error)
{
  g_autoptr (ExpArray) value = exp_array_new ((ExpDtype *)dataset->dtype, dataset->rank, dataset->shape, error);

  if (value == NULL)
    return NULL;
  Object *child = object_new (self->tree, EXP_KIND_DATASET);
  child->value = g_steal_pointer (&value);
  child->is_null = dataset->is_null;
  child->is_extensible = dataset->is_extensible;
  if (child->is_null)
    child->value->n_elements = 0;
  return child;
}

static ExpNode *
object_create_group (ExpNode *node, const char *name, GError **error)
{
  Object *self = (Object *)node;
  g_autoptr (GRWLockWriterLocker) locker = g_rw_lock_writer_locker_new (&self->tree->lock);

  return add (self, name, object_new (self->tree, EXP_KIND_GROUP), error);
}

static ExpNode *
object_create_dataset (ExpNode *node, const char *name, const ExpNewDataset *dataset, GError **error)
{
  Object *self = (Object *)node;
  g_autoptr (GRWLockWriterLocker) locker = g_rw_lock_writer_locker_new (&self->tree->lock);
  Object *child = make_dataset (self, dataset, error);

  return child != NULL ? add (self, name, child, error) : NULL;
}

static gboolean
object_symlink (ExpNode *node, const char *name, const char *target, GError **error)
{
  Object *self = (Object *)node;
  g_autoptr (GRWLockWriterLocker) locker = g_rw_lock_writer_locker_new (&self->tree->lock);
  Object *child = object_new (self->tree, EXP_KIND_LINK);

  child->target = g_strdup (target);
  g_autoptr (ExpNode) made = add (self, name, child, error);
  return made != NULL;
}

static gboolean
object_link (ExpNode *node, const char *name, ExpNode *target, GError **error)
{
  Object *self = (Object *)node, *child = (Object *)exp_node_unwrap (target);
  g_autoptr (GRWLockWriterLocker) locker = g_rw_lock_writer_locker_new (&self->tree->lock);

  if (child->base.klass != &object_class || child->kind == EXP_KIND_GROUP)
    return fail (error, EXP_ERROR_UNSUPPORTED, "'%s' cannot be a second name of this", name);
  exp_node_ref (&child->base);
  g_autoptr (ExpNode) made = add (self, name, child, error);
  return made != NULL;
}

/* The caller holds the lock. */
static gboolean
remove_entry (Object *self, const char *name, GError **error)
{
  guint index = 0;
  Entry *entry = find (self->entries, name, &index);

  if (entry == NULL)
    return fail (error, EXP_ERROR_NOT_FOUND, "no '%s' here", name);

  Object *child = entry->value;
  if (child->entries->len > 0)
    return fail (error, EXP_ERROR_NOT_EMPTY, "'%s' is not empty", name);
  child->n_links--;
  g_array_remove_index (self->entries, index);
  return TRUE;
}

static gboolean
object_remove (ExpNode *node, const char *name, GError **error)
{
  Object *self = (Object *)node;
  g_autoptr (GRWLockWriterLocker) locker = g_rw_lock_writer_locker_new (&self->tree->lock);

  return remove_entry (self, name, error);
}

static gboolean
object_move (ExpNode *node, const char *name, ExpNode *new_parent, const char *new_name, guint flags, GError **error)
{
  Object *self = (Object *)node, *parent = (Object *)exp_node_unwrap (new_parent);
  g_autoptr (GRWLockWriterLocker) locker = g_rw_lock_writer_locker_new (&self->tree->lock);
  guint index = 0;
  Entry *from = find (self->entries, name, NULL), *to = find (parent->entries, new_name, NULL);

  if (from == NULL)
    return fail (error, EXP_ERROR_NOT_FOUND, "no '%s' here", name);
  if ((flags & EXP_MOVE_EXCHANGE) != 0)
    {
      if (to == NULL)
        return fail (error, EXP_ERROR_NOT_FOUND, "no '%s' here", new_name);
      gpointer child = from->value;
      from->value = to->value;
      to->value = child;
      return TRUE;
    }
  if (to != NULL && (flags & EXP_MOVE_NO_REPLACE) != 0)
    return fail (error, EXP_ERROR_EXISTS, "'%s' exists", new_name);
  if (to != NULL && to->value == from->value)
    return TRUE;
  if (to != NULL && !remove_entry (parent, new_name, error))
    return FALSE;
  find (self->entries, name, &index);
  Object *child = g_array_index (self->entries, Entry, index).value;
  g_autoptr (ExpNode) held = exp_node_ref (&child->base);
  g_array_remove_index (self->entries, index);
  child->n_links--;
  exp_node_ref (held);
  g_autoptr (ExpNode) made = add (parent, new_name, child, error);
  return made != NULL;
}

/* --- values ------------------------------------------------------------------------------------------------- */

static gboolean
object_write (ExpNode *node, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  Object *self = (Object *)node;
  g_autoptr (GRWLockWriterLocker) locker = g_rw_lock_writer_locker_new (&self->tree->lock);

  if (self->value == NULL)
    return fail (error, EXP_ERROR_IS_A_GROUP, "not a %s", "dataset");
  if (!exp_dtype_equal (array->dtype, self->value->dtype))
    return fail (error, EXP_ERROR_UNSUPPORTED, "the %s is another one", "type");
  if (!exp_slab_check (slab, self->value->rank, self->value->shape, error))
    return FALSE;

  /* Cells that point anywhere get their copies from a part of the dataset's own heap. */
  ExpArray part = *self->value;
  g_autofree guint8 *cells = g_try_malloc (MAX (array->n_elements * array->dtype->size, 1));
  if (cells == NULL)
    return fail (error, EXP_ERROR_NO_MEMORY, "no memory for the %s", "elements");
  memcpy (cells, array->data, array->n_elements * array->dtype->size);
  part.data = cells;
  part.n_elements = array->n_elements;
  gboolean is_owned = exp_array_own_cells (&part, error);
  self->value->heap = part.heap;
  self->value->heap_used = part.heap_used;
  self->value->heap_size = part.heap_size;
  guint8 *from = cells;
  if (is_owned)
    copy_axis (self, slab, 0, 0, TRUE, &from);
  return is_owned;
}

/* A copy of the first `n` elements in a new shape, whose dtype is the same. */
static ExpArray *
reshape (const ExpArray *value, guint rank, const guint64 *shape, GError **error)
{
  g_autoptr (ExpArray) new = exp_array_new (value->dtype, rank, shape, error);

  if (new == NULL)
    return NULL;
  if (new->data != NULL && value->data != NULL)
    memcpy (new->data, value->data, MIN (new->n_elements, value->n_elements) * value->dtype->size);
  return exp_array_own_cells (new, error) ? g_steal_pointer (&new) : NULL;
}

static gboolean
object_resize (ExpNode *node, guint rank, const guint64 *shape, GError **error)
{
  Object *self = (Object *)node;
  g_autoptr (GRWLockWriterLocker) locker = g_rw_lock_writer_locker_new (&self->tree->lock);

  if (self->value == NULL)
    return fail (error, EXP_ERROR_IS_A_GROUP, "not a %s", "dataset");
  if (!self->is_extensible || rank != self->value->rank || rank == 0
      || memcmp (shape + 1, self->value->shape + 1, (rank - 1) * sizeof *shape) != 0)
    return fail (error, EXP_ERROR_UNSUPPORTED, "the %s cannot be changed", "shape");
  ExpArray *value = reshape (self->value, rank, shape, error);
  if (value == NULL)
    return FALSE;
  exp_array_unref (self->value);
  self->value = value;
  return TRUE;
}

static ExpNode *
object_replace_dataset (ExpNode *node, const char *name, const ExpNewDataset *dataset, GError **error)
{
  Object *self = (Object *)node;
  g_autoptr (GRWLockWriterLocker) locker = g_rw_lock_writer_locker_new (&self->tree->lock);
  Entry *entry = find (self->entries, name, NULL);
  Object *old = entry != NULL ? entry->value : NULL;

  if (old == NULL || old->value == NULL)
    {
      fail (error, EXP_ERROR_NOT_FOUND, "no dataset '%s' here", name);
      return NULL;
    }
  if (old->n_links > 1)
    {
      fail (error, EXP_ERROR_UNSUPPORTED, "'%s' has other names as well", name);
      return NULL;
    }
  Object *child = make_dataset (self, dataset, error);
  if (child != NULL && dataset->keeps_rows)
    {
      exp_array_unref (child->value);
      child->value = reshape (old->value, dataset->rank, dataset->shape, error);
      if (child->value == NULL)
        g_clear_pointer ((ExpNode **)&child, exp_node_unref);
    }
  if (child == NULL)
    return NULL;
  for (guint i = 0; i < old->attributes->len; i++)
    {
      Entry *from = &g_array_index (old->attributes, Entry, i);
      Entry copy = { g_strdup (from->name), exp_array_ref (from->value) };

      g_array_append_val (child->attributes, copy);
    }
  child->n_links = 1;
  entry->value = child;
  g_clear_pointer (&old->value, exp_array_unref); /* who still has its node cannot read on by mistake */
  exp_node_unref (&old->base);
  return exp_node_ref (&child->base);
}

static gboolean
object_write_attribute (ExpNode *node, const char *name, const ExpArray *value, GError **error)
{
  Object *self = (Object *)node;
  g_autoptr (GRWLockWriterLocker) locker = g_rw_lock_writer_locker_new (&self->tree->lock);
  Entry *entry = find (self->attributes, name, NULL);

  if (entry != NULL)
    {
      exp_array_unref (entry->value);
      entry->value = exp_array_ref ((ExpArray *)value);
      return TRUE;
    }
  Entry new = { g_strdup (name), exp_array_ref ((ExpArray *)value) };
  g_array_append_val (self->attributes, new);
  return TRUE;
}

static gboolean
object_remove_attribute (ExpNode *node, const char *name, GError **error)
{
  Object *self = (Object *)node;
  g_autoptr (GRWLockWriterLocker) locker = g_rw_lock_writer_locker_new (&self->tree->lock);
  guint index = 0;

  if (find (self->attributes, name, &index) == NULL)
    return fail (error, EXP_ERROR_NOT_FOUND, "no attribute '%s'", name);
  g_array_remove_index (self->attributes, index);
  return TRUE;
}

static gboolean
object_commit (ExpNode *node, gboolean checkpoint, GError **error)
{
  return TRUE;
}

static const ExpNodeClass object_class = {
  .free = object_free,
  .describe = object_describe,
  .list = object_list,
  .lookup = object_lookup,
  .read = object_read,
  .list_attributes = object_list_attributes,
  .read_attribute = object_read_attribute,
  .create_group = object_create_group,
  .create_dataset = object_create_dataset,
  .replace_dataset = object_replace_dataset,
  .write = object_write,
  .resize = object_resize,
  .write_attribute = object_write_attribute,
  .remove_attribute = object_remove_attribute,
  .remove = object_remove,
  .move = object_move,
  .link = object_link,
  .symlink = object_symlink,
  .commit = object_commit,
};

ExpNode *
exp_memory_store_new (void)
{
  Tree *tree = g_new0 (Tree, 1);

  g_rw_lock_init (&tree->lock);
  Object *root = object_new (tree, EXP_KIND_GROUP);
  root->n_links = 1;
  return &root->base;
}
