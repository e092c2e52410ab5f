/* Pickles of all protocols, read without running them; damaged ones cost an error. */
#include "core/format/pickle/pickle.h"
#include "expfs/expfs.h"
#include <string.h>

static char *
text_of (const char *bytes, gsize length)
{
  g_autoptr (GBytes) data = g_bytes_new (bytes, length);
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpPickle) pickle = exp_pickle_parse (data, &error);
  GString *text = g_string_new (NULL);

  g_assert_no_error (error);
  exp_pickle_append_text (exp_pickle_root (pickle), text);
  return g_string_free (text, FALSE);
}

typedef struct
{
  const char *bytes;
  gsize length;
  const char *text;
} Case;

#define CASE(bytes, text)                                                                                              \
  {                                                                                                                    \
    bytes, sizeof bytes - 1, text                                                                                      \
  }

/* Written by CPython 3.11's pickle.dumps; the text is what the value reads as. */
static const Case cases[] = {
  CASE ("N.", "null"),
  CASE ("I01\n.", "true"),
  CASE ("L1180591620717411303424L\n.", "1180591620717411303424"),
  CASE ("F-0.1\n.", "-0.1"),
  CASE ("V\\u20ac \\U0001f600\n.", "\xe2\x82\xac \xf0\x9f\x98\x80"),
  CASE ("S'it\\'s \\x41'\np0\n.", "it's A"),
  CASE ("(lp0\nI1\naVtwo\np1\naF3.0\na.", "[1, \"two\", 3.0]"),
  CASE ("(I1\n(dp0\nVk\np1\nNstp2\n.", "[1, {\"k\": null}]"),
  CASE ("\x80\x02]q\x00(K\x01J\xff\xff\xff\xffM\x00\x01\x88"
        "e.",
        "[1, -1, 256, true]"),
  CASE ("\x80\x02}q\x00X\x01\x00\x00\x00kq\x01G?\xf8\x00\x00\x00\x00\x00\x00s.", "{\"k\": 1.5}"),
  CASE ("\x80\x02\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x80.", "-2361183241434822606848"),
  CASE ("\x80\x02\x8a\x00.", "0"),
  CASE ("\x80\x02"
        "c__builtin__\ncomplex\nq\x00G?\xf0\x00\x00\x00\x00\x00\x00G@\x00\x00\x00\x00\x00\x00\x00\x86q\x01Rq\x02.",
        "1+2j"),
  CASE ("\x80\x02"
        "c_codecs\nencode\nq\x00X\x02\x00\x00\x00\xc3\xbfq\x01X\x06\x00\x00\x00latin1q\x02\x86q\x03Rq\x04.",
        "\xff"),
  CASE ("\x80\x03"
        "C\x02\x00\x01q\x00.",
        ""),
  CASE ("\x80\x04\x95\x09\x00\x00\x00\x00\x00\x00\x00\x8f\x94(K\x01K\x02\x90.", "[1, 2]"),
  CASE ("\x80\x04\x95\x1a\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x94\x8c\x06system\x94\x93\x94\x8c\x02id\x94\x85\x94R"
        "\x94.",
        "<os.system>"),
  CASE ("]q\x00(h\x00"
        "e.",
        "[[[[[[[[[[[[[[[[[[...]]]]]]]]]]]]]]]]]]"), /* a list that contains itself */
};

static void
test_values_read_as_python_made_them (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = text_of (cases[i].bytes, cases[i].length);

      g_test_message ("case %u", i);
      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

/* Each prefix of each pickle, and each with one byte changed, parses or fails; nothing worse. */
static void
test_damaged_pickles_cost_an_error (void)
{
  guint n_failed = 0;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *bytes = g_memdup2 (cases[i].bytes, cases[i].length);

      for (gsize at = 0; at < cases[i].length; at++)
        {
          g_autoptr (GBytes) cut = g_bytes_new (bytes, at);
          g_autoptr (ExpPickle) none = exp_pickle_parse (cut, NULL);
          g_assert_null (none);

          for (guint change = 1; change < 256; change++)
            {
              char kept = bytes[at];
              g_autoptr (GBytes) data = NULL;
              g_autoptr (ExpPickle) pickle = NULL;

              bytes[at] = (char)(kept ^ change);
              data = g_bytes_new (bytes, cases[i].length);
              pickle = exp_pickle_parse (data, NULL);
              n_failed += pickle == NULL;
              bytes[at] = kept;
              if (pickle != NULL)
                {
                  g_autoptr (ExpNode) node = exp_pickle_node_new (pickle, exp_pickle_record (pickle), FALSE);
                  g_autoptr (ExpArray) array = exp_node_read_all (node, NULL);
                }
            }
        }
    }
  g_assert_cmpuint (n_failed, >, 0);
}

static void
test_lists_become_arrays_of_their_common_type (void)
{
  static const struct
  {
    const char *bytes, *dtype;
  } lists[] = { { "(lI1\naI2\na.", "<i8" }, { "(lF1\naF2\na.", "<f8" }, { "(lI01\naI00\na.", "|b1" },
                { "(lI1\naF2\na.", "|O" },  { "(lVa\na.", "|O" },       { "(l.", "<f8" },
                { "(lI1\naI01\na.", "|O" } };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_autoptr (GBytes) data = g_bytes_new (lists[i].bytes, strlen (lists[i].bytes));
      g_autoptr (ExpPickle) pickle = exp_pickle_parse (data, NULL);
      g_autoptr (ExpArray) array = exp_pickle_to_array (exp_pickle_root (pickle), NULL);
      g_autofree char *dtype = exp_dtype_to_numpy (array->dtype, FALSE);

      g_assert_cmpuint (array->rank, ==, 1);
      g_assert_cmpstr (dtype, ==, lists[i].dtype);
    }
}

/* --- what a few bytes ask for very often ---------------------------------------------------------------------- */

#define ADD(pickle, bytes) g_byte_array_append (pickle, (const guint8 *)(bytes), sizeof (bytes) - 1)

static void
add_text (GByteArray *pickle, gsize length)
{
  const guint8 head[] = { 'X', length & 255, length >> 8 & 255, length >> 16 & 255, length >> 24 & 255 };
  g_autofree guint8 *text = g_malloc (length);

  memset (text, 'x', length);
  g_byte_array_append (pickle, head, sizeof head);
  g_byte_array_append (pickle, text, length);
}

static void
add_often (GByteArray *pickle, const char *bytes, guint n)
{
  for (guint i = 0; i < n; i++)
    g_byte_array_append (pickle, (const guint8 *)bytes, strlen (bytes));
}

static ExpPickle *
parse (const GByteArray *bytes, GError **error)
{
  g_autoptr (GBytes) data = g_bytes_new (bytes->data, bytes->len);

  return exp_pickle_parse (data, error);
}

static gboolean
count_child (const char *name, ExpNode *child, gpointer data)
{
  g_ptr_array_add (data, g_strdup (name));
  return TRUE;
}

static GPtrArray *
list_names (ExpNode *group)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  g_assert_true (exp_node_list (group, 0, count_child, names, NULL));
  return names;
}

static void
test_a_key_that_comes_again_replaces_the_value (void)
{
  static const char bytes[] = "\x80\x02}(X\x01\x00\x00\x00"
                              "aK\x01K\x07K\x02U\x01"
                              "aK\x03\x88K\x04G@\x1c\x00\x00\x00\x00\x00\x00K\x05K\x01K\x06NK\x07NK\x08u.";
  g_autoptr (GBytes) data = g_bytes_new_static (bytes, sizeof bytes - 1);
  g_autoptr (ExpPickle) pickle = exp_pickle_parse (data, NULL);
  g_autoptr (ExpNode) root = exp_pickle_node_new (pickle, exp_pickle_record (pickle), FALSE);
  g_autoptr (GPtrArray) names = list_names (root);
  static const char *const expected[] = { "a", "7", "true", "null" };
  static const gint64 values[] = { 3, 5, 6, 8 };

  g_assert_cmpuint (names->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < names->len; i++)
    {
      g_autoptr (ExpNode) child = exp_node_lookup (root, expected[i], NULL);
      g_autoptr (ExpArray) value = exp_node_read_all (child, NULL);
      gint64 number;

      g_assert_cmpstr (names->pdata[i], ==, expected[i]);
      g_assert_true (exp_array_get_int (value, &number));
      g_assert_cmpint (number, ==, values[i]);
    }
}

/* Lists of lists of lists, each with the next one a thousand times, as what is told of an object. */
static void
test_texts_of_shared_lists_are_bounded (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  gsize n_bytes = 0;

  ADD (bytes, "\x80\x02(K\x01Nlq\x00"
              "0");
  for (guint8 level = 0; level < 8; level++)
    {
      const guint8 get[] = { 'h', level, '\0' }, put[] = { 'l', 'q', level + 1, '0' };

      ADD (bytes, "(");
      for (guint i = 0; i < 1000; i++)
        g_byte_array_append (bytes, get, 2);
      g_byte_array_append (bytes, put, sizeof put);
    }
  ADD (bytes, "h\x08.");
  g_autoptr (ExpPickle) pickle = parse (bytes, NULL);
  g_assert_nonnull (pickle);
  g_autoptr (ExpArray) array = exp_pickle_to_array (exp_pickle_root (pickle), NULL);
  g_assert_cmpuint (array->n_elements, ==, 1000);
  for (gsize i = 0; i < array->n_elements; i++)
    n_bytes += ((ExpVlen *)array->data)[i].length;
  g_assert_cmpuint (n_bytes, >, 100000);
  g_assert_cmpuint (n_bytes, <, 8 << 20);
}

static void
test_a_long_text_met_very_often_is_a_file_each_time (void)
{
  g_autoptr (GByteArray) few = g_byte_array_new (), often = g_byte_array_new ();
  GByteArray *lists[] = { few, often };

  for (guint i = 0; i < 2; i++)
    {
      g_auto (ExpInfo) info = { 0 };

      ADD (lists[i], "\x80\x02");
      add_text (lists[i], 100000);
      ADD (lists[i], "q\x01"
                     "0(");
      add_often (lists[i], "h\x01", i == 0 ? 5 : 5000);
      ADD (lists[i], "l.");
      g_autoptr (ExpPickle) pickle = parse (lists[i], NULL);
      g_autoptr (ExpNode) node = exp_pickle_node_new (pickle, exp_pickle_record (pickle), FALSE);
      g_assert_true (exp_node_describe (node, &info, NULL));
      g_assert_cmpint (info.kind, ==, i == 0 ? EXP_KIND_DATASET : EXP_KIND_GROUP);
      if (i == 0)
        {
          g_autoptr (ExpArray) array = exp_node_read_all (node, NULL);
          const ExpVlen *cells = (const ExpVlen *)array->data;
          g_assert_cmpuint (cells[4].length, ==, 100000);
          g_assert_true (cells[0].data == cells[4].data); /* the same bytes */
        }
    }
}

static void
test_names_that_are_put_together_are_cut (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  ADD (bytes, "\x80\x02");
  add_text (bytes, 4000);
  ADD (bytes, "q\x01"
              "0}(");
  add_often (bytes, "h\x01h\x01\x86N", 100);
  ADD (bytes, "u.");
  g_autoptr (ExpPickle) pickle = parse (bytes, NULL);
  g_autoptr (ExpNode) root = exp_pickle_node_new (pickle, exp_pickle_record (pickle), FALSE);
  g_autoptr (GPtrArray) names = list_names (root);
  g_assert_cmpuint (names->len, ==, 100);
  for (guint i = 0; i < names->len; i++)
    g_assert_cmpuint (strlen (names->pdata[i]), <, 300);
}

/* What Python writes for a long list of small things, without the memo that nobody reads. */
static void
test_lists_of_very_many_small_things_are_read (void)
{
  static const char *const things[] = { "}", "]", "N\x85", "\x8f", "h\x01)\x81", "h\x01)R", "h\x01h\x02\x85R" };

  for (guint i = 0; i < G_N_ELEMENTS (things); i++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      g_autoptr (GError) error = NULL;

      ADD (bytes, "\x80\x04\x8c\x01m\x8c\x01"
                  "C\x93q\x01"
                  "0Nq\x02"
                  "0](");
      for (guint batch = 0; batch < 400; batch++)
        {
          add_often (bytes, things[i], 1000);
          ADD (bytes, "e(");
        }
      ADD (bytes, "e.");
      g_autoptr (ExpPickle) pickle = parse (bytes, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (exp_pickle_n_items (exp_pickle_root (pickle)), ==, 400000);
    }
}

/* Arguments, states and fields that very many objects have together are looked at as often: that is refused. */
static void
test_work_that_is_asked_for_very_often_is_refused (void)
{
  static const struct
  {
    const char *first, *thing; /* a GLOBAL; what makes an object of it and of the list or dict 2 */
    gboolean is_dict;
  } cases[] = {
    { "cpathlib\nPurePath\n", "h\x01h\x02R", FALSE },
    { "cpathlib\nPurePosixPath\n", "h\x01h\x02R", FALSE },
    { "cuuid\nUUID\n",
      "h\x01)\x81h\x02"
      "b",
      TRUE },
    { "cm\nC\n",
      "h\x01)\x81h\x02"
      "b",
      TRUE },
    { "cbuiltins\nset\n", "h\x01h\x02\x85R", FALSE },
    { "cpandas.core.indexes.base\n_new_Index\n", "h\x01h\x01h\x02\x86R", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      g_autoptr (GError) error = NULL;

      add_often (bytes, cases[i].first, 1);
      ADD (bytes, "q\x01"
                  "0X\x00\x00\x00\x00q\x03"
                  "0(");
      add_often (bytes, "h\x03", 40000);
      add_often (bytes, cases[i].is_dict ? "d" : "t", 1);
      ADD (bytes, "q\x02"
                  "0(");
      add_often (bytes, cases[i].thing, 20000);
      ADD (bytes, "l.");
      g_autoptr (ExpPickle) pickle = parse (bytes, &error);
      g_assert_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pickle/values-read-as-python-made-them", test_values_read_as_python_made_them);
  g_test_add_func ("/pickle/damaged-pickles-cost-an-error", test_damaged_pickles_cost_an_error);
  g_test_add_func ("/pickle/lists-become-arrays-of-their-common-type", test_lists_become_arrays_of_their_common_type);
  g_test_add_func ("/pickle/a-key-that-comes-again-replaces-the-value", test_a_key_that_comes_again_replaces_the_value);
  g_test_add_func ("/pickle/texts-of-shared-lists-are-bounded", test_texts_of_shared_lists_are_bounded);
  g_test_add_func ("/pickle/a-long-text-met-very-often-is-a-file-each-time",
                   test_a_long_text_met_very_often_is_a_file_each_time);
  g_test_add_func ("/pickle/names-that-are-put-together-are-cut", test_names_that_are_put_together_are_cut);
  g_test_add_func ("/pickle/lists-of-very-many-small-things-are-read", test_lists_of_very_many_small_things_are_read);
  g_test_add_func ("/pickle/work-that-is-asked-for-very-often-is-refused",
                   test_work_that_is_asked_for_very_often_is_refused);
  return g_test_run ();
}
