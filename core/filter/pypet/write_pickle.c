/* LEAF.pickle, written: a leaf of one pickle, made or given other bytes.
 * Knows where pypet keeps pickles; that they are such, core/format/pickle says.
 * Called by group.c. */
#include "format/pickle/pickle.h"
#include "write.h"
#include "write_cast.h"
#include <string.h>

#define PROTOCOL "__pckl_prtcl__"

/* NULs at the end of a text are none of it: a pickle has to end it. */
static gboolean
check (GBytes *bytes, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (ExpPickle) pickle = exp_pickle_parse (bytes, &reason);
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  if (pickle != NULL && data[size - 1] == '.')
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "the bytes are no pickle: %s",
               reason != NULL ? reason->message : "something follows its end");
  return FALSE;
}

/* Under a name of its own at first, over what has the other one. */
static gboolean
put_item (ExpPypetChange *change, const ExpPypetLeaf *leaf, const char *name, ExpDtype *dtype, gconstpointer data,
          GError **error)
{
  ExpPypetTrajectory *trajectory = leaf->scope->trajectory;
  g_autofree char *hidden = exp_pypet_change_name (change);
  g_autoptr (ExpArray) value = exp_array_new (dtype, 0, NULL, error);
  g_autoptr (ExpNode) old = exp_pypet_child (leaf->inner, name);
  const ExpNewDataset dataset = { .dtype = dtype };
  g_auto (ExpPypetPlan) plan = { 0 };
  ExpSlab all;

  if (value == NULL || !exp_pypet_plan_init (&plan, &dataset, FALSE, exp_pypet_is_classic (trajectory), error))
    return FALSE;
  memcpy (value->data, data, dtype->size);
  exp_slab_init_all (&all, 0, NULL);
  g_autoptr (ExpNode) item = exp_pypet_plan_make (change, trajectory, leaf->inner, hidden, name, &plan, error);
  return item != NULL && exp_node_write (item, &all, value, error)
         && (old == NULL || exp_pypet_change_remove (change, leaf->inner, name, error))
         && exp_pypet_change_move (change, leaf->inner, hidden, leaf->inner, name, error);
}

/* The pickle as `name`, and its protocol, which releases 0.1b do not keep; protocol 1 does not tell itself from 0. */
static gboolean
put_pickle (ExpPypetChange *change, const ExpPypetLeaf *leaf, const char *name, GBytes *bytes, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  const gint64 protocol = size > 1 && data[0] == 0x80 ? data[1] : 0;
  g_autoptr (ExpDtype) text = exp_dtype_new_string (size, EXP_PAD_NUL_TERMINATED, FALSE);
  g_autoptr (ExpDtype) number = exp_dtype_new_number (EXP_TYPE_INT, sizeof protocol, G_BYTE_ORDER == G_BIG_ENDIAN);

  return put_item (change, leaf, name, text, data, error)
         && (exp_pypet_is_classic (leaf->scope->trajectory)
             || put_item (change, leaf, PROTOCOL, number, &protocol, error));
}

gboolean
exp_pypet_pickle_create (ExpPypetChange *change, const ExpPypetPlace *place, const char *name, GBytes *bytes,
                         GError **error)
{
  ExpPypetTrajectory *trajectory = place->scope->trajectory;
  const ExpPypetBranch branch = place->scope->branch;
  const gboolean is_parameter = branch != EXP_BRANCH_RESULTS && branch != EXP_BRANCH_OTHER;
  const gboolean is_classic = exp_pypet_is_classic (trajectory);
  g_autofree char *hidden = exp_pypet_change_name (change);
  ExpPypetPacking packing;
  ExpPypetLeaf leaf;

  if (!check (bytes, error) || !exp_pypet_check_place (place, name, error))
    return FALSE;
  exp_pypet_packing (trajectory, &packing);
  g_autoptr (ExpNode) group
      = exp_pytables_group (change, place->inner, hidden, "", is_classic ? NULL : &packing.packing, error);
  if (group == NULL
      || !exp_pypet_set_service (change, group, is_parameter ? "PickleParameter" : "PickleResult", is_classic, error))
    return FALSE;
  exp_pypet_leaf_init (&leaf, group, place->scope, place->location, name);
  return put_pickle (change, &leaf, is_parameter ? "data" : name, bytes, error)
         && exp_pypet_overview_update (change, &leaf, TRUE, error)
         && exp_pypet_change_move (change, place->inner, hidden, place->inner, name, error);
}

gboolean
exp_pypet_is_one_pickle (const ExpPypetLeaf *leaf)
{
  g_autofree char *single = leaf->is_pickled ? exp_pypet_leaf_single (leaf, NULL) : NULL;
  g_autoptr (ExpNode) item = single != NULL ? exp_pypet_child (leaf->inner, single) : NULL;
  g_auto (ExpInfo) info = { 0 };

  if (item == NULL || (leaf->scope->run >= 0 && leaf->is_parameter && exp_pypet_is_explored (leaf->inner)))
    return FALSE;
  return exp_node_describe (item, &info, NULL) && info.kind == EXP_KIND_DATASET && info.rank == 0 && info.dtype != NULL
         && info.dtype->type == EXP_TYPE_STRING;
}

gboolean
exp_pypet_pickle_replace (ExpPypetChange *change, const ExpPypetLeaf *leaf, GBytes *bytes, GError **error)
{
  g_autofree char *single = exp_pypet_leaf_single (leaf, error);

  exp_pypet_change_note_moved (change);
  return single != NULL && check (bytes, error) && put_pickle (change, leaf, single, bytes, error)
         && exp_pypet_overview_update (change, leaf, FALSE, error);
}
