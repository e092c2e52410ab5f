/* The items of a leaf, or of a nested group in one, as a directory. An item with dots in its name, as pypet calls what
 * lies in nested groups, is found by that name too.
 * Knows how items are named; what one holds is item.c's.
 * Made by leaf.c and item.c. */
#include "filter/delegate.h"
#include "pypet.h"
#include <string.h>

typedef struct
{
  ExpDelegate base;
  ExpPypetLeaf leaf; /* inner is owned, name not used */
  ExpNode *inner;    /* the item */
  char name[];       /* as stored */
} Item;

static ExpNode *
make_item (ExpDelegate *delegate, GError **error)
{
  Item *self = (Item *)delegate;
  g_autofree char *shown = exp_pypet_item_name (self->name);
  ExpPypetLeaf leaf = self->leaf;

  leaf.name = shown;
  return exp_pypet_item_new (&leaf, self->inner, self->name, error);
}

static gboolean
item_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  Item *self = (Item *)node;
  g_auto (ExpInfo) stored = { 0 };

  if (!exp_delegate_describe (node, info, error) || !exp_node_describe (self->inner, &stored, error))
    return FALSE;
  info->identity = self->leaf.scope->run < 0 ? stored.identity : 0;
  info->n_links = self->leaf.scope->run < 0 ? stored.n_links : 0;
  info->mtime = stored.mtime;
  return TRUE;
}

static void
item_free (ExpNode *node)
{
  Item *self = (Item *)node;

  exp_delegate_clear (&self->base);
  exp_node_unref (self->inner);
  exp_node_unref (self->leaf.inner);
  exp_pypet_scope_unref (self->leaf.scope);
  g_free (self);
}

static const ExpNodeClass item_class = {
  .free = item_free,
  .describe = item_describe,
  .layout = exp_delegate_layout,
  .list = exp_delegate_list,
  .lookup = exp_delegate_lookup,
  .read = exp_delegate_read,
  .locate = exp_delegate_locate,
  .list_attributes = exp_delegate_list_attributes,
  .read_attribute = exp_delegate_read_attribute,
};

static void
keep_leaf (ExpPypetLeaf *to, const ExpPypetLeaf *leaf)
{
  *to = *leaf;
  to->name = NULL;
  exp_node_ref (to->inner);
  exp_pypet_scope_ref (to->scope);
}

static ExpNode *
item_new (const ExpPypetLeaf *leaf, ExpNode *inner, const char *name)
{
  gsize size = strlen (name) + 1;
  Item *self = g_malloc0 (sizeof *self + size);

  exp_node_init (&self->base.base, &item_class);
  self->base.make = make_item;
  keep_leaf (&self->leaf, leaf);
  self->inner = exp_node_ref (inner);
  memcpy (self->name, name, size);
  return &self->base.base;
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

  if (!exp_pypet_is_item (name))
    return TRUE;
  if (listing->skip > 0)
    {
      listing->skip--;
      return TRUE;
    }
  g_autofree char *shown = exp_pypet_item_name (name);
  g_autoptr (ExpNode) item = item_new (&listing->items->leaf, inner, name);
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

/* NAME.pickle, or NESTED.ITEM; NULL when it is neither. */
static ExpNode *
find_virtual (Items *self, const char *name, GError **error)
{
  const char *dot = g_str_has_suffix (name, ".pickle") ? strrchr (name, '.') : strchr (name, '.');
  g_autofree char *stem = dot != NULL ? g_strndup (name, dot - name) : NULL;
  g_autofree char *stored = NULL;
  g_autoptr (ExpNode) inner = stem != NULL && *stem != '\0' ? find_stored (self, stem, &stored) : NULL;

  if (inner == NULL)
    return NULL;
  if (strcmp (dot, ".pickle") == 0)
    return exp_pypet_pickle_of_item (&self->leaf, inner, error);

  g_auto (ExpInfo) info = { 0 };
  g_autofree char *flag = exp_pypet_text (inner, "SRVC_STORE");
  if (g_strcmp0 (flag, "NESTED_GROUP") != 0 || !exp_node_describe (inner, &info, NULL) || info.kind != EXP_KIND_GROUP)
    return NULL;
  g_autoptr (ExpNode) nested = exp_pypet_items_new (&self->leaf, inner);
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
    return item_new (&self->leaf, inner, stored);
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
  exp_node_unref (self->leaf.inner);
  exp_pypet_scope_unref (self->leaf.scope);
  g_free (self);
}

static const ExpNodeClass items_class
    = { .free = items_free, .describe = items_describe, .list = items_list, .lookup = items_lookup };

ExpNode *
exp_pypet_items_new (const ExpPypetLeaf *leaf, ExpNode *inner)
{
  Items *self = g_new0 (Items, 1);

  exp_node_init (&self->base, &items_class);
  keep_leaf (&self->leaf, leaf);
  self->inner = exp_node_ref (inner);
  return &self->base;
}
