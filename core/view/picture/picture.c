/* Which picture a dataset gets, and what is around it.
 * Knows descriptions and roles; how a kind of picture looks, its own file knows.
 * Called by the views. */
#include "picture.h"
#include "numbers.h"
#include <string.h>

#define LEFT   84
#define TOP    40
#define BOTTOM 62

static gboolean
has_role (const ExpInfo *info, const char *role)
{
  return info->role != NULL && strcmp (info->role, role) == 0;
}

gboolean
exp_picture_applies (const ExpInfo *info)
{
  const ExpDtype *dtype = info->dtype;

  if (info->kind == EXP_KIND_GROUP)
    return has_role (info, EXP_ROLE_SPIKE_TRAINS);
  if (info->kind != EXP_KIND_DATASET || dtype == NULL || info->is_null || info->is_bytes)
    return FALSE;
  if (dtype->type == EXP_TYPE_VLEN)
    return info->rank < 2 && exp_number_is_drawn (dtype->base) && dtype->base->type != EXP_TYPE_COMPLEX;
  return info->rank == 1 ? exp_numbers_are_in (dtype) : info->rank > 1 && exp_number_is_drawn (dtype);
}

/* --- choosing ----------------------------------------------------------------------------------------------- */

/* The last two axes of more than one element. */
static void
choose_axes (ExpSubject *subject)
{
  const ExpInfo *info = subject->info;
  guint found[2];

  for (guint i = info->rank; i-- > 0 && subject->n_axes < 2;)
    if (info->shape[i] != 1)
      found[subject->n_axes++] = i;
  for (guint i = 0; i < subject->n_axes; i++)
    subject->axes[i] = found[subject->n_axes - 1 - i];
  if (subject->n_axes == 0 && info->rank > 0)
    subject->axes[subject->n_axes++] = info->rank - 1;
}

/* Moments are told by when the recording of them began and ended, without a rate. */
static gboolean
is_moments (const ExpSubject *subject)
{
  const ExpLabels *labels = &subject->labels;

  return has_role (subject->info, EXP_ROLE_SPIKE_TRAIN)
         || (labels->has_start && labels->has_stop && !labels->has_step && subject->n_axes == 1
             && subject->info->dtype->type == EXP_TYPE_FLOAT);
}

static ExpPicture *
choose (const ExpSubject *subject, GError **error)
{
  const ExpInfo *info = subject->info;

  if (info->kind == EXP_KIND_GROUP)
    return exp_raster_new (subject, error);
  if (has_role (info, EXP_ROLE_ISI)
      && exp_number_is_drawn (info->dtype->base != NULL ? info->dtype->base : info->dtype))
    return exp_histogram_new (subject, error);
  if (info->dtype->type == EXP_TYPE_VLEN)
    return exp_lines_new_ragged (subject, error);
  if (is_moments (subject))
    return exp_raster_new (subject, error);
  for (guint i = 0; i < info->rank; i++)
    if (info->shape[i] == 0)
      return exp_lines_new (subject, i, -1, error);
  if (subject->n_axes < 2)
    return exp_lines_new (subject, subject->axes[0], -1, error);

  guint64 rows = info->shape[subject->axes[0]], columns = info->shape[subject->axes[1]];
  gboolean is_complex = info->dtype->type == EXP_TYPE_COMPLEX;
  if (columns <= EXP_LINES_MOST && rows >= 2 * columns && !is_complex)
    return exp_lines_new (subject, subject->axes[0], subject->axes[1], error);
  if (rows <= EXP_LINES_MOST && columns >= 2 * rows && !is_complex)
    return exp_lines_new (subject, subject->axes[1], subject->axes[0], error);
  return exp_heat_map_new (subject, error);
}

/* The path, and which part of a dataset of more axes is drawn: "/x[0,:,:]". */
static char *
make_title (const ExpSubject *subject, const char *path)
{
  const ExpInfo *info = subject->info;
  g_autoptr (GString) title = g_string_new (NULL);
  gboolean is_part = FALSE;

  if (path != NULL)
    g_string_append (title, path + (*path == '/'));
  for (guint i = 0; i < info->rank; i++)
    if (info->shape[i] > 1 && i != subject->axes[0] && i != subject->axes[subject->n_axes - 1])
      is_part = TRUE;
  for (guint i = 0; is_part && i < info->rank; i++)
    g_string_append_printf (title, "%s%s", i == 0 ? "[" : ",",
                            i != subject->axes[0] && i != subject->axes[subject->n_axes - 1] ? "0" : ":");
  if (is_part)
    g_string_append_c (title, ']');
  return exp_label_text (title->str, title->len, 1000);
}

/* The subject's labels become the picture's. */
ExpPicture *
exp_picture_new (ExpNode *node, const ExpInfo *info, const char *path, GError **error)
{
  ExpSubject subject = { .node = node, .info = info };

  exp_labels_init (&subject.labels, node);
  if (info->kind == EXP_KIND_DATASET)
    choose_axes (&subject);

  ExpPicture *picture = choose (&subject, error);
  if (picture == NULL)
    {
      exp_labels_clear (&subject.labels);
      return NULL;
    }
  picture->labels = subject.labels;
  picture->title = make_title (&subject, path);
  return picture;
}

void
exp_picture_free (ExpPicture *picture)
{
  if (picture == NULL)
    return;
  g_free (picture->title);
  g_free (picture->note);
  g_free (picture->x_name);
  g_free (picture->y_name);
  g_free (picture->x_units);
  g_free (picture->colours);
  g_free (picture->y_units);
  exp_labels_clear (&picture->labels);
  picture->klass->free (picture);
}

char *
exp_picture_note (double ratio, const char *what)
{
  if (ratio <= 1)
    return NULL;
  if (ratio < 10)
    return g_strdup_printf ("drawn from 1 of %.1f %s", ratio, what);
  return g_strdup_printf ("drawn from 1 of %.0f %s", ratio, what);
}

void
exp_picture_draw (ExpPicture *picture, cairo_t *cr)
{
  ExpBox box = { LEFT, TOP, EXP_PICTURE_WIDTH - LEFT - 24 - picture->right, EXP_PICTURE_HEIGHT - TOP - BOTTOM };

  exp_canvas_init (cr);
  exp_canvas_colour (cr, 0x222222);
  exp_canvas_text (cr, LEFT, 25, 15, 0, EXP_PICTURE_WIDTH - LEFT - 24, TRUE, picture->title);
  exp_canvas_colour (cr, 0x777777);
  exp_canvas_text (cr, EXP_PICTURE_WIDTH - 12, EXP_PICTURE_HEIGHT - 8, 11, 1, EXP_PICTURE_WIDTH / 2., FALSE,
                   picture->note);
  picture->klass->draw (picture, cr, &box);
}
