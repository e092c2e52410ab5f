/* expfs refresh: reads what another program has changed in a mounted store, by mounting it anew in the same place.
 * Knows what a mount says of itself; the verbs mount and unmount do the work.
 * Called by main. */
#include "fs/mountinfo.h"
#include "fs/options.h"
#include "fs/verbs/ask.h"
#include "fs/verbs/verbs.h"
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const struct option switches[] = { { "help", no_argument, NULL, 'h' }, { NULL } };

/* As if it stood on the command line. */
static int
run_verb (const ExpVerb *verb, const char *const *words)
{
  g_auto (GStrv) argv = g_strdupv ((char **)words);
  g_autofree char **all = g_memdup2 (argv, (g_strv_length (argv) + 1) * sizeof *argv); /* getopt changes the order */

  optind = 0;
  return verb->run ((int)g_strv_length (argv), all);
}

/* A process that somebody waits for must not end. */
static gboolean
is_in_foreground (const char *pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%s/cmdline", pid);
  g_autofree char *words = NULL;
  gsize length = 0;

  if (!g_file_get_contents (path, &words, &length, NULL))
    return FALSE;
  for (const char *word = words; word < words + length; word += strlen (word) + 1)
    if (strcmp (word, "-f") == 0 || strcmp (word, "-d") == 0 || strcmp (word, "--foreground") == 0
        || strcmp (word, "--debug") == 0)
      return TRUE;
  return FALSE;
}

/* What cannot be mounted again stays mounted. */
static gboolean
can_open (const char *store, const char *text, GError **error)
{
  ExpMountOptions options = { 0 };
  gboolean is_done = (*text == '\0' || exp_mount_options_parse (&options, text, EXP_OPTIONS_MOUNT, error))
                     && exp_mount_options_finish (&options, error);
  g_autoptr (ExpStore) opened = is_done ? exp_store_open (store, &options.store, error) : NULL;

  exp_mount_options_clear (&options);
  return opened != NULL;
}

static int
refresh (const char *word)
{
  g_autofree char *path = exp_path_resolve (word);
  g_autoptr (ExpMountEntry) entry = exp_mount_entry_around (path);
  g_autoptr (GError) error = NULL;

  if (entry == NULL || !exp_mount_entry_is_ours (entry))
    return exp_complain ("%s: not in a mount of expfs", word);
  g_autofree char *text = exp_ask_options (entry->mountpoint);
  g_auto (GStrv) lines = text != NULL ? g_strsplit (text, "\n", -1) : NULL;
  g_autofree char *store = exp_ask_option (lines, "store"), *access = exp_ask_option (lines, "access");
  g_autofree char *options = exp_ask_option (lines, "options"), *pid = exp_ask_option (lines, "pid");
  if (store == NULL)
    return exp_complain ("%s: the mount does not answer", entry->mountpoint);
  if (g_strcmp0 (access, "rw") == 0)
    return EXIT_SUCCESS; /* nobody else can have changed it */
  if (pid != NULL && is_in_foreground (pid))
    return exp_complain ("%s: runs in the foreground: end it, and start it again", entry->mountpoint);
  if (options == NULL)
    options = g_strdup ("");
  if (!can_open (store, options, &error))
    return exp_complain ("%s; the mount stays as it was", error->message);

  const char *const unmount[] = { "unmount", "-l", entry->mountpoint, NULL };
  const char *const mount[] = { "mount", store, entry->mountpoint, *options != '\0' ? "-o" : NULL, options, NULL };
  int status = run_verb (&exp_verb_unmount, unmount);
  return status == EXIT_SUCCESS ? run_verb (&exp_verb_mount, mount) : status;
}

static int
run (int argc, char **argv)
{
  int letter, status = EXIT_SUCCESS;

  opterr = 0;
  while ((letter = getopt_long (argc, argv, "h", switches, NULL)) != -1)
    return letter == 'h' ? exp_print_verb_help (&exp_verb_refresh) : exp_complain_switch (argv);
  if (optind == argc)
    return exp_complain_usage ("a path in a mount is needed");
  const int first = optind;
  for (int i = first; i < argc; i++)
    if (refresh (argv[i]) != EXIT_SUCCESS)
      status = EXIT_FAILURE;
  return status;
}

const ExpVerb exp_verb_refresh = {
  .name = "refresh",
  .arguments = "PATH...",
  .help = "Read again what another program has changed in a mounted store",
  .run = run,
};
