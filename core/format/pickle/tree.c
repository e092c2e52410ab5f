/* The tree below a pickled value: which values are directories, and where each of them is shown. A directory that is
 * met in several places is shown in the one nearest to the root; in the others a link leads there, so that the tree
 * ends where the values contain themselves, and is never larger than the pickle. Knows no class. Called by node.c. */
#include "meaning.h"
#include <string.h>

typedef struct
{
  const ExpPickleValue *parent;
  guint index;
  guint depth;
} Place;

struct _ExpPickleTree
{
  gatomicrefcount references;
  ExpPickle *pickle;
  const ExpPickleValue *root;
  gboolean has_flat_lists;
  GHashTable *places; /* of each directory below the root, when any is met twice; else NULL */
  GMutex lock;
  GHashTable *names; /* directory -> ExpPickleNames; under lock */
};

static gboolean
is_sequence (const ExpPickleValue *value)
{
  return (value->kind >= EXP_PICKLE_LIST && value->kind <= EXP_PICKLE_FROZENSET)
         || (value->kind == EXP_PICKLE_ARRAY && value->array->type == NULL);
}

/* The kind that elements of one dataset share; CALL when it has none. */
static ExpPickleKind
element_kind (const ExpPickleValue *value)
{
  switch (value->kind)
    {
    case EXP_PICKLE_BOOL:
    case EXP_PICKLE_INT:
    case EXP_PICKLE_FLOAT:
    case EXP_PICKLE_COMPLEX:
    case EXP_PICKLE_TEXT:
      return value->kind;
    case EXP_PICKLE_STR8:
      return EXP_PICKLE_TEXT;
    case EXP_PICKLE_ARRAY:
      return value->array->type != NULL && value->array->rank == 0 && value->array->type->is_plain
                     && exp_dtype_is_numeric (value->array->dtype)
                 ? EXP_PICKLE_ARRAY
                 : EXP_PICKLE_CALL;
    default:
      return EXP_PICKLE_CALL;
    }
}

/* What the texts of a list may take as one dataset: a list can have a long text very often, and would be a file without
 * end. As a directory of texts it is none. */
#define FREE_TEXTS     ((guint64)16 << 20)
#define TEXTS_PER_BYTE 8

static gboolean
are_texts_few (const ExpPickle *pickle, const ExpPickleValue *list)
{
  guint64 left = FREE_TEXTS, more;

  if (!g_uint64_checked_mul (&more, pickle->size, TEXTS_PER_BYTE) || !g_uint64_checked_add (&left, left, more))
    return TRUE;
  for (guint i = 0; i < list->n_items; i++)
    {
      const ExpPickleValue *item = exp_pickle_item (list, i);

      if (!exp_pickle_has_text (item))
        continue;
      if (item->length > left)
        return FALSE;
      left -= item->length;
    }
  return TRUE;
}

static gboolean
is_uniform (const ExpPickleValue *list)
{
  const ExpPickleValue *first = exp_pickle_item (list, 0);
  ExpPickleKind kind = first != NULL ? element_kind (first) : EXP_PICKLE_FLOAT;

  for (guint i = 0; i < list->n_items; i++)
    {
      const ExpPickleValue *item = exp_pickle_item (list, i);

      if (kind == EXP_PICKLE_CALL || element_kind (item) != kind
          || (kind == EXP_PICKLE_ARRAY && item->array->type != first->array->type))
        return FALSE;
    }
  return TRUE;
}

gboolean
exp_pickle_is_group (const ExpPickleValue *value)
{
  value = exp_pickle_meaning (value);
  if (value->kind == EXP_PICKLE_DICT)
    return TRUE;
  return is_sequence (value)
         && ((value->flags & EXP_PICKLE_IS_OBJECT) != 0 || (value->flags & EXP_PICKLE_IS_UNIFORM) == 0);
}

guint
exp_pickle_n_children (const ExpPickleValue *group)
{
  group = exp_pickle_meaning (group);
  return group->kind == EXP_PICKLE_DICT ? group->n_items / 2 : group->n_items;
}

const ExpPickleValue *
exp_pickle_child (const ExpPickleValue *group, guint index)
{
  group = exp_pickle_meaning (group);
  return group->items[group->kind == EXP_PICKLE_DICT ? 2 * (gsize)index + 1 : index];
}

/* While the tree is made nobody else has the pickle's values. */
static void
remember_uniform (const ExpPickleTree *tree, const ExpPickleValue *record)
{
  ExpPickleValue *value = (ExpPickleValue *)exp_pickle_meaning (record);

  if (!is_sequence (value) || (value->flags & (EXP_PICKLE_IS_UNIFORM | EXP_PICKLE_IS_MIXED)) != 0)
    return;
  value->flags |= is_uniform (value) ? EXP_PICKLE_IS_UNIFORM : EXP_PICKLE_IS_MIXED;
  if (!are_texts_few (tree->pickle, value))
    value->flags = (guint8)((value->flags & ~EXP_PICKLE_IS_UNIFORM) | EXP_PICKLE_IS_MIXED);
  else if (tree->has_flat_lists)
    value->flags |= EXP_PICKLE_IS_UNIFORM;
}

/* All directories, nearest to the root first. TRUE when one was met twice. */
static gboolean
collect_groups (const ExpPickleTree *tree, GPtrArray *groups)
{
  const ExpPickleValue *root = tree->root;
  gboolean is_shared = FALSE;

  g_ptr_array_add (groups, (gpointer)root);
  ((ExpPickleValue *)root)->flags |= EXP_PICKLE_IS_SEEN;
  for (guint at = 0; at < groups->len; at++)
    {
      const ExpPickleValue *group = groups->pdata[at], *value = exp_pickle_meaning (group);

      if (value->kind == EXP_PICKLE_DICT)
        exp_pickle_settle_keys (tree->pickle, (ExpPickleValue *)value);
      for (guint i = 0; i < exp_pickle_n_children (group); i++)
        {
          ExpPickleValue *child = (ExpPickleValue *)exp_pickle_child (group, i);

          remember_uniform (tree, child);
          if (!exp_pickle_is_group (child))
            continue;
          if ((child->flags & EXP_PICKLE_IS_SEEN) != 0)
            is_shared = TRUE;
          else
            {
              child->flags |= EXP_PICKLE_IS_SEEN;
              g_ptr_array_add (groups, child);
            }
        }
    }
  for (guint at = 0; at < groups->len; at++)
    ((ExpPickleValue *)groups->pdata[at])->flags &= (guint8)~EXP_PICKLE_IS_SEEN;
  return is_shared;
}

static void
find_places (ExpPickleTree *tree, const GPtrArray *groups)
{
  tree->places = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  for (guint at = 0; at < groups->len; at++)
    {
      const ExpPickleValue *group = groups->pdata[at];
      const Place *above = g_hash_table_lookup (tree->places, group);

      for (guint i = 0; i < exp_pickle_n_children (group); i++)
        {
          const ExpPickleValue *child = exp_pickle_child (group, i);

          if (child == tree->root || !exp_pickle_is_group (child) || g_hash_table_contains (tree->places, child))
            continue;
          Place *place = g_new (Place, 1);
          *place = (Place){ group, i, above != NULL ? above->depth + 1 : 1 };
          g_hash_table_insert (tree->places, (gpointer)child, place);
        }
    }
}

ExpPickleTree *
exp_pickle_tree_new (ExpPickle *pickle, const ExpPickleValue *root, gboolean has_flat_lists)
{
  ExpPickleTree *tree = g_new0 (ExpPickleTree, 1);

  g_atomic_ref_count_init (&tree->references);
  g_mutex_init (&tree->lock);
  tree->pickle = exp_pickle_ref (pickle);
  tree->root = root;
  tree->has_flat_lists = has_flat_lists;
  tree->names = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)exp_pickle_names_free);
  remember_uniform (tree, root);
  if (exp_pickle_is_group (root))
    {
      g_autoptr (GPtrArray) groups = g_ptr_array_new ();

      if (collect_groups (tree, groups))
        find_places (tree, groups);
    }
  return tree;
}

ExpPickleTree *
exp_pickle_tree_ref (ExpPickleTree *tree)
{
  g_atomic_ref_count_inc (&tree->references);
  return tree;
}

void
exp_pickle_tree_unref (ExpPickleTree *tree)
{
  if (!g_atomic_ref_count_dec (&tree->references))
    return;
  g_clear_pointer (&tree->places, g_hash_table_unref);
  g_hash_table_unref (tree->names);
  g_mutex_clear (&tree->lock);
  exp_pickle_unref (tree->pickle);
  g_free (tree);
}

ExpPickle *
exp_pickle_tree_pickle (const ExpPickleTree *tree)
{
  return tree->pickle;
}

/* With the lock. */
static const ExpPickleNames *
names_of (ExpPickleTree *tree, const ExpPickleValue *dict)
{
  ExpPickleNames *names = g_hash_table_lookup (tree->names, dict);

  if (names == NULL)
    {
      names = exp_pickle_names_new (dict);
      g_hash_table_insert (tree->names, (gpointer)dict, names);
    }
  return names;
}

char *
exp_pickle_tree_name (ExpPickleTree *tree, const ExpPickleValue *group, guint index)
{
  group = exp_pickle_meaning (group);
  if (group->kind != EXP_PICKLE_DICT)
    return exp_pickle_number_name (group, index);

  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&tree->lock);
  return g_strdup (names_of (tree, group)->names[index]);
}

gboolean
exp_pickle_tree_find (ExpPickleTree *tree, const ExpPickleValue *group, const char *name, guint *index)
{
  group = exp_pickle_meaning (group);
  if (group->kind != EXP_PICKLE_DICT)
    {
      g_autofree char *canonical = NULL;

      if (!exp_pickle_number_find (group, name, index))
        return FALSE;
      canonical = exp_pickle_number_name (group, *index);
      return strcmp (canonical, name) == 0;
    }
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&tree->lock);
  guint found = GPOINTER_TO_UINT (g_hash_table_lookup (names_of (tree, group)->indices, name));
  *index = found - 1;
  return found > 0;
}

/* --- links -------------------------------------------------------------------------------------------------- */

gboolean
exp_pickle_tree_is_link (const ExpPickleTree *tree, const ExpPickleValue *group, guint index)
{
  const ExpPickleValue *child = exp_pickle_child (group, index);
  const Place *place;

  if (tree->places == NULL || !exp_pickle_is_group (child))
    return FALSE;
  place = g_hash_table_lookup (tree->places, child);
  return place == NULL || place->parent != group || place->index != index;
}

/* The directories from the root down to this one, itself included but not the root. */
static GPtrArray *
line_of (const ExpPickleTree *tree, const ExpPickleValue *group)
{
  GPtrArray *line = g_ptr_array_new ();

  for (const Place *place = g_hash_table_lookup (tree->places, group); place != NULL;
       place = g_hash_table_lookup (tree->places, group))
    {
      g_ptr_array_insert (line, 0, (gpointer)group);
      group = place->parent;
    }
  return line;
}

/* A byte that is in none of the names; '/' as a rule. */
static char
find_separator (const GPtrArray *names)
{
  gboolean is_used[256] = { FALSE };

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = names->pdata[i];

      is_used['/'] |= *name == '\0' || strcmp (name, ".") == 0 || strcmp (name, "..") == 0;
      for (; *name != '\0'; name++)
        is_used[(guchar)*name] = TRUE;
    }
  if (!is_used['/'])
    return '/';
  for (const char *c = "|:;>\\"; *c != '\0'; c++)
    if (!is_used[(guchar)*c])
      return *c;
  for (guint c = 1; c < 256; c++)
    if (!is_used[c])
      return (char)c;
  return '/';
}

char *
exp_pickle_tree_target (ExpPickleTree *tree, const ExpPickleValue *group, guint index, char *separator)
{
  g_autoptr (GPtrArray) from = line_of (tree, group), to = line_of (tree, exp_pickle_child (group, index));
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  GString *target = g_string_new (NULL);
  guint n_common = 0;

  while (n_common < from->len && n_common < to->len && from->pdata[n_common] == to->pdata[n_common])
    n_common++;
  for (guint i = n_common; i < to->len; i++)
    {
      const Place *place = g_hash_table_lookup (tree->places, to->pdata[i]);

      g_ptr_array_add (names, exp_pickle_tree_name (tree, place->parent, place->index));
    }
  *separator = find_separator (names);
  for (guint i = n_common; i < from->len; i++)
    g_string_append_printf (target, "..%c", *separator);
  for (guint i = 0; i < names->len; i++)
    g_string_append_printf (target, "%s%c", (const char *)names->pdata[i], *separator);
  if (target->len > 0)
    g_string_truncate (target, target->len - 1);
  else
    g_string_append_c (target, '.');
  if (*separator == '/')
    *separator = '\0';
  return g_string_free (target, FALSE);
}
