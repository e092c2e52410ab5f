/* A range as a directory with a value for each run: run_00000003, and run_00000003.pickle or .npz where it is one.
 * Knows names; how a value is stored is write_range_run.c's.
 * Called by write_range.c. */
#include "live.h"
#include "write.h"
#include "write_range.h"
#include <string.h>

static gboolean
parse_run (const char *name, guint64 *run)
{
  if (!exp_pypet_is_run_name (name) || g_str_has_prefix (name, "run_set_"))
    return FALSE;
  *run = g_ascii_strtoull (name + strlen ("run_"), NULL, 10);
  return TRUE;
}

/* The run of run_00000003.pickle, when the parameter's values are such. */
static gboolean
parse_file (const ExpPypetLeaf *leaf, const char *name, guint64 *run, ExpPypetWhole *kind)
{
  g_autofree char *stem = exp_pypet_whole_stem (name, kind);

  return stem != NULL && parse_run (stem, run) && exp_pypet_range_takes (leaf, *kind);
}

typedef struct
{
  ExpPypetLive base;
  ExpPypetLeaf leaf; /* held */
  guint64 run;
} Value;

static ExpNode *
make_value (ExpDelegate *delegate, GError **error)
{
  Value *self = (Value *)delegate;

  return exp_pypet_range_value (&self->leaf, self->run, error);
}

/* It may be written as that of the run, too, and what is stored is another object then. */
static gboolean
value_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  if (!exp_delegate_describe (node, info, error))
    return FALSE;
  info->is_unsteady = TRUE;
  info->identity = info->n_links = 0;
  return TRUE;
}

static gboolean
value_write (ExpNode *node, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  Value *self = (Value *)node;
  ExpPypetChange *change = exp_pypet_change_begin (self->leaf.scope->trajectory->store, error);

  return change != NULL
         && exp_pypet_change_end (change,
                                  exp_pypet_range_write_run (change, &self->leaf, self->run, slab, array, error));
}

static void
value_free (ExpNode *node)
{
  Value *self = (Value *)node;

  exp_pypet_live_clear (&self->base);
  exp_pypet_leaf_release (&self->leaf);
  g_free (self);
}

static const ExpNodeClass value_class = {
  .free = value_free,
  .describe = value_describe,
  .list = exp_delegate_list,
  .lookup = exp_delegate_lookup,
  .read = exp_delegate_read,
  .list_attributes = exp_delegate_list_attributes,
  .read_attribute = exp_delegate_read_attribute,
  .write = value_write,
};

static ExpNode *
value_new (const ExpPypetLeaf *leaf, guint64 run)
{
  Value *self = g_new0 (Value, 1);

  exp_pypet_live_init (&self->base, &value_class, leaf->scope->trajectory->store, make_value);
  exp_pypet_leaf_hold (&self->leaf, leaf);
  self->run = run;
  return &self->base.base.base;
}

static gboolean
has_run (const ExpPypetLeaf *leaf, guint64 run)
{
  ExpPypetRangeKind kind;
  g_autoptr (ExpNode) table = exp_pypet_range_table (leaf->inner, &kind);

  return table != NULL && run < exp_pypet_n_rows (table);
}

void
exp_pypet_range_runs_list (const ExpPypetLeaf *leaf, guint64 skip, ExpListFunc func, gpointer data)
{
  for (guint64 run = skip; has_run (leaf, run); run++)
    {
      g_autofree char *name = g_strdup_printf ("run_%08" G_GUINT64_FORMAT, run);
      g_autoptr (ExpNode) value = value_new (leaf, run);

      if (!func (name, value, data))
        return;
    }
}

ExpNode *
exp_pypet_range_runs_lookup (const ExpPypetLeaf *leaf, const char *name, GError **error)
{
  ExpPypetWhole kind = EXP_WHOLE_PICKLE;
  guint64 run = 0;

  if (parse_run (name, &run) && has_run (leaf, run))
    return value_new (leaf, run);
  if (parse_file (leaf, name, &run, &kind) && has_run (leaf, run))
    {
      g_autoptr (ExpNode) item = exp_pypet_range_stored (leaf, run);
      ExpNode *file
          = item != NULL ? exp_pypet_whole_file (leaf, item, exp_pypet_whole_suffix (kind), kind, TRUE) : NULL;

      if (file != NULL)
        return file;
    }
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no '%s' in the range", name);
  return NULL;
}

gboolean
exp_pypet_range_runs_check_name (const ExpPypetLeaf *leaf, const char *name, GError **error)
{
  ExpPypetWhole kind;
  guint64 run;

  if (parse_file (leaf, name, &run, &kind)
      || (parse_run (name, &run) && exp_pypet_range_numbered_kind (leaf) == EXP_RANGE_ARRAYS))
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
               "in a range are run_00000000 and so on; of pickles run_00000000.pickle, of sparse matrices "
               "run_00000000.npz");
  return FALSE;
}

gboolean
exp_pypet_range_runs_takes_file (const ExpPypetLeaf *leaf, const char *name)
{
  ExpPypetWhole kind;
  guint64 run;

  return parse_file (leaf, name, &run, &kind);
}

gboolean
exp_pypet_range_runs_put_file (const ExpPypetLeaf *leaf, const char *name, GBytes *bytes, GError **error)
{
  ExpPypetWhole kind;
  guint64 run = 0;

  if (!parse_file (leaf, name, &run, &kind))
    return exp_pypet_range_runs_check_name (leaf, name, error);
  ExpPypetChange *change = exp_pypet_change_begin (leaf->scope->trajectory->store, error);
  return change != NULL
         && exp_pypet_change_end (change, exp_pypet_range_put_run (change, leaf, run, bytes, NULL, error));
}

gboolean
exp_pypet_range_runs_create (const ExpPypetLeaf *leaf, const char *name, const ExpNewDataset *dataset, GError **error)
{
  guint64 run = 0;

  if (!exp_pypet_range_runs_check_name (leaf, name, error) || !parse_run (name, &run))
    return FALSE;
  ExpPypetChange *change = exp_pypet_change_begin (leaf->scope->trajectory->store, error);
  return change != NULL
         && exp_pypet_change_end (change, exp_pypet_range_create_run (change, leaf, run, dataset, error));
}
