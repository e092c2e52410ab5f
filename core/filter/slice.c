/* x[SLICE]: a dataset seen through NumPy's basic indexing.
 * Knows no format and no view; slices of slices stack.
 * Made by name resolution in fs/. */
#include "expfs/number.h"
#include "expfs/select.h"
#include <string.h>

/* What one axis of the base becomes. Indices into the base are start + i * step. */
typedef struct
{
  guint64 start;
  gint64 step;
  guint64 count;
  gboolean is_dropped; /* an integer index */
} AxisRange;

typedef struct
{
  ExpNode base;
  ExpNode *inner;
  ExpInfo info; /* as shown */
  guint inner_rank;
  AxisRange axes[EXP_MAX_RANK]; /* of the inner dataset */
} SliceNode;

static void
slice_free (ExpNode *node)
{
  SliceNode *self = (SliceNode *)node;

  exp_node_unref (self->inner);
  exp_info_clear (&self->info);
  g_free (self);
}

static gboolean
slice_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  exp_info_copy (&((SliceNode *)node)->info, info);
  return TRUE;
}

/* The inner selection, ascending along every axis; `is_reversed` says which axes then run backwards. */
static void
inner_slab (const SliceNode *self, const ExpSlab *slab, ExpSlab *inner, gboolean *is_reversed)
{
  guint outer = 0;

  inner->rank = self->inner_rank;
  for (guint i = 0; i < self->inner_rank; i++)
    {
      const AxisRange *axis = &self->axes[i];
      guint64 start = 0, count = 1, step = 1;

      if (!axis->is_dropped)
        {
          start = slab->start[outer];
          count = slab->count[outer];
          step = slab->step[outer];
          outer++;
        }

      guint64 size = ABS (axis->step), last = start + (count - 1) * step;
      is_reversed[i] = axis->step < 0 && count > 1;
      inner->start[i] = axis->step < 0 ? axis->start - last * size : axis->start + start * size;
      inner->count[i] = count;
      inner->step[i] = count > 1 ? step * size : 1;
    }
}

/* Copies cells of `from` so that the reversed axes run the other way. */
static const guint8 *
copy_reversed (const ExpSlab *inner, const gboolean *is_reversed, guint axis, gsize cell, const guint8 *from,
               guint8 *to, const gsize *strides)
{
  for (guint64 i = 0; i < inner->count[axis]; i++)
    {
      guint64 position = is_reversed[axis] ? inner->count[axis] - 1 - i : i;

      if (axis + 1 < inner->rank)
        from = copy_reversed (inner, is_reversed, axis + 1, cell, from, to + position * strides[axis], strides);
      else
        {
          memcpy (to + position * cell, from, cell);
          from += cell;
        }
    }
  return from;
}

static gboolean
slice_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  SliceNode *self = (SliceNode *)node;
  gboolean is_reversed[EXP_MAX_RANK], any = FALSE;
  gsize strides[EXP_MAX_RANK];
  ExpSlab inner;

  inner_slab (self, slab, &inner, is_reversed);
  for (guint i = 0; i < inner.rank; i++)
    any = any || is_reversed[i];

  /* The inner node fills the same cells under its own shape, so that text of variable length lands in this heap. */
  guint rank = array->rank;
  guint64 shape[EXP_MAX_RANK];
  memcpy (shape, array->shape, sizeof shape);
  array->rank = inner.rank;
  memcpy (array->shape, inner.count, inner.rank * sizeof *inner.count);
  gboolean is_read = self->inner->klass->read (self->inner, &inner, array, error);
  array->rank = rank;
  memcpy (array->shape, shape, sizeof shape);
  if (!is_read || !any)
    return is_read;

  gsize size = array->n_elements * array->dtype->size, stride = array->dtype->size;
  guint8 *data = g_try_malloc (size);
  if (data == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory to reverse the slice");
      return FALSE;
    }
  for (guint i = inner.rank; i-- > 0; stride *= inner.count[i])
    strides[i] = stride;
  copy_reversed (&inner, is_reversed, 0, array->dtype->size, array->data, data, strides);
  memcpy (array->data, data, size);
  g_free (data);
  return TRUE;
}

static char **
slice_list_attributes (ExpNode *node, GError **error)
{
  return exp_node_list_attributes (((SliceNode *)node)->inner, error);
}

static ExpArray *
slice_read_attribute (ExpNode *node, const char *name, GError **error)
{
  return exp_node_read_attribute (((SliceNode *)node)->inner, name, error);
}

static const ExpNodeClass slice_class = {
  .free = slice_free,
  .describe = slice_describe,
  .read = slice_read,
  .list_attributes = slice_list_attributes,
  .read_attribute = slice_read_attribute,
};

/* --- parsing ------------------------------------------------------------------------------------------------ */

/* An integer of any length, as Python's are; what 64 bits do not hold lies beyond every axis anyhow. The least value
 * is left out, so that each one has a negative. */
static gboolean
parse_integer (const char *text, gsize length, gint64 *value)
{
  gsize sign = length > 0 && (*text == '-' || *text == '+');

  if (length == sign)
    return FALSE;
  for (gsize i = sign; i < length; i++)
    if (!g_ascii_isdigit (text[i]))
      return FALSE;
  if (!exp_int_parse (text, length, value))
    *value = *text == '-' ? -G_MAXINT64 : G_MAXINT64;
  *value = MAX (*value, -G_MAXINT64);
  return TRUE;
}

/* An optional integer: TRUE when it is absent or well formed. */
static gboolean
parse_bound (const char *text, gsize length, gboolean *is_given, gint64 *value)
{
  while (length > 0 && g_ascii_isspace (*text))
    text++, length--;
  while (length > 0 && g_ascii_isspace (text[length - 1]))
    length--;
  *is_given = length > 0;
  return length == 0 || parse_integer (text, length, value);
}

/* NumPy's clipping: for a positive step bounds lie in 0 ... n, for a negative one in -1 ... n - 1. */
static gint64
clip (gint64 bound, gint64 n, gint64 low, gint64 high)
{
  if (bound < 0)
    bound = bound < -n ? low : bound + n;
  return CLAMP (bound, low, high);
}

static gboolean
parse_range (const char *text, gsize length, guint64 n, AxisRange *axis)
{
  const char *first = memchr (text, ':', length), *end = text + length;
  const char *second = memchr (first + 1, ':', end - first - 1);
  const char *stop_end = second != NULL ? second : end;
  gboolean has_start, has_stop, has_step = FALSE;
  gint64 start = 0, stop = 0, step = 1, size = (gint64)MIN (n, G_MAXINT64);

  if (!parse_bound (text, first - text, &has_start, &start)
      || !parse_bound (first + 1, stop_end - first - 1, &has_stop, &stop)
      || (second != NULL && !parse_bound (second + 1, end - second - 1, &has_step, &step)) || step == 0)
    return FALSE;
  if (second != NULL && !has_step)
    step = 1;

  gint64 low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1;
  start = has_start ? clip (start, size, low, high) : step > 0 ? 0 : size - 1;
  stop = has_stop ? clip (stop, size, low, high) : step > 0 ? size : -1;
  guint64 distance = step > 0 ? (stop > start ? stop - start : 0) : (start > stop ? start - stop : 0);
  guint64 stride = step > 0 ? step : -step;
  *axis = (AxisRange){ start, step, distance / stride + (distance % stride != 0), FALSE };
  return TRUE;
}

/* One item between commas, for an axis of `n`; FALSE with *is_outside set for an index that is not there. */
static gboolean
parse_item (const char *text, gsize length, guint64 n, AxisRange *axis, gboolean *is_outside)
{
  gint64 index;

  if (memchr (text, ':', length) != NULL)
    return parse_range (text, length, n, axis);
  if (!parse_integer (text, length, &index))
    return FALSE;
  if (index < 0 ? (guint64)-index > n : (guint64)index >= n)
    {
      *is_outside = TRUE;
      return FALSE;
    }
  *axis = (AxisRange){ index < 0 ? n + index : (guint64)index, 1, 1, TRUE };
  return TRUE;
}

static gboolean
refuse (const char *slice, const char *why, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "[%s]: %s", slice, why);
  return FALSE;
}

static gboolean
parse_slice (const char *slice, const ExpInfo *info, AxisRange *axes, GError **error)
{
  g_auto (GStrv) items = g_strsplit (slice, ",", -1);
  guint n_items = g_strv_length (items), n_ellipses = 0, axis = 0;

  for (guint i = 0; i < n_items; i++)
    {
      g_strstrip (items[i]);
      n_ellipses += strcmp (items[i], "...") == 0;
    }
  /* NumPy allows a comma at the end: x[3,]. */
  if (n_items > 1 && *items[n_items - 1] == '\0')
    n_items--;
  if (n_items == 0)
    return refuse (slice, "not a slice", error);
  if (n_ellipses > 1)
    return refuse (slice, "more than one '...'", error);
  if (n_items - n_ellipses > info->rank)
    return refuse (slice, "more indices than the dataset has axes", error);
  for (guint i = 0; i < info->rank; i++)
    axes[i] = (AxisRange){ 0, 1, info->shape[i], FALSE };
  for (guint i = 0; i < n_items; i++)
    {
      gboolean is_outside = FALSE;

      if (strcmp (items[i], "...") == 0)
        {
          axis = info->rank - (n_items - 1 - i);
          continue;
        }
      if (!parse_item (items[i], strlen (items[i]), info->shape[axis], &axes[axis], &is_outside))
        return refuse (slice, is_outside ? "an index is out of range" : "not a slice", error);
      axis++;
    }
  return TRUE;
}

ExpNode *
exp_slice_new (ExpNode *dataset, const char *slice, GError **error)
{
  g_auto (ExpInfo) info = { 0 };
  AxisRange axes[EXP_MAX_RANK];
  guint rank = 0;

  if (!exp_node_describe (dataset, &info, error))
    return NULL;
  if (info.kind != EXP_KIND_DATASET || info.is_null || dataset->klass->read == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "[%s]: there are no elements to select", slice);
      return NULL;
    }
  if (!parse_slice (slice, &info, axes, error))
    return NULL;

  SliceNode *self = g_new0 (SliceNode, 1);
  exp_node_init (&self->base, &slice_class);
  self->inner = exp_node_ref (dataset);
  self->inner_rank = info.rank;
  memcpy (self->axes, axes, sizeof axes);
  for (guint i = 0; i < info.rank; i++)
    if (!axes[i].is_dropped)
      info.shape[rank++] = axes[i].count;
  info.rank = rank;
  info.identity = 0;
  info.n_links = 0;
  exp_info_copy (&info, &self->info);
  return &self->base;
}
