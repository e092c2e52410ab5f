/* Commits: several files that get their names together, though a program may die at any moment.
 * Knows names and durability; knows nothing of what the files hold.
 * Called by hmf.c and save.c. */
#include "hmf.h"
#include "source/folder.h"
#include "source/system_error.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* New files have a number behind this until they get their names. */
#define NEW        EXP_HMF_OWN "new-"
#define RECORD_NEW EXP_HMF_OWN "commit-new"

/* The record: this line; a line "rename FROM TO" or "remove NAME" for each file, names as g_strescape has them and a
 * tab between; and "end". */
#define FIRST_LINE "expfs hmf commit 1"
#define LAST_LINE  "end"
#define RENAME     "rename"
#define REMOVE     "remove"
#define MAX_RECORD ((guint64)256 << 20)

static gboolean
is_new_name (const char *name)
{
  return g_str_has_prefix (name, NEW) && strspn (name + strlen (NEW), "0123456789") == strlen (name + strlen (NEW));
}

static gboolean
is_map_name (const char *name)
{
  return g_strv_contains (exp_hmf_map_names, name) || g_strv_contains (exp_hmf_old_map_names, name);
}

void
exp_hmf_commit_init (ExpHmfCommit *commit, ExpHmfFolder *folder)
{
  *commit
      = (ExpHmfCommit){ folder, g_ptr_array_new_with_free_func (g_free), g_ptr_array_new_with_free_func (g_free), 0 };
}

static gboolean
remove_file (const ExpHmfFolder *folder, const char *name, GError **error)
{
  g_autofree char *path = exp_hmf_folder_path (folder, name);

  if (unlink (path) == 0 || errno == ENOENT)
    return TRUE;
  exp_set_system_error (error, path, errno);
  return FALSE;
}

void
exp_hmf_commit_clear (ExpHmfCommit *commit)
{
  if (commit->renames == NULL)
    return;
  for (guint i = 0; i < commit->renames->len; i += 2)
    remove_file (commit->folder, commit->renames->pdata[i], NULL);
  g_ptr_array_unref (commit->renames);
  g_ptr_array_unref (commit->removals);
}

/* --- what is to be made ------------------------------------------------------------------------------------- */

/* The path of the next file, which nobody has. Caller frees. */
static char *
begin_file (ExpHmfCommit *commit, const char *name)
{
  char *temporary = g_strdup_printf (NEW "%u", commit->n++);
  char *path = exp_hmf_folder_path (commit->folder, temporary);

  unlink (path);
  g_ptr_array_add (commit->renames, temporary);
  g_ptr_array_add (commit->renames, g_strdup (name));
  return path;
}

/* As the old one: who may read and write it, whose it is. */
static void
give_to_owner (const ExpHmfFolder *folder, const char *name, ExpSource *to)
{
  g_autofree char *path = exp_hmf_folder_path (folder, name);
  struct stat st;

  if (lstat (path, &st) != 0 || !S_ISREG (st.st_mode))
    return;
  if (fchown (exp_source_fd (to), st.st_uid, st.st_gid) != 0 || fchmod (exp_source_fd (to), st.st_mode & 07777) != 0)
    g_debug ("%s: stays this user's: %s", to->name, g_strerror (errno));
}

gboolean
exp_hmf_commit_add (ExpHmfCommit *commit, const char *name, ExpSourceWriteFunc write, gpointer data, GError **error)
{
  g_autofree char *path = begin_file (commit, name);
  g_autoptr (ExpSource) to = exp_source_open_file_writable (path, 0666, error);

  if (to == NULL)
    return FALSE;
  give_to_owner (commit->folder, name, to);
  return write (to, data, error) && exp_source_commit (to, error);
}

#define PIECE (1 << 20)

static gboolean
copy_bytes (ExpSource *to, gpointer data, GError **error)
{
  ExpSource *from = data;
  g_autofree guint8 *bytes = g_malloc (PIECE);
  guint64 size;

  if (!exp_source_size (from, &size, error))
    return FALSE;
  for (guint64 at = 0, n; at < size; at += n)
    {
      n = MIN (size - at, PIECE);
      if (!exp_source_pread (from, at, n, bytes, error) || !exp_source_pwrite (to, at, n, bytes, error))
        return FALSE;
    }
  return TRUE;
}

/* A second name for it, or a copy where the file system has no such thing. */
gboolean
exp_hmf_commit_add_link (ExpHmfCommit *commit, const char *from, const char *name, GError **error)
{
  g_autofree char *old = exp_hmf_folder_path (commit->folder, from);
  g_autofree char *path = begin_file (commit, name);
  g_autoptr (ExpSource) source = NULL;

  if (link (old, path) == 0)
    return TRUE;
  g_ptr_array_set_size (commit->renames, commit->renames->len - 2);
  source = exp_hmf_folder_open (commit->folder, from, error);
  return source != NULL && exp_hmf_commit_add (commit, name, copy_bytes, source, error);
}

void
exp_hmf_commit_remove (ExpHmfCommit *commit, const char *name)
{
  g_ptr_array_add (commit->removals, g_strdup (name));
}

/* --- the record --------------------------------------------------------------------------------------------- */

static void
append_name (GString *out, const char *name)
{
  g_autofree char *escaped = g_strescape (name, NULL);

  g_string_append_printf (out, "\t%s", escaped);
}

static gboolean
write_text (ExpSource *to, gpointer data, GError **error)
{
  const GString *text = data;

  return exp_source_pwrite (to, 0, text->len, text->str, error);
}

static gboolean
write_record (const ExpHmfCommit *commit, GError **error)
{
  g_autoptr (GString) text = g_string_new (FIRST_LINE "\n");
  g_autofree char *temporary = exp_hmf_folder_path (commit->folder, RECORD_NEW);
  g_autofree char *path = exp_hmf_folder_path (commit->folder, EXP_HMF_RECORD);
  g_autoptr (ExpSource) to = NULL;

  for (guint i = 0; i < commit->renames->len; i++)
    {
      g_string_append (text, i % 2 == 0 ? RENAME : "");
      append_name (text, commit->renames->pdata[i]);
      g_string_append (text, i % 2 == 1 ? "\n" : "");
    }
  for (guint i = 0; i < commit->removals->len; i++)
    {
      g_string_append (text, REMOVE);
      append_name (text, commit->removals->pdata[i]);
      g_string_append_c (text, '\n');
    }
  g_string_append (text, LAST_LINE "\n");
  unlink (temporary);
  to = exp_source_open_file_writable (temporary, 0666, error);
  if (to == NULL || !write_text (to, text, error) || !exp_source_commit (to, error)
      || !exp_folder_sync (temporary, error))
    {
      unlink (temporary);
      return FALSE;
    }
  if (rename (temporary, path) == 0)
    return exp_folder_sync (path, error);
  exp_set_system_error (error, path, errno);
  unlink (temporary);
  return FALSE;
}

/* One line of it. FALSE for what no commit of ours has: nothing of such a record is made. */
static gboolean
read_line (const char *line, ExpHmfCommit *commit)
{
  g_auto (GStrv) parts = g_strsplit (line, "\t", -1);
  const guint n = g_strv_length (parts);

  for (guint i = 1; i < n; i++)
    {
      char *name = g_strcompress (parts[i]);

      g_free (parts[i]);
      parts[i] = name;
    }
  if (n == 3 && strcmp (parts[0], RENAME) == 0 && is_new_name (parts[1])
      && (exp_hmf_is_file_name (parts[2]) || is_map_name (parts[2])))
    {
      g_ptr_array_add (commit->renames, g_strdup (parts[1]));
      g_ptr_array_add (commit->renames, g_strdup (parts[2]));
      return TRUE;
    }
  if (n != 2 || strcmp (parts[0], REMOVE) != 0 || (!exp_hmf_is_file_name (parts[1]) && !is_map_name (parts[1])))
    return FALSE;
  g_ptr_array_add (commit->removals, g_strdup (parts[1]));
  return TRUE;
}

/* TRUE when there is one, all of it in *commit, which the caller initialised. */
static gboolean
read_record (ExpHmfCommit *commit, GError **error)
{
  g_autofree char *path = exp_hmf_folder_path (commit->folder, EXP_HMF_RECORD);
  g_autoptr (GError) local = NULL;
  g_autoptr (ExpSource) source = exp_source_open_file_itself (path, &local);
  g_autofree char *text = NULL;
  guint64 size;

  if (g_error_matches (local, EXP_ERROR, EXP_ERROR_NOT_FOUND))
    return FALSE;
  if (source != NULL && exp_source_size (source, &size, &local) && size <= MAX_RECORD)
    text = g_try_malloc0 (size + 1);
  if (text != NULL && exp_source_pread (source, 0, size, text, &local))
    {
      g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
      const guint n = g_strv_length (lines);
      gboolean is_whole = n > 2 && strcmp (lines[0], FIRST_LINE) == 0 && strcmp (lines[n - 2], LAST_LINE) == 0;

      for (guint i = 1; is_whole && i < n - 2; i++)
        is_whole = read_line (lines[i], commit);
      if (is_whole)
        return TRUE;
    }
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else
    g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "%s is no record of a commit that can be finished", path);
  return FALSE;
}

/* --- making it ---------------------------------------------------------------------------------------------- */

/* What the record says, also when some of it was done before. */
static gboolean
perform (const ExpHmfCommit *commit, GError **error)
{
  g_autofree char *record = exp_hmf_folder_path (commit->folder, EXP_HMF_RECORD);

  for (guint i = 0; i < commit->renames->len; i += 2)
    {
      g_autofree char *from = exp_hmf_folder_path (commit->folder, commit->renames->pdata[i]);
      g_autofree char *to = exp_hmf_folder_path (commit->folder, commit->renames->pdata[i + 1]);

      /* rename(2) leaves two names of one file as they are. */
      if (rename (from, to) == 0 || errno == ENOENT)
        unlink (from);
      else
        {
          exp_set_system_error (error, to, errno);
          return FALSE;
        }
    }
  for (guint i = 0; i < commit->removals->len; i++)
    if (!remove_file (commit->folder, commit->removals->pdata[i], error))
      return FALSE;
  if (!exp_folder_sync (record, error) || !remove_file (commit->folder, EXP_HMF_RECORD, error))
    return FALSE;
  return exp_folder_sync (record, error);
}

gboolean
exp_hmf_commit_make (ExpHmfCommit *commit, GError **error)
{
  if (!write_record (commit, error))
    return FALSE;
  gboolean is_made = perform (commit, error);
  /* They belong to the record now. */
  g_ptr_array_set_size (commit->renames, 0);
  return is_made;
}

static void
drop_new (ExpHmfFolder *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder->path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (is_new_name (name) || strcmp (name, RECORD_NEW) == 0)
      remove_file (folder, name, NULL);
}

gboolean
exp_hmf_finish (ExpHmfFolder *folder, gboolean *is_found, GError **error)
{
  g_autoptr (GError) local = NULL;
  ExpHmfCommit commit;

  exp_hmf_commit_init (&commit, folder);
  *is_found = read_record (&commit, &local);
  gboolean is_done = *is_found ? perform (&commit, &local) : local == NULL;
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else
    drop_new (folder);
  g_ptr_array_set_size (commit.renames, 0);
  exp_hmf_commit_clear (&commit);
  return is_done;
}

static void
follow (ExpHmfFolder *folder)
{
  ExpHmfCommit commit;

  exp_hmf_commit_init (&commit, folder);
  if (read_record (&commit, NULL))
    {
      folder->pending = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      for (guint i = 0; i < commit.renames->len; i += 2)
        g_hash_table_insert (folder->pending, g_strdup (commit.renames->pdata[i + 1]),
                             g_strdup (commit.renames->pdata[i]));
    }
  g_ptr_array_set_size (commit.renames, 0);
  exp_hmf_commit_clear (&commit);
}

void
exp_hmf_finish_or_follow (ExpHmfFolder *folder, ExpLockMode lock)
{
  g_autofree char *record = exp_hmf_folder_path (folder, EXP_HMF_RECORD);
  gboolean is_found = FALSE, is_held;

  if (access (record, F_OK) != 0)
    return;
  is_held = access (folder->path, W_OK) == 0 && exp_hmf_folder_hold (folder, lock, NULL);
  if (!is_held || !exp_hmf_finish (folder, &is_found, NULL))
    follow (folder);
  if (folder->fd >= 0)
    close (folder->fd);
  folder->fd = -1;
}
