/* Parsed expressions. Used in this folder only. */
#pragma once

#include "expfs/query.h"

typedef enum
{
  EXP_OPERATOR_EQUAL,
  EXP_OPERATOR_NOT_EQUAL,
  EXP_OPERATOR_LESS,
  EXP_OPERATOR_LESS_EQUAL,
  EXP_OPERATOR_GREATER,
  EXP_OPERATOR_GREATER_EQUAL,
  EXP_OPERATOR_GLOB,
} ExpOperator;

/* A value of a parameter, or of an expression. */
typedef enum
{
  EXP_VALUE_TEXT,
  EXP_VALUE_NUMBER, /* an integer of at most 64 bits, or a double: exact in a long double of 64 bits' precision */
  EXP_VALUE_SINGLE, /* a number of less precision than a double: literals are rounded to a float before they compare */
} ExpValueKind;

typedef struct
{
  const char *text; /* borrowed */
  long double number;
  ExpValueKind kind;
} ExpValue;

typedef struct
{
  char *name;
  ExpOperator op;
  GArray *literals; /* of ExpValue, which own their texts */
} ExpPredicate;

struct _ExpQuery
{
  GArray *predicates; /* of ExpPredicate */
};

/* What a text means: a number when all of it is one. `text` is borrowed. */
void exp_value_init (ExpValue *value, const char *text);
gboolean exp_predicate_matches (const ExpPredicate *predicate, const ExpValue *value);
/* Numbers before texts, each in their own order. */
gint exp_value_compare (const ExpValue *a, const ExpValue *b);
