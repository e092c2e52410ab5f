/* Names of filters. The numbers are those that The HDF Group registers.
 * Knows no data.
 * Called by read.c and layout.c. */
#include "filters.h"

static const struct
{
  H5Z_filter_t id;
  const char *name;
} known[] = {
  { H5Z_FILTER_DEFLATE, "gzip" },
  { H5Z_FILTER_SHUFFLE, "shuffle" },
  { H5Z_FILTER_FLETCHER32, "fletcher32" },
  { H5Z_FILTER_SZIP, "szip" },
  { H5Z_FILTER_NBIT, "nbit" },
  { H5Z_FILTER_SCALEOFFSET, "scaleoffset" },
  { 305, "lzo" },
  { 307, "bzip2" },
  { 32000, "lzf" },
  { 32001, "blosc" },
  { 32004, "lz4" },
  { 32008, "bitshuffle" },
  { 32013, "zfp" },
  { 32015, "zstd" },
  { 32026, "blosc2" },
};

/* `given` is the name that the file has for it, possibly empty. */
static void
append_name (GString *text, H5Z_filter_t id, const char *given)
{
  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (known[i].id == id)
      {
        g_string_append (text, known[i].name);
        return;
      }
  if (*given != '\0' && g_utf8_validate (given, -1, NULL))
    g_string_append_printf (text, "%s(%d)", given, (int)id);
  else
    g_string_append_printf (text, "%d", (int)id);
}

/* The number that a user set: a level, for those that have one. */
static void
append_parameter (GString *text, H5Z_filter_t id, size_t n, const unsigned *values)
{
  gsize i = id == H5Z_FILTER_DEFLATE || id == 307 || id == 32015 ? 0 : id == 32001 ? 4 : G_MAXSIZE;

  if (i < n)
    g_string_append_printf (text, "(%u)", values[i]);
}

char *
exp_hdf5_filters_text (hid_t dcpl)
{
  int n = H5Pget_nfilters (dcpl);
  GString *text = g_string_new (NULL);

  for (int i = 0; i < n; i++)
    {
      unsigned flags, config, values[16];
      size_t n_values = G_N_ELEMENTS (values);
      char name[64] = "";
      H5Z_filter_t id = H5Pget_filter2 (dcpl, i, &flags, &n_values, values, sizeof name, name, &config);

      if (id < 0)
        break;
      name[sizeof name - 1] = '\0';
      if (text->len > 0)
        g_string_append_c (text, ',');
      append_name (text, id, name);
      append_parameter (text, id, MIN (n_values, G_N_ELEMENTS (values)), values);
    }
  return g_string_free (text, text->len == 0);
}

gboolean
exp_hdf5_set_missing_filter (hid_t dataset, GError **error)
{
  g_auto (ExpHid) dcpl = H5Dget_create_plist (dataset);
  int n = dcpl >= 0 ? H5Pget_nfilters (dcpl) : 0;

  for (int i = 0; i < n; i++)
    {
      unsigned flags, config;
      size_t n_values = 0;
      char name[64] = "";
      H5Z_filter_t id = H5Pget_filter2 (dcpl, i, &flags, &n_values, NULL, sizeof name, name, &config);

      if (id < 0 || H5Zfilter_avail (id) > 0)
        continue;

      g_autoptr (GString) text = g_string_new ("needs filter ");
      name[sizeof name - 1] = '\0';
      append_name (text, id, name);
      H5Eclear2 (H5E_DEFAULT);
      g_set_error_literal (error, EXP_ERROR, EXP_ERROR_NO_FILTER, text->str);
      return TRUE;
    }
  return FALSE;
}
