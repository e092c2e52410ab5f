/* Numbers in cells of any type, as what a picture can draw. Used in this folder. */
#pragma once

#include "expfs/dtype.h"

typedef enum
{
  EXP_PART_WHOLE,
  EXP_PART_REAL,
  EXP_PART_IMAGINARY,
  EXP_PART_MAGNITUDE,
} ExpNumberPart;

/* A number within a cell. */
typedef struct
{
  const ExpDtype *dtype; /* borrowed from the cell's */
  gsize offset;
  ExpNumberPart part;
  char *name; /* owned; "" for a cell that is the number */
} ExpNumber;

/* TRUE for a number that is drawn: BOOL, INT and UINT of at most 8 bytes, ENUM, FLOAT, COMPLEX. */
gboolean exp_number_is_drawn (const ExpDtype *dtype);
/* TRUE when there is one in such a cell. */
gboolean exp_numbers_are_in (const ExpDtype *cell);

/* The first `most` numbers in a cell, of ExpNumber, and how many there are: members of compounds and elements of their
 * arrays by name, complex numbers as two. */
GArray *exp_numbers_new (const ExpDtype *cell, guint most, guint64 *n_all);

double exp_number_get (const ExpNumber *number, const guint8 *cell);
