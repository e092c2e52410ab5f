/* The verbs of the command line: one file each, and a table. Know the store and the session; the driver does not know
 * them. Called by main. */
#pragma once

#include "fs/mount.h"

#define EXP_EXIT_USAGE 2

typedef struct
{
  const char *name;
  const char *arguments; /* as --help writes them: "STORE MOUNTPOINT" */
  const char *help;      /* one line */
  const char *switches;  /* more lines for its own --help; NULL for none */
  /* argv[0] is the verb. Returns the exit status, having said on stderr why it is not 0. */
  int (*run) (int argc, char **argv);
} ExpVerb;

/* clang-format off */
extern const ExpVerb
    exp_verb_mount,
    exp_verb_unmount,
    exp_verb_info,
    exp_verb_tree,
    exp_verb_find,
    exp_verb_check,
    exp_verb_create,
    exp_verb_sync,
    exp_verb_recover,
    exp_verb_explore,
    exp_verb_backup,
    exp_verb_delete,
    exp_verb_prune,
    exp_verb_convert,
    exp_verb_put,
    exp_verb_merge,
    exp_verb_refresh,
    exp_verb_plot;
/* clang-format on */
extern const ExpVerb *const exp_verbs[]; /* ended by NULL */

/* "expfs: SENTENCE" on stderr; returns exit status 1. */
int exp_complain (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* The same with a hint at --help; returns exit status 2. */
int exp_complain_usage (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* For getopt_long's '?' and ':' with opterr = 0. */
int exp_complain_switch (char **argv);

/* Commits and checkpoints the mount. NULL, also for one that is read-only, or a sentence that says why not. */
char *exp_sync_mount (const char *mountpoint);

/* On stdout; return exit status 0. */
int exp_print_help (void);
int exp_print_verb_help (const ExpVerb *verb);
int exp_print_version (void);
