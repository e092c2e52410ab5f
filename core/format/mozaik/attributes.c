/* Attributes that are made up when they are asked for.
 * Knows how values of pickles and stimuli are shown as attributes.
 * Called by the nodes of this folder. */
#include "mozaik.h"
#include <string.h>

/* Longer texts are none of a stimulus or a name. */
#define MAX_TEXT (1 << 20)

char *
exp_mozaik_dup_text (const ExpPickleValue *value)
{
  g_autoptr (GBytes) bytes = NULL;
  gsize length;

  if (value == NULL || (value->kind != EXP_PICKLE_TEXT && value->kind != EXP_PICKLE_STR8) || value->length > MAX_TEXT)
    return NULL;
  bytes = exp_pickle_load (value, MAX_TEXT, TRUE, NULL);
  if (bytes == NULL)
    return NULL;
  const char *text = g_bytes_get_data (bytes, &length);
  return g_strndup (text, length);
}

ExpMozaikAttributes *
exp_mozaik_attributes_new (void)
{
  ExpMozaikAttributes *self = g_new (ExpMozaikAttributes, 1);

  self->names = g_ptr_array_new_with_free_func (g_free);
  self->values = g_ptr_array_new_with_free_func ((GDestroyNotify)exp_array_unref);
  return self;
}

void
exp_mozaik_attributes_free (ExpMozaikAttributes *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->names);
  g_ptr_array_unref (self->values);
  g_free (self);
}

static gboolean
find (const ExpMozaikAttributes *self, const char *name, guint *index)
{
  for (guint i = 0; i < self->names->len; i++)
    if (strcmp (self->names->pdata[i], name) == 0)
      {
        *index = i;
        return TRUE;
      }
  return FALSE;
}

void
exp_mozaik_attributes_add (ExpMozaikAttributes *self, const char *name, ExpArray *value)
{
  guint index;

  if (value == NULL)
    return;
  if (find (self, name, &index))
    {
      exp_array_unref (value);
      return;
    }
  g_ptr_array_add (self->names, g_strdup (name));
  g_ptr_array_add (self->values, value);
}

void
exp_mozaik_attributes_add_all (ExpMozaikAttributes *self, const ExpMozaikAttributes *other)
{
  for (guint i = 0; other != NULL && i < other->names->len; i++)
    exp_mozaik_attributes_add (self, other->names->pdata[i], exp_array_ref (other->values->pdata[i]));
}

void
exp_mozaik_attributes_add_text (ExpMozaikAttributes *self, const char *name, const char *text)
{
  if (text != NULL)
    exp_mozaik_attributes_add (self, name, exp_array_new_text (text));
}

void
exp_mozaik_attributes_add_value (ExpMozaikAttributes *self, const char *name, const ExpPickleValue *record)
{
  const ExpPickleValue *value = record != NULL ? exp_pickle_meaning (record) : NULL;

  if (value == NULL)
    return;
  exp_mozaik_attributes_add (self, name,
                             value->kind == EXP_PICKLE_NONE ? exp_mozaik_none () : exp_pickle_to_array (value, NULL));
}

void
exp_mozaik_attributes_add_quantity (ExpMozaikAttributes *self, const char *name, const ExpPickleValue *record)
{
  const ExpPickleValue *units = exp_pickle_units (record);
  g_autofree char *units_name = g_strconcat (name, "_units", NULL);

  if (record == NULL || record->kind == EXP_PICKLE_NONE)
    return;
  exp_mozaik_attributes_add_value (self, name, record);
  if (units != NULL)
    exp_mozaik_attributes_add_value (self, units_name, units);
}

void
exp_mozaik_attributes_add_dict (ExpMozaikAttributes *self, const ExpPickleValue *dict, gboolean with_none)
{
  if (dict == NULL || dict->kind != EXP_PICKLE_DICT)
    return;
  for (guint i = 0; i + 1 < dict->n_items; i += 2)
    {
      g_autofree char *name = exp_mozaik_dup_text (dict->items[i]);
      const ExpPickleValue *value = dict->items[i + 1];

      if (name != NULL && *name != '\0' && (with_none || value->kind != EXP_PICKLE_NONE))
        exp_mozaik_attributes_add_value (self, name, value);
    }
}

void
exp_mozaik_attributes_add_stimulus (ExpMozaikAttributes *self, const ExpMozaikStimulus *stimulus)
{
  if (stimulus == NULL)
    return;
  exp_mozaik_attributes_add_text (self, "stimulus_module_path", stimulus->module_path);
  for (guint i = 0; i < stimulus->parameters->len; i++)
    {
      const ExpMozaikParameter *parameter = &g_array_index (stimulus->parameters, ExpMozaikParameter, i);
      g_autofree char *name = g_strconcat ("st_", parameter->name, NULL);

      exp_mozaik_attributes_add (self, name, exp_array_ref (parameter->value));
    }
}

char **
exp_mozaik_attributes_take_names (ExpMozaikAttributes *self)
{
  char **names;

  g_ptr_array_add (self->names, NULL);
  names = (char **)g_ptr_array_steal (self->names, NULL);
  exp_mozaik_attributes_free (self);
  return names;
}

ExpArray *
exp_mozaik_attributes_take (ExpMozaikAttributes *self, const char *name, GError **error)
{
  ExpArray *value = NULL;
  guint index;

  if (find (self, name, &index))
    value = exp_array_ref (self->values->pdata[index]);
  else
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no attribute '%s'", name);
  exp_mozaik_attributes_free (self);
  return value;
}
