/* The memory of a pickle's values: given out in blocks, no more of it than the pickle's length warrants.
 * Knows no opcode.
 * Called by the files of this folder. */
#include "machine.h"
#include <string.h>

struct _ExpPickleBlock
{
  ExpPickleBlock *next;
  gsize used, size;
  guint64 bytes[];
};

#define MIN_BLOCK 2048
#define MAX_BLOCK (1 << 20)

gboolean
exp_pickle_spend (ExpPickle *pickle, guint64 size)
{
  if (pickle->is_exhausted || size > pickle->budget)
    {
      pickle->is_exhausted = TRUE;
      return FALSE;
    }
  pickle->budget -= size;
  return TRUE;
}

static ExpPickleBlock *
block_new (ExpPickle *pickle, gsize size)
{
  gsize last = pickle->blocks != NULL ? pickle->blocks->size : MIN_BLOCK / 2;
  gsize room = MAX (size, MIN (last * 2, MAX_BLOCK));
  ExpPickleBlock *block;

  if (!exp_pickle_spend (pickle, size))
    return NULL;
  block = g_try_malloc0 (sizeof *block + room);
  if (block == NULL)
    {
      pickle->is_exhausted = TRUE;
      return NULL;
    }
  block->size = room;
  block->next = pickle->blocks;
  pickle->blocks = block;
  return block;
}

gpointer
exp_pickle_allocate (ExpPickle *pickle, gsize size)
{
  ExpPickleBlock *block = pickle->blocks;
  gpointer memory;

  if (size > G_MAXSSIZE / 2)
    {
      pickle->is_exhausted = TRUE;
      return NULL;
    }
  size = (size + 7) & ~(gsize)7;
  if (block != NULL && size <= block->size - block->used)
    {
      if (!exp_pickle_spend (pickle, size))
        return NULL;
    }
  else if ((block = block_new (pickle, size)) == NULL)
    return NULL;
  memory = (guint8 *)block->bytes + block->used;
  block->used += size;
  return memory;
}

void
exp_pickle_free_blocks (ExpPickle *pickle)
{
  while (pickle->blocks != NULL)
    {
      ExpPickleBlock *next = pickle->blocks->next;

      g_free (pickle->blocks);
      pickle->blocks = next;
    }
}

ExpPickleValue *
exp_pickle_value_new (ExpPickle *pickle, ExpPickleKind kind)
{
  ExpPickleValue *value = exp_pickle_allocate (pickle, sizeof *value);

  if (value == NULL)
    {
      value = &pickle->spare;
      memset (value, 0, sizeof *value);
    }
  value->kind = kind;
  return value;
}

ExpPickleCall *
exp_pickle_call_new (ExpPickle *pickle, ExpPickleHow how)
{
  ExpPickleCall *call = exp_pickle_allocate (pickle, sizeof *call);
  gboolean is_spare = call == NULL;

  if (is_spare)
    {
      call = &pickle->spare_call;
      memset (call, 0, sizeof *call);
    }
  call->how = how;
  call->self = exp_pickle_value_new (pickle, EXP_PICKLE_CALL);
  call->self->call = call;
  if (is_spare)
    return call;
  if (pickle->last_call != NULL)
    pickle->last_call->next = call;
  else
    pickle->first_call = call;
  pickle->last_call = call;
  return call;
}

ExpPickleValue *
exp_pickle_text_new (ExpPickle *pickle, ExpPickleKind kind, const void *text, gsize length)
{
  ExpPickleValue *value = exp_pickle_value_new (pickle, kind);
  char *kept = length < G_MAXSSIZE ? exp_pickle_allocate (pickle, length + 1) : NULL;

  if (kept != NULL && length > 0)
    memcpy (kept, text, length);
  value->text = kept != NULL ? kept : "";
  value->length = kept != NULL ? length : 0;
  return value;
}

void
exp_pickle_add_items (ExpPickle *pickle, ExpPickleValue *value, ExpPickleValue *const *items, gsize n)
{
  if (n > value->n_room - value->n_items)
    {
      guint64 n_needed = value->n_items + (guint64)n;
      guint64 n_room = value->n_room > 0 ? MAX (n_needed, value->n_room + (guint64)value->n_room / 2) : n_needed;
      ExpPickleValue **room;

      if (n_needed > G_MAXUINT32 - 8)
        pickle->is_exhausted = TRUE;
      n_room = MIN (n_room, G_MAXUINT32 - 8);
      room = pickle->is_exhausted ? NULL : exp_pickle_allocate (pickle, n_room * sizeof *room);
      if (room == NULL)
        return;
      if (value->n_items > 0)
        memcpy (room, value->items, value->n_items * sizeof *room);
      value->items = room;
      value->n_room = n_room;
    }
  if (n > 0)
    memcpy (value->items + value->n_items, items, n * sizeof *items);
  value->n_items += n;
}

void
exp_pickle_add_pair (ExpPickle *pickle, ExpPickleValue *dict, const char *key, ExpPickleValue *value)
{
  ExpPickleValue *pair[] = { exp_pickle_text_new (pickle, EXP_PICKLE_TEXT, key, strlen (key)), value };

  exp_pickle_add_items (pickle, dict, pair, 2);
}

ExpPickleValue *
exp_pickle_share (ExpPickle *pickle, ExpPickleKind kind, const ExpPickleValue *from)
{
  ExpPickleValue *value = exp_pickle_value_new (pickle, kind);

  if (!exp_pickle_spend (pickle, from->n_items * sizeof *from->items))
    return value;
  value->n_items = value->n_room = from->n_items;
  value->items = from->items;
  return value;
}

ExpDtype *
exp_pickle_keep_dtype (ExpPickle *pickle, ExpDtype *dtype)
{
  if (dtype != NULL)
    g_ptr_array_add (pickle->dtypes, dtype);
  return dtype;
}
