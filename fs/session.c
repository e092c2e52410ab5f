/* One mount from beginning to end.
 * Knows nothing of what the requests mean; the driver does.
 * Called by the verb `mount`. */
#include "fs/session.h"
#include "fs/daemon.h"
#include "fs/driver.h"
#include "fs/loop.h"
#include "fs/mountpoint.h"
#include "fs/prefetch.h"
#include "fs/watcher.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct
{
  ExpMountOptions *options;
  ExpMountpoint mountpoint;
  ExpWatcher *watcher;
  ExpStore *store;
  ExpMount *mount;
  struct fuse_session *fuse;
} Session;

static void
add_option (struct fuse_args *args, const char *option)
{
  g_autofree char *list = NULL;
  char *escaped = NULL;

  /* A comma or backslash inside a value would end it. */
  fuse_opt_add_opt_escaped (&escaped, option);
  list = g_strconcat ("-o", escaped, NULL);
  fuse_opt_add_arg (args, list);
  free (escaped);
}

static void
add_options (const ExpMountOptions *options, gboolean is_writable, struct fuse_args *args)
{
  gboolean has_others
      = exp_mount_options_has_fuse (options, "allow_other") || exp_mount_options_has_fuse (options, "allow_root");

  fuse_opt_add_arg (args, "expfs");
  if (options->is_debug)
    fuse_opt_add_arg (args, "-d");
  add_option (args, is_writable ? "rw" : "ro");
  for (guint i = 0; options->fuse != NULL && i < options->fuse->len; i++)
    add_option (args, g_ptr_array_index (options->fuse, i));
  if (!exp_mount_options_has_fuse (options, "subtype"))
    add_option (args, "subtype=expfs");
  if (!exp_mount_options_has_fuse (options, "fsname"))
    {
      g_autofree char *name = g_strconcat ("fsname=", options->store_path, NULL);
      add_option (args, name);
    }
  /* Whoever is let in sees no more than the modes shown would let him. */
  if (has_others && !exp_mount_options_has_fuse (options, "default_permissions"))
    add_option (args, "default_permissions");
}

/* What libfuse and fusermount3 say on stderr, as part of one sentence. */
static char *
take_lines (int fd)
{
  char text[1024];
  ssize_t n = pread (fd, text, sizeof text - 1, 0);

  text[MAX (n, 0)] = '\0';
  g_strstrip (text);
  return g_strdelimit (g_strdup (text), "\n", ';');
}

static gboolean
mount_quietly (Session *self, GError **error)
{
  int words = memfd_create ("stderr", MFD_CLOEXEC), saved = dup (STDERR_FILENO);
  int result;

  fflush (stderr);
  if (words >= 0 && saved >= 0)
    dup2 (words, STDERR_FILENO);
  fuse_set_log_func (NULL);
  result = fuse_session_mount (self->fuse, self->mountpoint.path);
  exp_log_take_fuse ();
  if (words >= 0 && saved >= 0)
    dup2 (saved, STDERR_FILENO);
  if (result != 0)
    {
      g_autofree char *said = words >= 0 ? take_lines (words) : g_strdup ("");
      g_set_error (error, EXP_ERROR, EXP_ERROR_FAILED, "%s: cannot mount%s%s", self->mountpoint.path,
                   *said != '\0' ? ": " : "", said);
    }
  if (words >= 0)
    close (words);
  if (saved >= 0)
    close (saved);
  return result == 0;
}

static gboolean
create_fuse (Session *self, GError **error)
{
  struct fuse_args args = FUSE_ARGS_INIT (0, NULL);

  add_options (self->options, self->mount->is_writable, &args);
  self->fuse = fuse_session_new (&args, &exp_driver_operations, sizeof exp_driver_operations, self->mount);
  fuse_opt_free_args (&args);
  if (self->fuse == NULL)
    {
      g_set_error_literal (error, EXP_ERROR, EXP_ERROR_FAILED, "libfuse refuses the options");
      return FALSE;
    }
  self->mount->session = self->fuse;
  return TRUE;
}

/* What .expfs/options shows. `expfs unmount` looks for the process here. */
static void
describe_mount (Session *self)
{
  ExpMountOptions *options = self->options;
  g_autofree char *given = options->text;

  options->text
      = g_strdup_printf ("store\t%s\nformat\t%s\nmountpoint\t%s\npid\t%d\naccess\t%s\noptions\t%s\n",
                         options->store_path, exp_store_get_format (self->store), self->mountpoint.path, getpid (),
                         exp_store_is_writable (self->store) ? "rw" : "ro", given != NULL ? given : "ro");
}

/* mount(8) gives each file system `rw` where fstab says nothing else, together with dev or nodev and suid or nosuid,
 * which nobody types. What it means is "read-write if you can". */
static gboolean
is_rw_from_mount (const ExpMountOptions *options)
{
  return (exp_mount_options_has_fuse (options, "dev") || exp_mount_options_has_fuse (options, "nodev"))
         && (exp_mount_options_has_fuse (options, "suid") || exp_mount_options_has_fuse (options, "nosuid"));
}

/* What stands in the way of writing, and not of reading. */
static gboolean
is_about_writing (const GError *error)
{
  static const int codes[] = { EXP_ERROR_READ_ONLY, EXP_ERROR_PERMISSION, EXP_ERROR_UNSUPPORTED, EXP_ERROR_BUSY };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (g_error_matches (error, EXP_ERROR, codes[i]))
      return TRUE;
  return FALSE;
}

static gboolean
open_store (Session *self, GError **error)
{
  ExpMountOptions *options = self->options;
  g_autoptr (GError) reason = NULL;

  options->store.is_writable = options->is_writable;
  self->store = exp_store_open (options->store_path, &options->store, &reason);
  if (self->store == NULL && options->is_writable && is_rw_from_mount (options) && is_about_writing (reason))
    {
      g_message ("read-only: %s", reason->message);
      fprintf (stderr, "expfs: mounted read-only: %s\n", reason->message);
      g_clear_error (&reason);
      options->store.is_writable = FALSE;
      self->store = exp_store_open (options->store_path, &options->store, &reason);
    }
  if (self->store == NULL)
    g_propagate_error (error, g_steal_pointer (&reason));
  return self->store != NULL;
}

static gboolean
start (Session *self, GError **error)
{
  ExpMountOptions *options = self->options;

  if (!exp_log_open (options->log_file, options->is_foreground, options->is_debug, error))
    return FALSE;
  self->watcher = exp_watcher_start (options, &self->mountpoint);
  if (self->watcher == NULL)
    {
      g_set_error_literal (error, EXP_ERROR, EXP_ERROR_FAILED, "cannot start a thread");
      return FALSE;
    }
  /* Opening for writing may find something to finish. */
  if (options->is_writable)
    exp_watcher_hold (self->watcher);
  if (!open_store (self, error))
    return FALSE;
  exp_watcher_hold (self->watcher);
  if (!exp_mountpoint_prepare (&self->mountpoint, options->mountpoint,
                               exp_store_path_is_volatile (options->store_path) ? NULL : options->store_path, error))
    return FALSE;
  describe_mount (self);
  self->mount = exp_mount_new (self->store, options, error);
  gboolean is_mounted = self->mount != NULL && create_fuse (self, error) && mount_quietly (self, error);
  exp_mountpoint_unlock (&self->mountpoint);
  return is_mounted;
}

static int
loop (Session *self)
{
  const ExpMountOptions *options = self->options;

  if (options->is_single_threaded)
    return fuse_session_loop (self->fuse);

  guint n_threads = options->max_threads > 0 ? options->max_threads : CLAMP (2 * g_get_num_processors (), 8, 64);
  if (self->mount->is_writable)
    return exp_loop_run (self->fuse, n_threads, options->max_idle_threads);

  struct fuse_loop_config *config = fuse_loop_cfg_create ();
  fuse_loop_cfg_set_clone_fd (config, 1);
  fuse_loop_cfg_set_max_threads (config, n_threads);
  if (options->max_idle_threads > 0)
    fuse_loop_cfg_set_idle_threads (config, options->max_idle_threads);
  int result = fuse_session_loop_mt (self->fuse, config);
  fuse_loop_cfg_destroy (config);
  return result;
}

/* Puts what was changed into the store's own file. FALSE, having said why, when it is not there. */
static gboolean
checkpoint (ExpMount *mount)
{
  g_autoptr (GError) error = NULL;
  const char *path = exp_store_get_path (mount->store);

  exp_operations_stop (mount);
  exp_behind_stop (mount->state->behind);
  exp_committer_stop (mount->committer);
  if (mount->is_writable)
    {
      exp_writers_finish_all (mount);
      exp_awaited_try (mount, TRUE);
    }
  if (exp_behind_commit (mount, TRUE, &error) && exp_store_journal_size (mount->store) == 0)
    return TRUE;
  /* Who failed to commit has said so in the log. */
  if (error != NULL)
    fprintf (stderr, "expfs: %s: the last changes could not be written: %s\n", path, error->message);
  else
    {
      g_message ("%s is in use: its last changes stay in its journal", path);
      fprintf (stderr, "expfs: %s is in use: its last changes stay in its journal until it is mounted again\n", path);
    }
  return FALSE;
}

static gboolean
finish (Session *self)
{
  gboolean is_done = TRUE;

  if (self->watcher != NULL)
    exp_watcher_stop (self->watcher);
  if (self->fuse != NULL)
    {
      fuse_session_unmount (self->fuse);
      if (self->mount != NULL) /* Those that go on may still tell the kernel something through the session. */
        {
          exp_operations_stop (self->mount);
          exp_leases_stop (self->mount->state->leases);
          exp_entered_stop (self->mount->state->entered);
        }
      fuse_session_destroy (self->fuse);
    }
  exp_mountpoint_remove (&self->mountpoint);
  exp_mountpoint_clear (&self->mountpoint);
  if (self->mount != NULL)
    {
      is_done = checkpoint (self->mount);
      exp_mount_free (self->mount);
    }
  exp_store_unref (self->store);
  return is_done;
}

static int
serve (ExpMountOptions *options, int ready_fd)
{
  Session self = { .options = options };
  g_autoptr (GError) error = NULL;
  int result = -1;

  if (start (&self, &error))
    {
      exp_watcher_set_mounted (self.watcher, self.mount);
      g_message ("%s (%s) is mounted %s on %s", options->store_path, exp_store_get_format (self.store),
                 self.mount->is_writable ? "read-write" : "read-only", self.mountpoint.path);
      if (ready_fd >= 0)
        exp_daemon_ready (ready_fd);
      exp_committer_start (self.mount->committer);
      exp_behind_start (self.mount->state->behind);
      ExpPrefetch *prefetch = exp_prefetch_start (self.mount);
      result = loop (&self);
      exp_prefetch_stop (prefetch);
      g_message ("%s is unmounted", self.mountpoint.path);
    }
  else
    fprintf (stderr, "expfs: %s\n", error->message);
  if (!finish (&self))
    result = -1;
  return result < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int
exp_session_run (ExpMountOptions *options)
{
  g_autoptr (GError) error = NULL;
  int ready_fd = -1;

  if (options->is_foreground)
    return serve (options, -1);

  pid_t child = exp_daemon_fork (&ready_fd, &error);
  if (child < 0)
    {
      fprintf (stderr, "expfs: %s\n", error->message);
      return EXIT_FAILURE;
    }
  if (child > 0)
    return exp_daemon_wait (child, ready_fd, options->mountpoint);

  exit (serve (options, ready_fd));
}
