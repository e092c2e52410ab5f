/* The format "genericio": a file, or a rank map with its files.
 * Knows how they are told from others.
 * Called by core/store.c. */
#include "genericio.h"

static ExpNode *
genericio_open (const char *path, const ExpStoreOptions *options, GError **error)
{
  g_autoptr (ExpGioJob) job = exp_gio_job_open (path, error);

  return job != NULL ? exp_gio_tree_new (job) : NULL;
}

const ExpFormat exp_format_genericio = {
  .name = "genericio",
  .description = "genericio: what HACC's GenericIO wrote, also split over several files",
  .recognise = exp_gio_file_recognise,
  .open = genericio_open,
};
