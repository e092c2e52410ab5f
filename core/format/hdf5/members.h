/* Files of several members: family, split and multi.
 * Knows how members are named after the first one, and that all of them must be there; opens no HDF5 file.
 * Called by file.c. */
#pragma once

#include "hdf5_lock.h"
#include "superblock.h"

G_BEGIN_DECLS

typedef enum
{
  EXP_MEMBERS_NONE,   /* one plain file */
  EXP_MEMBERS_FAMILY, /* one address space cut into files of one size */
  EXP_MEMBERS_MULTI,  /* a file for each kind of bytes, split being two of them */
} ExpMembersKind;

typedef struct
{
  ExpMembersKind kind;
  char *name;                      /* what H5Fopen is to be given; NULL for a plain file */
  ExpSource *source;               /* the whole address space */
  guint64 member_size;             /* FAMILY */
  H5FD_mem_t map[H5FD_MEM_NTYPES]; /* MULTI, as H5Pset_fapl_multi takes them */
  char *names[H5FD_MEM_NTYPES];    /* templates */
  haddr_t starts[H5FD_MEM_NTYPES];
} ExpMembers;

void exp_members_clear (ExpMembers *members);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ExpMembers, exp_members_clear)

/* Finds the members of the file at `path`, which `first` reads. EXP_ERROR_DAMAGED when one is missing. */
gboolean exp_members_find (const char *path, ExpSource *first, const ExpSuperblock *superblock, ExpMembers *members,
                           GError **error);

/* Sets the driver for the members in `fapl`, each member opened with `member_fapl`. Under the HDF5 lock. */
gboolean exp_members_set_driver (const ExpMembers *members, hid_t fapl, hid_t member_fapl);

G_END_DECLS
