/* Indexes: what can be found, and the values of its parameters. Used in this folder only. */
#pragma once

#include "expression.h"

/* Things are numbered in the order in which they were met. */
typedef struct
{
  guint thing;
  guint8 kind;      /* ExpValueKind */
  const char *text; /* in the index's store of texts */
  double number;    /* rounded where the text has more */
} ExpIndexEntry;

typedef struct _ExpQueryIndex ExpQueryIndex;

ExpQueryIndex *exp_query_index_new (void);
void exp_query_index_free (ExpQueryIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpQueryIndex, exp_query_index_free)

/* EXP_ERROR_NO_MEMORY when there is more than an index may hold. */
gboolean
exp_query_index_add (ExpQueryIndex *index, const char *path, const char *name, const ExpArray *value, GError **error);

guint exp_query_index_n_things (const ExpQueryIndex *index);
const char *exp_query_index_path (const ExpQueryIndex *index, guint thing);
/* The path's last component where only one has that, else all of it; borrowed. */
const char *exp_query_index_name (const ExpQueryIndex *index, guint thing);
/* The thing at the path, the thing of that name; FALSE for none. */
gboolean exp_query_index_find_path (const ExpQueryIndex *index, const char *path, guint *thing);
gboolean exp_query_index_find_name (const ExpQueryIndex *index, const char *name, guint *thing);

/* The whole names of all parameters, sorted; the array is the caller's, the names are not. */
GPtrArray *exp_query_index_parameters (const ExpQueryIndex *index);
/* The entries of one, by thing: an array of ExpIndexEntry, borrowed. EXP_ERROR_NOT_FOUND, EXP_ERROR_INVALID for a name
 * that could be several. */
const GArray *exp_query_index_entries (const ExpQueryIndex *index, const char *name, GError **error);
void exp_index_entry_value (const ExpIndexEntry *entry, ExpValue *value);

/* gather.c: fills an index with what is below the group: what formats say that there is to find, and objects with
 * their attributes where they say nothing, or with *is_whole everywhere. Sets *is_whole when nothing was left out. */
gboolean exp_query_gather (ExpQueryIndex *index, ExpNode *group, gboolean *is_whole, GError **error);
