/* Prints what libexpfs reads from a store, one JSON object a line, for scripts that compare it with another reader.
 * Knows no format. Run by check_hdf5.py: dump STORE [FORMAT]. Exit status 1 when the store is refused. */
#include "expfs/expfs.h"
#include <stdio.h>
#include <string.h>

static const char *const kinds[] = { "group", "dataset", "link", "type" };

static void
print_text (const char *key, const char *value, gssize length)
{
  g_autoptr (GString) out = g_string_new (NULL);

  for (gssize i = 0; length < 0 ? value[i] != '\0' : i < length; i++)
    {
      guchar c = value[i];

      if (c == '"' || c == '\\' || c < 0x20 || c >= 0x7f)
        g_string_append_printf (out, "\\u%04x", c); /* a byte each: latin-1 on the other side */
      else
        g_string_append_c (out, c);
    }
  printf (", \"%s\": \"%s\"", key, out->str);
}

static void
reverse (const guint8 *from, gsize n, guint8 *to)
{
  for (gsize i = 0; i < n; i++)
    to[i] = from[n - 1 - i];
}

/* A fixed string as NumPy has it: padded with NULs, however it is stored. */
static void
append_string (const ExpDtype *dtype, const guint8 *cell, GByteArray *out)
{
  gsize length;
  const char *text = exp_cell_text (dtype, cell, &length);
  guint start = out->len;

  g_byte_array_set_size (out, start + dtype->size);
  memset (out->data + start, 0, dtype->size);
  memcpy (out->data + start, text, length);
}

/* The packed, little-endian bytes of a cell; FALSE when it has none. */
static gboolean
append_canonical (const ExpDtype *dtype, const guint8 *cell, GByteArray *out)
{
  guint8 bytes[64];
  gsize part = dtype->type == EXP_TYPE_COMPLEX ? dtype->size / 2 : dtype->size;
  const ExpDtype *number = dtype->type == EXP_TYPE_ENUM ? dtype->base : dtype;

  switch (dtype->type)
    {
    case EXP_TYPE_VSTRING:
    case EXP_TYPE_VLEN:
    case EXP_TYPE_REFERENCE:
      return FALSE;
    case EXP_TYPE_STRING:
      append_string (dtype, cell, out);
      return TRUE;
    case EXP_TYPE_COMPOUND:
      for (guint i = 0; i < dtype->n_members; i++)
        if (!append_canonical (dtype->members[i].dtype, cell + dtype->members[i].offset, out))
          return FALSE;
      return TRUE;
    case EXP_TYPE_ARRAY:
      for (gsize i = 0; i < dtype->size; i += dtype->base->size)
        if (!append_canonical (dtype->base, cell + i, out))
          return FALSE;
      return TRUE;
    default:
      if (!number->big_endian || part > sizeof bytes)
        {
          g_byte_array_append (out, cell, dtype->size);
          return TRUE;
        }
      for (gsize i = 0; i < dtype->size; i += part)
        {
          reverse (cell + i, part, bytes);
          g_byte_array_append (out, bytes, part);
        }
      return TRUE;
    }
}

static void
print_array (const ExpArray *array)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  gboolean has_bytes = !exp_dtype_has_vlen (array->dtype);
  gsize length;

  for (gsize i = 0; has_bytes && i < array->n_elements; i++)
    has_bytes = append_canonical (array->dtype, array->data + i * array->dtype->size, bytes);
  if (has_bytes)
    {
      g_autofree char *sum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, bytes->data, bytes->len);
      printf (", \"sha256\": \"%s\"", sum);
    }
  if (array->n_elements == 0)
    return;

  g_autoptr (GString) json = g_string_new (NULL);
  for (gsize i = 0; i < array->n_elements && i < 64; i++)
    {
      const guint8 *cell = array->data + i * array->dtype->size;

      if (array->dtype->type == EXP_TYPE_STRING || array->dtype->type == EXP_TYPE_VSTRING
          || array->dtype->type == EXP_TYPE_REFERENCE)
        {
          const char *text = exp_cell_text (array->dtype, cell, &length);

          g_string_append_len (json, text, length);
        }
      else if (array->dtype->type != EXP_TYPE_COMPOUND && array->dtype->type != EXP_TYPE_ARRAY
               && array->dtype->type != EXP_TYPE_VLEN)
        exp_cell_format (array->dtype, cell, json);
      g_string_append_c (json, i + 1 < array->n_elements ? '\n' : ' ');
    }
  print_text ("text", json->str, json->len - 1);
}

static void
print_shape (const char *key, const ExpDtype *dtype, guint rank, const guint64 *shape)
{
  const char *comma = "";

  printf (", \"%s\": [", key);
  for (guint i = 0; i < rank; i++, comma = ", ")
    printf ("%s%" G_GUINT64_FORMAT, comma, shape[i]);
  for (guint i = 0; dtype != NULL && dtype->type == EXP_TYPE_ARRAY && i < dtype->n_dims; i++, comma = ", ")
    printf ("%s%" G_GUINT64_FORMAT, comma, dtype->dims[i]);
  printf ("]");
}

static void
print_failure (const GError *error)
{
  printf (", \"code\": %d", error->code);
  print_text ("error", error->message, -1);
}

static void
print_attributes (const char *path, ExpNode *node)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = exp_node_list_attributes (node, &error);

  if (names == NULL)
    {
      printf ("{\"line\": \"attributes\"");
      print_text ("path", path, -1);
      print_failure (error);
      printf ("}\n");
      return;
    }
  for (char **name = names; *name != NULL; name++)
    {
      g_autoptr (GError) local = NULL;
      g_autoptr (ExpArray) value = exp_node_read_attribute (node, *name, &local);

      printf ("{\"line\": \"attribute\"");
      print_text ("path", path, -1);
      print_text ("name", *name, -1);
      if (value == NULL)
        print_failure (local);
      else
        {
          g_autofree char *dtype = exp_dtype_to_numpy (value->dtype, TRUE);

          print_text ("dtype", dtype, -1);
          print_shape ("shape", NULL, value->rank, value->shape);
          print_array (value);
        }
      printf ("}\n");
    }
}

typedef struct
{
  const char *path;
  GHashTable *seen; /* identities of groups on the way */
} Walk;

static void print_node (const char *path, ExpNode *node, GHashTable *seen);

static gboolean
print_child (const char *name, ExpNode *child, gpointer data)
{
  const Walk *walk = data;
  g_autofree char *path = g_strconcat (walk->path, "/", name, NULL);

  print_node (path, child, walk->seen);
  return TRUE;
}

static void
print_node (const char *path, ExpNode *node, GHashTable *seen)
{
  g_autoptr (GError) error = NULL;
  g_auto (ExpInfo) info = { 0 };
  g_auto (ExpLayout) layout = { 0 };
  Walk walk = { path, seen };

  printf ("{\"line\": \"node\"");
  print_text ("path", path, -1);
  if (!exp_node_describe (node, &info, &error))
    {
      print_failure (error);
      printf ("}\n");
      return;
    }
  print_text ("kind", kinds[info.kind], -1);
  printf (", \"identity\": \"%" G_GUINT64_FORMAT "\", \"links\": %u", info.identity, info.n_links);
  if (info.target != NULL)
    print_text ("target", info.target, -1);
  if (exp_node_layout (node, &layout, NULL) && layout.layout != NULL)
    {
      print_text ("layout", layout.layout, -1);
      print_text ("filters", layout.filters != NULL ? layout.filters : "", -1);
    }
  if (info.dtype != NULL)
    {
      g_autofree char *dtype = exp_dtype_to_numpy (info.dtype, TRUE);
      g_autoptr (ExpArray) value = exp_node_read_all (node, &error);

      print_text ("dtype", dtype, -1);
      print_shape ("shape", NULL, info.rank, info.shape);
      print_shape ("npy_shape", info.dtype, info.rank, info.shape);
      if (value != NULL)
        print_array (value);
      else
        print_failure (error);
    }
  printf ("}\n");
  if (info.kind != EXP_KIND_LINK)
    print_attributes (path, node);
  if (info.kind == EXP_KIND_GROUP && g_hash_table_add (seen, GSIZE_TO_POINTER (info.identity))
      && !exp_node_list (node, 0, print_child, &walk, &error))
    {
      printf ("{\"line\": \"list\"");
      print_text ("path", path, -1);
      print_failure (error);
      printf ("}\n");
    }
}

int
main (int argc, char **argv)
{
  ExpStoreOptions options = { .format = argc > 2 ? argv[2] : NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  if (argc < 2)
    return 2;
  g_autoptr (ExpStore) store = exp_store_open (argv[1], &options, &error);
  if (store == NULL)
    {
      fprintf (stderr, "%s\n", error->message);
      return 1;
    }
  print_node ("", exp_store_get_root (store), seen);
  return 0;
}
