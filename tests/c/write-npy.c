/* write-npy FILE SEED [OLD]: writes an NPY file into x.npy of a store in memory, in pieces of random lengths, over a
 * dataset that OLD made before if it is given, and prints x.npy. */
#include "edit_check.h"
#include <stdio.h>

static gboolean
copy_in (ExpNode *root, const char *path, guint32 seed, GError **error)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  g_autofree char *bytes = NULL;
  gsize length;

  if (!g_file_get_contents (path, &bytes, &length, error))
    return FALSE;
  g_autoptr (ExpNode) node = exp_node_lookup (root, "x", NULL);
  ExpEdit *edit = exp_edit_new (root, "x", node, &exp_view_npy, &no_options, error);
  gboolean is_written = edit != NULL && exp_edit_truncate (edit, 0, error) && exp_edit_flush (edit, error);
  for (gsize at = 0, n; is_written && at < length; at += n)
    {
      n = seed == 0 ? length : (gsize)g_rand_int_range (rand, 1, 1 << g_rand_int_range (rand, 1, 16));
      n = MIN (n, length - at);
      is_written = exp_edit_pwrite (edit, at, n, bytes + at, error);
    }
  is_written = is_written && exp_edit_finish (edit, error);
  exp_edit_free (edit);
  return is_written;
}

int
main (int argc, char **argv)
{
  g_autoptr (ExpNode) root = exp_memory_store_new ();
  g_autoptr (GError) error = NULL;

  if ((argc > 3 && !copy_in (root, argv[3], 0, &error))
      || !copy_in (root, argv[1], g_ascii_strtoull (argv[2], NULL, 10), &error))
    {
      fprintf (stderr, "%s\n", error->message);
      return 1;
    }
  g_autoptr (GString) npy = show_child (root, "x", &exp_view_npy);
  return fwrite (npy->str, 1, npy->len, stdout) != npy->len;
}
