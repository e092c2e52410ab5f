/* The HDF5 format on files with every datatype class, layout and kind of link, which make_hdf5.py writes with h5py. */
#include "expfs/expfs.h"
#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>

static char *directory; /* NULL: h5py is not there */

static ExpStore *
open_store (const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  ExpStoreOptions options = { .format = "hdf5" };

  return exp_store_open (path, &options, error);
}

static gboolean
is_made (void)
{
  if (directory == NULL)
    g_test_skip ("python3-h5py is not installed");
  return directory != NULL;
}

static char *
to_json (const ExpArray *array)
{
  GString *json = g_string_new (NULL);

  for (gsize i = 0; i < array->n_elements; i++)
    {
      if (i > 0)
        g_string_append_c (json, ' ');
      exp_cell_to_json (array->dtype, array->data + i * array->dtype->size, json);
    }
  return g_string_free (json, FALSE);
}

static void
assert_dataset (const char *store_name, const char *path, const char *dtype, const char *cells)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = open_store (store_name, &error);
  g_assert_no_error (error);
  g_autoptr (ExpNode) node = exp_node_resolve (exp_store_get_root (store), path, &error);
  g_assert_no_error (error);
  g_autoptr (ExpArray) array = exp_node_read_all (node, &error);
  g_assert_no_error (error);
  g_autofree char *got_dtype = exp_dtype_to_numpy (array->dtype, FALSE);
  g_autofree char *got = to_json (array);

  if (dtype != NULL)
    g_assert_cmpstr (got_dtype, ==, dtype);
  g_assert_cmpstr (got, ==, cells);
}

static void
assert_error (const char *store_name, const char *path, ExpError code, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = open_store (store_name, &error);
  g_assert_no_error (error);
  g_autoptr (ExpNode) node = exp_node_resolve (exp_store_get_root (store), path, &error);
  g_assert_no_error (error);
  g_autoptr (ExpArray) array = exp_node_read_all (node, &error);

  g_assert_null (array);
  g_assert_error (error, EXP_ERROR, (gint)code);
  g_assert_nonnull (strstr (error->message, words));
}

static void
every_datatype_reads_as_it_was_written (void)
{
  static const struct
  {
    const char *path, *dtype, *cells;
  } cases[] = {
    { "half", "<f2", "1.5 -2.0 Infinity NaN 6e-08" },
    { "longdouble", "<f16", "1.5 -0.25" },
    { "complex64", "<c8", "[1.0, 2.0] [3.0, 0.0]" },
    { "complex128be", ">c16", "[1.0, 2.0]" },
    { "bool", "|b1", "true false false true" },
    { "enum", "<i4", "0 2 1" },
    { "opaque", "|V3", "\"616263\" \"78797a\"" },
    { "i24", "<i4", "1 -1 -8388608" },
    { "u24be", "<u4", "1 16777215" },
    { "i12", "<i4", "5 -1 -2048" },
    { "i128", "|V16", "4722366482869645213697 -1" },
    { "b7", "<u4", "85 127" },
    { "bfloat16", "<f4", "1.5 -2.0 Infinity 0.0" },
    { "quad", "|V16", "1.0 -2.0" },
    { "time32", "<i4", "1 2000000000" },
    { "time64", ">i8", "1 2000000000" },
    { "term0", "|S6", "\"ab\" \"cdefgh\"" },
    { "null1", "|S6", "\"ab\" \"cdefgh\"" },
    { "space0", "|S6", "\"ab\" \"cdefgh\"" },
    { "vlen", "|O", "[1, 2, 3] [] [-7]" },
    { "vlenvlen", "|O", "[[1, 2, 3], [1]] []" },
    { "vlen_fill", "|O", "\"abc\" \"abc\" \"abc\"" },
    { "references", "|O", "\"/half\" \"/\"" },
    { "regions", "|O", "\"/plane[2:5,3:9]\" \"/plane[0:9:2,0:19:3]\" \"/plane[4,0:20]\" \"/plane[1,2][8,19]\" \"\"" },
  };

  if (!is_made ())
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_dataset ("made.h5", cases[i].path, cases[i].dtype, cases[i].cells);
  assert_dataset ("vax.h5", "vax", "<f8", "2.5 -0.15625");
}

static void
compounds_keep_the_offsets_of_the_file (void)
{
  if (!is_made ())
    return;
  assert_dataset ("made.h5", "aligned",
                  "{'names': ['a', 'b'], 'formats': ['|u1', '<f8'], 'offsets': [0, 8], 'itemsize': 16}",
                  "{\"a\": 0, \"b\": 2.5} {\"a\": 0, \"b\": 2.5}");
  assert_dataset (
      "made.h5", "nested",
      "[('a', '<i4'), ('b', [('x', '>f8'), ('y', '|u1', (2, 3))]), ('s', '|S5'), ('z', '<c16'), ('t', '|b1')]",
      "{\"a\": 1, \"b\": {\"x\": 0.1, \"y\": [[0, 0, 0], [0, 0, 0]]}, \"s\": \"one\", \"z\": [1.0, -2.0], "
      "\"t\": true} {\"a\": 2, \"b\": {\"x\": 0.2, \"y\": [[0, 0, 0], [0, 0, 0]]}, \"s\": \"three\", "
      "\"z\": [1.0, -2.0], \"t\": false}");
}

static void
variable_length_members_lie_beside_fixed_ones (void)
{
  if (!is_made ())
    return;
  assert_dataset ("made.h5", "mixed", NULL,
                  "{\"id\": 1, \"name\": \"foo\", \"v\": 1.5, \"w\": [1, 2, 3], \"r\": \"/half\", \"k\": -5} "
                  "{\"id\": 2, \"name\": \"\", \"v\": 2.5, \"w\": [], \"r\": \"/nested\", \"k\": 7}");
}

static void
variable_length_members_read_out_of_chunks (void)
{
  const char *empty = "{\"a\": 0, \"v\": [], \"s\": [\"\", \"\"]}";
  g_autofree char *cells = g_strdup_printf ("%s {\"a\": 7, \"v\": [1.0, 2.5], \"s\": [\"p\", \"q\"]} %s %s %s", empty,
                                            empty, empty, empty);

  if (is_made ())
    assert_dataset ("made.h5", "vlen_chunked", NULL, cells);
}

static void
a_named_datatype_describes_itself (void)
{
  if (!is_made ())
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = open_store ("made.h5", &error);
  g_autoptr (ExpNode) node = exp_node_resolve (exp_store_get_root (store), "named", &error);
  g_auto (ExpInfo) info = { 0 };
  g_assert_true (exp_node_describe (node, &info, &error));
  g_assert_cmpint (info.kind, ==, EXP_KIND_DATATYPE);
  g_autoptr (ExpArray) array = exp_node_read_all (node, &error);
  g_autofree char *text = exp_array_dup_text (array);
  g_assert_nonnull (strstr (text, "int32"));
}

static void
every_layout_reads_the_same (void)
{
  static const struct
  {
    const char *path, *layout, *filters, *cells;
  } cases[] = {
    { "scalar", "contiguous", NULL, "3.25" },
    { "null", "contiguous", NULL, "" },
    { "zero", "contiguous", NULL, "" },
    { "rank32", "contiguous", NULL, "0 1 2 3 4 5 6 7" },
    { "unallocated", "contiguous", NULL, "42 42 42 42" },
    { "sparse", "chunked", NULL, "1 7 7 7" },
    { "compact", "compact", NULL, "1 2 3" },
    { "external", "external", NULL, "1 2 3 4 5 100 101 102 0 0" },
    { "gzip", "chunked", "shuffle,gzip(4),fletcher32", NULL },
    { "szip", "chunked", "szip", NULL },
    { "scaleoffset", "chunked", "scaleoffset", NULL },
  };

  if (!is_made ())
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = open_store ("made.h5", &error);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ExpNode) node = exp_node_resolve (exp_store_get_root (store), cases[i].path, &error);
      g_auto (ExpLayout) layout = { 0 };

      g_assert_true (exp_node_layout (node, &layout, &error));
      g_assert_cmpstr (layout.layout, ==, cases[i].layout);
      g_assert_cmpstr (layout.filters, ==, cases[i].filters);
      g_autoptr (ExpArray) array = exp_node_read_all (node, &error);
      g_assert_no_error (error);
      g_autofree char *cells = to_json (array);
      if (cases[i].cells != NULL)
        g_assert_cmpstr (cells, ==, cases[i].cells);
      else
        g_assert_true (g_str_has_suffix (cells, " 97 98 99"));
    }
}

/* Any slab of a cube whose element at (i, j, k) is its position, from contiguous and from chunked storage. */
static void
slabs_hold_what_they_select (void)
{
  const guint64 edge = 40;
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  const char *paths[] = { "cube", "cube_chunked" };

  if (!is_made ())
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = open_store ("made.h5", &error);
  for (guint p = 0; p < G_N_ELEMENTS (paths); p++)
    for (guint round = 0; round < 300; round++)
      {
        g_autoptr (ExpNode) node = exp_node_resolve (exp_store_get_root (store), paths[p], &error);
        g_auto (ExpInfo) info = { 0 };
        ExpSlab slab = { .rank = 3 };

        g_assert_true (exp_node_describe (node, &info, &error));
        for (guint i = 0; i < 3; i++)
          {
            slab.start[i] = g_rand_int_range (random, 0, edge);
            slab.step[i] = g_rand_int_range (random, 1, 9);
            slab.count[i] = g_rand_int_range (random, 1, (edge - 1 - slab.start[i]) / slab.step[i] + 2);
          }
        g_autoptr (ExpArray) array = exp_node_read (node, &info, &slab, &error);
        g_assert_no_error (error);

        const guint8 *cell = array->data;
        for (guint64 i = 0; i < slab.count[0]; i++)
          for (guint64 j = 0; j < slab.count[1]; j++)
            for (guint64 k = 0; k < slab.count[2]; k++, cell += 4)
              g_assert_cmpint (exp_cell_int (array->dtype, cell), ==,
                               ((slab.start[0] + i * slab.step[0]) * edge + slab.start[1] + j * slab.step[1]) * edge
                                   + slab.start[2] + k * slab.step[2]);
      }
}

static void
links_show_their_targets (void)
{
  static const struct
  {
    const char *path, *target;
    gboolean is_external;
  } cases[] = {
    { "soft", "/half", FALSE },
    { "dangling", "nope/x", FALSE },
    { "beside", "/.external/beside.h5/g/data", FALSE },
    { "below", "/.external/sub/deep.h5/a", FALSE },
    { "missing", "nothere.h5:/x", TRUE },
    { "above", "../x.h5:/x", TRUE },
    { ".external/beside.h5/g/soft", "/.external/beside.h5/g/data", FALSE },
    { ".external/beside.h5/g/other", "/.external/sub/deep.h5/a", FALSE },
    { ".external/sub/deep.h5/sibling", "/.external/sub/deep.h5/a", FALSE },
  };

  if (!is_made ())
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = open_store ("made.h5", &error);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ExpNode) node = exp_node_resolve (exp_store_get_root (store), cases[i].path, &error);
      g_auto (ExpInfo) info = { 0 };

      g_assert_no_error (error);
      g_assert_true (exp_node_describe (node, &info, &error));
      g_assert_cmpint (info.kind, ==, EXP_KIND_LINK);
      g_assert_cmpstr (info.target, ==, cases[i].target);
      g_assert_cmpint (info.is_external, ==, cases[i].is_external);
    }
  assert_dataset ("made.h5", ".external/beside.h5/g/data", "<i8", "0 1 2");
  assert_dataset ("made.h5", ".external/sub/deep.h5/a", "<i8", "0 1 2 3");
}

static void
nothing_above_the_store_is_reached (void)
{
  const char *paths[] = { ".external/..", ".external/sub/..", ".external/raw1.bin/x", ".external/gone.h5" };

  if (!is_made ())
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = open_store ("made.h5", &error);
  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (GError) local = NULL;
      g_autoptr (ExpNode) node = exp_node_resolve (exp_store_get_root (store), paths[i], &local);

      g_assert_null (node);
      g_assert_nonnull (local);
    }
}

static void
hard_links_share_an_identity (void)
{
  const char *paths[] = { "half", "group/hard", "group/back/half", ".external/beside.h5/g/data" };
  guint64 identities[G_N_ELEMENTS (paths)];

  if (!is_made ())
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = open_store ("made.h5", &error);
  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (ExpNode) node = exp_node_resolve (exp_store_get_root (store), paths[i], &error);
      g_auto (ExpInfo) info = { 0 };

      g_assert_true (exp_node_describe (node, &info, &error));
      identities[i] = info.identity;
      if (i < 3)
        g_assert_cmpuint (info.n_links, ==, 2);
    }
  g_assert_cmpuint (identities[0], ==, identities[1]);
  g_assert_cmpuint (identities[0], ==, identities[2]);
  g_assert_cmpuint (identities[0], !=, identities[3]);
}

static void
attributes_of_every_type_read (void)
{
  static const struct
  {
    const char *name, *cells;
  } cases[] = {
    { "bytes", NULL },          { "complex", "[1.0, 2.0]" },   { "empty", "" },
    { "flag", "true" },         { "ragged", "[1, 2, 3] [4]" }, { "reference", "\"/half\"" },
    { "table", "0 1 2 3 4 5" }, { "text", "\"hello\"" },       { "texts", "\"a\" \"bb\"" },
  };

  if (!is_made ())
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = open_store ("made.h5", &error);
  g_auto (GStrv) names = exp_node_list_attributes (exp_store_get_root (store), &error);
  g_assert_cmpuint (g_strv_length (names), ==, G_N_ELEMENTS (cases));
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_true (g_strv_contains ((const char *const *)names, cases[i].name));
      g_autoptr (ExpArray) value = exp_node_read_attribute (exp_store_get_root (store), cases[i].name, &error);
      g_assert_no_error (error);
      g_autofree char *cells = to_json (value);
      if (cases[i].cells != NULL)
        g_assert_cmpstr (cells, ==, cases[i].cells);
    }
  g_assert_null (exp_node_read_attribute (exp_store_get_root (store), "none", &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND);
}

static gboolean
append_name (const char *name, ExpNode *child, gpointer names)
{
  g_ptr_array_add (names, g_strdup (name));
  return TRUE;
}

static gboolean
take_two (const char *name, ExpNode *child, gpointer names)
{
  append_name (name, child, names);
  return ((GPtrArray *)names)->len % 2 != 0;
}

static void
a_listing_goes_on_where_it_was_left (void)
{
  if (!is_made ())
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = open_store ("latest.h5", &error);
  g_autoptr (ExpNode) node = exp_node_resolve (exp_store_get_root (store), "many", &error);
  g_autoptr (GPtrArray) whole = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);

  g_assert_true (exp_node_list (node, 0, append_name, whole, &error));
  g_assert_cmpuint (whole->len, ==, 2000);
  for (guint before = 1; before != parts->len;)
    {
      before = parts->len;
      g_assert_true (exp_node_list (node, parts->len, take_two, parts, &error));
    }
  g_assert_cmpuint (parts->len, ==, 2000);
  for (guint i = 0; i < whole->len; i++)
    g_assert_cmpstr (whole->pdata[i], ==, parts->pdata[i]);
}

static void
virtual_datasets_read_what_their_sources_hold (void)
{
  if (!is_made ())
    return;
  assert_dataset ("virtual.h5", "texts", "|O", "\"x\" \"yy\" \"zzz\" \"\" \"\" \"\"");
  assert_dataset ("virtual.h5", "widened", "<f8", "0.0 1.0 2.0 3.0");
}

static void
virtual_datasets_that_contain_themselves_are_refused (void)
{
  if (!is_made ())
    return;
  assert_error ("virtual.h5", "self", EXP_ERROR_DAMAGED, "lead back");
  assert_error ("loop1.h5", "d", EXP_ERROR_DAMAGED, "lead back");
}

static void
files_of_several_members_open_by_the_first (void)
{
  const char *names[] = { "family_old00000.h5", "family_new00000.h5", "split_old-m.h5",
                          "split_new-m.h5",     "multi_old-s.h5",     "multi_new-s.h5" };

  if (!is_made ())
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ExpStore) store = open_store (names[i], &error);
      g_assert_no_error (error);
      g_autoptr (ExpNode) node = exp_node_resolve (exp_store_get_root (store), "x", &error);
      g_autoptr (ExpArray) array = exp_node_read_all (node, &error);
      g_assert_no_error (error);
      g_assert_cmpint (exp_cell_int (array->dtype, array->data + 4 * 4999), ==, 4999);
      assert_dataset (names[i], "s", "|O", "\"hello\" \"world\"");
    }
}

static void
a_missing_member_is_named (void)
{
  const char *const cases[][2] = { { "family_old00000.h5", "family_old00003.h5" },
                                   { "split_old-m.h5", "split_old-r.h5" },
                                   { "multi_old-s.h5", "multi_old-l.h5" } };

  if (!is_made ())
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *member = g_build_filename (directory, cases[i][1], NULL);
      g_autofree char *away = g_strconcat (member, ".away", NULL);

      g_assert_cmpint (g_rename (member, away), ==, 0);
      g_assert_null (open_store (cases[i][0], &error));
      g_assert_cmpint (g_rename (away, member), ==, 0);
      g_assert_error (error, EXP_ERROR, EXP_ERROR_DAMAGED);
      g_assert_nonnull (strstr (error->message, cases[i][1]));
    }
}

static void
a_user_block_is_passed_over (void)
{
  if (!is_made ())
    return;
  assert_dataset ("user_block.h5", "a", "<i8", "0 1 2");
  assert_dataset ("user_block.h5", "s", "|O", "\"p\" \"q\"");
}

static void
one_bad_object_does_not_hide_the_others (void)
{
  if (!is_made ())
    return;
  assert_error ("damaged.h5", "sum", EXP_ERROR_CHECKSUM, "letcher32");
  assert_dataset ("damaged.h5", "good", "<i8", "0 1 2");
  assert_error ("lies.h5", "s", EXP_ERROR_DAMAGED, "longer than");
  assert_error ("made.h5", "fifo", EXP_ERROR_DAMAGED, "fifo.bin");
}

static void
names_that_look_like_paths_are_found (void)
{
  const char *const names[] = { "a/b", "c/d", ".", "..", "S/1" };
  const ExpKind kinds[] = { EXP_KIND_DATASET, EXP_KIND_GROUP, EXP_KIND_DATASET, EXP_KIND_DATASET, EXP_KIND_LINK };

  if (!is_made ())
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = open_store ("names.h5", &error);
  g_autoptr (GPtrArray) listed = g_ptr_array_new_with_free_func (g_free);
  g_assert_true (exp_node_list (exp_store_get_root (store), 0, append_name, listed, &error));
  g_assert_cmpuint (listed->len, ==, G_N_ELEMENTS (names));
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (ExpNode) node = exp_node_lookup (exp_store_get_root (store), names[i], &error);
      g_auto (ExpInfo) info = { 0 };

      g_assert_no_error (error);
      g_assert_true (g_ptr_array_find_with_equal_func (listed, names[i], g_str_equal, NULL));
      g_assert_true (exp_node_describe (node, &info, &error));
      g_assert_cmpint (info.kind, ==, kinds[i]);
      if (info.kind == EXP_KIND_LINK)
        g_assert_cmpstr (info.target, ==, "/WW");
    }
  g_assert_null (exp_node_lookup (exp_store_get_root (store), "c/d/inner", &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND);
}

static void
damage_that_hdf5_does_not_survive_is_refused (void)
{
  const char *const names[] = { "names_loop.h5", "chunks_loop.h5", "header_loop.h5", "chunk_short.h5", "szip_zero.h5" };
  g_autoptr (GPtrArray) listed = g_ptr_array_new_with_free_func (g_free);

  if (!is_made ())
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ExpStore) store = open_store (names[i], &error);
      g_assert_no_error (error);
      g_autoptr (ExpNode) node = exp_node_lookup (exp_store_get_root (store), "many", &error);
      g_auto (ExpInfo) info = { 0 };
      g_assert_no_error (error);
      if (exp_node_describe (node, &info, &error))
        {
          g_autoptr (ExpArray) array = info.kind == EXP_KIND_DATASET ? exp_node_read_all (node, &error) : NULL;

          if (info.kind == EXP_KIND_GROUP)
            g_assert_false (exp_node_list (node, 0, append_name, listed, &error));
          g_assert_null (array);
        }
      g_assert_error (error, EXP_ERROR, EXP_ERROR_DAMAGED);
      assert_dataset (names[i], "good", "<i8", "1");
    }
}

static void
a_heap_without_end_is_not_followed (void)
{
  if (!is_made ())
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = open_store ("fill_loop.h5", &error);
  g_autoptr (ExpNode) node = exp_node_lookup (exp_store_get_root (store), "many", &error);
  g_auto (ExpLayout) layout = { 0 };

  /* The value is whole; the library, which knows how the dataset was made, would not come back from the heap. */
  assert_dataset ("fill_loop.h5", "many", "|O", "\"abc\" \"abc\" \"abc\"");
  g_assert_false (exp_node_layout (node, &layout, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_DAMAGED);
}

static void
a_damaged_attribute_does_not_hide_the_others (void)
{
  if (!is_made ())
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = open_store ("attribute.h5", &error);
  g_autoptr (ExpNode) node = exp_node_lookup (exp_store_get_root (store), "good", &error);
  g_auto (GStrv) names = exp_node_list_attributes (node, &error);
  g_assert_cmpuint (g_strv_length (names), ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (ExpArray) value = exp_node_read_attribute (node, names[i], &error);
      gint64 number;

      if (strcmp (names[i], "second") == 0)
        g_assert_error (error, EXP_ERROR, EXP_ERROR_DAMAGED);
      else
        g_assert_true (exp_array_get_int (value, &number) && number == (strcmp (names[i], "first") == 0 ? 1 : 3));
      g_clear_error (&error);
    }
}

/* Each length that a copy was cut to is refused or reads with errors; it never crashes. */
static void
truncated_files_are_refused (void)
{
  g_autofree char *contents = NULL;
  gsize size;

  if (!is_made ())
    return;
  g_autofree char *from = g_build_filename (directory, "made.h5", NULL);
  g_autofree char *to = g_build_filename (directory, "cut.h5", NULL);
  g_assert_true (g_file_get_contents (from, &contents, &size, NULL));
  for (gsize cut = 0; cut < size; cut = cut * 2 + 37)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (g_file_set_contents (to, contents, cut, NULL));
      g_assert_null (open_store ("cut.h5", &error));
      g_assert_nonnull (error);
    }
}

static void
what_is_no_hdf5_says_what_it_is (void)
{
  static const char zeros[4096];
  const struct
  {
    const char *contents;
    gsize size;
    const char *words;
  } cases[] = { { "", 0, "empty" }, { zeros, sizeof zeros, "zeros" }, { "plain text\n", 11, "no signature" } };

  if (!is_made ())
    return;
  g_autofree char *path = g_build_filename (directory, "other", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (g_file_set_contents (path, cases[i].contents, cases[i].size, NULL));
      g_assert_false (exp_format_hdf5.recognise (path));
      g_assert_null (open_store ("other", &error));
      g_assert_error (error, EXP_ERROR, EXP_ERROR_NOT_A_STORE);
      g_assert_nonnull (strstr (error->message, cases[i].words));
    }
}

static int
run_python (const char *script)
{
  g_autofree char *program = g_strdup_printf ("import h5py, sys\n%s", script);
  const char *argv[] = { "/usr/bin/python3", "-c", program, directory, NULL };
  int status = -1;

  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, NULL, &status, NULL);
  return status;
}

static void
a_growing_file_shows_its_new_rows (void)
{
  if (!is_made ())
    return;

  /* A writer that died leaves the mark of SWMR behind, which is all that opening looks at. */
  g_assert_cmpint (run_python ("import os\n"
                               "f = h5py.File(sys.argv[1] + '/growing.h5', 'r+', libver='latest')\n"
                               "f.swmr_mode = True\n"
                               "f['x'].resize((5,)); f['x'][3:] = [3, 4]; f['x'].flush(); f.flush()\n"
                               "os._exit(0)\n"),
                   ==, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = open_store ("growing.h5", &error);
  g_assert_no_error (error);
  g_autoptr (ExpNode) node = exp_node_resolve (exp_store_get_root (store), "x", &error);
  g_auto (ExpInfo) info = { 0 };
  g_assert_true (exp_node_describe (node, &info, &error));
  g_assert_true (info.is_growing);
  g_assert_cmpuint (info.shape[0], ==, 5);
  assert_dataset ("growing.h5", "x", "<i8", "0 1 2 3 4");
}

typedef struct
{
  ExpStore *store;
  guint seed;
} Worker;

static gpointer
read_at_random (gpointer data)
{
  static const char *const paths[] = { "gzip",       "cube",    "cube_chunked", "vstring", "mixed",
                                       "references", "regions", "group/hard",   "beside",  "named" };
  Worker *worker = data;
  g_autoptr (GRand) random = g_rand_new_with_seed (worker->seed);

  for (guint i = 0; i < 200; i++)
    {
      g_autoptr (GError) error = NULL;
      const char *path = paths[g_rand_int_range (random, 0, G_N_ELEMENTS (paths))];
      g_autoptr (ExpNode) node = exp_node_resolve (exp_store_get_root (worker->store), path, &error);
      g_auto (ExpInfo) info = { 0 };

      g_assert_no_error (error);
      g_assert_true (exp_node_describe (node, &info, &error));
      if (info.kind == EXP_KIND_LINK)
        continue;
      g_autoptr (ExpArray) array = exp_node_read_all (node, &error);
      g_assert_no_error (error);
      g_auto (GStrv) names = exp_node_list_attributes (node, &error);
      g_assert_nonnull (names);
    }
  return NULL;
}

static void
threads_may_read_at_once (void)
{
  GThread *threads[8];
  Worker workers[G_N_ELEMENTS (threads)];

  if (!is_made ())
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = open_store ("made.h5", &error);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      workers[i] = (Worker){ store, i };
      threads[i] = g_thread_new ("reader", read_at_random, &workers[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

static void
closing_the_store_closes_everything (void)
{
  if (!is_made ())
    return;
  gint64 stores = exp_stat_get (EXP_STAT_OPEN_STORES);
  g_autoptr (GError) error = NULL;
  ExpStore *store = open_store ("made.h5", &error);
  g_autoptr (ExpNode) far = exp_node_resolve (exp_store_get_root (store), ".external/sub/deep.h5/a", &error);

  g_assert_cmpint (exp_stat_get (EXP_STAT_OPEN_STORES), ==, stores + 2);
  exp_store_unref (store);
  g_assert_cmpint (exp_stat_get (EXP_STAT_OPEN_STORES), ==, stores + 1);
  g_autoptr (ExpArray) array = exp_node_read_all (far, &error);
  g_assert_no_error (error);
  g_clear_pointer (&far, exp_node_unref);
  g_assert_cmpint (exp_stat_get (EXP_STAT_OPEN_STORES), ==, stores);
  g_assert_cmpint (exp_stat_get (EXP_STAT_OPEN_DATASETS), ==, 0);
}

/* Writes the files; NULL when there is no h5py. */
static char *
make_files (void)
{
  g_autofree char *made = g_dir_make_tmp ("expfs-hdf5-XXXXXX", NULL);
  g_autofree char *script = g_test_build_filename (G_TEST_DIST, "make_hdf5.py", NULL);
  const char *argv[] = { "/usr/bin/python3", script, made, NULL };
  int status = -1;

  g_setenv ("HDF5_USE_FILE_LOCKING", "FALSE", TRUE);
  if (run_python ("") != 0)
    return NULL;
  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, NULL);
  g_assert_cmpint (status, ==, 0);
  return g_steal_pointer (&made);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  directory = make_files ();
#define ADD(test) g_test_add_func ("/hdf5/" #test, test)
  ADD (every_datatype_reads_as_it_was_written);
  ADD (compounds_keep_the_offsets_of_the_file);
  ADD (variable_length_members_lie_beside_fixed_ones);
  ADD (variable_length_members_read_out_of_chunks);
  ADD (a_named_datatype_describes_itself);
  ADD (every_layout_reads_the_same);
  ADD (slabs_hold_what_they_select);
  ADD (links_show_their_targets);
  ADD (nothing_above_the_store_is_reached);
  ADD (hard_links_share_an_identity);
  ADD (attributes_of_every_type_read);
  ADD (a_listing_goes_on_where_it_was_left);
  ADD (virtual_datasets_read_what_their_sources_hold);
  ADD (virtual_datasets_that_contain_themselves_are_refused);
  ADD (files_of_several_members_open_by_the_first);
  ADD (a_missing_member_is_named);
  ADD (a_user_block_is_passed_over);
  ADD (one_bad_object_does_not_hide_the_others);
  ADD (names_that_look_like_paths_are_found);
  ADD (damage_that_hdf5_does_not_survive_is_refused);
  ADD (a_heap_without_end_is_not_followed);
  ADD (a_damaged_attribute_does_not_hide_the_others);
  ADD (truncated_files_are_refused);
  ADD (what_is_no_hdf5_says_what_it_is);
  ADD (a_growing_file_shows_its_new_rows);
  ADD (threads_may_read_at_once);
  ADD (closing_the_store_closes_everything);
  int status = g_test_run ();

  if (directory != NULL)
    {
      const char *remove[] = { "rm", "-r", directory, NULL };

      g_spawn_sync (NULL, (char **)remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
      g_free (directory);
    }
  return status;
}
