/* Going into the background.
 * Knows nothing of stores.
 * Called by the session. */
#include "fs/daemon.h"
#include "expfs/error.h"
#include "fs/mountinfo.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Whoever waits for the end of a pipe that our parent holds must not wait for the daemon. */
static void
close_inherited (int kept)
{
  if (kept > STDERR_FILENO + 1)
    close_range (STDERR_FILENO + 1, kept - 1, 0);
  close_range (kept + 1, ~0U, 0);
}

pid_t
exp_daemon_fork (int *ready_fd, GError **error)
{
  int pipe_fds[2];
  pid_t child = -1;

  fflush (NULL);
  if (pipe2 (pipe_fds, O_CLOEXEC) == 0)
    child = fork ();
  if (child < 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_FAILED, "cannot start a process: %s", g_strerror (errno));
      return -1;
    }
  if (child > 0)
    {
      close (pipe_fds[1]);
      *ready_fd = pipe_fds[0];
      return child;
    }
  close_inherited (pipe_fds[1]);
  setsid ();
  *ready_fd = pipe_fds[1];
  return 0;
}

void
exp_daemon_ready (int ready_fd)
{
  int null_fd = open ("/dev/null", O_RDWR | O_CLOEXEC);

  if (chdir ("/") < 0 || null_fd < 0)
    g_warning ("cannot leave the terminal: %s", g_strerror (errno));
  else
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
      dup2 (null_fd, fd);
  if (null_fd > STDERR_FILENO)
    close (null_fd);
  /* A parent that has been killed meanwhile is nobody's loss. */
  if (write (ready_fd, "", 1) < 0)
    g_debug ("nobody waits for the mount");
  close (ready_fd);
}

static int
wait_for (pid_t child)
{
  int status = 0;

  while (waitpid (child, &status, 0) < 0 && errno == EINTR)
    ;
  if (WIFEXITED (status))
    return WEXITSTATUS (status);
  fprintf (stderr, "expfs: the process that mounts was ended by a signal (%s)\n", strsignal (WTERMSIG (status)));
  return EXIT_FAILURE;
}

static volatile pid_t waited_for;

/* Whoever interrupts the command does not want the mount. */
static void
pass_on (int signal)
{
  kill (waited_for, SIGTERM);
}

int
exp_daemon_wait (pid_t child, int ready_fd, const char *mountpoint)
{
  struct sigaction passing = { .sa_handler = pass_on };
  struct stat st;
  ssize_t n;
  char byte;

  waited_for = child;
  sigaction (SIGINT, &passing, NULL);
  sigaction (SIGTERM, &passing, NULL);
  while ((n = read (ready_fd, &byte, 1)) < 0 && errno == EINTR)
    ;
  close (ready_fd);
  if (n != 1)
    {
      int status = wait_for (child);
      return status != EXIT_SUCCESS ? status : EXIT_FAILURE;
    }

  /* The kernel answers this only after the first exchange with the child, and by asking it for the root. */
  if (stat (mountpoint, &st) == 0)
    return EXIT_SUCCESS;
  fprintf (stderr, "expfs: %s: mounted, but it does not answer: %s\n", mountpoint, g_strerror (errno));
  exp_mount_detach (mountpoint, TRUE, NULL);
  kill (child, SIGTERM);
  wait_for (child);
  return EXIT_FAILURE;
}
