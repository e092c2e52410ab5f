/* Stores of keys: files beside each other whose names begin with the same path, one for each key, or for each part of
 * one. The path itself need not be there. A key is a group, a part of it a group in that, and the file's own tree is in
 * it. Written as a draft: each file that was changed is replaced. Used by formats. */
#pragma once

#include "file.h"

typedef struct
{
  const ExpFileFormat *file; /* what each of them is */
  /* What a file's name says behind "PATH_": TRUE with the key, and with the part where the format has such. The caller
   * frees both. */
  gboolean (*parse) (const char *rest, char **key, char **part);
  /* Its inverse; `part` is NULL where the format has none. Caller frees. NULL and an error for what cannot be one. */
  char *(*name) (const char *key, const char *part, GError **error);
  gboolean has_parts;
  /* Optional: TRUE when other files belong to this one, which are found by its name. */
  gboolean (*is_split) (const char *path);
  /* Optional: what else goes with a file that is removed. */
  void (*remove) (const char *path);
} ExpKeyFormat;

/* TRUE when there is a file of any key. */
gboolean exp_keys_recognise (const ExpKeyFormat *format, const char *path);
/* The store, whose root is a draft when the options say that it is written. */
ExpNode *exp_keys_open (const ExpKeyFormat *format, const char *path, const ExpStoreOptions *options, GError **error);
