/* Cells out of text: the inverse of printing for every type, correctly rounded, and nothing that does not fit. */
#include "core/array/read.h"
#include "expfs/expfs.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static gboolean
is_nan (const ExpDtype *dtype, const char *text)
{
  return strstr (text, "nan") != NULL && (dtype->type == EXP_TYPE_FLOAT || dtype->type == EXP_TYPE_COMPLEX);
}

/* Random bits, random small values and the extremes of a type print, parse and are the same. Takes over the type. */
static void
check_type (ExpDtype *type, guint n)
{
  g_autoptr (ExpDtype) dtype = type;
  g_autoptr (GRand) rand = g_rand_new_with_seed (dtype->size);
  g_autofree guint8 *cell = g_malloc0 (dtype->size), *back = g_malloc0 (dtype->size);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    {
      const guint kind = g_rand_int_range (rand, 0, 6);

      for (gsize k = 0; k < dtype->size; k++)
        cell[k] = kind == 0 ? 0xff : kind == 1 ? 0 : kind == 2 && k > 1 ? 0 : g_rand_int (rand);
      if (kind < 2)
        cell[g_rand_int_range (rand, 0, dtype->size)] = g_rand_int (rand);
      if (dtype->type == EXP_TYPE_BOOL)
        cell[0] &= 1;
      for (gsize k = 0; k < dtype->size; k += 16) /* the x87's own encodings, and its padding */
        if ((dtype->type == EXP_TYPE_FLOAT || dtype->type == EXP_TYPE_COMPLEX) && dtype->size % 16 == 0
            && dtype->size / 16 == (dtype->type == EXP_TYPE_FLOAT ? 1 : 2) && !dtype->is_quad)
          {
            long double value = ldexpl (g_rand_double_range (rand, -1, 1) + 1e-20L * g_rand_double (rand),
                                        g_rand_int_range (rand, -16000, 16000));

            memset (cell + k, 0, 16);
            memcpy (cell + k, &value, 10);
          }
      g_string_truncate (text, 0);
      exp_cell_format (dtype, cell, text);
      memset (back, 0, dtype->size);
      if (!exp_cell_parse (dtype, text->str, text->len, back))
        g_error ("%s is not taken", text->str);
      if (!is_nan (dtype, text->str) && memcmp (cell, back, dtype->size) != 0)
        g_error ("%s reads back as another value", text->str);
    }
}

static void
every_type_reads_back_what_it_prints (void)
{
  const ExpEnumMember members[] = { { (char *)"a\tb\\", 1 }, { (char *)"b c", 2 }, { (char *)"r", -1 } };

  for (gsize size = 1; size <= 8; size *= 2)
    for (guint order = 0; order < 2; order++)
      {
        check_type (exp_dtype_new_number (EXP_TYPE_INT, size, order), 20000);
        check_type (exp_dtype_new_number (EXP_TYPE_UINT, size, order), 20000);
        check_type (exp_dtype_new_number (EXP_TYPE_BITFIELD, size, order), 2000);
        if (size > 1)
          check_type (exp_dtype_new_number (EXP_TYPE_FLOAT, size, order), size == 8 ? 500000 : 100000);
        if (size > 1)
          check_type (exp_dtype_new_number (EXP_TYPE_COMPLEX, 2 * size, order), 50000);
        check_type (exp_dtype_new_enum (exp_dtype_new_number (EXP_TYPE_INT, size, order), 3, members), 2000);
      }
  check_type (exp_dtype_new_number (EXP_TYPE_BOOL, 1, FALSE), 100);
  check_type (exp_dtype_new_number (EXP_TYPE_INT, 3, TRUE), 2000);
  check_type (exp_dtype_new_number (EXP_TYPE_INT, 16, FALSE), 5000);
  check_type (exp_dtype_new_number (EXP_TYPE_UINT, 40, TRUE), 5000);
  check_type (exp_dtype_new_number (EXP_TYPE_BITFIELD, 24, TRUE), 500);
  check_type (exp_dtype_new_opaque (5, "tag"), 1000);
  check_type (exp_dtype_new_number (EXP_TYPE_FLOAT, 16, FALSE), 3000);
  check_type (exp_dtype_new_quad (FALSE, TRUE), 3000);
  check_type (exp_dtype_new_quad (TRUE, FALSE), 1000);
}

/* Random digits of any length beside the C library, which rounds correctly. */
static void
doubles_are_rounded_as_the_c_library_rounds (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  guint n_fast = 0;

  for (guint i = 0; i < 1000000; i++)
    {
      char text[64];
      gsize n = 0;
      const guint n_digits = g_rand_int_range (rand, 1, 23), point = g_rand_int_range (rand, 0, n_digits + 1);
      double value, fast;
      float single, wanted;
      ExpDtype dtype = { .type = EXP_TYPE_FLOAT, .size = 4 };

      if (g_rand_boolean (rand))
        text[n++] = '-';
      for (guint k = 0; k < n_digits; k++)
        {
          if (k == point)
            text[n++] = '.';
          text[n++] = '0' + g_rand_int_range (rand, 0, 10);
        }
      if (g_rand_boolean (rand))
        n += g_snprintf (text + n, 8, "e%d", g_rand_int_range (rand, -330, 320));
      text[n] = '\0';
      value = g_ascii_strtod (text, NULL);
      if (exp_double_read (text, n, &fast))
        {
          n_fast++;
          if (memcmp (&fast, &value, sizeof value) != 0)
            g_error ("%s is %.17g, not %.17g", text, value, fast);
        }
      wanted = strtof (text, NULL);
      if (exp_cell_parse (&dtype, text, n, (guint8 *)&single) ? memcmp (&single, &wanted, 4) != 0 : !isinf (wanted))
        g_error ("%s is %.9g, not %.9g", text, wanted, single);
    }
  g_assert_cmpuint (n_fast, >, 700000);
}

/* The middle between two floats, and what lies just beside it, further down than a double has digits. */
static void
halves_and_floats_are_rounded_once (void)
{
  static const struct
  {
    const char *text;
    gsize size;
    guint32 bits;
  } cases[] = {
    { "1.00048828125", 2, 0x3c00 },
    { "1.000488281250000000000000000000000000000001", 2, 0x3c01 },
    { "-1.000488281250000000000000000000000000000001", 2, 0xbc01 },
    { "1.00146484375", 2, 0x3c02 },
    { "1.0014648437499999999999999999999999999", 2, 0x3c01 },
    { "65519", 2, 0x7bff },
    { "2.98023223876953125e-8", 2, 0 },
    { "2.980232238769531251e-8", 2, 1 },
    { "1.00000005960464477539062500000000000000001", 4, 0x3f800001 },
    { "1.000000059604644775390625", 4, 0x3f800000 },
    { "7.006492321624085354618e-46", 4, 0 },
    { "7.006492321624085354619e-46", 4, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ExpDtype dtype = { .type = EXP_TYPE_FLOAT, .size = cases[i].size };
      guint32 bits = 0;

      g_assert_true (exp_cell_parse (&dtype, cases[i].text, strlen (cases[i].text), (guint8 *)&bits));
      g_assert_cmphex (bits, ==, cases[i].bits);
    }
}

static void
what_does_not_fit_is_refused (void)
{
  static const struct
  {
    ExpTypeClass type;
    gsize size;
    const char *text;
  } cases[] = {
    { EXP_TYPE_INT, 1, "128" },
    { EXP_TYPE_INT, 1, "-129" },
    { EXP_TYPE_UINT, 1, "256" },
    { EXP_TYPE_UINT, 4, "-1" },
    { EXP_TYPE_INT, 4, "1.0" },
    { EXP_TYPE_INT, 4, "" },
    { EXP_TYPE_INT, 4, "-" },
    { EXP_TYPE_INT, 8, "9223372036854775808" },
    { EXP_TYPE_INT, 8, "+-1" },
    { EXP_TYPE_UINT, 8, "18446744073709551616" },
    { EXP_TYPE_INT, 16, "170141183460469231731687303715884105728" },
    { EXP_TYPE_FLOAT, 2, "65520" },
    { EXP_TYPE_FLOAT, 4, "3.5e38" },
    { EXP_TYPE_FLOAT, 8, "1e309" },
    { EXP_TYPE_FLOAT, 8, "1 " },
    { EXP_TYPE_FLOAT, 8, "e5" },
    { EXP_TYPE_FLOAT, 8, "1e" },
    { EXP_TYPE_FLOAT, 8, "." },
    { EXP_TYPE_FLOAT, 16, "1x" },
    { EXP_TYPE_COMPLEX, 16, "1+2" },
    { EXP_TYPE_COMPLEX, 16, "j" },
    { EXP_TYPE_BOOL, 1, "maybe" },
    { EXP_TYPE_BOOL, 1, "True" },
    { EXP_TYPE_BITFIELD, 1, "0x100" },
    { EXP_TYPE_BITFIELD, 1, "0xg" },
    { EXP_TYPE_OPAQUE, 2, "abc" },
    { EXP_TYPE_OPAQUE, 2, "abcx" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ExpDtype dtype = { .type = cases[i].type, .size = cases[i].size };
      guint8 cell[32];

      if (exp_cell_parse (&dtype, cases[i].text, strlen (cases[i].text), cell))
        g_error ("'%s' is taken as a number of %u bytes", cases[i].text, (guint)cases[i].size);
    }
}

static void
tables_hold_decimal_numbers_only (void)
{
  static const char *const yes[] = { "1", "-1.5e+300", "nan", "-INF", "Infinity", ".5", "5.", "1e-400", "0001" };
  static const char *const no[]
      = { "", "0x10", "1e400", "1 ", "nan(1)", "--1", "+", "e", "1e5e5", "infinite", "+nan-" };

  for (guint i = 0; i < G_N_ELEMENTS (yes); i++)
    g_assert_true (exp_text_is_number (yes[i], strlen (yes[i])));
  for (guint i = 0; i < G_N_ELEMENTS (no); i++)
    g_assert_false (exp_text_is_number (no[i], strlen (no[i])));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cell-parse/every-type-reads-back", every_type_reads_back_what_it_prints);
  g_test_add_func ("/cell-parse/doubles-are-rounded", doubles_are_rounded_as_the_c_library_rounds);
  g_test_add_func ("/cell-parse/halves-and-floats-are-rounded-once", halves_and_floats_are_rounded_once);
  g_test_add_func ("/cell-parse/what-does-not-fit", what_does_not_fit_is_refused);
  g_test_add_func ("/cell-parse/tables-hold-decimal-numbers", tables_hold_decimal_numbers_only);
  return g_test_run ();
}
