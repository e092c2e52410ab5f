/* What a GenericIO file can hold: columns of numbers, all of as many rows.
 * Knows nothing of how it is written.
 * Called by genericio.c. */
#include "save.h"
#include <string.h>

G_GNUC_PRINTF (2, 3)
static gboolean
refuse (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_autofree char *message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, message);
  return FALSE;
}

/* --- columns ------------------------------------------------------------------------------------------------ */

static gboolean
check_name (const char *name, GError **error)
{
  if (*name != '\0' && strlen (name) <= EXP_GIO_NAME)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_NAME_TOO_LONG, "'%s': names of columns have 1 to %d bytes", name,
               EXP_GIO_NAME);
  return FALSE;
}

static gboolean
check_type (const char *name, const ExpNewDataset *dataset, GError **error)
{
  const ExpDtype *dtype = dataset->dtype;
  const gboolean is_integer = dtype->type == EXP_TYPE_INT || dtype->type == EXP_TYPE_UINT;

  if (dtype->tag != NULL || ((!is_integer || dtype->size > 8) && (dtype->type != EXP_TYPE_FLOAT || dtype->size > 8)))
    return refuse (error, "'%s': a column of a GenericIO file is integers or floats of up to 8 bytes", name);
  if (dataset->is_null || dataset->rank == 0)
    return refuse (error, "'%s': a column has rows; a scalar has none (x.npy of one row is one)", name);
  if (dataset->rank > 2 || (dataset->rank == 2 && (dataset->shape[1] == 0 || dataset->shape[1] > G_MAXINT32 / 8)))
    return refuse (error, "'%s': a row of a column is a number, or some in a row", name);
  return TRUE;
}

typedef struct
{
  const char *besides;
  char *name;
  guint64 n_rows;
} Others;

static gboolean
find_rows (const char *name, ExpNode *child, gpointer data)
{
  Others *others = data;
  g_auto (ExpInfo) info = { 0 };

  if (g_strcmp0 (name, others->besides) == 0 || !exp_node_describe (child, &info, NULL) || info.rank == 0)
    return TRUE;
  others->name = g_strdup (name);
  others->n_rows = info.shape[0];
  return FALSE;
}

/* Of a column in the file `root`, under a name that any other there may lose. */
static gboolean
check_rows (ExpNode *root, const char *name, guint64 n_rows, GError **error)
{
  Others others = { .besides = name };

  if (!exp_node_list (root, 0, find_rows, &others, error))
    return FALSE;
  g_autofree char *other = others.name;
  if (other == NULL || others.n_rows == n_rows)
    return TRUE;
  return refuse (error,
                 "'%s': %" G_GUINT64_FORMAT " rows, but '%s' has %" G_GUINT64_FORMAT
                 ", and the columns of a GenericIO file all have as many",
                 name, n_rows, other, others.n_rows);
}

static gboolean
check_moved (ExpNode *root, const char *name, ExpNode *column, GError **error)
{
  g_auto (ExpInfo) info = { 0 };

  if (!exp_node_describe (column, &info, error))
    return FALSE;
  return info.rank == 0 || check_rows (root, name, info.shape[0], error);
}

/* From one key of a store to another, a column has to fit what is there. */
static gboolean
check_move (const ExpDraftChange *change, ExpNode *root, GError **error)
{
  if (!check_name (change->new_name, error))
    return FALSE;
  if (change->group == change->new_group)
    return TRUE;
  if (!check_moved (root, change->new_name, change->node, error))
    return FALSE;
  if (!change->is_exchange)
    return TRUE;
  g_autoptr (ExpNode) other = exp_node_lookup (change->new_group, change->new_name, error);
  return other != NULL && check_moved (change->group, change->name, other, error);
}

/* --- attributes --------------------------------------------------------------------------------------------- */

static gboolean
is_three_numbers (const ExpArray *value)
{
  const ExpTypeClass type = value->dtype->type;

  return value->rank == 1 && value->shape[0] == 3 && value->dtype->size <= 8
         && (type == EXP_TYPE_INT || type == EXP_TYPE_UINT || type == EXP_TYPE_FLOAT);
}

static gboolean
check_root_attribute (const ExpDraftChange *change, GError **error)
{
  if (strcmp (change->name, EXP_GIO_ORIGIN) != 0 && strcmp (change->name, EXP_GIO_SCALE) != 0
      && strcmp (change->name, EXP_GIO_DIMS) != 0)
    return refuse (error,
                   "'%s': a GenericIO file has " EXP_GIO_ORIGIN ", " EXP_GIO_SCALE " and " EXP_GIO_DIMS
                   ", and no other attributes",
                   change->name);
  if (change->value == NULL)
    return refuse (error, "'%s' cannot be removed: set it to [0,0,0]", change->name);
  return is_three_numbers (change->value) || refuse (error, "'%s' is three numbers: [0,0,0]", change->name);
}

static gboolean
check_column_attribute (const ExpDraftChange *change, GError **error)
{
  g_autofree char *text = change->value != NULL ? exp_array_dup_text (change->value) : NULL;
  gint64 number;

  if (strcmp (change->name, EXP_GIO_COORDINATE) == 0)
    return change->value == NULL || (text != NULL && strlen (text) == 1 && strchr ("xyz", *text) != NULL)
           || refuse (error, "'%s' is x, y or z", change->name);
  if (strcmp (change->name, EXP_GIO_GHOST) == 0)
    return change->value == NULL || exp_array_get_int (change->value, &number) || g_strcmp0 (text, "true") == 0
           || refuse (error, "'%s' is true or 1", change->name);
  return refuse (error, "'%s': a column has " EXP_GIO_COORDINATE " and " EXP_GIO_GHOST ", and no other attributes",
                 change->name);
}

gboolean
exp_gio_check (const ExpDraftChange *change, ExpNode *root, GError **error)
{
  switch (change->kind)
    {
    case EXP_DRAFT_CREATE_GROUP:
      return refuse (error, "'%s': a GenericIO file has columns, and no groups", change->name);
    case EXP_DRAFT_CREATE_DATASET:
      return check_name (change->name, error)
             && (change->dataset == NULL
                 || (check_type (change->name, change->dataset, error)
                     && check_rows (root, change->name, change->dataset->shape[0], error)));
    case EXP_DRAFT_REPLACE_DATASET:
    case EXP_DRAFT_RESIZE:
      return check_type (change->name, change->dataset, error)
             && check_rows (root, change->name, change->dataset->shape[0], error);
    case EXP_DRAFT_MOVE:
      return check_move (change, root, error);
    case EXP_DRAFT_WRITE_ATTRIBUTE:
    case EXP_DRAFT_REMOVE_ATTRIBUTE:
      return change->node == root ? check_root_attribute (change, error) : check_column_attribute (change, error);
    default:
      return TRUE;
    }
}

static gboolean
get_numbers (ExpNode *root, const char *name, double *to)
{
  g_autoptr (ExpArray) value = exp_node_read_attribute (root, name, NULL);

  if (value == NULL || !is_three_numbers (value))
    return FALSE;
  for (guint i = 0; i < 3; i++)
    to[i] = exp_cell_double (value->dtype, value->data + i * value->dtype->size);
  return TRUE;
}

void
exp_gio_save_attributes (ExpNode *root, ExpGioSave *save)
{
  double dims[3];

  get_numbers (root, EXP_GIO_ORIGIN, save->origin);
  get_numbers (root, EXP_GIO_SCALE, save->scale);
  for (guint i = 0; i < 3; i++)
    save->dims[i] = 1;
  if (get_numbers (root, EXP_GIO_DIMS, dims))
    for (guint i = 0; i < 3; i++)
      save->dims[i] = dims[i] >= 0 && dims[i] < 1e15 ? (guint64)dims[i] : 1;
}
