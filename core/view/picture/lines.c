/* One or several lines. Where there are more points than columns of the picture, each column goes from the least to the
 * greatest value in it, so that no peak is lost; where there is no value is a gap.
 * Knows how lines are read and drawn.
 * Called by picture.c. */
#include "numbers.h"
#include "palette.h"
#include "picture.h"
#include <math.h>
#include <string.h>

#define LEGEND 150

/* Up to here the points are marked. */
#define MARKED 40

/* The values of a bin. */
typedef struct
{
  double low, high;
  gboolean has_any;
} Bin;

typedef struct
{
  ExpPicture base;
  guint n_lines, n_bins;
  double *x;    /* of each bin */
  Bin *bins;    /* n_lines times n_bins */
  char **names; /* of the lines; NULL when there is one */
  double low, high, x_low, x_high;
} Lines;

/* One reading. */
typedef struct
{
  Lines *lines;
  const GArray *numbers; /* of a cell */
  guint64 n_across;      /* cells that are read for each point */
  gboolean is_across_last;
} Reading;

static void
lines_free (ExpPicture *picture)
{
  Lines *self = (Lines *)picture;

  g_free (self->x);
  g_free (self->bins);
  g_strfreev (self->names);
  g_free (self);
}

static void
add (Lines *self, guint line, guint bin, double value)
{
  Bin *to = &self->bins[(gsize)line * self->n_bins + bin];

  if (!isfinite (value))
    return;
  value = CLAMP (value, -EXP_TICKS_MAX, EXP_TICKS_MAX);
  to->low = to->has_any ? MIN (to->low, value) : value;
  to->high = to->has_any ? MAX (to->high, value) : value;
  to->has_any = TRUE;
}

/* --- drawing ------------------------------------------------------------------------------------------------ */

static void
mark (cairo_t *cr, double x, double y, double size)
{
  cairo_new_sub_path (cr);
  cairo_arc (cr, x, y, size, 0, 2 * G_PI);
  cairo_fill (cr);
}

static const Bin *
get_bin (const Lines *self, guint line, guint bin)
{
  return bin < self->n_bins ? &self->bins[(gsize)line * self->n_bins + bin] : NULL;
}

static gboolean
is_alone (const Lines *self, guint line, guint i)
{
  const Bin *bin = get_bin (self, line, i), *next = get_bin (self, line, i + 1);
  const Bin *before = i > 0 ? get_bin (self, line, i - 1) : NULL;

  return bin->has_any && bin->low == bin->high && (before == NULL || !before->has_any)
         && (next == NULL || !next->has_any);
}

static void
draw_line (const Lines *self, guint line, cairo_t *cr, const ExpBox *box, const ExpAxis *x_axis, const ExpAxis *y_axis)
{
  double last = 0;

  cairo_new_path (cr);
  for (guint i = 0; i < self->n_bins; i++)
    {
      const Bin *bin = get_bin (self, line, i);
      double x = exp_canvas_x (box, &x_axis->ticks, self->x[i]);
      double low = exp_canvas_y (box, y_axis, bin->low), high = exp_canvas_y (box, y_axis, bin->high);

      if (!bin->has_any)
        {
          cairo_new_sub_path (cr);
          continue;
        }
      /* Upwards or downwards, whichever goes on from where the line is. */
      if (fabs (last - low) > fabs (last - high))
        {
          double other = low;
          low = high;
          high = other;
        }
      cairo_line_to (cr, x, low);
      if (high != low)
        cairo_line_to (cr, x, high);
      last = high;
    }
  cairo_stroke (cr);
}

static void
draw_marks (const Lines *self, guint line, cairo_t *cr, const ExpBox *box, const ExpAxis *x_axis, const ExpAxis *y_axis)
{
  for (guint i = 0; i < self->n_bins; i++)
    if (self->n_bins <= MARKED ? get_bin (self, line, i)->has_any : is_alone (self, line, i))
      mark (cr, exp_canvas_x (box, &x_axis->ticks, self->x[i]),
            exp_canvas_y (box, y_axis, get_bin (self, line, i)->low), self->n_bins <= MARKED ? 2.5 : 1.2);
}

static void
lines_draw (ExpPicture *picture, cairo_t *cr, const ExpBox *box)
{
  Lines *self = (Lines *)picture;
  double margin = (self->high / 2 - self->low / 2) * 0.08;
  ExpAxis x = { .name = picture->x_name, .units = picture->x_units };
  ExpAxis y = { .name = picture->y_name, .units = picture->y_units };
  ExpBox legend = { box->x + box->width + 16, box->y, LEGEND - 16, 0 };

  /* Marks at the ends are whole. */
  double ends = self->n_bins <= MARKED ? (self->x_high - self->x_low) * 0.02 : 0;

  exp_ticks_init (&x.ticks, self->x_low - ends, self->x_high + ends, 8, !picture->labels.has_step);
  exp_ticks_init (&y.ticks, self->low - margin, self->high + margin, 7, FALSE);
  cairo_save (cr);
  cairo_rectangle (cr, box->x, box->y, box->width, box->height);
  cairo_clip (cr);
  for (guint i = self->n_lines; i-- > 0;)
    {
      exp_canvas_colour (cr, exp_palette_line (i));
      cairo_set_line_width (cr, 1.2);
      draw_line (self, i, cr, box, &x, &y);
      draw_marks (self, i, cr, box, &x, &y);
    }
  cairo_restore (cr);
  cairo_set_line_width (cr, 1);
  exp_canvas_axes (cr, box, &x, &y);
  for (guint i = 0; self->names != NULL && i < self->n_lines; i++)
    exp_canvas_legend (cr, &legend, i, exp_palette_line (i), self->names[i]);
}

static const ExpPictureClass lines_class = { lines_free, lines_draw };

/* --- reading ------------------------------------------------------------------------------------------------ */

static Lines *
lines_new (guint n_lines, guint n_bins)
{
  Lines *self = g_new0 (Lines, 1);

  self->base.klass = &lines_class;
  self->n_lines = n_lines;
  self->n_bins = n_bins;
  self->x = g_new0 (double, MAX (n_bins, 1));
  self->bins = g_new0 (Bin, MAX ((gsize)n_lines * n_bins, 1));
  return self;
}

static void
add_piece (const ExpSample *sample, const ExpArray *array, const guint64 *start, const guint64 *count,
           const guint64 *piece, gpointer data)
{
  const Reading *reading = data;
  gsize size = array->dtype->size;

  for (guint64 i = 0; i < *count; i++)
    {
      guint bin = exp_sample_bin (&sample->axes[0], *start + i, *piece);
      for (guint64 k = 0; k < reading->n_across; k++)
        {
          const guint8 *cell
              = array->data + (reading->is_across_last ? i * reading->n_across + k : k * *count + i) * size;
          for (guint n = 0; n < reading->numbers->len; n++)
            add (reading->lines, k * reading->numbers->len + n, bin,
                 exp_number_get (&g_array_index (reading->numbers, ExpNumber, n), cell));
        }
    }
}

/* The range of values; the x axis from `low` to `high`. */
static void
set_ranges (Lines *self, double low, double high)
{
  gboolean has_any = FALSE;

  for (gsize i = 0; i < (gsize)self->n_lines * self->n_bins; i++)
    if (self->bins[i].has_any)
      {
        self->low = has_any ? MIN (self->low, self->bins[i].low) : self->bins[i].low;
        self->high = has_any ? MAX (self->high, self->bins[i].high) : self->bins[i].high;
        has_any = TRUE;
      }
  if (!has_any)
    {
      self->high = 1;
      self->base.note = g_strdup ("no values");
    }
  self->x_low = low;
  self->x_high = high;
}

static void
set_names (ExpPicture *picture, const ExpSubject *subject, int along, const char *kind)
{
  const ExpLabels *labels = &subject->labels;
  const char *axis = along >= 0 ? labels->axes[along] : NULL;

  picture->labels.has_step = labels->has_step;
  picture->x_name = g_strdup (labels->x_name != NULL ? labels->x_name
                              : labels->has_step     ? "time"
                              : axis != NULL         ? axis
                                                     : kind);
  picture->x_units = g_strdup (labels->x_units);
  if (!labels->has_step && labels->x_name == NULL)
    g_clear_pointer (&picture->x_units, g_free);
  picture->y_name = g_strdup (labels->value_name != NULL ? labels->value_name : "value");
  picture->y_units = g_strdup (labels->value_units);
}

static char **
name_lines (const GArray *numbers, guint64 n_across)
{
  GPtrArray *names = g_ptr_array_new ();

  for (guint64 k = 0; k < n_across; k++)
    for (guint i = 0; i < numbers->len; i++)
      {
        const char *name = g_array_index (numbers, ExpNumber, i).name;
        g_autofree char *index = n_across > 1 ? g_strdup_printf ("%" G_GUINT64_FORMAT, k) : g_strdup ("");
        g_autofree char *whole = g_strconcat (index, *index != '\0' && *name != '\0' ? " " : "", name, NULL);
        g_ptr_array_add (names, exp_label_text (whole, strlen (whole), 60));
      }
  g_ptr_array_add (names, NULL);
  return (char **)g_ptr_array_free (names, FALSE);
}

static char *
note_of (const ExpSample *sample, guint n_lines, guint64 n_all, const char *what)
{
  g_autofree char *part = exp_picture_note (exp_sample_ratio (sample), "values");
  g_autofree char *some
      = n_all > n_lines ? g_strdup_printf ("the first %u of %" G_GUINT64_FORMAT " %s", n_lines, n_all, what) : NULL;

  return some != NULL && part != NULL ? g_strdup_printf ("%s, %s", some, part) : g_strdup (some != NULL ? some : part);
}

/* Where the bins are along the axis. */
static void
place_bins (Lines *self, const ExpSample *sample, const ExpLabels *labels, gboolean is_time)
{
  double origin = is_time ? labels->start : 0, step = is_time ? labels->step : 1;
  guint64 n = sample->axes[0].n, first, count;

  for (guint i = 0; i < self->n_bins; i++)
    {
      exp_sample_bin_range (&sample->axes[0], i, &first, &count);
      self->x[i] = origin + step * (first + (MAX (count, 1) - 1) / 2.);
    }
  set_ranges (self, origin, origin + step * (n > 1 ? n - 1 : 1));
  if (n == 1)
    self->x_low -= step / 2, self->x_high = origin + step / 2;
}

ExpPicture *
exp_lines_new (const ExpSubject *subject, guint along, int across, GError **error)
{
  const ExpInfo *info = subject->info;
  guint64 n_across = across >= 0 ? info->shape[across] : 1, n_all;
  const guint wanted = EXP_PICTURE_COLUMNS;
  ExpSample sample;

  if (!exp_sample_init (&sample, subject->node, info, 1, &along, &wanted, across, error))
    return NULL;

  g_autoptr (GArray) numbers = exp_numbers_new (info->dtype, EXP_LINES_MOST / n_across, &n_all);
  Lines *self = lines_new (n_across * numbers->len, sample.axes[0].n > 0 ? sample.axes[0].n_bins : 0);
  g_autoptr (ExpPicture) picture = &self->base;
  Reading reading = { self, numbers, n_across, across > (int)along };

  if (self->n_bins > 0 && !exp_sample_read (&sample, add_piece, &reading, error))
    return NULL;
  set_names (picture, subject, along, info->dtype->type == EXP_TYPE_COMPOUND ? "row" : "index");
  place_bins (self, &sample, &subject->labels, subject->labels.has_step);
  if (picture->note == NULL)
    picture->note = note_of (&sample, self->n_lines, n_across * n_all, "columns");
  if (self->n_lines > 1)
    {
      self->names = name_lines (numbers, n_across);
      picture->right = LEGEND;
    }
  return g_steal_pointer (&picture);
}

/* --- lists -------------------------------------------------------------------------------------------------- */

static void
add_list (Lines *self, guint line, const ExpDtype *dtype, const ExpVlen *list, guint64 longest)
{
  ExpNumber number = { dtype, 0, EXP_PART_WHOLE, NULL };

  for (gsize i = 0; i < list->length; i++)
    add (self, line, (guint)((unsigned __int128)i * self->n_bins / longest),
         exp_number_get (&number, (const guint8 *)list->data + i * dtype->size));
}

ExpPicture *
exp_lines_new_ragged (const ExpSubject *subject, GError **error)
{
  const ExpInfo *info = subject->info;
  guint64 n_all = exp_info_n_elements (info), longest = 0;
  guint n = MIN (n_all, EXP_LINES_MOST);
  g_autoptr (ExpArray) rows = exp_node_read_flat (subject->node, info, 0, n, error);

  if (rows == NULL)
    return NULL;

  const ExpVlen *lists = (const ExpVlen *)rows->data;
  for (guint i = 0; i < n; i++)
    longest = MAX (longest, lists[i].length);
  Lines *self = lines_new (n, MIN (longest, EXP_PICTURE_COLUMNS));
  g_autofree char **names = g_new0 (char *, n + 1);
  for (guint i = 0; i < n; i++)
    {
      add_list (self, i, info->dtype->base, &lists[i], longest);
      names[i] = g_strdup_printf ("%u", i);
    }

  const ExpSampleAxis whole
      = { .n = longest, .piece = MAX (longest, 1), .n_pieces = 1, .is_whole = TRUE, .n_bins = self->n_bins };
  const ExpSample sample = { .n_axes = 1, .axes = { whole } };
  set_names (&self->base, subject, -1, "index in the row");
  place_bins (self, &sample, &subject->labels, FALSE);
  if (self->base.note == NULL && n_all > n)
    self->base.note = g_strdup_printf ("the first %u of %" G_GUINT64_FORMAT " rows", n, n_all);
  if (n > 1)
    {
      self->names = g_steal_pointer (&names);
      self->base.right = LEGEND;
    }
  else
    g_free (names[0]);
  return &self->base;
}
