/* CRC-64 as GenericIO files have it, beside liblzma's.
 * Knows no file. */
#include "format/genericio/crc.h"
#include <lzma.h>
#include <string.h>

#define LENGTH 5000

static guint8 bytes[LENGTH];

static void
fill (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  for (guint i = 0; i < LENGTH; i++)
    bytes[i] = g_rand_int (rand);
}

static void
test_lengths (void)
{
  for (guint n = 0; n < 700; n++)
    for (guint at = 0; at < 3; at++)
      {
        g_assert_cmphex (exp_gio_crc (bytes + at, n, 0), ==, lzma_crc64 (bytes + at, n, 0));
        g_assert_cmphex (exp_gio_crc (bytes + at, n, 0x123456789abcdef), ==,
                         lzma_crc64 (bytes + at, n, 0x123456789abcdef));
      }
}

static void
test_join (void)
{
  const guint64 all = lzma_crc64 (bytes, LENGTH, 0);

  for (guint n = 0; n <= LENGTH; n += 125)
    g_assert_cmphex (exp_gio_crc_join (lzma_crc64 (bytes, n, 0), lzma_crc64 (bytes + n, LENGTH - n, 0), LENGTH - n), ==,
                     all);
}

static gboolean
fetch (gpointer data, guint64 at, gsize n, guint8 *to, GError **error)
{
  memcpy (to, bytes + at, n);
  return TRUE;
}

static void
test_pieces (void)
{
  const gsize sizes[] = { 1, 7, 64, 1000, 4999, LENGTH, 2 * LENGTH };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ExpSource) file = exp_source_new_unnamed (NULL, "test", &error);
      guint8 read[LENGTH];
      guint64 crc;

      g_assert_no_error (error);
      g_assert_true (exp_gio_crc_pieces (LENGTH, sizes[i], fetch, NULL, file, &crc, &error));
      g_assert_cmphex (crc, ==, lzma_crc64 (bytes, LENGTH, 0));
      g_assert_true (exp_source_pread (file, 0, LENGTH, read, &error));
      g_assert_cmpmem (read, LENGTH, bytes, LENGTH);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fill ();
  g_test_add_func ("/crc/is-that-of-liblzma-for-all-lengths", test_lengths);
  g_test_add_func ("/crc/is-joined-of-two-parts", test_join);
  g_test_add_func ("/crc/of-pieces-in-any-size-is-that-of-all-and-they-are-written-where-they-lie", test_pieces);
  return g_test_run ();
}
