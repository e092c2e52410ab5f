/* Items of leaves: made, replaced by ones of another type or shape, and widened for longer texts.
 * Knows how items are stored; the leaf around them is write_leaf.c's.
 * Called by write_leaf.c, write_range.c and items.c. */
#include "type.h"
#include "write.h"
#include "write_cast.h"
#include "write_frame.h"
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

/* All of a vector as the one element of a VLARRAY, which is what PyTables makes of it. */
static gboolean
copy_as_row (ExpNode *from, ExpNode *to, GError **error)
{
  g_autoptr (ExpArray) values = exp_node_read_all (from, error);
  g_auto (ExpInfo) info = { 0 };

  if (values == NULL || !exp_node_describe (to, &info, error))
    return FALSE;
  ExpVlen row = { values->n_elements, values->data };
  return exp_node_write_flat (to, &info, 0, 1, &row, error);
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

/* `flag` NULL: as it was, as far as the shape lets it. */
static gboolean
renew (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *group, const char *name, ExpDtype *dtype,
       guint rank, const guint64 *shape, gboolean keeps_rows, const char *flag, ExpPytablesKind flag_kind,
       GError **error)
{
  g_autoptr (ExpNode) old = exp_node_lookup (group, name, error);
  g_autofree char *hidden = exp_pypet_change_name (change);
  ExpPypetPacking packing;

  if (old == NULL)
    return FALSE;
  ExpPytablesKind kind = exp_pytables_kind (old);
  ExpPytablesKind new_kind = flag != NULL ? flag_kind : kind_for_shape (old, kind, rank, shape);
  exp_pypet_packing (trajectory, &packing);
  g_autoptr (ExpNode) item = exp_pytables_dataset (change, group, hidden, kind == EXP_PYTABLES_TABLE ? name : "",
                                                   new_kind, dtype, rank, shape, &packing.packing, error);
  if (item == NULL || !copy_attributes (change, old, item, error)
      || !(flag != NULL ? exp_pytables_set_text (change, item, "SRVC_STORE", flag, error)
                        : adapt_flag (change, item, kind, new_kind, error)))
    return FALSE;
  if (keeps_rows
      && !(new_kind == EXP_PYTABLES_VLARRAY && kind != new_kind ? copy_as_row (old, item, error)
                                                                : copy_rows (old, item, error)))
    return FALSE;
  return exp_pypet_change_remove (change, group, name, error)
         && exp_pypet_change_move (change, group, hidden, group, name, error);
}

gboolean
exp_pypet_item_renew (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *group, const char *name,
                      ExpDtype *dtype, guint rank, const guint64 *shape, gboolean keeps_rows, GError **error)
{
  return renew (change, trajectory, group, name, dtype, rank, shape, keeps_rows, NULL, EXP_PYTABLES_ARRAY, error);
}

gboolean
exp_pypet_item_renew_as (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *group, const char *name,
                         const char *flag, ExpPytablesKind kind, GError **error)
{
  g_autoptr (ExpNode) old = exp_node_lookup (group, name, error);
  g_auto (ExpInfo) info = { 0 };
  guint64 one = 1;

  if (old == NULL || !exp_node_describe (old, &info, error))
    return FALSE;
  if (kind != EXP_PYTABLES_VLARRAY)
    return renew (change, trajectory, group, name, info.dtype, info.rank, info.shape, TRUE, flag, kind, error);
  g_autoptr (ExpDtype) row = exp_dtype_new_vlen (exp_dtype_ref (info.dtype));
  return renew (change, trajectory, group, name, row, 1, &one, TRUE, flag, kind, error);
}

/* Bytes of the longest text among those that are going to be in a member, or in the whole dataset when NULL. */
static gsize
longest_text (const ExpArray *array, const char *member, const char *encoding)
{
  const ExpDtype *dtype = array->dtype;
  gsize longest = 0;

  if (dtype->type != EXP_TYPE_COMPOUND)
    return exp_cast_longest_text (array, encoding);
  for (guint i = 0; member != NULL && i < dtype->n_members; i++)
    if (strcmp (dtype->members[i].name, member) == 0)
      for (gsize k = 0; k < array->n_elements; k++)
        {
          const ExpDtype *cell = dtype->members[i].dtype;
          ExpArray one = { .dtype = cell->type == EXP_TYPE_ARRAY ? cell->base : (ExpDtype *)cell,
                           .n_elements = cell->type == EXP_TYPE_ARRAY ? cell->size / MAX (cell->base->size, 1) : 1,
                           .data = array->data + k * dtype->size + dtype->members[i].offset };
          longest = MAX (longest, exp_cast_longest_text (&one, encoding));
        }
  return longest;
}

/* A text of at least `size` bytes, or of fixed arrays of such; NULL when `cell` has room or is none. In tables pypet
 * takes one and a half times the length, so that others fit as well. */
static ExpDtype *
wider_cell (const ExpDtype *cell, gsize size, gboolean is_column)
{
  gboolean is_array = cell->type == EXP_TYPE_ARRAY;
  const ExpDtype *text = is_array ? cell->base : cell;

  if (text->type != EXP_TYPE_STRING || size <= text->size)
    return NULL;
  ExpDtype *wider = exp_dtype_new_string (is_column ? size + size / 2 : size, EXP_PAD_NUL_TERMINATED, FALSE);
  return is_array ? exp_dtype_new_array (wider, cell->n_dims, cell->dims, NULL) : wider;
}

/* The type with room for the texts of `array`, which are going to be in the column `column`, NULL for all or the only
 * one; NULL when there is room. */
static ExpDtype *
wider_type (const ExpDtype *dtype, const char *column, const ExpArray *array, const char *encoding)
{
  g_autofree ExpMember *members = NULL;
  gboolean is_wider = FALSE;
  gsize size = 0;

  if (dtype->type != EXP_TYPE_COMPOUND)
    return wider_cell (dtype, longest_text (array, NULL, encoding), FALSE);
  members = g_new0 (ExpMember, dtype->n_members);
  for (guint i = 0; i < dtype->n_members; i++)
    {
      const ExpMember *member = &dtype->members[i];
      gboolean is_written = column == NULL || strcmp (column, member->name) == 0;
      ExpDtype *wider
          = is_written ? wider_cell (member->dtype, longest_text (array, member->name, encoding), TRUE) : NULL;

      is_wider = is_wider || wider != NULL;
      members[i] = (ExpMember){ member->name, wider != NULL ? wider : exp_dtype_ref (member->dtype), size };
      size += members[i].dtype->size;
    }
  g_autoptr (ExpDtype) row = exp_dtype_new_compound (size, dtype->n_members, members, NULL);
  return is_wider ? g_steal_pointer (&row) : NULL;
}

gboolean
exp_pypet_item_make_room_in (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *group, const char *name,
                             const char *column, const ExpArray *array, GError **error)
{
  const char *encoding = exp_pypet_encoding (trajectory);
  g_autoptr (ExpNode) item = exp_node_lookup (group, name, error);
  g_auto (ExpInfo) info = { 0 };

  if (item == NULL || !exp_node_describe (item, &info, error))
    return FALSE;
  if (info.dtype == NULL || info.is_null || exp_dtype_is_numeric (info.dtype))
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
  g_autoptr (ExpDtype) wider = wider_type (info.dtype, column, array, encoding);
  return wider == NULL
         || exp_pypet_item_renew (change, trajectory, group, name, wider, info.rank, info.shape, TRUE, error);
}

gboolean
exp_pypet_item_make_room (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *group, const char *name,
                          const ExpArray *array, GError **error)
{
  return exp_pypet_item_make_room_in (change, trajectory, group, name, NULL, array, error);
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
  if (exp_pypet_is_frame (item, NULL) && dataset->rank == 1 && dataset->dtype->type == EXP_TYPE_COMPOUND)
    return exp_pypet_frame_resize (change, trajectory, item, dataset->shape[0], error);
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

gboolean
exp_pypet_item_copy_values (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *name,
                            ExpNode *from, GError **error)
{
  ExpPypetTrajectory *trajectory = leaf->scope->trajectory;
  g_auto (ExpInfo) info = { 0 };

  if (!exp_node_describe (from, &info, error))
    return FALSE;
  const guint64 n = info.rank > 0 ? info.shape[0] : 1;
  const gsize step = MAX (COPY_BYTES / MAX (info.dtype->size, 1), 1);
  for (guint64 first = 0, count; first < n; first += count)
    {
      ExpSlab rows = { .rank = 1, .start = { first }, .count = { count = MIN (step, n - first) }, .step = { 1 } };
      g_autoptr (ExpArray) part = exp_node_read (from, &info, &rows, error);

      if (part == NULL || !exp_pypet_item_make_room (change, trajectory, group, name, part, error))
        return FALSE;
      g_autoptr (ExpNode) inner = exp_node_lookup (group, name, error);
      g_autoptr (ExpNode) to
          = inner != NULL ? exp_pypet_typed_new (inner, NULL, exp_pypet_encoding (trajectory), error) : NULL;
      if (to == NULL || !exp_node_write (to, &rows, part, error))
        return FALSE;
    }
  return TRUE;
}
