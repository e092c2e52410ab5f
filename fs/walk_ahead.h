/* Which directory a walk opens next, and its listing made while the walk still looks at the one before. */
#pragma once

#include "fs/listing.h"

G_BEGIN_DECLS

/* All may be called from several threads at once. */
ExpWalkAhead *exp_walk_ahead_new (ExpMount *mount);
/* Gives back its references; before the inode table goes. */
void exp_walk_ahead_free (ExpWalkAhead *ahead);

/* The listing of a directory that is opened, the one made ahead if there is one. */
ExpListing *exp_walk_ahead_open (ExpWalkAhead *ahead, ExpInode *directory);
/* Tells that the listing was answered to its end. Makes the next one's first entries before it returns, if there
 * have been two in the order of a walk. */
void exp_walk_ahead_go_on (ExpWalkAhead *ahead, ExpListing *listing);

G_END_DECLS
