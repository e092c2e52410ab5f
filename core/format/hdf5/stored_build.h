/* What the files that build stored types share.
 * Knows nothing that stored_type.h does not.
 * Included by stored_type.c, stored_compound.c, stored_atom.c and type_cache.c only. */
#pragma once

#include "stored_type.h"

G_BEGIN_DECLS

typedef struct
{
  guint sizeof_address;
  ExpStoredCells cells;
} ExpStoredBuild;

/* A node of the tree; takes over dtype's reference. */
ExpStoredType *exp_stored_type_new (ExpStoredKind kind, ExpDtype *dtype, gsize stored_size);

/* All under the HDF5 lock: a new tree, and in *memory (invalid before) a new identifier of what to ask HDF5 for. */
ExpStoredType *
exp_stored_type_build (const ExpStoredBuild *build, hid_t id, guint depth, hid_t *memory, GError **error);
ExpStoredType *
exp_stored_compound_build (const ExpStoredBuild *build, hid_t id, guint depth, hid_t *memory, GError **error);
/* Types without parts: numbers, enums, fixed strings, opaque, references. */
ExpStoredType *exp_stored_atom_build (hid_t id, hid_t *memory, GError **error);

G_END_DECLS
