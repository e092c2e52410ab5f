/* expfs plot: the picture of a dataset, shown or in a file.
 * Knows where pictures go; the views draw them, in a mount those of the mount.
 * Called by main. */
#include "expfs/select.h"
#include "expfs/view.h"
#include "fs/verbs/place.h"
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The form that the name of a file asks for; NULL for none. */
static const ExpViewClass *
form_of (const char *file)
{
  if (g_str_has_suffix (file, ".svg") || strcmp (file, "-") == 0)
    return &exp_view_svg;
  if (g_str_has_suffix (file, ".png"))
    return &exp_view_png;
  return g_str_has_suffix (file, ".pdf") ? &exp_view_pdf : NULL;
}

/* --- the picture -------------------------------------------------------------------------------------------- */

/* By the mount: a file beside the dataset, or in the directory itself at the root. */
static char *
read_from_mount (const ExpPlace *place, const ExpViewClass *form, gsize *size, GError **error)
{
  g_autofree char *file = g_strconcat (place->mountpoint, "/", place->path, form->suffix, NULL), *bytes = NULL;
  g_autoptr (GError) local = NULL;

  if (g_file_get_contents (file, &bytes, size, &local))
    return g_steal_pointer (&bytes);
  if (access (file, F_OK) == 0 || errno == ENOENT || errno == EOPNOTSUPP)
    g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED,
                 access (file, F_OK) == 0 ? "the picture cannot be drawn" : "there is no picture of it");
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

static char *
draw (ExpNode *node, const char *path, const ExpViewClass *form, gsize *size, GError **error)
{
  const ExpViewOptions options = { .path = path };
  g_autoptr (ExpView) view = NULL;
  g_auto (ExpInfo) info = { 0 };
  guint64 n;

  if (!exp_node_describe (node, &info, error))
    return NULL;
  if (!form->applies (&info))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "there is no picture of it");
      return NULL;
    }
  view = exp_view_open_described (form, node, &info, &options, error);
  if (view == NULL || !exp_view_size (view, &n, error))
    return NULL;
  g_autofree char *bytes = g_malloc (n + 1);
  return exp_view_pread (view, 0, n, bytes, size, error) ? g_steal_pointer (&bytes) : NULL;
}

/* A part of a dataset, "x[0:10]"; NULL without an error where the path has no such end. */
static ExpNode *
open_slice (ExpPlace *place, const char *path, const ExpStoreOptions *options, GError **error)
{
  const char *bracket = strrchr (path, '[');

  if (bracket == NULL || bracket == path || !g_str_has_suffix (path, "]"))
    return NULL;

  g_autofree char *stem = g_strndup (path, bracket - path);
  g_autofree char *slice = g_strndup (bracket + 1, strlen (bracket + 1) - 1);
  if (!exp_place_open (place, stem, options, error))
    return NULL;
  return exp_slice_new (place->node, slice, error);
}

static char *
make_picture (const char *path, const ExpViewClass *form, const ExpStoreOptions *options, gsize *size, GError **error)
{
  g_auto (ExpPlace) place = { 0 };
  g_autoptr (GError) whole_error = NULL;

  if (exp_place_open (&place, path, options, &whole_error))
    return place.mountpoint != NULL ? read_from_mount (&place, form, size, error)
                                    : draw (place.node, place.path, form, size, error);

  g_autoptr (ExpNode) slice = open_slice (&place, path, options, error);
  if (slice == NULL)
    {
      if (error != NULL && *error == NULL)
        g_propagate_error (error, g_steal_pointer (&whole_error));
      return NULL;
    }
  g_autofree char *shown = g_strconcat (place.path, strrchr (path, '['), NULL);
  return draw (slice, shown, form, size, error);
}

/* --- where it goes ------------------------------------------------------------------------------------------ */

/* "NAME.svg" in the working directory. */
static char *
default_file (const char *path)
{
  g_autofree char *clean = g_strdup (path);

  while (g_str_has_suffix (clean, "/"))
    clean[strlen (clean) - 1] = '\0';

  const char *name = MAX (strrchr (clean, '/'), strrchr (clean, ':'));
  name = name != NULL ? name + 1 : clean;
  return g_strconcat (*name != '\0' ? name : "picture", ".svg", NULL);
}

static gboolean
has_display (void)
{
  const char *x = g_getenv ("DISPLAY"), *wayland = g_getenv ("WAYLAND_DISPLAY");
  g_autofree char *program = g_find_program_in_path ("xdg-open");

  return program != NULL && ((x != NULL && *x != '\0') || (wayland != NULL && *wayland != '\0'));
}

/* In a temporary file, which stays: nobody knows when the program that shows it has read it. */
static int
show (const char *bytes, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *file = NULL;
  int fd = g_file_open_tmp ("expfs-plot-XXXXXX.svg", &file, &error);

  if (fd < 0)
    return exp_complain ("%s", error->message);
  close (fd);
  if (!g_file_set_contents (file, bytes, size, &error))
    return exp_complain ("%s", error->message);

  char *arguments[] = { "xdg-open", file, NULL };
  if (!g_spawn_async (NULL, arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, &error))
    return exp_complain ("%s: %s", file, error->message);
  return EXIT_SUCCESS;
}

static int
put (const char *file, gboolean is_named, const char *bytes, gsize size)
{
  g_autoptr (GError) error = NULL;

  if (strcmp (file, "-") == 0)
    return fwrite (bytes, 1, size, stdout) == size && fflush (stdout) == 0
               ? EXIT_SUCCESS
               : exp_complain ("cannot write: %s", g_strerror (errno));
  if (!is_named && access (file, F_OK) == 0)
    return exp_complain ("%s is there already: name a file", file);
  if (!g_file_set_contents (file, bytes, size, &error))
    return exp_complain ("%s", error->message);
  if (!is_named)
    printf ("%s\n", file);
  return EXIT_SUCCESS;
}

static int
plot (const ExpMountOptions *options, int n, char **arguments)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *own = n > 0 ? default_file (arguments[0]) : NULL;
  const char *file = n > 1 ? arguments[1] : own;
  gsize size;

  if (n < 1 || n > 2)
    return exp_complain_usage ("a dataset, and at most one file, are needed");

  const ExpViewClass *form = form_of (file);
  if (form == NULL)
    return exp_complain_usage ("%s: the name of a picture ends in .svg, .png or .pdf", file);
  exp_log_open (NULL, TRUE, FALSE, NULL);
  g_autofree char *bytes = make_picture (arguments[0], form, &options->store, &size, &error);
  if (bytes == NULL)
    return exp_complain ("%s: %s", arguments[0], error->message);
  return n == 1 && has_display () ? show (bytes, size) : put (file, n > 1, bytes, size);
}

static int
run (int argc, char **argv)
{
  ExpMountOptions options = { 0 };
  int status = EXIT_SUCCESS;

  if (exp_place_parse (&exp_verb_plot, argc, argv, NULL, NULL, NULL, &options, &status))
    status = plot (&options, argc - optind, argv + optind);
  exp_mount_options_clear (&options);
  return status;
}

const ExpVerb exp_verb_plot = {
  .name = "plot",
  .arguments = "PATH [FILE] [-o OPTION,...]",
  .help = "Draw a dataset: show the picture, or write it",
  .switches = "  FILE                        NAME.svg, .png or .pdf, or - for standard output; without it the picture\n"
              "                              is shown, or written to PATH's name .svg where there is no display\n"
              "  -o OPTION,...               options of the store: format=, trajectory=, only=, except=, ...\n",
  .run = run,
};
