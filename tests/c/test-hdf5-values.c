/* Values of every datatype class, in datasets and in attributes. */
#include "made_hdf5.h"
#include <string.h>

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

  if (!made_is_there ())
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    made_assert_dataset ("made.h5", cases[i].path, cases[i].dtype, cases[i].cells);
  made_assert_dataset ("vax.h5", "vax", "<f8", "2.5 -0.15625");
}

static void
compounds_keep_the_offsets_of_the_file (void)
{
  if (!made_is_there ())
    return;
  made_assert_dataset ("made.h5", "aligned",
                       "{'names': ['a', 'b'], 'formats': ['|u1', '<f8'], 'offsets': [0, 8], 'itemsize': 16}",
                       "{\"a\": 0, \"b\": 2.5} {\"a\": 0, \"b\": 2.5}");
  made_assert_dataset (
      "made.h5", "nested",
      "[('a', '<i4'), ('b', [('x', '>f8'), ('y', '|u1', (2, 3))]), ('s', '|S5'), ('z', '<c16'), ('t', '|b1')]",
      "{\"a\": 1, \"b\": {\"x\": 0.1, \"y\": [[0, 0, 0], [0, 0, 0]]}, \"s\": \"one\", \"z\": [1.0, -2.0], "
      "\"t\": true} {\"a\": 2, \"b\": {\"x\": 0.2, \"y\": [[0, 0, 0], [0, 0, 0]]}, \"s\": \"three\", "
      "\"z\": [1.0, -2.0], \"t\": false}");
}

static void
variable_length_members_lie_beside_fixed_ones (void)
{
  if (!made_is_there ())
    return;
  made_assert_dataset ("made.h5", "mixed", NULL,
                       "{\"id\": 1, \"name\": \"foo\", \"v\": 1.5, \"w\": [1, 2, 3], \"r\": \"/half\", \"k\": -5} "
                       "{\"id\": 2, \"name\": \"\", \"v\": 2.5, \"w\": [], \"r\": \"/nested\", \"k\": 7}");
}

static void
a_named_datatype_describes_itself (void)
{
  if (!made_is_there ())
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = made_open ("made.h5", &error);
  g_autoptr (ExpNode) node = exp_node_resolve (exp_store_get_root (store), "named", &error);
  g_auto (ExpInfo) info = { 0 };
  g_assert_true (exp_node_describe (node, &info, &error));
  g_assert_cmpint (info.kind, ==, EXP_KIND_DATATYPE);
  g_autoptr (ExpArray) array = exp_node_read_all (node, &error);
  g_autofree char *text = exp_array_dup_text (array);
  g_assert_nonnull (strstr (text, "int32"));
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

  if (!made_is_there ())
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = made_open ("made.h5", &error);
  g_auto (GStrv) names = exp_node_list_attributes (exp_store_get_root (store), &error);
  g_assert_cmpuint (g_strv_length (names), ==, G_N_ELEMENTS (cases));
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_true (g_strv_contains ((const char *const *)names, cases[i].name));
      g_autoptr (ExpArray) value = exp_node_read_attribute (exp_store_get_root (store), cases[i].name, &error);
      g_assert_no_error (error);
      g_autofree char *cells = made_to_json (value);
      if (cases[i].cells != NULL)
        g_assert_cmpstr (cells, ==, cases[i].cells);
    }
  g_assert_null (exp_node_read_attribute (exp_store_get_root (store), "none", &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND);
}

int
main (int argc, char **argv)
{
  made_init (&argc, &argv);
#define ADD(test) g_test_add_func ("/hdf5-values/" #test, test)
  ADD (every_datatype_reads_as_it_was_written);
  ADD (compounds_keep_the_offsets_of_the_file);
  ADD (variable_length_members_lie_beside_fixed_ones);
  ADD (a_named_datatype_describes_itself);
  ADD (attributes_of_every_type_read);
  return made_run ();
}
