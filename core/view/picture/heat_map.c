/* A matrix as colours: each pixel the mean of the values in it, with a bar that says which colour is which value.
 * Knows how a matrix is read and drawn.
 * Called by picture.c. */
#include "numbers.h"
#include "palette.h"
#include "picture.h"
#include <math.h>

#define BAR_ROOM  130
#define BAR_WIDTH 16
#define BAR_STEPS 32

/* A matrix whose sides are not more different than this is drawn with square cells. */
#define SQUARE 2.5

typedef struct
{
  ExpPicture base;
  guint n_rows, n_columns; /* of bins */
  double *sums;            /* then means */
  guint64 *counts;
  double low, high; /* of the means */
  double y_low, y_high, x_low, x_high;
  gboolean is_square;
} HeatMap;

typedef struct
{
  HeatMap *map;
  ExpNumber number;
} Reading;

static void
heat_map_free (ExpPicture *picture)
{
  HeatMap *self = (HeatMap *)picture;

  g_free (self->sums);
  g_free (self->counts);
  g_free (self);
}

/* --- drawing ------------------------------------------------------------------------------------------------ */

static guint32
colour_at (const HeatMap *self, const ExpTicks *scale, guint row, guint column)
{
  gsize at = (gsize)row * self->n_columns + column;

  if (self->counts[at] == 0)
    return EXP_PALETTE_NONE;
  return exp_palette_value ((self->sums[at] - scale->low) / (scale->high - scale->low));
}

/* Each bin is several pixels, so that who shows the picture larger does not blur it. */
static cairo_surface_t *
make_image (const HeatMap *self, const ExpTicks *scale)
{
  guint tall = (EXP_PICTURE_ROWS + self->n_rows - 1) / self->n_rows;
  guint wide = (EXP_PICTURE_COLUMNS + self->n_columns - 1) / self->n_columns;
  cairo_surface_t *image = cairo_image_surface_create (CAIRO_FORMAT_RGB24, self->n_columns * wide, self->n_rows * tall);
  guint8 *data = cairo_image_surface_get_data (image);
  int stride = cairo_image_surface_get_stride (image);

  for (guint y = 0; data != NULL && y < self->n_rows * tall; y++)
    for (guint x = 0; x < self->n_columns * wide; x++)
      ((guint32 *)(gpointer)(data + (gsize)y * stride))[x] = colour_at (self, scale, y / tall, x / wide);
  cairo_surface_mark_dirty (image);
  return image;
}

static void
draw_image (const HeatMap *self, const ExpTicks *scale, cairo_t *cr, const ExpBox *box)
{
  cairo_surface_t *image = make_image (self, scale);

  cairo_save (cr);
  cairo_translate (cr, box->x, box->y);
  cairo_scale (cr, box->width / cairo_image_surface_get_width (image),
               box->height / cairo_image_surface_get_height (image));
  cairo_set_source_surface (cr, image, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  cairo_paint (cr);
  cairo_restore (cr);
  cairo_surface_destroy (image);
}

static void
draw_bar (ExpPicture *picture, cairo_t *cr, const ExpBox *box, const ExpTicks *scale)
{
  ExpAxis axis = { .ticks = *scale, .name = picture->colours };
  cairo_pattern_t *colours = cairo_pattern_create_linear (0, box->y + box->height, 0, box->y);

  for (guint i = 0; i <= BAR_STEPS; i++)
    {
      guint32 rgb = exp_palette_value ((double)i / BAR_STEPS);
      cairo_pattern_add_color_stop_rgb (colours, (double)i / BAR_STEPS, (rgb >> 16 & 255) / 255.,
                                        (rgb >> 8 & 255) / 255., (rgb & 255) / 255.);
    }
  cairo_rectangle (cr, box->x, box->y, box->width, box->height);
  cairo_set_source (cr, colours);
  cairo_fill (cr);
  cairo_pattern_destroy (colours);
  exp_canvas_right_axis (cr, box, &axis);
}

static void
heat_map_draw (ExpPicture *picture, cairo_t *cr, const ExpBox *whole)
{
  HeatMap *self = (HeatMap *)picture;
  ExpAxis x = { .name = picture->x_name, .units = picture->x_units };
  ExpAxis y = { .name = picture->y_name, .units = picture->y_units, .is_downward = TRUE };
  double ratio = (self->x_high - self->x_low) / (self->y_high - self->y_low);
  ExpBox box = *whole;
  ExpTicks scale;

  if (self->is_square)
    {
      box.width = MIN (whole->width, whole->height * ratio);
      box.height = box.width / ratio;
    }
  ExpBox bar = { box.x + box.width + 22, box.y, BAR_WIDTH, box.height };
  exp_ticks_init (&x.ticks, self->x_low, self->x_high, CLAMP (box.width / 60, 2, 8), TRUE);
  exp_ticks_init (&y.ticks, self->y_low, self->y_high, CLAMP (box.height / 50, 2, 7), !picture->labels.has_step);
  exp_ticks_init (&scale, self->low, self->high, CLAMP (box.height / 50, 2, 7), FALSE);
  if (self->n_rows > 0 && self->n_columns > 0)
    draw_image (self, &scale, cr, &box);
  exp_canvas_axes (cr, &box, &x, &y);
  draw_bar (picture, cr, &bar, &scale);
}

static const ExpPictureClass heat_map_class = { heat_map_free, heat_map_draw };

/* --- reading ------------------------------------------------------------------------------------------------ */

static void
add_piece (const ExpSample *sample, const ExpArray *array, const guint64 *start, const guint64 *count,
           const guint64 *piece, gpointer data)
{
  const Reading *reading = data;
  HeatMap *map = reading->map;
  const guint8 *cell = array->data;

  for (guint64 row = 0; row < count[0]; row++)
    {
      gsize line = (gsize)exp_sample_bin (&sample->axes[0], start[0] + row, piece[0]) * map->n_columns;
      for (guint64 column = 0; column < count[1]; column++, cell += array->dtype->size)
        {
          double value = exp_number_get (&reading->number, cell);
          gsize at = line + exp_sample_bin (&sample->axes[1], start[1] + column, piece[1]);

          if (!isfinite (value))
            continue;
          /* The mean as it goes, which does not overflow. */
          value = CLAMP (value, -EXP_TICKS_MAX, EXP_TICKS_MAX);
          map->counts[at]++;
          map->sums[at] += (value - map->sums[at]) / map->counts[at];
        }
    }
}

static void
set_range (HeatMap *self)
{
  gboolean has_any = FALSE;

  for (gsize i = 0; i < (gsize)self->n_rows * self->n_columns; i++)
    if (self->counts[i] > 0)
      {
        self->low = has_any ? MIN (self->low, self->sums[i]) : self->sums[i];
        self->high = has_any ? MAX (self->high, self->sums[i]) : self->sums[i];
        has_any = TRUE;
      }
  if (!has_any)
    {
      self->high = 1;
      self->base.note = g_strdup ("no values");
    }
}

static void
set_names (HeatMap *self, const ExpSubject *subject)
{
  const ExpLabels *labels = &subject->labels;
  const char *rows = labels->axes[subject->axes[0]], *columns = labels->axes[subject->axes[1]];
  ExpPicture *picture = &self->base;

  picture->labels.has_step = labels->has_step;
  picture->x_name = g_strdup (columns != NULL ? columns : "column");
  picture->y_name = g_strdup (rows != NULL ? rows : labels->has_step ? "time" : "row");
  picture->y_units = g_strdup (labels->has_step ? labels->x_units : NULL);
  picture->colours = exp_label_join (labels->value_name != NULL                       ? labels->value_name
                                     : subject->info->dtype->type == EXP_TYPE_COMPLEX ? "magnitude"
                                                                                      : "value",
                                     labels->value_units);
  /* A cell is around its index. */
  self->x_low = self->y_low = -0.5;
  self->x_high = MAX (subject->info->shape[subject->axes[1]], 1) - 0.5;
  self->y_high = MAX (subject->info->shape[subject->axes[0]], 1) - 0.5;
  self->is_square = !labels->has_step && self->x_high + 0.5 <= SQUARE * (self->y_high + 0.5)
                    && self->y_high + 0.5 <= SQUARE * (self->x_high + 0.5);
  if (labels->has_step)
    {
      self->y_low = labels->start + labels->step * self->y_low;
      self->y_high = labels->start + labels->step * self->y_high;
    }
}

ExpPicture *
exp_heat_map_new (const ExpSubject *subject, GError **error)
{
  static const guint wanted[] = { EXP_PICTURE_ROWS, EXP_PICTURE_COLUMNS };
  const ExpDtype *dtype = subject->info->dtype;
  ExpSample sample;

  if (!exp_sample_init (&sample, subject->node, subject->info, 2, subject->axes, wanted, -1, error))
    return NULL;

  HeatMap *self = g_new0 (HeatMap, 1);
  g_autoptr (ExpPicture) picture = &self->base;
  Reading reading = { self, { dtype, 0, dtype->type == EXP_TYPE_COMPLEX ? EXP_PART_MAGNITUDE : EXP_PART_WHOLE, NULL } };

  picture->klass = &heat_map_class;
  if (sample.axes[0].n > 0 && sample.axes[1].n > 0)
    {
      self->n_rows = sample.axes[0].n_bins;
      self->n_columns = sample.axes[1].n_bins;
    }
  self->sums = g_new0 (double, (gsize)self->n_rows * self->n_columns + 1);
  self->counts = g_new0 (guint64, (gsize)self->n_rows * self->n_columns + 1);
  if (self->n_rows > 0 && !exp_sample_read (&sample, add_piece, &reading, error))
    return NULL;
  set_names (self, subject);
  set_range (self);
  picture->right = BAR_ROOM;
  if (picture->note == NULL)
    picture->note = exp_picture_note (exp_sample_ratio (&sample), "values");
  return g_steal_pointer (&picture);
}
