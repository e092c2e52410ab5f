/* Ranges of parameters that hold arrays: each distinct array once, and a table that says which run has which.
 * Knows where both generations of pypet keep them.
 * Called by write_range.c. */
#include "type.h"
#include "write.h"
#include "write_cast.h"
#include "write_range.h"
#include <string.h>

#define VALUE  "data__rr__"
#define ARRAYS "explored__rr__"
#define SET    1000 /* arrays in a group of the newer generation */

gboolean
exp_pypet_range_is_of_arrays (const ExpPypetLeaf *leaf)
{
  g_autoptr (ExpNode) value = exp_pypet_child (leaf->inner, VALUE);

  return leaf->is_parameter && value != NULL;
}

static gboolean
refuse (const char *why, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "a range of arrays is written here when %s", why);
  return FALSE;
}

static ExpNode *
own_value (const ExpPypetLeaf *leaf, GError **error)
{
  g_autoptr (ExpNode) stored = exp_node_lookup (leaf->inner, VALUE, error);

  return stored != NULL ? exp_pypet_item_new (leaf, stored, VALUE, error) : NULL;
}

/* What the values are; `info` of all that there are, or of none. */
static gboolean
describe (const ExpPypetLeaf *leaf, ExpNode **range, ExpInfo *info, GError **error)
{
  g_autoptr (ExpNode) own = NULL;
  g_auto (ExpInfo) one = { 0 };

  *range = exp_pypet_is_explored (leaf->inner) ? exp_pypet_range_values_new (leaf, error) : NULL;
  if (*range != NULL)
    return exp_node_describe (*range, info, error)
           && (info->kind == EXP_KIND_DATASET || refuse ("all have one shape and type", error));
  own = own_value (leaf, error);
  if (own == NULL || !exp_node_describe (own, &one, error))
    return FALSE;
  if (one.kind != EXP_KIND_DATASET || one.rank + 1 > EXP_MAX_RANK)
    return refuse ("they are of numbers or texts", error);
  info->kind = EXP_KIND_DATASET;
  info->dtype = exp_dtype_ref (one.dtype);
  info->rank = one.rank + 1;
  memcpy (info->shape + 1, one.shape, one.rank * sizeof *one.shape);
  return TRUE;
}

gboolean
exp_pypet_array_range_describe (const ExpPypetLeaf *leaf, ExpInfo *info, GError **error)
{
  g_autoptr (ExpNode) range = NULL;

  return describe (leaf, &range, info, error);
}

/* The values for `n` runs: the parameter's own where there are none yet. */
static ExpArray *
load (const ExpPypetLeaf *leaf, guint64 n, GError **error)
{
  g_autoptr (ExpNode) range = NULL;
  g_auto (ExpInfo) info = { 0 };

  if (!describe (leaf, &range, &info, error))
    return NULL;
  g_autoptr (ExpNode) own = own_value (leaf, error);
  g_autoptr (ExpArray) one = own != NULL ? exp_node_read_all (own, error) : NULL;
  g_autoptr (ExpArray) old = range != NULL ? exp_node_read_all (range, error) : NULL;
  if (one == NULL || (range != NULL && old == NULL))
    return NULL;
  g_autoptr (ExpArray) same = exp_cast_back (one, info.dtype, "utf8", error);
  info.shape[0] = n;
  g_autoptr (ExpArray) values = same != NULL ? exp_array_new (info.dtype, info.rank, info.shape, error) : NULL;
  if (values == NULL)
    return NULL;
  const gsize row = n > 0 ? values->n_elements / n * info.dtype->size : 0;
  for (guint64 i = 0; i < n && row > 0; i++)
    {
      gboolean is_old = old != NULL && i < old->shape[0];

      if (!is_old && same->n_elements * info.dtype->size != row)
        {
          refuse ("all have one shape and type", error);
          return NULL;
        }
      memcpy (values->data + i * row, is_old ? old->data + i * row : same->data, row);
    }
  if (exp_dtype_has_vlen (info.dtype) && !exp_array_own_cells (values, error))
    return NULL;
  return g_steal_pointer (&values);
}

/* A nested group, there already or made now. */
static ExpNode *
nested (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *parent, const char *name, GError **error)
{
  ExpNode *there = exp_pypet_child (parent, name);
  ExpPypetPacking packing;

  if (there != NULL)
    return there;
  exp_pypet_packing (trajectory, &packing);
  g_autoptr (ExpNode) group = exp_pytables_group (change, parent, name, name, &packing.packing, error);
  return group != NULL && exp_pytables_set_text (change, group, "SRVC_STORE", "NESTED_GROUP", error)
             ? g_steal_pointer (&group)
             : NULL;
}

ExpNode *
exp_pypet_range_place (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpPypetRangeKind kind, guint number,
                       char **name, GError **error)
{
  ExpPypetTrajectory *trajectory = leaf->scope->trajectory;
  const gboolean is_classic = exp_pypet_is_classic (trajectory);
  g_autofree char *set = g_strdup_printf ("set_%05u", number / SET);

  if (kind != EXP_RANGE_ARRAYS || is_classic)
    {
      *name = exp_pypet_range_path (kind, is_classic, number);
      return exp_node_ref (leaf->inner);
    }
  g_autoptr (ExpNode) sets = nested (change, trajectory, leaf->inner, ARRAYS, error);
  *name = g_strdup_printf ("xa_%08u", number);
  return sets != NULL ? nested (change, trajectory, sets, set, error) : NULL;
}

/* Texts of a bounded length, as arrays keep them. */
static ExpArray *
bound_texts (ExpArray *array, GError **error)
{
  if (array->dtype->type != EXP_TYPE_STRING && array->dtype->type != EXP_TYPE_VSTRING)
    return exp_array_ref (array);
  const gsize longest = exp_cast_longest_text (array, "utf8");
  g_autoptr (ExpDtype) text = exp_dtype_new_string (MAX (longest, 1), EXP_PAD_NUL_TERMINATED, array->dtype->is_utf8);
  return exp_cast_back (array, text, "utf8", error);
}

static gboolean
store_bounded (ExpPypetChange *change, const ExpPypetLeaf *leaf, guint number, ExpArray *array, GError **error)
{
  ExpPypetTrajectory *trajectory = leaf->scope->trajectory;
  g_autoptr (ExpNode) own = exp_node_lookup (leaf->inner, VALUE, error);
  g_autofree char *name = NULL;
  g_auto (ExpPypetPlan) plan = { 0 };
  ExpNewDataset dataset = { .dtype = array->dtype, .rank = array->rank };
  ExpSlab all;

  memcpy (dataset.shape, array->shape, sizeof dataset.shape);
  if (own == NULL || !exp_pypet_plan_init (&plan, &dataset, FALSE, exp_pypet_is_classic (trajectory), error))
    return FALSE;
  g_autofree char *collection = exp_pypet_text (own, "SRVC_DATA_COLL_TYPE");
  g_autofree char *scalar = exp_pypet_text (own, "SRVC_DATA_SCALAR_TYPE");
  g_autofree char *flag = exp_pypet_text (own, "SRVC_STORE");
  g_auto (ExpInfo) own_info = { 0 };
  if (collection != NULL && flag != NULL && exp_node_describe (own, &own_info, NULL) && own_info.rank == array->rank
      && exp_info_n_elements (&own_info) > 0 && array->n_elements > 0)
    {
      plan.collection = collection;
      plan.scalar = scalar;
      plan.flag = flag;
      plan.kind = exp_pytables_kind (own);
    }
  g_autoptr (ExpNode) group = exp_pypet_range_place (change, leaf, EXP_RANGE_ARRAYS, number, &name, error);
  g_autoptr (ExpNode) node
      = group != NULL ? exp_pypet_plan_make (change, trajectory, group, name, name, &plan, error) : NULL;
  exp_slab_init_all (&all, array->rank, array->shape);
  return node != NULL && exp_cast_write (node, plan.dtype, &all, array, "utf8", error);
}

gboolean
exp_pypet_range_store_array (ExpPypetChange *change, const ExpPypetLeaf *leaf, guint number, ExpArray *array,
                             GError **error)
{
  g_autoptr (ExpArray) bounded = bound_texts (array, error);

  return bounded != NULL && store_bounded (change, leaf, number, bounded, error);
}

gboolean
exp_pypet_range_store_numbers (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpPypetRangeKind kind,
                               const gint32 *numbers, guint64 n, GError **error)
{
  const char *name = exp_pypet_range_table_name (kind);
  g_autoptr (ExpNode) old = exp_pypet_child (leaf->inner, name);

  ExpPypetTrajectory *trajectory = leaf->scope->trajectory;
  gboolean is_classic = exp_pypet_is_classic (trajectory);
  g_autoptr (ExpDtype) number = exp_dtype_new_number (EXP_TYPE_INT, 4, FALSE);
  g_autoptr (ExpDtype) row = exp_pypet_column_type_new ("idx", number);
  g_autoptr (ExpArray) rows = exp_array_new (row, 1, &n, error);
  ExpPypetPacking packing;

  if (rows == NULL || (old != NULL && !exp_pypet_change_remove (change, leaf->inner, name, error)))
    return FALSE;
  exp_pypet_packing (trajectory, &packing);
  g_autoptr (ExpNode) table
      = exp_pytables_dataset (change, leaf->inner, name, name, EXP_PYTABLES_TABLE, row, 1, &n, &packing.packing, error);
  if (table == NULL)
    return FALSE;
  memcpy (rows->data, numbers, n * sizeof *numbers);
  return exp_pytables_set_text (change, table, "SRVC_STORE", "TABLE", error)
         && exp_pypet_note_column (change, table, "idx", "COLL_SCALAR", is_classic ? "<type 'int'>" : "int", error)
         && exp_pypet_change_rows (change, table, 0, rows, error)
         && (!is_classic || exp_pytables_set_int (change, leaf->inner, "SRVC_INIT_LENGTH", (gint64)n, 8, error));
}

/* One row as an array of its own. */
static ExpArray *
dup_row (const ExpArray *values, guint64 row, gsize size, GError **error)
{
  ExpArray *array = exp_array_new (values->dtype, values->rank - 1, values->shape + 1, error);

  if (array != NULL && size > 0)
    memcpy (array->data, values->data + row * size, size);
  return array;
}

static gboolean
store (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpArray *given, GError **error)
{
  g_autoptr (ExpArray) values = bound_texts (given, error);
  if (values == NULL)
    return FALSE;

  guint64 n = values->shape[0];
  gsize size = values->n_elements / n * values->dtype->size;
  g_autofree gint32 *numbers = g_try_new (gint32, n);
  g_autoptr (GHashTable) known
      = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);

  if (numbers == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for the range");
      return FALSE;
    }
  if (!exp_pypet_range_drop (change, leaf->inner, error))
    return FALSE;
  for (guint64 i = 0; i < n; i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_static (values->data + i * size, size);
      gpointer number;

      if (!g_hash_table_lookup_extended (known, bytes, NULL, &number))
        {
          g_autoptr (ExpArray) array = dup_row (values, i, size, error);

          number = GUINT_TO_POINTER (g_hash_table_size (known));
          if (array == NULL || !exp_pypet_range_store_array (change, leaf, GPOINTER_TO_UINT (number), array, error))
            return FALSE;
          g_hash_table_insert (known, g_bytes_ref (bytes), number);
        }
      numbers[i] = (gint32)GPOINTER_TO_UINT (number);
    }
  return exp_pypet_range_store_numbers (change, leaf, EXP_RANGE_ARRAYS, numbers, n, error);
}

gboolean
exp_pypet_array_range_create (ExpPypetChange *change, const ExpPypetLeaf *leaf, guint rank, const guint64 *shape,
                              GError **error)
{
  g_auto (ExpInfo) info = { 0 };

  if (!exp_pypet_array_range_describe (leaf, &info, error))
    return FALSE;
  if (rank != info.rank || shape[0] == 0 || memcmp (shape + 1, info.shape + 1, (rank - 1) * sizeof *shape) != 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "a range has one array of the parameter's shape for each run");
      return FALSE;
    }
  g_autoptr (ExpArray) values = load (leaf, shape[0], error);
  return values != NULL && store (change, leaf, values, error);
}

gboolean
exp_pypet_array_range_write (ExpPypetChange *change, const ExpPypetLeaf *leaf, const ExpSlab *slab,
                             const ExpArray *array, GError **error)
{
  g_auto (ExpInfo) info = { 0 };

  if (!exp_pypet_array_range_describe (leaf, &info, error))
    return FALSE;
  g_autoptr (ExpArray) values = load (leaf, info.shape[0], error);
  g_autoptr (ExpNode) memory = values != NULL ? exp_memory_store_new () : NULL;
  g_autoptr (ExpArray) given = values != NULL ? exp_cast_back (array, info.dtype, "utf8", error) : NULL;
  if (given == NULL)
    return FALSE;

  ExpNewDataset dataset = { .dtype = info.dtype, .rank = info.rank };
  ExpSlab all;
  memcpy (dataset.shape, info.shape, sizeof dataset.shape);
  exp_slab_init_all (&all, info.rank, info.shape);
  g_autoptr (ExpNode) whole = exp_node_create_dataset (memory, "range", &dataset, error);
  if (whole == NULL || !exp_node_write (whole, &all, values, error) || !exp_node_write (whole, slab, given, error))
    return FALSE;
  g_autoptr (ExpArray) merged = exp_node_read_all (whole, error);
  exp_pypet_change_note_moved (change);
  return merged != NULL && store (change, leaf, merged, error);
}
