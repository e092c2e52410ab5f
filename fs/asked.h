/* Operations as they are asked for: in words, by a verb, of a store that is opened for it or of a running mount. Knows
 * how a request is written into .expfs/operate; knows neither requests of the kernel nor the command line.
 * Used by the verbs that change a store, and by the mount that they ask. */
#pragma once

#include "expfs/expfs.h"

G_BEGIN_DECLS

typedef struct
{
  char *name;           /* of the operation */
  char *path;           /* of the node, below the root and as shown; "" for the root */
  gboolean is_of_child; /* the parent of `path` does it; the child's true name is its last argument */
  char *other_store;    /* absolute path of the store that the other node is in; NULL: the same */
  char *other_path;     /* as `path`; NULL: there is no other node */
  gboolean is_dry_run;
  GPtrArray *switches, *arguments; /* of char *, owned; without a NULL at the end */
} ExpAsked;

void exp_asked_init (ExpAsked *asked, const char *name);
void exp_asked_clear (ExpAsked *asked);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ExpAsked, exp_asked_clear)

/* Lines of a word, a tab and what it says, with C's escapes; an empty one ends them. Caller frees. */
char *exp_asked_to_text (const ExpAsked *asked);
/* Into one that is zeroed. EXP_ERROR_INVALID. */
gboolean exp_asked_parse (ExpAsked *asked, const char *text, GError **error);

/* Does it: between exp_store_begin and exp_store_end unless it is a dry run. `task` has what the caller wants to be
 * told and the rest zeroed. */
gboolean exp_asked_perform (const ExpAsked *asked, ExpStore *store, ExpTask *task, GError **error);

G_END_DECLS
