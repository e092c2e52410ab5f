/* Elements of a chunked dataset lent out of the cache of decoded chunks.
 * Used by read.c. */
#pragma once

#include "object.h"

G_BEGIN_DECLS

/* Elements from `first` on in C order out of the cache, as ExpNodeClass's locate has it; FALSE when they stand in too
 * small pieces to be worth it or in too large chunks to hold several, were never written, or cannot be read here. */
gboolean exp_chunk_run_locate (ExpHdf5Object *object, const ExpHdf5Description *description, guint64 first, gsize n,
                               ExpRun *run);

G_END_DECLS
