/* The format "npy": one array that numpy.save writes.
 * Knows how such files are told from others, what they cannot hold, and how they are replaced.
 * Called by core/store.c. */
#include "draft/file.h"
#include "expfs/memory_node.h"
#include "npz.h"
#include <string.h>

/* What the array of a file is called in its directory. */
#define VALUE "value"

static gboolean
npy_recognise (const char *path)
{
  g_autoptr (ExpSource) source = exp_source_open_file (path, NULL);
  char head[6];

  return source != NULL && exp_source_pread (source, 0, sizeof head, head, NULL) && memcmp (head, "\x93NUMPY", 6) == 0;
}

/* --- reading ------------------------------------------------------------------------------------------------ */

static ExpNode *
open_array (const char *path, ExpInfo *info, GError **error)
{
  g_autoptr (ExpSource) source = exp_source_open_file (path, error);
  g_autoptr (ExpNode) array = source != NULL ? exp_npy_array_new (source) : NULL;

  return array != NULL && exp_node_describe (array, info, error) ? g_steal_pointer (&array) : NULL;
}

static ExpNode *
group_of (ExpNode *array)
{
  ExpNode *root = exp_memory_group_new (NULL);

  exp_memory_group_add (root, VALUE, array);
  return root;
}

static ExpNode *
open_to_read (const char *path, GError **error)
{
  g_auto (ExpInfo) info = { 0 };
  g_autoptr (ExpNode) array = open_array (path, &info, error);

  return array != NULL ? group_of (array) : NULL;
}

/* --- writing ------------------------------------------------------------------------------------------------ */

/* What numpy.save makes of [], and what a store begins as: an array that nothing is known of yet. */
static gboolean
has_no_type (const ExpInfo *info)
{
  return info->rank == 1 && info->shape[0] == 0 && info->dtype->type == EXP_TYPE_FLOAT && info->dtype->size == 8;
}

static gboolean
is_nothing (const ExpNewDataset *dataset)
{
  return dataset->is_null && dataset->dtype->type == EXP_TYPE_FLOAT && dataset->dtype->size == 8;
}

static ExpNode *
nothing_new (ExpDtype *dtype, GError **error)
{
  g_autoptr (ExpArray) nothing = exp_array_new (dtype, 0, NULL, error);

  if (nothing == NULL)
    return NULL;
  nothing->n_elements = 0;
  return exp_memory_dataset_new (nothing, NULL);
}

static ExpNode *
open_to_write (const char *path, GError **error)
{
  g_auto (ExpInfo) info = { 0 };
  g_autoptr (ExpNode) array = open_array (path, &info, error);

  if (array == NULL || !has_no_type (&info))
    return array != NULL ? group_of (array) : NULL;
  g_autoptr (ExpNode) nothing = nothing_new (info.dtype, error);
  return nothing != NULL ? group_of (nothing) : NULL;
}

/* It goes on lying in the order that it has. */
static gboolean
lies_in_fortran_order (const char *path)
{
  g_auto (ExpInfo) info = { 0 };
  g_auto (ExpLayout) layout = { 0 };
  g_autoptr (ExpNode) old = open_array (path, &info, NULL);

  return old != NULL && exp_node_layout (old, &layout, NULL) && g_strcmp0 (layout.flag, "fortran_order") == 0;
}

static gboolean
write_array (ExpNode *group, const char *path, gboolean packs, ExpSource *to, GError **error)
{
  g_autoptr (ExpNode) value = exp_node_lookup (group, VALUE, error);

  return value != NULL && exp_npy_write (value, lies_in_fortran_order (path), to, error);
}

static gboolean
check_type (const ExpDraftChange *change, GError **error)
{
  const char *refused = change->dataset->is_null && !is_nothing (change->dataset)
                            ? "null dataspaces"
                            : exp_npy_refused_type (change->dataset->dtype);

  if (refused == NULL)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "'%s': an npy file has no %s", change->name, refused);
  return FALSE;
}

static gboolean
check_array (const ExpDraftChange *change, ExpNode *group, GError **error)
{
  switch (change->kind)
    {
    case EXP_DRAFT_REPLACE_DATASET:
    case EXP_DRAFT_RESIZE:
      return check_type (change, error);
    case EXP_DRAFT_CREATE_GROUP:
    case EXP_DRAFT_CREATE_DATASET:
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "'%s': an npy file is one array, '" VALUE "'",
                   change->name);
      return FALSE;
    case EXP_DRAFT_REMOVE:
    case EXP_DRAFT_MOVE:
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_PERMITTED,
                   "'%s': an npy file is this array, which cannot be removed or renamed", change->name);
      return FALSE;
    case EXP_DRAFT_WRITE_ATTRIBUTE:
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "'%s': an npy file has no attributes", change->name);
      return FALSE;
    default:
      return TRUE;
    }
}

static const ExpFileFormat written = { .open = open_to_write, .write = write_array, .check = check_array };

static ExpNode *
npy_open (const char *path, const ExpStoreOptions *options, GError **error)
{
  return options->is_writable ? exp_file_open (&written, path, options, error) : open_to_read (path, error);
}

/* --- making ------------------------------------------------------------------------------------------------- */

static gboolean
write_nothing (ExpSource *to, gpointer data, GError **error)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_FLOAT, 8, FALSE);
  g_autoptr (ExpNode) value = nothing_new (dtype, error);

  return value != NULL && exp_npy_write (value, FALSE, to, error);
}

static gboolean
npy_create (const char *path, const ExpStoreOptions *options, GError **error)
{
  return exp_source_create_file_with (path, 0666, write_nothing, NULL, error);
}

const ExpFormat exp_format_npy = {
  .name = "npy",
  .description = "npy: one array that numpy.save wrote",
  .recognise = npy_recognise,
  .open = npy_open,
  .create = npy_create,
};
