/* Reads the files of a store: recordings without their data, results, what was shown.
 * Knows what is in them, of all generations; HDF5 is load_hdf5.c's.
 * Called by store.c. */
#include "mozaik.h"
#include <string.h>

const ExpPickleValue *
exp_mozaik_state (const ExpPickleValue *record)
{
  const ExpPickleValue *value = exp_pickle_meaning (record);

  return record->kind == EXP_PICKLE_CALL && value->kind == EXP_PICKLE_DICT ? value : NULL;
}

const ExpPickleValue *
exp_mozaik_list (const ExpPickleValue *value)
{
  const ExpPickleValue *inner = value->kind == EXP_PICKLE_DICT ? exp_pickle_get (value, "_items") : value;

  return inner != NULL && (inner->kind == EXP_PICKLE_LIST || inner->kind == EXP_PICKLE_TUPLE) ? inner : NULL;
}

const ExpPickleValue *
exp_mozaik_member (const ExpPickleValue *state, const char *name)
{
  g_autofree char *newer = g_strconcat ("_", name, NULL);
  const ExpPickleValue *value = exp_pickle_get (state, name);

  return value != NULL ? value : exp_pickle_get (state, newer);
}

ExpMozaikEntry *
exp_mozaik_part_add (ExpMozaikPart *part, ExpMozaikPartKind kind)
{
  ExpMozaikEntry *entry = g_new0 (ExpMozaikEntry, 1);

  entry->part = kind;
  entry->index = part->entries->len;
  entry->pickle = part->pickle != NULL ? exp_pickle_ref (part->pickle) : NULL;
  g_ptr_array_add (part->entries, entry);
  return entry;
}

void
exp_mozaik_part_name (ExpMozaikStore *store, ExpMozaikPart *part, ExpMozaikEntry *entry, const char *what,
                      const char *more)
{
  g_autoptr (GString) name = g_string_new (NULL);

  g_string_printf (name, "%u", entry->index);
  if (what != NULL && *what != '\0')
    g_string_append_printf (name, "-%s", what);
  if (more != NULL && *more != '\0')
    g_string_append_printf (name, "-%s", more);
  entry->name = exp_mozaik_store_given_name (store, entry);
  if (entry->name == NULL)
    entry->name = g_string_free (g_steal_pointer (&name), FALSE);
  /* Given names and own ones may meet. */
  while (g_hash_table_contains (part->by_name, entry->name))
    {
      char *other = g_strconcat (entry->name, "~", NULL);

      g_free (entry->name);
      entry->name = other;
    }
  g_hash_table_insert (part->by_name, entry->name, entry);
}

/* The pickle of a part; NULL without an error when the file is not there. */
static ExpPickle *
open_pickle (ExpMozaikStore *store, const char *file, GError **error)
{
  g_autofree char *path = g_build_filename (exp_mozaik_store_path (store), file, NULL);
  g_autoptr (GError) local = NULL;
  g_autoptr (ExpSource) source = exp_source_open_file (path, &local);
  ExpPickle *pickle;

  if (source == NULL)
    {
      if (!g_error_matches (local, EXP_ERROR, EXP_ERROR_NOT_FOUND))
        g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  exp_source_expect_no_change (source);
  pickle = exp_pickle_parse_source (source, error);
  if (pickle == NULL)
    g_prefix_error (error, "%s: ", path);
  return pickle;
}

static gboolean
refuse (ExpMozaikStore *store, const char *file, const char *what, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "%s/%s: %s", exp_mozaik_store_path (store), file, what);
  return FALSE;
}

/* --- recordings --------------------------------------------------------------------------------------------- */

static void
add_recording (ExpMozaikStore *store, ExpMozaikPart *part, const ExpPickleValue *record)
{
  ExpMozaikEntry *entry = exp_mozaik_part_add (part, EXP_MOZAIK_PART_RECORDINGS);
  g_autofree char *text = NULL;
  gint64 is_null;

  entry->record = record;
  entry->state = exp_mozaik_state (record);
  if (entry->state != NULL)
    {
      entry->annotations = exp_pickle_get (entry->state, "annotations");
      entry->identifier = exp_mozaik_dup_text (exp_pickle_get (entry->state, "identifier"));
      entry->is_null = exp_pickle_get_int (exp_pickle_get (entry->state, "null"), &is_null) && is_null != 0;
    }
  if (entry->annotations != NULL && entry->annotations->kind != EXP_PICKLE_DICT)
    entry->annotations = NULL;
  if (entry->annotations != NULL)
    {
      entry->sheet = exp_mozaik_dup_text (exp_pickle_get (entry->annotations, "sheet_name"));
      text = exp_mozaik_dup_text (exp_pickle_get (entry->annotations, "stimulus"));
      entry->stimulus = text != NULL ? exp_mozaik_store_stimulus (store, text) : NULL;
    }
  exp_mozaik_part_name (store, part, entry, entry->sheet, entry->stimulus != NULL ? entry->stimulus->name : NULL);
}

gboolean
exp_mozaik_load_recordings (ExpMozaikStore *store, ExpMozaikPart *part, GError **error)
{
  const ExpPickleValue *list;
  g_autoptr (GError) local = NULL;

  part->pickle = open_pickle (store, EXP_MOZAIK_RECORDINGS, &local);
  if (part->pickle == NULL)
    {
      if (local == NULL)
        return refuse (store, EXP_MOZAIK_RECORDINGS, "is not there any more", error);
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  part->root = exp_mozaik_state (exp_pickle_record (part->pickle));
  list = part->root != NULL ? exp_mozaik_member (part->root, "segments") : NULL;
  list = list != NULL ? exp_mozaik_list (list) : NULL;
  if (list == NULL)
    return refuse (store, EXP_MOZAIK_RECORDINGS, "there is no Block with recordings in it", error);
  part->annotations = exp_pickle_get (part->root, "annotations");
  if (part->annotations != NULL && part->annotations->kind != EXP_PICKLE_DICT)
    part->annotations = NULL;
  for (guint i = 0; i < list->n_items; i++)
    add_recording (store, part, list->items[i]);
  return TRUE;
}

/* --- results ------------------------------------------------------------------------------------------------ */

static void
add_result (ExpMozaikStore *store, ExpMozaikPart *part, const ExpPickleValue *record)
{
  ExpMozaikEntry *entry = exp_mozaik_part_add (part, EXP_MOZAIK_PART_ANALYSIS);
  g_autofree char *text = NULL;

  entry->record = record;
  entry->state = exp_mozaik_state (record);
  if (entry->state != NULL)
    {
      entry->identifier = exp_mozaik_dup_text (exp_pickle_get (entry->state, "_identifier_param_value"));
      text = exp_mozaik_dup_text (exp_pickle_get (entry->state, "_stimulus_id_param_value"));
      entry->stimulus = text != NULL ? exp_mozaik_store_stimulus (store, text) : NULL;
    }
  exp_mozaik_part_name (store, part, entry, entry->identifier, NULL);
}

gboolean
exp_mozaik_load_analysis (ExpMozaikStore *store, ExpMozaikPart *part, GError **error)
{
  g_autoptr (GError) local = NULL;

  part->pickle = open_pickle (store, EXP_MOZAIK_ANALYSIS, &local);
  if (part->pickle == NULL)
    {
      if (local == NULL)
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  part->root = exp_mozaik_list (exp_pickle_root (part->pickle));
  if (part->root == NULL)
    return refuse (store, EXP_MOZAIK_ANALYSIS, "there is no list of results in it", error);
  for (guint i = 0; i < part->root->n_items; i++)
    add_result (store, part, part->root->items[i]);
  exp_mozaik_store_add_aliases (store, part);
  return TRUE;
}

/* --- what was shown ----------------------------------------------------------------------------------------- */

static void
add_stimulus (ExpMozaikStore *store, ExpMozaikPart *part, ExpMozaikStimulus *stimulus, const ExpPickleValue *shown)
{
  ExpMozaikEntry *entry = exp_mozaik_part_add (part, EXP_MOZAIK_PART_STIMULI);

  entry->record = shown;
  entry->stimulus = stimulus;
  exp_mozaik_part_name (store, part, entry, stimulus->name, NULL);
}

/* Those of which nothing is kept but that they were presented. */
static void
add_presented (ExpMozaikStore *store, ExpMozaikPart *part, GHashTable *seen)
{
  const ExpMozaikPart *recordings = exp_mozaik_store_part (store, EXP_MOZAIK_PART_RECORDINGS, NULL);

  for (guint i = 0; recordings != NULL && i < recordings->entries->len; i++)
    {
      const ExpMozaikEntry *recording = recordings->entries->pdata[i];

      if (recording->stimulus != NULL && g_hash_table_add (seen, recording->stimulus->text))
        add_stimulus (store, part, exp_mozaik_stimulus_ref (recording->stimulus), NULL);
    }
}

gboolean
exp_mozaik_load_stimuli (ExpMozaikStore *store, ExpMozaikPart *part, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GError) local = NULL;

  part->pickle = open_pickle (store, EXP_MOZAIK_SENSORY, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  part->root = part->pickle != NULL ? exp_pickle_root (part->pickle) : NULL;
  if (part->root != NULL && part->root->kind != EXP_PICKLE_DICT)
    return refuse (store, EXP_MOZAIK_SENSORY, "there is no dict of stimuli in it", error);
  for (guint i = 0; part->root != NULL && i + 1 < part->root->n_items; i += 2)
    {
      g_autofree char *text = exp_mozaik_dup_text (part->root->items[i]);
      ExpMozaikStimulus *stimulus = exp_mozaik_store_stimulus (store, text != NULL ? text : "");

      g_hash_table_add (seen, stimulus->text);
      add_stimulus (store, part, stimulus, part->root->items[i + 1]);
    }
  add_presented (store, part, seen);
  return TRUE;
}
