/* Writes one leaf of every kind into a trajectory of a pypet store, for check_pypet_written.py to load.
 * Arguments: the store, the trajectory, which is made when there is none.
 * Values are what make_value counts up; the other side knows them. */
#include "expfs/expfs.h"
#include <stdlib.h>
#include <string.h>

static ExpNode *trajectory;

static void
stop (GError *error, const char *what)
{
  if (error == NULL)
    return;
  g_printerr ("%s: %s\n", what, error->message);
  exit (EXIT_FAILURE);
}

static ExpNode *
at (const char *path)
{
  g_autoptr (GError) error = NULL;
  ExpNode *node = *path != '\0' ? exp_node_resolve (trajectory, path, &error) : exp_node_ref (trajectory);

  stop (error, path);
  return node;
}

static void
put (const char *dir, const char *name, ExpArray *value)
{
  g_autoptr (ExpNode) parent = at (dir);
  g_autoptr (ExpNode) there = exp_node_lookup (parent, name, NULL);
  g_autoptr (GError) error = NULL;
  ExpNewDataset dataset = { .dtype = value->dtype, .rank = value->rank };
  ExpSlab slab;

  memcpy (dataset.shape, value->shape, sizeof value->shape);
  exp_slab_init_all (&slab, value->rank, value->shape);
  g_autoptr (ExpNode) node = there != NULL ? exp_node_replace_dataset (parent, name, &dataset, &error)
                                           : exp_node_create_dataset (parent, name, &dataset, &error);
  stop (error, name);
  exp_node_write (node, &slab, value, &error);
  stop (error, name);
}

/* Bytes 1, 0, 1, 0, ... for truth values, 1, 2, 3, ... for all others; complex ones have their negative beside. */
static ExpArray *
make_value (ExpTypeClass type, gsize size, guint rank, const guint64 *shape)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (type, size, FALSE);
  ExpArray *array = exp_array_new (dtype, rank, shape, NULL);

  for (gsize i = 0; i < array->n_elements; i++)
    {
      guint8 *cell = array->data + i * size;
      gint64 whole = type == EXP_TYPE_BOOL ? i % 2 == 0 : (gint64)i + 1;
      double parts[] = { (double)i + 1.5, -(double)i - 1.5 };
      float singles[] = { (float)parts[0], (float)parts[1] };

      if (type != EXP_TYPE_FLOAT && type != EXP_TYPE_COMPLEX)
        memcpy (cell, &whole, size);
      else if (size == (type == EXP_TYPE_FLOAT ? 8 : 16))
        memcpy (cell, parts, size);
      else
        memcpy (cell, singles, size);
    }
  return array;
}

static void
write_numbers (const char *dir)
{
  static const struct
  {
    const char *name;
    ExpTypeClass type;
    gsize size;
  } types[] = {
    { "bool", EXP_TYPE_BOOL, 1 },    { "i1", EXP_TYPE_INT, 1 },   { "i2", EXP_TYPE_INT, 2 },
    { "i4", EXP_TYPE_INT, 4 },       { "i8", EXP_TYPE_INT, 8 },   { "u1", EXP_TYPE_UINT, 1 },
    { "u2", EXP_TYPE_UINT, 2 },      { "u4", EXP_TYPE_UINT, 4 },  { "u8", EXP_TYPE_UINT, 8 },
    { "f4", EXP_TYPE_FLOAT, 4 },     { "f8", EXP_TYPE_FLOAT, 8 }, { "c8", EXP_TYPE_COMPLEX, 8 },
    { "c16", EXP_TYPE_COMPLEX, 16 },
  };
  static const guint64 shape[] = { 3, 2 };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    for (guint rank = 0; rank < 3; rank++)
      {
        g_autofree char *name = g_strdup_printf ("%s_%u", types[i].name, rank);
        g_autoptr (ExpArray) value = make_value (types[i].type, types[i].size, rank, shape);

        put (dir, name, value);
      }
}

static void
write_texts (const char *dir)
{
  static const char *const words[] = { "a", "bc", "gr\xc3\xbc\xc3\x9f dich", "" };
  static const guint64 none = 0, two = 2;
  g_autoptr (ExpArray) text = exp_array_new_text ("na\xc3\xafve \xe2\x80\x94 text");
  g_autoptr (ExpArray) empty = exp_array_new_text ("");
  g_autoptr (ExpArray) list = exp_array_new_texts (4, words);
  g_autoptr (ExpDtype) bytes = exp_dtype_new_string (4, EXP_PAD_NUL, FALSE);
  g_autoptr (ExpArray) fixed = exp_array_new (bytes, 1, &two, NULL);
  g_autoptr (ExpArray) nothing = make_value (EXP_TYPE_FLOAT, 8, 1, &none);

  memcpy (fixed->data, "ab\0\0cdef", 8);
  put (dir, "text", text);
  put (dir, "empty", empty);
  put (dir, "list", list);
  put (dir, "bytes", fixed);
  put (dir, "nothing", nothing);
}

static void
write_table (const char *dir)
{
  static const guint8 rows[] = "\1\0\0\0\0\0\0\0\1one\0\0\2\0\0\0\0\0\0\0\0three";
  static const guint64 two = 2;
  ExpMember members[] = { { "n", exp_dtype_new_number (EXP_TYPE_INT, 8, FALSE), 0 },
                          { "ok", exp_dtype_new_number (EXP_TYPE_BOOL, 1, FALSE), 8 },
                          { "word", exp_dtype_new_string (5, EXP_PAD_NUL, TRUE), 9 } };
  g_autoptr (ExpDtype) row = exp_dtype_new_compound (14, 3, members, NULL);
  g_autoptr (ExpArray) table = exp_array_new (row, 1, &two, NULL);

  memcpy (table->data, rows, 28);
  put (dir, "table", table);
}

static void
make_group (const char *dir, const char *name)
{
  g_autoptr (ExpNode) parent = at (dir);
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpNode) group = exp_node_create_group (parent, name, &error);

  stop (error, name);
}

static void
set_attribute (const char *path, const char *name, ExpArray *value)
{
  g_autoptr (ExpArray) own = value;
  g_autoptr (ExpNode) node = at (path);
  g_autoptr (GError) error = NULL;

  exp_node_write_attribute (node, name, own, &error);
  stop (error, name);
}

static void
write_all (void)
{
  static const char *const words[] = { "one", "zw\xc3\xb6lf" };
  static const guint64 three = 3;
  g_autoptr (ExpArray) range = make_value (EXP_TYPE_INT, 8, 1, &three);
  g_autoptr (ExpArray) number = exp_array_new_int (7);
  g_autoptr (ExpArray) text = exp_array_new_text ("short");
  g_autoptr (ExpArray) texts = exp_array_new_texts (3, (const char *const[]){ "a", "longer than that", "" });

  make_group ("parameters", "g");
  write_numbers ("parameters/g");
  write_texts ("parameters/g");
  make_group ("results", "g");
  write_numbers ("results/g");
  write_texts ("results/g");
  write_table ("results/g");
  put ("config", "setting", number);
  put ("derived_parameters", "d", number);

  put ("parameters", "x", number);
  put ("parameters", "x.range", range);
  put ("parameters", "s", text);
  put ("parameters", "s.range", texts);
  put (".run/1/results", "z", number);
  make_group (".run/2/results", "deep");
  put (".run/2/results/deep", "z", number);
  put (".run/2/derived_parameters", "d", number);

  set_attribute ("parameters/x", "comment", exp_array_new_text ("explored"));
  set_attribute ("parameters/x", "annotation.unit", exp_array_new_text ("ms"));
  set_attribute ("parameters/x", "annotation.year", exp_array_new_int (2014));
  set_attribute ("parameters/x", "annotation.words", exp_array_new_texts (2, words));
  set_attribute ("parameters/g", "annotation.empty", exp_array_new_text (""));
  set_attribute ("results/g", "comment", exp_array_new_text ("a group \xe2\x80\x94 of all"));
  set_attribute ("", "comment", exp_array_new_text ("written"));
}

int
main (int argc, char **argv)
{
  ExpStoreOptions options = { .is_writable = TRUE, .format = "pypet" };
  g_autoptr (GError) error = NULL;

  g_return_val_if_fail (argc == 3, EXIT_FAILURE);
  g_autoptr (ExpStore) store = exp_store_open (argv[1], &options, &error);
  stop (error, argv[1]);
  ExpNode *root = exp_store_get_root (store);
  exp_store_begin (store, &error);
  stop (error, "begin");
  trajectory = exp_node_lookup (root, argv[2], NULL);
  if (trajectory == NULL)
    trajectory = exp_node_create_group (root, argv[2], &error);
  stop (error, argv[2]);
  write_all ();
  exp_node_unref (trajectory);
  exp_store_end (store);
  exp_store_commit (store, TRUE, &error);
  stop (error, "commit");
  return EXIT_SUCCESS;
}
