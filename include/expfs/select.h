/* Virtual nodes that users reach by name: slices, columns and attributes of a node, each a node again, so that every
 * view works on them. Each is a filter: a node over a node. */
#pragma once

#include "expfs/node.h"

G_BEGIN_DECLS

/* x[SLICE]: `slice` is what stands between the brackets, NumPy's basic indexing without newaxis: "0:10,3", "-1",
 * "::2", "::-1", "...,0". An integer drops its axis. EXP_ERROR_INVALID for a malformed one (the message quotes it), for
 * an index out of range and for more indices than axes; a range is clipped as NumPy clips. EXP_ERROR_UNSUPPORTED when
 * not a dataset. */
ExpNode *exp_slice_new (ExpNode *dataset, const char *slice, GError **error);

/* x.cols/: a group with one dataset per member of a compound dataset (rank 1 for tables; any rank works). A member
 * that is a fixed array adds its dims to the shape; one that is a compound has .cols/ of its own by the same call.
 * EXP_ERROR_UNSUPPORTED when the node is no compound dataset. */
ExpNode *exp_columns_new (ExpNode *dataset, GError **error);

/* x.attrs/ and DIR/.attrs/: a group with one dataset per attribute, whatever its length. */
ExpNode *exp_attributes_new (ExpNode *node, GError **error);

G_END_DECLS
