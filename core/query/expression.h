/* Parsed expressions. Used in this folder only. */
#pragma once

#include "expfs/query.h"
#include "value.h"

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

typedef struct
{
  char *name;
  ExpOperator op;
  gboolean is_optional; /* what has no such parameter fulfils it too */
  GArray *literals;     /* of ExpValue, which own their texts */
} ExpPredicate;

struct _ExpQuery
{
  GArray *predicates; /* of ExpPredicate; none: everything */
};

/* Of != whether the value is none of the literals. */
gboolean exp_predicate_matches (const ExpPredicate *predicate, const ExpValue *value, gboolean is_strict);
/* The expression "name=value", the value as a directory of .by is named: with or without quotes. */
ExpQuery *exp_query_new_equal (const char *name, const char *value);
