/* What there is below a recording: directories of spike trains and signals, and what is derived of them. Its segment is
 * taken anew for everything that is asked, so that those who have nodes of many keep none.
 * Knows how data is shown; rates and intervals are derived.c's.
 * Called by entry.c. */
#include "data.h"
#include <string.h>

#define TRAINS  "spiketrains"
#define SIGNALS "signals"

static const ExpNodeClass group_class, leaf_class;

static ExpNode *
data_new (const ExpMozaikData *like, ExpMozaikDataKind kind, guint signal, guint64 index)
{
  ExpMozaikData *self = g_new0 (ExpMozaikData, 1);
  const gboolean is_group
      = kind == EXP_MOZAIK_DATA_TRAINS || kind == EXP_MOZAIK_DATA_COLUMNS || kind == EXP_MOZAIK_DATA_SIGNALS;
  const gboolean is_derived = kind >= EXP_MOZAIK_DATA_RATES;

  exp_node_init (&self->base, is_group ? &group_class : is_derived ? &exp_mozaik_derived_class : &leaf_class);
  self->store = exp_mozaik_store_ref (like->store);
  self->entry = like->entry;
  self->kind = kind;
  self->signal = signal;
  self->index = index;
  return &self->base;
}

void
exp_mozaik_data_free (ExpNode *node)
{
  exp_mozaik_store_unref (((ExpMozaikData *)node)->store);
  g_free (node);
}

ExpMozaikSegment *
exp_mozaik_data_segment (const ExpMozaikData *self, GError **error)
{
  return exp_mozaik_store_segment (self->store, self->entry, error);
}

static ExpNode *
not_found (const char *name, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no '%s' here", name);
  return NULL;
}

static gboolean
changed (GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the recording's file has changed");
  return FALSE;
}

/* --- directories -------------------------------------------------------------------------------------------- */

static gboolean
group_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  const ExpMozaikData *self = (ExpMozaikData *)node;

  info->kind = EXP_KIND_GROUP;
  info->role = self->kind == EXP_MOZAIK_DATA_TRAINS ? EXP_ROLE_SPIKE_TRAINS : "signals";
  return TRUE;
}

static gboolean
is_variable (const ExpMozaikSegment *segment, guint signal)
{
  for (guint v = 0; v < EXP_MOZAIK_N_VARIABLES; v++)
    if (segment->variables[v] == (int)signal)
      return TRUE;
  return FALSE;
}

/* The name of child `index`, borrowed from the segment; NULL past the last, "" for one that is not listed. */
static const char *
child_name (const ExpMozaikData *self, const ExpMozaikSegment *segment, guint64 index)
{
  const ExpMozaikSignal *signal;

  if (self->kind == EXP_MOZAIK_DATA_TRAINS)
    return index < segment->trains->len ? exp_mozaik_segment_train (segment, (guint)index)->name : NULL;
  if (self->kind == EXP_MOZAIK_DATA_SIGNALS)
    {
      if (index >= segment->signals->len)
        return NULL;
      return is_variable (segment, (guint)index) ? "" : exp_mozaik_segment_signal (segment, (guint)index)->name;
    }
  signal = exp_mozaik_segment_signal (segment, self->signal);
  return signal != NULL && index < signal->n_columns ? signal->columns[index] : NULL;
}

static ExpNode *
child_new (const ExpMozaikData *self, guint64 index)
{
  if (self->kind == EXP_MOZAIK_DATA_TRAINS)
    return data_new (self, EXP_MOZAIK_DATA_TRAIN, 0, index);
  if (self->kind == EXP_MOZAIK_DATA_SIGNALS)
    return data_new (self, EXP_MOZAIK_DATA_SIGNAL, (guint)index, 0);
  return data_new (self, EXP_MOZAIK_DATA_COLUMN, self->signal, index);
}

static gboolean
group_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  const ExpMozaikData *self = (ExpMozaikData *)node;
  g_autoptr (ExpMozaikSegment) segment = exp_mozaik_data_segment (self, error);
  const char *name;

  if (segment == NULL)
    return FALSE;
  for (guint64 i = 0; (name = child_name (self, segment, i)) != NULL; i++)
    {
      g_autoptr (ExpNode) child = NULL;

      if (*name == '\0')
        continue;
      if (skip > 0)
        {
          skip--;
          continue;
        }
      child = child_new (self, i);
      if (!func (name, child, data))
        break;
    }
  return TRUE;
}

static ExpNode *
group_lookup (ExpNode *node, const char *name, GError **error)
{
  const ExpMozaikData *self = (ExpMozaikData *)node;
  g_autoptr (ExpMozaikSegment) segment = exp_mozaik_data_segment (self, error);
  const ExpMozaikSignal *signal;
  guint index;

  if (segment == NULL)
    return NULL;
  if (self->kind == EXP_MOZAIK_DATA_TRAINS)
    {
      index = GPOINTER_TO_UINT (g_hash_table_lookup (segment->train_names, name));
      return index > 0 ? child_new (self, index - 1) : not_found (name, error);
    }
  if (self->kind == EXP_MOZAIK_DATA_SIGNALS)
    {
      for (guint i = 0; i < segment->signals->len; i++)
        if (strcmp (exp_mozaik_segment_signal (segment, i)->name, name) == 0)
          return child_new (self, i);
      return not_found (name, error);
    }
  signal = exp_mozaik_segment_signal (segment, self->signal);
  for (guint64 i = 0; signal != NULL && i < signal->n_columns; i++)
    if (strcmp (signal->columns[i], name) == 0)
      return child_new (self, i);
  return not_found (name, error);
}

static ExpMozaikAttributes *
make_attributes (const ExpMozaikData *self, const ExpMozaikSegment *segment)
{
  const ExpMozaikSignal *signal = exp_mozaik_segment_signal (segment, self->signal);
  const ExpMozaikTrain *train = exp_mozaik_segment_train (segment, (guint)self->index);
  ExpMozaikAttributes *all;

  if (self->kind == EXP_MOZAIK_DATA_TRAIN && train != NULL)
    return exp_mozaik_train_attributes (train);
  if (self->kind == EXP_MOZAIK_DATA_TRAINS || self->kind == EXP_MOZAIK_DATA_SIGNALS || signal == NULL)
    return exp_mozaik_attributes_new ();
  all = exp_mozaik_signal_attributes (signal);
  if (self->kind != EXP_MOZAIK_DATA_COLUMN)
    exp_mozaik_attributes_add_dict (all, signal->annotations, FALSE);
  return all;
}

static char **
data_list_attributes (ExpNode *node, GError **error)
{
  const ExpMozaikData *self = (ExpMozaikData *)node;
  g_autoptr (ExpMozaikSegment) segment = exp_mozaik_data_segment (self, error);

  return segment != NULL ? exp_mozaik_attributes_take_names (make_attributes (self, segment)) : NULL;
}

static ExpArray *
data_read_attribute (ExpNode *node, const char *name, GError **error)
{
  const ExpMozaikData *self = (ExpMozaikData *)node;
  g_autoptr (ExpMozaikSegment) segment = exp_mozaik_data_segment (self, error);

  return segment != NULL ? exp_mozaik_attributes_take (make_attributes (self, segment), name, error) : NULL;
}

static const ExpNodeClass group_class = {
  .free = exp_mozaik_data_free,
  .describe = group_describe,
  .list = group_list,
  .lookup = group_lookup,
  .list_attributes = data_list_attributes,
  .read_attribute = data_read_attribute,
};

/* --- trains and signals ------------------------------------------------------------------------------------- */

/* The array that has the elements; a new reference. */
static ExpNode *
open_array (const ExpMozaikData *self, const ExpMozaikSegment *segment, GError **error)
{
  const ExpMozaikTrain *train = exp_mozaik_segment_train (segment, (guint)self->index);
  const ExpMozaikSignal *signal = exp_mozaik_segment_signal (segment, self->signal);

  if (self->kind == EXP_MOZAIK_DATA_TRAIN)
    {
      if (train == NULL)
        changed (error);
      return train != NULL ? exp_mozaik_train_node (segment, train, error) : NULL;
    }
  if (signal == NULL || (self->kind == EXP_MOZAIK_DATA_COLUMN && self->index >= MAX (signal->n_columns, 1)))
    {
      changed (error);
      return NULL;
    }
  if (signal->matrix != NULL)
    return exp_node_ref (signal->matrix);
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "signal %s: %s", signal->name, signal->refusal);
  return NULL;
}

static gboolean
leaf_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  const ExpMozaikData *self = (ExpMozaikData *)node;
  g_autoptr (ExpMozaikSegment) segment = exp_mozaik_data_segment (self, error);
  g_autoptr (ExpNode) array = segment != NULL ? open_array (self, segment, error) : NULL;
  g_auto (ExpInfo) inner = { 0 };

  if (array == NULL || !exp_node_describe (array, &inner, error))
    return FALSE;
  info->kind = EXP_KIND_DATASET;
  info->role = self->kind == EXP_MOZAIK_DATA_TRAIN ? EXP_ROLE_SPIKE_TRAIN : "signal";
  info->dtype = exp_dtype_ref (inner.dtype);
  info->rank = inner.rank;
  memcpy (info->shape, inner.shape, sizeof info->shape);
  if (self->kind == EXP_MOZAIK_DATA_COLUMN)
    {
      info->rank = 2;
      info->shape[1] = 1;
    }
  return TRUE;
}

static gboolean
leaf_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  const ExpMozaikData *self = (ExpMozaikData *)node;
  g_autoptr (ExpMozaikSegment) segment = exp_mozaik_data_segment (self, error);
  g_autoptr (ExpNode) inner = segment != NULL ? open_array (self, segment, error) : NULL;
  g_auto (ExpInfo) info = { 0 };
  g_autoptr (ExpArray) read = NULL;
  ExpSlab wanted = *slab;

  if (inner == NULL || !exp_node_describe (inner, &info, error))
    return FALSE;
  if (self->kind == EXP_MOZAIK_DATA_COLUMN && info.rank == 2)
    {
      wanted.start[1] = self->index;
      wanted.step[1] = 1;
    }
  else if (self->kind == EXP_MOZAIK_DATA_COLUMN)
    wanted.rank = 1;
  read = exp_node_read (inner, &info, &wanted, error);
  if (read == NULL)
    return FALSE;
  if (!exp_dtype_equal (read->dtype, array->dtype) || read->n_elements < array->n_elements)
    return changed (error);
  if (array->n_elements > 0)
    memcpy (array->data, read->data, array->n_elements * array->dtype->size);
  return TRUE;
}

/* Of a row of times, or a whole matrix: where the array has them. */
static gboolean
leaf_locate (ExpNode *node, guint64 first, gsize n, ExpRun *run)
{
  const ExpMozaikData *self = (ExpMozaikData *)node;
  g_autoptr (ExpMozaikSegment) segment = NULL;
  g_autoptr (ExpNode) inner = NULL;

  if (self->kind == EXP_MOZAIK_DATA_COLUMN)
    return FALSE;
  segment = exp_mozaik_data_segment (self, NULL);
  inner = segment != NULL ? open_array (self, segment, NULL) : NULL;
  /* A file of the segment's may be closed before the run is used; bytes have an owner. */
  if (inner == NULL || !exp_node_locate (inner, first, n, run))
    return FALSE;
  if (run->fd < 0 && run->release != NULL)
    return TRUE;
  exp_run_release (run);
  return FALSE;
}

static const ExpNodeClass leaf_class = {
  .free = exp_mozaik_data_free,
  .describe = leaf_describe,
  .read = leaf_read,
  .locate = leaf_locate,
  .list_attributes = data_list_attributes,
  .read_attribute = data_read_attribute,
};

/* --- a recording -------------------------------------------------------------------------------------------- */

/* Names and what they are; those of variables and others of which there may be none are told by the segment. */
static const struct
{
  const char *name;
  ExpMozaikDataKind kind;
} names[] = {
  { TRAINS, EXP_MOZAIK_DATA_TRAINS },   { "vm", EXP_MOZAIK_DATA_COLUMNS },
  { "esyn", EXP_MOZAIK_DATA_COLUMNS },  { "isyn", EXP_MOZAIK_DATA_COLUMNS },
  { SIGNALS, EXP_MOZAIK_DATA_SIGNALS }, { "mean_rates", EXP_MOZAIK_DATA_RATES },
  { "isi", EXP_MOZAIK_DATA_INTERVALS }, { "cv_isi", EXP_MOZAIK_DATA_VARIATION },
};

static int
variable_of (const char *name)
{
  for (guint v = 0; v < EXP_MOZAIK_N_VARIABLES; v++)
    if (strcmp (name, exp_mozaik_variable_names[v]) == 0)
      return (int)v;
  return -1;
}

static gboolean
has_other_signals (const ExpMozaikSegment *segment)
{
  for (guint i = 0; i < segment->signals->len; i++)
    if (!is_variable (segment, i))
      return TRUE;
  return FALSE;
}

/* The child, or NULL when the recording has none such. */
static ExpNode *
make_child (const ExpMozaikData *self, const ExpMozaikSegment *segment, guint i, gboolean is_listed)
{
  const int variable = variable_of (names[i].name);

  if (variable >= 0)
    return segment->variables[variable] >= 0
               ? data_new (self, EXP_MOZAIK_DATA_COLUMNS, (guint)segment->variables[variable], 0)
               : NULL;
  if (names[i].kind == EXP_MOZAIK_DATA_SIGNALS && is_listed && !has_other_signals (segment))
    return NULL;
  return data_new (self, names[i].kind, 0, 0);
}

/* Of a recording whose data cannot be had only the directory that will say so is listed. */
gboolean
exp_mozaik_data_list (ExpMozaikStore *store, const ExpMozaikEntry *entry, guint64 skip, ExpListFunc func, gpointer data,
                      GError **error)
{
  const ExpMozaikData self = { .store = store, .entry = entry };
  g_autoptr (ExpMozaikSegment) segment = exp_mozaik_store_segment (store, entry, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (names) && (segment != NULL || i == 0); i++)
    {
      g_autoptr (ExpNode) child
          = segment != NULL ? make_child (&self, segment, i, TRUE) : data_new (&self, names[i].kind, 0, 0);

      if (child == NULL)
        continue;
      if (skip > 0)
        skip--;
      else if (!func (names[i].name, child, data))
        break;
    }
  return TRUE;
}

ExpNode *
exp_mozaik_data_lookup (ExpMozaikStore *store, const ExpMozaikEntry *entry, const char *name, GError **error)
{
  const ExpMozaikData self = { .store = store, .entry = entry };
  g_autoptr (ExpMozaikSegment) segment = NULL;
  ExpMozaikWindow window;
  ExpNode *child;

  if (strcmp (name, TRAINS) == 0)
    return data_new (&self, EXP_MOZAIK_DATA_TRAINS, 0, 0);
  if (exp_mozaik_parse_window (name, &window))
    {
      child = data_new (&self, EXP_MOZAIK_DATA_RATES, 0, 0);
      ((ExpMozaikData *)child)->has_window = TRUE;
      ((ExpMozaikData *)child)->window = window;
      return child;
    }
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (name, names[i].name) == 0)
      {
        segment = exp_mozaik_store_segment (store, entry, error);
        if (segment == NULL)
          return NULL;
        child = make_child (&self, segment, i, FALSE);
        return child != NULL ? child : not_found (name, error);
      }
  return not_found (name, error);
}
