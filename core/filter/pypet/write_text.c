/* Values in words, as pypet's overview tables have them: short, and as Python prints them.
 * Knows Python's and, roughly, NumPy's way to print; the tables are write_overview.c's.
 * Called by write_overview.c and write_runs.c. */
#include "expfs/number.h"
#include "expfs/view.h"
#include "type.h"
#include "write.h"
#include <string.h>

/* The longest column is a range's; the rest would be cut. */
#define MAX_TEXT     1100
#define MAX_ELEMENTS 1000 /* arrays of more are told by their ends */
#define ENDS         3

static void
append_quoted (GString *text, const char *bytes, gsize length)
{
  char quote = memchr (bytes, '\'', length) != NULL && memchr (bytes, '"', length) == NULL ? '"' : '\'';

  g_string_append_c (text, quote);
  for (gsize i = 0; i < length; i++)
    {
      if (bytes[i] == '\n')
        g_string_append (text, "\\n");
      else if (bytes[i] == '\t')
        g_string_append (text, "\\t");
      else if (bytes[i] == '\r')
        g_string_append (text, "\\r");
      else
        {
          if (bytes[i] == '\\' || bytes[i] == quote)
            g_string_append_c (text, '\\');
          g_string_append_c (text, bytes[i]);
        }
    }
  g_string_append_c (text, quote);
}

/* Within an array NumPy leaves the zero behind the point away. */
static void
append_number (GString *text, const ExpDtype *dtype, const guint8 *cell, gboolean is_element)
{
  gboolean is_complex = dtype->type == EXP_TYPE_COMPLEX && !is_element;

  if (is_complex)
    g_string_append_c (text, '(');
  exp_cell_format (dtype, cell, text);
  if (is_complex)
    g_string_append_c (text, ')');
  if (is_element && dtype->type == EXP_TYPE_FLOAT && g_str_has_suffix (text->str, ".0"))
    g_string_truncate (text, text->len - 1);
}

static void
append_cell (GString *text, const ExpDtype *dtype, const guint8 *cell, gboolean is_repr, gboolean is_element)
{
  gsize length;
  const char *bytes;

  switch (dtype->type)
    {
    case EXP_TYPE_BOOL:
      g_string_append (text, *cell != 0 ? "True" : "False");
      break;
    case EXP_TYPE_STRING:
    case EXP_TYPE_VSTRING:
      bytes = exp_cell_text (dtype, cell, &length);
      if (is_repr)
        append_quoted (text, bytes, MIN (length, MAX_TEXT));
      else
        g_string_append_len (text, bytes, (gssize)MIN (length, MAX_TEXT));
      break;
    case EXP_TYPE_INT:
    case EXP_TYPE_UINT:
    case EXP_TYPE_FLOAT:
    case EXP_TYPE_COMPLEX:
      append_number (text, dtype, cell, is_element);
      break;
    default:
      exp_cell_to_json (dtype, cell, text);
    }
}

/* NumPy prints the integers of an array in one width. */
static gsize
common_width (const ExpArray *array, gboolean is_array)
{
  gsize width = 0;

  for (gsize i = 0; is_array && i < array->n_elements; i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);

      if (array->dtype->type != EXP_TYPE_INT && array->dtype->type != EXP_TYPE_UINT)
        return 0;
      exp_cell_format (array->dtype, array->data + i * array->dtype->size, text);
      width = MAX (width, text->len);
    }
  return width;
}

typedef struct
{
  const ExpArray *array;
  gboolean is_array; /* NumPy's, not a list */
  gboolean is_repr;
  gsize width;
  gsize at;
} Elements;

/* Elements of one axis within brackets. */
static void
append_axis (GString *text, Elements *elements, guint axis)
{
  const ExpArray *array = elements->array;

  if (axis == array->rank)
    {
      g_autoptr (GString) cell = g_string_new (NULL);

      append_cell (cell, array->dtype, array->data + elements->at++ * array->dtype->size,
                   elements->is_repr || array->rank > 0, elements->is_array);
      g_string_append_printf (text, "%*s", (int)elements->width, "");
      g_string_truncate (text, text->len - MIN (cell->len, elements->width));
      g_string_append_len (text, cell->str, (gssize)cell->len);
      return;
    }
  g_string_append_c (text, '[');
  for (guint64 i = 0; i < array->shape[axis] && text->len < MAX_TEXT; i++)
    {
      if (i > 0)
        g_string_append (text, elements->is_array && !elements->is_repr ? " " : ", ");
      append_axis (text, elements, axis + 1);
    }
  g_string_append_c (text, ']');
}

/* The first elements of each axis, as many as can be told. */
static ExpArray *
read_head (ExpNode *value, const ExpInfo *info, gboolean *is_cut)
{
  ExpSlab slab;

  exp_slab_init_all (&slab, info->rank, info->shape);
  *is_cut = exp_info_n_elements (info) > MAX_ELEMENTS;
  for (guint i = 0; i < info->rank && *is_cut; i++)
    slab.count[i] = MIN (slab.count[i], i + 1 == info->rank ? 200 : ENDS);
  return exp_node_read (value, info, &slab, NULL);
}

static gboolean
is_list (ExpNode *item)
{
  g_autofree char *collection = item != NULL ? exp_pypet_text (item, "SRVC_DATA_COLL_TYPE") : NULL;

  return g_strcmp0 (collection, "COLL_LIST") == 0 || g_strcmp0 (collection, "COLL_TUPLE") == 0;
}

static char *
value_text (ExpNode *value, ExpNode *item, gboolean is_repr)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_auto (ExpInfo) info = { 0 };
  gboolean is_cut, is_plain = is_list (item);

  if (!exp_node_describe (value, &info, NULL) || info.kind != EXP_KIND_DATASET || info.dtype == NULL || info.is_null)
    return g_strdup ("");
  g_autoptr (ExpArray) head = read_head (value, &info, &is_cut);
  if (head == NULL)
    return g_strdup ("");
  gboolean is_array = info.rank > 0 && !is_plain;
  Elements elements = { head, is_array, is_repr, common_width (head, is_array), 0 };
  append_axis (text, &elements, 0);
  if (is_cut)
    g_string_append (text, "...");
  if (!is_array || !is_repr)
    return g_string_free (g_steal_pointer (&text), FALSE);
  return g_strdup_printf ("array(%s)", text->str);
}

char *
exp_pypet_cell_text (const ExpArray *array, gsize index)
{
  g_autoptr (GString) text = g_string_new (NULL);

  append_cell (text, array->dtype, array->data + index * array->dtype->size, FALSE, FALSE);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
exp_pypet_value_text (ExpNode *value, gboolean is_repr)
{
  return value_text (value, NULL, is_repr);
}

typedef struct
{
  const ExpPypetLeaf *leaf;
  GString *text;
} Items;

static gboolean
append_item (const char *name, ExpNode *inner, gpointer data)
{
  Items *items = data;
  g_autofree char *shown = exp_pypet_item_name (name);

  if (!exp_pypet_is_item (name))
    return TRUE;
  g_autoptr (ExpNode) value = exp_pypet_item_new (items->leaf, inner, name, NULL);
  g_autofree char *text = value != NULL ? value_text (value, inner, FALSE) : g_strdup ("");
  g_string_append_printf (items->text, "%s%s=%s", items->text->len > 0 ? ", " : "", shown, text);
  return items->text->len < MAX_TEXT;
}

char *
exp_pypet_leaf_text (const ExpPypetLeaf *leaf)
{
  g_autoptr (GString) text = g_string_new (NULL);
  Items items = { leaf, text };

  if (!leaf->is_parameter)
    {
      exp_node_list (leaf->inner, 0, append_item, &items, NULL);
      return g_string_free (g_steal_pointer (&text), FALSE);
    }
  g_autofree char *single = exp_pypet_leaf_single (leaf, NULL);
  g_autoptr (ExpNode) item = single != NULL ? exp_pypet_child (leaf->inner, single) : NULL;
  g_autoptr (ExpNode) value = item != NULL ? exp_pypet_item_new (leaf, item, single, NULL) : NULL;
  return value != NULL ? value_text (value, item, !exp_pypet_is_classic (leaf->scope->trajectory)) : g_strdup ("");
}

char *
exp_pypet_range_text (const ExpPypetLeaf *leaf)
{
  gboolean is_classic = exp_pypet_is_classic (leaf->scope->trajectory);
  g_autoptr (ExpNode) range = exp_pypet_range_new (leaf, NULL);
  g_auto (ExpInfo) info = { 0 };
  g_autoptr (GString) text = g_string_new (is_classic ? "(" : "");

  if (range == NULL || !exp_node_describe (range, &info, NULL) || info.kind != EXP_KIND_DATASET || info.rank == 0)
    return g_strdup ("");
  for (guint64 i = 0; i < info.shape[0] && text->len < MAX_TEXT; i++)
    {
      g_autoptr (ExpNode) value = exp_pypet_range_value (leaf, i, NULL);
      g_autofree char *one = value != NULL ? exp_pypet_value_text (value, TRUE) : g_strdup ("");

      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", one);
    }
  if (is_classic && text->len < MAX_TEXT)
    g_string_append (text, info.shape[0] == 1 ? ",)" : ")");
  return g_string_free (g_steal_pointer (&text), FALSE);
}
