/* Parameters as a merge compares them: the type, the value and the range of one.
 * Knows how each class keeps its values; two are equal when the bytes that are made of them are.
 * Called by merge_side.c. */
#include "expfs/view.h"
#include "merge.h"
#include "type.h"
#include <string.h>

/* Longer keys are told by their hash. */
#define MAX_KEY 64

/* Deeper values are damaged ones. */
#define MAX_DEPTH 16

static void
append_cell (GByteArray *key, const ExpDtype *dtype, const guint8 *cell)
{
  g_autoptr (GString) text = NULL;
  const char *bytes;
  gsize length;
  gint64 whole;
  double real;

  switch (dtype->type)
    {
    case EXP_TYPE_BOOL:
    case EXP_TYPE_INT:
    case EXP_TYPE_UINT:
    case EXP_TYPE_ENUM:
    case EXP_TYPE_BITFIELD:
      whole = exp_cell_int (dtype, cell);
      g_byte_array_append (key, (guint8 *)&whole, sizeof whole);
      break;
    case EXP_TYPE_FLOAT:
      real = exp_cell_double (dtype, cell) + 0.0; /* of two zeros one */
      g_byte_array_append (key, (guint8 *)&real, sizeof real);
      break;
    case EXP_TYPE_STRING:
    case EXP_TYPE_VSTRING:
      bytes = exp_cell_text (dtype, cell, &length);
      g_byte_array_append (key, (guint8 *)&length, sizeof length);
      g_byte_array_append (key, (const guint8 *)bytes, (guint)length);
      break;
    case EXP_TYPE_COMPOUND:
      for (guint i = 0; i < dtype->n_members; i++)
        append_cell (key, dtype->members[i].dtype, cell + dtype->members[i].offset);
      break;
    default:
      text = g_string_new (NULL);
      exp_cell_to_json (dtype, cell, text);
      g_byte_array_append (key, (guint8 *)text->str, (guint)text->len);
    }
}

static void
append_array (GByteArray *key, const ExpArray *array)
{
  g_byte_array_append (key, (guint8 *)&array->rank, sizeof array->rank);
  g_byte_array_append (key, (guint8 *)array->shape, array->rank * sizeof *array->shape);
  for (gsize i = 0; i < array->n_elements; i++)
    append_cell (key, array->dtype, array->data + i * array->dtype->size);
}

static GBytes *
finish_key (GByteArray *key)
{
  guint8 digest[32];
  gsize size = sizeof digest;

  if (key->len <= MAX_KEY)
    return g_bytes_new (key->data, key->len);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_checksum_update (checksum, key->data, key->len);
  g_checksum_get_digest (checksum, digest, &size);
  return g_bytes_new (digest, size);
}

/* --- trees -------------------------------------------------------------------------------------------------- */

typedef struct
{
  GByteArray *key;
  guint depth;
  GError *error;
} Tree;

static gboolean append_node (GByteArray *key, ExpNode *node, guint depth, GError **error);

static gboolean
append_child (const char *name, ExpNode *child, gpointer data)
{
  Tree *tree = data;

  g_byte_array_append (tree->key, (const guint8 *)name, strlen (name) + 1);
  return append_node (tree->key, child, tree->depth - 1, &tree->error);
}

static gboolean
append_node (GByteArray *key, ExpNode *node, guint depth, GError **error)
{
  g_auto (ExpInfo) info = { 0 };

  if (!exp_node_describe (node, &info, error))
    return FALSE;
  if (info.kind == EXP_KIND_DATASET)
    {
      g_autoptr (ExpArray) array = exp_node_read_all (node, error);

      if (array != NULL)
        append_array (key, array);
      return array != NULL;
    }
  if (info.kind != EXP_KIND_GROUP)
    return TRUE;
  Tree tree = { key, depth, NULL };
  if (depth > 0 && exp_node_list (node, 0, append_child, &tree, error) && tree.error == NULL)
    return TRUE;
  if (tree.error != NULL)
    g_propagate_error (error, tree.error);
  else if (depth == 0)
    g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "groups lie too deep within each other");
  return FALSE;
}

static GBytes *
node_key (ExpNode *node, GError **error)
{
  g_autoptr (GByteArray) key = g_byte_array_new ();

  return append_node (key, node, MAX_DEPTH, error) ? finish_key (key) : NULL;
}

/* --- types -------------------------------------------------------------------------------------------------- */

/* Without what the generations and Python 2 spell differently. */
static char *
plain_scalar (char *noted)
{
  g_autofree char *own = noted;
  const char *name = own;
  gsize length;

  if (name == NULL)
    return NULL;
  name += g_str_has_prefix (name, "<type '") ? strlen ("<type '") : 0;
  name += g_str_has_prefix (name, "numpy.") ? strlen ("numpy.") : 0;
  length = strcspn (name, "'");
  return strncmp (name, "long", length) == 0 && length == 4 ? g_strdup ("int") : g_strndup (name, length);
}

/* Texts are of one type whatever their length. */
static char *
element_type (const ExpDtype *dtype)
{
  if (dtype->type == EXP_TYPE_STRING || dtype->type == EXP_TYPE_VSTRING)
    return g_strdup ("text");
  return exp_dtype_to_text (dtype);
}

static char *
cell_type (ExpNode *table, const ExpInfo *info)
{
  const ExpDtype *cell = info->dtype->members[0].dtype;
  g_autofree char *scalar = plain_scalar (exp_pypet_column_type (table, "data"));
  g_autofree char *type = element_type (cell);

  return scalar != NULL && cell->type != EXP_TYPE_ARRAY ? g_steal_pointer (&scalar) : g_steal_pointer (&type);
}

/* Lists and tuples are of one type whatever is in them, arrays are not. */
static char *
array_type (ExpNode *item, const ExpInfo *info)
{
  g_autofree char *collection = exp_pypet_text (item, "SRVC_DATA_COLL_TYPE");
  GString *type = g_string_new (collection != NULL ? collection : "COLL_NDARRAY");

  if (strcmp (type->str, "COLL_LIST") == 0 || strcmp (type->str, "COLL_TUPLE") == 0)
    return g_string_free (type, FALSE);
  g_autofree char *element = info->dtype != NULL ? element_type (info->dtype) : g_strdup ("");
  g_string_append_printf (type, " %s", element);
  for (guint i = 0; i < info->rank; i++)
    g_string_append_printf (type, " %" G_GUINT64_FORMAT, info->shape[i]);
  return g_string_free (type, FALSE);
}

static gboolean
is_cell_table (const ExpInfo *info)
{
  return info->kind == EXP_KIND_DATASET && info->rank == 1 && info->dtype != NULL
         && info->dtype->type == EXP_TYPE_COMPOUND && info->dtype->n_members == 1
         && strcmp (info->dtype->members[0].name, "data") == 0;
}

static void
set_type (ExpMergeParameter *self, ExpNode *item, const ExpInfo *info)
{
  if (is_cell_table (info) && strcmp (self->item, "data") == 0)
    {
      self->kind = EXP_RANGE_VALUES;
      self->type = cell_type (item, info);
    }
  else if (strcmp (self->item, "data__rr__") == 0 && info->kind == EXP_KIND_DATASET)
    {
      self->kind = EXP_RANGE_ARRAYS;
      self->type = array_type (item, info);
    }
  else if (strcmp (self->item, "data__spsp__") == 0)
    {
      self->kind = EXP_RANGE_SPARSE;
      self->type = g_strdup ("sparse matrix");
    }
  else if (self->leaf.is_pickled && info->kind == EXP_KIND_DATASET)
    {
      self->kind = EXP_RANGE_PICKLES;
      self->type = g_strdup ("pickle");
    }
}

static gboolean
read_own (ExpMergeParameter *self, GError **error)
{
  static const char *const items[] = { "data", "data__rr__", "data__spsp__" };
  g_autoptr (ExpNode) item = NULL;
  g_auto (ExpInfo) info = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (items) && item == NULL; i++)
    {
      item = exp_pypet_child (self->leaf.inner, items[i]);
      if (item != NULL)
        self->item = g_strdup (items[i]);
    }
  if (item != NULL && !exp_node_describe (item, &info, error))
    return FALSE;
  if (item != NULL)
    set_type (self, item, &info);
  if (self->type != NULL)
    {
      self->own = node_key (item, error);
      return self->own != NULL;
    }
  /* Nothing, or values in ways of a class of the user's own. */
  g_clear_pointer (&self->item, g_free);
  self->kind = EXP_RANGE_NONE;
  self->type = g_strdup (self->leaf.class_name != NULL ? self->leaf.class_name : "Parameter");
  self->own = node_key (self->leaf.inner, error);
  return self->own != NULL;
}

/* --- ranges ------------------------------------------------------------------------------------------------- */

static void
key_values (ExpMergeParameter *self)
{
  const guint64 one = 1;

  for (gsize i = 0; i < self->rows->n_elements; i++)
    {
      g_autoptr (GByteArray) key = g_byte_array_new ();
      guint rank = 1;

      g_byte_array_append (key, (guint8 *)&rank, sizeof rank);
      g_byte_array_append (key, (guint8 *)&one, sizeof one);
      append_cell (key, self->rows->dtype, self->rows->data + i * self->rows->dtype->size);
      g_ptr_array_add (self->range, finish_key (key));
    }
}

gint64
exp_merge_parameter_number (const ExpMergeParameter *self, guint64 run)
{
  const ExpDtype *row = self->rows != NULL ? self->rows->dtype : NULL;

  for (guint i = 0; row != NULL && run < self->rows->n_elements && i < row->n_members; i++)
    if (strcmp (row->members[i].name, "idx") == 0)
      return exp_cell_int (row->members[i].dtype, self->rows->data + run * row->size + row->members[i].offset);
  return -1;
}

static gboolean
key_numbered (ExpMergeParameter *self, GError **error)
{
  g_autoptr (GHashTable) known
      = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)g_bytes_unref);

  for (gsize i = 0; i < self->rows->n_elements; i++)
    {
      gint64 number = exp_merge_parameter_number (self, i);
      GBytes *key = g_hash_table_lookup (known, &number);

      if (key == NULL)
        {
          g_autoptr (ExpNode) stored = exp_pypet_range_numbered (self->leaf.inner, self->kind, number, error);

          key = stored != NULL ? node_key (stored, error) : NULL;
          if (key == NULL)
            return FALSE;
          g_hash_table_insert (known, g_memdup2 (&number, sizeof number), key);
        }
      g_ptr_array_add (self->range, g_bytes_ref (key));
    }
  return TRUE;
}

static gboolean
read_range (ExpMergeParameter *self, GError **error)
{
  ExpPypetRangeKind kind;
  g_autoptr (ExpNode) table = exp_pypet_range_table (self->leaf.inner, &kind);

  if (table == NULL)
    return TRUE;
  if (kind != self->kind)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "its range is kept in another way than its value");
      return FALSE;
    }
  self->rows = exp_node_read_all (table, error);
  if (self->rows == NULL)
    return FALSE;
  self->range = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  if (kind != EXP_RANGE_VALUES)
    return key_numbered (self, error);
  key_values (self);
  return TRUE;
}

GBytes *
exp_merge_parameter_key (const ExpMergeParameter *self, guint64 run)
{
  return self->range != NULL && run < self->range->len ? self->range->pdata[run] : self->own;
}

ExpMergeParameter *
exp_merge_parameter_new (const ExpPypetLeaf *leaf, const char *name, GError **error)
{
  ExpMergeParameter *self = g_new0 (ExpMergeParameter, 1);

  exp_pypet_leaf_hold (&self->leaf, leaf);
  self->name = g_strdup (name);
  if (read_own (self, error) && read_range (self, error))
    return self;
  g_prefix_error (error, "%s: ", name);
  exp_merge_parameter_free (self);
  return NULL;
}

void
exp_merge_parameter_free (ExpMergeParameter *self)
{
  exp_pypet_leaf_release (&self->leaf);
  g_free (self->name);
  g_free (self->item);
  g_free (self->type);
  g_clear_pointer (&self->own, g_bytes_unref);
  g_clear_pointer (&self->range, g_ptr_array_unref);
  g_clear_pointer (&self->rows, exp_array_unref);
  g_free (self);
}
