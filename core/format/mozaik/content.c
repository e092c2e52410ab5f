/* What is in a store, in the lines of Mozaik's print_content.
 * Knows their form (formats/mozaik.md, section 7).
 * Called by root.c. */
#include "mozaik.h"

/* How often each name occurs, in the order of first appearance. */
typedef struct
{
  GPtrArray *names; /* borrowed */
  GHashTable *counts;
} Tally;

static void
tally_add (Tally *tally, const char *name)
{
  const guint count = GPOINTER_TO_UINT (g_hash_table_lookup (tally->counts, name));

  if (count == 0)
    g_ptr_array_add (tally->names, (gpointer)name);
  g_hash_table_insert (tally->counts, (gpointer)name, GUINT_TO_POINTER (count + 1));
}

static const char *
tally_name (const ExpMozaikEntry *entry)
{
  const char *name = entry->part == EXP_MOZAIK_PART_ANALYSIS ? entry->identifier
                     : entry->stimulus != NULL               ? entry->stimulus->name
                                                             : NULL;

  return name != NULL ? name : "None";
}

static void
append_tally (const ExpMozaikPart *part, const char *title, GString *out)
{
  Tally tally = { g_ptr_array_new (), g_hash_table_new (g_str_hash, g_str_equal) };

  for (guint i = 0; i < part->entries->len; i++)
    tally_add (&tally, tally_name (part->entries->pdata[i]));
  g_string_append_printf (out, "   Number of %s: %u\n", title, part->entries->len);
  for (guint i = 0; i < tally.names->len; i++)
    g_string_append_printf (out, "     %s : %u\n", (const char *)tally.names->pdata[i],
                            GPOINTER_TO_UINT (g_hash_table_lookup (tally.counts, tally.names->pdata[i])));
  g_ptr_array_unref (tally.names);
  g_hash_table_unref (tally.counts);
}

static void
append_recordings (const ExpMozaikPart *part, GString *out)
{
  g_string_append (out, "RECORDING RESULTS\n");
  for (guint i = 0; i < part->entries->len; i++)
    {
      const ExpMozaikEntry *entry = part->entries->pdata[i];

      g_string_append_printf (out, "%s\n", entry->stimulus != NULL ? entry->stimulus->text : "None");
    }
}

static void
append_results (const ExpMozaikPart *part, GString *out)
{
  g_string_append (out, "ANALYSIS RESULTS\n");
  for (guint i = 0; i < part->entries->len; i++)
    {
      g_autofree char *text = exp_mozaik_result_text (part->entries->pdata[i]);

      g_string_append_printf (out, "%s\n", text);
    }
}

gboolean
exp_mozaik_print_content (ExpMozaikStore *store, ExpMozaikContent content, GString *out, GError **error)
{
  const ExpMozaikPart *recordings = NULL, *results = NULL;

  if (content != EXP_MOZAIK_CONTENT_RESULTS
      && (recordings = exp_mozaik_store_part (store, EXP_MOZAIK_PART_RECORDINGS, error)) == NULL)
    return FALSE;
  if (content != EXP_MOZAIK_CONTENT_RECORDINGS
      && (results = exp_mozaik_store_part (store, EXP_MOZAIK_PART_ANALYSIS, error)) == NULL)
    return FALSE;
  if (content == EXP_MOZAIK_CONTENT_RECORDINGS)
    append_recordings (recordings, out);
  else if (content == EXP_MOZAIK_CONTENT_RESULTS)
    append_results (results, out);
  else
    {
      g_string_append (out, "DSV info:\n");
      append_tally (recordings, "recordings", out);
      append_tally (results, "ADS", out);
    }
  return TRUE;
}
