/* expfs mount, and expfs without a verb.
 * Knows the command line; the session does the work.
 * Called by main. */
#include "fs/options.h"
#include "fs/session.h"
#include "fs/verbs/verbs.h"
#include <getopt.h>
#include <stdlib.h>

static const struct option switches[] = { { "help", no_argument, NULL, 'h' },
                                          { "version", no_argument, NULL, 'V' },
                                          { "foreground", no_argument, NULL, 'f' },
                                          { "debug", no_argument, NULL, 'd' },
                                          { NULL } };

/* TRUE when there is nothing to mount and *status is the exit status. */
static gboolean
parse (ExpMountOptions *options, int argc, char **argv, int *status)
{
  g_autoptr (GError) error = NULL;
  int letter;

  opterr = 0;
  while ((letter = getopt_long (argc, argv, "o:fdsrhVnv", switches, NULL)) != -1)
    switch (letter)
      {
      case 'o':
        if (!exp_mount_options_parse (options, optarg, EXP_OPTIONS_MOUNT, &error))
          return *status = exp_complain_usage ("%s", error->message), TRUE;
        break;
      case 'd':
        options->is_debug = TRUE;
        G_GNUC_FALLTHROUGH;
      case 'f':
        options->is_foreground = TRUE;
        break;
      case 's':
        options->is_single_threaded = TRUE;
        break;
      case 'r':
        options->is_writable = FALSE;
        break;
      case 'n': /* what mount(8) may pass on: */
      case 'v':
        break;
      case 'h':
        return *status = exp_print_help (), TRUE;
      case 'V':
        return *status = exp_print_version (), TRUE;
      default:
        return *status = exp_complain_switch (argv), TRUE;
      }
  if (!exp_mount_options_finish (options, &error))
    return *status = exp_complain_usage ("%s", error->message), TRUE;
  if (argc - optind != 2)
    return *status = exp_complain_usage (argc - optind < 2 ? "a store and a mountpoint are needed"
                                                           : "only a store and a mountpoint are wanted"),
           TRUE;
  options->store_path = exp_store_path_is_volatile (argv[optind]) ? g_strdup (argv[optind])
                                                                  : g_canonicalize_filename (argv[optind], NULL);
  options->mountpoint = g_canonicalize_filename (argv[optind + 1], NULL);
  return FALSE;
}

static int
run (int argc, char **argv)
{
  ExpMountOptions options = { 0 };
  int status;

  if (!parse (&options, argc, argv, &status))
    status = exp_session_run (&options);
  exp_mount_options_clear (&options);
  return status;
}

const ExpVerb exp_verb_mount = {
  .name = "mount",
  .arguments = "STORE MOUNTPOINT [-o OPTION,...] [-f] [-d] [-s]",
  .help = "Mount a store; the verb may be left out",
  .switches = "  -o OPTION,...               mount options, see below\n"
              "  -f, --foreground            stay in the foreground, messages on stderr\n"
              "  -d, --debug                 the same, with every request\n"
              "  -s                          answer one request at a time\n"
              "  -h, --help                  print this\n",
  .run = run,
};
