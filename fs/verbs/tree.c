/* expfs tree: as tree(1), with types and shapes.
 * Knows items; what they are in, they know.
 * Called by main. */
#include "fs/verbs/place.h"
#include "fs/verbs/print.h"
#include "fs/walk/walk.h"
#include <getopt.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct
{
  guint64 max_depth;
  gboolean is_utf8;
  guint64 n_groups, n_datasets, n_links, n_failed;
} Tree;

static gboolean
set_depth (int letter, const char *value, gpointer data)
{
  char *end;

  ((Tree *)data)->max_depth = g_ascii_strtoull (value, &end, 10);
  return g_ascii_isdigit (*value) && *end == '\0' && ((Tree *)data)->max_depth > 0;
}

static void
print_branches (const Tree *tree, const ExpVisit *visit)
{
  for (guint i = 0; i + 1 < visit->depth; i++)
    fputs (!visit->has_more->data[i] ? "    " : tree->is_utf8 ? "│   " : "|   ", stdout);
  if (visit->depth == 0)
    return;
  if (visit->has_more->data[visit->depth - 1])
    fputs (tree->is_utf8 ? "├── " : "|-- ", stdout);
  else
    fputs (tree->is_utf8 ? "└── " : "`-- ", stdout);
}

static void
print_info (Tree *tree, const ExpItemInfo *info, ExpSeen seen)
{
  if (info->target != NULL)
    {
      fputs (" -> ", stdout);
      exp_print_plain (info->target, 0);
      tree->n_links++;
      return;
    }
  if (info->dtype != NULL)
    {
      fputs ("  ", stdout);
      exp_print_plain (info->dtype, 60);
      printf (" %s", info->shape != NULL ? info->shape : "");
    }
  else if (!info->is_group)
    printf ("  %s", info->kind);
  if (seen == EXP_SEEN_ABOVE)
    fputs ("  [contains itself, not followed]", stdout);
  else if (seen == EXP_SEEN_BEFORE && info->is_group)
    fputs ("  [shown above]", stdout);
  if (info->is_group)
    tree->n_groups++;
  else
    tree->n_datasets++;
}

static ExpWalkStep
print_visit (const ExpVisit *visit, gpointer data)
{
  Tree *tree = data;

  if (visit->error != NULL)
    tree->n_failed++;
  if (visit->info != NULL && visit->error != NULL)
    {
      /* A group that has been shown and cannot be listed to its end. */
      fprintf (stderr, "expfs: /%s: %s\n", visit->path, visit->error->message);
      return EXP_WALK_SKIP;
    }
  if (visit->name != NULL)
    {
      print_branches (tree, visit);
      exp_print_plain (visit->name, 0);
      if (visit->info != NULL)
        print_info (tree, visit->info, visit->seen);
      else
        {
          fputs ("  [", stdout);
          exp_print_plain (visit->error->message, 0);
          fputs ("]", stdout);
        }
      putchar ('\n');
    }
  else if (visit->info == NULL)
    fprintf (stderr, "expfs: %s\n", visit->error->message);
  else if (!visit->info->is_group)
    {
      print_info (tree, visit->info, visit->seen);
      putchar ('\n');
    }
  return ferror (stdout) ? EXP_WALK_STOP : visit->depth < tree->max_depth ? EXP_WALK_ENTER : EXP_WALK_SKIP;
}

static void
print_count (guint64 n, const char *what, const char *before)
{
  printf ("%s%" G_GUINT64_FORMAT " %s%s", before, n, what, n == 1 ? "" : "s");
}

static void
print_counts (const Tree *tree)
{
  print_count (tree->n_groups, "group", "\n");
  print_count (tree->n_datasets, "dataset", ", ");
  print_count (tree->n_links, "link", ", ");
  putchar ('\n');
}

static int
print_tree (const char *path, const ExpStoreOptions *options, Tree *tree)
{
  g_auto (ExpPlace) place = { 0 };
  g_autoptr (GError) error = NULL;

  if (!exp_place_open (&place, path, options, &error))
    return exp_complain ("%s", error->message);
  exp_print_plain (path, 0);
  putchar ('\n');
  exp_walk (place.item, print_visit, tree);
  return EXIT_SUCCESS;
}

static int
run (int argc, char **argv)
{
  ExpMountOptions options = { 0 };
  Tree tree = { .max_depth = G_MAXUINT64, .is_utf8 = strcmp (nl_langinfo (CODESET), "UTF-8") == 0 };
  int status = EXIT_SUCCESS;

  if (exp_place_parse (&exp_verb_tree, argc, argv, "L:", set_depth, &tree, &options, &status))
    {
      exp_log_open (NULL, TRUE, FALSE, NULL);
      guint n_shown = 0;
      for (int i = optind; i < argc; i++)
        if (print_tree (argv[i], &options.store, &tree) == EXIT_SUCCESS)
          n_shown++;
        else
          status = EXIT_FAILURE;
      if (n_shown > 0)
        print_counts (&tree);
      if (tree.n_failed > 0)
        status = EXIT_FAILURE;
    }
  exp_mount_options_clear (&options);
  return exp_print_end (status);
}

const ExpVerb exp_verb_tree = {
  .name = "tree",
  .arguments = "PATH... [-L DEPTH] [-o OPTION,...]",
  .help = "Show what is in a store, with types and shapes",
  .switches = "  -L DEPTH                    go no deeper\n"
              "  -o OPTION,...               options of the store: format=, trajectory=, only=, except=, ...\n",
  .run = run,
};
