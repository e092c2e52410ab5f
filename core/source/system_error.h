/* What the operating system says as an error of ours.
 * Knows errno; the one place in core where its values have codes.
 * Used by the sources that are files. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* "NAME: what errno says", with the code that fits. */
void exp_set_system_error (GError **error, const char *name, int saved_errno);

G_END_DECLS
