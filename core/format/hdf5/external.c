/* Opens files beside the store, and shows them below a hidden directory.
 * Knows paths; what the files hold is shown as any store's content.
 * Called by link.c and group.c. */
#include "external.h"
#include "links.h"
#include "object.h"
#include <string.h>

typedef struct
{
  ExpNode base;
  ExpHdf5File *file; /* the store */
  char *relative;    /* path below the store's directory; "" for /.external itself */
} Directory;

static gboolean
stays_below (const char *relative)
{
  g_auto (GStrv) parts = g_strsplit (relative, "/", -1);

  for (char **part = parts; *part != NULL; part++)
    if (strcmp (*part, "..") == 0)
      return FALSE;
  return *relative != '\0' && *relative != '/';
}

/* Removes "//", "." and what they leave at the ends. */
static char *
simplify (const char *relative)
{
  g_auto (GStrv) parts = g_strsplit (relative, "/", -1);
  GString *out = g_string_new (NULL);

  for (char **part = parts; *part != NULL; part++)
    if (**part != '\0' && strcmp (*part, ".") != 0)
      g_string_append_printf (out, "%s%s", out->len > 0 ? "/" : "", *part);
  return g_string_free (out, FALSE);
}

char *
exp_hdf5_external_target (ExpHdf5File *file, const char *file_name, const char *path, gboolean *is_outside)
{
  const char *inside = g_path_is_absolute (file_name) ? strrchr (file_name, '/') + 1 : file_name;
  const char *below = *file->prefix != '\0' ? file->prefix + strlen ("/" EXP_HDF5_EXTERNAL "/") : "";
  g_autofree char *here = *below != '\0' ? g_path_get_dirname (below) : g_strdup (".");
  g_autofree char *joined = g_strconcat (here, "/", inside, NULL);
  g_autofree char *relative = simplify (joined);
  g_autofree char *full = g_build_filename (file->directory, inside, NULL);

  *is_outside = *inside == '\0' || !stays_below (relative) || !g_file_test (full, G_FILE_TEST_IS_REGULAR);
  if (*is_outside)
    return g_strconcat (file_name, ":", path, NULL);
  while (*path == '/')
    path++;
  return g_strconcat ("/" EXP_HDF5_EXTERNAL "/", relative, *path != '\0' ? "/" : "", path, NULL);
}

static gboolean
directory_describe (ExpNode *self, ExpInfo *info, GError **error)
{
  info->kind = EXP_KIND_GROUP;
  return TRUE;
}

static gboolean
directory_list (ExpNode *self, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  return TRUE;
}

static ExpNode *directory_new (ExpHdf5File *file, const char *relative);

static ExpNode *
directory_lookup (ExpNode *self, const char *name, GError **error)
{
  Directory *directory = (Directory *)self;
  const gboolean is_absolute = *name == '/' && *directory->relative == '\0';
  if (is_absolute)
    name = strrchr (name, '/') + 1;
  g_autofree char *relative
      = *directory->relative != '\0' ? g_strconcat (directory->relative, "/", name, NULL) : g_strdup (name);
  g_autofree char *full = g_build_filename (directory->file->directory, relative, NULL);

  if (!exp_hdf5_name_is_path (name) && stays_below (relative))
    {
      if (g_file_test (full, G_FILE_TEST_IS_DIR))
        return directory_new (directory->file, relative);
      if (g_file_test (full, G_FILE_TEST_IS_REGULAR))
        {
          g_autofree char *prefix = g_strconcat ("/" EXP_HDF5_EXTERNAL "/", relative, NULL);
          g_autoptr (ExpHdf5File) file = exp_hdf5_file_beside (directory->file, full, prefix, error);

          return file != NULL ? exp_hdf5_object_new (file, file->root) : NULL;
        }
    }
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no '%s' beside the store", name);
  return NULL;
}

static void
directory_free (ExpNode *self)
{
  Directory *directory = (Directory *)self;

  exp_hdf5_file_unref (directory->file);
  g_free (directory->relative);
  g_free (directory);
}

static const ExpNodeClass directory_class = {
  .free = directory_free,
  .describe = directory_describe,
  .list = directory_list,
  .lookup = directory_lookup,
};

static ExpNode *
directory_new (ExpHdf5File *file, const char *relative)
{
  Directory *directory = g_new0 (Directory, 1);

  exp_node_init (&directory->base, &directory_class);
  directory->file = exp_hdf5_file_ref (file);
  directory->relative = g_strdup (relative);
  return &directory->base;
}

ExpNode *
exp_hdf5_external_root_new (ExpHdf5File *file)
{
  return directory_new (file, "");
}
