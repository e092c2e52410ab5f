/* Changes of a draft: groups, datasets, attributes and names.
 * Knows no format: that says what it cannot hold.
 * Called through the nodes' class. */
#include "draft_private.h"
#include <string.h>

static gboolean
fail (GError **error, ExpError code, const char *format, const char *name)
{
  g_set_error (error, EXP_ERROR, code, format, name);
  return FALSE;
}

/* --- one change at a time ----------------------------------------------------------------------------------- */

/* Held from the look whether the change can be until it is made. */
static GMutexLocker *
begin (Draft *draft, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&draft->change_lock);

  if (!g_atomic_int_get (&draft->is_abandoned))
    return g_steal_pointer (&locker);
  fail (error, EXP_ERROR_READ_ONLY, "%s is not written any more", draft->path);
  return NULL;
}

static gboolean
check (Draft *draft, const ExpDraftChange *change, GError **error)
{
  return draft->klass->check == NULL || draft->klass->check (change, draft->data, error);
}

static void
note (Draft *draft)
{
  __atomic_add_fetch (&draft->n_changes, 1, __ATOMIC_RELEASE);
}

/* A child of a loaded group, a new reference; NULL without an error when there is none. */
static DraftNode *
get_child (DraftNode *self, const char *name)
{
  g_autoptr (GRWLockReaderLocker) locker = g_rw_lock_reader_locker_new (&self->draft->lock);
  DraftNode *child = exp_draft_child (self, name);

  return child != NULL ? (DraftNode *)exp_node_ref (&child->base) : NULL;
}

static gboolean
check_group (DraftNode *self, GError **error)
{
  if (self->kind != EXP_KIND_GROUP)
    return fail (error, EXP_ERROR_NOT_A_GROUP, "not a %s", "group");
  return exp_draft_load (self, error);
}

static gboolean
check_free (DraftNode *self, const char *name, GError **error)
{
  g_autoptr (ExpNode) child = (ExpNode *)get_child (self, name);

  return child == NULL || fail (error, EXP_ERROR_EXISTS, "'%s' exists", name);
}

/* Takes over the reference of `child`; a new one is returned. */
static ExpNode *
add (DraftNode *self, const char *name, DraftNode *child)
{
  g_autoptr (GRWLockWriterLocker) locker = g_rw_lock_writer_locker_new (&self->draft->lock);

  exp_draft_attach (self, name, child);
  self->is_tree_edited = TRUE;
  note (self->draft);
  return exp_node_ref (&child->base);
}

/* --- making ------------------------------------------------------------------------------------------------- */

ExpNode *
exp_draft_create_group (ExpNode *node, const char *name, GError **error)
{
  DraftNode *self = (DraftNode *)node;
  const ExpDraftChange change = { .kind = EXP_DRAFT_CREATE_GROUP, .group = node, .name = name };
  g_autoptr (GMutexLocker) locker = begin (self->draft, error);

  if (locker == NULL || !check_group (self, error) || !check_free (self, name, error)
      || !check (self->draft, &change, error))
    return NULL;
  return add (self, name, exp_draft_node_new (self->draft, EXP_KIND_GROUP, NULL));
}

static DraftNode *
make_dataset (Draft *draft, const ExpNewDataset *dataset, GError **error)
{
  DraftNode *child = exp_draft_node_new (draft, EXP_KIND_DATASET, NULL);

  if (exp_draft_elements_make (child, dataset, error))
    return child;
  exp_node_unref (&child->base);
  return NULL;
}

/* What a new file without a byte is has none yet: as exp_draft_is_bare. */
static gboolean
has_content (const ExpNewDataset *dataset)
{
  return !dataset->is_null || dataset->dtype->type != EXP_TYPE_FLOAT || dataset->dtype->size != 8;
}

ExpNode *
exp_draft_create_dataset (ExpNode *node, const char *name, const ExpNewDataset *dataset, GError **error)
{
  DraftNode *self = (DraftNode *)node, *child;
  const ExpDraftChange change = {
    .kind = EXP_DRAFT_CREATE_DATASET, .group = node, .name = name, .dataset = has_content (dataset) ? dataset : NULL
  };
  g_autoptr (GMutexLocker) locker = begin (self->draft, error);

  if (locker == NULL || !check_group (self, error) || !check_free (self, name, error)
      || !check (self->draft, &change, error))
    return NULL;
  child = make_dataset (self->draft, dataset, error);
  return child != NULL ? add (self, name, child) : NULL;
}

gboolean
exp_draft_check_name (ExpNode *node, const char *name, GError **error)
{
  DraftNode *self = (DraftNode *)node;
  const ExpDraftChange change = { .kind = EXP_DRAFT_CREATE_DATASET, .group = node, .name = name };
  g_autoptr (GMutexLocker) locker = begin (self->draft, error);

  return locker != NULL && check_group (self, error) && check (self->draft, &change, error);
}

/* The attributes go over to the new one; the old one's nodes are of no use any more. */
static void
replace (DraftNode *self, DraftNode *old, DraftNode *child)
{
  g_autoptr (GRWLockWriterLocker) locker = g_rw_lock_writer_locker_new (&self->draft->lock);
  guint index = 0;

  child->attributes = g_steal_pointer (&old->attributes);
  child->name = g_strdup (old->name);
  child->parent = self;
  g_ptr_array_find (self->entries, old, &index);
  g_hash_table_remove (self->by_name, old->name);
  g_hash_table_insert (self->by_name, child->name, child);
  old->parent = NULL;
  self->entries->pdata[index] = exp_node_ref (&child->base);
  self->is_tree_edited = TRUE;
  note (self->draft);
  g_rw_lock_writer_lock (&old->elements_lock);
  g_clear_pointer (&old->saved, exp_node_unref);
  exp_draft_elements_drop (old);
  g_rw_lock_writer_unlock (&old->elements_lock);
}

ExpNode *
exp_draft_replace_dataset (ExpNode *node, const char *name, const ExpNewDataset *dataset, GError **error)
{
  DraftNode *self = (DraftNode *)node;
  ExpDraftChange change = { .kind = EXP_DRAFT_REPLACE_DATASET, .group = node, .name = name, .dataset = dataset };
  g_autoptr (GMutexLocker) locker = begin (self->draft, error);
  g_autoptr (ExpNode) old = NULL, child = NULL;

  if (locker == NULL || !check_group (self, error))
    return NULL;
  old = change.node = (ExpNode *)get_child (self, name);
  if (old == NULL || ((DraftNode *)old)->kind != EXP_KIND_DATASET)
    {
      fail (error, EXP_ERROR_NOT_FOUND, "no dataset '%s' here", name);
      return NULL;
    }
  if (!check (self->draft, &change, error) || !exp_draft_load_attributes ((DraftNode *)old, error))
    return NULL;
  child = (ExpNode *)make_dataset (self->draft, dataset, error);
  if (child == NULL || (dataset->keeps_rows && !exp_node_copy_rows (old, child, error)))
    return NULL;
  replace (self, (DraftNode *)old, (DraftNode *)child);
  exp_node_unref (old); /* what the entry held */
  return g_steal_pointer (&child);
}

/* --- values ------------------------------------------------------------------------------------------------- */

static gboolean
check_dataset (DraftNode *self, GError **error)
{
  return self->kind == EXP_KIND_DATASET || fail (error, EXP_ERROR_IS_A_GROUP, "not a %s", "dataset");
}

/* What fails leaves a dataset that was as saved so. With its lock. */
static gboolean
keep_saved (DraftNode *self, gboolean was_edited, gboolean is_done)
{
  if (!is_done && !was_edited && self->is_edited)
    exp_draft_elements_drop (self);
  return is_done;
}

static gboolean
edit_elements (DraftNode *self, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  gboolean was_edited = self->is_edited;

  return keep_saved (self, was_edited,
                     exp_draft_elements_own (self, error) && exp_draft_elements_write (self, slab, array, error));
}

gboolean
exp_draft_write (ExpNode *node, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  DraftNode *self = (DraftNode *)node;

  if (!check_dataset (self, error))
    return FALSE;
  if (g_atomic_int_get (&self->draft->is_abandoned))
    return fail (error, EXP_ERROR_READ_ONLY, "%s is not written any more", self->draft->path);
  if (self->draft->klass->check_write != NULL && !self->draft->klass->check_write (node, self->draft->data, error))
    return FALSE;
  g_autoptr (GRWLockWriterLocker) locker = g_rw_lock_writer_locker_new (&self->elements_lock);
  if (!edit_elements (self, slab, array, error))
    return FALSE;
  note (self->draft);
  return TRUE;
}

gboolean
exp_draft_resize (ExpNode *node, guint rank, const guint64 *shape, GError **error)
{
  DraftNode *self = (DraftNode *)node;
  g_autoptr (GMutexLocker) locker = begin (self->draft, error);
  g_auto (ExpInfo) info = { 0 };
  g_autofree char *name = NULL;
  g_autoptr (ExpNode) group = NULL;

  if (locker == NULL || !check_dataset (self, error) || !exp_node_describe (node, &info, error))
    return FALSE;
  group = exp_draft_get_parent (node, &name);
  ExpNewDataset dataset = { .dtype = info.dtype, .rank = rank };
  memcpy (dataset.shape, shape, rank * sizeof *shape);
  const ExpDraftChange change
      = { .kind = EXP_DRAFT_RESIZE, .group = group, .node = node, .name = name, .dataset = &dataset };
  if (!check (self->draft, &change, error))
    return FALSE;
  g_autoptr (GRWLockWriterLocker) elements = g_rw_lock_writer_locker_new (&self->elements_lock);
  gboolean was_edited = self->is_edited;
  if (!keep_saved (self, was_edited, exp_draft_elements_resize (self, rank, shape, error)))
    return FALSE;
  note (self->draft);
  return TRUE;
}

/* --- attributes --------------------------------------------------------------------------------------------- */

/* With the draft's lock. */
static gboolean
find_attribute (DraftNode *self, const char *name, guint *index)
{
  for (*index = 0; *index < self->attributes->len; (*index)++)
    if (strcmp (g_array_index (self->attributes, DraftAttribute, *index).name, name) == 0)
      return TRUE;
  return FALSE;
}

gboolean
exp_draft_write_attribute (ExpNode *node, const char *name, const ExpArray *value, GError **error)
{
  DraftNode *self = (DraftNode *)node;
  const ExpDraftChange change = { .kind = EXP_DRAFT_WRITE_ATTRIBUTE, .node = node, .name = name, .value = value };
  g_autoptr (GMutexLocker) locker = begin (self->draft, error);
  guint index;

  if (locker == NULL || !check (self->draft, &change, error) || !exp_draft_load_attributes (self, error))
    return FALSE;
  g_autoptr (GRWLockWriterLocker) tree = g_rw_lock_writer_locker_new (&self->draft->lock);
  DraftAttribute new = { NULL, exp_array_ref ((ExpArray *)value) };
  if (find_attribute (self, name, &index))
    {
      DraftAttribute *old = &g_array_index (self->attributes, DraftAttribute, index);
      exp_array_unref (old->value);
      old->value = new.value;
    }
  else
    {
      new.name = g_strdup (name);
      g_array_append_val (self->attributes, new);
    }
  note (self->draft);
  return TRUE;
}

gboolean
exp_draft_remove_attribute (ExpNode *node, const char *name, GError **error)
{
  DraftNode *self = (DraftNode *)node;
  const ExpDraftChange change = { .kind = EXP_DRAFT_REMOVE_ATTRIBUTE, .node = node, .name = name };
  g_autoptr (GMutexLocker) locker = begin (self->draft, error);
  guint index;

  if (locker == NULL)
    return FALSE;
  g_autoptr (ExpArray) old = exp_node_read_attribute (node, name, error);
  if (old == NULL || !check (self->draft, &change, error) || !exp_draft_load_attributes (self, error))
    return FALSE;
  g_autoptr (GRWLockWriterLocker) tree = g_rw_lock_writer_locker_new (&self->draft->lock);
  if (find_attribute (self, name, &index))
    g_array_remove_index (self->attributes, index);
  note (self->draft);
  return TRUE;
}

/* --- names -------------------------------------------------------------------------------------------------- */

/* TRUE when the group has children, or that cannot be known. */
static gboolean
has_children (DraftNode *self)
{
  if (self->kind != EXP_KIND_GROUP)
    return FALSE;
  if (!exp_draft_load (self, NULL))
    return TRUE;
  g_autoptr (GRWLockReaderLocker) locker = g_rw_lock_reader_locker_new (&self->draft->lock);
  return self->entries != NULL && self->entries->len > 0;
}

static void
detach (DraftNode *self, DraftNode *child)
{
  g_autoptr (GRWLockWriterLocker) locker = g_rw_lock_writer_locker_new (&self->draft->lock);
  g_autoptr (ExpNode) held = exp_node_ref (&child->base);

  exp_draft_detach (self, child);
  self->is_tree_edited = TRUE;
  note (self->draft);
  /* The last reference must not go with the lock. */
  g_clear_pointer (&locker, g_rw_lock_writer_locker_free);
}

static gboolean
remove_child (ExpNode *node, const char *name, gboolean with_tree, GError **error)
{
  DraftNode *self = (DraftNode *)node;
  g_autoptr (GMutexLocker) locker = begin (self->draft, error);
  ExpDraftChange change = { .kind = EXP_DRAFT_REMOVE, .group = node, .name = name };
  g_autoptr (ExpNode) child = NULL;

  if (locker == NULL || !check_group (self, error))
    return FALSE;
  child = change.node = (ExpNode *)get_child (self, name);
  if (child == NULL)
    return fail (error, EXP_ERROR_NOT_FOUND, "no '%s' here", name);
  if (!with_tree && has_children ((DraftNode *)child))
    return fail (error, EXP_ERROR_NOT_EMPTY, "'%s' is not empty", name);
  if (!check (self->draft, &change, error))
    return FALSE;
  detach (self, (DraftNode *)child);
  return TRUE;
}

gboolean
exp_draft_remove (ExpNode *node, const char *name, GError **error)
{
  return remove_child (node, name, FALSE, error);
}

gboolean
exp_draft_remove_tree (ExpNode *node, const char *name, GError **error)
{
  return remove_child (node, name, TRUE, error);
}

typedef struct
{
  DraftNode *from, *to, *node, *other; /* other: what has the new name */
  const char *name, *new_name;
  gboolean is_exchange;
} Move;

/* Nothing goes into itself. */
static gboolean
is_above (DraftNode *node, DraftNode *place)
{
  g_autoptr (GRWLockReaderLocker) locker = g_rw_lock_reader_locker_new (&node->draft->lock);

  for (; place != NULL; place = place->parent)
    if (place == node)
      return TRUE;
  return FALSE;
}

static gboolean
check_move (const Move *move, guint flags, GError **error)
{
  if (move->node == NULL)
    return fail (error, EXP_ERROR_NOT_FOUND, "no '%s' here", move->name);
  if (move->other == NULL && move->is_exchange)
    return fail (error, EXP_ERROR_NOT_FOUND, "no '%s' here", move->new_name);
  if (move->other != NULL && (flags & EXP_MOVE_NO_REPLACE) != 0)
    return fail (error, EXP_ERROR_EXISTS, "'%s' exists", move->new_name);
  if (is_above (move->node, move->to) || (move->is_exchange && is_above (move->other, move->from)))
    return fail (error, EXP_ERROR_INVALID, "'%s' cannot be moved into itself", move->name);
  if (move->other == NULL || move->is_exchange || move->other == move->node)
    return TRUE;
  if (move->node->kind != EXP_KIND_GROUP && move->other->kind == EXP_KIND_GROUP)
    return fail (error, EXP_ERROR_IS_A_GROUP, "'%s' is a group", move->new_name);
  if (move->node->kind == EXP_KIND_GROUP && move->other->kind != EXP_KIND_GROUP)
    return fail (error, EXP_ERROR_NOT_A_GROUP, "'%s' is not a group", move->new_name);
  return !has_children (move->other) || fail (error, EXP_ERROR_NOT_EMPTY, "'%s' is not empty", move->new_name);
}

/* With references on both nodes of the move. */
static void
make_move (const Move *move)
{
  g_autoptr (GRWLockWriterLocker) locker = g_rw_lock_writer_locker_new (&move->node->draft->lock);

  exp_draft_detach (move->from, move->node);
  if (move->other != NULL)
    exp_draft_detach (move->to, move->other);
  exp_draft_attach (move->to, move->new_name, (DraftNode *)exp_node_ref (&move->node->base));
  if (move->is_exchange)
    exp_draft_attach (move->from, move->name, (DraftNode *)exp_node_ref (&move->other->base));
  move->from->is_tree_edited = move->to->is_tree_edited = TRUE;
  note (move->node->draft);
}

gboolean
exp_draft_move (ExpNode *node, const char *name, ExpNode *new_parent, const char *new_name, guint flags, GError **error)
{
  DraftNode *self = (DraftNode *)node, *parent = exp_draft_node (new_parent);
  g_autoptr (GMutexLocker) locker = begin (self->draft, error);
  g_autoptr (ExpNode) child = NULL, other = NULL;

  if (locker == NULL)
    return FALSE;
  if (parent == NULL || parent->draft != self->draft)
    return fail (error, EXP_ERROR_OTHER_PLACE, "'%s' is moved out of the store", name);
  if (!check_group (self, error) || !check_group (parent, error))
    return FALSE;
  child = (ExpNode *)get_child (self, name);
  other = (ExpNode *)get_child (parent, new_name);
  const Move move
      = { self, parent, (DraftNode *)child, (DraftNode *)other, name, new_name, (flags & EXP_MOVE_EXCHANGE) != 0 };
  if (!check_move (&move, flags, error))
    return FALSE;
  if (child == other)
    return TRUE;
  const ExpDraftChange change = { .kind = EXP_DRAFT_MOVE,
                                  .group = node,
                                  .name = name,
                                  .node = child,
                                  .new_group = &parent->base,
                                  .new_name = new_name,
                                  .is_exchange = move.is_exchange };
  if (!check (self->draft, &change, error))
    return FALSE;
  make_move (&move);
  return TRUE;
}
