/* The checksum of HDF5's metadata.
 * Knows bytes only.
 * Used by the readers of object headers and chunk indices in this folder. */
#pragma once

#include <glib.h>

/* Jenkins' lookup3 with initial value 0, as HDF5 File Format Specification 3.0 has it for all checksums of metadata. */
guint32 exp_object_checksum (const guint8 *bytes, gsize size);
