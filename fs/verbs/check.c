/* expfs check: reads everything and says what cannot be read.
 * Knows items; what they are in, they know.
 * Called by main. */
#include "fs/progress.h"
#include "fs/verbs/place.h"
#include "fs/verbs/print.h"
#include "fs/walk/walk.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct
{
  ExpProgress progress;
  const char *prefix; /* path of where the walk began, below the root */
  guint64 size;       /* of the store file, 0 if unknown: what progress is measured by */
  guint64 n_bytes;    /* storage of what has been read */
  guint64 storage;    /* of what is being read */
  guint64 n_objects, n_attributes, n_damaged;
  guint64 n_reported; /* n_objects at the last report: an object is counted as damaged once */
} Check;

static void
report (Check *check, const char *path, const char *attribute, const GError *error)
{
  exp_progress_hide (&check->progress);
  putchar ('/');
  exp_print_plain (check->prefix, 0);
  if (*check->prefix != '\0' && *path != '\0')
    putchar ('/');
  exp_print_plain (path, 0);
  fputs (": ", stdout);
  if (attribute != NULL)
    {
      fputs ("attribute ", stdout);
      exp_print_plain (attribute, 0);
      fputs (": ", stdout);
    }
  exp_print_plain (error->message, 0);
  putchar ('\n');
  fflush (stdout);
  if (check->n_reported != check->n_objects)
    check->n_damaged++;
  check->n_reported = check->n_objects;
}

static void
show_progress (double fraction, gpointer data)
{
  Check *check = data;
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT " objects", check->n_objects);

  exp_progress_update (&check->progress,
                       check->size > 0 ? (check->n_bytes + fraction * check->storage) / check->size : 0, text);
}

static void
check_attributes (Check *check, const ExpVisit *visit)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = exp_item_list_attributes (visit->item, &error);

  if (names == NULL)
    {
      report (check, visit->path, NULL, error);
      return;
    }
  for (char **name = names; *name != NULL; name++)
    {
      g_autoptr (GError) reason = NULL;
      g_autofree char *value = exp_item_read_attribute (visit->item, *name, 0, &reason);
      check->n_attributes++;
      if (value == NULL)
        report (check, visit->path, *name, reason);
    }
}

static void
check_data (Check *check, const ExpVisit *visit)
{
  g_autoptr (GError) error = NULL;

  /* Only the progress bar wants to know. */
  check->storage = check->progress.is_terminal ? exp_item_storage (visit->item) : 0;
  if (!exp_item_read (visit->item, show_progress, check, &error))
    report (check, visit->path, NULL, error);
  check->n_bytes += check->storage;
  check->storage = 0;
}

static ExpWalkStep
check_visit (const ExpVisit *visit, gpointer data)
{
  Check *check = data;

  if (visit->seen != EXP_SEEN_NEVER)
    return EXP_WALK_SKIP;
  if (visit->info != NULL && visit->error != NULL)
    {
      /* A group that cannot be listed to its end; it has been counted. */
      check->n_reported = G_MAXUINT64;
      report (check, visit->path, NULL, visit->error);
      return EXP_WALK_SKIP;
    }
  if (visit->info != NULL && visit->info->target != NULL)
    return EXP_WALK_SKIP;
  check->n_objects++;
  if (visit->info == NULL)
    {
      report (check, visit->path, NULL, visit->error);
      return EXP_WALK_SKIP;
    }
  check_attributes (check, visit);
  if (!visit->info->is_group)
    check_data (check, visit);
  show_progress (0, check);
  return EXP_WALK_ENTER;
}

static int
check_place (const char *path, const ExpStoreOptions *options)
{
  g_auto (ExpPlace) place = { 0 };
  g_autoptr (GError) error = NULL;
  Check check = { .n_reported = G_MAXUINT64 };

  if (!exp_place_open (&place, path, options, &error))
    return exp_complain ("%s", error->message);
  check.prefix = place.path;
  check.size = place.size;
  exp_progress_begin (&check.progress);
  exp_walk (place.item, check_visit, &check);
  exp_progress_hide (&check.progress);
  exp_print_plain (path, 0);
  printf (": %" G_GUINT64_FORMAT " objects and %" G_GUINT64_FORMAT " attributes read, %" G_GUINT64_FORMAT " damaged\n",
          check.n_objects, check.n_attributes, check.n_damaged);
  return check.n_damaged > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int
run (int argc, char **argv)
{
  ExpMountOptions options = { 0 };
  int status = EXIT_SUCCESS;

  if (exp_place_parse (&exp_verb_check, argc, argv, NULL, NULL, NULL, &options, &status))
    {
      exp_log_open (NULL, TRUE, FALSE, NULL);
      for (int i = optind; i < argc; i++)
        if (check_place (argv[i], &options.store) != EXIT_SUCCESS)
          status = EXIT_FAILURE;
    }
  exp_mount_options_clear (&options);
  return exp_print_end (status);
}

const ExpVerb exp_verb_check = {
  .name = "check",
  .arguments = "PATH... [-o OPTION,...]",
  .help = "Read everything in a store and name what is damaged",
  .switches = "  -o OPTION,...               options of the store: format=, trajectory=, only=, except=, ...\n",
  .run = run,
};
