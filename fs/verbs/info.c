/* expfs info: what a store or one node of it is, a name and a value per line.
 * Knows items; what they are in, they know.
 * Called by main. */
#include "fs/verbs/place.h"
#include "fs/verbs/print.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE      512
#define MAX_VALUE 4096

static void
print_line (const char *name, const char *value)
{
  if (value == NULL || *value == '\0')
    return;
  exp_print_plain (name, 0);
  putchar ('\t');
  exp_print_plain (value, MAX_VALUE);
  putchar ('\n');
}

static void
print_number (const char *name, guint64 value)
{
  printf ("%s\t%" G_GUINT64_FORMAT "\n", name, value);
}

static gboolean
print_attributes (ExpItem *item, const char *prefix, GError **error)
{
  g_auto (GStrv) names = exp_item_list_attributes (item, error);

  for (char **name = names; names != NULL && *name != NULL; name++)
    {
      g_autoptr (GError) local = NULL;
      g_autofree char *value = exp_item_read_attribute (item, *name, 65536, &local);
      g_autofree char *label = g_strconcat (prefix, *name, NULL);
      exp_print_plain (label, 0);
      putchar ('\t');
      exp_print_plain (value != NULL ? value : local->message, MAX_VALUE);
      putchar ('\n');
    }
  return names != NULL;
}

/* Counts the children; those that are trajectories are shown with what is known of them. */
static gboolean
print_children (ExpItem *item, GError **error)
{
  g_autoptr (GArray) all = exp_item_children_new ();
  g_autoptr (GString) trajectories = g_string_new (NULL);
  guint64 n = 0, position = 0;
  gboolean is_end = FALSE;

  while (!is_end)
    {
      g_autoptr (GArray) page = exp_item_children_new ();
      if (!exp_item_list (item, &position, PAGE, page, &is_end, error))
        return FALSE;
      n += page->len;
      if (n <= PAGE)
        {
          g_array_append_vals (all, page->data, page->len);
          g_array_set_clear_func (page, NULL);
        }
    }
  print_number ("children", n);
  for (guint i = 0; i < all->len; i++)
    {
      const ExpItemChild *child = &g_array_index (all, ExpItemChild, i);
      g_auto (ExpItemInfo) info = { 0 };
      if (!exp_item_detail (child->item, &info, NULL) || g_strcmp0 (info.role, "trajectory") != 0)
        continue;
      print_line ("trajectory", child->name);
      if (!print_attributes (child->item, "  ", error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
print_item (const ExpPlace *place, GError **error)
{
  g_auto (ExpItemInfo) info = { 0 };

  if (!exp_item_describe (place->item, &info, error) || !exp_item_detail (place->item, &info, error))
    return FALSE;
  if (*place->path != '\0')
    print_line ("path", place->path);
  print_line ("kind", info.kind);
  print_line ("role", info.role);
  print_line ("class", info.class_name);
  print_line ("target", info.target);
  print_line ("dtype", info.dtype);
  print_line ("shape", info.shape);
  print_line ("layout", info.layout);
  print_line ("chunks", info.chunks);
  print_line ("filters", info.filters);
  if (info.has_storage)
    print_number ("storage", info.storage);
  if (info.is_group && !print_children (place->item, error))
    return FALSE;
  return info.target != NULL || print_attributes (place->item, "attribute ", error);
}

/* --- what a store's own program says of it ------------------------------------------------------------------ */

static gboolean wants_recordings, wants_results;

/* A file of lines that some formats have at the root of their stores, under a name that is not listed. */
static void
print_lines (const ExpPlace *place, const char *name)
{
  g_autofree char *path = place->mountpoint != NULL ? g_build_filename (place->mountpoint, name, NULL) : NULL;
  g_autofree char *text = NULL;
  g_autoptr (ExpNode) node = NULL;
  g_autoptr (ExpArray) bytes = NULL;

  if (path != NULL && g_file_get_contents (path, &text, NULL, NULL))
    fputs (text, stdout);
  node = place->node != NULL ? exp_node_lookup (place->node, name, NULL) : NULL;
  bytes = node != NULL ? exp_node_read_all (node, NULL) : NULL;
  if (bytes != NULL && exp_dtype_is_file_byte (bytes->dtype))
    fwrite (bytes->data, 1, bytes->n_elements, stdout);
}

static void
print_content (const ExpPlace *place)
{
  if (*place->path != '\0')
    return;
  print_lines (place, ".content");
  if (wants_recordings)
    print_lines (place, ".content-recordings");
  if (wants_results)
    print_lines (place, ".content-ads");
}

static int
print_info (const char *path, const ExpStoreOptions *options)
{
  g_auto (ExpPlace) place = { 0 };
  g_autoptr (GError) error = NULL;

  if (!exp_place_open (&place, path, options, &error))
    return exp_complain ("%s", error->message);
  print_line ("store", place.store_path);
  print_line ("format", place.format);
  print_line ("mountpoint", place.mountpoint);
  if (*place.path == '\0' && place.size > 0)
    print_number ("size", place.size);
  if (!print_item (&place, &error))
    return exp_complain ("%s: %s", path, error->message);
  print_content (&place);
  return EXIT_SUCCESS;
}

/* Takes the switches out that exp_place_parse does not know; the number of words that are left. */
static int
take_switches (int argc, char **argv)
{
  int n = 1;

  for (int i = 1; i < argc; i++)
    if (strcmp (argv[i], "--") == 0)
      while (i < argc)
        argv[n++] = argv[i++];
    else if (strcmp (argv[i], "--full-recordings") == 0)
      wants_recordings = TRUE;
    else if (strcmp (argv[i], "--full-ads") == 0)
      wants_results = TRUE;
    else
      argv[n++] = argv[i];
  argv[n] = NULL;
  return n;
}

static int
run (int argc, char **argv)
{
  ExpMountOptions options = { 0 };
  int status = EXIT_SUCCESS;

  argc = take_switches (argc, argv);

  if (exp_place_parse (&exp_verb_info, argc, argv, NULL, NULL, NULL, &options, &status))
    {
      exp_log_open (NULL, TRUE, FALSE, NULL);
      for (int i = optind; i < argc; i++)
        {
          if (i > optind)
            putchar ('\n');
          if (print_info (argv[i], &options.store) != EXIT_SUCCESS)
            status = EXIT_FAILURE;
        }
    }
  exp_mount_options_clear (&options);
  return exp_print_end (status);
}

const ExpVerb exp_verb_info = {
  .name = "info",
  .arguments = "PATH... [--full-recordings] [--full-ads] [-o OPTION,...]",
  .help = "Say what a store, or a node in it, is",
  .switches = "  --full-recordings           of a Mozaik store also the stimulus of each recording\n"
              "  --full-ads                  of a Mozaik store also the parameters of each result\n"
              "  -o OPTION,...               options of the store: format=, trajectory=, only=, except=, ...\n",
  .run = run,
};
