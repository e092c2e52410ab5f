/* Which elements of a dataset a picture is drawn from: all, or pieces spread evenly over it, so that a picture of a
 * dataset of any size takes a bounded number of bytes. Used in this folder and by tests. */
#pragma once

#include "expfs/node.h"

/* A dataset of no more bytes is read whole. */
#define EXP_SAMPLE_WHOLE (32 * 1024 * 1024)
/* Bytes that are read of larger ones, and bytes of chunks that are unpacked: one chunk at least, however large. */
#define EXP_SAMPLE_BYTES  (8 * 1024 * 1024)
#define EXP_SAMPLE_CHUNKS (64 * 1024 * 1024)
/* Pieces, for the time that finding each takes. */
#define EXP_SAMPLE_PIECES 16384

/* One axis of a picture. Its elements go to bins, by the order of their indices. */
typedef struct
{
  guint axis;        /* of the dataset */
  guint64 n;         /* elements */
  guint64 piece;     /* elements of a piece; the last one may have fewer */
  guint64 n_pieces;  /* that are read */
  gboolean is_whole; /* these are all */
  guint n_bins;      /* at most as many as were wanted, and as elements */
} ExpSampleAxis;

/* The pieces are the products of the axes' own, with all elements along the axes of `across`, and one index along the
 * others. */
typedef struct
{
  ExpNode *node; /* borrowed */
  const ExpInfo *info;
  guint n_axes; /* 1 or 2 */
  ExpSampleAxis axes[2];
  int across; /* an axis of the dataset that is read whole; -1 for none */
} ExpSample;

/* For at most wanted[i] bins along the axis axes[i]; `across` may be -1. Reads where the data lies. */
gboolean exp_sample_init (ExpSample *sample, ExpNode *node, const ExpInfo *info, guint n_axes, const guint *axes,
                          const guint *wanted, int across, GError **error);

/* Elements start ... start + count - 1 of each axis, in C order of the dataset; `piece` is their number along each
 * axis when it is not whole. */
typedef void (*ExpSampleFunc) (const ExpSample *sample, const ExpArray *array, const guint64 *start,
                               const guint64 *count, const guint64 *piece, gpointer data);
gboolean exp_sample_read (const ExpSample *sample, ExpSampleFunc func, gpointer data, GError **error);

/* The bin of the element `index`, which lies in the given piece. */
guint exp_sample_bin (const ExpSampleAxis *axis, guint64 index, guint64 piece);
/* The first element and the number of elements of a bin. */
void exp_sample_bin_range (const ExpSampleAxis *axis, guint bin, guint64 *start, guint64 *count);
/* How many elements there are for each that is read; 1 for all. */
double exp_sample_ratio (const ExpSample *sample);
