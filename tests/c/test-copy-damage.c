/* Damaged trees that are copied block by block cost an error at most, and no more memory or room than they have: the
 * copy is never larger than the file, and what was refused has written nothing. */
#include "core/format/hdf5/changes.h"
#include "core/format/hdf5/copy_blocks.h"
#include "core/format/hdf5/object.h"
#include "written.h"
#include <glib/gstdio.h>

#define SOURCE                                                                                                         \
  "g = f.create_group('many'); [g.__setitem__('link %d' % i, h5py.SoftLink('/x')) for i in range(90)]; "               \
  "[f.create_group('g%d/h' % i) for i in range(30)]; f['g0/h/up'] = f['g0']; "                                         \
  "c = f.create_dataset('chunks', (3000, 2), 'i4', chunks=(10, 2), maxshape=(None, 2), compression=1); c[()] = 1; "    \
  "[f.attrs.__setitem__('a%d' % i, np.arange(i)) for i in range(40)]; f['plain'] = np.arange(99); "                    \
  "f.create_dataset('raw', (300,), 'f8', chunks=(7,))[::50] = 1; f['same'] = f['plain']"

static const char signatures[][5] = { "TREE", "SNOD", "HEAP" };

/* Where structures start: those with a signature, and headers, which start with their version and how many messages. */
static GArray *
find_structures (const guint8 *bytes, gsize size)
{
  GArray *starts = g_array_new (FALSE, FALSE, sizeof (gsize));

  for (gsize at = 0; at + 32 < size; at += 8)
    {
      gboolean is_start = bytes[at] == 1 && bytes[at + 1] == 0 && bytes[at + 2] > 0 && bytes[at + 3] == 0
                          && bytes[at + 4] == 1 && bytes[at + 12] == 0;

      for (guint i = 0; i < G_N_ELEMENTS (signatures); i++)
        is_start |= memcmp (bytes + at, signatures[i], 4) == 0;
      if (is_start)
        g_array_append_val (starts, at);
    }
  return starts;
}

static void
put (guint8 *at, guint64 value, guint n)
{
  for (guint i = 0; i < n; i++)
    at[i] = value >> 8 * i;
}

/* One change, mostly near the start of a structure, where its numbers are; not in the superblock. */
static void
damage (guint8 *bytes, gsize size, const GArray *starts, GRand *rand)
{
  static const guint64 numbers[] = { 0, 1, 2, 0xff, 0xffff, 0x7fffffff, 0xffffffff, G_MAXUINT64, G_MAXUINT64 - 7 };
  gsize start = g_array_index (starts, gsize, g_rand_int_range (rand, 0, starts->len));
  gsize at = start + g_rand_int_range (rand, 0, g_rand_boolean (rand) ? 60 : 600);

  at = CLAMP (at, 96, size - 8);
  switch (g_rand_int_range (rand, 0, 5))
    {
    case 0:
      bytes[at] ^= 1 << g_rand_int_range (rand, 0, 8);
      break;
    case 1:
      bytes[at] = g_rand_int (rand);
      break;
    case 2:
      put (bytes + at, numbers[g_rand_int_range (rand, 0, G_N_ELEMENTS (numbers))], 1 << g_rand_int_range (rand, 0, 4));
      break;
    case 3: /* the address of another structure */
      at = at / 8 * 8;
      put (bytes + at, g_array_index (starts, gsize, g_rand_int_range (rand, 0, starts->len)), 8);
      break;
    default:
      at = at / 8 * 8;
      put (bytes + at, g_rand_int_range (rand, 0, size), 8);
    }
}

static guint64
size_of (const char *path)
{
  GStatBuf st;

  g_assert_cmpint (g_stat (path, &st), ==, 0);
  return st.st_size;
}

/* TRUE when the root was copied. */
static gboolean
copy_root (const char *source, const char *target, gsize size)
{
  const ExpStoreOptions plain = { .format = "hdf5" };
  const ExpStoreOptions own = { .format = "hdf5", .is_own = TRUE, .is_writable = TRUE };
  ExpStore *from = exp_store_open (source, &plain, NULL);
  g_autoptr (GError) error = NULL;
  guint64 address = 0;

  if (from == NULL)
    return FALSE;
  g_remove (target);
  g_assert_true (exp_store_create (target, "hdf5", &own, &error));
  guint64 empty = size_of (target);
  ExpStore *to = exp_store_open (target, &own, &error);
  g_assert_no_error (error);
  const ExpHdf5Object *object = (ExpHdf5Object *)exp_store_get_root (from);
  g_assert_true (exp_hdf5_copy_blocks (object->file, object->address, ((ExpHdf5Object *)exp_store_get_root (to))->file,
                                       &address, &error));
  g_assert_no_error (error);
  if (address == 0)
    g_assert_cmpuint (size_of (target), ==, empty);
  else
    g_assert_cmpuint (size_of (target), <=, empty + 2 * size);
  exp_store_unref (from);
  exp_store_unref (to);
  return address != 0;
}

static void
test_damage (void)
{
  const guint n_trials = 1500;
  g_autofree char *bytes = NULL;
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  Written written;
  gsize size;
  guint n_copied = 0;

  if (!has_h5py ())
    {
      g_test_skip ("no h5py");
      return;
    }
  make_written (&written, "", SOURCE);
  g_autofree char *target = g_build_filename (written.directory, "target.h5", NULL);
  g_assert_true (g_file_get_contents (written.path, &bytes, &size, NULL));
  g_autoptr (GArray) starts = find_structures ((guint8 *)bytes, size);
  g_assert_cmpuint (starts->len, >, 100);
  g_assert_true (copy_root (written.path, target, size));
  for (guint trial = 0; trial < n_trials; trial++)
    {
      g_autofree guint8 *damaged = g_memdup2 (bytes, size);

      for (guint i = g_rand_int_range (rand, 1, 4); i > 0; i--)
        damage (damaged, size, starts, rand);
      g_assert_true (
          g_file_set_contents_full (written.path, (char *)damaged, size, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
      n_copied += copy_root (written.path, target, size);
    }
  g_test_message ("%u of %u damaged trees were copied", n_copied, n_trials);
  g_assert_cmpuint (n_copied, >, n_trials / 10);
  g_assert_cmpuint (n_copied, <, n_trials * 9 / 10);
  remove_written (&written);
}

/* What shares bytes with something else, or leads back to itself, is left to the library. */
static void
check_refused (const char *code)
{
  Written written;
  gsize size = 1 << 20;

  make_written (&written, "", code);
  g_autofree char *target = g_build_filename (written.directory, "target.h5", NULL);
  g_assert_false (copy_root (written.path, target, size));
  remove_written (&written);
}

#define PATCH "f.close(); b = bytearray(open(sys.argv[1], 'rb').read()); "
#define SAVE  "; open(sys.argv[1], 'wb').write(b)"

static void
test_shared (void)
{
  if (!has_h5py ())
    {
      g_test_skip ("no h5py");
      return;
    }
  /* A second chunk where the first one is; half of it; a node of a tree that is its own child; a heap of two groups. */
  check_refused ("f.create_dataset('x', (4,), 'i8', chunks=(2,))[()] = 1; " PATCH
                 "i = b.index(b'TREE\\1'); b[i + 80:i + 88] = b[i + 48:i + 56]" SAVE);
  check_refused ("f.create_dataset('x', (4,), 'i8', chunks=(2,))[()] = 1; " PATCH
                 "i = b.index(b'TREE\\1'); b[i + 80:i + 88] = b[i + 48:i + 56]; b[i + 80] += 8" SAVE);
  check_refused ("f.create_dataset('x', (4,), 'i8', chunks=(2,))[()] = 1; " PATCH
                 "i = b.index(b'TREE\\1'); b[i + 5] = 1; b[i + 48:i + 56] = i.to_bytes(8, 'little')" SAVE);
  check_refused ("f.create_group('a'); f.create_group('b'); " PATCH
                 "i = b.index(b'SNOD'); h = int.from_bytes(b[i + 16:i + 24], 'little'); "
                 "k = int.from_bytes(b[i + 56:i + 64], 'little'); b[h + 24:h + 40] = b[k + 24:k + 40]" SAVE);
  /* A header whose continuation is itself, and a name behind the end of its heap. */
  check_refused ("[f.attrs.__setitem__('a%d' % i, i) for i in range(9)]; " PATCH
                 "i = next(i for i in range(96, len(b), 8) if b[i:i + 4] == b'\\x10\\0\\x10\\0'); "
                 "b[i + 8:i + 16] = (96).to_bytes(8, 'little')" SAVE);
  check_refused ("f['x'] = 1; " PATCH "i = b.index(b'SNOD'); b[i + 8:i + 16] = (10 ** 9).to_bytes(8, 'little')" SAVE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/copy-damage/damaged-trees-cost-an-error-at-most", test_damage);
  g_test_add_func ("/copy-damage/what-shares-bytes-is-not-moved", test_shared);
  return g_test_run ();
}
