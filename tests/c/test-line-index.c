/* Views whose lines vary in length, in any range and order, by one reader and by many: against the same text put
 * together cell by cell. */
#include "core/view/view_private.h"
#include "expfs/expfs.h"
#include "expfs/number.h"
#include <string.h>

/* --- values ------------------------------------------------------------------------------------------------- */

static ExpArray *
numbers (ExpTypeClass class, gsize size, guint rank, const guint64 *shape)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (class, size, size == 4);
  ExpArray *value = exp_array_new (dtype, rank, shape, NULL);
  const double special[] = { 0, 0.5, -3, 1e300 * 1e10, -1e300 * 1e10, 0.0 / 0.0 };

  for (gsize i = 0; i < value->n_elements; i++)
    {
      guint8 *cell = value->data + i * size;

      for (gsize k = 0; k < size; k++)
        cell[k] = i % 3 == 0 ? 0 : g_test_rand_int ();
      if (size == 8 && i % 5 == 0)
        memcpy (cell, &special[i / 5 % G_N_ELEMENTS (special)], 8);
    }
  return value;
}

static ExpArray *
strings (guint rank, const guint64 *shape)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_vstring (TRUE);
  ExpArray *value = exp_array_new (dtype, rank, shape, NULL);
  ExpVlen *cells = (ExpVlen *)value->data;

  for (gsize i = 0; i < value->n_elements; i++)
    {
      cells[i].length = g_test_rand_int_range (0, i % 100 == 0 ? 900 : 20);
      cells[i].data = exp_array_allocate (value, cells[i].length + 1);
      for (gsize k = 0; k < cells[i].length; k++)
        ((char *)cells[i].data)[k] = "abc ,\"x\n\\yz"[g_test_rand_int_range (0, 11)];
    }
  return value;
}

static ExpArray *
table (guint rank, const guint64 *shape)
{
  const ExpMember members[] = { { "n", exp_dtype_new_number (EXP_TYPE_INT, 2, FALSE), 0 },
                                { "x", exp_dtype_new_number (EXP_TYPE_FLOAT, 8, FALSE), 8 } };
  g_autoptr (ExpDtype) dtype = exp_dtype_new_compound (16, 2, members, NULL);
  ExpArray *value = exp_array_new (dtype, rank, shape, NULL);

  for (gsize i = 0; i < value->n_elements * dtype->size; i++)
    value->data[i] = g_test_rand_int ();
  return value;
}

/* --- their texts, cell by cell ------------------------------------------------------------------------------ */

static void
append_quoted (GString *out, const char *text, gsize length)
{
  gboolean is_quoted = FALSE;

  for (gsize i = 0; i < length; i++)
    is_quoted = is_quoted || strchr (",\"\n\r", text[i]) != NULL;
  if (is_quoted)
    g_string_append_c (out, '"');
  for (gsize i = 0; i < length; i++)
    {
      if (text[i] == '"')
        g_string_append_c (out, '"');
      g_string_append_c (out, text[i]);
    }
  if (is_quoted)
    g_string_append_c (out, '"');
}

static void
append_escaped (GString *out, const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (text[i] == '\\' || text[i] == '\n')
      g_string_append (out, text[i] == '\\' ? "\\\\" : "\\n");
    else
      g_string_append_c (out, text[i]);
}

static void
append_leaf (GString *out, const ExpViewClass *klass, const ExpDtype *dtype, const guint8 *cell)
{
  gsize length;

  if (dtype->type != EXP_TYPE_VSTRING)
    {
      exp_cell_format (dtype, cell, out);
      return;
    }
  const char *text = exp_cell_text (dtype, cell, &length);
  if (klass == &exp_view_csv)
    append_quoted (out, text, length);
  else
    append_escaped (out, text, length);
}

/* Without its header. */
static GString *
expected_lines (const ExpViewClass *klass, const ExpArray *value)
{
  const guint64 per_row = value->rank >= 2 ? value->shape[value->rank - 1] : 1;
  const char *separator = klass == &exp_view_csv ? "," : "\t";
  GString *out = g_string_new (NULL);

  for (gsize i = 0; i < value->n_elements; i++)
    {
      const guint8 *cell = value->data + i * value->dtype->size;

      if (klass == &exp_view_ndjson)
        {
          g_string_append (out, value->rank < 2 ? "" : i % per_row == 0 ? "[" : ", ");
          exp_cell_to_json (value->dtype, cell, out);
          if ((i + 1) % per_row == 0)
            g_string_append (out, value->rank < 2 ? "\n" : "]\n");
          continue;
        }
      for (guint m = 0; m < value->dtype->n_members; m++)
        {
          append_leaf (out, klass, value->dtype->members[m].dtype, cell + value->dtype->members[m].offset);
          if (m + 1 < value->dtype->n_members)
            g_string_append (out, separator);
        }
      if (value->dtype->n_members == 0)
        append_leaf (out, klass, value->dtype, cell);
      g_string_append (out, (i + 1) % per_row == 0 ? "\n" : separator);
    }
  return out;
}

/* The value of x.json, on one line. */
static GString *
expected_json (const ExpArray *value)
{
  GString *out = g_string_new (NULL);

  exp_array_to_json (value, out);
  g_string_append (out, "}\n");
  return out;
}

/* --- reading ------------------------------------------------------------------------------------------------ */

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
  g_autofree char *buffer = g_malloc (reader->step);

  for (guint64 offset = 0; offset <= reader->text->len; offset += reader->step)
    {
      gsize n, wanted = MIN (reader->step, reader->text->len - offset);

      g_assert_true (exp_view_pread (reader->view, offset, reader->step, buffer, &n, NULL));
      g_assert_cmpuint (n, ==, wanted);
      g_assert_true (memcmp (buffer, reader->text->str + offset, n) == 0);
    }
  return NULL;
}

static void
read_anywhere (ExpView *view, const GString *text)
{
  g_autofree char *buffer = g_malloc (300000);

  for (guint i = 0; i < 60; i++)
    {
      gsize n, length = g_test_rand_int_range (0, i % 2 ? 100 : 300000);
      guint64 offset = g_test_rand_int_range (0, text->len + 2);

      g_assert_true (exp_view_pread (view, offset, length, buffer, &n, NULL));
      g_assert_cmpuint (n, ==, offset < text->len ? MIN (length, text->len - offset) : 0);
      g_assert_true (memcmp (buffer, text->str + MIN (offset, text->len), n) == 0);
    }
}

static GString *
read_whole (ExpView *view)
{
  GString *text = g_string_new (NULL);
  guint64 size;
  gsize n;

  g_assert_true (exp_view_size (view, &size, NULL));
  g_string_set_size (text, size);
  g_assert_true (exp_view_pread (view, 0, size, text->str, &n, NULL));
  g_assert_cmpuint (n, ==, size);
  return text;
}

/* On fresh views, so that the texts that an index is made from are taken in each order. */
static void
expect_all_ways_to_read (const ExpViewClass *klass, ExpArray *value, const GString *text)
{
  g_autoptr (ExpNode) node = exp_memory_dataset_new (value, NULL);
  const ExpViewOptions options = { TRUE, "/x" };
  const gsize steps[] = { 128 * 1024, 4096, 1000003, 70001 };
  Reader readers[G_N_ELEMENTS (steps)];
  GThread *threads[G_N_ELEMENTS (steps)];

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autoptr (ExpView) view = exp_view_open (klass, node, &options, NULL);

      read_in_steps (&(Reader){ view, text, steps[i] });
    }
  g_autoptr (ExpView) view = exp_view_open (klass, node, &options, NULL);
  read_anywhere (view, text);
  g_autoptr (ExpView) shared = exp_view_open (klass, node, &options, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      readers[i] = (Reader){ shared, text, steps[i] };
      threads[i] = g_thread_new (NULL, read_in_steps, &readers[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    g_thread_join (threads[i]);
}

/* The whole must end in what was put together cell by cell, and begin with a header at most. */
static void
expect_view (const ExpViewClass *klass, ExpArray *value)
{
  g_autoptr (ExpNode) node = exp_memory_dataset_new (value, NULL);
  g_autoptr (ExpView) view = exp_view_open (klass, node, &(ExpViewOptions){ TRUE, "/x" }, NULL);
  GString *text = read_whole (view);
  GString *expected = klass == &exp_view_json ? expected_json (value) : expected_lines (klass, value);
  g_autofree char *plain = g_strdup (text->str);

  for (char *c = plain; klass == &exp_view_json && (c = strstr (c, ",\n")) != NULL;)
    c[1] = ' ';
  g_assert_true (text->len >= expected->len);
  const char *lines = plain + (text->len - expected->len);
  g_assert_true (memcmp (lines, expected->str, expected->len) == 0);
  if (klass == &exp_view_csv)
    g_assert_true (strchr (plain, '\n') == lines - 1);
  else if (klass != &exp_view_json)
    g_assert_true (lines == plain);
  expect_all_ways_to_read (klass, value, text);
  g_string_free (expected, TRUE);
  g_string_free (text, TRUE);
}

static const ExpViewClass *const classes[] = { &exp_view_text, &exp_view_csv, &exp_view_json, &exp_view_ndjson };

static void
every_view_is_the_same_however_it_is_read (gconstpointer data)
{
  const guint64 *shape = data;
  const guint rank = shape[1] == 0 ? 1 : shape[2] == 0 ? 2 : 3;

  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    {
      g_autoptr (ExpArray) doubles = numbers (EXP_TYPE_FLOAT, 8, rank, shape);
      g_autoptr (ExpArray) integers = numbers (EXP_TYPE_INT, 4, rank, shape);
      g_autoptr (ExpArray) pairs = numbers (EXP_TYPE_COMPLEX, 16, rank, shape);
      g_autoptr (ExpArray) halves = numbers (EXP_TYPE_FLOAT, 2, rank, shape);
      g_autoptr (ExpArray) texts = strings (rank, shape);
      g_autoptr (ExpArray) rows = table (rank, shape);

      expect_view (classes[i], doubles);
      expect_view (classes[i], integers);
      expect_view (classes[i], pairs);
      expect_view (classes[i], halves);
      expect_view (classes[i], texts);
      expect_view (classes[i], rows);
    }
}

/* What an index was made from is kept for so many views only; the others make their text again. */
static void
sizes_of_many_views_then_their_text (void)
{
  g_autoptr (ExpArray) value = numbers (EXP_TYPE_FLOAT, 8, 1, (guint64[]){ 60000 });
  g_autoptr (ExpNode) node = exp_memory_dataset_new (value, NULL);
  ExpView *views[24];
  GString *text = expected_lines (&exp_view_ndjson, value);
  guint64 size;

  g_assert_cmpuint (G_N_ELEMENTS (views) * text->len, >, 16 * 1024 * 1024);
  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    {
      views[i] = exp_view_open (&exp_view_ndjson, node, &(ExpViewOptions){ FALSE, "/x" }, NULL);
      g_assert_true (exp_view_size (views[i], &size, NULL));
      g_assert_cmpuint (size, ==, text->len);
    }
  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    {
      if (i % 3 > 0) /* the others are never read */
        read_in_steps (&(Reader){ views[i], text, 100000 });
      exp_view_unref (views[i]);
    }
  g_string_free (text, TRUE);
}

/* A view of a dataset that others add rows to goes on with what an earlier view knows of the first ones. */
static void
an_index_is_continued (void)
{
  static const guint64 lengths[] = { 1, 63, 64, 65, 70, 5000, 5001, 12000, 12000, 40000 };
  g_autoptr (ExpArray) all = strings (1, (guint64[]){ 40000 });
  ExpView *old = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autoptr (ExpArray) value = exp_array_new (all->dtype, 1, &lengths[i], NULL);
      memcpy (value->data, all->data, lengths[i] * all->dtype->size);
      g_autoptr (ExpNode) node = exp_memory_dataset_new (value, NULL);
      GString *text = expected_lines (&exp_view_text, value);
      ExpView *view = exp_view_open (&exp_view_text, node, &(ExpViewOptions){ FALSE, "/x" }, NULL);

      if (old != NULL)
        exp_view_continue_from (view, old);
      if (i % 4 != 3) /* one that nobody has read knows nothing */
        read_in_steps (&(Reader){ view, text, 70000 });
      if (old != NULL)
        exp_view_unref (old);
      old = view;
      g_string_free (text, TRUE);
    }
  exp_view_unref (old);
}

int
main (int argc, char **argv)
{
  static const guint64 shapes[][4]
      = { { 1 }, { 63 }, { 65 }, { 9001 }, { 30011 }, { 3, 7 }, { 100, 90 }, { 5, 4001 }, { 7, 3, 100 } };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autofree char *path = g_strdup_printf ("/line-index/shape-%u", i);

      g_test_add_data_func (path, shapes[i], every_view_is_the_same_however_it_is_read);
    }
  g_test_add_func ("/line-index/many-views", sizes_of_many_views_then_their_text);
  g_test_add_func ("/line-index/continued", an_index_is_continued);
  return g_test_run ();
}
