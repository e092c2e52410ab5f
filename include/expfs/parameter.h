/* Parameters: what a format says of the things that queries find below one of its groups (ExpNodeClass.list_parameters;
 * query.h says what queries make of it). Knows values; knows no nodes. */
#pragma once

#include "expfs/array.h"

G_BEGIN_DECLS

typedef enum
{
  /* Leaving it out of a comparison has no effect: it is part of a value that is compared whole. */
  EXP_PARAMETER_FIXED = 1 << 0,
  /* Compared only where it is asked for by its name: what says where a thing comes from, more than what it is. */
  EXP_PARAMETER_ASIDE = 1 << 1,
  /* It is an error to leave it out of a partition. */
  EXP_PARAMETER_NEEDED = 1 << 2,
  /* What has this value is a blank between things: comparisons pass it over, and partitions place it after all
   * others. */
  EXP_PARAMETER_BLANK = 1 << 3,
} ExpParameterFlags;

/* One parameter of one thing; all borrowed. */
typedef struct
{
  const char *path; /* of the thing, below the group that was asked (hidden names are welcome). Things are shown in the
                       order in which they come first; it is quickest when what a thing has comes together */
  const char *name; /* a thing may have several of one name ("tag"): it fulfils a predicate when one of them does, and
                       != when all of them do. NULL: the thing has no parameters and every query keeps it; it is listed
                       as one of its part only ("stimuli/0-Null") */
  const ExpArray *value; /* typed: numbers, booleans and texts are scalars, what has no elements and rank 0 is None, and
                            arrays are lists. NULL: the thing fulfils every predicate of this name */
  guint flags;           /* ExpParameterFlags */
} ExpParameter;

/* Called once per parameter; FALSE ends the listing. */
typedef gboolean (*ExpParameterFunc) (const ExpParameter *parameter, gpointer data);

/* One kind of the things below a group: those whose paths begin with this name. */
typedef struct
{
  const char *name;       /* "recordings" */
  const char *noun;       /* what messages call one of them, "Segment"; NULL: nothing but the name */
  gboolean divides_alone; /* what a partition of these makes does without the things that have no parameters */
} ExpParameterPart;

/* What holds for all parameters that a group lists; all static. Zeroed: objects are found by their attributes. */
typedef struct
{
  gboolean is_named;   /* the group has things of its own to find, and lists them */
  gboolean may_follow; /* attributes of what is below may be others when nothing but elements of datasets was written;
                          of what is named that is always so */
  gboolean is_strict;  /* parameters are Python's: a text never equals a number, true equals 1, None equals None, a name
                          that nothing has finds nothing, and partitions refuse what lacks a parameter that they name */
  const char *aspect;  /* the beginning of the names of what describes something else that a thing has ("st_": its
                          stimulus). Comparisons and partitions take either these, or all others. NULL: all are one */
  const char *type; /* strict: the parameter (`aspect` before it for those) that says what a thing is: what is equal in
                       parameters has to be of one type; NULL: there is none */
  const ExpParameterPart *parts; /* ends in one without a name; NULL: all things are of one kind. In the order of the
                                    things */
} ExpParameterRules;

G_END_DECLS
