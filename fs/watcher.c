/* The thread that ends a mount: on signals, and after a time without use.
 * Knows nothing of requests.
 * Started by the session. */
#include "fs/watcher.h"
#include "fs/driver.h"
#include "fs/mountinfo.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STOP_SIGNAL SIGUSR2

struct _ExpWatcher
{
  const ExpMountOptions *options;
  ExpMountpoint *mountpoint; /* the thread's alone once `mount` is set */
  ExpMount *mount;           /* lock; NULL before it is mounted */
  gboolean is_held;          /* lock; something has to be undone before the process may end */
  GMutex lock;
  pthread_t thread;
  pthread_t starter; /* waits in the session's loop */
  sigset_t signals;
  guint n_signals; /* lock */
};

/* libfuse's loop looks at the session's end only after an interrupted wait. */
static void
interrupt (int signal)
{
}

static void
end_loop (ExpWatcher *self)
{
  fuse_session_exit (self->mount->session);
  pthread_kill (self->starter, SIGUSR1);
}

static void
unmount (ExpWatcher *self, const char *why)
{
  g_autoptr (GError) error = NULL;

  g_message ("%s: unmounting %s; whoever has files open there reads them to the end", why, self->mountpoint->path);
  if (exp_mount_detach (self->mountpoint->path, TRUE, &error))
    exp_mountpoint_remove (self->mountpoint);
  else if (!g_error_matches (error, EXP_ERROR, EXP_ERROR_NOT_FOUND))
    {
      g_warning ("%s", error->message);
      end_loop (self);
    }
}

static void
take_signal (ExpWatcher *self, int signal)
{
  g_mutex_lock (&self->lock);
  guint n_before = self->n_signals;
  gboolean is_mounted = self->mount != NULL, is_held = self->is_held;
  if (is_mounted || is_held)
    self->n_signals++;
  g_mutex_unlock (&self->lock);

  if (!is_mounted && !is_held)
    _exit (128 + signal);
  if (!is_mounted)
    return;
  if (n_before > 0)
    {
      /* Closes the connection: whoever still reads gets ENOTCONN. */
      exp_behind_commit (self->mount, FALSE, NULL);
      exp_mountpoint_remove (self->mountpoint);
      _exit (EXIT_FAILURE);
    }

  g_autofree char *why = g_strdup_printf ("signal %s", strsignal (signal));
  unmount (self, why);
}

/* Seconds until the mount has been idle long enough; 0: now. */
static guint
idle_left (ExpWatcher *self)
{
  gint64 used = g_get_monotonic_time ();

  g_mutex_lock (&self->lock);
  if (self->mount != NULL)
    used = __atomic_load_n (&self->mount->last_use, __ATOMIC_RELAXED);
  g_mutex_unlock (&self->lock);

  gint64 idle = (g_get_monotonic_time () - used) / G_USEC_PER_SEC;
  return idle >= self->options->idle ? 0 : self->options->idle - (guint)idle;
}

/* Not lazily: a mount that somebody stands in, or has files open in, is in use. */
static void
unmount_idle (ExpWatcher *self)
{
  if (exp_mount_detach (self->mountpoint->path, FALSE, NULL))
    {
      g_message ("not used for %u s: unmounted", self->options->idle);
      exp_mountpoint_remove (self->mountpoint);
    }
  else
    __atomic_store_n (&self->mount->last_use, g_get_monotonic_time (), __ATOMIC_RELAXED);
}

static void *
watch (void *data)
{
  ExpWatcher *self = data;

  for (;;)
    {
      struct timespec timeout = { .tv_sec = self->options->idle > 0 ? idle_left (self) : G_MAXINT32 };
      if (self->options->idle > 0 && timeout.tv_sec == 0)
        {
          unmount_idle (self);
          timeout.tv_sec = 1;
        }

      int signal = sigtimedwait (&self->signals, NULL, &timeout);
      if (signal == STOP_SIGNAL)
        return NULL;
      if (signal > 0)
        take_signal (self, signal);
    }
}

ExpWatcher *
exp_watcher_start (const ExpMountOptions *options, ExpMountpoint *mountpoint)
{
  struct sigaction interruption = { .sa_handler = interrupt };
  struct sigaction ignored = { .sa_handler = SIG_IGN }, hangup;
  ExpWatcher *self = g_new0 (ExpWatcher, 1);

  self->options = options;
  self->mountpoint = mountpoint;
  self->starter = pthread_self ();
  g_mutex_init (&self->lock);
  sigemptyset (&self->signals);
  sigaddset (&self->signals, SIGTERM);
  sigaddset (&self->signals, SIGINT);
  /* nohup(1) has the last word. */
  if (sigaction (SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
    sigaddset (&self->signals, SIGHUP);
  sigaddset (&self->signals, STOP_SIGNAL);
  pthread_sigmask (SIG_BLOCK, &self->signals, NULL);
  sigaction (SIGUSR1, &interruption, NULL);
  sigaction (SIGPIPE, &ignored, NULL);
  if (pthread_create (&self->thread, NULL, watch, self) != 0)
    g_clear_pointer (&self, g_free);
  return self;
}

void
exp_watcher_hold (ExpWatcher *watcher)
{
  g_mutex_lock (&watcher->lock);
  watcher->is_held = TRUE;
  g_mutex_unlock (&watcher->lock);
}

void
exp_watcher_set_mounted (ExpWatcher *watcher, ExpMount *mount)
{
  g_mutex_lock (&watcher->lock);
  gboolean is_pending = watcher->n_signals > 0;
  watcher->n_signals = 0;
  watcher->mount = mount;
  __atomic_store_n (&mount->last_use, g_get_monotonic_time (), __ATOMIC_RELAXED);
  g_mutex_unlock (&watcher->lock);
  if (is_pending)
    pthread_kill (watcher->thread, SIGTERM);
}

void
exp_watcher_stop (ExpWatcher *watcher)
{
  pthread_kill (watcher->thread, STOP_SIGNAL);
  pthread_join (watcher->thread, NULL);
  g_mutex_clear (&watcher->lock);
  g_free (watcher);
}
