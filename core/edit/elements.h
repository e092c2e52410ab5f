/* The elements of a dataset as the bytes that x.raw and x.npy show, to be written. Used by core/edit only. */
#pragma once

#include "target.h"
#include "numpy/npy_bytes.h"

typedef struct
{
  const ExpTarget *target; /* borrowed */
  ExpNpyBytes bytes;
  gsize element;    /* bytes of an element as shown; 0 for a type without any */
  guint64 row;      /* bytes of a step along the first axis, of the element for a scalar or nothing */
  guint64 n_bytes;  /* in the dataset */
  gboolean is_same; /* shown bytes are those of the array */
} ExpElements;

/* Of the dataset that is there. Text of variable length gets the width of the longest, which takes reading all. */
gboolean exp_elements_init (ExpElements *elements, const ExpTarget *target, GError **error);
void exp_elements_clear (ExpElements *elements);
/* For the target's new shape or node; text keeps its width. */
gboolean exp_elements_renew (ExpElements *elements, GError **error);

/* Bytes that must be there. */
gboolean exp_elements_read (ExpElements *elements, guint64 offset, gsize length, char *buffer, GError **error);
gboolean exp_elements_write (ExpElements *elements, guint64 offset, gsize length, const char *bytes, GError **error);
