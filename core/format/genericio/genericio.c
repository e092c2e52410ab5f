/* The format "genericio": a file, or a rank map with its files.
 * Knows how they are told from others, and how they are replaced.
 * Called by core/store.c. */
#include "genericio.h"
#include "draft/keys.h"
#include "expfs/memory_node.h"
#include "save.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

static ExpNode *
open_job (const char *path, GError **error)
{
  g_autoptr (ExpGioJob) job = exp_gio_job_open (path, error);

  return job != NULL ? exp_gio_tree_new (job) : NULL;
}

static gboolean
write_file (ExpNode *group, const char *path, gboolean packs, ExpSource *to, GError **error)
{
  const gboolean is_there = access (path, F_OK) == 0;
  g_autoptr (ExpGioJob) old = is_there ? exp_gio_job_open (path, error) : NULL;
  ExpGioSave save = { .old = old, .packs = packs };

  if (is_there && old == NULL)
    return FALSE;
  exp_gio_save_attributes (group, &save);
  return exp_gio_write (group, &save, to, error);
}

static const ExpFileFormat file = { .open = open_job, .write = write_file, .check = exp_gio_check };

/* --- a store of keys ---------------------------------------------------------------------------------------- */

#define KEY_SUFFIX ".tmp.gio"

static gboolean
parse_key (const char *rest, char **key, char **part)
{
  const gsize length = strlen (rest), suffix = strlen (KEY_SUFFIX);

  if (length <= suffix || strcmp (rest + length - suffix, KEY_SUFFIX) != 0)
    return FALSE;
  *key = g_strndup (rest, length - suffix);
  return TRUE;
}

static char *
name_key (const char *key, const char *part, GError **error)
{
  if (*key != '\0')
    return g_strconcat (key, KEY_SUFFIX, NULL);
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "a key has a name");
  return NULL;
}

/* Called for each part of a split file, `path`#N. */
static gboolean
for_parts (const char *path, void (*func) (const char *part))
{
  g_autofree char *folder = g_path_get_dirname (path), *base = g_path_get_basename (path);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const gsize length = strlen (base);
  gboolean has_parts = FALSE;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (strncmp (name, base, length) == 0 && name[length] == '#' && name[length + 1] != '\0'
        && strspn (name + length + 1, "0123456789") == strlen (name + length + 1))
      {
        g_autofree char *part = g_build_filename (folder, name, NULL);
        has_parts = TRUE;
        if (func != NULL)
          func (part);
      }
  return has_parts;
}

static void
remove_part (const char *part)
{
  if (unlink (part) != 0)
    g_warning ("%s: cannot be removed: %s", part, g_strerror (errno));
}

static void
remove_parts (const char *path)
{
  for_parts (path, remove_part);
}

static gboolean
has_parts (const char *path)
{
  return for_parts (path, NULL);
}

static const ExpKeyFormat keys = {
  .file = &file,
  .parse = parse_key,
  .name = name_key,
  .is_split = has_parts,
  .remove = remove_parts,
};

static gboolean
recognise_keys (const char *path)
{
  return exp_keys_recognise (&keys, path);
}

/* --- the format --------------------------------------------------------------------------------------------- */

static ExpNode *
genericio_open (const char *path, const ExpStoreOptions *options, GError **error)
{
  return access (path, F_OK) == 0 ? exp_file_open (&file, path, options, error)
                                  : exp_keys_open (&keys, path, options, error);
}

static gboolean
write_empty (ExpSource *to, gpointer data, GError **error)
{
  g_autoptr (ExpNode) nothing = exp_memory_group_new (NULL);
  const ExpGioSave save = { .dims = { 1, 1, 1 } };

  return exp_gio_write (nothing, &save, to, error);
}

static gboolean
genericio_create (const char *path, const ExpStoreOptions *options, GError **error)
{
  return exp_source_create_file_with (path, 0666, write_empty, NULL, error);
}

const ExpFormat exp_format_genericio = {
  .name = "genericio",
  .description = "genericio: what HACC's GenericIO wrote, also split over several files",
  .recognise = exp_gio_file_recognise,
  .recognise_base = recognise_keys,
  .open = genericio_open,
  .create = genericio_create,
};
