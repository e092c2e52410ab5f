/* The datatype message: whether its bytes hold together.
 * Knows the encoding of every class (HDF5 File Format Specification 3.0, section IV.A.2.d); makes no type of it.
 * Called before HDF5 decodes such bytes, since its decoder takes no length and trusts every count. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* TRUE when a whole, consistent type lies in these bytes. */
gboolean exp_datatype_message_is_valid (const guint8 *bytes, gsize size, guint sizeof_address);

/* The same, and values of the type lie where they are: none of variable length, no reference. */
gboolean exp_datatype_message_is_all_there (const guint8 *bytes, gsize size, guint sizeof_address);

G_END_DECLS
