/* Pickled items: their bytes, and what they describe in place of the item.
 * Knows where pypet and PyTables put pickles; reading one is core/format/pickle's.
 * Made by item.c; the bytes as a file are whole.c's. */
#include "filter/delegate.h"
#include "format/pickle/pickle.h"
#include "pypet.h"
#include <string.h>

/* The bytes of a scalar text or of the first element of a vector of bytes; NULL with an error. */
GBytes *
exp_pypet_read_bytes (ExpNode *inner, GError **error)
{
  g_auto (ExpInfo) info = { 0 };
  ExpSlab slab = { .rank = 1, .count = { 1 }, .step = { 1 } };
  const ExpVlen *cell;

  if (!exp_node_describe (inner, &info, error))
    return NULL;
  gboolean is_vector = info.dtype != NULL && info.dtype->type == EXP_TYPE_VLEN && info.dtype->base->size == 1;
  gboolean is_text = info.dtype != NULL && info.dtype->type == EXP_TYPE_STRING;
  if ((!is_vector && !is_text) || info.rank > 1 || (info.rank == 1 && info.shape[0] == 0) || info.is_null)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "no bytes where a pickle should be");
      return NULL;
    }
  slab.rank = info.rank;
  g_autoptr (ExpArray) array = exp_node_read (inner, &info, &slab, error);
  if (array == NULL)
    return NULL;
  if (is_vector)
    {
      cell = (const ExpVlen *)array->data;
      return g_bytes_new (cell->data, cell->length);
    }
  gsize length = info.dtype->size;
  while (length > 0 && array->data[length - 1] == '\0')
    length--;
  return g_bytes_new (array->data, length);
}

typedef struct
{
  ExpDelegate base;
  ExpNode *inner;
  char *name; /* beside which the bytes are found, or NULL */
} Pickled;

static ExpNode *
make_value (ExpDelegate *delegate, GError **error)
{
  g_autoptr (GBytes) bytes = exp_pypet_read_bytes (((Pickled *)delegate)->inner, error);
  g_autoptr (ExpPickle) pickle = bytes != NULL ? exp_pickle_parse (bytes, error) : NULL;

  return pickle != NULL ? exp_pickle_node_new (pickle, exp_pickle_record (pickle), TRUE) : NULL;
}

static char **
pickled_list_attributes (ExpNode *node, GError **error)
{
  static const char *const names[] = { "pickle", NULL };

  return ((Pickled *)node)->name != NULL ? g_strdupv ((char **)names) : g_new0 (char *, 1);
}

static ExpArray *
pickled_read_attribute (ExpNode *node, const char *name, GError **error)
{
  const char *own = ((Pickled *)node)->name;

  if (own != NULL && strcmp (name, "pickle") == 0)
    {
      g_autofree char *file = g_strconcat (own, ".pickle", NULL);
      return exp_array_new_text (file);
    }
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no attribute '%s'", name);
  return NULL;
}

static gboolean
pickled_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  if (!exp_delegate_describe (node, info, error))
    return FALSE;
  info->is_unsteady = TRUE;
  return TRUE;
}

static void
pickled_free (ExpNode *node)
{
  exp_delegate_clear ((ExpDelegate *)node);
  exp_node_unref (((Pickled *)node)->inner);
  g_free (((Pickled *)node)->name);
  g_free (node);
}

static const ExpNodeClass pickled_class = {
  .free = pickled_free,
  .describe = pickled_describe,
  .list = exp_delegate_list,
  .lookup = exp_delegate_lookup,
  .read = exp_delegate_read,
  .list_attributes = pickled_list_attributes,
  .read_attribute = pickled_read_attribute,
};

ExpNode *
exp_pypet_pickled_new (ExpNode *inner, const char *name)
{
  Pickled *self = g_new0 (Pickled, 1);

  exp_node_init (&self->base.base, &pickled_class);
  self->base.make = make_value;
  self->inner = exp_node_ref (inner);
  self->name = g_strdup (name);
  return &self->base.base;
}
