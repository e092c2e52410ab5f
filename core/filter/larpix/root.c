/* The root of a raw file: its three parts, and what is found beside them by name.
 * Knows names; what they show is made elsewhere.
 * Made by raw.c. */
#include "write.h"
#include <string.h>

typedef struct
{
  ExpNode base;
  ExpLarpixStore *store;
} Root;

static const char *const part_names[] = { "meta", "msgs", "msg_headers" };

static ExpLarpixStore *
store_of (ExpNode *node)
{
  return ((Root *)node)->store;
}

static void
root_free (ExpNode *node)
{
  exp_larpix_store_unref (store_of (node));
  g_free (node);
}

static gboolean
root_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  if (!exp_node_describe (store_of (node)->root, info, error))
    return FALSE;
  info->is_growing = store_of (node)->is_followed;
  return TRUE;
}

/* What is shown in the place of a child; NULL: itself. */
static ExpNode *
shown_part (ExpLarpixStore *store, const char *name)
{
  if (strcmp (name, "msgs") == 0 && store->msgs != NULL)
    return exp_larpix_messages_new (store);
  if (strcmp (name, "msg_headers") == 0 && store->headers != NULL)
    return exp_larpix_headers_new (store);
  if (strcmp (name, "meta") == 0 && store->meta != NULL)
    return exp_larpix_meta_new (store);
  return NULL;
}

typedef struct
{
  ExpLarpixStore *store;
  guint64 skip;
  ExpListFunc func;
  gpointer data;
  gboolean is_seen[G_N_ELEMENTS (part_names)];
  gboolean is_ended;
} Listing;

static gboolean
give (Listing *listing, const char *name, ExpNode *child)
{
  if (listing->skip > 0)
    listing->skip--;
  else
    listing->is_ended = !listing->func (name, child, listing->data);
  return !listing->is_ended;
}

static gboolean
list_child (const char *name, ExpNode *inner, gpointer data)
{
  Listing *listing = data;
  g_autoptr (ExpNode) part = shown_part (listing->store, name);

  for (guint i = 0; i < G_N_ELEMENTS (part_names); i++)
    listing->is_seen[i] |= strcmp (name, part_names[i]) == 0;
  return give (listing, name, part != NULL ? part : inner);
}

static gboolean
root_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  Listing listing = { .store = store_of (node), .skip = skip, .func = func, .data = data };

  if (!exp_node_list (listing.store->root, 0, list_child, &listing, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (part_names) && !listing.is_ended; i++)
    if (!listing.is_seen[i])
      {
        g_autoptr (ExpNode) missing = exp_larpix_missing_new (part_names[i]);

        give (&listing, part_names[i], missing);
      }
  return TRUE;
}

/* --- names that are not listed ------------------------------------------------------------------------------ */

/* "[17]": one whole number between brackets, and `rest` behind them. */
static gboolean
parse_index (const char *text, const char *rest, gint64 *index)
{
  char *end;

  if (*text != '[' || !(g_ascii_isdigit (text[1]) || (text[1] == '-' && g_ascii_isdigit (text[2]))))
    return FALSE;
  *index = g_ascii_strtoll (text + 1, &end, 10);
  return *end == ']' && strcmp (end + 1, rest) == 0;
}

/* "[1,3,5]": two numbers or more, which ascend. */
static GArray *
parse_rows (const char *text)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (guint64));
  char *at = (char *)text;

  if (*at != '[')
    return NULL;
  do
    {
      if (!g_ascii_isdigit (at[1]))
        return NULL;
      const guint64 row = g_ascii_strtoull (at + 1, &at, 10);
      if (rows->len > 0 && row <= g_array_index (rows, guint64, rows->len - 1))
        return NULL;
      g_array_append_val (rows, row);
    }
  while (*at == ',');
  return strcmp (at, "]") == 0 && rows->len > 1 ? g_steal_pointer (&rows) : NULL;
}

static ExpNode *
lookup_hidden (ExpLarpixStore *store, const char *name)
{
  gint64 index;
  GArray *rows;

  if (store->msgs != NULL && store->has_hex && g_str_has_prefix (name, "msgs"))
    {
      if (strcmp (name, "msgs.raw") == 0)
        return exp_larpix_bytes_new (store);
      if (parse_index (name + strlen ("msgs"), ".raw", &index))
        return exp_larpix_message_new (store, index);
    }
  for (guint i = 1; i < G_N_ELEMENTS (part_names); i++)
    {
      g_autoptr (ExpNode) part = shown_part (store, part_names[i]);

      if (part != NULL && g_str_has_prefix (name, part_names[i])
          && (rows = parse_rows (name + strlen (part_names[i]))) != NULL)
        return exp_larpix_chosen_new (part, rows);
    }
  return NULL;
}

static ExpNode *
root_lookup (ExpNode *node, const char *name, GError **error)
{
  ExpLarpixStore *store = store_of (node);
  ExpNode *part = shown_part (store, name);
  g_autoptr (GError) reason = NULL;

  if (part == NULL)
    part = exp_node_lookup (store->root, name, &reason);
  if (part != NULL)
    return part;
  if (g_error_matches (reason, EXP_ERROR, EXP_ERROR_NOT_FOUND))
    {
      for (guint i = 0; i < G_N_ELEMENTS (part_names); i++)
        if (strcmp (name, part_names[i]) == 0)
          return exp_larpix_missing_new (name);
      part = lookup_hidden (store, name);
    }
  if (part == NULL)
    g_propagate_error (error, g_steal_pointer (&reason));
  return part;
}

static char **
root_list_attributes (ExpNode *node, GError **error)
{
  return exp_node_list_attributes (store_of (node)->root, error);
}

static ExpArray *
root_read_attribute (ExpNode *node, const char *name, GError **error)
{
  return exp_node_read_attribute (store_of (node)->root, name, error);
}

static gboolean
root_commit (ExpNode *node, gboolean checkpoint, GError **error)
{
  return exp_larpix_note_modified (store_of (node), error)
         && exp_node_commit (store_of (node)->root, checkpoint, error);
}

static guint64
root_journal_size (ExpNode *node)
{
  return exp_node_journal_size (store_of (node)->root);
}

/* Objects are found by their attributes, of which one says when messages were last written. */
static gboolean
root_list_parameters (ExpNode *node, ExpParameterRules *rules, ExpParameterFunc func, gpointer data, GError **error)
{
  rules->may_follow = TRUE;
  return TRUE;
}

static const ExpNodeClass root_class = {
  .free = root_free,
  .describe = root_describe,
  .list = root_list,
  .lookup = root_lookup,
  .list_attributes = root_list_attributes,
  .list_parameters = root_list_parameters,
  .read_attribute = root_read_attribute,
  .commit = root_commit,
  .journal_size = root_journal_size,
};

ExpNode *
exp_larpix_root_new (ExpLarpixStore *store)
{
  Root *self = g_new0 (Root, 1);

  exp_node_init (&self->base, &root_class);
  self->store = exp_larpix_store_ref (store);
  return &self->base;
}
