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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pickle/values-read-as-python-made-them", test_values_read_as_python_made_them);
  g_test_add_func ("/pickle/damaged-pickles-cost-an-error", test_damaged_pickles_cost_an_error);
  g_test_add_func ("/pickle/lists-become-arrays-of-their-common-type", test_lists_become_arrays_of_their_common_type);
  return g_test_run ();
}
