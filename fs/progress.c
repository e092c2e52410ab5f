/* A progress bar on stderr.
 * Does not know what progresses.
 * Called by the verbs that take long. */
#include "fs/progress.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WIDTH    30
#define DELAY    G_USEC_PER_SEC
#define INTERVAL (G_USEC_PER_SEC / 10)

void
exp_progress_begin (ExpProgress *progress)
{
  memset (progress, 0, sizeof *progress);
  progress->is_terminal = isatty (STDERR_FILENO);
  progress->start = g_get_monotonic_time ();
}

void
exp_progress_update (ExpProgress *progress, double fraction, const char *text)
{
  static const char full[WIDTH + 1] = "##############################";
  static const char empty[WIDTH + 1] = "..............................";
  gint64 now = progress->is_terminal ? g_get_monotonic_time () : 0;

  if (now - progress->start < DELAY || now - progress->last < INTERVAL)
    return;
  fraction = CLAMP (fraction, 0, 1);

  int n = fraction * WIDTH;
  fprintf (stderr, "\r[%.*s%.*s] %3d%% %s\033[K", n, full, WIDTH - n, empty, (int)(fraction * 100), text);
  fflush (stderr);
  progress->last = now;
  progress->is_shown = TRUE;
}

void
exp_progress_hide (ExpProgress *progress)
{
  if (!progress->is_shown)
    return;
  fputs ("\r\033[K", stderr);
  fflush (stderr);
  progress->is_shown = FALSE;
}
