/* Plans: which flag, node and Python type a value of some type and shape gets.
 * Knows what pypet's HDF5StorageService chooses by default; no tree.
 * Called by the files of this folder that write. */
#include "write_plan.h"
#include <string.h>

/* Python's names of the types that are its own objects', else NumPy's. */
static const struct
{
  ExpTypeClass type;
  gsize size;
  const char *python, *numpy;
} names[] = {
  { EXP_TYPE_BOOL, 1, "bool", "bool_" },      { EXP_TYPE_BITFIELD, 1, "bool", "bool_" },
  { EXP_TYPE_INT, 1, NULL, "int8" },          { EXP_TYPE_INT, 2, NULL, "int16" },
  { EXP_TYPE_INT, 4, NULL, "int32" },         { EXP_TYPE_INT, 8, "int", "int64" },
  { EXP_TYPE_UINT, 1, NULL, "uint8" },        { EXP_TYPE_UINT, 2, NULL, "uint16" },
  { EXP_TYPE_UINT, 4, NULL, "uint32" },       { EXP_TYPE_UINT, 8, NULL, "uint64" },
  { EXP_TYPE_FLOAT, 4, NULL, "float32" },     { EXP_TYPE_FLOAT, 8, "float", "float64" },
  { EXP_TYPE_COMPLEX, 8, NULL, "complex64" }, { EXP_TYPE_COMPLEX, 16, "complex", "complex128" },
};

const char *
exp_pypet_scalar_name (const ExpDtype *dtype, gboolean is_python, gboolean is_classic)
{
  const char *name = NULL;
  gboolean is_numpy = FALSE;

  if (dtype->type == EXP_TYPE_STRING || dtype->type == EXP_TYPE_VSTRING)
    name = is_classic || dtype->is_utf8 ? "str" : "bytes";
  for (guint i = 0; i < G_N_ELEMENTS (names) && name == NULL; i++)
    if (names[i].type == dtype->type && names[i].size == dtype->size)
      {
        is_numpy = !is_python || names[i].python == NULL;
        name = is_numpy ? names[i].numpy : names[i].python;
      }
  if (name == NULL || !is_classic)
    return name;

  g_autofree char *classic = g_strdup_printf ("<type '%s%s'>", is_numpy ? "numpy." : "", name);
  return g_intern_string (classic);
}

ExpDtype *
exp_pypet_stored_type (const ExpDtype *dtype)
{
  if (dtype->type == EXP_TYPE_VSTRING)
    return exp_dtype_new_string (1, EXP_PAD_NUL_TERMINATED, FALSE);
  if (dtype->type == EXP_TYPE_STRING)
    return exp_dtype_new_string (MAX (dtype->size, 1), EXP_PAD_NUL_TERMINATED, FALSE);
  if (exp_pypet_scalar_name (dtype, TRUE, FALSE) == NULL)
    return NULL;
  if (dtype->type == EXP_TYPE_BOOL)
    return exp_dtype_new_number (EXP_TYPE_BITFIELD, 1, FALSE);
  return exp_dtype_ref ((ExpDtype *)dtype);
}

static gboolean
is_text (const ExpDtype *dtype)
{
  return dtype->type == EXP_TYPE_STRING || dtype->type == EXP_TYPE_VSTRING;
}

ExpDtype *
exp_pypet_column_type_new (const char *column, ExpDtype *cell)
{
  ExpMember member = { (char *)column, exp_dtype_ref (cell), 0 };

  return exp_dtype_new_compound (cell->size, 1, &member, NULL);
}

static gboolean
refuse (const char *what, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "pypet cannot hold %s", what);
  return FALSE;
}

/* A table of columns, as pypet's ObjectTable is stored. */
static gboolean
plan_table (ExpPypetPlan *plan, const ExpDtype *dtype, GError **error)
{
  g_autofree ExpMember *members = g_new0 (ExpMember, dtype->n_members);
  gsize size = 0;

  for (guint i = 0; i < dtype->n_members; i++)
    {
      ExpDtype *cell = dtype->members[i].dtype;
      gboolean is_array = cell->type == EXP_TYPE_ARRAY;
      ExpDtype *stored = exp_pypet_stored_type (is_array ? cell->base : cell);

      if (stored != NULL && is_array)
        stored = exp_dtype_new_array (stored, cell->n_dims, cell->dims, NULL);
      if (stored == NULL)
        {
          for (guint k = 0; k < i; k++)
            exp_dtype_unref (members[k].dtype);
          g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "pypet cannot hold the type of the column '%s'",
                       dtype->members[i].name);
          return FALSE;
        }
      members[i] = (ExpMember){ dtype->members[i].name, stored, size };
      size += stored->size;
    }
  plan->flag = "TABLE";
  plan->collection = NULL;
  plan->kind = EXP_PYTABLES_TABLE;
  plan->dtype = exp_dtype_new_compound (size, dtype->n_members, members, error);
  return plan->dtype != NULL;
}

static gboolean
plan_compound (ExpPypetPlan *plan, const ExpNewDataset *dataset, gboolean is_parameter, GError **error)
{
  if (is_parameter)
    return refuse ("a table as a parameter", error);
  if (dataset->rank != 1 || dataset->is_null)
    return refuse ("a structured array that is no table", error);
  return plan_table (plan, dataset->dtype, error);
}

static void
plan_scalar (ExpPypetPlan *plan, const ExpDtype *dtype, gboolean is_parameter, gboolean is_classic)
{
  plan->collection = "COLL_SCALAR";
  plan->scalar = exp_pypet_scalar_name (dtype, TRUE, is_classic);
  plan->flag = is_parameter ? "TABLE" : "ARRAY";
  plan->kind
      = is_parameter ? EXP_PYTABLES_TABLE
        : is_text (dtype) || exp_pypet_scalar_name (dtype, TRUE, FALSE) != exp_pypet_scalar_name (dtype, FALSE, FALSE)
            ? EXP_PYTABLES_PYTHON_ARRAY
            : EXP_PYTABLES_ARRAY;
  if (!is_parameter)
    return;

  ExpDtype *cell = plan->dtype;
  plan->is_cell = TRUE;
  plan->dtype = exp_pypet_column_type_new ("data", cell);
  exp_dtype_unref (cell);
  plan->rank = 1;
  plan->shape[0] = 1;
}

/* A list of texts may hold any characters, an array of them only ASCII. */
static void
plan_array (ExpPypetPlan *plan, const ExpNewDataset *dataset, gboolean is_parameter, gboolean is_classic)
{
  const ExpDtype *dtype = dataset->dtype;
  gboolean is_str = is_text (dtype) && (is_classic || dtype->is_utf8);
  gboolean is_empty = FALSE;

  for (guint i = 0; i < dataset->rank; i++)
    is_empty = is_empty || dataset->shape[i] == 0;
  plan->scalar = is_str ? exp_pypet_scalar_name (dtype, TRUE, is_classic) : NULL;
  plan->collection = "COLL_NDARRAY";
  if (is_str && dataset->rank == 1)
    {
      plan->collection = "COLL_LIST";
      plan->flag = "ARRAY";
      plan->kind = EXP_PYTABLES_PYTHON_ARRAY;
    }
  else if (dataset->is_extensible && !is_parameter && !is_classic)
    {
      plan->flag = "EARRAY";
      plan->kind = EXP_PYTABLES_EARRAY;
    }
  else
    {
      plan->flag = is_empty ? "ARRAY" : "CARRAY";
      plan->kind = is_empty ? EXP_PYTABLES_ARRAY : EXP_PYTABLES_CARRAY;
    }
}

/* What is no file's bytes. */
static gboolean
plan_values (ExpPypetPlan *plan, const ExpNewDataset *dataset, gboolean is_parameter, gboolean is_classic,
             GError **error)
{
  memset (plan, 0, sizeof *plan);
  plan->rank = dataset->rank;
  memcpy (plan->shape, dataset->shape, sizeof plan->shape);
  if (dataset->dtype->type == EXP_TYPE_COMPOUND)
    return plan_compound (plan, dataset, is_parameter, error);

  plan->dtype = exp_pypet_stored_type (dataset->dtype);
  if (plan->dtype == NULL)
    {
      g_autofree char *name = exp_dtype_to_text (dataset->dtype);
      g_autofree char *what = g_strdup_printf ("elements of type %s", name);
      return refuse (what, error);
    }
  if (dataset->is_null) /* nothing, as an empty list */
    {
      plan->rank = 1;
      plan->shape[0] = 0;
      plan->flag = "ARRAY";
      plan->collection = "COLL_LIST";
      plan->kind = EXP_PYTABLES_PYTHON_ARRAY;
    }
  else if (dataset->rank == 0)
    plan_scalar (plan, dataset->dtype, is_parameter, is_classic);
  else
    plan_array (plan, dataset, is_parameter, is_classic);
  return TRUE;
}

/* pypet has no type for the bytes of a file: it loads them as an array of bytes, and expfs notes what they are. */
gboolean
exp_pypet_plan_init (ExpPypetPlan *plan, const ExpNewDataset *dataset, gboolean is_parameter, gboolean is_classic,
                     GError **error)
{
  gboolean is_file = exp_dtype_is_file_byte (dataset->dtype) && dataset->rank == 1 && !dataset->is_null;
  g_autoptr (ExpDtype) byte = is_file ? exp_dtype_new_number (EXP_TYPE_UINT, 1, FALSE) : NULL;
  ExpNewDataset values = *dataset;

  if (is_file)
    values.dtype = byte;
  if (!plan_values (plan, &values, is_parameter, is_classic, error))
    return FALSE;
  plan->is_file = is_file;
  return TRUE;
}

void
exp_pypet_plan_clear (ExpPypetPlan *plan)
{
  g_clear_pointer (&plan->dtype, exp_dtype_unref);
}

gboolean
exp_pypet_note_column (ExpPypetChange *change, ExpNode *table, const char *column, const char *collection,
                       const char *scalar, GError **error)
{
  g_autofree char *of_collection = g_strdup_printf ("SRVC_COLUMN_%s_COLL_TYPE", column);
  g_autofree char *of_scalar = g_strdup_printf ("SRVC_COLUMN_%s_SCALAR_TYPE", column);

  return exp_pytables_set_text (change, table, of_collection, collection, error)
         && (scalar == NULL || exp_pytables_set_text (change, table, of_scalar, scalar, error));
}

static gboolean
note_columns (ExpPypetChange *change, ExpNode *table, const ExpPypetPlan *plan, gboolean is_classic, GError **error)
{
  for (guint i = 0; i < plan->dtype->n_members; i++)
    {
      const ExpMember *member = &plan->dtype->members[i];
      gboolean is_array = member->dtype->type == EXP_TYPE_ARRAY;
      const char *scalar = plan->is_cell             ? plan->scalar
                           : is_array                ? NULL
                           : is_text (member->dtype) ? (is_classic ? "<type 'str'>" : "str")
                                                     : exp_pypet_scalar_name (member->dtype, FALSE, is_classic);

      if (!exp_pypet_note_column (change, table, member->name, is_array ? "COLL_NDARRAY" : "COLL_SCALAR", scalar,
                                  error))
        return FALSE;
    }
  return TRUE;
}

void
exp_pypet_table_explain (GError **error, guint n_columns)
{
  if (error != NULL && g_error_matches (*error, EXP_ERROR, EXP_ERROR_TOO_LARGE))
    g_prefix_error (error, "a table of %u columns: HDF5 keeps the names and types of all in 64 KiB: ", n_columns);
}

ExpNode *
exp_pypet_plan_make (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *leaf, const char *name,
                     const char *title, const ExpPypetPlan *plan, GError **error)
{
  gboolean is_table = plan->kind == EXP_PYTABLES_TABLE;
  ExpPypetPacking packing;

  exp_pypet_packing (trajectory, &packing);
  g_autoptr (ExpNode) item = exp_pytables_dataset (change, leaf, name, is_table ? title : "", plan->kind, plan->dtype,
                                                   plan->rank, plan->shape, &packing.packing, error);
  if (item == NULL && is_table)
    exp_pypet_table_explain (error, plan->dtype->n_members);
  if (item == NULL || !exp_pytables_set_text (change, item, "SRVC_STORE", plan->flag, error))
    return NULL;
  if (is_table)
    return note_columns (change, item, plan, exp_pypet_is_classic (trajectory), error) ? g_steal_pointer (&item) : NULL;
  if (plan->is_file && !exp_pytables_set_text (change, item, EXP_PYPET_FILE, "bytes", error))
    return NULL;
  if (!exp_pytables_set_text (change, item, "SRVC_DATA_COLL_TYPE", plan->collection, error)
      || (plan->scalar != NULL && !exp_pytables_set_text (change, item, "SRVC_DATA_SCALAR_TYPE", plan->scalar, error)))
    return NULL;
  return g_steal_pointer (&item);
}
