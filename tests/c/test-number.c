/* Numbers as text: the shortest digits that read back, in Python's form. */
#include "expfs/array.h"
#include "expfs/number.h"
#include <math.h>
#include <string.h>

static const char *
double_text (double value)
{
  static char text[32];

  text[exp_double_format (value, text)] = '\0';
  return text;
}

static void
doubles_print_as_python_prints_them (void)
{
  const struct
  {
    double value;
    const char *text;
  } cases[] = {
    { 0.1, "0.1" },
    { 1e-5, "1e-05" },
    { 1e-4, "0.0001" },
    { 1e16, "1e+16" },
    { 1e15, "1000000000000000.0" },
    { 1, "1.0" },
    { -0.0, "-0.0" },
    { 0, "0.0" },
    { NAN, "nan" },
    { INFINITY, "inf" },
    { -INFINITY, "-inf" },
    { 5e-324, "5e-324" },
    { 2.2250738585072014e-308, "2.2250738585072014e-308" },
    { 2.225073858507201e-308, "2.225073858507201e-308" },
    { 1.7976931348623157e308, "1.7976931348623157e+308" },
    { 9007199254740993, "9007199254740992.0" },
    { 1e23, "1e+23" },
    { 9.5e-3, "0.0095" },
    { 1e22, "1e+22" },
    { 123456789012345680, "1.2345678901234568e+17" },
    { 0x1p-1074, "5e-324" },
    { 0x1p1023, "8.98846567431158e+307" },
    { 2e-44, "2e-44" },
    { 2251799813685248.5, "2251799813685248.5" },
    { 1.0 / 3, "0.3333333333333333" },
    { -123.456, "-123.456" },
    { 1e100, "1e+100" },
    { 0.30000000000000004, "0.30000000000000004" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpstr (double_text (cases[i].value), ==, cases[i].text);
}

/* Number of significant digits of a printed number. */
static guint
significant_digits (const char *text)
{
  guint n = 0, zeros = 0;

  for (; *text != '\0' && *text != 'e'; text++)
    if (g_ascii_isdigit (*text))
      {
        if (*text != '0')
          {
            n += zeros + 1;
            zeros = 0;
          }
        else if (n > 0)
          zeros++;
      }
  return n;
}

/* The same double must come back, and one digit fewer must not do. */
static void
random_doubles_are_exact_and_shortest (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);

  for (guint i = 0; i < 200000; i++)
    {
      guint64 bits = (guint64)g_rand_int (rand) << 32 | g_rand_int (rand);
      double value, back;
      char shorter[40];

      if (i % 4 == 0)
        bits
            &= G_GUINT64_CONSTANT (0xfff0000000000000) | (i % 16 == 0 ? 0 : 1); /* powers of two and their neighbours */
      memcpy (&value, &bits, 8);
      if (!isfinite (value) || value == 0)
        continue;
      const char *text = double_text (value);
      guint n = significant_digits (text);
      g_assert_true (exp_double_parse (text, strlen (text), &back));
      g_assert_cmpfloat (back, ==, value);
      if (n > 1)
        {
          g_snprintf (shorter, sizeof shorter, "%.*e", (int)n - 2, value);
          g_assert_cmpfloat (g_ascii_strtod (shorter, NULL), !=, value);
        }
    }
}

/* Every 4999th of all 2^32; scripts/check-all-floats takes them all. */
static void
a_sample_of_all_floats_is_exact (void)
{
  for (guint64 bits = 0; bits <= G_MAXUINT32; bits += 4999)
    {
      guint32 low = bits;
      char text[33];
      float value;

      memcpy (&value, &low, 4);
      if (isnan (value))
        continue;
      gsize length = exp_float_format (value, text);
      text[length] = '\0';
      g_assert_cmpuint (length, <=, 19);
      g_assert_true (strtof (text, NULL) == value);
      g_assert_cmpuint (significant_digits (text), <=, 9);
    }
}

static double
half_value (guint16 bits)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_FLOAT, 2, FALSE);

  return exp_cell_double (dtype, (guint8 *)&bits);
}

/* A printed half must lie closer to its own value than to either neighbour's. */
static void
every_half_is_exact (void)
{
  for (guint bits = 0; bits < 0x7c00; bits++)
    {
      char text[33];
      double value = half_value (bits), printed;
      double below = bits > 0 ? half_value (bits - 1) : -half_value (1);
      double above = bits < 0x7bff ? half_value (bits + 1) : 65536;

      gsize length = exp_half_format (bits, text);
      g_assert_cmpuint (length, <=, 11);
      g_assert_true (exp_double_parse (text, length, &printed));
      g_assert_true (printed >= (below + value) / 2 && printed <= (value + above) / 2);
    }
}

static void
expect_cell (ExpDtype *dtype, gconstpointer bytes, const char *text)
{
  g_autoptr (ExpDtype) owned = dtype;
  g_autoptr (GString) out = g_string_new (NULL);

  exp_cell_format (owned, bytes, out);
  g_assert_cmpstr (out->str, ==, text);
  g_assert_cmpuint (out->len, <=, exp_cell_max_width (owned));
}

static void
cells_of_every_class_have_their_text (void)
{
  const guint8 wide[16] = { 0x80 },
               ones[16] = { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 };
  const ExpEnumMember members[] = { { (char *)"RED", 0 }, { (char *)"tab\there", -1 } };
  const double z[2] = { 1, 2 }, w[2] = { -0.0, NAN };
  const float c[2] = { 0.1f, -INFINITY };
  long double third = 1.0L / 3;
  guint8 extended[16] = { 0 };

  memcpy (extended, &third, 10);
  expect_cell (exp_dtype_new_number (EXP_TYPE_INT, 16, TRUE), wide, "-170141183460469231731687303715884105728");
  expect_cell (exp_dtype_new_number (EXP_TYPE_UINT, 16, FALSE), ones, "340282366920938463463374607431768211455");
  expect_cell (exp_dtype_new_number (EXP_TYPE_UINT, 16, FALSE), wide, "128");
  expect_cell (exp_dtype_new_number (EXP_TYPE_INT, 12, FALSE), ones, "-1");
  expect_cell (exp_dtype_new_number (EXP_TYPE_UINT, 8, FALSE), ones, "18446744073709551615");
  expect_cell (exp_dtype_new_number (EXP_TYPE_INT, 8, TRUE), wide, "-9223372036854775808");
  expect_cell (exp_dtype_new_number (EXP_TYPE_INT, 3, FALSE), "\x40\x42\x0f", "1000000");
  expect_cell (exp_dtype_new_number (EXP_TYPE_BOOL, 1, FALSE), ones, "true");
  expect_cell (exp_dtype_new_number (EXP_TYPE_COMPLEX, 16, FALSE), z, "1+2j");
  expect_cell (exp_dtype_new_number (EXP_TYPE_COMPLEX, 16, FALSE), w, "-0+nanj");
  expect_cell (exp_dtype_new_number (EXP_TYPE_COMPLEX, 8, FALSE), c, "0.1-infj");
  expect_cell (exp_dtype_new_number (EXP_TYPE_BITFIELD, 2, FALSE), "\x0f\xa0", "0xa00f");
  expect_cell (exp_dtype_new_number (EXP_TYPE_BITFIELD, 2, TRUE), "\x0f\xa0", "0x0fa0");
  expect_cell (exp_dtype_new_opaque (3, NULL), "\x01\xab\xff", "01abff");
  expect_cell (exp_dtype_new_number (EXP_TYPE_FLOAT, 16, FALSE), extended, "0.33333333333333333334");
  expect_cell (exp_dtype_new_quad (FALSE, TRUE), "\x3f\xfb\x99\x99\x99\x99\x99\x99\x99\x99\x99\x99\x99\x99\x99\x9a",
               "0.1");
  expect_cell (exp_dtype_new_enum (exp_dtype_new_number (EXP_TYPE_INT, 1, FALSE), 2, members), "\x00", "RED");
  expect_cell (exp_dtype_new_enum (exp_dtype_new_number (EXP_TYPE_INT, 1, FALSE), 2, members), "\xff", "tab\\there");
  expect_cell (exp_dtype_new_enum (exp_dtype_new_number (EXP_TYPE_INT, 1, FALSE), 2, members), "\x05", "5");
}

static void
only_whole_numbers_in_range_parse (void)
{
  double d;
  gint64 i;
  guint64 u;

  g_assert_true (exp_double_parse ("1e400", 5, &d) == FALSE);
  g_assert_true (exp_double_parse ("4.9e-324", 8, &d) && d == 5e-324);
  g_assert_true (exp_double_parse ("-Infinity", 9, &d) && d == -INFINITY);
  g_assert_false (exp_double_parse (" 1", 2, &d));
  g_assert_false (exp_double_parse ("1 ", 2, &d));
  g_assert_false (exp_double_parse ("1,5", 3, &d));
  g_assert_true (exp_int_parse ("-9223372036854775808", 20, &i) && i == G_MININT64);
  g_assert_false (exp_int_parse ("9223372036854775808", 19, &i));
  g_assert_false (exp_int_parse ("--1", 3, &i));
  g_assert_false (exp_int_parse ("-+1", 3, &i));
  g_assert_true (exp_uint_parse ("18446744073709551615", 20, &u) && u == G_MAXUINT64);
  g_assert_false (exp_uint_parse ("18446744073709551616", 20, &u));
  g_assert_false (exp_uint_parse ("", 0, &u));
}

static void
types_have_numpys_form (void)
{
  ExpMember members[2] = {
    { (char *)"a", exp_dtype_new_number (EXP_TYPE_INT, 1, FALSE), 0 },
    { (char *)"it's",
      exp_dtype_new_array (exp_dtype_new_number (EXP_TYPE_FLOAT, 8, TRUE), 2, (guint64[]){ 2, 3 }, NULL), 8 },
  };
  g_autoptr (ExpDtype) padded = exp_dtype_new_compound (56, 2, members, NULL);
  g_autoptr (ExpDtype) text = exp_dtype_new_vstring (TRUE), wide = exp_dtype_new_number (EXP_TYPE_INT, 16, FALSE);
  g_autofree char *loose = exp_dtype_to_numpy (padded, FALSE), *packed = exp_dtype_to_numpy (padded, TRUE);
  g_autofree char *object = exp_dtype_to_numpy (text, FALSE), *opaque = exp_dtype_to_numpy (wide, FALSE);

  g_assert_cmpstr (
      loose, ==, "{'names': ['a', 'it\\'s'], 'formats': ['|i1', ('>f8', (2, 3))], 'offsets': [0, 8], 'itemsize': 56}");
  g_assert_cmpstr (packed, ==, "[('a', '|i1'), ('it\\'s', '>f8', (2, 3))]");
  g_assert_cmpstr (object, ==, "|O");
  g_assert_cmpstr (opaque, ==, "|V16");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/number/doubles-print-as-python-prints-them", doubles_print_as_python_prints_them);
  g_test_add_func ("/number/random-doubles-are-exact-and-shortest", random_doubles_are_exact_and_shortest);
  g_test_add_func ("/number/a-sample-of-all-floats-is-exact", a_sample_of_all_floats_is_exact);
  g_test_add_func ("/number/every-half-is-exact", every_half_is_exact);
  g_test_add_func ("/number/cells-of-every-class", cells_of_every_class_have_their_text);
  g_test_add_func ("/number/only-whole-numbers-in-range-parse", only_whole_numbers_in_range_parse);
  g_test_add_func ("/dtype/numpys-form", types_have_numpys_form);
  return g_test_run ();
}
