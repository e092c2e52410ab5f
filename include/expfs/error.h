/* The one error domain of libexpfs: a code per cause, so that fs/ can map causes to errno in one table.
 * Knows no errno and no library's own codes. Everybody who fails uses it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define EXP_ERROR (exp_error_quark ())
GQuark exp_error_quark (void);

/* Causes, each with the errno that fs/ answers. A message names the file or the object and the reason, in one
 * sentence without a final full stop; g_prefix_error adds context on the way up. */
typedef enum
{
  EXP_ERROR_FAILED,        /* none of the causes below (EIO) */
  EXP_ERROR_NOT_FOUND,     /* no such node or attribute (ENOENT; ENODATA for an attribute) */
  EXP_ERROR_NOT_A_STORE,   /* no format recognises it (EINVAL) */
  EXP_ERROR_DAMAGED,       /* the store contradicts its own format (EIO) */
  EXP_ERROR_CHECKSUM,      /* a checksum does not fit its data (EIO) */
  EXP_ERROR_NO_FILTER,     /* data needs a filter that is not available (EOPNOTSUPP) */
  EXP_ERROR_UNSUPPORTED,   /* this view, type or operation cannot be (EOPNOTSUPP) */
  EXP_ERROR_READ_ONLY,     /* the store is open for reading (EROFS) */
  EXP_ERROR_INVALID,       /* the caller's value cannot be (EINVAL) */
  EXP_ERROR_EXISTS,        /* the name is taken (EEXIST) */
  EXP_ERROR_NOT_EMPTY,     /* a group with children (ENOTEMPTY) */
  EXP_ERROR_NOT_A_GROUP,   /* a group was needed (ENOTDIR) */
  EXP_ERROR_IS_A_GROUP,    /* a dataset was needed (EISDIR) */
  EXP_ERROR_BUSY,          /* another program holds the store (EBUSY) */
  EXP_ERROR_NO_SPACE,      /* disk full or out of quota (ENOSPC) */
  EXP_ERROR_TOO_LARGE,     /* exceeds what the interface can carry (E2BIG) */
  EXP_ERROR_NAME_TOO_LONG, /* than the format has names (ENAMETOOLONG) */
  EXP_ERROR_NO_MEMORY,     /* a size that a file gave could not be allocated (ENOMEM) */
  EXP_ERROR_VERSION,       /* a format version that this program does not know (EOPNOTSUPP) */
  EXP_ERROR_PERMISSION,    /* the operating system refused (EACCES) */
  EXP_ERROR_NOT_PERMITTED, /* not with what the name stands for, whoever asks (EPERM) */
  EXP_ERROR_OTHER_PLACE,   /* what is moved there becomes another thing: it has to be copied (EXDEV) */
  EXP_ERROR_INTERRUPTED,   /* the user wants no more of it (EINTR) */
  EXP_ERROR_MISSING,       /* the store lacks a part that its format wants (ENODATA) */
  EXP_ERROR_UNSETTLED,     /* another program is changing it just now (EAGAIN) */
  EXP_ERROR_STALE,         /* the file that it was in is gone, or another one (ESTALE) */
  EXP_ERROR_IO,            /* the operating system failed to read or write (EIO) */
} ExpError;

G_END_DECLS
