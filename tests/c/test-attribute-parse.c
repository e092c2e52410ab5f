/* Attributes out of their text: the inverse of exp_attribute_text for every type, and types that a text makes itself.
 */
#include "expfs/expfs.h"
#include "random_values.h"
#include <string.h>

static void
check_value (ExpArray *value)
{
  g_autoptr (GError) error = NULL;
  gsize length, again;
  g_autofree char *text = exp_attribute_text (value, 0, &length, &error);
  g_autoptr (ExpArray) back = exp_attribute_parse (value->dtype, value->rank, value->shape, text, length, &error);

  if (error != NULL)
    g_error ("%s: %s", text, error->message);
  g_assert_true (exp_dtype_equal (back->dtype, value->dtype));
  g_assert_cmpuint (back->rank, ==, value->rank);
  g_assert_cmpmem (back->shape, back->rank * 8, value->shape, value->rank * 8);
  g_autofree char *same = exp_attribute_text (back, 0, &again, NULL);
  g_assert_cmpmem (same, again, text, length);
  if (exp_dtype_is_numeric (value->dtype) && value->dtype->type != EXP_TYPE_COMPOUND && strstr (text, "nan") == NULL
      && strstr (text, "NaN") == NULL)
    g_assert_cmpmem (back->data, back->n_elements * back->dtype->size, value->data,
                     value->n_elements * value->dtype->size);
}

static void
every_type_reads_back_what_it_prints (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);

  for (guint i = 0; i < 4000; i++)
    {
      g_autoptr (ExpDtype) dtype = random_dtype (rand, 2, TRUE);
      const guint rank = g_rand_int_range (rand, 0, 4);
      guint64 shape[4];

      for (guint k = 0; k < rank; k++)
        shape[k] = g_rand_int_range (rand, k > 0, 4);
      g_autoptr (ExpArray) value = exp_array_new (dtype, rank, shape, NULL);
      fill_randomly (rand, dtype, value->data, value->n_elements, value, TRUE);
      check_value (value);
    }
}

static ExpArray *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  ExpArray *value = exp_array_parse_text (text, strlen (text), &error);

  g_assert_no_error (error);
  return value;
}

static void
a_text_alone_makes_its_type (void)
{
  static const struct
  {
    const char *text;
    ExpTypeClass type;
    guint rank;
    guint64 n;
  } cases[] = {
    { "42", EXP_TYPE_INT, 0, 1 },
    { "-1e5", EXP_TYPE_FLOAT, 0, 1 },
    { "9223372036854775808", EXP_TYPE_FLOAT, 0, 1 },
    { "nan", EXP_TYPE_FLOAT, 0, 1 },
    { "", EXP_TYPE_VSTRING, 0, 1 },
    { "true", EXP_TYPE_VSTRING, 0, 1 },
    { "1 2", EXP_TYPE_VSTRING, 0, 1 },
    { "0x10", EXP_TYPE_VSTRING, 0, 1 },
    { "[1, 2, 3]", EXP_TYPE_INT, 1, 3 },
    { "[[1, 2], [3, NaN]]", EXP_TYPE_FLOAT, 2, 4 },
    { "[\"a\", \"b\\n\"]", EXP_TYPE_VSTRING, 1, 2 },
    { "[]", EXP_TYPE_FLOAT, 1, 0 },
    { "[1, \"a\"]", EXP_TYPE_VSTRING, 0, 1 },
    { "[[1], [2, 3]]", EXP_TYPE_VSTRING, 0, 1 },
    { "[1, 2", EXP_TYPE_VSTRING, 0, 1 },
    { "[1, 2] and more", EXP_TYPE_VSTRING, 0, 1 },
    { "{\"a\": 1}", EXP_TYPE_VSTRING, 0, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ExpArray) value = parse (cases[i].text);

      g_assert_cmpint (value->dtype->type, ==, cases[i].type);
      g_assert_cmpuint (value->rank, ==, cases[i].rank);
      g_assert_cmpuint (value->n_elements, ==, cases[i].n);
      if (value->rank == 0 && value->dtype->type == EXP_TYPE_VSTRING)
        {
          g_autofree char *text = exp_array_dup_text (value);
          g_assert_cmpstr (text, ==, cases[i].text);
        }
    }
}

static void
a_type_that_is_there_is_kept (void)
{
  g_autoptr (ExpDtype) small = exp_dtype_new_number (EXP_TYPE_INT, 1, FALSE);
  g_autoptr (ExpDtype) string = exp_dtype_new_string (3, EXP_PAD_NUL, TRUE);
  const guint64 shape[] = { 2, 2 };
  static const char *const no[] = { "[[1, 2], [3, 128]]", "[1, 2]", "[[1, 2], [3]]", "[[1, 2]", "[[1, 2],]", "x", "" };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (no); i++)
    {
      g_assert_null (exp_attribute_parse (small, 2, shape, no[i], strlen (no[i]), &error));
      g_assert_error (error, EXP_ERROR, EXP_ERROR_INVALID);
      g_clear_error (&error);
    }
  g_autoptr (ExpArray) longer = exp_attribute_parse (small, 2, shape, "[[1], [2], [3]]", 15, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (longer->shape[0], ==, 3);
  g_assert_cmpuint (longer->shape[1], ==, 1);
  g_autoptr (ExpArray) text = exp_attribute_parse (string, 0, NULL, "longer", 6, &error);
  g_assert_cmpuint (text->dtype->size, ==, 6);
  g_autoptr (ExpArray) texts = exp_attribute_parse (string, 1, shape, "[\"longer\", \"\\udcff\"]", 20, &error);
  g_assert_cmpmem (texts->data, 12, "longer\xff\0\0\0\0\0", 12);
  g_autoptr (ExpArray) nothing = exp_attribute_parse (small, 0, NULL, "", 0, &error);
  g_assert_cmpuint (nothing->n_elements, ==, 0);
  g_assert_null (exp_array_parse_text ("a\0b", 3, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_INVALID);
}

/* A value may be nested as deeply as a hostile writer likes. */
static void
deep_nesting_is_a_string (void)
{
  g_autofree char *deep = g_strnfill (60000, '[');
  g_autoptr (ExpArray) value = parse (deep);

  g_assert_cmpint (value->dtype->type, ==, EXP_TYPE_VSTRING);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/attribute-parse/every-type-reads-back", every_type_reads_back_what_it_prints);
  g_test_add_func ("/attribute-parse/a-text-alone", a_text_alone_makes_its_type);
  g_test_add_func ("/attribute-parse/a-type-that-is-there", a_type_that_is_there_is_kept);
  g_test_add_func ("/attribute-parse/deep-nesting", deep_nesting_is_a_string);
  return g_test_run ();
}
