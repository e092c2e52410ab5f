/* Indexes: things by name and parameters by value, in columns.
 * Knows how values are spelled; knows no nodes.
 * Filled by gather.c, read by scopes and groups. */
#include "index.h"
#include "expfs/view.h"
#include <math.h>
#include <string.h>

#define MAX_TEXT  4096                       /* bytes of a value's text; longer ones are no parameters */
#define MAX_BYTES (512 * (guint64)(1 << 20)) /* of all entries and texts */

struct _ExpQueryIndex
{
  GPtrArray *paths;       /* of things; in `texts` */
  GHashTable *by_path;    /* path -> number + 1 */
  GHashTable *by_name;    /* last component -> number + 1, 0 for several */
  GHashTable *parameters; /* name -> GArray of ExpIndexEntry */
  GStringChunk *texts;
  guint64 n_bytes;
  const char *last_path; /* what was asked for last is often asked for again */
  guint last_thing;
};

static void
free_entries (gpointer entries)
{
  g_array_unref (entries);
}

ExpQueryIndex *
exp_query_index_new (void)
{
  ExpQueryIndex *self = g_new0 (ExpQueryIndex, 1);

  self->paths = g_ptr_array_new ();
  self->by_path = g_hash_table_new (g_str_hash, g_str_equal);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->parameters = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, free_entries);
  self->texts = g_string_chunk_new (64 * 1024);
  return self;
}

void
exp_query_index_free (ExpQueryIndex *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->by_path);
  g_hash_table_unref (self->by_name);
  g_hash_table_unref (self->parameters);
  g_ptr_array_unref (self->paths);
  g_string_chunk_free (self->texts);
  g_free (self);
}

/* --- filling ------------------------------------------------------------------------------------------------ */

static const char *
last_component (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash != NULL ? slash + 1 : path;
}

/* The thing's name leads to it as long as no other has the same. */
static void
add_name (ExpQueryIndex *self, guint thing)
{
  const char *name = last_component (self->paths->pdata[thing]);
  gboolean is_taken = g_hash_table_contains (self->by_name, name);

  g_hash_table_insert (self->by_name, (gpointer)name, GUINT_TO_POINTER (is_taken ? 0 : thing + 1));
}

static guint
thing_at (ExpQueryIndex *self, const char *path)
{
  if (self->last_path != NULL && strcmp (self->last_path, path) == 0)
    return self->last_thing;
  gpointer known = g_hash_table_lookup (self->by_path, path);
  guint thing = GPOINTER_TO_UINT (known) - 1;

  if (known == NULL)
    {
      char *kept = g_string_chunk_insert (self->texts, path);
      thing = self->paths->len;
      g_ptr_array_add (self->paths, kept);
      g_hash_table_insert (self->by_path, kept, GUINT_TO_POINTER (thing + 1));
      add_name (self, thing);
      self->n_bytes += strlen (kept) + 80;
    }
  self->last_path = self->paths->pdata[thing];
  self->last_thing = thing;
  return thing;
}

static GArray *
entries_of (ExpQueryIndex *self, const char *name)
{
  GArray *entries = g_hash_table_lookup (self->parameters, name);

  if (entries == NULL)
    {
      entries = g_array_new (FALSE, FALSE, sizeof (ExpIndexEntry));
      g_hash_table_insert (self->parameters, g_string_chunk_insert (self->texts, name), entries);
      self->n_bytes += strlen (name) + 100;
    }
  return entries;
}

static ExpValueKind
kind_of (const ExpArray *value)
{
  const ExpDtype *dtype = value->dtype;
  gboolean is_number = dtype->type == EXP_TYPE_INT || dtype->type == EXP_TYPE_UINT || dtype->type == EXP_TYPE_FLOAT;

  if (value->n_elements != 1 || !is_number || dtype->size > 8)
    return EXP_VALUE_TEXT;
  return dtype->type == EXP_TYPE_FLOAT && dtype->size < 8 ? EXP_VALUE_SINGLE : EXP_VALUE_NUMBER;
}

static double
number_of (const ExpArray *value)
{
  if (value->dtype->type == EXP_TYPE_UINT && value->dtype->size == 8)
    return (double)(guint64)exp_cell_int (value->dtype, value->data);
  return exp_cell_double (value->dtype, value->data);
}

gboolean
exp_query_index_add (ExpQueryIndex *self, const char *path, const char *name, const ExpArray *value, GError **error)
{
  gsize length;
  g_autofree char *text = exp_attribute_text (value, MAX_TEXT, &length, NULL);
  ExpIndexEntry entry = { .kind = kind_of (value) };

  if (text == NULL || strlen (text) != length)
    return TRUE;
  if (entry.kind != EXP_VALUE_TEXT)
    entry.number = number_of (value);
  entry.thing = thing_at (self, path);
  entry.text = g_string_chunk_insert_const (self->texts, text);
  g_array_append_val (entries_of (self, name), entry);
  self->n_bytes += sizeof entry;
  if (self->n_bytes < MAX_BYTES)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "there are too many parameters for an index of them");
  return FALSE;
}

/* --- reading ------------------------------------------------------------------------------------------------ */

guint
exp_query_index_n_things (const ExpQueryIndex *self)
{
  return self->paths->len;
}

const char *
exp_query_index_path (const ExpQueryIndex *self, guint thing)
{
  return self->paths->pdata[thing];
}

const char *
exp_query_index_name (const ExpQueryIndex *self, guint thing)
{
  const char *path = self->paths->pdata[thing], *name = last_component (path);

  return g_hash_table_lookup (self->by_name, name) != NULL ? name : path;
}

gboolean
exp_query_index_find_path (const ExpQueryIndex *self, const char *path, guint *thing)
{
  gpointer known = g_hash_table_lookup (self->by_path, path);

  *thing = GPOINTER_TO_UINT (known) - 1;
  return known != NULL;
}

gboolean
exp_query_index_find_name (const ExpQueryIndex *self, const char *name, guint *thing)
{
  gpointer known = g_hash_table_lookup (self->by_name, name);

  *thing = GPOINTER_TO_UINT (known) - 1;
  /* One of several of that name is known by its whole path, which is the name when it lies directly in the group. */
  return known != NULL
         || (exp_query_index_find_path (self, name, thing) && strcmp (exp_query_index_name (self, *thing), name) == 0);
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

GPtrArray *
exp_query_index_parameters (const ExpQueryIndex *self)
{
  GPtrArray *names = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, self->parameters);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    g_ptr_array_add (names, name);
  g_ptr_array_sort (names, compare_names);
  return names;
}

static gboolean
ends_in (const char *whole, const char *name)
{
  gsize n = strlen (whole), m = strlen (name);

  return n > m && whole[n - m - 1] == '.' && strcmp (whole + n - m, name) == 0;
}

const GArray *
exp_query_index_entries (const ExpQueryIndex *self, const char *name, GError **error)
{
  GArray *found = g_hash_table_lookup (self->parameters, name);
  const char *found_name = NULL;
  GHashTableIter iter;
  gpointer whole, entries;

  if (found != NULL)
    return found;
  g_hash_table_iter_init (&iter, self->parameters);
  while (g_hash_table_iter_next (&iter, &whole, &entries))
    if (ends_in (whole, name))
      {
        if (found != NULL)
          {
            g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "'%s' could be %s or %s", name, found_name,
                         (char *)whole);
            return NULL;
          }
        found = entries;
        found_name = whole;
      }
  if (found == NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "nothing has a parameter '%s'", name);
  return found;
}

void
exp_index_entry_value (const ExpIndexEntry *entry, ExpValue *value)
{
  value->text = entry->text;
  value->kind = entry->kind;
  value->number = entry->number;
  /* Beyond these a double does not hold every integer. */
  if (entry->kind == EXP_VALUE_NUMBER && fabs (entry->number) >= 9007199254740992.0)
    {
      ExpValue exact;

      exp_value_init (&exact, entry->text);
      if (exact.kind == EXP_VALUE_NUMBER)
        value->number = exact.number;
    }
}
