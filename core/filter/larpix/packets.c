/* Recognises the standard packet files of larpix-control, whose tables are shown as they are stored.
 * Knows what makes a file one of them, and its rule on versions.
 * Entered through exp_filter_larpix_packets, by core/store.c. */
#include "larpix.h"

static gboolean
is_table (ExpNode *root, const char *name)
{
  g_autoptr (ExpNode) node = exp_node_lookup (root, name, NULL);
  g_auto (ExpInfo) info = { 0 };

  return node != NULL && exp_node_describe (node, &info, NULL) && info.kind == EXP_KIND_DATASET && info.rank == 1
         && info.dtype->type == EXP_TYPE_COMPOUND;
}

/* NULL where there is none. */
static char *
read_version (ExpNode *root)
{
  g_autoptr (ExpNode) header = exp_node_lookup (root, "_header", NULL);
  g_autoptr (ExpArray) version = header != NULL ? exp_node_read_attribute (header, "version", NULL) : NULL;

  return version != NULL ? exp_array_dup_text (version) : NULL;
}

/* Files of version 0.0 have raw_packet. */
static gboolean
applies (ExpNode *root, const ExpStoreOptions *options)
{
  g_autofree char *version = read_version (root);

  return version != NULL && (is_table (root, "packets") || is_table (root, "raw_packet"));
}

static ExpNode *
apply (ExpNode *root, const ExpStoreOptions *options, GError **error)
{
  g_autofree char *version = read_version (root);

  if (version == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_A_STORE, "not a LArPix packet file: _header has no version");
      return NULL;
    }
  if (options->io_version != NULL || options->mask != NULL || options->has_attempts)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
                   "io_version=, mask= and attempts= are for raw files, not for packet files");
      return NULL;
    }
  return exp_larpix_packets_version_check (version, options->version, error) ? exp_node_ref (root) : NULL;
}

const ExpFilter exp_filter_larpix_packets = {
  .name = "larpix-packets",
  .over = "hdf5",
  .description = "LArPix packets in HDF5, larpix-control's standard file",
  .applies = applies,
  .apply = apply,
  .takes_versions = TRUE,
};
