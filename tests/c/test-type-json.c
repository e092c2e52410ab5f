/* Types as JSON: what is written is read back as the same type, and nothing else is read. */
#include "expfs/expfs.h"
#include <string.h>

static void
check (const ExpDtype *dtype)
{
  g_autofree char *text = exp_dtype_to_json (dtype);
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpDtype) same = exp_dtype_from_json (text, strlen (text), &error);

  g_test_message ("%s", text);
  g_assert_no_error (error);
  g_assert_true (exp_dtype_equal (dtype, same));
  g_autofree char *again = exp_dtype_to_json (same);
  g_assert_cmpstr (text, ==, again);
}

static void
check_owned (ExpDtype *dtype)
{
  check (dtype);
  exp_dtype_unref (dtype);
}

static void
test_types_without_parts (void)
{
  static const ExpTypeClass numbers[] = { EXP_TYPE_INT, EXP_TYPE_UINT, EXP_TYPE_BITFIELD };
  static const gsize reals[] = { 2, 4, 8, 16 };

  for (guint order = 0; order < 2; order++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
        for (gsize size = 1; size <= 33; size++)
          check_owned (exp_dtype_new_number (numbers[i], size, order));
      for (guint i = 0; i < G_N_ELEMENTS (reals); i++)
        {
          check_owned (exp_dtype_new_number (EXP_TYPE_FLOAT, reals[i], order));
          check_owned (exp_dtype_new_number (EXP_TYPE_COMPLEX, 2 * reals[i], order));
        }
      check_owned (exp_dtype_new_quad (FALSE, order));
      check_owned (exp_dtype_new_quad (TRUE, order));
      check_owned (exp_dtype_new_vstring (order));
      check_owned (exp_dtype_new_reference (order));
      for (guint pad = 0; pad < 3; pad++)
        for (gsize size = 0; size < 5; size++)
          check_owned (exp_dtype_new_string (size, pad, order));
    }
  check_owned (exp_dtype_new_number (EXP_TYPE_BOOL, 1, FALSE));
  check_owned (exp_dtype_new_opaque (4, NULL));
  check_owned (exp_dtype_new_opaque (400, ""));
  check_owned (exp_dtype_new_opaque (1, "a \"tag\"\n\xff \xe2\x98\x83"));
  ExpDtype *ucs4 = exp_dtype_new_string (12, EXP_PAD_NUL, TRUE);
  ucs4->is_ucs4 = TRUE;
  check_owned (ucs4);
}

static ExpDtype *
new_enum (gboolean is_unsigned)
{
  static const ExpEnumMember members[] = { { (char *)"RED", 0 },
                                           { (char *)"", 5 },
                                           { (char *)"\xc3\xbc\xff", G_MININT64 },
                                           { (char *)"it's \\ \"x\"", -1 },
                                           { (char *)"RED ", 0 } };

  return exp_dtype_new_enum (exp_dtype_new_number (is_unsigned ? EXP_TYPE_UINT : EXP_TYPE_INT, 8, !is_unsigned),
                             G_N_ELEMENTS (members), members);
}

static void
test_types_of_types (void)
{
  const guint64 dims[] = { 2, 3 };

  check_owned (new_enum (FALSE));
  check_owned (new_enum (TRUE));
  check_owned (exp_dtype_new_enum (exp_dtype_new_number (EXP_TYPE_INT, 1, FALSE), 0, NULL));
  check_owned (exp_dtype_new_vlen (exp_dtype_new_vlen (new_enum (FALSE))));
  check_owned (exp_dtype_new_array (exp_dtype_new_reference (TRUE), 2, dims, NULL));

  ExpMember inner[] = { { (char *)"", exp_dtype_new_vstring (TRUE), 0 },
                        { (char *)"b", exp_dtype_new_vlen (exp_dtype_new_vstring (FALSE)), sizeof (ExpVlen) } };
  ExpDtype *compound = exp_dtype_new_compound (2 * sizeof (ExpVlen), 2, inner, NULL);
  ExpMember outer[] = { { (char *)"z", exp_dtype_new_array (compound, 1, dims, NULL), 8 },
                        { (char *)"a", exp_dtype_new_number (EXP_TYPE_FLOAT, 4, TRUE), 1 } };
  check_owned (exp_dtype_new_compound (100, 2, outer, NULL));
  check_owned (exp_dtype_new_compound (0, 0, NULL, NULL));
  check_owned (exp_dtype_new_compound (7, 0, NULL, NULL));
}

static void
test_what_is_no_type_is_refused (void)
{
  static const char *const texts[] = {
    "",
    "null",
    "\"\"",
    "\"<\"",
    "\"<i\"",
    "\"<i0\"",
    "\"i4\"",
    "\"<x4\"",
    "\"|i4\"",
    "\"<i4\" x",
    "\"<i99999999999\"",
    "\"<f3\"",
    "\"<c6\"",
    "\"<b2\"",
    "{}",
    "{",
    "{\"binary128\": \"<f8\"}",
    "{\"bitfield\": \"<i2\"}",
    "{\"bitfield\": \"<u2\", \"tag\": \"x\"}",
    "{\"bitfield\": \"<u2\", \"list\": \"<u2\"}",
    "{\"length\": 3}",
    "{\"string\": \"latin-1\"}",
    "{\"string\": \"ucs-4\"}",
    "{\"string\": \"ascii\", \"padding\": \"null\"}",
    "{\"string\": \"ascii\", \"length\": 3, \"padding\": \"zero\"}",
    "{\"string\": \"ascii\", \"length\": 3, \"length\": 3}",
    "{\"string\": \"ascii\", \"length\": -1}",
    "{\"string\": \"ascii\", \"length\": 99999999999}",
    "{\"opaque\": 0}",
    "{\"opaque\": 2, \"tag\": \"a\\u0000b\"}",
    "{\"reference\": \"file\"}",
    "{\"enum\": \"<i2\"}",
    "{\"enum\": \"<f4\", \"members\": {}}",
    "{\"enum\": \"|i1\", \"members\": {\"A\": 128}}",
    "{\"enum\": \"|u1\", \"members\": {\"A\": -1}}",
    "{\"enum\": \"|u1\", \"members\": {\"A\": 1, \"A\": 2}}",
    "{\"array\": \"<i2\"}",
    "{\"array\": \"<i2\", \"shape\": []}",
    "{\"array\": \"<i2\", \"shape\": [0]}",
    "{\"array\": \"<i2\", \"shape\": [4294967296, 4294967296, 4294967296]}",
    "{\"array\": {\"array\": \"<i2\", \"shape\": [1000000]}, \"shape\": [1000000]}",
    "{\"compound\": [[\"a\", \"<i2\"], [\"a\", \"<i2\"]]}",
    "{\"compound\": [[\"a\", \"<i2\", 4], [\"b\", \"<i4\", 2]]}",
    "{\"compound\": [[\"a\", {\"string\": \"utf-8\"}, 0], [\"b\", \"<i8\", 8]]}",
    "{\"compound\": [[\"a\", \"<i2\"]], \"size\": 1}",
    "{\"compound\": [[\"a\"]]}",
    "{\"compound\": [[\"a\", \"<i2\", 1, 2]]}",
    "{\"compound\": [[\"a\", \"<i2\"]",
    "{\"list\": }",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_test_message ("%s", texts[i]);
      g_assert_null (exp_dtype_from_json (texts[i], strlen (texts[i]), &error));
      g_assert_error (error, EXP_ERROR, EXP_ERROR_INVALID);
    }
}

static void
test_depth_is_bounded (void)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < 100000; i++)
    g_string_append (text, "{\"list\":");
  g_assert_null (exp_dtype_from_json (text->str, text->len, NULL));
}

/* Every text cut short, and with each byte changed, is refused or a type again. */
static void
test_damaged_texts_do_no_harm (void)
{
  static const char text[]
      = "{\"compound\": [[\"a\", {\"enum\": \"|i1\", \"members\": {\"X\": 1}}, 0], [\"b\", {\"array\": "
        "{\"string\": \"utf-8\", \"length\": 3, \"padding\": \"space\"}, \"shape\": [2]}, 4], [\"c\", "
        "{\"list\": {\"opaque\": 2, \"tag\": \"t\"}}, 16]], \"size\": 40}";
  g_autofree char *copy = g_strdup (text);

  for (gsize at = 0; at < sizeof text - 1; at++)
    {
      g_autoptr (ExpDtype) cut = exp_dtype_from_json (text, at, NULL);
      g_assert_null (cut);
      for (guint byte = 1; byte < 128; byte += 3)
        {
          copy[at] = byte;
          g_autoptr (ExpDtype) dtype = exp_dtype_from_json (copy, sizeof text - 1, NULL);
          if (dtype != NULL)
            check (dtype);
        }
      copy[at] = text[at];
    }
}

/* --- the types of attributes -------------------------------------------------------------------------------- */

static void
check_attribute (const char *name, ExpArray *value)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  gsize length;

  g_string_append_printf (out, "{\"%s\": ", name);
  exp_attribute_type_append (value, out);
  g_string_append_c (out, '}');
  g_test_message ("%s", out->str);
  g_autofree char *text = exp_attribute_text (value, 0, &length, &error);
  g_assert_no_error (error);
  g_autoptr (GHashTable) types = exp_attribute_types_parse (out->str, out->len, &error);
  g_assert_no_error (error);
  const ExpAttributeType *type = g_hash_table_lookup (types, name);
  g_assert_nonnull (type);
  g_autoptr (ExpArray) same = exp_attribute_parse_as (type, text, length, &error);
  g_assert_no_error (error);
  g_assert_true (exp_dtype_equal (same->dtype, value->dtype));
  g_assert_cmpuint (same->rank, ==, value->rank);
  g_assert_cmpuint (same->n_elements, ==, value->n_elements);
  if (!exp_dtype_has_vlen (value->dtype) && value->n_elements > 0)
    g_assert_cmpmem (same->data, same->n_elements * same->dtype->size, value->data,
                     value->n_elements * value->dtype->size);
  exp_array_unref (value);
}

static ExpArray *
zeros (ExpDtype *dtype, guint rank, const guint64 *shape)
{
  g_autoptr (ExpDtype) owned = dtype;

  return exp_array_new (owned, rank, shape, NULL);
}

static void
test_attributes_come_back_in_their_type_and_shape (void)
{
  const guint64 one[] = { 1 }, none[] = { 0, 3 }, grid[] = { 2, 3 };
  ExpArray *null = zeros (exp_dtype_new_number (EXP_TYPE_FLOAT, 4, FALSE), 0, NULL);

  null->n_elements = 0;
  check_attribute ("null", null);
  check_attribute ("int32", zeros (exp_dtype_new_number (EXP_TYPE_INT, 4, TRUE), 0, NULL));
  check_attribute ("one", zeros (exp_dtype_new_number (EXP_TYPE_UINT, 1, TRUE), 1, one));
  check_attribute ("none", zeros (exp_dtype_new_string (3, EXP_PAD_SPACE, TRUE), 2, none));
  check_attribute ("bits", zeros (exp_dtype_new_number (EXP_TYPE_BITFIELD, 2, TRUE), 2, grid));
  check_attribute ("opaque", zeros (exp_dtype_new_opaque (3, "t"), 2, grid));
  check_attribute ("list", zeros (exp_dtype_new_vlen (exp_dtype_new_number (EXP_TYPE_FLOAT, 4, FALSE)), 2, grid));
  check_attribute ("bool", zeros (exp_dtype_new_number (EXP_TYPE_BOOL, 1, FALSE), 0, NULL));
  check_attribute ("reference", zeros (exp_dtype_new_reference (FALSE), 1, one));
}

static void
test_texts_that_say_all_need_no_type (void)
{
  g_autoptr (ExpArray) integer = exp_array_new_int (-7), real = exp_array_new_float (0.5),
                       text = exp_array_new_text ("words"), number = exp_array_new_text ("12");

  g_assert_false (exp_attribute_needs_type (integer, "-7", 2));
  g_assert_false (exp_attribute_needs_type (real, "0.5", 3));
  g_assert_false (exp_attribute_needs_type (text, "words", 5));
  g_assert_true (exp_attribute_needs_type (number, "12", 2));
}

static void
test_other_objects_are_refused (void)
{
  static const char *const texts[] = { "",
                                       "[]",
                                       "{\"a\"}",
                                       "{\"a\": {}}",
                                       "{\"a\": {\"type\": \"<i4\"}",
                                       "{\"a\": {\"type\": \"<i4\", \"type\": \"<i4\"}}",
                                       "{\"a\": {\"type\": \"<i4\", \"shape\": nul}}",
                                       "{\"a\": {\"type\": \"<i4\", \"size\": 1}}",
                                       "{\"a\": {\"type\": \"<i4\"}} x" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (exp_attribute_types_parse (texts[i], strlen (texts[i]), &error));
      g_assert_error (error, EXP_ERROR, EXP_ERROR_INVALID);
    }
}

/* --- what stores have --------------------------------------------------------------------------------------- */

typedef struct
{
  GHashTable *seen; /* identities */
  guint n;
} Walk;

static void check_node (ExpNode *node, Walk *walk);

static gboolean
check_child (const char *name, ExpNode *child, gpointer data)
{
  check_node (child, data);
  return TRUE;
}

static void
check_node (ExpNode *node, Walk *walk)
{
  g_auto (ExpInfo) info = { 0 };

  if (!exp_node_describe (node, &info, NULL)
      || (info.identity != 0 && !g_hash_table_add (walk->seen, g_memdup2 (&info.identity, sizeof info.identity))))
    return;
  g_auto (GStrv) names = exp_node_list_attributes (node, NULL);
  for (char **name = names; name != NULL && *name != NULL; name++)
    {
      g_autoptr (ExpArray) value = exp_node_read_attribute (node, *name, NULL);
      if (value != NULL)
        check (value->dtype);
    }
  if (info.dtype != NULL)
    {
      check (info.dtype);
      walk->n++;
    }
  if (info.kind == EXP_KIND_GROUP)
    exp_node_list (node, 0, check_child, walk, NULL);
}

static void
test_types_of_the_reference_stores (void)
{
  const char *shared = g_getenv ("EXPFS_SHARED");
  g_autofree char *folder = g_build_filename (shared != NULL ? shared : "../shared", "stores", "hdf5-suite", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  Walk walk = { g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL), 0 };
  const char *name;

  if (dir == NULL)
    g_test_skip ("no ../shared/stores");
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      const ExpStoreOptions options = { 0 };
      g_autoptr (ExpStore) store = exp_store_open (path, &options, NULL);

      g_hash_table_remove_all (walk.seen);
      if (store != NULL)
        check_node (exp_store_get_root (store), &walk);
    }
  g_assert_true (dir == NULL || walk.n > 100);
  g_hash_table_unref (walk.seen);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/type-json/without-parts", test_types_without_parts);
  g_test_add_func ("/type-json/of-types", test_types_of_types);
  g_test_add_func ("/type-json/refused", test_what_is_no_type_is_refused);
  g_test_add_func ("/type-json/depth", test_depth_is_bounded);
  g_test_add_func ("/type-json/damaged", test_damaged_texts_do_no_harm);
  g_test_add_func ("/type-json/stores", test_types_of_the_reference_stores);
  g_test_add_func ("/attribute-types/round-trip", test_attributes_come_back_in_their_type_and_shape);
  g_test_add_func ("/attribute-types/not-needed", test_texts_that_say_all_need_no_type);
  g_test_add_func ("/attribute-types/refused", test_other_objects_are_refused);
  return g_test_run ();
}
