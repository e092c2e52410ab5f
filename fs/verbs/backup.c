/* expfs backup: a trajectory into another store, pypet's message BACKUP.
 * Knows where backups are and what they are called; how nodes are copied their format knows.
 * Called by main. */
#include "fs/find_shown.h"
#include "fs/names.h"
#include "fs/options.h"
#include "fs/progress.h"
#include "fs/verbs/ask.h"
#include "fs/verbs/operate.h"
#include "fs/verbs/print.h"
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOK_TIME (G_USEC_PER_SEC / 20)

static const struct option switches[]
    = { { "help", no_argument, NULL, 'h' }, { "dry-run", no_argument, NULL, 'n' }, { NULL } };

typedef struct
{
  ExpMountOptions options; /* of the store */
  gboolean is_dry_run;
  ExpOperatePlace place;
  char *name;    /* of the trajectory */
  char *target;  /* the file */
  char *made_in; /* where it is made while it is not there yet; NULL: it is there, and is added to */
  guint64 size;  /* of the store's file, for the progress bar */
} Backup;

static void
backup_clear (Backup *self)
{
  exp_mount_options_clear (&self->options);
  exp_operate_place_clear (&self->place);
  g_free (self->name);
  g_free (self->target);
  g_free (self->made_in);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Backup, backup_clear)

/* --- what is to be copied ----------------------------------------------------------------------------------- */

/* What was changed in a mount is brought into the store's own file first, and the store is looked at as the mount
 * shows it. */
static gboolean
take_mount (Backup *self, GError **error)
{
  g_autofree char *text = exp_ask_options (self->place.mountpoint);
  g_auto (GStrv) lines = text != NULL ? g_strsplit (text, "\n", -1) : NULL;
  g_autofree char *given = exp_ask_option (lines, "options");
  g_autofree char *said = self->place.is_read_only ? NULL : exp_sync_mount (self->place.mountpoint);

  if (said != NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_BUSY, "%s: %s", self->place.mountpoint, said);
      return FALSE;
    }
  return given == NULL
         || (exp_mount_options_parse (&self->options, given, EXP_OPTIONS_MOUNT, error)
             && exp_mount_options_finish (&self->options, error));
}

/* The last part of the path; where the root is the trajectory, what the mount was told. */
static char *
find_name (const Backup *self, ExpNode *node)
{
  g_autofree char *trimmed = g_strdup (self->place.path);
  gsize length = strlen (trimmed);

  while (length > 0 && trimmed[length - 1] == '/')
    trimmed[--length] = '\0';
  const char *slash = strrchr (trimmed, '/');
  if (*trimmed != '\0')
    return exp_name_decode (slash != NULL ? slash + 1 : trimmed, &length);
  g_autoptr (ExpArray) name = exp_node_read_attribute (node, "name", NULL);
  return name != NULL ? exp_array_dup_text (name) : NULL;
}

static gboolean
find_trajectory (Backup *self, GError **error)
{
  g_autoptr (ExpStore) store = exp_store_open (self->place.store, &self->options.store, error);
  g_autoptr (ExpNode) node
      = store != NULL ? exp_find_shown (exp_store_get_root (store), self->place.path, error) : NULL;
  g_auto (ExpInfo) info = { 0 };
  struct stat st;

  if (node == NULL || !exp_node_describe (node, &info, error))
    {
      if (store != NULL)
        g_prefix_error (error, "%s: ", self->place.store);
      return FALSE;
    }
  self->name = find_name (self, node);
  self->size = stat (self->place.store, &st) == 0 ? (guint64)st.st_size : 0;
  if (g_strcmp0 (info.role, "trajectory") == 0 && self->name != NULL)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "%s: '%s' is no trajectory", self->place.store,
               self->place.path);
  return FALSE;
}

/* --- where it goes ------------------------------------------------------------------------------------------ */

static void
choose_target (Backup *self, const char *given)
{
  g_autofree char *directory = g_path_get_dirname (self->place.store);
  g_autofree char *name = g_strdup_printf ("backup_%s.hdf5", self->name);

  self->target = given != NULL ? g_canonicalize_filename (given, NULL) : g_build_filename (directory, name, NULL);
  if (access (self->target, F_OK) != 0)
    self->made_in = g_strdup_printf ("%s.new-%d", self->target, (int)getpid ());
}

static gboolean
check_free (const Backup *self, ExpStore *target, GError **error)
{
  g_autoptr (ExpNode) there = exp_node_lookup (exp_store_get_root (target), self->name, NULL);

  if (there == NULL)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_EXISTS, "%s: has a trajectory '%s' already", self->target, self->name);
  return FALSE;
}

static ExpStore *
open_target (Backup *self, GError **error)
{
  const ExpStoreOptions options
      = { .format = "hdf5", .is_writable = !self->is_dry_run, .is_own = self->made_in != NULL };
  const ExpStoreOptions own = { .is_own = TRUE };

  if (self->made_in != NULL && !exp_store_create (self->made_in, "pypet", &own, error))
    return NULL;
  ExpStore *target = exp_store_open (self->made_in != NULL ? self->made_in : self->target, &options, error);
  if (target == NULL || check_free (self, target, error))
    return target;
  exp_store_unref (target);
  return NULL;
}

/* --- copying ------------------------------------------------------------------------------------------------ */

static volatile sig_atomic_t is_interrupted;

static void
interrupt (int number)
{
  is_interrupted = 1;
}

/* A file that is made goes at once, one that is added to stays what it was. */
static void
leave_if_interrupted (const Backup *self, ExpProgress *progress)
{
  if (!is_interrupted || self->made_in == NULL)
    return;
  exp_progress_hide (progress);
  unlink (self->made_in);
  exp_complain ("interrupted; nothing has changed");
  _exit (EXIT_FAILURE);
}

/* Bytes of the copy, as far as they have left the library. */
static guint64
written (const Backup *self, ExpStore *target)
{
  struct stat st;

  if (self->made_in != NULL)
    return stat (self->made_in, &st) == 0 ? (guint64)st.st_size : 0;
  return exp_store_journal_size (target);
}

/* The library copies all at once, and says nothing meanwhile: a thread looks how far it is. */
typedef struct
{
  const Backup *backup;
  ExpStore *target;
  gint has_ended; /* atomic */
} Watch;

static gpointer
watch (gpointer data)
{
  Watch *self = data;
  const Backup *backup = self->backup;
  ExpProgress progress;

  exp_progress_begin (&progress);
  for (gint64 wait = LOOK_TIME / 50; !g_atomic_int_get (&self->has_ended); wait = MIN (wait * 2, LOOK_TIME))
    {
      g_usleep (wait);
      exp_progress_update (&progress, backup->size > 0 ? (double)written (backup, self->target) / backup->size : 0,
                           backup->name);
      leave_if_interrupted (backup, &progress);
    }
  exp_progress_hide (&progress);
  return NULL;
}

static gboolean
copy_and_watch (const Backup *self, ExpStore *target, ExpNode *source, GError **error)
{
  Watch watching = { .backup = self, .target = target };
  const struct sigaction action = { .sa_handler = interrupt };

  sigaction (SIGINT, &action, NULL);
  sigaction (SIGTERM, &action, NULL);
  GThread *thread = g_thread_new ("watch", watch, &watching);
  gboolean is_done = exp_node_copy (exp_store_get_root (target), self->name, source, error);
  g_atomic_int_set (&watching.has_ended, TRUE);
  g_thread_join (thread);
  if (!is_done || !is_interrupted)
    return is_done;
  g_set_error (error, EXP_ERROR, EXP_ERROR_INTERRUPTED, "interrupted; nothing has changed");
  return FALSE;
}

static gboolean
copy_into (const Backup *self, ExpStore *target, GError **error)
{
  const ExpStoreOptions plain = { .format = "hdf5", .lock = self->options.store.lock };
  g_autoptr (ExpStore) store = exp_store_open (self->place.store, &plain, error);
  g_autoptr (ExpNode) source = store != NULL ? exp_node_lookup (exp_store_get_root (store), self->name, error) : NULL;

  if (source == NULL || !exp_store_begin (target, error))
    return FALSE;
  gboolean is_done = copy_and_watch (self, target, source, error);
  exp_store_end (target);
  if (is_done && exp_store_commit (target, TRUE, error))
    return TRUE;
  exp_store_abandon (target);
  return FALSE;
}

static gboolean
make_durable (const char *path)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  gboolean is_durable = fd >= 0 && fsync (fd) == 0;
  int code = errno;

  if (fd >= 0)
    close (fd);
  errno = code;
  return is_durable;
}

/* Nothing that came meanwhile is replaced. */
static gboolean
publish (const Backup *self, GError **error)
{
  if (self->made_in == NULL)
    return TRUE;
  if (!make_durable (self->made_in))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_IO, "%s: %s", self->made_in, g_strerror (errno));
      return FALSE;
    }
  if (renameat2 (AT_FDCWD, self->made_in, AT_FDCWD, self->target, RENAME_NOREPLACE) == 0
      || (errno == EINVAL && link (self->made_in, self->target) == 0 && unlink (self->made_in) == 0))
    return TRUE;
  g_set_error (error, EXP_ERROR, errno == EEXIST ? EXP_ERROR_EXISTS : EXP_ERROR_IO, "%s: %s", self->target,
               g_strerror (errno));
  return FALSE;
}

static gboolean
back_up (Backup *self, GError **error)
{
  gboolean is_done;

  if (self->is_dry_run && self->made_in != NULL)
    return TRUE;
  ExpStore *target = open_target (self, error);
  is_done = target != NULL && (self->is_dry_run || copy_into (self, target, error));
  exp_store_unref (target);
  if (is_done && publish (self, error))
    return TRUE;
  if (self->made_in != NULL)
    unlink (self->made_in);
  return FALSE;
}

/* --- the command line --------------------------------------------------------------------------------------- */

static int
do_it (Backup *self, int n, char **arguments)
{
  g_autoptr (GError) error = NULL;

  if (n == 0)
    return exp_complain_usage ("backup: a trajectory, STORE:TRAJECTORY, is needed");
  if (n > 2)
    return exp_complain_usage ("backup: unexpected: %s", arguments[2]);
  if (!exp_operate_find (&self->place, arguments[0], &error)
      || (self->place.mountpoint != NULL && !take_mount (self, &error)) || !find_trajectory (self, &error))
    return exp_complain ("%s", error->message);
  choose_target (self, n > 1 ? arguments[1] : NULL);
  if (!back_up (self, &error))
    return exp_complain ("%s", error->message);
  printf ("%s %s to ", self->is_dry_run ? "would copy" : "copied", self->name);
  exp_print_plain (self->target, 0);
  putchar ('\n');
  return EXIT_SUCCESS;
}

static int
run (int argc, char **argv)
{
  g_auto (Backup) self = { 0 };
  g_autoptr (GError) error = NULL;
  int letter;

  opterr = 0;
  while ((letter = getopt_long (argc, argv, "hno:", switches, NULL)) != -1)
    if (letter == 'n')
      self.is_dry_run = TRUE;
    else if (letter == 'h')
      return exp_print_verb_help (&exp_verb_backup);
    else if (letter != 'o')
      return exp_complain_switch (argv);
    else if (!exp_mount_options_parse (&self.options, optarg, EXP_OPTIONS_OPEN, &error))
      return exp_complain_usage ("%s", error->message);
  if (!exp_mount_options_finish (&self.options, &error))
    return exp_complain_usage ("%s", error->message);
  exp_log_open (NULL, TRUE, FALSE, NULL);
  return exp_print_end (do_it (&self, argc - optind, argv + optind));
}

const ExpVerb exp_verb_backup = {
  .name = "backup",
  .arguments = "STORE:TRAJECTORY [FILE] [-n] [-o OPTION,...]",
  .help = "Copy a trajectory to another store, backup_TRAJECTORY.hdf5 beside this one",
  .switches = EXP_OPERATE_SWITCHES,
  .run = run,
};
