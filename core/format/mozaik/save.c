/* Stores, saved: of the pickles those in which anything has changed, and the files of new recordings, in one commit.
 * Knows which file has what; objects are save_result.c's and save_recording.c's, commits the hmf format's.
 * Called by mozaik.c. */
#include "save.h"
#include "save_block.h"
#include <string.h>

static const char *const file_names[EXP_MOZAIK_N_FILES]
    = { EXP_MOZAIK_RECORDINGS, EXP_MOZAIK_ANALYSIS, EXP_MOZAIK_SENSORY };

void
exp_mozaik_identify (ExpMozaikWriting *store, ExpIdentity *files)
{
  for (guint i = 0; i < EXP_MOZAIK_N_FILES; i++)
    {
      g_autoptr (ExpSource) source = exp_hmf_folder_open (store->folder, file_names[i], NULL);

      memset (&files[i], 0, sizeof files[i]);
      if (source != NULL)
        exp_source_identify (source, &files[i], NULL);
    }
}

static gboolean
check_unchanged (ExpMozaikWriting *store, GError **error)
{
  ExpIdentity now[EXP_MOZAIK_N_FILES];

  exp_mozaik_identify (store, now);
  if (memcmp (now, store->files, sizeof now) == 0)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_BUSY,
               "%s: it was changed by another program since it was opened: nothing is written over that; copy what you "
               "have changed out of the mount, then mount it again",
               store->folder->path);
  return FALSE;
}

const ExpMozaikEntry *
exp_mozaik_saved_entry (ExpNode *node)
{
  g_autoptr (ExpNode) saved = exp_draft_get_saved_elements (node);

  return exp_mozaik_node_entry (saved);
}

/* --- a file ------------------------------------------------------------------------------------------------- */

typedef struct
{
  ExpMozaikWriting *store;
  ExpHmfCommit commit;
  ExpMozaikNames *names;
  ExpNode *root;
} Save;

static gboolean
write_bytes (ExpSource *to, gpointer data, GError **error)
{
  gsize length;
  gconstpointer bytes = g_bytes_get_data (data, &length);

  return exp_source_pwrite (to, 0, length, bytes, error);
}

static void
saving_begin (ExpMozaikSaving *saving, const ExpMozaikWriting *store)
{
  *saving = (ExpMozaikSaving){ store, exp_pickle_writer_new (), NULL, g_ptr_array_new_with_free_func (g_free) };
}

/* The pickle becomes a file of the commit, unless there is an error. */
static gboolean
saving_end (ExpMozaikSaving *saving, Save *save, const char *file, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;

  if (saving->error == NULL)
    bytes = exp_pickle_writer_finish (saving->writer, &saving->error);
  exp_pickle_writer_free (saving->writer);
  g_ptr_array_unref (saving->kept);
  if (bytes != NULL)
    return exp_hmf_commit_add (&save->commit, file, write_bytes, bytes, error);
  g_propagate_prefixed_error (error, saving->error, "%s: ", file);
  return FALSE;
}

static ExpNode *
part_of (const Save *save, const char *name, GPtrArray **names, GError **error)
{
  g_autoptr (ExpNode) group = exp_node_lookup (save->root, name, error);

  *names = group != NULL ? exp_node_list_names (group, NULL, error) : NULL;
  return *names != NULL ? g_steal_pointer (&group) : NULL;
}

/* --- results ------------------------------------------------------------------------------------------------ */

/* Results that have not changed take their places first; a new one may then take that of one that is equal. */
typedef struct
{
  ExpNode *node;
  const char *name;
  const ExpMozaikEntry *saved;
  const char *replaced; /* the name of the one whose place it takes */
} Result;

static gboolean
is_equal (const Result *one, const Result *other)
{
  g_autoptr (GHashTable) first = exp_mozaik_draft_parameters (one->node, one->name);
  g_autoptr (GHashTable) second = exp_mozaik_draft_parameters (other->node, other->name);

  return exp_mozaik_parameters_equal (first, second);
}

/* By -o replace a new result takes the place of the first that is equal. */
static void
replace_results (GArray *results)
{
  for (guint i = 0; i < results->len; i++)
    {
      Result *added = &g_array_index (results, Result, i);

      for (guint k = 0; added->saved == NULL && k < i; k++)
        {
          Result *old = &g_array_index (results, Result, k);

          if (old->saved == NULL || !is_equal (added, old))
            continue;
          added->replaced = old->name;
          exp_node_unref (old->node);
          *old = *added;
          g_array_remove_index (results, i--);
          break;
        }
    }
}

static gboolean
save_results (Save *save, GError **error)
{
  g_autoptr (GPtrArray) names = NULL;
  g_autoptr (ExpNode) group = part_of (save, "analysis", &names, error);
  g_autoptr (GArray) results = g_array_new (FALSE, TRUE, sizeof (Result));
  ExpMozaikSaving saving;

  if (group == NULL)
    return FALSE;
  for (guint i = 0; i < names->len; i++)
    {
      Result result = { exp_node_lookup (group, names->pdata[i], error), names->pdata[i] };

      if (result.node == NULL)
        return FALSE;
      result.saved = exp_mozaik_saved_entry (result.node);
      g_array_append_val (results, result);
    }
  if (save->store->replaces)
    replace_results (results);
  saving_begin (&saving, save->store);
  exp_pickle_begin_list (saving.writer);
  save->names->names[EXP_MOZAIK_PART_ANALYSIS] = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < results->len; i++)
    {
      Result *result = &g_array_index (results, Result, i);

      exp_mozaik_save_result (&saving, result->node, result->name, result->saved);
      g_ptr_array_add (save->names->names[EXP_MOZAIK_PART_ANALYSIS], g_strdup (result->name));
      if (result->replaced != NULL)
        g_hash_table_insert (save->names->aliases, g_strdup (result->replaced), g_strdup (result->name));
      exp_node_unref (result->node);
    }
  exp_pickle_end_list (saving.writer);
  return saving_end (&saving, save, EXP_MOZAIK_ANALYSIS, error);
}

/* --- stimuli ------------------------------------------------------------------------------------------------ */

static char *
stimulus_text (ExpNode *node)
{
  g_autoptr (ExpNode) file = exp_node_lookup (node, "text", NULL);
  g_autoptr (ExpArray) text = file != NULL ? exp_node_read_all (file, NULL) : NULL;

  return text != NULL && text->n_elements == 1 ? exp_array_dup_text (text)
                                               : exp_mozaik_text_attribute (node, "stimulus");
}

/* None is the text null. */
static void
save_shown (ExpMozaikSaving *saving, ExpNode *node)
{
  g_autoptr (ExpNode) data = exp_node_lookup (node, "data", NULL);
  g_autoptr (GPtrArray) names = NULL;
  g_auto (ExpInfo) info = { 0 };

  if (data == NULL || saving->error != NULL || !exp_node_describe (data, &info, &saving->error)
      || (info.kind == EXP_KIND_DATASET && !exp_dtype_is_numeric (info.dtype)))
    exp_pickle_write_none (saving->writer);
  else if (info.kind == EXP_KIND_DATASET)
    exp_mozaik_save_elements (saving, data);
  else
    {
      names = exp_node_list_names (data, NULL, &saving->error);
      exp_pickle_begin_list (saving->writer);
      for (guint i = 0; names != NULL && i < names->len && saving->error == NULL; i++)
        {
          g_autoptr (ExpNode) child = exp_node_lookup (data, names->pdata[i], &saving->error);

          if (child != NULL)
            exp_mozaik_save_elements (saving, child);
        }
      exp_pickle_end_list (saving->writer);
    }
}

/* Those that were only presented are in the recordings. */
static void
save_stimulus (ExpMozaikSaving *saving, Save *save, ExpNode *node, const char *name)
{
  const ExpMozaikEntry *saved = exp_mozaik_saved_entry (node);
  const gboolean is_same = saved != NULL && exp_draft_is_saved (node);
  g_autofree char *text = is_same ? g_strdup (saved->stimulus->text) : stimulus_text (node);

  if (text == NULL)
    return;
  g_hash_table_insert (save->names->by_text, g_strdup (text), g_strdup (name));
  if (is_same && saved->record == NULL)
    return;
  exp_pickle_write_text_n (saving->writer, text, strlen (text));
  if (is_same)
    exp_mozaik_save_record (saving, saved->record);
  else
    save_shown (saving, node);
  exp_pickle_write_opcode (saving->writer, 's');
}

static gboolean
save_stimuli (Save *save, GError **error)
{
  g_autoptr (GPtrArray) names = NULL;
  g_autoptr (ExpNode) group = part_of (save, "stimuli", &names, error);
  ExpMozaikSaving saving;

  if (group == NULL)
    return FALSE;
  saving_begin (&saving, save->store);
  exp_pickle_write_global (saving.writer, "collections", "OrderedDict");
  exp_pickle_begin_tuple (saving.writer);
  exp_pickle_end_tuple (saving.writer);
  exp_pickle_write_opcode (saving.writer, 'R');
  for (guint i = 0; i < names->len && saving.error == NULL; i++)
    {
      g_autoptr (ExpNode) node = exp_node_lookup (group, names->pdata[i], &saving.error);

      if (node != NULL)
        save_stimulus (&saving, save, node, names->pdata[i]);
    }
  return saving_end (&saving, save, EXP_MOZAIK_SENSORY, error);
}

/* --- recordings --------------------------------------------------------------------------------------------- */

/* A number that no recording of the store has had for its file, as far as is known. */
static char *
new_identifier (const ExpMozaikPart *part, guint n_new)
{
  gint64 next = 0;

  for (guint i = 0; i < part->entries->len; i++)
    {
      const ExpMozaikEntry *entry = part->entries->pdata[i];

      if (entry->identifier != NULL && g_str_has_prefix (entry->identifier, "Segment"))
        next = MAX (next, g_ascii_strtoll (entry->identifier + strlen ("Segment"), NULL, 10) + 1);
    }
  return g_strdup_printf ("Segment%" G_GINT64_FORMAT, MAX (next, part->entries->len) + n_new);
}

/* Which recordings there will be: those without a sheet or a stimulus wait for these. */
static gboolean
collect_recordings (Save *save, GArray *recordings, GError **error)
{
  const ExpMozaikPart *part = exp_mozaik_store_part (save->store->store, EXP_MOZAIK_PART_RECORDINGS, error);
  g_autoptr (GPtrArray) names = NULL;
  g_autoptr (ExpNode) group = part_of (save, "recordings", &names, error);
  guint n_new = 0;

  if (group == NULL || part == NULL)
    return FALSE;
  for (guint i = 0; i < names->len; i++)
    {
      ExpMozaikBlockRecording one = { exp_node_lookup (group, names->pdata[i], error) };

      if (one.node == NULL)
        return FALSE;
      one.saved = exp_mozaik_saved_entry (one.node);
      if (one.saved == NULL
          && (!exp_mozaik_has_attribute (one.node, "sheet_name") || !exp_mozaik_has_attribute (one.node, "stimulus")))
        {
          exp_node_unref (one.node);
          continue;
        }
      one.identifier = one.saved != NULL ? g_strdup (one.saved->identifier) : new_identifier (part, n_new++);
      one.is_made = one.saved == NULL
                    || (one.identifier != NULL && g_hash_table_contains (save->store->own, one.identifier)
                        && !exp_draft_is_saved (one.node));
      g_array_append_val (recordings, one);
      g_ptr_array_add (save->names->names[EXP_MOZAIK_PART_RECORDINGS], g_strdup (names->pdata[i]));
    }
  return TRUE;
}

static void
clear_recording (gpointer data)
{
  ExpMozaikBlockRecording *one = data;

  exp_node_unref (one->node);
  g_free (one->identifier);
}

/* The files of new ones, and of those that are gone. */
static gboolean
save_segments (Save *save, const GArray *recordings, GError **error)
{
  const ExpMozaikPart *part = exp_mozaik_store_part (save->store->store, EXP_MOZAIK_PART_RECORDINGS, error);
  g_autoptr (GHashTable) left = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < recordings->len; i++)
    {
      const ExpMozaikBlockRecording *one = &g_array_index (recordings, ExpMozaikBlockRecording, i);
      g_autofree char *file = g_strconcat (one->identifier != NULL ? one->identifier : "", ".pickle", NULL);
      g_autoptr (GBytes) bytes = NULL;

      if (one->identifier != NULL)
        g_hash_table_add (left, one->identifier);
      if (!one->is_made)
        continue;
      bytes = exp_mozaik_make_segment (save->store, one->node, one->identifier, error);
      if (bytes == NULL || !exp_hmf_commit_add (&save->commit, file, write_bytes, bytes, error))
        return FALSE;
      g_hash_table_add (save->store->own, g_strdup (one->identifier));
    }
  for (guint i = 0; i < part->entries->len; i++)
    {
      const ExpMozaikEntry *entry = part->entries->pdata[i];
      g_autofree char *file = g_strconcat (entry->identifier != NULL ? entry->identifier : "", ".pickle", NULL);

      if (entry->identifier != NULL && strchr (entry->identifier, '/') == NULL && *entry->identifier != '\0'
          && !g_hash_table_contains (left, entry->identifier))
        exp_hmf_commit_remove (&save->commit, file);
    }
  return TRUE;
}

static gboolean
save_recordings (Save *save, GError **error)
{
  g_autoptr (GArray) recordings = g_array_new (FALSE, TRUE, sizeof (ExpMozaikBlockRecording));
  const ExpMozaikPart *part;
  ExpMozaikSaving saving;

  g_array_set_clear_func (recordings, clear_recording);
  save->names->names[EXP_MOZAIK_PART_RECORDINGS] = g_ptr_array_new_with_free_func (g_free);
  if (!collect_recordings (save, recordings, error) || !save_segments (save, recordings, error))
    return FALSE;
  part = exp_mozaik_store_part (save->store->store, EXP_MOZAIK_PART_RECORDINGS, error);
  saving_begin (&saving, save->store);
  exp_mozaik_save_block (&saving, part, save->root, recordings);
  return saving_end (&saving, save, EXP_MOZAIK_RECORDINGS, error);
}

/* --- all ---------------------------------------------------------------------------------------------------- */

static gboolean
has_changed (const Save *save, const char *name)
{
  g_autoptr (ExpNode) group = exp_node_lookup (save->root, name, NULL);

  return group == NULL || !exp_draft_is_saved (group);
}

static GPtrArray *
copy_names (const GPtrArray *names)
{
  GPtrArray *copy = names != NULL ? g_ptr_array_new_with_free_func (g_free) : NULL;

  for (guint i = 0; names != NULL && i < names->len; i++)
    g_ptr_array_add (copy, g_strdup (names->pdata[i]));
  return copy;
}

/* Every stimulus goes on being called what it is called now. */
static void
keep_stimuli (Save *save)
{
  const ExpMozaikPart *part = exp_mozaik_store_part (save->store->store, EXP_MOZAIK_PART_STIMULI, NULL);

  for (guint i = 0; part != NULL && i < part->entries->len; i++)
    {
      const ExpMozaikEntry *entry = part->entries->pdata[i];

      g_hash_table_insert (save->names->by_text, g_strdup (entry->stimulus->text), g_strdup (entry->name));
    }
}

static gboolean
save_changed (Save *save, GError **error)
{
  const ExpMozaikNames *old = save->store->names;
  g_autoptr (ExpNode) attributes = exp_draft_get_saved (save->root);
  const gboolean has_block = has_changed (save, "recordings") || has_changed (save, "sheets") || attributes == NULL;

  keep_stimuli (save);
  if (has_block ? !save_recordings (save, error) : FALSE)
    return FALSE;
  if (has_changed (save, "analysis") && !save_results (save, error))
    return FALSE;
  if (has_changed (save, "stimuli") && !save_stimuli (save, error))
    return FALSE;
  for (guint i = 0; i < EXP_MOZAIK_N_PARTS; i++)
    if (save->names->names[i] == NULL && old != NULL)
      save->names->names[i] = copy_names (old->names[i]);
  return check_unchanged (save->store, error);
}

gboolean
exp_mozaik_save (ExpNode *root, ExpMozaikWriting *store, GError **error)
{
  Save save = { .store = store, .names = exp_mozaik_names_new (), .root = root };
  gboolean is_saved;

  if (!check_unchanged (store, error))
    {
      exp_mozaik_names_free (save.names);
      return FALSE;
    }
  exp_hmf_commit_init (&save.commit, store->folder);
  is_saved = save_changed (&save, error);
  if (is_saved)
    {
      g_rw_lock_writer_lock (&store->folder->lock);
      is_saved = exp_hmf_commit_make (&save.commit, error);
      g_rw_lock_writer_unlock (&store->folder->lock);
    }
  exp_hmf_commit_clear (&save.commit);
  if (!is_saved)
    {
      exp_mozaik_names_free (save.names);
      return FALSE;
    }
  exp_mozaik_names_free (store->names);
  store->names = save.names;
  exp_mozaik_identify (store, store->files);
  return TRUE;
}
