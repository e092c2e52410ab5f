/* Gathering what queries find: what the formats say that there is, and objects with their attributes.
 * Knows nodes; knows no format.
 * Called by scopes. */
#include "index.h"
#include <string.h>

#define MAX_DEPTH 1000

typedef struct
{
  ExpQueryIndex *index;
  ExpIndexLevel level;
  GString *path;    /* of the group whose children are looked at, with a slash at its end; empty for the group itself */
  GHashTable *seen; /* identities of objects: one with several names is found by the first */
  guint depth;
  GError **error;
  gboolean is_failed;
  gboolean is_partial; /* objects were left out for what a format names there */
} Walk;

static gboolean gather_group (Walk *walk, ExpNode *group);

/* One parameter of something that a format names, its path being below the group that the format was asked for. What
 * every query keeps, or what fulfils all of them, is so only below the format's own groups: it would be in the way of
 * whoever looks into many stores. */
static gboolean
add_named (const ExpParameter *parameter, gpointer data)
{
  Walk *walk = data;
  gsize length = walk->path->len;

  if (length > 0 && (parameter->name == NULL || parameter->value == NULL))
    return TRUE;
  g_string_append (walk->path, parameter->path);
  walk->is_failed = !exp_query_index_add (walk->index, walk->path->str, parameter, walk->error);
  g_string_truncate (walk->path, length);
  return !walk->is_failed;
}

/* Attributes that cannot be read hide nothing else. */
static void
gather_attributes (Walk *walk, ExpNode *node, const char *path)
{
  g_auto (GStrv) names = exp_node_list_attributes (node, NULL);

  for (char **name = names; name != NULL && *name != NULL && !walk->is_failed; name++)
    {
      g_autoptr (ExpArray) value = exp_node_read_attribute (node, *name, NULL);
      ExpParameter parameter = { .name = *name, .value = value };

      if (value != NULL)
        walk->is_failed = !exp_query_index_add (walk->index, path, &parameter, walk->error);
    }
}

static void
add_described (Walk *walk, const char *path, const char *name, ExpArray *value)
{
  g_autoptr (ExpArray) owned = value;
  ExpParameter parameter = { .name = name, .value = value };

  if (value != NULL && !walk->is_failed)
    walk->is_failed = !exp_query_index_add (walk->index, path, &parameter, walk->error);
}

static ExpArray *
shape_of (const ExpInfo *info)
{
  guint64 rank = info->rank;
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_UINT, 8, FALSE);
  ExpArray *shape = info->is_null ? NULL : exp_array_new (dtype, 1, &rank, NULL);

  for (guint i = 0; shape != NULL && i < info->rank; i++)
    memcpy (shape->data + 8 * i, &info->shape[i], 8);
  return shape;
}

/* What attributes of expfs' own say of an object, under their names there. */
static void
gather_description (Walk *walk, const ExpInfo *info, const char *path)
{
  gboolean is_dataset = info->kind == EXP_KIND_DATASET;
  g_autofree char *dtype = is_dataset && info->dtype != NULL ? exp_dtype_to_numpy (info->dtype, FALSE) : NULL;

  add_described (walk, path, EXP_DESCRIBED_PREFIX "kind", exp_array_new_text (is_dataset ? "dataset" : "group"));
  add_described (walk, path, EXP_DESCRIBED_PREFIX "dtype", dtype != NULL ? exp_array_new_text (dtype) : NULL);
  add_described (walk, path, EXP_DESCRIBED_PREFIX "shape", is_dataset ? shape_of (info) : NULL);
  add_described (walk, path, EXP_DESCRIBED_PREFIX "role", info->role != NULL ? exp_array_new_text (info->role) : NULL);
  add_described (walk, path, EXP_DESCRIBED_PREFIX "class",
                 info->class_name != NULL ? exp_array_new_text (info->class_name) : NULL);
}

static gboolean
is_seen (Walk *walk, guint64 identity)
{
  return identity != 0 && !g_hash_table_add (walk->seen, g_memdup2 (&identity, sizeof identity));
}

static GHashTable *
new_seen (void)
{
  return g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
}

/* The root of a store in a collection. */
static gboolean
is_store (ExpNode *node)
{
  ExpOutside outside;

  return exp_node_version (node) != 0 && exp_node_look_outside (node, &outside, NULL) && outside.is_store;
}

static gboolean
gather_child (const char *name, ExpNode *child, gpointer data)
{
  Walk *walk = data;
  g_auto (ExpInfo) info = { 0 };
  gsize length = walk->path->len;

  if (!exp_node_describe (child, &info, NULL) || info.kind == EXP_KIND_LINK || is_seen (walk, info.identity))
    return TRUE;
  /* The objects of each store of a collection have numbers of their own. */
  g_autoptr (GHashTable) within = is_store (child) ? new_seen () : NULL;
  GHashTable *outside = walk->seen;
  if (within != NULL)
    walk->seen = within;
  g_string_append (walk->path, name);
  gather_attributes (walk, child, walk->path->str);
  if (walk->level == EXP_INDEX_DESCRIBED && info.kind != EXP_KIND_DATATYPE)
    gather_description (walk, &info, walk->path->str);
  if (info.kind == EXP_KIND_GROUP && walk->depth < MAX_DEPTH && !walk->is_failed)
    {
      g_string_append_c (walk->path, '/');
      walk->depth++;
      gather_group (walk, child);
      walk->depth--;
    }
  walk->seen = outside;
  g_string_truncate (walk->path, length);
  return !walk->is_failed;
}

/* A store of a collection that cannot be read hides no other. */
static gboolean
is_hidden_store (Walk *walk, ExpNode *group, const GError *error)
{
  if (error == NULL || walk->is_failed || walk->path->len == 0 || !is_store (group))
    return FALSE;
  g_warning ("%s: left out: %s", walk->path->str, error->message);
  return TRUE;
}

static gboolean
gather_group (Walk *walk, ExpNode *group)
{
  g_autoptr (GError) local_error = NULL;
  ExpParameterRules others;
  /* What holds for the scope's own group holds for its index. */
  ExpParameterRules *rules = walk->path->len == 0 ? exp_query_index_rules (walk->index) : &others;
  gboolean is_listed = exp_node_list_parameters (group, rules, add_named, walk, &local_error);

  if (is_hidden_store (walk, group, local_error))
    return TRUE;
  if (local_error != NULL && !walk->is_failed)
    g_propagate_error (walk->error, g_steal_pointer (&local_error));
  walk->is_failed |= !is_listed;
  if (walk->is_failed)
    return FALSE;
  if (rules->is_named && walk->level == EXP_INDEX_OWN)
    walk->is_partial = TRUE;
  else
    exp_node_list (group, 0, gather_child, walk, NULL);
  return !walk->is_failed;
}

gboolean
exp_query_gather (ExpQueryIndex *index, ExpNode *group, ExpIndexLevel level, gboolean *is_whole, GError **error)
{
  g_autoptr (GHashTable) seen = new_seen ();
  g_autoptr (GString) path = g_string_new (NULL);
  Walk walk = { .index = index, .level = level, .path = path, .seen = seen, .error = error };
  gboolean is_done = gather_group (&walk, group);

  exp_query_index_finish (index);
  *is_whole = !walk.is_partial;
  return is_done;
}
