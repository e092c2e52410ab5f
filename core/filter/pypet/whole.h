/* Values that are read and written as one file beside what is shown of them: NAME.pickle, the bytes of a pickle, and
 * NAME.npz, a sparse matrix as scipy.sparse.save_npz writes it.
 * Knows where pypet keeps each of them; that they are such, core/format/pickle and sparse.c say.
 * Used by group.c, items.c, range_items.c and what writes these. */
#pragma once

#include "write_change.h"

G_BEGIN_DECLS

typedef enum
{
  EXP_WHOLE_PICKLE,
  EXP_WHOLE_SPARSE,
} ExpPypetWhole;

/* whole.c */

/* NAME of NAME.pickle or NAME.npz, and which of them it is; NULL for other names, or when no value has such a name.
 * Caller frees. */
char *exp_pypet_whole_stem (const char *shown, ExpPypetWhole *kind);
/* TRUE for the name of what a program writes to rename it to such a file: ".NAME.pickle.Xy12", "NAME.npz~". */
gboolean exp_pypet_whole_is_aside (const char *shown);
/* TRUE when the stored child `name` of a leaf is kept as that. */
gboolean exp_pypet_whole_holds (const ExpPypetLeaf *leaf, ExpNode *item, const char *name, ExpPypetWhole kind);
/* TRUE when the leaf is that and nothing else; FALSE as well where a run has its own of several. */
gboolean exp_pypet_whole_is_leaf (const ExpPypetLeaf *leaf, ExpPypetWhole kind);
/* TRUE when the leaf is that, or where a run has such a value of its own. */
gboolean exp_pypet_whole_is_taken (const ExpPypetLeaf *leaf, ExpPypetWhole kind);
/* The file of a stored child; NULL without an error when it is kept otherwise. It says that it can be written where its
 * directory takes it. */
ExpNode *
exp_pypet_whole_file (const ExpPypetLeaf *leaf, ExpNode *item, const char *name, ExpPypetWhole kind, gboolean is_taken);
/* How an item is kept and what it is in Python: of a pickle and a sparse matrix nothing, as what is shown of them is
 * kept in no such way. */
void exp_pypet_whole_layout (const ExpPypetLeaf *leaf, ExpNode *item, const char *name, ExpLayout *layout);
/* That of the value of a leaf, in a run that of the run. */
ExpNode *exp_pypet_whole_of_leaf (const ExpPypetLeaf *leaf, ExpPypetWhole kind);
/* The stored name of the item, and the class of results and parameters that have such; static. */
const char *exp_pypet_whole_suffix (ExpPypetWhole kind);
const char *exp_pypet_whole_class (ExpPypetWhole kind, gboolean is_parameter);

/* write_whole.c: as parts of a change. EXP_ERROR_INVALID for bytes that are none. */

/* A new leaf, and other bytes for one that is such. */
gboolean exp_pypet_whole_create (ExpPypetChange *change, const ExpPypetPlace *place, const char *name,
                                 ExpPypetWhole kind, GBytes *bytes, GError **error);
gboolean exp_pypet_whole_replace (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpPypetWhole kind, GBytes *bytes,
                                  GError **error);
/* The child `stored` of `group`, within the leaf: made, or put in the place of what is there. */
gboolean exp_pypet_whole_put (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *stored,
                              ExpPypetWhole kind, GBytes *bytes, GError **error);
/* One of several items of a result, as a change of its own: a result with a sparse matrix is a SparseResult. */
gboolean exp_pypet_items_put (const ExpPypetLeaf *leaf, ExpNode *group, const char *name, ExpPypetWhole kind,
                              GBytes *bytes, GError **error);
/* Bytes that are to be renamed to such a file, as a leaf or an item of that hidden name. */
gboolean exp_pypet_place_put_aside (const ExpPypetPlace *place, const char *stored, GBytes *bytes, GError **error);
gboolean
exp_pypet_items_put_aside (const ExpPypetLeaf *leaf, ExpNode *group, const char *stored, GBytes *bytes, GError **error);
/* They again; EXP_ERROR_OTHER_PLACE for what was not written as a file. */
GBytes *exp_pypet_aside_bytes (ExpNode *shown, GError **error);

/* write_sparse.c: the matrix whose parts, and nothing else, the group holds: data, indices, indptr, shape and format,
 * or what other formats of scipy's have. NULL without an error when it holds something else. And the parts go. */
gboolean exp_pypet_sparse_of_parts (const ExpPypetPlace *place, GBytes **archive, GError **error);
gboolean exp_pypet_sparse_take_parts (ExpPypetChange *change, const ExpPypetPlace *place, GError **error);

/* sparse.c */
ExpNode *exp_pypet_sparse_new (ExpNode *inner);
/* The archive that pypet keeps in hexadecimal. */
GBytes *exp_pypet_sparse_archive (ExpNode *inner, GError **error);
/* EXP_ERROR_INVALID for what is no sparse matrix. */
gboolean exp_pypet_sparse_check (GBytes *archive, GError **error);

G_END_DECLS
