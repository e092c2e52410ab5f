/* Decodes numbers of any size, precision, offset and byte order.
 * Knows no HDF5 identifiers; the fields come from whoever asked HDF5.
 * Called by stored_type.c and decode.c. Rules: HDF5 File Format Specification 3.0, section IV.A.2.d. */
#include "stored_number.h"
#include <string.h>

gboolean
exp_stored_number_is_valid (const ExpStoredNumber *number)
{
  gsize bits = number->size * 8;

  if (number->size == 0 || number->size > EXP_STORED_NUMBER_MAX
      || (number->order == EXP_ORDER_VAX && number->size % 2 != 0))
    return FALSE;
  if (!number->is_float)
    return number->precision > 0 && number->offset < bits && number->precision <= bits - number->offset;
  return number->sign < bits && number->exponent < bits && number->exponent_bits > 0 && number->exponent_bits <= 62
         && number->exponent_bits <= bits - number->exponent && number->mantissa < bits && number->mantissa_bits > 0
         && number->mantissa_bits <= bits - number->mantissa;
}

static ExpDtype *
float_dtype (const ExpStoredNumber *number)
{
  static const struct
  {
    gsize size;
    guint digits;
    gint64 max_exponent, min_unit; /* powers of two: of the largest value, of the smallest subnormal */
  } kinds[] = { { 2, 11, 15, -24 }, { 4, 24, 127, -149 }, { 8, 53, 1023, -1074 } };
  guint digits = number->mantissa_bits + number->has_implied_bit;

  if (number->exponent_bits < 31 && number->bias < G_MAXINT32)
    {
      gint64 bias = number->bias;
      gint64 max_exponent = ((G_GINT64_CONSTANT (1) << number->exponent_bits) - 2) - bias;
      gint64 min_unit = 1 - bias - (gint64)(digits - 1);

      for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
        if (digits <= kinds[i].digits && max_exponent <= kinds[i].max_exponent && min_unit >= kinds[i].min_unit)
          return exp_dtype_new_number (EXP_TYPE_FLOAT, kinds[i].size, FALSE);
    }
  return exp_dtype_new_quad (FALSE, FALSE);
}

ExpDtype *
exp_stored_number_dtype (const ExpStoredNumber *number)
{
  gsize size = number->size;

  if (number->is_float)
    return float_dtype (number);
  if (size <= 8)
    for (size = 1; size < number->size; size *= 2)
      ;
  return exp_dtype_new_number (number->is_signed ? EXP_TYPE_INT : EXP_TYPE_UINT, size, FALSE);
}

/* `n` bits from `first` on, moved to the least significant end of `to` (`size` bytes, the rest zero). */
static void
take_bits (const guint8 *bytes, gsize first, gsize n, guint8 *to, gsize size)
{
  memset (to, 0, size);
  for (gsize i = 0; i < n && i < size * 8; i++)
    if (bytes[(first + i) / 8] >> (first + i) % 8 & 1)
      to[i / 8] |= 1 << i % 8;
}

static void
decode_int (const ExpStoredNumber *number, const guint8 *bytes, gsize size, guint8 *to)
{
  take_bits (bytes, number->offset, number->precision, to, size);
  if (!number->is_signed)
    return;

  gsize sign = number->precision - 1;
  if (sign < size * 8 && to[sign / 8] >> sign % 8 & 1)
    for (gsize i = sign; i < size * 8; i++)
      to[i / 8] |= 1 << i % 8;
}

/* value * 2^exponent, each step with a power of two that binary128 holds. */
static _Float128
scale (_Float128 value, gint64 exponent)
{
  exponent = CLAMP (exponent, -50000, 50000);
  while (exponent != 0)
    {
      gint64 step = CLAMP (exponent, -16000, 16000);
      unsigned __int128 bits = (unsigned __int128)(step + 16383) << 112;
      _Float128 power;

      memcpy (&power, &bits, sizeof power);
      value *= power;
      exponent -= step;
    }
  return value;
}

static _Float128
float_value (const ExpStoredNumber *number, const guint8 *bytes)
{
  guint64 exponent = 0, special;
  unsigned __int128 mantissa = 0;
  gsize first = number->mantissa, n = number->mantissa_bits, dropped = 0;

  if (n > 112) /* more than binary128 has: the least significant ones go */
    {
      dropped = n - 112;
      first += dropped;
      n = 112;
    }
  take_bits (bytes, number->exponent, number->exponent_bits, (guint8 *)&exponent, sizeof exponent);
  take_bits (bytes, first, n, (guint8 *)&mantissa, sizeof mantissa);
  special = (G_GUINT64_CONSTANT (1) << number->exponent_bits) - 1;

  if (exponent == special)
    {
      unsigned __int128 fraction
          = number->has_implied_bit ? mantissa : mantissa & (((unsigned __int128)1 << (n - 1)) - 1);

      return fraction != 0 ? (_Float128)__builtin_nan ("") : (_Float128)__builtin_inf ();
    }

  gint64 unit = (gint64)MAX (exponent, 1) - (gint64)MIN (number->bias, (guint64)G_MAXINT32 * 4) + (gint64)dropped;
  unit -= number->has_implied_bit ? (gint64)number->mantissa_bits : (gint64)number->mantissa_bits - 1;
  if (number->has_implied_bit && exponent != 0)
    mantissa |= (unsigned __int128)1 << n;
  return scale ((_Float128)mantissa, unit);
}

static void
decode_float (const ExpStoredNumber *number, const guint8 *bytes, gsize size, guint8 *to)
{
  _Float128 value = float_value (number, bytes);

  if (bytes[number->sign / 8] >> number->sign % 8 & 1)
    value = -value;
  switch (size)
    {
    case 2: /* exact by choice of the type, so moving the fields is enough; computed through single precision */
      {
        float single = (float)value;
        guint32 bits;
        guint16 half;

        memcpy (&bits, &single, sizeof bits);
        int exponent = (int)(bits >> 23 & 255) - 127;
        guint32 mantissa = bits & 0x7fffff;
        if (exponent == 128)
          half = 0x7c00 | (mantissa != 0 ? 0x200 : 0);
        else if (exponent >= -14)
          half = (exponent + 15) << 10 | mantissa >> 13;
        else
          half = exponent < -24 ? 0 : (mantissa | 0x800000) >> (-exponent - 1);
        half |= bits >> 16 & 0x8000;
        memcpy (to, &half, sizeof half);
        break;
      }
    case 4:
      {
        float single = (float)value;
        memcpy (to, &single, sizeof single);
        break;
      }
    case 8:
      {
        double twice = (double)value;
        memcpy (to, &twice, sizeof twice);
        break;
      }
    default:
      memcpy (to, &value, sizeof value);
    }
}

void
exp_stored_number_decode (const ExpStoredNumber *number, const guint8 *from, gsize size, guint8 *to)
{
  guint8 bytes[EXP_STORED_NUMBER_MAX];
  gsize n = number->size;

  for (gsize i = 0; i < n; i++)
    bytes[i] = from[number->order == EXP_ORDER_LITTLE ? i
                    : number->order == EXP_ORDER_BIG  ? n - 1 - i
                                                      : (n - 2 - (i & ~(gsize)1)) + (i & 1)];
  if (number->is_float)
    decode_float (number, bytes, size, to);
  else
    decode_int (number, bytes, size, to);
}
