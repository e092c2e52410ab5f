/* The format "pickle": a file that is one pickle, read-only.
 * Knows how such a file is told from others.
 * Called by core/store.c. */
#include "expfs/store.h"
#include "expfs/memory_node.h"
#include "pickle.h"

/* As much of a file is looked at to recognise it. Protocols 0 and 1 have no mark at their beginning: a file of theirs
 * is recognised when all of it is a pickle. */
#define LOOKED_AT (1 << 20)

/* What the root is called in its directory when it is no directory itself. */
#define VALUE "value"

static gboolean
pickle_recognise (const char *path)
{
  g_autoptr (ExpSource) source = exp_source_open_file (path, NULL);

  return source != NULL && exp_pickle_recognise (source, LOOKED_AT);
}

static ExpNode *
pickle_open (const char *path, const ExpStoreOptions *options, GError **error)
{
  g_autoptr (ExpSource) source = exp_source_open_file (path, error);
  g_autoptr (ExpPickle) pickle = source != NULL ? exp_pickle_parse_source (source, error) : NULL;
  g_auto (ExpInfo) info = { 0 };
  ExpNode *group;

  if (pickle == NULL)
    return NULL;
  g_autoptr (ExpNode) root = exp_pickle_node_new (pickle, exp_pickle_record (pickle), FALSE);
  if (!exp_node_describe (root, &info, error))
    return NULL;
  if (info.kind == EXP_KIND_GROUP)
    return g_steal_pointer (&root);
  group = exp_memory_group_new (NULL);
  exp_memory_group_add (group, VALUE, root);
  return group;
}

const ExpFormat exp_format_pickle = {
  .name = "pickle",
  .description = "pickle: a file that Python's pickle wrote, parsed and never executed",
  .recognise = pickle_recognise,
  .open = pickle_open,
};
