/* Verbs that change a store: who does the work, how far it is, and how it ends.
 * Knows places, the progress bar and .expfs/operate; no task.
 * Called by the verbs that are tasks of a format. */
#include "fs/verbs/operate.h"
#include "fs/mountinfo.h"
#include "fs/options.h"
#include "fs/progress.h"
#include "fs/verbs/ask.h"
#include "fs/verbs/place.h"
#include "fs/verbs/print.h"
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- being interrupted -------------------------------------------------------------------------------------- */

static volatile sig_atomic_t is_interrupted;

/* A second signal ends the program at once. */
static void
interrupt (int number)
{
  is_interrupted = 1;
  signal (number, SIG_DFL);
}

static void
take_signals (void)
{
  const struct sigaction action = { .sa_handler = interrupt };

  sigaction (SIGINT, &action, NULL);
  sigaction (SIGTERM, &action, NULL);
}

/* --- places ------------------------------------------------------------------------------------------------- */

void
exp_operate_place_clear (ExpOperatePlace *place)
{
  g_free (place->mountpoint);
  g_free (place->store);
  g_free (place->path);
  *place = (ExpOperatePlace){ NULL };
}

static void
set_mounted (ExpOperatePlace *place, const ExpMountEntry *entry, const char *path)
{
  g_autofree char *text = exp_ask_options (entry->mountpoint);
  g_auto (GStrv) lines = text != NULL ? g_strsplit (text, "\n", -1) : NULL;
  g_autofree char *access = exp_ask_option (lines, "access");

  place->mountpoint = g_strdup (entry->mountpoint);
  place->store = exp_ask_option (lines, "store");
  if (place->store == NULL)
    place->store = g_strdup (entry->source);
  place->path = g_strdup (path + strspn (path, "/"));
  place->is_read_only = g_strcmp0 (access, "rw") != 0;
}

/* The trajectory= of a mount, NULL for none. */
static char *
shown_trajectory (char **lines)
{
  g_autofree char *options = exp_ask_option (lines, "options");
  g_auto (GStrv) parts = options != NULL ? g_strsplit (options, ",", -1) : NULL;

  for (char **part = parts; part != NULL && *part != NULL; part++)
    if (g_str_has_prefix (*part, "trajectory="))
      return g_strdup (*part + strlen ("trajectory="));
  return NULL;
}

/* In a mount that shows one trajectory only, the path begins there. */
static gboolean
set_path (ExpOperatePlace *place, char **lines, const char *path, GError **error)
{
  g_autofree char *trajectory = shown_trajectory (lines);
  gsize length = trajectory != NULL ? strlen (trajectory) : 0;

  path += strspn (path, "/");
  if (trajectory != NULL && (strncmp (path, trajectory, length) != 0 || (path[length] != '/' && path[length] != '\0')))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_BUSY,
                   "%s is mounted read-write at %s, which shows trajectory=%s only: name a path in the mount",
                   place->store, place->mountpoint, trajectory);
      return FALSE;
    }
  path += length;
  place->path = g_strdup (path + strspn (path, "/"));
  return TRUE;
}

/* TRUE when the mount writes the store; the path in it is set then. */
static gboolean
is_written_by (ExpOperatePlace *place, const ExpMountEntry *entry, const char *path, GError **error)
{
  g_autofree char *text = exp_ask_options (entry->mountpoint);
  g_auto (GStrv) lines = text != NULL ? g_strsplit (text, "\n", -1) : NULL;
  g_autofree char *store = exp_ask_option (lines, "store"), *access = exp_ask_option (lines, "access");
  g_autofree char *resolved = store != NULL ? exp_path_resolve (store) : NULL;

  if (g_strcmp0 (resolved, place->store) != 0 || g_strcmp0 (access, "rw") != 0)
    return FALSE;
  place->mountpoint = g_strdup (entry->mountpoint);
  set_path (place, lines, path, error);
  return TRUE;
}

/* The mount that writes the store does the work: nobody else can. A mount that does not answer would keep this process
 * from ending, so none is asked where there is no journal and thus no writer, and first those that say by their source
 * (which fsname= changes) that the store is theirs. */
static gboolean
find_writer (ExpOperatePlace *place, const char *path, GError **error)
{
  g_autoptr (GPtrArray) entries = exp_mount_entries_ours ();
  g_autofree char *journal = g_strconcat (place->store, ".expfs-wal", NULL);
  gboolean is_written = g_file_test (journal, G_FILE_TEST_EXISTS);

  for (guint i = 0; is_written && i < 2 * entries->len; i++)
    {
      const ExpMountEntry *entry = entries->pdata[i % entries->len];

      if ((strcmp (entry->source, place->store) == 0) == (i < entries->len)
          && is_written_by (place, entry, path, error))
        return place->path != NULL;
    }
  place->path = g_strdup (path + strspn (path, "/"));
  return TRUE;
}

gboolean
exp_operate_find (ExpOperatePlace *place, const char *argument, GError **error)
{
  g_autofree char *resolved = exp_path_resolve (argument);
  g_autoptr (ExpMountEntry) entry = exp_mount_entry_around (resolved);
  g_autofree char *store = NULL, *rest = NULL;

  *place = (ExpOperatePlace){ NULL };
  if (entry != NULL && exp_mount_entry_is_ours (entry))
    {
      set_mounted (place, entry, resolved + strlen (entry->mountpoint));
      return TRUE;
    }
  if (!exp_place_split (argument, &store, &rest))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "%s: %s", argument, g_strerror (ENOENT));
      return FALSE;
    }
  place->store = exp_path_resolve (store);
  return find_writer (place, rest, error);
}

/* --- in a store that is opened for it ----------------------------------------------------------------------- */

static gboolean
show_progress (double fraction, const char *text, gpointer data)
{
  exp_progress_update (data, fraction, text);
  return !is_interrupted;
}

static gboolean
change_store (const ExpAsked *asked, ExpStore *store, ExpTask *task, GError **error)
{
  if (asked->is_dry_run)
    return exp_asked_perform (asked, store, task, error);
  if (!exp_store_begin (store, error))
    return FALSE;
  gboolean is_done = exp_asked_perform (asked, store, task, error);
  exp_store_end (store);
  if (is_done && exp_store_commit (store, TRUE, error))
    return TRUE;
  exp_store_abandon (store);
  return FALSE;
}

static int
operate_on_store (const ExpAsked *asked, const char *path, const ExpStoreOptions *options)
{
  ExpStoreOptions own = *options;
  g_autoptr (GString) said = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  ExpProgress progress;
  ExpTask task = { .said = said, .progress = show_progress, .data = &progress };

  own.is_writable = !asked->is_dry_run;
  g_autoptr (ExpStore) store = exp_store_open (path, &own, &error);
  if (store == NULL)
    return exp_complain ("%s", error->message);
  exp_progress_begin (&progress);
  gboolean is_done = change_store (asked, store, &task, &error);
  exp_progress_hide (&progress);
  if (!is_done)
    return exp_complain ("%s: %s", path, error->message);
  fputs (said->str, stdout);
  return EXIT_SUCCESS;
}

/* --- in a running mount ------------------------------------------------------------------------------------- */

typedef struct
{
  const char *mountpoint;
  int fd;
  ExpProgress progress;
  gboolean is_told; /* that the work is to end */
  int status;       /* -1: not known yet */
} Asking;

static void
take_line (Asking *asking, const char *line)
{
  g_auto (GStrv) parts = g_strsplit (line, "\t", 3);
  g_autofree char *text = parts[0] != NULL && parts[1] != NULL ? g_strcompress (parts[1]) : g_strdup ("");

  if (g_strcmp0 (parts[0], "progress") == 0 && parts[1] != NULL)
    {
      g_autofree char *doing = g_strcompress (parts[2] != NULL ? parts[2] : "");
      exp_progress_update (&asking->progress, g_ascii_strtod (parts[1], NULL), doing);
      return;
    }
  exp_progress_hide (&asking->progress);
  if (g_strcmp0 (parts[0], "said") == 0)
    printf ("%s\n", text);
  else if (g_strcmp0 (parts[0], "failed") == 0)
    asking->status = exp_complain ("%s: %s", asking->mountpoint, text);
  else if (g_strcmp0 (parts[0], "done") == 0)
    asking->status = EXIT_SUCCESS;
}

/* FALSE when the mount says nothing more. */
static gboolean
listen_once (Asking *asking, GString *heard)
{
  char buffer[4096];
  ssize_t n = read (asking->fd, buffer, sizeof buffer);
  char *end;

  if (is_interrupted && !asking->is_told)
    asking->is_told = write (asking->fd, "cancel\n", 7) == 7;
  if (n < 0)
    return errno == EINTR;
  g_string_append_len (heard, buffer, n);
  while ((end = strchr (heard->str, '\n')) != NULL)
    {
      *end = '\0';
      take_line (asking, heard->str);
      g_string_erase (heard, 0, end + 1 - heard->str);
    }
  return n > 0;
}

static int
operate_in_mount (const ExpAsked *asked, const char *mountpoint)
{
  g_autofree char *path = g_build_filename (mountpoint, ".expfs", "operate", NULL);
  g_autofree char *text = exp_asked_to_text (asked);
  g_autoptr (GString) heard = g_string_new (NULL);
  Asking asking = { .mountpoint = mountpoint, .fd = open (path, O_RDWR | O_CLOEXEC), .status = -1 };

  if (asking.fd < 0 || write (asking.fd, text, strlen (text)) < 0)
    {
      int failure = errno;
      if (asking.fd >= 0)
        close (asking.fd);
      return exp_complain ("%s: %s", mountpoint,
                           failure == EPERM ? "only who has mounted it can ask for that" : g_strerror (failure));
    }
  exp_progress_begin (&asking.progress);
  while (asking.status < 0 && listen_once (&asking, heard))
    ;
  exp_progress_hide (&asking.progress);
  close (asking.fd);
  return asking.status >= 0 ? asking.status : exp_complain ("%s: the mount has ended before it answered", mountpoint);
}

/* --- the command line --------------------------------------------------------------------------------------- */

int
exp_operate (const ExpAsked *asked, const ExpOperatePlace *place, const ExpStoreOptions *options)
{
  take_signals ();
  if (place->mountpoint == NULL)
    return operate_on_store (asked, place->store, options);
  if (place->is_read_only)
    return exp_complain ("%s: mounted read-only", place->mountpoint);
  return operate_in_mount (asked, place->mountpoint);
}

/* getopt's table: that of every verb, and behind it the verb's own, whose values are numbers from 256 on. */
static struct option *
long_switches (const ExpOperateSwitch *own)
{
  guint n = 0;

  while (own != NULL && own[n].name != NULL)
    n++;
  struct option *all = g_new0 (struct option, n + 3);
  all[0] = (struct option){ "help", no_argument, NULL, 'h' };
  all[1] = (struct option){ "dry-run", no_argument, NULL, 'n' };
  for (guint i = 0; i < n; i++)
    all[2 + i] = (struct option){ own[i].name, own[i].has_value ? required_argument : no_argument, NULL, 256 + (int)i };
  return all;
}

static char *
letters (const ExpOperateSwitch *own)
{
  GString *all = g_string_new ("hno:");

  for (; own != NULL && own->name != NULL; own++)
    if (own->letter != 0)
      g_string_append_printf (all, "%c%s", own->letter, own->has_value ? ":" : "");
  return g_string_free (all, FALSE);
}

static const ExpOperateSwitch *
find_switch (const ExpOperateSwitch *own, int letter)
{
  if (letter >= 256)
    return &own[letter - 256];
  for (; own != NULL && own->name != NULL; own++)
    if (own->letter == letter)
      return own;
  return NULL;
}

/* TRUE when *status is the exit status. */
static gboolean
parse (const ExpOperateVerb *self, int argc, char **argv, ExpAsked *asked, ExpMountOptions *options, int *status)
{
  g_autofree struct option *switches = long_switches (self->switches);
  g_autofree char *short_switches = letters (self->switches);
  g_autoptr (GError) error = NULL;
  int letter;

  opterr = 0;
  while ((letter = getopt_long (argc, argv, short_switches, switches, NULL)) != -1)
    {
      const ExpOperateSwitch *own = find_switch (self->switches, letter);

      if (own != NULL)
        g_ptr_array_add (asked->switches,
                         own->has_value ? g_strconcat (own->name, "=", optarg, NULL) : g_strdup (own->name));
      else if (letter == 'n')
        asked->is_dry_run = TRUE;
      else if (letter == 'h')
        return *status = exp_print_verb_help (self->verb), TRUE;
      else if (letter != 'o')
        return *status = exp_complain_switch (argv), TRUE;
      else if (!exp_mount_options_parse (options, optarg, EXP_OPTIONS_MAKE, &error))
        return *status = exp_complain_usage ("%s", error->message), TRUE;
    }
  if (!exp_mount_options_finish (options, &error))
    return *status = exp_complain_usage ("%s", error->message), TRUE;
  if (optind == argc)
    return *status = exp_complain_usage ("%s: %s is needed", self->verb->name, self->place), TRUE;
  if (self->words != NULL && optind + 1 == argc)
    return *status = exp_complain_usage ("%s: %s is needed", self->verb->name, self->words), TRUE;
  if ((guint)(argc - optind - 1) > self->max_words)
    return *status = exp_complain_usage ("%s: unexpected: %s", self->verb->name, argv[optind + 1 + self->max_words]),
           TRUE;
  for (int i = optind + 1; i < argc; i++)
    g_ptr_array_add (asked->arguments, g_strdup (argv[i]));
  return FALSE;
}

/* A word that names no store is the name of something beside the first place. What a mount has not yet moved into the
 * other store's file is moved there, where it is looked for. */
static gboolean
find_other (ExpAsked *asked, const ExpOperatePlace *place, GError **error)
{
  g_autofree char *word = g_ptr_array_steal_index (asked->arguments, 0);
  g_auto (ExpOperatePlace) other = { NULL };
  g_autoptr (GError) local = NULL;

  if (exp_operate_find (&other, word, &local))
    {
      g_autofree char *said = other.mountpoint != NULL && strcmp (other.store, place->store) != 0
                                  ? exp_sync_mount (other.mountpoint)
                                  : NULL;

      asked->other_store = g_steal_pointer (&other.store);
      asked->other_path = g_steal_pointer (&other.path);
      if (said == NULL)
        return TRUE;
      g_set_error (error, EXP_ERROR, EXP_ERROR_FAILED, "%s: %s", other.mountpoint, said);
      return FALSE;
    }
  if (!g_error_matches (local, EXP_ERROR, EXP_ERROR_NOT_FOUND) || strpbrk (word, "/:") != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  const char *slash = strrchr (place->path, '/');
  asked->other_path
      = slash != NULL ? g_strdup_printf ("%.*s%s", (int)(slash + 1 - place->path), place->path, word) : g_strdup (word);
  return TRUE;
}

int
exp_operate_run (const ExpOperateVerb *self, int argc, char **argv)
{
  g_auto (ExpAsked) asked = { NULL };
  g_auto (ExpOperatePlace) place = { NULL };
  ExpMountOptions options = { 0 };
  g_autoptr (GError) error = NULL;
  int status;

  exp_asked_init (&asked, self->verb->name);
  asked.is_of_child = self->is_of_child;
  if (!parse (self, argc, argv, &asked, &options, &status))
    {
      exp_log_open (NULL, TRUE, FALSE, NULL);
      if (!exp_operate_find (&place, argv[optind], &error) || (self->has_other && !find_other (&asked, &place, &error)))
        status = exp_complain ("%s", error->message);
      else if (self->is_of_child && *place.path == '\0')
        status = exp_complain ("%s: %s is needed, of a store that is there whole", argv[optind], self->place);
      else
        {
          g_free (asked.path);
          asked.path = g_strdup (place.path);
          status = self->prepare != NULL && !self->prepare (&asked, &error)
                       ? exp_complain ("%s", error->message)
                       : exp_operate (&asked, &place, &options.store);
        }
    }
  exp_mount_options_clear (&options);
  return exp_print_end (status);
}
