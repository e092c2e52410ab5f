/* How items are kept: SRVC_STORE, chosen by a user instead of pypet's own rules.
 * Knows which values pypet keeps under which flag; how a dict or a frame is made is write_dict.c's and write_frame.c's.
 * Called by node.c, items.c and group.c. */
#include "form.h"
#include "type.h"
#include "write.h"
#include "write_cast.h"
#include "write_dict.h"
#include "write_frame.h"
#include <string.h>

static gboolean
refuse (const char *flag, const char *what, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "pypet does not keep %s as %s", what, flag);
  return FALSE;
}

static gboolean
is_text (const ExpDtype *dtype)
{
  return dtype->type == EXP_TYPE_STRING || dtype->type == EXP_TYPE_VSTRING;
}

/* Non-ASCII text comes back only from the arrays in one piece. */
static gboolean
is_ascii (ExpNode *inner)
{
  g_autoptr (ExpArray) texts = exp_node_read_all (inner, NULL);

  return texts != NULL && exp_cast_is_ascii (texts);
}

/* What keeps an array from being kept under a flag; NULL: nothing. */
static const char *
array_obstacle (ExpNode *inner, const ExpInfo *info, ExpPytablesKind kind, gboolean is_classic)
{
  gboolean is_array = kind == EXP_PYTABLES_ARRAY;

  if (info->kind != EXP_KIND_DATASET || info->dtype == NULL || info->is_null)
    return "this";
  if (info->dtype->type == EXP_TYPE_COMPOUND || info->dtype->type == EXP_TYPE_VLEN)
    return "a table or rows of several lengths";
  if (is_array)
    return NULL;
  if (info->rank == 0)
    return "a single value";
  if (kind == EXP_PYTABLES_CARRAY && exp_info_n_elements (info) == 0)
    return "an array without elements";
  if (kind == EXP_PYTABLES_VLARRAY && info->rank != 1)
    return "an array of several axes";
  if (kind != EXP_PYTABLES_CARRAY && is_classic)
    return "what a release 0.1b stores";
  return is_text (info->dtype) && !is_ascii (inner) ? "texts that are not ASCII" : NULL;
}

static gboolean
keep_as_array (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *name, ExpNode *inner,
               const char *flag, GError **error)
{
  static const struct
  {
    const char *flag;
    ExpPytablesKind kind;
  } kinds[] = { { "ARRAY", EXP_PYTABLES_ARRAY },
                { "CARRAY", EXP_PYTABLES_CARRAY },
                { "EARRAY", EXP_PYTABLES_EARRAY },
                { "VLARRAY", EXP_PYTABLES_VLARRAY } };
  ExpPypetTrajectory *trajectory = leaf->scope->trajectory;
  g_autofree char *collection = exp_pypet_text (inner, "SRVC_DATA_COLL_TYPE");
  g_auto (ExpInfo) info = { 0 };
  guint i = 0;

  while (i < G_N_ELEMENTS (kinds) && strcmp (kinds[i].flag, flag) != 0)
    i++;
  if (i == G_N_ELEMENTS (kinds))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "pypet has no flag '%s' for this", flag);
      return FALSE;
    }
  if (!exp_node_describe (inner, &info, error))
    return FALSE;
  const char *what = array_obstacle (inner, &info, kinds[i].kind, exp_pypet_is_classic (trajectory));
  if (what != NULL)
    return refuse (flag, what, error);
  gboolean is_python = g_strcmp0 (collection, "COLL_NDARRAY") != 0 && g_strcmp0 (collection, "COLL_MATRIX") != 0;
  ExpPytablesKind kind = kinds[i].kind == EXP_PYTABLES_ARRAY && is_python ? EXP_PYTABLES_PYTHON_ARRAY : kinds[i].kind;
  return exp_pypet_item_renew_as (change, trajectory, group, name, flag, kind, error);
}

static gboolean
is_empty_dict (ExpNode *inner)
{
  g_autofree char *collection = exp_pypet_text (inner, "SRVC_DATA_COLL_TYPE");

  return g_strcmp0 (collection, "COLL_EMPTY_DICT") == 0;
}

/* A frame becomes a table of its columns, the index among them. */
static gboolean
keep_as_table (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *name, ExpNode *shown,
               GError **error)
{
  g_auto (ExpInfo) info = { 0 };

  if (!exp_node_describe (shown, &info, error))
    return FALSE;
  if (info.kind != EXP_KIND_DATASET || info.dtype == NULL || info.dtype->type != EXP_TYPE_COMPOUND || info.rank != 1)
    return refuse ("TABLE", "what has no columns", error);
  if (info.shape[0] == 0)
    return refuse ("TABLE", "a table without rows", error);

  ExpNewDataset dataset = { .dtype = info.dtype, .rank = 1, .shape = { info.shape[0] } };
  g_autofree char *hidden = exp_pypet_change_name (change);
  return exp_pypet_item_create (change, leaf, group, hidden, &dataset, error)
         && exp_pypet_item_copy_values (change, leaf, group, hidden, shown, error)
         && exp_pypet_change_remove (change, group, name, error)
         && exp_pypet_change_move (change, group, hidden, group, name, error);
}

static gboolean
set_flag (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *name, const char *flag,
          GError **error)
{
  g_autoptr (ExpNode) inner = exp_node_lookup (group, name, error);
  g_autoptr (ExpNode) shown = NULL;

  if (inner == NULL)
    return FALSE;
  if (g_strcmp0 (exp_pypet_flag (inner), flag) == 0)
    return TRUE;
  if (strstr (name, "__spsp__") != NULL || (leaf->is_pickled && exp_pypet_flag (inner) != NULL))
    return refuse (flag, "a pickle or a sparse matrix", error);
  if (leaf->is_parameter && strcmp (name, "data__rr__") != 0)
    return refuse (flag, "the value of a parameter of this class", error);
  if (strcmp (flag, "DICT") == 0 && g_strcmp0 (exp_pypet_flag (inner), "NESTED_GROUP") == 0)
    return exp_pypet_dict_gather (change, leaf, inner, group, name, error);
  if (strcmp (flag, "DICT") == 0)
    return is_empty_dict (inner) || refuse (flag, "what is no directory", error);
  if (strcmp (flag, "TABLE") != 0 && strcmp (flag, "FRAME") != 0 && strcmp (flag, "SERIES") != 0)
    return keep_as_array (change, leaf, group, name, inner, flag, error);
  if (leaf->is_parameter)
    return refuse (flag, "a parameter", error);
  shown = exp_pypet_item_new (leaf, inner, name, error);
  if (shown == NULL)
    return FALSE;
  return strcmp (flag, "TABLE") == 0 ? keep_as_table (change, leaf, group, name, shown, error)
                                     : exp_pypet_frame_keep (change, leaf, group, name, shown, flag, error);
}

static gboolean
set_note (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *name, const char *note,
          const char *value, GError **error)
{
  if (strcmp (note, "python") == 0)
    return exp_pypet_python_set (change, leaf, group, name, value, error);
  return strcmp (note, "flag") != 0 || set_flag (change, leaf, group, name, value, error);
}

gboolean
exp_pypet_item_set_note (const ExpPypetLeaf *leaf, ExpNode *group, const char *name, const char *note,
                         const char *value, GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (leaf->scope->trajectory->store, error);

  return change != NULL && exp_pypet_change_end (change, set_note (change, leaf, group, name, note, value, error));
}

/* The one item of a result has a name, which shows nowhere else. */
static gboolean
rename_item (ExpPypetChange *change, const ExpPypetLeaf *leaf, const char *single, const char *value, GError **error)
{
  g_autofree char *shown = exp_pypet_item_name (single);
  g_autofree char *stored = g_strconcat (value, single + strlen (shown), NULL);

  if (leaf->is_parameter || strcmp (stored, single) == 0)
    return TRUE;
  exp_pypet_change_note_moved (change);
  return exp_pypet_check_name (value, error)
         && exp_pypet_change_move (change, leaf->inner, single, leaf->inner, stored, error)
         && exp_pypet_overview_update (change, leaf, FALSE, error);
}

static gboolean
set_leaf_note (ExpPypetChange *change, const ExpPypetLeaf *leaf, const char *note, const char *value, GError **error)
{
  g_autofree char *single = exp_pypet_leaf_is_kept_directory (leaf) ? NULL : exp_pypet_leaf_single (leaf, NULL);

  if (strcmp (note, "stored") == 0)
    return exp_pypet_form_put (change, leaf, value, error);
  if (single != NULL && leaf->is_parameter && strcmp (note, "python") == 0 && strcmp (value, "None") == 0)
    return exp_pypet_is_explored (leaf->inner) ? refuse (value, "an explored parameter", error)
                                               : exp_pypet_leaf_clear (change, leaf, error);
  if (single != NULL && strcmp (note, "item") == 0)
    return rename_item (change, leaf, single, value, error);
  if (single != NULL)
    return set_note (change, leaf, leaf->inner, single, note, value, error);
  if (strcmp (note, "flag") != 0)
    return TRUE;
  /* All items of a result as the keys of one. */
  if (strcmp (value, "DICT") != 0 || leaf->is_parameter || leaf->is_pickled)
    return refuse (value, "several items", error);
  return exp_pypet_dict_from_items (change, leaf, error) && exp_pypet_overview_update (change, leaf, FALSE, error);
}

gboolean
exp_pypet_leaf_set_note (const ExpPypetLeaf *leaf, const char *note, const char *value, GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (leaf->scope->trajectory->store, error);

  return change != NULL && exp_pypet_change_end (change, set_leaf_note (change, leaf, note, value, error));
}

gboolean
exp_pypet_place_set_note (const ExpPypetPlace *place, const char *note, const char *flag, GError **error)
{
  ExpPypetBranch branch = place->scope->branch;

  if (strcmp (note, "stored") == 0)
    {
      ExpPypetChange *change = exp_pypet_change_begin (place->scope->trajectory->store, error);

      return change != NULL && exp_pypet_change_end (change, exp_pypet_form_put_in_group (change, place, flag, error));
    }
  if (strcmp (note, "flag") != 0)
    return TRUE;
  if (strcmp (flag, "NESTED_GROUP") == 0) /* it becomes one with the result that it is in */
    return TRUE;
  const gboolean is_empty = strcmp (flag, "ARRAY") == 0 && exp_pypet_is_vacant (place->inner); /* as {} is kept */
  if ((strcmp (flag, "DICT") != 0 && !is_empty) || (branch != EXP_BRANCH_RESULTS && branch != EXP_BRANCH_OTHER))
    return refuse (flag, branch == EXP_BRANCH_RESULTS ? "a group" : "a group of parameters", error);
  ExpPypetChange *change = exp_pypet_change_begin (place->scope->trajectory->store, error);

  return change != NULL && exp_pypet_change_end (change, exp_pypet_dict_from_group (change, place, error));
}
