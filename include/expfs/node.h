/* Nodes: everything with a path in a store. The one interface that formats implement, filters wear on both sides and
 * views, queries and fs/ use. A format opens a store and hands out its root node; a filter is a node over a node.
 * Knows neither FUSE nor any file format. */
#pragma once

#include "expfs/array.h"
#include "expfs/error.h"
#include "expfs/parameter.h"

G_BEGIN_DECLS

typedef enum
{
  EXP_KIND_GROUP,
  EXP_KIND_DATASET,
  EXP_KIND_LINK,     /* soft, external, user-defined, or broken: shown as a symlink to `target` */
  EXP_KIND_DATATYPE, /* a named datatype: a scalar text that describes it */
} ExpKind;

typedef struct _ExpNode ExpNode;

/* Roles (ExpInfo.role) that say how a dataset is drawn: the moments of spikes, a group of such datasets, and the
 * intervals between spikes, as numbers or as a list for each train. */
#define EXP_ROLE_SPIKE_TRAIN  "spiketrain"
#define EXP_ROLE_SPIKE_TRAINS "spiketrains"
#define EXP_ROLE_ISI          "isi"

/* The hidden directory of a store's root in which the files beside the store are found, those of absolute names as
 * well. */
#define EXP_EXTERNAL_NAME ".external"
typedef struct _ExpTask ExpTask; /* task.h */

/* What a node is. Filled by exp_node_describe, owned by the caller, cleared with exp_info_clear. */
typedef struct
{
  ExpKind kind;
  const char *role;       /* "trajectory", "parameter", ...; static string, NULL for none */
  const char *class_name; /* user.expfs.class; static or interned, NULL for none */
  guint64 identity;       /* the same object under two names has the same one, never 0; unique within the store. 0: the
                             node has no identity of its own, each path is an object */
  guint n_links;          /* hard links to the object in the store, as far as known; 0: not known, shown as 1 */
  gint64 mtime;           /* seconds since 1970, or 0: the store file's */
  gboolean is_lasting; /* a group under a made-up name that stands for the same thing whenever it stands for any: it is
                          always there, or, as a child of such a group, as long as a lookup finds it */
  /* DATASET and DATATYPE: */
  ExpDtype *dtype;  /* owned */
  gboolean is_null; /* a null dataspace: no elements and no shape; rank is 0 then */
  gboolean
      is_growing;   /* another program may be appending (SWMR): sizes may change; of a store's root: of what is in it */
  gboolean is_live; /* is_growing: one has the store open for that now */
  gboolean keeps_rows;  /* is_growing: by rows at the end, and those that are there stay as they are */
  gboolean is_bytes;    /* a file kept in the store, such as a pickle: its text is its bytes as they are. Of a row of
                           file bytes (dtype.h) exp_node_describe says so */
  gboolean is_unsteady; /* what follows from bytes that may be written: a group now, a dataset a moment later */
  gboolean is_choosy;   /* written values may be refused that its type has: the words of a category, moments as text */
  gboolean takes_lines; /* texts: what is written as a line is one of them, tabs and all */
  gboolean has_plain_text; /* texts: none has a byte that a line of text would escape, as tabs and backslashes are */
  gboolean takes_records; /* is_bytes: what one write adds at the end is a record, which must not be joined to others */
  gboolean is_at_hand;    /* its few elements are as soon read as this description */
  guint rank;
  guint64 shape[EXP_MAX_RANK];
  /* LINK: */
  char *target; /* owned. As a symlink inside the mount: a path that starts with '/' is relative to the store's root */
  char separator; /* not 0: what parts the names in `target` in place of '/', which is in some of them; ".." is the
                     level above only in front of all names */
  gboolean is_external; /* the target lies outside the mount: shown as it is */
  char *file, *path;    /* of a link into another file that can be made again: as stored; owned. NULL for others. When
                           it is not is_external, `target` is in the directory EXP_EXTERNAL_NAME */
} ExpInfo;

/* A class name that a store gave, for ExpInfo.class_name: interned, or NULL when it is no name or there are thousands
 * of others already (what is interned is never freed). */
const char *exp_class_name_intern (const char *name);

void exp_info_clear (ExpInfo *info);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ExpInfo, exp_info_clear)
/* Deep copy; `to` is overwritten. */
void exp_info_copy (const ExpInfo *from, ExpInfo *to);
/* Number of elements; 1 for a scalar, 0 for a null dataspace; G_MAXUINT64 on overflow. */
guint64 exp_info_n_elements (const ExpInfo *info);

/* How a dataset lies in the store; only shown to users (user.expfs.chunks, filters, storage). */
typedef struct
{
  const char
      *layout;      /* "contiguous", "compact", "chunked", "virtual", "external"; static; NULL when it means nothing */
  guint chunk_rank; /* 0 when not chunked */
  guint64 chunk[EXP_MAX_RANK]; /* elements */
  char *filters;   /* comma-separated, in the order of the pipeline, "shuffle,gzip(4)"; owned, NULL for none */
  guint64 storage; /* bytes in the store */
  /* The format's own words, of groups as well; NULL for none: */
  const char *flag;   /* user.expfs.flag: how it is kept; static */
  const char *python; /* user.expfs.python: what it is in Python; interned */
  char *item;         /* user.expfs.item: its name within what it is the only part of, if that is another; owned */
} ExpLayout;

void exp_layout_clear (ExpLayout *layout);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ExpLayout, exp_layout_clear)

/* What a file or directory is outside, for nodes that stand for one: those of a collection. Times are seconds and
 * nanoseconds since 1970. */
typedef struct
{
  guint32 mode; /* permission bits */
  guint32 uid, gid;
  gint64 atime, mtime, ctime;
  guint32 atime_ns, mtime_ns, ctime_ns;
  gboolean is_store;  /* the root of a store of its own: nothing below it is a file or directory outside */
  gboolean is_folder; /* a directory whose names come and go */
} ExpOutside;

/* Bytes where they already are, so that nobody needs to copy them: in a file, or in memory. */
typedef struct
{
  gsize length; /* bytes */
  int fd;       /* of the file that has them at `position`, borrowed from the node; -1: they are at `bytes` */
  guint64 position;
  const guint8 *bytes;                   /* read-only, valid until exp_run_release */
  void (*release) (gconstpointer owner); /* NULL: nothing to release */
  gconstpointer owner;
} ExpRun;

/* Gives the bytes back; nothing when there is nothing to release, or it was done before. */
void exp_run_release (ExpRun *run);

/* Called once per child; `child` is borrowed, FALSE ends the listing. The name is the true one, any bytes but NUL. */
typedef gboolean (*ExpListFunc) (const char *name, ExpNode *child, gpointer data);

/* How data is packed, in the words of the options of the same names (store.h). */
typedef struct
{
  const char *complib; /* NULL: none */
  guint complevel;
  gboolean shuffle, fletcher32;
  gboolean checks_first; /* as PyTables: checksums of the elements, not of what compressing makes of them */
} ExpPacking;

/* A dataset that is to be made. */
typedef struct
{
  const ExpDtype *dtype;  /* borrowed */
  gboolean is_null;       /* a null dataspace; rank is 0 then */
  gboolean is_extensible; /* rows will be appended: unlimited along the first axis */
  gboolean keeps_rows;    /* replace_dataset only, where dtype and all axes but the first are the old one's: rows that
                             both have keep their elements (exp_node_copy_rows does it) */
  guint rank;
  guint64 shape[EXP_MAX_RANK];

  /* Zeroed but from a filter whose format has rules of its own: how it lies in the store. */
  gboolean is_contiguous;      /* in one piece, not packed */
  guint64 chunk[EXP_MAX_RANK]; /* elements; chunk[0] 0: the store's choice. A chunk that is longer than an axis lets it
                                  grow as far as that */
  const ExpPacking *packing;   /* borrowed; NULL: as the store's options say */
  gboolean as_h5py;            /* as h5py makes what lies in chunks: filled when they are allocated, and packed also
                                  where they hold references to cells of variable length */
} ExpNewDataset;

typedef enum
{
  EXP_MOVE_NO_REPLACE = 1 << 0, /* EXP_ERROR_EXISTS when the new name is taken */
  EXP_MOVE_EXCHANGE = 1 << 1,   /* both names exist, and change their nodes */
} ExpMoveFlags;

/* An attribute that is not listed: how the node is stored, in the format's own words, where neither its values nor its
 * layout tell. EXP_ERROR_NOT_FOUND where they do. */
#define EXP_ATTRIBUTE_STORED "expfs.stored"

/* The operations of one kind of node. All may be called from several threads at once on the same node. They return
 * FALSE or NULL with an error set, and nothing else reports failure. NULL members: the node cannot do it, and the
 * exp_node_... function of the same name answers for it as said there. */
typedef struct
{
  void (*free) (ExpNode *self);

  gboolean (*describe) (ExpNode *self, ExpInfo *info, GError **error); /* required; `info` comes zeroed */
  gboolean (*layout) (ExpNode *self, ExpLayout *layout, GError **error);

  /* Groups. list goes in the store's own order and is the same for each call while the store does not change; `skip`
   * children are passed over first. lookup finds listed children and hidden ones ("x.range", ".run"). A child that
   * cannot be read is listed all the same, and its own describe fails. */
  gboolean (*list) (ExpNode *self, guint64 skip, ExpListFunc func, gpointer data, GError **error);
  ExpNode *(*lookup) (ExpNode *self, const char *name, GError **error);

  /* Datasets: elements of `slab` into `array`, which has the slab's shape and the dtype that describe gave, its
   * ExpVlen cells zeroed. */
  gboolean (*read) (ExpNode *self, const ExpSlab *slab, ExpArray *array, GError **error);

  /* Where elements first, first + 1, ... in C order lie in one piece, as describe's dtype has them: at most n of them,
   * fewer when the piece ends. FALSE when there is no such piece, or finding it fails: `read` will tell then. Only for
   * nodes whose elements are not ExpVlen cells. */
  gboolean (*locate) (ExpNode *self, guint64 first, gsize n, ExpRun *run);

  /* What the ExpVlen cells of `slab` have together, bytes of texts or elements of lists, where that is known without
   * reading it: what is damaged may be known so. FALSE when it is not, or finding it fails: `read` will tell then. */
  gboolean (*measure) (ExpNode *self, const ExpSlab *slab, guint64 *n);

  /* Attributes: names in the store's order, a NULL-terminated array that the caller frees with g_strfreev; and the
   * value of one, a new reference. An array with no elements and rank 0 is a null attribute. */
  char **(*list_attributes) (ExpNode *self, GError **error);
  ExpArray *(*read_attribute) (ExpNode *self, const char *name, GError **error);

  /* Optional, groups: what queries below this group find, and by which parameters, where the format has such things of
   * its own (the runs of a trajectory). Fills `rules`, which come zeroed, before it calls func for the first time; it
   * sets nothing there and calls nothing where it has none: then queries find objects by their attributes. */
  gboolean (*list_parameters) (ExpNode *self, ExpParameterRules *rules, ExpParameterFunc func, gpointer data,
                               GError **error);

  /* For writers; NULL members: the format cannot, or the store is open for reading. Nodes of the same object see what
   * was written as soon as the call returns; other programs see it with the next checkpoint. When one fails nothing
   * has changed. Names are true names, `name` is a child's of the group `self`. */

  /* EXP_ERROR_EXISTS when the name is taken, EXP_ERROR_INVALID when the format has no such name. */
  ExpNode *(*create_group) (ExpNode *self, const char *name, GError **error);
  /* A dataset whose elements are zeros (strings: empty) until they are written. EXP_ERROR_UNSUPPORTED for a type that
   * the format cannot hold. */
  ExpNode *(*create_dataset) (ExpNode *self, const char *name, const ExpNewDataset *dataset, GError **error);
  /* Optional: whether create_dataset takes the name, as long as nobody knows more of the dataset; errors as there. */
  gboolean (*check_name) (ExpNode *self, const char *name, GError **error);
  /* As create_dataset, in the place of the dataset `name`, whose attributes it keeps and whose elements it does not,
   * unless keeps_rows says so. Nodes of the old one are of no use then. EXP_ERROR_UNSUPPORTED when the old one has
   * other names as well, which would go on showing it. */
  ExpNode *(*replace_dataset) (ExpNode *self, const char *name, const ExpNewDataset *dataset, GError **error);
  /* The array has the slab's shape and the dtype that describe gives, or one that the format converts to it. */
  gboolean (*write) (ExpNode *self, const ExpSlab *slab, const ExpArray *array, GError **error);
  /* To this shape, of the same rank; elements whose indices stay inside keep their values, new ones are zeros.
   * EXP_ERROR_UNSUPPORTED for a dataset that cannot take the shape as it lies in the store: then replace_dataset. */
  gboolean (*resize) (ExpNode *self, guint rank, const guint64 *shape, GError **error);
  /* Over one of the same name, whatever its type. */
  gboolean (*write_attribute) (ExpNode *self, const char *name, const ExpArray *value, GError **error);
  gboolean (*remove_attribute) (ExpNode *self, const char *name, GError **error);
  /* EXP_ERROR_NOT_EMPTY for a group with children. */
  gboolean (*remove) (ExpNode *self, const char *name, GError **error);
  /* The same with all that is below it. */
  gboolean (*remove_tree) (ExpNode *self, const char *name, GError **error);
  /* Over a child of that name, as rename(2) has it, unless `flags` (ExpMoveFlags) say otherwise. Both parents are of
   * one store. */
  gboolean (*move) (ExpNode *self, const char *name, ExpNode *new_parent, const char *new_name, guint flags,
                    GError **error);
  /* A copy of `source` and of all below it, with their attributes: a node of the same format, of this store or of
   * another. Objects with several names below it go on having them; links are copied as they are, wherever they lead.
   * EXP_ERROR_EXISTS, EXP_ERROR_UNSUPPORTED for a node of another format. */
  gboolean (*copy) (ExpNode *self, const char *name, ExpNode *source, GError **error);
  gboolean (*link) (ExpNode *self, const char *name, ExpNode *target, GError **error);
  /* `target` is a path relative to `self`, or one from the store's root when it starts with '/'. */
  gboolean (*symlink) (ExpNode *self, const char *name, const char *target, GError **error);

  /* A link to `path` in another file, both as describe gives them. */
  gboolean (*external_link) (ExpNode *self, const char *name, const char *file, const char *path, GError **error);

  /* Optional: makes a group one of this class (ExpInfo.class_name), in a format where that is more than a name for it:
   * a directory that is copied becomes what its original was once all is in it. */
  gboolean (*set_class) (ExpNode *self, const char *class_name, GError **error);

  /* Optional: a task of the format's own, by its name; EXP_ERROR_UNSUPPORTED for one that it does not have. */
  gboolean (*perform) (ExpNode *self, ExpTask *task, GError **error);

  /* Optional: makes "flag", "python" or "item" of ExpLayout this one, with the same values; or "stored", a text that
   * another node gave as the attribute EXP_ATTRIBUTE_STORED. EXP_ERROR_UNSUPPORTED for one that does not fit them.
   * NULL: EXP_ERROR_NOT_FOUND, nothing has such. */
  gboolean (*set_note) (ExpNode *self, const char *note, const char *value, GError **error);

  /* Optional, of groups: TRUE when create_dataset makes one of this name of whatever numbers or texts there are, but
   * for want of room or when the name is taken: then it can be made a moment after whoever wants it was told that it
   * is. */
  gboolean (*takes_any) (ExpNode *self, const char *name);
  /* Optional, of groups: the same of a single integer or floating-point number, where it is not so of all others. What
   * it makes shows below directories of the same part (exp_node_part) and those of EXP_PART_ANY only. */
  gboolean (*takes_number) (ExpNode *self, const char *name);
  /* Optional, of groups: create_dataset of a scalar, of which the one element is known already: an int64 or float64,
   * which it goes on being. EXP_ERROR_UNSUPPORTED, having done nothing, where that cannot be had in one. */
  ExpNode *(*put_number) (ExpNode *self, const char *name, const ExpArray *value, GError **error);
  /* Optional: the part of its store that the node shows; see exp_node_part. */
  guint64 (*part) (ExpNode *self);

  /* Optional, of groups: TRUE for the name of a file that is made, or replaced, in one piece by put_file, of which it
   * is known then what it has to be. check_name takes it as well. */
  gboolean (*takes_file) (ExpNode *self, const char *name);
  /* All bytes of that file; the node that shows it, a new reference. EXP_ERROR_INVALID for what it cannot be: what was
   * there stays. */
  ExpNode *(*put_file) (ExpNode *self, const char *name, GBytes *bytes, GError **error);

  /* Optional: what the file or directory that the node stands for is now, outside; and a number that is another one
   * when the name stands for something else than before, or for a store that was changed: nodes of before are of no use
   * then. Never 0. */
  gboolean (*look_outside) (ExpNode *self, ExpOutside *outside, GError **error);
  guint64 (*version) (ExpNode *self);
  /* Optional, of a store's root in a collection: the format's name; static. */
  const char *(*format_name) (ExpNode *self, GError **error);

  /* Optional, of the root of a store that is open for reading, for who follows what other programs write: the root of
   * what its file has become since, a new reference; NULL without an error while there is nothing new, or another
   * program is at it in a way that nobody can follow. A lock that was taken for reading is given back. Not called
   * twice at once. */
  ExpNode *(*reopen) (ExpNode *self, GError **error);

  /* Optional: the node that this one stands for, borrowed; NULL when it cannot be had. For formats that are handed a
   * node of their own through a filter. */
  ExpNode *(*unwrap) (ExpNode *self);

  /* Of a store's root only: makes durable what was written before, all of it or none; and with `checkpoint` moves it
   * into the store's own file, where other programs see it. */
  gboolean (*commit) (ExpNode *self, gboolean checkpoint, GError **error);
  /* Optional, of a store's own root only: what was written since the last commit is lost, and nothing is written any
   * more. */
  void (*abandon) (ExpNode *self);
  /* Optional, of a store's root only: bytes that were written and are not in the store's own file yet. */
  guint64 (*journal_size) (ExpNode *self);

  /* A group's datasets keep what exp_dtype_new_moment makes of an NPY file's moments; else these are refused. */
  gboolean takes_moments;
} ExpNodeClass;

/* Implementations embed this as their first member and start with exp_node_init. */
struct _ExpNode
{
  const ExpNodeClass *klass;
  gatomicrefcount references;
};

void exp_node_init (ExpNode *node, const ExpNodeClass *klass);
ExpNode *exp_node_ref (ExpNode *node);
void exp_node_unref (ExpNode *node);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpNode, exp_node_unref)

gboolean exp_node_describe (ExpNode *node, ExpInfo *info, GError **error);
/* Without a member: an empty layout. */
gboolean exp_node_layout (ExpNode *node, ExpLayout *layout, GError **error);
/* Without a member: EXP_ERROR_NOT_A_GROUP. */
gboolean exp_node_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error);
/* The names of the children that are wanted, of all when is_wanted is NULL; unref with g_ptr_array_unref. For who
 * changes what it goes over. */
GPtrArray *exp_node_list_names (ExpNode *node, gboolean (*is_wanted) (const char *name), GError **error);
/* A new reference; EXP_ERROR_NOT_FOUND, or EXP_ERROR_NOT_A_GROUP without a member. */
ExpNode *exp_node_lookup (ExpNode *node, const char *name, GError **error);
/* Reads a slab into a new array; EXP_ERROR_INVALID when it does not lie inside. Without a member: EXP_ERROR_IS_A_GROUP.
 */
ExpArray *exp_node_read (ExpNode *node, const ExpInfo *info, const ExpSlab *slab, GError **error);
/* Elements first ... first + count - 1 in C order, as a 1-D array; read as the fewest hyperslabs that cover just them.
 */
ExpArray *exp_node_read_flat (ExpNode *node, const ExpInfo *info, guint64 first, gsize count, GError **error);
/* The same into memory of the caller's, count * dtype->size bytes; not for ExpVlen cells, whose heap it would be. */
gboolean
exp_node_read_flat_into (ExpNode *node, const ExpInfo *info, guint64 first, gsize count, gpointer to, GError **error);
/* Without a member: FALSE. The caller releases the run. */
gboolean exp_node_locate (ExpNode *node, guint64 first, gsize n, ExpRun *run);
/* Without a member: FALSE. */
gboolean exp_node_measure (ExpNode *node, const ExpSlab *slab, guint64 *n);
/* All of it. */
ExpArray *exp_node_read_all (ExpNode *node, GError **error);
/* Without a member: none. */
char **exp_node_list_attributes (ExpNode *node, GError **error);
ExpArray *exp_node_read_attribute (ExpNode *node, const char *name, GError **error);
/* Zeroes the rules first. Without a member: TRUE, and they stay so. */
gboolean exp_node_list_parameters (ExpNode *node, ExpParameterRules *rules, ExpParameterFunc func, gpointer data,
                                   GError **error);

/* The operations for writers, as said at the members. Without a member: EXP_ERROR_UNSUPPORTED. */
ExpNode *exp_node_create_group (ExpNode *node, const char *name, GError **error);
ExpNode *exp_node_create_dataset (ExpNode *node, const char *name, const ExpNewDataset *dataset, GError **error);
/* Without a member: TRUE where datasets can be made. */
gboolean exp_node_check_name (ExpNode *node, const char *name, GError **error);
ExpNode *exp_node_replace_dataset (ExpNode *node, const char *name, const ExpNewDataset *dataset, GError **error);
gboolean exp_node_write (ExpNode *node, const ExpSlab *slab, const ExpArray *array, GError **error);
/* The `write` of nodes that follow from others: what is written there is passed over, so that whole trees can be copied
 * over it. */
gboolean exp_node_pass_over (ExpNode *node, const ExpSlab *slab, const ExpArray *array, GError **error);
/* Elements first ... first + count - 1 in C order out of `from`, count * dtype->size bytes of describe's dtype, whose
 * ExpVlen cells stay the caller's. Written as the fewest hyperslabs that cover just them. */
gboolean exp_node_write_flat (ExpNode *node, const ExpInfo *info, guint64 first, gsize count, gconstpointer from,
                              GError **error);
/* The first rows of `from` into `to`, as many as both have, a few MiB at a time: datasets of one dtype, whose axes but
 * the first agree. */
gboolean exp_node_copy_rows (ExpNode *from, ExpNode *to, GError **error);
gboolean exp_node_resize (ExpNode *node, guint rank, const guint64 *shape, GError **error);
gboolean exp_node_write_attribute (ExpNode *node, const char *name, const ExpArray *value, GError **error);
gboolean exp_node_remove_attribute (ExpNode *node, const char *name, GError **error);
gboolean exp_node_remove (ExpNode *node, const char *name, GError **error);
/* Without a member: child by child, so that some may be gone when it fails. */
gboolean exp_node_remove_tree (ExpNode *node, const char *name, GError **error);
gboolean
exp_node_move (ExpNode *node, const char *name, ExpNode *new_parent, const char *new_name, guint flags, GError **error);
gboolean exp_node_copy (ExpNode *node, const char *name, ExpNode *source, GError **error);
gboolean exp_node_link (ExpNode *node, const char *name, ExpNode *target, GError **error);
gboolean exp_node_symlink (ExpNode *node, const char *name, const char *target, GError **error);
gboolean exp_node_external_link (ExpNode *node, const char *name, const char *file, const char *path, GError **error);
gboolean exp_node_set_class (ExpNode *node, const char *class_name, GError **error);
/* By the node itself, or what it stands for. */
gboolean exp_node_perform (ExpNode *node, ExpTask *task, GError **error);
gboolean exp_node_set_note (ExpNode *node, const char *note, const char *value, GError **error);
/* Without a member: FALSE. */
gboolean exp_node_takes_any (ExpNode *node, const char *name);
gboolean exp_node_takes_number (ExpNode *node, const char *name);

/* Without a member: EXP_ERROR_UNSUPPORTED. */
ExpNode *exp_node_put_number (ExpNode *node, const char *name, const ExpArray *value, GError **error);

#define EXP_PART_ANY    0
#define EXP_PART_STEADY 1
/* What part of its store the node shows, by itself and below it. What takes_number said would be made in one part is
 * not seen in another: of a name in the same part whatever has that name, or one that is built on it ("x.npy"), may be
 * it. EXP_PART_ANY may show all that there is, EXP_PART_STEADY nothing of that kind; of a group, its children have
 * parts of their own. Other numbers tell parts apart, and mean nothing. Without a member: EXP_PART_ANY. */
guint64 exp_node_part (ExpNode *node);
/* Without a member: FALSE. */
gboolean exp_node_takes_file (ExpNode *node, const char *name);
ExpNode *exp_node_put_file (ExpNode *node, const char *name, GBytes *bytes, GError **error);
/* Without a member: FALSE without an error, 0, and NULL without an error. */
gboolean exp_node_look_outside (ExpNode *node, ExpOutside *outside, GError **error);
guint64 exp_node_version (ExpNode *node);
const char *exp_node_format_name (ExpNode *node, GError **error);
/* Without a member: NULL without an error. */
ExpNode *exp_node_reopen (ExpNode *node, GError **error);
/* The node itself, or what it stands for down to the format's own; borrowed, never NULL. */
ExpNode *exp_node_unwrap (ExpNode *node);
gboolean exp_node_takes_moments (ExpNode *node);
gboolean exp_node_commit (ExpNode *node, gboolean checkpoint, GError **error);
/* Without a member: nothing happens. */
void exp_node_abandon (ExpNode *node);
/* Without a member: 0. */
guint64 exp_node_journal_size (ExpNode *node);

/* Follows `path` ("a/b/c", true names) downwards from `node`, through groups only. A new reference. */
ExpNode *exp_node_resolve (ExpNode *node, const char *path, GError **error);

G_END_DECLS
