/* Classes of equal values. Used in this folder only. */
#pragma once

#include "index.h"

typedef struct _ExpValueClasses ExpValueClasses;

ExpValueClasses *exp_value_classes_new (gboolean is_strict);
void exp_value_classes_free (ExpValueClasses *classes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpValueClasses, exp_value_classes_free)

/* The number of the class, from 1 on, that the entry's value is of: a new one unless an equal one came before. What is
 * spelled alike is of one class too, but for texts that look like something else in a strict scope. Any NaN is like any
 * other. */
guint exp_value_classes_add (ExpValueClasses *classes, const ExpIndexEntry *entry);
guint exp_value_classes_count (const ExpValueClasses *classes);
/* The first entry of a class. */
const ExpIndexEntry *exp_value_classes_first (const ExpValueClasses *classes, guint number);
