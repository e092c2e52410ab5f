/* GenericIO files: the library of HACC, https://git.cels.anl.gov/hacc/genericio. All numbers are unsigned, of 64 bits,
 * in the byte order that the magic tells; checksums are little-endian always:
 *
 *   global header    0 magic "HACC01L" or "HACC01B"   8 bytes in front of the header's CRC   16 rows
 *                   24 dimensions of the ranks' grid, 3                48 variables, bytes of a record, where they
 * begin 72 ranks, bytes of a record, where they begin      96 bytes of this header 104 origin, 3 doubles   128 scale, 3
 * doubles       152 bytes of a block's record, where they begin 168 octree: bytes, where it begins; a field is there
 * when it begins in front of the header's end variable         0 name, 256 bytes   256 flags   264 bytes a row   272
 * bytes of an element rank             0 coordinates, 3    24 rows     32 where its data begins        40 its number in
 * the whole job block            0 filters, 4 of 8 bytes         32 where it begins   40 bytes without its CRC; one for
 * each rank and variable, rank after rank
 *
 * Behind each piece of data stand 8 bytes that make its CRC-64 zero. Used in this folder only. */
#pragma once

#include "expfs/draft.h"
#include "expfs/store.h"

#define EXP_GIO_NAME     256
#define EXP_GIO_CRC      8
#define EXP_GIO_GLOBAL   168
#define EXP_GIO_VARIABLE 280
#define EXP_GIO_RANK     48
#define EXP_GIO_BLOCK    48

enum
{
  EXP_GIO_FLOAT = 1,
  EXP_GIO_SIGNED = 2,
  EXP_GIO_X = 4,
  EXP_GIO_Y = 8,
  EXP_GIO_Z = 16,
  EXP_GIO_MAYBE_GHOST = 32,
};

typedef struct
{
  char *name; /* owned */
  guint64 flags, size, element_size;
  ExpDtype *dtype; /* owned: of one element */
} ExpGioVariable;

typedef struct
{
  guint64 coordinates[3], n_rows, start, number; /* number: in the whole job */
} ExpGioRank;

typedef struct
{
  guint64 start, size; /* of the data as it lies, without its CRC */
  char filters[4][9];
  gint is_verified; /* atomic */
} ExpGioBlock;

/* One file; immutable but for what was verified and unpacked. */
typedef struct
{
  gatomicrefcount references;
  ExpSource *source;
  gboolean is_big, has_blocks;
  guint64 dims[3];
  double origin[3], scale[3];
  GArray *variables; /* of ExpGioVariable */
  GArray *ranks;     /* of ExpGioRank */
  GArray *blocks;    /* of ExpGioBlock, rank after rank */
  guint64 octree, octree_size;

  GMutex lock; /* guards what follows */
  GCond unpacked_is_made;
  GArray *unpacked; /* of unpacked.c */
} ExpGioFile;

/* file.c. EXP_ERROR_NOT_A_STORE, EXP_ERROR_CHECKSUM, EXP_ERROR_DAMAGED. */
ExpGioFile *exp_gio_file_open (const char *path, GError **error);
ExpGioFile *exp_gio_file_ref (ExpGioFile *file);
void exp_gio_file_unref (ExpGioFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpGioFile, exp_gio_file_unref)
gboolean exp_gio_file_recognise (const char *path);
const ExpGioVariable *exp_gio_file_variable (const ExpGioFile *file, guint i);
const ExpGioRank *exp_gio_file_rank (const ExpGioFile *file, guint i);
ExpGioBlock *exp_gio_file_block (const ExpGioFile *file, guint rank, guint variable);
/* G_MAXUINT when there is none of that name. */
guint exp_gio_file_find (const ExpGioFile *file, const char *name);
guint64 exp_gio_get (const ExpGioFile *file, const guint8 *bytes);

/* block.c: decoded bytes of one variable of one rank, checked when they are read first. */
gboolean exp_gio_block_read (ExpGioFile *file, guint rank, guint variable, guint64 offset, gsize length, guint8 *to,
                             GError **error);
/* Where `length` of them at `offset`, which must be there, lie in one piece; the caller releases the run. FALSE when
 * they were not right: exp_gio_block_read will tell then. */
gboolean exp_gio_block_locate (ExpGioFile *file, guint rank, guint variable, guint64 offset, gsize length, ExpRun *run);
gboolean exp_gio_block_is_packed (const ExpGioBlock *block);

/* unpacked.c: what is too large for the cache when it is unpacked, in files without a name; a bounded number of them.
 */
typedef gboolean (*ExpGioUnpackFunc) (gpointer data, ExpSource *to, GError **error);
/* All of the block, once `unpack` has written it; a new reference. Who wants the same block meanwhile waits. */
ExpSource *exp_gio_unpacked_get (ExpGioFile *file, const ExpGioBlock *block, ExpGioUnpackFunc unpack, gpointer data,
                                 GError **error);

/* split.c: the ranks of a job, which may be in several files. */
typedef struct
{
  ExpGioFile *file; /* a reference; NULL: it cannot be opened */
  char *reason;     /* why */
  guint rank;       /* in the file */
  guint64 number;   /* in the job */
  guint64 first;    /* row of the job */
} ExpGioPart;

typedef struct
{
  gatomicrefcount references;
  char *path;
  GArray *parts;     /* of ExpGioPart, by number */
  ExpGioFile *first; /* the first one that is there, or has no ranks; a reference, never NULL */
  gboolean is_whole;
  char *reason; /* why not */
  guint64 n_rows;
  gboolean is_split;
} ExpGioJob;

ExpGioJob *exp_gio_job_open (const char *path, GError **error);
ExpGioJob *exp_gio_job_ref (ExpGioJob *job);
void exp_gio_job_unref (ExpGioJob *job);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpGioJob, exp_gio_job_unref)

/* column.c: a variable of all parts, or of one; part G_MAXUINT: all. */
ExpNode *exp_gio_column_new (ExpGioJob *job, const char *name, guint part);
/* The job of a node that exp_gio_column_new made, borrowed; NULL for others. */
ExpGioJob *exp_gio_column_job (ExpNode *node, guint *part);
/* Its name in the files; of such a node only. */
const char *exp_gio_column_name (ExpNode *node);

/* tree.c: the root of a file; `.rank` and `.octree` are found in it. */
ExpNode *exp_gio_tree_new (ExpGioJob *job);
