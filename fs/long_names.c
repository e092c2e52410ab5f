/* Children whose encoded names are too long for a directory entry: which cut name stands for which true name.
 * Knows nothing of virtual names or requests.
 * Called by resolution, directories and paths. */
#include "fs/driver.h"
#include "fs/names.h"
#include <string.h>

/* The long names of one directory, both ways; the strings belong to `shown`. */
typedef struct
{
  gatomicrefcount references;
  GHashTable *shown; /* shown name -> true name; owns both */
  GHashTable *names; /* true name -> shown name */
} Directory;

struct _ExpLongNames
{
  GMutex lock;             /* guards the table */
  GHashTable *directories; /* ExpInode -> Directory */
};

static void
directory_unref (gpointer data)
{
  Directory *directory = data;

  if (!g_atomic_ref_count_dec (&directory->references))
    return;
  g_hash_table_unref (directory->names);
  g_hash_table_unref (directory->shown);
  g_free (directory);
}

ExpLongNames *
exp_long_names_new (void)
{
  ExpLongNames *names = g_new0 (ExpLongNames, 1);

  g_mutex_init (&names->lock);
  names->directories = g_hash_table_new_full (NULL, NULL, NULL, directory_unref);
  return names;
}

void
exp_long_names_free (ExpLongNames *names)
{
  if (names == NULL)
    return;
  g_hash_table_unref (names->directories);
  g_mutex_clear (&names->lock);
  g_free (names);
}

void
exp_long_names_remove (ExpLongNames *names, ExpInode *directory)
{
  g_mutex_lock (&names->lock);
  g_hash_table_remove (names->directories, directory);
  g_mutex_unlock (&names->lock);
}

static gboolean
collect_long (const char *name, ExpNode *child, gpointer data)
{
  GPtrArray *found = data;

  if (exp_name_is_long (name, strlen (name)))
    g_ptr_array_add (found, g_strdup (name));
  return TRUE;
}

/* TRUE when a child that is not long is shown as this. */
static gboolean
is_taken (ExpNode *node, const char *shown)
{
  gsize length;
  g_autofree char *name = exp_name_decode (shown, &length);
  g_autoptr (ExpNode) child = name != NULL ? exp_node_lookup (node, name, NULL) : NULL;

  return child != NULL;
}

static Directory *
read_directory (ExpNode *node, GError **error)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);

  if (!exp_node_list (node, 0, collect_long, found, error))
    return NULL;

  Directory *directory = g_new0 (Directory, 1);
  g_atomic_ref_count_init (&directory->references);
  directory->shown = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  directory->names = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < found->len; i++)
    {
      const char *name = g_ptr_array_index (found, i);
      char *shown = NULL;

      for (guint salt = 0; salt == 0 || g_hash_table_contains (directory->shown, shown) || is_taken (node, shown);
           salt++)
        {
          g_free (shown);
          shown = exp_name_cut (name, strlen (name), salt);
        }
      char *copy = g_strdup (name);
      g_hash_table_insert (directory->shown, shown, copy);
      g_hash_table_insert (directory->names, copy, shown);
    }
  return directory;
}

static Directory *
get_directory (ExpLongNames *names, ExpInode *inode, GError **error)
{
  g_mutex_lock (&names->lock);
  Directory *directory = g_hash_table_lookup (names->directories, inode);
  if (directory != NULL)
    g_atomic_ref_count_inc (&directory->references);
  g_mutex_unlock (&names->lock);
  if (directory != NULL)
    return directory;

  Directory *fresh = read_directory (inode->node, error);
  if (fresh == NULL)
    return NULL;
  g_mutex_lock (&names->lock);
  directory = g_hash_table_lookup (names->directories, inode);
  if (directory == NULL)
    {
      exp_inode_set (inode, EXP_INODE_HAS_NAMES);
      g_hash_table_insert (names->directories, inode, directory = fresh);
      fresh = NULL;
    }
  g_atomic_ref_count_inc (&directory->references);
  g_mutex_unlock (&names->lock);
  if (fresh != NULL)
    directory_unref (fresh);
  return directory;
}

static char *
translate (ExpLongNames *names, ExpInode *inode, const char *name, gboolean to_shown, GError **error)
{
  Directory *directory = get_directory (names, inode, error);

  if (directory == NULL)
    return NULL;
  char *other = g_strdup (g_hash_table_lookup (to_shown ? directory->names : directory->shown, name));
  directory_unref (directory);
  if (other == NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no such name");
  return other;
}

char *
exp_long_names_show (ExpLongNames *names, ExpInode *directory, const char *name, GError **error)
{
  return translate (names, directory, name, TRUE, error);
}

char *
exp_long_names_resolve (ExpLongNames *names, ExpInode *directory, const char *shown, GError **error)
{
  return translate (names, directory, shown, FALSE, error);
}
