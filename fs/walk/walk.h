/* A walk over everything below an item, each object once. Memory grows with the depth, and with the number of objects
 * that may have several names. Called by the verbs and prefetch. */
#pragma once

#include "fs/walk/item.h"

typedef enum
{
  EXP_SEEN_NEVER,
  EXP_SEEN_BEFORE, /* under another name; not entered again */
  EXP_SEEN_ABOVE,  /* a group that contains itself; not entered */
} ExpSeen;

typedef struct
{
  const char *path; /* below the item where the walk began; "" for that item */
  const char *name; /* NULL for that item */
  guint depth;
  ExpItem *item;
  const ExpItemInfo *info; /* NULL when it could not be described */
  const GError *error;     /* why; or, with info, why a group could not be listed: then it is its second visit */
  ExpSeen seen;
  const GByteArray *has_more; /* for each depth from 1 to this one (index depth - 1): more siblings follow */
} ExpVisit;

typedef enum
{
  EXP_WALK_ENTER, /* go on, into the group if it is one */
  EXP_WALK_SKIP,  /* go on, but not into this group */
  EXP_WALK_STOP,
} ExpWalkStep;

typedef ExpWalkStep (*ExpVisitFunc) (const ExpVisit *visit, gpointer data);

void exp_walk (ExpItem *item, ExpVisitFunc func, gpointer data);
