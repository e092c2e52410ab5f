/* only= and except=: the part of a store that globs choose. A glob without '/' matches a name at any depth, one with
 * '/' the path from the root; '*' and '?' match no '/'. With only=, a node shows when it matches, lies below a match or
 * leads to one; with except=, when neither it nor what it lies in matches.
 * Knows no format.
 * Entered through exp_filter_only, by core/store.c. */
#include "delegate.h"
#include "expfs/store.h"
#include <fnmatch.h>
#include <string.h>

/* Groups whose answer to "does this lead to a match?" is kept; finding one may take a walk through the group. */
#define MAX_KNOWN 65536

/* Deeper than this nothing is looked for: a group may contain itself. */
#define MAX_DEPTH 64

typedef struct
{
  gatomicrefcount references;
  gboolean is_only;
  gboolean is_changing; /* of a collection, in which things come and go: no answer is kept */
  char **globs;
  GMutex mutex;
  GHashTable *known; /* guarded by mutex: path -> whether it leads to a match */
} Choice;

typedef struct
{
  ExpDelegate base;
  Choice *choice;
  gboolean is_chosen; /* itself or what it lies in matches: all below shows */
  gboolean is_index;  /* a hidden directory such as .run, whose children stand for its parent */
  gboolean is_below_index;
  guint depth;
  char path[]; /* from the root, "" for it; that of the parent for hidden directories */
} Chosen;

static void
choice_unref (Choice *choice)
{
  if (!g_atomic_ref_count_dec (&choice->references))
    return;
  g_strfreev (choice->globs);
  g_hash_table_unref (choice->known);
  g_mutex_clear (&choice->mutex);
  g_free (choice);
}

static gboolean
has_slash (const char *glob)
{
  return strchr (glob, '/') != NULL;
}

static gboolean
matches (const Choice *choice, const char *path)
{
  const char *slash = strrchr (path, '/');
  const char *name = slash != NULL ? slash + 1 : path;

  for (char **glob = choice->globs; *glob != NULL; glob++)
    if (has_slash (*glob) ? fnmatch (**glob == '/' ? *glob + 1 : *glob, path, FNM_PATHNAME) == 0
                          : fnmatch (*glob, name, 0) == 0)
      return TRUE;
  return FALSE;
}

/* The first components of `glob`, as many as `path` has. */
static char *
glob_head (const char *glob, const char *path)
{
  guint n = 1;
  const char *end = *glob == '/' ? glob + 1 : glob;

  for (const char *at = path; *at != '\0'; at++)
    n += *at == '/';
  const char *start = end;
  for (; *end != '\0'; end++)
    if (*end == '/' && --n == 0)
      break;
  return g_strndup (start, end - start);
}

/* FALSE when nothing below the path can match, whatever there is. */
static gboolean
can_lead (const Choice *choice, const char *path)
{
  for (char **glob = choice->globs; *glob != NULL; glob++)
    {
      if (!has_slash (*glob))
        return TRUE;
      g_autofree char *head = glob_head (*glob, path);
      if (fnmatch (head, path, FNM_PATHNAME) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean leads_to_match (Choice *choice, ExpNode *node, const char *path, guint depth);

typedef struct
{
  Choice *choice;
  const char *path;
  guint depth;
  gboolean is_found;
} Search;

static char *
child_path (const char *path, const char *name)
{
  return *path != '\0' ? g_strconcat (path, "/", name, NULL) : g_strdup (name);
}

static gboolean
search_child (const char *name, ExpNode *child, gpointer data)
{
  Search *search = data;
  g_autofree char *path = child_path (search->path, name);

  search->is_found
      = matches (search->choice, path)
        || (can_lead (search->choice, path) && leads_to_match (search->choice, child, path, search->depth + 1));
  return !search->is_found;
}

static gboolean
search_below (Choice *choice, ExpNode *node, const char *path, guint depth)
{
  g_auto (ExpInfo) info = { 0 };
  Search search = { choice, path, depth, FALSE };

  if (depth >= MAX_DEPTH || !exp_node_describe (node, &info, NULL) || info.kind != EXP_KIND_GROUP)
    return FALSE;
  exp_node_list (node, 0, search_child, &search, NULL);
  return search.is_found;
}

static gboolean
leads_to_match (Choice *choice, ExpNode *node, const char *path, guint depth)
{
  gpointer known;

  if (choice->is_changing)
    return search_below (choice, node, path, depth);
  g_mutex_lock (&choice->mutex);
  gboolean is_known = g_hash_table_lookup_extended (choice->known, path, NULL, &known);
  g_mutex_unlock (&choice->mutex);
  if (is_known)
    return GPOINTER_TO_INT (known);

  gboolean leads = search_below (choice, node, path, depth);
  g_mutex_lock (&choice->mutex);
  if (g_hash_table_size (choice->known) < MAX_KNOWN)
    g_hash_table_insert (choice->known, g_strdup (path), GINT_TO_POINTER (leads));
  g_mutex_unlock (&choice->mutex);
  return leads;
}

static ExpNode *chosen_new (Choice *choice, ExpNode *inner, const char *path, guint depth);

/* NULL when the child does not show. */
static ExpNode *
choose_child (ExpNode *node, const char *name, ExpNode *inner)
{
  Chosen *self = (Chosen *)node;
  gboolean is_index = *name == '.' && !self->is_below_index;
  gboolean is_transparent = is_index || self->is_index;
  g_autofree char *path = is_transparent ? g_strdup (self->path) : child_path (self->path, name);
  gboolean is_match = !is_transparent && matches (self->choice, path);

  if (self->choice->is_only
          ? !(is_transparent || self->is_chosen || is_match
              || (can_lead (self->choice, path) && leads_to_match (self->choice, inner, path, self->depth + 1)))
          : is_match)
    return NULL;

  Chosen *child = (Chosen *)chosen_new (self->choice, inner, path, self->depth + 1);
  child->is_chosen = self->is_chosen || is_match;
  child->is_index = is_index;
  child->is_below_index = self->is_below_index || self->is_index;
  return &child->base.base;
}

static gboolean
chosen_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  ExpNode *target = exp_delegate_target (node, error);

  return target != NULL && exp_delegate_list_wrapped (target, choose_child, node, skip, func, data, error);
}

/* What is found beside a node by adding a suffix to its name, such as x.range, shows when the node does. */
static ExpNode *
lookup_beside (Chosen *self, const char *name, ExpNode *inner)
{
  const char *dot = strrchr (name, '.');

  if (dot == NULL || dot == name)
    return NULL;
  g_autofree char *stem = g_strndup (name, dot - name);
  g_autoptr (ExpNode) owner = exp_delegate_lookup (&self->base.base, stem, NULL);
  g_autoptr (ExpNode) shown = owner != NULL ? choose_child (&self->base.base, stem, owner) : NULL;
  return shown != NULL ? exp_node_ref (inner) : NULL;
}

static ExpNode *
chosen_lookup (ExpNode *node, const char *name, GError **error)
{
  Chosen *self = (Chosen *)node;
  g_autoptr (ExpNode) inner = exp_delegate_lookup (node, name, error);

  if (inner == NULL)
    return NULL;
  ExpNode *child = choose_child (&self->base.base, name, inner);
  if (child == NULL)
    child = self->choice->is_only ? lookup_beside (self, name, inner) : NULL;
  if (child == NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "'%s' is left out by %s", name,
                 self->choice->is_only ? "only=" : "except=");
  return child;
}

/* Nothing is made that would not show. */
static gboolean
check_new (Chosen *self, const char *name, GError **error)
{
  g_autofree char *path = child_path (self->path, name);
  gboolean is_match = matches (self->choice, path);

  if (self->choice->is_only ? self->is_chosen || self->is_index || is_match : !is_match)
    {
      g_mutex_lock (&self->choice->mutex);
      g_hash_table_remove_all (self->choice->known);
      g_mutex_unlock (&self->choice->mutex);
      return TRUE;
    }
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "'%s' is left out by %s", name,
               self->choice->is_only ? "only=" : "except=");
  return FALSE;
}

/* A file such as NAME.pickle is made where NAME shows, or the file by its own name. */
static gboolean
check_file (Chosen *self, const char *name, GError **error)
{
  const char *dot = strrchr (name, '.');
  g_autofree char *stem = g_strndup (name, dot != NULL && dot > name ? (gsize)(dot - name) : strlen (name));
  g_autofree char *path = child_path (self->path, stem);

  if (matches (self->choice, path))
    return check_new (self, stem, error);
  return check_new (self, name, error);
}

/* What shows under a name; what does not is not changed either. */
static gboolean
check_shown (ExpNode *node, const char *name, GError **error)
{
  g_autoptr (ExpNode) child = chosen_lookup (node, name, error);

  return child != NULL;
}

static ExpNode *
show_new (ExpNode *node, const char *name, ExpNode *made, GError **error)
{
  if (made == NULL)
    return NULL;
  exp_node_unref (made);
  return chosen_lookup (node, name, error);
}

static ExpNode *
chosen_create_group (ExpNode *node, const char *name, GError **error)
{
  return check_new ((Chosen *)node, name, error)
             ? show_new (node, name, exp_delegate_create_group (node, name, error), error)
             : NULL;
}

static ExpNode *
chosen_create_dataset (ExpNode *node, const char *name, const ExpNewDataset *dataset, GError **error)
{
  return check_new ((Chosen *)node, name, error)
             ? show_new (node, name, exp_delegate_create_dataset (node, name, dataset, error), error)
             : NULL;
}

/* By a new name. */
static gboolean
check_moved (ExpNode *node, const char *name, GError **error)
{
  return exp_delegate_takes_file (node, name) ? check_file ((Chosen *)node, name, error)
                                              : check_new ((Chosen *)node, name, error);
}

static gboolean
chosen_check_name (ExpNode *node, const char *name, GError **error)
{
  return check_moved (node, name, error) && exp_delegate_check_name (node, name, error);
}

static gboolean
chosen_takes_file (ExpNode *node, const char *name)
{
  return exp_delegate_takes_file (node, name) && check_file ((Chosen *)node, name, NULL);
}

static ExpNode *
chosen_put_file (ExpNode *node, const char *name, GBytes *bytes, GError **error)
{
  return check_file ((Chosen *)node, name, error)
             ? show_new (node, name, exp_delegate_put_file (node, name, bytes, error), error)
             : NULL;
}

static ExpNode *
chosen_replace_dataset (ExpNode *node, const char *name, const ExpNewDataset *dataset, GError **error)
{
  return check_shown (node, name, error)
             ? show_new (node, name, exp_delegate_replace_dataset (node, name, dataset, error), error)
             : NULL;
}

static gboolean
chosen_remove (ExpNode *node, const char *name, GError **error)
{
  return check_shown (node, name, error) && exp_delegate_remove (node, name, error);
}

static gboolean
chosen_move (ExpNode *node, const char *name, ExpNode *new_parent, const char *new_name, guint flags, GError **error)
{
  return check_shown (node, name, error)
         && (new_parent->klass != node->klass || check_moved (new_parent, new_name, error))
         && exp_delegate_move (node, name, new_parent, new_name, flags, error);
}

static gboolean
chosen_link (ExpNode *node, const char *name, ExpNode *other, GError **error)
{
  return check_new ((Chosen *)node, name, error) && exp_delegate_link (node, name, other, error);
}

static gboolean
chosen_external_link (ExpNode *node, const char *name, const char *file, const char *path, GError **error)
{
  return check_new ((Chosen *)node, name, error) && exp_delegate_external_link (node, name, file, path, error);
}

static gboolean
chosen_symlink (ExpNode *node, const char *name, const char *target, GError **error)
{
  return check_new ((Chosen *)node, name, error) && exp_delegate_symlink (node, name, target, error);
}

static void
chosen_free (ExpNode *node)
{
  Chosen *self = (Chosen *)node;

  exp_delegate_clear (&self->base);
  choice_unref (self->choice);
  g_free (self);
}

static const ExpNodeClass chosen_class = {
  .free = chosen_free,
  .describe = exp_delegate_describe,
  .layout = exp_delegate_layout,
  .list = chosen_list,
  .lookup = chosen_lookup,
  .read = exp_delegate_read,
  .locate = exp_delegate_locate,
  .list_attributes = exp_delegate_list_attributes,
  .read_attribute = exp_delegate_read_attribute,
  .list_parameters = exp_delegate_list_parameters,
  .unwrap = exp_delegate_unwrap,
  .look_outside = exp_delegate_look_outside,
  .version = exp_delegate_version,
  .format_name = exp_delegate_format_name,
  .create_group = chosen_create_group,
  .create_dataset = chosen_create_dataset,
  .check_name = chosen_check_name,
  .takes_file = chosen_takes_file,
  .put_file = chosen_put_file,
  .replace_dataset = chosen_replace_dataset,
  .write = exp_delegate_write,
  .resize = exp_delegate_resize,
  .write_attribute = exp_delegate_write_attribute,
  .remove_attribute = exp_delegate_remove_attribute,
  .remove = chosen_remove,
  .move = chosen_move,
  .link = chosen_link,
  .symlink = chosen_symlink,
  .external_link = chosen_external_link,
  .set_class = exp_delegate_set_class,
  .set_note = exp_delegate_set_note,
  .commit = exp_delegate_commit,
  .journal_size = exp_delegate_journal_size,
};

static ExpNode *
chosen_new (Choice *choice, ExpNode *inner, const char *path, guint depth)
{
  gsize size = strlen (path) + 1;
  Chosen *self = g_malloc0 (sizeof *self + size);

  exp_node_init (&self->base.base, &chosen_class);
  self->base.target = exp_node_ref (inner);
  g_atomic_ref_count_inc (&choice->references);
  self->choice = choice;
  self->depth = depth;
  memcpy (self->path, path, size);
  return &self->base.base;
}

/* --- globs that match nothing ------------------------------------------------------------------------------- */

/* Names that are looked at for one glob while mounting, however large the store is. */
#define MAX_LOOKED_AT 4096

typedef struct
{
  const Choice *one; /* of the glob, and without what stands behind its last dot: x.range is found beside x */
  const char *path;
  guint depth;
  guint *n_left;
  gboolean is_found;
} Look;

static gboolean
look_at (const char *name, ExpNode *child, gpointer data)
{
  Look *look = data;
  g_autofree char *path = child_path (look->path, name);
  g_auto (ExpInfo) info = { 0 };

  if (*look->n_left == 0)
    return FALSE;
  --*look->n_left;
  look->is_found = matches (look->one, path);
  if (!look->is_found && look->depth < MAX_DEPTH && can_lead (look->one, path) && exp_node_describe (child, &info, NULL)
      && info.kind == EXP_KIND_GROUP)
    {
      Look below = { look->one, path, look->depth + 1, look->n_left, FALSE };

      exp_node_list (child, 0, look_at, &below, NULL);
      look->is_found = below.is_found;
    }
  return !look->is_found;
}

/* Of a store in which there is more than can be looked at nothing is said. */
static void
warn_unmatched (const Choice *choice, ExpNode *root)
{
  for (char **glob = choice->globs; *glob != NULL; glob++)
    {
      const char *dot = strrchr (*glob, '.');
      g_autofree char *stem = g_strndup (*glob, dot != NULL && dot > *glob ? (gsize)(dot - *glob) : strlen (*glob));
      char *globs[] = { *glob, stem, NULL };
      const Choice one = { .globs = globs };
      guint n_left = MAX_LOOKED_AT;
      Look look = { &one, "", 0, &n_left, FALSE };

      if (exp_node_list (root, 0, look_at, &look, NULL) && !look.is_found && n_left > 0)
        g_warning ("%s=%s: nothing in the store matches it", choice->is_only ? "only" : "except", *glob);
    }
}

static gboolean
applies (ExpNode *root, const ExpStoreOptions *options)
{
  return options->only != NULL || options->except != NULL;
}

static ExpNode *
apply (ExpNode *root, const ExpStoreOptions *options, GError **error)
{
  Choice *choice = g_new0 (Choice, 1);

  g_atomic_ref_count_init (&choice->references);
  choice->is_only = options->only != NULL;
  choice->is_changing = exp_node_version (root) != 0;
  choice->globs = g_strdupv ((char **)(options->only != NULL ? options->only : options->except));
  g_mutex_init (&choice->mutex);
  choice->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  warn_unmatched (choice, root);
  ExpNode *node = chosen_new (choice, root, "", 0);
  choice_unref (choice);
  return node;
}

const ExpFilter exp_filter_only = { "only", NULL, "the nodes that only= or except= choose", applies, apply };
