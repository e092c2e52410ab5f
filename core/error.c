/* The error domain's quark.
 * Knows no causes' meaning: fs/errno.c maps them.
 * Called by everybody who fails. */
#include "expfs/error.h"

G_DEFINE_QUARK (exp - error - quark, exp_error)
