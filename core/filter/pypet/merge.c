/* Merging: what the user wants, what follows from it, and then all of it as one change.
 * Knows the order of things; each of them is another file's.
 * Called through tasks.c. */
#include "merge.h"
#include "tasks.h"
#include <string.h>

/* --- what is wanted ----------------------------------------------------------------------------------------- */

static void
step_free (gpointer data)
{
  ExpMergeStep *step = data;

  g_clear_pointer (&step->parent, exp_node_unref);
  g_clear_pointer (&step->node, exp_node_unref);
  g_free (step->name);
  g_free (step->to);
  g_free (step->target);
  g_free (step);
}

static void
name_free (gpointer data)
{
  ExpMergeName *name = data;

  g_free (name->from);
  g_free (name->to);
  g_free (name);
}

void
exp_merge_clear (ExpMerge *merge)
{
  exp_merge_side_clear (&merge->own);
  exp_merge_side_clear (&merge->other);
  g_clear_pointer (&merge->ignored, g_ptr_array_unref);
  g_clear_pointer (&merge->renames, g_ptr_array_unref);
  g_clear_pointer (&merge->changed, g_ptr_array_unref);
  g_clear_pointer (&merge->renamed, g_hash_table_unref);
  g_clear_pointer (&merge->steps, g_ptr_array_unref);
  g_clear_pointer (&merge->names, g_ptr_array_unref);
  g_free (merge->new_runs);
  g_free (merge->trial);
}

static gboolean
read_switches (ExpMerge *merge, GError **error)
{
  const ExpTask *task = merge->task;

  merge->is_move = exp_task_has (task, "move");
  merge->has_delete = exp_task_has (task, "delete");
  merge->drops_duplicates = exp_task_has (task, "remove-duplicates");
  merge->has_info = !exp_task_has (task, "no-info");
  merge->has_other_info = !exp_task_has (task, "no-other-info");
  merge->has_config = !exp_task_has (task, "no-config");
  merge->ignored = g_ptr_array_new_with_free_func (g_free);
  for (const char *const *at = task->switches; at != NULL && *at != NULL; at++)
    if (g_str_has_prefix (*at, "ignore="))
      g_ptr_array_add (merge->ignored, g_strdup (*at + strlen ("ignore=")));
  merge->steps = g_ptr_array_new_with_free_func (step_free);
  merge->names = g_ptr_array_new_with_free_func (name_free);
  merge->renamed = g_hash_table_new (g_str_hash, g_str_equal);
  return exp_merge_read_renames (merge, error);
}

/* --- what cannot be ----------------------------------------------------------------------------------------- */

static gboolean
is_same (ExpPypetTrajectory *own, ExpPypetTrajectory *other)
{
  return own->store == other->store && strcmp (own->name, other->name) == 0;
}

static gboolean
check_two (const ExpMerge *merge, ExpPypetTrajectory *own, ExpPypetTrajectory *other, GError **error)
{
  if (is_same (own, other))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "'%s' cannot be merged into itself", own->name);
      return FALSE;
    }
  if (exp_pypet_is_classic (own) != exp_pypet_is_classic (other))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_VERSION,
                   "'%s' and '%s' were written by releases of pypet that do not load what the other has stored",
                   own->name, other->name);
      return FALSE;
    }
  if (own->store == other->store || (!merge->is_move && !merge->has_delete))
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED,
               "'%s' lies in another store, out of which nothing is %s: merge it, and remove it there afterwards",
               other->name, merge->is_move ? "moved" : "deleted");
  return FALSE;
}

/* Everything is known after this, and nothing has been changed. */
static gboolean
plan (ExpMerge *merge, ExpPypetTrajectory *own, ExpPypetTrajectory *other, GError **error)
{
  return read_switches (merge, error) && check_two (merge, own, other, error)
         && exp_task_step (merge->task, 0, "reading the parameters", error)
         && exp_merge_side_init (&merge->own, own, error) && exp_merge_side_init (&merge->other, other, error)
         && exp_merge_check (merge, error) && exp_merge_walk (merge, error);
}

/* --- doing it ----------------------------------------------------------------------------------------------- */

typedef struct
{
  ExpPypetChange *change;
  const ExpMerge *merge;
  GHashTable *groups; /* full name -> ExpNode */
} Work;

/* A group of our own, which is made when there is none; borrowed. */
static ExpNode *
group_of (Work *work, const char *name, GError **error)
{
  ExpPypetTrajectory *trajectory = work->merge->own.trajectory;
  ExpNode *group = g_hash_table_lookup (work->groups, name);
  const char *dot = strrchr (name, '.');
  ExpPypetPacking packing;

  if (*name == '\0')
    return trajectory->inner;
  if (group != NULL)
    return group;
  g_autofree char *above = g_strndup (name, dot != NULL ? (gsize)(dot - name) : 0);
  ExpNode *parent = group_of (work, above, error);
  if (parent == NULL)
    return NULL;
  const char *own = dot != NULL ? dot + 1 : name;
  group = exp_pypet_child (parent, own);
  exp_pypet_packing (trajectory, &packing);
  if (group == NULL)
    group = exp_pytables_group (work->change, parent, own, own,
                                exp_pypet_is_classic (trajectory) ? NULL : &packing.packing, error);
  if (group != NULL)
    g_hash_table_insert (work->groups, g_strdup (name), group);
  return group;
}

static gboolean
take (Work *work, const ExpMergeStep *step, GError **error)
{
  const char *dot = strrchr (step->to, '.');
  g_autofree char *above = g_strndup (step->to, dot != NULL ? (gsize)(dot - step->to) : 0);
  const char *name = dot != NULL ? dot + 1 : step->to;
  ExpNode *group = group_of (work, above, error);

  if (group == NULL)
    return FALSE;
  if (step->target != NULL)
    return exp_pypet_change_symlink (work->change, group, name, step->target, error);
  return work->merge->is_move ? exp_pypet_change_move (work->change, step->parent, step->name, group, name, error)
                              : exp_pypet_change_copy (work->change, group, name, step->node, error);
}

static gboolean
take_all (Work *work, GError **error)
{
  const GPtrArray *steps = work->merge->steps;

  for (guint i = 0; i < steps->len; i++)
    {
      const ExpMergeStep *step = steps->pdata[i];

      if (!exp_task_step (work->merge->task, (double)i / steps->len, step->to, error))
        return FALSE;
      if (take (work, step, error))
        continue;
      g_prefix_error (error, "%s: ", step->to);
      return FALSE;
    }
  return TRUE;
}

/* Nothing is read after the first leaf is taken: what was changed would have to be brought to where readers look. */
static gboolean
apply (Work *work, const ExpArray *rows, GError **error)
{
  const ExpMerge *merge = work->merge;
  const ExpMergeSide *other = &merge->other;

  if (!exp_pypet_runs_add (work->change, merge->own.trajectory, rows, error))
    return FALSE;
  for (guint i = 0; i < merge->changed->len; i++)
    if (!exp_merge_join (work->change, merge, merge->changed->pdata[i], error))
      return FALSE;
  return (!merge->has_info || exp_merge_note (work->change, merge, error))
         && exp_merge_overview (work->change, merge, error) && take_all (work, error)
         && (!merge->has_delete
             || exp_pypet_change_remove (work->change, other->trajectory->store->root, other->trajectory->name, error));
}

/* Of files that are half written nobody knows what they will be. Paths are below the store's root. */
static gboolean
check_unwritten (const ExpMerge *merge, GError **error)
{
  g_autofree char *parameters = g_strconcat (merge->own.trajectory->name, "/parameters", NULL);

  return exp_task_check_unwritten (merge->task, parameters, error)
         && (merge->own.trajectory->store != merge->other.trajectory->store
             || exp_task_check_unwritten (merge->task, merge->other.trajectory->name, error));
}

static void
note_removed (const ExpMerge *merge)
{
  const char *other = merge->other.trajectory->name;

  if (merge->has_delete)
    exp_task_note_removed (merge->task, other);
  for (guint i = 0; i < merge->names->len && merge->is_move && !merge->has_delete; i++)
    {
      g_autofree char *name = g_strdelimit (g_strdup (((ExpMergeName *)merge->names->pdata[i])->from), ".", '/');
      g_autofree char *path = g_strconcat (other, "/", name, NULL);

      exp_task_note_removed (merge->task, path);
    }
}

static gboolean
perform (const ExpMerge *merge, GError **error)
{
  g_autoptr (ExpArray) rows = exp_merge_run_rows (merge, error);
  g_autoptr (GHashTable) groups
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)exp_node_unref);
  Work work = { NULL, merge, groups };

  if (rows == NULL || !check_unwritten (merge, error))
    return FALSE;
  work.change = exp_pypet_change_begin (merge->own.trajectory->store, error);
  if (work.change == NULL)
    return FALSE;
  exp_pypet_change_note_moved (work.change);
  if (!exp_pypet_change_end (work.change, apply (&work, rows, error)))
    return FALSE;
  note_removed (merge);
  return TRUE;
}

static void
say_names (const ExpMerge *merge)
{
  for (guint i = 0; i < merge->names->len; i++)
    {
      const ExpMergeName *name = merge->names->pdata[i];

      exp_task_say (merge->task, "%s -> %s", name->from, name->to);
    }
}

gboolean
exp_pypet_merge (ExpPypetTrajectory *own, ExpPypetTrajectory *other, ExpTask *task, GError **error)
{
  g_auto (ExpMerge) merge = { .task = task };

  if (!plan (&merge, own, other, error))
    return FALSE;
  if (task->is_dry_run)
    {
      say_names (&merge);
      return TRUE;
    }
  return perform (&merge, error);
}
