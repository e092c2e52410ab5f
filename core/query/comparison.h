/* What is compared when things are to be equal: some of their parameters, or all but some. Used in this folder only. */
#pragma once

#include "view.h"

typedef struct
{
  GPtrArray *names;   /* as they were given, owned */
  gboolean is_except; /* all parameters are compared but these */
  gboolean is_all;    /* all are compared; is_except, and no names */
  gboolean is_aspect; /* all of the rules' aspect, "st_*" */
} ExpComparison;

/* "A,B", "same:A,B" (the same, and *is_same is set), "except:A,B", "except:" or "*" for all, "st_*" for all that begin
 * so. EXP_ERROR_INVALID. */
gboolean exp_comparison_parse (ExpComparison *comparison, const char *text, gboolean *is_same, GError **error);
void exp_comparison_clear (ExpComparison *comparison);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ExpComparison, exp_comparison_clear)

/* One byte for each of an index's things. */
typedef struct
{
  ExpQueryIndex *index;
  GArray *things;     /* guint, ascending: those that are compared */
  guint8 *is_in;      /* by thing: whether it is one of these */
  gboolean is_strict; /* what is compared has to have the parameters */
  gboolean of_aspect; /* which of the parameters are compared: those of the rules' aspect, or all others */
} ExpCompared;

void exp_compared_clear (ExpCompared *compared);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ExpCompared, exp_compared_clear)

/* The things of the view that are listed, in the index that has the comparison's parameters, and which of their
 * parameters it compares. EXP_ERROR_INVALID for parameters of both kinds, and by strict rules where things of several
 * kinds would be compared, unless is_mixed. */
gboolean exp_compared_open (ExpCompared *compared, ExpQueryView *view, ExpComparison *comparison, gboolean is_mixed,
                            GError **error);
/* Leaves these out. */
void exp_compared_remove (ExpCompared *compared, const guint8 *is_out);

/* The parameters that are compared, sorted by name (const ExpIndexParameter *). By strict rules EXP_ERROR_INVALID for
 * one that something lacks, and to be left out for one that is not compared in any case. */
GPtrArray *exp_compared_parameters (const ExpCompared *compared, const ExpComparison *comparison, GError **error);
/* How many of the things have one; the entries of those that are compared. */
guint exp_compared_count (const ExpCompared *compared, const ExpIndexParameter *parameter);
/* Whether all have parameters of the same names, as far as they could be compared. */
gboolean exp_compared_are_alike (const ExpCompared *compared);
/* Whether all that have the parameter have equal values of it. */
gboolean exp_compared_is_constant (const ExpCompared *compared, const ExpIndexParameter *parameter);
/* ExpParameterFlags that any of them has. */
guint exp_compared_flags (const ExpCompared *compared, const ExpIndexParameter *parameter);
/* Whether a thing has any parameter that could be compared, by thing; g_free it. */
guint8 *exp_compared_described (const ExpCompared *compared);
