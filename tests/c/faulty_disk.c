/* A disk in memory for tests.
 * Knows what writes, truncations and commits promise; not what is written.
 * Used by tests of what must survive. */
#include "faulty_disk.h"
#include <string.h>

#define N_FILES 2
#define SECTOR  512

typedef enum
{
  WRITE,
  TRUNCATE,
  RESERVE,
  COMMIT,
} Kind;

typedef struct
{
  Kind kind;
  guint file;
  guint64 offset; /* or the size */
  GBytes *bytes;  /* of a write: all that it did */
  gboolean has_failed;
} Operation;

struct _FaultyDisk
{
  gatomicrefcount references;
  GByteArray *start[N_FILES], *files[N_FILES];
  gint64 clock, start_mtime[N_FILES], mtime[N_FILES]; /* the clock at the start, and times of change */
  GArray *operations;
  guint fails_at;
  ExpError code;
  gboolean for_good;
};

typedef struct
{
  ExpSource base;
  FaultyDisk *disk;
  guint file;
} File;

static void
operation_clear (gpointer data)
{
  g_clear_pointer (&((Operation *)data)->bytes, g_bytes_unref);
}

FaultyDisk *
faulty_disk_new (void)
{
  FaultyDisk *disk = g_new0 (FaultyDisk, 1);

  g_atomic_ref_count_init (&disk->references);
  for (guint i = 0; i < N_FILES; i++)
    {
      disk->start[i] = g_byte_array_new ();
      disk->files[i] = g_byte_array_new ();
    }
  disk->operations = g_array_new (FALSE, FALSE, sizeof (Operation));
  g_array_set_clear_func (disk->operations, operation_clear);
  disk->fails_at = G_MAXUINT;
  return disk;
}

FaultyDisk *
faulty_disk_ref (FaultyDisk *disk)
{
  g_atomic_ref_count_inc (&disk->references);
  return disk;
}

void
faulty_disk_unref (FaultyDisk *disk)
{
  if (!g_atomic_ref_count_dec (&disk->references))
    return;
  for (guint i = 0; i < N_FILES; i++)
    {
      g_byte_array_unref (disk->start[i]);
      g_byte_array_unref (disk->files[i]);
    }
  g_array_unref (disk->operations);
  g_free (disk);
}

const GByteArray *
faulty_disk_content (FaultyDisk *disk, guint file)
{
  return disk->files[file];
}

guint
faulty_disk_count (FaultyDisk *disk)
{
  return disk->operations->len;
}

void
faulty_disk_fail_at (FaultyDisk *disk, guint n, ExpError code, gboolean for_good)
{
  disk->fails_at = n;
  disk->code = code;
  disk->for_good = for_good;
}

/* --- what operations do ------------------------------------------------------------------------------------- */

static void
resize (GByteArray *file, guint64 size)
{
  guint before = file->len;

  g_assert_cmpuint (size, <, 1 << 30);
  g_byte_array_set_size (file, size);
  if (size > before)
    memset (file->data + before, 0, size - before);
}

static void
put (GByteArray *file, guint64 offset, const guint8 *bytes, gsize length)
{
  if (length == 0)
    return;
  if (offset + length > file->len)
    resize (file, offset + length);
  memcpy (file->data + offset, bytes, length);
}

/* The n-th operation. */
static void
apply (FaultyDisk *disk, guint n, const Operation *operation)
{
  GByteArray *file = disk->files[operation->file];
  gsize length;

  if (operation->kind == WRITE)
    {
      const guint8 *bytes = g_bytes_get_data (operation->bytes, &length);
      put (file, operation->offset, bytes, length);
    }
  else if (operation->has_failed)
    return;
  else if (operation->kind == TRUNCATE)
    resize (file, operation->offset);
  if (operation->kind != COMMIT)
    disk->mtime[operation->file] = disk->clock + n + 1;
}

static gboolean
do_operation (ExpSource *source, Operation operation, const void *bytes, gsize length, GError **error)
{
  File *self = (File *)source;
  FaultyDisk *disk = self->disk;
  const guint n = disk->operations->len;

  operation.file = self->file;
  operation.has_failed = n == disk->fails_at || (n > disk->fails_at && disk->for_good);
  if (operation.kind == WRITE)
    operation.bytes = g_bytes_new (bytes, operation.has_failed ? length / 2 : length);
  g_array_append_val (disk->operations, operation);
  apply (disk, n, &operation);
  if (operation.has_failed)
    g_set_error (error, EXP_ERROR, disk->code, "operation %u fails", n);
  return !operation.has_failed;
}

/* --- the source --------------------------------------------------------------------------------------------- */

static void
file_free (ExpSource *source)
{
  faulty_disk_unref (((File *)source)->disk);
  g_free (source);
}

static gboolean
file_size (ExpSource *source, guint64 *size, GError **error)
{
  File *self = (File *)source;

  *size = self->disk->files[self->file]->len;
  return TRUE;
}

static gboolean
file_pread (ExpSource *source, guint64 offset, gsize length, void *buffer, GError **error)
{
  File *self = (File *)source;
  const GByteArray *file = self->disk->files[self->file];

  if (offset > file->len || length > file->len - offset)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "read past the end");
      return FALSE;
    }
  memcpy (buffer, file->data + offset, length);
  return TRUE;
}

static gboolean
file_pwrite (ExpSource *source, guint64 offset, gsize length, const void *buffer, GError **error)
{
  return do_operation (source, (Operation){ WRITE, 0, offset }, buffer, length, error);
}

static gboolean
file_truncate (ExpSource *source, guint64 size, GError **error)
{
  return do_operation (source, (Operation){ TRUNCATE, 0, size }, NULL, 0, error);
}

static gboolean
file_commit (ExpSource *source, GError **error)
{
  return do_operation (source, (Operation){ COMMIT }, NULL, 0, error);
}

static gboolean
file_reserve (ExpSource *source, guint64 offset, guint64 length, GError **error)
{
  return do_operation (source, (Operation){ RESERVE, 0, offset }, NULL, 0, error);
}

static gboolean
file_identify (ExpSource *source, ExpIdentity *identity, GError **error)
{
  File *self = (File *)source;

  *identity = (ExpIdentity){ 100 + self->file, self->disk->files[self->file]->len, self->disk->mtime[self->file] };
  return TRUE;
}

static const ExpSourceClass file_class = {
  .free = file_free,
  .size = file_size,
  .pread = file_pread,
  .pwrite = file_pwrite,
  .truncate = file_truncate,
  .commit = file_commit,
  .reserve = file_reserve,
  .identify = file_identify,
};

ExpSource *
faulty_disk_open (FaultyDisk *disk, guint file)
{
  File *self = g_new0 (File, 1);

  self->base.klass = &file_class;
  g_atomic_ref_count_init (&self->base.references);
  self->base.name = g_strdup (file == 0 ? "store" : "store.expfs-wal");
  self->disk = faulty_disk_ref (disk);
  self->file = file;
  return &self->base;
}

/* --- what is left ------------------------------------------------------------------------------------------- */

/* A disk as this one began. */
static FaultyDisk *
begin (FaultyDisk *disk)
{
  FaultyDisk *copy = faulty_disk_new ();

  copy->clock = disk->clock;
  for (guint i = 0; i < N_FILES; i++)
    {
      g_byte_array_append (copy->start[i], disk->start[i]->data, disk->start[i]->len);
      g_byte_array_append (copy->files[i], disk->start[i]->data, disk->start[i]->len);
      copy->mtime[i] = copy->start_mtime[i] = disk->start_mtime[i];
    }
  return copy;
}

/* So much of a write that it ends with a sector; a system call is not interrupted within one. */
static gsize
whole_sectors (guint64 offset, gsize length)
{
  gsize over = (offset + length) % SECTOR;

  return over < length ? length - over : 0;
}

FaultyDisk *
faulty_disk_killed_at (FaultyDisk *disk, guint n, GRand *rand)
{
  FaultyDisk *copy = begin (disk);

  for (guint i = 0; i < n; i++)
    {
      Operation operation = g_array_index (disk->operations, Operation, i);

      if (operation.kind == WRITE)
        {
          gsize length = g_bytes_get_size (operation.bytes);

          if (i + 1 == n && length > 0 && g_rand_boolean (rand))
            length = whole_sectors (operation.offset, g_rand_int_range (rand, 0, length));
          operation.bytes = g_bytes_new_from_bytes (operation.bytes, 0, length);
        }
      g_array_append_val (copy->operations, operation);
      apply (copy, i, &operation);
    }
  return copy;
}

/* Some sectors of a write. */
static void
apply_torn (FaultyDisk *disk, guint n, const Operation *operation, GRand *rand)
{
  gsize length;
  const guint8 *bytes = g_bytes_get_data (operation->bytes, &length);

  disk->mtime[operation->file] = disk->clock + n + 1;
  for (gsize at = 0; at < length;)
    {
      gsize step = MIN (SECTOR - (operation->offset + at) % SECTOR, length - at);

      if (g_rand_boolean (rand))
        put (disk->files[operation->file], operation->offset + at, bytes + at, step);
      at += step;
    }
}

typedef enum
{
  LOOSE,   /* may be on the disk or not, and any time */
  LOST,    /* may have been on the disk, before a commit that failed: never after it */
  DURABLE, /* is on the disk */
} Fate;

/* Of the i-th operation when the power fails after n. */
static Fate
fate (FaultyDisk *disk, guint i, guint n)
{
  const Operation *operation = &g_array_index (disk->operations, Operation, i);

  for (guint k = i + 1; k < n; k++)
    {
      const Operation *other = &g_array_index (disk->operations, Operation, k);

      if (other->file == operation->file && other->kind == COMMIT)
        return other->has_failed ? LOST : DURABLE;
    }
  return LOOSE;
}

/* All, some or nothing of the n-th operation. */
static void
apply_perhaps (FaultyDisk *disk, guint n, const Operation *operation, GRand *rand)
{
  guint chance = g_rand_int_range (rand, 0, 3);

  if (chance == 1 && operation->kind == WRITE)
    apply_torn (disk, n, operation, rand);
  else if (chance != 0)
    apply (disk, n, operation);
}

/* Now and then what comes later is there and what came before is not, or is there later. */
static void
shuffle (GArray *numbers, GRand *rand)
{
  guint *at = (guint *)(void *)numbers->data;

  for (guint i = numbers->len; i > 1; i--)
    {
      guint k = g_rand_int_range (rand, 0, i), taken = at[i - 1];

      if (g_rand_int_range (rand, 0, 4) != 0)
        continue;
      at[i - 1] = at[k];
      at[k] = taken;
    }
}

FaultyDisk *
faulty_disk_without_power_at (FaultyDisk *disk, guint n, GRand *rand)
{
  FaultyDisk *copy = begin (disk);
  g_autoptr (GArray) loose = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < n; i++)
    {
      const Operation *operation = &g_array_index (disk->operations, Operation, i);
      Fate is = fate (disk, i, n);

      if (is == DURABLE)
        apply (copy, i, operation);
      else if (is == LOST)
        apply_perhaps (copy, i, operation, rand);
      else
        g_array_append_val (loose, i);
    }
  shuffle (loose, rand);
  for (guint i = 0; i < loose->len; i++)
    {
      guint at = g_array_index (loose, guint, i);
      apply_perhaps (copy, at, &g_array_index (disk->operations, Operation, at), rand);
    }
  /* What it is now is how it begins. */
  for (guint i = 0; i < N_FILES; i++)
    {
      g_byte_array_set_size (copy->start[i], 0);
      g_byte_array_append (copy->start[i], copy->files[i]->data, copy->files[i]->len);
      copy->start_mtime[i] = copy->mtime[i];
    }
  copy->clock = disk->clock + n + 1;
  return copy;
}
