/* Keys of dicts, between one table and the next.
 * Knows how pypet notes the types of columns, and what it takes for keys and values.
 * Called by write_dict.c and write_gather.c. */
#include "dict_keys.h"
#include "type.h"
#include "write.h"
#include "write_plan.h"
#include <string.h>

typedef struct
{
  char *name;
  ExpDtype *dtype; /* as stored */
  char *collection, *scalar;
  guint8 *value; /* dtype->size bytes */
} Key;

static void
clear_key (gpointer data)
{
  Key *key = data;

  g_free (key->name);
  g_clear_pointer (&key->dtype, exp_dtype_unref);
  g_free (key->collection);
  g_free (key->scalar);
  g_free (key->value);
}

static Key *
get (GArray *keys, guint i)
{
  return &g_array_index (keys, Key, i);
}

static char *
column_attribute (ExpNode *table, const char *column, const char *what)
{
  g_autofree char *attribute = g_strdup_printf ("SRVC_COLUMN_%s_%s", column, what);

  return exp_pypet_text (table, attribute);
}

GArray *
exp_dict_keys_new (void)
{
  GArray *keys = g_array_new (FALSE, TRUE, sizeof (Key));

  g_array_set_clear_func (keys, clear_key);
  return keys;
}

GArray *
exp_dict_keys_read (ExpNode *group, const char *name, GError **error)
{
  g_autoptr (GArray) keys = exp_dict_keys_new ();
  g_autoptr (ExpNode) table = exp_pypet_child (group, name);
  g_auto (ExpInfo) info = { 0 };

  if (table == NULL)
    return g_steal_pointer (&keys);
  if (!exp_node_describe (table, &info, error))
    return NULL;
  if (info.kind != EXP_KIND_DATASET)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED,
                   "a dict that pypet has split, of more than 512 keys, keeps the keys and types that it has");
      return NULL;
    }
  if (info.dtype->type != EXP_TYPE_COMPOUND || info.rank != 1 || info.shape[0] == 0)
    return g_steal_pointer (&keys); /* the empty one */
  g_autoptr (ExpArray) row = exp_pytables_rows (table, 0, 1, error);
  if (row == NULL)
    return NULL;
  for (guint i = 0; i < info.dtype->n_members; i++)
    {
      const ExpMember *member = &info.dtype->members[i];
      Key key = { g_strdup (member->name), exp_dtype_ref (member->dtype),
                  column_attribute (table, member->name, "COLL_TYPE"),
                  column_attribute (table, member->name, "SCALAR_TYPE"),
                  g_memdup2 (row->data + member->offset, member->dtype->size) };
      g_array_append_val (keys, key);
    }
  return g_steal_pointer (&keys);
}

gint
exp_dict_keys_find (GArray *keys, const char *name)
{
  for (guint i = 0; i < keys->len; i++)
    if (strcmp (get (keys, i)->name, name) == 0)
      return (gint)i;
  return -1;
}

/* As PyTables names columns: its own attributes begin so. */
static gboolean
check_name (const char *name, GError **error)
{
  static const char *const prefixes[] = { "_v_", "_f_", "_g_", "_i_" };
  gboolean is_taken = *name == '\0' || strchr (name, '/') != NULL || !g_utf8_validate (name, -1, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    is_taken = is_taken || g_str_has_prefix (name, prefixes[i]);
  if (!is_taken)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "'%s' is no key for a dict of pypet", name);
  return FALSE;
}

static gboolean
refuse (const char *what, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "pypet holds no %s in a dict", what);
  return FALSE;
}

static gboolean
is_text (const ExpDtype *dtype)
{
  return dtype->type == EXP_TYPE_STRING || dtype->type == EXP_TYPE_VSTRING;
}

/* Fills in types for values of a shown type; a list or tuple stays one. */
static gboolean
plan_key (Key *key, const ExpNewDataset *dataset, gboolean is_classic, GError **error)
{
  g_autoptr (ExpDtype) stored = exp_pypet_stored_type (dataset->dtype);
  gboolean was_list = g_strcmp0 (key->collection, "COLL_LIST") == 0 || g_strcmp0 (key->collection, "COLL_TUPLE") == 0;
  gboolean is_list = dataset->rank == 1 && (was_list || is_text (dataset->dtype));

  if (stored == NULL)
    return refuse (dataset->dtype->type == EXP_TYPE_COMPOUND ? "table" : "value of this type", error);
  if (dataset->is_null)
    return refuse ("empty value", error);
  for (guint i = 0; i < dataset->rank; i++)
    if (dataset->shape[i] == 0)
      return refuse ("array without elements", error);

  if (!(was_list && is_list))
    {
      g_free (key->collection);
      key->collection = g_strdup (dataset->rank == 0 ? "COLL_SCALAR" : is_list ? "COLL_LIST" : "COLL_NDARRAY");
    }
  g_free (key->scalar);
  key->scalar
      = dataset->rank == 0 || is_list ? g_strdup (exp_pypet_scalar_name (dataset->dtype, TRUE, is_classic)) : NULL;
  g_clear_pointer (&key->dtype, exp_dtype_unref);
  key->dtype = dataset->rank == 0
                   ? g_steal_pointer (&stored)
                   : exp_dtype_new_array (g_steal_pointer (&stored), dataset->rank, dataset->shape, error);
  if (key->dtype == NULL)
    return FALSE;
  g_free (key->value);
  key->value = g_try_malloc0 (key->dtype->size);
  if (key->value != NULL)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for the value of '%s'", key->name);
  return FALSE;
}

gboolean
exp_dict_keys_set (GArray *keys, const char *name, const ExpNewDataset *dataset, gboolean is_classic, GError **error)
{
  gint i = exp_dict_keys_find (keys, name);

  if (i >= 0)
    return plan_key (get (keys, (guint)i), dataset, is_classic, error);
  if (!check_name (name, error))
    return FALSE;
  g_array_set_size (keys, keys->len + 1);
  Key *key = get (keys, keys->len - 1);
  key->name = g_strdup (name);
  return plan_key (key, dataset, is_classic, error);
}

gboolean
exp_dict_keys_set_python (GArray *keys, const char *name, const char *python, gboolean is_classic, GError **error)
{
  gint i = exp_dict_keys_find (keys, name);
  const char *collection, *scalar;

  if (i < 0 || !exp_pypet_python_parse (python, &collection, &scalar))
    return refuse ("value of this kind", error);
  Key *key = get (keys, (guint)i);
  gboolean is_array = key->dtype->type == EXP_TYPE_ARRAY;
  const ExpDtype *element = is_array ? key->dtype->base : key->dtype;
  gboolean is_list = strcmp (collection, "COLL_LIST") == 0 || strcmp (collection, "COLL_TUPLE") == 0;
  if ((strcmp (collection, "COLL_SCALAR") == 0) == is_array || (is_list && key->dtype->n_dims != 1)
      || (scalar != NULL && !exp_pypet_is_of_scalar (element, scalar)))
    return refuse ("value of this kind", error);
  g_free (key->collection);
  g_free (key->scalar);
  key->collection = g_strdup (collection);
  key->scalar = scalar != NULL ? exp_pypet_stored_scalar (scalar, is_classic) : NULL;
  return TRUE;
}

gboolean
exp_dict_keys_remove (GArray *keys, const char *name)
{
  gint i = exp_dict_keys_find (keys, name);

  if (i >= 0)
    g_array_remove_index (keys, (guint)i);
  return i >= 0;
}

gboolean
exp_dict_keys_rename (GArray *keys, const char *name, const char *new_name, gboolean is_exchange, GError **error)
{
  gint other = exp_dict_keys_find (keys, new_name);

  if (!check_name (new_name, error))
    return FALSE;
  if (other >= 0 && is_exchange)
    {
      Key *one = get (keys, (guint)exp_dict_keys_find (keys, name)), *two = get (keys, (guint)other);
      char *kept = one->name;
      one->name = two->name;
      two->name = kept;
      return TRUE;
    }
  if (other >= 0)
    g_array_remove_index (keys, (guint)other);
  Key *key = get (keys, (guint)exp_dict_keys_find (keys, name));
  g_free (key->name);
  key->name = g_strdup (new_name);
  return TRUE;
}

static int
compare_keys (gconstpointer a, gconstpointer b)
{
  return strcmp (((const Key *)a)->name, ((const Key *)b)->name);
}

/* {}: an array of nothing. */
static ExpNode *
store_empty (ExpPypetChange *change, ExpNode *group, const char *name, GError **error)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_FLOAT, 8, FALSE);
  guint64 none = 0;
  g_autoptr (ExpNode) item
      = exp_pytables_dataset (change, group, name, "", EXP_PYTABLES_PYTHON_ARRAY, dtype, 1, &none, NULL, error);

  return item != NULL && exp_pytables_set_text (change, item, "SRVC_STORE", "ARRAY", error)
                 && exp_pytables_set_text (change, item, "SRVC_DATA_COLL_TYPE", "COLL_EMPTY_DICT", error)
             ? g_steal_pointer (&item)
             : NULL;
}

static ExpArray *
make_row (GArray *keys, GError **error)
{
  g_autofree ExpMember *members = g_new0 (ExpMember, keys->len);
  gsize size = 0;
  guint64 one = 1;

  for (guint i = 0; i < keys->len; i++)
    {
      members[i] = (ExpMember){ get (keys, i)->name, exp_dtype_ref (get (keys, i)->dtype), size };
      size += members[i].dtype->size;
    }
  g_autoptr (ExpDtype) dtype = exp_dtype_new_compound (size, keys->len, members, error);
  ExpArray *row = dtype != NULL ? exp_array_new (dtype, 1, &one, error) : NULL;
  for (guint i = 0; row != NULL && i < keys->len; i++)
    memcpy (row->data + members[i].offset, get (keys, i)->value, get (keys, i)->dtype->size);
  return row;
}

static ExpNode *
store_row (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *group, const char *name, const char *title,
           GArray *keys, GError **error)
{
  g_autoptr (ExpArray) row = make_row (keys, error);
  guint64 one = 1;
  ExpPypetPacking packing;

  exp_pypet_packing (trajectory, &packing);
  g_autoptr (ExpNode) table = row != NULL ? exp_pytables_dataset (change, group, name, title, EXP_PYTABLES_TABLE,
                                                                  row->dtype, 1, &one, &packing.packing, error)
                                          : NULL;
  if (table == NULL)
    exp_pypet_table_explain (error, keys->len);
  if (table == NULL || !exp_pypet_change_rows (change, table, 0, row, error)
      || !exp_pytables_set_text (change, table, "SRVC_STORE", "DICT", error)
      || !exp_pytables_set_text (change, table, "SRVC_DATA_COLL_TYPE", "COLL_DICT", error))
    return NULL;
  for (guint i = 0; i < keys->len; i++)
    if (!exp_pypet_note_column (change, table, get (keys, i)->name, get (keys, i)->collection, get (keys, i)->scalar,
                                error))
      return NULL;
  return g_steal_pointer (&table);
}

gboolean
exp_dict_keys_store (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *group, const char *name,
                     GArray *keys, GError **error)
{
  g_autofree char *hidden = exp_pypet_change_name (change);
  g_autoptr (ExpNode) old = exp_pypet_child (group, name);

  g_array_sort (keys, compare_keys);
  g_autoptr (ExpNode) item = keys->len == 0 ? store_empty (change, group, hidden, error)
                                            : store_row (change, trajectory, group, hidden, name, keys, error);
  return item != NULL && (old == NULL || exp_pypet_change_remove (change, group, name, error))
         && exp_pypet_change_move (change, group, hidden, group, name, error);
}
