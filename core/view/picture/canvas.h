/* What pictures of all kinds are made of: texts, axes, legends. Used in this folder. */
#pragma once

#include "ticks.h"
#include <cairo.h>

/* Of a picture, in units of 1/96 inch. */
#define EXP_PICTURE_WIDTH  800
#define EXP_PICTURE_HEIGHT 500

/* A rectangle of the picture. */
typedef struct
{
  double x, y, width, height;
} ExpBox;

/* What stands at an axis; the strings are borrowed and may be NULL. */
typedef struct
{
  ExpTicks ticks;
  const char *name, *units;
  char **names; /* of what is at 0, 1, 2, ..., shown in place of numbers; NULL for none */
  guint n_names;
  gboolean is_downward; /* the y axis of a matrix */
} ExpAxis;

/* Fonts and a white ground, for all that follows. */
void exp_canvas_init (cairo_t *cr);
void exp_canvas_colour (cairo_t *cr, guint32 rgb);

/* One line of text whose baseline begins at (x, y), or ends there with `align` 1, or has its middle there with 0.5;
 * shortened to `room`, at its front when `keeps_end`. */
void exp_canvas_text (cairo_t *cr, double x, double y, double size, double align, double room, gboolean keeps_end,
                      const char *text);

/* Where a value is. */
double exp_canvas_x (const ExpBox *box, const ExpTicks *ticks, double value);
double exp_canvas_y (const ExpBox *box, const ExpAxis *axis, double value);

/* The frame of the box, the marks of both axes and what stands beside them. */
void exp_canvas_axes (cairo_t *cr, const ExpBox *box, const ExpAxis *x, const ExpAxis *y);
/* One axis at the right of the box. */
void exp_canvas_right_axis (cairo_t *cr, const ExpBox *box, const ExpAxis *axis);

/* A line's name in its colour, the i-th of a list in the box. */
void exp_canvas_legend (cairo_t *cr, const ExpBox *box, guint i, guint32 rgb, const char *name);
