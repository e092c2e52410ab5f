/* What queries find in a store of Mozaik, and by which parameters (formats/mozaik.md, section 7).
 * Knows which parameters recordings and results have for them; what queries make of these core/query knows.
 * Called by the nodes of the root and of its parts. */
#include "mozaik.h"
#include <string.h>

static const ExpParameterPart parts[] = {
  { "recordings", "Segment", TRUE },
  { "analysis", "AnalysisDataStructure", FALSE },
  { "stimuli", "Stimulus", FALSE },
  { NULL, NULL, FALSE },
};

typedef struct
{
  ExpParameterFunc func;
  gpointer data;
  GString *path; /* of the thing that is told of */
  guint flags;   /* that all its parameters have */
  GString *name;
  gboolean is_ended;
} Telling;

static void
tell (Telling *telling, const char *name, const ExpArray *value, guint flags)
{
  const ExpParameter parameter = { telling->path->str, name, value, flags | telling->flags };

  if (!telling->is_ended)
    telling->is_ended = !telling->func (&parameter, telling->data);
}

static void
tell_stimulus (Telling *telling, const ExpMozaikStimulus *stimulus, gboolean needs_name)
{
  for (guint i = 0; stimulus != NULL && i < stimulus->parameters->len; i++)
    {
      const ExpMozaikParameter *parameter = &g_array_index (stimulus->parameters, ExpMozaikParameter, i);
      const gboolean is_name = strcmp (parameter->name, "name") == 0;

      g_string_assign (telling->name, "st_");
      g_string_append (telling->name, parameter->name);
      tell (telling, telling->name->str, parameter->value,
            (parameter->is_fixed ? EXP_PARAMETER_FIXED : 0) | (is_name && needs_name ? EXP_PARAMETER_NEEDED : 0));
    }
}

static void
tell_recording (Telling *telling, const ExpMozaikEntry *entry)
{
  g_autoptr (ExpArray) sheet = entry->sheet != NULL ? exp_array_new_text (entry->sheet) : exp_mozaik_none ();

  g_autoptr (ExpArray) is_null = exp_array_new_bool (entry->is_null);

  telling->flags = entry->is_null ? EXP_PARAMETER_BLANK : 0;
  tell (telling, "sheet_name", sheet, EXP_PARAMETER_ASIDE);
  tell (telling, "null", is_null, EXP_PARAMETER_ASIDE);
  tell (telling, "tag", NULL, EXP_PARAMETER_ASIDE);
  tell_stimulus (telling, entry->stimulus, TRUE);
}

static void
tell_result (Telling *telling, const ExpMozaikEntry *entry)
{
  g_autoptr (GArray) parameters = exp_mozaik_result_parameters (entry);
  const ExpPickleValue *tags = entry->state != NULL ? exp_pickle_get (entry->state, "tags") : NULL;

  for (guint i = 0; i < parameters->len; i++)
    {
      const ExpMozaikField *parameter = &g_array_index (parameters, ExpMozaikField, i);
      const ExpPickleValue *value = exp_pickle_meaning (parameter->record);
      g_autoptr (ExpArray) array
          = value->kind == EXP_PICKLE_NONE ? exp_mozaik_none () : exp_pickle_to_array (value, NULL);

      if (array != NULL)
        tell (telling, parameter->name, array, 0);
    }
  tell (telling, "null", NULL, EXP_PARAMETER_ASIDE);
  tags = tags != NULL ? exp_mozaik_list (tags) : NULL;
  for (guint i = 0; tags != NULL && i < tags->n_items; i++)
    {
      g_autofree char *text = exp_mozaik_dup_text (exp_pickle_item (tags, i));
      g_autoptr (ExpArray) array = text != NULL ? exp_array_new_text (text) : NULL;

      if (array != NULL)
        tell (telling, "tag", array, EXP_PARAMETER_ASIDE);
    }
  tell_stimulus (telling, entry->stimulus, FALSE);
}

static gboolean
tell_part (ExpMozaikStore *store, ExpMozaikPartKind kind, const char *prefix, Telling *telling, GError **error)
{
  const ExpMozaikPart *part = exp_mozaik_store_part (store, kind, error);

  for (guint i = 0; part != NULL && i < part->entries->len && !telling->is_ended; i++)
    {
      const ExpMozaikEntry *entry = part->entries->pdata[i];

      g_string_assign (telling->path, prefix);
      g_string_append (telling->path, entry->name);
      telling->flags = 0;
      if (kind == EXP_MOZAIK_PART_RECORDINGS)
        tell_recording (telling, entry);
      else if (kind == EXP_MOZAIK_PART_ANALYSIS)
        tell_result (telling, entry);
      else
        tell (telling, NULL, NULL, 0);
    }
  return part != NULL;
}

gboolean
exp_mozaik_list_parameters (ExpMozaikStore *store, ExpMozaikPartKind kind, ExpParameterRules *rules,
                            ExpParameterFunc func, gpointer data, GError **error)
{
  Telling telling = { func, data, g_string_new (NULL), 0, g_string_new (NULL), FALSE };
  const gboolean is_all = kind == EXP_MOZAIK_N_PARTS;
  gboolean is_told = TRUE;

  *rules = (ExpParameterRules){
    .is_named = TRUE, .is_strict = TRUE, .aspect = "st_", .type = "name", .parts = is_all ? parts : NULL
  };
  for (guint k = 0; is_told && k < EXP_MOZAIK_N_PARTS; k++)
    if (is_all || k == kind)
      {
        g_autofree char *prefix = is_all ? g_strconcat (exp_mozaik_part_names[k], "/", NULL) : g_strdup ("");

        is_told = tell_part (store, k, prefix, &telling, error);
      }
  g_string_free (telling.path, TRUE);
  g_string_free (telling.name, TRUE);
  return is_told;
}
