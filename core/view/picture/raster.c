/* Moments as strokes, a row for each train of them.
 * Knows how trains are read and drawn.
 * Called by picture.c. */
#include "numbers.h"
#include "picture.h"
#include <math.h>
#include <string.h>

/* Trains, and moments of one train and of all, that are read. */
#define MAX_TRAINS  2000
#define MAX_MOMENTS (512 * 1024)

/* So many strokes are drawn as such; more of them as an image. */
#define MAX_STROKES 20000

typedef struct
{
  ExpPicture base;
  char **names; /* of the trains; NULL for one dataset */
  guint n_trains;
  GArray *moments; /* of double */
  GArray *ends;    /* of guint: behind the last one of each train */
  double low, high;
} Raster;

static void
raster_free (ExpPicture *picture)
{
  Raster *self = (Raster *)picture;

  g_strfreev (self->names);
  g_array_unref (self->moments);
  g_array_unref (self->ends);
  g_free (self);
}

/* --- drawing ------------------------------------------------------------------------------------------------ */

/* Calls for each pixel that has a moment in it. */
typedef void (*StrokeFunc) (const Raster *self, guint train, guint column, gpointer data);

static gsize
foreach_stroke (const Raster *self, const ExpTicks *ticks, guint n_columns, StrokeFunc func, gpointer data)
{
  g_autofree gboolean *taken = g_new (gboolean, n_columns);
  gsize n = 0, at = 0;

  for (guint train = 0; train < self->n_trains; train++)
    {
      memset (taken, 0, n_columns * sizeof *taken);
      for (; at < g_array_index (self->ends, guint, train); at++)
        {
          double part = (g_array_index (self->moments, double, at) - ticks->low) / (ticks->high - ticks->low);
          guint column;

          if (!(part >= 0 && part <= 1))
            continue;
          column = MIN ((guint)(part * n_columns), n_columns - 1);
          if (taken[column])
            continue;
          taken[column] = TRUE;
          n++;
          if (func != NULL)
            func (self, train, column, data);
        }
    }
  return n;
}

typedef struct
{
  cairo_t *cr;
  const ExpBox *box;
  guint n_columns, n_rows;
  guint8 *pixels;
  int stride;
} Drawing;

static void
stroke (const Raster *self, guint train, guint column, gpointer data)
{
  const Drawing *drawing = data;
  const ExpBox *box = drawing->box;
  double x = box->x + (column + 0.5) * box->width / drawing->n_columns, height = box->height / self->n_trains;
  double gap = MIN (height * 0.1, 2), bottom = box->y + box->height - train * height;

  cairo_move_to (drawing->cr, x, bottom - gap);
  cairo_line_to (drawing->cr, x, bottom - height + gap);
}

static void
dot (const Raster *self, guint train, guint column, gpointer data)
{
  const Drawing *drawing = data;
  guint first = (guint)((guint64)train * drawing->n_rows / self->n_trains);
  guint end = MAX ((guint)((guint64)(train + 1) * drawing->n_rows / self->n_trains), first + 1);

  for (guint row = first; row < end; row++)
    drawing->pixels[(gsize)(drawing->n_rows - 1 - row) * drawing->stride + column] = 255;
}

static void
draw_dots (const Raster *self, const ExpTicks *ticks, Drawing *drawing)
{
  const ExpBox *box = drawing->box;
  cairo_surface_t *mask = cairo_image_surface_create (CAIRO_FORMAT_A8, drawing->n_columns, drawing->n_rows);
  cairo_surface_t *image = cairo_image_surface_create (CAIRO_FORMAT_RGB24, drawing->n_columns, drawing->n_rows);
  cairo_t *cr = cairo_create (image);

  drawing->pixels = cairo_image_surface_get_data (mask);
  drawing->stride = cairo_image_surface_get_stride (mask);
  if (drawing->pixels != NULL)
    foreach_stroke (self, ticks, drawing->n_columns, dot, drawing);
  cairo_surface_mark_dirty (mask);
  exp_canvas_colour (cr, 0xffffff);
  cairo_paint (cr);
  exp_canvas_colour (cr, 0x222222);
  cairo_mask_surface (cr, mask, 0, 0);
  cairo_destroy (cr);

  cairo_save (drawing->cr);
  cairo_translate (drawing->cr, box->x, box->y);
  cairo_scale (drawing->cr, box->width / drawing->n_columns, box->height / drawing->n_rows);
  cairo_set_source_surface (drawing->cr, image, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (drawing->cr), CAIRO_FILTER_NEAREST);
  cairo_paint (drawing->cr);
  cairo_restore (drawing->cr);
  cairo_surface_destroy (mask);
  cairo_surface_destroy (image);
}

static void
raster_draw (ExpPicture *picture, cairo_t *cr, const ExpBox *box)
{
  Raster *self = (Raster *)picture;
  ExpAxis x = { .name = picture->x_name, .units = picture->x_units };
  ExpAxis y = { .name = picture->y_name, .names = self->names, .n_names = self->names != NULL ? self->n_trains : 0 };
  Drawing drawing = { cr, box, (guint)box->width, (guint)box->height };

  exp_ticks_init (&x.ticks, self->low, self->high, 8, FALSE);
  exp_ticks_init (&y.ticks, -0.5, MAX (self->n_trains, 1) - 0.5, 8, TRUE);
  if (self->names == NULL)
    y.ticks.n = 0;
  /* To the full pixel, and finer for vectors. */
  if (foreach_stroke (self, &x.ticks, 2 * drawing.n_columns, NULL, NULL) > MAX_STROKES)
    draw_dots (self, &x.ticks, &drawing);
  else
    {
      drawing.n_columns *= 2;
      exp_canvas_colour (cr, 0x222222);
      foreach_stroke (self, &x.ticks, drawing.n_columns, stroke, &drawing);
      cairo_stroke (cr);
    }
  exp_canvas_axes (cr, box, &x, &y);
}

static const ExpPictureClass raster_class = { raster_free, raster_draw };

/* --- reading ------------------------------------------------------------------------------------------------ */

static gboolean
add_train (Raster *self, ExpNode *node, const ExpInfo *info, gsize most, double *ratio, GError **error)
{
  gboolean is_read = exp_picture_values (node, info, most, self->moments, ratio, error);

  g_array_append_val (self->ends, self->moments->len);
  self->n_trains++;
  return is_read;
}

static void
widen (Raster *self, const ExpLabels *labels)
{
  if (labels->has_start)
    self->low = MIN (self->low, labels->start);
  if (labels->has_stop)
    self->high = MAX (self->high, labels->stop);
}

/* All datasets below the group, evenly spread over them when there are very many. What cannot be read is an empty
 * row: it does not hide the others. */
static gboolean
add_group (Raster *self, ExpNode *group, char **units, GError **error)
{
  g_autoptr (GPtrArray) names = exp_node_list_names (group, NULL, error),
                        shown = g_ptr_array_new_with_free_func (g_free);
  guint n = names != NULL ? names->len : 0, step = n / MAX_TRAINS + 1;
  double largest = step, ratio;

  if (names == NULL)
    return FALSE;
  for (guint i = 0; i < n; i += step)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autoptr (ExpNode) node = exp_node_lookup (group, name, NULL);
      g_auto (ExpInfo) info = { 0 };
      g_auto (ExpLabels) labels = { 0 };

      if (node == NULL || !exp_node_describe (node, &info, NULL) || info.kind != EXP_KIND_DATASET
          || !exp_picture_applies (&info) || !exp_number_is_drawn (info.dtype))
        continue;
      exp_labels_init (&labels, node);
      widen (self, &labels);
      if (*units == NULL)
        *units = g_strdup (labels.value_units);
      add_train (self, node, &info, MAX (MAX_MOMENTS / (n / step + 1), 256), &ratio, NULL);
      largest = MAX (largest, ratio * step);
      g_ptr_array_add (shown, exp_label_text (name, strlen (name), 24));
    }
  g_ptr_array_add (shown, NULL);
  self->names = (char **)g_ptr_array_free (g_steal_pointer (&shown), FALSE);
  self->base.note = exp_picture_note (largest, "spikes");
  return TRUE;
}

static void
set_range (Raster *self)
{
  for (guint i = 0; i < self->moments->len; i++)
    {
      self->low = MIN (self->low, g_array_index (self->moments, double, i));
      self->high = MAX (self->high, g_array_index (self->moments, double, i));
    }
  if (self->low > self->high)
    self->low = 0, self->high = 1;
}

ExpPicture *
exp_raster_new (const ExpSubject *subject, GError **error)
{
  const ExpInfo *info = subject->info;
  gboolean is_group = info->kind == EXP_KIND_GROUP;
  Raster *self = g_new0 (Raster, 1);
  g_autoptr (ExpPicture) picture = &self->base;
  double ratio;

  picture->klass = &raster_class;
  self->moments = g_array_new (FALSE, FALSE, sizeof (double));
  self->ends = g_array_new (FALSE, FALSE, sizeof (guint));
  self->low = G_MAXDOUBLE;
  self->high = -G_MAXDOUBLE;
  if (!is_group)
    {
      widen (self, &subject->labels);
      picture->x_units = g_strdup (subject->labels.value_units);
      if (!add_train (self, subject->node, info, MAX_MOMENTS, &ratio, error))
        return NULL;
      picture->note = exp_picture_note (ratio, "spikes");
    }
  else if (!add_group (self, subject->node, &picture->x_units, error))
    return NULL;
  set_range (self);
  picture->x_name = g_strdup ("time");
  picture->y_name = g_strdup (is_group ? "train" : "");
  if (self->moments->len == 0)
    {
      g_free (picture->note);
      picture->note = g_strdup ("no spikes");
    }
  return g_steal_pointer (&picture);
}
