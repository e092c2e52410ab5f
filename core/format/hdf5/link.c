/* Links as nodes, and the targets that they show.
 * Knows what lies beside a store only by looking when asked.
 * Made by group.c. */
#include "link.h"
#include "changes.h"
#include "external.h"
#include "links.h"
#include <string.h>

typedef struct
{
  ExpNode base;
  ExpHdf5File *file;
  guint64 group;
  H5L_type_t type;
  char name[];
} Link;

/* An external link's value: version and flags, the file's name, the path in it. NULL parts when it is none. */
static void
split_value (const ExpHdf5Link *found, const char **file_name, const char **path)
{
  const char *value = found->value, *end = value + found->value_size;

  *file_name = *path = NULL;
  if (found->value_size < 3 || *value != 0 || end[-1] != '\0')
    return;
  const char *second = value + 1 + strlen (value + 1) + 1;
  if (second >= end)
    return;
  *file_name = value + 1;
  *path = second;
}

static char *
external_target (Link *link, const ExpHdf5Link *found, ExpInfo *info)
{
  const char *file_name, *path;

  info->is_external = TRUE;
  split_value (found, &file_name, &path);
  if (file_name == NULL)
    return g_strdup ("damaged-external-link");
  char *target = exp_hdf5_external_target (link->file, file_name, path, &info->is_external);
  /* What lies beside a store's own files is seen from the store. */
  if (info->is_external || *link->file->prefix == '\0')
    {
      info->file = g_strdup (file_name);
      info->path = g_strdup (path);
    }
  return target;
}

static gboolean
link_describe (ExpNode *self, ExpInfo *info, GError **error)
{
  Link *link = (Link *)self;
  g_auto (ExpHdf5Reading) reading = { NULL };
  g_auto (ExpHdf5Link) found = { NULL };

  exp_hdf5_read_begin (&reading, link->file, link->group, EXP_HDF5_ASKS_TRUSTED);
  if (!exp_hdf5_links_find (link->file, link->group, link->name, &found, error))
    return FALSE;

  const char *value = found.value != NULL ? found.value : "";
  info->kind = EXP_KIND_LINK;
  if (link->type == H5L_TYPE_SOFT)
    info->target = *value == '/' ? g_strconcat (link->file->prefix, value, NULL) : g_strdup (value);
  else if (link->type == H5L_TYPE_EXTERNAL)
    info->target = external_target (link, &found, info);
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
