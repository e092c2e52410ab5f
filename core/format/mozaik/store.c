/* A store that is open: its parts, each read when somebody asks for it, and the segments that were looked at last.
 * Knows files; what is in them is load.c's.
 * Called by the nodes of this folder. */
#include "save.h"
#include <string.h>

/* Segments that are kept, and what they may take together. */
#define MAX_SEGMENTS 32
#define MAX_WEIGHT   ((guint64)64 << 20)

/* Of recordings being loaded at the same time; each has its lock by its number. */
#define N_LOADERS 16

const char *const exp_mozaik_part_names[EXP_MOZAIK_N_PARTS] = { "recordings", "analysis", "stimuli" };

typedef struct
{
  const ExpMozaikEntry *entry;
  ExpMozaikSegment *segment;
} Kept;

struct _ExpMozaikStore
{
  gatomicrefcount references;
  char *path;
  guint64 max_weight;
  ExpNode *hdf5;               /* NULL: of pickles */
  const ExpMozaikNames *names; /* NULL: each has its own */
  GStringChunk *alias_names;
  GRecMutex lock;                       /* guards parts: stimuli are read with the recordings' at hand */
  gboolean is_read[EXP_MOZAIK_N_PARTS]; /* these under it, and immutable once is_read */
  GError *errors[EXP_MOZAIK_N_PARTS];
  ExpMozaikPart parts[EXP_MOZAIK_N_PARTS];
  GMutex stimuli_lock;
  GHashTable *stimuli; /* text (borrowed) -> ExpMozaikStimulus; under stimuli_lock */
  GMutex segments_lock;
  Kept segments[MAX_SEGMENTS]; /* the one used last is the first; under segments_lock */
  guint n_segments;
  GMutex loaders[N_LOADERS];
};

static void
entry_free (gpointer data)
{
  ExpMozaikEntry *entry = data;

  g_free (entry->name);
  g_free (entry->identifier);
  g_free (entry->sheet);
  exp_pickle_unref (entry->pickle);
  exp_mozaik_stimulus_unref (entry->stimulus);
  g_clear_pointer (&entry->group, exp_node_unref);
  g_free (entry);
}

static ExpNode *
open_hdf5 (const char *path, const ExpStoreOptions *options, GError **error)
{
  g_autofree char *file = g_build_filename (path, EXP_MOZAIK_HDF5, NULL);
  ExpStoreOptions plain = { .lock = options->lock, .cache = options->cache };

  return exp_format_hdf5.open (file, &plain, error);
}

ExpMozaikStore *
exp_mozaik_store_open (const char *path, const ExpStoreOptions *options, GError **error)
{
  g_autofree char *recordings = g_build_filename (path, EXP_MOZAIK_RECORDINGS, NULL);
  g_autoptr (ExpNode) hdf5 = NULL;
  ExpMozaikStore *store;

  if (!g_file_test (recordings, G_FILE_TEST_EXISTS) && (hdf5 = open_hdf5 (path, options, error)) == NULL)
    return NULL;
  store = g_new0 (ExpMozaikStore, 1);
  g_atomic_ref_count_init (&store->references);
  store->path = g_canonicalize_filename (path, NULL);
  store->max_weight = options->cache > 0 ? MIN (options->cache / 4, MAX_WEIGHT) : MAX_WEIGHT;
  store->hdf5 = g_steal_pointer (&hdf5);
  store->alias_names = g_string_chunk_new (64);
  g_rec_mutex_init (&store->lock);
  g_mutex_init (&store->stimuli_lock);
  g_mutex_init (&store->segments_lock);
  store->stimuli = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify)exp_mozaik_stimulus_unref);
  for (guint i = 0; i < N_LOADERS; i++)
    g_mutex_init (&store->loaders[i]);
  for (guint i = 0; i < EXP_MOZAIK_N_PARTS; i++)
    {
      store->parts[i].entries = g_ptr_array_new_with_free_func (entry_free);
      store->parts[i].by_name = g_hash_table_new (g_str_hash, g_str_equal);
    }
  return store;
}

ExpMozaikStore *
exp_mozaik_store_ref (ExpMozaikStore *store)
{
  g_atomic_ref_count_inc (&store->references);
  return store;
}

void
exp_mozaik_store_unref (ExpMozaikStore *store)
{
  if (store == NULL || !g_atomic_ref_count_dec (&store->references))
    return;
  for (guint i = 0; i < store->n_segments; i++)
    exp_mozaik_segment_unref (store->segments[i].segment);
  for (guint i = 0; i < EXP_MOZAIK_N_PARTS; i++)
    {
      g_hash_table_unref (store->parts[i].by_name);
      g_ptr_array_unref (store->parts[i].entries);
      exp_pickle_unref (store->parts[i].pickle);
      g_clear_error (&store->errors[i]);
    }
  g_hash_table_unref (store->stimuli);
  for (guint i = 0; i < N_LOADERS; i++)
    g_mutex_clear (&store->loaders[i]);
  g_mutex_clear (&store->segments_lock);
  g_mutex_clear (&store->stimuli_lock);
  g_string_chunk_free (store->alias_names);
  g_rec_mutex_clear (&store->lock);
  g_clear_pointer (&store->hdf5, exp_node_unref);
  g_free (store->path);
  g_free (store);
}

void
exp_mozaik_store_set_names (ExpMozaikStore *store, const ExpMozaikNames *names)
{
  store->names = names;
}

char *
exp_mozaik_store_given_name (const ExpMozaikStore *store, const ExpMozaikEntry *entry)
{
  const ExpMozaikNames *names = store->names;
  const GPtrArray *list = names != NULL ? names->names[entry->part] : NULL;

  if (names != NULL && entry->part == EXP_MOZAIK_PART_STIMULI && entry->stimulus != NULL)
    return g_strdup (g_hash_table_lookup (names->by_text, entry->stimulus->text));
  return list != NULL && entry->index < list->len ? g_strdup (list->pdata[entry->index]) : NULL;
}

void
exp_mozaik_store_add_aliases (const ExpMozaikStore *store, ExpMozaikPart *part)
{
  GHashTableIter iter;
  gpointer old, new;

  if (store->names == NULL)
    return;
  g_hash_table_iter_init (&iter, store->names->aliases);
  while (g_hash_table_iter_next (&iter, &old, &new))
    {
      ExpMozaikEntry *entry = g_hash_table_lookup (part->by_name, new);

      if (entry != NULL && !g_hash_table_contains (part->by_name, old))
        g_hash_table_insert (part->by_name, g_string_chunk_insert (store->alias_names, old), entry);
    }
}

const char *
exp_mozaik_store_path (const ExpMozaikStore *store)
{
  return store->path;
}

gboolean
exp_mozaik_store_is_hdf5 (const ExpMozaikStore *store)
{
  return store->hdf5 != NULL;
}

/* --- parts -------------------------------------------------------------------------------------------------- */

static gboolean
load (ExpMozaikStore *store, ExpMozaikPartKind kind, GError **error)
{
  ExpMozaikPart *part = &store->parts[kind];

  if (kind == EXP_MOZAIK_PART_ANALYSIS)
    return exp_mozaik_load_analysis (store, part, error);
  if (kind == EXP_MOZAIK_PART_STIMULI)
    return exp_mozaik_load_stimuli (store, part, error);
  return store->hdf5 != NULL ? exp_mozaik_load_hdf5 (store, store->hdf5, part, error)
                             : exp_mozaik_load_recordings (store, part, error);
}

const ExpMozaikPart *
exp_mozaik_store_part (ExpMozaikStore *store, ExpMozaikPartKind kind, GError **error)
{
  g_autoptr (GRecMutexLocker) locker = g_rec_mutex_locker_new (&store->lock);

  if (!store->is_read[kind])
    {
      store->is_read[kind] = TRUE;
      load (store, kind, &store->errors[kind]);
    }
  if (store->errors[kind] == NULL)
    return &store->parts[kind];
  g_propagate_error (error, g_error_copy (store->errors[kind]));
  return NULL;
}

ExpMozaikStimulus *
exp_mozaik_store_stimulus (ExpMozaikStore *store, const char *text)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->stimuli_lock);
  ExpMozaikStimulus *stimulus = g_hash_table_lookup (store->stimuli, text);

  if (stimulus == NULL)
    {
      stimulus = exp_mozaik_stimulus_new (text);
      g_hash_table_insert (store->stimuli, stimulus->text, stimulus);
    }
  return exp_mozaik_stimulus_ref (stimulus);
}

/* --- segments ----------------------------------------------------------------------------------------------- */

static ExpMozaikSegment *
find_kept (ExpMozaikStore *store, const ExpMozaikEntry *entry)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->segments_lock);

  for (guint i = 0; i < store->n_segments; i++)
    if (store->segments[i].entry == entry)
      {
        const Kept kept = store->segments[i];

        memmove (store->segments + 1, store->segments, i * sizeof kept);
        store->segments[0] = kept;
        return exp_mozaik_segment_ref (kept.segment);
      }
  return NULL;
}

static void
keep (ExpMozaikStore *store, const ExpMozaikEntry *entry, ExpMozaikSegment *segment)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->segments_lock);
  guint64 weight = segment->weight;
  guint n = 0;

  while (n < store->n_segments && n < MAX_SEGMENTS - 1
         && (weight += store->segments[n].segment->weight) <= store->max_weight)
    n++;
  while (store->n_segments > n)
    exp_mozaik_segment_unref (store->segments[--store->n_segments].segment);
  memmove (store->segments + 1, store->segments, n * sizeof *store->segments);
  store->segments[0] = (Kept){ entry, exp_mozaik_segment_ref (segment) };
  store->n_segments = n + 1;
}

/* The file of a recording is called by its identifier, which is a name and no way somewhere else. */
static ExpMozaikSegment *
open_segment (ExpMozaikStore *store, const ExpMozaikEntry *entry, GError **error)
{
  g_autofree char *name = NULL, *path = NULL;
  ExpMozaikSegment *segment;
  g_autoptr (GError) local = NULL;

  if (entry->group != NULL)
    return exp_mozaik_segment_open_hdf5 (entry->group, error);
  if (entry->identifier == NULL || *entry->identifier == '\0' || strchr (entry->identifier, '/') != NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "%s/%s: recording %u has no identifier that names a file",
                   store->path, EXP_MOZAIK_RECORDINGS, entry->index);
      return NULL;
    }
  name = g_strconcat (entry->identifier, ".pickle", NULL);
  path = g_build_filename (store->path, name, NULL);
  segment = exp_mozaik_segment_open (path, &local);
  if (segment == NULL && g_error_matches (local, EXP_ERROR, EXP_ERROR_NOT_FOUND))
    g_set_error (error, EXP_ERROR, EXP_ERROR_MISSING, "%s: the file of this recording is not there", path);
  else if (segment == NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return segment;
}

ExpMozaikSegment *
exp_mozaik_store_segment (ExpMozaikStore *store, const ExpMozaikEntry *entry, GError **error)
{
  ExpMozaikSegment *segment = find_kept (store, entry);

  if (segment != NULL)
    return segment;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->loaders[entry->index % N_LOADERS]);
  segment = find_kept (store, entry);
  if (segment == NULL && (segment = open_segment (store, entry, error)) != NULL)
    keep (store, entry, segment);
  return segment;
}
