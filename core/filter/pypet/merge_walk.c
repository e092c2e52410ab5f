/* What is taken from the other trajectory, and where it goes: leaves one by one, or whole groups of them where these
 * stay as they are. Knows which leaves and links pypet merges; names are merge_name.c's. Called by merge.c, before
 * anything is changed. */
#include "merge.h"
#include <string.h>

/* Deeper trees are damaged ones, whose groups lie within themselves. */
#define MAX_DEPTH 64

/* A link of the other trajectory, to be looked at when all names are known. */
typedef struct
{
  GPtrArray *parts; /* of char * */
  char *target;
} Link;

typedef struct
{
  ExpMerge *merge;
  ExpPypetBranch branch;
  gboolean is_for_links; /* of leaves nothing is taken */
  GPtrArray *parts;      /* of char *: of the name */
  GPtrArray *links;      /* of Link */
  GHashTable *places;    /* name of a group of our own -> its ExpNode, or NULL: there is none */
  GHashTable *taken;     /* new names */
} Walk;

static void
link_free (gpointer data)
{
  Link *link = data;

  g_ptr_array_unref (link->parts);
  g_free (link->target);
  g_free (link);
}

static GPtrArray *
copy_parts (const GPtrArray *parts)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < parts->len; i++)
    g_ptr_array_add (copy, g_strdup (parts->pdata[i]));
  return copy;
}

static char *
join_parts (const GPtrArray *parts)
{
  GString *name = g_string_new (NULL);

  for (guint i = 0; i < parts->len; i++)
    g_string_append_printf (name, "%s%s", i > 0 ? "." : "", (char *)parts->pdata[i]);
  return g_string_free (name, FALSE);
}

/* --- our own trajectory ------------------------------------------------------------------------------------- */

/* Borrowed; NULL when there is none. EXP_ERROR_INVALID where a leaf is in the way. */
static ExpNode *
own_group (Walk *walk, const char *name, GError **error)
{
  const char *dot = strrchr (name, '.');
  gpointer known;

  if (*name == '\0')
    return walk->merge->own.trajectory->inner;
  if (g_hash_table_lookup_extended (walk->places, name, NULL, &known))
    return known;
  g_autofree char *above = dot != NULL ? g_strndup (name, (gsize)(dot - name)) : NULL;
  ExpNode *parent = above != NULL ? own_group (walk, above, error) : walk->merge->own.trajectory->inner;
  ExpNode *group = parent != NULL ? exp_pypet_child (parent, dot != NULL ? dot + 1 : name) : NULL;
  if (group != NULL && exp_pypet_is_leaf (group))
    {
      exp_node_unref (group);
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
                   "'%s' is a leaf here, and a group with something in it in the other trajectory", name);
      return NULL;
    }
  g_hash_table_insert (walk->places, g_strdup (name), group);
  return group;
}

/* *exists: something of our own has that name. */
static gboolean
look_for_own (Walk *walk, const char *name, gboolean *exists, GError **error)
{
  const char *dot = strrchr (name, '.');
  g_autofree char *above = g_strndup (name, dot != NULL ? (gsize)(dot - name) : 0);
  g_autoptr (GError) local = NULL;
  ExpNode *group = own_group (walk, above, &local);
  g_autoptr (ExpNode) node = group != NULL ? exp_pypet_child (group, dot != NULL ? dot + 1 : name) : NULL;

  *exists = node != NULL;
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* --- leaves ------------------------------------------------------------------------------------------------- */

static void
add_step (Walk *walk, ExpNode *parent, const char *name, ExpNode *node, const char *to)
{
  ExpMergeStep *step = g_new0 (ExpMergeStep, 1);

  step->parent = exp_node_ref (parent);
  step->name = g_strdup (name);
  step->node = exp_node_ref (node);
  step->to = g_strdup (to);
  g_ptr_array_add (walk->merge->steps, step);
}

static gboolean
add_name (Walk *walk, const char *from, const char *to, GError **error)
{
  ExpMerge *merge = walk->merge;
  ExpMergeName *name = g_new0 (ExpMergeName, 1);

  name->from = g_strdup (from);
  name->to = g_strdup (to);
  g_ptr_array_add (merge->names, name);
  g_hash_table_insert (merge->renamed, name->from, name->to);
  if (g_hash_table_add (walk->taken, name->to))
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "two of what is merged would be '%s'", to);
  return FALSE;
}

static void
add_link (Walk *walk, const GPtrArray *parts, const char *target)
{
  Link *link = g_new0 (Link, 1);

  link->parts = copy_parts (parts);
  link->target = g_strdup (target);
  g_ptr_array_add (walk->links, link);
}

static void
add_link_step (Walk *walk, const char *to, const char *target)
{
  ExpMergeStep *step = g_new0 (ExpMergeStep, 1);
  g_autofree char *path = g_strdelimit (g_strdup (target), ".", '/');

  step->to = g_strdup (to);
  step->target = g_strconcat ("/", walk->merge->own.trajectory->name, "/", path, NULL);
  g_ptr_array_add (walk->merge->steps, step);
}

static ExpMergeParameter *
derived_parameter (ExpPypetTrajectory *trajectory, ExpNode *inner)
{
  g_autoptr (ExpPypetScope) scope = exp_pypet_scope_new (trajectory, EXP_BRANCH_DERIVED, -1);
  ExpPypetLeaf leaf;

  exp_pypet_leaf_init (&leaf, inner, scope, NULL, "");
  return exp_merge_parameter_new (&leaf, "", NULL);
}

static gboolean
is_same_value (const Walk *walk, ExpNode *own, ExpNode *other)
{
  ExpMergeParameter *first = derived_parameter (walk->merge->own.trajectory, own);
  ExpMergeParameter *second = derived_parameter (walk->merge->other.trajectory, other);
  gboolean is_same = first != NULL && second != NULL && first->range == NULL && second->range == NULL
                     && first->kind == second->kind && g_bytes_equal (first->own, second->own);

  g_clear_pointer (&first, exp_merge_parameter_free);
  g_clear_pointer (&second, exp_merge_parameter_free);
  return is_same;
}

/* What a derived parameter holds for all runs goes to the first new run, and the others have links to it. */
static gboolean
take_for_all (Walk *walk, ExpNode *parent, const char *name, ExpNode *node, const char *full, GError **error)
{
  ExpMerge *merge = walk->merge;
  guint64 first = merge->own.n_runs;
  g_autofree char *to = exp_merge_name_in_run (merge, walk->parts, first);
  g_autofree char *same = exp_merge_new_name (merge, walk->parts);
  gboolean exists;

  if (to == NULL || same == NULL)
    return TRUE;
  g_autofree char *path = g_strdelimit (g_strdup (same), ".", '/');
  g_autoptr (ExpNode) own = exp_node_resolve (merge->own.trajectory->inner, path, NULL);
  if (own != NULL && is_same_value (walk, own, node))
    return TRUE;
  if (!look_for_own (walk, to, &exists, error))
    return FALSE;
  if (exists)
    return TRUE;
  add_step (walk, parent, name, node, to);
  for (guint64 run = first + 1; run < first + merge->n_taken; run++)
    {
      g_autofree char *link = exp_merge_name_in_run (merge, walk->parts, run);
      add_link_step (walk, link, to);
    }
  return add_name (walk, full, to, error);
}

/* Whether the leaf is one that goes along: of a run, or one that our own trajectory lacks. *to is NULL when not. */
static gboolean
find_new_place (Walk *walk, const char *full, char **to, GError **error)
{
  gboolean exists;

  *to = exp_merge_new_name (walk->merge, walk->parts);
  if (*to == NULL)
    return TRUE;
  /* Those that are no run's were compared: both have them. */
  if (walk->branch == EXP_BRANCH_DERIVED && strcmp (*to, full) == 0 && !exp_merge_has_run (full))
    g_clear_pointer (to, g_free);
  if (*to == NULL)
    return TRUE;
  if (!look_for_own (walk, *to, &exists, error))
    return FALSE;
  if (!exists)
    return TRUE;
  if (walk->branch != EXP_BRANCH_CONFIG)
    exp_task_say (walk->merge->task, "%s: there is a %s already, so this one is not merged", full, *to);
  g_clear_pointer (to, g_free);
  return TRUE;
}

static gboolean
is_for_all (const Walk *walk)
{
  for (guint i = 0; i < walk->parts->len; i++)
    if (exp_merge_is_for_all_runs (walk->parts->pdata[i]))
      return TRUE;
  return FALSE;
}

/* *is_taken: it goes along, under the name that follows from its group's. */
static gboolean
visit_leaf (Walk *walk, ExpNode *parent, const char *name, ExpNode *node, const char *full, const char *group_to,
            gboolean *is_taken, GError **error)
{
  g_autofree char *to = NULL;

  *is_taken = FALSE;
  if (walk->is_for_links)
    return TRUE;
  if (is_for_all (walk))
    return walk->branch != EXP_BRANCH_DERIVED || take_for_all (walk, parent, name, node, full, error);
  if (!find_new_place (walk, full, &to, error))
    return FALSE;
  if (to == NULL)
    return TRUE;
  add_step (walk, parent, name, node, to);
  gsize length = group_to != NULL ? strlen (group_to) : 0;
  *is_taken = group_to != NULL && strncmp (to, group_to, length) == 0 && to[length] == '.'
              && strcmp (to + length + 1, name) == 0;
  return add_name (walk, full, to, error);
}

/* --- groups ------------------------------------------------------------------------------------------------- */

typedef struct
{
  char *name;
  ExpNode *node;
} Child;

static void
clear_child (gpointer data)
{
  Child *child = data;

  g_free (child->name);
  exp_node_unref (child->node);
}

static gboolean
note_child (const char *name, ExpNode *node, gpointer data)
{
  Child child = { g_strdup (name), exp_node_ref (node) };

  g_array_append_val (data, child);
  return TRUE;
}

/* Comments and annotations of groups are not merged. */
static gboolean
has_service (ExpNode *group)
{
  g_auto (GStrv) names = exp_node_list_attributes (group, NULL);

  for (char **name = names; name != NULL && *name != NULL; name++)
    if (g_str_has_prefix (*name, "SRVC_"))
      return TRUE;
  return names == NULL;
}

static gboolean visit_group (Walk *walk, ExpNode *parent, const char *name, ExpNode *group, const char *full,
                             gboolean *is_whole, GError **error);

static gboolean
visit_child (Walk *walk, ExpNode *group, const Child *child, const char *group_to, gboolean *is_whole, GError **error)
{
  g_autofree char *full = join_parts (walk->parts);
  g_auto (ExpInfo) info = { 0 };

  *is_whole = FALSE;
  if (exp_pypet_is_hidden_child (child->name) || exp_merge_is_ignored (walk->merge, full))
    return TRUE;
  if (!exp_node_describe (child->node, &info, error))
    {
      g_prefix_error (error, "%s: ", full);
      return FALSE;
    }
  if (info.kind == EXP_KIND_LINK && !info.is_external && info.target != NULL)
    add_link (walk, walk->parts, info.target);
  if (info.kind != EXP_KIND_GROUP)
    return TRUE;
  if (exp_pypet_is_leaf (child->node))
    return visit_leaf (walk, group, child->name, child->node, full, group_to, is_whole, error);
  return visit_group (walk, group, child->name, child->node, full, is_whole, error);
}

/* One step instead of those for all that is in the group, from `first` on. */
static void
take_whole (Walk *walk, ExpNode *parent, const char *name, ExpNode *group, const char *to, guint first)
{
  g_ptr_array_set_size (walk->merge->steps, (gint)first);
  add_step (walk, parent, name, group, to);
}

static gboolean
visit_group (Walk *walk, ExpNode *parent, const char *name, ExpNode *group, const char *full, gboolean *is_whole,
             GError **error)
{
  g_autoptr (GArray) children = g_array_new (FALSE, FALSE, sizeof (Child));
  const guint first = walk->merge->steps->len;
  g_autofree char *to = is_for_all (walk) ? NULL : exp_merge_new_name (walk->merge, walk->parts);
  const char *part = walk->parts->pdata[walk->parts->len - 1];
  g_autoptr (GError) local = NULL;

  *is_whole = FALSE;
  if (to == NULL && exp_pypet_is_run_name (part) && !g_str_has_prefix (part, "run_set_"))
    return TRUE;
  if (walk->parts->len > MAX_DEPTH)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "%s: groups lie too deep within each other", full);
      return FALSE;
    }
  g_array_set_clear_func (children, clear_child);
  if (!exp_task_step (walk->merge->task, 0, "looking for what there is to merge", error)
      || !exp_node_list (group, 0, note_child, children, error))
    return FALSE;

  *is_whole = to != NULL && children->len > 0 && !walk->is_for_links;
  for (guint i = 0; i < children->len; i++)
    {
      const Child *child = &g_array_index (children, Child, i);
      gboolean is_child_whole;

      g_ptr_array_add (walk->parts, child->name);
      gboolean is_done = visit_child (walk, group, child, to, &is_child_whole, error);
      g_ptr_array_set_size (walk->parts, (gint)walk->parts->len - 1);
      if (!is_done)
        return FALSE;
      *is_whole = *is_whole && is_child_whole;
    }
  if (!*is_whole || walk->parts->len < 2 || has_service (group))
    {
      *is_whole = FALSE;
      return TRUE;
    }
  ExpNode *own = own_group (walk, to, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  *is_whole = own == NULL;
  if (*is_whole)
    take_whole (walk, parent, name, group, to, first);
  return TRUE;
}

static gboolean
visit_path (Walk *walk, ExpPypetBranch branch, gboolean is_for_links, const char *name, const char *below,
            GError **error)
{
  ExpNode *top = walk->merge->other.trajectory->inner;
  g_autoptr (ExpNode) parent = below == NULL ? exp_node_ref (top) : exp_pypet_child (top, name);
  g_autoptr (ExpNode) group = parent != NULL ? exp_pypet_child (parent, below != NULL ? below : name) : NULL;
  g_autofree char *full = below != NULL ? g_strconcat (name, ".", below, NULL) : g_strdup (name);
  gboolean is_whole;

  if (group == NULL || exp_merge_is_ignored (walk->merge, full))
    return TRUE;
  walk->branch = branch;
  walk->is_for_links = is_for_links;
  g_ptr_array_set_size (walk->parts, 0);
  g_ptr_array_add (walk->parts, (char *)name);
  if (below != NULL)
    g_ptr_array_add (walk->parts, (char *)below);
  return visit_group (walk, parent, below != NULL ? below : name, group, full, &is_whole, error);
}

/* --- links -------------------------------------------------------------------------------------------------- */

static gboolean
is_there (Walk *walk, const char *name)
{
  gsize length = strlen (name);
  gboolean exists;

  if (g_hash_table_contains (walk->taken, name) || (look_for_own (walk, name, &exists, NULL) && exists))
    return TRUE;
  for (guint i = 0; i < walk->merge->names->len; i++)
    {
      const char *to = ((ExpMergeName *)walk->merge->names->pdata[i])->to;

      if (strncmp (to, name, length) == 0 && to[length] == '.')
        return TRUE;
    }
  return FALSE;
}

/* The full name that a link of the other trajectory leads to; NULL when it leads out of it. Caller frees. */
static char *
target_name (const Walk *walk, const Link *link)
{
  g_autofree char *prefix = g_strconcat ("/", walk->merge->other.trajectory->name, "/", NULL);

  return g_str_has_prefix (link->target, prefix) ? g_strdelimit (g_strdup (link->target + strlen (prefix)), "/", '.')
                                                 : NULL;
}

static void
resolve_link (Walk *walk, const Link *link)
{
  ExpMerge *merge = walk->merge;
  g_autofree char *from = join_parts (link->parts);
  g_autofree char *target = target_name (walk, link);
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) split = g_strsplit (target != NULL ? target : "", ".", -1);
  gboolean exists = TRUE, is_for_all_runs = FALSE;

  for (char **part = split; *part != NULL; part++)
    {
      g_ptr_array_add (parts, g_strdup (*part));
      is_for_all_runs |= exp_merge_is_for_all_runs (*part);
    }
  for (guint i = 0; i < link->parts->len; i++)
    is_for_all_runs |= exp_merge_is_for_all_runs (link->parts->pdata[i]);
  g_autofree char *to = exp_merge_new_name (merge, link->parts);
  g_autofree char *new_target = target != NULL ? exp_merge_new_name (merge, parts) : NULL;
  if (to == NULL)
    return;
  if (is_for_all_runs || new_target == NULL || !is_there (walk, new_target))
    exp_task_say (merge->task, "%s: the link to %s is not merged, since that is not where it could lead", from,
                  target != NULL ? target : link->target);
  else if (look_for_own (walk, to, &exists, NULL) && !exists && !g_hash_table_contains (walk->taken, to))
    add_link_step (walk, to, new_target);
}

/* --- all of it ---------------------------------------------------------------------------------------------- */

static void
unref_node (gpointer node)
{
  if (node != NULL)
    exp_node_unref (node);
}

static gboolean
note_other_group (const char *name, ExpNode *node, gpointer data)
{
  if (exp_pypet_branch_of (name) == EXP_BRANCH_OTHER && strcmp (name, "overview") != 0)
    return note_child (name, node, data);
  return TRUE;
}

/* Groups outside the four branches have links, too; and the trajectory itself. */
static gboolean
visit_others (Walk *walk, GError **error)
{
  g_autoptr (GArray) children = g_array_new (FALSE, FALSE, sizeof (Child));

  g_array_set_clear_func (children, clear_child);
  if (!exp_node_list (walk->merge->other.trajectory->inner, 0, note_other_group, children, error))
    return FALSE;
  walk->branch = EXP_BRANCH_OTHER;
  walk->is_for_links = TRUE;
  g_ptr_array_set_size (walk->parts, 0);
  for (guint i = 0; i < children->len; i++)
    {
      const Child *child = &g_array_index (children, Child, i);
      gboolean is_whole;

      g_ptr_array_add (walk->parts, child->name);
      gboolean is_done = visit_child (walk, walk->merge->other.trajectory->inner, child, NULL, &is_whole, error);
      g_ptr_array_set_size (walk->parts, 0);
      if (!is_done)
        return FALSE;
    }
  return TRUE;
}

static gboolean
visit_all (Walk *walk, GError **error)
{
  static const char *const config[] = { "git", "environment", "merge" };

  for (guint i = 0; i < G_N_ELEMENTS (config) && walk->merge->has_config; i++)
    if (!visit_path (walk, EXP_BRANCH_CONFIG, FALSE, "config", config[i], error))
      return FALSE;
  return visit_path (walk, EXP_BRANCH_PARAMETERS, TRUE, "parameters", NULL, error)
         && visit_path (walk, EXP_BRANCH_DERIVED, FALSE, "derived_parameters", NULL, error)
         && visit_path (walk, EXP_BRANCH_RESULTS, FALSE, "results", NULL, error) && visit_others (walk, error);
}

gboolean
exp_merge_walk (ExpMerge *merge, GError **error)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();
  g_autoptr (GPtrArray) links = g_ptr_array_new_with_free_func (link_free);
  g_autoptr (GHashTable) places = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, unref_node);
  g_autoptr (GHashTable) taken = g_hash_table_new (g_str_hash, g_str_equal);
  Walk walk = { .merge = merge, .parts = parts, .links = links, .places = places, .taken = taken };

  if (!visit_all (&walk, error) || !exp_merge_check_renames (merge, error))
    return FALSE;
  for (guint i = 0; i < links->len; i++)
    resolve_link (&walk, links->pdata[i]);
  return TRUE;
}
