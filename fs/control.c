/* `.expfs/` at the root: the mount's own files, found by name and not listed in the root.
 * Knows the mount's counters, log and options; knows nothing of the store.
 * Called by entries, directories and files. */
#include "fs/driver.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum
{
  CONTROL_STATS,
  CONTROL_LOG,
  CONTROL_OPTIONS,
  CONTROL_SYNC, /* of a mount that can be written, as is the rest */
  CONTROL_OPERATE,
};

static const char *const names[EXP_N_CONTROLS] = { "stats", "log", "options", "sync", "operate" };

const char *
exp_control_name (ExpMount *mount, guint i)
{
  return i < (mount->is_writable ? G_N_ELEMENTS (names) : CONTROL_SYNC) ? names[i] : NULL;
}

ExpInode *
exp_control_lookup (ExpMount *mount, ExpInode *directory, const char *name)
{
  ExpInode *inode = NULL;

  if (directory->type != EXP_INODE_CONTROL_DIRECTORY)
    inode = exp_inode_new (directory, name, EXP_INODE_CONTROL_DIRECTORY, NULL);
  else
    for (guint i = 0; exp_control_name (mount, i) != NULL && inode == NULL; i++)
      if (strcmp (name, exp_control_name (mount, i)) == 0
          && (inode = exp_inode_new (directory, name, EXP_INODE_CONTROL, NULL)) != NULL)
        inode->view = i;
  if (inode == NULL)
    return NULL;
  inode->number = exp_inode_number_for_name (directory, name);
  return exp_inode_add (mount->inodes, inode);
}

/* Bytes of memory that the process has resident. */
static guint64
resident_memory (void)
{
  unsigned long total, resident = 0;
  FILE *file = fopen ("/proc/self/statm", "re");

  if (file == NULL)
    return 0;
  if (fscanf (file, "%lu %lu", &total, &resident) != 2)
    resident = 0;
  fclose (file);
  return (guint64)resident * sysconf (_SC_PAGESIZE);
}

static void
append_number (GString *out, const char *prefix, const char *name, guint64 value)
{
  g_string_append_printf (out, "%s%s\t%" G_GUINT64_FORMAT "\n", prefix, name, value);
}

static char *
stats_text (ExpMount *mount)
{
  GString *out = g_string_new (NULL);
  guint64 n[EXP_N_OPERATIONS], nanoseconds[EXP_N_OPERATIONS], total = 0;

  for (guint i = 0; i < EXP_N_OPERATIONS; i++)
    total += n[i] = exp_request_counts_get (mount->state->counts, i, &nanoseconds[i]);
  append_number (out, "", "uptime_seconds", (g_get_monotonic_time () - mount->state->start) / G_USEC_PER_SEC);
  append_number (out, "", "memory_bytes", resident_memory ());
  append_number (out, "", "inodes", exp_inode_table_size (mount->inodes));
  append_number (out, "", "inode_bytes", exp_inode_table_bytes (mount->inodes));
  append_number (out, "", "open_directories", MAX (0, g_atomic_int_get (&mount->n_open)));
  for (guint i = 0; i < EXP_N_STATS; i++)
    append_number (out, "", exp_stat_name (i), MAX (0, exp_stat_get (i)));
  append_number (out, "", "journal_bytes", exp_store_journal_size (mount->store));
  append_number (out, "", "operations", total);
  for (guint i = 0; i < EXP_N_OPERATIONS; i++)
    append_number (out, "operations_", exp_operation_name (i), n[i]);
  for (guint i = 0; i < EXP_N_OPERATIONS; i++)
    append_number (out, "microseconds_", exp_operation_name (i), nanoseconds[i] / 1000);
  return g_string_free (out, FALSE);
}

/* How the last one went; empty when there is nothing left to do. */
static char *
sync_text (ExpMount *mount)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mount->state->controls_lock);

  return g_strdup (mount->state->sync_said != NULL ? mount->state->sync_said : "");
}

gboolean
exp_control_can_write (const ExpInode *inode)
{
  return inode->view >= CONTROL_SYNC;
}

gboolean
exp_control_is_operate (const ExpInode *inode)
{
  return inode->type == EXP_INODE_CONTROL && inode->view == CONTROL_OPERATE;
}

gboolean
exp_control_write (ExpMount *mount, ExpInode *inode, GError **error)
{
  g_autoptr (GError) failure = NULL;
  char *said = NULL;

  if (!exp_control_can_write (inode))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_PERMISSION, "only sync and operate can be written to");
      return FALSE;
    }
  exp_awaited_try (mount, FALSE);
  if (!exp_behind_commit (mount, TRUE, &failure))
    said = g_strdup_printf ("%s\n", failure->message);
  else if (exp_store_journal_size (mount->store) > 0)
    {
      said = g_strdup ("other programs hold the store, so that the changes stay in its journal\n");
      g_set_error (&failure, EXP_ERROR, EXP_ERROR_BUSY, "other programs hold the store");
    }
  g_mutex_lock (&mount->state->controls_lock);
  char *old = mount->state->sync_said;
  mount->state->sync_said = said;
  g_mutex_unlock (&mount->state->controls_lock);
  g_free (old);
  if (failure != NULL)
    g_propagate_error (error, g_steal_pointer (&failure));
  return said == NULL;
}

static GBytes *
content_now (ExpMount *mount, ExpInode *inode)
{
  char *text = NULL;

  if (inode->view == CONTROL_STATS)
    text = stats_text (mount);
  else if (inode->view == CONTROL_LOG)
    text = exp_log_dup ();
  else if (inode->view == CONTROL_OPTIONS)
    text = g_strdup (mount->options->text);
  else if (inode->view == CONTROL_SYNC)
    text = sync_text (mount);
  return text != NULL ? g_bytes_new_take (text, strlen (text)) : g_bytes_new (NULL, 0);
}

void
exp_control_renew (ExpMount *mount, ExpInode *inode)
{
  ExpControlContent *content = &mount->state->controls[inode->view];
  GBytes *now = content_now (mount, inode);

  g_mutex_lock (&mount->state->controls_lock);
  GBytes *old = content->content;
  content->content = now;
  clock_gettime (CLOCK_REALTIME, &content->time);
  g_mutex_unlock (&mount->state->controls_lock);
  g_bytes_unref (old);
}

GBytes *
exp_control_get (ExpMount *mount, ExpInode *inode, struct timespec *time)
{
  ExpControlContent *content = &mount->state->controls[inode->view];

  g_mutex_lock (&mount->state->controls_lock);
  GBytes *bytes = content->content != NULL ? g_bytes_ref (content->content) : g_bytes_new (NULL, 0);
  if (time != NULL)
    *time = content->time;
  g_mutex_unlock (&mount->state->controls_lock);
  return bytes;
}
