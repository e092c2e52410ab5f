/* What the attributes of a dataset say about the axes of its picture: the names that Neo, Mozaik, PyTables and HDF5's
 * dimension scales use.
 * Knows attributes; nothing of drawing.
 * Called by the kinds of pictures. */
#include "labels.h"
#include "expfs/number.h"
#include "expfs/view.h"
#include <math.h>
#include <string.h>

#define MAX_LABEL 120

char *
exp_label_text (const char *text, gsize length, guint most)
{
  g_autofree char *valid = g_utf8_make_valid (text, MIN (length, 6 * (gsize)most + 6));
  GString *out = g_string_new (NULL);
  guint n = 0;

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (n++ == most)
        {
          g_string_append (out, "...");
          break;
        }
      if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029)
        c = ' ';
      else if ((c & 0xfffe) == 0xfffe)
        c = 0xfffd;
      g_string_append_unichar (out, c);
    }
  return g_string_free (out, FALSE);
}

char *
exp_label_join (const char *name, const char *units)
{
  if (units == NULL || *units == '\0')
    return g_strdup (name != NULL ? name : "");
  return name != NULL && *name != '\0' ? g_strdup_printf ("%s (%s)", name, units) : g_strdup (units);
}

/* --- single attributes -------------------------------------------------------------------------------------- */

static char *
read_text (ExpNode *node, const char *name)
{
  g_autoptr (ExpArray) value = exp_node_read_attribute (node, name, NULL);
  gsize length;

  if (value == NULL || value->n_elements != 1)
    return NULL;
  g_autofree char *text = exp_attribute_text (value, 0, &length, NULL);
  if (text == NULL || length == 0)
    return NULL;
  g_autofree char *label = exp_label_text (text, length, MAX_LABEL);
  g_strstrip (label);
  return *label != '\0' ? g_steal_pointer (&label) : NULL;
}

/* A number and its units, "0.1 ms", where the units may be missing; *units is owned and may be NULL. */
static gboolean
read_quantity (ExpNode *node, const char *name, double *value, char **units)
{
  g_autofree char *text = read_text (node, name);
  gsize length = text != NULL ? strcspn (text, " ") : 0;

  *units = NULL;
  if (length == 0 || !exp_double_parse (text, length, value) || !isfinite (*value))
    return FALSE;
  while (text[length] == ' ')
    length++;
  if (text[length] != '\0')
    *units = g_strdup (text + length);
  else
    {
      g_autofree char *other = g_strconcat (name, "_units", NULL);
      *units = read_text (node, other);
    }
  return TRUE;
}

/* The unit of time that a rate's unit stands for; NULL for none. */
static const char *
time_of_rate (const char *rate)
{
  static const struct
  {
    const char *rate, *time;
  } known[] = { { "Hz", "s" },    { "hertz", "s" }, { "1/s", "s" },   { "kHz", "ms" },    { "kilohertz", "ms" },
                { "1/ms", "ms" }, { "MHz", "us" },  { "1/us", "us" }, { "1/second", "s" } };

  for (guint i = 0; rate != NULL && i < G_N_ELEMENTS (known); i++)
    if (strcmp (rate, known[i].rate) == 0)
      return known[i].time;
  return NULL;
}

/* --- time --------------------------------------------------------------------------------------------------- */

static void
set_units (char **to, const char *units)
{
  if (*to == NULL)
    *to = g_strdup (units);
}

static void
read_time (ExpLabels *labels, ExpNode *node, gboolean has_rate, gboolean has_period)
{
  g_autofree char *start_units = NULL, *stop_units = NULL, *units = NULL;
  double value;

  labels->has_start = read_quantity (node, "t_start", &labels->start, &start_units);
  labels->has_stop = read_quantity (node, "t_stop", &labels->stop, &stop_units);
  if (!labels->has_start)
    labels->start = 0;
  if (has_period && read_quantity (node, "sampling_period", &value, &units) && value > 0)
    {
      labels->has_step = TRUE;
      labels->step = value;
      set_units (&labels->x_units, units);
    }
  else if (has_rate && read_quantity (node, "sampling_rate", &value, &units) && value > 0 && isfinite (1 / value))
    {
      labels->has_step = TRUE;
      labels->step = 1 / value;
      set_units (&labels->x_units, time_of_rate (units));
    }
  set_units (&labels->x_units, start_units != NULL ? start_units : stop_units);
}

/* --- dimensions --------------------------------------------------------------------------------------------- */

/* Names of axes: texts of their own, or the names of the datasets that HDF5 attached to them as scales. */
static void
read_axes (ExpLabels *labels, ExpNode *node, const char *name)
{
  g_autoptr (ExpArray) value = exp_node_read_attribute (node, name, NULL);

  for (gsize i = 0; value != NULL && i < MIN (value->n_elements, EXP_MAX_RANK); i++)
    {
      const ExpDtype *dtype = value->dtype;
      const guint8 *cell = value->data + i * dtype->size;
      gsize length;

      if (dtype->type == EXP_TYPE_VLEN)
        {
          const ExpVlen *list = (const ExpVlen *)cell;
          dtype = dtype->base;
          if (list->length == 0)
            continue;
          cell = list->data;
        }
      if (dtype->type != EXP_TYPE_STRING && dtype->type != EXP_TYPE_VSTRING && dtype->type != EXP_TYPE_REFERENCE)
        continue;

      const char *text = exp_cell_text (dtype, cell, &length);
      if (dtype->type == EXP_TYPE_REFERENCE)
        for (gsize at = length; at-- > 0;)
          if (text[at] == '/')
            {
              text += at + 1;
              length -= at + 1;
              break;
            }
      if (length > 0 && labels->axes[i] == NULL)
        labels->axes[i] = exp_label_text (text, length, MAX_LABEL);
    }
}

static gboolean
has_any (char **names, const char *name)
{
  return g_strv_contains ((const char *const *)names, name);
}

/* The first of these attributes that there is. */
static char *
read_first (ExpNode *node, char **names, const char *const *wanted)
{
  char *text = NULL;

  for (; *wanted != NULL && text == NULL; wanted++)
    if (has_any (names, *wanted))
      text = read_text (node, *wanted);
  return text;
}

void
exp_labels_init (ExpLabels *labels, ExpNode *node)
{
  g_auto (GStrv) names = exp_node_list_attributes (node, NULL);

  *labels = (ExpLabels){ .step = 1 };
  if (names == NULL)
    return;
  labels->x_name = read_first (node, names, (const char *const[]){ "x_axis_name", NULL });
  labels->x_units = read_first (node, names, (const char *const[]){ "x_axis_units", "time_units", NULL });
  labels->value_name
      = read_first (node, names, (const char *const[]){ "y_axis_name", "value_name", "long_name", NULL });
  labels->value_units = read_first (
      node, names, (const char *const[]){ "y_axis_units", "value_units", "units", "unit", "UNITS", NULL });
  read_time (labels, node, has_any (names, "sampling_rate"), has_any (names, "sampling_period"));
  if (has_any (names, "DIMENSION_LABELS"))
    read_axes (labels, node, "DIMENSION_LABELS");
  if (has_any (names, "DIMENSION_LIST"))
    read_axes (labels, node, "DIMENSION_LIST");
}

void
exp_labels_clear (ExpLabels *labels)
{
  g_free (labels->x_name);
  g_free (labels->x_units);
  g_free (labels->value_name);
  g_free (labels->value_units);
  for (guint i = 0; i < EXP_MAX_RANK; i++)
    g_free (labels->axes[i]);
  memset (labels, 0, sizeof *labels);
}
