/* The program: finds the verb and runs it.
 * Knows nothing of what verbs do.
 * Called by users, mount.fuse and fstab. */
#include "fs/verbs/verbs.h"
#include <fcntl.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

static const ExpVerb *
find_verb (const char *name)
{
  for (guint i = 0; exp_verbs[i] != NULL; i++)
    if (strcmp (exp_verbs[i]->name, name) == 0)
      return exp_verbs[i];
  return NULL;
}

/* A bare lower-case word that names no file was meant as a verb. */
static gboolean
is_unknown_verb (const char *word)
{
  return *word != '\0' && strspn (word, "abcdefghijklmnopqrstuvwxyz") == strlen (word) && access (word, F_OK) < 0;
}

/* A file that is opened must not become standard output because that was closed. */
static void
open_standard_files (void)
{
  int fd;

  while ((fd = open ("/dev/null", O_RDWR)) >= 0 && fd <= STDERR_FILENO)
    ;
  if (fd > STDERR_FILENO)
    close (fd);
}

int
main (int argc, char **argv)
{
  open_standard_files ();
  /* Only how bytes become characters: numbers are the C locale's everywhere. */
  setlocale (LC_CTYPE, "");
  if (argc < 2)
    return exp_complain_usage ("a store and a mountpoint, or a verb, are needed");

  const ExpVerb *verb = find_verb (argv[1]);
  if (verb != NULL)
    return verb->run (argc - 1, argv + 1);
  if (is_unknown_verb (argv[1]))
    return exp_complain_usage ("'%s' is neither a verb nor a store", argv[1]);
  return exp_verb_mount.run (argc, argv);
}
