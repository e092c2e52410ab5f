/* Rows of a dataset by number, msgs[1,3,5]; and parts that a file should have and has not.
 * Knows no messages.
 * Made by root.c. */
#include "larpix.h"
#include <string.h>

typedef struct
{
  ExpNode base;
  ExpNode *inner;
  GArray *rows;
} Chosen;

static void
chosen_free (ExpNode *node)
{
  Chosen *self = (Chosen *)node;

  exp_node_unref (self->inner);
  g_array_unref (self->rows);
  g_free (self);
}

static gboolean
chosen_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  Chosen *self = (Chosen *)node;

  if (!exp_node_describe (self->inner, info, error))
    return FALSE;
  if (self->rows->len > 0 && g_array_index (self->rows, guint64, self->rows->len - 1) >= info->shape[0])
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
                   "index %" G_GUINT64_FORMAT " is out of range for %" G_GUINT64_FORMAT " rows",
                   g_array_index (self->rows, guint64, self->rows->len - 1), info->shape[0]);
      return FALSE;
    }
  info->shape[0] = self->rows->len;
  info->identity = 0;
  info->is_growing = info->is_live = info->keeps_rows = FALSE;
  return TRUE;
}

static gboolean
chosen_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  Chosen *self = (Chosen *)node;
  g_autofree guint64 *rows = g_try_new (guint64, MAX (slab->count[0], 1));

  if (rows == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for the rows");
      return FALSE;
    }
  for (guint64 i = 0; i < slab->count[0]; i++)
    rows[i] = g_array_index (self->rows, guint64, slab->start[0] + i * slab->step[0]);
  g_autoptr (ExpArray) found = exp_larpix_gather (self->inner, array->dtype, rows, slab->count[0], error);
  if (found == NULL)
    return FALSE;
  memcpy (array->data, found->data, found->n_elements * found->dtype->size);
  return exp_array_own_cells (array, error);
}

static const ExpNodeClass chosen_class = {
  .free = chosen_free,
  .describe = chosen_describe,
  .read = chosen_read,
};

ExpNode *
exp_larpix_chosen_new (ExpNode *node, GArray *rows)
{
  Chosen *self = g_new0 (Chosen, 1);

  exp_node_init (&self->base, &chosen_class);
  self->inner = exp_node_ref (node);
  self->rows = rows;
  return &self->base;
}

/* --- what is missing ---------------------------------------------------------------------------------------- */

typedef struct
{
  ExpNode base;
  char name[];
} Missing;

static void
missing_free (ExpNode *node)
{
  g_free (node);
}

static gboolean
missing_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_MISSING, "the file has no %s: it is no complete LArPix raw file",
               ((Missing *)node)->name);
  return FALSE;
}

static const ExpNodeClass missing_class = { .free = missing_free, .describe = missing_describe };

ExpNode *
exp_larpix_missing_new (const char *name)
{
  const gsize size = strlen (name) + 1;
  Missing *self = g_malloc0 (sizeof *self + size);

  exp_node_init (&self->base, &missing_class);
  memcpy (self->name, name, size);
  return &self->base;
}
