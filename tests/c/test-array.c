/* Arrays in memory: types, heaps, hyperslabs, cells. */
#include "expfs/array.h"
#include "expfs/error.h"
#include <math.h>
#include <string.h>

static void
sizes_that_overflow_are_refused (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpDtype) f8 = exp_dtype_new_number (EXP_TYPE_FLOAT, 8, FALSE);
  guint64 shape[2] = { G_MAXUINT64 / 2, 3 };

  g_assert_null (exp_array_new (f8, 2, shape, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE);
  g_clear_error (&error);
  /* Addressable, but more than any machine has. */
  g_assert_null (exp_array_new (f8, 1, &(guint64){ G_GUINT64_CONSTANT (1) << 56 }, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY);
  g_clear_error (&error);
  g_assert_null (exp_dtype_new_array (exp_dtype_ref (f8), 2, shape, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_DAMAGED);
}

static void
a_slab_must_lie_inside (void)
{
  const guint64 shape[2] = { 10, 4 };
  const struct
  {
    guint64 start, count, step;
    gboolean is_inside;
  } cases[] = {
    { 0, 10, 1, TRUE },  { 9, 1, 7, TRUE },
    { 0, 5, 2, TRUE },   { 0, 4, 3, TRUE },
    { 10, 0, 1, TRUE },  { 10, 1, 1, FALSE },
    { 0, 11, 1, FALSE }, { 0, 6, 2, FALSE },
    { 0, 2, 0, FALSE },  { 5, G_MAXUINT64, G_MAXUINT64, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ExpSlab slab = { 2, { cases[i].start, 0 }, { cases[i].count, 4 }, { cases[i].step, 1 } };

      g_assert_cmpint (exp_slab_check (&slab, 2, shape, NULL), ==, cases[i].is_inside);
    }

  ExpSlab flat = { 1, { 0 }, { 1 }, { 1 } };
  g_assert_false (exp_slab_check (&flat, 2, shape, NULL));
}

static void
integers_of_every_width_and_order_are_read (void)
{
  const guint8 bytes[8] = { 0xfe, 1, 2, 3, 4, 5, 6, 0xfd };
  g_autoptr (ExpDtype) i3 = exp_dtype_new_number (EXP_TYPE_INT, 3, FALSE);
  g_autoptr (ExpDtype) i2be = exp_dtype_new_number (EXP_TYPE_INT, 2, TRUE);
  g_autoptr (ExpDtype) u8 = exp_dtype_new_number (EXP_TYPE_UINT, 8, FALSE);
  g_autoptr (ExpDtype) i1 = exp_dtype_new_number (EXP_TYPE_INT, 1, FALSE);

  g_assert_cmpint (exp_cell_int (i3, bytes), ==, 0x0201fe);
  g_assert_cmpint (exp_cell_int (i2be, bytes), ==, (gint16)0xfe01);
  g_assert_cmpuint ((guint64)exp_cell_int (u8, bytes), ==, G_GUINT64_CONSTANT (0xfd060504030201fe));
  g_assert_cmpint (exp_cell_int (i1, bytes), ==, -2);
  g_assert_cmpfloat (exp_cell_double (u8, bytes), ==, (double)G_GUINT64_CONSTANT (0xfd060504030201fe));
}

static void
floats_of_every_width_and_order_are_read (void)
{
  g_autoptr (ExpDtype) f2 = exp_dtype_new_number (EXP_TYPE_FLOAT, 2, FALSE);
  g_autoptr (ExpDtype) f4be = exp_dtype_new_number (EXP_TYPE_FLOAT, 4, TRUE);
  g_autoptr (ExpDtype) x87 = exp_dtype_new_number (EXP_TYPE_FLOAT, 16, FALSE);
  g_autoptr (ExpDtype) quad = exp_dtype_new_quad (FALSE, TRUE);
  const guint8 half[2] = { 0x01, 0x80 }, infinite[2] = { 0x00, 0x7c };
  const guint8 minus_one_and_a_half[4] = { 0xbf, 0xc0, 0, 0 };
  const guint8 one_quad[16] = { 0x3f, 0xff };
  guint8 extended[16] = { 0 };
  long double third = 1.0L / 3;

  memcpy (extended, &third, 10);
  g_assert_cmpfloat (exp_cell_double (f2, half), ==, -ldexp (1, -24));
  g_assert_true (isinf (exp_cell_double (f2, infinite)));
  g_assert_cmpfloat (exp_cell_double (f4be, minus_one_and_a_half), ==, -1.5);
  g_assert_cmpfloat (exp_cell_double (x87, extended), ==, 1.0 / 3);
  g_assert_cmpfloat (exp_cell_double (quad, one_quad), ==, 1.0);
}

static void
padding_is_not_text (void)
{
  const struct
  {
    ExpStringPad pad;
    const char *bytes, *text;
  } cases[] = {
    { EXP_PAD_NUL_TERMINATED, "ab\0d", "ab" },
    { EXP_PAD_NUL, "a\0b\0", "a\0b" },
    { EXP_PAD_SPACE, "ab  ", "ab" },
    { EXP_PAD_SPACE, "    ", "" },
    { EXP_PAD_NUL_TERMINATED, "abcd", "abcd" },
  };
  const gsize lengths[] = { 2, 3, 2, 0, 4 };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ExpDtype) dtype = exp_dtype_new_string (4, cases[i].pad, FALSE);
      gsize length;
      const char *text = exp_cell_text (dtype, (const guint8 *)cases[i].bytes, &length);

      g_assert_cmpmem (text, length, cases[i].text, lengths[i]);
    }
}

static ExpDtype *
padded_compound (void)
{
  ExpMember members[2] = {
    { (char *)"a", exp_dtype_new_number (EXP_TYPE_INT, 1, FALSE), 0 },
    { (char *)"b", exp_dtype_new_number (EXP_TYPE_INT, 4, FALSE), 4 },
  };

  return exp_dtype_new_compound (12, 2, members, NULL);
}

static ExpDtype *
same_cell (ExpDtype *cell, gpointer data)
{
  return exp_dtype_ref (cell);
}

static void
mapped_cells_have_no_padding_at_any_depth (void)
{
  g_autoptr (ExpDtype) padded = padded_compound ();
  g_autoptr (ExpDtype) array = exp_dtype_new_array (exp_dtype_ref (padded), 1, &(guint64){ 2 }, NULL);
  g_autoptr (ExpDtype) packed = exp_dtype_map_cells (array, same_cell, NULL);

  g_assert_cmpuint (packed->size, ==, 10);
  g_assert_cmpuint (exp_dtype_packed_size (array), ==, 10);
  g_assert_cmpuint (packed->base->members[1].offset, ==, 1);
  g_assert_false (exp_dtype_equal (packed, array));
}

static void
a_member_outside_its_compound_is_refused (void)
{
  g_autoptr (GError) error = NULL;
  ExpMember member = { (char *)"late", exp_dtype_new_number (EXP_TYPE_INT, 4, FALSE), 6 };

  g_assert_null (exp_dtype_new_compound (8, 1, &member, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_DAMAGED);
  g_assert_nonnull (strstr (error->message, "late"));
}

static void
copied_cells_own_their_memory_at_any_depth (void)
{
  g_autoptr (ExpDtype) list_of_texts = exp_dtype_new_vlen (exp_dtype_new_vstring (TRUE));
  g_autoptr (ExpArray) copy = exp_array_new (list_of_texts, 0, NULL, NULL);
  ExpVlen cell, word;

  {
    const char *words[] = { "one", "three" };
    g_autoptr (ExpArray) texts = exp_array_new_texts (2, words);

    *(ExpVlen *)copy->data = (ExpVlen){ 2, texts->data };
    g_assert_true (exp_array_own_cells (copy, NULL));
  }
  memcpy (&cell, copy->data, sizeof cell);
  g_assert_cmpuint (cell.length, ==, 2);
  memcpy (&word, (guint8 *)cell.data + sizeof (ExpVlen), sizeof word);
  g_assert_cmpmem (word.data, word.length, "three", 5);
}

static void
large_heaps_keep_every_block (void)
{
  g_autoptr (ExpArray) array = exp_array_new_text ("x");
  guint8 *blocks[1000];

  for (guint i = 0; i < 1000; i++)
    {
      blocks[i] = exp_array_allocate (array, 100 + i);
      memset (blocks[i], i & 0xff, 100 + i);
    }
  for (guint i = 0; i < 1000; i++)
    for (guint k = 0; k < 100 + i; k++)
      g_assert_cmpuint (blocks[i][k], ==, i & 0xff);
  g_assert_null (exp_array_allocate (array, G_MAXSIZE - 3));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/array/sizes-that-overflow-are-refused", sizes_that_overflow_are_refused);
  g_test_add_func ("/array/a-slab-must-lie-inside", a_slab_must_lie_inside);
  g_test_add_func ("/array/integers-of-every-width-and-order", integers_of_every_width_and_order_are_read);
  g_test_add_func ("/array/floats-of-every-width-and-order", floats_of_every_width_and_order_are_read);
  g_test_add_func ("/array/padding-is-not-text", padding_is_not_text);
  g_test_add_func ("/array/packing-drops-padding-at-any-depth", mapped_cells_have_no_padding_at_any_depth);
  g_test_add_func ("/array/a-member-outside-its-compound-is-refused", a_member_outside_its_compound_is_refused);
  g_test_add_func ("/array/copied-cells-own-their-memory", copied_cells_own_their_memory_at_any_depth);
  g_test_add_func ("/array/large-heaps-keep-every-block", large_heaps_keep_every_block);
  return g_test_run ();
}
