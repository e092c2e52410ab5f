/* Items of leaves: made, replaced by ones of another type or shape, and widened for longer texts.
 * Knows how items are stored; the leaf around them is write_leaf.c's.
 * Called by write_leaf.c, write_range.c and items.c. */
#include "type.h"
#include "write.h"
#include "write_cast.h"
#include <string.h>

#define COPY_BYTES (4 * 1024 * 1024)

static gboolean
is_own_attribute (const char *name)
{
  static const char *const own[] = { "CLASS", "VERSION", "TITLE", "FLAVOR", "EXTDIM", "NROWS", NULL };

  return g_strv_contains (own, name) || g_str_has_prefix (name, "FIELD_");
}

static gboolean
copy_attributes (ExpPypetChange *change, ExpNode *from, ExpNode *to, GError **error)
{
  g_auto (GStrv) names = exp_node_list_attributes (from, error);

  for (char **name = names; name != NULL && *name != NULL; name++)
    {
      g_autoptr (ExpArray) value = is_own_attribute (*name) ? NULL : exp_node_read_attribute (from, *name, error);

      if (value == NULL && !is_own_attribute (*name))
        return FALSE;
      if (value != NULL && !exp_pypet_change_attribute (change, to, *name, value, error))
        return FALSE;
    }
  return names != NULL;
}

static gboolean
copy_rows (ExpNode *from, ExpNode *to, GError **error)
{
  g_auto (ExpInfo) old = { 0 }, new = { 0 };

  if (!exp_node_describe (from, &old, error) || !exp_node_describe (to, &new, error))
    return FALSE;

  const guint64 n = MIN (exp_info_n_elements (&old), exp_info_n_elements (&new));
  const gsize step = MAX (COPY_BYTES / MAX (MAX (old.dtype->size, new.dtype->size), 1), 1);
  for (guint64 first = 0, count; first < n; first += count)
    {
      count = MIN (step, n - first);
      g_autoptr (ExpArray) part = exp_node_read_flat (from, &old, first, count, error);
      g_autoptr (ExpArray) cells = part != NULL ? exp_cast_back (part, new.dtype, NULL, error) : NULL;
      if (cells == NULL || !exp_node_write_flat (to, &new, first, count, cells->data, error))
        return FALSE;
    }
  return TRUE;
}

/* pypet refuses a CARRAY without elements, and an ARRAY that has some again is what it was before. */
static gboolean
adapt_flag (ExpPypetChange *change, ExpNode *item, ExpPytablesKind old, ExpPytablesKind new, GError **error)
{
  if (old == new)
    return TRUE;
  return exp_pytables_set_text (change, item, "SRVC_STORE", new == EXP_PYTABLES_CARRAY ? "CARRAY" : "ARRAY", error);
}

static ExpPytablesKind
kind_for_shape (ExpNode *old, ExpPytablesKind kind, guint rank, const guint64 *shape)
{
  g_autofree char *collection = NULL;
  gboolean is_empty = FALSE;

  for (guint i = 0; i < rank; i++)
    is_empty = is_empty || shape[i] == 0;
  if (kind == EXP_PYTABLES_CARRAY && is_empty)
    return EXP_PYTABLES_ARRAY;
  if (kind != EXP_PYTABLES_ARRAY || is_empty || rank == 0)
    return kind;

  g_auto (ExpInfo) info = { 0 };
  collection = exp_pypet_text (old, "SRVC_DATA_COLL_TYPE");
  return g_strcmp0 (collection, "COLL_NDARRAY") == 0 && exp_node_describe (old, &info, NULL)
                 && exp_info_n_elements (&info) == 0
             ? EXP_PYTABLES_CARRAY
             : kind;
}

gboolean
exp_pypet_item_renew (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *group, const char *name,
                      ExpDtype *dtype, guint rank, const guint64 *shape, gboolean keeps_rows, GError **error)
{
  g_autoptr (ExpNode) old = exp_node_lookup (group, name, error);
  g_autofree char *hidden = exp_pypet_change_name (change);
  ExpPypetPacking packing;

  if (old == NULL)
    return FALSE;
  ExpPytablesKind kind = exp_pytables_kind (old), new_kind = kind_for_shape (old, kind, rank, shape);
  exp_pypet_packing (trajectory, &packing);
  g_autoptr (ExpNode) item = exp_pytables_dataset (change, group, hidden, kind == EXP_PYTABLES_TABLE ? name : "",
                                                   new_kind, dtype, rank, shape, &packing.packing, error);
  return item != NULL && copy_attributes (change, old, item, error) && adapt_flag (change, item, kind, new_kind, error)
         && (!keeps_rows || copy_rows (old, item, error)) && exp_pypet_change_remove (change, group, name, error)
         && exp_pypet_change_move (change, group, hidden, group, name, error);
}

/* The size of the texts of an item: of a dataset of texts, or of the cells of a table with one column of them. */
static gsize
text_size (const ExpInfo *info)
{
  const ExpDtype *dtype = info->dtype;

  if (dtype == NULL || info->is_null)
    return 0;
  if (dtype->type == EXP_TYPE_COMPOUND && dtype->n_members == 1)
    dtype = dtype->members[0].dtype;
  return dtype->type == EXP_TYPE_STRING ? dtype->size : 0;
}

/* pypet takes one and a half times the length in tables, so that others fit as well. */
static ExpDtype *
wider_type (const ExpInfo *info, gsize size)
{
  if (info->dtype->type == EXP_TYPE_STRING)
    return exp_dtype_new_string (size, EXP_PAD_NUL_TERMINATED, FALSE);
  g_autoptr (ExpDtype) cell = exp_dtype_new_string (size + size / 2, EXP_PAD_NUL_TERMINATED, FALSE);
  return exp_pypet_column_type_new (info->dtype->members[0].name, cell);
}

gboolean
exp_pypet_item_make_room (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *group, const char *name,
                          const ExpArray *array, GError **error)
{
  const char *encoding = exp_pypet_encoding (trajectory);
  g_autoptr (ExpNode) item = exp_node_lookup (group, name, error);
  g_auto (ExpInfo) info = { 0 };

  if (item == NULL || !exp_node_describe (item, &info, error))
    return FALSE;

  gsize size = text_size (&info), longest = exp_cast_longest_text (array, encoding);
  if (size == 0 || longest == 0)
    return TRUE;
  if (exp_pytables_kind (item) == EXP_PYTABLES_CARRAY && !exp_cast_is_ascii (array))
    {
      g_autofree char *scalar = exp_pypet_text (item, "SRVC_DATA_SCALAR_TYPE");
      if (scalar != NULL)
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
                       "pypet loads an array of texts only when they are ASCII (a list of them may be any)");
          return FALSE;
        }
    }
  if (longest <= size)
    return TRUE;
  g_autoptr (ExpDtype) wider = wider_type (&info, longest);
  return exp_pypet_item_renew (change, trajectory, group, name, wider, info.rank, info.shape, TRUE, error);
}

gboolean
exp_pypet_item_create (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *name,
                       const ExpNewDataset *dataset, GError **error)
{
  ExpPypetTrajectory *trajectory = leaf->scope->trajectory;
  g_auto (ExpPypetPlan) plan = { 0 };
  g_autofree char *hidden = exp_pypet_change_name (change);

  if (!exp_pypet_plan_init (&plan, dataset, FALSE, exp_pypet_is_classic (trajectory), error))
    return FALSE;
  g_autoptr (ExpNode) item = exp_pypet_plan_make (change, trajectory, group, hidden, name, &plan, error);
  return item != NULL && exp_pypet_change_move (change, group, hidden, group, name, error);
}

/* TRUE when the item can stay of its kind: a list a list, a tuple a tuple. */
static gboolean
is_alike (ExpNode *item, const ExpNewDataset *dataset, ExpDtype **dtype)
{
  g_auto (ExpInfo) info = { 0 };
  g_autoptr (ExpNode) shown = NULL;
  g_autofree char *scalar = exp_pypet_text (item, "SRVC_DATA_SCALAR_TYPE");

  if (dataset->is_null || dataset->is_extensible || !exp_node_describe (item, &info, NULL)
      || info.kind != EXP_KIND_DATASET || info.is_null || (info.rank == 0) != (dataset->rank == 0))
    return FALSE;
  shown = exp_pypet_typed_new (item, scalar, "utf8", NULL);
  g_auto (ExpInfo) typed = { 0 };
  if (shown == NULL || !exp_node_describe (shown, &typed, NULL))
    return FALSE;
  if (exp_dtype_equal (typed.dtype, dataset->dtype))
    {
      *dtype = exp_dtype_ref (info.dtype);
      return TRUE;
    }
  if (info.dtype->type != EXP_TYPE_STRING
      || (dataset->dtype->type != EXP_TYPE_STRING && dataset->dtype->type != EXP_TYPE_VSTRING))
    return FALSE;
  *dtype = exp_dtype_ref (info.dtype);
  return TRUE;
}

static gboolean
copy_kept_rows (ExpNode *group, const char *old, const char *new, GError **error)
{
  g_autoptr (ExpNode) from = exp_node_lookup (group, old, error);
  g_autoptr (ExpNode) to = from != NULL ? exp_node_lookup (group, new, error) : NULL;

  return to != NULL && copy_rows (from, to, error);
}

gboolean
exp_pypet_item_replace (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *name,
                        const ExpNewDataset *dataset, GError **error)
{
  ExpPypetTrajectory *trajectory = leaf->scope->trajectory;
  g_autoptr (ExpNode) item = exp_node_lookup (group, name, error);
  g_autoptr (ExpDtype) dtype = NULL;
  g_auto (ExpPypetPlan) plan = { 0 };
  g_autofree char *hidden = exp_pypet_change_name (change);

  if (item == NULL)
    return FALSE;
  if (is_alike (item, dataset, &dtype))
    return exp_pypet_item_renew (change, trajectory, group, name, dtype, dataset->rank, dataset->shape,
                                 dataset->keeps_rows, error);
  if (!exp_pypet_plan_init (&plan, dataset, FALSE, exp_pypet_is_classic (trajectory), error))
    return FALSE;
  g_autoptr (ExpNode) new = exp_pypet_plan_make (change, trajectory, group, hidden, name, &plan, error);
  return new != NULL && (!dataset->keeps_rows || copy_kept_rows (group, name, hidden, error))
         && exp_pypet_change_remove (change, group, name, error)
         && exp_pypet_change_move (change, group, hidden, group, name, error);
}
