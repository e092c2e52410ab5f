/* What a running mount says of itself.
 * Knows the mount's own files; one that does not answer is not waited for.
 * Called by the verbs that deal with mounts. */
#include "fs/verbs/ask.h"
#include <string.h>

#define ANSWER_SECONDS 2

typedef struct
{
  gatomicrefcount references; /* the asking thread's and the waiting one's */
  GMutex lock;
  GCond answered;
  gboolean has_answered; /* lock */
  char *path;
  char *text; /* lock */
} Question;

static void
question_unref (Question *question)
{
  if (!g_atomic_ref_count_dec (&question->references))
    return;
  g_mutex_clear (&question->lock);
  g_cond_clear (&question->answered);
  g_free (question->path);
  g_free (question->text);
  g_free (question);
}

/* The mount may have stopped answering, and whoever asks it then waits for ever; the process that waits for this one
 * does not. */
static gpointer
ask (gpointer data)
{
  Question *question = data;
  char *text = NULL;

  g_file_get_contents (question->path, &text, NULL, NULL);
  g_mutex_lock (&question->lock);
  question->text = text;
  question->has_answered = TRUE;
  g_cond_signal (&question->answered);
  g_mutex_unlock (&question->lock);
  question_unref (question);
  return NULL;
}

char *
exp_ask_options (const char *mountpoint)
{
  Question *question = g_new0 (Question, 1);
  gint64 end = g_get_monotonic_time () + ANSWER_SECONDS * G_USEC_PER_SEC;

  g_atomic_ref_count_init (&question->references);
  g_atomic_ref_count_inc (&question->references);
  g_mutex_init (&question->lock);
  g_cond_init (&question->answered);
  question->path = g_build_filename (mountpoint, ".expfs", "options", NULL);
  g_thread_unref (g_thread_new ("ask", ask, question));
  g_mutex_lock (&question->lock);
  while (!question->has_answered && g_cond_wait_until (&question->answered, &question->lock, end))
    ;
  char *text = g_steal_pointer (&question->text);
  g_mutex_unlock (&question->lock);
  question_unref (question);
  return text;
}

char *
exp_ask_option (char **lines, const char *name)
{
  gsize length = strlen (name);

  for (; lines != NULL && *lines != NULL; lines++)
    if (strncmp (*lines, name, length) == 0 && (*lines)[length] == '\t')
      return g_strdup (*lines + length + 1);
  return NULL;
}
