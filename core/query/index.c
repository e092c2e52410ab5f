/* Indexes: things by name and parameters by value, in columns.
 * Knows how values are spelled; knows no nodes.
 * Filled by gather.c, read by scopes and groups. */
#include "index.h"
#include "expfs/view.h"
#include <math.h>
#include <string.h>

#define MAX_TEXT  4096                       /* bytes of a value's text; longer ones are no parameters */
#define MAX_BYTES (512 * (guint64)(1 << 20)) /* of all entries and texts */

/* What is known of a thing besides its path. */
typedef struct
{
  gint8 part;
  guint8 is_companion : 1, is_blank : 1;
} Thing;

struct _ExpQueryIndex
{
  ExpParameterRules rules;
  GPtrArray *paths;       /* of things; in `texts` */
  GArray *things;         /* of Thing */
  GHashTable *by_path;    /* path -> number + 1 */
  GHashTable *by_name;    /* last component -> number + 1, 0 for several */
  GHashTable *parameters; /* name -> ExpIndexParameter */
  GHashTable *values;     /* texts of values, while it is filled */
  GStringChunk *texts;
  guint64 n_bytes;
  const char *last_path; /* what was asked for last is often asked for again */
  guint last_thing;
};

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

gint
exp_query_index_find_part (const ExpQueryIndex *self, const char *name)
{
  const ExpParameterPart *parts = self->rules.parts;

  for (gint i = 0; parts != NULL && parts[i].name != NULL && i < G_MAXINT8; i++)
    if (strcmp (parts[i].name, name) == 0)
      return i;
  return -1;
}

static gint
part_at (const ExpQueryIndex *self, const char *path)
{
  const char *slash = self->rules.parts != NULL ? strchr (path, '/') : NULL;
  g_autofree char *name = slash != NULL ? g_strndup (path, slash - path) : NULL;

  return name != NULL ? exp_query_index_find_part (self, name) : -1;
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
      Thing made = { .part = part_at (self, path) };

      thing = self->paths->len;
      g_ptr_array_add (self->paths, kept);
      g_array_append_val (self->things, made);
      g_hash_table_insert (self->by_path, kept, GUINT_TO_POINTER (thing + 1));
      add_name (self, thing);
      self->n_bytes += strlen (kept) + 80;
    }
  self->last_path = self->paths->pdata[thing];
  self->last_thing = thing;
  return thing;
}

static ExpIndexParameter *
parameter_of (ExpQueryIndex *self, const char *name)
{
  ExpIndexParameter *parameter = g_hash_table_lookup (self->parameters, name);

  if (parameter == NULL)
    {
      parameter = g_new0 (ExpIndexParameter, 1);
      parameter->entries = g_array_new (FALSE, FALSE, sizeof (ExpIndexEntry));
      parameter->name = g_string_chunk_insert (self->texts, name);
      parameter->is_sorted = TRUE;
      g_hash_table_insert (self->parameters, (gpointer)parameter->name, parameter);
      self->n_bytes += strlen (name) + 140;
    }
  return parameter;
}

static ExpValueKind
kind_of (const ExpArray *value)
{
  const ExpDtype *dtype = value->dtype;
  gboolean is_number = dtype->type == EXP_TYPE_INT || dtype->type == EXP_TYPE_UINT || dtype->type == EXP_TYPE_FLOAT;

  if (value->rank > 0)
    return EXP_VALUE_LIST;
  if (value->n_elements == 0)
    return EXP_VALUE_NONE;
  if (dtype->type == EXP_TYPE_BOOL)
    return EXP_VALUE_BOOLEAN;
  if (!is_number || dtype->size > 8)
    return EXP_VALUE_TEXT;
  return dtype->type == EXP_TYPE_FLOAT && dtype->size < 8 ? EXP_VALUE_SINGLE : EXP_VALUE_NUMBER;
}

static double
number_of (const ExpArray *value)
{
  if (value->dtype->type == EXP_TYPE_BOOL)
    return exp_cell_int (value->dtype, value->data) != 0;
  if (value->dtype->type == EXP_TYPE_UINT && value->dtype->size == 8)
    return (double)(guint64)exp_cell_int (value->dtype, value->data);
  return exp_cell_double (value->dtype, value->data);
}

/* The text of a value, kept; NULL for one that is no parameter: too long, or with a NUL in it. */
static const char *
text_of (ExpQueryIndex *self, const ExpArray *value, ExpValueKind kind)
{
  gsize length;
  g_autofree char *text
      = kind == EXP_VALUE_NONE ? g_strdup ("null") : exp_attribute_text (value, MAX_TEXT, &length, NULL);

  if (text == NULL || (kind != EXP_VALUE_NONE && strlen (text) != length))
    return NULL;
  const char *kept = g_hash_table_lookup (self->values, text);
  if (kept == NULL)
    {
      kept = g_string_chunk_insert (self->texts, text);
      g_hash_table_add (self->values, (gpointer)kept);
      self->n_bytes += strlen (kept) + 32;
    }
  return kept;
}

static void
add_entry (ExpQueryIndex *self, guint thing, const ExpParameter *parameter)
{
  ExpIndexParameter *to;
  ExpIndexEntry entry = { .thing = thing, .kind = EXP_VALUE_PASSES, .flags = parameter->flags };

  if (parameter->value != NULL)
    {
      entry.kind = kind_of (parameter->value);
      entry.text = text_of (self, parameter->value, entry.kind);
      if (entry.text == NULL)
        return;
    }
  if (entry.kind == EXP_VALUE_NUMBER || entry.kind == EXP_VALUE_SINGLE || entry.kind == EXP_VALUE_BOOLEAN)
    entry.number = number_of (parameter->value);
  to = parameter_of (self, parameter->name);
  to->is_sorted
      &= to->entries->len == 0 || g_array_index (to->entries, ExpIndexEntry, to->entries->len - 1).thing <= thing;
  g_array_append_val (to->entries, entry);
  self->n_bytes += sizeof entry;
}

gboolean
exp_query_index_add (ExpQueryIndex *self, const char *path, const ExpParameter *parameter, GError **error)
{
  guint thing = thing_at (self, path);
  Thing *known = &g_array_index (self->things, Thing, thing);

  if (parameter->name == NULL)
    known->is_companion = TRUE;
  else
    add_entry (self, thing, parameter);
  known->is_blank |= (parameter->flags & EXP_PARAMETER_BLANK) != 0;
  if (self->n_bytes < MAX_BYTES)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "there are too many parameters for an index of them");
  return FALSE;
}

static gint
compare_by_thing (gconstpointer a, gconstpointer b, gpointer data)
{
  guint x = ((const ExpIndexEntry *)a)->thing, y = ((const ExpIndexEntry *)b)->thing;

  return (x > y) - (x < y);
}

void
exp_query_index_finish (ExpQueryIndex *self)
{
  GHashTableIter iter;
  gpointer value;

  g_clear_pointer (&self->values, g_hash_table_unref);
  g_hash_table_iter_init (&iter, self->parameters);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      ExpIndexParameter *parameter = value;

      if (!parameter->is_sorted)
        g_qsort_with_data (parameter->entries->data, parameter->entries->len, sizeof (ExpIndexEntry), compare_by_thing,
                           NULL);
    }
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
