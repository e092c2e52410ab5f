/* The journal by path: what is durable when, who may have it, and when it comes and goes. */
#include "expfs/error.h"
#include "expfs/journal.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  char *folder, *store, *journal;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("journal-XXXXXX", NULL);
  fixture->store = g_build_filename (fixture->folder, "store", NULL);
  fixture->journal = g_strconcat (fixture->store, ".expfs-wal", NULL);
  g_assert_true (g_file_set_contents (fixture->store, "0123456789", 10, NULL));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_unlink (fixture->journal);
  g_unlink (fixture->store);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
  g_free (fixture->store);
  g_free (fixture->journal);
}

static gboolean
is_there (const char *path)
{
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static ExpSource *
open_store (const Fixture *fixture, ExpRecovery *recovery)
{
  g_autoptr (GError) error = NULL;
  ExpSource *source = exp_journal_open_path (fixture->store, EXP_LOCK_AUTO, recovery, &error);

  g_assert_no_error (error);
  return source;
}

static void
put (ExpSource *source, guint64 offset, const char *text)
{
  g_autoptr (GError) error = NULL;

  exp_source_pwrite (source, offset, strlen (text), text, &error);
  g_assert_no_error (error);
}

static void
commit (ExpSource *source)
{
  g_autoptr (GError) error = NULL;

  exp_source_commit (source, &error);
  g_assert_no_error (error);
}

static void
checkpoint (ExpSource *source)
{
  g_autoptr (GError) error = NULL;

  exp_journal_checkpoint (source, &error);
  g_assert_no_error (error);
}

/* All that a source holds, as a string. */
static char *
content (ExpSource *source)
{
  g_autoptr (GError) error = NULL;
  guint64 size;

  exp_source_size (source, &size, &error);
  g_assert_no_error (error);
  char *text = g_malloc0 (size + 1);
  exp_source_pread (source, 0, size, text, &error);
  g_assert_no_error (error);
  return text;
}

static void
assert_content (ExpSource *source, const char *expected)
{
  g_autofree char *text = content (source);

  g_assert_cmpstr (text, ==, expected);
}

static void
assert_file (const char *path, const char *expected)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, expected);
}

/* Runs `work` on a writable source in a process that then dies as if killed. */
static void
in_a_process_that_dies (const Fixture *fixture, void (*work) (ExpSource *source))
{
  pid_t child = fork ();
  int status;

  if (child == 0)
    {
      ExpSource *source = exp_journal_open_path (fixture->store, EXP_LOCK_AUTO, NULL, NULL);
      if (source != NULL)
        work (source);
      _exit (source == NULL);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
}

static void
write_and_commit (ExpSource *source)
{
  exp_source_pwrite (source, 8, 4, "abcd", NULL);
  exp_source_commit (source, NULL);
  exp_source_pwrite (source, 0, 3, "xyz", NULL);
}

/* --- tests -------------------------------------------------------------------------------------------------- */

static void
test_the_store_changes_at_a_checkpoint_only (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ExpSource) source = open_store (fixture, NULL);

  put (source, 8, "abcd");
  assert_content (source, "01234567abcd");
  g_assert_cmpuint (exp_journal_uncommitted (source), ==, 1);
  commit (source);
  g_assert_cmpuint (exp_journal_uncommitted (source), ==, 0);
  assert_file (fixture->store, "0123456789");
  g_assert_cmpuint (exp_journal_size (source), >, 0);
  checkpoint (source);
  assert_file (fixture->store, "01234567abcd");
  assert_content (source, "01234567abcd");
  g_assert_cmpuint (exp_journal_size (source), ==, 0);
}

static void
test_the_journal_goes_when_nothing_is_left_in_it (Fixture *fixture, gconstpointer data)
{
  ExpSource *source = open_store (fixture, NULL);

  g_assert_true (is_there (fixture->journal));
  exp_source_unref (source);
  g_assert_false (is_there (fixture->journal));

  source = open_store (fixture, NULL);
  put (source, 0, "x");
  commit (source);
  exp_source_unref (source);
  g_assert_true (is_there (fixture->journal));

  source = open_store (fixture, NULL);
  checkpoint (source);
  exp_source_unref (source);
  g_assert_false (is_there (fixture->journal));
  assert_file (fixture->store, "x123456789");
}

static void
test_what_is_not_committed_is_lost_without_a_trace (Fixture *fixture, gconstpointer data)
{
  ExpSource *source = open_store (fixture, NULL);

  put (source, 0, "x");
  exp_source_unref (source);
  g_assert_false (is_there (fixture->journal));
  assert_file (fixture->store, "0123456789");
}

static void
test_a_journal_has_the_mode_of_its_store (Fixture *fixture, gconstpointer data)
{
  struct stat st;

  g_assert_cmpint (chmod (fixture->store, 0640), ==, 0);
  g_autoptr (ExpSource) source = open_store (fixture, NULL);
  g_assert_cmpint (stat (fixture->journal, &st), ==, 0);
  g_assert_cmpuint (st.st_mode & 07777, ==, 0640);
}

static void
test_a_linked_store_has_one_journal (Fixture *fixture, gconstpointer data)
{
  g_autofree char *link = g_build_filename (fixture->folder, "link", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (symlink ("store", link), ==, 0);
  g_autoptr (ExpSource) source = exp_journal_open_path (link, EXP_LOCK_AUTO, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (is_there (fixture->journal));
  g_assert_cmpint (g_unlink (link), ==, 0);
}

static void
test_a_second_writer_is_told_of_the_first (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ExpSource) source = open_store (fixture, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *process = g_strdup_printf ("is mounted read-write by process %d on ", getpid ());

  g_assert_null (exp_journal_open_path (fixture->store, EXP_LOCK_AUTO, NULL, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_BUSY);
  g_assert_nonnull (strstr (error->message, process));
  g_assert_nonnull (strstr (error->message, g_get_host_name ()));
  g_assert_nonnull (strstr (error->message, " since 20"));
}

static void
test_other_programs_may_read_but_not_write (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ExpSource) source = open_store (fixture, NULL);
  int fd = open (fixture->store, O_RDWR | O_CLOEXEC);

  g_assert_cmpint (flock (fd, LOCK_EX | LOCK_NB), ==, -1);
  g_assert_cmpint (flock (fd, LOCK_SH | LOCK_NB), ==, 0);
  close (fd);
}

static void
test_a_writer_waits_for_no_other (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  int fd = open (fixture->store, O_RDWR | O_CLOEXEC);

  g_assert_cmpint (flock (fd, LOCK_EX | LOCK_NB), ==, 0);
  g_assert_null (exp_journal_open_path (fixture->store, EXP_LOCK_AUTO, NULL, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_BUSY);
  g_assert_false (is_there (fixture->journal));
  g_clear_error (&error);
  g_autoptr (ExpSource) source = exp_journal_open_path (fixture->store, EXP_LOCK_NO, NULL, &error);
  g_assert_no_error (error);
  close (fd);
}

static void
test_readers_put_a_checkpoint_off (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ExpSource) source = open_store (fixture, NULL);
  g_autoptr (GError) error = NULL;
  int fd = open (fixture->store, O_RDONLY | O_CLOEXEC);

  put (source, 0, "x");
  commit (source);
  g_assert_cmpint (flock (fd, LOCK_SH | LOCK_NB), ==, 0);
  g_test_expect_message ("expfs", G_LOG_LEVEL_MESSAGE, "*stays in its journal for now*open in another program*");
  checkpoint (source);
  checkpoint (source); /* says it once */
  g_test_assert_expected_messages ();
  g_assert_cmpuint (exp_journal_size (source), >, 0);
  g_assert_null (exp_journal_get_failure (source));
  g_assert_false (exp_journal_finish (source, 0, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_BUSY);
  put (source, 1, "y");
  commit (source);
  assert_file (fixture->store, "0123456789");
  g_assert_cmpint (flock (fd, LOCK_EX | LOCK_NB), ==, -1);
  close (fd);
  g_clear_error (&error);
  g_assert_true (exp_journal_finish (source, 0, &error));
  g_assert_cmpuint (exp_journal_size (source), ==, 0);
  assert_file (fixture->store, "xy23456789");
}

static void
test_a_writer_goes_on_where_one_died (Fixture *fixture, gconstpointer data)
{
  ExpRecovery recovery;

  in_a_process_that_dies (fixture, write_and_commit);
  assert_file (fixture->store, "0123456789");

  g_autoptr (ExpSource) source = open_store (fixture, &recovery);
  assert_content (source, "01234567abcd");
  assert_file (fixture->store, "01234567abcd");
  g_assert_true (recovery.is_found);
  g_assert_cmpuint (recovery.n_commits, ==, 1);
  g_assert_cmpuint (recovery.n_pages, ==, 1);
}

static void
test_a_writer_goes_on_while_others_read (Fixture *fixture, gconstpointer data)
{
  int fd = open (fixture->store, O_RDONLY | O_CLOEXEC);

  in_a_process_that_dies (fixture, write_and_commit);
  g_assert_cmpint (flock (fd, LOCK_SH | LOCK_NB), ==, 0);
  g_autoptr (ExpSource) source = open_store (fixture, NULL);
  put (source, 1, "y");
  commit (source);
  assert_content (source, "0y234567abcd");
  assert_file (fixture->store, "0123456789");
  close (fd);
  checkpoint (source);
  assert_file (fixture->store, "0y234567abcd");
}

static void
test_a_reader_recovers_what_a_writer_left (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  in_a_process_that_dies (fixture, write_and_commit);
  g_autoptr (ExpSource) source = exp_journal_open_path_for_reading (fixture->store, EXP_LOCK_AUTO, &error);
  g_assert_no_error (error);
  assert_content (source, "01234567abcd");
  assert_file (fixture->store, "01234567abcd");
  g_assert_false (is_there (fixture->journal));
}

static void
test_a_reader_reads_through_a_journal_that_cannot_be_moved (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  int fd = open (fixture->store, O_RDONLY | O_CLOEXEC);

  in_a_process_that_dies (fixture, write_and_commit);
  g_assert_cmpint (flock (fd, LOCK_SH | LOCK_NB), ==, 0);
  g_autoptr (ExpSource) source = exp_journal_open_path_for_reading (fixture->store, EXP_LOCK_AUTO, &error);
  g_assert_no_error (error);
  close (fd);
  assert_content (source, "01234567abcd");
  assert_file (fixture->store, "0123456789");
  g_assert_false (exp_source_pwrite (source, 0, 1, "x", NULL));

  /* While it is read so, nobody may write; the message does not name the one that died. */
  g_assert_null (exp_journal_open_path (fixture->store, EXP_LOCK_AUTO, NULL, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_BUSY);
  g_assert_nonnull (strstr (error->message, "is being read"));
}

static void
test_a_reader_beside_a_writer_sees_the_last_checkpoint (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ExpSource) writer = open_store (fixture, NULL);
  g_autoptr (GError) error = NULL;

  put (writer, 0, "x");
  commit (writer);
  ExpSource *reader = exp_journal_open_path_for_reading (fixture->store, EXP_LOCK_AUTO, &error);
  g_assert_no_error (error);
  assert_content (reader, "0123456789");
  checkpoint (writer);
  assert_content (reader, "0123456789");
  exp_source_unref (reader);
  checkpoint (writer);
}

static void
test_a_size_that_no_file_can_have_does_no_harm (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  ExpSource *source = open_store (fixture, NULL);

  put (source, 0, "x");
  exp_source_truncate (source, G_GUINT64_CONSTANT (1) << 61, &error);
  g_assert_no_error (error);
  commit (source);
  g_assert_false (exp_journal_finish (source, 0, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_NO_SPACE);
  assert_file (fixture->store, "0123456789");
  g_clear_error (&error);
  exp_source_truncate (source, 5, &error);
  g_assert_no_error (error);
  g_assert_true (exp_journal_finish (source, 0, &error));
  exp_source_unref (source);
  assert_file (fixture->store, "x1234");
}

static void
test_what_another_program_changed_is_not_written_over (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  ExpSource *source = open_store (fixture, NULL);

  put (source, 0, "x");
  commit (source);
  g_usleep (20000); /* longer than the kernel's clock takes to go on */
  int fd = open (fixture->store, O_WRONLY | O_CLOEXEC);
  g_assert_cmpint (pwrite (fd, "other", 5, 2), ==, 5);
  close (fd);
  g_assert_false (exp_journal_checkpoint (source, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_BUSY);
  g_clear_error (&error);
  error = exp_journal_get_failure (source);
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_false (exp_source_pwrite (source, 0, 1, "y", &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_READ_ONLY);
  g_clear_error (&error);
  exp_source_unref (source);
  assert_file (fixture->store, "01other789");
  g_assert_true (is_there (fixture->journal));

  g_assert_null (exp_journal_open_path (fixture->store, EXP_LOCK_AUTO, NULL, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_BUSY);
  g_clear_error (&error);
  g_test_expect_message ("expfs", G_LOG_LEVEL_WARNING, "*was changed by another program*");
  source = exp_journal_open_path_for_reading (fixture->store, EXP_LOCK_AUTO, &error);
  g_test_assert_expected_messages ();
  g_assert_no_error (error);
  assert_content (source, "01other789");
  exp_source_unref (source);
  assert_file (fixture->store, "01other789");
  g_assert_true (is_there (fixture->journal));
}

static void
test_a_journal_of_another_file_is_left_alone (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  in_a_process_that_dies (fixture, write_and_commit);
  g_assert_true (g_file_set_contents (fixture->store, "another one", -1, NULL)); /* by rename: a new inode */
  g_assert_null (exp_journal_open_path (fixture->store, EXP_LOCK_AUTO, NULL, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_BUSY);
  assert_file (fixture->store, "another one");
  g_assert_true (is_there (fixture->journal));
}

static void
test_what_is_no_journal_is_left_alone (Fixture *fixture, gconstpointer data)
{
  g_autofree char *zeros = g_malloc0 (10000);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (fixture->journal, zeros, 10000, NULL));
  g_assert_null (exp_journal_open_path (fixture->store, EXP_LOCK_AUTO, NULL, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_DAMAGED);
  g_assert_true (is_there (fixture->journal));
}

static void
test_recovering_needs_the_store_alone (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  ExpRecovery recovery;

  g_assert_true (exp_journal_recover_path (fixture->store, &recovery, &error));
  g_assert_false (recovery.is_found);

  in_a_process_that_dies (fixture, write_and_commit);
  int fd = open (fixture->store, O_RDONLY | O_CLOEXEC);
  g_assert_cmpint (flock (fd, LOCK_SH | LOCK_NB), ==, 0);
  g_assert_false (exp_journal_recover_path (fixture->store, &recovery, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_BUSY);
  g_clear_error (&error);
  close (fd);
  g_assert_true (exp_journal_recover_path (fixture->store, &recovery, &error));
  g_assert_cmpuint (recovery.n_commits, ==, 1);
  g_assert_false (is_there (fixture->journal));
  assert_file (fixture->store, "01234567abcd");
}

static void
test_a_store_that_is_not_there_gets_no_journal (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_unlink (fixture->store), ==, 0);
  g_assert_null (exp_journal_open_path (fixture->store, EXP_LOCK_AUTO, NULL, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND);
  g_assert_false (is_there (fixture->journal));
}

static void
test_what_was_read_a_moment_ago_is_not_read_again_once_it_was_written (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ExpSource) source = open_store (fixture, NULL);

  for (char digit = '0'; digit < '9'; digit++)
    {
      char text[] = { digit, '\0' };
      g_autofree char *expected = g_strdup_printf ("%c123456%c89", digit, digit);

      put (source, 0, text);
      commit (source);
      checkpoint (source);
      put (source, 7, text);
      assert_content (source, expected);
      commit (source);
      checkpoint (source);
      assert_content (source, expected);
      assert_file (fixture->store, expected);
    }
}

#define ADD(name) g_test_add ("/journal/" #name, Fixture, NULL, set_up, test_##name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (the_store_changes_at_a_checkpoint_only);
  ADD (the_journal_goes_when_nothing_is_left_in_it);
  ADD (what_is_not_committed_is_lost_without_a_trace);
  ADD (a_journal_has_the_mode_of_its_store);
  ADD (a_linked_store_has_one_journal);
  ADD (a_second_writer_is_told_of_the_first);
  ADD (other_programs_may_read_but_not_write);
  ADD (a_writer_waits_for_no_other);
  ADD (readers_put_a_checkpoint_off);
  ADD (a_writer_goes_on_where_one_died);
  ADD (a_writer_goes_on_while_others_read);
  ADD (a_reader_recovers_what_a_writer_left);
  ADD (a_reader_reads_through_a_journal_that_cannot_be_moved);
  ADD (a_reader_beside_a_writer_sees_the_last_checkpoint);
  ADD (a_size_that_no_file_can_have_does_no_harm);
  ADD (what_another_program_changed_is_not_written_over);
  ADD (a_journal_of_another_file_is_left_alone);
  ADD (what_is_no_journal_is_left_alone);
  ADD (recovering_needs_the_store_alone);
  ADD (a_store_that_is_not_there_gets_no_journal);
  ADD (what_was_read_a_moment_ago_is_not_read_again_once_it_was_written);
  return g_test_run ();
}
