/* expfs unmount: as umount(8), but returns when the process that served the mount has ended.
 * Knows the kernel's table of mounts.
 * Called by main. */
#include "fs/mountinfo.h"
#include "fs/verbs/ask.h"
#include "fs/verbs/verbs.h"
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ANSWER_SECONDS 2
#define END_SECONDS    60

static const struct option switches[]
    = { { "help", no_argument, NULL, 'h' }, { "lazy", no_argument, NULL, 'l' }, { NULL } };

/* What .expfs/options says, as far as it is wanted here. */
typedef struct
{
  int process; /* a descriptor that can be waited for; -1 when it cannot be known */
  gboolean is_writable;
  char *store;
} Served;

static void
served_clear (Served *served)
{
  if (served->process >= 0)
    close (served->process);
  g_free (served->store);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Served, served_clear)

static int
open_process (const char *number)
{
  pid_t pid = number != NULL ? atoi (number) : 0;

  if (pid <= 1)
    return -1;

  /* It may be the number of a process in another namespace. */
  g_autofree char *path = g_strdup_printf ("/proc/%d/comm", pid);
  g_autofree char *name = NULL;
  int fd = syscall (SYS_pidfd_open, pid, 0);
  if (fd >= 0 && g_file_get_contents (path, &name, NULL, NULL) && strcmp (name, "expfs\n") == 0)
    return fd;
  if (fd >= 0)
    close (fd);
  return -1;
}

static void
find_served (const char *mountpoint, Served *served)
{
  g_autofree char *text = exp_ask_options (mountpoint);
  g_auto (GStrv) lines = text != NULL ? g_strsplit (text, "\n", -1) : NULL;
  g_autofree char *pid = exp_ask_option (lines, "pid"), *access = exp_ask_option (lines, "access");

  served->process = open_process (pid);
  served->is_writable = g_strcmp0 (access, "rw") == 0;
  served->store = exp_ask_option (lines, "store");
}

/* The process itself removes the mountpoint that it made; from outside that has to wait for the last reader. */
static gboolean
ask_process (int process, const char *mountpoint)
{
  if (process < 0 || syscall (SYS_pidfd_send_signal, process, SIGTERM, NULL, 0) < 0)
    return FALSE;
  for (guint i = 0; i < ANSWER_SECONDS * 100; i++)
    {
      g_autoptr (ExpMountEntry) entry = exp_mount_entry_at (mountpoint);
      if (entry == NULL)
        return TRUE;
      g_usleep (G_USEC_PER_SEC / 100);
    }
  return FALSE;
}

/* The process takes the journal away when all of it is in the store. */
static gboolean
check_journal (const char *store, const char *said)
{
  g_autofree char *journal = store != NULL ? g_strconcat (store, ".expfs-wal", NULL) : NULL;

  if (journal == NULL || access (journal, F_OK) != 0)
    return TRUE;
  exp_complain ("%s: the last changes are only in %s%s%s; the next mount or expfs recover moves them", store, journal,
                said != NULL ? ": " : "", said != NULL ? said : "");
  return FALSE;
}

static int
unmount (const char *path, gboolean is_lazy)
{
  g_autofree char *mountpoint = exp_path_resolve (path);
  g_autoptr (ExpMountEntry) entry = exp_mount_entry_at (mountpoint);
  g_autoptr (GError) error = NULL;

  if (entry == NULL)
    return exp_complain ("%s: nothing is mounted there", path);
  if (!exp_mount_entry_is_ours (entry))
    return exp_complain ("%s: not a mount of expfs (%s)", path, entry->type);

  g_auto (Served) served = { -1, FALSE, NULL };
  find_served (mountpoint, &served);
  if (is_lazy && ask_process (served.process, mountpoint))
    return EXIT_SUCCESS;
  /* While it can still be asked why. */
  g_autofree char *said = served.is_writable ? exp_sync_mount (mountpoint) : NULL;
  if (!exp_mount_detach (mountpoint, is_lazy, &error))
    return exp_complain (
        "%s%s", error->message,
        g_error_matches (error, EXP_ERROR, EXP_ERROR_BUSY) && !is_lazy ? "; expfs unmount -l lets readers finish" : "");
  /* Lazily unmounted, it may serve its readers for long. */
  struct pollfd end = { .fd = served.process, .events = POLLIN };
  if (served.process >= 0 && !is_lazy && poll (&end, 1, END_SECONDS * 1000) == 0)
    return exp_complain ("%s: unmounted, but the process that served it has not ended yet", path);
  if (is_lazy)
    return said != NULL ? exp_complain ("%s: %s", path, said) : EXIT_SUCCESS;
  return !served.is_writable || check_journal (served.store, said) ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
run (int argc, char **argv)
{
  gboolean is_lazy = FALSE;
  int letter, status = EXIT_SUCCESS;

  opterr = 0;
  while ((letter = getopt_long (argc, argv, "lh", switches, NULL)) != -1)
    switch (letter)
      {
      case 'l':
        is_lazy = TRUE;
        break;
      case 'h':
        return exp_print_verb_help (&exp_verb_unmount);
      default:
        return exp_complain_switch (argv);
      }
  if (optind == argc)
    return exp_complain_usage ("a mountpoint is needed");
  for (int i = optind; i < argc; i++)
    if (unmount (argv[i], is_lazy) != EXIT_SUCCESS)
      status = EXIT_FAILURE;
  return status;
}

const ExpVerb exp_verb_unmount = {
  .name = "unmount",
  .arguments = "MOUNTPOINT... [-l]",
  .help = "Unmount, and wait until the mount's process has ended",
  .switches = "  -l, --lazy                  even when busy: readers finish\n",
  .run = run,
};
