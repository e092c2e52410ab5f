/* The format "npz": an archive of arrays that numpy.savez writes.
 * Knows how such files are told from others, and how they are replaced.
 * Called by core/store.c. */
#include "npz.h"
#include "draft/keys.h"
#include <string.h>
#include <unistd.h>

static gboolean
begins_with (const char *path, const char *magic, gsize length)
{
  g_autoptr (ExpSource) source = exp_source_open_file (path, NULL);
  char head[8];

  return source != NULL && exp_source_pread (source, 0, length, head, NULL) && memcmp (head, magic, length) == 0;
}

/* --- archives ----------------------------------------------------------------------------------------------- */

/* NumPy tells them by the first bytes. An archive of other files is none of ours. */
static gboolean
npz_recognise (const char *path)
{
  if (!begins_with (path, "PK\3\4", 4) && !begins_with (path, "PK\5\6", 4))
    return FALSE;
  g_autoptr (ExpSource) source = exp_source_open_file (path, NULL);
  g_autoptr (ExpZip) zip = source != NULL ? exp_zip_open (source, NULL) : NULL;
  for (guint i = 0; zip != NULL && i < zip->members->len; i++)
    if (g_str_has_suffix (g_array_index (zip->members, ExpZipMember, i).name, ".npy"))
      return TRUE;
  return g_str_has_suffix (path, ".npz") || (zip != NULL && zip->members->len == 0);
}

static ExpNode *
open_tree (const char *path, GError **error)
{
  g_autoptr (ExpSource) source = exp_source_open_file (path, error);
  g_autoptr (ExpZip) zip = NULL;

  if (source == NULL)
    return NULL;
  exp_source_expect_no_change (source);
  zip = exp_zip_open (source, error);
  return zip != NULL ? exp_npz_tree_new (zip) : NULL;
}

static gboolean
write_archive (ExpNode *group, const char *path, gboolean packs, ExpSource *to, GError **error)
{
  return exp_npz_write (group, packs, to, error);
}

static gboolean
check_archive (const ExpDraftChange *change, ExpNode *group, GError **error)
{
  return exp_npz_check (change, error);
}

static const ExpFileFormat archive = { .open = open_tree, .write = write_archive, .check = check_archive };

/* --- a store of keys ---------------------------------------------------------------------------------------- */

#define BEFORE_RANK ".tmp."
#define RANK        "rank-"
#define SUFFIX      ".npz"

/* "rank-", and a number without zeros in front. */
static gboolean
is_rank (const char *part)
{
  const char *number = part + strlen (RANK);

  return g_str_has_prefix (part, RANK) && *number != '\0' && strspn (number, "0123456789") == strlen (number)
         && (*number != '0' || number[1] == '\0');
}

static gboolean
parse_key (const char *rest, char **key, char **part)
{
  g_autofree char *stem = g_str_has_suffix (rest, SUFFIX) ? g_strndup (rest, strlen (rest) - strlen (SUFFIX)) : NULL;
  char *rank = stem != NULL ? g_strrstr (stem, BEFORE_RANK) : NULL;

  if (rank == NULL || rank == stem || !is_rank (rank + strlen (BEFORE_RANK)))
    return FALSE;
  *key = g_strndup (stem, rank - stem);
  *part = g_strdup (rank + strlen (BEFORE_RANK));
  return TRUE;
}

static char *
name_key (const char *key, const char *part, GError **error)
{
  if (*key != '\0' && is_rank (part))
    return g_strconcat (key, BEFORE_RANK, part, SUFFIX, NULL);
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "'%s': a key holds its ranks: rank-0, rank-1, ...", part);
  return NULL;
}

static const ExpKeyFormat keys = {
  .file = &archive,
  .parse = parse_key,
  .name = name_key,
  .has_parts = TRUE,
};

static gboolean
recognise_keys (const char *path)
{
  return exp_keys_recognise (&keys, path);
}

/* --- the formats -------------------------------------------------------------------------------------------- */

static ExpNode *
npz_open (const char *path, const ExpStoreOptions *options, GError **error)
{
  return access (path, F_OK) == 0 ? exp_file_open (&archive, path, options, error)
                                  : exp_keys_open (&keys, path, options, error);
}

static gboolean
npz_create (const char *path, const ExpStoreOptions *options, GError **error)
{
  static const guint8 nothing[22] = "PK\5\6";

  return exp_source_create_file (path, 0666, nothing, sizeof nothing, error);
}

const ExpFormat exp_format_npz = {
  .name = "npz",
  .description = "npz: an archive of arrays that numpy.savez wrote",
  .recognise = npz_recognise,
  .recognise_base = recognise_keys,
  .open = npz_open,
  .create = npz_create,
};
