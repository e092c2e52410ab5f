/* Who has locked a file. Used by who cannot lock it himself. */
#pragma once

#include <glib.h>

/* The process that holds a lock of flock(2) on what `fd` is, as far as the kernel tells; 0 when it does not. */
guint64 exp_lock_holder (int fd);
