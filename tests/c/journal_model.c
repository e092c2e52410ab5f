/* A random workload on a journal beside the same on an array in memory.
 * Knows what a journal promises: after a crash exactly a commit, none older than the last that returned.
 * Used by test-journal-crash and crash-journal. */
#include "journal_model.h"
#include "expfs/journal.h"
#include "faulty_disk.h"
#include <string.h>

#define MAX_SIZE (300 * 1024)
#define N_STEPS  60

/* What may be found after a crash at operation n: it began before n, and no later one had returned by then. */
typedef struct
{
  guint began, returned;
  GByteArray *content;
} Commit;

typedef struct
{
  guint start; /* the operation from which on it is open */
  FaultyDisk *disk;
  ExpSource *source;
  GRand *rand;
  GByteArray *model;
  GArray *commits;     /* Commit */
  GArray *checkpoints; /* Commit: what the store alone is */
} Workload;

static void
commit_clear (gpointer data)
{
  g_byte_array_unref (((Commit *)data)->content);
}

static void
keep (GArray *commits, guint began, guint returned, const GByteArray *content)
{
  Commit commit = { began, returned, g_byte_array_sized_new (content->len) };

  g_byte_array_append (commit.content, content->data, content->len);
  g_array_append_val (commits, commit);
}

static void
resize (GByteArray *model, guint size)
{
  guint before = model->len;

  g_byte_array_set_size (model, size);
  if (size > before)
    memset (model->data + before, 0, size - before);
}

/* --- the workload ------------------------------------------------------------------------------------------- */

/* A length that is now a few bytes, now some pages; now and then many. */
static guint
any_length (GRand *rand)
{
  static const guint scales[] = { 16, 600, 5000, 5000, 20000, 100000 };

  return g_rand_int_range (rand, 0, scales[g_rand_int_range (rand, 0, G_N_ELEMENTS (scales))]);
}

static guint
any_offset (GRand *rand, guint size)
{
  guint offset = g_rand_int_range (rand, 0, size + 1 + 4096);

  return g_rand_int_range (rand, 0, 3) == 0 ? offset & ~4095u : offset;
}

static gboolean
write_something (Workload *self)
{
  guint offset = any_offset (self->rand, self->model->len), length = any_length (self->rand);
  g_autofree guint8 *bytes = NULL;

  length = MIN (length, MAX_SIZE - MIN (offset, MAX_SIZE));
  bytes = g_malloc (length + 1);
  for (guint i = 0; i < length; i++)
    bytes[i] = g_rand_int (self->rand);
  if (!exp_source_pwrite (self->source, offset, length, bytes, NULL))
    return FALSE;
  if (length > 0 && offset + length > self->model->len)
    resize (self->model, offset + length);
  if (length > 0)
    memcpy (self->model->data + offset, bytes, length);
  return TRUE;
}

static gboolean
truncate_somewhere (Workload *self)
{
  guint size = any_offset (self->rand, self->model->len);

  size = g_rand_boolean (self->rand) ? size : self->model->len - MIN (self->model->len, size % 9000);
  size = MIN (size, MAX_SIZE);
  if (!exp_source_truncate (self->source, size, NULL))
    return FALSE;
  resize (self->model, size);
  return TRUE;
}

/* A commit that fails may be found all the same. */
static gboolean
commit (Workload *self)
{
  guint began = faulty_disk_count (self->disk);
  gboolean is_done = exp_source_commit (self->source, NULL);

  keep (self->commits, began, is_done ? faulty_disk_count (self->disk) : G_MAXUINT, self->model);
  return is_done;
}

static gboolean
checkpoint (Workload *self)
{
  guint began = faulty_disk_count (self->disk);
  gboolean is_done = exp_journal_checkpoint (self->source, NULL);

  if (!is_done || exp_journal_size (self->source) == 0)
    keep (self->checkpoints, began, is_done ? faulty_disk_count (self->disk) : G_MAXUINT, self->model);
  return is_done;
}

/* What is read is what was written. */
static gboolean
is_as_modelled (ExpSource *source, const GByteArray *model, GRand *rand)
{
  guint64 size;

  if (!exp_source_size (source, &size, NULL) || size != model->len)
    return FALSE;

  g_autofree guint8 *bytes = g_malloc (size + 1);
  guint from = rand != NULL ? (guint)g_rand_int_range (rand, 0, size + 1) : 0;
  guint length = rand != NULL ? (guint)g_rand_int_range (rand, 0, size - from + 1) : size;
  return exp_source_pread (source, from, length, bytes, NULL)
         && (length == 0 || memcmp (bytes, model->data + from, length) == 0);
}

static gboolean
step (Workload *self, char **reason)
{
  guint chance = g_rand_int_range (self->rand, 0, 100);
  gboolean goes_on = chance < 70   ? write_something (self)
                     : chance < 80 ? truncate_somewhere (self)
                     : chance < 94 ? commit (self)
                                   : commit (self) && checkpoint (self);

  if (!goes_on)
    {
      g_autoptr (GError) failure = exp_journal_get_failure (self->source);
      if (failure == NULL)
        *reason = g_strdup ("an operation failed and no failure is kept");
    }
  else if (!is_as_modelled (self->source, self->model, self->rand))
    *reason = g_strdup ("what is read is not what was written");
  return goes_on && *reason == NULL;
}

static void
workload_clear (Workload *self)
{
  g_clear_pointer (&self->source, exp_source_unref);
  g_clear_pointer (&self->disk, faulty_disk_unref);
  g_clear_pointer (&self->rand, g_rand_free);
  g_clear_pointer (&self->model, g_byte_array_unref);
  g_clear_pointer (&self->commits, g_array_unref);
  g_clear_pointer (&self->checkpoints, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Workload, workload_clear)

static ExpSource *
open_on (FaultyDisk *disk, GError **error)
{
  g_autoptr (ExpSource) store = faulty_disk_open (disk, 0), journal = faulty_disk_open (disk, 1);

  return exp_journal_open (store, journal, NULL, error);
}

/* A store that somebody has just written and left to the operating system. */
static void
make_store (Workload *self)
{
  g_autoptr (ExpSource) store = faulty_disk_open (self->disk, 0);

  resize (self->model, g_rand_int_range (self->rand, 0, 3) * 5000);
  for (guint at = 0; at < self->model->len; at += 1000)
    {
      memset (self->model->data + at, g_rand_int (self->rand), 1000);
      exp_source_pwrite (store, at, 1000, self->model->data + at, NULL);
    }
}

/* Until something fails; operations count from when there is a store. */
static void
run (Workload *self, guint32 seed, guint fails_at, gint code, gboolean for_good, char **reason)
{
  *self = (Workload){ 0, faulty_disk_new (), NULL, g_rand_new_with_seed (seed), g_byte_array_new (), NULL, NULL };
  self->commits = g_array_new (FALSE, FALSE, sizeof (Commit));
  self->checkpoints = g_array_new (FALSE, FALSE, sizeof (Commit));
  g_array_set_clear_func (self->commits, commit_clear);
  g_array_set_clear_func (self->checkpoints, commit_clear);
  make_store (self);
  keep (self->commits, 0, 0, self->model);
  keep (self->checkpoints, 0, 0, self->model);
  self->start = faulty_disk_count (self->disk);
  faulty_disk_fail_at (self->disk, fails_at, code, for_good);
  self->source = open_on (self->disk, NULL);
  if (self->source != NULL)
    self->start = faulty_disk_count (self->disk);
  for (guint i = 0; self->source != NULL && i < N_STEPS && step (self, reason); i++)
    ;
}

/* --- after a crash ------------------------------------------------------------------------------------------ */

/* The one of `commits` that `content` is and that may be found after a crash at operation n; -1 for none. */
static gint
find_commit (const GArray *commits, guint n, const GByteArray *content)
{
  for (guint i = commits->len; i-- > 0;)
    {
      const Commit *commit = &g_array_index (commits, Commit, i);

      if (commit->began > n)
        continue;
      if (commit->content->len == content->len
          && (content->len == 0 || memcmp (commit->content->data, content->data, content->len) == 0))
        return i;
      if (commit->returned <= n)
        return -1;
    }
  return -1;
}

/* The store by itself is the last checkpoint, or while one is under way perhaps the next; or else it begins as neither
 * does, so that nobody takes it for one. */
static gboolean
is_checkpoint (Workload *self, guint n, FaultyDisk *disk, char **reason)
{
  const GByteArray *content = faulty_disk_content (disk, 0);

  if (find_commit (self->checkpoints, n, content) >= 0)
    return TRUE;
  for (guint i = 0; i < self->checkpoints->len; i++)
    {
      const Commit *checkpoint = &g_array_index (self->checkpoints, Commit, i);
      const gsize length = MIN (7, content->len);

      if (checkpoint->began < n && checkpoint->returned > n
          && (length == 0 || memcmp (content->data, "expfs: ", length) == 0
              || memcmp (content->data, "\0\0\0\0\0\0\0", length) == 0)) /* there was nothing before */
        return TRUE;
    }
  *reason = g_strdup_printf ("after %u operations the store is not its last checkpoint", n);
  return FALSE;
}

/* Recovers what was left of the disk after operation n; it must be a commit, and once found stay that one. */
static gboolean
recovers (Workload *self, guint n, FaultyDisk *disk, gint *found, char **reason)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpSource) source = open_on (disk, &error);

  if (source == NULL)
    {
      *reason = g_strdup_printf ("after %u operations it cannot be opened: %s", n, error->message);
      return FALSE;
    }

  gint now = find_commit (self->commits, n, faulty_disk_content (disk, 0));
  if (now < 0 || exp_journal_size (source) != 0)
    *reason = g_strdup_printf ("after %u operations the store holds no commit that it might", n);
  else if (!is_as_modelled (source, g_array_index (self->commits, Commit, now).content, NULL))
    *reason = g_strdup_printf ("after %u operations the store is right, but is not read so", n);
  else if (*found >= 0 && now < *found)
    *reason = g_strdup_printf ("after %u operations it was commit %d, and another crash made it %d", n, *found, now);
  *found = now;
  return *reason == NULL;
}

static FaultyDisk *
crash (FaultyDisk *disk, guint n, GRand *rand)
{
  return g_rand_boolean (rand) ? faulty_disk_killed_at (disk, n, rand) : faulty_disk_without_power_at (disk, n, rand);
}

/* Crashes once more, at any moment of the recovery that `left` has seen since its operation `from`. */
static void
crash_again (Workload *self, guint n, FaultyDisk *left, guint from, gint found, char **reason)
{
  guint to = faulty_disk_count (left), at = g_rand_int_range (self->rand, from, to + 1);
  g_autoptr (FaultyDisk) again = crash (left, at, self->rand);

  /* Before it was durable that the one found counts, it may be another. */
  if (at < to)
    found = -1;
  recovers (self, n, again, &found, reason);
}

gboolean
journal_model_crash (guint32 seed, guint n_cuts, char **reason)
{
  g_auto (Workload) self = { 0 };

  *reason = NULL;
  run (&self, seed, G_MAXUINT, 0, FALSE, reason);
  for (guint i = 0; i < n_cuts && *reason == NULL; i++)
    {
      guint n = g_rand_int_range (self.rand, self.start, faulty_disk_count (self.disk) + 1);
      g_autoptr (FaultyDisk) left = crash (self.disk, n, self.rand);
      guint from = faulty_disk_count (left);
      gint found = -1;

      if (is_checkpoint (&self, n, left, reason) && recovers (&self, n, left, &found, reason)
          && g_rand_int_range (self.rand, 0, 10) == 0)
        crash_again (&self, n, left, from, found, reason);
    }
  return *reason == NULL;
}

gboolean
journal_model_fail (guint32 seed, gint code, gboolean for_good, guint *n, char **reason)
{
  g_auto (Workload) whole = { 0 };

  *reason = NULL;
  run (&whole, seed, G_MAXUINT, 0, FALSE, reason);
  for (guint at = whole.start; at < faulty_disk_count (whole.disk) && *reason == NULL; at++, ++*n)
    {
      g_auto (Workload) self = { 0 };
      gint found = -1;

      run (&self, seed, at, code, for_good, reason);
      if (*reason != NULL)
        break;

      guint n_operations = faulty_disk_count (self.disk);
      g_autoptr (FaultyDisk) left = crash (self.disk, n_operations, self.rand);
      guint from = faulty_disk_count (left);
      if (recovers (&self, n_operations, left, &found, reason))
        crash_again (&self, n_operations, left, from, found, reason);
    }
  return *reason == NULL;
}
