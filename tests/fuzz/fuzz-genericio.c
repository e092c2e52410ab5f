/* Any bytes as a GenericIO file. The CRC of the header is made right, so that what is behind it is read.
 * Holds what look.h says. */
#include "fuzz.h"
#include "look.h"
#include <lzma.h>
#include <string.h>

/* Where the header says how many of its bytes are in front of its CRC. */
#define LENGTH_AT 8

static void
mend_crc (guint8 *bytes, gsize size)
{
  gboolean is_big = size > 6 && bytes[6] == 'B';
  guint64 length, crc;

  if (size < LENGTH_AT + 8)
    return;
  memcpy (&length, bytes + LENGTH_AT, 8);
  length = is_big ? GUINT64_FROM_BE (length) : GUINT64_FROM_LE (length);
  if (length > size || size - length < 8)
    return;
  crc = GUINT64_TO_LE (~lzma_crc64 (bytes, length, 0));
  memcpy (bytes + length, &crc, 8);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree guint8 *bytes = g_memdup2 (data, size);

  mend_crc (bytes, size);
  exp_fuzz_store (exp_fuzz_file (bytes, size), "genericio", data, size);
  return 0;
}
