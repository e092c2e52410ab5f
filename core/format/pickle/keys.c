/* Keys that a dict has more than once: Python keeps the place of the first and the value of the last.
 * Knows which keys Python takes for the same, but for those that are put together from others: they are the same only
 * when they are one.
 * Called by tree.c. */
#include "meaning.h"
#include <math.h>
#include <string.h>

/* Texts that stay in the source are compared as what is put together. */
static gboolean
has_bytes (const ExpPickleValue *key)
{
  return (key->kind == EXP_PICKLE_TEXT || key->kind == EXP_PICKLE_STR8 || key->kind == EXP_PICKLE_BYTES
          || key->kind == EXP_PICKLE_BIG_INT)
         && (key->flags & EXP_PICKLE_IS_LOCATED) == 0;
}

/* TRUE for a number that fits 64 bits; 1, 1.0 and True are the same key. */
static gboolean
get_whole (const ExpPickleValue *key, gint64 *number)
{
  if (key->kind == EXP_PICKLE_FLOAT && key->real >= -0x1p63 && key->real < 0x1p63 && trunc (key->real) == key->real)
    {
      *number = (gint64)key->real;
      return TRUE;
    }
  return exp_pickle_get_int (key, number);
}

/* Long texts by their ends: one may be the key of many pairs. */
static guint
hash_bytes (const guint8 *bytes, guint64 length)
{
  guint hash = (guint)length;

  for (guint64 i = 0; i < length; i = i == 32 && length > 64 ? length - 32 : i + 1)
    hash = hash * 33 + bytes[i];
  return hash;
}

static guint
hash_key (gconstpointer data)
{
  const ExpPickleValue *key = data;
  gint64 number;

  if (get_whole (key, &number))
    return g_int64_hash (&number) * 31;
  if (key->kind == EXP_PICKLE_FLOAT)
    return g_double_hash (&key->real);
  if (!has_bytes (key))
    return g_direct_hash (key);
  return hash_bytes ((const guint8 *)key->text, key->length);
}

static gboolean
is_same_key (gconstpointer a, gconstpointer b)
{
  const ExpPickleValue *left = a, *right = b;
  gboolean is_text = left->kind == EXP_PICKLE_TEXT || left->kind == EXP_PICKLE_STR8;
  gint64 numbers[2];

  if (left == right)
    return TRUE;
  if (get_whole (left, &numbers[0]))
    return get_whole (right, &numbers[1]) && numbers[0] == numbers[1];
  if (left->kind == EXP_PICKLE_FLOAT)
    return right->kind == EXP_PICKLE_FLOAT && left->real == right->real;
  return has_bytes (left) && has_bytes (right) && left->length == right->length
         && (left->kind == right->kind
             || (is_text && (right->kind == EXP_PICKLE_TEXT || right->kind == EXP_PICKLE_STR8)))
         && memcmp (left->text, right->text, left->length) == 0;
}

/* The pairs without those that others replace. Other values may have the items that are there. */
static void
drop_replaced (ExpPickle *pickle, ExpPickleValue *dict, GHashTable *firsts)
{
  ExpPickleValue *kept = exp_pickle_value_new (pickle, EXP_PICKLE_DICT);

  g_hash_table_remove_all (firsts);
  for (guint i = 0; i + 1 < dict->n_items && !pickle->is_exhausted; i += 2)
    {
      gpointer at = g_hash_table_lookup (firsts, dict->items[i]);

      if (at != NULL)
        kept->items[GPOINTER_TO_UINT (at)] = dict->items[i + 1];
      else
        {
          g_hash_table_insert (firsts, dict->items[i], GUINT_TO_POINTER (kept->n_items + 1));
          exp_pickle_add_items (pickle, kept, dict->items + i, 2);
        }
    }
  if (pickle->is_exhausted)
    return;
  dict->items = kept->items;
  dict->n_items = kept->n_items;
  dict->n_room = kept->n_room;
}

void
exp_pickle_settle_keys (ExpPickle *pickle, ExpPickleValue *dict)
{
  guint n = dict->n_items / 2;

  if (n < 2 || (dict->flags & EXP_PICKLE_IS_SETTLED) != 0)
    return;
  dict->flags |= EXP_PICKLE_IS_SETTLED;
  g_autoptr (GHashTable) firsts = g_hash_table_new (hash_key, is_same_key);
  for (guint i = 0; i < n; i++)
    g_hash_table_add (firsts, dict->items[2 * i]);
  if (g_hash_table_size (firsts) < n)
    drop_replaced (pickle, dict, firsts);
}
