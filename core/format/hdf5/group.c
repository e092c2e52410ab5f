/* Lists groups and finds children.
 * Knows links; opens no child, so that listing costs what the group's own table costs.
 * Called through object.c's class, and by reference.c. */
#include "group.h"
#include "external.h"
#include "link.h"
#include "object.h"
#include <string.h>

/* Links read under one hold of the lock: few at first, for those who stop early, then more, since HDF5 counts its way
 * to where the last batch ended. */
#define FIRST_BATCH 256
#define LAST_BATCH  8192

static void
link_clear (gpointer data)
{
  g_free (((ExpHdf5Link *)data)->name);
}

GArray *
exp_hdf5_links_new (void)
{
  GArray *links = g_array_new (FALSE, FALSE, sizeof (ExpHdf5Link));

  g_array_set_clear_func (links, link_clear);
  return links;
}

typedef struct
{
  GArray *links;
  guint limit;
} Listing;

static herr_t
append_link (hid_t group, const char *name, const H5L_info_t *info, void *data)
{
  Listing *listing = data;
  ExpHdf5Link link = { g_strdup (name), info->type, info->type == H5L_TYPE_HARD ? info->u.address : 0 };

  g_array_append_val (listing->links, link);
  return listing->links->len >= listing->limit;
}

gboolean
exp_hdf5_group_read (ExpHdf5File *file, guint64 address, guint64 *position, guint limit, GArray *links, GError **error)
{
  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  hid_t id = exp_hdf5_file_object (file, address, error);
  Listing listing = { links, links->len + limit };
  hsize_t index = *position;
  guint before = links->len;

  if (id < 0)
    return FALSE;
  if (H5Iget_type (id) != H5I_GROUP)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_A_GROUP, "not a group");
      return FALSE;
    }

  /* Past the end HDF5 fails for some kinds of groups and is silent for others. */
  H5G_info_t info;
  if (H5Gget_info (id, &info) < 0)
    {
      exp_hdf5_set_error (error, "cannot list the group");
      return FALSE;
    }
  if (index >= info.nlinks)
    return TRUE;
  if (H5Literate (id, H5_INDEX_NAME, H5_ITER_NATIVE, &index, append_link, &listing) < 0)
    {
      exp_hdf5_set_error (error, "cannot list the group");
      return FALSE;
    }
  *position += links->len - before;
  return TRUE;
}

static ExpNode *
make_child (ExpHdf5File *file, guint64 group, H5L_type_t type, guint64 address, const char *name)
{
  return type == H5L_TYPE_HARD ? exp_hdf5_object_new (file, address) : exp_hdf5_link_new (file, group, type, name);
}

gboolean
exp_hdf5_group_list (ExpNode *self, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  ExpHdf5Object *object = (ExpHdf5Object *)self;

  guint64 position = skip;

  for (guint batch = FIRST_BATCH;; batch = MIN (batch * 2, LAST_BATCH))
    {
      g_autoptr (GArray) links = exp_hdf5_links_new ();

      if (!exp_hdf5_group_read (object->file, object->address, &position, batch, links, error))
        return FALSE;
      for (guint i = 0; i < links->len; i++)
        {
          const ExpHdf5Link *link = &g_array_index (links, ExpHdf5Link, i);
          g_autoptr (ExpNode) child = make_child (object->file, object->address, link->type, link->address, link->name);

          if (!func (link->name, child, data))
            return TRUE;
        }
      if (links->len < batch)
        return TRUE;
    }
}

gboolean
exp_hdf5_name_is_path (const char *name)
{
  return *name == '\0' || strchr (name, '/') != NULL || strcmp (name, ".") == 0;
}

typedef struct
{
  const char *name;
  hsize_t position;
  H5L_info_t info;
} Search;

static herr_t
compare_name (hid_t group, const char *name, const H5L_info_t *info, void *data)
{
  Search *search = data;

  if (strcmp (name, search->name) == 0)
    {
      search->info = *info;
      return 1;
    }
  search->position++;
  return 0;
}

gboolean
exp_hdf5_group_find (hid_t group, const char *name, hsize_t *position, H5L_info_t *info)
{
  Search search = { .name = name };
  hsize_t index = 0;

  if (H5Literate (group, H5_INDEX_NAME, H5_ITER_INC, &index, compare_name, &search) <= 0)
    return FALSE;
  *position = search.position;
  *info = search.info;
  return TRUE;
}

/* Sets the link's info; FALSE with an error. */
static gboolean
find_link (ExpHdf5Object *object, const char *name, H5L_info_t *info, GError **error)
{
  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  hid_t id = exp_hdf5_file_object (object->file, object->address, error);
  hsize_t position;
  gboolean is_found;

  if (id < 0)
    return FALSE;
  if (H5Iget_type (id) != H5I_GROUP)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_A_GROUP, "not a group");
      return FALSE;
    }
  if (exp_hdf5_name_is_path (name))
    is_found = exp_hdf5_group_find (id, name, &position, info);
  else
    {
      htri_t exists = H5Lexists (id, name, H5P_DEFAULT);

      if (exists < 0 || (exists > 0 && H5Lget_info (id, name, info, H5P_DEFAULT) < 0))
        {
          exp_hdf5_set_error (error, "cannot look into the group");
          return FALSE;
        }
      is_found = exists > 0;
    }
  H5Eclear2 (H5E_DEFAULT);
  if (!is_found)
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no '%s' in the group", name);
  return is_found;
}

ExpNode *
exp_hdf5_group_lookup (ExpNode *self, const char *name, GError **error)
{
  ExpHdf5Object *object = (ExpHdf5Object *)self;
  g_autoptr (GError) local = NULL;
  H5L_info_t info;

  if (find_link (object, name, &info, &local))
    return make_child (object->file, object->address, info.type, info.type == H5L_TYPE_HARD ? info.u.address : 0, name);
  if (g_error_matches (local, EXP_ERROR, EXP_ERROR_NOT_FOUND) && object->address == object->file->root
      && *object->file->prefix == '\0' && strcmp (name, EXP_HDF5_EXTERNAL) == 0)
    return exp_hdf5_external_root_new (object->file);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}
