/* Drafts: the tree over a saved store, and how it is read.
 * Knows no format, and nothing of changing and saving.
 * Made by formats. */
#include "draft_private.h"
#include <string.h>

static void
draft_unref (Draft *draft)
{
  if (!g_atomic_ref_count_dec (&draft->references))
    return;
  if (draft->free_data != NULL)
    draft->free_data (draft->data);
  exp_source_unref (draft->file);
  g_mutex_clear (&draft->file_lock);
  g_mutex_clear (&draft->change_lock);
  g_rw_lock_clear (&draft->lock);
  g_free (draft->path);
  g_free (draft);
}

DraftNode *
exp_draft_node_new (Draft *draft, ExpKind kind, ExpNode *saved)
{
  DraftNode *self = g_new0 (DraftNode, 1);

  exp_node_init (&self->base, &exp_draft_node_class);
  g_atomic_ref_count_inc (&draft->references);
  self->draft = draft;
  self->kind = kind;
  self->identity = __atomic_add_fetch (&draft->identity, 1, __ATOMIC_RELAXED);
  self->saved = saved != NULL ? exp_node_ref (saved) : NULL;
  self->has_entries = saved == NULL || kind != EXP_KIND_GROUP;
  g_rw_lock_init (&self->elements_lock);
  return self;
}

static void
draft_node_free (ExpNode *node)
{
  DraftNode *self = (DraftNode *)node;
  Draft *draft = self->draft;

  if (self->entries != NULL)
    {
      g_rw_lock_writer_lock (&draft->lock);
      for (guint i = 0; i < self->entries->len; i++)
        ((DraftNode *)self->entries->pdata[i])->parent = NULL;
      g_rw_lock_writer_unlock (&draft->lock);
      g_hash_table_unref (self->by_name);
      g_ptr_array_unref (self->entries);
    }
  g_clear_pointer (&self->attributes, g_array_unref);
  g_clear_pointer (&self->gone, g_hash_table_unref);
  exp_draft_elements_drop (self);
  exp_info_clear (&self->info);
  exp_node_unref (self->saved);
  g_rw_lock_clear (&self->elements_lock);
  g_free (self->name);
  g_free (self);
  draft_unref (draft);
}

ExpNode *
exp_draft_new (const ExpDraftClass *klass, ExpNode *saved, const char *path, gpointer data, GDestroyNotify free_data)
{
  Draft *draft = g_new0 (Draft, 1);

  g_atomic_ref_count_init (&draft->references);
  draft->klass = klass;
  draft->data = data;
  draft->free_data = free_data;
  draft->path = g_strdup (path);
  g_mutex_init (&draft->file_lock);
  g_mutex_init (&draft->change_lock);
  g_rw_lock_init (&draft->lock);
  DraftNode *root = exp_draft_node_new (draft, EXP_KIND_GROUP, saved);
  draft_unref (draft);
  return &root->base;
}

DraftNode *
exp_draft_node (ExpNode *node)
{
  node = exp_node_unwrap (node);
  return node->klass == &exp_draft_node_class ? (DraftNode *)node : NULL;
}

/* --- children ----------------------------------------------------------------------------------------------- */

void
exp_draft_attach (DraftNode *self, const char *name, DraftNode *child)
{
  if (self->entries == NULL)
    {
      self->entries = g_ptr_array_new_with_free_func ((GDestroyNotify)exp_node_unref);
      self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
    }
  g_free (child->name);
  child->name = g_strdup (name);
  child->parent = self;
  g_ptr_array_add (self->entries, child);
  g_hash_table_insert (self->by_name, child->name, child);
}

void
exp_draft_detach (DraftNode *self, DraftNode *child)
{
  if (self->gone == NULL)
    self->gone = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_add (self->gone, g_strdup (child->name));
  g_hash_table_remove (self->by_name, child->name);
  child->parent = NULL;
  g_ptr_array_remove (self->entries, child);
}

DraftNode *
exp_draft_child (DraftNode *self, const char *name)
{
  return self->by_name != NULL ? g_hash_table_lookup (self->by_name, name) : NULL;
}

typedef struct
{
  DraftNode *group;
  GPtrArray *children; /* of DraftNode */
  GPtrArray *names;
} Loading;

static gboolean
load_child (const char *name, ExpNode *child, gpointer data)
{
  Loading *loading = data;
  g_auto (ExpInfo) info = { 0 };
  /* What cannot be read stays among the others: it fails when it is asked. */
  ExpKind kind = exp_node_describe (child, &info, NULL) ? info.kind : EXP_KIND_DATASET;

  g_ptr_array_add (loading->names, g_strdup (name));
  g_ptr_array_add (loading->children, exp_draft_node_new (loading->group->draft, kind, child));
  return TRUE;
}

gboolean
exp_draft_load (DraftNode *self, GError **error)
{
  Draft *draft = self->draft;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) children = g_ptr_array_new ();
  Loading loading = { self, children, names };
  g_autoptr (ExpNode) saved = NULL;

  g_rw_lock_reader_lock (&draft->lock);
  if (!self->has_entries)
    {
      g_rw_lock_reader_lock (&self->elements_lock);
      saved = exp_node_ref (self->saved);
      g_rw_lock_reader_unlock (&self->elements_lock);
    }
  g_rw_lock_reader_unlock (&draft->lock);
  if (saved == NULL)
    return TRUE;

  gboolean is_listed = exp_node_list (saved, 0, load_child, &loading, error);
  g_rw_lock_writer_lock (&draft->lock);
  gboolean is_wanted = is_listed && !self->has_entries;
  for (guint i = 0; is_wanted && i < children->len; i++)
    exp_draft_attach (self, names->pdata[i], children->pdata[i]);
  self->has_entries |= is_wanted;
  g_rw_lock_writer_unlock (&draft->lock);
  for (guint i = 0; !is_wanted && i < children->len; i++)
    exp_node_unref (children->pdata[i]);
  return is_listed;
}

static gboolean
check_group (const DraftNode *self, GError **error)
{
  if (self->kind == EXP_KIND_GROUP)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_A_GROUP, "not a group");
  return FALSE;
}

static gboolean
draft_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  DraftNode *self = (DraftNode *)node;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) nodes = g_ptr_array_new_with_free_func ((GDestroyNotify)exp_node_unref);

  if (!check_group (self, error) || !exp_draft_load (self, error))
    return FALSE;
  g_rw_lock_reader_lock (&self->draft->lock);
  for (guint64 i = skip; self->entries != NULL && i < self->entries->len; i++)
    {
      DraftNode *child = self->entries->pdata[i];

      g_ptr_array_add (names, g_strdup (child->name));
      g_ptr_array_add (nodes, exp_node_ref (&child->base));
    }
  g_rw_lock_reader_unlock (&self->draft->lock);
  for (guint i = 0; i < names->len && func (names->pdata[i], nodes->pdata[i], data); i++)
    ;
  return TRUE;
}

/* What was saved of a group, a new reference, when it may have a hidden child of this name; NULL otherwise. With the
 * draft's lock. */
static ExpNode *
with_hidden_locked (DraftNode *self, const char *name)
{
  g_autoptr (GRWLockReaderLocker) locker = g_rw_lock_reader_locker_new (&self->elements_lock);

  return self->saved != NULL && (self->gone == NULL || !g_hash_table_contains (self->gone, name))
             ? exp_node_ref (self->saved)
             : NULL;
}

static ExpNode *
draft_lookup (ExpNode *node, const char *name, GError **error)
{
  DraftNode *self = (DraftNode *)node;
  g_autoptr (ExpNode) saved = NULL;

  if (!check_group (self, error) || !exp_draft_load (self, error))
    return NULL;
  g_rw_lock_reader_lock (&self->draft->lock);
  DraftNode *child = exp_draft_child (self, name);
  ExpNode *found = child != NULL ? exp_node_ref (&child->base) : NULL;
  saved = found == NULL ? with_hidden_locked (self, name) : NULL;
  g_rw_lock_reader_unlock (&self->draft->lock);
  if (found != NULL)
    return found;
  if (saved != NULL)
    return exp_node_lookup (saved, name, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no '%s' here", name);
  return NULL;
}

/* --- what it is --------------------------------------------------------------------------------------------- */

static gboolean
draft_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  DraftNode *self = (DraftNode *)node;
  g_autoptr (GRWLockReaderLocker) locker = g_rw_lock_reader_locker_new (&self->elements_lock);

  if (self->is_edited)
    exp_info_copy (&self->info, info);
  else if (self->saved == NULL)
    info->kind = self->kind;
  else if (!exp_node_describe (self->saved, info, error))
    return FALSE;
  info->identity = self->identity;
  info->n_links = 1;
  return TRUE;
}

/* What was saved, a new reference, as long as the elements are its; NULL otherwise. */
static ExpNode *
saved_elements (DraftNode *self)
{
  g_autoptr (GRWLockReaderLocker) locker = g_rw_lock_reader_locker_new (&self->elements_lock);

  return self->saved != NULL && !self->is_edited ? exp_node_ref (self->saved) : NULL;
}

static gboolean
draft_layout (ExpNode *node, ExpLayout *layout, GError **error)
{
  g_autoptr (ExpNode) saved = saved_elements ((DraftNode *)node);

  return saved == NULL || exp_node_layout (saved, layout, error);
}

static gboolean
draft_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  DraftNode *self = (DraftNode *)node;
  g_autoptr (ExpNode) saved = NULL;

  g_rw_lock_reader_lock (&self->elements_lock);
  if (self->is_edited)
    {
      gboolean is_read = exp_draft_elements_read (self, slab, array, error);
      g_rw_lock_reader_unlock (&self->elements_lock);
      return is_read;
    }
  saved = self->saved != NULL ? exp_node_ref (self->saved) : NULL;
  g_rw_lock_reader_unlock (&self->elements_lock);
  if (saved != NULL && saved->klass->read != NULL)
    return saved->klass->read (saved, slab, array, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_IS_A_GROUP, "not a dataset");
  return FALSE;
}

/* A run of what was saved, which may be replaced while somebody sends it. */
typedef struct
{
  ExpNode *saved;
  ExpRun run;
} SavedRun;

static void
release_run (gconstpointer owner)
{
  SavedRun *saved = (SavedRun *)owner;

  exp_run_release (&saved->run);
  exp_node_unref (saved->saved);
  g_free (saved);
}

static gboolean
draft_locate (ExpNode *node, guint64 first, gsize n, ExpRun *run)
{
  g_autoptr (ExpNode) saved = saved_elements ((DraftNode *)node);

  if (saved == NULL || saved->klass->locate == NULL || !saved->klass->locate (saved, first, n, run))
    return FALSE;
  SavedRun *owner = g_new0 (SavedRun, 1);
  owner->saved = g_steal_pointer (&saved);
  owner->run = *run;
  run->release = release_run;
  run->owner = owner;
  return TRUE;
}

/* --- attributes --------------------------------------------------------------------------------------------- */

void
exp_draft_attribute_clear (gpointer attribute)
{
  DraftAttribute *self = attribute;

  g_free (self->name);
  exp_array_unref (self->value);
}

/* What has the attributes: NULL when the node itself has, else what was saved, a new reference; or a new node without
 * any. With the draft's lock. */
static ExpNode *
saved_attributes_locked (DraftNode *self)
{
  g_autoptr (GRWLockReaderLocker) locker = g_rw_lock_reader_locker_new (&self->elements_lock);

  return self->attributes == NULL && self->saved != NULL ? exp_node_ref (self->saved) : NULL;
}

gboolean
exp_draft_load_attributes (DraftNode *self, GError **error)
{
  g_autoptr (GArray) attributes = g_array_new (FALSE, FALSE, sizeof (DraftAttribute));
  g_autoptr (ExpNode) saved = NULL;

  g_array_set_clear_func (attributes, exp_draft_attribute_clear);
  g_rw_lock_reader_lock (&self->draft->lock);
  gboolean has_own = self->attributes != NULL;
  saved = saved_attributes_locked (self);
  g_rw_lock_reader_unlock (&self->draft->lock);
  if (has_own)
    return TRUE;

  g_auto (GStrv) names = saved != NULL ? exp_node_list_attributes (saved, error) : g_new0 (char *, 1);
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      DraftAttribute attribute = { NULL, exp_node_read_attribute (saved, names[i], error) };
      if (attribute.value == NULL)
        return FALSE;
      attribute.name = g_strdup (names[i]);
      g_array_append_val (attributes, attribute);
    }
  if (names == NULL)
    return FALSE;
  g_rw_lock_writer_lock (&self->draft->lock);
  if (self->attributes == NULL)
    self->attributes = g_steal_pointer (&attributes);
  g_rw_lock_writer_unlock (&self->draft->lock);
  return TRUE;
}

static char **
draft_list_attributes (ExpNode *node, GError **error)
{
  DraftNode *self = (DraftNode *)node;
  g_autoptr (ExpNode) saved = NULL;
  char **names = NULL;

  g_rw_lock_reader_lock (&self->draft->lock);
  saved = saved_attributes_locked (self);
  if (saved == NULL)
    {
      guint n = self->attributes != NULL ? self->attributes->len : 0;

      names = g_new0 (char *, n + 1);
      for (guint i = 0; i < n; i++)
        names[i] = g_strdup (g_array_index (self->attributes, DraftAttribute, i).name);
    }
  g_rw_lock_reader_unlock (&self->draft->lock);
  return saved != NULL ? exp_node_list_attributes (saved, error) : names;
}

static ExpArray *
draft_read_attribute (ExpNode *node, const char *name, GError **error)
{
  DraftNode *self = (DraftNode *)node;
  g_autoptr (ExpNode) saved = NULL;
  ExpArray *value = NULL;

  g_rw_lock_reader_lock (&self->draft->lock);
  saved = saved_attributes_locked (self);
  for (guint i = 0; self->attributes != NULL && value == NULL && i < self->attributes->len; i++)
    {
      const DraftAttribute *attribute = &g_array_index (self->attributes, DraftAttribute, i);
      if (strcmp (attribute->name, name) == 0)
        value = exp_array_ref (attribute->value);
    }
  g_rw_lock_reader_unlock (&self->draft->lock);
  if (saved != NULL)
    return exp_node_read_attribute (saved, name, error);
  if (value == NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no attribute '%s'", name);
  return value;
}

/* What queries find, as it was saved last. */
static gboolean
draft_list_parameters (ExpNode *node, ExpParameterRules *rules, ExpParameterFunc func, gpointer data, GError **error)
{
  g_autoptr (ExpNode) saved = saved_elements ((DraftNode *)node);

  return saved == NULL || exp_node_list_parameters (saved, rules, func, data, error);
}

const ExpNodeClass exp_draft_node_class = {
  .takes_moments = TRUE,
  .free = draft_node_free,
  .describe = draft_describe,
  .layout = draft_layout,
  .list = draft_list,
  .lookup = draft_lookup,
  .read = draft_read,
  .locate = draft_locate,
  .list_attributes = draft_list_attributes,
  .read_attribute = draft_read_attribute,
  .list_parameters = draft_list_parameters,
  .create_group = exp_draft_create_group,
  .create_dataset = exp_draft_create_dataset,
  .check_name = exp_draft_check_name,
  .replace_dataset = exp_draft_replace_dataset,
  .write = exp_draft_write,
  .resize = exp_draft_resize,
  .write_attribute = exp_draft_write_attribute,
  .remove_attribute = exp_draft_remove_attribute,
  .remove = exp_draft_remove,
  .remove_tree = exp_draft_remove_tree,
  .move = exp_draft_move,
  .commit = exp_draft_commit,
  .abandon = exp_draft_abandon,
};

/* --- for saving --------------------------------------------------------------------------------------------- */

ExpNode *
exp_draft_get_saved_elements (ExpNode *node)
{
  DraftNode *self = exp_draft_node (node);

  return self != NULL ? saved_elements (self) : NULL;
}

ExpNode *
exp_draft_get_saved (ExpNode *node)
{
  DraftNode *self = exp_draft_node (node);

  if (self == NULL)
    return NULL;
  g_autoptr (GRWLockReaderLocker) locker = g_rw_lock_reader_locker_new (&self->draft->lock);
  return self->attributes == NULL ? saved_elements (self) : NULL;
}

ExpNode *
exp_draft_get_saved_group (ExpNode *node)
{
  DraftNode *self = exp_draft_node (node);

  return self != NULL && self->kind == EXP_KIND_GROUP ? saved_elements (self) : NULL;
}

gboolean
exp_draft_is_saved (ExpNode *node)
{
  DraftNode *self = exp_draft_node (node);
  g_autoptr (GPtrArray) waiting = g_ptr_array_new ();
  gboolean is_saved = self != NULL;

  if (self == NULL)
    return FALSE;
  g_autoptr (GRWLockReaderLocker) locker = g_rw_lock_reader_locker_new (&self->draft->lock);
  for (g_ptr_array_add (waiting, self); is_saved && waiting->len > 0;)
    {
      DraftNode *next = g_ptr_array_steal_index_fast (waiting, waiting->len - 1);
      g_autoptr (ExpNode) saved = saved_elements (next);

      is_saved = saved != NULL && next->attributes == NULL && !next->is_tree_edited;
      for (guint i = 0; next->entries != NULL && i < next->entries->len; i++)
        g_ptr_array_add (waiting, next->entries->pdata[i]);
    }
  return is_saved;
}

gboolean
exp_draft_is_bare (ExpNode *node)
{
  DraftNode *self = exp_draft_node (node);

  if (self == NULL)
    return FALSE;
  g_autoptr (GRWLockReaderLocker) locker = g_rw_lock_reader_locker_new (&self->elements_lock);
  return self->saved == NULL && self->is_edited && self->info.is_null && self->info.dtype->type == EXP_TYPE_FLOAT
         && self->info.dtype->size == 8;
}

guint
exp_draft_depth (ExpNode *node)
{
  DraftNode *self = exp_draft_node (node);
  guint depth = 0;

  if (self == NULL)
    return 0;
  g_autoptr (GRWLockReaderLocker) locker = g_rw_lock_reader_locker_new (&self->draft->lock);
  for (; self->parent != NULL; self = self->parent)
    depth++;
  return depth;
}

ExpNode *
exp_draft_get_parent (ExpNode *node, char **name)
{
  DraftNode *self = exp_draft_node (node);

  if (self == NULL)
    return NULL;
  g_autoptr (GRWLockReaderLocker) locker = g_rw_lock_reader_locker_new (&self->draft->lock);
  if (self->parent == NULL)
    return NULL;
  *name = g_strdup (self->name);
  return exp_node_ref (&self->parent->base);
}
