/* Links as nodes, and the targets that they show.
 * Knows what lies beside a store only by looking when asked.
 * Made by group.c. */
#include "link.h"
#include "external.h"
#include "group.h"
#include <string.h>

typedef struct
{
  ExpNode base;
  ExpHdf5File *file;
  guint64 group;
  H5L_type_t type;
  char name[];
} Link;

/* The link's stored value, `*size` bytes and a NUL; NULL with an error. */
static char *
read_value (Link *link, gsize *size, GError **error)
{
  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  hid_t id = exp_hdf5_file_object (link->file, link->group, error);
  gboolean by_position = exp_hdf5_name_is_path (link->name);
  hsize_t position = 0;
  H5L_info_t info;

  if (id < 0)
    return NULL;
  if (by_position ? !exp_hdf5_group_find (id, link->name, &position, &info)
                  : H5Lget_info (id, link->name, &info, H5P_DEFAULT) < 0)
    {
      exp_hdf5_set_error (error, "cannot read the link");
      return NULL;
    }

  *size = info.type == H5L_TYPE_HARD ? 0 : info.u.val_size;
  g_autofree char *value = g_try_malloc0 (*size + 1);
  if (value == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for a link of %" G_GSIZE_FORMAT " bytes", *size);
      return NULL;
    }
  if (*size > 0
      && (by_position ? H5Lget_val_by_idx (id, ".", H5_INDEX_NAME, H5_ITER_INC, position, value, *size, H5P_DEFAULT)
                      : H5Lget_val (id, link->name, value, *size, H5P_DEFAULT))
             < 0)
    {
      exp_hdf5_set_error (error, "cannot read the link");
      return NULL;
    }
  return g_steal_pointer (&value);
}

static char *
external_target (Link *link, const char *value, gsize size, gboolean *is_outside)
{
  const char *file_name, *path;
  unsigned flags;

  exp_hdf5_lock ();
  gboolean is_valid = H5Lunpack_elink_val (value, size, &flags, &file_name, &path) >= 0;
  H5Eclear2 (H5E_DEFAULT);
  exp_hdf5_unlock ();
  *is_outside = TRUE;
  return is_valid ? exp_hdf5_external_target (link->file, file_name, path, is_outside)
                  : g_strdup ("damaged-external-link");
}

static gboolean
link_describe (ExpNode *self, ExpInfo *info, GError **error)
{
  Link *link = (Link *)self;
  gsize size = 0;
  g_autofree char *value = read_value (link, &size, error);

  if (value == NULL)
    return FALSE;
  info->kind = EXP_KIND_LINK;
  if (link->type == H5L_TYPE_SOFT)
    info->target = *value == '/' ? g_strconcat (link->file->prefix, value, NULL) : g_strdup (value);
  else if (link->type == H5L_TYPE_EXTERNAL)
    info->target = external_target (link, value, size, &info->is_external);
  else
    {
      info->target = g_strdup_printf ("user-defined-link-%d", (int)link->type);
      info->is_external = TRUE;
    }
  return TRUE;
}

static void
link_free (ExpNode *self)
{
  exp_hdf5_file_unref (((Link *)self)->file);
  g_free (self);
}

static const ExpNodeClass link_class = { .free = link_free, .describe = link_describe };

ExpNode *
exp_hdf5_link_new (ExpHdf5File *file, guint64 group, H5L_type_t type, const char *name)
{
  gsize size = strlen (name) + 1;
  Link *link = g_malloc0 (sizeof *link + size);

  exp_node_init (&link->base, &link_class);
  link->file = exp_hdf5_file_ref (file);
  link->group = group;
  link->type = type;
  memcpy (link->name, name, size);
  return &link->base;
}
