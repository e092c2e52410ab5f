/* Stores of keys: files beside each other whose names begin with the same path, one for each key, or for each part of
 * one. The path itself need not be there. A key is a group, a part of it a group in that, and the file's own tree is in
 * it. Written as a draft: each file that was changed is replaced. Used by formats. */
#pragma once

#include "expfs/draft.h"
#include "expfs/store.h"

typedef struct
{
  /* What a file's name says behind "PATH_": TRUE with the key, and with the part where the format has such. The caller
   * frees both. */
  gboolean (*parse) (const char *rest, char **key, char **part);
  /* Its inverse; `part` is NULL where the format has none. Caller frees. NULL and an error for what cannot be one. */
  char *(*name) (const char *key, const char *part, GError **error);
  gboolean has_parts;
  /* The tree of one file, a new reference. */
  ExpNode *(*open) (const char *path, GError **error);
  /* The tree below `group` as the file `path`, which is there when is_there. */
  gboolean (*write) (ExpNode *group, const char *path, gboolean is_there, gboolean packs, ExpSource *to,
                     GError **error);
  /* What a file cannot hold; `group` stands for the file. */
  gboolean (*check) (const ExpDraftChange *change, ExpNode *group, GError **error);
  /* Optional: what else goes with a file that is removed. */
  void (*remove) (const char *path);
} ExpKeyFormat;

/* TRUE when there is a file of any key. */
gboolean exp_keys_recognise (const ExpKeyFormat *format, const char *path);
/* The store, whose root is a draft when the options say that it is written. */
ExpNode *exp_keys_open (const ExpKeyFormat *format, const char *path, const ExpStoreOptions *options, GError **error);
