/* Leaves: made with their service attributes, given another value, written.
 * Knows the classes of parameters and results and where each keeps its value.
 * Called by write_place.c and node.c. */
#include "type.h"
#include "write.h"
#include "write_cast.h"
#include "write_range.h"
#include <string.h>

static gboolean
is_parameter_branch (ExpPypetBranch branch)
{
  return branch == EXP_BRANCH_CONFIG || branch == EXP_BRANCH_PARAMETERS || branch == EXP_BRANCH_DERIVED;
}

/* The stored name of a parameter's value. */
static const char *
data_name (const ExpPypetPlan *plan)
{
  return plan->is_cell ? "data" : "data__rr__";
}

static const char *
parameter_class (const ExpPypetPlan *plan)
{
  return plan->is_cell ? "Parameter" : "ArrayParameter";
}

gboolean
exp_pypet_set_service (ExpPypetChange *change, ExpNode *leaf, const char *class_name, gboolean is_classic,
                       GError **error)
{
  if (!exp_pytables_set_text (change, leaf, "SRVC_INIT_CLASS_NAME", class_name, error))
    return FALSE;
  return is_classic ? exp_pytables_set_int (change, leaf, "SRVC_LEAF", 1, 8, error)
                    : exp_pytables_set_bool (change, leaf, "SRVC_LEAF", TRUE, error);
}

/* A parameter without a value is one that holds None. */
static gboolean
has_value (const ExpNewDataset *dataset, gboolean is_parameter)
{
  return dataset != NULL && !(is_parameter && dataset->is_null);
}

/* What is there before the value, out of sight. */
static ExpNode *
make_hidden (ExpPypetChange *change, const ExpPypetPlace *place, const char *hidden, const char *class_name,
             GError **error)
{
  ExpPypetTrajectory *trajectory = place->scope->trajectory;
  const gboolean is_classic = exp_pypet_is_classic (trajectory);
  ExpPypetPacking packing;

  exp_pypet_packing (trajectory, &packing);
  g_autoptr (ExpNode) group
      = exp_pytables_group (change, place->inner, hidden, "", is_classic ? NULL : &packing.packing, error);
  return group != NULL && exp_pypet_set_service (change, group, class_name, is_classic, error)
             ? g_steal_pointer (&group)
             : NULL;
}

static gboolean
show (ExpPypetChange *change, const ExpPypetPlace *place, const char *hidden, ExpNode *group, const char *name,
      GError **error)
{
  ExpPypetLeaf leaf;

  exp_pypet_leaf_init (&leaf, group, place->scope, place->location, name);
  return exp_pypet_overview_update (change, &leaf, TRUE, error)
         && exp_pypet_change_move (change, place->inner, hidden, place->inner, name, error);
}

gboolean
exp_pypet_leaf_create (ExpPypetChange *change, const ExpPypetPlace *place, const char *name,
                       const ExpNewDataset *dataset, GError **error)
{
  ExpPypetTrajectory *trajectory = place->scope->trajectory;
  gboolean is_parameter = is_parameter_branch (place->scope->branch);
  gboolean is_held = has_value (dataset, is_parameter);
  g_autofree char *hidden = exp_pypet_change_name (change);
  g_auto (ExpPypetPlan) plan = { 0 };

  if (!exp_pypet_check_place (place, name, error)
      || (is_held && !exp_pypet_plan_init (&plan, dataset, is_parameter, exp_pypet_is_classic (trajectory), error)))
    return FALSE;

  const char *class_name = !is_parameter ? "Result" : is_held ? parameter_class (&plan) : "Parameter";
  const char *item = is_parameter ? data_name (&plan) : exp_pypet_shown_name (name);
  g_autoptr (ExpNode) group = make_hidden (change, place, hidden, class_name, error);
  g_autoptr (ExpNode) value
      = group != NULL && is_held ? exp_pypet_plan_make (change, trajectory, group, item, item, &plan, error) : NULL;
  return group != NULL && (!is_held || value != NULL) && show (change, place, hidden, group, name, error);
}

ExpNode *
exp_pypet_leaf_put_number (ExpPypetChange *change, const ExpPypetPlace *place, const char *name, const ExpArray *value,
                           GError **error)
{
  ExpPypetTrajectory *trajectory = place->scope->trajectory;
  ExpNewDataset dataset = { .dtype = value->dtype };
  g_autofree char *hidden = exp_pypet_change_name (change);
  g_auto (ExpPypetPlan) plan = { 0 };
  ExpSlab all;

  if (!exp_pypet_check_place (place, name, error)
      || !exp_pypet_plan_init (&plan, &dataset, FALSE, exp_pypet_is_classic (trajectory), error))
    return NULL;
  g_autoptr (ExpNode) group = make_hidden (change, place, hidden, "Result", error);
  g_autoptr (ExpNode) item
      = group != NULL ? exp_pypet_plan_make (change, trajectory, group, name, name, &plan, error) : NULL;
  exp_slab_init_all (&all, 0, NULL);
  return item != NULL && exp_node_write (item, &all, value, error) && show (change, place, hidden, group, name, error)
             ? g_steal_pointer (&group)
             : NULL;
}

gboolean
exp_pypet_check_plain (const ExpPypetLeaf *leaf, ExpNode *item, const char *name, GError **error)
{
  g_auto (ExpInfo) info = { 0 };
  g_autofree char *collection = NULL;
  const char *what = NULL, *way = "";

  if (!exp_node_describe (item, &info, error))
    return FALSE;
  if (info.kind == EXP_KIND_GROUP && exp_pypet_is_frame (item, NULL))
    return TRUE;
  if (info.kind != EXP_KIND_DATASET)
    what = "a value that is kept in several parts";
  else if (strstr (name, "__spsp__") != NULL)
    what = "a sparse matrix", way = ", or written whole as NAME.npz";
  else if (leaf->is_pickled && info.rank == 0)
    what = "a pickle", way = ", or written whole as NAME.pickle";
  if (what == NULL)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "%s cannot be changed in place, only removed and made anew%s",
               what, way);
  return FALSE;
}

typedef struct
{
  const ExpPypetLeaf *leaf;
  GPtrArray *names;
} Removal;

static gboolean
note_value (const char *name, ExpNode *child, gpointer data)
{
  Removal *removal = data;

  if (!exp_pypet_is_hidden_child (name) && !(removal->leaf->is_parameter && exp_pypet_is_of_range (name)))
    g_ptr_array_add (removal->names, g_strdup (name));
  return TRUE;
}

/* What the value was kept in, and what belongs to it; not the range. */
static gboolean
remove_value (ExpPypetChange *change, const ExpPypetLeaf *leaf, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  Removal removal = { leaf, names };

  if (!exp_node_list (leaf->inner, 0, note_value, &removal, error))
    return FALSE;
  for (guint i = 0; i < names->len; i++)
    if (!exp_pypet_change_remove (change, leaf->inner, names->pdata[i], error))
      return FALSE;
  return TRUE;
}

/* The stored type of a parameter's values must go on being that of its range. */
static gboolean
check_range (const ExpPypetLeaf *leaf, const ExpPypetPlan *plan, GError **error)
{
  g_autoptr (ExpNode) cells = exp_pypet_child (leaf->inner, "explored_data");
  g_autofree char *scalar = NULL;

  if (!exp_pypet_is_explored (leaf->inner))
    return TRUE;
  if (cells != NULL && plan->is_cell)
    {
      scalar = exp_pypet_column_type (cells, "data");
      if (g_strcmp0 (scalar, plan->scalar) == 0)
        return TRUE;
    }
  else if (cells == NULL && !plan->is_cell)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED,
               "'%s' is explored: its value has to be of the type of its range (remove '%s.range' first)", leaf->name,
               leaf->name);
  return FALSE;
}

static gboolean
replace_parameter (ExpPypetChange *change, const ExpPypetLeaf *leaf, const ExpNewDataset *dataset, GError **error)
{
  ExpPypetTrajectory *trajectory = leaf->scope->trajectory;
  g_autofree char *hidden = exp_pypet_change_name (change);
  g_auto (ExpPypetPlan) plan = { 0 };

  if (!has_value (dataset, TRUE))
    return remove_value (change, leaf, error);
  if (!exp_pypet_plan_init (&plan, dataset, TRUE, exp_pypet_is_classic (trajectory), error)
      || !check_range (leaf, &plan, error))
    return FALSE;

  const char *name = data_name (&plan);
  g_autoptr (ExpNode) value = exp_pypet_plan_make (change, trajectory, leaf->inner, hidden, name, &plan, error);
  return value != NULL && remove_value (change, leaf, error)
         && exp_pypet_change_move (change, leaf->inner, hidden, leaf->inner, name, error)
         && exp_pytables_set_text (change, leaf->inner, "SRVC_INIT_CLASS_NAME", parameter_class (&plan), error);
}

/* The value of a result of whatever class becomes the one item of a plain one. */
static gboolean
replace_result (ExpPypetChange *change, const ExpPypetLeaf *leaf, const ExpNewDataset *dataset, GError **error)
{
  return remove_value (change, leaf, error)
         && exp_pypet_item_create (change, leaf, leaf->inner, exp_pypet_shown_name (leaf->name), dataset, error)
         && exp_pytables_set_text (change, leaf->inner, "SRVC_INIT_CLASS_NAME", "Result", error);
}

/* A value that stays in the same item, which keeps what is noted on it. */
static gboolean
replace_in_item (ExpPypetChange *change, const ExpPypetLeaf *leaf, const char *name, const ExpNewDataset *dataset,
                 GError **error)
{
  gboolean is_array = strcmp (name, "data__rr__") == 0;
  ExpNewDataset plain = *dataset;

  if (leaf->is_parameter)
    plain.is_extensible = FALSE;
  if (leaf->is_parameter && (!is_array || dataset->rank == 0 || dataset->dtype->type == EXP_TYPE_COMPOUND))
    return replace_parameter (change, leaf, &plain, error);
  return exp_pypet_item_replace (change, leaf, leaf->inner, name, &plain, error);
}

gboolean
exp_pypet_leaf_replace (ExpPypetChange *change, const ExpPypetLeaf *leaf, const ExpNewDataset *dataset, GError **error)
{
  g_autofree char *single = exp_pypet_leaf_single (leaf, NULL);
  g_autoptr (ExpNode) item = single != NULL ? exp_pypet_child (leaf->inner, single) : NULL;
  gboolean is_plain = item != NULL && exp_pypet_check_plain (leaf, item, single, NULL);
  gboolean is_done;

  if (item != NULL && !is_plain && dataset->keeps_rows)
    return exp_pypet_check_plain (leaf, item, single, error);
  if (is_plain)
    is_done = replace_in_item (change, leaf, single, dataset, error);
  else
    is_done = leaf->is_parameter ? replace_parameter (change, leaf, dataset, error)
                                 : replace_result (change, leaf, dataset, error);
  return is_done && exp_pypet_overview_update (change, leaf, FALSE, error);
}

gboolean
exp_pypet_leaf_clear (ExpPypetChange *change, const ExpPypetLeaf *leaf, GError **error)
{
  return remove_value (change, leaf, error)
         && exp_pytables_set_text (change, leaf->inner, "SRVC_INIT_CLASS_NAME", "Parameter", error)
         && exp_pypet_overview_update (change, leaf, FALSE, error);
}

/* The stored child that holds the value that is shown; NULL when there is none that could be written. */
static char *
value_name (const ExpPypetLeaf *leaf, GError **error)
{
  gboolean is_explored = leaf->is_parameter && leaf->scope->run >= 0 && exp_pypet_is_explored (leaf->inner);
  g_autofree char *single = is_explored ? g_strdup ("explored_data") : exp_pypet_leaf_single (leaf, error);
  g_autoptr (ExpNode) item = single != NULL ? exp_pypet_child (leaf->inner, single) : NULL;

  if (item != NULL)
    return exp_pypet_check_plain (leaf, item, single, error) ? g_steal_pointer (&single) : NULL;
  if (error == NULL || *error == NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "'%s' has no value that could be written in place",
                 leaf->name);
  return NULL;
}

static gboolean
mark_run (ExpPypetChange *change, const ExpPypetLeaf *leaf, GError **error)
{
  const ExpPypetScope *scope = leaf->scope;

  return scope->run < 0 || leaf->is_parameter
         || exp_pypet_runs_complete (change, scope->trajectory, (guint64)scope->run, error);
}

/* What the overview says of a value begins with its first elements. */
static gboolean
is_at_start (const ExpSlab *slab)
{
  for (guint i = 0; i < slab->rank; i++)
    if (slab->start[i] > 3)
      return FALSE;
  return TRUE;
}

static gboolean
is_frame (ExpNode *group, const char *name)
{
  g_autoptr (ExpNode) item = exp_pypet_child (group, name);
  g_auto (ExpInfo) info = { 0 };

  return item != NULL && exp_node_describe (item, &info, NULL) && info.kind == EXP_KIND_GROUP;
}

static gboolean
write_value (ExpPypetChange *change, const ExpPypetLeaf *leaf, const ExpSlab *slab, const ExpArray *array,
             GError **error)
{
  if (leaf->is_parameter && leaf->scope->run >= 0 && exp_pypet_is_explored (leaf->inner)
      && exp_pypet_range_numbered_kind (leaf) == EXP_RANGE_ARRAYS)
    return exp_pypet_range_write_run (change, leaf, (guint64)leaf->scope->run, slab, array, error);

  g_autofree char *name = value_name (leaf, error);
  if (name == NULL || !exp_pypet_item_make_room (change, leaf->scope->trajectory, leaf->inner, name, array, error))
    return FALSE;

  g_autoptr (ExpNode) value = exp_pypet_leaf_value (leaf, error);
  if (value != NULL && is_frame (leaf->inner, name))
    exp_pypet_change_note_moved (change); /* what is shown keeps parts of what it has read */
  return value != NULL && exp_node_write (value, slab, array, error)
         && (!is_at_start (slab) || exp_pypet_overview_update (change, leaf, FALSE, error))
         && mark_run (change, leaf, error);
}

gboolean
exp_pypet_leaf_write (const ExpPypetLeaf *leaf, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (leaf->scope->trajectory->store, error);

  return change != NULL && exp_pypet_change_end (change, write_value (change, leaf, slab, array, error));
}

static gboolean
resize_value (const ExpPypetLeaf *leaf, guint rank, const guint64 *shape, GError **error)
{
  g_autofree char *name = value_name (leaf, error);
  g_autoptr (ExpNode) value = name != NULL ? exp_pypet_leaf_value (leaf, error) : NULL;

  return value != NULL && exp_node_resize (value, rank, shape, error);
}

gboolean
exp_pypet_leaf_resize (const ExpPypetLeaf *leaf, guint rank, const guint64 *shape, GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (leaf->scope->trajectory->store, error);

  return change != NULL && exp_pypet_change_end (change, resize_value (leaf, rank, shape, error));
}
