/* The one table from causes to errno, and which causes are worth a line in the log.
 * Knows nothing of requests.
 * Called by the driver and the verbs. */
#include "fs/mount.h"
#include <errno.h>

static const int errnos[] = {
  [EXP_ERROR_FAILED] = EIO,
  [EXP_ERROR_NOT_FOUND] = ENOENT,
  [EXP_ERROR_NOT_A_STORE] = EINVAL,
  [EXP_ERROR_DAMAGED] = EIO,
  [EXP_ERROR_CHECKSUM] = EIO,
  [EXP_ERROR_NO_FILTER] = EOPNOTSUPP,
  [EXP_ERROR_UNSUPPORTED] = EOPNOTSUPP,
  [EXP_ERROR_READ_ONLY] = EROFS,
  [EXP_ERROR_INVALID] = EINVAL,
  [EXP_ERROR_EXISTS] = EEXIST,
  [EXP_ERROR_NOT_EMPTY] = ENOTEMPTY,
  [EXP_ERROR_NOT_A_GROUP] = ENOTDIR,
  [EXP_ERROR_IS_A_GROUP] = EISDIR,
  [EXP_ERROR_BUSY] = EBUSY,
  [EXP_ERROR_NO_SPACE] = ENOSPC,
  [EXP_ERROR_TOO_LARGE] = E2BIG,
  [EXP_ERROR_NAME_TOO_LONG] = ENAMETOOLONG,
  [EXP_ERROR_NO_MEMORY] = ENOMEM,
  [EXP_ERROR_VERSION] = EOPNOTSUPP,
  [EXP_ERROR_PERMISSION] = EACCES,
  [EXP_ERROR_NOT_PERMITTED] = EPERM,
  [EXP_ERROR_OTHER_PLACE] = EXDEV,
  [EXP_ERROR_INTERRUPTED] = EINTR,
  [EXP_ERROR_MISSING] = ENODATA,
  [EXP_ERROR_UNSETTLED] = EAGAIN,
  [EXP_ERROR_STALE] = ESTALE,
  [EXP_ERROR_IO] = EIO,
};

int
exp_errno (const GError *error)
{
  if (error == NULL || error->domain != EXP_ERROR || error->code < 0 || error->code >= (int)G_N_ELEMENTS (errnos)
      || errnos[error->code] == 0)
    return EIO;
  return errnos[error->code];
}
