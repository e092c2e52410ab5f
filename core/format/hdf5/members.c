/* Finds the members of family, split and multi files.
 * Knows their driver information (HDF5 File Format Specification 3.0, section II.B); the templates of names in it are
 * checked here, since HDF5 hands them to printf as they are. Called by file.c. */
#include "members.h"
#include "driver_info.h"
#include "file.h"
#include "segments.h"
#include <stdlib.h>
#include <string.h>

#define MAX_MEMBERS 4096
#define MAX_NAME    1000 /* HDF5 1.10 writes names into 1024 bytes */

void
exp_members_clear (ExpMembers *members)
{
  g_clear_pointer (&members->name, g_free);
  g_clear_pointer (&members->source, exp_source_unref);
  for (guint i = 0; i < H5FD_MEM_NTYPES; i++)
    g_clear_pointer (&members->names[i], g_free);
}

static gboolean
damaged (GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the list of the files that it consists of is damaged");
  return FALSE;
}

static void
segments_release (GArray *segments)
{
  for (guint i = 0; i < segments->len; i++)
    exp_source_unref (g_array_index (segments, ExpSegment, i).source);
  g_array_unref (segments);
}

static gboolean
add_segment (GArray *segments, const char *path, guint64 start, guint64 length, GError **error)
{
  g_autoptr (GError) local = NULL;
  ExpSegment segment = { start, length, exp_source_open_file (path, &local), 0 };

  if (segment.source == NULL)
    {
      g_autofree char *name = g_path_get_basename (path);

      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED,
                   g_error_matches (local, EXP_ERROR, EXP_ERROR_NOT_FOUND)
                       ? "it consists of several files and %s is missing beside it"
                       : "it consists of several files and %s cannot be opened",
                   name);
      return FALSE;
    }
  g_array_append_val (segments, segment);
  return TRUE;
}

/* PREFIX, number of digits and SUFFIX of a family's names, when `start` digits into `path` lies a run of zeros. */
typedef struct
{
  char *prefix;
  int width;
  const char *suffix;
} Numbering;

static char *
numbered (const Numbering *numbering, guint64 number)
{
  return g_strdup_printf ("%s%0*" G_GUINT64_FORMAT "%s", numbering->prefix, numbering->width, number,
                          numbering->suffix);
}

/* The last run of zeros in the name which, counted on, leads to a file that is there; else the last one. */
static gboolean
find_numbering (const char *path, gboolean has_second, Numbering *numbering)
{
  const char *name = strrchr (path, '/') != NULL ? strrchr (path, '/') + 1 : path;
  gboolean is_found = FALSE;

  for (const char *at = path + strlen (path); at > name;)
    {
      const char *end = at;

      while (at > name && at[-1] == '0')
        at--;
      if (at == end)
        {
          at--;
          continue;
        }
      if (at > name && g_ascii_isdigit (at[-1]))
        continue;

      Numbering candidate = { g_strndup (path, at - path), end - at, end };
      g_autofree char *second = numbered (&candidate, 1);
      gboolean is_there = !has_second || g_file_test (second, G_FILE_TEST_EXISTS);

      if (is_there || !is_found)
        {
          if (is_found)
            g_free (numbering->prefix);
          *numbering = candidate;
          is_found = TRUE;
        }
      else
        g_free (candidate.prefix);
      if (is_there)
        return TRUE;
    }
  return is_found;
}

static char *
double_percents (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "%", -1);

  return g_strjoinv ("%%", parts);
}

static gboolean
find_family (const char *path, const ExpSuperblock *superblock, const ExpDriverInfo *info, ExpMembers *members,
             GError **error)
{
  guint64 size = info->size >= 8 ? exp_hdf5_decode_uint (info->bytes, 8) : 0, end = superblock->end;
  Numbering numbering = { NULL, 0, NULL };

  if (size == 0 || end / size >= MAX_MEMBERS)
    return damaged (error);

  guint64 n = end > 0 ? (end - 1) / size + 1 : 1;
  if (!find_numbering (path, n > 1, &numbering))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED,
                   "it is the first of a family of files, and its name holds no number 0 to find the others by");
      return FALSE;
    }

  g_autofree char *prefix = numbering.prefix;
  GArray *segments = g_array_new (FALSE, FALSE, sizeof (ExpSegment));
  for (guint64 i = 0; i < n; i++)
    {
      g_autofree char *name = numbered (&numbering, i);

      if (!add_segment (segments, name, i * size, size, error))
        {
          segments_release (segments);
          return FALSE;
        }
    }
  members->kind = EXP_MEMBERS_FAMILY;
  members->member_size = size;
  members->source = exp_segments_new (path, (const ExpSegment *)segments->data, segments->len, FALSE);
  g_array_unref (segments);

  g_autofree char *safe_prefix = double_percents (prefix), *safe_suffix = double_percents (numbering.suffix);
  members->name = g_strdup_printf ("%s%%0%dd%s", safe_prefix, numbering.width, safe_suffix);
  return strlen (members->name) < MAX_NAME || damaged (error);
}

/* Reads the driver information of a multi file: which kinds of bytes share a member, where in the address space each
 * member starts, and the templates of their names. *order lists the members. */
static gboolean
read_multi (const ExpDriverInfo *info, ExpMembers *members, guint order[H5FD_MEM_NTYPES], guint *n)
{
  gboolean is_seen[H5FD_MEM_NTYPES] = { FALSE };
  gsize at = 8;

  if (info->size < at)
    return FALSE;
  *n = 0;
  members->map[H5FD_MEM_DEFAULT] = H5FD_MEM_DEFAULT;
  for (guint type = H5FD_MEM_SUPER; type < H5FD_MEM_NTYPES; type++)
    {
      guint member = info->bytes[type - 1];

      if (member >= H5FD_MEM_NTYPES)
        return FALSE;
      members->map[type] = member;
      member = member == H5FD_MEM_DEFAULT ? type : member;
      if (!is_seen[member])
        order[(*n)++] = member;
      is_seen[member] = TRUE;
    }
  for (guint i = 0; i < *n; i++, at += 16)
    {
      if (at + 16 > info->size)
        return FALSE;
      members->starts[order[i]] = exp_hdf5_decode_uint (info->bytes + at, 8);
    }
  for (guint i = 0; i < *n; i++)
    {
      const char *name = (const char *)info->bytes + at;
      gsize length = at < info->size ? strnlen (name, info->size - at) : 0;

      if (length < 3 || at + length >= info->size || !g_str_has_prefix (name, "%s") || strpbrk (name + 2, "%/") != NULL)
        return FALSE;
      members->names[order[i]] = g_strdup (name);
      at += (length + 8) / 8 * 8;
    }
  members->names[H5FD_MEM_DEFAULT] = g_strdup (members->names[order[0]]); /* unused, but HDF5 wants one */
  return TRUE;
}

static int
by_start (gconstpointer a, gconstpointer b)
{
  const ExpSegment *left = a, *right = b;

  return left->start < right->start ? -1 : left->start > right->start;
}

/* The layout that HDF5 gives a multi file unless told otherwise. */
static void
set_default_multi (ExpMembers *members, guint order[H5FD_MEM_NTYPES], guint *n)
{
  const char letters[] = "Xsbrglo";

  *n = 0;
  for (guint type = H5FD_MEM_DEFAULT; type < H5FD_MEM_NTYPES; type++)
    {
      members->map[type] = H5FD_MEM_DEFAULT;
      members->names[type] = g_strdup_printf ("%%s-%c.h5", letters[type]);
      members->starts[type] = type > 0 ? (type - 1) * (HADDR_MAX / (H5FD_MEM_NTYPES - 1)) : 0;
      if (type > 0)
        order[(*n)++] = type;
    }
}

/* Versions 2 and 3 of the superblock keep the driver information in an object header, and a multi file keeps object
 * headers in another file: that there is one beside must do. */
static gboolean
is_default_multi (const char *path, ExpSource *first, const ExpSuperblock *superblock)
{
  guint64 size;

  if (superblock->extension == G_MAXUINT64 || !g_str_has_suffix (path, "-s.h5") || !exp_source_size (first, &size, NULL)
      || superblock->extension < size)
    return FALSE;

  g_autofree char *stem = g_strndup (path, strlen (path) - strlen ("-s.h5"));
  g_autofree char *headers = g_strconcat (stem, "-o.h5", NULL);
  return g_file_test (headers, G_FILE_TEST_EXISTS);
}

static gboolean
find_multi (const char *path, const ExpDriverInfo *info, ExpMembers *members, GError **error)
{
  guint order[H5FD_MEM_NTYPES], n;

  if (info == NULL)
    set_default_multi (members, order, &n);
  else if (!read_multi (info, members, order, &n))
    return damaged (error);

  const char *suffix = members->names[order[0]] + 2;
  if (!g_str_has_suffix (path, suffix) || strlen (path) >= MAX_NAME)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED,
                   "it is one of several files, and its name does not end in '%s' to find the others by", suffix);
      return FALSE;
    }
  members->kind = EXP_MEMBERS_MULTI;
  members->name = g_strndup (path, strlen (path) - strlen (suffix));

  GArray *segments = g_array_new (FALSE, FALSE, sizeof (ExpSegment));
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strconcat (members->name, members->names[order[i]] + 2, NULL);

      if (!add_segment (segments, name, members->starts[order[i]], 0, error))
        {
          segments_release (segments);
          return FALSE;
        }
    }
  g_array_sort (segments, by_start);
  for (guint i = 0; i < n; i++)
    {
      ExpSegment *segment = &g_array_index (segments, ExpSegment, i);

      segment->length = (i + 1 < n ? (segment + 1)->start : G_MAXUINT64) - segment->start;
    }
  members->source = exp_segments_new (path, (const ExpSegment *)segments->data, segments->len, FALSE);
  g_array_unref (segments);
  return TRUE;
}

gboolean
exp_members_find (const char *path, ExpSource *first, const ExpSuperblock *superblock, ExpMembers *members,
                  GError **error)
{
  ExpDriverInfo info;

  memset (members, 0, sizeof *members);
  if (!exp_driver_info_read (first, superblock, &info, error))
    return FALSE;
  if (strcmp (info.id, "NCSAfami") == 0)
    return find_family (path, superblock, &info, members, error);
  if (strcmp (info.id, "NCSAmult") == 0)
    return find_multi (path, &info, members, error);
  if (is_default_multi (path, first, superblock))
    return find_multi (path, NULL, members, error);
  members->source = exp_source_ref (first);
  return TRUE;
}

gboolean
exp_members_set_driver (const ExpMembers *members, hid_t fapl, hid_t member_fapl)
{
  hid_t fapls[H5FD_MEM_NTYPES];

  if (members->kind == EXP_MEMBERS_FAMILY)
    return H5Pset_fapl_family (fapl, members->member_size, member_fapl) >= 0;
  for (guint i = 0; i < H5FD_MEM_NTYPES; i++)
    fapls[i] = member_fapl;
  return H5Pset_fapl_multi (fapl, members->map, fapls, (const char *const *)members->names, members->starts, TRUE) >= 0;
}
