/* The entries of one open directory in order: its node's children and the views of them that -o views= lists, as
 * inodes. Made in batches, and ahead of the kernel's asking. */
#pragma once

#include "fs/driver.h"

G_BEGIN_DECLS

/* All may be called from several threads at once. */
typedef struct _ExpListing ExpListing;

/* Of a DIRECTORY or an AGAIN inode, on which it takes a reference. */
ExpListing *exp_listing_new (ExpMount *mount, ExpInode *inode);
ExpListing *exp_listing_ref (ExpListing *listing);
void exp_listing_unref (ExpListing *listing);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpListing, exp_listing_unref)

/* The entry at `place`, counted from 0: a reference in *inode, NULL where nothing is shown. FALSE past the last, and
 * where the listing failed. `with_size`: whoever asks is told sizes. */
gboolean exp_listing_get (ExpListing *listing, guint64 place, gboolean with_size, ExpInode **inode);
/* Gives an entry back that was got last, with its reference. */
void exp_listing_unget (ExpListing *listing, guint64 place, ExpInode *inode);
/* Makes some of the entries from `place` on, for who goes on reading. */
void exp_listing_prepare (ExpListing *listing, guint64 place);
/* Why it ended early; NULL when it did not. The caller frees. */
GError *exp_listing_get_error (ExpListing *listing);

G_END_DECLS
