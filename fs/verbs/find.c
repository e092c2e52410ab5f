/* expfs find: what queries find, a path a line; and what they say of it.
 * Knows the directories of queries by their names; knows no expressions.
 * Called by main. */
#include "expfs/query.h"
#include "fs/options.h"
#include "fs/verbs/print.h"
#include "fs/verbs/queried.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of --same: nothing could be compared, where 1 says that they differ. */
#define EXIT_TROUBLE 2

typedef struct
{
  gboolean ends_in_nul, allows_none, varies;
  char *part, *by, *same, *values;
  guint n_same;
  GPtrArray *others; /* --or */
  GPtrArray *unique; /* --unique: parts, "" for all that is found */
} Switches;

enum
{
  SWITCH_OR = 256,
  SWITCH_PART,
  SWITCH_BY,
  SWITCH_UNIQUE,
  SWITCH_SAME,
  SWITCH_ALLOW_NONE,
  SWITCH_VARYING,
  SWITCH_VALUES,
};

static const struct option long_switches[] = {
  { "help", no_argument, NULL, 'h' },
  { "or", required_argument, NULL, SWITCH_OR },
  { "part", required_argument, NULL, SWITCH_PART },
  { "by", required_argument, NULL, SWITCH_BY },
  { "unique", optional_argument, NULL, SWITCH_UNIQUE },
  { "same", optional_argument, NULL, SWITCH_SAME },
  { "allow-none", no_argument, NULL, SWITCH_ALLOW_NONE },
  { "varying", no_argument, NULL, SWITCH_VARYING },
  { "values", required_argument, NULL, SWITCH_VALUES },
  { NULL },
};

static void
set_text (char **to, const char *text)
{
  g_free (*to);
  *to = g_strdup (text);
}

static gboolean
set_switch (Switches *self, int letter)
{
  switch (letter)
    {
    case '0':
      self->ends_in_nul = TRUE;
      break;
    case SWITCH_OR:
      g_ptr_array_add (self->others, g_strdup (optarg));
      break;
    case SWITCH_PART:
      set_text (&self->part, optarg);
      break;
    case SWITCH_BY:
      set_text (&self->by, optarg);
      break;
    case SWITCH_UNIQUE:
      g_ptr_array_add (self->unique, g_strdup (optarg != NULL ? optarg : ""));
      break;
    case SWITCH_SAME:
      self->n_same++;
      set_text (&self->same, optarg != NULL ? optarg : "*");
      break;
    case SWITCH_ALLOW_NONE:
      self->allows_none = TRUE;
      break;
    case SWITCH_VARYING:
      self->varies = TRUE;
      break;
    case SWITCH_VALUES:
      set_text (&self->values, optarg);
      break;
    default:
      return FALSE;
    }
  return TRUE;
}

static void
print_line (const Switches *switches, const char *before, const char *line)
{
  g_autofree char *whole = before != NULL ? g_strconcat (before, "\t", line, NULL) : NULL;

  if (switches->ends_in_nul)
    fwrite (whole != NULL ? whole : line, 1, strlen (whole != NULL ? whole : line) + 1, stdout);
  else
    {
      if (before != NULL)
        {
          exp_print_plain (before, 0);
          putchar ('\t');
        }
      exp_print_plain (line, 0);
      putchar ('\n');
    }
}

static gboolean
print_lines (const Switches *switches, const char *before, const GPtrArray *lines)
{
  for (guint i = 0; lines != NULL && i < lines->len; i++)
    print_line (switches, before, lines->pdata[i]);
  return lines != NULL;
}

/* --- directories -------------------------------------------------------------------------------------------- */

static void
push (GPtrArray *names, const char *a, const char *b)
{
  g_ptr_array_add (names, g_strdup (a));
  if (b != NULL)
    g_ptr_array_add (names, g_strdup (b));
}

/* The directory of what is found, but for its part. Whatever answers, it is told here what is wrong with an
 * expression: a mount has but an errno. */
static GPtrArray *
names_of (const Switches *switches, char **expressions, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  if (*expressions == NULL)
    push (names, ".where", "*");
  for (; *expressions != NULL; expressions++)
    push (names, ".where", *expressions);
  for (guint i = 0; i < switches->others->len; i++)
    push (names, ".or", switches->others->pdata[i]);
  for (guint i = 1; i < names->len; i += 2)
    {
      g_autoptr (ExpQuery) query = exp_query_parse (names->pdata[i], error);
      if (query == NULL)
        return NULL;
    }
  return g_steal_pointer (&names);
}

/* Cuts the names back to the first n. */
static void
pop (GPtrArray *names, guint n)
{
  g_ptr_array_set_size (names, n);
}

/* --- what is asked ------------------------------------------------------------------------------------------ */

static gboolean
check_unique (const ExpQueried *queried, const char *part, GPtrArray *names, GError **error)
{
  guint n = names->len;

  if (*part != '\0')
    push (names, part, NULL);
  push (names, ".unique", NULL);
  g_autofree char *path = exp_queried_link (queried, names, error);
  pop (names, n);
  return path != NULL;
}

static gboolean
print_sets (const Switches *switches, const ExpQueried *queried, GPtrArray *names, GError **error)
{
  guint n = names->len;

  push (names, ".by", switches->by);
  g_autoptr (GPtrArray) sets = exp_queried_names (queried, names, error);
  for (guint i = 0; sets != NULL && i < sets->len; i++)
    {
      pop (names, n + 2);
      push (names, sets->pdata[i], NULL);
      g_autoptr (GPtrArray) paths = exp_queried_paths (queried, names, error);
      if (!print_lines (switches, sets->pdata[i], paths))
        return FALSE;
    }
  return sets != NULL;
}

/* Returns the exit status, having set the error for those that need a sentence. */
static int
tell_same (const Switches *switches, const ExpQueried *queried, GPtrArray *names, GError **error)
{
  g_autofree char *what = g_strconcat (switches->allows_none ? "none:" : "", switches->same, NULL);

  push (names, ".same", what);
  g_autoptr (GPtrArray) lines = exp_queried_lines (queried, names, error);
  if (lines == NULL)
    return EXIT_TROUBLE;
  return lines->len == 1 && strcmp (lines->pdata[0], "true") == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
answer (const Switches *switches, const ExpQueried *queried, GPtrArray *names, GError **error)
{
  g_autoptr (GPtrArray) lines = NULL;

  for (guint i = 0; i < switches->unique->len; i++)
    if (!check_unique (queried, switches->unique->pdata[i], names, error))
      return EXIT_FAILURE;
  if (switches->part != NULL)
    push (names, switches->part, NULL);
  if (switches->same != NULL)
    return tell_same (switches, queried, names, error);
  if (switches->by != NULL)
    return print_sets (switches, queried, names, error) ? EXIT_SUCCESS : EXIT_FAILURE;
  if (switches->varies)
    {
      push (names, ".varying", NULL);
      lines = exp_queried_lines (queried, names, error);
    }
  else if (switches->values != NULL)
    {
      push (names, ".by", switches->values);
      lines = exp_queried_names (queried, names, error);
    }
  else
    lines = exp_queried_paths (queried, names, error);
  return print_lines (switches, NULL, lines) ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
find (const Switches *switches, const char *path, char **expressions, const ExpStoreOptions *options)
{
  g_auto (ExpPlace) place = { 0 };
  ExpQueried queried = { &place, path };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) names = names_of (switches, expressions, &error);
  int status = switches->same != NULL ? EXIT_TROUBLE : EXIT_FAILURE;

  if (names != NULL && exp_place_open (&place, path, options, &error))
    status = answer (switches, &queried, names, &error);
  if (error != NULL)
    exp_complain ("%s", error->message);
  return status;
}

/* --- the command line --------------------------------------------------------------------------------------- */

/* TRUE when *status is the exit status. */
static gboolean
parse (int argc, char **argv, Switches *switches, ExpMountOptions *options, int *status)
{
  g_autoptr (GError) error = NULL;
  int letter;

  opterr = 0;
  while ((letter = getopt_long (argc, argv, "ho:0", long_switches, NULL)) != -1)
    if (letter == 'h')
      return *status = exp_print_verb_help (&exp_verb_find), TRUE;
    else if (letter == 'o' && !exp_mount_options_parse (options, optarg, EXP_OPTIONS_OPEN, &error))
      return *status = exp_complain_usage ("%s", error->message), TRUE;
    else if (letter != 'o' && !set_switch (switches, letter))
      return *status = exp_complain_switch (argv), TRUE;
  guint n_answers = switches->n_same + (switches->by != NULL) + (switches->values != NULL) + switches->varies;
  if (!exp_mount_options_finish (options, &error))
    *status = exp_complain_usage ("%s", error->message);
  else if (optind == argc)
    *status = exp_complain_usage ("find: a path and an expression are needed");
  else if (n_answers > 1)
    *status = exp_complain_usage ("find: one of --same, --by, --values and --varying");
  else if (optind + 1 == argc && n_answers == 0 && switches->part == NULL && switches->unique->len == 0)
    *status = exp_complain_usage ("find: a path and an expression are needed");
  else
    return FALSE;
  return TRUE;
}

static int
run (int argc, char **argv)
{
  ExpMountOptions options = { 0 };
  Switches switches
      = { .others = g_ptr_array_new_with_free_func (g_free), .unique = g_ptr_array_new_with_free_func (g_free) };
  int status = EXIT_SUCCESS;

  if (!parse (argc, argv, &switches, &options, &status))
    {
      exp_log_open (NULL, TRUE, FALSE, NULL);
      status = find (&switches, argv[optind], argv + optind + 1, &options.store);
    }
  g_ptr_array_unref (switches.others);
  g_ptr_array_unref (switches.unique);
  g_free (switches.part);
  g_free (switches.by);
  g_free (switches.same);
  g_free (switches.values);
  exp_mount_options_clear (&options);
  return exp_print_end (status);
}

const ExpVerb exp_verb_find = {
  .name = "find",
  .arguments = "PATH [EXPRESSION...] [SWITCH...] [-0] [-o OPTION,...]",
  .help = "Print what expressions find below PATH, as .where/EXPRESSION/ shows it",
  .switches
  = "  --or EXPRESSION             and what this finds\n"
    "  --part NAME                 things of one kind only: recordings, analysis, stimuli\n"
    "  --by A,B|except:A,B         the sets that are equal in these parameters, or in all others\n"
    "  --unique[=PART]             fail unless a single one is found\n"
    "  --same[=A,B|=except:A,B]    print nothing; exit status 1 when they differ, 2 when they do not compare\n"
    "  --allow-none                --same passes over what has none of the parameters\n"
    "  --varying                   the parameters that vary among what is found\n"
    "  --values NAME               the values of one of them\n"
    "  -0                          end lines with NUL instead of a newline\n"
    "  -o OPTION,...               options of the store: format=, trajectory=, only=, except=, ...\n",
  .run = run,
};
