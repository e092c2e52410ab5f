/* Changes: the steps of one operation on a store, noted so that they can be undone, newest first.
 * Knows the operations of nodes, no pypet.
 * Called by the files of this folder that write. */
#include "write_change.h"
#include <string.h>

typedef enum
{
  STEP_CREATED, /* the child `name` of `node` */
  STEP_MOVED,   /* it is the child `new_name` of `new_parent` now */
  STEP_ATTRIBUTE,
  STEP_ROWS,
  STEP_N_ROWS,
} StepKind;

typedef struct
{
  StepKind kind;
  ExpNode *node;
  char *name;
  ExpNode *new_parent;
  char *new_name;
  ExpArray *old; /* ATTRIBUTE (NULL: there was none), ROWS */
  guint64 row;   /* ROWS: the first; N_ROWS: how many there were */
} Step;

struct _ExpPypetChange
{
  ExpPypetStore *store;
  GArray *steps;    /* of Step */
  GArray *removed;  /* of guint: the steps that moved what goes at the end out of sight */
  GHashTable *made; /* of ExpNode: what was made on the way and goes whole when the change fails */
  gboolean is_moved;
};

static void
clear_step (gpointer data)
{
  Step *step = data;

  exp_node_unref (step->node);
  g_clear_pointer (&step->new_parent, exp_node_unref);
  g_clear_pointer (&step->old, exp_array_unref);
  g_free (step->name);
  g_free (step->new_name);
}

ExpPypetChange *
exp_pypet_change_begin (ExpPypetStore *store, GError **error)
{
  if (!store->is_writable)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_READ_ONLY, "the store is open for reading");
      return NULL;
    }

  ExpPypetChange *change = g_new0 (ExpPypetChange, 1);
  change->store = exp_pypet_store_ref (store);
  change->steps = g_array_new (FALSE, FALSE, sizeof (Step));
  g_array_set_clear_func (change->steps, clear_step);
  change->removed = g_array_new (FALSE, FALSE, sizeof (guint));
  change->made = g_hash_table_new_full (NULL, NULL, (GDestroyNotify)exp_node_unref, NULL);
  g_mutex_lock (&store->changing);
  return change;
}

void
exp_pypet_change_note_moved (ExpPypetChange *change)
{
  change->is_moved = TRUE;
}

char *
exp_pypet_change_name (ExpPypetChange *change)
{
  return g_strdup_printf ("_p_expfs_%u", change->store->n_names++);
}

static gboolean
write_rows (ExpNode *table, guint64 row, const ExpArray *cells, GError **error)
{
  ExpSlab slab = { .rank = 1, .start = { row }, .count = { cells->n_elements }, .step = { 1 } };

  return exp_node_write (table, &slab, cells, error);
}

static gboolean
undo_step (const Step *step, GError **error)
{
  switch (step->kind)
    {
    case STEP_CREATED:
      return exp_node_remove_tree (step->node, step->name, error);
    case STEP_MOVED:
      return exp_node_move (step->new_parent, step->new_name, step->node, step->name, EXP_MOVE_NO_REPLACE, error);
    case STEP_ATTRIBUTE:
      return step->old != NULL ? exp_node_write_attribute (step->node, step->name, step->old, error)
                               : exp_node_remove_attribute (step->node, step->name, error);
    case STEP_ROWS:
      return write_rows (step->node, step->row, step->old, error);
    case STEP_N_ROWS:
      return exp_node_resize (step->node, 1, &step->row, error);
    }
  return TRUE;
}

static void
undo (ExpPypetChange *change)
{
  for (guint i = change->steps->len; i > 0; i--)
    {
      g_autoptr (GError) error = NULL;

      if (!undo_step (&g_array_index (change->steps, Step, i - 1), &error))
        g_warning ("a change that failed could not be undone: %s", error->message);
    }
}

/* What cannot be removed any more stays out of sight. */
static void
remove_for_good (ExpPypetChange *change)
{
  for (guint i = 0; i < change->removed->len; i++)
    {
      const Step *step = &g_array_index (change->steps, Step, g_array_index (change->removed, guint, i));
      g_autoptr (GError) error = NULL;

      if (!exp_node_remove_tree (step->new_parent, step->new_name, &error))
        g_warning ("what was removed still takes room in the store: %s", error->message);
    }
}

gboolean
exp_pypet_change_end (ExpPypetChange *change, gboolean is_done)
{
  if (is_done)
    remove_for_good (change);
  else
    undo (change);
  if (change->removed->len > 0 || change->is_moved)
    g_atomic_int_inc (&change->store->n_changes);
  g_mutex_unlock (&change->store->changing);
  g_array_unref (change->steps);
  g_array_unref (change->removed);
  g_hash_table_unref (change->made);
  exp_pypet_store_unref (change->store);
  g_free (change);
  return is_done;
}

static void
note (ExpPypetChange *change, StepKind kind, ExpNode *node, const char *name, ExpArray *old, guint64 row)
{
  Step step = { .kind = kind, .node = exp_node_ref (node), .name = g_strdup (name), .old = old, .row = row };

  g_array_append_val (change->steps, step);
}

static ExpNode *
note_made (ExpPypetChange *change, ExpNode *parent, const char *name, ExpNode *node)
{
  if (node == NULL)
    return NULL;
  if (!g_hash_table_contains (change->made, parent))
    note (change, STEP_CREATED, parent, name, NULL, 0);
  g_hash_table_add (change->made, exp_node_ref (node));
  return node;
}

ExpNode *
exp_pypet_change_create_group (ExpPypetChange *change, ExpNode *parent, const char *name, GError **error)
{
  return note_made (change, parent, name, exp_node_create_group (parent, name, error));
}

ExpNode *
exp_pypet_change_create_dataset (ExpPypetChange *change, ExpNode *parent, const char *name,
                                 const ExpNewDataset *dataset, GError **error)
{
  return note_made (change, parent, name, exp_node_create_dataset (parent, name, dataset, error));
}

/* In what was made on the way it goes with that. */
gboolean
exp_pypet_change_copy (ExpPypetChange *change, ExpNode *parent, const char *name, ExpNode *source, GError **error)
{
  if (!exp_node_copy (parent, name, source, error))
    return FALSE;
  if (!g_hash_table_contains (change->made, parent))
    note (change, STEP_CREATED, parent, name, NULL, 0);
  return TRUE;
}

gboolean
exp_pypet_change_symlink (ExpPypetChange *change, ExpNode *parent, const char *name, const char *target, GError **error)
{
  if (!exp_node_symlink (parent, name, target, error))
    return FALSE;
  note (change, STEP_CREATED, parent, name, NULL, 0);
  return TRUE;
}

gboolean
exp_pypet_change_move (ExpPypetChange *change, ExpNode *parent, const char *name, ExpNode *new_parent,
                       const char *new_name, GError **error)
{
  if (!exp_node_move (parent, name, new_parent, new_name, EXP_MOVE_NO_REPLACE, error))
    return FALSE;
  note (change, STEP_MOVED, parent, name, NULL, 0);

  Step *step = &g_array_index (change->steps, Step, change->steps->len - 1);
  step->new_parent = exp_node_ref (new_parent);
  step->new_name = g_strdup (new_name);
  return TRUE;
}

gboolean
exp_pypet_change_remove (ExpPypetChange *change, ExpNode *parent, const char *name, GError **error)
{
  g_autofree char *hidden = exp_pypet_change_name (change);
  guint step = change->steps->len;

  if (!exp_pypet_change_move (change, parent, name, parent, hidden, error))
    return FALSE;
  g_array_append_val (change->removed, step);
  return TRUE;
}

gboolean
exp_pypet_change_attribute (ExpPypetChange *change, ExpNode *node, const char *name, ExpArray *value, GError **error)
{
  if (value != NULL && g_hash_table_contains (change->made, node))
    return exp_node_write_attribute (node, name, value, error);

  g_autoptr (GError) missing = NULL;
  g_autoptr (ExpArray) old = exp_node_read_attribute (node, name, &missing);

  if (old == NULL && !g_error_matches (missing, EXP_ERROR, EXP_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&missing));
      return FALSE;
    }
  if (value == NULL && old == NULL)
    return TRUE;
  if (!(value != NULL ? exp_node_write_attribute (node, name, value, error)
                      : exp_node_remove_attribute (node, name, error)))
    return FALSE;
  note (change, STEP_ATTRIBUTE, node, name, g_steal_pointer (&old), 0);
  return TRUE;
}

static gboolean
note_rows (ExpPypetChange *change, ExpNode *table, guint64 row, guint64 n, GError **error)
{
  ExpSlab slab = { .rank = 1, .start = { row }, .count = { n }, .step = { 1 } };
  g_auto (ExpInfo) info = { 0 };
  ExpArray *old = exp_node_describe (table, &info, error) ? exp_node_read (table, &info, &slab, error) : NULL;

  if (old == NULL)
    return FALSE;
  note (change, STEP_ROWS, table, NULL, old, row);
  return TRUE;
}

gboolean
exp_pypet_change_rows (ExpPypetChange *change, ExpNode *table, guint64 row, const ExpArray *cells, GError **error)
{
  return (g_hash_table_contains (change->made, table) || note_rows (change, table, row, cells->n_elements, error))
         && write_rows (table, row, cells, error);
}

gboolean
exp_pypet_change_n_rows (ExpPypetChange *change, ExpNode *table, guint64 n, GError **error)
{
  guint64 before = exp_pypet_n_rows (table);

  if (n < before && !note_rows (change, table, n, before - n, error))
    return FALSE;
  if (!exp_node_resize (table, 1, &n, error))
    return FALSE;
  note (change, STEP_N_ROWS, table, NULL, NULL, before);
  return TRUE;
}
