/* Pickles: the loop that runs their program into values, and the bounds that it runs in.
 * Knows no opcode but the last.
 * Called by store.c of this folder, and by filters that meet pickles. */
#include "machine.h"
#include "meaning.h"
#include <string.h>

/* Memory that a pickle may take: the hungriest opcodes, of empty dicts in a list, take nearly eighty times their
 * length, what Python writes ten as a rule. */
#define FREE_MEMORY     ((guint64)8 << 20)
#define MEMORY_PER_BYTE 80

static ExpPickle *
pickle_new (ExpSource *source, guint64 size)
{
  ExpPickle *pickle = g_new0 (ExpPickle, 1);

  g_atomic_ref_count_init (&pickle->references);
  pickle->source = exp_source_ref (source);
  pickle->size = size;
  pickle->dtypes = g_ptr_array_new_with_free_func ((GDestroyNotify)exp_dtype_unref);
  if (!g_uint64_checked_mul (&pickle->budget, size, MEMORY_PER_BYTE)
      || !g_uint64_checked_add (&pickle->budget, pickle->budget, FREE_MEMORY))
    pickle->budget = G_MAXUINT64;
  return pickle;
}

static void
machine_clear (ExpPickleMachine *machine)
{
  g_free (machine->window);
  g_free (machine->line);
  g_free (machine->stack);
  g_free (machine->memo);
}

static gboolean
check_memory (ExpPickleMachine *machine)
{
  if (!machine->pickle->is_exhausted)
    return TRUE;
  g_clear_error (&machine->error);
  return exp_pickle_fail_code (machine, EXP_ERROR_TOO_LARGE, "its values take more memory than its length warrants");
}

/* Runs the program up to its end, or past byte `end`. */
static gboolean
run (ExpPickleMachine *machine, guint64 end, gboolean *is_stopped)
{
  *is_stopped = FALSE;
  while (machine->at < end)
    {
      machine->opcode_at = machine->at;
      const guint8 *opcode = exp_pickle_take (machine, 1);

      if (opcode == NULL)
        return FALSE;
      if (*opcode == '.')
        {
          *is_stopped = TRUE;
          return TRUE;
        }
      gboolean is_done = exp_pickle_run_opcode (machine, *opcode);
      if (!check_memory (machine) || !is_done)
        return FALSE;
    }
  return TRUE;
}

/* What STOP finds: one value and nothing else. */
static gboolean
take_result (ExpPickleMachine *machine)
{
  ExpPickleValue *root;

  if (machine->n_marks > 0)
    return exp_pickle_fail (machine, "it ends with a mark on the stack");
  root = exp_pickle_pop (machine);
  if (root != NULL && machine->n_stack > 0)
    return exp_pickle_fail (machine, "it ends with more than one value on the stack");
  machine->pickle->root = root;
  return root != NULL;
}

ExpPickle *
exp_pickle_parse_source (ExpSource *source, GError **error)
{
  ExpPickleMachine machine = { 0 };
  gboolean is_stopped;
  guint64 size;

  if (!exp_source_size (source, &size, error))
    return NULL;
  g_autoptr (ExpPickle) pickle = pickle_new (source, size);
  machine.pickle = pickle;
  machine.size = size;
  if (run (&machine, G_MAXUINT64, &is_stopped) && take_result (&machine))
    {
      exp_pickle_resolve_all (pickle);
      check_memory (&machine);
    }
  machine_clear (&machine);
  if (machine.error != NULL)
    {
      g_propagate_error (error, machine.error);
      return NULL;
    }
  return g_steal_pointer (&pickle);
}

ExpPickle *
exp_pickle_parse (GBytes *bytes, GError **error)
{
  g_autoptr (ExpSource) source = exp_source_new_bytes (bytes, "the pickle");

  return exp_pickle_parse_source (source, error);
}

gboolean
exp_pickle_recognise (ExpSource *source, gsize n_bytes)
{
  ExpPickleMachine machine = { 0 };
  gboolean is_stopped = FALSE, is_one;
  guint8 head[2];
  guint64 size;

  if (!exp_source_size (source, &size, NULL) || size < sizeof head || !exp_source_pread (source, 0, 2, head, NULL))
    return FALSE;
  gboolean has_protocol = head[0] == 0x80 && head[1] >= 2 && head[1] <= 5;
  if (!has_protocol && (head[0] == 0x80 || size > n_bytes))
    return FALSE;

  g_autoptr (ExpPickle) pickle = pickle_new (source, size);
  machine.pickle = pickle;
  machine.size = size;
  is_one = run (&machine, n_bytes, &is_stopped);
  if (is_one && is_stopped)
    is_one = take_result (&machine) && (has_protocol || machine.at == size);
  else if (is_one)
    is_one = has_protocol;
  machine_clear (&machine);
  g_clear_error (&machine.error);
  return is_one;
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
  exp_pickle_free_blocks (pickle);
  g_ptr_array_unref (pickle->dtypes);
  exp_source_unref (pickle->source);
  g_free (pickle);
}

guint64
exp_pickle_size (const ExpPickle *pickle)
{
  return pickle->size;
}

const ExpPickleValue *
exp_pickle_record (const ExpPickle *pickle)
{
  return pickle->root;
}

const ExpPickleValue *
exp_pickle_root (const ExpPickle *pickle)
{
  return exp_pickle_meaning (pickle->root);
}
