/* Links into other files, as symbolic links say them.
 * Knows how their two parts are kept apart; knows no store.
 * Called by path.c and change.c. */
#include "fs/links.h"
#include "fs/names.h"
#include <string.h>

#define RELATIVE "/./"
#define BESIDE   EXP_EXTERNAL_NAME "/"

/* What stands for a character of a file's name that would end it, or begin another kind of text. */
static const struct
{
  const char *code;
  char character;
} codes[] = { { "%25", '%' }, { "%3A", ':' }, { "%2E", '.' } };

static int
find_code (const char *at)
{
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (g_str_has_prefix (at, codes[i].code))
      return i;
  return -1;
}

static void
append_file (GString *out, const char *file)
{
  gboolean looks_inside = g_str_has_prefix (file, "./") || g_str_has_prefix (file, BESIDE);

  for (const char *at = file; *at != '\0'; at++)
    if (*at == ':' || (*at == '%' && find_code (at) >= 0))
      g_string_append (out, *at == ':' ? "%3A" : "%25");
    else if (at == file && looks_inside)
      g_string_append (out, "%2E");
    else
      g_string_append_c (out, *at);
}

static char *
take_file (const char *text, gsize length)
{
  GString *out = g_string_new (NULL);

  for (const char *at = text; at < text + length; at++)
    {
      int code = find_code (at);

      g_string_append_c (out, code >= 0 ? codes[code].character : *at);
      at += code >= 0 ? 2 : 0;
    }
  return g_string_free (out, FALSE);
}

/* A path whose components are shown or true names, the empty one and "." as they are. */
static void
append_components (GString *out, const char *path, gboolean is_shown)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  gsize length;

  for (char **part = parts; *part != NULL; part++)
    {
      gboolean is_plain = **part == '\0' || strcmp (*part, ".") == 0;
      g_autofree char *other = is_plain   ? NULL
                               : is_shown ? exp_name_decode (*part, &length)
                                          : exp_name_encode (*part, strlen (*part));

      g_string_append_printf (out, "%s%s", part > parts ? "/" : "", other != NULL ? other : *part);
    }
}

/* TRUE for a name that the kernel finds below the hidden directory, and that can be told from the path behind it. */
static gboolean
can_be_beside (const char *file)
{
  gsize length = strlen (file);

  return strlen (file) <= EXP_NAME_MAX / 3 && strstr (file, "//") == NULL && length > 0 && file[length - 1] != '/'
         && !g_str_has_suffix (file, "/.");
}

char *
exp_link_external_text (const ExpInfo *info, guint depth)
{
  GString *out = g_string_new (NULL);
  gboolean is_relative = *info->path != '/';

  if (info->is_external || !can_be_beside (info->file))
    {
      append_file (out, info->file);
      g_string_append_printf (out, ":%s%s", is_relative || g_str_has_prefix (info->path, RELATIVE) ? RELATIVE : "",
                              info->path);
      return g_string_free (out, FALSE);
    }
  for (guint i = 0; i < depth; i++)
    g_string_append (out, "../");
  g_string_append (out, BESIDE);
  if (*info->file == '/')
    {
      g_autofree char *name = exp_name_encode (info->file, strlen (info->file));
      g_string_append (out, name);
    }
  else
    append_components (out, info->file, FALSE);
  g_string_append (out, is_relative ? RELATIVE "/" : "/");
  append_components (out, info->path, FALSE);
  return g_string_free (out, FALSE);
}

/* The text behind "../../.external/"; NULL when it does not go there. */
static const char *
below_external (const char *text)
{
  while (g_str_has_prefix (text, "../"))
    text += 3;
  return g_str_has_prefix (text, BESIDE) ? text + strlen (BESIDE) : NULL;
}

static gboolean
parse_beside (const char *text, char **file, char **path)
{
  const char *end = strstr (text, "//");
  gboolean is_relative = end != NULL && end - text > 2 && memcmp (end - 2, "/.", 2) == 0;

  if (end == NULL)
    return FALSE;
  g_autofree char *shown = g_strndup (text, end - text - (is_relative ? 2 : 0));
  GString *name = g_string_new (NULL), *rest = g_string_new (NULL);
  append_components (name, shown, TRUE);
  append_components (rest, end + (is_relative ? 2 : 1), TRUE);
  *file = g_string_free (name, FALSE);
  *path = g_string_free (rest, FALSE);
  return TRUE;
}

static const char *
find_colon (const char *text)
{
  const char *colon = strchr (text, ':');

  return colon != NULL && colon > text && colon[1] == '/' && !g_str_has_prefix (text, "./") ? colon : NULL;
}

gboolean
exp_link_parse_external (const char *text, char **file, char **path)
{
  const char *beside = below_external (text), *colon = find_colon (text);

  if (beside != NULL && parse_beside (beside, file, path))
    return TRUE;
  if (colon == NULL)
    return FALSE;
  *file = take_file (text, colon - text);
  *path = g_strdup (g_str_has_prefix (colon + 1, RELATIVE) ? colon + 1 + strlen (RELATIVE) : colon + 1);
  return TRUE;
}

gboolean
exp_link_looks_external (const char *text)
{
  return find_colon (text) != NULL;
}
