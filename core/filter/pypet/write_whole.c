/* NAME.pickle and NAME.npz, written: a leaf or an item that is one, made or given other bytes.
 * Knows where pypet keeps pickles and sparse matrices; that they are such, core/format/pickle and sparse.c say.
 * Called by write_place.c and items.c. */
#include "format/pickle/pickle.h"
#include "whole.h"
#include "write.h"
#include "write_cast.h"
#include <string.h>

#define PROTOCOL "__pckl_prtcl__"

/* NULs at the end of a text are none of it: a pickle has to end it. */
static gboolean
check_pickle (GBytes *bytes, GError **error)
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

/* Under a name of its own at first, over what has the other one. `type` is what pypet notes on it. */
static gboolean
put_item (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *name, ExpDtype *type,
          gconstpointer data, GError **error)
{
  ExpPypetTrajectory *trajectory = leaf->scope->trajectory;
  g_autofree char *hidden = exp_pypet_change_name (change);
  g_autoptr (ExpNode) old = exp_pypet_child (group, name);
  const ExpNewDataset dataset = { .dtype = type };
  g_auto (ExpPypetPlan) plan = { 0 };
  ExpSlab all;

  if (!exp_pypet_plan_init (&plan, &dataset, FALSE, exp_pypet_is_classic (trajectory), error))
    return FALSE;
  g_autoptr (ExpArray) value = exp_array_new (plan.dtype, 0, NULL, error);
  if (value == NULL)
    return FALSE;
  memcpy (value->data, data, value->dtype->size);
  exp_slab_init_all (&all, 0, NULL);
  g_autoptr (ExpNode) item = exp_pypet_plan_make (change, trajectory, group, hidden, name, &plan, error);
  return item != NULL && exp_node_write (item, &all, value, error)
         && (old == NULL || exp_pypet_change_remove (change, group, name, error))
         && exp_pypet_change_move (change, group, hidden, group, name, error);
}

/* The pickle as `name`, and its protocol, which releases 0.1b do not keep; protocol 1 does not tell itself from 0. */
static gboolean
put_pickle (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *name, GBytes *bytes,
            GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  const gint64 protocol = size > 1 && data[0] == 0x80 ? data[1] : 0;
  g_autoptr (ExpDtype) text = exp_dtype_new_string (size, EXP_PAD_NUL_TERMINATED, FALSE);
  g_autoptr (ExpDtype) number = exp_dtype_new_number (EXP_TYPE_INT, sizeof protocol, G_BYTE_ORDER == G_BIG_ENDIAN);

  return put_item (change, leaf, group, name, text, data, error)
         && (exp_pypet_is_classic (leaf->scope->trajectory)
             || put_item (change, leaf, leaf->inner, PROTOCOL, number, &protocol, error));
}

static gboolean
put_sparse (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *name, GBytes *bytes,
            GError **error)
{
  static const char digits[] = "0123456789abcdef";
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  g_autofree char *hex = size < G_MAXINT32 / 2 ? g_try_malloc (2 * size + 1) : NULL;

  if (hex == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for a sparse matrix of %" G_GSIZE_FORMAT " bytes",
                   size);
      return FALSE;
    }
  for (gsize i = 0; i < size; i++)
    {
      hex[2 * i] = digits[data[i] >> 4];
      hex[2 * i + 1] = digits[data[i] & 15];
    }
  g_autoptr (ExpDtype) text = exp_dtype_new_string (2 * size, EXP_PAD_NUL_TERMINATED, TRUE);
  return put_item (change, leaf, group, name, text, hex, error);
}

gboolean
exp_pypet_whole_put (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *stored,
                     ExpPypetWhole kind, GBytes *bytes, GError **error)
{
  if (kind == EXP_WHOLE_PICKLE)
    return check_pickle (bytes, error) && put_pickle (change, leaf, group, stored, bytes, error);
  if (exp_pypet_is_classic (leaf->scope->trajectory))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED,
                   "releases 0.1b of pypet keep sparse matrices in another way");
      return FALSE;
    }
  return exp_pypet_sparse_check (bytes, error) && put_sparse (change, leaf, group, stored, bytes, error);
}

gboolean
exp_pypet_whole_create (ExpPypetChange *change, const ExpPypetPlace *place, const char *name, ExpPypetWhole kind,
                        GBytes *bytes, GError **error)
{
  ExpPypetTrajectory *trajectory = place->scope->trajectory;
  const ExpPypetBranch branch = place->scope->branch;
  const gboolean is_parameter = branch != EXP_BRANCH_RESULTS && branch != EXP_BRANCH_OTHER;
  const gboolean is_classic = exp_pypet_is_classic (trajectory);
  g_autofree char *hidden = exp_pypet_change_name (change);
  g_autofree char *item = g_strconcat (is_parameter ? "data" : name, exp_pypet_whole_suffix (kind), NULL);
  ExpPypetPacking packing;
  ExpPypetLeaf leaf;

  if (!exp_pypet_check_place (place, name, error))
    return FALSE;
  exp_pypet_packing (trajectory, &packing);
  g_autoptr (ExpNode) group
      = exp_pytables_group (change, place->inner, hidden, "", is_classic ? NULL : &packing.packing, error);
  if (group == NULL
      || !exp_pypet_set_service (change, group, exp_pypet_whole_class (kind, is_parameter), is_classic, error))
    return FALSE;
  exp_pypet_leaf_init (&leaf, group, place->scope, place->location, name);
  return exp_pypet_whole_put (change, &leaf, group, item, kind, bytes, error)
         && exp_pypet_overview_update (change, &leaf, TRUE, error)
         && exp_pypet_change_move (change, place->inner, hidden, place->inner, name, error);
}

gboolean
exp_pypet_whole_replace (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpPypetWhole kind, GBytes *bytes,
                         GError **error)
{
  g_autofree char *single = exp_pypet_leaf_single (leaf, error);

  exp_pypet_change_note_moved (change);
  return single != NULL && exp_pypet_whole_put (change, leaf, leaf->inner, single, kind, bytes, error)
         && exp_pypet_overview_update (change, leaf, FALSE, error);
}

/* --- items -------------------------------------------------------------------------------------------------- */

static gboolean
put_in_result (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *name, ExpPypetWhole kind,
               GBytes *bytes, GError **error)
{
  g_autofree char *stored = g_strconcat (name, exp_pypet_whole_suffix (kind), NULL);

  exp_pypet_change_note_moved (change);
  if (kind == EXP_WHOLE_SPARSE && g_strcmp0 (leaf->class_name, "Result") == 0
      && !exp_pytables_set_text (change, leaf->inner, "SRVC_INIT_CLASS_NAME", "SparseResult", error))
    return FALSE;
  exp_pypet_leaf_keep_directory (leaf, TRUE);
  return exp_pypet_whole_put (change, leaf, group, stored, kind, bytes, error)
         && exp_pypet_items_tell (change, leaf, error);
}

gboolean
exp_pypet_items_put (const ExpPypetLeaf *leaf, ExpNode *group, const char *name, ExpPypetWhole kind, GBytes *bytes,
                     GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (leaf->scope->trajectory->store, error);

  return change != NULL && exp_pypet_change_end (change, put_in_result (change, leaf, group, name, kind, bytes, error));
}

/* --- what is going to be one -------------------------------------------------------------------------------- */

/* A new array of file bytes in place of what has the name. */
static gboolean
put_bytes (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *name, GBytes *bytes,
           GError **error)
{
  g_autoptr (ExpDtype) byte = exp_dtype_new_file_byte ();
  g_autoptr (ExpDtype) number = exp_dtype_new_number (EXP_TYPE_UINT, 1, FALSE);
  g_autoptr (ExpNode) old = exp_pypet_child (group, name);
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);
  const ExpNewDataset dataset = { .dtype = byte, .rank = 1, .shape = { size } };
  ExpSlab all;

  if ((old != NULL && !exp_pypet_change_remove (change, group, name, error))
      || !exp_pypet_item_create (change, leaf, group, name, &dataset, error))
    return FALSE;
  g_autoptr (ExpNode) item = exp_node_lookup (group, name, error);
  g_autoptr (ExpArray) value = exp_array_new (number, 1, dataset.shape, error);
  if (item == NULL || value == NULL)
    return FALSE;
  if (size > 0)
    memcpy (value->data, data, size);
  exp_slab_init_all (&all, 1, dataset.shape);
  return size == 0 || exp_node_write (item, &all, value, error);
}

static gboolean
put_leaf_aside (ExpPypetChange *change, const ExpPypetPlace *place, const char *stored, GBytes *bytes, GError **error)
{
  const ExpPypetBranch branch = place->scope->branch;
  const gboolean is_parameter = branch != EXP_BRANCH_RESULTS && branch != EXP_BRANCH_OTHER;
  g_autoptr (ExpNode) old = exp_pypet_child (place->inner, stored);
  ExpPypetLeaf leaf;

  if (old == NULL && !exp_pypet_leaf_create (change, place, stored, NULL, error))
    return FALSE;
  g_autoptr (ExpNode) inner = exp_node_lookup (place->inner, stored, error);
  if (inner == NULL)
    return FALSE;
  exp_pypet_change_note_moved (change);
  exp_pypet_leaf_init (&leaf, inner, place->scope, place->location, stored);
  return put_bytes (change, &leaf, inner, is_parameter ? "data__rr__" : exp_pypet_shown_name (stored), bytes, error);
}

gboolean
exp_pypet_place_put_aside (const ExpPypetPlace *place, const char *stored, GBytes *bytes, GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (place->scope->trajectory->store, error);

  return change != NULL && exp_pypet_change_end (change, put_leaf_aside (change, place, stored, bytes, error));
}

gboolean
exp_pypet_items_put_aside (const ExpPypetLeaf *leaf, ExpNode *group, const char *stored, GBytes *bytes, GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (leaf->scope->trajectory->store, error);

  if (change == NULL)
    return FALSE;
  exp_pypet_change_note_moved (change);
  exp_pypet_leaf_keep_directory (leaf, TRUE);
  return exp_pypet_change_end (change, put_bytes (change, leaf, group, stored, bytes, error));
}

GBytes *
exp_pypet_aside_bytes (ExpNode *shown, GError **error)
{
  g_auto (ExpInfo) info = { 0 };

  if (!exp_node_describe (shown, &info, error))
    return NULL;
  if (!info.is_bytes || info.dtype->size != 1)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_OTHER_PLACE, "a file of bytes is made of one: copy it");
      return NULL;
    }
  g_autoptr (ExpArray) value = exp_node_read_all (shown, error);
  return value != NULL ? g_bytes_new (value->data, value->n_elements) : NULL;
}
