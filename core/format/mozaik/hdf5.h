/* Neo's objects in an HDF5 file: groups that say of what type they are. Shared by load_hdf5.c and segment_hdf5.c. */
#pragma once

#include "mozaik.h"

typedef struct
{
  char *name, *type;
  ExpNode *node;
  gint64 number; /* at the end of its name; they go by it */
} ExpMozaikObject;

/* Of the groups one or two levels below, those whose type is one of these; of ExpMozaikObject, in order. */
GArray *exp_mozaik_find_objects (ExpNode *group, const char *const *types, GError **error);
/* A text attribute; NULL for none. Caller frees. */
char *exp_mozaik_read_text (ExpNode *node, const char *name);
/* The value that an attribute is the pickle of: its pickle, to be freed; NULL for none. */
ExpPickle *exp_mozaik_read_pickle (ExpNode *node, const char *name);
/* The text of an array's units, which its attributes have, caller frees; and the factor to seconds, 0 for other units.
 * NULL for none. */
char *exp_mozaik_read_units (ExpNode *array, double *factor);
