/* Classes of equal values: each value gets the number of what equals it.
 * Knows entries; knows no things.
 * Called by what groups things by their values. */
#include "classes.h"
#include <math.h>

struct _ExpValueClasses
{
  gboolean is_strict;
  GHashTable *by_key; /* text -> number; owns the texts */
  GPtrArray *first;   /* const ExpIndexEntry * */
  GString *key;
};

ExpValueClasses *
exp_value_classes_new (gboolean is_strict)
{
  ExpValueClasses *self = g_new0 (ExpValueClasses, 1);

  self->is_strict = is_strict;
  self->by_key = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->first = g_ptr_array_new ();
  self->key = g_string_new (NULL);
  return self;
}

void
exp_value_classes_free (ExpValueClasses *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->by_key);
  g_ptr_array_unref (self->first);
  g_string_free (self->key, TRUE);
  g_free (self);
}

/* The one spelling of all that equal the value. */
static void
spell (ExpValueClasses *self, const ExpIndexEntry *entry)
{
  ExpValue value;

  exp_index_entry_value (entry, &value);
  g_string_truncate (self->key, 0);
  if (value.kind == EXP_VALUE_TEXT || value.kind == EXP_VALUE_LIST || value.kind == EXP_VALUE_NONE)
    {
      if (self->is_strict)
        g_string_append_c (self->key, "tnsbol"[value.kind]);
      g_string_append (self->key, value.text);
    }
  else if (value.kind == EXP_VALUE_BOOLEAN && !self->is_strict)
    g_string_append (self->key, value.text);
  /* 100 and 100.0 are one value, and so are 0.0 and -0.0. Others have their shortest digits in common. */
  else if (fabsl (value.number) < 1e30L && value.number == floorl (value.number))
    g_string_append_printf (self->key, "%.0Lf", value.number + 0.0L);
  else
    g_string_append (self->key, value.text);
}

guint
exp_value_classes_add (ExpValueClasses *self, const ExpIndexEntry *entry)
{
  gpointer known;

  spell (self, entry);
  known = g_hash_table_lookup (self->by_key, self->key->str);
  if (known != NULL)
    return GPOINTER_TO_UINT (known);
  g_ptr_array_add (self->first, (gpointer)entry);
  g_hash_table_insert (self->by_key, g_strdup (self->key->str), GUINT_TO_POINTER (self->first->len));
  return self->first->len;
}

guint
exp_value_classes_count (const ExpValueClasses *self)
{
  return self->first->len;
}

const ExpIndexEntry *
exp_value_classes_first (const ExpValueClasses *self, guint number)
{
  return self->first->pdata[number - 1];
}
