/* True names and shown names, both ways.
 * Knows nothing of nodes or FUSE.
 * Called by name resolution, directories, links and xattrs. */
#include "fs/names.h"
#include <string.h>

#define CUT_TAIL 9 /* '~' and 8 digits */

/* The number of "25" between the '%' at `at` and `rest`, or -1 when the name does not go on so. `rest` must end the
 * name when `to_end`. */
static int
count_escapes (const char *at, const char *end, const char *rest, gboolean to_end, const char **after)
{
  gsize length = strlen (rest);
  int n = 0;

  if (at >= end || *at != '%')
    return -1;
  at++;
  while (end - at >= 2 && memcmp (at, "25", 2) == 0)
    {
      at += 2;
      n++;
    }
  if ((gsize)(end - at) < length || memcmp (at, rest, length) != 0 || (to_end && at + length != end))
    return -1;
  if (after != NULL)
    *after = at + length;
  return n;
}

/* TRUE when the whole name reads as the code of ".", ".." or the empty name under one or more layers of escapes;
 * *layers is 0 for the code itself. */
static gboolean
is_whole_code (const char *name, const char *end, int *layers)
{
  const char *second;
  int first = count_escapes (name, end, "2E", FALSE, &second);

  if (first >= 0 && second != end)
    {
      *layers = MIN (first, count_escapes (second, end, "2E", TRUE, NULL));
      return *layers >= 0;
    }
  *layers = first >= 0 ? first : count_escapes (name, end, "", TRUE, NULL);
  return *layers >= 0;
}

/* Puts "25" after each '%' for which it is needed, or after all of them. */
static void
append_escaped (GString *out, const char *name, const char *end, gboolean all)
{
  for (const char *at = name; at < end; at++)
    {
      if (*at == '/')
        g_string_append (out, "%2F");
      else if (*at == '\0')
        g_string_append (out, "%00");
      else if (*at == '%'
               && (all || count_escapes (at, end, "2F", FALSE, NULL) >= 0
                   || count_escapes (at, end, "00", FALSE, NULL) >= 0))
        g_string_append (out, "%25");
      else
        g_string_append_c (out, *at);
    }
}

static GString *
encode (const char *name, gsize length)
{
  GString *out = g_string_sized_new (length + 8);
  int layers;

  if (length == 0)
    g_string_append_c (out, '%');
  else if (length <= 2 && memcmp (name, "..", length) == 0)
    g_string_append (out, length == 1 ? "%2E" : "%2E%2E");
  else
    append_escaped (out, name, name + length, is_whole_code (name, name + length, &layers));
  return out;
}

gboolean
exp_name_is_long (const char *name, gsize length)
{
  if (length <= EXP_NAME_MAX / 3)
    return FALSE;

  GString *whole = encode (name, length);
  gboolean is_long = whole->len > EXP_NAME_MAX;
  g_string_free (whole, TRUE);
  return is_long;
}

static guint32
hash_name (const char *name, gsize length, guint salt)
{
  guint32 hash = 2166136261u ^ salt * 0x9e3779b9u; /* FNV-1a */

  for (gsize i = 0; i < length; i++)
    hash = (hash ^ (guint8)name[i]) * 16777619u;
  return hash;
}

static char *
cut (GString *whole, const char *name, gsize length, guint salt)
{
  gsize keep = MIN (whole->len, EXP_NAME_MAX - CUT_TAIL);

  for (int i = 0; i < 3 && keep > 0 && keep < whole->len && ((guint8)whole->str[keep] & 0xc0) == 0x80; i++)
    keep--;
  g_string_truncate (whole, keep);
  g_string_append_printf (whole, "~%08x", hash_name (name, length, salt));
  return g_string_free (whole, FALSE);
}

char *
exp_name_cut (const char *name, gsize length, guint salt)
{
  return cut (encode (name, length), name, length, salt);
}

char *
exp_name_encode (const char *name, gsize length)
{
  GString *whole = encode (name, length);

  if (whole->len > EXP_NAME_MAX)
    return cut (whole, name, length, 0);
  return g_string_free (whole, FALSE);
}

gboolean
exp_name_looks_cut (const char *shown)
{
  gsize length = strlen (shown);

  if (length < EXP_NAME_MAX - 3 || length > EXP_NAME_MAX || shown[length - CUT_TAIL] != '~')
    return FALSE;
  return strspn (shown + length - 8, "0123456789abcdef") == 8;
}

/* Undoes append_escaped. */
static void
append_unescaped (GString *out, const char *shown, const char *end, gboolean all)
{
  for (const char *at = shown; at < end; at++)
    {
      int slash = count_escapes (at, end, "2F", FALSE, NULL);
      int nul = count_escapes (at, end, "00", FALSE, NULL);

      if (slash == 0 || nul == 0)
        {
          g_string_append_c (out, slash == 0 ? '/' : '\0');
          at += 2;
          continue;
        }
      g_string_append_c (out, *at);
      if (*at == '%' && (all || slash > 0 || nul > 0))
        at += 2;
    }
}

char *
exp_name_decode (const char *shown, gsize *length)
{
  const char *end = shown + strlen (shown);
  GString *out = g_string_sized_new (end - shown);
  int layers = -1;
  gboolean is_code = is_whole_code (shown, end, &layers);

  if (is_code && layers == 0)
    {
      if (strcmp (shown, "%2E") == 0 || strcmp (shown, "%2E%2E") == 0)
        g_string_append (out, shown[3] == '\0' ? "." : "..");
      else if (strcmp (shown, "%") != 0)
        return g_string_free (out, TRUE);
    }
  else
    append_unescaped (out, shown, end, is_code);

  GString *again = encode (out->str, out->len);
  gboolean is_canonical = strcmp (again->str, shown) == 0;
  g_string_free (again, TRUE);
  if (!is_canonical)
    return g_string_free (out, TRUE);
  *length = out->len;
  return g_string_free (out, FALSE);
}
