/* expfs create: an empty store, or a trajectory that begins with the parameters of another.
 * Knows the command line; the formats do the work.
 * Called by main. */
#include "fs/options.h"
#include "fs/verbs/operate.h"
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct option switches[] = {
  { "help", no_argument, NULL, 'h' },
  { "from", required_argument, NULL, 'F' },
  { "ranges", no_argument, NULL, 'R' },
  { "io-version", required_argument, NULL, 'I' },
  { NULL },
};

/* --- with what another trajectory has ----------------------------------------------------------------------- */

/* In a store that is there, or is being made. */
static int
adopt (ExpAsked *asked, const ExpMountOptions *options, const char *path, const char *trajectory)
{
  g_autofree char *argument = g_strconcat (path, ":", trajectory, NULL);
  g_auto (ExpOperatePlace) place = { NULL };
  g_autoptr (GError) error = NULL;

  if (!exp_operate_find (&place, argument, &error))
    return exp_complain ("%s", error->message);
  g_free (asked->path);
  asked->path = g_strdup (place.path);
  return exp_operate (asked, &place, &options->store);
}

/* A store that is not there yet is made beside, and gets its name when all is in it. */
static int
adopt_into_new (ExpAsked *asked, ExpMountOptions *options, const char *path, const char *trajectory)
{
  g_autofree char *made_in = g_strdup_printf ("%s.new-%d", path, (int)getpid ());
  g_autoptr (GError) error = NULL;
  int status;

  options->store.trajectory = NULL;
  if (!exp_store_create (made_in, "pypet", &options->store, &error))
    return exp_complain ("%s", error->message);
  status = adopt (asked, options, made_in, trajectory);
  if (status == EXIT_SUCCESS && (link (made_in, path) != 0 && rename (made_in, path) != 0))
    status = exp_complain ("%s: %s", path, g_strerror (errno));
  unlink (made_in);
  return status;
}

static int
create_from (ExpMountOptions *options, int n, char **arguments, const char *from, gboolean keeps_ranges)
{
  g_auto (ExpAsked) asked = { NULL };
  g_auto (ExpOperatePlace) other = { NULL };
  g_autoptr (GError) error = NULL;

  if (n != 3 || strcmp (arguments[0], "pypet") != 0)
    return exp_complain_usage ("--from goes with: pypet STORE TRAJECTORY");
  exp_log_open (NULL, TRUE, FALSE, NULL);
  if (!exp_operate_find (&other, from, &error))
    return exp_complain ("%s", error->message);
  g_autofree char *said = other.mountpoint != NULL && !other.is_read_only ? exp_sync_mount (other.mountpoint) : NULL;
  if (said != NULL)
    return exp_complain ("%s: %s", other.mountpoint, said);
  exp_asked_init (&asked, "adopt");
  asked.is_of_child = TRUE;
  asked.other_store = g_strdup (other.store);
  asked.other_path = g_strdup (other.path);
  if (keeps_ranges)
    g_ptr_array_add (asked.switches, g_strdup ("ranges"));
  return access (arguments[1], F_OK) == 0 ? adopt (&asked, options, arguments[1], arguments[2])
                                          : adopt_into_new (&asked, options, arguments[1], arguments[2]);
}

/* --- an empty one ------------------------------------------------------------------------------------------- */

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
  const char *from = NULL;
  gboolean keeps_ranges = FALSE;
  int letter, status = -1;

  opterr = 0;
  while (status < 0 && (letter = getopt_long (argc, argv, "o:h", switches, NULL)) != -1)
    switch (letter)
      {
      case 'o':
        if (!exp_mount_options_parse (&options, optarg, EXP_OPTIONS_MAKE, &error))
          status = exp_complain_usage ("%s", error->message);
        break;
      case 'F':
        from = optarg;
        break;
      case 'I':
        options.store.io_version = optarg;
        break;
      case 'R':
        keeps_ranges = TRUE;
        break;
      case 'h':
        status = exp_print_verb_help (&exp_verb_create);
        break;
      default:
        status = exp_complain_switch (argv);
      }
  if (status < 0 && !exp_mount_options_finish (&options, &error))
    status = exp_complain_usage ("%s", error->message);
  if (status < 0 && keeps_ranges && from == NULL)
    status = exp_complain_usage ("--ranges goes with --from");
  if (status < 0)
    status = from != NULL ? create_from (&options, argc - optind, argv + optind, from, keeps_ranges)
                          : create (&options, argc - optind, argv + optind);
  exp_mount_options_clear (&options);
  return status;
}

const ExpVerb exp_verb_create = {
  .name = "create",
  .arguments = "FORMAT STORE [TRAJECTORY] [--from STORE:TRAJECTORY [--ranges]] [--io-version X.Y] [-o OPTION,...]",
  .help = "Make an empty store, or a trajectory like another",
  .switches = "  --from STORE:TRAJECTORY     with the parameters and configuration of this one\n"
              "  --ranges                    and what is explored in it\n"
              "  --io-version X.Y            of the messages in a LArPix raw file, as -o io_version=\n"
              "  -o OPTION,...               options that concern the store\n",
  .run = run,
};
