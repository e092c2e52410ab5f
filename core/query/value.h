/* Values of parameters and of expressions, and how they compare. Used in this folder only. */
#pragma once

#include "expfs/array.h"

typedef enum
{
  EXP_VALUE_TEXT,
  EXP_VALUE_NUMBER,  /* an integer of at most 64 bits, or a double: exact in a long double of 64 bits' precision */
  EXP_VALUE_SINGLE,  /* a number of less precision than a double: literals are rounded to a float before they compare */
  EXP_VALUE_BOOLEAN, /* 0 or 1 as a number */
  EXP_VALUE_NONE,
  EXP_VALUE_LIST,   /* an array, by its JSON */
  EXP_VALUE_PASSES, /* fulfils whatever is asked */
} ExpValueKind;

typedef struct
{
  const char *text; /* borrowed */
  long double number;
  ExpValueKind kind;
  gboolean is_quoted; /* of literals: a text whatever it looks like */
} ExpValue;

/* What a literal means: a number when all of it is one, true, false, null, or a list in brackets; else, and when it was
 * quoted, a text. `text` is borrowed. */
void exp_value_init (ExpValue *value, const char *text, gboolean is_quoted);

/* Whether the value equals the literal. `is_strict`: as Python has it, where a text equals nothing but the same text,
 * and an empty literal without quotes nothing at all. Else texts that are spelled alike are equal, whatever they are.
 */
gboolean exp_value_is_equal (const ExpValue *value, const ExpValue *literal, gboolean is_strict);
/* How the value stands to the literal; FALSE when they do not compare: a number with a text, or anything with NaN. */
gboolean exp_value_order (const ExpValue *value, const ExpValue *literal, int *order);
/* Whether the text fits the pattern, in which * stands for any characters and ? for one; in time proportional to the
 * product of their lengths at most. */
gboolean exp_text_matches (const char *text, const char *pattern);
/* For sorting: numbers before texts, each in their own order. */
gint exp_value_compare (const ExpValue *a, const ExpValue *b);

/* The value as a literal that means it: in quotes where it would be something else. Commas and the like are quoted
 * where it stands in an expression. */
void exp_value_append_literal (const ExpValue *value, gboolean is_strict, gboolean in_expression, GString *out);
/* A text in quotes. */
void exp_text_append_quoted (const char *text, GString *out);
/* A text in double quotes at *at, which it moves behind them; NULL when they do not end. Caller frees. */
char *exp_text_take_quoted (const char **at);
