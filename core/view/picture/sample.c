/* Which elements of a dataset a picture is drawn from, and the reading of them.
 * Knows slabs and chunks; nothing of what is drawn.
 * Called by the kinds of pictures. */
#include "sample.h"
#include <math.h>
#include <string.h>

/* Bytes of one read where all is read. */
#define PIECE (1024 * 1024)

/* Bytes of a piece in a dataset that lies in one piece and is read in many. */
#define LEAST_PIECE 512

static guint64
multiply (guint64 a, guint64 b)
{
  guint64 product;

  return g_uint64_checked_mul (&product, a, b) ? product : G_MAXUINT64;
}

static guint64
divide_up (guint64 n, guint64 by)
{
  return n / by + (n % by != 0);
}

/* The first element whose bin is `bin`, as exp_sample_bin has it. */
static guint64
bin_start (const ExpSampleAxis *axis, guint bin)
{
  return (guint64)(((unsigned __int128)axis->n * bin + axis->n_bins - 1) / axis->n_bins);
}

static guint64
piece_start (const ExpSampleAxis *axis, guint64 i)
{
  guint64 n_all = divide_up (axis->n, axis->piece);

  if (axis->is_whole || axis->n_pieces < 2)
    return i * axis->piece;
  return (guint64)((unsigned __int128)(n_all - 1) * i / (axis->n_pieces - 1)) * axis->piece;
}

/* --- planning ----------------------------------------------------------------------------------------------- */

/* How many of n_all[i] pieces along each axis to read, when `most` may be. An axis of few pieces is read whole. */
static void
share (guint n_axes, const guint64 *n_all, guint64 most, guint64 *n)
{
  guint64 root = MAX ((guint64)sqrt ((double)most), 1);

  if (n_axes == 1)
    {
      n[0] = MIN (n_all[0], most);
      return;
    }
  if (multiply (n_all[0], n_all[1]) <= most)
    {
      n[0] = n_all[0];
      n[1] = n_all[1];
    }
  else if (n_all[1] <= root)
    {
      n[1] = n_all[1];
      n[0] = MAX (most / n[1], 1);
    }
  else if (n_all[0] <= root)
    {
      n[0] = n_all[0];
      n[1] = MAX (most / n[0], 1);
    }
  else
    n[0] = n[1] = root;
}

static void
set_pieces (ExpSampleAxis *axis, guint64 piece, guint64 n_pieces)
{
  guint wanted = axis->n_bins;

  axis->piece = piece;
  axis->is_whole = n_pieces >= divide_up (axis->n, piece);
  axis->n_pieces = axis->is_whole ? divide_up (axis->n, piece) : MIN (n_pieces, wanted);
  axis->n_bins = axis->is_whole ? MIN (wanted, axis->n) : axis->n_pieces;
}

/* Elements of a piece along each axis, and the bytes that reading one takes. */
static guint64
chunk_pieces (const ExpSample *sample, const ExpLayout *layout, guint64 *pieces)
{
  guint64 bytes = sample->info->dtype->size, room = EXP_SAMPLE_CHUNKS / MAX (bytes, 1);

  for (guint i = 0; i < layout->chunk_rank; i++)
    bytes = multiply (bytes, MAX (layout->chunk[i], 1));
  if (sample->across >= 0)
    room /= MAX (sample->info->shape[sample->across], 1);
  for (guint i = 0; i < sample->n_axes; i++)
    {
      pieces[i] = CLAMP (layout->chunk[sample->axes[i].axis], 1, CLAMP (sample->axes[i].n, 1, MAX (room, 1)));
      room /= pieces[i];
    }
  if (sample->across >= 0)
    bytes = multiply (bytes, divide_up (sample->info->shape[sample->across], MAX (layout->chunk[sample->across], 1)));
  return MAX (bytes, 1);
}

static guint64
contiguous_pieces (const ExpSample *sample, guint64 cell, guint64 *pieces)
{
  const ExpSampleAxis *last = &sample->axes[sample->n_axes - 1];
  guint64 bytes = sample->n_axes == 2 ? LEAST_PIECE : EXP_SAMPLE_BYTES / MAX (last->n_bins, 1);

  pieces[0] = 1;
  pieces[sample->n_axes - 1] = CLAMP (bytes / cell, 1, MAX (last->n, 1));
  return pieces[sample->n_axes - 1] * cell;
}

static gboolean
plan_part (ExpSample *sample, guint64 cell, GError **error)
{
  g_auto (ExpLayout) layout = { 0 };
  guint64 pieces[2] = { 0 }, n_all[2] = { 0 }, n[2] = { 0 }, most;

  if (!exp_node_layout (sample->node, &layout, error))
    return FALSE;
  if (layout.chunk_rank == sample->info->rank)
    most = EXP_SAMPLE_CHUNKS / chunk_pieces (sample, &layout, pieces);
  else
    most = EXP_SAMPLE_BYTES / contiguous_pieces (sample, cell, pieces);
  for (guint i = 0; i < sample->n_axes; i++)
    n_all[i] = divide_up (sample->axes[i].n, pieces[i]);
  share (sample->n_axes, n_all, CLAMP (most, 1, EXP_SAMPLE_PIECES), n);
  for (guint i = 0; i < sample->n_axes; i++)
    set_pieces (&sample->axes[i], pieces[i], n[i]);
  return TRUE;
}

gboolean
exp_sample_init (ExpSample *sample, ExpNode *node, const ExpInfo *info, guint n_axes, const guint *axes,
                 const guint *wanted, int across, GError **error)
{
  guint64 cell = multiply (MAX (info->dtype->size, 1), across >= 0 ? info->shape[across] : 1), size = cell;

  *sample = (ExpSample){ .node = node, .info = info, .n_axes = n_axes, .across = across };
  for (guint i = 0; i < n_axes; i++)
    {
      sample->axes[i] = (ExpSampleAxis){ .axis = axes[i], .n = info->shape[axes[i]], .n_bins = wanted[i] };
      size = multiply (size, sample->axes[i].n);
    }
  if (size == 0 || size > EXP_SAMPLE_WHOLE)
    return size == 0 || plan_part (sample, MAX (cell, 1), error);

  guint64 row = n_axes == 2 ? cell * sample->axes[1].n : cell;
  set_pieces (&sample->axes[0], CLAMP (PIECE / row, 1, sample->axes[0].n), G_MAXUINT64);
  if (n_axes == 2)
    set_pieces (&sample->axes[1], sample->axes[1].n, 1);
  return TRUE;
}

/* --- reading ------------------------------------------------------------------------------------------------ */

gboolean
exp_sample_read (const ExpSample *sample, ExpSampleFunc func, gpointer data, GError **error)
{
  guint64 start[2] = { 0 }, count[2] = { 1, 1 }, piece[2] = { 0 };
  guint64 n_second = sample->n_axes == 2 ? sample->axes[1].n_pieces : 1;
  ExpSlab slab = { .rank = sample->info->rank };

  for (guint i = 0; i < slab.rank; i++)
    {
      slab.step[i] = slab.count[i] = 1;
      if ((int)i == sample->across)
        slab.count[i] = sample->info->shape[i];
    }
  for (piece[0] = 0; piece[0] < sample->axes[0].n_pieces; piece[0]++)
    for (piece[1] = 0; piece[1] < n_second; piece[1]++)
      {
        for (guint i = 0; i < sample->n_axes; i++)
          {
            const ExpSampleAxis *axis = &sample->axes[i];
            start[i] = slab.start[axis->axis] = piece_start (axis, piece[i]);
            count[i] = slab.count[axis->axis] = MIN (axis->piece, axis->n - start[i]);
          }
        g_autoptr (ExpArray) array = exp_node_read (sample->node, sample->info, &slab, error);
        if (array == NULL)
          return FALSE;
        func (sample, array, start, count, piece, data);
      }
  return TRUE;
}

guint
exp_sample_bin (const ExpSampleAxis *axis, guint64 index, guint64 piece)
{
  if (!axis->is_whole)
    return piece;

  return (guint)((unsigned __int128)index * axis->n_bins / axis->n);
}

void
exp_sample_bin_range (const ExpSampleAxis *axis, guint bin, guint64 *start, guint64 *count)
{
  *start = axis->is_whole ? bin_start (axis, bin) : piece_start (axis, bin);
  *count = axis->is_whole ? bin_start (axis, bin + 1) - *start : MIN (axis->piece, axis->n - *start);
}

double
exp_sample_ratio (const ExpSample *sample)
{
  double ratio = 1;

  for (guint i = 0; i < sample->n_axes; i++)
    {
      const ExpSampleAxis *axis = &sample->axes[i];
      guint64 last = axis->is_whole ? 0 : piece_start (axis, axis->n_pieces - 1);

      if (!axis->is_whole)
        ratio *= axis->n / ((axis->n_pieces - 1) * (double)axis->piece + MIN (axis->piece, axis->n - last));
    }
  return ratio;
}
