/* Frames and series: a table becomes one in its place.
 * Knows which of pandas' formats a trajectory uses; what is in them is write_fixed.c's and write_frame_table.c's.
 * Called by write_flag.c. */
#include "write_frame.h"
#include "type.h"
#include <string.h>

/* As the user says, else as the trajectory's settings have it. */
static gboolean
wants_table (ExpPypetTrajectory *trajectory)
{
  g_autoptr (ExpNode) settings = NULL;

  if (trajectory->store->pandas_format != NULL)
    return strcmp (trajectory->store->pandas_format, "table") == 0;
  settings = exp_pypet_overview_table (trajectory, "hdf5_settings");
  g_autoptr (ExpArray) cell = settings != NULL ? exp_pypet_table_cell (settings, "pandas_format", 0, NULL) : NULL;
  g_autofree char *format = cell != NULL ? exp_array_dup_text (cell) : NULL;
  return format != NULL && *format == 't';
}

static gboolean
set_attributes (ExpPypetChange *change, ExpNode *group, const char *flag, GError **error)
{
  return exp_pytables_set_text (change, group, "SRVC_STORE", flag, error)
         && exp_pytables_set_text (change, group, "pandas_version", "0.15.2", error)
         && exp_pytables_set_text (change, group, "encoding", "utf8", error)
         && exp_pytables_set_text (change, group, "errors", "strict", error);
}

gboolean
exp_pypet_frame_keep (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *name,
                      ExpNode *shown, const char *flag, GError **error)
{
  ExpPypetTrajectory *trajectory = leaf->scope->trajectory;
  gboolean is_series = strcmp (flag, "SERIES") == 0, is_classic = exp_pypet_is_classic (trajectory);
  g_autofree char *hidden = exp_pypet_change_name (change);
  g_auto (ExpFrameDraft) draft = { 0 };
  ExpPypetPacking packing;

  if (!exp_frame_draft_init (&draft, shown, error))
    return FALSE;
  if (is_series && draft.columns->len != 2)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "a series is a table of two columns, index and values");
      return FALSE;
    }
  exp_pypet_packing (trajectory, &packing);
  g_autoptr (ExpNode) frame
      = exp_pytables_group (change, group, hidden, "", is_classic ? NULL : &packing.packing, error);
  if (frame == NULL || !set_attributes (change, frame, is_classic ? "FRAME" : flag, error)
      || !(wants_table (trajectory) ? exp_frame_write_table (change, trajectory, frame, &draft, is_series, error)
                                    : exp_frame_write_fixed (change, trajectory, frame, &draft, is_series, error)))
    return FALSE;
  return exp_pypet_change_remove (change, group, name, error)
         && exp_pypet_change_move (change, group, hidden, group, name, error);
}
