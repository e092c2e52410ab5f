/* A job's ranks: of one file, or of the files that a rank map names.
 * Knows how parts are found; knows nothing of their data.
 * Called by genericio.c. */
#include "genericio.h"
#include <string.h>

static void
clear_part (gpointer data)
{
  ExpGioPart *part = data;

  exp_gio_file_unref (part->file);
  g_free (part->reason);
}

ExpGioJob *
exp_gio_job_ref (ExpGioJob *job)
{
  g_atomic_ref_count_inc (&job->references);
  return job;
}

void
exp_gio_job_unref (ExpGioJob *job)
{
  if (job == NULL || !g_atomic_ref_count_dec (&job->references))
    return;
  g_array_unref (job->parts);
  exp_gio_file_unref (job->first);
  g_free (job->path);
  g_free (job->reason);
  g_free (job);
}

static int
compare_parts (gconstpointer a, gconstpointer b)
{
  const ExpGioPart *one = a, *other = b;

  return one->number < other->number ? -1 : one->number > other->number;
}

/* --- the map ------------------------------------------------------------------------------------------------ */

/* The column that says which part each rank is in; G_MAXUINT when the file is no map. */
static guint
partition_column (const ExpGioFile *file)
{
  guint i = exp_gio_file_find (file, "$partition");

  if (i == G_MAXUINT || file->ranks->len != 1)
    return G_MAXUINT;
  const ExpGioVariable *variable = exp_gio_file_variable (file, i);
  return variable->size == 4 && variable->element_size == 4 && (variable->flags & 3) == EXP_GIO_SIGNED ? i : G_MAXUINT;
}

static gint32
number_at (const ExpGioFile *file, const guint8 *bytes)
{
  guint32 bits;

  memcpy (&bits, bytes, sizeof bits);
  return (gint32)(file->is_big ? GUINT32_FROM_BE (bits) : GUINT32_FROM_LE (bits));
}

static gboolean
add_from_file (ExpGioJob *job, ExpGioFile *file, const char *path, guint64 number, GError **error)
{
  ExpGioPart part = { .number = number };

  for (part.rank = 0; part.rank < file->ranks->len; part.rank++)
    if (exp_gio_file_rank (file, part.rank)->number == number)
      {
        part.file = exp_gio_file_ref (file);
        g_array_append_val (job->parts, part);
        return TRUE;
      }
  part.reason = g_strdup_printf ("%s: has no rank %" G_GUINT64_FORMAT, path, number);
  g_array_append_val (job->parts, part);
  return TRUE;
}

/* The files that are open, by partition. */
static ExpGioFile *
open_part (ExpGioJob *job, GHashTable *files, gint32 partition, char **reason)
{
  g_autofree char *path = g_strdup_printf ("%s#%" G_GINT32_FORMAT, job->path, partition);
  ExpGioFile *file = g_hash_table_lookup (files, GINT_TO_POINTER (partition));
  g_autoptr (GError) error = NULL;

  if (file != NULL || g_hash_table_contains (files, GINT_TO_POINTER (partition)))
    {
      *reason = file == NULL ? g_strdup_printf ("%s cannot be read", path) : NULL;
      return file;
    }
  file = exp_gio_file_open (path, &error);
  *reason = file == NULL ? g_strdup (error->message) : NULL;
  g_hash_table_insert (files, GINT_TO_POINTER (partition), file);
  return file;
}

static void
free_file (gpointer file)
{
  exp_gio_file_unref (file);
}

static gboolean
read_map (ExpGioJob *job, ExpGioFile *map, guint column, GError **error)
{
  const guint64 n = exp_gio_file_rank (map, 0)->n_rows;
  g_autofree guint8 *bytes = n <= G_MAXINT32 ? g_try_malloc (MAX (4 * n, 1)) : NULL;
  g_autoptr (GHashTable) files = g_hash_table_new_full (NULL, NULL, NULL, free_file);

  if (bytes == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "%s: a map of more ranks than can be", job->path);
      return FALSE;
    }
  if (!exp_gio_block_read (map, 0, column, 0, 4 * n, bytes, error))
    return FALSE;
  for (guint64 i = 0; i < n; i++)
    {
      ExpGioPart part = { .number = i };
      ExpGioFile *file = open_part (job, files, number_at (map, bytes + 4 * i), &part.reason);

      if (file != NULL)
        add_from_file (job, file, file->source->name, i, error);
      else
        g_array_append_val (job->parts, part);
    }
  job->is_split = TRUE;
  return TRUE;
}

/* --- the job ------------------------------------------------------------------------------------------------ */

static void
count_rows (ExpGioJob *job)
{
  job->is_whole = TRUE;
  for (guint i = 0; i < job->parts->len; i++)
    {
      ExpGioPart *part = &g_array_index (job->parts, ExpGioPart, i);

      part->first = job->n_rows;
      if (part->file != NULL && job->first == NULL)
        job->first = part->file;
      if (part->file == NULL
          || !g_uint64_checked_add (&job->n_rows, job->n_rows, exp_gio_file_rank (part->file, part->rank)->n_rows))
        {
          if (job->is_whole)
            job->reason = g_strdup (part->reason != NULL ? part->reason : "more rows than can be counted");
          job->is_whole = FALSE;
        }
    }
}

ExpGioJob *
exp_gio_job_open (const char *path, GError **error)
{
  g_autoptr (ExpGioFile) file = exp_gio_file_open (path, error);
  guint column;

  if (file == NULL)
    return NULL;
  g_autoptr (ExpGioJob) job = g_new0 (ExpGioJob, 1);
  g_atomic_ref_count_init (&job->references);
  job->path = g_strdup (path);
  job->parts = g_array_new (FALSE, TRUE, sizeof (ExpGioPart));
  g_array_set_clear_func (job->parts, clear_part);
  column = partition_column (file);
  if (column != G_MAXUINT && !read_map (job, file, column, error))
    return NULL;
  for (guint i = 0; column == G_MAXUINT && i < file->ranks->len; i++)
    {
      ExpGioPart part = { exp_gio_file_ref (file), NULL, i, exp_gio_file_rank (file, i)->number, 0 };
      g_array_append_val (job->parts, part);
    }
  g_array_sort (job->parts, compare_parts);
  count_rows (job);
  if (job->first != NULL || column == G_MAXUINT)
    {
      job->first = exp_gio_file_ref (job->first != NULL ? job->first : file);
      return g_steal_pointer (&job);
    }
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "%s: none of its parts can be read: %s", path,
               job->reason != NULL ? job->reason : "its map has no ranks");
  return NULL;
}
