/* Chooses chunks, and sets filters.
 * Knows what suits rows that are appended and arrays that are read whole.
 * Called by write_dataset.c. */
#include "storage.h"
#include "codec.h"
#include <blosc.h>
#include <string.h>

/* Bytes of a chunk. */
#define LEAST_CHUNK (64 << 10)
#define MOST_CHUNK  (1 << 20)
/* An array has about so many chunks, between the two. */
#define N_CHUNKS 64

typedef enum
{
  PACK_NONE,
  PACK_ZLIB,
  PACK_BLOSC,
  PACK_CODEC, /* one of ours, with the level as its parameter */
} PackKind;

typedef struct
{
  PackKind kind;
  guint id;
  const char *compressor; /* inside blosc */
} Pack;

/* The words of PyTables, and h5py's lzf. */
static gboolean
find_pack (const char *complib, Pack *pack)
{
  static const struct
  {
    const char *name;
    Pack pack;
  } known[] = {
    { "zlib", { PACK_ZLIB, H5Z_FILTER_DEFLATE, NULL } }, { "gzip", { PACK_ZLIB, H5Z_FILTER_DEFLATE, NULL } },
    { "lzo", { PACK_CODEC, EXP_CODEC_LZO, NULL } },      { "bzip2", { PACK_CODEC, EXP_CODEC_BZIP2, NULL } },
    { "lzf", { PACK_CODEC, EXP_CODEC_LZF, NULL } },      { "lz4", { PACK_CODEC, EXP_CODEC_LZ4, NULL } },
    { "zstd", { PACK_CODEC, EXP_CODEC_ZSTD, NULL } },    { "blosc", { PACK_BLOSC, EXP_CODEC_BLOSC, "blosclz" } },
  };

  *pack = (Pack){ PACK_NONE };
  if (complib == NULL)
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (strcmp (complib, known[i].name) == 0)
      {
        *pack = known[i].pack;
        return TRUE;
      }
  if (!g_str_has_prefix (complib, "blosc:") || blosc_compname_to_compcode (complib + 6) < 0)
    return FALSE;
  *pack = (Pack){ PACK_BLOSC, EXP_CODEC_BLOSC, complib + 6 };
  return TRUE;
}

gboolean
exp_hdf5_packing_check (const ExpPacking *packing, GError **error)
{
  Pack pack;

  if (packing->complevel > 9)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "complevel=%u: levels are 0 to 9", packing->complevel);
      return FALSE;
    }
  if (find_pack (packing->complib, &pack))
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
               "complib=%s: not one of zlib, lzo, bzip2, lzf, lz4, zstd, blosc and blosc:COMPRESSOR (%s)",
               packing->complib, blosc_list_compressors ());
  return FALSE;
}

static gboolean
is_packed (const ExpPacking *packing)
{
  return (packing->complib != NULL && packing->complevel > 0) || packing->shuffle || packing->fletcher32;
}

/* --- chunks ------------------------------------------------------------------------------------------------- */

/* Whole rows as long as they are not large; of larger ones, pieces that are contiguous in the array. */
static void
choose_chunk (const ExpNewDataset *dataset, gsize element, hsize_t *chunk)
{
  double row = MAX (element, 1), total, most;

  for (guint i = 0; i < dataset->rank; i++)
    chunk[i] = MAX (dataset->shape[i], 1);
  for (guint i = 1; i < dataset->rank; i++)
    row *= chunk[i];
  total = row * chunk[0];
  most = CLAMP (total / N_CHUNKS, LEAST_CHUNK, MOST_CHUNK);

  double rows = most / row;
  if (rows >= 1)
    {
      chunk[0] = dataset->is_extensible ? (hsize_t)rows : MIN (chunk[0], (hsize_t)rows);
      return;
    }
  chunk[0] = 1;
  for (guint i = 1; i < dataset->rank && row > MOST_CHUNK; i++)
    {
      double part = row / chunk[i]; /* bytes of one index of this axis */
      hsize_t n = MAX ((hsize_t)(MOST_CHUNK / part), 1);

      chunk[i] = MIN (chunk[i], n);
      row = part * chunk[i];
    }
}

/* --- filters ------------------------------------------------------------------------------------------------ */

static gsize
chunk_bytes (hid_t properties, gsize element)
{
  hsize_t chunk[EXP_MAX_RANK];
  int rank = H5Pget_chunk (properties, EXP_MAX_RANK, chunk);
  gsize size = element;

  for (int i = 0; i < rank; i++)
    size *= chunk[i];
  return size;
}

static herr_t
set_blosc (hid_t properties, const ExpPacking *packing, const Pack *pack, gsize element)
{
  /* The filter's revision and its format's, bytes of an element and of a chunk, level, shuffle, compressor. */
  unsigned values[7] = { 2, BLOSC_VERSION_FORMAT, element <= BLOSC_MAX_TYPESIZE ? element : 1 };

  values[3] = chunk_bytes (properties, element);
  values[4] = packing->complevel;
  values[5] = packing->shuffle;
  values[6] = blosc_compname_to_compcode (pack->compressor);
  return H5Pset_filter (properties, EXP_CODEC_BLOSC, H5Z_FLAG_OPTIONAL,
                        packing->complib != NULL && strchr (packing->complib, ':') != NULL ? 7 : 6, values);
}

static herr_t
set_codec (hid_t properties, const ExpPacking *packing, const Pack *pack, gsize element)
{
  /* PyTables: level, version of its format, and that it is no table. */
  const unsigned pytables[] = { packing->complevel, 21, 2 };
  /* h5py: revision, version of the library, bytes of a chunk. */
  const unsigned lzf[] = { 4, 0x105, chunk_bytes (properties, element) };
  const unsigned level[] = { packing->complevel };

  if (pack->id == EXP_CODEC_LZF)
    return H5Pset_filter (properties, pack->id, H5Z_FLAG_OPTIONAL, G_N_ELEMENTS (lzf), lzf);
  if (pack->id == EXP_CODEC_LZ4)
    return H5Pset_filter (properties, pack->id, H5Z_FLAG_OPTIONAL, 0, NULL);
  if (pack->id == EXP_CODEC_ZSTD)
    return H5Pset_filter (properties, pack->id, H5Z_FLAG_OPTIONAL, G_N_ELEMENTS (level), level);
  return H5Pset_filter (properties, pack->id, H5Z_FLAG_OPTIONAL, G_N_ELEMENTS (pytables), pytables);
}

/* In h5py's order the checksum is that of what is stored. Blosc shuffles by itself. */
static gboolean
set_filters (hid_t properties, const ExpPacking *packing, gsize element)
{
  Pack pack;
  herr_t result = 0;

  if (!find_pack (packing->complevel > 0 ? packing->complib : NULL, &pack))
    return FALSE;
  if (packing->fletcher32 && packing->checks_first)
    result = H5Pset_fletcher32 (properties);
  if (result >= 0 && packing->shuffle && pack.kind != PACK_BLOSC)
    result = H5Pset_shuffle (properties);
  if (result >= 0 && pack.kind == PACK_ZLIB)
    result = H5Pset_deflate (properties, packing->complevel);
  else if (result >= 0 && pack.kind == PACK_BLOSC)
    result = set_blosc (properties, packing, &pack, element);
  else if (result >= 0 && pack.kind == PACK_CODEC)
    result = set_codec (properties, packing, &pack, element);
  return result >= 0 && (!packing->fletcher32 || packing->checks_first || H5Pset_fletcher32 (properties) >= 0);
}

/* --- all of it ---------------------------------------------------------------------------------------------- */

/* What is neither in chunks nor packed: h5py leaves times away too, so that equal files are equal. */
static hid_t
plain_properties (void)
{
  static hid_t plain = H5I_INVALID_HID; /* under the HDF5 lock */

  if (plain < 0)
    {
      plain = H5Pcreate (H5P_DATASET_CREATE);
      H5Pset_obj_track_times (plain, FALSE);
    }
  H5Iinc_ref (plain);
  return plain;
}

static gboolean
is_in_chunks (const ExpNewDataset *dataset, const ExpPacking *packing)
{
  gboolean is_empty = FALSE;

  for (guint i = 0; i < dataset->rank; i++)
    is_empty = is_empty || dataset->shape[i] == 0;
  return dataset->rank > 0 && !dataset->is_contiguous
         && (dataset->chunk[0] > 0 || dataset->is_extensible || (packing != NULL && !is_empty));
}

static hid_t
chunk_properties (const ExpNewDataset *dataset, gsize element, const ExpPacking *packing)
{
  hid_t properties = H5Pcreate (H5P_DATASET_CREATE);
  hsize_t chunk[EXP_MAX_RANK];

  if (dataset->chunk[0] > 0)
    for (guint i = 0; i < dataset->rank; i++)
      chunk[i] = dataset->chunk[i];
  else
    choose_chunk (dataset, element, chunk);
  if (properties >= 0 && H5Pset_obj_track_times (properties, FALSE) >= 0
      && H5Pset_chunk (properties, dataset->rank, chunk) >= 0
      && (!dataset->as_h5py || H5Pset_fill_time (properties, H5D_FILL_TIME_ALLOC) >= 0)
      && (packing == NULL || set_filters (properties, packing, element)))
    return properties;
  exp_hid_release (properties);
  return H5I_INVALID_HID;
}

hid_t
exp_hdf5_storage_properties (const ExpNewDataset *dataset, gsize element, const ExpPacking *packing, GError **error)
{
  hid_t properties;

  if (dataset->packing != NULL)
    packing = dataset->packing;
  if (!exp_hdf5_packing_check (packing, error))
    return H5I_INVALID_HID;
  /* What a dataset of variable-length cells holds are addresses: the cells lie elsewhere, and are never packed. Packing
   * the addresses saves little. */
  if (!is_packed (packing) || (exp_dtype_has_vlen (dataset->dtype) && !dataset->as_h5py))
    packing = NULL;
  properties = is_in_chunks (dataset, packing) ? chunk_properties (dataset, element, packing) : plain_properties ();
  if (properties < 0)
    exp_hdf5_set_error (error, "the dataset cannot lie in the file like that");
  return properties;
}
