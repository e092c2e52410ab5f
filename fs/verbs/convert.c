/* expfs convert: a LArPix raw file as a standard packet file.
 * Knows the command line; the format does the work.
 * Called by main. */
#include "expfs/convert.h"
#include "fs/options.h"
#include "fs/verbs/verbs.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const struct option switches[] = { { "help", no_argument, NULL, 'h' }, { NULL } };

static int
convert (const ExpMountOptions *options, int n, char **arguments)
{
  g_autoptr (GError) error = NULL;
  ExpConversion conversion;

  if (n != 2)
    return exp_complain_usage ("a raw file and the path of a new packet file are needed");
  exp_log_open (NULL, TRUE, FALSE, NULL);
  if (!exp_larpix_convert (arguments[0], arguments[1], &options->store, &conversion, &error))
    return exp_complain ("%s", error->message);
  printf ("%" G_GUINT64_FORMAT " packets of %" G_GUINT64_FORMAT " messages\n", conversion.n_packets,
          conversion.n_messages);
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
        if (!exp_mount_options_parse (&options, optarg, EXP_OPTIONS_OPEN, &error))
          status = exp_complain_usage ("%s", error->message);
        break;
      case 'h':
        status = exp_print_verb_help (&exp_verb_convert);
        break;
      default:
        status = exp_complain_switch (argv);
      }
  if (status < 0 && !exp_mount_options_finish (&options, &error))
    status = exp_complain_usage ("%s", error->message);
  if (status < 0)
    status = convert (&options, argc - optind, argv + optind);
  exp_mount_options_clear (&options);
  return status;
}

const ExpVerb exp_verb_convert = {
  .name = "convert",
  .arguments = "RAW PACKETS [-o OPTION,...]",
  .help = "Make a LArPix packet file of a raw file's messages",
  .switches = "  -o OPTION,...               options that concern the raw file\n",
  .run = run,
};
