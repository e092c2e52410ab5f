/* The header of an NPY file. Read: any text that Python would evaluate to such a dictionary. After "NEP 1, A Simple
 * File Format for NumPy Arrays", versions 1 to 3. Used by formats, views and edits. */
#pragma once

#include "expfs/array.h"

typedef struct
{
  gsize length;    /* bytes in front of the elements */
  ExpDtype *dtype; /* owned; as the file's bytes are: U is STRING with is_ucs4, gaps between members are kept */
  gboolean is_fortran;
  guint rank;
  guint64 shape[EXP_MAX_RANK];
  guint64 n_elements;
  guint64 n_bytes; /* of all elements */
} ExpNpyHeader;

void exp_npy_header_clear (ExpNpyHeader *header);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ExpNpyHeader, exp_npy_header_clear)

/* How many bytes of the file tell the header's length, or all of it, as far as the first `n` do: more than n while it
 * is not there. EXP_ERROR_INVALID when no NPY file begins so. */
gboolean exp_npy_header_size (const guint8 *bytes, gsize n, gsize *size, GError **error);
/* All of a header, and perhaps more. EXP_ERROR_INVALID when it is none, EXP_ERROR_UNSUPPORTED for types that cannot be
 * stored: objects, moments. */
gboolean exp_npy_header_parse (const guint8 *bytes, gsize n, ExpNpyHeader *header, GError **error);
/* The same with moments: M8 is OPAQUE cells whose tag is their NumPy name without its order; spans of time (m8) and
 * counts of what the calendar does not know are as exp_dtype_new_moment has them. */
gboolean exp_npy_header_parse_any (const guint8 *bytes, gsize n, ExpNpyHeader *header, GError **error);

/* The type that a dataset of an NPY file's type has: text of variable length for U, exp_dtype_new_moment's for moments,
 * no padding. A new reference. */
ExpDtype *exp_npy_stored_dtype (ExpDtype *dtype);
/* TRUE for a moment, as exp_npy_header_parse_any has it. */
gboolean exp_npy_is_moment (const ExpDtype *dtype);

/* What there is in a type that NumPy does not name, or reads back as something else: "enumerations", ...; NULL:
 * nothing. Static. */
const char *exp_npy_refused_type (const ExpDtype *dtype);
