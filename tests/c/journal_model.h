/* A random workload on a journal beside the same on an array in memory, and what must be left of it after a crash.
 * Used by test-journal-crash and crash-journal. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Runs one workload and recovers it from `n_cuts` crashes, half of them power losses, each in a tenth of the cases
 * crashing again while it recovers. FALSE with a sentence that says what was lost. */
gboolean journal_model_crash (guint32 seed, guint n_cuts, char **reason);

/* Runs one workload once for each of its operations, which fails, once with this code or for good, and then recovers.
 * Adds how many that were to *n. */
gboolean journal_model_fail (guint32 seed, gint code, gboolean for_good, guint *n, char **reason);

G_END_DECLS
