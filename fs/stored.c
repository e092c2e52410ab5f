/* The parts of user.expfs.stored.
 * Knows how long an extended attribute may be; knows nothing of what the text says.
 * Called by metadata.c and flags.c. */
#include "fs/stored.h"
#include "expfs/array.h"
#include <string.h>

#define NAME      "stored"
#define PART_SIZE (60 * 1024)
#define MAX_PARTS 2048

gboolean
exp_stored_is_name (const char *name)
{
  const char *rest = g_str_has_prefix (name, NAME) ? name + strlen (NAME) : NULL;

  if (rest == NULL || *rest == '\0')
    return rest != NULL;
  return *rest == '.' && g_ascii_isdigit (rest[1]) && rest[1] != '0'
         && strspn (rest + 1, "0123456789") == strlen (rest + 1);
}

char *
exp_stored_name (guint i)
{
  return i == 0 ? g_strdup (NAME) : g_strdup_printf (NAME ".%u", i + 1);
}

guint
exp_stored_number (const char *name)
{
  const char *dot = strchr (name, '.');

  return dot != NULL ? (guint)MIN (g_ascii_strtoull (dot + 1, NULL, 10), MAX_PARTS + 1) - 1 : 0;
}

char **
exp_stored_parts (ExpNode *node)
{
  g_autoptr (ExpArray) value = exp_node_read_attribute (node, EXP_ATTRIBUTE_STORED, NULL);
  g_autofree char *text = value != NULL ? exp_array_dup_text (value) : NULL;
  const gsize length = text != NULL ? strlen (text) : 0, n = (length + PART_SIZE - 1) / PART_SIZE;

  if (n == 0 || n > MAX_PARTS)
    return NULL;
  char **parts = g_new0 (char *, n + 1);
  for (gsize i = 0; i < n; i++)
    parts[i] = g_strdup_printf ("%" G_GSIZE_FORMAT "/%" G_GSIZE_FORMAT ":%.*s", i + 1, n,
                                (int)MIN (length - i * PART_SIZE, PART_SIZE), text + i * PART_SIZE);
  return parts;
}
