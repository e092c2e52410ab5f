/* Versions: what larpix-control says to a file of one version when another is asked for.
 * Knows that it compares numbers as texts, and does the same; knows no files.
 * Called when a store is opened. */
#include "larpix.h"
#include <string.h>

/* The part before the first point is the major version; what follows, the minor one. */
static gsize
major_length (const char *version)
{
  return strcspn (version, ".");
}

static gboolean
same_major (const char *a, const char *b)
{
  const gsize n = major_length (a);

  return n == major_length (b) && strncmp (a, b, n) == 0;
}

static const char *
minor_of (const char *version)
{
  const gsize n = major_length (version);

  return version[n] == '.' ? version + n + 1 : version + n;
}

static gboolean
refuse (const char *what, const char *file, const char *wanted, GError **error)
{
  if (strcmp (file, wanted) > 0)
    g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
                 "the file is too new: it has %s %s, and %s was asked for, which is another major version", what, file,
                 wanted);
  else
    g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
                 "the file is too old: it has %s %s, and the newer %s was asked for", what, file, wanted);
  return FALSE;
}

gboolean
exp_larpix_version_check (const char *file, const char *wanted, GError **error)
{
  if (wanted == NULL || file == NULL || (strcmp (file, wanted) >= 0 && same_major (file, wanted)))
    return TRUE;
  return refuse ("version", file, wanted, error);
}

/* Exactly one point is in the version of a file. */
static gboolean
is_io_version (const char *file, GError **error)
{
  const char *point = strchr (file, '.');

  if (point != NULL && strchr (point + 1, '.') == NULL)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "the file's io_version '%s' is not MAJOR.MINOR", file);
  return FALSE;
}

gboolean
exp_larpix_io_version_check (const char *file, const char *wanted, GError **error)
{
  if (wanted == NULL || file == NULL)
    return TRUE;
  if (!is_io_version (file, error))
    return FALSE;
  if (same_major (file, wanted) && strcmp (minor_of (file), minor_of (wanted)) >= 0)
    return TRUE;
  return refuse ("io_version", file, wanted, error);
}

gboolean
exp_larpix_version_check_append (const char *file, const char *wanted, GError **error)
{
  if (wanted == NULL || g_strcmp0 (file, wanted) == 0)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
               "the file is too %s to be appended to as version %s: it has version %s, and only the same one will do",
               g_strcmp0 (file, wanted) > 0 ? "new" : "old", wanted, file != NULL ? file : "none");
  return FALSE;
}

gboolean
exp_larpix_io_version_check_append (const char *file, const char *wanted, GError **error)
{
  if (wanted == NULL || file != NULL)
    return exp_larpix_io_version_check (file, wanted, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
               "the file has no io_version, and gets none after it was made; %s was asked for", wanted);
  return FALSE;
}

gboolean
exp_larpix_packets_version_check (const char *file, const char *wanted, GError **error)
{
  if (wanted == NULL)
    return TRUE;
  if (*wanted != '~')
    {
      if (strcmp (file, wanted) == 0)
        return TRUE;
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
                   "the file is too %s: it has version %s, and just %s was asked for (~%s allows later ones)",
                   strcmp (file, wanted) > 0 ? "new" : "old", file, wanted, wanted);
      return FALSE;
    }
  if (same_major (file, wanted + 1) && strcmp (minor_of (file), minor_of (wanted + 1)) >= 0)
    return TRUE;
  return refuse ("version", file, wanted + 1, error);
}
