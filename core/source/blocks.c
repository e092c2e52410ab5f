/* Blocks of files: the headers of a thousand objects that lie side by side cost a hundred reads, not two thousand.
 * Each thread has its own, so that none waits for another; they are few, and found by their number.
 * Called by file.c. */
#include "blocks.h"
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BLOCK    4096
#define N_BLOCKS 64 /* 256 KiB per thread that reads */

typedef struct
{
  guint64 key; /* 0: none */
  guint64 index;
  gint64 second; /* when it was read */
  gsize length;  /* less than a block at the end of the file */
} Tag;

typedef struct
{
  Tag tags[N_BLOCKS];
  guint8 bytes[N_BLOCKS][BLOCK];
} Blocks;

guint64
exp_blocks_new_key (void)
{
  static guint64 last;

  return __atomic_add_fetch (&last, 1, __ATOMIC_RELAXED);
}

static Blocks *
thread_blocks (void)
{
  static GPrivate private_blocks = G_PRIVATE_INIT (g_free);
  Blocks *blocks = g_private_get (&private_blocks);

  if (blocks == NULL && (blocks = g_try_malloc (sizeof *blocks)) != NULL)
    {
      memset (blocks->tags, 0, sizeof blocks->tags);
      g_private_set (&private_blocks, blocks);
    }
  return blocks;
}

static gssize
pread_some (int fd, void *buffer, gsize length, guint64 offset)
{
  gssize n;

  do
    n = pread (fd, buffer, length, offset);
  while (n < 0 && errno == EINTR);
  return n;
}

/* The block with its bytes, or NULL with errno. */
static const guint8 *
get_block (Blocks *blocks, guint64 key, int fd, guint64 index, gsize *length)
{
  guint at = (index ^ index / N_BLOCKS ^ key) % N_BLOCKS;
  Tag *tag = &blocks->tags[at];
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC_COARSE, &now);
  if (tag->key != key || tag->index != index || tag->second != now.tv_sec)
    {
      gssize n = pread_some (fd, blocks->bytes[at], BLOCK, index * BLOCK);

      tag->key = 0;
      if (n < 0)
        return NULL;
      *tag = (Tag){ key, index, now.tv_sec, n };
    }
  *length = tag->length;
  return blocks->bytes[at];
}

gssize
exp_blocks_pread (guint64 key, int fd, guint64 offset, gsize length, void *buffer)
{
  Blocks *blocks = thread_blocks ();
  gsize done = 0;

  if (blocks == NULL)
    return pread_some (fd, buffer, length, offset);
  while (done < length)
    {
      gsize from = (offset + done) % BLOCK, n;
      const guint8 *bytes = get_block (blocks, key, fd, (offset + done) / BLOCK, &n);

      if (bytes == NULL)
        return done > 0 ? (gssize)done : -1;
      if (n <= from)
        break;
      n = MIN (n - from, length - done);
      memcpy ((guint8 *)buffer + done, bytes + from, n);
      done += n;
    }
  return done;
}
