/* expfs put: a value from standard input into a store, by the mount that writes it or under its lock.
 * Knows whose turn it is; edits know what becomes of the bytes.
 * Called by main. */
#include "expfs/edit.h"
#include "fs/find_shown.h"
#include "fs/names.h"
#include "fs/options.h"
#include "fs/verbs/operate.h"
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE          (1024 * 1024)
#define TURN_SECONDS   60    /* that others may hold the store */
#define TURN_POLL_USEC 20000 /* between two looks whether it is free */

typedef struct
{
  gboolean is_append;
  gboolean no_wait;
  FILE *value; /* all of standard input, so that nobody waits for that with the store in his hands */
  ExpMountOptions options;
} Put;

/* --- standard input ----------------------------------------------------------------------------------------- */

static gboolean
fail_errno (const char *what, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_IO, "%s: %s", what, g_strerror (errno));
  return FALSE;
}

static gboolean
take_input (Put *put, GError **error)
{
  g_autofree char *buffer = g_malloc (PIECE);
  ssize_t n;

  put->value = tmpfile ();
  if (put->value == NULL)
    return fail_errno ("a temporary file", error);
  while ((n = read (STDIN_FILENO, buffer, PIECE)) != 0)
    {
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return fail_errno ("standard input", error);
      if (fwrite (buffer, 1, n, put->value) != (size_t)n)
        return fail_errno ("a temporary file", error);
    }
  return fflush (put->value) == 0 || fail_errno ("a temporary file", error);
}

/* --- by a mount --------------------------------------------------------------------------------------------- */

/* What the mount says in its log of a file that it refused; NULL for nothing. */
static char *
reason_in_log (const char *mountpoint, const char *path)
{
  g_autofree char *log_path = g_build_filename (mountpoint, ".expfs", "log", NULL);
  g_autofree char *log = NULL, *wanted = g_strconcat ("/", path, ": ", NULL);
  const char *last = NULL;

  if (!g_file_get_contents (log_path, &log, NULL, NULL))
    return NULL;
  for (const char *at = log; (at = strstr (at, wanted)) != NULL; at += strlen (wanted))
    last = at + strlen (wanted);
  return last != NULL ? g_strndup (last, strcspn (last, "\n")) : NULL;
}

static gboolean
copy_to (int fd, FILE *value)
{
  g_autofree char *buffer = g_malloc (PIECE);
  size_t n;

  rewind (value);
  while ((n = fread (buffer, 1, PIECE, value)) > 0)
    for (size_t done = 0; done < n;)
      {
        ssize_t written = write (fd, buffer + done, n - done);
        if (written < 0 && errno != EINTR)
          return FALSE;
        done += MAX (written, 0);
      }
  return !ferror (value);
}

static gboolean
put_into_mount (const Put *put, const ExpOperatePlace *place, GError **error)
{
  g_autofree char *path = g_build_filename (place->mountpoint, place->path, NULL);
  int fd = open (path, O_WRONLY | O_CREAT | O_CLOEXEC | (put->is_append ? O_APPEND : O_TRUNC), 0666);
  gboolean is_done = fd >= 0 && copy_to (fd, put->value) && (put->no_wait || fsync (fd) == 0);
  int failure = is_done ? 0 : errno;

  if (fd >= 0 && close (fd) != 0 && is_done)
    failure = errno;
  if (failure == 0)
    return TRUE;
  g_autofree char *reason
      = failure == EINVAL || failure == EOPNOTSUPP ? reason_in_log (place->mountpoint, place->path) : NULL;
  g_set_error (error, EXP_ERROR, EXP_ERROR_IO, "%s: %s", path, reason != NULL ? reason : g_strerror (failure));
  return FALSE;
}

/* --- in a store that nobody has mounted --------------------------------------------------------------------- */

typedef struct
{
  ExpNode *parent, *node; /* `node` is NULL for what is not there yet */
  char *name;             /* its true name */
  const ExpViewClass *klass;
} Target;

static void
target_clear (Target *target)
{
  g_clear_pointer (&target->parent, exp_node_unref);
  g_clear_pointer (&target->node, exp_node_unref);
  g_clear_pointer (&target->name, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Target, target_clear)

/* A child of that shown name; NULL without an error when there is none. */
static gboolean
find_child (Target *target, const char *shown, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  target->node = exp_find_shown (target->parent, shown, &local_error);
  if (target->node != NULL || g_error_matches (local_error, EXP_ERROR, EXP_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

/* As in a mount: a name that is there, else one with the suffix of a view that can be written. */
static gboolean
find_target (Target *target, ExpNode *root, const char *path, GError **error)
{
  g_autofree char *directory = g_path_get_dirname (path), *shown = g_path_get_basename (path), *stem = NULL;
  gsize length = 0;

  target->klass = &exp_view_text;
  target->parent = exp_find_shown (root, strcmp (directory, ".") == 0 ? "" : directory, error);
  if (target->parent == NULL || !find_child (target, shown, error))
    return FALSE;
  if (target->node == NULL && (target->klass = exp_edit_class_for_name (shown, &length)) != &exp_view_text)
    {
      shown[length] = '\0';
      if (!find_child (target, shown, error))
        return FALSE;
    }
  target->name = exp_name_decode (shown, &length);
  if (target->name != NULL && strlen (target->name) == length)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "no object can have the name '%s'", shown);
  return FALSE;
}

static gboolean
write_value (const Put *put, ExpEdit *edit, GError **error)
{
  g_autofree char *buffer = g_malloc (PIECE);
  size_t n;

  if (!put->is_append && !exp_edit_truncate (edit, 0, error))
    return FALSE;
  rewind (put->value);
  while ((n = fread (buffer, 1, PIECE, put->value)) > 0)
    if (!exp_edit_append (edit, n, buffer, error))
      return FALSE;
  return exp_edit_finish (edit, error);
}

static const ExpViewClass *
class_of_bytes (FILE *value)
{
  char first[64];

  rewind (value);
  return exp_edit_class_for_bytes (first, fread (first, 1, sizeof first, value));
}

static gboolean
put_into_store (const Put *put, ExpStore *store, const char *path, GError **error)
{
  g_auto (Target) target = { NULL };
  ExpViewOptions options = { .is_compact = put->options.text_is_compact };

  if (!exp_store_begin (store, error))
    return FALSE;
  gboolean is_done = find_target (&target, exp_store_get_root (store), path, error);
  is_done = is_done && (target.node != NULL || exp_node_check_name (target.parent, target.name, error));
  if (is_done && target.node == NULL && target.klass == &exp_view_text)
    target.klass = class_of_bytes (put->value);
  ExpEdit *edit
      = is_done ? exp_edit_new (target.parent, target.name, target.node, target.klass, &options, error) : NULL;
  is_done = edit != NULL && write_value (put, edit, error);
  exp_edit_free (edit);
  exp_store_end (store);
  if (is_done && exp_store_commit (store, TRUE, error))
    return TRUE;
  exp_store_abandon (store);
  return FALSE;
}

/* --- turns -------------------------------------------------------------------------------------------------- */

/* Once: by whoever writes the store now, or alone. EXP_ERROR_BUSY: somebody else's turn. */
static gboolean
put_once (Put *put, const char *argument, GError **error)
{
  g_auto (ExpOperatePlace) place = { NULL };
  ExpStoreOptions options = put->options.store;

  if (!exp_operate_find (&place, argument, error))
    return FALSE;
  if (*place.path == '\0')
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "%s: the path of a dataset is wanted, STORE:PATH", argument);
      return FALSE;
    }
  if (place.mountpoint != NULL)
    return put_into_mount (put, &place, error);
  options.is_writable = TRUE;
  g_autoptr (ExpStore) store = exp_store_open (place.store, &options, error);
  if (store == NULL)
    return FALSE;
  if (put_into_store (put, store, place.path, error))
    return TRUE;
  g_prefix_error (error, "%s: %s: ", place.store, place.path);
  return FALSE;
}

static int
put_in_turn (Put *put, const char *argument)
{
  gint64 end = g_get_monotonic_time () + TURN_SECONDS * G_USEC_PER_SEC;
  g_autoptr (GError) error = NULL;

  if (!take_input (put, &error))
    return exp_complain ("%s", error->message);
  while (!put_once (put, argument, &error))
    {
      if (!g_error_matches (error, EXP_ERROR, EXP_ERROR_BUSY) || g_get_monotonic_time () > end)
        return exp_complain ("%s", error->message);
      g_clear_error (&error);
      g_usleep (TURN_POLL_USEC);
    }
  return EXIT_SUCCESS;
}

static int
parse (Put *put, int argc, char **argv)
{
  static const struct option switches[] = { { "help", no_argument, NULL, 'h' },
                                            { "append", no_argument, NULL, 'a' },
                                            { "no-wait", no_argument, NULL, 'w' },
                                            { NULL } };
  g_autoptr (GError) error = NULL;
  int letter;

  opterr = 0;
  while ((letter = getopt_long (argc, argv, "hao:", switches, NULL)) != -1)
    if (letter == 'h')
      return exp_print_verb_help (&exp_verb_put);
    else if (letter == 'a')
      put->is_append = TRUE;
    else if (letter == 'w')
      put->no_wait = TRUE;
    else if (letter != 'o')
      return exp_complain_switch (argv);
    else if (!exp_mount_options_parse (&put->options, optarg, EXP_OPTIONS_MAKE, &error))
      return exp_complain_usage ("%s", error->message);
  if (!exp_mount_options_finish (&put->options, &error))
    return exp_complain_usage ("%s", error->message);
  if (argc - optind != 1)
    return exp_complain_usage ("put: one place, STORE:PATH, is needed");
  /* That another one is writing is what it waits for, and no news. */
  exp_log_open (NULL, FALSE, FALSE, NULL);
  return put_in_turn (put, argv[optind]);
}

static int
run (int argc, char **argv)
{
  Put put = { FALSE };
  int status = parse (&put, argc, argv);

  if (put.value != NULL)
    fclose (put.value);
  exp_mount_options_clear (&put.options);
  return status;
}

const ExpVerb exp_verb_put = {
  .name = "put",
  .arguments = "STORE:PATH [-a] [--no-wait] [-o OPTION,...]",
  .help = "Write standard input to a dataset, through the running mount or alone",
  .switches = "  -a, --append                behind what is there\n"
              "  --no-wait                   do not wait until the mount has committed it\n"
              "  -o OPTION,...               options of the store: format=, complib=, lock=, ...\n",
  .run = run,
};
