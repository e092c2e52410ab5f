/* True names and shown names: what a node is called in its store, and what a directory entry can carry. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define EXP_NAME_MAX 255

/* The shown name of the true name of `length` bytes: "." is "%2E", ".." is "%2E%2E", the empty name is "%", a '/' is
 * "%2F", a NUL "%00"; a '%' that would read as the start of one of these is "%25". Longer than EXP_NAME_MAX, it is cut
 * as exp_name_cut says with `salt` 0. All other names stay byte for byte. Caller frees. */
char *exp_name_encode (const char *name, gsize length);

/* TRUE when the shown name is cut, so that exp_name_decode cannot invert it. */
gboolean exp_name_is_long (const char *name, gsize length);

/* A long name cut at a UTF-8 boundary, '~' and 8 hexadecimal digits of a hash of the whole true name and `salt`,
 * which is there for names that collide. Caller frees. */
char *exp_name_cut (const char *name, gsize length, guint salt);

/* TRUE when the shown name ends as a cut one does. */
gboolean exp_name_looks_cut (const char *shown);

/* The true name of a shown one that is not cut, NUL-terminated besides its own NULs; NULL when no name is shown so.
 * Caller frees. */
char *exp_name_decode (const char *shown, gsize *length);

G_END_DECLS
