/* Recognises pypet stores, checks the version that wrote them and puts the shown tree over the stored one.
 * Knows overview/info; the tree itself is made elsewhere.
 * Entered through exp_filter_pypet, by core/store.c. */
#include "pypet.h"
#include "expfs/number.h"
#include "expfs/store.h"
#include "filter/trajectory.h"
#include "root.h"
#include "write.h"
#include <string.h>
#include <unistd.h>

/* The newest release whose layout is known. */
#define NEWEST_MAJOR 0
#define NEWEST_MINOR 7

/* Children of the root that are looked at while mounting, whatever their number. */
#define MAX_LOOKED_AT 64

static gboolean
has_child (ExpNode *node, const char *name)
{
  g_autoptr (ExpNode) child = exp_pypet_child (node, name);

  return child != NULL;
}

static gboolean
is_trajectory (ExpNode *node)
{
  g_auto (ExpInfo) info = { 0 };

  if (!exp_node_describe (node, &info, NULL) || info.kind != EXP_KIND_GROUP)
    return FALSE;

  g_autoptr (ExpNode) overview = exp_pypet_child (node, "overview");
  if (overview != NULL && has_child (overview, "info") && has_child (overview, "runs"))
    return TRUE;

  g_auto (GStrv) names = exp_node_list_attributes (node, NULL);
  for (char **name = names; name != NULL && *name != NULL; name++)
    if (g_str_has_prefix (*name, "SRVC_"))
      return TRUE;
  return FALSE;
}

typedef struct
{
  guint n_left;
  gboolean is_found;
} Search;

static gboolean
look_for_trajectory (const char *name, ExpNode *child, gpointer data)
{
  Search *search = data;

  search->is_found = is_trajectory (child);
  return !search->is_found && --search->n_left > 0;
}

/* One in which no trajectory is yet says so in its title. */
static gboolean
is_empty_store (ExpNode *root, const Search *search)
{
  g_autofree char *title = search->n_left == MAX_LOOKED_AT ? exp_pypet_text (root, "TITLE") : NULL;

  return g_strcmp0 (title, EXP_PYPET_TITLE) == 0;
}

static gboolean
applies (ExpNode *root, const ExpStoreOptions *options)
{
  Search search = { MAX_LOOKED_AT, FALSE };

  return exp_node_list (root, 0, look_for_trajectory, &search, NULL)
         && (search.is_found || is_empty_store (root, &search));
}

/* For a user who names the format. A store with nothing in it yet is any format's. */
static gboolean
has_other_children (ExpNode *root)
{
  Search search = { MAX_LOOKED_AT, FALSE };

  return exp_node_list (root, 0, look_for_trajectory, &search, NULL) && !search.is_found
         && search.n_left < MAX_LOOKED_AT;
}

/* "0.7.0", "0.1b.4": FALSE for what does not begin with two numbers. */
static gboolean
parse_version (const char *version, guint64 *major, guint64 *minor)
{
  char *end;

  if (!g_ascii_isdigit (*version))
    return FALSE;
  *major = g_ascii_strtoull (version, &end, 10);
  if (*end != '.' || !g_ascii_isdigit (end[1]))
    return FALSE;
  *minor = g_ascii_strtoull (end + 1, NULL, 10);
  return TRUE;
}

/* The version that wrote a trajectory; NULL when its overview cannot be read. Caller frees. */
static char *
read_version (ExpNode *trajectory)
{
  g_autoptr (ExpNode) overview = exp_pypet_child (trajectory, "overview");
  g_autoptr (ExpNode) info = overview != NULL ? exp_pypet_child (overview, "info") : NULL;
  g_autoptr (ExpArray) cell = info != NULL ? exp_pypet_table_cell (info, "version", 0, NULL) : NULL;

  return cell != NULL ? exp_array_dup_text (cell) : NULL;
}

typedef struct
{
  const ExpStoreOptions *options;
  const char *only; /* the one trajectory that is asked for, NULL for all */
  guint n_left;
  GError *error;
} Check;

static gboolean
check_version (const char *name, ExpNode *child, gpointer data)
{
  Check *check = data;
  guint64 major, minor;

  if ((check->only != NULL && strcmp (name, check->only) != 0) || !is_trajectory (child))
    return --check->n_left > 0;

  g_autofree char *version = read_version (child);
  if (version == NULL)
    g_warning ("trajectory '%s': overview/info cannot be read, so the version of pypet that wrote it is not known",
               name);
  else if (!parse_version (version, &major, &minor) || major > NEWEST_MAJOR
           || (major == NEWEST_MAJOR && minor > NEWEST_MINOR))
    {
      if (!check->options->force)
        {
          g_set_error (
              &check->error, EXP_ERROR, EXP_ERROR_VERSION,
              "trajectory '%s' was written by pypet '%s' and this program knows versions up to %d.%d; -o force "
              "mounts it all the same",
              name, version, NEWEST_MAJOR, NEWEST_MINOR);
          return FALSE;
        }
      g_warning ("trajectory '%s' was written by pypet '%s', which this program does not know", name, version);
    }
  return --check->n_left > 0;
}

static ExpPypetStore *
new_store (ExpNode *root, const ExpStoreOptions *options)
{
  ExpPypetStore *store = exp_pypet_store_new (root, options->is_writable);

  store->complib = g_strdup (options->complib);
  store->complevel = options->complevel;
  store->is_unpacked = options->is_unpacked;
  store->shuffle = options->shuffle;
  store->fletcher32 = options->fletcher32;
  store->pandas_format = g_intern_string (options->pandas_format);
  store->overview = g_strdupv ((char **)options->overview);
  return store;
}

static ExpNode *
apply (ExpNode *root, const ExpStoreOptions *options, GError **error)
{
  g_autofree char *only = NULL;
  Check check = { options, NULL, MAX_LOOKED_AT, NULL };

  if (!options->force && has_other_children (root))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_A_STORE,
                   "not a pypet store: none of its groups is a trajectory (-o force mounts it all the same)");
      return NULL;
    }
  if (options->trajectory != NULL)
    {
      only = exp_trajectory_find (root, options->trajectory, error);
      if (only == NULL)
        return NULL;
      check.only = only;
    }
  if (!exp_node_list (root, 0, check_version, &check, error))
    return NULL;
  if (check.error != NULL)
    {
      g_propagate_error (error, check.error);
      return NULL;
    }
  g_autoptr (ExpPypetStore) store = new_store (root, options);
  return exp_pypet_root_new (store);
}

static gboolean
begin_store (const char *path, const ExpStoreOptions *options, GError **error)
{
  ExpStoreOptions plain = *options;

  plain.is_writable = TRUE;
  plain.trajectory = NULL;
  g_autoptr (ExpNode) root = exp_format_hdf5.open (path, &plain, error);
  g_autoptr (ExpPypetStore) store = root != NULL ? new_store (root, &plain) : NULL;
  return store != NULL && exp_pypet_store_mark (store, error)
         && (options->trajectory == NULL || exp_pypet_trajectory_create (store, options->trajectory, error))
         && exp_node_commit (root, TRUE, error);
}

static gboolean
create (const char *path, const ExpStoreOptions *options, GError **error)
{
  if (!exp_store_create (path, "hdf5", options, error))
    return FALSE;
  if (begin_store (path, options, error))
    return TRUE;
  unlink (path);
  return FALSE;
}

const ExpFilter exp_filter_pypet = {
  .name = "pypet",
  .over = "hdf5",
  .description = "pypet trajectories in HDF5, stored by its HDF5StorageService",
  .applies = applies,
  .apply = apply,
  .create = create,
};
