/* How new datasets of a trajectory are packed: as the user says, else as the trajectory was begun.
 * Knows overview/hdf5_settings.
 * Called by the files of this folder that make datasets. */
#include "write_table.h"
#include <string.h>

static gint64
setting (ExpNode *settings, const char *column, gint64 missing)
{
  g_autoptr (ExpArray) cell = exp_pypet_table_cell (settings, column, 0, NULL);
  gint64 value;

  return cell != NULL && exp_array_get_int (cell, &value) ? value : missing;
}

static void
find_packing (ExpPypetTrajectory *trajectory, ExpPypetPacking *packing)
{
  const ExpPypetStore *store = trajectory->store;
  g_autoptr (ExpNode) settings = NULL;

  memset (packing, 0, sizeof *packing);
  packing->packing.complib = packing->complib;
  packing->packing.checks_first = TRUE;
  if (store->complib != NULL || store->complevel > 0 || store->is_unpacked || store->shuffle || store->fletcher32)
    {
      g_strlcpy (packing->complib, store->complib != NULL ? store->complib : "zlib", sizeof packing->complib);
      packing->packing.complevel = MIN (store->complevel, 9);
      packing->packing.shuffle = store->shuffle;
      packing->packing.fletcher32 = store->fletcher32;
      return;
    }

  /* Without settings pypet takes its own. */
  settings = exp_pypet_overview_table (trajectory, "hdf5_settings");
  g_autoptr (ExpArray) cell = settings != NULL ? exp_pypet_table_cell (settings, "complib", 0, NULL) : NULL;
  g_autofree char *complib = cell != NULL ? exp_array_dup_text (cell) : NULL;
  g_strlcpy (packing->complib, complib != NULL ? complib : "zlib", sizeof packing->complib);
  if (strcmp (packing->complib, "blosc:z") == 0) /* what the column's seven bytes leave of it */
    g_strlcpy (packing->complib, "blosc:zstd", sizeof packing->complib);
  packing->packing.complevel = settings != NULL ? (guint)CLAMP (setting (settings, "complevel", 9), 0, 9) : 9;
  packing->packing.shuffle
      = packing->packing.complevel > 0 && (settings == NULL || setting (settings, "shuffle", 1) != 0);
  packing->packing.fletcher32 = settings != NULL && setting (settings, "fletcher32", 0) != 0;
}

void
exp_pypet_packing (ExpPypetTrajectory *trajectory, ExpPypetPacking *packing)
{
  if (trajectory->packing == NULL)
    {
      find_packing (trajectory, packing);
      trajectory->packing = g_memdup2 (packing, sizeof *packing);
    }
  *packing = *(ExpPypetPacking *)trajectory->packing;
  packing->packing.complib = packing->complib;
}
