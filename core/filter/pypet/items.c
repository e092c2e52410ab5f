/* The items of a leaf, or of a nested group in one, as a directory. An item with dots in its name, as pypet calls what
 * lies in nested groups, is found by that name too.
 * Knows how items are named; what one holds is item.c's.
 * Made by leaf.c and item.c. */
#include "live.h"
#include "tasks.h"
#include "whole.h"
#include "write.h"
#include <string.h>

typedef struct
{
  ExpPypetLive base;
  ExpPypetLeaf leaf; /* held; name not used */
  ExpNode *group;    /* the item is a child of */
  ExpNode *inner;    /* the item when the node was made */
  char name[];       /* as stored */
} Item;

/* The item as it is now: another one may have come in its place. */
static ExpNode *
stored_item (Item *self, GError **error)
{
  return self->base.store->is_writable ? exp_node_lookup (self->group, self->name, error) : exp_node_ref (self->inner);
}

static ExpNode *
make_item (ExpDelegate *delegate, GError **error)
{
  Item *self = (Item *)delegate;
  g_autofree char *shown = exp_pypet_item_name (self->name);
  g_autoptr (ExpNode) inner = stored_item (self, error);
  ExpPypetLeaf leaf = self->leaf;

  leaf.name = shown;
  leaf.group = self->group;
  return inner != NULL ? exp_pypet_item_new (&leaf, inner, self->name, error) : NULL;
}

static gboolean
item_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  Item *self = (Item *)node;
  g_autoptr (ExpNode) inner = stored_item (self, error);
  g_auto (ExpInfo) stored = { 0 };

  if (inner == NULL || !exp_delegate_describe (node, info, error) || !exp_node_describe (inner, &stored, error))
    return FALSE;
  info->identity = self->leaf.scope->run < 0 ? stored.identity : 0;
  info->n_links = self->leaf.scope->run < 0 ? stored.n_links : 0;
  info->mtime = stored.mtime;
  return TRUE;
}

static gboolean
item_layout (ExpNode *node, ExpLayout *layout, GError **error)
{
  Item *self = (Item *)node;
  g_autoptr (ExpNode) inner = stored_item (self, error);

  if (inner == NULL || !exp_delegate_layout (node, layout, error))
    return FALSE;
  exp_pypet_whole_layout (&self->leaf, inner, self->name, layout);
  return TRUE;
}

static gboolean
item_set_note (ExpNode *node, const char *note, const char *value, GError **error)
{
  Item *self = (Item *)node;

  return exp_pypet_item_set_note (&self->leaf, self->group, self->name, note, value, error);
}

/* An item has no attributes of its own; those that follow from its value are accepted and ignored. */
static gboolean
item_write_attribute (ExpNode *node, const char *name, const ExpArray *value, GError **error)
{
  static const char *const made_up[] = { "pickle", "shape", "format", NULL };

  if (g_strv_contains (made_up, name))
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "pypet has attributes of parameters, results and groups only");
  return FALSE;
}

static gboolean
item_write (ExpNode *node, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  Item *self = (Item *)node;

  return exp_pypet_item_write (&self->leaf, self->group, self->name, slab, array, error);
}

static gboolean
item_resize (ExpNode *node, guint rank, const guint64 *shape, GError **error)
{
  Item *self = (Item *)node;

  return exp_pypet_item_resize (&self->leaf, self->group, self->name, rank, shape, error);
}

static void
item_free (ExpNode *node)
{
  Item *self = (Item *)node;

  exp_pypet_live_clear (&self->base);
  exp_node_unref (self->inner);
  exp_node_unref (self->group);
  exp_pypet_leaf_release (&self->leaf);
  g_free (self);
}

static const ExpNodeClass item_class = {
  .free = item_free,
  .describe = item_describe,
  .layout = item_layout,
  .list = exp_delegate_list,
  .lookup = exp_delegate_lookup,
  .read = exp_delegate_read,
  .locate = exp_pypet_live_locate,
  .list_attributes = exp_delegate_list_attributes,
  .read_attribute = exp_delegate_read_attribute,
  .unwrap = exp_pypet_live_unwrap,
  .create_group = exp_delegate_create_group,
  .create_dataset = exp_delegate_create_dataset,
  .check_name = exp_delegate_check_name,
  .takes_file = exp_delegate_takes_file,
  .put_file = exp_delegate_put_file,
  .replace_dataset = exp_delegate_replace_dataset,
  .remove = exp_delegate_remove,
  .move = exp_delegate_move,
  .write = item_write,
  .write_attribute = item_write_attribute,
  .resize = item_resize,
  .set_note = item_set_note,
};

static ExpNode *
item_new (const ExpPypetLeaf *leaf, ExpNode *group, ExpNode *inner, const char *name)
{
  gsize size = strlen (name) + 1;
  Item *self = g_malloc0 (sizeof *self + size);

  exp_pypet_live_init (&self->base, &item_class, leaf->scope->trajectory->store, make_item);
  exp_pypet_leaf_hold (&self->leaf, leaf);
  self->group = exp_node_ref (group);
  self->inner = exp_node_ref (inner);
  memcpy (self->name, name, size);
  return &self->base.base.base;
}

typedef struct
{
  ExpNode base;
  ExpPypetLeaf leaf;
  ExpNode *inner; /* the group that holds the items: the leaf's own, or a nested one */
} Items;

static gboolean
items_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  if (!exp_node_describe (((Items *)node)->inner, info, error))
    return FALSE;
  info->identity = info->n_links = 0; /* whoever stands for the group sets them */
  return TRUE;
}

typedef struct
{
  Items *items;
  guint64 skip;
  ExpListFunc func;
  gpointer data;
} Listing;

static gboolean
list_item (const char *name, ExpNode *inner, gpointer data)
{
  Listing *listing = data;

  if (!exp_pypet_is_item (name) && (exp_pypet_shown_name (name) == NULL || exp_pypet_shown_name (name) == name))
    return TRUE;
  if (listing->skip > 0)
    {
      listing->skip--;
      return TRUE;
    }
  g_autofree char *shown = exp_pypet_item_name (exp_pypet_shown_name (name));
  g_autoptr (ExpNode) item = item_new (&listing->items->leaf, listing->items->inner, inner, name);
  return listing->func (shown, item, listing->data);
}

static gboolean
items_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  Items *self = (Items *)node;
  Listing listing = { self, skip, func, data };

  return exp_node_list (self->inner, 0, list_item, &listing, error);
}

/* The stored child of a shown name, NULL for none. */
static ExpNode *
find_stored (Items *self, const char *shown, char **stored)
{
  static const char *const suffixes[] = { "", "__spsp__", "__rr__" };
  g_autofree char *aside = exp_pypet_stored_name (shown);

  if (strcmp (aside, shown) != 0)
    {
      ExpNode *inner = exp_pypet_child (self->inner, aside);
      *stored = inner != NULL ? g_steal_pointer (&aside) : NULL;
      return inner;
    }

  for (guint i = 0; i < G_N_ELEMENTS (suffixes) && exp_pypet_is_item (shown); i++)
    {
      *stored = g_strconcat (shown, suffixes[i], NULL);
      ExpNode *inner = exp_pypet_child (self->inner, *stored);

      if (inner != NULL)
        return inner;
      g_clear_pointer (stored, g_free);
    }
  return NULL;
}

/* NAME.pickle, NAME.npz, or NESTED.ITEM; NULL when it is none of them. */
static ExpNode *
find_virtual (Items *self, const char *name, GError **error)
{
  ExpPypetWhole kind = EXP_WHOLE_PICKLE;
  g_autofree char *whole = exp_pypet_whole_stem (name, &kind);
  const char *dot = whole != NULL ? strrchr (name, '.') : strchr (name, '.');
  g_autofree char *stem = dot != NULL ? g_strndup (name, dot - name) : NULL;
  g_autofree char *stored = NULL;
  g_autoptr (ExpNode) inner = stem != NULL && *stem != '\0' ? find_stored (self, stem, &stored) : NULL;

  if (inner == NULL)
    return NULL;
  if (whole != NULL)
    return exp_pypet_whole_file (&self->leaf, inner, stored, kind, TRUE);

  g_auto (ExpInfo) info = { 0 };
  g_autofree char *flag = exp_pypet_text (inner, "SRVC_STORE");
  if (g_strcmp0 (flag, "NESTED_GROUP") != 0 || !exp_node_describe (inner, &info, NULL) || info.kind != EXP_KIND_GROUP)
    return NULL;
  ExpPypetLeaf below = self->leaf;
  below.location = NULL;
  g_autoptr (ExpNode) nested = exp_pypet_items_new (&below, inner);
  return exp_node_lookup (nested, dot + 1, error);
}

static ExpNode *
items_lookup (ExpNode *node, const char *name, GError **error)
{
  Items *self = (Items *)node;
  g_autofree char *stored = NULL;
  g_autoptr (ExpNode) inner = find_stored (self, name, &stored);
  g_autoptr (GError) local = NULL;

  if (inner != NULL)
    return item_new (&self->leaf, self->inner, inner, stored);
  ExpNode *found = find_virtual (self, name, &local);
  if (found == NULL && local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (found == NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no item '%s' here", name);
  return found;
}

static void
items_free (ExpNode *node)
{
  Items *self = (Items *)node;

  exp_node_unref (self->inner);
  exp_pypet_leaf_release (&self->leaf);
  g_free (self);
}

static gboolean
check_result (const Items *self, GError **error)
{
  if (!self->leaf.is_parameter && !self->leaf.is_pickled)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "only a plain result takes items of its own");
  return FALSE;
}

/* Pickled items are those of a result that has nothing else, sparse matrices those of any other. */
static gboolean
takes_whole (const Items *self, ExpPypetWhole kind)
{
  return !self->leaf.is_parameter && self->leaf.is_pickled == (kind == EXP_WHOLE_PICKLE);
}

static gboolean
items_takes_file (ExpNode *node, const char *name)
{
  Items *self = (Items *)node;
  ExpPypetWhole kind = EXP_WHOLE_PICKLE;
  g_autofree char *whole = exp_pypet_whole_stem (name, &kind);
  g_autofree char *stored = NULL;

  if (whole == NULL)
    return !self->leaf.is_parameter && exp_pypet_whole_is_aside (name);
  g_autoptr (ExpNode) inner = find_stored (self, whole, &stored);
  return takes_whole (self, kind) && (inner == NULL || exp_pypet_whole_holds (&self->leaf, inner, stored, kind));
}

static ExpNode *
items_put_file (ExpNode *node, const char *name, GBytes *bytes, GError **error)
{
  Items *self = (Items *)node;
  ExpPypetWhole kind = EXP_WHOLE_PICKLE;
  g_autofree char *whole = exp_pypet_whole_stem (name, &kind);
  g_autofree char *aside = exp_pypet_stored_name (name);

  return (whole != NULL ? exp_pypet_items_put (&self->leaf, self->inner, whole, kind, bytes, error)
                        : exp_pypet_items_put_aside (&self->leaf, self->inner, aside, bytes, error))
             ? items_lookup (node, name, error)
             : NULL;
}

static gboolean
items_check_name (ExpNode *node, const char *name, GError **error)
{
  g_autofree char *stored = exp_pypet_stored_name (name);

  ExpPypetWhole kind = EXP_WHOLE_PICKLE;
  g_autofree char *whole = exp_pypet_whole_stem (name, &kind);

  if (items_takes_file (node, name))
    return TRUE;
  if (whole != NULL && !takes_whole ((Items *)node, kind))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED,
                   "a PickleResult has pickled items and no others, another result has none");
      return FALSE;
    }
  return check_result ((Items *)node, error) && exp_pypet_check_name (stored, error);
}

/* A directory in a result is a dict. */
static ExpNode *
items_create_group (ExpNode *node, const char *name, GError **error)
{
  Items *self = (Items *)node;

  return check_result (self, error) && exp_pypet_items_create_dict (&self->leaf, self->inner, name, error)
             ? items_lookup (node, name, error)
             : NULL;
}

static ExpNode *
items_create_dataset (ExpNode *node, const char *name, const ExpNewDataset *dataset, GError **error)
{
  Items *self = (Items *)node;

  g_autofree char *stored = exp_pypet_stored_name (name);

  return check_result (self, error) && exp_pypet_items_create (&self->leaf, self->inner, stored, dataset, error)
             ? items_lookup (node, name, error)
             : NULL;
}

static ExpNode *
items_replace_dataset (ExpNode *node, const char *name, const ExpNewDataset *dataset, GError **error)
{
  Items *self = (Items *)node;
  g_autofree char *stored = NULL;
  g_autoptr (ExpNode) inner = find_stored (self, name, &stored);

  if (inner == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no item '%s' here", name);
      return NULL;
    }
  return check_result (self, error) && exp_pypet_items_replace (&self->leaf, self->inner, stored, dataset, error)
             ? items_lookup (node, name, error)
             : NULL;
}

static gboolean
items_remove (ExpNode *node, const char *name, GError **error)
{
  Items *self = (Items *)node;
  g_autofree char *stored = NULL;
  g_autoptr (ExpNode) inner = find_stored (self, name, &stored);

  if (inner != NULL)
    return exp_pypet_items_remove (&self->leaf, self->inner, stored, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no item '%s' here", name);
  return FALSE;
}

static const ExpNodeClass items_class;

/* What was written beside it becomes NAME.pickle or NAME.npz. */
static gboolean
move_whole (Items *self, const char *name, Items *to, const char *new_name, guint flags, GError **error)
{
  g_autoptr (ExpNode) there = (flags & EXP_MOVE_NO_REPLACE) != 0 ? items_lookup (&to->base, new_name, NULL) : NULL;
  g_autoptr (ExpNode) from = items_lookup (&self->base, name, error);
  g_autoptr (GBytes) bytes = from != NULL ? exp_pypet_aside_bytes (from, error) : NULL;

  if (bytes == NULL)
    return FALSE;
  if (there != NULL || !items_takes_file (&to->base, new_name))
    {
      g_set_error (error, EXP_ERROR, there != NULL ? EXP_ERROR_EXISTS : EXP_ERROR_UNSUPPORTED,
                   there != NULL ? "'%s' exists already" : "'%s' cannot be in this result", new_name);
      return FALSE;
    }
  g_autoptr (ExpNode) made = items_put_file (&to->base, new_name, bytes, error);
  return made != NULL && items_remove (&self->base, name, error);
}

static gboolean
items_move (ExpNode *node, const char *name, ExpNode *new_parent, const char *new_name, guint flags, GError **error)
{
  Items *self = (Items *)node;
  Items *to = (Items *)exp_node_unwrap (new_parent);
  g_autofree char *stored = NULL;
  g_autofree char *new_stored = exp_pypet_stored_name (new_name);
  ExpPypetWhole kind = EXP_WHOLE_PICKLE;
  g_autofree char *whole = exp_pypet_whole_stem (new_name, &kind);
  g_autoptr (ExpNode) inner = find_stored (self, name, &stored);

  if (inner == NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no item '%s' here", name);
  else if (flags & EXP_MOVE_EXCHANGE)
    g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "the items of results cannot exchange their names");
  else if (to->base.klass != &items_class)
    g_set_error (error, EXP_ERROR, EXP_ERROR_OTHER_PLACE, "an item moves to another result only: copy it");
  else if (whole != NULL)
    return move_whole (self, name, to, new_name, flags, error);
  else
    return check_result (to, error)
           && exp_pypet_items_move (&self->leaf, self->inner, stored, &to->leaf, to->inner, new_stored, flags, error);
  return FALSE;
}

static gboolean
items_perform (ExpNode *node, ExpTask *task, GError **error)
{
  const char *name = task->arguments != NULL ? task->arguments[0] : NULL;

  if (name == NULL || strcmp (task->name, "delete") != 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "there is no '%s' here", task->name);
      return FALSE;
    }
  g_autoptr (ExpNode) item = exp_node_lookup (node, name, error);
  if (item == NULL || !exp_task_check_unwritten (task, name, error) || !exp_task_step (task, 0, name, error)
      || (!task->is_dry_run && !items_remove (node, name, error)))
    return FALSE;
  exp_task_note_removed (task, name);
  exp_task_say (task, "%s %s", task->is_dry_run ? "would remove" : "removed", name);
  return TRUE;
}

static const ExpNodeClass items_class = {
  .free = items_free,
  .describe = items_describe,
  .list = items_list,
  .lookup = items_lookup,
  .create_group = items_create_group,
  .create_dataset = items_create_dataset,
  .check_name = items_check_name,
  .takes_file = items_takes_file,
  .put_file = items_put_file,
  .replace_dataset = items_replace_dataset,
  .remove = items_remove,
  .move = items_move,
  .perform = items_perform,
};

ExpNode *
exp_pypet_items_new (const ExpPypetLeaf *leaf, ExpNode *inner)
{
  Items *self = g_new0 (Items, 1);

  exp_node_init (&self->base, &items_class);
  exp_pypet_leaf_hold (&self->leaf, leaf);
  self->inner = exp_node_ref (inner);
  return &self->base;
}
