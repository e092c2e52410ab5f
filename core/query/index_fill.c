/* Filling indexes: values as entries, and things as they come.
 * Knows how values are spelled; knows no nodes.
 * Called by gather.c. */
#include "expfs/number.h"
#include "expfs/view.h"
#include "index_private.h"
#include <string.h>

#define MAX_TEXT  4096                       /* bytes of a value's text; longer ones are no parameters */
#define MAX_BYTES (512 * (guint64)(1 << 20)) /* of all entries and texts */

/* The thing's name leads to it as long as no other has the same. */
static void
add_name (ExpQueryIndex *self, guint thing)
{
  const char *name = exp_query_last_component (self->paths->pdata[thing]);
  gboolean is_taken = g_hash_table_contains (self->by_name, name);

  g_hash_table_insert (self->by_name, (gpointer)name, GUINT_TO_POINTER (is_taken ? 0 : thing + 1));
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

static const char *
kept_text (ExpQueryIndex *self, const char *text)
{
  const char *kept = g_hash_table_lookup (self->values, text);

  if (kept == NULL)
    {
      kept = g_string_chunk_insert (self->texts, text);
      g_hash_table_add (self->values, (gpointer)kept);
      self->n_bytes += strlen (kept) + 32;
    }
  return kept;
}

/* The text of a value, kept; NULL for one that is no parameter: too long, or with a NUL in it. */
static const char *
text_of (ExpQueryIndex *self, const ExpArray *value, ExpValueKind kind)
{
  char number[EXP_NUMBER_MAX_TEXT + 1];
  gsize length;

  if (kind == EXP_VALUE_NONE)
    return kept_text (self, "null");
  if (kind == EXP_VALUE_NUMBER || kind == EXP_VALUE_SINGLE || kind == EXP_VALUE_BOOLEAN)
    {
      number[exp_cell_format_to (value->dtype, value->data, number)] = '\0';
      return kept_text (self, number);
    }
  g_autofree char *text = exp_attribute_text (value, MAX_TEXT, &length, NULL);
  return text != NULL && strlen (text) == length ? kept_text (self, text) : NULL;
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
