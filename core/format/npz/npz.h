/* NPY arrays in members of archives and in files. Used in this folder, and by formats whose elements lie as NumPy's do.
 */
#pragma once

#include "expfs/draft.h"
#include "expfs/store.h"
#include "numpy/npy_header.h"
#include "zip.h"

/* A dataset: the array that a member holds, or its bytes when it is none. Takes a reference; the member is the
 * archive's. */
ExpNode *exp_npz_array_new (ExpZip *zip, ExpZipMember *member);
/* The same of a whole file. */
ExpNode *exp_npy_array_new (ExpSource *source);
/* Elements as `header` says them in a file that has no header itself. */
ExpNode *exp_npy_elements_new (ExpSource *source, const ExpNpyHeader *header, GError **error);
/* The member that a node made by exp_npz_array_new shows, borrowed; NULL for others. */
ExpZipMember *exp_npz_array_member (ExpNode *node, ExpZip **zip);

/* Groups in groups. */
#define EXP_NPZ_MAX_DEPTH 200

/* The members as a tree of groups: what stands between slashes are names, but for the last slashes of very many. A new
 * reference. */
ExpNode *exp_npz_tree_new (ExpZip *zip);

/* save.c: the archive with all that is in the tree below `root`. `packs`: new members are deflated. */
gboolean exp_npz_write (ExpNode *root, gboolean packs, ExpSource *to, GError **error);
/* What an archive cannot hold; as ExpDraftClass has it. */
gboolean exp_npz_check (const ExpDraftChange *change, GError **error);

/* npy_write.c: an NPY file of all that the dataset `value` is into `to`, which is empty; in Fortran order when it is to
 * lie so and has two axes or more. */
gboolean exp_npy_write (ExpNode *value, gboolean is_fortran, ExpSource *to, GError **error);
