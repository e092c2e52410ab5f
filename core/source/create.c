/* Makes files that are there whole or not at all.
 * Knows nothing of what they hold.
 * Called by formats that make stores. */
#include "expfs/error.h"
#include "expfs/source.h"
#include "folder.h"
#include "system_error.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* The file under its own name, from a temporary one, if that is free. */
static gboolean
publish (const char *from, const char *to)
{
  if (renameat2 (AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
    return TRUE;
  if (errno != EINVAL && errno != ENOSYS)
    return FALSE;
  return link (from, to) == 0 && unlink (from) == 0;
}

gboolean
exp_source_create_file_with (const char *path, mode_t mode, ExpSourceWriteFunc write, gpointer data, GError **error)
{
  g_autofree char *temporary = g_strdup_printf ("%s.new-%d", path, (int)getpid ());
  g_autoptr (ExpSource) source = NULL;
  int saved_errno;

  if (access (path, F_OK) == 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_EXISTS, "%s: is there already", path);
      return FALSE;
    }
  unlink (temporary);
  source = exp_source_open_file_writable (temporary, mode, error);
  if (source == NULL || !write (source, data, error) || !exp_source_commit (source, error))
    {
      unlink (temporary);
      return FALSE;
    }
  if (publish (temporary, path))
    return exp_folder_sync (path, error);
  saved_errno = errno;
  unlink (temporary);
  if (saved_errno == EEXIST)
    g_set_error (error, EXP_ERROR, EXP_ERROR_EXISTS, "%s: is there already", path);
  else
    exp_set_system_error (error, path, saved_errno);
  return FALSE;
}

typedef struct
{
  gconstpointer bytes;
  gsize length;
} Content;

static gboolean
write_content (ExpSource *to, gpointer data, GError **error)
{
  const Content *content = data;

  return exp_source_pwrite (to, 0, content->length, content->bytes, error);
}

gboolean
exp_source_create_file (const char *path, mode_t mode, gconstpointer bytes, gsize length, GError **error)
{
  Content content = { bytes, length };

  return exp_source_create_file_with (path, mode, write_content, &content, error);
}
