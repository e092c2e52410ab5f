/* What an index consists of. Used by index.c and index_fill.c only. */
#pragma once

#include "index.h"

/* What is known of a thing besides its path. */
typedef struct
{
  gint8 part;
  guint8 is_companion : 1, is_blank : 1;
} Thing;

struct _ExpQueryIndex
{
  ExpParameterRules rules;
  GPtrArray *paths;       /* of things; in `texts` */
  GArray *things;         /* of Thing */
  GHashTable *by_path;    /* path -> number + 1 */
  GHashTable *by_name;    /* last component -> number + 1, 0 for several */
  GHashTable *parameters; /* name -> ExpIndexParameter */
  GHashTable *values;     /* texts of values, while it is filled */
  GStringChunk *texts;
  guint64 n_bytes;
  const char *last_path; /* what was asked for last is often asked for again */
  guint last_thing;
};

/* What follows a path's last slash. */
const char *exp_query_last_component (const char *path);
