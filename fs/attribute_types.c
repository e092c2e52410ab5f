/* Says and takes the types of attributes.
 * Knows when they come: before the attributes, after them, or never; knows no JSON.
 * Called by xattrs and expfs' own ones. */
#include "fs/attribute_types.h"
#include "fs/awaited.h"
#include "fs/driver.h"
#include <linux/limits.h>
#include <stdlib.h>
#include <string.h>

/* --- saying ------------------------------------------------------------------------------------------------- */

/* The name as a JSON string; what stands for the value is the type. */
static void
append (const char *name, const ExpArray *value, GString *out)
{
  g_autoptr (ExpDtype) text = exp_dtype_new_vstring (TRUE);
  const ExpVlen cell = { strlen (name), (gpointer)name };

  g_string_append (out, out->len > 1 ? ", " : "");
  exp_cell_to_json (text, (const guint8 *)&cell, out);
  g_string_append (out, ": ");
  exp_attribute_type_append (value, out);
}

static int
by_name (const void *a, const void *b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* What no xattr carries, and so no copy. */
static void
note_too_large (ExpInode *inode, const char *name)
{
  g_autofree char *path = exp_path_shown (inode);

  g_message ("%s: the attribute '%s' is longer than 64 KiB: copies lose it", path, name);
}

char *
exp_attribute_types_get (ExpInode *inode, ExpNode *node)
{
  g_auto (GStrv) names = exp_node_list_attributes (node, NULL);
  g_autoptr (GString) out = g_string_new ("{");
  guint n_left_out = 0;

  /* In an order that copies have as well. */
  if (names != NULL)
    qsort (names, g_strv_length (names), sizeof *names, by_name);
  for (char **name = names; name != NULL && *name != NULL; name++)
    {
      g_autoptr (ExpArray) value = exp_node_read_attribute (node, *name, NULL);
      g_autoptr (GError) error = NULL;
      gsize length, start = out->len;
      g_autofree char *text = value != NULL ? exp_attribute_text (value, XATTR_SIZE_MAX, &length, &error) : NULL;

      if (g_error_matches (error, EXP_ERROR, EXP_ERROR_TOO_LARGE))
        note_too_large (inode, *name);
      if (text == NULL || !exp_attribute_needs_type (value, text, length))
        continue;
      append (*name, value, out);
      if (out->len + 1 > XATTR_SIZE_MAX)
        {
          g_string_truncate (out, start);
          n_left_out++;
        }
    }
  if (n_left_out > 0)
    {
      g_autofree char *path = exp_path_shown (inode);
      g_message ("%s: user.expfs.attributes has no room for the types of %u attributes; in copies they have those that "
                 "their texts look like",
                 path, n_left_out);
    }
  if (out->len == 1)
    return NULL;
  g_string_append_c (out, '}');
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* --- taking ------------------------------------------------------------------------------------------------- */

/* The text that makes the attribute what it is: as it was written, while that is known. */
static GBytes *
get_text (ExpMount *mount, ExpInode *inode, const char *name, const ExpArray *value)
{
  GBytes *kept = exp_wanted_get_attribute_text (mount, inode, name);
  gsize length;
  char *text;

  if (kept != NULL)
    return kept;
  text = exp_attribute_text (value, XATTR_SIZE_MAX, &length, NULL);
  return text != NULL ? g_bytes_new_take (text, length) : NULL;
}

static gboolean
retype (ExpMount *mount, ExpInode *inode, ExpNode *node, const char *name, const ExpArray *old,
        const ExpAttributeType *type, GError **error)
{
  g_autoptr (GBytes) text = get_text (mount, inode, name, old);
  gsize length = 0;
  const char *bytes = text != NULL ? g_bytes_get_data (text, &length) : NULL;
  g_autoptr (ExpArray) value
      = text != NULL ? exp_attribute_parse_as (type, bytes != NULL ? bytes : "", length, error) : NULL;

  if (value == NULL || !exp_node_write_attribute (node, name, value, error))
    return FALSE;
  exp_wanted_keep_attribute_text (mount, inode, name, NULL);
  return TRUE;
}

gboolean
exp_attribute_types_retype (ExpMount *mount, ExpInode *inode, const char *name, const ExpAttributeType *type,
                            GError **error)
{
  g_autoptr (ExpNode) node = exp_entry_node (mount, inode, error);
  g_autoptr (ExpArray) old = node != NULL ? exp_node_read_attribute (node, name, NULL) : NULL;

  if (node == NULL)
    return FALSE;
  if (old != NULL && !retype (mount, inode, node, name, old, type, error))
    return FALSE;
  exp_changes_note_quietly (mount, inode);
  return TRUE;
}

static void
say (ExpInode *inode, const char *name, const GError *error)
{
  g_autofree char *path = exp_path_shown (inode);

  g_warning ("%s: attribute '%s' is of the type that its text looks like: %s", path, name, error->message);
}

/* Those that are there already, which leave the table. */
static void
retype_present (ExpMount *mount, ExpInode *inode, ExpNode *node, GHashTable *types)
{
  GHashTableIter iter;
  gpointer name, type;

  g_hash_table_iter_init (&iter, types);
  while (g_hash_table_iter_next (&iter, &name, &type))
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ExpArray) old = exp_node_read_attribute (node, name, NULL);

      if (old == NULL)
        continue;
      if (!retype (mount, inode, node, name, old, type, &error) && error != NULL
          && !exp_awaited_add_attribute (mount, inode, name, type, error))
        say (inode, name, error);
      g_hash_table_iter_remove (&iter);
    }
}

void
exp_attribute_types_take (ExpMount *mount, ExpInode *inode, const char *value, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) types = exp_attribute_types_parse (value, size, &error);

  if (types != NULL && !exp_inode_has (inode, EXP_INODE_IS_NEW))
    {
      g_autoptr (ExpNode) node
          = exp_writers_settle (mount, inode, &error) ? exp_entry_node (mount, inode, &error) : NULL;
      if (node != NULL)
        {
          retype_present (mount, inode, node, types);
          exp_changes_note_quietly (mount, inode);
        }
    }
  if (error != NULL)
    exp_log_failure (mount, inode, NULL, error);
  if (types != NULL)
    exp_wanted_set_attributes (mount, inode, g_steal_pointer (&types));
}

/* One that looks like something else than what was written may still be told its type. */
static void
keep_text (ExpMount *mount, ExpInode *inode, const char *name, const ExpArray *array, const char *value, gsize size)
{
  gsize length = 0;
  g_autofree char *text = exp_attribute_text (array, XATTR_SIZE_MAX, &length, NULL);
  g_autoptr (GBytes) bytes
      = text == NULL || length != size || memcmp (text, value, size) != 0 ? g_bytes_new (value, size) : NULL;

  exp_wanted_keep_attribute_text (mount, inode, name, bytes);
}

gboolean
exp_attribute_types_write (ExpMount *mount, ExpInode *inode, ExpNode *node, const char *name, const ExpArray *old,
                           const char *value, gsize size, GError **error)
{
  g_autoptr (ExpAttributeType) type = exp_wanted_steal_attribute (mount, inode, name);
  g_autoptr (ExpArray) array = type != NULL ? exp_attribute_parse_as (type, value, size, NULL) : NULL;
  g_autoptr (GError) reason = NULL;

  if (array != NULL && exp_node_write_attribute (node, name, array, &reason))
    return TRUE;
  const gboolean is_awaited = reason != NULL && exp_awaited_add_attribute (mount, inode, name, type, reason);
  if (reason != NULL && !is_awaited)
    say (inode, name, reason);
  g_clear_pointer (&array, exp_array_unref);
  if (old != NULL)
    array = exp_attribute_parse (old->dtype, old->rank, old->shape, value, size, NULL);
  const gboolean is_guess = array == NULL;
  if (is_guess)
    array = exp_array_parse_text (value, size, error);
  if (array == NULL || !exp_node_write_attribute (node, name, array, error))
    return FALSE;
  if (is_guess)
    keep_text (mount, inode, name, array, value, size);
  return TRUE;
}
