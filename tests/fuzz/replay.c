/* Gives a fuzz target what it starts from and what once broke it, as TAP.
 * Knows no target.
 * Linked with each of them, in place of libFuzzer: replay-NAME FOLDER-OR-FILE */
#include "fuzz.h"
#include <stdio.h>

static gboolean
replay (const char *path, const char *name)
{
  g_autofree char *bytes = NULL;
  gsize size;

  if (!g_file_get_contents (path, &bytes, &size, NULL))
    {
      printf ("not ok - %s cannot be read\n", name);
      return FALSE;
    }
  /* A copy of just its size, so that reading past it is found. */
  g_autofree guint8 *copy = g_memdup2 (bytes, size);
  LLVMFuzzerTestOneInput (copy, size);
  printf ("ok - %s\n", name);
  fflush (stdout);
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GDir) folder = argc > 1 ? g_dir_open (argv[1], 0, NULL) : NULL;
  const char *name;
  guint n = 0;

  if (folder == NULL)
    {
      if (argc < 2 || !replay (argv[1], argv[1]))
        return 1;
      puts ("1..1");
      return 0;
    }
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (argv[1], name, NULL);

      if (*name != '.' && !replay (path, name))
        return 1;
      n += *name != '.';
    }
  printf ("1..%u\n", n);
  return 0;
}
