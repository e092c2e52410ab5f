/* The table of verbs, and what they all say to the user.
 * Knows nothing of what they do.
 * Called by main and the verbs. */
#include "fs/verbs/verbs.h"
#include "fs/options.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

/* One to a line, in the order of --help. */
/* clang-format off */
const ExpVerb *const exp_verbs[] = {
  &exp_verb_mount,
  &exp_verb_unmount,
  &exp_verb_info,
  &exp_verb_tree,
  &exp_verb_find,
  &exp_verb_plot,
  &exp_verb_check,
  &exp_verb_create,
  &exp_verb_sync,
  &exp_verb_refresh,
  &exp_verb_recover,
  &exp_verb_explore,
  &exp_verb_backup,
  &exp_verb_delete,
  &exp_verb_prune,
  &exp_verb_merge,
  &exp_verb_put,
  &exp_verb_convert,
  NULL,
};
/* clang-format on */

static void
complain (const char *format, va_list arguments)
{
  /* One write: several processes may share the terminal. */
  g_autofree char *sentence = g_strdup_vprintf (format, arguments);
  fprintf (stderr, "expfs: %s\n", sentence);
}

int
exp_complain (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  complain (format, arguments);
  va_end (arguments);
  return EXIT_FAILURE;
}

int
exp_complain_usage (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  complain (format, arguments);
  va_end (arguments);
  fputs ("Try 'expfs --help'.\n", stderr);
  return EXP_EXIT_USAGE;
}

int
exp_complain_switch (char **argv)
{
  if (optopt != 0 && optopt < 0x7f && argv[optind - 1][0] == '-' && argv[optind - 1][1] != '-')
    return exp_complain_usage (optopt == 'o' || optopt == 'L' ? "-%c needs a value" : "unknown switch -%c", optopt);
  return exp_complain_usage ("unknown switch or missing value: %s", argv[optind - 1]);
}

int
exp_print_help (void)
{
  g_autoptr (GString) out = g_string_new ("Usage: expfs STORE MOUNTPOINT [-o OPTION,...] [-f] [-d] [-s]\n");

  for (guint i = 0; exp_verbs[i] != NULL; i++)
    g_string_append_printf (out, "       expfs %s %s\n", exp_verbs[i]->name, exp_verbs[i]->arguments);
  g_string_append (out, "\nMounts an experiment store and shows it as a file tree.\n\nVerbs:\n");
  for (guint i = 0; exp_verbs[i] != NULL; i++)
    g_string_append_printf (out, "  %-26s  %s\n", exp_verbs[i]->name, exp_verbs[i]->help);
  g_string_append (out, "\nSwitches:\n");
  g_string_append (out, exp_verb_mount.switches);
  g_string_append (out, "  -V, --version               print the version\n"
                        "\nOptions of -o, separated by commas:\n");
  exp_mount_options_help (out, TRUE);
  g_string_append (out, "  and those that mount(8) knows for every file system: nodev, nosuid, noexec, ...\n"
                        "\nFormats:\n");
  const char *description, *name;
  for (guint i = 0; (name = exp_store_format_name (i, &description)) != NULL; i++)
    g_string_append_printf (out, "  %-26s  %s\n", name, description);
  g_string_append (out, "\nMore in expfs(1).\n");
  fputs (out->str, stdout);
  return EXIT_SUCCESS;
}

int
exp_print_verb_help (const ExpVerb *verb)
{
  printf ("Usage: expfs %s %s\n\n%s.\n", verb->name, verb->arguments, verb->help);
  if (verb->switches != NULL)
    printf ("\n%s", verb->switches);
  return EXIT_SUCCESS;
}

int
exp_print_version (void)
{
  printf ("expfs %s (libfuse %s)\n", EXP_VERSION, fuse_pkgversion ());
  return EXIT_SUCCESS;
}
