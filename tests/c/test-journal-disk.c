/* The journal on real files: killed at each operation, on a disk that fills up, and with many who read meanwhile. */
#include "expfs/error.h"
#include "expfs/journal.h"
#include "expfs/store.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096

typedef struct
{
  char *folder, *store, *journal, *ballast;
  gboolean is_mounted;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("journal-XXXXXX", NULL);
  /* A small disk for who asks for one and may have it. */
  if (data != NULL && unshare (CLONE_NEWNS) == 0 && mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
    fixture->is_mounted = mount ("tmpfs", fixture->folder, "tmpfs", 0, data) == 0;
  fixture->store = g_build_filename (fixture->folder, "store", NULL);
  fixture->journal = g_strconcat (fixture->store, ".expfs-wal", NULL);
  fixture->ballast = g_build_filename (fixture->folder, "ballast", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_unlink (fixture->journal);
  g_unlink (fixture->store);
  g_unlink (fixture->ballast);
  if (fixture->is_mounted)
    g_assert_cmpint (umount (fixture->folder), ==, 0);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
  g_free (fixture->store);
  g_free (fixture->journal);
  g_free (fixture->ballast);
}

/* `n` pages of one letter. */
static void
fill_file (const char *path, guint n, char letter)
{
  g_autofree char *bytes = g_strnfill (n * PAGE, letter);

  g_assert_true (g_file_set_contents (path, bytes, n * PAGE, NULL));
}

static ExpSource *
open_store (const Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  ExpSource *source = exp_journal_open_path (fixture->store, EXP_LOCK_AUTO, NULL, &error);

  g_assert_no_error (error);
  return source;
}

static gboolean
write_page (ExpSource *source, guint64 number, char letter, GError **error)
{
  char bytes[PAGE];

  memset (bytes, letter, PAGE);
  return exp_source_pwrite (source, number * PAGE, PAGE, bytes, error);
}

/* Each page's letter, '?' for a page that is not of one. */
static char *
letters (ExpSource *source)
{
  g_autoptr (GString) out = g_string_new (NULL);
  guint64 size;

  g_assert_true (exp_source_size (source, &size, NULL));
  g_assert_cmpuint (size % PAGE, ==, 0);
  for (guint64 at = 0; at < size; at += PAGE)
    {
      char bytes[PAGE];

      g_assert_true (exp_source_pread (source, at, PAGE, bytes, NULL));
      g_string_append_c (out, memcmp (bytes, bytes + 1, PAGE - 1) == 0 ? *bytes : '?');
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static void
assert_letters (ExpSource *source, const char *expected)
{
  g_autofree char *found = letters (source);

  g_assert_cmpstr (found, ==, expected);
}

/* --- killed ------------------------------------------------------------------------------------------------- */

/* A file that ends the process at an operation, having done half of it. */
typedef struct
{
  ExpSource base;
  ExpSource *file;
} Deadly;

static gint n_left; /* operations */

static gboolean
is_the_last (void)
{
  return n_left-- == 0;
}

static void
deadly_free (ExpSource *source)
{
  exp_source_unref (((Deadly *)source)->file);
  g_free (source);
}

static gboolean
deadly_size (ExpSource *source, guint64 *size, GError **error)
{
  return exp_source_size (((Deadly *)source)->file, size, error);
}

static gboolean
deadly_pread (ExpSource *source, guint64 offset, gsize length, void *buffer, GError **error)
{
  return exp_source_pread (((Deadly *)source)->file, offset, length, buffer, error);
}

static gboolean
deadly_pwrite (ExpSource *source, guint64 offset, gsize length, const void *buffer, GError **error)
{
  gboolean is_last = is_the_last ();
  gboolean is_done = exp_source_pwrite (((Deadly *)source)->file, offset, is_last ? length / 2 : length, buffer, error);

  if (is_last)
    _exit (0);
  return is_done;
}

static gboolean
deadly_truncate (ExpSource *source, guint64 size, GError **error)
{
  if (is_the_last ())
    _exit (0);
  return exp_source_truncate (((Deadly *)source)->file, size, error);
}

static gboolean
deadly_commit (ExpSource *source, GError **error)
{
  if (is_the_last ())
    _exit (0);
  return exp_source_commit (((Deadly *)source)->file, error);
}

static gboolean
deadly_identify (ExpSource *source, ExpIdentity *identity, GError **error)
{
  return exp_source_identify (((Deadly *)source)->file, identity, error);
}

static const ExpSourceClass deadly_class = {
  .free = deadly_free,
  .size = deadly_size,
  .pread = deadly_pread,
  .pwrite = deadly_pwrite,
  .truncate = deadly_truncate,
  .commit = deadly_commit,
  .identify = deadly_identify,
};

static ExpSource *
open_deadly (const char *path)
{
  Deadly *self = g_new0 (Deadly, 1);

  self->base.klass = &deadly_class;
  g_atomic_ref_count_init (&self->base.references);
  self->base.name = g_strdup (path);
  self->file = exp_source_open_file_writable (path, 0600, NULL);
  return &self->base;
}

/* In a process of its own, which dies at operation n: a commit and its checkpoint. Says through `fd` when it has
 * committed. Returns TRUE when it died before the end. */
static gboolean
dies_at (const Fixture *fixture, guint n, int fd)
{
  pid_t child = fork ();
  int status;

  if (child == 0)
    {
      n_left = n;
      g_autoptr (ExpSource) store = open_deadly (fixture->store), journal = open_deadly (fixture->journal);
      g_autoptr (ExpSource) source = exp_journal_open (store, journal, NULL, NULL);

      exp_source_truncate (source, 2 * PAGE, NULL);
      for (guint i = 1; i < 6; i++)
        write_page (source, i, 'b', NULL);
      exp_source_truncate (source, 5 * PAGE, NULL);
      if (exp_source_commit (source, NULL) && write (fd, "", 1) == 1 && exp_journal_checkpoint (source, NULL))
        _exit (1);
      _exit (2);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) < 2);
  return WEXITSTATUS (status) == 0;
}

static void
test_killed_at_any_operation (Fixture *fixture, gconstpointer data)
{
  gboolean has_died = TRUE;
  guint n = 0;

  for (; has_died; n++)
    {
      int fds[2];
      char byte;

      fill_file (fixture->store, 4, 'a');
      g_unlink (fixture->journal);
      g_assert_cmpint (pipe (fds), ==, 0);
      has_died = dies_at (fixture, n, fds[1]);
      close (fds[1]);
      gboolean is_committed = read (fds[0], &byte, 1) == 1;
      close (fds[0]);

      g_autoptr (ExpSource) source = open_store (fixture);
      g_autofree char *found = letters (source);
      if (is_committed || strcmp (found, "aaaa") != 0)
        g_assert_cmpstr (found, ==, "abbbb");
      g_assert_cmpuint (exp_journal_size (source), ==, 0);
    }
  g_assert_cmpuint (n, >, 15);
}

/* Writes all pages of the store anew, as they are, and dies at operation n. */
static gboolean
dies_moving_at (const Fixture *fixture, guint n)
{
  pid_t child = fork ();
  int status;

  if (child == 0)
    {
      n_left = n;
      g_autoptr (ExpSource) store = open_deadly (fixture->store), journal = open_deadly (fixture->journal);
      g_autoptr (ExpSource) source = exp_journal_open (store, journal, NULL, NULL);
      guint64 size;

      exp_source_size (source, &size, NULL);
      g_autofree guint8 *bytes = g_malloc (size);
      exp_source_pread (source, 0, size, bytes, NULL);
      _exit (exp_source_pwrite (source, 0, size, bytes, NULL) && exp_source_commit (source, NULL)
                     && exp_journal_checkpoint (source, NULL)
                 ? 1
                 : 2);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) < 2);
  return WEXITSTATUS (status) == 0;
}

static gboolean
begins_with (const char *path, const char *bytes)
{
  g_autofree char *content = NULL;

  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  return g_str_has_prefix (content, bytes);
}

static void
test_half_of_a_store_is_none_until_it_is_recovered (Fixture *fixture, gconstpointer data)
{
  const ExpStoreOptions options = { 0 };
  g_autoptr (GError) error = NULL;
  guint n_half = 0;

  exp_store_create (fixture->store, "hdf5", &options, &error);
  g_assert_no_error (error);
  for (guint n = 0; dies_moving_at (fixture, n); n++)
    {
      gboolean is_half = !begins_with (fixture->store, "\x89HDF");

      n_half += is_half;
      g_assert_true (!is_half || begins_with (fixture->store, "expfs: half of this store"));
      g_autoptr (ExpStore) store = exp_store_open (fixture->store, &options, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (exp_store_get_format (store), ==, "hdf5");
      g_assert_true (begins_with (fixture->store, "\x89HDF"));
    }
  g_assert_cmpuint (n_half, >, 2);
}

/* --- full --------------------------------------------------------------------------------------------------- */

/* Takes all the room that is left. */
static void
fill_disk (const Fixture *fixture)
{
  char bytes[PAGE] = { 0 };
  int fd = open (fixture->ballast, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

  while (write (fd, bytes, PAGE) > 0)
    ;
  close (fd);
}

static gboolean
is_skipped (const Fixture *fixture)
{
  if (!fixture->is_mounted)
    g_test_skip ("may not mount a small disk here");
  return !fixture->is_mounted;
}

static void
test_a_full_disk_loses_no_commit (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  char last = 'a';

  if (is_skipped (fixture))
    return;
  fill_file (fixture->store, 4, 'a');
  ExpSource *source = open_store (fixture);
  fill_disk (fixture);
  g_unlink (fixture->ballast);
  for (char letter = 'b'; error == NULL && letter < 'z'; letter++)
    {
      for (guint i = 0; i < 4; i++)
        if (!write_page (source, i, letter, error == NULL ? &error : NULL))
          break;
      if (error == NULL && exp_source_commit (source, &error))
        last = letter;
    }
  g_assert_error (error, EXP_ERROR, EXP_ERROR_NO_SPACE);
  g_assert_cmpint (last, >, 'b');
  g_clear_error (&error);
  g_assert_false (exp_source_commit (source, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_READ_ONLY);
  exp_source_unref (source);

  /* The pages that are there already need no room. */
  const char expected[] = { last, last, last, last, '\0' };
  source = open_store (fixture);
  assert_letters (source, expected);
  exp_source_unref (source);
  g_assert_false (g_file_test (fixture->journal, G_FILE_TEST_EXISTS));
}

static void
test_a_checkpoint_waits_for_room (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL;
  gsize size;

  if (is_skipped (fixture))
    return;
  fill_file (fixture->store, 4, 'a');
  g_autoptr (ExpSource) source = open_store (fixture);
  for (guint i = 2; i < 10; i++)
    g_assert_true (write_page (source, i, 'b', NULL));
  g_assert_true (exp_source_commit (source, NULL));
  fill_disk (fixture);
  for (guint i = 0; i < 2; i++)
    {
      if (i == 0)
        g_test_expect_message ("expfs", G_LOG_LEVEL_MESSAGE, "*stays in its journal for now*No space left*");
      g_assert_true (exp_journal_checkpoint (source, &error));
      g_assert_no_error (error);
      g_test_assert_expected_messages ();
      g_assert_cmpuint (exp_journal_size (source), >, 0);
      g_assert_null (exp_journal_get_failure (source));
      assert_letters (source, "aabbbbbbbb");
    }
  g_assert_true (g_file_get_contents (fixture->store, &before, &size, NULL));
  g_assert_cmpuint (size, ==, 4 * PAGE);
  g_assert_cmpint (before[2 * PAGE], ==, 'a');

  /* Who opens it now finds it so, too. */
  g_clear_pointer (&source, exp_source_unref);
  g_test_expect_message ("expfs", G_LOG_LEVEL_MESSAGE, "*stays in its journal for now*No space left*");
  source = open_store (fixture);
  g_test_assert_expected_messages ();
  assert_letters (source, "aabbbbbbbb");
  g_unlink (fixture->ballast);
  g_assert_true (exp_journal_checkpoint (source, NULL));
  g_assert_cmpuint (exp_journal_size (source), ==, 0);
  assert_letters (source, "aabbbbbbbb");
}

/* --- together ----------------------------------------------------------------------------------------------- */

#define N_PAGES 64

/* All pages are always of one letter, but the writer is at them one after the other. */
static gpointer
read_on (gpointer data)
{
  ExpSource *source = data;
  g_autofree char *bytes = g_malloc (N_PAGES * PAGE);
  char last = 'a';

  while (last != 'z')
    {
      g_assert_true (exp_source_pread (source, 0, N_PAGES * PAGE, bytes, NULL));
      for (guint i = 0; i < N_PAGES; i++)
        {
          const char *page = bytes + i * PAGE;
          g_assert_true (memcmp (page, page + 1, PAGE - 1) == 0);
          g_assert_cmpint (*page, >=, last); /* never older than what was read before */
        }
      last = bytes[(N_PAGES - 1) * PAGE]; /* the last that is written */
    }
  return NULL;
}

static void
test_readers_see_what_is_written_while_it_is_committed_and_moved (Fixture *fixture, gconstpointer data)
{
  g_autofree char *bytes = g_malloc (N_PAGES * PAGE);
  GThread *threads[4];

  fill_file (fixture->store, N_PAGES, 'a');
  g_autoptr (ExpSource) source = open_store (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("reader", read_on, source);
  for (char letter = 'b'; letter <= 'z'; letter++)
    {
      if (letter % 2 == 0)
        for (guint i = 0; i < N_PAGES; i++)
          g_assert_true (write_page (source, i, letter, NULL));
      else
        {
          memset (bytes, letter, N_PAGES * PAGE);
          g_assert_true (exp_source_pwrite (source, 0, N_PAGES * PAGE, bytes, NULL));
        }
      g_assert_true (exp_source_commit (source, NULL));
      g_assert_true (letter % 3 != 0 || exp_journal_checkpoint (source, NULL));
    }
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

#define ADD(name, disk) g_test_add ("/journal-disk/" #name, Fixture, disk, set_up, test_##name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (killed_at_any_operation, NULL);
  ADD (half_of_a_store_is_none_until_it_is_recovered, NULL);
  ADD (a_full_disk_loses_no_commit, "size=256k");
  ADD (a_checkpoint_waits_for_room, "size=256k");
  ADD (readers_see_what_is_written_while_it_is_committed_and_moved, NULL);
  return g_test_run ();
}
