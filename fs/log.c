/* The log: messages of all threads, kept in a ring of the last ones and written to a file or to stderr.
 * Knows nothing of who speaks.
 * The session opens it, GLib's g_warning and g_message feed it, .expfs/log shows it. */
#include "fs/mount.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define N_LINES    1000
#define MAX_LENGTH 2048

static GMutex lock; /* guards what follows */
static char *ring[N_LINES];
static guint next_line;
static int log_fd = -1;
static gboolean is_on_stderr, is_verbose;

static const char *
level_name (GLogLevelFlags level)
{
  if (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL))
    return "error";
  if (level & G_LOG_LEVEL_WARNING)
    return "warning";
  return level & (G_LOG_LEVEL_INFO | G_LOG_LEVEL_DEBUG) ? "debug" : "info";
}

/* Names out of a store may hold anything; a line of the log stays one line and harmless on a terminal. */
static void
append_plain (GString *line, const char *message, gsize length)
{
  gsize end = line->len + MAX_LENGTH;

  for (gsize i = 0; i < length && message[i] != '\0'; i++)
    {
      guchar c = message[i];
      if (line->len >= end)
        {
          g_string_append (line, "...");
          return;
        }
      if (c < 0x20 || c == 0x7f)
        g_string_append_printf (line, "\\x%02x", c);
      else
        g_string_append_c (line, c);
    }
}

static void
write_line (int fd, const char *line, gsize length)
{
  /* One write(2), so that lines of several processes do not mix; a full disk costs a line of the log and no more. */
  while (write (fd, line, length) < 0 && errno == EINTR)
    ;
}

static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  const char *message = NULL;
  gsize message_length = 0;

  for (gsize i = 0; i < n_fields; i++)
    if (strcmp (fields[i].key, "MESSAGE") == 0)
      {
        message = fields[i].value;
        message_length = fields[i].length < 0 ? strlen (message) : (gsize)fields[i].length;
      }
  if (message == NULL || (!is_verbose && (level & G_LOG_LEVEL_DEBUG)))
    return G_LOG_WRITER_HANDLED;

  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%Y-%m-%dT%H:%M:%S");
  g_autoptr (GString) line = g_string_new (NULL);
  g_string_append_printf (line, "%s.%03d %s: ", time, g_date_time_get_microsecond (now) / 1000, level_name (level));
  append_plain (line, message, message_length);
  g_string_append_c (line, '\n');

  g_mutex_lock (&lock);
  g_free (ring[next_line % N_LINES]);
  ring[next_line % N_LINES] = g_strdup (line->str);
  next_line++;
  if (log_fd >= 0)
    write_line (log_fd, line->str, line->len);
  if (is_on_stderr)
    write_line (STDERR_FILENO, line->str, line->len);
  g_mutex_unlock (&lock);
  return G_LOG_WRITER_HANDLED;
}

static void
log_fuse (enum fuse_log_level level, const char *format, va_list arguments)
{
  g_autofree char *message = g_strdup_vprintf (format, arguments);

  g_log (G_LOG_DOMAIN, level <= FUSE_LOG_WARNING ? G_LOG_LEVEL_WARNING : G_LOG_LEVEL_DEBUG, "%s", g_strchomp (message));
}

gboolean
exp_log_open (const char *path, gboolean to_stderr, gboolean is_debug, GError **error)
{
  int fd = -1;

  if (path != NULL && (fd = open (path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0644)) < 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_IO, "log %s: %s", path, g_strerror (errno));
      return FALSE;
    }
  log_fd = fd;
  is_on_stderr = to_stderr;
  is_verbose = is_debug;
  g_log_set_writer_func (write_log, NULL, NULL);
  exp_log_take_fuse ();
  return TRUE;
}

void
exp_log_take_fuse (void)
{
  fuse_set_log_func (log_fuse);
}

char *
exp_log_dup (void)
{
  GString *all = g_string_new (NULL);

  g_mutex_lock (&lock);
  for (guint i = 0; i < N_LINES; i++)
    {
      const char *line = ring[(next_line + i) % N_LINES];
      if (line != NULL)
        g_string_append (all, line);
    }
  g_mutex_unlock (&lock);
  return g_string_free (all, FALSE);
}
