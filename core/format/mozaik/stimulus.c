/* Stimuli out of their texts.
 * Knows which of a text's entries are parameters; Python's literals are literal.c's.
 * Called by who reads recordings, results and sensory stimuli. */
#include "stimulus.h"
#include <string.h>

/* Sets inside sets. */
#define MAX_SETS 32

/* Parameters whose leaving out of a comparison does have an effect although they are part of a set. */
static const char *const loose_leaves[] = { "orientation", "scale", "contrast", "size", NULL };
#define LOOSE "stimulating_signal_parameters_"

static void
clear_parameter (gpointer data)
{
  ExpMozaikParameter *parameter = data;

  g_free (parameter->name);
  exp_array_unref (parameter->value);
}

ExpMozaikStimulus *
exp_mozaik_stimulus_ref (ExpMozaikStimulus *stimulus)
{
  g_atomic_ref_count_inc (&stimulus->references);
  return stimulus;
}

void
exp_mozaik_stimulus_unref (ExpMozaikStimulus *stimulus)
{
  if (stimulus == NULL || !g_atomic_ref_count_dec (&stimulus->references))
    return;
  g_array_unref (stimulus->parameters);
  g_free (stimulus->text);
  g_free (stimulus->module_path);
  g_free (stimulus->name);
  g_free (stimulus->refusal);
  g_free (stimulus);
}

static void
add (ExpMozaikStimulus *self, const char *name, const ExpMozaikLiteral *value, gboolean is_leaf)
{
  ExpMozaikParameter parameter = { g_strdup (name), exp_mozaik_literal_to_array (value), is_leaf };

  if (is_leaf && g_str_has_prefix (name, LOOSE))
    parameter.is_fixed = !g_strv_contains (loose_leaves, name + strlen (LOOSE));
  g_array_append_val (self->parameters, parameter);
}

/* Each leaf is a parameter, under its own key; those of sets inside have their keys joined. */
static void
add_leaves (ExpMozaikStimulus *self, const ExpMozaikLiteral *set, const char *prefix, guint depth)
{
  for (guint i = 0; i + 1 < set->items->len; i += 2)
    {
      const ExpMozaikLiteral *key = set->items->pdata[i], *value = set->items->pdata[i + 1];
      g_autofree char *name = NULL;

      if (key->kind != EXP_MOZAIK_TEXT)
        continue;
      name = g_strconcat (prefix, *prefix != '\0' ? "_" : "", key->text->str, NULL);
      if (value->kind == EXP_MOZAIK_DICT && depth < MAX_SETS)
        add_leaves (self, value, name, depth + 1);
      else
        add (self, name, value, TRUE);
    }
}

static void
add_entry (ExpMozaikStimulus *self, const char *key, const ExpMozaikLiteral *value)
{
  const gboolean is_set_name = strcmp (key, "direct_stimulation_parameters") == 0;

  if (strcmp (key, "module_path") == 0 && value->kind == EXP_MOZAIK_TEXT)
    {
      if (self->module_path == NULL)
        self->module_path = g_strdup (value->text->str);
      return;
    }
  if (strcmp (key, "name") == 0 && value->kind == EXP_MOZAIK_TEXT && self->name == NULL)
    self->name = g_strdup (value->text->str);
  if (value->kind == EXP_MOZAIK_DICT && (value->is_set || is_set_name))
    add_leaves (self, value, "", 0);
  else if (!is_set_name || value->kind != EXP_MOZAIK_NONE)
    add (self, key, value, FALSE);
}

ExpMozaikStimulus *
exp_mozaik_stimulus_new (const char *text)
{
  ExpMozaikStimulus *self = g_new0 (ExpMozaikStimulus, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpMozaikLiteral) all = NULL;

  g_atomic_ref_count_init (&self->references);
  self->text = g_strdup (text);
  self->parameters = g_array_new (FALSE, FALSE, sizeof (ExpMozaikParameter));
  g_array_set_clear_func (self->parameters, clear_parameter);
  all = exp_mozaik_literal_parse (self->text, strlen (self->text), &error);
  if (all == NULL || all->kind != EXP_MOZAIK_DICT)
    {
      self->refusal = g_strdup (error != NULL ? error->message : "it is no dict of parameters");
      return self;
    }
  for (guint i = 0; i + 1 < all->items->len; i += 2)
    {
      const ExpMozaikLiteral *key = all->items->pdata[i];

      if (key->kind == EXP_MOZAIK_TEXT)
        add_entry (self, key->text->str, all->items->pdata[i + 1]);
    }
  return self;
}
