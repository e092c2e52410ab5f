/* Variables as datasets: rows of all ranks one after the other, or of one.
 * Knows parts; block.c has their bytes.
 * Made by tree.c. */
#include "save.h"
#include <string.h>

typedef struct
{
  ExpNode base;
  ExpGioJob *job; /* a reference */
  char *name;
  guint part;            /* G_MAXUINT: all */
  ExpGioVariable *model; /* in the first file */
} Column;

static const ExpNodeClass column_class;

static const ExpGioPart *
part_at (const Column *self, guint i)
{
  return &g_array_index (self->job->parts, ExpGioPart, i);
}

static const ExpGioRank *
rank_of (const ExpGioPart *part)
{
  return exp_gio_file_rank (part->file, part->rank);
}

static gboolean
fail (const Column *self, const char *reason, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "%s: variable %s: %s", self->job->path, self->name, reason);
  return FALSE;
}

/* Each part must have the variable, of one type. */
static gboolean
check_part (const Column *self, const ExpGioPart *part, guint *variable, GError **error)
{
  if (part->file == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_IO, "%s", part->reason);
      return FALSE;
    }
  *variable = exp_gio_file_find (part->file, self->name);
  if (*variable == G_MAXUINT)
    return fail (self, "a part of the job does not have it", error);
  const ExpGioVariable *its = exp_gio_file_variable (part->file, *variable);
  return (its->size == self->model->size && exp_dtype_equal (its->dtype, self->model->dtype))
         || fail (self, "it has another type in another part of the job", error);
}

static gboolean
column_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  Column *self = (Column *)node;
  guint variable;

  if (self->part == G_MAXUINT && !self->job->is_whole)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_IO, "%s", self->job->reason);
      return FALSE;
    }
  if (self->part != G_MAXUINT && !check_part (self, part_at (self, self->part), &variable, error))
    return FALSE;
  info->kind = EXP_KIND_DATASET;
  info->dtype = exp_dtype_ref (self->model->dtype);
  info->rank = self->model->size > self->model->element_size ? 2 : 1;
  info->shape[0] = self->part == G_MAXUINT ? self->job->n_rows : rank_of (part_at (self, self->part))->n_rows;
  info->shape[1] = info->rank > 1 ? self->model->size / self->model->element_size : 0;
  return TRUE;
}

static gboolean
column_layout (ExpNode *node, ExpLayout *layout, GError **error)
{
  Column *self = (Column *)node;

  layout->layout = "contiguous";
  for (guint i = 0; i < self->job->parts->len; i++)
    {
      const ExpGioPart *part = part_at (self, i);
      guint variable;

      if ((self->part != G_MAXUINT && self->part != i) || !check_part (self, part, &variable, NULL))
        continue;
      const ExpGioBlock *block = exp_gio_file_block (part->file, part->rank, variable);
      layout->storage += block->size;
      if (layout->filters == NULL && exp_gio_block_is_packed (block))
        layout->filters = g_ascii_strdown (block->filters[0], -1);
    }
  return TRUE;
}

/* --- rows --------------------------------------------------------------------------------------------------- */

/* The part that has row `row` of the column. */
static guint
find_part (const Column *self, guint64 row)
{
  guint low = 0, high = self->job->parts->len;

  if (self->part != G_MAXUINT)
    return self->part;
  while (high - low > 1)
    {
      guint middle = low + (high - low) / 2;

      if (part_at (self, middle)->first <= row)
        low = middle;
      else
        high = middle;
    }
  return low;
}

/* Bytes of the column from `offset` on, in one part: how many of `length` there are in it. */
static gsize
find_bytes (const Column *self, guint64 offset, gsize length, guint *index, guint64 *in_part)
{
  const guint64 size = self->model->size;

  *index = find_part (self, offset / size);
  const ExpGioPart *part = part_at (self, *index);
  const guint64 first = self->part == G_MAXUINT ? part->first * size : 0;
  *in_part = offset - first;
  return MIN (length, rank_of (part)->n_rows * size - *in_part);
}

static gboolean
read_bytes (const Column *self, guint64 offset, gsize length, guint8 *to, GError **error)
{
  while (length > 0)
    {
      guint64 in_part;
      guint index, variable;
      const gsize n = find_bytes (self, offset, length, &index, &in_part);
      const ExpGioPart *part = part_at (self, index);

      if (n == 0)
        return fail (self, "its ranks have fewer rows than the job", error);
      if (!check_part (self, part, &variable, error)
          || !exp_gio_block_read (part->file, part->rank, variable, in_part, n, to, error))
        return FALSE;
      offset += n;
      to += n;
      length -= n;
    }
  return TRUE;
}

static gboolean
column_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  Column *self = (Column *)node;
  const guint64 size = self->model->size, element = self->model->element_size;
  const gboolean is_vector = slab->rank > 1;
  const guint64 across = is_vector ? slab->count[1] : 1;
  const gboolean is_whole = !is_vector || (slab->step[1] == 1 && across * element == size);
  guint8 *to = array->data;

  if (array->n_elements == 0)
    return TRUE;
  if (is_whole && slab->step[0] == 1)
    return read_bytes (self, slab->start[0] * size, slab->count[0] * size, to, error);
  for (guint64 i = 0; i < slab->count[0]; i++)
    {
      const guint64 row = (slab->start[0] + i * slab->step[0]) * size;

      for (guint64 k = 0; k < (is_whole ? 1 : across); k++, to += is_whole ? size : element)
        if (!read_bytes (self, row + (is_whole ? 0 : (slab->start[1] + k * slab->step[1]) * element),
                         is_whole ? size : element, to, error))
          return FALSE;
    }
  return TRUE;
}

static gboolean
column_locate (ExpNode *node, guint64 first, gsize n, ExpRun *run)
{
  Column *self = (Column *)node;
  const guint64 element = self->model->element_size;
  guint64 in_part;
  guint index, variable;

  if (self->job->parts->len == 0 || (self->part == G_MAXUINT && !self->job->is_whole))
    return FALSE;
  const gsize length = find_bytes (self, first * element, n * element, &index, &in_part);
  const ExpGioPart *part = part_at (self, index);
  return length > 0 && check_part (self, part, &variable, NULL)
         && exp_gio_block_locate (part->file, part->rank, variable, in_part, length, run);
}

/* --- attributes --------------------------------------------------------------------------------------------- */

static const struct
{
  const char *name;
  guint64 flag;
  const char *axis;
} flags[] = { { EXP_GIO_COORDINATE, EXP_GIO_X, "x" },
              { EXP_GIO_COORDINATE, EXP_GIO_Y, "y" },
              { EXP_GIO_COORDINATE, EXP_GIO_Z, "z" },
              { EXP_GIO_GHOST, EXP_GIO_MAYBE_GHOST, NULL } };

static char **
column_list_attributes (ExpNode *node, GError **error)
{
  Column *self = (Column *)node;
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (flags); i++)
    if ((self->model->flags & flags[i].flag) != 0
        && (names->len == 0 || strcmp (names->pdata[names->len - 1], flags[i].name) != 0))
      g_ptr_array_add (names, g_strdup (flags[i].name));
  g_ptr_array_add (names, NULL);
  return (char **)g_ptr_array_free (names, FALSE);
}

static ExpArray *
column_read_attribute (ExpNode *node, const char *name, GError **error)
{
  Column *self = (Column *)node;

  for (guint i = 0; i < G_N_ELEMENTS (flags); i++)
    if ((self->model->flags & flags[i].flag) != 0 && strcmp (flags[i].name, name) == 0)
      return flags[i].axis != NULL ? exp_array_new_text (flags[i].axis) : exp_array_new_bool (TRUE);
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no attribute '%s'", name);
  return NULL;
}

static void
column_free (ExpNode *node)
{
  Column *self = (Column *)node;

  exp_gio_job_unref (self->job);
  g_free (self->name);
  g_free (self);
}

static const ExpNodeClass column_class = {
  .free = column_free,
  .describe = column_describe,
  .layout = column_layout,
  .read = column_read,
  .locate = column_locate,
  .list_attributes = column_list_attributes,
  .read_attribute = column_read_attribute,
};

ExpNode *
exp_gio_column_new (ExpGioJob *job, const char *name, guint part)
{
  Column *self = g_new0 (Column, 1);

  exp_node_init (&self->base, &column_class);
  self->job = exp_gio_job_ref (job);
  self->name = g_strdup (name);
  self->part = part;
  self->model = &g_array_index (job->first->variables, ExpGioVariable, exp_gio_file_find (job->first, name));
  return &self->base;
}

ExpGioJob *
exp_gio_column_job (ExpNode *node, guint *part)
{
  Column *self = (Column *)node;

  if (node == NULL || node->klass != &column_class)
    return NULL;
  *part = self->part;
  return self->job;
}

const char *
exp_gio_column_name (ExpNode *node)
{
  return ((Column *)node)->name;
}
