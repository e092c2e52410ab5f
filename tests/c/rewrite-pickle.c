/* rewrite-pickle FROM TO...: writes each pickle FROM again as TO, from the records of what was read.
 * Knows nothing of what is in them; check_rewritten_pickles.py holds them against each other. */
#include "core/format/pickle/writer.h"
#include <stdio.h>

static gboolean
rewrite (const char *from, const char *to, GError **error)
{
  g_autoptr (ExpSource) source = exp_source_open_file (from, error);
  g_autoptr (ExpPickle) pickle = source != NULL ? exp_pickle_parse_source (source, error) : NULL;
  g_autoptr (ExpPickleWriter) writer = exp_pickle_writer_new ();
  g_autoptr (GBytes) bytes = NULL;
  gsize length;

  if (pickle == NULL || !exp_pickle_write (writer, exp_pickle_record (pickle), error)
      || (bytes = exp_pickle_writer_finish (writer, error)) == NULL)
    return FALSE;
  const char *data = g_bytes_get_data (bytes, &length);
  return g_file_set_contents (to, data, (gssize)length, error);
}

int
main (int argc, char **argv)
{
  int status = 0;

  for (int i = 1; i + 1 < argc; i += 2)
    {
      g_autoptr (GError) error = NULL;

      if (rewrite (argv[i], argv[i + 1], &error))
        continue;
      fprintf (stderr, "%s: %s\n", argv[i], error->message);
      status = 1;
    }
  return status;
}
