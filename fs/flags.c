/* Flags and other notes of nodes, set now or when there is something to keep.
 * Knows when a file has its content; knows no flag.
 * Called by xattr_write.c and writer.c. */
#include "fs/flags.h"
#include "fs/attribute_types.h"
#include "fs/driver.h"
#include "fs/stored.h"
#include <string.h>

enum
{
  PYTHON,
  ITEM,
  FLAG,
  STORED,
};

static const char *const names[EXP_N_NOTES]
    = { [PYTHON] = "python", [ITEM] = "item", [FLAG] = "flag", [STORED] = "stored" };

/* Parts of one text: more would not be listed. */
#define MAX_PARTS 2048

gboolean
exp_flag_is_name (const char *name)
{
  if (exp_stored_is_name (name))
    return TRUE;
  for (guint i = 0; i < EXP_N_NOTES; i++)
    if (strcmp (names[i], name) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
apply (ExpMount *mount, ExpInode *inode, const char *name, const char *value, GError **error)
{
  g_autoptr (ExpNode) node = exp_entry_node (mount, inode, error);

  if (node == NULL || !exp_node_set_note (node, name, value, error))
    return FALSE;
  exp_changes_note_replaced (mount);
  exp_entry_describe (mount, inode, node);
  exp_changes_note_quietly (mount, inode);
  return TRUE;
}

/* All of user.expfs.stored, whose parts say "NUMBER/N:"; NULL while some are missing. Caller frees. */
static char *
gather_parts (ExpMount *mount, ExpInode *inode, const char *value)
{
  char *end;
  const guint64 number = g_ascii_strtoull (value, &end, 10);
  const guint64 n = *end == '/' ? g_ascii_strtoull (end + 1, &end, 10) : 0;

  if (*end != ':' || number == 0 || number > n || n > MAX_PARTS)
    return NULL;
  return exp_wanted_add_part (mount, inode, (guint)number - 1, (guint)n, end + 1);
}

static gboolean
set_text (ExpMount *mount, ExpInode *inode, guint i, const char *text, GError **error)
{
  g_autoptr (GError) reason = NULL;
  gboolean is_empty = exp_inode_has (inode, EXP_INODE_IS_NEW | EXP_INODE_IS_BARE);

  if (inode->type == EXP_INODE_FILE
      && (is_empty || exp_inode_has (inode, EXP_INODE_IS_FRESH | EXP_INODE_HAS_WANTED))) /* its type may still change */
    exp_wanted_set_note (mount, inode, i, text);
  if (exp_inode_has (inode, EXP_INODE_IS_BARE)) /* it may stay as it is: the None of a parameter is such */
    apply (mount, inode, names[i], text, NULL);
  if (is_empty || (exp_inode_has (inode, EXP_INODE_IS_FRESH) && exp_wanted_has_no_shape (mount, inode)))
    return TRUE;
  if (!exp_writers_settle (mount, inode, error))
    return FALSE;
  if (apply (mount, inode, names[i], text, &reason) || g_error_matches (reason, EXP_ERROR, EXP_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

gboolean
exp_flag_set (ExpMount *mount, ExpInode *inode, const char *name, const char *value, gsize size, GError **error)
{
  g_autofree char *text = g_strndup (value, size);
  g_autofree char *stored = NULL;
  g_autoptr (GError) reason = NULL;
  guint i = 0;

  if (!exp_stored_is_name (name))
    {
      while (strcmp (names[i], name) != 0)
        i++;
      return set_text (mount, inode, i, text, error);
    }
  /* Whoever copies is not stopped by what came along of another text or another format. */
  stored = gather_parts (mount, inode, text);
  if (stored != NULL && !set_text (mount, inode, STORED, stored, &reason))
    {
      if (inode->type == EXP_INODE_DIRECTORY) /* rsync says it before anything is in there */
        exp_awaited_add_stored (mount, inode, stored);
      else
        exp_log_failure (mount, inode, NULL, reason);
    }
  return TRUE;
}

gboolean
exp_flag_put_stored (ExpMount *mount, ExpInode *inode, const char *text, GError **error)
{
  return exp_writers_settle (mount, inode, error) && apply (mount, inode, names[STORED], text, error);
}

void
exp_flag_repeat (ExpMount *mount, ExpInode *inode)
{
  /* What a stored form says goes for all the rest. */
  static const guint order[EXP_N_NOTES] = { STORED, PYTHON, ITEM, FLAG };

  for (guint i = 0; i < EXP_N_NOTES; i++)
    {
      g_autofree char *value = exp_wanted_get_note (mount, inode, order[i]);
      g_autoptr (GError) error = NULL;

      if (value == NULL)
        continue;
      if (apply (mount, inode, names[order[i]], value, &error) && order[i] == STORED)
        return;
      if (error != NULL && !g_error_matches (error, EXP_ERROR, EXP_ERROR_NOT_FOUND))
        exp_log_failure (mount, inode, NULL, error);
    }
}

static void
set_late_attributes (ExpMount *mount, ExpInode *inode)
{
  g_autoptr (GHashTable) late = exp_wanted_steal_late (mount, inode);
  g_autoptr (ExpNode) node = late != NULL ? exp_entry_node (mount, inode, NULL) : NULL;
  GHashTableIter iter;
  gpointer name, value;

  if (node == NULL)
    return;
  g_hash_table_iter_init (&iter, late);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      gsize size;
      const char *text = g_bytes_get_data (value, &size);
      g_autoptr (GError) error = NULL;

      if (!exp_attribute_types_write (mount, inode, node, name, NULL, text, size, &error))
        exp_log_failure (mount, inode, NULL, error);
    }
}

void
exp_flag_settle (ExpMount *mount, ExpInode *inode)
{
  g_autofree char *flag = exp_wanted_get_note (mount, inode, FLAG);

  exp_flag_repeat (mount, inode);
  set_late_attributes (mount, inode);
  if (flag == NULL && mount->options->flag != NULL)
    apply (mount, inode, "flag", mount->options->flag, NULL);
}
