/* expfs sync: what was changed through a mount, into the store's own file.
 * Knows the mount's own files.
 * Called by main. */
#include "fs/mountinfo.h"
#include "fs/verbs/verbs.h"
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct option switches[] = { { "help", no_argument, NULL, 'h' }, { NULL } };

char *
exp_sync_mount (const char *mountpoint)
{
  g_autofree char *path = g_build_filename (mountpoint, ".expfs", "sync", NULL);
  g_autofree char *said = NULL;
  int fd = open (path, O_WRONLY | O_CLOEXEC);

  if (fd < 0 && (errno == EROFS || errno == ENOENT))
    return NULL; /* nothing can have changed */
  int failure = fd < 0 || write (fd, "\n", 1) < 0 ? errno : 0;
  if (fd >= 0)
    close (fd);
  if (failure == 0)
    return NULL;
  if (g_file_get_contents (path, &said, NULL, NULL) && *g_strstrip (said) != '\0')
    return g_steal_pointer (&said);
  return g_strdup (g_strerror (failure));
}

static int
sync_around (const char *path)
{
  g_autofree char *resolved = exp_path_resolve (path);
  g_autoptr (ExpMountEntry) entry = exp_mount_entry_around (resolved);

  if (entry == NULL || !exp_mount_entry_is_ours (entry))
    return exp_complain ("%s: not in a mount of expfs", path);
  g_autofree char *said = exp_sync_mount (entry->mountpoint);
  return said != NULL ? exp_complain ("%s: %s", entry->mountpoint, said) : EXIT_SUCCESS;
}

static int
run (int argc, char **argv)
{
  int letter, status = EXIT_SUCCESS;

  opterr = 0;
  while ((letter = getopt_long (argc, argv, "h", switches, NULL)) != -1)
    return letter == 'h' ? exp_print_verb_help (&exp_verb_sync) : exp_complain_switch (argv);
  if (optind == argc)
    return exp_complain_usage ("a path in a mount is needed");
  for (int i = optind; i < argc; i++)
    if (sync_around (argv[i]) != EXIT_SUCCESS)
      status = EXIT_FAILURE;
  return status;
}

const ExpVerb exp_verb_sync = {
  .name = "sync",
  .arguments = "PATH...",
  .help = "Put what was changed in a mount into the store's own file now",
  .run = run,
};
