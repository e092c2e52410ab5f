/* Finds neo's objects in an HDF5 file, and reads what their attributes say.
 * Knows neo's names and units; HDF5 is the hdf5 format's.
 * Called by load_hdf5.c and segment_hdf5.c. */
#include "hdf5.h"
#include <stdlib.h>
#include <string.h>

/* Names of units as quantities has them, and their symbols; seconds for times. */
static const struct
{
  const char *name, *symbol;
  double seconds;
} units[] = {
  { "second", "s", 1 },
  { "millisecond", "ms", 0.001 },
  { "microsecond", "us", 0.001 / 1000 },
  { "minute", "min", 60 },
  { "hour", "h", 3600 },
  { "hertz", "Hz", 0 },
  { "kilohertz", "kHz", 0 },
  { "volt", "V", 0 },
  { "millivolt", "mV", 0 },
  { "microvolt", "uV", 0 },
  { "siemens", "S", 0 },
  { "millisiemens", "mS", 0 },
  { "microsiemens", "uS", 0 },
  { "nanosiemens", "nS", 0 },
  { "ampere", "A", 0 },
  { "milliampere", "mA", 0 },
  { "nanoampere", "nA", 0 },
  { "picoampere", "pA", 0 },
};

#define UNIT "unit__"

char *
exp_mozaik_read_text (ExpNode *node, const char *name)
{
  g_autoptr (ExpArray) value = exp_node_read_attribute (node, name, NULL);

  return value != NULL && value->n_elements == 1 ? exp_array_dup_text (value) : NULL;
}

ExpPickle *
exp_mozaik_read_pickle (ExpNode *node, const char *name)
{
  g_autoptr (ExpArray) value = exp_node_read_attribute (node, name, NULL);
  g_autoptr (GBytes) bytes = NULL;
  const char *text;
  gsize length;

  if (value == NULL || value->n_elements != 1
      || (value->dtype->type != EXP_TYPE_STRING && value->dtype->type != EXP_TYPE_VSTRING))
    return NULL;
  text = exp_cell_text (value->dtype, value->data, &length);
  bytes = g_bytes_new (text, length);
  return exp_pickle_parse (bytes, NULL);
}

static void
append_unit (const char *name, gint64 exponent, gboolean is_below, GString *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (strcmp (units[i].name, name) == 0)
      name = units[i].symbol;
  if (text->len > 0)
    g_string_append_c (text, is_below ? '/' : '*');
  else if (is_below)
    g_string_append (text, "1/");
  g_string_append (text, name);
  if (ABS (exponent) != 1)
    g_string_append_printf (text, "**%" G_GINT64_FORMAT, ABS (exponent));
}

char *
exp_mozaik_read_units (ExpNode *array, double *factor)
{
  g_auto (GStrv) names = exp_node_list_attributes (array, NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = 0;

  *factor = 0;
  for (int sign = 1; sign >= -1; sign -= 2)
    for (char **name = names; name != NULL && *name != NULL; name++)
      {
        g_autoptr (ExpArray) value
            = g_str_has_prefix (*name, UNIT) ? exp_node_read_attribute (array, *name, NULL) : NULL;
        gint64 exponent;

        if (value == NULL || !exp_array_get_int (value, &exponent) || exponent == 0 || (exponent > 0) != (sign > 0))
          continue;
        append_unit (*name + strlen (UNIT), exponent, sign < 0, text);
        n++;
        for (guint i = 0; exponent == 1 && i < G_N_ELEMENTS (units); i++)
          if (strcmp (units[i].name, *name + strlen (UNIT)) == 0)
            *factor = units[i].seconds;
      }
  if (n != 1)
    *factor = 0;
  return n > 0 ? g_strdup (text->str) : NULL;
}

/* --- objects ------------------------------------------------------------------------------------------------ */

typedef struct
{
  const char *const *types;
  GArray *found;
  gboolean is_inner;
} Search;

static void
clear_object (gpointer data)
{
  ExpMozaikObject *object = data;

  g_free (object->name);
  g_free (object->type);
  exp_node_unref (object->node);
}

static gboolean
visit (const char *name, ExpNode *node, gpointer data)
{
  Search *search = data, inner = { search->types, search->found, TRUE };
  g_auto (ExpInfo) info = { 0 };
  ExpMozaikObject object;
  const char *digits;
  char *type;

  if (!exp_node_describe (node, &info, NULL) || info.kind != EXP_KIND_GROUP)
    return TRUE;
  type = exp_mozaik_read_text (node, "_type");
  if (type == NULL || !g_strv_contains (search->types, type))
    {
      if (type == NULL && !search->is_inner)
        exp_node_list (node, 0, visit, &inner, NULL);
      g_free (type);
      return TRUE;
    }
  digits = strrchr (name, '_');
  object = (ExpMozaikObject){ g_strdup (name), type, exp_node_ref (node),
                              digits != NULL ? g_ascii_strtoll (digits + 1, NULL, 10) : 0 };
  g_array_append_val (search->found, object);
  return TRUE;
}

static gint
compare_objects (gconstpointer a, gconstpointer b)
{
  const ExpMozaikObject *one = a, *other = b;

  if (one->number != other->number)
    return one->number < other->number ? -1 : 1;
  return strcmp (one->name, other->name);
}

GArray *
exp_mozaik_find_objects (ExpNode *group, const char *const *types, GError **error)
{
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (ExpMozaikObject));
  Search search = { types, found, FALSE };

  g_array_set_clear_func (found, clear_object);
  if (!exp_node_list (group, 0, visit, &search, error))
    return NULL;
  g_array_sort (found, compare_objects);
  return g_steal_pointer (&found);
}
