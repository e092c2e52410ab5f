/* The table of views and the dispatch to them.
 * Knows no view's bytes.
 * Called by fs/ and tests. */
#include "expfs/view.h"
#include <string.h>

const ExpViewClass *const exp_view_classes[] = {
  &exp_view_text,   &exp_view_npy, &exp_view_raw, &exp_view_csv, &exp_view_tsv, &exp_view_json,
  &exp_view_ndjson, &exp_view_svg, &exp_view_png, &exp_view_pdf, NULL,
};

const ExpViewClass *
exp_view_class_for_name (const char *name, gsize *stem_length)
{
  gsize length = strlen (name);
  const ExpViewClass *best = NULL;

  for (guint i = 1; exp_view_classes[i] != NULL; i++)
    {
      gsize n = strlen (exp_view_classes[i]->suffix);

      if (length > n && strcmp (name + length - n, exp_view_classes[i]->suffix) == 0
          && (best == NULL || n > strlen (best->suffix)))
        best = exp_view_classes[i];
    }
  if (best != NULL)
    *stem_length = length - strlen (best->suffix);
  return best;
}

const ExpViewClass *
exp_view_class_by_name (const char *name)
{
  for (guint i = 0; exp_view_classes[i] != NULL; i++)
    if (strcmp (exp_view_classes[i]->name, name) == 0)
      return exp_view_classes[i];
  return NULL;
}

ExpView *
exp_view_open (const ExpViewClass *klass, ExpNode *node, const ExpViewOptions *options, GError **error)
{
  g_auto (ExpInfo) info = { 0 };

  return exp_node_describe (node, &info, error) ? exp_view_open_described (klass, node, &info, options, error) : NULL;
}

ExpView *
exp_view_open_described (const ExpViewClass *klass, ExpNode *node, const ExpInfo *info, const ExpViewOptions *options,
                         GError **error)
{
  ExpView *view;

  if (!klass->applies (info))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "the type has no %s view", klass->name);
      return NULL;
    }
  view = klass->open (node, info, options, error);
  if (view == NULL)
    return NULL;
  g_atomic_ref_count_init (&view->references);
  return view;
}

void
exp_view_continue_from (ExpView *view, ExpView *old)
{
  if (view->klass->continue_from != NULL)
    view->klass->continue_from (view, old);
}

ExpView *
exp_view_ref (ExpView *view)
{
  g_atomic_ref_count_inc (&view->references);
  return view;
}

void
exp_view_unref (ExpView *view)
{
  if (view != NULL && g_atomic_ref_count_dec (&view->references))
    view->klass->free (view);
}

gboolean
exp_view_size (ExpView *view, guint64 *size, GError **error)
{
  return view->klass->size (view, size, error);
}

gboolean
exp_view_pread (ExpView *view, guint64 offset, gsize length, char *buffer, gsize *n_read, GError **error)
{
  *n_read = 0;
  return view->klass->pread (view, offset, length, buffer, n_read, error);
}

guint
exp_view_locate (ExpView *view, guint64 offset, gsize length, ExpRun *runs, guint most)
{
  return view->klass->locate != NULL ? view->klass->locate (view, offset, length, runs, most) : 0;
}
