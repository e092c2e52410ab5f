/* Parts of types' JSON, for those who read larger texts with types in them. Used by core/edit only. */
#pragma once

#include "expfs/dtype.h"
#include "json_cursor.h"

/* A type, a new reference; NULL when none follows. `depth`: how many types it is inside. */
ExpDtype *exp_json_take_type (ExpJsonCursor *cursor, guint depth);
/* A list of at most EXP_MAX_RANK lengths. */
gboolean exp_json_take_shape (ExpJsonCursor *cursor, guint *rank, guint64 *shape);
