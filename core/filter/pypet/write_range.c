/* LEAF.range: the values that a parameter takes over the runs, made, changed and removed.
 * Knows where a Parameter keeps them; how many runs there are is write_runs.c's.
 * Called by write_place.c, and by range.c for the node that a user writes into. */
#include "write_range.h"
#include "expfs/edit.h"
#include "type.h"
#include "write.h"
#include "write_cast.h"
#include <string.h>

#define TABLE "explored_data"

static gboolean
is_table_of (ExpNode *leaf, const char *name, const char *column)
{
  g_autoptr (ExpNode) table = exp_pypet_child (leaf, name);
  g_auto (ExpInfo) info = { 0 };

  return table != NULL && exp_node_describe (table, &info, NULL) && info.rank == 1 && info.dtype != NULL
         && info.dtype->type == EXP_TYPE_COMPOUND && info.dtype->n_members == 1
         && strcmp (info.dtype->members[0].name, column) == 0;
}

gboolean
exp_pypet_range_check (const ExpPypetLeaf *leaf, GError **error)
{
  const char *why = NULL;

  if (!leaf->is_parameter || leaf->scope->branch == EXP_BRANCH_CONFIG)
    why = "only parameters are explored";
  else if (leaf->scope->run >= 0)
    why = "a range cannot be changed from within one run";
  else if (exp_pypet_range_is_of_arrays (leaf))
    return TRUE;
  else if (!is_table_of (leaf->inner, "data", "data") || leaf->is_pickled
           || (exp_pypet_is_explored (leaf->inner) && !is_table_of (leaf->inner, TABLE, "data")))
    why = "in one file are ranges of numbers, truth values, texts and arrays of one shape; for others make the "
          "directory "
          "NAME.range, and in it run_00000000.pickle or run_00000000.npz, and so on";
  if (why == NULL)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "%s", why);
  return FALSE;
}

static gboolean
is_text (const ExpDtype *dtype)
{
  return dtype->type == EXP_TYPE_STRING || dtype->type == EXP_TYPE_VSTRING;
}

/* The values have to be of the type of the parameter. */
static gboolean
check_type (ExpNode *data, const ExpDtype *given, GError **error)
{
  g_autoptr (ExpNode) value = exp_pypet_field_new (data, "data", 0, NULL, "utf8", error);
  g_auto (ExpInfo) info = { 0 };

  if (value == NULL || !exp_node_describe (value, &info, error))
    return FALSE;

  const ExpDtype *own = info.dtype;
  gboolean is_whole = own->type == EXP_TYPE_INT || own->type == EXP_TYPE_UINT;
  gboolean fits = info.rank == 0 && is_text (given) == is_text (own);
  if (own->type == EXP_TYPE_BOOL && is_text (given))
    fits = TRUE;
  if (is_whole && given->type != EXP_TYPE_INT && given->type != EXP_TYPE_UINT)
    fits = FALSE;
  if (fits)
    return TRUE;
  g_autofree char *name = exp_dtype_to_numpy (own, FALSE);
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "the values of the range are not of the parameter's type, %s",
               name);
  return FALSE;
}

/* Of the same type as the value, and with the same notes. */
static gboolean
make_table (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *data, guint64 n, GError **error)
{
  g_autofree char *scalar = exp_pypet_column_type (data, "data");
  g_auto (ExpInfo) info = { 0 };
  ExpPypetPacking packing;

  if (!exp_node_describe (data, &info, error))
    return FALSE;
  exp_pypet_packing (leaf->scope->trajectory, &packing);
  g_autoptr (ExpNode) table = exp_pytables_dataset (change, leaf->inner, TABLE, TABLE, EXP_PYTABLES_TABLE, info.dtype,
                                                    1, &n, &packing.packing, error);
  return table != NULL && exp_pytables_set_text (change, table, "SRVC_STORE", "TABLE", error)
         && exp_pypet_note_column (change, table, "data", "COLL_SCALAR", scalar, error);
}

gboolean
exp_pypet_range_grow_others (ExpPypetChange *change, const ExpPypetLeaf *leaf, guint64 n, GError **error)
{
  ExpPypetTrajectory *trajectory = leaf->scope->trajectory;

  return exp_pypet_runs_grow (change, trajectory, n, error)
         && exp_pypet_ranges_grow (change, trajectory, leaf, n, error);
}

static gboolean
set_length (ExpPypetChange *change, const ExpPypetLeaf *leaf, guint64 n, GError **error)
{
  ExpPypetTrajectory *trajectory = leaf->scope->trajectory;
  g_autoptr (ExpNode) table = exp_pypet_child (leaf->inner, TABLE);

  if (!exp_pypet_range_grow_others (change, leaf, n, error))
    return FALSE;
  if (table != NULL && exp_pypet_n_rows (table) != n && !exp_pytables_resize (change, table, n, error))
    return FALSE;
  return !exp_pypet_is_classic (trajectory)
         || exp_pytables_set_int (change, leaf->inner, "SRVC_INIT_LENGTH", (gint64)n, 8, error);
}

gboolean
exp_pypet_range_note_explored (ExpPypetChange *change, const ExpPypetLeaf *leaf, GError **error)
{
  GRefString *full = exp_pypet_location_join (leaf->location, leaf->name);

  exp_pypet_range_begin (leaf, FALSE);
  gboolean is_done = exp_pypet_explorations_add (change, leaf->scope->trajectory, full, error);
  g_ref_string_release (full);
  return is_done && exp_pypet_overview_update (change, leaf, FALSE, error);
}

gboolean
exp_pypet_range_create (ExpPypetChange *change, const ExpPypetLeaf *leaf, const ExpNewDataset *dataset, GError **error)
{
  guint64 n = dataset->rank == 0 ? 1 : dataset->shape[0];

  if (!exp_pypet_range_check (leaf, error))
    return FALSE;
  if ((n == 0 || dataset->is_null) && !exp_pypet_is_explored (leaf->inner))
    {
      exp_pypet_range_begin (leaf, TRUE);
      return TRUE;
    }
  if (exp_pypet_range_is_of_arrays (leaf))
    {
      if (!exp_pypet_range_grow_others (change, leaf, n, error)
          || !exp_pypet_array_range_create (change, leaf, dataset->rank, dataset->shape, error))
        return FALSE;
      return exp_pypet_range_note_explored (change, leaf, error);
    }
  if (dataset->rank > 1 || dataset->is_null || n == 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "a range has one value for each run, and at least one");
      return FALSE;
    }
  g_autoptr (ExpNode) data = exp_node_lookup (leaf->inner, "data", error);
  if (data == NULL || !check_type (data, dataset->dtype, error) || !set_length (change, leaf, n, error))
    return FALSE;
  if (exp_pypet_is_explored (leaf->inner))
    return TRUE;
  if (!make_table (change, leaf, data, n, error))
    return FALSE;
  return exp_pypet_range_note_explored (change, leaf, error);
}

gboolean
exp_pypet_range_drop (ExpPypetChange *change, ExpNode *leaf, GError **error)
{
  g_autoptr (GPtrArray) names = exp_node_list_names (leaf, exp_pypet_is_of_range, error);

  for (guint i = 0; names != NULL && i < names->len; i++)
    if (!exp_pypet_change_remove (change, leaf, names->pdata[i], error))
      return FALSE;
  return names != NULL;
}

gboolean
exp_pypet_range_remove (ExpPypetChange *change, const ExpPypetLeaf *leaf, GError **error)
{
  ExpPypetTrajectory *trajectory = leaf->scope->trajectory;

  exp_pypet_range_keep_directory (leaf, FALSE);
  if (exp_pypet_range_is_begun (leaf))
    {
      exp_pypet_range_begin (leaf, FALSE);
      return TRUE;
    }
  if (!exp_pypet_is_explored (leaf->inner))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "'%s' is not explored", leaf->name);
      return FALSE;
    }
  if (!exp_pypet_range_drop (change, leaf->inner, error))
    return FALSE;

  GRefString *full = exp_pypet_location_join (leaf->location, leaf->name);
  gboolean is_done = exp_pypet_explorations_remove (change, trajectory, full, error);
  g_ref_string_release (full);
  return is_done && exp_pypet_change_attribute (change, leaf->inner, "SRVC_INIT_LENGTH", NULL, error)
         && exp_pypet_overview_remove_range (change, leaf, error)
         && exp_pypet_overview_update (change, leaf, FALSE, error);
}

/* The range as a user writes it: what is shown, over the store. */
typedef struct
{
  ExpNode base;
  ExpPypetLeaf leaf; /* all owned */
} Range;

/* Before there are values: none of the parameter's type. */
static ExpNode *
no_values (Range *self, GError **error)
{
  if (exp_pypet_range_is_directory (&self->leaf))
    return exp_memory_group_new (NULL);
  g_autoptr (ExpNode) value = exp_pypet_leaf_value (&self->leaf, error);
  g_auto (ExpInfo) info = { 0 };
  guint64 none = 0;

  if (value == NULL || !exp_node_describe (value, &info, error))
    return NULL;
  g_auto (ExpInfo) arrays = { 0 };
  gboolean has_arrays = exp_pypet_range_is_of_arrays (&self->leaf);
  if (has_arrays && !exp_pypet_array_range_describe (&self->leaf, &arrays, error))
    return NULL;
  g_autoptr (ExpDtype) dtype = info.dtype != NULL ? exp_dtype_ref (info.dtype) : exp_dtype_new_vstring (TRUE);
  g_autoptr (ExpArray) values
      = exp_array_new (dtype, has_arrays ? arrays.rank : 1, has_arrays ? arrays.shape : &none, error);
  return values != NULL ? exp_memory_dataset_new (values, NULL) : NULL;
}

static ExpNode *
current (Range *self, GError **error)
{
  return exp_pypet_is_explored (self->leaf.inner) ? exp_pypet_range_values_new (&self->leaf, error)
                                                  : no_values (self, error);
}

static gboolean
range_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  g_autoptr (ExpNode) values = current ((Range *)node, error);

  return values != NULL && exp_node_describe (values, info, error);
}

static gboolean
range_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  g_auto (ExpInfo) info = { 0 };

  if (!range_describe (node, &info, error))
    return FALSE;
  if (info.kind == EXP_KIND_GROUP)
    exp_pypet_range_runs_list (&((Range *)node)->leaf, skip, func, data);
  return TRUE;
}

static ExpNode *
range_lookup (ExpNode *node, const char *name, GError **error)
{
  Range *self = (Range *)node;
  g_auto (ExpInfo) info = { 0 };

  if (!range_describe (node, &info, error))
    return NULL;
  if (info.kind == EXP_KIND_GROUP)
    return exp_pypet_range_runs_lookup (&self->leaf, name, error);
  g_autoptr (ExpNode) values = current (self, error);
  return values != NULL ? exp_node_lookup (values, name, error) : NULL;
}

static gboolean
range_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  g_autoptr (ExpNode) values = current ((Range *)node, error);

  return values != NULL && values->klass->read != NULL && values->klass->read (values, slab, array, error);
}

static gboolean
write_values (ExpPypetChange *change, const ExpPypetLeaf *leaf, const ExpSlab *slab, const ExpArray *array,
              GError **error)
{
  ExpSlab rows = *slab;

  if (rows.rank == 0) /* one value, for the one run */
    rows = (ExpSlab){ .rank = 1, .count = { 1 }, .step = { 1 } };
  if (exp_pypet_range_check (leaf, NULL) && exp_pypet_range_is_of_arrays (leaf))
    return exp_pypet_array_range_write (change, leaf, &rows, array, error)
           && exp_pypet_overview_update (change, leaf, FALSE, error);
  if (!exp_pypet_range_check (leaf, error)
      || !exp_pypet_item_make_room (change, leaf->scope->trajectory, leaf->inner, TABLE, array, error))
    return FALSE;
  g_autoptr (ExpNode) values = exp_pypet_range_values_new (leaf, error);
  return values != NULL && exp_node_write (values, &rows, array, error)
         && exp_pypet_overview_update (change, leaf, FALSE, error);
}

gboolean
exp_pypet_range_set (ExpPypetChange *change, const ExpPypetLeaf *leaf, const ExpArray *value, GError **error)
{
  g_autoptr (ExpNode) own = exp_pypet_leaf_value (leaf, error);
  g_autoptr (ExpArray) parsed = NULL;
  g_auto (ExpInfo) info = { 0 };
  guint64 none[EXP_MAX_RANK] = { 0 };
  ExpSlab all;

  if (own == NULL || !exp_node_describe (own, &info, error))
    return FALSE;
  /* Copies bring the whole parameter, in a form of its own. */
  if (info.kind == EXP_KIND_DATASET && info.rank > 0 && info.dtype != NULL && is_text (info.dtype))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "a range of lists of texts is written as %s.range",
                   leaf->name);
      return FALSE;
    }
  if (value->rank == 0 && info.dtype != NULL && info.kind == EXP_KIND_DATASET)
    {
      g_autofree char *text = exp_array_dup_text (value);
      parsed = text != NULL ? exp_attribute_parse (info.dtype, info.rank + 1, none, text, strlen (text), NULL) : NULL;
    }
  const ExpArray *values = parsed != NULL ? parsed : value;
  ExpNewDataset dataset = { .dtype = values->dtype, .rank = values->rank };
  memcpy (dataset.shape, values->shape, sizeof dataset.shape);
  exp_slab_init_all (&all, values->rank, values->shape);
  return exp_pypet_range_create (change, leaf, &dataset, error) && write_values (change, leaf, &all, values, error);
}

static gboolean
range_write (ExpNode *node, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  Range *self = (Range *)node;
  ExpPypetChange *change = exp_pypet_change_begin (self->leaf.scope->trajectory->store, error);

  return change != NULL && exp_pypet_change_end (change, write_values (change, &self->leaf, slab, array, error));
}

static gboolean
resize_values (ExpPypetChange *change, const ExpPypetLeaf *leaf, guint rank, const guint64 *shape, GError **error)
{
  g_auto (ExpInfo) info = { 0 };
  g_autoptr (ExpNode) value = exp_pypet_leaf_value (leaf, error);

  if (value == NULL || !exp_node_describe (value, &info, error) || !exp_pypet_range_check (leaf, error))
    return FALSE;
  if (!exp_pypet_is_explored (leaf->inner))
    {
      ExpNewDataset dataset = { .dtype = info.dtype, .rank = rank };

      memcpy (dataset.shape, shape, rank * sizeof *shape);
      return exp_pypet_range_create (change, leaf, &dataset, error);
    }
  if (rank > 0 && shape[0] > 0 && exp_pypet_range_is_of_arrays (leaf))
    return exp_pypet_range_grow_others (change, leaf, shape[0], error)
           && exp_pypet_array_range_create (change, leaf, rank, shape, error)
           && exp_pypet_overview_update (change, leaf, FALSE, error);
  if (rank == 1 && shape[0] > 0)
    return set_length (change, leaf, shape[0], error) && exp_pypet_overview_update (change, leaf, FALSE, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "a range has one value for each run, and at least one");
  return FALSE;
}

static gboolean
range_resize (ExpNode *node, guint rank, const guint64 *shape, GError **error)
{
  Range *self = (Range *)node;
  ExpPypetChange *change = exp_pypet_change_begin (self->leaf.scope->trajectory->store, error);

  return change != NULL && exp_pypet_change_end (change, resize_values (change, &self->leaf, rank, shape, error));
}

static gboolean
range_check_name (ExpNode *node, const char *name, GError **error)
{
  return exp_pypet_range_runs_check_name (&((Range *)node)->leaf, name, error);
}

static gboolean
range_takes_file (ExpNode *node, const char *name)
{
  return exp_pypet_range_runs_takes_file (&((Range *)node)->leaf, name);
}

static ExpNode *
range_put_file (ExpNode *node, const char *name, GBytes *bytes, GError **error)
{
  Range *self = (Range *)node;

  return exp_pypet_range_runs_put_file (&self->leaf, name, bytes, error)
             ? exp_pypet_range_runs_lookup (&self->leaf, name, error)
             : NULL;
}

static ExpNode *
range_create (ExpNode *node, const char *name, const ExpNewDataset *dataset, GError **error)
{
  Range *self = (Range *)node;

  return exp_pypet_range_runs_create (&self->leaf, name, dataset, error)
             ? exp_pypet_range_runs_lookup (&self->leaf, name, error)
             : NULL;
}

static void
range_free (ExpNode *node)
{
  Range *self = (Range *)node;

  exp_pypet_leaf_release (&self->leaf);
  g_free (self);
}

static const ExpNodeClass range_class = {
  .free = range_free,
  .describe = range_describe,
  .list = range_list,
  .lookup = range_lookup,
  .read = range_read,
  .check_name = range_check_name,
  .takes_file = range_takes_file,
  .put_file = range_put_file,
  .create_dataset = range_create,
  .replace_dataset = range_create,
  .write = range_write,
  .resize = range_resize,
};

ExpNode *
exp_pypet_range_writable_new (const ExpPypetLeaf *leaf)
{
  Range *self = g_new0 (Range, 1);

  exp_node_init (&self->base, &range_class);
  exp_pypet_leaf_hold (&self->leaf, leaf);
  return &self->base;
}
