/* A progress bar on stderr: after a second, on a terminal, and else nothing. Called by the verbs that take long. */
#pragma once

#include <glib.h>

typedef struct
{
  gboolean is_terminal, is_shown;
  gint64 start, last;
} ExpProgress;

void exp_progress_begin (ExpProgress *progress);
/* `fraction` from 0 to 1; `text` goes behind the bar. */
void exp_progress_update (ExpProgress *progress, double fraction, const char *text);
/* Removes the bar: at the end, and before anything else is printed. */
void exp_progress_hide (ExpProgress *progress);
