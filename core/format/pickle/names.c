/* Names of what is in a directory: a dict's keys as text, the numbers of a list.
 * Knows how to make them differ.
 * Called by tree.c. */
#include "meaning.h"
#include <string.h>

/* Longer keys are cut; they would be no file names anyway. Those that are put together from others are cut sooner: a
 * few bytes of the pickle make one. */
#define MAX_KEY   4096
#define MAX_TUPLE 256

static void append_key (const ExpPickleValue *key, GString *out, gsize most);

static void
append_tuple (const ExpPickleValue *tuple, GString *out, gsize most)
{
  g_string_append_c (out, '(');
  for (guint i = 0; i < tuple->n_items && out->len < most; i++)
    {
      if (i > 0)
        g_string_append (out, ", ");
      append_key (exp_pickle_item (tuple, i), out, most);
    }
  g_string_append (out, tuple->n_items == 1 ? ",)" : ")");
}

/* A text as it is, a tuple as Python prints it, other keys as a file of them would read. */
static void
append_key (const ExpPickleValue *key, GString *out, gsize most)
{
  if (key->kind == EXP_PICKLE_TUPLE && out->len < 64)
    append_tuple (key, out, most);
  else if (exp_pickle_has_text (key))
    {
      g_autoptr (GBytes) text = exp_pickle_load (key, most, TRUE, NULL);

      if (text != NULL)
        g_string_append_len (out, g_bytes_get_data (text, NULL), (gssize)g_bytes_get_size (text));
    }
  else
    exp_pickle_append_limited (key, out, most);
}

static char *
key_name (const ExpPickleValue *key)
{
  GString *name = g_string_new (NULL);

  append_key (key, name, exp_pickle_has_text (key) ? MAX_KEY : MAX_TUPLE);
  for (gsize i = 0; i < name->len; i++)
    if (name->str[i] == '\0')
      {
        name->str[i] = '\\';
        g_string_insert_c (name, (gssize)++i, '0');
      }
  return g_string_free (name, FALSE);
}

/* Keys that read the same, 1 and "1", are told apart by a number. */
static char *
make_unique (const ExpPickleNames *names, GHashTable *counts, char *name)
{
  guint count = MAX (GPOINTER_TO_UINT (g_hash_table_lookup (counts, name)), 1);
  char *unique;

  do
    unique = g_strdup_printf ("%s~%u", name, ++count);
  while (g_hash_table_contains (names->indices, unique) && (g_free (unique), TRUE));
  g_hash_table_insert (counts, name, GUINT_TO_POINTER (count));
  return unique;
}

ExpPickleNames *
exp_pickle_names_new (const ExpPickleValue *dict)
{
  ExpPickleNames *names = g_new0 (ExpPickleNames, 1);
  g_autoptr (GHashTable) counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  names->n = dict->n_items / 2;
  names->names = g_new0 (char *, MAX (names->n, 1));
  names->indices = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < names->n; i++)
    {
      char *name = key_name (exp_pickle_item (dict, 2 * i));

      if (g_hash_table_contains (names->indices, name))
        name = make_unique (names, counts, name);
      names->names[i] = name;
      g_hash_table_insert (names->indices, name, GUINT_TO_POINTER (i + 1));
    }
  return names;
}

void
exp_pickle_names_free (ExpPickleNames *names)
{
  g_hash_table_unref (names->indices);
  for (guint i = 0; i < names->n; i++)
    g_free (names->names[i]);
  g_free (names->names);
  g_free (names);
}

/* An item's number, with zeros in front so that names sort as the items do; the indices of one of an array. */
char *
exp_pickle_number_name (const ExpPickleValue *group, guint index)
{
  const ExpPickleArray *array = group->kind == EXP_PICKLE_ARRAY ? group->array : NULL;
  guint width = 1;

  if (array != NULL && array->rank > 1)
    {
      GString *name = g_string_new (NULL);

      for (guint axis = array->rank; axis > 0; axis--)
        {
          g_autofree char *part = g_strdup_printf ("%" G_GUINT64_FORMAT "%s", index % array->shape[axis - 1],
                                                   axis < array->rank ? "," : "");
          g_string_prepend (name, part);
          index /= array->shape[axis - 1];
        }
      return g_string_free (name, FALSE);
    }
  for (guint n = group->n_items > 0 ? group->n_items - 1 : 0; n >= 10; n /= 10)
    width++;
  return g_strdup_printf ("%0*u", (int)width, index);
}

gboolean
exp_pickle_number_find (const ExpPickleValue *group, const char *name, guint *index)
{
  const ExpPickleArray *array = group->kind == EXP_PICKLE_ARRAY ? group->array : NULL;
  guint64 flat = 0;

  for (guint axis = 0; axis < (array != NULL && array->rank > 1 ? array->rank : 1); axis++)
    {
      guint64 number = 0;

      if (axis > 0 && *name++ != ',')
        return FALSE;
      if (!g_ascii_isdigit (*name))
        return FALSE;
      for (; g_ascii_isdigit (*name) && number < G_MAXUINT32; name++)
        number = number * 10 + (guint)(*name - '0');
      flat = axis > 0 ? flat * array->shape[axis] + number : number;
      if (flat >= group->n_items)
        return FALSE;
    }
  *index = (guint)flat;
  return *name == '\0';
}
