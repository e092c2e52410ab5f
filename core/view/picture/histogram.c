/* How often which values are.
 * Knows how values are counted and bars drawn.
 * Called by picture.c. */
#include "palette.h"
#include "picture.h"
#include <math.h>

#define MAX_VALUES (1024 * 1024)
#define MIN_BARS   8
#define MAX_BARS   60

typedef struct
{
  ExpPicture base;
  guint n_bars;
  guint64 *counts;
  double first, width; /* of bars */
} Histogram;

static void
histogram_free (ExpPicture *picture)
{
  g_free (((Histogram *)picture)->counts);
  g_free (picture);
}

static void
histogram_draw (ExpPicture *picture, cairo_t *cr, const ExpBox *box)
{
  Histogram *self = (Histogram *)picture;
  ExpAxis x = { .name = picture->x_name, .units = picture->x_units }, y = { .name = picture->y_name };
  guint64 most = 1;

  for (guint i = 0; i < self->n_bars; i++)
    most = MAX (most, self->counts[i]);
  exp_ticks_init (&x.ticks, self->first, self->first + self->n_bars * self->width, 8, FALSE);
  exp_ticks_init (&y.ticks, 0, most * 1.05, 7, TRUE);
  exp_canvas_colour (cr, exp_palette_line (0));
  for (guint i = 0; i < self->n_bars; i++)
    {
      double left = exp_canvas_x (box, &x.ticks, self->first + i * self->width);
      double right = exp_canvas_x (box, &x.ticks, self->first + (i + 1) * self->width);
      double top = exp_canvas_y (box, &y, self->counts[i]);

      cairo_rectangle (cr, left, top, MAX (right - left - 0.5, 0.5), box->y + box->height - top);
    }
  cairo_fill (cr);
  exp_canvas_axes (cr, box, &x, &y);
}

static const ExpPictureClass histogram_class = { histogram_free, histogram_draw };

/* Bars of a width that is easily read, about as many as the root of the number of values. */
static void
count (Histogram *self, const GArray *values)
{
  double low = G_MAXDOUBLE, high = -G_MAXDOUBLE;
  ExpTicks ticks;

  for (guint i = 0; i < values->len; i++)
    {
      low = MIN (low, g_array_index (values, double, i));
      high = MAX (high, g_array_index (values, double, i));
    }
  if (values->len == 0)
    low = 0, high = 1;
  exp_ticks_init (&ticks, low, high, CLAMP ((guint)sqrt (values->len), MIN_BARS, MAX_BARS), FALSE);
  self->width = ticks.step;
  self->first = floor (ticks.low / ticks.step) * ticks.step;
  self->n_bars = CLAMP ((ticks.high - self->first) / ticks.step + 1, 1, 4 * MAX_BARS);
  self->counts = g_new0 (guint64, self->n_bars);
  for (guint i = 0; i < values->len; i++)
    {
      double value = CLAMP (g_array_index (values, double, i), -EXP_TICKS_MAX, EXP_TICKS_MAX);
      self->counts[(guint)CLAMP ((value - self->first) / self->width, 0, self->n_bars - 1)]++;
    }
}

ExpPicture *
exp_histogram_new (const ExpSubject *subject, GError **error)
{
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (double));
  const ExpLabels *labels = &subject->labels;
  double ratio;

  if (!exp_picture_values (subject->node, subject->info, MAX_VALUES, values, &ratio, error))
    return NULL;

  Histogram *self = g_new0 (Histogram, 1);
  self->base.klass = &histogram_class;
  count (self, values);
  self->base.x_name = g_strdup (labels->value_name != NULL ? labels->value_name : "interval");
  self->base.x_units = g_strdup (labels->value_units);
  self->base.y_name = g_strdup ("count");
  self->base.note = values->len == 0 ? g_strdup ("no values") : exp_picture_note (ratio, "values");
  return &self->base;
}
