/* .expfs/operate: operations that a verb asks of a running mount. Who has it open writes a request (fs/asked.h) and
 * then reads lines for as long as it is worked at: "progress", a tab, a number from 0 to 1, a tab and what is being
 * done, at least every so often; "said" and a line for the user; and at last "done", or "failed" and a sentence, with
 * C's escapes. Writing the line "cancel", or closing it, ends the operation with nothing changed. Called by the
 * operations on open files. */
#pragma once

#include "fs/mount.h"

G_BEGIN_DECLS

typedef struct _ExpOperations ExpOperations;
typedef struct _ExpConversation ExpConversation;

ExpOperations *exp_operations_new (void);
void exp_operations_free (ExpOperations *operations);
/* Ends those under way, with nothing changed, and waits for that. */
void exp_operations_stop (ExpMount *mount);

ExpConversation *exp_conversation_new (ExpMount *mount);
/* The file is closed. */
void exp_conversation_close (ExpConversation *conversation);
/* EXP_ERROR_INVALID for what is no request. */
gboolean exp_conversation_write (ExpConversation *conversation, const char *data, gsize size, GError **error);
/* Waits a moment for what there is to be said; the number of bytes, 0 at the end. */
gsize exp_conversation_read (ExpConversation *conversation, char *buffer, gsize size);

G_END_DECLS
