/* Python's literals as Mozaik writes them into the texts of stimuli and parameters. Read, never evaluated.
 * Source: formats/mozaik.md, section 5. Used in this folder and by tests. */
#pragma once

#include "expfs/array.h"
#include "expfs/error.h"

G_BEGIN_DECLS

typedef enum
{
  EXP_MOZAIK_NONE,
  EXP_MOZAIK_BOOL,
  EXP_MOZAIK_INT,     /* fits 64 bits */
  EXP_MOZAIK_BIG_INT, /* does not: a text of decimal digits */
  EXP_MOZAIK_FLOAT,
  EXP_MOZAIK_TEXT,
  EXP_MOZAIK_LIST,
  EXP_MOZAIK_TUPLE,
  EXP_MOZAIK_DICT, /* items are key, value, key, value, ... */
} ExpMozaikLiteralKind;

typedef struct _ExpMozaikLiteral ExpMozaikLiteral;

struct _ExpMozaikLiteral
{
  ExpMozaikLiteralKind kind;
  gboolean is_set; /* DICT: a parameter set, whose entries are parameters themselves */
  union
  {
    gint64 integer; /* INT, BOOL */
    double real;
    GString *text;    /* BIG_INT, TEXT: UTF-8 */
    GPtrArray *items; /* of ExpMozaikLiteral, owned */
  };
  const char *source; /* how it is written: bytes of the text that was parsed */
  gsize source_length;
};

/* The whole text as one literal: None, True, False, numbers of Python 2 and 3, nan and inf, strings with any of
 * Python's prefixes but f, lists, tuples, dicts, MozaikExtendedParameterSet ({...}), the value of
 * ParameterWithUnitsAndPeriod (...), and NumPy's scalars as NumPy 2 prints them. EXP_ERROR_INVALID with the reason and
 * the place. `text` has to last as long as the literal. */
ExpMozaikLiteral *exp_mozaik_literal_parse (const char *text, gsize length, GError **error);
void exp_mozaik_literal_free (ExpMozaikLiteral *literal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpMozaikLiteral, exp_mozaik_literal_free)

/* A new reference: None has no elements and rank 0, lists and tuples of one kind of scalar are 1-D; what else there is,
 * is text as it is written. */
ExpArray *exp_mozaik_literal_to_array (const ExpMozaikLiteral *literal);

/* None: an array of rank 0 without elements, a new reference. */
ExpArray *exp_mozaik_none (void);

/* `text` as Python's repr has it. */
void exp_mozaik_append_repr (const char *text, gsize length, GString *out);

G_END_DECLS
