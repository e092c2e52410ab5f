/* Text of numbers, any range of it: against the same text put together cell by cell. */
#include "expfs/expfs.h"
#include "expfs/number.h"
#include <string.h>

#define GUARD 64

typedef struct
{
  const char *name;
  ExpDtype *(*type) (void);
} Kind;

#define NUMBER(name, class, size, is_big)                                                                              \
  static ExpDtype *name (void)                                                                                         \
  {                                                                                                                    \
    return exp_dtype_new_number (class, size, is_big);                                                                 \
  }
NUMBER (boolean, EXP_TYPE_BOOL, 1, FALSE)
NUMBER (int8, EXP_TYPE_INT, 1, FALSE)
NUMBER (int16, EXP_TYPE_INT, 2, FALSE)
NUMBER (int32, EXP_TYPE_INT, 4, FALSE)
NUMBER (int64, EXP_TYPE_INT, 8, FALSE)
NUMBER (int128, EXP_TYPE_INT, 16, FALSE)
NUMBER (uint8, EXP_TYPE_UINT, 1, FALSE)
NUMBER (uint16, EXP_TYPE_UINT, 2, FALSE)
NUMBER (uint32, EXP_TYPE_UINT, 4, FALSE)
NUMBER (uint64, EXP_TYPE_UINT, 8, FALSE)
NUMBER (big_int16, EXP_TYPE_INT, 2, TRUE)
NUMBER (big_int32, EXP_TYPE_INT, 4, TRUE)
NUMBER (big_uint64, EXP_TYPE_UINT, 8, TRUE)
NUMBER (float16, EXP_TYPE_FLOAT, 2, FALSE)
NUMBER (float32, EXP_TYPE_FLOAT, 4, FALSE)
NUMBER (float64, EXP_TYPE_FLOAT, 8, FALSE)
NUMBER (big_float32, EXP_TYPE_FLOAT, 4, TRUE)
NUMBER (big_float64, EXP_TYPE_FLOAT, 8, TRUE)
NUMBER (complex64, EXP_TYPE_COMPLEX, 8, FALSE)
NUMBER (complex128, EXP_TYPE_COMPLEX, 16, FALSE)
NUMBER (bitfield, EXP_TYPE_BITFIELD, 3, FALSE)

static ExpDtype *
opaque (void)
{
  return exp_dtype_new_opaque (5, NULL);
}

static ExpDtype *
long_opaque (void) /* more text than any number has */
{
  return exp_dtype_new_opaque (300, NULL);
}

static ExpDtype *
enumeration (void)
{
  const ExpEnumMember members[] = { { "off", 0 }, { "on", 1 }, { "tab\there", 7 } };

  return exp_dtype_new_enum (int8 (), G_N_ELEMENTS (members), members);
}

static ExpDtype *
quad (void)
{
  return exp_dtype_new_quad (FALSE, FALSE);
}

static ExpDtype *
array_of (ExpDtype *base, guint64 n, guint64 m)
{
  return exp_dtype_new_array (base, m > 0 ? 2 : 1, (guint64[]){ n, m }, NULL);
}

static ExpDtype *
array (void) /* its dims become axes */
{
  return array_of (int16 (), 3, 2);
}

static ExpDtype *
pair (void)
{
  const ExpMember members[] = { { "b", boolean (), 0 }, { "d", float64 (), 3 } };

  return exp_dtype_new_compound (12, 2, members, NULL);
}

static ExpDtype *
row (void)
{
  const ExpMember members[] = {
    { "a", float32 (), 0 },
    { "list", array_of (uint16 (), 3, 0), 4 },
    { "pair", pair (), 11 },
    { "pairs", array_of (pair (), 2, 2), 24 },
    { "grid", array_of (array_of (int64 (), 2, 0), 1, 2), 72 },
    { "e", enumeration (), 110 },
  };

  return exp_dtype_new_compound (112, G_N_ELEMENTS (members), members, NULL);
}

static ExpDtype *
one_member (void)
{
  const ExpMember member = { "x", float64 (), 8 };

  return exp_dtype_new_compound (24, 1, &member, NULL);
}

#define KIND(type)                                                                                                     \
  {                                                                                                                    \
#type, type                                                                                                        \
  }
static const Kind kinds[] = {
  KIND (boolean),    KIND (int8),       KIND (int16),    KIND (int32),   KIND (int64),       KIND (int128),
  KIND (uint8),      KIND (uint16),     KIND (uint32),   KIND (uint64),  KIND (big_int16),   KIND (big_int32),
  KIND (big_uint64), KIND (float16),    KIND (float32),  KIND (float64), KIND (big_float32), KIND (big_float64),
  KIND (complex64),  KIND (complex128), KIND (bitfield), KIND (opaque),  KIND (long_opaque), KIND (enumeration),
  KIND (quad),       KIND (array),      KIND (pair),     KIND (row),     KIND (one_member),
};

/* Those whose zero is shorter than other values. */
static const Kind outgrowing[] = {
  KIND (int8),    KIND (int16),      KIND (int32),      KIND (int64),   KIND (int128),
  KIND (uint8),   KIND (uint64),     KIND (big_uint64), KIND (float16), KIND (float32),
  KIND (float64), KIND (complex128), KIND (quad),       KIND (pair),    KIND (one_member),
};

/* --- the text, cell by cell --------------------------------------------------------------------------------- */

typedef struct
{
  guint *widths; /* by column */
  gboolean is_measuring;
  GString *out;
} Reference;

static void
take_leaves (Reference *reference, const ExpDtype *dtype, const guint8 *cell, guint *column)
{
  if (dtype->type == EXP_TYPE_COMPOUND)
    {
      for (guint i = 0; i < dtype->n_members; i++)
        take_leaves (reference, dtype->members[i].dtype, cell + dtype->members[i].offset, column);
      return;
    }
  if (dtype->type == EXP_TYPE_ARRAY)
    {
      guint start = *column;

      for (gsize at = 0; at < dtype->size; at += dtype->base->size)
        {
          *column = start;
          take_leaves (reference, dtype->base, cell + at, column);
        }
      return;
    }

  g_autoptr (GString) text = g_string_new (NULL);
  guint *width = &reference->widths[(*column)++];
  exp_cell_format (dtype, cell, text);
  if (reference->is_measuring)
    *width = MAX (*width, text->len);
  else
    g_string_append_printf (reference->out, "%*s\t", (int)*width, text->str);
}

static void
widest (const ExpDtype *dtype, guint *widths, guint *column)
{
  if (dtype->type == EXP_TYPE_ARRAY)
    widest (dtype->base, widths, column);
  else if (dtype->type != EXP_TYPE_COMPOUND)
    widths[(*column)++] = exp_cell_max_width (dtype);
  else
    for (guint i = 0; i < dtype->n_members; i++)
      widest (dtype->members[i].dtype, widths, column);
}

static GString *
expected_text (const ExpArray *value)
{
  guint widths[64] = { 0 }, column = 0;
  Reference reference = { widths, TRUE, g_string_new (NULL) };
  const ExpDtype *cell = value->dtype;
  gsize per_element = 1, per_line = value->rank >= 2 ? value->shape[value->rank - 1] : 1;

  if (cell->type == EXP_TYPE_ARRAY)
    {
      cell = cell->base;
      per_element = value->dtype->size / cell->size;
      per_line = value->dtype->dims[value->dtype->n_dims - 1];
    }
  gsize n = value->n_elements * per_element;
  if (n > 4096)
    widest (cell, widths, &column);
  for (reference.is_measuring = n <= 4096;; reference.is_measuring = FALSE)
    {
      for (gsize i = 0; i < n; i++)
        {
          column = 0;
          take_leaves (&reference, cell, value->data + i * cell->size, &column);
          if (!reference.is_measuring && (i + 1) % per_line == 0)
            reference.out->str[reference.out->len - 1] = '\n';
        }
      if (!reference.is_measuring)
        return reference.out;
    }
}

/* Bytes of all kinds: anything, small numbers, and doubles of few digits where they are doubles. */
static ExpArray *
make_value (ExpDtype *dtype, guint rank, const guint64 *shape)
{
  ExpArray *value = exp_array_new (dtype, rank, shape, NULL);

  for (gsize i = 0; i < value->n_elements; i++)
    {
      guint8 *cell = value->data + i * dtype->size;
      double simple = g_test_rand_int_range (-100000, 100000) / 8.0;

      for (gsize k = 0; k < dtype->size; k++)
        cell[k] = i % 3 == 1 && k % 4 > 0 ? 0 : g_test_rand_int ();
      if (i % 4 == 1 && dtype->type == EXP_TYPE_FLOAT && dtype->size == sizeof simple)
        memcpy (cell, &simple, sizeof simple);
    }
  return value;
}

/* --- reading ------------------------------------------------------------------------------------------------ */

/* Reads a range, which must be what the whole text has there, and nothing behind it may be touched. */
static void
expect_range (ExpView *view, const GString *text, guint64 offset, gsize length, char *buffer)
{
  g_autoptr (GError) error = NULL;
  gsize n_read, wanted = offset < text->len ? MIN (length, text->len - offset) : 0;

  memset (buffer + wanted, 0x5a, GUARD);
  g_assert_true (exp_view_pread (view, offset, length, buffer, &n_read, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_read, ==, wanted);
  if (memcmp (buffer, text->str + offset, wanted) != 0)
    g_error ("%" G_GSIZE_FORMAT " bytes at %" G_GUINT64_FORMAT " differ", wanted, offset);
  for (guint i = 0; i < GUARD; i++)
    g_assert_cmpint (buffer[wanted + i], ==, 0x5a);
}

/* A short text at every offset; a long one at its ends, around multiples of 16 KiB and at many more offsets. */
static gboolean
is_tried (guint64 offset, gsize length)
{
  const gsize near = 40;

  return length < 6000 || offset < near || offset + near > length || (offset + 3) % 16384 < 5
         || g_test_rand_int_range (0, length / 60) == 0;
}

static void
expect_all_ranges (ExpArray *value)
{
  g_autoptr (ExpNode) node = exp_memory_dataset_new (value, NULL);
  g_autoptr (ExpView) view = exp_view_open (&exp_view_text, node, &(ExpViewOptions){ FALSE, NULL }, NULL);
  GString *text = expected_text (value);
  g_autofree char *buffer = g_malloc (text->len + GUARD);
  guint64 size;

  g_assert_true (exp_view_size (view, &size, NULL));
  g_assert_cmpuint (size, ==, text->len);
  expect_range (view, text, 0, text->len + 10, buffer);
  for (guint64 offset = 0; offset <= text->len + 1; offset++)
    if (is_tried (offset, text->len))
      {
        expect_range (view, text, offset, 1, buffer);
        expect_range (view, text, offset, 7, buffer);
        expect_range (view, text, offset, 4095, buffer);
        if (offset % 32 == 0)
          expect_range (view, text, offset, 128 * 1024, buffer);
      }
  g_string_free (text, TRUE);
}

static void
any_range_is_the_same_part_of_the_text (gconstpointer data)
{
  const Kind *kind = data;
  const struct
  {
    guint rank;
    guint64 shape[3];
  } shapes[] = { { 1, { 1 } }, { 1, { 9 } }, { 2, { 4, 3 } }, { 3, { 2, 1, 5 } }, { 2, { 1, 40 } } };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autoptr (ExpDtype) dtype = kind->type ();
      g_autoptr (ExpArray) value = make_value (dtype, shapes[i].rank, shapes[i].shape);

      expect_all_ranges (value);
    }
}

/* So long that several threads make it; wide columns then too. */
static void
any_range_of_a_long_text_is_the_same (gconstpointer data)
{
  const Kind *kind = data;
  const guint64 length = kind->type == quad ? 4201 : 12007, n_rows = kind->type == quad ? 60 : 131; /* quads are slow */

  for (guint rank = 1; rank <= 2; rank++)
    {
      g_autoptr (ExpDtype) dtype = kind->type ();
      g_autoptr (ExpArray) value = make_value (dtype, rank, rank == 1 ? &length : (guint64[]){ n_rows, 91 });

      expect_all_ranges (value);
    }
}

typedef struct
{
  ExpView *view;
  const GString *text;
  gsize step;
} Reader;

static gpointer
read_in_steps (gpointer data)
{
  Reader *reader = data;
  g_autofree char *buffer = g_malloc (reader->step + GUARD);

  for (guint64 offset = 0; offset < reader->text->len; offset += reader->step)
    expect_range (reader->view, reader->text, offset, reader->step, buffer);
  return NULL;
}

static void
readers_do_not_disturb_each_other (void)
{
  g_autoptr (ExpDtype) dtype = float64 ();
  g_autoptr (ExpArray) value = make_value (dtype, 1, (guint64[]){ 60000 });
  g_autoptr (ExpNode) node = exp_memory_dataset_new (value, NULL);
  g_autoptr (ExpView) view = exp_view_open (&exp_view_text, node, &(ExpViewOptions){ FALSE, NULL }, NULL);
  GString *text = expected_text (value);
  Reader readers[8];
  GThread *threads[G_N_ELEMENTS (readers)];

  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    {
      readers[i] = (Reader){ view, text, 1000 + 70001 * i };
      threads[i] = g_thread_new (NULL, read_in_steps, &readers[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    g_thread_join (threads[i]);
  g_string_free (text, TRUE);
}

/* The width is that of the values when the file was opened: a writer may have put longer ones there since. */
static void
a_value_that_outgrew_its_column_is_an_error (gconstpointer data)
{
  const Kind *kind = data;
  g_autoptr (ExpDtype) dtype = kind->type ();
  g_autoptr (ExpArray) value = exp_array_new (dtype, 1, (guint64[]){ 100 }, NULL);
  g_autoptr (ExpNode) node = exp_memory_dataset_new (value, NULL);
  g_autoptr (ExpView) view = exp_view_open (&exp_view_text, node, &(ExpViewOptions){ FALSE, NULL }, NULL);
  g_autoptr (GError) error = NULL;
  char buffer[4096];
  guint64 size;
  gsize n_read;

  g_assert_true (exp_view_size (view, &size, NULL));
  for (gsize i = 0; i < dtype->size; i++)
    value->data[50 * dtype->size + i] = 0x3d;
  g_assert_true (exp_view_pread (view, 0, size / 4, buffer, &n_read, &error));
  g_assert_no_error (error);
  g_assert_false (exp_view_pread (view, 0, size, buffer, &n_read, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_FAILED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *small = g_strconcat ("/text-ranges/small/", kinds[i].name, NULL);
      g_autofree char *large = g_strconcat ("/text-ranges/large/", kinds[i].name, NULL);

      g_test_add_data_func (small, &kinds[i], any_range_is_the_same_part_of_the_text);
      g_test_add_data_func (large, &kinds[i], any_range_of_a_long_text_is_the_same);
    }
  for (guint i = 0; i < G_N_ELEMENTS (outgrowing); i++)
    {
      g_autofree char *path = g_strconcat ("/text-ranges/outgrown/", outgrowing[i].name, NULL);

      g_test_add_data_func (path, &outgrowing[i], a_value_that_outgrew_its_column_is_an_error);
    }
  g_test_add_func ("/text-ranges/many-readers", readers_do_not_disturb_each_other);
  return g_test_run ();
}
