/* Small reads of a file that does not change, out of blocks that each thread keeps for a moment.
 * Knows file descriptors only.
 * Called by file.c. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Reads of at most this many bytes are worth it. */
#define EXP_BLOCKS_MAX_READ 4096

/* A number for a file that no other has while the process lives. */
guint64 exp_blocks_new_key (void);

/* Up to `length` bytes at `offset` into `buffer`, fewer at the end of the file, as pread(2) has it: the number of
 * bytes, or -1 with errno. What it returns may be a second old. `key` is the file's. */
gssize exp_blocks_pread (guint64 key, int fd, guint64 offset, gsize length, void *buffer);

G_END_DECLS
