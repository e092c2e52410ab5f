/* What the attributes of a dataset say about the axes of its picture. Used in this folder. */
#pragma once

#include "expfs/node.h"

/* Texts are UTF-8 of one line and of bounded length, whatever the attributes hold; owned, NULL where nothing is
 * said. */
typedef struct
{
  char *x_name, *x_units;
  char *value_name, *value_units;
  char *axes[EXP_MAX_RANK];     /* of the dataset's axes, where they have names */
  gboolean has_step;            /* the first axis is time: element i is at start + i * step */
  double start, step;           /* start: 0 where nothing is said */
  gboolean has_start, has_stop; /* t_start and t_stop */
  double stop;
} ExpLabels;

/* Attributes that cannot be read say nothing. */
void exp_labels_init (ExpLabels *labels, ExpNode *node);
void exp_labels_clear (ExpLabels *labels);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ExpLabels, exp_labels_clear)

/* The text as one line of UTF-8 that XML can carry, of at most `most` characters and "..."; the caller frees it. */
char *exp_label_text (const char *text, gsize length, guint most);
/* "name (units)"; either may be NULL. The caller frees it. */
char *exp_label_join (const char *name, const char *units);
