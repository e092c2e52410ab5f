/* Stores that are one file, which is replaced whole. Used by formats. */
#pragma once

#include "expfs/draft.h"
#include "expfs/store.h"

typedef struct
{
  /* The tree of the file, a new reference. */
  ExpNode *(*open) (const char *path, GError **error);
  /* The tree below `group` as the new content of `path`, which may be there as it was. `packs`: what is new is packed.
   */
  gboolean (*write) (ExpNode *group, const char *path, gboolean packs, ExpSource *to, GError **error);
  /* What a file cannot hold; `group` stands for the file. */
  gboolean (*check) (const ExpDraftChange *change, ExpNode *group, GError **error);
} ExpFileFormat;

/* The store, whose root is a draft when the options say that it is written. */
ExpNode *exp_file_open (const ExpFileFormat *format, const char *path, const ExpStoreOptions *options, GError **error);
/* The group above `node`, or it itself, that has `depth` groups above it: a new reference. */
ExpNode *exp_file_group (ExpNode *node, guint depth);
/* TRUE when the options say that what is new is packed. */
gboolean exp_file_packs (const ExpStoreOptions *options);
