/* Archives, saved: members that were not changed as they are, others as NPY files.
 * Knows the tree and what an archive cannot hold; zip_write.c knows archives.
 * Called by npz.c. */
#include "npz.h"
#include "numpy/npy_bytes.h"
#include "numpy/npy_header.h"
#include "zip_write.h"
#include <string.h>

#define PIECE (1 << 20)

/* --- what cannot be ----------------------------------------------------------------------------------------- */

static gboolean
check_name (const char *name, GError **error)
{
  if (g_utf8_validate (name, -1, NULL) && strchr (name, '/') == NULL)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "'%s': names in an npz archive are UTF-8 without slashes", name);
  return FALSE;
}

static gboolean
check_dataset (const ExpDraftChange *change, GError **error)
{
  const char *refused = change->dataset->dtype != NULL ? exp_npy_refused_type (change->dataset->dtype) : NULL;

  if (change->dataset->is_null)
    refused = "null dataspaces";
  if (refused == NULL)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "'%s': an npz archive has no %s", change->name, refused);
  return FALSE;
}

static gboolean
check_depth (ExpNode *group, const char *name, GError **error)
{
  if (exp_draft_depth (group) < EXP_NPZ_MAX_DEPTH)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "'%s': more than %d groups in one another", name,
               EXP_NPZ_MAX_DEPTH);
  return FALSE;
}

gboolean
exp_npz_check (const ExpDraftChange *change, GError **error)
{
  switch (change->kind)
    {
    case EXP_DRAFT_CREATE_GROUP:
      return check_name (change->name, error) && check_depth (change->group, change->name, error);
    case EXP_DRAFT_CREATE_DATASET:
      return check_name (change->name, error) && (change->dataset == NULL || check_dataset (change, error));
    case EXP_DRAFT_REPLACE_DATASET:
    case EXP_DRAFT_RESIZE:
      return check_dataset (change, error);
    case EXP_DRAFT_MOVE:
      return check_name (change->new_name, error);
    case EXP_DRAFT_WRITE_ATTRIBUTE:
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "'%s': an npz archive has no attributes", change->name);
      return FALSE;
    default:
      return TRUE;
    }
}

/* --- members ------------------------------------------------------------------------------------------------ */

typedef struct
{
  ExpZipWriter *writer;
  gboolean packs;
  GString *path; /* of the group, with a slash at its end */
  guint64 n;     /* members so far */
  GError *error;
} Saving;

static gboolean
write_elements (ExpZipMemberWriter *member, ExpNpyBytes *bytes, guint64 size, GError **error)
{
  g_autofree char *piece = g_malloc (PIECE);

  for (guint64 at = 0; at < size;)
    {
      gsize n;

      if (!exp_npy_bytes_pread (bytes, at, PIECE, piece, &n, error) || !exp_zip_member_write (member, n, piece, error))
        return FALSE;
      at += n;
    }
  return TRUE;
}

static gboolean
write_array (Saving *saving, const char *name, ExpNpyBytes *bytes, gboolean is_bytes, GError **error)
{
  guint64 size;

  if (!exp_npy_bytes_size (bytes, &size, error))
    return FALSE;
  GString *header = is_bytes ? g_string_new (NULL) : exp_npy_header_make (bytes, FALSE);
  g_autofree char *text = header->str;
  gsize length = header->len;
  g_string_free (header, FALSE);
  g_autoptr (ExpZipMemberWriter) member
      = exp_zip_writer_begin (saving->writer, name, size + length, saving->packs, error);
  return member != NULL && exp_zip_member_write (member, length, text, error)
         && write_elements (member, bytes, size, error) && exp_zip_member_end (member, error);
}

static gboolean
save_new (Saving *saving, const char *name, ExpNode *node, const ExpInfo *info, GError **error)
{
  ExpNpyBytes bytes;

  if (!exp_npy_bytes_init (&bytes, node, info, error))
    return FALSE;
  gboolean is_saved = write_array (saving, name, &bytes, info->is_bytes, error);
  exp_npy_bytes_clear (&bytes);
  return is_saved;
}

/* What is no array has its name as it is; an array of NumPy's that is named so in the archive too. */
static gboolean
has_suffix (ExpZipMember *member, gboolean is_bytes)
{
  return member != NULL ? g_str_has_suffix (member->name, ".npy") : !is_bytes;
}

static gboolean
save_dataset (Saving *saving, const char *name, ExpNode *node, GError **error)
{
  g_autoptr (ExpNode) saved = exp_draft_get_saved_elements (node);
  g_auto (ExpInfo) info = { 0 };
  ExpZip *zip = NULL;
  ExpZipMember *member = exp_npz_array_member (saved, &zip);

  /* What cannot be read is copied all the same. */
  if (member == NULL && !exp_node_describe (node, &info, error))
    return FALSE;
  g_autofree char *path = g_strconcat (saving->path->str, name, has_suffix (member, info.is_bytes) ? ".npy" : "", NULL);
  if (strlen (path) > G_MAXUINT16)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "'%s': a name of more than 65,535 bytes", path);
      return FALSE;
    }
  saving->n++;
  return member != NULL ? exp_zip_writer_copy (saving->writer, path, zip, member, error)
                        : save_new (saving, path, node, &info, error);
}

static gboolean save_child (const char *name, ExpNode *child, gpointer data);

/* An empty group has a member of its own. */
static gboolean
save_group (Saving *saving, const char *name, ExpNode *node, GError **error)
{
  const gsize length = saving->path->len;
  const guint64 n = saving->n;

  g_string_append_printf (saving->path, "%s/", name);
  gboolean is_saved = exp_node_list (node, 0, save_child, saving, error) && saving->error == NULL;
  if (is_saved && saving->n == n)
    {
      g_autoptr (ExpZipMemberWriter) member = exp_zip_writer_begin (saving->writer, saving->path->str, 0, FALSE, error);
      is_saved = member != NULL && exp_zip_member_end (member, error);
      saving->n++;
    }
  g_string_truncate (saving->path, length);
  return is_saved;
}

static gboolean
is_group (ExpNode *node)
{
  g_auto (ExpInfo) info = { 0 };

  return exp_node_describe (node, &info, NULL) && info.kind == EXP_KIND_GROUP;
}

static gboolean
save_child (const char *name, ExpNode *child, gpointer data)
{
  Saving *saving = data;
  GError *error = NULL;

  if (exp_draft_is_bare (child))
    return TRUE;
  gboolean is_saved
      = is_group (child) ? save_group (saving, name, child, &error) : save_dataset (saving, name, child, &error);

  if (error != NULL && saving->error == NULL)
    saving->error = g_steal_pointer (&error);
  g_clear_error (&error);
  return is_saved;
}

gboolean
exp_npz_write (ExpNode *root, gboolean packs, ExpSource *to, GError **error)
{
  g_auto (ExpZipWriter) writer = { 0 };
  g_autoptr (GString) path = g_string_new (NULL);
  Saving saving = { &writer, packs, path, 0, NULL };

  exp_zip_writer_init (&writer, to);
  gboolean is_saved = exp_node_list (root, 0, save_child, &saving, error);
  if (saving.error != NULL)
    {
      g_propagate_error (error, saving.error);
      return FALSE;
    }
  return is_saved && exp_zip_writer_finish (&writer, error);
}
