/* expfs explore: a trajectory gets a run for each combination of values.
 * Knows the command line and files of values; the format does the work.
 * Called by main. */
#include "expfs/error.h"
#include "fs/verbs/operate.h"
#include <string.h>

/* A line as one value of a list. */
static void
append_quoted (GString *list, const char *line)
{
  if (strpbrk (line, ",\"") == NULL)
    {
      g_string_append (list, line);
      return;
    }
  g_string_append_c (list, '"');
  for (; *line != '\0'; line++)
    g_string_append_printf (list, "%s%c", *line == '"' || *line == '\\' ? "\\" : "", *line);
  g_string_append_c (list, '"');
}

/* NAME=@FILE: the file's lines. NULL with an error. */
static char *
read_values (const char *word, const char *at, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) local = NULL;
  gsize length;

  if (!g_file_get_contents (at + 2, &text, &length, &local))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_IO, "%s", local->message);
      return NULL;
    }
  if (strlen (text) != length || length == 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "%s: not one value on each line", at + 2);
      return NULL;
    }
  if (text[length - 1] == '\n')
    text[length - 1] = '\0';

  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  GString *list = g_string_new_len (word, at + 1 - word);
  for (char **line = lines; *line != NULL; line++)
    {
      g_string_append (list, line > lines ? "," : "");
      append_quoted (list, *line);
    }
  return g_string_free (list, FALSE);
}

static gboolean
prepare (ExpAsked *asked, GError **error)
{
  for (guint i = 0; i < asked->arguments->len; i++)
    {
      char *word = asked->arguments->pdata[i];
      const char *at = strstr (word, "=@");
      char *list;

      if (at == NULL || at != strchr (word, '='))
        continue;
      list = read_values (word, at, error);
      if (list == NULL)
        return FALSE;
      asked->arguments->pdata[i] = list;
      g_free (word);
    }
  return TRUE;
}

static int
run (int argc, char **argv)
{
  static const ExpOperateSwitch switches[] = { { "zip", 0, FALSE }, { NULL, 0, FALSE } };
  static const ExpOperateVerb explore = {
    .verb = &exp_verb_explore,
    .place = "a trajectory, STORE:TRAJECTORY,",
    .words = "PARAMETER=VALUE,...",
    .max_words = G_MAXUINT,
    .switches = switches,
    .prepare = prepare,
  };

  return exp_operate_run (&explore, argc, argv);
}

const ExpVerb exp_verb_explore = {
  .name = "explore",
  .arguments = "STORE:TRAJECTORY PARAMETER=VALUE,... [--zip] [-n] [-o OPTION,...]",
  .help = "Give a trajectory a run for each combination of values",
  .switches = "  --zip                       one run for the first values, one for the second, ... "
              "instead\n" EXP_OPERATE_SWITCHES,
  .run = run,
};
