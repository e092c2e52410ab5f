/* Types by NumPy's names: what is written is read back. */
#include "expfs/expfs.h"

static void
test_names_are_read_back (void)
{
  static const char *const names[] = {
    "|i1",
    "<i2",
    "<i4",
    "<i8",
    "|u1",
    "<u2",
    ">u4",
    "<u8",
    "<f2",
    "<f4",
    ">f8",
    "<f16",
    "<c8",
    "<c16",
    "|b1",
    "|S5",
    "[('a', '<i4'), ('b', '<f8', (2, 3))]",
    "[('x', [('y', '|u1'), ('z', '|S3')]), ('w', '<f4')]",
    "('<u8', (8, 64))",
    "[('k', '<i4'), ('name', '|O')]",
    "([('i', '<i4'), ('f', '<f4', (4,))], (4,))",
    "[('it\\'s', '<i2'), ('\xc3\xbc', '<i8')]",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ExpDtype) dtype = exp_dtype_from_numpy (names[i], &error);
      g_test_message ("%s", names[i]);
      g_assert_no_error (error);
      g_autofree char *again = exp_dtype_to_numpy (dtype, FALSE);
      g_autoptr (ExpDtype) same = exp_dtype_from_numpy (again, &error);
      g_assert_no_error (error);
      g_assert_true (exp_dtype_equal (dtype, same));
      if (i < 19)
        g_assert_cmpstr (again, ==, names[i]);
    }
}

static void
test_what_says_too_little_is_refused (void)
{
  static const char *const names[]
      = { "",   "|O", "f",       "<f3",   "'",     "<f4', 'fortran_order': True, 'x': '", "[('a')]", "[",
          "{}", "(",  "('<f4')", "<i4\\", "<M8[x]" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      g_test_message ("%s", names[i]);
      g_assert_null (exp_dtype_from_numpy (names[i], &error));
      g_assert_nonnull (error);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/numpy-type/round-trip", test_names_are_read_back);
  g_test_add_func ("/numpy-type/refused", test_what_says_too_little_is_refused);
  return g_test_run ();
}
