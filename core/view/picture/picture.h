/* A dataset as a drawing: what is drawn is read and reduced first, then it is drawn on any surface of cairo's. Used in
 * this folder. */
#pragma once

#include "canvas.h"
#include "labels.h"
#include "sample.h"

/* Bins of the longest lines and the finest heat maps, in about the numbers of pixels that they have. */
#define EXP_PICTURE_COLUMNS 640
#define EXP_PICTURE_ROWS    400

/* Lines in one picture: as many as colours tell apart. */
#define EXP_LINES_MOST 8

typedef struct _ExpPicture ExpPicture;

/* One kind of picture. */
typedef struct
{
  void (*free) (ExpPicture *self);
  /* Into the box, outside of which there is room for axes: 80 to the left, 50 below, `right` to the right. */
  void (*draw) (ExpPicture *self, cairo_t *cr, const ExpBox *box);
} ExpPictureClass;

/* Kinds embed this as their first member. Strings are owned. */
struct _ExpPicture
{
  const ExpPictureClass *klass;
  char *title;
  ExpLabels labels;
  char *note;              /* in the corner: what is left out; NULL for nothing */
  double right;            /* room that is needed to the right of the box */
  char *x_name, *y_name;   /* what the axes are, whether or not the attributes say so */
  char *x_units, *y_units; /* NULL for none */
  char *colours;           /* what the colours are; NULL where they only tell lines apart */
};

/* TRUE when there is a picture of what is described so. */
gboolean exp_picture_applies (const ExpInfo *info);

/* Reads what is drawn. `path` may be NULL. */
ExpPicture *exp_picture_new (ExpNode *node, const ExpInfo *info, const char *path, GError **error);
void exp_picture_free (ExpPicture *picture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpPicture, exp_picture_free)
void exp_picture_draw (ExpPicture *picture, cairo_t *cr);

/* --- kinds; each takes over nothing and sets the names of the axes ------------------------------------------- */

/* What exp_picture_new has found out before a kind is made. */
typedef struct
{
  ExpNode *node;
  const ExpInfo *info;
  ExpLabels labels; /* the kind's picture takes them over */
  guint n_axes;     /* of the picture: those axes of the dataset that have more than one element, at most two */
  guint axes[2];
} ExpSubject;

/* Several lines along the axis `along`; across (an axis, -1 for none) has one line for each element. */
ExpPicture *exp_lines_new (const ExpSubject *subject, guint along, int across, GError **error);
/* A line for each of the first rows of lists of numbers. */
ExpPicture *exp_lines_new_ragged (const ExpSubject *subject, GError **error);
ExpPicture *exp_heat_map_new (const ExpSubject *subject, GError **error);
/* The moments in one dataset, or in each dataset below a group. */
ExpPicture *exp_raster_new (const ExpSubject *subject, GError **error);
/* How often which values are: all values of all lists. */
ExpPicture *exp_histogram_new (const ExpSubject *subject, GError **error);

/* "1 of 40 rows" for the note, when only these are drawn; else NULL. */
char *exp_picture_note (double ratio, const char *what);

/* Finite numbers out of a dataset of numbers or of lists of numbers, appended to `values` (of double): at most about
 * `most`, spread evenly where there are more. *ratio is how many there are for each that was read. */
gboolean
exp_picture_values (ExpNode *node, const ExpInfo *info, gsize most, GArray *values, double *ratio, GError **error);
