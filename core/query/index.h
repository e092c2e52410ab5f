/* Indexes: what can be found, and the values of its parameters. Used in this folder only. */
#pragma once

#include "expression.h"

/* Things are numbered in the order in which they were met. */
typedef struct
{
  guint thing;
  guint8 kind;      /* ExpValueKind */
  guint8 flags;     /* ExpParameterFlags */
  const char *text; /* in the index's store of texts; NULL for EXP_VALUE_PASSES */
  double number;    /* rounded where the text has more */
} ExpIndexEntry;

typedef struct
{
  const char *name;
  GArray *entries;    /* of ExpIndexEntry, by thing */
  gboolean is_sorted; /* while it is filled */
} ExpIndexParameter;

typedef struct _ExpQueryIndex ExpQueryIndex;

ExpQueryIndex *exp_query_index_new (void);
void exp_query_index_free (ExpQueryIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpQueryIndex, exp_query_index_free)

/* --- filling: by one thread, before anybody reads ----------------------------------------------------------- */

/* What holds for all that is added: for what the format of the scope's own group names. To be filled before. */
ExpParameterRules *exp_query_index_rules (ExpQueryIndex *index);
/* EXP_ERROR_NO_MEMORY when there is more than an index may hold. parameter->name may be NULL, and its value;
 * its path is not looked at. */
gboolean exp_query_index_add (ExpQueryIndex *index, const char *path, const ExpParameter *parameter, GError **error);
void exp_query_index_finish (ExpQueryIndex *index);

/* --- reading ------------------------------------------------------------------------------------------------ */

/* Bytes, about. */
guint64 exp_query_index_size (const ExpQueryIndex *index);
guint exp_query_index_n_things (const ExpQueryIndex *index);
const char *exp_query_index_path (const ExpQueryIndex *index, guint thing);
/* The path's last component where only one has that, else all of it; borrowed. */
const char *exp_query_index_name (const ExpQueryIndex *index, guint thing);
/* The thing at the path, the thing of that name; FALSE for none. */
gboolean exp_query_index_find_path (const ExpQueryIndex *index, const char *path, guint *thing);
gboolean exp_query_index_find_name (const ExpQueryIndex *index, const char *name, guint *thing);
/* It has no parameters, and every query keeps it. */
gboolean exp_query_index_is_companion (const ExpQueryIndex *index, guint thing);
gboolean exp_query_index_is_blank (const ExpQueryIndex *index, guint thing);
/* Which of the rules' parts it is of; -1 for none. */
gint exp_query_index_part_of (const ExpQueryIndex *index, guint thing);
/* The part of that name; -1 for none. */
gint exp_query_index_find_part (const ExpQueryIndex *index, const char *name);

/* All parameters (const ExpIndexParameter *), sorted by their whole names; the array is the caller's. */
GPtrArray *exp_query_index_parameters (const ExpQueryIndex *index);
/* One of them, borrowed. EXP_ERROR_NOT_FOUND, EXP_ERROR_INVALID for a name that could be several. */
const ExpIndexParameter *exp_query_index_find (const ExpQueryIndex *index, const char *name, GError **error);
void exp_index_entry_value (const ExpIndexEntry *entry, ExpValue *value);

/* What is in an index: each level has all that those before it have. */
typedef enum
{
  EXP_INDEX_OWN,       /* what formats say that there is to find, and objects by attributes where they say nothing */
  EXP_INDEX_WHOLE,     /* and all objects */
  EXP_INDEX_DESCRIBED, /* by what is known of them besides, as "expfs.dtype" */
  EXP_N_INDEX_LEVELS,
} ExpIndexLevel;

#define EXP_DESCRIBED_PREFIX "expfs."

/* gather.c: fills an index with what is below the group. Sets *is_whole when nothing was left out. */
gboolean
exp_query_gather (ExpQueryIndex *index, ExpNode *group, ExpIndexLevel level, gboolean *is_whole, GError **error);
