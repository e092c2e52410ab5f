/* Workers run where their client runs, while one client makes and writes small files one after the other, and perhaps
 * reads small ones between.
 *
 * A client that waits for each answer and the worker that gives it never run at the same time, but the kernel's
 * scheduler wakes each on an idle processor, and waking that takes longer than such an answer. Knows no requests, only
 * who asked, when, and for which kind of thing. Called by request.c. */
#pragma once

#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

typedef enum
{
  EXP_REQUEST_WRITES,     /* short ones that make or change something */
  EXP_REQUEST_LOOKS,      /* what comes between these */
  EXP_REQUEST_IS_NOBODYS, /* what the kernel says by itself */
  EXP_REQUEST_IS_LONG,    /* worth the waking of a processor */
} ExpRequestKind;

/* What was seen of late, by all threads; all atomic. Zeroed. */
typedef struct
{
  gint64 last;  /* ns, when the client asked last */
  gint client;  /* the thread that asks */
  guint n;      /* requests in a row that write */
  gint at_home; /* 1 + the processor that the workers are to be bound to; 0: none */
} ExpAffinity;

/* Before each request that `client` makes at `time` (ns): binds the calling worker, or lets it go. */
void exp_affinity_follow (ExpAffinity *affinity, pid_t client, ExpRequestKind kind, gint64 time);

/* The processor that the thread ran on last, from the text of its /proc/ID/stat; -1 when the text has none. */
int exp_affinity_parse_processor (const char *stat);

G_END_DECLS
