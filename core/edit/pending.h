/* Bytes that were written and wait to be stored: a sparse layer over the bytes of a view. In memory while they are few,
 * in an unlinked file behind that. Used by core/edit only. */
#pragma once

#include "expfs/source.h"
#include "expfs/view.h"

/* Bytes in a row: `length` of the file at `offset` are those of the log at `position`. */
typedef struct
{
  guint64 offset, length, position;
} ExpExtent;

typedef struct
{
  ExpView *base;   /* owned; NULL: nothing below */
  guint64 kept;    /* bytes of the base that were not cut off */
  guint64 size;    /* of the whole; what is neither written nor kept is zero */
  GArray *extents; /* of ExpExtent, sorted and apart */
  char *memory;    /* the log: all bytes in the order of writing */
  gsize allocated;
  guint64 logged;  /* bytes in the log */
  ExpSource *file; /* that has the log; NULL: memory has it */
} ExpPending;

/* Takes a reference on `base`, of which the first `size` bytes are kept; NULL for none. */
void exp_pending_init (ExpPending *pending, ExpView *base, guint64 size);
void exp_pending_clear (ExpPending *pending);

/* EXP_ERROR_NO_MEMORY, NO_SPACE or IO when the bytes cannot be kept; then all is as before. */
gboolean exp_pending_pwrite (ExpPending *pending, guint64 offset, gsize length, const void *bytes, GError **error);
/* To `size` bytes. To none lets all memory go. */
void exp_pending_truncate (ExpPending *pending, guint64 size);
/* `length` bytes at `offset`, which must be there. */
gboolean exp_pending_read (ExpPending *pending, guint64 offset, gsize length, char *buffer, GError **error);
/* The same as a file is read: fewer at the end. */
gboolean
exp_pending_pread (ExpPending *pending, guint64 offset, gsize length, char *buffer, gsize *n_read, GError **error);
/* The file as it reads now stands on nothing any more. */
gboolean exp_pending_materialise (ExpPending *pending, GError **error);
/* Forgets what was written before `offset`, which then is the base's or zero. */
void exp_pending_drop_before (ExpPending *pending, guint64 offset);
