/* Copies trees one object at a time, as H5Ocopy does it at once.
 * Knows properties, attributes and links; values go through memory, a few MiB at a time.
 * Called by write_copy.c, where H5Ocopy cannot be trusted. */
#include "copy_object.h"
#include "children.h"

#define COPY_BYTES (4 << 20)

/* Deeper trees have been refused before. */
#define MAX_DEPTH 1100

typedef struct
{
  GHashTable *made; /* address -> hid_t * of the copy, which is held open */
  gboolean is_same_file;
} Copy;

static gboolean copy_tree (Copy *copy, hid_t from, hid_t group, const char *name, guint depth, GError **error);

static void
release_id (gpointer id)
{
  exp_hid_release (*(hid_t *)id);
  g_free (id);
}

static gboolean
failed (const char *name, GError **error)
{
  exp_hdf5_set_error (error, "cannot copy '%s'", name);
  return FALSE;
}

/* --- groups ------------------------------------------------------------------------------------------------- */

typedef struct
{
  char *name;
  H5L_info_t info;
} Link;

static void
clear_link (gpointer data)
{
  g_free (((Link *)data)->name);
}

static herr_t
note_link (hid_t group, const char *name, const H5L_info_t *info, void *data)
{
  Link link = { g_strdup (name), *info };

  g_array_append_val ((GArray *)data, link);
  return 0;
}

static gboolean
copy_value (hid_t from, hid_t to, const Link *link, GError **error)
{
  g_autofree char *value = g_try_malloc0 (link->info.u.val_size + 1);
  g_auto (ExpHid) properties = exp_hdf5_link_properties (link->name);

  if (value == NULL || H5Lget_val (from, link->name, value, link->info.u.val_size, H5P_DEFAULT) < 0)
    return failed (link->name, error);
  herr_t result = link->info.type == H5L_TYPE_SOFT ? H5Lcreate_soft (value, to, link->name, properties, H5P_DEFAULT)
                                                   : H5Lcreate_ud (to, link->name, link->info.type, value,
                                                                   link->info.u.val_size, properties, H5P_DEFAULT);
  return result >= 0 || failed (link->name, error);
}

static gboolean
copy_links (Copy *copy, hid_t from, hid_t to, guint depth, GError **error)
{
  g_autoptr (GArray) links = g_array_new (FALSE, FALSE, sizeof (Link));

  g_array_set_clear_func (links, clear_link);
  if (H5Literate (from, H5_INDEX_NAME, H5_ITER_INC, NULL, note_link, links) < 0)
    return failed ("a group", error);
  for (guint i = 0; i < links->len; i++)
    {
      const Link *link = &g_array_index (links, Link, i);
      gboolean is_done;

      if (link->info.type == H5L_TYPE_HARD)
        {
          g_auto (ExpHid) child = H5Oopen (from, link->name, H5P_DEFAULT);
          is_done = child >= 0 ? copy_tree (copy, child, to, link->name, depth, error) : failed (link->name, error);
        }
      else
        is_done = copy_value (from, to, link, error);
      if (!is_done)
        return FALSE;
    }
  return TRUE;
}

/* --- datasets ----------------------------------------------------------------------------------------------- */

/* One slab of rows. */
static gboolean
copy_rows (hid_t from, hid_t to, hid_t type, hid_t space, guint rank, const hsize_t *start, const hsize_t *count,
           gpointer buffer)
{
  g_auto (ExpHid) memory = rank > 0 ? H5Screate_simple ((int)rank, count, NULL) : H5Screate (H5S_SCALAR);

  if (memory < 0 || (rank > 0 && H5Sselect_hyperslab (space, H5S_SELECT_SET, start, NULL, count, NULL) < 0))
    return FALSE;
  gboolean is_done = H5Dread (from, type, memory, space, H5P_DEFAULT, buffer) >= 0
                     && H5Dwrite (to, type, memory, space, H5P_DEFAULT, buffer) >= 0;
  if (H5Tdetect_class (type, H5T_VLEN) > 0 || H5Tis_variable_str (type) > 0 || H5Tdetect_class (type, H5T_STRING) > 0)
    H5Dvlen_reclaim (type, memory, H5P_DEFAULT, buffer);
  return is_done;
}

static gboolean
copy_elements (hid_t from, hid_t to, hid_t type, hid_t space)
{
  int rank = H5Sget_simple_extent_ndims (space);
  hssize_t n = H5Sget_simple_extent_npoints (space);
  hsize_t shape[H5S_MAX_RANK] = { 1 }, start[H5S_MAX_RANK] = { 0 }, count[H5S_MAX_RANK] = { 1 };
  gsize size = H5Tget_size (type), row;

  if (n <= 0)
    return n == 0;
  if (rank < 0 || (rank > 0 && H5Sget_simple_extent_dims (space, shape, NULL) < 0) || size == 0
      || !g_size_checked_mul (&row, size, (gsize)n / (rank > 0 ? shape[0] : 1)))
    return FALSE;
  memcpy (count, shape, sizeof count);
  hsize_t step = rank > 0 ? MIN (MAX (COPY_BYTES / row, 1), shape[0]) : 1;
  g_autofree guint8 *buffer = g_try_malloc0_n (step, row);
  for (hsize_t at = 0; buffer != NULL && at < shape[0]; at += step)
    {
      start[0] = at;
      count[0] = MIN (step, shape[0] - at);
      memset (buffer, 0, count[0] * row);
      if (!copy_rows (from, to, type, space, (guint)rank, start, count, buffer))
        return FALSE;
    }
  return buffer != NULL;
}

static hid_t
copy_dataset (const Copy *copy, hid_t from, hid_t group, const char *name, hid_t link)
{
  g_auto (ExpHid) stored = H5Dget_type (from);
  g_auto (ExpHid) type = stored >= 0 ? H5Tcopy (stored) : H5I_INVALID_HID;
  g_auto (ExpHid) space = H5Dget_space (from);
  g_auto (ExpHid) properties = H5Dget_create_plist (from);
  H5D_space_status_t status = H5D_SPACE_STATUS_NOT_ALLOCATED;

  if (type < 0 || space < 0 || properties < 0 || H5Dget_space_status (from, &status) < 0)
    return H5I_INVALID_HID;
  ExpHid to = H5Dcreate2 (group, name, type, space, link, properties, H5P_DEFAULT);
  gboolean has_values = status != H5D_SPACE_STATUS_NOT_ALLOCATED && H5Pget_layout (properties) != H5D_VIRTUAL
                        && H5Pget_external_count (properties) <= 0
                        && (copy->is_same_file || H5Tdetect_class (type, H5T_REFERENCE) <= 0);
  if (to < 0 || !has_values || copy_elements (from, to, type, space))
    return to;
  exp_hid_release (to);
  return H5I_INVALID_HID;
}

/* --- any object --------------------------------------------------------------------------------------------- */

static hid_t
make_copy (const Copy *copy, hid_t from, H5I_type_t kind, hid_t group, const char *name)
{
  g_auto (ExpHid) link = exp_hdf5_link_properties (name);

  if (kind == H5I_DATASET)
    return copy_dataset (copy, from, group, name, link);
  if (kind == H5I_GROUP)
    {
      g_auto (ExpHid) properties = H5Gget_create_plist (from);
      return properties >= 0 ? H5Gcreate2 (group, name, link, properties, H5P_DEFAULT) : H5I_INVALID_HID;
    }
  ExpHid type = H5Tcopy (from);
  if (type >= 0 && H5Tcommit2 (group, name, type, link, H5P_DEFAULT, H5P_DEFAULT) >= 0)
    return type;
  exp_hid_release (type);
  return H5I_INVALID_HID;
}

static gboolean
copy_tree (Copy *copy, hid_t from, hid_t group, const char *name, guint depth, GError **error)
{
  H5I_type_t kind = H5Iget_type (from);
  H5O_info_t info;

  if (depth == 0 || H5Oget_info2 (from, &info, H5O_INFO_BASIC) < 0)
    return failed (name, error);
  hid_t *known = g_hash_table_lookup (copy->made, &info.addr);
  if (known != NULL)
    {
      g_auto (ExpHid) link = exp_hdf5_link_properties (name);
      return H5Olink (*known, group, name, link, H5P_DEFAULT) >= 0 || failed (name, error);
    }

  ExpHid to = make_copy (copy, from, kind, group, name);
  if (to < 0)
    return failed (name, error);
  /* Who has one name only is not met again. */
  g_auto (ExpHid) own = info.rc <= 1 && depth < MAX_DEPTH ? to : H5I_INVALID_HID;
  if (own < 0)
    g_hash_table_insert (copy->made, g_memdup2 (&info.addr, sizeof info.addr), g_memdup2 (&to, sizeof to));
  return exp_hdf5_copy_attributes (from, to, error)
         && (kind != H5I_GROUP || copy_links (copy, from, to, depth - 1, error));
}

gboolean
exp_hdf5_copy_object (hid_t from, hid_t group, const char *name, gboolean is_same_file, GError **error)
{
  g_autoptr (GHashTable) made = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, release_id);
  Copy copy = { made, is_same_file };

  if (copy_tree (&copy, from, group, name, MAX_DEPTH, error))
    return TRUE;
  g_hash_table_remove_all (made);
  H5Ldelete (group, name, H5P_DEFAULT);
  H5Eclear2 (H5E_DEFAULT);
  return FALSE;
}
