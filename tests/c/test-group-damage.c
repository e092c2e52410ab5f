/* Damaged groups cost an error at most: whatever is written over their structures, listing and finding come to an end
 * and read nothing but the file. Their checksums are made to fit again, or nothing would be reached behind them. */
#include "core/format/hdf5/symbol_walk.h"
#include "made_groups.h"
#include "memory_source.h"

/* The checksum by its own name, and in its place one that fits whatever starts as a block that ends in one. */
#define exp_object_checksum true_checksum
#include "core/format/hdf5/object_checksum.c"
#undef exp_object_checksum

static const char signatures[][5]
    = { "OHDR", "OCHK", "BTHD", "BTIN", "BTLF", "FRHP", "FHIB", "FHDB", "TREE", "SNOD", "HEAP" };
#define N_SUMMED 7

guint32
exp_object_checksum (const guint8 *bytes, gsize size)
{
  for (guint i = 0; i < N_SUMMED && size > 4; i++)
    if (memcmp (bytes, signatures[i], 4) == 0)
      return exp_hdf5_decode_uint (bytes + size, 4);
  return true_checksum (bytes, size);
}

/* What our own readers need of a file; HDF5 does not get it. */
static void
file_init (ExpHdf5File *file, Memory *memory, const ExpHdf5File *whole)
{
  memset (file, 0, sizeof *file);
  file->source = &memory->base;
  file->sizeof_address = whole->sizeof_address;
  file->sizeof_size = whole->sizeof_size;
  file->id = H5I_INVALID_HID;
  file->root = whole->root;
  file->blocks = exp_metadata_cache_new (file->source, 0, 8, 8, "group", 1 << 20);
  file->places = exp_symbol_places_new ();
}

static void
file_clear (ExpHdf5File *file)
{
  exp_hdf5_lock ();
  exp_hdf5_file_close_objects (file);
  exp_hdf5_unlock ();
  exp_metadata_cache_free (file->blocks);
  exp_symbol_places_free (file->places);
}

/* --- damage ------------------------------------------------------------------------------------------------- */

typedef struct
{
  gsize at, size; /* of a block of a heap: its checksum lies in the middle */
} Block;

#define SUM_AT 17

typedef struct
{
  GArray *starts; /* gsize: where structures start */
  GArray *blocks; /* Block */
} Structures;

static guint32
block_sum (const guint8 *bytes, gsize size)
{
  g_autofree guint8 *copy = g_memdup2 (bytes, size);

  memset (copy + SUM_AT, 0, 4);
  return true_checksum (copy, size);
}

static void
find_structures (const guint8 *bytes, gsize size, Structures *found)
{
  found->starts = g_array_new (FALSE, FALSE, sizeof (gsize));
  found->blocks = g_array_new (FALSE, FALSE, sizeof (Block));
  for (gsize at = 0; at + 32 < size; at++)
    for (guint i = 0; i < G_N_ELEMENTS (signatures); i++)
      {
        if (memcmp (bytes + at, signatures[i], 4) != 0)
          continue;
        g_array_append_val (found->starts, at);
        for (gsize n = 512; i == N_SUMMED && n <= size - at; n *= 2)
          if (block_sum (bytes + at, n) == exp_hdf5_decode_uint (bytes + at + SUM_AT, 4))
            g_array_append_val (found->blocks, ((Block){ at, n }));
      }
}

static void
put (guint8 *at, guint64 value, guint n)
{
  for (guint i = 0; i < n; i++)
    at[i] = value >> 8 * i;
}

/* One change, mostly near the start of a structure, where its numbers are. */
static void
damage (Memory *memory, const Structures *structures, GRand *rand)
{
  static const guint64 numbers[] = { 0, 1, 2, 0xff, 0xffff, 0x7fffffff, 0xffffffff, G_MAXUINT64, G_MAXUINT64 - 7 };
  gsize start = g_array_index (structures->starts, gsize, g_rand_int_range (rand, 0, structures->starts->len));
  gsize reach = g_rand_int_range (rand, 0, 4) > 0 ? 150 : 4000;
  gsize at = start + g_rand_int_range (rand, 0, reach);

  at = MIN (at, memory->size - 8);
  switch (g_rand_int_range (rand, 0, 5))
    {
    case 0:
      memory->bytes[at] ^= 1 << g_rand_int_range (rand, 0, 8);
      break;
    case 1:
      memory->bytes[at] = g_rand_int (rand);
      break;
    case 2:
      put (memory->bytes + at, numbers[g_rand_int_range (rand, 0, G_N_ELEMENTS (numbers))],
           1 << g_rand_int_range (rand, 0, 4));
      break;
    case 3: /* the address of another structure */
      put (memory->bytes + at,
           g_array_index (structures->starts, gsize, g_rand_int_range (rand, 0, structures->starts->len)), 8);
      break;
    default:
      put (memory->bytes + at, g_rand_int_range (rand, 0, memory->size), 8);
    }
}

static void
mend_sums (Memory *memory, const Structures *structures)
{
  for (guint i = 0; i < structures->blocks->len; i++)
    {
      const Block *block = &g_array_index (structures->blocks, Block, i);
      guint8 *bytes = memory->bytes + block->at;

      put (bytes + SUM_AT, block_sum (bytes, block->size), 4);
    }
}

/* The number of links that were listed or found. */
static guint
use_group (ExpHdf5File *file, guint64 address, guint at_once)
{
  const char *const names[] = { "n0", "n7", "n59", "a/b", "nothing" };
  g_autoptr (GArray) links = exp_hdf5_links_new ();
  g_autoptr (GError) error = NULL;
  guint n = 0;

  if (!read_all (file, address, at_once, links, &error))
    g_assert_nonnull (error);
  for (guint i = 0; i < links->len; i++)
    g_assert_nonnull (g_array_index (links, ExpHdf5Link, i).name);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_auto (ExpHdf5Link) link = { NULL };
      g_autoptr (GError) not_found = NULL;

      if (exp_hdf5_links_find (file, address, names[i], &link, &not_found))
        n++;
      else
        g_assert_nonnull (not_found);
    }
  return n + links->len;
}

static guint64
use_groups (Memory *memory, const ExpHdf5File *whole, const GArray *addresses, guint at_once)
{
  ExpHdf5File file;
  guint64 n = 0;

  file_init (&file, memory, whole);
  for (guint i = 0; i < addresses->len; i++)
    n += use_group (&file, g_array_index (addresses, guint64, i), at_once);
  file_clear (&file);
  return n;
}

static void
damage_file (const char *directory, const char *name, guint n_trials)
{
  g_autoptr (ExpHdf5File) whole = open_made (directory, name);
  g_autoptr (GArray) addresses = group_addresses (whole);
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  g_autofree char *path = g_build_filename (directory, name, NULL);
  g_autofree char *contents = NULL;
  Memory memory;
  gsize size;
  Structures structures;
  guint n_same = 0;

  g_assert_true (g_file_get_contents (path, &contents, &size, NULL));
  memory_init (&memory, g_malloc (size), size);
  find_structures ((guint8 *)contents, memory.size, &structures);
  memcpy (memory.bytes, contents, memory.size);
  guint64 n_whole = use_groups (&memory, whole, addresses, 10);
  g_assert_cmpuint (n_whole, >, 100);
  for (guint trial = 0; trial < n_trials; trial++)
    {
      memcpy (memory.bytes, contents, memory.size);
      for (gint i = g_rand_int_range (rand, 1, 4); i > 0; i--)
        damage (&memory, &structures, rand);
      mend_sums (&memory, &structures);
      n_same += use_groups (&memory, whole, addresses, g_rand_int_range (rand, 1, 200)) == n_whole;
    }
  g_assert_cmpuint (n_same, <, n_trials);
  g_array_unref (structures.starts);
  g_array_unref (structures.blocks);
  g_free (memory.bytes);
}

static char *directory; /* NULL: h5py is not there */

static void
groups_end_whatever_is_written_over_them (void)
{
  const char *const names[] = { "small_old.h5", "small_new.h5", "small_deep.h5" };

  if (directory == NULL)
    {
      g_test_skip ("python3-h5py is not installed");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    damage_file (directory, names[i], g_test_slow () ? 100000 : 2000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  directory = made_files_new ("make_groups.py");
  g_test_add_func ("/group-damage/groups_end_whatever_is_written_over_them", groups_end_whatever_is_written_over_them);
  int status = g_test_run ();

  made_files_free (directory);
  return status;
}
