/* What pictures of all kinds are made of: texts, axes, legends.
 * Knows cairo; nothing of datasets.
 * Called by the kinds of pictures. */
#include "canvas.h"
#include "labels.h"
#include <math.h>
#include <string.h>

#define DARK 0x222222

#define TICK_TEXT  12
#define LABEL_TEXT 13
#define TICK       5

/* cairo's own font, which every machine has; of few letters. */
#define OWN_FONT "@cairo:"

/* --- fonts -------------------------------------------------------------------------------------------------- */

/* TRUE when the font draws a digit: a machine need not have any. */
static gboolean
font_works (cairo_font_face_t *face, const cairo_font_options_t *options)
{
  cairo_matrix_t size, identity;
  cairo_text_extents_t extents = { 0 };

  cairo_matrix_init_scale (&size, TICK_TEXT, TICK_TEXT);
  cairo_matrix_init_identity (&identity);
  cairo_scaled_font_t *font = cairo_scaled_font_create (face, &size, &identity, options);
  if (cairo_scaled_font_status (font) == CAIRO_STATUS_SUCCESS)
    cairo_scaled_font_text_extents (font, "0", &extents);
  gboolean works = cairo_scaled_font_status (font) == CAIRO_STATUS_SUCCESS && extents.width > 0;
  cairo_scaled_font_destroy (font);
  return works;
}

/* Shapes as they are in the font, whatever is drawn on. */
static void
set_font (cairo_t *cr)
{
  cairo_font_options_t *options = cairo_font_options_create ();
  cairo_font_face_t *face
      = cairo_toy_font_face_create ("sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);

  cairo_font_options_set_hint_style (options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics (options, CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_antialias (options, CAIRO_ANTIALIAS_GRAY);
  if (!font_works (face, options))
    {
      cairo_font_face_destroy (face);
      face = cairo_toy_font_face_create (OWN_FONT, CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    }
  cairo_set_font_options (cr, options);
  cairo_set_font_face (cr, face);
  cairo_font_face_destroy (face);
  cairo_font_options_destroy (options);
}

void
exp_canvas_colour (cairo_t *cr, guint32 rgb)
{
  cairo_set_source_rgb (cr, (rgb >> 16 & 255) / 255., (rgb >> 8 & 255) / 255., (rgb & 255) / 255.);
}

void
exp_canvas_init (cairo_t *cr)
{
  exp_canvas_colour (cr, 0xffffff);
  cairo_paint (cr);
  cairo_set_line_width (cr, 1);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  set_font (cr);
}

/* --- texts -------------------------------------------------------------------------------------------------- */

static double
text_width (cairo_t *cr, const char *text)
{
  cairo_text_extents_t extents;

  cairo_text_extents (cr, text, &extents);
  return extents.x_advance;
}

/* The text, or what there is room for of it. */
static char *
shorten (cairo_t *cr, const char *text, double room, gboolean keeps_end)
{
  long n = g_utf8_strlen (text, -1);

  if (text_width (cr, text) <= room)
    return g_strdup (text);
  for (long low = 0, high = n;;)
    {
      long kept = low + (high - low) / 2;
      g_autofree char *part = keeps_end ? g_utf8_substring (text, n - kept, n) : g_utf8_substring (text, 0, kept);
      g_autofree char *shown = keeps_end ? g_strconcat ("...", part, NULL) : g_strconcat (part, "...", NULL);

      if (kept == low)
        return g_steal_pointer (&shown);
      if (text_width (cr, shown) <= room)
        low = kept;
      else
        high = kept;
    }
}

void
exp_canvas_text (cairo_t *cr, double x, double y, double size, double align, double room, gboolean keeps_end,
                 const char *text)
{
  if (text == NULL || *text == '\0')
    return;
  cairo_set_font_size (cr, size);
  g_autofree char *shown = shorten (cr, text, room, keeps_end);
  cairo_move_to (cr, x - align * text_width (cr, shown), y);
  cairo_show_text (cr, shown);
}

/* "name - 5000000 (1e6 units)": what was taken off the numbers, and the power of ten that they are divided by. */
static char *
axis_label (const ExpAxis *axis)
{
  const ExpTicks *ticks = &axis->ticks;
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  g_autofree char *name = NULL, *units = NULL;

  if (ticks->offset != 0 && axis->names == NULL)
    name = g_strdup_printf ("%s %s %s", axis->name != NULL ? axis->name : "", ticks->offset > 0 ? "-" : "+",
                            g_ascii_formatd (number, sizeof number, "%.12g", fabs (ticks->offset)));
  if (ticks->exponent != 0 && axis->names == NULL)
    units = g_strdup_printf ("1e%d%s%s", ticks->exponent, axis->units != NULL ? " " : "",
                             axis->units != NULL ? axis->units : "");
  return exp_label_join (name != NULL ? name : axis->name, units != NULL ? units : axis->units);
}

/* NULL for none. */
static char *
tick_label (const ExpAxis *axis, guint i)
{
  double value = exp_ticks_value (&axis->ticks, i);

  if (axis->names == NULL)
    return exp_ticks_label (&axis->ticks, i);
  return value >= 0 && value < axis->n_names
             ? exp_label_text (axis->names[(guint)value], strlen (axis->names[(guint)value]), 24)
             : NULL;
}

/* --- axes --------------------------------------------------------------------------------------------------- */

static double
part (const ExpTicks *ticks, double value)
{
  return (value - ticks->low) / (ticks->high - ticks->low);
}

double
exp_canvas_x (const ExpBox *box, const ExpTicks *ticks, double value)
{
  return box->x + box->width * part (ticks, value);
}

double
exp_canvas_y (const ExpBox *box, const ExpAxis *axis, double value)
{
  double at = part (&axis->ticks, value);

  return box->y + box->height * (axis->is_downward ? at : 1 - at);
}

static void
line (cairo_t *cr, guint32 rgb, double x1, double y1, double x2, double y2)
{
  exp_canvas_colour (cr, rgb);
  cairo_move_to (cr, x1, y1);
  cairo_line_to (cr, x2, y2);
  cairo_stroke (cr);
}

static void
x_axis (cairo_t *cr, const ExpBox *box, const ExpAxis *axis)
{
  double bottom = box->y + box->height;
  g_autofree char *label = axis_label (axis);

  for (guint i = 0; i < axis->ticks.n; i++)
    {
      double x = exp_canvas_x (box, &axis->ticks, exp_ticks_value (&axis->ticks, i));
      g_autofree char *text = tick_label (axis, i);

      line (cr, DARK, x, bottom, x, bottom + TICK);
      exp_canvas_text (cr, x, bottom + TICK + 13, TICK_TEXT, 0.5, 90, FALSE, text);
    }
  exp_canvas_text (cr, box->x + box->width / 2, bottom + 40, LABEL_TEXT, 0.5, box->width, FALSE, label);
}

/* A text that runs upwards, its middle at (x, y). */
static void
upward_text (cairo_t *cr, double x, double y, double room, const char *text)
{
  cairo_save (cr);
  cairo_translate (cr, x, y);
  cairo_rotate (cr, -G_PI / 2);
  exp_canvas_text (cr, 0, 0, LABEL_TEXT, 0.5, room, FALSE, text);
  cairo_restore (cr);
}

static void
y_axis (cairo_t *cr, const ExpBox *box, const ExpAxis *axis, gboolean is_right)
{
  double side = is_right ? box->x + box->width : box->x, outwards = is_right ? 1 : -1;
  g_autofree char *label = axis_label (axis);

  for (guint i = 0; i < axis->ticks.n; i++)
    {
      double y = exp_canvas_y (box, axis, exp_ticks_value (&axis->ticks, i));
      g_autofree char *text = tick_label (axis, i);

      line (cr, DARK, side, y, side + outwards * TICK, y);
      exp_canvas_text (cr, side + outwards * (TICK + 4), y + 4, TICK_TEXT, is_right ? 0 : 1, 56, FALSE, text);
    }
  upward_text (cr, is_right ? side + 72 : side - 66, box->y + box->height / 2, box->height, label);
}

static void
frame (cairo_t *cr, const ExpBox *box)
{
  exp_canvas_colour (cr, DARK);
  cairo_rectangle (cr, box->x, box->y, box->width, box->height);
  cairo_stroke (cr);
}

void
exp_canvas_axes (cairo_t *cr, const ExpBox *box, const ExpAxis *x, const ExpAxis *y)
{
  frame (cr, box);
  x_axis (cr, box, x);
  y_axis (cr, box, y, FALSE);
}

void
exp_canvas_right_axis (cairo_t *cr, const ExpBox *box, const ExpAxis *axis)
{
  frame (cr, box);
  y_axis (cr, box, axis, TRUE);
}

void
exp_canvas_legend (cairo_t *cr, const ExpBox *box, guint i, guint32 rgb, const char *name)
{
  double y = box->y + 10 + 20 * i;

  cairo_set_line_width (cr, 2);
  line (cr, rgb, box->x, y, box->x + 18, y);
  cairo_set_line_width (cr, 1);
  exp_canvas_colour (cr, DARK);
  exp_canvas_text (cr, box->x + 24, y + 4, TICK_TEXT, 0, box->width - 24, FALSE, name);
}
