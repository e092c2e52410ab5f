/* Pickles: their bytes, their values, and the loop that runs the one into the other.
 * Knows no opcode but the last.
 * Called by filters and formats that meet pickles. */
#include "machine.h"
#include <string.h>

static void
value_free (gpointer data)
{
  ExpPickleValue *value = data;

  g_clear_pointer (&value->items, g_ptr_array_unref);
  g_clear_pointer (&value->array, exp_array_unref);
  g_free (value);
}

ExpPickle *
exp_pickle_parse (GBytes *bytes, GError **error)
{
  g_autoptr (ExpPickle) pickle = g_new0 (ExpPickle, 1);
  ExpPickleMachine machine = { .pickle = pickle };
  gboolean is_running = TRUE;

  g_atomic_ref_count_init (&pickle->references);
  pickle->bytes = g_bytes_ref (bytes);
  pickle->values = g_ptr_array_new_with_free_func (value_free);
  pickle->texts = g_string_chunk_new (256);
  machine.data = g_bytes_get_data (bytes, &machine.size);
  machine.stack = g_ptr_array_new ();
  machine.memo = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  while (is_running)
    {
      const guint8 *opcode = exp_pickle_take (&machine, 1);

      if (opcode == NULL || *opcode == '.')
        break;
      is_running = exp_pickle_run_opcode (&machine, *opcode);
    }
  if (is_running && machine.error == NULL)
    pickle->root = exp_pickle_pop (&machine);
  g_ptr_array_unref (machine.stack);
  g_hash_table_unref (machine.memo);
  if (machine.error != NULL)
    {
      g_propagate_error (error, machine.error);
      return NULL;
    }
  return g_steal_pointer (&pickle);
}

ExpPickle *
exp_pickle_ref (ExpPickle *pickle)
{
  g_atomic_ref_count_inc (&pickle->references);
  return pickle;
}

void
exp_pickle_unref (ExpPickle *pickle)
{
  if (pickle == NULL || !g_atomic_ref_count_dec (&pickle->references))
    return;
  g_clear_pointer (&pickle->values, g_ptr_array_unref);
  g_clear_pointer (&pickle->texts, g_string_chunk_free);
  g_clear_pointer (&pickle->bytes, g_bytes_unref);
  g_free (pickle);
}

const ExpPickleValue *
exp_pickle_root (const ExpPickle *pickle)
{
  return pickle->root;
}
