/* Leaves: which of their children is the value, and what they are called.
 * Knows the classes of parameters and results; how one item is stored is item.c's.
 * Called by node.c, group.c and link.c. */
#include "pypet.h"
#include "type.h"
#include <string.h>

static const char *const standard_classes[]
    = { "Parameter",    "ArrayParameter",  "SparseParameter", "Result", "SparseResult",
        "SharedResult", "PickleParameter", "PickleResult",    NULL };

void
exp_pypet_leaf_init (ExpPypetLeaf *leaf, ExpNode *inner, ExpPypetScope *scope, GRefString *location, const char *name)
{
  static const char *const roles[] = { [EXP_BRANCH_OTHER] = "leaf",
                                       [EXP_BRANCH_CONFIG] = "config",
                                       [EXP_BRANCH_PARAMETERS] = "parameter",
                                       [EXP_BRANCH_DERIVED] = "derived_parameter",
                                       [EXP_BRANCH_RESULTS] = "result" };
  const char *class_name = exp_pypet_class (inner);

  *leaf = (ExpPypetLeaf){ inner, NULL, scope, location, name, class_name, roles[scope->branch], FALSE, FALSE };
  leaf->is_parameter = class_name != NULL && strstr (class_name, "Parameter") != NULL;
  if (!leaf->is_parameter && scope->branch != EXP_BRANCH_RESULTS && scope->branch != EXP_BRANCH_OTHER)
    leaf->is_parameter = class_name == NULL || strstr (class_name, "Result") == NULL;
  if (scope->branch == EXP_BRANCH_OTHER && class_name != NULL)
    leaf->role = leaf->is_parameter ? "parameter" : strstr (class_name, "Result") != NULL ? "result" : "leaf";
  leaf->is_pickled = class_name != NULL && strstr (class_name, "Pickle") != NULL;
  if (!leaf->is_pickled && class_name != NULL && !g_strv_contains (standard_classes, class_name))
    {
      g_autoptr (ExpNode) protocol = exp_pypet_child (inner, "__pckl_prtcl__");
      leaf->is_pickled = protocol != NULL;
    }
}

void
exp_pypet_leaf_hold (ExpPypetLeaf *to, const ExpPypetLeaf *leaf)
{
  *to = *leaf;
  to->name = g_strdup (leaf->name);
  exp_node_ref (to->inner);
  if (to->group != NULL)
    exp_node_ref (to->group);
  exp_pypet_scope_ref (to->scope);
  if (to->location != NULL)
    g_ref_string_acquire (to->location);
}

void
exp_pypet_leaf_release (ExpPypetLeaf *leaf)
{
  exp_node_unref (leaf->inner);
  g_clear_pointer (&leaf->group, exp_node_unref);
  exp_pypet_scope_unref (leaf->scope);
  g_clear_pointer (&leaf->location, g_ref_string_release);
  g_free ((char *)leaf->name);
}

char *
exp_pypet_item_name (const char *stored)
{
  static const char *const suffixes[] = { "__rr__", "__spsp__" };

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (g_str_has_suffix (stored, suffixes[i]) && strlen (stored) > strlen (suffixes[i]))
      return g_strndup (stored, strlen (stored) - strlen (suffixes[i]));
  return g_strdup (stored);
}

gboolean
exp_pypet_is_item (const char *name)
{
  return !exp_pypet_is_hidden_child (name) && strcmp (name, "__pckl_prtcl__") != 0;
}

typedef struct
{
  char *first;
  guint n;
} Count;

static gboolean
count_item (const char *name, ExpNode *child, gpointer data)
{
  Count *count = data;

  if (!exp_pypet_is_item (name))
    return TRUE;
  if (count->n++ == 0)
    count->first = g_strdup (name);
  return count->n < 2;
}

char *
exp_pypet_leaf_single (const ExpPypetLeaf *leaf, GError **error)
{
  static const char *const data_names[] = { "data", "data__rr__", "data__spsp__" };
  Count count = { NULL, 0 };

  for (guint i = 0; leaf->is_parameter && i < G_N_ELEMENTS (data_names); i++)
    {
      g_autoptr (ExpNode) data = exp_pypet_child (leaf->inner, data_names[i]);

      if (data != NULL)
        return g_strdup (data_names[i]);
    }
  gboolean is_listed = exp_node_list (leaf->inner, 0, count_item, &count, error);
  if (is_listed && count.n == 1)
    return count.first;
  g_free (count.first);
  return NULL;
}

/* A parameter that holds nothing, such as None: a file without a line. */
static ExpNode *
empty_parameter (void)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_vstring (TRUE);
  guint64 shape[] = { 0 };
  g_autoptr (ExpArray) nothing = exp_array_new (dtype, 1, shape, NULL);

  return exp_memory_dataset_new (nothing, NULL);
}

static gboolean
note_child (const char *name, ExpNode *child, gpointer data)
{
  *(gboolean *)data = FALSE;
  return FALSE;
}

ExpNode *
exp_pypet_leaf_value (const ExpPypetLeaf *leaf, GError **error)
{
  g_autoptr (GError) local = NULL;
  gboolean is_empty = TRUE;

  if (leaf->is_parameter && leaf->scope->run >= 0)
    {
      ExpNode *value = exp_pypet_range_value (leaf, leaf->scope->run, &local);

      if (value != NULL)
        return value;
      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
    }

  g_autofree char *single = exp_pypet_leaf_single (leaf, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (single != NULL && !exp_pypet_leaf_is_kept_directory (leaf))
    {
      g_autoptr (ExpNode) child = exp_node_lookup (leaf->inner, single, error);
      return child != NULL ? exp_pypet_item_new (leaf, child, single, error) : NULL;
    }
  if (leaf->is_parameter && exp_node_list (leaf->inner, 0, note_child, &is_empty, NULL) && is_empty)
    return empty_parameter ();
  return exp_pypet_items_new (leaf, leaf->inner);
}
