/* Attributes' types, user.expfs.attributes: what the text of an attribute does not say. Knows nodes and what is wanted
 * of inodes. Called by xattrs. */
#pragma once

#include "expfs/edit.h"
#include "fs/inode.h"

G_BEGIN_DECLS

/* The types of those whose text alone would not bring them back; NULL when there are none. What does not fit into an
 * xattr is left out, and the log says so, as it does of attributes that no xattr carries. Caller frees. */
char *exp_attribute_types_get (ExpInode *inode, ExpNode *node);
/* Gives these types to the attributes that are there, and keeps them for those that come. A failure is logged. Between
 * exp_change_begin and exp_change_end, as the next one. */
void exp_attribute_types_take (ExpMount *mount, ExpInode *inode, const char *value, gsize size);
/* Writes an attribute in the type that was said, else in the one of the `old` value (NULL: none), and where it does not
 * fit there in the one that it looks like. */
gboolean exp_attribute_types_write (ExpMount *mount, ExpInode *inode, ExpNode *node, const char *name,
                                    const ExpArray *old, const char *value, gsize size, GError **error);
/* Gives an attribute that is there this type. TRUE also when it is not there any more. */
gboolean exp_attribute_types_retype (ExpMount *mount, ExpInode *inode, const char *name, const ExpAttributeType *type,
                                     GError **error);

G_END_DECLS
