/* Text out of a store on stdout.
 * Knows nothing of where it comes from.
 * Called by the verbs. */
#include "fs/verbs/print.h"
#include "fs/verbs/verbs.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

void
exp_print_plain (const char *text, gsize max)
{
  gsize n = 0;

  for (const guchar *p = (const guchar *)text; *p != '\0'; p++, n++)
    {
      if (max > 0 && n >= max && (*p & 0xc0) != 0x80)
        {
          fputs ("...", stdout);
          return;
        }
      if (*p < 0x20 || *p == 0x7f)
        printf ("\\x%02x", *p);
      else
        putchar (*p);
    }
}

int
exp_print_end (int status)
{
  if (fflush (stdout) == 0 && !ferror (stdout))
    return status;
  return exp_complain ("cannot write: %s", g_strerror (errno));
}
