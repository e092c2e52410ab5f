/* The values of single mount options. Called through the table in options.c. */
#pragma once

#include "fs/mount.h"

/* Takes over a value, which is NULL for a flag. EXP_ERROR_INVALID, in a sentence that names the option. */
gboolean exp_option_parse_ro (ExpMountOptions *options, const char *name, const char *value, GError **error);
gboolean exp_option_parse_rw (ExpMountOptions *options, const char *name, const char *value, GError **error);
gboolean exp_option_parse_commit (ExpMountOptions *options, const char *name, const char *value, GError **error);
gboolean exp_option_parse_complib (ExpMountOptions *options, const char *name, const char *value, GError **error);
gboolean exp_option_parse_flag (ExpMountOptions *options, const char *name, const char *value, GError **error);
gboolean exp_option_parse_overview (ExpMountOptions *options, const char *name, const char *value, GError **error);
gboolean exp_option_parse_pandas_format (ExpMountOptions *options, const char *name, const char *value, GError **error);
gboolean exp_option_parse_complevel (ExpMountOptions *options, const char *name, const char *value, GError **error);
gboolean exp_option_parse_new_filter (ExpMountOptions *options, const char *name, const char *value, GError **error);
gboolean exp_option_parse_format (ExpMountOptions *options, const char *name, const char *value, GError **error);
gboolean exp_option_parse_trajectory (ExpMountOptions *options, const char *name, const char *value, GError **error);
gboolean exp_option_parse_globs (ExpMountOptions *options, const char *name, const char *value, GError **error);
gboolean exp_option_parse_force (ExpMountOptions *options, const char *name, const char *value, GError **error);
gboolean exp_option_parse_replace (ExpMountOptions *options, const char *name, const char *value, GError **error);
gboolean exp_option_parse_version (ExpMountOptions *options, const char *name, const char *value, GError **error);
gboolean exp_option_parse_attempts (ExpMountOptions *options, const char *name, const char *value, GError **error);
gboolean exp_option_parse_mask (ExpMountOptions *options, const char *name, const char *value, GError **error);
gboolean exp_option_parse_lock (ExpMountOptions *options, const char *name, const char *value, GError **error);
gboolean exp_option_parse_cache (ExpMountOptions *options, const char *name, const char *value, GError **error);
gboolean exp_option_parse_prefetch (ExpMountOptions *options, const char *name, const char *value, GError **error);
gboolean exp_option_parse_views (ExpMountOptions *options, const char *name, const char *value, GError **error);
gboolean exp_option_parse_text (ExpMountOptions *options, const char *name, const char *value, GError **error);
gboolean exp_option_parse_idle (ExpMountOptions *options, const char *name, const char *value, GError **error);
gboolean exp_option_parse_log (ExpMountOptions *options, const char *name, const char *value, GError **error);
gboolean exp_option_parse_owner (ExpMountOptions *options, const char *name, const char *value, GError **error);
gboolean exp_option_parse_umask (ExpMountOptions *options, const char *name, const char *value, GError **error);
gboolean exp_option_parse_debug (ExpMountOptions *options, const char *name, const char *value, GError **error);
gboolean exp_option_parse_threads (ExpMountOptions *options, const char *name, const char *value, GError **error);
gboolean exp_option_parse_max_read (ExpMountOptions *options, const char *name, const char *value, GError **error);

/* A size with an optional suffix K, M, G or T (powers of 1024, any case). */
gboolean exp_size_parse (const char *text, guint64 *size);
