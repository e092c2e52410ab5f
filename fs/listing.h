/* The entries of one open directory in order: its node's children and the views of them that -o views= lists, as
 * inodes. Made in batches, and ahead of the kernel's asking. */
#pragma once

#include "fs/driver.h"

G_BEGIN_DECLS

/* All may be called from several threads at once. */
typedef struct _ExpListing ExpListing;

/* Of a DIRECTORY or an AGAIN inode, on which it takes a reference. `is_expected`: a walk was seen to come here. */
ExpListing *exp_listing_new (ExpMount *mount, ExpInode *inode, gboolean is_expected);
ExpListing *exp_listing_ref (ExpListing *listing);
void exp_listing_unref (ExpListing *listing);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpListing, exp_listing_unref)

/* The entry at `place`, counted from 0: a reference in *inode, NULL where nothing is shown. FALSE past the last, and
 * where the listing failed. `with_size`: whoever asks is told sizes. */
gboolean exp_listing_get (ExpListing *listing, guint64 place, gboolean with_size, ExpInode **inode);
/* Gives an entry back that was got last, with its reference. */
void exp_listing_unget (ExpListing *listing, guint64 place, ExpInode *inode);
/* Makes some of the entries from `place` on, for who goes on reading; until somebody asks for one. */
void exp_listing_prepare (ExpListing *listing, guint64 place);
/* Why it ended early; NULL when it did not. The caller frees. */
GError *exp_listing_get_error (ExpListing *listing);

ExpInode *exp_listing_get_inode (ExpListing *listing); /* borrowed */
gboolean exp_listing_is_expected (ExpListing *listing);
/* Whether an entry that was made is of a store that another program may be writing. */
gboolean exp_listing_is_growing (ExpListing *listing);
/* Whether all children are in memory, of a listing that came to its end. */
gboolean exp_listing_is_whole (ExpListing *listing);
/* The index of the first child that was made and is a DIRECTORY; G_MAXUINT64: none. */
guint64 exp_listing_first_directory (ExpListing *listing);
/* The first DIRECTORY that the kernel knows among the children from `index` on, a reference. NULL when there is none
 * (*is_end), or not among the next ones. */
ExpInode *exp_listing_next_directory (ExpListing *listing, guint64 index, gboolean *is_end);

G_END_DECLS
