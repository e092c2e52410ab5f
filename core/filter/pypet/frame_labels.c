/* Labels of pandas' axes: of any type and of several levels, as texts; names of axes.
 * Knows the attributes kind, value_type, name and shape.
 * Called by frame_fixed.c and frame_table.c. */
#include "expfs/number.h"
#include "frame.h"
#include "type.h"
#include <string.h>

/* Labels are held in memory; a frame has a column or a level for each. */
#define MAX_LABELS (1 << 24)

ExpPickle *
exp_frame_pickled_attribute (ExpNode *node, const char *attribute)
{
  g_autofree char *text = exp_pypet_text (node, attribute);
  gsize length = text != NULL ? strlen (text) : 0;

  if (length < 2 || text[length - 1] != '.')
    return NULL;
  g_autoptr (GBytes) bytes = g_bytes_new (text, length);
  return exp_pickle_parse (bytes, NULL);
}

char *
exp_frame_name (ExpNode *node)
{
  g_autoptr (ExpPickle) pickle = exp_frame_pickled_attribute (node, "name");
  GString *name;

  if (pickle == NULL)
    return exp_pypet_text (node, "name");
  if (exp_pickle_root (pickle)->kind == EXP_PICKLE_NONE)
    return NULL;
  name = g_string_new (NULL);
  exp_pickle_append_text (exp_pickle_root (pickle), name);
  return g_string_free (name, FALSE);
}

gboolean
exp_frame_is_empty (ExpNode *node, guint64 *n_rows)
{
  g_autoptr (ExpPickle) pickle = exp_frame_pickled_attribute (node, "shape");
  gint64 first = 0;

  if (pickle == NULL || exp_pickle_root (pickle)->kind != EXP_PICKLE_TUPLE)
    return FALSE;
  exp_pickle_get_int (exp_pickle_item (exp_pickle_root (pickle), 0), &first);
  *n_rows = MAX (first, 0);
  return TRUE;
}

gboolean
exp_frame_is_pickled (ExpNode *node)
{
  g_auto (ExpInfo) info = { 0 };

  return exp_node_describe (node, &info, NULL) && info.dtype != NULL && info.dtype->type == EXP_TYPE_VLEN;
}

char *
exp_frame_label_text (const ExpArray *labels, gsize index, const char *kind)
{
  const ExpDtype *dtype = labels->dtype;
  const guint8 *cell = labels->data + index * dtype->size;
  gsize length;

  if (g_strcmp0 (kind, "datetime64") == 0)
    {
      char text[EXP_DATETIME_SIZE + 1] = { 0 };
      exp_pypet_datetime_format (exp_cell_int (dtype, cell), text);
      return g_strdup (text);
    }
  if (dtype->type == EXP_TYPE_STRING || dtype->type == EXP_TYPE_VSTRING)
    {
      const char *text = exp_cell_text (dtype, cell, &length);
      return g_strndup (text != NULL ? text : "", length);
    }
  GString *text = g_string_new (NULL);
  if (exp_dtype_is_numeric (dtype) && dtype->type != EXP_TYPE_COMPOUND && dtype->type != EXP_TYPE_ARRAY)
    exp_cell_format (dtype, cell, text);
  return g_string_free (text, FALSE);
}

static gboolean
read_labels (ExpNode *node, ExpArray **labels, GError **error)
{
  guint64 n_rows = 0;

  if (exp_frame_is_pickled (node))
    {
      if (!exp_frame_object_rows (node, &n_rows, error))
        return FALSE;
      g_autoptr (ExpNode) texts = exp_frame_object_block_new (node, n_rows, 0);
      *labels = exp_node_read_all (texts, error);
      return *labels != NULL;
    }
  g_autoptr (ExpNode) typed = exp_pypet_typed_new (node, NULL, "utf8", error);
  g_auto (ExpInfo) info = { 0 };
  if (typed == NULL || !exp_node_describe (typed, &info, error))
    return FALSE;
  if (info.dtype == NULL || info.rank != 1 || info.shape[0] > MAX_LABELS)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the labels of the frame are no vector");
      return FALSE;
    }
  *labels = exp_node_read_all (typed, error);
  return *labels != NULL;
}

static GPtrArray *
regular_labels (ExpNode *node, gboolean is_quoted, GError **error)
{
  g_autoptr (ExpArray) labels = NULL;
  g_autofree char *kind = exp_pypet_text (node, "kind");
  GPtrArray *texts;
  guint64 n;

  if (exp_frame_is_empty (node, &n))
    return g_ptr_array_new_with_free_func (g_free);
  if (!read_labels (node, &labels, error))
    return NULL;
  gboolean is_text = labels->dtype->type == EXP_TYPE_STRING || labels->dtype->type == EXP_TYPE_VSTRING;
  texts = g_ptr_array_new_with_free_func (g_free);
  for (gsize i = 0; i < labels->n_elements; i++)
    {
      g_autofree char *text = exp_frame_label_text (labels, i, kind);
      g_ptr_array_add (texts, is_quoted && is_text ? g_strdup_printf ("'%s'", text) : g_strdup (text));
    }
  return texts;
}

/* One level's text for each label, appended to `out`; FALSE with an error. */
static gboolean
append_level (ExpNode *group, const char *axis, guint level, GPtrArray *out, GError **error)
{
  g_autofree char *level_name = g_strdup_printf ("%s_level%u", axis, level);
  g_autofree char *codes_name = g_strdup_printf ("%s_label%u", axis, level);
  g_autoptr (ExpNode) level_node = exp_node_lookup (group, level_name, error);
  g_autoptr (ExpNode) codes_node = level_node != NULL ? exp_node_lookup (group, codes_name, error) : NULL;
  g_autoptr (GPtrArray) texts = codes_node != NULL ? regular_labels (level_node, TRUE, error) : NULL;
  g_autoptr (ExpArray) codes = NULL;

  if (texts == NULL || !read_labels (codes_node, &codes, error))
    return FALSE;
  for (gsize i = 0; i < codes->n_elements; i++)
    {
      gint64 code = exp_cell_int (codes->dtype, codes->data + i * codes->dtype->size);
      const char *text = code >= 0 && code < texts->len ? texts->pdata[code] : "nan";

      if (level == 0)
        g_ptr_array_add (out, g_string_new ("("));
      if (i < out->len)
        g_string_append_printf (out->pdata[i], "%s%s", level == 0 ? "" : ", ", text);
    }
  return TRUE;
}

static void
free_string (gpointer string)
{
  if (string != NULL)
    g_string_free (string, TRUE);
}

GPtrArray *
exp_frame_labels (ExpNode *group, const char *axis, GError **error)
{
  g_autofree char *variety_name = g_strconcat (axis, "_variety", NULL);
  g_autofree char *variety = exp_pypet_text (group, variety_name);
  g_autofree char *levels_name = g_strconcat (axis, "_nlevels", NULL);

  if (g_strcmp0 (variety, "multi") != 0)
    {
      g_autoptr (ExpNode) node = exp_node_lookup (group, axis, error);
      return node != NULL ? regular_labels (node, FALSE, error) : NULL;
    }

  g_autoptr (GPtrArray) strings = g_ptr_array_new_with_free_func (free_string);
  gint64 n_levels = CLAMP (exp_pypet_int (group, levels_name, 0), 0, 64);
  for (gint64 level = 0; level < n_levels; level++)
    if (!append_level (group, axis, level, strings, error))
      return NULL;

  GPtrArray *texts = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < strings->len; i++)
    {
      GString *string = strings->pdata[i];
      g_ptr_array_add (texts, g_strdup_printf ("%s)", string->str));
    }
  return texts;
}

ExpArray *
exp_frame_label_array (ExpNode *node, GError **error)
{
  g_autofree char *kind = exp_pypet_text (node, "kind");
  g_autoptr (ExpArray) labels = NULL;

  if (!read_labels (node, &labels, error))
    return NULL;
  if (g_strcmp0 (kind, "datetime64") != 0)
    return g_steal_pointer (&labels);

  g_autoptr (ExpDtype) dtype = exp_dtype_new_string (EXP_DATETIME_SIZE, EXP_PAD_NUL, FALSE);
  ExpArray *moments = exp_array_new (dtype, 1, labels->shape, error);
  for (gsize i = 0; moments != NULL && i < moments->n_elements; i++)
    exp_pypet_datetime_format (exp_cell_int (labels->dtype, labels->data + i * labels->dtype->size),
                               (char *)moments->data + i * EXP_DATETIME_SIZE);
  return moments;
}

gboolean
exp_frame_add_vector (ExpTable *table, const char *name, ExpNode *node, guint64 n_rows, GError **error)
{
  g_autofree char *kind = exp_pypet_text (node, "kind");
  g_autofree char *value_type = exp_pypet_text (node, "value_type");
  gboolean is_moment = g_strcmp0 (kind, "datetime64") == 0 || g_strcmp0 (value_type, "datetime64") == 0;
  g_autoptr (ExpNode) values
      = exp_frame_is_pickled (node) ? exp_frame_object_block_new (node, n_rows, 0) : exp_node_ref (node);

  int source = exp_table_add_source (table, values, FALSE, error);
  if (source < 0)
    return FALSE;
  ExpDtype *from = exp_table_source_info (table, source)->dtype;
  exp_table_add_column (table, name, source, 0, from, NULL,
                        is_moment && from->type == EXP_TYPE_INT ? EXP_CELL_DATETIME : EXP_CELL_CAST, NULL);
  return TRUE;
}
