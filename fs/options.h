/* What -o says: the table of all mount options, how a string of them is read, and how --help shows them.
 * Knows nothing of mounting. Called by the verbs. */
#pragma once

#include "fs/mount.h"

/* What a command does with a store, and so which options it takes: each of these takes those of the ones before. */
typedef enum
{
  EXP_OPTIONS_OPEN,  /* only opens it */
  EXP_OPTIONS_MAKE,  /* makes something in it */
  EXP_OPTIONS_MOUNT, /* mounts it */
} ExpOptionUse;

/* Reads one -o string ("ro,format=hdf5,views=npy:csv"; a backslash makes the next character plain). Options
 * that are not for this use are refused. EXP_ERROR_INVALID, in a sentence that names the option. May be called several
 * times on the same options. */
gboolean exp_mount_options_parse (ExpMountOptions *options, const char *string, ExpOptionUse use, GError **error);

/* To be called when all has been read: what contradicts itself, and what follows from other options. */
gboolean exp_mount_options_finish (ExpMountOptions *options, GError **error);

/* The table as --help shows it, one option per line or more. */
void exp_mount_options_help (GString *out, gboolean is_mount);
