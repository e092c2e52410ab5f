/* Groups as nodes: their children listed and found.
 * Knows no structure of a group, opens no child: listing costs what the group's own structures cost.
 * Called through object.c's class. */
#include "external.h"
#include "link.h"
#include "links.h"
#include "object.h"
#include <string.h>

/* Links read at once: few at first, for those who stop early; but who goes on after many wants as many again. */
#define FIRST_BATCH 256
#define LAST_BATCH  65536

static ExpNode *
make_child (ExpHdf5Object *group, const ExpHdf5Link *link)
{
  return link->type == H5L_TYPE_HARD ? exp_hdf5_object_new (group->file, link->address)
                                     : exp_hdf5_link_new (group->file, group->address, link->type, link->name);
}

/* FALSE when `func` ended the listing. */
static gboolean
hand_out (ExpHdf5Object *group, const GArray *links, ExpListFunc func, gpointer data)
{
  for (guint i = 0; i < links->len; i++)
    {
      const ExpHdf5Link *link = &g_array_index (links, ExpHdf5Link, i);
      g_autoptr (ExpNode) child = make_child (group, link);

      if (!func (link->name, child, data))
        return FALSE;
    }
  return TRUE;
}

GPtrArray *
exp_hdf5_group_few (ExpHdf5Object *group, GArray *links)
{
  guint64 position = 0;
  gboolean is_last = FALSE;

  if (!exp_hdf5_links_read (group->file, group->address, &position, FIRST_BATCH, links, &is_last, NULL) || !is_last)
    return NULL;
  GPtrArray *children = g_ptr_array_new_with_free_func ((GDestroyNotify)exp_node_unref);
  for (guint i = 0; i < links->len; i++)
    g_ptr_array_add (children, make_child (group, &g_array_index (links, ExpHdf5Link, i)));
  return children;
}

gboolean
exp_hdf5_group_list (ExpNode *self, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  ExpHdf5Object *object = (ExpHdf5Object *)self;
  guint64 position = skip;
  gboolean is_last = FALSE;

  for (guint batch = CLAMP (2 * skip, FIRST_BATCH, LAST_BATCH); !is_last; batch = MIN (batch * 2, LAST_BATCH))
    {
      g_autoptr (GArray) links = exp_hdf5_links_new ();
      g_autoptr (GError) local = NULL;

      exp_hdf5_links_read (object->file, object->address, &position, batch, links, &is_last, &local);
      if (!hand_out (object, links, func, data))
        return TRUE;
      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
    }
  return TRUE;
}

ExpNode *
exp_hdf5_group_lookup (ExpNode *self, const char *name, GError **error)
{
  ExpHdf5Object *object = (ExpHdf5Object *)self;
  g_autoptr (GError) local = NULL;
  g_auto (ExpHdf5Link) link = { NULL };

  if (exp_hdf5_links_find (object->file, object->address, name, &link, &local))
    return make_child (object, &link);
  if (g_error_matches (local, EXP_ERROR, EXP_ERROR_NOT_FOUND) && object->address == object->file->root
      && *object->file->prefix == '\0' && strcmp (name, EXP_HDF5_EXTERNAL) == 0)
    return exp_hdf5_external_root_new (object->file);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}
