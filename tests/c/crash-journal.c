/* The journal on disks that crash at random operations or fail at each: crash-journal CUTS SEED. Exit status 1 when
 * anything committed is lost. Run by scripts/crash. */
#include "expfs/error.h"
#include "journal_model.h"
#include <stdio.h>
#include <stdlib.h>

#define CUTS_EACH 50

static int
complain (guint seed, const char *reason)
{
  printf ("workload %u: %s\n", seed, reason);
  return EXIT_FAILURE;
}

/* That a checkpoint is put off is no news here. */
static GLogWriterOutput
drop_messages (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  return level == G_LOG_LEVEL_MESSAGE ? G_LOG_WRITER_HANDLED
                                      : g_log_writer_standard_streams (level, fields, n_fields, data);
}

int
main (int argc, char **argv)
{
  static const gint codes[] = { EXP_ERROR_IO, EXP_ERROR_NO_SPACE };
  guint64 n_cuts = 0, seed = 0;
  g_autofree char *reason = NULL;
  guint n_crashes = 0, n_failures = 0, n_workloads = 0;

  if (argc != 3 || !g_ascii_string_to_unsigned (argv[1], 10, 1, 100000000, &n_cuts, NULL)
      || !g_ascii_string_to_unsigned (argv[2], 10, 0, G_MAXUINT32, &seed, NULL))
    {
      fprintf (stderr, "usage: crash-journal CUTS SEED\n");
      return 2;
    }
  g_log_set_writer_func (drop_messages, NULL, NULL);
  for (; n_crashes < n_cuts; n_crashes += CUTS_EACH, n_workloads++, seed++)
    if (!journal_model_crash (seed, CUTS_EACH, &reason))
      return complain (seed, reason);
  for (; n_failures < n_cuts; n_workloads++, seed++)
    for (guint i = 0; i < 2 * G_N_ELEMENTS (codes); i++)
      if (!journal_model_fail (seed, codes[i / 2], i % 2, &n_failures, &reason))
        return complain (seed, reason);
  printf ("journal: %u workloads, %u crashes and %u failures recovered, nothing committed lost\n", n_workloads,
          n_crashes, n_failures);
  return EXIT_SUCCESS;
}
