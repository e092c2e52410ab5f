/* Arrays with units of the package quantities as pickles have them: the array with the text of its unit beside it.
 * Knows how units are written and defined by others; computes nothing but factors.
 * Called by meaning.c; the factors by formats whose times need them. */
#include "expfs/number.h"
#include "meaning.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Units that are looked at for one factor: real ones have some ten levels of one or two each. */
#define MAX_STEPS 256

/* Units in one dimensionality. */
#define MAX_UNITS 64

/* What is in a unit's call: name, definition, symbol, ... */
enum
{
  UNIT_NAME,
  UNIT_DEFINITION,
  UNIT_SYMBOL
};

static const ExpPickleValue *
class_of (const ExpPickleValue *record)
{
  const ExpPickleCall *call = record->kind == EXP_PICKLE_CALL ? record->call : NULL;

  if (call == NULL)
    return NULL;
  if (exp_pickle_is_named (call->callable, "copyreg._reconstructor") && call->arguments->n_items > 0)
    return call->arguments->items[0];
  return call->callable;
}

static gboolean
is_unit (const ExpPickleValue *record)
{
  const ExpPickleValue *klass = class_of (record);

  return klass != NULL && klass->kind == EXP_PICKLE_GLOBAL && record->call->arguments->n_items > 0
         && g_str_has_prefix (klass->text, "quantities.unitquantity.");
}

/* Units and exponents in turn. */
static const ExpPickleValue *
units_of (const ExpPickleValue *dimensionality)
{
  const ExpPickleValue *klass = class_of (dimensionality), *arguments;

  if (klass == NULL || !exp_pickle_is_named (klass, "quantities.dimensionality.Dimensionality"))
    return NULL;
  if (dimensionality->call->pairs != NULL)
    return dimensionality->call->pairs;
  arguments = dimensionality->call->arguments;
  return arguments->n_items == 3 && arguments->items[2]->kind == EXP_PICKLE_DICT ? arguments->items[2] : arguments;
}

/* A number of Python's or NumPy's. */
static gboolean
get_number (const ExpPickleValue *record, double *number)
{
  const ExpPickleValue *value = exp_pickle_meaning (record);
  g_autoptr (ExpArray) array = NULL;

  if (value->kind == EXP_PICKLE_FLOAT)
    *number = value->real;
  else if (value->kind == EXP_PICKLE_INT || value->kind == EXP_PICKLE_BOOL)
    *number = (double)value->integer;
  else
    {
      if (value->kind != EXP_PICKLE_ARRAY || value->array->type == NULL || value->array->n_elements != 1
          || value->array->dtype->size > 8)
        return FALSE;
      array = exp_pickle_to_array (value, NULL);
      if (array == NULL
          || (array->dtype->type != EXP_TYPE_FLOAT && array->dtype->type != EXP_TYPE_INT
              && array->dtype->type != EXP_TYPE_UINT && array->dtype->type != EXP_TYPE_BOOL))
        return FALSE;
      *number = exp_cell_double (array->dtype, array->data);
    }
  return TRUE;
}

gboolean
exp_pickle_get_double (const ExpPickleValue *record, double *number)
{
  return record != NULL && get_number (record, number);
}

/* --- text --------------------------------------------------------------------------------------------------- */

typedef struct
{
  const ExpPickleValue *text;
  double exponent;
  gint64 primary, secondary;
} Unit;

static gint
compare_units (gconstpointer a, gconstpointer b)
{
  const Unit *one = a, *other = b;

  if (one->primary != other->primary)
    return one->primary < other->primary ? -1 : 1;
  return one->secondary < other->secondary ? -1 : one->secondary > other->secondary ? 1 : 0;
}

static const ExpPickleValue *
unit_text (const ExpPickleValue *unit)
{
  const ExpPickleValue *arguments = unit->call->arguments;
  const ExpPickleValue *symbol = exp_pickle_item (arguments, UNIT_SYMBOL);

  if (symbol == NULL || !exp_pickle_has_text (symbol))
    symbol = exp_pickle_item (arguments, UNIT_NAME);
  return symbol != NULL && exp_pickle_has_text (symbol) && (symbol->flags & EXP_PICKLE_IS_LOCATED) == 0 ? symbol : NULL;
}

/* What orders the units of a text: (1, (primary, secondary)). */
static void
read_order (const ExpPickleValue *record, Unit *unit)
{
  const ExpPickleValue *states = record->call->states;
  const ExpPickleValue *state = states != NULL ? exp_pickle_item (states, 0) : NULL;
  const ExpPickleValue *order = state != NULL && state->kind == EXP_PICKLE_TUPLE ? exp_pickle_item (state, 1) : NULL;

  if (order == NULL || order->kind != EXP_PICKLE_TUPLE)
    return;
  exp_pickle_get_int (exp_pickle_item (order, 0), &unit->primary);
  exp_pickle_get_int (exp_pickle_item (order, 1), &unit->secondary);
}

static void
append_side (const Unit *units, guint n, int sign, GString *text)
{
  g_autoptr (GString) side = g_string_new (NULL);
  guint n_written = 0;

  for (guint i = 0; i < n; i++)
    {
      double exponent = fabs (units[i].exponent);
      char digits[32];

      if (units[i].exponent * sign <= 0)
        continue;
      if (n_written++ > 0)
        g_string_append_c (side, '*');
      g_string_append_len (side, units[i].text->text, (gssize)units[i].text->length);
      if (exponent == 1)
        continue;
      g_string_append (side, "**");
      if (exponent == floor (exponent) && exponent < 1e15)
        g_string_append_printf (side, "%.0f", exponent);
      else
        g_string_append_len (side, digits, (gssize)exp_double_format (exponent, digits));
    }
  if (sign > 0)
    g_string_append (text, n_written > 0 ? side->str : "1");
  else if (n_written > 0)
    g_string_append_printf (text, n_written > 1 ? "/(%s)" : "/%s", side->str);
}

/* FALSE when that is no dimensionality. */
static gboolean
append_units (const ExpPickleReading *reading, const ExpPickleValue *dimensionality, GString *text)
{
  const ExpPickleValue *pairs = units_of (dimensionality);
  Unit units[MAX_UNITS] = { 0 };
  guint n = 0;

  if (pairs == NULL)
    return FALSE;
  for (guint i = 0; i + 1 < pairs->n_items; i += 2)
    {
      Unit *unit = &units[n];

      if (n == MAX_UNITS || !is_unit (pairs->items[i]) || (unit->text = unit_text (pairs->items[i])) == NULL
          || exp_pickle_resolve (reading->pickle, pairs->items[i + 1], reading->depth + 1) == NULL
          || !get_number (pairs->items[i + 1], &unit->exponent))
        return FALSE;
      read_order (pairs->items[i], unit);
      if (unit->exponent != 0)
        n++;
    }
  qsort (units, n, sizeof *units, compare_units);
  if (n == 0)
    g_string_append (text, "dimensionless");
  else
    {
      append_side (units, n, 1, text);
      append_side (units, n, -1, text);
    }
  return TRUE;
}

/* --- factors ------------------------------------------------------------------------------------------------ */

static gboolean units_factor (const ExpPickleValue *dimensionality, guint *n_steps, double *factor);

/* By its definition, a Quantity in other units; a unit without one is 1 of itself. */
static gboolean
unit_factor (const ExpPickleValue *unit, guint *n_steps, double *factor)
{
  const ExpPickleValue *arguments = unit->call->arguments, *definition, *state;
  double inner;

  *factor = 1;
  if (arguments->n_items <= UNIT_DEFINITION || arguments->items[UNIT_DEFINITION]->kind == EXP_PICKLE_NONE)
    return TRUE;
  definition = arguments->items[UNIT_DEFINITION];
  if (++*n_steps > MAX_STEPS || definition->kind != EXP_PICKLE_CALL)
    return FALSE;
  if (is_unit (definition))
    return unit_factor (definition, n_steps, factor);
  state = definition->call->states != NULL ? exp_pickle_item (definition->call->states, 0) : NULL;
  if (state == NULL || state->kind != EXP_PICKLE_TUPLE || state->n_items < 6 || !get_number (definition, factor)
      || !units_factor (state->items[5], n_steps, &inner))
    return FALSE;
  *factor *= inner;
  return TRUE;
}

static gboolean
units_factor (const ExpPickleValue *dimensionality, guint *n_steps, double *factor)
{
  const ExpPickleValue *pairs = units_of (dimensionality);
  double exponent, inner;

  *factor = 1;
  if (pairs == NULL)
    return FALSE;
  for (guint i = 0; i + 1 < pairs->n_items; i += 2)
    {
      if (++*n_steps > MAX_STEPS || !is_unit (pairs->items[i]) || !unit_factor (pairs->items[i], n_steps, &inner)
          || !get_number (pairs->items[i + 1], &exponent))
        return FALSE;
      *factor *= exponent == 1 ? inner : pow (inner, exponent);
    }
  return TRUE;
}

gboolean
exp_pickle_unit_factor (const ExpPickleValue *record, double *factor)
{
  const ExpPickleValue *state;
  guint n_steps = 0;

  if (record == NULL || record->kind != EXP_PICKLE_CALL)
    return FALSE;
  if (is_unit (record))
    return unit_factor (record, &n_steps, factor);
  if (units_of (record) != NULL)
    return units_factor (record, &n_steps, factor);
  state = record->call->states != NULL ? exp_pickle_item (record->call->states, 0) : NULL;
  return state != NULL && state->kind == EXP_PICKLE_TUPLE && state->n_items >= 6
         && units_factor (state->items[5], &n_steps, factor);
}

const ExpPickleValue *
exp_pickle_units (const ExpPickleValue *record)
{
  const ExpPickleValue *value, *units;

  if (record == NULL)
    return NULL;
  value = exp_pickle_meaning (record);
  if (value->kind == EXP_PICKLE_TEXT || value->kind == EXP_PICKLE_STR8)
    return value;
  units = record->kind == EXP_PICKLE_CALL && record->call->attributes != NULL
              ? exp_pickle_get (record->call->attributes, "units")
              : NULL;
  return units != NULL && exp_pickle_has_text (units) ? units : NULL;
}

/* --- what calls stand for ----------------------------------------------------------------------------------- */

/* An array's state and one item more: the units. */
static ExpPickleValue *
known_quantity (const ExpPickleReading *reading)
{
  const ExpPickleValue *klass = exp_pickle_n_arguments (reading) > 0 ? reading->arguments->items[0] : NULL;
  const ExpPickleValue *state = exp_pickle_state (reading);
  g_autoptr (GString) units = g_string_new (NULL);
  const char *refusal = NULL;
  ExpPickleValue *array;

  if (klass == NULL || klass->kind != EXP_PICKLE_GLOBAL || reading->items != NULL || reading->pairs != NULL
      || state == NULL || state->kind != EXP_PICKLE_TUPLE || state->n_items != 6
      || !append_units (reading, state->items[5], units))
    return NULL;
  reading->call->class_name = klass->text;
  array = exp_pickle_array_of_state (reading, state, &refusal);
  if (array == NULL)
    reading->call->refusal = refusal;
  else
    exp_pickle_set_attribute (reading, "units", exp_pickle_new_text (reading->pickle, "%s", units->str));
  return array;
}

static ExpPickleValue *
known_dimensionality (const ExpPickleReading *reading)
{
  g_autoptr (GString) units = g_string_new (NULL);

  return append_units (reading, reading->call->self, units)
             ? exp_pickle_text_new (reading->pickle, EXP_PICKLE_TEXT, units->str, units->len)
             : NULL;
}

/* Each kind of unit is a class; what it is called tells. */
static ExpPickleValue *
known_unit (const ExpPickleReading *reading)
{
  const ExpPickleValue *text = is_unit (reading->call->self) ? unit_text (reading->call->self) : NULL;

  if (text == NULL || reading->items != NULL || reading->pairs != NULL)
    return NULL;
  return exp_pickle_text_new (reading->pickle, EXP_PICKLE_TEXT, text->text, text->length);
}

const ExpPickleKnown exp_pickle_known_quantities[] = {
  { "quantities.quantity._reconstruct_quantity", known_quantity },
  { "quantities.dimensionality.Dimensionality", known_dimensionality },
  { "quantities.unitquantity.CompoundUnit", known_unit },
  { "quantities.unitquantity.Dimensionless", known_unit },
  { "quantities.unitquantity.UnitConstant", known_unit },
  { "quantities.unitquantity.UnitCurrency", known_unit },
  { "quantities.unitquantity.UnitCurrent", known_unit },
  { "quantities.unitquantity.UnitInformation", known_unit },
  { "quantities.unitquantity.UnitLength", known_unit },
  { "quantities.unitquantity.UnitLuminousIntensity", known_unit },
  { "quantities.unitquantity.UnitMass", known_unit },
  { "quantities.unitquantity.UnitQuantity", known_unit },
  { "quantities.unitquantity.UnitSubstance", known_unit },
  { "quantities.unitquantity.UnitTemperature", known_unit },
  { "quantities.unitquantity.UnitTime", known_unit },
  { NULL, NULL },
};
