/* Verbs that change a store whole or not at all: in a store that is opened for it, or by the running mount. Know the
 * command line; what is done the formats know. */
#pragma once

#include "fs/asked.h"
#include "fs/verbs/verbs.h"

typedef struct
{
  const char *name;
  char letter; /* 0: none */
  gboolean has_value;
} ExpOperateSwitch;

/* What such a verb takes: a place, and words. */
typedef struct
{
  const ExpVerb *verb; /* its name is the task's */
  const char *place;   /* what the first word is, for who leaves it out: "a trajectory" */
  const char *words;   /* the same for those after it; NULL: there are none */
  guint max_words;
  gboolean has_other; /* the first of them is another place: STORE[:PATH], or a name beside the first */
  gboolean is_of_child;
  const ExpOperateSwitch *switches; /* its own, ended by a NULL name; NULL for none */
  /* Makes of the words what the task takes; NULL: nothing. */
  gboolean (*prepare) (ExpAsked *asked, GError **error);
} ExpOperateVerb;

/* The lines of their --help. */
#define EXP_OPERATE_SWITCHES                                                                                           \
  "  -n, --dry-run               say what would be done, and change nothing\n"                                         \
  "  -o OPTION,...               options of the store: format=, force, lock=, ...\n"

/* All of the verb: --dry-run, -o and -h are every one's. */
int exp_operate_run (const ExpOperateVerb *self, int argc, char **argv);

/* Where a PLACE argument is. */
typedef struct
{
  char *mountpoint;      /* of the mount that writes the store; NULL: nothing does, as far as is known */
  char *store;           /* absolute path */
  char *path;            /* below the root, as shown */
  gboolean is_read_only; /* the place is in a mount that cannot be written */
} ExpOperatePlace;

gboolean exp_operate_find (ExpOperatePlace *place, const char *argument, GError **error);
void exp_operate_place_clear (ExpOperatePlace *place);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ExpOperatePlace, exp_operate_place_clear)

/* Does what is asked for there, prints what it says, and answers the exit status. SIGINT and SIGTERM end it with
 * nothing changed. */
int exp_operate (const ExpAsked *asked, const ExpOperatePlace *place, const ExpStoreOptions *options);
