/* pandas' table format: one table with an index, blocks of columns and columns of their own; what they are called and
 * where they belong is in pickled attributes.
 * Knows the names of its columns and attributes.
 * Called by frame.c. */
#include "frame.h"
#include "type.h"
#include <string.h>

/* A column of the frame within the stored table. */
typedef struct
{
  char *label;
  const ExpMember *member; /* borrowed from the table's type */
  guint index;             /* in the member, when it is a block */
  gboolean is_used;
} Piece;

static void
clear_piece (gpointer data)
{
  g_free (((Piece *)data)->label);
}

static char *
value_label (const ExpPickleValue *value)
{
  GString *text = g_string_new (NULL);

  exp_pickle_append_text (value, text);
  return g_string_free (text, FALSE);
}

/* NAME_kind lists the labels of a block's columns; without it the column is its own label. */
static void
add_pieces (ExpNode *table_node, const ExpMember *member, GArray *pieces)
{
  g_autofree char *attribute = g_strconcat (member->name, "_kind", NULL);
  g_autoptr (ExpPickle) labels = exp_frame_pickled_attribute (table_node, attribute);
  guint n = member->dtype->type == EXP_TYPE_ARRAY ? member->dtype->size / MAX (member->dtype->base->size, 1) : 1;

  for (guint i = 0; i < n; i++)
    {
      const ExpPickleValue *label = labels != NULL ? exp_pickle_item (exp_pickle_root (labels), i) : NULL;
      Piece piece = { label != NULL ? value_label (label) : g_strdup (member->name), member, i, FALSE };

      g_array_append_val (pieces, piece);
    }
}

/* The categories that a column's codes count, stored beside the table; NULL for none. */
static ExpArray *
read_categories (ExpNode *group, ExpNode *table_node, const char *column)
{
  g_autofree char *attribute = g_strconcat (column, "_meta", NULL);
  g_autofree char *meta = exp_pypet_text (table_node, attribute);
  g_autofree char *path = g_strdup_printf ("meta/%s/meta/table", column);

  if (g_strcmp0 (meta, "category") != 0)
    return NULL;
  g_autoptr (ExpNode) stored = exp_node_resolve (group, path, NULL);
  g_autoptr (ExpNode) values
      = stored != NULL ? exp_pypet_field_new (stored, "values", EXP_ALL_ROWS, NULL, "utf8", NULL) : NULL;
  return values != NULL ? exp_node_read_all (values, NULL) : NULL;
}

static gboolean
is_moment (ExpNode *table_node, const char *column, const char *suffix)
{
  g_autofree char *attribute = g_strconcat (column, suffix, NULL);
  g_autofree char *type = exp_pypet_text (table_node, attribute);

  return type != NULL && g_str_has_prefix (type, "datetime64");
}

static void
add_piece (ExpTable *table, ExpNode *group, ExpNode *table_node, Piece *piece)
{
  const ExpMember *member = piece->member;
  ExpDtype *element = member->dtype->type == EXP_TYPE_ARRAY ? member->dtype->base : member->dtype;
  g_autoptr (ExpArray) categories = read_categories (group, table_node, member->name);
  ExpCellRule rule = EXP_CELL_CAST;

  if (categories != NULL)
    rule = EXP_CELL_LABEL;
  else if (element->type == EXP_TYPE_INT
           && (is_moment (table_node, member->name, "_dtype")
               || (strcmp (member->name, "index") == 0 && is_moment (table_node, "index", "_kind"))))
    rule = EXP_CELL_DATETIME;
  exp_table_add_column (table, piece->label, 0, member->offset + piece->index * element->size, element, NULL, rule,
                        categories);
  piece->is_used = TRUE;
}

static void
add_labelled (ExpTable *table, ExpNode *group, ExpNode *table_node, GArray *pieces, const char *label)
{
  for (guint i = 0; i < pieces->len; i++)
    {
      Piece *piece = &g_array_index (pieces, Piece, i);

      if (!piece->is_used && strcmp (piece->label, label) == 0)
        {
          add_piece (table, group, table_node, piece);
          return;
        }
    }
}

/* The labels in `list`, in its order. */
static void
add_list (ExpTable *table, ExpNode *group, ExpNode *table_node, GArray *pieces, const ExpPickleValue *list)
{
  for (guint i = 0; list != NULL && i < exp_pickle_n_items (list); i++)
    {
      g_autofree char *label = value_label (exp_pickle_item (list, i));

      add_labelled (table, group, table_node, pieces, label);
    }
}

/* non_index_axes is [(1, [labels])]. */
static const ExpPickleValue *
column_labels (const ExpPickle *axes)
{
  const ExpPickleValue *axis = axes != NULL ? exp_pickle_item (exp_pickle_root (axes), 0) : NULL;

  return axis != NULL ? exp_pickle_item (axis, 1) : NULL;
}

/* info holds the name of the index under its axis: {0: {...}, 'index': {'index_name': ...}}. */
static char *
index_name (ExpNode *group)
{
  g_autoptr (ExpPickle) info = exp_frame_pickled_attribute (group, "info");
  const ExpPickleValue *index = info != NULL ? exp_pickle_get (exp_pickle_root (info), "index") : NULL;
  const ExpPickleValue *name = index != NULL ? exp_pickle_get (index, "index_name") : NULL;

  return name != NULL && name->kind != EXP_PICKLE_NONE ? value_label (name) : g_strdup ("index");
}

static ExpNode *
build (ExpNode *group, ExpNode *table_node, const ExpInfo *info, GError **error)
{
  g_autoptr (ExpTable) table = exp_table_new (info->shape[0], "utf8");
  g_autoptr (GArray) pieces = g_array_new (FALSE, FALSE, sizeof (Piece));
  g_autoptr (ExpPickle) levels = exp_frame_pickled_attribute (group, "levels");
  g_autoptr (ExpPickle) axes = exp_frame_pickled_attribute (group, "non_index_axes");
  gboolean is_multi = levels != NULL && exp_pickle_root (levels)->kind == EXP_PICKLE_LIST;

  g_array_set_clear_func (pieces, clear_piece);
  if (exp_table_add_source (table, table_node, FALSE, error) < 0)
    return NULL;
  for (guint i = 0; i < info->dtype->n_members; i++)
    {
      const ExpMember *member = &info->dtype->members[i];
      Piece index = { NULL, member, 0, FALSE };

      if (strcmp (member->name, "index") != 0)
        add_pieces (table_node, member, pieces);
      else if (!is_multi) /* of a MultiIndex it only counts rows */
        {
          index.label = index_name (group);
          add_piece (table, group, table_node, &index);
          g_free (index.label);
        }
    }
  if (is_multi)
    add_list (table, group, table_node, pieces, exp_pickle_root (levels));
  add_list (table, group, table_node, pieces, column_labels (axes));
  for (guint i = 0; i < pieces->len; i++) /* of a series, or what no axis names */
    if (!g_array_index (pieces, Piece, i).is_used)
      add_piece (table, group, table_node, &g_array_index (pieces, Piece, i));
  return exp_table_finish (g_steal_pointer (&table), error);
}

ExpNode *
exp_frame_table_new (ExpNode *group, GError **error)
{
  g_autoptr (ExpNode) table_node = exp_node_lookup (group, "table", error);
  g_auto (ExpInfo) info = { 0 };

  if (table_node == NULL || !exp_node_describe (table_node, &info, error))
    return NULL;
  if (info.dtype == NULL || info.dtype->type != EXP_TYPE_COMPOUND || info.rank != 1)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the table of the frame is none");
      return NULL;
    }
  return build (group, table_node, &info, error);
}
