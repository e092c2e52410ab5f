/* Reading ahead in the background, as prefetch= asks. Knows nodes only. Called by the session. */
#pragma once

#include "fs/mount.h"

typedef struct _ExpPrefetch ExpPrefetch;

/* Starts a thread that walks the store; NULL for EXP_PREFETCH_NONE. */
ExpPrefetch *exp_prefetch_start (ExpMount *mount);
/* Ends it soon, and frees. NULL is allowed. */
void exp_prefetch_stop (ExpPrefetch *prefetch);
