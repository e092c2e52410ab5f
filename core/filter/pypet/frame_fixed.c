/* pandas' fixed format: an index, blocks of columns of one type, and labels that say which column is where.
 * Knows the names of its datasets and attributes.
 * Called by frame.c. */
#include "frame.h"
#include "type.h"
#include <string.h>

#define MAX_BLOCKS 65536
#define MAX_LEVELS 64

/* Where the column with a label lies. */
typedef struct
{
  guint source;
  gsize offset;
  gboolean is_moment;
} Place;

static gboolean
axis_is_multi (ExpNode *group, const char *axis)
{
  g_autofree char *attribute = g_strconcat (axis, "_variety", NULL);
  g_autofree char *variety = exp_pypet_text (group, attribute);

  return g_strcmp0 (variety, "multi") == 0;
}

static ExpNode *
numbered_child (ExpNode *group, const char *axis, const char *what, guint number, GError **error)
{
  g_autofree char *name = g_strdup_printf ("%s_%s%u", axis, what, number);

  return exp_node_lookup (group, name, error);
}

/* Rows of the first block that says so without being unpickled. */
static gboolean
rows_of_blocks (ExpNode *group, guint64 *n_rows)
{
  gint64 n_blocks = CLAMP (exp_pypet_int (group, "nblocks", 0), 0, MAX_BLOCKS);

  for (gint64 i = 0; i < n_blocks; i++)
    {
      g_autofree char *name = g_strdup_printf ("block%d_values", (int)i);
      g_autoptr (ExpNode) values = exp_pypet_child (group, name);
      g_auto (ExpInfo) info = { 0 };

      if (values == NULL || exp_frame_is_pickled (values) || exp_frame_is_empty (values, n_rows)
          || !exp_node_describe (values, &info, NULL) || info.rank != 2)
        continue;
      *n_rows = info.shape[exp_pypet_int (values, "transposed", 1) != 0 ? 0 : 1];
      return TRUE;
    }
  return FALSE;
}

static gboolean
count_rows (ExpNode *group, const char *axis, guint64 *n_rows, GError **error)
{
  g_autoptr (ExpNode) index = axis_is_multi (group, axis) ? numbered_child (group, axis, "label", 0, error)
                                                          : exp_node_lookup (group, axis, error);
  g_auto (ExpInfo) info = { 0 };

  if (index == NULL || !exp_node_describe (index, &info, error))
    return FALSE;
  if (exp_frame_is_empty (index, n_rows))
    return TRUE;
  if (exp_frame_is_pickled (index))
    return rows_of_blocks (group, n_rows) || exp_frame_object_rows (index, n_rows, error);
  if (info.rank != 1)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the index of the frame is no vector");
      return FALSE;
    }
  *n_rows = info.shape[0];
  return TRUE;
}

/* A dataset without rows of the type that something empty is noted to have. */
static ExpNode *
empty_values (ExpNode *stored, guint64 n_columns, GError **error)
{
  g_autofree char *noted = exp_pypet_text (stored, "value_type");
  gboolean is_integer = noted != NULL && (g_str_has_prefix (noted, "int") || g_str_has_prefix (noted, "uint"));
  ExpTypeClass type = g_strcmp0 (noted, "bool") == 0 ? EXP_TYPE_BOOL : is_integer ? EXP_TYPE_INT : EXP_TYPE_FLOAT;
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (type, type == EXP_TYPE_BOOL ? 1 : 8, FALSE);
  guint64 shape[] = { 0, n_columns };
  g_autoptr (ExpArray) array = exp_array_new (dtype, n_columns > 0 ? 2 : 1, shape, error);

  return array != NULL ? exp_memory_dataset_new (array, NULL) : NULL;
}

static gboolean
add_level (ExpTable *table, ExpNode *group, const char *axis, guint level, GError **error)
{
  g_autoptr (ExpNode) codes = numbered_child (group, axis, "label", level, error);
  g_autoptr (ExpNode) labels_node = codes != NULL ? numbered_child (group, axis, "level", level, error) : NULL;
  g_autoptr (ExpArray) labels = labels_node != NULL ? exp_frame_label_array (labels_node, error) : NULL;

  if (labels == NULL)
    return FALSE;
  int source = exp_table_add_source (table, codes, FALSE, error);
  if (source < 0)
    return FALSE;
  g_autofree char *own = exp_frame_name (labels_node);
  g_autofree char *name = own != NULL ? g_strdup (own) : g_strdup_printf ("level_%u", level);
  exp_table_add_column (table, name, source, 0, exp_table_source_info (table, source)->dtype, NULL, EXP_CELL_LABEL,
                        labels);
  return TRUE;
}

static gboolean
add_index (ExpTable *table, ExpNode *group, const char *axis, guint64 n_rows, GError **error)
{
  g_autofree char *levels_name = g_strconcat (axis, "_nlevels", NULL);
  guint64 n_empty;

  if (axis_is_multi (group, axis))
    {
      gint64 n_levels = CLAMP (exp_pypet_int (group, levels_name, 0), 0, MAX_LEVELS);

      for (gint64 level = 0; level < n_levels; level++)
        if (!add_level (table, group, axis, level, error))
          return FALSE;
      return TRUE;
    }
  g_autoptr (ExpNode) stored = exp_node_lookup (group, axis, error);
  g_autoptr (ExpNode) index = NULL;
  if (stored == NULL)
    return FALSE;
  index = exp_frame_is_empty (stored, &n_empty) ? empty_values (stored, 0, error) : exp_node_ref (stored);
  g_autofree char *name = exp_frame_name (stored);
  return index != NULL && exp_frame_add_vector (table, name != NULL ? name : "index", index, n_rows, error);
}

/* Adds a block's values as a source and notes where each of its columns is. */
static gboolean
add_block (ExpTable *table, ExpNode *group, guint number, guint64 n_rows, GHashTable *places, GError **error)
{
  g_autofree char *items_name = g_strdup_printf ("block%u_items", number);
  g_autofree char *values_name = g_strdup_printf ("block%u_values", number);
  g_autoptr (GPtrArray) items = exp_frame_labels (group, items_name, error);
  g_autoptr (ExpNode) stored = items != NULL ? exp_node_lookup (group, values_name, error) : NULL;
  g_autoptr (ExpNode) values = NULL;
  guint64 n_empty;

  if (stored == NULL)
    return FALSE;
  gboolean is_pickled = exp_frame_is_pickled (stored), is_empty = exp_frame_is_empty (stored, &n_empty);
  gboolean is_transposed = !is_pickled && !is_empty && exp_pypet_int (stored, "transposed", 1) == 0;
  values = is_pickled ? exp_frame_object_block_new (stored, n_rows, MAX (items->len, 1))
           : is_empty ? empty_values (stored, MAX (items->len, 1), error)
                      : exp_node_ref (stored);
  int source = values != NULL ? exp_table_add_source (table, values, is_transposed, error) : -1;
  if (source < 0)
    return FALSE;

  const ExpInfo *info = exp_table_source_info (table, source);
  if (info->rank != 2 || info->shape[is_transposed ? 0 : 1] < items->len)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "a block of the frame has too few columns");
      return FALSE;
    }
  g_autofree char *value_type = exp_pypet_text (stored, "value_type");
  gboolean is_moment = g_strcmp0 (value_type, "datetime64") == 0 && info->dtype->type == EXP_TYPE_INT;
  for (guint i = 0; i < items->len; i++)
    {
      Place *place = g_new0 (Place, 1);
      GQueue *same = g_hash_table_lookup (places, items->pdata[i]);

      *place = (Place){ source, i * info->dtype->size, is_moment };
      if (same == NULL)
        g_hash_table_insert (places, g_strdup (items->pdata[i]), same = g_queue_new ());
      g_queue_push_tail (same, place);
    }
  return TRUE;
}

static void
free_places (gpointer queue)
{
  g_queue_free_full (queue, g_free);
}

static gboolean
add_columns (ExpTable *table, ExpNode *group, guint64 n_rows, GError **error)
{
  g_autoptr (GPtrArray) labels = exp_frame_labels (group, "axis0", error);
  g_autoptr (GHashTable) places = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_places);
  gint64 n_blocks = CLAMP (exp_pypet_int (group, "nblocks", 0), 0, MAX_BLOCKS);

  if (labels == NULL)
    return FALSE;
  for (gint64 i = 0; i < n_blocks; i++)
    if (!add_block (table, group, i, n_rows, places, error))
      return FALSE;
  for (guint i = 0; i < labels->len; i++)
    {
      GQueue *same = g_hash_table_lookup (places, labels->pdata[i]);
      g_autofree Place *place = same != NULL ? g_queue_pop_head (same) : NULL;

      if (place == NULL)
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "no block of the frame has its column '%s'",
                       (char *)labels->pdata[i]);
          return FALSE;
        }
      exp_table_add_column (table, labels->pdata[i], place->source, place->offset,
                            exp_table_source_info (table, place->source)->dtype, NULL,
                            place->is_moment ? EXP_CELL_DATETIME : EXP_CELL_CAST, NULL);
    }
  return TRUE;
}

static gboolean
add_series (ExpTable *table, ExpNode *group, guint64 n_rows, GError **error)
{
  g_autoptr (ExpNode) stored = exp_node_lookup (group, "values", error);
  g_autofree char *name = exp_frame_name (group);
  g_autoptr (ExpNode) values = NULL;
  guint64 n_empty;

  if (stored == NULL)
    return FALSE;
  values = exp_frame_is_empty (stored, &n_empty) ? empty_values (stored, 0, error) : exp_node_ref (stored);
  return values != NULL && exp_frame_add_vector (table, name != NULL ? name : "values", values, n_rows, error);
}

/* TRUE when values of the frame are Python objects. */
static gboolean
table_has_pickle (ExpNode *group, gboolean is_series)
{
  gint64 n_blocks = is_series ? 1 : CLAMP (exp_pypet_int (group, "nblocks", 0), 0, MAX_BLOCKS);

  for (gint64 i = 0; i < n_blocks; i++)
    {
      g_autofree char *name = is_series ? g_strdup ("values") : g_strdup_printf ("block%d_values", (int)i);
      g_autoptr (ExpNode) values = exp_pypet_child (group, name);

      if (values != NULL && exp_frame_is_pickled (values))
        return TRUE;
    }
  return FALSE;
}

ExpNode *
exp_frame_fixed_new (ExpNode *group, const char *name, gboolean is_series, GError **error)
{
  const char *axis = is_series ? "index" : "axis1";
  guint64 n_rows = 0;

  if (!count_rows (group, axis, &n_rows, error))
    return NULL;
  g_autoptr (ExpTable) table = exp_table_new (n_rows, "utf8");
  if (!add_index (table, group, axis, n_rows, error)
      || !(is_series ? add_series (table, group, n_rows, error) : add_columns (table, group, n_rows, error)))
    return NULL;
  if (name != NULL && table_has_pickle (group, is_series))
    {
      g_autofree char *file = g_strconcat (name, ".pickle", NULL);
      g_autoptr (ExpArray) value = exp_array_new_text (file);
      exp_table_set_attribute (table, "pickle", value);
    }
  return exp_table_finish (g_steal_pointer (&table), error);
}
