/* Renames, as rename(2) has it.
 * Knows what may take whose place; what was done is undone when the next step fails.
 * Called through writable.c's class. */
#include "children.h"
#include "links.h"
#include <string.h>

typedef struct
{
  ExpHdf5Object *group;
  const char *name;
  ExpHdf5Child child;
  hid_t id; /* of the group, borrowed */
} Place;

/* --- groups below themselves -------------------------------------------------------------------------------- */

/* What groups there are below `top` is told by their links alone: an object that is none has none. */
static gboolean
add_children (ExpHdf5File *file, guint64 address, GHashTable *seen, GQueue *pending)
{
  guint64 position = 0;
  gboolean is_last = FALSE;

  while (!is_last)
    {
      g_autoptr (GArray) links = exp_hdf5_links_new ();

      if (!exp_hdf5_links_read (file, address, &position, 8192, links, &is_last, NULL))
        return FALSE;
      for (guint i = 0; i < links->len; i++)
        {
          const ExpHdf5Link *link = &g_array_index (links, ExpHdf5Link, i);

          if (link->type == H5L_TYPE_HARD && !g_hash_table_contains (seen, &link->address))
            {
              guint64 *copy = g_memdup2 (&link->address, sizeof link->address);

              g_hash_table_add (seen, copy);
              g_queue_push_tail (pending, copy);
            }
        }
    }
  return TRUE;
}

static gboolean
is_below (ExpHdf5File *file, guint64 top, guint64 wanted)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  GQueue pending = G_QUEUE_INIT;

  if (top == wanted)
    return TRUE;
  if (wanted == file->root)
    return FALSE;
  add_children (file, top, seen, &pending);
  while (pending.length > 0 && !g_hash_table_contains (seen, &wanted))
    add_children (file, *(guint64 *)g_queue_pop_head (&pending), seen, &pending);
  g_queue_clear (&pending);
  return g_hash_table_contains (seen, &wanted);
}

/* Whether `from` may go to where `to` is. */
static gboolean
check_below (const Place *from, const Place *to, GError **error)
{
  ExpHdf5File *file = from->group->file;

  if (from->child.kind != EXP_KIND_GROUP
      || (from->group->address == to->group->address && from->child.address != to->group->address))
    return TRUE;
  if (!exp_hdf5_settle (file, error))
    return FALSE;
  if (!is_below (file, from->child.address, to->group->address))
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "the group '%s' cannot lie below itself", from->name);
  return FALSE;
}

/* --- moving ------------------------------------------------------------------------------------------------- */

/* A link in hand. H5Lmove would do, but HDF5 1.10 does not survive it in groups that were opened by their address. */
typedef struct
{
  H5L_type_t type;
  hid_t object; /* of a hard link; keeps the object while it has no name */
  char *value;  /* of others */
  gsize size;
} Held;

static void
held_clear (Held *held)
{
  exp_hid_release (held->object);
  g_free (held->value);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Held, held_clear)

/* All that follows is under the HDF5 lock. */
static gboolean
failed (const char *name, GError **error)
{
  exp_hdf5_set_error (error, "cannot rename '%s'", name);
  return FALSE;
}

static gboolean
take_hold (const Place *place, Held *held, GError **error)
{
  H5L_info_t info;

  if (H5Lget_info (place->id, place->name, &info, H5P_DEFAULT) < 0)
    return failed (place->name, error);
  held->type = info.type;
  if (info.type == H5L_TYPE_HARD)
    {
      held->object = H5Oopen_by_addr (place->group->file->id, info.u.address);
      return held->object >= 0 || failed (place->name, error);
    }
  held->size = info.u.val_size;
  held->value = g_try_malloc0 (held->size + 1);
  return (held->value != NULL && H5Lget_val (place->id, place->name, held->value, held->size, H5P_DEFAULT) >= 0)
         || failed (place->name, error);
}

static gboolean
put (const Held *held, const Place *place, GError **error)
{
  g_auto (ExpHid) properties = exp_hdf5_link_properties (place->name);
  herr_t result;

  exp_hdf5_absent_remove (place->group->file, place->group->address, place->name);
  if (held->type == H5L_TYPE_HARD)
    result = H5Olink (held->object, place->id, place->name, properties, H5P_DEFAULT);
  else if (held->type == H5L_TYPE_SOFT)
    result = H5Lcreate_soft (held->value, place->id, place->name, properties, H5P_DEFAULT);
  else
    result = H5Lcreate_ud (place->id, place->name, held->type, held->value, held->size, properties, H5P_DEFAULT);
  return result >= 0 || failed (place->name, error);
}

/* `is_moved`: the object stays. */
static gboolean
take_away (const Place *place, gboolean is_moved, GError **error)
{
  ExpHdf5Child child = place->child;

  child.n_links += is_moved;
  return exp_hdf5_delete_link (place->group->file, place->id, place->name, &child, error);
}

static gboolean
open_places (Place *from, Place *to, GError **error)
{
  ExpHdf5File *file = from->group->file;

  from->id = exp_hdf5_file_object (file, from->group->address, error);
  to->id = from->id >= 0 ? exp_hdf5_file_object (file, to->group->address, error) : H5I_INVALID_HID;
  if (to->id < 0)
    return FALSE;
  if (H5Iget_type (to->id) != H5I_GROUP)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_A_GROUP, "not a group");
      return FALSE;
    }
  exp_hdf5_changes_object (file, from->group->address);
  exp_hdf5_changes_object (file, to->group->address);
  if (from->child.is_hard) /* its header counts its names, two for a moment */
    exp_hdf5_changes_object (file, from->child.address);
  if (to->child.is_hard)
    exp_hdf5_changes_object (file, to->child.address);
  exp_hdf5_changes_paths (file);
  return TRUE;
}

static gboolean
move_free (Place *from, Place *to, GError **error)
{
  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  g_auto (Held) held = { .object = H5I_INVALID_HID };

  if (!open_places (from, to, error) || !take_hold (from, &held, error) || !put (&held, to, error))
    return FALSE;
  if (take_away (from, TRUE, error))
    return TRUE;
  H5Ldelete (to->id, to->name, H5P_DEFAULT);
  return FALSE;
}

static gboolean
move_over (Place *from, Place *to, GError **error)
{
  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  g_auto (Held) held = { .object = H5I_INVALID_HID };
  g_auto (Held) replaced = { .object = H5I_INVALID_HID };

  if (!open_places (from, to, error) || !take_hold (from, &held, error) || !take_hold (to, &replaced, error)
      || !take_away (to, FALSE, error))
    return FALSE;
  if (put (&held, to, error))
    {
      if (take_away (from, TRUE, error))
        return TRUE;
      H5Ldelete (to->id, to->name, H5P_DEFAULT);
    }
  put (&replaced, to, NULL);
  return FALSE;
}

static gboolean
exchange (Place *from, Place *to, GError **error)
{
  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  g_auto (Held) held = { .object = H5I_INVALID_HID };
  g_auto (Held) other = { .object = H5I_INVALID_HID };

  if (!open_places (from, to, error) || !take_hold (from, &held, error) || !take_hold (to, &other, error)
      || !take_away (to, TRUE, error))
    return FALSE;
  if (put (&held, to, error))
    {
      if (take_away (from, TRUE, error))
        {
          if (put (&other, from, error))
            return TRUE;
          put (&held, from, NULL);
        }
      H5Ldelete (to->id, to->name, H5P_DEFAULT);
    }
  put (&other, to, NULL);
  return FALSE;
}

/* Whether `from` may replace `to`, as rename(2) has it. */
static gboolean
check_over (const Place *from, const Place *to, GError **error)
{
  gboolean is_group = from->child.kind == EXP_KIND_GROUP, was_group = to->child.kind == EXP_KIND_GROUP;

  if (was_group && !is_group)
    g_set_error (error, EXP_ERROR, EXP_ERROR_IS_A_GROUP, "'%s' is a group", to->name);
  else if (is_group && !was_group)
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_A_GROUP, "'%s' is not a group", to->name);
  else if (to->child.n_children > 0)
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_EMPTY, "the group '%s' is not empty", to->name);
  else
    return TRUE;
  return FALSE;
}

static gboolean
move_existing (Place *from, Place *to, guint flags, GError **error)
{
  gboolean is_same = (from->group->address == to->group->address && strcmp (from->name, to->name) == 0)
                     || (from->child.is_hard && to->child.is_hard && from->child.address == to->child.address);

  if (flags & EXP_MOVE_NO_REPLACE)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_EXISTS, "'%s' is there already", to->name);
      return FALSE;
    }
  if (is_same)
    return TRUE;
  if (flags & EXP_MOVE_EXCHANGE)
    return check_below (from, to, error) && check_below (to, from, error) && exchange (from, to, error);
  return check_over (from, to, error) && check_below (from, to, error) && move_over (from, to, error);
}

gboolean
exp_hdf5_move (ExpNode *self, const char *name, ExpNode *new_parent, const char *new_name, guint flags, GError **error)
{
  Place from = { .group = (ExpHdf5Object *)self, .name = name }, to = { .name = new_name };
  ExpHdf5File *file = from.group->file;
  g_autoptr (ExpHdf5Change) change = exp_hdf5_change_begin (file, error);
  g_autoptr (GError) local = NULL;

  if (change == NULL)
    return FALSE;
  to.group = exp_hdf5_writable_object (file, new_parent);
  if (to.group == NULL || flags == (EXP_MOVE_NO_REPLACE | EXP_MOVE_EXCHANGE))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "'%s' cannot be moved there", name);
      return FALSE;
    }
  if (!exp_hdf5_check_name (new_name, error) || !exp_hdf5_child_find (from.group, name, &from.child, error))
    return FALSE;
  if (exp_hdf5_child_find (to.group, new_name, &to.child, &local))
    return move_existing (&from, &to, flags, error);
  if (!g_error_matches (local, EXP_ERROR, EXP_ERROR_NOT_FOUND) || (flags & EXP_MOVE_EXCHANGE))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return check_below (&from, &to, error) && exp_hdf5_change_reach (file, from.group->address, error)
         && exp_hdf5_change_reach (file, to.group->address, error) && move_free (&from, &to, error);
}
