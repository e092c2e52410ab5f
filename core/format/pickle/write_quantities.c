/* NumPy's arrays, and numbers and arrays with units of the package quantities, written as they pickle themselves.
 * Knows the units that recordings and their analysis have, with their definitions; computes nothing.
 * Called by formats that keep pickles. */
#include "expfs/number.h"
#include "writer.h"
#include <string.h>

/* Units in one text, and definitions in definitions. */
#define MAX_UNITS 16

typedef struct
{
  const char *symbol;
  double exponent;
} Factor;

/* As quantities defines them: what they are a multiple of, other names, and the numbers by which they are ordered. */
static const struct
{
  const char *symbol, *name, *klass;
  double value; /* of the definition; 0: a base unit */
  Factor definition[3];
  const char *unicode;
  const char *aliases[8];
  int primary, secondary;
} units[] = {
  { "s", "second", "UnitTime", 0, { { NULL } }, NULL, { "sec", "seconds" }, 3, 0 },
  { "ms", "millisecond", "UnitTime", 0.001, { { "s", 1 } }, NULL, { "milliseconds" }, 3, 3 },
  { "us", "microsecond", "UnitTime", 0.001, { { "ms", 1 } }, "\xc2\xb5s", { "microseconds" }, 3, 4 },
  { "min", "minute", "UnitTime", 60, { { "s", 1 } }, NULL, { "minutes" }, 3, 9 },
  { "h", "hour", "UnitTime", 60, { { "min", 1 } }, NULL, { "hr", "hours" }, 3, 10 },
  { "m", "meter", "UnitLength", 0, { { NULL } }, NULL, { "meters", "metre", "metres" }, 2, 2 },
  { "mm",
    "millimeter",
    "UnitLength",
    0.001,
    { { "m", 1 } },
    NULL,
    { "millimeters", "millimetre", "millimetres" },
    2,
    5 },
  { "um",
    "micrometer",
    "UnitLength",
    0.001,
    { { "mm", 1 } },
    "\xc2\xb5m",
    { "micron", "microns", "micrometers" },
    2,
    6 },
  { "kg", "kilogram", "UnitMass", 0, { { NULL } }, NULL, { "kilograms" }, 1, 64 },
  { "N", "newton", "UnitQuantity", 1, { { "kg", 1 }, { "m", 1 }, { "s", -2 } }, NULL, { "newtons" }, 90, 67 },
  { "J", "joule", "UnitQuantity", 1, { { "N", 1 }, { "m", 1 } }, NULL, { "joules" }, 90, 78 },
  { "A", "ampere", "UnitCurrent", 0, { { NULL } }, NULL, { "amp", "amps", "amperes" }, 4, 98 },
  { "mA",
    "milliampere",
    "UnitCurrent",
    0.001,
    { { "A", 1 } },
    NULL,
    { "milliamp", "milliamps", "milliamperes" },
    4,
    99 },
  { "uA",
    "microampere",
    "UnitCurrent",
    0.001,
    { { "mA", 1 } },
    "\xc2\xb5"
    "A",
    { "microamp", "microamps", "microamperes" },
    4,
    100 },
  { "nA", "nanoampere", "UnitCurrent", 0.001, { { "uA", 1 } }, NULL, { "nanoamp", "nanoamps", "nanoamperes" }, 4, 101 },
  { "pA", "picoampere", "UnitCurrent", 0.001, { { "nA", 1 } }, NULL, { "picoamp", "picoamps", "picoamperes" }, 4, 102 },
  { "C", "coulomb", "UnitQuantity", 1, { { "A", 1 }, { "s", 1 } }, NULL, { NULL }, 90, 101 },
  { "V", "volt", "UnitQuantity", 1, { { "J", 1 }, { "C", -1 } }, NULL, { "volts" }, 90, 104 },
  { "mV", "millivolt", "UnitQuantity", 0.001, { { "V", 1 } }, NULL, { "millivolts" }, 90, 106 },
  { "uV", "microvolt", "UnitQuantity", 1e-6, { { "V", 1 } }, "\xc2\xb5V", { "microvolts" }, 90, 107 },
  { "S", "siemens", "UnitQuantity", 1, { { "A", 1 }, { "V", -1 } }, NULL, { NULL }, 90, 114 },
  { "mS", "millisiemens", "UnitQuantity", 0.001, { { "S", 1 } }, NULL, { NULL }, 90, 115 },
  { "uS", "microsiemens", "UnitQuantity", 0.001, { { "mS", 1 } }, "\xce\xbcS", { NULL }, 90, 116 },
  { "nS", "nanosiemens", "UnitQuantity", 0.001, { { "uS", 1 } }, NULL, { NULL }, 90, 117 },
  { "Hz", "hertz", "UnitQuantity", 1, { { "s", -1 } }, NULL, { NULL }, 90, 147 },
  { "kHz", "kilohertz", "UnitQuantity", 1000, { { "Hz", 1 } }, NULL, { NULL }, 90, 148 },
  { "rad", "radian", "UnitQuantity", 1, { { NULL } }, NULL, { "radians" }, 90, 4 },
  { "deg",
    "arcdegree",
    "UnitQuantity",
    0.017453292519943295,
    { { "rad", 1 } },
    "\xc2\xb0",
    { "degree", "degrees", "arc_degree", "arc_degrees", "arcdegrees", "arcdeg" },
    90,
    8 },
  { "sp", "spike", "UnitInformation", 0, { { NULL } }, NULL, { "spike", "sp" }, 8, 184 },
  { "sp/s", "spike_per_sec", "UnitQuantity", 1, { { "sp", 1 }, { "s", -1 } }, NULL, { NULL }, 90, 208 },
  { "dimensionless", "dimensionless", "Dimensionless", 0, { { NULL } }, NULL, { NULL }, 100, 1 },
};

static int
find_unit (const char *symbol, gsize length)
{
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (strlen (units[i].symbol) == length && strncmp (units[i].symbol, symbol, length) == 0)
      return (int)i;
  return -1;
}

/* --- the text of units -------------------------------------------------------------------------------------- */

/* Symbols with * between, each perhaps with ** and a number behind; FALSE when one is not known. */
static gboolean
parse_side (const char *text, const char *end, double sign, Factor *factors, guint *n)
{
  while (text < end)
    {
      const char *stop = text;
      double exponent = 1;
      int unit;

      while (stop < end && *stop != '*')
        stop++;
      unit = find_unit (text, (gsize)(stop - text));
      if (unit < 0 || *n == MAX_UNITS)
        return FALSE;
      if (stop + 1 < end && stop[1] == '*')
        {
          text = stop + 2;
          for (stop = text; stop < end && *stop != '*';)
            stop++;
          if (!exp_double_parse (text, (gsize)(stop - text), &exponent))
            return FALSE;
        }
      factors[(*n)++] = (Factor){ units[unit].symbol, sign * exponent };
      if (stop == end)
        return TRUE;
      text = stop + 1;
    }
  return FALSE;
}

static gboolean
parse_units (const char *text, Factor *factors, guint *n)
{
  const char *slash = strchr (text, '/'), *end = text + strlen (text), *below;

  *n = 0;
  if (strcmp (text, "dimensionless") == 0)
    return TRUE;
  if (find_unit (text, strlen (text)) >= 0 || slash == NULL)
    return parse_side (text, end, 1, factors, n);
  if (!(slash == text + 1 && *text == '1') && !parse_side (text, slash, 1, factors, n))
    return FALSE;
  below = slash + 1;
  if (*below == '(' && end[-1] == ')')
    {
      below++;
      end--;
    }
  return parse_side (below, end, -1, factors, n);
}

gboolean
exp_pickle_knows_units (const char *text)
{
  Factor factors[MAX_UNITS];
  guint n;

  return parse_units (text, factors, &n);
}

/* --- arrays ------------------------------------------------------------------------------------------------- */

static void
write_dtype (ExpPickleWriter *writer, const ExpDtype *dtype)
{
  g_autofree char *name = exp_dtype_to_numpy (dtype, TRUE);
  const char order[] = { name[0], '\0' };

  exp_pickle_write_global (writer, "numpy", "dtype");
  exp_pickle_begin_tuple (writer);
  exp_pickle_write_text (writer, name + 1);
  exp_pickle_write_bool (writer, FALSE);
  exp_pickle_write_bool (writer, TRUE);
  exp_pickle_end_tuple (writer);
  exp_pickle_write_opcode (writer, 'R');
  exp_pickle_begin_tuple (writer);
  exp_pickle_write_int (writer, 3);
  exp_pickle_write_text (writer, order);
  for (guint i = 0; i < 3; i++)
    exp_pickle_write_none (writer);
  exp_pickle_write_int (writer, -1);
  exp_pickle_write_int (writer, -1);
  exp_pickle_write_int (writer, 0);
  exp_pickle_end_tuple (writer);
  exp_pickle_write_opcode (writer, 'b');
}

static gboolean
check_array (const ExpArray *array, GError **error)
{
  static const ExpTypeClass classes[]
      = { EXP_TYPE_BOOL, EXP_TYPE_INT, EXP_TYPE_UINT, EXP_TYPE_FLOAT, EXP_TYPE_COMPLEX };

  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    if (array->dtype->type == classes[i] && array->dtype->size <= 16 && !array->dtype->is_quad)
      return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "an array of what is no number");
  return FALSE;
}

/* Version, shape, dtype, order and bytes, without an end. */
static void
begin_state (ExpPickleWriter *writer, const ExpArray *array)
{
  exp_pickle_begin_tuple (writer);
  exp_pickle_write_int (writer, 1);
  exp_pickle_begin_tuple (writer);
  for (guint i = 0; i < array->rank; i++)
    exp_pickle_write_int (writer, (gint64)array->shape[i]);
  exp_pickle_end_tuple (writer);
  write_dtype (writer, array->dtype);
  exp_pickle_write_bool (writer, FALSE);
  exp_pickle_write_bytes (writer, array->data != NULL ? (gconstpointer)array->data : "",
                          array->n_elements * array->dtype->size);
}

gboolean
exp_pickle_write_ndarray (ExpPickleWriter *writer, const ExpArray *array, GError **error)
{
  if (!check_array (array, error))
    return FALSE;
  exp_pickle_write_global (writer, "numpy.core.multiarray", "_reconstruct");
  exp_pickle_begin_tuple (writer);
  exp_pickle_write_global (writer, "numpy", "ndarray");
  exp_pickle_begin_tuple (writer);
  exp_pickle_write_int (writer, 0);
  exp_pickle_end_tuple (writer);
  exp_pickle_write_bytes (writer, "b", 1);
  exp_pickle_end_tuple (writer);
  exp_pickle_write_opcode (writer, 'R');
  begin_state (writer, array);
  exp_pickle_end_tuple (writer);
  exp_pickle_write_opcode (writer, 'b');
  return TRUE;
}

/* --- units -------------------------------------------------------------------------------------------------- */

static void write_quantity (ExpPickleWriter *writer, const ExpArray *value, const Factor *factors, guint n);

static void
write_text_or_none (ExpPickleWriter *writer, const char *text)
{
  if (text != NULL)
    exp_pickle_write_text (writer, text);
  else
    exp_pickle_write_none (writer);
}

static void
write_unit (ExpPickleWriter *writer, const char *symbol)
{
  const int i = find_unit (symbol, strlen (symbol));
  g_autoptr (ExpArray) value = exp_array_new_float (units[i].value);
  guint n = 0;

  if (exp_pickle_write_again (writer, &units[i]))
    return;
  exp_pickle_write_global (writer, "quantities.unitquantity", units[i].klass);
  exp_pickle_begin_tuple (writer);
  exp_pickle_write_text (writer, units[i].name);
  if (strcmp (units[i].klass, "Dimensionless") != 0)
    {
      while (n < G_N_ELEMENTS (units[i].definition) && units[i].definition[n].symbol != NULL)
        n++;
      if (units[i].value != 0)
        write_quantity (writer, value, units[i].definition, n);
      else
        exp_pickle_write_none (writer);
      exp_pickle_write_text (writer, units[i].symbol);
      write_text_or_none (writer, units[i].unicode);
      exp_pickle_begin_list (writer);
      for (guint k = 0; k < G_N_ELEMENTS (units[i].aliases) && units[i].aliases[k] != NULL; k++)
        exp_pickle_write_text (writer, units[i].aliases[k]);
      exp_pickle_end_list (writer);
      exp_pickle_write_none (writer);
    }
  exp_pickle_end_tuple (writer);
  exp_pickle_write_opcode (writer, 'R');
  exp_pickle_begin_tuple (writer);
  exp_pickle_write_int (writer, 1);
  exp_pickle_begin_tuple (writer);
  exp_pickle_write_int (writer, units[i].primary);
  exp_pickle_write_int (writer, units[i].secondary);
  exp_pickle_end_tuple (writer);
  exp_pickle_end_tuple (writer);
  exp_pickle_write_opcode (writer, 'b');
  exp_pickle_writer_remember (writer, &units[i]);
}

static void
write_dimensionality (ExpPickleWriter *writer, const Factor *factors, guint n)
{
  exp_pickle_write_global (writer, "quantities.dimensionality", "Dimensionality");
  exp_pickle_begin_tuple (writer);
  exp_pickle_end_tuple (writer);
  exp_pickle_write_opcode (writer, 0x81);
  for (guint i = 0; i < n; i++)
    {
      write_unit (writer, factors[i].symbol);
      if (factors[i].exponent == (double)(gint64)factors[i].exponent)
        exp_pickle_write_int (writer, (gint64)factors[i].exponent);
      else
        exp_pickle_write_float (writer, factors[i].exponent);
      exp_pickle_write_opcode (writer, 's');
    }
}

static void
write_quantity (ExpPickleWriter *writer, const ExpArray *value, const Factor *factors, guint n)
{
  exp_pickle_write_global (writer, "quantities.quantity", "_reconstruct_quantity");
  exp_pickle_begin_tuple (writer);
  exp_pickle_write_global (writer, "quantities.quantity", "Quantity");
  exp_pickle_write_global (writer, "numpy", "ndarray");
  exp_pickle_begin_tuple (writer);
  exp_pickle_write_int (writer, 0);
  exp_pickle_end_tuple (writer);
  exp_pickle_write_text (writer, "b");
  exp_pickle_end_tuple (writer);
  exp_pickle_write_opcode (writer, 'R');
  begin_state (writer, value);
  write_dimensionality (writer, factors, n);
  exp_pickle_end_tuple (writer);
  exp_pickle_write_opcode (writer, 'b');
}

static gboolean
parse_or_fail (const char *text, Factor *factors, guint *n, GError **error)
{
  if (parse_units (text, factors, n))
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "the unit '%s' is not known, and cannot be written", text);
  return FALSE;
}

gboolean
exp_pickle_write_quantity (ExpPickleWriter *writer, const ExpArray *value, const char *text, GError **error)
{
  Factor factors[MAX_UNITS];
  guint n;

  if (!check_array (value, error) || !parse_or_fail (text, factors, &n, error))
    return FALSE;
  write_quantity (writer, value, factors, n);
  return TRUE;
}

gboolean
exp_pickle_write_units (ExpPickleWriter *writer, const char *text, GError **error)
{
  g_autoptr (ExpArray) one = exp_array_new_float (1);
  Factor factors[MAX_UNITS];
  guint n;

  if (!parse_or_fail (text, factors, &n, error))
    return FALSE;
  if (n == 0)
    write_unit (writer, "dimensionless");
  else if (n == 1 && factors[0].exponent == 1)
    write_unit (writer, factors[0].symbol);
  else
    write_quantity (writer, one, factors, n);
  return TRUE;
}

gboolean
exp_pickle_write_dtype (ExpPickleWriter *writer, const ExpDtype *dtype, GError **error)
{
  write_dtype (writer, dtype);
  return TRUE;
}
