/* Spike trains as one array of times and one of the neurons that fired.
 * Knows neo's SpikeTrainList without trains.
 * Called by segment.c. */
#include "mozaik.h"
#include <stdlib.h>
#include <string.h>

typedef struct
{
  gint64 id;
  gsize index;
} Spike;

static int
compare_spikes (const void *a, const void *b)
{
  const Spike *one = a, *other = b;

  if (one->id != other->id)
    return one->id < other->id ? -1 : 1;
  return one->index < other->index ? -1 : one->index > other->index;
}

static ExpArray *
numbers (const ExpPickleValue *record)
{
  const ExpPickleValue *value = record != NULL ? exp_pickle_meaning (record) : NULL;
  g_autoptr (ExpArray) array = NULL;

  if (value == NULL || value->kind == EXP_PICKLE_NONE)
    return NULL;
  array = exp_pickle_to_array (value, NULL);
  if (array == NULL || array->rank != 1 || array->dtype->size > 8
      || (array->dtype->type != EXP_TYPE_FLOAT && array->dtype->type != EXP_TYPE_INT
          && array->dtype->type != EXP_TYPE_UINT))
    return NULL;
  return g_steal_pointer (&array);
}

/* By neuron, and as they are for each; NULL when there is no memory. */
static Spike *
sort_spikes (const ExpArray *ids)
{
  Spike *spikes = g_try_new (Spike, MAX (ids->n_elements, 1));

  for (gsize i = 0; spikes != NULL && i < ids->n_elements; i++)
    spikes[i] = (Spike){ exp_cell_int (ids->dtype, ids->data + i * ids->dtype->size), i };
  if (spikes != NULL)
    qsort (spikes, ids->n_elements, sizeof *spikes, compare_spikes);
  return spikes;
}

/* The first of a neuron's spikes, or where they would be. */
static gsize
find_first (const Spike *spikes, gsize n, gint64 id)
{
  gsize low = 0, high = n;

  while (low < high)
    {
      const gsize middle = low + (high - low) / 2;

      if (spikes[middle].id < id)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* The times of one neuron, in their order. */
static ExpArray *
select_times (const ExpArray *times, const Spike *spikes, gsize n, gint64 id)
{
  const gsize first = find_first (spikes, n, id), size = times->dtype->size;
  ExpArray *one;
  gsize end = first;

  while (end < n && spikes[end].id == id)
    end++;
  one = exp_array_new (times->dtype, 1, &(guint64){ end - first }, NULL);
  for (gsize i = first; one != NULL && i < end; i++)
    memcpy (one->data + (i - first) * size, times->data + spikes[i].index * size, size);
  return one;
}

static void
read_bounds (ExpMozaikTrain *train, const ExpPickleValue *metadata)
{
  static const char *const names[] = { "t_start", "t_stop" };
  double values[2], factor;
  gboolean has[2] = { FALSE, FALSE };

  for (guint i = 0; i < 2 && metadata != NULL && metadata->kind == EXP_PICKLE_DICT; i++)
    {
      const ExpPickleValue *record = exp_pickle_get_record (metadata, names[i]);

      has[i] = exp_pickle_get_double (record, &values[i]) && exp_pickle_unit_factor (record, &factor);
      if (has[i])
        values[i] *= factor;
      exp_mozaik_attributes_add_quantity (train->known, names[i], record);
    }
  train->has_bounds = has[0] && has[1];
  if (!train->has_bounds)
    return;
  train->start = values[0];
  train->stop = values[1];
}

void
exp_mozaik_read_multiplexed (ExpMozaikSegment *segment, const ExpPickleValue *list)
{
  const ExpPickleValue *record = exp_pickle_get_record (list, "_spike_time_array");
  const ExpPickleValue *metadata = exp_pickle_get (list, "_spiketrain_metadata");
  g_autoptr (ExpArray) times = numbers (record), ids = numbers (exp_pickle_get_record (list, "_channel_id_array"));
  g_autoptr (ExpArray) all = numbers (exp_pickle_get_record (list, "_all_channel_ids"));
  g_autofree char *units = record != NULL ? exp_mozaik_dup_text (exp_pickle_units (record)) : NULL;
  g_autofree Spike *spikes = NULL;
  const gsize n = times != NULL && ids != NULL ? MIN (times->n_elements, ids->n_elements) : 0;
  double factor = 0;

  if (all == NULL || times == NULL || ids == NULL || (spikes = sort_spikes (ids)) == NULL)
    return;
  exp_pickle_unit_factor (record, &factor);
  segment->weight += times->n_elements * 32;
  for (gsize i = 0; i < all->n_elements; i++)
    {
      const gint64 id = exp_cell_int (all->dtype, all->data + i * all->dtype->size);
      ExpMozaikTrain train = { .factor = factor, .known = exp_mozaik_attributes_new () };

      train.name = g_strdup_printf ("%" G_GINT64_FORMAT, id);
      train.units = units != NULL ? g_string_chunk_insert_const (segment->texts, units) : NULL;
      read_bounds (&train, metadata);
      exp_mozaik_attributes_add (train.known, "channel_id", exp_array_new_int (id));
      train.values = select_times (times, spikes, n, id);
      if (train.values == NULL)
        train.refusal = g_strdup ("no memory for its times");
      g_array_append_val (segment->trains, train);
    }
}
