/* Operations that verbs ask of the running mount, each in a thread of its own.
 * Knows what the kernel must be told afterwards; what an operation does its format knows.
 * Called by the operations on open files, through .expfs/operate. */
#include "fs/operate.h"
#include "fs/asked.h"
#include "fs/driver.h"
#include "fs/names.h"
#include <string.h>

/* How long a read waits before it says how far things are. */
#define HEARTBEAT (G_USEC_PER_SEC / 5)

#define MAX_REQUEST (16 << 20)

struct _ExpOperations
{
  GMutex lock;
  GCond ended;
  GPtrArray *all; /* of ExpConversation, those with a thread; under lock */
  gboolean is_stopped;
};

struct _ExpConversation
{
  gatomicrefcount references; /* the open file's and the thread's */
  ExpMount *mount;
  gint is_cancelled; /* atomic */
  GMutex lock;       /* guards the rest */
  GCond news;
  GString *request; /* what was written so far */
  ExpAsked asked;   /* of the thread, once it runs */
  gboolean is_started, is_done;
  GString *answer; /* what is to be read */
  double fraction;
  char *doing;
};

static void
unref (ExpConversation *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  exp_asked_clear (&self->asked);
  g_string_free (self->request, TRUE);
  g_string_free (self->answer, TRUE);
  g_free (self->doing);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->news);
  g_free (self);
}

/* --- all of them -------------------------------------------------------------------------------------------- */

ExpOperations *
exp_operations_new (void)
{
  ExpOperations *self = g_new0 (ExpOperations, 1);

  g_mutex_init (&self->lock);
  g_cond_init (&self->ended);
  self->all = g_ptr_array_new ();
  return self;
}

void
exp_operations_free (ExpOperations *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->all);
  g_cond_clear (&self->ended);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
exp_operations_stop (ExpMount *mount)
{
  ExpOperations *self = mount->state->operations;

  g_mutex_lock (&self->lock);
  self->is_stopped = TRUE;
  for (guint i = 0; i < self->all->len; i++)
    g_atomic_int_set (&((ExpConversation *)self->all->pdata[i])->is_cancelled, TRUE);
  while (self->all->len > 0)
    g_cond_wait (&self->ended, &self->lock);
  g_mutex_unlock (&self->lock);
}

/* --- doing it ----------------------------------------------------------------------------------------------- */

static gboolean
progress (double fraction, const char *text, gpointer data)
{
  ExpConversation *self = data;

  g_mutex_lock (&self->lock);
  self->fraction = fraction;
  if (g_strcmp0 (self->doing, text) != 0)
    {
      g_free (self->doing);
      self->doing = g_strdup (text);
    }
  g_mutex_unlock (&self->lock);
  return !g_atomic_int_get (&self->is_cancelled);
}

/* The directory that the operation's own paths begin at, as shown: "/traj". */
static char *
base_of (const ExpAsked *asked)
{
  g_autofree char *path = g_strconcat ("/", asked->path, NULL);
  g_autofree char *canonical = g_canonicalize_filename (path, "/");

  return asked->is_of_child ? g_path_get_dirname (canonical) : g_steal_pointer (&canonical);
}

/* The shown path below the mount of one of true names below the base. */
static char *
shown_path (const ExpAsked *asked, const char *path)
{
  g_autofree char *base = base_of (asked);
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  GString *shown = g_string_new (base[1] != '\0' ? base : "");

  for (char **part = parts; *part != NULL; part++)
    {
      g_autofree char *name = strcmp (*part, "..") != 0 ? exp_name_encode (*part, strlen (*part)) : g_strdup ("..");
      g_string_append_printf (shown, "/%s", name);
    }
  g_autofree char *all = g_string_free (shown, FALSE);
  return g_canonicalize_filename (all, "/");
}

static gboolean
is_written (const char *path, gpointer data)
{
  ExpConversation *self = data;
  g_autofree char *shown = shown_path (&self->asked, path);

  return exp_writers_has_below (self->mount, shown);
}

/* The inode at a shown path that the kernel may know; a reference, NULL for none. */
static ExpInode *
find_known (ExpMount *mount, const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  ExpInode *at = exp_inode_get (mount->inodes, FUSE_ROOT_ID);

  exp_inode_ref (at);
  for (char **part = parts; *part != NULL && at != NULL; part++)
    {
      if (**part == '\0')
        continue;
      ExpInode *child = exp_inode_find (mount->inodes, at, *part);
      exp_inode_unref (mount->inodes, at, 1);
      at = child;
    }
  return at;
}

/* What the kernel still knows of a name is as good as removed. */
static void
forget_path (ExpMount *mount, const char *path)
{
  g_autofree char *name = g_path_get_basename (path);
  ExpInode *inode = find_known (mount, path);

  if (inode == NULL)
    return;
  ExpInode *parent = inode->parent;
  exp_inode_ref (parent);
  exp_inode_set (inode, EXP_INODE_IS_GONE);
  exp_inode_detach (mount->inodes, inode);
  fuse_lowlevel_notify_inval_entry (mount->session, exp_inode_id (mount->inodes, parent), name, strlen (name));
  exp_inode_unref (mount->inodes, parent, 1);
  exp_inode_unref (mount->inodes, inode, 1);
}

static gboolean
perform (ExpConversation *self, GString *said, GError **error)
{
  ExpMount *mount = self->mount;
  g_autoptr (GPtrArray) removed = g_ptr_array_new_with_free_func (g_free);
  ExpTask task = { .said = said, .removed = removed, .progress = progress, .is_written = is_written, .data = self };

  exp_behind_settle (mount);
  if (self->asked.is_dry_run)
    return exp_asked_perform (&self->asked, mount->store, &task, error);
  if (!exp_change_begin (mount, error))
    return FALSE;
  gboolean is_done = exp_asked_perform (&self->asked, mount->store, &task, error);
  exp_changes_note_all (mount);
  exp_change_end (mount);
  /* Not before: the kernel waits for requests that wait for changes. */
  for (guint i = 0; is_done && i < removed->len; i++)
    {
      g_autofree char *path = shown_path (&self->asked, removed->pdata[i]);
      forget_path (mount, path);
    }
  exp_leases_break (mount);
  return is_done && exp_behind_commit (mount, FALSE, error);
}

static void
append_line (GString *answer, const char *word, const char *text)
{
  g_autofree char *escaped = g_strescape (text, NULL);

  g_string_append_printf (answer, "%s\t%s\n", word, escaped);
}

static void
finish (ExpConversation *self, const char *said, const GError *failure)
{
  g_auto (GStrv) lines = g_strsplit (said, "\n", -1);

  g_mutex_lock (&self->lock);
  for (char **line = lines; *line != NULL; line++)
    if (**line != '\0' || line[1] != NULL)
      append_line (self->answer, "said", *line);
  if (failure != NULL)
    append_line (self->answer, "failed", failure->message);
  else
    g_string_append (self->answer, "done\n");
  self->is_done = TRUE;
  g_cond_broadcast (&self->news);
  g_mutex_unlock (&self->lock);
}

static gpointer
run (gpointer data)
{
  ExpConversation *self = data;
  ExpOperations *operations = self->mount->state->operations;
  g_autoptr (GString) said = g_string_new (NULL);
  g_autoptr (GError) failure = NULL;

  if (!perform (self, said, &failure))
    g_message ("%s %s: %s", self->asked.name, self->asked.path, failure->message);
  finish (self, failure == NULL ? said->str : "", failure);
  g_mutex_lock (&operations->lock);
  g_ptr_array_remove_fast (operations->all, self);
  g_cond_broadcast (&operations->ended);
  g_mutex_unlock (&operations->lock);
  unref (self);
  return NULL;
}

/* --- the conversation --------------------------------------------------------------------------------------- */

ExpConversation *
exp_conversation_new (ExpMount *mount)
{
  ExpConversation *self = g_new0 (ExpConversation, 1);

  g_atomic_ref_count_init (&self->references);
  self->mount = mount;
  g_mutex_init (&self->lock);
  g_cond_init (&self->news);
  self->request = g_string_new (NULL);
  self->answer = g_string_new (NULL);
  return self;
}

void
exp_conversation_close (ExpConversation *self)
{
  g_atomic_int_set (&self->is_cancelled, TRUE);
  unref (self);
}

/* With the lock: the request is whole. */
static gboolean
start_locked (ExpConversation *self, GError **error)
{
  ExpOperations *operations = self->mount->state->operations;
  GThread *thread = NULL;

  if (!exp_asked_parse (&self->asked, self->request->str, error))
    {
      exp_asked_clear (&self->asked);
      g_string_truncate (self->request, 0);
      return FALSE;
    }
  self->is_started = TRUE;
  g_mutex_lock (&operations->lock);
  if (!operations->is_stopped)
    {
      g_atomic_ref_count_inc (&self->references);
      g_ptr_array_add (operations->all, self);
      thread = g_thread_try_new ("operate", run, self, error);
      if (thread == NULL)
        {
          g_ptr_array_remove_fast (operations->all, self);
          unref (self);
        }
    }
  g_mutex_unlock (&operations->lock);
  if (thread != NULL)
    g_thread_unref (thread);
  return thread != NULL;
}

gboolean
exp_conversation_write (ExpConversation *self, const char *data, gsize size, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (self->is_started)
    {
      if (size == 7 && memcmp (data, "cancel\n", 7) == 0)
        g_atomic_int_set (&self->is_cancelled, TRUE);
      return TRUE;
    }
  if (self->request->len + size > MAX_REQUEST || memchr (data, '\0', size) != NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "this is no request");
      return FALSE;
    }
  g_string_append_len (self->request, data, size);
  return !g_str_has_suffix (self->request->str, "\n\n") || start_locked (self, error);
}

gsize
exp_conversation_read (ExpConversation *self, char *buffer, gsize size)
{
  gint64 end = g_get_monotonic_time () + HEARTBEAT;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  while (self->is_started && !self->is_done && g_cond_wait_until (&self->news, &self->lock, end))
    ;
  if (self->is_started && !self->is_done && self->answer->len == 0)
    {
      char fraction[G_ASCII_DTOSTR_BUF_SIZE];
      g_autofree char *doing = g_strescape (self->doing != NULL ? self->doing : "", NULL);

      g_ascii_formatd (fraction, sizeof fraction, "%.4f", self->fraction);
      g_string_append_printf (self->answer, "progress\t%s\t%s\n", fraction, doing);
    }
  gsize n = MIN (size, self->answer->len);
  memcpy (buffer, self->answer->str, n);
  g_string_erase (self->answer, 0, n);
  return n;
}
