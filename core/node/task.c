/* What those who answer a task share.
 * Knows no task.
 * Called by the formats and filters that have tasks. */
#include "expfs/task.h"
#include <string.h>

void
exp_task_say (ExpTask *task, const char *format, ...)
{
  va_list arguments;

  if (task->said == NULL)
    return;
  va_start (arguments, format);
  g_string_append_vprintf (task->said, format, arguments);
  va_end (arguments);
  g_string_append_c (task->said, '\n');
}

gboolean
exp_task_step (ExpTask *task, double fraction, const char *text, GError **error)
{
  if (task->progress == NULL || task->progress (fraction, text, task->data))
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_INTERRUPTED, "interrupted; nothing has changed");
  return FALSE;
}

gboolean
exp_task_check_unwritten (ExpTask *task, const char *path, GError **error)
{
  if (task->is_written == NULL || !task->is_written (path, task->data))
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_BUSY, "%s is being written", path);
  return FALSE;
}

void
exp_task_note_removed (ExpTask *task, const char *path)
{
  if (task->removed != NULL)
    g_ptr_array_add (task->removed, g_strdup (path));
}

const char *
exp_task_value (const ExpTask *task, const char *name)
{
  gsize length = strlen (name);

  for (const char *const *at = task->switches; at != NULL && *at != NULL; at++)
    if (strncmp (*at, name, length) == 0 && ((*at)[length] == '=' || (*at)[length] == '\0'))
      return (*at)[length] == '=' ? *at + length + 1 : "";
  return NULL;
}

gboolean
exp_task_has (const ExpTask *task, const char *name)
{
  return exp_task_value (task, name) != NULL;
}
