/* Changing names: directories, removing, renaming, links.
 * Knows how shown names become true ones; knows nothing of what files hold.
 * Called by libfuse's workers. */
#include "fs/backups.h"
#include "fs/driver.h"
#include "fs/links.h"
#include "fs/names.h"
#include "fs/retype.h"
#include "fs/true_names.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static void
reply_done (fuse_req_t req, ExpMount *mount, ExpInode *directory, gboolean is_done, GError *error)
{
  if (is_done)
    fuse_reply_err (req, 0);
  else
    exp_request_refuse (req, mount, directory, error);
}

/* A name has come or gone. */
static void
note_names (ExpMount *mount, ExpInode *directory)
{
  if (exp_inode_has (directory, EXP_INODE_HAS_NAMES))
    exp_long_names_remove (mount->state->long_names, directory);
  exp_changes_note (mount, directory);
}

/* --- making ------------------------------------------------------------------------------------------------- */

static void
reply_new (fuse_req_t req, ExpMount *mount, ExpInode *directory, const char *name)
{
  struct fuse_entry_param param;
  GError *error = NULL;
  ExpInode *inode = exp_entry_lookup (mount, directory, name, &error);

  if (inode == NULL)
    {
      exp_request_fail (req, mount, directory, error);
      return;
    }
  exp_entry_fill (mount, inode, TRUE, &param);
  if (fuse_reply_entry (req, &param) != 0)
    exp_inode_unref (mount->inodes, inode, 1);
}

static gboolean
make_directory (ExpMount *mount, ExpInode *directory, const char *name, pid_t maker, GError **error)
{
  g_autofree char *true_name = exp_name_for_new (directory, name, error);

  if (true_name == NULL || !exp_change_begin (mount, error))
    return FALSE;
  exp_along_use (mount, directory);
  g_autoptr (ExpNode) node
      = exp_along_take (mount, directory, name) ? exp_node_lookup (directory->node, true_name, NULL) : NULL;
  if (node == NULL)
    node = exp_node_create_group (directory->node, true_name, error);
  if (node != NULL)
    note_names (mount, directory);
  if (node != NULL && directory->parent == NULL) /* further down no format makes anything along */
    exp_along_note (mount, directory, name, node, maker);
  exp_change_end (mount);
  return node != NULL;
}

void
exp_mkdir (fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
  g_auto (ExpRequest) request = exp_request_begin (req, EXP_OPERATION_CHANGE);
  ExpMount *mount = request.mount;
  ExpInode *directory = exp_inode_get (mount->inodes, parent);
  GError *error = NULL;

  if (make_directory (mount, directory, name, fuse_req_ctx (req)->pid, &error))
    reply_new (req, mount, directory, name);
  else
    exp_request_refuse (req, mount, directory, error);
}

static gboolean
make_symlink (ExpMount *mount, ExpInode *directory, const char *name, const char *target, GError **error)
{
  g_autofree char *true_name = exp_name_for_new (directory, name, error);
  g_autofree char *file = NULL, *path = NULL, *true_target = NULL;
  gboolean is_external
      = !exp_path_is_below_mountpoint (mount, target) && exp_link_parse_external (target, &file, &path);

  if (true_name == NULL)
    return FALSE;
  if (!is_external && (true_target = exp_path_store_target (mount, directory, target, error)) == NULL)
    return FALSE;
  if (!exp_change_begin (mount, error))
    return FALSE;
  gboolean is_done = is_external ? exp_node_external_link (directory->node, true_name, file, path, error)
                                 : exp_node_symlink (directory->node, true_name, true_target, error);
  if (is_done)
    note_names (mount, directory);
  exp_change_end (mount);
  return is_done;
}

void
exp_symlink (fuse_req_t req, const char *target, fuse_ino_t parent, const char *name)
{
  g_auto (ExpRequest) request = exp_request_begin (req, EXP_OPERATION_CHANGE);
  ExpMount *mount = request.mount;
  ExpInode *directory = exp_inode_get (mount->inodes, parent);
  GError *error = NULL;

  if (make_symlink (mount, directory, name, target, &error))
    reply_new (req, mount, directory, name);
  else
    exp_request_refuse (req, mount, directory, error);
}

/* --- names that are there ----------------------------------------------------------------------------------- */

/* What a name is in the store, for who takes it away or gives it to another. */
typedef struct
{
  ExpInode *directory; /* borrowed */
  const char *shown;   /* borrowed */
  ExpInode *inode;     /* a reference; NULL: there is nothing */
  gboolean is_child;   /* the name of a child */
  guint view;          /* or of this view of one, 0 for neither */
  gboolean is_linked;  /* the object has other names too: what is being written to it is not gone with this one */
  char *true_name;     /* of the child, or the one that it would have; NULL: no child can be named so */
} Place;

static void
place_clear (ExpMount *mount, Place *place)
{
  if (place->inode != NULL)
    exp_inode_unref (mount->inodes, place->inode, 1);
  g_free (place->true_name);
}

/* The child's true name, which is not the decoded one when it is shown cut. */
static char *
true_name_of (ExpMount *mount, ExpInode *directory, const char *stem)
{
  gsize length;
  char *name
      = exp_name_looks_cut (stem) ? exp_long_names_resolve (mount->state->long_names, directory, stem, NULL) : NULL;

  return name != NULL ? name : exp_name_decode (stem, &length);
}

/* FALSE only when the store fails. */
static gboolean
find_place (ExpMount *mount, ExpInode *directory, const char *name, Place *place, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  ExpFound found = { 0 };

  *place = (Place){ .directory = directory, .shown = name };
  place->inode = exp_entry_lookup (mount, directory, name, &local_error);
  if (place->inode == NULL && !g_error_matches (local_error, EXP_ERROR, EXP_ERROR_NOT_FOUND)
      && !g_error_matches (local_error, EXP_ERROR, EXP_ERROR_UNSUPPORTED))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (place->inode != NULL && exp_inode_has (place->inode, EXP_INODE_IS_NEW))
    {
      place->is_child = place->inode->view == 0;
      place->view = place->inode->view;
    }
  else if (place->inode != NULL && exp_resolve (mount, directory, name, &found, NULL))
    {
      place->is_child = found.is_child;
      place->view = found.is_child ? 0 : found.view;
      exp_node_unref (found.node);
    }
  g_autofree char *stem = g_strndup (name, strlen (name) - strlen (exp_view_classes[place->view]->suffix));
  place->true_name = true_name_of (mount, directory, stem);
  return TRUE;
}

static gboolean
fail_virtual (const char *name, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_PERMITTED, "'%s' is made up from another name", name);
  return FALSE;
}

/* Between begin and end, before the name goes: what is written under it goes into the object that lives on. */
static gboolean
settle_linked (ExpMount *mount, Place *place, GError **error)
{
  ExpInode *inode = place->inode;
  g_autoptr (ExpNode) node = inode->type == EXP_INODE_FILE ? exp_entry_node (mount, inode, NULL) : NULL;
  g_auto (ExpInfo) info = { 0 };

  place->is_linked = node != NULL && exp_node_describe (node, &info, NULL) && info.n_links > 1;
  return !place->is_linked || exp_writers_settle (mount, inode, error);
}

/* Whoever has it open goes on with the object when that has other names. */
static void
detach (ExpMount *mount, const Place *place)
{
  exp_inode_detach (mount->inodes, place->inode);
  if (!place->is_linked)
    exp_writers_drop (mount, place->inode);
}

/* --- removing ----------------------------------------------------------------------------------------------- */

static gboolean
has_new_files (ExpMount *mount, ExpInode *directory)
{
  g_auto (GStrv) names = exp_writers_list_new (mount, directory);

  return *names != NULL;
}

static gboolean
check_kind (ExpMount *mount, const Place *place, gboolean is_directory, GError **error)
{
  if (place->inode == NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no such name");
  else if (!place->is_child || place->true_name == NULL)
    fail_virtual (place->shown, error);
  else if (exp_inode_is_directory (place->inode) && !is_directory)
    g_set_error (error, EXP_ERROR, EXP_ERROR_IS_A_GROUP, "'%s' is a directory", place->shown);
  else if (!exp_inode_is_directory (place->inode) && is_directory)
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_A_GROUP, "'%s' is not a directory", place->shown);
  else if (is_directory && has_new_files (mount, place->inode))
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_EMPTY, "'%s' is not empty", place->shown);
  else
    return TRUE;
  return FALSE;
}

/* Between begin and end. */
static gboolean
remove_place (ExpMount *mount, Place *place, gboolean is_directory, GError **error)
{
  if (!check_kind (mount, place, is_directory, error) || !settle_linked (mount, place, error))
    return FALSE;
  if (!exp_inode_has (place->inode, EXP_INODE_IS_NEW)
      && !exp_node_remove (place->directory->node, place->true_name, error))
    return FALSE;
  detach (mount, place);
  note_names (mount, place->directory);
  return TRUE;
}

static void
remove_name (fuse_req_t req, fuse_ino_t parent, const char *name, gboolean is_directory)
{
  g_auto (ExpRequest) request = exp_request_begin (req, EXP_OPERATION_CHANGE);
  ExpMount *mount = request.mount;
  ExpInode *directory = exp_inode_get (mount->inodes, parent);
  GError *error = NULL;
  Place place = { 0 };
  gboolean is_done = find_place (mount, directory, name, &place, &error) && exp_change_begin (mount, &error);

  if (is_done)
    {
      is_done = remove_place (mount, &place, is_directory, &error);
      exp_change_end (mount);
    }
  reply_done (req, mount, directory, is_done, error);
  place_clear (mount, &place);
}

void
exp_unlink (fuse_req_t req, fuse_ino_t parent, const char *name)
{
  remove_name (req, parent, name, FALSE);
}

void
exp_rmdir (fuse_req_t req, fuse_ino_t parent, const char *name)
{
  remove_name (req, parent, name, TRUE);
}

/* --- renaming ----------------------------------------------------------------------------------------------- */

/* Which view of a dataset the file is that the name is going to be; FALSE when it cannot be named so. A view keeps its
 * suffix; what came as an NPY file makes a dataset of the name before ".npy"; all else is a child of just that name. */
static gboolean
choose_view (ExpMount *mount, const Place *from, Place *to, GError **error)
{
  gsize length = strlen (to->shown);
  const ExpViewClass *klass = exp_view_class_for_name (to->shown, &length);
  gboolean has_npy = klass == &exp_view_npy && length > 0;
  gboolean is_array = has_npy && exp_inode_has (from->inode, EXP_INODE_IS_ARRAY) && !to->is_child;

  if (from->view > 0 ? klass == exp_view_classes[from->view] && length > 0 && !to->is_child : is_array)
    {
      g_autofree char *stem = g_strndup (to->shown, length);
      to->view = from->view;
      if (is_array)
        for (to->view = 0; exp_view_classes[to->view] != klass;)
          to->view++;
      g_free (to->true_name);
      to->true_name = exp_name_for_new (to->directory, stem, error);
      return to->true_name != NULL;
    }
  if (!from->is_child || (to->inode != NULL && !to->is_child))
    return fail_virtual (from->is_child ? to->shown : from->shown, error);
  if (to->inode != NULL)
    return TRUE;
  g_free (to->true_name);
  to->true_name = exp_true_name_kept (mount, from->inode, to->shown);
  if (to->true_name == NULL)
    to->true_name = exp_name_for_new (to->directory, to->shown, error);
  return to->true_name != NULL;
}

/* When a dataset is renamed by the name of a view, its own name goes, of which the kernel knows nothing. */
static void
take_away_text (ExpMount *mount, const Place *from)
{
  gsize length = strlen (from->shown) - strlen (exp_view_classes[from->view]->suffix);
  g_autofree char *stem = g_strndup (from->shown, length);
  ExpInode *text = from->view > 0 ? exp_inode_find (mount->inodes, from->directory, stem) : NULL;

  if (text == NULL)
    return;
  exp_inode_set (text, EXP_INODE_IS_GONE);
  exp_inode_detach (mount->inodes, text);
  exp_inode_unref (mount->inodes, text, 1);
}

/* Some nodes are of what has that name and no other, and others say something of their name. */
static void
renew_moved (ExpMount *mount, ExpInode *inode)
{
  g_autoptr (ExpNode) node = inode->type == EXP_INODE_FILE ? exp_entry_node (mount, inode, NULL) : NULL;
  g_auto (ExpInfo) info = { 0 };

  if (node != NULL && !exp_node_describe (node, &info, NULL))
    exp_changes_note_all (mount); /* it became what others show */
  else if (node != NULL)
    exp_entry_renew (mount, inode);
  else if (inode->type == EXP_INODE_DIRECTORY)
    exp_changes_note_replaced (mount); /* files in it */
}

/* In the table, and for the kernel, which has moved its own entry. */
static void
move_inodes (ExpMount *mount, Place *from, Place *to, gboolean is_exchange)
{
  if (is_exchange)
    {
      exp_inode_exchange (mount->inodes, from->inode, to->inode);
      exp_changes_note_replaced (mount);
      return;
    }
  if (to->inode != NULL)
    detach (mount, to);
  if (to->view > 0)
    {
      take_away_text (mount, from);
      exp_changes_note_replaced (mount);
      from->inode->view = to->view;
      exp_inode_set (from->inode, EXP_INODE_IS_VIRTUAL);
    }
  exp_inode_move (mount->inodes, from->inode, to->directory, to->shown);
  renew_moved (mount, from->inode);
}

/* Between begin and end. */
static gboolean
rename_place (ExpMount *mount, Place *from, Place *to, guint flags, GError **error)
{
  gboolean is_exchange = (flags & EXP_MOVE_EXCHANGE) != 0;

  if (from->inode == NULL || from->true_name == NULL || (is_exchange && to->inode == NULL))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no such name");
      return FALSE;
    }
  if (to->inode != NULL && (flags & EXP_MOVE_NO_REPLACE) != 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_EXISTS, "'%s' is there already", to->shown);
      return FALSE;
    }
  if (!choose_view (mount, from, to, error))
    return FALSE;
  if (to->inode == from->inode)
    return TRUE;
  if ((from->inode->type == EXP_INODE_FILE && !exp_writers_settle (mount, from->inode, error))
      || (to->inode != NULL && !settle_linked (mount, to, error)))
    return FALSE;
  if (to->inode != NULL && exp_inode_has (to->inode, EXP_INODE_IS_NEW))
    exp_writers_drop (mount, to->inode);
  if (!is_exchange && to->view > 0)
    exp_retype_keep_attributes (mount, from->inode, to->directory->node, to->true_name);
  if (!is_exchange && to->is_linked)
    exp_retype_as_linked (mount, from->inode, to->inode);
  if (is_exchange || to->is_linked
      || !exp_retype_take_over (mount, from->inode, from->directory->node, from->true_name, to->inode,
                                to->directory->node, to->true_name))
    if (!exp_node_move (from->directory->node, from->true_name, to->directory->node, to->true_name, flags, error))
      return FALSE;
  if (from->directory == to->directory && from->view == 0)
    exp_backups_note (mount, from->directory, from->shown, to->shown);
  move_inodes (mount, from, to, is_exchange);
  note_names (mount, from->directory);
  note_names (mount, to->directory);
  return TRUE;
}

static gboolean
convert_flags (guint flags, guint *move_flags)
{
  *move_flags = ((flags & RENAME_NOREPLACE) != 0 ? EXP_MOVE_NO_REPLACE : 0)
                | ((flags & RENAME_EXCHANGE) != 0 ? EXP_MOVE_EXCHANGE : 0);
  return (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE)) == 0;
}

void
exp_rename (fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t new_parent, const char *new_name,
            unsigned int flags)
{
  g_auto (ExpRequest) request = exp_request_begin (req, EXP_OPERATION_CHANGE);
  ExpMount *mount = request.mount;
  ExpInode *directory = exp_inode_get (mount->inodes, parent);
  ExpInode *new_directory = exp_inode_get (mount->inodes, new_parent);
  Place from = { 0 }, to = { 0 };
  GError *error = NULL;
  guint move_flags;

  if (!convert_flags (flags, &move_flags))
    {
      fuse_reply_err (req, EINVAL);
      return;
    }
  gboolean is_done = find_place (mount, directory, name, &from, &error)
                     && find_place (mount, new_directory, new_name, &to, &error) && exp_change_begin (mount, &error);
  if (is_done)
    {
      is_done = rename_place (mount, &from, &to, move_flags, &error);
      exp_change_end (mount);
    }
  reply_done (req, mount, directory, is_done, error);
  place_clear (mount, &from);
  place_clear (mount, &to);
}

/* --- hard links --------------------------------------------------------------------------------------------- */

/* Between begin and end. A view's link is one of its dataset, under the same suffix. */
static gboolean
link_inode (ExpMount *mount, ExpInode *inode, Place *to, GError **error)
{
  Place from = { .inode = inode, .is_child = inode->view == 0, .view = inode->view };

  if (inode->type != EXP_INODE_FILE && inode->type != EXP_INODE_DIRECTORY)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_PERMITTED, "only datasets can have several names");
      return FALSE;
    }
  if (to->inode != NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_EXISTS, "'%s' is there already", to->shown);
      return FALSE;
    }
  if (!choose_view (mount, &from, to, error) || !exp_writers_settle (mount, inode, error))
    return FALSE;
  g_autoptr (ExpNode) node = exp_entry_node (mount, inode, error);
  if (node == NULL || !exp_node_link (to->directory->node, to->true_name, node, error))
    return FALSE;
  note_names (mount, to->directory);
  return TRUE;
}

void
exp_link (fuse_req_t req, fuse_ino_t id, fuse_ino_t new_parent, const char *new_name)
{
  g_auto (ExpRequest) request = exp_request_begin (req, EXP_OPERATION_CHANGE);
  ExpMount *mount = request.mount;
  ExpInode *directory = exp_inode_get (mount->inodes, new_parent);
  GError *error = NULL;
  Place to = { 0 };
  gboolean is_done = find_place (mount, directory, new_name, &to, &error) && exp_change_begin (mount, &error);

  if (is_done)
    {
      is_done = link_inode (mount, exp_inode_get (mount->inodes, id), &to, &error);
      exp_change_end (mount);
    }
  if (is_done)
    reply_new (req, mount, directory, new_name);
  else
    exp_request_refuse (req, mount, directory, error);
  place_clear (mount, &to);
}
