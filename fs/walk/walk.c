/* A walk over everything below an item, each object once.
 * Knows neither stores nor mounts.
 * Called by the verbs and prefetch. */
#include "fs/walk/walk.h"
#include <string.h>

#define PAGE 512

/* A group that is being listed. On the heap, as a hostile file may be deeper than any stack. */
typedef struct
{
  ExpItem *item; /* borrowed from the level above */
  guint64 identity;
  gsize path_length; /* of the group's own path */
  GArray *children;  /* of ExpItemChild: one page */
  guint next;
  guint64 position;
  gboolean is_end;
} Level;

typedef struct
{
  ExpVisitFunc func;
  gpointer data;
  GString *path;
  GArray *levels;       /* of Level */
  GByteArray *has_more; /* one per level */
  GHashTable *seen;     /* identity -> ExpSeen */
  gboolean is_stopped;
} Walk;

static void
clear_level (gpointer data)
{
  g_array_unref (((Level *)data)->children);
}

static ExpSeen
mark_seen (Walk *walk, guint64 identity, ExpSeen how)
{
  ExpSeen before = GPOINTER_TO_UINT (g_hash_table_lookup (walk->seen, &identity));

  if (identity != 0 && (before == EXP_SEEN_NEVER || how == EXP_SEEN_BEFORE))
    g_hash_table_insert (walk->seen, g_memdup2 (&identity, sizeof identity), GUINT_TO_POINTER (how));
  return before;
}

static void
report_listing (Walk *walk, Level *level, const GError *error)
{
  g_autofree char *path = g_strndup (walk->path->str, level->path_length);
  ExpItemInfo info = { .kind = "group", .is_group = TRUE };
  ExpVisit visit = { .path = path,
                     .depth = walk->levels->len - 1,
                     .item = level->item,
                     .info = &info,
                     .error = error,
                     .has_more = walk->has_more };

  walk->is_stopped = walk->func (&visit, walk->data) == EXP_WALK_STOP;
}

/* Makes sure that the level's next child is there, and knows whether one comes after it. FALSE at the end. */
static gboolean
fill (Walk *walk, Level *level)
{
  g_autoptr (GError) error = NULL;

  while (level->next + 1 >= level->children->len && !level->is_end)
    {
      if (level->next > 0)
        g_array_remove_range (level->children, 0, level->next);
      level->next = 0;
      if (!exp_item_list (level->item, &level->position, PAGE, level->children, &level->is_end, &error))
        {
          level->is_end = TRUE;
          report_listing (walk, level, error);
        }
    }
  return level->next < level->children->len;
}

/* Visits an item whose path is walk->path; enters it if it is a group that wants to be entered. */
static void
visit_item (Walk *walk, const char *name, ExpItem *item)
{
  g_autoptr (GError) error = NULL;
  g_auto (ExpItemInfo) info = { 0 };
  ExpVisit visit
      = { .path = walk->path->str, .name = name, .depth = walk->levels->len, .item = item, .has_more = walk->has_more };

  if (!exp_item_describe (item, &info, &error))
    {
      visit.error = error;
      walk->is_stopped = walk->func (&visit, walk->data) == EXP_WALK_STOP;
      return;
    }
  visit.info = &info;
  visit.seen = mark_seen (walk, info.identity, info.is_group ? EXP_SEEN_ABOVE : EXP_SEEN_BEFORE);

  ExpWalkStep step = walk->func (&visit, walk->data);
  walk->is_stopped = step == EXP_WALK_STOP;
  if (!info.is_group || visit.seen != EXP_SEEN_NEVER)
    return;
  if (step != EXP_WALK_ENTER)
    {
      mark_seen (walk, info.identity, EXP_SEEN_BEFORE);
      return;
    }

  Level level = { item, info.identity, walk->path->len, exp_item_children_new () };
  guint8 has_more = 0;
  g_array_append_val (walk->levels, level);
  g_byte_array_append (walk->has_more, &has_more, 1);
}

static void
leave (Walk *walk)
{
  Level *level = &g_array_index (walk->levels, Level, walk->levels->len - 1);

  mark_seen (walk, level->identity, EXP_SEEN_BEFORE);
  g_array_set_size (walk->levels, walk->levels->len - 1);
  g_byte_array_set_size (walk->has_more, walk->levels->len);
}

void
exp_walk (ExpItem *item, ExpVisitFunc func, gpointer data)
{
  g_autoptr (GString) path = g_string_new (NULL);
  g_autoptr (GArray) levels = g_array_new (FALSE, FALSE, sizeof (Level));
  g_autoptr (GByteArray) has_more = g_byte_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  Walk walk = { func, data, path, levels, has_more, seen };

  g_array_set_clear_func (levels, clear_level);
  visit_item (&walk, NULL, item);
  while (levels->len > 0 && !walk.is_stopped)
    {
      Level *level = &g_array_index (levels, Level, levels->len - 1);
      g_string_truncate (path, level->path_length);
      if (!fill (&walk, level))
        {
          leave (&walk);
          continue;
        }

      const ExpItemChild *child = &g_array_index (level->children, ExpItemChild, level->next++);
      has_more->data[levels->len - 1] = level->next < level->children->len;
      if (path->len > 0)
        g_string_append_c (path, '/');
      g_string_append (path, child->name);
      visit_item (&walk, child->name, child->item);
    }
}
