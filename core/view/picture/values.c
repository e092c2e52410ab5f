/* All values of a dataset at once, for pictures in which their order does not matter.
 * Knows numbers and lists of them.
 * Called by histograms and rasters. */
#include "numbers.h"
#include "picture.h"
#include <math.h>

/* Lists that are read at once. */
#define ROWS 64

typedef struct
{
  ExpNumber number;
  GArray *values;
  guint64 keep; /* of so many numbers one */
  guint64 n;
} Gathering;

static void
gather (Gathering *self, const guint8 *data, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      double value = exp_number_get (&self->number, data + i * self->number.dtype->size);

      if (self->n++ % self->keep == 0 && isfinite (value))
        g_array_append_val (self->values, value);
    }
}

static void
gather_piece (const ExpSample *sample, const ExpArray *array, const guint64 *start, const guint64 *count,
              const guint64 *piece, gpointer data)
{
  gather (data, array->data, array->n_elements);
}

/* Lists, evenly spread, until there are enough values. */
static gboolean
gather_lists (ExpNode *node, const ExpInfo *info, gsize most, Gathering *self, double *ratio, GError **error)
{
  guint64 n_rows = exp_info_n_elements (info), n_pieces = n_rows / ROWS + (n_rows % ROWS != 0);
  guint64 step = n_pieces / EXP_PICTURE_ROWS + 1, n_read = 0;

  for (guint64 i = 0; i < n_pieces && self->values->len < most; i += step)
    {
      guint64 first = i * ROWS;
      g_autoptr (ExpArray) rows = exp_node_read_flat (node, info, first, MIN (ROWS, n_rows - first), error);
      if (rows == NULL)
        return FALSE;
      for (gsize k = 0; k < rows->n_elements; k++)
        {
          const ExpVlen *list = &((const ExpVlen *)rows->data)[k];
          gather (self, list->data, list->length);
        }
      n_read += rows->n_elements;
    }
  *ratio = n_read > 0 ? (double)n_rows / n_read : 1;
  return TRUE;
}

gboolean
exp_picture_values (ExpNode *node, const ExpInfo *info, gsize most, GArray *values, double *ratio, GError **error)
{
  const ExpDtype *dtype = info->dtype->type == EXP_TYPE_VLEN ? info->dtype->base : info->dtype;
  Gathering self
      = { { dtype, 0, dtype->type == EXP_TYPE_COMPLEX ? EXP_PART_REAL : EXP_PART_WHOLE, NULL }, values, 1, 0 };
  const guint wanted = EXP_PICTURE_COLUMNS;
  guint along = 0;
  ExpSample sample;

  *ratio = 1;
  if (info->dtype->type == EXP_TYPE_VLEN)
    return gather_lists (node, info, most, &self, ratio, error);
  for (guint i = 0; i < info->rank; i++)
    if (info->shape[i] > 1)
      along = i;
  if (exp_info_n_elements (info) == 0)
    return TRUE;
  if (!exp_sample_init (&sample, node, info, 1, &along, &wanted, -1, error))
    return FALSE;

  guint64 n = MIN (sample.axes[0].n, sample.axes[0].n_pieces * sample.axes[0].piece);
  self.keep = n / most + 1;
  *ratio = exp_sample_ratio (&sample) * self.keep;
  return exp_sample_read (&sample, gather_piece, &self, error);
}
