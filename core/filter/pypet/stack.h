/* Datasets of one type and shape stacked along a new first axis. Knows no pypet.
 * Used by range.c. */
#pragma once

#include "expfs/node.h"

G_BEGIN_DECLS

/* n entries, entry i being values[indices[i]]; NULL when the values differ in type or shape, or are no datasets. */
ExpNode *exp_pypet_stack_new (GPtrArray *values, const guint *indices, gsize n);

G_END_DECLS
