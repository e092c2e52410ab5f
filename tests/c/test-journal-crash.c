/* The journal on a disk that loses its power, fails or fills up. scripts/crash runs more of the same. */
#include "expfs/error.h"
#include "journal_model.h"

#define N_WORKLOADS 20
#define N_CUTS      40

static void
test_a_crash_at_any_operation_leaves_a_commit (void)
{
  g_autofree char *reason = NULL;

  for (guint seed = 1; seed <= N_WORKLOADS; seed++)
    if (!journal_model_crash (seed, N_CUTS, &reason))
      g_error ("seed %u: %s", seed, reason);
}

static void
test_an_operation_that_fails_leaves_a_commit (gconstpointer data)
{
  const gint code = GPOINTER_TO_INT (data);
  g_autofree char *reason = NULL;
  guint n = 0;

  for (guint seed = 1; seed <= 2; seed++)
    for (gint for_good = 0; for_good <= 1; for_good++)
      if (!journal_model_fail (seed, code, for_good, &n, &reason))
        g_error ("seed %u: %s", seed, reason);
  g_assert_cmpuint (n, >, 200);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/journal-crash/a_crash_at_any_operation_leaves_a_commit",
                   test_a_crash_at_any_operation_leaves_a_commit);
  g_test_add_data_func ("/journal-crash/an_operation_that_fails_leaves_a_commit", GINT_TO_POINTER (EXP_ERROR_IO),
                        test_an_operation_that_fails_leaves_a_commit);
  g_test_add_data_func ("/journal-crash/a_disk_that_is_full_leaves_a_commit", GINT_TO_POINTER (EXP_ERROR_NO_SPACE),
                        test_an_operation_that_fails_leaves_a_commit);
  return g_test_run ();
}
