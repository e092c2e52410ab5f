/* Frames that are written: more rows or fewer in each of their parts.
 * Knows the names of these parts; what is in them is written by table.c.
 * Called by write_item.c. */
#include "frame.h"
#include "write_frame.h"
#include <string.h>

typedef struct
{
  ExpPypetChange *change;
  ExpPypetTrajectory *trajectory;
  ExpNode *frame;
  guint64 n_rows;
} Resizing;

/* TRUE for a part that has as many rows as the frame. */
static gboolean
has_rows (const char *name)
{
  return strcmp (name, "table") == 0 || strcmp (name, "index") == 0 || strcmp (name, "values") == 0
         || strcmp (name, "axis1") == 0 || g_str_has_prefix (name, "axis1_label")
         || g_str_has_prefix (name, "index_label")
         || (g_str_has_prefix (name, "block") && g_str_has_suffix (name, "_values"));
}

static gboolean
refuse (const char *why, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "the rows of this frame stay as many: %s", why);
  return FALSE;
}

/* New rows have empty texts. */
static gboolean
resize_objects (const Resizing *resizing, const char *name, ExpNode *node, GError **error)
{
  g_autoptr (GBytes) bytes = exp_pypet_read_bytes (node, error);
  g_autoptr (ExpPickle) pickle = bytes != NULL ? exp_pickle_parse (bytes, error) : NULL;
  const ExpPickleValue *old = pickle != NULL ? exp_pickle_root (pickle) : NULL;
  g_auto (ExpInfo) info = { 0 };

  if (old == NULL || !exp_node_describe (node, &info, error))
    return FALSE;
  const ExpPickleArray *array = old->kind == EXP_PICKLE_ARRAY ? old->array : NULL;
  guint rank = array != NULL && array->rank == 2 ? 2 : 1;
  guint64 width = rank == 2 ? array->shape[1] : 1;
  guint64 shape[] = { resizing->n_rows, width };
  g_autoptr (GByteArray) bytes_new = exp_frame_objects_begin (rank, shape);
  for (guint64 i = 0; i < resizing->n_rows * width; i++)
    {
      const ExpPickleValue *value = i < exp_pickle_n_items (old) ? exp_pickle_item (old, (guint)i) : NULL;

      if (value != NULL && value->kind != EXP_PICKLE_TEXT)
        return refuse ("a column has other Python objects than texts", error);
      g_autoptr (GBytes) text = value != NULL ? exp_pickle_load (value, G_MAXUINT64, TRUE, error) : NULL;
      if (value != NULL && text == NULL)
        return FALSE;
      gsize length = 0;
      const char *start = text != NULL ? g_bytes_get_data (text, &length) : NULL;
      if (!exp_frame_objects_append (bytes_new, start, length, error))
        return FALSE;
    }
  exp_frame_objects_end (bytes_new);
  ExpVlen row = { bytes_new->len, bytes_new->data };
  return exp_node_write_flat (node, &info, 0, 1, &row, error);
}

static gboolean
resize_part (const Resizing *resizing, const char *name, GError **error)
{
  g_autoptr (ExpNode) node = exp_node_lookup (resizing->frame, name, error);
  g_auto (ExpInfo) info = { 0 };
  guint64 n_empty;

  if (node == NULL || !exp_node_describe (node, &info, error))
    return FALSE;
  if (strcmp (name, "table") == 0)
    return exp_pytables_resize (resizing->change, node, resizing->n_rows, error);
  if (exp_frame_is_empty (node, &n_empty))
    return refuse ("it is empty, and has to be made anew", error);
  if (exp_frame_is_pickled (node))
    return resize_objects (resizing, name, node, error);
  if (info.rank == 0 || (info.rank > 1 && exp_pypet_int (node, "transposed", 1) == 0))
    return refuse ("its values are stored by columns", error);
  info.shape[0] = resizing->n_rows;
  return exp_pypet_item_renew (resizing->change, resizing->trajectory, resizing->frame, name, info.dtype, info.rank,
                               info.shape, TRUE, error);
}

static gboolean
note_part (const char *name, ExpNode *child, gpointer data)
{
  if (has_rows (name) || strcmp (name, "_i_table") == 0)
    g_ptr_array_add (data, g_strdup (name));
  return TRUE;
}

gboolean
exp_pypet_frame_resize (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *frame, guint64 n_rows,
                        GError **error)
{
  Resizing resizing = { change, trajectory, frame, n_rows };
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  if (n_rows == 0)
    return refuse ("at least one has to stay", error);
  if (!exp_node_list (frame, 0, note_part, names, error))
    return FALSE;
  exp_pypet_change_note_moved (change);
  for (guint i = 0; i < names->len; i++)
    {
      /* PyTables makes its index of the rows anew when it wants one. */
      gboolean is_done = strcmp (names->pdata[i], "_i_table") == 0
                             ? exp_pypet_change_remove (change, frame, names->pdata[i], error)
                             : resize_part (&resizing, names->pdata[i], error);
      if (!is_done)
        return FALSE;
    }
  return TRUE;
}
