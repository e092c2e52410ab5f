/* expfs recover: finishes what a writer that died has left, without mounting.
 * Knows the command line; the formats do the work.
 * Called by main. */
#include "expfs/store.h"
#include "fs/mountinfo.h"
#include "fs/verbs/print.h"
#include "fs/verbs/verbs.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const struct option switches[] = { { "help", no_argument, NULL, 'h' }, { NULL } };

static const char *
plural (guint64 n)
{
  return n == 1 ? "" : "s";
}

static void
print_found (const char *path, const ExpStoreRecovery *found)
{
  exp_print_plain (path, 0);
  if (!found->is_found)
    fputs (": nothing to recover", stdout);
  else if (found->n_commits == 0)
    fputs (": nothing was committed that it does not hold; the journal is gone", stdout);
  else
    printf (": recovered %" G_GUINT64_FORMAT " commit%s, %" G_GUINT64_FORMAT " bytes", found->n_commits,
            plural (found->n_commits), found->n_bytes);
  if (found->n_dropped > 0)
    printf ("; dropped %" G_GUINT64_FORMAT " record%s that %s never committed", found->n_dropped,
            plural (found->n_dropped), found->n_dropped == 1 ? "was" : "were");
  putchar ('\n');
}

static int
recover (const char *path)
{
  g_autofree char *resolved = exp_path_resolve (path);
  g_autoptr (ExpMountEntry) entry = exp_mount_entry_around (resolved);
  g_autoptr (GError) error = NULL;
  ExpStoreRecovery found;

  if (entry != NULL && exp_mount_entry_is_ours (entry))
    return exp_complain ("%s: in a mount of expfs, which has recovered its store", path);
  if (!exp_store_recover (path, &found, &error))
    return exp_complain ("%s", error->message);
  print_found (path, &found);
  return EXIT_SUCCESS;
}

static int
run (int argc, char **argv)
{
  int letter, status = EXIT_SUCCESS;

  opterr = 0;
  while ((letter = getopt_long (argc, argv, "h", switches, NULL)) != -1)
    return letter == 'h' ? exp_print_verb_help (&exp_verb_recover) : exp_complain_switch (argv);
  if (optind == argc)
    return exp_complain_usage ("a store is needed");
  exp_log_open (NULL, TRUE, FALSE, NULL);
  for (int i = optind; i < argc; i++)
    if (recover (argv[i]) != EXIT_SUCCESS)
      status = EXIT_FAILURE;
  return exp_print_end (status);
}

const ExpVerb exp_verb_recover = {
  .name = "recover",
  .arguments = "STORE...",
  .help = "Finish what a writer that was killed has left, without mounting",
  .run = run,
};
