/* Pictures: marks of axes, which elements are read, and what views of datasets in memory give. */
#include "expfs/expfs.h"
#include "view/picture/numbers.h"
#include "view/picture/sample.h"
#include "view/picture/ticks.h"
#include <math.h>
#include <string.h>

/* --- marks -------------------------------------------------------------------------------------------------- */

/* The labels, parted by blanks. */
static char *
labels_of (double low, double high, guint most, gboolean is_index)
{
  ExpTicks ticks;
  GString *out = g_string_new (NULL);

  exp_ticks_init (&ticks, low, high, most, is_index);
  g_assert_cmpfloat (ticks.low, <, ticks.high);
  for (guint i = 0; i < ticks.n; i++)
    {
      g_autofree char *label = exp_ticks_label (&ticks, i);

      g_assert_cmpfloat (exp_ticks_value (&ticks, i), >=, ticks.low - ticks.step * 1e-6);
      g_assert_cmpfloat (exp_ticks_value (&ticks, i), <=, ticks.high + ticks.step * 1e-6);
      g_string_append_printf (out, "%s%s", i > 0 ? " " : "", label);
    }
  return g_string_free (out, FALSE);
}

static void
test_ticks (void)
{
  static const struct
  {
    double low, high;
    gboolean is_index;
    const char *labels;
  } cases[] = {
    { 0, 1, FALSE, "0.0 0.2 0.4 0.6 0.8 1.0" },
    { -0.3, 0.3, FALSE, "-0.3 -0.2 -0.1 0.0 0.1 0.2 0.3" },
    { 0, 99999, FALSE, "0 20000 40000 60000 80000" },
    { 0, 3, TRUE, "0 1 2 3" },
    { 0, 1, TRUE, "0 1" },
    { 0, 5e6, FALSE, "0 1 2 3 4 5" },
    { 0, 3e-6, FALSE, "0.0 0.5 1.0 1.5 2.0 2.5 3.0" },
    { 7, 7, FALSE, "6.4 6.6 6.8 7.0 7.2 7.4 7.6" },
    { 0, 0, FALSE, "-1.0 -0.5 0.0 0.5 1.0" },
    /* What is the same in all is at the axis. */
    { 1000000000, 1000000000.5, FALSE, "0.0 0.1 0.2 0.3 0.4 0.5" },
    { -1000000000.5, -1000000000, FALSE, "0.5 0.6 0.7 0.8 0.9 1.0" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *labels = labels_of (cases[i].low, cases[i].high, 7, cases[i].is_index);
      g_assert_cmpstr (labels, ==, cases[i].labels);
    }
}

static void
test_ticks_extreme (void)
{
  static const double values[]
      = { 0, 1, -1, G_MAXDOUBLE, -G_MAXDOUBLE, G_MINDOUBLE, 5e-324, 1e300, 1e-300, 1 + 1e-15, 1e15, 1e-15, 123456.789 };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    for (guint k = 0; k < G_N_ELEMENTS (values); k++)
      for (guint most = 1; most < 12; most += 5)
        {
          g_autofree char *labels = labels_of (MIN (values[i], values[k]), MAX (values[i], values[k]), most, FALSE);
          g_assert_cmpuint (strlen (labels), <, (most + 1) * 40);
          g_assert_null (strstr (labels, "nan"));
          g_assert_null (strstr (labels, "inf"));
        }
}

/* --- which elements are read -------------------------------------------------------------------------------- */

/* A dataset of any shape whose elements are their own indices, that counts what is read of it. */
typedef struct
{
  ExpNode base;
  ExpInfo info;
  guint64 chunk[2]; /* 0: not chunked */
  guint64 n_read, n_reads;
} EndlessNode;

static gboolean
endless_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  exp_info_copy (&((EndlessNode *)node)->info, info);
  return TRUE;
}

static gboolean
endless_layout (ExpNode *node, ExpLayout *layout, GError **error)
{
  EndlessNode *self = (EndlessNode *)node;

  layout->chunk_rank = self->chunk[0] > 0 ? self->info.rank : 0;
  memcpy (layout->chunk, self->chunk, sizeof self->chunk);
  return TRUE;
}

static gboolean
endless_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  EndlessNode *self = (EndlessNode *)node;
  guint64 n_columns = slab->rank > 1 ? slab->count[1] : 1, size = self->info.dtype->size;

  self->n_reads++;
  for (gsize i = 0; i < array->n_elements; i++)
    ((double *)array->data)[i] = (slab->start[0] + i / n_columns) * (slab->rank > 1 ? self->info.shape[1] : 1)
                                 + (slab->rank > 1 ? slab->start[1] + i % n_columns : 0);
  if (self->chunk[0] == 0)
    self->n_read += array->n_elements * size;
  else
    {
      guint64 n_chunks = 1, bytes = size;
      for (guint i = 0; i < slab->rank; i++)
        {
          n_chunks *= (slab->start[i] + slab->count[i] - 1) / self->chunk[i] - slab->start[i] / self->chunk[i] + 1;
          bytes *= self->chunk[i];
        }
      self->n_read += n_chunks * bytes;
    }
  return TRUE;
}

static void
endless_free (ExpNode *node)
{
  exp_info_clear (&((EndlessNode *)node)->info);
  g_free (node);
}

static const ExpNodeClass endless_class
    = { .free = endless_free, .describe = endless_describe, .layout = endless_layout, .read = endless_read };

static EndlessNode *
endless_new (guint rank, guint64 rows, guint64 columns, guint64 chunk_rows, guint64 chunk_columns)
{
  EndlessNode *self = g_new0 (EndlessNode, 1);

  exp_node_init (&self->base, &endless_class);
  self->info.kind = EXP_KIND_DATASET;
  self->info.dtype = exp_dtype_new_number (EXP_TYPE_FLOAT, 8, FALSE);
  self->info.rank = rank;
  self->info.shape[0] = rows;
  self->info.shape[1] = columns;
  self->chunk[0] = chunk_rows;
  self->chunk[1] = chunk_columns;
  return self;
}

typedef struct
{
  guint64 n_elements;
  guint8 *is_filled; /* of each pair of bins */
} Filling;

/* Each element lies in the range of its bin. */
static void
fill (const ExpSample *sample, const ExpArray *array, const guint64 *start, const guint64 *count, const guint64 *piece,
      gpointer data)
{
  Filling *filling = data;

  filling->n_elements += array->n_elements;
  for (guint64 i = 0; i < count[0]; i++)
    {
      guint bins[2] = { 0 };
      guint64 first, n;

      bins[0] = exp_sample_bin (&sample->axes[0], start[0] + i, piece[0]);
      exp_sample_bin_range (&sample->axes[0], bins[0], &first, &n);
      g_assert_cmpuint (start[0] + i, >=, first);
      g_assert_cmpuint (start[0] + i, <, first + n);
      for (guint64 k = 0; k < count[1]; k++)
        {
          if (sample->n_axes == 2)
            {
              bins[1] = exp_sample_bin (&sample->axes[1], start[1] + k, piece[1]);
              exp_sample_bin_range (&sample->axes[1], bins[1], &first, &n);
              g_assert_cmpuint (start[1] + k, >=, first);
              g_assert_cmpuint (start[1] + k, <, first + n);
            }
          filling->is_filled[bins[0] * MAX (sample->axes[1].n_bins, 1) + bins[1]] = 1;
        }
    }
}

static void
check_sample (guint rank, guint64 rows, guint64 columns, guint64 chunk_rows, guint64 chunk_columns)
{
  static const guint axes[] = { 0, 1 }, wanted[] = { 400, 640 };
  EndlessNode *endless = endless_new (rank, rows, columns, chunk_rows, chunk_columns);
  g_autoptr (ExpNode) node = &endless->base;
  guint64 all = rows * MAX (columns, 1) * 8;
  Filling filling = { 0, g_new0 (guint8, 400 * 640) };
  ExpSample sample;
  guint n_bins;

  g_assert_true (exp_sample_init (&sample, node, &endless->info, rank, axes, wanted, -1, NULL));
  g_assert_true (exp_sample_read (&sample, fill, &filling, NULL));
  n_bins = sample.axes[0].n_bins * MAX (sample.axes[1].n_bins, 1);
  for (guint i = 0; i < n_bins; i++)
    g_assert_true (filling.is_filled[i]);
  g_assert_cmpuint (sample.axes[0].n_bins, <=, MIN (wanted[0], rows));
  if (all <= EXP_SAMPLE_WHOLE)
    {
      g_assert_cmpuint (filling.n_elements * 8, ==, all);
      g_assert_cmpfloat (exp_sample_ratio (&sample), ==, 1);
    }
  else
    {
      g_assert_cmpuint (endless->n_read, <=, chunk_rows > 0 ? EXP_SAMPLE_CHUNKS : EXP_SAMPLE_BYTES);
      g_assert_cmpuint (endless->n_reads, <=, EXP_SAMPLE_PIECES);
      g_assert_cmpuint (n_bins, >=, 64);
      g_assert_cmpfloat_with_epsilon (exp_sample_ratio (&sample), (double)all / 8 / filling.n_elements,
                                      exp_sample_ratio (&sample) * 0.05);
    }
  g_free (filling.is_filled);
}

static void
test_sample (void)
{
  for (guint64 rows = 1; rows < 5000; rows += 1 + rows / 3)
    {
      check_sample (1, rows, 0, 0, 0);
      check_sample (2, rows, 5000 / rows, 0, 0);
    }
  check_sample (1, 3 << 20, 0, 0, 0);
  check_sample (1, 3 << 20, 0, 1000, 0);
  check_sample (1, G_GUINT64_CONSTANT (12500000000), 0, 0, 0);
  check_sample (1, G_GUINT64_CONSTANT (12500000000), 0, 131072, 0);
  check_sample (1, G_GUINT64_CONSTANT (1250000001), 0, 1000, 0);
  check_sample (2, 100000, 125000, 0, 0);
  check_sample (2, 10, G_GUINT64_CONSTANT (1250000000), 0, 0);
  check_sample (2, G_GUINT64_CONSTANT (1250000000), 10, 0, 0);
  check_sample (2, 100000, 125000, 256, 256);
  check_sample (2, 1280, 1000000, 1, 131072);
  check_sample (2, 1000000, 1280, 128, 1280);
}

/* A single chunk is more than is read of others: then it is that one, in part. */
static void
test_sample_one_chunk (void)
{
  EndlessNode *endless = endless_new (1, G_GUINT64_CONSTANT (1) << 40, 0, G_GUINT64_CONSTANT (1) << 30, 0);
  g_autoptr (ExpNode) node = &endless->base;
  static const guint axis = 0, wanted = 640;
  Filling filling = { 0, g_new0 (guint8, 640) };
  ExpSample sample;

  g_assert_true (exp_sample_init (&sample, node, &endless->info, 1, &axis, &wanted, -1, NULL));
  g_assert_true (exp_sample_read (&sample, fill, &filling, NULL));
  g_assert_cmpuint (filling.n_elements * 8, <=, EXP_SAMPLE_CHUNKS);
  g_assert_cmpuint (endless->n_reads, ==, 1);
  g_free (filling.is_filled);
}

/* --- views -------------------------------------------------------------------------------------------------- */

static ExpArray *
doubles (guint rank, const guint64 *shape, const double *values)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_FLOAT, 8, FALSE);
  ExpArray *array = exp_array_new (dtype, rank, shape, NULL);

  if (values != NULL)
    memcpy (array->data, values, array->n_elements * 8);
  return array;
}

/* The picture, which is the same when it is made again. */
static char *
draw (ExpNode *node, const ExpViewClass *klass, const char *path, gsize *length)
{
  const ExpViewOptions options = { FALSE, path };
  char *bytes[2];
  guint64 size = 0;

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ExpView) view = exp_view_open (klass, node, &options, &error);
      g_assert_no_error (error);
      g_assert_true (exp_view_size (view, &size, &error));
      g_assert_no_error (error);
      bytes[i] = g_malloc0 (size + 1);
      g_assert_true (exp_view_pread (view, 0, size + 1, bytes[i], length, NULL));
      g_assert_cmpuint (*length, ==, size);
      g_assert_true (exp_view_pread (view, size / 2, 1, (char[1]){ 0 }, length, NULL));
      g_assert_cmpuint (*length, ==, 1);
    }
  g_assert_cmpmem (bytes[0], size, bytes[1], size);
  *length = size;
  g_free (bytes[1]);
  return bytes[0];
}

static void
expect_words (ExpNode *node, const char *path, const char *title, const char *words)
{
  gsize length;
  g_autofree char *svg = draw (node, &exp_view_svg, path, &length);
  g_autofree char *wanted = g_strdup_printf ("<title>%s</title>\n<desc>%s</desc>", title, words);

  if (strstr (svg, wanted) == NULL)
    g_test_message ("%.600s", svg);
  g_assert_nonnull (strstr (svg, wanted));
  g_assert_null (strstr (svg, "nan"));
  g_assert_null (strstr (svg, "inf"));
  g_assert_true (g_str_has_suffix (svg, "</svg>\n"));
}

static void
test_lines (void)
{
  const guint64 n = 5, table[] = { 20, 3 };
  g_autoptr (ExpArray) line = doubles (1, &n, (const double[]){ 1, NAN, INFINITY, -2, 1e308 });
  g_autoptr (ExpArray) lines = doubles (2, table, NULL);
  g_autoptr (ExpNode) node = exp_memory_dataset_new (line, NULL), several = exp_memory_dataset_new (lines, NULL);
  g_autoptr (ExpArray) units = exp_array_new_text ("mV"), rate = exp_array_new_text ("2 kHz");
  g_autoptr (ExpArray) start = exp_array_new_float (10);

  expect_words (node, "/group/x", "group/x", "x: index; y: value");
  exp_memory_node_set_attribute (node, "units", units);
  exp_memory_node_set_attribute (node, "sampling_rate", rate);
  exp_memory_node_set_attribute (node, "t_start", start);
  expect_words (node, "/group/x", "group/x", "x: time (ms); y: value (mV)");
  expect_words (several, NULL, "", "x: index; y: value");
}

static void
test_empty (void)
{
  const guint64 none = 0, wide[] = { 0, 5 }, tall[] = { 5, 0 };
  const double nans[] = { NAN, NAN };
  ExpArray *arrays[] = { doubles (1, &none, NULL), doubles (2, wide, NULL), doubles (2, tall, NULL),
                         doubles (1, (const guint64[]){ 2 }, nans) };

  for (guint i = 0; i < G_N_ELEMENTS (arrays); i++)
    {
      g_autoptr (ExpNode) node = exp_memory_dataset_new (arrays[i], NULL);
      expect_words (node, "/x", "x", "x: index; y: value; no values");
      exp_array_unref (arrays[i]);
    }
}

static void
test_heat_map (void)
{
  const guint64 shape[] = { 2, 1, 30, 40 };
  g_autoptr (ExpArray) values = doubles (4, shape, NULL);
  g_autoptr (ExpNode) node = exp_memory_dataset_new (values, NULL);
  const char *const names[] = { "run", "", "y", "x" };
  g_autoptr (ExpArray) axes = exp_array_new_texts (4, names);

  expect_words (node, "/cube", "cube[0,0,:,:]", "x: column; y: row; colours: value");
  exp_memory_node_set_attribute (node, "DIMENSION_LABELS", axes);
  expect_words (node, "/cube", "cube[0,0,:,:]", "x: x; y: y; colours: value");
}

static void
test_spikes (void)
{
  const guint64 n = 3;
  g_autoptr (ExpArray) times = doubles (1, &n, (const double[]){ 1, 2.5, 40 });
  g_autoptr (ExpNode) train = exp_memory_dataset_new (times, EXP_ROLE_SPIKE_TRAIN);
  g_autoptr (ExpNode) intervals = exp_memory_dataset_new (times, EXP_ROLE_ISI);
  g_autoptr (ExpNode) group = exp_memory_group_new (EXP_ROLE_SPIKE_TRAINS), other = exp_memory_group_new (NULL);
  g_autoptr (ExpArray) units = exp_array_new_text ("ms");

  exp_memory_node_set_attribute (train, "units", units);
  exp_memory_node_set_attribute (intervals, "units", units);
  exp_memory_group_add (group, "7", train);
  exp_memory_group_add (group, "12", train);
  expect_words (train, "/7", "7", "x: time (ms)");
  expect_words (group, "/spiketrains", "spiketrains", "x: time (ms); y: train");
  expect_words (intervals, "/isi", "isi", "x: interval (ms); y: count");
  g_assert_null (exp_view_open (&exp_view_svg, other, &(ExpViewOptions){ 0 }, NULL));
}

/* Names and attributes are anybody's. */
static void
test_hostile_texts (void)
{
  const guint64 n = 2;
  g_autoptr (ExpArray) line = doubles (1, &n, (const double[]){ 1, 2 });
  g_autoptr (ExpNode) node = exp_memory_dataset_new (line, NULL);
  g_autofree char *many = g_strnfill (100000, 'm');
  g_autoptr (ExpArray) script = exp_array_new_text ("<script>&\"\1\x7f\xff\nb"), units = exp_array_new_text (many);
  gsize length;

  exp_memory_node_set_attribute (node, "long_name", script);
  exp_memory_node_set_attribute (node, "units", units);
  g_autofree char *svg = draw (node, &exp_view_svg, "/<b>&\xc3", &length);
  g_assert_nonnull (strstr (svg, "<title>&lt;b&gt;&amp;\xef\xbf\xbd</title>"));
  g_assert_nonnull (strstr (svg, "y: &lt;script&gt;&amp;&quot;  \xef\xbf\xbd b (mmm"));
  g_assert_null (strstr (svg, "<script"));
  g_assert_cmpuint (length, <, 100000);
  g_assert_true (g_utf8_validate (svg, length, NULL));
}

static void
test_forms (void)
{
  const guint64 n = 2;
  g_autoptr (ExpArray) line = doubles (1, &n, (const double[]){ 1, 2 }), text = exp_array_new_text ("x");
  g_autoptr (ExpArray) number = exp_array_new_float (1);
  g_autoptr (ExpNode) node = exp_memory_dataset_new (line, NULL), word = exp_memory_dataset_new (text, NULL);
  g_autoptr (ExpNode) scalar = exp_memory_dataset_new (number, NULL);
  gsize length, stem;
  g_autofree char *png = draw (node, &exp_view_png, "/x", &length), *pdf = draw (node, &exp_view_pdf, "/x", &length);

  g_assert_true (g_str_has_prefix (png, "\x89PNG"));
  g_assert_true (g_str_has_prefix (pdf, "%PDF-1."));
  g_assert_true (exp_view_class_for_name ("x.svg.png", &stem) == &exp_view_png);
  g_assert_cmpuint (stem, ==, 1);
  g_assert_null (exp_view_open (&exp_view_svg, word, &(ExpViewOptions){ 0 }, NULL));
  g_assert_null (exp_view_open (&exp_view_svg, scalar, &(ExpViewOptions){ 0 }, NULL));
}

/* Each peak is in the picture of more points than it has columns: one in a million makes the axis reach to it. */
static void
test_peak (void)
{
  const guint64 n = 1000000;
  g_autoptr (ExpArray) flat = doubles (1, &n, NULL), peaked = doubles (1, &n, NULL);
  gsize length;

  ((double *)peaked->data)[765432] = 1;
  g_autoptr (ExpNode) low = exp_memory_dataset_new (flat, NULL), high = exp_memory_dataset_new (peaked, NULL);
  g_autofree char *without = draw (low, &exp_view_svg, "/x", &length);
  g_autofree char *with = draw (high, &exp_view_svg, "/x", &length);
  g_assert_cmpstr (with, !=, without);
}

static gpointer
draw_again (gpointer data)
{
  gsize length;

  return draw (data, &exp_view_svg, "/x", &length);
}

static void
test_threads (void)
{
  const guint64 shape[] = { 50, 60 };
  g_autoptr (ExpArray) values = doubles (2, shape, NULL);
  g_autoptr (ExpNode) node = exp_memory_dataset_new (values, NULL);
  GThread *threads[8];
  g_autofree char *first = draw_again (node);

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("draw", draw_again, node);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      g_autofree char *same = g_thread_join (threads[i]);
      g_assert_cmpstr (same, ==, first);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/picture/ticks", test_ticks);
  g_test_add_func ("/picture/ticks-of-extreme-values", test_ticks_extreme);
  g_test_add_func ("/picture/sample-is-whole-or-bounded", test_sample);
  g_test_add_func ("/picture/sample-of-one-huge-chunk", test_sample_one_chunk);
  g_test_add_func ("/picture/lines", test_lines);
  g_test_add_func ("/picture/empty", test_empty);
  g_test_add_func ("/picture/heat-map", test_heat_map);
  g_test_add_func ("/picture/spikes", test_spikes);
  g_test_add_func ("/picture/hostile-texts", test_hostile_texts);
  g_test_add_func ("/picture/forms", test_forms);
  g_test_add_func ("/picture/peak-is-drawn", test_peak);
  g_test_add_func ("/picture/threads", test_threads);
  return g_test_run ();
}
