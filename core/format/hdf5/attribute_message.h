/* The attribute message: a name, a type, a shape and the value's bytes.
 * Knows its versions 1 to 3 (HDF5 File Format Specification 3.0, section IV.A.2.m); makes no value of it.
 * Called by attribute.c. */
#pragma once

#include "header.h"

G_BEGIN_DECLS

typedef struct
{
  const char *name; /* terminated; like all pointers here, into the message */
  gboolean has_shared_type;
  const guint8 *type; /* a datatype message, or where it is shared from */
  gsize type_size;
  gboolean is_null;
  guint rank;
  guint64 shape[EXP_MAX_RANK];
  const guint8 *value;
  gsize value_size;
} ExpHdf5Attribute;

/* FALSE when the bytes contradict themselves, or the shape is shared with other attributes (`*needs_library`). */
gboolean exp_hdf5_attribute_parse (ExpHdf5File *file, const ExpHdf5Message *message, ExpHdf5Attribute *attribute,
                                   gboolean *needs_library);

G_END_DECLS
