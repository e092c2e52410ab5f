/* The Block that lists a store's recordings, written. Shared by save.c and save_block.c. */
#pragma once

#include "save.h"

/* One that will be in the list. */
typedef struct
{
  ExpNode *node; /* a reference */
  const ExpMozaikEntry *saved;
  char *identifier;
  gboolean is_made; /* its file and its entry are written anew */
} ExpMozaikBlockRecording;

/* `recordings` are of ExpMozaikBlockRecording. */
void
exp_mozaik_save_block (ExpMozaikSaving *saving, const ExpMozaikPart *part, ExpNode *root, const GArray *recordings);
/* The Block of a store that has nothing yet. */
void exp_mozaik_save_empty_block (ExpMozaikSaving *saving);
