/* Indexes: things by name and parameters by value, in columns.
 * Knows how values are spelled; knows no nodes.
 * Filled by index_fill.c, read by views and what is made of them. */
#include "index_private.h"
#include <math.h>
#include <string.h>

static void
free_parameter (gpointer data)
{
  g_array_unref (((ExpIndexParameter *)data)->entries);
  g_free (data);
}

ExpQueryIndex *
exp_query_index_new (void)
{
  ExpQueryIndex *self = g_new0 (ExpQueryIndex, 1);

  self->paths = g_ptr_array_new ();
  self->things = g_array_new (FALSE, FALSE, sizeof (Thing));
  self->by_path = g_hash_table_new (g_str_hash, g_str_equal);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->parameters = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, free_parameter);
  self->values = g_hash_table_new (g_str_hash, g_str_equal);
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
  g_clear_pointer (&self->values, g_hash_table_unref);
  g_array_unref (self->things);
  g_ptr_array_unref (self->paths);
  g_string_chunk_free (self->texts);
  g_free (self);
}

const char *
exp_query_last_component (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash != NULL ? slash + 1 : path;
}

/* --- reading ------------------------------------------------------------------------------------------------ */

ExpParameterRules *
exp_query_index_rules (ExpQueryIndex *self)
{
  return &self->rules;
}

guint64
exp_query_index_size (const ExpQueryIndex *self)
{
  return self->n_bytes;
}

gboolean
exp_query_index_is_companion (const ExpQueryIndex *self, guint thing)
{
  return g_array_index (self->things, Thing, thing).is_companion;
}

gboolean
exp_query_index_is_blank (const ExpQueryIndex *self, guint thing)
{
  return g_array_index (self->things, Thing, thing).is_blank;
}

gint
exp_query_index_part_of (const ExpQueryIndex *self, guint thing)
{
  return g_array_index (self->things, Thing, thing).part;
}

guint
exp_query_index_n_things (const ExpQueryIndex *self)
{
  return self->paths->len;
}

gint
exp_query_index_find_part (const ExpQueryIndex *self, const char *name)
{
  const ExpParameterPart *parts = self->rules.parts;

  for (gint i = 0; parts != NULL && parts[i].name != NULL && i < G_MAXINT8; i++)
    if (strcmp (parts[i].name, name) == 0)
      return i;
  return -1;
}

const char *
exp_query_index_path (const ExpQueryIndex *self, guint thing)
{
  return self->paths->pdata[thing];
}

const char *
exp_query_index_name (const ExpQueryIndex *self, guint thing)
{
  const char *path = self->paths->pdata[thing], *name = exp_query_last_component (path);

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
  return strcmp ((*(ExpIndexParameter *const *)a)->name, (*(ExpIndexParameter *const *)b)->name);
}

GPtrArray *
exp_query_index_parameters (const ExpQueryIndex *self)
{
  GPtrArray *parameters = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer parameter;

  g_hash_table_iter_init (&iter, self->parameters);
  while (g_hash_table_iter_next (&iter, NULL, &parameter))
    g_ptr_array_add (parameters, parameter);
  g_ptr_array_sort (parameters, compare_names);
  return parameters;
}

static gboolean
ends_in (const char *whole, const char *name)
{
  gsize n = strlen (whole), m = strlen (name);

  return n > m && whole[n - m - 1] == '.' && strcmp (whole + n - m, name) == 0;
}

const ExpIndexParameter *
exp_query_index_find (const ExpQueryIndex *self, const char *name, GError **error)
{
  const ExpIndexParameter *found = g_hash_table_lookup (self->parameters, name);
  GHashTableIter iter;
  gpointer whole, parameter;

  if (found != NULL)
    return found;
  g_hash_table_iter_init (&iter, self->parameters);
  while (g_hash_table_iter_next (&iter, &whole, &parameter))
    if (ends_in (whole, name))
      {
        if (found != NULL)
          {
            g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "'%s' could be %s or %s", name, found->name,
                         (char *)whole);
            return NULL;
          }
        found = parameter;
      }
  if (found == NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "nothing has a parameter '%s'", name);
  return found;
}

void
exp_index_entry_value (const ExpIndexEntry *entry, ExpValue *value)
{
  *value = (ExpValue){ .text = entry->text, .kind = entry->kind, .number = entry->number };
  /* Beyond these a double does not hold every integer. */
  if (entry->kind == EXP_VALUE_NUMBER && fabs (entry->number) >= 9007199254740992.0)
    {
      ExpValue exact;

      exp_value_init (&exact, entry->text, FALSE);
      if (exact.kind == EXP_VALUE_NUMBER)
        value->number = exact.number;
    }
}
