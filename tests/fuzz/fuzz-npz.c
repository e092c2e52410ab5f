/* Any bytes as an archive of arrays, or, where they begin as one, as a single array.
 * Holds what look.h says. */
#include "fuzz.h"
#include "look.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  exp_fuzz_store (exp_fuzz_file (data, size), size > 0 && data[0] == 0x93 ? "npy" : "npz", data, size);
  return 0;
}
