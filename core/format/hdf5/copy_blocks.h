/* Copies of whole trees from one file into a new one, block by block: what objects consist of is read in order and
 * written behind the end of the other file in one go, with the addresses in it rewritten.
 * Knows old structures only, in which that is all there is to do. Used by write_copy.c. */
#pragma once

#include "file.h"

G_BEGIN_DECLS

/* Copies the object at `top` of `from` and all that its hard links lead to behind the end of `to`, which is open for
 * writing, without a journal and without a user block: `*copy` is the address of the object there, which no link leads
 * to yet but those from within. Each object is copied once and counts the links that are copied. 0 when nothing was
 * written, since not all of it is known here to be whole and free to move: object headers of version 1, groups with a
 * symbol table, compact and contiguous data, chunks in a tree of version 1; no value, fill value or attribute that is
 * of variable length or a reference, nothing shared or kept in another file. FALSE when reading or writing failed on
 * the way. Takes memory for each object, and for the chunks of one dataset at a time. Within a change of `to` and a
 * reading of `from`, not under the HDF5 lock. */
gboolean exp_hdf5_copy_blocks (ExpHdf5File *from, guint64 top, ExpHdf5File *to, guint64 *copy, GError **error);

G_END_DECLS
