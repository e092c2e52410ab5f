/* Workers run where their client runs.
 * Knows no requests, only who asked, when, and for which kind of thing.
 * Called by request.c. */
#include "fs/affinity.h"
#include "core/processors.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Requests in a row of one client, until workers go where it runs, and until they look again where that is. */
#define N_FIRST 64
#define N_AGAIN 64

/* ns: who pauses for longer begins anew. */
#define PAUSE 2000000

/* Of the fields behind the program's name, which may contain anything, the one that names the processor. */
#define FIELD_PROCESSOR 36

int
exp_affinity_parse_processor (const char *stat)
{
  const char *at = strrchr (stat, ')');
  char *end;

  if (at == NULL)
    return -1;
  at++;
  for (guint i = 0; i < FIELD_PROCESSOR; i++)
    {
      at = strchr (at + 1, ' ');
      if (at == NULL)
        return -1;
    }
  errno = 0;
  long processor = strtol (at, &end, 10);
  return end == at || errno != 0 || processor < 0 || processor >= G_MAXINT ? -1 : processor;
}

static int
find_processor (pid_t client)
{
  char path[32], text[1024];
  ssize_t length = -1;

  g_snprintf (path, sizeof path, "/proc/%d/stat", (int)client);
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd >= 0)
    {
      length = read (fd, text, sizeof text - 1);
      close (fd);
    }
  text[MAX (length, 0)] = '\0';
  return exp_affinity_parse_processor (text);
}

static void
restart (ExpAffinity *self, pid_t client)
{
  __atomic_store_n (&self->client, client, __ATOMIC_RELAXED);
  __atomic_store_n (&self->n, 0, __ATOMIC_RELAXED);
  __atomic_store_n (&self->at_home, 0, __ATOMIC_RELAXED);
}

/* Where all that is seen by workers at the same time need not be right, only soon so. */
void
exp_affinity_follow (ExpAffinity *self, pid_t client, ExpRequestKind kind, gint64 time)
{
  if (kind == EXP_REQUEST_IS_NOBODYS || client == 0)
    return;
  if (client != __atomic_load_n (&self->client, __ATOMIC_RELAXED) || kind == EXP_REQUEST_IS_LONG
      || time - __atomic_load_n (&self->last, __ATOMIC_RELAXED) > PAUSE)
    restart (self, client);
  __atomic_store_n (&self->last, time, __ATOMIC_RELAXED);
  if (kind == EXP_REQUEST_WRITES)
    {
      guint n = __atomic_add_fetch (&self->n, 1, __ATOMIC_RELAXED);
      if (n >= N_FIRST && (n - N_FIRST) % N_AGAIN == 0)
        __atomic_store_n (&self->at_home, find_processor (client) + 1, __ATOMIC_RELAXED);
    }

  gint at_home = __atomic_load_n (&self->at_home, __ATOMIC_RELAXED);
  if (at_home == 0 || !exp_processors_bind (at_home - 1))
    exp_processors_unbind ();
}
