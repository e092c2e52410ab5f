/* Numbers as HDF5 can describe them but IEEE hardware does not hold them: any size, precision, offset and byte order.
 * Knows no HDF5 identifiers.
 * Called by stored_type.c, which finds them, and decode.c, which turns them into the numbers of an ExpDtype. */
#pragma once

#include "expfs/dtype.h"

G_BEGIN_DECLS

typedef enum
{
  EXP_ORDER_LITTLE,
  EXP_ORDER_BIG,
  EXP_ORDER_VAX, /* 16-bit words little-endian, the most significant word first */
} ExpStoredOrder;

/* Fields are bits counted from the least significant one, as H5Tget_fields gives them. */
typedef struct
{
  gsize size; /* bytes, at most EXP_STORED_NUMBER_MAX */
  ExpStoredOrder order;
  gboolean is_float;
  /* Integers and bit fields: */
  gboolean is_signed;
  gsize offset, precision;
  /* Floats: */
  gsize sign, exponent, exponent_bits, mantissa, mantissa_bits;
  guint64 bias;
  gboolean has_implied_bit; /* the mantissa's leading one is not stored */
} ExpStoredNumber;

#define EXP_STORED_NUMBER_MAX 64

/* FALSE when the fields do not lie inside the number. */
gboolean exp_stored_number_is_valid (const ExpStoredNumber *number);

/* The type of the decoded numbers, little-endian: for integers the next of 1, 2, 4 and 8 bytes (or the stored size
 * above that), for floats the smallest IEEE type that holds every value exactly, binary128 at most. */
ExpDtype *exp_stored_number_dtype (const ExpStoredNumber *number);

/* Decodes the number at `from` into the `size` bytes (of that type) at `to`. */
void exp_stored_number_decode (const ExpStoredNumber *number, const guint8 *from, gsize size, guint8 *to);

G_END_DECLS
