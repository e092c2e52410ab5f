/* Opens the raw files of a dataset as one source. HDF5's own reader would wait for ever on a FIFO of that name.
 * Knows no types.
 * Called by read.c. */
#include "external_data.h"
#include "segments.h"

typedef struct
{
  char *name;
  guint64 offset, length;
} Slot;

static void
slot_clear (gpointer slot)
{
  g_free (((Slot *)slot)->name);
}

static gboolean
read_slots (ExpHdf5File *file, guint64 address, GArray *slots, GError **error)
{
  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  hid_t id = exp_hdf5_file_object (file, address, error);

  if (id < 0)
    return FALSE;
  g_auto (ExpHid) dcpl = H5Dget_create_plist (id);
  int n = dcpl >= 0 ? H5Pget_external_count (dcpl) : -1;
  for (int i = 0; i < n; i++)
    {
      char name[4096];
      off_t offset;
      hsize_t length;

      if (H5Pget_external (dcpl, i, sizeof name, name, &offset, &length) < 0)
        {
          n = -1;
          break;
        }
      name[sizeof name - 1] = '\0';
      Slot slot = { g_canonicalize_filename (name, file->directory), MAX (offset, 0), length };
      g_array_append_val (slots, slot);
    }
  if (n < 0)
    exp_hdf5_set_error (error, "cannot read the list of external files");
  return n >= 0;
}

ExpSource *
exp_hdf5_external_data_open (ExpHdf5File *file, guint64 address, GError **error)
{
  g_autoptr (GArray) slots = g_array_new (FALSE, FALSE, sizeof (Slot));
  g_autoptr (GArray) segments = g_array_new (FALSE, FALSE, sizeof (ExpSegment));
  g_autoptr (GError) local = NULL;
  guint64 start = 0;

  g_array_set_clear_func (slots, slot_clear);
  if (!read_slots (file, address, slots, error))
    return NULL;
  for (guint i = 0; i < slots->len && start < G_MAXUINT64; i++)
    {
      const Slot *slot = &g_array_index (slots, Slot, i);
      ExpSegment segment = { start, MIN (slot->length, G_MAXUINT64 - start), NULL, slot->offset };

      segment.source = exp_source_open_file (slot->name, &local);
      if (segment.source == NULL)
        {
          for (guint k = 0; k < segments->len; k++)
            exp_source_unref (g_array_index (segments, ExpSegment, k).source);
          g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "its data lie in another file: %s", local->message);
          return NULL;
        }
      g_array_append_val (segments, segment);
      start += segment.length;
    }
  return exp_segments_new (file->path, (const ExpSegment *)segments->data, segments->len, TRUE);
}
