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

typedef gboolean (*ReadsBackFunc) (const char *text, gconstpointer value);

static gboolean
reads_back_as_double (const char *text, gconstpointer value)
{
  double back;

  g_assert_true (exp_double_parse (text, strlen (text), &back));
  return back == *(const double *)value;
}

static gboolean
reads_back_as_float (const char *text, gconstpointer value)
{
  return strtof (text, NULL) == *(const float *)value;
}

/* `text` must read back to the same number, no decimal with one digit fewer may, and of those with as many digits it
 * must be the closest where that reads back too. `exact` is the number's value. */
static void
expect_exact_shortest_closest (const char *text, double exact, ReadsBackFunc reads_back, gconstpointer value)
{
  guint n = significant_digits (text);
  char other[40];

  g_assert_true (reads_back (text, value));
  if (n > 1)
    {
      g_snprintf (other, sizeof other, "%.*e", (int)n - 2, exact);
      g_assert_false (reads_back (other, value));
    }
  if (n > 0)
    {
      g_snprintf (other, sizeof other, "%.*e", (int)n - 1, exact);
      if (reads_back (other, value))
        g_assert_true (g_ascii_strtod (other, NULL) == g_ascii_strtod (text, NULL));
    }
}

static void
expect_double (guint64 bits)
{
  double value;

  memcpy (&value, &bits, sizeof value);
  if (!isfinite (value))
    return;

  const char *text = double_text (value);
  g_assert_cmpuint (strlen (text), <=, 24);
  expect_exact_shortest_closest (text, value, reads_back_as_double, &value);
}

static void
random_doubles_are_exact_shortest_and_closest (void)
{
  for (guint i = 0; i < 200000; i++)
    expect_double ((guint64)(guint32)g_test_rand_int () << 32 | (guint32)g_test_rand_int ());
}

/* Below a power of two the neighbours lie half as far apart. */
static void
doubles_around_powers_of_two_are_exact_shortest_and_closest (void)
{
  for (guint64 exponent = 0; exponent < 0x7ff; exponent++)
    for (int step = -2; step <= 2; step++)
      if (exponent > 0 || step >= 0)
        expect_double ((exponent << 52) + step);
}

/* Every 4999th of all 2^32; scripts/check-all-floats takes them all. */
static void
a_sample_of_all_floats_is_exact_shortest_and_closest (void)
{
  for (guint64 bits = 0; bits <= G_MAXUINT32; bits += 4999)
    {
      guint32 low = bits;
      char text[33];
      float value;

      memcpy (&value, &low, 4);
      if (!isfinite (value))
        continue;
      gsize length = exp_float_format (value, text);
      text[length] = '\0';
      g_assert_cmpuint (length, <=, 19);
      expect_exact_shortest_closest (text, value, reads_back_as_float, &value);
    }
}

static double
half_value (guint16 bits)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_FLOAT, 2, FALSE);

  return exp_cell_double (dtype, (guint8 *)&bits);
}

/* TRUE when the decimal is a half's nearest: between the middles to its neighbours, a middle itself going to the even
 * one. All of this is exact in doubles, but for the decimal, which never comes as close to a middle. */
static gboolean
reads_back_as_half (const char *text, gconstpointer value)
{
  guint16 bits = *(const guint16 *)value;
  double printed = g_ascii_strtod (text, NULL), own = half_value (bits);
  double below = ((bits > 0 ? half_value (bits - 1) : -half_value (1)) + own) / 2;
  double above = (own + (bits < 0x7bff ? half_value (bits + 1) : 65536)) / 2;

  return (bits & 1) == 0 ? printed >= below && printed <= above : printed > below && printed < above;
}

static void
every_half_is_exact_shortest_and_closest (void)
{
  gsize longest = 0;

  for (guint i = 0; i < 0x7c00; i++)
    {
      guint16 bits = i;
      char text[33], negative[33];
      gsize length = exp_half_format (bits, text);

      text[length] = '\0';
      expect_exact_shortest_closest (text, half_value (bits), reads_back_as_half, &bits);
      negative[exp_half_format (bits | 0x8000, negative)] = '\0';
      g_assert_true (negative[0] == '-');
      g_assert_cmpstr (negative + 1, ==, text);
      longest = MAX (longest, length + 1);
    }
  g_autoptr (ExpDtype) half = exp_dtype_new_number (EXP_TYPE_FLOAT, 2, FALSE);
  g_assert_cmpuint (longest, ==, exp_cell_max_width (half));
}

static void
halves_that_are_no_numbers_have_names (void)
{
  char text[32];

  g_assert_cmpmem (text, exp_half_format (0x7c00, text), "inf", 3);
  g_assert_cmpmem (text, exp_half_format (0xfc00, text), "-inf", 4);
  for (guint bits = 0x7c01; bits < 0x8000; bits++)
    g_assert_cmpmem (text, exp_half_format (bits, text), "nan", 3);
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

/* The widest of each type, which must be as wide as exp_cell_max_width says, no more and no less. */
static void
widths_are_those_of_the_widest_values (void)
{
  for (gsize size = 1; size <= 64; size++)
    {
      guint8 least[64] = { 0 }, most[64];
      g_autoptr (ExpDtype) is_signed = exp_dtype_new_number (EXP_TYPE_INT, size, TRUE);
      g_autoptr (ExpDtype) is_unsigned = exp_dtype_new_number (EXP_TYPE_UINT, size, FALSE);
      char text[256];

      least[0] = 0x80;
      memset (most, 0xff, sizeof most);
      g_assert_cmpuint (exp_cell_format_to (is_signed, least, text), ==, exp_cell_max_width (is_signed));
      g_assert_cmpuint (exp_cell_format_to (is_unsigned, most, text), ==, exp_cell_max_width (is_unsigned));
    }

  const double widest[2] = { -2.2250738585072014e-308, -2.2250738585072014e-308 };
  const float wide[2] = { -1234567900000000.0f, -1234567900000000.0f };
  g_autoptr (ExpDtype) pair = exp_dtype_new_number (EXP_TYPE_COMPLEX, 16, FALSE);
  g_autoptr (ExpDtype) small_pair = exp_dtype_new_number (EXP_TYPE_COMPLEX, 8, FALSE);
  char text[64];
  g_assert_cmpuint (exp_double_format (widest[0], text), ==, 24);
  g_assert_cmpuint (exp_float_format (wide[0], text), ==, 19);
  g_assert_cmpuint (exp_cell_format_to (pair, (guint8 *)widest, text), <=, exp_cell_max_width (pair));
  g_assert_cmpuint (exp_cell_format_to (small_pair, (guint8 *)wide, text), <=, exp_cell_max_width (small_pair));
}

/* A quad of 36 digits and an exponent of four was once a byte wider than its column. */
static void
wide_floats_are_as_wide_as_their_widest_values (void)
{
  static const guint8 bytes[16]
      = { 0x22, 0x7e, 0x95, 0xb6, 0xf4, 0x43, 0x69, 0xc8, 0x7f, 0x4c, 0xef, 0xb9, 0xd5, 0xfb, 0xdc, 0x84 };
  g_autoptr (ExpDtype) quad = exp_dtype_new_quad (FALSE, FALSE);
  g_autoptr (ExpDtype) extended = exp_dtype_new_number (EXP_TYPE_FLOAT, 16, FALSE);
  char text[EXP_NUMBER_MAX_TEXT];
  gsize widest = 0;

  text[exp_cell_format_to (quad, bytes, text)] = '\0';
  g_assert_cmpstr (text, ==, "-1.01013215101496109492047474980949765e-4557");
  g_assert_cmpuint (strlen (text), ==, exp_cell_max_width (quad));
  for (guint i = 0; i < 400; i++)
    {
      guint8 small[16]; /* negative, and far below 1e-1000 */

      for (guint j = 0; j < 16; j++)
        small[j] = g_test_rand_int ();
      small[9] = 0x80;
      small[7] |= 0x80;
      widest = MAX (widest, exp_cell_format_to (extended, small, text));
    }
  g_assert_cmpuint (widest, ==, exp_cell_max_width (extended));
}

/* Any 16 bytes may come from a file, also those that the x87 does not know. */
static void
wide_floats_of_any_bits_have_text (void)
{
  for (guint i = 0; i < 4000; i++)
    {
      guint32 words[4];
      char text[EXP_NUMBER_MAX_TEXT];

      for (guint j = 0; j < 4; j++)
        words[j] = g_test_rand_int ();
      if (i % 4 == 1)
        words[2] |= 0x7fff; /* infinities and NaNs */
      if (i % 4 == 2)
        words[2] &= ~(guint32)0x7fff; /* subnormals */
      if (i % 4 == 3)
        words[1] &= G_MAXINT32; /* without the leading bit of extended precision */
      for (guint is_quad = 0; is_quad < 2; is_quad++)
        {
          g_autoptr (ExpDtype) dtype
              = is_quad ? exp_dtype_new_quad (FALSE, FALSE) : exp_dtype_new_number (EXP_TYPE_FLOAT, 16, FALSE);
          gsize n = exp_cell_format_to (dtype, (guint8 *)words, text);

          g_assert_cmpuint (n, >, 0);
          g_assert_cmpuint (n, <=, exp_cell_max_width (dtype));
        }
    }
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

/* What cannot be said in NumPy's terms is said so that NumPy reads it all the same. */
static void
types_without_numpys_have_a_form_of_as_many_bytes (void)
{
  g_autoptr (ExpDtype) pair = exp_dtype_new_number (EXP_TYPE_COMPLEX, 4, TRUE);
  g_autoptr (ExpDtype) quad = exp_dtype_new_quad (TRUE, FALSE);
  g_autoptr (ExpDtype) bits = exp_dtype_new_number (EXP_TYPE_BITFIELD, 3, FALSE);
  g_autofree char *pair_form = exp_dtype_to_numpy (pair, TRUE), *quad_form = exp_dtype_to_numpy (quad, TRUE);
  g_autofree char *bits_form = exp_dtype_to_numpy (bits, TRUE);

  g_assert_cmpstr (pair_form, ==, "[('r', '>f2'), ('i', '>f2')]");
  g_assert_cmpstr (quad_form, ==, "|V32");
  g_assert_cmpstr (bits_form, ==, "|V3");
}

static void
types_are_described_on_one_line (void)
{
  const ExpEnumMember members[] = { { (char *)"a\nb", 1 }, { (char *)"most", -1 } };
  ExpMember fields[] = {
    { (char *)"e", exp_dtype_new_enum (exp_dtype_new_number (EXP_TYPE_UINT, 8, FALSE), 2, members), 0 },
    { (char *)"s", exp_dtype_new_string (4, EXP_PAD_SPACE, FALSE), 8 },
  };
  g_autoptr (ExpDtype) dtype = exp_dtype_new_compound (16, 2, fields, NULL);
  g_autofree char *text = exp_dtype_to_text (dtype);

  g_assert_cmpstr (text, ==,
                   "compound of 16 bytes {e: enum of uint64 little-endian {a\\x0ab = 1, most = 18446744073709551615} "
                   "at 0, s: string of 4 bytes, space-padded, ASCII at 8}");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/number/doubles-print-as-python-prints-them", doubles_print_as_python_prints_them);
  g_test_add_func ("/number/random-doubles-are-exact-shortest-and-closest",
                   random_doubles_are_exact_shortest_and_closest);
  g_test_add_func ("/number/doubles-around-powers-of-two", doubles_around_powers_of_two_are_exact_shortest_and_closest);
  g_test_add_func ("/number/a-sample-of-all-floats", a_sample_of_all_floats_is_exact_shortest_and_closest);
  g_test_add_func ("/number/every-half", every_half_is_exact_shortest_and_closest);
  g_test_add_func ("/number/halves-that-are-no-numbers", halves_that_are_no_numbers_have_names);
  g_test_add_func ("/number/widths-are-those-of-the-widest-values", widths_are_those_of_the_widest_values);
  g_test_add_func ("/number/widths-of-wide-floats", wide_floats_are_as_wide_as_their_widest_values);
  g_test_add_func ("/number/wide-floats-of-any-bits", wide_floats_of_any_bits_have_text);
  g_test_add_func ("/number/cells-of-every-class", cells_of_every_class_have_their_text);
  g_test_add_func ("/number/only-whole-numbers-in-range-parse", only_whole_numbers_in_range_parse);
  g_test_add_func ("/dtype/numpys-form", types_have_numpys_form);
  g_test_add_func ("/dtype/forms-of-as-many-bytes", types_without_numpys_have_a_form_of_as_many_bytes);
  g_test_add_func ("/dtype/described-on-one-line", types_are_described_on_one_line);
  return g_test_run ();
}
