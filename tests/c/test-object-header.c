/* Our own reading of object headers says what the HDF5 library says, or leaves the object to it; whatever the bytes. */
#include "core/format/hdf5/metadata_cache.h"
#include "core/format/hdf5/object_header.h"
#include "expfs/error.h"
#include "memory_source.h"
#include <string.h>

/* A folder of the reference stores; NULL where they are not. */
static char *
store_directory (const char *name)
{
  const char *shared = g_getenv ("EXPFS_SHARED");
  g_autofree char *beside = g_test_build_filename (G_TEST_DIST, "..", "..", "..", "shared", NULL);
  char *path = g_build_filename (shared != NULL ? shared : beside, "stores", name, NULL);

  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    g_clear_pointer (&path, g_free);
  return path;
}

typedef struct
{
  ExpHdf5File *file;
  guint n_datasets, n_sure;
} Walk;

static void
compare_dataset (hid_t id, const ExpObjectHeader *header)
{
  hid_t space = H5Dget_space (id), dcpl = H5Dget_create_plist (id);
  hsize_t shape[H5S_MAX_RANK];

  g_assert_cmpint (H5Sget_simple_extent_dims (space, shape, NULL), ==, header->rank);
  for (guint i = 0; i < header->rank; i++)
    g_assert_cmpuint (shape[i], ==, header->shape[i]);
  g_assert_cmpint (H5Sget_simple_extent_type (space) == H5S_NULL, ==, header->is_null);
  g_assert_cmpint (H5Pget_layout (dcpl) == H5D_CHUNKED, ==, header->is_chunked);
  if (H5Pget_layout (dcpl) == H5D_CONTIGUOUS)
    g_assert_cmpuint (H5Dget_offset (id), ==, header->data);
  H5Pclose (dcpl);
  H5Sclose (space);
}

static herr_t
compare (hid_t file, const char *name, const H5O_info_t *info, void *data)
{
  Walk *walk = data;
  g_auto (ExpObjectHeader) header = { EXP_HEADER_UNSURE };
  hid_t id;

  exp_object_header_read (walk->file, info->addr, &header);
  walk->n_datasets += info->type == H5O_TYPE_DATASET;
  if (header.kind == EXP_HEADER_UNSURE)
    return 0;
  g_assert_cmpint (info->type, ==, header.kind == EXP_HEADER_GROUP ? H5O_TYPE_GROUP : H5O_TYPE_DATASET);
  if (info->mtime != 0) /* the library does not say what a message of version 1 headers does */
    g_assert_cmpint (info->mtime, ==, header.mtime);
  g_assert_cmpuint (info->rc, ==, header.n_links);
  if (header.kind == EXP_HEADER_GROUP)
    return 0;
  walk->n_sure++;
  id = H5Oopen (file, name, H5P_DEFAULT);
  compare_dataset (id, &header);
  H5Oclose (id);
  return 0;
}

static void
compare_file (const char *path, Walk *walk)
{
  g_autoptr (ExpHdf5File) file = exp_hdf5_file_open (path, "", &(ExpStoreOptions){ 0 }, NULL);

  if (file == NULL)
    return;
  walk->file = file;
  exp_hdf5_lock ();
  H5Ovisit2 (file->id, H5_INDEX_NAME, H5_ITER_NATIVE, compare, walk, H5O_INFO_BASIC | H5O_INFO_TIME);
  exp_hdf5_unlock ();
}

static void
headers_say_what_the_library_says (void)
{
  static const char *const folders[] = { "hdf5-suite", "pypet" };
  Walk walk = { NULL };

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *folder = store_directory (folders[i]);
      g_autoptr (GDir) dir = folder != NULL ? g_dir_open (folder, 0, NULL) : NULL;
      const char *name;

      if (dir == NULL)
        {
          g_test_skip ("no ../shared/stores");
          return;
        }
      while ((name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *path = g_build_filename (folder, name, NULL);

          compare_file (path, &walk);
        }
    }
  g_test_message ("%u of %u datasets need no library", walk.n_sure, walk.n_datasets);
  g_assert_cmpuint (walk.n_sure, >, walk.n_datasets / 2);
}

/* Version 1: a dataspace, a type, a layout and a continuation that may point anywhere, with random bytes among them.
 * It must end, and read inside the source only. */
static void
hostile_headers_end (void)
{
  static guint8 bytes[2048];
  Memory memory;
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  ExpHdf5File file = { .source = &memory.base, .sizeof_address = 8, .sizeof_size = 8 };
  guint n_sure = 0;

  memory_init (&memory, bytes, sizeof bytes);
  for (guint i = 0; i < 200000; i++)
    {
      g_auto (ExpObjectHeader) header = { EXP_HEADER_UNSURE };
      static const guint8 types[] = { 0x01, 0x03, 0x08, 0x10, 0x11, 0x12, 0x16, 0x02, 0x00 };
      guint8 *at = bytes;

      at[0] = 1;
      at[8] = g_rand_int_range (rand, 0, 256);
      at[9] = g_rand_int_range (rand, 0, 2);
      for (guint k = 16; k < 512; k += 8)
        for (guint b = 0; b < 8; b++)
          at[k + b] = g_rand_int (rand) & (g_rand_boolean (rand) ? 3 : 255);
      for (guint k = 16; k < 400; k += 8 + at[k + 2] / 8 * 8)
        {
          at[k] = types[g_rand_int_range (rand, 0, G_N_ELEMENTS (types))];
          at[k + 1] = at[k + 3] = 0;
          at[k + 2] = 8 * g_rand_int_range (rand, 1, 5);
        }
      exp_object_header_read (&file, 0, &header);
      n_sure += header.kind != EXP_HEADER_UNSURE;
      g_assert_cmpuint (header.rank, <=, EXP_MAX_RANK);
    }
  g_assert_cmpuint (n_sure, >, 0);
}

/* Of a file with holes, which costs nothing to make. */
static void
blocks_of_any_size_are_not_read (void)
{
  static guint8 bytes[64];
  g_autoptr (GError) error = NULL;
  Memory memory;

  memory_init (&memory, bytes, (gsize)1 << 46);
  ExpMetadataCache *blocks = exp_metadata_cache_new (&memory.base, 0, 8, 8, "test", 1 << 20);
  g_assert_null (exp_metadata_cache_get (blocks, 0, (guint64)1 << 40, NULL, TRUE, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_DAMAGED);
  g_clear_error (&error);
  g_bytes_unref (exp_metadata_cache_get (blocks, 0, sizeof bytes, NULL, FALSE, &error));
  g_assert_no_error (error);
  exp_metadata_cache_free (blocks);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/object-header/says-what-the-library-says", headers_say_what_the_library_says);
  g_test_add_func ("/object-header/hostile-headers-end", hostile_headers_end);
  g_test_add_func ("/object-header/blocks-of-any-size-are-not-read", blocks_of_any_size_are_not_read);
  return g_test_run ();
}
