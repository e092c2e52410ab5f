/* The filter pipeline message: whether its bytes hold together, and parameters that decoders do not check themselves.
 * Knows its versions 1 and 2 (HDF5 File Format Specification 3.0, section IV.A.2.l); undoes no filter.
 * Called by object_check.c. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean exp_pipeline_message_is_valid (const guint8 *bytes, gsize size);

G_END_DECLS
