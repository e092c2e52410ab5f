/* expfs find: what a query finds, a path a line.
 * Knows how a mount shows queries; knows no expressions.
 * Called by main. */
#include "expfs/query.h"
#include "fs/names.h"
#include "fs/verbs/place.h"
#include "fs/verbs/print.h"
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct
{
  gboolean ends_in_nul;
} Switches;

static gboolean
set_switch (int letter, const char *value, gpointer data)
{
  ((Switches *)data)->ends_in_nul = TRUE;
  return letter == '0';
}

static void
print_path (const Switches *switches, const char *path)
{
  if (switches->ends_in_nul)
    fwrite (path, 1, strlen (path) + 1, stdout);
  else
    {
      exp_print_plain (path, 0);
      putchar ('\n');
    }
}

/* A path of true names as a mount shows it; caller frees. */
static char *
shown_path (const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);

  for (char **part = parts; *part != NULL; part++)
    {
      char *shown = exp_name_encode (*part, strlen (*part));
      g_free (*part);
      *part = shown;
    }
  return g_strjoinv ("/", parts);
}

static gboolean
find_in_store (const Switches *switches, ExpNode *node, const char *expression, GError **error)
{
  g_autoptr (ExpQuery) query = exp_query_parse (expression, error);
  g_autoptr (ExpQueryScope) scope = exp_query_scope_new (node);
  g_autoptr (GPtrArray) paths = query != NULL ? exp_query_scope_find (scope, query, error) : NULL;

  for (guint i = 0; paths != NULL && i < paths->len; i++)
    {
      g_autofree char *shown = shown_path (paths->pdata[i]);
      print_path (switches, shown);
    }
  return paths != NULL;
}

/* The running mount answers: its query is a directory of links that lead up and out of it again. */
static gboolean
find_in_mount (const Switches *switches, const char *directory, const char *expression, GError **error)
{
  static const char up[] = "../../";
  g_autofree char *name = exp_name_encode (expression, strlen (expression));
  g_autofree char *query = g_build_filename (directory, ".where", name, NULL);
  g_autoptr (GDir) dir = g_dir_open (query, 0, error);
  const char *entry;

  if (dir == NULL && g_error_matches (*error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    {
      g_clear_error (error);
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "%s: nothing has a parameter of '%s'", directory, expression);
    }
  if (dir == NULL)
    return FALSE;
  while ((entry = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *link = g_build_filename (query, entry, NULL);
      g_autofree char *target = g_file_read_link (link, error);

      if (target == NULL)
        return FALSE;
      print_path (switches, g_str_has_prefix (target, up) ? target + strlen (up) : target);
    }
  return TRUE;
}

static int
find (const Switches *switches, const char *path, const char *expression, const ExpStoreOptions *options)
{
  g_auto (ExpPlace) place = { 0 };
  g_autoptr (ExpQuery) query = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_done = FALSE;

  /* Whatever answers, it is told here what is wrong with an expression: a mount has but an errno. */
  query = exp_query_parse (expression, &error);
  if (query != NULL && exp_place_open (&place, path, options, &error))
    is_done = place.mountpoint != NULL ? find_in_mount (switches, path, expression, &error)
                                       : find_in_store (switches, place.node, expression, &error);
  return is_done ? EXIT_SUCCESS : exp_complain ("%s", error->message);
}

static int
run (int argc, char **argv)
{
  ExpMountOptions options = { 0 };
  Switches switches = { FALSE };
  int status = EXIT_SUCCESS;

  if (exp_place_parse (&exp_verb_find, argc, argv, "0", set_switch, &switches, &options, &status))
    {
      exp_log_open (NULL, TRUE, FALSE, NULL);
      if (argc - optind == 2)
        status = find (&switches, argv[optind], argv[optind + 1], &options.store);
      else
        status = exp_complain_usage ("find: a path and an expression are needed");
    }
  exp_mount_options_clear (&options);
  return exp_print_end (status);
}

const ExpVerb exp_verb_find = {
  .name = "find",
  .arguments = "PATH EXPRESSION [-0] [-o OPTION,...]",
  .help = "Print what an expression finds below PATH, as .where/EXPRESSION/ shows it",
  .switches = "  -0                          end paths with NUL instead of a newline\n"
              "  -o OPTION,...               options of the store: format=, trajectory=, only=, except=, ...\n",
  .run = run,
};
