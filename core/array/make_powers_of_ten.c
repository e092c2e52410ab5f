/* Prints the table of powers_of_ten.h as C, by exact big-integer arithmetic.
 * Knows nothing of floats.
 * Run once by the build, as it takes a few milliseconds that no mount should wait for. */
#include "powers_of_ten.h"
#include <stdio.h>

#define N_WORDS  40 /* of 32 bits: 5^324 has 753 bits, and a quotient needs 126 more */
#define N_POWERS EXP_N_POWERS

static ExpPowerOfTen powers[N_POWERS];

/* Little-endian words of an unsigned integer. */
typedef struct
{
  guint32 word[N_WORDS];
} Big;

static void
big_multiply (Big *big, guint32 factor)
{
  guint64 carry = 0;

  for (guint i = 0; i < N_WORDS; i++)
    {
      carry += (guint64)big->word[i] * factor;
      big->word[i] = (guint32)carry;
      carry >>= 32;
    }
}

static guint
big_bits (const Big *big)
{
  for (guint i = N_WORDS; i-- > 0;)
    if (big->word[i] != 0)
      return 32 * i + 32 - __builtin_clz (big->word[i]);
  return 0;
}

static guint
big_bit (const Big *big, guint bit)
{
  return big->word[bit / 32] >> (bit % 32) & 1;
}

static void
big_shift_in (Big *big, guint bit)
{
  for (guint i = N_WORDS; i-- > 1;)
    big->word[i] = big->word[i] << 1 | big->word[i - 1] >> 31;
  big->word[0] = big->word[0] << 1 | bit;
}

static gboolean
big_at_least (const Big *a, const Big *b)
{
  for (guint i = N_WORDS; i-- > 0;)
    if (a->word[i] != b->word[i])
      return a->word[i] > b->word[i];
  return TRUE;
}

static void
big_subtract (Big *a, const Big *b)
{
  gint64 borrow = 0;

  for (guint i = 0; i < N_WORDS; i++)
    {
      borrow += (gint64)a->word[i] - b->word[i];
      a->word[i] = (guint32)borrow;
      borrow >>= 32;
    }
}

/* floor (5^k * 2^s) + 1 with 126 bits, for 5^k given exactly. */
static ExpPowerOfTen
from_positive (const Big *power)
{
  guint bits = big_bits (power);
  unsigned __int128 value = 0;

  for (guint i = 0; i < 126; i++)
    value = value << 1 | (bits > i ? big_bit (power, bits - 1 - i) : 0);
  value += 1;
  return (ExpPowerOfTen){ (guint64)(value >> 63), (guint64)value & G_MAXINT64 };
}

/* floor (2^s / 5^k) + 1 with 126 bits: long division, bit by bit. */
static ExpPowerOfTen
from_negative (const Big *power)
{
  guint bits = big_bits (power);
  Big rest = { { 0 } };
  unsigned __int128 value = 0;

  rest.word[(bits - 1) / 32] = 1u << ((bits - 1) % 32); /* 2^(bits - 1) <= 5^k */
  if (big_at_least (&rest, power))
    big_subtract (&rest, power); /* only for 5^0; callers never ask */
  for (guint i = 0; i < 126; i++)
    {
      big_shift_in (&rest, 0);
      value <<= 1;
      if (big_at_least (&rest, power))
        {
          big_subtract (&rest, power);
          value |= 1;
        }
    }
  value += 1;
  return (ExpPowerOfTen){ (guint64)(value >> 63), (guint64)value & G_MAXINT64 };
}

int
main (void)
{
  Big power = { { 1 } };

  for (int k = 0; k <= MAX (EXP_POWER_MAX, -EXP_POWER_MIN); k++)
    {
      if (k <= EXP_POWER_MAX)
        powers[k - EXP_POWER_MIN] = from_positive (&power);
      if (k > 0 && -k >= EXP_POWER_MIN)
        powers[-k - EXP_POWER_MIN] = from_negative (&power);
      big_multiply (&power, 5);
    }
  puts ("#include \"array/powers_of_ten.h\"\n\nconst ExpPowerOfTen exp_powers_of_ten[] = {");
  for (int i = 0; i < N_POWERS; i++)
    printf ("  { G_GUINT64_CONSTANT (0x%" G_GINT64_MODIFIER "x), G_GUINT64_CONSTANT (0x%" G_GINT64_MODIFIER "x) },\n",
            powers[i].high, powers[i].low);
  puts ("};");
  return 0;
}
