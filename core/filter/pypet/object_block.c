/* Blocks of Python objects, which pandas pickles whole: their values as texts. Unpickled when a value is read.
 * Knows that the pickle is one of NumPy's arrays.
 * Made by frame_labels.c and frame_fixed.c. */
#include "frame.h"
#include "write_frame.h"
#include <string.h>

typedef struct
{
  ExpNode base;
  ExpNode *inner;
  guint64 n_rows, n_columns; /* n_columns 0: a vector */
  ExpPickle *pickle;         /* atomic: NULL until somebody reads */
} Block;

static ExpPickle *
read_pickle (ExpNode *inner, GError **error)
{
  g_autoptr (GBytes) bytes = exp_pypet_read_bytes (inner, error);

  return bytes != NULL ? exp_pickle_parse (bytes, error) : NULL;
}

/* The values, borrowed; NULL with an error when they are not n. */
static const ExpPickleValue *
get_values (Block *self, guint64 n, GError **error)
{
  ExpPickle *pickle = g_atomic_pointer_get (&self->pickle);

  if (pickle == NULL)
    {
      pickle = read_pickle (self->inner, error);
      if (pickle == NULL)
        return NULL;
      if (!g_atomic_pointer_compare_and_exchange (&self->pickle, NULL, pickle))
        {
          exp_pickle_unref (pickle);
          pickle = g_atomic_pointer_get (&self->pickle);
        }
    }
  const ExpPickleValue *values = exp_pickle_root (pickle);
  if (values->kind == EXP_PICKLE_ARRAY && exp_pickle_n_items (values) == 0 && n > 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "the pickled block of the frame is no array of objects");
      return NULL;
    }
  if (exp_pickle_n_items (values) < n)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the pickled block of the frame has too few values");
      return NULL;
    }
  return values;
}

gboolean
exp_frame_object_rows (ExpNode *inner, guint64 *n_rows, GError **error)
{
  g_autoptr (ExpPickle) pickle = read_pickle (inner, error);

  if (pickle == NULL)
    return FALSE;
  *n_rows = exp_pickle_n_items (exp_pickle_root (pickle));
  return TRUE;
}

static gboolean
block_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  Block *self = (Block *)node;

  info->kind = EXP_KIND_DATASET;
  info->dtype = exp_dtype_new_vstring (TRUE);
  info->rank = self->n_columns > 0 ? 2 : 1;
  info->shape[0] = self->n_rows;
  info->shape[1] = self->n_columns;
  return TRUE;
}

static gboolean
block_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  Block *self = (Block *)node;
  guint64 width = MAX (self->n_columns, 1), n;
  const ExpPickleValue *values = g_uint64_checked_mul (&n, self->n_rows, width) ? get_values (self, n, error) : NULL;
  guint64 n_chosen = slab->rank > 1 ? slab->count[1] : 1;
  g_auto (ExpPickleTexts) texts = { 0 };

  if (values == NULL)
    return FALSE;
  exp_pickle_texts_init (&texts, array, n);
  for (gsize i = 0; i < array->n_elements; i++)
    {
      guint64 row = slab->start[0] + i / n_chosen * slab->step[0];
      guint64 column = slab->rank > 1 ? slab->start[1] + i % n_chosen * slab->step[1] : 0;

      if (!exp_pickle_texts_put (&texts, i, exp_pickle_item (values, row * width + column), error))
        return FALSE;
    }
  return TRUE;
}

/* The texts that are there with those of `array` among them; NULL where others than texts are pickled. */
static ExpArray *
merge_texts (Block *self, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  g_auto (ExpInfo) info = { 0 };
  ExpSlab all;
  guint64 n_columns = MAX (self->n_columns, 1), n_chosen = slab->rank > 1 ? slab->count[1] : 1;
  const ExpPickleValue *values = get_values (self, self->n_rows * n_columns, error);

  if (values == NULL || !block_describe (&self->base, &info, error))
    return NULL;
  for (guint64 i = 0; i < self->n_rows * n_columns; i++)
    if (exp_pickle_item (values, i)->kind != EXP_PICKLE_TEXT)
      {
        g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED,
                     "columns with other Python objects than texts stay as "
                     "they are");
        return NULL;
      }
  exp_slab_init_all (&all, info.rank, info.shape);
  ExpArray *texts = exp_node_read (&self->base, &info, &all, error);
  for (gsize i = 0; texts != NULL && i < array->n_elements; i++)
    {
      guint64 row = slab->start[0] + i / n_chosen * slab->step[0];
      guint64 column = slab->rank > 1 ? slab->start[1] + i % n_chosen * slab->step[1] : 0;

      memcpy (texts->data + (row * n_columns + column) * sizeof (ExpVlen), array->data + i * sizeof (ExpVlen),
              sizeof (ExpVlen));
    }
  return texts;
}

/* All of them pickled anew. */
static gboolean
block_write (ExpNode *node, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  Block *self = (Block *)node;
  guint64 shape[] = { self->n_rows, self->n_columns };
  g_auto (ExpInfo) info = { 0 };
  g_autoptr (ExpArray) texts = NULL;

  if (array->dtype->type != EXP_TYPE_VSTRING || !exp_node_describe (self->inner, &info, error))
    return FALSE;
  texts = merge_texts (self, slab, array, error);
  if (texts == NULL)
    return FALSE;
  g_autoptr (GByteArray) pickle = exp_frame_objects_begin (self->n_columns > 0 ? 2 : 1, shape);
  for (gsize i = 0; i < texts->n_elements; i++)
    {
      const ExpVlen *cell = (const ExpVlen *)texts->data + i;

      if (!exp_frame_objects_append (pickle, cell->data, cell->length, error))
        return FALSE;
    }
  exp_frame_objects_end (pickle);
  ExpVlen row = { pickle->len, pickle->data };
  return exp_node_write_flat (self->inner, &info, 0, 1, &row, error);
}

static void
block_free (ExpNode *node)
{
  Block *self = (Block *)node;

  exp_node_unref (self->inner);
  exp_pickle_unref (self->pickle);
  g_free (self);
}

static const ExpNodeClass block_class
    = { .free = block_free, .describe = block_describe, .read = block_read, .write = block_write };

ExpNode *
exp_frame_object_block_new (ExpNode *inner, guint64 n_rows, guint64 n_columns)
{
  Block *self = g_new0 (Block, 1);

  exp_node_init (&self->base, &block_class);
  self->inner = exp_node_ref (inner);
  self->n_rows = n_rows;
  self->n_columns = n_columns;
  return &self->base;
}
