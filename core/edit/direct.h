/* A file whose bytes are elements: what lies inside the dataset is written there at once, what lies behind it is
 * gathered until it makes whole rows. Used by the raw and npy edits. */
#pragma once

#include "elements.h"
#include "pending.h"

typedef struct
{
  ExpTarget *target;    /* borrowed */
  ExpElements elements; /* of the target's dataset */
  guint64 size;         /* of the file: less than the dataset's bytes when it was cut and not stored yet, more when rows
                           wait */
  guint64 written;      /* the dataset's bytes from here on are known to be zeros */
  ExpPending tail;      /* what lies behind the dataset's bytes, at the file's offsets */
} ExpDirect;

gboolean exp_direct_init (ExpDirect *direct, ExpTarget *target, GError **error);
void exp_direct_clear (ExpDirect *direct);
gboolean exp_direct_pwrite (ExpDirect *direct, guint64 offset, gsize length, const char *bytes, GError **error);
gboolean exp_direct_truncate (ExpDirect *direct, guint64 size, GError **error);
gboolean
exp_direct_pread (ExpDirect *direct, guint64 offset, gsize length, char *buffer, gsize *n_read, GError **error);
/* The dataset has just the rows of the file. EXP_ERROR_INVALID when it ends within one: all waits on. */
gboolean exp_direct_store (ExpDirect *direct, GError **error);
/* What makes no row is dropped: the file has just the bytes of the dataset again, also those that it was cut by. */
void exp_direct_drop (ExpDirect *direct);
gboolean exp_direct_is_pending (const ExpDirect *direct);
