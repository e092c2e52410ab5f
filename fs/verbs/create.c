/* expfs create: an empty store.
 * Knows the command line; the formats do the work.
 * Called by main. */
#include "fs/options.h"
#include "fs/verbs/verbs.h"
#include <getopt.h>
#include <stdlib.h>

static const struct option switches[] = { { "help", no_argument, NULL, 'h' }, { NULL } };

static int
create (ExpMountOptions *options, int n, char **arguments)
{
  g_autoptr (GError) error = NULL;

  if (n < 2)
    return exp_complain_usage ("a format and the path of a new store are needed");
  if (n > 3)
    return exp_complain_usage ("only a format, a path and perhaps a trajectory are wanted");
  if (n == 3)
    options->store.trajectory = arguments[2];
  if (!exp_store_create (arguments[1], arguments[0], &options->store, &error))
    return g_error_matches (error, EXP_ERROR, EXP_ERROR_INVALID) ? exp_complain_usage ("%s", error->message)
                                                                 : exp_complain ("%s", error->message);
  return EXIT_SUCCESS;
}

static int
run (int argc, char **argv)
{
  ExpMountOptions options = { 0 };
  g_autoptr (GError) error = NULL;
  int letter, status = -1;

  opterr = 0;
  while (status < 0 && (letter = getopt_long (argc, argv, "o:h", switches, NULL)) != -1)
    switch (letter)
      {
      case 'o':
        if (!exp_mount_options_parse (&options, optarg, FALSE, &error))
          status = exp_complain_usage ("%s", error->message);
        break;
      case 'h':
        status = exp_print_verb_help (&exp_verb_create);
        break;
      default:
        status = exp_complain_switch (argv);
      }
  if (status < 0)
    status = create (&options, argc - optind, argv + optind);
  exp_mount_options_clear (&options);
  return status;
}

const ExpVerb exp_verb_create = {
  .name = "create",
  .arguments = "FORMAT STORE [TRAJECTORY] [-o OPTION,...]",
  .help = "Make an empty store",
  .switches = "  -o OPTION,...               options that concern the store\n",
  .run = run,
};
