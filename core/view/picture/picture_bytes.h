/* Pictures as the bytes of files. Used in this folder. */
#pragma once

#include "picture.h"

/* `form` is "svg", "png" or "pdf". The same picture is the same bytes each time. EXP_ERROR_NO_MEMORY. */
GBytes *exp_picture_to_bytes (ExpPicture *picture, const char *form, GError **error);
